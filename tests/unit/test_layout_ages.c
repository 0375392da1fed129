#include "support/test.h"

#include "base/parse.h"
#include "chart/layout.h"

#include <math.h>

static struct arena a;

#define AGES(rest) "<figure id='p' title='T' subtitle='S' alt='A' kind='ages'>" rest "</figure>"

static bool read_text(const char *s, struct figure *f, struct err *e)
{
	struct xml *x;
	assert_ok(xml_parse(s, strlen(s), "figure", &x, e), *e);
	bool ok = figure_read(xml_root(x), &a, f, e);
	xml_free(x);
	return ok;
}

static struct shapes lay(const char *s, double width, bool print)
{
	struct figure f;
	struct shapes out;
	struct err e = {0};
	assert_ok(read_text(s, &f, &e), e);
	assert_ok(layout_figure(&f, width, print, &a, &out, &e), e);
	for (size_t i = 0; i < out.n; i++) {
		const struct shape *p = &out.v[i];
		double w = p->kind == SHAPE_RECT ? p->w : 0, r = p->kind == SHAPE_CIRCLE ? p->w : 0;
		assert_true(p->x - r >= -0.01 && p->x + w + r <= out.width + 0.01);
		assert_true(p->y - r >= -0.01 && p->y <= out.height + 0.01);
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

static const struct shape *first(const struct shapes *s, enum shape_kind kind, const char *style)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == kind && !strcmp(s->v[i].style, style))
			return &s->v[i];
	return NULL;
}

static bool says(const struct shapes *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == SHAPE_TEXT && !strcmp(s->v[i].text, text))
			return true;
	return false;
}

static void a_finding_is_open_in_time_and_filled_past_its_limit(void **state UNUSED)
{
	struct shapes s = lay(
		AGES("<ages name='High' note='3 open, 1 over' limit='30'>"
		     "<age days='2' n='1'/><age days='30' n='1'/><age days='31' n='1' over='yes'/>"
		     "</ages><ages name='Low' note='0 open' limit='120'/>"),
		600, false);
	assert_int_equal(count(&s, SHAPE_CIRCLE, "open"), 2);
	assert_int_equal(count(&s, SHAPE_RECT, "mark"), 1);
	/* no mark stands on the wrong side of the limit, near as it may be */
	double limit = first(&s, SHAPE_LINE, "limit")->x;
	assert_true(first(&s, SHAPE_RECT, "mark")->x >= limit);
	for (size_t i = 0; i < s.n; i++)
		if (s.v[i].kind == SHAPE_CIRCLE)
			assert_true(s.v[i].x + s.v[i].w < limit + 1);
	/* counted, none: a tick, no mark */
	assert_int_equal(count(&s, SHAPE_LINE, "zero"), 1);
	assert_true(says(&s, "limit 30") && says(&s, "limit 120") && says(&s, "High"));
}

static void more_than_can_stand_in_a_column_are_counted(void **state UNUSED)
{
	static const double widths[] = {300, 600, 896};
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		for (int print = 0; print < 2; print++) {
			struct shapes s = lay(AGES("<ages name='Medium' note='n' limit='90'>"
						   "<age days='10' n='42'/><age days='20' n='17'/>"
						   "<age days='95' n='8' over='yes'/></ages>"),
					      widths[i], print);
			int64_t sum = 0, v;
			for (size_t k = 0; k < s.n; k++)
				if (s.v[k].kind == SHAPE_TEXT && s.v[k].anchor == ANCHOR_MIDDLE &&
				    s.v[k].y < s.height - 40)
					sum += parse_i64(s.v[k].text, &v) ? v : 0;
			assert_int_equal(sum, 67);
		}
}

static void odd_ages_are_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		AGES(""),
		AGES("<ages name='High' note='' limit='30'><age days='-1' n='1'/></ages>"),
		AGES("<ages name='High' note=''><age n='1'/></ages>"),
		AGES("<ages name='High' note=''><age days='1' n='1e9'/></ages>"),
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct figure f;
		struct err e = {0};
		assert_false(read_text(bad[i], &f, &e));
		assert_non_null(strstr(e.msg, "figure \"p\""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_open_in_time_and_filled_past_its_limit),
		cmocka_unit_test(more_than_can_stand_in_a_column_are_counted),
		cmocka_unit_test(odd_ages_are_refused),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&a);
	return rc;
}
