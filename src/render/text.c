#include "render/doc.h"
#include "render/lines.h"
#include "render/text_parts.h"

#include "base/text.h"

#define QUIET_LINES 12 /* of a quiet week, all told (look.md 12) */

static enum ink tone_ink(const char *tone)
{
	return text_eq(tone, "green")	 ? INK_GREEN
	       : text_eq(tone, "orange") ? INK_ORANGE
	       : text_eq(tone, "red")	 ? INK_RED
					 : INK_GREY;
}

static const char *capitals(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);
	for (char *c = p; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return p;
}

const char *text_small(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);
	if (p[0] >= 'A' && p[0] <= 'Z' && (p[1] == ' ' || (p[1] >= 'a' && p[1] <= 'z')))
		p[0] = (char)(p[0] - 'A' + 'a');
	return p;
}

void text_tag(struct screen *s, struct line *l, const char *word, const char *tone)
{
	line_add(s, l, s->o.mail ? arena_printf(s->a, "[%s]", word) : capitals(s->a, word),
		 tone_ink(tone), NULL);
}

static void add_inline(struct screen *s, struct line *l, const struct xnode *n, enum ink ink,
		       const char *href)
{
	struct xpieces pieces = {0};
	xml_pieces(n, s->a, &pieces);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct xnode *c = pieces.v[i].node;
		if (!c)
			line_add(s, l, pieces.v[i].text, ink, href);
		else if (xml_is(c, "link"))
			add_inline(s, l, c, ink, doc_link(s->page, xml_get(c, "href", s->a), s->a));
		else if (xml_is(c, "strong"))
			add_inline(s, l, c, INK_BOLD, href);
		else if (xml_is(c, "tag"))
			text_tag(s, l, doc_text(c, s->a), doc_attr(c, "tone", s->a));
		else if (!xml_is(c, "sub") && !xml_is(c, "strip"))
			add_inline(s, l, c, ink, href);
	}
}

struct line text_inline(struct screen *s, const struct xnode *n)
{
	struct line l = {0};
	if (n)
		add_inline(s, &l, n, INK_PLAIN, NULL);
	return l;
}

/* left …… right on one line, or, when they do not fit, right-aligned on the next. */
static void two_sides(struct screen *s, const struct line *left, const struct line *right)
{
	struct line out = {0};
	size_t r = line_columns(right);
	if (!r || line_columns(left) + 2 + r > s->width) {
		screen_wrap(s, 0, 2, left);
		if (r > s->width)
			screen_wrap(s, 2, 2, right);
		else if (r)
			line_pad(s, &out, s->width - r);
	} else {
		line_join(s, &out, left);
		line_pad(s, &out, s->width - r);
	}
	if (r && r <= s->width) {
		line_join(s, &out, right);
		screen_put(s, 0, &out);
	}
}

static struct line one(struct screen *s, const char *text, enum ink ink)
{
	struct line l = {0};
	line_add(s, &l, text, ink, NULL);
	return l;
}

static const char *of_masthead(struct screen *s, const struct xnode *masthead, const char *child)
{
	const struct xnode *n = xml_child_named(masthead, child);
	return n ? doc_text(n, s->a) : "";
}

/* A link to elsewhere in the page has nowhere to go from a terminal. */
static struct line status_text(struct screen *s, const struct xnode *n)
{
	struct xpieces pieces = {0};
	struct line l = {0};
	xml_pieces(n, s->a, &pieces);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct xnode *c = pieces.v[i].node;
		if (!c)
			line_add(s, &l, pieces.v[i].text, INK_PLAIN, NULL);
		else if (!xml_is(c, "link") || doc_attr(c, "href", s->a)[0] != '#')
			add_inline(s, &l, c, INK_PLAIN, NULL);
	}
	return l;
}

static void put_statuses(struct screen *s, const struct xnode *masthead)
{
	size_t w = 0;
	for (const struct xnode *n = xml_child_named(masthead, "status"); n;
	     n = xml_next_named(n, "status"))
		w = MAX(w, text_columns(doc_attr(n, "word", s->a)));
	for (const struct xnode *n = xml_child_named(masthead, "status"); n;
	     n = xml_next_named(n, "status")) {
		struct line l = {0}, text = status_text(s, n);
		const char *word = doc_attr(n, "word", s->a);
		if (s->o.mail) {
			text_tag(s, &l, word, doc_attr(n, "tone", s->a));
			line_add(s, &l, " ", INK_PLAIN, NULL);
		} else {
			line_add(s, &l, word, tone_ink(doc_attr(n, "tone", s->a)), NULL);
			/* no-break, or wrapping would take the padding for a place to break */
			for (size_t i = text_columns(word); i < w + 2; i++)
				line_add(s, &l, "\xc2\xa0", INK_PLAIN, NULL);
		}
		line_join(s, &l, &text);
		screen_wrap(s, 0, s->o.mail ? 2 : w + 2, &l);
	}
}

static void put_masthead(struct screen *s, const struct xnode *masthead)
{
	const char *heading = of_masthead(s, masthead, "heading");
	struct line left = one(s, s->o.mail ? capitals(s->a, heading) : heading, INK_BOLD);
	struct line right = one(s, of_masthead(s, masthead, "dates"), INK_PLAIN);
	if (s->o.mail) {
		screen_wrap(s, 0, 0, &left);
		screen_wrap(s, 0, 0, &right);
		screen_blank(s);
	} else {
		two_sides(s, &left, &right);
		screen_rule(s, "═", s->width);
	}
	struct line verdict = text_inline(s, xml_child_named(masthead, "verdict"));
	screen_wrap(s, 0, 0, &verdict);
	screen_blank(s);
	put_statuses(s, masthead);
}

/* --- blocks --- */

struct where { /* the section a block stands in */
	const char *week, *section;
};
static void put_blocks(struct screen *s, const struct xnode *parent, const struct where *w);

static void put_actions(struct screen *s, const struct xnode *actions)
{
	for (const struct xnode *n = xml_child_named(actions, "action"); n;
	     n = xml_next_named(n, "action")) {
		const char *href = doc_link(s->page, xml_get(n, "href", s->a), s->a);
		const char *rank =
			arena_printf(s->a, s->o.mail ? "%s.\xc2\xa0" : "%s\xc2\xa0\xc2\xa0",
				     doc_attr(n, "rank", s->a));
		const char *who = arena_printf(s->a, "%s · %s", doc_attr(n, "owner", s->a),
					       doc_attr(n, "age", s->a));
		struct line left = one(s, rank, INK_BOLD);
		struct line reason = text_inline(s, xml_child_named(n, "reason"));
		size_t indent = line_columns(&left);
		const struct xnode *title = xml_child_named(n, "title");
		line_add(s, &left, title ? doc_text(title, s->a) : "", INK_BOLD, href);
		if (s->o.mail) {
			struct line owner = one(s, who, INK_PLAIN);
			screen_wrap(s, 0, indent, &left);
			screen_wrap(s, indent, indent, &reason);
			screen_wrap(s, indent, indent, &owner);
			struct line link = one(s, href, INK_PLAIN);
			if (href) /* an address is never broken */
				screen_put(s, indent, &link);
			screen_blank(s);
			continue;
		}
		struct line right = one(s, who, INK_PLAIN);
		two_sides(s, &left, &right);
		screen_wrap(s, indent, indent, &reason);
	}
}

static void put_setaside(struct screen *s, const struct xnode *n)
{
	struct sb b;
	sb_init(&b, s->a, SIZE_MAX / 8);
	sb_add(&b, doc_attr(n, "title", s->a));
	const char *sep = ": ";
	for (const struct xnode *c = xml_child_named(n, "aside"); c;
	     c = xml_next_named(c, "aside")) {
		sb_addf(&b, "%s%s %s", sep, doc_attr(c, "count", s->a), doc_text(c, s->a));
		sep = ", ";
	}
	sb_addc(&b, '.');
	struct line l = one(s, sb_str(&b), INK_PLAIN);
	screen_wrap(s, 0, 0, &l);
}

struct tile_line {
	const char *label, *value, *unit, *spark, *usual, *tag, *tone;
};

static void put_tiles(struct screen *s, const struct xnode *tiles)
{
	VEC(struct tile_line) list = {0};
	size_t label = 0, value = 0, unit = 0, spark = 0, usual = 0, tag = 0;
	for (const struct xnode *n = xml_child_named(tiles, "tile"); n;
	     n = xml_next_named(n, "tile")) {
		const struct xnode *figure = xml_child_named(n, "figure");
		struct tile_line t = {
			doc_attr(n, "label", s->a),
			doc_attr(n, "value", s->a),
			doc_attr(n, "unit", s->a),
			figure ? text_spark(s, figure) : "",
			text_small(s->a, doc_attr(n, "usual", s->a)),
			text_small(s->a, doc_attr(n, "tag", s->a)),
			doc_attr(n, "tone", s->a),
		};
		/* "▲ More than usual" */
		const char *blank = strchr(t.tag, ' ');
		if (blank && (unsigned char)t.tag[0] >= 0x80)
			t.tag = arena_printf(s->a, "%.*s %s", (int)(blank - t.tag), t.tag,
					     text_small(s->a, blank + 1));
		label = MAX(label, text_columns(t.label));
		/* words where a number is not known may reach into the labels */
		size_t v = text_columns(t.value);
		value = v <= 6 ? MAX(value, v) : value;
		unit = MAX(unit, *t.spark ? text_columns(t.unit) : 0);
		spark = MAX(spark, text_columns(t.spark));
		usual = MAX(usual, text_columns(t.usual));
		tag = MAX(tag, text_columns(t.tag));
		vec_push(s->a, &list, t);
	}
	for (size_t i = 0; i < list.n; i++) {
		size_t v = text_columns(list.v[i].value), l = text_columns(list.v[i].label);
		if (l + 1 + v > label + 1 + value)
			value = l + v - label;
	}
	size_t gaps = 8, fixed = label + value + usual + tag + gaps;
	bool wide = fixed + unit + spark <= s->width;
	if (!wide && fixed + spark + 12 <= s->width) { /* cut the unit */
		wide = true;
		unit = s->width - fixed - spark;
	}
	for (size_t i = 0; i < list.n; i++) {
		const struct tile_line *t = &list.v[i];
		struct line l = one(s, t->label, INK_PLAIN), cut;
		size_t at = label + 1 + value;
		line_pad(s, &l, at - MIN(at, text_columns(t->value)));
		line_add(s, &l, t->value, INK_BOLD, NULL);
		at += 2;
		if (wide) {
			size_t room = *t->spark ? unit : unit + 1 + spark;
			cut = one(s, t->unit, INK_PLAIN);
			cut = line_cut(s, &cut, room);
			line_pad(s, &l, at);
			line_join(s, &l, &cut);
			at += unit + 1;
			if (*t->spark) {
				line_pad(s, &l, at);
				line_add(s, &l, t->spark, INK_PLAIN, NULL);
			}
			at += spark + 2;
		}
		/* why a number is not known matters more than its range */
		bool words = !wide && text_columns(t->value) > 6;
		line_pad(s, &l, at);
		line_add(s, &l, words ? t->unit : t->usual, INK_PLAIN, NULL);
		at += usual + 2;
		if (*t->tag) {
			line_pad(s, &l, MAX(at, words ? line_columns(&l) + 2 : at));
			line_add(s, &l, t->tag, tone_ink(t->tone), NULL);
		}
		l = line_cut(s, &l, s->width);
		screen_put(s, 0, &l);
	}
}

static void put_terms(struct screen *s, const struct xnode *terms)
{
	size_t w = 0;
	for (const struct xnode *n = xml_child_named(terms, "term"); n;
	     n = xml_next_named(n, "term"))
		w = MAX(w, text_columns(doc_attr(n, "word", s->a)));
	w = MIN(w, (size_t)24);
	for (const struct xnode *n = xml_child_named(terms, "term"); n;
	     n = xml_next_named(n, "term")) {
		struct line l = one(s, doc_attr(n, "word", s->a), INK_BOLD);
		struct line text = text_inline(s, n);
		struct lines rows = {0};
		line_wrap(s, &text, s->width - w - 2, s->width - w - 2, &rows);
		if (line_columns(&l) > w) {
			screen_wrap(s, 0, 2, &l);
			l = (struct line){0};
		}
		for (size_t i = 0; i < rows.n; i++) {
			line_pad(s, &l, w + 2);
			line_join(s, &l, &rows.v[i]);
			screen_put(s, 0, &l);
			l = (struct line){0};
		}
	}
}

static void put_callout(struct screen *s, const struct xnode *n)
{
	const char *kind = doc_attr(n, "kind", s->a);
	bool first = true;
	for (const struct xnode *p = xml_child_named(n, "para"); p; p = xml_next_named(p, "para")) {
		struct line l = {0}, text = text_inline(s, p);
		if (first && text_eq(kind, "incomplete") && !xml_child_named(p, "tag")) {
			text_tag(s, &l, "Incomplete", "orange");
			line_add(s, &l, s->o.mail ? " " : ": ", INK_PLAIN, NULL);
		} else if (first && text_eq(kind, "warning")) {
			line_add(s, &l, "! ", INK_ORANGE, NULL);
		}
		line_join(s, &l, &text);
		screen_wrap(s, 0, 2, &l);
		first = false;
	}
}

static void put_list(struct screen *s, const struct xnode *list)
{
	for (const struct xnode *n = xml_child_named(list, "li"); n; n = xml_next_named(n, "li")) {
		struct line l = one(s, "• ", INK_PLAIN), text = text_inline(s, n);
		line_join(s, &l, &text);
		screen_wrap(s, 0, 2, &l);
	}
}

static void put_block(struct screen *s, const struct xnode *n, const struct where *w)
{
	if (xml_is(n, "heading")) {
		struct line l = {0};
		add_inline(s, &l, n, INK_BOLD, NULL);
		screen_blank(s);
		screen_wrap(s, 0, 0, &l);
	} else if (xml_is(n, "para")) {
		struct line l = text_inline(s, n);
		screen_wrap(s, 0, 0, &l);
	} else if (xml_is(n, "list")) {
		put_list(s, n);
	} else if (xml_is(n, "terms")) {
		put_terms(s, n);
	} else if (xml_is(n, "tiles")) {
		put_tiles(s, n);
	} else if (xml_is(n, "table")) {
		text_table(s, n, w->week, w->section);
	} else if (xml_is(n, "figure")) {
		text_figure(s, n);
	} else if (xml_is(n, "panels")) {
		text_panels(s, n);
	} else if (xml_is(n, "callout")) {
		put_callout(s, n);
	} else if (xml_is(n, "actions")) {
		put_actions(s, n);
	} else if (xml_is(n, "setaside")) {
		put_setaside(s, n);
	} else if (xml_is(n, "pair")) {
		for (const struct xnode *side = xml_child_named(n, "side"); side;
		     side = xml_next_named(side, "side"))
			put_blocks(s, side, w);
	}
}

static void put_blocks(struct screen *s, const struct xnode *parent, const struct where *w)
{
	for (const struct xnode *n = xml_child(parent); n; n = xml_next(n))
		put_block(s, n, w);
}

static void put_section(struct screen *s, const struct xnode *n, const char *week)
{
	struct where w = {week, doc_attr(n, "id", s->a)};
	const char *title = doc_attr(n, "title", s->a), *tag = xml_get(n, "tag", s->a);
	screen_blank(s);
	if (s->o.mail) {
		struct line l = one(s, capitals(s->a, title), INK_BOLD);
		if (tag)
			line_add(s, &l, arena_printf(s->a, " (%s)", capitals(s->a, tag)), INK_BOLD,
				 NULL);
		screen_wrap(s, 0, 0, &l);
		screen_rule(s, "-", MIN(line_columns(&l), s->width));
	} else {
		struct line left = one(s, title, INK_BOLD);
		struct line right = one(s, xml_get(n, "line", s->a), INK_PLAIN);
		if (tag) {
			line_add(s, &left, "  ", INK_PLAIN, NULL);
			text_tag(s, &left, tag, doc_attr(n, "tone", s->a));
		}
		two_sides(s, &left, &right);
		screen_rule(s, "─", s->width);
	}
	s->gap = true; /* the rule is gap enough before a table */
	put_blocks(s, n, &w);
}

static void put_foot(struct screen *s, const struct xnode *masthead)
{
	struct line frozen = one(s, of_masthead(s, masthead, "frozen"), INK_PLAIN);
	line_add(s, &frozen, ".", INK_PLAIN, NULL);
	struct line page = {0};
	line_add(s, &page, "Page: ", INK_PLAIN, NULL);
	line_add(s, &page, s->page, INK_PLAIN, s->page);
	if (!s->o.mail) {
		if (s->page && line_columns(&frozen) + 1 + line_columns(&page) <= s->width) {
			line_add(s, &frozen, " ", INK_PLAIN, NULL);
			line_join(s, &frozen, &page);
			screen_put(s, 0, &frozen);
			return;
		}
		screen_wrap(s, 0, 0, &frozen);
		if (s->page)
			screen_put(s, 0, &page);
		return;
	}
	screen_blank(s);
	for (const struct xnode *n = xml_child_named(masthead, "link"); n;
	     n = xml_next_named(n, "link")) {
		const char *rel = doc_attr(n, "rel", s->a);
		const char *href = doc_link(s->page, xml_get(n, "href", s->a), s->a);
		if (!href || !(text_eq(rel, "page") || text_eq(rel, "pdf")))
			continue;
		struct line l =
			one(s, text_eq(rel, "page") ? "Full digest  " : "PDF          ", INK_PLAIN);
		line_add(s, &l, href, INK_PLAIN, NULL);
		screen_put(s, 0, &l);
	}
	screen_blank(s);
	screen_wrap(s, 0, 0, &frozen);
}

/* A quiet week on one screen: coverage first, then a line a section, two side by side where they
 * fit, then the end. What is too much is counted. */
static void put_quiet(struct screen *s, const struct xnode *root, const struct xnode *masthead)
{
	struct lines cells = {0}, rows = {0};
	size_t title_w = 0;
	for (const struct xnode *n = xml_child_named(root, "section"); n;
	     n = xml_next_named(n, "section"))
		if (xml_get(n, "line", s->a))
			title_w = MAX(title_w, text_columns(doc_attr(n, "title", s->a)));
	title_w = MIN(title_w, (size_t)16);
	for (const struct xnode *n = xml_child_named(root, "section"); n;
	     n = xml_next_named(n, "section")) {
		const char *text = xml_get(n, "line", s->a);
		if (!text)
			continue;
		struct line l = one(s, doc_attr(n, "title", s->a), INK_BOLD);
		line_pad(s, &l, MAX(title_w, line_columns(&l)) + 2);
		line_add(s, &l, text, INK_PLAIN, NULL);
		l = line_cut(s, &l, s->width);
		vec_push(s->a, &cells, l);
	}
	size_t half = (s->width - 2) / 2;
	for (size_t i = 0; i < cells.n; i++) {
		struct line l = cells.v[i];
		if (i + 1 < cells.n && line_columns(&l) <= half &&
		    line_columns(&cells.v[i + 1]) <= half) {
			line_pad(s, &l, half + 2);
			line_join(s, &l, &cells.v[++i]);
		}
		vec_push(s->a, &rows, l);
	}
	size_t used = 0;
	for (size_t i = 0; i < s->out.len; i++)
		used += s->out.p[i] == '\n';
	size_t foot = s->page ? 2 : 1;
	/* two gaps where there is room for them */
	size_t room = used + foot < QUIET_LINES ? QUIET_LINES - used - foot : 1;
	size_t gaps = room > rows.n ? room - rows.n : 0;
	size_t shown = MIN(rows.n, room);
	if (shown < rows.n)
		shown--;
	if (gaps > 0)
		screen_blank(s);
	for (size_t i = 0; i < shown; i++)
		screen_put(s, 0, &rows.v[i]);
	if (shown < rows.n) {
		struct line l =
			one(s, arena_printf(s->a, "%zu more lines are in the page", rows.n - shown),
			    INK_PLAIN);
		screen_put(s, 0, &l);
	}
	if (gaps > 1)
		screen_blank(s);
	put_foot(s, masthead);
}

bool render_text(const struct xml *doc, const struct text_opts *o, struct arena *a,
		 const char **out, size_t *len, struct err *e)
{
	struct screen s;
	screen_init(&s, o, doc_page(doc, a), a);
	const struct xnode *root = xml_root(doc), *masthead = xml_child_named(root, "masthead");
	const char *week = doc_attr(root, "week", a);
	if (!masthead)
		return err_set(e, ERR_BUG, "the text: the document has no masthead");
	const struct xnode *verdict = xml_child_named(masthead, "verdict");
	bool quiet = verdict && text_eq(doc_attr(verdict, "rule", a), "quiet");
	if (!o->section)
		put_masthead(&s, masthead);
	if (quiet && !o->section && !o->mail) {
		put_quiet(&s, root, masthead);
		return screen_finish(&s, out, len, e);
	}
	bool found = false;
	for (const struct xnode *n = xml_child_named(root, "section"); n;
	     n = xml_next_named(n, "section"))
		if (!o->section || text_eq(o->section, doc_attr(n, "id", a))) {
			put_section(&s, n, week);
			found = true;
		}
	if (!found && o->section)
		return err_set(e, ERR_USAGE, "the digest of %s has no section \"%s\"", week,
			       o->section);
	screen_blank(&s);
	put_foot(&s, masthead);
	return screen_finish(&s, out, len, e);
}
