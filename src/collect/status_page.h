/* Upptime's summary.json: how long each site of a status page was down in the week.
 *
 * Minutes down of the week's days are what counts. Upptime's days are UTC's and go back a year: a
 * day that is not named was not down. Where a page has no minutes, its own figure of seven days
 * stands in if the page was read within a day of the week's end; otherwise nothing is known. */
#ifndef COLLECT_STATUS_PAGE_H
#define COLLECT_STATUS_PAGE_H

#include "collect/collect.h"
#include "store/watch.h"

struct status_page_week {
	const char *source;
	const struct week *week;
	const char *days[8]; /* the week's dates, "2026-11-09"; n of them */
	size_t n;
	int64_t now_s; /* when the page was read */
};
/* One element of the page. Only the slug is required, or a name to make one from. */
MUST_CHECK bool status_page_site(const struct jv *v, const struct status_page_week *w,
				 struct arena *a, struct availability_week *out, struct err *e);

#endif
