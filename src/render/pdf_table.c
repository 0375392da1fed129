#include "render/pdf_parts.h"

#include "base/parse.h"
#include "base/text.h"
#include "chart/axis.h"
#include "chart/palette.h"
#include "render/doc.h"

#include <math.h>

#define COL_GAP	    9.0
#define ROW_PAD	    2.2
#define TOGETHER    9 /* rows: shorter tables are not cut */
#define CELL_LINES  8
#define TIGHT_LINES 2
#define BOX_W	    5.6 /* of a run strip */
#define BOX_H	    8.0
#define BOX_STEP    7.4

enum col_kind { COL_TEXT, COL_NUMBER, COL_CODE, COL_TIME, COL_STRIP };

struct col {
	enum col_kind kind;
	const char *label;
	double x, w, widest, narrowest;
};
struct cell {
	struct rich *text, *sub; /* NULL: none */
	const char *strip, *days;
	size_t span; /* columns */
};
struct row {
	struct cell *cells;
	size_t n;
	bool head, total;
	double h;
	const struct tbl *t;
};
struct tbl {
	struct col *cols;
	size_t n;
	double w;
	bool run_in; /* sub lines follow in the same line */
	VEC(struct row *) rows;
};

static enum col_kind kind_of(const char *s)
{
	static const char *const names[] = {"text", "number", "code", "time", "strip"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_eq(s, names[i]))
			return (enum col_kind)i;
	return COL_TEXT;
}

/* ---- run strips ---- */

static double strip_width(const char *states)
{
	return (double)strlen(states) * BOX_STEP;
}

static const char *strip_alt(struct arena *a, const char *s)
{
	static const struct {
		char state;
		const char *word;
	} words[] = {{'p', "passed"}, {'f', "failed"}, {'m', "missed"}};
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	sb_add(&b, "Oldest first: ");
	for (bool first = true; *s; first = false) {
		size_t n = strspn(s, (char[]){*s, '\0'});
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (words[i].state == *s)
				sb_addf(&b, "%s%zu %s", first ? "" : ", ", n, words[i].word);
		s += n;
	}
	return sb_str(&b);
}

static void strip_draw(struct pdf *p, const char *s, double x, double y)
{
	pdf_tag(p, "Figure", NULL);
	if (!p->untagged)
		vec_push(p->a, &p->alts, strip_alt(p->a, s));
	cairo_set_line_width(p->cr, 0.7);
	for (; *s; s++, x += BOX_STEP) {
		if (*s == 'f') {
			pdf_colour(p, palette_colour("mark"));
			cairo_rectangle(p->cr, x, y, BOX_W, BOX_H);
			cairo_fill(p->cr);
			continue;
		}
		pdf_colour(p, palette_colour(*s == 'm' ? "ink2" : "past"));
		cairo_rectangle(p->cr, x + 0.35, y + 0.35, BOX_W - 0.7, BOX_H - 0.7);
		for (double k = 1.4; *s == 'm' && k < BOX_W + BOX_H; k += 2.8) {
			cairo_move_to(p->cr, x + MAX(0, k - BOX_H), y + MIN(k, BOX_H));
			cairo_line_to(p->cr, x + MIN(k, BOX_W), y + MAX(0, k - BOX_W));
		}
		cairo_stroke(p->cr);
	}
	pdf_untag(p, "Figure");
}

#define DAY_W	 5.6
#define DAY_STEP 8.4
#define DAYS_H	 12.0

static const char *days_alt(struct arena *a, const char *levels)
{
	struct sb b;
	if (!levels[strspn(levels, "0")])
		return "Monday to Sunday: never down";
	sb_init(&b, a, SIZE_MAX / 8);
	sb_add(&b, "Monday to Sunday, in eighths of the highest day: ");
	for (const char *p = levels; *p; p++)
		sb_addf(&b, "%s%.*s", p == levels ? "" : ", ", *p == 'm' ? 9 : 1,
			*p == 'm' ? "not known" : p);
	return sb_str(&b);
}

static void days_draw(struct pdf *p, const char *s, double x, double y)
{
	pdf_tag(p, "Figure", NULL);
	if (!p->untagged)
		vec_push(p->a, &p->alts, days_alt(p->a, s));
	for (; *s; s++, x += DAY_STEP) {
		if (*s == 'm') {
			pdf_colour(p, palette_colour("ink2"));
			cairo_set_line_width(p->cr, 0.7);
			cairo_rectangle(p->cr, x + 0.35, y + 0.35, DAY_W - 0.7, DAYS_H - 0.7);
			cairo_move_to(p->cr, x, y + DAYS_H / 2);
			cairo_line_to(p->cr, x + DAY_W, y);
			cairo_move_to(p->cr, x, y + DAYS_H);
			cairo_line_to(p->cr, x + DAY_W, y + DAYS_H / 2);
			cairo_stroke(p->cr);
			continue;
		}
		double h = *s == '0' ? 1.1 : DAYS_H * (*s - '0') / 8;
		pdf_colour(p, palette_colour(*s == '0' ? "ink" : "mark"));
		cairo_rectangle(p->cr, x, y + DAYS_H - h, DAY_W, h);
		cairo_fill(p->cr);
	}
	pdf_untag(p, "Figure");
}

/* ---- measuring ---- */

static double cell_width(const struct cell *c)
{
	double w = c->text ? c->text->w : 0;
	if (c->sub)
		w = MAX(w, c->sub->w);
	w = c->days ? MAX(w, 7 * DAY_STEP) : w;
	return c->strip ? MAX(w, strip_width(c->strip)) : w;
}

static double cell_min(const struct cell *c, enum col_kind kind)
{
	if (kind == COL_TIME || kind == COL_NUMBER)
		return cell_width(c);
	double w = c->text && c->text->runs.n ? rich_min_width(c->text) : 0;
	if (c->sub && c->sub->runs.n)
		w = MAX(w, rich_min_width(c->sub));
	w = c->days ? MAX(w, 7 * DAY_STEP) : w;
	return c->strip ? MAX(w, strip_width(c->strip)) : w;
}

/* Widths as a browser finds them: what each column would like, less what it can give. */
static void share_width(struct tbl *t)
{
	double room = t->w - COL_GAP * (double)(t->n - 1), like = 0, least = 0;
	for (size_t i = 0; i < t->n; i++)
		like += t->cols[i].widest;
	if (like <= room) {
		for (size_t i = 0; i < t->n; i++)
			t->cols[i].w = t->cols[i].widest * (like > 0 ? room / like : 0);
	} else {
		for (size_t r = 0; r < t->rows.n; r++)
			for (size_t i = 0; i < t->rows.v[r]->n && i < t->n; i++)
				if (t->rows.v[r]->cells[i].span == 1)
					t->cols[i].narrowest = MAX(
						t->cols[i].narrowest,
						cell_min(&t->rows.v[r]->cells[i], t->cols[i].kind));
		for (size_t i = 0; i < t->n; i++) {
			t->cols[i].narrowest = MIN(t->cols[i].narrowest, room * 0.4);
			least += t->cols[i].narrowest;
		}
		for (size_t i = 0; i < t->n; i++) {
			struct col *c = &t->cols[i];
			c->w = least >= room
				       ? c->narrowest * room / least
				       : c->narrowest + (c->widest - c->narrowest) *
								(room - least) / (like - least);
		}
	}
	double x = 0;
	for (size_t i = 0; i < t->n; i++) {
		t->cols[i].x = x;
		x += t->cols[i].w + COL_GAP;
	}
}

static void measure_row(struct tbl *t, struct row *r)
{
	r->h = 0;
	for (size_t i = 0, at = 0; i < r->n && at < t->n; at += r->cells[i].span, i++) {
		struct cell *c = &r->cells[i];
		size_t last = MIN(at + c->span, t->n) - 1;
		double w = t->cols[last].x + t->cols[last].w - t->cols[at].x, h = 0;
		if (c->text) {
			rich_set_width(c->text, w);
			h += c->text->runs.n ? c->text->h : 0;
		}
		h += c->strip ? BOX_H + 2.5 : 0;
		h += c->days ? DAYS_H : 0;
		if (c->sub) {
			rich_set_width(c->sub, w);
			h += c->sub->h;
		}
		r->h = MAX(r->h, h);
	}
	r->h = MAX(r->h, style_small.line) + 2 * ROW_PAD;
}

/* ---- painting ---- */

static void cell_draw(struct pdf *p, const struct cell *c, double x, double y, bool header,
		      const char *scope)
{
	const char *tag = header ? "TH" : "TD";
	bool leaf = !c->sub && !c->strip && !c->days && c->text && !c->text->linked;
	if (header && !p->untagged)
		vec_push(p->a, &p->scopes, scope);
	if (leaf && c->text->runs.n) {
		rich_draw(p, c->text, x, y, tag);
		return;
	}
	pdf_tag(p, tag, NULL);
	if (c->strip) { /* the picture, then what it comes to */
		strip_draw(p, c->strip, x, y + 1.5);
		y += BOX_H + 2.5;
	}
	if (c->days) {
		days_draw(p, c->days, x, y - 1);
		y += DAYS_H;
	}
	if (c->text && c->text->runs.n) {
		rich_draw(p, c->text, x, y,
			  c->sub || c->days || c->strip || c->text->linked ? "P" : NULL);
		y += c->text->h;
	}
	if (c->sub)
		rich_draw(p, c->sub, x, y, "P");
	pdf_untag(p, tag);
}

static void paint_row(struct pdf *p, const void *data, double x, double y)
{
	const struct row *r = data;
	const struct tbl *t = r->t;
	double pad = ROW_PAD, high = r->h - 2 * ROW_PAD;
	pdf_tag(p, "TR", NULL);
	for (size_t i = 0, at = 0; i < r->n && at < t->n; at += r->cells[i].span, i++) {
		const struct cell *c = &r->cells[i];
		/* heads stand on their line */
		double down = r->head && c->text ? high - c->text->h : 0;
		cell_draw(p, c, x + t->cols[at].x, y + pad + down, r->head || i == 0,
			  r->head ? "Column" : "Row");
	}
	pdf_untag(p, "TR");
	if (r->head)
		pdf_rule(p, x, y + r->h, t->w, 0.9, "ink");
	else if (!r->total)
		pdf_rule(p, x, y + r->h, t->w, 0.5, "rule");
}

/* ---- reading ---- */

static struct rich_style cell_style(const struct pdf *p, const struct tbl *t, size_t col, bool bold,
				    bool quiet)
{
	struct rich_style s = quiet ? style_quiet : style_small;
	s.bold = bold;
	s.right = col < t->n && t->cols[col].kind == COL_NUMBER;
	s.max_lines = p->spared > 0 ? TIGHT_LINES : CELL_LINES;
	return s;
}

static struct cell read_cell(struct pdf *p, const struct tbl *t, const struct xnode *n, size_t col,
			     bool bold)
{
	struct cell c = {.span = 1};
	struct rich_style s = cell_style(p, t, col, bold, false);
	const struct xnode *sub = xml_child_named(n, "sub"), *strip = xml_child_named(n, "strip");
	struct rich_build b;
	rich_begin(&b, p, &s);
	rich_add_inline(&b, n,
			col < t->n && t->cols[col].kind == COL_CODE ? RICH_CODE : RICH_PLAIN);
	if (sub && t->run_in && !strip) {
		rich_add(&b, " ", RICH_PLAIN);
		rich_add_inline(&b, sub, RICH_QUIET);
		sub = NULL;
	}
	c.text = rich_end(&b, -1);
	if (strip)
		c.strip = doc_attr(strip, "states", p->a);
	if (xml_child_named(n, "days"))
		c.days = doc_attr(xml_child_named(n, "days"), "levels", p->a);
	if (sub) {
		struct rich_style q = cell_style(p, t, col, false, true);
		c.sub = rich_inline(p, &q, sub, -1);
	}
	return c;
}

static struct row *row_new(struct pdf *p, struct tbl *t)
{
	struct row *r = arena_new(p->a, struct row);
	r->t = t;
	r->cells = arena_array(p->a, struct cell, t->n);
	vec_push(p->a, &t->rows, r);
	return r;
}

static void read_row(struct pdf *p, struct tbl *t, const struct xnode *n, bool total)
{
	struct row *r = row_new(p, t);
	const char *missing = xml_get(n, "missing", p->a);
	r->total = total;
	for (const struct xnode *c = xml_child(n); c && r->n < t->n; c = xml_next(c)) {
		if (missing && r->n == 1)
			break;
		r->cells[r->n] = read_cell(p, t, c, r->n, total);
		r->n++;
	}
	if (missing && t->n > 1) {
		struct rich_style q = cell_style(p, t, t->n, false, true);
		r->cells[r->n++] =
			(struct cell){.text = rich_plain(p, &q, missing, -1), .span = t->n - 1};
	}
}

static void read_head(struct pdf *p, struct tbl *t, const struct xnode *n)
{
	struct row *r = row_new(p, t);
	r->head = true;
	for (const struct xnode *c = xml_child_named(n, "col"); c; c = xml_next_named(c, "col")) {
		struct rich_style s = cell_style(p, t, r->n, true, false);
		r->cells[r->n] = (struct cell){.text = rich_plain(p, &s, t->cols[r->n].label, -1),
					       .span = 1};
		r->n++;
	}
}

/* Sub lines run in where only the first column has them and everything then fits in one line. */
static bool only_first_has_subs(const struct xnode *n)
{
	for (const struct xnode *r = xml_child_named(n, "row"); r; r = xml_next_named(r, "row"))
		for (const struct xnode *c = xml_child(r); c; c = xml_next(c))
			if (c != xml_child(r) && xml_child_named(c, "sub"))
				return false;
	return true;
}

/* Fewer than the page shows where the paper is short of room, but never for the sake of one. */
static size_t rows_shown(const struct pdf *p, const struct xnode *n)
{
	size_t all = doc_count(n, "row"), shown = all;
	int64_t limit = doc_i64(n, "limit");
	if (limit != NUM_NONE && limit > 0)
		shown = MIN(shown, (size_t)limit);
	/* a short sum without its parts is none */
	if (all <= p->rows + 1 || (all <= 5 && xml_child_named(n, "total")))
		return shown;
	return MIN(shown, p->rows);
}

static struct tbl *read_table(struct flow *f, const struct xnode *n, bool run_in)
{
	struct pdf *p = f->p;
	struct tbl *t = arena_new(p->a, struct tbl);
	t->w = f->w;
	t->run_in = run_in;
	t->n = doc_count(n, "col");
	t->cols = arena_array(p->a, struct col, t->n);
	size_t i = 0;
	for (const struct xnode *c = xml_child_named(n, "col"); c; c = xml_next_named(c, "col")) {
		t->cols[i].kind = kind_of(xml_get(c, "kind", p->a));
		t->cols[i++].label = doc_attr(c, "label", p->a);
	}
	read_head(p, t, n);
	size_t shown = rows_shown(p, n);
	for (const struct xnode *r = xml_child_named(n, "row"); r && shown; shown--) {
		read_row(p, t, r, false);
		r = xml_next_named(r, "row");
	}
	const struct xnode *total = xml_child_named(n, "total");
	if (total)
		read_row(p, t, total, true);
	for (size_t r = 0; r < t->rows.n; r++)
		for (i = 0; i < t->rows.v[r]->n; i++)
			if (t->rows.v[r]->cells[i].span == 1)
				t->cols[i].widest =
					MAX(t->cols[i].widest, cell_width(&t->rows.v[r]->cells[i]));
	return t;
}

static bool fits(const struct tbl *t)
{
	double w = COL_GAP * (double)(t->n - 1);
	for (size_t i = 0; i < t->n; i++)
		w += t->cols[i].widest;
	return w <= t->w;
}

static struct piece row_piece(const struct row *r, double before, bool keep)
{
	return (struct piece){
		.h = r->h, .before = before, .keep = keep, .paint = paint_row, .data = r};
}

/* "24 more targets are in the digest's page." The words behind the count are the document's where
 * it has them. */
static void add_more(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	size_t left = doc_count(n, "row") - rows_shown(p, n);
	const char *more = xml_get(n, "more", p->a), *words = more ? strstr(more, " more ") : NULL;
	struct rich_build b;
	rich_begin(&b, p, &style_small);
	rich_add(&b,
		 arena_printf(p->a, "%s%s", axis_number(p->a, (double)left),
			      words	  ? words
			      : left == 1 ? " more row"
					  : " more rows"),
		 RICH_PLAIN);
	rich_add(&b, left == 1 ? " is in " : " are in ", RICH_PLAIN);
	const char *id = arena_printf(p->a, "#%s", doc_attr(n, "id", p->a));
	rich_add_link(&b, "the digest’s page", p->page ? id : NULL, RICH_PLAIN);
	rich_add(&b, ".", RICH_PLAIN);
	flow_text(f, rich_end(&b, f->w), 4, false, "P");
}

/* "What the dashboards show: 10 rows in the digest's page." */
static void only_counted(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	size_t rows = doc_count(n, "row");
	struct rich_build b;
	rich_begin(&b, p, &style_small);
	rich_add(&b, doc_attr(n, "title", p->a), RICH_BOLD);
	rich_add(&b,
		 arena_printf(p->a, ": %s %s in ", axis_number(p->a, (double)rows),
			      rows == 1 ? "row" : "rows"),
		 RICH_PLAIN);
	const char *id = arena_printf(p->a, "#%s", doc_attr(n, "id", p->a));
	rich_add_link(&b, "the digest’s page", p->page ? id : NULL, RICH_PLAIN);
	rich_add(&b, ".", RICH_PLAIN);
	flow_text(f, rich_end(&b, f->w), 6, false, "P");
}

void pdf_table(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	if (text_eq(xml_get(n, "data", p->a), "yes"))
		return; /* a figure's numbers, which are in its text for those who do not see it */
	const char *spare = xml_get(n, "spare", p->a);
	if (spare && p->spared >= (text_eq(spare, "first") ? 1 : 2)) {
		only_counted(f, n);
		return;
	}
	struct tbl *t = NULL;
	if (only_first_has_subs(n)) {
		t = read_table(f, n, true);
		if (!fits(t))
			t = NULL;
	}
	if (!t)
		t = read_table(f, n, false);
	share_width(t);
	for (size_t i = 0; i < t->rows.n; i++)
		measure_row(t, t->rows.v[i]);

	flow_open(f, "Table");
	const char *note = xml_get(n, "note", p->a);
	flow_open(f, "Caption");
	flow_text(f, rich_plain(p, &style_h3, doc_attr(n, "title", p->a), f->w), 9, true, "P");
	if (note && *note)
		flow_text(f, rich_plain(p, &style_quiet, note, f->w), 0, true, "P");
	flow_close(f, "Caption");
	size_t body = t->rows.n - 1;
	flow_add(f, row_piece(t->rows.v[0], 0, body > 0));
	const struct piece *head = arena_memdup(p->a, &f->v.v[f->v.n - 1], sizeof(struct piece));
	for (size_t i = 1; i <= body; i++) {
		bool whole = body < TOGETHER && p->spared == 0;
		bool keep = i < body && (whole || i == 1 || i + 1 == body);
		struct piece pc = row_piece(t->rows.v[i], 0, keep);
		pc.head = head;
		flow_add(f, pc);
	}
	flow_close(f, "Table");
	if (body == 0)
		flow_text(f, rich_plain(p, &style_quiet, "None.", f->w), 2, false, "P");
	if (rows_shown(p, n) < doc_count(n, "row"))
		add_more(f, n);
	f->gap = 4;
}
