#include "support/docs.h"
#include "support/test.h"

#include "render/doc.h"
#include "render/render.h"

#include "base/text.h"

static struct arena A;

static int teardown(void **state UNUSED)
{
	arena_release(&A);
	return 0;
}

static const char *page(const struct xml *doc, size_t *len)
{
	struct err e = {0};
	const char *out = NULL;
	assert_ok(render_page(doc, &A, &out, len, &e), e);
	return out;
}

static struct xml *page_tree(const struct xml *doc)
{
	size_t n;
	const char *s = page(doc, &n);
	return xml_parse_html(s, n);
}

static size_t count(const struct xml *x, const char *xpath)
{
	struct xnodes found = {0};
	xml_find(x, NULL, xpath, &A, &found);
	return found.n;
}

static void documents_made_here_are_valid(void **state UNUSED)
{
	size_t n;
	const char *rng = test_read(&A, "schema/digest.rng", &n);
	struct err e = {0};
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *x = docs_hostile(docs_strings[i]);
		/* addresses that the grammar lets through and nobody may follow */
		struct xnodes bad = {0};
		xml_find(x, NULL, "//*[contains(@href, ':')][not(starts-with(@href, 'http'))]", &A,
			 &bad);
		assert_int_equal(bad.n, 4);
		assert_ok(xml_validate(x, rng, n, &e), e);
		xml_free(x);
	}
	struct xml *x = docs_terrible(3, 2);
	assert_ok(xml_validate(x, rng, n, &e), e);
	xml_free(x);
}

static void every_section_and_figure_is_there_with_its_table(void **state UNUSED)
{
	static const char *const names[] = {"digest-normal", "digest-quiet", "digest-first"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct xml *doc = docs_golden(names[i]), *x = page_tree(doc);
		struct xnodes sections = {0}, figures = {0};
		xml_find(doc, NULL, "section", &A, &sections);
		for (size_t k = 0; k < sections.n; k++) {
			const char *id = xml_get(sections.v[k], "id", &A);
			assert_int_equal(
				count(x, arena_printf(&A,
						      "//section[@id='%s'][@aria-labelledby='h-%s']"
						      "/h2[@id='h-%s']",
						      id, id, id)),
				1);
			assert_int_equal(count(x, arena_printf(&A, "//nav//a[@href='#%s']", id)),
					 2);
		}
		xml_find(doc, NULL, "//figure", &A, &figures);
		for (size_t k = 0; k < figures.n; k++) {
			const char *id = xml_get(figures.v[k], "id", &A);
			const char *alt = xml_get(figures.v[k], "alt", &A);
			struct xnodes svg = {0};
			xml_find(x, NULL, arena_printf(&A, "//*[@id='%s']//svg", id), &A, &svg);
			assert_true(svg.n >= 1);
			for (size_t j = 0; j < svg.n; j++) {
				assert_string_equal(xml_get(svg.v[j], "role", &A), "img");
				assert_string_equal(xml_get(svg.v[j], "aria-label", &A), alt);
			}
			const struct xnode *table = xml_child_named(figures.v[k], "table");
			if (table)
				assert_int_equal(
					count(x, arena_printf(&A, "//details//table[@id='%s']",
							      xml_get(table, "id", &A))),
					1);
		}
		assert_int_equal(count(x, "//h1"), 1);
		assert_int_equal(count(x, "//a[@class='skip'][@href='#main']"), 1);
		assert_int_equal(count(x, "//main[@id='main']"), 1);
		xml_free(x);
		xml_free(doc);
	}
}

static void a_page_asks_for_nothing_and_runs_nothing(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]), *x = page_tree(doc);
		assert_int_equal(count(x, "//script|//img|//iframe|//link|//object|//embed|//form"),
				 0);
		assert_int_equal(count(x, "//style"), 1);
		assert_int_equal(count(x, "//*[@*[starts-with(name(), 'on')]]"), 0);
		assert_int_equal(count(x, "//*[@src]"), 0);
		assert_int_equal(count(x, "//*[@style][not(self::svg[@class='runs'])]"), 0);
		struct xnodes links = {0};
		xml_find(x, NULL, "//@href/..", &A, &links);
		assert_true(links.n > 5);
		for (size_t k = 0; k < links.n; k++) {
			const char *href = xml_get(links.v[k], "href", &A);
			if (!text_starts(href, "https://") && !text_starts(href, "#") &&
			    !text_starts(href, "../"))
				fail_msg("a link to \"%s\"", href);
		}
		xml_free(x);
		xml_free(doc);
	}
}

static void outside_text_appears_as_text(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]), *x = page_tree(doc);
		/* as it stands in the document: XML has taken what it cannot carry */
		const char *want = xml_find_text(doc, NULL, "masthead/subject", &A);
		struct xnodes places = {0};
		xml_find(x, NULL, "//h1|//th/a|//h2|//caption|//p[@class='why']", &A, &places);
		assert_true(places.n > 6);
		for (size_t k = 0; k < places.n; k++)
			if (!strstr(xml_content(places.v[k], &A), want) &&
			    !strchr(want, '\r')) /* HTML reads a carriage return as a line end */
				fail_msg("\"%s\" is not in <%s> \"%s\"", want,
					 xml_name(places.v[k]), xml_content(places.v[k], &A));
		xml_free(x);
		xml_free(doc);
	}
}

static void a_chart_that_cannot_be_drawn_becomes_a_note(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	struct xnodes p = {0};
	xml_find(doc, NULL, "//figure[@id='errors.figure']/series/p[1]", &A, &p);
	xml_remove(p.v[0]); /* fewer points than weeks */
	struct xml *x = page_tree(doc);
	assert_int_equal(count(x, "//figure[@id='errors.figure']//svg"), 0);
	const char *note = xml_find_text(
		x, NULL, "//figure[@id='errors.figure']//div[@class='note warning']", &A);
	assert_non_null(note);
	assert_non_null(strstr(note, "could not be drawn"));
	assert_non_null(strstr(note, "Columns of new Sentry issues"));
	assert_true(count(x, "//figure[@id='deployments.figure']//svg") == 2);
	xml_free(x);
	xml_free(doc);
}

static void rows_over_the_limit_fold_and_none_is_lost(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal"), *x = page_tree(doc);
	assert_int_equal(count(x, "//table[@id='errors.new.table']/tbody/tr"), 6);
	assert_int_equal(count(x, "//details/table[@id='errors.new.table.more']/tbody/tr"), 8);
	assert_string_equal(
		xml_find_text(x, NULL, "//table[@id='errors.new.table.more']/../summary", &A),
		"8 more new errors");
	assert_int_equal(count(x, "//table[@id='security.targets']/tfoot/tr"), 1);
	assert_int_equal(
		count(x, "//table[@id='security.targets']//td[@colspan='7'][contains(., '403')]"),
		2);
	assert_int_equal(count(x, "//thead//th[not(@scope='col')]"), 0);
	assert_int_equal(count(x, "//tbody/tr[not(th[@scope='row'])]"), 0);
	xml_free(x);
	xml_free(doc);
}

static void the_same_document_gives_the_same_bytes(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	size_t n, m;
	const char *one = page(doc, &n), *two = page(doc, &m);
	assert_int_equal(n, m);
	assert_memory_equal(one, two, n);
	assert_true(n < 400 * 1024);
	assert_true(text_starts(one, "<!DOCTYPE html>"));
	xml_free(doc);
}

static void links_outside_the_page_are_made_absolute(void **state UNUSED)
{
	static const struct {
		const char *page, *href, *want;
	} t[] = {
		{"https://e.org/s/w/a/page.html", "#errors",
		 "https://e.org/s/w/a/page.html#errors"},
		{"https://e.org/s/w/a/page.html", "../../index.html", "https://e.org/s/index.html"},
		{"https://e.org/s/w/a/page.html", "digest.pdf", "https://e.org/s/w/a/digest.pdf"},
		{"https://e.org/p.html", "../../../x", "https://e.org/x"},
		{"https://e.org", "x", "https://e.org/x"},
		{"https://e.org/p.html", "https://f.org/y", "https://f.org/y"},
		{"https://e.org/p.html", "mailto:a@e.org", "mailto:a@e.org"},
		{"https://e.org/p.html", "javascript:alert(1)", NULL},
		{"https://e.org/p.html", "data:text/html,x", NULL},
		{"https://e.org/p.html", "//f.org/y", NULL},
		{"https://e.org/p.html", "a b", NULL},
		{NULL, "#errors", NULL},
		{NULL, "https://f.org/y", "https://f.org/y"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *got = doc_link(t[i].page, t[i].href, &A);
		if (!text_eq(got, t[i].want))
			fail_msg("%s on %s gives %s", t[i].href, t[i].page ? t[i].page : "nothing",
				 got ? got : "nothing");
	}
	assert_string_equal(doc_page_link("#x", &A), "#x");
	assert_string_equal(doc_page_link("../../index.html", &A), "../../index.html");
	assert_null(doc_page_link("javascript:alert(1)", &A));
	assert_null(doc_page_link("JaVaScRiPt:alert(1)", &A));
	assert_null(doc_page_link("java\tscript:alert(1)", &A));
	assert_null(doc_page_link("\\\\host\\x", &A));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(documents_made_here_are_valid, teardown),
		cmocka_unit_test_teardown(every_section_and_figure_is_there_with_its_table,
					  teardown),
		cmocka_unit_test_teardown(a_page_asks_for_nothing_and_runs_nothing, teardown),
		cmocka_unit_test_teardown(outside_text_appears_as_text, teardown),
		cmocka_unit_test_teardown(a_chart_that_cannot_be_drawn_becomes_a_note, teardown),
		cmocka_unit_test_teardown(rows_over_the_limit_fold_and_none_is_lost, teardown),
		cmocka_unit_test_teardown(the_same_document_gives_the_same_bytes, teardown),
		cmocka_unit_test_teardown(links_outside_the_page_are_made_absolute, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
