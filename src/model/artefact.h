/* Finished bytes between render/, deliver/ and archive/: names are the contract's file names. */
#ifndef MODEL_ARTEFACT_H
#define MODEL_ARTEFACT_H

#include "base/arena.h"

struct artefact {
	const char *name; /* "page.html", "digest.pdf", "digest.txt", "digest.json", "digest.xml",
			     "mail.eml", "mail-small.eml", "slack.json" */
	const char *type; /* media type */
	const char *bytes;
	size_t len;
};

struct artefacts {
	struct artefact *v;
	size_t n, cap;
};

/* NULL when there is none of that name. */
const struct artefact *artefact_find(const struct artefacts *list, const char *name);

#endif
