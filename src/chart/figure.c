#include "chart/figure.h"

#include "base/parse.h"
#include "base/text.h"

#include <math.h>

static const char *const kinds[] = {"columns", "stack", "spark", "timeline", "panel", "ages"};
static const char *const states[] = {"past",	   "now",	 "mark", "missing",
				     "incomplete", "unfinished", "none"};

static bool number(const struct xnode *n, const char *attr, struct arena *a, const char *id,
		   double *out, struct err *e)
{
	const char *s = xml_get(n, attr, a);
	*out = NAN;
	if (!s)
		return true;
	if (!parse_f64(s, out) || !isfinite(*out))
		return err_set(e, ERR_PROTO, "figure \"%s\": %s=\"%s\" is not a number", id, attr,
			       s);
	if (*out < 0)
		return err_set(e, ERR_PROTO,
			       "figure \"%s\": %s=\"%s\" is below zero, and figures start at zero",
			       id, attr, s);
	return true;
}

static bool when(const struct xnode *n, const char *attr, struct arena *a, const char *id,
		 int64_t *out, struct err *e)
{
	const char *s = xml_get(n, attr, a);
	*out = TIME_NONE;
	if (s && !parse_time(s, out))
		return err_set(e, ERR_PROTO, "figure \"%s\": %s=\"%s\" is not a time", id, attr, s);
	return true;
}

static bool read_point(const struct xnode *n, struct arena *a, const char *id, struct point *p,
		       struct err *e)
{
	const char *state = xml_get(n, "state", a);
	size_t k = 0;
	while (k < ARRAY_SIZE(states) && !text_eq(states[k], state))
		k++;
	if (k == ARRAY_SIZE(states))
		return err_set(e, ERR_PROTO, "figure \"%s\": unknown state \"%s\"", id,
			       state ? state : "");
	p->state = (enum point_state)k;
	if (!number(n, "v", a, id, &p->v, e) || !number(n, "cap", a, id, &p->cap, e))
		return false;
	/* a state that counts, without its count, is not known: never draw it as zero */
	if (isnan(p->v) && p->state != POINT_NONE)
		p->state = POINT_MISSING;
	return true;
}

static bool read_series(const struct xnode *n, struct arena *a, struct figure *f, struct err *e)
{
	struct series s = {.name = xml_get(n, "name", a), .style = xml_get(n, "style", a)};
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		struct point p = {0};
		if (!read_point(c, a, f->id, &p, e))
			return false;
		vec_push(a, &s.p, p);
	}
	if (s.p.n != f->x.n)
		return err_set(e, ERR_PROTO,
			       "figure \"%s\": series \"%s\" has %zu points for %zu labels", f->id,
			       s.name ? s.name : "", s.p.n, f->x.n);
	vec_push(a, &f->series, s);
	return true;
}

static bool read_lane(const struct xnode *n, struct arena *a, struct figure *f, struct err *e)
{
	struct lane l = {.name = xml_get(n, "name", a),
			 .note = xml_get(n, "note", a),
			 .kind = xml_get(n, "kind", a)};
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c)) {
		struct mark m = {.style = xml_get(c, "style", a), .label = xml_get(c, "label", a)};
		if (!when(c, "at", a, f->id, &m.at_s, e) || !when(c, "to", a, f->id, &m.to_s, e) ||
		    !number(c, "v", a, f->id, &m.v, e) || !number(c, "part", a, f->id, &m.part, e))
			return false;
		if (m.at_s == TIME_NONE)
			return err_set(e, ERR_PROTO, "figure \"%s\": a mark of \"%s\" has no time",
				       f->id, l.name);
		vec_push(a, &l.m, m);
	}
	vec_push(a, &f->lanes, l);
	return true;
}

static bool read_span(const struct xnode *n, struct arena *a, const char *id, struct panel_line *l,
		      struct err *e)
{
	struct span s = {0};
	const char *text = xml_content(n, a);
	if (!when(n, "at", a, id, &s.from_s, e))
		return false;
	if (s.from_s == TIME_NONE || !parse_i64(xml_get(n, "step", a), &s.step_s) || s.step_s <= 0)
		return err_set(e, ERR_PROTO, "figure \"%s\": a span has no time or no step", id);
	for (const char *p = text; *p;) {
		p += strspn(p, " \t\r\n");
		size_t w = strcspn(p, " \t\r\n");
		double v;
		if (w == 0)
			break;
		if (!parse_f64(arena_strndup(a, p, w), &v) || !isfinite(v) || v < 0)
			return err_set(e, ERR_PROTO,
				       "figure \"%s\": \"%.*s\" is not a number from zero up", id,
				       (int)MIN(w, (size_t)40), p);
		vec_push(a, &s.v, v);
		p += w;
	}
	vec_push(a, &l->spans, s);
	return true;
}

static bool read_panel(const struct xnode *c, struct arena *a, struct figure *f, struct err *e)
{
	const char *label = xml_get(c, "label", a);
	if (xml_is(c, "line")) {
		struct panel_line l = {.name = xml_get(c, "name", a),
				       .peak = xml_get(c, "peak", a)};
		for (const struct xnode *n = xml_child(c); n; n = xml_next(n))
			if (!read_span(n, a, f->id, &l, e))
				return false;
		vec_push(a, &f->lines, l);
	} else if (xml_is(c, "gap")) {
		struct panel_gap g = {.label = label};
		if (!when(c, "at", a, f->id, &g.from_s, e) || !when(c, "to", a, f->id, &g.to_s, e))
			return false;
		vec_push(a, &f->gaps, g);
	} else if (xml_is(c, "limit")) {
		struct panel_limit l = {.label = label};
		if (!number(c, "v", a, f->id, &l.v, e))
			return false;
		vec_push(a, &f->limits, l);
	} else if (xml_is(c, "event")) {
		struct panel_event x = {.label = label};
		if (!when(c, "at", a, f->id, &x.at_s, e))
			return false;
		vec_push(a, &f->events, x);
	}
	return true;
}

static bool whole(const struct xnode *n, const char *attr, struct arena *a, const char *id,
		  int64_t *out, struct err *e)
{
	double v;
	if (!number(n, attr, a, id, &v, e))
		return false;
	if (isnan(v) || v > 1e6)
		return err_set(e, ERR_PROTO, "figure \"%s\": an age without a fit \"%s\"", id,
			       attr);
	*out = llround(v);
	return true;
}

static bool read_ages(const struct xnode *c, struct arena *a, struct figure *f, struct err *e)
{
	struct age_lane l = {.name = xml_get(c, "name", a), .note = xml_get(c, "note", a)};
	if (!number(c, "limit", a, f->id, &l.limit, e))
		return false;
	for (const struct xnode *n = xml_child(c); n; n = xml_next(n)) {
		struct age_mark m = {.over = xml_get(n, "over", a) != NULL};
		if (!whole(n, "days", a, f->id, &m.days, e) || !whole(n, "n", a, f->id, &m.n, e))
			return false;
		vec_push(a, &l.m, m);
	}
	vec_push(a, &f->ages, l);
	return true;
}

static bool read_part(const struct xnode *c, struct arena *a, struct figure *f, struct err *e)
{
	if (xml_is(c, "x")) {
		vec_push(a, &f->x, xml_get(c, "label", a));
	} else if (xml_is(c, "band")) {
		return number(c, "low", a, f->id, &f->band_low, e) &&
		       number(c, "high", a, f->id, &f->band_high, e);
	} else if (xml_is(c, "series")) {
		return read_series(c, a, f, e);
	} else if (xml_is(c, "day")) {
		struct figure_day d = {.label = xml_get(c, "label", a),
				       .weekend = xml_get(c, "weekend", a) != NULL};
		if (!when(c, "at", a, f->id, &d.at_s, e))
			return false;
		vec_push(a, &f->days, d);
	} else if (xml_is(c, "lane")) {
		return read_lane(c, a, f, e);
	} else if (xml_is(c, "ages")) {
		return read_ages(c, a, f, e);
	} else if (xml_is(c, "arrow")) {
		struct arrow r = {.from_lane = xml_get(c, "from-lane", a),
				  .to_lane = xml_get(c, "to-lane", a),
				  .label = xml_get(c, "label", a),
				  .note = xml_get(c, "note", a)};
		if (!when(c, "at", a, f->id, &r.at_s, e) || !when(c, "to", a, f->id, &r.to_s, e))
			return false;
		vec_push(a, &f->arrows, r);
	} else {
		return read_panel(c, a, f, e);
	}
	return true;
}

static bool check(const struct figure *f, struct err *e)
{
	if (f->kind == FIGURE_TIMELINE || f->kind == FIGURE_PANEL) {
		if (f->from_s == TIME_NONE || f->to_s == TIME_NONE || f->to_s <= f->from_s)
			return err_set(e, ERR_PROTO, "figure \"%s\": the %s has no span", f->id,
				       kinds[f->kind]);
		return true;
	}
	if (f->kind == FIGURE_AGES) {
		if (f->ages.n == 0)
			return err_set(e, ERR_PROTO, "figure \"%s\": nothing to draw", f->id);
		return true;
	}
	if (f->x.n == 0 || f->series.n == 0)
		return err_set(e, ERR_PROTO, "figure \"%s\": nothing to draw", f->id);
	if (f->kind != FIGURE_STACK && f->series.n != 1)
		return err_set(e, ERR_PROTO, "figure \"%s\": %s have one series, not %zu", f->id,
			       kinds[f->kind], f->series.n);
	if (isnan(f->band_low) != isnan(f->band_high) || f->band_low > f->band_high)
		return err_set(e, ERR_PROTO, "figure \"%s\": the usual range is no range", f->id);
	return true;
}

bool figure_read(const struct xnode *n, struct arena *a, struct figure *out, struct err *e)
{
	struct figure f = {.id = xml_get(n, "id", a),
			   .title = xml_get(n, "title", a),
			   .subtitle = xml_get(n, "subtitle", a),
			   .alt = xml_get(n, "alt", a),
			   .band_low = NAN,
			   .band_high = NAN};
	if (!f.id)
		f.id = "";
	const char *kind = xml_get(n, "kind", a);
	size_t k = 0;
	while (k < ARRAY_SIZE(kinds) && !text_eq(kinds[k], kind))
		k++;
	if (k == ARRAY_SIZE(kinds))
		return err_set(e, ERR_PROTO, "figure \"%s\": unknown kind \"%s\"", f.id,
			       kind ? kind : "");
	f.kind = (enum figure_kind)k;
	if (!when(n, "from", a, f.id, &f.from_s, e) || !when(n, "to", a, f.id, &f.to_s, e))
		return false;
	for (const struct xnode *c = xml_child(n); c; c = xml_next(c))
		if (!read_part(c, a, &f, e))
			return false;
	if (!check(&f, e))
		return false;
	*out = f;
	return true;
}
