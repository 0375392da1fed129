/* Untrusted text made safe to carry: UTF-8 checks, one-line cutting, and the escapers that no
 * library gives us.
 *
 * HTML and XML are escaped by libxml2 and JSON by cJSON when they write; nothing here does that. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/sb.h"

/* Outside text as one printable line: invalid UTF-8 becomes U+FFFD, runs of blanks and line ends
 * one blank, control, bidi and zero-width characters go, cut after max_cp code points with "…".
 * NULL gives NULL. max_cp 0 = no cut. */
const char *text_line(struct arena *a, const char *s, size_t max_cp);

/* The next code point at *p (never past end); advances. Invalid bytes give U+FFFD one byte at a
 * time. */
uint32_t utf8_next(const char **p, const char *end);
/* A copy in which every byte that is no UTF-8 is U+FFFD. */
const char *utf8_mend(struct arena *a, const char *s);
size_t utf8_count(const char *s); /* code points */
/* Columns of a terminal: 2 for wide East Asian and emoji, 0 for combining marks. */
size_t text_columns(const char *s);
/* Byte length of the longest prefix of s with at most max_cp code points. */
size_t utf8_prefix(const char *s, size_t max_cp);

/* http:, https: or mailto: with no control characters or blanks: the only links that get into a
 * document. */
bool text_link_ok(const char *url);

void text_url_encode(struct sb *b, const char *s); /* everything but A-Z a-z 0-9 - _ . ~ as %XX */
void text_slack_escape(struct sb *b, const char *s); /* & < > of outside text in Slack markup */

/* Globs as in the configuration: fnmatch without special slashes; a list matches if any plain
 * pattern does and no "!pattern". A list of only "!" patterns starts from everything; an empty list
 * matches nothing. Case counts. */
bool text_glob(const char *pattern, const char *s);
bool text_glob_list(const struct strv *patterns, const char *s);

bool text_eq(const char *a, const char *b); /* NULL equals only NULL */
bool text_ieq(const char *a, const char *b); /* ASCII case folded */
bool text_starts(const char *s, const char *prefix);
const char *text_lower(struct arena *a, const char *s); /* ASCII */

#endif
