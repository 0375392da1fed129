#include "digest/doc.h"

#include "base/limits.h"
#include "base/parse.h"
#include "base/text.h"

/* A mark is: kind, argument, TEXT, content, END. None of these can stand in cleaned text. */
enum { MARK_CODE = 1, MARK_LINK, MARK_STRONG, MARK_TIME, MARK_NUM, MARK_TAG, MARK_TEXT, MARK_END };

static const struct {
	const char *name, *attr;
} elements[] = {
	[MARK_CODE] = {"code", NULL},	  [MARK_LINK] = {"link", "href"},
	[MARK_STRONG] = {"strong", NULL}, [MARK_TIME] = {"time", "at"},
	[MARK_NUM] = {"num", "ref"},	  [MARK_TAG] = {"tag", "tone"},
};

static const char *mark(struct arena *a, int kind, const char *arg, const char *s)
{
	return arena_printf(a, "%c%s%c%s%c", kind, arg, MARK_TEXT, s, MARK_END);
}

const char *m_out(struct arena *a, const char *s)
{
	return s ? text_line(a, s, LIMIT_TITLE_CP) : "";
}

const char *m_code(struct arena *a, const char *s)
{
	return s && *s ? mark(a, MARK_CODE, "", m_out(a, s)) : "";
}

const char *m_sha(struct arena *a, const char *sha)
{
	return sha ? m_code(a, arena_strndup(a, sha, utf8_prefix(sha, 7))) : "";
}

const char *m_link(struct arena *a, const char *url, const char *s)
{
	const char *text = m_out(a, s);
	return url && (url[0] == '#' || text_link_ok(url)) ? mark(a, MARK_LINK, url, text) : text;
}

const char *m_strong(struct arena *a, const char *s)
{
	return mark(a, MARK_STRONG, "", s);
}

const char *m_time(struct arena *a, int64_t t_s, const char *s)
{
	char iso[TIME_TEXT];
	return t_s == TIME_NONE ? s : mark(a, MARK_TIME, time_iso(t_s, iso), s);
}

const char *m_num(struct arena *a, const char *id, const char *s)
{
	return mark(a, MARK_NUM, id, s);
}

const char *m_tag(struct arena *a, const char *tone, const char *s)
{
	return mark(a, MARK_TAG, tone, s);
}

static bool is_mark(char c)
{
	return c >= MARK_CODE && c <= MARK_TAG;
}

const char *m_plain(struct arena *a, const char *s)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (; *s; s++) {
		if (is_mark(*s)) {
			s = strchr(s, MARK_TEXT);
			BUG_ON(!s);
		} else if (*s != MARK_END) {
			sb_addc(&b, *s);
		}
	}
	return sb_str(&b);
}

const char *m_capital(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p = out;
	while (is_mark(*p))
		p = strchr(p, MARK_TEXT) + 1;
	if (*p >= 'a' && *p <= 'z')
		*p = (char)(*p - 'a' + 'A');
	return out;
}

void doc_inline(struct xnode *n, const char *s)
{
	struct arena a = {0};
	struct xnode *open[8];
	size_t depth = 0;
	open[0] = n;
	while (*s) {
		if (is_mark(*s)) {
			int kind = *s++;
			const char *text = strchr(s, MARK_TEXT);
			BUG_ON(!text || depth + 1 == ARRAY_SIZE(open));
			struct xnode *x = xml_add(open[depth], elements[kind].name);
			if (elements[kind].attr)
				xml_attr(x, elements[kind].attr,
					 arena_strndup(&a, s, (size_t)(text - s)));
			open[++depth] = x;
			s = text + 1;
		} else if (*s == MARK_END) {
			BUG_ON(depth == 0);
			depth--;
			s++;
		} else {
			const char *p = s;
			while (*s && !is_mark(*s) && *s != MARK_END)
				s++;
			xml_text(open[depth], arena_strndup(&a, p, (size_t)(s - p)));
		}
	}
	BUG_ON(depth != 0);
	arena_release(&a);
}

struct xnode *doc_element(struct xnode *parent, const char *name, const char *s)
{
	struct xnode *n = xml_add(parent, name);
	doc_inline(n, s);
	return n;
}

struct xnode *doc_section(struct xnode *root, const char *id, const char *title)
{
	struct xnode *n = xml_add(root, "section");
	xml_attr(n, "id", id);
	xml_attr(n, "title", title);
	return n;
}

void doc_heading(struct xnode *n, const char *s)
{
	doc_element(n, "heading", s);
}

void doc_para(struct xnode *n, const char *kind, const char *s)
{
	xml_attr(doc_element(n, "para", s), "kind", kind);
}

void doc_callout(struct xnode *n, const char *kind, const char *s)
{
	struct xnode *c = xml_add(n, "callout");
	xml_attr(c, "kind", kind);
	doc_para(c, NULL, s);
}

void doc_pair(struct xnode *n, struct xnode **left, struct xnode **right)
{
	struct xnode *pair = xml_add(n, "pair");
	*left = xml_add(pair, "side");
	*right = xml_add(pair, "side");
}

void doc_term(struct xnode *terms, const char *word, const char *id, const char *s)
{
	struct xnode *t = doc_element(terms, "term", s);
	xml_attr(t, "word", word);
	xml_attr(t, "id", id);
}

struct xnode *doc_table(struct xnode *n, const char *id, const char *title, const struct col *cols,
			size_t n_cols)
{
	struct xnode *t = xml_add(n, "table");
	xml_attr(t, "id", id);
	xml_attr(t, "title", title);
	for (size_t i = 0; i < n_cols; i++) {
		struct xnode *c = xml_add(t, "col");
		xml_attr(c, "label", cols[i].label);
		xml_attr(c, "kind", cols[i].kind);
		xml_attr(c, "priority", cols[i].lo ? "lo" : NULL);
		xml_attr(c, "before", cols[i].before);
		xml_attr(c, "after", cols[i].after);
	}
	return t;
}

struct xnode *doc_row(struct xnode *table, const char *item)
{
	struct xnode *r = xml_add(table, "row");
	xml_attr(r, "item", item);
	return r;
}

struct xnode *doc_cell(struct xnode *row, const char *s, const char *sub)
{
	struct xnode *c = doc_element(row, "cell", s);
	if (sub && *sub)
		doc_element(c, "sub", sub);
	return c;
}

void doc_strip(struct xnode *row, const char *s, const char *states)
{
	struct xnode *c = doc_element(row, "cell", s);
	if (states && *states)
		xml_attr(xml_add(c, "strip"), "states", states);
}

void doc_days(struct xnode *row, const char *s, const char *levels)
{
	struct xnode *c = doc_element(row, "cell", s);
	xml_attr(xml_add(c, "days"), "levels", levels);
}

void doc_missing(struct xnode *table, const char *s, const char *why)
{
	struct xnode *r = xml_add(table, "row");
	xml_attr(r, "missing", why);
	doc_cell(r, s, NULL);
}
