#include "app/commands.h"
#include "app/pipeline.h"

int cmd_collect(struct app *app, struct err *e)
{
	struct week w;
	int64_t run;
	struct collect_result got = {0};
	if (!app_week(app, &w, e) || !pipeline_begin(app, "collect", &w, &run, e))
		return -1;
	if (!pipeline_collect(app, &w, args_get(&app->args, "source"), run, &got, e)) {
		pipeline_end(app, run, app_exit(e), e->msg);
		return -1;
	}
	return pipeline_end(app, run, pipeline_status(&got, NULL), "collected");
}
