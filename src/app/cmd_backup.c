#include "app/commands.h"
#include "store/store.h"

int cmd_backup(struct app *app, struct err *e)
{
	return store_backup(app->db, app->args.words.v[0], e) ? EXIT_DONE : -1;
}
