#include "support/collecting.h"

#include "base/sb.h"

#include "collect/github.h"

/* How many requests a week costs, and the pitfalls of lists that need a whole organisation. */

enum { REPOS = 60, BUSY = 40 };

static struct collecting b;

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("SITREP_TEST_TOKEN", "ghp_test", 1);
	struct github_source s = {.name = "github",
				  .url = b.url,
				  .organisation = "acme",
				  .repositories = strv_of(&b.a, "*")};
	vec_push(&b.a, &s.tokens, ((struct secret){SECRET_ENV, "SITREP_TEST_TOKEN"}));
	vec_push(&b.a, &b.cfg.github, s);
	b.cfg.environments = strv_of(&b.a, "production");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static VEC(struct served) table;

static void serve(const char *target, const char *body)
{
	vec_push(&b.a, &table, ((struct served){target, body, NULL, 0, 0}));
}

static const char *run(int repo, int day, const char *conclusion)
{
	return arena_printf(&b.a,
			    "{\"id\":%d,\"workflow_id\":%d,\"event\":\"push\",\"status\":"
			    "\"completed\",\"conclusion\":\"%s\",\"head_branch\":\"main\",\"head_"
			    "sha\":\"aaaaaaa%d\",\"created_at\":\"2026-11-%02dT10:00:00Z\"}",
			    repo * 100 + day, repo, conclusion, repo, day);
}

/* A repository with a run a day, of which one of this week failed, and a deployment. */
static void serve_busy(int i)
{
	struct arena *a = &b.a;
	const char *base = arena_printf(a, "GET /repos/acme/r%d", i);
	struct sb rows;
	sb_init(&rows, a, 65536);
	for (int day = 15; day > 1; day--)
		sb_addf(&rows, "%s%s", day < 15 ? "," : "",
			run(i, day, day == 12 ? "failure" : "success"));
	serve(arena_printf(a, "%s/actions/runs[?]*", base),
	      arena_printf(a, "{\"workflow_runs\":[%s]}", sb_str(&rows)));
	serve(arena_printf(a, "%s/actions/workflows[?]*", base),
	      arena_printf(a,
			   "{\"workflows\":[{\"id\":%d,\"path\":\".github/workflows/t.yml\","
			   "\"state\":\"active\"}]}",
			   i));
	serve(arena_printf(a, "%s/actions/runs/*/jobs*", base),
	      arena_printf(a,
			   "{\"jobs\":[{\"id\":%d,\"conclusion\":\"failure\",\"runner_id\":1,"
			   "\"steps\":[{\"name\":\"x\",\"conclusion\":\"failure\"}]}]}",
			   i));
	serve(arena_printf(a, "%s/actions/jobs/*/logs", base), "boom\n");
	serve(arena_printf(a, "%s/deployments[?]*", base),
	      arena_printf(a,
			   "[{\"id\":%d,\"sha\":\"aaaaaaa%d\",\"environment\":\"production\","
			   "\"created_at\":\"2026-11-11T10:00:00Z\",\"updated_at\":\"2026-11-11T10:"
			   "00:00Z\"}]",
			   i, i));
	serve(arena_printf(a, "%s/deployments/*/statuses*", base),
	      "[{\"state\":\"success\",\"created_at\":\"2026-11-11T10:00:00Z\"}]");
}

static void a_week_of_sixty_repositories_takes_at_most_300_requests(void **state UNUSED)
{
	struct sb list;
	table.n = table.cap = 0, table.v = NULL;
	sb_init(&list, &b.a, 65536);
	for (int i = 0; i < REPOS; i++)
		sb_addf(&list,
			"%s{\"id\":%d,\"full_name\":\"acme/r%d\",\"default_branch\":\"main\"}",
			i ? "," : "", i + 1, i);
	serve("GET /orgs/acme/repos*", arena_printf(&b.a, "[%s]", sb_str(&list)));
	for (int i = 0; i < BUSY; i++)
		serve_busy(i);
	serve("GET */actions/runs[?]*", "{\"workflow_runs\":[]}");
	serve("GET */actions/workflows[?]*", "{\"workflows\":[]}");
	serve("GET */deployments[?]*", "[]");
	serve(NULL, NULL);
	collecting_serve(&b, table.v);
	/* Even the first collection stays below. */
	collecting_run(&b);
	assert_int_equal(b.result.partial + b.result.failed, 0);
	assert_true(collecting_asked(&b, "*") <= 300);
	/* of what failed all jobs and 30 logs, the budget of one run */
	assert_int_equal(collecting_asked(&b, "*/jobs[?]*"), BUSY);
	assert_int_equal(collecting_asked(&b, "*/logs"), 30);
	httpd_forget(b.h);
	collecting_run(&b);
	/* again: the lists, and the logs that were left */
	assert_int_equal(collecting_asked(&b, "*/jobs[?]*"), 0);
	assert_int_equal(collecting_asked(&b, "*/statuses*"), 0);
	assert_int_equal(collecting_asked(&b, "*/logs"), BUSY - 30);
	assert_int_equal(collecting_asked(&b, "*"), 1 + 2 * REPOS + BUSY + BUSY - 30);
	/* one without activity: its runs and its deployments */
	assert_int_equal(collecting_asked(&b, "GET /repos/acme/r59/*"), 2);
}

#define REPO                                                                                       \
	{                                                                                          \
		"GET /orgs/acme/repos*",                                                           \
			"[{\"id\":1,\"full_name\":\"acme/web\",\"default_branch\":\"main\"}]",     \
			NULL, 0, 0                                                                 \
	}
#define NO_RUNS                                                                                    \
	{                                                                                          \
		"GET */actions/runs[?]*", "{\"workflow_runs\":[]}", NULL, 0, 0                     \
	}
#define NO_WORKFLOWS                                                                               \
	{                                                                                          \
		"GET */actions/workflows[?]*", "{\"workflows\":[]}", NULL, 0, 0                    \
	}
#define DEPLOYMENT(id, env, payload, at)                                                           \
	"{\"id\":" id ",\"sha\":\"aaaaaaa" id "\",\"environment\":\"" env                          \
	"\",\"payload\":" payload ",\"created_at\":\"" at "\",\"updated_at\":\"" at "\"}"
#define ROWS "SELECT key, environment, state, finished_at FROM deployment ORDER BY key"

/* G-27 */
static void a_deployments_outcome_is_its_newest_status_that_is_not_inactive(void **state UNUSED)
{
	static const struct {
		const char *statuses, *row;
	} cases[] = {
		{"[]", "1|production|in_progress|-\n"},
		{"[{\"state\":\"waiting\",\"created_at\":\"2026-11-10T12:00:00Z\"}]",
		 "1|production|waiting|-\n"},
		{"[{\"state\":\"queued\",\"created_at\":\"2026-11-10T12:00:00Z\"},{\"state\":"
		 "\"waiting\",\"created_at\":\"2026-11-10T11:00:00Z\"}]",
		 "1|production|in_progress|-\n"},
		{"[{\"state\":\"pending\",\"created_at\":\"2026-11-10T12:00:00Z\"}]",
		 "1|production|in_progress|-\n"},
		{"[{\"state\":\"inactive\",\"created_at\":\"2026-11-12T12:00:00Z\"},{\"state\":"
		 "\"success\",\"created_at\":\"2026-11-10T12:00:00Z\"}]",
		 "1|production|succeeded|2026-11-10T12:00:00Z\n"},
		{"[{\"state\":\"error\",\"created_at\":\"2026-11-10T12:00:00Z\"}]",
		 "1|production|failed|2026-11-10T12:00:00Z\n"},
	};
	static const char *const payloads[] = {"{\"a\":1}", "\"{\\\"a\\\":1}\"", "null", "\"\""};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		teardown(NULL);
		setup(NULL);
		struct served t[] = {
			REPO,
			NO_RUNS,
			NO_WORKFLOWS,
			{"GET */deployments[?]*",
			 arena_printf(&b.a,
				      "[" DEPLOYMENT("1", "production", "%s",
						     "2026-11-10T11:00:00Z") "]",
				      payloads[i % 4]),
			 NULL, 0, 0},
			{"GET */deployments/1/statuses*", cases[i].statuses, NULL, 0, 0},
			{0}};
		collecting_serve(&b, t);
		collecting_run(&b);
		assert_part(&b, "deployments", LEDGER_COMPLETE, NULL);
		assert_string_equal(collecting_rows(&b, ROWS), cases[i].row);
	}
}

static void a_waiting_deployment_is_asked_again_until_it_is_approved(void **state UNUSED)
{
	struct served t[] = {
		REPO,
		NO_RUNS,
		NO_WORKFLOWS,
		{"GET */deployments[?]*",
		 "[" DEPLOYMENT("1", "production", "{}", "2026-11-10T11:00:00Z") "]", NULL, 0, 0},
		{"GET */deployments/1/statuses*",
		 "[{\"state\":\"waiting\",\"created_at\":\"2026-11-10T11:00:01Z\"}]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	t[4].body = "[{\"state\":\"success\",\"created_at\":\"2026-11-16T05:00:00Z\"},{\"state\":"
		    "\"waiting\",\"created_at\":\"2026-11-10T11:00:01Z\"}]";
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ROWS),
			    "1|production|succeeded|2026-11-16T05:00:00Z\n");
}

/* Of a first collection the deployment before the window is the base of the first inside it. */
static void what_was_deployed_before_the_window_is_found_once(void **state UNUSED)
{
	struct served t[] = {
		REPO,
		NO_RUNS,
		NO_WORKFLOWS,
		{"GET */deployments[?]*",
		 "[" DEPLOYMENT("9", "production", "{}", "2026-11-10T11:00:00Z") "," DEPLOYMENT("8", "production", "{}", "2026-11-01T11:00:00Z") "," DEPLOYMENT(
			 "7", "staging", "{}",
			 "2026-10-31T11:00:00Z") "," DEPLOYMENT("6", "production", "{}",
								"2026-10-30T11:00:00Z") "," DEPLOYMENT("5",
												       "production",
												       "{}",
												       "2026-10-29T11:00:00Z") "," DEPLOYMENT("4",
																	      "production",
																	      "{}",
																	      "2026-10-28T11:00:00Z") "]",
		 NULL, 0, 0},
		{"GET */deployments/9/statuses*",
		 "[{\"state\":\"success\",\"created_at\":\"2026-11-10T11:01:00Z\"}]", NULL, 0, 0},
		{"GET */deployments/8/statuses*",
		 "[{\"state\":\"failure\",\"created_at\":\"2026-11-01T11:01:00Z\"}]", NULL, 0, 0},
		{"GET */deployments/6/statuses*",
		 "[{\"state\":\"success\",\"created_at\":\"2026-10-30T11:01:00Z\"}]", NULL, 0, 0},
		{"GET */deployments/5/statuses*",
		 "[{\"state\":\"success\",\"created_at\":\"2026-10-29T11:01:00Z\"}]", NULL, 0, 0},
		{"GET */compare/aaaaaaa6...aaaaaaa9[?]*", "{\"total_commits\":0,\"commits\":[]}",
		 NULL, 0, 0},
		{0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/deployments/*/statuses*"), 4);
	assert_int_equal(collecting_asked(&b, "*/compare/aaaaaaa6...aaaaaaa9*"), 1);
	httpd_forget(b.h);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/statuses*"), 0); /* final */
	assert_int_equal(collecting_asked(&b, "*/compare/*"), 0);
}

/* G-21: the list may be older than a rename; G-36: nothing ever ran. */
static void a_renamed_repository_redirects_and_one_without_runs_is_whole(void **state UNUSED)
{
	static const struct served t[] = {REPO,
					  {"GET /repos/acme/web/actions/runs[?]*",
					   "{\"message\":\"Moved Permanently\"}",
					   "Location: @URL@/repositories/1/actions/runs", 301, 0},
					  {"GET /repositories/1/actions/runs",
					   "{\"total_count\":0,\"workflow_runs\":[]}", NULL, 0, 0},
					  NO_WORKFLOWS,
					  {"GET */deployments[?]*", "[]", NULL, 0, 0},
					  {0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "actions")->received, 1);
}

/* G-21: each repository that is refused is told, the others are read. */
static void a_blocked_repository_is_told_by_its_reason(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *reason;
	} cases[] = {
		{451, "{\"message\":\"Repository access blocked\"}", "blocked for legal reasons"},
		{403, "{\"message\":\"Repository access blocked\"}", "Repository access blocked"},
		{404, "{\"message\":\"Not Found\"}", "404 on acme/web"}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served t[] = {
			REPO,
			{"GET */actions/runs[?]*", cases[i].body, NULL, cases[i].status, 0},
			NO_WORKFLOWS,
			{"GET */deployments[?]*", "[]", NULL, 0, 0},
			{0}};
		collecting_serve(&b, t);
		collecting_run(&b);
		assert_part(&b, "actions", LEDGER_FAILED, cases[i].reason);
		assert_part(&b, "deployments", LEDGER_COMPLETE, NULL);
	}
}

/* G-10, G-11, G-14, G-15, G-16, G-34, G-35 */
static void strange_runs_are_kept_as_they_came(void **state UNUSED)
{
	char *title = arena_alloc(&b.a, 5001);
	memset(title, 'x', 5000);
	struct served t[] = {
		REPO,
		{"GET */actions/runs[?]*",
		 arena_printf(
			 &b.a,
			 "{\"workflow_runs\":[{\"id\":9007199254740991,\"created_at\":\"2026-11-"
			 "10T10:"
			 "00:00Z\",\"conclusion\":null,\"status\":null,\"actor\":null,\"head_"
			 "branch\":"
			 "null,\"pull_requests\":[],\"workflow_id\":null},"
			 "{\"id\":26365060973,\"created_at\":\"2026-11-10T15:42:07Z\",\"run_"
			 "started_"
			 "at\":\"2026-11-10T15:42:05Z\",\"updated_at\":\"2026-11-10T15:43:05Z\","
			 "\"conclusion\":\"stale\",\"event\":\"push\",\"path\":\".github/workflows/"
			 "a "
			 "b#1%%25.yml\",\"head_branch\":\"fix|<script>\\n\\u202eb/1#%%\",\"display_"
			 "title\":\"%s\"},"
			 "{\"id\":3,\"created_at\":\"2026-11-10T10:00:00Z\",\"conclusion\":"
			 "\"action_"
			 "required\",\"status\":\"completed\"},"
			 "{\"id\":4,\"created_at\":\"2026-11-10T10:00:00Z\",\"status\":\"waiting\"}"
			 "]}",
			 title),
		 NULL, 0, 0},
		NO_WORKFLOWS,
		{"GET */deployments[?]*",
		 "[" DEPLOYMENT("1", "pre view/#%1", "{}", "2026-11-10T11:00:00Z") "]", NULL, 0, 0},
		{"GET */deployments/1/statuses*", "[]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, "SELECT key, status, conclusion, started_at, workflow_path, "
				    "length(title), replace(branch, char(10), '~') FROM ci_run "
				    "ORDER BY length(key), key"),
		"3|completed|action_required|2026-11-10T10:00:00Z|-|-|-\n"
		"4|waiting|-|2026-11-10T10:00:00Z|-|-|-\n"
		"26365060973|-|stale|2026-11-10T15:42:05Z|.github/workflows/a "
		"b#1%25.yml|5000|fix|<script>~\u202e"
		"b/1#%\n"
		"9007199254740991|-|-|2026-11-10T10:00:00Z|-|-|-\n");
	assert_string_equal(collecting_rows(&b, ROWS), "1|pre view/#%1|in_progress|-\n");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_week_of_sixty_repositories_takes_at_most_300_requests),
		T(a_deployments_outcome_is_its_newest_status_that_is_not_inactive),
		T(a_waiting_deployment_is_asked_again_until_it_is_approved),
		T(what_was_deployed_before_the_window_is_found_once),
		T(a_renamed_repository_redirects_and_one_without_runs_is_whole),
		T(a_blocked_repository_is_told_by_its_reason),
		T(strange_runs_are_kept_as_they_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
