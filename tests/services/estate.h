/* The sample estate: 13 weeks of an invented organisation, the same to the byte for the same seed.
 *
 * Nothing here knows a protocol: sentry.c, github.c, aws.c and scans.c serve it, truth.c counts it
 * by the definitions of the product. Times are UTC seconds; the calendar is Europe/London's.
 * Everything lives in the estate's arena. */
#ifndef SERVICES_ESTATE_H
#define SERVICES_ESTATE_H

#include "base/arena.h"
#include "base/err.h"
#include "lib/zone.h"

#define ESTATE_WEEKS 13
#define ESTATE_ORG   "example-data"
#define ESTATE_ENVS  3 /* production, staging, development */

struct rng {
	uint64_t s;
};
uint64_t rng_next(struct rng *r);
int64_t rng_n(struct rng *r, int64_t n); /* [0, n) */
int64_t rng_in(struct rng *r, int64_t low, int64_t high); /* [low, high] */
bool rng_p(struct rng *r, int percent);

/* --- GitHub --- */
struct repo {
	int64_t id;
	const char *name, *language;
	bool archived, fork, closed,
		actions; /* closed: private, the one that tests shut with a 403 */
	bool service; /* has CodeDeploy applications and ECR repositories */
	bool github_deploys; /* publishes GitHub deployments */
};

struct job_spec {
	const char *name;
	const char *steps[6];
};

enum wf_kind { WF_TEST, WF_PUBLISH, WF_NIGHTLY, WF_EVENING, WF_WEEKLY };

struct wf {
	int64_t id;
	int repo;
	const char *name, *path, *state;
	enum wf_kind kind;
	int minute_utc; /* of the day, scheduled kinds */
	bool data; /* data processing */
	const struct job_spec *jobs;
	int n_jobs;
};

struct attempt {
	const char *conclusion; /* NULL: under way */
	int64_t started_s, completed_s;
	int fail_job, fail_step; /* -1: none failed */
	bool no_runner; /* the failed job never got one */
};

struct run {
	int64_t id, number, created_s;
	int wf;
	const char *event, *branch, *sha, *title;
	int attempts; /* 1..3 */
	struct attempt at[3];
	bool touched; /* has a story of its own */
};

/* --- deployments --- */
enum dep_state {
	DEP_SUCCEEDED,
	DEP_FAILED,
	DEP_STOPPED,
	DEP_ROLLED_BACK,
	DEP_IN_PROGRESS,
	DEP_READY
};

struct dep {
	int repo, env; /* env: 0 production, 1 staging, 2 development, -1 other */
	const char *sha, *id, *rollback_id; /* CodeDeploy ids; rollback_id of DEP_ROLLED_BACK */
	const char
		*env_name; /* as GitHub names it: "prod" is an alias, "preview-482" none of ours */
	int64_t github_id; /* 0: GitHub knows nothing of it */
	bool codedeploy;
	enum dep_state state;
	const char *error_code, *error;
	int64_t pushed_s; /* ECR, 0: no image */
	int64_t published_s, published_end_s; /* GitHub */
	int64_t created_s, finished_s, rollback_finished_s; /* CodeDeploy; 0: not finished */
};

struct image { /* also pushes that nobody deployed */
	int repo, env;
	const char *sha, *digest;
	int64_t pushed_s, bytes;
	bool latest;
};

/* --- Sentry --- */
struct project {
	int64_t id;
	const char *slug, *platform;
};

struct event {
	int64_t t_s;
	uint32_t user; /* 0: none */
	uint16_t env; /* 0 production, 1 staging */
	uint16_t release;
};

struct activity {
	const char *type;
	int64_t t_s;
};

struct issue {
	int64_t id;
	int project;
	const char *short_id, *title, *culprit, *level, *category, *type, *status, *substatus;
	VEC(struct event) events; /* by time */
	VEC(struct activity) acts; /* by time */
	int64_t resolved_s; /* newest, 0: never */
};

/* --- scans --- */
enum scan_tool { TOOL_ZAP, TOOL_BANDIT, TOOL_NPM, TOOL_CHECKOV, TOOL_SEMGREP };
enum report_state { REPORT_OK, REPORT_FAILED, REPORT_MISSING };

struct finding {
	const char *rule, *title, *path, *severity; /* critical high medium low info */
	int line;
	bool present[ESTATE_WEEKS]; /* in the report of that week, were there one */
};

struct target {
	enum scan_tool tool;
	const char *name;
	int64_t scanned_s[ESTATE_WEEKS];
	enum report_state state[ESTATE_WEEKS];
	VEC(struct finding) findings;
};

/* --- alerts that GitHub keeps --- */
enum alerts { ALERTS_CODE, ALERTS_DEPENDABOT, ALERTS_SECRET };

struct galert {
	enum alerts kind;
	int repo;
	int64_t number, created_s, closed_s; /* closed_s 0: open */
	const char *state; /* open fixed dismissed auto_dismissed; of a resolved secret why */
	const char *title, *what, *severity; /* what: package, rule or type */
};

/* --- monitoring --- */
struct site { /* of the status page; its canary, where it has one, fails while it is down */
	const char *slug, *name, *canary;
};
struct outage {
	int site;
	int64_t from_s, to_s;
};
struct turn {
	const char *state;
	int64_t at_s;
};
struct watch_alarm {
	const char *name, *type;
	const char *metric; /* NULL: none (composite) */
	int site; /* on while it is down, some minutes late; negative: see estate_watch.c */
	VEC(struct turn) turns; /* by time, beginning with OK */
};

struct estate {
	struct arena a;
	struct zone *zone;
	uint64_t seed;
	struct week week[ESTATE_WEEKS]; /* oldest first */
	int64_t now_s; /* Monday 10:30 after the newest week */
	VEC(struct repo) repos;
	VEC(struct wf) wfs;
	VEC(struct run) runs; /* by created_s */
	VEC(struct dep) deps; /* by created_s */
	VEC(struct image) images;
	VEC(struct project) projects;
	VEC(struct issue) issues;
	VEC(const char *) releases; /* index 0: none */
	VEC(struct target) targets;
	VEC(struct galert) alerts;
	VEC(struct outage) outages; /* by time */
	VEC(struct watch_alarm) alarms;
};

/* week: the newest, e.g. "2026-W46". Fails: ERR_USAGE for a bad week, ERR_CONFIG without zone data.
 */
MUST_CHECK bool estate_make(const char *week, uint64_t seed, struct estate *out, struct err *e);
void estate_free(struct estate *s);

/* The parts, in this order; each with its own stream of chance, so that one does not shift the
 * others. */
void estate_ci(struct estate *s);
void estate_deploys(struct estate *s);
void estate_errors(struct estate *s);
void estate_scans(struct estate *s);
void estate_alerts(struct estate *s);

struct commit {
	const char *sha;
	int64_t t_s;
};
struct commits {
	struct commit *v;
	size_t n, cap;
};
/* The history of a repository's main branch, oldest first: what ran there or was deployed. */
void estate_commits(const struct estate *s, int repo, struct arena *a, struct commits *out);

void estate_watch(struct estate *s);

extern const struct site estate_sites[];
enum { ESTATE_SITES = 6 };
/* Whole minutes of [from_s, to_s) in which the site was down. */
int64_t estate_minutes_down(const struct estate *s, int site, int64_t from_s, int64_t to_s);
/* One metric's value over [at_s, at_s + period_s), as CloudWatch would aggregate it: NaN without
 * data. key: "AWS/ECS CPUUtilization web". */
double estate_metric(const struct estate *s, int env, const char *key, const char *stat,
		     int64_t at_s, int64_t period_s);

const char *estate_sha(struct estate *s, struct rng *r); /* 40 hex */
/* UTC seconds of a local time: week w (0..12), day 0 = Monday, minute of the day. */
int64_t estate_at(const struct estate *s, int w, int day, int minute);
int estate_repo(const struct estate *s, const char *name);
const char *estate_env(int env); /* "production" … */
bool estate_run_failed(const char *conclusion); /* failure, timed_out, startup_failure */
const char *estate_tool(enum scan_tool t); /* the tool's name as the digest spells it */

/* Reports of every week as files DIR/<target>/<tool>-<week>.json, with the scan's time as the
 * files'. */
MUST_CHECK bool scans_write(struct estate *s, const char *dir, struct err *e);

/* The expected numbers of week w as JSON. */
const char *truth_json(struct estate *s, int w, struct arena *a);
/* The numbers of GitHub's alert lists in that week, which belong to a digest that collects them. */
const char *truth_alerts_json(struct estate *s, int w, struct arena *a);
/* Compares {"numbers": {…}} of two files, printing each difference. True when every number of the
 * truth is met. */
MUST_CHECK bool truth_compare(const char *truth_path, const char *digest_path, bool *same,
			      struct err *e);

#endif
