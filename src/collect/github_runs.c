#include "collect/github.h"

#include "base/text.h"

#define DAY_S ((int64_t)86400)

bool gh_failing(const char *conclusion)
{
	return text_eq(conclusion, "failure") || text_eq(conclusion, "timed_out");
}

/* A pull request from a fork's "main" is no run of our default branch. */
static bool on_default_branch(const struct jv *v, const struct rec_run *run,
			      const struct rec_repo *repo, struct arena *a)
{
	struct jv head = json_get(v, "head_repository"), id = json_get(&head, "id");
	const char *from = json_is_null(&id) ? NULL : json_text(&id, a);
	if (!run->branch || !text_eq(run->branch, repo->default_branch))
		return false;
	if (run->event && text_starts(run->event, "pull_request"))
		return false;
	return !from || !repo->key || !strcmp(from, repo->key);
}

bool gh_parse_run(const struct jv *v, const struct rec_repo *repo, struct arena *a,
		  struct rec_run *out, struct err *e)
{
	struct rec_run r = {.source = repo->source, .repo = repo->name, .completed_s = TIME_NONE};
	struct jv commit;
	int64_t updated_s;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a run");
	if (!json_id(v, "id", a, &r.key, e) ||
	    !json_id_opt(v, "workflow_id", a, &r.workflow_key, e) ||
	    !json_str_opt(v, "path", a, &r.workflow_path, e) ||
	    !json_str_opt(v, "name", a, &r.workflow, e) ||
	    !json_str_opt(v, "display_title", a, &r.title, e) ||
	    !json_str_opt(v, "event", a, &r.event, e) ||
	    !json_str_opt(v, "head_branch", a, &r.branch, e) ||
	    !json_str_opt(v, "head_sha", a, &r.sha, e) ||
	    !json_str_opt(v, "status", a, &r.status, e) ||
	    !json_str_opt(v, "conclusion", a, &r.conclusion, e) ||
	    !json_str_opt(v, "html_url", a, &r.url, e) ||
	    !json_i64_opt(v, "run_number", &r.number, e) ||
	    !json_i64_opt(v, "run_attempt", &r.attempt, e) ||
	    !json_time(v, "created_at", &r.created_s, e) ||
	    !json_time_opt(v, "run_started_at", &r.started_s, e) ||
	    !json_time_opt(v, "updated_at", &updated_s, e) ||
	    !json_obj_opt(v, "head_commit", &commit, e) ||
	    !json_time_opt(&commit, "timestamp", &r.committed_s, e))
		return false;
	if (r.workflow_path) /* "….yml@refs/heads/main" for a called workflow */
		r.workflow_path = arena_strndup(a, r.workflow_path, strcspn(r.workflow_path, "@"));
	if (r.attempt == NUM_NONE || r.attempt < 1)
		r.attempt = 1;
	if (r.started_s == TIME_NONE)
		r.started_s = r.created_s;
	/* "" was seen for a run that has not ended. */
	if (r.conclusion && !*r.conclusion)
		r.conclusion = NULL;
	if (r.conclusion && updated_s != TIME_NONE && updated_s >= r.started_s &&
	    updated_s - r.started_s <= DAY_S)
		r.completed_s = updated_s;
	r.default_branch = on_default_branch(v, &r, repo, a);
	*out = r;
	return true;
}

static bool parse_steps(const struct jv *job, struct arena *a, struct rec_job *r, struct err *e)
{
	struct jv steps;
	const char *stopped = NULL;
	if (!json_arr_opt(job, "steps", &steps, e))
		return false;
	for (struct jv it = json_first(&steps); it.n; it = json_next(&it)) {
		const char *name, *conclusion, *status;
		if (!json_str_opt(&it, "name", a, &name, e) ||
		    !json_str_opt(&it, "status", a, &status, e) ||
		    !json_str_opt(&it, "conclusion", a, &conclusion, e))
			return false;
		if (text_eq(conclusion, "skipped") || (!conclusion && text_eq(status, "queued")))
			continue;
		r->steps++;
		if (gh_failing(conclusion) && !r->failed_step)
			r->failed_step = name;
		if (text_eq(conclusion, "cancelled") && !stopped)
			stopped = name;
	}
	/* The step that a time-out cut off is called cancelled. */
	if (!r->failed_step && gh_failing(r->conclusion))
		r->failed_step = stopped;
	return true;
}

bool gh_parse_job(const struct jv *v, struct arena *a, struct rec_job *out, struct err *e)
{
	struct rec_job r = {0};
	int64_t runner;
	const char *runner_name;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a job");
	if (!json_id(v, "id", a, &r.key, e) || !json_str_opt(v, "name", a, &r.name, e) ||
	    !json_str_opt(v, "conclusion", a, &r.conclusion, e) ||
	    !json_str_opt(v, "html_url", a, &r.url, e) ||
	    !json_i64_opt(v, "run_attempt", &r.attempt, e) ||
	    !json_time_opt(v, "started_at", &r.started_s, e) ||
	    !json_time_opt(v, "completed_at", &r.completed_s, e) ||
	    !json_i64_opt(v, "runner_id", &runner, e) ||
	    !json_str_opt(v, "runner_name", a, &runner_name, e) || !parse_steps(v, a, &r, e))
		return false;
	/* Jobs that never ran end before they start. */
	if (r.started_s != TIME_NONE && r.completed_s != TIME_NONE && r.completed_s < r.started_s)
		r.completed_s = r.started_s;
	if (r.attempt == NUM_NONE)
		r.attempt = 1;
	r.had_runner =
		(runner != NUM_NONE && runner > 0) || (runner_name && *runner_name) || r.steps > 0;
	*out = r;
	return true;
}

bool gh_parse_repo(const struct jv *v, struct arena *a, struct rec_repo *out, struct err *e)
{
	struct rec_repo r = {0};
	return json_id(v, "id", a, &r.key, e) && json_str(v, "full_name", a, &r.name, e) &&
	       json_str_opt(v, "default_branch", a, &r.default_branch, e) &&
	       json_str_opt(v, "html_url", a, &r.url, e) &&
	       json_bool_opt(v, "archived", &r.archived, e) &&
	       json_bool_opt(v, "disabled", &r.disabled, e) &&
	       json_bool_opt(v, "fork", &r.fork, e) && (*out = r, true);
}

/* --- deployments --- */

bool gh_parse_deployment(const struct jv *v, const struct rec_repo *repo, struct arena *a,
			 struct rec_deployment *out, int64_t *updated_s, struct err *e)
{
	struct rec_deployment d = {.source = repo->source,
				   .kind = "github",
				   .repo = repo->name,
				   .state = DEPLOY_IN_PROGRESS,
				   .started_s = TIME_NONE,
				   .finished_s = TIME_NONE};
	struct jv creator;
	const char *type, *task, *original;
	int64_t changed_s;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a deployment");
	if (!json_id(v, "id", a, &d.key, e) || !json_str_opt(v, "sha", a, &d.sha, e) ||
	    !json_str_opt(v, "ref", a, &d.ref, e) || !json_str_opt(v, "task", a, &task, e) ||
	    !json_str_opt(v, "environment", a, &d.environment, e) ||
	    !json_str_opt(v, "original_environment", a, &original, e) ||
	    !json_time(v, "created_at", &d.created_s, e) ||
	    !json_time_opt(v, "updated_at", &changed_s, e) ||
	    !json_obj_opt(v, "creator", &creator, e) ||
	    !json_str_opt(&creator, "type", a, &type, e))
		return false;
	if (!d.environment)
		d.environment = original;
	d.service = strchr(repo->name, '/') ? strchr(repo->name, '/') + 1 : repo->name;
	d.creator_kind = !type ? NULL : text_eq(type, "User") ? "user" : "automation";
	d.detail = task && strcmp(task, "deploy") ? task : NULL;
	d.url = repo->url ? arena_printf(a, "%s/deployments", repo->url) : NULL;
	*out = d;
	*updated_s = changed_s;
	return true;
}

struct status {
	const char *state, *url, *description;
	int64_t at_s;
};

static bool parse_status(const struct jv *v, struct arena *a, struct status *out, struct err *e)
{
	const char *log, *target;
	if (!json_str(v, "state", a, &out->state, e) || !json_str_opt(v, "log_url", a, &log, e) ||
	    !json_str_opt(v, "target_url", a, &target, e) ||
	    !json_str_opt(v, "description", a, &out->description, e) ||
	    !json_time(v, "created_at", &out->at_s, e))
		return false;
	out->url = log && *log ? log : target && *target ? target : NULL;
	return true;
}

bool gh_parse_statuses(const struct jv *list, struct arena *a, struct rec_deployment *io,
		       struct err *e)
{
	struct status last = {.at_s = TIME_NONE};
	int64_t began_s = TIME_NONE;
	for (struct jv it = json_first(list); it.n; it = json_next(&it)) {
		struct status s;
		if (!parse_status(&it, a, &s, e))
			return false;
		if (!strcmp(s.state, "in_progress") && (began_s == TIME_NONE || s.at_s < began_s))
			began_s = s.at_s;
		/* Newest first is how they come; the first of two of one second is the newer. */
		if (strcmp(s.state, "inactive") != 0 &&
		    (last.at_s == TIME_NONE || s.at_s > last.at_s))
			last = s;
	}
	io->started_s = began_s;
	io->finished_s = TIME_NONE;
	io->error = NULL;
	io->state = DEPLOY_IN_PROGRESS;
	if (!last.state)
		return true;
	if (last.url)
		io->url = last.url;
	if (!strcmp(last.state, "waiting"))
		io->state = DEPLOY_WAITING;
	if (!strcmp(last.state, "success")) {
		io->state = DEPLOY_SUCCEEDED;
		io->finished_s = last.at_s;
	}
	if (!strcmp(last.state, "failure") || !strcmp(last.state, "error")) {
		io->state = DEPLOY_FAILED;
		io->finished_s = last.at_s;
		io->error_code = last.state;
		io->error = last.description && *last.description ? last.description : NULL;
	}
	return true;
}
