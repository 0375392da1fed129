/* What the targets of a deployment tell beyond the deployment: the step it is at or failed in, and
 * how much of the traffic has moved. */
#include "base/text.h"
#include "collect/aws.h"

#include <math.h>

/* The member that holds a target, and its type's name for readers. */
static const struct {
	const char *member, *what;
} kinds[] = {
	{"ecsTarget", "task set"},
	{"lambdaTarget", "function"},
	{"instanceTarget", "instance"},
	{"cloudFormationTarget", "stack"},
};

struct step {
	const char *name, *status, *code, *message;
};

static bool parse_step(const struct jv *v, struct arena *a, struct step *out, struct err *e)
{
	struct jv diagnostics;
	return json_str_opt(v, "lifecycleEventName", a, &out->name, e) &&
	       json_str_opt(v, "status", a, &out->status, e) &&
	       json_obj_opt(v, "diagnostics", &diagnostics, e) &&
	       json_str_opt(&diagnostics, "errorCode", a, &out->code, e) &&
	       json_str_opt(&diagnostics, "message", a, &out->message, e);
}

static double weight_in(const struct jv *v, const char *key)
{
	double w;
	struct err ignored = {0};
	return json_f64_opt(v, key, &w, &ignored) ? w : (double)NAN;
}

/* Per cent of the traffic that goes to the new version; NaN where nothing says. */
static double moved(const struct jv *target, struct arena *a)
{
	struct jv function = json_get(target, "lambdaFunctionInfo"),
		  sets = json_get(target, "taskSetsInfo");
	for (struct jv it = json_first(&sets); it.n; it = json_next(&it)) {
		struct jv label = json_get(&it, "taskSetLabel");
		if (text_ieq(json_text(&label, a), "GREEN"))
			return weight_in(&it, "trafficWeight");
	}
	return weight_in(json_is_obj(&function) ? &function : target, "targetVersionWeight");
}

bool aws_parse_targets(const struct jv *list, struct arena *a, struct code_deploy_steps *out,
		       struct err *e)
{
	struct code_deploy_steps x = {.moved = (double)NAN};
	for (struct jv it = json_first(list); it.n; it = json_next(&it)) {
		struct jv target = {0}, events;
		const char *status;
		for (size_t k = 0; k < ARRAY_SIZE(kinds) && !json_is_obj(&target); k++) {
			target = json_get(&it, kinds[k].member);
			x.what = kinds[k].what;
		}
		if (!json_is_obj(&target))
			continue;
		if (!json_str_opt(&target, "status", a, &status, e) ||
		    !json_arr_opt(&target, "lifecycleEvents", &events, e))
			return false;
		x.targets++;
		x.failed_targets += text_eq(status, "Failed");
		double w = moved(&target, a);
		if (w >= 0)
			x.moved = w;
		for (struct jv ev = json_first(&events); ev.n; ev = json_next(&ev)) {
			struct step s;
			if (!parse_step(&ev, a, &s, e))
				return false;
			if (text_eq(s.status, "Failed") && !x.failed_at) {
				x.failed_at = s.name ? s.name : "a step without a name";
				x.code = text_eq(s.code, "Success") ? NULL : s.code;
				x.message = s.message && *s.message ? s.message : NULL;
			} else if (text_eq(s.status, "InProgress") && !x.at) {
				x.at = s.name;
			}
		}
	}
	*out = x;
	return true;
}

const char *aws_steps_text(const struct code_deploy_steps *x, struct arena *a)
{
	const char *s = x->failed_at ? arena_printf(a, "failed at %s", x->failed_at)
			: x->at	     ? arena_printf(a, "at %s", x->at)
				     : NULL;
	if (x->failed_targets > 0 && x->targets > 1)
		s = arena_printf(a, "%s%s%zu of %zu %ss failed", s ? s : "", s ? ", " : "",
				 x->failed_targets, x->targets, x->what);
	if (x->moved >= 0)
		s = arena_printf(a, "%s%s%.4g %% of traffic on the new version", s ? s : "",
				 s ? ", " : "", x->moved);
	return s;
}
