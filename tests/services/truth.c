#include "services/estate.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "lib/json.h"

#include <math.h>

/* The expected numbers, counted from the estate by the definitions of the product, on purpose
 * without any code of it. Where an earlier week's number depends on when it was collected, it is
 * left out of that week. */

enum { DAY_S = 86400 };

struct span_s {
	int64_t from_s, to_s;
};
static bool in(struct span_s p, int64_t t_s)
{
	return t_s >= p.from_s && t_s < p.to_s;
}

/* --- errors --- */
static int by_user(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void errors(const struct estate *s, struct span_s week, struct arena *a, struct jw *o)
{
	int64_t fresh = 0, regressed = 0, escalating = 0, resolved = 0, unresolved = 0, events = 0,
		users = 0;
	VEC(uint32_t) seen = {0};
	for (size_t i = 0; i < s->issues.n; i++) {
		const struct issue *x = &s->issues.v[i];
		int64_t first = TIME_NONE, n = 0;
		for (size_t k = 0; k < x->events.n; k++) {
			const struct event *v = &x->events.v[k];
			if (v->env != 0)
				continue;
			if (first == TIME_NONE)
				first = v->t_s;
			if (!in(week, v->t_s))
				continue;
			n++;
			if (v->user)
				vec_push(a, &seen, v->user);
		}
		if (first == TIME_NONE)
			continue; /* never in production */
		events += n;
		fresh += in(week, first);
		unresolved += n > 0 && text_eq(x->status, "unresolved");
		bool back = false, more = false, done = false;
		for (size_t k = 0; k < x->acts.n; k++) {
			if (!in(week, x->acts.v[k].t_s))
				continue;
			back |= text_eq(x->acts.v[k].type, "set_regression");
			more |= text_eq(x->acts.v[k].type, "set_escalating");
			done |= text_eq(x->acts.v[k].type, "set_resolved");
		}
		regressed += back;
		escalating += more;
		resolved += done;
	}
	if (seen.n)
		qsort(seen.v, seen.n, sizeof *seen.v, by_user);
	for (size_t i = 0; i < seen.n; i++)
		users += i == 0 || seen.v[i] != seen.v[i - 1];
	jw_i64(o, "errors.new", fresh);
	jw_i64(o, "errors.regressed", regressed);
	jw_i64(o, "errors.escalating", escalating);
	jw_i64(o, "errors.resolved", resolved);
	jw_i64(o, "errors.unresolved", unresolved);
	jw_i64(o, "errors.events", events);
	jw_i64(o, "errors.users", users);
}

/* --- CI --- */
enum class { CLASS_NONE, CLASS_REAL, CLASS_FLAKY, CLASS_INFRA, CLASS_UNDECIDED };

static const struct attempt *last_attempt(const struct run *x)
{
	return &x->at[x->attempts - 1];
}

static bool no_step_ran(const struct attempt *t)
{
	return text_eq(t->conclusion, "startup_failure") ||
	       (estate_run_failed(t->conclusion) && t->no_runner);
}

static enum class run_class(const struct estate *s, size_t i, int64_t to_s) {
	const struct run *x = &s->runs.v[i]; const struct attempt *last = last_attempt(x);
	bool failed_once = false, passed_after = false; for (int k = 0; k < x->attempts; k++){
		if (failed_once && text_eq(x->at[k].conclusion, "success")) passed_after = true;
		failed_once |= estate_run_failed(x->at[k].conclusion);}
if (!failed_once) return CLASS_NONE;
for (size_t k = i + 1; k < s->runs.n && !passed_after; k++) {
	const struct run *y = &s->runs.v[k];
	if (y->created_s < to_s && y->wf == x->wf && text_eq(y->sha, x->sha) &&
	    text_eq(y->event, x->event) && text_eq(last_attempt(y)->conclusion, "success"))
		passed_after = true;
}
if (passed_after)
	return CLASS_FLAKY;
if (!estate_run_failed(last->conclusion))
	return CLASS_NONE;
if (no_step_ran(last))
	return CLASS_INFRA;
if (text_eq(last->conclusion, "timed_out"))
	return CLASS_UNDECIDED;
for (size_t k = i + 1; k < s->runs.n; k++) {
	const struct run *y = &s->runs.v[k];
	if (y->created_s >= to_s || y->wf != x->wf || !text_eq(y->branch, x->branch) ||
	    text_eq(y->sha, x->sha))
		continue;
	const struct attempt *next = last_attempt(y);
	bool same = estate_run_failed(next->conclusion) && !next->no_runner &&
		    next->fail_job == last->fail_job;
	return same ? CLASS_REAL : CLASS_UNDECIDED;
}
return CLASS_UNDECIDED;
}

/* The last concluded run of a workflow on main in [to - 30 days, to) failed. */
static bool failing_at(const struct estate *s, int wf, int64_t to_s)
{
	for (size_t i = s->runs.n; i-- > 0;) {
		const struct run *x = &s->runs.v[i];
		const char *c = last_attempt(x)->conclusion;
		if (x->wf == wf && text_eq(x->branch, "main") && x->created_s < to_s &&
		    x->created_s >= to_s - 30 * DAY_S && c && !text_eq(c, "cancelled") &&
		    !text_eq(c, "skipped"))
			return estate_run_failed(c);
	}
	return false;
}

static void ci(const struct estate *s, int w, struct span_s week, struct jw *o)
{
	int64_t runs = 0, succeeded = 0, failed = 0, cancelled = 0, by[5] = {0}, failed_by[5] = {0},
		data_by[5] = {0}, data_failed = 0;
	bool newest = w == ESTATE_WEEKS - 1;
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct run *x = &s->runs.v[i];
		if (!in(week, x->created_s))
			continue;
		const char *c = last_attempt(x)->conclusion;
		bool bad = estate_run_failed(c), data = s->wfs.v[x->wf].data;
		enum class k = run_class(s, i, s->week[ESTATE_WEEKS - 1].to_s);
		runs++;
		succeeded += text_eq(c, "success");
		cancelled += text_eq(c, "cancelled");
		failed += bad;
		by[k]++;
		failed_by[k] += bad;
		data_by[k] += data;
		data_failed += data && bad;
	}
	BUG_ON(failed_by[CLASS_REAL] + failed_by[CLASS_FLAKY] + failed_by[CLASS_INFRA] +
		       failed_by[CLASS_UNDECIDED] !=
	       failed);
	jw_i64(o, "ci.runs", runs);
	jw_i64(o, "ci.succeeded", succeeded);
	jw_i64(o, "ci.failed", failed);
	jw_i64(o, "ci.flaky", by[CLASS_FLAKY]);
	jw_i64(o, "ci.infrastructure", by[CLASS_INFRA]);
	jw_i64(o, "ci.cancelled", cancelled);
	jw_i64(o, "ci.data_processing.failed", data_failed);
	jw_i64(o, "ci.data_processing.flaky", data_by[CLASS_FLAKY]);
	if (w < ESTATE_WEEKS - 3 ||
	    newest) { /* the weekly scan of web fails on from week to week in between */
		jw_i64(o, "ci.real", by[CLASS_REAL]);
		jw_i64(o, "ci.undecided", by[CLASS_UNDECIDED]);
		jw_i64(o, "ci.data_processing.real", data_by[CLASS_REAL]);
	}
	if (!newest)
		return;
	int64_t failing = 0, recovered = 0;
	for (int i = 0; i < (int)s->wfs.n; i++) {
		bool before = failing_at(s, i, week.from_s), after = failing_at(s, i, week.to_s);
		failing += after;
		recovered += before && !after;
	}
	jw_i64(o, "ci.failing_now", failing);
	jw_i64(o, "ci.recovered", recovered);
	jw_i64(o, "ci.stopped",
	       2); /* the export that was disabled, the backup that does not start */
}

/* --- deployments --- */
static int64_t ended(const struct dep *d)
{
	return d->codedeploy ? d->finished_s : d->published_end_s;
}

static bool brought_out(const struct dep *d, int repo)
{
	return d->repo == repo && d->env == 0 && d->state == DEP_SUCCEEDED;
}

static int by_seconds(const void *p, const void *q)
{
	const double *x = p, *y = q;
	return *x < *y ? -1 : *x > *y;
}

/* From each commit that a production deployment of the week brought, counted from the one before
 * it, to that deployment's end: the median. */
static double lead_time(const struct estate *s, struct span_s week, struct arena *a)
{
	VEC(double) v = {0};
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i], *before = NULL;
		if (!brought_out(d, d->repo) || !in(week, ended(d)))
			continue;
		for (size_t k = 0; k < s->deps.n; k++) {
			const struct dep *x = &s->deps.v[k];
			if (brought_out(x, d->repo) && ended(x) < ended(d) &&
			    (!before || ended(x) > ended(before)))
				before = x;
		}
		struct commits all = {0};
		estate_commits(s, d->repo, a, &all);
		bool since = false, until = false;
		for (size_t k = 0; before && k < all.n && !until; k++) {
			if (since && ended(d) > all.v[k].t_s)
				vec_push(a, &v, (double)(ended(d) - all.v[k].t_s));
			until = text_eq(all.v[k].sha, d->sha);
			since |= text_eq(all.v[k].sha, before->sha);
			if (until && !since) /* an older commit came back */
				break;
		}
	}
	if (v.n == 0)
		return NAN;
	qsort(v.v, v.n, sizeof *v.v, by_seconds);
	return (v.v[(v.n - 1) / 2] + v.v[v.n / 2]) / 2;
}

static void deployments(const struct estate *s, struct span_s week, struct arena *a, struct jw *o)
{
	int64_t total[ESTATE_ENVS + 1] = {0}, succeeded = 0, failed = 0, rolled_back = 0,
				    under_way = 0;
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		int64_t end = ended(d);
		int64_t t = end ? end : d->created_s;
		if (!in(week, t)) /* one that waits has started: it counts in that week */
			continue;
		total[d->env < 0 ? ESTATE_ENVS : d->env]++;
		if (d->env != 0)
			continue;
		succeeded += d->state == DEP_SUCCEEDED;
		failed += d->state == DEP_FAILED || d->state == DEP_STOPPED;
		rolled_back += d->state == DEP_ROLLED_BACK;
		under_way += d->state == DEP_IN_PROGRESS;
	}
	jw_i64(o, "deployments.total", total[0]);
	jw_i64(o, "deployments.succeeded", succeeded);
	jw_i64(o, "deployments.failed", failed);
	jw_i64(o, "deployments.rolled_back", rolled_back);
	jw_i64(o, "deployments.in_progress", under_way);
	for (int k = 0; k < ESTATE_ENVS; k++)
		jw_i64(o, arena_printf(a, "deployments.%s.total", estate_env(k)), total[k]);
	if (total[ESTATE_ENVS])
		jw_i64(o, "deployments.other.total", total[ESTATE_ENVS]);
}

/* --- security --- */
struct counts {
	int64_t fresh, fixed, reopened, outstanding, held, overdue, scans, failed, missing,
		severity[5];
};

static int rank(const char *severity)
{
	static const char *const names[] = {"critical", "high", "medium", "low", "info"};
	for (int i = 0; i < 5; i++)
		if (text_eq(severity, names[i]))
			return i;
	BUG_ON(true);
}

static void target_counts(const struct estate *s, const struct target *t, int w, struct counts *c)
{
	static const int limits[] = {7, 30, 90, 120, 100000};
	c->scans += t->state[w] == REPORT_OK || t->state[w] == REPORT_FAILED;
	c->failed += t->state[w] == REPORT_FAILED;
	c->missing += t->state[w] == REPORT_MISSING;
	for (size_t i = 0; i < t->findings.n; i++) {
		const struct finding *f = &t->findings.v[i];
		bool open = false, seen = false, baseline = true;
		int first = -1;
		for (int k = 0; k <= w; k++) {
			if (t->state[k] != REPORT_OK)
				continue;
			bool now = k == w;
			if (f->present[k] && !seen)
				c->fresh += now && !baseline;
			else if (f->present[k] && !open)
				c->reopened += now;
			else if (!f->present[k] && open)
				c->fixed += now;
			if (f->present[k] && !seen)
				first = k;
			seen |= f->present[k];
			open = f->present[k];
			baseline = false;
		}
		if (!open)
			continue;
		c->outstanding++;
		c->severity[rank(f->severity)]++;
		c->held += t->state[w] != REPORT_OK;
		c->overdue +=
			s->now_s - t->scanned_s[first] > (int64_t)limits[rank(f->severity)] * DAY_S;
	}
}

static void security(const struct estate *s, int w, struct arena *a, struct jw *o)
{
	static const char *const names[] = {"critical", "high", "medium", "low", "info"};
	struct counts all = {0}, by[5] = {0};
	for (size_t i = 0; i < s->targets.n; i++) {
		target_counts(s, &s->targets.v[i], w, &all);
		target_counts(s, &s->targets.v[i], w, &by[s->targets.v[i].tool]);
	}
	jw_i64(o, "security.new", all.fresh);
	jw_i64(o, "security.fixed", all.fixed);
	jw_i64(o, "security.reopened", all.reopened);
	jw_i64(o, "security.outstanding", all.outstanding);
	for (int k = 0; k < 5; k++)
		jw_i64(o, arena_printf(a, "security.outstanding.%s", names[k]), all.severity[k]);
	jw_i64(o, "security.scans", all.scans);
	jw_i64(o, "security.scans_failed", all.failed);
	if (w > 2) /* before that no rhythm is known */
		jw_i64(o, "security.scans_missing", all.missing);
	if (w == ESTATE_WEEKS - 1) {
		jw_i64(o, "security.held", all.held);
		jw_i64(o, "security.overdue", all.overdue);
	}
	for (int k = 0; k < 5; k++) {
		const char *tool = estate_tool((enum scan_tool)k);
		if (by[k].scans ==
		    by[k].failed) /* the tool gave nothing: what is new is not known */
			by[k].fresh = by[k].fixed = NUM_NONE;
		jw_i64(o, arena_printf(a, "security.tool.%s.new", tool), by[k].fresh);
		jw_i64(o, arena_printf(a, "security.tool.%s.fixed", tool), by[k].fixed);
		jw_i64(o, arena_printf(a, "security.tool.%s.outstanding", tool), by[k].outstanding);
		if (w == ESTATE_WEEKS - 1)
			jw_i64(o, arena_printf(a, "security.tool.%s.held", tool), by[k].held);
	}
}

/* --- availability: the sites that the sample configuration gives a service --- */
static void availability(const struct estate *s, struct span_s week, struct arena *a, struct jw *o)
{
	static const struct {
		const char *service;
		int site;
	} sites[] = {{"web", 0},   {"submit", 1},	 {"datasette-api", 2},
		     {"tiles", 3}, {"design-system", 4}, {"status", 5}};
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++) {
		int64_t minutes = (week.to_s - week.from_s) / 60;
		int64_t down = estate_minutes_down(s, sites[i].site, week.from_s, week.to_s);
		jw_f64(o, arena_printf(a, "availability.%s.percent", sites[i].service),
		       100.0 * (double)(minutes - down) / (double)minutes);
	}
	double requests = 0;
	for (int64_t t = week.from_s; t < week.to_s; t += 3600)
		requests +=
			estate_metric(s, 0, "AWS/ApplicationELB RequestCount web", "Sum", t, 3600);
	jw_f64(o, "metrics.health.requests", requests);
}

const char *truth_json(struct estate *s, int w, struct arena *a)
{
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct span_s week = {s->week[w].from_s, s->week[w].to_s};
	jw_str(root, "week", s->week[w].name);
	struct jw *o = jw_add_obj(root, "numbers");
	errors(s, week, a, o);
	deployments(s, week, a, o);
	if (w > 0) /* of the first week's it is not known what was there before */
		jw_f64(o, "deployments.lead_time_s", lead_time(s, week, a));
	ci(s, w, week, o);
	security(s, w, a, o);
	availability(s, week, a, o);
	return jw_print(root, true, a);
}

bool truth_compare(const char *truth_path, const char *digest_path, bool *same, struct err *e)
{
	struct arena a = {0};
	const char *text[2];
	size_t len[2];
	CLEANUP(json_freep) struct json *truth = NULL;
	CLEANUP(json_freep) struct json *digest = NULL;
	bool ok = file_read(truth_path, LIMIT_BODY_BYTES, &a, &text[0], &len[0], e) &&
		  file_read(digest_path, LIMIT_BODY_BYTES, &a, &text[1], &len[1], e) &&
		  json_parse(text[0], len[0], &truth, e) && json_parse(text[1], len[1], &digest, e);
	if (ok) {
		struct jv t = json_root(truth), d = json_root(digest),
			  want = json_get(&t, "numbers"), have = json_get(&d, "numbers");
		*same = json_count(&want) > 0;
		for (struct jv it = json_first(&want); it.n; it = json_next(&it)) {
			struct jv number = json_get(&have, it.key);
			double x = NAN, y = NAN;
			struct err ignored = {0};
			if (!json_f64_opt(&want, it.key, &x, &ignored) ||
			    !json_f64_opt(&number, "value", &y, &ignored))
				y = NAN;
			if (!number.n || isnan(x) != isnan(y) || fabs(x - y) > 1e-9) {
				*same = false;
				printf("%s: expected %s, got %s\n", it.key,
				       isnan(x) ? "null" : arena_printf(&a, "%g", x),
				       !number.n  ? "nothing"
				       : isnan(y) ? "null"
						  : arena_printf(&a, "%g", y));
			}
		}
	}
	arena_release(&a);
	return ok;
}
