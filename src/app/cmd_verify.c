/* verify: makes every rendering again from the frozen document and names what differs, and why it
 * may. */
#include "app/commands.h"
#include "app/pipeline.h"
#include "lib/json.h"
#include "store/digests.h"

int cmd_verify(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e);
	if (!format)
		return -1;
	struct strv weeks = {0}, lines = {0};
	if (app->args.words.n) {
		struct week w;
		if (!week_parse(app->zone, app->args.words.v[0], clock_now(&app->clock), &w, e))
			return -1;
		vec_push(&app->a, &weeks, arena_strdup(&app->a, w.name));
	} else {
		struct frozens list = {0};
		if (!digests_list(app->db, &app->a, &list, e))
			return -1;
		for (size_t i = 0; i < list.n; i++)
			if (weeks.n == 0 || strcmp(weeks.v[weeks.n - 1], list.v[i].week) != 0)
				vec_push(&app->a, &weeks, list.v[i].week);
	}
	struct archive_versions v = {0};
	pipeline_versions(&app->a, &v);
	for (size_t i = 0; i < weeks.n; i++)
		if (!archive_verify(app->db, &app->cfg, weeks.v[i], &v, &app->a, &lines, e))
			return -1;
	if (!strcmp(format, "json")) {
		CLEANUP(jw_freep) struct jw *root = jw_obj();
		jw_i64(root, "weeks", (int64_t)weeks.n);
		struct jw *arr = jw_add_arr(root, "differences");
		for (size_t i = 0; i < lines.n; i++)
			jw_str(arr, NULL, lines.v[i]);
		puts(jw_print(root, true, &app->a));
	} else {
		for (size_t i = 0; i < lines.n; i++)
			puts(lines.v[i]);
		printf("%zu weeks, %zu differences\n", weeks.n, lines.n);
	}
	return lines.n ? EXIT_FAILED : EXIT_DONE;
}
