#include "support/study.h"

#include "digest/lead_time.h"
#include "store/ci_logs.h"
#include "store/commits.h"

#include <math.h>

#define H ((int64_t)3600)

/* What GitHub tells beyond its lists, as the digest counts and shows it. */

static void put_change(struct weeks *b, const struct rec_deployment *d, const char *base,
		       const int64_t *committed_s, size_t n, bool known, bool whole)
{
	struct err e = {0};
	struct rec_comparison c = {.repo = "example/web",
				   .base = base,
				   .head = d->sha,
				   .commits = (int64_t)n,
				   .authors = 1,
				   .oldest_s = n ? committed_s[0] : TIME_NONE,
				   .newest_s = n ? committed_s[n - 1] : TIME_NONE,
				   .whole = whole};
	for (size_t i = 0; i < n; i++)
		vec_push(&b->a, &c.committed_s, committed_s[i]);
	assert_ok(db_begin(b->db, &e), e);
	assert_ok(commits_put_change(b->db, d, c.repo, base, d->sha, &e), e);
	if (known)
		assert_ok(commits_put(b->db, &c, b->now_s, &e), e);
	assert_ok(db_commit(b->db, &e), e);
}

static struct rec_deployment deployed(struct weeks *b, const char *sha, int64_t at_s)
{
	struct rec_deployment d =
		deploy_row(b, "codedeploy", "production-web", sha, at_s, DEPLOY_SUCCEEDED);
	put_deployment(b, &d);
	return d;
}

static void lead_time_is_the_median_over_commits_and_drops_what_is_not_before(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_deployment one = deployed(&b, "aaaaaaa1", at(&b, 1, 10, 0)),
			      two = deployed(&b, "aaaaaaa2", at(&b, 2, 10, 0));
	const int64_t first[] = {one.finished_s - 4 * H, one.finished_s - 2 * H,
				 one.finished_s + 60};
	const int64_t second[] = {two.finished_s - 10 * H, two.finished_s};
	put_change(&b, &one, "aaaaaaa0", first, 3, true, true);
	put_change(&b, &two, "aaaaaaa1", second, 2, true, true);
	weeks_build(&b);
	assert_true(value_of(&b, "deployments.lead_time_s") == 4.0 * 3600);
	assert_false(number_of(&b, "deployments.lead_time_s")->incomplete);
	assert_non_null(strstr(said(&b, "string(//section[@id='deployments'])"),
			       "median 4 hours over 3 commits in 2 deployments"));
	assert_int_equal(count_of(&b, "//data/item[contains(@title, ', 3 commits')]"), 1);
	weeks_stop(&b);
}

static void a_deployment_whose_commits_are_not_known_makes_lead_time_incomplete(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_deployment one = deployed(&b, "aaaaaaa1", at(&b, 1, 10, 0)),
			      two = deployed(&b, "aaaaaaa2", at(&b, 2, 10, 0)),
			      three = deployed(&b, "aaaaaaa3", at(&b, 3, 10, 0));
	const int64_t first[] = {one.finished_s - H};
	deployed(&b, NULL, at(&b, 4, 10, 0)); /* of no commit: nothing to be known */
	put_change(&b, &one, "aaaaaaa0", first, 1, false, true); /* lost by a force-push */
	put_change(&b, &two, NULL, NULL, 0, false, true); /* the first ever */
	weeks_build(&b);
	assert_true(isnan(value_of(&b, "deployments.lead_time_s"))); /* never 0 */
	put_change(&b, &three, "aaaaaaa2", first, 1, true, false); /* cut: no part of it counts */
	put_change(&b, &one, "aaaaaaa0", first, 1, true, true);
	weeks_build(&b);
	assert_true(value_of(&b, "deployments.lead_time_s") == 3600.0);
	assert_true(number_of(&b, "deployments.lead_time_s")->incomplete);
	weeks_stop(&b);
}

static void a_deployment_that_brought_nothing_new_has_no_lead_time(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_deployment one = deployed(&b, "aaaaaaa1", at(&b, 1, 10, 0));
	put_change(&b, &one, "aaaaaaa1", NULL, 0, true, true);
	weeks_build(&b);
	assert_true(isnan(value_of(&b, "deployments.lead_time_s")));
	weeks_stop(&b);
}

static void what_the_log_says_stands_by_the_failed_runs(void **state UNUSED)
{
	struct weeks b;
	struct err e = {0};
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_run r = run_of(&b, "Test", "aaaaaaa", at(&b, 1, 9, 0), "failure");
	put_run(&b, &r, "unit", true);
	r = run_of(&b, "Test", "bbbbbbb", at(&b, 2, 9, 0), "failure");
	put_run(&b, &r, "unit", true);
	struct ci_log l = {.run_key = r.key, .job_key = "1", .attempt = r.attempt};
	assert_ok(db_begin(b.db, &e), e);
	assert_ok(ci_logs_put(b.db, r.source, &l, "Traceback\nValueError: <b>no geometry", b.now_s,
			      &e),
		  e);
	assert_ok(db_commit(b.db, &e), e);
	weeks_build(&b);
	const char *groups = said(&b, "string(//table[@id='ci.groups'])");
	assert_non_null(strstr(groups, "ValueError: <b>no geometry"));
	assert_null(strstr(groups, "Traceback"));
	const char *failing = said(&b, "string(//table[@id='ci.failing'])");
	assert_non_null(strstr(failing, "unit"));
	assert_non_null(strstr(failing, "bbbbbbb"));
	weeks_stop(&b);
}

/* G-08: its own week's digest was right when it was made. */
static void
a_rerun_of_this_week_corrects_a_week_three_back_and_only_this_one_does(void **state UNUSED)
{
	static const double then[] = {1, 1, 1};
	for (int again = 0; again < 2; again++) {
		struct weeks b;
		weeks_start(&b, NULL);
		put_complete(&b);
		put_history(&b, "ci.failed", then, 3);
		struct rec_run r = run_of(&b, "Test", "aaaaaaa", at(&b, -17, 9, 0), "success");
		r.attempt = 2;
		r.started_s = again ? at(&b, 1, 9, 0) : at(&b, -10, 9, 0);
		put_run(&b, &r, NULL, true);
		weeks_build(&b);
		const char *all = said(&b, "string(//section[@id='corrections'])");
		bool told = all && strstr(all, "Failed CI runs in week 43: 0, not 1.");
		assert_int_equal(told, again);
		weeks_stop(&b);
	}
}

static void put_workflow(struct weeks *b, const char *key, const char *state, int64_t last_s,
			 int64_t gap_s)
{
	struct err e = {0};
	struct rec_workflow w = {.source = "github",
				 .key = key,
				 .repo = "example/config",
				 .name = key,
				 .path = arena_printf(&b->a, ".github/workflows/%s.yml", key),
				 .state = state,
				 .scheduled = last_s != TIME_NONE,
				 .last_schedule_s = last_s,
				 .schedule_gap_s = gap_s};
	assert_ok(db_begin(b->db, &e), e);
	assert_ok(ci_put_workflow(b->db, &w, b->now_s, &e), e);
	if (w.scheduled)
		assert_ok(ci_put_silence(b->db, &w, b->now_s, &e), e);
	assert_ok(db_commit(b->db, &e), e);
}

static void a_workflow_that_fell_silent_before_the_stored_runs_is_stopped(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_workflow(&b, "nightly", "active", at(&b, -60, 2, 0), 24 * H);
	put_workflow(&b, "monthly", "active", at(&b, -35, 2, 0), 30 * 24 * H); /* not due twice */
	put_workflow(&b, "once", "active", at(&b, -60, 2, 0), NUM_NONE); /* no rhythm */
	put_workflow(&b, "off", "disabled_inactivity", TIME_NONE, NUM_NONE);
	put_workflow(&b, "by-hand", "disabled_manually", TIME_NONE, NUM_NONE); /* not scheduled */
	/* stored runs, longer ago than the 30 days that are read */
	put_workflow(&b, "Weekly", "active", TIME_NONE, NUM_NONE);
	for (int day = -80; day < -40; day += 7) {
		struct rec_run r = run_of(&b, "Weekly", "aaaaaaa", at(&b, day, 1, 0), "success");
		r.event = "schedule";
		r.repo = "example/config";
		r.workflow_key = "Weekly";
		put_run(&b, &r, NULL, true);
	}
	weeks_build(&b);
	assert_true(value_of(&b, "ci.stopped") == 3.0);
	const char *t = said(&b, "string(//table[@id='ci.stopped'])");
	assert_non_null(strstr(t, "nightly"));
	assert_non_null(strstr(t, "off"));
	assert_non_null(strstr(t, "Weekly"));
	weeks_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lead_time_is_the_median_over_commits_and_drops_what_is_not_before),
		cmocka_unit_test(
			a_deployment_whose_commits_are_not_known_makes_lead_time_incomplete),
		cmocka_unit_test(a_deployment_that_brought_nothing_new_has_no_lead_time),
		cmocka_unit_test(what_the_log_says_stands_by_the_failed_runs),
		cmocka_unit_test(
			a_rerun_of_this_week_corrects_a_week_three_back_and_only_this_one_does),
		cmocka_unit_test(a_workflow_that_fell_silent_before_the_stored_runs_is_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
