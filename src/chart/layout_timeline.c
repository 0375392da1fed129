#include "chart/layout_kinds.h"

#include "base/text.h"
#include "chart/paint.h"

#include <math.h>

#define DOT	   3.6
#define DOT_STEP   8.8
#define SQUARE	   8.0
#define STACK_HIGH 3 /* dots and squares on top of each other, then to the right */
#define STACK_WIDE 5 /* then a count: a column of 40 dots says no more than "+25" */
#define ARROWS_MAX 3

enum lane_kind { LANE_TICKS, LANE_DOTS, LANE_COLUMNS, LANE_SQUARES, LANE_SPANS };

struct row {
	const struct lane *lane;
	enum lane_kind kind;
	double top, bottom; /* of the part for marks */
	double name_y; /* baseline of the name */
	VEC(struct mark) m; /* in order of time, without spans of no data */
	VEC(struct mark) unknown; /* those spans */
};
/* Marks too near to stand side by side share a stack. */
struct stack {
	size_t first, n; /* into the sorted order */
	double x, right; /* centre of the first column; right edge */
	size_t row;
};
struct week_plot {
	const struct figure *f;
	double x0, x1;
	bool narrow;
	struct row *rows;
	VEC(struct stack) stacks;
};

static enum lane_kind kind_of(const struct lane *l)
{
	static const char *const names[] = {"ticks", "dots", "columns", "squares", "spans"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_eq(l->kind, names[i]))
			return (enum lane_kind)i;
	return LANE_TICKS;
}

static double lane_height(enum lane_kind k)
{
	switch (k) {
	case LANE_TICKS:
		return 54;
	case LANE_DOTS:
		return 70;
	case LANE_COLUMNS:
		return 62;
	case LANE_SQUARES:
		return 48;
	case LANE_SPANS:
		return 52;
	}
	return 52;
}

static double x_at(const struct week_plot *p, int64_t t_s)
{
	double part = (double)(t_s - p->f->from_s) / (double)(p->f->to_s - p->f->from_s);
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	return p->x0 + part * (p->x1 - p->x0);
}

static void days(struct board *b, const struct week_plot *p, double top)
{
	const struct figure *f = p->f;
	double bottom = b->out->height - 4;
	bool cut = false;
	for (size_t i = 0; i < f->days.n; i++) {
		int64_t end = i + 1 < f->days.n ? f->days.v[i + 1].at_s : f->to_s;
		double x = x_at(p, f->days.v[i].at_s), w = x_at(p, end) - x;
		if (f->days.v[i].weekend)
			board_rect(b, "wash", x, top, w, bottom - top);
		cut |= paint_text_width(f->days.v[i].label, 12, false) + 12 > w;
	}
	for (size_t i = 0; i < f->days.n; i++) {
		double x = floor(x_at(p, f->days.v[i].at_s)) + 0.5;
		board_line(b, "grid", x, top - 4, x, bottom);
	}
	double end = floor(p->x1) + 0.5;
	board_line(b, "grid", end, top - 4, end, bottom);
	for (size_t i = 0; i < f->days.n; i++) {
		int64_t next = i + 1 < f->days.n ? f->days.v[i + 1].at_s : f->to_s;
		double x = x_at(p, f->days.v[i].at_s), x2 = x_at(p, next);
		const char *label = f->days.v[i].label, *blank = strchr(label, ' ');
		if (cut && blank) /* all of them or none: "Mon", not "Mon 9" */
			label = arena_strndup(b->a, label, (size_t)(blank - label));
		board_text(b, &(struct label){.text = label,
					      .style = "text2",
					      .x = (x + x2) / 2,
					      .y = 18,
					      .anchor = ANCHOR_MIDDLE,
					      .max_w = x2 - x - 2});
	}
}

static void lane_names(struct board *b, const struct week_plot *p)
{
	for (size_t i = 0; i < p->f->lanes.n; i++) {
		const struct row *r = &p->rows[i];
		double w = board_shorten(b->a, r->lane->name, 12, true, p->x1 * 0.6)
				   ? paint_text_width(r->lane->name, 12, true)
				   : 0;
		struct label name = {.text = r->lane->name,
				     .style = "text",
				     .y = r->name_y,
				     .size = p->narrow ? 12 : 13,
				     .bold = true,
				     .halo = p->narrow,
				     .max_w = p->narrow ? p->x1 * 0.6 : p->x0 - 8};
		struct label note = {.text = r->lane->note,
				     .style = "text2",
				     .y = p->narrow ? r->name_y : r->name_y + 16,
				     .x = p->narrow ? MIN(w, p->x1 * 0.6) + 6 : 0,
				     .halo = p->narrow,
				     .max_w = p->narrow ? 0 : p->x0 - 8};
		board_text(b, &name);
		board_text(b, &note);
	}
}

static const char *fill_of(const struct mark *m)
{
	return text_eq(m->style, "past") ? "past" : text_eq(m->style, "now") ? "now" : "mark";
}

static bool marked(const struct mark *m)
{
	return text_eq(m->style, "mark") || text_eq(m->style, "cross");
}

static void cross(struct board *b, double x, double y, double half)
{
	x = MIN(MAX(x, half + 1), b->out->width - half - 1);
	board_rect(b, "paper", x - half - 1, y - half - 1, 2 * half + 2, 2 * half + 2);
	board_line(b, "cross", x - half, y - half, x + half, y + half);
	board_line(b, "cross", x - half, y + half, x + half, y - half);
}

/* A label beside a mark: to its right, to its left, or, where up > 0, that much higher; shortened
 * only when it has room nowhere. */
static void beside(struct board *b, const struct mark *m, const char *style, double left,
		   double right, double y, double up)
{
	if (!m->label)
		return;
	struct label l = {
		.text = m->label, .style = style, .bold = marked(m), .halo = true, .whole = true};
	for (int k = 0; k < 8; k++) {
		bool higher = k % 4 >= 2, end = k % 2;
		l.whole = k < 4;
		l.anchor = end ? ANCHOR_END : ANCHOR_START;
		l.x = end ? left : right;
		l.y = higher ? y - up : y;
		if ((!higher || up > 0) && board_text(b, &l))
			return;
	}
}

static void draw_ticks(struct board *b, const struct week_plot *p, const struct row *r)
{
	double y0 = r->bottom - 28.4, y1 = y0 + 18;
	for (size_t i = 0; i < r->m.n; i++) {
		const struct mark *m = &r->m.v[i];
		double x = MIN(MAX(x_at(p, m->at_s), 1.2), b->out->width - 1.2);
		if (text_eq(m->style, "hatched"))
			board_hatch(b, MIN(x, b->out->width - 6), y0, 6, y1 - y0, 4);
		else if (!text_eq(m->style, "cross"))
			board_line(b,
				   text_eq(m->style, "past")   ? "tick-past"
				   : text_eq(m->style, "mark") ? "tick-mark"
							       : "tick",
				   x, y0, x, y1);
	}
	for (size_t i = 0; i < r->m.n; i++)
		if (text_eq(r->m.v[i].style, "cross"))
			cross(b, x_at(p, r->m.v[i].at_s), (y0 + y1) / 2, 5);
	/* the accent's labels first, they say what failed */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < r->m.n; i++) {
			const struct mark *m = &r->m.v[i];
			double x = x_at(p, m->at_s);
			if (m->label && marked(m) == (pass == 0))
				beside(b, m, marked(m) ? "text-mark" : "text2", x + 2,
				       MAX(x - 2, 0), y0 - 9, 0);
		}
}

/* Lane columns: v whole, part the dark share at the bottom. */
static void draw_columns(struct board *b, const struct week_plot *p, const struct row *r)
{
	double base = r->bottom - 8, high = MAX(base - r->top - 14, 12), max = 0;
	for (size_t i = 0; i < r->m.n; i++)
		if (r->m.v[i].v > max)
			max = r->m.v[i].v;
	for (size_t i = 0; i < r->m.n; i++) {
		const struct mark *m = &r->m.v[i];
		double x = x_at(p, m->at_s), w = m->to_s == TIME_NONE ? 8 : x_at(p, m->to_s) - x;
		double gap = MIN(w * 0.28, 8);
		x += gap / 2;
		w = MAX(w - gap, 0.8);
		if (text_eq(m->style, "hatched") || isnan(m->v)) {
			board_hatch(b, x, base - high, w, high, 4);
			board_text(b, &(struct label){.text = m->label,
						      .style = "text2",
						      .x = x,
						      .y = base - high - 4,
						      .halo = true});
			continue;
		}
		if (!(m->v > 0)) {
			board_line(b, "axis", x, base - 0.5, x + w, base - 0.5);
			continue;
		}
		double h = m->v / max * high,
		       dark = m->part > 0 ? MIN(m->part, m->v) / max * high : 0;
		double split = dark > 0 && dark < h ? 1 : 0;
		if (h - dark - split > 0)
			board_rect(b, isnan(m->part) ? fill_of(m) : "past", x, base - h, w,
				   h - dark - split);
		if (dark > 0)
			board_rect(b, text_eq(m->style, "mark") ? "mark" : "now", x, base - dark, w,
				   dark);
		if (m->label)
			beside(b, m, marked(m) ? "text-mark" : "text2", x - 5, x + w + 5,
			       MIN(base - h + 9, base - 2), 0);
	}
	board_line(b, "axis", p->x0, base + 0.5, p->x1, base + 0.5);
}

static void draw_spans(struct board *b, const struct week_plot *p, const struct row *r)
{
	double y0 = r->bottom - 24.7, mid = floor(y0 + 7) + 0.5;
	board_line(b, "grid", p->x0, mid, p->x1, mid);
	for (size_t i = 0; i < r->m.n; i++) {
		const struct mark *m = &r->m.v[i];
		double x = x_at(p, m->at_s),
		       w = m->to_s == TIME_NONE ? 3 : MAX(x_at(p, m->to_s) - x, 3);
		x = MIN(x, p->x1 - w);
		if (text_eq(m->style, "hatched")) {
			w = MAX(w, 5);
			x = MIN(x, b->out->width - w);
			board_rect(b, "paper", x, y0, w, 14);
			board_hatch(b, x, y0, w, 14, 4);
			board_keep(b, x, y0, w, 14);
		} else {
			board_rect(b, fill_of(m), x, y0, w, 14);
		}
	}
	for (size_t i = 0; i < r->m.n; i++) {
		const struct mark *m = &r->m.v[i];
		double x = MIN(x_at(p, m->at_s), p->x1 - 3);
		double end = m->to_s == TIME_NONE ? x + 3 : MAX(x_at(p, m->to_s), x + 3);
		if (text_eq(m->style, "hatched"))
			beside(b, m, "text2", x - 5, MAX(end, x + 5) + 5, y0 + 11, 0);
		else if (m->label)
			beside(b, &(struct mark){.label = m->label}, "text", end, x, y0 - 4, 0);
	}
}

/* A lane's marks by time. A span of no data is drawn as one in every lane; columns and spans have
 * room for it among their marks. */
static void sort_marks(struct row *r, struct arena *a)
{
	bool among = r->kind == LANE_COLUMNS || r->kind == LANE_SPANS;
	for (size_t i = 0; i < r->lane->m.n; i++) {
		const struct mark m = r->lane->m.v[i];
		if (!among && text_eq(m.style, "hatched") && m.to_s != TIME_NONE) {
			vec_push(a, &r->unknown, m);
			continue;
		}
		vec_push(a, &r->m, m);
		for (size_t k = r->m.n - 1; k > 0 && r->m.v[k - 1].at_s > m.at_s; k--) {
			r->m.v[k] = r->m.v[k - 1];
			r->m.v[k - 1] = m;
		}
	}
}

static void draw_unknown(struct board *b, const struct week_plot *p, const struct row *r)
{
	for (size_t i = 0; i < r->unknown.n; i++) {
		const struct mark *m = &r->unknown.v[i];
		double x = x_at(p, m->at_s), w = MAX(x_at(p, m->to_s) - x, 5);
		x = MIN(x, b->out->width - w);
		double y = r->top + 17, h = MAX(r->bottom - 9 - y, 8);
		board_rect(b, "paper", x, y, w, h);
		board_hatch(b, x, y, w, h, 4);
		board_keep(b, x, y, w, h);
		if (m->label)
			board_text(b, &(struct label){.text = m->label,
						      .style = "text2",
						      .x = x + 2,
						      .y = y - 4,
						      .halo = true});
	}
}

/* Gathers the marks of a lane into stacks. */
static void gather(struct board *b, struct week_plot *p, size_t row, double step)
{
	const struct row *l = &p->rows[row];
	for (size_t i = 0; i < l->m.n; i++) {
		double x = x_at(p, l->m.v[i].at_s);
		struct stack *last = p->stacks.n && p->stacks.v[p->stacks.n - 1].row == row
					     ? &p->stacks.v[p->stacks.n - 1]
					     : NULL;
		if (last && x < last->right + step / 2 - 1) {
			last->n++;
			size_t wide = (last->n + STACK_HIGH - 1) / STACK_HIGH;
			last->right = last->x + ((double)MIN(wide, STACK_WIDE) - 0.5) * step;
		} else {
			vec_push(b->a, &p->stacks,
				 ((struct stack){.first = i,
						 .n = 1,
						 .x = x,
						 .right = x + step / 2,
						 .row = row}));
		}
	}
	double edge = b->out->width - 1;
	for (size_t i = 0; i < p->stacks.n; i++) {
		struct stack *s = &p->stacks.v[i];
		if (s->row != row)
			continue;
		double back = MAX(s->right - edge, 0);
		s->x = MAX(s->x - back, step / 2);
		s->right = MIN(s->right, edge);
	}
}

static double stack_base(const struct row *r)
{
	return r->kind == LANE_DOTS ? r->bottom - 13.6 : r->bottom - 11;
}

static void draw_stack(struct board *b, const struct row *r, const struct stack *s)
{
	bool dots = r->kind == LANE_DOTS;
	double step = dots ? DOT_STEP : SQUARE + 2, across = dots ? DOT_STEP : SQUARE + 4;
	double base = stack_base(r);
	size_t most = STACK_HIGH * STACK_WIDE;
	for (size_t i = 0; i < MIN(s->n, most); i++) {
		const struct mark *m = &r->m.v[s->first + i];
		double x = s->x + (double)(i / STACK_HIGH) * across;
		double y = base - (double)(i % STACK_HIGH) * step;
		if (text_eq(m->style, "cross"))
			cross(b, x, y, 4.5);
		else if (text_eq(m->style, "hatched"))
			board_hatch(b, x - 4.5, y - 4.5, 9, 9, 4);
		else if (dots)
			board_circle(b, fill_of(m), x, y, DOT);
		else
			board_rect(b, fill_of(m), x - SQUARE / 2, y - SQUARE / 2, SQUARE, SQUARE);
	}
	size_t high = MIN(s->n, STACK_HIGH);
	board_keep(b, s->x - across / 2, base - ((double)high - 0.5) * step,
		   s->right - s->x + across / 2, (double)high * step);
	if (s->n > most)
		board_text(b, &(struct label){.text = arena_printf(b->a, "+%zu", s->n - most),
					      .style = "text2",
					      .x = s->right + 4,
					      .y = base + 4,
					      .halo = true,
					      .whole = true});
}

static void stack_labels(struct board *b, const struct row *r, const struct stack *s)
{
	double across = r->kind == LANE_DOTS ? DOT_STEP : SQUARE + 4;
	for (size_t i = 0; i < MIN(s->n, (size_t)STACK_HIGH * STACK_WIDE); i++) {
		const struct mark *m = &r->m.v[s->first + i];
		double y = stack_base(r) - (double)(i % STACK_HIGH) * (SQUARE + 2) + 4;
		if (m->label)
			beside(b, m, marked(m) ? "text-mark" : "text", s->x - across / 2 - 5,
			       s->right + 4, y, 14);
	}
}

static size_t row_named(const struct week_plot *p, const char *name)
{
	for (size_t i = 0; i < p->f->lanes.n; i++)
		if (text_eq(p->f->lanes.v[i].name, name))
			return i;
	return p->f->lanes.n;
}

/* From the deployment's mark down (or up) to what began after it. */
static void draw_arrow(struct board *b, const struct week_plot *p, const struct arrow *w)
{
	size_t from = row_named(p, w->from_lane), to = row_named(p, w->to_lane);
	if (from == p->f->lanes.n || to == p->f->lanes.n || from == to)
		return;
	const struct row *rf = &p->rows[from], *rt = &p->rows[to];
	double xf = x_at(p, w->at_s), xt = x_at(p, w->to_s), right = xt + 8;
	double yf = from < to ? rf->bottom - 12.4 : rf->top, yt = (rt->top + rt->bottom) / 2;
	const struct stack *hit = NULL;
	for (size_t i = 0; i < p->stacks.n; i++) {
		const struct stack *s = &p->stacks.v[i];
		if (s->row == to && (!hit || fabs(s->x - xt) < fabs(hit->x - xt)))
			hit = s;
	}
	if (hit && fabs(hit->x - xt) < 30) {
		xt = hit->x;
		right = hit->right;
		yt = stack_base(rt) - (double)(MIN(hit->n, STACK_HIGH) - 1) * DOT_STEP - 6.6;
	}
	double edge = b->out->width - 5;
	xf = MIN(MAX(xf, 5), edge);
	xt = MIN(MAX(xt, 5), edge);
	double len = hypot(xt - xf, yt - yf);
	if (len < 8)
		return;
	double ux = (xt - xf) / len, uy = (yt - yf) / len;
	board_line(b, "arrow", xf, yf, xt, yt);
	struct shape head = {.kind = SHAPE_PATH, .style = "arrow"};
	vec_push(b->a, &head.pts, ((struct pt){xt - 5 * ux - 3.5 * uy, yt - 5 * uy + 3.5 * ux}));
	vec_push(b->a, &head.pts, ((struct pt){xt, yt}));
	vec_push(b->a, &head.pts, ((struct pt){xt - 5 * ux + 3.5 * uy, yt - 5 * uy - 3.5 * ux}));
	for (size_t i = 0; i < head.pts.n; i++) {
		head.pts.v[i].x = MIN(MAX(head.pts.v[i].x, 0), b->out->width);
		head.pts.v[i].y = MIN(MAX(head.pts.v[i].y, 0), b->out->height);
	}
	vec_push(b->a, b->out, head);
	struct mark label = {.label = w->label, .style = "mark"}, note = {.label = w->note};
	double y = MAX(yt - 1, rt->top + 11);
	beside(b, &label, "text-mark", xt - 9, right + 9, y, 0);
	beside(b, &note, "text2", xt - 9, right + 9, y + 15, 0);
}

void layout_timeline(const struct figure *f, double width, bool print, struct board *b)
{
	struct week_plot p = {.f = f, .narrow = width < 560, .x1 = width - 1};
	p.x0 = p.narrow ? 0 : width < 800 ? 128 : 168;
	p.rows = arena_array(b->a, struct row, f->lanes.n);
	double y = 28;
	for (size_t i = 0; i < f->lanes.n; i++) {
		struct row *r = &p.rows[i];
		r->lane = &f->lanes.v[i];
		r->kind = kind_of(r->lane);
		/* On paper the week shares the first page with what needs somebody. */
		double h = print ? round(lane_height(r->kind) * 0.8) : lane_height(r->kind);
		r->top = p.narrow ? y + 18 : y;
		r->bottom = r->top + h;
		sort_marks(r, b->a);
		r->name_y = p.narrow ? y + 14 : y + h / 2 - 2;
		y = r->bottom;
	}
	b->out->height = y + 4;
	days(b, &p, 28);
	for (size_t i = 0; i < f->lanes.n; i++) {
		double line = floor(p.rows[i].bottom) + 0.5;
		board_line(b, "grid", 0, line, width, line);
	}
	lane_names(b, &p);
	for (size_t i = 0; i < f->lanes.n; i++)
		if (p.rows[i].kind == LANE_DOTS || p.rows[i].kind == LANE_SQUARES)
			gather(b, &p, i, p.rows[i].kind == LANE_DOTS ? DOT_STEP : SQUARE + 4);
	for (size_t i = 0; i < f->lanes.n; i++)
		draw_unknown(b, &p, &p.rows[i]);
	for (size_t i = 0; i < p.stacks.n; i++)
		draw_stack(b, &p.rows[p.stacks.v[i].row], &p.stacks.v[i]);
	for (size_t i = 0; i < MIN(f->arrows.n, (size_t)ARROWS_MAX); i++)
		draw_arrow(b, &p, &f->arrows.v[i]);
	for (size_t i = 0; i < f->lanes.n; i++) {
		const struct row *r = &p.rows[i];
		switch (r->kind) {
		case LANE_TICKS:
			draw_ticks(b, &p, r);
			break;
		case LANE_COLUMNS:
			draw_columns(b, &p, r);
			break;
		case LANE_SPANS:
			draw_spans(b, &p, r);
			break;
		case LANE_DOTS:
		case LANE_SQUARES:
			break;
		}
	}
	for (size_t i = 0; i < p.stacks.n; i++)
		stack_labels(b, &p.rows[p.stacks.v[i].row], &p.stacks.v[i]);
}
