#include "services/aws.h"

#include "base/file.h"
#include "base/text.h"

/* ECS of an account: one cluster, the services that CodeDeploy deploys (of which ECS keeps no
 * history), and the design system, deployed by rolling updates that GitHub publishes as well. */

enum { SERVICES_PAGE = 10, DEPLOYMENTS_PAGE = 20, DESCRIBE_SERVICES = 10, DESCRIBE_REST = 20 };

static const char rolling[] = "design-system";

static const char *arn(struct call *c, const char *kind, const char *path)
{
	return arena_printf(c->a, "arn:aws:ecs:eu-west-2:%lld:%s/%s",
			    (long long)100000000001 + c->env, kind, path);
}

static const char *service_path(struct call *c, const char *repo)
{
	return arena_printf(c->a, "%s/%s-%s", estate_env(c->env), estate_env(c->env), repo);
}

static const char *text_of(struct call *c, const char *key)
{
	struct jv v = json_get(&c->in, key);
	return json_text(&v, c->a);
}

static size_t per_page(struct call *c, size_t usual)
{
	int64_t n;
	struct err e = {0};
	return json_i64_opt(&c->in, "maxResults", &n, &e) && n > 0 && n <= 100 ? (size_t)n : usual;
}

static bool right_cluster(struct call *c)
{
	const char *cluster = text_of(c, "cluster");
	if (text_eq(cluster ? path_base(cluster) : NULL, estate_env(c->env)))
		return true;
	aws_fail(c->q, c->r, 400, "ClusterNotFoundException", "Cluster not found.");
	return false;
}

void ecs_list_clusters(struct call *c)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(jw_add_arr(o, "clusterArns"), NULL, arn(c, "cluster", estate_env(c->env)));
	answer_json(c->q, c->r, o);
}

static bool has_service(const struct repo *r)
{
	return r->service || text_eq(r->name, rolling);
}

void ecs_list_services(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct strv all = {0};
	if (!right_cluster(c))
		return;
	for (size_t i = 0; i < s->repos.n; i++)
		if (has_service(&s->repos.v[i]))
			vec_push(c->a, &all,
				 arn(c, "service", service_path(c, s->repos.v[i].name)));
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "serviceArns");
	size_t start = MIN(aws_token_start(c, "nextToken"), all.n),
	       end = MIN(start + per_page(c, SERVICES_PAGE), all.n);
	for (size_t i = start; i < end; i++)
		jw_str(list, NULL, all.v[i]);
	aws_token_next(c, o, "nextToken", end, all.n);
	answer_json(c->q, c->r, o);
}

static bool batch(struct call *c, const char *key, size_t most, struct jv *out)
{
	*out = json_get(&c->in, key);
	if (json_count(out) > 0 && json_count(out) <= most)
		return true;
	aws_fail(c->q, c->r, 400, "InvalidParameterException",
		 arena_printf(c->a, "%s has too many or no elements", key));
	return false;
}

static void missing(struct jw *failures, const char *what)
{
	struct jw *f = jw_add_obj(failures, NULL);
	jw_str(f, "arn", what);
	jw_str(f, "reason", "MISSING");
}

void ecs_describe_services(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv names;
	if (!right_cluster(c) || !batch(c, "services", DESCRIBE_SERVICES, &names))
		return;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "services"), *failures = jw_add_arr(o, "failures");
	for (struct jv it = json_first(&names); it.n; it = json_next(&it)) {
		const char *name = path_base(json_text(&it, c->a));
		const struct repo *found = NULL;
		for (size_t i = 0; i < s->repos.n && !found; i++)
			if (has_service(&s->repos.v[i]) &&
			    text_eq(name, path_base(service_path(c, s->repos.v[i].name))))
				found = &s->repos.v[i];
		if (!found) {
			missing(failures, name);
			continue;
		}
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "serviceArn", arn(c, "service", service_path(c, found->name)));
		jw_str(w, "serviceName", name);
		jw_str(w, "clusterArn", arn(c, "cluster", estate_env(c->env)));
		jw_str(w, "status", "ACTIVE");
		jw_i64(w, "desiredCount", 2);
		jw_i64(w, "runningCount", 2);
		jw_str(jw_add_obj(w, "deploymentController"), "type",
		       found->service ? "CODE_DEPLOY" : "ECS");
		jw_add_arr(w, "deployments");
	}
	answer_json(c->q, c->r, o);
}

/* --- deployments of the rolling one --- */

static bool is_rolling(struct call *c, const struct dep *d)
{
	return d->env == c->env && !d->codedeploy && d->published_end_s &&
	       text_eq(c->q->c->estate->repos.v[d->repo].name, rolling);
}

static const char *path_of(struct call *c, const struct dep *d)
{
	return arena_printf(c->a, "%s/%.12s%lld", service_path(c, rolling), d->sha,
			    (long long)d->published_s);
}

static void brief(struct call *c, struct jw *w, const struct dep *d)
{
	bool failed = d->state == DEP_FAILED;
	jw_str(w, "serviceDeploymentArn", arn(c, "service-deployment", path_of(c, d)));
	jw_str(w, "serviceArn", arn(c, "service", service_path(c, rolling)));
	jw_str(w, "clusterArn", arn(c, "cluster", estate_env(c->env)));
	jw_f64(w, "createdAt", (double)d->published_s + 0.917);
	jw_f64(w, "startedAt", (double)d->published_s + 2.5);
	jw_f64(w, "finishedAt", (double)d->published_end_s + 0.5);
	jw_str(w, "status", failed ? "STOPPED" : "SUCCESSFUL");
	if (failed)
		jw_str(w, "statusReason", "Service deployment stopped: tasks failed to start");
}

void ecs_list_deployments(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv range = json_get(&c->in, "createdAt");
	int64_t from = TIME_NONE, to = TIME_NONE;
	struct err e = {0};
	VEC(const struct dep *) all = {0};
	const char *service = text_of(c, "service");
	if (!right_cluster(c))
		return;
	if (!json_epoch_opt(&range, "after", &from, &e) ||
	    !json_epoch_opt(&range, "before", &to, &e)) {
		aws_fail(c->q, c->r, 400, "InvalidParameterException", e.msg);
		return;
	}
	if (!text_eq(path_base(service ? service : ""), path_base(service_path(c, rolling)))) {
		aws_fail(c->q, c->r, 400, "UnsupportedFeatureException",
			 "The deployment controller is not ECS");
		return;
	}
	for (size_t i = s->deps.n; i-- > 0;) {
		const struct dep *d = &s->deps.v[i];
		if (is_rolling(c, d) && (from == TIME_NONE || d->published_s > from) &&
		    (to == TIME_NONE || d->published_s < to))
			vec_push(c->a, &all, d);
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "serviceDeployments");
	size_t start = MIN(aws_token_start(c, "nextToken"), all.n),
	       end = MIN(start + per_page(c, DEPLOYMENTS_PAGE), all.n);
	for (size_t i = start; i < end; i++) {
		struct jw *w = jw_add_obj(list, NULL);
		brief(c, w, all.v[i]);
		jw_str(w, "targetServiceRevisionArn",
		       arn(c, "service-revision", path_of(c, all.v[i])));
	}
	aws_token_next(c, o, "nextToken", end, all.n);
	answer_json(c->q, c->r, o);
}

static const struct dep *dep_of(struct call *c, const char *path)
{
	const struct estate *s = c->q->c->estate;
	for (size_t i = 0; i < s->deps.n; i++)
		if (is_rolling(c, &s->deps.v[i]) &&
		    text_eq(path_base(path), path_base(path_of(c, &s->deps.v[i]))))
			return &s->deps.v[i];
	return NULL;
}

void ecs_describe_deployments(struct call *c)
{
	struct jv arns;
	if (!batch(c, "serviceDeploymentArns", DESCRIBE_REST, &arns))
		return;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "serviceDeployments"),
		  *failures = jw_add_arr(o, "failures");
	for (struct jv it = json_first(&arns); it.n; it = json_next(&it)) {
		const char *path = json_text(&it, c->a);
		const struct dep *d = dep_of(c, path);
		if (!d) {
			missing(failures, path);
			continue;
		}
		struct jw *w = jw_add_obj(list, NULL);
		brief(c, w, d);
		jw_str(jw_add_obj(w, "targetServiceRevision"), "arn",
		       arn(c, "service-revision", path_of(c, d)));
		jw_str(jw_add_obj(w, "deploymentConfiguration"), "strategy", "ROLLING");
		jw_str(jw_add_obj(w, "deploymentCircuitBreaker"), "status",
		       d->state == DEP_FAILED ? "TRIGGERED" : "MONITORING_COMPLETE");
	}
	answer_json(c->q, c->r, o);
}

void ecs_describe_revisions(struct call *c)
{
	struct jv arns;
	if (!batch(c, "serviceRevisionArns", DESCRIBE_REST, &arns))
		return;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "serviceRevisions"), *failures = jw_add_arr(o, "failures");
	for (struct jv it = json_first(&arns); it.n; it = json_next(&it)) {
		const char *path = json_text(&it, c->a);
		const struct dep *d = dep_of(c, path);
		if (!d) {
			missing(failures, path);
			continue;
		}
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "serviceRevisionArn", path);
		struct jw *images = jw_add_arr(w, "containerImages"), *m = jw_add_obj(images, NULL);
		jw_str(m, "containerName", "log-router");
		jw_str(m, "image", "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable");
		m = jw_add_obj(images, NULL);
		jw_str(m, "containerName", rolling);
		jw_str(m, "imageDigest", arena_printf(c->a, "sha256:%s%.24s", d->sha, d->sha));
		jw_str(m, "image",
		       arena_printf(c->a, "%lld.dkr.ecr.eu-west-2.amazonaws.com/%s-%s:%.7s",
				    (long long)100000000001 + c->env, estate_env(c->env), rolling,
				    d->sha));
	}
	answer_json(c->q, c->r, o);
}
