/* A Slack workspace on loopback, for tests: keeps what is posted, with its metadata, and loses
 * answers on order. Over support/httpd. One channel: "planning-data-notifications", C0123456789. */
#ifndef SUPPORT_SLACKD_H
#define SUPPORT_SLACKD_H

#include "support/httpd.h"

#define SLACKD_CHANNEL	  "planning-data-notifications"
#define SLACKD_CHANNEL_ID "C0123456789"
#define SLACKD_TOKEN	  "xoxb-invented"

enum slackd_fault {
	SLACKD_FINE,
	SLACKD_LOSE_ANSWER, /* posts, then closes without a word */
	SLACKD_LOSE_REQUEST, /* closes without posting */
	SLACKD_500_POSTED, /* posts, then Slack's HTML page for 500 */
	SLACKD_500,
	SLACKD_429, /* with Retry-After: 1 */
	SLACKD_ERROR, /* {"ok": false} with slackd.error */
};

struct slackd_message {
	const char *ts, *thread_ts; /* thread_ts NULL: in the channel */
	const char *json; /* what was sent, whole */
	const char *metadata; /* as JSON, or NULL */
};

struct slackd {
	struct httpd *http;
	enum slackd_fault fault; /* of the next posts */
	int fault_at, fault_n; /* the fault_at-th chat.postMessage from now (1 = next) and fault_n -
				  1 after it; 0: none */
	const char *error, *error_extra; /* extra: more members, ",\"needed\":\"chat:write\"" */
	bool history_denied, metadata_hidden, files_denied;
	VEC(struct slackd_message) messages;
	int posts; /* chat.postMessage calls */
	const char *file; /* bytes that were uploaded */
	size_t file_len;
	bool file_with_token; /* the upload carried Authorization */
	const char *file_thread; /* thread_ts it was shared in */
};

void slackd_start(struct slackd *s); /* *s zeroed before */
void slackd_stop(struct slackd *s);

#endif
