/* One value of sitrep.yaml: its node checked against its descriptor and stored. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base/err.h"
#include "config/table.h"
#include "lib/yaml.h"

struct value_reader {
	struct arena *a;
	const char *file; /* stands in messages */
	const char *dir; /* absolute: what paths are relative to */
	struct secret_places *secrets; /* takes every reference read; may be NULL */
};

/* Stores v into field as k's type says (see config/table.h), untouched on failure. Fails:
 * ERR_CONFIG "FILE:LINE:COLUMN: what is wrong; allowed: …". A value that may be a secret is never
 * repeated. */
MUST_CHECK bool value_read(const struct value_reader *r, const struct config_key *k,
			   const struct ynode *v, void *field, struct err *e);
/* "FILE:LINE:COLUMN: …" of a node, ERR_CONFIG; returns false. */
bool value_wrong(const struct value_reader *r, const struct ynode *v, struct err *e,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Appends one zeroed element of size bytes to a VEC and returns it. */
void *value_push(struct arena *a, void *vec, size_t size);
/* Whether the host of an URL is this machine: localhost, 127.x.x.x, [::1]. */
bool value_loopback(const char *url);

#endif
