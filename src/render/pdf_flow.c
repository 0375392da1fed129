#include "render/pdf_parts.h"

#include "base/text.h"
#include "chart/palette.h"
#include "render/doc.h"

void pdf_tag(struct pdf *p, const char *name, const char *attrs)
{
	if (!p->untagged)
		cairo_tag_begin(p->cr, name, attrs ? attrs : "");
}

void pdf_untag(struct pdf *p, const char *name)
{
	if (!p->untagged)
		cairo_tag_end(p->cr, name);
}

void pdf_colour(struct pdf *p, uint32_t rgb)
{
	cairo_set_source_rgb(p->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
			     (rgb & 255) / 255.0);
}

void pdf_rule(struct pdf *p, double x, double y, double w, double width, const char *token)
{
	pdf_colour(p, palette_colour(token));
	cairo_rectangle(p->cr, x, y - width / 2, w, width);
	cairo_fill(p->cr);
}

/* cairo 1.16 writes the address between parentheses as it stands, and parses the attribute between
 * quotes: what could end either is percent-encoded. */
static const char *uri_attr(struct arena *a, const char *uri)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	sb_add(&b, "uri='");
	for (const unsigned char *s = (const unsigned char *)uri; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("()\\'\"<>", *s))
			sb_addf(&b, "%%%02X", *s);
		else
			sb_addc(&b, (char)*s);
	sb_add(&b, "'");
	return sb_str(&b);
}

const char *pdf_link(struct pdf *p, const char *href)
{
	if (href && *href == '#')
		for (size_t i = 0; i < p->ids.n; i++)
			if (text_eq(p->ids.v[i], href + 1))
				return arena_printf(p->a, "dest='%s'", p->ids.v[i]);
	const char *uri = href && *href ? doc_link(p->page, href, p->a) : NULL;
	return uri ? uri_attr(p->a, uri) : NULL;
}

static void push_tag(const char **list, const char *tag)
{
	for (int i = 0; i < FLOW_TAGS; i++)
		if (!list[i]) {
			list[i] = tag;
			return;
		}
	bug_(__FILE__, __LINE__, "too many tags at one piece");
}

void flow_open(struct flow *f, const char *tag)
{
	push_tag(f->open, tag);
}

void flow_close(struct flow *f, const char *tag)
{
	/* nothing was added since it was opened: then there is nothing to tag either */
	for (int i = FLOW_TAGS - 1; i >= 0; i--)
		if (f->open[i]) {
			BUG_ON(!text_eq(f->open[i], tag));
			f->open[i] = NULL;
			return;
		}
	BUG_ON(f->v.n == 0);
	push_tag(f->v.v[f->v.n - 1].close, tag);
}

void flow_add(struct flow *f, struct piece piece)
{
	piece.before = MAX(piece.before, f->gap);
	if (f->near > 0)
		piece.before = MIN(piece.before, f->near);
	f->gap = f->near = 0;
	for (int i = 0; i < FLOW_TAGS; i++) {
		piece.open[i] = f->open[i];
		f->open[i] = NULL;
	}
	vec_push(f->p->a, &f->v, piece);
}

struct lines {
	const struct rich *r;
	int first, n;
	const char *leaf;
};

static void paint_lines(struct pdf *p, const void *data, double x, double y)
{
	const struct lines *l = data;
	rich_draw_lines(p, l->r, l->first, l->n, x, y, l->leaf);
}

void flow_text(struct flow *f, struct rich *r, double before, bool keep, const char *leaf)
{
	enum { WHOLE = 12, PART = 6 }; /* lines: longer texts may be cut between pages */
	if (r->runs.n == 0)
		return;
	int step = r->lines > WHOLE ? PART : r->lines;
	for (int i = 0; i < r->lines; i += step) {
		int n = MIN(step, r->lines - i);
		if (r->lines - i - n < 2) /* no single line at the end */
			n = r->lines - i;
		struct lines l = {r, i, n, leaf};
		flow_add(f, (struct piece){.h = n * r->style.line,
					   .before = i ? 0 : before,
					   .keep = keep,
					   .paint = paint_lines,
					   .data = arena_memdup(f->p->a, &l, sizeof l)});
		if (i + n == r->lines)
			break;
	}
}

double flow_height(const struct flow *f)
{
	double h = 0;
	for (size_t i = 0; i < f->v.n; i++)
		h += f->v.v[i].h + (i ? f->v.v[i].before : 0);
	return h;
}

void piece_paint(struct pdf *p, const struct piece *piece, double x, double y)
{
	for (int i = 0; i < FLOW_TAGS && piece->open[i]; i++)
		pdf_tag(p, piece->open[i], NULL);
	if (piece->paint)
		piece->paint(p, piece->data, x, y);
	for (int i = 0; i < FLOW_TAGS && piece->close[i]; i++)
		pdf_untag(p, piece->close[i]);
}

void flow_paint(struct pdf *p, const struct flow *f, double x, double y)
{
	for (size_t i = 0; i < f->v.n; i++) {
		y += i ? f->v.v[i].before : 0;
		piece_paint(p, &f->v.v[i], x, y);
		y += f->v.v[i].h;
	}
}

/* The height of pieces [from, to) at the top of a page or below others. */
static double group_height(const struct flow *f, size_t from, size_t to, bool top)
{
	double h = 0;
	for (size_t i = from; i < to; i++)
		h += f->v.v[i].h + (i == from && top ? 0 : f->v.v[i].before);
	return h;
}

static void start_page(struct pages *out, double *y, double top)
{
	out->n++;
	*y = top;
}

void flow_cut(const struct flow *f, double first_top, double top, double bottom, struct pages *out)
{
	double y = first_top;
	bool fresh = true;
	out->n = 1;
	for (size_t i = 0; i < f->v.n;) {
		size_t end = i + 1;
		while (end < f->v.n && f->v.v[end - 1].keep)
			end++;
		double h = group_height(f, i, end, fresh);
		/* what no page can hold is not helped by a new one */
		bool fits = y + h <= bottom || group_height(f, i, end, true) > bottom - top;
		if (!fresh && !fits) {
			start_page(out, &y, top);
			fresh = true;
		}
		for (; i < end; i++) {
			const struct piece *pc = &f->v.v[i];
			double before = fresh ? 0 : pc->before;
			if (!fresh && y + before + pc->h > bottom) {
				start_page(out, &y, top);
				before = 0;
				fresh = true;
			}
			struct placed at = {.piece = i, .page = out->n, .with_head = false};
			if (fresh && pc->head) {
				at.with_head = true;
				y += pc->head->h;
			}
			at.y = y + before;
			vec_push(f->p->a, &out->v, at);
			y = at.y + pc->h;
			fresh = false;
		}
	}
}
