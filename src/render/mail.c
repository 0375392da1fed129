#include "render/render.h"

#include "chart/figure.h"
#include "chart/layout.h"
#include "chart/paint.h"
#include "lib/mime.h"
#include "render/doc.h"

#include "base/parse.h"
#include "base/text.h"

#define IMAGES_MOST 8
#define WIDE	    552 /* px: the column of 600 less its margins */
#define SPARK	    130
#define PNG_SCALE   2
#define ROWS_KEPT   7 /* what mail.xsl shows at most: levels[0] and two */
/* Gmail clips at 102 KB; measured as sent, in the larger of the two encodings. */
#define HTML_MOST 90000

/* --- images --- */

static bool draw(struct xnode *figure, double width, size_t n, const char *host,
		 struct mime_image *out, struct arena *a, struct err *e)
{
	struct figure f = {0};
	struct shapes s = {0};
	const void *png;
	size_t len;
	if (!figure_read(figure, a, &f, e) || !layout_figure(&f, width, false, a, &s, e) ||
	    !paint_png(&s, PNG_SCALE, a, &png, &len, e))
		return false;
	*out = (struct mime_image){arena_printf(a, "figure%zu@%s", n, host),
				   arena_printf(a, "figure%zu.png", n), png, len};
	xml_attr(figure, "cid", out->cid);
	xml_attr_f(figure, "w", "%.0f", s.width);
	xml_attr_f(figure, "h", "%.0f", s.height);
	return true;
}

/* The week on one line first, then sparks. One that cannot be drawn is told by its text. */
static size_t draw_all(struct xml *copy, const char *host, struct mime_image *images,
		       struct arena *a)
{
	struct xnodes big = {0}, small = {0};
	xml_find(copy, NULL, "section/descendant::figure[@kind='timeline']", a, &big);
	xml_find(copy, NULL, "section/descendant::tile/figure[@kind='spark']", a, &small);
	size_t n = 0;
	for (size_t i = 0; i < big.n + small.n && n < IMAGES_MOST; i++) {
		struct err why = {0};
		bool wide = i < big.n;
		if (draw(wide ? big.v[i] : small.v[i - big.n], wide ? WIDE : SPARK, n + 1, host,
			 &images[n], a, &why))
			n++;
	}
	return n;
}

/* --- size --- */

/* Bytes of the part as it is sent: quoted-printable, as lib/mime.c does it. */
static size_t encoded_size(const char *html, size_t n)
{
	size_t quoted = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)html[i];
		quoted += c == '=' || c >= 0x7f || (c < 0x20 && c != '\n') ? 3 : 1;
	}
	return quoted + quoted / 70 * 3; /* soft line ends */
}

/* The stylesheet shows few rows of a table; the others go now, once they are counted, or each of
 * its many runs would walk over them. */
static void thin_out(struct xml *copy, struct arena *a)
{
	struct xnodes tables = {0};
	xml_find(copy, NULL, "section/descendant::table", a, &tables);
	for (size_t i = 0; i < tables.n; i++) {
		xml_attr_i64(tables.v[i], "rows", (int64_t)doc_count(tables.v[i], "row"));
		struct xnode *r = xml_child_named(tables.v[i], "row");
		for (size_t k = 0; r; k++) {
			struct xnode *next = xml_next_named(r, "row");
			if (k >= ROWS_KEPT)
				xml_remove(r);
			r = next;
		}
	}
}

/* Sections that may shrink or go: never the one that says who has to act. */
static void shrinkable(const struct xml *copy, struct arena *a, struct xnodes *out)
{
	*out = (struct xnodes){0};
	xml_find(copy, NULL, "section[not(descendant::actions)]", a, out);
}

/* Rows of a table, from all is well to the last resort. */
static const int levels[] = {5, 3, 1, 0};

/* After k steps: each goes one section one level down, from the last section to the first and then
 * round again, so that what a reader comes to first keeps its rows longest. */
static void set_rows(const struct xnodes *sections, size_t k, struct xml *copy, struct arena *a)
{
	for (size_t i = 0; i < sections->n; i++) {
		size_t from_end = sections->n - 1 - i, level = k / sections->n;
		level += k % sections->n > from_end;
		struct xnodes tables = {0};
		xml_find(copy, sections->v[i], "descendant::table", a, &tables);
		for (size_t t = 0; t < tables.n; t++)
			xml_attr_i64(tables.v[t], "most",
				     levels[MIN(level, ARRAY_SIZE(levels) - 1)]);
	}
}

struct html {
	struct xslt *sheet;
	struct xml *copy;
	const char *page, *dropped;
	struct arena *a;
	const char *out;
};

static bool apply(struct html *h, bool *fits, struct err *e)
{
	size_t len;
	const char *const params[] = {"page", h->page ? h->page : "", "dropped", h->dropped, NULL};
	if (!xslt_apply(h->sheet, h->copy, params, h->a, &h->out, &len, e))
		return false;
	*fits = encoded_size(h->out, len) <= HTML_MOST;
	return true;
}

/* The fewest steps after which the message is small enough; *fits false: none. */
static bool shrink(struct html *h, bool *fits, struct err *e)
{
	struct xnodes sections;
	shrinkable(h->copy, h->a, &sections);
	size_t low = 0, high = sections.n * (ARRAY_SIZE(levels) - 1);
	set_rows(&sections, 0, h->copy, h->a);
	if (!apply(h, fits, e))
		return false;
	if (*fits || high == 0)
		return true;
	while (low + 1 < high) { /* low is too large; high was not tried or fits */
		size_t mid = low + (high - low) / 2;
		set_rows(&sections, mid, h->copy, h->a);
		if (!apply(h, fits, e))
			return false;
		*(*fits ? &high : &low) = mid;
	}
	set_rows(&sections, high, h->copy, h->a);
	return apply(h, fits, e);
}

/* Fewer rows first, then sections from the end; what went is said in the mail. */
static bool write_html(struct xml *copy, const char *page, struct arena *a, const char **out,
		       struct err *e)
{
	size_t xsl_len;
	const char *xsl = doc_report("mail.xsl", &xsl_len);
	CLEANUP(xslt_freep) struct xslt *sheet = NULL;
	bool fits;
	if (!xslt_open(xsl, xsl_len, "mail.xsl", &sheet, e))
		return false;
	thin_out(copy, a);
	struct html h = {.sheet = sheet, .copy = copy, .page = page, .dropped = "", .a = a};
	if (!shrink(&h, &fits, e))
		return false;
	for (;;) {
		struct xnodes sections;
		shrinkable(copy, a, &sections);
		if (fits || sections.n == 0) /* what is left must be said whatever its size */
			break;
		struct xnode *last = sections.v[sections.n - 1];
		h.dropped = arena_printf(a, "%s%s%s", doc_attr(last, "title", a),
					 *h.dropped ? ", " : "", h.dropped);
		xml_remove(last);
		if (!apply(&h, &fits, e))
			return false;
	}
	*out = h.out;
	return true;
}

/* Images of sections that went are left out, so that each part is shown. */
static size_t keep_used(const char *html, struct mime_image *images, size_t n, struct arena *a)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (strstr(html, arena_printf(a, "\"cid:%s\"", images[i].cid)))
			images[kept++] = images[i];
	return kept;
}

/* --- the message --- */

static const char *inside_brackets(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	return n >= 2 && s[0] == '<' && s[n - 1] == '>' ? arena_strndup(a, s + 1, n - 2) : s;
}

static const char *file_name(struct arena *a, const char *title, const char *week)
{
	char *p = arena_printf(a, "%s-%s.pdf", text_lower(a, title), week);
	for (char *c = p; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || *c == '.'))
			*c = '-';
	return p;
}

static bool headers(const struct xml *doc, struct mime_message *m, struct arena *a, struct err *e)
{
	const struct xnode *digest = xml_root(doc);
	const char *title = text_line(a, doc_attr(digest, "title", a), 100);
	const char *week = doc_attr(digest, "week", a), *audience = doc_attr(digest, "audience", a);
	struct xnodes found = {0};
	xml_find(doc, NULL, "delivery/mail", a, &found);
	if (!found.n) {
		m->from = "sitrep <nobody@localhost.invalid>";
		vec_push(a, &m->to, "nobody@localhost.invalid");
		m->message_id = arena_printf(a, "%s.%s@localhost.invalid", week, audience);
		m->list_id = arena_printf(a, "%s <%s.localhost.invalid>", title, audience);
		m->date_s = doc_time(digest, "frozen");
	} else {
		const struct xnode *mail = found.v[0];
		m->from = text_line(a, doc_attr(mail, "from", a), 0);
		m->message_id =
			text_line(a, inside_brackets(a, doc_attr(mail, "message-id", a)), 0);
		m->date_s = doc_time(mail, "date");
		for (const struct xnode *to = xml_child_named(mail, "to"); to;
		     to = xml_next_named(to, "to"))
			vec_push(a, &m->to, text_line(a, doc_text(to, a), 0));
		const char *list = text_line(a, doc_attr(mail, "list-id", a), 0);
		m->list_id = *list == '<' ? arena_printf(a, "%s %s", title, list) : list;
	}
	if (m->date_s == TIME_NONE)
		return err_set(e, ERR_BUG, "the document has no date for its mail");
	m->subject = text_line(a, xml_find_text(doc, NULL, "masthead/subject", a), 200);
	m->language = doc_attr(digest, "lang", a);
	m->seed = arena_printf(a, "%s-%s", week, audience);
	m->pdf_name = file_name(a, title, week);
	return true;
}

/* All but the PDF. images: IMAGES_MOST. */
static bool prepare(const struct xml *doc, struct mime_image *images, struct arena *a,
		    struct mime_message *m, struct err *e)
{
	if (!headers(doc, m, a, e))
		return false;
	CLEANUP(xml_freep) struct xml *copy = xml_copy(doc);
	doc_fix_links(copy, false, a);
	const char *at = strchr(m->message_id, '@');
	size_t n = draw_all(copy, at ? at + 1 : "digest", images, a);
	struct text_opts plain = {.width = 72, .mail = true};
	size_t text_len;
	if (!write_html(copy, doc_page(doc, a), a, &m->html, e) ||
	    !render_text(doc, &plain, a, &m->text, &text_len, e))
		return false;
	m->images = images;
	m->image_n = keep_used(m->html, images, n, a);
	return true;
}

static bool finish(struct mime_message m, const char *pdf, size_t pdf_len, struct arena *a,
		   const char **out, size_t *len, struct err *e)
{
	m.pdf = pdf;
	m.pdf_len = pdf_len;
	if (!pdf)
		m.pdf_name = NULL;
	return mime_write(&m, a, out, len, e);
}

bool render_mail(const struct xml *doc, const char *pdf, size_t pdf_len, struct arena *a,
		 const char **out, size_t *len, struct err *e)
{
	struct mime_message m = {0};
	struct mime_image images[IMAGES_MOST];
	return (prepare(doc, images, a, &m, e) && finish(m, pdf, pdf_len, a, out, len, e)) ||
	       err_wrap(e, "the mail");
}

bool render_mails(const struct xml *doc, const char *pdf, size_t pdf_len, struct arena *a,
		  struct bytes *full, struct bytes *small, struct err *e)
{
	struct mime_message m = {0};
	struct mime_image images[IMAGES_MOST];
	struct bytes one, two;
	if (!prepare(doc, images, a, &m, e) || !finish(m, pdf, pdf_len, a, &one.p, &one.len, e) ||
	    !finish(m, NULL, 0, a, &two.p, &two.len, e))
		return err_wrap(e, "the mail");
	*full = one;
	*small = two;
	return true;
}
