#include "support/test.h"

#include "digest/stats.h"

#include <math.h>

/* A small generator of our own, so that the simulation is the same everywhere. */
static uint64_t seed = 1;
static double uniform(void)
{
	seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
	return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Marsaglia and Tsang; shape of 1 or more. */
static double gamma_of(double shape)
{
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	for (;;) {
		double x = normal(), v = pow(1 + c * x, 3);
		if (v > 0 && log(uniform()) < x * x / 2 + d - d * v + d * log(v))
			return d * v;
	}
}

static double poisson(double mean)
{
	double limit = exp(-mean), p = uniform();
	int n = 0;
	while (p > limit) {
		p *= uniform();
		n++;
	}
	return n;
}

/* Counts with that mean and variance (variance of at least the mean). */
static double weekly(double mean, double variance)
{
	if (variance <= mean)
		return poisson(mean);
	double shape = mean * mean / (variance - mean);
	return poisson(gamma_of(shape) * mean / shape);
}

/* Share of 20,000 weeks marked "up", after k weeks like them. */
static double share_marked(double mean, double variance, double factor, size_t k)
{
	int marked = 0, runs = 20000;
	for (int i = 0; i < runs; i++) {
		double w[STATS_MAX_WEEKS];
		for (size_t j = 0; j < k; j++)
			w[j] = weekly(mean, variance);
		double x = weekly(mean * factor, variance * factor);
		marked += stats_mark(x, stats_usual_count(w, k), w[0] + w[1] + w[2]) == MARK_UP;
	}
	return 100.0 * marked / runs;
}

static void near(double got, double want, double within)
{
	if (fabs(got - want) > within)
		fail_msg("%g is not %g", got, want);
}

static void usual_ranges_of_the_sample_weeks(void **state UNUSED)
{
	static const double errors[] = {8, 4, 7, 5, 9, 6, 3, 8, 6, 4, 7, 5};
	static const double deployments[] = {24, 23, 17, 28, 20, 25, 19, 22, 26, 18, 24, 21};
	static const double runs[] = {40, 39, 66, 41, 58, 35, 47, 61, 38, 44, 52};
	static const double overdue[] = {4, 4, 4, 5, 4, 3, 2, 2, 4, 4, 3, 3};
	static const double downtime[] = {83, 71, 66, 90, 49, 58, 210, 75, 38, 62, 130, 44};
	struct usual u = stats_usual_count(errors, 12);
	assert_true(u.low == 1 && u.high == 13);
	u = stats_usual_count(deployments, 12);
	assert_true(u.low == 11 && u.high == 36);
	u = stats_usual_count(runs, 11);
	assert_true(u.low == 23 && u.high == 78);
	u = stats_usual_level(overdue, 12, true);
	assert_true(u.low == 2 && u.high == 5);
	u = stats_usual_level(downtime, 12, true);
	assert_true(u.low == 0 && u.high == 224);
}

static void a_range_needs_eight_weeks_and_uses_twenty_six(void **state UNUSED)
{
	double w[60];
	for (size_t i = 0; i < 60; i++)
		w[i] = i < 26 ? 10 : 1000;
	assert_true(isnan(stats_usual_count(w, 7).low));
	assert_true(isnan(stats_usual_level(w, 7, true).high));
	assert_true(stats_usual_count(w, 8).high == stats_usual_count(w, 60).high ||
		    stats_usual_count(w, 60).high < 30);
}

static void moving_ranges_like_a_published_chart(void **state UNUSED)
{
	/* mean 32.5, mean moving range 20: limits 85.7 and -20.7 (statprocon), the lower cut at 0
	 */
	static const double v[] = {22.5, 42.5, 22.5, 42.5, 22.5, 42.5, 22.5, 42.5};
	struct usual u = stats_usual_level(v, 8, false);
	near(u.high, 85.7, 1e-9);
	assert_true(u.low == 0);
}

static void nothing_under_five_in_four_weeks_is_marked(void **state UNUSED)
{
	static const double zeros[8] = {0};
	struct usual u = stats_usual_count(zeros, 8);
	assert_int_equal(stats_mark(4, u, 0), MARK_NONE);
	assert_int_equal(stats_mark(5, u, 0), MARK_UP);
	assert_int_equal(stats_mark(NAN, u, 9), MARK_NONE);
	static const double many[] = {30, 28, 31, 33, 29, 30, 27, 32};
	u = stats_usual_count(many, 8);
	assert_int_equal(stats_mark(3, u, 89), MARK_DOWN);
	assert_int_equal(stats_mark(u.low, u, 89), MARK_NONE);
	assert_int_equal(stats_mark(u.high, u, 89), MARK_NONE);
	assert_int_equal(stats_mark(u.high + 1, u, 89), MARK_UP);
}

/* What the rule was chosen by: eight weeks before, nothing changed. */
static void quiet_weeks_are_marked_as_seldom_as_the_table_says(void **state UNUSED)
{
	near(share_marked(2, 2, 1, 8), 0.4, 0.25);
	near(share_marked(5, 5, 1, 8), 0.2, 0.25);
	near(share_marked(20, 20, 1, 8), 0.4, 0.25);
	near(share_marked(20, 80, 1, 8), 2.4, 0.5);
	near(share_marked(100, 1000, 1, 8), 2.4, 0.5);
}

static void a_quiet_year_is_marked_in_at_most_two_of_a_hundred(void **state UNUSED)
{
	int marked = 0, weeks = 0;
	for (int year = 0; year < 400; year++) {
		double w[52];
		for (int i = 0; i < 52; i++)
			w[i] = weekly(12, 18);
		for (int i = 8; i < 52; i++, weeks++) {
			double past[STATS_MAX_WEEKS];
			size_t n = 0;
			for (int k = i - 1; k >= 0 && n < STATS_MAX_WEEKS; k--)
				past[n++] = w[k];
			marked += stats_mark(w[i], stats_usual_count(past, n),
					     past[0] + past[1] + past[2]) != MARK_NONE;
		}
	}
	print_message("a quiet year: %d of %d series-weeks marked, %.2f in 100\n", marked, weeks,
		      100.0 * marked / weeks);
	assert_true(weeks > 0 && marked * 50 <= weeks);
}

/* Twenty series of all sizes over a year in which nothing changes, every second one in bursts. */
static void a_quiet_year_of_many_series_is_marked_in_at_most_two_of_a_hundred(void **state UNUSED)
{
	static const double means[] = {0.2, 0.5, 1, 2, 3, 5, 8, 12, 20, 50};
	int marked = 0, weeks = 0;
	for (int year = 0; year < 60; year++)
		for (size_t s = 0; s < 2 * ARRAY_SIZE(means); s++) {
			double m = means[s / 2], w[STATS_MAX_WEEKS + 52];
			for (size_t i = 0; i < ARRAY_SIZE(w); i++)
				w[i] = weekly(m, s % 2 ? 1.5 * m : m);
			for (size_t i = STATS_MAX_WEEKS; i < ARRAY_SIZE(w); i++, weeks++) {
				double past[STATS_MAX_WEEKS];
				for (size_t k = 0; k < STATS_MAX_WEEKS; k++)
					past[k] = w[i - 1 - k];
				marked += stats_mark(w[i], stats_usual_count(past, STATS_MAX_WEEKS),
						     past[0] + past[1] + past[2]) != MARK_NONE;
			}
		}
	print_message("a quiet year of 20 series: %d of %d series-weeks marked, %.2f in 100\n",
		      marked, weeks, 100.0 * marked / weeks);
	assert_true(weeks == 60 * 20 * 52 && marked * 50 <= weeks);
}

static void a_tripling_of_twenty_is_caught_nearly_always(void **state UNUSED)
{
	double eight = share_marked(20, 20, 3, 8), quarter = share_marked(20, 20, 3, 13),
	       bursts = share_marked(20, 40, 3, 13);
	print_message("a tripling of a mean of 20 is caught in %.1f of 100 (8 weeks before it), "
		      "%.1f (13 weeks), %.1f (13 weeks, variance twice the mean)\n",
		      eight, quarter, bursts);
	assert_true(eight >= 99 && quarter >= 99 && bursts >= 90);
}

static void a_true_tripling_is_marked_as_often_as_the_table_says(void **state UNUSED)
{
	near(share_marked(2, 2, 3, 8), 30, 3);
	near(share_marked(5, 5, 3, 8), 68, 3);
	near(share_marked(20, 20, 3, 8), 100, 1);
}

static void an_old_incident_does_not_hide_a_new_one(void **state UNUSED)
{
	double w[16];
	for (size_t i = 0; i < 16; i++)
		w[i] = 10 + (double)(i % 3);
	w[5] = 90;
	struct usual with = stats_usual_count(w, 16);
	assert_int_equal(stats_mark(60, with, 33), MARK_UP);
	/* under 13 weeks nothing is weighted down: the rule as printed */
	assert_int_equal(stats_mark(60, stats_usual_count(w, 12), 33), MARK_NONE);
}

/* The published table, but for 6 of 23: 46.47 % there became 47. */
static void wilson_intervals_of_the_table(void **state UNUSED)
{
	static const int t[][4] = {{0, 3, 0, 56},  {1, 4, 5, 70},   {1, 10, 2, 40},
				   {4, 23, 7, 37}, {6, 23, 13, 46}, {5, 50, 4, 21}};
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		double low, high;
		stats_wilson(t[i][0], t[i][1], &low, &high);
		assert_int_equal(lround(100 * low), t[i][2]);
		assert_int_equal(lround(100 * high), t[i][3]);
	}
	double low, high;
	stats_wilson(0, 0, &low, &high);
	assert_true(low == 0 && high == 1);
}

static void medians_and_their_bounds(void **state UNUSED)
{
	double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};
	assert_true(stats_median(odd, 3) == 3 && stats_median(even, 4) == 2.5);
	assert_true(isnan(stats_median(odd, 0)));
	size_t low, high;
	assert_false(stats_median_ranks(5, &low, &high));
	assert_true(stats_median_ranks(6, &low, &high));
	assert_true(low == 1 && high == 6);
	assert_true(stats_median_ranks(10, &low, &high));
	assert_true(low == 2 && high == 9);
}

static void spells_that_have_not_ended_pull_the_median_up(void **state UNUSED)
{
	struct spell closed[] = {{30, false}, {10, false}, {20, false}, {40, false}};
	assert_true(stats_spell_median(closed, 4) == 25);
	struct spell one_open[] = {{10, false}, {20, true}, {30, false}};
	assert_true(stats_spell_median(one_open, 3) == 30);
	struct spell most_open[] = {{10, false}, {20, true}, {30, true}};
	assert_true(isnan(stats_spell_median(most_open, 3)));
	assert_true(isnan(stats_spell_median(closed, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_ranges_of_the_sample_weeks),
		cmocka_unit_test(a_range_needs_eight_weeks_and_uses_twenty_six),
		cmocka_unit_test(moving_ranges_like_a_published_chart),
		cmocka_unit_test(nothing_under_five_in_four_weeks_is_marked),
		cmocka_unit_test(quiet_weeks_are_marked_as_seldom_as_the_table_says),
		cmocka_unit_test(a_quiet_year_is_marked_in_at_most_two_of_a_hundred),
		cmocka_unit_test(a_quiet_year_of_many_series_is_marked_in_at_most_two_of_a_hundred),
		cmocka_unit_test(a_tripling_of_twenty_is_caught_nearly_always),
		cmocka_unit_test(a_true_tripling_is_marked_as_often_as_the_table_says),
		cmocka_unit_test(an_old_incident_does_not_hide_a_new_one),
		cmocka_unit_test(wilson_intervals_of_the_table),
		cmocka_unit_test(medians_and_their_bounds),
		cmocka_unit_test(spells_that_have_not_ended_pull_the_median_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
