/* What the files of the loopback Slack share. Only for slack*.c. */
#ifndef SERVICES_SLACK_H
#define SERVICES_SLACK_H

#include "services/server.h"

#define SLACK_CHANNEL "C0EXAMPLE1" /* planning-notifications: where everybody posts */
#define SLACK_BOT     "B0EXAMPLE0" /* the digest's own */

/* A post of the estate as conversations.history shows it. */
struct slack_post {
	int64_t us; /* its ts in microseconds */
	const char *json;
};
/* Thirteen weeks of them, oldest first; made once. The caller holds the context's lock. */
const struct slack_post *slack_posts(struct context *c, size_t *n);

/* "1794300000.000100" in microseconds; false for anything else. */
MUST_CHECK bool slack_ts(const char *s, int64_t *us);
/* An argument wherever it may stand: JSON body, query, form. */
const char *slack_argument(struct request *q, const struct jv *in, const char *key);
void slack_refuse(struct request *q, struct answer *r, const char *code, const char *detail);

/* Files in three steps, shared some time after the last: with the second files.info. False: not one
 * of these methods. */
bool slack_files(struct request *q, struct answer *r, const struct jv *in);
#define SLACK_UPLOAD "/upload/"
/* The bytes, without a token: the address is the permission. */
void slack_upload(struct request *q, struct answer *r);

#endif
