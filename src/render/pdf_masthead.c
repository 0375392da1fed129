#include "render/pdf_parts.h"

#include "base/text.h"
#include "chart/palette.h"
#include "render/doc.h"

static const struct rich_style style_meta = {.size = 8.5, .line = 11, .colour = 0x505a5f},
			       style_h1 = {.size = 22,
					   .line = 26,
					   .bold = true,
					   .colour = 0x0b0c0c},
			       style_dates = {.size = 10, .line = 13, .colour = 0x505a5f},
			       style_verdict = {.size = 13, .line = 17, .colour = 0x0b0c0c};

struct kicker {
	const struct rich *left, *right;
	double w;
};

static void paint_kicker(struct pdf *p, const void *data, double x, double y)
{
	const struct kicker *k = data;
	pdf_colour(p, palette_colour("now"));
	cairo_rectangle(p->cr, x, y, k->w, 4);
	cairo_fill(p->cr);
	rich_draw(p, k->left, x, y + 11, "P");
	rich_draw(p, k->right, x + k->w - k->right->w, y + 11, "P");
}

static void add_kicker(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	struct kicker *k = arena_new(p->a, struct kicker);
	k->w = f->w;
	k->left = rich_plain(p, &style_meta, doc_text(xml_child_named(n, "kicker"), p->a), -1);
	struct rich_build b;
	rich_begin(&b, p, &style_meta);
	bool any = false;
	for (const struct xnode *c = xml_child_named(n, "link"); c; c = xml_next_named(c, "link")) {
		const char *href = xml_get(c, "href", p->a);
		/* this file itself, and what has no address outside the archive */
		if (text_eq(xml_get(c, "rel", p->a), "pdf") || !pdf_link(p, href))
			continue;
		if (any)
			rich_add(&b, " · ", RICH_PLAIN);
		rich_add_link(&b, doc_text(c, p->a), href, RICH_PLAIN);
		any = true;
	}
	k->right = rich_end(&b, -1);
	flow_add(f, (struct piece){.h = 24, .keep = true, .paint = paint_kicker, .data = k});
}

struct title {
	const struct rich *text;
};

static void paint_title(struct pdf *p, const void *data, double x, double y)
{
	const struct title *t = data;
	p->outline_root =
		cairo_pdf_surface_add_outline(p->surface, CAIRO_PDF_OUTLINE_ROOT, t->text->text,
					      "page=1 pos=[0 0]", CAIRO_PDF_OUTLINE_FLAG_OPEN);
	rich_draw(p, t->text, x, y, "H1");
}

static void paint_line(struct pdf *p, const void *data, double x, double y)
{
	pdf_rule(p, x, y, *(const double *)data, 0.6, "rule");
}

static bool ends_sentence(const char *s)
{
	size_t n = strlen(s);
	return n && strchr(".!?:", s[n - 1]);
}

void pdf_masthead(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	add_kicker(f, n);
	struct title *t = arena_new(p->a, struct title);
	t->text = rich_plain(p, &style_h1, doc_text(xml_child_named(n, "heading"), p->a), f->w);
	flow_add(f, (struct piece){.h = t->text->h,
				   .before = 2,
				   .keep = true,
				   .paint = paint_title,
				   .data = t});
	flow_text(f, rich_plain(p, &style_dates, doc_text(xml_child_named(n, "dates"), p->a), f->w),
		  1, true, "P");
	flow_text(f, rich_inline(p, &style_verdict, xml_child_named(n, "verdict"), f->w), 8, true,
		  "P");
	const double *w = arena_memdup(p->a, &f->w, sizeof f->w);
	flow_add(f,
		 (struct piece){.h = 1, .before = 8, .keep = true, .paint = paint_line, .data = w});
	struct rich_style status = style_small;
	status.size = 8.5;
	status.line = 13;
	struct rich_build b;
	rich_begin(&b, p, &status);
	for (const struct xnode *c = xml_child_named(n, "status"); c;
	     c = xml_next_named(c, "status")) {
		rich_add_tag(&b, doc_attr(c, "word", p->a), doc_attr(c, "tone", p->a));
		rich_add(&b, RICH_NBSP, RICH_PLAIN);
		rich_add_inline(&b, c, RICH_PLAIN);
		rich_add(&b, ends_sentence(doc_text(c, p->a)) ? " " : ". ", RICH_PLAIN);
	}
	flow_text(f, rich_end(&b, f->w), 5, true, "P");
	flow_add(f, (struct piece){.h = 1, .before = 6, .paint = paint_line, .data = w});
}
