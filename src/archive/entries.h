/* What the archive's index and feed say of each digest, read from the frozen documents: their own
 * words and numbers, nothing worked out anew. */
#ifndef ARCHIVE_ENTRIES_H
#define ARCHIVE_ENTRIES_H

#include "lib/db.h"
#include "model/config.h"
#include "store/digests.h"

struct entry_number { /* a tile of the digest: words fit to print */
	const char *label, *value, *unit, *tag, *tone; /* tag and tone NULL: as usual */
};
struct entry_status { /* what was not collected in full */
	const char *word, *tone, *text;
};
struct entry {
	const char *week, *audience, *heading, *dates, *verdict, *lang, *sha256;
	int64_t frozen_s;
	VEC(struct entry_number) numbers; /* at most 6 */
	VEC(struct entry_status) statuses;
	struct artefact_names files;
};
struct entries {
	struct entry *v;
	size_t n, cap;
};

/* All digests, newest week first; within a week the audiences in the order of the configuration,
 * then those it no longer names. A document that cannot be read gives an entry whose verdict says
 * so. Fails: ERR_DB. */
MUST_CHECK bool entries_read(struct db *db, const struct config *cfg, struct arena *a,
			     struct entries *out, struct err *e);

#endif
