#include "support/test.h"

#include "base/clock.h"
#include "lib/json.h"
#include "lib/retry.h"

#include <strings.h>

/* retry.c asks http.c for headers; this is the same look-up without libcurl's loop. */

#define NOW 1786000000

struct row {
	const char *name;
	int status;
	enum err_kind kind; /* of status 0 */
	const char *headers[6]; /* name, value, … */
	const char *body;
	int tries; /* 0: 1 */
	double jitter;
	const char *why; /* NULL: never again */
	int64_t wait_ms;
};

static struct http_response answer(const struct row *w, struct http_header *h)
{
	struct http_response r = {.status = w->status, .url = "https://example.org/x"};
	r.body = w->body ? w->body : "";
	r.len = strlen(r.body);
	for (size_t i = 0; i + 1 < ARRAY_SIZE(w->headers) && w->headers[i]; i += 2)
		h[r.header_n++] = (struct http_header){w->headers[i], w->headers[i + 1]};
	r.headers = h;
	if (w->kind)
		err_set(&r.err, w->kind, "a reason");
	return r;
}

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *w = &rows[i];
		struct http_header h[8];
		struct http_response r = answer(w, h);
		struct retry d = retry_decide(&r, w->tries ? w->tries : 1, NOW, 1000, w->jitter);
		if (d.again != (w->why != NULL) || (w->why && strcmp(d.why, w->why) != 0) ||
		    d.wait_ms != w->wait_ms)
			fail_msg("%s: again %d, \"%s\", %lld ms", w->name, d.again,
				 d.why ? d.why : "", (long long)d.wait_ms);
	}
}

#define CHECK(rows) check(rows, ARRAY_SIZE(rows))

static void plain_refusals_are_final(void **state UNUSED)
{
	static const struct row rows[] = {
		{"200", 200, 0, {0}, "{}", 0, 0, NULL, 0},
		{"304", 304, 0, {0}, NULL, 0, 0, NULL, 0},
		{"400", 400, 0, {0}, "{\"message\":\"no\"}", 0, 0, NULL, 0},
		{"401", 401, 0, {0}, "{\"detail\":\"Invalid token\"}", 0, 0, NULL, 0},
		{"403", 403, 0, {0}, "{\"message\":\"Must have push access\"}", 0, 0, NULL, 0},
		{"403 with requests left",
		 403,
		 0,
		 {"X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1786000060"},
		 NULL,
		 0,
		 0,
		 NULL,
		 0},
		{"403 page of a proxy", 403, 0, {0}, "<html>403</html>", 0, 0, NULL, 0},
		{"404", 404, 0, {0}, NULL, 0, 0, NULL, 0},
		{"404 keeps no limit", 404, 0, {"X-RateLimit-Remaining", "0"}, NULL, 0, 0, NULL, 0},
		{"410", 410, 0, {0}, NULL, 0, 0, NULL, 0},
		{"422", 422, 0, {0}, NULL, 0, 0, NULL, 0},
		{"501", 501, 0, {0}, NULL, 0, 0, NULL, 0},
		{"too large", 0, ERR_LIMIT, {0}, NULL, 0, 0, NULL, 0},
		{"certificate", 0, ERR_PROTO, {0}, NULL, 0, 0, NULL, 0},
		{"our own bug", 0, ERR_BUG, {0}, NULL, 0, 0, NULL, 0},
	};
	CHECK(rows);
}

static void network_and_server_errors_back_off_exponentially(void **state UNUSED)
{
	static const struct row rows[] = {
		{"1", 0, ERR_NET, {0}, NULL, 1, 0, "network", 500},
		{"1, jitter", 0, ERR_NET, {0}, NULL, 1, 0.5, "network", 750},
		{"2", 0, ERR_NET, {0}, NULL, 2, 0, "network", 1000},
		{"3", 0, ERR_NET, {0}, NULL, 3, 0, "network", 2000},
		{"4", 502, 0, {0}, "{\"error\":\"Server Error\"}", 4, 0, "server error", 4000},
		{"capped", 500, 0, {0}, NULL, 20, 0.999, "server error", 59970},
		{"503", 503, 0, {0}, "<html>", 1, 0, "server error", 500},
		{"503 says when", 503, 0, {"Retry-After", "7"}, NULL, 1, 0, "server error", 7000},
		{"504", 504, 0, {0}, "<html>", 1, 0, "server error", 500},
	};
	CHECK(rows);
}

static void retry_after_is_seconds_or_a_date_by_the_servers_clock(void **state UNUSED)
{
	static const struct row rows[] = {
		{"seconds", 429, 0, {"Retry-After", "30"}, NULL, 0, 0, "rate limit", 30000},
		{"zero is a second", 429, 0, {"retry-after", "0"}, NULL, 0, 0, "rate limit", 1000},
		{"date, server's clock far from ours",
		 429,
		 0,
		 {"Date", "Thu, 06 Feb 2020 18:33:37 GMT", "Retry-After",
		  "Thu, 06 Feb 2020 18:33:45 GMT"},
		 NULL,
		 0,
		 0,
		 "rate limit",
		 8000},
		{"date without Date: our clock", /* NOW is 2026-08-06 07:06:40 */
		 429,
		 0,
		 {"Retry-After", "Thu, 06 Aug 2026 07:07:00 GMT"},
		 NULL,
		 0,
		 0,
		 "rate limit",
		 20000},
		{"date in the past",
		 429,
		 0,
		 {"Retry-After", "Thu, 06 Feb 2020 18:33:45 GMT"},
		 NULL,
		 0,
		 0,
		 "rate limit",
		 1000},
		{"junk", 429, 0, {"Retry-After", "soon"}, NULL, 2, 0, "rate limit", 1000},
		{"negative", 429, 0, {"Retry-After", "-5"}, NULL, 2, 0, "rate limit", 1000},
		{"absurd",
		 429,
		 0,
		 {"Retry-After", "9223372036854775807"},
		 NULL,
		 2,
		 0,
		 "rate limit",
		 31536000000},
		{"absent", 429, 0, {0}, NULL, 3, 0, "rate limit", 2000},
	};
	CHECK(rows);
}

static void githubs_primary_limit_waits_for_its_reset(void **state UNUSED)
{
#define REMAINING "X-RateLimit-Remaining", "0"
#define RESET	  "X-RateLimit-Reset"
	static const struct row rows[] = {
		{"403", 403, 0, {REMAINING, RESET, "1786000060"}, "{}", 0, 0, "rate limit", 60000},
		{"429", 429, 0, {REMAINING, RESET, "1786000060"}, "{}", 0, 0, "rate limit", 60000},
		/* NOW is 1786000000 here; five minutes ahead and behind there */
		{"server ahead",
		 403,
		 0,
		 {REMAINING, RESET, "1786000330", "Date", "Thu, 06 Aug 2026 07:11:40 GMT"},
		 "{}",
		 0,
		 0,
		 "rate limit",
		 30000},
		{"server behind",
		 403,
		 0,
		 {REMAINING, RESET, "1785999730", "Date", "Thu, 06 Aug 2026 07:01:40 GMT"},
		 "{}",
		 0,
		 0,
		 "rate limit",
		 30000},
		{"reset passed",
		 403,
		 0,
		 {REMAINING, RESET, "1785999000"},
		 NULL,
		 0,
		 0,
		 "rate limit",
		 1000},
		{"reset absent", 403, 0, {REMAINING}, NULL, 1, 0, "rate limit", 60000},
		{"reset malformed",
		 403,
		 0,
		 {REMAINING, RESET, "tomorrow"},
		 NULL,
		 2,
		 0,
		 "rate limit",
		 120000},
		{"remaining malformed",
		 403,
		 0,
		 {"X-RateLimit-Remaining", "none", RESET, "1786000060"},
		 NULL,
		 0,
		 0,
		 NULL,
		 0},
		{"retry-after goes first",
		 403,
		 0,
		 {REMAINING, RESET, "1786000060", "Retry-After", "5"},
		 NULL,
		 0,
		 0,
		 "rate limit",
		 5000},
	};
	CHECK(rows);
}

static void githubs_secondary_limit_waits_a_minute_and_longer(void **state UNUSED)
{
#define SECONDARY "{\"message\":\"You have exceeded a secondary rate limit. Please wait\"}"
	static const struct row rows[] = {
		{"body", 403, 0, {0}, SECONDARY, 1, 0, "secondary rate limit", 60000},
		{"second", 403, 0, {0}, SECONDARY, 2, 0, "secondary rate limit", 120000},
		{"many", 403, 0, {0}, SECONDARY, 12, 0, "secondary rate limit", 960000},
		{"header",
		 403,
		 0,
		 {"gh-limited-by", "x"},
		 "{}",
		 1,
		 0,
		 "secondary rate limit",
		 60000},
		{"junk wait",
		 403,
		 0,
		 {"Retry-After", "x"},
		 "{}",
		 1,
		 0,
		 "secondary rate limit",
		 60000},
		{"429", 429, 0, {0}, SECONDARY, 1, 0, "secondary rate limit", 60000},
	};
	CHECK(rows);
}

static void sentrys_reset_may_be_a_fraction_and_is_never_long(void **state UNUSED)
{
#define S "X-Sentry-Rate-Limit-Reset"
	static const struct row rows[] = {
		{"float",
		 429,
		 0,
		 {S, "1786000000.5"},
		 "{\"detail\":\"x\"}",
		 0,
		 0,
		 "rate limit",
		 1000},
		{"float up", 429, 0, {S, "1786000003.1"}, "detail", 0, 0, "rate limit", 4000},
		{"far", 429, 0, {S, "1786009999"}, "detail", 0, 0, "rate limit", 60000},
		{"past", 429, 0, {S, "1785000000"}, "detail", 0, 0, "rate limit", 1000},
		{"junk", 429, 0, {S, "nan"}, "detail", 2, 0, "rate limit", 1000},
		{"self-hosted", 429, 0, {0}, "detail", 1, 0, "rate limit", 500},
		{"brown-out",
		 410,
		 0,
		 {"X-Sentry-Deprecation-Date", "2026-01-01"},
		 "{}",
		 1,
		 0,
		 "gone for a moment",
		 120000},
		{"gone for good",
		 410,
		 0,
		 {"X-Sentry-Deprecation-Date", "2026-01-01"},
		 "{}",
		 2,
		 0,
		 NULL,
		 0},
	};
	CHECK(rows);
}

static void awss_throttling_codes_are_found_in_every_protocol(void **state UNUSED)
{
	static const struct row rows[] = {
		{"json",
		 400,
		 0,
		 {0},
		 "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}",
		 1,
		 0.5,
		 "throttled",
		 1000},
		{"namespace",
		 400,
		 0,
		 {0},
		 "{\"__type\":\"com.amazonaws.x#ThrottlingException:http://y\"}",
		 2,
		 0.5,
		 "throttled",
		 2000},
		{"header",
		 400,
		 0,
		 {"x-amzn-ErrorType", "TooManyRequestsException:http://y/"},
		 "{}",
		 1,
		 0.5,
		 "throttled",
		 1000},
		{"query error",
		 400,
		 0,
		 {"x-amzn-query-error", "Throttling;Sender"},
		 "{\"__type\":\"LimitExceeded\"}",
		 1,
		 0.5,
		 "throttled",
		 1000},
		{"xml",
		 400,
		 0,
		 {0},
		 "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error>",
		 1,
		 0.5,
		 "throttled",
		 1000},
		{"wait in ms",
		 400,
		 0,
		 {"x-amz-retry-after", "1500"},
		 "{\"__type\":\"SlowDown\"}",
		 1,
		 0.5,
		 "throttled",
		 1500},
		{"capped", 400, 0, {0}, "{\"__type\":\"SlowDown\"}", 30, 0.5, "throttled", 10000},
		{"429", 429, 0, {"x-amz-retry-after", "200"}, "{}", 1, 0, "rate limit", 200},
		{"denied", 400, 0, {0}, "{\"__type\":\"AccessDeniedException\"}", 1, 0, NULL, 0},
		{"expired", 400, 0, {0}, "{\"__type\":\"ExpiredTokenException\"}", 1, 0, NULL, 0},
		{"skewed", 403, 0, {0}, "{\"__type\":\"RequestTimeTooSkewed\"}", 1, 0, NULL, 0},
		{"the word alone",
		 400,
		 0,
		 {0},
		 "{\"message\":\"ThrottlingException\"}",
		 1,
		 0,
		 NULL,
		 0},
		{"not JSON", 400, 0, {0}, "{\"__type\":\"ThrottlingExc", 1, 0, NULL, 0},
		{"unclosed XML", 400, 0, {0}, "<Code>", 1, 0, NULL, 0},
	};
	CHECK(rows);
}

static void slacks_words_count_in_a_200_and_in_a_429(void **state UNUSED)
{
	static const struct row rows[] = {
		{"api",
		 429,
		 0,
		 {"Retry-After", "12"},
		 "{\"ok\":false,\"error\":\"ratelimited\"}",
		 0,
		 0,
		 "rate limit",
		 12000},
		{"webhook",
		 429,
		 0,
		 {0},
		 "{\"retry_after\":1,\"ok\":false,\"error\":\"rate_limited\"}",
		 0,
		 0,
		 "rate limit",
		 30000},
		{"junk",
		 429,
		 0,
		 {"Retry-After", ""},
		 "{\"ok\":false,\"error\":\"ratelimited\"}",
		 0,
		 0,
		 "rate limit",
		 30000},
		{"200",
		 200,
		 0,
		 {0},
		 "{\"ok\":false,\"error\":\"ratelimited\"}",
		 0,
		 0,
		 "rate limit",
		 30000},
		{"busy",
		 200,
		 0,
		 {0},
		 "{\"ok\":false,\"error\":\"service_unavailable\"}",
		 1,
		 0,
		 "server error",
		 500},
		{"refused",
		 200,
		 0,
		 {0},
		 "{\"ok\":false,\"error\":\"channel_not_found\"}",
		 1,
		 0,
		 NULL,
		 0},
		{"fine", 200, 0, {0}, "{\"ok\":true,\"error\":null}", 1, 0, NULL, 0},
		{"HTML", 500, 0, {0}, "<!DOCTYPE html>", 1, 0, "server error", 500},
	};
	CHECK(rows);
}

static void every_wait_is_scaled_by_the_length_of_a_second(void **state UNUSED)
{
	struct http_header h[] = {{"Retry-After", "30"}};
	struct http_response r = {.status = 429, .body = "", .headers = h, .header_n = 1};
	assert_int_equal(retry_decide(&r, 1, NOW, 1, 0).wait_ms, 30);
	assert_int_equal(retry_decide(&r, 1, NOW, 10, 0).wait_ms, 300);
	r.status = 410;
	h[0] = (struct http_header){"X-Sentry-Deprecation-Date", "x"};
	assert_int_equal(retry_decide(&r, 1, NOW, 1, 0).wait_ms, 120);
}

static void a_rate_holds_the_host_and_a_broken_answer_does_not(void **state UNUSED)
{
	struct http_response r = {.status = 429, .body = ""};
	assert_true(retry_decide(&r, 1, NOW, 1, 0).whole_host);
	r.status = 503;
	assert_false(retry_decide(&r, 1, NOW, 1, 0).whole_host);
}

/* GitHub's answers as recorded by hub4j, read in place. */
static struct retry of_recording(const char *name, struct arena *a)
{
	struct err e = {0};
	const char *path = fixture_path(
		a, arena_printf(a, "github/recorded-hub4j/%s.2-r_h_t_fail.json", name));
	if (!path)
		path = fixture_path(a, arena_printf(a, "github/recorded-hub4j/%s.json", name));
	assert_non_null(path);
	size_t len;
	const char *s = test_read(a, path, &len);
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(s, len, &j, &e), e);
	struct jv root = json_root(j), headers, body = json_get(&root, "body");
	int64_t status;
	assert_ok(json_i64(&root, "status", &status, &e), e);
	assert_ok(json_obj(&root, "headers", &headers, &e), e);
	VEC(struct http_header) h = {0};
	for (struct jv it = json_first(&headers); it.n; it = json_next(&it))
		if (json_is_str(&it)) {
			struct http_header one = {it.key, json_text(&it, a)};
			vec_push(a, &h, one);
		}
	CLEANUP(jw_freep) struct jw *w = jw_obj();
	jw_copy(w, "body", &body);
	struct http_response r = {.status = (int)status, .headers = h.v, .header_n = h.n};
	r.body = jw_print(w, false, a);
	r.len = strlen(r.body);
	return retry_decide(&r, 1, NOW, 1000, 0);
}

static void recorded_answers_of_github_are_understood(void **state UNUSED)
{
	NEED_FIXTURES();
	static const struct {
		const char *name, *why;
		int64_t wait_ms;
	} rows[] = {
		{"secondary-403-body-marker-only", "secondary rate limit", 60000},
		{"secondary-403-gh-limited-by", "secondary rate limit", 60000},
		{"secondary-403-retry-after", "secondary rate limit", 30000},
		{"secondary-429-no-retry-after", "secondary rate limit", 60000},
		{"secondary-429-retry-after-http-date", "rate limit", 8000},
		{"secondary-429-retry-after", "rate limit", 8000},
		{"ratelimit-handler-403", "rate limit",
		 3000}, /* reset 1581014020, Date 1581014017 */
		{"ratelimit-bad-data.rate_limit-2-8281a9", NULL, 0},
		{"ratelimit-bad-data.rate_limit-3-8281a9", NULL, 0},
		{"ghes-no-ratelimit.rate_limit-2", NULL, 0},
	};
	struct arena a = {0};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct retry d = of_recording(rows[i].name, &a);
		if (d.again != (rows[i].why != NULL) ||
		    (d.why && strcmp(d.why, rows[i].why) != 0) || d.wait_ms != rows[i].wait_ms)
			fail_msg("%s: %s, %lld ms", rows[i].name, d.why ? d.why : "never",
				 (long long)d.wait_ms);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_refusals_are_final),
		cmocka_unit_test(network_and_server_errors_back_off_exponentially),
		cmocka_unit_test(retry_after_is_seconds_or_a_date_by_the_servers_clock),
		cmocka_unit_test(githubs_primary_limit_waits_for_its_reset),
		cmocka_unit_test(githubs_secondary_limit_waits_a_minute_and_longer),
		cmocka_unit_test(sentrys_reset_may_be_a_fraction_and_is_never_long),
		cmocka_unit_test(awss_throttling_codes_are_found_in_every_protocol),
		cmocka_unit_test(slacks_words_count_in_a_200_and_in_a_429),
		cmocka_unit_test(every_wait_is_scaled_by_the_length_of_a_second),
		cmocka_unit_test(a_rate_holds_the_host_and_a_broken_answer_does_not),
		cmocka_unit_test(recorded_answers_of_github_are_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
