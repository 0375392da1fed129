#include "support/test.h"

#include "base/sb.h"
#include "chart/axis.h"
#include "chart/board.h"
#include "chart/layout.h"
#include "chart/paint.h"
#include "chart/palette.h"

#include <math.h>

static struct figure read_figure(struct arena *a, const char *s)
{
	struct err e = {0};
	struct xml *x;
	assert_ok(xml_parse(s, strlen(s), "figure", &x, &e), e);
	struct figure f;
	assert_ok(figure_read(xml_root(x), a, &f, &e), e);
	xml_free(x);
	return f;
}

static void refuse(const char *s, const char *why)
{
	struct arena a = {0};
	struct err e = {0};
	struct xml *x;
	assert_ok(xml_parse(s, strlen(s), "figure", &x, &e), e);
	struct figure f;
	assert_err(figure_read(xml_root(x), &a, &f, &e), e, ERR_PROTO, why);
	xml_free(x);
	arena_release(&a);
}

static struct shapes lay(struct arena *a, const struct figure *f, double width, bool print)
{
	struct err e = {0};
	struct shapes s;
	assert_ok(layout_figure(f, width, print, a, &s, &e), e);
	return s;
}

static size_t count(const struct shapes *s, enum shape_kind kind, const char *style)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].kind == kind && strcmp(s->v[i].style, style) == 0;
	return n;
}

static const struct shape *nth(const struct shapes *s, enum shape_kind kind, const char *style,
			       size_t n)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == kind && strcmp(s->v[i].style, style) == 0 && n-- == 0)
			return &s->v[i];
	fail_msg("no \"%s\" of that number", style);
	return NULL;
}

static const struct shape *text_of(const struct shapes *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == SHAPE_TEXT && strcmp(s->v[i].text, text) == 0)
			return &s->v[i];
	return NULL;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 0.51;
}

#define COLUMNS(points)                                                                            \
	"<figure id='f' title='t' subtitle='s' alt='a' kind='columns'>"                            \
	"<x label='W44'/><x label='W45'/><x label='W46'/><band low='1' high='13'/>"                \
	"<series name='n'>" points "</series></figure>"

static void bars_are_proportional_and_the_band_lies_where_it_says(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(&a, COLUMNS("<p state='past' v='5'/><p state='past' v='10'/>"
						  "<p state='mark' v='14'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	assert_true(near(s.height, 176));
	double per = (152.0 - 22.0) / 15.0;
	assert_true(near(nth(&s, SHAPE_RECT, "past", 0)->h, 5 * per));
	assert_true(near(nth(&s, SHAPE_RECT, "past", 1)->h, 10 * per));
	const struct shape *now = nth(&s, SHAPE_RECT, "mark", 0);
	assert_true(near(now->h, 14 * per));
	assert_true(near(now->y + now->h, 152));
	const struct shape *band = nth(&s, SHAPE_RECT, "band", 0);
	assert_true(near(band->y, 152 - 13 * per));
	assert_true(near(band->h, 12 * per));
	assert_int_equal(count(&s, SHAPE_LINE, "band-edge"), 2);
	const struct shape *value = text_of(&s, "14");
	assert_non_null(value);
	assert_string_equal(value->style, "text-mark");
	assert_true(value->y < now->y);
	assert_non_null(text_of(&s, "usual"));
	assert_non_null(text_of(&s, "1 to 13"));
	assert_true(text_of(&s, "W46")->bold);
	assert_true(near(lay(&a, &f, 448, true).height, 152));
	arena_release(&a);
}

static void a_part_that_failed_is_a_cap_within_the_column(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a, COLUMNS("<p state='past' v='10' cap='5'/><p state='past' v='10' cap='0.01'/>"
			    "<p state='now' v='10' cap='0'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	const struct shape *cap = nth(&s, SHAPE_RECT, "mark", 0),
			   *body = nth(&s, SHAPE_RECT, "past", 0);
	assert_true(near(cap->y, 152 - 10 * 130 / 15.0));
	assert_true(near(cap->h, 5 * 130 / 15.0));
	assert_true(near(body->y - (cap->y + cap->h), 1));
	assert_true(near(nth(&s, SHAPE_RECT, "mark", 1)->h, 3));
	assert_int_equal(count(&s, SHAPE_RECT, "mark"), 2);
	arena_release(&a);
}

static void zero_missing_and_absent_are_three_different_things(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a, COLUMNS("<p state='past' v='0'/><p state='missing'/><p state='none'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	const struct shape *tick = nth(&s, SHAPE_LINE, "zero", 0);
	assert_true(tick->y < 152 && tick->y > 150);
	const struct shape *edge = nth(&s, SHAPE_RECT, "hatch-edge", 0);
	assert_true(near(edge->y, 22.5) && near(edge->h, 129));
	assert_int_equal(count(&s, SHAPE_RECT, "hatch-edge"), 1);
	assert_int_equal(count(&s, SHAPE_RECT, "past") + count(&s, SHAPE_RECT, "now"), 0);
	arena_release(&a);
}

static void a_count_without_its_value_is_not_known_rather_than_zero(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a, COLUMNS("<p state='past' v='1'/><p state='past'/><p state='now'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	assert_int_equal(count(&s, SHAPE_RECT, "hatch-edge"), 2);
	assert_int_equal(count(&s, SHAPE_LINE, "zero"), 0);
	assert_non_null(text_of(&s, "not collected"));
	arena_release(&a);
}

static void incomplete_is_solid_to_the_known_value_with_a_hatched_cap(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(&a, COLUMNS("<p state='past' v='5'/><p state='past' v='1'/>"
						  "<p state='incomplete' v='7'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	const struct shape *bar = nth(&s, SHAPE_RECT, "now", 0),
			   *cap = nth(&s, SHAPE_RECT, "hatch-edge", 0);
	assert_true(near(bar->h, 7 * 130 / 15.0));
	assert_true(near(cap->h, 11) && cap->y + cap->h < bar->y);
	assert_non_null(text_of(&s, "≥ 7"));
	/* even at the axis' top the cap stays in the plot */
	f = read_figure(&a, COLUMNS("<p state='past' v='5'/><p state='past' v='1'/>"
				    "<p state='incomplete' v='15'/>"));
	s = lay(&a, &f, 448, false);
	assert_true(nth(&s, SHAPE_RECT, "hatch-edge", 0)->y >= 22);
	arena_release(&a);
}

static void unfinished_is_an_open_bar(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(&a, COLUMNS("<p state='past' v='5'/><p state='past' v='1'/>"
						  "<p state='unfinished' v='5'/>"));
	struct shapes s = lay(&a, &f, 448, false);
	assert_int_equal(count(&s, SHAPE_RECT, "open"), 1);
	assert_non_null(text_of(&s, "5 so far"));
	assert_int_equal(count(&s, SHAPE_RECT, "now"), 0);
	assert_false(style_find("open")->has_fill);
	arena_release(&a);
}

static void hatching_is_cut_at_the_rectangle_and_evenly_spaced(void **state)
{
	(void)state;
	struct arena a = {0};
	struct shapes s = {.width = 200, .height = 200};
	struct board b = {.a = &a, .out = &s};
	double x = 10, y = 20, w = 12, h = 47, last = -1;
	board_hatch(&b, x, y, w, h, 5);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		const struct shape *l = &s.v[i];
		if (l->kind != SHAPE_LINE)
			continue;
		n++;
		assert_true(fabs(l->w + l->h) < 1e-9); /* 45 degrees */
		assert_true(l->x >= x - 1e-9 && l->x + l->w <= x + w + 1e-9);
		assert_true(l->y <= y + h + 1e-9 && l->y + l->h >= y - 1e-9);
		bool starts = fabs(l->x - x) < 1e-9 || fabs(l->y - y - h) < 1e-9;
		bool ends = fabs(l->x + l->w - x - w) < 1e-9 || fabs(l->y + l->h - y) < 1e-9;
		assert_true(starts && ends);
		double k = l->x - x + l->y - y;
		if (last >= 0)
			assert_true(fabs(k - last - 5) < 1e-9);
		last = k;
	}
	assert_int_equal(n, 12); /* k = 2.5, 7.5, … under 59 */
	arena_release(&a);
}

static void axes_are_round_and_have_at_most_four_ticks(void **state)
{
	(void)state;
	static const struct {
		double max, step;
		int n;
	} want[] = {{14, 5, 3},	  {36, 20, 2},	{66, 25, 3},	{3, 1, 3}, {1, 1, 1},
		    {100, 50, 2}, {101, 50, 3}, {1204, 500, 3}, {0, 1, 1}, {4, 2, 2}};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct axis ax = axis_for(want[i].max, true);
		assert_true(fabs(ax.step - want[i].step) < 1e-9);
		assert_int_equal(ax.n, want[i].n);
	}
	for (double max = 1e-4; max < 1e12; max *= 1.37) {
		struct axis ax = axis_for(max, false);
		assert_true(ax.n >= 1 && ax.n <= 3 && ax.top >= max * (1 - 1e-6));
		assert_true(ax.top <= max * 2.6);
		double m = ax.step / pow(10, floor(log10(ax.step) + 1e-9));
		assert_true(fabs(m - 1) < 1e-6 || fabs(m - 2) < 1e-6 || fabs(m - 2.5) < 1e-6 ||
			    fabs(m - 5) < 1e-6);
	}
	assert_true(axis_for(0.9, false).step < 1);
}

static void numbers_are_written_in_full_or_with_a_word(void **state)
{
	(void)state;
	struct arena a = {0};
	assert_string_equal(axis_number(&a, 0), "0");
	assert_string_equal(axis_number(&a, 1204), "1,204");
	assert_string_equal(axis_number(&a, 999999), "999,999");
	assert_string_equal(axis_number(&a, 2.5), "2.5");
	assert_string_equal(axis_number(&a, 0.25), "0.25");
	assert_string_equal(axis_number(&a, 99.7), "100");
	assert_string_equal(axis_number(&a, 12500000), "12.5\u00a0million");
	arena_release(&a);
}

static void a_stack_adds_up_and_names_its_classes_apart(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f =
		read_figure(&a, "<figure id='f' title='t' subtitle='s' alt='a' kind='stack'>"
				"<x label='W45'/><x label='W46'/>"
				"<series name='Real' style='real'><p state='past' v='10'/><p "
				"state='now' v='19'/></series>"
				"<series name='Flaky' style='flaky'><p state='missing'/><p "
				"state='now' v='1'/></series>"
				"<series name='Infrastructure' style='infrastructure'><p "
				"state='past' v='3'/><p state='now' v='1'/></series>"
				"<series name='Not decided' style='undecided'><p state='past' "
				"v='3'/><p state='now' v='0'/></series>"
				"</figure>");
	struct shapes s = lay(&a, &f, 448, false);
	double per = (166.0 - 22.0) / 30.0;
	assert_true(near(nth(&s, SHAPE_RECT, "real", 1)->h, 19 * per));
	const struct shape *flaky = nth(&s, SHAPE_RECT, "flaky", 0);
	assert_true(near(flaky->y, 166 - 20 * per));
	assert_non_null(text_of(&s, "21"));
	/* the week before lacks a class: its total is "at least" */
	assert_int_equal(count(&s, SHAPE_RECT, "hatch-edge"), 1);
	static const char *const labels[] = {"Real 19", "Flaky 1", "Infrastructure 1",
					     "Not decided 0"};
	double last = 1e9;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		const struct shape *l = text_of(&s, labels[i]);
		assert_non_null(l);
		assert_true(last - l->y >= 15 - 1e-6);
		last = l->y;
	}
	assert_int_equal(count(&s, SHAPE_PATH, "leader"), 4);
	arena_release(&a);
}

static void a_stack_not_collected_this_week_still_names_its_classes(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a, "<figure id='f' title='t' subtitle='s' alt='a' kind='stack'>"
		    "<x label='W45'/><x label='W46'/>"
		    "<series name='Real'><p state='past' v='10'/><p state='missing'/></series>"
		    "<series name='Flaky'><p state='past' v='4'/><p state='missing'/></series>"
		    "</figure>");
	struct shapes s = lay(&a, &f, 448, false);
	assert_non_null(text_of(&s, "Real"));
	assert_non_null(text_of(&s, "not collected"));
	assert_null(text_of(&s, "Real 10"));
	arena_release(&a);
}

static void a_timeline_puts_marks_at_their_time(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a,
		"<figure id='f' title='t' subtitle='s' alt='a' kind='timeline' "
		"from='2026-11-09T00:00:00Z' to='2026-11-16T00:00:00Z'>"
		"<day at='2026-11-09T00:00:00Z' label='Mon 9'/>"
		"<day at='2026-11-12T12:00:00Z' label='Thu 12' weekend='yes'/>"
		"<lane name='Deployments' note='1' kind='ticks'>"
		"<m at='2026-11-12T12:00:00Z' style='cross' label='main, rolled back "
		"14:47'/></lane>"
		"<lane name='New errors' note='40' kind='dots'>"
		"<m at='2026-11-12T12:09:00Z' style='mark'/><m at='2026-11-12T12:09:00Z' "
		"style='mark'/>"
		"<m at='2026-11-12T12:09:00Z' style='mark'/><m at='2026-11-12T12:09:00Z' "
		"style='mark'/></lane>"
		"<lane name='Runs' note='' kind='columns'>"
		"<m at='2026-11-09T00:00:00Z' to='2026-11-09T06:00:00Z' style='past' v='6' "
		"part='2'/>"
		"<m at='2026-11-09T06:00:00Z' to='2026-11-09T12:00:00Z' style='past' v='0' "
		"part='0'/>"
		"<m at='2026-11-09T12:00:00Z' to='2026-11-09T18:00:00Z' style='hatched'/></lane>"
		"<lane name='Availability' note='' kind='spans'>"
		"<m at='2026-11-16T00:00:00Z' to='2026-11-16T00:01:00Z' style='mark'/></lane>"
		"<arrow from-lane='Deployments' to-lane='New errors' at='2026-11-12T12:00:00Z' "
		"to='2026-11-12T12:09:00Z' label='4 new errors' note='strong link'/></figure>");
	struct shapes s = lay(&a, &f, 896, false);
	double mid = 168 + (895 - 168) / 2.0;
	const struct shape *c = nth(&s, SHAPE_LINE, "cross", 0);
	assert_true(near(c->x + c->w / 2, mid));
	assert_int_equal(count(&s, SHAPE_CIRCLE, "mark"), 4);
	/* three on top of each other, then to the right */
	assert_true(near(nth(&s, SHAPE_CIRCLE, "mark", 2)->x, nth(&s, SHAPE_CIRCLE, "mark", 0)->x));
	assert_true(nth(&s, SHAPE_CIRCLE, "mark", 3)->x > nth(&s, SHAPE_CIRCLE, "mark", 0)->x + 7);
	assert_int_equal(count(&s, SHAPE_PATH, "arrow"), 1);
	assert_non_null(text_of(&s, "4 new errors"));
	const struct shape *dark = nth(&s, SHAPE_RECT, "now", 0),
			   *light = nth(&s, SHAPE_RECT, "past", 0);
	assert_true(near((light->h + dark->h + 1) / dark->h, 3));
	assert_int_equal(count(&s, SHAPE_RECT, "hatch-edge"), 1);
	const struct shape *span = nth(&s, SHAPE_RECT, "mark", 0);
	assert_true(near(span->w, 3) && span->x + span->w <= 896);
	assert_true(near(nth(&s, SHAPE_RECT, "wash", 0)->x, mid));
	/* below 560 px the names stand above their lanes */
	struct shapes n = lay(&a, &f, 300, false);
	assert_true(n.height > s.height);
	assert_true(text_of(&n, "Deployments")->y < nth(&n, SHAPE_LINE, "cross", 0)->y);
	assert_true(near(nth(&n, SHAPE_LINE, "cross", 0)->x + 5, 149.5));
	arena_release(&a);
}

static void a_span_of_no_data_is_hatched_over_its_whole_length_in_every_lane(void **state)
{
	(void)state;
	static const char *const kinds[] = {"ticks", "dots", "columns", "squares", "spans"};
	struct arena a = {0};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct figure f = read_figure(
			&a, arena_printf(
				    &a,
				    "<figure id='f' title='t' subtitle='s' alt='a' kind='timeline' "
				    "from='2026-11-09T00:00:00Z' to='2026-11-16T00:00:00Z'>"
				    "<day at='2026-11-09T00:00:00Z' label='Mon 9'/>"
				    "<lane name='L' note='' kind='%s'>"
				    "<m at='2026-11-09T00:00:00Z' to='2026-11-16T00:00:00Z' "
				    "style='hatched' label='not collected'/></lane></figure>",
				    kinds[i]));
		struct shapes s = lay(&a, &f, 896, false);
		const struct shape *edge = nth(&s, SHAPE_RECT, "hatch-edge", 0);
		assert_true(edge->w > 715 && edge->h >= 8);
		assert_non_null(text_of(&s, "not collected"));
	}
	arena_release(&a);
}

static void marks_are_put_in_order_of_time(void **state)
{
	(void)state;
	struct arena a = {0};
	struct figure f = read_figure(
		&a, "<figure id='f' title='t' subtitle='s' alt='a' kind='timeline' "
		    "from='2026-11-09T00:00:00Z' to='2026-11-16T00:00:00Z'>"
		    "<day at='2026-11-09T00:00:00Z' label='Mon 9'/>"
		    "<lane name='E' note='' kind='dots'><m at='2026-11-12T00:00:00Z' style='now'/>"
		    "<m at='2026-11-10T00:00:00Z' style='now'/><m at='2026-11-12T00:00:00Z' "
		    "style='mark'/>"
		    "</lane></figure>");
	struct shapes s = lay(&a, &f, 896, false);
	/* the two of Thursday share a stack, though Tuesday's was named between them */
	assert_true(near(nth(&s, SHAPE_CIRCLE, "mark", 0)->x, nth(&s, SHAPE_CIRCLE, "now", 1)->x));
	arena_release(&a);
}

static void a_crowd_is_counted(void **state)
{
	(void)state;
	struct arena a = {0};
	struct sb b;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b,
	       "<figure id='f' title='t' subtitle='s' alt='a' kind='timeline' "
	       "from='2026-11-09T00:00:00Z' to='2026-11-16T00:00:00Z'>"
	       "<day at='2026-11-09T00:00:00Z' label='Mon 9'/><lane name='E' note='' kind='dots'>");
	for (int i = 0; i < 100; i++)
		sb_add(&b, "<m at='2026-11-10T00:00:00Z' style='now'/>");
	sb_add(&b, "</lane></figure>");
	struct figure f = read_figure(&a, sb_str(&b));
	struct shapes s = lay(&a, &f, 600, false);
	assert_int_equal(count(&s, SHAPE_CIRCLE, "now"), 15);
	assert_non_null(text_of(&s, "+85"));
	arena_release(&a);
}

static void shortening_never_leaves_half_a_number(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *text = "Datasette 34,128 min down";
	for (double w = 10; w < 170; w += 1) {
		const char *s = board_shorten(&a, text, 12, false, w);
		if (!s || strcmp(s, text) == 0)
			continue;
		assert_true(paint_text_width(s, 12, false) <= w);
		const char *digit = strpbrk(s, "0123456789");
		if (digit)
			assert_memory_equal(digit, "34,128", 6);
	}
	assert_null(board_shorten(&a, "1,204,331", 12, false, 30));
	assert_string_equal(board_shorten(&a, "main, rolled back 14:47", 12, false,
					  paint_text_width("main, rolled b", 12, false)),
			    "main");
	arena_release(&a);
}

static void figures_that_say_nonsense_are_refused(void **state)
{
	(void)state;
	refuse(COLUMNS("<p state='past' v='1'/>"), "1 points for 3 labels");
	refuse(COLUMNS("<p state='past' v='-1'/><p state='past' v='1'/><p state='past' v='1'/>"),
	       "below zero");
	refuse(COLUMNS("<p state='past' v='x'/><p state='past' v='1'/><p state='past' v='1'/>"),
	       "not a number");
	refuse(COLUMNS("<p state='odd' v='1'/><p state='past' v='1'/><p state='past' v='1'/>"),
	       "unknown state");
	refuse("<figure id='f' kind='pie'/>", "unknown kind");
	refuse("<figure id='f' kind='columns'/>", "nothing to draw");
	refuse("<figure id='f' kind='spark'><x label='a'/><series name='a'><p state='now' "
	       "v='1'/></series>"
	       "<series name='b'><p state='now' v='1'/></series></figure>",
	       "have one series");
	refuse("<figure id='f' kind='columns'><x label='a'/><band low='9' high='2'/>"
	       "<series name='a'><p state='now' v='1'/></series></figure>",
	       "no range");
	refuse("<figure id='f' kind='timeline' from='2026-11-16T00:00:00Z' "
	       "to='2026-11-09T00:00:00Z'/>",
	       "no span");
	struct arena a = {0};
	struct err e = {0};
	struct shapes s;
	struct figure f = {.id = "f"};
	assert_err(layout_figure(&f, NAN, false, &a, &s, &e), e, ERR_BUG, "no layout");
}

/* ---- any figure at all ------------------------------------------------------------------------
 */

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

static const char *words(struct arena *a, uint32_t *seed)
{
	static const char *const some[] = {
		"W46",
		"a",
		"",
		"Infrastructure, not decided",
		"Planning-Data-Datasette-API-Production-Instance",
		"rolled back 14:47, main 9f3c2e1, 1,204 events in 3 hours",
		"数据库构建失败了",
		"été <&> \"x\" 'y'",
		"12345678901234567890"};
	return arena_strdup(a, some[dice(seed, ARRAY_SIZE(some))]);
}

static struct figure any_columns(struct arena *a, uint32_t *seed, enum figure_kind kind)
{
	static const double sizes[] = {1, 10, 100, 5000, 3e7, 1e13};
	struct figure f = {.id = "f", .kind = kind, .band_low = NAN, .band_high = NAN};
	double size = sizes[dice(seed, ARRAY_SIZE(sizes))];
	size_t n = dice(seed, 3) ? 13 : 1 + dice(seed, 60);
	size_t series = kind == FIGURE_STACK ? 1 + dice(seed, 6) : 1;
	if (dice(seed, 2)) {
		f.band_low = size * dice(seed, 50) / 100;
		f.band_high = f.band_low + size * dice(seed, 100) / 100;
	}
	for (size_t i = 0; i < n; i++)
		vec_push(a, &f.x, words(a, seed));
	for (size_t s = 0; s < series; s++) {
		struct series one = {.name = words(a, seed)};
		for (size_t i = 0; i < n; i++) {
			struct point p = {.state = (enum point_state)dice(seed, 7),
					  .cap = dice(seed, 3) ? NAN : size * dice(seed, 100) / 90};
			p.v = p.state == POINT_MISSING || p.state == POINT_NONE
				      ? NAN
				      : size * dice(seed, 101) / (dice(seed, 2) ? 100 : 7);
			if (dice(seed, 6) == 0 && !isnan(p.v))
				p.v = 0;
			vec_push(a, &one.p, p);
		}
		vec_push(a, &f.series, one);
	}
	return f;
}

static struct figure any_timeline(struct arena *a, uint32_t *seed)
{
	static const char *const kinds[] = {"ticks", "dots", "columns", "squares", "spans"};
	static const char *const styles[] = {"now", "past", "cross", "hatched", "mark"};
	struct figure f = {.id = "f", .kind = FIGURE_TIMELINE, .to_s = 604800};
	for (int d = 0; d < 7; d++)
		vec_push(a, &f.days,
			 ((struct figure_day){.at_s = d * 86400,
					      .label = dice(seed, 2) ? "Wed 11" : words(a, seed),
					      .weekend = d > 4}));
	size_t lanes = 1 + dice(seed, 6);
	for (size_t i = 0; i < lanes; i++) {
		struct lane l = {.name = words(a, seed),
				 .note = words(a, seed),
				 .kind = kinds[dice(seed, ARRAY_SIZE(kinds))]};
		size_t n = dice(seed, 4) ? dice(seed, 20) : dice(seed, 200);
		int64_t at = 0;
		for (size_t k = 0; k < n; k++) {
			at += dice(seed, 2) ? dice(seed, 600) : dice(seed, 90000);
			struct mark m = {.at_s = at,
					 .to_s = dice(seed, 2) ? TIME_NONE : at + dice(seed, 40000),
					 .style = styles[dice(seed, ARRAY_SIZE(styles))],
					 .label = dice(seed, 5) ? NULL : words(a, seed),
					 .v = dice(seed, 4) ? (double)dice(seed, 50) : NAN,
					 .part = dice(seed, 2) ? (double)dice(seed, 60) : NAN};
			vec_push(a, &l.m, m);
		}
		vec_push(a, &f.lanes, l);
	}
	for (size_t i = 0; i < 4; i++)
		vec_push(a, &f.arrows,
			 ((struct arrow){.from_lane = f.lanes.v[dice(seed, (uint32_t)lanes)].name,
					 .to_lane = f.lanes.v[dice(seed, (uint32_t)lanes)].name,
					 .label = words(a, seed),
					 .note = words(a, seed),
					 .at_s = dice(seed, 604800),
					 .to_s = dice(seed, 604800)}));
	return f;
}

struct area {
	double x0, y0, x1, y1;
};

static struct area area_of(const struct shape *s)
{
	switch (s->kind) {
	case SHAPE_CIRCLE:
		return (struct area){s->x - s->w, s->y - s->w, s->x + s->w, s->y + s->w};
	case SHAPE_TEXT: {
		double w = paint_text_width(s->text, s->size, s->bold);
		double x = s->anchor == ANCHOR_START	? s->x
			   : s->anchor == ANCHOR_MIDDLE ? s->x - w / 2
							: s->x - w;
		return (struct area){x, s->y - s->size * 0.75, x + w, s->y + s->size * 0.21};
	}
	case SHAPE_PATH: {
		struct area a = {1e9, 1e9, -1e9, -1e9};
		for (size_t i = 0; i < s->pts.n; i++) {
			a.x0 = MIN(a.x0, s->pts.v[i].x), a.x1 = MAX(a.x1, s->pts.v[i].x);
			a.y0 = MIN(a.y0, s->pts.v[i].y), a.y1 = MAX(a.y1, s->pts.v[i].y);
		}
		return a;
	}
	case SHAPE_LINE:
	case SHAPE_RECT:
		break;
	}
	return (struct area){MIN(s->x, s->x + s->w), MIN(s->y, s->y + s->h), MAX(s->x, s->x + s->w),
			     MAX(s->y, s->y + s->h)};
}

static void check_sane(const struct shapes *s, uint32_t seed, double width)
{
	const double eps = 1e-6;
	for (size_t i = 0; i < s->n; i++) {
		const struct shape *p = &s->v[i];
		struct area a = area_of(p);
		(void)style_find(p->style); /* aborts for a name the palette does not know */
		if (!isfinite(a.x0 + a.y0 + a.x1 + a.y1) || a.x0 < -eps || a.y0 < -eps ||
		    a.x1 > s->width + eps || a.y1 > s->height + eps)
			fail_msg(
				"seed %u, %g px: %s (kind %d) at %g,%g to %g,%g is outside %g × %g",
				seed, width, p->text ? p->text : p->style, (int)p->kind, a.x0, a.y0,
				a.x1, a.y1, s->width, s->height);
		if (p->kind != SHAPE_TEXT)
			continue;
		for (size_t k = 0; k < i; k++) {
			if (s->v[k].kind != SHAPE_TEXT)
				continue;
			struct area b = area_of(&s->v[k]);
			if (a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1)
				fail_msg("seed %u, %g px: \"%s\" lies over \"%s\"", seed, width,
					 p->text, s->v[k].text);
		}
	}
}

static void no_figure_at_any_width_overlaps_or_leaves_the_canvas(void **state)
{
	(void)state;
	static const double widths[] = {130, 280, 300, 448, 552, 600, 896};
	struct arena a = {0};
	size_t texts = 0;
	for (uint32_t seed = 1; seed <= 120; seed++) {
		uint32_t dices = seed * 2654435761u;
		struct figure f = seed % 4 == 3
					  ? any_timeline(&a, &dices)
					  : any_columns(&a, &dices, (enum figure_kind)(seed % 4));
		for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
			struct shapes s = lay(&a, &f, widths[w], seed & 1);
			check_sane(&s, seed, widths[w]);
			for (size_t i = 0; i < s.n; i++)
				texts += s.v[i].kind == SHAPE_TEXT;
		}
		arena_reset(&a);
	}
	assert_true(texts > 3000); /* nothing overlaps where nothing is written */
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_are_proportional_and_the_band_lies_where_it_says),
		cmocka_unit_test(a_part_that_failed_is_a_cap_within_the_column),
		cmocka_unit_test(zero_missing_and_absent_are_three_different_things),
		cmocka_unit_test(a_count_without_its_value_is_not_known_rather_than_zero),
		cmocka_unit_test(incomplete_is_solid_to_the_known_value_with_a_hatched_cap),
		cmocka_unit_test(unfinished_is_an_open_bar),
		cmocka_unit_test(hatching_is_cut_at_the_rectangle_and_evenly_spaced),
		cmocka_unit_test(axes_are_round_and_have_at_most_four_ticks),
		cmocka_unit_test(numbers_are_written_in_full_or_with_a_word),
		cmocka_unit_test(a_stack_adds_up_and_names_its_classes_apart),
		cmocka_unit_test(a_stack_not_collected_this_week_still_names_its_classes),
		cmocka_unit_test(a_timeline_puts_marks_at_their_time),
		cmocka_unit_test(a_span_of_no_data_is_hatched_over_its_whole_length_in_every_lane),
		cmocka_unit_test(marks_are_put_in_order_of_time),
		cmocka_unit_test(a_crowd_is_counted),
		cmocka_unit_test(shortening_never_leaves_half_a_number),
		cmocka_unit_test(figures_that_say_nonsense_are_refused),
		cmocka_unit_test(no_figure_at_any_width_overlaps_or_leaves_the_canvas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
