#include "render/pdf_parts.h"

#include "base/text.h"
#include "chart/layout.h"
#include "chart/paint.h"
#include "render/doc.h"

#define SCALE	 0.6696 /* 12 px of a figure are 8 pt */
#define SPARK_PX 130.0
#define WIDEST	 320.0 /* points: thirteen columns need no more */

struct picture {
	struct shapes shapes;
	double scale;
	const char *alt;
};

struct picture *pdf_picture(struct pdf *p, const struct xnode *figure, double width, struct err *e)
{
	struct figure f;
	struct picture *pic = arena_new(p->a, struct picture);
	if (!figure_read(figure, p->a, &f, e))
		return NULL;
	bool spark = f.kind == FIGURE_SPARK;
	if (f.kind != FIGURE_TIMELINE && f.kind != FIGURE_AGES)
		width = MIN(width, WIDEST);
	pic->scale = spark ? width / SPARK_PX : SCALE;
	pic->alt = f.alt ? f.alt : "";
	if (!layout_figure(&f, width / pic->scale, true, p->a, &pic->shapes, e))
		return NULL;
	return pic;
}

double picture_height(const struct picture *pic)
{
	return pic->shapes.height * pic->scale;
}

void picture_draw(struct pdf *p, const struct picture *pic, double x, double y)
{
	pdf_tag(p, "Figure", NULL);
	if (!p->untagged)
		vec_push(p->a, &p->alts, pic->alt);
	cairo_save(p->cr);
	cairo_translate(p->cr, x, y);
	cairo_scale(p->cr, pic->scale, pic->scale);
	paint_cairo(&pic->shapes, p->cr);
	cairo_restore(p->cr);
	pdf_untag(p, "Figure");
}

static void paint_picture(struct pdf *p, const void *data, double x, double y)
{
	picture_draw(p, data, x, y);
}

void pdf_figure(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	struct err e = {0};
	const char *title = doc_attr(n, "title", p->a);
	const struct picture *pic = pdf_picture(p, n, f->w, &e);
	if (!pic) {
		pdf_callout_text(
			f, "warning",
			arena_printf(p->a,
				     "The chart “%s” could not be drawn: %s. What it shows: %s",
				     title, e.msg, doc_attr(n, "alt", p->a)));
		return;
	}
	flow_text(f, rich_plain(p, &style_h3, title, f->w), 8, true, "H3");
	flow_text(f, rich_plain(p, &style_quiet, doc_attr(n, "subtitle", p->a), f->w), 0, true,
		  "P");
	flow_add(f, (struct piece){.h = picture_height(pic),
				   .before = 3,
				   .paint = paint_picture,
				   .data = pic});
	f->gap = 8;
	const struct xnode *table = xml_child_named(n, "table");
	if (table)
		pdf_table(f, table); /* leaves a figure's own numbers out */
}
