/* SARIF, the form that most tools can write. */
#include "support/scans.h"

#include "base/parse.h"
#include "scan/identity.h"

static enum severity only_severity(const char *sarif)
{
	struct rec_scan s = scan(sarif);
	if (s.status != SCAN_OK || s.findings != 1)
		fail_msg("%s: %s %s", sarif, scan_status_name(s.status), s.reason ? s.reason : "");
	return s.list.v[0].severity;
}

static void sarif_levels_default_as_the_standard_says(void **state UNUSED)
{
	static const struct {
		const char *rule, *result;
		enum severity s;
	} cases[] = {
		{"", "\"level\":\"error\"", SEV_HIGH},
		{"", "\"level\":\"warning\"", SEV_MEDIUM},
		{"", "\"level\":\"note\"", SEV_LOW},
		{"", "\"level\":\"none\"", SEV_INFO},
		{"", "\"ruleId\":\"x\"", SEV_MEDIUM},
		{"", "\"level\":\"fatal\"", SEV_MEDIUM},
		{"", "\"level\":3", SEV_MEDIUM},
		{"", "\"kind\":\"open\"", SEV_INFO},
		{"", "\"kind\":\"review\",\"level\":\"error\"", SEV_HIGH},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}", "\"ruleId\":\"r\"",
		 SEV_LOW},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"enabled\":true}}", "\"ruleId\":\"r\"",
		 SEV_MEDIUM},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}", "\"ruleIndex\":0",
		 SEV_LOW},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"ruleId\":\"r/sub/deep\"", SEV_LOW},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"ruleId\":\"rx\"", SEV_MEDIUM},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"ruleId\":\"r\",\"level\":\"error\"", SEV_HIGH},
		{"{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"ruleId\":\"r\",\"kind\":\"informational\"", SEV_INFO},
		/* an index that contradicts the id loses */
		{"{\"id\":\"q\",\"defaultConfiguration\":{\"level\":\"error\"}},"
		 "{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"ruleId\":\"r\",\"ruleIndex\":0", SEV_LOW},
		{"{\"id\":\"q\"},{\"id\":\"r\",\"defaultConfiguration\":{\"level\":\"note\"}}",
		 "\"rule\":{\"index\":1}", SEV_LOW},
		{"{\"id\":\"r\"}", "\"ruleIndex\":999", SEV_MEDIUM},
		{"{\"id\":\"r\"}", "\"ruleIndex\":-1", SEV_MEDIUM},
		{"", "\"level\":\"note\",\"properties\":{\"security-severity\":\"9.8\"}",
		 SEV_CRITICAL},
		{"", "\"level\":\"note\",\"properties\":{\"security-severity\":7}", SEV_HIGH},
		{"", "\"level\":\"note\",\"properties\":{\"security-severity\":\" HIGH\"}",
		 SEV_HIGH},
		{"", "\"level\":\"note\",\"properties\":{\"security-severity\":\"0.0\"}", SEV_LOW},
		{"", "\"level\":\"note\",\"properties\":{\"security-severity\":\"11\"}", SEV_LOW},
		{"{\"id\":\"r\",\"properties\":{\"security-severity\":\"5.5\"}}",
		 "\"ruleId\":\"r\",\"level\":\"error\"", SEV_MEDIUM},
		{"{\"id\":\"r\",\"properties\":{\"security-severity\":\"5.5\"}}",
		 "\"ruleId\":\"r\",\"properties\":{\"security-severity\":\"0\"}", SEV_MEDIUM},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *s = arena_printf(&scans, SARIF(RUN("%s", "{%s}")), cases[i].rule,
					     cases[i].result);
		if (only_severity(s) != cases[i].s)
			fail_msg("%s: %s", s, severity_name(only_severity(s)));
	}
}

static enum severity overridden(const char *descriptor, const char *rule, const char *more)
{
	return only_severity(arena_printf(
		&scans,
		SARIF("{\"tool\":{\"driver\":{\"name\":\"x\",\"rules\":[{\"id\":\"r\","
		      "\"defaultConfiguration\":{\"level\":\"note\"}}]}},\"invocations\":[{"
		      "\"executionSuccessful\":true},{\"executionSuccessful\":true,"
		      "\"ruleConfigurationOverrides\":[{\"descriptor\":{%s},\"configuration\":{"
		      "\"level\":\"error\"}}]}],\"results\":[{\"ruleId\":\"%s\"%s}]}"),
		descriptor, rule, more));
}

static void sarif_overrides_come_before_the_rules_default(void **state UNUSED)
{
	assert_int_equal(overridden("\"id\":\"r\"", "r", ""), SEV_HIGH);
	assert_int_equal(overridden("\"index\":0", "r", ""), SEV_HIGH);
	assert_int_equal(overridden("\"id\":\"r\"", "r/sub", ""), SEV_HIGH);
	assert_int_equal(overridden("\"id\":\"q\"", "r", ""), SEV_LOW);
	assert_int_equal(overridden("\"id\":\"r\"", "r", ",\"provenance\":{\"invocationIndex\":1}"),
			 SEV_HIGH);
	assert_int_equal(overridden("\"id\":\"r\"", "r", ",\"provenance\":{\"invocationIndex\":0}"),
			 SEV_LOW);
}

static void sarif_rules_are_found_in_extensions(void **state UNUSED)
{
	static const char *const refs[] = {
		"\"ruleId\":\"r\"",
		"\"rule\":{\"id\":\"r\",\"toolComponent\":{\"index\":1}}",
		"\"rule\":{\"index\":1,\"toolComponent\":{\"index\":1}}",
		"\"rule\":{\"index\":1,\"toolComponent\":{\"name\":\"e1\"}}",
		"\"rule\":{\"index\":1,\"toolComponent\":{\"guid\":\"g1\"}}",
		"\"ruleId\":\"r\",\"rule\":{\"index\":0,\"toolComponent\":{\"index\":1}}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(refs); i++) {
		struct rec_scan s = scan(arena_printf(
			&scans,
			SARIF("{\"tool\":{\"driver\":{\"name\":\"x\"},\"extensions\":[{\"name\":"
			      "\"e0\"},{"
			      "\"name\":\"e1\",\"guid\":\"g1\",\"rules\":[{\"id\":\"r0\"},{\"id\":"
			      "\"r\","
			      "\"defaultConfiguration\":{\"level\":\"error\"},\"shortDescription\":"
			      "{"
			      "\"text\":\"a rule\"},\"helpUri\":\"https://example.org/r\"}]}]},"
			      "\"results\":[{%s}]}"),
			refs[i]));
		assert_int_equal(s.severity[SEV_HIGH], 1);
		assert_string_equal(s.list.v[0].rule, "r");
		assert_string_equal(s.list.v[0].title, "a rule");
		assert_string_equal(s.list.v[0].url, "https://example.org/r");
	}
}

static void sarif_leaves_out_what_is_no_finding(void **state UNUSED)
{
	struct rec_scan s = scan(SARIF(RUN("", "{\"kind\":\"pass\"},{\"kind\":\"notApplicable\"},"
					       "{\"baselineState\":\"absent\"}")));
	assert_int_equal(s.status, SCAN_ZERO);
	s = scan(SARIF(
		RUN("", "{\"suppressions\":[]},{\"suppressions\":[{\"kind\":\"inSource\"}]},"
			"{\"suppressions\":[{\"status\":\"accepted\"},{\"status\":\"rejected\"}]},"
			"{\"suppressions\":[{\"status\":\"underReview\"}]},"
			"{\"suppressions\":[{\"status\":\"accepted\"}]},{\"suppressions\":null}")));
	assert_int_equal(s.findings, 4);
	assert_int_equal(s.suppressed, 2);
	s = scan(SARIF(RUN("", "{\"suppressions\":[{\"kind\":\"external\"}]}")));
	assert_int_equal(s.status, SCAN_OK); /* all suppressed is not zero */
}

static void sarif_tells_failed_partial_and_not_started_apart(void **state UNUSED)
{
	assert_status("{\"version\":\"2.1.0\",\"runs\":null}", SCAN_SUSPECT,
		      "could not be produced");
	assert_status("{\"version\":\"2.1.0\",\"runs\":[]}", SCAN_SUSPECT, "could not be produced");
	assert_status(
		"{\"$schema\":\"https://example.org/sarif-2.1.0.json\",\"version\":\"2.1.0\"}",
		SCAN_SUSPECT, "could not be produced");
	assert_status(SARIF("{\"tool\":{\"driver\":{\"name\":\"x\"}}}"), SCAN_SUSPECT,
		      "did not start");
	assert_status(SARIF("{\"results\":null}"), SCAN_SUSPECT, "did not start");
	assert_status(SARIF("{\"results\":[]}"), SCAN_ZERO, NULL);
	assert_status(SARIF("{\"results\":[]},{\"results\":null}"), SCAN_PARTIAL,
		      "1 of 2 runs did not start");
	assert_status(SARIF("{\"invocations\":[{\"executionSuccessful\":false,\"exitCode\":2}],"
			    "\"results\":[]}"),
		      SCAN_FAILED, "unknown says it did not succeed, exit code 2");
	assert_status(SARIF("{\"invocations\":[{\"executionSuccessful\":false}]}"), SCAN_FAILED,
		      "did not succeed");
	assert_status(SARIF("{\"invocations\":[{\"executionSuccessful\":false}],\"results\":[{}]}"),
		      SCAN_PARTIAL, "did not succeed");
	assert_status(SARIF("{\"invocations\":[{\"executionSuccessful\":true}],\"results\":[{}]}"),
		      SCAN_OK, NULL);
	assert_status(SARIF("{\"results\":[],\"externalPropertyFileReferences\":{\"results\":[{"
			    "\"location\":{\"uri\":\"x\"}}]}}"),
		      SCAN_PARTIAL, "1 other files");
}

static void sarif_that_breaks_its_own_form_is_malformed_at_a_path(void **state UNUSED)
{
	assert_status("{\"$schema\":\"sarif\",\"version\":\"2.1.0\",\"runs\":{}}", SCAN_MALFORMED,
		      "runs: expected array, got object");
	assert_status(SARIF("7"), SCAN_MALFORMED, "runs[0]: expected an object");
	assert_status(SARIF("{\"results\":[{},null]}"), SCAN_MALFORMED,
		      "runs[0].results[1]: expected an object");
	assert_status(SARIF("{\"results\":{}}"), SCAN_MALFORMED, "runs[0].results: expected array");
	assert_status(SARIF("{\"tool\":{\"driver\":{\"rules\":[3]}},\"results\":[]}"),
		      SCAN_MALFORMED, "runs[0].tool.driver.rules[0]: expected an object");
	struct rec_scan s = scan(SARIF("{\"results\":[{},null]}"));
	assert_int_equal(s.findings, 0);
	assert_int_equal(s.list.n, 0); /* nothing of a broken report is half kept */
}

static void sarif_fills_what_a_reader_needs(void **state UNUSED)
{
	struct rec_scan s = scan(SARIF(
		"{\"tool\":{\"driver\":{\"name\":\"Semgrep OSS\",\"semanticVersion\":\"1.2.3\","
		"\"rules\":[{\"id\":\"r\",\"name\":\"a name\",\"messageStrings\":{\"m\":{\"text\":"
		"\"{0} calls {1}, {{x}}\"}},\"properties\":{\"tags\":[\"security\","
		"\"external/cwe/cwe-079\"]}}]}},\"invocations\":[{\"endTimeUtc\":"
		"\"2026-11-09T08:00:00.5Z\",\"executionSuccessful\":true}],"
		"\"automationDetails\":{\"id\":\"/language:python/run 5\"},"
		"\"versionControlProvenance\":[{\"repositoryUri\":\"https://u:p@github.com/"
		"example/app.git\"}],\"artifacts\":[{},{\"location\":{\"uri\":"
		"\"src/a%20b.py\"}}],\"results\":[{\"ruleId\":\"r\",\"message\":{\"id\":\"m\","
		"\"arguments\":[\"main\",\"exec\"]},\"locations\":[{\"physicalLocation\":{"
		"\"artifactLocation\":{\"index\":1},\"region\":{\"startLine\":12,\"snippet\":{"
		"\"text\":\"key = 'hunter2'\"}}}}]},"
		"{\"ruleId\":\"CVE-2024-12345-openssl\",\"message\":{\"text\":\"Package: openssl\\n"
		"Fixed Version: 3.0.1\\nsee [this](https://example.org/x) and [that](1)\"},"
		"\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":"
		"\"https://u:p@example.org/a?token=1#x\"}}}],\"properties\":{\"cwe\":\"CWE-20: "
		"x\"}}]}"));
	assert_int_equal(s.status, SCAN_OK);
	assert_string_equal(s.tool, "semgrep");
	assert_string_equal(s.tool_version, "1.2.3");
	assert_string_equal(s.target, "example/app");
	assert_string_equal(s.scope, "/language:python");
	int64_t t;
	assert_true(parse_time("2026-11-09T08:00:00Z", &t) && s.scanned_s == t);
	const struct rec_finding *f = &s.list.v[0];
	assert_string_equal(f->message, "main calls exec, {x}");
	assert_string_equal(f->title, "a name");
	assert_string_equal(f->path, "src/a b.py");
	assert_int_equal(f->line, 12);
	assert_string_equal(f->cwe, "CWE-79");
	assert_null(f->cve);
	f = &s.list.v[1];
	assert_string_equal(f->cve, "CVE-2024-12345");
	assert_string_equal(f->cwe, "CWE-20");
	assert_string_equal(f->package, "openssl");
	assert_string_equal(f->fix, "3.0.1");
	assert_string_equal(f->path, "https://example.org/a");
	assert_non_null(strstr(f->message, "see this and that"));
	assert_true(f->line == NUM_NONE);
}

static void several_runs_are_one_scan_of_the_first_named_tool(void **state UNUSED)
{
	const char *one = "{\"ruleId\":\"r\",\"message\":{\"text\":\"m\"}}";
	struct rec_scan s = scan(
		arena_printf(&scans,
			     SARIF("{\"results\":[]},{\"tool\":{\"driver\":{\"name\":\"Trivy\"}},"
				   "\"results\":[%s]},"
				   "{\"tool\":{\"driver\":{\"name\":\"Grype\"}},\"results\":[%s]}"),
			     one, one));
	assert_string_equal(s.tool, "trivy");
	assert_int_equal(s.findings, 2);
	assert_string_not_equal(s.list.v[0].identity, s.list.v[1].identity);
	assert_int_equal(strlen(s.list.v[1].identity), 32); /* another driver, not a second one */
	s = scan_n(one, 0, "Trivy");
	assert_string_equal(s.tool, "trivy");
}

static const struct rec_finding *with_line(const struct rec_scan *s, int64_t line)
{
	for (size_t i = 0; i < s->list.n; i++)
		if (s->list.v[i].line == line)
			return &s->list.v[i];
	return NULL;
}

static void equal_findings_are_numbered_whatever_their_order(void **state UNUSED)
{
#define R(line, more)                                                                              \
	"{\"ruleId\":\"r\",\"message\":{\"text\":\"m\"},\"locations\":[{\"physicalLocation\":{"    \
	"\"artifactLocation\":{\"uri\":\"a\"},\"region\":{\"startLine\":" #line "}}}]" more "}"
	struct rec_scan x = scan(SARIF(RUN("", R(1, "") "," R(2, "") "," R(3, "")))),
			y = scan(SARIF(RUN("", R(3, "") "," R(1, "") "," R(2, ""))));
	for (int64_t line = 1; line <= 3; line++)
		assert_string_equal(with_line(&x, line)->identity, with_line(&y, line)->identity);
	assert_string_equal(with_line(&x, 3)->identity,
			    arena_printf(&scans, "%s-3", with_line(&x, 1)->identity));
	/* Moving every line changes no identity; neither does suppressing another one. */
	y = scan(
		SARIF(RUN("", R(10, "") "," R(20, ",\"suppressions\":[{\"kind\":\"external\"}]"))));
	assert_string_equal(with_line(&x, 1)->identity, with_line(&y, 10)->identity);
}

static void identities_ignore_what_moves(void **state UNUSED)
{
	const char *const xy[] = {"x", "y"}, *const xy_[] = {"xy", ""};
	assert_string_not_equal(identity_make(&scans, xy, 2), identity_make(&scans, xy_, 2));
	assert_string_equal(identity_make(&scans, xy, 2), identity_make(&scans, xy, 2));
	assert_string_equal(identity_tool(&scans, "Semgrep OSS"), "semgrep");
	assert_string_equal(identity_tool(&scans, "LGTM.com"), "lgtm-com");
	assert_string_equal(identity_tool(&scans, "  Security Code Scan! "), "security-code-scan");
	assert_string_equal(identity_tool(&scans, "\xd0\x96"), "unknown");
	assert_string_equal(identity_tool(&scans, NULL), "unknown");
	struct rec_scan x = scan(BANDIT("{\"test_id\":\"B1\",\"filename\":\"./src\\\\a.py\","
					"\"issue_severity\":\"HIGH\",\"issue_text\":\"t\","
					"\"line_number\":3,\"issue_confidence\":\"LOW\"}")),
			y = scan(BANDIT("{\"test_id\":\"B1\",\"filename\":\"src/a.py\","
					"\"issue_severity\":\"LOW\",\"issue_text\":\"t\","
					"\"line_number\":9}"));
	assert_string_equal(x.list.v[0].identity, y.list.v[0].identity);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(sarif_levels_default_as_the_standard_says),
		SCAN_TEST(sarif_overrides_come_before_the_rules_default),
		SCAN_TEST(sarif_rules_are_found_in_extensions),
		SCAN_TEST(sarif_leaves_out_what_is_no_finding),
		SCAN_TEST(sarif_tells_failed_partial_and_not_started_apart),
		SCAN_TEST(sarif_that_breaks_its_own_form_is_malformed_at_a_path),
		SCAN_TEST(sarif_fills_what_a_reader_needs),
		SCAN_TEST(several_runs_are_one_scan_of_the_first_named_tool),
		SCAN_TEST(equal_findings_are_numbered_whatever_their_order),
		SCAN_TEST(identities_ignore_what_moves),
	};
	return cmocka_run_group_tests_name("scan_sarif", tests, NULL, NULL);
}
