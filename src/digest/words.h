/* How numbers, dates and ranges are put into words: the only place. Everything returned lives in
 * the arena and is plain text. */
#ifndef DIGEST_WORDS_H
#define DIGEST_WORDS_H

#include "base/arena.h"
#include "lib/zone.h"
#include "store/digests.h"

const char *w_count(struct arena *a, int64_t n); /* "1,204"; NUM_NONE: "not known" */
/* "1 run", "1,204 runs". */
const char *w_plural(struct arena *a, int64_t n, const char *one, const char *many);
/* "one" … "nine", then digits: for the verdict. */
const char *w_spelled(struct arena *a, int64_t n);
const char *w_capital(struct arena *a, const char *s); /* first letter of ASCII text */
/* "third", "11th": in which digest in a row. */
const char *w_nth(struct arena *a, int64_t n); /* "3rd": in a table */
const char *w_ordinal(struct arena *a, int64_t n);
/* The two largest units: "1 day 4 hours", "45 minutes", "less than a minute". */
const char *w_duration(struct arena *a, int64_t s);
/* "2.1%", or NULL under a whole of 20; one decimal under 10 %. */
const char *w_percent(struct arena *a, int64_t part, int64_t whole);
/* A measured value with three figures, whole from 100 up: "1,204", "0.25", "−3"; NaN: "no data". */
const char *w_measure(struct arena *a, double v);
/* A share 0 to 1 with two decimals, rounded down so that 0.99999 is not all: "99.99%"; NaN: "not
 * known". */
const char *w_share(struct arena *a, double v);
/* Wilson's range as "2 to 14%". */
const char *w_rate_range(struct arena *a, int64_t part, int64_t whole);
const char *w_range(struct arena *a, double low, double high); /* "1 to 13" */
/* "a", "a and b", "a, b and c"; more than max: "a, b and 3 others". */
const char *w_list(struct arena *a, const struct strv *v, size_t max);

const char *w_date(struct arena *a, const struct zone *z,
		   int64_t t_s); /* "Wednesday 11 November" */
const char *w_date_year(struct arena *a, const struct zone *z, int64_t t_s); /* "… November 2026" */
const char *w_weekday(struct arena *a, const struct zone *z, int64_t t_s); /* "Wednesday" */
const char *w_day(struct arena *a, const struct zone *z, int64_t t_s); /* "Wed 11 Nov" */
const char *w_when(struct arena *a, const struct zone *z, int64_t t_s); /* "Wed 11 Nov 14:11" */
const char *w_clock(struct arena *a, const struct zone *z, int64_t t_s); /* "14:11" */
/* "Monday 9 to Sunday 15 November 2026, Europe/London", with ", 167 hours" where that is not 168.
 */
const char *w_week(struct arena *a, const struct zone *z, const struct week *w);

/* "not known", "14", or for a tile "≥ 7" and in a sentence "at least 7". Durations as such. */
const char *w_value(struct arena *a, const struct number *n, bool tile);
/* ", more than usual (1 to 13)", ", as usual (11 to 36)", ", not compared", or "" without history:
 * to follow the number in a sentence. */
const char *w_compared(struct arena *a, const struct number *n);
/* For a tile: "Usual 1 to 13", "Not compared", "No history yet". */
const char *w_usual(struct arena *a, const struct number *n);

#endif
