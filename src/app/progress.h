/* How far a collection is, on a terminal: a line a source, drawn again in its place.
 *
 * 1. progress_init   2. progress_show as struct collect's progress   3. progress_end */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "collect/collect.h"

struct progress {
	int fd;
	int lines; /* drawn so far: where the cursor must go up */
	int64_t drawn_ms;
};

/* Writes the line "collecting WEEK". fd: a terminal. */
void progress_init(struct progress *p, int fd, const char *week);
/* ctx: the struct progress. Draws ten times a second at most. */
void progress_show(const struct collect *c, void *ctx);
/* The last state, whenever it came. */
void progress_end(struct progress *p, const struct collect *c);

#endif
