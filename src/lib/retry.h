/* Which answers are worth another try, and when: pure, so that every shape of refusal is a table
 * test.
 *
 * | answer                                                   | wait |
 * |----------------------------------------------------------|-------------------------------------|
 * | none, for a reason of the network (ERR_NET)              | back-off | | 500 502 503 504 | what
 * it says, else back-off         | | 429                                                      |
 * what it says, else back-off         | | 403 with retry-after, x-ratelimit-remaining: 0, | what it
 * says, else 60 s, doubling   | |   gh-limited-by or "secondary rate limit" in the body    | | |
 * 400 and more with one of AWS's throttling codes          | what it says, else full jitter      |
 * | 200 {"ok":false} with Slack's "ratelimited" and the like | 30 s, or back-off | | 410 with
 * X-Sentry-Deprecation-Date, first time           | 2 minutes (a brown-out is short)    | |
 * anything else, so 401, 403, 404 as such                  | never                               |
 *
 * "What it says", in this order: x-amz-retry-after (milliseconds), Retry-After (seconds or a date),
 * x-ratelimit-reset if the remaining is 0, X-Sentry-Rate-Limit-Reset (may be a fraction; 1 to 60 s
 * count). Dates are compared with the answer's own Date, so a wrong clock here does not matter;
 * what is malformed is ignored. Sources: shared notes api-github 1, api-sentry 1, api-aws 4,
 * api-slack 5; RFC 9110 10.2.3. */
#ifndef LIB_RETRY_H
#define LIB_RETRY_H

#include "lib/http.h"

struct retry {
	bool again;
	bool whole_host; /* a rate: other requests to the host should wait as well */
	int64_t wait_ms; /* before the next try, >= 0 */
	const char *why; /* static text: "rate limit", "secondary rate limit", "server error",
			    "network", "throttled", "gone for a moment"; NULL when !again */
};

/* tries: how many were made (>= 1); now_s: real time, used where the answer has no Date of its own;
 * jitter in [0,1). backoff_ms: how long one second of waiting takes, 1000 in earnest: every wait is
 * scaled by it, so that with 1 a test waits 60 ms for GitHub's minute. The back-off is 1, 2, 4 … 60
 * such seconds, of which the last half is left to the jitter. */
struct retry retry_decide(const struct http_response *r, int tries, int64_t now_s,
			  int64_t backoff_ms, double jitter);

#endif
