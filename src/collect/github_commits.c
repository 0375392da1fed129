#include "collect/github.h"

#include "base/text.h"
#include "store/commits.h"

#include <ctype.h>

#define NEED "Contents: read"

/* A deployment that succeeded, as a link of the chain of its service. */
struct link {
	const struct rec_deployment *d;
	const char *service, *sha;
	struct gh_repo *repo;
};
struct links {
	struct link *v;
	size_t n, cap;
};

/* --- one comparison --- */

struct compare_ask {
	struct gh_repo *repo;
	struct rec_comparison c;
	struct keys authors, seen;
	bool unnamed; /* a commit without any author */
	struct page_walk walk;
	int64_t total; /* as the service says; NUM_NONE: it does not */
};

static bool is_commit(const char *sha)
{
	size_t n = sha ? strlen(sha) : 0;
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)sha[i]))
			return false;
	return n >= 7 && n <= 64;
}

/* An author's account, else address: alive in memory only, to count different ones. */
static bool note_author(struct compare_ask *q, const struct jv *v, const struct jv *commit,
			struct arena *a, struct err *e)
{
	struct jv account, author;
	const char *who;
	if (!json_obj_opt(v, "author", &account, e) || !json_id_opt(&account, "id", a, &who, e) ||
	    !json_obj_opt(commit, "author", &author, e) ||
	    (!who && !json_str_opt(&author, "email", a, &who, e)))
		return false;
	if (who)
		keys_put(&q->authors, a, text_lower(a, who), q);
	else
		q->unnamed = true;
	return true;
}

static bool take_commit(struct compare_ask *q, const struct jv *v, struct arena *a, struct err *e)
{
	struct jv commit, author, committer;
	const char *sha;
	int64_t at_s;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a commit");
	if (!json_str(v, "sha", a, &sha, e) || !json_obj_opt(v, "commit", &commit, e) ||
	    !json_obj_opt(&commit, "author", &author, e) ||
	    !json_obj_opt(&commit, "committer", &committer, e) ||
	    !json_time_opt(&committer, "date", &at_s, e) ||
	    (at_s == TIME_NONE && !json_time_opt(&author, "date", &at_s, e)))
		return false;
	if (keys_get(&q->seen, sha))
		return true;
	keys_put(&q->seen, a, sha, q);
	if (at_s == TIME_NONE)
		return true;
	struct rec_comparison *c = &q->c;
	vec_push(a, &c->committed_s, at_s);
	c->oldest_s = c->oldest_s == TIME_NONE ? at_s : MIN(c->oldest_s, at_s);
	c->newest_s = c->newest_s == TIME_NONE ? at_s : MAX(c->newest_s, at_s);
	return note_author(q, v, &commit, a, e);
}

static bool compared(struct compare_ask *q, struct err *e)
{
	struct collect *c = q->repo->g->c;
	int64_t listed = (int64_t)q->seen.n;
	q->c.commits = q->total == NUM_NONE ? listed : MAX(q->total, listed);
	q->c.whole = (int64_t)q->c.committed_s.n == q->c.commits;
	q->c.authors = q->c.whole && !q->unnamed ? (int64_t)q->authors.n : NUM_NONE;
	if (!q->c.whole)
		collect_short(q->repo->g->commits.p,
			      "%s: %lld of %lld commits of %.7s...%.7s were listed with their time",
			      q->repo->rec.name, (long long)q->c.committed_s.n,
			      (long long)q->c.commits, q->c.base, q->c.head);
	gh_optional_got(&q->repo->g->commits);
	return db_begin(c->db, e) && commits_put(c->db, &q->c, clock_now(c->clock), e) &&
	       db_commit(c->db, e);
}

/* A pair without common history, or a commit that a force-push took away: GitHub has no answer, and
 * will have none. The deployment's commits are unknown then. */
static bool on_compare(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct compare_ask *q = ctx;
	struct github *g = q->repo->g;
	struct arena *a = p->c->a;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what = arena_printf(&p->c->scratch, "%s: commits of %.7s...%.7s",
					q->repo->rec.name, q->c.base, q->c.head);
	if (!gh_json(g, q->repo->token, r, what, NEED, &j, &why, e)) {
		if (!why)
			return false;
		gh_optional_lost(&g->commits, r, why);
		return true;
	}
	struct jv root = json_root(j);
	bool ok = json_is_obj(&root) || json_wrong(&root, &bad, "expected a comparison");
	ok = ok && json_arr(&root, "commits", &rows, &bad) &&
	     (q->total != NUM_NONE || json_i64_opt(&root, "total_commits", &q->total, &bad));
	for (struct jv it = ok ? json_first(&rows) : (struct jv){0}; ok && it.n;
	     it = json_next(&it))
		ok = take_commit(q, &it, a, &bad);
	if (!ok) {
		gh_optional_lost(&g->commits, r, arena_printf(a, "%s: %s", what, bad.msg));
		return true;
	}
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	next = page_step(p, &q->walk, next, token, what);
	if (next == PAGE_MORE) {
		gh_get(g, q->repo->token, p, token, on_compare, q);
		return true;
	}
	return compared(q, e);
}

static void ask(struct gh_repo *repo, const char *base, const char *head)
{
	struct github *g = repo->g;
	struct compare_ask *q = arena_new(g->c->a, struct compare_ask);
	*q = (struct compare_ask){.repo = repo, .total = NUM_NONE};
	q->c = (struct rec_comparison){.repo = repo->rec.name,
				       .base = base,
				       .head = head,
				       .oldest_s = TIME_NONE,
				       .newest_s = TIME_NONE};
	gh_optional_asked(&g->commits);
	/* Answers hold 250 commits unless pages are asked for. */
	gh_get(g, repo->token, g->commits.p,
	       gh_url(repo, arena_printf(g->c->a, "/compare/%s...%s?per_page=100", base, head)),
	       on_compare, q);
}

/* --- which deployments, and what each goes back to --- */

static struct gh_repo *repo_named(const struct github *g, const char *name)
{
	for (size_t i = 0; name && i < g->active.n; i++) {
		struct gh_repo *r = g->active.v[i];
		if (text_ieq(r->rec.name, name) || text_ieq(repo_short(r->rec.name), name) ||
		    text_ieq(r->old_name, name))
			return r;
	}
	return NULL;
}

/* The repository a deployment's commits are in: its own word, the configured service's, else the
 * one whose workflows ran on the commit. */
static bool repo_of(struct github *g, const struct rec_deployment *d, const struct service *s,
		    const char *sha, struct gh_repo **out, struct err *e)
{
	struct collect *c = g->c;
	const char *name = d->repo ? d->repo : s ? s->repository : NULL;
	if (!name && !commits_repo(c->db, g->cfg->name, sha, c->from_s - GITHUB_RERUN_S,
				   &c->scratch, &name, e))
		return false;
	*out = repo_named(g, name);
	return true;
}

static bool find_links(struct github *g, const struct deployments *list,
		       const struct images *images, struct links *out, struct err *e)
{
	struct collect *c = g->c;
	for (size_t i = 0; i < list->n; i++) {
		const struct rec_deployment *d = &list->v[i];
		const char *own = d->service ? d->service : d->repo;
		if (d->state != DEPLOY_SUCCEEDED || d->finished_s == TIME_NONE || d->rollback_of ||
		    text_eq(d->creator_kind, "rollback") || !own ||
		    config_environment_rank(c->cfg, d->environment) != 0)
			continue;
		const char *sha = d->sha ? d->sha : deploys_image_sha(images, d->image);
		if (!is_commit(sha))
			continue;
		const struct service *s = service_of_aws(c->cfg, d->service);
		s = s ? s : service_of_repo(c->cfg, d->repo ? d->repo : d->service);
		struct link l = {.d = d,
				 .service = s ? s->name : repo_short(own),
				 .sha = text_lower(c->a, sha)};
		if (!repo_of(g, d, s, l.sha, &l.repo, e))
			return false;
		if (l.repo)
			vec_push(c->a, out, l);
	}
	return true;
}

/* ECR tags are often abbreviated: one commit has one name, its longest. */
static const char *full_sha(const struct links *v, const struct link *l)
{
	const char *best = l->sha;
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].repo == l->repo && strlen(v->v[i].sha) > strlen(best) &&
		    sha_same(v->v[i].sha, best))
			best = v->v[i].sha;
	return best;
}

/* The deployment before: of the same service, told by the same kind of source where there is one
 * (GitHub publishes a commit before CodeDeploy brings the one in front of it), else by any; never
 * another telling of this very one. Links are in order of time. */
static const struct link *before(const struct links *v, size_t i)
{
	const struct link *l = &v->v[i], *other = NULL;
	for (size_t k = i; k-- > 0;) {
		const struct link *x = &v->v[k];
		if (!text_eq(x->service, l->service) || x->repo != l->repo)
			continue;
		if (text_eq(x->d->kind, l->d->kind) && text_eq(x->d->source, l->d->source))
			return x;
		if (!other && !sha_same(x->sha, l->sha))
			other = x;
	}
	return other;
}

static bool put_change(struct github *g, const struct link *l, const char *base, const char *head,
		       struct keys *asked, struct err *e)
{
	struct collect *c = g->c;
	bool known = false;
	if (!db_begin(c->db, e) ||
	    !commits_put_change(c->db, l->d, l->repo->rec.name, base, head, e) ||
	    (base && !commits_known(c->db, l->repo->rec.name, base, head, &known, e)))
		return false;
	bool same = base && !strcmp(base, head); /* brought out again: no commit is new */
	if (same && !known) {
		struct rec_comparison none = {.repo = l->repo->rec.name,
					      .base = base,
					      .head = head,
					      .oldest_s = TIME_NONE,
					      .newest_s = TIME_NONE,
					      .whole = true};
		if (!commits_put(c->db, &none, clock_now(c->clock), e))
			return false;
	}
	if (!db_commit(c->db, e))
		return false;
	const char *pair = base ? arena_printf(c->a, "%s %s %s", l->repo->rec.key, base, head) : "";
	if (!base || same || known || keys_get(asked, pair))
		return true;
	keys_put(asked, c->a, pair, l->repo);
	ask(l->repo, base, head);
	return true;
}

bool gh_commits_start(struct github *g, struct err *e)
{
	struct collect *c = g->c;
	struct deployments list;
	struct images images;
	struct links links = {0};
	struct keys asked = {0};
	if (g->active.n == 0)
		return true;
	if (!deploys_list(c->db, c->from_s - GITHUB_BEFORE_S, c->to_s, c->a, &list, e) ||
	    !deploys_images(c->db, c->from_s - GITHUB_BEFORE_S - GITHUB_RERUN_S, c->to_s, c->a,
			    &images, e) ||
	    !find_links(g, &list, &images, &links, e))
		return false;
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = &links.v[i];
		if (l->d->finished_s < c->week.from_s)
			continue;
		const struct link *b = before(&links, i);
		const char *head = full_sha(&links, l);
		const char *base = b ? full_sha(&links, b) : NULL;
		if (!put_change(g, l, base, head, &asked, e))
			return false;
	}
	return true;
}
