#include "collect/sentry.h"

#include "base/text.h"
#include "store/deploys.h"
#include "store/releases.h"

#include <ctype.h>

/* The list of releases has no dates to ask by: newest first, read until one is older than the
 * window. A deployment is found if its release stands on a page that was read: one of an older
 * version, further back than the first hundred releases, is not. */

/* --- reading --- */

#define SHA_SHORT 7
#define SHA_LONG  40

/* Hexadecimal alone, long enough, and if short neither a word nor a number. */
static bool is_commit(const char *s, size_t n)
{
	size_t digits = 0, letters = 0;
	for (size_t i = 0; i < n && isxdigit((unsigned char)s[i]); i++)
		isdigit((unsigned char)s[i]) ? digits++ : letters++;
	if (digits + letters != n || n < SHA_SHORT || n > SHA_LONG)
		return false;
	return n == SHA_LONG || (digits > 0 && letters > 0);
}

static bool is_uuid(const char *s, size_t n)
{
	return n == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-';
}

/* Of one word: all of it, or what stands behind its last dash ("1.2.0-3dce5c8"), there also as git
 * describe has it ("v1.2.0-5-g3dce5c8"). */
static const char *commit_in(const char *s, size_t n, struct arena *a)
{
	if (is_commit(s, n))
		return arena_strndup(a, s, n);
	const char *dash = memrchr(s, '-', n);
	if (!dash || is_uuid(s, n))
		return NULL;
	n -= (size_t)(dash + 1 - s);
	s = dash + 1;
	if (n > 0 && *s == 'g') {
		s++;
		n--;
	}
	return is_commit(s, n) ? arena_strndup(a, s, n) : NULL;
}

const char *sentry_commit_of(const char *version, struct arena *a)
{
	const char *found = NULL;
	for (const char *s = version; s && *s; s += *s != '\0') {
		size_t n = strcspn(s, "@+_/: ");
		const char *one = commit_in(s, n, a);
		found = one ? one : found; /* the last: a package's name comes first */
		s += n;
	}
	return found;
}

bool sentry_parse_deploy(const struct jv *row, struct arena *a, struct sentry_deploy *out,
			 struct err *e)
{
	struct sentry_deploy d = {0};
	if (!json_is_obj(row))
		return json_wrong(row, e, "expected a deploy");
	if (!json_id(row, "id", a, &d.key, e) ||
	    !json_str_opt(row, "environment", a, &d.environment, e) ||
	    !json_str_opt(row, "url", a, &d.url, e) ||
	    !json_time_opt(row, "dateStarted", &d.started_s, e) ||
	    !json_time_opt(row, "dateFinished", &d.finished_s, e))
		return false;
	*out = d;
	return true;
}

static bool parse_projects(const struct jv *row, struct arena *a, struct rec_release *r,
			   struct err *e)
{
	struct jv list;
	if (!json_arr_opt(row, "projects", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct rec_release_project p;
		if (!json_id(&it, "id", a, &p.key, e) ||
		    !json_str_opt(&it, "slug", a, &p.slug, e) ||
		    !json_i64_opt(&it, "newGroups", &p.new_issues, e))
			return false;
		vec_push(a, &r->projects, p);
	}
	return true;
}

static bool parse_commit(const struct jv *row, struct arena *a, struct sentry_release *x,
			 struct err *e)
{
	struct jv info, commit;
	const char *hash, *id;
	if (!json_obj_opt(row, "versionInfo", &info, e) ||
	    !json_str_opt(&info, "buildHash", a, &hash, e) ||
	    !json_obj_opt(row, "lastCommit", &commit, e) || !json_id_opt(&commit, "id", a, &id, e))
		return false;
	x->sha = sentry_commit_of(hash, a);
	if (!x->sha)
		x->sha = sentry_commit_of(x->r.version, a);
	if (!x->sha && id && strlen(id) == SHA_LONG)
		x->sha = sentry_commit_of(id, a);
	return true;
}

bool sentry_parse_release(const struct jv *row, struct arena *a, struct sentry_release *out,
			  struct err *e)
{
	struct sentry_release x = {0};
	struct rec_release *r = &x.r;
	struct jv deploy, authors;
	if (!json_is_obj(row))
		return json_wrong(row, e, "expected a release");
	if (!json_str(row, "version", a, &r->version, e) ||
	    !json_str_opt(row, "status", a, &r->status, e) ||
	    !json_time_opt(row, "dateCreated", &r->created_s, e) ||
	    !json_time_opt(row, "dateReleased", &r->released_s, e) ||
	    !json_time_opt(row, "firstEvent", &r->first_event_s, e) ||
	    !json_time_opt(row, "lastEvent", &r->last_event_s, e) ||
	    !json_i64_opt(row, "newGroups", &r->new_issues, e) ||
	    !json_i64_opt(row, "commitCount", &r->commits, e) ||
	    !json_i64_opt(row, "deployCount", &r->deploys, e) ||
	    !json_arr_opt(row, "authors", &authors, e) || !parse_projects(row, a, r, e) ||
	    !parse_commit(row, a, &x, e) || !json_obj_opt(row, "lastDeploy", &deploy, e) ||
	    (deploy.n && !json_is_null(&deploy) && !sentry_parse_deploy(&deploy, a, &x.last, e)))
		return false;
	r->authors = authors.n ? (int64_t)json_count(&authors) : NUM_NONE;
	*out = x;
	return true;
}

/* --- deployments --- */

/* A release whose deploys are of interest; slug: the project that speaks for it, or NULL. */
struct deployed {
	struct sentry *s;
	const char *version, *sha, *slug;
};

static bool put_deploy(const struct deployed *x, const struct sentry_deploy *d, struct err *e)
{
	struct collect *c = x->s->c;
	int64_t at_s = d->finished_s != TIME_NONE ? d->finished_s : d->started_s;
	if (at_s == TIME_NONE || at_s < c->from_s || at_s >= c->to_s)
		return true;
	struct rec_deployment row = {
		.source = x->s->cfg->name,
		.kind = "sentry",
		.key = d->key,
		.service = x->slug,
		.environment = d->environment,
		.sha = x->sha,
		.ref = x->version,
		/* Sentry is told when a deployment has worked. */
		.state = d->finished_s == TIME_NONE ? DEPLOY_IN_PROGRESS : DEPLOY_SUCCEEDED,
		.created_s = d->started_s != TIME_NONE ? d->started_s : at_s,
		.started_s = d->started_s,
		.finished_s = d->finished_s,
		.url = d->url && text_link_ok(d->url) ? d->url : NULL,
		.detail = arena_printf(&c->scratch, "release %s",
				       text_line(&c->scratch, x->version, 100)),
	};
	return deploys_put(c->db, &row, clock_now(c->clock), e);
}

static bool deploy_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	const struct deployed *x = w->ctx;
	struct sentry_deploy d;
	struct err bad = {0};
	if (!sentry_parse_deploy(row, &w->s->c->scratch, &d, &bad)) {
		collect_short(w->p, "a deploy could not be read: %s", bad.msg);
		return true;
	}
	/* newest first */
	w->stop |= d.finished_s != TIME_NONE && d.finished_s < w->s->c->from_s;
	return put_deploy(x, &d, e);
}

static bool deploys_done(struct list_walk *w, enum list_end end, const struct http_response *r,
			 struct err *e UNUSED)
{
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		collect_got(w->p, 1);
		break;
	case LIST_ABSENT:
		if (r->status == 404) /* the release was deleted since it was listed */
			collect_got(w->p, 1);
		else
			collect_short(w->p, "%s",
				      answer_why(r, w->what, &sentry_hints, &w->s->c->scratch));
		break;
	case LIST_CUT:
	case LIST_FAILED:
		break;
	}
	return true;
}

static void ask_deploys(const struct deployed *x)
{
	struct arena *a = x->s->c->a;
	struct deployed *mine = arena_new(a, struct deployed);
	struct list_walk *w = arena_new(a, struct list_walk);
	*mine = *x;
	*w = (struct list_walk){
		.s = x->s,
		.p = x->s->deploys,
		.what = arena_printf(a, "deploys of %s", text_line(a, x->version, 100)),
		.path = arena_printf(a, "releases/%s/deploys/", page_encode(a, x->version)),
		.of_many = true,
		.row = deploy_row,
		.done = deploys_done,
		.ctx = mine,
	};
	sentry_list(w);
}

/* --- releases --- */

static int64_t placed_s(const struct rec_release *r)
{
	return MAX(r->created_s, r->released_s); /* TIME_NONE is less than any time */
}

static bool within(const struct collect *c, int64_t t_s)
{
	return t_s != TIME_NONE && t_s >= c->from_s && t_s < c->to_s;
}

static bool may_be_deployed(const struct collect *c, const struct sentry_release *x)
{
	const struct rec_release *r = &x->r;
	if (r->deploys == 0 || (r->created_s != TIME_NONE && r->created_s >= c->to_s))
		return false;
	if (x->last.key && x->last.finished_s != TIME_NONE)
		return x->last.finished_s >= c->from_s;
	/* An older server does not say how many: then only a release of the window is looked at. */
	return r->deploys != NUM_NONE || x->last.key || within(c, placed_s(r));
}

/* *slug: the first project of it that is wanted; false when it has projects and none is. A release
 * without any is everybody's. */
static bool release_wanted(const struct sentry *s, const struct rec_release *r, const char **slug)
{
	*slug = NULL;
	for (size_t i = 0; i < r->projects.n; i++) {
		const struct sentry_project *p = sentry_project_by_key(s, r->projects.v[i].key);
		if (!p)
			p = sentry_project_by_slug(s, r->projects.v[i].slug);
		if (p) {
			*slug = p->slug;
			return true;
		}
	}
	return r->projects.n == 0;
}

static bool look_at_deploys(struct sentry *s, const struct sentry_release *x, const char *slug,
			    struct err *e)
{
	struct deployed d = {s, x->r.version, x->sha, slug};
	collect_expect(s->deploys, 1);
	if (x->r.deploys == 1 && x->last.key && x->last.finished_s != TIME_NONE) {
		collect_got(s->deploys, 1); /* the only one stands in the list already */
		return put_deploy(&d, &x->last, e);
	}
	ask_deploys(&d);
	return true;
}

static bool release_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	struct sentry *s = w->s;
	struct collect *c = s->c;
	struct sentry_release x;
	struct err bad = {0};
	const char *slug;
	if (!sentry_parse_release(row, c->a, &x, &bad)) {
		collect_short(w->p, "a release could not be read: %s", bad.msg);
		return true;
	}
	w->stop = placed_s(&x.r) != TIME_NONE && placed_s(&x.r) < c->from_s;
	if (!release_wanted(s, &x.r, &slug))
		return true;
	bool deployed = may_be_deployed(c, &x);
	if (within(c, x.r.created_s) || within(c, x.r.released_s) || deployed) {
		x.r.source = s->cfg->name;
		if (!releases_put(c->db, &x.r, clock_now(c->clock), e))
			return false;
		collect_got(w->p, 1);
	}
	return !deployed || look_at_deploys(s, &x, slug, e);
}

static bool releases_done(struct list_walk *w, enum list_end end, const struct http_response *r,
			  struct err *e UNUSED)
{
	struct sentry *s = w->s;
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		collect_expect(w->p, w->p->l.received);
		collect_expect(s->deploys, 0);
		break;
	case LIST_CUT:
		collect_short(s->deploys, "the list of releases ended early");
		break;
	case LIST_ABSENT:
		collect_not_enabled(s->deploys, "%s",
				    answer_why(r, w->what, &sentry_hints, &s->c->scratch));
		break;
	case LIST_FAILED:
		collect_fail(s->deploys, "the list of releases could not be had");
		break;
	}
	return true;
}

void sentry_releases(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct list_walk *w = arena_new(a, struct list_walk);
	*w = (struct list_walk){
		.s = s,
		.p = s->releases,
		.what = "releases",
		.path = arena_printf(a, "releases/?per_page=100%s", s->projects_query),
		.absent = "this Sentry has no releases for this token (project:read)",
		.row = release_row,
		.done = releases_done,
	};
	sentry_list(w);
}
