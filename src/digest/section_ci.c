#include "base/text.h"
#include "digest/doc.h"
#include "digest/figures.h"
#include "digest/sections.h"
#include "digest/stats.h"
#include "digest/words.h"

#include <math.h>

static const struct figure_series classes[] = {
	{"ci.real", "Real", "real"},
	{"ci.flaky", "Flaky", "flaky"},
	{"ci.infrastructure", "Infrastructure", "infrastructure"},
	{"ci.undecided", "Not decided", "undecided"}};

static void class_table(const struct study *f, struct xnode *n)
{
	static const struct col cols[] = {{.label = "Class", .kind = "text"},
					  {.label = "Data processing", .kind = "number"},
					  {.label = "All other", .kind = "number"},
					  {.label = "Total", .kind = "number"}};
	const struct ci_counts *all = &f->ci.all, *data = &f->ci.data_processing;
	const struct {
		const char *name;
		int64_t all, data;
	} rows[] = {{"Real", all->real, data->real},
		    {"Flaky", all->flaky, data->flaky},
		    {"Infrastructure", all->infrastructure, data->infrastructure},
		    {"Not decided", all->undecided, data->undecided}};
	struct xnode *t = doc_table(n, "ci.classes", "Runs that failed at least once", cols,
				    ARRAY_SIZE(cols));
	xml_attr(t, "keep", "yes");
	int64_t flaky_passed = all->flaky - all->flaky_failed;
	if (flaky_passed > 0)
		xml_attr(t, "note",
			 arena_printf(f->a,
				      "%s of the flaky ones passed in the end and %s not among the "
				      "%s that failed",
				      w_count(f->a, flaky_passed), flaky_passed == 1 ? "is" : "are",
				      w_count(f->a, all->failed)));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, rows[i].name, NULL);
		doc_cell(r, w_count(f->a, rows[i].data), NULL);
		doc_cell(r, w_count(f->a, rows[i].all - rows[i].data), NULL);
		doc_cell(r, w_count(f->a, rows[i].all), NULL);
	}
	struct xnode *total = xml_add(t, "total");
	doc_cell(total,
		 numbers_get(&f->numbers, "ci.failed")->incomplete ? "Failed, at least"
								   : "Failed in the end",
		 NULL);
	doc_cell(total, w_count(f->a, data->failed), NULL);
	doc_cell(total, w_count(f->a, all->failed - data->failed), NULL);
	doc_cell(total, w_count(f->a, all->failed), NULL);
}

static const char *where(const struct study *f, const struct ci_workflow_row *r)
{
	return arena_printf(f->a, "%s%s", m_out(f->a, repo_short(r->repo)),
			    r->data_processing ? " · data processing" : "");
}

static int longest_streak(const void *p, const void *q)
{
	const struct ci_workflow_row *x = *(const struct ci_workflow_row *const *)p,
				     *y = *(const struct ci_workflow_row *const *)q;
	if (x->w->streak != y->w->streak)
		return x->w->streak > y->w->streak ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* What went wrong, in the log's own words; NULL where no log was read. */
static const char *said(const struct study *f, const struct ci_run *x)
{
	const char *last = x->r->log ? strrchr(x->r->log, '\n') : NULL;
	return x->r->log ? m_out(f->a, last ? last + 1 : x->r->log) : NULL;
}

/* The job, how long the run took and its commit. */
static const char *how(const struct study *f, const struct ci_run *x)
{
	const struct rec_run *r = x->r;
	struct strv v = {0};
	struct sb b;
	if (x->job && x->step)
		vec_push(f->a, &v, m_out(f->a, x->job));
	if (r->completed_s != TIME_NONE && r->started_s != TIME_NONE &&
	    r->completed_s > r->started_s)
		vec_push(f->a, &v,
			 arena_printf(f->a, "after %s",
				      w_duration(f->a, r->completed_s - r->started_s)));
	if (r->sha)
		vec_push(f->a, &v, m_sha(f->a, r->sha));
	sb_init(&b, f->a, 2048);
	for (size_t i = 0; i < v.n; i++)
		sb_addf(&b, "%s%s", i ? " · " : "", v.v[i]);
	return v.n ? sb_str(&b) : NULL;
}

static void failing_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Workflow", .kind = "text"},
		{.label = "First failed step", .kind = "code", .before = "at"},
		{.label = "Since", .kind = "time", .before = "since"},
		{.label = "Last 14 runs", .kind = "strip"},
		{.label = "Owner", .kind = "text"}};
	VEC(const struct ci_workflow_row *) v = {0};
	for (size_t i = 0; i < f->ci.flows.n; i++)
		if (f->ci.flows.v[i].w && f->ci.flows.v[i].w->failing)
			vec_push(f->a, &v, &f->ci.flows.v[i]);
	if (v.n == 0)
		return;
	qsort(v.v, v.n, sizeof(const struct ci_workflow_row *), longest_streak);
	struct xnode *t = doc_table(s, "ci.failing", "Failing now, on the default branch", cols,
				    ARRAY_SIZE(cols));
	xml_attr(t, "note", "Each box is a run, newest right: filled failed, open passed");
	for (size_t i = 0; i < v.n && i < SECTION_ROWS; i++) {
		const struct ci_workflow_row *r = v.v[i];
		int64_t since = r->w->first_failed->r->created_s;
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_link(f->a, r->w->last->r->url, r->name), where(f, r));
		doc_cell(row, r->w->last->step ? m_code(f->a, r->w->last->step) : "not told",
			 how(f, r->w->last));
		doc_cell(row, m_time(f->a, since, w_when(f->a, f->z, since)), NULL);
		doc_strip(row,
			  r->w->streak == 1
				  ? "1 run"
				  : arena_printf(f->a, "%s in a row", w_count(f->a, r->w->streak)),
			  r->w->strip);
		doc_cell(row, r->owner ? r->owner : "no owner", NULL);
	}
	section_fold(f, s, t, v.n, "failing workflows");
}

static const char *rhythm_words(const struct study *f, int64_t gap_s)
{
	if (gap_s == NUM_NONE)
		return "not known";
	int64_t hours = (gap_s + 1800) / 3600;
	if (hours >= 22 && hours <= 26)
		return "daily";
	if (hours >= 160 && hours <= 176)
		return "weekly";
	return arena_printf(f->a, "every %s", w_duration(f->a, MAX(hours, (int64_t)1) * 3600));
}

static void stopped_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Workflow", .kind = "text"},
		{.label = "Expected", .kind = "text", .before = "expected"},
		{.label = "Last run", .kind = "time", .before = "last run"},
		{.label = "Why", .kind = "text"},
		{.label = "Owner", .kind = "text"}};
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < f->ci.flows.n; i++) {
		const struct ci_workflow_row *r = &f->ci.flows.v[i];
		if (!r->stopped || n++ >= SECTION_ROWS)
			continue;
		if (!t)
			t = doc_table(s, "ci.stopped", "Stopped silently", cols, ARRAY_SIZE(cols));
		int64_t last = r->last_schedule_s;
		struct xnode *row = doc_row(t, r->item);
		doc_cell(row, m_link(f->a, r->url, r->name), where(f, r));
		doc_cell(row, rhythm_words(f, r->gap_s), NULL);
		doc_cell(row,
			 last == TIME_NONE ? "over 30 days ago"
					   : m_time(f->a, last, w_when(f->a, f->z, last)),
			 NULL);
		const char *state = r->known ? r->known->state : NULL;
		doc_cell(row,
			 !r->switched_off ? "not known; its schedule is still active"
			 : text_eq(state, "disabled_inactivity")
				 ? "switched off by GitHub after 60 quiet days"
			 : text_eq(state, "disabled_manually") ? "switched off by hand"
							       : m_out(f->a, state),
			 NULL);
		doc_cell(row, r->owner ? r->owner : "no owner", NULL);
	}
	if (t)
		section_fold(f, s, t, n, "stopped workflows");
}

struct group { /* failed runs of one workflow and class */
	const struct ci_row *first;
	const char *said; /* by the log of any of them */
	int64_t n;
};

static int class_order(const struct group *g)
{
	switch (g->first->x->class) {
	case CI_REAL:
		return 0;
	case CI_UNDECIDED:
		return 1;
	case CI_FLAKY:
		return 2;
	case CI_INFRASTRUCTURE:
		return 3;
	case CI_RUNNING:
	case CI_SUCCEEDED:
	case CI_CANCELLED:
	case CI_OTHER:
		return 4;
	}
	return 4;
}

static int by_class(const void *p, const void *q)
{
	const struct group *x = p, *y = q;
	if (class_order(x) != class_order(y))
		return class_order(x) - class_order(y);
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->first->item, y->first->item);
}

static void group_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Workflow", .kind = "text"},
		{.label = "Class", .kind = "text"},
		{.label = "Runs", .kind = "number", .after = "runs"},
		{.label = "First failed step", .kind = "code", .before = "at"},
		{.label = "Owner", .kind = "text", .lo = true}};
	static const char *const names[] = {"Real", "Not decided", "Flaky", "Infrastructure"};
	VEC(struct group) v = {0};
	for (size_t i = 0; i < f->ci.rows.n; i++) {
		const struct ci_row *r = &f->ci.rows.v[i];
		if (r->x->class == CI_CANCELLED)
			continue;
		size_t k = 0;
		while (k < v.n && !(v.v[k].first->x->class == r->x->class &&
				    text_eq(v.v[k].first->x->r->repo, r->x->r->repo) &&
				    text_eq(v.v[k].first->x->r->workflow, r->x->r->workflow)))
			k++;
		if (k == v.n)
			vec_push(f->a, &v, ((struct group){.first = r}));
		v.v[k].n++;
		if (!v.v[k].said)
			v.v[k].said = said(f, r->x);
	}
	if (v.n == 0)
		return;
	qsort(v.v, v.n, sizeof *v.v, by_class);
	struct xnode *t = doc_table(s, "ci.groups",
				    "Failed runs by class and workflow, the first of each linked",
				    cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "first");
	for (size_t i = 0; i < v.n && i < SECTION_ROWS; i++) {
		const struct ci_row *r = v.v[i].first;
		struct xnode *row = doc_row(t, r->item);
		doc_cell(row,
			 m_link(f->a, r->x->r->url,
				r->x->r->workflow ? r->x->r->workflow : "a workflow"),
			 arena_printf(f->a, "%s%s", m_out(f->a, repo_short(r->x->r->repo)),
				      r->data_processing ? " · data processing" : ""));
		doc_cell(row, names[MIN(class_order(&v.v[i]), 3)], NULL);
		doc_cell(row, w_count(f->a, v.v[i].n), NULL);
		doc_cell(row,
			 r->x->step			    ? m_code(f->a, r->x->step)
			 : r->x->class == CI_INFRASTRUCTURE ? "none ran"
							    : "not told",
			 v.v[i].said		   ? v.v[i].said
			 : r->x->job && r->x->step ? m_out(f->a, r->x->job)
						   : NULL);
		doc_cell(row, r->owner ? r->owner : "no owner", NULL);
	}
	section_fold(f, s, t, v.n, "workflows with failures");
}

static void green(const struct study *f, struct xnode *s)
{
	const struct number *n = numbers_get(&f->numbers, "ci.time_to_green_s");
	const struct ci_episodes *v = &f->ci.episodes;
	int64_t closed = f->ci.closed_episodes;
	if (closed == 0)
		return;
	if (isnan(n->value)) {
		struct strv list = {0};
		for (size_t i = 0; i < v->n; i++)
			if (v->v[i].end)
				vec_push(f->a, &list,
					 f->counts_only
						 ? w_duration(f->a, v->v[i].duration_s)
						 : arena_printf(
							   f->a, "%s after %s",
							   m_out(f->a, v->v[i].first->r->workflow),
							   w_duration(f->a, v->v[i].duration_s)));
		doc_para(
			s, NULL,
			arena_printf(f->a,
				     "Green again on the default branch: %s. Too few for a median.",
				     w_list(f->a, &list, 3)));
		return;
	}
	int64_t longest = 0;
	double *d = arena_array(f->a, double, v->n + 1);
	size_t k = 0, low, high;
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i].end) {
			longest = MAX(longest, v->v[i].duration_s);
			d[k++] = (double)v->v[i].duration_s;
		}
	}
	const char *range = "";
	stats_median(d, k);
	if (k == v->n && stats_median_ranks(k, &low, &high))
		range = arena_printf(f->a, " (%s to %s)", w_duration(f->a, llround(d[low - 1])),
				     w_duration(f->a, llround(d[high - 1])));
	doc_para(s, NULL,
		 arena_printf(f->a,
			      "%s on the default branch went green again: median %s%s, longest %s.",
			      w_plural(f->a, closed, "workflow", "workflows"),
			      m_num(f->a, n->id, w_duration(f->a, llround(n->value))), range,
			      w_duration(f->a, longest)));
}

static const char *figure_title(const struct study *f)
{
	const struct ci_counts *c = &f->ci.all;
	int64_t n = c->real + c->flaky + c->infrastructure + c->undecided;
	if (numbers_get(&f->numbers, "ci.failed")->incomplete)
		return "Failed runs are not known in full this week";
	if (n == 0)
		return "No run failed this week";
	return arena_printf(f->a, "%s of the %s that failed at least once were real",
			    w_count(f->a, c->real), w_plural(f->a, n, "run", "runs"));
}

void section_ci(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "ci", "CI");
	if (!section_known(f, s, "ci.failed", "CI runs"))
		return;
	const struct ci_counts *c = &f->ci.all;
	const struct number *n = numbers_get(&f->numbers, "ci.failed");
	int64_t decided = c->succeeded + c->failed;
	const char *percent = w_percent(f->a, c->failed, decided);
	percent = percent && !n->incomplete ? arena_printf(f->a, " (%s)", percent) : "";
	xml_attr(s, "summary", arena_printf(f->a, "%s failed", w_value(f->a, n, true)));
	const char *head =
		arena_printf(f->a, " of %s failed%s%s", w_plural(f->a, decided, "run", "runs"),
			     percent, w_compared(f->a, n));
	xml_attr(s, "line", arena_printf(f->a, "%s%s", w_value(f->a, n, false), head));
	if (c->runs == 0)
		doc_para(s, "lede",
			 n->incomplete ? "No run was seen in what could be collected."
				       : "No workflow ran this week; GitHub Actions was collected "
					 "in full.");
	else
		doc_para(s, "lede",
			 arena_printf(f->a,
				      "%s%s. Of those and the runs that passed in the end: %s "
				      "real, %s flaky, %s infrastructure, %s not decided. "
				      "%s cancelled and %s skipped or still going are in no rate.",
				      m_capital(f->a, section_num(f, "ci.failed")), head,
				      section_also(f, "ci.failed", "ci.real"),
				      section_also(f, "ci.failed", "ci.flaky"),
				      section_also(f, "ci.failed", "ci.infrastructure"),
				      section_also(f, "ci.failed", "ci.undecided"),
				      m_capital(f->a, section_also(f, "ci.failed", "ci.cancelled")),
				      w_count(f->a, c->runs - decided - c->cancelled)));
	struct xnode *left, *right;
	doc_pair(s, &left, &right);
	figure_stack(
		f, left, "ci.figure", figure_title(f),
		arena_printf(f->a, "Runs by class, %s. Hatched: not collected", figure_span(f)),
		classes, ARRAY_SIZE(classes), "ci.failed");
	class_table(f, right);
	doc_para(s, NULL,
		 arena_printf(f->a,
			      "%s %s failing now on the default branch, %s recovered this week, %s "
			      "scheduled %s stopped.",
			      m_capital(f->a, section_num(f, "ci.failing_now")),
			      section_word(f, "ci.failing_now", "workflow is", "workflows are"),
			      section_also(f, "ci.failing_now", "ci.recovered"),
			      section_also(f, "ci.failing_now", "ci.stopped"),
			      section_word(f, "ci.stopped", "workflow has", "workflows have")));
	green(f, s);
	if (f->counts_only)
		return;
	failing_table(f, s);
	stopped_table(f, s);
	group_table(f, s);
}
