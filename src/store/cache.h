/* Answers kept so that the next run can ask "has it changed?" instead of for all of it: a packed
 * body by a key that names neither address nor token.
 *
 * It saves requests, it knows nothing: every row may be deleted at any time. */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "lib/db.h"

#define CACHE_BODY_BYTES  ((size_t)4 * 1024 * 1024) /* unpacked; a page of GitHub's is 1.4 MB */
#define CACHE_TOTAL_BYTES ((int64_t)64 * 1024 * 1024) /* packed, all of it together */

struct cache_entry {
	const char *key, *source;
	const char *etag, *modified; /* of ETag and Last-Modified, verbatim; at least one */
	const char *headers; /* "Name: value\n" … */
	const void *packed; /* gzip */
	size_t packed_len;
	int64_t bytes; /* unpacked */
	int64_t seen_s;
};

/* What to ask with. *found false: nothing is kept, and *etag and *modified are NULL. */
MUST_CHECK bool cache_find(struct db *db, const char *key, struct arena *a, const char **etag,
			   const char **modified, bool *found, struct err *e);
/* headers, packed, packed_len and bytes of the answer; the rest stays empty. */
MUST_CHECK bool cache_get(struct db *db, const char *key, struct arena *a, struct cache_entry *out,
			  bool *found, struct err *e);
/* Replaces. Expects an open transaction. */
MUST_CHECK bool cache_put(struct db *db, const struct cache_entry *x, struct err *e);
MUST_CHECK bool cache_forget(struct db *db, const char *key, struct err *e);
/* Used again: kept longer. Written at most once a day and key. */
MUST_CHECK bool cache_touch(struct db *db, const char *key, int64_t now_s, struct err *e);
/* Deletes the longest unused until the packed bodies take max_bytes at most. */
MUST_CHECK bool cache_trim(struct db *db, int64_t max_bytes, struct err *e);

#endif
