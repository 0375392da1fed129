/* What the files of the PDF share: rich text set by pango, a flow of pieces that pages are cut
 * from, and the tags of the structure tree. All lengths are points; text colours 0xRRGGBB.
 *
 * cairo 1.16 marks content only inside a tag that has no tags below it. So text is always drawn in
 * a leaf: a paragraph with links becomes P with Span and Link below. What is drawn outside any leaf
 * (rules, running heads, repeated table heads) is decoration to a reader. */
#ifndef RENDER_PDF_PARTS_H
#define RENDER_PDF_PARTS_H

#include "base/sb.h"
#include "lib/xml.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

struct pdf {
	struct arena *a;
	cairo_t *cr;
	cairo_surface_t *surface;
	PangoContext *pc;
	const struct xml *doc;
	const char *page; /* the digest's page, or NULL */
	struct strv ids; /* of sections: where "#id" leads inside this file */
	VEC(PangoLayout *) layouts; /* freed at the end */
	size_t rows; /* of a table, and small figures, at most; what is left out is counted */
	int spared; /* tables that are only counted: 0 none, 1 those spared first, 2 the next too, 3
		     and definitions */
	int boards; /* of small figures, begun so far */
	bool untagged; /* painting a repeated head */
	int outline_root;
	/* In the order of the structure tree, for lib/pdfmeta.h. */
	struct strv alts, scopes;
};

/* ---- text (pdf_text.c) ---- */

struct rich_style {
	double size, line; /* line: baseline to baseline */
	bool bold;
	uint32_t colour;
	bool right; /* aligned */
	bool plain_links; /* clickable, but in the text's own colour */
	int max_lines; /* 0: all */
};
struct rich_run {
	size_t start, end; /* bytes */
	uint32_t colour;
	const char *link; /* attributes of cairo's Link tag, or NULL */
	const char *tone; /* of a tag's ground, or NULL */
	bool underline;
};
struct rich {
	PangoLayout *l;
	struct rich_style style;
	VEC(struct rich_run) runs;
	const char *text;
	double w; /* natural or set width */
	double h;
	int lines;
	bool linked;
};
enum rich_look { RICH_PLAIN = 0, RICH_BOLD = 1, RICH_CODE = 2, RICH_QUIET = 4 };

#define RICH_NBSP "\u00a0" /* between a tag and its text */

struct rich_build {
	struct pdf *p;
	struct rich_style style;
	struct sb text;
	PangoAttrList *attrs;
	struct rich *out;
	bool gap; /* a blank is due before the next word */
};
void rich_begin(struct rich_build *b, struct pdf *p, const struct rich_style *style);
void rich_add(struct rich_build *b, const char *text, unsigned look);
void rich_add_link(struct rich_build *b, const char *text, const char *href, unsigned look);
void rich_add_tag(struct rich_build *b, const char *word, const char *tone);
/* The inline content of n, without its <sub> and <strip>. */
void rich_add_inline(struct rich_build *b, const struct xnode *n, unsigned look);
struct rich *rich_end(struct rich_build *b, double width); /* width < 0: one line */
void rich_set_width(struct rich *r, double width);
double rich_min_width(const struct rich *r); /* of its longest word */
/* Shorthands. */
struct rich *rich_plain(struct pdf *p, const struct rich_style *style, const char *text,
			double width);
struct rich *rich_inline(struct pdf *p, const struct rich_style *style, const struct xnode *n,
			 double width);
/* Draws it with its top left corner at x, y, in a tag of its own (leaf; NULL: none). */
void rich_draw(struct pdf *p, const struct rich *r, double x, double y, const char *leaf);
void rich_draw_lines(struct pdf *p, const struct rich *r, int first, int n, double x, double y,
		     const char *leaf);

/* ---- flow (pdf_flow.c) ---- */

#define FLOW_TAGS 6
struct piece {
	double h;
	double before; /* space above, not at the top of a page */
	bool keep; /* with the next piece */
	void (*paint)(struct pdf *p, const void *data, double x, double y);
	const void *data;
	const struct piece *head; /* painted again above it at the top of a page */
	const char *open[FLOW_TAGS], *close[FLOW_TAGS];
};
struct flow {
	struct pdf *p;
	double w;
	VEC(struct piece) v;
	const char *open[FLOW_TAGS];
	double gap; /* least space before the next piece */
	double near; /* most space before it, where above 0: under a heading */
};
void flow_add(struct flow *f, struct piece piece);
void flow_open(struct flow *f, const char *tag); /* around the pieces from here */
void flow_close(struct flow *f, const char *tag);
/* A text as one piece, or several when it is long. */
void flow_text(struct flow *f, struct rich *r, double before, bool keep, const char *leaf);
double flow_height(const struct flow *f);
void flow_paint(struct pdf *p, const struct flow *f, double x, double y);

struct placed {
	size_t piece;
	int page;
	double y;
	bool with_head;
};
struct pages {
	VEC(struct placed) v;
	int n;
};
/* Cuts the flow into pages: top of the first and of the others, and their bottom. */
void flow_cut(const struct flow *f, double first_top, double top, double bottom, struct pages *out);
void piece_paint(struct pdf *p, const struct piece *piece, double x, double y);

/* ---- tags and lines (pdf_flow.c) ---- */
void pdf_tag(struct pdf *p, const char *name, const char *attrs);
void pdf_untag(struct pdf *p, const char *name);
void pdf_colour(struct pdf *p, uint32_t rgb);
void pdf_rule(struct pdf *p, double x, double y, double w, double width, const char *token);
/* Attributes of a Link tag for an address of the document, or NULL when it leads nowhere. */
const char *pdf_link(struct pdf *p, const char *href);

/* ---- blocks ---- */
void pdf_block(struct flow *f, const struct xnode *n); /* any block (pdf_block.c) */
void pdf_blocks(struct flow *f, const struct xnode *parent); /* all child blocks */
void pdf_masthead(struct flow *f, const struct xnode *n);
void pdf_table(struct flow *f, const struct xnode *n); /* pdf_table.c */
void pdf_figure(struct flow *f, const struct xnode *n); /* pdf_figure.c */
/* A sparkline as a picture of the given width; NULL when it cannot be drawn, with why in e. */
struct picture;
struct picture *pdf_picture(struct pdf *p, const struct xnode *figure, double width, struct err *e);
double picture_height(const struct picture *pic);
void picture_draw(struct pdf *p, const struct picture *pic, double x, double y);
void pdf_callout_text(struct flow *f, const char *kind, const char *text);

/* Type sizes of look.md 2. */
extern const struct rich_style style_body, style_small, style_quiet, style_h3;

#endif
