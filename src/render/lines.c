#include "render/lines.h"

#include "base/limits.h"
#include "base/text.h"

#define NBSP "\xc2\xa0"

void screen_init(struct screen *s, const struct text_opts *o, const char *page, struct arena *a)
{
	*s = (struct screen){.a = a, .o = *o, .page = page, .gap = true};
	s->width = (size_t)MIN(MAX(o->width, 72), 120);
	sb_init(&s->out, a, LIMIT_DOC_BYTES);
}

/* Would move the cursor, change what is seen, or take no room where we counted some. */
static bool unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* What we write ourselves, for terminals and fonts that have nothing but ASCII. Outside text keeps
 * its letters. */
static const struct {
	const char *text, *ascii;
} plain[] = {
	{"█", "#"}, {"■", "#"},	  {"□", "."}, {"░", "?"}, {"▁", "1"},  {"▂", "2"},  {"▃", "3"},
	{"▄", "4"}, {"▅", "5"},	  {"▆", "6"}, {"▇", "7"}, {"═", "="},  {"─", "-"},  {"│", "|"},
	{"↓", "v"}, {"▲", "^"},	  {"▼", "v"}, {"•", "-"}, {"“", "\""}, {"”", "\""}, {"‘", "'"},
	{"’", "'"}, {"…", "..."}, {"·", "-"}, {"–", "-"}, {"−", "-"},  {"≥", ">="}, {"≤", "<="},
};

static const char *clean(struct screen *s, const char *text)
{
	struct sb b;
	sb_init(&b, s->a, SIZE_MAX / 8);
	for (const char *p = text, *end = text + strlen(text); p < end;) {
		const char *at = p;
		uint32_t c = utf8_next(&p, end);
		if (c == '\n' || c == '\t' || c == '\r') {
			sb_addc(&b, ' ');
			continue;
		}
		if (unprintable(c))
			continue;
		const char *ascii = NULL;
		for (size_t i = 0; s->o.ascii && c >= 0x80 && i < ARRAY_SIZE(plain); i++)
			if (!strncmp(at, plain[i].text, (size_t)(p - at)))
				ascii = plain[i].ascii;
		if (ascii)
			sb_add(&b, ascii);
		else if (c == 0xfffd)
			sb_add(&b, "\xef\xbf\xbd");
		else
			sb_addn(&b, at, (size_t)(p - at));
	}
	return sb_str(&b);
}

static void add_raw(struct screen *s, struct line *l, const char *text, size_t n,
		    const struct piece *like)
{
	if (n) {
		struct piece p = *like;
		p.text = arena_strndup(s->a, text, n);
		vec_push(s->a, l, p);
	}
}

void line_add(struct screen *s, struct line *l, const char *text, enum ink ink, const char *href)
{
	if (!text || !*text)
		return;
	struct piece p = {.ink = ink};
	if (s->o.links && text_link_ok(href))
		p.href = href;
	p.text = clean(s, text);
	vec_push(s->a, l, p);
}

void line_join(struct screen *s, struct line *l, const struct line *other)
{
	for (size_t i = 0; i < other->n; i++)
		vec_push(s->a, l, other->v[i]);
}

size_t line_columns(const struct line *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += text_columns(l->v[i].text);
	return n;
}

void line_pad(struct screen *s, struct line *l, size_t to)
{
	size_t n = line_columns(l);
	if (n < to)
		line_add(s, l, arena_printf(s->a, "%*s", (int)(to - n), ""), INK_PLAIN, NULL);
}

/* Bytes of the longest prefix of at most that many columns. */
static size_t prefix(const char *text, size_t columns)
{
	const char *p = text, *end = text + strlen(text);
	for (size_t used = 0; p < end;) {
		const char *at = p;
		char one[8] = {0};
		utf8_next(&p, end);
		memcpy(one, at, (size_t)(p - at));
		used += text_columns(one);
		if (used > columns)
			return (size_t)(at - text);
	}
	return (size_t)(p - text);
}

struct line line_cut(struct screen *s, const struct line *l, size_t columns)
{
	if (line_columns(l) <= columns)
		return *l;
	const char *dots = s->o.ascii ? "..." : "…";
	size_t left = columns > text_columns(dots) ? columns - text_columns(dots) : 0;
	struct line out = {0};
	for (size_t i = 0; i < l->n; i++) {
		const char *text = l->v[i].text;
		size_t n = prefix(text, left);
		bool all = !text[n];
		while (!all && n && text[n - 1] == ' ')
			n--;
		add_raw(s, &out, text, n, &l->v[i]);
		if (!all)
			break;
		left -= text_columns(text);
	}
	line_add(s, &out, dots, INK_PLAIN, NULL);
	return out;
}

/* The word that starts at (*i, *at): its pieces, and where the next one starts. */
static void word(struct screen *s, const struct line *l, size_t *i, size_t *at, struct line *out)
{
	for (; *i < l->n; (*i)++, *at = 0) {
		const char *text = l->v[*i].text + *at;
		size_t n = strcspn(text, " ");
		add_raw(s, out, text, n, &l->v[*i]);
		if (text[n]) {
			*at += n;
			return;
		}
	}
}

/* The piece the blank before a word belongs to, so that a link of several words stays one. */
static bool blanks(const struct line *l, size_t *i, size_t *at, struct piece *like)
{
	bool any = false;
	while (*i < l->n) {
		const char *text = l->v[*i].text;
		for (; text[*at] == ' '; (*at)++, any = true)
			*like = l->v[*i];
		if (text[*at])
			break;
		(*i)++;
		*at = 0;
	}
	return any;
}

void line_wrap(struct screen *s, const struct line *l, size_t first, size_t rest, struct lines *out)
{
	struct line now = {0};
	/* a wide character needs two columns */
	size_t room = MAX(first, (size_t)2), used = 0, i = 0, at = 0;
	rest = MAX(rest, (size_t)2);
	for (;;) {
		struct piece like = {0};
		bool gap = blanks(l, &i, &at, &like) && now.n;
		struct line w = {0};
		word(s, l, &i, &at, &w);
		if (!w.n)
			break;
		size_t n = line_columns(&w);
		if (now.n && used + gap + n > room) {
			vec_push(s->a, out, now);
			now = (struct line){0};
			used = 0;
			room = rest;
			gap = false;
		}
		while (n > room - used && n > room) { /* longer than a line: break it */
			struct line tail = {0};
			size_t left = room;
			for (size_t k = 0; k < w.n; k++) {
				size_t bytes = prefix(w.v[k].text, left);
				size_t cols = text_columns(w.v[k].text);
				add_raw(s, &now, w.v[k].text, bytes, &w.v[k]);
				add_raw(s, &tail, w.v[k].text + bytes, strlen(w.v[k].text) - bytes,
					&w.v[k]);
				left = tail.n ? 0 : left - cols;
			}
			vec_push(s->a, out, now);
			now = (struct line){0};
			room = rest;
			w = tail;
			n = line_columns(&w);
		}
		if (gap)
			add_raw(s, &now, " ", 1, &like);
		line_join(s, &now, &w);
		used += gap + n;
	}
	if (now.n || !out->n)
		vec_push(s->a, out, now);
}

static const char *sgr(enum ink ink)
{
	switch (ink) {
	case INK_PLAIN:
		return NULL;
	case INK_BOLD:
		return "1";
	case INK_GREEN:
		return "1;32";
	case INK_ORANGE:
		return "1;33";
	case INK_RED:
		return "1;31";
	case INK_GREY:
		return "2";
	}
	return NULL;
}

/* No-break blanks have done their work by now. */
static void add_text(struct sb *b, const char *text)
{
	for (const char *p; (p = strstr(text, NBSP)); text = p + strlen(NBSP)) {
		sb_addn(b, text, (size_t)(p - text));
		sb_addc(b, ' ');
	}
	sb_add(b, text);
}

void screen_put(struct screen *s, size_t indent, const struct line *l)
{
	struct line out = {0};
	line_add(s, &out, arena_printf(s->a, "%*s", (int)indent, ""), INK_PLAIN, NULL);
	line_join(s, &out, l);
	while (out.n) { /* trailing blanks */
		struct piece *last = &out.v[out.n - 1];
		size_t n = strlen(last->text);
		while (n && last->text[n - 1] == ' ')
			n--;
		last->text = arena_strndup(s->a, last->text, n);
		if (n)
			break;
		out.n--;
	}
	if (!out.n) {
		screen_blank(s);
		return;
	}
	for (size_t i = 0; i < out.n; i++) {
		const struct piece *p = &out.v[i];
		const char *ink = s->o.colour ? sgr(p->ink) : NULL;
		bool open = p->href && (i == 0 || !text_eq(out.v[i - 1].href, p->href));
		bool close = p->href && (i + 1 == out.n || !text_eq(out.v[i + 1].href, p->href));
		if (open)
			sb_addf(&s->out, "\033]8;;%s\033\\", p->href);
		if (ink && (i == 0 || out.v[i - 1].ink != p->ink || open))
			sb_addf(&s->out, "\033[%sm", ink);
		add_text(&s->out, p->text);
		if (ink && (i + 1 == out.n || out.v[i + 1].ink != p->ink || close))
			sb_add(&s->out, "\033[0m");
		if (close)
			sb_add(&s->out, "\033]8;;\033\\");
	}
	sb_addc(&s->out, '\n');
	s->gap = false;
}

void screen_blank(struct screen *s)
{
	if (!s->gap)
		sb_addc(&s->out, '\n');
	s->gap = true;
}

void screen_rule(struct screen *s, const char *mark, size_t columns)
{
	struct sb b;
	sb_init(&b, s->a, SIZE_MAX / 8);
	for (size_t i = 0; i < columns; i++)
		sb_add(&b, mark);
	struct line l = {0};
	line_add(s, &l, sb_str(&b), INK_PLAIN, NULL);
	screen_put(s, 0, &l);
}

void screen_wrap(struct screen *s, size_t first, size_t rest, const struct line *l)
{
	struct lines out = {0};
	line_wrap(s, l, s->width - first, s->width - rest, &out);
	for (size_t i = 0; i < out.n; i++)
		screen_put(s, i ? rest : first, &out.v[i]);
}

bool screen_finish(struct screen *s, const char **out, size_t *len, struct err *e)
{
	size_t n;
	const char *text = sb_finish(&s->out, &n, e);
	if (!text)
		return err_wrap(e, "the text");
	*out = text;
	*len = n;
	return true;
}
