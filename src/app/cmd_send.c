#include "app/commands.h"
#include "app/pipeline.h"

int cmd_send(struct app *app, struct err *e)
{
	struct week w;
	int64_t run;
	struct deliver_result sent = {0};
	if (!app_week(app, &w, e) || !pipeline_begin(app, "send", &w, &run, e))
		return -1;
	if (!pipeline_send(app, &w, args_get(&app->args, "audience"),
			   args_get(&app->args, "retry-failed") != NULL, &sent, e)) {
		pipeline_end(app, run, app_exit(e), e->msg);
		return -1;
	}
	return pipeline_end(app, run, pipeline_status(NULL, &sent), "sent");
}
