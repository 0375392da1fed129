#include "support/sigv4.h"

#include "base/sb.h"
#include "base/text.h"
#include "lib/crypto.h"

#include <ctype.h>
#include <strings.h>

#define MAX_BYTES ((size_t)1 << 20)

static void encode(struct sb *b, const char *s, size_t n, bool slash)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (isalnum(c) || strchr("-_.~", c) || (slash && c == '/'))
			sb_addc(b, (char)c);
		else
			sb_addf(b, "%%%02X", c);
	}
}

/* RFC 3986 5.2.4, and one slash for several. */
static const char *without_dots(const char *path, size_t n, struct arena *a)
{
	struct strv parts = {0};
	bool dir = true;
	for (size_t i = 0; i < n;) {
		size_t k = 0;
		while (i + k < n && path[i + k] != '/')
			k++;
		const char *part = arena_strndup(a, path + i, k);
		dir = i + k < n || k == 0 || strcmp(part, ".") == 0 || strcmp(part, "..") == 0;
		if (strcmp(part, "..") == 0)
			parts.n -= parts.n > 0;
		else if (k && strcmp(part, ".") != 0)
			vec_push(a, &parts, part);
		i += k + 1;
	}
	if (n && path[n - 1] == '/')
		dir = true;
	struct sb b;
	sb_init(&b, a, MAX_BYTES);
	for (size_t i = 0; i < parts.n; i++)
		sb_addf(&b, "/%s", parts.v[i]);
	if (dir || !parts.n)
		sb_addc(&b, '/');
	return sb_str(&b);
}

static int compare(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void decode_encode(struct sb *b, const char *s, size_t n, struct arena *a)
{
	char *raw = arena_alloc(a, n + 1);
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned v;
		if (s[i] == '%' && i + 2 < n && sscanf(s + i + 1, "%2x", &v) == 1) {
			raw[len++] = (char)v;
			i += 2;
		} else {
			raw[len++] = s[i];
		}
	}
	encode(b, raw, len, false);
}

static const char *canonical_query(const char *q, struct arena *a)
{
	struct strv pairs = {0};
	while (*q) {
		size_t n = strcspn(q, "&"), k = strcspn(q, "=&");
		struct sb b;
		sb_init(&b, a, MAX_BYTES);
		decode_encode(&b, q, k, a);
		sb_addc(&b, '\1'); /* for '=': names are sorted before their values */
		if (k < n)
			decode_encode(&b, q + k + 1, n - k - 1, a);
		vec_push(a, &pairs, sb_str(&b));
		q += n + (q[n] == '&');
	}
	if (pairs.n)
		qsort(pairs.v, pairs.n, sizeof *pairs.v, compare);
	struct sb b;
	sb_init(&b, a, MAX_BYTES);
	for (size_t i = 0; i < pairs.n; i++) {
		size_t k = strcspn(pairs.v[i], "\1");
		sb_addf(&b, "%s%.*s=%s", i ? "&" : "", (int)k, pairs.v[i], pairs.v[i] + k + 1);
	}
	return sb_str(&b);
}

/* Blanks at the ends gone, runs of them one. */
static void add_value(struct sb *b, const char *v)
{
	while (isspace((unsigned char)*v))
		v++;
	for (bool blank = false; *v; v++) {
		if (isspace((unsigned char)*v)) {
			blank = true;
			continue;
		}
		if (blank)
			sb_addc(b, ' ');
		blank = false;
		sb_addc(b, *v);
	}
}

const char *sigv4_canonical(const struct sigv4_request *rq, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, MAX_BYTES);
	size_t n = strcspn(rq->target, "?");
	const char *path =
		rq->keep_path ? arena_strndup(a, rq->target, n) : without_dots(rq->target, n, a);
	sb_addf(&b, "%s\n", rq->method);
	encode(&b, path, strlen(path), true);
	sb_addf(&b, "\n%s\n", canonical_query(rq->target[n] ? rq->target + n + 1 : "", a));
	for (const char *name = rq->signed_headers; *name;) {
		size_t k = strcspn(name, ";");
		bool first = true;
		sb_addn(&b, name, k);
		sb_addc(&b, ':');
		for (size_t i = 0; i < rq->header_n; i++) {
			const struct httpd_header *h = &rq->headers[i];
			if (strlen(h->name) != k || strncasecmp(h->name, name, k) != 0)
				continue;
			if (!first)
				sb_addc(&b, ',');
			add_value(&b, h->value);
			first = false;
		}
		sb_addc(&b, '\n');
		name += k + (name[k] == ';');
	}
	sb_addf(&b, "\n%s\n%s", rq->signed_headers, rq->payload_sha256);
	return sb_str(&b);
}

static const char *scope(const struct sigv4_request *rq, struct arena *a)
{
	return arena_printf(a, "%.8s/%s/%s/aws4_request", rq->date, rq->region, rq->service);
}

const char *sigv4_to_sign(const struct sigv4_request *rq, struct arena *a)
{
	const char *c = sigv4_canonical(rq, a);
	char hex[SHA256_HEX];
	sha256_hex(c, strlen(c), hex);
	return arena_printf(a, "AWS4-HMAC-SHA256\n%s\n%s\n%s", rq->date, scope(rq, a), hex);
}

const char *sigv4_signature(const struct sigv4_request *rq, struct arena *a)
{
	const char *key = arena_printf(a, "AWS4%s", rq->secret);
	uint8_t k[32];
	hmac_sha256(key, strlen(key), rq->date, 8, k);
	hmac_sha256(k, 32, rq->region, strlen(rq->region), k);
	hmac_sha256(k, 32, rq->service, strlen(rq->service), k);
	hmac_sha256(k, 32, "aws4_request", 12, k);
	const char *s = sigv4_to_sign(rq, a);
	hmac_sha256(k, 32, s, strlen(s), k);
	char *hex = arena_alloc(a, 65);
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", k[i]);
	return hex;
}

const char *sigv4_part(const struct httpd_request *rq, const char *name, struct arena *a)
{
	const char *auth = httpd_header(rq, "Authorization");
	const char *mark = arena_printf(a, "%s=", name);
	const char *at = auth ? strstr(auth, mark) : NULL;
	if (!at)
		return NULL;
	at += strlen(mark);
	return arena_strndup(a, at, strcspn(at, ", "));
}

bool sigv4_of(const struct httpd_request *rq, const char *secret, struct arena *a,
	      struct sigv4_request *out)
{
	const char *names = sigv4_part(rq, "SignedHeaders", a);
	const char *credential = sigv4_part(rq, "Credential", a);
	const char *date = httpd_header(rq, "X-Amz-Date");
	if (!names || !credential || !date || strlen(date) != 16)
		return false;
	char *parts[5] = {NULL};
	char *at = arena_strdup(a, credential);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i] = strsep(&at, "/");
	if (!parts[4] || at || strcmp(parts[4], "aws4_request") != 0 ||
	    strncmp(parts[1], date, 8) != 0)
		return false;
	char *hash = arena_alloc(a, SHA256_HEX), hex[SHA256_HEX];
	sha256_hex(rq->body, rq->len, hex);
	memcpy(hash, hex, sizeof hex);
	*out = (struct sigv4_request){.method = rq->method,
				      .target = rq->target,
				      .headers = rq->headers,
				      .header_n = rq->header_n,
				      .signed_headers = names,
				      .payload_sha256 = hash,
				      .date = date,
				      .region = parts[2],
				      .service = parts[3],
				      .secret = secret};
	return true;
}

const char *sigv4_wrong(const struct httpd_request *rq, const char *secret, struct arena *a)
{
	struct sigv4_request s;
	if (!sigv4_of(rq, secret, a, &s))
		return "no proper Authorization and X-Amz-Date";
	const char *list = arena_printf(a, ";%s;", s.signed_headers);
	const char *last = "";
	struct strv seen = {0};
	for (const char *name = s.signed_headers; *name;) {
		size_t k = strcspn(name, ";");
		const char *one = arena_strndup(a, name, k);
		if (strcmp(last, one) >= 0)
			return arena_printf(a, "SignedHeaders not sorted: %s", s.signed_headers);
		last = one;
		vec_push(a, &seen, one);
		name += k + (name[k] == ';');
	}
	if (!strstr(list, ";host;") || !strstr(list, ";x-amz-date;"))
		return "host and x-amz-date must be signed";
	for (size_t i = 0; i < rq->header_n; i++) {
		const char *lower = text_lower(a, rq->headers[i].name);
		if (text_starts(lower, "x-amz-") && !strstr(list, arena_printf(a, ";%s;", lower)))
			return arena_printf(a, "%s is not signed", lower);
	}
	const char *got = sigv4_part(rq, "Signature", a);
	if (!got || strcmp(got, sigv4_signature(&s, a)) != 0)
		return arena_printf(a, "signature differs; canonical request:\n%s",
				    sigv4_canonical(&s, a));
	return NULL;
}
