/* What turned out differently since the last digest was frozen (promise 3). */
#ifndef DIGEST_CORRECTIONS_H
#define DIGEST_CORRECTIONS_H

#include "base/err.h"

struct study;
/* Counts the week before anew and compares with its frozen numbers: CI runs that were run again,
 * deployments that were rolled back or became known later. Fills study.corrections. */
void corrections_find(struct study *f);
/* Sources that told of nothing at all after weeks of something, though complete: a failure that
 * looks like a quiet week. Fills study.silent. */
MUST_CHECK bool silence_find(struct study *f, struct err *e);

#endif
