/* Zero after weeks that were not: a part that is complete and empty is not believed when chance is
 * a poor explanation. */
#ifndef COLLECT_DOUBT_H
#define COLLECT_DOUBT_H

#include "collect/collect.h"
#include "store/ledger.h"

/* Should nothing be doubted? earlier: the part's weeks before this one, newest first.
 *
 * Yes when each of the last 3 weeks that are known (complete or partial) brought rows and together
 * at least 15: by Poisson a week of 5 on average is empty once in 150. Weeks that were doubted
 * themselves do not count as known, but after 3 of them in a row nothing is the new custom. */
bool doubt_applies(const struct ledgers *earlier, int64_t *least, int64_t *most);

/* Makes a complete part without rows partial where that applies. In a transaction or none. */
MUST_CHECK bool doubt_zero(struct part *p, struct err *e);

#endif
