/* Writing JSON: the second half of json.h. */
#include "lib/json.h"

#include "base/parse.h"
#include "base/text.h"

#include <cjson/cJSON.h>
#include <math.h>

/* struct jw is cJSON by another name: callers cannot reach into it. */
static cJSON *node(struct jw *w)
{
	return (cJSON *)w;
}

static cJSON *put(struct jw *o, const char *key, cJSON *item)
{
	BUG_ON(!item);
	BUG_ON(!(key ? cJSON_AddItemToObject(node(o), key, item)
		     : cJSON_AddItemToArray(node(o), item)));
	return item;
}

struct jw *jw_obj(void)
{
	cJSON *c = cJSON_CreateObject();
	BUG_ON(!c);
	return (struct jw *)c;
}

struct jw *jw_arr(void)
{
	cJSON *c = cJSON_CreateArray();
	BUG_ON(!c);
	return (struct jw *)c;
}

void jw_free(struct jw *root)
{
	cJSON_Delete((cJSON *)root);
}

void jw_freep(struct jw **root)
{
	jw_free(*root);
}

void jw_str(struct jw *o, const char *key, const char *v)
{
	if (!v) {
		jw_null(o, key);
		return;
	}
	struct arena a = {0};
	put(o, key, cJSON_CreateString(utf8_mend(&a, v)));
	arena_release(&a);
}

void jw_i64(struct jw *o, const char *key, int64_t v)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)v);
	if (v == NUM_NONE)
		jw_null(o, key);
	else
		put(o, key, cJSON_CreateRaw(text)); /* a double would lose digits above 2^53 */
}

void jw_f64(struct jw *o, const char *key, double v)
{
	if (isnan(v) || isinf(v))
		jw_null(o, key);
	else
		put(o, key, cJSON_CreateNumber(v));
}

void jw_bool(struct jw *o, const char *key, bool v)
{
	put(o, key, cJSON_CreateBool(v));
}

void jw_null(struct jw *o, const char *key)
{
	put(o, key, cJSON_CreateNull());
}

void jw_time(struct jw *o, const char *key, int64_t t_s)
{
	char buf[TIME_TEXT];
	jw_str(o, key, t_s == TIME_NONE ? NULL : time_iso(t_s, buf));
}

struct jw *jw_add_obj(struct jw *o, const char *key)
{
	return (struct jw *)put(o, key, cJSON_CreateObject());
}

struct jw *jw_add_arr(struct jw *o, const char *key)
{
	return (struct jw *)put(o, key, cJSON_CreateArray());
}

void jw_copy(struct jw *o, const char *key, const struct jv *v)
{
	put(o, key, v->n ? cJSON_Duplicate(v->n, 1) : cJSON_CreateNull());
}

const char *jw_print(const struct jw *root, bool pretty, struct arena *a)
{
	char *s = pretty ? cJSON_Print((const cJSON *)root)
			 : cJSON_PrintUnformatted((const cJSON *)root);
	BUG_ON(!s);
	const char *copy = arena_strdup(a, s);
	cJSON_free(s);
	return copy;
}
