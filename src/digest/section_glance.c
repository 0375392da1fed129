#include "base/sb.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

#define BLOCKS	   4 /* of six hours, a day */
#define MANY_MARKS 60 /* more marks than that in a lane run into one another: columns of counts */

static bool unknown(const struct study *f, const char *id)
{
	return isnan(numbers_get(&f->numbers, id)->value);
}

static struct xnode *lane(struct xnode *fig, const char *name, const char *note, const char *kind)
{
	struct xnode *l = xml_add(fig, "lane");
	xml_attr(l, "name", name);
	xml_attr(l, "note", note);
	xml_attr(l, "kind", kind);
	return l;
}

static struct xnode *mark(struct xnode *l, int64_t at_s, int64_t to_s, const char *style,
			  const char *label)
{
	struct xnode *m = xml_add(l, "m");
	xml_attr_time(m, "at", at_s);
	xml_attr_time(m, "to", to_s);
	xml_attr(m, "style", style);
	xml_attr(m, "label", label);
	return m;
}

static void blank_lane(const struct study *f, struct xnode *fig, const char *name, const char *kind,
		       const char *id)
{
	const char *why = study_fed(f, id) ? "not collected" : "not configured";
	mark(lane(fig, name, why, kind), f->from_s, f->to_s, "hatched", why);
}

static int64_t block_start(const struct study *f, int block)
{
	int64_t day = f->day_s[block / BLOCKS];
	return block % BLOCKS ? day + (int64_t)(block % BLOCKS) * 6 * 3600 : day;
}

static int block_of(const struct study *f, int64_t t_s)
{
	int b = 0;
	while (b + 1 < 7 * BLOCKS && block_start(f, b + 1) <= t_s)
		b++;
	return b;
}

static int day_of(const struct study *f, int64_t t_s)
{
	return block_of(f, t_s) / BLOCKS;
}

static void columns(const struct study *f, struct xnode *l, const int64_t v[7 * BLOCKS],
		    const int64_t part[7 * BLOCKS])
{
	for (int b = 0; b < 7 * BLOCKS; b++) {
		struct xnode *m = mark(l, block_start(f, b), block_start(f, b + 1), "now", NULL);
		xml_attr_i64(m, "v", v[b]);
		if (part)
			xml_attr_i64(m, "part", part[b]);
	}
}

struct by_day {
	int64_t deployments[7], undone[7], errors[7], failed[7], real[7], scans[7], scans_failed[7];
	double down[7]; /* minutes, of all services; NaN: not told */
};

static void deployments_lane(const struct study *f, struct xnode *fig, struct by_day *d)
{
	const struct deployments_week *w = &f->deployments;
	if (unknown(f, "deployments.total")) {
		blank_lane(f, fig, "Deployments", "ticks", "deployments.total");
		return;
	}
	int64_t blocks[7 * BLOCKS] = {0}, bad[7 * BLOCKS] = {0};
	bool many = w->total > MANY_MARKS;
	const char *note =
		w->rolled_back + w->failed == 0
			? w_value(f->a, numbers_get(&f->numbers, "deployments.total"), false)
			: arena_printf(f->a, "%s, %s failed or rolled back",
				       w_value(f->a, numbers_get(&f->numbers, "deployments.total"),
					       false),
				       w_count(f->a, w->rolled_back + w->failed));
	struct xnode *l = lane(fig, "Deployments", note, many ? "columns" : "ticks");
	for (size_t i = 0; i < w->rows.n; i++) {
		const struct deployment_row *r = &w->rows.v[i];
		if (!r->production)
			continue;
		bool undone = r->d->state == DEPLOY_ROLLED_BACK || r->d->state == DEPLOY_FAILED;
		d->deployments[day_of(f, r->d->at_s)]++;
		d->undone[day_of(f, r->d->at_s)] += undone;
		blocks[block_of(f, r->d->at_s)]++;
		bad[block_of(f, r->d->at_s)] += undone;
		if (many)
			continue;
		const char *label = NULL;
		if (undone && !f->counts_only)
			label = arena_printf(
				f->a, "%s%s%.7s, %s", m_plain(f->a, m_out(f->a, r->d->service)),
				r->d->sha ? " " : "", r->d->sha ? m_out(f->a, r->d->sha) : "",
				r->d->state == DEPLOY_FAILED ? "failed" : "rolled back");
		mark(l, r->d->at_s, TIME_NONE,
		     undone			       ? "cross"
		     : r->d->state == DEPLOY_SUCCEEDED ? "now"
						       : "past",
		     label);
	}
	if (many)
		columns(f, l, blocks, bad);
}

static bool linked(const struct error_row *r)
{
	return r->is_new &&
	       (r->cause.strength == STRENGTH_CERTAIN || r->cause.strength == STRENGTH_STRONG);
}

static void errors_lane(const struct study *f, struct xnode *fig, struct by_day *d)
{
	if (unknown(f, "errors.new")) {
		blank_lane(f, fig, "New errors", "dots", "errors.new");
		return;
	}
	const struct number *n = numbers_get(&f->numbers, "errors.new");
	bool many = n->value > MANY_MARKS;
	int64_t blocks[7 * BLOCKS] = {0}, tied[7 * BLOCKS] = {0};
	struct xnode *l = lane(fig, "New errors",
			       arena_printf(f->a, "%s %s", w_value(f->a, n, false),
					    llround(n->value) == 1 ? "issue" : "issues"),
			       many ? "columns" : "dots");
	for (size_t i = 0; i < f->errors.rows.n; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		if (!r->is_new)
			continue;
		d->errors[day_of(f, r->began_s)]++;
		blocks[block_of(f, r->began_s)]++;
		tied[block_of(f, r->began_s)] += linked(r);
		if (!many)
			mark(l, r->began_s, TIME_NONE, linked(r) ? "mark" : "now", NULL);
	}
	if (many)
		columns(f, l, blocks, tied);
}

static void ci_lane(const struct study *f, struct xnode *fig, struct by_day *d)
{
	if (unknown(f, "ci.failed")) {
		blank_lane(f, fig, "Failed runs", "columns", "ci.failed");
		return;
	}
	int64_t v[7 * BLOCKS] = {0}, real[7 * BLOCKS] = {0};
	for (size_t i = 0; i < f->ci.rows.n; i++) {
		const struct ci_run *x = f->ci.rows.v[i].x;
		if (!x->failed)
			continue;
		int b = block_of(f, x->r->created_s);
		v[b]++, d->failed[b / BLOCKS]++;
		real[b] += x->class == CI_REAL, d->real[b / BLOCKS] += x->class == CI_REAL;
	}
	columns(f,
		lane(fig, "Failed runs",
		     arena_printf(f->a, "%s, %s real (dark)",
				  w_value(f->a, numbers_get(&f->numbers, "ci.failed"), false),
				  w_count(f->a, f->ci.all.real)),
		     "columns"),
		v, real);
}

static void scans_lane(const struct study *f, struct xnode *fig, struct by_day *d)
{
	const struct security_week *w = &f->security;
	if (unknown(f, "security.scans")) {
		blank_lane(f, fig, "Scans", "squares", "security.scans");
		return;
	}
	struct xnode *l = lane(fig, "Scans",
			       arena_printf(f->a, "%s of %s gave a result",
					    w_count(f->a, w->with_result), w_count(f->a, w->due)),
			       "squares");
	size_t drawn = 0;
	for (size_t i = 0; i < w->scans.n; i++) {
		const struct scan_row *s = &w->scans.v[i];
		if (s->list || s->outcome == SCAN_NOT_DUE)
			continue;
		bool missed = s->outcome == SCAN_NOT_RUN, bad = s->outcome == SCAN_GAVE_NOTHING;
		int64_t at = s->last ? s->last->scanned_s
				     : MIN(MAX(s->due_s, f->from_s), f->to_s - 3600);
		d->scans[day_of(f, at)] += !missed && !bad;
		d->scans_failed[day_of(f, at)] += missed || bad;
		if (drawn++ >= MANY_MARKS)
			continue;
		const char *label = NULL;
		if ((missed || bad) && !f->counts_only)
			label = arena_printf(f->a, "%s %s", m_out(f->a, s->tool),
					     missed ? "did not run" : "failed");
		mark(l, at, TIME_NONE, missed ? "hatched" : bad ? "cross" : "now", label);
	}
}

/* While an alarm was on: below the minutes down, because it is about a cause, not an outage. */
static void alarm_spans(const struct study *f, struct xnode *l, const struct alarm *x)
{
	const char *state = x->changes.n ? x->changes.v[0].from : x->state;
	int64_t since = f->from_s, end = MIN(f->to_s, f->now_s);
	for (size_t i = 0; i <= x->changes.n; i++) {
		int64_t at_s = i < x->changes.n ? MIN(x->changes.v[i].at_s, end) : end;
		/* one that was on all week would cover the lane and tell of no day */
		bool all = MAX(since, f->from_s) == f->from_s && at_s == end;
		if (text_eq(state, "ALARM") && at_s > MAX(since, f->from_s) && !all)
			mark(l, MAX(since, f->from_s), at_s, "past", NULL);
		if (i == x->changes.n || x->changes.v[i].at_s >= end)
			break;
		state = x->changes.v[i].to, since = x->changes.v[i].at_s;
	}
}

/* A page tells minutes of a day, not when: they stand in its middle, as long as they were. */
static void down_spans(const struct study *f, struct xnode *l, struct by_day *d)
{
	const struct monitoring_week *w = &f->monitoring;
	for (size_t i = 0; i < w->services.n; i++) {
		const struct service_row *r = &w->services.v[i];
		for (size_t k = 0; r->days && k < r->days->points.n; k++) {
			const struct rec_point *p = &r->days->points.v[k];
			int day = day_of(f, p->at_s);
			d->down[day] = (isnan(d->down[day]) ? 0 : d->down[day]) + p->value;
			if (p->value <= 0)
				continue;
			int64_t mid = (f->day_s[day] + f->day_s[day + 1]) / 2,
				half = llround(p->value * 30);
			mark(l, mid - half, mid + half, "mark",
			     f->counts_only ? NULL
					    : arena_printf(f->a, "%s %s min",
							   m_plain(f->a, m_out(f->a, r->name)),
							   w_count(f->a, llround(p->value))));
		}
	}
}

static void availability_lane(const struct study *f, struct xnode *fig, struct by_day *d)
{
	const struct monitoring_week *w = &f->monitoring;
	int64_t down = 0, told = 0, blind = 0;
	for (int i = 0; i < 7; i++)
		d->down[i] = NAN;
	for (size_t i = 0; i < w->services.n; i++) {
		const struct service_row *r = &w->services.v[i];
		blind += r->measured && isnan(r->percent);
		told += r->minutes_down != NUM_NONE;
		down += r->minutes_down != NUM_NONE ? r->minutes_down : 0;
	}
	size_t known = w->alarms.n - (size_t)w->silent;
	if (told == 0 && known == 0 && blind == 0)
		return;
	const char *minutes =
		told == 0 ? (blind ? "not collected" : "minutes down not told")
		: blind	  ? arena_printf(f->a, "at least %s down",
					 w_plural(f->a, down, "minute", "minutes"))
			: arena_printf(f->a, "%s down", w_plural(f->a, down, "minute", "minutes"));
	struct xnode *l = lane(fig, "Availability", minutes, "spans");
	if (told == 0 && known == 0) {
		mark(l, f->from_s, f->to_s, "hatched", "not collected");
		return;
	}
	for (size_t i = 0; i < w->alarms.n; i++)
		if (w->alarms.v[i].alarm_s > 0)
			alarm_spans(f, l, w->alarms.v[i].x);
	down_spans(f, l, d);
	int64_t end = MIN(f->to_s, f->now_s);
	if (blind > 0 && told > 0 && end > f->from_s)
		mark(l, f->to_s - 6 * 3600, f->to_s, "hatched",
		     arena_printf(f->a, "%s not known", w_plural(f->a, blind, "site", "sites")));
}

struct tie { /* a deployment and the new errors that are linked to it */
	const struct deploy *d;
	int64_t n, first_s, least, most;
	bool certain; /* every one of them */
};

static int by_ties(const void *p, const void *q)
{
	const struct tie *x = p, *y = q;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return (x->first_s > y->first_s) - (x->first_s < y->first_s);
}

static size_t ties_of(const struct study *f, struct tie *v, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < f->errors.rows.n; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		if (!linked(r) || r->cause.deploy->at_s < f->from_s)
			continue;
		size_t k = 0;
		while (k < n && v[k].d != r->cause.deploy)
			k++;
		if (k == max)
			continue;
		if (k == n)
			v[n++] = (struct tie){.d = r->cause.deploy,
					      .first_s = r->began_s,
					      .least = r->cause.minutes,
					      .most = r->cause.minutes,
					      .certain = true};
		v[k].n++;
		v[k].certain &= r->cause.strength == STRENGTH_CERTAIN;
		v[k].first_s = MIN(v[k].first_s, r->began_s);
		v[k].least = MIN(v[k].least, r->cause.minutes);
		v[k].most = MAX(v[k].most, r->cause.minutes);
	}
	qsort(v, n, sizeof *v, by_ties);
	return n;
}

static void arrows(const struct study *f, struct xnode *fig, const struct tie *ties, size_t n)
{
	for (size_t i = 0; i < n && i < 3; i++) {
		const struct tie *t = &ties[i];
		struct xnode *x = xml_add(fig, "arrow");
		xml_attr(x, "from-lane", "Deployments");
		xml_attr(x, "to-lane", "New errors");
		xml_attr_time(x, "at", MIN(t->d->at_s, t->first_s));
		xml_attr_time(x, "to", t->first_s);
		const char *minutes = t->least == t->most
					      ? w_count(f->a, t->least)
					      : w_range(f->a, (double)t->least, (double)t->most);
		xml_attr(x, "label",
			 arena_printf(f->a, "%s, %s minute%s later",
				      w_plural(f->a, t->n, "new error", "new errors"), minutes,
				      t->least == t->most && t->most == 1 ? "" : "s"));
		xml_attr(x, "note",
			 t->certain ? "certain: the release is named"
				    : "strong: the only one within an hour");
	}
}

static const char *day_label(const struct study *f, int i)
{
	struct local l = zone_local(f->z, f->day_s[i]);
	return arena_printf(f->a, "%.3s %d", w_weekday(f->a, f->z, f->day_s[i]), l.day);
}

static const char *cell(const struct study *f, const char *id, int64_t n, int64_t part,
			const char *word)
{
	if (unknown(f, id))
		return "not known";
	return part == 0 ? w_count(f->a, n)
			 : arena_printf(f->a, "%s (%s %s)", w_count(f->a, n), w_count(f->a, part),
					word);
}

static void day_table(const struct study *f, struct xnode *fig, const struct by_day *d)
{
	static const struct col cols[] = {{.label = "Day", .kind = "text"},
					  {.label = "Deployments", .kind = "number"},
					  {.label = "New errors", .kind = "number"},
					  {.label = "Failed runs", .kind = "number"},
					  {.label = "Scans with a result", .kind = "number"},
					  {.label = "Minutes down", .kind = "number"}};
	bool down = false;
	for (int i = 0; i < 7; i++)
		down |= !isnan(d->down[i]);
	struct xnode *t = doc_table(fig, "glance.table", "The week by day", cols,
				    ARRAY_SIZE(cols) - (down ? 0 : 1));
	xml_attr(t, "keep", "yes");
	xml_attr(t, "data", "yes");
	for (int i = 0; i < 7; i++) {
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, w_day(f->a, f->z, f->day_s[i]), NULL);
		doc_cell(r,
			 cell(f, "deployments.total", d->deployments[i], d->undone[i],
			      "failed or rolled back"),
			 NULL);
		doc_cell(r, cell(f, "errors.new", d->errors[i], 0, ""), NULL);
		doc_cell(r, cell(f, "ci.failed", d->failed[i], d->real[i], "real"), NULL);
		doc_cell(r, cell(f, "security.scans", d->scans[i], d->scans_failed[i], "without"),
			 NULL);
		if (down)
			doc_cell(r,
				 isnan(d->down[i]) ? "not known"
						   : w_count(f->a, llround(d->down[i])),
				 NULL);
	}
}

static const char *finding(const struct study *f, const struct tie *ties, size_t n)
{
	if (n > 0 && ties[0].n > 1)
		return arena_printf(
			f->a, "%s of the %s new errors began within %s minutes of one deployment",
			w_capital(f->a, w_spelled(f->a, ties[0].n)),
			w_value(f->a, numbers_get(&f->numbers, "errors.new"), false),
			w_count(f->a, MAX(ties[0].most, (int64_t)1)));
	if (n > 0)
		return "One new error began soon after a deployment";
	if (!unknown(f, "errors.new") && !unknown(f, "deployments.total"))
		return "No new error is tied to a deployment";
	return "What was collected of the week";
}

static const char *alt(const struct study *f, const struct by_day *d)
{
	struct sb b;
	sb_init(&b, f->a, 4096);
	sb_add(&b, "The week on one time line.");
	if (unknown(f, "deployments.total"))
		sb_add(&b, " Deployments are not known.");
	else
		sb_addf(&b, " Production deployments: %s, %s failed or rolled back.",
			w_count(f->a, f->deployments.total),
			w_count(f->a, f->deployments.failed + f->deployments.rolled_back));
	static const char *const names[] = {"New errors", "Failed CI runs"};
	static const char *const ids[] = {"errors.new", "ci.failed"};
	for (int k = 0; k < 2; k++) {
		if (unknown(f, ids[k])) {
			sb_addf(&b, " %s are not known.", names[k]);
			continue;
		}
		sb_addf(&b, " %s by day: ", names[k]);
		for (int i = 0; i < 7; i++)
			sb_addf(&b, "%s%s", i ? ", " : "",
				w_count(f->a, k ? d->failed[i] : d->errors[i]));
		sb_add(&b, ".");
	}
	double down = 0;
	bool told = false;
	for (int i = 0; i < 7; i++)
		if (!isnan(d->down[i]))
			down += d->down[i], told = true;
	if (told)
		sb_addf(&b, " Services were down for %s.",
			w_plural(f->a, llround(down), "minute", "minutes"));
	if (!unknown(f, "security.scans"))
		sb_addf(&b, " Scans: %s of %s gave a result.",
			w_count(f->a, f->security.with_result), w_count(f->a, f->security.due));
	return sb_str(&b);
}

void section_glance(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "glance", "The week at a glance");
	struct xnode *fig = xml_add(s, "figure");
	struct by_day d = {0};
	struct tie ties[32] = {{0}};
	size_t n = ties_of(f, ties, ARRAY_SIZE(ties));
	xml_attr(fig, "id", "glance.figure");
	xml_attr(fig, "kind", "timeline");
	xml_attr_time(fig, "from", f->from_s);
	xml_attr_time(fig, "to", f->to_s);
	xml_attr(fig, "title", finding(f, ties, n));
	xml_attr(fig, "subtitle",
		 f->monitoring.went_off > 0
			 ? "Cross: failed or rolled back. Hatched: no data. CI in blocks of six "
			   "hours. Grey, in Availability: an alarm was on."
			 : "Cross: failed or rolled back. Hatched: no data. CI in blocks of six "
			   "hours.");
	for (int i = 0; i < 7; i++) {
		struct xnode *x = xml_add(fig, "day");
		xml_attr_time(x, "at", f->day_s[i]);
		xml_attr(x, "label", day_label(f, i));
		xml_attr(x, "weekend", i > 4 ? "yes" : NULL);
	}
	deployments_lane(f, fig, &d);
	errors_lane(f, fig, &d);
	ci_lane(f, fig, &d);
	scans_lane(f, fig, &d);
	availability_lane(f, fig, &d);
	xml_attr(fig, "alt", alt(f, &d));
	if (!f->counts_only && !unknown(f, "errors.new") && !unknown(f, "deployments.total"))
		arrows(f, fig, ties, n);
	day_table(f, fig, &d);
}
