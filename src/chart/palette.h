/* Style names of shapes and their colours and widths (look.md 4), light and dark. The page's CSS
 * has the same names as c-<style>, so that they stay in one place.
 *
 * Fills: now past mark (bars, dots, squares) · real flaky infrastructure undecided (classes of a
 *   stack) · band (usual range) · wash (weekend) · paper (ground under a cross or hatching).
 * Strokes: band-edge (dashed) · grid · axis (baseline) · zero (tick: counted, none) · hatch and
 *   hatch-edge (not known) · open (unfinished) · leader (to a class name) · tick, tick-past,
 * tick-mark (deployments) · cross (failed) · arrow (link). Texts: text (ink) · text2 (quieter) ·
 * text-mark (outside the usual range, failed). */
#ifndef CHART_PALETTE_H
#define CHART_PALETTE_H

#include "base/arena.h"

struct style {
	const char *name;
	uint32_t fill; /* 0xRRGGBB */
	bool has_fill;
	uint32_t stroke;
	bool has_stroke;
	double width; /* of the stroke */
	bool dashed; /* 3 on, 3 off */
	const char *token; /* the colour's name, fill or stroke, for palette_colour and the CSS */
};
/* Never NULL: an unknown name is our mistake and aborts. Light colours; the page makes dark ones by
 * CSS. */
const struct style *style_find(const char *name);

/* Light colour of a token of look.md 4: "ink", "ink2", "link", "now", "mark", "rule", "wash", …;
 * tags as "green-text", "green-ground" and so on (green, orange, red, blue, grey). Unknown: aborts.
 */
uint32_t palette_colour(const char *token);

/* Custom properties --c-<token> on :root, their dark values under prefers-color-scheme, and one
 * rule c-<style> per style: all that a page needs for figures of paint_svg. */
const char *palette_css(struct arena *a);

#endif
