#include "services/sentry.h"

#include "base/text.h"

/* What Sentry measures: transactions as spans, application metrics, sessions, the volume of events.
 * The estate has no story of them, so each project and UTC day has numbers of its own chance. */

struct rng sentry_day_rng(const struct request *q, size_t project, int64_t day_s)
{
	struct rng r = {q->c->estate->seed ^ ((uint64_t)project * 1000003 + (uint64_t)day_s)};
	rng_next(&r);
	return r;
}

struct day {
	int64_t transactions, failures, sessions, crashes;
	double p75_ms, p95_ms;
};

static struct day day_of(const struct request *q, size_t project, int64_t day_s)
{
	struct rng r = sentry_day_rng(q, project, day_s);
	struct day d;
	d.transactions = (int64_t)(project + 1) * 400 + rng_n(&r, 100);
	d.failures = rng_n(&r, d.transactions / 50 + 1);
	d.p75_ms = 80 + (double)project * 10 + (double)rng_n(&r, 20);
	d.p95_ms = d.p75_ms * 3 + (double)rng_n(&r, 50);
	d.sessions = 900 + (int64_t)project * 50 + rng_n(&r, 80);
	d.crashes = rng_n(&r, 12);
	return d;
}

static struct day sum_of(const struct request *q, size_t project, const struct ask *k)
{
	struct day sum = {0};
	int64_t days = 0;
	for (int64_t t = k->from_s - k->from_s % SENTRY_DAY_S; t < k->to_s; t += SENTRY_DAY_S) {
		struct day d = day_of(q, project, t);
		sum.transactions += d.transactions;
		sum.failures += d.failures;
		sum.sessions += d.sessions;
		sum.crashes += d.crashes;
		sum.p75_ms += d.p75_ms;
		sum.p95_ms += d.p95_ms;
		days++;
	}
	if (days > 0) {
		sum.p75_ms /= (double)days;
		sum.p95_ms /= (double)days;
	}
	return sum;
}

/* A value of a day or a span of days by the function's text; false: no such function. */
static bool value(const struct day *d, const char *field, double *out)
{
	double n = (double)d->transactions, sessions = (double)d->sessions;
	double whole = sessions > 0 ? sessions : 1;
	if (text_eq(field, "count()"))
		*out = n;
	else if (text_eq(field, "p75(span.duration)"))
		*out = d->p75_ms;
	else if (text_eq(field, "p95(span.duration)"))
		*out = d->p95_ms;
	else if (text_eq(field, "failure_rate()"))
		*out = n > 0 ? (double)d->failures / n : 0;
	else if (text_eq(field, "sum(session)"))
		*out = sessions;
	else if (text_eq(field, "count_unique(user)"))
		*out = (double)(d->sessions / 3);
	else if (text_eq(field, "crash_free_rate(session)"))
		*out = 1 - (double)d->crashes / whole;
	else if (text_eq(field, "crash_free_rate(user)"))
		*out = 1 - (double)d->crashes / whole / 2;
	else
		return false;
	return true;
}

static void meta_of(struct jw *root, const char *dataset)
{
	struct jw *meta = jw_add_obj(root, "meta");
	jw_add_obj(meta, "fields");
	struct jw *units = jw_add_obj(meta, "units");
	jw_str(units, "p75(span.duration)", "millisecond");
	jw_str(units, "p95(span.duration)", "millisecond");
	jw_str(meta, "dataset", dataset);
	jw_str(meta, "dataScanned", "full");
}

static void spans(struct request *q, struct answer *r, const struct ask *k)
{
	const struct estate *s = q->c->estate;
	size_t from, to;
	if (!text_eq(request_param(q, "query", 0), "is_transaction:true")) {
		sentry_bad(q, r, "only whole transactions are served");
		return;
	}
	sentry_page(q, r, s->projects.n, &from, &to);
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *data = jw_add_arr(root, "data");
	for (size_t p = from; p < to; p++) {
		const char *field;
		if (!sentry_project_asked(q, &s->projects.v[p]))
			continue;
		struct day sum = sum_of(q, p, k);
		struct jw *row = jw_add_obj(data, NULL);
		for (size_t i = 0; (field = request_param(q, "field", i)); i++) {
			double v;
			if (text_eq(field, "project")) {
				jw_str(row, field, s->projects.v[p].slug);
			} else if (value(&sum, field, &v)) {
				jw_f64(row, field, v);
			} else {
				sentry_bad(q, r, arena_printf(q->a, "Invalid field: %s", field));
				return;
			}
		}
	}
	meta_of(root, "spans");
	answer_json(q, r, root);
}

/* Two metrics, of the projects that process data. */
static const struct {
	const char *name, *type, *unit, *field;
} metrics[] = {
	{"queue.depth", "gauge", "none", "avg(value,queue.depth,gauge,none)"},
	{"rows.read", "counter", NULL, "sum(value,rows.read,counter,-)"},
};

static void tracemetrics(struct request *q, struct answer *r, const struct ask *k)
{
	const struct estate *s = q->c->estate;
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *data = jw_add_arr(root, "data");
	bool names = text_eq(request_param(q, "field", 0), "metric.name");
	for (size_t m = 0; names && m < ARRAY_SIZE(metrics); m++) {
		struct jw *row = jw_add_obj(data, NULL);
		jw_str(row, "metric.name", metrics[m].name);
		jw_str(row, "metric.type", metrics[m].type);
		jw_str(row, "metric.unit", metrics[m].unit);
		jw_i64(row, "count(metric.name)", 7000 - (int64_t)m);
	}
	for (size_t p = 0; !names && p < s->projects.n; p++) {
		const char *slug = s->projects.v[p].slug, *field;
		if (!text_eq(slug, "pipelines") && !text_eq(slug, "request-processor"))
			continue;
		struct day sum = sum_of(q, p, k);
		struct jw *row = jw_add_obj(data, NULL);
		for (size_t i = 0; (field = request_param(q, "field", i)); i++) {
			if (text_eq(field, "project"))
				jw_str(row, field, slug);
			else if (text_eq(field, metrics[0].field))
				jw_f64(row, field, (double)sum.sessions / 1000);
			else if (text_eq(field, metrics[1].field))
				jw_i64(row, field, sum.transactions * 12);
			else {
				sentry_bad(q, r, arena_printf(q->a, "Invalid field: %s", field));
				return;
			}
		}
	}
	meta_of(root, "tracemetrics");
	answer_json(q, r, root);
}

bool sentry_measures(struct request *q, struct answer *r, const char *dataset)
{
	struct ask k;
	bool of_spans = text_eq(dataset, "spans"), of_metrics = text_eq(dataset, "tracemetrics");
	if (text_eq(dataset, "uptime_results"))
		return sentry_uptime_checks(q, r);
	if (!of_spans && !of_metrics)
		return false;
	if (!sentry_ask_read(q, r, &k))
		return true;
	of_spans ? spans(q, r, &k) : tracemetrics(q, r, &k);
	return true;
}

void sentry_timeseries(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	struct ask k;
	double ignored;
	const char *axis = request_param(q, "yAxis", 0);
	int64_t top = request_number(q, "topEvents", 1, 10, 0);
	if (!sentry_ask_read(q, r, &k))
		return;
	if (!text_eq(request_param(q, "dataset", 0), "spans") || !axis || !top ||
	    !text_eq(request_param(q, "groupBy", 0), "project") ||
	    !text_eq(request_param(q, "interval", 0), "86400") ||
	    !value(&(struct day){0}, axis, &ignored)) {
		sentry_bad(q, r,
			   "dataset=spans, yAxis, topEvents and groupBy=project are required");
		return;
	}
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *lines = jw_add_arr(root, "timeSeries");
	for (size_t p = s->projects.n; p-- > 0 && top > 0;) { /* the busiest first */
		if (!sentry_project_asked(q, &s->projects.v[p]))
			continue;
		top--;
		struct jw *line = jw_add_obj(lines, NULL);
		jw_str(line, "yAxis", axis);
		struct jw *group = jw_add_obj(jw_add_arr(line, "groupBy"), NULL);
		jw_str(group, "key", "project");
		jw_str(group, "value", s->projects.v[p].slug);
		struct jw *values = jw_add_arr(line, "values");
		for (int64_t t = k.from_s - k.from_s % SENTRY_DAY_S; t < k.to_s;
		     t += SENTRY_DAY_S) {
			struct day d = day_of(q, p, t);
			double v = 0;
			BUG_ON(!value(&d, axis, &v));
			struct jw *o = jw_add_obj(values, NULL);
			jw_i64(o, "timestamp", t * 1000);
			jw_f64(o, "value", v);
			jw_bool(o, "incomplete", false);
		}
		struct jw *meta = jw_add_obj(line, "meta");
		jw_str(meta, "valueUnit", text_starts(axis, "p") ? "millisecond" : NULL);
		jw_i64(meta, "interval", SENTRY_DAY_S);
	}
	answer_json(q, r, root);
}

/* Only the first six projects have release health. */
void sentry_sessions(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	struct ask k;
	double v;
	const char *field;
	if (!sentry_ask_read(q, r, &k))
		return;
	if (!request_param(q, "field", 0)) {
		sentry_bad(q, r, "Request is missing a \"field\"");
		return;
	}
	for (size_t i = 0; (field = request_param(q, "field", i)); i++) {
		if (!value(&(struct day){0}, field, &v)) {
			sentry_bad(q, r, arena_printf(q->a, "Invalid field: \"%s\"", field));
			return;
		}
	}
	k.from_s -= k.from_s % SENTRY_DAY_S; /* rounded to the interval */
	k.to_s += (SENTRY_DAY_S - k.to_s % SENTRY_DAY_S) % SENTRY_DAY_S;
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_str(root, "start", sentry_iso(q, k.from_s));
	jw_str(root, "end", sentry_iso(q, k.to_s));
	struct jw *intervals = jw_add_arr(root, "intervals");
	for (int64_t t = k.from_s; t < k.to_s; t += SENTRY_DAY_S)
		jw_str(intervals, NULL, sentry_iso(q, t));
	struct jw *groups = jw_add_arr(root, "groups");
	for (size_t p = 0; p < s->projects.n && p < 6; p++) {
		if (!sentry_project_asked(q, &s->projects.v[p]))
			continue;
		struct day sum = sum_of(q, p, &k);
		struct jw *g = jw_add_obj(groups, NULL);
		jw_i64(jw_add_obj(g, "by"), "project", s->projects.v[p].id);
		struct jw *totals = jw_add_obj(g, "totals"), *series = jw_add_obj(g, "series");
		for (size_t i = 0; (field = request_param(q, "field", i)); i++) {
			jw_f64(totals, field, value(&sum, field, &v) ? v : 0);
			struct jw *days = jw_add_arr(series, field);
			for (int64_t t = k.from_s; t < k.to_s; t += SENTRY_DAY_S) {
				struct day d = day_of(q, p, t);
				jw_f64(days, NULL, value(&d, field, &v) ? v : 0);
			}
		}
	}
	answer_json(q, r, root);
}

void sentry_stats(struct request *q, struct answer *r)
{
	struct ask k;
	if (!sentry_ask_read(q, r, &k))
		return;
	int64_t from = k.from_s - k.from_s % SENTRY_DAY_S,
		days = (k.to_s - from + SENTRY_DAY_S - 1) / SENTRY_DAY_S;
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_str(root, "start", sentry_iso(q, from));
	jw_str(root, "end", sentry_iso(q, from + days * SENTRY_DAY_S));
	struct jw *intervals = jw_add_arr(root, "intervals");
	for (int64_t d = 0; d < days; d++)
		jw_str(intervals, NULL, sentry_iso(q, from + d * SENTRY_DAY_S));
	struct jw *groups = jw_add_arr(root, "groups");
	for (size_t p = 0; p < q->c->estate->projects.n; p++) {
		int64_t *per_day = arena_array(q->a, int64_t, (size_t)days), total = 0;
		for (size_t i = 0; i < q->c->estate->issues.n; i++) {
			const struct issue *x = &q->c->estate->issues.v[i];
			for (size_t e = 0; x->project == (int)p && text_eq(x->category, "error") &&
					   e < x->events.n;
			     e++) {
				int64_t d = (x->events.v[e].t_s - from) / SENTRY_DAY_S;
				if (x->events.v[e].t_s >= from && d < days)
					per_day[d]++, total++;
			}
		}
		struct jw *g = jw_add_obj(groups, NULL), *by = jw_add_obj(g, "by");
		jw_str(by, "outcome", "accepted");
		jw_i64(by, "project", q->c->estate->projects.v[p].id);
		jw_i64(jw_add_obj(g, "totals"), "sum(quantity)", total);
		struct jw *series = jw_add_arr(jw_add_obj(g, "series"), "sum(quantity)");
		for (int64_t d = 0; d < days; d++)
			jw_i64(series, NULL, per_day[d]);
	}
	answer_json(q, r, root);
}
