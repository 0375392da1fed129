/* show: a frozen digest, here: as text for this terminal, or the very bytes of digest.json or
 * page.html. */
#include "app/commands.h"
#include "base/parse.h"
#include "render/render.h"
#include "store/digests.h"

#include <sys/ioctl.h>
#include <unistd.h>

static bool width(struct app *app, int *out, struct err *e)
{
	const char *given = args_get(&app->args, "width");
	struct winsize ws;
	int64_t n = 100;
	if (given) {
		if (!parse_i64(given, &n) || n < 40 || n > 1000)
			return err_set(e, ERR_USAGE, "--width \"%s\" is not a number of columns",
				       given);
	} else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0) {
		n = ws.ws_col;
	}
	*out = (int)MIN(MAX(n, 72), 120);
	return true;
}

static bool show_text(struct app *app, const struct frozen *f, struct err *e)
{
	CLEANUP(xml_freep) struct xml *doc = NULL;
	bool tty = isatty(STDOUT_FILENO);
	struct text_opts o = {.colour = tty && !getenv("NO_COLOR"),
			      .links = tty,
			      .ascii = args_get(&app->args, "ascii") != NULL,
			      .section = args_get(&app->args, "section")};
	const char *text;
	size_t len;
	if (!width(app, &o.width, e) ||
	    !xml_parse(f->document, f->document_len, "digest.xml", &doc, e))
		return false;
	if (o.section) {
		const char *ids = "";
		bool known = false;
		struct xnodes list = {0};
		xml_find(doc, NULL, "/digest/section", &app->a, &list);
		for (size_t i = 0; i < list.n; i++) {
			const char *id = xml_get(list.v[i], "id", &app->a);
			known = known || !strcmp(id, o.section);
			ids = arena_printf(&app->a, "%s%s%s", ids, i ? ", " : "", id);
		}
		if (!known)
			return err_set(e, ERR_USAGE, "--section \"%s\" is not one of %s", o.section,
				       ids);
	}
	if (!render_text(doc, &o, &app->a, &text, &len, e))
		return false;
	fwrite(text, 1, len, stdout);
	return true;
}

int cmd_show(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", "html", NULL};
	const char *format = app_format(app, formats, e);
	const char *audience = app_audience(app);
	struct week w;
	struct frozen f;
	bool found;
	if (!format || !app_week(app, &w, e))
		return -1;
	if (!digests_get(app->db, w.name, audience, &app->a, &f, &found, e))
		return -1;
	if (!found) {
		app_no_digest(w.name, audience, e);
		return -1;
	}
	if (!strcmp(format, "text"))
		return show_text(app, &f, e) ? EXIT_DONE : -1;
	struct artefacts list = {0};
	if (!digests_artefacts(app->db, f.id, &app->a, &list, e))
		return -1;
	const struct artefact *x =
		artefact_find(&list, !strcmp(format, "json") ? "digest.json" : "page.html");
	if (!x) {
		err_set(e, ERR_IO,
			"the digest of %s has no %s: \"sitrep digest --week %s\" renders it again",
			w.name, format, w.name);
		return -1;
	}
	fwrite(x->bytes, 1, x->len, stdout);
	return EXIT_DONE;
}
