/* Inside of the GitHub collector: what its files share. The source has these parts, counted in
 * repositories:
 *   repositories   the list of them, with name, default branch, archived
 *   actions        runs, attempts, jobs of failed attempts, workflows
 *   schedules      whether workflows without runs are scheduled (counted in workflows)
 *   deployments    with the outcome from their statuses
 *   code_scanning, dependabot, secret_scanning   the alert lists
 *   scan_artifacts   scan reports among the artefacts of runs
 *   logs           the few lines that matter of failed jobs (counted in jobs)
 *   commits        between a production deployment and the one before (counted in pairs)
 * Order: repositories first, then each repository's lists, then what single rows need; logs and
 * commits in the second round, when all failures and every source's deployments are stored. */
#ifndef COLLECT_GITHUB_H
#define COLLECT_GITHUB_H

#include "collect/answer.h"
#include "collect/keys.h"
#include "collect/page.h"
#include "store/ci.h"
#include "store/deploys.h"
#include "store/scans_alerts.h"

#define GITHUB_RERUN_S ((int64_t)30 * 86400) /* a run can be re-run for 30 days; api-github 2 */

#define GITHUB_BEFORE_S                                                                            \
	((int64_t)90 * 86400) /* how far back the deployment before one may lie, to count commits  \
			       */

struct gh_token {
	const char *value, *name; /* name: of the variable or file, for messages */
	int64_t left, reset_s; /* of its rate limit; NUM_NONE: not heard yet */
	bool refused; /* 401: wrong, expired or revoked */
};

/* A part of single requests that a token may not be allowed to make, or a service not know: when
 * all are refused it is not enabled, never failed; when some are not found, those are not there. */
struct gh_optional {
	struct part *p;
	int64_t left, got, missing;
	const char *refused; /* a reason, whatever the order of answers */
	bool forbidden;
};

struct github {
	struct collect *c;
	const struct github_source *cfg;
	VEC(struct gh_token) tokens; /* may be empty: public repositories only */
	size_t answered; /* whose answer is being handled */
	struct gh_app *app; /* NULL: tokens are used */
	int64_t *budget;
	struct part *repos, *actions, *deployments; /* the last two NULL when not wanted */
	struct gh_optional schedules, logs, commits; /* p NULL: not wanted */
	struct page_walk walk;
	struct keys listed; /* repository id -> struct gh_repo, whether wanted or not */
	VEC(struct gh_repo *) active; /* wanted, neither archived nor disabled */
	VEC(struct gh_repo *) shut; /* wanted, archived or disabled */
	struct gh_alerts *alerts; /* the alert lists; NULL when none is wanted */
	struct part *artifacts; /* NULL when not wanted */
	struct repos known; /* as stored before this run */
	struct runs unsettled; /* stored, of the last 30 days */
	struct keys stored_deployments; /* key -> struct rec_deployment */
	struct deployments unfinished; /* stored */
	struct keys had_before; /* repositories with a stored production deployment before the
				   collected window */
	int64_t expires_s; /* the soonest end of a token heard of */
};

struct gh_repo {
	struct github *g;
	struct rec_repo rec;
	bool active; /* in g->active */
	const char *old_name; /* as stored before, if it was renamed since */
	size_t token; /* index; repositories take turns */
	/* actions */
	int64_t since_s; /* runs are listed back to here */
	int64_t asked_s; /* when listing began */
	int per_page;
	int lists; /* under way */
	bool workflows_asked;
	bool lost; /* a list ended early */
	struct page_walk runs, workflows, deployments;
	struct keys seen; /* runs of this listing */
	struct keys judged; /* workflows whose last word on the default branch has passed by */
};

/* --- who we are (github_app.c) --- */

/* Reads the tokens, or signs in as an App. Fails: ERR_CONFIG, ERR_AUTH, …: in words for the ledger.
 */
MUST_CHECK bool gh_sign_in(struct github *g, struct part *p, struct err *e);
/* GET, with the headers GitHub wants and the token of that index, or the next that has requests
 * left and was not refused. An App's token is renewed before it ends, and once for a request that
 * is refused with it. */
void gh_get(struct github *g, size_t token, struct part *p, const char *url, collect_handler f,
	    void *ctx);
/* The same for an answer of up to max_body bytes, of any type, that may lie in another place: a
 * redirect is not followed but given to the handler. */
void gh_get_place(struct github *g, size_t token, struct part *p, const char *url, size_t max_body,
		  collect_handler f, void *ctx);
/* Why the App could not sign in again; NULL when it could, and for tokens. */
const char *gh_signed_out(const struct github *g);
/* Keeps the day the answering token ends for the digest. In no transaction. */
MUST_CHECK bool gh_note_expiry(struct github *g, const struct http_response *r, struct err *e);
/* "https://api.github.com/repos/o/r" + rest */
const char *gh_url(const struct gh_repo *r, const char *rest);
/* answer_json with GitHub's further words: the permission it wanted, single sign-on, and the day
 * the token ends, which is kept for the digest. need: "Actions: read". False also for our own
 * failure: then e is set. */
bool gh_json(struct github *g, size_t token, const struct http_response *r, const char *what,
	     const char *need, struct json **out, const char **why, struct err *e);

MUST_CHECK bool gh_actions_start(struct gh_repo *r, struct err *e);
/* When the repository's runs and workflows are stored: asks for the runs of each workflow that has
 * none stored, for what is scheduled and fell silent before the listed time. */
MUST_CHECK bool gh_schedules_start(struct gh_repo *r, struct err *e);
void gh_deployments_start(struct gh_repo *r);
/* The second round: logs of failed jobs that are not stored, most important first; commits of the
 * week's production deployments, of every source, whose repository is one of ours. */
MUST_CHECK bool gh_logs_start(struct github *g, struct err *e);
MUST_CHECK bool gh_commits_start(struct github *g, struct err *e);

/* --- optional parts: open one; _asked before each question, _got or _lost once after it --- */

void gh_optional_open(struct github *g, struct gh_optional *o, const char *name,
		      const char *affects);
void gh_optional_asked(struct gh_optional *o);
void gh_optional_got(struct gh_optional *o);
void gh_optional_lost(struct gh_optional *o, const struct http_response *r, const char *why);
/* Where questions come up one after the other: what all refusals together mean is decided after the
 * release. */
void gh_optional_hold(struct gh_optional *o);
void gh_optional_release(struct gh_optional *o);

/* --- scan reports in Actions artefacts (github_artifacts.c): the part "scan_artifacts", counted in
 * artefacts --- */

/* The repositories are known: their artefacts are asked for when all runs are. */
void gh_artifacts_start(struct github *g);

/* --- alert lists (github_alerts.c): a part each, "code_scanning", "dependabot", "secret_scanning",
 * counted in repositories --- */

/* Opens the parts that are wanted; true when any is. */
bool gh_alerts_open(struct github *g);
void gh_alerts_fail(struct github *g, const char *why);
/* The repositories are known: asks for the organisation's lists, or those of each repository. */
MUST_CHECK bool gh_alerts_start(struct github *g, struct err *e);

/* --- reading single objects; wrong types fail, absence does not (old records lack much) --- */

/* A run, or an attempt of one, which has the same shape. completed_s comes from updated_at only
 * where that is within a day of the start: it changes long after (retention). */
MUST_CHECK bool gh_parse_run(const struct jv *v, const struct rec_repo *repo, struct arena *a,
			     struct rec_run *out, struct err *e);
MUST_CHECK bool gh_parse_job(const struct jv *v, struct arena *a, struct rec_job *out,
			     struct err *e);
MUST_CHECK bool gh_parse_repo(const struct jv *v, struct arena *a, struct rec_repo *out,
			      struct err *e);
MUST_CHECK bool gh_parse_deployment(const struct jv *v, const struct rec_repo *repo,
				    struct arena *a, struct rec_deployment *out, int64_t *updated_s,
				    struct err *e);
/* The outcome: the newest status that is not "inactive" (which GitHub sets on what was superseded).
 * No status: it has only been asked for. */
MUST_CHECK bool gh_parse_statuses(const struct jv *list, struct arena *a, struct rec_deployment *io,
				  struct err *e);

/* Texts are one clean line without anything that looks like a secret. A state that is not told
 * follows from the dates. */
MUST_CHECK bool gh_parse_code_alert(const struct jv *v, struct arena *a, struct alert *out,
				    struct err *e);
MUST_CHECK bool gh_parse_dependabot_alert(const struct jv *v, struct arena *a, struct alert *out,
					  struct err *e);
MUST_CHECK bool gh_parse_secret_alert(const struct jv *v, struct arena *a, struct alert *out,
				      struct err *e);

/* The lines of a job's log that matter, at most five, oldest first, by line feeds: what went wrong
 * says the last. Without time stamps, colours and what looks like a secret; NULL when there is
 * nothing. log: its end at least; text as GitHub keeps it, need not be valid UTF-8. */
const char *gh_log_lines(const char *log, size_t n, struct arena *a);

/* Ended badly with jobs to show for it: failure, timed_out. startup_failure has none. */
bool gh_failing(const char *conclusion);

#endif
