/* Conditional requests and what else a second collection of a week is spared. */
#include "support/collecting.h"

#include "collect/doubt.h"
#include "store/cache.h"

static struct collecting b;
static struct {
	const char *etag; /* of everything; NULL: none is sent */
	const char *modified;
	const char *token; /* that the last request came with */
	int confirmed, whole;
	bool bare; /* 304 without Link */
	int status; /* of everything; 0: as usual */
} srv;

static const char *body_of(const struct httpd_request *rq)
{
	if (strstr(rq->path, "/repos") == rq->path + strlen(rq->path) - 6)
		return strstr(rq->query, "page=2") ? "[{\"id\":2,\"full_name\":\"acme/api\"}]"
						   : "[{\"id\":1,\"full_name\":\"acme/web\"}]";
	if (strstr(rq->path, "/actions/runs"))
		return "{\"workflow_runs\":[{\"id\":7,\"created_at\":\"2026-11-10T10:00:00Z\","
		       "\"status\":\"completed\",\"conclusion\":\"success\"}]}";
	if (strstr(rq->path, "/actions/workflows"))
		return "{\"workflows\":[]}";
	return "[]";
}

static struct httpd_answer serve(const struct httpd_request *rq, struct arena *a, void *ctx UNUSED)
{
	const char *asked = httpd_header(rq, "If-None-Match");
	const char *since = httpd_header(rq, "If-Modified-Since");
	const char **headers = arena_alloc_n(a, 5, sizeof(char *));
	size_t n = 0;
	bool first = strstr(rq->target, "/repos?") && !strstr(rq->query, "page=2");
	srv.token = httpd_header(rq, "Authorization");
	if (srv.status)
		return (struct httpd_answer){.status = srv.status, .body = "{}"};
	bool same = (asked && srv.etag && !strcmp(asked, srv.etag)) ||
		    (!asked && since && srv.modified && !strcmp(since, srv.modified));
	if (srv.etag)
		headers[n++] = arena_printf(a, "ETag: %s", srv.etag);
	if (srv.modified)
		headers[n++] = arena_printf(a, "Last-Modified: %s", srv.modified);
	if (first && !(same && srv.bare))
		headers[n++] = arena_printf(a,
					    "Link: <%s/users/acme/repos?per_page=100&page=2>; "
					    "rel=\"next\"",
					    b.url);
	headers[n++] = arena_printf(a, "X-RateLimit-Remaining: 4000");
	if (same) {
		srv.confirmed++;
		return (struct httpd_answer){.status = 304, .headers = headers};
	}
	srv.whole++;
	return (struct httpd_answer){.body = body_of(rq), .headers = headers};
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	memset(&srv, 0, sizeof srv);
	srv.etag = "W/\"abc, 1\"";
	httpd_on_any(b.h, serve, NULL);
	setenv("SITREP_TEST_TOKEN", "ghp_invented0001", 1);
	struct github_source s = {
		.name = "github", .url = b.url, .user = "acme", .repositories = strv_of(&b.a, "*")};
	struct secret token = {SECRET_ENV, "SITREP_TEST_TOKEN"};
	vec_push(&b.a, &s.tokens, token);
	vec_push(&b.a, &b.cfg.github, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static const char *rows(void)
{
	return collecting_rows(&b, "SELECT name, gone FROM repo ORDER BY name");
}

static int64_t bytes(void)
{
	return collecting_i64(&b, "SELECT sum(bytes) FROM ledger");
}

static void a_confirmed_answer_is_the_kept_one_with_all_its_pages(void **state UNUSED)
{
	srv.bare = true;
	collecting_run(&b);
	assert_int_equal(srv.confirmed, 0);
	const char *before = rows();
	assert_string_equal(before, "acme/api|0\nacme/web|0\n");
	int first = srv.whole;
	collecting_run(&b);
	assert_int_equal(srv.whole, first);
	assert_int_equal(srv.confirmed, first);
	assert_string_equal(rows(), before);
	assert_part(&b, "repositories", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "repositories")->received, 2);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM ci_run"), 1);
}

static void another_token_asks_for_all_of_it(void **state UNUSED)
{
	collecting_run(&b);
	int first = srv.whole;
	setenv("SITREP_TEST_TOKEN", "ghp_invented0002", 1);
	collecting_run(&b);
	assert_int_equal(srv.confirmed, 0);
	assert_int_equal(srv.whole, 2 * first);
	assert_string_equal(srv.token, "Bearer ghp_invented0002");
}

static void a_changed_answer_replaces_the_kept_one(void **state UNUSED)
{
	collecting_run(&b);
	int64_t kept = collecting_i64(&b, "SELECT count(*) FROM http_cache");
	assert_true(kept > 0);
	srv.etag = "\"new\"";
	collecting_run(&b);
	assert_int_equal(srv.confirmed, 0);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache"), kept);
	assert_int_equal(
		collecting_i64(&b, "SELECT count(*) FROM http_cache WHERE etag = '\"new\"'"), kept);
}

static void a_date_is_asked_with_where_there_is_no_etag(void **state UNUSED)
{
	srv.etag = NULL;
	srv.modified = "Mon, 16 Nov 2026 06:00:00 GMT";
	collecting_run(&b);
	int first = srv.whole;
	collecting_run(&b);
	assert_int_equal(srv.confirmed, first);
}

static void an_answer_without_validator_is_not_kept(void **state UNUSED)
{
	srv.etag = NULL;
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache"), 0);
}

static void a_confirmed_answer_costs_no_budget(void **state UNUSED)
{
	collecting_run(&b);
	b.cfg.limits.requests_per_source = 2; /* one after the other: never more are under way */
	collecting_run(&b);
	assert_part(&b, "actions", LEDGER_COMPLETE, NULL);
	assert_true(srv.confirmed > 2);
}

static void a_kept_body_that_is_damaged_is_never_zero_rows(void **state UNUSED)
{
	struct err e = {0};
	collecting_run(&b);
	assert_ok(db_exec(b.db, "UPDATE http_cache SET body = x'1f8b0800'", &e), e);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "304 on");
	assert_string_equal(rows(), "acme/api|0\nacme/web|0\n");
	collecting_run(&b); /* forgotten, a page at a time: asked for anew */
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_COMPLETE, NULL);
}

static void a_lost_service_is_told_whatever_is_kept(void **state UNUSED)
{
	collecting_run(&b);
	srv.status = 401;
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "401 on");
}

static void lists_of_secrets_are_not_kept(void **state UNUSED)
{
	b.cfg.github.v[0].collect = strv_of(&b.a, "secret_scanning");
	collecting_run(&b);
	assert_true(collecting_asked(&b, "GET */secret-scanning/alerts*") > 0);
	int64_t kept = collecting_i64(&b, "SELECT count(*) FROM http_cache");
	assert_int_equal(kept, 2); /* the repositories' pages */
}

static void a_second_run_takes_a_fraction_of_the_bytes(void **state UNUSED)
{
	collecting_run(&b);
	int64_t first = bytes();
	collecting_run(&b);
	assert_true(bytes() < first);
	/* Neither address nor token can be read from what is kept. */
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache WHERE key LIKE "
					    "'%acme%' OR key LIKE '%ghp_%'"),
			 0);
}

/* --- the store's side --- */

static void put(const char *key, size_t len, int64_t seen_s)
{
	struct err e = {0};
	struct cache_entry x = {.key = key,
				.source = "s",
				.etag = "\"1\"",
				.headers = "",
				.packed = arena_alloc(&b.a, len),
				.packed_len = len,
				.bytes = 1,
				.seen_s = seen_s};
	assert_ok(db_begin(b.db, &e) && cache_put(b.db, &x, &e) && db_commit(b.db, &e), e);
}

static void what_was_used_longest_ago_goes_first(void **state UNUSED)
{
	struct err e = {0};
	put("old", 100, WEEK_FROM);
	put("mid", 100, WEEK_FROM + 86400 * 2);
	put("new", 100, WEEK_FROM + 86400 * 3);
	assert_ok(cache_trim(b.db, 300, &e), e);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache"), 3);
	assert_ok(cache_touch(b.db, "old", WEEK_FROM + 86400 * 4, &e), e);
	assert_ok(cache_trim(b.db, 250, &e), e);
	assert_string_equal(collecting_rows(&b, "SELECT key FROM http_cache ORDER BY key"),
			    "new\nold\n");
}

/* --- zero after weeks that were not --- */

static struct ledger past(enum ledger_status s, int64_t received)
{
	return (struct ledger){.status = s, .received = received};
}

static bool doubted(const struct ledger *v, size_t n)
{
	struct ledgers list = {(struct ledger *)(uintptr_t)v, n, n};
	int64_t least, most;
	return doubt_applies(&list, &least, &most);
}
#define DOUBTED(...)                                                                               \
	doubted((const struct ledger[]){__VA_ARGS__},                                              \
		sizeof((const struct ledger[]){__VA_ARGS__}) / sizeof(struct ledger))

static void zero_is_doubted_only_when_chance_is_a_poor_explanation(void **state UNUSED)
{
	const enum ledger_status C = LEDGER_COMPLETE, P = LEDGER_PARTIAL, F = LEDGER_FAILED;
	assert_true(DOUBTED(past(C, 5), past(C, 4), past(C, 6)));
	assert_true(DOUBTED(past(C, 40), past(P, 30), past(C, 50), past(C, 0)));
	assert_true(DOUBTED(past(F, 0), past(C, 5), past(F, 0), past(C, 4), past(C, 6)));
	assert_false(DOUBTED(past(C, 5), past(C, 4), past(C, 5))); /* 14: rare enough to be none */
	assert_false(DOUBTED(past(C, 50), past(C, 50))); /* two weeks are no custom */
	assert_false(DOUBTED(past(C, 50), past(C, 0), past(C, 50), past(C, 50)));
	assert_false(DOUBTED(past(C, 0), past(C, 50), past(C, 50), past(C, 50)));
	/* Doubted weeks before it: twice more, then it is believed. */
	assert_true(DOUBTED(past(P, 0), past(P, 0), past(C, 9), past(C, 9), past(C, 9)));
	assert_false(
		DOUBTED(past(P, 0), past(P, 0), past(P, 0), past(C, 9), past(C, 9), past(C, 9)));
	struct ledgers none = {0};
	int64_t x, y;
	assert_false(doubt_applies(&none, &x, &y));
}

static void nothing_after_full_weeks_is_partial_and_says_what_there_was(void **state UNUSED)
{
	struct err e = {0};
	const char *weeks[] = {"2026-W43", "2026-W44", "2026-W45"};
	b.cfg.github.v[0].collect = strv_of(&b.a, "deployments");
	for (size_t i = 0; i < 3; i++) {
		struct ledger l = {.week = weeks[i],
				   .source = "github",
				   .part = "deployments",
				   .status = LEDGER_COMPLETE,
				   .expected = NUM_NONE,
				   .received = 10 + (int64_t)i,
				   .as_of_s = WEEK_FROM,
				   .affects = "deployments."};
		assert_ok(ledger_put(b.db, &l, 0, &e), e);
	}
	struct arena a = {0};
	struct collect c = {.a = &a, .db = b.db, .clock = &b.clock, .week = {.name = "2026-W46"}};
	struct part *p = collect_part(&c, "github", "deployments", "deployments.");
	assert_ok(doubt_zero(p, &e), e);
	assert_int_equal(p->l.status, LEDGER_PARTIAL);
	assert_string_equal(p->l.reason,
			    "nothing came, where the 3 weeks before had 10 to 12: does "
			    "the token still see everything?");
	struct part *rows_came = collect_part(&c, "github", "deployments", "deployments.");
	collect_got(rows_came, 1);
	assert_ok(doubt_zero(rows_came, &e), e);
	assert_int_equal(rows_came->l.status, LEDGER_COMPLETE);
	arena_release(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_confirmed_answer_is_the_kept_one_with_all_its_pages),
		T(another_token_asks_for_all_of_it),
		T(a_changed_answer_replaces_the_kept_one),
		T(a_date_is_asked_with_where_there_is_no_etag),
		T(an_answer_without_validator_is_not_kept),
		T(a_confirmed_answer_costs_no_budget),
		T(a_kept_body_that_is_damaged_is_never_zero_rows),
		T(a_lost_service_is_told_whatever_is_kept),
		T(lists_of_secrets_are_not_kept),
		T(a_second_run_takes_a_fraction_of_the_bytes),
		T(what_was_used_longest_ago_goes_first),
		T(zero_is_doubted_only_when_chance_is_a_poor_explanation),
		T(nothing_after_full_weeks_is_partial_and_says_what_there_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
