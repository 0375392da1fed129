#include "collect/sentry.h"

#include "base/text.h"
#include "store/series.h"

#include <math.h>

/* Application metrics: first which there are, then one value of each by project for the week, as
 * many to a request as a table has columns. */

#define COLUMNS 19 /* of 20, the first is the project */

struct metric {
	const char *name, *type, *unit; /* unit NULL: none */
	const char *statistic, *field;
};

struct metrics {
	struct sentry *s;
	VEC(struct metric) list;
	bool nameless; /* a row without a name: no answer to what was asked */
};

/* The field is written into a function's brackets, where commas part its arguments. */
static bool plain(const char *s)
{
	for (; *s; s++)
		if (*s == ',' || *s == '(' || *s == ')' || (unsigned char)*s <= ' ')
			return false;
	return true;
}

static bool name_row(struct list_walk *w, const struct jv *row, struct err *e UNUSED)
{
	struct metrics *x = w->ctx;
	struct arena *a = w->s->c->a;
	struct metric m = {0};
	struct err bad = {0};
	if (!json_is_obj(row) || !json_str_opt(row, "metric.name", a, &m.name, &bad) ||
	    !json_str_opt(row, "metric.type", a, &m.type, &bad) ||
	    !json_str_opt(row, "metric.unit", a, &m.unit, &bad)) {
		collect_short(w->p, "a metric could not be read: %s",
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	x->nameless |= !m.name;
	if (!m.name)
		return true;
	if (!*m.name || !plain(m.name) || !m.type || !plain(m.type) || (m.unit && !plain(m.unit))) {
		collect_short(w->p, "the metric \"%s\" cannot be asked for by its name",
			      text_line(a, m.name, 60));
		return true;
	}
	if (m.unit && !*m.unit)
		m.unit = NULL;
	m.statistic = !strcmp(m.type, "counter")	? "sum"
		      : !strcmp(m.type, "distribution") ? "p95"
							: "avg";
	m.field = arena_printf(a, "%s(value,%s,%s,%s)", m.statistic, m.name, m.type,
			       m.unit ? m.unit : "-");
	vec_push(a, &x->list, m);
	return true;
}

/* --- values --- */

struct block { /* of metrics in one request */
	struct metrics *x;
	size_t from, to;
};

static bool value_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	const struct block *b = w->ctx;
	struct collect *c = w->s->c;
	struct err bad = {0};
	const char *slug;
	if (!json_is_obj(row) || !json_str(row, "project", &c->scratch, &slug, &bad)) {
		collect_short(w->p, "a project's metrics could not be read: %s",
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	const struct sentry_project *p = sentry_project_by_slug(w->s, slug);
	for (size_t i = b->from; p && i < b->to; i++) {
		const struct metric *m = &b->x->list.v[i];
		struct rec_point point = {.at_s = c->week.from_s};
		struct rec_series line = {
			.source = w->s->cfg->name,
			.kind = "metric",
			.board = p->slug,
			.panel = m->name,
			.label = "",
			.unit = m->unit,
			.statistic = m->statistic,
			.period_s = c->week.to_s - c->week.from_s,
			.position = (int64_t)i,
			.week = c->week.name,
			.status = LEDGER_COMPLETE,
		};
		if (!json_f64_opt(row, m->field, &point.value, &bad)) {
			collect_short(w->p, "metric %s of %s: %s", m->name, p->slug, bad.msg);
			continue;
		}
		if (!isfinite(point.value)) /* this project does not have it */
			continue;
		vec_push(&c->scratch, &line.points, point);
		if (!series_put(c->db, &line, c->week.from_s, c->week.to_s, clock_now(c->clock), e))
			return false;
		collect_got(w->p, 1);
	}
	return true;
}

static bool block_done(struct list_walk *w, enum list_end end, const struct http_response *r,
		       struct err *e UNUSED)
{
	if (end == LIST_ABSENT)
		collect_short(w->p, "%s", answer_why(r, w->what, &sentry_hints, &w->s->c->scratch));
	return true;
}

static void ask_block(struct metrics *x, size_t from)
{
	struct sentry *s = x->s;
	struct arena *a = s->c->a;
	struct block *b = arena_new(a, struct block);
	struct list_walk *w = arena_new(a, struct list_walk);
	struct sb path;
	*b = (struct block){x, from, MIN(from + COLUMNS, x->list.n)};
	sb_init(&path, a, (size_t)1 << 20);
	sb_add(&path, "events/?dataset=tracemetrics&field=project");
	for (size_t i = b->from; i < b->to; i++)
		sb_addf(&path, "&field=%s", page_encode(a, x->list.v[i].field));
	sb_addf(&path, "&per_page=100&start=%s&end=%s%s", sentry_time(a, s->c->week.from_s),
		sentry_time(a, s->c->week.to_s), s->filter);
	*w = (struct list_walk){
		.s = s,
		.p = s->metrics,
		.what = "metrics by project",
		.path = sb_str(&path),
		.key = "data",
		.of_many = true,
		.row = value_row,
		.done = block_done,
		.ctx = b,
	};
	sentry_list(w);
}

static bool names_done(struct list_walk *w, enum list_end end, const struct http_response *r UNUSED,
		       struct err *e)
{
	struct metrics *x = w->ctx;
	struct collect *c = w->s->c;
	if (end == LIST_ABSENT || end == LIST_FAILED)
		return true;
	if (!db_begin(c->db, e) ||
	    !series_forget(c->db, c->week.name, w->s->cfg->name, "metric", e) ||
	    !db_commit(c->db, e))
		return false;
	if (x->nameless && x->list.n == 0)
		collect_not_enabled(w->p, "%s: the answer names none", w->what);
	if (x->list.n == 0)
		collect_expect(w->p, 0);
	for (size_t i = 0; i < x->list.n; i += COLUMNS)
		ask_block(x, i);
	return true;
}

void sentry_metrics(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct metrics *x = arena_new(a, struct metrics);
	struct list_walk *w = arena_new(a, struct list_walk);
	*x = (struct metrics){.s = s};
	*w = (struct list_walk){
		.s = s,
		.p = s->metrics,
		.what = "metrics",
		.path = arena_printf(
			a,
			"events/?dataset=tracemetrics&field=metric.name&field=metric.type&"
			"field=metric.unit&field=count%%28metric.name%%29&"
			"sort=-count%%28metric.name%%29&per_page=100&start=%s&end=%s%s",
			sentry_time(a, s->c->week.from_s), sentry_time(a, s->c->week.to_s),
			s->filter),
		.key = "data",
		.absent = "this Sentry has no application metrics",
		.row = name_row,
		.done = names_done,
		.ctx = x,
	};
	sentry_list(w);
}
