/* diff: what differs between two frozen digests of an audience. */
#include "app/commands.h"
#include "archive/diff.h"
#include "base/text.h"
#include "lib/json.h"

static bool read_week(struct app *app, const char *given, const char *audience, struct past *out,
		      struct err *e)
{
	struct week w;
	bool found;
	if (!week_parse(app->zone, given, clock_now(&app->clock), &w, e) ||
	    !past_read(app->db, w.name, audience, &app->a, out, &found, e))
		return false;
	return found || app_no_digest(w.name, audience, e);
}

static void text_of(struct app *app, const struct diff *d)
{
	struct arena *a = &app->a;
	const char *section = "", *change = "";
	if (d->from_verdict)
		printf("%s  %s\n%s  %s\n", d->from, text_line(a, d->from_verdict, 0), d->to,
		       text_line(a, d->to_verdict, 0));
	for (size_t i = 0; i < d->numbers.n; i++)
		printf("%s%-36s %s → %s\n", i ? "" : "\nNumbers\n", d->numbers.v[i].id,
		       past_value(d->numbers.v[i].from, a), past_value(d->numbers.v[i].to, a));
	for (size_t i = 0; i < d->sources.n; i++) {
		const struct past_source *x = d->sources.v[i].from, *y = d->sources.v[i].to;
		printf("%s%-20s %s → %s%s%s\n", i ? "" : "\nWhat was collected\n",
		       d->sources.v[i].name, x ? x->status : "not in it",
		       y ? y->status : "not in it", y && y->reason ? ": " : "",
		       y && y->reason ? text_line(a, y->reason, 200) : "");
	}
	for (size_t i = 0; i < d->items.n; i++) {
		const struct diff_item *x = &d->items.v[i];
		const struct item *it = x->to ? x->to : x->from;
		bool gone = !x->to;
		if (strcmp(section, it->section) != 0 || strcmp(change, gone ? d->from : "") != 0)
			printf("\n%s%s%s\n", it->section, gone ? ", only in " : "",
			       gone ? d->from : "");
		section = it->section;
		change = gone ? d->from : "";
		const char *what = diff_what(x, a);
		printf("%s %-14s %s%s%s%s\n",
		       !x->from ? "+"
		       : gone	? "-"
				: "~",
		       it->kind, text_line(a, it->title, 120), *what ? " (" : "",
		       text_line(a, what, 0), *what ? ")" : "");
	}
}

static void put_number(struct jw *o, const char *key, const struct number *n)
{
	struct jw *x = n ? jw_add_obj(o, key) : NULL;
	if (!n) {
		jw_null(o, key);
		return;
	}
	jw_f64(x, "value", n->value);
	jw_bool(x, "incomplete", n->incomplete);
}

static void put_item(struct jw *o, const char *key, const struct item *it)
{
	struct jw *x = it ? jw_add_obj(o, key) : NULL;
	if (!it) {
		jw_null(o, key);
		return;
	}
	jw_str(x, "id", it->id);
	jw_str(x, "kind", it->kind);
	jw_str(x, "title", it->title);
	jw_str(x, "owner", it->owner);
	jw_str(x, "set_aside", it->set_aside);
	jw_str(x, "url", it->url);
}

static void put_source(struct jw *o, const char *key, const struct past_source *s)
{
	struct jw *x = s ? jw_add_obj(o, key) : NULL;
	if (!s) {
		jw_null(o, key);
		return;
	}
	jw_str(x, "status", s->status);
	jw_i64(x, "expected", s->expected);
	jw_i64(x, "received", s->received);
	jw_str(x, "reason", s->reason);
}

static const char *json_of(struct app *app, const struct diff *d)
{
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_str(root, "audience", d->audience);
	jw_str(root, "from", d->from);
	jw_str(root, "to", d->to);
	jw_bool(root, "same", diff_empty(d));
	if (d->from_verdict) {
		struct jw *v = jw_add_obj(root, "verdict");
		jw_str(v, "from", d->from_verdict);
		jw_str(v, "to", d->to_verdict);
	} else {
		jw_null(root, "verdict");
	}
	struct jw *list = jw_add_arr(root, "numbers");
	for (size_t i = 0; i < d->numbers.n; i++) {
		struct jw *o = jw_add_obj(list, NULL);
		jw_str(o, "id", d->numbers.v[i].id);
		put_number(o, "from", d->numbers.v[i].from);
		put_number(o, "to", d->numbers.v[i].to);
	}
	list = jw_add_arr(root, "items");
	for (size_t i = 0; i < d->items.n; i++) {
		const struct diff_item *x = &d->items.v[i];
		struct jw *o = jw_add_obj(list, NULL);
		jw_str(o, "change", diff_change(x));
		jw_str(o, "section", x->to ? x->to->section : x->from->section);
		jw_str(o, "key", x->to ? x->to->key : x->from->key);
		put_item(o, "from", x->from);
		put_item(o, "to", x->to);
	}
	list = jw_add_arr(root, "coverage");
	for (size_t i = 0; i < d->sources.n; i++) {
		struct jw *o = jw_add_obj(list, NULL);
		jw_str(o, "source", d->sources.v[i].name);
		put_source(o, "from", d->sources.v[i].from);
		put_source(o, "to", d->sources.v[i].to);
	}
	return jw_print(root, true, &app->a);
}

static int print(struct app *app, const char *format, const struct diff *d, struct err *e)
{
	const char *html;
	size_t len;
	if (!strcmp(format, "json")) {
		puts(json_of(app, d));
	} else if (!strcmp(format, "html")) {
		if (!diff_html(d, &app->cfg, app->version, &app->a, &html, &len, e))
			return -1;
		fwrite(html, 1, len, stdout);
	} else if (diff_empty(d)) {
		app_say(app, "%s and %s: nothing differs", d->from, d->to);
	} else {
		text_of(app, d);
	}
	return EXIT_DONE;
}

int cmd_diff(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", "html", NULL};
	const char *format = app_format(app, formats, e);
	const char *audience = app_audience(app);
	const char *const *weeks = app->args.words.v;
	struct past from = {0}, to = {0};
	struct diff d;
	int rc = -1;
	if (format && read_week(app, weeks[0], audience, &from, e) &&
	    read_week(app, weeks[1], audience, &to, e)) {
		diff_digests(&from, &to, &app->a, &d);
		rc = print(app, format, &d, e);
	}
	past_release(&from);
	past_release(&to);
	return rc;
}
