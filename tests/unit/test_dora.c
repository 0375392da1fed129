#include "support/study.h"

#include "digest/study.h"

static struct weeks b;

static int setup(void **state UNUSED)
{
	static const double known[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "deployments.total", known, ARRAY_SIZE(known));
	return 0;
}

static int teardown(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

static void deployed(int day, int hour, const char *sha, enum deploy_state s)
{
	struct rec_deployment x = deploy_row(&b, "codedeploy", "web", sha, at(&b, day, hour, 0), s);
	put_deployment(&b, &x);
}

/* On Monday and Tuesday of each of 13 weeks, a version of its own each. */
static void put_quarter(void)
{
	for (int w = 0; w < 13; w++)
		for (int d = 0; d < 2; d++) {
			const char *sha = arena_printf(&b.a, "abc%04d", 2 * w + d);
			deployed(-7 * w + d, 9, sha, DEPLOY_SUCCEEDED);
		}
}

#define CELL(n) "//table[@id='deployments.dora']/row[1]/cell[" #n "]"

static void five_measures_with_what_they_are_of(void **state UNUSED)
{
	put_quarter();
	deployed(-5, 9, "dead001", DEPLOY_FAILED);
	deployed(-5, 11, "dead002", DEPLOY_SUCCEEDED);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//table[@id='deployments.dora']/row"), 1);
	assert_string_equal(said(&b, "//table[@id='deployments.dora']/@title"),
			    "How deployments went, over 13 weeks");
	assert_string_equal(said(&b, CELL(2)), "commits not told");
	assert_string_equal(said(&b, CELL(3)), "2");
	assert_string_equal(said(&b, CELL(4)), "1 of 28 (1 to 18%)");
	assert_string_equal(said(&b, CELL(5)), "2 hours (n = 1)");
	assert_string_equal(said(&b, CELL(6)), "0 of 28 (0 to 12%)");
}

static void one_that_has_not_recovered_is_shown_as_open(void **state UNUSED)
{
	put_quarter();
	deployed(6, 22, "dead001", DEPLOY_FAILED); /* frozen on Monday at 10:30 */
	weeks_build(&b);
	assert_string_equal(said(&b, CELL(5)), "1 open for 12 hours 30 minutes");
}

static void an_earlier_version_put_back_is_rework(void **state UNUSED)
{
	put_quarter();
	deployed(2, 9, "beef001", DEPLOY_SUCCEEDED);
	deployed(2, 10, "beef001", DEPLOY_SUCCEEDED); /* the same again is none */
	deployed(3, 9, "abc0001", DEPLOY_SUCCEEDED); /* back to Tuesday's */
	weeks_build(&b);
	assert_string_equal(said(&b, CELL(6)), "1 of 29 (1 to 17%)");
}

static void under_ten_there_is_no_rate(void **state UNUSED)
{
	for (int i = 0; i < 3; i++)
		deployed(i, 9, arena_printf(&b.a, "abc%04d", i), DEPLOY_SUCCEEDED);
	deployed(3, 9, "dead001", DEPLOY_FAILED);
	weeks_build(&b);
	assert_string_equal(said(&b, CELL(4)), "1 of 4, too few for a rate");
	/* twelve of thirteen weeks without a deployment are weeks */
	assert_string_equal(said(&b, CELL(3)), "0");
}

static void weeks_that_are_not_known_are_left_out(void **state UNUSED)
{
	weeks_stop(&b);
	weeks_start(&b, NULL);
	put_complete(&b);
	put_quarter();
	weeks_build(&b); /* the first digest ever: one week is no history */
	assert_int_equal(count_of(&b, "//table[@id='deployments.dora']"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_measures_with_what_they_are_of, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_that_has_not_recovered_is_shown_as_open, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_earlier_version_put_back_is_rework, setup,
						teardown),
		cmocka_unit_test_setup_teardown(under_ten_there_is_no_rate, setup, teardown),
		cmocka_unit_test_setup_teardown(weeks_that_are_not_known_are_left_out, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
