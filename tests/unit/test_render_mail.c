#include "support/docs.h"
#include "support/test.h"

#include "render/render.h"

#include "base/text.h"

static struct arena A;

static int teardown(void **state UNUSED)
{
	arena_release(&A);
	return 0;
}

static const char *mail(const struct xml *doc, const char *pdf, size_t *len)
{
	struct err e = {0};
	const char *out = NULL;
	assert_ok(render_mail(doc, pdf, pdf ? strlen(pdf) : 0, &A, &out, len, &e), e);
	return out;
}

static int hex(char c)
{
	const char *digits = "0123456789ABCDEF", *p = strchr(digits, c);
	return c && p ? (int)(p - digits) : -1;
}

static int base64_value(char c)
{
	const char *all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = strchr(all, c);
	return c && p ? (int)(p - all) : -1;
}

/* The decoded body of the first part of that type, and its size as sent. */
static const char *part(const char *message, const char *type, size_t *sent)
{
	const char *head = strstr(message, arena_printf(&A, "Content-Type: %s", type));
	assert_non_null(head);
	const char *body = strstr(head, "\r\n\r\n");
	assert_non_null(body);
	/* the other headers of the part may stand before or after its type */
	const char *from = head;
	while (from > message && !text_starts(from, "\r\n--"))
		from--;
	bool base64 = memmem(from, (size_t)(body - from), "base64", 6) != NULL;
	body += 4;
	const char *end = strstr(body, "\r\n--=_"); /* a boundary, not a rule of dashes */
	assert_non_null(end);
	*sent = (size_t)(end - body);
	char *out = arena_alloc(&A, *sent + 1), *to = out;
	unsigned bits = 0, n = 0;
	for (const char *p = body; p < end; p++) {
		if (base64) {
			int v = base64_value(*p);
			if (v < 0)
				continue;
			bits = bits << 6 | (unsigned)v;
			if (++n % 4 != 1)
				*to++ = (char)(bits >> (6 - 2 * ((n - 1) % 4)) & 0xff);
		} else if (*p == '=' && p[1] == '\r') {
			p += 2;
		} else if (*p == '=') {
			assert_true(hex(p[1]) >= 0 && hex(p[2]) >= 0);
			*to++ = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else if (*p != '\r') {
			*to++ = *p;
		}
	}
	return out;
}

static struct xml *html_tree(const char *message, size_t *sent)
{
	const char *s = part(message, "text/html", sent);
	return xml_parse_html(s, strlen(s));
}

static size_t count(const struct xml *x, const char *xpath)
{
	struct xnodes found = {0};
	xml_find(x, NULL, xpath, &A, &found);
	return found.n;
}

static size_t times(const char *s, const char *what)
{
	size_t n = 0;
	for (; (s = strstr(s, what)); s++)
		n++;
	return n;
}

static void headers_come_from_the_document(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	size_t n;
	const char *s = mail(doc, "%PDF-1.4 x", &n);
	assert_int_equal(strlen(s), n);
	static const char *const want[] = {
		"From: sitrep <sitrep@example.org>\r\n",
		"Subject: Planning Data, week 46: 5 need you, 1 source incomplete\r\n",
		"Message-I",
		"<digest.2026-W46.everyone.0a1b2c3d@example.org>",
		"<everyone.sitrep.example.org>",
		"16 Nov 2026 10:30:00 +0000",
		"lead@example.org",
		"team@example.org",
		"planning-data-2026-W46.pdf",
	};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		if (!strstr(s, want[i]))
			fail_msg("\"%s\" is missing", want[i]);
	assert_null(strstr(s, "<<")); /* addresses in brackets are not put in brackets again */
	for (const char *p = s; *p; p++) {
		assert_true((unsigned char)*p < 0x80);
		assert_true(*p != '\n' || p[-1] == '\r');
	}
	size_t m;
	s = mail(doc, NULL, &m);
	assert_true(m < n);
	assert_null(strstr(s, "planning-data-2026-W46.pdf"));
	xml_free(doc);
}

static void every_image_is_shown_and_every_cid_is_there(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	size_t n, sent;
	const char *s = mail(doc, NULL, &n);
	struct xml *x = html_tree(s, &sent);
	struct xnodes images = {0};
	xml_find(x, NULL, "//img", &A, &images);
	assert_true(images.n >= 6 && images.n <= 8);
	assert_int_equal(times(s, "Content-Type: image/png"), images.n);
	for (size_t i = 0; i < images.n; i++) {
		const char *src = xml_get(images.v[i], "src", &A);
		assert_true(text_starts(src, "cid:"));
		assert_int_equal(times(s, arena_printf(&A, "<%s>", src + 4)), 1);
		assert_non_null(xml_get(images.v[i], "width", &A));
		assert_non_null(xml_get(images.v[i], "height", &A));
		assert_non_null(xml_get(images.v[i], "alt", &A));
	}
	assert_string_equal(xml_get(images.v[0], "width", &A), "552");
	assert_non_null(strstr(xml_get(images.v[0], "alt", &A), "rolled back on Wednesday"));
	/* the first image of the message is a PNG of twice the width */
	size_t png_sent;
	const unsigned char *png = (const unsigned char *)part(s, "image/png", &png_sent);
	assert_memory_equal(png, "\x89PNG", 4);
	assert_int_equal(png[18] << 8 | png[19], 2 * 552);
	xml_free(x);
	xml_free(doc);
}

static void the_plain_part_says_the_same(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	size_t n, sent;
	const char *plain = part(mail(doc, NULL, &n), "text/plain", &sent);
	struct text_opts o = {.width = 72, .mail = true};
	struct err e = {0};
	const char *want = NULL;
	size_t len;
	assert_ok(render_text(doc, &o, &A, &want, &len, &e), e);
	/* the last line end belongs to the boundary */
	assert_int_equal(strncmp(plain, want, len - 1), 0);
	assert_non_null(strstr(plain, "https://example.org/sentry/PLATFORM-1842"));
	assert_non_null(strstr(plain, "[Partial] GitHub security alerts"));
	xml_free(doc);
}

static void what_a_reader_comes_to_first_keeps_its_rows_longest(void **state UNUSED)
{
	bool mixed = false;
	for (size_t sections = 2; sections <= 20; sections++) {
		struct xml *doc = docs_terrible(500, sections);
		size_t n, sent;
		struct xml *x = html_tree(mail(doc, NULL, &n), &sent);
		size_t tables = count(x, "//table[caption]"), before = 0;
		for (size_t i = tables; i > 0; i--) {
			size_t rows = count(x, arena_printf(&A, "(//table[caption])[%zu]//tr", i));
			assert_true(rows >= before || i == tables);
			mixed |= i < tables && rows > before;
			before = rows;
		}
		assert_true(sent <= 90000);
		xml_free(x);
		xml_free(doc);
	}
	assert_true(mixed);
}

static void a_terrible_week_stays_under_90_kb_and_says_what_went(void **state UNUSED)
{
	for (size_t sections = 1; sections <= 41; sections += 20) {
		struct xml *doc = docs_terrible(500, sections);
		size_t n, sent;
		struct xml *x = html_tree(mail(doc, NULL, &n), &sent);
		if (sent > 90 * 1024)
			fail_msg("%zu sections: %zu bytes", sections, sent);
		assert_int_equal(count(x, "//h3"), 5); /* who has to act */
		const char *all = xml_content(xml_root(x), &A);
		assert_non_null(strstr(all, "Repair thing 5"));
		assert_non_null(strstr(all, "Partial")); /* coverage */
		if (sections == 1) {
			assert_non_null(strstr(all, "495 more"));
			assert_null(strstr(all, "no room for"));
		}
		if (sections == 41) {
			assert_non_null(strstr(all, "This mail had no room for: Part "));
			assert_non_null(strstr(all, "Part 39, Part 40."));
			assert_null(strstr(all, "Part 40 Rows"));
		}
		xml_free(x);
		xml_free(doc);
	}
}

static void strangers_reach_neither_headers_nor_markup(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]);
		size_t n, sent;
		const char *s = mail(doc, NULL, &n);
		const char *body = strstr(s, "\r\n\r\n");
		const char *head = arena_strndup(&A, s, (size_t)(body - s));
		assert_null(strstr(head, "\r\nBcc:"));
		assert_int_equal(times(head, "\r\nSubject:") + text_starts(head, "Subject:"), 1);
		struct xml *x = html_tree(s, &sent);
		assert_int_equal(count(x, "//script|//iframe|//form|//object|//link|//svg"), 0);
		assert_int_equal(count(x, "//style"), 1);
		assert_int_equal(count(x, "//*[@*[starts-with(name(), 'on')]]"), 0);
		assert_int_equal(count(x, "//img[not(starts-with(@src, 'cid:'))]"), 0);
		struct xnodes links = {0};
		xml_find(x, NULL, "//*[@href]", &A, &links);
		assert_true(links.n > 3);
		for (size_t k = 0; k < links.n; k++)
			assert_true(text_starts(xml_get(links.v[k], "href", &A),
						"https://example.org/"));
		const char *want = xml_find_text(doc, NULL, "masthead/subject", &A);
		if (!strchr(want, '\r'))
			assert_non_null(strstr(xml_content(xml_root(x), &A), want));
		xml_free(x);
		xml_free(doc);
	}
}

static void a_chart_that_cannot_be_drawn_is_told(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	struct xnodes p = {0};
	xml_find(doc, NULL, "//figure[@id='spark.errors.new']/series/p[1]", &A, &p);
	xml_remove(p.v[0]);
	p = (struct xnodes){0};
	size_t n, sent;
	struct xml *x = html_tree(mail(doc, NULL, &n), &sent);
	assert_int_equal(count(x, "//img"), 5);
	assert_non_null(strstr(xml_content(xml_root(x), &A), "issues in production"));
	xml_free(x);
	xml_free(doc);
}

static void a_document_for_nobody_is_a_message_all_the_same(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-quiet");
	size_t n;
	const char *s = mail(doc, NULL, &n);
	assert_non_null(strstr(s, "nobody@localhost.invalid"));
	assert_non_null(strstr(s, "28 Dec 2026 10:30:00 +0000"));
	xml_free(doc);
}

static void the_message_repeats(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	size_t n, m;
	const char *one = mail(doc, "%PDF-1.4 x", &n), *two = mail(doc, "%PDF-1.4 x", &m);
	assert_int_equal(n, m);
	assert_memory_equal(one, two, n);
	xml_free(doc);
}

static void every_artefact_comes_in_order_and_a_failure_stops_none(void **state UNUSED)
{
	size_t n;
	const char *doc = test_read(&A, "tests/golden/digest-normal.xml", &n);
	struct artefacts out = {0};
	struct strv failed = {0};
	struct err e = {0};
	assert_ok(render_all(doc, n, &A, &out, &failed, &e), e);
	static const char *const names[] = {"digest.xml",     "page.html",   "digest.pdf",
					    "digest.txt",     "digest.json", "mail.eml",
					    "mail-small.eml", "slack.json"};
	assert_int_equal(failed.n, 0);
	assert_int_equal(out.n, ARRAY_SIZE(names));
	for (size_t i = 0; i < out.n; i++) {
		assert_string_equal(out.v[i].name, names[i]);
		assert_true(out.v[i].len > 100);
	}
	assert_int_equal(out.v[0].len, n);
	assert_memory_equal(out.v[0].bytes, doc, n);
	assert_memory_equal(out.v[2].bytes, "%PDF", 4);
	assert_true(out.v[5].len > out.v[6].len);

	/* no <data>: digest.json cannot be made, the others can */
	struct xml *x = docs_golden("digest-normal");
	xml_remove(xml_child_named(xml_root(x), "data"));
	doc = xml_write(x, &A, &n);
	out = (struct artefacts){0};
	assert_ok(render_all(doc, n, &A, &out, &failed, &e), e);
	assert_int_equal(failed.n, 1);
	assert_true(text_starts(failed.v[0], "digest.json: "));
	assert_int_equal(out.n, ARRAY_SIZE(names) - 1);
	assert_null(artefact_find(&out, "digest.json"));
	xml_free(x);

	out = (struct artefacts){0};
	assert_err(render_all("<digest", 7, &A, &out, &failed, &e), e, ERR_PROTO, "digest.xml");
	assert_int_equal(out.n, 0);
}

static void versions_have_names_and_values(void **state UNUSED)
{
	struct strv names = {0}, values = {0};
	render_versions(&A, &names, &values);
	assert_true(names.n >= 8);
	assert_int_equal(names.n, values.n);
	for (size_t i = 0; i < names.n; i++) {
		assert_true(*names.v[i] && *values.v[i]);
		if (text_eq(names.v[i], "fonts"))
			assert_non_null(strstr(values.v[i], "Liberation Sans "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(headers_come_from_the_document, teardown),
		cmocka_unit_test_teardown(every_image_is_shown_and_every_cid_is_there, teardown),
		cmocka_unit_test_teardown(the_plain_part_says_the_same, teardown),
		cmocka_unit_test_teardown(what_a_reader_comes_to_first_keeps_its_rows_longest,
					  teardown),
		cmocka_unit_test_teardown(a_terrible_week_stays_under_90_kb_and_says_what_went,
					  teardown),
		cmocka_unit_test_teardown(strangers_reach_neither_headers_nor_markup, teardown),
		cmocka_unit_test_teardown(a_chart_that_cannot_be_drawn_is_told, teardown),
		cmocka_unit_test_teardown(a_document_for_nobody_is_a_message_all_the_same,
					  teardown),
		cmocka_unit_test_teardown(the_message_repeats, teardown),
		cmocka_unit_test_teardown(every_artefact_comes_in_order_and_a_failure_stops_none,
					  teardown),
		cmocka_unit_test_teardown(versions_have_names_and_values, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
