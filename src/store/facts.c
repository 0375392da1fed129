#include "store/facts.h"

#include "gen/queries.h"

bool facts_put(struct db *db, const struct fact *f, struct err *e)
{
	struct stmt *s = db_query(db, Q_FACT_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":week", f->week);
	stmt_text(s, ":source", f->source);
	stmt_text(s, ":name", f->name);
	stmt_i64(s, ":value", f->value);
	stmt_time(s, ":happens_at", f->at_s);
	stmt_text(s, ":text", f->text);
	return stmt_run(s, e);
}

bool facts_forget(struct db *db, const char *week, const char *source, const char *name,
		  struct err *e)
{
	struct stmt *s = db_query(db, Q_FACT_FORGET, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":source", source);
	stmt_text(s, ":name", name);
	return stmt_run(s, e);
}

bool facts_list(struct db *db, const char *week, struct arena *a, struct facts *out, struct err *e)
{
	struct facts list = {0};
	struct stmt *s = db_query(db, Q_FACT_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct fact f = {
			.week = stmt_col_text(s, "week", a),
			.source = stmt_col_text(s, "source", a),
			.name = stmt_col_text(s, "name", a),
			.text = stmt_col_text(s, "text", a),
			.value = stmt_col_i64(s, "value"),
			.at_s = stmt_col_time(s, "happens_at"),
		};
		vec_push(a, &list, f);
	}
	*out = list;
	return true;
}

bool facts_put_resolution(struct db *db, const char *source, const char *key, int64_t resolved_s,
			  struct err *e)
{
	struct stmt *s = db_query(db, Q_RESOLUTION_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", key);
	stmt_time(s, ":resolved_at", resolved_s);
	return stmt_run(s, e);
}

bool facts_resolution(struct db *db, const char *source, const char *key, int64_t *resolved_s,
		      struct err *e)
{
	struct stmt *s = db_query(db, Q_RESOLUTION_GET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", key);
	if (!stmt_step(s, &row, e))
		return false;
	*resolved_s = row ? stmt_col_time(s, "resolved_at") : TIME_NONE;
	stmt_done(s);
	return true;
}

bool facts_put_span(struct db *db, const char *source, const char *repo_key, struct ci_span span,
		    struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_SPAN_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":repo_key", repo_key);
	stmt_time(s, ":from", span.from_s);
	stmt_time(s, ":to", span.to_s);
	return stmt_run(s, e);
}

bool facts_span(struct db *db, const char *source, const char *repo_key, struct ci_span *out,
		struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_SPAN_GET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":repo_key", repo_key);
	if (!stmt_step(s, &row, e))
		return false;
	out->from_s = row ? stmt_col_time(s, "from_at") : TIME_NONE;
	out->to_s = row ? stmt_col_time(s, "to_at") : TIME_NONE;
	stmt_done(s);
	return true;
}

bool facts_attempts(struct db *db, const char *source, const char *run_key, struct arena *a,
		    struct ci_attempts *out, struct err *e)
{
	struct ci_attempts list = {0};
	struct stmt *s = db_query(db, Q_CI_ATTEMPTS_KNOWN, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", run_key);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_attempt t = {
			.attempt = stmt_col_i64(s, "attempt"),
			.conclusion = stmt_col_text(s, "conclusion", a),
			.started_s = stmt_col_time(s, "started_at"),
			.completed_s = stmt_col_time(s, "completed_at"),
		};
		vec_push(a, &list, t);
	}
	*out = list;
	return true;
}
