/* Reports on source code and configuration. */
#include "support/scans.h"

#include "base/parse.h"

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

#define SEMGREP(results, more) "{'results':[" results "],'errors':[]" more "}"

static void semgrep_tells_errors_from_warnings(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{SEMGREP("", ""), "zero", 0, 0, 0, 0, 0, 0},
		{SEMGREP("", ",'paths':{'scanned':[]}"), "suspect", 0, 0, 0, 0, 0, 0},
		{SEMGREP("", ",'paths':{'scanned':['a.py']}"), "zero", 0, 0, 0, 0, 0, 0},
		{SEMGREP("{'check_id':'r','extra':{'severity':'ERROR'}},{'check_id':'r','extra':{"
			 "'severity':'WARNING'}},{'extra':{'severity':'INFO'}},{'extra':{"
			 "'severity':'info '}},{'extra':{'severity':'CRITICAL'}},{'extra':{"
			 "'severity':'INVENTORY'}},{},{'extra':{'severity':'HIGH','is_ignored':true"
			 "}}",
			 ""),
		 "ok", 1, 1, 1, 2, 2, 1},
		{"{'results':[],'errors':[{'level':'warn','type':['PartialParsing',[]]}]}", "zero",
		 0, 0, 0, 0, 0, 0},
		{"{'results':[],'errors':[{'level':'error','type':'Timeout','path':'a.py'}]}",
		 "partial", 0, 0, 0, 0, 0, 0},
		{"{'results':[{'check_id':'r'}]}", "ok", 0, 0, 0, 0, 1, 0},
		{"{'results':{},'errors':[]}", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("semgrep-json", cases);
	struct rec_scan s = scan_q(
		"{'version':'1.2','errors':[{'level':'error','type':'Timeout','path':'./a.py',"
		"'message':'at `hunter2`'}],'results':[{'check_id':'a.b.c','path':'./src/a.py',"
		"'start':{'line':'7'},'extra':{'message':'Do not','lines':'hunter2','fix':"
		"'hunter2','metavars':{'$X':{'abstract_content':'hunter2'}},'fingerprint':"
		"'requires login','metadata':{'cwe':['CWE-89: SQL (CWE-1)'],'references':["
		"'https://example.org/r']}}}]}");
	assert_int_equal(s.status, SCAN_PARTIAL);
	assert_string_equal(s.reason, "semgrep reports an error: Timeout in a.py");
	assert_string_equal(s.list.v[0].path, "src/a.py");
	assert_string_equal(s.list.v[0].url, "https://example.org/r");
	assert_int_equal(s.list.v[0].line, 7);
	assert_string_equal(s.tool_version, "1.2");
	assert_false(holds(&s, "hunter2"));
	assert_null(s.list.v[0].strong); /* "requires login" tells nothing */
	assert_non_null(s.list.v[0].context);
	s = scan_q(SEMGREP("{'check_id':'r','extra':{'fingerprint':'f_0','lines':"
			   "'requires login'}}",
			   ""));
	assert_non_null(s.list.v[0].strong);
	assert_null(s.list.v[0].context);
}

#define CHECK(id, file, resource, severity)                                                        \
	"{'check_id':'" id "','check_name':'n','file_path':'" file "','resource':'" resource       \
	"','severity':" severity ",'file_line_range':[3,9]}"

static void checkov_reads_one_block_several_and_none(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'passed':0,'failed':0,'skipped':0,'parsing_errors':0,'resource_count':0,"
		 "'checkov_version':'3.0'}",
		 "zero", 0, 0, 0, 0, 0, 0},
		{"{'check_type':'terraform','results':{'failed_checks':[]}}", "zero", 0, 0, 0, 0, 0,
		 0},
		{"{'check_type':'terraform','results':{'passed_checks':[{}],'failed_checks':"
		 "[" CHECK("CKV_1", "/a.tf", "r", "null") "," CHECK(
			 "CKV_2", "/a.tf", "r",
			 "'CRITICAL'") "],'skipped_checks':[" CHECK("CKV_3", "/a.tf", "r",
								    "'HIGH'") "],'parsing_errors':["
									      "]}}",
		 "ok", 1, 0, 1, 0, 0, 1},
		{"[{'check_type':'terraform','results':{'failed_checks':[" CHECK(
			 "CKV_1", "/a.tf", "r",
			 "'LOW'") "]}},{'check_type':'dockerfile','results':{"
				  "'failed_checks':[" CHECK("CKV_2", "/D", "r", "'INFO'") "]}}]",
		 "ok", 0, 0, 0, 1, 1, 0},
		{"{'check_type':'terraform','results':{'failed_checks':[],'parsing_errors':["
		 "'/b.tf']}}",
		 "partial", 0, 0, 0, 0, 0, 0},
		{"{'check_type':'terraform','results':null}", "suspect", 0, 0, 0, 0, 0, 0},
		{"{'check_type':'terraform','results':{},'summary':{'failed':3}}", "partial", 0, 0,
		 0, 0, 0, 0},
		{"{'check_type':'terraform','results':{'failed_checks':7}}", "malformed", 0, 0, 0,
		 0, 0, 0},
	};
	ASSERT_COUNTS("checkov-json", cases);
	assert_same("{'check_type':'terraform','results':{'failed_checks':[" CHECK(
			    "CKV_1", "/a.tf", "r", "null") "]}}",
		    "[{'check_type':'terraform','results':{'failed_checks':[{'check_id':'CKV_1',"
		    "'file_path':'a.tf','resource':'r','severity':'LOW','file_line_range':[8,9]}]"
		    "}}]");
	struct rec_scan s = scan_q("{'check_type':'secrets','results':{'failed_checks':[" CHECK(
		"CKV_SECRET_2", "/a", "5ebe2294ecd0e0f08eab7690d2a6ee69", "null") "]}}");
	assert_false(holds(&s, "5ebe2294"));
	assert_int_equal(s.list.v[0].line, 3);
}

static void tfsec_reads_its_old_and_new_forms(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'results':null}", "zero", 0, 0, 0, 0, 0, 0},
		{"{'results':[{'rule_id':'A','severity':'INFO'},{'rule_id':'B','severity':'ERROR',"
		 "'passed':true},{'long_id':'c','severity':'CRITICAL','status':0},{'long_id':'d',"
		 "'status':1},{'long_id':'e','status':'passed'},{'long_id':'f','severity':'LOW',"
		 "'status':2},{'long_id':'g'}]}",
		 "ok", 1, 1, 0, 1, 1, 1},
		{"{'results':[{'rule_id':1},7]}", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("tfsec-json", cases);
	struct rec_scan s = scan_q("{'results':[{'rule_id':'A','description':'d','link':"
				   "'See https://example.org/a for more','location':{'filename':"
				   "'/w/a.tf','start_line':4}},{'rule_id':'A','links':["
				   "'https://example.org/b'],'range':{'filename':'b.tf','start':{"
				   "'line':5}}}]}");
	assert_string_equal(s.list.v[0].path, "w/a.tf");
	assert_int_equal(s.list.v[0].line, 4);
	assert_string_equal(s.list.v[0].url, "https://example.org/a");
	assert_int_equal(s.list.v[1].line, 5);
	assert_string_equal(s.list.v[1].url, "https://example.org/b");
}

static void hadolint_info_is_low_and_style_is_info(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[{'level':'error','code':'DL1','file':'D','line':'4'},{'level':'warning','code':"
		 "'DL2','file':'D'},{'level':'info','code':'DL3','file':'D'},{'level':'style',"
		 "'code':'DL4','file':'D'},{'level':'odd','code':'DL5','file':'D'},{'level':"
		 "'error','file':'D'}]",
		 "ok", 0, 1, 1, 1, 2, 0},
	};
	ASSERT_COUNTS("hadolint-json", cases);
	assert_int_equal(scan_n("[]", 2, "hadolint").status, SCAN_ZERO);
}

static void gosec_reads_lines_that_are_ranges(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'Golang errors':{},'Issues':null,'Stats':{'files':3}}", "zero", 0, 0, 0, 0, 0,
		 0},
		{"{'Issues':[{'severity':'HIGH'},{'severity':'odd'},{'severity':'LOW','nosec':true"
		 "},{'severity':'LOW','suppressions':[{'kind':'inSource'}]},{'severity':'MEDIUM',"
		 "'suppressions':null,'nosec':false}],'Stats':{}}",
		 "ok", 0, 1, 1, 0, 1, 2},
		{"{'Golang errors':{'/w/a.go':[{'line':1,'error':'x'}]},'Issues':[],"
		 "'GosecVersion':'2'}",
		 "partial", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("gosec-json", cases);
	struct rec_scan s = scan_q("{'Stats':{},'Issues':[{'rule_id':'G304','line':'10-12','cwe':{"
				   "'id':'22','url':'https://example.org/22'},'code':'hunter2',"
				   "'details':'d','file':'C:\\\\a\\\\b.go'},{'line':7,'cwe':{'ID':"
				   "'78'}}]}");
	assert_int_equal(s.list.v[0].line, 10);
	assert_string_equal(s.list.v[0].cwe, "CWE-22");
	assert_string_equal(s.list.v[0].path, "C:/a/b.go");
	assert_int_equal(s.list.v[1].line, 7);
	assert_string_equal(s.list.v[1].cwe, "CWE-78");
	assert_false(holds(&s, "hunter2"));
}

static void eslint_reads_every_message_and_no_source(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[{'filePath':'/a.js','messages':[]}]", "zero", 0, 0, 0, 0, 0, 0},
		{"[{'filePath':'/a.js','messages':[{'ruleId':'x','severity':2},{'severity':1},{"
		 "'severity':'2'},{}],'suppressedMessages':[{'severity':2}]}]",
		 "ok", 0, 2, 1, 0, 1, 1},
		{"{'results':[{'filePath':'/a.js','messages':[{'severity':1}]}],'metadata':{}}",
		 "ok", 0, 0, 1, 0, 0, 0},
		{"[{'filePath':'/a.js','messages':[{'ruleId':null,'fatal':true,'severity':2}]}]",
		 "partial", 0, 1, 0, 0, 0, 0},
		{"[{'filePath':'/a.js','messages':null}]", "malformed", 0, 0, 0, 0, 0, 0},
		{"[{'filePath':'/a.js','messages':{}}]", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("eslint-json", cases);
	struct rec_scan s = scan_q("[{'filePath':'/a.js','source':'hunter2','messages':[{'severity'"
				   ":1,'message':'Found a string with entropy 4.1 : \\\"hunter2"
				   "\\\"','line':3}]}]");
	assert_false(holds(&s, "hunter2"));
	assert_int_equal(s.list.v[0].line, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(bandit_says_what_it_did_not_scan),
		SCAN_TEST(semgrep_tells_errors_from_warnings),
		SCAN_TEST(checkov_reads_one_block_several_and_none),
		SCAN_TEST(tfsec_reads_its_old_and_new_forms),
		SCAN_TEST(hadolint_info_is_low_and_style_is_info),
		SCAN_TEST(gosec_reads_lines_that_are_ranges),
		SCAN_TEST(eslint_reads_every_message_and_no_source),
	};
	return cmocka_run_group_tests_name("scan_code", tests, NULL, NULL);
}
