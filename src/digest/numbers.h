/* The contract's numbers: all of them always exist, null where they cannot be known. */
#ifndef DIGEST_NUMBERS_H
#define DIGEST_NUMBERS_H

#include "digest/coverage.h"
#include "store/digests.h"

struct digest_numbers {
	struct numbers list; /* in the contract's order */
	VEC(bool) blind; /* per number: known to be incomplete for a reason of its own */
};
/* Every id of the contract, unknown. tools: the security tools ever seen. */
void numbers_start(struct digest_numbers *n, const struct config *cfg, const struct strv *tools,
		   struct arena *a);
/* A further id, unknown; one that is in the list already stays. */
void numbers_add(struct digest_numbers *n, const char *id, struct arena *a);
/* An id that is not in the list aborts. */
void numbers_set(struct digest_numbers *n, const char *id, double v);
void numbers_set_i64(struct digest_numbers *n, const char *id, int64_t v); /* NUM_NONE: unknown */
/* The number is at least that: something that would feed it gave nothing. */
void numbers_blind(struct digest_numbers *n, const char *id);
const struct number *numbers_get(const struct digest_numbers *n, const char *id);
/* Whether it has a value that nothing is missing from. */
bool numbers_known(const struct digest_numbers *n, const char *id);
/* The value of an id in an earlier week, or NaN; *incomplete says whether it was. */
double numbers_then(const struct history_week *w, const char *id, bool *incomplete);

/* What the ledger says of each number: unknown when nothing that feeds it came, incomplete when
 * part did not; usual ranges from complete earlier weeks; marks. */
void numbers_finish(struct digest_numbers *n, const struct coverage *c, const struct config *cfg,
		    const struct history *h);
void numbers_ids(const struct digest_numbers *n, struct arena *a, struct strv *out);

#endif
