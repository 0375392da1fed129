#include "support/collecting.h"

#include "base/file.h"

static struct collecting b;

static const struct served quiet[] = {
	{"GET */repos[?]*", "[{\"id\":1,\"full_name\":\"acme/web\"}]", NULL, 0, 0},
	{"GET */actions/runs[?]*", "{\"workflow_runs\":[]}", NULL, 0, 0},
	{"GET */actions/workflows[?]*", "{\"workflows\":[]}", NULL, 0, 0},
	{"GET */deployments[?]*", "[]", NULL, 0, 0},
	{0}};

static void add_github(const char *name)
{
	struct github_source s = {
		.name = name, .url = b.url, .user = "acme", .repositories = strv_of(&b.a, "*")};
	vec_push(&b.a, &b.cfg.github, s);
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	collecting_serve(&b, quiet);
	add_github("one");
	add_github("two");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

/* collecting_run with the parts that it fixes left open. */
static bool run(const char *only, struct collect *c, struct err *e)
{
	static struct arena a;
	CLEANUP(http_freep) struct http *http = NULL;
	struct http_opts o = {.concurrency = 1, .timeout_s = 20, .user_agent = "sitrep/test"};
	arena_release(&a);
	c->cfg = &b.cfg;
	c->db = b.db;
	c->a = &a;
	c->clock = &b.clock;
	c->zone = b.zone;
	assert_ok(week_parse(b.zone, "2026-W46", 0, &c->week, e), *e);
	c->from_s = c->week.from_s - 2 * 86400;
	c->to_s = c->week.to_s;
	assert_ok(http_new(&o, &http, e), *e);
	c->http = http;
	bool ok = collect_run(c, only, &b.result, e);
	struct err second = {0};
	assert_ok(ledger_list(b.db, "2026-W46", &b.a, &b.ledger, &second), second);
	arena_release(&a);
	return ok;
}

static void only_the_named_source_is_asked(void **state UNUSED)
{
	struct collect c = {0};
	struct err e = {0};
	assert_ok(run("two", &c, &e), e);
	assert_int_equal(b.ledger.n, 6);
	assert_string_equal(b.ledger.v[0].source, "two");
	assert_int_equal(b.result.complete, 6);
}

static void an_unknown_source_is_refused_with_those_there_are(void **state UNUSED)
{
	struct collect c = {0};
	struct err e = {0};
	assert_err(run("three", &c, &e), e, ERR_USAGE,
		   "no source \"three\" in sitrep.yaml; there is \"one\", \"two\"");
	assert_int_equal(b.ledger.n, 0);
	assert_int_equal(collecting_asked(&b, "*"), 0);
}

static void a_configuration_without_sources_is_an_empty_collection(void **state UNUSED)
{
	struct collect c = {0};
	struct err e = {0};
	b.cfg.github.n = 0;
	assert_ok(run(NULL, &c, &e), e);
	assert_int_equal(b.ledger.n, 0);
	assert_int_equal(b.result.complete, 0);
	assert_err(run("one", &c, &e), e, ERR_USAGE, "there is none");
}

static void progress(const struct collect *c, void *ctx)
{
	int64_t *told = ctx, sum = 0;
	for (size_t i = 0; i < c->parts.n; i++)
		sum += c->parts.v[i]->l.requests;
	assert_int_equal(sum, ++*told);
}

static void progress_is_told_after_every_answer(void **state UNUSED)
{
	int64_t told = 0;
	struct collect c = {.progress = progress, .progress_ctx = &told};
	struct err e = {0};
	assert_ok(run("one", &c, &e), e);
	assert_int_equal(told, 4);
	assert_int_equal(told, (int64_t)collecting_asked(&b, "*"));
}

static void the_reason_kept_does_not_depend_on_the_order_of_answers(void **state UNUSED)
{
	static const char *const reasons[] = {"b is short", "a is short", "z failed", "y failed"};
	struct arena a = {0};
	for (int order = 0; order < 24; order++) {
		struct collect c = {.a = &a, .clock = &b.clock};
		struct part *p = collect_part(&c, "s", "x", "");
		size_t left[] = {0, 1, 2, 3};
		for (size_t n = 4, k = (size_t)order; n > 0; k /= n, n--) {
			size_t i = left[k % n];
			left[k % n] = left[n - 1];
			if (i < 2)
				collect_short(p, "%s", reasons[i]);
			else
				collect_fail(p, "%s", reasons[i]);
		}
		assert_int_equal(p->l.status, LEDGER_FAILED);
		assert_string_equal(p->l.reason, "y failed");
		assert_int_equal(p->failures, 4);
	}
	arena_release(&a);
}

/* Our own failure stops the run, leaves no transaction open, and what was not had is told. */
static void a_store_that_fails_stops_the_run(void **state UNUSED)
{
	struct collect c = {0};
	struct err e = {0}, second = {0};
	assert_ok(db_exec(b.db,
			  "CREATE TRIGGER full BEFORE INSERT ON repo BEGIN SELECT "
			  "raise(ABORT, 'the disk is full'); END",
			  &second),
		  second);
	assert_err(run("one", &c, &e), e, ERR_DB, "one repositories: ");
	assert_non_null(strstr(e.msg, "the disk is full"));
	assert_false(db_in_transaction(b.db));
	assert_part(&b, "repositories", LEDGER_FAILED, "the collection was stopped");
}

/* Without this the failed part of yesterday would stand beside today's numbers. */
static void a_further_run_replaces_the_ledger(void **state UNUSED)
{
	static const struct served down[] = {{"*", "{}", NULL, 500, 0}, {0}};
	b.cfg.github.n = 1;
	collecting_serve(&b, down);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_FAILED, "500 on");
	collecting_serve(&b, quiet);
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_int_equal(b.ledger.n, 6);
	const struct ledger *l = collecting_ledger(&b, "actions");
	assert_int_equal(l->requests, 2);
	assert_int_equal(l->retries, 0);
	assert_int_equal(l->pages, 2);
	assert_true(l->bytes > 0);
	assert_int_equal(l->as_of_s, WEEK_TO + 6 * 3600);
	assert_string_equal(l->affects, "ci.");
}

static void report_files_are_read_through_the_same_table(void **state UNUSED)
{
	struct scans_source s = {.name = "scans",
				 .path = arena_printf(&b.a, "%s/*.json", test_dir(&b.a)),
				 .target = "from-path"};
	b.cfg.github.n = 0;
	vec_push(&b.a, &b.cfg.scans, s);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_FAILED, "no file matches");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_the_named_source_is_asked),
		T(an_unknown_source_is_refused_with_those_there_are),
		T(a_configuration_without_sources_is_an_empty_collection),
		T(progress_is_told_after_every_answer),
		T(the_reason_kept_does_not_depend_on_the_order_of_answers),
		T(a_store_that_fails_stops_the_run),
		T(a_further_run_replaces_the_ledger),
		T(report_files_are_read_through_the_same_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
