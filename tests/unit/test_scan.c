#include "support/scans.h"

#include "base/sb.h"
#include "base/text.h"
#include "scan/formats.h"
#include "lib/zip.h"
#include "scan/identity.h"

#include <math.h>

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
	assert_string_equal(scan_path(&scans, ".\\src\\a.py"), "src/a.py");
	assert_string_equal(scan_path(&scans, "file:///home/x/a.py"), "home/x/a.py");
	assert_string_equal(scan_path(&scans, "././/a"), "a");
	assert_string_equal(scan_path(&scans, "../a"), "../a");
	assert_string_equal(scan_path(&scans, NULL), "");
}

static void a_report_packed_by_gzip_is_read_and_a_damaged_one_says_so(void **state UNUSED)
{
	static const char json[] =
		"{\"results\":[{\"test_id\":\"B101\",\"issue_text\":\"x\",\"issue_severity\":"
		"\"LOW\",\"filename\":\"a.py\",\"line_number\":1}],\"errors\":[],\"generated_at\":"
		"\"2026-11-09T08:00:00Z\",\"metrics\":{\"_totals\":{\"loc\":10}}}";
	struct scan_opts o = {.scanned_s = TIME_NONE, .fallback_s = 1};
	struct rec_scan s, plain;
	const void *packed;
	size_t len;
	zip_gzip(json, sizeof json - 1, &scans, &packed, &len);
	scan_read(json, sizeof json - 1, &o, &scans, &plain);
	scan_read(packed, len, &o, &scans, &s);
	assert_string_equal(s.format, "bandit-json");
	assert_int_equal(s.status, SCAN_OK);
	assert_string_equal(s.list.v[0].identity, plain.list.v[0].identity);
	assert_string_not_equal(s.sha256, plain.sha256); /* of the bytes as they came */
	for (size_t cut = 3; cut < len; cut += 7) {
		scan_read(packed, cut, &o, &scans, &s);
		assert_int_equal(s.status, SCAN_MALFORMED); /* never zero findings */
		assert_int_equal(s.findings, 0);
		assert_true(s.reason && *s.reason);
	}
}

static struct rec_scan utf16(const char *text, bool mark, bool big)
{
	size_t n = 0;
	char *p = arena_alloc(&scans, 2 * strlen(text) + 2);
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
	assert_int_equal(scan(arena_printf(&scans, "\xef\xbb\xbf%s", json)).findings, 1);
	assert_int_equal(scan(arena_printf(&scans, "\r\n\t %s\n\n", json)).findings, 1);
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
	assert_status("[0000] WARN old database\n\n{\"matches\":[]}\n", SCAN_MALFORMED,
		      "begins in line 3: keep the tool's messages out of the file");
	assert_null(strstr(scan("\n\n{\"runs\": [").reason, "begins in line"));
	assert_string_equal(scan("{\"matches\":[{\"vulnerability\":{\"dataSource\":").format,
			    "grype");
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
	char *deep = arena_alloc(&scans, 200001);
	memset(deep, '[', 200000);
	assert_status(deep, SCAN_MALFORMED, "nested deeper than");
	/* amplifying entities must neither be expanded nor take time */
	struct sb b;
	sb_init(&b, &scans, 1 << 20);
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

static void every_format_is_recognised_by_its_content(void **state UNUSED)
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
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		struct rec_scan s = scan(samples[i].text);
		if (!text_eq(s.format, samples[i].format))
			fail_msg("%s: %s", samples[i].text, s.format ? s.format : "none");
	}
	assert_status("{\"matches\":[{\"vulnerability\":{}}]}", SCAN_UNRECOGNISED, "");
	assert_status("<issues/>", SCAN_UNRECOGNISED, "");
	assert_status("{\"results\":null,\"more\":1}", SCAN_UNRECOGNISED, "");
}

static void another_version_is_unsupported_and_never_zero(void **state UNUSED)
{
	struct rec_scan s = scan_q("{'version':'1.0.0','runs':[]}");
	assert_int_equal(s.status, SCAN_UNSUPPORTED);
	assert_string_equal(s.format, "sarif");
	assert_true(s.findings == NUM_NONE && s.severity[SEV_HIGH] == NUM_NONE);
	assert_string_equal(s.reason, "SARIF version 1.0.0 cannot be read, only 2.x");
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
	char *big = arena_alloc(&scans, 100001);
	memset(big, 'x', 100000);
	s = scan(arena_printf(&scans, BANDIT("{\"issue_text\":\"%s\",\"test_id\":\"%s\"}"), big,
			      big));
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
		scan_json_line("a \"b\".json", &s, &scans),
		"{\"file\":\"a \\\"b\\\".json\",\"format\":\"bandit-json\",\"status\":"
		"\"ok\",\"findings\":1,\"critical\":0,\"high\":0,\"medium\":0,\"low\":1,"
		"\"info\":0,\"suppressed\":0,\"reason\":null}");
	s = scan("");
	assert_string_equal(scan_json_line("x", &s, &scans),
			    "{\"file\":\"x\",\"format\":null,\"status\":\"empty\",\"findings\":0,"
			    "\"critical\":0,\"high\":0,\"medium\":0,\"low\":0,\"info\":0,"
			    "\"suppressed\":0,\"reason\":\"0 bytes\"}");
	s = scan_q("{'version':'1.0.0','runs':[]}");
	assert_string_equal(scan_json_line("x", &s, &scans),
			    "{\"file\":\"x\",\"format\":\"sarif\",\"status\":\"unsupported\","
			    "\"findings\":null,\"critical\":null,\"high\":null,\"medium\":null,"
			    "\"low\":null,\"info\":null,\"suppressed\":null,\"reason\":\"SARIF "
			    "version 1.0.0 cannot be read, only 2.x\"}");
}

static void every_format_has_a_name_a_pattern_and_a_place(void **state UNUSED)
{
	for (size_t i = 0; i < scan_formats_n; i++) {
		const struct scan_format *f = &scan_formats[i];
		assert_true(f->name && *f->name && f->keys && f->read);
		assert_true(f->tool || !strcmp(f->name, "sarif"));
		if (f->tool)
			assert_string_equal(identity_tool(&scans, f->tool), f->tool);
		assert_true(!f->bare_empty || f->shape == SHAPE_ARRAY || f->shape == SHAPE_NESTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(a_report_packed_by_gzip_is_read_and_a_damaged_one_says_so),
		SCAN_TEST(severities_follow_the_table),
		SCAN_TEST(paths_are_one_however_written),
		SCAN_TEST(any_encoding_of_a_report_reads_alike),
		SCAN_TEST(nothing_is_not_zero),
		SCAN_TEST(broken_reports_say_where),
		SCAN_TEST(every_format_is_recognised_by_its_content),
		SCAN_TEST(another_version_is_unsupported_and_never_zero),
		SCAN_TEST(a_report_of_another_tool_is_not_taken_for_the_named_one),
		SCAN_TEST(odd_values_neither_crash_nor_count_wrong),
		SCAN_TEST(the_dry_runs_line_is_the_contracts),
		SCAN_TEST(every_format_has_a_name_a_pattern_and_a_place),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
