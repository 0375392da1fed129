/* Figures as data: the last 13 weeks of a number, and the tables of their values. */
#ifndef DIGEST_FIGURES_H
#define DIGEST_FIGURES_H

#include "digest/study.h"
#include "lib/xml.h"

/* How a week of a number stands: what the chart and the table both say. */
enum week_state { WEEK_KNOWN, WEEK_INCOMPLETE, WEEK_MISSING, WEEK_BEFORE };
struct week_value {
	enum week_state state;
	double v;
};
/* i: 0 is twelve weeks ago, 12 this week. BEFORE: earlier than the first digest. */
struct week_value figure_week(const struct study *f, const char *id, int i);
const char *figure_week_label(const struct study *f, int i); /* "W46" */
const char *figure_span(const struct study *f); /* "weeks 34 to 46" */
/* "5, 7, not collected, 14." for text alternatives. */
const char *figure_values(const struct study *f, const char *id);

/* A small one, for a tile. */
void figure_spark(const struct study *f, struct xnode *tile, const char *id, const char *label);
struct figure_series {
	const char *id, *name, *style; /* style NULL: plain */
};
/* Columns of a number by week with its usual range; caps: ids whose sum stands on top, n of them.
 */
void figure_columns(const struct study *f, struct xnode *n, const char *figure_id, const char *id,
		    const char *title, const char *subtitle, const char *name,
		    const struct figure_series *caps, size_t n_caps);
void figure_stack(const struct study *f, struct xnode *n, const char *figure_id, const char *title,
		  const char *subtitle, const struct figure_series *series, size_t n_series,
		  const char *total_id);
/* The numbers of a figure by week. */
void figure_table(const struct study *f, struct xnode *n, const char *table_id, const char *title,
		  const struct figure_series *series, size_t n_series);

#endif
