#include "render/doc.h"
#include "render/text_parts.h"

#include "base/text.h"

#define GAP	   2 /* columns between two */
#define ROWS_MOST  40 /* of a table without a limit of its own */
#define TEXT_MIN   20 /* a column of text is not made narrower */
#define SUB_MIN	   30 /* nor the second line of the first cell while it stands beside it */
#define CELL_LINES 4 /* of text broken inside a cell */

struct column {
	const char *label, *before, *after;
	struct lines head; /* the label, wrapped */
	size_t w;
	bool number, time, text, lo, sub, gone;
};
struct row {
	struct line *cell; /* one a column */
	size_t given; /* cells the document has, when missing is set */
	const char *missing;
	bool total;
};
struct grid {
	struct column *col;
	size_t n;
	VEC(struct row) rows;
	bool has_sub, under; /* the first cell has a second line; it stands under it */
};

static void add_strip(struct screen *s, struct line *l, const struct xnode *strip)
{
	for (const char *p = doc_attr(strip, "states", s->a); *p; p++)
		line_add(s, l,
			 *p == 'f'   ? "■"
			 : *p == 'm' ? "░"
				     : "□",
			 *p == 'f' ? INK_ORANGE : INK_PLAIN, NULL);
}

static void add_days(struct screen *s, struct line *l, const struct xnode *days)
{
	static const char *const bars[] = {"_", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	for (const char *p = doc_attr(days, "levels", s->a); *p; p++)
		line_add(s, l, *p >= '0' && *p <= '8' ? bars[*p - '0'] : "░",
			 *p > '0' && *p <= '8' ? INK_ORANGE : INK_PLAIN, NULL);
}

static struct line cell_line(struct screen *s, const struct xnode *cell, bool with_sub)
{
	struct line l = {0}, text = text_inline(s, cell);
	const struct xnode *strip = xml_child_named(cell, "strip"),
			   *days = xml_child_named(cell, "days"),
			   *sub = xml_child_named(cell, "sub");
	if (days) {
		add_days(s, &l, days);
		if (text.n)
			line_add(s, &l, "  ", INK_PLAIN, NULL);
	}
	if (strip) {
		add_strip(s, &l, strip);
		if (text.n)
			line_add(s, &l, "  ", INK_PLAIN, NULL);
	}
	line_join(s, &l, &text);
	if (sub && with_sub) {
		struct line more = text_inline(s, sub);
		if (l.n && more.n)
			line_add(s, &l, ", ", INK_PLAIN, NULL);
		line_join(s, &l, &more);
	}
	return l;
}

static void read_row(struct screen *s, struct grid *g, const struct xnode *n, bool total)
{
	struct row r = {.cell = arena_array(s->a, struct line, g->n),
			.missing = xml_get(n, "missing", s->a),
			.total = total};
	size_t i = 0;
	for (const struct xnode *c = xml_child_named(n, "cell"); c && i < g->n;
	     c = xml_next_named(c, "cell")) {
		bool first = i == 0;
		r.cell[i] = cell_line(s, c, !first);
		if (total)
			for (size_t k = 0; k < r.cell[i].n; k++)
				r.cell[i].v[k].ink = INK_BOLD;
		i++;
		if (first && g->has_sub) {
			const struct xnode *sub = xml_child_named(c, "sub");
			if (sub)
				r.cell[1] = text_inline(s, sub);
			i++;
		}
	}
	r.given = i;
	vec_push(s->a, &g->rows, r);
}

static void read_columns(struct screen *s, struct grid *g, const struct xnode *table)
{
	for (const struct xnode *r = xml_child_named(table, "row"); r && !g->has_sub;
	     r = xml_next_named(r, "row")) {
		const struct xnode *first = xml_child_named(r, "cell");
		g->has_sub = first && xml_child_named(first, "sub");
	}
	g->col = arena_array(s->a, struct column, doc_count(table, "col") + 1);
	for (const struct xnode *c = xml_child_named(table, "col"); c;
	     c = xml_next_named(c, "col")) {
		const char *kind = doc_attr(c, "kind", s->a);
		struct column *k = &g->col[g->n++];
		k->label = doc_attr(c, "label", s->a);
		k->before = text_line(s->a, doc_attr(c, "before", s->a), 0);
		k->after = text_line(s->a, doc_attr(c, "after", s->a), 0);
		k->number = text_eq(kind, "number");
		k->time = text_eq(kind, "time");
		k->text = text_eq(kind, "text") || text_eq(kind, "code");
		k->lo = xml_get(c, "priority", s->a) != NULL;
		if (g->n == 1 && g->has_sub)
			g->col[g->n++] = (struct column){
				.label = "", .before = "", .after = "", .text = true, .sub = true};
	}
}

static size_t longest_word(struct screen *s, const char *label)
{
	struct line l = {0};
	line_add(s, &l, label, INK_PLAIN, NULL);
	size_t best = 0;
	for (size_t i = 0; i < l.n; i++)
		for (const char *p = l.v[i].text; *p;) {
			size_t n = strcspn(p, " ");
			best = MAX(best, text_columns(arena_strndup(s->a, p, n)));
			p += n + strspn(p + n, " ");
		}
	return best;
}

static size_t total_width(const struct grid *g)
{
	size_t w = 0, shown = 0;
	for (size_t i = 0; i < g->n; i++)
		if (!g->col[i].gone) {
			w += g->col[i].w;
			shown++;
		}
	return w + GAP * (shown ? shown - 1 : 0);
}

/* The widest column of text that may still give way, or NULL. */
static struct column *shrinkable(struct grid *g)
{
	struct column *best = NULL;
	for (size_t i = 0; i < g->n; i++) {
		struct column *k = &g->col[i];
		size_t least = k->sub ? SUB_MIN : TEXT_MIN;
		if (!k->gone && k->text && k->w > least && (!best || k->w > best->w))
			best = k;
	}
	return best;
}

static void shrink(struct grid *g, size_t width)
{
	struct column *k;
	while (total_width(g) > width && (k = shrinkable(g)))
		k->w--;
}

/* Widths with the columns that are left; false when they do not fit. */
static bool measure(struct screen *s, struct grid *g, const size_t *natural)
{
	for (size_t i = 0; i < g->n; i++)
		g->col[i].w = natural[i];
	shrink(g, s->width);
	return total_width(g) <= s->width;
}

/* Gives every column its width; false: no way fits. What is wanted least goes first: columns marked
 * lo, then the room beside the first cell (its second line moves under it), then times. */
static bool fit(struct screen *s, struct grid *g)
{
	size_t *natural = arena_array(s->a, size_t, g->n);
	for (size_t i = 0; i < g->n; i++) {
		struct column *k = &g->col[i];
		natural[i] = longest_word(s, k->label);
		for (size_t r = 0; r < g->rows.n; r++)
			if (!g->rows.v[r].missing || i < g->rows.v[r].given)
				natural[i] = MAX(natural[i], line_columns(&g->rows.v[r].cell[i]));
	}
	if (measure(s, g, natural))
		return true;
	for (size_t i = g->n; i-- > 1;)
		if (g->col[i].lo) {
			g->col[i].gone = true;
			if (measure(s, g, natural))
				return true;
		}
	if (g->has_sub) {
		g->col[1].gone = g->under = true;
		if (measure(s, g, natural))
			return true;
	}
	for (size_t i = g->n; i-- > 1;)
		if (g->col[i].time) {
			g->col[i].gone = true;
			if (measure(s, g, natural))
				return true;
		}
	return false;
}

/* Room left over goes to headers that had to be broken, then labels are wrapped. */
static void head_lines(struct screen *s, struct grid *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct column *k = &g->col[i];
		if (k->gone)
			continue;
		size_t want = text_columns(k->label), left = s->width - total_width(g);
		if (want > k->w && want - k->w <= left)
			k->w = want;
		struct line l = {0};
		line_add(s, &l, k->label, INK_BOLD, NULL);
		line_wrap(s, &l, k->w, k->w, &k->head);
	}
}

static void add_cell(struct screen *s, struct line *out, const struct column *k,
		     const struct line *cell, size_t at)
{
	struct line cut = line_cut(s, cell, k->w);
	size_t w = line_columns(&cut);
	line_pad(s, out, at + (k->number ? k->w - w : 0));
	line_join(s, out, &cut);
}

static void put_head(struct screen *s, const struct grid *g)
{
	size_t deep = 0;
	for (size_t i = 0; i < g->n; i++)
		if (!g->col[i].gone)
			deep = MAX(deep, g->col[i].head.n);
	for (size_t d = 0; d < deep; d++) {
		struct line out = {0};
		size_t at = 0;
		for (size_t i = 0; i < g->n; i++) {
			const struct column *k = &g->col[i];
			if (k->gone)
				continue;
			size_t skip = deep - k->head.n; /* labels stand on the rows */
			if (d >= skip)
				add_cell(s, &out, k, &k->head.v[d - skip], at);
			at += k->w + GAP;
		}
		screen_put(s, 0, &out);
	}
}

/* What stands in a cell, line by line: text is broken, anything else is cut. */
static void cell_lines(struct screen *s, const struct column *k, const struct line *cell,
		       struct lines *out)
{
	if (k->text && !k->sub)
		line_wrap(s, cell, k->w, k->w, out);
	else
		vec_push(s->a, out, *cell);
	out->n = MIN(out->n, (size_t)CELL_LINES);
}

static void put_row(struct screen *s, const struct grid *g, const struct row *r)
{
	size_t deep = 1, last = r->missing ? r->given : g->n;
	struct lines *cell = arena_array(s->a, struct lines, g->n);
	for (size_t i = 0; i < last; i++)
		if (!g->col[i].gone) {
			cell_lines(s, &g->col[i], &r->cell[i], &cell[i]);
			deep = MAX(deep, cell[i].n);
		}
	for (size_t d = 0; d < deep; d++) {
		struct line out = {0};
		size_t at = 0;
		for (size_t i = 0; i < last; i++) {
			const struct column *k = &g->col[i];
			if (k->gone)
				continue;
			if (d < cell[i].n)
				add_cell(s, &out, k, &cell[i].v[d], at);
			at += k->w + GAP;
		}
		if (r->missing && d == 0) {
			struct line text = {0};
			line_add(s, &text, r->missing, INK_PLAIN, NULL);
			line_pad(s, &out, at);
			text = line_cut(s, &text, s->width - MIN(at, s->width));
			line_join(s, &out, &text);
		}
		screen_put(s, 0, &out);
	}
	if (g->under && r->cell[1].n)
		screen_wrap(s, 2, 2, &r->cell[1]);
}

/* A row that has no room as one: its first cell, and under it the others, joined by their words. */
static void put_folded(struct screen *s, const struct grid *g, const struct row *r)
{
	struct line head = {0}, rest = {0};
	line_join(s, &head, &r->cell[0]);
	size_t i = 1;
	if (g->has_sub && r->cell[1].n) {
		line_add(s, &head, "  ", INK_PLAIN, NULL);
		line_join(s, &head, &r->cell[1]);
	}
	i += g->has_sub;
	screen_wrap(s, 0, 2, &head);
	for (; i < g->n; i++) {
		const struct column *k = &g->col[i];
		if (!r->cell[i].n)
			continue;
		if (rest.n)
			line_add(s, &rest, " · ", INK_PLAIN, NULL);
		if (*k->before)
			line_add(s, &rest, arena_printf(s->a, "%s ", k->before), INK_PLAIN, NULL);
		else if (k->number && !*k->after)
			line_add(s, &rest, arena_printf(s->a, "%s ", text_small(s->a, k->label)),
				 INK_PLAIN, NULL);
		line_join(s, &rest, &r->cell[i]);
		if (*k->after)
			line_add(s, &rest, arena_printf(s->a, " %s", k->after), INK_PLAIN, NULL);
	}
	if (r->missing) {
		if (rest.n)
			line_add(s, &rest, " · ", INK_PLAIN, NULL);
		line_add(s, &rest, r->missing, INK_PLAIN, NULL);
	}
	if (rest.n)
		screen_wrap(s, 2, 2, &rest);
}

void text_table(struct screen *s, const struct xnode *table, const char *week, const char *section)
{
	if (xml_get(table, "data", s->a))
		return;
	struct grid g = {0};
	read_columns(s, &g, table);
	size_t rows = doc_count(table, "row"), shown = rows;
	int64_t limit = doc_i64(table, "limit");
	if (limit == NUM_NONE || limit <= 0)
		limit = ROWS_MOST;
	if (!s->o.section)
		shown = MIN(rows, (size_t)limit);
	const struct xnode *n = xml_child_named(table, "row");
	for (size_t i = 0; i < shown; i++, n = xml_next_named(n, "row"))
		read_row(s, &g, n, false);
	if ((n = xml_child_named(table, "total")))
		read_row(s, &g, n, true);

	screen_blank(s);
	struct line title = {0};
	line_add(s, &title, doc_attr(table, "title", s->a), INK_BOLD, NULL);
	screen_wrap(s, 0, 0, &title);
	bool whole = fit(s, &g);
	if (whole && rows) {
		head_lines(s, &g);
		put_head(s, &g);
	}
	for (size_t i = 0; i < g.rows.n; i++) {
		if (whole)
			put_row(s, &g, &g.rows.v[i]);
		else
			put_folded(s, &g, &g.rows.v[i]);
	}
	struct line more = {0};
	if (!rows)
		line_add(s, &more, "none", INK_PLAIN, NULL);
	if (shown < rows) {
		const char *words = xml_get(table, "more", s->a);
		if (!words)
			words = arena_printf(s->a, "%zu more rows", rows - shown);
		line_add(s, &more, words, INK_PLAIN, NULL);
		line_add(s, &more,
			 s->o.mail ? " in the full digest"
				   : arena_printf(s->a, ": sitrep show --week %s --section %s",
						  week, section),
			 INK_PLAIN, NULL);
	}
	if (more.n)
		screen_wrap(s, 0, 2, &more);
	screen_blank(s);
}
