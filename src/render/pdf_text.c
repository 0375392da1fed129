#include "render/pdf_parts.h"

#include "base/text.h"
#include "chart/font.h"
#include "chart/palette.h"
#include "render/doc.h"

#include <math.h>

const struct rich_style style_body = {.size = 9, .line = 12.5, .colour = 0x0b0c0c},
			style_small = {.size = 8, .line = 11, .colour = 0x0b0c0c},
			style_quiet = {.size = 8, .line = 11, .colour = 0x505a5f},
			style_h3 = {.size = 9.5, .line = 13, .bold = true, .colour = 0x0b0c0c};

void rich_begin(struct rich_build *b, struct pdf *p, const struct rich_style *style)
{
	*b = (struct rich_build){.p = p, .style = *style, .attrs = pango_attr_list_new()};
	sb_init(&b->text, p->a, SIZE_MAX / 8);
	b->out = arena_new(p->a, struct rich);
}

static void put_attr(struct rich_build *b, PangoAttribute *at, size_t start)
{
	at->start_index = (guint)start;
	at->end_index = (guint)b->text.len;
	pango_attr_list_insert(b->attrs, at);
}

/* Tags in a heading stay small. */
static double tag_size(const struct rich_style *s)
{
	return MIN(s->size, 9);
}

/* Closes a run over what was added since start. */
static void put_run(struct rich_build *b, size_t start, struct rich_run run, unsigned look)
{
	if (b->text.len == start)
		return;
	run.start = start;
	run.end = b->text.len;
	/* A colour that no two neighbours share keeps pango from merging their glyphs. It is never
	 * painted: runs carry their own. */
	put_attr(b, pango_attr_foreground_new(0, 0, (guint16)(b->out->runs.n + 1)), start);
	if (run.tone)
		put_attr(b, pango_attr_size_new_absolute((int)(tag_size(&b->style) * PANGO_SCALE)),
			 start);
	if (look & RICH_BOLD)
		put_attr(b, pango_attr_weight_new(PANGO_WEIGHT_BOLD), start);
	if (look & RICH_CODE) {
		put_attr(b, pango_attr_family_new(FONT_MONO), start);
		put_attr(b, pango_attr_size_new_absolute((int)(b->style.size * 0.9 * PANGO_SCALE)),
			 start);
	}
	vec_push(b->p->a, &b->out->runs, run);
	b->out->linked |= run.link != NULL;
}

/* Blanks and line ends collapse to one blank, never first. */
static void put_words(struct rich_build *b, const char *s)
{
	for (; *s; s++) {
		if (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r') {
			b->gap = b->text.len > 0;
			continue;
		}
		if (b->gap)
			sb_addc(&b->text, ' ');
		b->gap = false;
		sb_addc(&b->text, *s);
	}
}

static uint32_t colour_of(const struct rich_build *b, unsigned look)
{
	return look & RICH_QUIET ? palette_colour("ink2") : b->style.colour;
}

/* A due blank belongs to what stands before, not to the link's area or the tag's ground. */
static void put_gap(struct rich_build *b)
{
	if (!b->gap)
		return;
	size_t start = b->text.len;
	sb_addc(&b->text, ' ');
	b->gap = false;
	put_run(b, start, (struct rich_run){.colour = b->style.colour}, 0);
}

void rich_add(struct rich_build *b, const char *text, unsigned look)
{
	if (look & RICH_CODE) /* its blank would be wider */
		put_gap(b);
	size_t start = b->text.len;
	put_words(b, text);
	put_run(b, start, (struct rich_run){.colour = colour_of(b, look)}, look);
}

void rich_add_link(struct rich_build *b, const char *text, const char *href, unsigned look)
{
	put_gap(b);
	size_t start = b->text.len;
	const char *link = pdf_link(b->p, href);
	put_words(b, text);
	bool plain = !link || b->style.plain_links;
	put_run(b, start,
		(struct rich_run){.colour = plain ? colour_of(b, look) : palette_colour("link"),
				  .link = link,
				  .underline = !plain},
		look);
}

/* With a little ground on both sides. */
void rich_add_tag(struct rich_build *b, const char *word, const char *tone)
{
	put_gap(b);
	size_t start = b->text.len;
	sb_add(&b->text, RICH_NBSP);
	for (; *word; word++) /* as one word to the line breaker */
		if (*word == ' ')
			sb_add(&b->text, RICH_NBSP);
		else
			sb_addc(&b->text, *word);
	sb_add(&b->text, RICH_NBSP);
	put_run(b, start,
		(struct rich_run){.colour = palette_colour(arena_printf(b->p->a, "%s-text", tone)),
				  .tone = arena_strdup(b->p->a, tone)},
		RICH_BOLD);
}

static void add_inline(struct rich_build *b, const struct xnode *n, unsigned look, const char *href)
{
	struct xpieces pieces = {0};
	xml_pieces(n, b->p->a, &pieces);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct xnode *c = pieces.v[i].node;
		if (!c && href)
			rich_add_link(b, pieces.v[i].text, href, look);
		else if (!c)
			rich_add(b, pieces.v[i].text, look);
		else if (xml_is(c, "tag"))
			rich_add_tag(b, doc_text(c, b->p->a), doc_attr(c, "tone", b->p->a));
		else if (xml_is(c, "link"))
			add_inline(b, c, look, doc_attr(c, "href", b->p->a));
		else if (xml_is(c, "strong"))
			add_inline(b, c, look | RICH_BOLD, href);
		else if (xml_is(c, "code"))
			add_inline(b, c, look | RICH_CODE, href);
		else if (!xml_is(c, "sub") && !xml_is(c, "strip"))
			add_inline(b, c, look, href);
	}
}

void rich_add_inline(struct rich_build *b, const struct xnode *n, unsigned look)
{
	add_inline(b, n, look, NULL);
}

struct rich *rich_end(struct rich_build *b, double width)
{
	struct rich *r = b->out;
	r->style = b->style;
	r->text = sb_str(&b->text);
	r->l = font_layout(b->p->pc, r->text, b->style.size, b->style.bold);
	vec_push(b->p->a, &b->p->layouts, r->l);
	pango_layout_set_wrap(r->l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_attributes(r->l, b->attrs);
	pango_attr_list_unref(b->attrs);
	b->attrs = NULL;
	rich_set_width(r, width);
	return r;
}

void rich_set_width(struct rich *r, double width)
{
	pango_layout_set_width(r->l, width < 0 ? -1 : (int)ceil(width * PANGO_SCALE) + 1);
	if (r->style.max_lines) {
		pango_layout_set_height(r->l, -r->style.max_lines);
		pango_layout_set_ellipsize(r->l,
					   width < 0 ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
	}
	PangoRectangle rect;
	pango_layout_get_extents(r->l, NULL, &rect);
	r->w = width < 0 ? (double)rect.width / PANGO_SCALE : width;
	r->lines = pango_layout_get_line_count(r->l);
	r->h = r->lines * r->style.line;
}

double rich_min_width(const struct rich *r)
{
	PangoLayout *l = pango_layout_copy(r->l);
	pango_layout_set_wrap(l, PANGO_WRAP_WORD);
	pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_NONE);
	pango_layout_set_width(l, 0);
	PangoRectangle rect;
	pango_layout_get_extents(l, NULL, &rect);
	g_object_unref(l);
	return (double)rect.width / PANGO_SCALE;
}

struct rich *rich_plain(struct pdf *p, const struct rich_style *style, const char *text,
			double width)
{
	struct rich_build b;
	rich_begin(&b, p, style);
	rich_add(&b, text, RICH_PLAIN);
	return rich_end(&b, width);
}

struct rich *rich_inline(struct pdf *p, const struct rich_style *style, const struct xnode *n,
			 double width)
{
	struct rich_build b;
	rich_begin(&b, p, style);
	rich_add_inline(&b, n, RICH_PLAIN);
	return rich_end(&b, width);
}

/* One run of glyphs as it will stand on the page. */
struct spot {
	PangoGlyphItem *glyphs;
	const struct rich_run *run;
	double x, w, base;
};
struct spots {
	struct spot *v;
	size_t n, cap;
};

static const struct rich_run *run_at(const struct rich *r, size_t at)
{
	for (size_t i = 0; i < r->runs.n; i++)
		if (at < r->runs.v[i].end)
			return &r->runs.v[i];
	return &r->runs.v[r->runs.n - 1];
}

/* Lines stand at multiples of the style's line, whatever fonts a line holds. */
static void find_spots(const struct rich *r, int first, int n, double x, double y, struct arena *a,
		       struct spots *out)
{
	PangoLayoutIter *it = pango_layout_get_iter(r->l);
	int line = 0;
	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(it);
		if (!run) { /* the end of a line */
			line++;
			continue;
		}
		if (line < first || line >= first + n)
			continue;
		PangoRectangle rect, whole;
		pango_layout_iter_get_run_extents(it, NULL, &rect);
		pango_layout_iter_get_line_extents(it, NULL, &whole);
		double dx = r->style.right ? r->w - (double)whole.width / PANGO_SCALE : 0;
		/* half the leading above, then Liberation Sans' ascent 0.905 and descent 0.212 */
		double base = y + (line - first + 0.5) * r->style.line + 0.3465 * r->style.size;
		struct spot s = {.glyphs = run,
				 .run = run_at(r, (size_t)run->item->offset),
				 .x = x + dx + (double)rect.x / PANGO_SCALE,
				 .w = (double)rect.width / PANGO_SCALE,
				 .base = base};
		vec_push(a, out, s);
	} while (pango_layout_iter_next_run(it));
	pango_layout_iter_free(it);
}

static void draw_grounds(struct pdf *p, const struct rich *r, const struct spots *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct spot *t = &s->v[i];
		if (!t->run->tone)
			continue;
		pdf_colour(p, palette_colour(arena_printf(p->a, "%s-ground", t->run->tone)));
		double size = tag_size(&r->style);
		cairo_rectangle(p->cr, t->x, t->base - size * 0.98, t->w, size * 1.3);
		cairo_fill(p->cr);
	}
}

static const char *link_area(struct pdf *p, const struct rich *r, const struct spots *s, size_t i)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	sb_addf(&b, "%s rect=[", s->v[i].run->link);
	for (size_t k = i; k < s->n && s->v[k].run == s->v[i].run; k++)
		sb_addf(&b, " %.2f %.2f %.2f %.2f", s->v[k].x, s->v[k].base - r->style.size * 0.95,
			s->v[k].w, r->style.size * 1.25);
	sb_add(&b, " ]");
	return sb_str(&b);
}

static void draw_spot(struct pdf *p, const struct rich *r, const struct spot *s)
{
	pdf_colour(p, s->run->colour);
	cairo_move_to(p->cr, s->x, s->base);
	pango_cairo_show_glyph_item(p->cr, r->text, s->glyphs);
	if (s->run->underline)
		cairo_rectangle(p->cr, s->x, s->base + r->style.size * 0.12, s->w, 0.45);
	cairo_fill(p->cr);
}

void rich_draw_lines(struct pdf *p, const struct rich *r, int first, int n, double x, double y,
		     const char *leaf)
{
	struct spots s = {0};
	if (r->runs.n)
		find_spots(r, first, n, x, y, p->a, &s);
	if (s.n == 0)
		return;
	draw_grounds(p, r, &s);
	if (leaf)
		pdf_tag(p, leaf, NULL);
	const char *inner = NULL;
	for (size_t i = 0; i < s.n; i++) {
		const struct rich_run *run = s.v[i].run;
		bool begins =
			!inner || (run->link ? s.v[i - 1].run != run : strcmp(inner, "Span") != 0);
		if (r->linked && begins) {
			if (inner)
				pdf_untag(p, inner);
			inner = run->link ? CAIRO_TAG_LINK : "Span";
			pdf_tag(p, inner, run->link ? link_area(p, r, &s, i) : NULL);
		}
		draw_spot(p, r, &s.v[i]);
	}
	if (inner)
		pdf_untag(p, inner);
	if (leaf)
		pdf_untag(p, leaf);
}

void rich_draw(struct pdf *p, const struct rich *r, double x, double y, const char *leaf)
{
	rich_draw_lines(p, r, 0, r->lines, x, y, leaf);
}
