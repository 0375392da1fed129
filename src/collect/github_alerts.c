/* The three alert lists of GitHub: of the whole organisation where the token may ask for them, else
 * of each repository.
 *
 * A list has no filter by date. It is read newest change first, back to the window's start or, if
 * that is older, to where it was read before; whoever reads it for the first time, or has not seen
 * it whole for four weeks, asks for all open alerts as well, unless the end was reached anyway.
 * Where a whole list lacks an alert that is stored as open, that one is asked for by its number. */
#include "base/text.h"
#include "collect/github.h"

#define SLACK_S	   3600 /* of clocks, and of changes that appear late in a list */
#define WHOLE_S	   ((int64_t)27 * 86400)
#define PAGE	   100
#define SMALL_PAGE 30
#define ASK_MAX	   50 /* alerts asked for singly, a kind and run */
#define HIDE	   "hide_secret=true"

static const struct kind {
	const char *what, *tool, *path, *more, *need, *affects;
	bool (*parse)(const struct jv *v, struct arena *a, struct alert *out, struct err *e);
} kinds[] = {
#define AFFECTS(tool)                                                                              \
	"security.new security.fixed security.reopened security.outstanding security.overdue "     \
	"security.tool." tool "."
	{"code_scanning", "github-code-scanning", "code-scanning/alerts", "",
	 "Code scanning alerts: read", AFFECTS("github-code-scanning"), gh_parse_code_alert},
	{"dependabot", "github-dependabot", "dependabot/alerts", "", "Dependabot alerts: read",
	 AFFECTS("github-dependabot"), gh_parse_dependabot_alert},
	{"secret_scanning", "github-secret-scanning", "secret-scanning/alerts", HIDE,
	 "Secret scanning alerts: read", AFFECTS("github-secret-scanning"), gh_parse_secret_alert},
};

struct alerts { /* one kind */
	struct github *g;
	const struct kind *kind; /* NULL: not wanted */
	struct part *p;
	struct keys seen; /* open, as "owner/repo#7" */
	const char *refused; /* why the organisation's list was not read, or NULL */
	size_t pending; /* lists and single alerts under way */
	size_t answered, off, unscanned, single; /* repositories; alerts asked for singly */
	const char *off_text; /* what GitHub says where it is switched off */
};

struct gh_alerts {
	struct alerts of[ARRAY_SIZE(kinds)];
};

struct list { /* one list while it is read */
	struct alerts *k;
	struct gh_repo *repo; /* NULL: the organisation's */
	const char *target; /* "owner/repo" or "owner" */
	struct alert_list mark; /* as it was read before */
	struct page_walk walk;
	int64_t begun_s, stop_s;
	int64_t last_s; /* the newest change of the last row */
	bool open_only, small, disordered, unread;
};

/* --- the end of a kind --- */

static void settle(struct alerts *k)
{
	struct part *p = k->p;
	struct arena *a = k->g->c->a;
	struct sb b;
	size_t none = k->off + k->unscanned;
	if (--k->pending > 0)
		return;
	if (none && !k->answered && p->l.status == LEDGER_COMPLETE) {
		collect_not_enabled(p, "%s (%zu of %zu repositories)",
				    k->off_text ? k->off_text : "nothing was ever scanned", none,
				    k->g->active.n);
		return;
	}
	if (p->l.reason)
		return;
	sb_init(&b, a, 2000);
	if (none)
		sb_addf(&b, "not enabled in %zu of %zu repositories", none, k->g->active.n);
	if (k->refused)
		sb_addf(&b,
			"%sasked repository by repository, as the organisation's list was "
			"not to be had: %s",
			b.len ? "; " : "", k->refused);
	if (b.len)
		p->l.reason = text_line(a, sb_str(&b), 400);
}

static void repo_answered(struct list *l)
{
	l->k->answered++;
	collect_got(l->k->p, 1);
}

/* --- single alerts --- */

struct single {
	struct alerts *k;
	struct gh_repo *repo;
	const char *number;
};

static bool on_single(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct single *q = ctx;
	struct github *g = q->k->g;
	struct collect *c = p->c;
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	struct alert x;
	const char *why, *repo = q->repo->rec.name;
	const char *what = arena_printf(&c->scratch, "%s: alert %s", repo, q->number);
	if (r->status == 404 || r->status == 410) {
		if (!db_begin(c->db, e) ||
		    !scans_drop_alert(c->db, q->k->kind->tool, repo, q->number, clock_now(c->clock),
				      "not listed by GitHub any more", e) ||
		    !db_commit(c->db, e))
			return false;
	} else if (!gh_json(g, q->repo->token, r, what, q->k->kind->need, &j, &why, e)) {
		if (!why)
			return false;
		collect_short(p, "%s", why);
	} else {
		struct jv root = json_root(j);
		if (!q->k->kind->parse(&root, &c->scratch, &x, &bad))
			collect_short(p, "%s: %s", what, bad.msg);
		else if (!scans_store_alerts(c->db, q->k->kind->tool, repo, &x, 1,
					     clock_now(c->clock), NULL, e))
			return false;
	}
	settle(q->k);
	return true;
}

static const char *seen_key(struct arena *a, const char *repo, const char *number)
{
	return arena_printf(a, "%s#%s", repo, number);
}

/* Alerts of a repository that are stored as open and that its whole list lacks. */
static bool ask_missing(struct alerts *k, struct gh_repo *repo, size_t *missing, struct err *e)
{
	struct github *g = k->g;
	struct arena *a = &g->c->scratch;
	struct strv open;
	if (!scans_open_alerts(g->c->db, k->kind->tool, repo->rec.name, a, &open, e))
		return false;
	for (size_t i = 0; i < open.n; i++) {
		if (keys_get(&k->seen, seen_key(a, repo->rec.name, open.v[i])))
			continue;
		++*missing;
		if (k->single++ >= ASK_MAX)
			continue; /* the next run reads the list whole again */
		struct single *q = arena_new(g->c->a, struct single);
		*q = (struct single){k, repo, arena_strdup(g->c->a, open.v[i])};
		k->pending++;
		gh_get(g, repo->token, k->p,
		       gh_url(repo,
			      arena_printf(a, "/%s/%s%s", k->kind->path, page_encode(a, open.v[i]),
					   *k->kind->more ? "?" HIDE : "")),
		       on_single, q);
	}
	return true;
}

/* --- lists --- */

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e);

static void ask_list(struct list *l)
{
	struct github *g = l->k->g;
	const struct kind *kind = l->k->kind;
	struct arena *a = &g->c->scratch;
	const char *rest = arena_printf(
		a, "/%s?%sper_page=%d%s%s%s", kind->path, l->open_only ? "state=open&" : "",
		l->small ? SMALL_PAGE : PAGE, l->open_only ? "" : "&sort=updated&direction=desc",
		*kind->more ? "&" : "", kind->more);
	l->walk = (struct page_walk){0};
	l->last_s = INT64_MAX;
	l->disordered = false;
	gh_get(g, l->repo ? l->repo->token : (size_t)(kind - kinds), l->k->p,
	       l->repo ? gh_url(l->repo, rest)
		       : arena_printf(a, "%s/orgs/%s%s", g->cfg->url, page_encode(a, l->target),
				      rest),
	       on_list, l);
}

static bool start_list(struct alerts *k, struct gh_repo *repo, struct err *e)
{
	struct github *g = k->g;
	struct list *l = arena_new(g->c->a, struct list);
	l->k = k;
	l->repo = repo;
	l->target = repo ? repo->rec.name : g->cfg->organisation;
	l->begun_s = clock_now(g->c->clock);
	l->stop_s = g->c->from_s;
	if (!scans_alert_list(g->c->db, g->cfg->name, k->kind->tool, l->target, &l->mark, e))
		return false;
	if (l->mark.read_s != TIME_NONE)
		l->stop_s = MIN(l->stop_s, l->mark.read_s - SLACK_S);
	k->pending++;
	ask_list(l);
	return true;
}

static bool start_repos(struct alerts *k, struct err *e)
{
	for (size_t i = 0; i < k->g->active.n; i++)
		if (!start_list(k, k->g->active.v[i], e))
			return false;
	return true;
}

/* What is asked of a repository that has been read whole, or the organisation's list, counts once
 * each repository. */
static bool list_ended(struct list *l, bool whole, struct err *e)
{
	struct alerts *k = l->k;
	struct github *g = k->g;
	bool due = l->mark.whole_s == TIME_NONE || l->mark.whole_s < l->begun_s - WHOLE_S;
	size_t missing = 0;
	if (!whole && !l->open_only && due) {
		l->open_only = true;
		ask_list(l);
		return true;
	}
	whole = whole || l->open_only;
	for (size_t i = 0; whole && i < g->active.n; i++)
		if ((!l->repo || l->repo == g->active.v[i]) &&
		    !ask_missing(k, g->active.v[i], &missing, e))
			return false;
	if (!missing && !l->unread) {
		struct alert_list mark = {l->begun_s, whole ? l->begun_s : l->mark.whole_s};
		if (!db_begin(g->c->db, e) ||
		    !scans_put_alert_list(g->c->db, g->cfg->name, k->kind->tool, l->target, mark,
					  e) ||
		    !db_commit(g->c->db, e))
			return false;
	}
	for (size_t i = 0; i < (l->repo ? 1 : g->active.n); i++) {
		collect_expect(k->p, 1);
		repo_answered(l);
	}
	settle(k);
	return true;
}

/* The organisation's list cannot be had: each repository's then. */
static bool fall_back(struct list *l, const char *why, struct err *e)
{
	l->k->refused = arena_strdup(l->k->g->c->a, why);
	bool ok = start_repos(l->k, e);
	settle(l->k);
	return ok;
}

enum lack { LACK_NOTHING, LACK_SWITCHED_OFF, LACK_NEVER_SCANNED };

/* A refusal that is none: the thing is not switched on, or was never used (G-22). */
static enum lack lack_of(const struct http_response *r, const char *message, struct arena *a)
{
	static const char *const off[] = {
		"must be enabled",  "is disabled",
		"are disabled",	    "is not enabled",
		"are not enabled",  "has been disabled",
		"not been enabled", "not available for archived",
		"is archived",	    "is not available for this repository"};
	static const char *const unscanned[] = {"no analysis found", "no default branch"};
	if (r->status < 400 || r->status >= 500 || r->status == 401 || r->status == 429 || !message)
		return LACK_NOTHING;
	const char *m = text_lower(a, message);
	for (size_t i = 0; i < ARRAY_SIZE(unscanned); i++)
		if (strstr(m, unscanned[i]))
			return LACK_NEVER_SCANNED;
	for (size_t i = 0; i < ARRAY_SIZE(off); i++)
		if (strstr(m, off[i]))
			return LACK_SWITCHED_OFF;
	return LACK_NOTHING;
}

/* Another address may still answer, unless the whole service or the budget is the matter. */
static bool worth_falling_back(const struct http_response *r)
{
	return r->status != 401 && r->status != 429 && r->status != 0 &&
	       !http_header(r, "retry-after") &&
	       !text_eq(http_header(r, "x-ratelimit-remaining"), "0");
}

static bool list_failed(struct list *l, const struct http_response *r, const char *why,
			struct err *e)
{
	struct alerts *k = l->k;
	struct arena *a = &k->g->c->scratch;
	if (answer_too_heavy(r) && !l->small) {
		l->small = true;
		ask_list(l);
		return true;
	}
	if (!l->repo && worth_falling_back(r))
		return fall_back(l, why, e);
	if (!l->repo) {
		collect_fail(k->p, "%s", why);
		settle(k);
		return true;
	}
	const char *message = answer_message(r, a);
	switch (lack_of(r, message, a)) {
	case LACK_SWITCHED_OFF:
		k->off++;
		/* one text whatever the order of the answers */
		if (!k->off_text || strcmp(message, k->off_text) < 0)
			k->off_text = arena_strdup(k->g->c->a, message);
		break;
	case LACK_NEVER_SCANNED:
		k->unscanned++;
		break;
	case LACK_NOTHING:
		collect_expect(k->p, 1);
		collect_short(k->p, "%s", why);
		break;
	}
	settle(k);
	return true;
}

/* Whose alert a row is: *target NULL when nobody's here. */
static bool row_target(const struct list *l, const struct jv *row, const char **target,
		       struct err *e)
{
	struct github *g = l->k->g;
	struct arena *a = &g->c->scratch;
	struct jv repo;
	const char *id, *name;
	*target = l->target;
	if (l->repo)
		return true;
	if (!json_obj_opt(row, "repository", &repo, e) || !json_id_opt(&repo, "id", a, &id, e) ||
	    !json_str_opt(&repo, "full_name", a, &name, e))
		return false;
	const struct gh_repo *known = id ? keys_get(&g->listed, id) : NULL;
	for (size_t i = 0; !known && name && i < g->active.n; i++)
		if (text_ieq(g->active.v[i]->rec.name, name))
			known = g->active.v[i];
	if (!known && !name)
		return json_wrong(row, e, "it names no repository");
	if (known) {
		*target = known->active ? known->rec.name : NULL;
		return true;
	}
	const char *slash = strchr(name, '/');
	*target = text_glob_list(&g->cfg->repositories, slash ? slash + 1 : name) ? name : NULL;
	return true;
}

static bool take_row(struct list *l, const struct jv *row, struct err *e)
{
	struct alerts *k = l->k;
	struct collect *c = k->g->c;
	struct err bad = {0};
	struct alert x;
	const char *target;
	if (!row_target(l, row, &target, &bad) || !k->kind->parse(row, &c->scratch, &x, &bad)) {
		l->unread = true;
		collect_short(k->p, "an alert of %s could not be read: %s", l->target, bad.msg);
		return true;
	}
	int64_t changed_s = x.updated_s != TIME_NONE ? x.updated_s : MAX(x.created_s, x.closed_s);
	l->disordered |= changed_s > l->last_s;
	l->last_s = changed_s;
	if (!target)
		return true;
	if (x.state == ALERT_OPEN)
		keys_put(&k->seen, c->a, seen_key(c->a, target, x.f.identity), k);
	return scans_store_alerts(c->db, k->kind->tool, target, &x, 1, clock_now(c->clock), NULL,
				  e);
}

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct list *l = ctx;
	struct alerts *k = l->k;
	struct github *g = k->g;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL, *sso = http_header(r, "x-github-sso");
	const char *what = arena_printf(a, "%s of %s", k->kind->path, l->target);
	bool ok = gh_json(g, l->repo ? l->repo->token : 0, r, what, k->kind->need, &j, &why, e);
	struct jv rows = ok ? json_root(j) : (struct jv){0};
	if (!ok && !why)
		return false;
	if (ok && !json_is_arr(&rows)) {
		ok = false;
		why = arena_printf(a, "%s: not a list", what);
	}
	if (!ok)
		return list_failed(l, r, why, e);
	if (sso && text_starts(sso, "partial-results"))
		collect_short(p, "the token is not authorised for single sign-on everywhere: "
				 "GitHub leaves alerts out");
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!take_row(l, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	bool past = next == PAGE_MORE && !l->open_only && !l->disordered && l->last_s < l->stop_s;
	next = page_step(p, &l->walk, past ? PAGE_END : next, token, what);
	if (next == PAGE_MORE) {
		gh_get(g, l->repo ? l->repo->token : (size_t)(k->kind - kinds), p, token, on_list,
		       l);
		return true;
	}
	if (next == PAGE_END)
		return list_ended(l, !past, e);
	if (!l->repo) /* cut */
		return fall_back(l, "its pages did not end", e);
	collect_expect(p, 1);
	settle(k);
	return true;
}

/* --- beginning --- */

bool gh_alerts_open(struct github *g)
{
	struct collect *c = g->c;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		bool wanted = false;
		for (size_t n = 0; n < g->cfg->collect.n; n++)
			wanted |= text_eq(g->cfg->collect.v[n], kinds[i].what);
		if (!wanted)
			continue;
		if (!g->alerts)
			g->alerts = arena_new(c->a, struct gh_alerts);
		struct alerts *k = &g->alerts->of[i];
		*k = (struct alerts){.g = g, .kind = &kinds[i]};
		k->p = collect_part(c, g->cfg->name, kinds[i].what, kinds[i].affects);
		k->p->budget = g->budget;
	}
	return g->alerts != NULL;
}

void gh_alerts_fail(struct github *g, const char *why)
{
	for (size_t i = 0; g->alerts && i < ARRAY_SIZE(kinds); i++)
		if (g->alerts->of[i].kind)
			collect_fail(g->alerts->of[i].p, "%s", why);
}

static bool move(struct github *g, const struct kind *kind, const struct gh_repo *r, struct err *e)
{
	return !r->old_name ||
	       scans_rename_alerts(g->c->db, kind->tool, r->old_name, r->rec.name, e);
}

/* Renamed repositories take their alerts along; those of an archived one are nobody's to fix. */
static bool move_and_drop(struct github *g, const struct kind *kind, struct err *e)
{
	struct collect *c = g->c;
	for (size_t i = 0; i < g->active.n; i++)
		if (!move(g, kind, g->active.v[i], e))
			return false;
	for (size_t i = 0; i < g->shut.n; i++) {
		const char *name = g->shut.v[i]->rec.name;
		struct strv open;
		if (!move(g, kind, g->shut.v[i], e) ||
		    !scans_open_alerts(c->db, kind->tool, name, &c->scratch, &open, e))
			return false;
		for (size_t n = 0; n < open.n; n++)
			if (!scans_drop_alert(c->db, kind->tool, name, open.v[n],
					      clock_now(c->clock), "the repository is archived", e))
				return false;
	}
	return true;
}

bool gh_alerts_start(struct github *g, struct err *e)
{
	for (size_t i = 0; g->alerts && i < ARRAY_SIZE(kinds); i++) {
		struct alerts *k = &g->alerts->of[i];
		if (!k->kind)
			continue;
		if (!db_begin(g->c->db, e) || !move_and_drop(g, k->kind, e) ||
		    !db_commit(g->c->db, e))
			return false;
		collect_expect(k->p, 0);
		if (!(g->cfg->organisation ? start_list(k, NULL, e) : start_repos(k, e)))
			return false;
	}
	return true;
}
