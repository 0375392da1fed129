/* The archive's front page: every week as one row, weeks without a digest among them. */
#ifndef ARCHIVE_INDEX_H
#define ARCHIVE_INDEX_H

#include "archive/entries.h"

/* One self-contained HTML file; the same entries give the same bytes. Links are relative.
 * generator: "sitrep 0.1.0". Fails: ERR_CONFIG (zone), ERR_BUG. */
MUST_CHECK bool index_html(const struct entries *list, const struct config *cfg,
			   const char *generator, struct arena *a, const char **out, size_t *len,
			   struct err *e);

#endif
