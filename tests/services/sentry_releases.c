#include "services/sentry.h"

#include "base/text.h"

/* Releases: each commit that was deployed to production is one, told to Sentry when its image was
 * pushed; a deploy is told when it has worked, in production and staging alike. */

struct deployed {
	const struct dep *d;
	int64_t finished_s;
};

struct version {
	const char *name; /* "web@0123456789ab" */
	size_t project;
	int64_t created_s;
	VEC(struct deployed) deploys; /* newest first */
};
struct versions {
	struct version *v;
	size_t n, cap;
};

static int newest_first(const void *a, const void *b)
{
	const struct version *x = a, *y = b;
	if (x->created_s != y->created_s)
		return x->created_s > y->created_s ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int newest_deploy(const void *a, const void *b)
{
	const struct deployed *x = a, *y = b;
	return x->finished_s > y->finished_s ? -1 : x->finished_s < y->finished_s;
}

static const char *name_of(struct request *q, const struct dep *d)
{
	return arena_printf(q->a, "%s@%.12s", q->c->estate->repos.v[d->repo].name, d->sha);
}

static struct version *find(const struct versions *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_eq(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}

static struct versions versions(struct request *q)
{
	const struct estate *s = q->c->estate;
	struct versions list = {0};
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		size_t p = 0;
		while (p < s->projects.n &&
		       !text_eq(s->projects.v[p].slug, s->repos.v[d->repo].name))
			p++;
		if (!d->codedeploy || d->env != 0 || p == s->projects.n ||
		    !sentry_project_asked(q, &s->projects.v[p]) || find(&list, name_of(q, d)))
			continue;
		struct version v = {
			name_of(q, d), p, d->pushed_s ? d->pushed_s : d->created_s, {0}};
		vec_push(q->a, &list, v);
	}
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		struct version *v = find(&list, name_of(q, d));
		struct deployed x = {d, d->finished_s + 20};
		if (v && d->codedeploy && d->state == DEP_SUCCEEDED && d->env >= 0 && d->env < 2)
			vec_push(q->a, &v->deploys, x);
	}
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].deploys.n)
			qsort(list.v[i].deploys.v, list.v[i].deploys.n, sizeof(struct deployed),
			      newest_deploy);
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, newest_first);
	return list;
}

static void deploy(struct request *q, struct jw *o, const struct deployed *x)
{
	int64_t id = 22000000 + (x->d - q->c->estate->deps.v);
	jw_str(o, "id", arena_printf(q->a, "%lld", (long long)id));
	jw_str(o, "environment", x->d->env_name);
	jw_null(o, "name");
	jw_null(o, "url");
	jw_null(o, "dateStarted");
	jw_str(o, "dateFinished", sentry_iso(q, x->finished_s));
}

static void list(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	struct versions all = versions(q);
	size_t from, to;
	sentry_page(q, r, all.n, &from, &to);
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = from; i < to; i++) {
		const struct version *v = &all.v[i];
		const struct project *p = &s->projects.v[v->project];
		struct jw *o = jw_add_obj(root, NULL);
		jw_i64(o, "id", 1402755016 + (int64_t)i * 1000003);
		jw_str(o, "version", v->name);
		jw_str(o, "status", "open");
		jw_str(o, "dateCreated", sentry_iso(q, v->created_s));
		jw_null(o, "dateReleased");
		jw_i64(o, "newGroups", 0);
		jw_i64(o, "commitCount", 1);
		jw_i64(o, "deployCount", (int64_t)v->deploys.n);
		if (v->deploys.n)
			deploy(q, jw_add_obj(o, "lastDeploy"), &v->deploys.v[0]);
		else
			jw_null(o, "lastDeploy");
		jw_add_arr(o, "authors");
		struct jw *project = jw_add_obj(jw_add_arr(o, "projects"), NULL);
		jw_i64(project, "id", p->id); /* a number here, as in the real one */
		jw_str(project, "slug", p->slug);
		jw_i64(project, "newGroups", 0);
	}
	answer_json(q, r, root);
}

void sentry_releases_serve(struct request *q, struct answer *r, const char *rest)
{
	if (!*rest) {
		list(q, r);
		return;
	}
	const char *end = strstr(rest, "/deploys/");
	struct versions all = versions(q);
	const struct version *v =
		end && text_eq(end, "/deploys/")
			? find(&all, arena_strndup(q->a, rest, (size_t)(end - rest)))
			: NULL;
	if (!v) {
		answer_error(q, r, 404, "detail", "The requested resource does not exist");
		return;
	}
	size_t from, to;
	sentry_page(q, r, v->deploys.n, &from, &to);
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = from; i < to; i++)
		deploy(q, jw_add_obj(root, NULL), &v->deploys.v[i]);
	answer_json(q, r, root);
}
