#include "support/collecting.h"

#include "base/file.h"
#include "collect/aws_ecr.h"
#include "scan/scan.h"

static struct collecting b;

#define DIGEST(x) "sha256:" x
#define IMAGE(digest, pushed, more)                                                                \
	"{\"repositoryName\":\"web\",\"imageDigest\":\"" DIGEST(                                   \
		digest) "\",\"imagePushedAt\":" pushed more "}"
#define CVE(name, severity, package)                                                               \
	"{\"name\":\"" name "\",\"severity\":\"" severity                                          \
	"\",\"attributes\":[{\"key\":\"package_name\",\"value\":\"" package "\"}]}"
#define SCAN(status, at, findings, more)                                                           \
	"{\"repositoryName\":\"web\",\"imageScanStatus\":{\"status\":\"" status                    \
	"\",\"description\":\"words\"},\"imageScanFindings\":{\"imageScanCompletedAt\":" at        \
	",\"findings\":[" findings "]}" more "}"
#define REPOSITORIES "{\"repositories\":[{\"repositoryName\":\"web\"}]}"
#define OLD_IMAGE    IMAGE("old", "1794200000", "")
#define NEW_IMAGE    IMAGE("new", "1794300000", ",\"imageTags\":[\"3dce5c8\"]")
#define TWO                                                                                        \
	CVE("CVE-2026-0001", "CRITICAL", "openssl") "," CVE("CVE-2026-0002", "UNDEFINED", "zlib")

static struct served table[8];

/* What DescribeImages and DescribeImageScanFindings answer. */
static void serve(const char *images, int status, const char *scan)
{
	struct served t[] = {{"POST /", scan, NULL, status, "imageId"},
			     {"POST /", images, NULL, 0, "repositoryName"},
			     {"POST /", REPOSITORIES, NULL, 0, "maxResults"},
			     {0}};
	memcpy(table, t, sizeof t);
	collecting_serve(&b, table);
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("AWS_ACCESS_KEY_ID", "EXAMPLEKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "example-secret", 1);
	unsetenv("AWS_SESSION_TOKEN");
	struct aws_source s = {.name = "aws-production",
			       .environment = "production",
			       .region = "eu-west-2",
			       .endpoint = b.url,
			       .collect = strv_of(&b.a, "ecr", "ecr_scans")};
	vec_push(&b.a, &b.cfg.aws, s);
	serve("{\"imageDetails\":[" NEW_IMAGE "," OLD_IMAGE "]}", 200,
	      SCAN("COMPLETE", "1794300100.5", TWO, ""));
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define FINDINGS                                                                                   \
	"SELECT tool, target, rule, severity, word, package, state FROM finding ORDER BY rule"
#define SCANS "SELECT tool, target, scope, status, scanned_at, findings FROM scan ORDER BY id"

static void the_newest_images_scan_is_stored_and_asked_for_once(void **state UNUSED)
{
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_COMPLETE, NULL);
	assert_part(&b, "ecr", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "ecr_scans")->received, 1);
	assert_int_equal(collecting_asked(&b, "*"), 3); /* one walk for both parts */
	assert_string_equal(
		httpd_get(b.h, NULL, NULL, 2)->body,
		"{\"repositoryName\":\"web\",\"imageId\":{\"imageDigest\":\"sha256:new\"}"
		",\"maxResults\":1000}");
	assert_string_equal(httpd_header(httpd_get(b.h, NULL, NULL, 2), "X-Amz-Target"),
			    "AmazonEC2ContainerRegistry_V20150921.DescribeImageScanFindings");
	assert_string_equal(collecting_rows(&b, SCANS),
			    "ecr|web|aws-production|ok|2026-11-10T08:41:40Z|2\n");
	assert_string_equal(collecting_rows(&b, FINDINGS),
			    "ecr|web|CVE-2026-0001|critical|CRITICAL|openssl|open\n"
			    "ecr|web|CVE-2026-0002|info|UNDEFINED|zlib|open\n");
}

static void the_same_scan_again_changes_nothing(void **state UNUSED)
{
	collecting_run(&b);
	serve("{\"imageDetails\":[" OLD_IMAGE "," NEW_IMAGE "]}", 200,
	      SCAN("COMPLETE", "1794300100.5",
		   CVE("CVE-2026-0002", "UNDEFINED", "zlib") "," CVE("CVE-2026-0001", "CRITICAL",
								     "openssl"),
		   ",\"x\":1"));
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 1);
}

static void a_newer_image_with_fewer_findings_fixes_the_others(void **state UNUSED)
{
	collecting_run(&b);
	serve("{\"imageDetails\":[" NEW_IMAGE "," OLD_IMAGE
	      "," IMAGE("newer", "1794400000", "") "]}",
	      200, SCAN("COMPLETE", "1794400100", CVE("CVE-2026-0001", "CRITICAL", "openssl"), ""));
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT rule, state FROM finding ORDER BY rule"),
			    "CVE-2026-0001|open\nCVE-2026-0002|fixed\n");
	/* one image later nothing is found: that is a zero, and known */
	serve("{\"imageDetails\":[" IMAGE("newest", "1794500000", "") "]}", 200,
	      SCAN("COMPLETE", "1794500100", "", ""));
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, "SELECT status FROM scan ORDER BY id"),
			    "ok\nok\nzero\n");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 0);
}

static void an_image_that_was_never_scanned_is_no_failure_and_no_zero(void **state UNUSED)
{
	serve("{\"imageDetails\":[" NEW_IMAGE "]}", 400,
	      "{\"__type\":\"ScanNotFoundException\",\"message\":\"Image scan does not exist\"}");
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_NOT_ENABLED,
		    "none of the newest images of 1 repositories was ever scanned: turn on");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 0);
	serve("{\"imageDetails\":[]}", 200, "{}"); /* no image at all */
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "ecr_scans")->expected, 0);
}

static void every_status_of_a_scan_has_its_meaning(void **state UNUSED)
{
	static const struct {
		const char *status;
		enum ledger_status part;
		const char *reason, *rows;
	} cases[] = {
		{"COMPLETE", LEDGER_COMPLETE, NULL, "zero\n"},
		{"ACTIVE", LEDGER_COMPLETE, NULL, "zero\n"},
		{"IN_PROGRESS", LEDGER_FAILED, "still under way: collect again", ""},
		{"PENDING", LEDGER_FAILED, "still under way", ""},
		{"FAILED", LEDGER_FAILED, "web: failed: the scan is FAILED: words", "failed\n"},
		{"UNSUPPORTED_IMAGE", LEDGER_FAILED, "the scan is UNSUPPORTED_IMAGE", "failed\n"},
		{"SCAN_ELIGIBILITY_EXPIRED", LEDGER_FAILED, "SCAN_ELIGIBILITY_EXPIRED", "failed\n"},
		{"FINDINGS_UNAVAILABLE", LEDGER_FAILED, "FINDINGS_UNAVAILABLE", "failed\n"},
		{"LIMIT_EXCEEDED", LEDGER_FAILED, "LIMIT_EXCEEDED", "failed\n"},
		{"IMAGE_ARCHIVED", LEDGER_FAILED, "IMAGE_ARCHIVED", "failed\n"},
		{"SOMETHING_NEW", LEDGER_FAILED, "SOMETHING_NEW", "failed\n"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		teardown(NULL);
		setup(NULL);
		serve("{\"imageDetails\":[" NEW_IMAGE "]}", 200,
		      arena_printf(&b.a,
				   "{\"imageScanStatus\":{\"status\":\"%s\",\"description\":"
				   "\"words\"},\"imageScanFindings\":{\"findings\":[]}}",
				   cases[i].status));
		collecting_run(&b);
		assert_part(&b, "ecr_scans", cases[i].part, cases[i].reason);
		assert_part(&b, "ecr", LEDGER_COMPLETE, NULL);
		assert_string_equal(collecting_rows(&b, "SELECT status FROM scan"), cases[i].rows);
	}
}

static void pages_of_findings_are_one_scan(void **state UNUSED)
{
	struct served t[] = {
		{"POST /",
		 SCAN("COMPLETE", "1794300100",
		      CVE("CVE-2026-0003", "UNTRIAGED", "openssl") "," CVE("CVE-2026-0004",
									   "INFORMATIONAL", "x"),
		      ",\"nextToken\":\"\""),
		 NULL, 0, "\"nextToken\":\"p2\""},
		{"POST /", SCAN("COMPLETE", "1794300100", TWO, ",\"nextToken\":\"p2\""), NULL, 0,
		 "imageId"},
		{"POST /", "{\"imageDetails\":[" NEW_IMAGE "]}", NULL, 0, "repositoryName"},
		{"POST /", REPOSITORIES, NULL, 0, "maxResults"},
		{0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, SCANS),
			    "ecr|web|aws-production|ok|2026-11-10T08:41:40Z|4\n");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE severity = 'info'"),
			 3);
	/* a page that is lost must fix nothing */
	t[0].status = 500;
	t[0].body = "{}";
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_part(&b, "ecr_scans", LEDGER_FAILED, "web: 500 on ecr:DescribeImageScanFindings");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 4);
}

static void what_is_scanned_all_the_time_is_of_the_week(void **state UNUSED)
{
	/* the Monday after, 03:00 */
	serve("{\"imageDetails\":[" NEW_IMAGE "]}", 200, SCAN("ACTIVE", "1794798000", TWO, ""));
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT scanned_at FROM scan"),
			    "2026-11-15T23:59:59Z\n");
	/* a single scan is of the time it was made */
	teardown(NULL);
	setup(NULL);
	serve("{\"imageDetails\":[" NEW_IMAGE "]}", 200, SCAN("COMPLETE", "1794798000", TWO, ""));
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT scanned_at FROM scan"),
			    "2026-11-16T03:00:00Z\n");
}

static void of_an_index_its_largest_part_is_looked_at(void **state UNUSED)
{
	static const struct {
		const char *images, *digest; /* digest NULL: none is asked for */
	} cases[] = {
		/* the index, its two parts and an attestation of one push, in no order */
		{IMAGE("amd", "1794300000", ",\"imageSizeInBytes\":48318255") "," IMAGE(
			 "index", "1794300020",
			 ",\"imageTags\":["
			 "\"latest\"],"
			 "\"imageManifestMediaType"
			 "\":"
			 "\"application/"
			 "vnd.oci.image.index.v1+"
			 "json\"") "," IMAGE("arm",
					     "1794"
					     "3000"
					     "10",
					     ",\"i"
					     "mage"
					     "Size"
					     "InBy"
					     "tes"
					     "\":"
					     "4700"
					     "000"
					     "0") "," IMAGE("proof", "1794300015",
							    ",\"imageSizeInBytes\":2000") "," OLD_IMAGE,
		 "sha256:amd"},
		{IMAGE("index", "1794300020",
		       ",\"imageManifestMediaType\":"
		       "\"application/vnd.docker.distribution.manifest.list.v2+json\"") "," OLD_IMAGE,
		 "sha256:index"},
		/* signatures, charts and what refers to an image are none */
		{NEW_IMAGE "," IMAGE(
			 "chart", "1794300600",
			 ",\"artifactMediaType\":"
			 "\"application/vnd.cncf.helm.config.v1+json\"") "," IMAGE("note",
										   "1794300600",
										   ",\"subjectMan"
										   "ifestDigest\""
										   ":\"sha256:"
										   "new\"") "," IMAGE("sig",
												      "1794300600",
												      ",\"imageTags\":[\"sha256-"
												      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.sig\"]"),
		 "sha256:new"},
		/* pushed after the week's end */
		{NEW_IMAGE "," IMAGE("next-week", "1794790000", ""), "sha256:new"},
		{IMAGE("next-week", "1794790000", ""), NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		serve(arena_printf(&b.a, "{\"imageDetails\":[%s]}", cases[i].images), 200,
		      SCAN("COMPLETE", "1794300100", "", ""));
		collecting_run(&b);
		const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, 2);
		if (!cases[i].digest)
			assert_null(rq);
		else if (!rq || !strstr(rq->body, cases[i].digest))
			fail_msg("case %zu asks %s", i, rq ? rq->body : "nothing");
	}
}

static void accounts_with_equal_names_do_not_fix_each_others_findings(void **state UNUSED)
{
	collecting_run(&b);
	b.cfg.aws.v[0].name = "aws-staging";
	serve("{\"imageDetails\":[" IMAGE("staging", "1794400000", "") "]}", 200,
	      SCAN("COMPLETE", "1794400100", "", ""));
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 2);
}

static void scans_alone_walk_by_themselves(void **state UNUSED)
{
	b.cfg.aws.v[0].collect = strv_of(&b.a, "ecr_scans");
	collecting_run(&b);
	assert_int_equal(b.ledger.n, 1);
	assert_part(&b, "ecr_scans", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM image_push"), 0);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 1);
}

static void a_refusal_costs_the_part_it_concerns(void **state UNUSED)
{
	serve("{\"imageDetails\":[" NEW_IMAGE "]}", 400,
	      "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	collecting_run(&b);
	assert_part(&b, "ecr", LEDGER_COMPLETE, NULL);
	assert_part(&b, "ecr_scans", LEDGER_FAILED,
		    "web: 400 on ecr:DescribeImageScanFindings: AccessDeniedException: no; allow "
		    "ecr:DescribeImageScanFindings");
	struct served t[] = {{"POST /", "{\"__type\":\"AccessDeniedException\"}", NULL, 400, NULL},
			     {0}};
	collecting_serve(&b, t);
	collecting_run(&b);
	assert_part(&b, "ecr", LEDGER_FAILED, "allow ecr:DescribeRepositories");
	assert_part(&b, "ecr_scans", LEDGER_FAILED, "allow ecr:DescribeRepositories");
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"__type\":\"ServerException\"}"},
		{.body = "<html>login</html>"},
		{.body = "[]"},
	};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			teardown(NULL);
			setup(NULL);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			if (b.result.partial + b.result.failed == 0)
				fail_msg("fault %zu in request %d was not told", f, n);
			assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 0);
			collecting_serve(&b, table);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 2);
			assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding"), 2);
		}
	}
}

static void published_findings_become_a_scan(void **state UNUSED)
{
	NEED_FIXTURES();
	static const struct {
		const char *file;
		enum severity severity;
		const char *cve, *package;
		int64_t scanned_s;
	} cases[] = {
		{"ecr/DescribeImageScanFindings.cli-1.json", SEV_MEDIUM, "CVE-2019-5188",
		 "e2fsprogs", 1579839105},
		{"constructed/ecr-DescribeImageScanFindings.enhanced.json", SEV_CRITICAL,
		 "CVE-2024-0001", "openssl", 1756022600},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len;
		struct rec_scan s;
		struct scan_opts o = {.origin = "x", .scanned_s = TIME_NONE, .fallback_s = 5};
		const char *text = test_read(
			&b.a, fixture_path(&b.a, arena_printf(&b.a, "aws/%s", cases[i].file)),
			&len);
		scan_read(text, len, &o, &b.a, &s);
		assert_int_equal(s.status, SCAN_OK);
		assert_string_equal(s.tool, "ecr");
		assert_int_equal(s.scanned_s, cases[i].scanned_s);
		assert_int_equal(s.severity[cases[i].severity], 1);
		assert_string_equal(s.list.v[0].cve, cases[i].cve);
		assert_string_equal(s.list.v[0].package, cases[i].package);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_newest_images_scan_is_stored_and_asked_for_once),
		T(the_same_scan_again_changes_nothing),
		T(a_newer_image_with_fewer_findings_fixes_the_others),
		T(an_image_that_was_never_scanned_is_no_failure_and_no_zero),
		T(every_status_of_a_scan_has_its_meaning),
		T(pages_of_findings_are_one_scan),
		T(what_is_scanned_all_the_time_is_of_the_week),
		T(of_an_index_its_largest_part_is_looked_at),
		T(accounts_with_equal_names_do_not_fix_each_others_findings),
		T(scans_alone_walk_by_themselves),
		T(a_refusal_costs_the_part_it_concerns),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
		T(published_findings_become_a_scan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
