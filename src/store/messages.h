/* Posts of a notifications channel, and whether another source knows what they tell. */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include "lib/db.h"
#include "model/message.h"

struct messages {
	struct rec_message *v;
	size_t n, cap;
};

/* Upserts by (source, channel, ts); what it tells is replaced. Expects an open transaction. */
MUST_CHECK bool messages_put(struct db *db, const struct rec_message *m, int64_t seen_s,
			     struct err *e);
/* The ts of what is stored of a channel, posted in [from_s, to_s), ascending. */
MUST_CHECK bool messages_ids(struct db *db, const char *source, const char *channel, int64_t from_s,
			     int64_t to_s, struct arena *a, struct strv *out, struct err *e);
/* Forgets one that is no longer there. Expects an open transaction. */
MUST_CHECK bool messages_drop(struct db *db, const char *source, const char *channel,
			      const char *ts, struct err *e);
/* Posted in [from_s, to_s), with what they tell, by time, source, channel and ts. */
MUST_CHECK bool messages_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			      struct messages *out, struct err *e);

/* Whether an issue, a run created or an alarm changed in [from_s, to_s) is stored that fits what is
 * told of it. Deployments and scans are compared where their rows are read. */
MUST_CHECK bool messages_issue_known(struct db *db, const struct rec_told *t, bool *known,
				     struct err *e);
MUST_CHECK bool messages_run_known(struct db *db, const struct rec_told *t, int64_t from_s,
				   int64_t to_s, bool *known, struct err *e);
MUST_CHECK bool messages_alarm_known(struct db *db, const struct rec_told *t, int64_t from_s,
				     int64_t to_s, bool *known, struct err *e);

#endif
