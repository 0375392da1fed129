#include "support/test.h"

#include "base/limits.h"
#include "collect/page.h"

static struct arena a;
static struct part p;
static struct collect c;

static int setup(void **state UNUSED)
{
	c = (struct collect){.a = &a};
	p = (struct part){.c = &c, .l = {.source = "s", .part = "x"}};
	return 0;
}

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static struct http_response with_link(const char *value)
{
	struct http_header *h = arena_new(&a, struct http_header);
	*h = (struct http_header){"LINK", value};
	return (struct http_response){.headers = h, .header_n = value ? 1 : 0};
}

static enum page_next github(const char *value, const char *api, const char **token)
{
	struct http_response r = with_link(value);
	*token = NULL;
	return page_github(&r, api, &a, token);
}

static enum page_next sentry(const char *value, const char **token)
{
	struct http_response r = with_link(value);
	*token = NULL;
	return page_sentry(&r, &a, token);
}

static void githubs_next_url_is_followed_as_given(void **state UNUSED)
{
	const char *t;
	assert_int_equal(
		github("<https://api.example.org/organizations/107424/repos?per_page=100&page=2>; "
		       "rel=\"next\", "
		       "<https://api.example.org/organizations/107424/repos?page=23>; "
		       "rel=\"last\"",
		       "https://api.example.org", &t),
		PAGE_MORE);
	assert_string_equal(t, "https://api.example.org/organizations/107424/repos?per_page=100&"
			       "page=2");
	assert_int_equal(github("<https://api.example.org/x?page=1>; rel=\"prev\"",
				"https://api.example.org", &t),
			 PAGE_END);
	assert_int_equal(github(NULL, "https://api.example.org", &t), PAGE_END);
	/* commas, semicolons and ">" in places that trip a splitter */
	assert_int_equal(
		github("<https://api.example.org/x?q=a,b;c>;title=\"a, <b>\"; rel=\"prev\" "
		       ", <https://api.example.org/x?after=Y%3D%3D>;REL=Next",
		       "https://api.example.org", &t),
		PAGE_MORE);
	assert_string_equal(t, "https://api.example.org/x?after=Y%3D%3D");
	assert_int_equal(github("<https://API.example.org:443/x?page=2>; rel=\"next last\"",
				"https://api.example.org/api/v3", &t),
			 PAGE_MORE);
}

static void githubs_next_url_on_another_host_is_refused(void **state UNUSED)
{
	static const char *const urls[] = {
		"https://evil.example/x",
		"http://api.example.org/x",
		"https://api.example.org:8443/x",
		"https://api.example.org@evil.example/x",
		"https://api.example.org.evil.test/x",
		"//api.example.org/x",
		"/x?page=2",
		"ftp://api.example.org/x",
		"https://api.example.org\\@evil.test/",
	};
	const char *t;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		enum page_next n = github(arena_printf(&a, "<%s>; rel=\"next\"", urls[i]),
					  "https://api.example.org", &t);
		if (n != PAGE_BAD)
			fail_msg("%s was not refused", urls[i]);
	}
}

static void sentrys_cursor_alone_is_used_and_only_when_there_are_results(void **state UNUSED)
{
	const char *t;
	/* S-01, S-03: both rels are always there; the URL's host is wrong in practice */
	assert_int_equal(sentry("<http://internal.test/api/0/x/?&cursor=1:0:1>; rel=\"previous\"; "
				"results=\"true\"; cursor=\"1:0:1\", "
				"<http://user@evil.test/api/0/x/?&cursor=2:0:0>; rel=\"next\"; "
				"results=\"true\"; cursor=\"2:0:0\"",
				&t),
			 PAGE_MORE);
	assert_string_equal(t, "2:0:0");
	assert_int_equal(sentry("<http://x/?cursor=2:0:0>; rel=\"next\"; results=\"false\"; "
				"cursor=\"2:0:0\"",
				&t),
			 PAGE_END);
	assert_int_equal(sentry("<http://x/?cursor=2:0:0>; rel=\"next\"", &t), PAGE_END);
	assert_int_equal(sentry(NULL, &t), PAGE_END);
	assert_int_equal(sentry("<http://x/>; rel=\"next\"; results=\"true\"", &t), PAGE_BAD);
}

static void damaged_link_headers_end_the_list_without_a_crash(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"<",
		"<>",
		"<x>;",
		"<x>; rel",
		";;;,,,",
		"<x>; rel=\"",
		"<x>; =\"next\"",
		"next",
		"<x>; rel=\"n\\",
		"<x> rel=next",
	};
	const char *t;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(github(bad[i], "https://api.example.org", &t), PAGE_END);
		assert_int_equal(sentry(bad[i], &t), PAGE_END);
	}
}

static enum page_next aws(const char *json, const char **token)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e = {0};
	assert_ok(json_parse(json, strlen(json), &j, &e), e);
	struct jv root = json_root(j);
	*token = NULL;
	return page_aws(&root, "nextToken", &a, token);
}

static void an_aws_token_that_is_absent_null_or_empty_ends_the_list(void **state UNUSED)
{
	const char *t;
	assert_int_equal(aws("{}", &t), PAGE_END);
	assert_int_equal(aws("{\"nextToken\":null}", &t), PAGE_END);
	assert_int_equal(aws("{\"nextToken\":\"\"}", &t), PAGE_END);
	assert_int_equal(aws("{\"nextToken\":7}", &t), PAGE_BAD);
	assert_int_equal(aws("{\"nextToken\":\"a==\"}", &t), PAGE_MORE);
	assert_string_equal(t, "a==");
}

static void a_token_that_comes_again_cuts_the_walk_and_says_so(void **state UNUSED)
{
	struct page_walk w = {0};
	assert_int_equal(page_step(&p, &w, PAGE_MORE, "1", "things"), PAGE_MORE);
	assert_int_equal(page_step(&p, &w, PAGE_MORE, "2", "things"), PAGE_MORE);
	assert_int_equal(p.l.status, LEDGER_COMPLETE);
	assert_int_equal(page_step(&p, &w, PAGE_MORE, "1", "things"),
			 PAGE_CUT); /* not the last one */
	assert_int_equal(p.l.status, LEDGER_PARTIAL);
	assert_non_null(strstr(p.l.reason, "things: the service names the same page again"));
	assert_int_equal(p.l.pages, 3);
}

static void a_walk_without_end_is_cut_at_the_cap(void **state UNUSED)
{
	struct page_walk w = {0};
	int n = 0;
	while (page_step(&p, &w, PAGE_MORE, arena_printf(&a, "%d", n), "things") == PAGE_MORE)
		n++;
	assert_int_equal(n, LIMIT_PAGES - 1);
	assert_non_null(strstr(p.l.reason, "more than 1000 pages"));
}

static void a_page_that_cannot_be_asked_for_makes_the_part_short(void **state UNUSED)
{
	struct page_walk w = {0};
	assert_int_equal(page_step(&p, &w, PAGE_BAD, "it is on another host", "repositories"),
			 PAGE_CUT);
	assert_int_equal(p.l.status, LEDGER_PARTIAL);
	assert_non_null(strstr(p.l.reason, "another host"));
	assert_int_equal(page_step(&p, &w, PAGE_END, NULL, "repositories"), PAGE_END);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, release)
	const struct CMUnitTest tests[] = {
		T(githubs_next_url_is_followed_as_given),
		T(githubs_next_url_on_another_host_is_refused),
		T(sentrys_cursor_alone_is_used_and_only_when_there_are_results),
		T(damaged_link_headers_end_the_list_without_a_crash),
		T(an_aws_token_that_is_absent_null_or_empty_ends_the_list),
		T(a_token_that_comes_again_cuts_the_walk_and_says_so),
		T(a_walk_without_end_is_cut_at_the_cap),
		T(a_page_that_cannot_be_asked_for_makes_the_part_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
