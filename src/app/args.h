/* Command lines: --name VALUE, --name=VALUE, --flag, positionals; "--" ends the options. */
#ifndef APP_ARGS_H
#define APP_ARGS_H

#include "base/arena.h"
#include "base/err.h"

struct arg_spec {
	const char *name; /* without dashes; NULL ends a table */
	const char *value; /* "W", "FILE": what it takes; NULL: a flag */
};
struct arg {
	const char *name, *value;
};
struct args {
	VEC(struct arg) options;
	struct strv words; /* positionals */
};

/* Fails: ERR_USAGE for an unknown option, a missing or unwanted value, an option given twice. */
MUST_CHECK bool args_parse(int argc, char **argv, const struct arg_spec *spec, struct arena *a,
			   struct args *out, struct err *e);
/* Value of an option; "" for a flag that was given; NULL when it was not. */
const char *args_get(const struct args *args, const char *name);

#endif
