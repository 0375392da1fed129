#include "support/test.h"

#include "store/ci.h"
#include "store/deploys.h"
#include "store/errors.h"
#include "store/digests.h"
#include "store/facts.h"
#include "store/ledger.h"
#include "store/prune.h"
#include "store/store.h"

#define T(day, hour) (1794182400 + (day)*86400 + (hour)*3600) /* 2026-11-09T00:00:00Z + … */
#define FROM	     T(0, 0)
#define TO	     T(7, 0)

static struct arena a;
static struct db *db;
static struct err e;

static int open_store(void **state UNUSED)
{
	e = (struct err){0};
	const char *path = arena_printf(&a, "%s/s.db", test_dir(&a));
	if (!store_open(path, STORE_WRITE, &db, &e) || !db_begin(db, &e))
		return -1;
	return 0;
}

static int close_store(void **state UNUSED)
{
	db_rollback(db);
	db_close(db);
	db = NULL;
	arena_release(&a);
	return 0;
}

static int64_t number(const char *sql)
{
	int64_t v = 0;
	assert_ok(db_i64(db, sql, &v, &e), e);
	return v;
}

static struct rec_issue issue(const char *key)
{
	return (struct rec_issue){.source = "sentry",
				  .key = key,
				  .project = "web",
				  .title = "KeyError: 'x'",
				  .status = "unresolved",
				  .substatus = "new",
				  .first_seen_s = T(1, 0),
				  .last_seen_s = T(2, 0),
				  .total_events = 40,
				  .total_users = NUM_NONE,
				  .week = "2026-W46",
				  .env_first_seen_s = TIME_NONE,
				  .week_first_seen_s = T(1, 0),
				  .week_last_seen_s = T(2, 0),
				  .events = 12,
				  .users = NUM_NONE,
				  .last_day_events = 0,
				  .regressed_s = TIME_NONE,
				  .escalated_s = TIME_NONE,
				  .resolved_s = TIME_NONE};
}

static void an_issue_of_several_sweeps_keeps_what_each_told(void **state UNUSED)
{
	struct rec_issue i = issue("1");
	struct issues list;
	assert_ok(errors_put_issue(db, &i, T(7, 1), &e), e);
	/* Another sweep knows less, but that it regressed. */
	struct rec_issue less = issue("1");
	less.title = less.project = less.status = less.substatus = NULL;
	less.total_events = less.events = less.last_day_events = NUM_NONE;
	less.first_seen_s = less.week_first_seen_s = TIME_NONE;
	less.users = 3;
	less.regressed_s = T(3, 0);
	assert_ok(errors_put_issue(db, &less, T(8, 0), &e), e);
	assert_ok(errors_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	const struct rec_issue *r = &list.v[0];
	assert_string_equal(r->title, "KeyError: 'x'");
	assert_string_equal(r->status, "unresolved");
	assert_string_equal(r->substatus, "new");
	assert_int_equal(r->total_events, 40);
	assert_int_equal(r->events, 12);
	assert_int_equal(r->users, 3);
	assert_int_equal(r->last_day_events, 0); /* zero is not unknown */
	assert_int_equal(r->first_seen_s, T(1, 0));
	assert_int_equal(r->regressed_s, T(3, 0));
	assert_true(r->total_users == NUM_NONE && r->resolved_s == TIME_NONE);
	assert_null(r->culprit);
	/* Seen first stays. */
	assert_int_equal(number("SELECT seen_at = '2026-11-16T01:00:00Z' FROM issue"), 1);
}

static void issues_come_by_events_then_key_and_unknown_counts_last(void **state UNUSED)
{
	static const struct {
		const char *key;
		int64_t events;
	} in[] = {{"4", NUM_NONE}, {"3", 0}, {"2", 12}, {"1", 12}, {"5", 90}};
	static const char *const want[] = {"5", "1", "2", "3", "4"};
	struct issues list;
	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		struct rec_issue x = issue(in[i].key);
		x.events = in[i].events;
		assert_ok(errors_put_issue(db, &x, T(7, 0), &e), e);
	}
	assert_ok(errors_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(list.v[i].key, want[i]);
}

static void forgetting_a_week_keeps_other_weeks_and_other_sources(void **state UNUSED)
{
	struct rec_issue x = issue("1"), y = issue("1"), z = issue("1");
	struct issues list;
	y.week = "2026-W45";
	z.source = "other";
	assert_ok(errors_put_issue(db, &x, 0, &e), e);
	assert_ok(errors_put_issue(db, &y, 0, &e), e);
	assert_ok(errors_put_issue(db, &z, 0, &e), e);
	assert_ok(errors_forget_week(db, "sentry", "2026-W46", &e), e);
	assert_ok(errors_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].source, "other");
	assert_ok(errors_list(db, "2026-W45", &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_int_equal(number("SELECT count(*) FROM issue"), 2);
}

static void days_are_half_open_and_put_twice_is_put_once(void **state UNUSED)
{
	static const char *const days[] = {"2026-11-08", "2026-11-09", "2026-11-15", "2026-11-16"};
	struct days list;
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
			struct rec_project_day d = {"sentry", "web", days[i], (int64_t)i};
			assert_ok(errors_put_day(db, &d, &e), e);
		}
	struct rec_project p = {"sentry", "9", "web", "Web", NULL},
			   renamed = {"sentry", "9", "www", NULL, "python"};
	assert_ok(errors_put_project(db, &p, 0, &e), e);
	assert_ok(errors_put_project(db, &renamed, 0, &e), e);
	assert_int_equal(number("SELECT count(*) FROM sentry_project WHERE slug = 'www' AND name = "
				"'Web' AND platform = 'python'"),
			 1);
	assert_ok(errors_days(db, "2026-11-09", "2026-11-16", &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[1].day, "2026-11-15");
	assert_int_equal(list.v[1].events, 2);
}

static struct rec_run run(const char *key, int64_t created_s)
{
	return (struct rec_run){.source = "github",
				.key = key,
				.repo = "o/r",
				.workflow_key = "7",
				.workflow_path = ".github/workflows/ci.yml",
				.workflow = "CI",
				.event = "push",
				.branch = "main",
				.sha = "abc",
				.status = "completed",
				.conclusion = "failure",
				.number = 5,
				.attempt = 1,
				.created_s = created_s,
				.started_s = created_s,
				.completed_s = created_s + 60,
				.default_branch = true};
}

static void a_run_comes_back_with_its_attempts_and_jobs(void **state UNUSED)
{
	struct runs list;
	struct rec_run one = run("10", T(1, 0)), two = run("9", T(0, 0)), out = run("11", TO),
		       early = run("8", FROM - 1);
	one.repo = "o/a";
	const struct rec_run *all[] = {&one, &two, &out, &early};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_ok(ci_put_run(db, all[i], T(7, 0), &e), e);
	for (int64_t n = 2; n >= 1; n--) {
		struct rec_attempt t = {n, n == 1 ? "failure" : NULL, T(1, 0), TIME_NONE};
		struct rec_job jobs[] = {{.attempt = n,
					  .key = "b",
					  .name = "test",
					  .conclusion = "failure",
					  .started_s = T(1, 1),
					  .completed_s = T(1, 2),
					  .failed_step = "make check",
					  .steps = 4,
					  .had_runner = true},
					 {.attempt = n,
					  .key = "a",
					  .name = "lint",
					  .started_s = TIME_NONE,
					  .completed_s = TIME_NONE}};
		for (int twice = 0; twice < 2; twice++) {
			assert_ok(ci_put_attempt(db, "github", "10", &t, &e), e);
			assert_ok(ci_put_jobs(db, "github", "10", n, jobs, 2, &e), e);
		}
		assert_ok(ci_put_attempt(db, "github", "11", &t, &e), e); /* outside the span */
		assert_ok(ci_put_jobs(db, "github", "8", n, jobs, 1, &e), e);
	}
	assert_ok(ci_list(db, FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].repo, "o/a");
	assert_int_equal(list.v[0].attempts.n, 2);
	assert_int_equal(list.v[0].attempts.v[0].attempt, 1);
	assert_string_equal(list.v[0].attempts.v[0].conclusion, "failure");
	assert_null(list.v[0].attempts.v[1].conclusion);
	assert_int_equal(list.v[0].jobs.n, 4);
	const struct rec_job *j = &list.v[0].jobs.v[1];
	assert_string_equal(j->failed_step, "make check");
	assert_true(j->had_runner && j->steps == 4 && j->completed_s == T(1, 2));
	assert_int_equal(list.v[1].attempts.n, 0);
	/* Jobs are replaced, not gathered. */
	assert_ok(ci_put_jobs(db, "github", "10", 1, NULL, 0, &e), e);
	assert_ok(ci_list(db, FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.v[0].jobs.n, 2);
	assert_err(ci_put_jobs(db, "github", "none", 1, NULL, 0, &e), e, ERR_BUG, "run none");
	err_clear(&e);
	struct rec_attempt t = {1, NULL, TIME_NONE, TIME_NONE};
	assert_err(ci_put_attempt(db, "github", "none", &t, &e), e, ERR_BUG, "run none");
}

static void a_late_page_does_not_undo_a_newer_attempt(void **state UNUSED)
{
	struct rec_run r = run("1", T(1, 0)), got;
	bool found;
	r.attempt = 2;
	r.conclusion = "success";
	assert_ok(ci_put_run(db, &r, 0, &e), e);
	r.attempt = 1;
	r.conclusion = "failure";
	assert_ok(ci_put_run(db, &r, 0, &e), e);
	assert_ok(ci_get_run(db, "github", "1", &a, &got, &found, &e), e);
	assert_true(found && got.attempt == 2);
	assert_string_equal(got.conclusion, "success");
	/* A re-run that goes on has no conclusion again. */
	r.attempt = 3;
	r.conclusion = NULL;
	r.completed_s = TIME_NONE;
	assert_ok(ci_put_run(db, &r, 0, &e), e);
	assert_ok(ci_get_run(db, "github", "1", &a, &got, &found, &e), e);
	assert_null(got.conclusion);
	assert_true(got.completed_s == TIME_NONE);
	assert_ok(ci_get_run(db, "github", "2", &a, &got, &found, &e), e);
	assert_false(found);
}

static void runs_that_may_change_are_asked_again(void **state UNUSED)
{
	static const char *const conclusions[] = {"success", "failure", NULL, "cancelled"};
	struct runs list;
	for (size_t i = 0; i < ARRAY_SIZE(conclusions); i++) {
		struct rec_run r = run(arena_printf(&a, "%zu", i), T(1, (int64_t)i));
		r.conclusion = conclusions[i];
		assert_ok(ci_put_run(db, &r, 0, &e), e);
	}
	struct rec_run old = run("old", FROM - 1), other = run("other", T(1, 0));
	other.source = "elsewhere";
	assert_ok(ci_put_run(db, &old, 0, &e), e);
	assert_ok(ci_put_run(db, &other, 0, &e), e);
	assert_ok(ci_unsettled(db, "github", FROM, &a, &list, &e), e);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].key, "1");
	assert_string_equal(list.v[2].key, "3");
}

static void a_workflow_is_scheduled_once_it_ran_on_schedule(void **state UNUSED)
{
	struct rec_workflow w = {.source = "github", .key = "7", .repo = "o/r", .name = "CI"},
			    v = w;
	struct rec_run r = run("1", T(1, 0));
	struct workflows list;
	struct repos repos;
	v.key = "8";
	r.event = "schedule";
	assert_ok(ci_put_workflow(db, &w, 0, &e), e);
	assert_ok(ci_put_workflow(db, &v, 0, &e), e);
	assert_ok(ci_put_run(db, &r, 0, &e), e);
	assert_ok(ci_workflows(db, &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_true(list.v[0].scheduled && !list.v[1].scheduled);
	struct rec_repo p = {
		.source = "github", .key = "1", .name = "o/r", .default_branch = "main"};
	assert_ok(ci_put_repo(db, &p, 0, &e), e);
	p.default_branch = NULL;
	p.gone = true;
	assert_ok(ci_put_repo(db, &p, 0, &e), e);
	assert_ok(ci_repos(db, &a, &repos, &e), e);
	assert_int_equal(repos.n, 1);
	assert_true(repos.v[0].gone && !repos.v[0].archived);
	assert_string_equal(repos.v[0].default_branch, "main");
}

static void deployments_belong_where_they_finished_else_where_they_began(void **state UNUSED)
{
	static const struct {
		const char *key;
		int64_t created, finished;
		enum deploy_state state;
	} in[] = {{"before", FROM - 10, FROM - 1, DEPLOY_SUCCEEDED},
		  {"across", FROM - 10, FROM, DEPLOY_FAILED},
		  {"running", T(2, 0), TIME_NONE, DEPLOY_IN_PROGRESS},
		  {"last", T(3, 0), TO - 1, DEPLOY_ROLLED_BACK},
		  {"after", T(4, 0), TO, DEPLOY_SUCCEEDED},
		  {"waiting", TO, TIME_NONE, DEPLOY_WAITING}};
	static const char *const want[] = {"across", "running", "last"};
	struct deployments list;
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
			struct rec_deployment d = {.source = "aws",
						   .kind = "codedeploy",
						   .key = in[i].key,
						   .service = twice ? NULL : "main",
						   .state = in[i].state,
						   .created_s = in[i].created,
						   .started_s = TIME_NONE,
						   .finished_s = in[i].finished};
			assert_ok(deploys_put(db, &d, 0, &e), e);
		}
	assert_ok(deploys_list(db, FROM, TO, &a, &list, &e), e);
	assert_int_equal(list.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_string_equal(list.v[i].key, want[i]);
		assert_string_equal(list.v[i].service, "main");
	}
	assert_int_equal(list.v[2].state, DEPLOY_ROLLED_BACK);
	assert_ok(deploys_unfinished(db, "aws", FROM, &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	struct images images;
	struct rec_image push = {"aws",	   "main", "sha256:1", NULL,
				 "v1 abc", "abc",  T(1, 0),    NUM_NONE};
	assert_ok(deploys_put_image(db, &push, 0, &e), e);
	push.tags = "v1 abc latest";
	push.sha = NULL;
	assert_ok(deploys_put_image(db, &push, 0, &e), e);
	assert_ok(deploys_images(db, FROM, TO, &a, &images, &e), e);
	assert_int_equal(images.n, 1);
	assert_string_equal(images.v[0].tags, "v1 abc latest");
	assert_string_equal(images.v[0].sha, "abc");
	assert_true(images.v[0].bytes == NUM_NONE);
}

static void the_ledger_keeps_the_last_word_on_each_part(void **state UNUSED)
{
	struct ledger l = {.week = "2026-W46",
			   .source = "github",
			   .part = "actions",
			   .status = LEDGER_PARTIAL,
			   .expected = 61,
			   .received = 60,
			   .requests = 70,
			   .as_of_s = T(7, 0),
			   .reason = "403 on o/secret",
			   .affects = "ci."};
	struct ledgers list;
	int64_t id;
	assert_ok(store_run_begin(db, "collect", NULL, "sitrep 0.1.0", 0, &id, &e), e);
	assert_ok(ledger_put(db, &l, id, &e), e);
	l.status = LEDGER_COMPLETE;
	l.expected = NUM_NONE;
	l.reason = NULL;
	assert_ok(ledger_put(db, &l, 0, &e), e);
	l.part = "deployments";
	l.status = LEDGER_NOT_ENABLED;
	assert_ok(ledger_put(db, &l, 0, &e), e);
	assert_ok(ledger_list(db, "2026-W46", &a, &list, &e), e);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].status, LEDGER_COMPLETE);
	assert_true(list.v[0].expected == NUM_NONE && list.v[0].received == 60);
	assert_null(list.v[0].reason);
	assert_int_equal(list.v[1].status, LEDGER_NOT_ENABLED);
	assert_ok(ledger_list(db, "2026-W45", &a, &list, &e), e);
	assert_int_equal(list.n, 0);
}

static void put_around(const char *name, const char *week, const char *day, int64_t at_s)
{
	struct rec_issue i = issue(name);
	struct rec_run r = run(name, at_s);
	struct rec_attempt t = {1, "failure", at_s, at_s};
	struct rec_deployment d = {.source = "aws",
				   .kind = "ecs",
				   .key = name,
				   .created_s = at_s,
				   .started_s = TIME_NONE,
				   .finished_s = TIME_NONE};
	struct rec_image p = {"aws", "main", name, NULL, "t", NULL, at_s, 1};
	struct rec_project_day x = {"sentry", "web", day, 1};
	struct ledger l = {
		.week = week, .source = "s", .part = "p", .as_of_s = at_s, .affects = ""};
	struct fact f = {week, "s", "errors.users", NULL, 3, TIME_NONE};
	i.week = week;
	i.last_seen_s = at_s;
	assert_ok(errors_put_issue(db, &i, at_s, &e) && errors_put_day(db, &x, &e) &&
			  ci_put_run(db, &r, at_s, &e) &&
			  ci_put_attempt(db, "github", name, &t, &e) &&
			  deploys_put(db, &d, at_s, &e) && deploys_put_image(db, &p, at_s, &e) &&
			  ledger_put(db, &l, 0, &e) && facts_put(db, &f, &e),
		  e);
}

static void what_is_not_kept_goes_whole_and_its_week_counts_as_not_collected(void **state UNUSED)
{
	static const char *const tables[] = {"issue",	   "issue_week", "project_day",
					     "ci_run",	   "ci_attempt", "deployment",
					     "image_push", "ledger",	 "fact"};
	struct prune_keep keep = {.raw_from_week = "2026-W46", .raw_from_s = FROM - 48 * 3600};
	struct ci_span span;
	int64_t rows = -1;
	put_around("old", "2026-W45", "2026-11-06", keep.raw_from_s - 1);
	put_around("new", "2026-W46", "2026-11-07", keep.raw_from_s);
	assert_ok(facts_put_span(db, "github", "o/r", (struct ci_span){keep.raw_from_s - 100, TO},
				 &e),
		  e);
	assert_ok(facts_put_span(db, "github", "o/old", (struct ci_span){0, keep.raw_from_s}, &e),
		  e);
	assert_ok(db_commit(db, &e), e);
	assert_ok(prune_store(db, &(struct prune_keep){0}, &rows, &e), e);
	assert_int_equal(rows, 0);
	assert_ok(prune_store(db, &keep, &rows, &e), e);
	assert_int_equal(rows, 9); /* each once, the attempt with its run, and one span */
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (number(arena_printf(&a, "SELECT count(*) FROM %s", tables[i])) != 1)
			fail_msg("%s", tables[i]);
	assert_ok(facts_span(db, "github", "o/r", &span, &e), e);
	assert_true(span.from_s == keep.raw_from_s && span.to_s == TO);
	assert_ok(facts_span(db, "github", "o/old", &span, &e), e);
	assert_true(span.from_s == TIME_NONE);
	assert_ok(prune_store(db, &keep, &rows, &e), e);
	assert_int_equal(rows, 0);
	/* Digests by their own rule. */
	struct numbers none = {0};
	struct items nothing = {0};
	struct frozen f;
	struct frozens list;
	for (int w = 44; w <= 46; w++)
		assert_ok(digests_freeze(db, arena_printf(&a, "2026-W%d", w), "everyone", "<d/>", 4,
					 "v", &none, &nothing, 0, &a, &f, &e),
			  e);
	assert_ok(prune_store(db, &(struct prune_keep){.digest_from_week = "2026-W46"}, &rows, &e),
		  e);
	assert_int_equal(rows, 2);
	assert_ok(digests_list(db, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].week, "2026-W46");
}

static void outside_text_is_data_and_never_sql(void **state UNUSED)
{
	struct rec_issue i = issue("1'; DROP TABLE issue; --");
	struct issues list;
	i.title = "Robert'); DROP TABLE \"issue\";-- \xf0\x9f\x92\xa5 \xe2\x80\xae";
	assert_ok(errors_put_issue(db, &i, 0, &e), e);
	assert_ok(errors_list(db, "2026-W46", &a, &list, &e), e);
	assert_string_equal(list.v[0].key, i.key);
	assert_string_equal(list.v[0].title, i.title);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_issue_of_several_sweeps_keeps_what_each_told),
		TEST(issues_come_by_events_then_key_and_unknown_counts_last),
		TEST(forgetting_a_week_keeps_other_weeks_and_other_sources),
		TEST(days_are_half_open_and_put_twice_is_put_once),
		TEST(a_run_comes_back_with_its_attempts_and_jobs),
		TEST(a_late_page_does_not_undo_a_newer_attempt),
		TEST(runs_that_may_change_are_asked_again),
		TEST(a_workflow_is_scheduled_once_it_ran_on_schedule),
		TEST(deployments_belong_where_they_finished_else_where_they_began),
		TEST(the_ledger_keeps_the_last_word_on_each_part),
		TEST(what_is_not_kept_goes_whole_and_its_week_counts_as_not_collected),
		TEST(outside_text_is_data_and_never_sql),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
