#include "model/config.h"

#include "base/text.h"
#include "model/record.h"

const char *config_environment(const struct config *c, const char *e)
{
	if (!e)
		return NULL;
	for (size_t i = 0; i < c->aliases.n; i++)
		if (text_ieq(c->aliases.v[i].alias, e))
			return c->aliases.v[i].environment;
	for (size_t i = 0; i < c->environments.n; i++)
		if (text_ieq(c->environments.v[i], e))
			return c->environments.v[i];
	return e;
}

int config_environment_rank(const struct config *c, const char *e)
{
	const char *name = config_environment(c, e);
	for (size_t i = 0; name && i < c->environments.n; i++)
		if (text_eq(c->environments.v[i], name))
			return (int)i;
	return -1;
}

const struct service *service_of_aws(const struct config *cfg, const char *name)
{
	for (size_t i = 0; name && i < cfg->services.n; i++)
		if (text_glob_list(&cfg->services.v[i].aws, name))
			return &cfg->services.v[i];
	return NULL;
}

const struct service *service_of_repo(const struct config *cfg, const char *repo)
{
	for (size_t i = 0; repo && i < cfg->services.n; i++) {
		const char *r = cfg->services.v[i].repository;
		if (r && (text_ieq(r, repo) || text_ieq(r, repo_short(repo))))
			return &cfg->services.v[i];
	}
	return NULL;
}

const struct service *service_of_sentry(const struct config *cfg, const char *project)
{
	for (size_t i = 0; project && i < cfg->services.n; i++)
		if (text_glob_list(&cfg->services.v[i].sentry, project))
			return &cfg->services.v[i];
	return NULL;
}
