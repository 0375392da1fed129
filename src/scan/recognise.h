/* Recognition of a report's format from its content (scans.md 1); file names are never looked at.
 *
 * The pattern of a format is a text: alternatives separated by "|", each made of terms joined by
 * "+". For JSON a term looks at the members of one object:
 *   key        is there, null or not          key[]      is an array
 *   key[a,b]   is an array whose first object has the members a and b
 *   key{a}     is an object with the member a key=text   is that string
 * For XML the terms look at the root element:
 *   name       is its name    @attr  has that attribute    ns~text  its namespace holds that text
 */
#ifndef SCAN_RECOGNISE_H
#define SCAN_RECOGNISE_H

#include "scan/formats.h"

/* Does the pattern hold for an object? */
bool recognise_keys(const char *pattern, const struct jv *object);
bool recognise_root(const char *pattern, const struct xml *x);

/* The first format of that shape that fits, or NULL. */
const struct scan_format *recognise(const struct scan_input *in, enum scan_shape shape);
/* Goes through JSON lines: the format that any line shows, or NULL. Fails: ERR_PROTO, with the
 * line, when a line is not one JSON value. *lines: how many were not blank. */
MUST_CHECK bool recognise_lines(const struct scan_input *in, const struct scan_format **out,
				size_t *lines, struct err *e);
/* What a report that cannot be parsed was meant to be, by a text near its start, or NULL. */
const struct scan_format *recognise_broken(const char *bytes, size_t len);
/* The format whose tool writes a bare [] or null for "found nothing", or NULL. */
const struct scan_format *recognise_empty(const char *tool);
/* Is `tool`, as somebody named it, the tool of that name? "npm" and "npm-audit" are, by one
 * holding the other. */
bool recognise_same_tool(const char *named, const char *tool, struct arena *a);

#endif
