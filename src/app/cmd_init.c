#include "app/commands.h"
#include "config/load.h"

int cmd_init(struct app *app, struct err *e)
{
	const char *path = app->config_path ? app->config_path : "sitrep.yaml";
	if (file_exists(path)) {
		err_set(e, ERR_USAGE, "\"%s\" is there already and stays as it is", path);
		return -1;
	}
	const char *text = config_example(&app->a);
	if (!file_write(path, text, strlen(text), 0644, e))
		return -1;
	printf("%s written: fill in what is yours, then run \"sitrep check\"\n", path);
	return EXIT_DONE;
}
