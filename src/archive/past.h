/* A frozen digest read back for "diff" and "explain": its rows from the store, its words from its
 * document. Nothing is worked out anew and nothing outside the store is asked. */
#ifndef ARCHIVE_PAST_H
#define ARCHIVE_PAST_H

#include "lib/xml.h"
#include "model/config.h"
#include "store/digests.h"

struct past_source { /* what the digest said of a source */
	const char *name, *status, *reason; /* reason NULL: none was given */
	const char *affects; /* number ids, blank-separated; "" none */
	int64_t expected, received; /* NUM_NONE: not told */
};
struct past {
	const char *week, *audience, *verdict;
	int64_t id, frozen_s;
	struct xml *doc;
	struct numbers numbers;
	struct items items;
	VEC(struct past_source) sources;
};
/* *found false: there is no such digest, out is untouched. Give out to past_release. Fails: ERR_DB,
 * ERR_PROTO for a document that cannot be read. */
MUST_CHECK bool past_read(struct db *db, const char *week, const char *audience, struct arena *a,
			  struct past *out, bool *found, struct err *e);
void past_release(struct past *p); /* all zero is fine */

/* NULL when there is none of that id. */
const struct number *past_number(const struct past *p, const char *id);
/* "14", "at least 14", "9.5, incomplete" (no count), "not known"; NULL gives "not in it". */
const char *past_value(const struct number *n, struct arena *a);

/* Where a reader opens the page of a digest at a section: below archive_url, else the file's path.
 * section NULL or "": at its top. Items of section "digest" stand in "needs". */
const char *past_link(const struct config *cfg, const char *week, const char *audience,
		      const char *section, struct arena *a);

#endif
