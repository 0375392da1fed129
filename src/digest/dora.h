/* How deployments went over 13 weeks, service by service: DORA's five measures, each with what it
 * is of. For one system over time; no badge, and no rate of fewer than ten.
 *
 * Of the weeks whose deployments are known in full. Done: succeeded, failed or rolled back.
 * Frequency: the median over those weeks of the days with a success, weeks without one included.
 * Failed: failed or rolled back, of those done. Recovery: from the end of one that failed to the
 * next success or rollback there; those still open are counted as open, not left out. Rework: an
 * earlier version put back, of those done; a rollback of CodeDeploy counts with the deployment that
 * it undid. Source: dora.dev, guide of 2026; shared notes analysis 4.1. */
#ifndef DIGEST_DORA_H
#define DIGEST_DORA_H

#include "base/arena.h"
#include "base/err.h"

struct study;
#define DORA_MIN 10

struct dora_service {
	const char *service;
	int64_t done, failed, rework, open;
	double days_a_week; /* NaN: no week known */
	double lead_s; /* NaN: no commit known */
	int64_t commits;
	double recovery_s; /* median, open ones censored; NaN: none, or more than half are open */
	int64_t longest_open_s; /* of those open; 0: none */
};
struct dora {
	int64_t weeks; /* known in full */
	VEC(struct dora_service) v; /* most deployments first */
};
/* Fails: ERR_DB. */
MUST_CHECK bool dora_find(struct study *f, struct err *e);

#endif
