#include "support/sentry_source.h"

#include "collect/sentry.h"
#include "store/deploys.h"
#include "store/releases.h"

static struct collecting b;

static int setup(void **state UNUSED)
{
	sentry_source_start(&b);
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "releases");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define RELEASES ORG "releases/[?]*"
#define WEB	 "\"projects\":[{\"id\":11,\"slug\":\"web\",\"newGroups\":3}]"
#define DEPLOY(id, env, at)                                                                        \
	"{\"id\":\"" id "\",\"environment\":\"" env                                                \
	"\",\"name\":null,\"url\":null,\"dateStarted\":"                                           \
	"null,\"dateFinished\":\"" at "\"}"
#define DEPLOYS                                                                                    \
	"SELECT kind, key, service, environment, sha, ref, state, started_at, finished_at, url "   \
	"FROM deployment ORDER BY key"
#define VERSIONS "SELECT version FROM sentry_release ORDER BY version"

/* One deployed once, one three times, one not at all, one before the window. */
static const struct served usual[] = {
	PROJECTS,
	{RELEASES,
	 "[{\"id\":1402755016,\"version\":\"web@3dce5c8\",\"status\":\"open\","
	 "\"dateCreated\":\"2026-11-12T08:00:00.764000Z\",\"dateReleased\":null,\"newGroups\":4,"
	 "\"commitCount\":7,\"deployCount\":1,\"authors\":[{\"email\":\"a@example.org\"}],"
	 "\"firstEvent\":\"2026-11-12T09:00:00Z\",\"lastEvent\":\"2026-11-13T09:00:00Z\","
	 "\"lastDeploy\":{\"id\":\"900\",\"environment\":\"production\",\"name\":\"x\",\"url\":"
	 "\"https://deploys.example.org/900\",\"dateStarted\":\"2026-11-12T08:20:00Z\","
	 "\"dateFinished\":\"2026-11-12T08:25:30.5Z\"}," WEB "},"
	 "{\"id\":2,\"version\":\"backend@1.2.0+build/7\",\"dateCreated\":\"2026-11-10T08:00:00Z\","
	 "\"deployCount\":3,\"lastDeploy\":" DEPLOY(
		 "913", "production",
		 "2026-11-17T10:00:00Z") "," WEB "},"
					 "{\"id\":3,\"version\":\"never "
					 "out\",\"dateCreated\":\"2026-11-09T"
					 "08:00:00Z\",\"deployCount\":0,\"lastDeploy\":null," WEB
					 "},"
					 "{\"id\":4,\"version\":\"old@1\",\"dateCreated\":\"2026-"
					 "09-01T"
					 "08:00:00Z\",\"deployCount\":2,\"lastDeploy\":" DEPLOY(
						 "700", "production",
						 "2026-09-02T08:00:00Z") "," WEB "}]",
	 NEXT("100:1:0", "true"), 0, 0},
	{ORG "releases/backend%401.2.0%2Bbuild%2F7/deploys/",
	 "[" DEPLOY("913", "production", "2026-11-17T10:00:00Z") "," DEPLOY(
		 "912", "production",
		 "2026-11-11T10:00:00Z") "," DEPLOY("911", "staging", "2026-11-10T10:00:00Z") "]",
	 NULL, 0, 0},
	{0},
};

static void the_weeks_releases_and_their_deploys_are_stored(void **state UNUSED)
{
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
	assert_part(&b, "deploys", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, VERSIONS),
			    "backend@1.2.0+build/7\nnever out\nweb@3dce5c8\n");
	assert_string_equal(
		collecting_rows(
			&b, "SELECT status, created_at, released_at, first_event_at, new_issues, "
			    "commits, deploys, authors FROM sentry_release WHERE version = "
			    "'web@3dce5c8'"),
		"open|2026-11-12T08:00:00Z|-|2026-11-12T09:00:00Z|4|7|1|1\n");
	/* nothing of the other weeks' deployments */
	assert_string_equal(
		collecting_rows(&b, DEPLOYS),
		"sentry|900|web|production|3dce5c8|web@3dce5c8|succeeded|2026-11-12T08:20:00Z|"
		"2026-11-12T08:25:30Z|https://deploys.example.org/900\n"
		"sentry|911|web|staging|-|backend@1.2.0+build/"
		"7|succeeded|-|2026-11-10T10:00:00Z|-\n"
		"sentry|912|web|production|-|backend@1.2.0+build/"
		"7|succeeded|-|2026-11-11T10:00:00Z|-"
		"\n");
	assert_int_equal(collecting_ledger(&b, "deploys")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "deploys")->received, 2);
	struct releases list;
	struct err e = {0};
	assert_ok(releases_list(b.db, WEEK_FROM, WEEK_TO, &b.a, &list, &e), e);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[2].version, "web@3dce5c8");
	assert_int_equal(list.v[2].projects.n, 1);
	assert_string_equal(list.v[2].projects.v[0].key, "11");
	assert_int_equal(list.v[2].projects.v[0].new_issues, 3);
}

/* The list ends at the window's start though more pages are told of; one deploy is in the list
 * already; S-16: the version is encoded to the last character. */
static void as_few_requests_as_the_service_allows(void **state UNUSED)
{
	static const char *const want[] = {
		"/api/0/organizations/acme/projects/?per_page=100",
		"/api/0/organizations/acme/releases/?per_page=100",
		"/api/0/organizations/acme/releases/backend%401.2.0%2Bbuild%2F7/deploys/",
	};
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(httpd_get(b.h, NULL, NULL, i)->target, want[i]);
}

static void collecting_twice_changes_nothing(void **state UNUSED)
{
	collecting_serve(&b, usual);
	collecting_run(&b);
	const char *before = collecting_rows(&b, DEPLOYS);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, DEPLOYS), before);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM sentry_release"), 3);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM sentry_release_project"), 3);
}

/* S-16: spaces and letters beyond ASCII; deleted since it was listed. */
static void a_release_that_is_gone_costs_nothing(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{RELEASES,
		 "[{\"version\":\"caf\\u00e9 1.0\",\"dateCreated\":\"2026-11-12T08:00:00Z\","
		 "\"deployCount\":2}]",
		 NULL, 0, 0},
		{ORG "releases/caf%C3%A9%201.0/deploys/", "{\"detail\":\"not here\"}", NULL, 404,
		 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, ORG "releases/caf%C3%A9%201.0/deploys/"), 1);
	assert_part(&b, "deploys", LEDGER_COMPLETE, NULL);
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
}

static void a_server_of_before_says_less_and_is_read_all_the_same(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{RELEASES,
		 "[{\"version\":\"1\",\"dateCreated\":\"2026-11-12T08:00:00Z\"},"
		 "{\"version\":\"0\",\"dateCreated\":\"2025-11-12T08:00:00Z\"}]",
		 NULL, 0, 0},
		{ORG "releases/1/deploys/",
		 "[{\"id\":5,\"environment\":\"production\",\"dateFinished\":"
		 "\"2026-11-12T09:00:00+00:00\"}]",
		 NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, DEPLOYS),
			    "sentry|5|-|production|-|1|succeeded|-|2026-11-12T09:00:00Z|-\n");
	assert_int_equal(collecting_asked(&b, "*deploys*"), 1);
}

/* S-23: a project is known by its id, whatever it is called by now. */
static void releases_of_other_projects_are_left_alone(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{RELEASES,
		 "[{\"version\":\"a\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":0,"
		 "\"projects\":[{\"id\":4509062593708032,\"slug\":\"renamed\"}]},"
		 "{\"version\":\"b\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":0,"
		 "\"projects\":[{\"id\":11,\"slug\":\"web\"}]},"
		 "{\"version\":\"c\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":5,"
		 "\"projects\":[{\"id\":99,\"slug\":\"foreign\"}]}]",
		 NULL, 0, 0},
		{0}};
	b.cfg.sentry.v[0].projects = strv_of(&b.a, "api");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, RELEASES "project=4509062593708032"), 1);
	assert_string_equal(collecting_rows(&b, VERSIONS), "a\n");
	assert_int_equal(collecting_asked(&b, "*deploys*"), 0);
}

static void refusals_and_losses_are_told_apart(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body;
		enum ledger_status want;
		const char *reason;
	} cases[] = {
		{404, "{\"detail\":\"x\"}", LEDGER_NOT_ENABLED, "404 on releases"},
		{403, "{\"detail\":\"You do not have permission\"}", LEDGER_NOT_ENABLED,
		 "project:read"},
		{401, "{\"detail\":\"Token not found\"}", LEDGER_FAILED, "Token not found"},
		{500, "{\"detail\":\"Internal Error\"}", LEDGER_FAILED, "server error"},
		{200, "<html>sign in</html>", LEDGER_FAILED, "HTML instead of JSON"}, /* S-13 */
		{200, "{}", LEDGER_FAILED, "not a list"},
		{200, "", LEDGER_FAILED, "empty body"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {
			PROJECTS, {RELEASES, cases[i].body, NULL, cases[i].status, 0}, {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "releases", cases[i].want, cases[i].reason);
		assert_int_equal(collecting_ledger(&b, "deploys")->status, cases[i].want);
	}
}

/* S-02, S-05, and one page lost. */
static void pages_that_do_not_end_as_they_should_are_told(void **state UNUSED)
{
#define ONE(v)                                                                                     \
	"[{\"version\":\"" v "\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":0}]"
	static const struct served for_ever[] = {
		PROJECTS, {RELEASES, ONE("1"), NEXT("1:0:0", "true"), 0, 0}, {0}};
	static const struct served lost[] = {PROJECTS,
					     {RELEASES "cursor=*", "{}", NULL, 500, 0},
					     {RELEASES, ONE("1"), NEXT("1:0:0", "true"), 0, 0},
					     {0}};
	static const struct served empty_first[] = {
		PROJECTS,
		{RELEASES "cursor=*", ONE("2"), NEXT("2:0:0", "false"), 0, 0},
		{RELEASES, "[]", NEXT("1:0:0", "true"), 0, 0},
		{0}};
	collecting_serve(&b, for_ever);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_PARTIAL, "the same page again");
	assert_part(&b, "deploys", LEDGER_FAILED, "ended early"); /* none was found by then */
	collecting_serve(&b, lost);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_PARTIAL, "500 on releases");
	collecting_serve(&b, empty_first);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, VERSIONS), "1\n2\n");
}

static void a_release_that_cannot_be_read_costs_only_itself(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{RELEASES,
		 "[{\"version\":7,\"dateCreated\":\"2026-11-12T08:00:00Z\"},3,"
		 "{\"version\":\"1\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":2},"
		 "{\"version\":\"2\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":2}]",
		 NULL, 0, 0},
		{ORG "releases/1/deploys/",
		 "[{\"id\":\"8\",\"dateFinished\":7},{\"id\":\"9\",\"environment\":\"production\","
		 "\"dateFinished\":\"2026-11-12T09:00:00Z\",\"url\":\"javascript:alert(1)\"}]",
		 NULL, 0, 0},
		{ORG "releases/2/deploys/", "{}", NULL, 502, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_PARTIAL, "a release could not be read");
	assert_part(&b, "deploys", LEDGER_PARTIAL, "502 on deploys of 2");
	assert_string_equal(collecting_rows(&b, "SELECT key, url FROM deployment"), "9|-\n");
}

/* Its deployments matter to the numbers where nobody else tells of them. */
static void deployments_hang_on_sentry_only_where_it_is_the_only_witness(void **state UNUSED)
{
	struct github_source g = {.name = "github", .collect = strv_of(&b.a, "deployments")};
	g.url = b.url;
	g.user = "acme";
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_string_equal(collecting_ledger(&b, "deploys")->affects, "deployments.");
	vec_push(&b.a, &b.cfg.github, g);
	collecting_run(&b); /* it told of what nobody else did */
	assert_string_equal(collecting_ledger(&b, "releases")->affects, "deployments.");

	struct err e = {0};
	assert_ok(db_exec(b.db, "DELETE FROM deployment WHERE sha IS NULL", &e), e);
	struct rec_deployment d = {.source = "aws",
				   .kind = "codedeploy",
				   .key = "d-1",
				   .sha = "3DCE5C8f00aa11bb22cc33dd44ee55ff66778899",
				   .state = DEPLOY_SUCCEEDED,
				   .created_s = WEEK_FROM + 3 * 86400 + 8 * 3600,
				   .started_s = TIME_NONE,
				   .finished_s = WEEK_FROM + 3 * 86400 + 9 * 3600};
	assert_ok(db_begin(b.db, &e) && deploys_put(b.db, &d, WEEK_TO, &e) && db_commit(b.db, &e),
		  e);
	collecting_run(&b);
	assert_string_equal(collecting_ledger(&b, "releases")->affects, "");
}

static void versions_name_commits(void **state UNUSED)
{
	static const struct {
		const char *version, *want;
	} cases[] = {
		{"3dce5c8f00aa11bb22cc33dd44ee55ff66778899",
		 "3dce5c8f00aa11bb22cc33dd44ee55ff66778899"},
		{"web@3dce5c8", "3dce5c8"},
		{"1.2.0+3dce5c8", "3dce5c8"},
		{"1.2.0-3dce5c8", "3dce5c8"},
		{"v1.2.0-5-g3dce5c8", "3dce5c8"},
		{"2ab3c4d5@77aa77a", "77aa77a"},
		{"web@1.2.0", NULL},
		{"20261110", NULL}, /* a date */
		{"defaced", NULL}, /* a word */
		{"8ce89484-0fec-4913-a2cd-e8e2d41dee36", NULL}, /* recorded; no commit */
		{"web@3dce5c", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = sentry_commit_of(cases[i].version, &b.a);
		if (!cases[i].want ? got != NULL : !got || strcmp(got, cases[i].want) != 0)
			fail_msg("\"%s\" gives \"%s\"", cases[i].version, got ? got : "nothing");
	}
	assert_null(sentry_commit_of(NULL, &b.a));
}

/* S-17, S-18 */
static void recorded_bodies_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	static const struct {
		const char *file;
		bool deploy;
	} files[] = {
		{"sentry/openapi-examples/releases.list.json", false},
		{"sentry/openapi-examples/project-releases.list.json", false},
		{"sentry/sentry-cli-responses/releases.get-releases.json", false},
		{"sentry/mcp-mocks/release.json", false},
		{"sentry/mcp-mocks/release-deploys.json", true},
		{"sentry/sentry-cli-responses/deploys.get-deploys.json", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		struct sentry_release r;
		struct sentry_deploy d;
		size_t len, n = 0;
		const char *text = test_read(&b.a, fixture_path(&b.a, files[i].file), &len);
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv root = json_root(j);
		bool list = json_is_arr(&root);
		for (struct jv it = list ? json_first(&root) : root; it.n;
		     it = list ? json_next(&it) : (struct jv){0}, n++)
			if (files[i].deploy ? !sentry_parse_deploy(&it, &b.a, &d, &e)
					    : !sentry_parse_release(&it, &b.a, &r, &e))
				fail_msg("%s: %s", files[i].file, e.msg);
		assert_true(n > 0);
		if (strstr(files[i].file, "mcp-mocks/release.json")) {
			assert_string_equal(r.r.projects.v[0].key, "4509062593708032");
			assert_null(r.sha);
		}
	}
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"detail\":\"Internal Error\"}"},
		{.body = "<html>login</html>"},
		{.body = "[{\"version\":\"1\", \"sta"},
		{.status = 401, .body = "{\"detail\":\"Invalid token\"}"},
	};
	collecting_serve(&b, usual);
	collecting_run(&b);
	char kept[1024]; /* the arena goes with each store */
	const char *whole = collecting_rows(&b, DEPLOYS);
	assert_true(strlen(whole) < sizeof kept);
	memcpy(kept, whole, strlen(whole) + 1);
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			collecting_stop(&b);
			setup(NULL);
			collecting_serve(&b, usual);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			assert_true(b.result.partial + b.result.failed > 0);
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 2);
			assert_string_equal(collecting_rows(&b, DEPLOYS), kept);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_weeks_releases_and_their_deploys_are_stored),
		T(as_few_requests_as_the_service_allows),
		T(collecting_twice_changes_nothing),
		T(a_release_that_is_gone_costs_nothing),
		T(a_server_of_before_says_less_and_is_read_all_the_same),
		T(releases_of_other_projects_are_left_alone),
		T(refusals_and_losses_are_told_apart),
		T(pages_that_do_not_end_as_they_should_are_told),
		T(a_release_that_cannot_be_read_costs_only_itself),
		T(deployments_hang_on_sentry_only_where_it_is_the_only_witness),
		T(versions_name_commits),
		T(recorded_bodies_are_read),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
