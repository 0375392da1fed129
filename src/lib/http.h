/* The event loop for HTTP: one curl_multi, one queue, single-threaded.
 *
 * 1. http_new(&opts)   2. http_submit(h, &request, handler, ctx) as often as wanted
 * 3. http_run(h, e)    4. http_free
 *
 * A handler gets the final answer (after retries) and may submit more. The loop owns keep-alive,
 * HTTP/2, compression, concurrency per host, pacing per host, retries (lib/retry.h; an answer that
 * names a rate holds back the whole host), budgets, time-outs, body caps and redirects (followed
 * for GET and HEAD up to 5 times; to another host, port or scheme nothing goes along but Accept and
 * the user agent, and https never falls to http). With concurrency 1 there is one request at a time
 * over all hosts, in the order of submission, a waiting one included.
 *
 * A proxy is taken from the environment (https_proxy, no_proxy). Only http and https are spoken.
 * Nothing of a header, a body, a query or a token is ever logged. */
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include "base/arena.h"
#include "base/err.h"

struct http;

struct http_opts {
	int concurrency; /* per host; >= 1 */
	int timeout_s; /* one try, whole */
	int retries; /* further tries after the first */
	int64_t retry_total_ms; /* no wait is begun that would pass this sum per request; 0: 10
				   minutes */
	int64_t backoff_ms; /* how long one second of any wait between tries takes, Retry-After and
			       resets included; 0: 1000. Tests set 1. */
	const char *user_agent; /* "sitrep/0.1.0" */
	const char *ca_file; /* besides the system's authorities; NULL: those only */
};

/* AWS request signing by libcurl 7.88, which is right for one shape only: POST with a body, a path
 * of A-Z a-z 0-9 - _ . ~ /, no query, headers whose names neither repeat nor begin each other, no
 * Date of one's own. Any other shape is refused with ERR_BUG. X-Amz-Security-Token is added here.
 */
struct http_sigv4 {
	const char *region, *service, *key_id, *secret,
		*session_token; /* session_token may be NULL */
};

struct http_request {
	const char *method; /* NULL: GET */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
	const char *bearer; /* token for "Authorization: Bearer", or NULL */
	const struct http_sigv4 *sigv4;
	const char *body; /* NULL: none. Copied. */
	size_t body_len;
	size_t max_body; /* of the answer; 0: LIMIT_BODY_BYTES */
	int64_t min_gap_ms; /* least time between starts of requests to this host (pacing); 0: none
			     */
	int64_t *budget; /* decremented per try; at 0 a request that has no answer yet fails with
			    ERR_LIMIT "request budget", and one that has is not tried again. May be
			    NULL */
	bool once; /* a POST whose repetition is not harmless (Slack): tried again only where it
		      certainly had no effect (nothing left us, or refused for a rate), by libcurl
		      neither */
	bool no_redirect; /* a 3xx is given to the handler */
	int64_t timeout_ms; /* one try, whole, where that is less than the loop's; 0: the loop's */
	int tries; /* at most so many, where that is less than the loop's; 0: the loop's */
	bool direct; /* past any proxy: an address of this machine or its link */
	bool url_secret; /* the path is a secret (a webhook): messages name the host only */
};

struct http_header {
	const char *name, *value;
};

struct http_response {
	const char *url; /* of the request, without user, query and fragment, for messages */
	int status; /* 0: no answer, see err */
	const char *body; /* NUL-terminated, never NULL */
	size_t len;
	struct http_header *headers; /* of the final answer */
	size_t header_n;
	int tries;
	int64_t wire_bytes; /* received in all tries, compressed as it came */
	bool sent; /* some of the last try left us: its effect is unknown if status is 0 */
	struct err err; /* set when status is 0: ERR_NET (what happened), ERR_LIMIT (body cap,
			   budget), ERR_PROTO (certificate, redirect), ERR_CONFIG (not a web
			   address), ERR_BUG (a request that may not be sent) */
};

/* First header of that name, any case; NULL when absent. */
const char *http_header(const struct http_response *r, const char *name);
/* err for a status outside 2xx: ERR_LIMIT 429 and every refusal that lib/retry.h takes for a rate,
 * ERR_AUTH 401 403, ERR_NET 5xx and no answer (or the reason there is none), else ERR_PROTO; text
 * "HTTP 403 from URL: first line of the body's message". Returns false; true (and no error) for
 * 2xx. */
bool http_ok(const struct http_response *r, struct err *e);

/* false stops the whole loop: only for our own failures (store full, …), never for an answer. The
 * response lives until return. */
typedef bool (*http_handler)(const struct http_response *r, void *ctx, struct err *e);

MUST_CHECK bool http_new(const struct http_opts *o, struct http **out, struct err *e);
void http_free(struct http *h);
void http_freep(struct http **h);
/* Everything in rq is copied. */
void http_submit(struct http *h, const struct http_request *rq, http_handler f, void *ctx);
/* Runs until the queue is empty or a handler fails; then what is under way is cancelled and the
 * rest of the queue dropped, without calling their handlers. */
MUST_CHECK bool http_run(struct http *h, struct err *e);
/* One request, alone, now, with all of the above: for deliveries and checks; a handler may call it.
 * The response is copied into a. Fails only for our own failures (ERR_BUG). */
MUST_CHECK bool http_one(struct http *h, const struct http_request *rq, struct arena *a,
			 struct http_response *out, struct err *e);
const char *http_version(void);

#endif
