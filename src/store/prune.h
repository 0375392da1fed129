/* What the configuration's retention no longer keeps. */
#ifndef STORE_PRUNE_H
#define STORE_PRUNE_H

#include "lib/db.h"

struct prune_keep {
	const char *raw_from_week; /* collected rows of earlier weeks go; NULL: all stay */
	int64_t raw_from_s; /* that week's start less the 48 h that collection reaches back */
	const char
		*digest_from_week; /* digests and deliveries of earlier weeks go; NULL: all stay */
};

/* Deletes in one transaction and says how many rows (those that go with their run or digest are not
 * counted). The ledger goes with the rows it vouches for, so that a week without them counts as
 * not collected. Scans, findings and acceptances stay. Fails: ERR_DB. */
MUST_CHECK bool prune_store(struct db *db, const struct prune_keep *keep, int64_t *rows,
			    struct err *e);

#endif
