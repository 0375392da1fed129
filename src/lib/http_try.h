/* One try of one HTTP request with libcurl: only for http.c.
 *
 * 1. http_try_check: may the request be sent at all?    2. http_try_start: an easy handle, added to
 * the multi handle    3. when the loop hears that it ended: http_try_end    4. http_try_release */
#ifndef LIB_HTTP_TRY_H
#define LIB_HTTP_TRY_H

#include "lib/http.h"

struct http_try {
	void *easy, *list; /* CURL *, struct curl_slist *; NULL when none is under way */
	struct arena a; /* of the answer's headers */
	char *body; /* malloc: grows, and large ones should go back at once */
	size_t len, cap, max, header_bytes;
	VEC(struct http_header) headers;
	bool over, over_headers; /* a cap was passed */
	bool headers_done; /* their closing empty line came */
	char reason[256]; /* libcurl's own words; CURL_ERROR_SIZE */
};

/* ERR_BUG for shapes that libcurl would sign wrongly or that smuggle a line into the headers. */
MUST_CHECK bool http_try_check(const struct http_request *rq, struct err *e);
/* "scheme://host:port" of a web address, lower case, and the address fit for messages. Fails:
 * ERR_CONFIG. */
MUST_CHECK bool http_try_url(const char *url, bool secret, struct arena *a, const char **origin,
			     const char **shown, struct err *e);
/* Location against the address it was answered from, without user and fragment. Fails: ERR_PROTO.
 */
MUST_CHECK bool http_try_location(const char *base, const char *location, struct arena *a,
				  const char **out, struct err *e);

/* tag comes back from http_try_next. */
MUST_CHECK bool http_try_start(struct http_try *t, void *multi, const struct http_opts *o,
			       const struct http_request *rq, void *tag, struct err *e);
/* The next try that ended: its tag and libcurl's code; false when there is none. */
bool http_try_next(void *multi, void **tag, int *code);
/* Fills out's status, body, headers, err and sent, and adds to its wire_bytes; strings live until
 * http_try_release or the next start. */
void http_try_end(struct http_try *t, void *multi, int code, struct http_response *out);
void http_try_release(struct http_try *t, void *multi);

MUST_CHECK bool http_try_multi(void **out, struct err *e);
void http_try_multi_free(void *multi);
/* Waits at most wait_ms for something to happen, then lets transfers go on. Fails: ERR_BUG. */
MUST_CHECK bool http_try_pump(void *multi, int64_t wait_ms, struct err *e);

#endif
