/* What is collected, as rows: plain data between collect/ or scan/ (which fill it), store/ (which
 * keeps it) and digest/ (which reads it).
 *
 * Texts are UTF-8, NULL where the service says nothing; outside text is kept as it came (cleaned
 * where it is shown). Times are UTC seconds, TIME_NONE unknown; counts NUM_NONE unknown. "source"
 * is the configured name; "key" the service's own id as text. */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "base/arena.h"

/* --- ledger: what was asked for, expected and received, one row per week, source and part --- */
enum ledger_status { LEDGER_COMPLETE, LEDGER_PARTIAL, LEDGER_FAILED, LEDGER_NOT_ENABLED };
const char *
ledger_status_name(enum ledger_status s); /* "complete" "partial" "failed" "not_enabled" */
/* 0 not enabled, then complete, partial, 3 failed: which of two is worse. */
int ledger_status_rank(enum ledger_status s);
MUST_CHECK bool ledger_status_parse(const char *s, enum ledger_status *out);

struct ledger {
	const char *week, *source, *part; /* part: "issues", "actions", "deployments", "ecr",
					     "codedeploy", "reports", … */
	enum ledger_status status;
	int64_t expected, received; /* rows; expected NUM_NONE when nothing says */
	int64_t requests, retries, pages, bytes;
	int64_t as_of_s; /* when the collection of it ended */
	const char *reason; /* NULL when complete */
	const char *affects; /* prefixes of the number ids it touches, blank-separated: "ci.
				security.new" */
};

/* --- Sentry --- */
struct rec_project {
	const char *source, *key, *slug, *name, *platform;
};

struct rec_issue {
	int64_t id; /* row id; 0 until read from the store */
	const char *source, *key, *short_id, *project_key, *project; /* project: slug */
	const char *title, *culprit, *url, *level, *category, *type;
	const char *status, *substatus, *priority, *assignee; /* at collection */
	int64_t first_seen_s, last_seen_s; /* lifetime */
	int64_t total_events, total_users; /* lifetime */
	/* inside one collected week and the configured environments */
	const char *week;
	int64_t env_first_seen_s; /* lifetime first-seen in those environments; TIME_NONE: use
				     first_seen_s */
	int64_t week_first_seen_s, week_last_seen_s;
	int64_t events, users;
	int64_t last_day_events; /* on the week's last day, to say "still happening"; NUM_NONE
				    unknown */
	const char *environment; /* the first configured one it was seen in, or NULL */
	const char *release; /* first release in the week, or NULL */
	int64_t regressed_s, escalated_s,
		resolved_s; /* newest such activity inside the week, or TIME_NONE */
};

struct rec_project_day {
	const char *source, *project, *day; /* day: "2026-11-09", UTC */
	int64_t events;
};

struct rec_release_project {
	const char *key, *slug;
	int64_t new_issues;
};

struct rec_release { /* a version that Sentry was told of */
	int64_t id;
	const char *source, *version, *status; /* status: open, archived */
	int64_t created_s, released_s, first_event_s, last_event_s;
	int64_t new_issues, commits, deploys, authors;
	VEC(struct rec_release_project) projects;
};

struct rec_monitor { /* what Sentry watches, and how it did in one week */
	int64_t id;
	const char *source, *kind, *key; /* kind: "cron", "uptime" */
	const char *name, *project, *environment, *schedule;
	const char *target; /* of uptime: the address, without user, query and fragment */
	const char *week, *status; /* at collection, in Sentry's words */
	bool muted;
	int64_t last_check_s, next_check_s;
	int64_t ok, missed, timeout, error, unknown; /* check-ins of the week */
};

/* --- GitHub --- */
struct rec_repo {
	int64_t id;
	const char *source, *key, *name; /* name: "owner/repo" */
	const char *default_branch, *url;
	bool archived, disabled, fork, gone;
};

struct rec_workflow {
	int64_t id;
	const char *source, *key, *repo; /* repo: "owner/repo" */
	const char *name, *path, *state, *url; /* state: active, disabled_inactivity, … */
	bool scheduled; /* has had a run with event schedule, or is one by what is known of it */
	/* of one that is silent since before the stored runs: TIME_NONE, NUM_NONE unknown */
	int64_t last_schedule_s, schedule_gap_s;
};

struct rec_job {
	int64_t attempt;
	const char *key, *name, *conclusion, *url;
	int64_t started_s, completed_s;
	const char *failed_step; /* first failed step's name, or NULL */
	int64_t steps; /* steps that ran (0 = none ever did) */
	bool had_runner;
};

struct rec_attempt {
	int64_t attempt;
	const char *conclusion; /* NULL: not concluded */
	int64_t started_s, completed_s;
};

struct rec_run {
	int64_t id;
	const char *source, *key, *repo, *workflow_key, *workflow_path, *workflow,
		*title; /* workflow: its name */
	const char *event, *branch, *sha, *status, *conclusion, *url;
	int64_t number, attempt; /* attempt: the latest */
	int64_t created_s, started_s, completed_s;
	int64_t committed_s; /* of the commit sha; TIME_NONE unknown */
	bool default_branch;
	const char *log; /* of the latest attempt's first failed job: the lines that matter, by line
			    feeds, the most telling last; NULL: not read */
	VEC(struct rec_attempt)
	attempts; /* earlier ones and the latest, ascending; may be empty for a run that passed at
		     once */
	VEC(struct rec_job) jobs; /* of every attempt that did not succeed */
};

/* --- deployments --- */
enum deploy_state {
	DEPLOY_SUCCEEDED,
	DEPLOY_FAILED,
	DEPLOY_ROLLED_BACK,
	DEPLOY_IN_PROGRESS,
	DEPLOY_WAITING
};
const char *deploy_state_name(
	enum deploy_state s); /* "succeeded" "failed" "rolled_back" "in_progress" "waiting" */
MUST_CHECK bool deploy_state_parse(const char *s, enum deploy_state *out);

struct rec_deployment {
	int64_t id;
	const char *source, *kind, *key; /* kind: "codedeploy", "github", "ecs", "sentry" */
	const char *service; /* application, ECS service or repository, as the service names it */
	const char *repo; /* "owner/repo" where known */
	const char *environment; /* as the service names it; the digest maps aliases */
	const char *sha, *ref, *image; /* commit (7 to 40 hex), git ref, image digest or tag */
	enum deploy_state state;
	int64_t created_s, started_s, finished_s;
	const char *creator_kind; /* "user", "rollback", "automation"; never a person's name */
	const char *error_code, *error, *url;
	const char *rollback_of; /* key of the deployment this one undoes, or NULL */
	const char *detail; /* "blue/green, CodeDeployDefault.ECSAllAtOnce", for the reader */
};

/* The commits reachable from head and not from base. Who wrote them is counted, never kept. */
struct rec_comparison {
	const char *repo, *base,
		*head; /* repo: "owner/repo"; base NULL: nothing earlier is known */
	int64_t commits, authors; /* authors NUM_NONE: not known */
	int64_t oldest_s, newest_s;
	bool whole; /* every commit is in committed_s */
	VEC(int64_t) committed_s;
};
struct rec_change { /* what one deployment brought */
	int64_t deployment_id;
	const char *source, *kind, *key; /* of the deployment */
	bool known; /* the commits were read: else c has repo, base and head alone */
	struct rec_comparison c;
};

struct rec_image {
	const char *source, *repository, *digest, *environment;
	const char *tags; /* blank-separated */
	const char *sha; /* the tag that is a commit, or NULL */
	int64_t pushed_s, bytes;
};

/* --- scans --- */
enum severity { SEV_CRITICAL, SEV_HIGH, SEV_MEDIUM, SEV_LOW, SEV_INFO, SEV_COUNT };
const char *severity_name(enum severity s); /* "critical" … "info" */
MUST_CHECK bool severity_parse(const char *s, enum severity *out);

/* scans.md 3 */
enum scan_status {
	SCAN_OK,
	SCAN_ZERO,
	SCAN_PARTIAL,
	SCAN_SUSPECT,
	SCAN_FAILED,
	SCAN_EMPTY,
	SCAN_MALFORMED,
	SCAN_UNSUPPORTED,
	SCAN_UNRECOGNISED,
};
const char *scan_status_name(enum scan_status s);
MUST_CHECK bool scan_status_parse(const char *s, enum scan_status *out);

struct rec_finding {
	int64_t id;
	const char *identity; /* stable key inside (tool, target); see scan/identity.h */
	const char *coarse; /* identity without its running number; NULL: it has none */
	const char *strong, *context; /* digests by which it is found again when coarse is another:
					 rule, path and the tool's fingerprint, or the code pointed
					 to. NULL: none */
	double cvss, epss; /* score 0 to 10, probability 0 to 1; 0: not told */
	enum severity severity;
	const char *word; /* the tool's own severity word */
	const char *rule, *title, *path, *url, *package, *fix, *cwe, *cve, *message;
	int64_t line;
	int64_t occurrences; /* how often this identity stands in the report (ZAP: instances) */
	bool suppressed; /* by the report itself: counted apart */
	/* life, from the store */
	const char *tool, *target, *state; /* state: open, fixed, accepted, held, set_aside */
	const char *set_aside; /* by the service itself: why it is neither open nor fixed; else NULL
				*/
	int64_t first_seen_s, last_seen_s, fixed_s, reopened_s, accepted_until_s;
};

struct rec_scan {
	int64_t id;
	const char *source, *tool, *target, *format, *origin,
		*sha256; /* origin: file path, artefact, alert list */
	enum scan_status status;
	const char *reason;
	int64_t scanned_s; /* the report's own time, --scanned-at, or the file's */
	int64_t findings; /* without suppressed ones */
	int64_t severity[SEV_COUNT];
	int64_t suppressed, instances;
	int64_t first_site; /* ZAP: alert types of the first site, the team's Slack number; else
			       NUM_NONE */
	const char *tool_version;
	const char *rules; /* digest of the ids of all rules the tool has, or NULL */
	const char *scope; /* what part of the target it covers, where a report says so (SARIF's
			      category); NULL: all of it. Scans are compared within one scope */
	bool baseline; /* the first scan ever of this tool, target and scope */
	VEC(struct rec_finding) list;
};

/* --- numbers over time that a service keeps itself --- */
struct rec_point {
	int64_t at_s; /* the period's begin */
	double value; /* finite */
};

struct rec_series {
	int64_t id;
	const char *source, *kind; /* kind: "widget", "canary", "performance", "metric", "health" */
	const char *board, *panel; /* dashboard and widget, or project and measure */
	const char *label; /* which line of the panel; "" the only one */
	const char *unit, *statistic, *url; /* unit: as the service writes it */
	int64_t period_s, position; /* position: order of panels and lines on their board */
	const char *week; /* of the collection that the next two speak of */
	enum ledger_status status;
	const char *reason;
	VEC(struct rec_point) points; /* ascending; a period without a value has none */
};

/* "repo" of "owner/repo"; NULL gives NULL. */
const char *repo_short(const char *repo);
/* Same commit: equal, or one the beginning of the other with at least 7 digits. */
bool sha_same(const char *x, const char *y);

#endif
