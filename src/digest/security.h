/* The week's scans and findings. */
#ifndef DIGEST_SECURITY_H
#define DIGEST_SECURITY_H

#include "store/scans.h"

struct study;
struct finding_row {
	const struct finding_week *w;
	const char *item, *key, *kind, *owner, *set_aside;
	bool is_new, open; /* open: at the week's end and not accepted */
	bool held, overdue;
	const char *twins; /* other tools that found the same weakness in the same target and hold
			      it open, "grype, osv-scanner"; or NULL. Linked, never merged */
	int64_t age_days, over_days; /* whole days at the week's end; over: past its limit */
};
enum scan_outcome {
	SCANNED, /* a usable result in the week */
	SCANNED_PART, /* results, but none that covered everything */
	SCAN_GAVE_NOTHING, /* it ran, no result can be used */
	SCAN_NOT_RUN, /* due in the week by its rhythm */
	SCAN_NOT_DUE,
};
struct scan_row { /* one tool on one target, or on one part of it */
	const char *tool, *target, *scope, *owner; /* scope "": the whole target */
	enum scan_outcome outcome;
	bool list; /* a service's list of alerts, not a scan */
	const struct rec_scan *last; /* newest of the week, or NULL */
	int64_t last_usable_s, due_s; /* TIME_NONE: never, not known */
	int64_t last_usable_n; /* findings of that scan; NUM_NONE: not known */
	int64_t without; /* weeks in a row without a result, this one included */
	int64_t open, fresh, fixed, held;
};
struct security_week {
	struct scans read, past;
	struct finding_weeks findings;
	VEC(struct finding_row) rows; /* worst first */
	VEC(struct scan_row) scans; /* by tool and target */
	struct strv tools;
	int64_t runs, runs_failed, missing; /* scans: reports, without lists */
	int64_t with_result, due; /* of the tool and target pairs */
	int64_t was_open, baseline; /* at the week's start; found by a first scan */
	int64_t is_new, fixed, reopened, outstanding, held, overdue, accepted;
	int64_t set_aside; /* in the week, by the list that holds them: no longer open, not fixed */
	int64_t by_severity[SEV_COUNT];
};
/* Loads; tools must be known before the numbers are. */
MUST_CHECK bool security_load(struct study *f, struct err *e);
MUST_CHECK bool security_analyse(struct study *f, struct err *e);
/* A service's list of alerts, not a scanner. */
bool security_is_list(const char *tool);
int64_t security_limit_days(const struct study *f, enum severity s); /* NUM_NONE: none */

#endif
