/* Numbers and times from text, strictly: the whole text must be one value, nothing saturates, no
 * locale. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/common.h"

/* Decimal, optional leading minus. False and *out untouched on anything else, or outside int64. */
MUST_CHECK bool parse_i64(const char *s, int64_t *out);
MUST_CHECK bool parse_i64_n(const char *s, size_t n, int64_t *out);
/* Decimal with optional fraction and exponent ("1.7561092E9"); rejects inf, nan, hex. */
MUST_CHECK bool parse_f64(const char *s, double *out);

/* ISO 8601 date and time to UTC seconds, fraction dropped: "2025-04-03T22:51:19.403000Z",
 * "…+00:00", "…+0100", no zone = UTC. "2025-04-03" alone is midnight UTC. */
MUST_CHECK bool parse_time(const char *s, int64_t *out_s);
/* HTTP dates: "Sun, 06 Nov 1994 08:49:37 GMT". */
MUST_CHECK bool parse_http_date(const char *s, int64_t *out_s);

#define TIME_TEXT 32
/* "2026-11-09T00:00:00Z" into buf; TIME_NONE gives "". Returns buf. */
const char *time_iso(int64_t t_s, char buf[TIME_TEXT]);

/* Proleptic Gregorian day number, 1970-01-01 = 0, and back. month 1..12, day 1..31. */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);

#endif
