#include "store/watch.h"

#include "base/text.h"
#include "gen/queries.h"

static bool forget_week(struct db *db, int query, const char *week, const char *source,
			struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":source", source);
	return stmt_run(s, e);
}

/* --- alarms --- */

bool watch_forget_alarms(struct db *db, const char *source, const char *region, struct err *e)
{
	struct stmt *s = db_query(db, Q_ALARM_FORGET_STATES, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":region", region);
	return stmt_run(s, e);
}

bool watch_put_alarm(struct db *db, const struct alarm *x, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_ALARM_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":region", x->region);
	stmt_text(s, ":name", x->name);
	stmt_text(s, ":type", x->type);
	stmt_text(s, ":description", x->description);
	stmt_text(s, ":url", x->url);
	stmt_text(s, ":state", x->state);
	stmt_time(s, ":state_at", x->state_s);
	stmt_text(s, ":reason", x->reason);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool watch_put_change(struct db *db, const struct alarm *x, const struct alarm_change *c,
		      int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_ALARM_KNOW, e);
	if (!s)
		return false;
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":region", x->region);
	stmt_text(s, ":name", x->name);
	stmt_text(s, ":type", x->type);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_run(s, e))
		return false;
	s = db_query(db, Q_ALARM_CHANGE_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":region", x->region);
	stmt_text(s, ":name", x->name);
	stmt_text(s, ":from_state", c->from);
	stmt_text(s, ":to_state", c->to);
	stmt_time(s, ":changed_at", c->at_s);
	stmt_text(s, ":reason", c->reason);
	return stmt_run(s, e);
}

static bool read_changes(struct db *db, struct alarm *x, int64_t from_s, struct arena *a,
			 struct err *e)
{
	struct stmt *s = db_query(db, Q_ALARM_CHANGES, e);
	if (!s)
		return false;
	stmt_i64(s, ":alarm_id", x->id);
	stmt_time(s, ":from", from_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct alarm_change c = {
			.from = stmt_col_text(s, "from_state", a),
			.to = stmt_col_text(s, "to_state", a),
			.reason = stmt_col_text(s, "reason", a),
			.at_s = stmt_col_time(s, "changed_at"),
		};
		vec_push(a, &x->changes, c);
	}
}

bool watch_alarms(struct db *db, int64_t from_s, int64_t to_s, struct arena *a, struct alarms *out,
		  struct err *e)
{
	struct alarms list = {0};
	struct stmt *s = db_query(db, Q_ALARM_LIST, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct alarm x = {
			.id = stmt_col_i64(s, "id"),
			.source = stmt_col_text(s, "source", a),
			.region = stmt_col_text(s, "region", a),
			.name = stmt_col_text(s, "name", a),
			.type = stmt_col_text(s, "type", a),
			.description = stmt_col_text(s, "description", a),
			.url = stmt_col_text(s, "url", a),
			.state = stmt_col_text(s, "state", a),
			.reason = stmt_col_text(s, "reason", a),
			.state_s = stmt_col_time(s, "state_at"),
		};
		vec_push(a, &list, x);
	}
	for (size_t i = 0; i < list.n; i++)
		if (!read_changes(db, &list.v[i], from_s, a, e))
			return false;
	*out = list;
	return true;
}

/* --- canaries --- */

bool watch_forget_canaries(struct db *db, const char *week, const char *source, struct err *e)
{
	return forget_week(db, Q_CANARY_FORGET, week, source, e);
}

bool watch_put_canary(struct db *db, const struct canary_week *x, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_CANARY_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":name", x->name);
	stmt_text(s, ":week", x->week);
	stmt_text(s, ":state", x->state);
	stmt_text(s, ":schedule", x->schedule);
	stmt_text(s, ":url", x->url);
	stmt_i64(s, ":runs", x->runs);
	stmt_i64(s, ":failed", x->failed);
	stmt_f64(s, ":percent", x->percent);
	stmt_text(s, ":basis", x->basis);
	stmt_text(s, ":reason", x->reason);
	stmt_time(s, ":failed_at", x->failed_s);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool watch_canaries(struct db *db, const char *week, struct arena *a, struct canary_weeks *out,
		    struct err *e)
{
	struct canary_weeks list = {0};
	struct stmt *s = db_query(db, Q_CANARY_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct canary_week x = {
			.source = stmt_col_text(s, "source", a),
			.name = stmt_col_text(s, "name", a),
			.week = stmt_col_text(s, "week", a),
			.state = stmt_col_text(s, "state", a),
			.schedule = stmt_col_text(s, "schedule", a),
			.url = stmt_col_text(s, "url", a),
			.runs = stmt_col_i64(s, "runs"),
			.failed = stmt_col_i64(s, "failed"),
			.percent = stmt_col_f64(s, "percent"),
			.basis = stmt_col_text(s, "basis", a),
			.reason = stmt_col_text(s, "reason", a),
			.failed_s = stmt_col_time(s, "failed_at"),
		};
		vec_push(a, &list, x);
	}
	*out = list;
	return true;
}

/* --- status pages --- */

bool watch_forget_availability(struct db *db, const char *week, const char *source, struct err *e)
{
	return forget_week(db, Q_AVAILABILITY_FORGET, week, source, e);
}

bool watch_put_availability(struct db *db, const struct availability_week *x, int64_t seen_s,
			    struct err *e)
{
	struct stmt *s = db_query(db, Q_AVAILABILITY_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", x->source);
	stmt_text(s, ":slug", x->slug);
	stmt_text(s, ":week", x->week);
	stmt_text(s, ":name", x->name);
	stmt_text(s, ":url", x->url);
	stmt_text(s, ":state", x->state);
	stmt_i64(s, ":minutes_down", x->minutes_down);
	stmt_f64(s, ":percent", x->percent);
	stmt_text(s, ":basis", x->basis);
	stmt_i64(s, ":response_ms", x->response_ms);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool watch_availability(struct db *db, const char *week, struct arena *a,
			struct availability_weeks *out, struct err *e)
{
	struct availability_weeks list = {0};
	struct stmt *s = db_query(db, Q_AVAILABILITY_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct availability_week x = {
			.source = stmt_col_text(s, "source", a),
			.slug = stmt_col_text(s, "slug", a),
			.week = stmt_col_text(s, "week", a),
			.name = stmt_col_text(s, "name", a),
			.url = stmt_col_text(s, "url", a),
			.state = stmt_col_text(s, "state", a),
			.minutes_down = stmt_col_i64(s, "minutes_down"),
			.percent = stmt_col_f64(s, "percent"),
			.basis = stmt_col_text(s, "basis", a),
			.response_ms = stmt_col_i64(s, "response_ms"),
		};
		vec_push(a, &list, x);
	}
	*out = list;
	return true;
}

/* --- dashboards --- */

bool watch_miss_board(struct db *db, const char *week, const char *source, const char *board,
		      const char *reason, struct err *e)
{
	struct stmt *s = db_query(db, Q_BOARD_MISS, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":source", source);
	stmt_text(s, ":board", board);
	stmt_text(s, ":reason", reason);
	return stmt_run(s, e);
}

/* --- ids of numbers --- */

static const char *slug(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 2);
	size_t n = 0;
	for (; *s; s++) {
		char c = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '_' && n > 0))
			out[n++] = c;
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	if (n > 0 && out[n - 1] == '-')
		out[--n] = '\0';
	return n ? out : "x";
}

const char *watch_metric_id(struct arena *a, const char *board, const char *panel)
{
	return arena_printf(a, "metrics.%s.%s", slug(a, board), panel ? slug(a, panel) : "");
}

const char *watch_availability_id(struct arena *a, const char *name)
{
	/* A service's name in the configuration has these letters only, and stays as it is. */
	static const char kept[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char *out = arena_strdup(a, name);
	for (char *p = out; *p; p++)
		if (!strchr(kept, *p))
			*p = '-';
	return arena_printf(a, "availability.%s.percent", *out ? out : "x");
}

const char *watch_canary_service(const struct config *cfg, const char *canary)
{
	for (size_t i = 0; i < cfg->services.n; i++) {
		const struct service *s = &cfg->services.v[i];
		if (text_eq(s->name, canary) || text_glob_list(&s->aws, canary))
			return s->name;
	}
	return canary;
}

const char *watch_site_service(const struct config *cfg, const char *slug)
{
	for (size_t i = 0; i < cfg->services.n; i++) {
		const struct service *s = &cfg->services.v[i];
		for (size_t k = 0; k < s->status_page.n; k++)
			if (text_eq(s->status_page.v[k], slug))
				return s->name;
	}
	return slug;
}
