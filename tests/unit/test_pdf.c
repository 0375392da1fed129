#include "support/test.h"

#include "base/file.h"
#include "base/sb.h"
#include "base/text.h"
#include "lib/pdfmeta.h"
#include "lib/xml.h"
#include "render/render.h"

#include <ctype.h>

#define HEAD                                                                                       \
	"<digest schema='1' week='2026-W46' from='2026-11-09T00:00:00Z' "                          \
	"to='2026-11-16T00:00:00Z' hours='168' timezone='Europe/London' audience='everyone' "      \
	"title='Planning Data' lang='en-GB' frozen='2026-11-16T10:30:00Z' "                        \
	"generator='sitrep 0.1.0' detail='full'><masthead><kicker>Weekly engineering "             \
	"digest</kicker><heading>Planning Data: week 46</heading><dates>Monday 9 to Sunday 15 "    \
	"November 2026, Europe/London</dates><verdict rule='quiet'>A quiet week.</verdict>"        \
	"<subject>s</subject><preheader>p</preheader><brief>b</brief>"                             \
	"<link rel='page' href='https://example.org/a/page.html'>Page</link>"                      \
	"<status tone='green' word='Complete'>8 of 9 sources</status>"                             \
	"<status tone='orange' word='Partial'>GitHub alerts: 10 of 12</status>"                    \
	"<frozen>Frozen Monday 16 November 2026, 10:30, Europe/London</frozen></masthead>"
#define TAIL	    "<data/></digest>"
#define ONE(blocks) HEAD "<section id='errors' title='Errors'>" blocks "</section>" TAIL
#define FIGURE(id, points)                                                                         \
	"<figure id='" id "' title='Title of " id "' subtitle='by week' alt='Columns: 5, 14' "     \
	"kind='columns'><x label='W45'/><x label='W46'/><series name='n'>" points                  \
	"</series></figure>"

static const char *render(struct arena *a, const char *document, size_t n, size_t *len)
{
	struct err e = {0};
	struct xml *x;
	assert_ok(xml_parse(document, n, "digest.xml", &x, &e), e);
	const char *pdf = NULL;
	assert_ok(render_pdf(x, a, &pdf, len, &e), e);
	xml_free(x);
	assert_memory_equal(pdf, "%PDF-", 5);
	return pdf;
}

/* What a command prints about the PDF, which it knows as t.pdf. */
static const char *tool(struct arena *a, const char *pdf, size_t len, const char *command)
{
	struct err e = {0};
	const char *dir = test_dir(a), *path = path_join(a, dir, "t.pdf");
	assert_ok(file_write(path, pdf, len, 0644, &e), e);
	FILE *p = popen(arena_printf(a, "cd %s && %s", dir, command), "r");
	assert_non_null(p);
	struct sb b;
	sb_init(&b, a, 1 << 24);
	char buf[4096];
	size_t n;
	while ((n = fread(buf, 1, sizeof buf, p)) > 0)
		for (size_t i = 0; i < n; i++)
			if (buf[i]) /* fonts hold NULs, and searches would end there */
				sb_addc(&b, buf[i]);
	assert_int_equal(pclose(p), 0);
	return sb_str(&b);
}

#define TEXT	"pdftotext -layout -enc UTF-8 t.pdf -"
#define INFO	"pdfinfo t.pdf"
#define STRUCT	"pdfinfo -struct-text t.pdf"
#define OBJECTS "qpdf --qdf --object-streams=disable t.pdf -"

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%.3000s", part, text);
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;
	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* All blanks as one: columns and line ends do not matter. */
static const char *squeezed(struct arena *a, const char *s)
{
	struct sb b;
	sb_init(&b, a, 1 << 24);
	bool gap = false;
	for (; *s; s++) {
		bool blank = isspace((unsigned char)*s);
		if (!blank && gap)
			sb_addc(&b, ' ');
		if (!blank)
			sb_addc(&b, *s);
		gap = blank;
	}
	return sb_str(&b);
}

static void a_normal_week_fits_few_pages_with_outline_links_and_metadata(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n, len;
	const char *doc = test_read(&a, "tests/golden/digest-normal.xml", &n);
	const char *pdf = render(&a, doc, n, &len);
	const char *info = tool(&a, pdf, len, INFO);
	int pages = 0;
	const char *at = strstr(info, "Pages:");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "Pages: %d", &pages), 1);
	assert_in_range(pages, 3, 6);
	has(squeezed(&a, info), "Title: Planning Data: week 46");
	has(squeezed(&a, info), "Author: Planning Data");
	has(squeezed(&a, info), "Tagged: yes");
	has(info, "A4");
	const char *text = tool(&a, pdf, len, TEXT);
	has(text, arena_printf(&a, "Page %d of %d", pages, pages));
	has(text, "8 more new errors are in the digest’s page.");
	has(text, "≥"); /* poppler drops the blank after it */
	has(text, "not collected: 403 Forbidden");
	has(text, "PLATFORM-1842");
	assert_int_equal(times(text, "Partial: GitHub security alerts, and 2 more"),
			 (size_t)pages - 1);
	assert_null(strstr(text, "The week by day")); /* a figure's numbers stay in the page */
	const char *objects = tool(&a, pdf, len, OBJECTS);
	has(objects, "/Lang (en-GB)");
	has(objects, "/DisplayDocTitle true");
	has(objects, "/URI (https://example.org/sentry/PLATFORM-1842)");
	assert_int_equal(times(objects, "/Tabs /S"), (size_t)pages);
	assert_int_equal(times(objects, "/S /Figure"), times(objects, "/Alt "));
	assert_int_equal(times(objects, "/S /TH"), times(objects, "/Scope "));
	/* one entry for the title, one a section */
	struct xml *x;
	struct err e = {0};
	assert_ok(xml_parse(doc, n, "d", &x, &e), e);
	struct xnodes sections = {0};
	xml_find(x, NULL, "section", &a, &sections);
	assert_int_equal(times(objects, "/Title "), 1 + 1 + sections.n); /* and the metadata */
	xml_free(x);
	arena_release(&a);
}

static void the_same_document_gives_the_same_bytes(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n, one, two;
	const char *doc = test_read(&a, "tests/golden/digest-normal.xml", &n);
	const char *first = render(&a, doc, n, &one), *second = render(&a, doc, n, &two);
	assert_int_equal(one, two);
	assert_memory_equal(first, second, one);
	/* nor does the day of rendering show */
	has(tool(&a, first, one, "pdfinfo -rawdates t.pdf"), "20261116103000Z");
	arena_release(&a);
}

static void quiet_and_first_weeks_are_one_page(void **state)
{
	(void)state;
	static const char *const files[] = {"tests/golden/digest-quiet.xml",
					    "tests/golden/digest-first.xml"};
	struct arena a = {0};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t n, len;
		const char *doc = test_read(&a, files[i], &n);
		const char *pdf = render(&a, doc, n, &len);
		has(tool(&a, pdf, len, TEXT), "Page 1 of 1");
	}
	arena_release(&a);
}

static void every_kind_of_block_is_printed_and_tagged(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t len;
	/* clang-format off */
	const char *doc = ONE(
		"<heading>A heading</heading><para kind='lede'>Lede <strong>bold</strong> "
		"<code>code</code> <num ref='errors.new'>14</num> <time "
		"at='2026-11-11T14:11:00Z'>Wed</time> <tag tone='red'>Still happening</tag></para>"
		"<para kind='note'>A note</para><list><li>First <link "
		"href='https://example.org/li'>item</link></li><li>Second</li></list>"
		"<terms><term word='13:53'>started</term><term word='14:47'>ended</term></terms>"
		"<terms><term word='Failed run' id='ci.failed'>A definition</term></terms>"
		"<tiles><tile number='errors.new' label='New errors' value='14' unit='issues' "
		"usual='Usual 1 to 13' tag='▲ More than usual' tone='orange'/><tile number='n' "
		"label='Time to green' value='not known' unit='none ended' usual='No history'/></tiles>"
		"<table id='t' title='A table' note='Its note'><col label='Name' kind='text'/>"
		"<col label='Runs' kind='strip'/><col label='Count' kind='number'/>"
		"<row><cell>one<sub>below</sub></cell><cell>5 in a row<strip "
		"states='ppfffm'/></cell><cell>1,204</cell></row>"
		"<row missing='not collected: 403'><cell>two</cell></row>"
		"<total><cell>At least</cell><cell/><cell>1,204</cell></total></table>"
		FIGURE("f", "<p state='past' v='5'/><p state='now' v='14'/>")
		"<callout kind='warning'><para>Warned</para></callout><callout "
		"kind='incomplete'><para>Lacking</para></callout><callout "
		"kind='correction'><para>Corrected</para></callout><callout "
		"kind='note'><para>Noted</para></callout>"
		"<actions><action rank='1' item='e-1' rule='r' owner='Platform' age='4 days' "
		"href='https://example.org/act'><title>Do this</title><reason>Because of "
		"<code>x</code></reason></action></actions>"
		"<setaside title='You can ignore 3 others'><aside count='1204' "
		"reason='r'>cancelled runs</aside><aside count='2' reason='s'>old "
		"ones</aside></setaside>"
		"<pair><side><para>On the left</para></side><side><para>On the "
		"right</para></side></pair>");
	/* clang-format on */
	const char *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = squeezed(&a, tool(&a, pdf, len, TEXT));
	static const char *const words[] = {
		"A heading",
		"Lede bold code 14 Wed",
		"Still happening",
		"A note",
		"First item",
		"13:53 started",
		"Failed run: A definition ci.failed",
		"New errors",
		"Usual 1 to 13",
		"▲ More than usual",
		"not known",
		"A table",
		"Its note",
		"5 in a row",
		"not collected: 403",
		"At least 1,204",
		"Title of f",
		"W46",
		"Warned",
		"Incomplete Lacking",
		"Corrected",
		"Noted",
		"Do this",
		"Because of x",
		"Platform",
		"4 days",
		"You can ignore 3 others",
		"1,204 cancelled runs",
		"On the left",
		"On the right",
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strstr(text, words[i]) &&
		    !strstr(text, arena_printf(&a, "%s\u00a0", words[i])))
			has(squeezed(&a, tool(&a, pdf, len, STRUCT)), words[i]);
	const char *tree = tool(&a, pdf, len, STRUCT);
	static const char *const tags[] = {"H1", "H2",	 "H3",	 "Sect",   "Table",   "Caption",
					   "TR", "TH",	 "TD",	 "L ",	   "LI",      "Lbl",
					   "P ", "Span", "Link", "Figure", "Document"};
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		has(tree, tags[i]);
	has(tool(&a, pdf, len, OBJECTS), "/Alt (Oldest first: 2 passed, 3 failed, 1 missed)");
	has(tool(&a, pdf, len, OBJECTS), "/Alt (Columns: 5, 14)");
	arena_release(&a);
}

static void hostile_text_and_addresses_stay_what_they_are(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t len;
	const char *doc = ONE(
		"<para>&lt;script&gt;alert(1)&lt;/script&gt; ) Tj (x) \\ %s %n &amp;amp; "
		"\u202egnissim <link "
		"href='https://example.org/a)/S/JavaScript/JS(app.alert(1))'>bad"
		"</link> <link href='https://example.org/&apos; dest=&apos;x'>quote</link> "
		"<link href='javascript:alert(1)'>script</link> <link href='#nowhere'>gone</link>"
		"</para>");
	const char *pdf = render(&a, doc, strlen(doc), &len);
	has(tool(&a, pdf, len, TEXT), "<script>alert(1)</script> ) Tj (x) \\ %s %n &amp;");
	const char *objects = tool(&a, pdf, len, OBJECTS);
	has(objects, "/URI (https://example.org/a%29/S/JavaScript/JS%28app.alert%281%29%29)");
	assert_null(strstr(objects, "/JS ("));
	assert_null(strstr(objects, "/S /JavaScript"));
	assert_null(strstr(objects, "javascript:"));
	/* a place that is not in the file is looked for in the page */
	has(objects, "/URI (https://example.org/a/page.html#nowhere)");
	arena_release(&a);
}

static void one_bad_figure_does_not_stop_the_rest(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t len;
	const char *doc = ONE(FIGURE("bad", "<p state='past' v='5'/>") FIGURE(
		"good", "<p state='past' v='5'/><p state='now' v='14'/>") "<para>After it</para>");
	const char *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = squeezed(&a, tool(&a, pdf, len, TEXT));
	has(text, "The chart “Title of bad” could not be drawn");
	has(text, "1 points for 2 labels");
	has(text, "What it shows: Columns: 5, 14");
	has(text, "Title of good");
	has(text, "After it");
	arena_release(&a);
}

static void long_tables_repeat_their_head_and_lose_no_row(void **state)
{
	(void)state;
	struct arena a = {0};
	struct sb b;
	size_t len;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, HEAD "<section id='errors' title='Errors'><table id='t' title='All of them'>"
			"<col label='Headword' kind='text'/><col label='N' kind='number'/>");
	for (int i = 0; i < 150; i++)
		sb_addf(&b, "<row><cell>row-%03d</cell><cell>%d</cell></row>", i, i);
	sb_add(&b, "</table></section>" TAIL);
	const char *doc = sb_str(&b), *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = tool(&a, pdf, len, TEXT);
	for (int i = 0; i < 150; i++)
		assert_int_equal(times(text, arena_printf(&a, "row-%03d", i)), 1);
	assert_int_equal(times(text, "Headword"), times(text, "Page "));
	assert_true(times(text, "Page ") > 2);
	assert_null(strstr(text, " in the digest’s page"));
	/* a reader hears the head once */
	assert_int_equal(times(tool(&a, pdf, len, STRUCT), "Headword"), 1);
	arena_release(&a);
}

/* More than five pages would hold: every table gives up rows alike, and says how many. */
static void a_long_digest_shows_fewer_rows_and_counts_the_rest(void **state)
{
	(void)state;
	struct arena a = {0};
	struct sb b;
	size_t len;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, HEAD);
	for (int t = 0; t < 30; t++) {
		sb_addf(&b, "<section id='s%d' title='Part %d'><table id='t%d' title='Table %d' ",
			t, t, t, t);
		sb_addf(&b, t ? "limit='10' more='2 more findings'>" : ">");
		sb_add(&b, "<col label='Headword' kind='text'/>");
		for (int i = 0; i < 12; i++)
			sb_addf(&b, "<row><cell>row-%02d-%02d</cell></row>", t, i);
		sb_add(&b, "</table></section>");
	}
	sb_add(&b, TAIL);
	const char *doc = sb_str(&b), *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = tool(&a, pdf, len, TEXT);
	int rows = 0;
	while (strstr(text, arena_printf(&a, "row-07-%02d", rows)))
		rows++;
	assert_true(rows >= 3 && rows < 10);
	assert_int_equal(times(text, "row-"), 30 * rows);
	assert_int_equal(times(text, arena_printf(&a, "%d more findings are in", 12 - rows)), 29);
	assert_int_equal(times(text, arena_printf(&a, "%d more rows are in", 12 - rows)), 1);
	arena_release(&a);
}

/* Where fewer rows are not enough, tables of second choice are named and counted; a table with a
 * sum keeps its parts. */
static void tables_of_second_choice_give_way_and_are_counted(void **state)
{
	(void)state;
	struct arena a = {0};
	struct sb b;
	size_t len;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, HEAD);
	for (int t = 0; t < 40; t++) {
		sb_addf(&b, "<section id='s%d' title='Part %d'><table id='a%d' title='First %d'>",
			t, t, t, t);
		sb_add(&b, "<col label='Headword' kind='text'/>");
		for (int i = 0; i < 4; i++)
			sb_addf(&b, "<row><cell>sum-%02d-%d</cell></row>", t, i);
		sb_addf(&b,
			"<total><cell>All</cell></total></table><table id='t%d' "
			"title='Second %02d' spare='first'><col label='H' kind='text'/>",
			t, t);
		for (int i = 0; i < 9; i++)
			sb_addf(&b, "<row><cell>row-%02d-%d</cell></row>", t, i);
		sb_add(&b, "</table></section>");
	}
	sb_add(&b, TAIL);
	const char *doc = sb_str(&b), *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = tool(&a, pdf, len, TEXT);
	assert_int_equal(times(text, "row-"), 0);
	assert_int_equal(times(text, ": 9 rows in the digest’s page."), 40);
	assert_int_equal(times(text, "sum-"), 160);
	arena_release(&a);
}

static void short_tables_stay_in_one_piece_and_headings_with_them(void **state)
{
	(void)state;
	struct arena a = {0};
	/* wherever the page ends, the heading, the head and all eight rows stand together */
	for (int lines = 30; lines < 60; lines += 3) {
		struct sb b;
		size_t len;
		sb_init(&b, &a, 1 << 20);
		sb_add(&b, HEAD "<section id='errors' title='Errors'>");
		for (int i = 0; i < lines; i++)
			sb_add(&b, "<para>filler</para>");
		sb_add(&b, "</section><section id='ci' title='Continuous'><table id='t' "
			   "title='Captioned'><col label='Headword' kind='text'/>");
		for (int i = 0; i < 8; i++)
			sb_addf(&b, "<row><cell>row-%d</cell></row>", i);
		sb_add(&b, "</table></section>" TAIL);
		const char *doc = sb_str(&b), *pdf = render(&a, doc, strlen(doc), &len);
		const char *text = tool(&a, pdf, len, TEXT);
		const char *from = strstr(text, "Continuous"), *to = strstr(text, "row-7");
		assert_true(from && to && from < to);
		assert_null(memchr(from, '\f', (size_t)(to - from)));
		assert_int_equal(times(text, "Headword"), 1);
	}
	arena_release(&a);
}

static void text_longer_than_a_page_is_continued(void **state)
{
	(void)state;
	struct arena a = {0};
	struct sb b;
	size_t len;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, HEAD "<section id='errors' title='Errors'><para>");
	for (int i = 0; i < 3000; i++)
		sb_addf(&b, "w%04d ", i);
	sb_add(&b, "</para></section>" TAIL);
	const char *doc = sb_str(&b), *pdf = render(&a, doc, strlen(doc), &len);
	const char *text = tool(&a, pdf, len, TEXT);
	for (int i = 0; i < 3000; i += 7)
		assert_int_equal(times(text, arena_printf(&a, "w%04d", i)), 1);
	assert_true(times(text, "Page ") > 1);
	arena_release(&a);
}

static void odd_documents_do_not_break_it(void **state)
{
	(void)state;
	static const char *const docs[] = {
		ONE("<para/>"),
		ONE("<table id='t' title=''><col label='' kind='text'/></table>"),
		ONE("<list><li/></list><terms><term word=''/></terms><setaside title=''>"
		    "<aside count='0' reason='r'/></setaside>"),
		ONE("<pair><side><para>a</para></side><side><pair><side><para>b</para></side><side>"
		    "<table id='t' title='x'><col label='c' kind='time'/><row><cell>"
		    "AVeryLongWordThatNoColumnCanHoldAVeryLongWordThatNoColumnCanHoldAVeryLongWordT"
		    "hat"
		    "NoColumnCanHold</cell></row></table></side></pair></side></pair>"),
		ONE("<callout kind='note'><para/></callout>"),
	};
	struct arena a = {0};
	for (size_t i = 0; i < ARRAY_SIZE(docs); i++) {
		size_t len;
		const char *pdf = render(&a, docs[i], strlen(docs[i]), &len);
		has(tool(&a, pdf, len, TEXT), "Page 1 of 1");
		tool(&a, pdf, len, "qpdf --check t.pdf >/dev/null");
	}
	arena_release(&a);
}

static void alternatives_that_do_not_fit_the_tree_are_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err e = {0};
	size_t len;
	const char *doc = ONE(FIGURE("f", "<p state='past' v='5'/><p state='now' v='14'/>"));
	const char *pdf = render(&a, doc, strlen(doc), &len), *out = NULL;
	size_t n = 0;
	struct strv none = {0};
	struct pdfmeta m = {.lang = "en-GB", .figure_alts = &none, .th_scopes = &none};
	assert_err(pdfmeta_finish(pdf, len, &m, &a, &out, &n, &e), e, ERR_BUG, "1 figures");
	assert_null(out);
	err_clear(&e);
	assert_err(pdfmeta_finish("%PDF-1.5 nonsense", 17, &m, &a, &out, &n, &e), e, ERR_BUG,
		   "qpdf, reading");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_normal_week_fits_few_pages_with_outline_links_and_metadata),
		cmocka_unit_test(the_same_document_gives_the_same_bytes),
		cmocka_unit_test(quiet_and_first_weeks_are_one_page),
		cmocka_unit_test(every_kind_of_block_is_printed_and_tagged),
		cmocka_unit_test(hostile_text_and_addresses_stay_what_they_are),
		cmocka_unit_test(one_bad_figure_does_not_stop_the_rest),
		cmocka_unit_test(long_tables_repeat_their_head_and_lose_no_row),
		cmocka_unit_test(a_long_digest_shows_fewer_rows_and_counts_the_rest),
		cmocka_unit_test(tables_of_second_choice_give_way_and_are_counted),
		cmocka_unit_test(short_tables_stay_in_one_piece_and_headings_with_them),
		cmocka_unit_test(text_longer_than_a_page_is_continued),
		cmocka_unit_test(odd_documents_do_not_break_it),
		cmocka_unit_test(alternatives_that_do_not_fit_the_tree_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
