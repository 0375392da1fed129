/* The week's CI runs and the state of each workflow. */
#ifndef DIGEST_CI_H
#define DIGEST_CI_H

#include "digest/ci_class.h"

struct study;
struct ci_row { /* a run of the week that failed, was flaky or was cancelled */
	const struct ci_run *x;
	const char *item, *owner, *set_aside;
	bool data_processing;
};
struct ci_workflow_row {
	const struct ci_workflow *w; /* NULL: stopped before any run we know of */
	const struct rec_workflow *known; /* NULL: not listed by the service */
	const char *item; /* of a stopped or recovered one, or NULL */
	const char *name, *repo, *owner, *url, *key;
	bool data_processing, recovered, stopped;
	bool switched_off; /* stopped by its state, not by its silence */
	int64_t last_schedule_s, gap_s; /* newest scheduled run known and their usual distance */
};
struct ci_counts { /* of one span of created_at */
	int64_t runs, succeeded, failed, real, flaky, infrastructure, cancelled, undecided,
		flaky_failed;
};
struct ci_week {
	struct runs read;
	struct ci_runs runs;
	struct ci_workflows states;
	struct workflows workflows;
	struct repos repos;
	struct ci_episodes episodes;
	VEC(struct ci_row) rows;
	VEC(struct ci_workflow_row) flows;
	struct ci_counts all, data_processing;
	int64_t failing_now, recovered, stopped, running, closed_episodes;
};
MUST_CHECK bool ci_analyse(struct study *f, struct err *e);
/* Counts of another span, for corrections. */
struct ci_counts ci_count(const struct study *f, int64_t from_s, int64_t to_s,
			  bool data_processing);
const char *ci_owner(const struct study *f, const char *repo);

#endif
