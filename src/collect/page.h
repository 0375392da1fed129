/* Pages of a list: where the next one is, and when walking must end without an end.
 *
 * 1. struct page_walk w = {0};  one per list
 * 2. after each page: page_github, page_sentry or page_aws tells of the next one
 * 3. page_step counts the page and decides; PAGE_CUT: the part has been told why it is short */
#ifndef COLLECT_PAGE_H
#define COLLECT_PAGE_H

#include "collect/collect.h"

enum page_next {
	PAGE_END, /* that was the last */
	PAGE_MORE, /* *token names the next */
	PAGE_BAD, /* there is more, but what names it cannot be used: *token says why */
	PAGE_CUT, /* page_step only: ended early, told to the part */
};

/* GitHub: the URL of rel="next", to be followed as given. Its origin (scheme, host, port) must be
 * that of api, or the token would go to a stranger: PAGE_BAD. */
enum page_next page_github(const struct http_response *r, const char *api, struct arena *a,
			   const char **token);

/* Sentry: the cursor of rel="next" with results="true". The URL beside it is never used: its host
 * is wrong in practice. */
enum page_next page_sentry(const struct http_response *r, struct arena *a, const char **token);

/* AWS: member "nextToken" (key) of the answer; absent, null and "" end the list. */
enum page_next page_aws(const struct jv *root, const char *key, struct arena *a,
			const char **token);

struct page_walk {
	struct strv seen; /* tokens so far */
};
/* what: the list, for the reason. Cut after a token that came before and after LIMIT_PAGES pages.
 */
enum page_next page_step(struct part *p, struct page_walk *w, enum page_next next,
			 const char *token, const char *what);

/* Percent-encodes every byte of a path or query value that is not unreserved. */
const char *page_encode(struct arena *a, const char *s);

#endif
