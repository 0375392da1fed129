/* Style names of shapes and their colours and widths (look.md 4), light and dark; the page's CSS
 * has the same names as c-<style>. */
#ifndef CHART_PALETTE_H
#define CHART_PALETTE_H

#include "base/common.h"

struct style {
	const char *name;
	uint32_t fill; /* 0xRRGGBB */
	bool has_fill;
	uint32_t stroke;
	bool has_stroke;
	double width; /* of the stroke */
	bool dashed;
};
/* Never NULL: an unknown name is our mistake and aborts. Light colours; the page makes dark ones by
 * CSS. */
const struct style *style_find(const char *name);

#endif
