/* Reports written by the tools themselves, with counts made by an independent script (expected.tsv,
 * pairs.tsv). */
#include "support/test.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"
#include "lib/xml.h"
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

static int64_t number(const char *s)
{
	int64_t n;
	assert_true(parse_i64(s, &n));
	return n;
}

/* A report as somebody would give it: an empty list with its tool's name, which is the folder's. */
static void scan_named(struct arena *a, const char *name, struct rec_scan *out)
{
	scan(a, name, NULL, out);
	if (out->status == SCAN_UNRECOGNISED && strstr(out->reason, "an empty list"))
		scan(a, name, arena_strndup(a, name, strcspn(name, "/")), out);
}

static void every_report_counts_as_expected(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/expected.tsv", &t);
	for (size_t i = 1; i < t.rows.n; i++) {
		const struct strv *row = &t.rows.v[i];
		struct rec_scan s;
		scan_named(&a, row->v[0], &s);
		if (!text_eq(s.format, row->v[1]))
			fail_msg("%s: format %s, not %s", row->v[0], s.format ? s.format : "none",
				 row->v[1]);
		if (strcmp(scan_status_name(s.status), row->v[2]) != 0)
			fail_msg("%s: status %s, not %s (%s)", row->v[0],
				 scan_status_name(s.status), row->v[2], s.reason ? s.reason : "");
		const int64_t got[] = {s.findings,    s.severity[0], s.severity[1], s.severity[2],
				       s.severity[3], s.severity[4], s.suppressed};
		for (size_t k = 0; k < ARRAY_SIZE(got); k++)
			if (got[k] != number(row->v[3 + k]))
				fail_msg("%s: %s %lld, not %s", row->v[0], t.rows.v[0].v[3 + k],
					 (long long)got[k], row->v[3 + k]);
	}
	assert_true(t.rows.n > 150);
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
	for (size_t i = 1; i < t.rows.n; i++) {
		const struct strv *row = &t.rows.v[i];
		struct rec_scan before, after;
		scan(&a, row->v[0], NULL, &before);
		scan(&a, row->v[1], NULL, &after);
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

/* The lists whose order means nothing: what a tool found, in whatever order its threads were done.
 */
static bool is_list_of_findings(const char *key)
{
	static const char *const keys[] = {
		"results",	     "matches",	  "ignoredMatches",  "vulnerabilities", "vulns",
		"dependencies",	     "Results",	  "Vulnerabilities", "Secrets",		"Licenses",
		"Misconfigurations", "Resources", "failed_checks",   "skipped_checks",	"Issues",
		"messages",	     "groups",	  "packages",	     "alerts",		"findings",
		"enhancedFindings",  "nodes",	  "components",
	};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (text_eq(key, keys[i]))
			return true;
	return false;
}

static void copy_reversed(struct jw *to, const char *key, const struct jv *v);

static void copy_elements(struct jw *list, const struct jv *v, bool reversed)
{
	struct arena a = {0};
	VEC(struct jv) all = {0};
	for (struct jv it = json_first(v); it.n; it = json_next(&it))
		vec_push(&a, &all, it);
	for (size_t i = 0; i < all.n; i++)
		copy_reversed(list, NULL, &all.v[reversed ? all.n - 1 - i : i]);
	arena_release(&a);
}

static void copy_members(struct jw *o, const struct jv *v)
{
	for (struct jv it = json_first(v); it.n; it = json_next(&it))
		copy_reversed(o, it.key, &it);
}

static void copy_reversed(struct jw *to, const char *key, const struct jv *v)
{
	if (json_is_obj(v))
		copy_members(jw_add_obj(to, key), v);
	else if (json_is_arr(v))
		copy_elements(jw_add_arr(to, key), v, is_list_of_findings(key));
	else
		jw_copy(to, key, v);
}

static const char *reversed_json(struct arena *a, const struct jv *root)
{
	CLEANUP(jw_freep) struct jw *w = json_is_arr(root) ? jw_arr() : jw_obj();
	if (json_is_arr(root))
		copy_elements(w, root, true);
	else
		copy_members(w, root);
	return jw_print(w, false, a);
}

static const char *reversed_lines(struct arena *a, const char *text)
{
	const char *out = "";
	while (*text) {
		size_t n = strcspn(text, "\n");
		out = arena_printf(a, "%.*s\n%s", (int)n, text, out);
		text += n + (text[n] == '\n');
	}
	return out;
}

static void reverse_children(struct xnode *n)
{
	static const char *const lists[] = {"OWASPZAPReport", "alerts",	      "issues",
					    "scandetails",    "dependencies", "vulnerabilities"};
	struct arena a = {0};
	VEC(struct xnode *) all = {0};
	bool is_list = false;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		is_list = is_list || xml_is(n, lists[i]);
	for (struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		reverse_children(c);
		vec_push(&a, &all, c);
	}
	for (size_t i = all.n; is_list && i > 0; i--) {
		xml_add_copy(n, all.v[i - 1]);
		xml_remove(all.v[i - 1]);
	}
	arena_release(&a);
}

/* NULL: not one that can be taken apart. */
static const char *reversed(struct arena *a, const char *text, size_t len, size_t *out_len)
{
	CLEANUP(json_freep) struct json *j = NULL;
	CLEANUP(xml_freep) struct xml *x = NULL;
	struct err e = {0};
	const char *out = NULL;
	if (json_parse(text, len, &j, &e)) {
		struct jv root = json_root(j);
		if (json_count(&root))
			out = reversed_json(a, &root);
	} else if (text[0] == '<' && xml_parse(text, len, "report", &x, &e)) {
		reverse_children(xml_root(x));
		return xml_write(x, a, out_len);
	} else if (text[0] == '{') {
		out = reversed_lines(a, text);
	}
	*out_len = out ? strlen(out) : 0;
	return out;
}

static void the_order_of_entries_makes_no_other_findings(void **state UNUSED)
{
	NEED_FIXTURES();
	struct arena a = {0};
	struct table t = {0};
	read_table(&a, "scans/expected.tsv", &t);
	size_t checked = 0;
	for (size_t i = 1; i < t.rows.n; i++) {
		struct arena one = {0};
		const char *name = t.rows.v[i].v[0],
			   *path = fixture_path(&one, arena_printf(&one, "scans/%s", name));
		struct rec_scan s, again, turned;
		size_t len, turned_len;
		const char *text = test_read(&one, path, &len);
		scan(&one, name, NULL, &s);
		scan(&one, name, NULL, &again);
		const char *back = reversed(&one, text, len, &turned_len);
		struct scan_opts o = {.origin = path, .scanned_s = TIME_NONE, .fallback_s = 1000};
		if (back)
			scan_read(back, turned_len, &o, &one, &turned);
		else
			turned = again;
		struct strv x = {0}, y = {0}, z = {0};
		identities(&one, &s, &x);
		identities(&one, &again, &y);
		identities(&one, &turned, &z);
		if (x.n != y.n || x.n != z.n)
			fail_msg("%s: %zu, %zu and turned %zu findings (%s)", name, x.n, y.n, z.n,
				 turned.reason ? turned.reason : "");
		for (size_t k = 0; k < x.n; k++)
			if (strcmp(x.v[k], y.v[k]) != 0 || strcmp(x.v[k], z.v[k]) != 0)
				fail_msg("%s: another finding", name);
		assert_int_equal(s.suppressed, turned.suppressed);
		for (int k = 0; k < SEV_COUNT; k++)
			assert_int_equal(s.severity[k], turned.severity[k]);
		checked += back && x.n > 1;
		arena_release(&one);
	}
	assert_true(checked > 100);
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
		cmocka_unit_test(every_report_counts_as_expected),
		cmocka_unit_test(a_bare_empty_list_needs_its_tools_name),
		cmocka_unit_test(identities_tell_new_fixed_and_outstanding_apart),
		cmocka_unit_test(identities_are_unique_within_each_report),
		cmocka_unit_test(the_order_of_entries_makes_no_other_findings),
		cmocka_unit_test(reports_say_when_and_on_what_they_were_made),
	};
	return cmocka_run_group_tests_name("scan_fixtures", tests, NULL, NULL);
}
