/* What every renderer asks of the digest document: which links may be followed and whereto, and
 * text without markup. */
#ifndef RENDER_DOC_H
#define RENDER_DOC_H

#include "lib/xml.h"

/* The absolute http(s) address of the page, or NULL when the document names none. */
const char *doc_page(const struct xml *doc, struct arena *a);

/* An address that may be put into markup, or NULL: http, https and mailto as they are; "#errors"
 * and "../index.html" relative to page (NULL: such links have no target outside the page and give
 * NULL). Anything else (javascript:, data:, blanks, control characters) is NULL. */
const char *doc_link(const char *page, const char *href, struct arena *a);

/* For the page itself, where relative links stand as they are: the same tests. */
const char *doc_page_link(const char *href, struct arena *a);

/* Puts doc_link (page_itself: doc_page_link) of every href below n into its place; "" where that is
 * NULL. */
void doc_fix_links(struct xml *doc, bool page_itself, struct arena *a);

/* Text of an element as one line: blanks collapsed, <sub> and <strip> left out, no-break spaces
 * kept. "" when none. */
const char *doc_text(const struct xnode *n, struct arena *a);

/* Attribute, "" when absent. */
const char *doc_attr(const struct xnode *n, const char *name, struct arena *a);
int64_t doc_i64(const struct xnode *n, const char *name); /* NUM_NONE when absent or no number */
double doc_f64(const struct xnode *n, const char *name); /* NaN when absent or no number */
int64_t doc_time(const struct xnode *n, const char *name); /* TIME_NONE when absent or no time */
size_t doc_count(const struct xnode *n, const char *child); /* child elements of that name */

/* An embedded file of reports/. Aborts when it is not there. */
const char *doc_report(const char *name, size_t *len);
/* The style sheet of a page: the palette, page.css and, unless NULL, a further file of reports/. */
const char *doc_css(const char *further, struct arena *a);

#endif
