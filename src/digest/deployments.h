/* The week's deployments. */
#ifndef DIGEST_DEPLOYMENTS_H
#define DIGEST_DEPLOYMENTS_H

#include "digest/lead_time.h"

struct study;
struct deployment_row {
	const struct deploy *d;
	const char *item, *owner;
	bool production; /* the first of the environments */
	bool open; /* failed, and nothing has succeeded there since */
	const struct rec_change *change; /* what it brought, or NULL: not told */
	int64_t recovery_s; /* failed or rolled back: until the next success or rollback; TIME_NONE:
			       not one */
};
struct deployments_week {
	struct deployments rows_read;
	struct images images;
	struct deploys all; /* folded, beyond the week's ends: candidates for causes */
	VEC(struct deployment_row) rows; /* of the week, by time */
	int64_t lost_rollbacks;
	struct changes changes;
	struct lead_time lead; /* production */
	int64_t total, succeeded, failed, rolled_back, in_progress, waiting; /* production */
};
/* Loads and folds; what errors and corrections need. */
MUST_CHECK bool deployments_load(struct study *f, struct err *e);
MUST_CHECK bool deployments_analyse(struct study *f, struct err *e);
/* When the next success (or the rollback) of the same service and environment ended, or TIME_NONE.
 */
int64_t deployments_recovered_at(const struct deploys *all, const struct deploy *d);
/* Production deployments of another span, for corrections: total, failed, rolled back. */
void deployments_recount(const struct study *f, int64_t from_s, int64_t to_s, int64_t out[3]);

#endif
