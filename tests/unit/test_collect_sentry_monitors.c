#include "support/sentry_source.h"

#include "base/sb.h"
#include "collect/sentry.h"
#include "store/monitors.h"

static struct collecting b;

static int setup(void **state UNUSED)
{
	sentry_source_start(&b);
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "monitors");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define MONITORS  ORG "monitors/"
#define STATS(m)  ORG "monitors/" m "/stats/[?]*"
#define CHECKS(m) ORG "monitors/" m "/checkins/*"
#define DETECTORS ORG "detectors/[?]*"
#define CALLS	  ORG "events/[?]dataset=uptime_results*"
#define MONITOR(slug, more)                                                                        \
	"{\"id\":\"id-" slug "\",\"slug\":\"" slug "\",\"name\":\"The " slug                       \
	"\",\"project\":{\"id\":\"11\",\"slug\":\"web\"}" more "}"
#define NIGHTLY                                                                                    \
	MONITOR("nightly",                                                                         \
		",\"status\":\"active\",\"config\":{\"schedule\":[\"crontab\",\"0 2 * * *\"]},"    \
		"\"environments\":[{\"name\":\"production\",\"status\":\"ok\",\"isMuted\":false,"  \
		"\"lastCheckIn\":\"2026-11-15T02:00:13.000Z\",\"nextCheckIn\":"                    \
		"\"2026-11-17T02:00:00Z\"},{\"name\":\"staging\",\"status\":\"missed_checkin\","   \
		"\"lastCheckIn\":\"2026-11-14T02:00:00Z\",\"nextCheckIn\":"                        \
		"\"2026-11-16T02:00:00Z\"}]")
#define ROWS(kind)                                                                                 \
	"SELECT m.key, m.name, m.project, m.environment, m.schedule, m.target, w.status, "         \
	"w.muted, "                                                                                \
	"w.last_check_at, w.ok, w.missed, w.timeout, w.error, w.unknown FROM sentry_monitor m "    \
	"JOIN sentry_monitor_week w ON w.monitor_id = m.id WHERE m.kind = '" kind                  \
	"' ORDER BY m.key"

/* Buckets of an hour before, inside and behind the week. */
#define BUCKETS                                                                                    \
	"[{\"ts\":1794178800,\"ok\":9,\"error\":9},"                                               \
	"{\"ts\":1794182400,\"ok\":1,\"error\":0,\"missed\":0,\"timeout\":0,\"unknown\":0,"        \
	"\"duration\":13.2},{\"ts\":1794268800.0,\"ok\":0,\"missed\":1,\"timeout\":2,\"error\":3," \
	"\"unknown\":4},{\"ts\":1794787200,\"ok\":9}]"
#define DETECTOR(id, more)                                                                         \
	"{\"id\":\"" id "\",\"projectId\":\"11\",\"name\":\"Page " id                              \
	"\",\"type\":\"uptime_domain_failure\",\"config\":{\"environment\":\"production\"},"       \
	"\"dataSources\":[{\"sourceId\":\"s" id                                                    \
	"\",\"queryObj\":{\"url\":\"https://u:pw@example.org/" id                                  \
	"?key=pw#x\",\"body\":\"pw\",\"headers\":[[\"Authorization\",\"Bearer pw\"]]}}]" more "}"

static const struct served usual[] = {
	PROJECTS,
	{MONITORS,
	 "[" NIGHTLY "," MONITOR("off", ",\"status\":\"disabled\",\"isMuted\":true") ","
										     "{\"slug\":"
										     "\"foreign\","
										     "\"project\":{"
										     "\"slug\":"
										     "\"gone\"}}]",
	 NEXT("1:0:0", "false"), 0, 0},
	{STATS("nightly"), BUCKETS, NULL, 0, 0},
	{DETECTORS,
	 "[" DETECTOR(
		 "1",
		 ",\"enabled\":true,\"latestGroup\":{\"status\":"
		 "\"unresolved\"}") "," DETECTOR("2",
						 ",\"latestGroup\":null") "," DETECTOR("3",
										       ",\"enabled"
										       "\":"
										       "false") ","
												"{"
												"\""
												"id"
												"\""
												":"
												"\""
												"4"
												"\""
												","
												"\""
												"ty"
												"pe"
												"\""
												":"
												"\""
												"er"
												"ro"
												"r"
												"\""
												"}"
												"]",
	 NULL, 0, 0},
	{CALLS,
	 "{\"data\":[{\"project\":\"web\",\"uptime_subscription_id\":\"s1\","
	 "\"check_status\":"
	 "\"success\",\"count()\":10000},{\"project\":\"web\",\"uptime_"
	 "subscription_id\":\"s1\","
	 "\"check_status\":\"failure\",\"count()\":70},{\"project\":\"web\","
	 "\"uptime_subscription_id\":\"s1\",\"check_status\":\"failure_incident\","
	 "\"count()\":7},"
	 "{\"project\":\"web\",\"uptime_subscription_id\":\"s2\",\"check_status\":"
	 "\"missed_window\",\"count()\":3},{\"project\":\"gone\",\"uptime_"
	 "subscription_id\":\"s9\","
	 "\"check_status\":\"success\",\"count()\":1}]}",
	 NULL, 0, 0},
	{0},
};

static void what_sentry_watches_is_stored_with_the_weeks_counts(void **state UNUSED)
{
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_string_equal(
		collecting_rows(&b, ROWS("cron")),
		"nightly|The nightly|web|production|crontab 0 2 * * *|-|missed_checkin|0|"
		"2026-11-15T02:00:13Z|1|1|2|3|4\n"
		"off|The off|web|-|-|-|disabled|1|-|-|-|-|-|-\n");
	/* What a probe sends along, and who it says it is, is a secret. */
	assert_string_equal(
		collecting_rows(&b, ROWS("uptime")),
		"1|Page 1|web|production|-|https://example.org/1|error|0|-|10000|0|0|77|0\n"
		"2|Page 2|web|production|-|https://example.org/2|ok|0|-|0|3|0|0|0\n"
		"3|Page 3|web|production|-|https://example.org/3|disabled|0|-|-|-|-|-|-\n");
	struct monitors list;
	struct err e = {0};
	assert_ok(monitors_list(b.db, "2026-W46", &b.a, &list, &e), e);
	assert_int_equal(list.n, 5);
	assert_int_equal(list.v[0].next_check_s, WEEK_TO + 2 * 3600);
	assert_int_equal(list.v[1].ok, NUM_NONE);
	assert_true(list.v[1].muted);
	assert_int_equal(collecting_ledger(&b, "checkins")->expected, 1);
	assert_int_equal(collecting_ledger(&b, "monitors")->received, 2);
	assert_int_equal(collecting_ledger(&b, "uptime_checks")->received, 2);
}

static void requests_are_exactly_these(void **state UNUSED)
{
	static const char *const want[] = {
		"projects/?per_page=100",
		"monitors/",
		"detectors/?query=type%3Auptime_domain_failure",
		"monitors/nightly/stats/?since=1794182400&until=1794787200&resolution=1h",
		"events/?dataset=uptime_results&field=project&field=uptime_subscription_id&"
		"field=check_status&field=count%28%29&sort=-count%28%29&per_page=100&"
		"start=2026-11-09T00:00:00&end=2026-11-16T00:00:00",
	};
	collecting_serve(&b, usual);
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(httpd_get(b.h, NULL, NULL, i)->target,
				    arena_printf(&b.a, "/api/0/organizations/acme/%s", want[i]));
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
}

static void only_the_configured_environments_speak(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{ORG "monitors/[?]project=11",
		 "[" NIGHTLY
		 "," MONITOR("test",
			     ",\"environments\":[{\"name\":\"test\",\"status\":\"error\"}]") "]",
		 NULL, 0, 0},
		{STATS("nightly"), BUCKETS, NULL, 0, 0},
		{DETECTORS,
		 "[" DETECTOR("1", "") ",{\"id\":\"2\",\"projectId\":11,\"type\":"
				       "\"uptime_domain_failure\",\"config\":{\"environment\":"
				       "\"test\"}}]",
		 NULL, 0, 0},
		{CALLS, "{\"data\":[]}", NULL, 0, 0},
		{0}};
	b.cfg.sentry.v[0].projects = strv_of(&b.a, "web");
	b.cfg.sentry.v[0].environments = strv_of(&b.a, "production");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_string_equal(
		collecting_rows(&b, "SELECT m.key, w.status FROM sentry_monitor m JOIN "
				    "sentry_monitor_week w ON w.monitor_id = m.id ORDER BY m.key"),
		"1|ok\nnightly|ok\n");
	assert_int_equal(collecting_asked(&b, STATS("nightly") "environment=production"), 1);
}

#define CHECKIN(status, env, at)                                                                   \
	"{\"id\":\"1\",\"status\":\"" status "\",\"environment\":\"" env                           \
	"\",\"duration\":null,\"expectedTime\":\"" at "\",\"dateCreated\":\"" at "\"}"
#define NO_UPTIME                                                                                  \
	{                                                                                          \
		DETECTORS, "[]", NULL, 0, 0                                                        \
	}

/* The sums are not in Sentry's documentation: where there are none, the check-ins are counted. */
static void check_ins_are_counted_where_nobody_adds_them_up(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		NO_UPTIME,
		{MONITORS, "[" NIGHTLY "," MONITOR("hourly", "") "]", NULL, 0, 0},
		{"*/stats/*", "{\"detail\":\"not found\"}", NULL, 404, 0},
		{CHECKS("nightly") "cursor=*",
		 "[" CHECKIN("ok", "production", "2026-11-09T00:00:00Z") "," CHECKIN(
			 "ok", "production",
			 "2026-11-08T23:59:59Z") "," CHECKIN("ok", "production",
							     "2026-11-01T00:00:00Z") "]",
		 NEXT("2:0:0", "true"), 0, 0},
		{CHECKS("nightly"),
		 "[" CHECKIN("ok", "production", "2026-11-16T02:00:00Z") "," CHECKIN("missed", "production", "2026-11-15T02:00:00Z") "," CHECKIN(
			 "error", "staging",
			 "2026-11-14T02:00:00Z") "," CHECKIN("in_progress", "production",
							     "2026-11-14T02:00:00Z") "," CHECKIN("s"
												 "t"
												 "r"
												 "a"
												 "n"
												 "g"
												 "e",
												 "p"
												 "r"
												 "o"
												 "d"
												 "u"
												 "c"
												 "t"
												 "i"
												 "o"
												 "n",
												 "2"
												 "0"
												 "2"
												 "6"
												 "-"
												 "1"
												 "1"
												 "-"
												 "1"
												 "3"
												 "T"
												 "0"
												 "2"
												 ":"
												 "0"
												 "0"
												 ":"
												 "0"
												 "0"
												 "Z") "]",
		 NEXT("1:0:0", "true"), 0, 0},
		{CHECKS("hourly"), "[]", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "checkins", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, "SELECT m.key, w.ok, w.missed, w.timeout, w.error, w.unknown "
				    "FROM sentry_monitor m JOIN sentry_monitor_week w ON "
				    "w.monitor_id = m.id ORDER BY m.key"),
		"hourly|0|0|0|0|0\nnightly|1|1|0|1|1\n");
	assert_int_equal(collecting_asked(&b, "*/stats/*"), 1); /* then it is known */
	assert_int_equal(collecting_asked(&b, "*/checkins/*"), 3); /* ended at the week's start */
}

static void a_job_that_runs_too_often_to_be_counted_is_told(void **state UNUSED)
{
	struct sb page;
	sb_init(&page, &b.a, 65536);
	sb_add(&page, "[" CHECKIN("ok", "production", "2026-11-15T02:00:00Z") "]");
	struct served table[41] = {
		PROJECTS,
		NO_UPTIME,
		{MONITORS, "[" NIGHTLY "]", NULL, 0, 0},
		{"*/stats/*", "{}", NULL, 404, 0},
	};
	for (int i = 0; i < 35; i++) {
		const char *next =
			arena_printf(&b.a,
				     "Link: <http://x/>; rel=\"next\"; results=\"true\"; "
				     "cursor=\"%d:0:0\"",
				     i + 1);
		const char *target = i ? arena_printf(&b.a, "*/checkins/[?]cursor=%d%%3A0%%3A0", i)
				       : "*/checkins/";
		table[4 + i] = (struct served){target, sb_str(&page), next, 0, 0};
	}
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT ok, missed FROM sentry_monitor_week"),
			    "-|-\n");
	assert_int_equal(collecting_ledger(&b, "checkins")->received, 0);
	assert_non_null(strstr(collecting_ledger(&b, "checkins")->reason,
			       "more than 30 pages of check-ins"));
	assert_int_equal(collecting_asked(&b, "*/checkins/*"), 31);
	/* it has shown that check-ins are given: the others are still asked */
	table[2].body = "[" NIGHTLY "," MONITOR("hourly", "") "]";
	memmove(table + 5, table + 4, 35 * sizeof table[0]);
	table[4] = (struct served){CHECKS("hourly"), "[]", NULL, 0, 0};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "checkins", LEDGER_PARTIAL, "more than 30 pages of check-ins");
	assert_int_equal(collecting_ledger(&b, "checkins")->received, 1);
}

/* Until one has answered, a refusal may mean that this server has none; then it means the one. */
static void a_refusal_before_the_first_answer_is_told(void **state UNUSED)
{
#define THREE "[" MONITOR("a", "") "," MONITOR("b", "") "," MONITOR("c", "") "]"
	static const struct served table[] = {PROJECTS,
					      NO_UPTIME,
					      {MONITORS, THREE, NULL, 0, 0},
					      {"*/a/*", "{}", NULL, 403, 0},
					      {"*/b/*", "{}", NULL, 404, 0},
					      {"*/stats/*", "[]", NULL, 0, 0},
					      {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "checkins", LEDGER_PARTIAL, "403 on check-ins of a");
	assert_int_equal(collecting_ledger(&b, "checkins")->expected, 3);
	assert_int_equal(collecting_ledger(&b, "checkins")->received, 2);
}

static void refusals_of_check_ins_leave_the_monitors(void **state UNUSED)
{
#define FIVE                                                                                       \
	"[" MONITOR("a", "") "," MONITOR("b", "") "," MONITOR("c", "") "," MONITOR(                \
		"d", "") "," MONITOR("e", "") "]"
	static const struct served refused[] = {
		PROJECTS, NO_UPTIME, {MONITORS, FIVE, NULL, 0, 0}, {"*", "{}", NULL, 403, 0}, {0}};
	static const struct served down[] = {
		PROJECTS, NO_UPTIME, {MONITORS, FIVE, NULL, 0, 0}, {"*", "{}", NULL, 500, 0}, {0}};
	/* one was deleted since it was listed, one fails */
	static const struct served some[] = {PROJECTS,
					     NO_UPTIME,
					     {MONITORS, FIVE, NULL, 0, 0},
					     {STATS("b"), "{}", NULL, 500, 0},
					     {"*/c/*", "{}", NULL, 404, 0},
					     {"*/d/*", "{}", NULL, 403, 0},
					     {"*/stats/*", "[]", NULL, 0, 0},
					     {0}};
	collecting_serve(&b, refused);
	collecting_run(&b);
	assert_part(&b, "monitors", LEDGER_COMPLETE, NULL);
	assert_part(&b, "checkins", LEDGER_NOT_ENABLED, "403 on check-ins");
	assert_int_equal(collecting_asked(&b, ORG "monitors/*/*"),
			 6); /* three are asked, not five */
	collecting_serve(&b, down);
	collecting_run(&b);
	assert_part(&b, "checkins", LEDGER_FAILED, "500 on check-ins of a");
	collecting_serve(&b, some);
	collecting_run(&b);
	assert_part(&b, "checkins", LEDGER_PARTIAL, "403 on check-ins of d");
	assert_non_null(strstr(collecting_ledger(&b, "checkins")->reason, "(and 1 more)"));
	assert_int_equal(collecting_ledger(&b, "checkins")->received, 3);
	assert_string_equal(collecting_rows(&b,
					    "SELECT m.key FROM sentry_monitor m JOIN "
					    "sentry_monitor_week w ON w.monitor_id = m.id WHERE "
					    "w.ok = 0 ORDER BY 1"),
			    "a\ne\n");
}

static void a_server_that_watches_nothing_is_no_failure(void **state UNUSED)
{
	static const struct served none[] = {PROJECTS, {0}};
	static const struct served empty[] = {
		PROJECTS, NO_UPTIME, {MONITORS, "[]", NULL, 0, 0}, {0}};
	static const struct served down[] = {PROJECTS, {"*", "<html>", NULL, 502, 0}, {0}};
	collecting_serve(&b, none);
	collecting_run(&b);
	assert_int_equal(b.result.not_enabled, 4);
	collecting_serve(&b, usual);
	collecting_run(&b);
	collecting_serve(&b, empty);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_int_equal(collecting_ledger(&b, "monitors")->expected, 0);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM sentry_monitor_week"), 0);
	collecting_serve(&b, usual);
	collecting_run(&b);
	collecting_serve(&b, down);
	collecting_run(&b);
	assert_int_equal(b.result.failed, 4); /* and what was known stays */
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM sentry_monitor_week"), 5);
}

static void uptime_without_counts_still_has_its_state(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		PROJECTS, {CALLS, "{\"detail\":\"dataset: not valid\"}", NULL, 400, 0}};
	memcpy(table + 2, usual + 1, sizeof usual - sizeof usual[0]);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "uptime", LEDGER_COMPLETE, NULL);
	assert_part(&b, "uptime_checks", LEDGER_NOT_ENABLED, "does not count uptime checks");
	assert_string_equal(collecting_rows(&b,
					    "SELECT w.status, w.ok FROM sentry_monitor m JOIN "
					    "sentry_monitor_week w ON w.monitor_id = m.id WHERE "
					    "m.kind = 'uptime' ORDER BY m.key"),
			    "error|-\nok|-\ndisabled|-\n");
}

static void checks_filed_otherwise_are_those_of_the_only_detector(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{DETECTORS, "[" DETECTOR("1", "") "]", NULL, 0, 0},
		{CALLS,
		 "{\"data\":[{\"project\":\"web\",\"uptime_subscription_id\":\"5e1f\","
		 "\"check_status\":\"success\",\"count()\":\"12\"}]}",
		 NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT ok, error FROM sentry_monitor_week"),
			    "12|0\n");
}

static void what_cannot_be_read_costs_only_itself(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{MONITORS, "[3,{\"name\":\"nobody\"}," NIGHTLY "," MONITOR("odd", "") "]", NULL, 0,
		 0},
		{STATS("nightly"), BUCKETS, NULL, 0, 0},
		{STATS("odd"), "{\"ts\":1}", NULL, 0, 0},
		{DETECTORS, "[{\"id\":{}}," DETECTOR("1", "") "]", NULL, 0, 0},
		{CALLS, "{\"data\":[{\"project\":\"web\",\"count()\":{}}]}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "monitors", LEDGER_PARTIAL, "a monitor could not be read");
	assert_part(&b, "checkins", LEDGER_PARTIAL, "check-ins of odd could not be read");
	assert_part(&b, "uptime", LEDGER_PARTIAL, "an uptime detector could not be read");
	assert_part(&b, "uptime_checks", LEDGER_FAILED, "count could not be read");
	assert_int_equal(collecting_i64(&b, "SELECT ok FROM sentry_monitor m JOIN "
					    "sentry_monitor_week w ON w.monitor_id = m.id WHERE "
					    "m.key = 'nightly'"),
			 1);
}

static void recorded_bodies_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	static const char *const files[] = {
		"sentry/mcp-mocks/monitor.json",
		"sentry/sentry-cli-responses/monitors.get-monitors.json",
		"sentry/openapi-examples/detectors.list.json",
		"sentry/openapi-examples/detector.get.json",
		"sentry/mcp-mocks/uptime-monitor.json"};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		struct rec_monitor m;
		const char *key, *subscription;
		bool skip;
		size_t len, n = 0;
		const char *text = test_read(&b.a, fixture_path(&b.a, files[i]), &len);
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv root = json_root(j);
		bool list = json_is_arr(&root);
		for (struct jv it = list ? json_first(&root) : root; it.n;
		     it = list ? json_next(&it) : (struct jv){0}, n++) {
			bool ok = i < 2 ? sentry_parse_monitor(&it, &b.cfg.environments, &b.a, &m,
							       &skip, &e)
					: sentry_parse_detector(&it, &b.a, &m, &key, &subscription,
								&skip, &e);
			if (!ok)
				fail_msg("%s: %s", files[i], e.msg);
			if (i == 0) { /* the worst of its environments */
				assert_string_equal(m.status, "missed_checkin");
				assert_string_equal(m.schedule, "crontab 0 2 * * *");
			}
			if (m.target) {
				assert_null(strstr(m.target, "secret"));
				assert_null(strchr(m.target, '?'));
			}
		}
		assert_true(n > 0);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_sentry_watches_is_stored_with_the_weeks_counts),
		T(requests_are_exactly_these),
		T(only_the_configured_environments_speak),
		T(check_ins_are_counted_where_nobody_adds_them_up),
		T(a_job_that_runs_too_often_to_be_counted_is_told),
		T(a_refusal_before_the_first_answer_is_told),
		T(refusals_of_check_ins_leave_the_monitors),
		T(a_server_that_watches_nothing_is_no_failure),
		T(uptime_without_counts_still_has_its_state),
		T(checks_filed_otherwise_are_those_of_the_only_detector),
		T(what_cannot_be_read_costs_only_itself),
		T(recorded_bodies_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
