/* What was asked for and what came: the ledger of the week, per source, and which numbers it
 * touches (promise 1). */
#ifndef DIGEST_COVERAGE_H
#define DIGEST_COVERAGE_H

#include "model/config.h"
#include "store/ledger.h"

struct coverage_row { /* one source, its parts joined */
	const char *source;
	enum ledger_status status; /* the worst of its parts, but failed only if no part gave
				      anything, and not enabled only if all are */
	int64_t expected, received, as_of_s;
	const char *reason; /* NULL when complete */
	const char *affects; /* number ids that are incomplete for it, blank-separated; "" none */
};
struct coverage {
	struct ledgers parts; /* the ledger, and a failed part for what was never asked */
	struct coverage_row *v;
	size_t n, cap;
};
/* Reads the week's ledger. A configured source without a row was not collected: failed, with what
 * it would have fed. Fails: ERR_DB. */
MUST_CHECK bool coverage_load(const struct config *cfg, struct db *db, const char *week,
			      int64_t now_s, struct arena *a, struct coverage *out, struct err *e);
/* Joins the parts once all number ids are known. */
void coverage_join(struct coverage *c, const struct config *cfg, const struct strv *ids,
		   struct arena *a);

struct feed { /* how many parts a number is fed by, by their status */
	int complete, partial, failed;
};
/* Whether a part feeds the number. */
bool coverage_feeds(const struct ledger *l, const struct config *cfg, const char *id);
struct feed coverage_feed(const struct coverage *c, const struct config *cfg, const char *id);
/* Whether rows of that source may count for numbers beginning with prefix: false when the part
 * that brings them failed, so that what an earlier collection left is not told as this week. */
bool coverage_trusts(const struct coverage *c, const char *source, const char *prefix);

/* "errors", "CI and security": the families a list of number ids belongs to. */
const char *coverage_words(struct arena *a, const char *affects);

#endif
