#include "services/estate.h"

#include "base/text.h"

#include <math.h>

/* What watches the services: six sites with their outages, alarms, and the metrics behind two
 * dashboards. The data sets flap in the night of every week; web is down for a while on a Tuesday,
 * and for longer in the newest week; one alarm is on for good. */

enum { MINUTE = 60, HOUR = 3600 };

const struct site estate_sites[ESTATE_SITES] = {
	{"platform", "Platform", "www"},
	{"provide", "Provide", "submit"},
	{"datasette-api", "Datasette API", "datasette"},
	{"tiles-server", "Tiles Server", NULL},
	{"design", "Design", NULL},
	{"status", "Status", NULL},
};

static void outage(struct estate *s, int site, int64_t from_s, int64_t minutes)
{
	struct outage o = {site, from_s, from_s + minutes * MINUTE};
	vec_push(&s->a, &s->outages, o);
}

static void turn(struct estate *s, struct watch_alarm *x, const char *state, int64_t at_s)
{
	struct turn t = {state, at_s};
	vec_push(&s->a, &x->turns, t);
}

static void outages(struct estate *s, struct rng *r)
{
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		bool newest = w == ESTATE_WEEKS - 1;
		outage(s, 2, estate_at(s, w, 1, 30), rng_in(r, 10, 40));
		if (newest || rng_p(r, 30))
			outage(s, 0, estate_at(s, w, 1, 14 * 60 + 11),
			       newest ? 95 : rng_in(r, 5, 30));
		outage(s, 2, estate_at(s, w, 3, 24), rng_in(r, 10, 40));
		if (rng_p(r, 40))
			outage(s, 3, estate_at(s, w, 4, 11 * 60), rng_in(r, 3, 15));
	}
}

static void alarms(struct estate *s)
{
	static const struct {
		const char *name, *type, *metric;
		int site;
	} list[] = {{"production-web-5xx", "MetricAlarm", "HTTPCode_Target_5XX_Count", 0},
		    {"production-canary-datasette", "MetricAlarm", "SuccessPercent", 2},
		    {"production-service-health", "CompositeAlarm", NULL, 0},
		    {"production-rds-alarm", "MetricAlarm", "CPUUtilization", -1},
		    {"production-queue-age", "MetricAlarm", "ApproximateAgeOfOldestMessage", -2},
		    {"production-tiles-memory", "MetricAlarm", "MemoryUtilization", 5}};
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct watch_alarm x = {.name = list[i].name,
					.type = list[i].type,
					.metric = list[i].metric,
					.site = list[i].site};
		turn(s, &x, "OK", s->week[0].from_s - 86400);
		for (size_t k = 0; k < s->outages.n; k++) {
			if (s->outages.v[k].site != x.site)
				continue;
			turn(s, &x, "ALARM", s->outages.v[k].from_s + 5 * MINUTE);
			turn(s, &x, "OK", s->outages.v[k].to_s + 5 * MINUTE);
		}
		if (x.site == -1) { /* a night of heavy load, and no data for a while after it */
			turn(s, &x, "ALARM", estate_at(s, ESTATE_WEEKS - 1, 3, 2 * 60));
			turn(s, &x, "INSUFFICIENT_DATA",
			     estate_at(s, ESTATE_WEEKS - 1, 3, 3 * 60 + 30));
			turn(s, &x, "OK", estate_at(s, ESTATE_WEEKS - 1, 3, 4 * 60));
		}
		if (x.site == -2) /* since three weeks */
			turn(s, &x, "ALARM", estate_at(s, ESTATE_WEEKS - 3, 2, 9 * 60));
		vec_push(&s->a, &s->alarms, x);
	}
}

void estate_watch(struct estate *s)
{
	struct rng r = {s->seed ^ UINT64_C(0x57a7c4)};
	outages(s, &r);
	alarms(s);
}

int64_t estate_minutes_down(const struct estate *s, int site, int64_t from_s, int64_t to_s)
{
	int64_t sum = 0;
	for (size_t i = 0; i < s->outages.n; i++) {
		const struct outage *o = &s->outages.v[i];
		int64_t a = MAX(o->from_s, from_s), z = MIN(o->to_s, to_s);
		if (o->site == site && a < z)
			sum += (z - a) / MINUTE;
	}
	return sum;
}

/* --- metrics --- */

static double noise(const struct estate *s, const char *key, int64_t hour)
{
	uint64_t h = s->seed ^ (uint64_t)hour;
	for (const char *p = key; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	struct rng r = {h};
	rng_next(&r);
	return (double)rng_n(&r, 1000) / 1000.0;
}

/* Busy by day, quiet by night and at the weekend: 0 to 1. */
static double load(int64_t at_s)
{
	double hour = (double)(at_s % 86400) / HOUR;
	int64_t weekday = (at_s / 86400 + 3) % 7;
	double day = exp(-pow((hour - 13) / 4.5, 2));
	return (0.08 + 0.92 * day) * (weekday >= 5 ? 0.35 : 1);
}

static int site_of(const char *key)
{
	for (int i = 0; i < ESTATE_SITES; i++)
		if (estate_sites[i].canary && strstr(key, estate_sites[i].canary))
			return i;
	return strstr(key, " web") ? 0 : strstr(key, "tiles") ? 3 : -1;
}

/* One hour of it. */
static double hourly(const struct estate *s, int env, const char *key, const char *stat,
		     int64_t at_s)
{
	double n = noise(s, key, at_s / HOUR), busy = load(at_s), scale = env == 0 ? 1 : 0.1;
	int site = site_of(key);
	int64_t down = site < 0 || env != 0 ? 0 : estate_minutes_down(s, site, at_s, at_s + HOUR);
	if (strstr(key, "SuccessPercent")) {
		if (env != 0 || site < 0)
			return NAN;
		double failed = (double)((down + 4) / 5);
		return text_eq(stat, "SampleCount") ? 12 : 100.0 * (12 - MIN(failed, 12)) / 12;
	}
	if (strstr(key, "5XX"))
		return down ? floor(4.0 * (double)down * (1 + n)) * scale : NAN;
	if (strstr(key, "Request") || strstr(key, "Submissions") || strstr(key, "Visits"))
		return floor(scale * (strstr(key, "Submissions") ? 40 : 9000) * busy *
			     (0.9 + 0.2 * n));
	if (strstr(key, "CPU") || strstr(key, "Memory"))
		return 12 + 38 * busy + 8 * n + (text_eq(stat, "Maximum") ? 15 : 0);
	if (strstr(key, "ResponseTime"))
		return 0.18 + 0.2 * busy + 0.05 * n + 0.02 * (double)down;
	return NAN;
}

double estate_metric(const struct estate *s, int env, const char *key, const char *stat,
		     int64_t at_s, int64_t period_s)
{
	double sum = 0, low = INFINITY, high = -INFINITY;
	int64_t n = 0, step = MIN(period_s, HOUR);
	for (int64_t t = at_s; t < at_s + period_s; t += step) {
		double v = hourly(s, env, key, stat, t - t % HOUR);
		if (isnan(v))
			continue;
		if (step < HOUR && (text_eq(stat, "Sum") || text_eq(stat, "SampleCount")))
			v = v * (double)step / HOUR;
		sum += v, low = fmin(low, v), high = fmax(high, v);
		n++;
	}
	if (n == 0)
		return NAN;
	if (text_eq(stat, "Sum") || text_eq(stat, "SampleCount"))
		return sum;
	return text_eq(stat, "Maximum") ? high : text_eq(stat, "Minimum") ? low : sum / (double)n;
}
