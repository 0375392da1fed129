/* What watches the services: CloudWatch alarms and their changes, Synthetics canaries, the sites of
 * status pages.
 *
 * Puts and forgets expect an open transaction. Texts, times and counts as in model/record.h; a
 * percent is NaN where it is not known. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "lib/db.h"
#include "model/config.h"
#include "model/record.h"

/* --- alarms --- */
struct alarm_change {
	const char *from, *to, *reason; /* "OK", "ALARM", "INSUFFICIENT_DATA" */
	int64_t at_s;
};
struct alarm {
	int64_t id;
	const char *source, *region, *name;
	const char *type, *description, *url; /* type: "MetricAlarm", "CompositeAlarm", … */
	const char *state, *reason; /* when last listed, since state_s; NULL: gone */
	int64_t state_s;
	VEC(struct alarm_change) changes; /* ascending */
};
struct alarms {
	struct alarm *v;
	size_t n, cap;
};
/* Begins a whole list of a source's alarms in a region: one that is not put again is gone. Its
 * changes stay. */
MUST_CHECK bool watch_forget_alarms(struct db *db, const char *source, const char *region,
				    struct err *e);
MUST_CHECK bool watch_put_alarm(struct db *db, const struct alarm *x, int64_t seen_s,
				struct err *e);
/* A change of the alarm that x->source, region and name tell; type is kept for one that is not
 * known yet. The same change again (time and new state) changes nothing. */
MUST_CHECK bool watch_put_change(struct db *db, const struct alarm *x, const struct alarm_change *c,
				 int64_t seen_s, struct err *e);
/* Alarms that exist, and those that are gone but changed in [from_s, to_s); with every change from
 * from_s on, also after to_s. By source, name, region. */
MUST_CHECK bool watch_alarms(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			     struct alarms *out, struct err *e);

/* --- canaries --- */
struct canary_week {
	const char *source, *name, *week, *state, *schedule, *url;
	int64_t runs, failed;
	double percent; /* of runs that passed */
	const char *basis; /* "metric", "runs"; NULL: nothing counted them */
	const char *reason; /* of the newest failure that is known, of failed_s */
	int64_t failed_s;
};
struct canary_weeks {
	struct canary_week *v;
	size_t n, cap;
};
MUST_CHECK bool watch_forget_canaries(struct db *db, const char *week, const char *source,
				      struct err *e);
MUST_CHECK bool watch_put_canary(struct db *db, const struct canary_week *x, int64_t seen_s,
				 struct err *e);
/* By source, name. */
MUST_CHECK bool watch_canaries(struct db *db, const char *week, struct arena *a,
			       struct canary_weeks *out, struct err *e);

/* --- status pages --- */
struct availability_week {
	const char *source, *slug, *week, *name, *url, *state;
	int64_t minutes_down, response_ms;
	double percent; /* of the week's minutes that were not down, or the page's own figure */
	const char *basis; /* "minutes", "page"; NULL: not known */
	/* Minutes of the week's seven days, with basis "minutes". Not part of the row: the
	 * collector keeps them as a series of kind "downtime", board slug. */
	int64_t days_down[7];
};
struct availability_weeks {
	struct availability_week *v;
	size_t n, cap;
};
MUST_CHECK bool watch_forget_availability(struct db *db, const char *week, const char *source,
					  struct err *e);
MUST_CHECK bool watch_put_availability(struct db *db, const struct availability_week *x,
				       int64_t seen_s, struct err *e);
/* By source, slug. */
MUST_CHECK bool watch_availability(struct db *db, const char *week, struct arena *a,
				   struct availability_weeks *out, struct err *e);

/* --- dashboards --- */
/* A dashboard could not be read this week: the lines that it had when it was last read are failed,
 * so that their numbers are unknown instead of gone. Lines put already for the week stay as they
 * are. */
MUST_CHECK bool watch_miss_board(struct db *db, const char *week, const char *source,
				 const char *board, const char *reason, struct err *e);

/* "metrics.health.requests-per-minute": the id of a widget's number, or of a dashboard's numbers
 * ("metrics.health.") without a panel. Small letters, digits and "-"; a name that has none of
 * these is "x". */
const char *watch_metric_id(struct arena *a, const char *board, const char *panel);
/* The service that a canary watches: the first of services[] that has its name or whose aws
 * patterns match it; else the canary's own name. */
const char *watch_canary_service(const struct config *cfg, const char *canary);
/* The service that a site of a status page belongs to: the one that lists it, else its slug. */
const char *watch_site_service(const struct config *cfg, const char *slug);
/* "availability.<name>.percent". */
const char *watch_availability_id(struct arena *a, const char *name);

#endif
