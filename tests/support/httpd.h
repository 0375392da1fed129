/* A scripted web server on loopback, for tests: answers by method and path, in sequence, and
 * remembers what it was asked. Several may run at once; each has its own port and threads.
 *
 * 1. struct httpd *h = httpd_start();
 * 2. httpd_on(h, "GET", "/x", (struct httpd_answer){.body = "{}"});   again for the second answer,
 *    …; the last one repeats
 * 3. run the code against httpd_url(h)
 * 4. httpd_count, httpd_get: what arrived      5. httpd_stop(h) */
#ifndef SUPPORT_HTTPD_H
#define SUPPORT_HTTPD_H

#include "base/arena.h"

struct httpd;

struct httpd_header {
	const char *name, *value;
};

struct httpd_request {
	const char *method, *path,
		*query; /* path and query raw, as sent; query "" when there is none */
	const char *target; /* path?query */
	const struct httpd_header *headers;
	size_t header_n;
	const char *body; /* NUL-terminated */
	size_t len;
	int64_t at_ms; /* clock_mono_ms() when the request line was read */
	int peer_port; /* tells connections apart */
};

struct httpd_answer {
	int status; /* 0: 200 */
	const char *body; /* NULL: empty */
	size_t len; /* 0: strlen(body) */
	const char *const *headers; /* "Name: value", NULL-terminated; copied */
	int delay_ms; /* before the status line */
	bool gzip; /* compresses the body and says so, if the request accepts it */
	bool hang; /* never answers (until httpd_stop) */
	bool drop; /* reads the whole request, then closes without a word */
	size_t cut; /* > 0: announces all of the body, closes after that many bytes */
	int drip_ms; /* > 0: the body one byte at a time, that far apart */
};

/* http://127.0.0.1:PORT without a trailing slash; valid until stop. Sets no_proxy=* in the
 * environment. */
struct httpd *httpd_start(void);
/* The same over TLS with a certificate for 127.0.0.1 and localhost: PEM texts (support/cert.h). */
struct httpd *httpd_start_tls(const char *cert_pem, const char *key_pem);
const char *httpd_url(const struct httpd *h);
int httpd_port(const struct httpd *h);
void httpd_stop(struct httpd *h); /* NULL is fine */

/* method NULL: any. path: an fnmatch pattern over the path, or over path?query if it contains a
 * '?'. Rules are tried in the order of their first httpd_on; no rule: 404 {"error":"no rule"}.
 * Everything is copied. */
void httpd_on(struct httpd *h, const char *method, const char *path, struct httpd_answer answer);
/* Answers worked out by the test, for what no earlier rule matches; called with the server's lock
 * held (one at a time). Strings may come from a, which lives until httpd_stop. No cmocka assertions
 * inside: it is another thread. */
typedef struct httpd_answer (*httpd_fn)(const struct httpd_request *rq, struct arena *a, void *ctx);
void httpd_on_any(struct httpd *h, httpd_fn f, void *ctx);

/* Requests so far, of that method and path pattern (NULL: any). */
size_t httpd_count(struct httpd *h, const char *method, const char *path);
/* The i-th of them, 0 = first; NULL when there are fewer. Valid until httpd_stop. */
const struct httpd_request *httpd_get(struct httpd *h, const char *method, const char *path,
				      size_t i);
/* First header of that name, any case; NULL when absent. */
const char *httpd_header(const struct httpd_request *rq, const char *name);
/* Most requests that were being worked on at once. */
int httpd_peak(struct httpd *h);
void httpd_forget(struct httpd *h); /* the requests, not the rules */

#endif
