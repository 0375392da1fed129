/* The one way of setting text, for figures and PDF pages alike: unhinted Liberation Sans (Arial's
 * widths) by pango. */
#ifndef CHART_FONT_H
#define CHART_FONT_H

#include "base/common.h"

#include <pango/pangocairo.h>

#define FONT_SANS "Liberation Sans, Arial, Helvetica, sans-serif"
#define FONT_MONO "Liberation Mono, Consolas, monospace"

/* For the target of cr, or for measuring (NULL). The caller unrefs it. */
PangoContext *font_context(cairo_t *cr);
/* One line of text; size in the context's units. The caller unrefs it. */
PangoLayout *font_layout(PangoContext *pc, const char *text, double size, bool bold);

#endif
