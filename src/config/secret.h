/* Secrets by reference: read when needed, never kept in the configuration, logs or messages. */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "base/err.h"
#include "model/config.h"

/* The value without trailing line end. what: "token of source \"sentry\"", for messages. Fails:
 * ERR_CONFIG: unset or empty variable, unreadable file, a file that others may read (mode & 077),
 * control characters inside. SECRET_NONE gives NULL and success. */
MUST_CHECK bool secret_read(const struct secret *s, const char *what, struct arena *a,
			    const char **out, struct err *e);
/* Whether every secret that the file refers to can be read now, so that a run which cannot end well
 * does not begin. Fails: ERR_CONFIG "FILE:LINE:COLUMN: KEY: why", for the first that cannot. */
MUST_CHECK bool config_secrets(const struct config *cfg, struct err *e);

#endif
