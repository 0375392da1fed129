/* Memory by lifetime: a phase makes an arena, everything it builds lives there, releasing the arena
 * frees all of it.
 *
 * Allocation never returns NULL (lack of memory aborts). Memory is zeroed. Nothing is freed one by
 * one. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/common.h"

#include <stdarg.h>

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used_bytes; /* sum of what was asked for, for benches */
};

/* An arena is ready when zeroed: struct arena a = {0}; */
void arena_release(struct arena *a); /* frees everything; the arena is empty and usable again */
void arena_reset(struct arena *a); /* empties it, keeps the newest block for reuse */

void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned to 16 */
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n); /* n bytes, NUL added */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void *arena_memdup(struct arena *a, const void *p, size_t n);

#define arena_new(a, T)	     ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc_n((a), (n), sizeof(T)))
void *arena_alloc_n(struct arena *a, size_t n, size_t size); /* aborts on overflow */

/* A growing array that lives in an arena: VEC(struct issue) list = {0}; vec_push(&arena, &list,
 * issue); The old storage stays in the arena until it is released (doubling: at most as much
 * again). */
#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *v;                                                                              \
		size_t n, cap;                                                                     \
	}
#define vec_push(a, vec, item)                                                                     \
	do {                                                                                       \
		if ((vec)->n == (vec)->cap)                                                        \
			(vec)->v = arena_grow((a), (vec)->v, &(vec)->cap, sizeof *(vec)->v);       \
		(vec)->v[(vec)->n++] = (item);                                                     \
	} while (0)
void *arena_grow(struct arena *a, void *old, size_t *cap, size_t size);

/* A list of strings, used everywhere. */
struct strv {
	const char **v;
	size_t n, cap;
};

#endif
