/* The two painters of shapes. */
#ifndef CHART_PAINT_H
#define CHART_PAINT_H

#include "base/sb.h"
#include "chart/layout.h"

#include <cairo.h>

/* <svg> with real text and classes "c-<style>": role="img" and aria-label=alt; id-free,
 * self-contained, no fixed colours. XML, UTF-8. css_class goes on the root ("w600"). */
const char *paint_svg(const struct shapes *s, const char *alt, const char *css_class,
		      struct arena *a);
/* PNG at scale (2 for mail) on paper ground. Fails: ERR_BUG with cairo's status, or when every
 * pixel has the ground's colour. */
MUST_CHECK bool paint_png(const struct shapes *s, double scale, struct arena *a, const void **png,
			  size_t *len, struct err *e);
/* Onto a context (PDF): the caller has translated and scaled, and checks the status. */
void paint_cairo(const struct shapes *s, cairo_t *cr);
/* Width of a text in px as the painters draw it (pango, Liberation Sans): the one measure for
 * layout and ink. */
double paint_text_width(const char *text, double size, bool bold);

#endif
