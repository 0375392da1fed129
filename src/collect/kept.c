#include "collect/kept.h"

#include "base/sb.h"
#include "base/text.h"
#include "lib/crypto.h"
#include "lib/zip.h"
#include "store/cache.h"

#include <strings.h>

#define VALIDATOR_BYTES 512 /* longer ones are no validators */
#define HEADERS_BYTES	16384
#define PENDING_N	64 /* answers written at once: a transaction waits for the disk */
#define PENDING_BYTES	((size_t)2 * 1024 * 1024)

/* What of an answer's head belongs to its body: a 304 need not repeat it. */
static const char *const of_body[] = {"link",	      "content-type",
				      "x-hits",	      "x-max-hits",
				      "x-github-sso", "x-accepted-github-permissions"};

struct kept {
	struct arena a; /* of v */
	VEC(struct cache_entry) v; /* to be written */
	size_t bytes;
};

static bool is_get(const struct http_request *rq)
{
	return (!rq->method || !strcmp(rq->method, "GET")) && !rq->body && !rq->sigv4;
}

static void add_headers(struct collect *c, const struct http_request *rq, const char *etag,
			const char *modified, struct kept_ask *out)
{
	struct strv list = {0};
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		vec_push(&c->scratch, &list, rq->headers[i]);
	if (etag)
		vec_push(&c->scratch, &list, arena_printf(&c->scratch, "If-None-Match: %s", etag));
	else
		vec_push(&c->scratch, &list,
			 arena_printf(&c->scratch, "If-Modified-Since: %s", modified));
	vec_push(&c->scratch, &list, NULL);
	out->headers = list.v;
	out->asked = true;
}

bool kept_ask(struct collect *c, const struct http_request *rq, const char *who,
	      struct kept_ask *out, struct err *e)
{
	struct kept_ask x = {.headers = rq->headers};
	struct sb b;
	char hex[SHA256_HEX];
	const char *etag, *modified;
	bool found;
	if (!who || !rq->url || !is_get(rq)) {
		*out = x;
		return true;
	}
	sb_init(&b, &c->scratch, (size_t)1 << 20);
	sb_addf(&b, "%s\n%s\n", rq->url, who);
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		sb_addf(&b, "%s\n", rq->headers[i]);
	const char *text = sb_str(&b);
	sha256_hex(text, strlen(text), hex);
	x.key = arena_strdup(c->a, hex);
	if (!cache_find(c->db, x.key, &c->scratch, &etag, &modified, &found, e))
		return false;
	if (found)
		add_headers(c, rq, etag, modified, &x);
	*out = x;
	return true;
}

/* Those of now go first; http_header takes the first. */
static void join_headers(struct arena *a, const struct http_response *now, const char *kept,
			 struct http_response *out)
{
	VEC(struct http_header) list = {0};
	for (size_t i = 0; i < now->header_n; i++)
		vec_push(a, &list, now->headers[i]);
	for (const char *s = kept; *s; s += strspn(s, "\n")) {
		size_t n = strcspn(s, "\n");
		const char *line = arena_strndup(a, s, n), *colon = strstr(line, ": ");
		s += n;
		if (!colon)
			continue;
		struct http_header h = {arena_strndup(a, line, (size_t)(colon - line)), colon + 2};
		if (!http_header(now, h.name))
			vec_push(a, &list, h);
	}
	out->headers = list.v;
	out->header_n = list.n;
}

bool kept_answer(struct collect *c, const char *key, const struct http_response *r,
		 struct http_response *out, bool *again, struct err *e)
{
	struct arena *a = &c->scratch;
	struct cache_entry x;
	struct err damaged = {0};
	bool found = false;
	*again = false;
	*out = *r;
	if (!key || r->status != 304)
		return true;
	if (!cache_get(c->db, key, a, &x, &found, e))
		return false;
	if (!found)
		return true;
	if (!zip_gunzip(x.packed, x.packed_len, CACHE_BODY_BYTES, a, &out->body, &out->len,
			&damaged))
		return cache_forget(c->db, key, e);
	out->status = 200;
	join_headers(a, r, x.headers, out);
	*again = true;
	return cache_touch(c->db, key, clock_now(c->clock), e);
}

/* Fit to be sent back in a header line. */
static const char *validator(const char *s)
{
	size_t n = s ? strlen(s) : 0;
	if (n == 0 || n > VALIDATOR_BYTES)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return NULL;
	return s;
}

static const char *pack_headers(const struct http_response *r, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, HEADERS_BYTES);
	for (size_t i = 0; i < r->header_n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(of_body); k++)
			if (!strcasecmp(r->headers[i].name, of_body[k]))
				sb_addf(&b, "%s: %s\n", of_body[k], r->headers[i].value);
	return sb_finish(&b, NULL, &(struct err){0});
}

static bool flush(struct collect *c, struct err *e)
{
	struct kept *k = c->kept;
	if (!k)
		return true;
	if (k->v.n) {
		if (!db_begin(c->db, e))
			return false;
		for (size_t i = 0; i < k->v.n; i++) {
			if (!cache_put(c->db, &k->v.v[i], e)) {
				db_rollback(c->db);
				return false;
			}
		}
		if (!db_commit(c->db, e))
			return false;
	}
	arena_release(&k->a);
	*k = (struct kept){0};
	return true;
}

bool kept_keep(struct collect *c, const char *key, const char *source,
	       const struct http_response *r, struct err *e)
{
	const char *etag = validator(http_header(r, "etag"));
	const char *modified = validator(http_header(r, "last-modified"));
	if (!key || r->status != 200 || (!etag && !modified) || r->len == 0 ||
	    r->len > CACHE_BODY_BYTES)
		return true;
	if (!c->kept)
		c->kept = arena_new(c->a, struct kept);
	struct kept *k = c->kept;
	struct cache_entry x = {.key = key,
				.source = source,
				.etag = arena_strdup(&k->a, etag),
				.modified = arena_strdup(&k->a, modified),
				.headers = pack_headers(r, &k->a),
				.bytes = (int64_t)r->len,
				.seen_s = clock_now(c->clock)};
	if (!x.headers) /* without its Link a page would be the last */
		return true;
	zip_gzip(r->body, r->len, &k->a, &x.packed, &x.packed_len);
	vec_push(&k->a, &k->v, x);
	k->bytes += x.packed_len;
	return (k->v.n < PENDING_N && k->bytes < PENDING_BYTES) || flush(c, e);
}

bool kept_end(struct collect *c, struct err *e)
{
	return !c->kept || (flush(c, e) && cache_trim(c->db, CACHE_TOTAL_BYTES, e));
}

void kept_release(struct collect *c)
{
	if (c->kept)
		arena_release(&c->kept->a);
	c->kept = NULL;
}
