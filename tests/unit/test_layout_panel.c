#include "support/test.h"

#include "base/sb.h"
#include "chart/layout.h"

#include <math.h>

#define WEEK                                                                                       \
	"from=\"2026-11-09T00:00:00Z\" to=\"2026-11-16T00:00:00Z\">"                               \
	"<day at=\"2026-11-09T00:00:00Z\" label=\"Mon 9\"/>"                                       \
	"<day at=\"2026-11-10T00:00:00Z\" label=\"Tue 10\"/>"                                      \
	"<day at=\"2026-11-11T00:00:00Z\" label=\"Wed 11\"/>"                                      \
	"<day at=\"2026-11-12T00:00:00Z\" label=\"Thu 12\"/>"                                      \
	"<day at=\"2026-11-13T00:00:00Z\" label=\"Fri 13\"/>"                                      \
	"<day at=\"2026-11-14T00:00:00Z\" label=\"Sat 14\" weekend=\"yes\"/>"                      \
	"<day at=\"2026-11-15T00:00:00Z\" label=\"Sun 15\" weekend=\"yes\"/>"
#define PANEL(rest)                                                                                \
	"<figure id=\"p\" title=\"T\" subtitle=\"S\" alt=\"A\" kind=\"panel\" " WEEK rest          \
	"</figure>"

static struct arena a;

static bool read_text(const char *s, struct figure *f, struct err *e)
{
	struct xml *x;
	assert_ok(xml_parse(s, strlen(s), "figure", &x, e), *e);
	bool ok = figure_read(xml_root(x), &a, f, e);
	xml_free(x);
	return ok;
}

static struct shapes lay(const char *s, double width)
{
	struct figure f;
	struct shapes out;
	struct err e = {0};
	assert_ok(read_text(s, &f, &e), e);
	assert_ok(layout_figure(&f, width, false, &a, &out, &e), e);
	for (size_t i = 0; i < out.n; i++) {
		const struct shape *p = &out.v[i];
		for (size_t k = 0; k < p->pts.n; k++) {
			assert_true(p->pts.v[k].x >= 0 && p->pts.v[k].x <= out.width);
			assert_true(p->pts.v[k].y >= 0 && p->pts.v[k].y <= out.height);
		}
		assert_true(p->x >= -0.01 && p->x <= out.width + 0.01);
		assert_true(p->y >= -0.01 && p->y <= out.height + 0.01);
	}
	return out;
}

static size_t count(const struct shapes *s, enum shape_kind kind, const char *style)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].kind == kind && !strcmp(s->v[i].style, style);
	return n;
}

static const struct shape *text_of(const struct shapes *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == SHAPE_TEXT && !strcmp(s->v[i].text, text))
			return &s->v[i];
	return NULL;
}

static void a_value_stands_in_the_middle_of_its_period_from_zero_up(void **state UNUSED)
{
	struct shapes s = lay(PANEL("<line name=\"x\" peak=\"peak 100\"><span "
				    "at=\"2026-11-09T00:00:00Z\" step=\"86400\">0 100 50</span>"
				    "</line>"),
			      280);
	size_t i = 0;
	while (i < s.n && s.v[i].kind != SHAPE_PATH)
		i++;
	assert_true(i < s.n);
	const struct shape *path = &s.v[i];
	assert_int_equal(path->pts.n, 3);
	double day = (280 - 6 - path->pts.v[0].x) / 6.5; /* from the middle of Monday to the end */
	assert_true(fabs(path->pts.v[1].x - path->pts.v[0].x - day) < 0.01);
	assert_true(fabs(path->pts.v[0].y - 108) < 0.01); /* zero is the ground */
	assert_true(fabs(path->pts.v[1].y - 20) < 0.01);
	assert_true(fabs(path->pts.v[2].y - 64) < 0.01);
	assert_non_null(text_of(&s, "peak 100"));
	assert_non_null(text_of(&s, "Mon"));
	assert_int_equal(count(&s, SHAPE_RECT, "wash"), 2);
	assert_int_equal(count(&s, SHAPE_CIRCLE, "now"), 1);
}

static void a_gap_is_a_gap_and_says_so(void **state UNUSED)
{
	struct shapes s =
		lay(PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" step=\"3600\">1 2 "
			  "3</span><span at=\"2026-11-12T08:00:00Z\" step=\"3600\">3 2</span><span "
			  "at=\"2026-11-14T08:00:00Z\" step=\"3600\">3</span></line>"
			  "<gap at=\"2026-11-09T03:00:00Z\" to=\"2026-11-12T08:00:00Z\" label=\"no "
			  "data 3 days\"/>"),
		    280);
	assert_int_equal(count(&s, SHAPE_PATH, "line"), 2); /* never joined over the gap */
	assert_int_equal(count(&s, SHAPE_CIRCLE, "now"), 1); /* the single value */
	assert_true(count(&s, SHAPE_LINE, "hatch") > 10);
	assert_non_null(text_of(&s, "no data 3 days"));
}

static void a_limit_is_drawn_where_it_can_be_seen_only(void **state UNUSED)
{
	static const char near_by[] =
		PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" step=\"3600\">40 "
		      "50</span></line><limit v=\"60\" label=\"alarm 60\"/>"),
			  far[] = PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" "
					"step=\"3600\">1 2</span></line><limit v=\"5000\" "
					"label=\"alarm 5,000\"/>");
	struct shapes s = lay(near_by, 280);
	assert_int_equal(count(&s, SHAPE_LINE, "limit"), 1);
	assert_non_null(text_of(&s, "alarm 60"));
	s = lay(far, 280);
	assert_int_equal(count(&s, SHAPE_LINE, "limit"), 0);
	assert_null(text_of(&s, "alarm 5,000"));
}

static void several_lines_are_named_and_nothing_leaves_the_canvas(void **state UNUSED)
{
	static const double widths[] = {130, 240, 280, 300, 600};
	for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
		for (int lines = 0; lines < 7; lines++) {
			struct sb b;
			sb_init(&b, &a, 1 << 20);
			sb_add(&b, "<figure id=\"p\" title=\"T\" subtitle=\"S\" alt=\"A\" "
				   "kind=\"panel\" " WEEK);
			for (int i = 0; i < lines; i++) {
				sb_addf(&b,
					"<line name=\"a long name of line %d\"><span "
					"at=\"2026-11-08T00:00:00Z\" step=\"3600\">",
					i);
				for (int k = 0; k < 24 * 9; k++) /* begins before, ends after */
					sb_addf(&b, "%d ", (k * 7919 + i * 31) % 1000000);
				sb_add(&b, "</span></line>");
			}
			sb_add(&b, "<event at=\"2026-11-11T14:00:00Z\" label=\"d\"/></figure>");
			struct shapes s = lay(sb_str(&b), widths[w]);
			assert_int_equal(count(&s, SHAPE_PATH, "line"), lines > 0);
			assert_int_equal(count(&s, SHAPE_PATH, "line-4"), lines > 3);
			assert_int_equal(count(&s, SHAPE_LINE, "event"), 1);
		}
	}
}

static void what_a_panel_cannot_draw_is_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" step=\"60\">1 "
		      "-2</span></line>"),
		PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" step=\"60\">1 "
		      "nan</span></line>"),
		PANEL("<line name=\"x\"><span at=\"2026-11-09T00:00:00Z\" step=\"0\">1</span>"
		      "</line>"),
		PANEL("<line name=\"x\"><span step=\"60\">1</span></line>"),
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct figure f;
		struct err e = {0};
		assert_false(read_text(bad[i], &f, &e));
		assert_int_equal(e.kind, ERR_PROTO);
	}
}

static int teardown(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_value_stands_in_the_middle_of_its_period_from_zero_up,
					  teardown),
		cmocka_unit_test_teardown(a_gap_is_a_gap_and_says_so, teardown),
		cmocka_unit_test_teardown(a_limit_is_drawn_where_it_can_be_seen_only, teardown),
		cmocka_unit_test_teardown(several_lines_are_named_and_nothing_leaves_the_canvas,
					  teardown),
		cmocka_unit_test_teardown(what_a_panel_cannot_draw_is_refused, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
