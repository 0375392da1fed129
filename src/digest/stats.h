/* Small statistics for weekly numbers: usual ranges, marks, rates, medians. Pure functions.
 *
 * Sources. Usual range of a count: Farrington et al. 1996 and Noufaily et al. 2012, as in R
 * surveillance::farringtonFlexible (quasi-Poisson, 2/3-power transform, floor limit54 = c(5,4),
 * past outbreaks weighted down). Range of a level or a duration: Wheeler's XmR chart (2.66 mean
 * moving ranges). Rates: Wilson 1927. Medians with open ends: Kaplan and Meier 1958. */
#ifndef DIGEST_STATS_H
#define DIGEST_STATS_H

#include "base/common.h"

#define STATS_MIN_WEEKS 8 /* below, a range says more about luck than about the team */
#define STATS_MAX_WEEKS 26 /* half a year: older weeks are another system */

struct usual {
	double low, high; /* inclusive; NaN: not enough history */
};
enum mark { MARK_NONE, MARK_UP, MARK_DOWN };

/* Range of a weekly count from n complete earlier weeks, newest first; only the newest
 * STATS_MAX_WEEKS are used. Whole numbers: a count marked is outside the real-valued limits. NaN
 * limits under STATS_MIN_WEEKS. */
struct usual stats_usual_count(const double *weeks, size_t n);
/* Range of a level (open findings) or a duration. Never below 0. whole: limits are rounded inwards.
 */
struct usual stats_usual_level(const double *weeks, size_t n, bool whole);
/* x outside u. recent: the sum of the known ones of the three weeks before. No mark under 5 in the
 * four weeks (the only alarm at such counts is the event itself), and none without a range. */
enum mark stats_mark(double x, struct usual u, double recent);

/* 95 % interval of k of n; n = 0 gives 0 to 1. */
void stats_wilson(int64_t k, int64_t n, double *low, double *high);
/* Sorts v. NaN when n is 0. */
double stats_median(double *v, size_t n);
/* Which ordered values (1-based) bound the median with 95 % confidence: false under n = 6. */
bool stats_median_ranks(size_t n, size_t *low, size_t *high);

struct spell { /* a duration; open: it had not ended when we looked, so it is at least v */
	double v;
	bool open;
};
/* Median of durations of which some are still open. Sorts v. Plain median when none is; NaN when n
 * is 0 or more than half never ended. */
double stats_spell_median(struct spell *v, size_t n);

#endif
