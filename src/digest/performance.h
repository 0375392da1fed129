/* How fast and how well the projects answered, and whether what should check in did: Sentry's
 * transactions, sessions, cron monitors and uptime checks. What is not collected is left out and
 * said. */
#ifndef DIGEST_PERFORMANCE_H
#define DIGEST_PERFORMANCE_H

#include "digest/stats.h"
#include "store/ledger.h"
#include "store/monitors.h"
#include "store/series.h"

struct study;
struct measured { /* one measure of one project */
	double now, before; /* this week and last; NaN: not known */
	struct usual usual; /* NaN limits: no history to tell */
	size_t weeks; /* known earlier ones */
	bool estimate; /* the service says that it looked at part of the data */
};
struct project_row {
	const char *source, *project;
	struct measured p95_ms, transactions, failure; /* failure: a ratio */
	struct measured crash_free; /* of sessions, as the service writes it */
};
struct performance_week {
	bool asked; /* some part of it was asked for and is not switched off */
	VEC(struct project_row) projects; /* slowest first */
	struct monitors monitors;
	VEC(const struct rec_monitor *) trouble; /* missed, timed out or failed in the week */
	int64_t crons, uptimes;
};
/* Check-ins of the week that did not go well. */
int64_t performance_bad(const struct rec_monitor *m);
/* Whether the part is one of those that the section tells of. */
bool performance_part(const struct ledger *l);
/* Reads at most 13 weeks back. Fails: ERR_DB. */
MUST_CHECK bool performance_load(struct study *f, struct err *e);

#endif
