#include "collect/sentry.h"

#include "base/parse.h"
#include "base/text.h"
#include "store/errors.h"
#include "store/facts.h"

/* --- accepted error events per project and day --- */

/* The UTC days that touch the week. */
static int64_t first_day(const struct sentry *s)
{
	return s->c->week.from_s - s->c->week.from_s % SENTRY_DAY_S;
}

static int64_t last_day(const struct sentry *s)
{
	int64_t last_s = s->c->week.to_s - 1;
	return last_s - last_s % SENTRY_DAY_S;
}

/* What the statistics counted: on the days that lie wholly in the week, and on all that touch it.
 * Without a zone in between they are the same. */
struct counted {
	int64_t least, most;
	bool whole; /* every day that touches the week was told */
};

static bool volume_group(struct sentry *s, const struct jv *group, const struct strv *days,
			 struct keys *told, struct counted *sum, struct err *e)
{
	struct collect *c = s->c;
	struct arena *a = &c->scratch;
	struct err bad = {0};
	struct jv by, series, sums;
	const char *key;
	if (!json_obj(group, "by", &by, &bad) || !json_id(&by, "project", a, &key, &bad) ||
	    !json_obj(group, "series", &series, &bad) ||
	    !json_arr(&series, "sum(quantity)", &sums, &bad)) {
		collect_short(s->volume, "a project's volume could not be read: %s", bad.msg);
		return true;
	}
	struct sentry_project *p = keys_get(&s->by_key, key);
	if (!p || p == &s->none) /* left the organisation, or not asked for */
		return true;
	if (json_count(&sums) != days->n) {
		collect_short(s->volume, "the volume of %s has %zu days instead of %zu", p->slug,
			      json_count(&sums), days->n);
		return true;
	}
	size_t i = 0;
	for (struct jv it = json_first(&sums); it.n; it = json_next(&it), i++) {
		double n;
		const char *text = json_text(&it, a);
		if (!text || !parse_f64(text, &n) || n < 0 || n > 9e15) {
			json_wrong(&it, &bad, "expected a count");
			collect_short(s->volume, "the volume of %s: %s", p->slug, bad.msg);
			return true;
		}
		struct rec_project_day d = {s->cfg->name, p->slug, days->v[i], (int64_t)n};
		if (!errors_put_day(c->db, &d, e))
			return false;
		int64_t day_s = TIME_NONE;
		BUG_ON(!parse_time(arena_printf(a, "%sT00:00:00Z", days->v[i]), &day_s));
		if (day_s < c->week.to_s && day_s + SENTRY_DAY_S > c->week.from_s)
			sum->most += d.events;
		if (day_s >= c->week.from_s && day_s + SENTRY_DAY_S <= c->week.to_s)
			sum->least += d.events;
	}
	keys_put(told, a, p->key, p);
	collect_got(s->volume, 1);
	return true;
}

static bool is_day(const struct strv *days, size_t i, int64_t day_s)
{
	char buf[TIME_TEXT];
	return i < days->n && text_starts(time_iso(day_s, buf), days->v[i]);
}

/* "2026-11-09T00:00:00Z" -> "2026-11-09"; false for what is no day's start. */
static bool volume_days(const struct jv *root, struct arena *a, struct strv *days, struct err *e)
{
	struct jv list;
	if (!json_arr(root, "intervals", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *text = json_text(&it, a);
		int64_t t_s;
		char buf[TIME_TEXT];
		if (!text || !parse_time(text, &t_s) || t_s % SENTRY_DAY_S)
			return json_wrong(&it, e, "expected the start of a UTC day");
		vec_push(a, days, arena_strndup(a, time_iso(t_s, buf), 10));
	}
	return true;
}

#define APART_EVENTS  20 /* events on their way at the week's ends */
#define APART_PERCENT 10 /* issues that were deleted or merged since, times that clients set */

/* The list of issues and the statistics count the same events by two ways. They can be compared
 * only where both count all of them: every environment (statistics know none), the list read to its
 * end, errors alone. What is far apart then is no chance. */
static void compare(struct sentry *s, const struct counted *sum)
{
	int64_t listed = 0;
	if (s->cfg->environments.n > 0 || !s->whole || !sum->whole ||
	    s->volume->l.status != LEDGER_COMPLETE)
		return;
	for (size_t i = 0; i < s->list.n; i++) {
		const struct rec_issue *x = &s->list.v[i]->i;
		if (!s->list.v[i]->listed || (x->category && strcmp(x->category, "error") != 0))
			continue;
		if (x->events == NUM_NONE || !sentry_project_by_key(s, x->project_key))
			return;
		listed += x->events;
	}
	int64_t slack = MAX(APART_EVENTS, MAX(sum->most, listed) * APART_PERCENT / 100);
	int64_t n = listed < sum->least ? sum->least : sum->most;
	if (listed >= sum->least - slack && listed <= sum->most + slack)
		return;
	/* Half of them missing: whole issues are. */
	s->volume->l.affects = listed < sum->least / 2 ? "errors." : "errors.events";
	collect_short(s->volume,
		      "stats_v2 counts %lld error events of the week, the issues list sums %lld",
		      (long long)n, (long long)listed);
}

static bool on_volume(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sentry *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct strv days = {0};
	struct keys told = {0};
	struct counted sum = {0};
	struct jv groups;
	struct err bad = {0};
	const char *why;
	if (r->status == 400 || r->status == 404) { /* an older server without these statistics */
		collect_not_enabled(p, "%s; this Sentry does not count events per day",
				    answer_why(r, "event volume", &sentry_hints, a));
		return true;
	}
	if (!answer_json(r, "event volume", &sentry_hints, a, &j, &why)) {
		collect_fail(p, "%s", why);
		return true;
	}
	struct jv root = json_root(j);
	if (!volume_days(&root, a, &days, &bad) || !json_arr(&root, "groups", &groups, &bad)) {
		collect_fail(p, "the event volume could not be read: %s", bad.msg);
		return true;
	}
	sum.whole =
		is_day(&days, 0, first_day(s)) &&
		is_day(&days, (size_t)((last_day(s) - first_day(s)) / SENTRY_DAY_S), last_day(s));
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&groups); it.n; it = json_next(&it))
		if (!volume_group(s, &it, &days, &told, &sum, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	/* Sentry leaves rows out when there would be too many. */
	for (size_t i = 0; i < s->projects.n; i++)
		if (s->projects.v[i]->has_errors && !keys_get(&told, s->projects.v[i]->key))
			collect_short(p, "no volume for %s, which has events in the list of issues",
				      s->projects.v[i]->slug);
	compare(s, &sum);
	sentry_remember(s, &root);
	return true;
}

void sentry_ask_volume(struct sentry *s, collect_handler f, void *ctx)
{
	struct collect *c = s->c;
	/* "end" is inclusive. */
	int64_t from_s = first_day(s), to_s = last_day(s) + SENTRY_DAY_S - 1;
	sentry_get(
		s, s->volume,
		arena_printf(c->a,
			     "stats_v2/?field=sum%%28quantity%%29&groupBy=project&category=error&"
			     "outcome=accepted&interval=1d&start=%s&end=%s%s",
			     sentry_time(c->a, from_s), sentry_time(c->a, to_s),
			     *s->projects_query ? s->projects_query : "&project=-1"),
		0, f, ctx);
}

void sentry_volume(struct sentry *s)
{
	sentry_ask_volume(s, on_volume, s);
}

/* --- distinct users over all errors --- */

static bool on_users(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sentry *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct fact f = {.week = p->c->week.name,
			 .source = s->cfg->name,
			 .name = "errors.users",
			 .value = NUM_NONE,
			 .at_s = TIME_NONE};
	struct jv rows;
	struct err bad = {0};
	const char *why;
	if (r->status == 400 || r->status == 404) { /* an older server without this query */
		collect_not_enabled(p, "%s; this Sentry does not count distinct users",
				    answer_why(r, "distinct users", &sentry_hints, a));
	} else if (!answer_json(r, "distinct users", &sentry_hints, a, &j, &why)) {
		collect_fail(p, "%s", why);
	} else {
		struct jv root = json_root(j);
		if (!json_arr(&root, "data", &rows, &bad)) {
			collect_fail(p, "distinct users could not be read: %s", bad.msg);
		} else {
			struct jv first = json_first(&rows);
			if (!json_i64(&first, "count_unique(user)", &f.value, &bad))
				collect_fail(p, "distinct users could not be read: %s", bad.msg);
			else
				collect_got(p, 1);
		}
	}
	if (!db_begin(p->c->db, e))
		return false;
	if (f.value == NUM_NONE ? !facts_forget(p->c->db, f.week, f.source, f.name, e)
				: !facts_put(p->c->db, &f, e))
		return false;
	return db_commit(p->c->db, e);
}

void sentry_users(struct sentry *s)
{
	struct collect *c = s->c;
	collect_expect(s->users, 1);
	sentry_get(s, s->users,
		   arena_printf(
			   c->a,
			   "events/?dataset=errors&field=count_unique%%28user%%29&start=%s&end=%s&"
			   "per_page=1%s",
			   sentry_time(c->a, c->week.from_s), sentry_time(c->a, c->week.to_s),
			   s->filter),
		   0, on_users, s);
}
