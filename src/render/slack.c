#include "render/doc.h"
#include "render/mrkdwn.h"
#include "render/render.h"

#include "lib/json.h"

#include "base/limits.h"
#include "base/text.h"

/* Slack's own limits are 50 blocks, 3,000 a text, 150 a header and 10 fields of 2,000; the room
 * left is for what its counting may do to us. */
#define BLOCKS_MOST 45
#define TEXT_MOST   2900
#define TOTAL_MOST  11500 /* of 12,000 in all */
#define HEADER_MOST 150
#define FIELDS_MOST 10
#define ROWS_MOST   10
/* In the main message nothing may push coverage out: these add up to less than all. */
#define VERDICT_MOST  1000
#define ASIDE_MOST    1000
#define COVERAGE_MOST 1500

struct post {
	struct arena *a;
	const struct xml *doc;
	const struct xnode *digest, *masthead;
	const char *page, *heading;
	struct jw *all;
	int64_t part;
	/* the message being written */
	struct jw *blocks;
	size_t block_n, total;
	bool full;
	struct sb text; /* mrkdwn not yet in a block */
};

static const char *masthead_text(const struct post *p, const char *child)
{
	const struct xnode *n = xml_child_named(p->masthead, child);
	return n ? text_line(p->a, doc_text(n, p->a), 0) : "";
}

static void begin(struct post *p, const char *plain)
{
	struct jw *m = jw_add_obj(p->all, NULL);
	struct sb text;
	sb_init(&text, p->a, SIZE_MAX / 8);
	mrkdwn_text(&text, text_line(p->a, plain, TEXT_MOST / 5)); /* "&" may become five */
	jw_str(m, "channel", xml_find_text(p->doc, NULL, "delivery/slack/@channel", p->a));
	jw_str(m, "text", sb_str(&text));
	p->blocks = jw_add_arr(m, "blocks");
	jw_bool(m, "unfurl_links", false);
	jw_bool(m, "unfurl_media", false);
	struct jw *meta = jw_add_obj(m, "metadata");
	jw_str(meta, "event_type", "sitrep_digest");
	struct jw *load = jw_add_obj(meta, "event_payload");
	jw_str(load, "digest", doc_attr(p->digest, "title", p->a));
	jw_str(load, "week", doc_attr(p->digest, "week", p->a));
	jw_str(load, "audience", doc_attr(p->digest, "audience", p->a));
	jw_i64(load, "part", ++p->part);
	p->block_n = p->total = 0;
	p->full = false;
	sb_init(&p->text, p->a, SIZE_MAX / 8);
}

/* Room for a block of that many characters; the last one is kept for the note that ends a message
 * which became too long. */
static bool room(struct post *p, size_t n)
{
	if (p->full || p->block_n + 1 >= BLOCKS_MOST || p->total + n > TOTAL_MOST)
		p->full = true;
	return !p->full;
}

static void put_text(struct jw *to, const char *key, const char *type, const char *s)
{
	struct jw *t = jw_add_obj(to, key);
	jw_str(t, "type", type);
	jw_str(t, "text", s);
}

static void put_section(struct post *p, const char *mrkdwn)
{
	struct jw *b = jw_add_obj(p->blocks, NULL);
	jw_str(b, "type", "section");
	put_text(b, "text", "mrkdwn", mrkdwn);
	p->block_n++;
	p->total += mrkdwn_length(mrkdwn);
}

static void put_context(struct post *p, const char *mrkdwn)
{
	size_t n = mrkdwn_length(mrkdwn);
	if (!*mrkdwn || !room(p, n))
		return;
	struct jw *b = jw_add_obj(p->blocks, NULL);
	jw_str(b, "type", "context");
	put_text(jw_add_arr(b, "elements"), NULL, "mrkdwn", mrkdwn);
	p->block_n++;
	p->total += n;
}

static void flush(struct post *p)
{
	const char *s = sb_str(&p->text);
	while (*s == '\n')
		s++;
	if (*s && room(p, mrkdwn_length(s)))
		put_section(p, s);
	sb_init(&p->text, p->a, SIZE_MAX / 8);
}

/* One line of a section; a line too long for any is given as plain text, cut. */
static void add_line_most(struct post *p, const char *mrkdwn, const char *plain, size_t most)
{
	size_t n = mrkdwn_length(mrkdwn);
	if (n > most) {
		struct sb b;
		sb_init(&b, p->a, SIZE_MAX / 8);
		mrkdwn_text(&b, text_line(p->a, plain, most / 5));
		mrkdwn = sb_str(&b);
		n = mrkdwn_length(mrkdwn);
	}
	if (!n)
		return;
	if (mrkdwn_length(sb_str(&p->text)) + 1 + n > TEXT_MOST)
		flush(p);
	if (p->text.len)
		sb_addc(&p->text, '\n');
	sb_add(&p->text, mrkdwn);
}

static void add_line(struct post *p, const char *mrkdwn, const char *plain)
{
	add_line_most(p, mrkdwn, plain, TEXT_MOST);
}

static const char *inline_of(const struct post *p, const struct xnode *n)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	mrkdwn_inline(&b, n, p->page, p->a);
	const char *s = sb_str(&b);
	while (*s == ' ')
		s++;
	return s;
}

static const char *bold(const struct post *p, const char *s)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	sb_addc(&b, '*');
	mrkdwn_text(&b, text_line(p->a, s, 300));
	sb_addc(&b, '*');
	return sb_str(&b);
}

static const char *page_link(const struct post *p, const char *fragment, const char *label)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	const char *href =
		p->page && fragment ? arena_printf(p->a, "%s#%s", p->page, fragment) : p->page;
	mrkdwn_link(&b, href, label);
	return sb_str(&b);
}

/* Ends a message that was cut with where the rest is. */
static void end(struct post *p, const char *fragment, bool link)
{
	flush(p);
	if (!p->full && !(link && p->page))
		return;
	const char *s = p->full ? arena_printf(p->a, "This message is too long for Slack: %s",
					       p->page ? page_link(p, fragment, "the rest")
						       : "the rest is in the digest")
				: page_link(p, fragment, "Open in the digest");
	p->full = false;
	p->total = 0; /* 11,500 leaves room for this line */
	p->block_n = MIN(p->block_n, (size_t)BLOCKS_MOST - 2);
	put_context(p, s);
}

/* --- the main message --- */

/* All actions in one section: reasons are cut, then left out, before a title is. */
static void put_actions(struct post *p, const char *title, const struct xnode *actions)
{
	static const size_t reason_cp[] = {400, 160, 80, 0};
	for (size_t k = 0; k < ARRAY_SIZE(reason_cp); k++) {
		struct sb b;
		sb_init(&b, p->a, SIZE_MAX / 8);
		sb_add(&b, bold(p, title));
		for (const struct xnode *n = xml_child_named(actions, "action"); n;
		     n = xml_next_named(n, "action")) {
			const struct xnode *t = xml_child_named(n, "title"),
					   *r = xml_child_named(n, "reason");
			sb_addf(&b, "\n*%s.* ", doc_attr(n, "rank", p->a));
			mrkdwn_link(&b, doc_link(p->page, xml_get(n, "href", p->a), p->a),
				    text_line(p->a, t ? doc_text(t, p->a) : "", 150));
			sb_add(&b, "\n      ");
			const char *plain = r ? text_line(p->a, doc_text(r, p->a), 0) : "";
			if (reason_cp[k] && utf8_count(plain) <= reason_cp[k]) {
				sb_add(&b, inline_of(p, r));
				sb_add(&b, " · ");
			} else if (reason_cp[k]) {
				mrkdwn_text(&b, text_line(p->a, plain, reason_cp[k]));
				sb_add(&b, " · ");
			}
			sb_addf(&b, "%s · ", bold(p, doc_attr(n, "owner", p->a)));
			mrkdwn_text(&b, text_line(p->a, doc_attr(n, "age", p->a), 60));
		}
		if (mrkdwn_length(sb_str(&b)) <= TEXT_MOST) {
			add_line(p, sb_str(&b), "");
			flush(p);
			return;
		}
	}
	add_line(p, bold(p, title), title);
	add_line(p, page_link(p, NULL, "Too many to post; see the digest"), "");
	flush(p);
}

static void put_setaside(struct post *p, const struct xnode *n)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	mrkdwn_text(&b, text_line(p->a, doc_attr(n, "title", p->a), 150));
	const char *sep = ": ";
	for (const struct xnode *c = xml_child_named(n, "aside"); c;
	     c = xml_next_named(c, "aside")) {
		struct sb one;
		sb_init(&one, p->a, SIZE_MAX / 8);
		sb_addf(&one, "%s%s ", sep, doc_attr(c, "count", p->a));
		mrkdwn_text(&one, text_line(p->a, doc_text(c, p->a), 150));
		if (mrkdwn_length(sb_str(&b)) + mrkdwn_length(sb_str(&one)) > ASIDE_MOST)
			break;
		sb_add(&b, sb_str(&one));
		sep = ", ";
	}
	put_context(p, sb_str(&b));
}

static void put_fields(struct post *p, const struct xnode *tiles)
{
	struct jw *fields = NULL;
	size_t n = 0;
	for (const struct xnode *t = xml_child_named(tiles, "tile"); t && n < FIELDS_MOST;
	     t = xml_next_named(t, "tile")) {
		struct sb b;
		sb_init(&b, p->a, SIZE_MAX / 8);
		sb_addf(&b, "%s\n", bold(p, doc_attr(t, "label", p->a)));
		const char *value = doc_attr(t, "value", p->a), *unit = doc_attr(t, "unit", p->a);
		mrkdwn_text(&b, text_line(p->a, value, 60));
		/* "14 issues", "41 of 1,912 runs", but "23 · 1 rolled back" */
		bool apart = utf8_count(value) > 6 || (*unit >= '0' && *unit <= '9') ||
			     text_starts(unit, "no ") || text_starts(unit, "none ");
		sb_add(&b, apart ? " · " : " ");
		mrkdwn_text(&b, text_line(p->a, unit, 60));
		sb_add(&b, " · ");
		mrkdwn_text(&b, text_line(p->a, doc_attr(t, "usual", p->a), 60));
		if (xml_get(t, "tag", p->a))
			sb_addf(&b, " · %s", bold(p, doc_attr(t, "tag", p->a)));
		if (!room(p, mrkdwn_length(sb_str(&b))))
			return;
		if (!fields) {
			struct jw *section = jw_add_obj(p->blocks, NULL);
			jw_str(section, "type", "section");
			fields = jw_add_arr(section, "fields");
			p->block_n++;
		}
		put_text(fields, NULL, "mrkdwn", sb_str(&b));
		p->total += mrkdwn_length(sb_str(&b));
		n++;
	}
}

static void put_coverage(struct post *p)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	size_t left = 0;
	for (const struct xnode *n = xml_child_named(p->masthead, "status"); n;
	     n = xml_next_named(n, "status")) {
		const char *one = arena_printf(p->a, "%s%s %s", b.len ? " · " : "",
					       bold(p, doc_attr(n, "word", p->a)), inline_of(p, n));
		if (mrkdwn_length(sb_str(&b)) + mrkdwn_length(one) > COVERAGE_MOST - 40)
			left++;
		else
			sb_add(&b, one);
	}
	if (left)
		sb_addf(&b, " · %zu more", left);
	put_context(p, sb_str(&b));
}

static void put_links(struct post *p)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	static const struct {
		const char *rel, *label; /* label NULL: the document's */
	} links[] = {{"page", "Full digest"}, {"pdf", "PDF"}, {"previous", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		for (const struct xnode *n = xml_child_named(p->masthead, "link"); n;
		     n = xml_next_named(n, "link")) {
			const char *href = doc_link(p->page, xml_get(n, "href", p->a), p->a);
			if (!href || !text_eq(doc_attr(n, "rel", p->a), links[i].rel))
				continue;
			sb_add(&b, b.len ? " · " : "");
			mrkdwn_link(&b, href,
				    links[i].label ? links[i].label
						   : text_line(p->a, doc_text(n, p->a), 100));
		}
	add_line(p, sb_str(&b), "");
	flush(p);
}

/* --- the thread --- */

static void add_cell(struct post *p, struct sb *b, const struct xnode *cell,
		     const struct xnode *col)
{
	const char *text = inline_of(p, cell),
		   *before = text_line(p->a, doc_attr(col, "before", p->a), 0),
		   *after = text_line(p->a, doc_attr(col, "after", p->a), 0);
	const struct xnode *sub = xml_child_named(cell, "sub");
	if (!*text && !sub)
		return;
	if (b->len > strlen("• "))
		sb_add(b, " · ");
	if (!*before && !*after && text_eq(doc_attr(col, "kind", p->a), "number"))
		before = text_line(p->a, doc_attr(col, "label", p->a), 60);
	mrkdwn_text(b, before);
	sb_add(b, *before ? " " : "");
	sb_add(b, text);
	sb_add(b, *after ? " " : "");
	mrkdwn_text(b, after);
	if (sub)
		sb_addf(b, "%s%s", *text ? ", " : "", inline_of(p, sub));
}

static void add_row(struct post *p, const struct xnode *table, const struct xnode *row)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	sb_add(&b, "• ");
	const struct xnode *col = xml_child_named(table, "col");
	const char *plain = "";
	for (const struct xnode *c = xml_child_named(row, "cell"); c && col;
	     c = xml_next_named(c, "cell"), col = xml_next_named(col, "col")) {
		if (!*plain)
			plain = doc_text(c, p->a);
		if (!xml_get(col, "priority", p->a))
			add_cell(p, &b, c, col);
	}
	const char *missing = xml_get(row, "missing", p->a);
	if (missing) {
		sb_add(&b, " · ");
		mrkdwn_text(&b, text_line(p->a, missing, 200));
	}
	add_line(p, sb_str(&b), plain);
}

static void add_table(struct post *p, const struct xnode *table, const char *section)
{
	size_t rows = doc_count(table, "row");
	const struct xnode *total = xml_child_named(table, "total");
	if (xml_get(table, "data", p->a) || !rows)
		return;
	const char *title = doc_attr(table, "title", p->a);
	if (xml_get(table, "sensitive", p->a)) {
		flush(p);
		struct sb b;
		sb_init(&b, p->a, SIZE_MAX / 8);
		mrkdwn_text(&b, text_line(p->a, title, 150));
		sb_addf(&b, ": %zu. Details are not posted to channels. %s", rows,
			p->page ? page_link(p, section, "Open the digest") : "");
		put_context(p, sb_str(&b));
		return;
	}
	/* a table of numbers is for the page; its sum is for a channel */
	bool numbers = xml_get(table, "keep", p->a) != NULL;
	if (numbers && !total)
		return;
	add_line(p, bold(p, title), title);
	if (!numbers) {
		int64_t limit = doc_i64(table, "limit");
		size_t shown = MIN(rows, (size_t)ROWS_MOST);
		if (limit > 0)
			shown = MIN(shown, (size_t)limit);
		const struct xnode *r = xml_child_named(table, "row");
		for (size_t i = 0; i < shown; i++, r = xml_next_named(r, "row"))
			add_row(p, table, r);
		if (shown < rows)
			add_line(
				p,
				page_link(p, section, arena_printf(p->a, "%zu more", rows - shown)),
				"");
	}
	if (total)
		add_row(p, table, total);
}

static void add_blocks(struct post *p, const struct xnode *parent, const char *section);

static void add_block(struct post *p, const struct xnode *n, const char *section)
{
	if (xml_is(n, "heading")) {
		add_line(p, bold(p, doc_text(n, p->a)), doc_text(n, p->a));
	} else if (xml_is(n, "para")) {
		add_line(p, inline_of(p, n), doc_text(n, p->a));
	} else if (xml_is(n, "list")) {
		for (const struct xnode *c = xml_child(n); c; c = xml_next(c))
			add_line(p, arena_printf(p->a, "• %s", inline_of(p, c)), doc_text(c, p->a));
	} else if (xml_is(n, "terms")) {
		for (const struct xnode *c = xml_child(n); c; c = xml_next(c))
			add_line(p,
				 arena_printf(p->a, "• %s %s", bold(p, doc_attr(c, "word", p->a)),
					      inline_of(p, c)),
				 doc_text(c, p->a));
	} else if (xml_is(n, "callout")) {
		bool incomplete = text_eq(doc_attr(n, "kind", p->a), "incomplete");
		for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
			add_line(p,
				 arena_printf(p->a, "%s%s",
					      incomplete && !xml_child_named(c, "tag")
						      ? "*Incomplete* "
						      : "",
					      inline_of(p, c)),
				 doc_text(c, p->a));
			incomplete = false;
		}
	} else if (xml_is(n, "table")) {
		add_table(p, n, section);
	} else if (xml_is(n, "panels")) {
		add_line(p,
			 arena_printf(p->a, "%s, %zu charts", doc_attr(n, "title", p->a),
				      doc_count(n, "figure")),
			 "");
	} else if (xml_is(n, "figure")) {
		/* the paragraph above a chart says its numbers; the week on one line is said here
		 */
		if (!text_eq(doc_attr(n, "kind", p->a), "timeline"))
			return;
		struct sb b;
		sb_init(&b, p->a, SIZE_MAX / 8);
		mrkdwn_text(&b, text_line(p->a, doc_attr(n, "alt", p->a), TEXT_MOST / 5));
		add_line(p, bold(p, doc_attr(n, "title", p->a)), "");
		add_line(p, sb_str(&b), "");
	} else if (xml_is(n, "pair")) {
		for (const struct xnode *side = xml_child(n); side; side = xml_next(side))
			add_blocks(p, side, section);
	}
}

static void add_blocks(struct post *p, const struct xnode *parent, const char *section)
{
	for (const struct xnode *n = xml_child(parent); n; n = xml_next(n))
		add_block(p, n, section);
}

/* A section's place: in the main message (actions, tiles), in a reply of its own, one line in the
 * last reply (nothing but a paragraph), or nowhere (definitions). */
enum place { PLACE_MAIN, PLACE_REPLY, PLACE_LINE, PLACE_NONE };

static bool has(const struct post *p, const struct xnode *section, const char *xpath)
{
	struct xnodes found = {0};
	xml_find(p->doc, section, xpath, p->a, &found);
	return found.n > 0;
}

static enum place place_of(const struct post *p, const struct xnode *section)
{
	if (has(p, section, "actions|setaside|tiles"))
		return PLACE_MAIN;
	/* descendant:: and not //, which would collect and sort every node first */
	if (has(p, section, "descendant::term[@id]"))
		return PLACE_NONE;
	if (xml_get(section, "tag", p->a) ||
	    has(p, section,
		"descendant::*[self::callout or self::list or self::terms or "
		"self::table[row and not(@data)] or self::figure[@kind='timeline']]"))
		return PLACE_REPLY;
	return xml_get(section, "line", p->a) ? PLACE_LINE : PLACE_NONE;
}

static const char *section_head(const struct post *p, const struct xnode *n)
{
	struct sb b;
	sb_init(&b, p->a, SIZE_MAX / 8);
	sb_add(&b, bold(p, doc_attr(n, "title", p->a)));
	if (xml_get(n, "tag", p->a))
		sb_addf(&b, " · %s", bold(p, doc_attr(n, "tag", p->a)));
	const char *line = xml_get(n, "line", p->a);
	if (line) {
		sb_add(&b, " · ");
		mrkdwn_text(&b, text_line(p->a, line, 300));
	}
	return sb_str(&b);
}

static void put_main(struct post *p)
{
	begin(p, masthead_text(p, "brief"));
	struct jw *header = jw_add_obj(p->blocks, NULL);
	jw_str(header, "type", "header");
	struct jw *t = jw_add_obj(header, "text");
	jw_str(t, "type", "plain_text");
	jw_str(t, "text", text_line(p->a, p->heading, HEADER_MOST - 1));
	jw_bool(t, "emoji", false);
	p->block_n++;
	p->total += mrkdwn_length(p->heading);
	struct sb dates;
	sb_init(&dates, p->a, SIZE_MAX / 8);
	mrkdwn_text(&dates, text_line(p->a, masthead_text(p, "dates"), 300));
	put_context(p, sb_str(&dates));
	const struct xnode *verdict = xml_child_named(p->masthead, "verdict");
	if (verdict)
		add_line_most(p, inline_of(p, verdict), doc_text(verdict, p->a), VERDICT_MOST);
	flush(p);
	for (const struct xnode *s = xml_child_named(p->digest, "section"); s;
	     s = xml_next_named(s, "section")) {
		if (place_of(p, s) != PLACE_MAIN)
			continue;
		bool needs = has(p, s, "actions|setaside");
		for (const struct xnode *n = xml_child(s); n; n = xml_next(n)) {
			if (xml_is(n, "actions"))
				put_actions(p, doc_attr(s, "title", p->a), n);
			else if (xml_is(n, "setaside"))
				put_setaside(p, n);
			else if (xml_is(n, "tiles"))
				put_fields(p, n);
			else if (needs && xml_is(n, "para")) {
				add_line(p, inline_of(p, n), doc_text(n, p->a));
				flush(p);
			}
		}
	}
	put_coverage(p);
	put_links(p);
	end(p, NULL, false);
}

static void put_replies(struct post *p)
{
	bool rest = false;
	for (const struct xnode *s = xml_child_named(p->digest, "section"); s;
	     s = xml_next_named(s, "section")) {
		enum place place = place_of(p, s);
		rest = rest || place == PLACE_LINE;
		if (place != PLACE_REPLY)
			continue;
		const char *line = xml_get(s, "line", p->a), *id = doc_attr(s, "id", p->a);
		begin(p, arena_printf(p->a, "%s: %s", doc_attr(s, "title", p->a),
				      line ? line : p->heading));
		add_line(p, section_head(p, s), doc_attr(s, "title", p->a));
		flush(p);
		add_blocks(p, s, id);
		end(p, id, true);
	}
	if (!rest)
		return;
	begin(p, arena_printf(p->a, "%s: as usual", p->heading));
	for (const struct xnode *s = xml_child_named(p->digest, "section"); s;
	     s = xml_next_named(s, "section"))
		if (place_of(p, s) == PLACE_LINE)
			add_line(p, section_head(p, s), doc_attr(s, "title", p->a));
	end(p, NULL, false);
}

bool render_slack(const struct xml *doc, struct arena *a, const char **out, size_t *len,
		  struct err *e)
{
	CLEANUP(jw_freep) struct jw *all = jw_arr();
	struct post p = {
		.a = a, .doc = doc, .digest = xml_root(doc), .page = doc_page(doc, a), .all = all};
	p.masthead = xml_child_named(p.digest, "masthead");
	if (!p.masthead)
		return err_set(e, ERR_BUG, "slack.json: the document has no masthead");
	p.heading = masthead_text(&p, "heading");
	put_main(&p);
	put_replies(&p);
	const char *text = arena_printf(a, "%s\n", jw_print(all, true, a));
	*out = text;
	*len = strlen(text);
	return true;
}
