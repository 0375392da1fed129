#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/sb.h"
#include "store/store.h"

static bool sync_path(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (!ok)
		err_set(e, ERR_IO, "could not sync \"%s\": %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

bool migrate_copy(struct db *db, const char *file, struct err *e)
{
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(db, "VACUUM INTO :file", e);
	if (!s)
		return false;
	stmt_text(s, ":file", file);
	bool ok = stmt_run(s, e);
	if (ok) {
		CLEANUP(db_closep) struct db *copy = NULL;
		CLEANUP(stmt_freep) struct stmt *check = NULL;
		struct arena a = {0};
		bool row;
		ok = db_open(file, true, &copy, e) &&
		     (check = db_prepare(copy, "PRAGMA integrity_check(1)", e)) != NULL &&
		     stmt_step(check, &row, e);
		const char *said = ok && row ? stmt_col_text_at(check, 0, &a) : "no answer";
		if (ok && strcmp(said, "ok") != 0)
			ok = err_set(e, ERR_DB, "the copy is damaged: %s", said);
		arena_release(&a);
	}
	struct arena a = {0};
	ok = ok && sync_path(file, 0, e) && sync_path(path_dir(&a, file), O_DIRECTORY, e);
	arena_release(&a);
	if (!ok)
		unlink(file);
	return ok || err_wrap(e, "backup to \"%s\"", file);
}

/* The backup before a migration stands beside the store as "<path>.before-<new version>". One that
 * an earlier, failed attempt left is replaced: the store was not changed since. */
static bool backup_before(struct db *db, const char *path, size_t version, struct err *e)
{
	struct arena a = {0};
	const char *final = arena_printf(&a, "%s.before-%zu", path, version);
	const char *aside = arena_printf(&a, "%s.new", final);
	unlink(aside);
	bool ok = migrate_copy(db, aside, e);
	if (ok && rename(aside, final) < 0) {
		ok = err_set(e, ERR_IO, "could not name the backup \"%s\": %s", final,
			     strerror(errno));
		unlink(aside);
	}
	arena_release(&a);
	return ok;
}

static bool one(struct db *db, const struct migration *m, size_t version, struct err *e)
{
	char pragmas[120];
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%zu",
		 STORE_APPLICATION_ID, version);
	/* Both pragmas are part of the transaction: the version and the tables never disagree. */
	if (db_begin(db, e) && db_exec(db, m->sql, e) && db_exec(db, pragmas, e) &&
	    db_commit(db, e))
		return true;
	db_rollback(db);
	return err_wrap(e, "migration \"%s\", nothing of it was kept", m->name);
}

static bool make_views(struct db *db, const char *views, struct err *e)
{
	struct arena a = {0};
	struct sb b;
	sb_init(&b, &a, 1 << 20);
	CLEANUP(stmt_freep)
	struct stmt *s = db_prepare(
		db, "SELECT 'DROP VIEW \"' || name || '\";' FROM sqlite_schema WHERE type = 'view'",
		e);
	bool row = true, ok = s != NULL;
	while (ok && row) {
		ok = stmt_step(s, &row, e);
		if (ok && row)
			sb_add(&b, stmt_col_text_at(s, 0, &a));
	}
	ok = ok && db_begin(db, e) && db_exec(db, sb_str(&b), e) && db_exec(db, views, e) &&
	     db_commit(db, e);
	if (!ok) {
		db_rollback(db);
		err_wrap(e, "views");
	}
	arena_release(&a);
	return ok;
}

bool migrate(struct db *db, const char *path, int64_t version, const struct migration *list,
	     size_t n, const char *views, struct err *e)
{
	BUG_ON(version < 0 || (uint64_t)version > n);
	if (version > 0 && !backup_before(db, path, n, e))
		return false;
	for (size_t i = (size_t)version; i < n; i++)
		if (!one(db, &list[i], i + 1, e))
			return false;
	return make_views(db, views, e);
}
