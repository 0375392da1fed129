/* What a notifications channel tells: posts, and the things each of them tells of.
 *
 * Conventions as in model/record.h. */
#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H

#include "model/record.h"

enum message_kind {
	MESSAGE_SENTRY,
	MESSAGE_DEPLOYMENT,
	MESSAGE_RUN, /* GitHub Actions */
	MESSAGE_SCAN,
	MESSAGE_ALARM,
	MESSAGE_DAG, /* Airflow */
	MESSAGE_OTHER,
	MESSAGE_KINDS
};
const char *message_kind_name(enum message_kind k); /* "sentry" … "other" */
MUST_CHECK bool message_kind_parse(const char *s, enum message_kind *out);

/* One thing that a post tells of; a post may tell of several (two scans, all failing workflows). */
struct rec_told {
	const char *subject; /* issue title, application, workflow, target, alarm, DAG */
	const char *place; /* Sentry project, environment, "owner/repo", region */
	const char *state; /* "failed", "succeeded", "ALARM", … */
	const char *key; /* issue, deployment or run id: what another source calls it */
	const char *code; /* an issue's short id, a commit */
	const char *tool; /* of a scan; NULL: not said */
	const char *detail; /* for the reader: the stage that failed, an alarm's reason */
	const char *url;
	int64_t severity[SEV_COUNT], total; /* of a scan */
};

struct rec_message {
	int64_t id; /* row id; 0 until read from the store */
	const char *source, *channel, *ts; /* ts: Slack's id of it in the channel */
	int64_t posted_s, edited_s;
	enum message_kind kind;
	const char *sender; /* the app's or bot's name; NULL: a person */
	const char *text; /* what it says, cut; NULL: a person's */
	VEC(struct rec_told) told;
};

#endif
