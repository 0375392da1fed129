#include "store/store.h"

#include "store/migrate.h"

#define WANT_QUERY_TABLE
#include "gen/queries.h"
#include "gen/migrations.h"

/* What a file says of itself, read without changing it. */
struct identity {
	int64_t application_id, version, objects;
};

static bool identify(struct db *db, struct identity *out, struct err *e)
{
	return db_i64(db, "PRAGMA application_id", &out->application_id, e) &&
	       db_i64(db, "PRAGMA user_version", &out->version, e) &&
	       db_i64(db, "SELECT count(*) FROM sqlite_schema", &out->objects, e);
}

/* Another program's database must not even get our journal mode, so a file that exists is looked at
 * read-only first. */
static bool check_file(const char *path, struct identity *id, struct err *e)
{
	CLEANUP(db_closep) struct db *db = NULL;
	if (!db_open(path, true, &db, e) || !identify(db, id, e))
		return err_wrap(e, "store \"%s\"", path);
	bool fresh = id->application_id == 0 && id->version == 0 && id->objects == 0;
	if (!fresh && id->application_id != STORE_APPLICATION_ID)
		return err_set(e, ERR_DB,
			       "\"%s\" is a database of another program (application id %lld); "
			       "name another file under \"store\"",
			       path, (long long)id->application_id);
	if (id->version > (int64_t)ARRAY_SIZE(migrations))
		return err_set(e, ERR_DB,
			       "store \"%s\" has version %lld, this program knows versions up to "
			       "%zu; use the newer sitrep that wrote it, or its backup beside it",
			       path, (long long)id->version, ARRAY_SIZE(migrations));
	return true;
}

bool store_backup(struct db *db, const char *file, struct err *e)
{
	if (file_exists(file))
		return err_set(e, ERR_USAGE,
			       "\"%s\" exists; a backup is written to a new file only", file);
	return migrate_copy(db, file, e);
}

static bool upgrade(struct db *db, const char *path, int64_t version, struct err *e)
{
	struct migration list[ARRAY_SIZE(migrations)];
	for (size_t i = 0; i < ARRAY_SIZE(migrations); i++)
		list[i] = (struct migration){migrations[i].name, (const char *)migrations[i].bytes};
	return migrate(db, path, version, list, ARRAY_SIZE(list), (const char *)views[0].bytes, e);
}

static bool make_parent(const char *path, struct err *e)
{
	struct arena a = {0};
	bool ok = file_mkdirs(path_dir(&a, path), e);
	arena_release(&a);
	return ok;
}

bool store_open(const char *path, enum store_mode mode, struct db **out, struct err *e)
{
	struct identity id = {0};
	bool there = file_exists(path), current;
	if (mode == STORE_READ && !there)
		return err_set(e, ERR_DB,
			       "there is no store \"%s\" yet; \"sitrep collect\" or \"sitrep run\" "
			       "makes it",
			       path);
	if (there && !check_file(path, &id, e))
		return false;
	current = id.version == (int64_t)ARRAY_SIZE(migrations);
	if (mode == STORE_READ && !current)
		return err_set(e, ERR_DB,
			       "store \"%s\" has version %lld, this program needs %zu; run "
			       "\"sitrep collect\" once, it makes a backup and upgrades",
			       path, (long long)id.version, ARRAY_SIZE(migrations));
	if (mode == STORE_WRITE && !make_parent(path, e))
		return false;
	CLEANUP(db_closep) struct db *db = NULL;
	if (!db_open(path, mode == STORE_READ, &db, e))
		return false;
	if (!current && !upgrade(db, path, id.version, e))
		return err_wrap(e, "store \"%s\"", path);
	db_queries(db, query_table, ARRAY_SIZE(query_table));
	*out = TAKE_PTR(db);
	return true;
}

bool store_lock(const char *path, struct lock *l, struct err *e)
{
	struct arena a = {0};
	const char *file = arena_printf(&a, "%s.lock", path);
	bool held = false, ok = make_parent(path, e) && lock_take(l, file, &held, e);
	if (ok && !held)
		ok = err_set(e, ERR_BUSY, "another sitrep is at work on this store (lock \"%s\")",
			     file);
	arena_release(&a);
	return ok;
}

const char *store_query_text(int id)
{
	return query_table[id].sql;
}

bool store_run_begin(struct db *db, const char *command, const char *week, const char *version,
		     int64_t now_s, int64_t *id, struct err *e)
{
	struct stmt *s = db_query(db, Q_RUN_BEGIN, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":command", command);
	stmt_text(s, ":week", week);
	stmt_text(s, ":version", version);
	stmt_time(s, ":started_at", now_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t made = stmt_col_i64(s, "id");
	if (!stmt_run(s, e)) /* to the end: only then is the row committed */
		return false;
	*id = made;
	return true;
}

bool store_run_end(struct db *db, int64_t id, int exit_status, const char *summary, int64_t now_s,
		   struct err *e)
{
	struct stmt *s = db_query(db, Q_RUN_END, e);
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	stmt_i64(s, ":exit_status", exit_status);
	stmt_text(s, ":summary", summary);
	stmt_time(s, ":ended_at", now_s);
	if (!stmt_run(s, e))
		return false;
	if (db_changes(db) != 1)
		return err_set(e, ERR_BUG, "there is no run %lld to end", (long long)id);
	return true;
}

bool store_runs(struct db *db, int limit, struct arena *a, struct store_runs *out, struct err *e)
{
	struct store_runs list = {0};
	struct stmt *s = db_query(db, Q_RUN_LIST, e);
	if (!s)
		return false;
	stmt_i64(s, ":limit", limit);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct store_run r = {.id = stmt_col_i64(s, "id"),
				      .started_s = stmt_col_time(s, "started_at"),
				      .ended_s = stmt_col_time(s, "ended_at"),
				      .exit_status = stmt_col_i64(s, "exit_status"),
				      .command = stmt_col_text(s, "command", a),
				      .week = stmt_col_text(s, "week", a),
				      .version = stmt_col_text(s, "version", a),
				      .summary = stmt_col_text(s, "summary", a)};
		vec_push(a, &list, r);
	}
	*out = list;
	return true;
}
