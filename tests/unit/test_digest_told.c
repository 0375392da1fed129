#include "support/study.h"

#include "base/text.h"
#include "store/messages.h"

#include <math.h>

#define SOURCES(more)                                                                              \
	"title: Planning Data\ntimezone: Europe/London\nstore: sitrep.db\narchive: archive\n"      \
	"environments: [production, staging]\n"                                                    \
	"sources:\n"                                                                               \
	"  slack:\n    - {name: notifications, channel: alerts, token: \"env:SLACK\"}\n" more      \
	"services:\n  - {name: main, repository: web, sentry: [platform], aws: [\"*-main\"]}\n"    \
	"owners:\n  - {team: Data, items: [\"repo:*-collection\"]}\n  - {team: Web, items: "       \
	"[\"service:main\"]}\n"                                                                    \
	"audiences:\n  - {name: everyone, directory: {path: out}}\n"                               \
	"  - {name: data, teams: [Data], directory: {path: out}}\n"                                \
	"  - {name: public, detail: counts, directory: {path: out}}\n"
#define ALL                                                                                        \
	"  sentry:\n    - {name: sentry, organisation: example, token: \"env:S\"}\n"               \
	"  github:\n    - {name: github, organisation: example, token: \"env:G\", collect: "       \
	"[actions, deployments]}\n"                                                                \
	"  aws:\n    - {name: aws-production, environment: production, region: eu-west-2, "        \
	"collect: [codedeploy]}\n"                                                                 \
	"  scans:\n    - {name: nightly-scans, path: /var/lib/scans/*.json, target: from-path}\n"

static struct weeks b;

static void start(const char *yaml)
{
	weeks_start(&b, yaml);
	put_ledger(&b, "notifications", "messages", LEDGER_COMPLETE, "", NULL);
	if (b.cfg.sentry.n > 0)
		put_complete(&b);
}

static int teardown(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

static struct rec_told told(const char *subject, const char *state)
{
	struct rec_told t = {.subject = subject, .state = state, .total = NUM_NONE};
	for (int s = 0; s < SEV_COUNT; s++)
		t.severity[s] = NUM_NONE;
	return t;
}

static void put_post(enum message_kind kind, const char *sender, int64_t at_s,
		     const struct rec_told *t)
{
	struct err e = {0};
	struct rec_message m = {
		.source = "notifications",
		.channel = "C0123456789",
		.ts = arena_printf(&b.a, "%lld.%06lld", (long long)at_s, (long long)++b.keys),
		.kind = kind,
		.sender = sender,
		.text = sender ? "words" : NULL,
		.posted_s = at_s,
		.edited_s = TIME_NONE};
	if (t)
		vec_push(&b.a, &m.told, *t);
	assert_ok(db_begin(b.db, &e), e);
	assert_ok(messages_put(b.db, &m, at_s, &e), e);
	assert_ok(db_commit(b.db, &e), e);
}

static int rows(void)
{
	return (int)count_of(&b, "//table[@id='told.only']/row");
}

static void a_dag_is_told_once_with_its_times_origin_and_owner(void **state UNUSED)
{
	start(SOURCES(""));
	struct rec_told t = told("tree-collection", "failed"), u = told("builder", "failed");
	put_post(MESSAGE_DAG, "Airflow", at(&b, 1, 2, 0), &t);
	put_post(MESSAGE_DAG, "Airflow", at(&b, 3, 2, 0), &t);
	put_post(MESSAGE_DAG, "Airflow", at(&b, 2, 2, 0), &u);
	put_post(MESSAGE_DAG, "Airflow", at(&b, -1, 2, 0), &u); /* of the week before */
	weeks_build(&b);
	assert_int_equal(rows(), 2);
	const char *first = said(&b, "//table[@id='told.only']/row[1]");
	assert_non_null(strstr(first, "tree-collection"));
	assert_non_null(strstr(first, "Airflow in Slack"));
	assert_non_null(strstr(first, "Data"));
	assert_string_equal(said(&b, "//table[@id='told.only']/row[1]/cell[3]"), "2");
	const struct item *i = item_of(&b, "airflow:tree-collection");
	assert_non_null(i);
	assert_string_equal(i->section, "digest");
	assert_string_equal(i->kind, "action");
	assert_string_equal(i->owner, "Data");
	assert_non_null(strstr(i->title, "2 times"));
	assert_non_null(item_of(&b, "airflow:builder"));
	assert_non_null(strstr(said(&b, "//section[@id='needs']"), "Look into 2 DAGs"));
	/* GitHub's runs are not touched: nothing is known of them */
	assert_true(isnan(value_of(&b, "ci.failed")));
	assert_true(isnan(value_of(&b, "ci.data_processing.failed")));
}

static void what_others_know_is_not_told_again(void **state UNUSED)
{
	start(SOURCES(ALL));
	struct rec_issue i = issue_of(&b, "PLATFORM-1A", "ValueError", at(&b, 1, 9, 0), 5);
	put_issue(&b, &i);
	struct rec_run r = run_of(&b, "Test", "abcdef0123456789abcdef0123456789abcdef01",
				  at(&b, 1, 10, 0), "failure");
	put_run(&b, &r, "unit", true);
	struct rec_deployment d = deploy_row(&b, "codedeploy", "production-main", "abcdef0",
					     at(&b, 2, 12, 0), DEPLOY_SUCCEEDED);
	put_deployment(&b, &d);
	struct rec_told t = told("ValueError", "New");
	t.code = "PLATFORM-1A";
	put_post(MESSAGE_SENTRY, "Sentry", at(&b, 1, 9, 1), &t);
	t = told("Test", "failed");
	t.key = r.key;
	put_post(MESSAGE_RUN, "CollectionRunner", at(&b, 1, 10, 20), &t);
	t = told("main", "succeeded"); /* by service, environment and time */
	t.place = "production";
	put_post(MESSAGE_DEPLOYMENT, "DeployBot", at(&b, 2, 11, 51), &t);
	t.key = d.key; /* by its id, whatever the time */
	put_post(MESSAGE_DEPLOYMENT, "DeployBot", at(&b, 3, 11, 51), &t);
	weeks_build(&b);
	assert_int_equal(rows(), 0);
	assert_true(value_of(&b, "deployments.total") > 0.5 &&
		    value_of(&b, "deployments.total") < 1.5);
	assert_non_null(
		strstr(said(&b, "//section[@id='told']"), "other sources know and count 4"));
	t.key = "d-OTHER"; /* the same service at another time, and another environment */
	put_post(MESSAGE_DEPLOYMENT, "DeployBot", at(&b, 4, 11, 51), &t);
	t.place = "staging";
	t.key = "d-STAGING";
	put_post(MESSAGE_DEPLOYMENT, "DeployBot", at(&b, 2, 11, 51), &t);
	t = told("KeyError", "New");
	t.code = "PLATFORM-2";
	put_post(MESSAGE_SENTRY, "Sentry", at(&b, 1, 9, 1), &t);
	weeks_build(&b);
	assert_int_equal(rows(), 3);
	assert_true(value_of(&b, "deployments.total") < 1.5);
	assert_true(value_of(&b, "errors.new") < 1.5);
}

static struct rec_told scan_told(const char *tool, const char *target)
{
	struct rec_told t = told(target, "ok");
	t.tool = tool;
	t.total = 7;
	t.severity[SEV_HIGH] = 2;
	t.severity[SEV_LOW] = 5;
	return t;
}

static void a_lost_report_makes_a_partial_scan_that_closes_nothing(void **state UNUSED)
{
	start(SOURCES(ALL));
	put_scan(&b, "zap", "web", at(&b, -14, 9, 0), SCAN_OK, "m1 h2");
	put_scan(&b, "zap", "web", at(&b, -7, 9, 0), SCAN_OK, "m1 h2");
	put_scan(&b, "bandit", "web", at(&b, 0, 9, 0), SCAN_OK, "l1");
	weeks_build(&b);
	assert_true(value_of(&b, "security.scans_missing") > 0.5);
	struct rec_told t = scan_told("zap", "example/web");
	put_post(MESSAGE_SCAN, "SecurityScanner", at(&b, 0, 9, 30), &t);
	t = scan_told("static", "web"); /* bandit's report was read that day */
	put_post(MESSAGE_SCAN, "SecurityScanner", at(&b, 0, 9, 30), &t);
	weeks_build(&b);
	assert_true(value_of(&b, "security.scans_missing") < 0.5);
	assert_true(value_of(&b, "security.scans_failed") < 0.5);
	assert_int_equal((int)value_of(&b, "security.scans"), 2);
	assert_int_equal((int)value_of(&b, "security.fixed"), 0);
	assert_int_equal((int)value_of(&b, "security.outstanding"), 3);
	assert_int_equal((int)value_of(&b, "security.held"), 2);
	assert_true(number_of(&b, "security.new")->incomplete);
	assert_true(isnan(value_of(&b, "security.tool.zap.new"))); /* unknown, not none */
	assert_true(isnan(value_of(&b, "security.tool.zap.fixed")));
	assert_int_equal((int)value_of(&b, "security.tool.zap.held"), 2);
	assert_int_equal(rows(), 1);
	assert_non_null(strstr(said(&b, "//table[@id='told.only']/row[1]"), "7 findings: 2 high"));
	assert_non_null(strstr(said(&b, "//table[@id='security.scans.table']"),
			       "Slack tells 7 findings: 2 high, 5 low; the report was lost"));
	assert_non_null(item_of(&b, "report:zap/example/web"));
	/* The store holds no scan for it: a report that comes late is taken as it is. */
	put_scan(&b, "zap", "web", at(&b, 0, 9, 25), SCAN_OK, "m1");
	weeks_build(&b);
	assert_int_equal((int)value_of(&b, "security.fixed"), 1);
	assert_int_equal(rows(), 0);
}

/* No report of that pair was ever read: its counts are told, and are no number of ours. */
static void a_scan_that_only_slack_ever_told_changes_no_number(void **state UNUSED)
{
	start(SOURCES(ALL));
	put_scan(&b, "zap", "web", at(&b, 0, 9, 0), SCAN_OK, "m1 h2");
	struct rec_told t = scan_told("bandit", "submit"), failed = told("submit", "failed");
	put_post(MESSAGE_SCAN, "SecurityScanner", at(&b, 0, 9, 30), &t);
	put_post(MESSAGE_SCAN, "SecurityScanner", at(&b, 1, 9, 30), &failed);
	weeks_build(&b);
	assert_int_equal((int)value_of(&b, "security.scans"), 1);
	assert_int_equal((int)value_of(&b, "security.outstanding"), 2);
	assert_false(number_of(&b, "security.outstanding")->incomplete);
	assert_int_equal(rows(), 2);
	assert_null(item_of(&b, "report:bandit/submit"));
}

static void an_alarms_change_is_known_by_name_state_and_time(void **state UNUSED)
{
	struct err e = {0};
	start(SOURCES(ALL));
	assert_ok(db_exec(b.db,
			  "INSERT INTO alarm (id, source, region, name, seen_at) VALUES (1, "
			  "'aws-production', 'eu-west-2', 'web-5xx', 'x');"
			  "INSERT INTO alarm_change (alarm_id, to_state, changed_at) VALUES (1, "
			  "'ALARM', '2026-11-10T12:00:00Z')",
			  &e),
		  e);
	struct rec_told t = told("web-5xx", "ALARM");
	put_post(MESSAGE_ALARM, "Amazon Q", at(&b, 1, 12, 1), &t);
	t.place = "eu-west-2";
	put_post(MESSAGE_ALARM, "Amazon Q", at(&b, 1, 12, 29), &t);
	weeks_build(&b);
	assert_int_equal(rows(), 0);
	put_post(MESSAGE_ALARM, "Amazon Q", at(&b, 1, 14, 0), &t); /* another time */
	t.state = "OK"; /* another state */
	t.place = "us-east-1"; /* and another region */
	put_post(MESSAGE_ALARM, "Amazon Q", at(&b, 1, 12, 1), &t);
	weeks_build(&b);
	assert_int_equal(rows(), 2);
}

static void posts_of_no_known_kind_are_counted_by_sender(void **state UNUSED)
{
	start(SOURCES(""));
	put_post(MESSAGE_OTHER, "SQS and DB", at(&b, 1, 9, 0), NULL);
	put_post(MESSAGE_OTHER, "SQS and DB", at(&b, 1, 9, 5), NULL);
	put_post(MESSAGE_OTHER, NULL, at(&b, 1, 9, 6), NULL);
	weeks_build(&b);
	assert_non_null(strstr(said(&b, "//section[@id='told']"),
			       "3 posts are of no known kind: 2 by SQS and DB and 1 by people."));
	assert_string_equal(said(&b, "//section[@id='told']/@line"),
			    "nothing that other sources do not know");
}

static void a_channel_that_could_not_be_read_is_said_and_old_posts_are_not(void **state UNUSED)
{
	weeks_start(&b, SOURCES(""));
	struct rec_told t = told("tree-collection", "failed");
	put_post(MESSAGE_DAG, "Airflow", at(&b, 1, 2, 0), &t);
	put_ledger(&b, "notifications", "messages", LEDGER_FAILED, "", "not_in_channel: invite");
	weeks_build(&b);
	assert_int_equal(rows(), 0);
	assert_string_equal(said(&b, "//section[@id='told']/@line"), "not collected");
	assert_non_null(strstr(said(&b, "//section[@id='told']"), "not_in_channel"));
	put_ledger(&b, "notifications", "messages", LEDGER_PARTIAL, "", "older ones are hidden");
	weeks_build(&b);
	assert_int_equal(rows(), 1);
	assert_non_null(strstr(said(&b, "//section[@id='told']"), "older ones are hidden"));
}

static void a_team_reads_of_its_own_and_the_public_counts(void **state UNUSED)
{
	start(SOURCES(""));
	struct rec_told t = told("tree-collection", "failed"), u = told("builder", "failed");
	put_post(MESSAGE_DAG, "Airflow", at(&b, 1, 2, 0), &t);
	put_post(MESSAGE_DAG, "Airflow", at(&b, 1, 3, 0), &u);
	b.audience = &b.cfg.audiences.v[1];
	weeks_build(&b);
	assert_int_equal(rows(), 1);
	b.audience = &b.cfg.audiences.v[2];
	weeks_build(&b);
	assert_int_equal(rows(), 0);
	assert_null(strstr(said(&b, "//section[@id='told']"), "tree-collection"));
	assert_string_equal(said(&b, "//section[@id='told']/@summary"), "2");
}

static void without_a_channel_there_is_no_section(void **state UNUSED)
{
	weeks_start(&b, NULL);
	put_complete(&b);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='told']"), 0);
}

static void text_of_strangers_stays_text(void **state UNUSED)
{
	start(SOURCES(""));
	struct rec_told t = told("<b>x</b>\x1b[31m & \xe2\x80\xae", "fai\x01led");
	t.url = "javascript:alert(1)";
	t.detail = "\n\n<!channel>";
	put_post(MESSAGE_ALARM, "<script>", at(&b, 1, 2, 0), &t);
	weeks_build(&b);
	assert_int_equal(rows(), 1);
	assert_int_equal(count_of(&b, "//table[@id='told.only']//link"), 0);
	assert_null(strchr(said(&b, "//table[@id='told.only']"), '\x1b'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_dag_is_told_once_with_its_times_origin_and_owner,
					  teardown),
		cmocka_unit_test_teardown(what_others_know_is_not_told_again, teardown),
		cmocka_unit_test_teardown(a_lost_report_makes_a_partial_scan_that_closes_nothing,
					  teardown),
		cmocka_unit_test_teardown(a_scan_that_only_slack_ever_told_changes_no_number,
					  teardown),
		cmocka_unit_test_teardown(an_alarms_change_is_known_by_name_state_and_time,
					  teardown),
		cmocka_unit_test_teardown(posts_of_no_known_kind_are_counted_by_sender, teardown),
		cmocka_unit_test_teardown(
			a_channel_that_could_not_be_read_is_said_and_old_posts_are_not, teardown),
		cmocka_unit_test_teardown(a_team_reads_of_its_own_and_the_public_counts, teardown),
		cmocka_unit_test_teardown(without_a_channel_there_is_no_section, teardown),
		cmocka_unit_test_teardown(text_of_strangers_stays_text, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
