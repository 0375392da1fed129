#include "collect/slack_text.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "scan/redact.h"

#include <ctype.h>

#define LINES_MAX 500 /* a message has at most 40,000 characters */
#define LINE_CP	  1000
#define TEXT_CP	  300
#define DEPTH_MAX 12 /* rich text nests lists and quotes, no deeper */

struct reader {
	struct arena *a;
	struct post *p;
	struct strv *to; /* where lines go */
};

static const char *str(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	return json_is_str(&v) ? json_text(&v, a) : NULL;
}

static void add_line(struct reader *r, const char *s, size_t n)
{
	while (n && isspace((unsigned char)*s))
		s++, n--;
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	if (n == 0 || r->to->n >= LINES_MAX)
		return;
	char *line = arena_strndup(r->a, s, n);
	line[utf8_prefix(line, LINE_CP)] = '\0';
	vec_push(r->a, r->to, redact(r->a, line, false));
}

static void add_lines(struct reader *r, const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "\n");
		add_line(r, s, n);
		if (!s[n])
			return;
		s += n + 1;
	}
}

/* Slack escapes & < >, Sentry escapes ' and " on top. Once: "&amp;lt;" was "&lt;" to its writer. */
static const char *unescape(struct arena *a, const char *s, size_t n)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {
		{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&#39;", '\''}, {"&quot;", '"'}};
	struct sb b;
	sb_init(&b, a, n + 1);
	for (size_t i = 0; i < n;) {
		size_t k = 0;
		while (k < ARRAY_SIZE(entities) &&
		       (n - i < strlen(entities[k].entity) ||
			strncmp(s + i, entities[k].entity, strlen(entities[k].entity)) != 0))
			k++;
		if (k < ARRAY_SIZE(entities)) {
			sb_addc(&b, entities[k].c);
			i += strlen(entities[k].entity);
		} else {
			sb_addc(&b, s[i++]);
		}
	}
	return sb_str(&b);
}

static const char *trim(struct arena *a, const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	size_t n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	return arena_strndup(a, s, n);
}

static void add_link(struct reader *r, const char *url, const char *label)
{
	struct post_link l = {redact(r->a, trim(r->a, url), false), label ? trim(r->a, label) : ""};
	if (text_link_ok(l.url))
		vec_push(r->a, &r->p->links, l);
}

/* Emphasis would stand inside the words that are looked for; "_" stays, it is part of names. */
static const char *without_emphasis(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *to = out;
	for (const char *p = out; *p; p++)
		if (*p != '*' && *p != '`')
			*to++ = *p;
	*to = '\0';
	return out;
}

/* What stands between < and >: a link, a mention, a date. */
static const char *reference(struct reader *r, const char *s, size_t n)
{
	const char *raw = arena_strndup(r->a, s, n), *bar = strchr(raw, '|');
	const char *target = bar ? arena_strndup(r->a, raw, (size_t)(bar - raw)) : raw;
	const char *label =
		bar ? without_emphasis(r->a, unescape(r->a, bar + 1, strlen(bar + 1))) : NULL;
	if (*raw == '@' || *raw == '#')
		return label && *label ? arena_printf(r->a, "%c%s", *raw, label) : target;
	if (*raw == '!')
		return label ? label : arena_printf(r->a, "@%s", target + 1);
	const char *url = unescape(r->a, target, strlen(target));
	add_link(r, url, label);
	return label && *label ? label : url;
}

static const char *from_markup(struct reader *r, const char *s)
{
	struct sb b;
	sb_init(&b, r->a, SIZE_MAX / 8);
	while (*s) {
		size_t n = strcspn(s, "<"), k;
		sb_add(&b, without_emphasis(r->a, unescape(r->a, s, n)));
		s += n;
		if (!*s)
			break;
		k = strcspn(s, ">");
		if (!s[k] || k < 2) { /* no reference: taken as it stands */
			sb_addc(&b, *s++);
			continue;
		}
		sb_add(&b, reference(r, s + 1, k - 1));
		s += k + 1;
	}
	return sb_str(&b);
}

static void add_markup(struct reader *r, const char *s)
{
	if (s)
		add_lines(r, from_markup(r, s));
}

/* "*State*\nALARM" is a name and its value. */
static void add_field(struct reader *r, const char *s)
{
	const char *plain = from_markup(r, s), *end = strchr(plain, '\n');
	if (!end || end == plain || strchr(end + 1, '\n') || end[-1] == ':')
		add_lines(r, end && end > plain && end[-1] == ':' && !strchr(end + 1, '\n')
				     ? arena_printf(r->a, "%.*s %s", (int)(end - plain), plain,
						    end + 1)
				     : plain);
	else
		add_lines(r, arena_printf(r->a, "%.*s: %s", (int)(end - plain), plain, end + 1));
}

/* --- rich text: its leaves are plain, neither escaped nor marked up --- */

static void rich_leaf(struct reader *r, struct sb *b, const struct jv *v, int depth)
{
	const char *type = str(v, "type", r->a), *text = str(v, "text", r->a);
	struct jv elements = json_get(v, "elements");
	const char *url = str(v, "url", r->a);
	if (depth > DEPTH_MAX)
		return;
	for (struct jv it = json_first(&elements); it.n; it = json_next(&it))
		rich_leaf(r, b, &it, depth + 1);
	if (url)
		add_link(r, url, text);
	if (text_eq(type, "emoji"))
		sb_addf(b, ":%s:", str(v, "name", r->a) ? str(v, "name", r->a) : "");
	else if (text_eq(type, "broadcast"))
		sb_addf(b, "@%s", str(v, "range", r->a) ? str(v, "range", r->a) : "");
	else
		sb_add(b, text ? text : url ? url : str(v, "fallback", r->a));
}

static void rich_block(struct reader *r, const struct jv *v, int depth)
{
	const char *type = str(v, "type", r->a);
	struct jv elements = json_get(v, "elements");
	if (depth > DEPTH_MAX)
		return;
	if (text_eq(type, "rich_text") || text_eq(type, "rich_text_list")) {
		for (struct jv it = json_first(&elements); it.n; it = json_next(&it))
			rich_block(r, &it, depth + 1);
		return;
	}
	struct sb b;
	sb_init(&b, r->a, SIZE_MAX / 8);
	rich_leaf(r, &b, v, depth);
	add_lines(r, sb_str(&b));
}

/* --- blocks --- */

static void note_block_id(struct reader *r, const struct jv *block)
{
	const char *id = str(block, "block_id", r->a), *at = id ? strstr(id, "\"issue\":") : NULL;
	if (!at || r->p->sentry_issue)
		return;
	at += strlen("\"issue\":");
	at += strspn(at, " \"");
	size_t n = strspn(at, "0123456789");
	if (n > 0)
		r->p->sentry_issue = arena_strndup(r->a, at, n);
}

static void text_object(struct reader *r, const struct jv *v)
{
	const char *s = json_is_str(v) ? json_text(v, r->a) : str(v, "text", r->a);
	if (!s)
		return;
	if (text_eq(str(v, "type", r->a), "plain_text"))
		add_lines(r, unescape(r->a, s, strlen(s)));
	else
		add_markup(r, s);
}

static void table_row(struct reader *r, const struct jv *cells)
{
	struct strv *to = r->to, row = {0};
	struct sb b;
	sb_init(&b, r->a, SIZE_MAX / 8);
	r->to = &row;
	for (struct jv it = json_first(cells); it.n; it = json_next(&it)) {
		const char *type = str(&it, "type", r->a);
		if (type && text_starts(type, "rich_text"))
			rich_block(r, &it, 0);
		else
			text_object(r, &it);
	}
	r->to = to;
	for (size_t i = 0; i < row.n; i++)
		sb_addf(&b, "%s%s", i ? " | " : "", row.v[i]);
	add_lines(r, sb_str(&b));
}

/* Any block: the members that hold words are the same few for all, also for those to come. */
static void block(struct reader *r, const struct jv *v, int depth)
{
	const char *type = str(v, "type", r->a), *url = str(v, "url", r->a);
	struct jv text = json_get(v, "text"), title = json_get(v, "title"),
		  fields = json_get(v, "fields"), elements = json_get(v, "elements"),
		  rows = json_get(v, "rows"), accessory = json_get(v, "accessory");
	if (depth > DEPTH_MAX || !json_is_obj(v))
		return;
	note_block_id(r, v);
	if (type && text_starts(type, "rich_text")) {
		rich_block(r, v, depth);
		return;
	}
	if (url) { /* a button: where it leads matters, not what it is called */
		add_link(r, url, json_is_obj(&text) ? str(&text, "text", r->a) : NULL);
		return;
	}
	if (text_eq(type, "button") || json_get(v, "action_id").n)
		return;
	text_object(r, &title);
	if (json_is_obj(&text))
		text_object(r, &text);
	else
		text_object(r, v); /* the element is itself a text object */
	for (struct jv it = json_first(&fields); it.n; it = json_next(&it)) {
		const char *s = str(&it, "text", r->a);
		if (s)
			add_field(r, s);
	}
	for (struct jv it = json_first(&elements); it.n; it = json_next(&it))
		block(r, &it, depth + 1);
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		table_row(r, &it);
	block(r, &accessory, depth + 1);
}

static void blocks(struct reader *r, const struct jv *o)
{
	struct jv list = json_get(o, "blocks");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		block(r, &it, 0);
}

/* --- attachments and files --- */

static void attachment(struct reader *r, const struct jv *v)
{
	const char *title = str(v, "title", r->a), *link = str(v, "title_link", r->a);
	struct jv fields = json_get(v, "fields"), actions = json_get(v, "actions");
	size_t before = r->to->n;
	if (!r->p->color)
		r->p->color = str(v, "color", r->a);
	blocks(r, v);
	if (r->to->n == before) {
		add_markup(r, str(v, "pretext", r->a));
		if (link)
			add_link(r, unescape(r->a, link, strlen(link)), title);
		add_markup(r, title);
		add_markup(r, str(v, "text", r->a));
		for (struct jv it = json_first(&fields); it.n; it = json_next(&it)) {
			const char *name = str(&it, "title", r->a), *s = str(&it, "value", r->a);
			if (name && s)
				add_lines(r, arena_printf(r->a, "%s: %s", from_markup(r, name),
							  from_markup(r, s)));
			else
				add_markup(r, name ? name : s);
		}
	}
	if (r->to->n == before)
		add_markup(r, str(v, "fallback", r->a));
	for (struct jv it = json_first(&actions); it.n; it = json_next(&it)) {
		const char *url = str(&it, "url", r->a);
		if (url)
			add_link(r, url, str(&it, "text", r->a));
	}
	add_markup(r, str(v, "footer", r->a));
}

static void file(struct reader *r, const struct jv *v)
{
	const char *title = str(v, "title", r->a), *name = str(v, "name", r->a),
		   *link = str(v, "permalink", r->a);
	add_lines(r, title ? title : name ? name : "");
	if (link)
		add_link(r, link, title);
	const char *says = str(v, "plain_text", r->a); /* an e-mail */
	if (!says)
		says = str(v, "preview", r->a); /* a snippet */
	add_lines(r, says ? says : "");
}

/* --- the message --- */

static bool read_ts(const char *ts, int64_t *s)
{
	const char *dot = ts ? strchr(ts, '.') : NULL;
	return dot && strlen(dot + 1) > 0 && strspn(dot + 1, "0123456789") == strlen(dot + 1) &&
	       isdigit((unsigned char)*ts) && parse_i64_n(ts, (size_t)(dot - ts), s);
}

static bool has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], s))
			return true;
	return false;
}

static void who(const struct jv *m, struct arena *a, struct post *p)
{
	struct jv profile = json_get(m, "bot_profile"), meta = json_get(m, "metadata");
	const char *username = str(m, "username", a), *name = str(&profile, "name", a);
	p->bot_id = str(m, "bot_id", a);
	p->user = str(m, "user", a);
	p->event_type = str(&meta, "event_type", a);
	p->app = p->bot_id || json_is_obj(&profile) || text_eq(p->subtype, "bot_message");
	if (!p->app)
		return;
	p->renamed = username && *username;
	const char *sender = username && *username ? username
			     : name && *name	   ? name
			     : p->bot_id	   ? p->bot_id
						   : "a webhook";
	p->sender = text_line(a, sender, 80);
}

bool post_read(const struct jv *message, struct arena *a, struct post *out, struct err *e)
{
	struct post p = {.edited_s = TIME_NONE};
	struct jv m = *message, inner = json_get(message, "message"), ts, edited, list;
	p.subtype = str(&m, "subtype", a);
	if (text_eq(p.subtype, "message_changed") && json_is_obj(&inner)) {
		m = inner;
		p.subtype = str(&m, "subtype", a);
	}
	ts = json_get(&m, "ts");
	p.ts = json_is_str(&ts) ? json_text(&ts, a) : NULL;
	if (!read_ts(p.ts, &p.posted_s))
		return json_wrong(&ts, e, "expected \"seconds.micros\" in a string");
	edited = json_get(&m, "edited");
	if (!read_ts(str(&edited, "ts", a), &p.edited_s))
		p.edited_s = TIME_NONE;
	if (!json_bool_opt(&m, "hidden", &p.hidden, &(struct err){0}))
		p.hidden = false;
	who(&m, a, &p);
	struct strv text = {0}, rest = {0};
	struct reader r = {a, &p, &rest};
	blocks(&r, &m);
	list = json_get(&m, "attachments");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		attachment(&r, &it);
	list = json_get(&m, "files");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		file(&r, &it);
	r.to = &text;
	add_markup(&r, str(&m, "text", a));
	/* The text repeats what blocks say, for notifications; never the other way round. */
	for (size_t i = 0; i < text.n; i++)
		if (!has(&rest, text.v[i]))
			vec_push(a, &p.lines, text.v[i]);
	for (size_t i = 0; i < rest.n; i++)
		vec_push(a, &p.lines, rest.v[i]);
	*out = p;
	return true;
}

const char *post_value(const struct post *p, const char *name, struct arena *a)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *line = p->lines.v[i];
		for (const char *at = line; (at = strcasestr(at, name)) != NULL; at += n) {
			const char *v = at + n;
			bool starts = at == line || isspace((unsigned char)at[-1]);
			v += strspn(v, " ");
			if (!starts || *v != ':')
				continue;
			v += 1 + strspn(v + 1, " ");
			const char *end = strstr(v, "  ");
			size_t len = end ? (size_t)(end - v) : strlen(v);
			if (len > 0)
				return trim(a, arena_strndup(a, v, len));
		}
	}
	return NULL;
}

const char *post_line(const struct post *p, const char *needle)
{
	for (size_t i = 0; i < p->lines.n; i++)
		if (strcasestr(p->lines.v[i], needle))
			return p->lines.v[i];
	return NULL;
}

const struct post_link *post_link(const struct post *p, const char *needle)
{
	for (size_t i = 0; i < p->links.n; i++)
		if (strstr(p->links.v[i].url, needle))
			return &p->links.v[i];
	return NULL;
}

const char *post_text(const struct post *p, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (size_t i = 0; i < p->lines.n; i++)
		sb_addf(&b, "%s%s", i ? " · " : "", p->lines.v[i]);
	return p->lines.n ? text_line(a, sb_str(&b), TEXT_CP) : NULL;
}
