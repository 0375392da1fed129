/* explain: what a number of a frozen digest means and which rows it counts; what is known of an
 * item. */
#include "app/commands.h"
#include "archive/explain.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"

#include <math.h>

static void number_text(struct app *app, const struct past *p, const struct explain_number *x)
{
	struct arena *a = &app->a;
	const struct number *n = x->n;
	printf("%s, %s, %s\n\n", n->id, p->week, p->audience);
	printf("Value       %s\n", past_value(n, a));
	if (isnan(n->low))
		puts("Usual       no range");
	else
		printf("Usual       %.4g to %.4g%s\n", n->low, n->high,
		       !n->mark			? ""
		       : text_eq(n->mark, "up") ? ", this is more than usual"
						: ", this is fewer than usual");
	printf("Collected   %s\n", !n->incomplete ? "in full"
				   : x->because.n ? "not in full"
						  : "not in full: part of what feeds it gave no "
						    "result");
	for (size_t i = 0; i < x->because.n; i++) {
		const struct past_source *s = x->because.v[i];
		printf("            %s: %s%s%s\n", s->name, s->status, s->reason ? ": " : "",
		       s->reason ? text_line(a, s->reason, 0) : "");
	}
	printf("Means       %s\n",
	       x->definition ? x->definition : "the document has no definition of it");
	printf("Page        %s\n", past_link(&app->cfg, p->week, p->audience, x->section, a));
	printf("\n%s\n\n", x->sql);
	if (x->no_rows)
		printf("No rows: %s.\n", x->no_rows);
	else
		printf("%zu %s\n", x->rows.n, x->rows.n == 1 ? "row" : "rows");
	for (size_t i = 0; i < x->rows.n; i++) {
		const struct number_row *r = &x->rows.v[i];
		char at[TIME_TEXT];
		printf("%-6s %-14s %-20s %s%s%s  %s\n", r->item ? r->item : "", r->kind,
		       r->at_s == TIME_NONE ? "" : time_iso(r->at_s, at),
		       text_line(a, r->title, 120), r->owner ? " · " : "",
		       r->owner ? text_line(a, r->owner, 0) : "",
		       text_line(a, r->url ? r->url : r->key, 0));
	}
}

static void item_text(struct app *app, const struct past *p, const struct explain_item *x)
{
	struct arena *a = &app->a;
	const struct item *it = x->it;
	char at[TIME_TEXT];
	printf("%s, %s, %s\n\n%s\n\n", it->id, p->week, p->audience, text_line(a, it->title, 0));
	printf("Section     %s, %s\n", it->section, it->kind);
	printf("Key         %s\n", text_line(a, it->key, 0));
	printf("Owner       %s\n", it->owner ? text_line(a, it->owner, 0) : "no owner");
	if (it->first_seen_s != TIME_NONE)
		printf("First seen  %s\n", time_iso(it->first_seen_s, at));
	if (it->set_aside)
		printf("Set aside   %s\n", text_line(a, it->set_aside, 0));
	if (it->counts)
		printf("Counts in   %s\n", it->counts);
	if (x->deployment)
		printf("Deployment  %s: began %lld minutes after it, the link is %s\n",
		       text_line(a, x->deployment, 0), (long long)x->minutes, x->strength);
	if (it->url)
		printf("Link        %s\n", text_line(a, it->url, 0));
	printf("Page        %s\n\nIn %zu %s\n",
	       past_link(&app->cfg, p->week, p->audience, it->section, a), x->weeks.n,
	       x->weeks.n == 1 ? "digest" : "digests");
	for (size_t i = 0; i < x->weeks.n; i++) {
		const struct item_week *w = &x->weeks.v[i];
		printf("%s  %-6s %s%s%s\n", w->week, w->id, w->kind,
		       w->set_aside ? ", set aside: " : "",
		       w->set_aside ? text_line(a, w->set_aside, 0) : "");
	}
}

static void number_json(struct app *app, const struct past *p, const struct explain_number *x,
			struct jw *o)
{
	const struct number *n = x->n;
	jw_f64(o, "value", n->value);
	if (isnan(n->low)) {
		jw_null(o, "usual");
	} else {
		struct jw *u = jw_add_arr(o, "usual");
		jw_f64(u, NULL, n->low);
		jw_f64(u, NULL, n->high);
	}
	jw_str(o, "mark", n->mark);
	jw_bool(o, "incomplete", n->incomplete);
	struct jw *list = jw_add_arr(o, "because");
	for (size_t i = 0; i < x->because.n; i++) {
		const struct past_source *s = x->because.v[i];
		struct jw *c = jw_add_obj(list, NULL);
		jw_str(c, "source", s->name);
		jw_str(c, "status", s->status);
		jw_i64(c, "expected", s->expected);
		jw_i64(c, "received", s->received);
		jw_str(c, "reason", s->reason);
	}
	jw_str(o, "term", x->term);
	jw_str(o, "definition", x->definition);
	jw_str(o, "sql", x->sql);
	list = jw_add_arr(o, "rows");
	for (size_t i = 0; i < x->rows.n; i++) {
		const struct number_row *r = &x->rows.v[i];
		struct jw *c = jw_add_obj(list, NULL);
		jw_str(c, "item", r->item);
		jw_str(c, "section", r->section);
		jw_str(c, "kind", r->kind);
		jw_str(c, "key", r->key);
		jw_str(c, "title", r->title);
		jw_str(c, "url", r->url);
		jw_str(c, "owner", r->owner);
		jw_str(c, "set_aside", r->set_aside);
		jw_time(c, "at", r->at_s);
	}
	jw_str(o, "no_rows", x->no_rows);
	jw_str(o, "link", past_link(&app->cfg, p->week, p->audience, x->section, &app->a));
}

static void item_json(struct app *app, const struct past *p, const struct explain_item *x,
		      struct jw *o)
{
	const struct item *it = x->it;
	jw_str(o, "section", it->section);
	jw_str(o, "kind", it->kind);
	jw_str(o, "key", it->key);
	jw_str(o, "title", it->title);
	jw_str(o, "url", it->url);
	jw_str(o, "owner", it->owner);
	jw_time(o, "first_seen", it->first_seen_s);
	jw_i64(o, "weeks", it->weeks);
	jw_str(o, "set_aside", it->set_aside);
	struct jw *list = jw_add_arr(o, "counts");
	for (const char *s = it->counts ? it->counts : ""; *s;) {
		size_t n = strcspn(s, " ");
		jw_str(list, NULL, arena_strndup(&app->a, s, n));
		s += n + (s[n] == ' ');
	}
	if (x->deployment) {
		struct jw *d = jw_add_obj(o, "deployment");
		jw_str(d, "key", x->deployment);
		jw_str(d, "strength", x->strength);
		jw_i64(d, "minutes", x->minutes);
	} else {
		jw_null(o, "deployment");
	}
	list = jw_add_arr(o, "digests");
	for (size_t i = 0; i < x->weeks.n; i++) {
		const struct item_week *w = &x->weeks.v[i];
		struct jw *c = jw_add_obj(list, NULL);
		jw_str(c, "week", w->week);
		jw_str(c, "id", w->id);
		jw_str(c, "kind", w->kind);
		jw_str(c, "set_aside", w->set_aside);
	}
	jw_str(o, "link", past_link(&app->cfg, p->week, p->audience, it->section, &app->a));
}

static void print(struct app *app, const struct past *p, const struct explanation *x, bool json)
{
	if (!json) {
		if (x->number)
			number_text(app, p, x->number);
		else
			item_text(app, p, x->item);
		return;
	}
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_str(root, "id", x->number ? x->number->n->id : x->item->it->id);
	jw_str(root, "what", x->number ? "number" : "item");
	jw_str(root, "week", p->week);
	jw_str(root, "audience", p->audience);
	if (x->number)
		number_json(app, p, x->number, root);
	else
		item_json(app, p, x->item, root);
	puts(jw_print(root, true, &app->a));
}

/* What is there instead: the nearest in the error itself, all numbers before it. */
static void unknown(struct app *app, const struct past *p, const char *id, struct err *e)
{
	struct strv like = {0};
	const char *near = "", *all = "";
	explain_like(p, id, 3, &app->a, &like);
	for (size_t i = 0; i < like.n; i++)
		near = arena_printf(&app->a, "%s%s%s", near,
				    i == 0	     ? "; did you mean "
				    : i + 1 < like.n ? ", "
						     : " or ",
				    like.v[i]);
	for (size_t i = 0; i < p->numbers.n; i++)
		all = arena_printf(&app->a, "%s %s", all, p->numbers.v[i].id);
	app_say(app, "numbers of %s:%s", p->week, all);
	/* Items are numbered from 1 within their letter. */
	const char *items = "";
	for (size_t i = 0; i < p->items.n; i++) {
		const char *one = p->items.v[i].id;
		bool last = i + 1 == p->items.n || p->items.v[i + 1].id[0] != one[0];
		if (last)
			items = arena_printf(&app->a, "%s%s%c-1 to %s", items, *items ? ", " : "",
					     one[0], one);
	}
	if (*items)
		app_say(app, "items of %s: %s", p->week, items);
	err_set(e, ERR_USAGE, "\"%s\" is no number or item of %s%s%s", text_line(&app->a, id, 60),
		p->week, near, like.n ? "?" : "");
}

int cmd_explain(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e), *audience = app_audience(app);
	const char *id = app->args.words.v[0];
	struct past p = {0};
	struct explanation x;
	struct week w;
	bool found;
	int rc = -1;
	if (!format || !app_week(app, &w, e) ||
	    !past_read(app->db, w.name, audience, &app->a, &p, &found, e))
		return -1;
	if (!found) {
		app_no_digest(w.name, audience, e);
		return -1;
	}
	if (explain_id(app->db, &p, id, &app->a, &x, e)) {
		if (x.number || x.item) {
			print(app, &p, &x, !strcmp(format, "json"));
			rc = EXIT_DONE;
		} else {
			unknown(app, &p, id, e);
		}
	}
	past_release(&p);
	return rc;
}
