#include "support/test.h"

#include "store/prune.h"
#include "store/series.h"
#include "store/store.h"
#include "store/watch.h"

#include <math.h>

static struct arena a;
static struct db *db;

#define FROM INT64_C(1794182400) /* 2026-11-09T00:00:00Z */
#define TO   (FROM + 7 * INT64_C(86400))

static int setup(void **state UNUSED)
{
	struct err e = {0};
	assert_ok(store_open(arena_printf(&a, "%s/s.db", test_dir(&a)), STORE_WRITE, &db, &e), e);
	return 0;
}

static int teardown(void **state UNUSED)
{
	db_close(db);
	arena_release(&a);
	return 0;
}

static struct alarm alarm_of(const char *name, const char *state)
{
	return (struct alarm){.source = "aws",
			      .region = "eu-west-2",
			      .name = name,
			      .state = state,
			      .state_s = FROM};
}

static void put_alarm(const char *name, const char *state)
{
	struct err e = {0};
	struct alarm x = alarm_of(name, state);
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_put_alarm(db, &x, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
}

static void put_change(const char *name, const char *from, const char *to, int64_t at_s)
{
	struct err e = {0};
	struct alarm x = alarm_of(name, NULL);
	struct alarm_change c = {.from = from, .to = to, .at_s = at_s};
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_put_change(db, &x, &c, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
}

static struct alarms listed(void)
{
	struct err e = {0};
	struct alarms out = {0};
	assert_ok(watch_alarms(db, FROM, TO, &a, &out, &e), e);
	return out;
}

static void an_alarm_that_is_gone_is_listed_for_the_weeks_it_changed_in(void **state UNUSED)
{
	struct err e = {0};
	put_alarm("kept", "OK");
	put_alarm("deleted", "ALARM");
	put_change("deleted", "OK", "ALARM", FROM + 60);
	put_change("long-gone", "OK", "ALARM", FROM - 60);
	put_change("kept", "ALARM", "OK", TO + 60);
	put_change("kept", "OK", "ALARM", FROM + 5);
	put_change("kept", "OK", "ALARM", FROM + 5); /* the same again */
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_forget_alarms(db, "aws", "eu-west-2", &e), e);
	assert_ok(db_commit(db, &e), e);
	put_alarm("kept", "OK");
	struct alarms x = listed();
	assert_int_equal(x.n, 2);
	assert_string_equal(x.v[0].name, "deleted");
	assert_null(x.v[0].state);
	assert_string_equal(x.v[1].name, "kept");
	assert_string_equal(x.v[1].state, "OK");
	assert_int_equal(x.v[1].changes.n, 2); /* the one after the week, too */
	assert_int_equal(x.v[1].changes.v[0].at_s, FROM + 5);
}

static void unknown_stays_unknown(void **state UNUSED)
{
	struct err e = {0};
	struct canary_week c = {.source = "aws",
				.name = "www",
				.week = "2026-W46",
				.runs = NUM_NONE,
				.failed = NUM_NONE,
				.failed_s = TIME_NONE,
				.percent = NAN};
	struct availability_week v = {.source = "page",
				      .slug = "x",
				      .week = "2026-W46",
				      .minutes_down = NUM_NONE,
				      .response_ms = NUM_NONE,
				      .percent = NAN};
	struct canary_weeks cs = {0};
	struct availability_weeks vs = {0};
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_put_canary(db, &c, TO, &e) && watch_put_availability(db, &v, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
	assert_ok(watch_canaries(db, "2026-W46", &a, &cs, &e), e);
	assert_ok(watch_availability(db, "2026-W46", &a, &vs, &e), e);
	assert_true(isnan(cs.v[0].percent) && cs.v[0].runs == NUM_NONE && !cs.v[0].basis);
	assert_true(isnan(vs.v[0].percent) && vs.v[0].minutes_down == NUM_NONE && !vs.v[0].basis);
	assert_ok(watch_canaries(db, "2026-W45", &a, &cs, &e), e);
	assert_int_equal(cs.n, 0);
}

static void put_line(const char *week, const char *panel, enum ledger_status status)
{
	struct err e = {0};
	struct rec_series s = {.source = "aws",
			       .kind = "widget",
			       .board = "Health",
			       .panel = panel,
			       .label = "",
			       .week = week,
			       .status = status,
			       .period_s = NUM_NONE};
	assert_ok(db_begin(db, &e), e);
	assert_ok(series_put(db, &s, FROM, TO, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
}

static void a_lost_board_is_remembered_by_the_lines_it_had_last(void **state UNUSED)
{
	struct err e = {0};
	struct series out = {0};
	put_line("2026-W40", "taken off long ago", LEDGER_COMPLETE);
	put_line("2026-W45", "Requests", LEDGER_COMPLETE);
	put_line("2026-W45", "a text", LEDGER_NOT_ENABLED);
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_miss_board(db, "2026-W46", "aws", "Health", "500", &e), e);
	assert_ok(watch_miss_board(db, "2026-W46", "aws", "Other", "500", &e), e);
	assert_ok(db_commit(db, &e), e);
	assert_ok(series_list(db, "2026-W46", FROM, TO, &a, &out, &e), e);
	assert_int_equal(out.n, 1);
	assert_string_equal(out.v[0].panel, "Requests");
	assert_int_equal(out.v[0].status, LEDGER_FAILED);
	assert_string_equal(out.v[0].reason, "500");
}

static void ids_of_numbers_are_made_of_plain_letters(void **state UNUSED)
{
	struct config cfg = {0};
	struct service s = {.name = "Main"};
	vec_push(&a, &s.aws, "www*");
	vec_push(&a, &s.status_page, "platform");
	vec_push(&a, &cfg.services, s);
	assert_string_equal(watch_metric_id(&a, "Services Reporting", "5xx / min (p95)"),
			    "metrics.services-reporting.5xx-min-p95");
	assert_string_equal(watch_metric_id(&a, "Health", NULL), "metrics.health.");
	assert_string_equal(watch_metric_id(&a, "\xc3\xa9", "--"), "metrics.x.x");
	assert_string_equal(watch_availability_id(&a, watch_site_service(&cfg, "platform")),
			    "availability.Main.percent");
	assert_string_equal(watch_availability_id(&a, watch_site_service(&cfg, "a b")),
			    "availability.a-b.percent");
	assert_string_equal(watch_canary_service(&cfg, "www-smoke"), "Main");
	assert_string_equal(watch_canary_service(&cfg, "datasette"), "datasette");
}

static void what_retention_does_not_keep_goes(void **state UNUSED)
{
	struct err e = {0};
	int64_t rows = 0, left = -1;
	struct alarm gone = alarm_of("gone", NULL);
	struct alarm_change c = {.from = "OK", .to = "ALARM", .at_s = FROM - 90 * INT64_C(86400)};
	assert_ok(db_begin(db, &e), e);
	assert_ok(watch_put_change(db, &gone, &c, c.at_s, &e), e);
	assert_ok(db_commit(db, &e), e);
	put_alarm("kept", "OK");
	put_change("kept", "OK", "ALARM", FROM + 1);
	assert_ok(prune_store(db,
			      &(struct prune_keep){.raw_from_week = "2026-W46",
						   .raw_from_s = FROM - 48 * 3600},
			      &rows, &e),
		  e);
	assert_int_equal(rows, 2);
	assert_ok(db_i64(db, "SELECT count(*) FROM alarm_change", &left, &e), e);
	assert_int_equal(left, 1);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_alarm_that_is_gone_is_listed_for_the_weeks_it_changed_in),
		test(unknown_stays_unknown),
		test(a_lost_board_is_remembered_by_the_lines_it_had_last),
		test(ids_of_numbers_are_made_of_plain_letters),
		test(what_retention_does_not_keep_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
