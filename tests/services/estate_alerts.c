#include "services/estate.h"

#include "base/text.h"

/* Alerts that GitHub keeps. Dependabot: every repository that is neither archived nor closed, some
 * alerts older than the estate, some dismissed. Secret scanning: two leaked keys, one revoked, one
 * a false positive. Code scanning: the services, of which tiles was never scanned. */

static const struct {
	const char *title, *what, *severity;
} advisories[] = {
	{"Denial of service in django", "django", "high"},
	{"Request smuggling in gunicorn", "gunicorn", "medium"},
	{"Prototype pollution in lodash", "lodash", "critical"},
	{"Open redirect in werkzeug", "werkzeug", "low"},
	{"Regular expression denial of service in semver", "semver", "high"},
	{"Cross-site scripting in jinja2", "jinja2", "medium"},
};
static const struct {
	const char *title, *what, *severity;
} rules[] = {
	{"Arbitrary file write during extraction", "py/zipslip", "high"},
	{"Clear-text logging of sensitive information", "py/clear-text-logging", "medium"},
	{"Unused variable", "py/unused-local-variable", "low"},
};

/* Fixed or dismissed some weeks later, or still open. */
static void live(struct estate *s, struct rng *r, struct galert *x)
{
	int64_t day_s = 86400, end_s = s->week[ESTATE_WEEKS - 1].to_s - 2 * day_s;
	int64_t closed_s = x->created_s + rng_in(r, 1, 80) * day_s + rng_n(r, day_s);
	int how = (int)rng_n(r, 10);
	if (closed_s >= end_s || how >= 7)
		return;
	x->closed_s = closed_s;
	x->state = how < 5 ? "fixed" : how == 5 ? "dismissed" : "auto_dismissed";
	if (x->kind == ALERTS_CODE && how == 6)
		x->state = "dismissed";
}

static void add(struct estate *s, struct rng *r, enum alerts kind, int repo, int64_t number,
		const char *title, const char *what, const char *severity)
{
	int64_t span_s = s->week[ESTATE_WEEKS - 1].to_s - s->week[0].from_s;
	struct galert x = {.kind = kind,
			   .repo = repo,
			   .number = number,
			   .title = title,
			   .what = what,
			   .severity = severity,
			   .state = "open"};
	/* from five weeks before the estate to a day before its end */
	x.created_s = s->week[0].from_s - 35 * 86400 + rng_n(r, span_s + 34 * 86400);
	if (kind != ALERTS_SECRET)
		live(s, r, &x);
	vec_push(&s->a, &s->alerts, x);
}

void estate_alerts(struct estate *s)
{
	struct rng r = {s->seed ^ 0x616c};
	for (int i = 0; i < (int)s->repos.n; i++) {
		const struct repo *repo = &s->repos.v[i];
		if (repo->archived || repo->closed)
			continue;
		int64_t n = rng_n(&r, 6);
		for (int64_t k = 0; k < n; k++) {
			size_t w = (size_t)rng_n(&r, (int64_t)ARRAY_SIZE(advisories));
			add(s, &r, ALERTS_DEPENDABOT, i, k + 1, advisories[w].title,
			    advisories[w].what, advisories[w].severity);
		}
		for (size_t k = 0;
		     k < ARRAY_SIZE(rules) && repo->service && strcmp(repo->name, "tiles") != 0;
		     k++)
			add(s, &r, ALERTS_CODE, i, (int64_t)k + 1, rules[k].title, rules[k].what,
			    rules[k].severity);
	}
	static const char *const leaks[] = {"web", "config"};
	for (size_t i = 0; i < ARRAY_SIZE(leaks); i++)
		for (int k = 0; k < 2; k++) {
			add(s, &r, ALERTS_SECRET, estate_repo(s, leaks[i]), k + 1, "AWS access key",
			    "aws_access_key_id", i ? "critical" : "high");
			struct galert *x = &s->alerts.v[s->alerts.n - 1];
			if (k == 0) {
				x->state = i ? "false_positive" : "revoked";
				x->closed_s = x->created_s + 40000;
			}
		}
}
