/* What became of what was said before: items that are still open, fixes that held or did not, and
 * what is known to come. */
#ifndef DIGEST_FOLLOWUP_H
#define DIGEST_FOLLOWUP_H

#include "store/digests.h"

struct study;
enum fix_state { FIX_HELD, FIX_CAME_BACK, FIX_UNKNOWN };
struct fix { /* closed in the digest of the week before */
	const struct item *then; /* in before.items */
	const char *kind; /* "resolved", "fixed", "recovered" */
	enum fix_state state;
	const char *url; /* of the item now, else then */
};
struct carried { /* an earlier digest of this audience asked for it, and it is still open */
	const struct item *item;
	int64_t digests; /* since then, this one included: 2 and more */
	int64_t since_s; /* first seen, else TIME_NONE */
	const char *moved; /* marked text: what is different, or "nothing" */
	bool in_full; /* this is the 2nd, 4th or every 8th of them; between these it is counted */
};
struct ahead { /* known to come within a week of freezing */
	int64_t at_s;
	const char *text; /* marked */
};
struct followup {
	const char *before; /* the week before, when it has a digest; else NULL */
	struct items items; /* of that digest */
	VEC(struct fix) fixes;
	VEC(struct carried) carried; /* longest first */
	VEC(struct ahead) ahead; /* soonest first */
	const char *received; /* newest earlier week that was delivered to the audience; NULL: none,
				 or nothing was ever to be delivered */
};
/* After all items are there. Fails: ERR_DB. */
MUST_CHECK bool followup_find(struct study *f, struct err *e);

#endif
