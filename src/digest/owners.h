/* Who is asked: the teams of the configuration, by the things an item belongs to. */
#ifndef DIGEST_OWNERS_H
#define DIGEST_OWNERS_H

#include "model/config.h"

struct belongs { /* any may be NULL */
	const char *sentry; /* project slug */
	const char *repo; /* "owner/repo" or "repo" */
	const char *service; /* configured name */
};
/* The first team one of whose globs fits, or NULL: no owner. What belongs to a configured service
 * belongs to its repository too, and the other way round. */
const char *owner_of(const struct config *cfg, const struct belongs *b, struct arena *scratch);
/* Whether the audience reads of items of that team (NULL: none). "*" covers items without owner. */
bool owner_shown(const struct audience *au, const char *team);

#endif
