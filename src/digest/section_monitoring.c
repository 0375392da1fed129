#include "base/text.h"
#include "digest/doc.h"
#include "digest/panels.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

/* Whether the part is one of those that this section tells of. */
static bool is_ours(const struct study *f UNUSED, const struct ledger *l)
{
	static const char *const parts[] = {"cloudwatch", "alarms", "synthetics", "status_page"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (text_eq(l->part, parts[i]))
			return true;
	return text_eq(l->part, "all") &&
	       (strstr(l->affects, "availability.") || strstr(l->affects, "metrics."));
}

/* --- the sentences --- */

static size_t known_services(const struct study *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->monitoring.services.n; i++)
		n += !isnan(f->monitoring.services.v[i].percent) ? 1 : 0;
	return n;
}

static const char *service_words(const struct study *f)
{
	const struct monitoring_week *w = &f->monitoring;
	size_t n = known_services(f), whole = 0;
	if (n == 0)
		return "";
	for (size_t i = 0; i < n; i++)
		whole += w->services.v[i].percent >= 100;
	if (whole == n)
		return arena_printf(f->a, "%s available all week. ",
				    n == 1 ? "The one service measured was"
					   : arena_printf(f->a, "All %s services measured were",
							  w_count(f->a, (int64_t)n)));
	const struct service_row *low = &w->services.v[0];
	return arena_printf(f->a, "%s was available for %s of the week%s. ",
			    f->counts_only ? "The least available service"
					   : m_capital(f->a, m_out(f->a, low->name)),
			    m_num(f->a, low->id, w_share(f->a, low->percent / 100)),
			    n == 1 ? ""
				   : arena_printf(f->a, ", the least of %s services",
						  w_count(f->a, (int64_t)n)));
}

static const char *alarm_words(const struct study *f)
{
	const struct monitoring_week *w = &f->monitoring;
	int64_t n = (int64_t)w->alarms.n - w->silent;
	const char *silent =
		w->silent == 0
			? ""
			: arena_printf(f->a, "What %s did in this week is not known. ",
				       w_plural(f->a, w->silent, n ? "further alarm" : "alarm",
						n ? "further alarms" : "alarms"));
	if (n == 0)
		return silent;
	if (w->went_off == 0)
		return arena_printf(f->a, "None of %s went off. %s",
				    w_plural(f->a, n, "alarm", "alarms"), silent);
	return arena_printf(
		f->a, "%s of %s went off, %s. %s", w_capital(f->a, w_spelled(f->a, w->went_off)),
		w_plural(f->a, n, "alarm", "alarms"),
		w->times == 1 ? "once" : arena_printf(f->a, "%s times", w_count(f->a, w->times)),
		silent);
}

/* --- the tables --- */

/* On one scale for all services: a minute is seen, and none is 0. */
static const char *levels(const struct study *f, const struct rec_series *days, double top)
{
	char out[] = "mmmmmmm";
	for (size_t i = 0; i < days->points.n; i++)
		for (int d = 0; d < 7; d++) {
			double v = days->points.v[i].value;
			if (days->points.v[i].at_s == f->day_s[d])
				out[d] =
					(char)('0' + (v > 0 ? (int)fmax(1, ceil(8 * v / top - 1e-9))
							    : 0));
		}
	return arena_strdup(f->a, out);
}

static void service_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Service", .kind = "text"},
					  {.label = "Available", .kind = "number"},
					  {.label = "Down", .kind = "time", .before = "down"},
					  {.label = "Monday to Sunday", .kind = "strip"},
					  {.label = "Measured by", .kind = "text", .lo = true}};
	const struct monitoring_week *w = &f->monitoring;
	struct xnode *t = NULL;
	size_t n = 0;
	double top = 0;
	for (size_t i = 0; i < w->services.n; i++)
		for (size_t k = 0; w->services.v[i].days && k < w->services.v[i].days->points.n;
		     k++)
			top = fmax(top, w->services.v[i].days->points.v[k].value);
	for (size_t i = 0; i < w->services.n; i++) {
		const struct service_row *r = &w->services.v[i];
		if (!r->measured || n++ >= SECTION_ROWS)
			continue;
		if (!t) {
			t = doc_table(s, "monitoring.services", "Availability of services", cols,
				      ARRAY_SIZE(cols));
			xml_attr(t, "keep", "yes");
		}
		if (isnan(r->percent)) {
			doc_missing(t, m_out(f->a, r->name), "not known");
			continue;
		}
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_out(f->a, r->name),
			 r->part ? "at most: a part is not known" : NULL);
		doc_cell(row, m_num(f->a, r->id, w_share(f->a, r->percent / 100)), NULL);
		doc_cell(row,
			 r->minutes_down == NUM_NONE ? "not told"
			 : r->minutes_down == 0	     ? "never"
						     : w_duration(f->a, r->minutes_down * 60),
			 NULL);
		if (r->days)
			doc_days(row, "", levels(f, r->days, top));
		else
			doc_cell(row, "days not told", NULL);
		doc_cell(row,
			 text_eq(r->basis, "minutes") ? "status page, minutes down"
			 : text_eq(r->basis, "page")  ? "status page, its own seven days"
						      : "canary, runs that passed",
			 NULL);
	}
	if (t)
		section_fold(f, s, t, n, "services");
}

static void canary_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Canary", .kind = "text"},
					  {.label = "Passed", .kind = "number"},
					  {.label = "Runs", .kind = "number", .after = "runs"},
					  {.label = "Failed", .kind = "number", .after = "failed"},
					  {.label = "Last failure", .kind = "text"}};
	const struct canary_weeks *v = &f->monitoring.canaries;
	if (v->n == 0)
		return;
	struct xnode *t = doc_table(s, "monitoring.canaries", "Canaries", cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "first");
	for (size_t i = 0; i < v->n && i < SECTION_ROWS; i++) {
		const struct canary_week *c = &v->v[i];
		const char *name = m_link(f->a, c->url, c->name);
		if (isnan(c->percent)) {
			doc_missing(t, name, c->runs == 0 ? "no run in the week" : "not known");
			continue;
		}
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, name, NULL);
		doc_cell(row, w_share(f->a, c->percent / 100), NULL);
		doc_cell(row, w_count(f->a, c->runs), NULL);
		doc_cell(row, w_count(f->a, c->failed), NULL);
		doc_cell(row, c->reason ? m_out(f->a, c->reason) : "–",
			 c->failed_s == TIME_NONE
				 ? NULL
				 : m_time(f->a, c->failed_s, w_when(f->a, f->z, c->failed_s)));
	}
	section_fold(f, s, t, v->n, "canaries");
}

static bool worth_a_row(const struct alarm_row *r)
{
	return r->times > 0 || r->alarm_s > 0 || text_eq(r->end, "ALARM");
}

static void alarm_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Alarm", .kind = "text"},
		{.label = "Went off", .kind = "number", .before = "went off", .after = "times"},
		{.label = "On for", .kind = "time", .before = "on for"},
		{.label = "At the week’s end", .kind = "text"},
		{.label = "Reason", .kind = "text", .lo = true}};
	const struct monitoring_week *w = &f->monitoring;
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < w->alarms.n; i++) {
		const struct alarm_row *r = &w->alarms.v[i];
		if (!worth_a_row(r) || n++ >= SECTION_ROWS)
			continue;
		if (!t) {
			t = doc_table(s, "monitoring.alarms", "Alarms that were on", cols,
				      ARRAY_SIZE(cols));
			xml_attr(t, "spare", "next");
		}
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_link(f->a, r->x->url, r->x->name), m_out(f->a, r->x->source));
		doc_cell(row, w_count(f->a, r->times), NULL);
		doc_cell(row, r->alarm_s == NUM_NONE ? "not known" : w_duration(f->a, r->alarm_s),
			 NULL);
		doc_cell(row,
			 text_eq(r->end, "ALARM") ? m_tag(f->a, "red", "On")
			 : text_eq(r->end, "OK")  ? m_tag(f->a, "green", "OK")
			 : r->end		  ? m_tag(f->a, "orange", "No data")
						  : "not known",
			 NULL);
		doc_cell(row, r->reason ? m_out(f->a, r->reason) : "–", NULL);
	}
	if (t)
		section_fold(f, s, t, n, "alarms");
}

static const char *meaning(const struct study *f, const struct metric_row *r)
{
	const char *more = r->lines == 1 ? ""
					 : arena_printf(f->a, ", the first of %s lines",
							w_count(f->a, (int64_t)r->lines));
	const char *stat = r->line->statistic && strcmp(r->line->statistic, "Average") != 0
				   ? m_out(f->a, r->line->statistic)
				   : NULL;
	switch (r->measure) {
	case MEASURE_SUM:
		return arena_printf(f->a, "sum of the week%s", more);
	case MEASURE_HIGHEST:
		return arena_printf(f->a, "highest of the week%s", more);
	case MEASURE_LOWEST:
		return arena_printf(f->a, "lowest of the week%s", more);
	case MEASURE_MEAN:
		break;
	}
	return arena_printf(f->a, "mean%s%s%s", stat ? " of " : "", stat ? stat : "", more);
}

static void metric_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Widget", .kind = "text"},
					  {.label = "Dashboard", .kind = "text"},
					  {.label = "Value", .kind = "number"},
					  {.label = "Usual", .kind = "text", .before = "usual"},
					  {.label = "What it is", .kind = "text", .lo = true}};
	const struct monitoring_week *w = &f->monitoring;
	if (w->metrics.n == 0)
		return;
	struct xnode *t = doc_table(s, "monitoring.metrics", "What the dashboards show", cols,
				    ARRAY_SIZE(cols));
	xml_attr(t, "spare", "first");
	for (size_t i = 0; i < w->metrics.n && i < SECTION_ROWS; i++) {
		const struct metric_row *r = &w->metrics.v[i];
		const struct number *x = numbers_get(&f->numbers, r->id);
		if (r->line->status == LEDGER_FAILED) {
			doc_missing(t, m_out(f->a, r->line->panel),
				    text_line(f->a, r->line->reason, 80));
			continue;
		}
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_link(f->a, r->line->url, r->line->panel),
			 m_out(f->a, r->line->label));
		doc_cell(row, m_out(f->a, r->line->board), NULL);
		doc_cell(row,
			 m_num(f->a, r->id,
			       arena_printf(f->a, "%s%s%s", w_measure(f->a, x->value),
					    r->line->unit && !isnan(x->value) ? " " : "",
					    r->line->unit && !isnan(x->value)
						    ? m_out(f->a, r->line->unit)
						    : "")),
			 x->incomplete && !isnan(x->value) ? "a part is not known" : NULL);
		doc_cell(row,
			 isnan(x->low) ? "–"
				       : arena_printf(f->a, "%s to %s", w_measure(f->a, x->low),
						      w_measure(f->a, x->high)),
			 NULL);
		doc_cell(row, meaning(f, r), NULL);
	}
	section_fold(f, s, t, w->metrics.n, "widgets");
}

static void undrawn(const struct study *f, struct xnode *s)
{
	struct strv v = {0};
	for (size_t i = 0; i < f->monitoring.undrawn.n; i++) {
		const struct rec_series *x = f->monitoring.undrawn.v[i];
		vec_push(f->a, &v,
			 arena_printf(f->a, "%s of %s", m_out(f->a, x->panel),
				      m_out(f->a, x->board)));
	}
	if (v.n > 0)
		doc_para(s, "note",
			 arena_printf(f->a, "Not drawn, because they have no metrics: %s.",
				      w_list(f->a, &v, 8)));
}

void section_monitoring(const struct study *f, struct xnode *root)
{
	const struct monitoring_week *w = &f->monitoring;
	bool asked = false;
	for (size_t i = 0; i < f->coverage.parts.n; i++)
		asked |= is_ours(f, &f->coverage.parts.v[i]) &&
			 f->coverage.parts.v[i].status != LEDGER_NOT_ENABLED;
	if (!asked)
		return;
	struct xnode *s = doc_section(root, "monitoring", "Availability and dashboards");
	section_lost(f, s, is_ours);
	const char *words = arena_printf(
		f->a, "%s%s%s", service_words(f), alarm_words(f),
		w->metrics.n == 0
			? ""
			: arena_printf(f->a, "%s on dashboards.",
				       w_plural(f->a, (int64_t)w->metrics.n, "widget", "widgets")));
	doc_para(s, "lede", *words ? words : "Nothing was measured.");
	size_t known = known_services(f);
	xml_attr(s, "line", m_plain(f->a, *words ? words : "nothing was measured"));
	xml_attr(s, "summary",
		 known > 0 ? arena_printf(f->a, "%s at the least",
					  w_share(f->a, w->services.v[0].percent / 100))
			   : "not known");
	if (f->counts_only)
		return;
	service_table(f, s);
	canary_table(f, s);
	alarm_table(f, s);
	size_t left = panels_add(f, s);
	if (left > 0)
		doc_para(s, "note",
			 arena_printf(f->a, "%s more are in the table only.",
				      w_plural(f->a, (int64_t)left, "widget", "widgets")));
	metric_table(f, s);
	undrawn(f, s);
}
