/* What cairo 1.16 leaves out of a tagged PDF, added to the finished bytes. All of libqpdf. */
#ifndef LIB_PDFMETA_H
#define LIB_PDFMETA_H

#include "base/arena.h"
#include "base/err.h"

struct pdfmeta {
	const char *lang; /* "en-GB" */
	/* One entry for each /Figure and each /TH of the structure tree, in its order (depth
	 * first). */
	const struct strv *figure_alts;
	const struct strv *th_scopes; /* "Column" or "Row" */
};

/* Sets the document's language, that viewers show its title, that it is tagged, the order of tabs
 * on pages, /Alt of figures and /Scope of table heads. The same bytes in give the same bytes out.
 * out is arena-owned. Fails: ERR_BUG when in is no PDF with a structure tree, or when the lists are
 * not as long as the tree says (alternatives at the wrong figure are worse than none). */
MUST_CHECK bool pdfmeta_finish(const char *in, size_t n, const struct pdfmeta *m, struct arena *a,
			       const char **out, size_t *len, struct err *e);
const char *pdfmeta_version(void); /* of libqpdf */

#endif
