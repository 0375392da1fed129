#include "app/commands.h"
#include "base/parse.h"
#include "store/scans.h"

int cmd_accept(struct app *app, struct err *e)
{
	const char *until = args_get(&app->args, "until"), *reason = args_get(&app->args, "reason");
	struct acceptance x = {
		.key = app->args.words.v[0], .reason = reason, .created_s = clock_now(&app->clock)};
	if (!until || !reason || !*reason) {
		err_set(e, ERR_USAGE, "accept needs --until DATE and --reason TEXT");
		return -1;
	}
	if (!parse_time(until, &x.until_s)) {
		err_set(e, ERR_USAGE, "--until \"%s\" is no date: 2026-12-31 is one", until);
		return -1;
	}
	if (x.until_s <= x.created_s) {
		err_set(e, ERR_USAGE, "--until \"%s\" is in the past", until);
		return -1;
	}
	return scans_accept(app->db, &x, e) ? EXIT_DONE : -1;
}
