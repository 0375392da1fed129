/* Inside of the Sentry collector: what its files share. The source has these parts:
 *   issues        every issue with an event in the week: counts of the week, lifetime apart
 *   activity      when issues regressed, escalated, were resolved: one request an issue
 *   environments  with several configured: which of them an issue was seen in
 *   last_day      counts of the week's last day, to say "still happening"
 *   volume        accepted error events per project and UTC day
 *   users         distinct users over all errors
 * Order: projects -> issues -> the others, since they speak of the issues listed. */
#ifndef COLLECT_SENTRY_H
#define COLLECT_SENTRY_H

#include "collect/answer.h"
#include "collect/keys.h"
#include "collect/page.h"

#define SENTRY_RETENTION_S ((int64_t)90 * 86400) /* the event store keeps no more; api-sentry 2 */
#define SENTRY_DETAILS	   2000 /* issues looked at one by one in a run; more are told as short */

struct sentry_project {
	const char *key, *slug;
	bool has_errors; /* the list of issues counts error events of it */
};

/* An issue of this run. */
struct sentry_seen {
	struct rec_issue i; /* as listed */
	bool listed; /* in the week's list; else only found resolved */
	bool asked;
};

struct sentry {
	struct collect *c;
	const struct sentry_source *cfg;
	const char *token;
	const char *base; /* "https://sentry.io/api/0/organizations/acme/" */
	const char *projects_query; /* "&project=1&project=2", "&project=-1" or "" */
	const char *filter; /* the same with "&environment=…" */
	int64_t *budget, gap_ms;
	struct part *issues, *activity, *environments, *last_day, *volume, *users;
	VEC(struct sentry_project *) projects; /* wanted ones */
	struct keys by_key; /* all of them that exist -> themselves, or &none when not wanted */
	struct sentry_project none;
	struct page_walk project_walk;
	size_t project_n; /* all that the token sees */
	bool some_unwanted, some_not_member;
	struct keys seen; /* issue id -> struct sentry_seen */
	VEC(struct sentry_seen *) list; /* in the order they came */
	bool forgotten; /* the week's earlier rows were dropped */
};

extern const struct answer_hints sentry_hints;

/* "2026-11-09T00:00:00": Sentry takes a time without zone as UTC. */
const char *sentry_time(struct arena *a, int64_t t_s);
/* GET base + rest. */
void sentry_get(struct sentry *s, struct part *p, const char *rest, int64_t gap_ms,
		collect_handler f, void *ctx);

/* A walk over the organisation's issues. */
struct sweep {
	struct sentry *s;
	struct part *p;
	const char *what; /* for reasons */
	const char *query; /* after "issues/?" */
	int64_t from_s, to_s;
	const char *cursor;
	int limit;
	struct page_walk walk;
	bool (*row)(struct sweep *w, const struct jv *row, struct err *e); /* in a transaction */
	bool (*done)(struct sweep *w, bool whole, struct err *e);
	const char *environment; /* for the sweeps of one environment */
	size_t pages;
};
void sentry_sweep(struct sweep *w);

/* One row of a windowed list: counts and times at the top into the week's members, "lifetime" into
 * the lifetime's. by_environment: lifetime.firstSeen is then the environments' own (Sentry takes it
 * from them), so it goes to env_first_seen_s too. Only "id" is required; a wrong type fails. The
 * source and week stay empty. */
MUST_CHECK bool sentry_parse_issue(const struct jv *row, bool by_environment, struct arena *a,
				   struct rec_issue *out, struct err *e);
/* A rec_issue that says nothing but who it is. */
struct rec_issue sentry_blank(const struct sentry *s, const char *key);

struct sentry_activity {
	bool readable; /* the issue came with its activity */
	int64_t first_seen_s; /* lifetime, all environments */
	int64_t regressed_s, escalated_s, resolved_s; /* newest inside [from, to), or TIME_NONE */
	int64_t last_resolved_s; /* newest of all */
	const char *first_release, *regression_release; /* the latter of regressed_s */
};
MUST_CHECK bool sentry_parse_activity(const struct jv *issue, int64_t from_s, int64_t to_s,
				      struct arena *a, struct sentry_activity *out, struct err *e);

/* The week's issues were listed as far as they could be (some: a page at least): asks for the rest.
 */
void sentry_after_issues(struct sentry *s, bool some);
/* Asks for the record of each issue in s->list, the telling ones first. */
MUST_CHECK bool sentry_details(struct sentry *s, struct err *e);
void sentry_volume(struct sentry *s);
void sentry_users(struct sentry *s);

#endif
