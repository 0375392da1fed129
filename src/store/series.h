/* Numbers over time: dashboards' widgets, canaries, Sentry's performance and health. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "lib/db.h"
#include "model/record.h"

struct series {
	struct rec_series *v;
	size_t n, cap;
};

/* Begins a week's collection of one kind of a source: lines that are not put again are not on their
 * board this week. Their points stay. Expects an open transaction, as series_put does. */
MUST_CHECK bool series_forget(struct db *db, const char *week, const char *source, const char *kind,
			      struct err *e);
/* Upserts the line and its state in s->week; its points inside [from_s, to_s) are replaced by
 * s->points, which must lie there. A point that is not finite is refused: ERR_BUG. */
MUST_CHECK bool series_put(struct db *db, const struct rec_series *s, int64_t from_s, int64_t to_s,
			   int64_t seen_s, struct err *e);
/* The lines of a week with their points in [from_s, to_s), by source, kind, board, position. */
MUST_CHECK bool series_list(struct db *db, const char *week, int64_t from_s, int64_t to_s,
			    struct arena *a, struct series *out, struct err *e);

/* The same of one kind. */
MUST_CHECK bool series_of_kind(struct db *db, const char *week, const char *kind, int64_t from_s,
			       int64_t to_s, struct arena *a, struct series *out, struct err *e);

#endif
