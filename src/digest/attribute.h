/* Which deployment probably brought an error: the candidates and how strong the link is. Pure. */
#ifndef DIGEST_ATTRIBUTE_H
#define DIGEST_ATTRIBUTE_H

#include "digest/deploy_fold.h"
#include "model/record.h"

enum strength {
	STRENGTH_NONE, /* no deployment in 24 hours */
	STRENGTH_CERTAIN, /* the event names the deployed release */
	STRENGTH_STRONG, /* within an hour of exactly one */
	STRENGTH_SHARED, /* within an hour of several */
	STRENGTH_WEAK, /* within 24 hours */
};
const char *strength_name(enum strength s); /* "certain" …; NULL for none */

struct attribution {
	enum strength strength;
	const struct deploy *deploy; /* NULL: none */
	int64_t minutes; /* from the deployment's end to the error; from its start while it ran */
};
/* began_s: when the error began (or came back). The answer does not depend on where all starts,
 * as long as it holds 24 hours before began_s. */
struct attribution attribute(const struct config *cfg, const struct rec_issue *i, int64_t began_s,
			     const struct deploys *all);

#endif
