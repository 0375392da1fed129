#include "chart/layout_kinds.h"

#include "chart/axis.h"
#include "chart/paint.h"

#include <math.h>

#define BAR_SHARE 0.66 /* of the step */
#define CAP_MIN	  3.0 /* the failed part stays visible */
#define UNKNOWN_H 12.0 /* the hatched cap of an incomplete column */
#define SPARK_H	  34.0

struct plot {
	double x0, x1, top, bottom;
	double max, step, bar;
	double unit; /* of hatching */
	double unknown_h;
	size_t n;
};

static double y_of(const struct plot *p, double v)
{
	return p->bottom - v / p->max * (p->bottom - p->top);
}

static void plot_steps(struct plot *p, size_t n)
{
	p->n = n;
	p->step = (p->x1 - p->x0) / (double)n;
	p->bar = p->step * BAR_SHARE;
	/* whole pixels where that does not make neighbours uneven */
	if (p->bar >= 6)
		p->bar = round(p->bar);
}

static double bar_x(const struct plot *p, size_t i)
{
	double x = p->x0 + p->step * (double)i + (p->step - p->bar) / 2;
	return p->bar >= 6 ? round(x) : x;
}

static double bar_mid(const struct plot *p, size_t i)
{
	return bar_x(p, i) + p->bar / 2;
}

/* The value an axis must hold so that the hatched cap of an incomplete column stays in the plot. */
static double needed(const struct plot *p, double v, bool incomplete)
{
	double h = p->bottom - p->top;
	return incomplete ? v * h / (h - p->unknown_h - 1) : v;
}

static void zero_tick(struct board *b, const struct plot *p, size_t i)
{
	double x = bar_x(p, i);
	board_line(b, "zero", x, p->bottom - 0.875, x + p->bar, p->bottom - 0.875);
}

static void open_bar(struct board *b, double x, double y, double w, double h)
{
	board_rect(b, "open", x + 0.75, y + 0.75, MAX(w - 1.5, 0.5), MAX(h - 1.5, 0.5));
}

/* Draws one column and gives the y of its top. */
static double column(struct board *b, const struct plot *p, size_t i, const struct point *pt)
{
	double x = bar_x(p, i), y = isnan(pt->v) ? p->bottom : y_of(p, pt->v);
	const char *fill = i + 1 == p->n ? "now" : "past";
	switch (pt->state) {
	case POINT_NONE:
		return p->bottom;
	case POINT_MISSING:
		board_hatch(b, x, p->top, p->bar, p->bottom - p->top, p->unit);
		return p->top;
	case POINT_PAST:
		fill = "past";
		break;
	case POINT_NOW:
		fill = "now";
		break;
	case POINT_MARK:
		fill = "mark";
		break;
	case POINT_INCOMPLETE:
		if (pt->v > 0)
			board_rect(b, fill, x, y, p->bar, p->bottom - y);
		y -= p->unknown_h + 1;
		board_hatch(b, x, y, p->bar, p->unknown_h, p->unit);
		return y;
	case POINT_UNFINISHED:
		if (pt->v > 0) {
			open_bar(b, x, y, p->bar, p->bottom - y);
			return y;
		}
		break;
	}
	if (!(pt->v > 0)) {
		zero_tick(b, p, i);
		return p->bottom - 2;
	}
	double cap = pt->cap > 0 ? MAX(p->bottom - y_of(p, MIN(pt->cap, pt->v)), CAP_MIN) : 0;
	cap = MIN(cap, p->bottom - y);
	if (cap > 0)
		board_rect(b, "mark", x, y, p->bar, cap);
	double body = p->bottom - y - (cap > 0 ? cap + 1 : 0);
	if (body > 0)
		board_rect(b, fill, x, p->bottom - body, p->bar, body);
	return y;
}

static void band(struct board *b, const struct plot *p, const struct figure *f, bool edges)
{
	if (isnan(f->band_low))
		return;
	double high = y_of(p, f->band_high), low = y_of(p, f->band_low);
	if (!edges) {
		board_rect(b, "band", p->x0, high, p->x1 - p->x0, low - high);
		return;
	}
	board_line(b, "band-edge", p->x0, floor(low) + 0.5, p->x1, floor(low) + 0.5);
	if (floor(high) < floor(low))
		board_line(b, "band-edge", p->x0, floor(high) + 0.5, p->x1, floor(high) + 0.5);
}

static double gutter(struct board *b, const struct axis *ax, double width)
{
	double w = 0;
	for (int k = 0; k <= ax->n; k++)
		w = MAX(w, paint_text_width(axis_number(b->a, k * ax->step), 12, false));
	w = ceil(w) + 6;
	return w > width * 0.4 ? 2 : MAX(w, width < 200 ? 2 : 30);
}

static void grid(struct board *b, const struct plot *p, const struct axis *ax)
{
	for (int k = 1; k <= ax->n; k++) {
		double y = floor(y_of(p, k * ax->step)) + 0.5;
		board_line(b, "grid", p->x0, y, p->x1, y);
	}
}

static void axis_texts(struct board *b, const struct plot *p, const struct axis *ax)
{
	for (int k = ax->n; k >= 0; k--)
		board_text(b, &(struct label){.text = axis_number(b->a, k * ax->step),
					      .style = "text2",
					      .x = p->x0 - 6,
					      .y = y_of(p, k * ax->step) + 4,
					      .anchor = ANCHOR_END,
					      .whole = true});
	board_line(b, "axis", p->x0, p->bottom + 0.5, p->x1, p->bottom + 0.5);
}

/* A text centred on x, or as near as the canvas lets it. */
static bool centred(struct board *b, struct label l)
{
	double half = paint_text_width(l.text, l.size > 0 ? l.size : 12, l.bold) / 2;
	l.anchor = ANCHOR_MIDDLE;
	l.x = MIN(MAX(l.x, half), MAX(b->out->width - half, half));
	return board_text(b, &l);
}

/* Every k-th label, counted from the last, which is this week. */
static size_t label_stride(const struct plot *p, const struct strv *x)
{
	static const size_t strides[] = {1, 2, 3, 4, 6, 8, 13, 26};
	for (size_t s = 0; s < ARRAY_SIZE(strides); s++) {
		size_t k = strides[s];
		if (p->n > 8 && k < 3) /* week names beside each other only where few */
			continue;
		double w = 0;
		for (size_t i = p->n; i-- > 0; i = i < k ? 0 : i - k + 1)
			w = MAX(w, paint_text_width(x->v[i], 12, i + 1 == p->n));
		if (w + 8 <= p->step * (double)k || (k == 1 && p->step >= 48))
			return k;
	}
	return p->n;
}

static void x_labels(struct board *b, const struct plot *p, const struct strv *x)
{
	size_t stride = label_stride(p, x);
	double most = stride == 1 ? p->step - 6 : 0, y = p->bottom + 17;
	for (size_t i = p->n; i-- > 0;) {
		bool last = i + 1 == p->n;
		if ((p->n - 1 - i) % stride)
			continue;
		const char *s = x->v[i];
		if (most > 0)
			s = board_shorten(b->a, s, 12, last, most);
		if (s && last)
			centred(b, (struct label){.text = s,
						  .style = "text",
						  .x = bar_mid(p, i),
						  .y = y,
						  .bold = true});
		else if (s)
			centred(b, (struct label){.text = s,
						  .style = "text2",
						  .x = bar_mid(p, i),
						  .y = y,
						  .whole = true});
	}
}

static void value_label(struct board *b, const struct plot *p, size_t i, const struct point *pt,
			double top)
{
	struct label l = {.style = pt->state == POINT_MARK ? "text-mark" : "text",
			  .x = bar_mid(p, i),
			  .y = top - 6,
			  .size = 13,
			  .bold = true,
			  .halo = true,
			  .whole = true};
	bool last = i + 1 == p->n;
	switch (pt->state) {
	case POINT_NONE:
		return;
	case POINT_PAST:
		if (!last)
			return;
		l.text = axis_number(b->a, pt->v);
		break;
	case POINT_NOW:
	case POINT_MARK:
		l.text = axis_number(b->a, pt->v);
		break;
	case POINT_UNFINISHED:
		l.text = arena_printf(b->a, "%s so far", axis_number(b->a, pt->v));
		if (last && centred(b, l))
			return;
		l.text = axis_number(b->a, pt->v);
		break;
	case POINT_INCOMPLETE:
		l.text = arena_printf(b->a, "≥ %s", axis_number(b->a, pt->v));
		break;
	case POINT_MISSING:
		if (!last)
			return;
		/* the word beside the mark; hung by its end, so it stays over the plot */
		board_text(b, &(struct label){.text = "not collected",
					      .style = "text2",
					      .x = bar_x(p, i) + p->bar,
					      .y = top - 6,
					      .anchor = ANCHOR_END,
					      .halo = true,
					      .whole = true});
		return;
	}
	centred(b, l);
}

/* "usual / 1 to 13" right of the band, where nothing else stands. */
static void band_label(struct board *b, const struct plot *p, const struct figure *f,
		       const char *range)
{
	double mid = (y_of(p, f->band_low) + y_of(p, f->band_high)) / 2;
	mid = MIN(MAX(mid, p->top + 14), p->bottom - 16);
	for (int k = 0; k < 5; k++) {
		double y = mid + (k % 2 ? 1 : -1) * 8.0 * ((k + 1) / 2);
		double w = MAX(paint_text_width("usual", 12, false),
			       paint_text_width(range, 12, false));
		if (y + 12 > p->bottom || y < p->top ||
		    !board_free(b, p->x1 + 8, y - 3, ANCHOR_START, w, 12) ||
		    !board_free(b, p->x1 + 8, y + 12, ANCHOR_START, w, 12))
			continue;
		board_text(b,
			   &(struct label){
				   .text = "usual", .style = "text2", .x = p->x1 + 8, .y = y - 3});
		board_text(b,
			   &(struct label){
				   .text = range, .style = "text2", .x = p->x1 + 8, .y = y + 12});
		return;
	}
}

static bool all_whole(const struct figure *f)
{
	for (size_t s = 0; s < f->series.n; s++)
		for (size_t i = 0; i < f->series.v[s].p.n; i++) {
			double v = f->series.v[s].p.v[i].v;
			if (!isnan(v) && v > floor(v))
				return false;
		}
	return true;
}

void layout_columns(const struct figure *f, double width, bool print, struct board *b)
{
	b->out->height = print ? 152 : 176;
	struct plot p = {.top = 22,
			 .bottom = b->out->height - 24,
			 .max = 1,
			 .unit = 5,
			 .unknown_h = UNKNOWN_H};
	const struct series *s = &f->series.v[0];
	double max = isnan(f->band_high) ? 0 : f->band_high;
	for (size_t i = 0; i < s->p.n; i++)
		if (!isnan(s->p.v[i].v))
			max = MAX(max,
				  needed(&p, s->p.v[i].v, s->p.v[i].state == POINT_INCOMPLETE));
	struct axis ax = axis_for(max, all_whole(f));
	p.max = MAX(ax.top, max);
	p.x0 = gutter(b, &ax, width);
	p.x1 = width - 2;
	const char *range = NULL;
	if (!isnan(f->band_low) && width >= 200) {
		range = f->band_low < f->band_high
				? arena_printf(b->a, "%s to %s", axis_number(b->a, f->band_low),
					       axis_number(b->a, f->band_high))
				: axis_number(b->a, f->band_low);
		double w = paint_text_width(range, 12, false);
		p.x1 = width - MAX(w, paint_text_width("usual", 12, false)) - 12;
		if (p.x1 - p.x0 < width * 0.4) {
			range = NULL;
			p.x1 = width - 2;
		}
		p.x1 = floor(p.x1);
	}
	plot_steps(&p, s->p.n);

	band(b, &p, f, false);
	grid(b, &p, &ax);
	band(b, &p, f, true);
	double *tops = arena_array(b->a, double, s->p.n);
	for (size_t i = 0; i < s->p.n; i++)
		tops[i] = column(b, &p, i, &s->p.v[i]);
	axis_texts(b, &p, &ax);
	for (size_t i = s->p.n; i-- > 0;)
		value_label(b, &p, i, &s->p.v[i], tops[i]);
	x_labels(b, &p, &f->x);
	if (range)
		band_label(b, &p, f, range);
}

void layout_spark(const struct figure *f, double width, struct board *b)
{
	b->out->height = SPARK_H;
	struct plot p = {
		.x1 = width, .top = 2, .bottom = SPARK_H - 1, .max = 1, .unit = 4, .unknown_h = 8};
	const struct series *s = &f->series.v[0];
	double max = isnan(f->band_high) ? 0 : f->band_high;
	for (size_t i = 0; i < s->p.n; i++)
		if (!isnan(s->p.v[i].v))
			max = MAX(max,
				  needed(&p, s->p.v[i].v, s->p.v[i].state == POINT_INCOMPLETE));
	p.max = max > 0 ? max : 1;
	plot_steps(&p, s->p.n);
	band(b, &p, f, false);
	for (size_t i = 0; i < s->p.n; i++)
		column(b, &p, i, &s->p.v[i]);
	board_line(b, "axis", 0, SPARK_H - 0.5, width, SPARK_H - 0.5);
}

struct total {
	double sum;
	bool missing, incomplete, unfinished, any;
};

static struct total total_of(const struct figure *f, size_t i)
{
	struct total t = {0};
	size_t unknown = 0, absent = 0;
	for (size_t s = 0; s < f->series.n; s++) {
		const struct point *pt = &f->series.v[s].p.v[i];
		unknown += pt->state == POINT_MISSING;
		absent += pt->state == POINT_NONE;
		t.incomplete |= pt->state == POINT_INCOMPLETE;
		t.unfinished |= pt->state == POINT_UNFINISHED;
		if (pt->state != POINT_MISSING && pt->state != POINT_NONE)
			t.sum += pt->v;
	}
	t.any = absent < f->series.n;
	t.missing = unknown > 0 && unknown + absent == f->series.n;
	t.incomplete |= unknown > 0 && !t.missing;
	return t;
}

static const char *class_style(const struct figure *f, size_t s)
{
	static const char *const order[] = {"real", "flaky", "infrastructure", "undecided"};
	return f->series.v[s].style ? f->series.v[s].style : order[s % ARRAY_SIZE(order)];
}

/* One column of classes, the most certain at the bottom; mids: the middle of each class. Gives the
 * y of the top. */
static double stack_column(struct board *b, const struct plot *p, const struct figure *f, size_t i,
			   double *mids)
{
	struct total t = total_of(f, i);
	double x = bar_x(p, i);
	if (!t.any)
		return p->bottom;
	if (t.missing) {
		board_hatch(b, x, p->top, p->bar, p->bottom - p->top, p->unit);
		return p->top;
	}
	double below = 0;
	for (size_t s = 0; s < f->series.n; s++) {
		const struct point *pt = &f->series.v[s].p.v[i];
		double v = pt->state == POINT_MISSING || pt->state == POINT_NONE ? 0 : pt->v;
		double y0 = y_of(p, below), y1 = y_of(p, below + v);
		mids[s] = (y0 + y1) / 2;
		if (v > 0 && t.unfinished)
			open_bar(b, x, y1, p->bar, y0 - y1 - (below > 0));
		else if (v > 0)
			board_rect(b, class_style(f, s), x, y1, p->bar,
				   MAX(y0 - y1 - (below > 0), 0.5));
		below += v;
	}
	double top = y_of(p, t.sum);
	if (t.incomplete) {
		top -= p->unknown_h + 1;
		board_hatch(b, x, top, p->bar, p->unknown_h, p->unit);
	} else if (!(t.sum > 0)) {
		zero_tick(b, p, i);
		return p->bottom - 2;
	}
	return top;
}

static const char *class_label(struct board *b, const struct figure *f, size_t s, size_t column,
			       bool last)
{
	const struct point *pt = &f->series.v[s].p.v[column];
	const char *name = f->series.v[s].name ? f->series.v[s].name : "";
	if (!last || pt->state == POINT_NONE)
		return name; /* an earlier week's value would be read as this week's */
	if (pt->state == POINT_MISSING)
		return arena_printf(b->a, "%s: not collected", name);
	return arena_printf(b->a, pt->state == POINT_INCOMPLETE ? "%s ≥ %s" : "%s %s", name,
			    axis_number(b->a, pt->v));
}

/* Names right of the column that shows them, at least 15 px apart. */
static void class_labels(struct board *b, const struct plot *p, const struct figure *f,
			 size_t shown, const double *mids, double right)
{
	size_t n = f->series.n;
	double *at = arena_array(b->a, double, n);
	double low = p->bottom - 4;
	for (size_t s = 0; s < n; s++) {
		at[s] = MIN(mids[s], low);
		low = at[s] - 15;
	}
	double high = p->top;
	for (size_t s = n; s-- > 0;) {
		at[s] = MAX(at[s], high);
		high = at[s] + 15;
	}
	double x = bar_x(p, shown) + p->bar + 1;
	for (size_t s = 0; s < n; s++) {
		if (!board_text(b, &(struct label){
					   .text = class_label(b, f, s, shown, shown + 1 == p->n),
					   .style = "text",
					   .x = right,
					   .y = at[s] + 4}))
			continue;
		struct shape line = {.kind = SHAPE_PATH, .style = "leader"};
		vec_push(b->a, &line.pts, ((struct pt){x, mids[s]}));
		vec_push(b->a, &line.pts, ((struct pt){p->x1 + 3, mids[s]}));
		vec_push(b->a, &line.pts, ((struct pt){right - 3, at[s]}));
		vec_push(b->a, b->out, line);
	}
}

void layout_stack(const struct figure *f, double width, bool print, struct board *b)
{
	b->out->height = print ? 166 : 190;
	struct plot p = {.top = 22,
			 .bottom = b->out->height - 24,
			 .max = 1,
			 .unit = 5,
			 .unknown_h = UNKNOWN_H};
	size_t n = f->x.n, shown = n;
	double max = 0;
	for (size_t i = 0; i < n; i++) {
		struct total t = total_of(f, i);
		max = MAX(max, needed(&p, t.sum, t.incomplete));
		if (t.any && !t.missing)
			shown = i;
	}
	struct axis ax = axis_for(max, all_whole(f));
	p.max = MAX(ax.top, max);
	p.x0 = gutter(b, &ax, width);
	double names = 0;
	for (size_t s = 0; shown < n && s < f->series.n; s++)
		names = MAX(names, paint_text_width(class_label(b, f, s, shown, shown + 1 == n), 12,
						    false));
	names = MIN(names, width * 0.4);
	p.x1 = floor(width - 2 - (names > 0 ? names + 14 : 0));
	plot_steps(&p, n);

	grid(b, &p, &ax);
	double *mids = arena_array(b->a, double, f->series.n), top = p.bottom;
	for (size_t i = 0; i < n; i++) {
		double *m = arena_array(b->a, double, f->series.n);
		double y = stack_column(b, &p, f, i, m);
		if (i == shown)
			mids = m;
		if (i + 1 == n)
			top = y;
	}
	axis_texts(b, &p, &ax);
	struct total last = total_of(f, n - 1);
	struct point pt = {.state = !last.any	      ? POINT_NONE
				    : last.missing    ? POINT_MISSING
				    : last.incomplete ? POINT_INCOMPLETE
						      : POINT_NOW,
			   .v = last.sum};
	value_label(b, &p, n - 1, &pt, top);
	x_labels(b, &p, &f->x);
	if (shown < n)
		class_labels(b, &p, f, shown, mids, p.x1 + 12);
}
