/* The y axis from zero (look.md 5) and the numbers written on figures. */
#ifndef CHART_AXIS_H
#define CHART_AXIS_H

#include "base/arena.h"

struct axis {
	double top, step; /* top = n × step */
	int n; /* ticks above zero, 1 to 3 */
};
/* The smallest axis of 1, 2, 5, 10, 20, 25, 50 × 10^n that holds max (≥ 0) with at most four ticks.
 * whole: counts, so no fraction is a tick. */
struct axis axis_for(double max, bool whole);

/* "1,204", "2.5", "12.5 million": what is written at a tick or on a bar. */
const char *axis_number(struct arena *a, double v);

#endif
