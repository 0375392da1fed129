#include "digest/deploy_fold.h"

#include "base/text.h"

#define NEAR_S                                                                                     \
	((int64_t)2 * 3600) /* a build, a push and a blue/green shift take under an hour each */
#define ROLLBACK_WITHIN_S ((int64_t)24 * 3600)

static const char *const kinds[] = {"codedeploy", "ecs", "github", "sentry"};
static const char *const prefixes[] = {"codedeploy", "ecs", "github-deployment",
				       "sentry-deployment"};

static size_t kind_rank(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_eq(kind, kinds[i]))
			return i;
	return ARRAY_SIZE(kinds);
}

static bool is_rollback(const struct rec_deployment *d)
{
	return d->rollback_of || text_eq(d->creator_kind, "rollback");
}

/* The configured service that a telling itself names: an AWS name, or Sentry's project. */
static const struct service *named_service(const struct config *cfg, const struct rec_deployment *d)
{
	return text_eq(d->kind, "sentry") ? service_of_sentry(cfg, d->service)
					  : service_of_aws(cfg, d->service);
}

static const struct service *service_of(const struct config *cfg, const struct rec_deployment *d)
{
	const struct service *s = named_service(cfg, d);
	return s ? s : service_of_repo(cfg, d->repo ? d->repo : d->service);
}

static struct deploy deploy_of(const struct config *cfg, const struct rec_deployment *d,
			       const struct images *images, struct arena *a)
{
	size_t rank = kind_rank(d->kind);
	const struct service *s = service_of(cfg, d);
	const char *own = d->service ? d->service : d->repo ? d->repo : d->kind;
	int at = config_environment_rank(cfg, d->environment);
	int64_t started = d->started_s != TIME_NONE ? d->started_s : d->created_s;
	return (struct deploy){
		.d = d,
		.key = arena_printf(a, "%s:%s/%s",
				    rank < ARRAY_SIZE(prefixes) ? prefixes[rank] : d->kind,
				    d->source, d->key),
		.service = s ? s->name : repo_short(own),
		.environment = at < 0 ? NULL : cfg->environments.v[at],
		.sha = d->sha ? d->sha : deploys_image_sha(images, d->image),
		.repo = d->repo,
		.state = d->state,
		.started_s = started,
		.finished_s = d->finished_s,
		.at_s = d->finished_s != TIME_NONE ? d->finished_s : started,
		.rolled_back_s = TIME_NONE,
		.tellings = 1};
}

static int64_t apart(const struct deploy *x, const struct deploy *y)
{
	int64_t from = MAX(x->started_s, y->started_s), to = MIN(x->at_s, y->at_s);
	return MAX(from - to, (int64_t)0);
}

static bool ends_as(const char *longer, const char *word)
{
	size_t n = longer ? strlen(longer) : 0, k = word ? strlen(word) : 0;
	return k > 0 && n > k && longer[n - k - 1] == '-' && !strcmp(longer + n - k, word);
}

/* Sentry only repeats what a pipeline tells it, and a project is often called like the service,
 * without the prefix of its account: "web" of "production-web". */
static bool same_name(const struct deploy *x, const struct deploy *y)
{
	if (text_eq(x->service, y->service))
		return true;
	return (text_eq(x->d->kind, "sentry") || text_eq(y->d->kind, "sentry")) &&
	       (ends_as(x->service, y->service) || ends_as(y->service, x->service));
}

static bool same_deployment(const struct config *cfg, const struct deploy *x,
			    const struct deploy *y)
{
	if (text_eq(x->d->kind, y->d->kind) || !text_eq(x->environment, y->environment))
		return false;
	if (!x->environment && !text_ieq(x->d->environment, y->d->environment))
		return false;
	/* Two services of one repository go out with one commit: a telling of each is not the
	 * other's, unless one of them speaks for the repository only. */
	const struct service *p = named_service(cfg, x->d), *q = named_service(cfg, y->d);
	if (p && q && p != q)
		return false;
	if (x->sha && y->sha)
		return sha_same(x->sha, y->sha);
	return same_name(x, y);
}

static void take_over(struct deploy *to, const struct deploy *from)
{
	to->tellings += from->tellings;
	to->sha = to->sha ? to->sha : from->sha;
	to->repo = to->repo ? to->repo : from->repo;
}

/* The nearest deployment among the better kinds, or NULL. */
static struct deploy *home_of(const struct config *cfg, struct deploys *all, const struct deploy *x)
{
	struct deploy *best = NULL;
	for (size_t i = 0; i < all->n; i++) {
		struct deploy *y = &all->v[i];
		int64_t gap = apart(x, y);
		if (gap <= NEAR_S && same_deployment(cfg, x, y) && (!best || gap < apart(x, best)))
			best = y;
	}
	return best;
}

static struct deploy *undone_by(struct deploys *all, const struct deploy *r)
{
	struct deploy *newest = NULL;
	for (size_t i = 0; i < all->n; i++) {
		struct deploy *y = &all->v[i];
		if (r->d->rollback_of) {
			if (text_eq(y->d->key, r->d->rollback_of) &&
			    text_eq(y->d->source, r->d->source))
				return y;
			continue;
		}
		bool before = y->started_s <= r->started_s &&
			      y->started_s >= r->started_s - ROLLBACK_WITHIN_S;
		if (before && text_eq(y->d->service, r->d->service) &&
		    text_eq(y->environment, r->environment) &&
		    (y->state == DEPLOY_FAILED || y->state == DEPLOY_ROLLED_BACK) &&
		    (!newest || y->started_s > newest->started_s))
			newest = y;
	}
	return newest;
}

static int by_at(const void *p, const void *q)
{
	const struct deploy *x = p, *y = q;
	if (x->at_s != y->at_s)
		return x->at_s < y->at_s ? -1 : 1;
	return strcmp(x->key, y->key);
}

void deploy_fold(const struct config *cfg, const struct deployments *rows,
		 const struct images *images, struct arena *a, struct deploys *out, int64_t *lost)
{
	*lost = 0;
	for (size_t rank = 0; rank <= ARRAY_SIZE(kinds); rank++) {
		struct deploys same = {0};
		for (size_t i = 0; i < rows->n; i++) {
			if (kind_rank(rows->v[i].kind) != rank || is_rollback(&rows->v[i]))
				continue;
			struct deploy x = deploy_of(cfg, &rows->v[i], images, a);
			struct deploy *home = home_of(cfg, out, &x);
			if (home)
				take_over(home, &x);
			else
				vec_push(a, &same, x);
		}
		/* Joined only now: tellings of one kind are different deployments. */
		for (size_t i = 0; i < same.n; i++)
			vec_push(a, out, same.v[i]);
	}
	for (size_t i = 0; i < rows->n; i++) {
		if (!is_rollback(&rows->v[i]))
			continue;
		struct deploy r = deploy_of(cfg, &rows->v[i], images, a);
		struct deploy *y = undone_by(out, &r);
		if (!y) {
			++*lost;
			continue;
		}
		/* A rollback that is still going has undone nothing yet. */
		if (r.state == DEPLOY_SUCCEEDED) {
			y->state = DEPLOY_ROLLED_BACK;
			y->rolled_back_s = r.finished_s;
		}
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_at);
}
