#include "collect/aws_ecs.h"

#include "base/file.h"
#include "base/text.h"
#include "store/deploys.h"

/* ECS's describe and list calls share one bucket of about 20 a second. */
static const struct aws_service ecs = {.host = "ecs",
				       .signing = "ecs",
				       .target = "AmazonEC2ContainerServiceV20141113.",
				       .env = "ECS",
				       .gap_ms = 50};

#define SERVICES_MAX 10 /* of one DescribeServices */
#define DESCRIBE_MAX 20 /* deployments or revisions of one call */
#define PAGE	     100
#define UNFINISHED_S ((int64_t)30 * 86400) /* how long an unfinished one is asked for again */

struct row { /* a deployment that is to be described */
	struct ecs_deployment x;
	bool told; /* in this run */
};

struct queue { /* ARNs to be asked for, from next on */
	struct strv arns;
	size_t next;
};

struct walk {
	struct aws *s;
	struct part *p;
	struct page_walk clusters;
	size_t under_way; /* calls whose answers may bring more to be asked for */
	bool no_history; /* the server does not know ListServiceDeployments */
	struct keys stored; /* key -> struct rec_deployment of an earlier run */
	struct deployments open; /* those of them that were not finished */
	struct keys rows; /* ARN -> struct row */
	struct keys revisions; /* ARN of a revision -> struct revision */
	struct queue deployments, images;
	struct part *details_part, *images_part; /* what is optional and was refused; or NULL */
};

struct revision {
	struct row **v;
	size_t n, cap;
};

struct services_list {
	struct walk *w;
	const char *cluster;
	struct page_walk pages;
};

struct services_batch {
	struct walk *w;
	const char *cluster;
	struct strv arns;
};

struct history {
	struct walk *w;
	struct ecs_service service;
	struct page_walk pages;
	VEC(struct ecs_deployment) current; /* of deployments[], where there is no history */
	const char *current_bad;
};

static void call(struct walk *w, const char *op, struct jw *body, collect_handler f, void *ctx)
{
	aws_call(w->s, w->p, &ecs, op, body, f, ctx);
}

static bool put(struct walk *w, const struct rec_deployment *d, struct err *e)
{
	return deploys_put(w->s->c->db, d, clock_now(w->s->c->clock), e);
}

/* What is no part of any number: refused, it costs only itself. */
static void optional_refused(struct walk *w, struct part **part, const char *name,
			     const char *affects, const char *why)
{
	if (!*part) {
		*part = collect_part(w->s->c, w->p->l.source, name, affects);
		(*part)->budget = w->p->budget;
	}
	collect_not_enabled(*part, "%s", why);
}

/* --- images of revisions, twenty a call --- */

static bool image_of(struct walk *w, const struct jv *v, struct err *e)
{
	struct arena *a = w->s->c->a;
	struct err bad = {0};
	const char *arn, *image, *sha;
	if (!json_str(v, "serviceRevisionArn", a, &arn, &bad)) {
		collect_short(w->p, "a service revision could not be read: %s", bad.msg);
		return true;
	}
	const struct revision *r = keys_get(&w->revisions, arn);
	for (size_t i = 0; r && i < r->n; i++) {
		struct rec_deployment *d = &r->v[i]->x.d;
		if (!ecs_parse_image(v, d->service, w->s->c->cfg, a, &image, &sha, &bad)) {
			collect_short(w->p, "the image of %s could not be read: %s", d->service,
				      bad.msg);
			return true;
		}
		d->image = image;
		d->sha = sha;
		if (!put(w, d, e))
			return false;
	}
	return true;
}

/* Reads the array of an answer in one transaction. */
static bool each(struct walk *w, const struct jv *root, const char *member,
		 bool (*f)(struct walk *w, const struct jv *v, struct err *e), struct err *e)
{
	struct jv rows;
	struct err bad = {0};
	if (!json_arr_opt(root, member, &rows, &bad)) {
		collect_short(w->p, "ecs: %s", bad.msg);
		return true;
	}
	if (!db_begin(w->s->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!f(w, &it, e))
			return false;
	return db_commit(w->s->c->db, e);
}

static bool on_revisions(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why;
	if (!aws_json(r, "ecs:DescribeServiceRevisions", &p->c->scratch, &j, &why)) {
		optional_refused(w, &w->images_part, "ecs_images", "deployments.lead_time_s", why);
		return true;
	}
	struct jv root = json_root(j);
	return each(w, &root, "serviceRevisions", image_of, e);
}

/* --- deployments described, twenty a call --- */

/* ECS tells a deployment and its rollback in one: as rows they are two, like CodeDeploy's, so that
 * the time to recover is known. */
static bool put_rollback(struct walk *w, const struct ecs_deployment *x, struct err *e)
{
	if (x->undone_s == TIME_NONE)
		return true;
	struct rec_deployment d = x->d;
	d.key = arena_printf(w->s->c->a, "%s/rollback", x->d.key);
	d.rollback_of = x->d.key;
	d.creator_kind = "rollback";
	d.state = DEPLOY_SUCCEEDED;
	d.created_s = d.started_s = x->d.finished_s;
	d.finished_s = x->undone_s;
	d.image = d.sha = d.error = d.error_code = d.detail = NULL; /* it is another version */
	return put(w, &d, e);
}

static bool described(struct walk *w, const struct jv *v, struct err *e)
{
	struct arena *a = w->s->c->a;
	struct err bad = {0};
	struct jv arn = json_get(v, "serviceDeploymentArn");
	struct row *row = json_is_str(&arn) ? keys_get(&w->rows, json_text(&arn, a)) : NULL;
	if (!row)
		return true; /* not asked for */
	if (!ecs_parse_deployment(v, w->s->cfg, a, &row->x, &bad)) {
		collect_short(w->p, "deployment %s could not be read: %s", row->x.d.key, bad.msg);
		return true;
	}
	return put(w, &row->x.d, e) && put_rollback(w, &row->x, e);
}

static bool on_described(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why;
	if (!aws_json(r, "ecs:DescribeServiceDeployments", &p->c->scratch, &j, &why)) {
		optional_refused(w, &w->details_part, "ecs_details", "", why);
		return true;
	}
	struct jv root = json_root(j);
	return each(w, &root, "serviceDeployments", described, e);
}

static void ask_queue(struct walk *w, struct queue *q, const char *op, const char *member,
		      collect_handler f, bool rest)
{
	while (q->arns.n - q->next >= DESCRIBE_MAX || (rest && q->next < q->arns.n)) {
		struct jw *body = jw_obj(), *arns = jw_add_arr(body, member);
		for (int i = 0; i < DESCRIBE_MAX && q->next < q->arns.n; i++)
			jw_str(arns, NULL, q->arns.v[q->next++]);
		call(w, op, body, f, w);
	}
}

/* One that was under way when last seen must have been told again. */
static void told_again(struct walk *w)
{
	for (size_t i = 0; i < w->open.n; i++) {
		const struct rec_deployment *d = &w->open.v[i];
		const struct row *row = keys_get(&w->rows, d->key);
		if (!strcmp(d->kind, "ecs") && (!row || !row->told))
			collect_short(w->p,
				      "deployment %s of %s was not finished when last seen and is "
				      "not told of any more",
				      d->key, d->service);
	}
}

/* Full batches at once; the rest when no list is under way that could fill it. */
static void answered(struct walk *w)
{
	bool rest = --w->under_way == 0;
	ask_queue(w, &w->deployments, "DescribeServiceDeployments", "serviceDeploymentArns",
		  on_described, rest);
	ask_queue(w, &w->images, "DescribeServiceRevisions", "serviceRevisionArns", on_revisions,
		  rest);
	if (rest && w->p->l.status == LEDGER_COMPLETE)
		told_again(w);
}

/* --- a service's deployments --- */

static bool settled(const struct rec_deployment *d)
{
	return d && d->state != DEPLOY_IN_PROGRESS && d->state != DEPLOY_WAITING &&
	       (d->image || d->sha);
}

static void want_image(struct walk *w, struct row *row)
{
	struct arena *a = w->s->c->a;
	const char *arn = row->x.revision;
	if (!arn)
		return;
	struct revision *r = keys_get(&w->revisions, arn);
	if (!r) {
		r = arena_new(a, struct revision);
		keys_put(&w->revisions, a, arn, r);
		vec_push(a, &w->images.arns, arn);
	}
	vec_push(a, r, row);
}

static bool one_deployment(struct walk *w, const struct jv *v, struct err *e)
{
	struct arena *a = w->s->c->a;
	struct err bad = {0};
	struct row *row = arena_new(a, struct row);
	if (!ecs_parse_deployment(v, w->s->cfg, a, &row->x, &bad)) {
		collect_short(w->p, "a service deployment could not be read: %s", bad.msg);
		return true;
	}
	struct rec_deployment *d = &row->x.d;
	if (keys_get(&w->rows, row->x.arn))
		return true;
	const struct rec_deployment *stored = keys_get(&w->stored, d->key);
	if (!stored && d->finished_s != TIME_NONE && d->finished_s < w->s->c->from_s)
		return true; /* listed for the sake of an older one that was under way */
	if (row->x.unknown_status)
		collect_short(w->p, "deployment %s has the unknown status \"%s\"", d->key,
			      row->x.unknown_status);
	row->told = true;
	keys_put(&w->rows, a, row->x.arn, row);
	if (row->x.arn != d->key)
		keys_put(&w->rows, a, d->key, row);
	/* What was whole and over when it was stored stays as it is. */
	if (settled(stored))
		return true;
	vec_push(a, &w->deployments.arns, row->x.arn);
	want_image(w, row);
	return put(w, d, e);
}

static bool current_instead(struct history *h, struct err *e)
{
	struct walk *w = h->w;
	struct collect *c = w->s->c;
	if (h->current_bad)
		collect_short(w->p, "%s: a deployment could not be read: %s", h->service.name,
			      h->current_bad);
	if (!db_begin(c->db, e))
		return false;
	for (size_t i = 0; i < h->current.n; i++) {
		struct ecs_deployment *x = &h->current.v[i];
		const struct rec_deployment *old = keys_get(&w->stored, x->d.key);
		if (x->d.created_s < c->from_s && (!old || old->finished_s != TIME_NONE))
			continue;
		struct row *row = arena_new(c->a, struct row);
		row->told = true;
		keys_put(&w->rows, c->a, x->d.key, row);
		if (x->unknown_status)
			collect_short(w->p, "deployment %s has the unknown rollout state \"%s\"",
				      x->d.key, x->unknown_status);
		if (!put(w, &x->d, e))
			return false;
	}
	return db_commit(c->db, e);
}

static void ask_history(struct history *h, const char *token);

static bool unknown_operation(const struct http_response *r, const char *code)
{
	static const char *const words[] = {"UnknownOperationException", "UnknownOperation",
					    "InvalidAction", "NotImplemented",
					    "UnsupportedOperation"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_eq(code, words[i]))
			return true;
	return r->status == 404 || r->status == 405 || r->status == 501;
}

static void no_history(struct walk *w)
{
	if (!w->no_history)
		collect_short(w->p, "this server has no ecs:ListServiceDeployments: only the "
				    "current deployments of each service are known");
	w->no_history = true;
}

static bool on_history(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct history *h = ctx;
	struct walk *w = h->w;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL,
			 *what = arena_printf(a, "deployments of %s", h->service.name);
	if (!aws_json(r, "ecs:ListServiceDeployments", a, &j, &why)) {
		const char *code = aws_error_code(r, a);
		bool gone = r->status >= 400 && unknown_operation(r, code);
		if (!gone && !text_eq(code, "UnsupportedFeatureException")) {
			collect_short(p, "%s: %s", h->service.name, why);
		} else {
			if (gone)
				no_history(w);
			if (!current_instead(h, e))
				return false;
			collect_got(p, 1);
		}
		answered(w);
		return true;
	}
	struct jv root = json_root(j);
	if (!each(w, &root, "serviceDeployments", one_deployment, e))
		return false;
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &h->pages, next, token, what);
	if (next == PAGE_MORE)
		ask_history(h, token);
	else if (next == PAGE_END)
		collect_got(p, 1);
	answered(w);
	return true;
}

/* From when: one that was under way may have begun before the window. */
static int64_t since(const struct history *h)
{
	int64_t from_s = h->w->s->c->from_s;
	for (size_t i = 0; i < h->w->open.n; i++) {
		const struct rec_deployment *d = &h->w->open.v[i];
		if (!strcmp(d->kind, "ecs") && text_eq(d->service, h->service.name))
			from_s = MIN(from_s, d->created_s);
	}
	return from_s;
}

static void ask_history(struct history *h, const char *token)
{
	const struct collect *c = h->w->s->c;
	struct jw *body = jw_obj();
	jw_str(body, "service", h->service.arn);
	if (h->service.cluster)
		jw_str(body, "cluster", h->service.cluster);
	struct jw *range = jw_add_obj(body, "createdAt");
	jw_i64(range, "after", since(h));
	jw_i64(range, "before", MAX(clock_now(c->clock), c->to_s));
	jw_i64(body, "maxResults", PAGE);
	if (token)
		jw_str(body, "nextToken", token);
	h->w->under_way++;
	call(h->w, "ListServiceDeployments", body, on_history, h);
}

/* --- clusters, services --- */

static bool one_service(struct walk *w, const struct jv *v, const char *cluster, struct err *e)
{
	struct arena *a = w->s->c->a;
	struct history *h = arena_new(a, struct history);
	struct jv current;
	struct err bad = {0};
	h->w = w;
	if (!ecs_parse_service(v, a, &h->service, &bad)) {
		collect_short(w->p, "a service could not be read: %s", bad.msg);
		return true;
	}
	if (!h->service.cluster)
		h->service.cluster = cluster;
	if (text_eq(h->service.controller, "CODE_DEPLOY"))
		return true; /* CodeDeploy itself tells of these */
	collect_expect(w->p, 1);
	if (text_eq(h->service.controller, "EXTERNAL")) {
		collect_short(
			w->p,
			"%s is deployed by a controller outside of AWS: ECS keeps no history of it",
			h->service.name);
		return true;
	}
	if (!json_arr_opt(v, "deployments", &current, &bad))
		h->current_bad = arena_strdup(a, bad.msg);
	for (struct jv it = json_first(&current); !h->current_bad && it.n; it = json_next(&it)) {
		struct ecs_deployment x;
		if (ecs_parse_current(&it, &h->service, w->s->cfg, a, &x, &bad))
			vec_push(a, &h->current, x);
		else
			h->current_bad = arena_strdup(a, bad.msg);
	}
	if (!w->no_history) {
		ask_history(h, NULL);
		return true;
	}
	if (!current_instead(h, e))
		return false;
	collect_got(w->p, 1);
	return true;
}

static bool on_services(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct services_batch *b = ctx;
	struct walk *w = b->w;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows, failures;
	struct err bad = {0};
	const char *why;
	if (!aws_json(r, "ecs:DescribeServices", &p->c->scratch, &j, &why)) {
		collect_expect(p, (int64_t)b->arns.n);
		collect_short(p, "%s", why);
		answered(w);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "services", &rows, &bad) ||
	    !json_arr_opt(&root, "failures", &failures, &bad)) {
		collect_short(p, "ecs:DescribeServices: %s", bad.msg);
		answered(w);
		return true;
	}
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!one_service(w, &it, b->cluster, e))
			return false;
	for (struct jv it = json_first(&failures); it.n; it = json_next(&it)) {
		struct jv arn = json_get(&it, "arn"), reason = json_get(&it, "reason");
		const char *name = json_text(&arn, &p->c->scratch),
			   *word = json_text(&reason, &p->c->scratch);
		collect_expect(p, 1);
		collect_short(p, "service %s was not told: %s",
			      name ? path_base(name) : "(no name)",
			      word ? text_line(&p->c->scratch, word, 80) : "no reason");
	}
	if (json_count(&rows) + json_count(&failures) < b->arns.n)
		collect_short(p, "%zu of %zu services were not told",
			      b->arns.n - json_count(&rows) - json_count(&failures), b->arns.n);
	answered(w);
	return true;
}

static void ask_services(struct walk *w, const char *cluster, const struct jv *rows)
{
	struct arena *a = w->s->c->a;
	for (struct jv it = json_first(rows); it.n;) {
		struct services_batch *b = arena_new(a, struct services_batch);
		struct jw *body = jw_obj();
		*b = (struct services_batch){.w = w, .cluster = cluster};
		jw_str(body, "cluster", cluster);
		struct jw *names = jw_add_arr(body, "services");
		for (; it.n && b->arns.n < SERVICES_MAX; it = json_next(&it)) {
			const char *arn = json_text(&it, a);
			if (!arn)
				continue;
			jw_str(names, NULL, arn);
			vec_push(a, &b->arns, arn);
		}
		if (b->arns.n == 0) {
			jw_free(body);
			continue;
		}
		w->under_way++;
		call(w, "DescribeServices", body, on_services, b);
	}
}

static void ask_list(struct services_list *l, const char *token);

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e UNUSED)
{
	struct services_list *l = ctx;
	struct walk *w = l->w;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL, *name = path_base(l->cluster);
	if (!aws_json(r, "ecs:ListServices", a, &j, &why)) {
		collect_expect(p, 1);
		collect_short(p, "cluster %s: %s", name, why);
		answered(w);
		return true;
	}
	struct jv root = json_root(j);
	if (json_arr_opt(&root, "serviceArns", &rows, &bad))
		ask_services(w, l->cluster, &rows);
	else
		collect_short(p, "cluster %s: %s", name, bad.msg);
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &l->pages, next, token, arena_printf(a, "services of %s", name));
	if (next == PAGE_MORE)
		ask_list(l, token);
	answered(w);
	return true;
}

static void ask_list(struct services_list *l, const char *token)
{
	struct jw *body = jw_obj();
	jw_str(body, "cluster", l->cluster);
	jw_i64(body, "maxResults", PAGE); /* ten, where nothing is said */
	if (token)
		jw_str(body, "nextToken", token);
	l->w->under_way++;
	call(l->w, "ListServices", body, on_list, l);
}

static void ask_clusters(struct walk *w, const char *token);

static bool on_clusters(struct part *p, const struct http_response *r, void *ctx,
			struct err *e UNUSED)
{
	struct walk *w = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	if (!aws_json(r, "ecs:ListClusters", a, &j, &why)) {
		w->clusters.seen.n ? collect_short(p, "%s", why) : collect_fail(p, "%s", why);
		answered(w);
		return true;
	}
	struct jv root = json_root(j);
	collect_expect(p, 0);
	if (!json_arr_opt(&root, "clusterArns", &rows, &bad))
		collect_short(p, "ecs:ListClusters: %s", bad.msg);
	for (struct jv it = json_first(&rows); !bad.kind && it.n; it = json_next(&it)) {
		struct services_list *l = arena_new(p->c->a, struct services_list);
		*l = (struct services_list){.w = w, .cluster = json_text(&it, p->c->a)};
		if (l->cluster)
			ask_list(l, NULL);
	}
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &w->clusters, next, token, "clusters");
	if (next == PAGE_MORE)
		ask_clusters(w, token);
	answered(w);
	return true;
}

static void ask_clusters(struct walk *w, const char *token)
{
	struct jw *body = jw_obj();
	jw_i64(body, "maxResults", PAGE);
	if (token)
		jw_str(body, "nextToken", token);
	w->under_way++;
	call(w, "ListClusters", body, on_clusters, w);
}

bool aws_ecs_start(struct aws *s, struct part *p, struct err *e)
{
	struct collect *c = s->c;
	struct walk *w = arena_new(c->a, struct walk);
	struct deployments stored;
	*w = (struct walk){.s = s, .p = p};
	int64_t now_s = MAX(clock_now(c->clock), c->to_s);
	if (!deploys_unfinished(c->db, s->cfg->name, c->from_s - UNFINISHED_S, c->a, &w->open, e) ||
	    !deploys_list(c->db, c->from_s, now_s, c->a, &stored, e))
		return false;
	for (size_t i = 0; i < stored.n; i++)
		if (!strcmp(stored.v[i].kind, "ecs") && text_eq(stored.v[i].source, s->cfg->name))
			keys_put(&w->stored, c->a, stored.v[i].key, &stored.v[i]);
	for (size_t i = 0; i < w->open.n; i++)
		if (!strcmp(w->open.v[i].kind, "ecs"))
			keys_put(&w->stored, c->a, w->open.v[i].key, &w->open.v[i]);
	ask_clusters(w, NULL);
	return true;
}
