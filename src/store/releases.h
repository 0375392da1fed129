/* Sentry's releases and the projects they belong to. */
#ifndef STORE_RELEASES_H
#define STORE_RELEASES_H

#include "lib/db.h"
#include "model/record.h"

struct releases {
	struct rec_release *v;
	size_t n, cap;
};

/* Upserts by (source, version); what is unknown keeps what is stored. Expects an open transaction.
 */
MUST_CHECK bool releases_put(struct db *db, const struct rec_release *r, int64_t seen_s,
			     struct err *e);
/* Created in [from_s, to_s), with their projects; by that time. */
MUST_CHECK bool releases_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			      struct releases *out, struct err *e);

#endif
