#include "support/collecting.h"

#include "store/facts.h"

static struct collecting b;

#define PARTS	      6 /* repositories, actions, deployments, schedules, logs, commits */
#define RUNS_OF(repo) "GET /repos/acme/" repo "/actions/runs[?]*"
#define NO_RUNS	      "{\"total_count\":0,\"workflow_runs\":[]}"
#define NO_WORKFLOWS  "{\"total_count\":0,\"workflows\":[]}"
#define REPO(id, name, more)                                                                       \
	"{\"id\":" id ",\"name\":\"" name "\",\"full_name\":\"acme/" name                          \
	"\",\"default_branch\":\"main\",\"html_url\":\"https://github.example.org/"                \
	"acme/" name "\"" more "}"

/* started, updated: how long it ran */
#define RUN(id, attempt, event, status, conclusion, created, updated)                              \
	"{\"id\":" id ",\"name\":\"Test\",\"display_title\":\"Fix | <b>\",\"path\":\".github/"     \
	"workflows/test.yml@refs/heads/main\",\"workflow_id\":77,\"run_number\":5,"                \
	"\"run_attempt\":" attempt ",\"event\":\"" event "\",\"status\":\"" status                 \
	"\",\"conclusion\":" conclusion ",\"head_branch\":\"main\",\"head_sha\":\"3dce5c8\","      \
	"\"head_commit\":{\"timestamp\":\"2026-11-09T07:00:00Z\"},\"created_at\":\"" created       \
	"\",\"run_started_at\":\"" created "\",\"updated_at\":\"" updated                          \
	"\",\"html_url\":\"https://github.example.org/r/" id "\",\"head_repository\":null}"

#define JOBS                                                                                       \
	"{\"total_count\":2,\"jobs\":[{\"id\":500,\"name\":\"unit\",\"conclusion\":\"failure\","   \
	"\"run_attempt\":1,\"started_at\":\"2026-11-10T10:00:10Z\",\"completed_at\":\"2026-11-10T" \
	"10:07:00Z\",\"runner_id\":3,\"runner_name\":\"x\",\"html_url\":\"https://"                \
	"x.example.org\","                                                                         \
	"\"steps\":[{\"name\":\"checkout\",\"status\":\"completed\",\"conclusion\":\"success\"},"  \
	"{\"name\":\"pytest\",\"status\":\"completed\",\"conclusion\":\"failure\"},{\"name\":"     \
	"\"after\",\"status\":\"completed\",\"conclusion\":\"skipped\"}]},{\"id\":501,\"name\":"   \
	"\"lint\",\"conclusion\":\"skipped\",\"started_at\":\"2026-11-10T10:00:10Z\","             \
	"\"completed_at\":\"2026-11-10T10:00:00Z\",\"steps\":[],\"runner_id\":0,"                  \
	"\"runner_name\":\"\"}]}"

#define FAILED_RUN                                                                                 \
	RUN("26365060973", "1", "push", "completed", "\"failure\"", "2026-11-10T10:00:00Z",        \
	    "2028-01-01T00:00:00Z")
#define RERUN_RUN                                                                                  \
	RUN("26365060972", "2", "push", "completed", "\"success\"", "2026-11-09T10:00:00Z",        \
	    "2026-11-09T11:00:00Z")

static const struct served usual[] = {
	{"GET /orgs/acme/repos*",
	 "[" REPO("1", "web", "") "," REPO("2", "old", ",\"archived\":true") "]",
	 "Link: <@URL@/organizations/7/repos?per_page=100&page=2>; rel=\"next\"", 0, 0},
	{"GET /organizations/7/repos*",
	 "[" REPO("3", "api", "") "," REPO("4", "x-prototype", "") "]", NULL, 0, 0},
	{RUNS_OF("web"),
	 "{\"total_count\":3,\"workflow_runs\":[" RUN("26365060974", "1", "pull_request",
						      "in_progress", "null", "2026-11-16T05:00:00Z",
						      "2026-11-16T05:01:00Z") "," FAILED_RUN "]}",
	 "Link: <@URL@/repositories/1/actions/runs?page=2>; rel=\"next\"", 0, 0},
	{"GET /repositories/1/actions/runs?page=2",
	 "{\"total_count\":3,\"workflow_runs\":[" FAILED_RUN "," RERUN_RUN
	 "," RUN("26365060960", "1", "schedule", "completed", "\"success\"", "2026-10-09T23:00:00Z",
		 "2026-10-09T23:05:00Z") "]}",
	 "Link: <@URL@/repositories/1/actions/runs?page=3>; rel=\"next\"", 0, 0},
	{RUNS_OF("api"), NO_RUNS, NULL, 0, 0},
	{"GET /repos/acme/web/actions/workflows*",
	 "{\"workflows\":[{\"id\":77,\"name\":\"Test\",\"path\":\".github/workflows/test.yml\","
	 "\"state\":\"disabled_inactivity\",\"html_url\":\"https://x.example.org\"}]}",
	 NULL, 0, 0},
	{"GET /repos/acme/api/actions/workflows*", NO_WORKFLOWS, NULL, 0, 0},
	{"GET /repos/acme/web/actions/runs/26365060973/attempts/1/jobs*", JOBS, NULL, 0, 0},
	{"GET /repos/acme/web/actions/runs/26365060972/attempts/1[?]*",
	 RUN("26365060972", "1", "push", "completed", "\"failure\"", "2026-11-09T10:00:00Z",
	     "2026-11-09T10:30:00Z"),
	 NULL, 0, 0},
	{"GET /repos/acme/web/actions/runs/26365060972/attempts/1/jobs*", JOBS, NULL, 0, 0},
	{"GET /repos/acme/web/deployments[?]*",
	 "[{\"id\":900,\"sha\":\"3dce5c8\",\"ref\":\"main\",\"task\":\"deploy\",\"payload\":\"{}\","
	 "\"environment\":\"production\",\"creator\":{\"login\":\"someone\",\"type\":\"User\"},"
	 "\"created_at\":\"2026-11-10T12:00:00Z\",\"updated_at\":\"2026-11-10T12:09:00Z\"},"
	 "{\"id\":901,\"sha\":\"3dce5c8\",\"ref\":\"main\",\"environment\":\"staging\",\"payload\":"
	 "{},"
	 "\"created_at\":\"2026-11-09T12:00:00Z\",\"updated_at\":\"2026-11-09T12:09:00Z\"},"
	 "{\"id\":902,\"environment\":\"staging\",\"created_at\":\"2026-11-01T12:00:00Z\"}]",
	 "Link: <@URL@/repositories/1/deployments?page=2>; rel=\"next\"", 0, 0},
	{"GET /repos/acme/api/deployments[?]*", "[]", NULL, 0, 0},
	{"GET /repos/acme/web/deployments/900/statuses*",
	 "[{\"state\":\"inactive\",\"created_at\":\"2026-11-10T12:09:00Z\"},"
	 "{\"state\":\"success\",\"created_at\":\"2026-11-10T12:05:00Z\",\"log_url\":"
	 "\"https://log.example.org/1\"},{\"state\":\"in_progress\",\"created_at\":"
	 "\"2026-11-10T12:01:00Z\"}]",
	 NULL, 0, 0},
	{"GET /repos/acme/web/deployments/901/statuses*",
	 "[{\"state\":\"waiting\",\"created_at\":\"2026-11-09T12:00:05Z\"}]", NULL, 0, 0},
	{0},
};

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("SITREP_TEST_TOKEN", "ghp_test", 1);
	struct github_source s = {.name = "github",
				  .url = b.url,
				  .organisation = "acme",
				  .repositories = strv_of(&b.a, "*", "!*-prototype")};
	struct secret token = {SECRET_ENV, "SITREP_TEST_TOKEN"};
	vec_push(&b.a, &s.tokens, token);
	vec_push(&b.a, &b.cfg.github, s);
	collecting_serve(&b, usual);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define RUN_ROWS                                                                                   \
	"SELECT key, repo, workflow_key, workflow_path, conclusion, attempt, default_branch, "     \
	"created_at, completed_at, committed_at FROM ci_run ORDER BY key"
#define ATTEMPT_ROWS                                                                               \
	"SELECT r.key, a.attempt, a.conclusion, a.completed_at FROM ci_attempt a JOIN ci_run r "   \
	"ON "                                                                                      \
	"r.id = a.run_id ORDER BY 1, 2"
#define JOB_ROWS                                                                                   \
	"SELECT r.key, j.attempt, j.key, j.name, j.conclusion, j.completed_at, j.failed_step, "    \
	"j.steps, j.had_runner FROM ci_job j JOIN ci_run r ON r.id = j.run_id ORDER BY 1, 2, 3"
#define DEPLOYMENT_ROWS                                                                            \
	"SELECT key, service, repo, environment, sha, state, created_at, started_at, "             \
	"finished_at, "                                                                            \
	"creator_kind, url FROM deployment ORDER BY key"

#define WF "77|.github/workflows/test.yml|"
static const char run_picture[] =
	"26365060960|acme/web|" WF "success|1|1|2026-10-09T23:00:00Z|2026-10-09T23:05:00Z|"
	"2026-11-09T07:00:00Z\n"
	"26365060972|acme/web|" WF "success|2|1|2026-11-09T10:00:00Z|2026-11-09T11:00:00Z|"
	"2026-11-09T07:00:00Z\n"
	/* G-09: from the jobs, not from an updated_at of 2028 */
	"26365060973|acme/web|" WF "failure|1|1|2026-11-10T10:00:00Z|2026-11-10T10:07:00Z|"
	"2026-11-09T07:00:00Z\n"
	"26365060974|acme/web|" WF "-|1|0|2026-11-16T05:00:00Z|-|2026-11-09T07:00:00Z\n";
/* G-07: the failure that a re-run turned green is kept */
static const char attempt_picture[] = "26365060972|1|failure|2026-11-10T10:07:00Z\n"
				      "26365060972|2|success|2026-11-09T11:00:00Z\n"
				      "26365060973|1|failure|2026-11-10T10:07:00Z\n";
static const char job_picture[] = "26365060972|1|500|unit|failure|2026-11-10T10:07:00Z|pytest|2|1\n"
				  "26365060972|1|501|lint|skipped|2026-11-10T10:00:10Z|-|0|0\n"
				  "26365060973|1|500|unit|failure|2026-11-10T10:07:00Z|pytest|2|1\n"
				  "26365060973|1|501|lint|skipped|2026-11-10T10:00:10Z|-|0|0\n";
static const char deployment_picture[] =
	"900|web|acme/web|production|3dce5c8|succeeded|2026-11-10T12:00:00Z|2026-11-10T12:01:00Z|"
	"2026-11-10T12:05:00Z|user|https://log.example.org/1\n"
	"901|web|acme/web|staging|3dce5c8|waiting|2026-11-09T12:00:00Z|-|-|-|"
	"https://github.example.org/acme/web/deployments\n";

static void assert_whole_picture(void)
{
	assert_string_equal(collecting_rows(&b, RUN_ROWS), run_picture);
	assert_string_equal(collecting_rows(&b, ATTEMPT_ROWS), attempt_picture);
	assert_string_equal(collecting_rows(&b, JOB_ROWS), job_picture);
	assert_string_equal(collecting_rows(&b, DEPLOYMENT_ROWS), deployment_picture);
	assert_string_equal(
		collecting_rows(&b, "SELECT key, name, archived, gone FROM repo ORDER BY key"),
		"1|acme/web|0|0\n2|acme/old|1|0\n3|acme/api|0|0\n");
	assert_string_equal(
		collecting_rows(&b, "SELECT key, repo, name, path, state FROM workflow"),
		"77|acme/web|Test|.github/workflows/test.yml|disabled_inactivity\n");
}

static void runs_attempts_jobs_and_deployments_are_stored(void **state UNUSED)
{
	collecting_run(&b);
	assert_int_equal(b.result.complete, PARTS);
	assert_whole_picture();
	const struct ledger *l = collecting_ledger(&b, "actions");
	assert_int_equal(l->expected, 2); /* repositories; the archived one is not asked */
	assert_int_equal(l->received, 2);
	assert_int_equal(collecting_ledger(&b, "deployments")->received, 2);
	assert_int_equal(collecting_ledger(&b, "repositories")->received, 3);
}

static void requests_are_exactly_these(void **state UNUSED)
{
	static const char *const want[] = {
		"/orgs/acme/repos?per_page=100&type=all&sort=full_name",
		"/organizations/7/repos?per_page=100&page=2",
		"/repos/acme/web/actions/runs?per_page=100&exclude_pull_requests=true",
		"/repos/acme/web/actions/workflows?per_page=100",
		"/repos/acme/web/deployments?per_page=100",
		"/repos/acme/api/actions/runs?per_page=100&exclude_pull_requests=true",
		"/repos/acme/api/actions/workflows?per_page=100",
		"/repos/acme/api/deployments?per_page=100",
		"/repos/acme/web/actions/runs/26365060973/attempts/1/jobs?per_page=100",
		"/repositories/1/actions/runs?page=2",
		"/repos/acme/web/deployments/900/statuses?per_page=100",
		"/repos/acme/web/deployments/901/statuses?per_page=100",
		"/repos/acme/web/actions/runs/26365060972/attempts/1?exclude_pull_requests=true",
		"/repos/acme/web/actions/runs/26365060972/attempts/1/jobs?per_page=100",
		/* the second round: of one failure the log, of one deployment nothing before it */
		"/repos/acme/web/actions/jobs/500/logs",
	};
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, i);
		assert_non_null(rq);
		assert_string_equal(rq->target, want[i]);
		assert_string_equal(httpd_header(rq, "Authorization"), "Bearer ghp_test");
		assert_string_equal(httpd_header(rq, "Accept"), "application/vnd.github+json");
		assert_string_equal(httpd_header(rq, "X-GitHub-Api-Version"), "2022-11-28");
		assert_string_equal(httpd_header(rq, "User-Agent"), "sitrep/test");
	}
	/* page 3 of the runs and page 2 of the deployments lie before the window */
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
}

static void a_second_run_asks_for_nothing_that_is_stored_and_final(void **state UNUSED)
{
	collecting_run(&b);
	httpd_forget(b.h);
	collecting_run(&b);
	assert_whole_picture();
	assert_int_equal(collecting_asked(&b, "*/attempts/*"), 0);
	/* touched after its end, and not ended: those may have changed */
	assert_int_equal(collecting_asked(&b, "*/statuses*"), 2);
	/* listed to 30 days back before: now to the window's start, which page 2 reaches */
	assert_int_equal(collecting_asked(&b, "*/actions/runs[?]page=2"), 1);
	assert_string_equal(collecting_rows(&b, "SELECT * FROM ci_span WHERE repo_key = '1'"),
			    "github|1|2026-10-10T00:00:00Z|2026-11-16T06:00:00Z\n");
}

/* G-08 */
static void an_older_run_that_was_not_settled_is_asked_for_again(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 3] = {
		{RUNS_OF("web"),
		 "{\"workflow_runs\":[" FAILED_RUN
		 "," RUN("26365060961", "1", "push", "completed", "\"success\"",
			 "2026-11-05T23:00:00Z", "2026-11-05T23:10:00Z") "]}",
		 NULL, 0, 0},
		{"GET /repos/acme/web/actions/runs/26365060950[?]*",
		 RUN("26365060950", "2", "push", "completed", "\"success\"", "2026-10-25T23:00:00Z",
		     "2026-11-12T23:10:00Z"),
		 NULL, 0, 0},
		{"GET /repos/acme/web/actions/runs/26365060950/attempts/1*",
		 RUN("26365060950", "1", "push", "completed", "\"cancelled\"",
		     "2026-10-25T23:00:00Z", "2026-10-25T23:10:00Z"),
		 NULL, 0, 0}};
	struct served first[ARRAY_SIZE(usual) + 1] = {
		{RUNS_OF("web"),
		 "{\"workflow_runs\":[" RUN(
			 "26365060950", "1", "push", "completed", "\"cancelled\"",
			 "2026-10-25T23:00:00Z",
			 "2026-10-25T23:10:00Z") "," RUN("26365060949", "1", "push", "completed",
							 "\"skipped\"", "2026-10-25T22:00:00Z",
							 "2026-10-25T23:10:00Z") "]}",
		 NULL, 0, 0}};
	memcpy(first + 1, usual, sizeof usual);
	memcpy(table + 3, usual, sizeof usual);
	collecting_serve(&b, first);
	collecting_run(&b);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/actions/runs/26365060950[?]*"), 1);
	assert_int_equal(collecting_asked(&b, "*/actions/runs/26365060949[?]*"), 0);
	assert_string_equal(collecting_rows(&b,
					    "SELECT attempt, conclusion FROM ci_run WHERE key = "
					    "'26365060950'"),
			    "2|success\n");
	assert_int_equal(b.result.complete, PARTS);
}

static void a_run_after_the_week_is_asked_for_its_latest_attempt_alone(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{RUNS_OF("web"),
		 "{\"workflow_runs\":[" RUN("12", "3", "push", "completed", "\"failure\"",
					    "2026-11-16T01:00:00Z", "2026-11-16T01:10:00Z") "]}",
		 NULL, 0, 0},
		{"GET */runs/12/attempts/3/jobs*", JOBS, NULL, 0, 0}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, "*/attempts/*"), 1);
	assert_string_equal(collecting_rows(&b, ATTEMPT_ROWS),
			    "12|3|failure|2026-11-10T10:07:00Z\n");
}

/* G-12, G-13, G-14 */
static void a_startup_failure_has_no_jobs_and_one_without_runner_no_steps(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{RUNS_OF("web"),
		 "{\"workflow_runs\":[" RUN(
			 "11", "1", "push", "completed", "\"startup_failure\"",
			 "2026-11-12T00:00:00Z",
			 "2026-11-12T00:00:01Z") "," RUN("12", "1", "push", "completed",
							 "\"failure\"", "2026-11-12T00:00:00Z",
							 "2026-11-12T00:00:01Z") "]}",
		 NULL, 0, 0},
		{"GET */runs/12/attempts/1/jobs*",
		 "{\"jobs\":[{\"id\":1,\"name\":\"unit\",\"conclusion\":\"failure\",\"steps\":[],"
		 "\"runner_id\":0,\"runner_name\":\"\",\"started_at\":null,\"completed_at\":null}]"
		 "}",
		 NULL, 0, 0}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/runs/11/*"), 0);
	assert_string_equal(collecting_rows(&b, ATTEMPT_ROWS),
			    "11|1|startup_failure|2026-11-12T00:00:01Z\n"
			    "12|1|failure|2026-11-12T00:00:01Z\n");
	assert_string_equal(collecting_rows(&b, JOB_ROWS), "12|1|1|unit|failure|-|-|0|0\n");
}

static void more_than_a_page_of_jobs_is_stored_whole_or_not_at_all(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"GET /repos/acme/web/actions/runs/26365060973/attempts/1/jobs*",
		 "{\"jobs\":[{\"id\":1,\"conclusion\":\"success\"}]}",
		 "Link: <@URL@/jobs-2>; rel=\"next\"", 0, 0},
		{"GET /jobs-2", "{\"jobs\":[{\"id\":2,\"conclusion\":\"failure\"}]}", NULL, 0, 0}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM ci_job j JOIN ci_run r ON "
					    "r.id = j.run_id WHERE r.key = '26365060973'"),
			 2);
	teardown(NULL);
	setup(NULL);
	table[1].status = 500;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_PARTIAL,
		    "500 on acme/web: jobs of run 26365060973 attempt 1: server error");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM ci_job j JOIN ci_run r ON "
					    "r.id = j.run_id WHERE r.key = '26365060973'"),
			 0);
}

/* One repository that may not be read makes the part partial, by its name. */
static void a_forbidden_repository_is_named_with_what_it_takes(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 3] = {
		{"GET /repos/acme/api/actions/*",
		 "{\"message\":\"Resource not accessible by personal access token\"}",
		 "X-Accepted-GitHub-Permissions: actions=read", 403, 0},
		{"GET /repos/acme/api/deployments*", "{\"message\":\"Not Found\"}", NULL, 404, 0}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_PARTIAL,
		    "403 on acme/api: Resource not accessible by personal access token; does the "
		    "token have Actions: read? GitHub wants actions=read");
	assert_part(&b, "deployments", LEDGER_PARTIAL,
		    "404 on acme/api: Not Found; does the token have Deployments: read?");
	assert_int_equal(collecting_ledger(&b, "actions")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "actions")->received, 1);
	assert_string_equal(collecting_rows(&b, RUN_ROWS), run_picture);
}

static void every_refusal_of_the_list_has_its_own_words(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *header, *reason;
	} cases[] = {
		{401, "{\"message\":\"Bad credentials\"}", NULL,
		 "401 on the repositories of acme: Bad credentials; the token is wrong, expired or "
		 "revoked"},
		{403, "{\"message\":\"Resource protected by organization SAML enforcement.\"}",
		 "X-GitHub-SSO: required; url=https://x.example.org",
		 "authorise the token for the organisation's single sign-on"},
		{403, "{\"message\":\"You have exceeded a secondary rate limit.\"}", NULL,
		 "403 on the repositories of acme: still over the rate limit"},
		{403, "{\"message\":\"API rate limit exceeded\"}", "X-RateLimit-Remaining: 0",
		 "still over the rate limit"},
		{404, "{\"message\":\"Not Found\"}", NULL,
		 "404 on the repositories of acme: Not Found; does the token have Metadata: read?"},
		{451, "{}", NULL, "451 on the repositories of acme: blocked for legal reasons"},
		{502, "<html>Unicorn</html>", NULL,
		 "502 on the repositories of acme: server error"},
		{200, "<!doctype html>", NULL, "200 with HTML instead of JSON"},
		{200, "{\"message\":\"ok\"}", NULL, "are not a list; not a GitHub API"},
		{200, "[{\"id\":1", NULL, "damaged JSON"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {{"*", cases[i].body, cases[i].header, cases[i].status, 0},
					 {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_int_equal(b.result.failed, PARTS);
		assert_part(&b, "repositories", LEDGER_FAILED, cases[i].reason);
		assert_part(&b, "actions", LEDGER_FAILED, cases[i].reason);
	}
}

static void an_empty_organisation_is_not_a_quiet_week(void **state UNUSED)
{
	static const struct served table[] = {{"*", "[]", NULL, 0, 0}, {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "the token sees no repository of acme");
	assert_part(&b, "actions", LEDGER_FAILED, "no repository to ask");
}

static void a_next_page_on_another_host_is_not_followed(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"GET /orgs/acme/repos*", "[" REPO("1", "web", "") "]",
		 "Link: <http://evil.invalid/organizations/7/repos?page=2>; rel=\"next\"", 0, 0}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_PARTIAL, "on another host");
	assert_string_equal(collecting_rows(&b, RUN_ROWS), run_picture);
}

/* G-21 */
static void a_renamed_repository_keeps_its_row_and_a_lost_one_is_marked(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"GET /orgs/acme/repos*", "[" REPO("1", "site", "") "]", NULL, 0, 0},
		{RUNS_OF("site"), "{\"workflow_runs\":[" FAILED_RUN "]}", NULL, 0, 0}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_run(&b);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT key, name, gone FROM repo ORDER BY key"),
			    "1|acme/site|0\n2|acme/old|1\n3|acme/api|1\n");
}

/* G-28 */
static void a_page_of_runs_that_is_too_heavy_is_asked_for_in_thirties(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"GET /repos/acme/web/actions/runs[?]per_page=100*",
		 "{\"message\":\"Server Error\"}", NULL, 502, 0}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_whole_picture();
}

static void the_day_a_token_ends_is_kept_for_the_digest(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"GET /orgs/acme/repos*", "[" REPO("3", "api", "") "]",
		 "GitHub-Authentication-Token-Expiration: 2026-11-20 16:30:08 UTC", 0, 0}};
	struct facts f;
	struct err e = {0};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_ok(facts_list(b.db, "2026-W46", &b.a, &f, &e), e);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.v[0].name, "token_expires");
	assert_string_equal(f.v[0].text, "SITREP_TEST_TOKEN");
	assert_int_equal(f.v[0].at_s, WEEK_FROM + 11 * 86400 + 59408);
}

static void a_spent_budget_is_told_and_nothing_is_zero(void **state UNUSED)
{
	b.cfg.limits.requests_per_source = 4;
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_FAILED, "limits.requests_per_source");
	assert_part(&b, "deployments", LEDGER_FAILED, "limits.requests_per_source");
	assert_int_equal(collecting_asked(&b, "*"), 4);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 404, .body = "{\"message\":\"Not Found\"}"},
		{.body = "<html>login</html>"},
		{.body = "{\"workflow_runs\":[{\"id\":1"},
		{.status = 403, .body = "{\"message\":\"forbidden\"}"},
		{.status = 500, .body = "{}"},
	};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			teardown(NULL);
			setup(NULL);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, (size_t)n - 1);
			bool deleted = faults[f].status == 404 &&
				       (strstr(rq->path, "/statuses") || strstr(rq->path, "/logs"));
			bool heavy = faults[f].status == 500 && b.result.complete == PARTS;
			if (!deleted && !heavy &&
			    b.result.partial + b.result.failed + b.result.not_enabled == 0)
				fail_msg("fault %zu in request %d was not told", f, n);
			if (heavy)
				assert_whole_picture();
			for (size_t i = 0; i < b.ledger.n; i++)
				assert_true((b.ledger.v[i].status == LEDGER_COMPLETE) ==
					    (b.ledger.v[i].reason == NULL));
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, PARTS);
			assert_whole_picture();
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(runs_attempts_jobs_and_deployments_are_stored),
		T(requests_are_exactly_these),
		T(a_second_run_asks_for_nothing_that_is_stored_and_final),
		T(an_older_run_that_was_not_settled_is_asked_for_again),
		T(a_run_after_the_week_is_asked_for_its_latest_attempt_alone),
		T(a_startup_failure_has_no_jobs_and_one_without_runner_no_steps),
		T(more_than_a_page_of_jobs_is_stored_whole_or_not_at_all),
		T(a_forbidden_repository_is_named_with_what_it_takes),
		T(every_refusal_of_the_list_has_its_own_words),
		T(an_empty_organisation_is_not_a_quiet_week),
		T(a_next_page_on_another_host_is_not_followed),
		T(a_renamed_repository_keeps_its_row_and_a_lost_one_is_marked),
		T(a_page_of_runs_that_is_too_heavy_is_asked_for_in_thirties),
		T(the_day_a_token_ends_is_kept_for_the_digest),
		T(a_spent_budget_is_told_and_nothing_is_zero),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
