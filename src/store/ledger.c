#include "store/ledger.h"

#include "gen/queries.h"

bool ledger_put(struct db *db, const struct ledger *l, int64_t run_id, struct err *e)
{
	struct stmt *s = db_query(db, Q_LEDGER_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":week", l->week);
	stmt_text(s, ":source", l->source);
	stmt_text(s, ":part", l->part);
	stmt_text(s, ":status", ledger_status_name(l->status));
	stmt_i64(s, ":expected", l->expected);
	stmt_i64(s, ":received", l->received);
	stmt_i64(s, ":requests", l->requests);
	stmt_i64(s, ":retries", l->retries);
	stmt_i64(s, ":pages", l->pages);
	stmt_i64(s, ":bytes", l->bytes);
	stmt_time(s, ":as_of_at", l->as_of_s);
	stmt_text(s, ":reason", l->reason);
	stmt_text(s, ":affects", l->affects);
	stmt_i64(s, ":run_id", run_id ? run_id : NUM_NONE);
	return stmt_run(s, e);
}

bool ledger_list(struct db *db, const char *week, struct arena *a, struct ledgers *out,
		 struct err *e)
{
	struct ledgers list = {0};
	struct stmt *s = db_query(db, Q_LEDGER_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct ledger l = {.week = stmt_col_text(s, "week", a),
				   .source = stmt_col_text(s, "source", a),
				   .part = stmt_col_text(s, "part", a),
				   .expected = stmt_col_i64(s, "expected"),
				   .received = stmt_col_i64(s, "received"),
				   .requests = stmt_col_i64(s, "requests"),
				   .retries = stmt_col_i64(s, "retries"),
				   .pages = stmt_col_i64(s, "pages"),
				   .bytes = stmt_col_i64(s, "bytes"),
				   .as_of_s = stmt_col_time(s, "as_of_at"),
				   .reason = stmt_col_text(s, "reason", a),
				   .affects = stmt_col_text(s, "affects", a)};
		const char *word = stmt_col_text(s, "status", a);
		if (!ledger_status_parse(word, &l.status)) {
			stmt_done(s);
			return err_set(e, ERR_DB, "ledger of %s: \"%s\" is no status", l.source,
				       word);
		}
		vec_push(a, &list, l);
	}
	*out = list;
	return true;
}

bool ledger_history(struct db *db, const char *source, const char *part, const char *before_week,
		    int limit, struct arena *a, struct ledgers *out, struct err *e)
{
	struct ledgers list = {0};
	struct stmt *s = db_query(db, Q_LEDGER_HISTORY, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":part", part);
	stmt_text(s, ":week", before_week);
	stmt_i64(s, ":limit", limit);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct ledger l = {.week = stmt_col_text(s, "week", a),
				   .received = stmt_col_i64(s, "received")};
		const char *word = stmt_col_text(s, "status", a);
		if (!ledger_status_parse(word, &l.status)) {
			stmt_done(s);
			return err_set(e, ERR_DB, "ledger of %s: \"%s\" is no status", source,
				       word);
		}
		vec_push(a, &list, l);
	}
	*out = list;
	return true;
}

bool ledger_cost(struct db *db, const char *source, int64_t *requests, struct err *e)
{
	struct stmt *s = db_query(db, Q_LEDGER_COST, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	if (!stmt_step(s, &row, e))
		return false;
	*requests = row ? stmt_col_i64(s, "requests") : NUM_NONE;
	stmt_done(s);
	return true;
}
