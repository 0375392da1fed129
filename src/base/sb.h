/* String builder: arena-backed, bounded, with a sticky overflow so that appends need no checks.
 *
 * 1. struct sb b; sb_init(&b, arena, max_bytes);
 * 2. sb_add, sb_addf, sb_addc, sb_addn as often as wanted
 * 3. const char *s = sb_finish(&b, &len, e);   NULL and ERR_LIMIT if max_bytes was passed */
#ifndef BASE_SB_H
#define BASE_SB_H

#include "base/arena.h"
#include "base/err.h"

struct sb {
	struct arena *a;
	char *p;
	size_t len, cap, max;
	bool over;
};

void sb_init(struct sb *b, struct arena *a, size_t max_bytes);
void sb_add(struct sb *b, const char *s); /* NULL adds nothing */
void sb_addn(struct sb *b, const char *s, size_t n);
void sb_addc(struct sb *b, char c);
void sb_addf(struct sb *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The text so far, NUL-terminated, owned by the arena. len may be NULL. */
MUST_CHECK const char *sb_finish(struct sb *b, size_t *len, struct err *e);
/* The same where the cap cannot be passed: aborts if it was. */
const char *sb_str(struct sb *b);

#endif
