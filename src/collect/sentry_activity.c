#include "collect/sentry.h"

#include "base/text.h"
#include "store/errors.h"
#include "store/facts.h"

#define LATE_S ((int64_t)86400) /* the week's end is that long ago: issues may have come back */

/* --- one issue's own record --- */

static bool within_week(const struct sentry *s, int64_t t_s)
{
	return t_s != TIME_NONE && t_s >= s->c->week.from_s && t_s < s->c->week.to_s;
}

static bool is_new(const struct sentry *s, const struct rec_issue *i)
{
	return within_week(s, i->env_first_seen_s != TIME_NONE ? i->env_first_seen_s
							       : i->first_seen_s);
}

/* Where the activity cannot be read, the substatus at collection speaks. When it happened is then
 * not known; an issue that falls silent and comes back does so with its first event. */
static void from_substatus(const struct rec_issue *listed, struct rec_issue *out)
{
	if (text_eq(listed->substatus, "regressed"))
		out->regressed_s = listed->week_first_seen_s;
	if (text_eq(listed->substatus, "escalating"))
		out->escalated_s = listed->week_first_seen_s;
}

/* An issue that only the search for resolved ones knows belongs to the week if it was resolved in
 * it; it had no event then. */
static struct rec_issue as_resolved(const struct sentry *s, const struct sentry_seen *x,
				    int64_t resolved_s)
{
	struct rec_issue i = x->i;
	i.source = s->cfg->name;
	i.week = s->c->week.name;
	i.week_first_seen_s = i.week_last_seen_s = TIME_NONE;
	i.events = i.users = i.last_day_events = 0;
	i.resolved_s = resolved_s;
	if (s->cfg->environments.n == 1)
		i.environment = s->cfg->environments.v[0];
	return i;
}

static bool put_detail(struct sentry *s, struct sentry_seen *x, const struct sentry_activity *t,
		       struct err *e)
{
	struct collect *c = s->c;
	struct rec_issue i = sentry_blank(s, x->i.key);
	if (!x->listed) {
		if (t->resolved_s == TIME_NONE)
			i.week = NULL;
		else
			i = as_resolved(s, x, t->resolved_s);
	} else if (t->readable) {
		i.regressed_s = t->regressed_s;
		i.escalated_s = t->escalated_s;
		i.resolved_s = t->resolved_s;
		i.release = is_new(s, &x->i) && t->first_release ? t->first_release
								 : t->regression_release;
	} else {
		from_substatus(&x->i, &i);
	}
	if (t->first_seen_s != TIME_NONE)
		i.first_seen_s = t->first_seen_s;
	if (!db_begin(c->db, e))
		return false;
	if ((x->listed || i.week) && !errors_put_issue(c->db, &i, clock_now(c->clock), e))
		return false;
	if (t->last_resolved_s != TIME_NONE &&
	    !facts_put_resolution(c->db, s->cfg->name, x->i.key, t->last_resolved_s, e))
		return false;
	return db_commit(c->db, e);
}

struct detail_ask {
	struct sentry *s;
	struct sentry_seen *x;
};

static bool put_substatus(struct sentry *s, const struct sentry_seen *x, struct err *e)
{
	struct rec_issue i = sentry_blank(s, x->i.key);
	from_substatus(&x->i, &i);
	if (!x->listed || (i.regressed_s == TIME_NONE && i.escalated_s == TIME_NONE))
		return true;
	return db_begin(s->c->db, e) && errors_put_issue(s->c->db, &i, clock_now(s->c->clock), e) &&
	       db_commit(s->c->db, e);
}

static bool on_detail(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct detail_ask *d = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct sentry_activity t;
	struct err bad = {0};
	const char *why;
	const char *what =
		arena_printf(a, "issue %s", d->x->i.short_id ? d->x->i.short_id : d->x->i.key);
	if (r->status == 404) { /* deleted or merged since it was listed: the row stands */
		collect_got(p, 1);
		return put_substatus(d->s, d->x, e);
	}
	if (!answer_json(r, what, &sentry_hints, a, &j, &why)) {
		collect_short(p, "%s", why);
		return put_substatus(d->s, d->x, e);
	}
	struct jv root = json_root(j);
	if (!sentry_parse_activity(&root, p->c->week.from_s, p->c->week.to_s, a, &t, &bad)) {
		collect_short(p, "%s could not be read: %s", what, bad.msg);
		return put_substatus(d->s, d->x, e);
	}
	if (!t.readable && !d->x->listed)
		collect_short(p, "%s came without its activity: when it was resolved is unknown",
			      what);
	else
		collect_got(p, 1);
	return put_detail(d->s, d->x, &t, e);
}

static void ask_detail(struct sentry *s, struct sentry_seen *x)
{
	struct detail_ask *d = arena_new(s->c->a, struct detail_ask);
	*d = (struct detail_ask){s, x};
	x->asked = true;
	collect_expect(s->activity, 1);
	sentry_get(s, s->activity,
		   arena_printf(s->c->a, "issues/%s/?collapse=stats&collapse=tags",
				page_encode(s->c->a, x->i.key)),
		   s->gap_ms, on_detail, d);
}

/* Those that are likely to have something to tell come first. */
static bool tells_something(const struct sentry *s, const struct sentry_seen *x)
{
	return !x->listed || is_new(s, &x->i) || !x->i.substatus ||
	       text_eq(x->i.substatus, "regressed") || text_eq(x->i.substatus, "escalating") ||
	       text_eq(x->i.status, "resolved");
}

bool sentry_details(struct sentry *s, struct err *e)
{
	int64_t asked = 0, left = 0;
	collect_expect(s->activity, 0);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < s->list.n; i++) {
			struct sentry_seen *x = s->list.v[i];
			if (x->asked || (round == 0 && !tells_something(s, x)))
				continue;
			if (asked == SENTRY_DETAILS) {
				left += round;
				if (round && !put_substatus(s, x, e))
					return false;
				continue;
			}
			ask_detail(s, x);
			asked++;
		}
	}
	if (left) {
		collect_expect(s->activity, left);
		collect_short(s->activity,
			      "the activity of %lld issues was not read (%d are read in a run): "
			      "their substatus stands in",
			      (long long)left, SENTRY_DETAILS);
	}
	return true;
}

/* --- resolved without an event in the week --- */

/* Resolved now; or open again, which takes an event after the week. */
static bool may_have_been_resolved(const struct sentry *s, const struct rec_issue *i)
{
	return text_eq(i->status, "resolved") || i->last_seen_s == TIME_NONE ||
	       i->last_seen_s >= s->c->week.to_s;
}

static bool resolved_row(struct sweep *w, const struct jv *row, struct err *e)
{
	struct sentry *s = w->s;
	struct arena *a = s->c->a;
	struct err bad = {0};
	struct rec_issue i;
	int64_t known_s;
	if (!sentry_parse_issue(row, s->cfg->environments.n > 0, a, &i, &bad)) {
		collect_short(w->p, "a resolved issue could not be read: %s", bad.msg);
		return true;
	}
	if (keys_get(&s->seen, i.key) || !may_have_been_resolved(s, &i))
		return true;
	struct sentry_seen *x = arena_new(a, struct sentry_seen);
	*x = (struct sentry_seen){.i = i};
	keys_put(&s->seen, a, i.key, x);
	if (!facts_resolution(s->c->db, s->cfg->name, i.key, &known_s, e))
		return false;
	/* Nothing happened to it since we heard when it was resolved: need not ask again. */
	if (known_s != TIME_NONE && i.last_seen_s != TIME_NONE && i.last_seen_s <= known_s) {
		if (!within_week(s, known_s))
			return true;
		i = as_resolved(s, x, known_s);
		return errors_put_issue(s->c->db, &i, clock_now(s->c->clock), e);
	}
	vec_push(a, &s->list, x);
	return true;
}

static bool resolved_done(struct sweep *w, bool whole UNUSED, struct err *e)
{
	return sentry_details(w->s, e);
}

/* No search term knows when an issue was resolved, and the list of a week holds only issues with an
 * event in it. So: every resolved issue of the time Sentry keeps, and its own record. A week that
 * ended a while ago may have resolved some that are open again: then every issue is listed. */
static void ask_resolved(struct sentry *s)
{
	struct collect *c = s->c;
	bool late = clock_now(c->clock) - c->week.to_s > LATE_S;
	struct sweep *w = arena_new(c->a, struct sweep);
	*w = (struct sweep){
		.s = s,
		.p = s->activity,
		.what = "resolved issues",
		.query = arena_printf(c->a, "query=%s&sort=new&collapse=stats%s",
				      late ? "" : "is%3Aresolved", s->filter),
		.from_s = MAX(c->week.to_s, clock_now(c->clock)) - SENTRY_RETENTION_S,
		.to_s = c->week.to_s,
		.row = resolved_row,
		.done = resolved_done,
	};
	sentry_sweep(w);
}

/* --- environments and the last day --- */

static bool row_of_listed(struct sweep *w, const struct jv *row, struct sentry_seen **x,
			  struct rec_issue *i)
{
	struct err bad = {0};
	*x = NULL;
	if (!sentry_parse_issue(row, true, &w->s->c->scratch, i, &bad)) {
		collect_short(w->p, "an issue could not be read: %s", bad.msg);
		return false;
	}
	*x = keys_get(&w->s->seen, i->key);
	return *x && (*x)->listed;
}

static bool environment_row(struct sweep *w, const struct jv *row, struct err *e)
{
	struct sentry_seen *x;
	struct rec_issue i;
	if (!row_of_listed(w, row, &x, &i) || x->i.environment)
		return true;
	x->i.environment = w->environment;
	i = sentry_blank(w->s, x->i.key);
	i.environment = w->environment;
	if (!errors_put_issue(w->s->c->db, &i, clock_now(w->s->c->clock), e))
		return false;
	collect_got(w->p, 1);
	return true;
}

static void ask_environment(struct sentry *s, size_t n);

static bool environment_done(struct sweep *w, bool whole, struct err *e UNUSED)
{
	size_t next = 0;
	while (w->s->cfg->environments.v[next] != w->environment)
		next++;
	if (whole)
		ask_environment(w->s, next + 1);
	return true;
}

/* One after the other, the most important first: the first that has an issue keeps it. */
static void ask_environment(struct sentry *s, size_t n)
{
	struct collect *c = s->c;
	if (n == s->cfg->environments.n)
		return;
	struct sweep *w = arena_new(c->a, struct sweep);
	*w = (struct sweep){
		.s = s,
		.p = s->environments,
		.environment = s->cfg->environments.v[n],
		.what = arena_printf(c->a, "issues of %s", s->cfg->environments.v[n]),
		.query = arena_printf(c->a, "query=&sort=new&collapse=stats%s&environment=%s",
				      s->projects_query,
				      page_encode(c->a, s->cfg->environments.v[n])),
		.from_s = c->week.from_s,
		.to_s = c->week.to_s,
		.row = environment_row,
		.done = environment_done,
	};
	sentry_sweep(w);
}

static bool last_day_row(struct sweep *w, const struct jv *row, struct err *e UNUSED)
{
	struct sentry_seen *x;
	struct rec_issue i;
	if (!row_of_listed(w, row, &x, &i))
		return true;
	x->i.last_day_events = i.events;
	return true;
}

/* An issue that a whole list of the last day does not name had no event on it. */
static bool last_day_done(struct sweep *w, bool whole, struct err *e)
{
	struct sentry *s = w->s;
	if (!db_begin(s->c->db, e))
		return false;
	for (size_t k = 0; k < s->list.n; k++) {
		struct sentry_seen *x = s->list.v[k];
		struct rec_issue i = sentry_blank(s, x->i.key);
		i.last_day_events = x->i.last_day_events;
		if (whole && i.last_day_events == NUM_NONE)
			i.last_day_events = 0;
		if (!x->listed || i.last_day_events == NUM_NONE)
			continue;
		if (!errors_put_issue(s->c->db, &i, clock_now(s->c->clock), e))
			return false;
		collect_got(w->p, 1);
	}
	return db_commit(s->c->db, e);
}

static void ask_last_day(struct sentry *s)
{
	struct collect *c = s->c;
	struct sweep *w = arena_new(c->a, struct sweep);
	*w = (struct sweep){
		.s = s,
		.p = s->last_day,
		.what = "issues of the last day",
		.query = arena_printf(c->a, "query=&sort=new&collapse=stats%s", s->filter),
		.from_s = week_day(c->zone, &c->week, 6),
		.to_s = c->week.to_s,
		.row = last_day_row,
		.done = last_day_done,
	};
	sentry_sweep(w);
}

void sentry_after_issues(struct sentry *s, bool some)
{
	sentry_volume(s);
	sentry_users(s);
	if (!some) {
		struct part *const parts[] = {s->activity, s->environments, s->last_day};
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			if (parts[i])
				collect_fail(parts[i], "the list of issues could not be had");
		return;
	}
	ask_resolved(s);
	ask_last_day(s);
	if (s->environments)
		ask_environment(s, 0);
}
