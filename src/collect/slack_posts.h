/* Which system a post speaks for, and what it tells of: pure, from a read post to a record.
 *
 * Formats: Sentry's integration; DeployBot and the GitHub app (deployments); GitHub Actions in four
 * shapes (a job that reports the run, a table of stages, the legacy attachment, the checker's list
 * of workflows); SecurityScanner; CloudWatch alarms as text, by a Lambda or by Amazon Q; Airflow.
 * Who posts is a hint, never a proof: what is said decides. */
#ifndef COLLECT_SLACK_POSTS_H
#define COLLECT_SLACK_POSTS_H

#include "collect/slack_text.h"
#include "model/message.h"

/* Fills everything of a message but source and channel. Nothing recognised: MESSAGE_OTHER, without
 * things told. What people write is never recognised and its words are not kept. */
void slack_recognise(const struct post *p, struct arena *a, struct rec_message *out);

/* Only for slack_posts.c, slack_posts_ci.c and their tests: each says whether it is one of its
 * kind and adds what is told. */
bool slack_sentry(const struct post *p, struct arena *a, struct rec_message *m);
bool slack_deployment(const struct post *p, struct arena *a, struct rec_message *m);
bool slack_scan(const struct post *p, struct arena *a, struct rec_message *m);
bool slack_alarm(const struct post *p, struct arena *a, struct rec_message *m);
bool slack_run(const struct post *p, struct arena *a, struct rec_message *m);
bool slack_dag(const struct post *p, struct arena *a, struct rec_message *m);

/* A thing told with nothing known of it yet. */
struct rec_told slack_told(void);
/* Without emoji (":x:"), blanks and colons at its ends. */
const char *slack_bare(struct arena *a, const char *s);
/* "owner/repo" of an address at a GitHub host, or NULL. */
const char *slack_repo(const char *url, struct arena *a);

#endif
