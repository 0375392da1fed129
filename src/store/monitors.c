#include "store/monitors.h"

#include "gen/queries.h"

bool monitors_forget(struct db *db, const char *week, const char *source, const char *kind,
		     struct err *e)
{
	struct stmt *s = db_query(db, Q_MONITOR_WEEK_FORGET, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":source", source);
	stmt_text(s, ":kind", kind);
	return stmt_run(s, e);
}

bool monitors_put(struct db *db, const struct rec_monitor *m, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_MONITOR_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", m->source);
	stmt_text(s, ":kind", m->kind);
	stmt_text(s, ":key", m->key);
	stmt_text(s, ":name", m->name);
	stmt_text(s, ":project", m->project);
	stmt_text(s, ":environment", m->environment);
	stmt_text(s, ":schedule", m->schedule);
	stmt_text(s, ":target", m->target);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t id = stmt_col_i64(s, "id");
	stmt_done(s);

	s = db_query(db, Q_MONITOR_WEEK_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":monitor_id", id);
	stmt_text(s, ":week", m->week);
	stmt_text(s, ":status", m->status);
	stmt_i64(s, ":muted", m->muted);
	stmt_time(s, ":last_check_at", m->last_check_s);
	stmt_time(s, ":next_check_at", m->next_check_s);
	stmt_i64(s, ":ok", m->ok);
	stmt_i64(s, ":missed", m->missed);
	stmt_i64(s, ":timeout", m->timeout);
	stmt_i64(s, ":error", m->error);
	stmt_i64(s, ":unknown", m->unknown);
	return stmt_run(s, e);
}

bool monitors_list(struct db *db, const char *week, struct arena *a, struct monitors *out,
		   struct err *e)
{
	struct monitors list = {0};
	struct stmt *s = db_query(db, Q_MONITOR_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_monitor m = {.id = stmt_col_i64(s, "id"),
					.source = stmt_col_text(s, "source", a),
					.kind = stmt_col_text(s, "kind", a),
					.key = stmt_col_text(s, "key", a),
					.name = stmt_col_text(s, "name", a),
					.project = stmt_col_text(s, "project", a),
					.environment = stmt_col_text(s, "environment", a),
					.schedule = stmt_col_text(s, "schedule", a),
					.target = stmt_col_text(s, "target", a),
					.week = stmt_col_text(s, "week", a),
					.status = stmt_col_text(s, "status", a),
					.muted = stmt_col_i64(s, "muted") == 1,
					.last_check_s = stmt_col_time(s, "last_check_at"),
					.next_check_s = stmt_col_time(s, "next_check_at"),
					.ok = stmt_col_i64(s, "ok"),
					.missed = stmt_col_i64(s, "missed"),
					.timeout = stmt_col_i64(s, "timeout"),
					.error = stmt_col_i64(s, "error"),
					.unknown = stmt_col_i64(s, "unknown")};
		vec_push(a, &list, m);
	}
	*out = list;
	return true;
}
