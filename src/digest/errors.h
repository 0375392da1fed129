/* The week's errors: what Sentry's issues did, by the contract's definitions. */
#ifndef DIGEST_ERRORS_H
#define DIGEST_ERRORS_H

#include "digest/attribute.h"
#include "digest/stats.h"
#include "store/errors.h"

struct study;
struct error_row {
	const struct rec_issue *i;
	const char *item, *key, *kind, *owner, *set_aside;
	bool is_new, regressed, escalating, resolved,
		unresolved; /* the five numbers; not disjoint */
	bool happening; /* still on the week's last day */
	int64_t began_s; /* first seen, or came back; TIME_NONE for what went on */
	struct attribution cause;
	struct usual usual; /* of its own weekly events; NaN: not known for long enough */
	enum mark mark; /* its events outside that */
};
struct errors_week {
	struct issues all;
	VEC(struct error_row)
	rows; /* new first, then regressed, escalating, resolved, ongoing; most events first */
	bool narrowed; /* issues of other teams were left out */
	int64_t soon,
		certain; /* new ones within an hour of a deployment; of those, named by release */
};
/* Needs the deployments. Fails: ERR_DB. */
MUST_CHECK bool errors_analyse(struct study *f, struct err *e);

#endif
