#include "support/test.h"

#include "base/file.h"
#include "lib/xml.h"

static bool parse(const char *s, struct xml **x, struct err *e)
{
	return xml_parse(s, strlen(s), "t.xml", x, e);
}

static void building_escapes_and_drops_what_xml_cannot_carry(void **state UNUSED)
{
	struct arena a = {0};
	CLEANUP(xml_freep) struct xml *x = xml_new("r");
	struct xnode *n = xml_add(xml_root(x), "p");
	xml_attr(n, "t", "a<\"&\x01\xff");
	xml_attr(n, "none", NULL);
	xml_attr_i64(n, "n", NUM_NONE);
	xml_text(n, "<script>\x02&amp;");
	size_t len;
	assert_string_equal(
		xml_write(x, &a, &len),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<r><p t=\"a&lt;&quot;&amp;\xef\xbf\xbd\">&lt;script&gt;&amp;amp;</p></r>\n");
	arena_release(&a);
}

static void external_entities_and_bombs_do_nothing(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct xml *x = NULL;
	assert_ok(
		parse("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>", &x, &e),
		e);
	assert_string_equal(xml_content(xml_root(x), &a), "");
	xml_free(x);
	x = NULL;
	char bomb[4000] = "<!DOCTYPE r [<!ENTITY a0 \"xxxxxxxxxx\">";
	for (int i = 1; i < 12; i++) {
		char line[200];
		snprintf(line, sizeof line,
			 "<!ENTITY a%d \"&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;\">", i,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
		strncat(bomb, line, sizeof bomb - strlen(bomb) - 1);
	}
	strncat(bomb, "]><r t=\"&a11;\">&a11;</r>", sizeof bomb - strlen(bomb) - 1);
	assert_false(parse(bomb, &x, &e)); /* refused, and quickly */
	assert_int_equal(e.kind, ERR_PROTO);
	arena_release(&a);
}

static void malformed_text_is_refused_with_its_line(void **state UNUSED)
{
	static const char *const bad[] = {"", "<a>\n\n<b></a>", "junk", "<a/><b/>", "<a t=1/>"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct xml *x = NULL;
		struct err e = {0};
		assert_err(parse(bad[i], &x, &e), e, ERR_PROTO, "t.xml: not XML: line ");
	}
}

static void mixed_content_keeps_its_order(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(xml_freep) struct xml *x = NULL;
	assert_ok(parse("<p>one <b>two</b> three</p>", &x, &e), e);
	struct xpieces p = {0};
	xml_pieces(xml_root(x), &a, &p);
	assert_int_equal(p.n, 3);
	assert_string_equal(p.v[0].text, "one ");
	assert_true(xml_is(p.v[1].node, "b"));
	assert_string_equal(p.v[2].text, " three");
	assert_string_equal(xml_find_text(x, NULL, "/p/b", &a), "two");
	assert_null(xml_find_text(x, NULL, "/p/c", &a));
	arena_release(&a);
}

static void stylesheets_reach_nothing_outside(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(xml_freep) struct xml *x = xml_new("r");
	CLEANUP(xslt_freep) struct xslt *t = NULL;
	const char *sheet =
		"<xsl:stylesheet version=\"1.0\" "
		"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"
		"<xsl:param name=\"p\"/><xsl:template match=\"/\"><o p=\"{$p}\"><xsl:copy-of "
		"select=\"document('file:///etc/hostname')\"/></o></xsl:template></xsl:stylesheet>";
	assert_ok(xslt_open(sheet, strlen(sheet), "s.xsl", &t, &e), e);
	const char *const params[] = {"p", "it's \"quoted\"", NULL};
	const char *out = NULL;
	size_t len;
	assert_false(xslt_apply(t, x, params, &a, &out, &len, &e));
	assert_int_equal(e.kind, ERR_PROTO);
	arena_release(&a);
}

static void the_sample_digests_are_valid_and_a_changed_one_is_not(void **state UNUSED)
{
	static const char *const names[] = {"tests/golden/digest-normal.xml",
					    "tests/golden/digest-quiet.xml",
					    "tests/golden/digest-first.xml"};
	struct arena a = {0};
	size_t rng_len, len;
	const char *rng = test_read(&a, "schema/digest.rng", &rng_len);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct err e = {0};
		CLEANUP(xml_freep) struct xml *x = NULL;
		const char *s = test_read(&a, names[i], &len);
		assert_ok(xml_parse(s, len, names[i], &x, &e), e);
		assert_ok(xml_validate(x, rng, rng_len, &e), e);
		xml_attr(xml_root(x), "week", "2026-46");
		assert_err(xml_validate(x, rng, rng_len, &e), e, ERR_PROTO, "invalid");
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(building_escapes_and_drops_what_xml_cannot_carry),
		cmocka_unit_test(external_entities_and_bombs_do_nothing),
		cmocka_unit_test(malformed_text_is_refused_with_its_line),
		cmocka_unit_test(mixed_content_keeps_its_order),
		cmocka_unit_test(stylesheets_reach_nothing_outside),
		cmocka_unit_test(the_sample_digests_are_valid_and_a_changed_one_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
