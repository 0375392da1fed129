/* A figure as data: what the digest document's <figure> says, read once for layout. The grammar of
 * figures: look.md 5. */
#ifndef CHART_FIGURE_H
#define CHART_FIGURE_H

#include "base/arena.h"
#include "base/err.h"
#include "lib/xml.h"

enum figure_kind {
	FIGURE_COLUMNS,
	FIGURE_STACK,
	FIGURE_SPARK,
	FIGURE_TIMELINE,
	FIGURE_PANEL,
	FIGURE_AGES
};
enum point_state {
	POINT_PAST,
	POINT_NOW,
	POINT_MARK,
	POINT_MISSING,
	POINT_INCOMPLETE,
	POINT_UNFINISHED,
	POINT_NONE
};

struct point {
	enum point_state state;
	double v, cap; /* NaN: absent */
};
struct series {
	const char *name, *style;
	VEC(struct point) p;
};
struct mark {
	int64_t at_s, to_s; /* to_s TIME_NONE: an instant */
	const char *style, *label;
	double v, part; /* NaN: absent */
};
struct lane {
	const char *name, *note, *kind;
	VEC(struct mark) m;
};
struct arrow {
	const char *from_lane, *to_lane, *label, *note;
	int64_t at_s, to_s;
};
struct figure_day {
	int64_t at_s;
	const char *label;
	bool weekend;
};

struct span { /* of a panel's line: values of periods one after the other */
	int64_t from_s, step_s;
	VEC(double) v;
};
struct panel_line {
	const char *name, *peak; /* peak: written at the highest value, or NULL */
	VEC(struct span) spans;
};
struct panel_gap {
	int64_t from_s, to_s;
	const char *label;
};
struct panel_limit {
	double v;
	const char *label;
};
struct panel_event {
	int64_t at_s;
	const char *label;
};

struct age_mark { /* things of one age */
	int64_t days, n;
	bool over; /* past the limit */
};
struct age_lane {
	const char *name, *note;
	double limit; /* days; NaN: none */
	VEC(struct age_mark) m;
};

struct figure {
	const char *id, *title, *subtitle, *alt;
	enum figure_kind kind;
	struct strv x;
	double band_low, band_high; /* NaN: none */
	VEC(struct series) series;
	int64_t from_s, to_s;
	VEC(struct figure_day) days;
	VEC(struct lane) lanes;
	VEC(struct arrow) arrows;
	VEC(struct panel_line) lines;
	VEC(struct panel_gap) gaps;
	VEC(struct panel_limit) limits;
	VEC(struct panel_event) events;
	VEC(struct age_lane) ages;
};

/* n: a <figure> of a valid document. Fails: ERR_PROTO for what the schema cannot say (points per
 * series ≠ x). */
MUST_CHECK bool figure_read(const struct xnode *n, struct arena *a, struct figure *out,
			    struct err *e);

#endif
