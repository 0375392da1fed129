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
struct scan_effect { /* of this import */
	int64_t fresh, fixed, reopened, held;
	int64_t outstanding; /* open after it */
	bool baseline, duplicate; /* duplicate: the same report of the same time was stored before,
				     nothing changed */
	bool late; /* older than what its scope already had: stored, but no finding changed */
};
/* Stores the scan and what it does to the findings of its scope, in one transaction (the caller's,
 * if one is open). A scope is (tool, target, s->scope): only scans of one scope are compared.
 * s->source, tool, target, origin, sha256, status, scanned_s and list must be set; format NULL is
 * stored as "unknown".
 *
 * Usable is a scan that lists findings: ok, zero, partial. Its rules, at the time s->scanned_s:
 * - the first usable scan of a scope is the baseline: its findings are known from then on and are
 *   never new;
 * - else a finding that no stored one matches (scans_match.h) is new, one that matches a fixed one
 * is reopened; a stored finding keeps its identity whatever it matched by;
 * - an open one that is gone is fixed when the status is ok or zero and, against the last ok or
 * zero one, the report did not lose more than half of at least 10 findings and neither the tool's
 * version nor its set of rules changed; else it is held: still open, but not confirmed, and the
 * event says why. A loss that the next ok or zero scan confirms is believed.
 * - a usable scan older than the newest usable one of its scope is stored for the ledger and
 * changes no finding (late). Of the same time as the newest: compared as the next one. Any other
 * scan holds every open finding of its scope, unless it is older than the newest usable one.
 * Suppressed findings are not followed: one that a report begins to suppress is fixed, one that it
 * ceases to suppress is new.
 * The same report (tool, target, time, SHA-256) again changes nothing, except that one which could
 * not be used before and can be now takes its place. Fails: ERR_DB, nothing is stored. */
MUST_CHECK bool scans_put(struct db *db, const struct rec_scan *s, int64_t seen_s,
			  struct scan_effect *out, struct err *e);
/* Is this report stored, and was it usable? To spare reading it again. */
MUST_CHECK bool scans_has(struct db *db, const char *tool, const char *target, int64_t scanned_s,
			  const char *sha256, bool *usable, struct err *e);
/* Scans with scanned_s in [from_s, to_s), by tool, target, time; list empty. */
MUST_CHECK bool scans_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			   struct scans *out, struct err *e);
/* For each (tool, target) the scan times of the last 13 weeks before to_s, to know its rhythm: as
 * scans with tool, target, status, scanned_s. */
MUST_CHECK bool scans_history(struct db *db, int64_t to_s, struct arena *a, struct scans *out,
			      struct err *e);
/* What became of a finding in [from_s, to_s), by what its scans of that time said. For each
 * finding, open at from_s + baseline + new + reopened - fixed - set aside = open at to_s: a finding
 * that came and went several times in the span counts each of these at most once, and as fixed, set
 * aside or reopened only what is left after pairs, or one pair when all pair up. */
struct finding_week {
	struct rec_finding f; /* state at to_s: "open", "fixed", "held" (open, but its newest scan
				 could not confirm it) or "set_aside" (by its alert list) */
	const char *scope; /* "": the whole target */
	const char *held_because; /* where the state is "held": a clause, "the scan is partial"; or
				     NULL */
	bool is_new, is_fixed, is_reopened, is_held; /* in the span */
	bool is_set_aside; /* left the open ones in the span without being fixed */
	bool is_baseline; /* entered in the span by the first scan of its scope */
	bool is_open; /* at to_s; held ones are open */
	bool was_open; /* at from_s */
};
struct finding_weeks {
	struct finding_week *v;
	size_t n, cap;
};
/* Findings open at to_s (exclusive) or with an event in [from_s, to_s), replayed from the events,
 * so that a past week reads the same however much was scanned since. The times of f are as known at
 * to_s; its texts, line and severity are the newest ever reported. By tool, target, severity, first
 * seen, identity. */
MUST_CHECK bool scans_findings(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			       struct finding_weeks *out, struct err *e);
/* The key of a finding's item: "finding:<tool>/<target>/<identity>". */
const char *scans_key(const struct rec_finding *f, struct arena *a);
/* Acceptances: key is an item key ("finding:…", "sentry:…"). */
struct acceptance {
	const char *key, *reason;
	int64_t until_s, created_s;
};
struct acceptances {
	struct acceptance *v;
	size_t n, cap;
};
/* Replaces an acceptance of the same key. */
MUST_CHECK bool scans_accept(struct db *db, const struct acceptance *x, struct err *e);
MUST_CHECK bool scans_acceptances(struct db *db, int64_t at_s, struct arena *a,
				  struct acceptances *out, struct err *e); /* in force at at_s:
									      made by then,
									      not ended yet */

#endif
