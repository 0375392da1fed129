/* Reports on running web sites. */
#include "support/scans.h"

#include "base/parse.h"

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

static void nuclei_reads_lines_arrays_and_old_keys(void **state UNUSED)
{
	static const struct scan_case lines[] = {
		{"{'template-id':'a','host':'h','info':{'severity':'critical'}}\n\n"
		 "{'templateID':'b','host':'h','matched':'h:22','info':{'severity':'unknown'}}\r\n"
		 "{'level':'INF','msg':'done'}\n"
		 "{'template-id':'c','matcher-status':false,'info':{'severity':'high'}}\n"
		 "{'template-id':'d','info':null}\n",
		 "ok", 1, 0, 0, 0, 2, 0},
		{"{'template-id':'a','info':{'severity':'low'}}", "ok", 0, 0, 0, 1, 0, 0},
		{"{'template-id':'a','matcher-status':'false'}\n", "zero", 0, 0, 0, 0, 0, 0},
		{"{'template-id':'a'}\n[1]\n", "malformed", 0, 0, 0, 0, 0, 0},
	};
	static const struct scan_case array[] = {
		{"[{'template-id':'a','info':{'severity':'medium'}},{'template-id':'b'}]", "ok", 0,
		 0, 1, 0, 1, 0},
	};
	ASSERT_COUNTS("nuclei-jsonl", lines);
	ASSERT_COUNTS("nuclei-json", array);
	struct rec_scan s = scan_q(
		"{'template-id':'t','host':'https://u:hunter2@e.example.org','matched-at':"
		"'https://u:hunter2@e.example.org/x?token=hunter2','timestamp':"
		"'2026-11-09T08:00:00.5+00:00','curl-command':'hunter2','response':'hunter2',"
		"'extracted-results':['hunter2'],'info':{'name':'N','description':'<i>d</i>',"
		"'reference':null,'classification':{'cve-id':'CVE-2026-1234','cwe-id':['cwe-79',"
		"'cwe-80']}}}");
	const struct rec_finding *f = &s.list.v[0];
	assert_string_equal(f->path, "https://e.example.org/x");
	assert_string_equal(f->cve, "CVE-2026-1234");
	assert_string_equal(f->cwe, "CWE-79");
	assert_string_equal(f->message, "d");
	assert_false(holds(&s, "hunter2"));
	/* random paths and ports are not the finding */
	assert_same("{'template-id':'t','matcher-name':'m','host':'h','matched-at':'h/a1'}",
		    "{'templateID':'t','matcher_name':'m','host':'h','matched':'h/b2'}");
	assert_different("{'template-id':'t','matcher-name':'m','host':'h'}",
			 "{'template-id':'t','matcher-name':'n','host':'h'}");
}

static void nikto_lists_what_stopped_it_among_its_items(void **state UNUSED)
{
	static const struct scan_case json[] = {
		{"{'host':'h','banner':'','vulnerabilities':[]}", "zero", 0, 0, 0, 0, 0, 0},
		{"{'host':'h','banner':'b','vulnerabilities':[{'id':'999986','msg':'m'},{'id':1,"
		 "'url':'/','msg':'m','references':{'a':['https://example.org/']}}]}",
		 "ok", 0, 0, 0, 2, 0, 0},
		{"[{'host':'h','vulnerabilities':[{'id':'1','msg':'m'}]},{'host':'i',"
		 "'vulnerabilities':{'0':{'id':'2'}}}]",
		 "ok", 0, 0, 0, 2, 0, 0},
		{"{'host':'h','banner':'','vulnerabilities':[{'id':'0','msg':"
		 "'ERROR: Cannot resolve hostname'}]}",
		 "failed", 0, 0, 0, 0, 0, 0},
		{"{'host':'h','banner':'','vulnerabilities':[{'msg':'ERROR: Host down'},{'id':'1'}"
		 "]}",
		 "partial", 0, 0, 0, 1, 0, 0},
		{"{'host':'h','banner':'','vulnerabilities':null}", "suspect", 0, 0, 0, 0, 0, 0},
		{"{'host':'h','banner':'','vulnerabilities':'x'}", "malformed", 0, 0, 0, 0, 0, 0},
	};
	static const struct scan_case xml[] = {
		{"<!DOCTYPE niktoscan SYSTEM 'docs/nikto.dtd'><niktoscan><niktoscan version='2'>"
		 "<scandetails targethostname='h'><item id='1'><description><![CDATA[d]]>"
		 "</description><uri>/</uri></item></scandetails></niktoscan></niktoscan>",
		 "ok", 0, 0, 0, 1, 0, 0},
		{"<niktoscans><niktoscan><scandetails><item id='0'><description>ERROR: no host"
		 "</description></item></scandetails></niktoscan></niktoscans>",
		 "failed", 0, 0, 0, 0, 0, 0},
		{"<niktoscan/>", "zero", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("nikto-json", json);
	ASSERT_COUNTS("nikto-xml", xml);
	assert_same("{'host':'h','banner':'','vulnerabilities':[{'id':'500','url':'/x','msg':"
		    "'inode 1'}]}",
		    "<niktoscan><scandetails targethostname='h'><item id='500'><uri>/x</uri>"
		    "<description>inode 2</description></item></scandetails></niktoscan>");
	assert_different("{'host':'h','banner':'','vulnerabilities':[{'id':'999986','url':'/',"
			 "'msg':'header a'}]}",
			 "{'host':'h','banner':'','vulnerabilities':[{'id':'999986','url':'/',"
			 "'msg':'header b'}]}");
}

#define ISSUE(serial, path, severity)                                                              \
	"<issue><serialNumber>" serial "</serialNumber><type>1</type><name>N</name><host ip='1'>"  \
	"https://e.example.org</host><path><![CDATA[" path "]]></path><severity>" severity         \
	"</severity><issueBackground><![CDATA[<p>Why &amp; how</p>]]></issueBackground>"           \
	"<issueDetail>hunter2</issueDetail><vulnerabilityClassifications><![CDATA[<ul><li>"        \
	"<a href=\"https://cwe.example.org/cwe-1\">CWE-79: XSS</a></li><li>CWE-80: b</li></ul>"    \
	"]]></vulnerabilityClassifications><requestresponse><request base64='true'>aHVudGVyMg=="   \
	"</request></requestresponse></issue>"

static void burp_issues_stay_though_their_serial_number_changes(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"<issues burpVersion='2'>" ISSUE("1", "/a", "High") ISSUE("2", "/b", "Information")
			 ISSUE("3", "/c", "odd") "</issues>",
		 "ok", 0, 1, 0, 0, 2, 0},
		{"<issues burpVersion='2'/>", "zero", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("burp-xml", cases);
	assert_same("<issues burpVersion='2'>" ISSUE("1", "/a", "High") "</issues>",
		    "<issues burpVersion='3'>" ISSUE("9", "/a", "Low") "</issues>");
	struct rec_scan s =
		scan("<issues burpVersion='2'>" ISSUE("1", "/a?b=1", "Low") "</issues>");
	assert_string_equal(s.list.v[0].cwe, "CWE-79");
	assert_string_equal(s.list.v[0].message, "Why & how");
	assert_string_equal(s.list.v[0].path, "https://e.example.org/a");
	assert_string_equal(s.target, "https://e.example.org");
	assert_false(holds(&s, "hunter2") || holds(&s, "aHVudGVy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(zap_counts_alert_types_per_site),
		SCAN_TEST(zap_in_xml_counts_as_in_json),
		SCAN_TEST(zap_without_a_site_reached_nothing),
		SCAN_TEST(nuclei_reads_lines_arrays_and_old_keys),
		SCAN_TEST(nikto_lists_what_stopped_it_among_its_items),
		SCAN_TEST(burp_issues_stay_though_their_serial_number_changes),
	};
	return cmocka_run_group_tests_name("scan_web", tests, NULL, NULL);
}
