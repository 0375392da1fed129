/* Every widget of the dashboards as a small multiple of the week. */
#include "digest/panels.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/words.h"

#include <math.h>

#define LINES_MAX 4 /* what a panel tells apart (chart/layout_panel.c) */
#define GAP_WORDS ((int64_t)3 * 3600) /* a shorter gap is seen, not named */

struct reading { /* of one line */
	double low, high, sum;
	int64_t high_at_s;
	bool negative;
};

static struct reading read_line(const struct rec_series *s)
{
	struct reading r = {.low = INFINITY, .high = -INFINITY, .high_at_s = TIME_NONE};
	for (size_t i = 0; i < s->points.n; i++) {
		const struct rec_point *p = &s->points.v[i];
		r.sum += p->value;
		r.low = fmin(r.low, p->value);
		r.negative |= p->value < 0;
		if (p->value > r.high) {
			r.high = p->value;
			r.high_at_s = p->at_s;
		}
	}
	return r;
}

static void add_days(const struct study *f, struct xnode *fig)
{
	for (int i = 0; i < 7; i++) {
		struct xnode *d = xml_add(fig, "day");
		xml_attr_time(d, "at", f->day_s[i]);
		xml_attr(d, "label", w_day(f->a, f->z, f->day_s[i]));
		xml_attr(d, "weekend", i > 4 ? "yes" : NULL);
	}
}

/* Values in a row; a period without one ends the span. */
static void add_line(const struct study *f, struct xnode *fig, const struct rec_series *s,
		     const char *peak)
{
	struct xnode *line = xml_add(fig, "line");
	xml_attr(line, "name", m_plain(f->a, m_out(f->a, *s->label ? s->label : s->panel)));
	xml_attr(line, "peak", peak);
	for (size_t i = 0; i < s->points.n;) {
		struct xnode *span = xml_add(line, "span");
		struct sb b;
		int64_t next_s = s->points.v[i].at_s;
		sb_init(&b, f->a, 1 << 20);
		xml_attr_time(span, "at", next_s);
		xml_attr_i64(span, "step", s->period_s);
		for (; i < s->points.n && s->points.v[i].at_s == next_s; i++) {
			sb_addf(&b, "%s%.6g", b.len ? " " : "", s->points.v[i].value);
			next_s += s->period_s;
		}
		xml_text(span, sb_str(&b));
	}
}

/* Where no line has a value. One that counts events has none where nothing happened, so only a gap
 * between values of a line that is otherwise steady is one: gauges, means and percentages. */
static int64_t add_gaps(const struct study *f, struct xnode *fig, const struct rec_series *s,
			int64_t until_s)
{
	int64_t sum = 0, at_s = f->from_s;
	if (s->points.n == 0 || s->period_s <= 0)
		return 0;
	for (size_t i = 0; i <= s->points.n; i++) {
		int64_t next_s = i < s->points.n ? s->points.v[i].at_s : until_s;
		int64_t gap = next_s - at_s;
		if (gap >= GAP_WORDS && gap > 2 * s->period_s) {
			struct xnode *g = xml_add(fig, "gap");
			xml_attr_time(g, "at", at_s);
			xml_attr_time(g, "to", next_s);
			xml_attr(g, "label",
				 arena_printf(f->a, "no data %s", w_duration(f->a, gap)));
			sum += gap;
		}
		at_s = next_s + s->period_s;
	}
	return sum;
}

static bool is_count(const struct rec_series *s)
{
	return text_eq(s->statistic, "Sum") || text_eq(s->statistic, "SampleCount");
}

/* "%, hourly mean" */
static const char *unit_words(const struct study *f, const struct rec_series *s)
{
	static const struct {
		const char *name, *word;
	} words[] = {{"Average", "mean"},
		     {"Sum", "sum"},
		     {"Maximum", "maximum"},
		     {"Minimum", "minimum"},
		     {"SampleCount", "number of samples"}};
	const char *stat = s->statistic ? m_plain(f->a, m_out(f->a, s->statistic)) : "value";
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_eq(stat, words[i].name))
			stat = words[i].word;
	const char *unit = s->unit ? m_plain(f->a, m_out(f->a, s->unit)) : NULL;
	const char *text = s->period_s == 86400	 ? arena_printf(f->a, "daily %s", stat)
			   : s->period_s == 3600 ? arena_printf(f->a, "hourly %s", stat)
						 : arena_printf(f->a, "%s of each %s", stat,
								w_duration(f->a, s->period_s));
	return unit ? arena_printf(f->a, "%s, %s", unit, text) : w_capital(f->a, text);
}

static void add_figure(const struct study *f, struct xnode *panels, const struct rec_series *lines,
		       size_t n, size_t number)
{
	const struct rec_series *first = &lines[0];
	struct reading r = read_line(first);
	struct xnode *fig = xml_add(panels, "figure");
	const char *name = m_plain(f->a, m_out(f->a, first->panel));
	int64_t until_s = MIN(f->to_s, f->now_s);
	xml_attr(fig, "id", arena_printf(f->a, "panel-%zu", number));
	xml_attr(fig, "title", name);
	xml_attr(fig, "subtitle", unit_words(f, first));
	xml_attr(fig, "kind", "panel");
	xml_attr_time(fig, "from", f->from_s);
	xml_attr_time(fig, "to", f->to_s);
	add_days(f, fig);
	const char *peak = first->points.n == 0
				   ? NULL
				   : arena_printf(f->a, "peak %s", w_measure(f->a, r.high));
	for (size_t i = 0; i < MIN(n, (size_t)LINES_MAX); i++)
		add_line(f, fig, &lines[i], i == 0 ? peak : NULL);
	int64_t gap = is_count(first) ? 0 : add_gaps(f, fig, first, until_s);
	const char *words = first->points.n == 0
				    ? "no value in the week"
				    : arena_printf(f->a, "%s to %s, mean %s, highest %s",
						   w_measure(f->a, r.low), w_measure(f->a, r.high),
						   w_measure(f->a, r.sum / (double)first->points.n),
						   w_when(f->a, f->z, r.high_at_s));
	const char *more =
		n == 1 ? ""
		       : arena_printf(f->a, "; the first of %s lines%s", w_count(f->a, (int64_t)n),
				      n > LINES_MAX ? ", four are drawn" : "");
	xml_attr(fig, "alt",
		 gap > 0 ? arena_printf(f->a, "%s; no data for %s%s", words, w_duration(f->a, gap),
					more)
			 : arena_printf(f->a, "%s%s", words, more));
}

static bool drawable(const struct rec_series *s)
{
	return s->status != LEDGER_FAILED && s->status != LEDGER_NOT_ENABLED && s->period_s > 0 &&
	       s->points.n > 0 && !read_line(s).negative;
}

static bool same_board(const struct rec_series *x, const struct rec_series *y)
{
	return text_eq(x->source, y->source) && text_eq(x->board, y->board);
}

size_t panels_add(const struct study *f, struct xnode *section)
{
	const struct series *all = &f->monitoring.read;
	const struct rec_series *board = NULL;
	struct xnode *panels = NULL;
	size_t number = 0, left = 0;
	for (size_t i = 0, n; i < all->n; i += n) {
		const struct rec_series *s = &all->v[i];
		n = 1;
		while (i + n < all->n && same_board(s, &all->v[i + n]) &&
		       text_eq(s->panel, all->v[i + n].panel))
			n++;
		if (!drawable(s))
			continue;
		if (number >= PANELS_MAX) {
			left++;
			continue;
		}
		if (!board || !same_board(board, s)) {
			panels = xml_add(section, "panels");
			xml_attr(panels, "id", arena_printf(f->a, "board-%zu", number + 1));
			xml_attr(panels, "title",
				 arena_printf(f->a, "Dashboard %s, %s",
					      m_plain(f->a, m_out(f->a, s->board)),
					      m_plain(f->a, m_out(f->a, s->source))));
			xml_attr(panels, "note",
				 "Monday to Sunday; each chart has its own scale, from zero.");
			board = s;
		}
		add_figure(f, panels, s, n, ++number);
	}
	return left;
}
