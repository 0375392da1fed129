/* Which numbers a row counts in: the list that every item of the digest carries, so that each
 * number leads to its rows. */
#ifndef DIGEST_COUNTS_H
#define DIGEST_COUNTS_H

#include "base/arena.h"

/* Appends a number's id to the blank-separated *list when the row counts there. *list may be NULL:
 * in none so far. */
void counts_add(struct arena *a, const char **list, bool counts, const char *id);

#endif
