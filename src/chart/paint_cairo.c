#include "chart/paint.h"

#include "base/limits.h"
#include "chart/font.h"
#include "chart/palette.h"

#include <math.h>
#include <pango/pangocairo.h>

static void set_colour(cairo_t *cr, uint32_t rgb)
{
	cairo_set_source_rgb(cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
			     (rgb & 255) / 255.0);
}

/* Unhinted everywhere, so that a text is as wide in the PDF as in the layout. */
PangoContext *font_context(cairo_t *cr)
{
	PangoContext *pc = pango_font_map_create_context(pango_cairo_font_map_get_default());
	cairo_font_options_t *fo = cairo_font_options_create();
	cairo_font_options_set_hint_style(fo, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(fo, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(fo, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(pc, fo);
	cairo_font_options_destroy(fo);
	pango_cairo_context_set_resolution(pc, 72);
	pango_context_set_round_glyph_positions(pc, FALSE);
	pango_context_set_language(pc, pango_language_from_string("en-gb"));
	pango_context_set_base_dir(pc, PANGO_DIRECTION_LTR);
	if (cr)
		pango_cairo_update_context(cr, pc);
	return pc;
}

PangoLayout *font_layout(PangoContext *pc, const char *text, double size, bool bold)
{
	PangoLayout *l = pango_layout_new(pc);
	PangoFontDescription *fd = pango_font_description_from_string(FONT_SANS);
	pango_font_description_set_absolute_size(fd, size * PANGO_SCALE);
	if (bold)
		pango_font_description_set_weight(fd, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(l, fd);
	pango_font_description_free(fd);
	pango_layout_set_single_paragraph_mode(l, TRUE);
	pango_layout_set_text(l, text, -1);
	return l;
}

double paint_text_width(const char *text, double size, bool bold)
{
	PangoContext *pc = font_context(NULL);
	PangoLayout *l = font_layout(pc, text, size, bold);
	PangoRectangle r;
	pango_layout_get_extents(l, NULL, &r);
	g_object_unref(l);
	g_object_unref(pc);
	return (double)r.width / PANGO_SCALE;
}

static void paint_text(const struct shape *s, const struct style *st, cairo_t *cr, PangoContext *pc)
{
	PangoLayout *l = font_layout(pc, s->text, s->size, s->bold);
	PangoRectangle r;
	pango_layout_get_extents(l, NULL, &r);
	double w = (double)r.width / PANGO_SCALE;
	double x = s->anchor == ANCHOR_START	? s->x
		   : s->anchor == ANCHOR_MIDDLE ? s->x - w / 2
						: s->x - w;
	PangoLayoutLine *line = pango_layout_get_line_readonly(l, 0);
	if (s->halo) {
		cairo_move_to(cr, x, s->y);
		pango_cairo_layout_line_path(cr, line);
		set_colour(cr, palette_colour("paper"));
		cairo_set_line_width(cr, 4);
		cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
		cairo_stroke(cr);
	}
	set_colour(cr, st->fill);
	cairo_move_to(cr, x, s->y);
	pango_cairo_show_layout_line(cr, line);
	g_object_unref(l);
}

void paint_cairo(const struct shapes *shapes, cairo_t *cr)
{
	cairo_save(cr);
	PangoContext *pc = font_context(cr);
	for (size_t i = 0; i < shapes->n; i++) {
		const struct shape *s = &shapes->v[i];
		const struct style *st = style_find(s->style);
		cairo_new_path(cr);
		switch (s->kind) {
		case SHAPE_RECT:
			cairo_rectangle(cr, s->x, s->y, s->w, s->h);
			break;
		case SHAPE_LINE:
			cairo_move_to(cr, s->x, s->y);
			cairo_line_to(cr, s->x + s->w, s->y + s->h);
			break;
		case SHAPE_PATH:
			for (size_t k = 0; k < s->pts.n; k++)
				cairo_line_to(cr, s->pts.v[k].x, s->pts.v[k].y);
			break;
		case SHAPE_CIRCLE:
			cairo_arc(cr, s->x, s->y, s->w, 0, 2 * M_PI);
			break;
		case SHAPE_TEXT:
			paint_text(s, st, cr, pc);
			continue;
		}
		if (st->has_fill) {
			set_colour(cr, st->fill);
			cairo_fill(cr);
			continue;
		}
		static const double dashes[] = {3, 3};
		set_colour(cr, st->stroke);
		cairo_set_line_width(cr, st->width);
		cairo_set_line_join(cr, CAIRO_LINE_JOIN_MITER);
		cairo_set_dash(cr, dashes, st->dashed ? 2 : 0, 0);
		cairo_stroke(cr);
	}
	g_object_unref(pc);
	cairo_restore(cr);
}

static cairo_status_t take(void *to, const unsigned char *p, unsigned n)
{
	struct sb *b = to;
	sb_addn(b, (const char *)p, n);
	return b->over ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static bool blank(cairo_surface_t *surface)
{
	cairo_surface_flush(surface);
	const unsigned char *p = cairo_image_surface_get_data(surface);
	int w = cairo_image_surface_get_width(surface);
	int h = cairo_image_surface_get_height(surface);
	int stride = cairo_image_surface_get_stride(surface);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			uint32_t px;
			memcpy(&px, p + (ptrdiff_t)y * stride + (ptrdiff_t)x * 4, 4);
			if ((px & 0xffffff) != palette_colour("paper"))
				return false;
		}
	return true;
}

static void surface_freep(cairo_surface_t **s)
{
	if (*s)
		cairo_surface_destroy(*s);
}

bool paint_png(const struct shapes *s, double scale, struct arena *a, const void **png, size_t *len,
	       struct err *e)
{
	CLEANUP(surface_freep)
	cairo_surface_t *surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, (int)ceil(s->width * scale), (int)ceil(s->height * scale));
	cairo_t *cr = cairo_create(surface);
	set_colour(cr, palette_colour("paper"));
	cairo_paint(cr);
	cairo_scale(cr, scale, scale);
	paint_cairo(s, cr);
	cairo_status_t st = cairo_status(cr);
	cairo_destroy(cr);
	if (st)
		return err_set(e, ERR_BUG, "painting %g by %g px: %s", s->width, s->height,
			       cairo_status_to_string(st));
	if (blank(surface))
		return err_set(e, ERR_BUG, "painting %g by %g px: nothing was drawn", s->width,
			       s->height);
	struct sb b;
	sb_init(&b, a, LIMIT_DOC_BYTES);
	st = cairo_surface_write_to_png_stream(surface, take, &b);
	if (st)
		return err_set(e, ERR_BUG, "writing a PNG: %s", cairo_status_to_string(st));
	size_t n;
	const char *bytes = sb_finish(&b, &n, e);
	if (!bytes)
		return false;
	*png = bytes;
	*len = n;
	return true;
}
