#include "support/docs.h"
#include "support/test.h"

const char *const docs_strings[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"' onmouseover='alert(1)",
	"&amp; &lt;b&gt; &#60; &",
	"</style><style>*{display:none}</style>",
	"]]><!-- --> <?php ?>",
	"\xe2\x80\xaetxt.exe \xe2\x81\xa6gpj\xe2\x81\xa9", /* direction changes */
	"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85",
	"\xc2\x9b"
	"31mred \xc2\x9d"
	"0;title\xc2\x9c", /* C1: CSI and OSC in one character */
	"<!channel> <!here> <@U012AB3CD> <#C012AB3CD> @everyone #general",
	"*bold* _slanted_ ~struck~ `code` > quote",
	"<https://evil.example.org|click>",
	"%s%n%x {{7*7}} ${jndi:x} $(id) `id`",
	"Subject: x\r\nBcc: victim@example.org\r\n\r\nbody",
	"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x92\xa5\xf0\x9f\x92\xa5",
	("a_very_long_word_that_has_no_blank_in_it_at_all_and_goes_on_and_on_and_on_and_on_and_on_"
	 "until_it_is_longer_than_any_line_of_any_terminal_that_we_support_which_is_120_columns"),
	"'; DROP TABLE digest; --",
};
const size_t docs_string_n = ARRAY_SIZE(docs_strings);

static struct xml *parse(struct arena *a, const char *s, size_t n, const char *name)
{
	struct err e = {0};
	struct xml *x = NULL;
	assert_ok(xml_parse(s, n, name, &x, &e), e);
	(void)a;
	return x;
}

struct xml *docs_golden(const char *name)
{
	struct arena a = {0};
	size_t n;
	const char *path = arena_printf(&a, "tests/golden/%s.xml", name);
	const char *s = test_read(&a, path, &n);
	struct xml *x = parse(&a, s, n, path);
	arena_release(&a);
	return x;
}

/* The frame of a document: everything but its sections, data and delivery. */
static struct xnode *frame(struct xml *x, const char *text)
{
	struct xnode *d = xml_root(x);
	static const char *const attrs[][2] = {{"schema", "1"},
					       {"week", "2026-W46"},
					       {"from", "2026-11-09T00:00:00Z"},
					       {"to", "2026-11-16T00:00:00Z"},
					       {"hours", "168"},
					       {"timezone", "Europe/London"},
					       {"audience", "everyone"},
					       {"title", "Planning Data"},
					       {"lang", "en-GB"},
					       {"frozen", "2026-11-16T10:30:00Z"},
					       {"generator", "sitrep 0.1.0"},
					       {"detail", "full"}};
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		xml_attr(d, attrs[i][0], attrs[i][1]);
	struct xnode *m = xml_add(d, "masthead");
	xml_text(xml_add(m, "kicker"), text);
	xml_text(xml_add(m, "heading"), text);
	xml_text(xml_add(m, "dates"), text);
	struct xnode *v = xml_add(m, "verdict");
	xml_attr(v, "rule", "broken");
	xml_text(v, text);
	xml_text(xml_add(m, "subject"), text);
	xml_text(xml_add(m, "preheader"), text);
	xml_text(xml_add(m, "brief"), text);
	struct xnode *l = xml_add(m, "link");
	xml_attr(l, "rel", "page");
	xml_attr(l, "href", "https://example.org/sitrep/2026-W46/everyone/page.html");
	xml_text(l, "Page");
	struct xnode *s = xml_add(m, "status");
	xml_attr(s, "tone", "orange");
	xml_attr(s, "word", "Partial");
	xml_text(s, text);
	xml_text(xml_add(m, "frozen"), "Frozen Monday 16 November 2026, 10:30, Europe/London");
	return d;
}

static struct xnode *section(struct xnode *d, const char *id, const char *title)
{
	struct xnode *s = xml_add(d, "section");
	xml_attr(s, "id", id);
	xml_attr(s, "title", title);
	return s;
}

static void action(struct xnode *actions, int64_t rank, const char *text, const char *href)
{
	struct xnode *n = xml_add(actions, "action");
	xml_attr_i64(n, "rank", rank);
	xml_attr_f(n, "item", "e-%d", (int)rank);
	xml_attr(n, "rule", "x");
	xml_attr(n, "owner", text);
	xml_attr(n, "age", text);
	xml_attr(n, "href", href);
	xml_text(xml_add(n, "title"), text);
	xml_text(xml_add(n, "reason"), text);
}

static struct xnode *column(struct xnode *table, const char *label, const char *kind)
{
	struct xnode *c = xml_add(table, "col");
	xml_attr(c, "label", label);
	xml_attr(c, "kind", kind);
	return c;
}

static struct xnode *table(struct xnode *s, const char *id, const char *title)
{
	struct xnode *t = xml_add(s, "table");
	xml_attr(t, "id", id);
	xml_attr(t, "title", title);
	return t;
}

static void link_to(struct xnode *parent, const char *href, const char *text)
{
	struct xnode *l = xml_add(parent, "link");
	xml_attr(l, "href", href);
	xml_text(l, text);
}

static void figure(struct xnode *parent, const char *id, const char *kind, const char *text)
{
	struct xnode *f = xml_add(parent, "figure");
	xml_attr(f, "id", id);
	xml_attr(f, "kind", kind);
	xml_attr(f, "title", text);
	xml_attr(f, "subtitle", text);
	xml_attr(f, "alt", text);
	xml_attr(xml_add(f, "x"), "label", "W45");
	xml_attr(xml_add(f, "x"), "label", "W46");
	struct xnode *s = xml_add(f, "series");
	xml_attr(s, "name", text);
	for (int i = 0; i < 2; i++) {
		struct xnode *p = xml_add(s, "p");
		xml_attr(p, "state", i ? "now" : "past");
		xml_attr_i64(p, "v", i + 3);
	}
	struct xnode *t = xml_add(f, "table");
	xml_attr_f(t, "id", "%s.table", id);
	xml_attr(t, "title", text);
	xml_attr(t, "data", "yes");
	column(t, text, "text");
	column(t, text, "number");
	struct xnode *r = xml_add(t, "row");
	xml_text(xml_add(r, "cell"), text);
	xml_text(xml_add(r, "cell"), "3");
}

static void timeline(struct xnode *parent, const char *text)
{
	struct xnode *f = xml_add(parent, "figure");
	xml_attr(f, "id", "glance.figure");
	xml_attr(f, "title", text);
	xml_attr(f, "subtitle", text);
	xml_attr(f, "alt", text);
	xml_attr(f, "kind", "timeline");
	xml_attr(f, "from", "2026-11-09T00:00:00Z");
	xml_attr(f, "to", "2026-11-16T00:00:00Z");
	for (int i = 9; i < 16; i++) {
		struct xnode *d = xml_add(f, "day");
		xml_attr_f(d, "at", "2026-11-%02dT00:00:00Z", i);
		xml_attr(d, "label", text);
	}
	struct xnode *l = xml_add(f, "lane");
	xml_attr(l, "name", text);
	xml_attr(l, "note", text);
	xml_attr(l, "kind", "ticks");
	struct xnode *m = xml_add(l, "m");
	xml_attr(m, "at", "2026-11-11T14:02:00Z");
	xml_attr(m, "style", "cross");
	xml_attr(m, "label", text);
}

static void delivery(struct xnode *d)
{
	struct xnode *x = xml_add(d, "delivery"), *m = xml_add(x, "mail");
	xml_attr(m, "from", "sitrep <sitrep@example.org>");
	xml_attr(m, "message-id", "<digest.2026-W46.everyone@example.org>");
	xml_attr(m, "list-id", "<everyone.sitrep.example.org>");
	xml_attr(m, "date", "2026-11-16T10:30:00Z");
	xml_text(xml_add(m, "to"), "lead@example.org");
	xml_attr(xml_add(x, "slack"), "channel", "notifications");
}

struct xml *docs_hostile(const char *text)
{
	struct xml *x = xml_new("digest");
	struct xnode *d = frame(x, text), *s = section(d, "needs", text);
	xml_attr(s, "summary", text);
	xml_attr(s, "line", text);
	struct xnode *list = xml_add(s, "actions");
	action(list, 1, text, "https://example.org/?a=1&b=\"<>|'");
	action(list, 2, text, "javascript:alert(1)");
	struct xnode *aside = xml_add(s, "setaside");
	xml_attr(aside, "title", text);
	struct xnode *one = xml_add(aside, "aside");
	xml_attr(one, "count", "3");
	xml_attr(one, "reason", "flaky");
	xml_text(one, text);

	s = section(d, "glance", text);
	timeline(s, text);

	s = section(d, "numbers", text);
	struct xnode *tile = xml_add(xml_add(s, "tiles"), "tile");
	xml_attr(tile, "number", "errors.new");
	xml_attr(tile, "label", text);
	xml_attr(tile, "value", text);
	xml_attr(tile, "unit", text);
	xml_attr(tile, "usual", text);
	xml_attr(tile, "tag", text);
	xml_attr(tile, "tone", "orange");
	figure(tile, "numbers.spark", "spark", text);

	s = section(d, "errors", text);
	xml_attr(s, "line", text);
	xml_attr(s, "tag", text);
	xml_attr(s, "tone", "red");
	struct xnode *p = xml_add(s, "para");
	xml_text(p, text);
	xml_text(xml_add(p, "code"), text);
	xml_text(xml_add(p, "strong"), text);
	link_to(p, "https://example.org/a?b=c&d=e", text);
	link_to(p, "javascript:alert(1)", text);
	link_to(p, "data:text/html,<script>alert(1)</script>", text);
	link_to(p, "vbscript:x", text);
	link_to(p, "#needs", text);
	link_to(p, "../../index.html", text);
	struct xnode *tag = xml_add(p, "tag");
	xml_attr(tag, "tone", "green");
	xml_text(tag, text);
	xml_text(xml_add(s, "heading"), text);
	xml_text(xml_add(xml_add(s, "list"), "li"), text);
	struct xnode *term = xml_add(xml_add(s, "terms"), "term");
	xml_attr(term, "word", text);
	xml_text(term, text);
	struct xnode *call = xml_add(s, "callout");
	xml_attr(call, "kind", "incomplete");
	xml_text(xml_add(call, "para"), text);
	figure(s, "errors.figure", "columns", text);
	struct xnode *t = table(s, "errors.rows", text);
	xml_attr(t, "note", text);
	column(t, text, "text");
	struct xnode *c = column(t, text, "number");
	xml_attr(c, "before", text);
	xml_attr(c, "after", text);
	column(t, text, "strip");
	struct xnode *r = xml_add(t, "row"), *cell = xml_add(r, "cell");
	link_to(cell, "https://example.org/x", text);
	xml_text(xml_add(cell, "sub"), text);
	xml_text(xml_add(r, "cell"), text);
	cell = xml_add(r, "cell");
	xml_text(cell, text);
	xml_attr(xml_add(cell, "strip"), "states", "pfm");
	r = xml_add(t, "row");
	xml_attr(r, "missing", text);
	xml_text(xml_add(r, "cell"), text);
	t = table(s, "errors.secret", text);
	xml_attr(t, "sensitive", "yes");
	column(t, text, "text");
	xml_text(xml_add(xml_add(t, "row"), "cell"), "the-secret-finding");

	struct xnode *data = xml_add(d, "data"), *item = xml_add(data, "item");
	xml_attr(item, "id", "e-1");
	xml_attr(item, "section", "errors");
	xml_attr(item, "kind", "new");
	xml_attr(item, "key", text);
	xml_attr(item, "title", text);
	xml_attr(item, "weeks", "1");
	delivery(d);
	return x;
}

struct xml *docs_terrible(size_t rows, size_t sections)
{
	struct arena a = {0};
	struct xml *x = xml_new("digest");
	struct xnode *d = frame(x, "Everything is broken & nobody knows why");
	struct xnode *s = section(d, "needs", "Needs you"), *list = xml_add(s, "actions");
	for (int i = 1; i <= 5; i++) {
		struct xnode *n = xml_add(list, "action");
		xml_attr_i64(n, "rank", i);
		xml_attr_f(n, "item", "e-%d", i);
		xml_attr(n, "rule", "x");
		xml_attr(n, "owner", "Platform");
		xml_attr(n, "age", "4 days");
		xml_textf(xml_add(n, "title"), "Repair thing %d of the terrible week", i);
		struct xnode *why = xml_add(n, "reason");
		for (int k = 0; k < 40; k++)
			xml_text(why, "it is broken & \xe2\x80\x9cstays\xe2\x80\x9d broken, ");
	}
	for (size_t i = 0; i < sections; i++) {
		s = section(d, arena_printf(&a, "part%zu", i), arena_printf(&a, "Part %zu", i));
		xml_attr(s, "line", "bad");
		struct xnode *t = table(s, arena_printf(&a, "part%zu.table", i), "Rows");
		column(t, "Issue", "text");
		column(t, "Project", "text");
		column(t, "Events", "number");
		column(t, "First seen", "time");
		column(t, "Now", "text");
		for (size_t k = 0; k < rows; k++) {
			struct xnode *r = xml_add(t, "row"), *c = xml_add(r, "cell");
			link_to(c,
				arena_printf(&a, "https://example.org/sentry/PLATFORM-%zu-%zu", i,
					     k),
				arena_printf(&a, "PLATFORM-%zu", k));
			xml_text(xml_add(c, "sub"),
				 "TypeError: \xe2\x80\x9cundefined\xe2\x80\x9d is not a function");
			xml_text(xml_add(r, "cell"), "Platform");
			xml_textf(xml_add(r, "cell"), "%zu", 1000 - k);
			xml_text(xml_add(r, "cell"), "Wed 11 Nov 14:11");
			struct xnode *tag = xml_add(xml_add(r, "cell"), "tag");
			xml_attr(tag, "tone", "red");
			xml_text(tag, "Still happening");
		}
		for (int k = 0; k < 30; k++)
			xml_text(xml_add(s, "para"),
				 "A paragraph that says at length what everybody knows by now.");
	}
	xml_add(d, "data");
	delivery(d);
	arena_release(&a);
	return x;
}
