/* Digest documents for the tests of renderers: the golden ones, and two made up here. */
#ifndef SUPPORT_DOCS_H
#define SUPPORT_DOCS_H

#include "lib/xml.h"

/* tests/golden/<name>.xml; the caller frees it. Fails the test when it cannot be read. */
struct xml *docs_golden(const char *name);
/* A valid document with text in every place that takes outside text. The caller frees it. */
struct xml *docs_hostile(const char *text);
/* A terrible week: rows of errors in a table without a limit, a section for each of sections, and
 * long reasons. The caller frees it. */
struct xml *docs_terrible(size_t rows, size_t sections);

/* What strangers put into titles and branch names. */
extern const char *const docs_strings[];
extern const size_t docs_string_n;

#endif
