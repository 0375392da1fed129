#include "config/load.h"

#include <limits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config/check.h"

#define FILE_BYTES ((size_t)1024 * 1024) /* the first user's file has 4 KB */

bool config_find(const char *given, struct arena *a, const char **path, struct err *e)
{
	if (given) {
		if (!file_exists(given))
			return err_set(e, ERR_CONFIG, "there is no configuration \"%s\"", given);
		*path = given;
		return true;
	}
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (!xdg || xdg[0] != '/') /* the XDG specification: a relative one is ignored */
		xdg = home && *home ? path_join(a, home, ".config") : NULL;
	const char *places[] = {"sitrep.yaml", xdg ? path_join(a, xdg, "sitrep/sitrep.yaml") : NULL,
				"/etc/sitrep/sitrep.yaml"};
	const char *looked = "";
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i])
			continue;
		if (file_exists(places[i])) {
			*path = places[i];
			return true;
		}
		looked = arena_printf(a, "%s%s%s", looked, *looked ? ", " : "", places[i]);
	}
	return err_set(e, ERR_CONFIG,
		       "no configuration found; looked at: %s; name one with -c, or write one with "
		       "\"sitrep init\"",
		       looked);
}

/* Edits that make one word the other: insert, delete, replace, swap two neighbours. */
static size_t distance(const char *x, size_t n, const char *y, size_t m)
{
	size_t d[40][40];
	if (n >= 40 || m >= 40)
		return SIZE_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			size_t same = x[i - 1] != y[j - 1];
			d[i][j] = MIN(MIN(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
			if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
				d[i][j] = MIN(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

static bool unknown(const struct value_reader *r, const char *parent, const struct ynode *key,
		    struct err *e)
{
	const struct config_key *best = NULL;
	size_t near = SIZE_MAX, len;
	const char *names = "";
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		if (!config_key_below(k, parent))
			continue;
		const char *name = config_key_name(k, &len);
		size_t d = distance(key->text, strlen(key->text), name, len);
		if (d < near) {
			near = d;
			best = k;
		}
		names = arena_printf(r->a, "%s%s%.*s", names, *names ? ", " : "", (int)len, name);
	}
	const char *guess = "";
	if (best && near <= MAX(strlen(key->text) / 3, (size_t)1)) {
		const char *name = config_key_name(best, &len);
		guess = arena_printf(r->a, ", did you mean \"%.*s\"?", (int)len, name);
	}
	return value_wrong(r, key, e, "unknown key \"%s\"%s%s%s%s; allowed: %s",
			   text_line(r->a, key->text, 40), *parent ? " in \"" : "", parent,
			   *parent ? "\"" : "", guess, names);
}

static const struct config_key *find(const char *parent, const char *name)
{
	for (size_t i = 0; i < config_keys_n; i++) {
		size_t len;
		const char *own = config_key_name(&config_keys[i], &len);
		if (strlen(name) == len && !strncmp(own, name, len) &&
		    config_key_below(&config_keys[i], parent))
			return &config_keys[i];
	}
	return NULL;
}

static bool read_map(const struct value_reader *r, const struct ynode *map, const char *parent,
		     char *base, struct err *e);

static bool wrong_shape(const struct value_reader *r, const struct config_key *k,
			const struct ynode *v, struct err *e)
{
	size_t len;
	const char *name = config_key_name(k, &len);
	return value_wrong(r, v, e, "\"%.*s\" %s %s; allowed: %s", (int)len, name,
			   ynode_is_null(v) ? "has no value, it is a" : "must be a",
			   config_key_type(k), config_key_allowed(k, r->a));
}

static bool read_groups(const struct value_reader *r, const struct config_key *k,
			const struct ynode *v, void *vec, struct err *e)
{
	if (v->kind != YNODE_LIST)
		return wrong_shape(r, k, v, e);
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i]->kind != YNODE_MAP)
			return value_wrong(r, v->v[i], e,
					   "an entry of \"%s\" must be a mapping; allowed: keys, "
					   "each with its value",
					   k->path);
		if (!read_map(r, v->v[i], k->path, value_push(r->a, vec, k->size), e))
			return false;
	}
	return true;
}

static bool read_key(const struct value_reader *r, const struct config_key *k,
		     const struct ynode *v, char *base, struct err *e)
{
	if (k->type == KEY_GROUPS)
		return read_groups(r, k, v, base + k->offset, e);
	if (k->type != KEY_GROUP)
		return value_read(r, k, v, base + k->offset, e);
	if (v->kind != YNODE_MAP)
		return wrong_shape(r, k, v, e);
	if (!read_map(r, v, k->path, base, e))
		return false;
	if (k->offset != KEY_NOWHERE)
		memcpy(base + k->offset, &(bool){true}, sizeof(bool));
	return true;
}

/* A default is read like a value from a file. */
static bool read_default(const struct value_reader *r, const struct config_key *k, char *base,
			 struct err *e)
{
	const struct ynode *v;
	if (!k->def)
		return true;
	bool ok = yaml_parse(k->def, strlen(k->def), "default", r->a, &v, e) &&
		  value_read(r, k, v, base + k->offset, e);
	BUG_ON(!ok);
	return true;
}

/* map NULL: a group that was not given; only its defaults are set. */
static bool read_absent(const struct value_reader *r, const struct ynode *map, const char *parent,
			char *base, struct err *e)
{
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		bool given = false;
		size_t len;
		if (!config_key_below(k, parent))
			continue;
		const char *name = config_key_name(k, &len);
		for (size_t j = 0; map && j < map->n && !given; j++)
			given = strlen(map->keys[j]->text) == len &&
				!strncmp(map->keys[j]->text, name, len);
		if (given)
			continue;
		if (map && k->need == KEY_REQUIRED)
			return value_wrong(r, map, e, "\"%.*s\"%s%s%s is missing; allowed: %s",
					   (int)len, name, *parent ? " of \"" : "", parent,
					   *parent ? "\"" : "", config_key_allowed(k, r->a));
		bool ok = k->type == KEY_GROUP ? read_absent(r, NULL, k->path, base, e)
					       : read_default(r, k, base, e);
		if (!ok)
			return false;
	}
	return true;
}

static bool read_map(const struct value_reader *r, const struct ynode *map, const char *parent,
		     char *base, struct err *e)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *key = map->keys[i];
		for (size_t j = 0; j < i; j++)
			if (!strcmp(map->keys[j]->text, key->text))
				return value_wrong(r, key, e,
						   "\"%s\" stands in line %zu already; allowed: "
						   "each key once",
						   text_line(r->a, key->text, 40),
						   map->keys[j]->line);
		const struct config_key *k = find(parent, key->text);
		if (!k)
			return unknown(r, parent, key, e);
		/* Without a value the key is the place to look at. */
		struct ynode v = *map->v[i];
		if (ynode_is_null(&v)) {
			v.line = key->line;
			v.column = key->column;
		}
		if (!read_key(r, k, &v, base, e))
			return false;
	}
	return read_absent(r, map, parent, base, e);
}

/* The absolute folder of the file. */
static const char *folder(const char *path, struct arena *a)
{
	const char *dir = path_dir(a, path);
	char real[PATH_MAX];
	if (realpath(dir, real))
		return arena_strdup(a, real);
	/* Of a file that does not exist (tests, init). */
	return getcwd(real, sizeof real) ? path_join(a, arena_strdup(a, real), dir) : dir;
}

/* Without audiences there is one that is only archived. */
static void everyone(struct arena *a, struct config *cfg)
{
	struct audience all = {.name = "everyone", .detail = DETAIL_FULL};
	vec_push(a, &all.teams, "*");
	if (cfg->audiences.n == 0)
		vec_push(a, &cfg->audiences, all);
}

bool config_parse(const char *path, const char *text, size_t len, struct arena *a,
		  struct config *out, struct err *e)
{
	struct config cfg = {.path = arena_strdup(a, path)};
	struct value_reader r = {
		.a = a, .file = path, .dir = folder(path, a), .secrets = &cfg.secrets};
	const struct ynode *root;
	if (!yaml_parse(text, len, path, a, &root, e))
		return false;
	if (!root)
		return err_set(e, ERR_CONFIG,
			       "%s: the file is empty; \"sitrep init\" writes one to start from",
			       path);
	if (root->kind != YNODE_MAP)
		return value_wrong(&r, root, e,
				   "the file must hold keys; allowed: \"key: value\" lines");
	if (!read_map(&r, root, "", (char *)&cfg, e) || !config_check(&r, root, &cfg, e))
		return false;
	everyone(a, &cfg);
	*out = cfg;
	return true;
}

bool config_load(const char *path, struct arena *a, struct config *out, struct err *e)
{
	const char *text;
	size_t len;
	struct err why = {0};
	if (!file_read(path, FILE_BYTES, a, &text, &len, &why))
		return err_set(e, ERR_CONFIG, "configuration: %s", why.msg);
	return config_parse(path, text, len, a, out, e);
}
