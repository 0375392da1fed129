/* The analysis phase: reads the store for one week and audience, builds the digest document and the
 * numbers and items that go with it. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "base/clock.h"
#include "lib/db.h"
#include "lib/xml.h"
#include "lib/zone.h"
#include "model/config.h"
#include "store/digests.h"

struct digest_input {
	const struct config *cfg;
	struct db *db;
	const struct zone *zone;
	struct week week;
	const struct audience *audience; /* NULL: "everyone", full */
	int64_t now_s; /* the moment of freezing (calendar) */
	const char *version; /* "sitrep 0.1.0" */
};
struct digest_output {
	struct xml *doc; /* the caller frees it */
	struct numbers numbers;
	struct items items;
};
/* Reads only. Fails: ERR_DB; ERR_BUG when shown + set aside ≠ collected. */
MUST_CHECK bool digest_build(const struct digest_input *in, struct arena *a,
			     struct digest_output *out, struct err *e);

#endif
