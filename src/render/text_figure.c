#include "render/doc.h"
#include "render/text_parts.h"

#include "base/parse.h"
#include "base/text.h"

#include <math.h>

static const char *const level[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static const char *bar(double v, double max)
{
	if (!(v > 0))
		return "_";
	int i = (int)ceil(v / max * (double)ARRAY_SIZE(level)) - 1;
	return level[MIN(MAX(i, 0), (int)ARRAY_SIZE(level) - 1)];
}

static double series_max(const struct xnode *series)
{
	double max = 0;
	for (const struct xnode *p = xml_child_named(series, "p"); p; p = xml_next_named(p, "p")) {
		double v = doc_f64(p, "v");
		if (v > max)
			max = v;
	}
	return max;
}

const char *text_spark(struct screen *s, const struct xnode *figure)
{
	const struct xnode *series = xml_child_named(figure, "series");
	if (!series)
		return "";
	double max = series_max(series);
	struct sb b;
	sb_init(&b, s->a, SIZE_MAX / 8);
	for (const struct xnode *p = xml_child_named(series, "p"); p; p = xml_next_named(p, "p")) {
		const char *state = doc_attr(p, "state", s->a);
		if (text_eq(state, "missing"))
			sb_add(&b, "░");
		else if (text_eq(state, "none"))
			sb_add(&b, " ");
		else if (text_eq(state, "incomplete"))
			sb_add(&b, "+");
		else
			sb_add(&b, bar(doc_f64(p, "v"), max));
	}
	return sb_str(&b);
}

static const struct xnode *last_point(const struct xnode *series)
{
	const struct xnode *last = NULL;
	for (const struct xnode *p = xml_child_named(series, "p"); p; p = xml_next_named(p, "p"))
		last = p;
	return last;
}

/* The newest column of a stack, class by class, to one scale. */
static void stack(struct screen *s, const struct xnode *figure)
{
	size_t name_w = 0, value_w = 0;
	double max = 0;
	for (const struct xnode *n = xml_child_named(figure, "series"); n;
	     n = xml_next_named(n, "series")) {
		double v = doc_f64(last_point(n), "v");
		if (v > max)
			max = v;
		name_w = MAX(name_w, text_columns(doc_attr(n, "name", s->a)));
		value_w = MAX(value_w, text_columns(arena_printf(s->a, "%.0f", v)));
	}
	size_t room = MIN(s->width - name_w - value_w - 2, (size_t)40);
	for (const struct xnode *n = xml_child_named(figure, "series"); n;
	     n = xml_next_named(n, "series")) {
		double v = doc_f64(last_point(n), "v");
		struct line l = {0};
		line_add(s, &l, doc_attr(n, "name", s->a), INK_PLAIN, NULL);
		line_pad(s, &l, name_w + 1);
		if (isnan(v)) {
			line_add(s, &l, "not collected", INK_PLAIN, NULL);
		} else {
			line_add(s, &l, arena_printf(s->a, "%*.0f ", (int)value_w, v), INK_PLAIN,
				 NULL);
			size_t cells = max > 0 ? (size_t)lround(v / max * (double)room) : 0;
			for (size_t i = 0; i < MAX(cells, (size_t)(v > 0)); i++)
				line_add(s, &l, "█", INK_PLAIN, NULL);
		}
		screen_put(s, 0, &l);
	}
}

struct grid { /* the week in columns */
	int64_t from_s, to_s;
	size_t days, per_day, name_w;
};

static size_t slot(const struct grid *g, int64_t t_s)
{
	size_t n = g->days * g->per_day;
	if (t_s <= g->from_s)
		return 0;
	size_t i = (size_t)((double)(t_s - g->from_s) / (double)(g->to_s - g->from_s) * (double)n);
	return MIN(i, n - 1);
}

static void lane_cells(struct screen *s, const struct xnode *lane, const struct grid *g,
		       const char **cell)
{
	const char *kind = doc_attr(lane, "kind", s->a);
	size_t n = g->days * g->per_day;
	size_t *count = arena_array(s->a, size_t, n);
	double max = 0;
	for (const struct xnode *m = xml_child_named(lane, "m"); m; m = xml_next_named(m, "m")) {
		double v = doc_f64(m, "v");
		if (v > max)
			max = v;
	}
	for (const struct xnode *m = xml_child_named(lane, "m"); m; m = xml_next_named(m, "m")) {
		const char *style = doc_attr(m, "style", s->a);
		int64_t at = doc_time(m, "at"), to = doc_time(m, "to");
		if (at == TIME_NONE)
			continue;
		size_t i = slot(g, at), end = to == TIME_NONE ? i : slot(g, to - 1);
		bool columns = text_eq(kind, "columns"), spans = text_eq(kind, "spans");
		for (; i <= end; i++) {
			if (text_eq(style, "hatched"))
				cell[i] = "░";
			else if (text_eq(style, "cross"))
				cell[i] = "X";
			else if (columns) { /* spans need not end where columns do: the larger */
				const char *b = bar(doc_f64(m, "v"), max);
				if (strcmp(b, cell[i]) > 0 || text_eq(cell[i], "_"))
					cell[i] = b;
			} else if (spans)
				cell[i] = "▄";
			else if (text_eq(cell[i], " ") || count[i])
				cell[i] =
					++count[i] > 9 ? "9" : arena_printf(s->a, "%zu", count[i]);
		}
	}
}

static struct line grid_line(struct screen *s, const struct grid *g, const char *name,
			     const char *const *cell)
{
	struct line l = {0};
	line_add(s, &l, name, INK_PLAIN, NULL);
	l = line_cut(s, &l, g->name_w);
	line_pad(s, &l, g->name_w);
	for (size_t i = 0; i < g->days * g->per_day; i++) {
		if (i % g->per_day == 0)
			line_add(s, &l, "│", INK_PLAIN, NULL);
		line_add(s, &l, cell[i], text_eq(cell[i], "X") ? INK_ORANGE : INK_PLAIN, NULL);
	}
	line_add(s, &l, "│ ", INK_PLAIN, NULL);
	return l;
}

static const char **empty_cells(struct screen *s, const struct grid *g)
{
	const char **cell = arena_array(s->a, const char *, g->days * g->per_day);
	for (size_t i = 0; i < g->days * g->per_day; i++)
		cell[i] = " ";
	return cell;
}

static void lane_line(struct screen *s, const struct grid *g, const char *name,
		      const char *const *cell, const char *note)
{
	struct line l = grid_line(s, g, name, cell), next = grid_line(s, g, "", empty_cells(s, g));
	struct line text = {0};
	struct lines notes = {0};
	size_t room = s->width - line_columns(&l);
	line_add(s, &text, note, INK_PLAIN, NULL);
	line_wrap(s, &text, room, room, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		struct line out = {0};
		line_join(s, &out, i ? &next : &l);
		line_join(s, &out, &notes.v[i]);
		screen_put(s, 0, &out);
	}
}

/* "8 of 10 gave a result; X ZAP failed; ░ Checkov did not run" */
static const char *lane_note(struct screen *s, const struct xnode *lane)
{
	struct sb b;
	sb_init(&b, s->a, SIZE_MAX / 8);
	sb_add(&b, doc_attr(lane, "note", s->a));
	size_t labels = 0;
	for (const struct xnode *m = xml_child_named(lane, "m"); m && labels < 3;
	     m = xml_next_named(m, "m")) {
		const char *label = xml_get(m, "label", s->a);
		const char *style = doc_attr(m, "style", s->a);
		if (!label || strstr(sb_str(&b), label))
			continue;
		sb_addf(&b, "%s%s%s", b.len ? "; " : "",
			text_eq(style, "cross")	    ? "X "
			: text_eq(style, "hatched") ? "░ "
						    : "",
			label);
		labels++;
	}
	return sb_str(&b);
}

static void timeline(struct screen *s, const struct xnode *figure)
{
	struct grid g = {doc_time(figure, "from"), doc_time(figure, "to"), doc_count(figure, "day"),
			 s->width >= 100 ? 6 : 4, 14};
	if (!g.days || g.days * (g.per_day + 1) + g.name_w + 20 > s->width || g.to_s <= g.from_s) {
		struct line l = {0};
		line_add(s, &l, doc_attr(figure, "alt", s->a), INK_PLAIN, NULL);
		screen_wrap(s, 0, 0, &l);
		return;
	}
	struct line head = {0}, scale = {0};
	size_t at = g.name_w + 1;
	for (const struct xnode *d = xml_child_named(figure, "day"); d;
	     d = xml_next_named(d, "day")) {
		struct line label = {0};
		const char *text = doc_attr(d, "label", s->a);
		size_t n = strcspn(text, " ");
		line_add(s, &label,
			 text_columns(text) > g.per_day ? arena_strndup(s->a, text, n) : text,
			 INK_PLAIN, NULL);
		label = line_cut(s, &label, g.per_day);
		line_pad(s, &head, at);
		line_join(s, &head, &label);
		at += g.per_day + 1;
	}
	line_add(s, &scale, arena_printf(s->a, "each column is %zu hours", 24 / g.per_day),
		 INK_PLAIN, NULL);
	line_pad(s, &head, s->width - MIN(line_columns(&scale), s->width));
	if (line_columns(&head) + line_columns(&scale) <= s->width)
		line_join(s, &head, &scale);
	screen_put(s, 0, &head);
	for (const struct xnode *lane = xml_child_named(figure, "lane"); lane;
	     lane = xml_next_named(lane, "lane")) {
		const char *name = doc_attr(lane, "name", s->a);
		const char **cell = empty_cells(s, &g);
		lane_cells(s, lane, &g, cell);
		lane_line(s, &g, name, cell, lane_note(s, lane));
		for (const struct xnode *r = xml_child_named(figure, "arrow"); r;
		     r = xml_next_named(r, "arrow")) {
			if (!text_eq(doc_attr(r, "from-lane", s->a), name))
				continue;
			cell = empty_cells(s, &g);
			cell[slot(&g, doc_time(r, "at"))] = "↓";
			lane_line(s, &g, "", cell, doc_attr(r, "label", s->a));
		}
	}
}

static void put_text(struct screen *s, const char *text, enum ink ink)
{
	struct line l = {0};
	line_add(s, &l, text, ink, NULL);
	screen_wrap(s, 0, 0, &l);
}

/* Marks, and beside them a text that is wrapped in the room left. */
static void put_beside(struct screen *s, const char *marks, const char *text)
{
	struct line lead = {0}, words = {0};
	struct lines rows = {0};
	if (*marks) {
		line_add(s, &lead, marks, INK_PLAIN, NULL);
		line_add(s, &lead, "  ", INK_PLAIN, NULL);
	}
	size_t at = line_columns(&lead);
	line_add(s, &words, text, INK_PLAIN, NULL);
	line_wrap(s, &words, s->width - at, s->width - at, &rows);
	for (size_t i = 0; i < rows.n; i++) {
		struct line row = {0};
		if (i == 0)
			row = lead;
		line_pad(s, &row, at);
		line_join(s, &row, &rows.v[i]);
		screen_put(s, 0, &row);
	}
}

void text_figure(struct screen *s, const struct xnode *figure)
{
	const char *kind = doc_attr(figure, "kind", s->a), *title = doc_attr(figure, "title", s->a);
	bool week = text_eq(kind, "timeline"), ages = text_eq(kind, "ages");
	if (s->o.mail && !week && !ages) /* the paragraph above a chart says its numbers */
		return;
	screen_blank(s);
	if (week || ages || text_eq(kind, "stack"))
		put_text(s, title, INK_BOLD);
	if (week && !s->o.mail)
		timeline(s, figure);
	else if (week || ages) /* where marks lie is for the eye; how many, for everybody */
		put_text(s, doc_attr(figure, "alt", s->a), INK_PLAIN);
	else if (text_eq(kind, "stack"))
		stack(s, figure);
	else
		put_beside(s, text_spark(s, figure), title);
	screen_blank(s);
}

/* ---- small multiples: a line each ---- */

#define BUCKETS 28 /* four a day */

struct bucket {
	double sum;
	int64_t n;
};

static void fill(const struct xnode *line, int64_t from_s, int64_t to_s, struct arena *a,
		 struct bucket *v)
{
	for (const struct xnode *c = xml_child_named(line, "span"); c;
	     c = xml_next_named(c, "span")) {
		int64_t at_s = doc_time(c, "at"), step = doc_i64(c, "step");
		for (const char *p = xml_content(c, a); *p && step > 0 && at_s != TIME_NONE;) {
			p += strspn(p, " \t\r\n");
			size_t w = strcspn(p, " \t\r\n");
			double x;
			if (w && parse_f64(arena_strndup(a, p, w), &x) && at_s >= from_s &&
			    at_s < to_s) {
				struct bucket *b = &v[(at_s - from_s) * BUCKETS / (to_s - from_s)];
				b->sum += x;
				b->n++;
			}
			at_s += step;
			p += w;
		}
	}
}

static const char *panel_bars(const struct xnode *figure, struct arena *a)
{
	struct bucket v[BUCKETS] = {{0, 0}};
	const struct xnode *line = xml_child_named(figure, "line");
	int64_t from_s = doc_time(figure, "from"), to_s = doc_time(figure, "to");
	double max = 0;
	if (!line || from_s == TIME_NONE || to_s == TIME_NONE || to_s <= from_s)
		return "";
	fill(line, from_s, to_s, a, v);
	for (int i = 0; i < BUCKETS; i++)
		max = MAX(max, v[i].n ? v[i].sum / (double)v[i].n : 0);
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (int i = 0; i < BUCKETS; i++)
		sb_add(&b, v[i].n ? bar(v[i].sum / (double)v[i].n, max) : "░");
	return sb_str(&b);
}

void text_panels(struct screen *s, const struct xnode *panels)
{
	screen_blank(s);
	put_text(s, doc_attr(panels, "title", s->a), INK_BOLD);
	for (const struct xnode *n = xml_child_named(panels, "figure"); n;
	     n = xml_next_named(n, "figure"))
		put_beside(s, s->o.mail ? "" : panel_bars(n, s->a),
			   arena_printf(s->a, "%s: %s", doc_attr(n, "title", s->a),
					doc_attr(n, "alt", s->a)));
	screen_blank(s);
}
