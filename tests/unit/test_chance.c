#include "support/study.h"

#include "digest/study.h"

/* Over 13 weeks: `soon` new errors half an hour after a deployment and `others` far from any, one
 * deployment a day. */
static void put_quarter(struct weeks *b, int soon, int others)
{
	static const double known[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
	put_complete(b);
	put_history(b, "errors.new", known, ARRAY_SIZE(known));
	put_history(b, "deployments.total", known, ARRAY_SIZE(known));
	for (int d = -84; d < 7; d++) {
		struct rec_deployment x = deploy_row(b, "codedeploy", "web", "abcdef1",
						     at(b, d, 12, 0), DEPLOY_SUCCEEDED);
		put_deployment(b, &x);
	}
	for (int i = 0; i < soon + others; i++) {
		int day = -84 + i * 90 / (soon + others);
		struct rec_issue x =
			issue_of(b, "WEB-1", "x", at(b, day, i < soon ? 12 : 20, 30), 2);
		put_issue(b, &x);
	}
}

static void the_share_of_chance_is_told(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	/* 91 hours of 2,184 follow a deployment; 46 others in 2,093 hours make 2 of 20 by chance.
	 */
	put_quarter(&b, 20, 46);
	weeks_build(&b);
	const char *note =
		said(&b, "string(//section[@id='errors']//para[@kind='note'][contains(., "
			 "'Certain:')])");
	assert_non_null(strstr(note, "Over 13 weeks 20 new errors began within an hour of some "
				     "deployment; chance alone would make that about 2, so such a "
				     "link is right about 9 times in 10."));
	weeks_stop(&b);
}

static void closeness_no_better_than_chance_says_nothing(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_quarter(&b, 5, 300);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//para[contains(., 'so closeness in time says nothing "
				      "here')]"),
			 1);
	weeks_stop(&b);
}

static void too_few_errors_make_no_rate(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_quarter(&b, 4, 46);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//para[contains(., 'chance alone')]"), 0);
	weeks_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_of_chance_is_told),
		cmocka_unit_test(closeness_no_better_than_chance_says_nothing),
		cmocka_unit_test(too_few_errors_make_no_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
