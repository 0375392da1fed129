/* Sentry's projects, issues and events per day. */
#ifndef STORE_ERRORS_H
#define STORE_ERRORS_H

#include "lib/db.h"
#include "model/record.h"

struct issues {
	struct rec_issue *v;
	size_t n, cap;
};
/* All puts upsert by natural key; seen_s is kept from the first time. They expect an open
 * transaction (the caller's unit of work). */
MUST_CHECK bool errors_put_project(struct db *db, const struct rec_project *p, int64_t seen_s,
				   struct err *e);
/* The issue and, when i->week is set, its issue_week row. Texts that are NULL keep what is stored.
 * Within one collection the same issue may come from several sweeps: in issue_week, NUM_NONE,
 * TIME_NONE and NULL keep what is stored. */
MUST_CHECK bool errors_put_issue(struct db *db, const struct rec_issue *i, int64_t seen_s,
				 struct err *e);
MUST_CHECK bool errors_put_day(struct db *db, const struct rec_project_day *d, struct err *e);
/* Forgets the issue_week rows of (source, week): a new collection of the week states them anew. */
MUST_CHECK bool errors_forget_week(struct db *db, const char *source, const char *week,
				   struct err *e);
/* Issues with an issue_week row of that week, most events first, then key. */
MUST_CHECK bool errors_list(struct db *db, const char *week, struct arena *a, struct issues *out,
			    struct err *e);
struct issue_events {
	const char *week;
	int64_t issue_id, events; /* rec_issue.id */
};
struct issue_history {
	struct issue_events *v;
	size_t n, cap;
};
/* The events of every issue in the weeks [from_week, to_week) as "2026-W34"; by week, then issue.
 * Weeks of an issue without a row, or with unknown events, are left out. */
MUST_CHECK bool errors_history(struct db *db, const char *from_week, const char *to_week,
			       struct arena *a, struct issue_history *out, struct err *e);
struct issue_first {
	int64_t at_s;
	const char *project; /* slug, or NULL */
};
struct issue_firsts {
	struct issue_first *v;
	size_t n, cap;
};
/* Issues listed in the weeks from_week to to_week, both included, that were first seen (in the
 * configured environments) in [from_s, to_s); by that time. */
MUST_CHECK bool errors_firsts(struct db *db, const char *from_week, const char *to_week,
			      int64_t from_s, int64_t to_s, struct arena *a,
			      struct issue_firsts *out, struct err *e);
struct days {
	struct rec_project_day *v;
	size_t n, cap;
};
/* Events per project and UTC day, days in [from_day, to_day) as "2026-11-09"; by source, project,
 * day. A day without a row is not known, not zero. */
MUST_CHECK bool errors_days(struct db *db, const char *from_day, const char *to_day,
			    struct arena *a, struct days *out, struct err *e);

#endif
