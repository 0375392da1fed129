/* The dashboards' widgets as small charts. */
#ifndef DIGEST_PANELS_H
#define DIGEST_PANELS_H

#include "digest/study.h"
#include "lib/xml.h"

#define PANELS_MAX 24 /* some 4 KB each on the page */

/* Adds a block of panels per dashboard: one for every widget that has a value in the week and none
 * below zero (a chart starts at zero; such a widget stands in the table). Returns how many had to
 * be left out for their number. */
size_t panels_add(const struct study *f, struct xnode *section);

#endif
