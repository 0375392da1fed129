/* The sheet that a layout draws on: shapes inside the canvas, and texts that never meet.
 *
 * Texts are offered in order of importance. One that lacks room is shortened (a part after a comma,
 * then words, with "…"), else dropped; numbers are never cut. */
#ifndef CHART_BOARD_H
#define CHART_BOARD_H

#include "chart/layout.h"

struct box {
	double x0, y0, x1, y1;
};
struct board {
	struct arena *a;
	struct shapes *out; /* width and height are set before the first text */
	VEC(struct box) taken;
	VEC(struct shape) texts; /* drawn last, over all marks */
};
struct label {
	const char *text, *style;
	double x, y; /* y: baseline */
	enum anchor anchor;
	double size; /* px; 0: 12 */
	bool bold, halo;
	bool whole; /* all or nothing: for numbers */
	double max_w; /* 0: as much as there is */
};

/* Cut to lie inside the canvas; circles are moved inside. */
void board_rect(struct board *b, const char *style, double x, double y, double w, double h);
void board_line(struct board *b, const char *style, double x0, double y0, double x1, double y1);
void board_circle(struct board *b, const char *style, double x, double y, double r);
/* 45-degree lines, unit px apart along x, cut at the rectangle by arithmetic, and its outline. */
void board_hatch(struct board *b, double x, double y, double w, double h, double unit);
/* False when there was no room; then nothing was drawn. */
bool board_text(struct board *b, const struct label *l);
/* Puts the texts over the rest: once, at the end. */
void board_finish(struct board *b);
/* Keeps texts away from a mark. */
void board_keep(struct board *b, double x, double y, double w, double h);
/* Whether a text of this width would fit uncut. */
bool board_free(const struct board *b, double x, double y, enum anchor anchor, double w,
		double size);

/* The text, or its longest honest beginning with "…" that is at most w px wide, or NULL. */
const char *board_shorten(struct arena *a, const char *text, double size, bool bold, double w);

#endif
