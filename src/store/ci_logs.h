/* What the logs of failed jobs say: the few lines that matter (ci_list of store/ci.h gives them
 * with the runs). */
#ifndef STORE_CI_LOGS_H
#define STORE_CI_LOGS_H

#include "lib/db.h"
#include "model/record.h"

struct ci_log {
	const char *run_key, *repo, *job_key;
	int64_t attempt;
};
struct ci_logs {
	struct ci_log *v;
	size_t n, cap;
};
/* Logs not read yet that are worth reading: of each workflow, on its default branch and elsewhere,
 * the first failed job of the newest run that failed, created in [from_s, to_s). Most important
 * first, at most limit. */
MUST_CHECK bool ci_logs_wanted(struct db *db, const char *source, int64_t from_s, int64_t to_s,
			       int64_t limit, struct arena *a, struct ci_logs *out, struct err *e);
/* lines NULL: the log is there no more. Expects an open transaction. */
MUST_CHECK bool ci_logs_put(struct db *db, const char *source, const struct ci_log *l,
			    const char *lines, int64_t read_s, struct err *e);

#endif
