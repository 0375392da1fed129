#include "support/test.h"

#include "base/file.h"
#include "collect/github.h"

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static void recorded_objects_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	struct strv files = {0};
	struct err e = {0};
	struct rec_repo repo = {.source = "github", .name = "o/r", .default_branch = "main"};
	int runs = 0, jobs = 0, deployments = 0, statuses = 0, repos = 0;
	const char *root = fixture_path(&a, "github");
	assert_ok(file_glob(arena_printf(&a, "%s/*/*.json", root), &a, &files, &e), e);
	assert_true(files.n > 100);
	for (size_t i = 0; i < files.n; i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		size_t len;
		const char *text = test_read(&a, files.v[i], &len);
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv top = json_root(j), body = json_get(&top, "body");
		struct jv v = json_is_null(&body) ? top : body;
		static const char *const lists[] = {"workflow_runs", "jobs", "repositories"};
		struct jv list = v;
		for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
			struct jv inner = json_get(&v, lists[k]);
			if (json_is_arr(&inner))
				list = inner;
		}
		for (struct jv it = json_is_arr(&list) ? json_first(&list) : list; it.n;
		     it = json_is_arr(&list) ? json_next(&it) : (struct jv){0}) {
			struct jv number = json_get(&it, "run_number"),
				  steps = json_get(&it, "steps"), name = json_get(&it, "full_name"),
				  url = json_get(&it, "statuses_url"), sha = json_get(&it, "sha"),
				  word = json_get(&it, "state"),
				  deployment = json_get(&it, "deployment_url");
			struct rec_run run;
			struct rec_job job;
			struct rec_repo r;
			struct rec_deployment d;
			int64_t updated_s;
			const char *where = path_base(files.v[i]);
			if (number.n && !gh_parse_run(&it, &repo, &a, &run, &e))
				fail_msg("%s: %s", where, e.msg);
			if (steps.n && !gh_parse_job(&it, &a, &job, &e))
				fail_msg("%s: %s", where, e.msg);
			if (name.n && !gh_parse_repo(&it, &a, &r, &e))
				fail_msg("%s: %s", where, e.msg);
			bool is_deployment = url.n && sha.n && !number.n;
			if (is_deployment &&
			    !gh_parse_deployment(&it, &repo, &a, &d, &updated_s, &e))
				fail_msg("%s: %s", where, e.msg);
			runs += number.n != NULL;
			jobs += steps.n != NULL;
			repos += name.n != NULL;
			deployments += is_deployment;
			statuses += word.n && deployment.n;
		}
	}
	assert_true(runs > 60 && jobs > 5 && repos > 8 && deployments > 3 && statuses > 3);
}

static struct jv body_of(struct json **j, const char *name)
{
	struct err e = {0};
	size_t len;
	const char *text = test_read(&a, fixture_path(&a, name), &len);
	assert_ok(json_parse(text, len, j, &e), e);
	struct jv *top = arena_new(&a, struct jv);
	*top = json_root(*j);
	return json_get(top, "body");
}

static void a_recorded_rerun_and_a_touched_run_keep_their_times(void **state UNUSED)
{
	NEED_FIXTURES();
	CLEANUP(json_freep) struct json *j = NULL;
	CLEANUP(json_freep) struct json *k = NULL;
	struct err e = {0};
	struct rec_repo repo = {.source = "github", .name = "o/r", .default_branch = "main"};
	struct rec_run run;
	struct jv v = body_of(&j, "github/recorded-pygithub/WorkflowRun.testGetAttempt.1.json");
	assert_ok(gh_parse_run(&v, &repo, &a, &run, &e), e);
	assert_string_equal(run.key, "26365060973"); /* G-15 */
	assert_int_equal(run.attempt, 2);
	assert_true(run.started_s > run.created_s + 4 * 86400);
	struct jv list = body_of(
		&k, "github/recorded-pygithub/Repository.testGetWorkflowRunsCreated.1.json");
	struct jv rows = json_get(&list, "workflow_runs"), first = json_first(&rows);
	assert_ok(gh_parse_run(&first, &repo, &a, &run, &e), e);
	assert_true(run.conclusion && run.completed_s == TIME_NONE); /* G-09 */
}

static void statuses_decide_the_outcome(void **state UNUSED)
{
#define S(state, at) "{\"state\":\"" state "\",\"created_at\":\"2026-11-10T12:0" at ":00Z\"}"
	static const struct {
		const char *list;
		enum deploy_state want;
		bool finished;
	} cases[] = {
		{"[]", DEPLOY_IN_PROGRESS, false},
		{"[" S("inactive", "9") "]", DEPLOY_IN_PROGRESS, false},
		{"[" S("inactive", "9") "," S("success", "5") "]", DEPLOY_SUCCEEDED, true},
		{"[" S("success", "5") "," S("failure", "4") "]", DEPLOY_SUCCEEDED, true},
		{"[" S("failure", "4") "," S("success", "5") "]", DEPLOY_SUCCEEDED, true},
		{"[" S("error", "5") "," S("in_progress", "4") "]", DEPLOY_FAILED, true},
		{"[" S("queued", "5") "," S("success", "4") "]", DEPLOY_IN_PROGRESS, false},
		{"[" S("waiting", "5") "]", DEPLOY_WAITING, false},
		{"[" S("success", "5") "," S("in_progress", "5") "]", DEPLOY_SUCCEEDED, true},
		{"[" S("a_new_word", "5") "]", DEPLOY_IN_PROGRESS, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		struct rec_deployment d = {0};
		assert_ok(json_parse(cases[i].list, strlen(cases[i].list), &j, &e), e);
		struct jv list = json_root(j);
		assert_ok(gh_parse_statuses(&list, &a, &d, &e), e);
		assert_int_equal(d.state, cases[i].want);
		assert_true((d.finished_s != TIME_NONE) == cases[i].finished);
	}
}

static void a_pull_requests_branch_named_main_is_not_the_default_branch(void **state UNUSED)
{
	static const struct {
		const char *more;
		bool want;
	} cases[] = {
		{"\"event\":\"push\"", true},
		{"\"event\":\"schedule\",\"head_repository\":{\"id\":1}", true},
		{"\"event\":\"pull_request\"", false},
		{"\"event\":\"pull_request_target\",\"head_repository\":{\"id\":1}", false},
		{"\"event\":\"workflow_run\",\"head_repository\":{\"id\":2}", false},
	};
	struct rec_repo repo = {.source = "g", .key = "1", .name = "o/r", .default_branch = "main"};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		struct rec_run run;
		const char *text = arena_printf(&a,
						"{\"id\":1,\"created_at\":\"2026-11-10T12:00:00Z\","
						"\"head_branch\":\"main\",%s}",
						cases[i].more);
		assert_ok(json_parse(text, strlen(text), &j, &e), e);
		struct jv v = json_root(j);
		assert_ok(gh_parse_run(&v, &repo, &a, &run, &e), e);
		assert_true(run.default_branch == cases[i].want);
		assert_int_equal(run.attempt, 1); /* G-16 */
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, release)
	const struct CMUnitTest tests[] = {
		T(recorded_objects_are_read),
		T(a_recorded_rerun_and_a_touched_run_keep_their_times),
		T(statuses_decide_the_outcome),
		T(a_pull_requests_branch_named_main_is_not_the_default_branch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
