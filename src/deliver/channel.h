/* What deliver.c and the channels share: one attempt of one delivery. Only for this folder. */
#ifndef DELIVER_CHANNEL_H
#define DELIVER_CHANNEL_H

#include "deliver/deliver.h"
#include "model/artefact.h"
#include "store/outbox.h"

struct attempt {
	const struct deliver_opts *o;
	const struct audience *audience;
	const struct artefacts *files; /* the frozen bytes */
	struct arena *a; /* until the next delivery */
	int64_t *left; /* messages that may still be sent in this run */
};

/* Each brings d as far as it goes and writes its state; d->state is waiting, refused (and asked to
 * be tried again) or, for slack and directory, unknown. False only for our own failures (ERR_DB).
 */
MUST_CHECK bool email_attempt(const struct attempt *t, const struct delivery *d, struct err *e);
MUST_CHECK bool slack_attempt(const struct attempt *t, const struct delivery *d, struct err *e);
MUST_CHECK bool directory_attempt(const struct attempt *t, const struct delivery *d, struct err *e);

/* State, answer and reference of d, now. */
MUST_CHECK bool attempt_set(const struct attempt *t, const struct delivery *d, enum outbox_state s,
			    const char *answer, const char *reference, struct err *e);
/* Leaves d waiting (an unknown one unknown) with the reason, which is cleared. */
MUST_CHECK bool attempt_postpone(const struct attempt *t, const struct delivery *d,
				 struct err *reason, struct err *e);
/* The artefact; NULL and a reason that names the command to run. */
const struct artefact *attempt_file(const struct attempt *t, const char *name, struct err *reason);

/* Notices to the operator. */
MUST_CHECK bool email_notice(const struct deliver_opts *o, const struct email_target *to,
			     const char *subject, const char *text, struct arena *a, struct err *e);
MUST_CHECK bool slack_notice(const struct deliver_opts *o, const struct slack_target *to,
			     const char *subject, const char *text, struct arena *a, struct err *e);
/* "webhook" or the channel. */
const char *slack_recipient(const struct slack_target *t);

#endif
