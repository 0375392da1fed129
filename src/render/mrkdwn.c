#include "render/mrkdwn.h"

#include "render/doc.h"

#include "base/text.h"

#define APART "\xe2\x80\x8b" /* U+200B: invisible, and ends a marker */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

/* "@here" and "#general", not "a@b" and "C#" */
static bool is_mention(char before, char c, char after)
{
	return (c == '@' || c == '#') && !is_word(before) && is_word(after);
}

void mrkdwn_text(struct sb *b, const char *s)
{
	for (const char *p = s; *p; p++) {
		char before = p > s ? p[-1] : ' ', after = p[1];
		bool edge = !is_word(before) || !is_word(after);
		/* "organisation_entity" is a word; "_this_" is not */
		bool marker = *p == '*' || *p == '~' || *p == '`' || (*p == '_' && edge) ||
			      is_mention(before, *p, after) || (*p == '>' && before == '\n');
		char one[2] = {*p, '\0'};
		if (marker)
			sb_add(b, APART);
		text_slack_escape(b, one);
		if (marker)
			sb_add(b, APART);
	}
}

void mrkdwn_link(struct sb *b, const char *href, const char *label)
{
	if (!href || !*label) {
		mrkdwn_text(b, label);
		return;
	}
	sb_addc(b, '<');
	for (const char *p = href; *p; p++) {
		if (*p == '|' || *p == '<' || *p == '>')
			sb_addf(b, "%%%02X", (unsigned)*p);
		else if (*p == '&')
			sb_add(b, "&amp;");
		else
			sb_addc(b, *p);
	}
	sb_addc(b, '|');
	mrkdwn_text(b, label);
	sb_addc(b, '>');
}

static void add_code(struct sb *b, const char *s)
{
	if (!*s)
		return;
	sb_addc(b, '`');
	for (const char *p = s; *p; p++) {
		char one[2] = {*p == '`' ? '\'' : *p, '\0'};
		if (is_mention(p > s ? p[-1] : ' ', *p, p[1]))
			sb_add(b, APART);
		text_slack_escape(b, one);
	}
	sb_addc(b, '`');
}

static void add_bold(struct sb *b, const char *s)
{
	if (!*s)
		return;
	sb_addc(b, '*');
	mrkdwn_text(b, s);
	sb_addc(b, '*');
}

void mrkdwn_inline(struct sb *b, const struct xnode *n, const char *page, struct arena *a)
{
	struct xpieces pieces = {0};
	xml_pieces(n, a, &pieces);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct xnode *c = pieces.v[i].node;
		if (!c) {
			/* one line, but a blank at either end is one */
			const char *raw = pieces.v[i].text, *line = text_line(a, raw, 0);
			size_t k = strlen(raw);
			bool first = k && strchr(" \n\t\r", raw[0]);
			bool last = k && strchr(" \n\t\r", raw[k - 1]);
			if (first && b->len && b->p[b->len - 1] != ' ')
				sb_addc(b, ' ');
			mrkdwn_text(b, line);
			if (last && *line)
				sb_addc(b, ' ');
		} else if (xml_is(c, "link")) {
			mrkdwn_link(b, doc_link(page, xml_get(c, "href", a), a),
				    text_line(a, doc_text(c, a), 0));
		} else if (xml_is(c, "code")) {
			add_code(b, text_line(a, doc_text(c, a), 0));
		} else if (xml_is(c, "strong") || xml_is(c, "tag")) {
			add_bold(b, text_line(a, doc_text(c, a), 0));
		} else if (!xml_is(c, "sub") && !xml_is(c, "strip")) {
			mrkdwn_inline(b, c, page, a);
		}
	}
}

size_t mrkdwn_length(const char *s)
{
	size_t n = 0;
	for (const char *end = s + strlen(s); s < end;)
		n += utf8_next(&s, end) > 0xffff ? 2 : 1;
	return n;
}
