/* A small multiple: one measure over the week, its own y from zero, the same x as its neighbours
 * (look.md 5). */
#include "chart/layout_kinds.h"

#include "base/text.h"
#include "chart/axis.h"
#include "chart/paint.h"

#include <math.h>

#define HEIGHT	128.0
#define TOP	20.0
#define BOTTOM	108.0
#define RIGHT	6.0
#define LINES	4 /* told apart by colour and name; more are one grey thicket */
#define GAP_MIN 3.0 /* px: a narrower gap is just no line there */

struct panel {
	const struct figure *f;
	double x0, x1, top;
};

static double x_at(const struct panel *p, int64_t t_s)
{
	double part = (double)(t_s - p->f->from_s) / (double)(p->f->to_s - p->f->from_s);
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	return p->x0 + part * (p->x1 - p->x0);
}

static double y_at(const struct panel *p, double v)
{
	return BOTTOM - MIN(v / p->top, 1.0) * (BOTTOM - TOP);
}

static double highest(const struct figure *f)
{
	double max = 0;
	for (size_t i = 0; i < f->lines.n; i++)
		for (size_t k = 0; k < f->lines.v[i].spans.n; k++)
			for (size_t j = 0; j < f->lines.v[i].spans.v[k].v.n; j++)
				max = MAX(max, f->lines.v[i].spans.v[k].v.v[j]);
	/* A limit far above what was measured would press the line to the ground: left out. */
	for (size_t i = 0; i < f->limits.n; i++)
		if (f->limits.v[i].v <= 4 * max)
			max = MAX(max, f->limits.v[i].v);
	return max;
}

static void days(struct board *b, const struct panel *p)
{
	const struct figure *f = p->f;
	for (size_t i = 0; i < f->days.n; i++) {
		int64_t end = i + 1 < f->days.n ? f->days.v[i + 1].at_s : f->to_s;
		double x = x_at(p, f->days.v[i].at_s), w = x_at(p, end) - x;
		if (f->days.v[i].weekend)
			board_rect(b, "wash", x, TOP, w, BOTTOM - TOP);
	}
}

static void day_names(struct board *b, const struct panel *p)
{
	const struct figure *f = p->f;
	for (size_t i = 0; i < f->days.n; i++) {
		int64_t end = i + 1 < f->days.n ? f->days.v[i + 1].at_s : f->to_s;
		double x = x_at(p, f->days.v[i].at_s), w = x_at(p, end) - x;
		/* "Mon 9" where there is room for it is the timeline's; here the day alone. */
		size_t n = strcspn(f->days.v[i].label, " ");
		board_text(b, &(struct label){.text = arena_strndup(b->a, f->days.v[i].label, n),
					      .style = "text2",
					      .x = x + w / 2,
					      .y = HEIGHT - 5,
					      .anchor = ANCHOR_MIDDLE,
					      .whole = true,
					      .max_w = w});
	}
}

static void grid(struct board *b, const struct panel *p, const struct axis *ax)
{
	for (int k = 0; k <= ax->n; k++) {
		double y = floor(y_at(p, k * ax->step)) + 0.5;
		if (k > 0)
			board_line(b, "grid", p->x0, y, p->x1, y);
		board_text(b, &(struct label){.text = axis_number(b->a, k * ax->step),
					      .style = "text2",
					      .x = p->x0 - 6,
					      .y = MIN(y + 4, BOTTOM + 4),
					      .anchor = ANCHOR_END,
					      .whole = true});
	}
}

static void gaps(struct board *b, const struct panel *p)
{
	for (size_t i = 0; i < p->f->gaps.n; i++) {
		const struct panel_gap *g = &p->f->gaps.v[i];
		double x = x_at(p, g->from_s), w = x_at(p, g->to_s) - x;
		if (w >= GAP_MIN)
			board_hatch(b, x, TOP, w, BOTTOM - TOP, 5);
	}
}

static void gap_names(struct board *b, const struct panel *p)
{
	for (size_t i = 0; i < p->f->gaps.n; i++) {
		const struct panel_gap *g = &p->f->gaps.v[i];
		double x = x_at(p, g->to_s), from = x_at(p, g->from_s);
		bool after = p->x1 - x > 70;
		if (x - from >= GAP_MIN)
			board_text(b, &(struct label){.text = g->label,
						      .style = "text2",
						      .x = after ? x + 5 : from - 5,
						      .y = (TOP + BOTTOM) / 2 + 4,
						      .anchor = after ? ANCHOR_START : ANCHOR_END,
						      .halo = true,
						      .whole = true});
	}
}

/* A value stands for its period: its point is the middle. */
static void line(struct board *b, const struct panel *p, const struct panel_line *l,
		 const char *style, struct pt *peak)
{
	double best = -1;
	for (size_t i = 0; i < l->spans.n; i++) {
		const struct span *s = &l->spans.v[i];
		struct shape path = {.kind = SHAPE_PATH, .style = style};
		for (size_t k = 0; k < s->v.n; k++) {
			int64_t from = s->from_s + (int64_t)k * s->step_s;
			if (from < p->f->from_s || from >= p->f->to_s)
				continue;
			struct pt at = {x_at(p, from + s->step_s / 2), y_at(p, s->v.v[k])};
			vec_push(b->a, &path.pts, at);
			if (s->v.v[k] > best) {
				best = s->v.v[k];
				*peak = at;
			}
		}
		if (path.pts.n == 1) /* alone between two gaps: still to be seen */
			board_circle(b, "now", path.pts.v[0].x, path.pts.v[0].y, 1.5);
		else if (path.pts.n > 1)
			vec_push(b->a, b->out, path);
	}
}

static void limits(struct board *b, const struct panel *p, bool names)
{
	for (size_t i = 0; i < p->f->limits.n; i++) {
		const struct panel_limit *l = &p->f->limits.v[i];
		double y = floor(y_at(p, l->v)) + 0.5;
		if (isnan(l->v) || l->v > p->top)
			continue;
		if (!names)
			board_line(b, "limit", p->x0, y, p->x1, y);
		else
			board_text(b, &(struct label){.text = l->label,
						      .style = "text2",
						      .x = p->x1,
						      .y = y - 5,
						      .anchor = ANCHOR_END,
						      .halo = true,
						      .whole = true});
	}
}

static void events(struct board *b, const struct panel *p)
{
	for (size_t i = 0; i < p->f->events.n; i++) {
		double x = floor(x_at(p, p->f->events.v[i].at_s)) + 0.5;
		board_line(b, "event", x, TOP - 4, x, BOTTOM);
	}
}

void layout_panel(const struct figure *f, double width, struct board *b)
{
	static const char *const styles[] = {"line", "line-2", "line-3", "line-4"};
	b->out->height = HEIGHT;
	struct axis ax = axis_for(highest(f), false);
	double gutter = 32;
	for (int k = 0; k <= ax.n; k++)
		gutter = MAX(gutter, paint_text_width(axis_number(b->a, k * ax.step), 12, false));
	struct panel p = {f, MIN(ceil(gutter) + 6, width * 0.4), width - RIGHT, ax.top};
	days(b, &p);
	grid(b, &p, &ax);
	gaps(b, &p);
	events(b, &p);
	limits(b, &p, false);
	struct pt peaks[LINES] = {{0, 0}};
	size_t n = MIN(f->lines.n, (size_t)LINES);
	for (size_t i = n; i > 0; i--) /* the first on top */
		line(b, &p, &f->lines.v[i - 1], styles[i - 1], &peaks[i - 1]);
	board_line(b, "axis", p.x0, BOTTOM + 0.5, p.x1, BOTTOM + 0.5);
	for (size_t i = 0; i < n; i++) {
		const struct panel_line *l = &f->lines.v[i];
		if (peaks[i].x <= 0)
			continue;
		if (i == 0 && l->peak)
			board_circle(b, "now", peaks[i].x, peaks[i].y, 2.6);
		const char *text = n > 1 ? l->name : l->peak;
		bool left = peaks[i].x > (p.x0 + p.x1) / 2;
		if (!text || !*text)
			continue;
		board_text(b, &(struct label){.text = text,
					      .style = "text",
					      .x = left ? peaks[i].x - 6 : peaks[i].x + 6,
					      .y = MAX(peaks[i].y - 5, TOP - 6),
					      .anchor = left ? ANCHOR_END : ANCHOR_START,
					      .bold = true,
					      .halo = true,
					      .max_w = left ? peaks[i].x - 6 - p.x0
							    : p.x1 - peaks[i].x - 6});
		/* bold names side by side would read as one */
		if (n > 1)
			board_keep(b, left ? p.x0 : peaks[i].x, MAX(peaks[i].y - 5, TOP - 6) - 10,
				   left ? peaks[i].x + 6 - p.x0 : p.x1 - peaks[i].x, 12);
	}
	limits(b, &p, true);
	gap_names(b, &p);
	day_names(b, &p);
}
