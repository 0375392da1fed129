#include "collect/status_page.h"

#include "base/parse.h"
#include "base/text.h"
#include "collect/answer.h"
#include "collect/sources.h"
#include "store/series.h"

#include <math.h>

#define DAY_S	      INT64_C(86400)
#define YEAR_DAYS     364 /* Upptime looks back 365 days from the moment it writes the page */
#define MINUTES_A_DAY 1440

/* "96.80%", "100 %" or 96.8; NaN for anything else. */
static double percent(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *s = json_is_null(&v) ? NULL : json_text(&v, a);
	double d = NAN;
	if (!s)
		return NAN;
	s += strspn(s, " ");
	size_t n = strcspn(s, "% ");
	const char *rest = s + n + strspn(s + n, " ");
	rest += *rest == '%';
	if (rest[strspn(rest, " ")] || !parse_f64(arena_strndup(a, s, n), &d) || d < 0 || d > 100)
		return NAN;
	return d;
}

static bool down(const struct jv *days, const struct status_page_week *w, struct arena *a,
		 int64_t each[7], int64_t *out, struct err *e)
{
	int64_t sum = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct jv v = json_get(days, w->days[i]);
		double minutes = 0;
		if (json_is_null(&v))
			continue;
		const char *s = json_text(&v, a);
		if (!s || !parse_f64(s, &minutes) || minutes < 0)
			return json_wrong(&v, e, "expected minutes");
		int64_t n = MIN(llround(fmin(minutes, MINUTES_A_DAY)), MINUTES_A_DAY);
		sum += n;
		if (i < 7)
			each[i] = n;
	}
	*out = sum;
	return true;
}

static const char *slug_of(const char *name, struct arena *a)
{
	char *out = arena_strdup(a, text_lower(a, name));
	for (char *p = out; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", *p))
			*p = '-';
	return out;
}

static const char *text_member(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *s = json_is_null(&v) ? NULL : json_text(&v, a);
	return s && *s ? s : NULL;
}

bool status_page_site(const struct jv *v, const struct status_page_week *w, struct arena *a,
		      struct availability_week *out, struct err *e)
{
	struct availability_week x = {.source = w->source,
				      .week = w->week->name,
				      .minutes_down = NUM_NONE,
				      .response_ms = NUM_NONE,
				      .percent = NAN};
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a site");
	x.slug = text_member(v, "slug", a);
	x.name = text_member(v, "name", a);
	x.url = text_member(v, "url", a);
	x.state = text_member(v, "status", a);
	if (!x.slug && x.name)
		x.slug = slug_of(x.name, a);
	if (!x.slug)
		return json_wrong(v, e, "expected \"slug\" or \"name\"");
	struct jv days = json_get(v, "dailyMinutesDown");
	struct err ignored = {0};
	int64_t to_s = MIN(w->week->to_s, w->now_s), minutes = (to_s - w->week->from_s) / 60;
	if (!json_i64_opt(v, "timeWeek", &x.response_ms, &ignored))
		x.response_ms = NUM_NONE;
	bool near = w->now_s >= w->week->to_s - DAY_S && w->now_s <= w->week->to_s + DAY_S;
	double week = near ? percent(v, "uptimeWeek", a) : NAN;
	/* No day at all beside a figure under 100: the page does not keep the days. */
	bool kept = json_is_obj(&days) && (json_count(&days) > 0 || !(week < 100));
	if (kept && minutes > 0 && w->now_s - w->week->from_s < YEAR_DAYS * DAY_S) {
		if (!down(&days, w, a, x.days_down, &x.minutes_down, e))
			return false;
		x.percent =
			100.0 * (double)(minutes - MIN(x.minutes_down, minutes)) / (double)minutes;
		x.basis = "minutes";
	} else if (!isnan(week)) {
		x.percent = week;
		x.basis = "page";
	}
	*out = x;
	return true;
}

/* --- the page --- */

static const char *date_of(const struct collect *c, int day)
{
	struct local l = zone_local(c->zone, week_day(c->zone, &c->week, day) + DAY_S / 2);
	return arena_printf(c->a, "%04lld-%02d-%02d", (long long)l.year, l.month, l.day);
}

struct page {
	const char *source;
};

struct tally {
	struct strv affected, slugs;
};

static void touched(struct part *p, struct tally *t, const char *id)
{
	struct sb all;
	vec_push(p->c->a, &t->affected, id);
	sb_init(&all, p->c->a, SIZE_MAX / 8);
	for (size_t i = 0; i < t->affected.n; i++)
		sb_addf(&all, "%s%s", i ? " " : "", t->affected.v[i]);
	p->l.affects = sb_str(&all);
}

/* What the configuration names and the page has not: a slip, or a site that was taken off. Another
 * page may have it. */
static void sites_missing(struct part *p, struct tally *t)
{
	const struct config *cfg = p->c->cfg;
	if (cfg->status_page.n != 1)
		return;
	for (size_t i = 0; i < cfg->services.n; i++) {
		const struct service *s = &cfg->services.v[i];
		for (size_t k = 0; k < s->status_page.n; k++) {
			bool found = false;
			for (size_t n = 0; n < t->slugs.n; n++)
				found |= text_eq(t->slugs.v[n], s->status_page.v[k]);
			if (found)
				continue;
			touched(p, t, watch_availability_id(p->c->a, s->name));
			collect_expect(p, 1);
			collect_short(p, "service %s: the page has no site \"%s\"", s->name,
				      s->status_page.v[k]);
		}
	}
}

/* The days that have begun. */
static bool put_days(struct collect *c, const struct availability_week *x, struct err *e)
{
	struct rec_series s = {.source = x->source,
			       .kind = "downtime",
			       .board = x->slug,
			       .panel = "minutes down",
			       .label = "",
			       .unit = "minutes",
			       .period_s = DAY_S,
			       .week = c->week.name,
			       .status = LEDGER_COMPLETE};
	if (!text_eq(x->basis, "minutes"))
		return true;
	for (int i = 0; i < 7; i++) {
		int64_t at_s = week_day(c->zone, &c->week, i);
		if (at_s < clock_now(c->clock))
			vec_push(c->a, &s.points,
				 ((struct rec_point){at_s, (double)x->days_down[i]}));
	}
	return series_put(c->db, &s, c->week.from_s, c->week.to_s, clock_now(c->clock), e);
}

static bool store(struct part *p, const char *source, const struct jv *rows, struct err *e)
{
	struct collect *c = p->c;
	struct status_page_week w = {
		.source = source, .week = &c->week, .n = 7, .now_s = clock_now(c->clock)};
	struct tally t = {0};
	for (int i = 0; i < 7; i++)
		w.days[i] = date_of(c, i);
	if (!db_begin(c->db, e) || !watch_forget_availability(c->db, c->week.name, source, e) ||
	    !series_forget(c->db, c->week.name, source, "downtime", e))
		return false;
	collect_expect(p, (int64_t)json_count(rows));
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct availability_week x;
		struct err bad = {0};
		if (!status_page_site(&it, &w, c->a, &x, &bad)) {
			const char *slug = text_member(&it, "slug", c->a);
			if (slug)
				vec_push(c->a, &t.slugs, slug);
			touched(p, &t,
				slug ? watch_availability_id(c->a, watch_site_service(c->cfg, slug))
				     : "availability.");
			collect_short(p, "a site could not be read: %s", bad.msg);
			continue;
		}
		vec_push(c->a, &t.slugs, x.slug);
		if (!watch_put_availability(c->db, &x, w.now_s, e) || !put_days(c, &x, e))
			return false;
		if (x.basis) {
			collect_got(p, 1);
			continue;
		}
		touched(p, &t, watch_availability_id(c->a, watch_site_service(c->cfg, x.slug)));
		collect_short(p,
			      "%s: the page has no minutes down of the week's days, and its own "
			      "figure is of another week",
			      x.slug);
	}
	sites_missing(p, &t);
	return db_commit(c->db, e);
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	static const struct answer_hints hints = {
		.e401 = "a status page is read without a token; is the url right?",
		.e403 = "a status page is read without a token; is the url right?",
		.e404 = "url must be that of Upptime's summary.json",
		.not_json = "url must be that of Upptime's summary.json",
	};
	const struct page *page = ctx;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why;
	if (!answer_json(r, "summary.json", &hints, &p->c->scratch, &j, &why)) {
		collect_fail(p, "%s", why);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_is_arr(&root)) {
		collect_fail(p, "summary.json: not a list of sites; %s", hints.not_json);
		return true;
	}
	return store(p, page->source, &root, e);
}

bool status_page_seed(struct collect *c, const struct status_page_source *s, struct err *e UNUSED)
{
	struct part *p = collect_part(c, s->name, "status_page", "availability.");
	struct http_request rq = {.url = s->url};
	p->budget = collect_budget(c);
	struct page *page = arena_new(c->a, struct page);
	page->source = s->name;
	collect_submit(p, &rq, on_page, page);
	return true;
}
