#include "digest/numbers.h"

#include "base/text.h"
#include "digest/stats.h"

#include <math.h>

enum nature {
	EVENTS, /* things that happened: a range by quasi-Poisson */
	LEVEL, /* how many there are: by moving range */
	DURATION, /* seconds, and what dashboards show: by moving range */
	PLAIN, /* no range: a rate, or what no history can say */
};
static const struct {
	const char *id;
	enum nature nature;
} contract[] = {
	{"errors.new", EVENTS},
	{"errors.regressed", EVENTS},
	{"errors.escalating", EVENTS},
	{"errors.resolved", EVENTS},
	{"errors.unresolved", LEVEL},
	{"errors.events", EVENTS},
	{"errors.users", EVENTS},
	{"deployments.total", EVENTS},
	{"deployments.succeeded", EVENTS},
	{"deployments.failed", EVENTS},
	{"deployments.rolled_back", EVENTS},
	{"deployments.in_progress", PLAIN},
	{"deployments.lead_time_s", DURATION},
	{"deployments.recovery_s", DURATION},
	{"deployments.change_fail_rate", PLAIN},
	{"ci.runs", EVENTS},
	{"ci.succeeded", EVENTS},
	{"ci.failed", EVENTS},
	{"ci.real", EVENTS},
	{"ci.flaky", EVENTS},
	{"ci.infrastructure", EVENTS},
	{"ci.cancelled", EVENTS},
	{"ci.undecided", EVENTS},
	{"ci.failing_now", LEVEL},
	{"ci.recovered", EVENTS},
	{"ci.stopped", LEVEL},
	{"ci.time_to_green_s", DURATION},
	{"ci.data_processing.failed", EVENTS},
	{"ci.data_processing.real", EVENTS},
	{"ci.data_processing.flaky", EVENTS},
	{"security.new", EVENTS},
	{"security.fixed", EVENTS},
	{"security.reopened", EVENTS},
	{"security.outstanding", LEVEL},
	{"security.held", LEVEL},
	{"security.overdue", LEVEL},
	{"security.outstanding.critical", LEVEL},
	{"security.outstanding.high", LEVEL},
	{"security.outstanding.medium", LEVEL},
	{"security.outstanding.low", LEVEL},
	{"security.outstanding.info", LEVEL},
	{"security.scans", EVENTS},
	{"security.scans_failed", EVENTS},
	{"security.scans_missing", EVENTS},
};

void numbers_add(struct digest_numbers *n, const char *id, struct arena *a)
{
	for (size_t i = 0; i < n->list.n; i++)
		if (!strcmp(n->list.v[i].id, id))
			return;
	vec_push(a, &n->list, ((struct number){.id = id, .value = NAN, .low = NAN, .high = NAN}));
	vec_push(a, &n->blind, false);
}

void numbers_start(struct digest_numbers *n, const struct config *cfg, const struct strv *tools,
		   struct arena *a)
{
	static const char *const per_tool[] = {"new", "fixed", "outstanding", "held"};
	for (size_t i = 0; i < ARRAY_SIZE(contract); i++)
		numbers_add(n, contract[i].id, a);
	for (size_t i = 0; i < cfg->environments.n; i++)
		numbers_add(n, arena_printf(a, "deployments.%s.total", cfg->environments.v[i]), a);
	numbers_add(n, "deployments.other.total", a);
	for (size_t i = 0; i < tools->n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(per_tool); k++)
			numbers_add(
				n, arena_printf(a, "security.tool.%s.%s", tools->v[i], per_tool[k]),
				a);
	for (size_t i = 0; i < cfg->services.n; i++)
		numbers_add(n, arena_printf(a, "availability.%s.percent", cfg->services.v[i].name),
			    a);
}

static size_t index_of(const struct digest_numbers *n, const char *id)
{
	for (size_t i = 0; i < n->list.n; i++)
		if (!strcmp(n->list.v[i].id, id))
			return i;
	BUG_ON(true);
	return 0;
}

void numbers_set(struct digest_numbers *n, const char *id, double v)
{
	n->list.v[index_of(n, id)].value = v;
}

void numbers_set_i64(struct digest_numbers *n, const char *id, int64_t v)
{
	numbers_set(n, id, v == NUM_NONE ? NAN : (double)v);
}

void numbers_blind(struct digest_numbers *n, const char *id)
{
	n->blind.v[index_of(n, id)] = true;
}

const struct number *numbers_get(const struct digest_numbers *n, const char *id)
{
	return &n->list.v[index_of(n, id)];
}

bool numbers_known(const struct digest_numbers *n, const char *id)
{
	const struct number *x = numbers_get(n, id);
	return !isnan(x->value) && !x->incomplete;
}

double numbers_then(const struct history_week *w, const char *id, bool *incomplete)
{
	for (size_t i = 0; i < w->numbers.n; i++) {
		if (!strcmp(w->numbers.v[i].id, id)) {
			*incomplete = w->numbers.v[i].incomplete;
			return w->numbers.v[i].value;
		}
	}
	*incomplete = false;
	return NAN;
}

static enum nature nature_of(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(contract); i++)
		if (!strcmp(contract[i].id, id))
			return contract[i].nature;
	if (text_starts(id, "deployments."))
		return EVENTS;
	if (text_starts(id, "security.tool."))
		return text_glob("*.outstanding", id) || text_glob("*.held", id) ? LEVEL : EVENTS;
	if (text_starts(id, "metrics."))
		return DURATION;
	return PLAIN;
}

static void compare(struct number *n, const struct history *h)
{
	double weeks[STATS_MAX_WEEKS], recent = 0;
	size_t k = 0;
	for (size_t i = 0; i < h->n && k < STATS_MAX_WEEKS; i++) {
		bool incomplete;
		double v = numbers_then(&h->v[i], n->id, &incomplete);
		if (isnan(v) || incomplete)
			continue;
		if (k < 3)
			recent += v;
		weeks[k++] = v;
	}
	struct usual u = {NAN, NAN};
	switch (nature_of(n->id)) {
	case EVENTS:
		u = stats_usual_count(weeks, k);
		break;
	case LEVEL:
		u = stats_usual_level(weeks, k, true);
		break;
	case DURATION:
		u = stats_usual_level(weeks, k, false);
		break;
	case PLAIN:
		break;
	}
	n->low = u.low, n->high = u.high;
	enum mark m = n->incomplete ? MARK_NONE : stats_mark(n->value, u, recent);
	n->mark = m == MARK_UP ? "up" : m == MARK_DOWN ? "down" : NULL;
}

void numbers_finish(struct digest_numbers *n, const struct coverage *c, const struct config *cfg,
		    const struct history *h)
{
	for (size_t i = 0; i < n->list.n; i++) {
		struct number *x = &n->list.v[i];
		struct feed f = coverage_feed(c, cfg, x->id);
		if (f.complete + f.partial == 0 && f.failed > 0)
			x->value = NAN;
		x->incomplete = f.partial + f.failed > 0 || n->blind.v[i];
		compare(x, h);
	}
}

void numbers_ids(const struct digest_numbers *n, struct arena *a, struct strv *out)
{
	for (size_t i = 0; i < n->list.n; i++)
		vec_push(a, out, n->list.v[i].id);
}
