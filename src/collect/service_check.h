/* What "sitrep check" asks each service for: does it answer, who is the token, which permission is
 * missing for what, when does it end, how much does it see, is our clock right. A few requests, and
 * nothing is stored. AWS: aws_check.h. */
#ifndef COLLECT_SERVICE_CHECK_H
#define COLLECT_SERVICE_CHECK_H

#include "lib/http.h"
#include "model/config.h"

struct service_checked {
	bool ok;
	const char *text; /* one line */
};

void sentry_check(struct http *h, const struct sentry_source *s, struct arena *a,
		  struct service_checked *out);
/* Every token of the source, or its App. */
void github_check(struct http *h, const struct github_source *s, struct arena *a,
		  struct service_checked *out);
void status_page_check(struct http *h, const struct status_page_source *s, struct arena *a,
		       struct service_checked *out);
/* scopes: what the token is used for, blank-separated; a "|" between two of which one is enough.
 * They are compared only where Slack names those it has. */
void slack_check(struct http *h, const char *url, const struct secret *token, const char *scopes,
		 struct arena *a, struct service_checked *out);

#endif
