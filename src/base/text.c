#include "base/text.h"

#include <fnmatch.h>
#include <strings.h>
#include <wchar.h>

uint32_t utf8_next(const char **p, const char *end)
{
	const unsigned char *s = (const unsigned char *)*p;
	size_t left = (size_t)(end - *p);
	BUG_ON(left == 0);
	uint32_t c = s[0], min;
	size_t n;
	if (c < 0x80) {
		*p += 1;
		return c;
	}
	if (c >= 0xc2 && c < 0xe0) {
		n = 2, min = 0x80, c &= 0x1f;
	} else if (c >= 0xe0 && c < 0xf0) {
		n = 3, min = 0x800, c &= 0x0f;
	} else if (c >= 0xf0 && c < 0xf5) {
		n = 4, min = 0x10000, c &= 0x07;
	} else {
		*p += 1;
		return 0xfffd;
	}
	for (size_t i = 1; i < n; i++) {
		if (i >= left || (s[i] & 0xc0) != 0x80) {
			*p += 1;
			return 0xfffd;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < min || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		*p += 1;
		return 0xfffd;
	}
	*p += n;
	return c;
}

static void add_cp(struct sb *b, uint32_t c)
{
	if (c < 0x80) {
		sb_addc(b, (char)c);
	} else if (c < 0x800) {
		sb_addc(b, (char)(0xc0 | c >> 6));
		sb_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		sb_addc(b, (char)(0xe0 | c >> 12));
		sb_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		sb_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		sb_addc(b, (char)(0xf0 | c >> 18));
		sb_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		sb_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		sb_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* Invisible or direction-changing: can hide or reorder what a reader sees. XML also forbids U+FFFE
 * and U+FFFF. */
static bool unwanted(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c & 0xfffe) == 0xfffe ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static bool blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' ||
	       c == 0xa0 || c == 0x2028 || c == 0x2029 || c == 0x85;
}

const char *text_line(struct arena *a, const char *s, size_t max_cp)
{
	if (!s)
		return NULL;
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	const char *p = s, *end = s + strlen(s);
	size_t n = 0, before_last = 0;
	bool gap = false;
	while (p < end) {
		uint32_t c = utf8_next(&p, end);
		if (blank(c)) {
			gap = n > 0;
			continue;
		}
		if (unwanted(c))
			continue;
		for (int i = gap ? 2 : 1; i > 0; i--) {
			if (max_cp && n == max_cp) {
				b.len = before_last;
				sb_add(&b, "…");
				return sb_str(&b);
			}
			before_last = b.len;
			add_cp(&b, i == 2 ? ' ' : c);
			n++;
		}
		gap = false;
	}
	return sb_str(&b);
}

size_t utf8_count(const char *s)
{
	size_t n = 0;
	for (const char *end = s + strlen(s); s < end; n++)
		utf8_next(&s, end);
	return n;
}

size_t utf8_prefix(const char *s, size_t max_cp)
{
	size_t len = strlen(s);
	if (len <= max_cp) /* no code point is shorter than a byte */
		return len;
	const char *p = s, *end = s + len;
	for (size_t n = 0; p < end && n < max_cp; n++)
		utf8_next(&p, end);
	return (size_t)(p - s);
}

size_t text_columns(const char *s)
{
	size_t n = 0;
	for (const char *end = s + strlen(s); s < end;) {
		uint32_t c = utf8_next(&s, end);
		if ((c >= 0x300 && c < 0x370) || (c >= 0x200b && c <= 0x200f) ||
		    (c >= 0xfe00 && c <= 0xfe0f) || c < 0x20)
			continue;
		bool wide = (c >= 0x1100 && c <= 0x115f) ||
			    (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
			    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
			    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
			    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
		n += wide ? 2 : 1;
	}
	return n;
}

bool text_starts(const char *s, const char *prefix)
{
	return s && !strncmp(s, prefix, strlen(prefix));
}

bool text_link_ok(const char *url)
{
	if (!url)
		return false;
	if (strncasecmp(url, "https://", 8) && strncasecmp(url, "http://", 7) &&
	    strncasecmp(url, "mailto:", 7))
		return false;
	for (const unsigned char *p = (const unsigned char *)url; *p; p++)
		if (*p <= 0x20 || *p == 0x7f || *p == '"' || *p == '<' || *p == '>' || *p == '\\')
			return false;
	return true;
}

void text_url_encode(struct sb *b, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
		    (*p >= '0' && *p <= '9') || strchr("-_.~", *p)) {
			sb_addc(b, (char)*p);
		} else {
			char esc[3] = {'%', hex[*p >> 4], hex[*p & 15]};
			sb_addn(b, esc, 3);
		}
	}
}

void text_slack_escape(struct sb *b, const char *s)
{
	for (; s && *s; s++) {
		if (*s == '&')
			sb_add(b, "&amp;");
		else if (*s == '<')
			sb_add(b, "&lt;");
		else if (*s == '>')
			sb_add(b, "&gt;");
		else
			sb_addc(b, *s);
	}
}

bool text_glob(const char *pattern, const char *s)
{
	return fnmatch(pattern, s, 0) == 0;
}

bool text_glob_list(const struct strv *patterns, const char *s)
{
	bool any_plain = false, hit = false;
	for (size_t i = 0; i < patterns->n; i++) {
		const char *p = patterns->v[i];
		if (p[0] == '!') {
			if (text_glob(p + 1, s))
				return false;
		} else {
			any_plain = true;
			hit = hit || text_glob(p, s);
		}
	}
	return hit || (!any_plain && patterns->n > 0);
}

bool text_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool text_ieq(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

const char *text_lower(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);
	for (char *q = p; q && *q; q++)
		if (*q >= 'A' && *q <= 'Z')
			*q = (char)(*q - 'A' + 'a');
	return p;
}

/* Where the first byte stands that is no UTF-8; n when there is none. */
static size_t utf8_bad(const char *s, size_t n)
{
	const char *p = s, *end = s + n;
	while (p < end) {
		uint64_t eight;
		if (end - p >= 8) {
			memcpy(&eight, p, 8);
			if (!(eight &
			      0x8080808080808080u)) { /* nearly all of the texts are ASCII */
				p += 8;
				continue;
			}
		}
		const char *at = p;
		if (utf8_next(&p, end) == 0xfffd && p - at == 1)
			return (size_t)(at - s);
	}
	return n;
}

const char *utf8_mend(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	if (utf8_bad(s, n) == n)
		return arena_strndup(a, s, n);
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (const char *p = s, *end = s + n; p < end;) {
		const char *at = p;
		if (utf8_next(&p, end) == 0xfffd && p - at == 1)
			sb_add(&b, "\xef\xbf\xbd");
		else
			sb_addn(&b, at, (size_t)(p - at));
	}
	return sb_str(&b);
}
