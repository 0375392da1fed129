#include "support/collecting.h"

#include "base/file.h"
#include "base/log.h"
#include "base/sb.h"

static struct collecting b;

#define REPO(id, name, more)                                                                       \
	"{\"id\":" id ",\"full_name\":\"acme/" name "\",\"default_branch\":\"main\"" more "}"
#define REPOS                                                                                      \
	{                                                                                          \
		"GET /orgs/acme/repos*",                                                           \
			"[" REPO("1", "web", "") "," REPO("2", "api", "") "," REPO(                \
				"3", "old", ",\"archived\":true") "," REPO("4", "x-prototype",     \
									   "") "]",                \
			NULL, 0, 0                                                                 \
	}
#define ORG_CODE "GET /orgs/acme/code-scanning/alerts[?]*"
#define ORG_DEP	 "GET /orgs/acme/dependabot/alerts[?]*"
#define SECRET_LIST                                                                                \
	"/orgs/acme/secret-scanning/"                                                              \
	"alerts?per_page=100&sort=updated&direction=desc&hide_secret=true"
#define ORG_SECRET     "GET /orgs/acme/secret-scanning/alerts[?]*"
#define OF(repo, kind) "GET /repos/acme/" repo "/" kind "/alerts[?]*"

#define IN(id, name) ",\"repository\":{\"id\":" id ",\"full_name\":\"acme/" name "\"}"
/* more begins with a comma */
#define DEP(number, state, created, updated, more)                                                 \
	"{\"number\":" number ",\"state\":\"" state "\",\"created_at\":\"" created                 \
	"\",\"updated_at\":\"" updated "\",\"html_url\":\"https://github.example.org/d/" number    \
	"\",\"dependency\":{\"package\":{\"name\":\"django\"},\"manifest_path\":"                  \
	"\"requirements.txt\"},\"security_advisory\":{\"ghsa_id\":\"GHSA-rf4j-j272-fj86\","        \
	"\"cve_id\":null,\"summary\":\"Information | exposure\",\"severity\":\"low\"},"            \
	"\"security_vulnerability\":{\"severity\":\"moderate\",\"first_patched_version\":null},"   \
	"\"epss\":[{\"percentile\":\"0.16001e0\"}]" more "}"
#define OLD  "2026-08-01T10:00:00Z"
#define NEW  "2026-11-10T10:00:00Z"
#define LATE "2026-11-12T10:00:00Z"

#define DEP_OPEN_WEB  DEP("1", "open", OLD, OLD, IN("1", "web"))
#define DEP_NEW_WEB   DEP("2", "open", NEW, NEW, IN("1", "web"))
#define DEP_FIXED_API DEP("1", "fixed", OLD, LATE, ",\"fixed_at\":\"" LATE "\"" IN("2", "api"))
#define DEP_AUTO_API                                                                               \
	DEP("2", "auto_dismissed", OLD, LATE, ",\"auto_dismissed_at\":\"" LATE "\"" IN("2", "api"))

#define SECRET_VALUE "AKIAINVENTEDSECRET77"
#define SECRET                                                                                     \
	"{\"number\":5,\"state\":\"open\",\"created_at\":\"" NEW                                   \
	"\",\"updated_at\":null,\"secret_type\":\"aws_access_key\",\"secret_type_display_name\":"  \
	"\"AWS access key\",\"secret\":\"" SECRET_VALUE                                            \
	"\",\"validity\":\"active\",\"first_location_detected\":{\"path\":\"" SECRET_VALUE         \
	"\"},\"push_protection_bypass_request_comment\":\"it is " SECRET_VALUE                     \
	"\",\"resolution_comment\":\"" SECRET_VALUE                                                \
	"\",\"html_url\":\"https://github.example.org/s/5\"" IN("1", "web") "}"

#define CODE                                                                                       \
	"{\"number\":4,\"created_at\":\"" NEW "\",\"updated_at\":\"" NEW                           \
	"\",\"state\":\"open\",\"rule\":{\"id\":\"js/zipslip\",\"severity\":\"error\","            \
	"\"security_severity_level\":null,\"tags\":[\"security\",\"external/cwe/cwe-022\"],"       \
	"\"description\":\"Arbitrary file write\"},\"tool\":{\"name\":\"CodeQL\"},"                \
	"\"most_recent_instance\":{\"message\":{\"text\":\"depends on a value\"},\"location\":{"   \
	"\"path\":\"a.ts\",\"start_line\":917}}" IN("1", "web") "}"

static const struct served usual[] = {
	REPOS,
	{ORG_CODE, "[" CODE "]", NULL, 0, 0},
	{ORG_DEP, "[" DEP_AUTO_API "," DEP_FIXED_API "," DEP_NEW_WEB "]",
	 "Link: <@URL@/organizations/9/dependabot/alerts?per_page=100&after=Y3Vyc29y>; "
	 "rel=\"next\"",
	 0, 0},
	{"GET /organizations/9/dependabot/alerts?per_page=100&after=Y3Vyc29y",
	 "[" DEP_OPEN_WEB "," DEP("9", "open", OLD, OLD, IN("4", "x-prototype")) "," DEP(
		 "8", "open", OLD, OLD, IN("3", "old")) "]",
	 NULL, 0, 0},
	{ORG_SECRET, "[" SECRET "]", NULL, 0, 0},
	{0},
};

static struct github_source *source(void)
{
	return &b.cfg.github.v[0];
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("SITREP_TEST_TOKEN", "ghp_test", 1);
	struct github_source s = {
		.name = "github",
		.url = b.url,
		.organisation = "acme",
		.repositories = strv_of(&b.a, "*", "!*-prototype"),
		.collect = strv_of(&b.a, "code_scanning", "dependabot", "secret_scanning")};
	vec_push(&b.a, &s.tokens, ((struct secret){SECRET_ENV, "SITREP_TEST_TOKEN"}));
	vec_push(&b.a, &b.cfg.github, s);
	collecting_serve(&b, usual);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static void serve(const struct served *mine, size_t n)
{
	struct served *table = arena_array(&b.a, struct served, n + ARRAY_SIZE(usual));
	memcpy(table, mine, n * sizeof *mine);
	memcpy(table + n, usual, sizeof usual);
	collecting_serve(&b, table);
}
#define SERVE(...)                                                                                 \
	do {                                                                                       \
		const struct served mine_[] = {__VA_ARGS__};                                       \
		serve(mine_, ARRAY_SIZE(mine_));                                                   \
	} while (0)

#define ROWS                                                                                       \
	"SELECT f.tool, f.target, f.identity, f.severity, f.state, e.kind, e.happened_at FROM "    \
	"finding f JOIN finding_event e ON e.finding_id = f.id ORDER BY 1, 2, 3, e.id"
static const char picture[] = "github-code-scanning|acme/web|4|high|open|new|" NEW "\n"
			      "github-dependabot|acme/api|1|medium|fixed|new|" OLD "\n"
			      "github-dependabot|acme/api|1|medium|fixed|fixed|" LATE "\n"
			      "github-dependabot|acme/api|2|medium|set_aside|new|" OLD "\n"
			      "github-dependabot|acme/api|2|medium|set_aside|set_aside|" LATE "\n"
			      "github-dependabot|acme/web|1|medium|open|new|" OLD "\n"
			      "github-dependabot|acme/web|2|medium|open|new|" NEW "\n"
			      "github-secret-scanning|acme/web|5|critical|open|new|" NEW "\n";

static void the_organisations_lists_give_every_alert_with_its_own_dates(void **state UNUSED)
{
	static const char *const want[] = {
		"/orgs/acme/repos?per_page=100&type=all&sort=full_name",
		"/orgs/acme/code-scanning/alerts?per_page=100&sort=updated&direction=desc",
		"/orgs/acme/dependabot/alerts?per_page=100&sort=updated&direction=desc",
		SECRET_LIST,
		"/organizations/9/dependabot/alerts?per_page=100&after=Y3Vyc29y",
	};
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ROWS), picture);
	assert_int_equal(b.result.complete, 4);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(httpd_get(b.h, NULL, NULL, i)->target, want[i]);
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
	const struct ledger *l = collecting_ledger(&b, "dependabot");
	assert_int_equal(l->expected, 2); /* repositories: neither archived nor left out */
	assert_int_equal(l->received, 2);
	assert_int_equal(l->pages, 2);
	assert_non_null(strstr(l->affects, "security.tool.github-dependabot."));
	assert_string_equal(
		collecting_rows(&b, "SELECT package, path, title, rule, url FROM finding WHERE "
				    "tool = 'github-dependabot' AND identity = '1' AND target = "
				    "'acme/web'"),
		"django|requirements.txt|Information | exposure|GHSA-rf4j-j272-fj86|"
		"https://github.example.org/d/1\n");
	assert_string_equal(collecting_rows(&b, "SELECT path, line, cwe, message, word FROM "
						"finding WHERE tool = 'github-code-scanning'"),
			    "a.ts|917|CWE-022|depends on a value|error\n");
	assert_string_equal(collecting_rows(&b, "SELECT set_aside FROM finding WHERE set_aside IS "
						"NOT NULL"),
			    "auto-dismissed\n");
}

static void a_second_run_changes_nothing_and_asks_for_one_page_each(void **state UNUSED)
{
	collecting_run(&b);
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ROWS), picture);
	/* page 2 begins after the window's start, which page 1 does not reach back to */
	assert_int_equal(collecting_asked(&b, "*"), 5);
	SERVE({ORG_DEP, "[" DEP_NEW_WEB "," DEP("7", "open", OLD, OLD, IN("1", "web")) "]",
	       "Link: <@URL@/organizations/9/dependabot/alerts?after=Mg>; rel=\"next\"", 0, 0});
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*after=*"), 0);
	assert_int_equal(collecting_asked(&b, "*state=open*"), 0);
}

/* G-05 */
static void three_hundred_and_thirty_one_alerts_are_all_read_by_cursor(void **state UNUSED)
{
	struct served table[6] = {{0}};
	struct sb page;
	int n = 0;
	table[0] = (struct served)REPOS;
	table[1] = (struct served){"GET *[?&]page=*",
				   "{\"message\":\"Pagination using the `page` parameter is not "
				   "supported.\"}",
				   NULL, 400, 0};
	for (int k = 0; k < 4; k++) {
		sb_init(&page, &b.a, 1 << 20);
		for (int i = 0; i < (k < 3 ? 100 : 31); i++)
			sb_addf(&page,
				"%s{\"number\":%d,\"state\":\"open\",\"created_at\":\"" OLD
				"\",\"repository\":{\"full_name\":\"acme/web\"}}",
				i ? "," : "", ++n);
		table[5 - k] =
			(struct served){k ? arena_printf(&b.a, "GET *after=%d*", k) : ORG_DEP,
					arena_printf(&b.a, "[%s]", sb_str(&page)),
					k < 3 ? arena_printf(&b.a,
							     "Link: <@URL@/x?state=open&after=%d>; "
							     "rel=\"next\"",
							     k + 1)
					      : NULL,
					0, 0};
	}
	struct served list[8] = {{0}};
	memcpy(list, table, sizeof table);
	source()->collect = strv_of(&b.a, "dependabot");
	collecting_serve(&b, list);
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 331);
}

static void the_first_reading_stops_at_the_window_and_asks_for_the_open_ones(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	SERVE({"GET /orgs/acme/dependabot/alerts[?]state=open&per_page=100", "[" DEP_OPEN_WEB "]",
	       NULL, 0, 0},
	      {ORG_DEP, "[" DEP_NEW_WEB "," DEP("7", "fixed", OLD, OLD, IN("1", "web")) "]",
	       "Link: <@URL@/organizations/9/dependabot/alerts?after=Mg>; rel=\"next\"", 0, 0});
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, "*after=*"), 0);
	assert_string_equal(
		collecting_rows(&b, "SELECT identity FROM finding WHERE state = 'open' ORDER BY 1"),
		"1\n2\n");
	assert_string_equal(collecting_rows(&b, "SELECT target, read_at, whole_at FROM alert_list"),
			    "acme|2026-11-16T06:00:00Z|2026-11-16T06:00:00Z\n");
	/* four weeks later it is seen whole again, in between it is not */
	assert_ok(db_exec(b.db,
			  "UPDATE alert_list SET whole_at = '2026-10-15T00:00:00Z', read_at = "
			  "'2026-11-15T00:00:00Z'",
			  &(struct err){0}),
		  ((struct err){0}));
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*state=open*"), 2);
}

static void a_list_that_is_not_in_order_is_read_to_its_end(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	SERVE({ORG_DEP,
	       "[" DEP("7", "open", OLD, OLD, IN("1", "web")) "," DEP_NEW_WEB "," DEP(
		       "6", "open", OLD, OLD, IN("1", "web")) "]",
	       "Link: <@URL@/organizations/9/dependabot/alerts?per_page=100&after=Y3Vyc29y>; "
	       "rel=\"next\"",
	       0, 0});
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*after=*"), 1);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 4);
}

static void an_open_alert_that_a_whole_list_lacks_is_asked_for(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	collecting_run(&b);
	SERVE({ORG_DEP, "[" DEP_AUTO_API "," DEP_FIXED_API "]", NULL, 0, 0},
	      {"GET /repos/acme/web/dependabot/alerts/1",
	       DEP("1", "fixed", OLD, LATE, ",\"fixed_at\":\"" LATE "\""), NULL, 0, 0});
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, "SELECT identity, state, fixed_at, set_aside FROM finding "
				    "WHERE target = 'acme/web' ORDER BY 1"),
		"1|fixed|" LATE "|-\n2|set_aside|-|not listed by GitHub any more\n");
}

static void an_alert_that_is_open_again_is_reopened(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	collecting_run(&b);
	SERVE({ORG_DEP,
	       "[" DEP("1", "open", OLD, "2026-11-13T10:00:00Z",
		       IN("2", "api")) "," DEP_AUTO_API "," DEP_NEW_WEB "," DEP_OPEN_WEB "]",
	       NULL, 0, 0});
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT f.state, e.happened_at FROM finding f JOIN "
						"finding_event e ON e.finding_id = f.id WHERE "
						"e.kind = 'reopened'"),
			    "open|2026-11-13T10:00:00Z\n");
}

/* G-23 */
static void a_refused_organisation_is_asked_repository_by_repository(void **state UNUSED)
{
	static const int status[] = {404, 403, 400, 503};
	for (size_t i = 0; i < ARRAY_SIZE(status); i++) {
		SERVE({ORG_DEP, "{\"message\":\"not for you\"}", NULL, status[i], 0},
		      {OF("web", "dependabot"), "[" DEP("2", "open", NEW, NEW, "") "]", NULL, 0, 0},
		      {OF("api", "dependabot"), "[]", NULL, 0, 0});
		source()->collect = strv_of(&b.a, "dependabot");
		collecting_run(&b);
		const struct ledger *l = collecting_ledger(&b, "dependabot");
		assert_part(&b, "dependabot", LEDGER_COMPLETE, "asked repository by repository");
		assert_part(&b, "dependabot", LEDGER_COMPLETE,
			    arena_printf(&b.a, "%d on", status[i]));
		assert_int_equal(l->received, 2);
		assert_int_equal(l->expected, 2);
		/* a list too heavy is tried in a smaller portion first */
		assert_int_equal(collecting_asked(&b, "*per_page=30*"), status[i] == 503);
	}
	assert_string_equal(collecting_rows(&b, "SELECT target, identity FROM finding"),
			    "acme/web|2\n");
}

static void what_the_whole_service_refuses_is_not_asked_again_and_again(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	SERVE({ORG_DEP, "{\"message\":\"Bad credentials\"}", NULL, 401, 0});
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_FAILED, "401");
	assert_int_equal(collecting_asked(&b, "*"), 2);
	b.cfg.limits.requests_per_source = 1;
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_FAILED, "limits.requests_per_source");
}

/* G-22: every text GitHub has for it */
static void not_enabled_is_neither_forbidden_nor_none(void **state UNUSED)
{
	static const struct {
		const char *part, *kind, *text;
		int status;
	} off[] = {
		{"code_scanning", "code-scanning",
		 "Advanced Security must be enabled for this repository to use code scanning.",
		 403},
		{"code_scanning", "code-scanning",
		 "Code Security must be enabled for this repository to use code scanning.", 403},
		{"code_scanning", "code-scanning",
		 "Code scanning is not enabled for this "
		 "repository. Please enable code scanning in "
		 "the repository settings.",
		 403},
		{"dependabot", "dependabot", "Dependabot alerts are disabled for this repository.",
		 403},
		{"dependabot", "dependabot",
		 "Dependabot alerts are not available for archived repositories.", 403},
		{"secret_scanning", "secret-scanning",
		 "Secret scanning is disabled on this repository.", 404},
	};
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		const char *body = arena_printf(&b.a, "{\"message\":\"%s\"}", off[i].text);
		const char *web = arena_printf(&b.a, "GET /repos/acme/web/%s/*", off[i].kind);
		const char *any = arena_printf(&b.a, "GET *%s/alerts*", off[i].kind);
		source()->collect = strv_of(&b.a, off[i].part);
		SERVE({"GET /orgs/acme/*/alerts*", "{}", NULL, 404, 0},
		      {any, body, NULL, off[i].status, 0});
		collecting_run(&b);
		assert_part(&b, off[i].part, LEDGER_NOT_ENABLED, off[i].text);
		assert_part(&b, off[i].part, LEDGER_NOT_ENABLED, "2 of 2 repositories");
		/* in one of two: the other is none, which is zero */
		SERVE({"GET /orgs/acme/*/alerts*", "{}", NULL, 404, 0}, {web, "[]", NULL, 0, 0},
		      {any, body, NULL, off[i].status, 0});
		collecting_run(&b);
		assert_part(&b, off[i].part, LEDGER_COMPLETE, "not enabled in 1 of 2 repositories");
		assert_int_equal(collecting_ledger(&b, off[i].part)->received, 1);
		assert_int_equal(collecting_ledger(&b, off[i].part)->expected, 1);
	}
}

static void a_repository_that_was_never_scanned_is_not_clean(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "code_scanning");
	SERVE({ORG_CODE, "{}", NULL, 404, 0},
	      {"GET /repos/*/code-scanning/*", "{\"message\":\"no analysis found\"}", NULL, 404,
	       0});
	collecting_run(&b);
	assert_part(&b, "code_scanning", LEDGER_NOT_ENABLED, "nothing was ever scanned");
}

static void a_forbidden_repository_is_missing_and_says_what_it_takes(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "secret_scanning");
	SERVE({ORG_SECRET, "{\"message\":\"Not Found\"}", NULL, 404, 0},
	      {OF("web", "secret-scanning"), "[]", NULL, 0, 0},
	      {OF("api", "secret-scanning"),
	       "{\"message\":\"Resource not accessible by personal access token\"}",
	       "X-Accepted-GitHub-Permissions: secret_scanning_alerts=read", 403, 0});
	collecting_run(&b);
	assert_part(&b, "secret_scanning", LEDGER_PARTIAL,
		    "403 on secret-scanning/alerts of acme/api");
	assert_part(&b, "secret_scanning", LEDGER_PARTIAL,
		    "Secret scanning alerts: read? GitHub wants secret_scanning_alerts=read");
	assert_int_equal(collecting_ledger(&b, "secret_scanning")->expected, 2);
	SERVE({"GET *secret-scanning*", "{\"message\":\"Not Found\"}", NULL, 404, 0});
	collecting_run(&b);
	assert_part(&b, "secret_scanning", LEDGER_FAILED, "404 on secret-scanning/alerts of acme/");
}

/* G-24: also from the errors and the log */
static void a_secrets_value_is_nowhere(void **state UNUSED)
{
	struct err e = {0};
	size_t n;
	const char *dir = test_dir(&b.a);
	const char *log = path_join(&b.a, dir, "log");
	const char *copy = path_join(&b.a, dir, "copy.db");
	FILE *sink = fopen(log, "w");
	assert_non_null(sink);
	log_setup(sink, LOG_DEBUG);
	collecting_run(&b);
	SERVE({ORG_SECRET,
	       "[{\"number\":5,\"created_at\":\"" SECRET_VALUE "\",\"secret\":\"" SECRET_VALUE
	       "\"" IN("1", "web") "}]",
	       NULL, 0, 0});
	collecting_run(&b);
	log_setup(stderr, LOG_WARN);
	fclose(sink);
	assert_part(&b, "secret_scanning", LEDGER_PARTIAL, "could not be read");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE tool = "
					    "'github-secret-scanning'"),
			 1);
	assert_ok(db_exec(b.db, arena_printf(&b.a, "VACUUM INTO '%s'", copy), &e), e);
	const char *bytes = test_read(&b.a, copy, &n);
	assert_null(memmem(bytes, n, SECRET_VALUE, strlen(SECRET_VALUE)));
	bytes = test_read(&b.a, log, &n);
	assert_true(n > 0); /* it was on */
	assert_null(memmem(bytes, n, SECRET_VALUE, strlen(SECRET_VALUE)));
	assert_null(memmem(bytes, n, "ghp_test", 8));
}

/* Packed, a value would not be found by its letters. */
static void what_may_hold_a_secret_is_not_kept_to_be_asked_about(void **state UNUSED)
{
	const char *const headers[] = {arena_printf(&b.a, "Link: <%s/page/2>; rel=\"next\"", b.url),
				       "ETag: \"s1\"", NULL};
	SERVE({ORG_CODE, "[" CODE "]", "ETag: \"c1\"", 0, 0},
	      {ORG_DEP, "[" DEP_NEW_WEB "]", "ETag: \"d1\"", 0, 0},
	      {"GET /page/2", "[" SECRET "]", "ETag: \"s2\"", 0, 0});
	b.fault = 4; /* the list of secrets */
	b.fault_answer = (struct httpd_answer){.body = "[" SECRET "]", .headers = headers};
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "GET /page/2"), 1);
	assert_string_equal(collecting_rows(&b, "SELECT etag FROM http_cache"), "\"d1\"\n");
}

static void a_user_is_asked_repository_by_repository_at_once(void **state UNUSED)
{
	source()->organisation = NULL;
	source()->user = "acme";
	source()->collect = strv_of(&b.a, "dependabot");
	SERVE({"GET /users/acme/repos*", usual[0].body, NULL, 0, 0},
	      {"GET /repos/acme/*/dependabot/alerts*", "[]", NULL, 0, 0});
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, "GET /repos/acme/*"), 2);
	assert_int_equal(collecting_asked(&b, "*"), 3);
}

static void an_archived_repositorys_alerts_are_nobodys_to_fix(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	collecting_run(&b);
	SERVE({"GET /orgs/acme/repos*",
	       "[" REPO("1", "web", ",\"archived\":true") "," REPO("2", "api", "") "]", NULL, 0,
	       0});
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open' AND "
					    "target = 'acme/web'"),
			 0);
}

static void a_renamed_repository_takes_its_alerts_along(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	collecting_run(&b);
	SERVE({"GET /orgs/acme/repos*", "[" REPO("1", "site", "") "," REPO("2", "api", "") "]",
	       NULL, 0, 0},
	      {ORG_DEP,
	       "[" DEP("2", "open", NEW, NEW, IN("1", "site")) "," DEP("1", "open", OLD, OLD,
								       IN("1", "site")) "]",
	       NULL, 0, 0});
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT target, count(*) FROM finding WHERE state "
						"= 'open' GROUP BY 1"),
			    "acme/site|2\n");
}

static void a_row_that_cannot_be_read_costs_only_itself(void **state UNUSED)
{
	source()->collect = strv_of(&b.a, "dependabot");
	SERVE({ORG_DEP,
	       "[{\"number\":3,\"created_at\":7" IN("1", "web") "},[],{\"number\":4,"
								"\"created_at\":\"" NEW
								"\"}," DEP_NEW_WEB "]",
	       NULL, 0, 0});
	collecting_run(&b);
	assert_part(&b, "dependabot", LEDGER_PARTIAL, "and 2 more");
	assert_string_equal(collecting_rows(&b, "SELECT identity FROM finding"), "2\n");
	/* and the list is read from the window's start again */
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM alert_list"), 0);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 401, .body = "{\"message\":\"Bad credentials\"}"},
		{.status = 404, .body = "{\"message\":\"Not Found\"}"},
		{.status = 500, .body = "<html>"},
		{.body = ""},
		{.body = "[{\"number\":"},
		{.drop = true}};
	for (size_t k = 0; k < ARRAY_SIZE(faults); k++) {
		for (int n = 1; n <= 5; n++) {
			teardown(NULL);
			setup(NULL);
			b.fault = n;
			b.fault_answer = faults[k];
			collecting_run(&b);
			/* what may be too heavy is asked for in a smaller portion, and libcurl
			 * tries a connection that ended anew */
			bool again = (faults[k].status >= 500 || faults[k].drop) && n > 1;
			assert_int_equal(b.result.complete == 4, again);
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 4);
			assert_string_equal(collecting_rows(&b, ROWS), picture);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_organisations_lists_give_every_alert_with_its_own_dates),
		T(a_second_run_changes_nothing_and_asks_for_one_page_each),
		T(three_hundred_and_thirty_one_alerts_are_all_read_by_cursor),
		T(the_first_reading_stops_at_the_window_and_asks_for_the_open_ones),
		T(a_list_that_is_not_in_order_is_read_to_its_end),
		T(an_open_alert_that_a_whole_list_lacks_is_asked_for),
		T(an_alert_that_is_open_again_is_reopened),
		T(a_refused_organisation_is_asked_repository_by_repository),
		T(what_the_whole_service_refuses_is_not_asked_again_and_again),
		T(not_enabled_is_neither_forbidden_nor_none),
		T(a_repository_that_was_never_scanned_is_not_clean),
		T(a_forbidden_repository_is_missing_and_says_what_it_takes),
		T(a_secrets_value_is_nowhere),
		T(what_may_hold_a_secret_is_not_kept_to_be_asked_about),
		T(a_user_is_asked_repository_by_repository_at_once),
		T(an_archived_repositorys_alerts_are_nobodys_to_fix),
		T(a_renamed_repository_takes_its_alerts_along),
		T(a_row_that_cannot_be_read_costs_only_itself),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
