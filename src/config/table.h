/* The one table of sitrep.yaml: where a key stands, what it may hold, where it goes. Parsing,
 * checking, init's commented file and README's section all read it. */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "model/config.h"

enum key_type {
	KEY_GROUP, /* a mapping; offset: a bool that is set when it is given, or KEY_NOWHERE */
	KEY_GROUPS, /* a list of mappings, a VEC; size: of one element */
	KEY_TEXT, /* one line */
	KEY_NAME, /* letters, digits, . _ - */
	KEY_AUDIENCE, /* [a-z0-9-]+ */
	KEY_ZONE,
	KEY_PATH, /* made absolute */
	KEY_PATTERN, /* a shell pattern, made absolute */
	KEY_URL, /* http(s), no query; kept without trailing slash */
	KEY_URL_DIR, /* the same, kept with trailing slash */
	KEY_URL_HOST, /* scheme and host alone */
	KEY_URL_PAGE, /* may have a query */
	KEY_URL_SMTP,
	KEY_NUMBER, /* allowed: "from to", blank-separated */
	KEY_CHOICE, /* an enum, allowed: its words in order */
	KEY_SECRET,
	KEY_TOKEN, /* one secret into a VEC of them */
	KEY_SECRETS, /* a list of secrets into a VEC of them */
	KEY_MAILBOX, /* "Name <address>" or an address */
	KEY_ADDRESSES, /* a list of addresses */
	KEY_TEXTS, /* a list of texts */
	KEY_GLOBS, /* a list of patterns, "!" excludes */
	KEY_WORDS, /* a list of words out of allowed */
	KEY_ITEMS, /* a list of sentry:…, repo:…, service:… patterns */
};

#define KEY_NOWHERE SIZE_MAX

struct config_key {
	const char *path; /* "sources.github[].token"; [] marks a KEY_GROUPS */
	enum key_type type;
	size_t offset; /* in the element of the nearest [] above, else in struct config */
	size_t size; /* KEY_GROUPS */
	enum { KEY_OPTIONAL, KEY_REQUIRED, KEY_NOT_EMPTY } need; /* NOT_EMPTY: a list, if given */
	const char *def; /* as it would stand in the file; NULL: none */
	const char *allowed; /* see the types */
	const char *
		example; /* stands in init's file; commented out when it begins with # or is NULL */
	const char *help; /* one line */
};

extern const struct config_key config_keys[];
extern const size_t config_keys_n;

/* The last part of a path without "[]"; *len its length. */
const char *config_key_name(const struct config_key *k, size_t *len);
/* Whether k stands directly below the parent path ("" for the root). */
bool config_key_below(const struct config_key *k, const char *parent);
/* "a whole number", … for messages and the reference. */
const char *config_key_type(const struct config_key *k);
/* A value that may stand there, as in a file: the example without #, else the default, else one of
 * the type. */
const char *config_key_sample(const struct config_key *k);
/* What may stand there, in words, from type and allowed. */
const char *config_key_allowed(const struct config_key *k, struct arena *a);

#endif
