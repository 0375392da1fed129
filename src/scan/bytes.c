#include "scan/bytes.h"

#include <strings.h>

static char *put_cp(char *p, uint32_t c)
{
	if (c < 0x80) {
		*p++ = (char)c;
	} else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xf0 | c >> 18);
		*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	return p;
}

static uint32_t unit(const unsigned char *s, bool big)
{
	return big ? (uint32_t)s[0] << 8 | s[1] : (uint32_t)s[1] << 8 | s[0];
}

static void from_utf16(const char *bytes, size_t len, bool big, struct arena *a, const char **out,
		       size_t *n)
{
	const unsigned char *s = (const unsigned char *)bytes;
	char *text = arena_alloc(a, len / 2 * 3 + 4), *p = text; /* a unit gives at most 3 bytes */
	size_t i = 0;
	while (i + 1 < len) {
		uint32_t c = unit(s + i, big);
		i += 2;
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < len) {
			uint32_t low = unit(s + i, big);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		p = put_cp(p, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
	if (i < len) /* half a unit */
		p = put_cp(p, 0xfffd);
	*out = text;
	*n = (size_t)(p - text);
}

/* libxml2 refuses 8-bit text that declares UTF-16; without a declaration it is UTF-8, which it is
 * by now. */
static void drop_declaration(const char **s, size_t *n)
{
	size_t head = MIN(*n, (size_t)200);
	if (head < 5 || memcmp(*s, "<?xml", 5) != 0)
		return;
	const char *end = memmem(*s, head, "?>", 2);
	if (!end)
		return;
	size_t len = (size_t)(end - *s) + 2;
	for (size_t i = 5; i + 6 <= len; i++) {
		if (!strncasecmp(*s + i, "utf-16", 6)) {
			*s += len;
			*n -= len;
			return;
		}
	}
}

void bytes_text(const char *bytes, size_t len, struct arena *a, const char **out, size_t *n)
{
	const unsigned char *s = (const unsigned char *)bytes;
	if (len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		*out = bytes + 3;
		*n = len - 3;
	} else if (len >= 2 && (!memcmp(s, "\xff\xfe", 2) || !memcmp(s, "\xfe\xff", 2))) {
		from_utf16(bytes + 2, len - 2, s[0] == 0xfe, a, out, n);
	} else if (len >= 4 && s[0] && !s[1] && s[2] && !s[3]) {
		from_utf16(bytes, len, false, a, out, n);
	} else if (len >= 4 && !s[0] && s[1] && !s[2] && s[3]) {
		from_utf16(bytes, len, true, a, out, n);
	} else {
		*out = bytes;
		*n = len;
	}
	drop_declaration(out, n);
}

bool bytes_line(const char **p, const char *end, const char **s, size_t *n)
{
	if (*p >= end)
		return false;
	const char *nl = memchr(*p, '\n', (size_t)(end - *p));
	*s = *p;
	*n = (size_t)((nl ? nl : end) - *p);
	*p = nl ? nl + 1 : end;
	while (*n && bytes_blank(*s + *n - 1, 1))
		(*n)--;
	return true;
}

bool bytes_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i] || !strchr(" \t\r\n", s[i]))
			return false;
	return true;
}
