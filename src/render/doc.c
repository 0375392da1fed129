#include "render/doc.h"

#include "base/parse.h"
#include "base/text.h"
#include "chart/palette.h"
#include "gen/reports.h"

#include <math.h>

const char *doc_page(const struct xml *doc, struct arena *a)
{
	const char *href = xml_find_text(doc, NULL, "masthead/link[@rel='page']/@href", a);
	return href && text_starts(href, "http") && text_link_ok(href) ? href : NULL;
}

/* No scheme, no host, and nothing that ends an attribute or a line. */
static bool is_relative(const char *href)
{
	size_t before_colon = strcspn(href, ":"), plain = strcspn(href, "/?#");
	if (before_colon < plain && href[before_colon])
		return false;
	if (!*href || *href == '/' || *href == '\\')
		return false;
	for (const char *p = href; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

const char *doc_page_link(const char *href, struct arena *a)
{
	return href && (text_link_ok(href) || is_relative(href)) ? arena_strdup(a, href) : NULL;
}

const char *doc_link(const char *page, const char *href, struct arena *a)
{
	if (!href || text_link_ok(href))
		return arena_strdup(a, href);
	if (!page || !is_relative(href))
		return NULL;
	size_t end = strcspn(page, "?#");
	if (*href == '#')
		return arena_printf(a, "%.*s%s", (int)end, page, href);
	const char *path = strstr(page, "//");
	size_t host = path ? (size_t)(path - page) + 2 : 0;
	host += strcspn(page + host, "/");
	if (host >= end) /* no path at all */
		return arena_printf(a, "%.*s/%s", (int)end, page, href);
	while (end > host && page[end - 1] != '/')
		end--;
	while (text_starts(href, "../")) {
		href += 3;
		if (end > host + 1)
			for (end--; page[end - 1] != '/'; end--)
				;
	}
	return arena_printf(a, "%.*s%s", (int)end, page, href);
}

void doc_fix_links(struct xml *doc, bool page_itself, struct arena *a)
{
	const char *page = doc_page(doc, a);
	struct xnodes list = {0};
	xml_find(doc, NULL, "descendant::*[@href]", a, &list);
	for (size_t i = 0; i < list.n; i++) {
		const char *href = xml_get(list.v[i], "href", a);
		const char *fit = page_itself ? doc_page_link(href, a) : doc_link(page, href, a);
		xml_attr(list.v[i], "href", fit ? fit : "");
	}
}

static void add_text(const struct xnode *n, struct arena *a, struct sb *b)
{
	struct xpieces pieces = {0};
	xml_pieces(n, a, &pieces);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct xpiece *p = &pieces.v[i];
		if (p->text)
			sb_add(b, p->text);
		else if (!xml_is(p->node, "sub") && !xml_is(p->node, "strip") &&
			 !xml_is(p->node, "days"))
			add_text(p->node, a, b);
	}
}

const char *doc_text(const struct xnode *n, struct arena *a)
{
	struct sb raw, out;
	sb_init(&raw, a, SIZE_MAX / 8);
	sb_init(&out, a, SIZE_MAX / 8);
	add_text(n, a, &raw);
	const char *s = sb_str(&raw);
	for (bool gap = false; *s; s++) {
		bool blank = *s == ' ' || *s == '\t' || *s == '\n' || *s == '\r';
		if (!blank) {
			if (gap && out.len)
				sb_addc(&out, ' ');
			sb_addc(&out, *s);
		}
		gap = blank;
	}
	return sb_str(&out);
}

const char *doc_attr(const struct xnode *n, const char *name, struct arena *a)
{
	const char *v = xml_get(n, name, a);
	return v ? v : "";
}

int64_t doc_i64(const struct xnode *n, const char *name)
{
	struct arena a = {0};
	const char *s = xml_get(n, name, &a);
	int64_t v;
	if (!s || !parse_i64(s, &v))
		v = NUM_NONE;
	arena_release(&a);
	return v;
}

double doc_f64(const struct xnode *n, const char *name)
{
	struct arena a = {0};
	const char *s = xml_get(n, name, &a);
	double v;
	if (!s || !parse_f64(s, &v))
		v = NAN;
	arena_release(&a);
	return v;
}

int64_t doc_time(const struct xnode *n, const char *name)
{
	struct arena a = {0};
	const char *s = xml_get(n, name, &a);
	int64_t v;
	if (!s || !parse_time(s, &v))
		v = TIME_NONE;
	arena_release(&a);
	return v;
}

size_t doc_count(const struct xnode *n, const char *child)
{
	size_t count = 0;
	for (const struct xnode *c = xml_child_named(n, child); c; c = xml_next_named(c, child))
		count++;
	return count;
}

const char *doc_report(const char *name, size_t *len)
{
	for (size_t i = 0; i < ARRAY_SIZE(reports); i++)
		if (!strcmp(reports[i].name, name)) {
			*len = reports[i].len;
			return (const char *)reports[i].bytes;
		}
	bug_(__FILE__, __LINE__, name);
}

const char *doc_css(const char *further, struct arena *a)
{
	size_t n, m = 0;
	const char *base = doc_report("page.css", &n),
		   *more = further ? doc_report(further, &m) : "";
	return arena_printf(a, "%s%.*s%.*s", palette_css(a), (int)n, base, (int)m, more);
}
