/* The week as monitoring saw it: availability of services, canaries, alarms, dashboards.
 *
 * availability.<service>.percent: of the week's minutes, those that the status page does not count
 * as down (else its own figure of seven days); the lowest of the service's sites. A service that no
 * status page has: the share of its canaries' runs that passed, the lowest of them. A site that no
 * service of the configuration claims counts as one by its slug; where no status page is
 * configured, so does a canary by its name.
 *
 * metrics.<dashboard>.<widget>: of the widget's first line: for Sum and SampleCount the sum over
 * the week, for Maximum the largest value, for Minimum the smallest, for every other statistic and
 * for expressions the mean of the week's values. Where several accounts have a widget of that name,
 * that of the more important environment has the plain id and another's begins with
 * metrics.<environment>. . An audience that gets counts only gets none of them: their ids are
 * titles.
 */
#ifndef DIGEST_MONITORING_H
#define DIGEST_MONITORING_H

#include "store/series.h"
#include "store/watch.h"

struct study;

struct service_row {
	const char *name, *id; /* id: of its number */
	double percent; /* NaN: not known */
	bool part; /* some of what it is made of is not known */
	bool measured; /* something measures it, with or without success */
	int64_t minutes_down; /* NUM_NONE: not known */
	const char *basis; /* "minutes", "page", "canary"; NULL: not known */
	const struct rec_series *days; /* minutes down of its days; or NULL: not told */
	const char *state; /* worst at the collection: "up", "degraded", "down", or NULL */
};
struct alarm_row {
	const struct alarm *x;
	int64_t times; /* it went off in the week; NUM_NONE: not known */
	int64_t alarm_s; /* how long it was on; NUM_NONE: not known */
	const char *end; /* state at the week's end, or NULL */
	const char *reason; /* of the newest time it went off */
};
enum measure { MEASURE_SUM, MEASURE_MEAN, MEASURE_HIGHEST, MEASURE_LOWEST };
struct metric_row {
	const char *id;
	const struct rec_series *line; /* the first of its widget */
	size_t lines;
	enum measure measure;
	double value; /* NaN: no value in the week, or not collected */
};
struct monitoring_week {
	struct availability_weeks sites;
	struct canary_weeks canaries;
	struct alarms alarms_read;
	struct series read, downtime;
	VEC(struct service_row) services; /* lowest first, unknown last */
	VEC(struct alarm_row) alarms; /* longest on first */
	VEC(struct metric_row) metrics; /* as they stand on their boards */
	VEC(const struct rec_series *) undrawn; /* widgets without metrics */
	int64_t went_off, times; /* alarms that did, and how often together */
	int64_t silent; /* alarms of which neither is known */
};
/* Loads; its numbers must be known before the coverage is joined. Fails: ERR_DB. */
MUST_CHECK bool monitoring_load(struct study *f, struct err *e);
void monitoring_add_numbers(struct study *f);
void monitoring_analyse(struct study *f);
/* Seconds in the state ALARM inside [from_s, to_s), from the changes and the state it has now;
 * NUM_NONE where a piece is not known. *end: the state at to_s, or NULL. */
int64_t monitoring_alarm_s(const struct alarm *x, int64_t from_s, int64_t to_s, const char **end);

#endif
