/* Findings that a service keeps as a list of alerts (GitHub's code scanning, Dependabot, secret
 * scanning), beside those that scans.h follows from report to report; and which Actions artefacts
 * were read.
 *
 * The difference: an alert has dates of its own. When it was opened, fixed or set aside is what the
 * list says, whenever it is read; there is no first scan that makes nothing new, and an alert that
 * one answer lacks is not fixed by that. A service that only says "this is what a scan of that time
 * found" (ECR's image findings) is a scan: scans_put. All of it reads back by scans_findings.
 *
 * 1. scans_alert_list: how far was the list read?   2. scans_store_alerts for what is listed
 * 3. of a whole list: scans_open_alerts names what it should have held, scans_drop_alert ends those
 *    that the service does not know any more    4. scans_put_alert_list */
#ifndef STORE_SCANS_ALERTS_H
#define STORE_SCANS_ALERTS_H

#include "store/scans.h"

enum alert_state {
	ALERT_OPEN,
	ALERT_FIXED,
	ALERT_SET_ASIDE, /* dismissed, a false positive, used in tests: neither open nor fixed */
};
struct alert {
	struct rec_finding
		f; /* identity, severity and texts; its times and state are not looked at */
	enum alert_state state;
	int64_t created_s; /* required */
	int64_t updated_s; /* TIME_NONE: not told */
	int64_t closed_s; /* of the state; TIME_NONE: while open, or not told: then updated_s, else
			     seen_s */
	const char *reason; /* why it was set aside: "dismissed: false positive"; else NULL */
};
/* Stores n alerts of one tool and target ("owner/repo"), in one transaction (the caller's, if one
 * is open). Their events, by the alerts' own dates:
 * - new at created_s, whatever became of it since;
 * - fixed or set_aside at closed_s (not before created_s);
 * - reopened, when it was stored as closed and is open now: at updated_s if that is later, else at
 *   seen_s. What was closed, reopened and closed again between two readings is one of each, at its
 *   last closing. One that was set aside and is fixed later is fixed, but left the open ones
 * before. The same again changes nothing. out (may be NULL): fresh, fixed, reopened counted over
 * this call; outstanding, held, baseline, late and duplicate stay 0. Fails: ERR_DB, nothing is
 * stored. */
MUST_CHECK bool scans_store_alerts(struct db *db, const char *tool, const char *target,
				   const struct alert *v, size_t n, int64_t seen_s,
				   struct scan_effect *out, struct err *e);

/* The identities of the open alerts of a target. */
MUST_CHECK bool scans_open_alerts(struct db *db, const char *tool, const char *target,
				  struct arena *a, struct strv *out, struct err *e);
/* An alert that the service does not have any more: set aside at at_s for that reason. Unknown or
 * not open: nothing happens. */
MUST_CHECK bool scans_drop_alert(struct db *db, const char *tool, const char *target,
				 const char *identity, int64_t at_s, const char *reason,
				 struct err *e);
/* A repository got another name: its alerts go with it. */
MUST_CHECK bool scans_rename_alerts(struct db *db, const char *tool, const char *old_target,
				    const char *new_target, struct err *e);

/* How far a list was read: every change before read_s is stored, and at whole_s every open alert
 * was listed. Both TIME_NONE: never. */
struct alert_list {
	int64_t read_s, whole_s;
};
MUST_CHECK bool scans_alert_list(struct db *db, const char *source, const char *tool,
				 const char *target, struct alert_list *out, struct err *e);
MUST_CHECK bool scans_put_alert_list(struct db *db, const char *source, const char *tool,
				     const char *target, struct alert_list x, struct err *e);

/* An Actions artefact that was read, so that it is downloaded once. */
struct scan_artifact {
	const char *source, *key, *repo, *name;
	int64_t created_s;
	int64_t reports; /* usable ones in it */
	const char *reason; /* what was wrong with it, NULL: nothing */
};
/* Only reports and reason of out are filled; *known false: not read yet. */
MUST_CHECK bool scans_artifact(struct db *db, const char *source, const char *key, struct arena *a,
			       bool *known, struct scan_artifact *out, struct err *e);
/* Did the repository have a run created in [from_s, to_s)? One without has no new artefacts. */
MUST_CHECK bool scans_artifact_runs(struct db *db, const char *source, const char *repo,
				    int64_t from_s, int64_t to_s, bool *any, struct err *e);
MUST_CHECK bool scans_put_artifact(struct db *db, const struct scan_artifact *x, int64_t read_s,
				   struct err *e);

#endif
