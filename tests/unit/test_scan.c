#include "support/test.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "scan/formats.h"
#include "scan/identity.h"
#include "scan/redact.h"
#include "scan/scan.h"

#include <math.h>

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static struct rec_scan scan_n(const char *bytes, size_t n, const char *tool)
{
	struct scan_opts o = {.tool = tool, .scanned_s = TIME_NONE, .fallback_s = 1000};
	struct rec_scan s;
	char *copy = malloc(n + 1); /* exactly n bytes, so that a sanitizer sees one too many */
	memcpy(copy, bytes, n);
	char *exact = realloc(copy, n ? n : 1);
	scan_read(exact, n, &o, &a, &s);
	free(exact);
	return s;
}

static struct rec_scan scan(const char *text)
{
	return scan_n(text, strlen(text), NULL);
}

static void assert_status(const char *text, enum scan_status status, const char *reason)
{
	struct rec_scan s = scan(text);
	if (s.status != status)
		fail_msg("%.60s: %s (%s), not %s", text, scan_status_name(s.status),
			 s.reason ? s.reason : "", scan_status_name(status));
	if (reason && (!s.reason || !strstr(s.reason, reason)))
		fail_msg("%.60s: \"%s\" is not in \"%s\"", text, reason, s.reason ? s.reason : "");
	if (!reason)
		assert_null(s.reason);
}

static void severities_follow_the_table(void **state UNUSED)
{
	static const struct {
		const char *word;
		enum severity s;
	} words[] = {{" Critical ", SEV_CRITICAL},
		     {"BLOCKER", SEV_CRITICAL},
		     {"severe", SEV_CRITICAL},
		     {"High", SEV_HIGH},
		     {"important", SEV_HIGH},
		     {"ERROR", SEV_HIGH},
		     {"medium", SEV_MEDIUM},
		     {"moderate", SEV_MEDIUM},
		     {"WARNING", SEV_MEDIUM},
		     {"warn", SEV_MEDIUM},
		     {"low", SEV_LOW},
		     {"minor", SEV_LOW},
		     {"note", SEV_LOW},
		     {"info", SEV_INFO},
		     {"None", SEV_INFO},
		     {"Negligible\n", SEV_INFO},
		     {"UNKNOWN", SEV_INFO},
		     {"style", SEV_INFO}};
	enum severity s;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_true(scan_severity_word(words[i].word, &s) && s == words[i].s);
	assert_false(scan_severity_word("", &s) || scan_severity_word(NULL, &s) ||
		     scan_severity_word("highest", &s) || scan_severity_word("hi", &s));
	static const struct {
		double score;
		enum severity s;
	} scores[] = {{10, SEV_CRITICAL}, {9, SEV_CRITICAL}, {8.9999, SEV_HIGH}, {7, SEV_HIGH},
		      {6.9, SEV_MEDIUM},  {4, SEV_MEDIUM},   {3.9, SEV_LOW},	 {0.1, SEV_LOW}};
	for (size_t i = 0; i < ARRAY_SIZE(scores); i++)
		assert_true(scan_severity_score(scores[i].score, &s) && s == scores[i].s);
	assert_false(scan_severity_score(0, &s) || scan_severity_score(10.01, &s) ||
		     scan_severity_score(-1, &s) || scan_severity_score((double)NAN, &s));
}

static void paths_are_one_however_written(void **state UNUSED)
{
	assert_string_equal(scan_path(&a, ".\\src\\a.py"), "src/a.py");
	assert_string_equal(scan_path(&a, "file:///home/x/a.py"), "home/x/a.py");
	assert_string_equal(scan_path(&a, "././/a"), "a");
	assert_string_equal(scan_path(&a, "../a"), "../a");
	assert_string_equal(scan_path(&a, NULL), "");
}

#define BANDIT(results)                                                                            \
	"{\"errors\":[],\"generated_at\":\"2026-11-09T08:49:00Z\",\"metrics\":{\"_totals\":{"      \
	"\"loc\":100}},\"results\":[" results "]}"
#define B(id, text)                                                                                \
	"{\"test_id\":\"" id "\",\"filename\":\"./a.py\",\"issue_severity\":\"LOW\",\"issue_text"  \
	"\":\"" text "\",\"line_number\":\"7\",\"code\":\"1 key = 'hunter2'\"}"

static struct rec_scan utf16(const char *text, bool mark, bool big)
{
	size_t n = 0;
	char *p = arena_alloc(&a, 2 * strlen(text) + 2);
	if (mark) {
		p[n++] = big ? '\xfe' : '\xff';
		p[n++] = big ? '\xff' : '\xfe';
	}
	for (; *text; text++) {
		p[n++] = big ? '\0' : *text;
		p[n++] = big ? *text : '\0';
	}
	return scan_n(p, n, NULL);
}

static void any_encoding_of_a_report_reads_alike(void **state UNUSED)
{
	const char *json = BANDIT(B("B101", "x"));
	const char *xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><OWASPZAPReport "
			  "version=\"2\"><site name=\"s\"><alerts><alertitem><pluginid>1</pluginid>"
			  "<alert>n</alert><riskcode>3</riskcode></alertitem></alerts></site>"
			  "</OWASPZAPReport>";
	for (int i = 0; i < 4; i++) {
		struct rec_scan s = utf16(json, i & 1, i & 2);
		assert_int_equal(s.findings, 1);
		s = utf16(xml, i & 1, i & 2);
		assert_int_equal(s.severity[SEV_HIGH], 1);
	}
	assert_int_equal(scan(arena_printf(&a, "\xef\xbb\xbf%s", json)).findings, 1);
	assert_int_equal(scan(arena_printf(&a, "\r\n\t %s\n\n", json)).findings, 1);
	assert_int_equal(scan(xml).findings, 1);
	/* half a character, a lone surrogate: a malformed report, not a crash */
	assert_int_equal(scan_n("\xff\xfe{", 3, NULL).status, SCAN_MALFORMED);
	assert_int_equal(scan_n("\xff\xfe\x00\xd8", 4, NULL).status, SCAN_MALFORMED);
}

static void nothing_is_not_zero(void **state UNUSED)
{
	assert_status("", SCAN_EMPTY, "0 bytes");
	assert_status(" \r\n\t", SCAN_EMPTY, "nothing but blanks in 4 bytes");
	assert_status("\xef\xbb\xbf", SCAN_EMPTY, "blanks");
	assert_status("[]", SCAN_UNRECOGNISED, "--tool");
	assert_status("null", SCAN_UNRECOGNISED, "--tool");
	assert_status("{}", SCAN_UNRECOGNISED, "no report format");
	assert_status("[1]", SCAN_UNRECOGNISED, "no report format");
	assert_status("\"clean\"", SCAN_UNRECOGNISED, "no report format");
	assert_status("{\"results\":[],\"errors_\":[]}", SCAN_UNRECOGNISED, "no report format");
	assert_int_equal(scan_n("null", 4, "gitleaks").status, SCAN_ZERO);
	assert_int_equal(scan_n(" [ ] ", 5, "pip-audit").status, SCAN_ZERO);
	struct rec_scan s = scan_n("[]", 2, "bandit");
	assert_int_equal(s.status, SCAN_UNRECOGNISED);
	assert_string_equal(s.tool, "bandit");
}

static void broken_reports_say_where(void **state UNUSED)
{
	assert_status("{\"runs\": [", SCAN_MALFORMED, "byte 9 of 10");
	assert_status("{\"a\": 1,}", SCAN_MALFORMED, "byte 8 of 9");
	assert_status("npm WARN config\n{}", SCAN_MALFORMED, "byte 0 of");
	assert_status("<!DOCTYPE html><html><body><p>502<br></body></html>", SCAN_MALFORMED,
		      "an HTML page, not a report");
	assert_status("\n<HTML><p>", SCAN_MALFORMED, "an HTML page");
	assert_status("<html><p>502</p></html>", SCAN_UNRECOGNISED, "no report format");
	assert_status("<OWASPZAPReport><site>", SCAN_MALFORMED, "line 1");
	assert_string_equal(scan("<OWASPZAPReport><site>").tool, "zap");
	assert_string_equal(scan("{\"@programName\": \"ZAP\", \"site\": [").format, "zap");
	assert_status("<!-- x --><?xml version=\"1.0\"?><OWASPZAPReport/>", SCAN_MALFORMED,
		      "line 1");
	assert_status("{\"template-id\":\"a\"}\n{\"template-id\":", SCAN_MALFORMED, "line 2: ");
	char *deep = arena_alloc(&a, 200001);
	memset(deep, '[', 200000);
	assert_status(deep, SCAN_MALFORMED, "nested deeper than");
	/* amplifying entities must neither be expanded nor take time */
	struct sb b;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, "<!DOCTYPE x [<!ENTITY e0 \"0123456789\">");
	for (int i = 1; i < 30; i++)
		sb_addf(&b, "<!ENTITY e%d \"&e%d;&e%d;&e%d;&e%d;\">", i, i - 1, i - 1, i - 1,
			i - 1);
	sb_add(&b, "]><OWASPZAPReport><site name=\"s\"><alerts><alertitem><alert>&e29;</alert>"
		   "</alertitem></alerts></site></OWASPZAPReport>");
	assert_int_equal(scan(sb_str(&b)).status, SCAN_MALFORMED);
	assert_status("<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><OWASPZAPReport>"
		      "<site name=\"s\"><alerts><alertitem><alert>&f;</alert></alertitem></alerts>"
		      "</site></OWASPZAPReport>",
		      SCAN_OK, NULL);
}

static void a_format_without_reader_is_named_and_never_zero(void **state UNUSED)
{
	static const struct {
		const char *text, *format;
	} samples[] = {
		{"{\"SchemaVersion\":2,\"Results\":[]}", "trivy-json"},
		{"{\"matches\":[],\"source\":{}}", "grype-json"},
		{"{\"matches\":[{\"vulnerability\":{},\"artifact\":{}}]}", "grype-json"},
		{"{\"results\":[],\"errors\":[],\"paths\":{}}", "semgrep-json"},
		{"{\"results\":[{\"check_id\":\"x\"}]}", "semgrep-json"},
		{"{\"results\":null}", "tfsec-json"},
		{"{\"results\":[{\"rule_id\":1}]}", "tfsec-json"},
		{"{\"results\":[],\"experimental_config\":{}}", "osv-scanner-json"},
		{"{\"results\":[{\"filePath\":1,\"messages\":[]}]}", "eslint-json"},
		{"{\"findings\":[{\"findingArn\":\"arn\"}]}", "inspector2-json"},
		{"{\"dependencies\":[{\"name\":\"x\",\"vulns\":[]}],\"fixes\":[]}",
		 "pip-audit-json"},
		{"{\"passed\":0,\"failed\":0,\"checkov_version\":\"3\"}", "checkov-json"},
		{"[{\"check_type\":\"terraform\"}]", "checkov-json"},
		{"{\"bomFormat\":\"CycloneDX\"}", "cyclonedx-json"},
		{"[[\"package\",\"<1\",\"0.9\",\"text\",\"1\"]]", "safety-json"},
		{"{\"template-id\":\"x\"}", "nuclei-jsonl"},
		{"{\"a\":1}\n\n{\"templateID\":\"x\"}\n", "nuclei-jsonl"},
		{"{\"level\":\"info-0\"}\n{\"DetectorName\":\"x\"}", "trufflehog-jsonl"},
		{"[{\"security_advisory\":{}}]", "github-dependabot"},
		{"{\"data\":{\"repository\":{\"vulnerabilityAlerts\":{}}}}",
		 "github-graphql-vulnerability-alerts"},
		{"<analysis xmlns=\"https://jeremylong.github.io/DependencyCheck/"
		 "dependency-check.2.5.xsd\"/>",
		 "dependency-check-xml"},
		{"<issues burpVersion=\"2\"/>", "burp-xml"},
		{"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>", "cyclonedx-xml"},
		{"<niktoscan/>", "nikto-xml"},
		{"{\"version\":\"1.0.0\",\"runs\":[]}", "sarif"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		struct rec_scan s = scan(samples[i].text);
		if (!text_eq(s.format, samples[i].format))
			fail_msg("%s: %s", samples[i].text, s.format ? s.format : "none");
		assert_int_equal(s.status, SCAN_UNSUPPORTED);
		assert_true(s.findings == NUM_NONE && s.severity[SEV_HIGH] == NUM_NONE);
		assert_non_null(s.reason);
	}
	assert_status("{\"matches\":[{\"vulnerability\":{}}]}", SCAN_UNRECOGNISED, "");
	assert_status("<issues/>", SCAN_UNRECOGNISED, "");
	assert_status("{\"results\":null,\"more\":1}", SCAN_UNRECOGNISED, "");
}

static void a_report_of_another_tool_is_not_taken_for_the_named_one(void **state UNUSED)
{
	const char *s = BANDIT(B("B101", "x"));
	assert_int_equal(scan_n(s, strlen(s), "bandit").status, SCAN_OK);
	assert_int_equal(scan_n(s, strlen(s), "Bandit").status, SCAN_OK);
	struct rec_scan x = scan_n(s, strlen(s), "zap");
	assert_int_equal(x.status, SCAN_UNRECOGNISED);
	assert_string_equal(x.reason, "a report of bandit where one of \"zap\" was expected");
	assert_int_equal(x.list.n, 0);
	assert_string_equal(x.tool, "zap");
	const char *npm = "{\"auditReportVersion\":2,\"vulnerabilities\":{}}";
	x = scan_n(npm, strlen(npm), "npm");
	assert_int_equal(x.status, SCAN_ZERO);
	assert_string_equal(x.tool, "npm-audit");
}

#define SARIF(runs) "{\"version\":\"2.1.0\",\"runs\":[" runs "]}"
#define RUN(rules, results)                                                                        \
	"{\"tool\":{\"driver\":{\"name\":\"Scan It\",\"rules\":[" rules                            \
	"]}},\"results\":[" results "]}"

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
		const char *s =
			arena_printf(&a, SARIF(RUN("%s", "{%s}")), cases[i].rule, cases[i].result);
		if (only_severity(s) != cases[i].s)
			fail_msg("%s: %s", s, severity_name(only_severity(s)));
	}
}

static enum severity overridden(const char *descriptor, const char *rule, const char *more)
{
	return only_severity(arena_printf(
		&a,
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
			&a,
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
		arena_printf(&a,
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
			    arena_printf(&a, "%s-3", with_line(&x, 1)->identity));
	/* Moving every line changes no identity; neither does suppressing another one. */
	y = scan(
		SARIF(RUN("", R(10, "") "," R(20, ",\"suppressions\":[{\"kind\":\"external\"}]"))));
	assert_string_equal(with_line(&x, 1)->identity, with_line(&y, 10)->identity);
}

static void identities_ignore_what_moves(void **state UNUSED)
{
	const char *const xy[] = {"x", "y"}, *const xy_[] = {"xy", ""};
	assert_string_not_equal(identity_make(&a, xy, 2), identity_make(&a, xy_, 2));
	assert_string_equal(identity_make(&a, xy, 2), identity_make(&a, xy, 2));
	assert_string_equal(identity_tool(&a, "Semgrep OSS"), "semgrep");
	assert_string_equal(identity_tool(&a, "LGTM.com"), "lgtm-com");
	assert_string_equal(identity_tool(&a, "  Security Code Scan! "), "security-code-scan");
	assert_string_equal(identity_tool(&a, "\xd0\x96"), "unknown");
	assert_string_equal(identity_tool(&a, NULL), "unknown");
	struct rec_scan x = scan(BANDIT("{\"test_id\":\"B1\",\"filename\":\"./src\\\\a.py\","
					"\"issue_severity\":\"HIGH\",\"issue_text\":\"t\","
					"\"line_number\":3,\"issue_confidence\":\"LOW\"}")),
			y = scan(BANDIT("{\"test_id\":\"B1\",\"filename\":\"src/a.py\","
					"\"issue_severity\":\"LOW\",\"issue_text\":\"t\","
					"\"line_number\":9}"));
	assert_string_equal(x.list.v[0].identity, y.list.v[0].identity);
}

static void bandit_says_what_it_did_not_scan(void **state UNUSED)
{
	struct rec_scan s = scan(BANDIT(B("B101", "x") "," B("B102", "y")));
	assert_int_equal(s.severity[SEV_LOW], 2);
	assert_int_equal(s.list.v[0].line, 7);
	assert_string_equal(s.list.v[0].path, "a.py");
	int64_t t;
	assert_true(parse_time("2026-11-09T08:49:00Z", &t) && s.scanned_s == t);
	assert_status(BANDIT(""), SCAN_ZERO, NULL);
	assert_status("{\"errors\":[{\"filename\":\"./b.py\",\"reason\":\"syntax error\"},{}],"
		      "\"generated_at\":\"x\",\"metrics\":{},\"results\":[]}",
		      SCAN_PARTIAL, "b.py was not scanned: syntax error (and 1 more)");
	assert_status("{\"errors\":[],\"generated_at\":\"\",\"metrics\":{\"_totals\":{\"loc\":0}},"
		      "\"results\":[]}",
		      SCAN_SUSPECT, "0 lines of code");
	assert_status("{\"errors\":[],\"generated_at\":1,\"metrics\":{\"_totals\":{\"loc\":\"0\"}},"
		      "\"results\":[{\"issue_severity\":null}]}",
		      SCAN_OK, NULL);
	assert_status("{\"generated_at\":\"\",\"metrics\":{},\"results\":{}}", SCAN_MALFORMED,
		      "results: expected array, got object");
	assert_status("{\"generated_at\":\"\",\"metrics\":{},\"results\":[\"x\"]}", SCAN_MALFORMED,
		      "results[0]: expected an object");
	assert_int_equal(scan(BANDIT("{\"issue_severity\":\"odd\"}")).severity[SEV_INFO], 1);
}

#define ALERT(risk, confidence, name)                                                              \
	"{\"pluginid\":\"10\",\"alert\":\"" name "\",\"riskcode\":" risk                           \
	",\"confidence\":" confidence                                                              \
	",\"count\":\"5\",\"desc\":\"<p>Some &lt;b&gt; text.</p><p>More</p>\","                    \
	"\"cweid\":\"693\",\"reference\":\"<p>see</p><p>https://example.org/x</p>\","              \
	"\"instances\":[{\"uri\":\"https://e.org/b?sid=1\",\"evidence\":\"hunter2\"},"             \
	"{\"uri\":\"https://e.org/a?sid=1\",\"attack\":\"hunter2\"}]}"

static void zap_counts_alert_types_per_site(void **state UNUSED)
{
	const char *json =
		"{\"@programName\":\"ZAP\",\"@version\":\"2.15.0\",\"@generated\":\"Mon, 9 Nov "
		"2026 "
		"08:52:01\",\"site\":[{\"@name\":\"https://e.org\",\"alerts\":[" ALERT(
			"\"3\"", "\"2\"",
			"A") "," ALERT("2", "1",
				       "B") "," ALERT("\"1\"", "\"0\"",
						      "C") "," ALERT("\"9\"", "\"\"",
								     "D") "]},{\"@name\":\"https://"
									  "f.org\",\"alerts\":"
									  "[" ALERT("\"0\"", "null",
										    "A") "]},{\"@"
											 "name\":"
											 "\"https:/"
											 "/g.org\"}"
											 "]}";
	struct rec_scan s = scan(json);
	assert_int_equal(s.status, SCAN_OK);
	assert_string_equal(s.format, "zap-json");
	assert_int_equal(s.findings, 4);
	assert_int_equal(s.severity[SEV_HIGH], 1);
	assert_int_equal(s.severity[SEV_MEDIUM], 1);
	assert_int_equal(s.severity[SEV_INFO], 2);
	assert_int_equal(s.suppressed, 1); /* confidence 0: false positive */
	assert_int_equal(s.first_site, 3); /* the team counts false positives, not unknown risks */
	assert_int_equal(s.instances, 20);
	assert_string_equal(s.target, "https://e.org");
	int64_t t;
	assert_true(parse_time("2026-11-09T08:52:01Z", &t) && s.scanned_s == t);
	const struct rec_finding *f = &s.list.v[0];
	assert_string_equal(f->message, "Some <b> text. More");
	assert_string_equal(f->path, "https://e.org/a");
	assert_string_equal(f->url, "https://example.org/x");
	assert_string_equal(f->cwe, "CWE-693");
	assert_int_equal(f->occurrences, 5);
	/* the same alert on another site is another finding */
	assert_string_not_equal(s.list.v[0].identity, s.list.v[4].identity);
}

static void zap_in_xml_counts_as_in_json(void **state UNUSED)
{
	struct rec_scan s = scan(
		"<?xml version=\"1.0\"?><OWASPZAPReport version=\"2.9.0\" generated=\"Mon, 9 Nov "
		"2026 08:52:01\"><site name=\"https://e.org\"><alerts><alertitem><pluginid>10"
		"</pluginid><alert>A</alert><riskcode>3</riskcode><confidence>2</"
		"confidence><count>1"
		"</count><instances><instance><uri>https://e.org/b</uri></instance></instances>"
		"</alertitem><alertitem><pluginid>11</pluginid><name>B</name><riskcode> 1 "
		"</riskcode>"
		"<confidence>0</confidence></alertitem></alerts></site><site host=\"f\"><alerts/>"
		"</site></OWASPZAPReport>");
	struct rec_scan j = scan("{\"@version\":\"1\",\"site\":{\"@name\":\"https://e.org\","
				 "\"alerts\":[" ALERT("\"3\"", "\"2\"", "A") "]}}");
	assert_int_equal(s.status, SCAN_OK);
	assert_int_equal(s.findings, 1);
	assert_int_equal(s.suppressed, 1);
	assert_int_equal(s.first_site, 2);
	assert_string_equal(s.tool_version, "2.9.0");
	assert_string_equal(s.list.v[0].identity, j.list.v[0].identity);
}

static void zap_without_a_site_reached_nothing(void **state UNUSED)
{
	assert_status("{\"@version\":\"2\",\"site\":[]}", SCAN_SUSPECT, "not reached");
	assert_status("{\"@version\":\"2\",\"site\":null}", SCAN_SUSPECT, "not reached");
	assert_status("<OWASPZAPReport/>", SCAN_SUSPECT, "not reached");
	assert_status("{\"@version\":\"2\",\"site\":[{\"@name\":\"x\",\"alerts\":[]}]}", SCAN_ZERO,
		      NULL);
	assert_status("<OWASPZAPReport><site name=\"x\"><alerts/></site></OWASPZAPReport>",
		      SCAN_ZERO, NULL);
	assert_status("{\"@version\":\"2\",\"stoppingInsight\":{\"key\":\"k\"},\"site\":[{"
		      "\"@name\":\"x\"}]}",
		      SCAN_PARTIAL, "stopped early");
	assert_status("{\"@version\":\"2\",\"stoppingInsight\":\"\",\"site\":[{\"@name\":\"x\"}]}",
		      SCAN_ZERO, NULL);
	assert_status("{\"@version\":\"2\",\"site\":\"x\"}", SCAN_MALFORMED,
		      "site: expected an array");
	assert_status("{\"@version\":\"2\",\"site\":[{\"alerts\":[1]}]}", SCAN_MALFORMED,
		      "site[0].alerts[0]: expected an object");
}

static void npm_counts_advisories_not_packages(void **state UNUSED)
{
	struct rec_scan s = scan(
		"{\"auditReportVersion\":2,\"vulnerabilities\":{\"a\":{\"severity\":\"critical\","
		"\"via\":[\"b\"]},\"b\":{\"severity\":\"high\",\"fixAvailable\":{\"name\":\"c\","
		"\"version\":\"2.0.0\"},\"via\":[{\"source\":1,\"url\":"
		"\"https://github.com/advisories/GHSA-AAAA-bbbb-cccc\",\"severity\":\"moderate\","
		"\"cwe\":[\"CWE-400\"],\"title\":\"t\"},{\"source\":2,\"url\":"
		"\"https://github.com/advisories/"
		"GHSA-aaaa-bbbb-cccc\",\"severity\":\"odd\"},\"d\"]},"
		"\"e\":{\"via\":null},\"f\":{}},\"metadata\":{\"vulnerabilities\":{\"total\":4}}}");
	assert_int_equal(s.status, SCAN_OK);
	assert_int_equal(s.findings, 2);
	assert_int_equal(s.severity[SEV_MEDIUM], 1);
	assert_int_equal(s.severity[SEV_INFO], 1);
	const struct rec_finding *f = &s.list.v[0];
	assert_string_equal(f->package, "b");
	assert_string_equal(f->rule, "GHSA-aaaa-bbbb-cccc");
	assert_string_equal(f->cwe, "CWE-400");
	assert_string_equal(f->fix, "c 2.0.0");
	assert_status("{\"auditReportVersion\":2,\"vulnerabilities\":{\"a\":3}}", SCAN_MALFORMED,
		      "vulnerabilities.a: expected an object");
	assert_status("{\"auditReportVersion\":2,\"vulnerabilities\":{\"a\":{\"via\":[1]}}}",
		      SCAN_MALFORMED, "vulnerabilities.a.via[0]: expected an object");
	assert_status("{\"auditReportVersion\":2,\"vulnerabilities\":null}", SCAN_MALFORMED,
		      "vulnerabilities: expected object");

	s = scan("{\"actions\":[],\"advisories\":{\"534\":{\"id\":534,\"module_name\":\"debug\","
		 "\"severity\":\"low\",\"url\":\"https://npmjs.com/advisories/534\",\"cves\":["
		 "\"CVE-2017-16137\"],\"cwe\":\"CWE-400\",\"findings\":[{\"version\":\"1\"}]}}}");
	assert_string_equal(s.format, "npm-audit-v1");
	assert_int_equal(s.severity[SEV_LOW], 1);
	assert_string_equal(s.list.v[0].cve, "CVE-2017-16137");
	assert_string_equal(s.list.v[0].rule, "534");
	assert_status("{\"metadata\":{},\"advisories\":{}}", SCAN_ZERO, NULL);
}

static void an_npm_audit_that_failed_is_failed(void **state UNUSED)
{
	assert_status("{\"error\":{\"code\":\"ENOLOCK\",\"summary\":\"This command requires an "
		      "existing lockfile.\",\"detail\":\"\"}}",
		      SCAN_FAILED, "npm audit failed: ENOLOCK: This command requires");
	assert_status("{\"message\":\"request to https://u:p@registry.example.org failed\","
		      "\"error\":{\"summary\":\"\",\"detail\":\"\"}}",
		      SCAN_FAILED, "request to https://[removed]@registry.example.org failed");
	assert_status(
		"{\"message\":\"Bad Gateway\",\"method\":\"POST\",\"uri\":\"u\",\"statusCode\":"
		"502,\"headers\":{}}",
		SCAN_FAILED, "Bad Gateway");
	assert_status("{\"error\":\"text\"}", SCAN_UNRECOGNISED, "");
	assert_status("{\"message\":\"Not Found\",\"documentation_url\":\"x\"}", SCAN_UNRECOGNISED,
		      "");
}

/* Does any text of the scan hold it? */
static bool holds(const struct rec_scan *s, const char *secret)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct rec_finding *f = &s->list.v[i];
		const char *const all[] = {f->identity, f->word, f->rule,    f->title,
					   f->path,	f->url,	 f->package, f->fix,
					   f->cwe,	f->cve,	 f->message};
		for (size_t k = 0; k < ARRAY_SIZE(all); k++)
			if (all[k] && strstr(all[k], secret))
				return true;
	}
	return s->reason && strstr(s->reason, secret);
}

static void no_secret_that_a_scanner_found_is_kept(void **state UNUSED)
{
	struct rec_scan s = scan(BANDIT(B("B105", "Possible hardcoded password: 'hunter2'") "," B(
		"B106", "Possible hardcoded password: 'it's hunter2'") "," B("B101",
									     "Use of assert")));
	assert_false(holds(&s, "hunter2"));
	assert_string_equal(s.list.v[0].message, "Possible hardcoded password: [removed]");
	assert_string_equal(s.list.v[2].message, "Use of assert");
	/* but two of them are still two findings, and the same one is the same */
	assert_string_not_equal(s.list.v[0].identity, s.list.v[1].identity);
	s = scan(SARIF(
		RUN("{\"id\":\"generic-api-key\"}",
		    "{\"ruleId\":\"generic-api-key\",\"message\":{\"text\":\"Secret "
		    "detected\\nMatch: key=hunter2\\nDone\"},\"locations\":[{"
		    "\"physicalLocation\":{\"region\":{\"snippet\":{\"text\":\"hunter2\"}}}}],"
		    "\"partialFingerprints\":{\"email\":\"hunter2\"}},"
		    "{\"ruleId\":\"x\",\"message\":{\"text\":\"uses "
		    "AKIAIOSFODNN7EXAMPLE now\"}}")));
	assert_false(holds(&s, "hunter2") || holds(&s, "IOSFODNN"));
	assert_string_equal(s.list.v[1].message, "uses [removed] now");
	s = scan("{\"@version\":\"2\",\"site\":[{\"@name\":\"s\",\"alerts\":[" ALERT(
		"\"1\"", "\"1\"", "A") "]}]}");
	assert_false(holds(&s, "hunter2") || holds(&s, "sid=1"));
}

static void secrets_are_known_by_their_shape(void **state UNUSED)
{
	static const char *const hidden[][2] = {
		{"a ghp_abcdefghijklmnopqrstuvwxyz0123456789 b", "a [removed] b"},
		{"xoxb-1234-5678-abcdef", "[removed]"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- tail",
		 "[removed] tail"},
		{"-----BEGIN PRIVATE KEY-----\nMII", "[removed]"},
		{"get http://bob:pw@h/x?y now", "get http://[removed]@h/x?y now"},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[removed]"},
	};
	static const char *const plain[] = {
		"a plain text",		 "http://h:8080/x@y", "AKIA",	    "ghp_short",
		"XAKIAIOSFODNN7EXAMPLE", "it's and doesn't",  "key: value",
	};
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		assert_string_equal(redact(&a, hidden[i][0], false), hidden[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		assert_ptr_equal(redact(&a, plain[i], false), plain[i]);
	assert_null(redact(&a, NULL, true));
	assert_string_equal(redact(&a, "found 'a' in \"b\"", true), "found [removed] in \"b\"");
	assert_string_equal(redact(&a, "it doesn't matter", true), "it doesn't matter");
	assert_string_equal(redact(&a, "open 'quote", true), "open [removed]");
	assert_string_equal(redact(&a, "Token: abc\nnext", true), "Token: [removed]\nnext");
}

static void odd_values_neither_crash_nor_count_wrong(void **state UNUSED)
{
	struct rec_scan s = scan(BANDIT("{\"test_id\":7,\"filename\":null,\"issue_severity\":"
					"\"HIGH\",\"issue_text\":[],\"line_number\":1e300,"
					"\"issue_cwe\":5,\"more_info\":\"javascript:x\"},"
					"{\"issue_severity\":\"hIgH\",\"line_number\":-4,"
					"\"issue_text\":\"a\\u0000b\\ud800\"}"));
	assert_int_equal(s.severity[SEV_HIGH], 2);
	assert_string_equal(s.list.v[0].rule, "7");
	assert_true(s.list.v[0].line == NUM_NONE && s.list.v[1].line == NUM_NONE);
	assert_null(s.list.v[0].url);
	char *big = arena_alloc(&a, 100001);
	memset(big, 'x', 100000);
	s = scan(arena_printf(&a, BANDIT("{\"issue_text\":\"%s\",\"test_id\":\"%s\"}"), big, big));
	assert_int_equal(s.findings, 1);
	assert_true(strlen(s.list.v[0].message) < 5000 && strlen(s.list.v[0].rule) < 5000);
	s = scan("{\"@version\":\"2\",\"site\":[{\"@name\":\"s\",\"alerts\":[{\"count\":"
		 "\"99999999999999999999\"},{\"count\":\"9223372036854775807\"}]}]}");
	assert_int_equal(s.instances, 2);
}

static void the_dry_runs_line_is_the_contracts(void **state UNUSED)
{
	struct rec_scan s = scan(BANDIT(B("B101", "x")));
	assert_string_equal(
		scan_json_line("a \"b\".json", &s, &a),
		"{\"file\":\"a \\\"b\\\".json\",\"format\":\"bandit-json\",\"status\":"
		"\"ok\",\"findings\":1,\"critical\":0,\"high\":0,\"medium\":0,\"low\":1,"
		"\"info\":0,\"suppressed\":0,\"reason\":null}");
	s = scan("");
	assert_string_equal(scan_json_line("x", &s, &a),
			    "{\"file\":\"x\",\"format\":null,\"status\":\"empty\",\"findings\":0,"
			    "\"critical\":0,\"high\":0,\"medium\":0,\"low\":0,\"info\":0,"
			    "\"suppressed\":0,\"reason\":\"0 bytes\"}");
	s = scan("{\"SchemaVersion\":2}");
	assert_string_equal(scan_json_line("x", &s, &a),
			    "{\"file\":\"x\",\"format\":\"trivy-json\",\"status\":\"unsupported\","
			    "\"findings\":null,\"critical\":null,\"high\":null,\"medium\":null,"
			    "\"low\":null,\"info\":null,\"suppressed\":null,\"reason\":\"format "
			    "trivy-json is recognised but cannot be read yet\"}");
}

static void every_format_has_a_name_a_pattern_and_a_place(void **state UNUSED)
{
	for (size_t i = 0; i < scan_formats_n; i++) {
		const struct scan_format *f = &scan_formats[i];
		assert_true(f->name && *f->name && f->keys);
		assert_true(f->tool || !strcmp(f->name, "sarif"));
		if (f->tool)
			assert_string_equal(identity_tool(&a, f->tool), f->tool);
		assert_true(!f->bare_empty || f->shape == SHAPE_ARRAY);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, release)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(severities_follow_the_table),
		TEST(paths_are_one_however_written),
		TEST(any_encoding_of_a_report_reads_alike),
		TEST(nothing_is_not_zero),
		TEST(broken_reports_say_where),
		TEST(a_format_without_reader_is_named_and_never_zero),
		TEST(a_report_of_another_tool_is_not_taken_for_the_named_one),
		TEST(sarif_levels_default_as_the_standard_says),
		TEST(sarif_overrides_come_before_the_rules_default),
		TEST(sarif_rules_are_found_in_extensions),
		TEST(sarif_leaves_out_what_is_no_finding),
		TEST(sarif_tells_failed_partial_and_not_started_apart),
		TEST(sarif_that_breaks_its_own_form_is_malformed_at_a_path),
		TEST(sarif_fills_what_a_reader_needs),
		TEST(several_runs_are_one_scan_of_the_first_named_tool),
		TEST(equal_findings_are_numbered_whatever_their_order),
		TEST(identities_ignore_what_moves),
		TEST(bandit_says_what_it_did_not_scan),
		TEST(zap_counts_alert_types_per_site),
		TEST(zap_in_xml_counts_as_in_json),
		TEST(zap_without_a_site_reached_nothing),
		TEST(npm_counts_advisories_not_packages),
		TEST(an_npm_audit_that_failed_is_failed),
		TEST(no_secret_that_a_scanner_found_is_kept),
		TEST(secrets_are_known_by_their_shape),
		TEST(odd_values_neither_crash_nor_count_wrong),
		TEST(the_dry_runs_line_is_the_contracts),
		TEST(every_format_has_a_name_a_pattern_and_a_place),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
