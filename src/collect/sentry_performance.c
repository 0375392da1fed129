#include "collect/sentry.h"

#include "base/text.h"
#include "store/series.h"

#include <math.h>

/* Transactions of a week, by project: one table, and for the busiest projects a line per day. New
 * servers answer from spans; older ones know one of the other data sets, the name of which changed
 * over the years. */

#define TOP 10 /* events-timeseries gives no more groups */

struct dataset {
	const char *name, *query, *duration;
};
static const struct dataset datasets[] = {
	{"spans", "is_transaction%3Atrue", "span.duration"},
	{"transactions", "", "transaction.duration"},
	{"metricsEnhanced", "event.type%3Atransaction", "transaction.duration"},
	{"discover", "event.type%3Atransaction", "transaction.duration"},
};

struct table {
	struct sentry *s;
	size_t at; /* in datasets */
	bool forgotten, nameless; /* nameless: a row without a project */
	const char *refused; /* why the first data set was */
};

enum measure { THROUGHPUT, P75, P95, FAILURES, MEASURES };
static const struct {
	const char *panel, *statistic, *unit;
	const char *function; /* of the duration, if it has no brackets of its own */
} measures[MEASURES] = {
	{"throughput", "count", "transactions", "count()"},
	{"p75", "p75", "millisecond", "p75"},
	{"p95", "p95", "millisecond", "p95"},
	{"failure rate", "failure_rate", "ratio", "failure_rate()"},
};

static const char *field_of(enum measure m, const struct dataset *d, struct arena *a)
{
	const char *function = measures[m].function;
	return strchr(function, '(') ? function : arena_printf(a, "%s(%s)", function, d->duration);
}

static struct rec_series line_of(const struct sentry *s, const struct sentry_project *p,
				 enum measure m, bool daily)
{
	return (struct rec_series){
		.source = s->cfg->name,
		.kind = "performance",
		.board = p->slug,
		.panel = measures[m].panel,
		.label = daily ? "daily" : "",
		.unit = measures[m].unit,
		.statistic = measures[m].statistic,
		.period_s = daily ? SENTRY_DAY_S : s->c->week.to_s - s->c->week.from_s,
		.position = (int64_t)m * 2 + daily,
		.week = s->c->week.name,
		.status = LEDGER_COMPLETE,
	};
}

/* --- the week's table --- */

/* Sampled spans are counted up to what they stand for; a thin sample is only an estimate. */
static const char *estimate(const struct list_walk *w, const char *field)
{
	struct jv meta = json_get(w->root, "meta"), scanned = json_get(&meta, "dataScanned");
	struct arena *a = &w->s->c->scratch;
	if (json_is_str(&scanned) && text_eq(json_text(&scanned, a), "partial"))
		return "an estimate: Sentry looked at part of the data only";
	struct jv accuracy = json_get(&meta, "accuracy"), rows = json_get(&accuracy, "confidence"),
		  row = json_first(&rows);
	for (size_t i = 0; row.n && i < w->rows; i++)
		row = json_next(&row);
	struct jv word = json_get(&row, field);
	if (json_is_str(&word) && text_eq(json_text(&word, a), "low"))
		return "an estimate: Sentry kept few samples of it";
	return NULL;
}

static const char *unit_of(const struct list_walk *w, const char *field, const char *otherwise)
{
	struct jv meta = json_get(w->root, "meta"), units = json_get(&meta, "units"),
		  unit = json_get(&units, field);
	return json_is_str(&unit) ? json_text(&unit, &w->s->c->scratch) : otherwise;
}

static bool put_measure(struct list_walk *w, const struct sentry_project *p, const struct jv *row,
			enum measure m, struct err *e)
{
	const struct table *t = w->ctx;
	struct sentry *s = w->s;
	struct arena *a = &s->c->scratch;
	const char *field = field_of(m, &datasets[t->at], a);
	struct rec_series line = line_of(s, p, m, false);
	struct rec_point point = {.at_s = s->c->week.from_s};
	struct err bad = {0};
	if (!json_f64_opt(row, field, &point.value, &bad)) {
		collect_short(w->p, "%s of %s: %s", measures[m].panel, p->slug, bad.msg);
		return true;
	}
	if (isfinite(point.value))
		vec_push(a, &line.points, point);
	line.unit = unit_of(w, field, line.unit);
	line.reason = estimate(w, field);
	if (line.reason)
		line.status = LEDGER_PARTIAL;
	return series_put(s->c->db, &line, s->c->week.from_s, s->c->week.to_s,
			  clock_now(s->c->clock), e);
}

static bool forget(struct table *t, struct err *e)
{
	struct collect *c = t->s->c;
	if (t->forgotten)
		return true;
	t->forgotten = true;
	return series_forget(c->db, c->week.name, t->s->cfg->name, "performance", e);
}

static bool table_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	struct table *t = w->ctx;
	struct err bad = {0};
	const char *slug;
	if (!forget(t, e))
		return false;
	if (!json_is_obj(row) || !json_str_opt(row, "project", &w->s->c->scratch, &slug, &bad)) {
		collect_short(w->p, "a project's performance could not be read: %s",
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	t->nameless |= !slug;
	const struct sentry_project *p = sentry_project_by_slug(w->s, slug);
	if (!p)
		return true;
	for (enum measure m = 0; m < MEASURES; m++)
		if (!put_measure(w, p, row, m, e))
			return false;
	collect_got(w->p, 1);
	return true;
}

static void ask_table(struct table *t);
static void ask_days(struct sentry *s);

static bool nothing(struct table *t, struct err *e)
{
	struct db *db = t->s->c->db;
	return t->forgotten || (db_begin(db, e) && forget(t, e) && db_commit(db, e));
}

/* Spans may be empty where transactions are still kept by the older way. */
static bool others_may_have(const struct table *t)
{
	if (t->at > 0 || t->s->performance->l.received > 0)
		return false;
	for (size_t i = 0; i < t->s->projects.n; i++)
		if (t->s->projects.v[i]->has_transactions)
			return true;
	return false;
}

static bool table_done(struct list_walk *w, enum list_end end, const struct http_response *r,
		       struct err *e)
{
	struct table *t = w->ctx;
	struct sentry *s = t->s;
	struct part *days = s->performance_days;
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		if (others_may_have(t)) {
			t->at++;
			ask_table(t);
			return true;
		}
		if (t->nameless && w->p->l.received == 0)
			collect_not_enabled(w->p, "%s: the answer names no project", w->what);
		collect_expect(w->p, w->p->l.received);
		if (t->at == 0 && w->p->l.received > 0) {
			ask_days(s);
			return true;
		}
		if (t->at == 0)
			collect_expect(days, 0);
		else
			collect_not_enabled(days,
					    "this Sentry has no numbers per day (data set %s)",
					    datasets[t->at].name);
		return nothing(t, e);
	case LIST_ABSENT:
		if (!t->refused)
			t->refused = arena_strdup(
				s->c->a, answer_why(r, w->what, &sentry_hints, &s->c->scratch));
		if (r->status == 400 && t->at + 1 < ARRAY_SIZE(datasets)) {
			t->at++;
			ask_table(t);
			return true;
		}
		collect_not_enabled(w->p, "%s; this Sentry tells nothing of performance",
				    t->refused);
		collect_not_enabled(days, "as for the whole week");
		return true;
	case LIST_CUT:
		collect_short(days, "the table of projects ended early");
		return true;
	case LIST_FAILED:
		collect_fail(days, "the table of projects could not be had");
		return true;
	}
	return true;
}

static const char *span_of(const struct sentry *s)
{
	struct arena *a = s->c->a;
	return arena_printf(a, "start=%s&end=%s%s", sentry_time(a, s->c->week.from_s),
			    sentry_time(a, s->c->week.to_s), s->filter);
}

static void ask_table(struct table *t)
{
	struct sentry *s = t->s;
	struct arena *a = s->c->a;
	const struct dataset *d = &datasets[t->at];
	struct list_walk *w = arena_new(a, struct list_walk);
	struct sb b;
	sb_init(&b, a, (size_t)1 << 20);
	sb_addf(&b, "events/?dataset=%s&field=project", d->name);
	for (enum measure m = 0; m < MEASURES; m++)
		sb_addf(&b, "&field=%s", page_encode(a, field_of(m, d, a)));
	if (*d->query)
		sb_addf(&b, "&query=%s", d->query);
	sb_addf(&b, "&sort=-count%%28%%29&per_page=100&%s", span_of(s));
	*w = (struct list_walk){
		.s = s,
		.p = s->performance,
		.what = arena_printf(a, "performance (%s)", d->name),
		.path = sb_str(&b),
		.key = "data",
		.row = table_row,
		.done = table_done,
		.ctx = t,
	};
	sentry_list(w);
}

void sentry_performance(struct sentry *s)
{
	struct table *t = arena_new(s->c->a, struct table);
	*t = (struct table){.s = s};
	ask_table(t);
}

/* --- per day --- */

struct days {
	enum measure m;
	int64_t from_s, to_s; /* whole UTC days */
};

static const struct sentry_project *group_of(const struct sentry *s, const struct jv *line)
{
	struct jv list = json_get(line, "groupBy");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct jv key = json_get(&it, "key"), value = json_get(&it, "value");
		if (json_is_str(&key) && json_is_str(&value) &&
		    text_eq(json_text(&key, &s->c->scratch), "project"))
			return sentry_project_by_slug(s, json_text(&value, &s->c->scratch));
	}
	return NULL; /* "other", or a project that is not asked for */
}

static bool day_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	const struct days *d = w->ctx;
	struct sentry *s = w->s;
	struct arena *a = &s->c->scratch;
	struct err bad = {0};
	struct jv values;
	const struct sentry_project *p = group_of(s, row);
	if (!p)
		return true;
	struct rec_series line = line_of(s, p, d->m, true);
	int64_t before_s = TIME_NONE;
	bool ok = json_arr(row, "values", &values, &bad);
	for (struct jv it = ok ? json_first(&values) : (struct jv){0}; it.n && ok;
	     it = json_next(&it)) {
		double at_ms, value;
		bool incomplete = false;
		ok = json_f64(&it, "timestamp", &at_ms, &bad) &&
		     json_f64_opt(&it, "value", &value, &bad) &&
		     json_bool_opt(&it, "incomplete", &incomplete, &bad);
		if (!ok || !(at_ms >= 0 && at_ms < 1e15))
			continue;
		struct rec_point point = {(int64_t)(at_ms / 1000), value}; /* here, milliseconds */
		if (point.at_s < d->from_s || point.at_s >= d->to_s || point.at_s <= before_s ||
		    !isfinite(value))
			continue;
		before_s = point.at_s;
		vec_push(a, &line.points, point);
		if (incomplete) {
			line.status = LEDGER_PARTIAL;
			line.reason = "Sentry had not counted a day to its end";
		}
	}
	if (!ok) {
		collect_short(w->p, "%s of %s per day: %s", measures[d->m].panel, p->slug, bad.msg);
		return true;
	}
	struct jv meta = json_get(row, "meta"), unit = json_get(&meta, "valueUnit");
	if (json_is_str(&unit))
		line.unit = json_text(&unit, a);
	collect_got(w->p, 1);
	return series_put(s->c->db, &line, d->from_s, d->to_s, clock_now(s->c->clock), e);
}

static bool days_done(struct list_walk *w, enum list_end end, const struct http_response *r UNUSED,
		      struct err *e UNUSED)
{
	if (end == LIST_WHOLE)
		collect_expect(w->p, 0);
	return true;
}

static void ask_days(struct sentry *s)
{
	static const enum measure asked[] = {THROUGHPUT, P95};
	struct collect *c = s->c;
	struct arena *a = c->a;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct days *d = arena_new(a, struct days);
		struct list_walk *w = arena_new(a, struct list_walk);
		int64_t last_s = c->week.to_s - 1;
		*d = (struct days){.m = asked[i],
				   .from_s = c->week.from_s - c->week.from_s % SENTRY_DAY_S,
				   .to_s = last_s - last_s % SENTRY_DAY_S + SENTRY_DAY_S};
		*w = (struct list_walk){
			.s = s,
			.p = s->performance_days,
			.what = arena_printf(a, "%s per day", measures[d->m].panel),
			.path = arena_printf(
				a,
				"events-timeseries/?dataset=%s&query=%s&yAxis=%s&groupBy=project&"
				"topEvents=%d&sort=-count%%28%%29&excludeOther=1&interval=%lld&%s",
				datasets[0].name, datasets[0].query,
				page_encode(a, field_of(d->m, &datasets[0], a)), TOP,
				(long long)SENTRY_DAY_S, span_of(s)),
			.key = "timeSeries",
			.absent = "this Sentry has no numbers per day",
			.row = day_row,
			.done = days_done,
			.ctx = d,
		};
		sentry_list(w);
	}
}
