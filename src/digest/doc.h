/* The blocks of the digest document: the only place of digest/ that makes XML.
 *
 * A sentence is built as one string, with marks (m_…) around what is more than text: code, links,
 * times, numbers, tags. Marks are control characters, which text_line() takes out of outside text,
 * so no title or branch name can forge one: outside text goes through m_out, m_code or m_link.
 * doc_inline() turns the string into nodes. */
#ifndef DIGEST_DOC_H
#define DIGEST_DOC_H

#include "base/arena.h"
#include "lib/xml.h"

/* Marked text, in the arena. NULL in gives "". */
const char *m_out(struct arena *a, const char *s); /* outside text: one line, 80 characters */
const char *m_code(struct arena *a, const char *s);
const char *m_sha(struct arena *a, const char *sha); /* the first 7 digits as code */
/* A link when url is http, https, mailto or "#…"; else the text alone. */
const char *m_link(struct arena *a, const char *url, const char *s);
const char *m_strong(struct arena *a, const char *s);
const char *m_time(struct arena *a, int64_t t_s, const char *s); /* TIME_NONE: the text alone */
const char *m_num(struct arena *a, const char *id, const char *s);
const char *m_tag(struct arena *a, const char *tone, const char *s);
/* With its first letter a capital, behind any marks. */
const char *m_capital(struct arena *a, const char *s);
/* The text of a marked string without the marks, for attributes and plain lines. */
const char *m_plain(struct arena *a, const char *s);

/* Appends marked text to an element as inline content. */
void doc_inline(struct xnode *n, const char *s);
struct xnode *doc_element(struct xnode *parent, const char *name, const char *s);

struct xnode *doc_section(struct xnode *root, const char *id, const char *title);
void doc_heading(struct xnode *n, const char *s);
void doc_para(struct xnode *n, const char *kind, const char *s); /* kind: "lede", "note", NULL */
void doc_callout(struct xnode *n, const char *kind, const char *s);
/* Two sides of a pair. */
void doc_pair(struct xnode *n, struct xnode **left, struct xnode **right);
void doc_term(struct xnode *terms, const char *word, const char *id, const char *s);

struct col {
	const char *label, *kind; /* text number code time strip */
	bool lo; /* hidden where there is little room */
	const char *before, *after; /* words of the running line; NULL: none */
};
struct xnode *doc_table(struct xnode *n, const char *id, const char *title, const struct col *cols,
			size_t n_cols);
struct xnode *doc_row(struct xnode *table, const char *item); /* item NULL: none */
struct xnode *doc_cell(struct xnode *row, const char *s, const char *sub);
void doc_strip(struct xnode *row, const char *s, const char *states); /* a cell with a strip */
/* A cell with seven small columns, Monday first: 0 to 8 on the scale of its table, m not known. */
void doc_days(struct xnode *row, const char *s, const char *levels);
/* A row that was not collected: its first cell and why. */
void doc_missing(struct xnode *table, const char *s, const char *why);

#endif
