/* The parts of render_text: inline text, tables, figures. */
#ifndef RENDER_TEXT_PARTS_H
#define RENDER_TEXT_PARTS_H

#include "render/lines.h"

/* Inline content as one line; <sub> and <strip> are left out. */
struct line text_inline(struct screen *s, const struct xnode *n);
/* A tag's word: capitals on a terminal, brackets in a mail. tone as in the document. */
void text_tag(struct screen *s, struct line *l, const char *word, const char *tone);
/* "Usual 1 to 13" as it stands inside a line: "usual 1 to 13"; "CI" stays. */
const char *text_small(struct arena *a, const char *s);

/* Caption, header, rows, total; tables of a figure's numbers are left out. section: for the line
 * that says how to see the rest. */
void text_table(struct screen *s, const struct xnode *table, const char *week, const char *section);

void text_panels(struct screen *s, const struct xnode *panels);
void text_figure(struct screen *s, const struct xnode *figure);
/* One character a value: ▁ to █, _ zero, ░ not collected, + at least; "" without a series. */
const char *text_spark(struct screen *s, const struct xnode *figure);

#endif
