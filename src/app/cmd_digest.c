#include "app/commands.h"
#include "app/pipeline.h"

int cmd_digest(struct app *app, struct err *e)
{
	struct week w;
	int64_t run;
	if (!app_week(app, &w, e) || !pipeline_begin(app, "digest", &w, &run, e))
		return -1;
	if (!pipeline_digest(app, &w, e)) {
		pipeline_end(app, run, app_exit(e), e->msg);
		return -1;
	}
	return pipeline_end(app, run, EXIT_DONE, "frozen and rendered");
}
