#include "digest/monitoring.h"

#include "base/text.h"
#include "digest/study.h"

#include <math.h>

/* --- alarms --- */

/* The state before the first change known, and nothing else, is what the changes do not tell. */
static const char *state_at(const struct alarm *x, int64_t t_s)
{
	for (size_t i = 0; i < x->changes.n; i++)
		if (x->changes.v[i].at_s >= t_s)
			return i > 0 ? x->changes.v[i - 1].to : x->changes.v[i].from;
	if (x->changes.n > 0)
		return x->changes.v[x->changes.n - 1].to;
	return x->state && x->state_s != TIME_NONE && x->state_s <= t_s ? x->state : NULL;
}

int64_t monitoring_alarm_s(const struct alarm *x, int64_t from_s, int64_t to_s, const char **end)
{
	const char *state = state_at(x, from_s);
	bool known = state != NULL;
	int64_t sum = 0, since = from_s;
	for (size_t i = 0; i < x->changes.n && x->changes.v[i].at_s < to_s; i++) {
		const struct alarm_change *c = &x->changes.v[i];
		if (c->at_s < from_s)
			continue;
		if (text_eq(state, "ALARM"))
			sum += c->at_s - since;
		state = c->to, since = c->at_s;
	}
	if (text_eq(state, "ALARM"))
		sum += to_s - since;
	*end = state_at(x, to_s);
	return known ? sum : NUM_NONE;
}

static int longest_first(const void *p, const void *q)
{
	const struct alarm_row *x = p, *y = q;
	if (x->alarm_s != y->alarm_s) /* unknown (the smallest number) after all */
		return x->alarm_s > y->alarm_s ? -1 : 1;
	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	int d = strcmp(x->x->name, y->x->name);
	return d ? d : strcmp(x->x->source, y->x->source);
}

/* Whether every change of the source's alarms in the week is here. */
static bool changes_whole(const struct study *f, const char *source)
{
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (text_eq(l->source, source) && text_eq(l->part, "alarms"))
			return l->status == LEDGER_COMPLETE;
	}
	return false;
}

static void analyse_alarms(struct study *f)
{
	struct monitoring_week *w = &f->monitoring;
	int64_t to_s = MIN(f->to_s, f->now_s);
	for (size_t i = 0; i < w->alarms_read.n; i++) {
		struct alarm_row r = {.x = &w->alarms_read.v[i]};
		bool unchanged = r.x->state_s != TIME_NONE && r.x->state_s <= f->from_s;
		r.alarm_s = monitoring_alarm_s(r.x, f->from_s, to_s, &r.end);
		for (size_t k = 0; k < r.x->changes.n; k++) {
			const struct alarm_change *c = &r.x->changes.v[k];
			if (c->at_s < f->from_s || c->at_s >= to_s || !text_eq(c->to, "ALARM"))
				continue;
			r.times++;
			r.reason = c->reason;
		}
		/* A gap in the changes would read as quiet. */
		if (!unchanged && !changes_whole(f, r.x->source)) {
			r.alarm_s = NUM_NONE;
			r.end = NULL;
		}
		if (r.alarm_s == NUM_NONE && r.times == 0) {
			r.times = NUM_NONE;
			w->silent++;
		}
		w->went_off += r.times > 0;
		w->times += MAX(r.times, 0);
		vec_push(f->a, &w->alarms, r);
	}
	if (w->alarms.n > 1)
		qsort(w->alarms.v, w->alarms.n, sizeof *w->alarms.v, longest_first);
}

/* --- services --- */

static struct service_row *service_of(struct study *f, const char *name)
{
	struct monitoring_week *w = &f->monitoring;
	const char *id = watch_availability_id(f->a, name);
	for (size_t i = 0; i < w->services.n; i++)
		if (!strcmp(w->services.v[i].id, id))
			return &w->services.v[i];
	struct service_row r = {.name = name, .id = id, .percent = NAN, .minutes_down = NUM_NONE};
	vec_push(f->a, &w->services, r);
	return &w->services.v[w->services.n - 1];
}

static int gravity(const char *state)
{
	return text_ieq(state, "down") ? 3 : text_ieq(state, "degraded") ? 2 : state ? 1 : 0;
}

static const struct rec_series *days_of(const struct study *f, const struct availability_week *x)
{
	for (size_t i = 0; i < f->monitoring.downtime.n; i++) {
		const struct rec_series *s = &f->monitoring.downtime.v[i];
		if (text_eq(s->source, x->source) && text_eq(s->board, x->slug))
			return s;
	}
	return NULL;
}

static void add_sites(struct study *f, bool *has_site)
{
	const struct availability_weeks *v = &f->monitoring.sites;
	for (size_t i = 0; i < v->n; i++) {
		const struct availability_week *x = &v->v[i];
		struct service_row *r = service_of(f, watch_site_service(f->cfg, x->slug));
		has_site[r - f->monitoring.services.v] = r->measured = true;
		if (gravity(x->state) > gravity(r->state))
			r->state = x->state;
		if (isnan(x->percent)) {
			r->part = true;
		} else if (isnan(r->percent) || x->percent < r->percent) {
			r->percent = x->percent;
			r->minutes_down = x->minutes_down;
			r->basis = x->basis;
			r->days = days_of(f, x);
		}
	}
}

/* A service that a status page answers for is not told by its canaries when that page fails: the
 * two do not measure the same. */
static bool has_page(const struct study *f, const char *service)
{
	for (size_t i = 0; i < f->cfg->services.n && f->cfg->status_page.n > 0; i++)
		if (text_eq(f->cfg->services.v[i].name, service))
			return f->cfg->services.v[i].status_page.n > 0;
	return false;
}

static bool is_service(const struct study *f, const char *name)
{
	for (size_t i = 0; i < f->cfg->services.n; i++)
		if (text_eq(f->cfg->services.v[i].name, name))
			return true;
	return false;
}

static void add_canaries(struct study *f, const bool *has_site)
{
	const struct canary_weeks *v = &f->monitoring.canaries;
	for (size_t i = 0; i < v->n; i++) {
		const struct canary_week *x = &v->v[i];
		const char *service = watch_canary_service(f->cfg, x->name);
		if (f->cfg->status_page.n > 0 && !is_service(f, service))
			continue; /* the page says what the services are */
		struct service_row *r = service_of(f, service);
		if (has_site[r - f->monitoring.services.v] || has_page(f, r->name))
			continue;
		r->measured = true;
		if (isnan(x->percent)) {
			r->part |= x->runs != 0; /* one that never ran says nothing */
		} else if (isnan(r->percent) || x->percent < r->percent) {
			r->percent = x->percent;
			r->basis = "canary";
		}
	}
}

static int lowest_first(const void *p, const void *q)
{
	const struct service_row *x = p, *y = q;
	if (isnan(x->percent) != isnan(y->percent))
		return isnan(x->percent) ? 1 : -1;
	if (!isnan(x->percent) && fabs(x->percent - y->percent) > 1e-9)
		return x->percent < y->percent ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Rows of a part that failed are of an earlier collection. */
static void trust(struct study *f)
{
	struct monitoring_week *w = &f->monitoring;
	size_t n = 0;
	for (size_t i = 0; i < w->sites.n; i++)
		if (coverage_trusts(&f->coverage, w->sites.v[i].source, "availability."))
			w->sites.v[n++] = w->sites.v[i];
	w->sites.n = n;
	n = 0;
	for (size_t i = 0; i < w->canaries.n; i++)
		if (coverage_trusts(&f->coverage, w->canaries.v[i].source, "availability."))
			w->canaries.v[n++] = w->canaries.v[i];
	w->canaries.n = n;
	n = 0;
	for (size_t i = 0; i < w->alarms_read.n; i++)
		if (coverage_trusts(&f->coverage, w->alarms_read.v[i].source, "alarms."))
			w->alarms_read.v[n++] = w->alarms_read.v[i];
	w->alarms_read.n = n;
	n = 0;
	for (size_t i = 0; i < w->read.n; i++)
		if (text_eq(w->read.v[i].kind, "widget") &&
		    coverage_trusts(&f->coverage, w->read.v[i].source, "metrics."))
			w->read.v[n++] = w->read.v[i];
	w->read.n = n;
}

/* --- dashboards --- */

static int environment_rank(const struct study *f, const char *source)
{
	for (size_t i = 0; i < f->cfg->aws.n; i++) {
		if (!text_eq(f->cfg->aws.v[i].name, source))
			continue;
		int rank = config_environment_rank(
			f->cfg, config_environment(f->cfg, f->cfg->aws.v[i].environment));
		return rank < 0 ? INT32_MAX : rank;
	}
	return INT32_MAX;
}

static const char *environment_of(const struct study *f, const char *source)
{
	for (size_t i = 0; i < f->cfg->aws.n; i++)
		if (text_eq(f->cfg->aws.v[i].name, source) && f->cfg->aws.v[i].environment)
			return f->cfg->aws.v[i].environment;
	return source;
}

static struct metric_row *metric_of(struct study *f, const char *id)
{
	for (size_t i = 0; i < f->monitoring.metrics.n; i++)
		if (!strcmp(f->monitoring.metrics.v[i].id, id))
			return &f->monitoring.metrics.v[i];
	return NULL;
}

static bool same_widget(const struct rec_series *x, const struct rec_series *y)
{
	return text_eq(x->source, y->source) && text_eq(x->board, y->board) &&
	       text_eq(x->panel, y->panel);
}

static void measure(struct metric_row *r)
{
	const struct rec_series *s = r->line;
	double sum = 0, low = INFINITY, high = -INFINITY;
	r->measure = text_eq(s->statistic, "Sum") || text_eq(s->statistic, "SampleCount")
			     ? MEASURE_SUM
		     : text_eq(s->statistic, "Maximum") ? MEASURE_HIGHEST
		     : text_eq(s->statistic, "Minimum") ? MEASURE_LOWEST
							: MEASURE_MEAN;
	r->value = NAN;
	if (s->status == LEDGER_FAILED || s->points.n == 0)
		return;
	for (size_t i = 0; i < s->points.n; i++) {
		sum += s->points.v[i].value;
		low = fmin(low, s->points.v[i].value);
		high = fmax(high, s->points.v[i].value);
	}
	switch (r->measure) {
	case MEASURE_SUM:
		r->value = sum;
		break;
	case MEASURE_MEAN:
		r->value = sum / (double)s->points.n;
		break;
	case MEASURE_HIGHEST:
		r->value = high;
		break;
	case MEASURE_LOWEST:
		r->value = low;
		break;
	}
}

/* The id of a widget, the plain one for the most important environment that has it. */
static void add_widget(struct study *f, const struct rec_series *s)
{
	const char *id = watch_metric_id(f->a, s->board, s->panel);
	struct metric_row r = {.id = id, .line = s, .lines = 1};
	struct metric_row *other = metric_of(f, id);
	measure(&r);
	if (other) {
		const char *rest = id + strlen("metrics.");
		bool first =
			environment_rank(f, s->source) < environment_rank(f, other->line->source);
		const struct rec_series *later = first ? other->line : s;
		const char *second =
			arena_printf(f->a, "metrics.%s.%s", environment_of(f, later->source), rest);
		for (int n = 2; metric_of(f, second); n++)
			second = arena_printf(f->a, "metrics.%s.%s-%d",
					      environment_of(f, later->source), rest, n);
		*(first ? &other->id : &r.id) = second;
	}
	vec_push(f->a, &f->monitoring.metrics, r);
}

static void add_metrics(struct study *f)
{
	struct monitoring_week *w = &f->monitoring;
	for (size_t i = 0; i < w->read.n && !f->counts_only; i++) { /* their ids are titles */
		const struct rec_series *s = &w->read.v[i];
		struct metric_row *last = w->metrics.n ? &w->metrics.v[w->metrics.n - 1] : NULL;
		if (s->status == LEDGER_NOT_ENABLED)
			vec_push(f->a, &w->undrawn, s);
		else if (last && same_widget(last->line, s))
			last->lines++;
		else
			add_widget(f, s);
	}
}

/* --- steps --- */

bool monitoring_load(struct study *f, struct err *e)
{
	struct monitoring_week *w = &f->monitoring;
	struct db *db = f->in->db;
	if (!watch_availability(db, f->week.name, f->a, &w->sites, e) ||
	    !watch_canaries(db, f->week.name, f->a, &w->canaries, e) ||
	    !watch_alarms(db, f->from_s, f->to_s, f->a, &w->alarms_read, e) ||
	    !series_list(db, f->week.name, f->from_s, f->to_s, f->a, &w->read, e) ||
	    !series_of_kind(db, f->week.name, "downtime", f->from_s, f->to_s, f->a, &w->downtime,
			    e))
		return false;
	trust(f);
	add_metrics(f);
	for (size_t i = 0; i < f->cfg->services.n; i++)
		service_of(f, f->cfg->services.v[i].name)->measured =
			has_page(f, f->cfg->services.v[i].name);
	bool *has_site = arena_array(f->a, bool, w->services.n + w->sites.n + w->canaries.n + 1);
	add_sites(f, has_site);
	add_canaries(f, has_site);
	return true;
}

void monitoring_add_numbers(struct study *f)
{
	const struct monitoring_week *w = &f->monitoring;
	for (size_t i = 0; i < w->services.n; i++)
		numbers_add(&f->numbers, w->services.v[i].id, f->a);
	for (size_t i = 0; i < w->metrics.n; i++)
		numbers_add(&f->numbers, w->metrics.v[i].id, f->a);
}

void monitoring_analyse(struct study *f)
{
	struct monitoring_week *w = &f->monitoring;
	analyse_alarms(f);
	for (size_t i = 0; i < w->services.n; i++) {
		numbers_set(&f->numbers, w->services.v[i].id, w->services.v[i].percent);
		if (w->services.v[i].part)
			numbers_blind(&f->numbers, w->services.v[i].id);
	}
	for (size_t i = 0; i < w->metrics.n; i++) {
		const struct metric_row *r = &w->metrics.v[i];
		numbers_set(&f->numbers, r->id, r->value);
		if (r->line->status != LEDGER_COMPLETE)
			numbers_blind(&f->numbers, r->id);
	}
	if (w->services.n > 1)
		qsort(w->services.v, w->services.n, sizeof *w->services.v, lowest_first);
}
