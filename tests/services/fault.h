/* Faults on demand: what goes wrong in which service at which request.
 *
 * A fault is "SERVICE[/PART]:KIND[:N[+]]": SERVICE is sentry, github, aws, slack or smtp; PART must
 * occur in the request's path (for AWS in its target, for SMTP in nothing); N is the request it
 * hits, counted from 1 among those it could hit, with "+" all from there on, without N every one.
 * KIND of HTTP services: a status (401, 403, 404, 429, 500, 502, 503, 504), html200, html500,
 * truncate (the JSON ends early), cut (the connection does), empty (200 with no rows), drop (no
 * answer at all), drop-after-send (done, but no answer), timeout, repeat-cursor, wrong-type,
 * secondary (GitHub's second rate limit), slow (done at
 * once, answered 0.3 s later); of Slack also invalid_auth, channel_not_found,
 * invalid_blocks, ratelimited (200 with "ok": false). KIND of SMTP: drop-after-data, drop-in-data,
 * hang-after-data, data-451, data-552, data-554, rcpt-451, rcpt-550, auth-535, connect-421,
 * no-starttls. They come from flags and from a control file, one a line, read anew whenever it
 * changes. */
#ifndef SERVICES_FAULT_H
#define SERVICES_FAULT_H

#include "base/arena.h"
#include "base/err.h"

#include <pthread.h>

struct fault {
	char service[16], part[128], kind[32];
	int64_t nth; /* 0: every one */
	bool onwards;
	int64_t seen;
};

struct faults {
	pthread_mutex_t lock;
	struct fault v[64];
	size_t n, flags; /* the first `flags` come from flags: set when all of those are added */
	const char *control; /* path or NULL */
	uint64_t control_hash;
};

void faults_init(struct faults *f, const char *control);
/* Fails: ERR_USAGE for a fault that is not of the form above. */
MUST_CHECK bool faults_add(struct faults *f, const char *spec, struct err *e);
/* The kind that hits this request, copied into kind; false when none does. */
bool faults_hit(struct faults *f, const char *service, const char *what, char kind[32]);

#endif
