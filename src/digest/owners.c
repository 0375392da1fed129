#include "digest/owners.h"

#include "base/text.h"
#include "digest/deploy_fold.h"

const char *owner_of(const struct config *cfg, const struct belongs *b, struct arena *scratch)
{
	const struct service *s = b->sentry ? service_of_sentry(cfg, b->sentry) : NULL;
	for (size_t i = 0; b->service && i < cfg->services.n; i++)
		if (text_eq(cfg->services.v[i].name, b->service))
			s = &cfg->services.v[i];
	if (!s && b->repo)
		s = service_of_repo(cfg, b->repo);
	const char *service = b->service ? b->service : s ? s->name : NULL;
	const char *repo = b->repo ? b->repo : s ? s->repository : NULL;
	struct strv names = {0};
	if (b->sentry)
		vec_push(scratch, &names, arena_printf(scratch, "sentry:%s", b->sentry));
	if (repo) {
		vec_push(scratch, &names, arena_printf(scratch, "repo:%s", repo_short(repo)));
		vec_push(scratch, &names, arena_printf(scratch, "repo:%s", repo));
	}
	if (service)
		vec_push(scratch, &names, arena_printf(scratch, "service:%s", service));
	for (size_t i = 0; i < cfg->owners.n; i++)
		for (size_t k = 0; k < names.n; k++)
			if (text_glob_list(&cfg->owners.v[i].items, names.v[k]))
				return cfg->owners.v[i].team;
	return NULL;
}

bool owner_shown(const struct audience *au, const char *team)
{
	if (!au || au->teams.n == 0)
		return true;
	return text_glob_list(&au->teams, team ? team : "");
}
