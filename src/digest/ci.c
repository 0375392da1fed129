#include "digest/ci.h"

#include "base/text.h"
#include "digest/counts.h"
#include "digest/study.h"
#include "digest/owners.h"
#include "digest/stats.h"

#include <math.h>

/* Back: 30 days before the week's start, for what was failing then. After: the next commit that
 * tells real from undecided, and later runs of the same commit. */
#define BEFORE_S ((int64_t)30 * 86400)
#define AFTER_S	 ((int64_t)14 * 86400)

const char *ci_owner(const struct study *f, const char *repo)
{
	return owner_of(f->cfg, &(struct belongs){.repo = repo}, f->a);
}

static bool data_processing(const struct study *f, const char *source, const char *repo,
			    const char *path)
{
	if (!repo || !path)
		return false;
	const char *slash = strrchr(path, '/');
	const char *full = arena_printf(f->a, "%s/%s", repo_short(repo), path);
	const char *base = arena_printf(f->a, "%s/%s", repo_short(repo), slash ? slash + 1 : path);
	for (size_t i = 0; i < f->cfg->github.n; i++) {
		const struct github_source *g = &f->cfg->github.v[i];
		if (text_eq(g->name, source) && (text_glob_list(&g->data_processing, full) ||
						 text_glob_list(&g->data_processing, base)))
			return true;
	}
	return false;
}

struct ci_counts ci_count(const struct study *f, int64_t from_s, int64_t to_s, bool only_data)
{
	struct ci_counts c = {0};
	const struct rec_run *before = NULL;
	bool counts = false;
	for (size_t i = 0; i < f->ci.runs.n; i++) {
		const struct ci_run *x = &f->ci.runs.v[i];
		const struct rec_run *r = x->r;
		if (r->created_s < from_s || r->created_s >= to_s)
			continue;
		if (!before || !text_eq(before->repo, r->repo) ||
		    !text_eq(before->workflow_path, r->workflow_path))
			counts = study_shown(f, ci_owner(f, r->repo)) &&
				 (!only_data ||
				  data_processing(f, r->source, r->repo, r->workflow_path));
		before = r;
		if (!counts)
			continue;
		c.runs++;
		c.failed += x->failed;
		switch (x->class) {
		case CI_SUCCEEDED:
			c.succeeded++;
			break;
		case CI_FLAKY:
			c.flaky++;
			c.flaky_failed += x->failed;
			c.succeeded += text_eq(r->conclusion, "success");
			break;
		case CI_INFRASTRUCTURE:
			c.infrastructure++;
			break;
		case CI_REAL:
			c.real++;
			break;
		case CI_UNDECIDED:
			c.undecided++;
			break;
		case CI_CANCELLED:
			c.cancelled++;
			break;
		case CI_RUNNING:
		case CI_OTHER:
			break;
		}
	}
	return c;
}

static const char *class_kind(enum ci_class c)
{
	switch (c) {
	case CI_FLAKY:
		return "flaky";
	case CI_INFRASTRUCTURE:
		return "infrastructure";
	case CI_REAL:
		return "real";
	case CI_UNDECIDED:
		return "undecided";
	case CI_CANCELLED:
		return "cancelled";
	case CI_RUNNING:
	case CI_SUCCEEDED:
	case CI_OTHER:
		return NULL;
	}
	return NULL;
}

static const char *counts_of(struct arena *a, const struct ci_run *x, bool data)
{
	const char *in = NULL;
	enum ci_class k = x->class;
	bool passed = k == CI_SUCCEEDED || (k == CI_FLAKY && text_eq(x->r->conclusion, "success"));
	counts_add(a, &in, true, "ci.runs");
	counts_add(a, &in, passed, "ci.succeeded");
	counts_add(a, &in, x->failed, "ci.failed");
	counts_add(a, &in, k == CI_REAL, "ci.real");
	counts_add(a, &in, k == CI_FLAKY, "ci.flaky");
	counts_add(a, &in, k == CI_INFRASTRUCTURE, "ci.infrastructure");
	counts_add(a, &in, k == CI_CANCELLED, "ci.cancelled");
	counts_add(a, &in, k == CI_UNDECIDED, "ci.undecided");
	counts_add(a, &in, data && x->failed, "ci.data_processing.failed");
	counts_add(a, &in, data && k == CI_REAL, "ci.data_processing.real");
	counts_add(a, &in, data && k == CI_FLAKY, "ci.data_processing.flaky");
	return in;
}

static bool add_runs(struct study *f, struct err *e)
{
	struct ci_week *w = &f->ci;
	for (size_t i = 0; i < w->runs.n; i++) {
		const struct ci_run *x = &w->runs.v[i];
		const char *kind = class_kind(x->class);
		if (x->r->created_s < f->from_s || x->r->created_s >= f->to_s)
			continue;
		struct ci_row row = {.x = x, .owner = ci_owner(f, x->r->repo)};
		if (!study_shown(f, row.owner))
			continue;
		w->running += x->class == CI_RUNNING;
		struct item it = {
			.section = "ci",
			.kind = kind,
			.key = arena_printf(f->a, "github-run:%s/%s", x->r->repo, x->r->key),
			.title = arena_printf(f->a, "%s: %s", repo_short(x->r->repo),
					      x->r->workflow ? x->r->workflow : "a workflow"),
			.url = x->r->url,
			.owner = row.owner,
			.first_seen_s = x->r->created_s};
		if (!kind) {
			study_counted(
				f, &(struct counted){.section = it.section,
						     .kind = x->class == CI_SUCCEEDED ? "succeeded"
							     : x->class == CI_RUNNING ? "running"
										      : "other",
						     .key = it.key,
						     .title = it.title,
						     .url = it.url,
						     .owner = it.owner,
						     .at_s = it.first_seen_s,
						     .counts = counts_of(f->a, x, false)});
			continue;
		}
		row.data_processing =
			data_processing(f, x->r->source, x->r->repo, x->r->workflow_path);
		row.set_aside = x->class == CI_CANCELLED	? "cancelled"
				: x->class == CI_INFRASTRUCTURE ? "infrastructure"
				: x->class == CI_FLAKY		? "flaky"
								: NULL;
		f->collected++;
		it.set_aside = row.set_aside;
		it.counts = counts_of(f->a, x, row.data_processing);
		if (!study_item(f, &it, NULL, false, &row.item, e))
			return false;
		vec_push(f->a, &w->rows, row);
	}
	return true;
}

static bool in_use(const struct ci_week *w, const char *repo)
{
	for (size_t i = 0; i < w->repos.n; i++)
		if (text_eq(w->repos.v[i].name, repo))
			return !w->repos.v[i].archived && !w->repos.v[i].disabled &&
			       !w->repos.v[i].gone;
	return true;
}

static struct ci_workflow_row flow_of(const struct study *f, const struct rec_workflow *known,
				      const struct ci_workflow *state)
{
	BUG_ON(!known && !state);
	const char *path = known ? known->path : state->path;
	struct ci_workflow_row r = {
		.w = state,
		.known = known,
		.name = known && known->name   ? known->name
			: state && state->name ? state->name
					       : path,
		.repo = known ? known->repo : state->repo,
		.url = known ? known->url : NULL,
		.last_schedule_s = state ? state->last_schedule_s : TIME_NONE,
		.gap_s = state ? state->gap_s : NUM_NONE,
	};
	const char *source = known ? known->source : state->source;
	r.name = r.name ? r.name : "a workflow";
	r.owner = ci_owner(f, r.repo);
	r.key = arena_printf(f->a, "github-workflow:%s/%s", r.repo, path ? path : r.name);
	r.data_processing = data_processing(f, source, r.repo, path);
	r.recovered = state && state->failing_at_start && state->last && !state->last->failed;
	if (known && known->scheduled && in_use(&f->ci, r.repo)) {
		r.switched_off = known->state && !text_eq(known->state, "active");
		r.stopped = r.switched_off || (state && ci_missed_two(state, f->to_s));
	}
	return r;
}

static void join_flows(struct study *f)
{
	struct ci_week *w = &f->ci;
	bool *used = arena_array(f->a, bool, w->workflows.n + 1);
	for (size_t i = 0; i < w->states.n; i++) {
		const struct ci_workflow *s = &w->states.v[i];
		const struct rec_workflow *known = NULL;
		for (size_t k = 0; k < w->workflows.n && !known; k++) {
			const struct rec_workflow *x = &w->workflows.v[k];
			if (text_eq(x->source, s->source) && text_eq(x->repo, s->repo) &&
			    (s->key ? text_eq(x->key, s->key) : text_eq(x->path, s->path))) {
				known = x;
				used[k] = true;
			}
		}
		vec_push(f->a, &w->flows, flow_of(f, known, s));
	}
	for (size_t k = 0; k < w->workflows.n; k++)
		if (!used[k])
			vec_push(f->a, &w->flows, flow_of(f, &w->workflows.v[k], NULL));
	size_t kept = 0;
	for (size_t i = 0; i < w->flows.n; i++)
		if (study_shown(f, w->flows.v[i].owner))
			w->flows.v[kept++] = w->flows.v[i];
	w->flows.n = kept;
}

/* A workflow that has been silent for longer than the runs read here: older stored runs, then its
 * own list of them tell its rhythm. Without any it stays stopped while an earlier digest said so.
 */
static bool long_silent(struct study *f, struct ci_workflow_row *r, struct err *e)
{
	int64_t weeks = 0;
	if (!r->known || !r->known->scheduled || !in_use(&f->ci, r->repo) ||
	    r->last_schedule_s != TIME_NONE)
		return true;
	if (!ci_schedule(f->in->db, r->known, f->to_s, &r->last_schedule_s, &r->gap_s, e))
		return false;
	int64_t own = r->known->last_schedule_s;
	if (r->last_schedule_s == TIME_NONE && own != TIME_NONE && own < f->to_s) {
		r->last_schedule_s = own;
		r->gap_s = r->known->schedule_gap_s;
	}
	r->stopped |= ci_overdue(r->last_schedule_s, r->gap_s, f->to_s);
	if (r->stopped)
		return true;
	if (!digests_item_weeks(f->in->db, f->audience, f->week.name, r->key, &weeks, e))
		return false;
	r->stopped = weeks > 0;
	return true;
}

static bool add_flows(struct study *f, struct err *e)
{
	struct ci_week *w = &f->ci;
	for (size_t i = 0; i < w->flows.n; i++) {
		struct ci_workflow_row *r = &w->flows.v[i];
		if (!long_silent(f, r, e))
			return false;
		bool failing = r->w && r->w->failing;
		const char *in = NULL;
		w->failing_now += failing;
		w->recovered += r->recovered;
		w->stopped += r->stopped;
		counts_add(f->a, &in, failing, "ci.failing_now");
		counts_add(f->a, &in, r->recovered, "ci.recovered");
		counts_add(f->a, &in, r->stopped, "ci.stopped");
		const char *title = arena_printf(f->a, "%s: %s", repo_short(r->repo), r->name);
		if (!r->recovered && !r->stopped) {
			study_counted(f, &(struct counted){.section = "ci",
							   .kind = "failing",
							   .key = r->key,
							   .title = title,
							   .url = r->url,
							   .owner = r->owner,
							   .at_s = TIME_NONE,
							   .counts = in});
			continue;
		}
		/* A workflow that recovered and then stopped is one thing: what needs somebody. The
		 * two numbers count it regardless. */
		struct item it = {.section = "ci",
				  .kind = r->stopped ? "stopped" : "recovered",
				  .key = r->key,
				  .title = title,
				  .url = r->url,
				  .owner = r->owner,
				  .first_seen_s = TIME_NONE,
				  .counts = in};
		f->collected++;
		if (!study_item(f, &it, NULL, r->stopped, &r->item, e))
			return false;
	}
	return true;
}

static void set_numbers(struct study *f)
{
	struct ci_week *w = &f->ci;
	if (w->all.runs == 0 && w->flows.n == 0 && !study_fed(f, "ci.runs"))
		return;
	struct digest_numbers *n = &f->numbers;
	numbers_set_i64(n, "ci.runs", w->all.runs);
	numbers_set_i64(n, "ci.succeeded", w->all.succeeded);
	numbers_set_i64(n, "ci.failed", w->all.failed);
	numbers_set_i64(n, "ci.real", w->all.real);
	numbers_set_i64(n, "ci.flaky", w->all.flaky);
	numbers_set_i64(n, "ci.infrastructure", w->all.infrastructure);
	numbers_set_i64(n, "ci.cancelled", w->all.cancelled);
	numbers_set_i64(n, "ci.undecided", w->all.undecided);
	numbers_set_i64(n, "ci.failing_now", w->failing_now);
	numbers_set_i64(n, "ci.recovered", w->recovered);
	numbers_set_i64(n, "ci.stopped", w->stopped);
	numbers_set_i64(n, "ci.data_processing.failed", w->data_processing.failed);
	numbers_set_i64(n, "ci.data_processing.real", w->data_processing.real);
	numbers_set_i64(n, "ci.data_processing.flaky", w->data_processing.flaky);
	struct spell *s = arena_array(f->a, struct spell, w->episodes.n + 1);
	size_t k = 0;
	for (size_t i = 0; i < w->episodes.n; i++) {
		const struct ci_episode *x = &w->episodes.v[i];
		if (!study_shown(f, ci_owner(f, x->first->r->repo)))
			continue;
		s[k++] = (struct spell){(double)x->duration_s, x->end == NULL};
		w->closed_episodes += x->end != NULL;
	}
	/* A median of one or two says nothing: they are listed instead. */
	numbers_set(n, "ci.time_to_green_s",
		    w->closed_episodes >= 3 ? stats_spell_median(s, k) : (double)NAN);
}

bool ci_analyse(struct study *f, struct err *e)
{
	struct ci_week *w = &f->ci;
	if (!ci_list(f->in->db, f->from_s - BEFORE_S, f->to_s + AFTER_S, f->a, &w->read, e) ||
	    !ci_workflows(f->in->db, f->a, &w->workflows, e) ||
	    !ci_repos(f->in->db, f->a, &w->repos, e))
		return false;
	size_t kept = 0;
	for (size_t i = 0; i < w->read.n; i++)
		if (coverage_trusts(&f->coverage, w->read.v[i].source, "ci.runs"))
			w->read.v[kept++] = w->read.v[i];
	w->read.n = kept;
	ci_classify(&w->read, f->a, &w->runs);
	ci_workflows_of(&w->runs, f->from_s, f->to_s, f->a, &w->states);
	ci_episodes_of(&w->runs, f->from_s, f->to_s, f->a, &w->episodes);
	join_flows(f);
	w->all = ci_count(f, f->from_s, f->to_s, false);
	w->data_processing = ci_count(f, f->from_s, f->to_s, true);
	const struct ci_counts *c = &w->all;
	if (c->real + c->infrastructure + c->undecided + c->flaky_failed != c->failed)
		return err_set(
			e, ERR_BUG, "failed CI runs do not add up: %lld of %lld",
			(long long)(c->real + c->infrastructure + c->undecided + c->flaky_failed),
			(long long)c->failed);
	if (!add_runs(f, e) || !add_flows(f, e))
		return false;
	set_numbers(f);
	return true;
}
