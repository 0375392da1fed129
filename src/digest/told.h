/* What notifications channels told in the week, and what of it no other source knows.
 *
 * A post that another source knows is matched and not counted again: an issue by its number or
 * short id, a run by its number (or commit, or repository and workflow), a deployment by its id (or
 * service, environment and time), a scan by tool, target and day, an alarm by name, state and time.
 * What only the channel knows stands in a table of its own with its origin and in none of the
 * contract's numbers, but for one thing: a scan that was due, ran and whose report was lost counts
 * as a partial one, by what the post says. It changes no finding. */
#ifndef DIGEST_TOLD_H
#define DIGEST_TOLD_H

#include "store/messages.h"
#include "store/scans.h"

struct study;
struct told_row { /* one thing, however often it was told */
	const struct rec_message *m; /* the newest post of it */
	const struct rec_told *t;
	const char *owner;
	const char *item; /* of a DAG or a lost scan */
	int64_t times;
	bool lost; /* a scan whose report was due */
};
struct told_sender {
	const char *name; /* NULL: people */
	int64_t n;
};
struct told_week {
	struct messages posts;
	VEC(struct told_row) rows; /* by kind, newest first */
	VEC(struct told_sender) others; /* posts of no known kind, most first */
	int64_t other; /* their sum */
	int64_t matched; /* things told that another source knows */
	int64_t only; /* things told that none does */
};
/* Reads the posts; those of a source that could not be collected this time are left out. */
MUST_CHECK bool told_load(struct study *f, struct err *e);
/* Adds a partial scan to the week's for each whose report was lost; after both are read. */
void told_lost_scans(struct study *f);
bool told_is_lost(const struct rec_scan *s);
/* After deployments and scans are known. */
MUST_CHECK bool told_analyse(struct study *f, struct err *e);
/* "12 findings: 4 medium, 8 low", "no counts". */
const char *told_counts(const struct study *f, const int64_t severity[SEV_COUNT], int64_t total);

#endif
