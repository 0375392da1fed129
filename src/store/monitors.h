/* Sentry's cron monitors and uptime checks, week by week. */
#ifndef STORE_MONITORS_H
#define STORE_MONITORS_H

#include "lib/db.h"
#include "model/record.h"

struct monitors {
	struct rec_monitor *v;
	size_t n, cap;
};

/* Begins a week's collection of one kind of a source: a monitor that is not put again is not there
 * this week. Expects an open transaction, as monitors_put does. */
MUST_CHECK bool monitors_forget(struct db *db, const char *week, const char *source,
				const char *kind, struct err *e);
/* Upserts the monitor and its state in m->week; counts that are NUM_NONE keep what is stored. */
MUST_CHECK bool monitors_put(struct db *db, const struct rec_monitor *m, int64_t seen_s,
			     struct err *e);
/* Of a week, by source, kind, name. */
MUST_CHECK bool monitors_list(struct db *db, const char *week, struct arena *a,
			      struct monitors *out, struct err *e);

#endif
