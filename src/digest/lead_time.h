/* From commit to production: the commits that the week's production deployments brought. */
#ifndef DIGEST_LEAD_TIME_H
#define DIGEST_LEAD_TIME_H

#include "digest/deploy_fold.h"
#include "store/commits.h"

struct lead_time {
	double median_s; /* over commits, finish of their deployment - commit time; NaN: none known
			  */
	int64_t commits; /* that the median is of */
	int64_t deployments; /* whose commits are known */
	int64_t unknown; /* whose commits should be known and are not */
};
/* What the deployment brought, or NULL: nothing was told of its commit or its repository. */
const struct rec_change *lead_time_change(const struct changes *all, const struct deploy *d);
/* Adds one deployment that succeeded: its commits' times, each in seconds, to list. Those not
 * before the finish are left out (a merge that was pushed, a clock that is off). */
struct lead_times {
	double *v;
	size_t n, cap;
};
void lead_time_add(const struct rec_change *c, const struct deploy *d, struct arena *a,
		   struct lead_times *list, struct lead_time *sum);
/* Sets the median. Sorts list. */
void lead_time_end(struct lead_times *list, struct lead_time *sum);

#endif
