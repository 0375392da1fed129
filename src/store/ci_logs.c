#include "store/ci_logs.h"

#include "gen/queries.h"

bool ci_logs_wanted(struct db *db, const char *source, int64_t from_s, int64_t to_s, int64_t limit,
		    struct arena *a, struct ci_logs *out, struct err *e)
{
	struct ci_logs list = {0};
	struct stmt *s = db_query(db, Q_CI_LOG_WANTED, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	stmt_i64(s, ":limit", limit);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct ci_log l = {.run_key = stmt_col_text(s, "key", a),
				   .repo = stmt_col_text(s, "repo", a),
				   .job_key = stmt_col_text(s, "job", a),
				   .attempt = stmt_col_i64(s, "attempt")};
		vec_push(a, &list, l);
	}
	*out = list;
	return true;
}

bool ci_logs_put(struct db *db, const char *source, const struct ci_log *l, const char *lines,
		 int64_t read_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_LOG_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", l->run_key);
	stmt_i64(s, ":attempt", l->attempt);
	stmt_text(s, ":job", l->job_key);
	stmt_text(s, ":lines", lines);
	stmt_time(s, ":read_at", read_s);
	return stmt_run(s, e);
}
