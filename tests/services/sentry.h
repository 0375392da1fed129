/* What the files of Sentry's stand-in share. */
#ifndef SERVICES_SENTRY_H
#define SERVICES_SENTRY_H

#include "services/server.h"

#define SENTRY_DAY_S ((int64_t)86400)

struct view { /* of one issue under the parameters of a request */
	const struct issue *x;
	int64_t count, users, first_s, last_s; /* in the window */
	int64_t all_count, all_users, all_first_s, all_last_s; /* lifetime in the environments */
	int64_t key; /* of the order asked for */
};
struct views {
	struct view *v;
	size_t n, cap;
};

struct ask { /* what a request asks for */
	int64_t from_s, to_s;
	bool window;
	unsigned envs; /* bits */
};

/* 400 with a reason; false. */
bool sentry_bad(struct request *q, struct answer *r, const char *why);
/* start and end, or statsPeriod, which wins; without either 90 days that do not count as a window.
 * False: answered already. */
bool sentry_ask_read(struct request *q, struct answer *r, struct ask *k);
const char *sentry_iso(const struct request *q, int64_t t_s);
/* How many different ones, zero not counted; sorts them. */
int64_t sentry_distinct(uint32_t *users, size_t n);
/* Sentry's search language, as far as a digest needs it. *ok false: a term that this service does
 * not know. */
bool sentry_query_match(struct request *q, const char *query, const struct view *v, bool *ok);
bool sentry_project_match(const struct request *q, const struct issue *x);
/* The Link header, with a host that does not exist. */
void sentry_link_header(struct request *q, struct answer *r, const char *previous,
			bool has_previous, const char *next, bool has_next);
void sentry_events(struct request *q, struct answer *r);
/* The events table of the other data sets; false: it is none of them. */
bool sentry_measures(struct request *q, struct answer *r, const char *dataset);
void sentry_timeseries(struct request *q, struct answer *r);
void sentry_sessions(struct request *q, struct answer *r);
void sentry_stats(struct request *q, struct answer *r); /* stats_v2 */
void sentry_releases_serve(struct request *q, struct answer *r, const char *rest);
void sentry_monitors_serve(struct request *q, struct answer *r, const char *rest);
void sentry_detectors(struct request *q, struct answer *r);
/* The calls of a day for each of the uptime detectors: how many answered, how many did not. */
bool sentry_uptime_checks(struct request *q, struct answer *r);
/* Is a project asked for: by id, slug, or all. */
bool sentry_project_asked(const struct request *q, const struct project *p);
/* The same chance for the same project and day, whatever else is asked. */
struct rng sentry_day_rng(const struct request *q, size_t project, int64_t day_s);
/* Rows [*from, *to) of n for a cursor "0:OFFSET:0" and per_page, with the Link header. */
void sentry_page(struct request *q, struct answer *r, size_t n, size_t *from, size_t *to);

#endif
