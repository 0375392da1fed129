#include "collect/sentry.h"

#include "base/text.h"

struct sentry_project *sentry_project_by_key(const struct sentry *s, const char *key)
{
	struct sentry_project *p = key ? keys_get(&s->by_key, key) : NULL;
	return p == &s->none ? NULL : p;
}

struct sentry_project *sentry_project_by_slug(const struct sentry *s, const char *slug)
{
	for (size_t i = 0; slug && i < s->projects.n; i++)
		if (!strcmp(s->projects.v[i]->slug, slug))
			return s->projects.v[i];
	return NULL;
}

bool sentry_environment_wanted(const struct sentry *s, const char *environment)
{
	const struct strv *list = &s->cfg->environments;
	for (size_t i = 0; environment && i < list->n; i++)
		if (!strcmp(list->v[i], environment))
			return true;
	return list->n == 0;
}

const char *sentry_path(struct arena *a, const char *path, const char *query)
{
	query += *query == '&';
	return *query ? arena_printf(a, "%s?%s", path, query) : path;
}

bool sentry_absent(const struct http_response *r)
{
	return r->status == 400 || r->status == 403 || r->status == 404 || r->status == 405;
}

static bool done(struct list_walk *w, enum list_end end, const struct http_response *r,
		 struct err *e)
{
	return !w->done || w->done(w, end, r, e);
}

static bool read_rows(struct list_walk *w, const struct jv *root, const struct jv *list,
		      struct err *e)
{
	struct collect *c = w->s->c;
	w->root = root;
	w->rows = 0;
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(list); it.n; it = json_next(&it), w->rows++)
		if (!w->row(w, &it, e))
			return false;
	w->root = NULL;
	w->pages++;
	return db_commit(c->db, e);
}

static void ask(struct list_walk *w, const char *cursor);

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct list_walk *w = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	if (w->pages == 0 && sentry_absent(r)) {
		if (w->absent)
			collect_not_enabled(p, "%s; %s", answer_why(r, w->what, &sentry_hints, a),
					    w->absent);
		return done(w, LIST_ABSENT, r, e);
	}
	if (!answer_json(r, w->what, &sentry_hints, a, &j, &why)) {
		w->pages || w->of_many ? collect_short(p, "%s", why) : collect_fail(p, "%s", why);
		return done(w, w->pages ? LIST_CUT : LIST_FAILED, r, e);
	}
	struct jv root = json_root(j), list = w->key ? json_get(&root, w->key) : root;
	if (!json_is_arr(&list)) {
		if (w->of_many)
			collect_short(p, "%s: not a list", w->what);
		else
			collect_fail(p, "%s: not a list; %s", w->what, sentry_hints.not_json);
		return done(w, LIST_FAILED, r, e);
	}
	if (!read_rows(w, &root, &list, e))
		return false;
	enum page_next next = w->stop ? PAGE_END : page_sentry(r, a, &token);
	next = page_step(p, &w->walk, next, token, w->what);
	if (next == PAGE_MORE) {
		ask(w, token);
		return true;
	}
	return done(w, next != PAGE_END ? LIST_CUT : w->stop ? LIST_STOPPED : LIST_WHOLE, r, e);
}

static void ask(struct list_walk *w, const char *cursor)
{
	struct arena *a = w->s->c->a;
	const char *path = w->path;
	if (cursor)
		path = arena_printf(a, "%s%ccursor=%s", path, strchr(path, '?') ? '&' : '?',
				    page_encode(a, cursor));
	sentry_get(w->s, w->p, path, 0, on_page, w);
}

void sentry_list(struct list_walk *w)
{
	ask(w, NULL);
}
