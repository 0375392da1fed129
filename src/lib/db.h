/* SQLite with the two mistakes made impossible that hurt: an error that looks like the end of rows,
 * a parameter left NULL.
 *
 * 1. db_open                                  2. db_queries: the table of named statements
 * (generated from schema/queries)
 * 3. struct stmt *s = db_query(db, Q_…, e)    cached by id, reset each time it is handed out
 * 4. stmt_i64/stmt_text/…(s, ":name", value)  sticky: an unknown name is reported by the next step
 * 5. while (stmt_step(s, &row, e) && row) …   columns by name; or stmt_run(s, e) when no row is
 * wanted Statements belong to the connection. Times are stored as ISO 8601 text
 * ("2026-11-09T00:00:00Z"), TIME_NONE and NUM_NONE as NULL. */
#ifndef LIB_DB_H
#define LIB_DB_H

#include "base/arena.h"
#include "base/err.h"

struct db;
struct stmt;

struct db_query {
	const char *name, *sql;
};

/* Opens (and creates unless readonly) with WAL, foreign_keys, busy_timeout 5 s. Fails: ERR_DB. */
MUST_CHECK bool db_open(const char *path, bool readonly, struct db **out, struct err *e);
void db_close(struct db *db); /* NULL is fine */
void db_closep(struct db **db);
void db_queries(struct db *db, const struct db_query *table, size_t n);

/* Several statements, no parameters. A failed script leaves an open transaction rolled back. Fails:
 * ERR_DB. */
MUST_CHECK bool db_exec(struct db *db, const char *sql, struct err *e);
MUST_CHECK bool db_begin(struct db *db, struct err *e); /* IMMEDIATE; transactions do not nest */
MUST_CHECK bool db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db); /* nothing to roll back is fine */
bool db_in_transaction(const struct db *db);

MUST_CHECK struct stmt *db_query(struct db *db, int id, struct err *e); /* NULL on failure */
MUST_CHECK struct stmt *db_prepare(struct db *db, const char *sql,
				   struct err *e); /* not cached: give to stmt_free */
void stmt_free(struct stmt *s);
void stmt_freep(struct stmt **s);

void stmt_i64(struct stmt *s, const char *name, int64_t v); /* NUM_NONE binds NULL */
void stmt_f64(struct stmt *s, const char *name, double v); /* NaN binds NULL */
void stmt_bool(struct stmt *s, const char *name, bool v);
void stmt_time(struct stmt *s, const char *name, int64_t t_s); /* TIME_NONE binds NULL */
void stmt_text(struct stmt *s, const char *name, const char *v); /* NULL binds NULL; copied */
void stmt_blob(struct stmt *s, const char *name, const void *p, size_t n); /* copied */

/* true and *row: a row is there. true and !*row: the end, the statement is reset. false: ERR_DB, or
 * ERR_BUG for a parameter that was never bound or does not exist. */
MUST_CHECK bool stmt_step(struct stmt *s, bool *row, struct err *e);
MUST_CHECK bool stmt_run(struct stmt *s, struct err *e); /* steps to the end, ignoring rows */
void stmt_done(struct stmt *s); /* stop early: resets */

/* Columns of the current row, by name; an unknown name aborts. Text and blobs are copied into the
 * arena. */
int64_t stmt_col_i64(struct stmt *s, const char *name); /* NULL: NUM_NONE */
double stmt_col_f64(struct stmt *s, const char *name); /* NULL: NaN */
bool stmt_col_bool(struct stmt *s, const char *name); /* NULL: false */
int64_t stmt_col_time(struct stmt *s, const char *name); /* NULL: TIME_NONE */
const char *stmt_col_text(struct stmt *s, const char *name, struct arena *a); /* NULL: NULL */
const void *stmt_col_blob(struct stmt *s, const char *name, struct arena *a, size_t *n);
bool stmt_col_null(struct stmt *s, const char *name);
int stmt_cols(struct stmt *s);
const char *stmt_col_name(struct stmt *s, int i);
const char *stmt_col_text_at(struct stmt *s, int i, struct arena *a); /* any type as text */

/* SQL that is not ours, for reading: one SELECT on a connection of its own that can change nothing,
 * attach nothing and set nothing, stopped after limit_ms of real time. Parameters that the
 * statement does not name are left out; more than max_rows rows are not read. Fails: ERR_DB (with
 * SQLite's words), ERR_LIMIT (time), ERR_USAGE (not one SELECT). */
struct db_param {
	const char *name, *value; /* ":week" */
};
struct db_rows {
	struct strv names; /* of the columns */
	VEC(const char **) v; /* a text or NULL per column */
	bool more; /* rows were left unread */
};
MUST_CHECK bool db_guest(const char *path, const char *sql, const struct db_param *params, size_t n,
			 int limit_ms, size_t max_rows, struct arena *a, struct db_rows *out,
			 struct err *e);

int64_t db_changes(struct db *db); /* rows changed by the last statement */
int64_t db_last_id(struct db *db);
MUST_CHECK bool db_i64(struct db *db, const char *sql, int64_t *out,
		       struct err *e); /* first column of the first row */
const char *db_version(void);

#endif
