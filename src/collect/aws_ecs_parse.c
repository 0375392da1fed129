#include "base/file.h"
#include "base/text.h"
#include "collect/aws_ecs.h"

/* updatedAt moves with everything that happens to a deployment later, a changed task count too:
 * further from the start than this it is not the end of a rolling update. */
#define ROLLING_S ((int64_t)6 * 3600)

bool ecs_parse_service(const struct jv *v, struct arena *a, struct ecs_service *out, struct err *e)
{
	struct ecs_service s = {0};
	struct jv controller;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a service");
	if (!json_str(v, "serviceArn", a, &s.arn, e) ||
	    !json_str_opt(v, "serviceName", a, &s.name, e) ||
	    !json_str_opt(v, "clusterArn", a, &s.cluster, e) ||
	    !json_obj_opt(v, "deploymentController", &controller, e) ||
	    !json_str_opt(&controller, "type", a, &s.controller, e))
		return false;
	if (!s.name)
		s.name = path_base(s.arn);
	*out = s;
	return true;
}

static bool parse_state(const char *status, enum deploy_state *out)
{
	static const struct {
		const char *word;
		enum deploy_state state;
	} words[] = {
		{"PENDING", DEPLOY_IN_PROGRESS},
		{"IN_PROGRESS", DEPLOY_IN_PROGRESS},
		{"STOP_REQUESTED", DEPLOY_IN_PROGRESS},
		{"ROLLBACK_REQUESTED", DEPLOY_IN_PROGRESS},
		{"ROLLBACK_IN_PROGRESS", DEPLOY_IN_PROGRESS},
		{"SUCCESSFUL", DEPLOY_SUCCEEDED},
		{"STOPPED", DEPLOY_FAILED},
		{"ROLLBACK_FAILED", DEPLOY_FAILED},
		{"ROLLBACK_SUCCESSFUL", DEPLOY_ROLLED_BACK},
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (text_eq(status, words[i].word)) {
			*out = words[i].state;
			return true;
		}
	}
	return false;
}

static bool finished(enum deploy_state s)
{
	return s == DEPLOY_SUCCEEDED || s == DEPLOY_FAILED || s == DEPLOY_ROLLED_BACK;
}

static const char *lower_words(struct arena *a, const char *s)
{
	char *w = arena_strdup(a, text_lower(a, s));
	for (char *p = w; *p; p++)
		if (*p == '_')
			*p = ' ';
	return w;
}

static bool triggered(const struct jv *v, const char *member, struct arena *a, bool *out,
		      struct err *e)
{
	struct jv o;
	const char *status;
	if (!json_obj_opt(v, member, &o, e) || !json_str_opt(&o, "status", a, &status, e))
		return false;
	*out = text_eq(status, "TRIGGERED");
	return true;
}

static const char *alarm_names(const struct jv *v, struct arena *a)
{
	struct jv alarms = json_get(v, "alarms"), names = json_get(&alarms, "triggeredAlarmNames");
	const char *all = NULL;
	for (struct jv it = json_first(&names); it.n; it = json_next(&it)) {
		const char *name = json_text(&it, a);
		if (name)
			all = all ? arena_printf(a, "%s, %s", all, name) : name;
	}
	return all;
}

/* Why one failed or was undone. */
static bool parse_failure(const struct jv *v, const char *status, const char *reason,
			  struct arena *a, struct rec_deployment *d, struct err *e)
{
	struct jv rollback;
	bool breaker, alarm;
	const char *why;
	if (!triggered(v, "deploymentCircuitBreaker", a, &breaker, e) ||
	    !triggered(v, "alarms", a, &alarm, e) || !json_obj_opt(v, "rollback", &rollback, e) ||
	    !json_str_opt(&rollback, "reason", a, &why, e))
		return false;
	const char *names = alarm ? alarm_names(v, a) : NULL;
	why = reason ? reason : why;
	d->error_code = alarm ? "ALARM_ACTIVE" : breaker ? "CIRCUIT_BREAKER" : status;
	d->error = names ? arena_printf(a, "%s%salarm %s", why ? why : "", why ? "; " : "", names)
			 : why;
	return true;
}

/* "canary, 10 % for 5 minutes" */
static bool parse_strategy(const struct jv *v, struct arena *a, const char **out, struct err *e)
{
	struct jv config, canary, linear;
	const char *word;
	double percent;
	int64_t minutes;
	if (!json_obj_opt(v, "deploymentConfiguration", &config, e) ||
	    !json_str_opt(&config, "strategy", a, &word, e) ||
	    !json_obj_opt(&config, "canaryConfiguration", &canary, e) ||
	    !json_obj_opt(&config, "linearConfiguration", &linear, e))
		return false;
	bool is_canary = text_eq(word, "CANARY"), is_linear = text_eq(word, "LINEAR");
	if (!json_f64_opt(is_canary ? &canary : &linear,
			  is_canary ? "canaryPercent" : "stepPercent", &percent, e) ||
	    !json_i64_opt(is_canary ? &canary : &linear,
			  is_canary ? "canaryBakeTimeInMinutes" : "stepBakeTimeInMinutes", &minutes,
			  e))
		return false;
	*out = !word || !strcmp(word, "ROLLING") ? "rolling update"
	       : !strcmp(word, "BLUE_GREEN")	 ? "blue/green"
						 : lower_words(a, word);
	if ((is_canary || is_linear) && percent >= 0 && minutes != NUM_NONE)
		*out = arena_printf(a, "%s, %.4g %% %s %lld minutes", *out, percent,
				    is_canary ? "for" : "every", (long long)minutes);
	return true;
}

/* A hook of kind PAUSE waits for a person. */
static bool awaits_action(const struct jv *v, struct arena *a)
{
	struct jv hooks = json_get(v, "lifecycleHookDetails");
	for (struct jv it = json_first(&hooks); it.n; it = json_next(&it)) {
		struct jv status = json_get(&it, "status");
		if (text_eq(json_text(&status, a), "AWAITING_ACTION"))
			return true;
	}
	return false;
}

static bool parse_progress(const struct jv *v, struct arena *a, struct rec_deployment *d,
			   struct err *e)
{
	const char *stage;
	struct jv target;
	double moved;
	if (!json_str_opt(v, "lifecycleStage", a, &stage, e) ||
	    !json_obj_opt(v, "targetServiceRevision", &target, e) ||
	    !json_f64_opt(&target, "requestedProductionTrafficWeight", &moved, e) ||
	    !parse_strategy(v, a, &d->detail, e))
		return false;
	if (finished(d->state))
		return true;
	bool waits = awaits_action(v, a);
	if (waits)
		d->state = DEPLOY_WAITING;
	if (stage)
		d->detail = arena_printf(a, "%s; %s %s", d->detail,
					 waits ? "waits for a person after" : "at",
					 lower_words(a, stage));
	else if (waits)
		d->detail = arena_printf(a, "%s; waits for a person", d->detail);
	if (moved >= 0) /* absent is NaN */
		d->detail = arena_printf(a, "%s, %.4g %% of traffic moved", d->detail, moved);
	return true;
}

/* "…:service-deployment/prod/web/abc" gives "prod/web/abc": no account number. */
static const char *key_of(const char *arn)
{
	static const char mark[] = ":service-deployment/";
	const char *at = strstr(arn, mark);
	return at ? at + strlen(mark) : arn;
}

/* The last but n-th part of a path. */
static const char *part_of(struct arena *a, const char *path, int n)
{
	const char *end = path + strlen(path);
	for (;; n--) {
		const char *from = end;
		while (from > path && from[-1] != '/')
			from--;
		if (n == 0 || from == path)
			return arena_strndup(a, from, (size_t)(end - from));
		end = from - 1;
	}
}

static const char *console_url(const struct aws_source *cfg, const char *cluster,
			       const char *service, struct arena *a)
{
	if (!cluster || !service)
		return NULL;
	return arena_printf(a,
			    "https://%s.console.aws.amazon.com/ecs/v2/clusters/%s/services/%s/"
			    "deployments?region=%s",
			    cfg->region, page_encode(a, path_base(cluster)),
			    page_encode(a, service), cfg->region);
}

static int64_t either(int64_t x, int64_t y)
{
	return x != TIME_NONE ? x : y;
}

bool ecs_parse_deployment(const struct jv *v, const struct aws_source *cfg, struct arena *a,
			  struct ecs_deployment *out, struct err *e)
{
	struct ecs_deployment x = *out;
	struct rec_deployment *d = &x.d;
	const char *service, *cluster, *status, *reason, *brief, *whole;
	int64_t created, started, ended, stopped, updated, undoing;
	struct jv target, rollback;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a service deployment");
	if (!json_str(v, "serviceDeploymentArn", a, &x.arn, e) ||
	    !json_str_opt(v, "serviceArn", a, &service, e) ||
	    !json_str_opt(v, "clusterArn", a, &cluster, e) ||
	    !json_str_opt(v, "status", a, &status, e) ||
	    !json_str_opt(v, "statusReason", a, &reason, e) ||
	    !json_str_opt(v, "targetServiceRevisionArn", a, &brief, e) ||
	    !json_obj_opt(v, "targetServiceRevision", &target, e) ||
	    !json_str_opt(&target, "arn", a, &whole, e) ||
	    !json_obj_opt(v, "rollback", &rollback, e) ||
	    !json_epoch_opt(&rollback, "startedAt", &undoing, e) ||
	    !json_epoch_opt(v, "createdAt", &created, e) ||
	    !json_epoch_opt(v, "startedAt", &started, e) ||
	    !json_epoch_opt(v, "finishedAt", &ended, e) ||
	    !json_epoch_opt(v, "stoppedAt", &stopped, e) ||
	    !json_epoch_opt(v, "updatedAt", &updated, e))
		return false;
	d->source = cfg->name;
	d->kind = "ecs";
	d->key = key_of(x.arn);
	d->environment = cfg->environment;
	d->service = service ? path_base(service) : part_of(a, d->key, 1);
	d->created_s = either(either(created, started), either(ended, updated));
	d->started_s = started;
	if (d->created_s == TIME_NONE)
		return json_wrong(v, e, "expected createdAt");
	x.revision = whole ? whole : brief ? brief : x.revision;
	x.unknown_status = NULL;
	if (!parse_state(status, &d->state)) {
		d->state = DEPLOY_IN_PROGRESS;
		x.unknown_status = status ? status : "(none)";
	}
	d->error = d->error_code = NULL;
	if ((d->state == DEPLOY_FAILED || d->state == DEPLOY_ROLLED_BACK) &&
	    !parse_failure(v, status, reason, a, d, e))
		return false;
	if (!parse_progress(v, a, d, e))
		return false;
	d->finished_s = finished(d->state) ? either(ended, either(stopped, updated)) : TIME_NONE;
	/* One record tells of both: it failed when its rollback began, and that ended later. */
	x.undone_s = TIME_NONE;
	if (d->state == DEPLOY_ROLLED_BACK && undoing != TIME_NONE && d->finished_s != TIME_NONE &&
	    undoing <= d->finished_s) {
		x.undone_s = d->finished_s;
		d->finished_s = undoing;
	}
	d->url = console_url(cfg, cluster, d->service, a);
	*out = x;
	return true;
}

bool ecs_parse_current(const struct jv *v, const struct ecs_service *service,
		       const struct aws_source *cfg, struct arena *a, struct ecs_deployment *out,
		       struct err *e)
{
	struct ecs_deployment x = {.undone_s = TIME_NONE};
	struct rec_deployment *d = &x.d;
	const char *id, *state, *reason;
	int64_t updated, wanted, running;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a deployment");
	if (!json_str(v, "id", a, &id, e) || !json_epoch(v, "createdAt", &d->created_s, e) ||
	    !json_epoch_opt(v, "updatedAt", &updated, e) ||
	    !json_str_opt(v, "rolloutState", a, &state, e) ||
	    !json_str_opt(v, "rolloutStateReason", a, &reason, e) ||
	    !json_i64_opt(v, "desiredCount", &wanted, e) ||
	    !json_i64_opt(v, "runningCount", &running, e))
		return false;
	d->source = cfg->name;
	d->kind = "ecs";
	d->key = arena_printf(a, "%s/%s/%s", service->cluster ? path_base(service->cluster) : "",
			      service->name, path_base(id));
	d->environment = cfg->environment;
	d->service = service->name;
	d->started_s = d->created_s;
	d->detail = "rolling update";
	d->url = console_url(cfg, service->cluster, service->name, a);
	/* Behind a Classic Load Balancer nothing is said: all tasks run, or not yet. */
	if (!state)
		state = wanted != NUM_NONE && running >= wanted ? "COMPLETED" : "IN_PROGRESS";
	if (!strcmp(state, "COMPLETED")) {
		d->state = DEPLOY_SUCCEEDED;
	} else if (!strcmp(state, "FAILED")) {
		d->state = reason && strstr(reason, "rolling back to") ? DEPLOY_ROLLED_BACK
								       : DEPLOY_FAILED;
		d->error_code = state;
		d->error = reason;
	} else {
		d->state = DEPLOY_IN_PROGRESS;
		if (strcmp(state, "IN_PROGRESS") != 0)
			x.unknown_status = state;
	}
	bool near = updated != TIME_NONE && updated - d->created_s <= ROLLING_S;
	d->finished_s = finished(d->state) && near ? updated : TIME_NONE;
	*out = x;
	return true;
}

/* --- images --- */

/* "123456789012.dkr.ecr.eu-west-2.amazonaws.com/web:3dce5c8@sha256:…" in its parts. */
struct image_name {
	const char *repository, *tag; /* tag NULL: none */
	bool own; /* it lies in an ECR of some account */
};

static struct image_name image_name(const char *image, struct arena *a)
{
	struct image_name n = {.own = strstr(image, ".dkr.ecr.") != NULL};
	const char *slash = n.own ? strchr(image, '/') : NULL;
	const char *rest = slash ? slash + 1 : image;
	rest = arena_strndup(a, rest, strcspn(rest, "@"));
	const char *base = path_base(rest), *colon = strchr(base, ':');
	n.tag = colon ? colon + 1 : NULL;
	n.repository = colon ? arena_strndup(a, rest, (size_t)(colon - rest)) : rest;
	return n;
}

static int likeness(const struct image_name *n, const char *container, const char *service,
		    const struct config *cfg)
{
	const struct service *of = service_of_aws(cfg, service);
	int points = n->own ? 4 : 0;
	if (text_eq(n->repository, service) || text_eq(path_base(n->repository), service) ||
	    (of && of == service_of_aws(cfg, n->repository)))
		points += 8;
	if (n->tag && aws_commit_of_tag(n->tag))
		points += 2;
	return points + text_eq(container, service);
}

bool ecs_parse_image(const struct jv *revision, const char *service, const struct config *cfg,
		     struct arena *a, const char **image, const char **sha, struct err *e)
{
	struct jv list;
	int best = -1;
	*image = *sha = NULL;
	if (!json_arr_opt(revision, "containerImages", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *name, *full, *digest;
		if (!json_str_opt(&it, "containerName", a, &name, e) ||
		    !json_str_opt(&it, "image", a, &full, e) ||
		    !json_str_opt(&it, "imageDigest", a, &digest, e))
			return false;
		if (!full && !digest)
			continue;
		struct image_name n = image_name(full ? full : service, a);
		int points = likeness(&n, name, service, cfg);
		if (points <= best)
			continue;
		best = points;
		if (!digest && strchr(full, '@'))
			digest = strchr(full, '@') + 1;
		*image = digest	 ? arena_printf(a, "%s@%s", n.repository, digest)
			 : n.tag ? arena_printf(a, "%s:%s", n.repository, n.tag)
				 : n.repository;
		*sha = n.tag ? aws_commit_of_tag(n.tag) : NULL;
	}
	return true;
}
