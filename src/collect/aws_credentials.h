/* AWS credentials of one source: fetched by the plan of aws_plan.h through the event loop, renewed
 * before they end.
 *
 * Only aws.c uses this: a call that finds no keys waits until the fetch has ended, and aws_flush
 * sends it. Neither keys nor tokens get into a message. */
#ifndef COLLECT_AWS_CREDENTIALS_H
#define COLLECT_AWS_CREDENTIALS_H

#include "collect/aws_plan.h"
#include "collect/collect.h"

struct aws;

enum aws_keys_state {
	AWS_KEYS_NONE, /* not asked for yet */
	AWS_KEYS_ASKED, /* under way: aws_flush will be called */
	AWS_KEYS_THERE,
	AWS_KEYS_FAILED, /* there never were any: why says it */
};

struct aws_credentials {
	struct aws *s;
	struct aws_profiles profiles;
	enum aws_keys_state state;
	struct aws_keys keys;
	int64_t generation; /* how often they were fetched */
	const char *why;
	const char *renewal; /* why the newest renewal failed, or NULL; the old keys stand */
	int64_t asked_s; /* real time of the newest fetch */
	/* of the fetch under way */
	struct aws_plan plan;
	struct aws_keys step; /* so far */
	size_t assumed; /* roles of the plan */
	const char *metadata_token;
	struct part *p; /* whose ledger counts the requests */
};

/* Reads the shared files; asks nothing yet. */
void aws_credentials_init(struct aws_credentials *k, struct aws *s);
/* Begins a fetch, or ends it at once where nothing need be asked: look at state. p: counts the
 * requests. */
void aws_credentials_fetch(struct aws_credentials *k, struct part *p);
/* They end within ten minutes, so that a fetch should come first. */
bool aws_credentials_due(const struct aws_credentials *k);
/* Fetching again can give others. */
bool aws_credentials_renewable(const struct aws_credentials *k);

/* The credentials in STS's answer. Fails: ERR_PROTO without quoting it. */
MUST_CHECK bool aws_keys_of_sts(const char *body, size_t len, struct arena *a, struct aws_keys *out,
				struct err *e);
/* The credentials in a container's or instance metadata's answer; Fails: ERR_AUTH with its code and
 * message, ERR_PROTO. */
MUST_CHECK bool aws_keys_of_json(const char *body, size_t len, struct arena *a,
				 struct aws_keys *out, struct err *e);

#endif
