#include "render/render.h"

#include "base/limits.h"
#include "base/text.h"
#include "chart/font.h"
#include "chart/palette.h"
#include "lib/pdfmeta.h"
#include "render/doc.h"
#include "render/pdf_parts.h"

#define MM     (72 / 25.4)
#define PAGE_W (210 * MM)
#define PAGE_H (297 * MM)
#define SIDE   (16 * MM)
#define TOP    (19 * MM)
#define TOP_1  (12 * MM)
#define BOTTOM (PAGE_H - 16 * MM)
#define HEAD_Y 28.0 /* of the running head's text */
#define FOOT_Y (PAGE_H - 35)
#define WIDTH  (PAGE_W - 2 * SIDE)

static const struct rich_style style_h2 = {.size = 14,
					   .line = 18,
					   .bold = true,
					   .colour = 0x0b0c0c},
			       style_run = {.size = 8.5, .line = 11, .colour = 0x505a5f};

/* ---- sections ---- */

struct section {
	const char *id, *title;
	const struct rich *text;
	double w;
};

static void paint_section(struct pdf *p, const void *data, double x, double y)
{
	const struct section *s = data;
	cairo_tag_begin(p->cr, CAIRO_TAG_DEST,
			arena_printf(p->a, "name='%s' x=%.2f y=%.2f", s->id, x, y));
	cairo_tag_end(p->cr, CAIRO_TAG_DEST);
	cairo_pdf_surface_add_outline(p->surface, p->outline_root, s->title,
				      arena_printf(p->a, "dest='%s'", s->id), 0);
	pdf_rule(p, x, y + 0.5, s->w, 1, "ink");
	rich_draw(p, s->text, x, y + 6, "H2");
}

static void add_section(struct flow *f, const struct xnode *n)
{
	struct pdf *p = f->p;
	struct section *s = arena_new(p->a, struct section);
	s->id = doc_attr(n, "id", p->a);
	s->title = doc_attr(n, "title", p->a);
	s->w = f->w;
	struct rich_build b;
	rich_begin(&b, p, &style_h2);
	rich_add(&b, s->title, RICH_PLAIN);
	/* once is enough: an incomplete section mostly opens with a callout that says so */
	struct xnodes said = {0};
	xml_find(p->doc, n, ".//callout[@kind='incomplete']", p->a, &said);
	if (xml_get(n, "tag", p->a) && said.n == 0) {
		rich_add(&b, " ", RICH_PLAIN);
		rich_add_tag(&b, doc_attr(n, "tag", p->a), doc_attr(n, "tone", p->a));
	}
	s->text = rich_end(&b, f->w);
	flow_open(f, "Sect");
	flow_add(f, (struct piece){.h = 7 + s->text->h,
				   .before = p->spared ? 10 : 15,
				   .keep = true,
				   .paint = paint_section,
				   .data = s});
	f->near = 4;
	size_t lede = f->v.n;
	pdf_blocks(f, n);
	/* a heading and one line alone at the foot of a page promise what is not there */
	const struct xnode *first = xml_child(n);
	if (first && xml_is(first, "para") && lede < f->v.n)
		f->v.v[lede].keep = true;
	f->v.v[f->v.n - 1].keep = false;
	flow_close(f, "Sect");
	f->gap = p->spared ? 10 : 15;
}

/* ---- running head and foot ---- */

struct run {
	const struct rich *head, *gaps, *frozen;
};

/* "Partial: GitHub security alerts, and 2 more": what this digest does not know. */
static const char *gaps_of(const struct pdf *p, const struct xnode *masthead)
{
	const char *first = NULL;
	size_t more = 0;
	for (const struct xnode *c = xml_child_named(masthead, "status"); c;
	     c = xml_next_named(c, "status")) {
		const char *tone = doc_attr(c, "tone", p->a);
		if (!text_eq(tone, "orange") && !text_eq(tone, "red"))
			continue;
		if (first) {
			more++;
			continue;
		}
		const char *text = doc_text(c, p->a);
		size_t n = strcspn(text, ":;");
		first = arena_printf(p->a, "%s: %.*s", doc_attr(c, "word", p->a), (int)n, text);
	}
	return !first ? "" : more ? arena_printf(p->a, "%s, and %zu more", first, more) : first;
}

static struct run read_run(struct pdf *p, const struct xnode *masthead)
{
	struct rich_style bold = style_run, head = style_run;
	bold.bold = true;
	bold.colour = palette_colour("orange-text");
	bold.max_lines = head.max_lines = 1;
	const char *heading = doc_text(xml_child_named(masthead, "heading"), p->a);
	const char *dates = doc_text(xml_child_named(masthead, "dates"), p->a);
	const char *zone = strrchr(dates, ','); /* said in the masthead and the foot */
	size_t n = zone ? (size_t)(zone - dates) : strlen(dates);
	struct run r;
	r.gaps = rich_plain(p, &bold, gaps_of(p, masthead), -1);
	if (r.gaps->w > WIDTH * 0.45)
		r.gaps = rich_plain(p, &bold, gaps_of(p, masthead), WIDTH * 0.45);
	r.head = rich_plain(p, &head, arena_printf(p->a, "%s · %.*s", heading, (int)n, dates),
			    WIDTH - r.gaps->w - 12);
	char *frozen = arena_strdup(p->a, doc_text(xml_child_named(masthead, "frozen"), p->a));
	if (*frozen == 'F')
		*frozen = 'f';
	r.frozen = rich_plain(p, &style_run, arena_printf(p->a, "sitrep · %s", frozen), -1);
	return r;
}

static void paint_run(struct pdf *p, const struct run *r, int page, int pages)
{
	if (page > 1) {
		rich_draw(p, r->head, SIDE, HEAD_Y - 5, NULL);
		rich_draw(p, r->gaps, PAGE_W - SIDE - r->gaps->w, HEAD_Y - 5, NULL);
		pdf_rule(p, SIDE, HEAD_Y + 14, WIDTH, 0.5, "rule");
	}
	rich_draw(p, r->frozen, SIDE, FOOT_Y, NULL);
	const struct rich *of =
		rich_plain(p, &style_run, arena_printf(p->a, "Page %d of %d", page, pages), -1);
	rich_draw(p, of, PAGE_W - SIDE - of->w, FOOT_Y, NULL);
}

/* ---- the file ---- */

static cairo_status_t take(void *to, const unsigned char *data, unsigned n)
{
	struct sb *b = to;
	sb_addn(b, (const char *)data, n);
	return b->over ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void set_metadata(struct pdf *p, const struct xnode *root, const struct xnode *masthead)
{
	const struct {
		cairo_pdf_metadata_t key;
		const char *value;
	} all[] = {
		{CAIRO_PDF_METADATA_TITLE, doc_text(xml_child_named(masthead, "heading"), p->a)},
		{CAIRO_PDF_METADATA_SUBJECT, doc_text(xml_child_named(masthead, "dates"), p->a)},
		{CAIRO_PDF_METADATA_AUTHOR, doc_attr(root, "title", p->a)},
		{CAIRO_PDF_METADATA_CREATOR, doc_attr(root, "generator", p->a)},
		/* without these cairo writes the time of the day */
		{CAIRO_PDF_METADATA_CREATE_DATE, doc_attr(root, "frozen", p->a)},
		{CAIRO_PDF_METADATA_MOD_DATE, doc_attr(root, "frozen", p->a)},
	};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		cairo_pdf_surface_set_metadata(p->surface, all[i].key, all[i].value);
}

static void paint_pages(struct pdf *p, const struct flow *f, const struct pages *pages,
			const struct run *run)
{
	int page = 1;
	for (size_t i = 0; i < pages->v.n; i++) {
		const struct placed *at = &pages->v.v[i];
		const struct piece *pc = &f->v.v[at->piece];
		if (at->page != page) {
			paint_run(p, run, page, pages->n);
			cairo_show_page(p->cr);
			page = at->page;
		}
		if (at->with_head) {
			p->untagged = true;
			piece_paint(p, pc->head, SIDE, at->y - pc->head->h);
			p->untagged = false;
		}
		piece_paint(p, pc, SIDE, at->y);
	}
	paint_run(p, run, page, pages->n);
	cairo_show_page(p->cr);
}

static void lay_out(struct pdf *p, const struct xnode *root, struct flow *f, struct pages *pages)
{
	*f = (struct flow){.p = p, .w = WIDTH};
	*pages = (struct pages){0};
	flow_open(f, "Document");
	pdf_masthead(f, xml_child_named(root, "masthead"));
	for (const struct xnode *s = xml_child_named(root, "section"); s;
	     s = xml_next_named(s, "section"))
		add_section(f, s);
	flow_close(f, "Document");
	flow_cut(f, TOP_1, TOP, BOTTOM, pages);
}

static void compose(struct pdf *p, const struct xml *doc)
{
	/* How far a digest is shortened for paper: rows of a table, tables that are only counted,
	 * and the pages that are then enough. Nothing of it goes unsaid. */
	static const struct {
		size_t rows;
		int spared, pages;
	} steps[] = {{SIZE_MAX / 2, 0, 5},
		     {6, 0, 5},
		     {6, 1, 5},
		     {4, 1, 6},
		     {3, 1, 6},
		     {3, 2, 6},
		     {2, 2, 6},
		     {3, 3, 6},
		     {2, 3, 6}};
	const struct xnode *root = xml_root(doc), *masthead = xml_child_named(root, "masthead");
	for (const struct xnode *s = xml_child_named(root, "section"); s;
	     s = xml_next_named(s, "section"))
		vec_push(p->a, &p->ids, doc_attr(s, "id", p->a));
	set_metadata(p, root, masthead);
	struct flow f;
	struct pages pages;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		p->rows = steps[i].rows;
		p->spared = steps[i].spared;
		p->boards = 0;
		lay_out(p, root, &f, &pages);
		if (pages.n <= steps[i].pages)
			break;
	}
	struct run run = read_run(p, masthead);
	paint_pages(p, &f, &pages, &run);
}

/* Draws everything; false with cairo's reason. */
static bool draw(const struct xml *doc, struct pdf *p, struct sb *bytes, struct err *e)
{
	p->surface = cairo_pdf_surface_create_for_stream(take, bytes, PAGE_W, PAGE_H);
	cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_5);
	p->cr = cairo_create(p->surface);
	p->pc = font_context(p->cr);
	compose(p, doc);
	cairo_status_t st = cairo_status(p->cr);
	cairo_surface_finish(p->surface);
	if (!st)
		st = cairo_surface_status(p->surface);
	for (size_t i = 0; i < p->layouts.n; i++)
		g_object_unref(p->layouts.v[i]);
	g_object_unref(p->pc);
	cairo_destroy(p->cr);
	cairo_surface_destroy(p->surface);
	if (st)
		return err_set(e, bytes->over ? ERR_LIMIT : ERR_BUG, "cairo: %s",
			       cairo_status_to_string(st));
	return true;
}

bool render_pdf(const struct xml *doc, struct arena *a, const char **out, size_t *len,
		struct err *e)
{
	struct arena scratch = {0};
	struct pdf p = {.a = &scratch, .doc = doc, .page = doc_page(doc, &scratch)};
	struct sb bytes;
	sb_init(&bytes, &scratch, LIMIT_DOC_BYTES);
	size_t n = 0;
	bool done = draw(doc, &p, &bytes, e);
	const char *raw = done ? sb_finish(&bytes, &n, e) : NULL;
	struct pdfmeta meta = {.lang = doc_attr(xml_root(doc), "lang", &scratch),
			       .figure_alts = &p.alts,
			       .th_scopes = &p.scopes};
	done = raw && pdfmeta_finish(raw, n, &meta, a, out, len, e);
	arena_release(&scratch);
	return done || err_wrap(e, "digest.pdf");
}
