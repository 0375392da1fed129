/* Lines of plain text made of pieces that may carry an ink and a link: building, measuring,
 * cutting, wrapping, and writing them to a terminal without ever writing a control character of the
 * document.
 *
 * 1. struct screen s; screen_init(&s, &opts, arena)
 * 2. struct line l = {0}; line_add(&s, &l, text, INK_PLAIN, NULL) …
 * 3. screen_put(&s, indent, &l) or screen_wrap(&s, …);  screen_blank(&s) for a gap
 * 4. screen_finish(&s, &out, &len, e) */
#ifndef RENDER_LINES_H
#define RENDER_LINES_H

#include "base/sb.h"
#include "render/render.h"

enum ink { INK_PLAIN, INK_BOLD, INK_GREEN, INK_ORANGE, INK_RED, INK_GREY };

struct piece {
	const char *text, *href; /* href NULL: no link */
	enum ink ink;
};
struct line {
	struct piece *v;
	size_t n, cap;
};
struct lines {
	struct line *v;
	size_t n, cap;
};

struct screen {
	struct arena *a;
	struct text_opts o;
	size_t width; /* columns, within the bounds of text_opts */
	const char *page; /* absolute address of the page, or NULL */
	struct sb out;
	bool gap; /* the last line written was blank */
};

void screen_init(struct screen *s, const struct text_opts *o, const char *page, struct arena *a);
void screen_put(struct screen *s, size_t indent, const struct line *l); /* trailing blanks go */
void screen_blank(struct screen *s); /* at most one in a row */
void screen_rule(struct screen *s, const char *mark, size_t columns); /* one column wide mark */
/* Wrapped to the screen's width; the first line is indented by first, the others by rest. */
void screen_wrap(struct screen *s, size_t first, size_t rest, const struct line *l);
MUST_CHECK bool screen_finish(struct screen *s, const char **out, size_t *len, struct err *e);

/* Appends. Control, bidirectional and zero-width characters go; with ascii, the typographic ones
 * that we write ourselves become ASCII. href is used only where the screen shows links. */
void line_add(struct screen *s, struct line *l, const char *text, enum ink ink, const char *href);
void line_join(struct screen *s, struct line *l, const struct line *other); /* appends its pieces */
void line_pad(struct screen *s, struct line *l, size_t to); /* blanks up to that many columns */
size_t line_columns(const struct line *l);
/* At most that many columns, ending in "…" if something was cut. */
struct line line_cut(struct screen *s, const struct line *l, size_t columns);
/* Broken at blanks (never at no-break ones), inside a word only when it is longer than a line. */
void line_wrap(struct screen *s, const struct line *l, size_t first, size_t rest,
	       struct lines *out);

#endif
