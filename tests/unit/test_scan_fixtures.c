/* Reports written by the tools themselves, with counts made by an independent script (expected.tsv,
 * pairs.tsv). */
#include "support/test.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "scan/formats.h"
#include "scan/scan.h"

struct table {
	VEC(struct strv) rows;
};

static void read_table(struct arena *a, const char *name, struct table *out)
{
	const char *path = fixture_path(a, name);
	assert_non_null(path);
	size_t len;
	const char *s = test_read(a, path, &len);
	while (*s) {
		struct strv row = {0};
		size_t line = strcspn(s, "\n");
		for (const char *p = s, *end = s + line; p <= end;) {
			size_t n = strcspn(p, "\t\n");
			vec_push(a, &row, arena_strndup(a, p, n));
			p += n + 1;
		}
		vec_push(a, &out->rows, row);
		s += line + (s[line] == '\n');
	}
	assert_true(out->rows.n > 10);
}

static void scan(struct arena *a, const char *name, const char *tool, struct rec_scan *out)
{
	const char *path = fixture_path(a, arena_printf(a, "scans/%s", name));
	assert_non_null(path);
	size_t len;
	const char *bytes = test_read(a, path, &len);
	struct scan_opts o = {
		.tool = tool, .origin = path, .scanned_s = TIME_NONE, .fallback_s = 1000};
	scan_read(bytes, len, &o, a, out);
}

static bool has_reader(const char *format)
{
	for (size_t i = 0; i < scan_formats_n; i++)
		if (!strcmp(scan_formats[i].name, format) && scan_formats[i].read)
			return true;
	return false;
}

static int64_t number(const char *s)
{
	int64_t n;
	assert_true(parse_i64(s, &n));
	return n;
}

static void every_report_of_a_readable_format_counts_as_expected(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/expected.tsv", &t);
	size_t checked = 0;
	for (size_t i = 1; i < t.rows.n; i++) {
		const struct strv *row = &t.rows.v[i];
		bool broken = !strcmp(row->v[2], "malformed");
		if (!has_reader(row->v[1]) && !broken)
			continue;
		struct rec_scan s;
		scan(&a, row->v[0], NULL, &s);
		checked++;
		if (strcmp(scan_status_name(s.status), row->v[2]) != 0)
			fail_msg("%s: status %s, not %s (%s)", row->v[0],
				 scan_status_name(s.status), row->v[2], s.reason ? s.reason : "");
		const int64_t got[] = {s.findings,    s.severity[0], s.severity[1], s.severity[2],
				       s.severity[3], s.severity[4], s.suppressed};
		for (size_t k = 0; k < ARRAY_SIZE(got); k++)
			if (got[k] != number(row->v[3 + k]))
				fail_msg("%s: %s %lld, not %s", row->v[0], t.rows.v[0].v[3 + k],
					 (long long)got[k], row->v[3 + k]);
		assert_string_equal(s.format, row->v[1]);
	}
	assert_true(checked >= 50);
	arena_release(&a);
}

static void every_format_is_recognised_by_name_and_none_reads_as_nothing(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/expected.tsv", &t);
	for (size_t i = 1; i < t.rows.n; i++) {
		const struct strv *row = &t.rows.v[i];
		if (!strcmp(row->v[2], "malformed"))
			continue;
		const char *slash = strchr(row->v[0], '/'),
			   *folder = arena_strndup(&a, row->v[0], (size_t)(slash - row->v[0]));
		struct rec_scan s;
		scan(&a, row->v[0], NULL, &s);
		bool bare = !s.format && strstr(s.reason, "an empty list");
		if (bare)
			scan(&a, row->v[0], folder, &s);
		if (!text_eq(s.format, row->v[1]))
			fail_msg("%s: format %s, not %s", row->v[0], s.format ? s.format : "none",
				 row->v[1]);
		if (has_reader(row->v[1]) || bare)
			continue;
		assert_int_equal(s.status, SCAN_UNSUPPORTED);
		assert_string_equal(
			s.reason, arena_printf(&a, "format %s is recognised but cannot be read yet",
					       s.format));
		assert_true(s.findings == NUM_NONE);
	}
	arena_release(&a);
}

static void a_bare_empty_list_needs_its_tools_name(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct rec_scan s;
	scan(&a, "gitleaks/no_findings.json", NULL, &s);
	assert_int_equal(s.status, SCAN_UNRECOGNISED);
	scan(&a, "gitleaks/no_findings.json", "gitleaks", &s);
	assert_int_equal(s.status, SCAN_ZERO);
	assert_string_equal(s.tool, "gitleaks");
	scan(&a, "gitleaks/no_findings.json", "bandit", &s);
	assert_int_equal(s.status, SCAN_UNRECOGNISED);
	arena_release(&a);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void identities(struct arena *a, const struct rec_scan *s, struct strv *out)
{
	for (size_t i = 0; i < s->list.n; i++)
		if (!s->list.v[i].suppressed)
			vec_push(a, out, s->list.v[i].identity);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_text);
}

static void identities_tell_new_fixed_and_outstanding_apart(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/pairs.tsv", &t);
	size_t checked = 0;
	for (size_t i = 1; i < t.rows.n; i++) {
		const struct strv *row = &t.rows.v[i];
		struct rec_scan before, after;
		scan(&a, row->v[0], NULL, &before);
		scan(&a, row->v[1], NULL, &after);
		if (before.status == SCAN_UNSUPPORTED)
			continue;
		checked++;
		struct strv x = {0}, y = {0};
		identities(&a, &before, &x);
		identities(&a, &after, &y);
		size_t both = 0;
		for (size_t p = 0, q = 0; p < x.n && q < y.n;) {
			int c = strcmp(x.v[p], y.v[q]);
			both += c == 0;
			p += c <= 0;
			q += c >= 0;
		}
		if (number(row->v[2]) != (int64_t)(y.n - both) ||
		    number(row->v[3]) != (int64_t)(x.n - both) ||
		    number(row->v[4]) != (int64_t)both)
			fail_msg("%s: new %zu fixed %zu outstanding %zu", row->v[1], y.n - both,
				 x.n - both, both);
	}
	assert_true(checked >= 8);
	arena_release(&a);
}

static void identities_are_unique_within_each_report(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/expected.tsv", &t);
	for (size_t i = 1; i < t.rows.n; i++) {
		struct rec_scan s;
		scan(&a, t.rows.v[i].v[0], NULL, &s);
		struct strv x = {0};
		identities(&a, &s, &x);
		for (size_t k = 1; k < x.n; k++)
			assert_string_not_equal(x.v[k - 1], x.v[k]);
	}
	arena_release(&a);
}

static void reports_say_when_and_on_what_they_were_made(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct rec_scan s;
	int64_t t;
	scan(&a, "zap/series-pin-2024-01-02.json", NULL, &s);
	assert_true(parse_time("2024-01-02T17:55:52Z", &t) && s.scanned_s == t);
	assert_string_equal(s.tool, "zap");
	assert_string_equal(s.tool_version, "2.14.0");
	assert_string_equal(s.target,
			    "https://bc-emli-pin-mgmt-be-c82b4c-dev.apps.silver.devops.gov.bc.ca");
	assert_int_equal(s.first_site, 8);
	assert_true(s.instances > s.findings);
	scan(&a, "zap/some_2.9.0.xml", NULL, &s);
	assert_true(parse_time("2020-05-12T20:57:30Z", &t) && s.scanned_s == t);
	scan(&a, "bandit/gopher-mcp-zero.json", NULL, &s);
	assert_true(parse_time("2025-09-17T02:02:51Z", &t) && s.scanned_s == t);
	scan(&a, "sarif/mobsfscan.sarif.json", NULL, &s);
	assert_true(parse_time("2021-08-13T14:27:11Z", &t) && s.scanned_s == t);
	assert_string_equal(s.tool, "mobsfscan");
	scan(&a, "npm-audit/v2-one_vuln.json", NULL, &s);
	assert_int_equal(s.scanned_s, 1000);
	assert_string_equal(s.tool, "npm-audit");
	assert_string_equal(s.target, "unknown");
	scan(&a, "zap/webgoat.json", NULL, &s); /* several sites: the first is another host */
	assert_true(s.first_site < s.findings);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_report_of_a_readable_format_counts_as_expected),
		cmocka_unit_test(every_format_is_recognised_by_name_and_none_reads_as_nothing),
		cmocka_unit_test(a_bare_empty_list_needs_its_tools_name),
		cmocka_unit_test(identities_tell_new_fixed_and_outstanding_apart),
		cmocka_unit_test(identities_are_unique_within_each_report),
		cmocka_unit_test(reports_say_when_and_on_what_they_were_made),
	};
	return cmocka_run_group_tests_name("scan_fixtures", tests, NULL, NULL);
}
