/* backfill: past weeks, oldest first, collected and frozen without sending; they are the history
 * that usual ranges come from. */
#include "app/commands.h"
#include "app/pipeline.h"

int cmd_backfill(struct app *app, struct err *e)
{
	const char *from = args_get(&app->args, "from"), *to = args_get(&app->args, "to");
	struct week w, last, newest;
	int64_t now = clock_now(&app->clock), run;
	if (!from || !to) {
		err_set(e, ERR_USAGE, "backfill needs --from W and --to W");
		return -1;
	}
	if (!week_parse(app->zone, from, now, &w, e) || !week_parse(app->zone, to, now, &last, e) ||
	    !week_parse(app->zone, "last", now, &newest, e))
		return -1;
	if (last.from_s < w.from_s || last.from_s > newest.from_s) {
		err_set(e, ERR_USAGE,
			"--from %s --to %s: the first must not be after the second, and %s is the "
			"last complete week",
			w.name, last.name, newest.name);
		return -1;
	}
	if (!pipeline_begin(app, "backfill", &last, &run, e))
		return -1;
	struct collect_result got = {0};
	for (; w.from_s <= last.from_s; w = week_add(app->zone, &w, 1)) {
		struct collect_result one = {0};
		if (!pipeline_collect(app, &w, NULL, run, &one, e) ||
		    !pipeline_digest(app, &w, e)) {
			pipeline_end(app, run, app_exit(e), e->msg);
			return -1;
		}
		got.partial += one.partial;
		got.failed += one.failed;
	}
	return pipeline_end(app, run, pipeline_status(&got, NULL), "backfilled");
}
