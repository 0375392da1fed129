/* The order of the phases, in one place: collect -> digest (freeze, render, archive) -> send. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/app.h"
#include "archive/archive.h"
#include "collect/collect.h"
#include "deliver/deliver.h"

/* Fetches one week; only: one source's name, or NULL. What services did wrong is in the ledger and
 * told on standard error. */
MUST_CHECK bool pipeline_collect(struct app *app, const struct week *w, const char *only,
				 int64_t run_id, struct collect_result *out, struct err *e);
/* Builds and freezes the digest of every audience, renders it and writes the archive. A digest that
 * any delivery was tried of stays as it is and is only rendered again. */
MUST_CHECK bool pipeline_digest(struct app *app, const struct week *w, struct err *e);
/* Versions of everything that decides the bytes of a rendering, for the manifest and for verify. */
void pipeline_versions(struct arena *a, struct archive_versions *v);
/* Attempts what waits. audience NULL: all. */
MUST_CHECK bool pipeline_send(struct app *app, const struct week *w, const char *audience,
			      bool retry_failed, struct deliver_result *out, struct err *e);
/* Lets go of what the configuration's retention does not keep, counted back from the end of w. */
MUST_CHECK bool pipeline_prune(struct app *app, const struct week *w, struct err *e);
/* Exit status out of what happened: 4 beats 3 beats 0. Either may be NULL. */
int pipeline_status(const struct collect_result *c, const struct deliver_result *d);
/* What the weeks of a run that failed had: the operator hears it, the readers do not. */
void pipeline_tell_operator(struct app *app, const struct week *w, const char *subject,
			    const char *text);

/* Pings the configured heartbeat, so that silence is noticed elsewhere: the URL after a run that
 * made a digest, URL/fail with the reason as its body after one that did not (the convention of
 * Healthchecks). Without one it does nothing. */
void pipeline_heartbeat(struct app *app, bool failed, const char *reason);

/* Brackets a command that writes with a row of the run table. */
MUST_CHECK bool pipeline_begin(struct app *app, const char *command, const struct week *w,
			       int64_t *run_id, struct err *e);
/* Ends it; returns the exit status to use (a failure to write the row turns 0 into 1). */
int pipeline_end(struct app *app, int64_t run_id, int exit_status, const char *summary);

#endif
