#include "digest/performance.h"

#include "base/text.h"
#include "digest/study.h"

#include <math.h>

enum measure_kind { LEVEL, COUNT };

static double value_at(const struct rec_series *s, int64_t t_s)
{
	for (size_t i = 0; i < s->points.n; i++)
		if (s->points.v[i].at_s == t_s)
			return s->points.v[i].value;
	return NAN;
}

static struct measured measure(const struct study *f, const struct rec_series *s,
			       enum measure_kind kind)
{
	double past[STUDY_WEEKS];
	struct measured m = {.now = value_at(s, f->from_s), .estimate = s->reason != NULL};
	m.before = value_at(s, f->weeks[STUDY_WEEKS - 2].from_s);
	for (int i = STUDY_WEEKS - 2; i >= 0; i--) { /* newest first */
		double v = value_at(s, f->weeks[i].from_s);
		if (!isnan(v))
			past[m.weeks++] = v;
	}
	m.usual = kind == COUNT ? stats_usual_count(past, m.weeks)
				: stats_usual_level(past, m.weeks, false);
	return m;
}

static struct project_row *row_of(struct study *f, const struct rec_series *s)
{
	struct performance_week *w = &f->performance;
	for (size_t i = 0; i < w->projects.n; i++)
		if (text_eq(w->projects.v[i].project, s->board) &&
		    text_eq(w->projects.v[i].source, s->source))
			return &w->projects.v[i];
	const struct measured none = {.now = NAN, .before = NAN, .usual = {NAN, NAN}};
	struct project_row r = {.source = s->source,
				.project = s->board,
				.p95_ms = none,
				.transactions = none,
				.failure = none,
				.crash_free = none};
	vec_push(f->a, &w->projects, r);
	return &w->projects.v[w->projects.n - 1];
}

static void add_line(struct study *f, const struct rec_series *s)
{
	static const struct {
		const char *statistic;
		size_t at;
		enum measure_kind kind;
	} all[] = {{"p95", offsetof(struct project_row, p95_ms), LEVEL},
		   {"count", offsetof(struct project_row, transactions), COUNT},
		   {"failure_rate", offsetof(struct project_row, failure), LEVEL},
		   {"crash_free_rate(session)", offsetof(struct project_row, crash_free), LEVEL}};
	if (*s->label || s->status == LEDGER_FAILED || s->status == LEDGER_NOT_ENABLED)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!text_eq(s->statistic, all[i].statistic))
			continue;
		struct measured m = measure(f, s, all[i].kind);
		if (isnan(m.now))
			return;
		char *row = (char *)row_of(f, s);
		memcpy(row + all[i].at, &m, sizeof m);
	}
}

static int slowest_first(const void *p, const void *q)
{
	const struct project_row *x = p, *y = q;
	bool kx = !isnan(x->p95_ms.now), ky = !isnan(y->p95_ms.now);
	if (kx != ky)
		return kx ? -1 : 1;
	if (kx && x->p95_ms.now != y->p95_ms.now)
		return x->p95_ms.now > y->p95_ms.now ? -1 : 1;
	int d = strcmp(x->project, y->project);
	return d ? d : strcmp(x->source, y->source);
}

static int worst_first(const void *p, const void *q)
{
	const struct rec_monitor *x = *(const struct rec_monitor *const *)p,
				 *y = *(const struct rec_monitor *const *)q;
	int64_t bx = performance_bad(x), by = performance_bad(y);
	if (bx != by)
		return bx > by ? -1 : 1;
	return strcmp(x->name ? x->name : x->key, y->name ? y->name : y->key);
}

int64_t performance_bad(const struct rec_monitor *m)
{
	return MAX(m->missed, (int64_t)0) + MAX(m->timeout, (int64_t)0) + MAX(m->error, (int64_t)0);
}

static void add_monitors(struct study *f)
{
	struct performance_week *w = &f->performance;
	for (size_t i = 0; i < w->monitors.n; i++) {
		const struct rec_monitor *m = &w->monitors.v[i];
		bool cron = text_eq(m->kind, "cron");
		if (text_eq(m->status, "disabled"))
			continue;
		w->crons += cron, w->uptimes += !cron;
		if (performance_bad(m) > 0)
			vec_push(f->a, &w->trouble, m);
	}
	if (w->trouble.n > 1)
		qsort(w->trouble.v, w->trouble.n, sizeof(const struct rec_monitor *), worst_first);
}

bool performance_part(const struct ledger *l)
{
	static const char *const parts[] = {"performance", "health", "monitors",
					    "checkins",	   "uptime", "uptime_checks"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (text_eq(l->part, parts[i]))
			return true;
	return false;
}

bool performance_load(struct study *f, struct err *e)
{
	static const char *const kinds[] = {"performance", "health"};
	struct performance_week *w = &f->performance;
	for (size_t i = 0; i < f->coverage.parts.n; i++)
		w->asked |= performance_part(&f->coverage.parts.v[i]) &&
			    f->coverage.parts.v[i].status != LEDGER_NOT_ENABLED;
	if (!w->asked)
		return true;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct series read = {0};
		if (!series_of_kind(f->in->db, f->week.name, kinds[k], f->weeks[0].from_s, f->to_s,
				    f->a, &read, e))
			return false;
		for (size_t i = 0; i < read.n; i++)
			add_line(f, &read.v[i]);
	}
	if (w->projects.n > 1)
		qsort(w->projects.v, w->projects.n, sizeof *w->projects.v, slowest_first);
	if (!monitors_list(f->in->db, f->week.name, f->a, &w->monitors, e))
		return false;
	add_monitors(f);
	return true;
}
