/* The seed functions of the sources: one for each kind in sitrep.yaml. Each opens its parts and
 * submits its first requests. They fail only for our own failures. */
#ifndef COLLECT_SOURCES_H
#define COLLECT_SOURCES_H

#include "collect/collect.h"

MUST_CHECK bool sentry_seed(struct collect *c, const struct sentry_source *s, struct err *e);
MUST_CHECK bool github_seed(struct collect *c, const struct github_source *s, struct err *e);
MUST_CHECK bool aws_seed(struct collect *c, const struct aws_source *s, struct err *e);
MUST_CHECK bool slack_seed(struct collect *c, const struct slack_source *s, struct err *e);
MUST_CHECK bool status_page_seed(struct collect *c, const struct status_page_source *s,
				 struct err *e);

/* What a GitHub source may show now: its first token, or one that its App is freshly granted (one
 * request); NULL when none is configured. For checks. Fails: in words for a person. */
MUST_CHECK bool github_bearer(struct http *http, const struct github_source *s, struct arena *a,
			      const char **out, struct err *e);

#endif
