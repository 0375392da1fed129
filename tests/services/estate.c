#include "services/estate.h"

#include "base/text.h"

uint64_t rng_next(struct rng *r)
{ /* splitmix64 */
	uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int64_t rng_n(struct rng *r, int64_t n)
{
	BUG_ON(n <= 0);
	return (int64_t)(rng_next(r) % (uint64_t)n);
}

int64_t rng_in(struct rng *r, int64_t low, int64_t high)
{
	return low + rng_n(r, high - low + 1);
}

bool rng_p(struct rng *r, int percent)
{
	return rng_n(r, 100) < percent;
}

const char *estate_sha(struct estate *s, struct rng *r)
{
	return arena_printf(&s->a, "%016llx%016llx%08x", (unsigned long long)rng_next(r),
			    (unsigned long long)rng_next(r), (unsigned)rng_next(r));
}

int64_t estate_at(const struct estate *s, int w, int day, int minute)
{
	return week_day(s->zone, &s->week[w], day) + (int64_t)minute * 60;
}

int estate_repo(const struct estate *s, const char *name)
{
	for (size_t i = 0; i < s->repos.n; i++)
		if (text_eq(s->repos.v[i].name, name))
			return (int)i;
	BUG_ON(true);
}

const char *estate_env(int env)
{
	static const char *const names[] = {"production", "staging", "development"};
	return env < 0 ? "other" : names[env];
}

bool estate_run_failed(const char *c)
{
	return text_eq(c, "failure") || text_eq(c, "timed_out") || text_eq(c, "startup_failure");
}

const char *estate_tool(enum scan_tool t)
{
	static const char *const names[] = {"zap", "bandit", "npm-audit", "checkov", "semgrep"};
	return names[t];
}

bool estate_make(const char *week, uint64_t seed, struct estate *out, struct err *e)
{
	struct estate s = {.seed = seed};
	struct week newest;
	if (!zone_open("Europe/London", &s.zone, e))
		return false;
	if (!week_parse(s.zone, week, 0, &newest, e)) {
		zone_free(s.zone);
		return false;
	}
	for (int i = 0; i < ESTATE_WEEKS; i++)
		s.week[i] = week_add(s.zone, &newest, i - (ESTATE_WEEKS - 1));
	s.now_s = newest.to_s + (int64_t)(10 * 60 + 30) * 60;
	*out = s;
	estate_ci(out);
	estate_deploys(out);
	estate_errors(out);
	estate_scans(out);
	estate_alerts(out);
	estate_watch(out);
	return true;
}

void estate_free(struct estate *s)
{
	zone_free(s->zone);
	arena_release(&s->a);
}
