#include "store/cache.h"

#include "gen/queries.h"

#define DAY_S ((int64_t)86400)

bool cache_find(struct db *db, const char *key, struct arena *a, const char **etag,
		const char **modified, bool *found, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_FIND, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":key", key);
	if (!stmt_step(s, &row, e))
		return false;
	*etag = row ? stmt_col_text(s, "etag", a) : NULL;
	*modified = row ? stmt_col_text(s, "modified", a) : NULL;
	*found = row;
	stmt_done(s);
	return true;
}

bool cache_get(struct db *db, const char *key, struct arena *a, struct cache_entry *out,
	       bool *found, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_GET, e);
	struct cache_entry x = {.key = key};
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":key", key);
	if (!stmt_step(s, &row, e))
		return false;
	*found = row;
	if (row) {
		x.headers = stmt_col_text(s, "headers", a);
		x.packed = stmt_col_blob(s, "body", a, &x.packed_len);
		x.bytes = stmt_col_i64(s, "bytes");
		*out = x;
	}
	stmt_done(s);
	return true;
}

bool cache_put(struct db *db, const struct cache_entry *x, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":key", x->key);
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":etag", x->etag);
	stmt_text(s, ":modified", x->modified);
	stmt_text(s, ":headers", x->headers);
	stmt_blob(s, ":body", x->packed, x->packed_len);
	stmt_i64(s, ":bytes", x->bytes);
	stmt_time(s, ":seen_at", x->seen_s);
	return stmt_run(s, e);
}

bool cache_forget(struct db *db, const char *key, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_FORGET, e);
	if (!s)
		return false;
	stmt_text(s, ":key", key);
	return stmt_run(s, e);
}

bool cache_touch(struct db *db, const char *key, int64_t now_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_TOUCH, e);
	if (!s)
		return false;
	stmt_text(s, ":key", key);
	stmt_time(s, ":seen_at", now_s);
	stmt_time(s, ":stale", now_s - DAY_S);
	return stmt_run(s, e);
}

bool cache_trim(struct db *db, int64_t max_bytes, struct err *e)
{
	struct stmt *s = db_query(db, Q_CACHE_SIZE, e);
	bool row;
	if (!s || !stmt_step(s, &row, e))
		return false;
	int64_t bytes = row ? stmt_col_i64(s, "bytes") : 0;
	stmt_done(s);
	if (bytes <= max_bytes)
		return true;
	s = db_query(db, Q_CACHE_TRIM, e);
	if (!s)
		return false;
	stmt_i64(s, ":max", max_bytes);
	return stmt_run(s, e);
}
