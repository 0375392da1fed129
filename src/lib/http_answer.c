/* What an answer says: its headers, and the sentence for a status outside 2xx. No libcurl here. */
#include "lib/http.h"

#include "base/clock.h"
#include "base/text.h"
#include "lib/json.h"
#include "lib/retry.h"

#include <strings.h>

#define MESSAGE_CP 160 /* of the other side's words in one error */
#define LOOK_BYTES 65536 /* an error's message is near the start; a page is not searched */

const char *http_header(const struct http_response *r, const char *name)
{
	for (size_t i = 0; i < r->header_n; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

/* The message of a JSON error in the spellings of the services: GitHub, Sentry (text or object),
 * AWS, Slack, OAuth. */
static const char *json_message(const struct http_response *r, struct arena *a)
{
	static const char *const names[] = {"message", "Message", "detail", "error_description",
					    "error"};
	struct err ignored = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(r->body, r->len, &j, &ignored))
		return NULL;
	struct jv root = json_root(j);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct jv v = json_get(&root, names[i]);
		if (json_is_obj(&v)) {
			struct jv inner = json_get(&v, "message");
			const char *s = json_text(&inner, a);
			if (s)
				return s;
		}
		const char *s = json_text(&v, a);
		if (s)
			return s;
	}
	return NULL;
}

static const char *between(const char *s, const char *open, const char *close, struct arena *a)
{
	const char *from = strstr(s, open);
	if (!from)
		return NULL;
	from += strlen(open);
	const char *to = strstr(from, close);
	return to ? arena_strndup(a, from, (size_t)(to - from)) : NULL;
}

static const char *message(const struct http_response *r, struct arena *a)
{
	const char *s = r->body + strspn(r->body, " \t\r\n");
	if (!*s || r->len > LOOK_BYTES)
		return NULL;
	if (*s == '{' || *s == '[')
		return json_message(r, a);
	if (*s == '<') {
		const char *m = between(s, "<Message>", "</Message>", a);
		return m ? m : between(s, "<title>", "</title>", a);
	}
	return arena_strndup(a, s, strcspn(s, "\r\n"));
}

/* AWS repeats the signature it was sent in some refusals. */
static const char *without_credentials(const char *s, struct arena *a)
{
	static const char *const marks[] = {"Authorization", "Signature=", "Bearer "};
	size_t n = strlen(s);
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *at = strstr(s, marks[i]);
		if (at && (size_t)(at - s) < n)
			n = (size_t)(at - s);
	}
	return arena_strndup(a, s, n);
}

bool http_ok(const struct http_response *r, struct err *e)
{
	if (r->status >= 200 && r->status < 300)
		return true;
	if (r->status == 0) {
		if (r->err.kind == ERR_NONE)
			return err_set(e, ERR_NET, "no answer from %s", r->url);
		return err_set(e, r->err.kind, "%s", r->err.msg);
	}
	enum err_kind kind = ERR_PROTO;
	if (r->status == 401 || r->status == 403)
		kind = ERR_AUTH;
	if (r->status >= 500)
		kind = ERR_NET;
	struct retry d = retry_decide(r, 1, clock_real(), 0, 0);
	if (r->status == 429 || (d.again && d.whole_host))
		kind = ERR_LIMIT;
	struct arena a = {0};
	const char *m = message(r, &a);
	m = m ? text_line(&a, without_credentials(m, &a), MESSAGE_CP) : NULL;
	if (m && *m)
		err_set(e, kind, "HTTP %d from %s: %s", r->status, r->url, m);
	else
		err_set(e, kind, "HTTP %d from %s", r->status, r->url);
	arena_release(&a);
	return false;
}
