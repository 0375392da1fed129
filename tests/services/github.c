#include "services/github.h"

#include "base/parse.h"
#include "base/text.h"

/* GitHub's REST API for one organisation. Quirks kept on purpose: page 2 lives under another path,
 * updated_at is no completion time, a run whose file cannot be parsed is named by its path and has
 * no jobs, a skipped job completes before it starts. */

enum { PER_PAGE = 30, PER_PAGE_MAX = 100, FILTER_CAP = 1000 };

static const char *iso(const struct request *q, int64_t t_s)
{
	char b[TIME_TEXT];
	return arena_strdup(q->a, time_iso(t_s, b));
}

static const char *url_of(const struct request *q, const char *rest)
{
	return arena_printf(q->a, "http://127.0.0.1:%d%s", q->port, rest);
}

void github_fail(struct request *q, struct answer *r, int status, const char *message)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, "message", message);
	jw_str(o, "documentation_url", "https://docs.github.com/rest");
	jw_str(o, "status", arena_printf(q->a, "%d", status));
	r->status = status;
	answer_json(q, r, o);
}

/* --- pages: page numbers, as Link; path: where page 2 lives --- */
struct page {
	size_t from, to;
};
static struct page page_of(struct request *q, struct answer *r, size_t n, size_t cap,
			   const char *path)
{
	size_t per = (size_t)request_number(q, "per_page", 1, PER_PAGE_MAX, PER_PAGE);
	size_t page = (size_t)request_number(q, "page", 1, 1000000, 1);
	per = MIN(per, cap);
	size_t pages = n ? (n + per - 1) / per : 1;
	struct page p = {MIN((page - 1) * per, n), MIN(page * per, n)};
	bool stuck = text_eq(q->fault, "repeat-cursor");
	if (pages > 1 || stuck) {
		const char *rest = request_query(q, "page", NULL), *sep = *rest ? "&" : "?",
			   *text = "";
		if (page < pages || stuck)
			text = arena_printf(
				q->a,
				"<%s%s%spage=%zu>; rel=\"next\", <%s%s%spage=%zu>; rel=\"last\"",
				url_of(q, path), rest, sep, stuck ? page : page + 1,
				url_of(q, path), rest, sep, pages);
		if (page > 1)
			text = arena_printf(
				q->a,
				"%s%s<%s%s%spage=1>; rel=\"first\", <%s%s%spage=%zu>; rel=\"prev\"",
				text, *text ? ", " : "", url_of(q, path), rest, sep,
				url_of(q, path), rest, sep, page - 1);
		answer_header(r, "Link", text);
	}
	return p;
}

/* --- repositories --- */
static const char *full_name(const struct request *q, const struct repo *x)
{
	return arena_printf(q->a, "%s/%s", ESTATE_ORG, x->name);
}

static void owner_json(struct jw *o)
{
	struct jw *w = jw_add_obj(o, "owner");
	jw_str(w, "login", ESTATE_ORG);
	jw_i64(w, "id", ESTATE_ORG_ID);
	jw_str(w, "type", "Organization");
}

static void repo_json(struct request *q, struct jw *o, const struct repo *x)
{
	jw_i64(o, "id", x->id);
	jw_str(o, "node_id", arena_printf(q->a, "R_%lld", (long long)x->id));
	jw_str(o, "name", x->name);
	jw_str(o, "full_name", full_name(q, x));
	jw_bool(o, "private", x->closed);
	owner_json(o);
	jw_str(o, "html_url", arena_printf(q->a, "https://github.example.org/%s", full_name(q, x)));
	jw_null(o, "description");
	jw_bool(o, "fork", x->fork);
	jw_str(o, "url", url_of(q, arena_printf(q->a, "/repos/%s", full_name(q, x))));
	jw_str(o, "language", x->language);
	jw_bool(o, "archived", x->archived);
	jw_bool(o, "disabled", false);
	jw_str(o, "visibility", x->closed ? "private" : "public");
	jw_str(o, "default_branch", "main");
	jw_str(o, "pushed_at", "2026-11-13T16:00:00Z");
	jw_str(o, "created_at", "2021-03-01T10:00:00Z");
	jw_str(o, "updated_at", "2026-11-13T16:00:00Z");
}

static void repos(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	struct page p = page_of(q, r, s->repos.n, 25,
				arena_printf(q->a, "/organizations/%d/repos", ESTATE_ORG_ID));
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = p.from; i < p.to; i++)
		repo_json(q, jw_add_obj(root, NULL), &s->repos.v[i]);
	answer_json(q, r, root);
}

/* --- runs --- */
static const struct attempt *attempt_of(const struct run *x, int n)
{
	return &x->at[n - 1];
}

static void run_json(struct request *q, struct jw *o, const struct run *x, int n)
{
	const struct estate *s = q->c->estate;
	const struct wf *f = &s->wfs.v[x->wf];
	const struct repo *repo = &s->repos.v[f->repo];
	const struct attempt *t = attempt_of(x, n);
	const char *base = arena_printf(q->a, "/repos/%s/actions/runs/%lld", full_name(q, repo),
					(long long)x->id);
	bool broken = text_eq(t->conclusion, "startup_failure");
	int64_t touched =
		(t->completed_s ? t->completed_s : t->started_s) + (x->id % 17 == 0 ? 5184000 : 2);
	jw_i64(o, "id", x->id);
	jw_str(o, "name", broken ? f->path : f->name);
	jw_str(o, "node_id", arena_printf(q->a, "WFR_%lld", (long long)x->id));
	jw_str(o, "head_branch", x->branch);
	jw_str(o, "head_sha", x->sha);
	jw_str(o, "path", f->path);
	jw_str(o, "display_title", x->title);
	jw_i64(o, "run_number", x->number);
	jw_str(o, "event", x->event);
	jw_str(o, "status", t->conclusion ? "completed" : "in_progress");
	jw_str(o, "conclusion", t->conclusion);
	jw_i64(o, "workflow_id", f->id);
	jw_str(o, "url", url_of(q, base));
	jw_str(o, "html_url",
	       arena_printf(q->a, "https://github.example.org/%s/actions/runs/%lld",
			    full_name(q, repo), (long long)x->id));
	jw_add_arr(o, "pull_requests");
	if (text_eq(q->fault, "wrong-type"))
		jw_i64(o, "created_at", x->created_s);
	else
		jw_str(o, "created_at", iso(q, x->created_s));
	jw_str(o, "updated_at", iso(q, MIN(touched, s->now_s)));
	jw_null(o, "actor");
	jw_i64(o, "run_attempt", n);
	jw_add_arr(o, "referenced_workflows");
	jw_str(o, "run_started_at", iso(q, t->started_s));
	jw_str(o, "jobs_url", url_of(q, arena_printf(q->a, "%s/jobs", base)));
	jw_str(o, "previous_attempt_url",
	       n > 1 ? url_of(q, arena_printf(q->a, "%s/attempts/%d", base, n - 1)) : NULL);
	jw_str(o, "workflow_url",
	       url_of(q, arena_printf(q->a, "/repos/%s/actions/workflows/%lld", full_name(q, repo),
				      (long long)f->id)));
	struct jw *commit = jw_add_obj(o, "head_commit");
	jw_str(commit, "id", x->sha);
	jw_str(commit, "message", x->title);
	jw_str(commit, "timestamp", iso(q, x->created_s - 1800 - x->id % 5000));
	struct jw *w = jw_add_obj(o, "repository");
	jw_i64(w, "id", repo->id);
	jw_str(w, "name", repo->name);
	jw_str(w, "full_name", full_name(q, repo));
	owner_json(w);
	jw_null(o, "head_repository"); /* the fork is gone */
}

static bool created_match(const char *w, int64_t t_s)
{
	int64_t a, b;
	if (!w)
		return true;
	const char *dots = strstr(w, "..");
	char from[64];
	if (dots && (size_t)(dots - w) < sizeof from) {
		memcpy(from, w, (size_t)(dots - w));
		from[dots - w] = '\0';
		bool whole_day = strlen(dots + 2) == 10;
		return parse_time(from, &a) && parse_time(dots + 2, &b) && t_s >= a &&
		       t_s <= b + (whole_day ? 86399 : 0);
	}
	bool equal = w[0] && w[1] == '=';
	if (!(w[0] == '>' || w[0] == '<') || !parse_time(w + 1 + equal, &a))
		return false;
	return w[0] == '>' ? (equal ? t_s >= a : t_s > a) : equal ? t_s <= a : t_s < a;
}

static void runs(struct request *q, struct answer *r, const struct repo *repo, int64_t workflow,
		 const char *path)
{
	const struct estate *s = q->c->estate;
	static const char *const filters[] = {"branch", "event", "head_sha", "status", "created"};
	const char *w[5];
	bool filtered = false;
	for (size_t i = 0; i < 5; i++)
		filtered |= (w[i] = request_param(q, filters[i], 0)) != NULL;
	VEC(const struct run *) list = {0};
	for (size_t i = s->runs.n; i-- > 0;) { /* newest first */
		const struct run *x = &s->runs.v[i];
		const struct wf *f = &s->wfs.v[x->wf];
		const char *c = attempt_of(x, x->attempts)->conclusion;
		if (&s->repos.v[f->repo] != repo || (workflow && f->id != workflow) ||
		    x->created_s > s->now_s)
			continue;
		if ((w[0] && !text_eq(w[0], x->branch)) || (w[1] && !text_eq(w[1], x->event)) ||
		    (w[2] && !text_eq(w[2], x->sha)) ||
		    (w[3] && !text_eq(w[3], c) &&
		     !text_eq(w[3], c ? "completed" : "in_progress")) ||
		    !created_match(w[4], x->created_s))
			continue;
		vec_push(q->a, &list, x);
	}
	size_t reachable = filtered ? MIN(list.n, (size_t)FILTER_CAP) : list.n;
	struct page p =
		page_of(q, r, reachable, PER_PAGE_MAX,
			arena_printf(q->a, "/repositories/%lld%s", (long long)repo->id, path));
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_i64(root, "total_count", (int64_t)list.n);
	struct jw *rows = jw_add_arr(root, "workflow_runs");
	for (size_t i = p.from; i < p.to; i++)
		run_json(q, jw_add_obj(rows, NULL), list.v[i], list.v[i]->attempts);
	answer_json(q, r, root);
}

static const char *job_conclusion(const struct run *x, const struct wf *f, const struct attempt *t,
				  int job)
{
	if (text_eq(t->conclusion, "cancelled") || text_eq(t->conclusion, "skipped"))
		return t->conclusion;
	if (t->fail_job < 0 || job < t->fail_job || (f->kind == WF_TEST && job != t->fail_job))
		return "success";
	if (job > t->fail_job)
		return "skipped";
	(void)x;
	return text_eq(t->conclusion, "timed_out") ? "timed_out" : "failure";
}

static void job_json(struct request *q, struct jw *o, const struct run *x, int n, int job)
{
	const struct estate *s = q->c->estate;
	const struct wf *f = &s->wfs.v[x->wf];
	const struct attempt *t = attempt_of(x, n);
	const struct job_spec *spec = &f->jobs[job];
	const char *c = t->conclusion ? job_conclusion(x, f, t, job) : NULL;
	int64_t id = 70000000000 + (x->id - 26000000000) * 16 + n * 4 + job;
	bool ran = c && !text_eq(c, "skipped"), lost = t->no_runner && job == t->fail_job;
	jw_i64(o, "id", id);
	jw_i64(o, "run_id", x->id);
	jw_i64(o, "run_attempt", n);
	jw_str(o, "workflow_name", f->name);
	jw_str(o, "head_branch", x->branch);
	jw_str(o, "head_sha", x->sha);
	jw_str(o, "name", spec->name);
	jw_str(o, "status", c ? "completed" : "in_progress");
	jw_str(o, "conclusion", c);
	jw_str(o, "created_at", iso(q, t->started_s));
	jw_str(o, "started_at", iso(q, t->started_s + 5));
	jw_str(o, "completed_at", !c ? NULL : iso(q, ran ? t->completed_s : t->started_s + 4));
	struct jw *steps = jw_add_arr(o, "steps");
	int64_t at = t->started_s + 5;
	bool failed = false;
	for (int i = 0; ran && !lost && i < 6 && spec->steps[i]; i++) {
		bool here = job == t->fail_job && i == t->fail_step;
		struct jw *w = jw_add_obj(steps, NULL);
		jw_str(w, "name", spec->steps[i]);
		jw_str(w, "status", "completed");
		jw_str(w, "conclusion",
		       here			 ? "failure"
		       : failed			 ? "skipped"
		       : text_eq(c, "cancelled") ? "cancelled"
						 : "success");
		jw_i64(w, "number", i + 1);
		jw_str(w, "started_at", iso(q, at));
		at += 20;
		jw_str(w, "completed_at", iso(q, at));
		failed |= here;
	}
	bool runner = ran && !lost;
	jw_str(o, "html_url",
	       arena_printf(q->a, "https://github.example.org/%s/actions/runs/%lld/job/%lld",
			    full_name(q, &s->repos.v[f->repo]), (long long)x->id, (long long)id));
	jw_str(jw_add_arr(o, "labels"), NULL, "ubuntu-latest");
	jw_i64(o, "runner_id", runner ? 21 : 0);
	jw_str(o, "runner_name", runner ? "GitHub Actions 21" : "");
}

static void jobs(struct request *q, struct answer *r, const struct run *x, int from, int to,
		 const char *path)
{
	int n = 0, all = 0;
	int list[16][2];
	for (int k = from; k <= to; k++) {
		const struct attempt *t = attempt_of(x, k);
		if (text_eq(t->conclusion, "startup_failure") ||
		    text_eq(t->conclusion, "action_required"))
			continue;
		for (int j = 0; j < q->c->estate->wfs.v[x->wf].n_jobs; j++, n++)
			list[n][0] = k, list[n][1] = j;
	}
	all = n;
	struct page p = page_of(q, r, (size_t)all, PER_PAGE_MAX, path);
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_i64(root, "total_count", all);
	struct jw *rows = jw_add_arr(root, "jobs");
	for (size_t i = p.from; i < p.to; i++)
		job_json(q, jw_add_obj(rows, NULL), x, list[i][0], list[i][1]);
	answer_json(q, r, root);
}

static void one_run(struct request *q, struct answer *r, const struct repo *repo, const char *rest)
{ /* rest: "ID", "ID/jobs", "ID/attempts/N", "ID/attempts/N/jobs", "ID/artifacts" */
	const struct estate *s = q->c->estate;
	const struct run *x = NULL;
	size_t n = strcspn(rest, "/");
	int64_t id = 0, k;
	for (size_t i = 0; parse_i64_n(rest, n, &id) && i < s->runs.n; i++)
		if (s->runs.v[i].id == id && &s->repos.v[s->wfs.v[s->runs.v[i].wf].repo] == repo)
			x = &s->runs.v[i];
	rest += n;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	if (!x) {
		github_fail(q, r, 404, "Not Found");
	} else if (text_eq(rest, "")) {
		run_json(q, o, x, x->attempts);
		answer_json(q, r, o);
	} else if (text_eq(rest, "/jobs")) {
		bool all = text_eq(request_param(q, "filter", 0), "all");
		jobs(q, r, x, all ? 1 : x->attempts, x->attempts, q->path);
	} else if (text_eq(rest, "/artifacts")) {
		r->body = "{\"total_count\":0,\"artifacts\":[]}";
	} else if (text_starts(rest, "/attempts/") &&
		   parse_i64_n(rest + 10, strcspn(rest + 10, "/"), &k) && k >= 1 &&
		   k <= x->attempts) {
		rest += 10 + strcspn(rest + 10, "/");
		if (text_eq(rest, "/jobs")) {
			jobs(q, r, x, (int)k, (int)k, q->path);
		} else {
			run_json(q, o, x, (int)k);
			answer_json(q, r, o);
		}
	} else {
		github_fail(q, r, 404, "Not Found");
	}
}

static void workflows(struct request *q, struct answer *r, const struct repo *repo)
{
	const struct estate *s = q->c->estate;
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *rows = jw_add_arr(root, "workflows");
	int64_t n = 0;
	for (size_t i = 0; i < s->wfs.n; i++) {
		const struct wf *f = &s->wfs.v[i];
		if (&s->repos.v[f->repo] != repo)
			continue;
		struct jw *o = jw_add_obj(rows, NULL);
		jw_i64(o, "id", f->id);
		jw_str(o, "name", f->name);
		jw_str(o, "path", f->path);
		jw_str(o, "state", f->state);
		jw_str(o, "created_at", "2023-02-01T09:00:00.000Z");
		jw_str(o, "updated_at", "2024-06-01T09:00:00.000+01:00");
		jw_str(o, "html_url",
		       arena_printf(q->a, "https://github.example.org/%s/blob/main/%s",
				    full_name(q, repo), f->path));
		n++;
	}
	jw_i64(root, "total_count", n);
	answer_json(q, r, root);
}

/* --- deployments --- */
static void deployments(struct request *q, struct answer *r, const struct repo *repo)
{
	const struct estate *s = q->c->estate;
	const char *env = request_param(q, "environment", 0), *sha = request_param(q, "sha", 0);
	VEC(const struct dep *) list = {0};
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		if (d->github_id && &s->repos.v[d->repo] == repo &&
		    (!env || text_eq(env, d->env_name)) && (!sha || text_eq(sha, d->sha)))
			vec_push(q->a, &list, d);
	}
	for (size_t i = 1; i < list.n; i++) /* newest first */
		for (size_t k = i; k > 0 && list.v[k - 1]->published_s < list.v[k]->published_s;
		     k--) {
			const struct dep *d = list.v[k];
			list.v[k] = list.v[k - 1];
			list.v[k - 1] = d;
		}
	struct page p =
		page_of(q, r, list.n, PER_PAGE_MAX,
			arena_printf(q->a, "/repositories/%lld/deployments", (long long)repo->id));
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = p.from; i < p.to; i++) {
		const struct dep *d = list.v[i];
		struct jw *o = jw_add_obj(root, NULL);
		const char *base = arena_printf(q->a, "/repos/%s/deployments/%lld",
						full_name(q, repo), (long long)d->github_id);
		jw_str(o, "url", url_of(q, base));
		jw_i64(o, "id", d->github_id);
		jw_str(o, "sha", d->sha);
		jw_str(o, "ref", "main");
		jw_str(o, "task", "deploy");
		if (i % 2) /* an object or a text that holds JSON */
			jw_add_obj(o, "payload");
		else
			jw_str(o, "payload", "{\"deploy\":\"migrate\"}");
		jw_str(o, "original_environment", d->env_name);
		jw_str(o, "environment", d->env_name);
		jw_null(o, "description");
		jw_null(o, "creator");
		jw_str(o, "created_at", iso(q, d->published_s));
		jw_str(o, "updated_at", iso(q, d->published_end_s));
		jw_bool(o, "production_environment", d->env == 0);
		jw_bool(o, "transient_environment", d->env < 0);
		jw_str(o, "statuses_url", url_of(q, arena_printf(q->a, "%s/statuses", base)));
		jw_str(o, "repository_url",
		       url_of(q, arena_printf(q->a, "/repos/%s", full_name(q, repo))));
	}
	answer_json(q, r, root);
}

static void status_json(struct request *q, struct jw *rows, const struct dep *d, const char *state,
			int64_t t_s)
{
	struct jw *o = jw_add_obj(rows, NULL);
	jw_i64(o, "id", d->github_id * 8 + t_s % 7);
	jw_str(o, "state", state);
	jw_str(o, "description", "");
	jw_str(o, "environment", d->env_name);
	jw_str(o, "created_at", iso(q, t_s));
	jw_str(o, "updated_at", iso(q, t_s));
	jw_str(o, "target_url", "https://github.example.org/" ESTATE_ORG);
	jw_str(o, "log_url", "https://github.example.org/" ESTATE_ORG);
	jw_str(o, "environment_url", "");
}

static void statuses(struct request *q, struct answer *r, const struct repo *repo,
		     const char *id_text)
{
	const struct estate *s = q->c->estate;
	int64_t id = 0, superseded = 0;
	const struct dep *d = NULL;
	for (size_t i = 0; parse_i64_n(id_text, strcspn(id_text, "/"), &id) && i < s->deps.n; i++)
		if (s->deps.v[i].github_id == id && &s->repos.v[s->deps.v[i].repo] == repo)
			d = &s->deps.v[i];
	if (!d) {
		github_fail(q, r, 404, "Not Found");
		return;
	}
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *o = &s->deps.v[i];
		if (o->github_id && o->repo == d->repo && text_eq(o->env_name, d->env_name) &&
		    o->published_s > d->published_s &&
		    (!superseded || o->published_end_s < superseded))
			superseded = o->published_end_s;
	}
	bool failed = !d->codedeploy && d->state == DEP_FAILED;
	CLEANUP(jw_freep) struct jw *rows = jw_arr();
	if (superseded && !failed)
		status_json(q, rows, d, "inactive", superseded);
	status_json(q, rows, d, failed ? "failure" : "success", d->published_end_s);
	status_json(q, rows, d, "in_progress", d->published_s + 5);
	status_json(q, rows, d, "queued", d->published_s);
	answer_json(q, r, rows);
}

/* --- the table of paths --- */
static void in_repo(struct request *q, struct answer *r, const struct repo *repo, const char *rest)
{
	if (text_eq(rest, "")) {
		CLEANUP(jw_freep) struct jw *o = jw_obj();
		repo_json(q, o, repo);
		answer_json(q, r, o);
	} else if (text_eq(rest, "/actions/runs")) {
		runs(q, r, repo, 0, rest);
	} else if (text_starts(rest, "/actions/runs/")) {
		one_run(q, r, repo, rest + strlen("/actions/runs/"));
	} else if (text_eq(rest, "/actions/workflows")) {
		workflows(q, r, repo);
	} else if (text_starts(rest, "/actions/workflows/") && strstr(rest, "/runs")) {
		int64_t id = -1;
		const char *p = rest + strlen("/actions/workflows/");
		if (!parse_i64_n(p, strcspn(p, "/"), &id))
			id = -1;
		runs(q, r, repo, id, rest);
	} else if (text_starts(rest, "/actions/jobs/") && text_glob("*/logs", rest)) {
		github_log_place(q, r, rest + strlen("/actions/jobs/"));
	} else if (text_starts(rest, "/compare/")) {
		github_compare(q, r, (int)(repo - q->c->estate->repos.v),
			       rest + strlen("/compare/"));
	} else if (text_eq(rest, "/deployments")) {
		deployments(q, r, repo);
	} else if (text_starts(rest, "/deployments/")) {
		statuses(q, r, repo, rest + strlen("/deployments/"));
	} else if (!github_alerts(q, r, repo, rest) && !github_artifacts(q, r, repo, rest)) {
		github_fail(q, r, 404, "Not Found");
	}
}

static void etag(struct request *q, struct answer *r)
{
	uint64_t h = 1469598103934665603u;
	for (const char *p = r->body; p && *p; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211u;
	const char *tag = arena_printf(q->a, "W/\"%016llx\"", (unsigned long long)h);
	answer_header(r, "ETag", tag);
	if (r->status == 200 && !q->fault && text_eq(request_header(q, "If-None-Match"), tag)) {
		r->status = 304;
		r->body = "";
	}
}

void github_serve(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	const char *p = q->path, *agent = request_header(q, "User-Agent");
	const char *organisation = arena_printf(q->a, "/organizations/%d/repos", ESTATE_ORG_ID);
	answer_header(r, "X-RateLimit-Limit", "5000");
	answer_header(r, "X-RateLimit-Remaining", "4711");
	answer_header(r, "X-RateLimit-Used", "289");
	answer_header(r, "X-RateLimit-Reset", "4102444800");
	answer_header(r, "X-RateLimit-Resource", "core");
	answer_header(r, "X-GitHub-Media-Type", "github.v3; format=json");
	if (!agent || !*agent) {
		r->status = 403;
		r->type = "text/html";
		r->body = "Request forbidden by administrative rules. Please make sure your "
			  "request has a User-Agent header.";
		return;
	}
	if (github_sign_in(q, r))
		return;
	if (text_starts(p, "/blob/logs/")) {
		github_log(q, r);
		return;
	}
	if (!request_bearer(q, q->c->github_token)) {
		github_fail(q, r, 401, "Bad credentials");
		return;
	}
	if (q->c->replay) {
		replay_serve(q, r);
	} else if (text_eq(p, "/orgs/" ESTATE_ORG "/repos") || text_eq(p, organisation)) {
		repos(q, r);
	} else if (text_starts(p, "/orgs/" ESTATE_ORG "/") &&
		   github_alerts(q, r, NULL, p + strlen("/orgs/" ESTATE_ORG))) {
		;
	} else if (text_starts(p, "/organizations/") && strchr(p + 15, '/') &&
		   github_alerts(q, r, NULL, strchr(p + 15, '/'))) {
		;
	} else if (text_eq(p, "/rate_limit")) {
		r->body = "{\"resources\":{\"core\":{\"limit\":5000,\"used\":289,\"remaining\":"
			  "4711,\"reset\":4102444800}}}";
	} else if (text_starts(p, "/repos/" ESTATE_ORG "/") || text_starts(p, "/repositories/")) {
		bool by_id = text_starts(p, "/repositories/");
		p += strlen(by_id ? "/repositories/" : "/repos/" ESTATE_ORG "/");
		size_t n = strcspn(p, "/");
		const struct repo *repo = NULL;
		int64_t id = 0;
		for (size_t i = 0; i < s->repos.n; i++)
			if (by_id ? parse_i64_n(p, n, &id) && s->repos.v[i].id == id
				  : text_eq(arena_strndup(q->a, p, n), s->repos.v[i].name))
				repo = &s->repos.v[i];
		if (repo)
			in_repo(q, r, repo, p + n);
		else
			github_fail(q, r, 404, "Not Found");
	} else {
		github_fail(q, r, 404, "Not Found");
	}
	etag(q, r);
}
