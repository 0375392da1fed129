#include "support/cert.h"
#include "support/httpd.h"
#include "support/test.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "lib/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* What handlers heard, in order. */
struct heard {
	struct arena a;
	VEC(struct http_response) v;
	struct http *h;
	const char *more; /* submitted by the first answer */
	int fail_at; /* the n-th handler call fails */
};

static bool hear(const struct http_response *r, void *ctx, struct err *e)
{
	struct heard *h = ctx;
	struct http_response c = *r;
	c.url = arena_strdup(&h->a, r->url);
	c.body = arena_strndup(&h->a, r->body, r->len);
	c.headers = NULL; /* not valid after return */
	c.header_n = 0;
	vec_push(&h->a, &h->v, c);
	if (h->fail_at && (int)h->v.n == h->fail_at)
		return err_set(e, ERR_DB, "store full");
	if (h->more) {
		struct http_request rq = {.url = h->more};
		h->more = NULL;
		http_submit(h->h, &rq, hear, h);
	}
	return true;
}

static const struct http_opts fast = {.concurrency = 4,
				      .timeout_s = 5,
				      .retries = 2,
				      .backoff_ms = 1,
				      .user_agent = "sitrep/test"};

static struct http *open_http(const struct http_opts *o)
{
	struct http *h;
	struct err e = {0};
	assert_ok(http_new(o, &h, &e), e);
	return h;
}

static void run(struct http *h)
{
	struct err e = {0};
	assert_ok(http_run(h, &e), e);
}

static const char *at(struct arena *a, const struct httpd *d, const char *path)
{
	return arena_printf(a, "%s%s", httpd_url(d), path);
}

static struct http_response one(const struct http_opts *o, struct arena *a,
				const struct http_request *rq)
{
	struct err e = {0};
	CLEANUP(http_freep) struct http *h = open_http(o);
	struct http_response r;
	assert_ok(http_one(h, rq, a, &r, &e), e);
	return r;
}

static struct http_response get(struct arena *a, const struct httpd *d, const char *path)
{
	return one(&fast, a, &(struct http_request){.url = at(a, d, path)});
}

static int64_t since(int64_t start_ms)
{
	return clock_mono_ms() - start_ms;
}

static void an_answer_comes_whole_with_its_headers(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	const char *const hs[] = {"X-Page: 1", "Link: <https://example.org/2>; rel=\"next\"", NULL};
	httpd_on(d, "GET", "/x", (struct httpd_answer){.body = "a\0b", .len = 3, .headers = hs});
	struct http_response r = get(&a, d, "/x?token=hidden#part");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, 3);
	assert_memory_equal(r.body, "a\0b", 4);
	assert_string_equal(http_header(&r, "x-page"), "1");
	assert_string_equal(http_header(&r, "LINK"), "<https://example.org/2>; rel=\"next\"");
	assert_null(http_header(&r, "X-Pag"));
	assert_string_equal(r.url, at(&a, d, "/x"));
	assert_int_equal(r.tries, 1);
	assert_true(r.wire_bytes > 3);
	assert_true(r.sent);
	const struct httpd_request *rq = httpd_get(d, "GET", "/x", 0);
	assert_string_equal(rq->query, "token=hidden");
	assert_string_equal(httpd_header(rq, "User-Agent"), "sitrep/test");
	httpd_stop(d);
	arena_release(&a);
}

static void a_post_carries_headers_token_and_every_byte(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, NULL, "*", (struct httpd_answer){.status = 201, .body = "{}"});
	const char *const hs[] = {"Content-Type: application/json; charset=utf-8", NULL};
	struct http_request rq = {.method = "POST",
				  .url = at(&a, d, "/post"),
				  .headers = hs,
				  .bearer = "t0ken",
				  .body = "x\0\r\ny",
				  .body_len = 5};
	assert_int_equal(one(&fast, &a, &rq).status, 201);
	const struct httpd_request *got = httpd_get(d, "POST", "/post", 0);
	assert_int_equal(got->len, 5);
	assert_memory_equal(got->body, "x\0\r\ny", 5);
	assert_string_equal(httpd_header(got, "Authorization"), "Bearer t0ken");
	assert_string_equal(httpd_header(got, "Content-Type"), "application/json; charset=utf-8");
	rq = (struct http_request){.method = "PUT", .url = at(&a, d, "/put")};
	assert_int_equal(one(&fast, &a, &rq).status, 201);
	assert_string_equal(httpd_header(httpd_get(d, "PUT", "/put", 0), "Content-Length"), "0");
	rq = (struct http_request){.method = "HEAD", .url = at(&a, d, "/head")};
	assert_int_equal(one(&fast, &a, &rq).status, 201);
	httpd_stop(d);
	arena_release(&a);
}

static void a_compressed_answer_is_unpacked_and_counted_as_it_came(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	size_t n = 200000;
	char *big = arena_alloc(&a, n);
	memset(big, 'x', n);
	httpd_on(d, "GET", "/z", (struct httpd_answer){.body = big, .len = n, .gzip = true});
	struct http_response r = get(&a, d, "/z");
	assert_int_equal(r.len, n);
	assert_memory_equal(r.body, big, n);
	assert_true(r.wire_bytes > 100 && r.wire_bytes < 5000);
	/* The cap counts what it unpacks to: a bomb is small on the wire. */
	struct http_request rq = {.url = at(&a, d, "/z"), .max_body = n - 1};
	r = one(&fast, &a, &rq);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.kind, ERR_LIMIT);
	assert_non_null(strstr(r.err.msg, "larger than 199999 bytes"));
	assert_int_equal(r.tries, 1);
	rq.max_body = n;
	assert_int_equal(one(&fast, &a, &rq).status, 200);
	httpd_stop(d);
	arena_release(&a);
}

static void what_may_pass_is_tried_again_and_the_last_answer_stands(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/flaky", (struct httpd_answer){.status = 503, .body = "<html>"});
	httpd_on(d, "GET", "/flaky", (struct httpd_answer){.body = "cut here", .cut = 3});
	httpd_on(d, "GET", "/flaky", (struct httpd_answer){.body = "fine"});
	httpd_on(d, "GET", "/down", (struct httpd_answer){.status = 502, .body = "no"});
	httpd_on(d, "GET", "/lost", (struct httpd_answer){.drop = true});
	httpd_on(d, "GET", "/denied", (struct httpd_answer){.status = 403, .body = "{}"});
	struct http_response r = get(&a, d, "/flaky");
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "fine");
	assert_int_equal(r.tries, 3);
	assert_int_equal(r.err.kind, ERR_NONE);
	r = get(&a, d, "/down");
	assert_int_equal(r.status, 502);
	assert_string_equal(r.body, "no");
	assert_int_equal(r.tries, 3);
	r = get(&a, d, "/lost");
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.kind, ERR_NET);
	assert_int_equal(r.tries, 3);
	assert_true(r.sent);
	assert_int_equal(get(&a, d, "/denied").tries, 1);
	assert_int_equal(httpd_count(d, "GET", "/denied"), 1);
	httpd_stop(d);
	arena_release(&a);
}

static void a_broken_body_is_no_answer(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/", (struct httpd_answer){.body = "[1,2,3]", .cut = 4});
	struct http_response r = get(&a, d, "/");
	assert_int_equal(r.status, 0);
	assert_string_equal(r.body, "");
	assert_int_equal(r.len, 0);
	assert_int_equal(r.header_n, 0);
	assert_int_equal(r.err.kind, ERR_NET);
	httpd_stop(d);
	arena_release(&a);
}

static void a_request_that_must_not_repeat_is_sent_once(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "POST", "/warm", (struct httpd_answer){.body = "ok"});
	httpd_on(d, "POST", "/post", (struct httpd_answer){.drop = true});
	httpd_on(d, "POST", "/busy", (struct httpd_answer){.status = 503});
	CLEANUP(http_freep) struct http *h = open_http(&fast);
	struct http_response r;
	struct http_request rq = {.method = "POST", .body = "x", .body_len = 1, .once = true};
	/* On a kept connection libcurl itself would repeat: none is kept for these. */
	rq.url = at(&a, d, "/warm");
	assert_ok(http_one(h, &rq, &a, &r, &e), e);
	rq.url = at(&a, d, "/post");
	assert_ok(http_one(h, &rq, &a, &r, &e), e);
	assert_int_equal(r.status, 0);
	assert_true(r.sent);
	assert_int_equal(httpd_count(d, "POST", "/post"), 1);
	rq.url = at(&a, d, "/busy");
	assert_ok(http_one(h, &rq, &a, &r, &e), e);
	assert_int_equal(r.status, 503);
	assert_int_equal(httpd_count(d, "POST", "/busy"), 1);
	/* Refused for a rate it had no effect: that may be tried again. */
	httpd_on(d, "POST", "/rate", (struct httpd_answer){.status = 429});
	httpd_on(d, "POST", "/rate", (struct httpd_answer){.body = "ok"});
	rq.url = at(&a, d, "/rate");
	assert_ok(http_one(h, &rq, &a, &r, &e), e);
	assert_int_equal(r.status, 200);
	assert_int_equal(httpd_count(d, "POST", "/rate"), 2);
	httpd_stop(d);
	arena_release(&a);
}

static void what_was_never_sent_says_so(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	const char *url = at(&a, d, "/x");
	httpd_stop(d); /* nobody listens there now */
	struct http_response r = one(&fast, &a, &(struct http_request){.url = url});
	assert_int_equal(r.status, 0);
	assert_false(r.sent);
	assert_int_equal(r.tries, 3);
	assert_int_equal(r.err.kind, ERR_NET);
	assert_non_null(strstr(r.err.msg, "no answer from http://127.0.0.1:"));
	r = one(&fast, &a, &(struct http_request){.url = "ftp://example.org/x"});
	assert_int_equal(r.err.kind, ERR_CONFIG);
	r = one(&fast, &a, &(struct http_request){.url = "nonsense"});
	assert_true(r.err.kind == ERR_CONFIG || r.err.kind == ERR_NET); /* a bare host name */
	r = one(&fast, &a, &(struct http_request){.url = ""});
	assert_int_equal(r.err.kind, ERR_CONFIG);
	assert_int_equal(r.tries, 0);
	arena_release(&a);
}

/* A server that sends these bytes and closes, whatever it is asked. */
struct junk {
	int listener;
	const char *bytes;
	size_t len;
};

static void *send_junk(void *ctx)
{
	struct junk *j = ctx;
	char buf[4096];
	int fd = accept(j->listener, NULL, NULL);
	if (fd < 0 || read(fd, buf, sizeof buf) <= 0)
		return NULL;
	for (size_t done = 0; done < j->len;) {
		ssize_t n = send(fd, j->bytes + done, j->len - done, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	return NULL;
}

static void junk_is_no_answer(void **state UNUSED)
{
	struct arena a = {0};
	char *endless = arena_alloc(&a, 400000);
	size_t n = (size_t)snprintf(endless, 400000, "HTTP/1.1 200 OK\r\n");
	while (n < 390000)
		n += (size_t)snprintf(endless + n, 400000 - n, "X-%zu: %0100d\r\n", n, 0);
	const struct {
		const char *bytes;
		enum err_kind kind;
	} rows[] = {
		{"", ERR_NET},
		{"220 mail.example.org ESMTP\r\n", ERR_PROTO},
		{"HTTP/1.1 200 OK\r\nContent-Le", ERR_NET},
		{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1", ERR_NET},
		{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n[]", ERR_NET},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]", ERR_NET},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n", ERR_NET},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk",
		 ERR_NET},
		{endless, ERR_LIMIT},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct junk j = {socket(AF_INET, SOCK_STREAM, 0), rows[i].bytes,
				 strlen(rows[i].bytes)};
		struct sockaddr_in sa = {.sin_family = AF_INET};
		sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		socklen_t len = sizeof sa;
		pthread_t thread;
		assert_int_equal(bind(j.listener, (struct sockaddr *)(void *)&sa, len), 0);
		assert_int_equal(listen(j.listener, 4), 0);
		assert_int_equal(getsockname(j.listener, (struct sockaddr *)(void *)&sa, &len), 0);
		assert_int_equal(pthread_create(&thread, NULL, send_junk, &j), 0);
		struct http_opts o = fast;
		o.retries = 0;
		struct http_request rq = {
			.url = arena_printf(&a, "http://127.0.0.1:%d/", ntohs(sa.sin_port))};
		struct http_response r = one(&o, &a, &rq);
		pthread_join(thread, NULL);
		close(j.listener);
		if (r.status != 0 || r.err.kind != rows[i].kind || r.len)
			fail_msg("row %zu: status %d, %s", i, r.status, r.err.msg);
	}
	arena_release(&a);
}

static void silence_and_trickle_end_by_time(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/hang", (struct httpd_answer){.hang = true});
	httpd_on(d, "GET", "/drip",
		 (struct httpd_answer){.body = "0123456789012345678901234567890123456789",
				       .drip_ms = 150});
	struct http_opts o = fast;
	o.retries = 0;
	o.timeout_s = 1;
	int64_t t0 = clock_mono_ms();
	struct http_response r = one(&o, &a, &(struct http_request){.url = at(&a, d, "/hang")});
	assert_int_equal(r.status, 0);
	assert_true(r.sent);
	assert_in_range(since(t0), 900, 4000);
	o.timeout_s = 4; /* whole: 6 s of dripping; low speed: 2 s */
	t0 = clock_mono_ms();
	r = one(&o, &a, &(struct http_request){.url = at(&a, d, "/drip")});
	assert_int_equal(r.status, 0);
	assert_in_range(since(t0), 1500, 3700);
	httpd_stop(d);
	arena_release(&a);
}

static void no_wait_is_begun_that_passes_the_total(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	const char *const hs[] = {"Retry-After: 3600", NULL};
	httpd_on(d, "GET", "/", (struct httpd_answer){.status = 429, .headers = hs});
	struct http_opts o = fast;
	o.retry_total_ms = 1000; /* an hour is 3600 ms here */
	int64_t t0 = clock_mono_ms();
	struct http_response r = one(&o, &a, &(struct http_request){.url = at(&a, d, "/")});
	assert_int_equal(r.status, 429);
	assert_int_equal(r.tries, 1);
	assert_true(since(t0) < 3000);
	httpd_stop(d);
	arena_release(&a);
}

static void a_rate_holds_back_the_whole_host(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	const char *const hs[] = {"Retry-After: 300", NULL}; /* 300 ms */
	httpd_on(d, "GET", "/limited", (struct httpd_answer){.status = 429, .headers = hs});
	httpd_on(d, "GET", "/limited", (struct httpd_answer){.body = "ok"});
	httpd_on(d, "GET", "/slow", (struct httpd_answer){.body = "ok", .delay_ms = 100});
	httpd_on(d, "GET", "/other", (struct httpd_answer){.body = "ok"});
	struct http_opts o = fast;
	o.concurrency = 2;
	CLEANUP(http_freep) struct http *h = open_http(&o);
	struct heard heard = {0};
	http_submit(h, &(struct http_request){.url = at(&a, d, "/limited")}, hear, &heard);
	http_submit(h, &(struct http_request){.url = at(&a, d, "/slow")}, hear, &heard);
	http_submit(h, &(struct http_request){.url = at(&a, d, "/other")}, hear, &heard);
	run(h);
	assert_int_equal(heard.v.n, 3);
	assert_int_equal(httpd_count(d, "GET", "/limited"), 2);
	int64_t first = httpd_get(d, "GET", "/limited", 0)->at_ms;
	assert_true(httpd_get(d, "GET", "/limited", 1)->at_ms - first >= 290);
	assert_true(httpd_get(d, "GET", "/other", 0)->at_ms - first >= 290);
	arena_release(&heard.a);
	httpd_stop(d);
	arena_release(&a);
}

static void at_most_so_many_at_once_per_host_and_hosts_are_independent(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d[2] = {httpd_start(), httpd_start()};
	struct http_opts o = fast;
	o.concurrency = 3;
	CLEANUP(http_freep) struct http *h = open_http(&o);
	struct heard heard = {0};
	for (int k = 0; k < 2; k++) {
		httpd_on(d[k], "GET", "*", (struct httpd_answer){.body = "x", .delay_ms = 80});
		for (int i = 0; i < 9; i++)
			http_submit(h, &(struct http_request){.url = at(&a, d[k], "/x")}, hear,
				    &heard);
	}
	int64_t t0 = clock_mono_ms();
	run(h);
	assert_int_equal(heard.v.n, 18);
	assert_int_equal(httpd_peak(d[0]), 3);
	assert_int_equal(httpd_peak(d[1]), 3);
	assert_in_range(since(t0), 230, 1300); /* 3 rounds; one after the other it is 1440 */
	httpd_stop(d[0]);
	httpd_stop(d[1]);
	arena_release(&heard.a);
	arena_release(&a);
}

static void one_at_a_time_keeps_the_order_even_past_a_retry(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d[2] = {httpd_start(), httpd_start()};
	httpd_on(d[0], "GET", "/0", (struct httpd_answer){.status = 503});
	httpd_on(d[0], "GET", "/0", (struct httpd_answer){.body = "0"});
	for (int k = 0; k < 2; k++)
		httpd_on(d[k], "GET", "*", (struct httpd_answer){.body = "x"});
	struct http_opts o = fast;
	o.concurrency = 1;
	CLEANUP(http_freep) struct http *h = open_http(&o);
	struct heard heard = {.h = h, .more = at(&a, d[0], "/more")};
	const char *want[8];
	for (int i = 0; i < 7; i++) {
		want[i] = at(&a, d[i % 2], arena_printf(&a, "/%d", i));
		http_submit(h, &(struct http_request){.url = want[i]}, hear, &heard);
	}
	want[7] = heard.more;
	run(h);
	assert_int_equal(heard.v.n, 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(heard.v.v[i].url, want[i]);
	/* Kept alive: two tries of /0, five more, all on one connection. */
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(httpd_get(d[0], NULL, NULL, i)->peer_port,
				 httpd_get(d[0], NULL, NULL, 0)->peer_port);
	httpd_stop(d[0]);
	httpd_stop(d[1]);
	arena_release(&heard.a);
	arena_release(&a);
}

static void starts_keep_their_distance(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "*", (struct httpd_answer){.body = "x"});
	CLEANUP(http_freep) struct http *h = open_http(&fast);
	struct heard heard = {0};
	for (int i = 0; i < 4; i++)
		http_submit(h, &(struct http_request){.url = at(&a, d, "/"), .min_gap_ms = 150},
			    hear, &heard);
	run(h);
	for (size_t i = 1; i < 4; i++)
		assert_true(httpd_get(d, NULL, NULL, i)->at_ms -
				    httpd_get(d, NULL, NULL, i - 1)->at_ms >=
			    75);
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

static void the_budget_counts_tries_and_then_refuses(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/a", (struct httpd_answer){.status = 503});
	httpd_on(d, "GET", "/a", (struct httpd_answer){.body = "x"});
	httpd_on(d, "GET", "*", (struct httpd_answer){.status = 503, .body = "down"});
	struct http_opts o = fast;
	o.concurrency = 1;
	CLEANUP(http_freep) struct http *h = open_http(&o);
	int64_t budget = 3;
	struct heard heard = {0};
	for (int i = 0; i < 3; i++) {
		const char *url = at(&a, d, arena_printf(&a, "/%c", 'a' + i));
		http_submit(h, &(struct http_request){.url = url, .budget = &budget}, hear, &heard);
	}
	run(h);
	assert_int_equal(budget, 0);
	assert_int_equal(httpd_count(d, NULL, NULL), 3);
	assert_int_equal(heard.v.v[0].status, 200); /* two tries */
	assert_int_equal(heard.v.v[1].status, 503); /* one, then no more: the answer stands */
	assert_int_equal(heard.v.v[2].status, 0);
	assert_int_equal(heard.v.v[2].err.kind, ERR_LIMIT);
	assert_non_null(strstr(heard.v.v[2].err.msg, "request budget"));
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

static void a_handler_that_fails_stops_everything(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/1", (struct httpd_answer){.body = "x"});
	httpd_on(d, "GET", "/2", (struct httpd_answer){.body = "x", .delay_ms = 50});
	httpd_on(d, "GET", "*", (struct httpd_answer){.body = "x", .delay_ms = 1500});
	struct http_opts o = fast;
	o.concurrency = 3;
	CLEANUP(http_freep) struct http *h = open_http(&o);
	struct heard heard = {.fail_at = 2};
	for (int i = 1; i < 9; i++)
		http_submit(h, &(struct http_request){.url = at(&a, d, arena_printf(&a, "/%d", i))},
			    hear, &heard);
	int64_t t0 = clock_mono_ms();
	assert_err(http_run(h, &e), e, ERR_DB, "store full");
	assert_true(since(t0) < 1200);
	assert_int_equal(heard.v.n, 2);
	/* Nothing of the old queue is left; the loop is usable. */
	err_clear(&e);
	heard.fail_at = 0;
	httpd_forget(d);
	http_submit(h, &(struct http_request){.url = at(&a, d, "/1")}, hear, &heard);
	run(h);
	assert_int_equal(heard.v.n, 3);
	assert_int_equal(httpd_count(d, "GET", "/1"), 1);
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

static bool ask_inside(const struct http_response *r, void *ctx, struct err *e)
{
	struct heard *h = ctx;
	struct http_response inner;
	if (!http_one(h->h, &(struct http_request){.url = h->more}, &h->a, &inner, e))
		return false;
	vec_push(&h->a, &h->v, inner);
	return r->status == 200;
}

static void one_request_may_be_made_inside_a_handler(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/outer", (struct httpd_answer){.body = "outer"});
	httpd_on(d, "GET", "/inner", (struct httpd_answer){.body = "inner"});
	CLEANUP(http_freep) struct http *h = open_http(&fast);
	struct heard heard = {.h = h, .more = at(&a, d, "/inner")};
	http_submit(h, &(struct http_request){.url = at(&a, d, "/outer")}, ask_inside, &heard);
	http_submit(h, &(struct http_request){.url = at(&a, d, "/outer")}, ask_inside, &heard);
	run(h);
	assert_int_equal(heard.v.n, 2);
	assert_string_equal(heard.v.v[1].body, "inner");
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

static void redirects_are_followed_and_nothing_secret_goes_along(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start(), *other = httpd_start();
	const char *const home[] = {"Location: ../repositories/1?page=2", NULL};
	const char *const away[] = {
		arena_printf(&a, "Location: http://u:p@127.0.0.1:%d/blob#x", httpd_port(other)),
		NULL};
	httpd_on(d, "GET", "/repos/old", (struct httpd_answer){.status = 301, .headers = home});
	httpd_on(d, "GET", "/repositories/1", (struct httpd_answer){.body = "renamed"});
	httpd_on(d, "GET", "/zip", (struct httpd_answer){.status = 302, .headers = away});
	httpd_on(d, "POST", "/zip", (struct httpd_answer){.status = 307, .headers = away});
	httpd_on(other, NULL, "/blob", (struct httpd_answer){.body = "zip"});
	const char *const hs[] = {
		"Accept: application/json", "Cookie: c=1",	    "X-Api-Key: k",
		"Authorization: token x",   "If-None-Match: \"e\"", NULL};
	struct http_request rq = {.url = at(&a, d, "/repos/old"), .headers = hs};
	struct http_response r = one(&fast, &a, &rq);
	assert_string_equal(r.body, "renamed");
	assert_int_equal(r.tries, 2);
	const struct httpd_request *got = httpd_get(d, "GET", "/repositories/1", 0);
	assert_string_equal(got->query, "page=2");
	assert_string_equal(httpd_header(got, "Authorization"), "token x");

	rq = (struct http_request){.url = at(&a, d, "/zip"), .headers = hs, .bearer = "t0ken"};
	r = one(&fast, &a, &rq);
	assert_string_equal(r.body, "zip");
	got = httpd_get(other, "GET", "/blob", 0);
	for (size_t i = 0; i < got->header_n; i++)
		if (strcmp(got->headers[i].name, "Host") != 0 &&
		    strncmp(got->headers[i].name, "Accept", 6) != 0 &&
		    strcmp(got->headers[i].name, "User-Agent") != 0)
			fail_msg("%s went along", got->headers[i].name);
	assert_string_equal(httpd_header(got, "Accept"), "application/json");
	assert_string_equal(got->target, "/blob");

	rq.no_redirect = true;
	assert_int_equal(one(&fast, &a, &rq).status, 302);
	rq = (struct http_request){
		.method = "POST", .url = at(&a, d, "/zip"), .body = "x", .body_len = 1};
	assert_int_equal(one(&fast, &a, &rq).status, 307);
	assert_int_equal(httpd_count(other, NULL, NULL), 1);
	httpd_stop(d);
	httpd_stop(other);
	arena_release(&a);
}

static void https_is_checked_and_never_falls_to_http(void **state UNUSED)
{
	struct arena a = {0};
	struct cert c = cert_make(&a);
	struct httpd *d = httpd_start_tls(c.cert_pem, c.key_pem), *plain = httpd_start();
	const char *const down[] = {arena_printf(&a, "Location: %s/x", httpd_url(plain)), NULL};
	httpd_on(d, "GET", "/down", (struct httpd_answer){.status = 302, .headers = down});
	httpd_on(d, "GET", "/x", (struct httpd_answer){.body = "secure"});
	struct http_opts o = fast;
	o.ca_file = c.cert_file;
	struct http_request rq = {.url = at(&a, d, "/x")};
	assert_string_equal(one(&o, &a, &rq).body, "secure");
	rq.url = at(&a, d, "/down");
	struct http_response r = one(&o, &a, &rq);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.kind, ERR_PROTO);
	assert_non_null(strstr(r.err.msg, "from https to http"));
	assert_int_equal(httpd_count(plain, NULL, NULL), 0);
	/* Without the authority the certificate is not believed, and trying again is pointless. */
	o.ca_file = NULL;
	rq.url = at(&a, d, "/x");
	r = one(&o, &a, &rq);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.kind, ERR_PROTO);
	assert_non_null(strstr(r.err.msg, "certificate"));
	assert_int_equal(r.tries, 1);
	assert_false(r.sent);
	httpd_stop(d);
	httpd_stop(plain);
	arena_release(&a);
}

static void a_redirect_that_cannot_be_followed_is_no_answer(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	const char *const loop[] = {"Location: /loop", NULL};
	const char *const file[] = {"Location: file:///etc/passwd", NULL};
	httpd_on(d, "GET", "/loop", (struct httpd_answer){.status = 302, .headers = loop});
	httpd_on(d, "GET", "/file", (struct httpd_answer){.status = 302, .headers = file});
	httpd_on(d, "GET", "/bare", (struct httpd_answer){.status = 302, .body = "here"});
	struct http_response r = get(&a, d, "/loop");
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.kind, ERR_PROTO);
	assert_non_null(strstr(r.err.msg, "more than 5 redirects"));
	assert_int_equal(httpd_count(d, "GET", "/loop"), 6);
	r = get(&a, d, "/file");
	assert_int_equal(r.err.kind, ERR_PROTO);
	assert_string_equal(r.body, "");
	r = get(&a, d, "/bare");
	assert_int_equal(r.status, 302);
	assert_string_equal(r.body, "here");
	httpd_stop(d);
	arena_release(&a);
}

static void requests_that_could_smuggle_or_be_signed_wrongly_are_refused(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct httpd *d = httpd_start();
	CLEANUP(http_freep) struct http *h = open_http(&fast);
	const char *const lines[] = {"X-A: b\r\nX-Evil: c", NULL};
	const char *const twice[] = {"Accept: x", "Accept-Encoding: y", NULL};
	const char *const date[] = {"Date: Sun, 06 Nov 1994 08:49:37 GMT", NULL};
	const char *const amz[] = {"X-Amz-Date: 20150830T123600Z", NULL};
	const char *const empty[] = {"Accept:", NULL};
	const struct http_sigv4 s = {"eu-west-2", "ecr", "AKIDEXAMPLE", "s3cr3t", NULL};
	const struct http_sigv4 no_region = {NULL, "ecr", "AKIDEXAMPLE", "s3cr3t", NULL};
	const char *url = at(&a, d, "/");
	const struct http_request bad[] = {
		{.url = url, .headers = lines},
		{.url = url, .bearer = "a\nb"},
		{.url = url, .body = "x", .body_len = 1},
		{.url = url, .method = "GET /x HTTP/1.1\r\nX:"},
		{.url = url, .sigv4 = &s},
		{.url = url, .method = "POST", .sigv4 = &s},
		{.url = at(&a, d, "/?a=1"), .method = "POST", .body = "", .sigv4 = &s},
		{.url = at(&a, d, "/a%3Ab"), .method = "POST", .body = "", .sigv4 = &s},
		{.url = at(&a, d, "/a//b"), .method = "POST", .body = "", .sigv4 = &s},
		{.url = url, .method = "POST", .body = "", .sigv4 = &no_region},
		{.url = url, .method = "POST", .body = "", .sigv4 = &s, .headers = twice},
		{.url = url, .method = "POST", .body = "", .sigv4 = &s, .headers = date},
		{.url = url, .method = "POST", .body = "", .sigv4 = &s, .headers = amz},
		{.url = url, .method = "POST", .body = "", .sigv4 = &s, .headers = empty},
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct http_response r;
		if (http_one(h, &bad[i], &a, &r, &e) || e.kind != ERR_BUG)
			fail_msg("request %zu was sent", i);
		assert_null(strstr(e.msg, "s3cr3t"));
		err_clear(&e);
	}
	assert_int_equal(httpd_count(d, NULL, NULL), 0);
	/* In the queue it is one answer among others. */
	struct heard heard = {0};
	http_submit(h, &bad[0], hear, &heard);
	http_submit(h, &(struct http_request){.url = url}, hear, &heard);
	run(h);
	assert_int_equal(heard.v.n, 2);
	assert_int_equal(heard.v.v[0].err.kind, ERR_BUG);
	assert_int_equal(heard.v.v[1].status, 404);
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

static void refusals_become_sentences_with_the_right_kind(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body;
		enum err_kind kind;
		const char *text;
	} rows[] = {
		{401, "{\"detail\":\"Invalid token\"}", ERR_AUTH, "HTTP 401 from U: Invalid token"},
		{403, "{\"message\":\"Must have\\npush access\"}", ERR_AUTH,
		 "HTTP 403 from U: Must have push access"},
		{403, "{\"message\":\"You have exceeded a secondary rate limit\"}", ERR_LIMIT,
		 "HTTP 403 from U: You have exceeded a secondary rate limit"},
		{400, "{\"__type\":\"ThrottlingException\",\"Message\":\"Rate exceeded\"}",
		 ERR_LIMIT, "HTTP 400 from U: Rate exceeded"},
		{429, "", ERR_LIMIT, "HTTP 429 from U"},
		{404, "<html><head><title>Not\tfound</title>", ERR_PROTO,
		 "HTTP 404 from U: Not found"},
		{500, "Internal\nmore", ERR_NET, "HTTP 500 from U: Internal"},
		{403, "<E><Message>bad Authorization=AWS4 Signature=abc</Message></E>", ERR_AUTH,
		 "HTTP 403 from U: bad"},
		{302, "[1,2", ERR_PROTO, "HTTP 302 from U"},
		{400, "{\"detail\":{\"message\":\"inner\"}}", ERR_PROTO, "HTTP 400 from U: inner"},
	};
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_response r = {
			.status = rows[i].status, .url = "U", .body = rows[i].body};
		r.len = strlen(r.body);
		assert_false(http_ok(&r, &e));
		assert_string_equal(e.msg, rows[i].text);
		assert_int_equal(e.kind, rows[i].kind);
		err_clear(&e);
	}
	struct http_response r = {.status = 204, .url = "U", .body = ""};
	assert_true(http_ok(&r, &e));
	r.status = 0;
	err_set(&r.err, ERR_LIMIT, "too much");
	assert_err(http_ok(&r, &e), e, ERR_LIMIT, "too much");
}

static void logs_and_messages_hold_no_secret(void **state UNUSED)
{
	struct arena a = {0};
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	log_setup(f, LOG_DEBUG);
	struct httpd *d = httpd_start();
	httpd_on(d, NULL, "/services/*", (struct httpd_answer){.status = 503, .body = "b0dy"});
	const char *const hs[] = {"X-Key: s3cret", NULL};
	struct http_request rq = {.method = "POST",
				  .url = at(&a, d, "/services/te4m/p4th?q=qu3ry"),
				  .headers = hs,
				  .bearer = "t0ken",
				  .body = "p0st",
				  .body_len = 4,
				  .url_secret = true};
	struct http_response r = one(&fast, &a, &rq);
	struct err e = {0};
	assert_false(http_ok(&r, &e));
	httpd_stop(d);
	struct http_response gone = one(&fast, &a, &rq);
	log_setup(stderr, LOG_WARN);
	fclose(f);
	assert_non_null(strstr(text, "status=503")); /* it did log */
	const char *all =
		arena_printf(&a, "%s\n%s\n%s\n%s\n%s", text, e.msg, r.url, gone.url, gone.err.msg);
	static const char *const secrets[] = {"s3cret", "p4th", "qu3ry", "t0ken", "p0st", "te4m"};
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strstr(all, secrets[i]))
			fail_msg("\"%s\" is in: %s", secrets[i], all);
	free(text);
	arena_release(&a);
}

static void a_request_may_have_less_time_fewer_tries_and_no_proxy(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "/hang", (struct httpd_answer){.hang = true});
	httpd_on(d, "GET", "/x", (struct httpd_answer){.body = "{}"});
	int64_t begun_ms = clock_mono_ms();
	struct http_response r = one(
		&fast, &a,
		&(struct http_request){.url = at(&a, d, "/hang"), .timeout_ms = 100, .tries = 2});
	assert_int_equal(r.status, 0);
	assert_int_equal(r.tries, 2);
	assert_true(clock_mono_ms() - begun_ms < 3000);
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* nobody listens there */
	setenv("no_proxy", "", 1);
	struct http_request rq = {.url = at(&a, d, "/x"), .tries = 1};
	assert_int_equal(one(&fast, &a, &rq).status, 0);
	rq.direct = true;
	assert_int_equal(one(&fast, &a, &rq).status, 200);
	unsetenv("http_proxy");
	setenv("no_proxy", "*", 1);
	httpd_stop(d);
	arena_release(&a);
}

static void thousands_of_requests_are_quick(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, "GET", "*", (struct httpd_answer){.body = "x"});
	CLEANUP(http_freep) struct http *h = open_http(&fast);
	struct heard heard = {0};
	for (int i = 0; i < 2000; i++)
		http_submit(h, &(struct http_request){.url = at(&a, d, "/x")}, hear, &heard);
	run(h);
	assert_int_equal(heard.v.n, 2000);
	assert_int_equal(httpd_count(d, NULL, NULL), 2000);
	assert_true(httpd_peak(d) <= 4);
	httpd_stop(d);
	arena_release(&heard.a);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_whole_with_its_headers),
		cmocka_unit_test(a_post_carries_headers_token_and_every_byte),
		cmocka_unit_test(a_compressed_answer_is_unpacked_and_counted_as_it_came),
		cmocka_unit_test(what_may_pass_is_tried_again_and_the_last_answer_stands),
		cmocka_unit_test(a_broken_body_is_no_answer),
		cmocka_unit_test(a_request_that_must_not_repeat_is_sent_once),
		cmocka_unit_test(what_was_never_sent_says_so),
		cmocka_unit_test(junk_is_no_answer),
		cmocka_unit_test(silence_and_trickle_end_by_time),
		cmocka_unit_test(no_wait_is_begun_that_passes_the_total),
		cmocka_unit_test(a_rate_holds_back_the_whole_host),
		cmocka_unit_test(at_most_so_many_at_once_per_host_and_hosts_are_independent),
		cmocka_unit_test(one_at_a_time_keeps_the_order_even_past_a_retry),
		cmocka_unit_test(starts_keep_their_distance),
		cmocka_unit_test(the_budget_counts_tries_and_then_refuses),
		cmocka_unit_test(a_handler_that_fails_stops_everything),
		cmocka_unit_test(one_request_may_be_made_inside_a_handler),
		cmocka_unit_test(redirects_are_followed_and_nothing_secret_goes_along),
		cmocka_unit_test(https_is_checked_and_never_falls_to_http),
		cmocka_unit_test(a_redirect_that_cannot_be_followed_is_no_answer),
		cmocka_unit_test(requests_that_could_smuggle_or_be_signed_wrongly_are_refused),
		cmocka_unit_test(refusals_become_sentences_with_the_right_kind),
		cmocka_unit_test(logs_and_messages_hold_no_secret),
		cmocka_unit_test(a_request_may_have_less_time_fewer_tries_and_no_proxy),
		cmocka_unit_test(thousands_of_requests_are_quick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
