#include "collect/sentry.h"

#include "base/parse.h"
#include "base/text.h"
#include "collect/sources.h"
#include "config/secret.h"
#include "store/deploys.h"
#include "store/errors.h"

const struct answer_hints sentry_hints = {
	.e401 = "check the token",
	.e403 = "the token needs org:read, project:read and event:read, and an organisation token "
		"(sntrys_) can never have them",
	.e404 = "check organisation and url (another region has another host)",
	.not_json = "not a Sentry API: check url",
};

#define PROJECTS "projects/?per_page=100"

const char *sentry_time(struct arena *a, int64_t t_s)
{
	char buf[TIME_TEXT];
	char *s = arena_strdup(a, time_iso(t_s, buf));
	s[strcspn(s, "Z")] = '\0';
	return s;
}

void sentry_get(struct sentry *s, struct part *p, const char *rest, int64_t gap_ms,
		collect_handler f, void *ctx)
{
	const char *const headers[] = {"Accept: application/json", NULL};
	struct http_request rq = {
		.url = arena_printf(s->c->a, "%s%s", s->base, rest),
		.headers = headers,
		.bearer = s->token,
		.min_gap_ms = gap_ms,
		.no_redirect = !s->redirect,
	};
	collect_submit(p, &rq, f, ctx);
}

/* --- walking over issues --- */

static bool sweep_page(struct sweep *w, const struct jv *rows, struct err *e)
{
	struct collect *c = w->s->c;
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it))
		if (!w->row(w, &it, e))
			return false;
	w->pages++;
	return db_commit(c->db, e);
}

static bool on_sweep(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sweep *w = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	if (answer_too_heavy(r) && w->limit > 25) { /* a heavy search may do in small portions */
		w->limit = 25;
		sentry_sweep(w);
		return true;
	}
	if (!answer_json(r, w->what, &sentry_hints, a, &j, &why)) {
		w->pages ? collect_short(p, "%s", why) : collect_fail(p, "%s", why);
		return w->done(w, false, e);
	}
	struct jv rows = json_root(j);
	if (!json_is_arr(&rows)) {
		collect_fail(p, "%s: not a list; %s", w->what, sentry_hints.not_json);
		return w->done(w, false, e);
	}
	if (!sweep_page(w, &rows, e))
		return false;
	enum page_next next = page_sentry(r, a, &token);
	next = page_step(p, &w->walk, next, token, w->what);
	if (next == PAGE_MORE) {
		w->cursor = arena_strdup(p->c->a, token);
		sentry_sweep(w);
		return true;
	}
	return w->done(w, next == PAGE_END, e);
}

void sentry_sweep(struct sweep *w)
{
	struct arena *a = w->s->c->a;
	if (!w->limit)
		w->limit = 100;
	const char *cursor =
		w->cursor ? arena_printf(a, "&cursor=%s", page_encode(a, w->cursor)) : "";
	sentry_get(w->s, w->p,
		   arena_printf(a, "issues/?%s&start=%s&end=%s&limit=%d%s", w->query,
				sentry_time(a, w->from_s), sentry_time(a, w->to_s), w->limit,
				cursor),
		   0, on_sweep, w);
}

/* --- the week's issues --- */

static bool issue_row(struct sweep *w, const struct jv *row, struct err *e)
{
	struct sentry *s = w->s;
	struct arena *a = s->c->a;
	struct err bad = {0};
	struct rec_issue i;
	/* A new collection states the week anew; but only once there is something to state. */
	if (!s->forgotten && !errors_forget_week(s->c->db, s->cfg->name, s->c->week.name, e))
		return false;
	s->forgotten = true;
	if (!sentry_parse_issue(row, s->cfg->environments.n > 0, a, &i, &bad)) {
		collect_short(w->p, "an issue could not be read: %s", bad.msg);
		return true;
	}
	i.source = s->cfg->name;
	i.week = s->c->week.name;
	if (s->cfg->environments.n == 1)
		i.environment = s->cfg->environments.v[0];
	if (!errors_put_issue(s->c->db, &i, clock_now(s->c->clock), e))
		return false;
	struct sentry_project *p = i.project_key ? keys_get(&s->by_key, i.project_key) : NULL;
	if (p && i.events > 0 && (!i.category || !strcmp(i.category, "error")))
		p->has_errors = true;
	if (keys_get(&s->seen, i.key))
		return true; /* it moved between two pages */
	struct sentry_seen *x = arena_new(a, struct sentry_seen);
	*x = (struct sentry_seen){.i = i, .listed = true};
	keys_put(&s->seen, a, i.key, x);
	vec_push(a, &s->list, x);
	collect_got(w->p, 1);
	return true;
}

static bool issues_done(struct sweep *w, bool whole, struct err *e)
{
	struct sentry *s = w->s;
	if (w->pages && !s->forgotten) { /* an empty list states the week, too */
		if (!db_begin(s->c->db, e) ||
		    !errors_forget_week(s->c->db, s->cfg->name, s->c->week.name, e) ||
		    !db_commit(s->c->db, e))
			return false;
		s->forgotten = true;
	}
	s->whole = whole && w->p->l.status == LEDGER_COMPLETE;
	if (whole)
		collect_expect(w->p, w->p->l.received);
	sentry_after_issues(s, w->pages > 0);
	return true;
}

static void ask_issues(struct sentry *s)
{
	struct collect *c = s->c;
	int64_t kept_s = clock_now(c->clock) - SENTRY_RETENTION_S;
	if (c->week.from_s < kept_s)
		collect_short(
			s->issues,
			"the week began before what Sentry keeps (90 days): events are missing");
	struct sweep *w = arena_new(c->a, struct sweep);
	/* sort=new: first-seen never changes while pages are read. query= empty: every status. */
	*w = (struct sweep){
		.s = s,
		.p = s->issues,
		.what = "issues",
		.query = arena_printf(c->a, "query=&sort=new&collapse=stats%s", s->filter),
		.from_s = c->week.from_s,
		.to_s = c->week.to_s,
		.row = issue_row,
		.done = issues_done};
	sentry_sweep(w);
}

/* --- projects --- */

static void fail_all(struct sentry *s, const char *why)
{
	for (size_t i = 0; i < s->parts.n; i++)
		collect_fail(s->parts.v[i], "%s", why);
}

static bool project_row(struct sentry *s, const struct jv *row, struct err *e)
{
	struct arena *a = s->c->a;
	struct err bad = {0};
	struct rec_project rec = {.source = s->cfg->name};
	bool member = true, access = true, transactions = false;
	if (!json_id(row, "id", a, &rec.key, &bad) || !json_str(row, "slug", a, &rec.slug, &bad) ||
	    !json_str_opt(row, "name", a, &rec.name, &bad) ||
	    !json_str_opt(row, "platform", a, &rec.platform, &bad) ||
	    !json_bool_opt(row, "isMember", &member, &bad) ||
	    !json_bool_opt(row, "hasAccess", &access, &bad) ||
	    !json_bool_opt(row, "firstTransactionEvent", &transactions, &bad)) {
		collect_short(s->lead, "a project could not be read: %s", bad.msg);
		return true;
	}
	if (keys_get(&s->by_key, rec.key))
		return true;
	s->project_n++;
	if (!member && access)
		s->some_not_member = true;
	if (!text_glob_list(&s->cfg->projects, rec.slug)) {
		s->some_unwanted = true;
		keys_put(&s->by_key, a, rec.key, &s->none);
		return true;
	}
	struct sentry_project *p = arena_new(a, struct sentry_project);
	*p = (struct sentry_project){.key = rec.key,
				     .slug = rec.slug,
				     .position = (int64_t)s->projects.n,
				     .has_transactions = transactions};
	keys_put(&s->by_key, a, rec.key, p);
	vec_push(a, &s->projects, p);
	return errors_put_project(s->c->db, &rec, clock_now(s->c->clock), e);
}

static void make_filter(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct sb b;
	sb_init(&b, a, (size_t)1 << 20);
	if (s->some_unwanted)
		for (size_t i = 0; i < s->projects.n; i++)
			sb_addf(&b, "&project=%s", page_encode(a, s->projects.v[i]->key));
	else if (s->some_not_member) /* without it, a person's token sees its own teams only */
		sb_add(&b, "&project=-1");
	s->projects_query = arena_strdup(a, sb_str(&b));
	for (size_t i = 0; i < s->cfg->environments.n; i++)
		sb_addf(&b, "&environment=%s", page_encode(a, s->cfg->environments.v[i]));
	s->filter = sb_str(&b);
}

void sentry_collect(struct sentry *s)
{
	if (s->issues && !s->events_gone)
		ask_issues(s);
	if (s->releases)
		sentry_releases(s);
	if (s->events_gone)
		return;
	if (s->performance) {
		sentry_performance(s);
		sentry_metrics(s);
	}
	if (s->health)
		sentry_health(s);
	if (s->monitors) {
		sentry_monitors(s);
		sentry_uptime(s);
	}
}

static bool projects_known(struct sentry *s, struct err *e)
{
	struct collect *c = s->c;
	if (s->project_n == 0) {
		fail_all(s,
			 arena_printf(c->a,
				      "the token sees no project of organisation \"%s\"; give it "
				      "access to the teams' projects",
				      s->cfg->organisation));
		return true;
	}
	if (s->projects.n == 0) {
		fail_all(s, arena_printf(c->a,
					 "none of the %zu projects of organisation \"%s\" matches "
					 "\"projects\" of the configuration",
					 s->project_n, s->cfg->organisation));
		return true;
	}
	make_filter(s);
	return sentry_again(s, e);
}

/* Why the first request found nothing here. */
struct elsewhere {
	struct sentry *s;
	int status;
	const char *location; /* host that a redirect named, or NULL */
};

static bool on_region(struct part *p UNUSED, const struct http_response *r, void *ctx,
		      struct err *e UNUSED)
{
	const struct elsewhere *x = ctx;
	struct sentry *s = x->s;
	struct arena *a = s->c->a;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *region = NULL;
	if (answer_json(r, "the organisation", &sentry_hints, a, &j, &why)) {
		struct jv root = json_root(j), links = json_get(&root, "links"),
			  url = json_get(&links, "regionUrl");
		region = json_is_str(&url) ? json_text(&url, a) : NULL;
	}
	const char *head =
		arena_printf(a, "%d on the projects of \"%s\"", x->status, s->cfg->organisation);
	if (region && !text_starts(s->base, region) && text_link_ok(region))
		fail_all(s, arena_printf(a, "%s: the organisation lives at %s; set url to that",
					 head, text_line(a, region, 120)));
	else if (x->location)
		fail_all(s, arena_printf(a,
					 "%s: redirected to %s, not followed with the token; set "
					 "url to where the organisation lives",
					 head, x->location));
	else
		fail_all(s, arena_printf(a,
					 "%s: no such organisation at %s; check organisation and "
					 "url (another region has another host)",
					 head, s->cfg->url));
	return true;
}

/* The host that a redirect points to, for the reader; NULL when it stays with the configured url.
 */
static const char *stranger(const struct sentry *s, const struct http_response *r, struct arena *a)
{
	const char *to = http_header(r, "location");
	const char *rest = to ? strstr(to, "://") : NULL;
	if (!rest || text_starts(to, arena_printf(a, "%s/", s->cfg->url)))
		return NULL;
	rest += 3;
	size_t n = strcspn(rest, "/?#");
	const char *at = memchr(rest, '@', n);
	if (at) {
		n -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	return text_line(a, arena_strndup(a, rest, n), 120);
}

static bool on_projects(struct part *p, const struct http_response *r, void *ctx, struct err *e);

/* Another region's host knows nothing of the organisation, or points to another host, where a token
 * must not follow. True: dealt with. */
static bool lives_elsewhere(struct sentry *s, struct part *p, const struct http_response *r)
{
	struct arena *a = s->c->a;
	bool redirect = r->status >= 300 && r->status < 400;
	if ((r->status != 404 && !redirect) || s->project_n > 0 || s->redirect)
		return false;
	const char *to = redirect ? stranger(s, r, a) : NULL;
	if (redirect && !to && http_header(r, "location")) {
		s->redirect = true;
		sentry_get(s, p, PROJECTS, 0, on_projects, s);
		return true;
	}
	struct elsewhere *x = arena_new(a, struct elsewhere);
	*x = (struct elsewhere){s, r->status, to};
	sentry_get(s, p, "", 0, on_region, x);
	return true;
}

static bool on_projects(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct sentry *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	if (lives_elsewhere(s, p, r))
		return true;
	if (!answer_json(r, "the list of projects", &sentry_hints, a, &j, &why)) {
		fail_all(s, why);
		return true;
	}
	struct jv rows = json_root(j);
	if (!json_is_arr(&rows)) {
		fail_all(s, "the list of projects is not a list; not a Sentry API: check url");
		return true;
	}
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!project_row(s, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	enum page_next next = page_sentry(r, a, &token);
	if (page_step(p, &s->project_walk, next, token, "projects") == PAGE_MORE)
		sentry_get(
			s, p,
			arena_printf(p->c->a, PROJECTS "&cursor=%s", page_encode(p->c->a, token)),
			0, on_projects, s);
	else
		return projects_known(s, e);
	return true;
}

/* --- opening --- */

static struct part *open_part(struct sentry *s, const char *name, const char *affects)
{
	struct part *p = collect_part(s->c, s->cfg->name, name, affects);
	p->budget = s->budget;
	vec_push(s->c->a, &s->parts, p);
	return p;
}

static bool others_tell_of_deployments(const struct config *cfg)
{
	for (size_t i = 0; i < cfg->github.n; i++)
		for (size_t k = 0; k < cfg->github.v[i].collect.n; k++)
			if (!strcmp(cfg->github.v[i].collect.v[k], "deployments"))
				return true;
	for (size_t i = 0; i < cfg->aws.n; i++)
		for (size_t k = 0; k < cfg->aws.v[i].collect.n; k++)
			if (!strcmp(cfg->aws.v[i].collect.v[k], "codedeploy") ||
			    !strcmp(cfg->aws.v[i].collect.v[k], "ecs"))
				return true;
	return false;
}

#define WITNESS_S ((int64_t)8 * 7 * 86400) /* how far back it is looked for */

/* Sentry mostly repeats what those that deploy tell of themselves, and then nothing hangs on it. It
 * does where nobody else is asked, or where it lately told of what nobody else did. */
static bool deploys_affect(struct sentry *s, const char **affects, struct err *e)
{
	bool alone = true;
	if (others_tell_of_deployments(s->c->cfg) &&
	    !deploys_told_alone(s->c->db, s->cfg->name, s->c->week.from_s - WITNESS_S, &alone, e))
		return false;
	*affects = alone ? "deployments." : "";
	return true;
}

static bool wanted(const struct sentry_source *cfg, const char *what)
{
	if (!cfg->collect.n)
		return !strcmp(what, "issues");
	for (size_t i = 0; i < cfg->collect.n; i++)
		if (!strcmp(cfg->collect.v[i], what))
			return true;
	return false;
}

static bool open_parts(struct sentry *s, struct err *e)
{
	const char *affects;
	if (wanted(s->cfg, "issues")) {
		s->issues = open_part(s, "issues", "errors.");
		s->activity = open_part(s, "activity",
					"errors.regressed errors.escalating errors.resolved");
		if (s->cfg->environments.n > 1)
			s->environments = open_part(s, "environments", "");
		s->last_day = open_part(s, "last_day", "");
		s->volume = open_part(s, "volume", "");
		s->users = open_part(s, "users", "errors.users");
	}
	if (wanted(s->cfg, "releases")) {
		if (!deploys_affect(s, &affects, e))
			return false;
		s->releases = open_part(s, "releases", affects);
		s->deploys = open_part(s, "deploys", affects);
	}
	if (wanted(s->cfg, "performance")) {
		s->performance = open_part(s, "performance", "");
		s->performance_days = open_part(s, "performance_days", "");
		s->metrics = open_part(s, "metrics", "");
	}
	if (wanted(s->cfg, "health"))
		s->health = open_part(s, "health", "");
	if (wanted(s->cfg, "monitors")) {
		s->monitors = open_part(s, "monitors", "");
		s->checkins = open_part(s, "checkins", "");
		s->uptime = open_part(s, "uptime", "");
		s->uptime_checks = open_part(s, "uptime_checks", "");
	}
	return true;
}

/* Sentry allows 5 details a second for one caller; a server of one's own has no limit. */
static int64_t detail_gap(const char *url)
{
	size_t n = strlen(url), k = strlen("sentry.io");
	return n >= k && !strcmp(url + n - k, "sentry.io") ? 210 : 0;
}

bool sentry_seed(struct collect *c, const struct sentry_source *cfg, struct err *e)
{
	struct sentry *s = arena_new(c->a, struct sentry);
	struct err bad = {0};
	s->c = c;
	s->cfg = cfg;
	s->budget = collect_budget(c);
	s->gap_ms = detail_gap(cfg->url);
	s->base = arena_printf(c->a, "%s/api/0/organizations/%s/", cfg->url,
			       page_encode(c->a, cfg->organisation));
	if (!open_parts(s, e))
		return false;
	if (!secret_read(&cfg->token, arena_printf(c->a, "token of source \"%s\"", cfg->name), c->a,
			 &s->token, &bad)) {
		fail_all(s, bad.msg);
		return true;
	}
	s->lead = s->parts.v[0];
	if (c->week.to_s <= clock_now(c->clock) - SENTRY_RETENTION_S) {
		/* Sentry would answer with an empty list, which reads as "no errors". Releases are
		 * kept for ever. */
		s->events_gone = true;
		s->lead = s->releases;
		for (size_t i = 0; i < s->parts.n; i++)
			if (s->parts.v[i] != s->releases && s->parts.v[i] != s->deploys)
				collect_fail(s->parts.v[i],
					     "the week is older than what Sentry keeps (90 days)");
	}
	if (s->lead)
		sentry_get(s, s->lead, PROJECTS, 0, on_projects, s);
	return true;
}
