/* A service's answer: its JSON, or why there is none, in words fit for the ledger.
 *
 * 401, 403, 404, 429, 5xx, a time-out, HTML, an empty and a damaged answer are told apart, and none
 * of them is ever "no rows". */
#ifndef COLLECT_ANSWER_H
#define COLLECT_ANSWER_H

#include "lib/http.h"
#include "lib/json.h"

/* What somebody can do about it, for each service. Texts without the number; NULL: nothing known.
 */
struct answer_hints {
	const char *e401, *e403, *e404, *not_json;
};

/* 2xx with a JSON text: *out (give to json_free). Else false and *why: "403 on WHAT: message of the
 * service; hint", one line, in a. what: "example/secret-repo". */
bool answer_json(const struct http_response *r, const char *what, const struct answer_hints *h,
		 struct arena *a, struct json **out, const char **why);

/* The same for a whole answer that is known to be no use. */
const char *answer_why(const struct http_response *r, const char *what,
		       const struct answer_hints *h, struct arena *a);

/* The service's own message in an error body (detail, message, Message, error), one line of at most
 * 160 characters; NULL when there is none. Markup is never one. */
const char *answer_message(const struct http_response *r, struct arena *a);

/* Server errors and lost answers: worth asking again in a smaller portion. */
bool answer_too_heavy(const struct http_response *r);

#endif
