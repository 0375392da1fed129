#include "support/study.h"

#include "store/monitors.h"
#include "store/series.h"

#include <math.h>

static struct weeks b;

static int setup(void **state UNUSED)
{
	weeks_start(&b, NULL);
	return 0;
}

static int teardown(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

#define stored(call)                                                                               \
	do {                                                                                       \
		struct err e = {0};                                                                \
		assert_ok(db_begin(b.db, &e), e);                                                  \
		assert_ok(call, e);                                                                \
		assert_ok(db_commit(b.db, &e), e);                                                 \
	} while (0)

/* The newest value is this week's. NaN: none in that week. */
static void put_measure(const char *project, const char *statistic, const double *v, size_t n)
{
	struct rec_series x = {.source = "sentry",
			       .kind = strstr(statistic, "crash_free") ? "health" : "performance",
			       .board = project,
			       .panel = statistic,
			       .label = "",
			       .statistic = statistic,
			       .period_s = 7 * 86400,
			       .week = b.week.name,
			       .status = LEDGER_COMPLETE};
	for (size_t i = n; i > 0; i--) {
		struct week w = week_add(b.z, &b.week, 1 - (int)i);
		if (!isnan(v[i - 1]))
			vec_push(&b.a, &x.points, ((struct rec_point){w.from_s, v[i - 1]}));
	}
	struct week first = week_add(b.z, &b.week, -20);
	stored(series_put(b.db, &x, first.from_s, b.week.to_s, b.now_s, &e));
}

static void put_monitor(const char *kind, const char *name, int64_t ok, int64_t missed,
			int64_t error)
{
	struct rec_monitor m = {.source = "sentry",
				.kind = kind,
				.key = name,
				.name = name,
				.project = "main",
				.schedule = "0 2 * * *",
				.week = b.week.name,
				.status = "ok",
				.last_check_s = TIME_NONE,
				.next_check_s = TIME_NONE,
				.ok = ok,
				.missed = missed,
				.timeout = 0,
				.error = error,
				.unknown = 0};
	stored(monitors_put(b.db, &m, b.now_s, &e));
}

static void part(const char *name, enum ledger_status s, const char *reason)
{
	put_ledger(&b, "sentry", name, s, "", reason);
}

static void what_is_not_collected_has_no_section(void **state UNUSED)
{
	put_complete(&b);
	part("performance", LEDGER_NOT_ENABLED, "404");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='performance']"), 0);
}

static void a_project_has_this_week_last_week_and_what_is_usual(void **state UNUSED)
{
	const double p95[] = {900, 300, 310, 290, 305, 295, 300, 310, 290, 300};
	const double n[] = {1000, 1010, 990, 1000, 1005, 995, 1000, 1010, 990, 1000};
	const double young[] = {120, NAN};
	put_complete(&b);
	part("performance", LEDGER_COMPLETE, NULL);
	put_measure("main", "p95", p95, ARRAY_SIZE(p95));
	put_measure("main", "count", n, ARRAY_SIZE(n));
	put_measure("young", "p95", young, ARRAY_SIZE(young));
	weeks_build(&b);
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[1]/cell[1]"), "main");
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[1]/cell[2]"),
			    "900\u00a0ms ▲ More than usual");
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[1]/cell[3]"),
			    "300\u00a0ms");
	assert_non_null(
		strstr(said(&b, "//table[@id='performance.speed']/row[1]/cell[4]"), " to "));
	assert_int_equal(count_of(&b, "//table[@id='performance.speed']/row[1]/cell[5]/tag"), 0);
	/* no history, no last week: words, not numbers */
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[2]/cell[3]"),
			    "not known");
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[2]/cell[4]"),
			    "no history yet");
	assert_string_equal(said(&b, "//table[@id='performance.speed']/row[2]/cell[5]"),
			    "not told");
	assert_non_null(strstr(said(&b, "//section[@id='performance']/para[1]"),
			       "2 projects were measured; 1 is outside its usual range. The "
			       "slowest, main, answered 95 of 100 transactions within 900"));
}

static void quicker_and_fewer_failures_are_no_alarm_and_few_have_no_rate(void **state UNUSED)
{
	const double fast[] = {100, 300, 310, 290, 305, 295, 300, 310, 290, 300};
	const double rate[] = {0.001, 0.02, 0.021, 0.02, 0.019, 0.02, 0.021, 0.02, 0.019, 0.02};
	const double many[] = {1000}, few[] = {19}, half[] = {0.5}, whole[] = {0.99999};
	put_complete(&b);
	part("performance", LEDGER_COMPLETE, NULL);
	put_measure("main", "p95", fast, ARRAY_SIZE(fast));
	put_measure("main", "failure_rate", rate, ARRAY_SIZE(rate));
	put_measure("main", "count", many, 1);
	put_measure("main", "crash_free_rate(session)", whole, 1);
	put_measure("small", "failure_rate", half, 1);
	put_measure("small", "count", few, 1);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='performance']//tag"), 0);
	assert_string_equal(
		said(&b, "//table[@id='performance.failures']/row[cell='small']/cell[2]"),
		"too few");
	assert_string_equal(
		said(&b, "//table[@id='performance.failures']/row[cell='main']/cell[2]"), "0.1%");
	/* 99.999 is not 100 */
	assert_string_equal(
		said(&b, "//table[@id='performance.failures']/row[cell='main']/cell[5]"), "99.99%");
}

static void monitors_are_listed_where_they_missed_or_failed(void **state UNUSED)
{
	put_complete(&b);
	part("monitors", LEDGER_COMPLETE, NULL);
	put_monitor("cron", "Nightly import", 5, 2, 0);
	put_monitor("cron", "Fine", 7, 0, 0);
	put_monitor("uptime", "Front page", NUM_NONE, 0, 9);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//table[@id='performance.monitors']/row"), 2);
	assert_string_equal(said(&b, "//table[@id='performance.monitors']/row[1]/cell[3]"),
			    "not told");
	assert_string_equal(said(&b, "//table[@id='performance.monitors']/row[1]/cell[6]"), "9");
	assert_string_equal(said(&b, "//table[@id='performance.monitors']/row[2]/cell[4]"), "2");
	assert_string_equal(said(&b, "//section[@id='performance']/para[2]"),
			    "Of 2 cron monitors and 1 uptime check, 2 missed or failed at least "
			    "once.");
}

static void what_failed_is_said_and_nothing_is_called_usual(void **state UNUSED)
{
	put_complete(&b);
	part("performance", LEDGER_FAILED, "500 of /events");
	weeks_build(&b);
	assert_string_equal(said(&b, "//section[@id='performance']/@tag"), "Failed");
	assert_non_null(strstr(said(&b, "//section[@id='performance']/callout"),
			       "sentry (performance) was not collected: 500 of /events"));
	assert_string_equal(said(&b, "//section[@id='performance']/para[1]"),
			    "No project told of transactions.");
}

static void the_public_reads_no_names(void **state UNUSED)
{
	const double p95[] = {900};
	put_complete(&b);
	part("performance", LEDGER_COMPLETE, NULL);
	put_measure("main-secret", "p95", p95, 1);
	put_monitor("cron", "Nightly import", 5, 2, 0);
	struct audience public = {.name = "public", .detail = DETAIL_COUNTS};
	b.audience = &public;
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='performance']//table"), 0);
	assert_null(strstr(said(&b, "//section[@id='performance']"), "main-secret"));
	assert_null(strstr(said(&b, "//section[@id='performance']"), "Nightly"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_not_collected_has_no_section, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_project_has_this_week_last_week_and_what_is_usual,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			quicker_and_fewer_failures_are_no_alarm_and_few_have_no_rate, setup,
			teardown),
		cmocka_unit_test_setup_teardown(monitors_are_listed_where_they_missed_or_failed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_failed_is_said_and_nothing_is_called_usual,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_public_reads_no_names, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
