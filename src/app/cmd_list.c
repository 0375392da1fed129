#include "app/commands.h"
#include "base/parse.h"
#include "lib/json.h"
#include "lib/xml.h"
#include "store/digests.h"

/* The one sentence of a frozen digest. */
static bool verdict(struct app *app, const struct frozen *f, const char **out, struct err *e)
{
	CLEANUP(xml_freep) struct xml *doc = NULL;
	struct frozen whole;
	bool found;
	if (!digests_get(app->db, f->week, f->audience, &app->a, &whole, &found, e))
		return false;
	*out = "";
	if (!found)
		return true;
	if (!xml_parse(whole.document, whole.document_len, "digest.xml", &doc, e))
		return false;
	const char *v = xml_find_text(doc, NULL, "/digest/masthead/verdict", &app->a);
	*out = v ? v : "";
	return true;
}

int cmd_list(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e);
	struct frozens list = {0};
	if (!format || !digests_list(app->db, &app->a, &list, e))
		return -1;
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = 0; i < list.n; i++) {
		const struct frozen *f = &list.v[i];
		const char *v;
		char at[TIME_TEXT];
		if (!verdict(app, f, &v, e))
			return -1;
		if (!strcmp(format, "text"))
			printf("%s  %-14s %s  %s\n", f->week, f->audience,
			       time_iso(f->frozen_s, at), v);
		struct jw *o = jw_add_obj(root, NULL);
		jw_str(o, "week", f->week);
		jw_str(o, "audience", f->audience);
		jw_time(o, "frozen", f->frozen_s);
		jw_str(o, "sha256", f->sha256);
		jw_str(o, "verdict", v);
	}
	if (!strcmp(format, "json"))
		puts(jw_print(root, true, &app->a));
	else if (list.n == 0)
		puts("no digest yet: \"sitrep run\" makes the first");
	return EXIT_DONE;
}
