#include "support/test.h"

#include "digest/ci_class.h"

#define DAY ((int64_t)86400)
#define T0  (INT64_C(1794182400)) /* 2026-11-09 */

static struct arena a;
static struct runs all;

static int release(void **state UNUSED)
{
	arena_release(&a);
	all = (struct runs){0};
	return 0;
}

/* conclusions: one letter an attempt, the last is the run's: s success, f failure, t timed out, u
 * startup failure, c cancelled, k skipped, r running. job: the one that failed in the last attempt.
 */
static const char *word(char c)
{
	return c == 's'	  ? "success"
	       : c == 'f' ? "failure"
	       : c == 't' ? "timed_out"
	       : c == 'u' ? "startup_failure"
	       : c == 'c' ? "cancelled"
	       : c == 'k' ? "skipped"
			  : NULL;
}

static struct rec_run *add_run(const char *sha, int64_t t_s, const char *attempts, const char *job)
{
	size_t n = strlen(attempts);
	struct rec_run r = {.source = "github",
			    .key = arena_printf(&a, "%zu", all.n + 1),
			    .repo = "example/config",
			    .workflow_key = "7",
			    .workflow = "Test",
			    .event = "push",
			    .branch = "main",
			    .sha = sha,
			    .conclusion = word(attempts[n - 1]),
			    .number = (int64_t)all.n + 1,
			    .attempt = (int64_t)n,
			    .created_s = t_s,
			    .completed_s = t_s + 600,
			    .default_branch = true};
	for (size_t i = 0; i < n && n > 1; i++)
		vec_push(&a, &r.attempts,
			 ((struct rec_attempt){(int64_t)i + 1, word(attempts[i]), t_s, t_s + 60}));
	if (job)
		vec_push(&a, &r.jobs,
			 ((struct rec_job){.attempt = (int64_t)n,
					   .key = "1",
					   .name = job,
					   .conclusion = "failure",
					   .steps = 3,
					   .had_runner = true,
					   .failed_step = "Run tests"}));
	vec_push(&a, &all, r);
	return &all.v[all.n - 1];
}

static enum ci_class class_of(size_t i)
{
	struct ci_runs out = {0};
	ci_classify(&all, &a, &out);
	for (size_t k = 0; k < out.n; k++)
		if (out.v[k].r == &all.v[i])
			return out.v[k].class;
	fail_msg("run %zu is lost", i);
	return CI_OTHER;
}

static void a_success_after_a_failure_of_one_run_is_flaky(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "fs", NULL);
	add_run("bbbbbbb", T0 + 10, "fsf", "test"); /* whatever the last word was */
	add_run("ccccccc", T0 + 20, "fsc", NULL);
	add_run("ddddddd", T0 + 30, "sf", "test"); /* a success before it is none after it */
	assert_int_equal(class_of(0), CI_FLAKY);
	assert_int_equal(class_of(1), CI_FLAKY);
	assert_int_equal(class_of(2), CI_FLAKY);
	assert_int_equal(class_of(3), CI_UNDECIDED);
}

static void a_success_of_another_run_counts_for_the_same_commit_and_event(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "f", "test");
	add_run("aaaaaaa", T0 + 10, "s", NULL);
	add_run("bbbbbbb", T0 + 20, "f", "test");
	add_run("bbbbbbb", T0 + 30, "s", NULL)->event = "schedule";
	add_run("ccccccc", T0 + 40, "f", "lint");
	add_run("ccccccc", T0 + 50, "s", NULL)->workflow_key = "8";
	add_run("ddddddd", T0 - 10, "s", NULL);
	add_run("ddddddd", T0 + 60, "f", "build");
	assert_int_equal(class_of(0), CI_FLAKY);
	assert_int_equal(class_of(1), CI_SUCCEEDED);
	assert_int_equal(class_of(2), CI_UNDECIDED);
	assert_int_equal(class_of(4), CI_UNDECIDED);
	assert_int_equal(class_of(7), CI_UNDECIDED);
}

static void real_is_what_the_next_commit_repeats_in_the_same_job(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "f", "test");
	add_run("bbbbbbb", T0 + 10, "f", "test");
	add_run("ccccccc", T0 + 20, "f", "lint");
	add_run("ddddddd", T0 + 30, "s", NULL);
	assert_int_equal(class_of(0), CI_REAL);
	assert_int_equal(class_of(1), CI_UNDECIDED);
	assert_int_equal(class_of(2), CI_UNDECIDED);
	add_run("eeeeeee", T0 + 40, "f", "test")->branch = "feature";
	add_run("fffffff", T0 + 50, "f", "test");
	assert_int_equal(class_of(4), CI_UNDECIDED); /* another branch says nothing */
}

static void a_night_job_of_one_commit_is_not_decided(void **state UNUSED)
{
	for (int i = 0; i < 5; i++)
		add_run("aaaaaaa", T0 + i * DAY, "f", "load");
	assert_int_equal(class_of(0), CI_UNDECIDED);
	add_run("bbbbbbb", T0 + 5 * DAY, "f", "load");
	assert_int_equal(class_of(0), CI_REAL);
	assert_int_equal(class_of(5), CI_UNDECIDED);
}

static void what_never_had_a_runner_is_infrastructure(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "u", NULL);
	struct rec_run *none = add_run("bbbbbbb", T0 + 10, "f", "test");
	none->jobs.v[0].had_runner = false, none->jobs.v[0].steps = 0;
	struct rec_run *lost = add_run("ccccccc", T0 + 20, "f", "test");
	lost->jobs.v[0].had_runner = false; /* some steps ran */
	add_run("ddddddd", T0 + 30, "f", NULL); /* its jobs were not collected */
	assert_int_equal(class_of(0), CI_INFRASTRUCTURE);
	assert_int_equal(class_of(1), CI_INFRASTRUCTURE);
	assert_int_equal(class_of(2), CI_UNDECIDED);
	assert_int_equal(class_of(3), CI_UNDECIDED);
}

static void cancelled_skipped_and_running_are_no_failures(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "c", NULL);
	add_run("bbbbbbb", T0 + 10, "k", NULL);
	add_run("ccccccc", T0 + 20, "r", NULL);
	add_run("ddddddd", T0 + 30, "t", NULL); /* a time-out by itself decides nothing */
	assert_int_equal(class_of(0), CI_CANCELLED);
	assert_int_equal(class_of(1), CI_OTHER);
	assert_int_equal(class_of(2), CI_RUNNING);
	assert_int_equal(class_of(3), CI_UNDECIDED);
	struct ci_runs out = {0};
	ci_classify(&all, &a, &out);
	for (size_t i = 0; i < 4; i++)
		assert_true(out.v[i].failed == (i == 3));
}

static struct ci_workflow only_workflow(int64_t from_s, int64_t to_s)
{
	struct ci_runs *out = arena_new(&a, struct ci_runs);
	struct ci_workflows w = {0};
	ci_classify(&all, &a, out);
	ci_workflows_of(out, from_s, to_s, &a, &w);
	assert_int_equal(w.n, 1);
	return w.v[0];
}

static void a_workflow_fails_now_by_its_last_verdict(void **state UNUSED)
{
	add_run("aaaaaaa", T0 - DAY, "f", "test");
	add_run("bbbbbbb", T0 + 1, "s", NULL);
	add_run("ccccccc", T0 + 2, "f", "test");
	add_run("ddddddd", T0 + 3, "f", "test");
	add_run("eeeeeee", T0 + 4, "c", NULL); /* no verdict */
	add_run("fffffff", T0 + 5, "s", NULL)->default_branch = false;
	struct ci_workflow w = only_workflow(T0, T0 + 7 * DAY);
	assert_true(w.failing && w.failing_at_start && w.streak == 2);
	assert_string_equal(w.strip, "fpff");
	assert_true(w.first_failed->r == &all.v[2]);
	add_run("ggggggg", T0 + 6, "s", NULL);
	w = only_workflow(T0, T0 + 7 * DAY);
	assert_true(!w.failing && w.streak == 0 && w.failing_at_start);
	assert_true(!only_workflow(T0 + 38 * DAY, T0 + 45 * DAY).last); /* over 30 days back */
}

static void a_schedule_has_stopped_when_two_due_times_passed(void **state UNUSED)
{
	for (int i = 0; i < 10; i++)
		add_run("aaaaaaa", T0 - (10 - i) * DAY + (i % 2) * 900, "s", NULL)->event =
			"schedule";
	int64_t last = T0 - DAY + 900;
	struct ci_workflow w = only_workflow(T0 - 7 * DAY, T0);
	assert_true(w.last_schedule_s == last && w.gap_s >= DAY - 900 && w.gap_s <= DAY + 900);
	assert_false(ci_missed_two(&w, last + DAY));
	assert_false(ci_missed_two(&w, last + 2 * DAY)); /* GitHub may be late */
	assert_true(ci_missed_two(&w, last + 2 * DAY + 7 * 3600));
}

static void green_again_is_counted_from_the_first_real_failure(void **state UNUSED)
{
	add_run("aaaaaaa", T0, "s", NULL);
	add_run("bbbbbbb", T0 + 1000, "f", "test");
	add_run("ccccccc", T0 + 2000, "f", "test");
	add_run("ddddddd", T0 + 5000, "s", NULL);
	add_run("eeeeeee", T0 + 9000, "f", "test");
	add_run("fffffff", T0 + 9900, "f", "test");
	struct ci_runs out = {0};
	struct ci_episodes ep = {0};
	ci_classify(&all, &a, &out);
	ci_episodes_of(&out, T0, T0 + 20000, &a, &ep);
	assert_int_equal(ep.n, 2);
	assert_true(ep.v[0].end && ep.v[0].duration_s == 4000);
	assert_true(!ep.v[1].end && ep.v[1].duration_s == 20000 - 9600);
	struct ci_episodes later = {0};
	ci_episodes_of(&out, T0 + 6000, T0 + 20000, &a, &later);
	assert_int_equal(later.n, 1); /* the first ended before */
}

static void the_order_of_the_rows_does_not_matter(void **state UNUSED)
{
	for (int i = 0; i < 6; i++)
		add_run(arena_printf(&a, "%07d", i), T0 + i, i == 5 ? "s" : "f",
			i == 5 ? NULL : "test");
	struct runs turned = {0};
	for (size_t i = all.n; i > 0; i--)
		vec_push(&a, &turned, all.v[i - 1]);
	struct ci_runs x = {0}, y = {0};
	ci_classify(&all, &a, &x);
	ci_classify(&turned, &a, &y);
	for (size_t i = 0; i < x.n; i++) {
		assert_string_equal(x.v[i].r->key, y.v[i].r->key);
		assert_int_equal(x.v[i].class, y.v[i].class);
	}
}

#define t(f) cmocka_unit_test_teardown(f, release)
int main(void)
{
	const struct CMUnitTest tests[] = {
		t(a_success_after_a_failure_of_one_run_is_flaky),
		t(a_success_of_another_run_counts_for_the_same_commit_and_event),
		t(real_is_what_the_next_commit_repeats_in_the_same_job),
		t(a_night_job_of_one_commit_is_not_decided),
		t(what_never_had_a_runner_is_infrastructure),
		t(cancelled_skipped_and_running_are_no_failures),
		t(a_workflow_fails_now_by_its_last_verdict),
		t(a_schedule_has_stopped_when_two_due_times_passed),
		t(green_again_is_counted_from_the_first_real_failure),
		t(the_order_of_the_rows_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
