#include "store/ci.h"

#include "gen/queries.h"

bool ci_put_repo(struct db *db, const struct rec_repo *r, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_REPO_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", r->source);
	stmt_text(s, ":key", r->key);
	stmt_text(s, ":name", r->name);
	stmt_text(s, ":default_branch", r->default_branch);
	stmt_text(s, ":url", r->url);
	stmt_bool(s, ":archived", r->archived);
	stmt_bool(s, ":disabled", r->disabled);
	stmt_bool(s, ":fork", r->fork);
	stmt_bool(s, ":gone", r->gone);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool ci_put_workflow(struct db *db, const struct rec_workflow *w, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_WORKFLOW_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", w->source);
	stmt_text(s, ":key", w->key);
	stmt_text(s, ":repo", w->repo);
	stmt_text(s, ":name", w->name);
	stmt_text(s, ":path", w->path);
	stmt_text(s, ":state", w->state);
	stmt_text(s, ":url", w->url);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool ci_put_run(struct db *db, const struct rec_run *r, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_RUN_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", r->source);
	stmt_text(s, ":key", r->key);
	stmt_text(s, ":repo", r->repo);
	stmt_text(s, ":workflow_key", r->workflow_key);
	stmt_text(s, ":workflow_path", r->workflow_path);
	stmt_text(s, ":workflow", r->workflow);
	stmt_text(s, ":title", r->title);
	stmt_text(s, ":event", r->event);
	stmt_text(s, ":branch", r->branch);
	stmt_text(s, ":sha", r->sha);
	stmt_text(s, ":status", r->status);
	stmt_text(s, ":conclusion", r->conclusion);
	stmt_text(s, ":url", r->url);
	stmt_i64(s, ":number", r->number);
	stmt_i64(s, ":attempt", r->attempt);
	stmt_bool(s, ":default_branch", r->default_branch);
	stmt_time(s, ":created_at", r->created_s);
	stmt_time(s, ":started_at", r->started_s);
	stmt_time(s, ":completed_at", r->completed_s);
	stmt_time(s, ":committed_at", r->committed_s);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

static bool no_run(const char *source, const char *run_key, struct err *e)
{
	return err_set(e, ERR_BUG, "run %s of \"%s\" must be stored before what belongs to it",
		       run_key, source);
}

bool ci_put_attempt(struct db *db, const char *source, const char *run_key,
		    const struct rec_attempt *t, struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_ATTEMPT_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", run_key);
	stmt_i64(s, ":attempt", t->attempt);
	stmt_text(s, ":conclusion", t->conclusion);
	stmt_time(s, ":started_at", t->started_s);
	stmt_time(s, ":completed_at", t->completed_s);
	return stmt_run(s, e) && (db_changes(db) == 1 || no_run(source, run_key, e));
}

/* The row id of a run; ERR_BUG when there is none. */
static bool run_id(struct db *db, const char *source, const char *run_key, int64_t *out,
		   struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_RUN_ID, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", run_key);
	if (!stmt_step(s, &row, e))
		return false;
	if (!row)
		return no_run(source, run_key, e);
	*out = stmt_col_i64(s, "id");
	stmt_done(s);
	return true;
}

static bool put_job(struct db *db, int64_t run, int64_t attempt, const struct rec_job *j,
		    struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_JOB_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":run_id", run);
	stmt_i64(s, ":attempt", attempt);
	stmt_text(s, ":key", j->key);
	stmt_text(s, ":name", j->name);
	stmt_text(s, ":conclusion", j->conclusion);
	stmt_text(s, ":url", j->url);
	stmt_time(s, ":started_at", j->started_s);
	stmt_time(s, ":completed_at", j->completed_s);
	stmt_text(s, ":failed_step", j->failed_step);
	stmt_i64(s, ":steps", j->steps);
	stmt_bool(s, ":had_runner", j->had_runner);
	return stmt_run(s, e);
}

bool ci_put_jobs(struct db *db, const char *source, const char *run_key, int64_t attempt,
		 const struct rec_job *jobs, size_t n, struct err *e)
{
	int64_t id = 0;
	if (!run_id(db, source, run_key, &id, e))
		return false;
	struct stmt *s = db_query(db, Q_CI_JOB_CLEAR, e);
	if (!s)
		return false;
	stmt_i64(s, ":run_id", id);
	stmt_i64(s, ":attempt", attempt);
	if (!stmt_run(s, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!put_job(db, id, attempt, &jobs[i], e))
			return false;
	return true;
}

static struct rec_run run_row(struct stmt *s, struct arena *a)
{
	return (struct rec_run){.id = stmt_col_i64(s, "id"),
				.source = stmt_col_text(s, "source", a),
				.key = stmt_col_text(s, "key", a),
				.repo = stmt_col_text(s, "repo", a),
				.workflow_key = stmt_col_text(s, "workflow_key", a),
				.workflow_path = stmt_col_text(s, "workflow_path", a),
				.workflow = stmt_col_text(s, "workflow", a),
				.title = stmt_col_text(s, "title", a),
				.event = stmt_col_text(s, "event", a),
				.branch = stmt_col_text(s, "branch", a),
				.sha = stmt_col_text(s, "sha", a),
				.status = stmt_col_text(s, "status", a),
				.conclusion = stmt_col_text(s, "conclusion", a),
				.url = stmt_col_text(s, "url", a),
				.number = stmt_col_i64(s, "number"),
				.attempt = stmt_col_i64(s, "attempt"),
				.default_branch = stmt_col_bool(s, "default_branch"),
				.created_s = stmt_col_time(s, "created_at"),
				.started_s = stmt_col_time(s, "started_at"),
				.completed_s = stmt_col_time(s, "completed_at"),
				.committed_s = stmt_col_time(s, "committed_at")};
}

bool ci_get_run(struct db *db, const char *source, const char *key, struct arena *a,
		struct rec_run *out, bool *found, struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_RUN_GET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":key", key);
	if (!stmt_step(s, &row, e))
		return false;
	if (row) {
		*out = run_row(s, a);
		stmt_done(s);
	}
	*found = row;
	return true;
}

static bool read_runs(struct stmt *s, struct arena *a, struct runs *out, struct err *e)
{
	struct runs list = {0};
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, run_row(s, a));
	}
	*out = list;
	return true;
}

bool ci_unsettled(struct db *db, const char *source, int64_t since_s, struct arena *a,
		  struct runs *out, struct err *e)
{
	struct stmt *s = db_query(db, Q_CI_RUN_UNSETTLED, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_time(s, ":since", since_s);
	return read_runs(s, a, out, e);
}

static struct stmt *between(struct db *db, int query, int64_t from_s, int64_t to_s, struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	if (s) {
		stmt_time(s, ":from", from_s);
		stmt_time(s, ":to", to_s);
	}
	return s;
}

static int by_id(const void *a, const void *b)
{
	const struct rec_run *x = *(struct rec_run *const *)a, *y = *(struct rec_run *const *)b;
	return (x->id > y->id) - (x->id < y->id);
}

/* Attempts and jobs come ordered by run id: each list walks the runs in that order once. at moves
 * to the run of the id; a run that is not listed cannot occur, both lists have the same span. */
static struct rec_run *run_at(struct rec_run **order, size_t n, size_t *at, int64_t id)
{
	while (*at < n && order[*at]->id < id)
		(*at)++;
	BUG_ON(*at == n || order[*at]->id != id);
	return order[*at];
}

static bool list_attempts(struct stmt *s, struct rec_run **order, size_t n, struct arena *a,
			  struct err *e)
{
	size_t at = 0;
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct rec_attempt t = {.attempt = stmt_col_i64(s, "attempt"),
					.conclusion = stmt_col_text(s, "conclusion", a),
					.started_s = stmt_col_time(s, "started_at"),
					.completed_s = stmt_col_time(s, "completed_at")};
		struct rec_run *r = run_at(order, n, &at, stmt_col_i64(s, "run_id"));
		vec_push(a, &r->attempts, t);
	}
}

static bool list_jobs(struct stmt *s, struct rec_run **order, size_t n, struct arena *a,
		      struct err *e)
{
	size_t at = 0;
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct rec_job j = {.attempt = stmt_col_i64(s, "attempt"),
				    .key = stmt_col_text(s, "key", a),
				    .name = stmt_col_text(s, "name", a),
				    .conclusion = stmt_col_text(s, "conclusion", a),
				    .url = stmt_col_text(s, "url", a),
				    .started_s = stmt_col_time(s, "started_at"),
				    .completed_s = stmt_col_time(s, "completed_at"),
				    .failed_step = stmt_col_text(s, "failed_step", a),
				    .steps = stmt_col_i64(s, "steps"),
				    .had_runner = stmt_col_bool(s, "had_runner")};
		struct rec_run *r = run_at(order, n, &at, stmt_col_i64(s, "run_id"));
		vec_push(a, &r->jobs, j);
	}
}

static bool list_logs(struct stmt *s, struct rec_run **order, size_t n, struct arena *a,
		      struct err *e)
{
	size_t at = 0;
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct rec_run *r = run_at(order, n, &at, stmt_col_i64(s, "run_id"));
		if (stmt_col_i64(s, "attempt") == r->attempt)
			r->log = stmt_col_text(s, "lines", a);
	}
}

bool ci_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a, struct runs *out,
	     struct err *e)
{
	struct runs list;
	struct stmt *s = between(db, Q_CI_RUN_LIST, from_s, to_s, e);
	if (!s || !read_runs(s, a, &list, e))
		return false;
	struct rec_run **order = arena_array(a, struct rec_run *, list.n);
	for (size_t i = 0; i < list.n; i++)
		order[i] = &list.v[i];
	if (list.n)
		qsort(order, list.n, sizeof *order, by_id);
	if (!list_attempts(between(db, Q_CI_ATTEMPT_LIST, from_s, to_s, e), order, list.n, a, e) ||
	    !list_jobs(between(db, Q_CI_JOB_LIST, from_s, to_s, e), order, list.n, a, e) ||
	    !list_logs(between(db, Q_CI_LOG_LIST, from_s, to_s, e), order, list.n, a, e))
		return false;
	*out = list;
	return true;
}

bool ci_repos(struct db *db, struct arena *a, struct repos *out, struct err *e)
{
	struct repos list = {0};
	struct stmt *s = db_query(db, Q_REPO_LIST, e);
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_repo r = {.id = stmt_col_i64(s, "id"),
				     .source = stmt_col_text(s, "source", a),
				     .key = stmt_col_text(s, "key", a),
				     .name = stmt_col_text(s, "name", a),
				     .default_branch = stmt_col_text(s, "default_branch", a),
				     .url = stmt_col_text(s, "url", a),
				     .archived = stmt_col_bool(s, "archived"),
				     .disabled = stmt_col_bool(s, "disabled"),
				     .fork = stmt_col_bool(s, "fork"),
				     .gone = stmt_col_bool(s, "gone")};
		vec_push(a, &list, r);
	}
	*out = list;
	return true;
}

bool ci_workflows(struct db *db, struct arena *a, struct workflows *out, struct err *e)
{
	struct workflows list = {0};
	struct stmt *s = db_query(db, Q_WORKFLOW_LIST, e);
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_workflow w = {.id = stmt_col_i64(s, "id"),
					 .source = stmt_col_text(s, "source", a),
					 .key = stmt_col_text(s, "key", a),
					 .repo = stmt_col_text(s, "repo", a),
					 .name = stmt_col_text(s, "name", a),
					 .path = stmt_col_text(s, "path", a),
					 .state = stmt_col_text(s, "state", a),
					 .url = stmt_col_text(s, "url", a),
					 .scheduled = stmt_col_bool(s, "scheduled"),
					 .last_schedule_s = stmt_col_time(s, "last_at"),
					 .schedule_gap_s = stmt_col_i64(s, "gap_s")};
		vec_push(a, &list, w);
	}
	*out = list;
	return true;
}

bool ci_has_workflows(struct db *db, const char *source, const char *repo, bool *any, struct err *e)
{
	struct stmt *s = db_query(db, Q_WORKFLOW_ANY, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":repo", repo);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	*any = stmt_col_bool(s, "has");
	stmt_done(s);
	return true;
}

bool ci_silent(struct db *db, const char *source, const char *repo, int64_t asked_since_s,
	       struct arena *a, struct strv *keys, struct err *e)
{
	struct strv list = {0};
	struct stmt *s = db_query(db, Q_WORKFLOW_SILENT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":repo", repo);
	stmt_time(s, ":asked_since", asked_since_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, stmt_col_text(s, "key", a));
	}
	*keys = list;
	return true;
}

bool ci_put_silence(struct db *db, const struct rec_workflow *w, int64_t asked_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_WORKFLOW_SILENCE_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", w->source);
	stmt_text(s, ":key", w->key);
	stmt_bool(s, ":scheduled", w->scheduled);
	stmt_time(s, ":last_at", w->last_schedule_s);
	stmt_i64(s, ":gap_s", w->schedule_gap_s);
	stmt_time(s, ":asked_at", asked_s);
	return stmt_run(s, e);
}

bool ci_schedule(struct db *db, const struct rec_workflow *w, int64_t to_s, int64_t *last_s,
		 int64_t *gap_s, struct err *e)
{
	int64_t at[CI_RHYTHM];
	size_t n = 0;
	struct stmt *s = db_query(db, Q_CI_SCHEDULE, e);
	if (!s)
		return false;
	stmt_text(s, ":source", w->source);
	stmt_text(s, ":repo", w->repo);
	stmt_text(s, ":key", w->key);
	stmt_time(s, ":to", to_s);
	stmt_i64(s, ":limit", CI_RHYTHM);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		if (n < CI_RHYTHM)
			at[n++] = stmt_col_time(s, "created_at");
	}
	*last_s = n ? at[0] : TIME_NONE;
	*gap_s = ci_rhythm(at, n);
	return true;
}

static int by_length(const void *p, const void *q)
{
	int64_t x = *(const int64_t *)p, y = *(const int64_t *)q;
	return (x > y) - (x < y);
}

int64_t ci_rhythm(const int64_t *at_s, size_t n)
{
	int64_t gap[CI_RHYTHM];
	BUG_ON(n > CI_RHYTHM);
	if (n < 3)
		return NUM_NONE;
	for (size_t i = 0; i + 1 < n; i++)
		gap[i] = at_s[i] - at_s[i + 1];
	qsort(gap, n - 1, sizeof *gap, by_length);
	return gap[(n - 2) / 2];
}
