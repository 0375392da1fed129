/* Which finding of a report is which stored one. Pure: no database.
 *
 * Matching goes in passes, each one to one: by the coarse key (what the identity is made of), then
 * by the tool's own fingerprint, then by the code it points to; the first against the findings that
 * are open, and only what is left then against those that were fixed. Inside of one key equal lines
 * pair first, then nearest ones, so that of three equal findings the one that went is the one that
 * is called fixed. Source: shared notes scans.md 9, in the order that keeps the counts of its
 * section 4: a fingerprint only rescues what the coarse key would call "fixed and new". */
#ifndef STORE_SCANS_MATCH_H
#define STORE_SCANS_MATCH_H

#include "base/arena.h"

#define MATCH_NONE SIZE_MAX

struct match_side {
	const char *coarse; /* required */
	const char *strong, *context; /* NULL: has none */
	int64_t line; /* NUM_NONE: has none */
	bool open; /* of a stored finding */
	size_t pair; /* out: index on the other side, or MATCH_NONE */
};
/* O(n log n), but within one key at most 32 x 32 are weighed; larger groups pair in
 * the order of their lines. */
void scans_match(struct match_side *report, size_t n, struct match_side *stored, size_t m,
		 struct arena *a);

#endif
