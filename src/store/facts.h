/* What one collection leaves behind besides its rows: facts for the digest, and what spares the
 * next collection from asking again. Puts expect an open transaction. */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "lib/db.h"
#include "model/record.h"

/* Something a source told of one week that is no row of its own. Names in use:
 *   "errors.users"   value: distinct users over all errors of the week, where Sentry can tell
 *   "collected"      text: what the week was collected by, for collect/sentry_again.c
 *   "token_expires"  at_s: when the source's token stops working; text: which token */
struct fact {
	const char *week, *source, *name, *text;
	int64_t value, at_s; /* NUM_NONE, TIME_NONE: none */
};
struct facts {
	struct fact *v;
	size_t n, cap;
};
MUST_CHECK bool facts_put(struct db *db, const struct fact *f, struct err *e);
/* Nothing of that name is success. */
MUST_CHECK bool facts_forget(struct db *db, const char *week, const char *source, const char *name,
			     struct err *e);
/* Of one week, by source then name. */
MUST_CHECK bool facts_list(struct db *db, const char *week, struct arena *a, struct facts *out,
			   struct err *e);

/* When an issue was resolved last, as far as Sentry's activity told; TIME_NONE: never heard of. */
MUST_CHECK bool facts_put_resolution(struct db *db, const char *source, const char *key,
				     int64_t resolved_s, struct err *e);
MUST_CHECK bool facts_resolution(struct db *db, const char *source, const char *key,
				 int64_t *resolved_s, struct err *e);

/* The time over which a repository's runs were listed without a gap: created in [from_s, to_s);
 * both TIME_NONE: never. */
struct ci_span {
	int64_t from_s, to_s;
};
MUST_CHECK bool facts_put_span(struct db *db, const char *source, const char *repo_key,
			       struct ci_span span, struct err *e);
MUST_CHECK bool facts_span(struct db *db, const char *source, const char *repo_key,
			   struct ci_span *out, struct err *e);

/* The attempts stored of a run, ascending. An attempt that failed is stored together with its
 * jobs, so one that is here needs no further request. */
struct ci_attempts {
	struct rec_attempt *v;
	size_t n, cap;
};
MUST_CHECK bool facts_attempts(struct db *db, const char *source, const char *run_key,
			       struct arena *a, struct ci_attempts *out, struct err *e);

#endif
