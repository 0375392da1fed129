/* The age strip: every open finding at its age, a lane a severity, with the limit of each
 * (look.md 5). */
#include "chart/layout_kinds.h"

#include "chart/axis.h"
#include "chart/paint.h"

#include <math.h>

#define STEP   9.0 /* px: marks nearer than that share a column */
#define WIDE   24.0 /* the same in a lane where not all can stand: a count above */
#define RADIUS 3.2
#define SIDE   7.0
#define GUTTER 116.0
#define RIGHT  14.0
#define FOOT   34.0

struct strip {
	const struct figure *f;
	double x0, x1, top_days, lane;
	size_t columns;
	int high; /* marks of a column; more are counted */
};

static double x_at(const struct strip *p, double days)
{
	return p->x0 + MIN(days / p->top_days, 1.0) * (p->x1 - p->x0);
}

static double oldest(const struct figure *f)
{
	double max = 1;
	for (size_t i = 0; i < f->ages.n; i++) {
		const struct age_lane *l = &f->ages.v[i];
		max = isnan(l->limit) ? max : MAX(max, l->limit);
		for (size_t k = 0; k < l->m.n; k++)
			max = MAX(max, (double)l->m.v[k].days);
	}
	return max;
}

static void mark(struct board *b, double x, double y, bool over)
{
	if (over)
		board_rect(b, "mark", x - SIDE / 2, y - SIDE / 2, SIDE, SIDE);
	else
		board_circle(b, "open", x, y, RADIUS);
	board_keep(b, x - 4.5, y - 4.5, 9, 9);
}

/* Those in time below, those past the limit on top of them. */
static void column(struct board *b, int high, double x, double bottom, int64_t in_time,
		   int64_t over)
{
	int64_t n = in_time + over;
	for (int64_t i = 0; i < MIN(n, (int64_t)high); i++) {
		/* where not all can stand, what is over is not hidden by what is not */
		bool is_over = n <= high ? i >= in_time : i >= high - MIN(over, (int64_t)high);
		mark(b, x, bottom - 8 - (double)i * STEP, is_over);
	}
	if (n > high)
		board_text(b, &(struct label){.text = axis_number(b->a, (double)n),
					      .style = over ? "text-mark" : "text",
					      .x = x,
					      .y = bottom - 8 - high * STEP,
					      .anchor = ANCHOR_MIDDLE,
					      .halo = true,
					      .whole = true});
}

/* Columns are counted from the limit, so that no mark stands on its wrong side. */
static void lane_columns(const struct strip *p, const struct age_lane *l, double step,
			 int64_t *in_time, int64_t *over, double *left)
{
	double at = isnan(l->limit) ? p->x0 : x_at(p, l->limit);
	*left = at - ceil((at - p->x0) / step) * step;
	memset(in_time, 0, p->columns * sizeof *in_time);
	memset(over, 0, p->columns * sizeof *over);
	for (size_t k = 0; k < l->m.n; k++) {
		const struct age_mark *m = &l->m.v[k];
		/* on its last day a finding is still in time */
		double x = x_at(p, (double)m->days) - (m->over ? 0 : 0.01);
		if (m->over && !isnan(l->limit)) /* since the week's end, perhaps */
			x = MAX(x, at);
		double c = MAX(floor((x - *left) / step), 0.0);
		(m->over ? over : in_time)[MIN((size_t)c, p->columns - 1)] += m->n;
	}
}

static void lane_marks(struct board *b, const struct strip *p, const struct age_lane *l,
		       double bottom)
{
	int64_t *in_time = arena_array(b->a, int64_t, p->columns);
	int64_t *over = arena_array(b->a, int64_t, p->columns);
	double step = STEP, left;
	lane_columns(p, l, step, in_time, over, &left);
	for (size_t c = 0; c < p->columns && step == STEP; c++)
		if (in_time[c] + over[c] > p->high) { /* counts need room beside each other */
			step = WIDE;
			lane_columns(p, l, step, in_time, over, &left);
		}
	bool any = false;
	for (size_t c = 0; c < p->columns; c++) {
		if (in_time[c] + over[c] == 0)
			continue;
		any = true;
		double x = left + ((double)c + 0.5) * step;
		column(b, p->high, MIN(MAX(x, p->x0 + 4), p->x1 + RIGHT - 5), bottom, in_time[c],
		       over[c]);
	}
	if (!any) /* counted, none */
		board_line(b, "zero", p->x0, bottom - 3, p->x0 + 10, bottom - 3);
}

static void lane_limit(struct board *b, const struct strip *p, const struct age_lane *l, double top,
		       double bottom)
{
	if (isnan(l->limit))
		return;
	double x = floor(x_at(p, l->limit)) + 0.5;
	bool left = x > p->x1 - 60;
	board_line(b, "limit", x, top + 2, x, bottom);
	board_text(b, &(struct label){
			      .text = arena_printf(b->a, "limit %s", axis_number(b->a, l->limit)),
			      .style = "text2",
			      .x = left ? x - 5 : x + 5,
			      .y = top + 12,
			      .anchor = left ? ANCHOR_END : ANCHOR_START,
			      .halo = true,
			      .whole = true});
}

static void lane_name(struct board *b, const struct strip *p, const struct age_lane *l, double top,
		      bool narrow)
{
	board_text(b, &(struct label){.text = l->name,
				      .style = "text",
				      .y = top + (narrow ? 12 : p->lane / 2 - 2),
				      .bold = true,
				      .max_w = narrow ? p->x1 : GUTTER - 8});
	double w = narrow ? paint_text_width(l->name, 12, true) + 6 : 0;
	board_text(b, &(struct label){.text = l->note,
				      .style = "text2",
				      .x = w,
				      .y = narrow ? top + 12 : top + p->lane / 2 + 13,
				      .max_w = narrow ? p->x1 - w : GUTTER - 8});
}

void layout_ages(const struct figure *f, double width, bool print, struct board *b)
{
	bool narrow = width < 560 && !print;
	struct axis ax = axis_for(oldest(f), true);
	double lane = print ? 39 : 48, head = narrow ? 16 : 0;
	struct strip p = {.f = f,
			  .x0 = narrow ? 6 : MIN(GUTTER, width * 0.4),
			  .x1 = width - RIGHT,
			  .top_days = (double)ax.n * ax.step,
			  .lane = lane,
			  .high = print ? 2 : 3};
	p.columns = (size_t)MAX(1.0, ceil((p.x1 - p.x0) / STEP)) + 2;
	double all = (double)f->ages.n * (lane + head);
	b->out->height = all + FOOT;
	for (int k = 0; k <= ax.n; k++) {
		double x = floor(x_at(&p, k * ax.step)) + 0.5;
		board_line(b, "grid", x, 0, x, all);
		board_text(b, &(struct label){.text = axis_number(b->a, k * ax.step),
					      .style = "text2",
					      .x = x,
					      .y = all + 14,
					      .anchor = k == 0 && narrow ? ANCHOR_START
									 : ANCHOR_MIDDLE,
					      .whole = true});
	}
	for (size_t i = 0; i < f->ages.n; i++) {
		const struct age_lane *l = &f->ages.v[i];
		double top = (double)i * (lane + head), bottom = top + head + lane;
		lane_name(b, &p, l, top, narrow);
		lane_marks(b, &p, l, bottom);
		lane_limit(b, &p, l, top + head, bottom);
		board_line(b, "grid", narrow ? p.x0 : 0, bottom - 0.5, width, bottom - 0.5);
	}
	board_text(b, &(struct label){.text = "age in days",
				      .style = "text2",
				      .x = (p.x0 + p.x1) / 2,
				      .y = all + 29,
				      .anchor = ANCHOR_MIDDLE});
}
