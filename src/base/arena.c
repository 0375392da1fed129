#include "base/arena.h"

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(16) unsigned char data[];
};

#define BLOCK_MIN ((size_t)64 * 1024) /* most phases of a small week fit in one */

void *arena_alloc(struct arena *a, size_t n)
{
	BUG_ON(n > SIZE_MAX / 4);
	size_t need = (n + 15) & ~(size_t)15;
	if (need == 0)
		need = 16;
	struct arena_block *b = a->head;
	if (!b || b->size - b->used < need) {
		size_t size = b ? MIN(b->size * 2, (size_t)4 * 1024 * 1024) : BLOCK_MIN;
		size = MAX(size, need);
		b = malloc(sizeof *b + size);
		if (!b)
			bug_(__FILE__, __LINE__, "out of memory");
		b->size = size;
		b->used = 0;
		b->next = a->head;
		a->head = b;
	}
	void *p = b->data + b->used;
	b->used += need;
	a->used_bytes += n;
	return memset(p, 0, need);
}

void *arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	BUG_ON(size && n > SIZE_MAX / 4 / size);
	return arena_alloc(a, n * size);
}

void arena_release(struct arena *a)
{
	for (struct arena_block *b = a->head, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->head;
	if (!keep)
		return;
	struct arena rest = {.head = keep->next};
	arena_release(&rest);
	keep->next = NULL;
	keep->used = 0;
	a->used_bytes = 0;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);
	if (n)
		memcpy(q, p, n);
	return q;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	BUG_ON(n < 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t size)
{
	size_t n = *cap ? *cap * 2 : 8;
	void *p = arena_alloc_n(a, n, size);
	if (*cap)
		memcpy(p, old, *cap * size);
	*cap = n;
	return p;
}
