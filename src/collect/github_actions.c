#include "collect/github.h"

#include "base/text.h"
#include "store/facts.h"

#define NEED "Actions: read"

/* A list of the repository ended; when all have, the repository has answered. */
static bool list_ended(struct gh_repo *r, bool whole, struct err *e)
{
	r->lost |= !whole;
	if (--r->lists > 0 || r->lost)
		return true;
	collect_got(r->g->actions, 1);
	return gh_schedules_start(r, e);
}

/* The run was listed, so this is no question of permission. */
static bool is_gone(struct part *p, const struct http_response *r, const char *what)
{
	if (r->status == 404)
		collect_short(p, "404 on %s: GitHub does not keep it any more", what);
	return r->status == 404;
}

/* --- jobs of one attempt --- */

struct jobs_ask {
	struct gh_repo *repo;
	struct rec_run run; /* as listed: the latest attempt */
	struct rec_attempt t; /* whose jobs these are */
	struct page_walk walk;
	VEC(struct rec_job) jobs;
};

static bool put_jobs(struct jobs_ask *q, struct err *e)
{
	struct collect *c = q->repo->g->c;
	int64_t ended_s = TIME_NONE;
	for (size_t i = 0; i < q->jobs.n; i++)
		if (q->jobs.v[i].completed_s != TIME_NONE &&
		    (ended_s == TIME_NONE || q->jobs.v[i].completed_s > ended_s))
			ended_s = q->jobs.v[i].completed_s;
	if (ended_s != TIME_NONE)
		q->t.completed_s = ended_s;
	if (!db_begin(c->db, e) ||
	    !ci_put_jobs(c->db, q->run.source, q->run.key, q->t.attempt, q->jobs.v, q->jobs.n, e) ||
	    !ci_put_attempt(c->db, q->run.source, q->run.key, &q->t, e))
		return false;
	if (q->t.attempt == q->run.attempt && ended_s != TIME_NONE) {
		q->run.completed_s = ended_s;
		if (!ci_put_run(c->db, &q->run, clock_now(c->clock), e))
			return false;
	}
	return db_commit(c->db, e);
}

static bool on_jobs(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct jobs_ask *q = ctx;
	struct github *g = q->repo->g;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what = arena_printf(a, "%s: jobs of run %s attempt %lld", q->repo->rec.name,
					q->run.key, (long long)q->t.attempt);
	if (is_gone(p, r, what))
		return true;
	if (!gh_json(g, q->repo->token, r, what, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, "jobs", &rows, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
		struct rec_job job;
		if (!gh_parse_job(&it, p->c->a, &job, &bad)) {
			collect_short(p, "%s: %s", what, bad.msg);
			return true;
		}
		job.attempt = q->t.attempt;
		vec_push(p->c->a, &q->jobs, job);
	}
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	next = page_step(p, &q->walk, next, token, what);
	if (next == PAGE_MORE)
		gh_get(g, q->repo->token, p, token, on_jobs, q);
	/* Jobs cut short are not stored: the attempt is asked for again. */
	return next == PAGE_END ? put_jobs(q, e) : true;
}

static void ask_jobs(struct gh_repo *repo, const struct rec_run *run, struct rec_attempt t)
{
	struct jobs_ask *q = arena_new(repo->g->c->a, struct jobs_ask);
	*q = (struct jobs_ask){.repo = repo, .run = *run, .t = t};
	gh_get(repo->g, repo->token, repo->g->actions,
	       gh_url(repo, arena_printf(repo->g->c->a,
					 "/actions/runs/%s/attempts/%lld/jobs?per_page=100",
					 run->key, (long long)t.attempt)),
	       on_jobs, q);
}

/* --- earlier attempts: the record of a failure that a re-run turned green is only there --- */

struct attempt_ask {
	struct gh_repo *repo;
	struct rec_run run;
	int64_t attempt;
};

static bool on_attempt(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct attempt_ask *q = ctx;
	struct github *g = q->repo->g;
	struct collect *c = p->c;
	CLEANUP(json_freep) struct json *j = NULL;
	struct rec_run run;
	struct err bad = {0};
	const char *why;
	const char *what = arena_printf(&c->scratch, "%s: run %s attempt %lld", q->repo->rec.name,
					q->run.key, (long long)q->attempt);
	if (is_gone(p, r, what))
		return true;
	if (!gh_json(g, q->repo->token, r, what, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv root = json_root(j);
	if (!gh_parse_run(&root, &q->repo->rec, c->a, &run, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	struct rec_attempt t = {.attempt = q->attempt,
				.conclusion = run.conclusion,
				.started_s = run.started_s,
				.completed_s = run.completed_s};
	if (gh_failing(t.conclusion)) {
		ask_jobs(q->repo, &q->run, t);
		return true;
	}
	return db_begin(c->db, e) && ci_put_attempt(c->db, q->run.source, q->run.key, &t, e) &&
	       db_commit(c->db, e);
}

static void ask_attempt(struct gh_repo *repo, const struct rec_run *run, int64_t attempt)
{
	struct attempt_ask *q = arena_new(repo->g->c->a, struct attempt_ask);
	*q = (struct attempt_ask){repo, *run, attempt};
	gh_get(repo->g, repo->token, repo->g->actions,
	       gh_url(repo,
		      arena_printf(repo->g->c->a,
				   "/actions/runs/%s/attempts/%lld?exclude_pull_requests=true",
				   run->key, (long long)attempt)),
	       on_attempt, q);
}

/* --- one run --- */

static const struct rec_attempt *stored(const struct ci_attempts *have, int64_t attempt)
{
	for (size_t i = 0; i < have->n; i++)
		if (have->v[i].attempt == attempt && have->v[i].conclusion)
			return &have->v[i];
	return NULL;
}

/* Older runs are there for "failing now" and for what came after them: one that failed is looked
 * into if it is its workflow's last word on the default branch. Runs come newest first. */
static bool last_word(struct gh_repo *repo, const struct rec_run *run)
{
	const char *flow = run->workflow_key ? run->workflow_key : run->workflow_path;
	bool word = gh_failing(run->conclusion) || text_eq(run->conclusion, "success") ||
		    text_eq(run->conclusion, "startup_failure");
	if (!run->default_branch || !flow || !word || keys_get(&repo->judged, flow))
		return false;
	keys_put(&repo->judged, repo->g->c->a, flow, repo);
	return true;
}

/* Stores the run and asks for what its row does not tell and the store does not have. Inside a
 * transaction. */
static bool take_run(struct gh_repo *repo, struct rec_run *run, struct err *e)
{
	struct collect *c = repo->g->c;
	struct ci_attempts have;
	struct rec_run old;
	bool found, last = last_word(repo, run);
	if (!ci_get_run(c->db, run->source, run->key, &c->scratch, &old, &found, e) ||
	    !facts_attempts(c->db, run->source, run->key, &c->scratch, &have, e))
		return false;
	if (found && old.attempt > run->attempt) /* the page is older than what we know */
		return true;
	bool later = found && run->attempt > old.attempt;
	if (found && !later && text_eq(old.conclusion, run->conclusion) &&
	    old.completed_s != TIME_NONE)
		run->completed_s = old.completed_s; /* from the jobs: better than updated_at */
	if (!ci_put_run(c->db, run, clock_now(c->clock), e))
		return false;
	if (run->created_s < c->from_s && !later && !have.n && !last)
		return true;
	/* A run after the week tells of it by its latest attempt alone ("the next commit fails,
	 * too"); its earlier ones are asked for in its own week. */
	for (int64_t k = 1; k < run->attempt && run->created_s < c->to_s; k++)
		if (!stored(&have, k))
			ask_attempt(repo, run, k);
	const struct rec_attempt *mine = stored(&have, run->attempt);
	if (!run->conclusion || (mine && text_eq(mine->conclusion, run->conclusion)))
		return true;
	struct rec_attempt t = {.attempt = run->attempt,
				.conclusion = run->conclusion,
				.started_s = run->started_s,
				.completed_s = run->completed_s};
	if (gh_failing(run->conclusion)) {
		ask_jobs(repo, run, t);
		return true;
	}
	if (run->attempt > 1 || text_eq(run->conclusion, "startup_failure"))
		return ci_put_attempt(c->db, run->source, run->key, &t, e);
	return true;
}

/* --- runs that were not settled when last seen, too old for the list --- */

struct run_ask {
	struct gh_repo *repo;
	const char *key;
};

static bool on_run(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct run_ask *q = ctx;
	struct github *g = q->repo->g;
	CLEANUP(json_freep) struct json *j = NULL;
	struct rec_run run;
	struct err bad = {0};
	const char *why;
	const char *what = arena_printf(&p->c->scratch, "%s: run %s", q->repo->rec.name, q->key);
	if (r->status == 404) /* deleted since: what we know of it stands */
		return true;
	if (!gh_json(g, q->repo->token, r, what, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv root = json_root(j);
	if (!gh_parse_run(&root, &q->repo->rec, p->c->a, &run, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	return db_begin(p->c->db, e) && take_run(q->repo, &run, e) && db_commit(p->c->db, e);
}

/* Skipped, neutral and stale runs do not change by themselves. */
static bool may_change(const char *conclusion)
{
	return !conclusion || gh_failing(conclusion) || text_eq(conclusion, "startup_failure") ||
	       text_eq(conclusion, "cancelled") || text_eq(conclusion, "action_required");
}

static void ask_unsettled(struct gh_repo *repo)
{
	struct github *g = repo->g;
	for (size_t i = 0; i < g->unsettled.n; i++) {
		const struct rec_run *u = &g->unsettled.v[i];
		if ((strcmp(u->repo, repo->rec.name) != 0 && !text_eq(u->repo, repo->old_name)) ||
		    !may_change(u->conclusion) || keys_get(&repo->seen, u->key))
			continue;
		struct run_ask *q = arena_new(g->c->a, struct run_ask);
		*q = (struct run_ask){repo, u->key};
		gh_get(g, repo->token, g->actions,
		       gh_url(repo,
			      arena_printf(g->c->a, "/actions/runs/%s?exclude_pull_requests=true",
					   u->key)),
		       on_run, q);
	}
}

/* --- the list of runs --- */

static bool on_runs(struct part *p, const struct http_response *r, void *ctx, struct err *e);

/* Unfiltered: filters go to a search index that lags, leaves runs out and ends at 1,000. */
static void ask_runs(struct gh_repo *repo)
{
	gh_get(repo->g, repo->token, repo->g->actions,
	       gh_url(repo, arena_printf(repo->g->c->a,
					 "/actions/runs?per_page=%d&exclude_pull_requests=true",
					 repo->per_page)),
	       on_runs, repo);
}

static void ask_workflows(struct gh_repo *repo);

static bool runs_ended(struct gh_repo *repo, bool whole, struct err *e)
{
	struct collect *c = repo->g->c;
	struct ci_span span;
	/* The first runs of a repository that had no workflow. */
	if (repo->seen.n > 0 && !repo->workflows_asked)
		ask_workflows(repo);
	if (!list_ended(repo, whole, e))
		return false;
	if (!whole)
		return true;
	ask_unsettled(repo);
	if (!facts_span(c->db, repo->rec.source, repo->rec.key, &span, e))
		return false;
	if (span.from_s == TIME_NONE || span.to_s < repo->since_s || span.from_s > repo->since_s)
		span.from_s = repo->since_s;
	span.to_s = repo->asked_s;
	return db_begin(c->db, e) &&
	       facts_put_span(c->db, repo->rec.source, repo->rec.key, span, e) &&
	       db_commit(c->db, e);
}

static bool runs_page(struct gh_repo *repo, const struct jv *rows, bool *past, struct err *e)
{
	struct collect *c = repo->g->c;
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct rec_run run;
		struct err bad = {0};
		if (!gh_parse_run(&it, &repo->rec, c->a, &run, &bad)) {
			collect_short(repo->g->actions, "%s: a run could not be read: %s",
				      repo->rec.name, bad.msg);
			continue;
		}
		*past = run.created_s < repo->since_s;
		if (keys_get(&repo->seen, run.key)) /* newer runs pushed it onto this page */
			continue;
		keys_put(&repo->seen, c->a, run.key, repo);
		if (!take_run(repo, &run, e))
			return false;
	}
	return db_commit(c->db, e);
}

static bool on_runs(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct gh_repo *repo = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	bool past = false;
	const char *why, *token = NULL;
	if (answer_too_heavy(r) && repo->per_page > 30) { /* 100 runs are 1.4 MB */
		repo->per_page = 30;
		repo->runs = (struct page_walk){0};
		ask_runs(repo);
		return true;
	}
	if (!gh_json(repo->g, repo->token, r, repo->rec.name, NEED, &j, &why, e)) {
		if (!why)
			return false;
		collect_short(p, "%s", why);
		return runs_ended(repo, false, e);
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, "workflow_runs", &rows, &bad)) {
		collect_short(p, "%s: %s", repo->rec.name, bad.msg);
		return runs_ended(repo, false, e);
	}
	if (!runs_page(repo, &rows, &past, e))
		return false;
	enum page_next next = page_github(r, repo->g->cfg->url, a, &token);
	if (past)
		next = PAGE_END;
	next = page_step(p, &repo->runs, next, token,
			 arena_printf(a, "runs of %s", repo->rec.name));
	if (next == PAGE_MORE) {
		gh_get(repo->g, repo->token, p, token, on_runs, repo);
		return true;
	}
	return runs_ended(repo, next == PAGE_END, e);
}

/* --- workflows --- */

static bool workflow_row(struct gh_repo *repo, const struct jv *row, struct err *e)
{
	struct collect *c = repo->g->c;
	struct arena *a = &c->scratch;
	struct rec_workflow w = {.source = repo->rec.source, .repo = repo->rec.name};
	struct err bad = {0};
	if (!json_id(row, "id", a, &w.key, &bad) || !json_str_opt(row, "name", a, &w.name, &bad) ||
	    !json_str_opt(row, "path", a, &w.path, &bad) ||
	    !json_str_opt(row, "state", a, &w.state, &bad) ||
	    !json_str_opt(row, "html_url", a, &w.url, &bad)) {
		collect_short(repo->g->actions, "%s: a workflow could not be read: %s",
			      repo->rec.name, bad.msg);
		return true;
	}
	return ci_put_workflow(c->db, &w, clock_now(c->clock), e);
}

static bool on_workflows(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct gh_repo *repo = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what = arena_printf(a, "%s: workflows", repo->rec.name);
	if (!gh_json(repo->g, repo->token, r, what, NEED, &j, &why, e)) {
		if (!why)
			return false;
		collect_short(p, "%s", why);
		return list_ended(repo, false, e);
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, "workflows", &rows, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return list_ended(repo, false, e);
	}
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!workflow_row(repo, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	enum page_next next = page_github(r, repo->g->cfg->url, a, &token);
	next = page_step(p, &repo->workflows, next, token, what);
	if (next != PAGE_MORE)
		return list_ended(repo, next == PAGE_END, e);
	gh_get(repo->g, repo->token, p, token, on_workflows, repo);
	return true;
}

/* Back to 30 days before the week ("failing now" looks that far), unless that was listed before:
 * then back to where the gap begins, at least to the collected window. */
static bool find_since(struct gh_repo *repo, struct err *e)
{
	struct collect *c = repo->g->c;
	struct ci_span had;
	int64_t want_s = c->week.from_s - GITHUB_RERUN_S;
	if (!facts_span(c->db, repo->rec.source, repo->rec.key, &had, e))
		return false;
	repo->since_s = want_s;
	if (had.from_s != TIME_NONE && had.from_s <= want_s && had.to_s > want_s)
		repo->since_s = MIN(c->from_s, had.to_s);
	return true;
}

static void ask_workflows(struct gh_repo *repo)
{
	repo->workflows_asked = true;
	repo->lists++;
	gh_get(repo->g, repo->token, repo->g->actions,
	       gh_url(repo, "/actions/workflows?per_page=100"), on_workflows, repo);
}

bool gh_actions_start(struct gh_repo *repo, struct err *e)
{
	struct collect *c = repo->g->c;
	struct ci_span had;
	bool any = false;
	if (!find_since(repo, e) || !facts_span(c->db, repo->rec.source, repo->rec.key, &had, e) ||
	    !ci_has_workflows(c->db, repo->rec.source, repo->rec.name, &any, e))
		return false;
	repo->per_page = 100;
	repo->asked_s = clock_now(c->clock);
	repo->lists = 1;
	collect_expect(repo->g->actions, 1);
	ask_runs(repo);
	/* A quiet repository costs one request: a workflow it has not had before runs once added.
	 */
	if (any || had.from_s == TIME_NONE)
		ask_workflows(repo);
	return true;
}
