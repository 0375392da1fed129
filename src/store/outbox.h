/* Deliveries: one row per (week, audience, channel, recipient), written before and after each
 * attempt (promise 4). */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "lib/db.h"

enum outbox_state { OUTBOX_WAITING, OUTBOX_SENDING, OUTBOX_SENT, OUTBOX_REFUSED, OUTBOX_UNKNOWN };
const char *outbox_state_name(enum outbox_state s);

struct delivery {
	int64_t id;
	const char *week, *audience, *channel, *recipient, *digest_sha256, *answer, *reference;
	enum outbox_state state;
	int64_t attempts, created_s, updated_s;
};
struct deliveries {
	struct delivery *v;
	size_t n, cap;
};

/* Plans a delivery: a row in state waiting unless one of that key exists. One that was never tried
 * takes the new digest_sha256. */
MUST_CHECK bool outbox_plan(struct db *db, const char *week, const char *audience,
			    const char *channel, const char *recipient, const char *digest_sha256,
			    int64_t now_s, struct err *e);
/* Rows of (week, audience); either may be NULL for all. By week, audience, channel, recipient. */
MUST_CHECK bool outbox_list(struct db *db, const char *week, const char *audience, struct arena *a,
			    struct deliveries *out, struct err *e);
/* state, answer and reference in one committed transaction (its own). Going to sending counts an
 * attempt and marks the digest as tried. NULL keeps what is stored. Staying in sending notes answer
 * and reference. Moves that could double or lose a delivery are ERR_BUG: out of sent; to sent,
 * unknown other than from sending or unknown; from unknown straight to sending. */
MUST_CHECK bool outbox_set(struct db *db, int64_t id, enum outbox_state s, const char *answer,
			   const char *reference, int64_t now_s, struct err *e);
/* Rows left in sending by a crash become unknown, with that as the answer. Returns how many. */
MUST_CHECK bool outbox_recover(struct db *db, int64_t now_s, int64_t *n, struct err *e);

/* Parts of a Slack delivery: message 0, replies 1… A part in state sending after a crash is looked
 * up or unknown. */
struct outbox_part {
	int64_t part;
	const char *state, *reference;
};
struct outbox_parts {
	struct outbox_part *v;
	size_t n, cap;
};
MUST_CHECK bool outbox_parts(struct db *db, int64_t outbox_id, struct arena *a,
			     struct outbox_parts *out, struct err *e);
/* state: "sending", "sent" or "unknown"; reference NULL keeps what is stored. Commits by itself
 * outside a transaction. */
MUST_CHECK bool outbox_set_part(struct db *db, int64_t outbox_id, int64_t part, const char *state,
				const char *reference, int64_t now_s, struct err *e);
/* The part was certainly not posted: as if it had never been begun. */
MUST_CHECK bool outbox_drop_part(struct db *db, int64_t outbox_id, int64_t part, struct err *e);

#endif
