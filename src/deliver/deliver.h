/* Delivery of frozen digests by the outbox: waiting, sending, sent | refused | unknown; the bytes
 * are those in the store.
 *
 * One row per (week, audience, channel, recipient); its state is committed before and after every
 * attempt, so a crash at any instant leaves either certainty or the word "unknown":
 *
 * - email: one transaction per recipient of mail.eml, or of mail-small.eml where the server's SIZE
 *   is smaller. A connection lost after DATA, or a crash, is unknown and never resent.
 * - slack: element 0 of slack.json, then the others as replies in its thread, each a part with its
 *   own state, then digest.pdf as a file in the thread. Where it is not known whether a part was
 *   posted, the channel is read back first (by the metadata every message carries); it is posted
 *   again only if it is certainly not there. A webhook can neither read back nor reply: it gets the
 *   main message only.
 * - directory: <week>-<audience>.eml and .slack.json, whole or not at all; writing twice is
 *   harmless.
 *
 * Recipients: the bare address, the channel as configured ("webhook" for one), the path. */
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
	int64_t second_ms; /* how long a second of waiting takes, as http_opts.backoff_ms; 0: 1000
			    */
};
/* How the rows of the week (and audience) stand afterwards. */
struct deliver_result {
	int64_t sent, refused, unknown, waiting, skipped; /* skipped: sent before */
};
/* Plans what is missing, then attempts every waiting delivery; one that fails never stops the next.
 * A row whose recipient the configuration no longer names is refused, not sent. Fails: ERR_DB and
 * our own failures. A week without a frozen digest for an audience, or an unknown audience, fails
 * with ERR_USAGE before anything is sent. The budget limits.messages_per_run (mails, Slack
 * messages, directories) leaves the rest waiting. */
MUST_CHECK bool deliver_run(const struct deliver_opts *o, struct arena *a,
			    struct deliver_result *out, struct err *e);
/* Tells the operator (not the readers) of a failure, by mail and by Slack, whichever is configured;
 * without an operator it is nothing. Call it once a run. Not in the outbox: a notice that is lost
 * is lost. Fails with the first reason of either; the other is tried all the same. week and
 * audience are not needed. */
MUST_CHECK bool deliver_operator(const struct deliver_opts *o, const char *subject,
				 const char *text, struct err *e);

#endif
