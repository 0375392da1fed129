/* Time zones by IANA name, and weeks in them. GLib reads the zone files (all of them, with the
 * rules beyond their last entry).
 *
 * A week is an ISO 8601 week: the half-open span [Monday 00:00, next Monday 00:00) of local time in
 * one zone; 167 or 169 hours long twice a year. Where a zone skips midnight, the day starts at the
 * first instant that exists. */
#ifndef LIB_ZONE_H
#define LIB_ZONE_H

#include "base/arena.h"
#include "base/err.h"

struct zone;
MUST_CHECK bool zone_open(const char *name, struct zone **out,
			  struct err *e); /* ERR_CONFIG for an unknown name */
void zone_free(struct zone *z);
void zone_freep(struct zone **z);
const char *zone_name(const struct zone *z);
const char *zone_data_version(struct arena *a); /* "2024b", or "unknown" */

struct local {
	int64_t year;
	int month, day; /* 1.. */
	int hour, minute, second;
	int weekday; /* 1 = Monday … 7 */
	int offset_s; /* seconds east of UTC */
};
struct local zone_local(const struct zone *z, int64_t t_s);
int64_t zone_day_start(const struct zone *z, int64_t year, int month,
		       int day); /* UTC seconds of local 00:00 */

struct week {
	int year, number; /* ISO: 2026, 46 */
	int64_t from_s, to_s; /* UTC, half open */
	char name[32]; /* "2026-W46" */
};
/* The week that holds t_s. */
struct week week_at(const struct zone *z, int64_t t_s);
struct week week_add(const struct zone *z, const struct week *w, int weeks); /* may be negative */
/* "2026-W46", a date inside the week, or "last": the newest week that had ended at now_s. Fails:
 * ERR_USAGE. */
MUST_CHECK bool week_parse(const struct zone *z, const char *s, int64_t now_s, struct week *out,
			   struct err *e);
/* UTC start of day i (0 = Monday) of the week; i = 7 is its end. */
int64_t week_day(const struct zone *z, const struct week *w, int i);
int week_hours(const struct week *w);

#endif
