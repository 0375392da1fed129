#include "services/aws.h"

#include "base/text.h"

/* CodeDeploy's targets: one ECS service a deployment, with the step it is at or failed in. */

static const struct dep *dep_of(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv v = json_get(&c->in, "deploymentId");
	const char *id = json_text(&v, c->a);
	for (size_t i = 0; i < s->deps.n; i++)
		if (s->deps.v[i].env == c->env && text_eq(s->deps.v[i].id, id))
			return &s->deps.v[i];
	aws_fail(c->q, c->r, 400, "DeploymentDoesNotExistException", "No Deployment found");
	return NULL;
}

void codedeploy_list_targets(struct call *c)
{
	const struct dep *d = dep_of(c);
	if (!d)
		return;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(jw_add_arr(o, "targetIds"), NULL,
	       arena_printf(c->a, "%s:%s", estate_env(c->env),
			    c->q->c->estate->repos.v[d->repo].name));
	answer_json(c->q, c->r, o);
}

static void step(struct jw *list, const char *name, const char *status)
{
	struct jw *w = jw_add_obj(list, NULL);
	jw_str(w, "lifecycleEventName", name);
	jw_str(w, "status", status);
}

void codedeploy_get_targets(struct call *c)
{
	const struct dep *d = dep_of(c);
	if (!d)
		return;
	bool over = d->finished_s != 0, failed = over && d->state != DEP_SUCCEEDED;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *w = jw_add_obj(jw_add_arr(o, "deploymentTargets"), NULL);
	jw_str(w, "deploymentTargetType", "ECSTarget");
	w = jw_add_obj(w, "ecsTarget");
	jw_str(w, "deploymentId", d->id);
	jw_str(w, "status", failed ? "Failed" : over ? "Succeeded" : "InProgress");
	struct jw *steps = jw_add_arr(w, "lifecycleEvents");
	step(steps, "Install", "Succeeded");
	step(steps, "AllowTraffic", failed ? "Failed" : over ? "Succeeded" : "InProgress");
	struct jw *sets = jw_add_arr(w, "taskSetsInfo"), *green = jw_add_obj(sets, NULL);
	jw_str(green, "identifer", "ecs-svc/1234567890123456789"); /* spelled as the service does */
	jw_str(green, "taskSetLabel", "Green");
	jw_f64(green, "trafficWeight", over && !failed ? 100.0 : 10.0);
	answer_json(c->q, c->r, o);
}
