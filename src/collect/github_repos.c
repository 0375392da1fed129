#include "collect/github.h"

#include "base/text.h"
#include "collect/sources.h"

static const struct answer_hints hints = {
	.e401 = "the token is wrong, expired or revoked",
	.not_json = "not a GitHub API: check url",
};

const char *gh_url(const struct gh_repo *r, const char *rest)
{
	return arena_printf(r->g->c->a, "%s/repos/%s%s", r->g->cfg->url, r->rec.name, rest);
}

bool gh_json(struct github *g, size_t token UNUSED, const struct http_response *r, const char *what,
	     const char *need, struct json **out, const char **why, struct err *e)
{
	struct arena *a = &g->c->scratch;
	struct answer_hints h = hints;
	*why = NULL;
	if (!gh_note_expiry(g, r, e))
		return false;
	const char *wanted = http_header(r, "x-accepted-github-permissions");
	const char *sso = http_header(r, "x-github-sso");
	h.e403 = h.e404 = arena_printf(a, "does the token have %s?%s%s", need,
				       wanted && *wanted ? " GitHub wants " : "",
				       wanted && *wanted ? text_line(a, wanted, 100) : "");
	if (gh_signed_out(g))
		h.e401 = gh_signed_out(g);
	if (sso && text_starts(sso, "required"))
		h.e403 = "authorise the token for the organisation's single sign-on";
	return answer_json(r, what, &h, a, out, why);
}

/* --- the list of repositories --- */

static void fail_rest(struct github *g, const char *why)
{
	if (g->actions)
		collect_fail(g->actions, "%s", why);
	if (g->deployments)
		collect_fail(g->deployments, "%s", why);
	if (g->artifacts)
		collect_fail(g->artifacts, "%s", why);
	gh_alerts_fail(g, why);
	struct part *const rest[] = {g->schedules.p, g->logs.p, g->commits.p};
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		if (rest[i])
			collect_fail(rest[i], "%s", why);
}

static const char *old_name(const struct github *g, const struct rec_repo *r)
{
	for (size_t i = 0; i < g->known.n; i++) {
		const struct rec_repo *k = &g->known.v[i];
		if (!strcmp(k->source, g->cfg->name) && !strcmp(k->key, r->key))
			return strcmp(k->name, r->name) ? k->name : NULL;
	}
	return NULL;
}

static bool repo_row(struct github *g, const struct jv *row, struct err *e)
{
	struct arena *a = g->c->a;
	struct gh_repo *r = arena_new(a, struct gh_repo);
	struct err bad = {0};
	r->g = g;
	if (!gh_parse_repo(row, a, &r->rec, &bad)) {
		collect_short(g->repos, "a repository could not be read: %s", bad.msg);
		return true;
	}
	if (keys_get(&g->listed, r->rec.key))
		return true;
	keys_put(&g->listed, a, r->rec.key, r);
	r->rec.source = g->cfg->name;
	const char *slash = strchr(r->rec.name, '/');
	if (!text_glob_list(&g->cfg->repositories, slash ? slash + 1 : r->rec.name))
		return true;
	r->old_name = old_name(g, &r->rec);
	r->token = g->active.n;
	r->active = !r->rec.archived && !r->rec.disabled;
	if (r->active)
		vec_push(a, &g->active, r);
	else
		vec_push(a, &g->shut, r);
	if (!ci_put_repo(g->c->db, &r->rec, clock_now(g->c->clock), e))
		return false;
	collect_got(g->repos, 1);
	return true;
}

/* A repository that was stored and is in the list no more: deleted, or out of the token's sight.
 * Its history stays. */
static bool mark_gone(struct github *g, struct err *e)
{
	if (!db_begin(g->c->db, e))
		return false;
	for (size_t i = 0; i < g->known.n; i++) {
		struct rec_repo k = g->known.v[i];
		if (strcmp(k.source, g->cfg->name) || k.gone || keys_get(&g->listed, k.key))
			continue;
		k.gone = true;
		if (!ci_put_repo(g->c->db, &k, clock_now(g->c->clock), e))
			return false;
	}
	return db_commit(g->c->db, e);
}

static bool repos_known(struct github *g, bool whole, struct err *e)
{
	if (whole) {
		collect_expect(g->repos, g->repos->l.received);
		if (!mark_gone(g, e))
			return false;
	}
	if (g->listed.n == 0) {
		collect_fail(g->repos, "the token sees no repository of %s",
			     g->cfg->organisation ? g->cfg->organisation : g->cfg->user);
		fail_rest(g, "there is no repository to ask");
		return true;
	}
	if (g->repos->l.received == 0)
		collect_short(g->repos,
			      "none of %zu repositories matches \"repositories\" of the "
			      "configuration",
			      g->listed.n);
	for (size_t i = 0; i < g->active.n; i++) {
		struct gh_repo *r = g->active.v[i];
		if (g->actions && !gh_actions_start(r, e))
			return false;
		if (g->deployments)
			gh_deployments_start(r);
	}
	gh_artifacts_start(g);
	return gh_alerts_start(g, e);
}

static bool on_repos(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct github *g = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	const char *whose = g->cfg->organisation ? g->cfg->organisation : g->cfg->user;
	bool ok = gh_json(g, 0, r, arena_printf(a, "the repositories of %s", whose),
			  "Metadata: read", &j, &why, e);
	struct jv rows = ok ? json_root(j) : (struct jv){0};
	if (!ok && !why)
		return false;
	if (ok && !json_is_arr(&rows)) {
		ok = false;
		why = arena_printf(a, "the repositories of %s are not a list; %s", whose,
				   hints.not_json);
	}
	if (!ok && g->listed.n == 0) {
		collect_fail(p, "%s", why);
		fail_rest(g, why);
		return true;
	}
	if (!ok) {
		collect_short(p, "%s", why);
		return repos_known(g, false, e);
	}
	const char *sso = http_header(r, "x-github-sso");
	if (sso && text_starts(sso, "partial-results"))
		collect_short(p, "the token is not authorised for single sign-on everywhere: "
				 "GitHub leaves repositories out");
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!repo_row(g, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	next = page_step(p, &g->walk, next, token, "repositories");
	if (next == PAGE_MORE) {
		gh_get(g, 0, p, token, on_repos, g);
		return true;
	}
	return repos_known(g, next == PAGE_END, e);
}

/* --- opening --- */

static bool wants(const struct github_source *cfg, const char *what)
{
	for (size_t i = 0; i < cfg->collect.n; i++)
		if (!strcmp(cfg->collect.v[i], what))
			return true;
	return cfg->collect.n == 0 && (!strcmp(what, "actions") || !strcmp(what, "deployments"));
}

static void not_possible(struct github *g, const char *why)
{
	collect_fail(g->repos, "%s", why);
	fail_rest(g, why);
}

static bool load_known(struct github *g, struct err *e)
{
	struct collect *c = g->c;
	struct deployments list, before;
	int64_t now_s = clock_now(c->clock);
	if (!deploys_list(c->db, c->from_s - GITHUB_BEFORE_S, c->from_s, c->a, &before, e) ||
	    !ci_repos(c->db, c->a, &g->known, e) ||
	    !ci_unsettled(c->db, g->cfg->name, now_s - GITHUB_RERUN_S, c->a, &g->unsettled, e) ||
	    !deploys_unfinished(c->db, g->cfg->name, c->from_s - GITHUB_RERUN_S, c->a,
				&g->unfinished, e) ||
	    !deploys_list(c->db, c->from_s, MAX(now_s, c->to_s) + GITHUB_RERUN_S, c->a, &list, e))
		return false;
	for (size_t i = 0; i < before.n; i++)
		if (before.v[i].repo && before.v[i].state == DEPLOY_SUCCEEDED &&
		    config_environment_rank(c->cfg, before.v[i].environment) == 0)
			keys_put(&g->had_before, c->a, before.v[i].repo, g);
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].source, g->cfg->name) && !strcmp(list.v[i].kind, "github"))
			keys_put(&g->stored_deployments, c->a, list.v[i].key, &list.v[i]);
	return true;
}

/* Failures and deployments of every source are stored by now. */
static bool second_round(void *ctx, struct err *e)
{
	struct github *g = ctx;
	if (g->schedules.p)
		gh_optional_release(&g->schedules);
	return (!g->logs.p || gh_logs_start(g, e)) && (!g->commits.p || gh_commits_start(g, e));
}

bool github_seed(struct collect *c, const struct github_source *cfg, struct err *e)
{
	struct github *g = arena_new(c->a, struct github);
	struct err bad = {0};
	g->c = c;
	g->cfg = cfg;
	g->expires_s = TIME_NONE;
	g->budget = collect_budget(c);
	bool actions = wants(cfg, "actions"), deployments = wants(cfg, "deployments");
	bool alerts = gh_alerts_open(g), artifacts = cfg->scan_artifacts.n > 0;
	if (!actions && !deployments && !alerts && !artifacts)
		return true;
	g->repos = collect_part(c, cfg->name, "repositories",
				artifacts ? "ci. deployments. security."
				: alerts  ? "ci. deployments. security.new security.fixed "
					    "security.reopened security.outstanding "
					    "security.overdue security.tool.github-"
					  : "ci. deployments.");
	g->actions = actions ? collect_part(c, cfg->name, "actions", "ci.") : NULL;
	g->deployments =
		deployments ? collect_part(c, cfg->name, "deployments", "deployments.") : NULL;
	g->artifacts = artifacts ? collect_part(c, cfg->name, "scan_artifacts", "security.") : NULL;
	g->repos->budget = g->budget;
	if (artifacts)
		g->artifacts->budget = g->budget;
	if (actions)
		g->actions->budget = g->budget;
	if (deployments)
		g->deployments->budget = g->budget;
	if (actions) {
		gh_optional_open(g, &g->schedules, "schedules", "ci.stopped");
		gh_optional_hold(&g->schedules);
		gh_optional_open(g, &g->logs, "logs", "");
	}
	if (deployments || c->cfg->aws.n > 0)
		gh_optional_open(g, &g->commits, "commits", "deployments.lead_time_s");
	collect_later(c, second_round, g);
	if (!gh_sign_in(g, g->repos, &bad)) {
		not_possible(g, bad.msg);
		return true;
	}
	if (!load_known(g, e))
		return false;
	const char *url =
		cfg->organisation
			? arena_printf(c->a,
				       "%s/orgs/%s/repos?per_page=100&type=all&sort=full_name",
				       cfg->url, page_encode(c->a, cfg->organisation))
			: arena_printf(c->a,
				       "%s/users/%s/repos?per_page=100&type=owner&sort=full_name",
				       cfg->url, page_encode(c->a, cfg->user));
	gh_get(g, 0, g->repos, url, on_repos, g);
	return true;
}
