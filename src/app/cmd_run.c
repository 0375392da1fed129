/* run: what cron calls. Collects, freezes and delivers the last complete week; weeks that were
 * missed are collected and frozen for the archive, oldest first, but only the newest is sent. */
#include "app/commands.h"
#include "app/pipeline.h"
#include "store/digests.h"

#define CATCH_UP_MAX 13 /* weeks; older gaps are for backfill, on purpose */

/* How many weeks before w have no digest, counted from the newest frozen one. */
static bool missed(struct app *app, const struct week *w, int *out, struct err *e)
{
	struct frozens list = {0};
	if (!digests_list(app->db, &app->a, &list, e))
		return false;
	const char *newest = NULL;
	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.v[i].week, w->name) < 0 &&
		    (!newest || strcmp(list.v[i].week, newest) > 0))
			newest = list.v[i].week;
	*out = 0;
	if (!newest)
		return true; /* the first run ever has missed nothing */
	int n = 0;
	for (struct week x = week_add(app->zone, w, -1);
	     strcmp(x.name, newest) > 0 && n < CATCH_UP_MAX; x = week_add(app->zone, &x, -1))
		n++;
	*out = n;
	return true;
}

/* One week up to its frozen digest. Problems of an older week do not stop the newest. */
static bool prepare(struct app *app, const struct week *w, int64_t run, struct collect_result *got,
		    struct err *e)
{
	struct collect_result one = {0};
	if (!pipeline_collect(app, w, NULL, run, &one, e) || !pipeline_digest(app, w, e))
		return false;
	got->complete += one.complete;
	got->partial += one.partial;
	got->failed += one.failed;
	got->not_enabled += one.not_enabled;
	return true;
}

static bool run_weeks(struct app *app, const struct week *w, int64_t run,
		      struct collect_result *got, struct deliver_result *sent, struct err *e)
{
	int gap = 0;
	if (!args_get(&app->args, "week") && !missed(app, w, &gap, e))
		return false;
	for (int i = gap; i > 0; i--) {
		struct week old = week_add(app->zone, w, -i);
		struct err why = {0};
		app_say(app, "catching up week %s: for the archive, not sent", old.name);
		if (!prepare(app, &old, run, got, &why)) {
			app_say(app, "week %s could not be caught up: %s", old.name, why.msg);
			got->failed++;
		}
	}
	if (!prepare(app, w, run, got, e))
		return false;
	if (!args_get(&app->args, "no-send") && !pipeline_send(app, w, NULL, false, sent, e))
		return false;
	return pipeline_prune(app, w, e);
}

int cmd_run(struct app *app, struct err *e)
{
	struct week w;
	int64_t run;
	struct collect_result got = {0};
	struct deliver_result sent = {0};
	if (!app_week(app, &w, e) || !pipeline_begin(app, "run", &w, &run, e))
		return -1;
	char summary[300];
	if (!run_weeks(app, &w, run, &got, &sent, e)) {
		snprintf(summary, sizeof summary, "failed: %.280s", e->msg);
		pipeline_end(app, run, app_exit(e), summary);
		pipeline_tell_operator(app, &w, "sitrep could not make a digest", e->msg);
		pipeline_heartbeat(app, true, summary);
		return -1;
	}
	int rc = pipeline_status(&got, &sent);
	snprintf(summary, sizeof summary,
		 "sources: %lld complete, %lld partial, %lld failed; deliveries: %lld sent, %lld "
		 "refused, %lld unknown, %lld waiting",
		 (long long)got.complete, (long long)got.partial, (long long)got.failed,
		 (long long)sent.sent, (long long)sent.refused, (long long)sent.unknown,
		 (long long)sent.waiting);
	if (rc != EXIT_DONE)
		pipeline_tell_operator(app, &w, "sitrep: a week was not whole", summary);
	pipeline_heartbeat(app, false, summary);
	return pipeline_end(app, run, rc, summary);
}
