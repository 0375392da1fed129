#include "support/test.h"

#include "archive/diff.h"
#include "lib/xml.h"

#include <math.h>

#define UNKNOWN ((double)NAN)

static struct arena a;

static int clean(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static void number(struct past *p, const char *id, double value, bool incomplete)
{
	vec_push(&a, &p->numbers,
		 ((struct number){.id = id, .value = value, .incomplete = incomplete}));
}

static void item(struct past *p, const char *section, const char *kind, const char *key,
		 const char *title, const char *owner)
{
	vec_push(&a, &p->items,
		 ((struct item){.id = "x-1",
				.section = section,
				.kind = kind,
				.key = key,
				.title = title,
				.owner = owner,
				.url = "https://example.org/x"}));
}

static void source(struct past *p, const char *name, const char *status, const char *reason)
{
	vec_push(&a, &p->sources,
		 ((struct past_source){.name = name, .status = status, .reason = reason}));
}

static struct past week(const char *name, const char *verdict)
{
	return (struct past){.week = name, .audience = "everyone", .verdict = verdict};
}

static struct diff differ(const struct past *x, const struct past *y)
{
	struct diff d;
	diff_digests(x, y, &a, &d);
	return d;
}

static struct past full(void)
{
	struct past p = week("2026-W46", "Two things are broken.");
	number(&p, "ci.failed", 9, true);
	number(&p, "errors.new", 14, false);
	number(&p, "errors.users", UNKNOWN, true);
	item(&p, "errors", "new", "sentry:1", "one", "Platform");
	item(&p, "errors", "ongoing", "sentry:2", "two", NULL);
	item(&p, "errors", "ongoing", "sentry:2", "two again", NULL);
	source(&p, "github", "partial", "403");
	return p;
}

static void a_week_with_itself_differs_in_nothing(void **state UNUSED)
{
	struct past p = full(), q = full();
	struct diff d = differ(&p, &q);
	assert_true(diff_empty(&d));
	assert_true(d.numbers.n == 0 && d.items.n == 0 && d.sources.n == 0);
	assert_null(d.from_verdict);
}

static void items_are_matched_by_section_and_key(void **state UNUSED)
{
	struct past x = week("2026-W45", "v"), y = week("2026-W46", "v");
	item(&x, "errors", "new", "k:1", "stays", "Platform");
	item(&x, "errors", "new", "k:2", "changes", "Platform");
	item(&x, "errors", "new", "k:3", "goes", NULL);
	item(&x, "ci", "real", "k:1", "same key elsewhere", NULL);
	item(&y, "ci", "real", "k:9", "comes", NULL);
	item(&y, "errors", "ongoing", "k:2", "changes", NULL);
	item(&y, "errors", "new", "k:1", "stays", "Platform");
	struct diff d = differ(&x, &y);
	assert_int_equal(d.items.n, 4);
	assert_string_equal(diff_change(&d.items.v[0]), "added");
	assert_string_equal(d.items.v[0].to->key, "k:9");
	assert_string_equal(diff_change(&d.items.v[1]), "changed");
	assert_string_equal(diff_what(&d.items.v[1], &a),
			    "kind new → ongoing, owner Platform → none");
	assert_string_equal(diff_change(&d.items.v[2]), "removed");
	assert_string_equal(d.items.v[2].from->key, "k:3");
	assert_string_equal(d.items.v[3].from->section, "ci");
}

static void a_reason_of_setting_aside_and_a_title_are_changes(void **state UNUSED)
{
	struct past x = week("2026-W45", "v"), y = week("2026-W46", "v");
	item(&x, "errors", "ongoing", "k:1", "old title", NULL);
	item(&y, "errors", "ongoing", "k:1", "new title", NULL);
	y.items.v[0].set_aside = "accepted";
	struct diff d = differ(&x, &y);
	assert_int_equal(d.items.n, 1);
	assert_string_equal(diff_what(&d.items.v[0], &a),
			    "set aside none → accepted, title old title → new title");
}

static void unknown_is_never_zero(void **state UNUSED)
{
	struct past x = week("2026-W45", "v"), y = week("2026-W46", "v");
	number(&x, "errors.new", UNKNOWN, true);
	number(&y, "errors.new", 0, false);
	number(&x, "ci.failed", 3, false);
	number(&y, "ci.failed", 3, true);
	number(&x, "ci.lead_time_s", UNKNOWN, true);
	number(&y, "ci.lead_time_s", UNKNOWN, true);
	number(&x, "gone", 5, false);
	number(&y, "came", 1.25, false);
	struct diff d = differ(&x, &y);
	assert_int_equal(d.numbers.n, 4);
	assert_string_equal(past_value(d.numbers.v[0].from, &a), "not known");
	assert_string_equal(past_value(d.numbers.v[0].to, &a), "0");
	assert_string_equal(past_value(d.numbers.v[1].to, &a), "at least 3");
	assert_string_equal(past_value(d.numbers.v[2].from, &a), "not in it");
	assert_string_equal(past_value(d.numbers.v[2].to, &a), "1.25");
	assert_string_equal(past_value(d.numbers.v[3].to, &a), "not in it");
	/* Of a duration nobody knows which way the rest would move it. */
	assert_string_equal(
		past_value(&(struct number){.id = "x_s", .value = 90, .incomplete = true}, &a),
		"90, incomplete");
}

static void verdicts_and_coverage_are_compared(void **state UNUSED)
{
	struct past x = week("2026-W45", "A quiet week."), y = week("2026-W46", "Broken.");
	source(&x, "github", "partial", "403");
	source(&y, "github", "complete", NULL);
	source(&x, "sentry", "complete", NULL);
	source(&y, "sentry", "complete", NULL);
	source(&y, "aws", "complete", NULL);
	struct diff d = differ(&x, &y);
	assert_string_equal(d.from_verdict, "A quiet week.");
	assert_string_equal(d.to_verdict, "Broken.");
	assert_int_equal(d.sources.n, 2);
	assert_string_equal(d.sources.v[0].name, "github");
	assert_null(d.sources.v[1].from);
	assert_false(diff_empty(&d));
}

static const char *page(const struct past *x, const struct past *y)
{
	struct config cfg = {.title = "Planning <Data>"};
	struct diff d = differ(x, y);
	struct err e = {0};
	const char *html;
	size_t len;
	assert_ok(diff_html(&d, &cfg, "sitrep test", &a, &html, &len, &e), e);
	return arena_strndup(&a, html, len);
}

static size_t count(const char *html, const char *xpath)
{
	CLEANUP(xml_freep) struct xml *x = xml_parse_html(html, strlen(html));
	struct xnodes found = {0};
	xml_find(x, NULL, xpath, &a, &found);
	return found.n;
}

static void the_page_is_one_file_and_text_stays_text(void **state UNUSED)
{
	struct past x = week("2026-W45", "<script>alert(1)</script>"), y = week("2026-W46", "v");
	item(&y, "errors", "new", "k:1", "<script>alert(2)</script><img src=x onerror=y>", NULL);
	item(&y, "errors", "new", "k:2",
	     "\x1b[31mred\x1b[0m \xe2\x80\xae"
	     "gnp.exe\r\nX-Header: 1",
	     "a\"b<c>");
	item(&y, "errors", "new", "k:3", "link", NULL);
	y.items.v[2].url = "javascript:alert(3)";
	number(&y, "security.tool.<b>.new", 1, false);
	source(&y, "gi<i>thub", "failed", "401 <b>no</b>");
	const char *html = page(&x, &y);
	assert_int_equal(count(html, "//script | //img | //i[not(@class)] | //link | //*[@src]"),
			 0);
	assert_int_equal(count(html, "//a[starts-with(@href, 'javascript')]"), 0);
	assert_int_equal(count(html, "//tbody/tr"), 5);
	assert_int_equal(count(html, "//a[@href='https://example.org/x']"), 2);
	assert_int_equal(count(html, "//style"), 1);
	assert_null(strchr(html, '\x1b'));
	assert_null(strstr(html, "\xe2\x80\xae"));
	assert_null(strchr(html, '\r'));
	assert_non_null(strstr(html, "Planning &lt;Data&gt;"));
}

static void the_page_of_nothing_says_so(void **state UNUSED)
{
	struct past x = full(), y = full();
	const char *html = page(&x, &y);
	assert_non_null(strstr(html, "Nothing differs."));
	assert_int_equal(count(html, "//table"), 0);
}

static void a_link_leads_to_the_section_of_the_week(void **state UNUSED)
{
	struct config web = {.archive_url = "https://example.org/sitrep/",
			     .archive = "var/archive"},
		      disk = {.archive = "var/archive"};
	assert_string_equal(past_link(&web, "2026-W46", "our team", "errors", &a),
			    "https://example.org/sitrep/2026-W46/our%20team/page.html#errors");
	assert_string_equal(past_link(&disk, "2026-W46", "everyone", "digest", &a),
			    "var/archive/2026-W46/everyone/page.html#needs");
	assert_string_equal(past_link(&disk, "2026-W46", "everyone", "", &a),
			    "var/archive/2026-W46/everyone/page.html");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_teardown(f, clean)
		T(a_week_with_itself_differs_in_nothing),
		T(items_are_matched_by_section_and_key),
		T(a_reason_of_setting_aside_and_a_title_are_changes),
		T(unknown_is_never_zero),
		T(verdicts_and_coverage_are_compared),
		T(the_page_is_one_file_and_text_stays_text),
		T(the_page_of_nothing_says_so),
		T(a_link_leads_to_the_section_of_the_week),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
