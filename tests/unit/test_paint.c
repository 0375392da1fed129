#include "support/test.h"

#include "chart/paint.h"
#include "chart/palette.h"
#include "lib/xml.h"

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

static struct shapes lay(struct arena *a, const char *figure, double width)
{
	struct err e = {0};
	struct figure f = read_figure(a, figure);
	struct shapes s;
	assert_ok(layout_figure(&f, width, false, a, &s, &e), e);
	return s;
}

#define COLUMNS(points)                                                                            \
	"<figure id='f' title='t' subtitle='s' alt='a' kind='columns'>"                            \
	"<x label='A &amp; &lt;script&gt;'/><x label='W46'/><band low='1' high='13'/>"             \
	"<series name='n'>" points "</series></figure>"

static void svg_is_well_formed_with_classes_and_a_description(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err e = {0};
	struct shapes s = lay(&a, COLUMNS("<p state='past' v='5'/><p state='mark' v='14'/>"), 448);
	const char *svg = paint_svg(&s, "Columns: 5, 14", "w448", &a);
	struct xml *x;
	assert_ok(xml_parse(svg, strlen(svg), "svg", &x, &e), e);
	struct xnode *root = xml_root(x);
	assert_string_equal(xml_get(root, "role", &a), "img");
	assert_string_equal(xml_get(root, "aria-label", &a), "Columns: 5, 14");
	assert_string_equal(xml_get(root, "class", &a), "w448");
	assert_string_equal(xml_get(root, "viewBox", &a), "0 0 448 176");
	assert_string_equal(xml_namespace(root), "http://www.w3.org/2000/svg");
	struct xnodes n = {0};
	xml_find(x, NULL, "//*[@class='c-mark']", &a, &n);
	assert_int_equal(n.n, 1);
	n.n = 0;
	xml_find(x, NULL, "//*[local-name()='text'][.='14']", &a, &n);
	assert_int_equal(n.n, 1);
	n.n = 0;
	xml_find(x, NULL, "//*[@id or @fill or @stroke or @style]", &a, &n);
	assert_int_equal(n.n, 0); /* colours are the page's */
	assert_true(strlen(svg) < 10 * 1024);
	xml_free(x);
	arena_release(&a);
}

static void every_class_of_the_svg_is_in_the_css(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err e = {0};
	const char *css = palette_css(&a);
	struct shapes s =
		lay(&a, COLUMNS("<p state='incomplete' v='5'/><p state='unfinished' v='4'/>"), 448);
	const char *svg = paint_svg(&s, "x", NULL, &a);
	struct xml *x;
	assert_ok(xml_parse(svg, strlen(svg), "svg", &x, &e), e);
	struct xnodes n = {0};
	xml_find(x, NULL, "//*[@class]", &a, &n);
	assert_true(n.n > 10);
	for (size_t i = 0; i < n.n; i++) {
		const char *class = xml_get(n.v[i], "class", &a);
		const char *first = arena_strndup(&a, class, strcspn(class, " "));
		assert_non_null(strstr(css, arena_printf(&a, ".%s{", first)));
	}
	assert_non_null(strstr(css, ".c-halo{"));
	assert_non_null(strstr(css, "@media screen and (prefers-color-scheme:dark)"));
	xml_free(x);
	arena_release(&a);
}

static void hostile_text_stays_text(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err e = {0};
	struct shapes s = lay(&a, COLUMNS("<p state='past' v='5'/><p state='now' v='1'/>"), 448);
	const char *alt = "\"><script>alert(1)</script>\x01 ]]> &amp;";
	const char *svg = paint_svg(&s, alt, "\"><b>", &a);
	assert_null(strstr(svg, "<script"));
	assert_null(strstr(svg, "<b>"));
	struct xml *x;
	assert_ok(xml_parse(svg, strlen(svg), "svg", &x, &e), e);
	assert_non_null(strstr(xml_get(xml_root(x), "aria-label", &a), "<script>alert(1)"));
	struct xnodes n = {0};
	xml_find(x, NULL, "//*[local-name()='text'][.='A & <script>']", &a, &n);
	assert_int_equal(n.n, 1);
	xml_free(x);
	arena_release(&a);
}

/* The pixels of shapes, painted at 1×. */
static uint32_t pixel(const struct shapes *s, double x, double y)
{
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)s->width, (int)s->height);
	cairo_t *cr = cairo_create(surface);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	paint_cairo(s, cr);
	assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
	cairo_surface_flush(surface);
	uint32_t px;
	memcpy(&px,
	       cairo_image_surface_get_data(surface) +
		       (ptrdiff_t)y * cairo_image_surface_get_stride(surface) + (ptrdiff_t)x * 4,
	       4);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return px & 0xffffff;
}

static void missing_zero_and_incomplete_look_different(void **state)
{
	(void)state;
	struct arena a = {0};
	/* the last column's middle lies in the same place in all three */
	struct shapes known = lay(&a, COLUMNS("<p state='past' v='5'/><p state='now' v='13'/>"),
				  448),
		      missing =
			      lay(&a, COLUMNS("<p state='past' v='5'/><p state='missing'/>"), 448),
		      zero = lay(&a, COLUMNS("<p state='past' v='5'/><p state='now' v='0'/>"), 448);
	double x = 0;
	for (size_t i = 0; i < known.n; i++)
		if (strcmp(known.v[i].style, "now") == 0)
			x = known.v[i].x + known.v[i].w / 2;
	assert_true(x > 100);
	assert_int_equal(pixel(&known, x, 100), palette_colour("now"));
	assert_int_equal(pixel(&zero, x, 100), palette_colour("band"));
	assert_int_equal(pixel(&zero, x, 151), palette_colour("ink"));
	size_t dark = 0, light = 0;
	for (double y = 60; y < 70; y++) {
		uint32_t blue = pixel(&missing, x, y) & 255;
		light += blue > 0xd0;
		dark += blue < 0xa0;
	}
	assert_true(dark >= 2 && light >= 2); /* lines with ground between them */
	arena_release(&a);
}

static const char *png_of(struct arena *a, const struct shapes *s, double scale, size_t *len)
{
	struct err e = {0};
	const void *png;
	assert_ok(paint_png(s, scale, a, &png, len, &e), e);
	return png;
}

static void png_has_its_size_and_is_the_same_twice(void **state)
{
	(void)state;
	struct arena a = {0};
	struct shapes s = lay(&a, COLUMNS("<p state='past' v='5'/><p state='mark' v='14'/>"), 448);
	size_t n, m;
	const char *one = png_of(&a, &s, 2, &n), *two = png_of(&a, &s, 2, &m);
	assert_int_equal(n, m);
	assert_memory_equal(one, two, n);
	const unsigned char *p = (const unsigned char *)one;
	assert_memory_equal(p, "\x89PNG", 4);
	assert_int_equal(p[18] << 8 | p[19], 896);
	assert_int_equal(p[22] << 8 | p[23], 352);
	arena_release(&a);
}

static void a_blank_picture_is_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err e = {0};
	struct shapes s = {.width = 100, .height = 50};
	const void *png = NULL;
	size_t n = 0;
	assert_err(paint_png(&s, 2, &a, &png, &n, &e), e, ERR_BUG, "nothing was drawn");
	assert_null(png);
	vec_push(&a, &s, ((struct shape){.kind = SHAPE_RECT, .style = "paper", .w = 50, .h = 20}));
	err_clear(&e);
	assert_err(paint_png(&s, 2, &a, &png, &n, &e), e, ERR_BUG, "nothing was drawn");
	struct shapes huge = {.width = 1e6, .height = 1e6};
	err_clear(&e);
	assert_err(paint_png(&huge, 2, &a, &png, &n, &e), e, ERR_BUG, "invalid");
	arena_release(&a);
}

static void text_is_measured_as_arial(void **state)
{
	(void)state;
	/* Arial's widths in 2048ths: W 1933, 4 and 6 1139 each */
	double want = (1933 + 1139 + 1139) / 2048.0 * 12;
	double got = paint_text_width("W46", 12, false);
	assert_true(got > want - 0.1 && got < want + 0.1);
	assert_true(paint_text_width("W46", 12, true) > 0);
	assert_true(paint_text_width("", 12, false) < 0.001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(svg_is_well_formed_with_classes_and_a_description),
		cmocka_unit_test(every_class_of_the_svg_is_in_the_css),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(missing_zero_and_incomplete_look_different),
		cmocka_unit_test(png_has_its_size_and_is_the_same_twice),
		cmocka_unit_test(a_blank_picture_is_refused),
		cmocka_unit_test(text_is_measured_as_arial),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
