/* What the rules of needs.c share, and those about findings, scans and the sources themselves. Only
 * needs.c and needs_upkeep.c. */
#ifndef DIGEST_NEEDS_RULES_H
#define DIGEST_NEEDS_RULES_H

#include "digest/needs.h"
#include "model/record.h"

/* Rules, worst first. */
enum {
	NEED_ROLLBACK_LEFT,
	NEED_FAILING_NOW,
	NEED_DEPLOY_FAILED,
	NEED_DAG_FAILED,
	NEED_CRITICAL_NEW,
	NEED_ERROR_HAPPENING,
	NEED_OVERDUE,
	NEED_SCAN_MISSING,
	NEED_SOURCE_FAILED,
	NEED_SOURCE_SILENT,
	NEED_TOKEN_EXPIRES,
	NEED_SOURCE_PARTIAL,
	NEED_STOPPED,
	NEED_OVERDUE_LOWER,
	NEED_WAITING,
	NEED_NO_OWNER,
};
/* Adds an action of that rule; weight: higher is worse within the rule. */
void needs_add(struct study *f, int rank, double weight, struct action x);
/* An item of section "digest" for what is no row of any section. Fails: ERR_DB. */
MUST_CHECK bool needs_own_item(struct study *f, const char *key, const char *title, const char *url,
			       const char *owner, const char **id, struct err *e);
/* Whole days to the week's end: "4 days"; TIME_NONE: "this week". */
const char *needs_age(const struct study *f, int64_t since_s);
/* In how many digests in a row an item of ours has stood: "third week in a row". */
const char *needs_weeks_old(struct study *f, const char *id);

void needs_overdue(struct study *f, enum severity s);
void needs_critical(struct study *f);
MUST_CHECK bool needs_scans(struct study *f, struct err *e);
MUST_CHECK bool needs_sources(struct study *f, struct err *e);
MUST_CHECK bool needs_tokens(struct study *f, struct err *e);
MUST_CHECK bool needs_told(struct study *f, struct err *e);

#endif
