/* What the bytes of a chart or a page depend on besides us: cairo, pango and the fonts found. */
#ifndef CHART_VERSIONS_H
#define CHART_VERSIONS_H

#include "base/arena.h"

const char *chart_cairo_version(void);
const char *chart_pango_version(void);
/* "Liberation Sans 2.10, Liberation Mono 2.10": the fonts that text is really set in here, with the
 * revision each file carries. */
const char *chart_fonts(struct arena *a);

#endif
