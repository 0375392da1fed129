#include "support/docs.h"
#include "support/test.h"

#include "render/render.h"

#include "base/file.h"
#include "base/text.h"

static struct arena A;

static int teardown(void **state UNUSED)
{
	arena_release(&A);
	return 0;
}

static const char *text(const struct xml *doc, struct text_opts o)
{
	struct err e = {0};
	const char *out = NULL;
	size_t n;
	assert_ok(render_text(doc, &o, &A, &out, &n, &e), e);
	assert_int_equal(strlen(out), n);
	return out;
}

/* GOLDEN=1 rewrites the files instead. */
static void same_as_golden(const char *name, const char *got)
{
	const char *path = arena_printf(&A, "tests/golden/%s", name);
	struct err e = {0};
	size_t n;
	if (getenv("GOLDEN"))
		assert_ok(file_write(path, got, strlen(got), 0644, &e), e);
	assert_string_equal(got, test_read(&A, path, &n));
}

static size_t lines_of(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += *s == '\n';
	return n;
}

static void golden_texts_are_unchanged(void **state UNUSED)
{
	static const struct {
		const char *doc, *golden;
		struct text_opts o;
	} t[] = {
		{"digest-normal", "digest-normal.txt", {.width = 100}},
		{"digest-normal", "digest-normal-mail.txt", {.width = 72, .mail = true}},
		{"digest-quiet", "digest-quiet.txt", {.width = 100}},
		{"digest-first", "digest-first-80.txt", {.width = 80, .ascii = true}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct xml *doc = docs_golden(t[i].doc);
		same_as_golden(t[i].golden, text(doc, t[i].o));
		xml_free(doc);
	}
}

static void no_line_is_wider_than_asked(void **state UNUSED)
{
	static const int widths[] = {0, 72, 80, 100, 119, 120, 500};
	for (size_t d = 0; d < docs_string_n + 3; d++) {
		static const char *const names[] = {"digest-normal", "digest-quiet",
						    "digest-first"};
		struct xml *doc = d < docs_string_n ? docs_hostile(docs_strings[d])
						    : docs_golden(names[d - docs_string_n]);
		for (size_t w = 0; w < ARRAY_SIZE(widths) * 2; w++) {
			int width = widths[w / 2];
			size_t most = (size_t)MIN(MAX(width, 72), 120);
			const char *s =
				text(doc, (struct text_opts){.width = width, .ascii = w % 2});
			while (*s) {
				size_t n = strcspn(s, "\n");
				const char *line = arena_strndup(&A, s, n);
				/* addresses are never broken */
				if (text_columns(line) > most && !strstr(line, "https://"))
					fail_msg("%zu columns of %zu: %s", text_columns(line), most,
						 line);
				s += n + 1;
			}
		}
		xml_free(doc);
	}
}

static void a_quiet_week_fits_in_twelve_lines(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-quiet");
	for (int width = 72; width <= 120; width += 8) {
		const char *s = text(doc, (struct text_opts){.width = width});
		assert_true(lines_of(s) <= 12);
		assert_non_null(strstr(s, "A quiet week"));
		assert_non_null(strstr(s, "9 of 9 sources"));
		assert_non_null(strstr(s, "page.html"));
	}
	/* more sections than lines: what is left out is counted */
	for (int i = 0; i < 30; i++) {
		struct xnode *s = xml_add(xml_root(doc), "section");
		xml_attr_f(s, "id", "more%d", i);
		xml_attr_f(s, "title", "Another section with a long name %d", i);
		xml_attr(s, "line", "and something about it that takes half a line or so");
	}
	const char *s = text(doc, (struct text_opts){.width = 80});
	assert_true(lines_of(s) <= 12);
	assert_non_null(strstr(s, "more lines are in the page"));
	xml_free(doc);
}

static void nothing_of_the_document_controls_the_terminal(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]);
		for (int k = 0; k < 3; k++) {
			const char *s = text(
				doc,
				(struct text_opts){.width = 100, .mail = k == 1, .ascii = k == 2});
			for (const char *p = s, *end = s + strlen(s); p < end;) {
				uint32_t c = utf8_next(&p, end);
				assert_true(c >= 0x20 || c == '\n');
				assert_false(c >= 0x7f && c < 0xa0);
				assert_false((c >= 0x202a && c <= 0x202e) ||
					     (c >= 0x2066 && c <= 0x2069));
			}
		}
		/* with colour and links the only escapes are ours */
		const char *s =
			text(doc, (struct text_opts){.width = 100, .colour = true, .links = true});
		for (const char *p = s; (p = strchr(p, '\033')); p++) {
			assert_true(p[1] == '[' || p[1] == ']' || p[1] == '\\');
			if (p[1] == ']')
				assert_true(text_starts(p, "\033]8;;https://") ||
					    text_starts(p, "\033]8;;\033\\"));
			if (p[1] == '[')
				assert_true(strspn(p + 2, "0123456789;") < 6 &&
					    p[2 + strspn(p + 2, "0123456789;")] == 'm');
		}
		assert_null(strstr(s, "javascript:alert(1)\033"));
		xml_free(doc);
	}
}

static void colour_and_links_only_add_escapes(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	const char *plain = text(doc, (struct text_opts){.width = 100});
	const char *rich =
		text(doc, (struct text_opts){.width = 100, .colour = true, .links = true});
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(rich, "\033]8;;https://example.org/sentry/PLATFORM-1842\033\\"));
	char *bare = arena_alloc(&A, strlen(rich) + 1), *to = bare;
	for (const char *p = rich; *p;) {
		if (text_starts(p, "\033]8;;"))
			p = strstr(p + 1, "\033\\") + 2;
		else if (text_starts(p, "\033["))
			p = strchr(p, 'm') + 1;
		else
			*to++ = *p++;
	}
	assert_string_equal(bare, plain);
	xml_free(doc);
}

static void ascii_is_ascii_where_the_words_are_ours(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	const char *s = text(doc, (struct text_opts){.width = 100, .ascii = true});
	for (const char *p = s; *p; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_non_null(strstr(s, ".........#####"));
	xml_free(doc);
}

static void one_section_comes_with_all_its_rows(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	const char *all = text(doc, (struct text_opts){.width = 100});
	assert_null(strstr(all, "PROVIDE-613"));
	assert_non_null(
		strstr(all, "8 more new errors: sitrep show --week 2026-W46 --section errors"));
	const char *s = text(doc, (struct text_opts){.width = 100, .section = "errors"});
	assert_non_null(strstr(s, "PROVIDE-613"));
	assert_null(strstr(s, "more new errors"));
	assert_null(strstr(s, "Needs you"));
	struct err e = {0};
	const char *out = NULL;
	size_t n;
	struct text_opts o = {.width = 100, .section = "nonsense"};
	assert_err(render_text(doc, &o, &A, &out, &n, &e), e, ERR_USAGE, "\"nonsense\"");
	assert_null(out);
	xml_free(doc);
}

static void what_is_not_known_is_said_and_never_a_zero(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-first");
	const char *s = text(doc, (struct text_opts){.width = 80});
	assert_non_null(strstr(s, "not known  not collected: 401 Unauthorized"));
	assert_non_null(strstr(s, "Deployments   │░░░░│"));
	xml_free(doc);
	doc = docs_golden("digest-normal");
	s = text(doc, (struct text_opts){.width = 100});
	assert_non_null(strstr(s, "≥ 7"));
	assert_non_null(strstr(s, "airflow-dags                 not collected: 403 Forbidden"));
	xml_free(doc);
}

static void the_text_repeats(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	assert_string_equal(text(doc, (struct text_opts){.width = 96}),
			    text(doc, (struct text_opts){.width = 96}));
	xml_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(golden_texts_are_unchanged, teardown),
		cmocka_unit_test_teardown(no_line_is_wider_than_asked, teardown),
		cmocka_unit_test_teardown(a_quiet_week_fits_in_twelve_lines, teardown),
		cmocka_unit_test_teardown(nothing_of_the_document_controls_the_terminal, teardown),
		cmocka_unit_test_teardown(colour_and_links_only_add_escapes, teardown),
		cmocka_unit_test_teardown(ascii_is_ascii_where_the_words_are_ours, teardown),
		cmocka_unit_test_teardown(one_section_comes_with_all_its_rows, teardown),
		cmocka_unit_test_teardown(what_is_not_known_is_said_and_never_a_zero, teardown),
		cmocka_unit_test_teardown(the_text_repeats, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
