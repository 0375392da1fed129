/* Two clocks: the calendar (which week is the last, ages, deadlines, what is printed), which --now
 * can fix, and real time (signing, waits, look-ups, TLS), which nothing can. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/common.h"

struct clock {
	bool fixed;
	int64_t fixed_s;
};

int64_t clock_now(const struct clock *c); /* calendar time, UTC seconds */
int64_t clock_real(void); /* real time, UTC seconds */
int64_t clock_mono_ms(void); /* for waits and durations */

#endif
