/* GitHub repositories, workflows, runs with attempts and jobs. */
#ifndef STORE_CI_H
#define STORE_CI_H

#include "lib/db.h"
#include "model/record.h"

struct repos {
	struct rec_repo *v;
	size_t n, cap;
};
struct workflows {
	struct rec_workflow *v;
	size_t n, cap;
};
struct runs {
	struct rec_run *v;
	size_t n, cap;
};
/* Puts upsert by natural key inside the caller's transaction. */
MUST_CHECK bool ci_put_repo(struct db *db, const struct rec_repo *r, int64_t seen_s, struct err *e);
MUST_CHECK bool ci_put_workflow(struct db *db, const struct rec_workflow *w, int64_t seen_s,
				struct err *e);
/* The run alone; attempts and jobs by the next two, which replace what is stored of that attempt.
 */
MUST_CHECK bool ci_put_run(struct db *db, const struct rec_run *r, int64_t seen_s, struct err *e);
MUST_CHECK bool ci_put_attempt(struct db *db, const char *source, const char *run_key,
			       const struct rec_attempt *t, struct err *e);
MUST_CHECK bool ci_put_jobs(struct db *db, const char *source, const char *run_key, int64_t attempt,
			    const struct rec_job *jobs, size_t n, struct err *e);
/* What is stored of a run: *found false when nothing is. Without attempts and jobs. */
MUST_CHECK bool ci_get_run(struct db *db, const char *source, const char *key, struct arena *a,
			   struct rec_run *out, bool *found, struct err *e);
/* Runs of the source created at or after since_s that were not concluded when last seen, or
 * concluded other than success: to be asked again. */
MUST_CHECK bool ci_unsettled(struct db *db, const char *source, int64_t since_s, struct arena *a,
			     struct runs *out, struct err *e);
/* Runs created in [from_s, to_s) with attempts and jobs, by repo, workflow, created. */
MUST_CHECK bool ci_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			struct runs *out, struct err *e);
MUST_CHECK bool ci_repos(struct db *db, struct arena *a, struct repos *out, struct err *e);
/* scheduled is set for workflows that have a stored run with event "schedule", of which their own
 * list or file told that, or that GitHub switched off for inactivity, which it does to scheduled
 * ones alone. */
MUST_CHECK bool ci_workflows(struct db *db, struct arena *a, struct workflows *out,
			     struct err *e); /* Whether the repository has a stored workflow. */
MUST_CHECK bool ci_has_workflows(struct db *db, const char *source, const char *repo, bool *any,
				 struct err *e);

/* --- workflows that fell silent before the stored runs begin --- */

/* Keys of the repository's workflows without a stored run whose own list was not asked at or after
 * asked_since_s. Those that GitHub makes itself (path "dynamic/…") never are. */
MUST_CHECK bool ci_silent(struct db *db, const char *source, const char *repo,
			  int64_t asked_since_s, struct arena *a, struct strv *keys, struct err *e);
/* What was found: scheduled, last_schedule_s and schedule_gap_s of w. In the caller's transaction.
 */
MUST_CHECK bool ci_put_silence(struct db *db, const struct rec_workflow *w, int64_t asked_s,
			       struct err *e);

#define CI_RHYTHM 12 /* runs that a rhythm is taken from */
/* Usual time between the newest runs, given newest first, n <= CI_RHYTHM: the median gap, which one
 * missed night does not move. NUM_NONE for fewer than three. The cron expression would take the
 * file of every workflow; GitHub delays and drops scheduled runs, so what happened is also what may
 * be expected. */
int64_t ci_rhythm(const int64_t *at_s, size_t n);
/* Of the workflow's stored scheduled runs created before to_s: the newest (TIME_NONE: none) and
 * their rhythm. */
MUST_CHECK bool ci_schedule(struct db *db, const struct rec_workflow *w, int64_t to_s,
			    int64_t *last_s, int64_t *gap_s, struct err *e);

#endif
