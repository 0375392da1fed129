#include "support/study.h"

#include "digest/monitoring.h"

#include <math.h>

static struct weeks b;

static const char yaml[] =
	"title: Planning Data\ntimezone: Europe/London\nstore: sitrep.db\narchive: archive\n"
	"environments: [production, staging]\n"
	"sources:\n"
	"  aws:\n"
	"    - {name: aws-production, environment: production, region: eu-west-2, collect: "
	"[cloudwatch, "
	"synthetics]}\n"
	"    - {name: aws-staging, environment: staging, region: eu-west-2, collect: "
	"[cloudwatch]}\n"
	"  status_page:\n    - {name: upptime, url: \"https://example.org/summary.json\"}\n"
	"services:\n"
	"  - {name: main, status_page: [platform, tiles]}\n"
	"  - {name: api, aws: [\"api*\"]}\n"
	"  - {name: unwatched}\n"
	"audiences:\n  - {name: everyone, directory: {path: out}}\n"
	"  - {name: public, detail: counts, directory: {path: out}}\n";

static int setup(void **state UNUSED)
{
	weeks_start(&b, yaml);
	return 0;
}

static int teardown(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

static void all_complete(void)
{
	put_ledger(&b, "aws-production", "cloudwatch", LEDGER_COMPLETE, "metrics.", NULL);
	put_ledger(&b, "aws-production", "alarms", LEDGER_COMPLETE, "alarms.", NULL);
	put_ledger(&b, "aws-production", "synthetics", LEDGER_COMPLETE, "availability.", NULL);
	put_ledger(&b, "aws-staging", "cloudwatch", LEDGER_COMPLETE, "metrics.", NULL);
	put_ledger(&b, "upptime", "status_page", LEDGER_COMPLETE, "availability.", NULL);
}

#define stored(call)                                                                               \
	do {                                                                                       \
		struct err e = {0};                                                                \
		assert_ok(db_begin(b.db, &e), e);                                                  \
		assert_ok(call, e);                                                                \
		assert_ok(db_commit(b.db, &e), e);                                                 \
	} while (0)

static void put_site(const char *slug, double percent, int64_t down)
{
	struct availability_week x = {.source = "upptime",
				      .slug = slug,
				      .week = b.week.name,
				      .name = slug,
				      .state = "up",
				      .minutes_down = down,
				      .percent = percent,
				      .basis = isnan(percent) ? NULL : "minutes",
				      .response_ms = NUM_NONE};
	stored(watch_put_availability(b.db, &x, b.now_s, &e));
}

static void put_canary(const char *name, double percent)
{
	struct canary_week x = {.source = "aws-production",
				.name = name,
				.week = b.week.name,
				.runs = isnan(percent) ? NUM_NONE : 1000,
				.failed = isnan(percent) ? NUM_NONE : 10,
				.percent = percent,
				.basis = isnan(percent) ? NULL : "metric",
				.reason = "<b>time-out</b>",
				.failed_s = at(&b, 2, 10, 0)};
	stored(watch_put_canary(b.db, &x, b.now_s, &e));
}

static void put_line(const char *source, const char *panel, const char *label, const char *stat,
		     int64_t position, enum ledger_status status, const double *v, size_t n)
{
	struct rec_series x = {.source = source,
			       .kind = "widget",
			       .board = "Health",
			       .panel = panel,
			       .label = label,
			       .statistic = stat,
			       .period_s = 3600,
			       .position = position,
			       .week = b.week.name,
			       .status = status,
			       .reason = status == LEDGER_COMPLETE ? NULL : "it is so"};
	for (size_t i = 0; i < n; i++)
		vec_push(&b.a, &x.points,
			 ((struct rec_point){b.week.from_s + (int64_t)i * 3600, v[i]}));
	stored(series_put(b.db, &x, b.week.from_s, b.week.to_s, b.now_s, &e));
}

static void a_service_is_as_available_as_its_least_available_site(void **state UNUSED)
{
	all_complete();
	put_site("platform", 99.5, 50);
	put_site("tiles", 98.25, 176);
	put_site("other", 100, 0);
	put_canary("api-smoke", 97);
	put_canary("api-login", 99);
	put_canary("main", 12); /* the status page answers for main */
	weeks_build(&b);
	assert_true(value_of(&b, "availability.main.percent") == 98.25);
	assert_true(value_of(&b, "availability.other.percent") == 100);
	assert_true(value_of(&b, "availability.api.percent") == 97);
	assert_true(isnan(value_of(&b, "availability.unwatched.percent")));
	assert_false(number_of(&b, "availability.main.percent")->incomplete);
	assert_int_equal(count_of(&b, "//table[@id='monitoring.services']/row"), 3);
	assert_non_null(strstr(said(&b, "//section[@id='monitoring']/para"),
			       "Api was available for 97.00%"));
	assert_string_equal(said(&b, "//table[@id='monitoring.services']/row[2]/cell[3]"),
			    "2 hours 56 minutes");
}

static void what_is_not_known_is_null_and_never_zero(void **state UNUSED)
{
	all_complete();
	put_site("platform", NAN, NUM_NONE);
	put_site("tiles", 100, 0);
	put_site("gone", NAN, NUM_NONE);
	put_canary("main", 50); /* not the same measure: no stand-in for the page */
	weeks_build(&b);
	assert_true(value_of(&b, "availability.main.percent") == 100);
	assert_true(number_of(&b, "availability.main.percent")->incomplete);
	assert_true(isnan(value_of(&b, "availability.gone.percent")));
	assert_true(number_of(&b, "availability.gone.percent")->incomplete);
	assert_int_equal(count_of(&b, "//table[@id='monitoring.services']/row[@missing]"), 1);
}

static void a_page_that_failed_tells_nothing_of_an_earlier_reading(void **state UNUSED)
{
	all_complete();
	put_ledger(&b, "upptime", "status_page", LEDGER_FAILED, "availability.",
		   "404 on summary.json");
	put_site("platform", 99.5, 50);
	put_site("tiles", 99.5, 50);
	weeks_build(&b);
	assert_true(isnan(value_of(&b, "availability.main.percent")));
	assert_true(number_of(&b, "availability.main.percent")->incomplete);
	assert_non_null(
		strstr(said(&b, "//section[@id='monitoring']/callout"), "404 on summary.json"));
}

static void a_widgets_number_is_what_its_statistic_means(void **state UNUSED)
{
	static const double v[] = {1, 2, 6};
	all_complete();
	put_line("aws-production", "Requests", "web", "Sum", 0, LEDGER_COMPLETE, v, 3);
	put_line("aws-production", "Requests", "api", "Sum", 1, LEDGER_FAILED, NULL, 0);
	put_line("aws-production", "CPU", "", "Average", 1000, LEDGER_COMPLETE, v, 3);
	put_line("aws-production", "Slowest", "", "Maximum", 2000, LEDGER_COMPLETE, v, 3);
	put_line("aws-production", "Least free", "", "Minimum", 3000, LEDGER_COMPLETE, v, 3);
	put_line("aws-production", "p95", "", "p95", 4000, LEDGER_PARTIAL, v, 3);
	put_line("aws-production", "Errors", "", "Sum", 5000, LEDGER_COMPLETE, NULL, 0);
	put_line("aws-production", "Broken", "", "Sum", 6000, LEDGER_FAILED, NULL, 0);
	put_line("aws-production", "Notes", "", NULL, 7000, LEDGER_NOT_ENABLED, NULL, 0);
	weeks_build(&b);
	assert_true(value_of(&b, "metrics.health.requests") == 9);
	assert_false(number_of(&b, "metrics.health.requests")->incomplete);
	assert_true(value_of(&b, "metrics.health.cpu") == 3);
	assert_true(value_of(&b, "metrics.health.slowest") == 6);
	assert_true(value_of(&b, "metrics.health.least-free") == 1);
	assert_true(value_of(&b, "metrics.health.p95") == 3);
	assert_true(number_of(&b, "metrics.health.p95")->incomplete);
	assert_true(isnan(value_of(&b, "metrics.health.errors"))); /* no data is no zero */
	assert_false(number_of(&b, "metrics.health.errors")->incomplete);
	assert_true(isnan(value_of(&b, "metrics.health.broken")));
	assert_true(number_of(&b, "metrics.health.broken")->incomplete);
	assert_int_equal(count_of(&b, "//data/number[starts-with(@id,'metrics.')]"), 7);
	assert_non_null(strstr(said(&b, "//section[@id='monitoring']/para[@kind='note'][last()]"),
			       "Notes of Health"));
}

static void the_same_widget_of_another_account_has_an_id_of_its_own(void **state UNUSED)
{
	static const double one[] = {1}, two[] = {2};
	all_complete();
	put_line("aws-staging", "CPU", "", "Average", 0, LEDGER_COMPLETE, two, 1);
	put_line("aws-production", "CPU", "", "Average", 0, LEDGER_COMPLETE, one, 1);
	weeks_build(&b);
	assert_true(value_of(&b, "metrics.health.cpu") == 1);
	assert_true(value_of(&b, "metrics.staging.health.cpu") == 2);
}

static struct alarm alarm_of(const char *name, const char *now, int64_t since_s)
{
	return (struct alarm){.source = "aws-production",
			      .region = "eu-west-2",
			      .name = name,
			      .state = now,
			      .state_s = since_s};
}

static void change(struct alarm *x, const char *from, const char *to, int64_t at_s)
{
	struct alarm_change c = {.from = from, .to = to, .at_s = at_s, .reason = "5 > 1"};
	vec_push(&b.a, &x->changes, c);
}

static void how_long_an_alarm_was_on_follows_from_its_changes(void **state UNUSED)
{
	int64_t from = b.week.from_s, to = b.week.to_s;
	const char *end = NULL;
	struct alarm x = alarm_of("x", "OK", to + 100);
	assert_int_equal(monitoring_alarm_s(&x, from, to, &end), NUM_NONE);
	assert_null(end); /* it changed since, and nobody knows from what */
	x = alarm_of("x", "ALARM", from - 100);
	assert_int_equal(monitoring_alarm_s(&x, from, to, &end), to - from);
	assert_string_equal(end, "ALARM");
	x = alarm_of("x", "OK", from + 500);
	change(&x, "OK", "ALARM", from + 100);
	change(&x, "ALARM", "OK", from + 160);
	change(&x, "OK", "ALARM", from + 400);
	change(&x, "ALARM", "INSUFFICIENT_DATA", from + 500);
	assert_int_equal(monitoring_alarm_s(&x, from, to, &end), 160);
	assert_string_equal(end, "INSUFFICIENT_DATA");
	x = alarm_of("x", NULL, TIME_NONE); /* on since before, off after the week */
	change(&x, "ALARM", "OK", to + 60);
	assert_int_equal(monitoring_alarm_s(&x, from, to, &end), to - from);
	assert_string_equal(end, "ALARM");
	x = alarm_of("x", NULL, TIME_NONE);
	change(&x, NULL, "ALARM", to - 60); /* from what is not said */
	assert_int_equal(monitoring_alarm_s(&x, from, to, &end), NUM_NONE);
	assert_string_equal(end, "ALARM");
}

static void alarms_that_went_off_have_a_row(void **state UNUSED)
{
	all_complete();
	struct alarm x = alarm_of("web-5xx", "OK", at(&b, 1, 12, 0)),
		     quiet = alarm_of("rds", "OK", at(&b, -3, 0, 0));
	struct alarm_change on = {"OK", "ALARM", "14 > 5", at(&b, 1, 10, 0)},
			    off = {"ALARM", "OK", "fine", at(&b, 1, 12, 0)};
	stored(watch_put_alarm(b.db, &x, b.now_s, &e) &&
	       watch_put_alarm(b.db, &quiet, b.now_s, &e) &&
	       watch_put_change(b.db, &x, &on, b.now_s, &e) &&
	       watch_put_change(b.db, &x, &off, b.now_s, &e));
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//table[@id='monitoring.alarms']/row"), 1);
	assert_string_equal(said(&b, "//table[@id='monitoring.alarms']/row/cell[3]"), "2 hours");
	assert_non_null(strstr(said(&b, "//section[@id='monitoring']/para"),
			       "One of 2 alarms went off, once."));
}

static void a_gap_in_the_changes_does_not_read_as_quiet(void **state UNUSED)
{
	all_complete();
	put_ledger(&b, "aws-production", "alarms", LEDGER_PARTIAL, "alarms.", "30 days");
	struct alarm x = alarm_of("web-5xx", "OK", b.week.to_s + 86400),
		     quiet = alarm_of("rds", "OK", at(&b, -3, 0, 0));
	struct alarm_change later = {"ALARM", "OK", "fine", b.week.to_s + 86400};
	stored(watch_put_alarm(b.db, &x, b.now_s, &e) &&
	       watch_put_alarm(b.db, &quiet, b.now_s, &e) &&
	       watch_put_change(b.db, &x, &later, b.now_s, &e));
	weeks_build(&b);
	assert_non_null(strstr(said(&b, "//section[@id='monitoring']/para"),
			       "None of 1 alarm went off. What 1 further alarm did in this week is "
			       "not known."));
	assert_int_equal(count_of(&b, "//table[@id='monitoring.alarms']/row"), 0);
}

static void the_public_gets_no_names(void **state UNUSED)
{
	all_complete();
	put_site("platform", 99.5, 50);
	put_site("tiles", 98, 50);
	put_canary("api-smoke", 99);
	put_line("aws-production", "CPU", "", "Average", 0, LEDGER_COMPLETE, (const double[]){1},
		 1);
	b.audience = &b.cfg.audiences.v[1];
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='monitoring']//table"), 0);
	assert_non_null(strstr(said(&b, "//section[@id='monitoring']/para"),
			       "The least available service was available for 98.00%"));
	assert_int_equal(count_of(&b, "//data/number[starts-with(@id,'metrics.')]"), 0);
}

static void put_days(const char *slug, const double *v, size_t n)
{
	struct rec_series x = {.source = "upptime",
			       .kind = "downtime",
			       .board = slug,
			       .panel = "minutes down",
			       .label = "",
			       .period_s = 86400,
			       .week = b.week.name,
			       .status = LEDGER_COMPLETE};
	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			vec_push(&b.a, &x.points,
				 ((struct rec_point){b.week.from_s + (int64_t)i * 86400, v[i]}));
	stored(series_put(b.db, &x, b.week.from_s, b.week.to_s, b.now_s, &e));
}

static void minutes_down_stand_on_their_days(void **state UNUSED)
{
	const double tiles[] = {0, 160, 1, 0, 0, NAN, 15}, other[] = {0, 0, 0, 0, 0, 0, 0};
	all_complete();
	put_site("platform", 100, 0);
	put_site("tiles", 98.25, 176);
	put_site("other", 100, 0);
	put_days("tiles", tiles, 7);
	put_days("other", other, 7);
	weeks_build(&b);
	/* of the least available site; the highest day is full, one minute is seen */
	assert_string_equal(said(&b, "//table[@id='monitoring.services']/row[cell='main']//days/"
				     "@levels"),
			    "08100m1");
	assert_string_equal(said(&b, "//table[@id='monitoring.services']/row[cell='other']//days/"
				     "@levels"),
			    "0000000");
	assert_string_equal(said(&b, "//lane[@name='Availability']/@note"), "176 minutes down");
	assert_int_equal(count_of(&b, "//lane[@name='Availability']/m[@style='mark']"), 3);
	assert_string_equal(said(&b, "//lane[@name='Availability']/m[1]/@label"), "main 160 min");
	assert_string_equal(said(&b, "//table[@id='glance.table']/row[2]/cell[6]"), "160");
}

static void a_status_page_that_failed_hatches_the_lane(void **state UNUSED)
{
	all_complete();
	put_ledger(&b, "upptime", "status_page", LEDGER_FAILED, "availability.", "503");
	weeks_build(&b);
	assert_string_equal(said(&b, "//lane[@name='Availability']/@note"), "not collected");
	assert_string_equal(said(&b, "//lane[@name='Availability']/m/@style"), "hatched");
}

static void without_such_a_source_there_is_no_section(void **state UNUSED)
{
	weeks_stop(&b);
	weeks_start(&b, NULL);
	put_complete(&b);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='monitoring']"), 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_service_is_as_available_as_its_least_available_site),
		test(what_is_not_known_is_null_and_never_zero),
		test(a_page_that_failed_tells_nothing_of_an_earlier_reading),
		test(a_widgets_number_is_what_its_statistic_means),
		test(the_same_widget_of_another_account_has_an_id_of_its_own),
		test(how_long_an_alarm_was_on_follows_from_its_changes),
		test(alarms_that_went_off_have_a_row),
		test(a_gap_in_the_changes_does_not_read_as_quiet),
		test(the_public_gets_no_names),
		test(minutes_down_stand_on_their_days),
		test(a_status_page_that_failed_hatches_the_lane),
		test(without_such_a_source_there_is_no_section),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
