#include "support/collecting.h"

#include "base/text.h"
#include "support/zips.h"

static struct collecting b;
static struct httpd *blob; /* where GitHub keeps artefacts: another host */

#define REPOS                                                                                      \
	{                                                                                          \
		"GET /orgs/acme/repos*",                                                           \
			"[{\"id\":1,\"full_name\":\"acme/web\",\"default_branch\":\"main\"}]",     \
			NULL, 0, 0                                                                 \
	}
#define LIST "GET /repos/acme/web/actions/artifacts[?]*"
/* more begins with a comma */
#define ARTIFACT(id, name, created, more)                                                          \
	"{\"id\":" id ",\"name\":\"" name "\",\"size_in_bytes\":152,\"expired\":false,"            \
	"\"created_at\":\"" created "\",\"archive_download_url\":\"http://evil.example.org/\","    \
	"\"workflow_run\":{\"id\":26365060973,\"head_branch\":\"main\"}" more "}"
#define ARTIFACTS(...) "{\"total_count\":9,\"artifacts\":[" __VA_ARGS__ "]}"
#define TUESDAY	       "2026-11-10T09:00:00Z"
#define THURSDAY       "2026-11-12T09:00:00Z"

/* at: the report's own time */
#define BANDIT(at, rows)                                                                           \
	"{\"errors\":[],\"generated_at\":\"" at "\",\"metrics\":{\"_totals\":{\"loc\":100}},"      \
	"\"results\":[" rows "]}"
#define ROW(id, file)                                                                              \
	"{\"test_id\":\"" id "\",\"test_name\":\"t\",\"filename\":\"" file                         \
	"\",\"issue_text\":\"text\",\"issue_severity\":\"HIGH\",\"line_number\":3}"
#define ONE BANDIT(TUESDAY, ROW("B101", "a.py"))
#define TWO BANDIT(THURSDAY, ROW("B101", "a.py") "," ROW("B102", "b.py"))

static struct github_source *source(void)
{
	return &b.cfg.github.v[0];
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	blob = httpd_start();
	setenv("SITREP_TEST_TOKEN", "ghp_test", 1);
	struct github_source s = {.name = "github",
				  .url = b.url,
				  .organisation = "acme",
				  .repositories = strv_of(&b.a, "*"),
				  .collect = strv_of(&b.a, "deployments"),
				  .scan_artifacts = strv_of(&b.a, "bandit-report*", "zap-report*")};
	vec_push(&b.a, &s.tokens, ((struct secret){SECRET_ENV, "SITREP_TEST_TOKEN"}));
	vec_push(&b.a, &b.cfg.github, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	httpd_stop(blob);
	return 0;
}

/* The artefact holds these files. */
static void put(const char *id, const struct zips_file *v, size_t n)
{
	size_t len;
	const char *p = zips_make(&b.a, v, n, NULL, &len);
	httpd_on(blob, "GET", arena_printf(&b.a, "/%s.zip", id),
		 (struct httpd_answer){.body = p, .len = len});
}
#define PUT(id, ...)                                                                               \
	do {                                                                                       \
		const struct zips_file files_[] = {__VA_ARGS__};                                   \
		put(id, files_, ARRAY_SIZE(files_));                                               \
	} while (0)

static struct served elsewhere(const char *id)
{
	return (struct served){
		arena_printf(&b.a, "GET /repos/acme/web/actions/artifacts/%s/zip", id), "",
		arena_printf(&b.a, "Location: %s/%s.zip?sig=abc", httpd_url(blob), id), 302, 0};
}

static void serve(const char *artifacts)
{
	static const char *const ids[] = {"1", "2", "3", "4", "5"};
	struct served *table = arena_array(&b.a, struct served, 10);
	size_t n = 0;
	table[n++] = (struct served)REPOS;
	table[n++] = (struct served){"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0};
	table[n++] = (struct served){LIST, artifacts, NULL, 0, 0};
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		table[n++] = elsewhere(ids[i]);
	collecting_serve(&b, table);
}

#define SCANS                                                                                      \
	"SELECT tool, target, status, scanned_at, baseline, findings, origin FROM scan ORDER BY "  \
	"scanned_at, id"

static void reports_are_read_oldest_first_and_each_once(void **state UNUSED)
{
	PUT("1", {"bandit.json", ONE, 0});
	PUT("2", {"out/", NULL, 0}, {"out/bandit.json", TWO, 0}, {"README.md", "# read me", 0});
	serve(ARTIFACTS(ARTIFACT("2", "bandit-report-7", THURSDAY, "") "," ARTIFACT(
		"9", "coverage", THURSDAY, "") "," ARTIFACT("1", "bandit-report", TUESDAY, "")));
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "scan_artifacts")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "scan_artifacts")->received, 2);
	assert_string_equal(
		collecting_rows(&b, SCANS),
		"bandit|acme/web|ok|" TUESDAY
		"|1|1|acme/web, run 26365060973, artefact bandit-report: bandit.json\n"
		"bandit|acme/web|ok|" THURSDAY
		"|0|2|acme/web, run 26365060973, artefact bandit-report-7: out/bandit.json\n");
	assert_string_equal(collecting_rows(&b, "SELECT f.rule, e.kind FROM finding f JOIN "
						"finding_event e ON e.finding_id = f.id ORDER BY "
						"1"),
			    "B101|baseline\nB102|new\n");
	httpd_forget(blob);
	collecting_run(&b);
	assert_int_equal(httpd_count(blob, NULL, NULL), 0);
	assert_int_equal(collecting_asked(&b, "*/zip"), 2); /* of the first run */
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "scan_artifacts")->received, 2);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 2);
}

/* G-26 */
static void the_token_does_not_go_to_the_other_host(void **state UNUSED)
{
	PUT("1", {"bandit.json", ONE, 0});
	serve(ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY, "")));
	collecting_run(&b);
	const struct httpd_request *rq = httpd_get(blob, "GET", "/1.zip", 0);
	assert_non_null(rq);
	assert_null(httpd_header(rq, "Authorization"));
	assert_string_equal(rq->query, "sig=abc");
	rq = httpd_get(b.h, "GET", "/repos/acme/web/actions/artifacts/1/zip", 0);
	assert_string_equal(httpd_header(rq, "Authorization"), "Bearer ghp_test");
	assert_null(strstr(collecting_rows(&b, "SELECT * FROM scan"), "sig=abc"));
}

static void the_token_does_not_go_to_a_place_on_the_same_host_either(void **state UNUSED)
{
	static const char *const places[] = {"@URL@/blobs/1?sig=abc", "/blobs/1?sig=abc"};
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct served table[] = {
			REPOS,
			{"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0},
			{LIST, ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY, "")), NULL, 0, 0},
			{"GET */artifacts/1/zip", "", arena_printf(&b.a, "Location: %s", places[i]),
			 302, 0},
			{"GET /blobs/1*", "<Error/>", NULL, 403, 0},
			{0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		const struct httpd_request *rq = httpd_get(b.h, "GET", "/blobs/1", 0);
		assert_non_null(rq);
		assert_null(httpd_header(rq, "Authorization"));
	}
}

static void a_renamed_repositorys_artefact_is_asked_for_by_its_number(void **state UNUSED)
{
	PUT("1", {"bandit.json", ONE, 0});
	struct served there = elsewhere("1");
	there.target = "GET /repositories/1/actions/artifacts/1/zip";
	const struct served table[] = {
		REPOS,
		{"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0},
		{LIST, ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY, "")), NULL, 0, 0},
		{"GET /repos/acme/web/actions/artifacts/1/zip", "",
		 "Location: @URL@/repositories/1/actions/artifacts/1/zip", 301, 0},
		there,
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	const struct httpd_request *rq = httpd_get(b.h, "GET", "/repositories/1/*", 0);
	assert_string_equal(httpd_header(rq, "Authorization"), "Bearer ghp_test");
	assert_null(httpd_header(httpd_get(blob, "GET", "/1.zip", 0), "Authorization"));
	/* and no further round */
	const struct served loop[] = {
		REPOS,
		{"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0},
		{LIST, ARTIFACTS(ARTIFACT("2", "bandit-report", TUESDAY, "")), NULL, 0, 0},
		{"GET /repos*/artifacts/2/zip", "",
		 "Location: @URL@/repositories/1/actions/artifacts/2/zip", 301, 0},
		{0}};
	collecting_serve(&b, loop);
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_FAILED, "redirects");
	assert_true(collecting_asked(&b, "*") < 15);
}

static void what_expired_is_told_and_not_asked_for_again(void **state UNUSED)
{
	struct served table[] = {
		REPOS,
		{"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0},
		{LIST,
		 ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY,
				    "") ",{\"id\":2,\"name\":"
					"\"zap-report\",\"expired\":true,\"created_at\":\"" TUESDAY
					"\"}"),
		 NULL, 0, 0},
		{"GET */artifacts/1/zip", "{\"message\":\"Artifact has expired\"}", NULL, 410, 0},
		{0}};
	for (int i = 0; i < 2; i++) {
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "scan_artifacts", LEDGER_FAILED,
			    "acme/web: artefact bandit-report: expired before it was read (and 1 "
			    "more)");
		assert_int_equal(collecting_ledger(&b, "scan_artifacts")->expected, 2);
		assert_int_equal(collecting_asked(&b, "*/zip"), i == 0);
	}
}

static void a_refused_download_is_told_and_tried_by_the_next_run(void **state UNUSED)
{
	PUT("1", {"bandit.json", ONE, 0});
	httpd_on(blob, "GET", "/2.zip",
		 (struct httpd_answer){.status = 403,
				       .body = "<?xml version=\"1.0\"?><Error><Code>"
					       "AuthenticationFailed</Code></Error>"});
	PUT("2", {"bandit.json", TWO, 0});
	serve(ARTIFACTS(ARTIFACT("2", "bandit-report", THURSDAY,
				 "") "," ARTIFACT("1", "bandit-report", TUESDAY, "")));
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_PARTIAL,
		    "403 on acme/web: artefact bandit-report");
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_int_equal(httpd_count(blob, NULL, "/1.zip"), 1);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 2);
}

static void an_artefact_without_a_report_is_a_scan_that_failed(void **state UNUSED)
{
	static const char bomb[] = "the archive is damaged";
	PUT("1", {"index.html", "<!doctype html><p>nothing", 0}, {"log.txt", "hello", 0});
	PUT("2", {"zap.json", "{\"@programName\":\"ZAP\",\"site\":[", 0});
	PUT("3", {"report.json", "", 0});
	httpd_on(blob, "GET", "/4.zip", (struct httpd_answer){.body = "<Error/>"});
	PUT("5", {"out/", NULL, 0});
	serve(ARTIFACTS(ARTIFACT("1", "bandit-report", "2026-11-10T01:00:00Z", "") "," ARTIFACT(
		"2", "zap-report", "2026-11-10T02:00:00Z",
		"") "," ARTIFACT("3", "bandit-report", "2026-11-10T03:00:00Z",
				 "") "," ARTIFACT("4", "bandit-report", "2026-11-10T04:00:00Z",
						  "") "," ARTIFACT("5", "zap-report",
								   "2026-11-10T05:00:"
								   "00Z",
								   "")));
	for (int i = 0; i < 2; i++) {
		collecting_run(&b);
		assert_part(&b, "scan_artifacts", LEDGER_FAILED, "and 4 more");
		assert_int_equal(collecting_ledger(&b, "scan_artifacts")->expected, 5);
		assert_string_equal(collecting_rows(&b, "SELECT tool, status FROM scan ORDER BY "
							"scanned_at"),
				    "bandit|unrecognised\nzap|malformed\nbandit|empty\n"
				    "bandit|malformed\nzap|unrecognised\n");
	}
	assert_non_null(strstr(collecting_rows(&b, "SELECT reason FROM scan"), bomb));
	assert_int_equal(httpd_count(blob, NULL, NULL), 5);
}

static void files_beside_a_report_are_passed_over(void **state UNUSED)
{
	PUT("1", {"report_html.html", "<!doctype html>", 0}, {"bandit.json", ONE, 0},
	    {"package.json", "{\"name\":\"web\"}", 0}, {"empty.txt", "", 0});
	serve(ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY, "")));
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 1);
}

static void one_scan_in_two_formats_is_one_scan(void **state UNUSED)
{
	PUT("1",
	    {"r.json",
	     "{\"@programName\":\"ZAP\",\"@version\":\"2\",\"@generated\":\"Tue, 10 Nov 2026 "
	     "09:00:00\",\"site\":[{\"@name\":\"https://a.example.org\",\"alerts\":[{\"pluginid\":"
	     "\"10\",\"alert\":\"x\",\"riskcode\":\"2\",\"instances\":[]}]}]}",
	     0},
	    {"r.xml",
	     "<OWASPZAPReport version=\"2\" generated=\"Tue, 10 Nov 2026 09:00:00\"><site "
	     "name=\"https://a.example.org\"><alerts><alertitem><pluginid>10</pluginid><alert>x"
	     "</alert><riskcode>2</riskcode></alertitem></alerts></site></OWASPZAPReport>",
	     0});
	serve(ARTIFACTS(ARTIFACT("1", "zap-report", TUESDAY, "")));
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, "SELECT format, findings, status FROM scan"),
			    "zap-json|1|ok\n");
}

static void a_damaged_archive_keeps_what_came_before_the_damage(void **state UNUSED)
{
	size_t len;
	const struct zips_file v[] = {{"bandit.json", ONE, 0}, {"second.json", TWO, 0}};
	char *p = (char *)zips_make(&b.a, v, 2, "zip:compression=store", &len);
	char *at = memmem(p, len, "b.py", 4);
	*at = 'X';
	httpd_on(blob, "GET", "/1.zip", (struct httpd_answer){.body = p, .len = len});
	serve(ARTIFACTS(ARTIFACT("1", "bandit-report", TUESDAY, "")));
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_PARTIAL, "the archive is damaged");
	assert_string_equal(collecting_rows(&b, "SELECT status, findings FROM scan"), "ok|1\n");
}

static void a_report_without_a_time_has_the_artefacts(void **state UNUSED)
{
	PUT("1",
	    {"npm.json", "{\"auditReportVersion\":2,\"vulnerabilities\":{},\"metadata\":{}}", 0});
	source()->scan_artifacts = strv_of(&b.a, "npm-audit-report");
	serve(ARTIFACTS(ARTIFACT("1", "npm-audit-report", THURSDAY, "")));
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT tool, status, scanned_at FROM scan"),
			    "npm-audit|zero|" THURSDAY "\n");
}

static void an_empty_list_belongs_to_the_tool_that_the_name_tells(void **state UNUSED)
{
	PUT("1", {"out.json", "[]", 0});
	source()->scan_artifacts = strv_of(&b.a, "gitleaks-*");
	serve(ARTIFACTS(ARTIFACT("1", "gitleaks-results", THURSDAY, "")));
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT tool, status FROM scan"),
			    "gitleaks|zero\n");
}

static void only_the_window_and_the_default_branch_count(void **state UNUSED)
{
	PUT("1", {"bandit.json", ONE, 0});
	serve(ARTIFACTS(ARTIFACT(
		"5", "bandit-report", "2026-11-16T01:00:00Z",
		"") "," /* next week's */
		    "{\"id\":4,\"name\":\"bandit-report\",\"created_at\":\"" THURSDAY
		    "\",\"workflow_run\":{\"head_branch\":\"fix\"}},"
		    "{\"id\":3,\"name\":\"bandit-report\",\"created_at\":\"" THURSDAY
		    "\",\"workflow_run\":{\"head_branch\":\"main\",\"repository_id\":1,"
		    "\"head_repository_id\":77}}," ARTIFACT(
			    "1", "bandit-report", TUESDAY,
			    "") "," ARTIFACT("2", "bandit-report", "2026-11-01T09:00:00Z", "")));
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/zip"), 1);
	assert_int_equal(collecting_asked(&b, "*/artifacts/1/zip"), 1);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
}

static void pages_end_at_the_window_and_a_refused_list_is_told(void **state UNUSED)
{
	struct served table[] = {
		REPOS,
		{"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0},
		{LIST, ARTIFACTS(ARTIFACT("7", "other", THURSDAY, "")),
		 "Link: <@URL@/repositories/1/actions/artifacts?page=2>; rel=\"next\"", 0, 0},
		{"GET /repositories/1/actions/artifacts?page=2",
		 ARTIFACTS(ARTIFACT("6", "other", "2026-11-01T09:00:00Z", "")),
		 "Link: <@URL@/repositories/1/actions/artifacts?page=3>; rel=\"next\"", 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, "*artifacts*"), 2);
	table[2].status = 403;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "scan_artifacts", LEDGER_PARTIAL, "does the token have Actions: read?");
}

static void a_repository_without_a_run_is_not_asked(void **state UNUSED)
{
	struct served table[] = {
		REPOS,
		{"GET /repos/acme/web/actions/runs*",
		 "{\"workflow_runs\":[{\"id\":5,\"created_at\":\"2026-10-01T00:00:00Z\"}]}", NULL,
		 0, 0},
		{"GET /repos/acme/web/actions/workflows*", "{\"workflows\":[]}", NULL, 0, 0},
		{LIST, ARTIFACTS(""), NULL, 0, 0},
		{0}};
	source()->collect = strv_of(&b.a, "actions");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*artifacts*"), 0);
	table[1].body = "{\"workflow_runs\":[{\"id\":6,\"conclusion\":\"success\",\"status\":"
			"\"completed\",\"created_at\":\"" TUESDAY "\"}]}";
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*artifacts*"), 1);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 404, .body = "{\"message\":\"Not Found\"}"},
		{.status = 502, .body = "<html>"},
		{.body = ""},
		{.drop = true}};
	static const char picture[] = "bandit|" TUESDAY "|1\nbandit|" THURSDAY "|2\n";
	for (size_t k = 0; k < ARRAY_SIZE(faults); k++) {
		for (int n = 1; n <= 5; n++) {
			teardown(NULL);
			setup(NULL);
			PUT("1", {"bandit.json", ONE, 0});
			PUT("2", {"bandit.json", TWO, 0});
			const char *list =
				ARTIFACTS(ARTIFACT("2", "bandit-report", THURSDAY, "") "," ARTIFACT(
					"1", "bandit-report", TUESDAY, ""));
			serve(list);
			b.fault = n;
			b.fault_answer = faults[k];
			collecting_run(&b);
			/* a connection that ends before an answer is tried anew by libcurl */
			assert_true(b.result.complete < 4 || faults[k].drop);
			bool empty_file = k == 2 && n > 3; /* a whole answer: no archive */
			serve(list);
			collecting_run(&b);
			assert_int_equal(b.result.complete, empty_file ? 3 : 4);
			if (!empty_file)
				assert_string_equal(
					collecting_rows(&b, "SELECT tool, scanned_at, findings "
							    "FROM scan ORDER BY scanned_at"),
					picture);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(reports_are_read_oldest_first_and_each_once),
		T(the_token_does_not_go_to_the_other_host),
		T(the_token_does_not_go_to_a_place_on_the_same_host_either),
		T(a_renamed_repositorys_artefact_is_asked_for_by_its_number),
		T(what_expired_is_told_and_not_asked_for_again),
		T(a_refused_download_is_told_and_tried_by_the_next_run),
		T(an_artefact_without_a_report_is_a_scan_that_failed),
		T(files_beside_a_report_are_passed_over),
		T(one_scan_in_two_formats_is_one_scan),
		T(a_damaged_archive_keeps_what_came_before_the_damage),
		T(a_report_without_a_time_has_the_artefacts),
		T(an_empty_list_belongs_to_the_tool_that_the_name_tells),
		T(only_the_window_and_the_default_branch_count),
		T(pages_end_at_the_window_and_a_refused_list_is_told),
		T(a_repository_without_a_run_is_not_asked),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
