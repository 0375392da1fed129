#include "digest/ci_class.h"

#include "base/text.h"

#define DAYS_BACK ((int64_t)30 * 86400)

static bool failure(const char *conclusion)
{
	return text_eq(conclusion, "failure") || text_eq(conclusion, "timed_out") ||
	       text_eq(conclusion, "startup_failure");
}

static bool success(const char *conclusion)
{
	return text_eq(conclusion, "success");
}

static bool same_workflow(const struct rec_run *x, const struct rec_run *y)
{
	if (!text_eq(x->repo, y->repo) || !text_eq(x->source, y->source))
		return false;
	if (x->workflow_key || y->workflow_key)
		return text_eq(x->workflow_key, y->workflow_key);
	return text_eq(x->workflow_path, y->workflow_path) && text_eq(x->workflow, y->workflow);
}

/* The attempts that were stored, or the run's own conclusion as the only one. */
static bool any_failed_attempt(const struct rec_run *r)
{
	for (size_t i = 0; i < r->attempts.n; i++)
		if (failure(r->attempts.v[i].conclusion))
			return true;
	return failure(r->conclusion);
}

static bool recovered_within(const struct rec_run *r)
{
	bool failed = false;
	for (size_t i = 0; i < r->attempts.n; i++) {
		if (failure(r->attempts.v[i].conclusion))
			failed = true;
		else if (failed && success(r->attempts.v[i].conclusion))
			return true;
	}
	/* The latest attempt may be known from the run only. */
	return failed && success(r->conclusion);
}

static bool ever_succeeded(const struct rec_run *r)
{
	for (size_t i = 0; i < r->attempts.n; i++)
		if (success(r->attempts.v[i].conclusion))
			return true;
	return success(r->conclusion);
}

static bool later(const struct rec_run *x, const struct rec_run *y)
{
	if (x->created_s != y->created_s)
		return x->created_s > y->created_s;
	return x->number != NUM_NONE && y->number != NUM_NONE && x->number > y->number;
}

static const struct rec_job *failed_job(const struct rec_run *r, int64_t attempt)
{
	for (size_t i = 0; i < r->jobs.n; i++)
		if (r->jobs.v[i].attempt == attempt && failure(r->jobs.v[i].conclusion))
			return &r->jobs.v[i];
	return NULL;
}

/* startup_failure, or every job that failed in the latest attempt never began a step for want of a
 * runner. Jobs that were not collected decide nothing. */
static bool no_runner(const struct rec_run *r)
{
	if (text_eq(r->conclusion, "startup_failure"))
		return true;
	bool any = false;
	for (size_t i = 0; i < r->jobs.n; i++) {
		const struct rec_job *j = &r->jobs.v[i];
		if (j->attempt != r->attempt || !failure(j->conclusion))
			continue;
		if (j->had_runner || j->steps > 0)
			return false;
		any = true;
	}
	return any;
}

static bool same_job_failed(const struct rec_run *x, const struct rec_run *y)
{
	for (size_t i = 0; i < x->jobs.n; i++) {
		const struct rec_job *j = &x->jobs.v[i];
		if (j->attempt != x->attempt || !failure(j->conclusion) || !j->name)
			continue;
		for (size_t k = 0; k < y->jobs.n; k++)
			if (y->jobs.v[k].attempt == y->attempt &&
			    failure(y->jobs.v[k].conclusion) && text_eq(j->name, y->jobs.v[k].name))
				return true;
	}
	return false;
}

/* Of a group of runs of one workflow, ordered by creation. */
static enum ci_class class_of(const struct rec_run *const *group, size_t n, size_t at)
{
	const struct rec_run *r = group[at];
	bool ended_failed = failure(r->conclusion);
	if (!r->conclusion)
		return CI_RUNNING;
	if (recovered_within(r))
		return CI_FLAKY;
	if (any_failed_attempt(r) && r->sha) {
		for (size_t i = at + 1; i < n; i++)
			if (text_eq(group[i]->sha, r->sha) && text_eq(group[i]->event, r->event) &&
			    ever_succeeded(group[i]))
				return CI_FLAKY;
	}
	if (success(r->conclusion))
		return CI_SUCCEEDED;
	if (ended_failed && no_runner(r))
		return CI_INFRASTRUCTURE;
	if (text_eq(r->conclusion, "cancelled"))
		return CI_CANCELLED;
	if (!ended_failed)
		return CI_OTHER;
	/* The next different commit on the branch; several runs of it count as one. A run that
	 * found no runner says nothing of the commit. */
	const char *next = NULL;
	for (size_t i = at + 1; i < n; i++) {
		const struct rec_run *x = group[i];
		if (!text_eq(x->branch, r->branch) || !x->sha || text_eq(x->sha, r->sha))
			continue;
		if (next && !text_eq(next, x->sha))
			break;
		next = x->sha;
		if (failure(x->conclusion) && !no_runner(x) && same_job_failed(r, x))
			return CI_REAL;
	}
	return CI_UNDECIDED;
}

static int order(const char *x, const char *y)
{
	return x && y ? strcmp(x, y) : (x != NULL) - (y != NULL);
}

static int by_workflow_and_time(const void *p, const void *q)
{
	const struct rec_run *x = *(const struct rec_run *const *)p,
			     *y = *(const struct rec_run *const *)q;
	int d = order(x->repo, y->repo);
	if (d == 0)
		d = order(x->source, y->source);
	if (d == 0)
		d = order(x->workflow_key, y->workflow_key);
	if (d == 0 && !x->workflow_key) {
		d = order(x->workflow_path, y->workflow_path);
		if (d == 0)
			d = order(x->workflow, y->workflow);
	}
	if (d != 0)
		return d;
	return later(x, y) ? 1 : later(y, x) ? -1 : order(x->key, y->key);
}

void ci_classify(const struct runs *runs, struct arena *a, struct ci_runs *out)
{
	out->v = arena_array(a, struct ci_run, runs->n);
	out->n = out->cap = runs->n;
	const struct rec_run **all = arena_array(a, const struct rec_run *, runs->n);
	for (size_t i = 0; i < runs->n; i++)
		all[i] = &runs->v[i];
	qsort(all, runs->n, sizeof(const struct rec_run *), by_workflow_and_time);
	for (size_t from = 0, to; from < runs->n; from = to) {
		to = from + 1;
		while (to < runs->n && same_workflow(all[from], all[to]))
			to++;
		for (size_t i = from; i < to; i++) {
			const struct rec_run *r = all[i];
			const struct rec_job *j = failed_job(r, r->attempt);
			for (int64_t t = r->attempt - 1; !j && t > 0; t--)
				j = failed_job(r, t);
			out->v[i] =
				(struct ci_run){.r = r,
						.class = class_of(&all[from], to - from, i - from),
						.failed = failure(r->conclusion),
						.step = j ? j->failed_step : NULL,
						.job = j ? j->name : NULL};
		}
	}
}

static bool verdict(const struct ci_run *x)
{
	return x->failed || success(x->r->conclusion);
}

static int by_time(const void *p, const void *q)
{
	int64_t x = *(const int64_t *)p, y = *(const int64_t *)q;
	return (x > y) - (x < y);
}

/* Usual time between scheduled runs: the median gap, which one missed night does not move. */
static void rhythm(const struct ci_run *v, size_t n, int64_t to_s, struct arena *a,
		   struct ci_workflow *w)
{
	int64_t *gap = arena_array(a, int64_t, n), before = TIME_NONE;
	size_t gaps = 0;
	for (size_t i = 0; i < n; i++) {
		const struct rec_run *r = v[i].r;
		if (!text_eq(r->event, "schedule") || r->created_s >= to_s)
			continue;
		if (before != TIME_NONE)
			gap[gaps++] = r->created_s - before;
		before = r->created_s;
	}
	w->last_schedule_s = before;
	w->gap_s = NUM_NONE;
	if (gaps >= 2) {
		qsort(gap, gaps, sizeof *gap, by_time);
		w->gap_s = gap[(gaps - 1) / 2];
	}
}

static void state_of(const struct ci_run *v, size_t n, int64_t from_s, int64_t to_s,
		     struct ci_workflow *w)
{
	char all[15] = "";
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		const struct ci_run *x = &v[i];
		if (!x->r->default_branch || !verdict(x) || x->r->created_s >= to_s)
			continue;
		if (x->r->created_s < from_s && x->r->created_s >= from_s - DAYS_BACK)
			w->failing_at_start = x->failed;
		if (x->r->created_s < to_s - DAYS_BACK)
			continue;
		if (!x->failed)
			w->streak = 0, w->first_failed = NULL;
		else if (w->streak++ == 0)
			w->first_failed = x;
		w->last = x;
		w->failing = x->failed;
		if (len == sizeof all - 1)
			memmove(all, all + 1, --len);
		all[len++] = x->failed ? 'f' : 'p';
	}
	memcpy(w->strip, all, sizeof all);
	w->strip[len] = '\0';
}

void ci_workflows_of(const struct ci_runs *runs, int64_t from_s, int64_t to_s, struct arena *a,
		     struct ci_workflows *out)
{
	for (size_t from = 0, to; from < runs->n; from = to) {
		const struct rec_run *r = runs->v[from].r;
		to = from + 1;
		while (to < runs->n && same_workflow(r, runs->v[to].r))
			to++;
		struct ci_workflow w = {.source = r->source,
					.repo = r->repo,
					.key = r->workflow_key,
					.path = r->workflow_path,
					.name = runs->v[to - 1].r->workflow};
		state_of(&runs->v[from], to - from, from_s, to_s, &w);
		rhythm(&runs->v[from], to - from, to_s, a, &w);
		vec_push(a, out, w);
	}
}

bool ci_overdue(int64_t last_s, int64_t gap_s, int64_t to_s)
{
	if (last_s == TIME_NONE || gap_s == NUM_NONE)
		return false;
	int64_t slack = MIN(gap_s / 4, (int64_t)6 * 3600);
	return last_s + 2 * gap_s + slack <= to_s;
}

bool ci_missed_two(const struct ci_workflow *w, int64_t to_s)
{
	return ci_overdue(w->last_schedule_s, w->gap_s, to_s);
}

static int64_t ended(const struct ci_run *x)
{
	return x->r->completed_s != TIME_NONE ? x->r->completed_s : x->r->created_s;
}

void ci_episodes_of(const struct ci_runs *runs, int64_t from_s, int64_t to_s, struct arena *a,
		    struct ci_episodes *out)
{
	for (size_t from = 0, to; from < runs->n; from = to) {
		bool succeeded = false;
		const struct ci_run *first = NULL;
		to = from;
		do {
			const struct ci_run *x = &runs->v[to++];
			if (!x->r->default_branch || !verdict(x) || ended(x) >= to_s)
				continue;
			if (x->failed) {
				if (succeeded && !first && x->class == CI_REAL)
					first = x;
				continue;
			}
			if (first && ended(x) >= from_s)
				vec_push(a, out,
					 ((struct ci_episode){first, x, ended(x) - ended(first)}));
			succeeded = true;
			first = NULL;
		} while (to < runs->n && same_workflow(runs->v[from].r, runs->v[to].r));
		if (first)
			vec_push(a, out, ((struct ci_episode){first, NULL, to_s - ended(first)}));
	}
}
