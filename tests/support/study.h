/* A store of invented weeks and the digest of one of them, for tests of digest/.
 *
 * 1. weeks_start(&b, yaml)   yaml NULL: one source of each kind, services, owners
 * 2. put_…                   rows; what is not given gets a sensible default
 * 3. weeks_build(&b)         the document, checked against the schema, numbers and items
 * 4. weeks_stop(&b) */
#ifndef SUPPORT_STUDY_H
#define SUPPORT_STUDY_H

#include "support/test.h"

#include "digest/digest.h"
#include "store/ci.h"
#include "store/deploys.h"
#include "store/errors.h"
#include "store/ledger.h"
#include "store/scans.h"

struct weeks {
	struct arena a;
	struct config cfg;
	struct db *db;
	struct zone *z;
	struct week week; /* 2026-W46 of Europe/London unless set */
	int64_t now_s; /* the Monday after, 10:30 */
	const struct audience *audience;
	struct digest_output out;
	int64_t keys; /* for keys that nobody names */
};
/* Times are given as day of the week (0 = Monday, negative: before it), hour and minute, UTC. */
int64_t at(const struct weeks *b, int day, int hour, int minute);

void weeks_start(struct weeks *b, const char *yaml);
void weeks_go(struct weeks *b, const char *week); /* to another week and its Monday after */
void weeks_stop(struct weeks *b);
void put_ledger(struct weeks *b, const char *source, const char *part, enum ledger_status s,
		const char *affects, const char *reason);
/* Ledger rows that say: everything was collected. */
void put_complete(struct weeks *b);
struct rec_issue issue_of(struct weeks *b, const char *short_id, const char *title, int64_t first_s,
			  int64_t events);
void put_issue(struct weeks *b, const struct rec_issue *i);
struct rec_run run_of(struct weeks *b, const char *workflow, const char *sha, int64_t created_s,
		      const char *conclusion);
/* jobs: the name of the job that failed with a step, or NULL. */
void put_run(struct weeks *b, const struct rec_run *r, const char *failed_job, bool had_runner);
struct rec_deployment deploy_row(struct weeks *b, const char *kind, const char *service,
				 const char *sha, int64_t finished_s, enum deploy_state state);
void put_deployment(struct weeks *b, const struct rec_deployment *d);
/* ids: blank-separated identities; severity by first letter: c h m l i. */
void put_scan(struct weeks *b, const char *tool, const char *target, int64_t t_s,
	      enum scan_status s, const char *ids);
/* Freezes n earlier weeks with these values of one number each; numbers not named are absent. */
void put_history(struct weeks *b, const char *id, const double *newest_first, size_t n);

void weeks_build(struct weeks *b);
bool weeks_try(struct weeks *b, struct err *e);
double value_of(const struct weeks *b,
		const char *id); /* NaN: null; fails when there is none of that id */
const struct number *number_of(const struct weeks *b, const char *id);
const struct item *item_of(const struct weeks *b, const char *key); /* NULL when absent */
/* The string value of an XPath over the document, "" when nothing is there. */
const char *said(struct weeks *b, const char *xpath);
size_t count_of(struct weeks *b, const char *xpath);

#endif
