#include "support/test.h"

#include "store/ci.h"
#include "store/facts.h"
#include "store/store.h"

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

static void a_fact_is_replaced_and_forgotten_alone(void **state UNUSED)
{
	struct fact users = {.week = "2026-W46",
			     .source = "sentry",
			     .name = "errors.users",
			     .value = 3,
			     .at_s = TIME_NONE};
	struct fact token = {.week = "2026-W46",
			     .source = "github",
			     .name = "token_expires",
			     .text = "GITHUB_TOKEN",
			     .value = NUM_NONE,
			     .at_s = 1794214800};
	struct facts list;
	assert_ok(facts_put(db, &users, &e), e);
	assert_ok(facts_put(db, &token, &e), e);
	users.value = 0;
	assert_ok(facts_put(db, &users, &e), e);
	assert_ok(facts_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].source, "github");
	assert_int_equal(list.v[0].at_s, 1794214800);
	assert_true(list.v[0].value == NUM_NONE);
	assert_int_equal(list.v[1].value, 0); /* zero users is not "unknown" */
	assert_true(list.v[1].at_s == TIME_NONE);
	assert_ok(facts_forget(db, "2026-W46", "sentry", "errors.users", &e), e);
	assert_ok(facts_forget(db, "2026-W46", "sentry", "errors.users", &e), e);
	assert_ok(facts_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_ok(facts_list(db, "2026-W47", &a, &list, &e), e);
	assert_int_equal(list.n, 0);
}

static void what_was_never_told_is_none(void **state UNUSED)
{
	int64_t at = 7;
	struct ci_span span = {1, 2};
	struct ci_attempts t;
	assert_ok(facts_resolution(db, "sentry", "1", &at, &e), e);
	assert_true(at == TIME_NONE);
	assert_ok(facts_span(db, "github", "1", &span, &e), e);
	assert_true(span.from_s == TIME_NONE && span.to_s == TIME_NONE);
	assert_ok(facts_attempts(db, "github", "1", &a, &t, &e), e);
	assert_int_equal(t.n, 0);

	assert_ok(facts_put_resolution(db, "sentry", "1", 100, &e), e);
	assert_ok(facts_put_resolution(db, "sentry", "1", 200, &e), e);
	assert_ok(facts_resolution(db, "sentry", "1", &at, &e), e);
	assert_int_equal(at, 200);
	assert_ok(facts_resolution(db, "other", "1", &at, &e), e);
	assert_true(at == TIME_NONE);
	assert_ok(facts_put_span(db, "github", "1", (struct ci_span){100, 200}, &e), e);
	assert_ok(facts_put_span(db, "github", "1", (struct ci_span){50, 300}, &e), e);
	assert_ok(facts_span(db, "github", "1", &span, &e), e);
	assert_true(span.from_s == 50 && span.to_s == 300);
}

static void stored_attempts_come_back_in_order(void **state UNUSED)
{
	struct rec_run r = {.source = "github",
			    .key = "9",
			    .repo = "o/r",
			    .number = 1,
			    .attempt = 3,
			    .created_s = 100,
			    .started_s = 100,
			    .completed_s = TIME_NONE};
	struct rec_attempt two = {2, "success", 110, 120}, one = {1, "failure", 100, 105};
	struct ci_attempts t;
	assert_ok(ci_put_run(db, &r, 100, &e), e);
	assert_ok(ci_put_attempt(db, "github", "9", &two, &e), e);
	assert_ok(ci_put_attempt(db, "github", "9", &one, &e), e);
	assert_ok(facts_attempts(db, "github", "9", &a, &t, &e), e);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.v[0].attempt, 1);
	assert_string_equal(t.v[0].conclusion, "failure");
	assert_int_equal(t.v[1].completed_s, 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fact_is_replaced_and_forgotten_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_was_never_told_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(stored_attempts_come_back_in_order, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
