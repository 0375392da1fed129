#include "support/collecting.h"

#include "collect/github.h"
#include "store/commits.h"

/* What GitHub is asked beyond its lists: logs, commits, schedules. */

static struct collecting b;

#define REPOS                                                                                      \
	{                                                                                          \
		"GET /orgs/acme/repos*",                                                           \
			"[{\"id\":1,\"full_name\":\"acme/web\",\"default_branch\":\"main\"}]",     \
			NULL, 0, 0                                                                 \
	}
#define NO_RUNS                                                                                    \
	{                                                                                          \
		"GET /repos/acme/web/actions/runs[?]*", "{\"workflow_runs\":[]}", NULL, 0, 0       \
	}
#define NO_WORKFLOWS                                                                               \
	{                                                                                          \
		"GET *actions/workflows[?]*", "{\"workflows\":[]}", NULL, 0, 0                     \
	}
#define NO_DEPLOYMENTS                                                                             \
	{                                                                                          \
		"GET *deployments[?]*", "[]", NULL, 0, 0                                           \
	}
#define RUN(id, event, conclusion, created)                                                        \
	"{\"id\":" id ",\"workflow_id\":77,\"name\":\"Test\",\"path\":\".github/workflows/"        \
	"t.yml\",\"event\":\"" event "\",\"status\":\"completed\",\"conclusion\":\"" conclusion    \
	"\",\"head_branch\":\"main\",\"head_sha\":\"aaaaaaa1\",\"created_at\":\"" created "\"}"

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
	b.cfg.environments = strv_of(&b.a, "production", "staging");
	vec_push(&b.a, &b.cfg.aliases, ((struct environment_alias){"prod", "production"}));
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

/* --- the lines of a log that matter --- */

static void assert_lines(const char *log, const char *want)
{
	const char *have = gh_log_lines(log, strlen(log), &b.a);
	if (want)
		assert_string_equal(have, want);
	else
		assert_null(have);
}

#define T0 "2026-11-10T10:00:01.1234567Z "

static void a_log_says_what_stood_before_the_exit_code(void **state UNUSED)
{
	assert_lines("\xef\xbb\xbf" T0 "##[group]Run pytest\n" T0 "##[endgroup]\n" T0
		     "collected 3 items\n" T0 "\n" T0
		     "\033[31mE   ValueError: no geometry\033[0m\r\n" T0
		     "##[error]Process completed with exit code 1.\n" T0 "Post job cleanup.\n" T0
		     "error: nothing to clean\n",
		     "collected 3 items\nE ValueError: no geometry");
}

static void a_log_with_error_lines_of_its_own_says_those(void **state UNUSED)
{
	assert_lines(T0 "setting up\n" T0 "##[error]src/a.js:3 'x' is not defined\n" T0
			"##[error]src/b.js:4 unused\n" T0
			"##[error]Process completed with exit code 1.\n",
		     "src/a.js:3 'x' is not defined\nsrc/b.js:4 unused");
}

static void a_log_without_any_mark_says_what_speaks_of_errors_else_its_end(void **state UNUSED)
{
	assert_lines("one\nFatal: cannot connect\ntwo\nthree\n", "Fatal: cannot connect");
	assert_lines("1\n2\n3\n4\n5\n6\n", "2\n3\n4\n5\n6");
	assert_lines(T0 "##[error]Process completed with exit code 2.\n",
		     "Process completed with exit code 2.");
	assert_lines("", NULL);
	assert_lines("\n \n" T0 "\n", NULL);
}

static void a_log_line_hides_secrets_and_is_one_clean_line(void **state UNUSED)
{
	static const char log[] =
		T0 "##[error]push to https://bot:hunter2secret@example.org/x failed\n" T0
		   "##[error]token ghp_0123456789abcdefghijABCDEFGHIJ012345 refused\n" T0
		   "##[error]a\x01\xe2\x80\xae"
		   "b\xff <script>\n";
	const char *have = gh_log_lines(log, sizeof log - 1, &b.a);
	assert_null(strstr(have, "hunter2secret"));
	assert_null(strstr(have, "ghp_0123"));
	assert_null(strchr(have, '\x01'));
	assert_null(strstr(have, "\xe2\x80\xae"));
	char *big = arena_alloc(&b.a, 70000);
	memset(big, 'x', 69999);
	have = gh_log_lines(big, 69999, &b.a);
	assert_true(strlen(have) < 700);
}

/* --- fetching logs --- */

#define JOBS                                                                                       \
	"{\"jobs\":[{\"id\":501,\"name\":\"after\",\"conclusion\":\"failure\",\"started_at\":"     \
	"\"2026-11-10T10:05:00Z\",\"completed_at\":\"2026-11-10T10:06:00Z\",\"runner_id\":3,"      \
	"\"steps\":[{\"name\":\"y\",\"conclusion\":\"failure\"}]},{\"id\":500,\"name\":\"unit\","  \
	"\"conclusion\":\"failure\",\"started_at\":\"2026-11-10T10:00:00Z\",\"completed_at\":"     \
	"\"2026-11-10T10:04:00Z\",\"runner_id\":3,\"steps\":[{\"name\":\"x\",\"conclusion\":"      \
	"\"failure\"}]}]}"
#define LOG	 "GET /repos/acme/web/actions/jobs/500/logs"
#define LOG_TEXT T0 "boom\n" T0 "##[error]Process completed with exit code 1.\n"
#define LOG_ROWS                                                                                   \
	"SELECT r.key, l.attempt, l.job_key, l.lines FROM ci_log l JOIN ci_run r ON r.id = "       \
	"l.run_id"

static struct served logs[] = {
	REPOS,
	{"GET /repos/acme/web/actions/runs[?]*",
	 "{\"workflow_runs\":[" RUN("13", "push", "failure", "2026-11-10T12:00:00Z") "," RUN(
		 "12", "push", "failure", "2026-11-10T10:00:00Z") "]}",
	 NULL, 0, 0},
	NO_WORKFLOWS,
	NO_DEPLOYMENTS,
	{"GET */runs/*/jobs*", JOBS, NULL, 0, 0},
	{NULL, NULL, NULL, 0, 0},
	{NULL, NULL, NULL, 0, 0},
	{0}};

static void serve_log(int status, const char *body, const char *header)
{
	logs[5] = (struct served){LOG, body, header, status, 0};
	collecting_serve(&b, logs);
}

/* Another host: the same server by another name. */
static const char *elsewhere(void)
{
	return arena_printf(&b.a, "Location: http://localhost:%s/blob/1", strrchr(b.url, ':') + 1);
}

static void a_log_is_fetched_from_its_place_without_the_token_and_once(void **state UNUSED)
{
	logs[6] = (struct served){"GET /blob/1", LOG_TEXT, NULL, 206, 0};
	serve_log(302, "", elsewhere());
	collecting_run(&b);
	assert_part(&b, "logs", LEDGER_COMPLETE, NULL);
	/* of the workflow's two failures the newest, of its two failed jobs the first; the answer
	 * is a part: its first line may be cut */
	assert_string_equal(collecting_rows(&b, LOG_ROWS),
			    "13|1|500|Process completed with exit code 1.\n");
	const struct httpd_request *rq = httpd_get(b.h, "GET", "/blob/1", 0);
	assert_null(httpd_header(rq, "Authorization"));
	assert_string_equal(httpd_header(rq, "Range"), "bytes=-65536");
	httpd_forget(b.h);
	collecting_run(&b);
	/* that of the run before it is not worth a request; the newest is stored */
	assert_int_equal(collecting_asked(&b, "*/logs"), 0);
}

static void the_log_of_a_renamed_repository_is_asked_for_by_its_number(void **state UNUSED)
{
	logs[6] = (struct served){"GET /repositories/1/actions/jobs/500/logs", LOG_TEXT, NULL, 200,
				  0};
	serve_log(301, "{}", "Location: @URL@/repositories/1/actions/jobs/500/logs");
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, LOG_ROWS), "13|1|500|boom\n");
	/* a place on the same host needs no token */
	teardown(NULL);
	setup(NULL);
	logs[6] = (struct served){"GET /files/1", T0 "x\n" LOG_TEXT, NULL, 206, 0};
	serve_log(302, "", "Location: @URL@/files/1");
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, LOG_ROWS), "13|1|500|boom\n");
	assert_null(httpd_header(httpd_get(b.h, "GET", "/files/1", 0), "Authorization"));
}

static void a_place_that_knows_no_ranges_is_asked_for_all_of_it(void **state UNUSED)
{
	logs[6] = (struct served){"GET /blob/1", "<Error/>", NULL, 400, 0};
	serve_log(302, "", elsewhere());
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "GET /blob/1"), 2);
	assert_null(httpd_header(httpd_get(b.h, "GET", "/blob/1", 1), "Range"));
	assert_part(&b, "logs", LEDGER_NOT_ENABLED, "400 on acme/web: the log of job 500");
}

static void a_log_that_is_gone_is_not_asked_for_again(void **state UNUSED)
{
	static const int gone[] = {404, 410};
	logs[6] = (struct served){0};
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		teardown(NULL);
		setup(NULL);
		serve_log(gone[i], "{\"message\":\"Not Found\"}", NULL);
		collecting_run(&b);
		assert_part(&b, "logs", LEDGER_COMPLETE, NULL);
		assert_string_equal(collecting_rows(&b, LOG_ROWS), "13|1|500|-\n");
		collecting_run(&b);
		assert_int_equal(collecting_asked(&b, "*/logs"), 1);
	}
}

static void logs_that_may_not_be_read_leave_the_rest_whole(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body;
		enum ledger_status part;
		const char *reason;
	} cases[] = {
		{403, "{\"message\":\"Must have admin rights\"}", LEDGER_NOT_ENABLED,
		 "does the token have Actions: read?"},
		{500, "{}", LEDGER_PARTIAL, "500 on acme/web: the log of job 500"},
		{200, "<html>sign in</html>", LEDGER_PARTIAL, "is no log"},
	};
	logs[6] = (struct served){0};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		teardown(NULL);
		setup(NULL);
		serve_log(cases[i].status, cases[i].body, NULL);
		collecting_run(&b);
		assert_part(&b, "logs", cases[i].part, cases[i].reason);
		assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
		serve_log(200, T0 "x\n" LOG_TEXT, NULL);
		collecting_run(&b);
		assert_part(&b, "logs", LEDGER_COMPLETE, NULL);
		assert_string_equal(collecting_rows(&b, LOG_ROWS), "13|1|500|x\nboom\n");
	}
}

/* --- commits --- */

#define DEPLOYMENT(id, sha, env, at)                                                               \
	"{\"id\":" id ",\"sha\":\"" sha "\",\"environment\":\"" env "\",\"created_at\":\"" at      \
	"\",\"updated_at\":\"" at "\"}"
#define COMMIT(sha, mail, at)                                                                      \
	"{\"sha\":\"" sha "\",\"author\":null,\"commit\":{\"author\":{\"email\":\"" mail           \
	"\",\"date\":\"2026-11-01T00:00:00Z\"},\"committer\":{\"date\":\"" at "\"}}}"
#define SHA_A	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_C	"cccccccccccccccccccccccccccccccccccccccc"
#define COMPARE "GET /repos/acme/web/compare/" SHA_A "..." SHA_B "[?]*"
#define PAIRS                                                                                      \
	"SELECT repo, substr(base,1,3), substr(head,1,3), commits, authors, oldest_at, "           \
	"newest_at, "                                                                              \
	"whole FROM comparison ORDER BY base, head"
#define STATUS(id, at)                                                                             \
	{                                                                                          \
		"GET */deployments/" id "/statuses*",                                              \
			"[{\"state\":\"success\",\"created_at\":\"" at "\"}]", NULL, 0, 0          \
	}

static struct served commits[] = {
	REPOS,
	NO_RUNS,
	NO_WORKFLOWS,
	{"GET *deployments[?]*",
	 "[" DEPLOYMENT("3", SHA_B, "staging", "2026-11-11T13:00:00Z") "," DEPLOYMENT(
		 "2", SHA_B, "prod",
		 "2026-11-11T12:00:00Z") "," DEPLOYMENT("1", SHA_A, "production",
							"2026-11-10T12:00:00Z") "]",
	 NULL, 0, 0},
	STATUS("1", "2026-11-10T12:00:00Z"),
	STATUS("2", "2026-11-11T12:00:00Z"),
	STATUS("3", "2026-11-11T13:00:00Z"),
	{COMPARE,
	 "{\"total_commits\":3,\"commits\":[" COMMIT(
		 "1", "a@example.org",
		 "2026-11-10T13:00:00Z") "," COMMIT("2", "b@example.org",
						    "2026-11-11T09:00:00Z") "]}",
	 "Link: <@URL@/page-2>; rel=\"next\"", 0, 0},
	{"GET /page-2", "{\"commits\":[" COMMIT("3", "A@example.org", "2026-11-11T10:00:00Z") "]}",
	 NULL, 0, 0},
	{0}};
static struct served *const compare = &commits[7];

static void commits_are_those_since_the_deployment_before_and_asked_for_once(void **state UNUSED)
{
	collecting_serve(&b, commits);
	collecting_run(&b);
	assert_part(&b, "commits", LEDGER_COMPLETE, NULL);
	/* staging is no production, and of the first nothing is known before */
	assert_int_equal(collecting_asked(&b, "*/compare/*"), 1);
	assert_string_equal(collecting_rows(&b, PAIRS),
			    "acme/web|aaa|bbb|3|2|2026-11-10T13:00:00Z|2026-11-11T10:00:00Z|1\n");
	/* who wrote them is nowhere */
	assert_string_equal(collecting_rows(&b, "SELECT group_concat(name) FROM "
						"pragma_table_info('comparison_commit')"),
			    "comparison_id,position,committed_at\n");
	struct changes list;
	struct err e = {0};
	assert_ok(commits_list(b.db, WEEK_FROM, WEEK_TO, &b.a, &list, &e), e);
	assert_int_equal(list.n, 2);
	for (size_t i = 0; i < 2; i++) {
		bool first = !strcmp(list.v[i].key, "1");
		assert_int_equal(list.v[i].known, !first);
		assert_int_equal(list.v[i].c.committed_s.n, first ? 0 : 3);
	}
	httpd_forget(b.h);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/compare/*"), 0);
}

/* Whole answers with an ETag are kept for the next run, but for those that hold more than is ours
 * to keep. */
static void no_log_and_no_author_is_kept_as_an_answer(void **state UNUSED)
{
	struct served was = *compare;
	*compare = (struct served){COMPARE, "{\"commits\":[]}", "ETag: \"1\"", 0, 0};
	collecting_serve(&b, commits);
	collecting_run(&b);
	*compare = was;
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM comparison"), 1);
	logs[6] = (struct served){"GET /blob/1", T0 "x\n" LOG_TEXT, "ETag: \"2\"", 200, 0};
	serve_log(302, "", elsewhere());
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM ci_log"), 1);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache"), 0);
}

static void commits_that_a_service_does_not_list_whole_are_told(void **state UNUSED)
{
	const char *link = compare->header;
	compare->header = NULL; /* 3 in all, 2 listed */
	collecting_serve(&b, commits);
	collecting_run(&b);
	compare->header = link;
	assert_part(&b, "commits", LEDGER_PARTIAL, "2 of 3 commits of aaaaaaa...bbbbbbb");
	assert_string_equal(collecting_rows(&b, PAIRS),
			    "acme/web|aaa|bbb|3|-|2026-11-10T13:00:00Z|2026-11-11T09:00:00Z|0\n");
	collecting_run(&b); /* the next run completes it */
	assert_part(&b, "commits", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT whole FROM comparison"), 1);
}

static void a_comparison_that_is_refused_is_not_enabled_and_a_lost_one_partial(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body;
		enum ledger_status part;
		const char *reason;
	} cases[] = {
		{404, "{\"message\":\"Not Found\"}", LEDGER_NOT_ENABLED, "Contents: read"},
		{403, "{\"message\":\"no\"}", LEDGER_NOT_ENABLED, "403 on acme/web"},
		{502, "<html>", LEDGER_PARTIAL, "502 on acme/web: commits of aaaaaaa...bbbbbbb"},
		{200, "{\"commits\":{}}", LEDGER_PARTIAL, "commits"},
		{200, "[]", LEDGER_PARTIAL, "expected a comparison"},
		{403, "{\"message\":\"You have exceeded a secondary rate limit\"}", LEDGER_PARTIAL,
		 "rate limit"},
	};
	struct served was = *compare;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		teardown(NULL);
		setup(NULL);
		*compare = (struct served){COMPARE, cases[i].body, NULL, cases[i].status, 0};
		collecting_serve(&b, commits);
		collecting_run(&b);
		assert_part(&b, "commits", cases[i].part, cases[i].reason);
		assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM comparison"), 0);
		assert_part(&b, "deployments", LEDGER_COMPLETE, NULL);
	}
	*compare = was;
}

/* A CodeDeploy deployment knows no repository, and its image's tag is an abbreviated commit. */
static void put_codedeploy(const char *key, const char *sha, const char *image, int64_t at_s)
{
	struct err e = {0};
	struct rec_deployment d = {.source = "aws",
				   .kind = "codedeploy",
				   .key = key,
				   .service = "production-web",
				   .environment = "production",
				   .sha = sha,
				   .image = image,
				   .state = DEPLOY_SUCCEEDED,
				   .created_s = at_s - 600,
				   .started_s = at_s - 600,
				   .finished_s = at_s};
	assert_ok(db_begin(b.db, &e), e);
	assert_ok(deploys_put(b.db, &d, at_s, &e), e);
	assert_ok(db_commit(b.db, &e), e);
}

static void
deployments_of_other_sources_belong_to_the_repository_of_their_service(void **state UNUSED)
{
	struct service s = {.name = "web", .repository = "web", .aws = strv_of(&b.a, "*-web")};
	struct served table[ARRAY_SIZE(commits) + 1];
	vec_push(&b.a, &b.cfg.services, s);
	memcpy(table + 1, commits, sizeof commits);
	table[0] = (struct served){"GET *deployments[?]*", "[]", NULL, 0, 0};
	table[8].target = "GET /repos/acme/web/compare/aaaaaaa...bbbbbbb[?]*";
	collecting_serve(&b, table);
	/* weeks before, told by an image's push */
	put_codedeploy("d-1", NULL, "sha256:abc", WEEK_FROM - 40 * 86400);
	put_codedeploy("d-2", "bbbbbbb", NULL, WEEK_FROM + 86400);
	struct rec_image i = {.source = "aws",
			      .repository = "web",
			      .digest = "sha256:abc",
			      .sha = "aaaaaaa",
			      .pushed_s = WEEK_FROM - 41 * 86400,
			      .bytes = NUM_NONE};
	struct err e = {0};
	assert_ok(db_begin(b.db, &e), e);
	assert_ok(deploys_put_image(b.db, &i, WEEK_FROM, &e), e);
	assert_ok(db_commit(b.db, &e), e);
	collecting_run(&b);
	assert_part(&b, "commits", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, "SELECT d.key, h.repo, h.base, h.head FROM "
						"deployment_change h JOIN deployment d ON d.id = "
						"h.deployment_id"),
			    "d-2|acme/web|aaaaaaa|bbbbbbb\n");
}

static void
without_a_configured_service_the_repository_is_the_one_that_ran_on_the_commit(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(commits) + 2];
	memcpy(table + 2, commits, sizeof commits);
	table[0] = (struct served){"GET *deployments[?]*", "[]", NULL, 0, 0};
	table[1] = (struct served){
		"GET /repos/acme/web/actions/runs[?]*",
		"{\"workflow_runs\":[" RUN("12", "push", "success", "2026-11-10T10:00:00Z") "]}",
		NULL, 0, 0};
	collecting_serve(&b, table);
	put_codedeploy("d-1", "aaaaaaa1", NULL, WEEK_FROM + 86400);
	put_codedeploy("d-2", "AAAAAAA1", NULL, WEEK_FROM + 2 * 86400);
	put_codedeploy("d-3", "bbbbbbb", NULL, WEEK_FROM + 3 * 86400); /* nothing ran on it */
	put_codedeploy("d-4", "latest!", NULL, WEEK_FROM + 4 * 86400); /* no commit */
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b,
					    "SELECT d.key, h.base, h.head, c.commits FROM "
					    "deployment_change h JOIN deployment d ON d.id = "
					    "h.deployment_id LEFT JOIN comparison c ON c.repo = "
					    "h.repo AND c.base = h.base AND c.head = h.head "
					    "ORDER BY 1"),
			    "d-1|-|aaaaaaa1|-\nd-2|aaaaaaa1|aaaaaaa1|0\n");
	assert_int_equal(collecting_asked(&b, "*/compare/*"), 0);
}

/* --- schedules --- */

#define WORKFLOW(id, path, state)                                                                  \
	"{\"id\":" id ",\"name\":\"W" id "\",\"path\":\"" path "\",\"state\":\"" state "\"}"
#define SILENCE "SELECT key, scheduled, last_at, gap_s FROM workflow_silence ORDER BY key"

static void a_workflow_without_runs_is_asked_for_its_own_and_remembered(void **state UNUSED)
{
	static const struct served table[] = {
		REPOS,
		{"GET /repos/acme/web/actions/runs[?]*",
		 "{\"workflow_runs\":[" RUN("12", "push", "success", "2026-11-10T10:00:00Z") "]}",
		 NULL, 0, 0},
		{"GET *actions/workflows[?]*",
		 "{\"workflows\":[" WORKFLOW("77", ".github/workflows/t.yml", "active") "," WORKFLOW(
			 "78", ".github/workflows/nightly.yml",
			 "active") "," WORKFLOW("79", ".github/workflows/release.yml",
						"active") "," WORKFLOW("80",
								       "dynamic/pages/"
								       "pages-build-deployment",
								       "active") "]}",
		 NULL, 0, 0},
		{"GET /repos/acme/web/actions/workflows/78/runs[?]*",
		 "{\"workflow_runs\":[" RUN("3", "schedule", "success", "2026-09-03T02:00:00Z") "," RUN(
			 "9", "push", "success",
			 "2026-09-02T12:00:00Z") "," RUN("2", "schedule", "success",
							 "2026-09-02T02:00:00Z") "," RUN("1",
											 "schedule",
											 "success",
											 "2026-09-"
											 "01T02:00:"
											 "00Z") "]"
												"}",
		 NULL, 0, 0},
		{"GET /repos/acme/web/actions/workflows/79/runs[?]*", "{\"workflow_runs\":[]}",
		 NULL, 0, 0},
		NO_DEPLOYMENTS,
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "schedules", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, SILENCE),
			    "78|1|2026-09-03T02:00:00Z|86400\n79|0|-|-\n");
	assert_int_equal(collecting_asked(&b, "*/workflows/*/runs*"), 2);
	struct workflows w;
	struct err e = {0};
	assert_ok(ci_workflows(b.db, &b.a, &w, &e), e);
	for (size_t i = 0; i < w.n; i++)
		assert_int_equal(w.v[i].scheduled, !strcmp(w.v[i].key, "78"));
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/workflows/*/runs*"), 2);
}

static void own_lists_of_workflows_that_are_refused_leave_actions_whole(void **state UNUSED)
{
	static struct served table[] = {
		REPOS,
		NO_RUNS,
		{"GET *actions/workflows[?]*",
		 "{\"workflows\":[" WORKFLOW("78", ".github/workflows/nightly.yml",
					     "disabled_inactivity") "]}",
		 NULL, 0, 0},
		NO_DEPLOYMENTS,
		{"GET */workflows/78/runs*", "{\"message\":\"Not Found\"}", NULL, 404, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "schedules", LEDGER_NOT_ENABLED, "404 on acme/web: runs of workflow 78");
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	/* GitHub switches off for inactivity what is scheduled, and nothing else */
	struct workflows w;
	struct err e = {0};
	assert_ok(ci_workflows(b.db, &b.a, &w, &e), e);
	assert_true(w.v[0].scheduled);
	table[4].status = 500;
	collecting_run(&b);
	assert_part(&b, "schedules", LEDGER_PARTIAL, "500 on acme/web: runs of workflow 78");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_log_says_what_stood_before_the_exit_code),
		T(a_log_with_error_lines_of_its_own_says_those),
		T(a_log_without_any_mark_says_what_speaks_of_errors_else_its_end),
		T(a_log_line_hides_secrets_and_is_one_clean_line),
		T(a_log_is_fetched_from_its_place_without_the_token_and_once),
		T(the_log_of_a_renamed_repository_is_asked_for_by_its_number),
		T(a_place_that_knows_no_ranges_is_asked_for_all_of_it),
		T(a_log_that_is_gone_is_not_asked_for_again),
		T(logs_that_may_not_be_read_leave_the_rest_whole),
		T(commits_are_those_since_the_deployment_before_and_asked_for_once),
		T(no_log_and_no_author_is_kept_as_an_answer),
		T(commits_that_a_service_does_not_list_whole_are_told),
		T(a_comparison_that_is_refused_is_not_enabled_and_a_lost_one_partial),
		T(deployments_of_other_sources_belong_to_the_repository_of_their_service),
		T(without_a_configured_service_the_repository_is_the_one_that_ran_on_the_commit),
		T(a_workflow_without_runs_is_asked_for_its_own_and_remembered),
		T(own_lists_of_workflows_that_are_refused_leave_actions_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
