/* What stands behind an id of a frozen digest: of a number its definition and rows, of an item its
 * history. From the store and the frozen document alone, for any archived week. */
#ifndef ARCHIVE_EXPLAIN_H
#define ARCHIVE_EXPLAIN_H

#include "archive/past.h"

struct explain_number {
	const struct number *n;
	VEC(const struct past_source *) because; /* whose part is missing; empty: none is known */
	const char *term, *definition; /* as the document has them; NULL: it has none */
	const char *sql; /* gives the rows; of what is measured its values */
	struct number_rows rows;
	const char *no_rows; /* why there are none, or NULL */
	const char *section; /* of the page */
};
struct explain_item {
	const struct item *it;
	const char *deployment, *strength; /* NULL: none was found */
	int64_t minutes; /* the thing began after it */
	struct item_weeks weeks;
};
struct explanation { /* exactly one of them is set, or none: there is nothing of that id */
	struct explain_number *number;
	struct explain_item *item;
};
/* id: a number's id, an item's id or its key. Fails: ERR_DB. */
MUST_CHECK bool explain_id(struct db *db, const struct past *p, const char *id, struct arena *a,
			   struct explanation *out, struct err *e);
/* The ids of the digest most like it, best first, at most `most`. */
void explain_like(const struct past *p, const char *id, size_t most, struct arena *a,
		  struct strv *out);

#endif
