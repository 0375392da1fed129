#include "lib/db.h"

#include "base/parse.h"

#include <math.h>
#include <sqlite3.h>
#include <time.h>

struct stmt {
	sqlite3_stmt *st;
	struct db *db;
	const char *name;
	char *names[64]; /* of the parameters; ours, since SQLite's go when it prepares anew */
	int n, next; /* parameters; the one that is probably bound next */
	int next_col; /* the column that is probably read next */
	uint64_t bound; /* bit i: parameter i + 1 has a value */
	char wrong[64]; /* first parameter name that does not exist */
	bool stepped;
};

struct db {
	sqlite3 *h;
	const struct db_query *queries;
	size_t n;
	struct stmt *cache;
};

static bool fail(struct db *db, struct err *e, const char *what)
{
	return err_set(e, sqlite3_errcode(db->h) == SQLITE_BUSY ? ERR_BUSY : ERR_DB,
		       "database: %s: %s", what, sqlite3_errmsg(db->h));
}

bool db_open(const char *path, bool readonly, struct db **out, struct err *e)
{
	CLEANUP(db_closep) struct db *db = calloc(1, sizeof *db);
	BUG_ON(!db);
	/* One thread, so no mutex. */
	int flags = SQLITE_OPEN_NOMUTEX |
		    (readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	if (sqlite3_open_v2(path, &db->h, flags, NULL) != SQLITE_OK)
		return err_set(e, ERR_DB, "could not open database \"%s\": %s", path,
			       db->h ? sqlite3_errmsg(db->h) : "out of memory");
	sqlite3_extended_result_codes(db->h, 0);
	sqlite3_busy_timeout(db->h, 5000);
	/* NORMAL with WAL survives a crash of the program; FULL also a power cut after a delivery
	 * was recorded. */
	const char *setup = readonly ? "PRAGMA foreign_keys=ON"
				     : "PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL; PRAGMA "
				       "synchronous=FULL";
	if (sqlite3_exec(db->h, setup, NULL, NULL, NULL) != SQLITE_OK)
		return err_set(e, ERR_DB, "could not open database \"%s\": %s", path,
			       sqlite3_errmsg(db->h));
	*out = TAKE_PTR(db);
	return true;
}

void db_queries(struct db *db, const struct db_query *table, size_t n)
{
	BUG_ON(db->cache != NULL);
	db->queries = table;
	db->n = n;
	db->cache = calloc(n ? n : 1, sizeof *db->cache);
	BUG_ON(!db->cache);
}

static void drop(struct stmt *s)
{
	sqlite3_finalize(s->st);
	for (int i = 0; i < s->n; i++)
		free(s->names[i]);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; db->cache && i < db->n; i++)
		drop(&db->cache[i]);
	free(db->cache);
	sqlite3_close_v2(db->h);
	free(db);
}

void db_closep(struct db **db)
{
	db_close(*db);
}

bool db_exec(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	fail(db, e, "statement");
	db_rollback(db); /* a failed script leaves its BEGIN open */
	return false;
}

bool db_begin(struct db *db, struct err *e)
{
	BUG_ON(db_in_transaction(db));
	return db_exec(db, "BEGIN IMMEDIATE", e);
}

bool db_commit(struct db *db, struct err *e)
{
	return db_exec(db, "COMMIT", e);
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL,
			     NULL); /* fails only if SQLite rolled back already */
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->h);
}

static bool prepare(struct db *db, struct stmt *s, const char *sql, unsigned flags, struct err *e)
{
	if (sqlite3_prepare_v3(db->h, sql, -1, flags, &s->st, NULL) != SQLITE_OK)
		return fail(db, e, s->name);
	s->db = db;
	s->n = sqlite3_bind_parameter_count(s->st);
	BUG_ON(s->n > (int)ARRAY_SIZE(s->names));
	for (int i = 0; i < s->n; i++) {
		const char *name = sqlite3_bind_parameter_name(s->st, i + 1);
		s->names[i] = strdup(name ? name : "?");
		BUG_ON(!s->names[i]);
	}
	return true;
}

static void rewind_stmt(struct stmt *s)
{
	sqlite3_reset(s->st);
	sqlite3_clear_bindings(s->st);
	s->bound = 0;
	s->next = s->next_col = 0;
	s->wrong[0] = '\0';
	s->stepped = false;
}

struct stmt *db_query(struct db *db, int id, struct err *e)
{
	BUG_ON(id < 0 || (size_t)id >= db->n);
	struct stmt *s = &db->cache[id];
	s->name = db->queries[id].name;
	if (!s->st && !prepare(db, s, db->queries[id].sql, SQLITE_PREPARE_PERSISTENT, e))
		return NULL;
	rewind_stmt(s);
	return s;
}

struct stmt *db_prepare(struct db *db, const char *sql, struct err *e)
{
	CLEANUP(stmt_freep) struct stmt *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->name = "statement";
	if (!prepare(db, s, sql, 0, e))
		return NULL;
	return TAKE_PTR(s);
}

void stmt_free(struct stmt *s)
{
	if (s)
		drop(s);
	free(s);
}

void stmt_freep(struct stmt **s)
{
	stmt_free(*s);
}

/* The index of a parameter and a note that it is bound; 0 when the statement has none of that name.
 * Parameters are mostly bound in the order of the query, so the search starts after the last. */
static int param(struct stmt *s, const char *name)
{
	for (int k = 0; k < s->n; k++) {
		int i = s->next + k < s->n ? s->next + k : s->next + k - s->n;
		if (strcmp(s->names[i], name) != 0)
			continue;
		s->next = i + 1 < s->n ? i + 1 : 0;
		s->bound |= 1ULL << i;
		return i + 1;
	}
	if (!s->wrong[0])
		snprintf(s->wrong, sizeof s->wrong, "%s", name);
	return 0;
}

void stmt_i64(struct stmt *s, const char *name, int64_t v)
{
	int i = param(s, name);
	if (i && v != NUM_NONE)
		sqlite3_bind_int64(s->st, i, v);
}

void stmt_f64(struct stmt *s, const char *name, double v)
{
	int i = param(s, name);
	if (i && !isnan(v))
		sqlite3_bind_double(s->st, i, v);
}

void stmt_bool(struct stmt *s, const char *name, bool v)
{
	stmt_i64(s, name, v);
}

void stmt_time(struct stmt *s, const char *name, int64_t t_s)
{
	char buf[TIME_TEXT];
	stmt_text(s, name, t_s == TIME_NONE ? NULL : time_iso(t_s, buf));
}

void stmt_text(struct stmt *s, const char *name, const char *v)
{
	int i = param(s, name);
	if (i && v)
		sqlite3_bind_text64(s->st, i, v, strlen(v), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void stmt_blob(struct stmt *s, const char *name, const void *p, size_t n)
{
	int i = param(s, name);
	if (i && p)
		sqlite3_bind_blob64(s->st, i, p, n, SQLITE_TRANSIENT);
}

bool stmt_step(struct stmt *s, bool *row, struct err *e)
{
	if (!s->stepped) {
		uint64_t all = s->n == 64 ? UINT64_MAX : (1ULL << s->n) - 1;
		if (s->wrong[0])
			return err_set(e, ERR_BUG, "query %s has no parameter %s", s->name,
				       s->wrong);
		if (s->bound != all) {
			int i = __builtin_ctzll(~s->bound);
			return err_set(e, ERR_BUG, "query %s: parameter %s was not bound", s->name,
				       s->names[i]);
		}
		s->stepped = true;
	}
	switch (sqlite3_step(s->st)) {
	case SQLITE_ROW:
		*row = true;
		return true;
	case SQLITE_DONE:
		rewind_stmt(s);
		*row = false;
		return true;
	default:
		fail(s->db, e, s->name);
		rewind_stmt(s);
		return false;
	}
}

bool stmt_run(struct stmt *s, struct err *e)
{
	bool row;
	do {
		if (!stmt_step(s, &row, e))
			return false;
	} while (row);
	return true;
}

void stmt_done(struct stmt *s)
{
	rewind_stmt(s);
}

static int col(struct stmt *s, const char *name)
{
	int n = sqlite3_column_count(s->st);
	for (int k = 0; k < n; k++) {
		int i = (s->next_col + k) % n;
		if (!strcmp(sqlite3_column_name(s->st, i), name)) {
			s->next_col = (i + 1) % n;
			return i;
		}
	}
	fprintf(stderr, "sitrep: query %s has no column %s\n", s->name, name);
	bug_(__FILE__, __LINE__, "unknown column");
}

int64_t stmt_col_i64(struct stmt *s, const char *name)
{
	int i = col(s, name);
	return sqlite3_column_type(s->st, i) == SQLITE_NULL ? NUM_NONE
							    : sqlite3_column_int64(s->st, i);
}

double stmt_col_f64(struct stmt *s, const char *name)
{
	int i = col(s, name);
	return sqlite3_column_type(s->st, i) == SQLITE_NULL ? (double)NAN
							    : sqlite3_column_double(s->st, i);
}

bool stmt_col_bool(struct stmt *s, const char *name)
{
	return sqlite3_column_int(s->st, col(s, name)) != 0;
}

int64_t stmt_col_time(struct stmt *s, const char *name)
{
	const char *t = (const char *)sqlite3_column_text(s->st, col(s, name));
	int64_t v;
	return t && parse_time(t, &v) ? v : TIME_NONE;
}

const char *stmt_col_text(struct stmt *s, const char *name, struct arena *a)
{
	return stmt_col_text_at(s, col(s, name), a);
}

const char *stmt_col_text_at(struct stmt *s, int i, struct arena *a)
{
	const char *t = (const char *)sqlite3_column_text(s->st, i);
	return t ? arena_strndup(a, t, (size_t)sqlite3_column_bytes(s->st, i)) : NULL;
}

const void *stmt_col_blob(struct stmt *s, const char *name, struct arena *a, size_t *n)
{
	int i = col(s, name);
	const void *p = sqlite3_column_blob(s->st, i);
	*n = (size_t)sqlite3_column_bytes(s->st, i);
	if (sqlite3_column_type(s->st, i) == SQLITE_NULL)
		return NULL;
	char *q = arena_alloc(a, *n + 1);
	if (*n)
		memcpy(q, p, *n);
	return q;
}

bool stmt_col_null(struct stmt *s, const char *name)
{
	return sqlite3_column_type(s->st, col(s, name)) == SQLITE_NULL;
}

int stmt_cols(struct stmt *s)
{
	return sqlite3_column_count(s->st);
}

const char *stmt_col_name(struct stmt *s, int i)
{
	return sqlite3_column_name(s->st, i);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->h);
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

bool db_i64(struct db *db, const char *sql, int64_t *out, struct err *e)
{
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(db, sql, e);
	bool row;
	if (!s || !stmt_step(s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_DB, "database: \"%s\" gave no row", sql);
	*out = sqlite3_column_int64(s->st, 0);
	return true;
}

const char *db_version(void)
{
	return sqlite3_libversion();
}

/* --- SQL of others --- */

static int read_only(void *ctx UNUSED, int action, const char *one, const char *two,
		     const char *base UNUSED, const char *trigger UNUSED)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return two && !strcmp(two, "load_extension") ? SQLITE_DENY : SQLITE_OK;
	}
	(void)one;
	return SQLITE_DENY;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int past_limit(void *until_ms)
{
	return now_ms() > *(const int64_t *)until_ms;
}

static bool guest_rows(sqlite3 *h, sqlite3_stmt *st, size_t max_rows, struct arena *a,
		       struct db_rows *out, struct err *e)
{
	struct db_rows rows = {0};
	int cols = sqlite3_column_count(st), rc;
	for (int i = 0; i < cols; i++)
		vec_push(a, &rows.names, arena_strdup(a, sqlite3_column_name(st, i)));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (rows.v.n == max_rows) {
			rows.more = true;
			rc = SQLITE_DONE;
			break;
		}
		const char **row = arena_array(a, const char *, (size_t)cols + 1);
		for (int i = 0; i < cols; i++)
			row[i] = arena_strdup(a, (const char *)sqlite3_column_text(st, i));
		vec_push(a, &rows.v, row);
	}
	if (rc == SQLITE_INTERRUPT)
		return err_set(e, ERR_LIMIT, "stopped: it took too long");
	if (rc != SQLITE_DONE)
		return err_set(e, ERR_DB, "%s", sqlite3_errmsg(h));
	*out = rows;
	return true;
}

static bool guest_run(sqlite3 *h, const char *sql, const struct db_param *params, size_t n,
		      size_t max_rows, struct arena *a, struct db_rows *out, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const char *rest = NULL;
	bool ok = sqlite3_prepare_v2(h, sql, -1, &st, &rest) == SQLITE_OK ||
		  err_set(e, ERR_DB, "%s", sqlite3_errmsg(h));
	if (ok && (!st || !sqlite3_stmt_readonly(st)))
		ok = err_set(e, ERR_USAGE, "there is no SELECT in it");
	if (ok && rest[strspn(rest, " \t\r\n;")])
		ok = err_set(e, ERR_USAGE, "there is more than one statement in it");
	for (size_t i = 0; ok && i < n; i++) {
		int k = sqlite3_bind_parameter_index(st, params[i].name);
		if (k &&
		    sqlite3_bind_text(st, k, params[i].value, -1, SQLITE_TRANSIENT) != SQLITE_OK)
			ok = err_set(e, ERR_DB, "%s", sqlite3_errmsg(h));
	}
	ok = ok && guest_rows(h, st, max_rows, a, out, e);
	sqlite3_finalize(st);
	return ok;
}

bool db_guest(const char *path, const char *sql, const struct db_param *params, size_t n,
	      int limit_ms, size_t max_rows, struct arena *a, struct db_rows *out, struct err *e)
{
	sqlite3 *h = NULL;
	int64_t until_ms = now_ms() + limit_ms;
	bool ok = sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
			  SQLITE_OK ||
		  err_set(e, ERR_DB, "could not open database \"%s\": %s", path,
			  h ? sqlite3_errmsg(h) : "out of memory");
	if (ok) {
		sqlite3_busy_timeout(h, 2000);
		sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 1 << 20);
		sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
		sqlite3_set_authorizer(h, read_only, NULL);
		sqlite3_progress_handler(h, 1000, past_limit, &until_ms);
		ok = guest_run(h, sql, params, n, max_rows, a, out, e);
	}
	sqlite3_close_v2(h);
	return ok;
}
