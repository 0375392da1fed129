/* Secrets that scanners found, and how they are kept out. */
#include "support/scans.h"

#include "scan/redact.h"

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
		assert_string_equal(redact(&scans, hidden[i][0], false), hidden[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		assert_ptr_equal(redact(&scans, plain[i], false), plain[i]);
	assert_null(redact(&scans, NULL, true));
	assert_string_equal(redact(&scans, "found 'a' in \"b\"", true), "found [removed] in \"b\"");
	assert_string_equal(redact(&scans, "it doesn't matter", true), "it doesn't matter");
	assert_string_equal(redact(&scans, "open 'quote", true), "open [removed]");
	assert_string_equal(redact(&scans, "Token: abc\nnext", true), "Token: [removed]\nnext");
}

#define LEAK(rule, file, commit, secret)                                                           \
	"{'RuleID':'" rule "','Description':'d','File':'" file "','StartLine':4,'Commit':'" commit \
	"','Secret':'" secret "','Match':'key=" secret "','Author':'Ann','Email':"                 \
	"'ann@example.org','Message':'add " secret "','Fingerprint':'f'}"

static void gitleaks_is_high_and_keeps_no_secret(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"[" LEAK("r", "a", "c1", "hunter2") "," LEAK("r", "a", "c2", "hunter2") "]", "ok",
		 0, 2, 0, 0, 0, 0},
		{"[{'rule':'AWS','offender':'hunter2','line':'k=hunter2','lineNumber':'7','file':"
		 "'a','commit':'c','email':'ann@example.org'}]",
		 "ok", 0, 1, 0, 0, 0, 0},
		{"[{'RuleID':'r','Secret':null}]", "ok", 0, 1, 0, 0, 0, 0},
		{"[{'RuleID':'r','Secret':'s'},7]", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("gitleaks-json", cases);
	for (size_t i = 0; i < 2; i++) {
		struct rec_scan s = scan_q(cases[i].text);
		assert_false(holds(&s, "hunter2") || holds(&s, "ann@") || holds(&s, "Ann"));
	}
	assert_int_equal(scan_q(cases[1].text).list.v[0].line, 7);
	/* rule, file and secret make it; commit and line do not */
	assert_same("[" LEAK("r", "./a", "c1", "hunter2") "]",
		    "[" LEAK("r", "a", "c9", "hunter2") "]");
	assert_different("[" LEAK("r", "a", "c1", "hunter2") "]",
			 "[" LEAK("r", "a", "c1", "hunter3") "]");
	assert_different("[" LEAK("r", "a", "c1", "hunter2") "]",
			 "[" LEAK("r", "b", "c1", "hunter2") "]");
	/* its digest alone would tell who guesses it: what is stored is over rule and file too */
	struct rec_scan s = scan_q("[" LEAK("r", "a", "c1", "hunter2") "]");
	assert_false(holds(&s, "f52fbd32b2b3b86ff88ef6c490628285"));
}

#define HOG(detector, file, verified, raw)                                                         \
	"{'SourceMetadata':{'Data':{'Git':{'commit':'c0ffee','file':'" file                        \
	"','email':'ann@example.org','line':3,'repository':'https://t:hunter2@example.org/r'}}},"  \
	"'DetectorName':'" detector "','Verified':" verified ",'Raw':'" raw                        \
	"','Redacted':'hun','ExtraData':{'account':'1'}}"

static void trufflehog_reads_lines_with_its_log_between_and_arrays(void **state UNUSED)
{
	static const struct scan_case cases[] = {
		{"{'level':'info-0','msg':'running'}\n" HOG(
			 "AWS", "a", "true",
			 "hunter2") "\n"
				    "{'level':'info-0','msg':'finished'}\n" HOG("URI", "a", "false",
										"hunter3") "\n",
		 "ok", 1, 0, 1, 0, 0, 0},
		{"[" HOG("AWS", "a", "false", "hunter2") "," HOG("AWS", "b", "'true'",
								 "hunter2") "]",
		 "ok", 1, 0, 1, 0, 0, 0},
		{HOG("AWS", "a", "null", "hunter2"), "ok", 0, 0, 1, 0, 0, 0},
		{"{'reason':'High Entropy','stringsFound':['hunter2'],'path':'a','commitHash':'c',"
		 "'diff':'hunter2'}\n{'reason':'AWS','stringsFound':[],'path':'b'}\n",
		 "ok", 0, 0, 2, 0, 0, 0},
		{"{'DetectorName':'x'}\n[1]\n", "malformed", 0, 0, 0, 0, 0, 0},
	};
	ASSERT_COUNTS("trufflehog-jsonl", cases);
	for (size_t i = 0; i < 4; i++) {
		struct rec_scan s = scan_q(cases[i].text);
		assert_false(holds(&s, "hunter") || holds(&s, "ann@"));
		assert_null(strstr(s.target, "hunter"));
	}
	assert_same(HOG("AWS", "a", "true", "hunter2"), HOG("AWS", "a", "false", "hunter2"));
	assert_different(HOG("AWS", "a", "true", "hunter2"), HOG("AWS", "a", "true", "hunter3"));
	assert_different("{'reason':'r','stringsFound':['a'],'path':'p'}",
			 "{'reason':'r','stringsFound':['b'],'path':'p'}");
	assert_status(quoted("{'level':'info-0','msg':'running'}"), SCAN_UNRECOGNISED, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCAN_TEST(no_secret_that_a_scanner_found_is_kept),
		SCAN_TEST(secrets_are_known_by_their_shape),
		SCAN_TEST(gitleaks_is_high_and_keeps_no_secret),
		SCAN_TEST(trufflehog_reads_lines_with_its_log_between_and_arrays),
	};
	return cmocka_run_group_tests_name("scan_secrets", tests, NULL, NULL);
}
