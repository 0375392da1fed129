/* Delivery of frozen digests by the outbox: planned, sending, sent | refused | unknown; the bytes
 * are those in the store. */
#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

#include "base/clock.h"
#include "lib/db.h"
#include "lib/http.h"
#include "model/config.h"

struct deliver_opts {
	const struct config *cfg;
	struct db *db;
	struct http *http;
	const struct clock *clock;
	const char *week; /* required */
	const char *audience; /* NULL: all */
	bool retry_failed; /* also those refused; unknown ones are never resent */
};
struct deliver_result {
	int64_t sent, refused, unknown, waiting, skipped; /* skipped: sent before */
};
/* Plans what is missing, then attempts every waiting delivery; one that fails never stops the next.
 * Fails: ERR_DB and our own failures. A week without a frozen digest for an audience fails with
 * ERR_USAGE. The budget limits.messages_per_run leaves the rest waiting. */
MUST_CHECK bool deliver_run(const struct deliver_opts *o, struct arena *a,
			    struct deliver_result *out, struct err *e);
/* Tells the operator (not the readers) of a failure, once a run; without an operator it is nothing.
 */
MUST_CHECK bool deliver_operator(const struct deliver_opts *o, const char *subject,
				 const char *text, struct err *e);

#endif
