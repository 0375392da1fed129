/* Finding again what any frozen digest said: its items, the wording of its sections, its verdict.
 *
 * Filled when a digest is frozen and emptied with it. A digest frozen by a version that did not
 * know this has its items from the migration, its wording from the next freezing of any digest. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "lib/db.h"

struct search_hit {
	const char *week, *audience;
	const char *kind; /* an item's kind, "section" or "verdict" */
	const char *section; /* "" for a verdict */
	const char *item; /* its id in that digest, or NULL */
	const char *title; /* of the item or section; of a verdict "" */
	const char *snippet; /* the words around the find; NULL for items */
};
struct search_hits {
	struct search_hit *v;
	size_t n, cap;
};

/* What people type as a query of FTS5: words are ANDed, "a phrase" in quotes stands together, a
 * trailing * is a beginning. Nothing in text can be a syntax error: every word is quoted. Fails:
 * ERR_USAGE for no word at all or more than 64. */
MUST_CHECK const char *search_query(const char *text, struct arena *a, struct err *e);
/* The best `limit` hits (titles weigh more), among equals the newest week first; of more than
 * 20,000 hits the best of the newest 20,000. *total: how many there are in all. Fails: ERR_DB, or
 * as search_query. */
MUST_CHECK bool search_find(struct db *db, const char *text, int64_t limit, struct arena *a,
			    struct search_hits *out, int64_t *total, struct err *e);
/* Inside the transaction of a freezing: takes in every digest that is not there yet. A document
 * that cannot be read is found by its items alone. */
MUST_CHECK bool search_fill(struct db *db, struct err *e);

#endif
