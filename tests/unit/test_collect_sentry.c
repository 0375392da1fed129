#include "support/collecting.h"

#include "store/facts.h"

static struct collecting b;

#define PROJECTS "GET /api/0/organizations/acme/projects/*"
#define WEEK	 "GET /api/0/organizations/acme/issues/[?]query=&*start=2026-11-09T00:00:00*"
#define LAST_DAY "GET /api/0/organizations/acme/issues/[?]query=&*start=2026-11-15T00:00:00*"
#define RESOLVED "GET /api/0/organizations/acme/issues/[?]query=is%3Aresolved*"
#define DETAIL	 "GET /api/0/organizations/acme/issues/%s/[?]*"
#define VOLUME	 "GET /api/0/organizations/acme/stats_v2/*"
#define USERS	 "GET /api/0/organizations/acme/events/*"

#define NEXT(cursor, more)                                                                         \
	"Link: <http://wrong.invalid/x/?&cursor=0:0:1>; rel=\"previous\"; results=\"false\"; "     \
	"cursor=\"0:0:1\", <http://wrong.invalid/x/?&cursor=" cursor                               \
	">; rel=\"next\"; results=\"" more "\"; cursor=\"" cursor "\""

#define PROJECT_LIST                                                                               \
	"[{\"id\":\"11\",\"slug\":\"web\",\"name\":\"Web\",\"platform\":\"python\"},"              \
	"{\"id\":4509062593708032,\"slug\":\"api\",\"name\":\"API\",\"platform\":\"\"}]"

#define ISSUE(id, n, first, more)                                                                  \
	"{\"id\":\"" id "\",\"shortId\":\"WEB-" id "\",\"title\":\"Broken " id                     \
	"\",\"culprit\":null,\"permalink\":\"https://acme.example.org/issues/" id                  \
	"/\",\"level\":\"error\",\"issueCategory\":\"error\",\"issueType\":\"error\",\"project\":" \
	"{"                                                                                        \
	"\"id\":\"11\",\"slug\":\"web\"},\"count\":\"" n                                           \
	"\",\"userCount\":3,\"firstSeen\":\"2026-11-10T10:00:00.403000Z\",\"lastSeen\":\"2026-11-" \
	"14T10:00:00Z\",\"lifetime\":{\"count\":\"900\",\"userCount\":44,\"firstSeen\":\"" first   \
	"\",\"lastSeen\":\"2026-11-14T10:00:00Z\"}," more "}"

#define NEW_ONE                                                                                    \
	ISSUE("101", "7", "2026-11-10T10:00:00Z",                                                  \
	      "\"status\":\"unresolved\",\"substatus\":\"new\",\"priority\":\"high\","             \
	      "\"assignedTo\":{\"type\":\"team\",\"id\":\"1\",\"name\":\"platform\"}")
#define OLD_ONE                                                                                    \
	ISSUE("102", "7019", "2024-01-01T00:00:00Z",                                               \
	      "\"status\":\"unresolved\",\"substatus\":\"regressed\",\"assignedTo\":null")
#define FIXED_ONE                                                                                  \
	ISSUE("103", "0", "2026-01-01T00:00:00Z", "\"status\":\"resolved\",\"substatus\":null")

static const struct served usual[] = {
	{PROJECTS, PROJECT_LIST, NEXT("100:1:0", "false"), 0, 0},
	{WEEK "cursor=*", "[" FIXED_ONE "]", NEXT("9:9:9", "false"), 0, 0},
	{WEEK, "[" NEW_ONE "," OLD_ONE "]", NEXT("1690971138000:1:0", "true"), 0, 0},
	{LAST_DAY, "[" ISSUE("102", "5", "2024-01-01T00:00:00Z", "\"status\":\"unresolved\"") "]",
	 NULL, 0, 0},
	{RESOLVED,
	 "[" FIXED_ONE ","
	 "{\"id\":\"104\",\"shortId\":\"WEB-104\",\"title\":\"Quiet\",\"status\":\"resolved\","
	 "\"count\":\"50\",\"userCount\":9,\"project\":{\"id\":\"11\",\"slug\":\"web\"},"
	 "\"lifetime\":{\"count\":\"60\",\"firstSeen\":\"2026-06-01T00:00:00Z\",\"lastSeen\":"
	 "\"2026-10-01T00:00:00Z\"}},"
	 "{\"id\":\"105\",\"title\":\"Long done\",\"status\":\"resolved\",\"count\":\"1\","
	 "\"lifetime\":{\"count\":\"1\",\"firstSeen\":\"2026-06-01T00:00:00Z\",\"lastSeen\":"
	 "\"2026-09-01T00:00:00Z\"}}]",
	 NULL, 0, 0},
	{"GET */issues/101/*",
	 "{\"id\":\"101\",\"status\":\"unresolved\",\"firstSeen\":\"2026-11-10T10:00:00Z\","
	 "\"firstRelease\":{\"id\":1402755016,\"version\":\"web@3dce5c8\"},\"activity\":["
	 "{\"type\":\"set_escalating\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"data\":{}},"
	 "{\"type\":\"first_seen\",\"dateCreated\":\"2026-11-10T10:00:00Z\",\"data\":{}}]}",
	 NULL, 0, 0},
	{"GET */issues/102/*",
	 "{\"id\":\"102\",\"status\":\"unresolved\",\"firstSeen\":\"2024-01-01T00:00:00Z\","
	 "\"firstRelease\":{\"version\":\"web@old\"},\"activity\":["
	 "{\"type\":\"set_regression\",\"dateCreated\":\"2026-11-11T09:00:00.5Z\",\"data\":"
	 "{\"version\":\"web@77aa77a\"}},"
	 "{\"type\":\"set_resolved_in_release\",\"dateCreated\":\"2026-11-09T00:00:00Z\",\"data\":"
	 "{\"version\":\"\"}},"
	 "{\"type\":\"something_new\",\"dateCreated\":\"2026-11-11T09:00:00Z\",\"data\":\"text\"}]"
	 "}",
	 NULL, 0, 0},
	{"GET */issues/103/*",
	 "{\"id\":\"103\",\"status\":\"resolved\",\"firstSeen\":\"2026-01-01T00:00:00Z\","
	 "\"activity\":[{\"type\":\"set_resolved\",\"dateCreated\":\"2026-11-16T00:00:00Z\"}]}",
	 NULL, 0, 0},
	{"GET */issues/104/*",
	 "{\"id\":\"104\",\"status\":\"resolved\",\"firstSeen\":\"2026-06-01T00:00:00Z\","
	 "\"activity\":[{\"type\":\"set_resolved_by_age\",\"dateCreated\":\"2026-11-13T12:00:00Z\"}"
	 "]}",
	 NULL, 0, 0},
	{"GET */issues/105/*",
	 "{\"id\":\"105\",\"status\":\"resolved\",\"firstSeen\":\"2026-06-01T00:00:00Z\","
	 "\"activity\":[{\"type\":\"set_resolved\",\"dateCreated\":\"2026-09-02T12:00:00Z\"}]}",
	 NULL, 0, 0},
	{VOLUME,
	 "{\"start\":\"2026-11-09T00:00:00Z\",\"end\":\"2026-11-16T00:00:00Z\",\"intervals\":["
	 "\"2026-11-09T00:00:00Z\",\"2026-11-10T00:00:00Z\"],\"groups\":["
	 "{\"by\":{\"project\":11},\"totals\":{\"sum(quantity)\":9},\"series\":{\"sum(quantity)\":["
	 "4,5]}},{\"by\":{\"project\":4509062593708032},\"totals\":{\"sum(quantity)\":0},"
	 "\"series\":{\"sum(quantity)\":[0,1]}},{\"by\":{\"project\":99},\"series\":"
	 "{\"sum(quantity)\":[7,7]}}]}",
	 NULL, 0, 0},
	{USERS, "{\"data\":[{\"count_unique(user)\":123}],\"meta\":{}}", NULL, 0, 0},
	{0},
};

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("SITREP_TEST_TOKEN", "sntryu_test", 1);
	struct sentry_source s = {.name = "sentry",
				  .url = b.url,
				  .organisation = "acme",
				  .token = {SECRET_ENV, "SITREP_TEST_TOKEN"},
				  .projects = strv_of(&b.a, "*")};
	vec_push(&b.a, &b.cfg.sentry, s);
	collecting_serve(&b, usual);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define ISSUES                                                                                     \
	"SELECT i.key, w.events, w.users, i.total_events, i.first_seen_at, w.env_first_seen_at, "  \
	"w.first_event_at, w.last_day_events, w.regressed_at, w.escalated_at, w.resolved_at, "     \
	"w.release FROM issue i JOIN issue_week w ON w.issue_id = i.id ORDER BY i.key"

static const char whole_picture[] =
	"101|7|3|900|2026-11-10T10:00:00Z|-|2026-11-10T10:00:00Z|0|-|2026-11-12T08:00:00Z|-|"
	"web@3dce5c8\n"
	"102|7019|3|900|2024-01-01T00:00:00Z|-|2026-11-10T10:00:00Z|5|2026-11-11T09:00:00Z|-|"
	"2026-11-09T00:00:00Z|web@77aa77a\n"
	"103|0|3|900|2026-01-01T00:00:00Z|-|2026-11-10T10:00:00Z|0|-|-|-|-\n"
	"104|0|0|60|2026-06-01T00:00:00Z|-|-|0|-|-|2026-11-13T12:00:00Z|-\n";

/* S-03, S-06, S-07, S-17 */
static void a_week_of_issues_is_stored_with_window_and_lifetime_apart(void **state UNUSED)
{
	collecting_run(&b);
	assert_int_equal(b.result.complete, 5);
	assert_int_equal(b.result.partial + b.result.failed, 0);
	assert_string_equal(collecting_rows(&b, ISSUES), whole_picture);
	assert_string_equal(
		collecting_rows(&b,
				"SELECT short_id, title, culprit, project, project_key, status, "
				"substatus, priority, assignee FROM issue WHERE key = '101'"),
		"WEB-101|Broken 101|-|web|11|unresolved|new|high|#platform\n");
	assert_string_equal(
		collecting_rows(&b, "SELECT key, slug FROM sentry_project ORDER BY slug"),
		"4509062593708032|api\n11|web\n");
	assert_string_equal(collecting_rows(&b, "SELECT * FROM project_day ORDER BY project, day"),
			    "sentry|api|2026-11-09|0\nsentry|api|2026-11-10|1\n"
			    "sentry|web|2026-11-09|4\nsentry|web|2026-11-10|5\n");
	struct facts f;
	struct err e = {0};
	assert_ok(facts_list(b.db, "2026-W46", &b.a, &f, &e), e);
	assert_int_equal(f.n, 2); /* and "collected" */
	assert_string_equal(f.v[1].name, "errors.users");
	assert_int_equal(f.v[1].value, 123);
	const struct ledger *l = collecting_ledger(&b, "issues");
	assert_int_equal(l->expected, 3);
	assert_int_equal(l->received, 3);
	assert_int_equal(l->pages, 3); /* of projects, and of issues */
	l = collecting_ledger(&b, "activity");
	assert_int_equal(l->expected, 5);
	assert_int_equal(l->received, 5);
}

/* S-01 */
static void requests_are_exactly_these(void **state UNUSED)
{
	static const char *const want[] = {
		"/api/0/organizations/acme/projects/?per_page=100",
		"/api/0/organizations/acme/issues/"
		"?query=&sort=new&collapse=stats&start=2026-11-09T00:00:00&end=2026-11-16T00:00:00&"
		"limit=100",
		"/api/0/organizations/acme/issues/"
		"?query=&sort=new&collapse=stats&start=2026-11-09T00:00:00&end=2026-11-16T00:00:00&"
		"limit=100&cursor=1690971138000%3A1%3A0",
		"/api/0/organizations/acme/stats_v2/"
		"?field=sum%28quantity%29&groupBy=project&category=error&outcome=accepted&interval="
		"1d&start=2026-11-09T00:00:00&end=2026-11-15T23:59:59&project=-1",
		"/api/0/organizations/acme/events/"
		"?dataset=errors&field=count_unique%28user%29&start=2026-11-09T00:00:00&end=2026-"
		"11-"
		"16T00:00:00&per_page=1",
		"/api/0/organizations/acme/issues/"
		"?query=is%3Aresolved&sort=new&collapse=stats&start=2026-08-18T06:00:00&end=2026-"
		"11-"
		"16T00:00:00&limit=100",
	};
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, i);
		assert_non_null(rq);
		assert_string_equal(rq->target, want[i]);
		assert_string_equal(rq->method, "GET");
		assert_string_equal(httpd_header(rq, "Authorization"), "Bearer sntryu_test");
	}
	assert_int_equal(collecting_asked(&b, "*"), 12);
}

static void environments_and_project_globs_become_parameters(void **state UNUSED)
{
	b.cfg.sentry.v[0].projects = strv_of(&b.a, "*", "!ap*");
	b.cfg.sentry.v[0].environments = strv_of(&b.a, "production", "pre prod");
	static const struct served table[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{"GET */issues/[?]query=&*&environment=production&environment=pre%20prod&start="
		 "2026-11-09*",
		 "[" NEW_ONE "," OLD_ONE "]", NULL, 0, 0},
		{"GET */issues/[?]query=&*&environment=production&start=2026-11-09*",
		 "[" OLD_ONE "]", NULL, 0, 0},
		{"GET */issues/[?]query=&*&environment=pre%20prod&start=2026-11-09*",
		 "[" NEW_ONE "," OLD_ONE "]", NULL, 0, 0},
		{"GET */issues/[?]query=*", "[]", NULL, 0, 0},
		{"GET */issues/10[12]/*",
		 "{\"firstSeen\":\"2020-01-01T00:00:00Z\",\"activity\":[]}", NULL, 0, 0},
		{VOLUME,
		 "{\"intervals\":[],\"groups\":[{\"by\":{\"project\":11},\"series\":{"
		 "\"sum(quantity)\":[]}}]}",
		 NULL, 0, 0},
		{USERS, "{\"data\":[{\"count_unique(user)\":0}]}", NULL, 0, 0},
		{0},
	};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 6);
	assert_int_equal(collecting_asked(&b, "*/issues/*project=11*"), 5);
	assert_int_equal(collecting_asked(&b, "*project=4509*"), 0);
	assert_int_equal(collecting_asked(&b, VOLUME "project=11"), 1);
	/* the environments' first-seen decides "new"; the lifetime of all is kept beside it */
	assert_string_equal(collecting_rows(&b, "SELECT i.key, w.environment, w.env_first_seen_at, "
						"i.first_seen_at FROM issue i JOIN issue_week w "
						"ON w.issue_id = i.id ORDER BY 1"),
			    "101|pre prod|2026-11-10T10:00:00Z|2020-01-01T00:00:00Z\n"
			    "102|production|2024-01-01T00:00:00Z|2020-01-01T00:00:00Z\n");
	assert_int_equal(collecting_i64(&b, "SELECT value FROM fact"), 0);
}

static void a_persons_token_asks_for_projects_of_all_teams(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS,
		 "[{\"id\":\"11\",\"slug\":\"web\",\"isMember\":false,\"hasAccess\":true}]", NULL,
		 0, 0},
		{"GET */issues/*", "[]", NULL, 0, 0},
		{0},
	};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*/issues/*&project=-1&*"), 3);
}

static void unreadable_activity_falls_back_on_the_substatus(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK,
		 "[" OLD_ONE
		 "," ISSUE("106", "1", "2024-01-01T00:00:00Z",
			   "\"status\":\"unresolved\",\"substatus\":"
			   "\"escalating\"") "," ISSUE("107", "1", "2024-01-01T00:00:00Z",
						       "\"status\":"
						       "\"unresolved\","
						       "\"substatus\":"
						       "\"regressed\"") "]",
		 NULL, 0, 0},
		{LAST_DAY, "[]", NULL, 0, 0},
		{RESOLVED, "[]", NULL, 0, 0},
		{"GET */issues/102/*", "{\"id\":\"102\"}", NULL, 0, 0}, /* no activity */
		{"GET */issues/106/*", "{\"detail\":\"Internal Error\"}", NULL, 500, 0},
		{"GET */issues/107/*", "{\"detail\":\"gone\"}", NULL, 404, 0}, /* S-22 */
		{0},
	};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b,
				"SELECT i.key, w.regressed_at, w.escalated_at FROM issue i JOIN "
				"issue_week w ON w.issue_id = i.id ORDER BY i.key"),
		"102|2026-11-10T10:00:00Z|-\n106|-|2026-11-10T10:00:00Z\n"
		"107|2026-11-10T10:00:00Z|-\n");
	assert_part(&b, "activity", LEDGER_PARTIAL,
		    "500 on issue WEB-106: server error: Internal Error");
	assert_int_equal(collecting_ledger(&b, "activity")->received, 2);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
}

static void a_resolution_that_is_known_is_not_asked_for_again(void **state UNUSED)
{
	collecting_run(&b);
	httpd_forget(b.h);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "GET */issues/10[45]/*"), 0);
	assert_string_equal(collecting_rows(&b, ISSUES), whole_picture);
}

static void a_new_collection_states_the_week_anew_once_it_has_something(void **state UNUSED)
{
	static const struct served down[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0}, {"*", "{}", NULL, 500, 0}, {0}};
	static const struct served fewer[] = {{PROJECTS, PROJECT_LIST, NULL, 0, 0},
					      {WEEK, "[" OLD_ONE "]", NULL, 0, 0},
					      {"GET */issues/[?]*", "[]", NULL, 0, 0},
					      {0}};
	static const struct served none[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0}, {"GET */issues/[?]*", "[]", NULL, 0, 0}, {0}};
	collecting_run(&b);
	collecting_serve(&b, down);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED, "500 on issues");
	assert_string_equal(collecting_rows(&b, ISSUES), whole_picture);
	collecting_serve(&b, fewer);
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM issue_week"), 1);
	collecting_serve(&b, none);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM issue_week"), 0);
}

/* Of a week long past: resolved in it without an event, back since, resolved no more. */
static void a_late_collection_finds_what_was_resolved_and_came_back(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK, "[]", NULL, 0, 0},
		{LAST_DAY, "[]", NULL, 0, 0},
		{"GET */issues/[?]query=&*end=2026-11-16*",
		 "[{\"id\":\"201\",\"status\":\"unresolved\",\"count\":\"9\",\"lifetime\":{"
		 "\"firstSeen\":"
		 "\"2026-09-01T00:00:00Z\",\"lastSeen\":\"2026-11-20T00:00:00Z\"}},"
		 "{\"id\":\"202\",\"status\":\"unresolved\",\"count\":\"9\",\"lifetime\":{"
		 "\"firstSeen\":"
		 "\"2026-09-01T00:00:00Z\",\"lastSeen\":\"2026-10-20T00:00:00Z\"}}]",
		 NULL, 0, 0},
		{"GET */issues/201/*",
		 "{\"status\":\"unresolved\",\"activity\":[{\"type\":\"set_regression\","
		 "\"dateCreated\":"
		 "\"2026-11-20T00:00:00Z\"},{\"type\":\"set_resolved\",\"dateCreated\":"
		 "\"2026-11-12T00:00:00Z\"}]}",
		 NULL, 0, 0},
		{0}};
	b.clock.fixed_s = WEEK_TO + 10 * 86400;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ISSUES),
			    "201|0|0|-|2026-09-01T00:00:00Z|-|-|0|-|-|2026-11-12T00:00:00Z|-\n");
	assert_int_equal(collecting_asked(&b, "GET */issues/202/*"), 0);
	assert_part(&b, "activity", LEDGER_COMPLETE, NULL);
}

/* S-12, S-13, S-15, S-27: every refusal has its own words, and none is an empty week. */
static void every_refusal_has_its_own_words(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *header, *reason;
	} cases[] = {
		{401, "{\"detail\":\"Invalid token\"}", NULL,
		 "401 on the list of projects: Invalid token; check the token"},
		{403, "{\"detail\":{\"message\":\"no scope\"}}", NULL,
		 "403 on the list of projects: no scope; the token needs org:read"},
		{403, "<html>Forbidden</html>", NULL,
		 "403 on the list of projects: not permitted; the token needs"},
		{404, "{\"detail\":\"The requested resource does not exist\"}", NULL,
		 "404 on the projects of \"acme\": no such organisation at"},
		{429, "{\"detail\":\"too frequently\"}", "Content-Type: text/html",
		 "429 on the list of projects: still over the rate limit"},
		{410, "", "X-Sentry-Replacement-Endpoint: /api/0/new/",
		 "withdrawn this call; its replacement is /api/0/new/"},
		{500, "{\"detail\":\"Internal Error\"}", NULL,
		 "500 on the list of projects: server"},
		{200, "<!doctype html><title>Sign in</title>", NULL,
		 "200 with HTML instead of JSON on the list of projects; not a Sentry API"},
		{200, "", NULL, "200 with an empty body on the list of projects"},
		{200, "[{\"id\":\"1\",", NULL, "damaged JSON on the list of projects"},
		{200, "{}", NULL, "the list of projects is not a list"},
		{200, "[]", NULL, "the token sees no project of organisation \"acme\""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {
			{PROJECTS, cases[i].body, cases[i].header, cases[i].status, 0}, {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_int_equal(b.result.failed, 5);
		assert_part(&b, "issues", LEDGER_FAILED, cases[i].reason);
		assert_part(&b, "users", LEDGER_FAILED, cases[i].reason);
		assert_int_equal(collecting_ledger(&b, "issues")->expected, NUM_NONE);
	}
}

static void an_organisation_of_another_region_is_named(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS, "{\"detail\":\"not here\"}", NULL, 404, 0},
		{"GET /api/0/organizations/acme/",
		 "{\"slug\":\"acme\",\"links\":{\"regionUrl\":\"https://de.sentry.example\"}}",
		 NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED, "lives at https://de.sentry.example; set url");
}

static void no_project_that_matches_is_said(void **state UNUSED)
{
	b.cfg.sentry.v[0].projects = strv_of(&b.a, "mobile-*");
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED, "none of the 2 projects of organisation \"acme\"");
	assert_int_equal(collecting_asked(&b, "*/issues/*"), 0);
}

/* S-02, S-05 */
static void empty_and_repeated_pages_end_as_they_should(void **state UNUSED)
{
	static const struct served empty_then_one[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK "cursor=*", "[" OLD_ONE "]", NEXT("2:0:0", "false"), 0, 0},
		{WEEK, "[]", NEXT("1:0:0", "true"), 0, 0},
		{"GET */issues/[?]*", "[]", NULL, 0, 0},
		{0}};
	static const struct served for_ever[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK, "[" OLD_ONE "]", NEXT("1:0:0", "true"), 0, 0},
		{"GET */issues/[?]*", "[]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, empty_then_one);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "issues")->received, 1);
	collecting_serve(&b, for_ever);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_PARTIAL, "names the same page again after 2 pages");
	assert_int_equal(collecting_ledger(&b, "issues")->received, 1); /* S-04 */
}

/* S-28 */
static void a_heavy_search_is_asked_again_in_small_portions(void **state UNUSED)
{
	static const struct served table[] = {{PROJECTS, PROJECT_LIST, NULL, 0, 0},
					      {WEEK "limit=100", "<html>504</html>", NULL, 504, 0},
					      {WEEK "limit=25", "[" NEW_ONE "]", NULL, 0, 0},
					      {"GET */issues/[?]*", "[]", NULL, 0, 0},
					      {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "issues")->received, 1);
}

/* S-14: Sentry answers [] for a week that it no longer keeps. */
static void a_week_outside_retention_is_not_asked_for(void **state UNUSED)
{
	b.clock.fixed_s = WEEK_TO + 90 * 86400;
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED, "older than what Sentry keeps");
	assert_int_equal(collecting_asked(&b, "*"), 0);
	b.clock.fixed_s = WEEK_TO + 85 * 86400;
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_PARTIAL, "the week began before what Sentry keeps");
}

static void a_row_that_cannot_be_read_costs_only_itself(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK,
		 "[{\"id\":\"1\",\"count\":{}},{\"title\":\"no id\"},7," NEW_ONE
		 ",{\"id\":9007199254740991}]",
		 NULL, 0, 0},
		{"GET */issues/[?]*", "[]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_PARTIAL, "count: expected");
	assert_non_null(strstr(collecting_ledger(&b, "issues")->reason, "(and 2 more)"));
	assert_string_equal(
		collecting_rows(&b, "SELECT i.key, w.events FROM issue i JOIN issue_week w ON "
				    "w.issue_id = i.id ORDER BY 1"),
		"101|7\n9007199254740991|-\n"); /* missing is not zero */
}

/* S-19 */
static void a_project_that_the_volume_leaves_out_is_missed(void **state UNUSED)
{
	static const struct served table[] = {
		{PROJECTS, PROJECT_LIST, NULL, 0, 0},
		{WEEK, "[" NEW_ONE "]", NULL, 0, 0},
		{VOLUME, "{\"intervals\":[],\"groups\":[]}", NULL, 0, 0},
		{"GET */issues/[?]*", "[]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "volume", LEDGER_FAILED, "no volume for web");
}

static void an_older_server_without_a_statistic_is_not_a_failure(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{USERS, "{\"detail\":\"dataset: not valid\"}", NULL, 400, 0},
		{VOLUME, "{\"detail\":\"not found\"}", NULL, 404, 0}};
	collecting_run(&b);
	assert_int_equal(
		collecting_i64(&b, "SELECT count(*) FROM fact WHERE name = 'errors.users'"), 1);
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "volume", LEDGER_NOT_ENABLED, "does not count events per day");
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_part(&b, "users", LEDGER_NOT_ENABLED, "does not count distinct users");
	assert_int_equal(
		collecting_i64(&b, "SELECT count(*) FROM fact WHERE name = 'errors.users'"), 0);
}

/* Sentry has no ETag: the statistics are the evidence that a week is what it was. */
static void a_week_collected_again_the_same_day_costs_two_requests(void **state UNUSED)
{
	static const char ROWS[] =
		"SELECT key, w.status, events, users FROM issue_week w JOIN issue i "
		"ON i.id = w.issue_id ORDER BY key";
	collecting_run(&b);
	const char *before = collecting_rows(&b, ROWS);
	int64_t received = collecting_ledger(&b, "issues")->received;
	httpd_forget(b.h);
	b.clock.fixed_s += 3600;
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*"), 2);
	assert_int_equal(collecting_asked(&b, PROJECTS), 1);
	assert_int_equal(collecting_asked(&b, VOLUME), 1);
	assert_string_equal(collecting_rows(&b, ROWS), before);
	const struct ledger *l = collecting_ledger(&b, "issues");
	assert_int_equal(l->received, received);
	assert_int_equal(l->status, LEDGER_COMPLETE);
	assert_int_equal(l->as_of_s, b.clock.fixed_s - 3600); /* what it says is of then */
}

static void a_week_is_asked_for_anew_when_anything_speaks_for_it(void **state UNUSED)
{
	struct served other[ARRAY_SIZE(usual) + 1] = {
		{VOLUME,
		 "{\"intervals\":[\"2026-11-09T00:00:00Z\",\"2026-11-10T00:00:00Z\"],\"groups\":["
		 "{\"by\":{\"project\":11},\"series\":{\"sum(quantity)\":[4,6]}},"
		 "{\"by\":{\"project\":4509062593708032},\"series\":{\"sum(quantity)\":[0,1]}}]}",
		 NULL, 0, 0}};
	memcpy(other + 1, usual, sizeof usual);
	collecting_run(&b);
	collecting_serve(&b, other); /* one event came late */
	collecting_run(&b);
	assert_true(collecting_asked(&b, "*") > 3);
	collecting_serve(&b, other);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*"), 2);
	collecting_serve(&b, other);
	b.clock.fixed_s += 86400; /* the next day statuses may have moved on */
	collecting_run(&b);
	assert_true(collecting_asked(&b, "*") > 3);
	collecting_serve(&b, other);
	setenv("SITREP_TEST_TOKEN", "another", 1);
	collecting_run(&b);
	assert_true(collecting_asked(&b, "*") > 3);
}

static void a_week_that_is_not_over_or_not_whole_is_asked_for_anew(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {{USERS, "{}", NULL, 500, 0}};
	memcpy(table + 1, usual, sizeof usual);
	b.clock.fixed_s = WEEK_TO + 600; /* events of the last minutes may be on their way */
	collecting_run(&b);
	httpd_forget(b.h);
	collecting_run(&b);
	assert_true(collecting_asked(&b, "*") > 3);
	b.clock.fixed_s = WEEK_TO + 7200;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "users", LEDGER_FAILED, "500 on");
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_true(collecting_asked(&b, "*") > 3);
	assert_part(&b, "users", LEDGER_COMPLETE, NULL);
}

static void a_missing_token_fails_the_source_and_names_the_variable(void **state UNUSED)
{
	unsetenv("SITREP_TEST_TOKEN");
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED, "SITREP_TEST_TOKEN");
	assert_int_equal(collecting_asked(&b, "*"), 0);
}

/* Whatever answer is lost: the ledger says so, no row turns up that was not served, and a further
 * run completes the picture. */
static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"detail\":\"Internal Error\"}"},
		{.body = "<html>login</html>"},
		{.body = "[{\"id\":\"1\", \"tit"},
		{.body = PROJECT_LIST, .cut = 20},
		{.status = 403, .body = "{\"detail\":\"You do not have permission\"}"},
		{.drop = true},
	};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			collecting_stop(&b);
			b = (struct collecting){0};
			setup(NULL);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			for (size_t i = 0; i < b.ledger.n; i++)
				if (b.ledger.v[i].status != LEDGER_COMPLETE)
					assert_non_null(b.ledger.v[i].reason);
			/* A heavy page is asked for again in portions, and libcurl repeats a
			 * request whose kept connection had died: then nothing was lost. */
			if (b.result.complete == 5)
				assert_string_equal(collecting_rows(&b, ISSUES), whole_picture);
			if (b.result.complete == 5 && faults[f].status != 500 && !faults[f].drop &&
			    !faults[f].cut)
				fail_msg("fault %zu in request %d was not told", f, n);
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 5);
			assert_string_equal(collecting_rows(&b, ISSUES), whole_picture);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_week_of_issues_is_stored_with_window_and_lifetime_apart),
		T(requests_are_exactly_these),
		T(environments_and_project_globs_become_parameters),
		T(a_persons_token_asks_for_projects_of_all_teams),
		T(unreadable_activity_falls_back_on_the_substatus),
		T(a_resolution_that_is_known_is_not_asked_for_again),
		T(a_new_collection_states_the_week_anew_once_it_has_something),
		T(a_late_collection_finds_what_was_resolved_and_came_back),
		T(every_refusal_has_its_own_words),
		T(an_organisation_of_another_region_is_named),
		T(no_project_that_matches_is_said),
		T(empty_and_repeated_pages_end_as_they_should),
		T(a_heavy_search_is_asked_again_in_small_portions),
		T(a_week_outside_retention_is_not_asked_for),
		T(a_row_that_cannot_be_read_costs_only_itself),
		T(a_project_that_the_volume_leaves_out_is_missed),
		T(an_older_server_without_a_statistic_is_not_a_failure),
		T(a_week_collected_again_the_same_day_costs_two_requests),
		T(a_week_is_asked_for_anew_when_anything_speaks_for_it),
		T(a_week_that_is_not_over_or_not_whole_is_asked_for_anew),
		T(a_missing_token_fails_the_source_and_names_the_variable),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
