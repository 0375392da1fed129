/* A collection against a scripted server: the week 2026-W46 of Europe/London, on the Monday after.
 *
 * 1. collecting_start(&b)   2. fill b.cfg; b.url is the server's   3. collecting_serve(&b, table)
 * 4. collecting_run(&b)     5. collecting_ledger, the store in b.db, the requests in b.h
 * 6. collecting_stop(&b) */
#ifndef SUPPORT_COLLECTING_H
#define SUPPORT_COLLECTING_H

#include "support/httpd.h"
#include "support/test.h"

#include "collect/collect.h"
#include "store/ledger.h"

struct served {
	const char *target; /* fnmatch pattern over "METHOD path?query" */
	const char *body; /* "@URL@" stands for the server's address */
	const char *header; /* one "Name: value", or NULL */
	int status; /* 0: 200 */
	const char *in_body; /* must stand in the request's body, or NULL */
};

struct collecting {
	struct arena a;
	struct httpd *h;
	const char *url;
	const struct served *table; /* ends with a NULL target; the first that fits answers */
	/* the fault-th request of all (1 = first; 0 = none) is answered with this instead */
	int fault, requests;
	int retries; /* after the first try; 0 unless set */
	struct httpd_answer fault_answer;
	struct config cfg;
	struct clock clock;
	struct zone *zone;
	struct db *db;
	struct ledgers ledger; /* of the last run */
	struct collect_result result;
};

#define WEEK_FROM INT64_C(1794182400) /* 2026-11-09T00:00:00Z */
#define WEEK_TO	  (WEEK_FROM + 7 * INT64_C(86400))

void collecting_start(struct collecting *b);
void collecting_stop(struct collecting *b);
void collecting_serve(struct collecting *b, const struct served *table);
/* One run with concurrency 1; must succeed. */
void collecting_run(struct collecting *b);
/* The part's row; fails the test when there is none. */
const struct ledger *collecting_ledger(const struct collecting *b, const char *part);
/* Status and reason: reason NULL must be absent, else be in the row's. */
void assert_part(const struct collecting *b, const char *part, enum ledger_status status,
		 const char *reason);
/* Requests whose "METHOD path?query" fits the fnmatch pattern. */
size_t collecting_asked(const struct collecting *b, const char *pattern);
/* First column of the first row. */
int64_t collecting_i64(const struct collecting *b, const char *sql);
/* All rows as text: columns by '|', rows by '\n', NULL as "-". */
const char *collecting_rows(struct collecting *b, const char *sql);
#define strv_of(a, ...)                                                                            \
	strv_of_((a), (const char *const[]){__VA_ARGS__},                                          \
		 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
struct strv strv_of_(struct arena *a, const char *const *v, size_t n);

#endif
