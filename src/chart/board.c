#include "chart/board.h"

#include "base/text.h"
#include "chart/paint.h"

#include <math.h>

/* What a text takes up around its baseline, in parts of its size (Liberation Sans: capitals 0.73,
 * descenders 0.21), and the least gap between two. */
#define ASCENT	0.80
#define DESCENT 0.22
#define GAP	4.0

static void push(struct board *b, const struct shape *s)
{
	vec_push(b->a, b->out, *s);
}

static double within(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

void board_rect(struct board *b, const char *style, double x, double y, double w, double h)
{
	double x0 = within(x, 0, b->out->width), y0 = within(y, 0, b->out->height);
	double x1 = within(x + w, 0, b->out->width), y1 = within(y + h, 0, b->out->height);
	if (x1 <= x0 || y1 <= y0)
		return;
	push(b, &(struct shape){.kind = SHAPE_RECT,
				.style = style,
				.x = x0,
				.y = y0,
				.w = x1 - x0,
				.h = y1 - y0});
}

void board_line(struct board *b, const char *style, double x0, double y0, double x1, double y1)
{
	x0 = within(x0, 0, b->out->width), x1 = within(x1, 0, b->out->width);
	y0 = within(y0, 0, b->out->height), y1 = within(y1, 0, b->out->height);
	push(b, &(struct shape){.kind = SHAPE_LINE,
				.style = style,
				.x = x0,
				.y = y0,
				.w = x1 - x0,
				.h = y1 - y0});
}

void board_circle(struct board *b, const char *style, double x, double y, double r)
{
	push(b, &(struct shape){.kind = SHAPE_CIRCLE,
				.style = style,
				.x = within(x, r, b->out->width - r),
				.y = within(y, r, b->out->height - r),
				.w = r});
}

void board_hatch(struct board *b, double x, double y, double w, double h, double unit)
{
	if (w <= 0 || h <= 0)
		return;
	/* lines where (px − x) + (py − y) = k: from the left or bottom edge to the top or right */
	for (double k = unit / 2; k < w + h; k += unit) {
		double x0 = x + MAX(0, k - h), y0 = y + MIN(k, h);
		double x1 = x + MIN(k, w), y1 = y + MAX(0, k - w);
		board_line(b, "hatch", x0, y0, x1, y1);
	}
	if (w > 1 && h > 1)
		board_rect(b, "hatch-edge", x + 0.5, y + 0.5, w - 1, h - 1);
}

void board_keep(struct board *b, double x, double y, double w, double h)
{
	vec_push(b->a, &b->taken, ((struct box){x, y, x + w, y + h}));
}

/* How wide a text may be that hangs at x by its anchor: up to the next text or the canvas. */
static double room(const struct board *b, double x, double y, enum anchor anchor, double size)
{
	double y0 = y - ASCENT * size, y1 = y + DESCENT * size;
	double left = x, right = b->out->width - x;
	if (x < 0 || x > b->out->width || y0 < 0 || y1 > b->out->height)
		return 0;
	for (size_t i = 0; i < b->taken.n; i++) {
		const struct box *t = &b->taken.v[i];
		if (t->y1 <= y0 || t->y0 >= y1)
			continue;
		if (t->x1 <= x)
			left = MIN(left, x - t->x1 - GAP);
		else if (t->x0 >= x)
			right = MIN(right, t->x0 - x - GAP);
		else
			return 0;
	}
	switch (anchor) {
	case ANCHOR_START:
		return right;
	case ANCHOR_MIDDLE:
		return 2 * MIN(left, right);
	case ANCHOR_END:
		return left;
	}
	return 0;
}

bool board_free(const struct board *b, double x, double y, enum anchor anchor, double w,
		double size)
{
	return w <= room(b, x, y, anchor, size);
}

/* Cuts at n bytes, back to before a number that would be left half (34 of 341 is a lie). */
static size_t honest_cut(const char *s, size_t n)
{
	if (s[n] >= '0' && s[n] <= '9')
		while (n &&
		       ((s[n - 1] >= '0' && s[n - 1] <= '9') || s[n - 1] == ',' || s[n - 1] == '.'))
			n--;
	/* at a word's end, unless that would leave less than half */
	size_t word = n;
	while (word && s[n] && s[n] != ' ' && s[word - 1] != ' ')
		word--;
	if (word > n / 2)
		n = word;
	while (n && (s[n - 1] == ' ' || s[n - 1] == ',' || s[n - 1] == ':'))
		n--;
	return n;
}

const char *board_shorten(struct arena *a, const char *text, double size, bool bold, double w)
{
	if (!text || !*text || w <= 0)
		return NULL;
	double full = paint_text_width(text, size, bold);
	if (full <= w)
		return text;
	for (size_t n = strlen(text); n > 2; n--)
		if (text[n - 1] == ' ' && text[n - 2] == ',') {
			const char *s = arena_strndup(a, text, n - 2);
			if (paint_text_width(s, size, bold) <= w)
				return s;
		}
	size_t cp = utf8_count(text), most = (size_t)((double)cp * w / full) + 3;
	for (cp = MIN(cp - 1, most); cp >= 3; cp--) {
		size_t n = honest_cut(text, utf8_prefix(text, cp));
		if (n < 3)
			return NULL;
		const char *s = arena_printf(a, "%.*s…", (int)n, text);
		if (paint_text_width(s, size, bold) <= w)
			return s;
	}
	return NULL;
}

bool board_text(struct board *b, const struct label *l)
{
	if (!l->text || !*l->text)
		return false;
	double size = l->size > 0 ? l->size : 12;
	double most = room(b, l->x, l->y, l->anchor, size);
	if (l->max_w > 0)
		most = MIN(most, l->max_w);
	const char *s = l->text;
	double w = paint_text_width(s, size, l->bold);
	if (w > most) {
		if (l->whole)
			return false;
		s = board_shorten(b->a, s, size, l->bold, most);
		if (!s)
			return false;
		w = paint_text_width(s, size, l->bold);
	}
	vec_push(b->a, &b->texts,
		 ((struct shape){.kind = SHAPE_TEXT,
				 .style = l->style,
				 .text = s,
				 .x = l->x,
				 .y = l->y,
				 .anchor = l->anchor,
				 .size = size,
				 .bold = l->bold,
				 .halo = l->halo}));
	double x0 = l->anchor == ANCHOR_START	 ? l->x
		    : l->anchor == ANCHOR_MIDDLE ? l->x - w / 2
						 : l->x - w;
	board_keep(b, x0, l->y - ASCENT * size, w, (ASCENT + DESCENT) * size);
	return true;
}

void board_finish(struct board *b)
{
	for (size_t i = 0; i < b->texts.n; i++)
		push(b, &b->texts.v[i]);
	b->texts.n = 0;
}
