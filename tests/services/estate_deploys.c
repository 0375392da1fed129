#include "services/estate.h"

#include "base/text.h"

/* Every deployment follows a Publish run, but for the stories: main's rollback on Wednesday of the
 * newest week, a failed deployment and its second try, two that cross a week's end, one under way,
 * one waiting, one stopped, one to a preview environment. The services with CodeDeploy are told of
 * by ECR and CodeDeploy, two of them by GitHub as well. */

enum { MINUTE_S = 60 };

static const char *deploy_id(struct estate *s, struct rng *r)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char id[12] = "d-";
	for (int i = 2; i < 11; i++)
		id[i] = letters[rng_n(r, 32)];
	return arena_strdup(&s->a, id);
}

static struct dep *dep_add(struct estate *s, struct rng *r, int repo, int env, const char *sha,
			   int64_t t_s)
{
	const struct repo *o = &s->repos.v[repo];
	struct dep d = {.repo = repo, .env = env, .sha = sha, .codedeploy = o->service};
	d.env_name = estate_env(env);
	if (o->service) {
		d.id = deploy_id(s, r);
		d.pushed_s = t_s;
		d.created_s = t_s + rng_in(r, 60, 150);
		d.finished_s = d.created_s + rng_in(r, 420, 640);
	}
	if (o->github_deploys) {
		d.github_id = 1; /* numbered at the end */
		d.published_s = t_s - rng_in(r, 60, 120);
		d.published_end_s = t_s + rng_in(r, 1, 9);
	}
	if (!o->service && env == 0 && text_eq(o->name, "design-system"))
		d.env_name = "prod";
	vec_push(&s->a, &s->deps, d);
	return &s->deps.v[s->deps.n - 1];
}

static void dep_fail(struct estate *s, struct rng *r, struct dep *d, enum dep_state state)
{
	d->state = state;
	if (!d->codedeploy)
		return;
	if (state == DEP_ROLLED_BACK) {
		d->rollback_id = deploy_id(s, r);
		d->rollback_finished_s = d->finished_s + rng_in(r, 30, 200);
		d->error_code = "ALARM_ACTIVE";
		d->error = "One or more alarms have been activated according to the Amazon "
			   "CloudWatch metrics you selected";
	} else if (state == DEP_STOPPED) {
		d->error_code = "MANUAL_STOP";
		d->error = "The deployment was stopped by a user";
	} else {
		d->error_code = "ECS_UPDATE_ERROR";
		d->error = "The ECS service cannot be updated due to an unhealthy replacement task "
			   "set";
	}
}

/* The newest run of Publish on main of a repository before t_s. */
static size_t published_before(const struct estate *s, const char *repo, int64_t t_s)
{
	size_t found = SIZE_MAX;
	for (size_t i = 0; i < s->runs.n && s->runs.v[i].created_s < t_s; i++) {
		const struct wf *f = &s->wfs.v[s->runs.v[i].wf];
		if (f->kind == WF_PUBLISH && text_eq(s->repos.v[f->repo].name, repo))
			found = i;
	}
	BUG_ON(found == SIZE_MAX);
	return found;
}

static void stories(struct estate *s, struct rng *r, size_t rolled_back_run)
{
	int w = ESTATE_WEEKS - 1;
	int web = estate_repo(s, "web"), tiles = estate_repo(s, "tiles"),
	    api = estate_repo(s, "request-api");
	int processor = estate_repo(s, "request-processor"),
	    design = estate_repo(s, "design-system");
	struct dep *d = dep_add(s, r, web, 0, s->runs.v[rolled_back_run].sha,
				estate_at(s, w, 2, 13 * 60 + 58));
	d->created_s = estate_at(s, w, 2, 14 * 60 + 2);
	d->finished_s = d->created_s + 42 * MINUTE_S;
	dep_fail(s, r, d, DEP_ROLLED_BACK);
	d->rollback_finished_s = d->created_s + 45 * MINUTE_S;

	d = dep_add(s, r, processor, 0, estate_sha(s, r), estate_at(s, w, 3, 11 * 60));
	dep_fail(s, r, d, DEP_FAILED);
	struct dep again = *d;
	again.id = deploy_id(s, r);
	again.state = DEP_SUCCEEDED;
	again.error_code = again.error = NULL;
	again.pushed_s = 0; /* the same image */
	again.created_s += 40 * MINUTE_S;
	again.finished_s += 40 * MINUTE_S;
	vec_push(&s->a, &s->deps, again);

	for (int i = 0; i < 2;
	     i++) { /* begun on Sunday, finished on Monday: of the week it finished in */
		d = dep_add(s, r, tiles, 0, estate_sha(s, r),
			    estate_at(s, w - 1 + i, 6, 23 * 60 + 50));
		d->finished_s = estate_at(s, w - 1 + i, 6, 24 * 60 + 4);
	}
	d = dep_add(s, r, api, 0, estate_sha(s, r), estate_at(s, w, 6, 21 * 60 + 40));
	d->state = DEP_IN_PROGRESS;
	d->finished_s = 0;
	d = dep_add(s, r, estate_repo(s, "submit"), 1, estate_sha(s, r),
		    estate_at(s, w, 4, 15 * 60 + 10));
	d->state = DEP_READY;
	d->finished_s = 0;
	dep_fail(s, r, dep_add(s, r, tiles, 2, estate_sha(s, r), estate_at(s, w, 3, 16 * 60)),
		 DEP_STOPPED);
	d = dep_add(s, r, design, -1, estate_sha(s, r), estate_at(s, w, 1, 12 * 60));
	d->env_name = "preview-482";
}

static int by_time(const void *a, const void *b)
{
	const struct dep *x = a, *y = b;
	int64_t p = x->created_s ? x->created_s : x->published_s,
		q = y->created_s ? y->created_s : y->published_s;
	return p != q ? (p < q ? -1 : 1) : strcmp(x->sha, y->sha);
}

static void images(struct estate *s, struct rng *r)
{
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		if (!d->pushed_s)
			continue;
		struct image m = {
			.repo = d->repo, .env = d->env, .sha = d->sha, .pushed_s = d->pushed_s};
		m.bytes = rng_in(r, 180000000, 5200000000); /* some over 2^32 */
		m.digest =
			arena_printf(&s->a, "sha256:%s%.24s", estate_sha(s, r), estate_sha(s, r));
		vec_push(&s->a, &s->images, m);
	}
	int processor = estate_repo(s, "request-processor");
	for (int w = 0; w < ESTATE_WEEKS; w++) { /* pushed, never deployed: no deployment */
		struct image m = {.repo = processor,
				  .env = 1,
				  .sha = w % 2 ? estate_sha(s, r) : NULL,
				  .pushed_s = estate_at(s, w, 4, 18 * 60),
				  .bytes = 210000000};
		m.digest =
			arena_printf(&s->a, "sha256:%s%.24s", estate_sha(s, r), estate_sha(s, r));
		vec_push(&s->a, &s->images, m);
	}
	for (size_t i = 0; i < s->images.n; i++) {
		struct image *m = &s->images.v[i];
		m->latest = m->sha != NULL;
		for (size_t j = 0; j < s->images.n && m->latest; j++) {
			const struct image *o = &s->images.v[j];
			if (o->repo == m->repo && o->env == m->env && o->sha &&
			    o->pushed_s > m->pushed_s)
				m->latest = false;
		}
	}
}

void estate_deploys(struct estate *s)
{
	struct rng r = {s->seed ^ 0x6465};
	size_t rolled_back = published_before(s, "web", estate_at(s, ESTATE_WEEKS - 1, 2, 13 * 60));
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct run *x = &s->runs.v[i];
		const struct wf *f = &s->wfs.v[x->wf];
		if (f->kind != WF_PUBLISH)
			continue;
		int64_t t = x->created_s + rng_in(&r, 200, 400);
		bool production = rng_p(&r, 36), staging = rng_p(&r, 45) || production,
		     development = rng_p(&r, 60);
		int fate = (int)rng_n(&r, 100);
		if (development)
			dep_add(s, &r, f->repo, 2, x->sha, t);
		if (staging)
			dep_add(s, &r, f->repo, 1, x->sha, t + 15 * MINUTE_S);
		if (production && i != rolled_back) {
			struct dep *d = dep_add(s, &r, f->repo, 0, x->sha,
						t + rng_in(&r, 60, 150) * MINUTE_S);
			bool newest = x->created_s >= s->week[ESTATE_WEEKS - 1].from_s;
			if (!newest && fate < 3)
				dep_fail(s, &r, d, DEP_FAILED);
			else if (!newest && fate < 5 && d->codedeploy)
				dep_fail(s, &r, d, DEP_ROLLED_BACK);
		}
	}
	stories(s, &r, rolled_back);
	images(s, &r);
	qsort(s->deps.v, s->deps.n, sizeof *s->deps.v, by_time);
	for (size_t i = 0; i < s->deps.n; i++)
		if (s->deps.v[i].github_id)
			s->deps.v[i].github_id = 1900000000 + (int64_t)i * 31;
}

/* --- commits --- */
static void add_commit(struct arena *a, struct commits *v, const char *sha, int64_t t_s)
{
	for (size_t i = 0; i < v->n; i++)
		if (text_eq(v->v[i].sha, sha))
			return;
	vec_push(a, v, ((struct commit){sha, t_s}));
}

static int by_commit_time(const void *p, const void *q)
{
	const struct commit *x = p, *y = q;
	return x->t_s != y->t_s ? (x->t_s < y->t_s ? -1 : 1) : strcmp(x->sha, y->sha);
}

void estate_commits(const struct estate *s, int repo, struct arena *a, struct commits *out)
{
	for (size_t i = 0; i < s->runs.n; i++) { /* the first run of a commit comes first */
		const struct run *x = &s->runs.v[i];
		if (s->wfs.v[x->wf].repo == repo && text_eq(x->branch, "main"))
			add_commit(a, out, x->sha, x->created_s - 1800 - x->id % 5000);
	}
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		if (d->repo == repo)
			add_commit(a, out, d->sha,
				   (d->created_s ? d->created_s : d->published_s) - 3600);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_commit_time);
}
