/* Reports on the packages that something is made of. */
#include "support/scans.h"

#include "base/parse.h"

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

#define TRIVY(results) "{'SchemaVersion':2,'ArtifactName':'x','Results':[" results "]}"
#define TRIVY_VULN(id, package, severity)                                                          \
	"{'VulnerabilityID':'" id "','PkgName':'" package "','Severity':" severity "}"

static void trivy_counts_every_kind_of_finding_in_every_shape(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'SchemaVersion':2}", "zero", 0, 0, 0, 0, 0, 0},
		{"{'ArtifactName':'x','Results':null}", "zero", 0, 0, 0, 0, 0, 0},
		{TRIVY("{'Target':'t'},{'Target':'u','Vulnerabilities':null}"), "zero", 0, 0, 0, 0,
		 0, 0},
		{TRIVY("{'Vulnerabilities':[" TRIVY_VULN(
			 "CVE-2026-0001", "a",
			 "'CRITICAL'") "," TRIVY_VULN("CVE-2026-0001", "b",
						      "'UNKNOWN'") "," TRIVY_VULN("CVE-2026-0002",
										  "a",
										  "null") "]}"),
		 "ok", 1, 0, 0, 0, 2, 0},
		{TRIVY("{'Misconfigurations':[{'ID':'A','Status':'FAIL','Severity':'HIGH'},"
		       "{'ID':'B','Status':'PASS','Severity':'HIGH'},"
		       "{'ID':'C','Status':'EXCEPTION','Severity':'HIGH'},"
		       "{'ID':'D','Severity':'LOW'}]}"),
		 "ok", 0, 1, 0, 1, 0, 0},
		{TRIVY("{'Secrets':[{'RuleID':'r','Severity':'CRITICAL','StartLine':3}]},"
		       "{'Licenses':[{'Name':'GPL-3.0','PkgName':'p','Severity':'MEDIUM'}]}"),
		 "ok", 1, 0, 1, 0, 0, 0},
		{TRIVY("{'ExperimentalModifiedFindings':[{'Type':'vulnerability','Status':"
		       "'ignored','Finding':{'VulnerabilityID':'x','Severity':'HIGH'}},"
		       "{'Type':'misconfiguration','Finding':{'ID':'A','Status':'PASS'}}]}"),
		 "ok", 0, 0, 0, 0, 0, 2},
		{"[{'Target':'a','Vulnerabilities':[" TRIVY_VULN("x", "p",
								 "'LOW'") "]},{'Target':'b'}]",
		 "ok", 0, 0, 0, 1, 0, 0},
		{"{'ClusterName':'c','Resources':[{'Kind':'Pod','Results':[{'Vulnerabilities':"
		 "[" TRIVY_VULN("x", "p",
				"'LOW'") "]}]},{'Kind':'Pod','Name':'q','Results':null}]}",
		 "ok", 0, 0, 0, 1, 0, 0},
		{"{'ClusterName':'c','Vulnerabilities':[{'Results':[{'Vulnerabilities':"
		 "[" TRIVY_VULN("x", "p", "'LOW'") "]}]}],'Misconfigurations':[{'Results':[{"
						   "'Misconfigurations':[{'ID':'i','Status':'FAIL',"
						   "'Severity':'HIGH'}]}]}]}",
		 "ok", 0, 1, 0, 1, 0, 0},
		{"{'ClusterName':'c','Resources':[{'Kind':'Pod','Name':'q','Error':'no image'}]}",
		 "partial", 0, 0, 0, 0, 0, 0},
		{TRIVY("{'Vulnerabilities':{}}"), "malformed", 0, 0, 0, 0, 0, 0},
		{TRIVY("{'Vulnerabilities':['CVE']}"), "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("trivy-json", cases);
}

static void trivy_findings_outlive_a_rebuild_of_the_image(void **state UNUSED)
{
	assert_same("{'ArtifactName':'r.example.org:5000/app:1','Results':[{'Type':'debian',"
		    "'Target':'r.example.org:5000/app:1 (debian 12)','Vulnerabilities':[{"
		    "'VulnerabilityID':'CVE-2026-0001','PkgName':'p','InstalledVersion':'1',"
		    "'Fingerprint':'sha256:a','Severity':'LOW'}]}]}",
		    "{'ArtifactName':'r.example.org:5000/app:2','Results':[{'Type':'debian',"
		    "'Target':'r.example.org:5000/app:2 (debian 12)','Vulnerabilities':[{"
		    "'VulnerabilityID':'CVE-2026-0001','PkgName':'p','InstalledVersion':'2',"
		    "'Fingerprint':'sha256:b','Severity':'HIGH'}]}]}");
	struct rec_scan s = scan_q(
		"{'ArtifactName':'r.example.org:5000/app:1@sha256:aa','ArtifactType':"
		"'container_image','CreatedAt':'2026-11-09T08:00:00.123456789+01:00','Trivy':{"
		"'Version':'0.70.0'},'Results':[{'Vulnerabilities':[{'VulnerabilityID':"
		"'CVE-2026-0001','Title':'t','CweIDs':['CWE-79'],'PrimaryURL':"
		"'https://example.org/"
		"x','FixedVersion':'1.2','CVSS':{'nvd':{'V3Score':7.5,'V2Score':9},'ghsa':{'"
		"V3Score':'8.1'}}}],'Secrets':[{'RuleID':'r','Match':"
		"'hunter2','Code':{'Lines':[{'Content':'hunter2'}]}}]}]}");
	int64_t t;
	assert_true(parse_time("2026-11-09T07:00:00Z", &t) && s.scanned_s == t);
	assert_string_equal(s.target, "r.example.org:5000/app");
	assert_string_equal(s.tool_version, "0.70.0");
	assert_string_equal(s.list.v[0].cve, "CVE-2026-0001");
	assert_string_equal(s.list.v[0].cwe, "CWE-79");
	assert_string_equal(s.list.v[0].fix, "1.2");
	assert_true(s.list.v[0].cvss > 8.09 && s.list.v[0].cvss < 8.11);
	assert_string_equal(s.list.v[0].url, "https://example.org/x");
	assert_false(holds(&s, "hunter2"));
}

#define GRYPE(matches, more) "{'matches':[" matches "],'descriptor':{'name':'grype'}" more "}"
#define MATCH(id, severity, name, path)                                                            \
	"{'vulnerability':{'id':'" id "','severity':" severity "},'artifact':{'name':'" name       \
	"','type':'deb','locations':[{'path':'" path "'}]}}"

static void grype_counts_matches_and_sets_ignored_ones_apart(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{GRYPE("", ""), "zero", 0, 0, 0, 0, 0, 0},
		{GRYPE(MATCH("CVE-2026-0001", "'Negligible'", "a", "/x") "," MATCH(
			       "CVE-2026-0001", "'Critical'", "a",
			       "/y") "," MATCH("GHSA-aaaa-bbbb-cccc", "'Unknown'", "b", "/z") ",{}",
		       ",'ignoredMatches':[" MATCH("CVE-2026-0009", "'High'", "a", "/x") "]"),
		 "ok", 1, 0, 0, 0, 3, 1},
		{GRYPE("", ",'ignoredMatches':null"), "zero", 0, 0, 0, 0, 0, 0},
		{GRYPE("7", ""), "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("grype-json", cases);
	struct rec_scan s = scan_q(
		"{'matches':[{'vulnerability':{'id':'GHSA-aaaa-bbbb-cccc','severity':'High','cvss':"
		"[{'metrics':{'baseScore':5}},{'metrics':{'baseScore':7}}],'epss':[{'epss':0.25}],'"
		"fix':{"
		"'versions':['2.0','3.0'],'state':'fixed'},'dataSource':'https://example.org/g'},"
		"'relatedVulnerabilities':[{'id':'CVE-2026-1234','description':'<b>bad</b>'}],"
		"'artifact':{'name':'lib','id':'changes'}}],'source':{'type':'image','target':{"
		"'userInput':'app:1.2'}},'descriptor':{'version':'0.99','timestamp':"
		"'2026-11-09T08:00:00Z'}}");
	assert_string_equal(s.target, "app");
	assert_string_equal(s.tool_version, "0.99");
	assert_string_equal(s.list.v[0].cve, "CVE-2026-1234");
	assert_string_equal(s.list.v[0].fix, "2.0");
	assert_true(s.list.v[0].cvss == 7 && s.list.v[0].epss == 0.25);
	assert_string_equal(s.list.v[0].message, "bad");
	s = scan_q("{'matches':[],'source':{'type':'directory','target':'/home/x'}}");
	assert_string_equal(s.target, "unknown");
}

#define OSV(packages)                                                                              \
	"{'results':[{'source':{'path':'/app/go.mod','type':'lockfile'},'packages':[" packages     \
	"]}]}"
#define OSV_PACKAGE(records, groups)                                                               \
	"{'package':{'name':'m','version':'1','ecosystem':'Go'},'vulnerabilities':[" records       \
	"],'groups':[" groups "]}"

static void osv_scanner_counts_groups_of_one_flaw(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'results':[]}", "zero", 0, 0, 0, 0, 0, 0},
		{OSV("{'package':{'name':'m'}}"), "zero", 0, 0, 0, 0, 0, 0},
		{OSV(OSV_PACKAGE("{'id':'GHSA-aaaa-bbbb-cccc','database_specific':{'severity':"
				 "'MODERATE'}},{'id':'GO-1','database_specific':{'severity':'HIGH'}"
				 "},{'id':'GO-2'}",
				 "{'ids':['GHSA-aaaa-bbbb-cccc','GO-1'],'max_severity':''},"
				 "{'ids':['GO-2'],'max_severity':'9.8'},{'ids':['GO-3']}")),
		 "ok", 1, 1, 1, 0, 0, 0},
		{OSV(OSV_PACKAGE("{'id':'A','database_specific':{'severity':'LOW'}},{'id':'B',"
				 "'database_specific':{'severity':'odd'}}",
				 "")),
		 "ok", 0, 0, 1, 1, 0, 0},
		{OSV(OSV_PACKAGE("{'id':'A'}",
				 "{'ids':['A'],'experimentalAnalysis':{'A':{'called':false}}},"
				 "{'ids':['B'],'experimentalAnalysis':{'B':{'called':false},'C':{"
				 "'called':true}}},"
				 "{'ids':['C'],'experimentalAnalysis':{'B':{'unimportant':true,"
				 "'called':true}}},"
				 "{'ids':['D'],'experimentalAnalysis':{}}")),
		 "ok", 0, 0, 2, 0, 0, 2},
		{OSV("7"), "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("osv-scanner-json", cases);
}

static void a_flaw_that_gains_an_alias_stays_the_same(void **state UNUSED)
{
	assert_same(OSV(OSV_PACKAGE("{'id':'GO-2026-1','aliases':['CVE-2026-5555']}",
				    "{'ids':['GO-2026-1']}")),
		    OSV(OSV_PACKAGE("{'id':'GHSA-aaaa-bbbb-cccc','aliases':['CVE-2026-5555']},"
				    "{'id':'GO-2026-1'}",
				    "{'ids':['GHSA-aaaa-bbbb-cccc','GO-2026-1'],'max_severity':"
				    "'7.5'}")));
	assert_same("{'dependencies':[{'name':'Lib','version':'1','vulns':[{'id':'PYSEC-2026-1',"
		    "'aliases':['CVE-2026-5555'],'fix_versions':['2']}]}]}",
		    "[{'name':'lib','version':'1.1','vulns':[{'id':'CVE-2026-5555','aliases':["
		    "'GHSA-aaaa-bbbb-cccc','PYSEC-2026-1']}]}]");
}

static void pip_audit_says_what_it_skipped(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'dependencies':[{'name':'a','version':'1','vulns':[]}],'fixes':[]}", "zero", 0,
		 0, 0, 0, 0, 0},
		{"{'dependencies':[],'fixes':[]}", "zero", 0, 0, 0, 0, 0, 0},
		{"{'dependencies':[{'name':'a','vulns':[{'id':'PYSEC-1'},{'id':'PYSEC-2',"
		 "'aliases':null,'fix_versions':'x'}]},{'name':'b','vulns':[]}]}",
		 "ok", 0, 0, 2, 0, 0, 0},
		{"{'dependencies':[{'name':'a','skip_reason':'not on PyPI'},{'name':'b','vulns':["
		 "]}]}",
		 "partial", 0, 0, 0, 0, 0, 0},
		{"{'dependencies':[{'name':'a','vulns':[]},{'name':'b'}]}", "partial", 0, 0, 0, 0,
		 0, 0},
		{"[{'name':'a','version':'1','vulns':[{'id':'PYSEC-1'}]}]", "ok", 0, 0, 1, 0, 0, 0},
		{"[{'name':'a','vulns':'x'}]", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("pip-audit-json", cases);
}

static void safety_rates_only_with_a_key(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'report_meta':{},'vulnerabilities':[]}", "zero", 0, 0, 0, 0, 0, 0},
		{"{'report_meta':{},'vulnerabilities':[{'vulnerability_id':'1','package_name':'a',"
		 "'severity':null},{'vulnerability_id':'2','severity':{'cvssv3':{'base_severity':"
		 "'CRITICAL','base_score':1}}},{'severity':{'cvssv3':null,'cvssv2':{'base_score':"
		 "'7.5'}}}],'ignored_vulnerabilities':[{'vulnerability_id':'3'}]}",
		 "ok", 1, 1, 1, 0, 0, 1},
		{"[['a','<1','0.9','CVE-2026-1234: bad','12345'],['b','<2','1','text',54321,null,{"
		 "'base_severity':'LOW'}]]",
		 "ok", 0, 0, 1, 1, 0, 0},
		{"{'report_meta':{},'vulnerabilities':null}", "malformed", 0, 0, 0, 0, 0, 0},
		{"[['a','<1']]", "malformed", 0, 0, 0, 0, 0, 0},
		{"[['a','<1','0.9','t','1'],{}]", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("safety-json", cases);
	assert_int_equal(scan_n("[]", 2, "safety").status, SCAN_ZERO);
	struct rec_scan s = scan_q(cases[2].text);
	assert_string_equal(s.list.v[0].cve, "CVE-2026-1234");
	assert_string_equal(s.list.v[1].rule, "54321");
}

#define DC(dependency) "{'reportSchema':'1.1','dependencies':[" dependency "]}"
#define DC_XML(info, dependency)                                                                   \
	"<analysis xmlns='https://jeremylong.github.io/DependencyCheck/dependency-check.4.0.xsd'>" \
	"<scanInfo>" info "</scanInfo><dependencies>" dependency "</dependencies></analysis>"

static void dependency_check_falls_back_from_words_to_scores(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{DC(""), "zero", 0, 0, 0, 0, 0, 0},
		{DC("{'fileName':'a.jar','vulnerabilities':[{'severity':'HIGH'},{'severity':"
		    "'moderate'},{'severity':'9.1'},{'severity':2.5},{'severity':'Unknown'},"
		    "{'severity':'0.0'},{'severity':'UNKNOWN','cvssv3':{'baseScore':9.9},'cvssv2':"
		    "{'score':1}},{'cvssv2':{'score':'7.5'}},{'cvssv4':{'baseScore':5},'cvssv3':{"
		    "'baseScore':9}},{}],'relatedDependencies':[{'vulnerabilities':[{}]}],"
		    "'suppressedVulnerabilities':[{'severity':'HIGH'}]}"),
		 "ok", 2, 2, 4, 1, 1, 1},
		{"{'reportSchema':'1.1','scanInfo':{'analysisExceptions':[{'exception':{'message':"
		 "'no update'}}]},'dependencies':[]}",
		 "partial", 0, 0, 0, 0, 0, 0},
		{"{'reportSchema':'1.1','scanInfo':{'analysisExceptions':[]},'dependencies':null}",
		 "malformed", 0, 0, 0, 0, 0, 0},
		{"{'reportSchema':'1.1','scanInfo':{'analysisExceptions':[]},'dependencies':[]}",
		 "zero", 0, 0, 0, 0, 0, 0},
		{DC("{'vulnerabilities':'x'}"), "malformed", 0, 0, 0, 0, 0, 0},
	};
	static const struct scan_case xml[] = {
		{DC_XML("", ""), "zero", 0, 0, 0, 0, 0, 0},
		{"<analysis xmlns='https://example.org/dependency-check.4.0.xsd'/>", "suspect", 0,
		 0, 0, 0, 0, 0},
		{DC_XML("<analysisExceptions><exception><message>no</message></exception>"
			"</analysisExceptions>",
			""),
		 "partial", 0, 0, 0, 0, 0, 0},
		{DC_XML("<analysisExceptions/>",
			"<dependency><fileName>a-1.0.jar</fileName><relatedDependencies>"
			"<relatedDependency/></relatedDependencies><vulnerabilities>"
			"<vulnerability><name>CVE-2026-1234</name><severity>HIGH</severity>"
			"</vulnerability><vulnerability><severity>unknown</"
			"severity><cvssV2><score>5"
			"</score></cvssV2></vulnerability><vulnerability><cvssScore>9.3"
			"</cvssScore></vulnerability><suppressedVulnerability><severity>LOW"
			"</severity></suppressedVulnerability></vulnerabilities></dependency>"),
		 "ok", 1, 1, 1, 0, 0, 1},
	};
	ASSERT_COUNTS("dependency-check-json", cases);
	ASSERT_COUNTS("dependency-check-xml", xml);
}

static void a_dependency_is_the_same_in_both_forms_and_any_version(void **state UNUSED)
{
	assert_same(DC("{'fileName':'lib-1.0.jar','filePath':'/build/1/lib-1.0.jar','packages':[{"
		       "'id':'pkg:maven/org.example/lib@1.0'}],'vulnerabilities':[{'name':"
		       "'CVE-2026-1234','severity':'LOW'}]}"),
		    DC_XML("",
			   "<dependency><fileName>lib-1.1.jar</fileName><filePath>/build/2/lib.jar"
			   "</filePath><identifiers><vulnerabilityIds><id>cpe:x</id>"
			   "</vulnerabilityIds><package><id>pkg:maven/org.example/lib@1.1?type=jar"
			   "</id></package></identifiers><vulnerabilities><vulnerability><name>"
			   "CVE-2026-1234</name></vulnerability></vulnerabilities></dependency>"));
	assert_same(DC("{'fileName':'lib-1.0.jar','vulnerabilities':[{'name':'x'}]}"),
		    DC("{'fileName':'lib-1.1.jar','vulnerabilities':[{'name':'x'}]}"));
	struct rec_scan s =
		scan_q(DC("{'fileName':'a','vulnerabilities':[{'name':'CVE-2026-1234',"
			  "'cwes':['NVD-CWE-noinfo','CWE-79'],'description':'<p>a &amp; "
			  "b</p>'}]}"));
	assert_string_equal(s.list.v[0].cwe, "CWE-79");
	assert_string_equal(s.list.v[0].message, "a & b");
}

#define CDX(components, vulnerabilities)                                                           \
	"{'bomFormat':'CycloneDX','components':[" components                                       \
	"],'vulnerabilities':[" vulnerabilities "]}"

static void cyclonedx_counts_each_component_that_is_affected(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{CDX("", ""), "zero", 0, 0, 0, 0, 0, 0},
		{"{'bomFormat':'CycloneDX','components':[]}", "suspect", 0, 0, 0, 0, 0, 0},
		{CDX("", "{'id':'a','ratings':[{'severity':'low'},{'severity':'high'}],'affects':[{"
			 "'ref':'x'},{'ref':'y'}]},{'id':'b'},{'id':'c','ratings':[{'severity':"
			 "'unknown','score':9.5}]},{'id':'d','ratings':[{'severity':'none'}]},"
			 "{'id':'e','ratings':[{'method':'other'}]},{'id':'f','ratings':[{'score':"
			 "'4.0'},{'severity':'info'}]}"),
		 "ok", 1, 2, 3, 0, 1, 0},
		{CDX("", "{'analysis':{'state':'not_affected'}},{'analysis':{'state':"
			 "'resolved_with_pedigree'}},{'analysis':{'state':'exploitable'}},"
			 "{'analysis':{'state':'in_triage'}}"),
		 "ok", 0, 0, 2, 0, 0, 2},
	};
	static const struct scan_case xml[] = {
		{"<bom xmlns='http://cyclonedx.org/schema/bom/1.4'><vulnerabilities/></bom>",
		 "zero", 0, 0, 0, 0, 0, 0},
		{"<bom xmlns='http://cyclonedx.org/schema/bom/1.4'/>", "suspect", 0, 0, 0, 0, 0, 0},
		{"<bom xmlns='http://cyclonedx.org/schema/bom/1.4'><vulnerabilities>"
		 "<vulnerability><id>a</id><ratings><rating><score>9.1</score></rating></ratings>"
		 "<affects><target><ref>x</ref></target><target><ref>y</ref></target></affects>"
		 "</vulnerability><vulnerability><id>b</id><analysis><state>false_positive</state>"
		 "</analysis></vulnerability></vulnerabilities></bom>",
		 "ok", 2, 0, 0, 0, 0, 1},
		{"<bom xmlns='http://cyclonedx.org/schema/bom/1.3' xmlns:v="
		 "'http://cyclonedx.org/schema/ext/vulnerability/1.0'><components><component "
		 "bom-ref='x'><name>lib</name><v:vulnerabilities><v:vulnerability ref='x'><v:id>a"
		 "</v:id><v:ratings><v:rating><v:score><v:base>7.1</v:base></v:score></v:rating>"
		 "</v:ratings></v:vulnerability></v:vulnerabilities></component></components></"
		 "bom>",
		 "ok", 0, 1, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("cyclonedx-json", cases);
	ASSERT_COUNTS("cyclonedx-xml", xml);
	struct rec_scan s = scan_q(CDX("", "{'ratings':[{'method':'OWASP','score':9},{'method':"
					   "'CVSSv31','score':5,'severity':'low'}]}"));
	assert_true(s.list.v[0].cvss == 5);
	/* references made anew, and a newer version: the package URL stays */
	assert_same(CDX("{'bom-ref':'1f','name':'lib','purl':'pkg:npm/%40s/lib@1.0'}",
			"{'id':'CVE-2026-1234','affects':[{'ref':'1f'}]}"),
		    CDX("{'name':'app','components':[{'bom-ref':'2e','purl':"
			"'pkg:npm/%40s/lib@2.0'}]}",
			"{'id':'CVE-2026-1234','affects':[{'ref':'urn:cdx:u/1#2e'}]}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(npm_counts_advisories_not_packages),
		SCAN_TEST(an_npm_audit_that_failed_is_failed),
		SCAN_TEST(trivy_counts_every_kind_of_finding_in_every_shape),
		SCAN_TEST(trivy_findings_outlive_a_rebuild_of_the_image),
		SCAN_TEST(grype_counts_matches_and_sets_ignored_ones_apart),
		SCAN_TEST(osv_scanner_counts_groups_of_one_flaw),
		SCAN_TEST(a_flaw_that_gains_an_alias_stays_the_same),
		SCAN_TEST(pip_audit_says_what_it_skipped),
		SCAN_TEST(safety_rates_only_with_a_key),
		SCAN_TEST(dependency_check_falls_back_from_words_to_scores),
		SCAN_TEST(a_dependency_is_the_same_in_both_forms_and_any_version),
		SCAN_TEST(cyclonedx_counts_each_component_that_is_affected),
	};
	return cmocka_run_group_tests_name("scan_packages", tests, NULL, NULL);
}
