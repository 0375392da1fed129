#include "render/render.h"

#include "base/text.h"
#include "chart/figure.h"
#include "chart/layout.h"
#include "chart/paint.h"
#include "render/doc.h"

/* A figure is laid out anew for every width the page may have, never scaled down (look.md 5). */
static const double timeline_widths[] = {300, 600, 896}, column_widths[] = {300, 448},
		    spark_widths[] = {130}, panel_widths[] = {280};

static bool draw(struct xnode *n, struct arena *a, struct err *e)
{
	struct figure f = {0};
	if (!figure_read(n, a, &f, e))
		return false;
	const double *widths = NULL;
	size_t count = 0;
	switch (f.kind) {
	case FIGURE_TIMELINE:
	case FIGURE_AGES:
		widths = timeline_widths, count = ARRAY_SIZE(timeline_widths);
		break;
	case FIGURE_COLUMNS:
	case FIGURE_STACK:
		widths = column_widths, count = ARRAY_SIZE(column_widths);
		break;
	case FIGURE_PANEL:
		widths = panel_widths, count = ARRAY_SIZE(panel_widths);
		break;
	case FIGURE_SPARK:
		widths = spark_widths, count = ARRAY_SIZE(spark_widths);
		break;
	}
	const char *svg[ARRAY_SIZE(timeline_widths)];
	for (size_t i = 0; i < count; i++) {
		struct shapes s = {0};
		if (!layout_figure(&f, widths[i], false, a, &s, e))
			return false;
		svg[i] = paint_svg(&s, f.alt, arena_printf(a, "w%.0f", widths[i]), a);
	}
	for (size_t i = 0; i < count; i++)
		if (!xml_add_fragment(n, svg[i], strlen(svg[i]), e))
			return false;
	return true;
}

/* Browsers break lines after a hyphen too. */
static size_t longest_word(const char *s)
{
	size_t best = 0;
	while (*s) {
		s += strspn(s, " -");
		size_t n = strcspn(s, " -");
		char word[64];
		snprintf(word, sizeof word, "%.*s", (int)MIN(n, sizeof word - 1), s);
		best = MAX(best, text_columns(word));
		s += n;
	}
	return best;
}

/* Whether a table of numbers has room on the narrowest screen, 320 px less the margins, judged by
 * its longest words (7.2 px a character of 14-px Arial, 8 px between columns). */
static bool fits_phone(const struct xnode *table, struct arena *a)
{
	size_t px = 0, i = 0;
	for (const struct xnode *c = xml_child_named(table, "col"); c;
	     c = xml_next_named(c, "col"), i++) {
		if (xml_get(c, "priority", a))
			continue;
		size_t chars = longest_word(doc_attr(c, "label", a));
		bool time = text_eq(doc_attr(c, "kind", a), "time");
		for (const struct xnode *r = xml_child_named(table, "row"); r;
		     r = xml_next_named(r, "row")) {
			const struct xnode *cell = xml_child_named(r, "cell");
			for (size_t k = 0; cell && k < i; k++)
				cell = xml_next_named(cell, "cell");
			const char *text = cell ? doc_text(cell, a) : "";
			/* times are not broken */
			chars = MAX(chars, time ? text_columns(text) : longest_word(text));
		}
		px += chars * 72 / 10 + 8;
	}
	return px <= 320 - 2 * 16;
}

bool render_page(const struct xml *doc, struct arena *a, const char **out, size_t *len,
		 struct err *e)
{
	CLEANUP(xml_freep) struct xml *copy = xml_copy(doc);
	doc_fix_links(copy, true, a);
	struct xnodes figures = {0};
	xml_find(copy, NULL, "section/descendant::figure", a, &figures);
	for (size_t i = 0; i < figures.n; i++) {
		struct err why = {0};
		if (!draw(figures.v[i], a, &why)) /* one bad chart never stops the page */
			xml_attr(figures.v[i], "failed", why.msg);
	}
	struct xnodes tables = {0};
	xml_find(copy, NULL, "section/descendant::table[@keep]", a, &tables);
	for (size_t i = 0; i < tables.n; i++)
		if (!fits_phone(tables.v[i], a))
			xml_attr(tables.v[i], "wide", "yes");
	size_t xsl_len;
	const char *xsl = doc_report("page.xsl", &xsl_len);
	CLEANUP(xslt_freep) struct xslt *sheet = NULL;
	if (!xslt_open(xsl, xsl_len, "page.xsl", &sheet, e))
		return false;
	const char *const params[] = {"css", doc_css(NULL, a), NULL};
	return xslt_apply(sheet, copy, params, a, out, len, e) || err_wrap(e, "the page");
}
