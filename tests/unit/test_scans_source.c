#include "support/collecting.h"

#include "base/file.h"
#include "base/sb.h"
#include "collect/ingest.h"
#include "collect/scans_source.h"

#include <sys/stat.h>
#include <utime.h>

#define NOW (WEEK_TO + 6 * 3600) /* as collecting_start sets the clock */

static struct collecting b;
static const char *root;

static int begin(void **state UNUSED)
{
	collecting_start(&b);
	root = test_dir(&b.a);
	return 0;
}

static int end(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static void report(const char *name, const char *content, int64_t written_s)
{
	struct err e = {0};
	const char *path = path_join(&b.a, root, name);
	assert_ok(file_mkdirs(path_dir(&b.a, path), &e), e);
	assert_ok(file_write(path, content, strlen(content), 0644, &e), e);
	struct utimbuf t = {written_s, written_s};
	assert_int_equal(utime(path, &t), 0);
}

static const char *bandit(const char *time, const char *ids)
{
	struct sb out;
	sb_init(&out, &b.a, 1 << 20);
	for (const char *p = ids; *p; p++)
		sb_addf(&out,
			"%s{\"test_id\":\"B10%c\",\"filename\":\"a.py\",\"issue_severity\":"
			"\"LOW\",\"issue_text\":\"x\",\"line_number\":1}",
			p == ids ? "" : ",", *p);
	return arena_printf(&b.a,
			    "{\"errors\":[],\"generated_at\":\"%s\",\"metrics\":{\"_totals\":{"
			    "\"loc\":9}},\"results\":[%s]}",
			    time, sb_str(&out));
}

static const char *npm(const char *source)
{
	return arena_printf(&b.a,
			    "{\"auditReportVersion\":2,\"vulnerabilities\":{\"form-data\":{"
			    "\"via\":[{\"source\":%s,\"severity\":\"high\",\"title\":\"t\"}]}}}",
			    source);
}

static void configure(const char *pattern, const char *target, const char *tool)
{
	struct scans_source s = {.name = "nightly-scans",
				 .path = path_join(&b.a, root, pattern),
				 .target = target,
				 .tool = tool};
	b.cfg.scans.n = 0;
	vec_push(&b.a, &b.cfg.scans, s);
}

static void counts(int64_t expected, int64_t received)
{
	const struct ledger *l = collecting_ledger(&b, "reports");
	assert_int_equal(l->expected, expected);
	assert_int_equal(l->received, received);
	assert_int_equal(l->requests, 0);
	assert_string_equal(l->source, "nightly-scans");
	assert_string_equal(l->affects, "security.");
}

static void reports_are_read_oldest_first_by_their_own_time(void **state UNUSED)
{
	/* Names and file times say the opposite. */
	report("web/1.json", bandit("2026-11-11T08:00:00Z", "134"), WEEK_FROM + 10);
	report("web/2.json", bandit("2026-11-02T08:00:00Z", "12"), WEEK_FROM + 20);
	report("api/1.json", bandit("2026-11-10T08:00:00Z", "1"), WEEK_FROM + 20);
	configure("*/*.json", "from-path", NULL);
	for (int run = 0; run < 2; run++) { /* the second changes nothing */
		collecting_run(&b);
		assert_part(&b, "reports", LEDGER_COMPLETE, NULL);
		counts(3, 3);
		assert_string_equal(
			collecting_rows(&b, "SELECT f.target, f.identity IS NOT NULL, e.kind, "
					    "e.happened_at FROM finding_event e JOIN finding f ON "
					    "f.id = e.finding_id ORDER BY 1, 4, 3, f.rule"),
			"api|1|baseline|2026-11-10T08:00:00Z\n"
			"web|1|baseline|2026-11-02T08:00:00Z\n"
			"web|1|baseline|2026-11-02T08:00:00Z\n"
			"web|1|fixed|2026-11-11T08:00:00Z\n"
			"web|1|new|2026-11-11T08:00:00Z\n"
			"web|1|new|2026-11-11T08:00:00Z\n");
		assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 3);
	}
	assert_string_equal(collecting_rows(&b, "SELECT DISTINCT source, tool, format FROM scan"),
			    "nightly-scans|bandit|bandit-json\n");
}

static void reports_of_a_later_week_wait_for_it(void **state UNUSED)
{
	report("web/1.json", bandit("2026-11-11T08:00:00Z", "1"), WEEK_FROM);
	report("web/2.json", bandit("2026-11-16T00:00:00Z", "12"), WEEK_FROM);
	report("js/late.json", npm("7"), WEEK_TO + 60);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_COMPLETE, NULL);
	counts(1, 1);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 1);
}

static void a_file_newer_than_the_calendar_counts_for_the_week_collected(void **state UNUSED)
{
	report("js/npm.json", npm("7"), NOW + 86400);
	report("js2/npm.json", npm("7"), WEEK_FROM + 5);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	counts(2, 2);
	assert_string_equal(
		collecting_rows(&b, "SELECT target, scanned_at FROM scan ORDER BY target"),
		"js|2026-11-15T23:59:59Z\njs2|2026-11-09T00:00:05Z\n");
}

static void an_unusable_report_makes_the_source_partial_and_is_named(void **state UNUSED)
{
	report("web/1.json", bandit("2026-11-11T08:00:00Z", "1"), WEEK_FROM);
	report("web/broken.json", "{\"errors\": [", WEEK_FROM + 100);
	report("web/fails.json", "{\"error\":{\"code\":\"ENOLOCK\",\"summary\":\"no lock file\"}}",
	       WEEK_FROM + 100);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_PARTIAL,
		    "web/broken.json: malformed: not JSON: byte 11 of 12");
	assert_part(&b, "reports", LEDGER_PARTIAL, "(and 1 more)");
	counts(3, 1);
	assert_string_equal(collecting_rows(&b, "SELECT tool, status, reason IS NOT NULL FROM scan "
						"ORDER BY tool"),
			    "bandit|ok|0\nnpm-audit|failed|1\nunknown|malformed|1\n");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM finding WHERE state = 'open'"),
			 1);
}

static void a_partial_report_is_received_and_told(void **state UNUSED)
{
	report("web/1.json",
	       "{\"errors\":[{\"filename\":\"b.py\",\"reason\":\"syntax error\"}],\"generated_at\":"
	       "\"2026-11-11T08:00:00Z\",\"metrics\":{},\"results\":[]}",
	       WEEK_FROM);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_PARTIAL, "partial: b.py was not scanned: syntax error");
	counts(1, 1);
}

static void an_old_broken_report_was_told_in_its_own_week(void **state UNUSED)
{
	report("web/1.json", bandit("2026-11-11T08:00:00Z", "1"), WEEK_FROM);
	report("web/0.json", "{", WEEK_FROM - 86400);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_COMPLETE, NULL);
	counts(1, 1);
}

static void no_file_at_all_is_a_failed_source(void **state UNUSED)
{
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_FAILED, "no file matches \"");
	assert_part(&b, "reports", LEDGER_FAILED, "*/*.json\"");
}

static void an_unreadable_file_is_named(void **state UNUSED)
{
	report("web/1.json", bandit("2026-11-11T08:00:00Z", "1"), WEEK_FROM);
	struct err e = {0};
	assert_ok(file_mkdirs(path_join(&b.a, root, "web/folder.json"), &e), e);
	configure("*/*.json", "from-path", NULL);
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_PARTIAL, "folder.json\": it is a directory");
	counts(2, 1);
}

static void a_fixed_target_and_a_tool_are_used(void **state UNUSED)
{
	report("x/leaks.json", "[]", WEEK_FROM + 5);
	configure("*/*.json", "digital-land.info", "gitleaks");
	collecting_run(&b);
	assert_part(&b, "reports", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, "SELECT tool, target, status FROM scan"),
			    "gitleaks|digital-land.info|zero\n");
}

static struct scan_opts opts(void)
{
	return (struct scan_opts){.scanned_s = TIME_NONE, .fallback_s = TIME_NONE};
}

static void ingesting_without_a_store_stores_nothing(void **state UNUSED)
{
	struct err e = {0};
	struct rec_scan s;
	struct scan_effect x = {.fresh = -1};
	struct scan_opts o = opts();
	report("1.json", npm("7"), WEEK_FROM);
	const char *path = path_join(&b.a, root, "1.json");
	assert_ok(ingest_file(NULL, path, &o, NOW, &b.a, &s, &x, &e), e);
	assert_int_equal(x.fresh, -1);
	assert_int_equal(s.findings, 1);
	assert_int_equal(s.scanned_s, WEEK_FROM);
	assert_string_equal(s.origin, path);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM scan"), 0);
	assert_ok(ingest_file(b.db, path, &o, NOW, &b.a, &s, &x, &e), e);
	assert_true(x.baseline);
	assert_string_equal(collecting_rows(&b, "SELECT source, target FROM scan"),
			    "ingest|unknown\n");
	report("1.json", npm("7"), NOW + 5); /* written after "now": now */
	assert_ok(ingest_file(NULL, path, &o, NOW, &b.a, &s, NULL, &e), e);
	assert_int_equal(s.scanned_s, NOW);
	o.scanned_s = 77;
	assert_ok(ingest_file(NULL, path, &o, NOW, &b.a, &s, NULL, &e), e);
	assert_int_equal(s.scanned_s, 77);
	assert_err(ingest_file(NULL, path_join(&b.a, root, "none"), &o, NOW, &b.a, &s, NULL, &e), e,
		   ERR_IO, "none\": No such file");
}

static void a_report_from_the_future_does_not_make_every_later_one_late(void **state UNUSED)
{
	struct err e = {0};
	struct rec_scan s;
	struct scan_effect x;
	struct scan_opts o = opts();
	o.target = "web";
	report("1.json", bandit("2099-01-01T00:00:00Z", "1"), WEEK_FROM + 5);
	report("2.json", bandit("2026-11-11T00:00:00Z", "12"), WEEK_FROM + 5);
	assert_ok(ingest_file(b.db, path_join(&b.a, root, "1.json"), &o, NOW, &b.a, &s, &x, &e), e);
	assert_int_equal(s.scanned_s, WEEK_FROM + 5);
	assert_string_equal(s.reason,
			    "its own time 2099-01-01T00:00:00Z lies ahead: the file's is used");
	assert_ok(ingest_file(b.db, path_join(&b.a, root, "2.json"), &o, NOW, &b.a, &s, &x, &e), e);
	assert_false(x.late);
	assert_int_equal(x.fresh, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_are_read_oldest_first_by_their_own_time),
		TEST(reports_of_a_later_week_wait_for_it),
		TEST(a_file_newer_than_the_calendar_counts_for_the_week_collected),
		TEST(an_unusable_report_makes_the_source_partial_and_is_named),
		TEST(a_partial_report_is_received_and_told),
		TEST(an_old_broken_report_was_told_in_its_own_week),
		TEST(no_file_at_all_is_a_failed_source),
		TEST(an_unreadable_file_is_named),
		TEST(a_fixed_target_and_a_tool_are_used),
		TEST(ingesting_without_a_store_stores_nothing),
		TEST(a_report_from_the_future_does_not_make_every_later_one_late),
	};
	return cmocka_run_group_tests_name("scans_source", tests, NULL, NULL);
}
