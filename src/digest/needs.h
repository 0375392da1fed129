/* What needs somebody: at most five actions, worst first; the rest is counted. */
#ifndef DIGEST_NEEDS_H
#define DIGEST_NEEDS_H

#include "base/arena.h"
#include "base/err.h"

#define NEEDS_MAX 5

struct study;
struct action {
	const char *item; /* the item it is about; of a group the worst */
	const char *rule; /* "failing-now", … */
	const char *owner; /* a team, several, or NULL */
	const char *age; /* "4 days", "due in 3 days" */
	const char *href; /* or NULL */
	const char *title; /* imperative, plain text */
	const char *reason; /* marked text */
	const char *broken; /* noun phrase for the verdict when something is broken, or NULL */
	int64_t things; /* how many are broken: 1, or those of a group */
	int rank; /* of the rule; lower is worse */
	int turn; /* how many of its rule come first */
	double weight; /* within the rule; higher is worse */
	int64_t due_s; /* or TIME_NONE */
};
struct aside {
	const char *reason;
	const char *words; /* "cancelled CI runs" */
	int64_t count;
};
struct needs {
	VEC(struct action) v; /* all, worst first: the first NEEDS_MAX are shown */
	VEC(struct aside) asides; /* most first */
	int64_t set_aside; /* their sum */
};
/* After all analyses. Adds items of section "digest" for what is no item yet. Fails: ERR_DB. */
MUST_CHECK bool needs_find(struct study *f, struct err *e);

#endif
