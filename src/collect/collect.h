/* The collection phase: every configured source is asked for one week, rows go to the store, the
 * ledger says how whole the answer is.
 *
 * Adding a source: one file with a seed function, one line in the table of collect.c, its queries
 * in schema/queries. A seed function opens one part per thing it collects (collect_part), submits
 * first requests (collect_get, collect_post) and returns; handlers parse an answer with scratch
 * memory, store its rows in one transaction and submit more. Whatever goes wrong with an answer is
 * written to its part (collect_fail, collect_short) and never stops another part. Received counts
 * grow with each stored row (collect_got).
 *
 * What needs the rows of every source (the deployment before this one may be CodeDeploy's, its
 * commits are GitHub's) is asked in a second round: collect_later during seeding, called when the
 * first round's last request has been answered. */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include "base/clock.h"
#include "lib/db.h"
#include "lib/http.h"
#include "lib/json.h"
#include "lib/zone.h"
#include "model/config.h"
#include "model/record.h"
#include "store/facts.h"

struct collect_more {
	bool (*f)(void *ctx, struct err *e);
	void *ctx;
};

struct collect {
	const struct config *cfg;
	struct db *db;
	struct http *http;
	struct arena *a; /* lives as long as the phase */
	const struct clock *clock;
	const struct zone *zone;
	struct week week;
	int64_t from_s, to_s; /* what is collected: 48 h before the week to its end, so links do not
				 depend on where a window starts */
	int64_t run_id;
	const char *version;
	VEC(struct part *) parts;
	VEC(struct collect_more) later;
	struct arena scratch; /* for handlers; emptied after each, released by collect_run */
	struct kept *kept; /* answers to be kept for the next run: kept.h */
	VEC(struct fact) at_end; /* written with the ledger */
	/* After every answer; may be NULL. */
	void (*progress)(const struct collect *c, void *ctx);
	void *progress_ctx;
};

struct part {
	struct collect *c;
	struct ledger l;
	int64_t *budget; /* shared by the parts of one source; NULL: unlimited */
	bool optional; /* partial at worst, though no answer came */
	int64_t failures; /* answers that were lost */
	int64_t under_way; /* requests without a final answer yet */
	int64_t spared; /* answers that a word confirmed unchanged */
	int64_t rate_left; /* of the service's rate limit, as last told; NUM_NONE: never */
};

/* A new part of a source, complete until something says otherwise. affects: prefixes of number ids,
 * blank-separated. */
struct part *collect_part(struct collect *c, const char *source, const char *name,
			  const char *affects);
/* Nothing of the part could be had (failed), or some of it is missing (partial). Of several reasons
 * one is kept whatever their order (a failure's before a shortage's, then the first by its text),
 * the others are counted. */
void collect_fail(struct part *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void collect_short(struct part *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void collect_not_enabled(struct part *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void collect_got(struct part *p, int64_t rows);
void collect_expect(struct part *p,
		    int64_t rows); /* adds to expected; 0 says "none", not "unknown" */
/* A budget of limits.requests_per_source for the parts of one source. */
int64_t *collect_budget(struct collect *c);
/* What sitrep.yaml asks for and this version cannot do: a part of that name, status not_enabled. */
void collect_not_built(struct collect *c, const char *source, const char *name,
		       const char *affects);

typedef bool (*collect_handler)(struct part *p, const struct http_response *r, void *ctx,
				struct err *e);
/* Submits with the part's budget, the configured limits and counting into its ledger; f gets every
 * final answer, good or bad. */
void collect_submit(struct part *p, const struct http_request *rq, collect_handler f, void *ctx);

/* The same, with a say in whether the answer may be kept for the next run's "has it changed?"
 * (kept.h). who: whose answer it is, where that is not the token in the request (a token that is
 * renewed); NULL: it is not kept, because it holds secrets or is asked for once. */
void collect_submit_for(struct part *p, const struct http_request *rq, const char *who,
			collect_handler f, void *ctx);

/* Takes the part as an earlier collection of the week left it: nothing was asked again. */
void collect_carry(struct part *p, const struct ledger *earlier);
/* Put into the store with the ledger, in one transaction: only if the collection came to its end.
 */
void collect_fact_at_end(struct collect *c, const struct fact *f);

/* f is called once, in the order of the calls, when no request of the first round is left: it may
 * submit more and open no part. Not called when the first round was stopped. False only for our own
 * failures. */
void collect_later(struct collect *c, bool (*f)(void *ctx, struct err *e), void *ctx);

/* Runs the week for all sources (only: one source's name, or NULL), writes the ledger rows. Fails
 * only for our own failures; what the services did wrong is in the ledger. *worst: the worst status
 * of any part. */
struct collect_result {
	int64_t complete, partial, failed, not_enabled;
};
MUST_CHECK bool collect_run(struct collect *c, const char *only, struct collect_result *out,
			    struct err *e);

#endif
