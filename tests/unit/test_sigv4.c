/* What http.c lets libcurl sign, checked by a verifier that is itself right on all of AWS's
 * published vectors. */
#include "support/httpd.h"
#include "support/sigv4.h"
#include "support/test.h"

#include "base/file.h"
#include "lib/crypto.h"
#include "lib/http.h"
#include "lib/json.h"

#include <strings.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static const char *member(const struct jv *o, const char *key, struct arena *a)
{
	struct err e = {0};
	const char *s = NULL;
	assert_ok(json_str_opt(o, key, a, &s, &e), e);
	return s;
}

static bool flag(const struct jv *o, const char *key)
{
	struct err e = {0};
	bool v = false;
	assert_ok(json_bool_opt(o, key, &v, &e), e);
	return v;
}

/* One of AWS's cases as parts. */
struct vector {
	const char *name, *canonical, *to_sign, *signature, *body, *token;
	struct sigv4_request rq;
	VEC(struct httpd_header) headers; /* of the request text, plus what signing adds */
	size_t own_n; /* how many of them the request text has */
};

static void add(struct vector *v, struct arena *a, const char *name, const char *value)
{
	struct httpd_header h = {name, value};
	vec_push(a, &v->headers, h);
	v->rq.headers = v->headers.v;
	v->rq.header_n = v->headers.n;
}

static void parse_request(struct vector *v, const char *text, struct arena *a)
{
	size_t n = strcspn(text, " ");
	v->rq.method = arena_strndup(a, text, n);
	text += n + 1;
	const char *end = strstr(text, " HTTP/1.1\n"); /* the target may hold blanks */
	assert_non_null(end);
	v->rq.target = arena_strndup(a, text, (size_t)(end - text));
	text = strchr(end, '\n') + 1;
	while (*text && *text != '\n') {
		size_t len = strcspn(text, "\n");
		while (text[len] == '\n' && text[len + 1] == ' ') /* folded */
			len += 1 + strcspn(text + len + 1, "\n");
		const char *colon = strchr(text, ':');
		add(v, a, arena_strndup(a, text, (size_t)(colon - text)),
		    arena_strndup(a, colon + 1, len - (size_t)(colon + 1 - text)));
		text += len + (text[len] == '\n');
	}
	v->body = *text ? text + 1 : "";
	v->own_n = v->headers.n;
}

static void load(struct jv *it, struct vector *v, struct arena *a)
{
	struct err e = {0};
	struct jv ctx, cred;
	*v = (struct vector){.name = member(it, "name", a)};
	assert_ok(json_obj(it, "context", &ctx, &e), e);
	assert_ok(json_obj(&ctx, "credentials", &cred, &e), e);
	v->canonical = member(it, "header_canonical_request", a);
	v->to_sign = member(it, "header_string_to_sign", a);
	v->signature = member(it, "header_signature", a);
	v->token = member(&cred, "token", a);
	v->rq.secret = member(&cred, "secret_access_key", a);
	v->rq.region = member(&ctx, "region", a);
	v->rq.service = member(&ctx, "service", a);
	v->rq.keep_path = !flag(&ctx, "normalize");
	v->rq.date = "20150830T123600Z";
	assert_string_equal(member(&ctx, "timestamp", a), "2015-08-30T12:36:00Z");
	parse_request(v, member(it, "request", a), a);
	char *hash = arena_alloc(a, SHA256_HEX), hex[SHA256_HEX];
	sha256_hex(v->body, strlen(v->body), hex);
	memcpy(hash, hex, sizeof hex);
	v->rq.payload_sha256 = hash;
	add(v, a, "X-Amz-Date", v->rq.date);
	if (v->token && !flag(&ctx, "omit_session_token"))
		add(v, a, "X-Amz-Security-Token", v->token);
	if (flag(&ctx, "sign_body"))
		add(v, a, "x-amz-content-sha256", hash);
	/* the last line but one of the canonical request names what is signed */
	const char *end = strrchr(v->canonical, '\n');
	const char *from = end - 1;
	while (from[-1] != '\n')
		from--;
	v->rq.signed_headers = arena_strndup(a, from, (size_t)(end - from));
}

static void each_vector(void (*f)(struct vector *v, struct arena *a, void *ctx), void *ctx)
{
	struct arena a = {0};
	struct err e = {0};
	size_t len;
	const char *s = test_read(&a, fixture_path(&a, "sigv4/vectors.json"), &len);
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(s, len, &j, &e), e);
	struct jv root = json_root(j);
	assert_int_equal(json_count(&root), 38);
	for (struct jv it = json_first(&root); it.n; it = json_next(&it)) {
		struct vector v;
		load(&it, &v, &a);
		f(&v, &a, ctx);
	}
	arena_release(&a);
}

static void check_vector(struct vector *v, struct arena *a, void *ctx UNUSED)
{
	if (strcmp(sigv4_canonical(&v->rq, a), v->canonical) != 0)
		fail_msg("%s: canonical request\n%s\nwanted\n%s", v->name,
			 sigv4_canonical(&v->rq, a), v->canonical);
	if (strcmp(sigv4_to_sign(&v->rq, a), v->to_sign) != 0)
		fail_msg("%s: string to sign\n%s\nwanted\n%s", v->name, sigv4_to_sign(&v->rq, a),
			 v->to_sign);
	if (strcmp(sigv4_signature(&v->rq, a), v->signature) != 0)
		fail_msg("%s: signature", v->name);
}

static void the_verifier_is_right_on_all_published_vectors(void **state UNUSED)
{
	NEED_FIXTURES();
	each_vector(check_vector, NULL);
}

static const struct httpd_request *sent(struct httpd *d, struct http_request rq,
					const struct http_sigv4 *s, struct arena *a)
{
	struct err e = {0};
	CLEANUP(http_freep) struct http *h = NULL;
	const struct http_opts o = {.concurrency = 1, .timeout_s = 10, .user_agent = "sitrep/test"};
	assert_ok(http_new(&o, &h, &e), e);
	struct http_response r;
	rq.method = "POST";
	rq.sigv4 = s;
	rq.url = arena_printf(a, "%s%s", httpd_url(d), rq.url);
	httpd_forget(d);
	assert_ok(http_one(h, &rq, a, &r, &e), e);
	assert_int_equal(r.status, 200);
	const struct httpd_request *got = httpd_get(d, "POST", NULL, 0);
	assert_non_null(got);
	return got;
}

struct through {
	struct httpd *d;
	int sent, refused;
};

/* The vector's request goes out through http.c. Its time and host are not the vector's; put those
 * in and the whole signature must come out: everything else on the wire is as AWS says. */
static void send_vector(struct vector *v, struct arena *a, void *ctx)
{
	struct through *t = ctx;
	const struct http_sigv4 s = {v->rq.region, v->rq.service, "AKIDEXAMPLE", v->rq.secret,
				     strcmp(v->name, "post-sts-header-after") ? v->token : NULL};
	const char **hs = arena_array(a, const char *, v->own_n + 1);
	size_t n = 0;
	for (size_t i = 0; i < v->own_n; i++)
		if (strcasecmp(v->headers.v[i].name, "Host") != 0 &&
		    strcasecmp(v->headers.v[i].name, "Content-Length") != 0)
			hs[n++] = arena_printf(a, "%s:%s", v->headers.v[i].name,
					       v->headers.v[i].value);
	struct http_request rq = {.url = v->rq.target,
				  .headers = hs,
				  .body = v->body,
				  .body_len = strlen(v->body),
				  .sigv4 = &s};
	if (strcmp(v->rq.method, "POST") != 0 || strchr(v->rq.target, '?')) {
		/* Not our shape: it never leaves. */
		struct err e = {0};
		CLEANUP(http_freep) struct http *h = NULL;
		const struct http_opts o = {.concurrency = 1, .timeout_s = 10};
		struct http_response r;
		assert_ok(http_new(&o, &h, &e), e);
		httpd_forget(t->d);
		rq.method = v->rq.method;
		rq.url = arena_printf(a, "%s%s", httpd_url(t->d), v->rq.target);
		if (http_one(h, &rq, a, &r, &e))
			assert_int_equal(r.err.kind, ERR_CONFIG); /* a blank in the path */
		else
			assert_int_equal(e.kind, ERR_BUG);
		assert_int_equal(httpd_count(t->d, NULL, NULL), 0);
		t->refused++;
		return;
	}
	const struct httpd_request *got = sent(t->d, rq, &s, a);
	const char *wrong = sigv4_wrong(got, v->rq.secret, a);
	if (wrong)
		fail_msg("%s: %s", v->name, wrong);
	t->sent++;
	if (strstr(v->rq.signed_headers, "content-length"))
		return; /* AWS's case signs two more headers than libcurl does */
	struct sigv4_request mine;
	assert_true(sigv4_of(got, v->rq.secret, a, &mine));
	struct httpd_header *changed = arena_array(a, struct httpd_header, got->header_n);
	for (size_t i = 0; i < got->header_n; i++) {
		changed[i] = got->headers[i];
		if (strcasecmp(changed[i].name, "Host") == 0)
			changed[i].value = "example.amazonaws.com";
		if (strcasecmp(changed[i].name, "X-Amz-Date") == 0)
			changed[i].value = v->rq.date;
	}
	mine.headers = changed;
	mine.date = v->rq.date;
	assert_string_equal(mine.signed_headers, v->rq.signed_headers);
	assert_string_equal(sigv4_signature(&mine, a), v->signature);
}

static void vectors_of_our_shape_come_out_right_over_the_wire(void **state UNUSED)
{
	NEED_FIXTURES();
	struct through t = {.d = httpd_start()};
	httpd_on(t.d, NULL, "*", (struct httpd_answer){.body = "{}"});
	each_vector(send_vector, &t);
	assert_int_equal(t.sent, 8);
	assert_int_equal(t.refused, 30);
	httpd_stop(t.d);
}

static void every_request_we_make_of_aws_is_signed_right(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, NULL, "*", (struct httpd_answer){.body = "{}"});
	const struct http_sigv4 ecr = {"eu-west-2", "ecr", "AKIDEXAMPLE", SECRET, NULL};
	const struct http_sigv4 token = {"eu-west-2", "monitoring", "ASIAEXAMPLE", SECRET,
					 "FwoGZXIvYXdzE//+==/x"};
	const char *const json11[] = {
		"Content-Type: application/x-amz-json-1.1",
		"X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.DescribeImages", NULL};
	const char *const json10[] = {"Content-Type: application/x-amz-json-1.0",
				      "X-Amz-Target: GraniteServiceVersion20100801.GetMetricData",
				      "x-amzn-query-mode: true", NULL};
	const char *const form[] = {
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
	const char *const blanks[] = {"X-Note:  a \t b  ", NULL};
	size_t big_n = 1500000;
	char *big = arena_alloc(&a, big_n);
	memset(big, 'x', big_n);
	const struct {
		const char *path;
		const char *const *headers;
		const char *body;
		size_t len;
		const struct http_sigv4 *s;
	} rows[] = {
		{"/", json11, "{}", 2, &ecr},
		{"/", json10, "{\"a\":\"\xc3\xa9\"}", 10, &token},
		{"/", form, "Action=GetCallerIdentity&Version=2011-06-15", 43, &ecr},
		{"/canary/main_page-1/runs", json11, "{\"MaxResults\":100}", 18, &token},
		{"", NULL, "{}", 2, &ecr},
		{"/findings/list", blanks, "", 0, &ecr},
		{"/", json11, "a\0b", 3, &ecr},
		{"/", json11, big, big_n, &token},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_request rq = {.url = rows[i].path,
					  .headers = rows[i].headers,
					  .body = rows[i].body,
					  .body_len = rows[i].len};
		const struct httpd_request *got = sent(d, rq, rows[i].s, &a);
		const char *wrong = sigv4_wrong(got, SECRET, &a);
		if (wrong)
			fail_msg("row %zu: %s", i, wrong);
		assert_int_equal(got->len, rows[i].len);
		assert_memory_equal(got->body, rows[i].body, rows[i].len);
		const char *t = httpd_header(got, "X-Amz-Security-Token");
		if (rows[i].s->session_token)
			assert_string_equal(t, rows[i].s->session_token);
		else
			assert_null(t);
		assert_non_null(strstr(sigv4_part(got, "Credential", &a),
				       arena_printf(&a, "/eu-west-2/%s/", rows[i].s->service)));
		assert_non_null(httpd_header(got, "Accept-Encoding")); /* compressed all the same */
	}
	httpd_stop(d);
	arena_release(&a);
}

static void the_verifier_sees_a_change_of_any_part(void **state UNUSED)
{
	struct arena a = {0};
	struct httpd *d = httpd_start();
	httpd_on(d, NULL, "*", (struct httpd_answer){.body = "{}"});
	const struct http_sigv4 s = {"eu-west-2", "ecr", "AKIDEXAMPLE", SECRET, NULL};
	const char *const hs[] = {"X-Amz-Target: A.B", NULL};
	const struct httpd_request *got = sent(
		d, (struct http_request){.url = "/x", .headers = hs, .body = "{}", .body_len = 2},
		&s, &a);
	assert_null(sigv4_wrong(got, SECRET, &a));
	assert_non_null(sigv4_wrong(got, "another", &a));
	struct httpd_request c = *got;
	c.target = "/y";
	assert_non_null(sigv4_wrong(&c, SECRET, &a));
	c = *got;
	c.body = "[]";
	assert_non_null(sigv4_wrong(&c, SECRET, &a));
	c = *got;
	c.method = "PUT";
	assert_non_null(sigv4_wrong(&c, SECRET, &a));
	for (size_t i = 0; i < got->header_n; i++) {
		if (strncasecmp(got->headers[i].name, "X-Amz-", 6) != 0)
			continue;
		struct httpd_header *h = arena_memdup(&a, got->headers, got->header_n * sizeof *h);
		h[i].value = "20150830T123600Z";
		c = *got;
		c.headers = h;
		assert_non_null(sigv4_wrong(&c, SECRET, &a));
	}
	httpd_stop(d);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verifier_is_right_on_all_published_vectors),
		cmocka_unit_test(vectors_of_our_shape_come_out_right_over_the_wire),
		cmocka_unit_test(every_request_we_make_of_aws_is_signed_right),
		cmocka_unit_test(the_verifier_sees_a_change_of_any_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
