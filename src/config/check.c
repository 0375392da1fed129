#include "config/check.h"

#include "base/text.h"

/* The value of a key of a mapping; NULL when absent, or map is. */
static const struct ynode *get(const struct ynode *map, const char *key)
{
	for (size_t i = 0; map && i < map->n; i++)
		if (!strcmp(map->keys[i]->text, key))
			return map->v[i];
	return NULL;
}

/* Exactly one of the keys (NULL-terminated) stands in the mapping. */
static bool exactly_one(const struct value_reader *r, const struct ynode *map,
			const char *const *keys, struct err *e)
{
	const struct ynode *first = NULL;
	const char *names = "";
	for (size_t i = 0; keys[i]; i++)
		names = arena_printf(r->a, "%s%s\"%s\"", names, i ? ", " : "", keys[i]);
	for (size_t i = 0; i < map->n; i++) {
		for (size_t k = 0; keys[k]; k++) {
			if (strcmp(map->keys[i]->text, keys[k]) != 0)
				continue;
			if (first)
				return value_wrong(
					r, map->keys[i], e,
					"\"%s\" stands beside \"%s\" of line %zu; allowed: exactly "
					"one of %s",
					keys[k], first->text, first->line, names);
			first = map->keys[i];
		}
	}
	return first || value_wrong(r, map, e, "one is missing; allowed: exactly one of %s", names);
}

static bool check_slack(const struct value_reader *r, const struct ynode *map, struct err *e)
{
	const struct ynode *channel = get(map, "channel"), *token = get(map, "token");
	if (!map)
		return true;
	if (get(map, "webhook")) {
		if (channel || token)
			return value_wrong(r, channel ? channel : token, e,
					   "a webhook has its own channel and needs no token; "
					   "allowed: webhook, or channel and token");
		return true;
	}
	return (channel && token) ||
	       value_wrong(r, map, e, "\"%s\" is missing; allowed: channel and token, or webhook",
			   channel ? "token" : "channel");
}

static bool check_email(const struct value_reader *r, const struct ynode *map,
			const struct email_target *m, struct err *e)
{
	const struct ynode *user = get(map, "user"), *password = get(map, "password");
	if (!map)
		return true;
	if (!user != !password)
		return value_wrong(r, user ? user : password, e,
				   "\"%s\" needs \"%s\" beside it; allowed: both or neither",
				   user ? "user" : "password", user ? "password" : "user");
	if (m->tls == TLS_NONE && text_starts(m->smtp, "smtps:"))
		return value_wrong(r, get(map, "tls"), e,
				   "\"tls: none\" contradicts smtps://; allowed: required");
	if (m->tls == TLS_NONE && !value_loopback(m->smtp))
		return value_wrong(r, get(map, "tls"), e,
				   "without TLS mail and password would be readable on the way; "
				   "allowed: required, or none for localhost, 127.x.x.x and [::1]");
	return true;
}

/* Source names are unique over all kinds: ledger and status know a source by its name. */
static bool check_names(const struct value_reader *r, const struct ynode *sources, struct err *e)
{
	VEC(const struct ynode *) seen = {0};
	for (size_t i = 0; sources && i < sources->n; i++) {
		for (size_t j = 0; j < sources->v[i]->n; j++) {
			const struct ynode *name = get(sources->v[i]->v[j], "name");
			for (size_t k = 0; k < seen.n; k++)
				if (!strcmp(seen.v[k]->text, name->text))
					return value_wrong(
						r, name, e,
						"a source called \"%s\" stands in line %zu "
						"already; "
						"allowed: a name of its own for every source",
						name->text, seen.v[k]->line);
			vec_push(r->a, &seen, name);
		}
	}
	return true;
}

/* One key of a list's entries holds each value once. */
static bool check_unique(const struct value_reader *r, const struct ynode *list, const char *key,
			 struct err *e)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct ynode *x = get(list->v[i], key);
		for (size_t j = 0; j < i; j++) {
			const struct ynode *y = get(list->v[j], key);
			if (text_ieq(x->text, y->text))
				return value_wrong(r, x, e,
						   "\"%s\" stands in line %zu already; allowed: "
						   "each %s once",
						   x->text, y->line, key);
		}
	}
	return true;
}

static bool check_github(const struct value_reader *r, const struct ynode *list, struct err *e)
{
	static const char *const who[] = {"organisation", "user", NULL};
	static const char *const how[] = {"token", "tokens", "app", NULL};
	for (size_t i = 0; list && i < list->n; i++)
		if (!exactly_one(r, list->v[i], who, e) || !exactly_one(r, list->v[i], how, e))
			return false;
	return true;
}

static bool check_aws(const struct value_reader *r, const struct ynode *list, struct err *e)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct ynode *id = get(list->v[i], "external_id"),
				   *role = get(list->v[i], "role_arn");
		if (id && !role)
			return value_wrong(r, id, e,
					   "\"external_id\" is used to assume a role; allowed: "
					   "only beside role_arn");
		if (role && !text_starts(role->text, "arn:"))
			return value_wrong(r, role, e,
					   "\"role_arn\" is no ARN; allowed: "
					   "arn:aws:iam::ACCOUNT:role/NAME");
	}
	return true;
}

static bool check_aliases(const struct value_reader *r, const struct ynode *list,
			  const struct config *cfg, struct err *e)
{
	for (size_t i = 0; i < cfg->aliases.n; i++) {
		const struct environment_alias *x = &cfg->aliases.v[i];
		const char *names = "";
		bool there = false, shadows = false;
		for (size_t k = 0; k < cfg->environments.n; k++) {
			const char *name = cfg->environments.v[k];
			there |= !strcmp(name, x->environment);
			shadows |= text_ieq(name, x->alias);
			names = arena_printf(r->a, "%s%s%s", names, k ? ", " : "", name);
		}
		if (!there)
			return value_wrong(r, get(list->v[i], "environment"), e,
					   "\"%s\" is none of environments; allowed: %s",
					   x->environment, names);
		if (shadows)
			return value_wrong(r, get(list->v[i], "alias"), e,
					   "\"%s\" is an environment itself; allowed: another name",
					   x->alias);
	}
	return true;
}

static bool check_retention(const struct value_reader *r, const struct ynode *map,
			    const struct config *cfg, struct err *e)
{
	/* "failing now" looks back 30 days from the week's end, a catch-up adds a week or more. */
	int days = cfg->retention.raw_days;
	return days == 0 || days >= 45 ||
	       value_wrong(r, get(map, "raw_days"), e,
			   "\"raw_days\" of %d would delete what the next digest still needs; "
			   "allowed: 0 (for ever), or 45 and more",
			   days);
}

bool config_check(const struct value_reader *r, const struct ynode *root, const struct config *cfg,
		  struct err *e)
{
	const struct ynode *sources = get(root, "sources"), *audiences = get(root, "audiences"),
			   *op = get(root, "operator");
	if (!check_names(r, sources, e) || !check_github(r, get(sources, "github"), e) ||
	    !check_aws(r, get(sources, "aws"), e) ||
	    !check_unique(r, get(root, "services"), "name", e) ||
	    !check_unique(r, get(root, "owners"), "team", e) ||
	    !check_unique(r, audiences, "name", e) ||
	    !check_unique(r, get(root, "environment_aliases"), "alias", e) ||
	    !check_aliases(r, get(root, "environment_aliases"), cfg, e) ||
	    !check_retention(r, get(root, "retention"), cfg, e))
		return false;
	for (size_t i = 0; audiences && i < audiences->n; i++)
		if (!check_slack(r, get(audiences->v[i], "slack"), e) ||
		    !check_email(r, get(audiences->v[i], "email"), &cfg->audiences.v[i].email, e))
			return false;
	return check_slack(r, get(op, "slack"), e) &&
	       check_email(r, get(op, "email"), &cfg->operator_.email, e);
}
