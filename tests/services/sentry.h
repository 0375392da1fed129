/* What the two files of Sentry's stand-in share. */
#ifndef SERVICES_SENTRY_H
#define SERVICES_SENTRY_H

#include "services/server.h"

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

#endif
