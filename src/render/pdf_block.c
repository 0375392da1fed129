#include "render/pdf_parts.h"

#include "base/text.h"
#include "chart/axis.h"
#include "chart/palette.h"
#include "render/doc.h"

#include <math.h>

#define PAD 9.0 /* inside a block with a ground or a bar */

static struct rich_style sized(double size, double line, bool bold, const char *token)
{
	return (struct rich_style){
		.size = size, .line = line, .bold = bold, .colour = palette_colour(token)};
}

static void block_para(struct flow *f, const struct xnode *n)
{
	bool note = text_eq(xml_get(n, "kind", f->p->a), "note");
	flow_text(f, rich_inline(f->p, note ? &style_quiet : &style_body, n, f->w), note ? 5 : 4,
		  false, "P");
}

static void block_heading(struct flow *f, const struct xnode *n)
{
	flow_text(f, rich_inline(f->p, &style_h3, n, f->w), 10, true, "H3");
	f->near = 1.5;
}

/* ---- lists and terms: a mark or a word, and a text beside it ---- */

struct item {
	const struct rich *word, *text;
	double x; /* of the text */
	double pad; /* above and below */
	bool rule;
	double h;
	double w;
};

static void paint_item(struct pdf *p, const void *data, double x, double y)
{
	const struct item *it = data;
	if (it->rule)
		pdf_rule(p, x, y, it->w, 0.5, "rule");
	double pad = it->pad;
	pdf_tag(p, "LI", NULL);
	rich_draw(p, it->word, x, y + pad, "Lbl");
	if (it->x > 0)
		rich_draw(p, it->text, x + it->x, y + pad, "LBody");
	else
		rich_draw(p, it->text, x, y + pad + it->word->h, "LBody");
	pdf_untag(p, "LI");
}

static void add_item(struct flow *f, struct item it, double before, bool keep)
{
	it.w = f->w;
	it.h = 2 * it.pad + (it.x > 0 ? MAX(it.word->h, it.text->h) : it.word->h + it.text->h);
	flow_add(f, (struct piece){.h = it.h,
				   .before = before,
				   .keep = keep,
				   .paint = paint_item,
				   .data = arena_memdup(f->p->a, &it, sizeof it)});
}

static void block_list(struct flow *f, const struct xnode *n)
{
	size_t all = doc_count(n, "li"), shown = all > f->p->rows + 1 ? f->p->rows : all, i = 0;
	flow_open(f, "L");
	for (const struct xnode *c = xml_child(n); c && i < shown; c = xml_next(c), i++)
		add_item(f,
			 (struct item){.word = rich_plain(f->p, &style_body, "•", -1),
				       .text = rich_inline(f->p, &style_body, c, f->w - 11),
				       .x = 11},
			 c == xml_child(n) ? 4 : 1.5, false);
	flow_close(f, "L");
	if (shown < all)
		flow_text(f,
			  rich_plain(f->p, &style_quiet,
				     arena_printf(f->p->a, "%zu more are in the digest’s page.",
						  all - shown),
				     f->w),
			  3, false, "P");
}

static struct rich *term_word(struct flow *f, const struct xnode *term)
{
	struct rich_style bold = style_small;
	bold.bold = true;
	struct rich_build b;
	rich_begin(&b, f->p, &bold);
	rich_add(&b, doc_attr(term, "word", f->p->a), RICH_PLAIN);
	return rich_end(&b, -1);
}

/* Definitions run on: they are looked up, not read, and paper is short. */
static void definitions(struct flow *f, const struct xnode *n)
{
	struct rich_build b;
	if (f->p->spared > 2) {
		flow_text(f,
			  rich_plain(f->p, &style_small,
				     arena_printf(f->p->a,
						  "%zu words are defined in the digest’s page.",
						  doc_count(n, "term")),
				     f->w),
			  4, false, "P");
		return;
	}
	rich_begin(&b, f->p, &style_small);
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		if (c != xml_child(n))
			rich_add(&b, " ", RICH_PLAIN);
		rich_add(&b, arena_printf(f->p->a, "%s:", doc_attr(c, "word", f->p->a)), RICH_BOLD);
		rich_add(&b, " ", RICH_PLAIN);
		rich_add_inline(&b, c, RICH_PLAIN);
		if (xml_get(c, "id", f->p->a) && f->p->spared < 2) {
			rich_add(&b, " ", RICH_PLAIN);
			rich_add(&b, doc_attr(c, "id", f->p->a), RICH_CODE | RICH_QUIET);
		}
	}
	flow_text(f, rich_end(&b, f->w), 4, false, "P");
}

static void block_terms(struct flow *f, const struct xnode *n)
{
	/* words with an id are definitions; others are rows: a time and what fell on it */
	bool rows = true;
	double widest = 0;
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		rows &= !xml_get(c, "id", f->p->a);
		widest = MAX(widest, term_word(f, c)->w);
	}
	if (!rows) {
		definitions(f, n);
		return;
	}
	double x = widest < f->w * 0.35 ? widest + 12 : 0;
	size_t count = doc_count(n, "term"), i = 0;
	flow_open(f, "L");
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c), i++) {
		struct rich *word = term_word(f, c);
		if (word->w > f->w)
			rich_set_width(word, f->w);
		struct rich_build b;
		rich_begin(&b, f->p, &style_small);
		rich_add_inline(&b, c, RICH_PLAIN);
		add_item(f,
			 (struct item){.word = word,
				       .text = rich_end(&b, f->w - x),
				       .x = x,
				       .pad = 2.2,
				       .rule = i > 0},
			 i == 0 ? 5 : 0, count < 9 && i + 1 < count);
	}
	flow_close(f, "L");
}

/* ---- callouts ---- */

struct callout {
	struct flow body;
	bool loud;
};

static void paint_callout(struct pdf *p, const void *data, double x, double y)
{
	const struct callout *c = data;
	double h = flow_height(&c->body) + 6;
	pdf_colour(p, palette_colour(c->loud ? "mark" : "rule"));
	cairo_rectangle(p->cr, x, y, 3, h);
	cairo_fill(p->cr);
	flow_paint(p, &c->body, x + PAD + 3, y + 3);
}

static struct callout *callout_new(struct flow *f, const char *kind)
{
	struct callout *c = arena_new(f->p->a, struct callout);
	c->loud = text_eq(kind, "warning") || text_eq(kind, "incomplete");
	c->body.p = f->p;
	c->body.w = f->w - PAD - 3;
	return c;
}

static void callout_add(struct flow *f, struct callout *c)
{
	flow_add(f, (struct piece){.h = flow_height(&c->body) + 6,
				   .before = 7,
				   .paint = paint_callout,
				   .data = c});
	f->gap = 4;
}

static void block_callout(struct flow *f, const struct xnode *n)
{
	const char *kind = doc_attr(n, "kind", f->p->a);
	struct callout *c = callout_new(f, kind);
	for (const struct xnode *para = xml_child(n); para; para = xml_next(para)) {
		struct rich_build b;
		rich_begin(&b, f->p, &style_body);
		if (para == xml_child(n) && text_eq(kind, "incomplete") &&
		    !xml_child_named(para, "tag")) {
			rich_add_tag(&b, "Incomplete", "orange");
			rich_add(&b, RICH_NBSP, RICH_PLAIN);
		}
		rich_add_inline(&b, para, RICH_PLAIN);
		flow_text(&c->body, rich_end(&b, c->body.w), 3, false, "P");
	}
	callout_add(f, c);
}

void pdf_callout_text(struct flow *f, const char *kind, const char *text)
{
	struct callout *c = callout_new(f, kind);
	flow_text(&c->body, rich_plain(f->p, &style_body, text, c->body.w), 0, false, "P");
	callout_add(f, c);
}

/* ---- actions ---- */

struct act {
	const struct rich *rank, *title, *reason, *owner, *age;
	double w, side;
	bool first;
};

static void paint_act(struct pdf *p, const void *data, double x, double y)
{
	const struct act *a = data;
	if (!a->first)
		pdf_rule(p, x, y, a->w, 0.5, "rule");
	y += 4;
	pdf_tag(p, "LI", NULL);
	rich_draw(p, a->rank, x, y - 1, "Lbl");
	pdf_tag(p, "LBody", NULL);
	rich_draw(p, a->title, x + 31, y, "H3");
	rich_draw(p, a->reason, x + 31, y + a->title->h, "P");
	rich_draw(p, a->owner, x + a->w - a->side, y + 1, "P");
	rich_draw(p, a->age, x + a->w - a->side, y + 1 + a->owner->h, "P");
	pdf_untag(p, "LBody");
	pdf_untag(p, "LI");
}

static void block_actions(struct flow *f, const struct xnode *n)
{
	struct rich_style rank = sized(14, 17, true, "now"), title = sized(10.5, 14, true, "ink"),
			  reason = sized(8, 11, false, "ink"), owner = sized(8, 11, true, "ink");
	title.plain_links = true;
	double side = MIN(96, f->w * 0.25), w = f->w - 31 - side - 14;
	flow_open(f, "L");
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		struct act *a = arena_new(f->p->a, struct act);
		struct rich_build b;
		rich_begin(&b, f->p, &title);
		const char *text = doc_text(xml_child_named(c, "title"), f->p->a);
		rich_add_link(&b, text, xml_get(c, "href", f->p->a), RICH_PLAIN);
		a->title = rich_end(&b, w);
		a->rank = rich_plain(f->p, &rank, doc_attr(c, "rank", f->p->a), -1);
		a->reason = rich_inline(f->p, &reason, xml_child_named(c, "reason"), w);
		a->owner = rich_plain(f->p, &owner, doc_attr(c, "owner", f->p->a), side);
		a->age = rich_plain(f->p, &style_quiet, doc_attr(c, "age", f->p->a), side);
		a->w = f->w;
		a->side = side;
		a->first = c == xml_child(n);
		flow_add(f, (struct piece){.h = 9 + MAX(a->title->h + a->reason->h,
							1 + a->owner->h + a->age->h),
					   .before = a->first ? 1 : 0,
					   .paint = paint_act,
					   .data = a});
	}
	flow_close(f, "L");
}

/* ---- what was set aside: two columns on a wash ---- */

struct aside {
	const struct rich *title, **counts, **texts;
	size_t n;
	double w, h;
};

static void paint_aside(struct pdf *p, const void *data, double x, double y)
{
	const struct aside *a = data;
	pdf_colour(p, palette_colour("wash"));
	cairo_rectangle(p->cr, x, y, a->w, a->h);
	cairo_fill(p->cr);
	rich_draw(p, a->title, x + PAD, y + 5, "H3");
	pdf_tag(p, "L", NULL);
	size_t half = (a->n + 1) / 2;
	double ys[2] = {y + 5 + a->title->h, y + 5 + a->title->h};
	for (size_t i = 0; i < a->n; i++) {
		size_t col = i >= half;
		double cx = x + PAD + (col ? a->w / 2 + 6 : 0);
		pdf_tag(p, "LI", NULL);
		rich_draw(p, a->counts[i], cx, ys[col], "Lbl");
		rich_draw(p, a->texts[i], cx + 29, ys[col], "LBody");
		pdf_untag(p, "LI");
		ys[col] += a->texts[i]->h + 0.8;
	}
	pdf_untag(p, "L");
}

static void block_setaside(struct flow *f, const struct xnode *n)
{
	struct aside *a = arena_new(f->p->a, struct aside);
	struct rich_style count = sized(8, 11, true, "ink");
	count.right = true;
	a->n = doc_count(n, "aside");
	a->counts = arena_array(f->p->a, const struct rich *, a->n);
	a->texts = arena_array(f->p->a, const struct rich *, a->n);
	a->title = rich_plain(f->p, &style_h3, doc_attr(n, "title", f->p->a), f->w - 2 * PAD);
	a->w = f->w;
	double heights[2] = {0};
	size_t i = 0;
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c), i++) {
		a->counts[i] =
			rich_plain(f->p, &count, axis_number(f->p->a, doc_f64(c, "count")), 22);
		a->texts[i] = rich_inline(f->p, &style_small, c, f->w / 2 - PAD - 36);
		heights[i >= (a->n + 1) / 2] += a->texts[i]->h + 0.8;
	}
	a->h = 12 + a->title->h + MAX(heights[0], heights[1]);
	flow_add(f, (struct piece){.h = a->h, .before = 4, .paint = paint_aside, .data = a});
}

/* ---- tiles ---- */

struct tile {
	const struct rich *label, *value, *unit, *usual;
	const struct picture *spark;
};
struct tile_row {
	struct tile t[3];
	size_t n;
	double w, h; /* of one */
};
#define TILE_GAP 18.0

static void paint_tiles(struct pdf *p, const void *data, double x, double y)
{
	const struct tile_row *r = data;
	for (size_t i = 0; i < r->n; i++, x += r->w + TILE_GAP) {
		const struct tile *t = &r->t[i];
		double at = y + 4;
		pdf_rule(p, x, y, r->w, 0.5, "rule");
		pdf_tag(p, "Div", NULL);
		rich_draw(p, t->label, x, at, "P");
		at += t->label->h;
		rich_draw(p, t->value, x, at, "P");
		at += t->value->h;
		rich_draw(p, t->unit, x, at, "P");
		at += t->unit->h;
		if (t->spark)
			picture_draw(p, t->spark, x + r->w - 70, at - 1 - picture_height(t->spark));
		rich_draw(p, t->usual, x, at + 1, "P");
		pdf_untag(p, "Div");
	}
}

static void read_tile(struct flow *f, const struct xnode *c, double w, struct tile *t,
		      struct strv *failed)
{
	struct pdf *p = f->p;
	struct rich_style number = sized(20, 23, true, "ink"), words = sized(13, 23, true, "ink");
	const char *value = doc_attr(c, "value", p->a);
	const struct xnode *fig = xml_child_named(c, "figure");
	double left = fig ? w - 78 : w; /* of the sparkline */
	t->label = rich_plain(p, &style_h3, doc_attr(c, "label", p->a), w);
	t->value = rich_plain(p, &number, value, -1);
	if (t->value->w > left)
		t->value = rich_plain(p, &words, value, left);
	t->unit = rich_plain(p, &style_small, doc_attr(c, "unit", p->a), left);
	struct rich_build b;
	rich_begin(&b, p, &style_quiet);
	rich_add(&b, doc_attr(c, "usual", p->a), RICH_PLAIN);
	if (xml_get(c, "tag", p->a)) {
		rich_add(&b, " ", RICH_PLAIN);
		rich_add_tag(&b, doc_attr(c, "tag", p->a), doc_attr(c, "tone", p->a));
	}
	t->usual = rich_end(&b, w);
	struct err e = {0};
	if (fig && !(t->spark = pdf_picture(p, fig, 70, &e)))
		vec_push(p->a, failed,
			 arena_printf(p->a, "The chart “%s” could not be drawn: %s",
				      doc_attr(fig, "title", p->a), e.msg));
}

static void block_tiles(struct flow *f, const struct xnode *n)
{
	size_t across = f->w > 400 ? 3 : f->w > 250 ? 2 : 1;
	double w = (f->w - TILE_GAP * (double)(across - 1)) / (double)across;
	struct strv failed = {0};
	const struct xnode *c = xml_child(n);
	bool first = true;
	while (c) {
		struct tile_row *r = arena_new(f->p->a, struct tile_row);
		r->w = w;
		for (; c && r->n < across; c = xml_next(c)) {
			struct tile *t = &r->t[r->n++];
			read_tile(f, c, w, t, &failed);
			r->h = MAX(r->h, 7 + t->label->h + t->value->h + t->unit->h + t->usual->h);
		}
		flow_add(f, (struct piece){.h = r->h,
					   .before = first ? 6 : 8,
					   .keep = c && first,
					   .paint = paint_tiles,
					   .data = r});
		first = false;
	}
	for (size_t i = 0; i < failed.n; i++)
		pdf_callout_text(f, "warning", failed.v[i]);
}

/* ---- side by side ---- */

struct pair {
	struct flow side[2];
	double x2;
};

static void paint_pair(struct pdf *p, const void *data, double x, double y)
{
	const struct pair *pair = data;
	flow_paint(p, &pair->side[0], x, y);
	flow_paint(p, &pair->side[1], x + pair->x2, y);
}

static void block_pair(struct flow *f, const struct xnode *n)
{
	struct pair *pair = arena_new(f->p->a, struct pair);
	const struct xnode *one = xml_child(n), *two = one ? xml_next(one) : NULL;
	double w = (f->w - 24) / 2;
	pair->x2 = w + 24;
	bool room = two && f->w > 400;
	for (int i = 0; room && i < 2; i++) {
		pair->side[i] = (struct flow){.p = f->p, .w = w};
		pdf_blocks(&pair->side[i], i ? two : one);
	}
	double h = MAX(flow_height(&pair->side[0]), flow_height(&pair->side[1]));
	if (room && h < 500) {
		flow_add(f, (struct piece){.h = h, .before = 8, .paint = paint_pair, .data = pair});
		f->gap = 6;
		return;
	}
	/* too long to stand side by side on one page */
	if (one)
		pdf_blocks(f, one);
	if (two)
		pdf_blocks(f, two);
}

/* ---- small figures in rows of three ---- */

#define PANELS	  3
#define PANEL_GAP 14.0

struct panel_row {
	struct flow cell[PANELS];
	double step;
};

static void paint_panels(struct pdf *p, const void *data, double x, double y)
{
	const struct panel_row *row = data;
	for (int i = 0; i < PANELS; i++)
		flow_paint(p, &row->cell[i], x + i * row->step, y);
}

static void block_panels(struct flow *f, const struct xnode *n)
{
	size_t count = doc_count(n, "figure");
	if (f->p->spared > 1 && f->p->boards++ > 0) {
		flow_text(f,
			  rich_plain(f->p, &style_small,
				     arena_printf(f->p->a, "%s: %zu %s in the digest’s page.",
						  doc_attr(n, "title", f->p->a), count,
						  count == 1 ? "chart is" : "charts are"),
				     f->w),
			  5, false, "P");
		return;
	}
	const char *note = xml_get(n, "note", f->p->a);
	double w = (f->w - (PANELS - 1) * PANEL_GAP) / PANELS;
	flow_text(f, rich_plain(f->p, &style_h3, doc_attr(n, "title", f->p->a), f->w), 8, true,
		  "H3");
	if (note)
		flow_text(f, rich_plain(f->p, &style_quiet, note, f->w), 0, true, "P");
	/* in whole rows */
	size_t all = doc_count(n, "figure"), most = (f->p->rows + PANELS - 1) / PANELS * PANELS;
	size_t left = all > most ? all - most : 0, drawn = 0;
	for (const struct xnode *c = xml_child_named(n, "figure"); c && drawn < all - left;) {
		struct panel_row *row = arena_new(f->p->a, struct panel_row);
		double h = 0;
		row->step = w + PANEL_GAP;
		for (int i = 0; i < PANELS; i++) {
			row->cell[i] = (struct flow){.p = f->p, .w = w};
			if (!c || drawn == all - left)
				continue;
			drawn++;
			pdf_figure(&row->cell[i], c);
			h = MAX(h, flow_height(&row->cell[i]));
			c = xml_next_named(c, "figure");
		}
		flow_add(f,
			 (struct piece){.h = h, .before = 6, .paint = paint_panels, .data = row});
	}
	if (left > 0)
		flow_text(f,
			  rich_plain(f->p, &style_quiet,
				     arena_printf(f->p->a, "%zu more %s in the digest’s page.",
						  left, left == 1 ? "chart is" : "charts are"),
				     f->w),
			  3, false, "P");
	f->gap = 8;
	const struct xnode *table = xml_child_named(n, "table");
	if (table)
		pdf_table(f, table);
}

void pdf_block(struct flow *f, const struct xnode *n)
{
	static const struct {
		const char *name;
		void (*add)(struct flow *f, const struct xnode *n);
	} kinds[] = {{"para", block_para},	 {"heading", block_heading},
		     {"list", block_list},	 {"terms", block_terms},
		     {"tiles", block_tiles},	 {"table", pdf_table},
		     {"figure", pdf_figure},	 {"callout", block_callout},
		     {"actions", block_actions}, {"setaside", block_setaside},
		     {"pair", block_pair},	 {"panels", block_panels}};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (xml_is(n, kinds[i].name)) {
			kinds[i].add(f, n);
			return;
		}
	/* a block of a later schema: its words at least */
	flow_text(f, rich_inline(f->p, &style_body, n, f->w), 4, false, "P");
}

void pdf_blocks(struct flow *f, const struct xnode *parent)
{
	for (const struct xnode *c = xml_child(parent); c; c = xml_next(c))
		pdf_block(f, c);
}
