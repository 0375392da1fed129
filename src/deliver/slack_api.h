/* Slack's Web API and webhooks as far as a delivery needs them: post one message and know exactly
 * what became of it, read back what is there, share a file. Only for slack.c. */
#ifndef DELIVER_SLACK_API_H
#define DELIVER_SLACK_API_H

#include "lib/http.h"
#include "lib/json.h"
#include "model/config.h"

struct slack_api {
	struct http *http;
	const char *url, *token; /* https://slack.com/api */
	const char *webhook; /* instead of both */
	int64_t gap_ms; /* between two calls */
	struct arena *a;
};

/* Reads the secrets. Fails: ERR_CONFIG. */
MUST_CHECK bool slack_open(const struct config *cfg, struct http *http,
			   const struct slack_target *target, struct arena *a,
			   struct slack_api *out, struct err *e);

enum slack_fate {
	SLACK_POSTED,
	SLACK_LATER, /* certainly not posted; may work later */
	SLACK_REFUSED, /* certainly not posted, and will not be until somebody does something */
	SLACK_OUR_FAULT, /* not posted: the message itself is refused */
	SLACK_NO_PARENT, /* not posted: the message it should reply to is gone */
	SLACK_UNKNOWN, /* may have been posted */
};
struct slack_post {
	enum slack_fate fate;
	const char *ts, *channel; /* of the message; NULL for a webhook */
	const char *answer; /* what Slack said and what to do about it */
	const char *code; /* Slack's word, or NULL */
};
void slack_post(const struct slack_api *s, const struct jw *message, struct slack_post *out);

/* What a message of ours is known by. */
struct slack_mark {
	const char *digest_id, *sha256;
	const char
		*nonce; /* of this delivery's attempt at it: another store's message is not ours */
	int64_t part; /* 1 = main message */
};
#define SLACK_EVENT "sitrep_digest"

/* Looks for a marked message of this app in channel: among the replies to thread_ts, or, if that is
 * NULL, in the channel since oldest_s. *ts NULL: certainly not there. Fails, with the reason, when
 * that cannot be told. */
MUST_CHECK bool slack_find(const struct slack_api *s, const char *channel, const char *thread_ts,
			   int64_t oldest_s, const struct slack_mark *mark, const char **ts,
			   struct err *e);
/* The id of a channel given by name ("#x", "x") or id. Fails with the reason. */
MUST_CHECK bool slack_channel_id(const struct slack_api *s, const char *channel, const char **id,
				 struct err *e);
/* Shares a file in the thread. Slack shows it some time later. Fails with the reason. */
MUST_CHECK bool slack_share(const struct slack_api *s, const char *channel_id,
			    const char *thread_ts, const char *name, const char *title,
			    const void *bytes, size_t len, struct err *e);

#endif
