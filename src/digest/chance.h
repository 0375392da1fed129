/* How often a new error begins within an hour of a deployment by chance alone.
 *
 * Over the known weeks of the last 13: λ is the rate of new errors per hour outside the hours after
 * production deployments; inside, λ × their hours would fall by chance. Of those observed, the
 * fraction 1 - λT / observed can be put down to the deployments. Source: shared notes analysis 4.1,
 * which is what "probably" means in the digest. */
#ifndef DIGEST_CHANCE_H
#define DIGEST_CHANCE_H

#include "base/arena.h"
#include "base/err.h"

struct study;
struct chance {
	int64_t weeks; /* known, this one included */
	int64_t soon, others; /* new errors within an hour of a deployment; the other ones */
	double expected; /* of soon, by chance alone */
	double fraction; /* 0 to 1; NaN: too little to tell (fewer than 4 weeks or 5 errors) */
};
/* Fails: ERR_DB. */
MUST_CHECK bool chance_find(struct study *f, struct chance *out, struct err *e);

#endif
