#include "lib/http_try.h"

#include "base/limits.h"
#include "base/text.h"

#include <curl/curl.h>
#include <strings.h>

#define CONNECT_S	 10 /* a host that does not take the call in this time will not */
#define LOW_SPEED	 16 /* bytes a second; less than this for half the time-out is a stall */
#define HEADER_BYTES_MAX ((size_t)256 * 1024)
#define SIGV4_PART_MAX	 64 /* libcurl's own limit for a part of the option */

/* An option that libcurl does not take is a mistake of ours or lack of memory. */
#define SET(easy, opt, value) BUG_ON(curl_easy_setopt((easy), (opt), (value)) != CURLE_OK)

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_try *t = ctx;
	n *= size;
	if (n > t->max - t->len) {
		t->over = true;
		return 0;
	}
	if (t->len + n + 1 > t->cap) {
		t->cap = MAX(t->cap * 2, t->len + n + 1);
		t->body = realloc(t->body, t->cap);
		BUG_ON(!t->body);
	}
	memcpy(t->body + t->len, p, n);
	t->len += n;
	return n;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_try *t = ctx;
	n *= size;
	t->header_bytes += n;
	if (t->header_bytes > HEADER_BYTES_MAX) {
		t->over_headers = true;
		return 0;
	}
	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		t->headers.n = 0; /* what came before was a 100 Continue */
		t->headers_done = false;
		return n;
	}
	if (p[0] == '\r' || p[0] == '\n')
		t->headers_done = true;
	const char *colon = memchr(p, ':', n);
	if (!colon)
		return n;
	const char *v = colon + 1, *end = p + n;
	while (v < end && (*v == ' ' || *v == '\t'))
		v++;
	while (end > v && strchr("\r\n \t", end[-1]))
		end--;
	struct http_header h = {arena_strndup(&t->a, p, (size_t)(colon - p)),
				arena_strndup(&t->a, v, (size_t)(end - v))};
	vec_push(&t->a, &t->headers, h);
	return n;
}

static size_t name_len(const char *header)
{
	return strcspn(header, ":;");
}

static bool is_header(const char *header, const char *name)
{
	size_t n = strlen(name);
	return name_len(header) == n && strncasecmp(header, name, n) == 0;
}

/* libcurl 7.88 sorts whole lines, so "Accept:" and "Accept-Encoding:" come out in the wrong order.
 */
static bool begins_other(const char *a, size_t a_n, const char *b, size_t b_n)
{
	return a_n <= b_n && strncasecmp(a, b, a_n) == 0 && (a_n == b_n || b[a_n] == '-');
}

static bool sigv4_check(const struct http_request *rq, struct err *e)
{
	const struct http_sigv4 *s = rq->sigv4;
	static const char *const own[] = {"Host", "X-Amz-Date", "X-Amz-Security-Token"};
	if (!rq->method || strcmp(rq->method, "POST") != 0 || !rq->body)
		return err_set(e, ERR_BUG, "only a POST with a body is signed right");
	const char *host = strstr(rq->url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	if (strpbrk(rq->url, "?#") ||
	    (path && path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-_.~/")]) ||
	    (path && strstr(path, "//")))
		return err_set(e, ERR_BUG, "only a plain path without a query is signed right");
	if (!s->region || !s->service || !s->key_id || !s->secret || !*s->region || !*s->service)
		return err_set(e, ERR_BUG, "signing needs region, service, key and secret");
	if (strlen(s->region) >= SIGV4_PART_MAX || strlen(s->service) >= SIGV4_PART_MAX ||
	    strpbrk(s->region, ": \r\n") || strpbrk(s->service, ": \r\n"))
		return err_set(e, ERR_BUG, "region or service is not a name");
	for (size_t i = 0; rq->headers && rq->headers[i]; i++) {
		const char *h = rq->headers[i];
		size_t n = name_len(h);
		if (is_header(h, "Date") || is_header(h, "Authorization"))
			return err_set(e, ERR_BUG, "header \"%.*s\" may not be signed", (int)n, h);
		if (h[n] != ':' || h[n + 1 + strspn(h + n + 1, " \t")] == '\0')
			return err_set(e, ERR_BUG, "a header without value is signed wrongly");
		for (size_t k = 0; k < ARRAY_SIZE(own); k++)
			if (begins_other(h, n, own[k], strlen(own[k])) ||
			    begins_other(own[k], strlen(own[k]), h, n))
				return err_set(e, ERR_BUG, "header \"%.*s\" is set here", (int)n,
					       h);
		for (size_t k = 0; rq->headers[k]; k++)
			if (k != i && begins_other(h, n, rq->headers[k], name_len(rq->headers[k])))
				return err_set(e, ERR_BUG, "headers \"%.*s\" are signed wrongly",
					       (int)n, h);
	}
	return true;
}

static bool has_control(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < 0x20 && *s != '\t')
			return true;
	return false;
}

bool http_try_check(const struct http_request *rq, struct err *e)
{
	bool get = !rq->method || strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;
	for (const char *m = rq->method; m && *m; m++)
		if (*m < 'A' || *m > 'Z')
			return err_set(e, ERR_BUG, "method is not a word in capitals");
	if (get && rq->body)
		return err_set(e, ERR_BUG, "a GET has no body");
	/* The value is not shown: it may be a token with a stray line end. */
	if (has_control(rq->bearer) || (rq->sigv4 && has_control(rq->sigv4->session_token)))
		return err_set(e, ERR_BUG, "the token holds a control character");
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		if (has_control(rq->headers[i]))
			return err_set(e, ERR_BUG, "header \"%.*s\" holds a control character",
				       (int)name_len(rq->headers[i]), rq->headers[i]);
	return rq->sigv4 ? sigv4_check(rq, e) : true;
}

static const char *url_part(CURLU *u, CURLUPart part, unsigned flags, struct arena *a)
{
	char *s = NULL;
	if (curl_url_get(u, part, &s, flags) != CURLUE_OK)
		return NULL;
	const char *copy = arena_strdup(a, s);
	curl_free(s);
	return copy;
}

bool http_try_url(const char *url, bool secret, struct arena *a, const char **origin,
		  const char **shown, struct err *e)
{
	CURLU *u = curl_url();
	BUG_ON(!u);
	const char *scheme = NULL, *host = NULL, *port = NULL, *whole = NULL;
	if (url && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK) {
		scheme = url_part(u, CURLUPART_SCHEME, 0, a);
		host = url_part(u, CURLUPART_HOST, 0, a);
		port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, a);
		curl_url_set(u, CURLUPART_USER, NULL, 0);
		curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(u, CURLUPART_QUERY, NULL, 0);
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		if (secret)
			curl_url_set(u, CURLUPART_PATH, "/…", 0);
		whole = url_part(u, CURLUPART_URL, 0, a);
	}
	curl_url_cleanup(u);
	if (!host || !port || !whole || (!text_eq(scheme, "http") && !text_eq(scheme, "https"))) {
		if (secret)
			return err_set(e, ERR_CONFIG, "not an http or https address");
		return err_set(e, ERR_CONFIG, "\"%.*s\" is not an http or https address",
			       (int)strcspn(url ? url : "", "?"), url ? url : "");
	}
	*origin = arena_printf(a, "%s://%s:%s", scheme, text_lower(a, host), port);
	*shown = whole;
	return true;
}

bool http_try_location(const char *base, const char *location, struct arena *a, const char **out,
		       struct err *e)
{
	CURLU *u = curl_url();
	BUG_ON(!u);
	const char *whole = NULL;
	if (curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(u, CURLUPART_URL, location, 0) == CURLUE_OK) {
		/* A user in a Location would be sent as a password; a fragment is the reader's. */
		curl_url_set(u, CURLUPART_USER, NULL, 0);
		curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		whole = url_part(u, CURLUPART_URL, 0, a);
	}
	curl_url_cleanup(u);
	if (!whole)
		return err_set(e, ERR_PROTO, "redirect to what is not a web address");
	*out = whole;
	return true;
}

static void add_header(struct http_try *t, const char *line)
{
	struct curl_slist *l = curl_slist_append(t->list, line);
	BUG_ON(!l);
	t->list = l;
}

static bool has_header(const struct http_request *rq, const char *name)
{
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		if (is_header(rq->headers[i], name))
			return true;
	return false;
}

static void set_method(CURL *c, const struct http_request *rq)
{
	const char *m = rq->method ? rq->method : "GET";
	if (strcmp(m, "GET") == 0) {
		SET(c, CURLOPT_HTTPGET, 1L);
		return;
	}
	if (strcmp(m, "HEAD") == 0) {
		SET(c, CURLOPT_NOBODY, 1L);
		return;
	}
	/* The request outlives the try: no copy of the body is needed. */
	SET(c, CURLOPT_POST, 1L);
	SET(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body_len);
	SET(c, CURLOPT_POSTFIELDS, rq->body ? rq->body : "");
	if (strcmp(m, "POST") != 0)
		SET(c, CURLOPT_CUSTOMREQUEST, m);
}

static void set_sigv4(struct http_try *t, CURL *c, const struct http_sigv4 *s)
{
	char *provider = arena_printf(&t->a, "aws:amz:%s:%s", s->region, s->service);
	SET(c, CURLOPT_AWS_SIGV4, provider);
	SET(c, CURLOPT_USERNAME, s->key_id);
	SET(c, CURLOPT_PASSWORD, s->secret);
	if (s->session_token)
		add_header(t, arena_printf(&t->a, "X-Amz-Security-Token: %s", s->session_token));
}

bool http_try_start(struct http_try *t, void *multi, const struct http_opts *o,
		    const struct http_request *rq, void *tag, struct err *e)
{
	http_try_release(t, multi);
	t->max = rq->max_body ? rq->max_body : LIMIT_BODY_BYTES;
	CURL *c = t->easy = curl_easy_init();
	BUG_ON(!c);
	if (curl_easy_setopt(c, CURLOPT_URL, rq->url) != CURLE_OK)
		return err_set(e, ERR_CONFIG, "the address is too long");
	SET(c, CURLOPT_PRIVATE, tag);
	SET(c, CURLOPT_ERRORBUFFER, t->reason);
	/* Not NOSIGNAL: then a peer that leaves during TLS would end us by SIGPIPE. */
	SET(c, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(c, CURLOPT_FOLLOWLOCATION, 0L); /* http.c follows, with what may go along */
	SET(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(c, CURLOPT_PIPEWAIT, 1L); /* rather one more stream than one more connection */
	SET(c, CURLOPT_ACCEPT_ENCODING, "");
	int64_t timeout_ms = (int64_t)o->timeout_s * 1000;
	if (rq->timeout_ms)
		timeout_ms = MIN(timeout_ms, rq->timeout_ms);
	SET(c, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN((int64_t)CONNECT_S * 1000, timeout_ms));
	SET(c, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	if (rq->direct)
		SET(c, CURLOPT_PROXY, "");
	SET(c, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED);
	SET(c, CURLOPT_LOW_SPEED_TIME, (long)MAX(1, o->timeout_s / 2));
	SET(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(c, CURLOPT_USERAGENT, o->user_agent ? o->user_agent : "sitrep");
	if (o->ca_file)
		SET(c, CURLOPT_CAINFO, o->ca_file);
	if (rq->once) /* on a kept connection that broke, libcurl would send again by itself */
		SET(c, CURLOPT_FRESH_CONNECT, 1L);
	SET(c, CURLOPT_WRITEFUNCTION, on_body);
	SET(c, CURLOPT_WRITEDATA, t);
	SET(c, CURLOPT_HEADERFUNCTION, on_header);
	SET(c, CURLOPT_HEADERDATA, t);

	set_method(c, rq);
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		add_header(t, rq->headers[i]);
	if (rq->bearer)
		add_header(t, arena_printf(&t->a, "Authorization: Bearer %s", rq->bearer));
	if (rq->sigv4)
		set_sigv4(t, c, rq->sigv4);
	else if (rq->body_len && !has_header(rq, "Expect"))
		add_header(t, "Expect:"); /* signed requests keep it: a removed header is signed */
	if (t->list)
		SET(c, CURLOPT_HTTPHEADER, (struct curl_slist *)t->list);
	CURLMcode rc = curl_multi_add_handle(multi, c);
	if (rc != CURLM_OK)
		return err_set(e, ERR_BUG, "%s", curl_multi_strerror(rc));
	return true;
}

bool http_try_next(void *multi, void **tag, int *code)
{
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
		if (m->msg != CURLMSG_DONE)
			continue;
		char *p = NULL;
		BUG_ON(curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p) != CURLE_OK);
		*tag = p;
		*code = (int)m->data.result;
		return true;
	}
	return false;
}

static void explain(const struct http_try *t, CURLcode code, struct http_response *out)
{
	struct arena a = {0};
	const char *why = t->reason[0] ? text_line(&a, t->reason, 200) : curl_easy_strerror(code);
	enum err_kind kind = ERR_NET;
	if (t->over)
		err_set(&out->err, ERR_LIMIT, "the answer of %s is larger than %zu bytes", out->url,
			t->max);
	if (t->over_headers)
		err_set(&out->err, ERR_LIMIT, "the headers of %s are larger than %zu bytes",
			out->url, HEADER_BYTES_MAX);
	switch ((int)code) { /* libcurl's numbers: most of them are the network */
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_UNSUPPORTED_PROTOCOL:
		kind = ERR_PROTO; /* trying again does not help */
		break;
	case CURLE_URL_MALFORMAT:
		kind = ERR_CONFIG;
		break;
	default:
		break;
	}
	err_set(&out->err, kind, "no answer from %s: %s", out->url, why);
	arena_release(&a);
}

void http_try_end(struct http_try *t, void *multi, int code, struct http_response *out)
{
	CURL *c = t->easy;
	curl_off_t bytes = 0;
	long status = 0, header_bytes = 0, request_bytes = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	curl_easy_getinfo(c, CURLINFO_HEADER_SIZE, &header_bytes);
	curl_easy_getinfo(c, CURLINFO_REQUEST_SIZE, &request_bytes);
	out->wire_bytes += bytes + header_bytes;
	/* Any byte counts: how much of it arrived nobody can tell from here. */
	out->sent = request_bytes > 0;
	err_clear(&out->err);
	out->status = 0;
	out->body = "";
	out->len = 0;
	out->headers = NULL;
	out->header_n = 0;
	if (code == CURLE_OK && !t->headers_done) {
		/* libcurl takes headers that broke off for a whole answer without a body. */
		err_set(&out->err, ERR_NET, "no answer from %s: its headers broke off", out->url);
	} else if (code != CURLE_OK || status == 0) {
		explain(t, (CURLcode)code, out);
	} else {
		out->status = (int)status;
		if (t->len) {
			t->body[t->len] = '\0'; /* on_body keeps room for it */
			out->body = t->body;
			out->len = t->len;
		}
		out->headers = t->headers.v;
		out->header_n = t->headers.n;
	}
	curl_multi_remove_handle(multi, c);
	curl_easy_cleanup(c);
	t->easy = NULL;
	curl_slist_free_all(t->list);
	t->list = NULL;
}

void http_try_release(struct http_try *t, void *multi)
{
	if (t->easy) {
		curl_multi_remove_handle(multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->list);
	free(t->body);
	arena_release(&t->a);
	*t = (struct http_try){0};
}

bool http_try_multi(void **out, struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_BUG, "libcurl does not start");
	CURLM *m = curl_multi_init();
	if (!m) {
		curl_global_cleanup();
		return err_set(e, ERR_BUG, "libcurl does not start");
	}
	*out = m;
	return true;
}

void http_try_multi_free(void *multi)
{
	curl_multi_cleanup(multi);
	curl_global_cleanup();
}

bool http_try_pump(void *multi, int64_t wait_ms, struct err *e)
{
	int running;
	CURLMcode rc = CURLM_OK;
	if (wait_ms > 0) /* less when a transfer has something to do */
		rc = curl_multi_poll(multi, NULL, 0, (int)MIN(wait_ms, 60000), NULL);
	if (rc == CURLM_OK)
		rc = curl_multi_perform(multi, &running);
	if (rc != CURLM_OK)
		return err_set(e, ERR_BUG, "%s", curl_multi_strerror(rc));
	return true;
}

const char *http_version(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}
