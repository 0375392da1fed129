/* What became of a CI run, by the contract's definitions. Pure functions over stored runs.
 *
 * 1. ci_classify over all runs known around the week   2. ci_workflows_of for the state of each
 * workflow   3. ci_episodes for the time to green */
#ifndef DIGEST_CI_CLASS_H
#define DIGEST_CI_CLASS_H

#include "store/ci.h"

enum ci_class {
	CI_RUNNING, /* not concluded */
	CI_SUCCEEDED,
	CI_FLAKY, /* failed, then succeeded on the same commit and event; whatever the last word */
	CI_INFRASTRUCTURE,
	CI_REAL,
	CI_UNDECIDED,
	CI_CANCELLED,
	CI_OTHER, /* skipped, neutral, action required, stale: out of every rate */
};

struct ci_run {
	const struct rec_run *r;
	enum ci_class class;
	bool failed; /* the latest attempt failed: flaky runs may or may not have */
	const char *step; /* first failed step of the newest failed attempt, or NULL */
	const char *job; /* the job it belongs to, or NULL */
};
struct ci_runs {
	struct ci_run *v;
	size_t n, cap;
};
/* Classes all runs, given in any order. To know what is flaky or real, runs after the week must be
 * among them. out: by repository and workflow, oldest first. */
void ci_classify(const struct runs *runs, struct arena *a, struct ci_runs *out);

/* One workflow of one repository on its default branch, as of to_s. */
struct ci_workflow {
	const char *source, *repo, *key, *path, *name;
	const struct ci_run *last; /* newest with a verdict, created before to_s; or NULL */
	const struct ci_run *first_failed; /* start of the streak that last belongs to, or NULL */
	int64_t streak; /* failed runs in a row up to last */
	bool failing_at_start, failing; /* at from_s, at to_s */
	char strip[15]; /* of the newest 14 with a verdict, oldest first: p f */
	int64_t last_schedule_s; /* newest run of event schedule before to_s, or TIME_NONE */
	int64_t gap_s; /* usual time between those, or NUM_NONE when there are fewer than three */
};
struct ci_workflows {
	struct ci_workflow *v;
	size_t n, cap;
};
/* Runs older than 30 days before an instant do not count at that instant. */
void ci_workflows_of(const struct ci_runs *runs, int64_t from_s, int64_t to_s, struct arena *a,
		     struct ci_workflows *out);
/* At to_s the last two due times had passed without a run. Times come from the workflow's own
 * rhythm, with a quarter of it (at most 6 hours) for GitHub's delays. */
bool ci_missed_two(const struct ci_workflow *w, int64_t to_s);
/* The same for a last run and a rhythm from elsewhere; either unknown: false. */
bool ci_overdue(int64_t last_s, int64_t gap_s, int64_t to_s);

/* From the first real failure after a success to the next success, default branch: those that
 * ended in [from_s, to_s), and those open at to_s. */
struct ci_episode {
	const struct ci_run *first, *end; /* end NULL: open */
	int64_t duration_s; /* to the end, or to to_s */
};
struct ci_episodes {
	struct ci_episode *v;
	size_t n, cap;
};
void ci_episodes_of(const struct ci_runs *runs, int64_t from_s, int64_t to_s, struct arena *a,
		    struct ci_episodes *out);

#endif
