#include "collect/answer.h"

#include "base/text.h"

#include <ctype.h>

static const char *blank_skip(const char *s)
{
	while (*s && isspace((unsigned char)*s))
		s++;
	return s;
}

/* Member as text; of an object, its own message. */
static const char *text_of(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	if (json_is_obj(&v)) {
		const char *s = text_of(&v, "message", a);
		return s ? s : text_of(&v, "detail", a);
	}
	return json_is_str(&v) ? json_text(&v, a) : NULL;
}

const char *answer_message(const struct http_response *r, struct arena *a)
{
	static const char *const keys[] = {"detail", "message", "Message", "error_description",
					   "error"};
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(r->body, r->len, &j, &(struct err){0}))
		return NULL;
	struct jv root = json_root(j);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = text_of(&root, keys[i], a);
		if (s && *blank_skip(s))
			return text_line(a, s, 160);
	}
	return NULL;
}

bool answer_too_heavy(const struct http_response *r)
{
	return r->status >= 500 || (r->status == 0 && r->err.kind == ERR_NET);
}

/* GitHub says so with 403 as well; after all tries it is still no question of permission. */
static bool rate_limited(const struct http_response *r, const char *message)
{
	const char *left = http_header(r, "x-ratelimit-remaining");
	return r->status == 429 ||
	       (r->status == 403 && (text_eq(left, "0") || http_header(r, "retry-after") ||
				     (message && strstr(message, "rate limit"))));
}

static const char *tries(const struct http_response *r, struct arena *a)
{
	return r->tries > 1 ? arena_printf(a, " after %d tries", r->tries) : "";
}

static const char *with(struct arena *a, const char *what, const char *hint)
{
	return hint ? arena_printf(a, "%s; %s", what, hint) : what;
}

const char *answer_why(const struct http_response *r, const char *what,
		       const struct answer_hints *h, struct arena *a)
{
	if (r->status == 0)
		return r->err.kind == ERR_LIMIT ? arena_printf(a, "%s: %s", what, r->err.msg)
						: arena_printf(a, "no answer on %s: %s%s", what,
							       r->err.msg, tries(r, a));
	const char *m = answer_message(r, a);
	const char *head = arena_printf(a, "%d on %s", r->status, what);
	if (rate_limited(r, m))
		return arena_printf(a, "%s: still over the rate limit%s", head, tries(r, a));
	if (r->status == 401)
		return with(a, arena_printf(a, "%s: %s", head, m ? m : "not authenticated"),
			    h->e401);
	if (r->status == 403)
		return with(a, arena_printf(a, "%s: %s", head, m ? m : "not permitted"), h->e403);
	if (r->status == 404)
		return with(a, arena_printf(a, "%s: %s", head, m ? m : "not found"), h->e404);
	if (r->status == 410) {
		const char *instead = http_header(r, "x-sentry-replacement-endpoint");
		return instead ? arena_printf(a,
					      "%s: the service has withdrawn this call%s; its "
					      "replacement is %s",
					      head, tries(r, a), text_line(a, instead, 120))
			       : arena_printf(a, "%s: gone%s", head, tries(r, a));
	}
	if (r->status == 451)
		return arena_printf(a, "%s: blocked for legal reasons", head);
	if (r->status >= 500)
		return arena_printf(a, "%s: server error%s%s%s", head, tries(r, a), m ? ": " : "",
				    m ? m : "");
	if (r->status >= 300 && r->status < 400)
		return arena_printf(a, "%s: redirected, not followed; is the url right?", head);
	return arena_printf(a, "%s: %s", head, m ? m : "refused");
}

bool answer_json(const struct http_response *r, const char *what, const struct answer_hints *h,
		 struct arena *a, struct json **out, const char **why)
{
	if (r->status < 200 || r->status > 299) {
		*why = answer_why(r, what, h, a);
		return false;
	}
	const char *s = blank_skip(r->body);
	struct err bad = {0};
	if (json_parse(r->body, r->len, out, &bad))
		return true;
	if (!*s)
		*why = with(a, arena_printf(a, "%d with an empty body on %s", r->status, what),
			    h->not_json);
	else if (*s == '<')
		*why = with(a,
			    arena_printf(a, "%d with HTML instead of JSON on %s", r->status, what),
			    h->not_json);
	else
		*why = arena_printf(a, "%d with damaged JSON on %s: %s", r->status, what, bad.msg);
	return false;
}
