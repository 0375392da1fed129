/* One function a command, one file each: struct command's run. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/app.h"

int cmd_run(struct app *app, struct err *e);
int cmd_collect(struct app *app, struct err *e);
int cmd_ingest(struct app *app, struct err *e);
int cmd_accept(struct app *app, struct err *e);
int cmd_digest(struct app *app, struct err *e);
int cmd_send(struct app *app, struct err *e);
int cmd_show(struct app *app, struct err *e);
int cmd_list(struct app *app, struct err *e);
int cmd_search(struct app *app, struct err *e);
int cmd_diff(struct app *app, struct err *e);
int cmd_explain(struct app *app, struct err *e);
int cmd_verify(struct app *app, struct err *e);
int cmd_backfill(struct app *app, struct err *e);
int cmd_check(struct app *app, struct err *e);
int cmd_status(struct app *app, struct err *e);
int cmd_backup(struct app *app, struct err *e);
int cmd_init(struct app *app, struct err *e);

#endif
