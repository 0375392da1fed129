#include "support/test.h"

#include "collect/github.h"

static struct arena a;

static int teardown(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

#define WEEK_FROM INT64_C(1794182400) /* 2026-11-09T00:00:00Z */
#define NEW	  "2026-11-10T10:00:00Z"
#define LATE	  "2026-11-12T10:00:00Z"

typedef bool parse_fn(const struct jv *v, struct arena *a, struct alert *out, struct err *e);

static struct alert parsed(parse_fn *f, const char *text)
{
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	struct alert x;
	assert_ok(json_parse(text, strlen(text), &j, &e), e);
	struct jv v = json_root(j);
	assert_ok(f(&v, &a, &x, &e), e);
	return x;
}

#define ALERT(more) "{\"number\":7,\"created_at\":\"" NEW "\"" more "}"

/* G-25 */
static void severities_and_states_follow_the_table_and_tolerate_much(void **state UNUSED)
{
	struct alert x = parsed(gh_parse_code_alert, ALERT(""));
	assert_true(x.state == ALERT_OPEN && x.f.severity == SEV_MEDIUM && !x.f.title);
	assert_string_equal(x.f.identity, "7");
	x = parsed(gh_parse_code_alert,
		   ALERT(",\"rule\":{\"id\":\"r\",\"severity\":\"note\","
			 "\"security_severity_level\":\"critical\"},\"state\":null,"
			 "\"dismissed_at\":\"" LATE "\",\"dismissed_reason\":\"falsepositive\""));
	assert_true(x.f.severity == SEV_CRITICAL && x.state == ALERT_SET_ASIDE);
	assert_string_equal(x.reason, "dismissed: falsepositive");
	x = parsed(gh_parse_code_alert,
		   ALERT(",\"rule\":{\"severity\":\"none\"},\"state\":\"fixed\",\"fixed_at\":"
			 "\"" LATE "\",\"dismissed_at\":\"" NEW "\""));
	assert_true(x.f.severity == SEV_INFO && x.state == ALERT_FIXED);
	assert_int_equal(x.closed_s, WEEK_FROM + 3 * 86400 + 36000);
	x = parsed(gh_parse_code_alert, ALERT(",\"rule\":{\"severity\":\"warning\"},"
					      "\"most_recent_instance\":null"));
	assert_int_equal(x.f.severity, SEV_MEDIUM);

	x = parsed(gh_parse_dependabot_alert,
		   ALERT(",\"security_advisory\":{\"severity\":\"critical\",\"epss\":[{}],"
			 "\"cwes\":[{\"cwe_id\":\"CWE-200\"}]},\"security_vulnerability\":"
			 "{\"first_patched_version\":{\"identifier\":\"2.0.2\"}}"));
	assert_int_equal(x.f.severity, SEV_CRITICAL);
	assert_string_equal(x.f.fix, "2.0.2");
	assert_string_equal(x.f.cwe, "CWE-200");
	x = parsed(gh_parse_dependabot_alert, ALERT(",\"state\":\"dismissed\",\"dismissed_at\":"
						    "\"" LATE "\",\"dismissed_reason\":"
						    "\"tolerable_risk\""));
	assert_string_equal(x.reason, "dismissed: tolerable risk");

	x = parsed(gh_parse_secret_alert, ALERT(",\"validity\":\"unknown\",\"state\":\"open\""));
	assert_int_equal(x.f.severity, SEV_HIGH);
	static const struct {
		const char *resolution;
		enum alert_state state;
	} cases[] = {{"\"revoked\"", ALERT_FIXED},
		     {"null", ALERT_FIXED},
		     {"\"false_positive\"", ALERT_SET_ASIDE},
		     {"\"wont_fix\"", ALERT_SET_ASIDE},
		     {"\"used_in_tests\"", ALERT_SET_ASIDE},
		     {"\"pattern_deleted\"", ALERT_SET_ASIDE}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		x = parsed(gh_parse_secret_alert,
			   arena_printf(&a,
					ALERT(",\"state\":\"resolved\",\"resolved_at\":\"" LATE
					      "\",\"resolution\":%s"),
					cases[i].resolution));
		assert_int_equal(x.state, cases[i].state);
	}
}

static void recorded_alerts_are_read(void **state UNUSED)
{
	static const struct {
		const char *file;
		parse_fn *parse;
	} files[] = {
		{"CodeScanAlert.testMultipleAlerts.0.json", gh_parse_code_alert},
		{"CodeScanAlert.testGetAlertsWithArguments.0.json", gh_parse_code_alert},
		{"OrganizationCodeScanAlert.testMultipleAlerts.0.json", gh_parse_code_alert},
		{"DependabotAlert.testMultipleAlerts.0.json", gh_parse_dependabot_alert},
		{"DependabotAlert.testGetAlertsWithAllArguments.0.json", gh_parse_dependabot_alert},
		{"Organization.testGetDependabotAlerts.0.json", gh_parse_dependabot_alert},
		{"OrganizationDependabotAlert.testMultipleAlerts.0.json",
		 gh_parse_dependabot_alert},
		{"SecretScanAlert.testMultipleAlerts.0.json", gh_parse_secret_alert},
		{"OrganizationSecretScanAlert.testMultipleAlerts.0.json", gh_parse_secret_alert},
	};
	NEED_FIXTURES();
	size_t rows = 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct err e = {0};
		CLEANUP(json_freep) struct json *j = NULL;
		size_t n;
		const char *text =
			test_read(&a,
				  fixture_path(&a, arena_printf(&a, "github/recorded-pygithub/%s",
								files[i].file)),
				  &n);
		assert_ok(json_parse(text, n, &j, &e), e);
		struct jv root = json_root(j), body = json_get(&root, "body");
		for (struct jv it = json_first(&body); it.n; it = json_next(&it), rows++) {
			struct alert x;
			assert_ok(files[i].parse(&it, &a, &x, &e), e);
			assert_non_null(x.f.title);
			assert_true((x.state == ALERT_OPEN) == (x.closed_s == TIME_NONE));
		}
	}
	assert_true(rows >= 12);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		T(severities_and_states_follow_the_table_and_tolerate_much),
		T(recorded_alerts_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
