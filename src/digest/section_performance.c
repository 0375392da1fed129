#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

#define NBSP "\u00a0"
#define FEW  20 /* fewer transactions have no rate (look.md 6) */

static const char *ms(struct arena *a, double v)
{
	return v >= 100 ? arena_printf(a, "%s" NBSP "ms", w_count(a, llround(v)))
			: arena_printf(a, "%.3g" NBSP "ms", v);
}

static const char *whole(struct arena *a, double v)
{
	return w_count(a, llround(v));
}

static const char *percent(struct arena *a, double v)
{
	return v > 0 && v < 0.0995 ? arena_printf(a, "%.2g%%", 100 * v)
				   : arena_printf(a, "%.0f%%", 100 * v);
}

/* Fewer failures than usual and quicker answers need no mark. */
static bool outside(const struct measured *m, bool less_too)
{
	return !isnan(m->now) && !isnan(m->usual.low) &&
	       (m->now > m->usual.high || (less_too && m->now < m->usual.low));
}

typedef const char *say_fn(struct arena *a, double v);

/* This week's value, last week's and the usual range: three cells. */
static void add_values(const struct study *f, struct xnode *row, const struct measured *m,
		       bool less_too, say_fn *say)
{
	const char *tag = !outside(m, less_too)	   ? NULL
			  : m->now > m->usual.high ? "▲ More than usual"
						   : "▼ Fewer than usual";
	doc_cell(row,
		 isnan(m->now) ? "not told"
			       : arena_printf(f->a, "%s%s%s%s", m->estimate ? "about " : "",
					      say(f->a, m->now), tag ? " " : "",
					      tag ? m_tag(f->a, "orange", tag) : ""),
		 NULL);
	doc_cell(row, isnan(m->before) ? "not known" : say(f->a, m->before), NULL);
	doc_cell(row,
		 isnan(m->usual.low) ? "no history yet"
				     : arena_printf(f->a, "%s to %s", say(f->a, m->usual.low),
						    say(f->a, m->usual.high)),
		 NULL);
}

static int most_failed(const void *p, const void *q)
{
	const struct project_row *x = *(const struct project_row *const *)p,
				 *y = *(const struct project_row *const *)q;
	double fx = isnan(x->failure.now) ? -1 : x->failure.now,
	       fy = isnan(y->failure.now) ? -1 : y->failure.now;
	return fx != fy ? (fx > fy ? -1 : 1) : strcmp(x->project, y->project);
}

static void speed_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Project", .kind = "text"},
		{.label = "95th percentile", .kind = "number", .before = "95th percentile"},
		{.label = "Last week", .kind = "number", .lo = true, .before = "last week"},
		{.label = "Usual", .kind = "number", .before = "usual"},
		{.label = "Transactions", .kind = "number", .after = "transactions"},
		{.label = "Last week", .kind = "number", .lo = true, .before = "last week"},
		{.label = "Usual", .kind = "number", .lo = true, .before = "usual"}};
	const struct performance_week *w = &f->performance;
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < w->projects.n; i++) {
		const struct project_row *p = &w->projects.v[i];
		if ((isnan(p->p95_ms.now) && isnan(p->transactions.now)) || n++ >= SECTION_ROWS)
			continue;
		if (!t) {
			t = doc_table(s, "performance.speed",
				      "How fast the projects answered, slowest first", cols,
				      ARRAY_SIZE(cols));
			xml_attr(t, "spare", "next");
		}
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_out(f->a, p->project), NULL);
		add_values(f, row, &p->p95_ms, false, ms);
		add_values(f, row, &p->transactions, true, whole);
	}
	if (t)
		section_fold(f, s, t, n, "projects");
}

static void failure_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Project", .kind = "text"},
		{.label = "Failed", .kind = "number", .before = "failed"},
		{.label = "Last week", .kind = "number", .lo = true, .before = "last week"},
		{.label = "Usual", .kind = "number", .before = "usual"},
		{.label = "Without a crash", .kind = "number", .before = "without a crash"},
		{.label = "Last week", .kind = "number", .lo = true, .before = "last week"},
		{.label = "Usual", .kind = "number", .lo = true, .before = "usual"}};
	const struct performance_week *w = &f->performance;
	VEC(const struct project_row *) v = {0};
	for (size_t i = 0; i < w->projects.n; i++)
		if (!isnan(w->projects.v[i].failure.now) || !isnan(w->projects.v[i].crash_free.now))
			vec_push(f->a, &v, &w->projects.v[i]);
	if (v.n == 0)
		return;
	qsort(v.v, v.n, sizeof(const struct project_row *), most_failed);
	struct xnode *t =
		doc_table(s, "performance.failures",
			  "Transactions that failed and sessions without a crash, worst first",
			  cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "first");
	for (size_t i = 0; i < v.n && i < SECTION_ROWS; i++) {
		const struct project_row *p = v.v[i];
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_out(f->a, p->project), NULL);
		if (p->transactions.now < FEW) {
			doc_cell(row, "too few", NULL);
			doc_cell(row, "not compared", NULL);
			doc_cell(row, "not compared", NULL);
		} else {
			add_values(f, row, &p->failure, false, percent);
		}
		add_values(f, row, &p->crash_free, false, w_share);
	}
	section_fold(f, s, t, v.n, "projects");
}

static const char *told(const struct study *f, int64_t n)
{
	return n == NUM_NONE ? "not told" : w_count(f->a, n);
}

static void monitor_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Monitor", .kind = "text"},
		{.label = "Kind", .kind = "text"},
		{.label = "Passed", .kind = "number", .after = "passed"},
		{.label = "Missed", .kind = "number", .after = "missed"},
		{.label = "Too long", .kind = "number", .after = "too long"},
		{.label = "Failed", .kind = "number", .after = "failed"}};
	const struct performance_week *w = &f->performance;
	if (w->trouble.n == 0)
		return;
	struct xnode *t =
		doc_table(s, "performance.monitors", "Monitors that missed or failed, worst first",
			  cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "next");
	for (size_t i = 0; i < w->trouble.n && i < SECTION_ROWS; i++) {
		const struct rec_monitor *m = w->trouble.v[i];
		bool cron = text_eq(m->kind, "cron");
		const char *what = cron ? m->schedule : m->target;
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_out(f->a, m->name ? m->name : m->key),
			 arena_printf(f->a, "%s%s%s%s", m_out(f->a, m->project), what ? " · " : "",
				      m_out(f->a, what), m->muted ? " · muted" : ""));
		doc_cell(row, cron ? "cron" : "uptime", NULL);
		doc_cell(row, told(f, m->ok), NULL);
		doc_cell(row, told(f, m->missed), NULL);
		doc_cell(row, told(f, m->timeout), NULL);
		doc_cell(row, told(f, m->error), NULL);
	}
	section_fold(f, s, t, w->trouble.n, "monitors");
}

static bool is_ours(const struct study *f UNUSED, const struct ledger *l)
{
	return performance_part(l);
}

struct tally {
	int64_t measured, compared, odd;
	const struct project_row *slowest;
};

static struct tally count(const struct study *f)
{
	const struct performance_week *w = &f->performance;
	struct tally t = {0};
	for (size_t i = 0; i < w->projects.n; i++) {
		const struct project_row *p = &w->projects.v[i];
		const struct measured *all[] = {&p->p95_ms, &p->transactions, &p->failure};
		bool any = false, known = false, odd = false;
		for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
			any |= !isnan(all[k]->now);
			known |= !isnan(all[k]->usual.low);
			odd |= outside(all[k], k == 1) && (k != 2 || p->transactions.now >= FEW);
		}
		t.measured += any, t.compared += known, t.odd += odd;
		if (!isnan(p->p95_ms.now) && !t.slowest)
			t.slowest = p;
	}
	return t;
}

static const char *project_words(const struct study *f, const struct tally *t)
{
	if (t->measured == 0)
		return "No project told of transactions.";
	const char *usual = t->compared == 0 ? "there is no history yet to compare with"
			    : t->odd == 0    ? "none is outside its usual range"
					     : arena_printf(f->a, "%s outside %s usual range",
							    w_plural(f->a, t->odd, "is", "are"),
							    t->odd == 1 ? "its" : "their");
	const char *slow =
		!t->slowest ? ""
			    : arena_printf(f->a,
					   " The slowest%s%s answered 95 of 100 transactions "
					   "within %s.",
					   f->counts_only ? "" : ", ",
					   f->counts_only
						   ? ""
						   : arena_printf(f->a, "%s,",
								  m_out(f->a, t->slowest->project)),
					   ms(f->a, t->slowest->p95_ms.now));
	return arena_printf(f->a, "%s measured; %s.%s",
			    w_plural(f->a, t->measured, "project was", "projects were"), usual,
			    slow);
}

static const char *monitor_words(const struct study *f)
{
	const struct performance_week *w = &f->performance;
	struct strv v = {0};
	if (w->crons > 0)
		vec_push(f->a, &v, w_plural(f->a, w->crons, "cron monitor", "cron monitors"));
	if (w->uptimes > 0)
		vec_push(f->a, &v, w_plural(f->a, w->uptimes, "uptime check", "uptime checks"));
	if (v.n == 0)
		return "";
	int64_t n = (int64_t)w->trouble.n;
	return arena_printf(f->a, "Of %s, %s missed or failed at least once.", w_list(f->a, &v, 2),
			    n == 0 ? "none" : w_count(f->a, n));
}

void section_performance(const struct study *f, struct xnode *root)
{
	const struct performance_week *w = &f->performance;
	if (!w->asked)
		return;
	struct xnode *s = doc_section(root, "performance", "Performance");
	struct tally t = count(f);
	section_lost(f, s, is_ours);
	const char *monitors = monitor_words(f);
	xml_attr(s, "summary",
		 t.measured == 0 ? "not known"
		 : t.odd == 0	 ? "usual"
				 : arena_printf(f->a, "%s unusual", w_count(f->a, t.odd)));
	xml_attr(s, "line",
		 arena_printf(f->a, "%s%s",
			      t.measured == 0 ? "no project told of transactions"
					      : arena_printf(f->a, "%s, %s unusual",
							     w_plural(f->a, t.measured, "project",
								      "projects"),
							     t.odd ? w_count(f->a, t.odd) : "none"),
			      w->trouble.n == 0 ? ""
						: arena_printf(f->a, "; %s missed or failed",
							       w_plural(f->a, (int64_t)w->trouble.n,
									"monitor", "monitors"))));
	doc_para(s, "lede", project_words(f, &t));
	if (*monitors)
		doc_para(s, NULL, monitors);
	if (f->counts_only)
		return;
	speed_table(f, s);
	failure_table(f, s);
	monitor_table(f, s);
}
