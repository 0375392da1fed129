#include "collect/sentry.h"

#include "base/parse.h"
#include "base/text.h"
#include "store/errors.h"
#include "store/facts.h"

#define DAY_S ((int64_t)86400)

/* --- accepted error events per project and day --- */

static bool volume_group(struct sentry *s, const struct jv *group, const struct strv *days,
			 struct keys *told, struct err *e)
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
	}
	keys_put(told, a, p->key, p);
	collect_got(s->volume, 1);
	return true;
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
		if (!text || !parse_time(text, &t_s) || t_s % DAY_S)
			return json_wrong(&it, e, "expected the start of a UTC day");
		vec_push(a, days, arena_strndup(a, time_iso(t_s, buf), 10));
	}
	return true;
}

static bool on_volume(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sentry *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct strv days = {0};
	struct keys told = {0};
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
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&groups); it.n; it = json_next(&it))
		if (!volume_group(s, &it, &days, &told, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	/* Sentry leaves rows out when there would be too many. */
	for (size_t i = 0; i < s->projects.n; i++)
		if (s->projects.v[i]->has_errors && !keys_get(&told, s->projects.v[i]->key))
			collect_short(p, "no volume for %s, which has events in the list of issues",
				      s->projects.v[i]->slug);
	return true;
}

void sentry_volume(struct sentry *s)
{
	struct collect *c = s->c;
	/* Whole UTC days that touch the week; "end" is inclusive. */
	int64_t from_s = c->week.from_s - c->week.from_s % DAY_S;
	int64_t last_s = c->week.to_s - 1;
	int64_t to_s = last_s - last_s % DAY_S + DAY_S - 1;
	sentry_get(
		s, s->volume,
		arena_printf(c->a,
			     "stats_v2/?field=sum%%28quantity%%29&groupBy=project&category=error&"
			     "outcome=accepted&interval=1d&start=%s&end=%s%s",
			     sentry_time(c->a, from_s), sentry_time(c->a, to_s),
			     *s->projects_query ? s->projects_query : "&project=-1"),
		0, on_volume, s);
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
