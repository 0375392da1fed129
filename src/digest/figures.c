#include "digest/figures.h"

#include "base/sb.h"
#include "digest/doc.h"
#include "digest/study.h"
#include "digest/words.h"

#include <math.h>

#define THIS_WEEK (STUDY_WEEKS - 1)

const char *figure_week_label(const struct study *f, int i)
{
	return arena_printf(f->a, "W%02d", f->weeks[i].number);
}

const char *figure_span(const struct study *f)
{
	return arena_printf(f->a, "weeks %d to %d", f->weeks[0].number, f->week.number);
}

struct week_value figure_week(const struct study *f, const char *id, int i)
{
	double v = NAN;
	bool incomplete = false;
	if (i == THIS_WEEK) {
		const struct number *n = numbers_get(&f->numbers, id);
		v = n->value, incomplete = n->incomplete;
	} else {
		struct week w = f->weeks[i];
		const struct history_week *h = NULL;
		for (size_t k = 0; k < f->history.n && !h; k++)
			if (!strcmp(f->history.v[k].week, w.name))
				h = &f->history.v[k];
		const char *first =
			f->history.n ? f->history.v[f->history.n - 1].week : f->week.name;
		if (!h)
			return (struct week_value){
				strcmp(w.name, first) < 0 ? WEEK_BEFORE : WEEK_MISSING, NAN};
		v = numbers_then(h, id, &incomplete);
	}
	if (isnan(v))
		return (struct week_value){WEEK_MISSING, NAN};
	return (struct week_value){incomplete ? WEEK_INCOMPLETE : WEEK_KNOWN, v};
}

static const char *value_words(const struct study *f, struct week_value x)
{
	switch (x.state) {
	case WEEK_KNOWN:
		return w_count(f->a, llround(x.v));
	case WEEK_INCOMPLETE:
		return arena_printf(f->a, "at least %s", w_count(f->a, llround(x.v)));
	case WEEK_MISSING:
		return "not collected";
	case WEEK_BEFORE:
		return "no digest yet";
	}
	return "";
}

const char *figure_values(const struct study *f, const char *id)
{
	struct sb b;
	sb_init(&b, f->a, 4096);
	for (int i = 0; i < STUDY_WEEKS; i++) {
		struct week_value x = figure_week(f, id, i);
		if (x.state != WEEK_BEFORE)
			sb_addf(&b, "%s%s", b.len ? ", " : "", value_words(f, x));
	}
	return sb_str(&b);
}

static void point(const struct study *f, struct xnode *series, const char *id, int i, double cap)
{
	struct week_value x = figure_week(f, id, i);
	const struct number *n = numbers_get(&f->numbers, id);
	struct xnode *p = xml_add(series, "p");
	const char *state = "none";
	switch (x.state) {
	case WEEK_KNOWN:
		state = i < THIS_WEEK ? "past" : n->mark ? "mark" : "now";
		break;
	case WEEK_INCOMPLETE:
		state = "incomplete";
		break;
	case WEEK_MISSING:
		state = "missing";
		break;
	case WEEK_BEFORE:
		break;
	}
	xml_attr(p, "state", state);
	if (!isnan(x.v))
		xml_attr_f(p, "v", "%.6g", x.v);
	if (!isnan(x.v) && cap > 0)
		xml_attr_f(p, "cap", "%.6g", cap);
}

static void weeks_axis(const struct study *f, struct xnode *fig)
{
	for (int i = 0; i < STUDY_WEEKS; i++)
		xml_attr(xml_add(fig, "x"), "label", figure_week_label(f, i));
}

static void band(const struct study *f, struct xnode *fig, const char *id)
{
	const struct number *n = numbers_get(&f->numbers, id);
	if (isnan(n->low))
		return;
	struct xnode *b = xml_add(fig, "band");
	xml_attr_f(b, "low", "%.6g", n->low);
	xml_attr_f(b, "high", "%.6g", n->high);
}

static struct xnode *figure(struct xnode *n, const char *figure_id, const char *kind,
			    const char *title, const char *subtitle, const char *alt)
{
	struct xnode *fig = xml_add(n, "figure");
	xml_attr(fig, "id", figure_id);
	xml_attr(fig, "kind", kind);
	xml_attr(fig, "title", title);
	xml_attr(fig, "subtitle", subtitle);
	xml_attr(fig, "alt", alt);
	return fig;
}

static const char *alt_of(const struct study *f, const char *name, const char *id)
{
	const struct number *n = numbers_get(&f->numbers, id);
	const char *usual = isnan(n->low) ? ""
					  : arena_printf(f->a, " Usual range %s.",
							 w_range(f->a, n->low, n->high));
	return arena_printf(f->a, "%s by week, up to week %d: %s.%s", name, f->week.number,
			    figure_values(f, id), usual);
}

void figure_spark(const struct study *f, struct xnode *tile, const char *id, const char *label)
{
	struct xnode *fig = figure(tile, arena_printf(f->a, "spark.%s", id), "spark", label,
				   figure_span(f), alt_of(f, label, id));
	weeks_axis(f, fig);
	band(f, fig, id);
	struct xnode *s = xml_add(fig, "series");
	xml_attr(s, "name", label);
	for (int i = 0; i < STUDY_WEEKS; i++)
		point(f, s, id, i, 0);
}

static double sum_of(const struct study *f, const struct figure_series *v, size_t n, int i)
{
	double sum = 0;
	for (size_t k = 0; k < n; k++) {
		struct week_value x = figure_week(f, v[k].id, i);
		sum += isnan(x.v) ? 0 : x.v;
	}
	return sum;
}

void figure_columns(const struct study *f, struct xnode *n, const char *figure_id, const char *id,
		    const char *title, const char *subtitle, const char *name,
		    const struct figure_series *caps, size_t n_caps)
{
	struct xnode *fig = figure(n, figure_id, "columns", title, subtitle, alt_of(f, name, id));
	weeks_axis(f, fig);
	band(f, fig, id);
	struct xnode *s = xml_add(fig, "series");
	xml_attr(s, "name", name);
	for (int i = 0; i < STUDY_WEEKS; i++)
		point(f, s, id, i, sum_of(f, caps, n_caps, i));
	struct figure_series columns[5] = {{id, name, NULL}};
	BUG_ON(n_caps >= ARRAY_SIZE(columns));
	for (size_t i = 0; i < n_caps; i++)
		columns[i + 1] = caps[i];
	figure_table(f, fig, arena_printf(f->a, "%s.table", figure_id),
		     arena_printf(f->a, "%s by week", name), columns, n_caps + 1);
}

void figure_stack(const struct study *f, struct xnode *n, const char *figure_id, const char *title,
		  const char *subtitle, const struct figure_series *series, size_t n_series,
		  const char *total_id)
{
	struct sb b;
	sb_init(&b, f->a, 4096);
	sb_addf(&b, "%s In week %d:", alt_of(f, "Failed in the end", total_id), f->week.number);
	for (size_t i = 0; i < n_series; i++)
		sb_addf(&b, "%s %s %s", i ? "," : "", series[i].name,
			value_words(f, figure_week(f, series[i].id, THIS_WEEK)));
	sb_add(&b, ".");
	struct xnode *fig = figure(n, figure_id, "stack", title, subtitle, sb_str(&b));
	weeks_axis(f, fig);
	for (size_t k = 0; k < n_series; k++) {
		struct xnode *s = xml_add(fig, "series");
		xml_attr(s, "name", series[k].name);
		xml_attr(s, "style", series[k].style);
		for (int i = 0; i < STUDY_WEEKS; i++)
			point(f, s, series[k].id, i, 0);
	}
	struct figure_series columns[6];
	BUG_ON(n_series >= ARRAY_SIZE(columns));
	for (size_t i = 0; i < n_series; i++)
		columns[i] = series[i];
	columns[n_series] = (struct figure_series){total_id, "Failed in the end", NULL};
	figure_table(f, fig, arena_printf(f->a, "%s.table", figure_id), title, columns,
		     n_series + 1);
}

void figure_table(const struct study *f, struct xnode *n, const char *table_id, const char *title,
		  const struct figure_series *series, size_t n_series)
{
	struct col *cols = arena_array(f->a, struct col, n_series + 1);
	cols[0] =
		(struct col){.label = arena_printf(f->a, "Week, %d", f->week.year), .kind = "text"};
	for (size_t k = 0; k < n_series; k++)
		cols[k + 1] = (struct col){.label = series[k].name, .kind = "number"};
	struct xnode *t = doc_table(n, table_id, title, cols, n_series + 1);
	xml_attr(t, "keep", "yes");
	xml_attr(t, "data", "yes");
	for (int i = 0; i < STUDY_WEEKS; i++) {
		struct week w = f->weeks[i];
		const char *label = w.year == f->week.year
					    ? arena_printf(f->a, "Week %d", w.number)
					    : arena_printf(f->a, "Week %d, %d", w.number, w.year);
		size_t known = 0, before = 0;
		for (size_t k = 0; k < n_series; k++) {
			struct week_value x = figure_week(f, series[k].id, i);
			known += x.state == WEEK_KNOWN || x.state == WEEK_INCOMPLETE;
			before += x.state == WEEK_BEFORE;
		}
		if (before == n_series)
			continue;
		if (known == 0) {
			doc_missing(t, label, "not collected");
			continue;
		}
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, label, NULL);
		for (size_t k = 0; k < n_series; k++)
			doc_cell(r, value_words(f, figure_week(f, series[k].id, i)), NULL);
	}
}
