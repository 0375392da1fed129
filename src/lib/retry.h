/* Which answers are worth another try, and when: pure, so that every shape of refusal is a table
 * test.
 *
 * Network failures, 500 502 503 504, 429 and what GitHub, Sentry, AWS and Slack send as a rate
 * limit are retried; 401, 403 and 404 never, except a 403 with one of GitHub's three signals
 * (retry-after, x-ratelimit-remaining: 0, "secondary rate limit" in the body). Sources: shared
 * notes api-github 1, api-sentry 1, api-aws 4, api-slack 5; RFC 9110 10.2.3. */
#ifndef LIB_RETRY_H
#define LIB_RETRY_H

#include "lib/http.h"

struct retry {
	bool again;
	int64_t wait_ms; /* before the next try */
	const char *why; /* static text: "rate limit", "secondary rate limit", "server error",
			    "network", "throttled", "gone for a moment" */
};

/* tries: how many were made; now_s: real time, used where the answer has no Date of its own;
 * backoff_ms: base; jitter in [0,1). */
struct retry retry_decide(const struct http_response *r, int tries, int64_t now_s,
			  int64_t backoff_ms, double jitter);

#endif
