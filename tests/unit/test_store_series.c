#include "support/test.h"

#include <math.h>

#include "store/series.h"
#include "store/store.h"

#define FROM 1794182400 /* 2026-11-09T00:00:00Z */
#define TO   (FROM + 7 * 86400)

static struct arena a;
static struct db *db;
static struct err e;

static int setup(void **state UNUSED)
{
	e = (struct err){0};
	return store_open(arena_printf(&a, "%s/x.db", test_dir(&a)), STORE_WRITE, &db, &e) ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
	db_close(TAKE_PTR(db));
	arena_release(&a);
	return 0;
}

static struct rec_series line(const char *panel, const char *label, int64_t position)
{
	return (struct rec_series){.source = "aws",
				   .kind = "widget",
				   .board = "Health",
				   .panel = panel,
				   .label = label,
				   .unit = "Count",
				   .statistic = "Sum",
				   .period_s = 3600,
				   .position = position,
				   .week = "2026-W46",
				   .status = LEDGER_COMPLETE};
}

static void put(const struct rec_series *s)
{
	assert_ok(db_begin(db, &e), e);
	assert_ok(series_put(db, s, FROM, TO, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
}

static void a_line_comes_back_with_its_points_and_gaps(void **state UNUSED)
{
	struct rec_series s = line("5xx", "main", 1);
	struct series list;
	vec_push(&a, &s.points, ((struct rec_point){FROM, 0}));
	vec_push(&a, &s.points, ((struct rec_point){FROM + 7200, 2.5}));
	put(&s);
	assert_ok(series_list(db, "2026-W46", FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].panel, "5xx");
	assert_string_equal(list.v[0].unit, "Count");
	assert_int_equal(list.v[0].period_s, 3600);
	assert_int_equal(list.v[0].points.n, 2); /* no value at 01:00: no point, not a zero */
	assert_int_equal(list.v[0].points.v[1].at_s, FROM + 7200);
	assert_true(list.v[0].points.v[1].value == 2.5);
}

static void collecting_again_replaces_the_window_only(void **state UNUSED)
{
	struct rec_series s = line("5xx", "", 1);
	struct series list;
	vec_push(&a, &s.points, ((struct rec_point){FROM, 1}));
	vec_push(&a, &s.points, ((struct rec_point){FROM + 3600, 1}));
	put(&s);
	s.points.n = 0;
	vec_push(&a, &s.points, ((struct rec_point){FROM + 3600, 4}));
	s.status = LEDGER_PARTIAL;
	s.reason = "PartialData";
	assert_ok(db_begin(db, &e), e);
	assert_ok(series_put(db, &s, FROM + 3600, TO, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
	assert_ok(series_list(db, "2026-W46", FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].points.n, 2);
	assert_true(list.v[0].points.v[0].value == 1);
	assert_true(list.v[0].points.v[1].value == 4);
	assert_int_equal(list.v[0].status, LEDGER_PARTIAL);
	assert_string_equal(list.v[0].reason, "PartialData");
}

static void a_line_taken_off_its_board_is_gone_from_the_week(void **state UNUSED)
{
	struct rec_series x = line("5xx", "", 2), y = line("requests", "", 1);
	struct series list;
	put(&x);
	put(&y);
	assert_ok(series_list(db, "2026-W46", FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].panel, "requests"); /* the board's order */
	assert_ok(db_begin(db, &e), e);
	assert_ok(series_forget(db, "2026-W46", "aws", "widget", &e), e);
	assert_ok(series_put(db, &x, FROM, TO, TO, &e), e);
	assert_ok(db_commit(db, &e), e);
	assert_ok(series_list(db, "2026-W46", FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].panel, "5xx");
	assert_ok(series_list(db, "2026-W45", FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 0);
}

static void what_is_no_number_or_outside_is_refused(void **state UNUSED)
{
	struct rec_series s = line("5xx", "", 1);
	assert_ok(db_begin(db, &e), e);
	vec_push(&a, &s.points, ((struct rec_point){FROM, NAN}));
	assert_false(series_put(db, &s, FROM, TO, TO, &e));
	assert_int_equal(e.kind, ERR_BUG);
	s.points.v[0] = (struct rec_point){TO, 1}; /* the week is half open */
	assert_false(series_put(db, &s, FROM, TO, TO, &e));
	db_rollback(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_comes_back_with_its_points_and_gaps, setup,
						teardown),
		cmocka_unit_test_setup_teardown(collecting_again_replaces_the_window_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_line_taken_off_its_board_is_gone_from_the_week,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_number_or_outside_is_refused, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
