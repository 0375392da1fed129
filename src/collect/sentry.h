/* Inside of the Sentry collector: what its files share. The source has these parts, by the words of
 * "collect":
 *  issues
 *   issues        every issue with an event in the week: counts of the week, lifetime apart
 *   activity      when issues regressed, escalated, were resolved: one request an issue
 *   environments  with several configured: which of them an issue was seen in
 *   last_day      counts of the week's last day, to say "still happening"
 *   volume        accepted error events per project and UTC day
 *   users         distinct users over all errors
 *  releases
 *   releases      those of the window: what Sentry was told of a version
 *   deploys       Sentry's own record of deployments, counted in releases looked into
 *  performance
 *   performance   throughput, p75, p95 and failure rate of a project's transactions, of the week
 *   performance_days  throughput and p95 per UTC day, of the ten busiest projects
 *   metrics       application metrics (data set tracemetrics)
 *  health
 *   health        crash-free sessions and users, sessions, users; of the week and per UTC day
 *  monitors
 *   monitors      cron monitors and their state
 *   checkins      the week's check-ins of each
 *   uptime        addresses that Sentry calls, and their state
 *   uptime_checks the week's calls of each
 * Order: projects -> issues -> what speaks of the issues listed; the other words after the
 * projects. But for issues, all of it is optional: a server that answers 400, 403, 404 or 405 does
 * not have it or the token may not see it, and the part is not_enabled. */
#ifndef COLLECT_SENTRY_H
#define COLLECT_SENTRY_H

#include "collect/answer.h"
#include "collect/keys.h"
#include "collect/page.h"

#define SENTRY_RETENTION_S ((int64_t)90 * 86400) /* the event store keeps no more; api-sentry 2 */
#define SENTRY_DAY_S	   ((int64_t)86400)
#define SENTRY_DETAILS	   4000 /* issues looked at one by one in a run; more are told as short */

struct sentry_project {
	const char *key, *slug;
	int64_t position; /* in the order of the list */
	bool has_errors; /* the list of issues counts error events of it */
	bool has_transactions; /* Sentry says it ever had one */
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
	/* NULL when not wanted */
	struct part *issues, *activity, *environments, *last_day, *volume, *users;
	struct part *releases, *deploys, *performance, *performance_days, *metrics, *health;
	struct part *monitors, *checkins, *uptime, *uptime_checks;
	VEC(struct part *) parts; /* all of them */
	struct part *lead; /* the one that asks for the projects */
	bool events_gone; /* the week is older than the event store's memory */
	VEC(struct sentry_project *) projects; /* wanted ones */
	struct keys by_key; /* all of them that exist -> themselves, or &none when not wanted */
	struct sentry_project none;
	struct page_walk project_walk;
	size_t project_n; /* all that the token sees */
	bool some_unwanted, some_not_member;
	bool redirect; /* the server sends its callers around on its own host: followed */
	struct keys seen; /* issue id -> struct sentry_seen */
	VEC(struct sentry_seen *) list; /* in the order they came */
	const char *question; /* a digest of all that decides what is asked for */
	bool forgotten; /* the week's earlier rows were dropped */
	bool whole; /* the week's issues were listed to the end, and every row was readable */
};

extern const struct answer_hints sentry_hints;

/* "2026-11-09T00:00:00": Sentry takes a time without zone as UTC. */
const char *sentry_time(struct arena *a, int64_t t_s);
/* GET base + rest. */
void sentry_get(struct sentry *s, struct part *p, const char *rest, int64_t gap_ms,
		collect_handler f, void *ctx);

/* Is this project one of those to collect? NULL: not. By the key, or by the slug. */
struct sentry_project *sentry_project_by_key(const struct sentry *s, const char *key);
struct sentry_project *sentry_project_by_slug(const struct sentry *s, const char *slug);
/* "releases/" and "&a=b&c=d" give "releases/?a=b&c=d"; an empty query none. */
const char *sentry_path(struct arena *a, const char *path, const char *query);
/* Of the configured environments, or there are none configured. environment NULL: not. */
bool sentry_environment_wanted(const struct sentry *s, const char *environment);

enum list_end {
	LIST_WHOLE,
	LIST_STOPPED, /* by the row or page function: the rest is of no interest */
	LIST_CUT, /* told to the part */
	LIST_ABSENT, /* 400, 403, 404, 405 on the first page; r is the answer */
	LIST_FAILED, /* no page could be had; told to the part */
};

/* A walk over any other list, page by page. */
struct list_walk {
	struct sentry *s;
	struct part *p;
	const char *what; /* for reasons */
	const char *path; /* with its query, without a cursor */
	const char *key; /* of the list in the answer; NULL: the answer is the list */
	const char *absent; /* what it means when the server does not have it: told to the part.
			       NULL: done tells */
	/* In a transaction. root: the whole answer. What cannot be read is told to the part. */
	bool (*row)(struct list_walk *w, const struct jv *row, struct err *e);
	bool (*done)(struct list_walk *w, enum list_end end, const struct http_response *r,
		     struct err *e); /* may be NULL */
	void *ctx;
	bool of_many; /* one of several lists of the part: its loss is a shortage */
	bool stop; /* set by row: no further page */
	const struct jv *root;
	struct page_walk walk;
	size_t rows, pages; /* rows: of the page under way */
};
void sentry_list(struct list_walk *w);
/* A server that does not have it, or a token that may not see it. */
bool sentry_absent(const struct http_response *r);

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
/* The request of it, for another handler. */
void sentry_ask_volume(struct sentry *s, collect_handler f, void *ctx);

/* The projects are known: is there evidence that an earlier collection of the week still holds
 * (sentry_again.c)? Then its parts are carried over, else sentry_collect is called. */
MUST_CHECK bool sentry_again(struct sentry *s, struct err *e);
/* Asks for all that is wanted. */
void sentry_collect(struct sentry *s);
/* Keeps what the next collection compares with: the answer of sentry_ask_volume. */
void sentry_remember(struct sentry *s, const struct jv *volume);
void sentry_users(struct sentry *s);

void sentry_releases(struct sentry *s);
void sentry_performance(struct sentry *s);
void sentry_metrics(struct sentry *s);
void sentry_health(struct sentry *s);
void sentry_monitors(struct sentry *s);
void sentry_uptime(struct sentry *s);

/* --- reading single objects; as above: only the key is required, a wrong type fails --- */

struct sentry_deploy {
	const char *key, *environment, *url;
	int64_t started_s, finished_s;
};
struct sentry_release {
	struct rec_release r;
	const char *sha; /* the commit that its version, build hash or last commit names, or NULL */
	struct sentry_deploy last; /* key NULL: none is told */
};
MUST_CHECK bool sentry_parse_release(const struct jv *row, struct arena *a,
				     struct sentry_release *out, struct err *e);
MUST_CHECK bool sentry_parse_deploy(const struct jv *row, struct arena *a,
				    struct sentry_deploy *out, struct err *e);
/* The commit in a version: "web@3dce5c8", "1.2.0+3dce5c8", 40 digits alone; NULL when there is
 * none. Fewer than 40 hexadecimal digits need a letter and a digit among them: a date is no commit.
 */
const char *sentry_commit_of(const char *version, struct arena *a);
/* One element of monitors/ as the wanted environments have it: the worst status, the newest
 * check-in, the soonest next one. *skip: it is in none of them. week and source stay empty. */
MUST_CHECK bool sentry_parse_monitor(const struct jv *row, const struct strv *environments,
				     struct arena *a, struct rec_monitor *out, bool *skip,
				     struct err *e);
/* One element of detectors/. Its request's headers and body hold secrets and are never read.
 * subscription: what its checks may be filed under, or NULL; project_key may be NULL. *skip: it is
 * no uptime detector. */
MUST_CHECK bool sentry_parse_detector(const struct jv *row, struct arena *a,
				      struct rec_monitor *out, const char **project_key,
				      const char **subscription, bool *skip, struct err *e);

#endif
