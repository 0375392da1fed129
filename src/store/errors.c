#include "store/errors.h"

#include "gen/queries.h"

bool errors_put_project(struct db *db, const struct rec_project *p, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_PROJECT_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", p->source);
	stmt_text(s, ":key", p->key);
	stmt_text(s, ":slug", p->slug);
	stmt_text(s, ":name", p->name);
	stmt_text(s, ":platform", p->platform);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

static bool put_week(struct db *db, const struct rec_issue *i, int64_t id, struct err *e)
{
	struct stmt *s = db_query(db, Q_ISSUE_WEEK_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":issue_id", id);
	stmt_text(s, ":week", i->week);
	stmt_text(s, ":status", i->status);
	stmt_text(s, ":substatus", i->substatus);
	stmt_text(s, ":environment", i->environment);
	stmt_text(s, ":release", i->release);
	stmt_time(s, ":env_first_seen_at", i->env_first_seen_s);
	stmt_time(s, ":first_event_at", i->week_first_seen_s);
	stmt_time(s, ":last_event_at", i->week_last_seen_s);
	stmt_i64(s, ":events", i->events);
	stmt_i64(s, ":users", i->users);
	stmt_i64(s, ":last_day_events", i->last_day_events);
	stmt_time(s, ":regressed_at", i->regressed_s);
	stmt_time(s, ":escalated_at", i->escalated_s);
	stmt_time(s, ":resolved_at", i->resolved_s);
	return stmt_run(s, e);
}

bool errors_put_issue(struct db *db, const struct rec_issue *i, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_ISSUE_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", i->source);
	stmt_text(s, ":key", i->key);
	stmt_text(s, ":short_id", i->short_id);
	stmt_text(s, ":project_key", i->project_key);
	stmt_text(s, ":project", i->project);
	stmt_text(s, ":title", i->title);
	stmt_text(s, ":culprit", i->culprit);
	stmt_text(s, ":url", i->url);
	stmt_text(s, ":level", i->level);
	stmt_text(s, ":category", i->category);
	stmt_text(s, ":type", i->type);
	stmt_text(s, ":status", i->status);
	stmt_text(s, ":substatus", i->substatus);
	stmt_text(s, ":priority", i->priority);
	stmt_text(s, ":assignee", i->assignee);
	stmt_time(s, ":first_seen_at", i->first_seen_s);
	stmt_time(s, ":last_seen_at", i->last_seen_s);
	stmt_i64(s, ":total_events", i->total_events);
	stmt_i64(s, ":total_users", i->total_users);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t id = stmt_col_i64(s, "id");
	return stmt_run(s, e) && (!i->week || put_week(db, i, id, e));
}

bool errors_put_day(struct db *db, const struct rec_project_day *d, struct err *e)
{
	struct stmt *s = db_query(db, Q_PROJECT_DAY_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", d->source);
	stmt_text(s, ":project", d->project);
	stmt_text(s, ":day", d->day);
	stmt_i64(s, ":events", d->events);
	return stmt_run(s, e);
}

bool errors_forget_week(struct db *db, const char *source, const char *week, struct err *e)
{
	struct stmt *s = db_query(db, Q_ISSUE_WEEK_FORGET, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":week", week);
	return stmt_run(s, e);
}

bool errors_list(struct db *db, const char *week, struct arena *a, struct issues *out,
		 struct err *e)
{
	struct issues list = {0};
	struct stmt *s = db_query(db, Q_ISSUE_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_issue i = {.id = stmt_col_i64(s, "id"),
				      .source = stmt_col_text(s, "source", a),
				      .key = stmt_col_text(s, "key", a),
				      .short_id = stmt_col_text(s, "short_id", a),
				      .project_key = stmt_col_text(s, "project_key", a),
				      .project = stmt_col_text(s, "project", a),
				      .title = stmt_col_text(s, "title", a),
				      .culprit = stmt_col_text(s, "culprit", a),
				      .url = stmt_col_text(s, "url", a),
				      .level = stmt_col_text(s, "level", a),
				      .category = stmt_col_text(s, "category", a),
				      .type = stmt_col_text(s, "type", a),
				      .status = stmt_col_text(s, "status", a),
				      .substatus = stmt_col_text(s, "substatus", a),
				      .priority = stmt_col_text(s, "priority", a),
				      .assignee = stmt_col_text(s, "assignee", a),
				      .first_seen_s = stmt_col_time(s, "first_seen_at"),
				      .last_seen_s = stmt_col_time(s, "last_seen_at"),
				      .total_events = stmt_col_i64(s, "total_events"),
				      .total_users = stmt_col_i64(s, "total_users"),
				      .week = stmt_col_text(s, "week", a),
				      .env_first_seen_s = stmt_col_time(s, "env_first_seen_at"),
				      .week_first_seen_s = stmt_col_time(s, "first_event_at"),
				      .week_last_seen_s = stmt_col_time(s, "last_event_at"),
				      .events = stmt_col_i64(s, "events"),
				      .users = stmt_col_i64(s, "users"),
				      .last_day_events = stmt_col_i64(s, "last_day_events"),
				      .environment = stmt_col_text(s, "environment", a),
				      .release = stmt_col_text(s, "release", a),
				      .regressed_s = stmt_col_time(s, "regressed_at"),
				      .escalated_s = stmt_col_time(s, "escalated_at"),
				      .resolved_s = stmt_col_time(s, "resolved_at")};
		vec_push(a, &list, i);
	}
	*out = list;
	return true;
}

bool errors_history(struct db *db, const char *from_week, const char *to_week, struct arena *a,
		    struct issue_history *out, struct err *e)
{
	struct issue_history list = {0};
	struct stmt *s = db_query(db, Q_ISSUE_EVENTS_LIST, e);
	const char *week = "";
	if (!s)
		return false;
	stmt_text(s, ":from_week", from_week);
	stmt_text(s, ":to_week", to_week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		/* Thousands of rows, a dozen weeks: each name once. */
		struct arena scratch = {0};
		const char *name = stmt_col_text(s, "week", &scratch);
		if (strcmp(name, week) != 0)
			week = arena_strdup(a, name);
		arena_release(&scratch);
		vec_push(a, &list,
			 ((struct issue_events){.week = week,
						.issue_id = stmt_col_i64(s, "issue_id"),
						.events = stmt_col_i64(s, "events")}));
	}
	*out = list;
	return true;
}

bool errors_days(struct db *db, const char *from_day, const char *to_day, struct arena *a,
		 struct days *out, struct err *e)
{
	struct days list = {0};
	struct stmt *s = db_query(db, Q_PROJECT_DAY_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":from_day", from_day);
	stmt_text(s, ":to_day", to_day);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_project_day d = {.source = stmt_col_text(s, "source", a),
					    .project = stmt_col_text(s, "project", a),
					    .day = stmt_col_text(s, "day", a),
					    .events = stmt_col_i64(s, "events")};
		vec_push(a, &list, d);
	}
	*out = list;
	return true;
}

bool errors_firsts(struct db *db, const char *from_week, const char *to_week, int64_t from_s,
		   int64_t to_s, struct arena *a, struct issue_firsts *out, struct err *e)
{
	struct issue_firsts list = {0};
	struct stmt *s = db_query(db, Q_ISSUE_FIRSTS, e);
	if (!s)
		return false;
	stmt_text(s, ":from_week", from_week);
	stmt_text(s, ":to_week", to_week);
	stmt_time(s, ":from_at", from_s);
	stmt_time(s, ":to_at", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct issue_first x = {stmt_col_time(s, "first_at"),
					stmt_col_text(s, "project", a)};
		vec_push(a, &list, x);
	}
	*out = list;
	return true;
}
