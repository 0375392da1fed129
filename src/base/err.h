/* One error type for every layer: what somebody does about it (kind) and a sentence fit to print
 * (msg).
 *
 * A function that can fail returns bool, true = done, with "struct err *" as its last parameter. On
 * false the error holds the cause and all out-parameters are untouched. The first error wins:
 * err_set on an error already set keeps the first. Messages: lower case, no full stop, names in
 * double quotes, the reason included, never a secret. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/common.h"

enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE, /* the command line */
	ERR_CONFIG, /* sitrep.yaml, an environment variable, a secret file */
	ERR_AUTH, /* the service refuses who we are, or what we may see */
	ERR_NET, /* not reached, timed out, 5xx: may work later */
	ERR_LIMIT, /* a rate or a size */
	ERR_PROTO, /* the other side's answer, or a file's content, is not what it must be */
	ERR_DB,
	ERR_IO,
	ERR_BUSY, /* another run holds the lock */
	ERR_BUG,
};

struct err {
	enum err_kind kind;
	char msg[600];
};

/* Sets kind and text unless an error is set already. Always returns false. e may not be NULL. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " before the text; the kind stays. Always returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Forgets the error, so that the struct can be used again. */
void err_clear(struct err *e);

/* "usage", "config", … for logs and tests. */
const char *err_kind_name(enum err_kind kind);

#endif
