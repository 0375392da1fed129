#include "support/sentry_source.h"

#include "base/sb.h"
#include "collect/sentry.h"

/* Sentry as it is run: regions, self-hosted, old; and what its numbers must agree with. */

static struct collecting b;

static int setup(void **state UNUSED)
{
	sentry_source_start(&b);
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "issues");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define WEEK   ORG "issues/[?]query=&*start=2026-11-09T00:00:00*"
#define VOLUME ORG "stats_v2/*"
#define ISSUE(id, n)                                                                               \
	"{\"id\":\"" id "\",\"title\":\"x\",\"issueCategory\":\"error\",\"project\":{\"id\":"      \
	"\"11\",\"slug\":\"web\"},\"count\":\"" n "\",\"userCount\":0,\"status\":\"unresolved\"}"
#define OTHERS                                                                                     \
	{"GET */issues/[?]*", "[]", NULL, 0, 0},                                                   \
		{"GET */issues/*/*", "{\"activity\":[]}", NULL, 0, 0},                             \
		{ORG "events/*", "{\"data\":[{\"count_unique(user)\":1}]}", NULL, 0, 0},           \
	{                                                                                          \
		0                                                                                  \
	}

/* --- where it lives --- */

/* S-27: a redirect to another region is explained, and the token stays where it was meant for. */
static void a_redirect_to_another_host_is_not_followed(void **state UNUSED)
{
	struct httpd *other = httpd_start();
	const char *to = arena_printf(&b.a, "Location: %s/api/0/organizations/acme/projects/",
				      httpd_url(other));
	const struct served told[] = {
		{ORG "projects/*", "", to, 302, 0},
		{ORG, "{\"links\":{\"regionUrl\":\"https://de.sentry.example\"}}", NULL, 0, 0},
		{0}};
	const struct served silent[] = {
		{ORG "projects/*", "", to, 302, 0}, {ORG, "{\"detail\":\"x\"}", NULL, 404, 0}, {0}};
	collecting_serve(&b, told);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED,
		    "302 on the projects of \"acme\": the organisation lives at "
		    "https://de.sentry.example; set url to that");
	collecting_serve(&b, silent);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_FAILED,
		    arena_printf(&b.a, "redirected to 127.0.0.1:%d, not followed with the token",
				 httpd_port(other)));
	assert_int_equal(httpd_count(other, NULL, NULL), 0);
	httpd_stop(other);
}

static void a_redirect_on_its_own_host_is_followed(void **state UNUSED)
{
	static const struct served table[] = {
		{ORG "projects/[?]per_page=100", "", "Location: /elsewhere/", 301, 0},
		{"GET /elsewhere/", PROJECT_LIST, NULL, 0, 0},
		{WEEK, "[" ISSUE("1", "3") "]", NULL, 0, 0},
		OTHERS};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "issues")->received, 1);
}

static void a_server_of_ones_own_may_live_below_a_path(void **state UNUSED)
{
	static const struct served table[] = {
		{"GET /tools/sentry/api/0/organizations/acme/projects/[?]per_page=100",
		 PROJECT_LIST, NULL, 0, 0},
		{"GET /tools/sentry/api/0/organizations/acme/releases/[?]per_page=100", "[]", NULL,
		 0, 0},
		{"GET /tools/sentry/api/0/organizations/acme/monitors/", "[]", NULL, 0, 0},
		{"GET /tools/sentry/api/0/organizations/acme/detectors/*", "[]", NULL, 0, 0},
		{"GET /tools/sentry/api/0/organizations/acme/sessions/*", "{\"groups\":[]}", NULL,
		 0, 0},
		{"GET /tools/sentry/api/0/organizations/acme/events/*", "{\"data\":[]}", NULL, 0,
		 0},
		{0}};
	b.cfg.sentry.v[0].url = arena_printf(&b.a, "%s/tools/sentry", b.url);
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "releases", "performance", "health", "monitors");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 10);
	assert_int_equal(collecting_asked(&b, "GET /api/*"), 0);
}

/* S-12: three texts for a token that is none. */
static void a_bad_token_fails_every_part_in_the_servers_words(void **state UNUSED)
{
	static const char *const texts[] = {"Authentication credentials were not provided.",
					    "Invalid token", "Token not found"};
	b.cfg.sentry.v[0].collect =
		strv_of(&b.a, "issues", "releases", "performance", "health", "monitors");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct served table[] = {
			{"*", arena_printf(&b.a, "{\"detail\":\"%s\"}", texts[i]), NULL, 401, 0},
			{0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_int_equal(b.result.failed, 15);
		assert_int_equal(collecting_asked(&b, "*"), 1); /* never tried again */
		assert_part(&b, "releases", LEDGER_FAILED, texts[i]);
		assert_part(&b, "uptime_checks", LEDGER_FAILED, texts[i]);
	}
}

/* S-11 for what is optional: withdrawn is not "no data", and not "not enabled". */
static void what_was_withdrawn_names_its_replacement(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{ORG "releases/*", "{\"message\":\"gone\"}",
		 "X-Sentry-Replacement-Endpoint: /api/0/new-releases/", 410, 0},
		{0}};
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "releases");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_FAILED, "replacement is /api/0/new-releases/");
}

/* S-10: no rate-limit header at all, and a refusal that is neither JSON nor dated. */
static void a_rate_limit_without_a_word_is_a_loss_of_its_part_only(void **state UNUSED)
{
	static const struct served table[] = {PROJECTS,
					      {ORG "sessions/*", "detail", NULL, 429, 0},
					      {ORG "releases/*", "[]", NULL, 0, 0},
					      {0}};
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "releases", "health");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "health", LEDGER_FAILED, "still over the rate limit");
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
}

/* S-14: events are gone after 90 days, releases are not. */
static void an_old_week_still_has_its_releases(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{ORG "releases/*",
		 "[{\"version\":\"1\",\"dateCreated\":\"2026-11-12T08:00:00Z\",\"deployCount\":0}]",
		 NULL, 0, 0},
		{0}};
	b.cfg.sentry.v[0].collect =
		strv_of(&b.a, "issues", "releases", "performance", "health", "monitors");
	b.clock.fixed_s = WEEK_TO + 90 * 86400;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "releases", LEDGER_COMPLETE, NULL);
	assert_part(&b, "issues", LEDGER_FAILED, "older than what Sentry keeps");
	assert_part(&b, "health", LEDGER_FAILED, "older than what Sentry keeps");
	assert_int_equal(b.result.complete, 2);
	assert_int_equal(collecting_asked(&b, "*"), 2);
}

/* --- two ways to count the same events --- */

#define COUNTS(values)                                                                             \
	"{\"intervals\":[\"2026-11-09T00:00:00Z\",\"2026-11-10T00:00:00Z\",\"2026-11-11T00:00:"    \
	"00Z\",\"2026-11-12T00:00:00Z\",\"2026-11-13T00:00:00Z\",\"2026-11-14T00:00:00Z\","        \
	"\"2026-11-15T00:00:00Z\"],\"groups\":[{\"by\":{\"project\":11},\"series\":{\"sum("        \
	"quantity)\":[" values "]}}]}"

static void count_both(const char *issues, const char *volume)
{
	const struct served table[] = {
		PROJECTS, {WEEK, issues, NULL, 0, 0}, {VOLUME, volume, NULL, 0, 0}, OTHERS};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
}

static void counts_that_agree_are_no_news(void **state UNUSED)
{
	static const struct {
		const char *issues, *volume;
	} cases[] = {
		{"[" ISSUE("1", "600") "," ISSUE("2", "400") "]",
		 COUNTS("400,100,100,100,100,100,100")},
		/* events on their way, an issue that was deleted */
		{"[" ISSUE("1", "950") "]", COUNTS("400,100,100,100,100,100,100")},
		{"[" ISSUE("1", "1050") "]", COUNTS("400,100,100,100,100,100,100")},
		/* small numbers are often apart */
		{"[" ISSUE("1", "2") "]", COUNTS("20,0,0,0,0,0,0")},
		{"[]", COUNTS("0,0,0,0,0,0,0")},
		/* what is no error is not in the statistics of errors */
		{"[{\"id\":\"1\",\"issueCategory\":\"performance\",\"project\":{\"id\":\"11\"},"
		 "\"count\":\"90000\"}]",
		 COUNTS("0,0,0,0,0,0,0")},
		/* a count that is not told */
		{"[{\"id\":\"1\",\"project\":{\"id\":\"11\"}}]", COUNTS("4000,0,0,0,0,0,0")},
		/* days that are not told: nothing to compare with */
		{"[" ISSUE("1", "5000") "]",
		 "{\"intervals\":[\"2026-11-09T00:00:00Z\"],\"groups\":[{\"by\":{\"project\":11},"
		 "\"series\":{\"sum(quantity)\":[1]}}]}"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		count_both(cases[i].issues, cases[i].volume);
		assert_part(&b, "volume", LEDGER_COMPLETE, NULL);
		assert_string_equal(collecting_ledger(&b, "volume")->affects, "");
	}
}

static void counts_that_contradict_are_told_and_mark_the_number(void **state UNUSED)
{
	count_both("[" ISSUE("1", "700") "]", COUNTS("400,100,100,100,100,100,100"));
	assert_part(&b, "volume", LEDGER_PARTIAL,
		    "stats_v2 counts 1000 error events of the week, the issues list sums 700");
	assert_string_equal(collecting_ledger(&b, "volume")->affects, "errors.events");
	count_both("[" ISSUE("1", "3000") "]", COUNTS("400,100,100,100,100,100,100"));
	assert_part(&b, "volume", LEDGER_PARTIAL,
		    "stats_v2 counts 1000 error events of the week, the issues list sums 3000");
	/* An empty list beside a thousand events is no week without errors. */
	count_both("[]", COUNTS("400,100,100,100,100,100,100"));
	assert_part(&b, "volume", LEDGER_PARTIAL, "the issues list sums 0");
	assert_string_equal(collecting_ledger(&b, "volume")->affects, "errors.");
}

/* The statistics know no environments, and a list that is short is told by itself. */
static void counts_of_different_things_are_not_compared(void **state UNUSED)
{
	static const struct served cut[] = {
		PROJECTS,
		{WEEK "cursor=*", "{}", NULL, 403, 0},
		{WEEK, "[" ISSUE("1", "7") "]", NEXT("1:0:0", "true"), 0, 0},
		{VOLUME, COUNTS("9000,0,0,0,0,0,0"), NULL, 0, 0},
		OTHERS};
	b.cfg.sentry.v[0].environments = strv_of(&b.a, "production");
	count_both("[" ISSUE("1", "7") "]", COUNTS("9000,0,0,0,0,0,0"));
	assert_part(&b, "volume", LEDGER_COMPLETE, NULL);
	b.cfg.sentry.v[0].environments = (struct strv){0};
	collecting_serve(&b, cut);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_PARTIAL, "403 on issues");
	assert_part(&b, "volume", LEDGER_COMPLETE, NULL);
}

/* --- rows --- */

static struct rec_issue issue_of(const char *text)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e = {0};
	struct rec_issue i;
	assert_ok(json_parse(text, strlen(text), &j, &e), e);
	struct jv root = json_root(j);
	assert_ok(sentry_parse_issue(&root, false, &b.a, &i, &e), e);
	return i;
}

/* S-06 */
static void counts_come_as_text_or_numbers_and_missing_is_not_zero(void **state UNUSED)
{
	struct rec_issue i = issue_of("{\"id\":\"1\",\"count\":\"7019\",\"userCount\":580}");
	assert_true(i.events == 7019 && i.users == 580);
	i = issue_of("{\"id\":\"1\",\"count\":7019,\"userCount\":\"580\"}");
	assert_true(i.events == 7019 && i.users == 580);
	i = issue_of("{\"id\":\"1\",\"count\":\"0\"}");
	assert_true(i.events == 0 && i.users == NUM_NONE);
}

/* S-08, S-09, S-18 */
static void what_is_absent_null_or_new_is_kept_as_that(void **state UNUSED)
{
	struct rec_issue i = issue_of(
		"{\"id\":6507376925,\"substatus\":\"of_tomorrow\",\"priority\":null,\"culprit\":"
		"null,"
		"\"lifetime\":null,\"filtered\":null,\"firstSeen\":null,\"lastSeen\":"
		"\"2025-04-03T22:51:19.403000Z\",\"assignedTo\":{\"type\":\"user\",\"id\":\"1\","
		"\"name\":null,\"email\":\"a@example.org\"},\"metadata\":{\"title\":null}}");
	assert_string_equal(i.key, "6507376925");
	assert_string_equal(i.substatus, "of_tomorrow");
	assert_null(i.culprit);
	assert_null(i.priority);
	assert_string_equal(i.assignee, "a@example.org");
	assert_true(i.first_seen_s == TIME_NONE && i.week_first_seen_s == TIME_NONE);
	assert_int_equal(i.week_last_seen_s,
			 issue_of("{\"id\":\"1\",\"lastSeen\":\"2025-04-03T22:51:19+00:00\"}")
				 .week_last_seen_s);
}

/* S-24, S-01 */
static void eleven_hundred_issues_come_in_eleven_pages(void **state UNUSED)
{
	struct served table[16] = {PROJECTS};
	for (int page = 0; page < 11; page++) {
		struct sb rows;
		sb_init(&rows, &b.a, (size_t)1 << 20);
		for (int i = 0; i < 100; i++)
			sb_addf(&rows, "%s{\"id\":\"%d\",\"count\":\"1\"}", i ? "," : "[",
				page * 100 + i + 1);
		sb_add(&rows, "]");
		table[1 + page] = (struct served){
			page ? arena_printf(&b.a, WEEK "cursor=%d%%3A0%%3A0", page)
			     : WEEK "limit=100",
			sb_str(&rows),
			arena_printf(&b.a,
				     "Link: <http://x/>; rel=\"next\"; results=\"%s\"; "
				     "cursor=\"%d:0:0\"",
				     page < 10 ? "true" : "false", page + 1),
			0, 0};
	}
	const struct served rest[] = {OTHERS};
	memcpy(table + 12, rest, sizeof rest);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "issues", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "issues")->received, 1100);
	assert_int_equal(collecting_asked(&b, WEEK), 11);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM issue_week"), 1100);
}

/* S-25, S-26: kept as they came; what shows them cleans them. */
static void hostile_text_is_kept_as_it_came(void **state UNUSED)
{
	struct rec_issue i = issue_of("{\"id\":\"1\",\"title\":\"a\\u0001\\n|<script>\\u202e\","
				      "\"permalink\":\"javascript:alert(1)\"}");
	assert_string_equal(i.title, "a\x01\n|<script>\xe2\x80\xae");
	assert_string_equal(i.url, "javascript:alert(1)");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_redirect_to_another_host_is_not_followed),
		T(a_redirect_on_its_own_host_is_followed),
		T(a_server_of_ones_own_may_live_below_a_path),
		T(a_bad_token_fails_every_part_in_the_servers_words),
		T(what_was_withdrawn_names_its_replacement),
		T(a_rate_limit_without_a_word_is_a_loss_of_its_part_only),
		T(an_old_week_still_has_its_releases),
		T(counts_that_agree_are_no_news),
		T(counts_that_contradict_are_told_and_mark_the_number),
		T(counts_of_different_things_are_not_compared),
		T(counts_come_as_text_or_numbers_and_missing_is_not_zero),
		T(what_is_absent_null_or_new_is_kept_as_that),
		T(eleven_hundred_issues_come_in_eleven_pages),
		T(hostile_text_is_kept_as_it_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
