/* A report's bytes as UTF-8 text. */
#ifndef SCAN_BYTES_H
#define SCAN_BYTES_H

#include "base/arena.h"

/* Drops a byte order mark; UTF-16 (what PowerShell's ">" writes), known by its mark or by every
 * other byte of the first two characters being zero, becomes UTF-8, lone surrogates U+FFFD. An XML
 * declaration that then names the wrong encoding is dropped. *out points into bytes or into the
 * arena; not NUL-terminated. */
void bytes_text(const char *bytes, size_t len, struct arena *a, const char **out, size_t *n);
/* The next line at *p, blanks at its end cut off, in *s and *n; advances. False at end. */
bool bytes_line(const char **p, const char *end, const char **s, size_t *n);
/* Blanks of JSON and XML, and nothing else? */
bool bytes_blank(const char *s, size_t n);

#endif
