#include "lib/json.h"

#include "base/limits.h"
#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

#include <cjson/cJSON.h>
#include <math.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53: larger integers have lost digits in a double */

struct json {
	cJSON *root;
	struct arena a; /* every node and string of root */
};

/* A document's thousands of small nodes live and die together: while one is parsed, cJSON takes its
 * memory from the document's arena. cJSON knows only process-wide hooks, hence the variable;
 * outside json_parse it is NULL and memory comes from malloc as ever. */
static _Thread_local struct arena *parsing;

static void *hook_alloc(size_t n)
{
	return parsing ? arena_alloc(parsing, n) : malloc(n);
}

static void hook_free(void *p)
{
	if (!parsing)
		free(p);
}

__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hook_alloc, .free_fn = hook_free});
}

static cJSON *parse_into(struct arena *a, const char *s, size_t n, const char **end)
{
	parsing = a;
	cJSON *root = cJSON_ParseWithLengthOpts(s, n, end, 0);
	parsing = NULL;
	return root;
}

/* cJSON's own nesting limit (1000) is fixed at its build, and it has none for the number of values
 * (80 bytes of memory each, for as little as two of text); ours are checked here, without recursion
 * and outside strings. */
static bool within_limits(const char *s, size_t n, struct err *e)
{
	size_t depth = 0, commas = 0;
	bool in_string = false;
	for (size_t i = 0; i < n; i++) {
		if (in_string) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				in_string = false;
		} else if (s[i] == '"') {
			in_string = true;
		} else if (s[i] == '{' || s[i] == '[') {
			if (++depth > LIMIT_JSON_DEPTH)
				return err_set(e, ERR_LIMIT, "JSON is nested deeper than %d",
					       LIMIT_JSON_DEPTH);
		} else if ((s[i] == '}' || s[i] == ']') && depth) {
			depth--;
		} else if (s[i] == ',' && ++commas > LIMIT_JSON_VALUES) {
			return err_set(e, ERR_LIMIT, "JSON holds more than %d values",
				       LIMIT_JSON_VALUES);
		}
	}
	return true;
}

/* What four hex digits after a backslash and "u" stand for, or -1. */
static int escape_unit(const char *s, const char *end)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	int v = 0;
	for (int i = 2; i < 6; i++) {
		const char *digit = s[i] ? strchr(hex, s[i]) : NULL;
		if (!digit)
			return -1;
		v = v * 16 + (int)(digit - hex) % 16;
	}
	return v;
}

/* A copy in which escaped surrogates without their partner are U+FFFD, or NULL when there are none.
 * Python and JavaScript write them where a text was cut inside an emoji; cJSON refuses the whole
 * document for one. */
static char *mend_surrogates(const char *s, size_t n)
{
	char *copy = NULL;
	const char *end = s + n;
	for (const char *p = s; p < end; p++) {
		if (*p != '\\')
			continue;
		int unit = escape_unit(p, end);
		int next = unit >= 0xd800 && unit < 0xdc00 ? escape_unit(p + 6, end) : -1;
		if (next >= 0xdc00 && next < 0xe000) {
			p += 11;
		} else if (unit >= 0xd800 && unit < 0xe000) {
			if (!copy) {
				copy = malloc(n);
				BUG_ON(!copy);
				memcpy(copy, s, n);
			}
			memcpy(copy + (p - s) + 2, "fffd", 4);
			p += 5;
		} else {
			p++; /* the escaped character may be a backslash */
		}
	}
	return copy;
}

bool json_parse(const char *s, size_t n, struct json **out, struct err *e)
{
	if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		n -= 3;
	}
	if (!within_limits(s, n, e))
		return false;
	/* Trailing blanks are cut so that require_null_terminated can mean "nothing after the
	 * value"; the value must then end at the text's end, which need not be NUL-terminated, so
	 * the end pointer is compared instead. */
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	if (n == 0)
		return err_set(e, ERR_PROTO, "not JSON: empty");
	const char *end = NULL;
	struct json *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	j->root = parse_into(&j->a, s, n, &end);
	if (!j->root) {
		size_t at = end ? (size_t)(end - s) : 0;
		char *mended = mend_surrogates(s, n);
		j->root = mended ? parse_into(&j->a, mended, n, &end) : NULL;
		end = s + (j->root ? (size_t)(end - mended) : at);
		free(mended);
	}
	if (!j->root || end != s + n) {
		json_free(j);
		return err_set(e, ERR_PROTO, "not JSON: byte %zu of %zu",
			       end ? (size_t)(end - s) : 0, n);
	}
	*out = j;
	return true;
}

void json_free(struct json *j)
{
	if (j)
		arena_release(&j->a);
	free(j);
}

void json_freep(struct json **j)
{
	json_free(*j);
}

struct jv json_root(const struct json *j)
{
	return (struct jv){.n = j->root};
}

bool json_is_null(const struct jv *v)
{
	return !v->n || cJSON_IsNull(v->n);
}
bool json_is_obj(const struct jv *v)
{
	return cJSON_IsObject(v->n);
}
bool json_is_arr(const struct jv *v)
{
	return cJSON_IsArray(v->n);
}
bool json_is_str(const struct jv *v)
{
	return cJSON_IsString(v->n);
}
bool json_is_num(const struct jv *v)
{
	return cJSON_IsNumber(v->n);
}
bool json_is_bool(const struct jv *v)
{
	return cJSON_IsBool(v->n);
}

size_t json_count(const struct jv *v)
{
	return json_is_arr(v) || json_is_obj(v) ? (size_t)cJSON_GetArraySize(v->n) : 0;
}

struct jv json_get(const struct jv *o, const char *key)
{
	return (struct jv){.n = cJSON_GetObjectItemCaseSensitive(o->n, key), .up = o, .key = key};
}

struct jv json_first(const struct jv *v)
{
	bool walk = json_is_arr(v) || json_is_obj(v);
	const cJSON *c = walk ? v->n->child : NULL;
	return (struct jv){.n = c, .up = v, .key = c && json_is_obj(v) ? c->string : NULL};
}

struct jv json_next(const struct jv *v)
{
	const cJSON *c = v->n->next;
	return (struct jv){
		.n = c, .up = v->up, .key = c && v->key ? c->string : NULL, .i = v->i + 1};
}

static const char *type_name(const struct jv *v)
{
	if (!v->n)
		return "nothing";
	switch (v->n->type & 0xff) {
	case cJSON_False:
	case cJSON_True:
		return "boolean";
	case cJSON_NULL:
		return "null";
	case cJSON_Number:
		return "number";
	case cJSON_String:
		return "string";
	case cJSON_Array:
		return "array";
	case cJSON_Object:
		return "object";
	default:
		return "?";
	}
}

static void add_path(struct sb *b, const struct jv *v)
{
	if (!v->up)
		return;
	add_path(b, v->up);
	if (v->key)
		sb_addf(b, "%s%s", b->len ? "." : "", v->key);
	else
		sb_addf(b, "[%zu]", v->i);
}

const char *json_path(const struct jv *v, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 4096);
	add_path(&b, v);
	if (b.over)
		return "(a long path)";
	return b.len ? sb_str(&b) : "(document)";
}

bool json_wrong(const struct jv *v, struct err *e, const char *what)
{
	struct arena a = {0};
	err_set(e, ERR_PROTO, "%s: %s", json_path(v, &a), what);
	arena_release(&a);
	return false;
}

static bool wrong_type(const struct jv *v, struct err *e, const char *wanted)
{
	char what[64];
	snprintf(what, sizeof what, "expected %s, got %s", wanted, type_name(v));
	return json_wrong(v, e, what);
}

bool json_obj(const struct jv *o, const char *key, struct jv *out, struct err *e)
{
	struct jv v = json_get(o, key);
	if (!json_is_obj(&v))
		return wrong_type(&v, e, "object");
	*out = v;
	return true;
}

bool json_arr(const struct jv *o, const char *key, struct jv *out, struct err *e)
{
	struct jv v = json_get(o, key);
	if (!json_is_arr(&v))
		return wrong_type(&v, e, "array");
	*out = v;
	return true;
}

static const char *utf8_copy(struct arena *a, const char *s)
{
	const char *p = s, *end = s + strlen(s);
	while (p < end) {
		const char *at = p;
		if (utf8_next(&p, end) == 0xfffd && p - at == 1)
			break;
		if (p == end)
			return arena_strndup(a, s, (size_t)(end - s));
	}
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (p = s; p < end;) {
		const char *at = p;
		if (utf8_next(&p, end) == 0xfffd && p - at == 1)
			sb_add(&b, "\xef\xbf\xbd");
		else
			sb_addn(&b, at, (size_t)(p - at));
	}
	return sb_str(&b);
}

const char *json_text(const struct jv *v, struct arena *a)
{
	if (json_is_str(v))
		return utf8_copy(a, v->n->valuestring);
	if (json_is_num(v)) {
		double d = v->n->valuedouble;
		if (d == floor(d) && fabs(d) <= EXACT_MAX)
			return arena_printf(a, "%.0f", d);
		return arena_printf(a, "%.17g", d);
	}
	if (json_is_bool(v))
		return cJSON_IsTrue(v->n) ? "true" : "false";
	return NULL;
}

bool json_str(const struct jv *o, const char *key, struct arena *a, const char **out, struct err *e)
{
	struct jv v = json_get(o, key);
	if (!json_is_str(&v))
		return wrong_type(&v, e, "string");
	*out = utf8_copy(a, v.n->valuestring);
	return true;
}

static bool integer(const struct jv *v, int64_t *out, struct err *e)
{
	int64_t n;
	if (json_is_str(v)) {
		if (!parse_i64(v->n->valuestring, &n))
			return json_wrong(v, e, "expected an integer");
	} else if (json_is_num(v)) {
		double d = v->n->valuedouble;
		if (d != floor(d) || fabs(d) > EXACT_MAX)
			return json_wrong(v, e, "expected an integer of at most 2^53");
		n = (int64_t)d;
	} else {
		return wrong_type(v, e, "integer");
	}
	*out = n;
	return true;
}

bool json_id(const struct jv *o, const char *key, struct arena *a, const char **out, struct err *e)
{
	struct jv v = json_get(o, key);
	if (json_is_str(&v) && v.n->valuestring[0]) {
		*out = utf8_copy(a, v.n->valuestring);
		return true;
	}
	int64_t n;
	if (json_is_str(&v))
		return json_wrong(&v, e, "expected an id, got an empty string");
	if (!integer(&v, &n, e))
		return false;
	*out = arena_printf(a, "%lld", (long long)n);
	return true;
}

bool json_i64(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	struct jv v = json_get(o, key);
	return integer(&v, out, e);
}

static bool real(const struct jv *v, double *out, struct err *e)
{
	if (json_is_num(v)) {
		*out = v->n->valuedouble;
		return true;
	}
	if (json_is_str(v)) {
		const char *s = v->n->valuestring;
		if (!strcmp(s, "NaN")) {
			*out = (double)NAN;
			return true;
		}
		return parse_f64(s, out) || json_wrong(v, e, "expected a number");
	}
	return wrong_type(v, e, "number");
}

bool json_f64(const struct jv *o, const char *key, double *out, struct err *e)
{
	struct jv v = json_get(o, key);
	return real(&v, out, e);
}

bool json_time(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	struct jv v = json_get(o, key);
	if (!json_is_str(&v))
		return wrong_type(&v, e, "string");
	return parse_time(v.n->valuestring, out) || json_wrong(&v, e, "expected an ISO 8601 time");
}

bool json_epoch(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	struct jv v = json_get(o, key);
	double d;
	if (!real(&v, &d, e))
		return false;
	if (!(d > -1e11 && d < 1e11)) /* milliseconds would be above: they are another member's
					 unit, not this one's */
		return json_wrong(&v, e, "expected seconds since 1970");
	*out = (int64_t)floor(d);
	return true;
}

#define OPT(o, key, none)                                                                          \
	struct jv v_ = json_get((o), (key));                                                       \
	if (json_is_null(&v_)) {                                                                   \
		none;                                                                              \
		return true;                                                                       \
	}

bool json_obj_opt(const struct jv *o, const char *key, struct jv *out, struct err *e)
{
	OPT(o, key, *out = ((struct jv){.up = o, .key = key}))
	return json_obj(o, key, out, e);
}
bool json_arr_opt(const struct jv *o, const char *key, struct jv *out, struct err *e)
{
	OPT(o, key, *out = ((struct jv){.up = o, .key = key}))
	return json_arr(o, key, out, e);
}
bool json_str_opt(const struct jv *o, const char *key, struct arena *a, const char **out,
		  struct err *e)
{
	OPT(o, key, *out = NULL)
	return json_str(o, key, a, out, e);
}
bool json_id_opt(const struct jv *o, const char *key, struct arena *a, const char **out,
		 struct err *e)
{
	OPT(o, key, *out = NULL)
	return json_id(o, key, a, out, e);
}
bool json_i64_opt(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	OPT(o, key, *out = NUM_NONE)
	return json_i64(o, key, out, e);
}
bool json_f64_opt(const struct jv *o, const char *key, double *out, struct err *e)
{
	OPT(o, key, *out = (double)NAN)
	return json_f64(o, key, out, e);
}
bool json_bool_opt(const struct jv *o, const char *key, bool *out, struct err *e)
{
	OPT(o, key, (void)0)
	if (!json_is_bool(&v_))
		return wrong_type(&v_, e, "boolean");
	*out = cJSON_IsTrue(v_.n);
	return true;
}
bool json_time_opt(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	OPT(o, key, *out = TIME_NONE)
	return json_time(o, key, out, e);
}
bool json_epoch_opt(const struct jv *o, const char *key, int64_t *out, struct err *e)
{
	OPT(o, key, *out = TIME_NONE)
	return json_epoch(o, key, out, e);
}

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
	put(o, key, cJSON_CreateString(utf8_copy(&a, v)));
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

const char *json_version(void)
{
	return cJSON_Version();
}
