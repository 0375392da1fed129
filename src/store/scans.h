/* Scans and the life of each finding. */
#ifndef STORE_SCANS_H
#define STORE_SCANS_H

#include "lib/db.h"
#include "model/record.h"

struct findings {
	struct rec_finding *v;
	size_t n, cap;
};
struct scans {
	struct rec_scan *v;
	size_t n, cap;
};
struct scan_effect {
	int64_t fresh, fixed, reopened, held, outstanding; /* of this import */
	bool baseline, duplicate; /* duplicate: the same report of the same time was stored before,
				     nothing changed */
};
/* Stores the scan and what it does to the findings of its (tool, target), in one transaction:
 * first usable scan: baseline; else an identity not seen in any earlier scan is new, a fixed one is
 * reopened, an open one that is gone is fixed when the status is ok or zero and the report did not
 * lose more than half of at least 10 results, else held. A scan older than the newest one of its
 * (tool, target) is stored for the ledger and changes no state. s->source, tool, target, format,
 * origin, sha256, status, scanned_s and list must be set. */
MUST_CHECK bool scans_put(struct db *db, const struct rec_scan *s, int64_t seen_s,
			  struct scan_effect *out, struct err *e);
/* Scans with scanned_s in [from_s, to_s), by tool, target, time; list empty. */
MUST_CHECK bool scans_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			   struct scans *out, struct err *e);
/* For each (tool, target) the scan times of the last 13 weeks before to_s, to know its rhythm: as
 * scans with tool, target, status, scanned_s. */
MUST_CHECK bool scans_history(struct db *db, int64_t to_s, struct arena *a, struct scans *out,
			      struct err *e);
/* Findings as they stood at to_s (exclusive), replayed from the events: state "open", "fixed" or
 * "held", those open at to_s or with an event in [from_s, to_s). event: what happened in the span,
 * in rec_finding.state terms see struct finding_week. */
struct finding_week {
	struct rec_finding f;
	bool is_new, is_fixed, is_reopened, is_held,
		is_open; /* new, fixed, reopened, held: inside [from_s, to_s); open: at to_s */
};
struct finding_weeks {
	struct finding_week *v;
	size_t n, cap;
};
MUST_CHECK bool scans_findings(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			       struct finding_weeks *out, struct err *e);
/* Acceptances: key is an item key ("finding:…", "sentry:…"). */
struct acceptance {
	const char *key, *reason;
	int64_t until_s, created_s;
};
struct acceptances {
	struct acceptance *v;
	size_t n, cap;
};
MUST_CHECK bool scans_accept(struct db *db, const struct acceptance *x, struct err *e);
MUST_CHECK bool scans_acceptances(struct db *db, int64_t at_s, struct arena *a,
				  struct acceptances *out, struct err *e); /* in force at at_s */

#endif
