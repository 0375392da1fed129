#include "base/sb.h"

void sb_init(struct sb *b, struct arena *a, size_t max_bytes)
{
	*b = (struct sb){.a = a, .max = max_bytes};
}

void sb_addn(struct sb *b, const char *s, size_t n)
{
	if (b->over || n == 0)
		return;
	if (n > b->max - b->len) {
		b->over = true;
		return;
	}
	if (b->len + n + 1 > b->cap) {
		size_t cap = MAX(b->cap * 2, b->len + n + 1);
		cap = MAX(cap, (size_t)128);
		char *p = arena_alloc(b->a, cap);
		if (b->len)
			memcpy(p, b->p, b->len);
		b->p = p;
		b->cap = cap;
	}
	memcpy(b->p + b->len, s, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void sb_add(struct sb *b, const char *s)
{
	if (s)
		sb_addn(b, s, strlen(s));
}

void sb_addc(struct sb *b, char c)
{
	sb_addn(b, &c, 1);
}

void sb_addf(struct sb *b, const char *fmt, ...)
{
	char small[256];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof small, fmt, ap);
	BUG_ON(n < 0);
	if ((size_t)n < sizeof small) {
		sb_addn(b, small, (size_t)n);
	} else {
		sb_add(b, arena_vprintf(b->a, fmt, again));
	}
	va_end(again);
	va_end(ap);
}

const char *sb_finish(struct sb *b, size_t *len, struct err *e)
{
	if (b->over) {
		err_set(e, ERR_LIMIT, "text is longer than %zu bytes", b->max);
		return NULL;
	}
	if (len)
		*len = b->len;
	return b->p ? b->p : "";
}

const char *sb_str(struct sb *b)
{
	BUG_ON(b->over);
	return b->p ? b->p : "";
}
