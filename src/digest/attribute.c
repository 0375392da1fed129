#include "digest/attribute.h"

#include "base/text.h"

#define DAY_S  86400
#define HOUR_S 3600

const char *strength_name(enum strength s)
{
	static const char *const names[] = {NULL, "certain", "strong", "shared", "weak"};
	BUG_ON((size_t)s >= ARRAY_SIZE(names));
	return names[s];
}

/* Releases are written "9f3c2e1", "main@9f3c2e1…" or "main-9f3c2e1": the last word is the version.
 */
static bool names_release(const char *release, const struct deploy *d)
{
	if (!release)
		return false;
	if (text_eq(release, d->d->ref) || text_eq(release, d->d->image))
		return true;
	const char *version = release;
	for (const char *p = release; *p; p++)
		if (strchr("@-+/:", *p) && p[1])
			version = p + 1;
	return sha_same(version, d->sha) || sha_same(release, d->sha);
}

static bool of_service(const struct config *cfg, const struct rec_issue *i, const struct deploy *d)
{
	const struct service *s = service_of_sentry(cfg, i->project);
	if (s)
		return text_eq(s->name, d->service);
	return i->project &&
	       (text_ieq(i->project, d->service) || text_ieq(i->project, repo_short(d->repo)));
}

/* Since when the new version can have answered. Blue/green moves traffic before the deployment
 * ends, so an error may begin while it still runs. */
static int64_t live_since(const struct deploy *d, int64_t began_s)
{
	if (d->state == DEPLOY_WAITING)
		return TIME_NONE;
	if (d->finished_s != TIME_NONE && d->finished_s <= began_s)
		return d->finished_s;
	return d->started_s <= began_s ? d->started_s : TIME_NONE;
}

struct attribution attribute(const struct config *cfg, const struct rec_issue *i, int64_t began_s,
			     const struct deploys *all)
{
	struct attribution best = {STRENGTH_NONE, NULL, 0};
	if (began_s == TIME_NONE)
		return best;
	const char *environment = i->environment	? config_environment(cfg, i->environment)
				  : cfg->environments.n ? cfg->environments.v[0]
							: NULL;
	size_t within_hour = 0;
	int64_t best_live = TIME_NONE;
	for (size_t k = 0; k < all->n; k++) {
		const struct deploy *d = &all->v[k];
		int64_t live = live_since(d, began_s);
		if (live == TIME_NONE || live <= began_s - DAY_S || !of_service(cfg, i, d) ||
		    !text_eq(d->environment, environment))
			continue;
		within_hour += began_s - live <= HOUR_S;
		bool certain = names_release(i->release, d);
		if (best.strength == STRENGTH_CERTAIN && !certain)
			continue;
		if (certain && best.strength != STRENGTH_CERTAIN)
			best_live = TIME_NONE;
		if (best_live == TIME_NONE || live >= best_live) {
			best_live = live;
			best = (struct attribution){certain ? STRENGTH_CERTAIN : STRENGTH_WEAK, d,
						    (began_s - live) / 60};
		}
	}
	if (best.strength == STRENGTH_WEAK && within_hour > 0)
		best.strength = within_hour == 1 ? STRENGTH_STRONG : STRENGTH_SHARED;
	return best;
}
