/* Everything one digest is made from: what was read of the store, what the analysis made of it,
 * the numbers and the items. Filled step by step by digest.c; sections only read it. */
#ifndef DIGEST_STUDY_H
#define DIGEST_STUDY_H

#include "digest/chance.h"
#include "digest/ci.h"
#include "digest/coverage.h"
#include "digest/custom.h"
#include "digest/deployments.h"
#include "digest/digest.h"
#include "digest/dora.h"
#include "digest/errors.h"
#include "digest/monitoring.h"
#include "digest/followup.h"
#include "digest/needs.h"
#include "digest/numbers.h"
#include "digest/performance.h"
#include "digest/security.h"
#include "digest/told.h"
#include "store/facts.h"

#define STUDY_WEEKS 13 /* a quarter: what figures show */

struct study {
	const struct digest_input *in;
	const struct config *cfg;
	const struct zone *z;
	struct arena *a;
	struct week week;
	int64_t from_s, to_s, now_s;
	int64_t day_s[8]; /* starts of its days; [7] is its end. Zone look-ups are dear. */
	struct week weeks[STUDY_WEEKS]; /* the newest, oldest first; the last is this one */
	const char *audience;
	bool counts_only; /* for the public: no titles, links or names of things */
	const char *environment; /* the first: what the plain numbers are of */

	struct history history; /* newest first */
	struct coverage coverage;
	struct facts told; /* users of the week, tokens that expire */
	struct acceptances accepted;

	struct errors_week errors;
	struct ci_week ci;
	struct deployments_week deployments;
	struct security_week security;
	struct told_week told_posts;
	struct monitoring_week monitoring;
	struct performance_week performance;
	struct chance chance;
	struct dora dora;
	struct customs customs;
	struct needs needs;
	struct followup followup;
	struct strv corrections; /* sentences */
	struct strv silent; /* sentences: what fell to zero at once */

	struct digest_numbers numbers;
	struct items items;
	int64_t last_id[5]; /* per section */
	VEC(struct attribution) causes; /* per item; strength none for most */
	int64_t collected; /* things counted; equals items without actions (promise 6) */
};

/* Adds an item under the next id of its section ("e-1") and gives the id. title is outside text.
 * cause may be NULL. weeks_known: items that may stand in several digests are looked up in earlier
 * ones. */
MUST_CHECK bool study_item(struct study *f, const struct item *i, const struct attribution *cause,
			   bool weeks_known, const char **id, struct err *e);
/* Adds a row that counts in a number and is no item. Nothing is added when it counts in none. */
void study_counted(struct study *f, const struct counted *c);
struct item *study_find_item(const struct study *f, const char *id);
/* The reason of an acceptance of the key in force at the moment of freezing, or NULL. */
const char *study_accepted(const struct study *f, const char *key);
/* Whether anything at all feeds the number, well or badly. */
bool study_fed(const struct study *f, const char *id);
bool study_shown(const struct study *f, const char *team);

#endif
