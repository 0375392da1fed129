#include "model/config.h"

#include "base/text.h"

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
