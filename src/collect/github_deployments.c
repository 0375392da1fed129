#include "collect/github.h"

#include "base/text.h"

#define NEED   "Deployments: read"
#define BEFORE 3 /* few fail, and none matters but the newest that did not */

/* --- the outcome of one deployment --- */

struct status_ask {
	struct gh_repo *repo;
	struct rec_deployment d;
};

static bool on_statuses(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct status_ask *q = ctx;
	struct github *g = q->repo->g;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	const char *why;
	const char *what = arena_printf(a, "%s: deployment %s", q->repo->rec.name, q->d.key);
	if (r->status == 404) /* deleted since it was listed */
		return true;
	if (!gh_json(g, q->repo->token, r, what, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv rows = json_root(j);
	if (!json_is_arr(&rows))
		json_wrong(&rows, &bad, "expected a list of statuses");
	/* Newest first: the first page of a hundred holds the outcome. */
	if (bad.kind || !gh_parse_statuses(&rows, p->c->a, &q->d, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	return db_begin(p->c->db, e) && deploys_put(p->c->db, &q->d, clock_now(p->c->clock), e) &&
	       db_commit(p->c->db, e);
}

static void ask_statuses(struct gh_repo *repo, const struct rec_deployment *d)
{
	struct status_ask *q = arena_new(repo->g->c->a, struct status_ask);
	*q = (struct status_ask){.repo = repo, .d = *d};
	gh_get(repo->g, repo->token, repo->g->deployments,
	       gh_url(repo,
		      arena_printf(repo->g->c->a, "/deployments/%s/statuses?per_page=100", d->key)),
	       on_statuses, q);
}

/* A further status touches updated_at: one that had ended before and is untouched stays as it is.
 */
static bool is_final(const struct github *g, const char *key, int64_t updated_s)
{
	const struct rec_deployment *old = keys_get(&g->stored_deployments, key);
	return old && old->finished_s != TIME_NONE && updated_s != TIME_NONE &&
	       updated_s <= old->finished_s;
}

/* --- the list --- */

static void list_ended(struct gh_repo *repo, bool whole)
{
	struct github *g = repo->g;
	if (!whole)
		return;
	collect_got(g->deployments, 1);
	/* Under way when last seen, and asked for before the window. */
	for (size_t i = 0; i < g->unfinished.n; i++) {
		struct rec_deployment d = g->unfinished.v[i];
		if (strcmp(d.kind, "github") || d.created_s >= g->c->from_s || !d.repo ||
		    (strcmp(d.repo, repo->rec.name) != 0 && !text_eq(d.repo, repo->old_name)))
			continue;
		d.repo = repo->rec.name;
		ask_statuses(repo, &d);
	}
}

/* What was there before the window's first one: its commits are counted from that. Newest first, so
 * that the newest that succeeded is among them, in a row. */
static void ask_before(struct gh_repo *repo, const struct jv *rows)
{
	struct github *g = repo->g;
	struct collect *c = g->c;
	bool in_window = false;
	int asked = 0;
	if (keys_get(&g->had_before, repo->rec.name) ||
	    (repo->old_name && keys_get(&g->had_before, repo->old_name)))
		return;
	for (struct jv it = json_first(rows); it.n && asked < BEFORE; it = json_next(&it)) {
		struct rec_deployment d;
		int64_t updated_s;
		struct err bad = {0};
		if (!gh_parse_deployment(&it, &repo->rec, c->a, &d, &updated_s, &bad) ||
		    config_environment_rank(c->cfg, d.environment) != 0)
			continue;
		if (d.created_s >= c->from_s)
			in_window = true;
		else if (in_window && d.created_s >= c->from_s - GITHUB_BEFORE_S) {
			ask_statuses(repo, &d);
			asked++;
		}
	}
}

static bool on_deployments(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct gh_repo *repo = ctx;
	struct github *g = repo->g;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	bool past = false;
	if (!gh_json(g, repo->token, r, repo->rec.name, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv rows = json_root(j);
	if (!json_is_arr(&rows)) {
		collect_short(p, "%s: deployments are not a list", repo->rec.name);
		return true;
	}
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
		struct rec_deployment d;
		struct err bad = {0};
		int64_t updated_s;
		if (!gh_parse_deployment(&it, &repo->rec, p->c->a, &d, &updated_s, &bad)) {
			collect_short(p, "%s: a deployment could not be read: %s", repo->rec.name,
				      bad.msg);
			continue;
		}
		past = d.created_s < p->c->from_s; /* newest first; there is no date filter */
		if (!past && !is_final(g, d.key, updated_s))
			ask_statuses(repo, &d);
	}
	if (past)
		ask_before(repo, &rows);
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	if (past)
		next = PAGE_END;
	next = page_step(p, &repo->deployments, next, token,
			 arena_printf(a, "deployments of %s", repo->rec.name));
	if (next == PAGE_MORE)
		gh_get(g, repo->token, p, token, on_deployments, repo);
	else
		list_ended(repo, next == PAGE_END);
	return true;
}

void gh_deployments_start(struct gh_repo *repo)
{
	collect_expect(repo->g->deployments, 1);
	gh_get(repo->g, repo->token, repo->g->deployments,
	       gh_url(repo, "/deployments?per_page=100"), on_deployments, repo);
}
