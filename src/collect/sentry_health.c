#include "collect/sentry.h"

#include "base/parse.h"
#include "base/text.h"
#include "store/series.h"

#include <math.h>

/* Release health: one request gives the week and each of its UTC days. */

static const struct {
	const char *field, *panel, *unit;
} lines[] = {
	{"crash_free_rate(session)", "crash-free sessions", "ratio"},
	{"crash_free_rate(user)", "crash-free users", "ratio"},
	{"sum(session)", "sessions", "sessions"},
	{"count_unique(user)", "users", "users"},
};

struct answered { /* Sentry rounds what it was asked for to whole intervals */
	int64_t from_s, to_s;
	VEC(int64_t) days; /* their starts */
};

static bool put_line(struct sentry *s, const struct sentry_project *p, size_t i, bool daily,
		     struct rec_series *line, const struct answered *range, struct err *e)
{
	struct collect *c = s->c;
	int64_t week_s = c->week.to_s - c->week.from_s;
	line->source = s->cfg->name;
	line->kind = "health";
	line->board = p->slug;
	line->panel = lines[i].panel;
	line->label = daily ? "daily" : "";
	line->unit = lines[i].unit;
	line->statistic = lines[i].field;
	line->position = (int64_t)i * 2 + daily;
	line->week = c->week.name;
	line->status = LEDGER_COMPLETE;
	line->period_s = daily ? SENTRY_DAY_S : week_s;
	if (!daily && (range->from_s != c->week.from_s || range->to_s != c->week.to_s)) {
		char from[TIME_TEXT], to[TIME_TEXT];
		line->period_s = range->to_s - range->from_s;
		line->reason =
			arena_printf(&c->scratch, "Sentry answered for %s to %s",
				     time_iso(range->from_s, from), time_iso(range->to_s, to));
	}
	int64_t from_s = daily ? MIN(range->from_s, c->week.from_s) : c->week.from_s,
		to_s = daily ? MAX(range->to_s, c->week.to_s) : c->week.to_s;
	return series_put(c->db, line, from_s, to_s, clock_now(c->clock), e);
}

static bool number(const struct jv *v, struct arena *a, double *out)
{
	const char *text = json_text(v, a);
	return text && parse_f64(text, out) && isfinite(*out);
}

/* A project that sent no session at all has no lines: nothing is known of it, so not 0 %. */
static bool put_group(struct part *p, struct sentry *s, const struct jv *group,
		      const struct answered *range, struct err *e)
{
	struct collect *c = s->c;
	struct err bad = {0};
	struct jv by, totals, series;
	const char *key;
	if (!json_is_obj(group) || !json_obj(group, "by", &by, &bad) ||
	    !json_id(&by, "project", &c->scratch, &key, &bad) ||
	    !json_obj_opt(group, "totals", &totals, &bad) ||
	    !json_obj_opt(group, "series", &series, &bad)) {
		collect_short(p, "a project's health could not be read: %s",
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	const struct sentry_project *project = sentry_project_by_key(s, key);
	if (!project)
		return true;
	bool any = false;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct rec_series week = {0}, daily = {0};
		struct rec_point point = {.at_s = c->week.from_s};
		struct jv total = json_get(&totals, lines[i].field),
			  list = json_get(&series, lines[i].field);
		if (number(&total, &c->scratch, &point.value))
			vec_push(&c->scratch, &week.points, point);
		size_t k = 0;
		for (struct jv it = json_first(&list); it.n && k < range->days.n;
		     it = json_next(&it), k++) {
			struct rec_point day = {.at_s = range->days.v[k]};
			if (number(&it, &c->scratch, &day.value))
				vec_push(&c->scratch, &daily.points, day);
		}
		if (week.points.n && !put_line(s, project, i, false, &week, range, e))
			return false;
		if (daily.points.n && !put_line(s, project, i, true, &daily, range, e))
			return false;
		any |= week.points.n > 0;
	}
	if (any)
		collect_got(p, 1);
	return true;
}

static bool read_range(const struct sentry *s, const struct jv *root, struct answered *out,
		       struct err *e)
{
	struct jv list;
	if (!json_time_opt(root, "start", &out->from_s, e) ||
	    !json_time_opt(root, "end", &out->to_s, e) ||
	    !json_arr_opt(root, "intervals", &list, e))
		return false;
	if (out->from_s == TIME_NONE || out->to_s == TIME_NONE || out->from_s >= out->to_s) {
		out->from_s = s->c->week.from_s;
		out->to_s = s->c->week.to_s;
	}
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *text = json_text(&it, &s->c->scratch);
		int64_t t_s;
		if (!text || !parse_time(text, &t_s))
			return json_wrong(&it, e, "expected a time");
		if (t_s < MIN(out->from_s, s->c->week.from_s) ||
		    t_s >= MAX(out->to_s, s->c->week.to_s) ||
		    (out->days.n && t_s <= out->days.v[out->days.n - 1]))
			return json_wrong(&it, e, "expected ascending times inside the range");
		vec_push(&s->c->scratch, &out->days, t_s);
	}
	return true;
}

static bool on_sessions(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sentry *s = ctx;
	struct collect *c = p->c;
	CLEANUP(json_freep) struct json *j = NULL;
	struct answered range = {0};
	struct jv groups;
	struct err bad = {0};
	const char *why;
	if (sentry_absent(r)) {
		collect_not_enabled(p, "%s; this Sentry tells nothing of release health",
				    answer_why(r, "release health", &sentry_hints, &c->scratch));
		return true;
	}
	if (!answer_json(r, "release health", &sentry_hints, &c->scratch, &j, &why)) {
		collect_fail(p, "%s", why);
		return true;
	}
	struct jv root = json_root(j);
	if (!read_range(s, &root, &range, &bad) || !json_arr(&root, "groups", &groups, &bad)) {
		collect_fail(p, "the release health could not be read: %s", bad.msg);
		return true;
	}
	if (!db_begin(c->db, e) || !series_forget(c->db, c->week.name, s->cfg->name, "health", e))
		return false;
	for (struct jv it = json_first(&groups); it.n; it = json_next(&it))
		if (!put_group(p, s, &it, &range, e))
			return false;
	collect_expect(p, p->l.received);
	return db_commit(c->db, e);
}

void sentry_health(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct sb b;
	sb_init(&b, a, (size_t)1 << 20);
	sb_add(&b, "sessions/?");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		sb_addf(&b, "field=%s&", page_encode(a, lines[i].field));
	sb_addf(&b, "groupBy=project&interval=1d&start=%s&end=%s%s",
		sentry_time(a, s->c->week.from_s), sentry_time(a, s->c->week.to_s), s->filter);
	sentry_get(s, s->health, sb_str(&b), 0, on_sessions, s);
}
