#include "lib/retry.h"

#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"

#define MAX_BACKOFF_MS	   60000
#define AWS_MAX_BACKOFF_MS 20000 /* botocore's standard mode */
#define SECONDARY_MS	   60000 /* GitHub: "wait at least one minute", then exponentially */
#define SECONDARY_MAX_MS   960000
#define SLACK_MS	   30000 /* when Retry-After is absent or junk */
#define BROWNOUT_MS	   120000 /* Sentry's last one minute */
#define SENTRY_MAX_MS	   60000 /* its windows are seconds long: more is a wrong clock */
#define FOREVER_MS	   ((int64_t)1000 * 60 * 60 * 24 * 365)
#define ERROR_BYTES	   65536 /* no error answer is longer; a page is not searched */

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static int64_t doubled(int64_t ms, int tries, int64_t max)
{
	for (int i = 1; i < tries && ms < max; i++)
		ms *= 2;
	return MIN(ms, max);
}

static int64_t backoff(int tries, double jitter)
{
	int64_t ms = doubled(1000, tries, MAX_BACKOFF_MS);
	return ms / 2 + (int64_t)((double)(ms / 2) * jitter);
}

/* UTC seconds, rounded up, of a number that may have a fraction. */
static bool epoch(const char *s, int64_t *out)
{
	double d;
	if (!s || !parse_f64(s, &d) || d < 0 || d > 1e11)
		return false;
	*out = (int64_t)d + ((double)(int64_t)d < d ? 1 : 0);
	return true;
}

static int64_t until(int64_t then_s, int64_t now_s)
{
	int64_t most = FOREVER_MS / 1000;
	return clamp(then_s - now_s, 1, most) * 1000;
}

static bool none_left(const struct http_response *r)
{
	int64_t left;
	const char *s = http_header(r, "x-ratelimit-remaining");
	return s && parse_i64(s, &left) && left == 0;
}

/* The wait the answer itself asks for. */
static bool asked(const struct http_response *r, int64_t now_s, int64_t *wait_ms)
{
	int64_t v;
	const char *s = http_header(r, "date");
	if (s && parse_http_date(s, &v))
		now_s = v; /* the other side's clock: what its dates are made from */

	if ((s = http_header(r, "x-amz-retry-after")) && parse_i64(s, &v) && v >= 0) {
		*wait_ms = MIN(v, FOREVER_MS);
		return true;
	}
	if ((s = http_header(r, "retry-after"))) {
		if (parse_i64(s, &v) && v >= 0) {
			*wait_ms = clamp(v, 1, FOREVER_MS / 1000) * 1000;
			return true;
		}
		if (parse_http_date(s, &v)) {
			*wait_ms = until(v, now_s);
			return true;
		}
	}
	if (none_left(r) && epoch(http_header(r, "x-ratelimit-reset"), &v)) {
		*wait_ms = until(v, now_s);
		return true;
	}
	if (epoch(http_header(r, "x-sentry-rate-limit-reset"), &v)) {
		*wait_ms = MIN(until(v, now_s), SENTRY_MAX_MS);
		return true;
	}
	return false;
}

static bool body_has(const struct http_response *r, const char *text)
{
	return r->len <= ERROR_BYTES && memmem(r->body, r->len, text, strlen(text)) != NULL;
}

static bool secondary(const struct http_response *r)
{
	return http_header(r, "gh-limited-by") || body_has(r, "secondary rate limit") ||
	       body_has(r, "abuse detection"); /* its name on old GitHub Enterprise servers */
}

/* A member of a small JSON object, or NULL. */
static const char *member(const struct http_response *r, const char *const *names, struct arena *a)
{
	struct err ignored = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	if (r->len > ERROR_BYTES || r->body[strspn(r->body, " \t\r\n")] != '{' ||
	    !json_parse(r->body, r->len, &j, &ignored))
		return NULL;
	struct jv root = json_root(j);
	for (; *names; names++) {
		struct jv v = json_get(&root, *names);
		const char *s = json_text(&v, a);
		if (s)
			return s;
	}
	return NULL;
}

/* The bare code of an AWS error in any of its protocols, or NULL. */
static const char *aws_code(const struct http_response *r, struct arena *a)
{
	static const char *const names[] = {"__type", "code", "Code", NULL};
	const char *s = http_header(r, "x-amzn-query-error");
	if (!s)
		s = http_header(r, "x-amzn-errortype");
	if (!s)
		s = member(r, names, a);
	if (!s && body_has(r, "<Code>"))
		s = strstr(r->body, "<Code>") ? strstr(r->body, "<Code>") + 6 : NULL;
	if (!s)
		return NULL;
	/* "namespace#Code:url", "Code;Sender", "Code</Code>…" */
	size_t n = strcspn(s, ":;<");
	const char *hash = memchr(s, '#', n);
	const char *from = hash ? hash + 1 : s;
	return arena_strndup(a, from, n - (size_t)(from - s));
}

static bool in(const char *s, const char *const *list)
{
	for (; s && *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

static bool aws_throttled(const struct http_response *r)
{
	static const char *const codes[] = {"Throttling",
					    "ThrottlingException",
					    "ThrottledException",
					    "RequestThrottledException",
					    "TooManyRequestsException",
					    "ProvisionedThroughputExceededException",
					    "TransactionInProgressException",
					    "RequestLimitExceeded",
					    "BandwidthLimitExceeded",
					    "LimitExceededException",
					    "RequestThrottled",
					    "SlowDown",
					    "PriorRequestNotComplete",
					    "RequestTimeout",
					    "RequestTimeoutException",
					    NULL};
	if (r->status < 400)
		return false;
	struct arena a = {0};
	bool yes = in(aws_code(r, &a), codes);
	arena_release(&a);
	return yes;
}

enum slack { SLACK_NO, SLACK_RATE, SLACK_BUSY };

/* Slack puts most refusals into a 200, but the words for a rate into a 429 too. */
static enum slack slack_says(const struct http_response *r)
{
	static const char *const names[] = {"error", NULL};
	static const char *const rate[] = {"ratelimited", "rate_limited", NULL};
	static const char *const busy[] = {"service_unavailable", "request_timeout",
					   "team_added_to_org", NULL};
	if (!body_has(r, "\"ok\""))
		return SLACK_NO;
	struct arena a = {0};
	const char *code = member(r, names, &a);
	enum slack s = in(code, rate) ? SLACK_RATE : in(code, busy) ? SLACK_BUSY : SLACK_NO;
	arena_release(&a);
	return s;
}

static struct retry again(const char *why, bool whole_host, int64_t wait_ms)
{
	return (struct retry){
		.again = true, .whole_host = whole_host, .wait_ms = wait_ms, .why = why};
}

static struct retry decide(const struct http_response *r, int tries, int64_t now_s, double jitter)
{
	const struct retry never = {0};
	int64_t wait;
	bool said = r->status != 0 && asked(r, now_s, &wait);
	int64_t pause = said ? wait : backoff(tries, jitter);

	switch (r->status) {
	case 0:
		return r->err.kind == ERR_NET ? again("network", false, backoff(tries, jitter))
					      : never;
	case 500:
	case 502:
	case 503:
	case 504:
		return again("server error", false, pause);
	case 429:
		if (!said && secondary(r))
			return again("secondary rate limit", true,
				     doubled(SECONDARY_MS, tries, SECONDARY_MAX_MS));
		if (!said && slack_says(r) == SLACK_RATE)
			return again("rate limit", true, SLACK_MS);
		return again("rate limit", true, pause);
	case 403:
		if (none_left(r))
			return again("rate limit", true,
				     said ? wait : doubled(SECONDARY_MS, tries, SECONDARY_MAX_MS));
		if (http_header(r, "retry-after") || secondary(r))
			return again("secondary rate limit", true,
				     said ? wait : doubled(SECONDARY_MS, tries, SECONDARY_MAX_MS));
		break;
	case 410:
		if (http_header(r, "x-sentry-deprecation-date") && tries < 2)
			return again("gone for a moment", false, BROWNOUT_MS);
		return never;
	case 200:
		switch (slack_says(r)) {
		case SLACK_RATE:
			return again("rate limit", true, said ? wait : SLACK_MS);
		case SLACK_BUSY:
			return again("server error", false, pause);
		case SLACK_NO:
			return never;
		}
		return never;
	default: /* a number of the other side, not an enum of ours */
		break;
	}
	if (aws_throttled(r))
		return again("throttled", true,
			     said ? wait
				  : (int64_t)((double)doubled(2000, tries, AWS_MAX_BACKOFF_MS) *
					      jitter));
	return never;
}

struct retry retry_decide(const struct http_response *r, int tries, int64_t now_s,
			  int64_t backoff_ms, double jitter)
{
	struct retry d = decide(r, tries, now_s, jitter);
	d.wait_ms = d.wait_ms * backoff_ms / 1000; /* at most a year of milliseconds: no overflow */
	return d;
}
