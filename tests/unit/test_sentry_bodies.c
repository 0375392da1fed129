#include "support/test.h"

#include "collect/sentry.h"

#define WEEK_FROM INT64_C(1794182400) /* 2026-11-09T00:00:00Z */
#define WEEK_TO	  (WEEK_FROM + 7 * INT64_C(86400))

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static void issue_bodies_of_other_versions_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	static const char *const lists[] = {
		"sentry/openapi-examples/issues.list.json",
		"sentry/openapi-examples/project-issues.list-deprecated.json",
		"sentry/cli-fixtures/issues.json",
		"sentry/cli-fixtures/regions.eu.issues.json",
		"sentry/cli-fixtures/regions.us.issues.json",
		"sentry/cli-fixtures/feedbacks.json",
		"sentry/sentry-cli-responses/issues.get-issues.json",
		"sentry/sentry-cli-responses/issues.get-resolved-issues.json",
		"sentry/mcp-mocks/issue.json",
		"sentry/mcp-mocks/csp-issue.json",
		"sentry/mcp-mocks/regressed-issue.json",
		"sentry/mcp-mocks/issue-null-culprit.json",
		"sentry/mcp-mocks/performance-issue.json",
		"sentry/mcp-mocks/unsupported-issue.json",
		"sentry/mcp-mocks/feedback-issue.json",
		"sentry/openapi-examples/issue.get.json",
	};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		size_t len;
		const char *text = test_read(&a, fixture_path(&a, lists[i]), &len);
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv root = json_root(j);
		bool list = json_is_arr(&root);
		size_t rows = 0;
		for (struct jv it = list ? json_first(&root) : root; it.n;
		     it = list ? json_next(&it) : (struct jv){0}) {
			struct rec_issue issue;
			struct sentry_activity t;
			if (!sentry_parse_issue(&it, false, &a, &issue, &e))
				fail_msg("%s: %s", lists[i], e.msg);
			assert_true(issue.key && *issue.key);
			if (!sentry_parse_activity(&it, 0, INT64_MAX, &a, &t, &e))
				fail_msg("%s: %s", lists[i], e.msg);
			rows++;
		}
		assert_true(rows > 0);
	}
}

static void ids_above_32_bits_keep_every_digit(void **state UNUSED)
{
	NEED_FIXTURES();
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e = {0};
	struct rec_issue i;
	size_t len;
	const char *text = test_read(&a, fixture_path(&a, "sentry/mcp-mocks/issue.json"), &len);
	assert_ok(json_parse(text, len, &j, &e), e);
	struct jv root = json_root(j);
	assert_ok(sentry_parse_issue(&root, false, &a, &i, &e), e);
	assert_string_equal(i.key, "6507376925");
	assert_string_equal(i.project_key, "4509062593708032");
	assert_true(i.total_events == NUM_NONE && i.first_seen_s == TIME_NONE); /* S-08 */
}

static void announced_fixes_count_only_when_the_issue_is_resolved(void **state UNUSED)
{
#define IN_COMMIT(status)                                                                          \
	"{\"status\":\"" status "\",\"activity\":[{\"type\":\"set_resolved_in_commit\","           \
	"\"dateCreated\":\"2026-11-11T00:00:00Z\"}]}"
	static const char *const text[] = {IN_COMMIT("unresolved"), IN_COMMIT("resolved")};
	for (int k = 0; k < 2; k++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		struct sentry_activity t;
		assert_ok(json_parse(text[k], strlen(text[k]), &j, &e), e);
		struct jv root = json_root(j);
		assert_ok(sentry_parse_activity(&root, WEEK_FROM, WEEK_TO, &a, &t, &e), e);
		assert_true((t.resolved_s != TIME_NONE) == (k == 1));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, release)
	const struct CMUnitTest tests[] = {
		T(issue_bodies_of_other_versions_are_read),
		T(ids_above_32_bits_keep_every_digit),
		T(announced_fixes_count_only_when_the_issue_is_resolved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
