/* Figures become lists of shapes: plain numbers, tested without pixels. y grows downwards; units
 * are CSS px. */
#ifndef CHART_LAYOUT_H
#define CHART_LAYOUT_H

#include "chart/figure.h"

enum shape_kind { SHAPE_RECT, SHAPE_LINE, SHAPE_PATH, SHAPE_CIRCLE, SHAPE_TEXT };
enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct pt {
	double x, y;
};
struct shape {
	enum shape_kind kind;
	const char *style; /* a style name of chart/palette.h: "now", "past", "mark", "band",
			      "band-edge", "grid", "axis", "hatch", "text", "text2", … */
	double x, y, w,
		h; /* rect; line from (x, y) to (x + w, y + h); circle centre and w = radius */
	const char *text; /* text: y is the baseline */
	enum anchor anchor;
	double size; /* text: px */
	bool bold, halo; /* halo: 4 px of paper behind, for text over lines */
	VEC(struct pt) pts; /* path: open polyline */
};
struct shapes {
	struct shape *v;
	size_t n, cap;
	double width, height;
};

/* Lays the figure out for one width; nothing ever lies outside [0, width] × [0, height] and no two
 * texts overlap: labels are shortened, then dropped, never rotated. print: the lower heights of the
 * PDF. Widths in use: 300, 448, 552, 600, 896, spark 130. */
MUST_CHECK bool layout_figure(const struct figure *f, double width, bool print, struct arena *a,
			      struct shapes *out, struct err *e);

#endif
