/* Conditional requests: an answer that came with an ETag or a date is kept (store/cache.h), the
 * next request for it asks "has it changed?", and "no" (304) is handed on as the whole answer that
 * it stands for. Only for collect.c; collectors see answers of 200 and nothing else.
 *
 * 1. kept_ask before a request is submitted   2. kept_answer when it is answered
 * 3. kept_keep when its handler has stored what it tells   4. kept_end
 *
 * Kept by address, kind of answer and who asked: another token may see another list (api-github 1).
 * Weak validators are sent back as they came. */
#ifndef COLLECT_KEPT_H
#define COLLECT_KEPT_H

#include "collect/collect.h"

struct kept_ask {
	const char *key; /* NULL: the answer is not kept */
	const char *const *headers; /* of the request, with the question where there is one */
	bool asked; /* the question is among them */
};

/* who: whose answer it is; NULL: never kept (it holds secrets, or is asked for once). Strings live
 * in c->scratch, the key in c->a. */
MUST_CHECK bool kept_ask(struct collect *c, const struct http_request *rq, const char *who,
			 struct kept_ask *out, struct err *e);
/* A 304 to a question: *out is the kept answer, with the headers of both (those that came now go
 * first), in c->scratch. Anything else: *out is *r. What cannot be unpacked is forgotten, and the
 * 304 stays. *again: it stands for a kept answer. */
MUST_CHECK bool kept_answer(struct collect *c, const char *key, const struct http_response *r,
			    struct http_response *out, bool *again, struct err *e);
/* Keeps a whole answer of 200 that has what to ask with, in memory until there are some of them. */
MUST_CHECK bool kept_keep(struct collect *c, const char *key, const char *source,
			  const struct http_response *r, struct err *e);
/* Writes what is in memory and keeps the store's share small. */
MUST_CHECK bool kept_end(struct collect *c, struct err *e);
void kept_release(struct collect *c);

#endif
