#include "store/scans_match.h"

#define NEAREST_MAX 32

enum key { KEY_COARSE, KEY_STRONG, KEY_CONTEXT };

static const char *key_of(const struct match_side *s, enum key k)
{
	switch (k) {
	case KEY_COARSE:
		return s->coarse;
	case KEY_STRONG:
		return s->strong;
	case KEY_CONTEXT:
		return s->context;
	}
	return NULL;
}

struct entry { /* one that has no pair yet, for sorting */
	const char *key;
	struct match_side *side;
	size_t i;
};

static int64_t line_of(const struct entry *x)
{
	return x->side->line == NUM_NONE ? 0 : x->side->line;
}

static int by_key_line(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int c = strcmp(a->key, b->key);
	if (!c)
		c = (line_of(a) > line_of(b)) - (line_of(a) < line_of(b));
	return c ? c : (a->i > b->i) - (a->i < b->i);
}

static size_t gather(struct match_side *v, size_t n, enum key k, bool stored, bool open,
		     struct entry *out)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		const char *key = key_of(&v[i], k);
		if (v[i].pair == MATCH_NONE && key && (!stored || v[i].open == open))
			out[count++] = (struct entry){key, &v[i], i};
	}
	qsort(out, count, sizeof *out, by_key_line);
	return count;
}

static void tie(struct entry *x, struct entry *y)
{
	x->side->pair = y->i;
	y->side->pair = x->i;
}

/* Both sorted by line. */
static void equal_lines(struct entry *x, size_t n, struct entry *y, size_t m)
{
	for (size_t i = 0, j = 0; i < n && j < m;) {
		int64_t a = line_of(&x[i]), b = line_of(&y[j]);
		if (a == b)
			tie(&x[i], &y[j]);
		i += a <= b;
		j += b <= a;
	}
}

static size_t left_over(struct entry *v, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].side->pair == MATCH_NONE)
			v[count++] = v[i];
	return count;
}

/* Each of the shorter side takes the nearest of the longer that is left, the closest pair first. */
static void nearest(struct entry *x, size_t n, struct entry *y, size_t m)
{
	for (size_t left = MIN(n, m); left > 0; left--) {
		struct entry *bx = NULL, *by = NULL;
		int64_t best = INT64_MAX;
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; x[i].side->pair == MATCH_NONE && j < m; j++) {
				int64_t d = line_of(&x[i]) - line_of(&y[j]);
				d = d < 0 ? -d : d;
				if (y[j].side->pair == MATCH_NONE && d < best) {
					best = d;
					bx = &x[i];
					by = &y[j];
				}
			}
		}
		BUG_ON(!bx || !by); /* both sides had at least left of them */
		tie(bx, by);
	}
}

static void group(struct entry *x, size_t n, struct entry *y, size_t m)
{
	equal_lines(x, n, y, m);
	n = left_over(x, n);
	m = left_over(y, m);
	/* As many on both sides: in the order of the lines is nearest in sum. */
	if (n == m || n > NEAREST_MAX || m > NEAREST_MAX) {
		for (size_t i = 0; i < MIN(n, m); i++)
			tie(&x[i], &y[i]);
	} else {
		nearest(x, n, y, m);
	}
}

static size_t run(const struct entry *v, size_t n)
{
	size_t k = 1;
	while (k < n && !strcmp(v[0].key, v[k].key))
		k++;
	return k;
}

void scans_match(struct match_side *report, size_t n, struct match_side *stored, size_t m,
		 struct arena *a)
{
	static const struct {
		enum key key;
		bool open;
	} passes[] = {
		{KEY_COARSE, true},  {KEY_STRONG, true},  {KEY_CONTEXT, true},
		{KEY_COARSE, false}, {KEY_STRONG, false},
	};
	struct entry *x = arena_array(a, struct entry, n + 1),
		     *y = arena_array(a, struct entry, m + 1);
	for (size_t i = 0; i < n; i++)
		report[i].pair = MATCH_NONE;
	for (size_t i = 0; i < m; i++)
		stored[i].pair = MATCH_NONE;
	for (size_t p = 0; p < ARRAY_SIZE(passes); p++) {
		size_t nx = gather(report, n, passes[p].key, false, false, x);
		size_t ny = gather(stored, m, passes[p].key, true, passes[p].open, y);
		for (size_t i = 0, j = 0; i < nx && j < ny;) {
			int c = strcmp(x[i].key, y[j].key);
			size_t kx = run(x + i, nx - i), ky = run(y + j, ny - j);
			if (c == 0)
				group(x + i, kx, y + j, ky);
			i += c <= 0 ? kx : 0;
			j += c >= 0 ? ky : 0;
		}
	}
}
