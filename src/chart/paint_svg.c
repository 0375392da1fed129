#include "chart/paint.h"

#include "base/limits.h"
#include "chart/palette.h"
#include "lib/xml.h"

#include <math.h>

/* One decimal, no "-0", no trailing ".0". */
static const char *num(struct arena *a, double v)
{
	double r = round(v * 10) / 10;
	return arena_printf(a, fabs(r - round(r)) < 0.05 ? "%.0f" : "%.1f", r + 0.0);
}

static void attr(struct xnode *n, const char *name, double v, struct arena *a)
{
	xml_attr(n, name, num(a, v));
}

static void class_of(struct xnode *n, const struct shape *s, struct arena *a)
{
	xml_attr(n, "class",
		 arena_printf(a, "c-%s%s", style_find(s->style)->name, s->halo ? " c-halo" : ""));
}

static void path_to(struct sb *d, char op, double x, double y, struct arena *a)
{
	sb_addf(d, "%c%s %s", op, num(a, x), num(a, y));
}

/* Lines of one style in a row become one path: hatching is most of a figure's shapes. */
static size_t lines(struct xnode *root, const struct shapes *s, size_t i, struct arena *a)
{
	struct sb d;
	sb_init(&d, a, LIMIT_DOC_BYTES);
	size_t k = i;
	for (; k < s->n && s->v[k].kind == SHAPE_LINE && strcmp(s->v[k].style, s->v[i].style) == 0;
	     k++) {
		path_to(&d, 'M', s->v[k].x, s->v[k].y, a);
		path_to(&d, 'L', s->v[k].x + s->v[k].w, s->v[k].y + s->v[k].h, a);
	}
	struct xnode *n = xml_add(root, "path");
	class_of(n, &s->v[i], a);
	xml_attr(n, "d", sb_str(&d));
	return k - 1;
}

static void polyline(struct xnode *root, const struct shape *s, struct arena *a)
{
	struct sb d;
	sb_init(&d, a, LIMIT_DOC_BYTES);
	for (size_t k = 0; k < s->pts.n; k++)
		path_to(&d, k ? 'L' : 'M', s->pts.v[k].x, s->pts.v[k].y, a);
	struct xnode *n = xml_add(root, "path");
	class_of(n, s, a);
	xml_attr(n, "d", sb_str(&d));
}

static void text(struct xnode *root, const struct shape *s, struct arena *a)
{
	struct xnode *n = xml_add(root, "text");
	class_of(n, s, a);
	attr(n, "x", s->x, a);
	attr(n, "y", s->y, a);
	if (s->anchor != ANCHOR_START)
		xml_attr(n, "text-anchor", s->anchor == ANCHOR_MIDDLE ? "middle" : "end");
	if (fabs(s->size - 12) > 0.01)
		xml_attr(n, "font-size", num(a, s->size));
	if (s->bold)
		xml_attr(n, "font-weight", "700");
	if (s->halo)
		xml_attr(n, "paint-order", "stroke");
	xml_text(n, s->text);
}

const char *paint_svg(const struct shapes *s, const char *alt, const char *css_class,
		      struct arena *a)
{
	CLEANUP(xml_freep) struct xml *x = xml_new("svg");
	struct xnode *root = xml_root(x);
	xml_attr(root, "xmlns", "http://www.w3.org/2000/svg");
	xml_attr(root, "class", css_class);
	xml_attr(root, "viewBox",
		 arena_printf(a, "0 0 %s %s", num(a, s->width), num(a, s->height)));
	attr(root, "width", s->width, a);
	attr(root, "height", s->height, a);
	xml_attr(root, "role", "img");
	xml_attr(root, "aria-label", alt);
	xml_attr(root, "font-family", "Arial, Helvetica, Liberation Sans, sans-serif");
	xml_attr(root, "font-size", "12");
	for (size_t i = 0; i < s->n; i++) {
		const struct shape *p = &s->v[i];
		struct xnode *n;
		switch (p->kind) {
		case SHAPE_RECT:
			n = xml_add(root, "rect");
			class_of(n, p, a);
			attr(n, "x", p->x, a);
			attr(n, "y", p->y, a);
			attr(n, "width", p->w, a);
			attr(n, "height", p->h, a);
			break;
		case SHAPE_LINE:
			i = lines(root, s, i, a);
			break;
		case SHAPE_PATH:
			polyline(root, p, a);
			break;
		case SHAPE_CIRCLE:
			n = xml_add(root, "circle");
			class_of(n, p, a);
			attr(n, "cx", p->x, a);
			attr(n, "cy", p->y, a);
			attr(n, "r", p->w, a);
			break;
		case SHAPE_TEXT:
			text(root, p, a);
			break;
		}
	}
	const char *out = xml_write(x, a, NULL);
	const char *svg = strstr(out, "<svg");
	BUG_ON(!svg);
	return svg;
}
