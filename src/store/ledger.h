/* The ledger of collection (promise 1). */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "lib/db.h"
#include "model/record.h"

struct ledgers {
	struct ledger *v;
	size_t n, cap;
};
/* Replaces the row of (week, source, part). run_id 0: none. */
MUST_CHECK bool ledger_put(struct db *db, const struct ledger *l, int64_t run_id, struct err *e);
/* Of one week, by source then part. */
MUST_CHECK bool ledger_list(struct db *db, const char *week, struct arena *a, struct ledgers *out,
			    struct err *e);
/* Requests that the newest collected week of a source took; NUM_NONE: there is none. */
MUST_CHECK bool ledger_cost(struct db *db, const char *source, int64_t *requests, struct err *e);
/* Of one part in the weeks before one, newest first, limit at most: week, status and received; the
 * rest stays empty. */
MUST_CHECK bool ledger_history(struct db *db, const char *source, const char *part,
			       const char *before_week, int limit, struct arena *a,
			       struct ledgers *out, struct err *e);

#endif
