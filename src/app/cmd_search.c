/* search: what any frozen digest said, best first. */
#include "app/commands.h"
#include "archive/past.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"
#include "store/search.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100000

static bool limit(struct app *app, int64_t *out, struct err *e)
{
	const char *given = args_get(&app->args, "limit");
	int64_t n = *out;
	if (given && (!parse_i64(given, &n) || n < 1 || n > LIMIT_MAX))
		return err_set(e, ERR_USAGE, "--limit \"%s\" is not a number from 1 to %d", given,
			       LIMIT_MAX);
	*out = n;
	return true;
}

/* A shell takes the quotes around a phrase away: an argument with a blank in it was one. A single
 * argument may as well be the whole query. */
static const char *asked(struct app *app)
{
	const struct strv *w = &app->args.words;
	const char *all = w->v[0];
	if (w->n == 1)
		return all;
	for (size_t i = 0; i < w->n; i++) {
		const char *x = w->v[i];
		bool phrase = strchr(x, ' ') && !strchr(x, '"');
		const char *one = phrase ? arena_printf(&app->a, "\"%s\"", x) : x;
		all = i ? arena_printf(&app->a, "%s %s", all, one) : one;
	}
	return all;
}

static void put_text(struct app *app, const struct search_hit *h, const char *link)
{
	const char *title = text_line(&app->a, h->title, 0),
		   *snippet = h->snippet ? text_line(&app->a, h->snippet, 0) : "";
	printf("%s  %s%s%s\n", h->week, title, *title && *snippet ? ": " : "", snippet);
	printf("          %s%s%s%s%s, %s, %s\n", h->section, *h->section ? ", " : "", h->kind,
	       h->item ? " " : "", h->item ? h->item : "", h->audience, link);
}

int cmd_search(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e);
	struct search_hits hits;
	int64_t n = LIMIT_DEFAULT, total;
	if (!format || !limit(app, &n, e))
		return -1;
	const char *query = asked(app);
	if (!search_find(app->db, query, n, &app->a, &hits, &total, e))
		return -1;
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	bool text = !strcmp(format, "text");
	for (size_t i = 0; i < hits.n; i++) {
		const struct search_hit *h = &hits.v[i];
		const char *link = past_link(&app->cfg, h->week, h->audience, h->section, &app->a);
		if (text) {
			put_text(app, h, link);
			continue;
		}
		struct jw *o = jw_add_obj(root, NULL);
		jw_str(o, "week", h->week);
		jw_str(o, "audience", h->audience);
		jw_str(o, "kind", h->kind);
		jw_str(o, "section", *h->section ? h->section : NULL);
		jw_str(o, "id", h->item);
		jw_str(o, "title", *h->title ? h->title : h->snippet);
		jw_str(o, "snippet", h->snippet);
		jw_str(o, "link", link);
	}
	if (!text)
		puts(jw_print(root, true, &app->a));
	else if (total == 0)
		printf("no digest says %s\n", text_line(&app->a, query, 80));
	if ((size_t)total > hits.n)
		app_say(app, "%zu of %lld hits; --limit %lld shows all", hits.n, (long long)total,
			(long long)MIN(total, (int64_t)LIMIT_MAX));
	return EXIT_DONE;
}
