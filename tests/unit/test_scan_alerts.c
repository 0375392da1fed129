/* Lists of alerts and findings that services keep. */
#include "support/scans.h"

static void code_scanning_alerts_count_while_they_are_open(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[{'number':1,'state':'open','most_recent_instance':{},'rule':{"
		 "'security_severity_level':'critical','severity':'note'}},{'number':2,'state':"
		 "'open','rule':{'security_severity_level':null,'severity':'note'}},{'number':3,"
		 "'state':'fixed'},{'number':4,'state':'closed'},{'number':5,'state':'dismissed',"
		 "'dismissed_reason':'used in tests'},{'number':6,'state':null,'rule':null}]",
		 "ok", 1, 0, 1, 1, 0, 1},
		{"[{'number':3,'state':'fixed','most_recent_instance':null}]", "zero", 0, 0, 0, 0,
		 0, 0},
		{"[{'most_recent_instance':{}},7]", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("github-code-scanning", cases);
	struct rec_scan s = scan_q(
		"[{'number':7,'html_url':'https://github.example.org/o/r/security/code-scanning/7'"
		",'rule':{'id':'py/x','description':'d','tags':['security','external/cwe/cwe-079']"
		"},'most_recent_instance':{'state':'open','message':{'text':'m'},'location':{"
		"'path':'a.py','start_line':9}}}]");
	assert_string_equal(s.target, "o/r");
	assert_string_equal(s.list.v[0].cwe, "CWE-79");
	assert_string_equal(s.list.v[0].path, "a.py");
	assert_int_equal(s.list.v[0].line, 9);
	assert_string_equal(s.list.v[0].message, "m");
	/* a link without a repository in it: found by the fuzzer */
	s = scan_q("[{'number':7,'html_url':'https://github.example.org/security/code-scanning/7',"
		   "'most_recent_instance':{}}]");
	assert_string_equal(s.target, "unknown");
	/* the number is the alert, wherever its code moves */
	assert_same("[{'number':7,'most_recent_instance':{'location':{'path':'a.py'}}}]",
		    "[{'number':'7','most_recent_instance':{'location':{'path':'b.py'}}}]");
	assert_different("[{'number':7,'most_recent_instance':{},'repository':{'full_name':'o/r'}}"
			 "]",
			 "[{'number':7,'most_recent_instance':{},'repository':{'full_name':'o/s'}}"
			 "]");
}

static void dependabot_alerts_take_the_vulnerabilitys_severity(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[{'number':1,'state':'open','security_advisory':{'severity':'low'},"
		 "'security_vulnerability':{'severity':'high'}},{'number':2,'state':'open',"
		 "'security_advisory':{'severity':'low'}},{'number':3,'state':'fixed'},"
		 "{'number':4,'state':'auto_dismissed'},{'number':5,'state':'dismissed'},"
		 "{'number':6,'state':'open'}]",
		 "ok", 0, 1, 1, 1, 0, 2},
	};
	static const struct scan_case graphql[] = {
		{"{'data':{'repository':{'name':'r','vulnerabilityAlerts':{'nodes':["
		 "{'number':1,'state':'OPEN','securityVulnerability':{'severity':'MODERATE'}},"
		 "{'number':2,'state':'FIXED','securityVulnerability':{'severity':'HIGH'}},"
		 "{'number':3,'dismissedAt':'2026-11-01T00:00:00Z'},{'number':4,'state':"
		 "'AUTO_DISMISSED'},{'number':5,'fixedAt':'2026-11-01T00:00:00Z'},{'id':'x',"
		 "'dismissedAt':null,'securityAdvisory':{'severity':'LOW'}}]}}}}",
		 "ok", 0, 0, 1, 1, 0, 2},
		{"{'data':{'organization':{'repositories':{'edges':[{'node':{'name':'a',"
		 "'vulnerabilityAlerts':{'edges':[{'node':{'id':'1'}}]}}},{'node':{'name':'b',"
		 "'vulnerabilityAlerts':{'nodes':[{'id':'2'}]}}}]}}}}",
		 "ok", 0, 0, 2, 0, 0, 0},
		{"{'data':{'repository':{'vulnerabilityAlerts':{'nodes':[]}}}}", "zero", 0, 0, 0, 0,
		 0, 0},
		{"{'data':{'repository':{'vulnerabilityAlerts':null}},'errors':[{'message':"
		 "'no access'}]}",
		 "failed", 0, 0, 0, 0, 0, 0},
		{"{'data':{'repository':{'vulnerabilityAlerts':null}}}", "suspect", 0, 0, 0, 0, 0,
		 0},
		{"{'data':{'repository':{'vulnerabilityAlerts':{'nodes':[null]}}}}", "malformed", 0,
		 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("github-dependabot", cases);
	ASSERT_COUNTS("github-graphql-vulnerability-alerts", graphql);
	struct rec_scan s = scan_q(
		"[{'number':1,'dependency':{'package':{'name':'p'},'manifest_path':'/go.mod'},"
		"'security_advisory':{'ghsa_id':'GHSA-aaaa-bbbb-cccc','cve_id':'CVE-2026-1234',"
		"'summary':'s','cwes':[{'cwe_id':'CWE-79'}]},'security_vulnerability':{"
		"'first_patched_version':{'identifier':'1.2'}}}]");
	assert_string_equal(s.list.v[0].package, "p");
	assert_string_equal(s.list.v[0].path, "go.mod");
	assert_string_equal(s.list.v[0].fix, "1.2");
	assert_string_equal(s.list.v[0].cve, "CVE-2026-1234");
	assert_string_equal(s.list.v[0].cwe, "CWE-79");
	s = scan_q("{'data':{'repository':{'vulnerabilityAlerts':{'nodes':[{'securityVulnerability'"
		   ":{'package':{'name':'p'},'advisory':{'summary':'s','identifiers':[{'type':"
		   "'GHSA','value':'GHSA-aaaa-bbbb-cccc'},{'type':'CVE','value':'CVE-2026-1234'}]}"
		   "}}]}}}}");
	assert_string_equal(s.list.v[0].rule, "GHSA-aaaa-bbbb-cccc");
	assert_string_equal(s.list.v[0].cve, "CVE-2026-1234");
}

static void secret_alerts_keep_no_secret(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[{'number':1,'state':'open','secret_type':'t','secret':'hunter2'},{'number':2,"
		 "'state':'open','secret_type':'t','validity':'active','secret':'hunter2'},"
		 "{'number':3,'state':'resolved','resolution':'revoked'},{'number':4,'state':"
		 "'resolved','resolution':'used_in_tests'},{'number':5,'state':'resolved',"
		 "'resolution':'false_positive'},{'number':6,'state':'resolved','resolution':"
		 "'wont_fix'},{'number':7,'state':'resolved','resolution':null}]",
		 "ok", 1, 1, 0, 0, 0, 3},
	};
	ASSERT_COUNTS("github-secret-scanning", cases);
	struct rec_scan s = scan_q(cases[0].text);
	assert_false(holds(&s, "hunter2"));
}

#define FINDING(id, package, image, severity, status)                                              \
	"{'findingArn':'arn:aws:inspector2:eu-west-1:1:finding/" image "','type':"                 \
	"'PACKAGE_VULNERABILITY','severity':" severity ",'status':'" status "','title':'t',"       \
	"'packageVulnerabilityDetails':{'vulnerabilityId':'" id "','vulnerablePackages':[{'name':" \
	"'z'},{'name':'" package "','fixedInVersion':'2'}]},'resources':[{'id':"                   \
	"'arn:aws:ecr:eu-west-1:1:repository/app/sha256:" image "'}]}"

static void inspector_findings_outlive_a_rebuild_of_the_image(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'findings':[" FINDING("CVE-2026-0001", "p", "a", "'CRITICAL'", "ACTIVE") "," FINDING(
			 "CVE-2026-0002", "p", "a", "'UNTRIAGED'",
			 "ACTIVE") "," FINDING("CVE-2026-0003", "p", "a", "'HIGH'",
					       "CLOSED") "," FINDING("CVE-2026-0004", "p", "a",
								     "'HIGH'",
								     "SUPPRESSED") "," FINDING("CVE"
											       "-20"
											       "26-"
											       "000"
											       "5",
											       "p",
											       "a",
											       "nul"
											       "l",
											       "ACT"
											       "IV"
											       "E") "]}",
		 "ok", 1, 0, 0, 0, 2, 1},
		{"{'findings':[" FINDING("CVE-2026-0003", "p", "a", "'HIGH'", "CLOSED") "]}",
		 "zero", 0, 0, 0, 0, 0, 0},
		{"{'nextToken':'t','findings':[" FINDING("CVE-2026-0001", "p", "a", "'LOW'",
							 "ACTIVE") "]}",
		 "partial", 0, 0, 0, 1, 0, 0},
		{"{'findings':[{'findingArn':'x'},7]}", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("inspector2-json", cases);
	assert_same("{'findings':[" FINDING("CVE-2026-0001", "p", "aa", "'LOW'", "ACTIVE") "]}",
		    "{'findings':[" FINDING("CVE-2026-0001", "p", "bb", "'HIGH'", "ACTIVE") "]}");
	assert_different(
		"{'findings':[" FINDING("CVE-2026-0001", "p", "aa", "'LOW'", "ACTIVE") "]}",
		"{'findings':[" FINDING("CVE-2026-0001", "q", "aa", "'LOW'", "ACTIVE") "]}");
	struct rec_scan s = scan_q(cases[0].text);
	assert_string_equal(s.list.v[0].package, "p");
	assert_string_equal(s.list.v[0].fix, "2");
}

static void an_ecr_scan_that_is_not_complete_failed(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'imageScanStatus':{'status':'COMPLETE'},'imageScanFindings':{'findings':[]}}",
		 "zero", 0, 0, 0, 0, 0, 0},
		{"{'imageScanStatus':{'status':'FAILED','description':'no'}}", "failed", 0, 0, 0, 0,
		 0, 0},
		{"{'imageScanStatus':{'status':'ACTIVE'},'imageScanFindings':{'findings':[{'name':"
		 "'CVE-2026-0001','severity':'UNDEFINED'}],'enhancedFindings':[{'severity':'HIGH',"
		 "'status':'SUPPRESSED'},{'severity':'HIGH'}]}}",
		 "ok", 0, 1, 0, 0, 1, 1},
	};
	ASSERT_COUNTS("ecr-json", cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(code_scanning_alerts_count_while_they_are_open),
		SCAN_TEST(dependabot_alerts_take_the_vulnerabilitys_severity),
		SCAN_TEST(secret_alerts_keep_no_secret),
		SCAN_TEST(inspector_findings_outlive_a_rebuild_of_the_image),
		SCAN_TEST(an_ecr_scan_that_is_not_complete_failed),
	};
	return cmocka_run_group_tests_name("scan_alerts", tests, NULL, NULL);
}
