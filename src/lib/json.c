#include "lib/json.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "lib/json_scan.h"

#include <cjson/cJSON.h>
#include <math.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53: larger integers have lost digits in a double */

#define LONG_ARRAY                                                                                 \
	(1 << 16) /* beside cJSON's own type bits: a node that stands for a long_array             \
		   */

/* An array whose elements are parsed when a walk comes to them, each in place of the one before. */
struct long_array {
	struct json *doc;
	struct json_array text;
	struct arena a; /* of the element that was parsed last */
};

struct json {
	cJSON *root;
	struct arena a; /* every node and string of root */
	const char *s; /* with long arrays only: the text, which is the caller's */
	size_t n; /* of it */
	VEC(struct long_array) longs;
	struct err late; /* the first element that was not JSON */
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

/* One value that fills s. false: *at is where it went wrong. */
static bool parse_text(struct arena *a, const char *s, size_t n, cJSON **out, size_t *at)
{
	const char *end = NULL;
	/* Trailing blanks are cut so that require_null_terminated can mean "nothing after the
	 * value"; the value must then end at the text's end, which need not be NUL-terminated, so
	 * the end pointer is compared instead. */
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	*at = 0;
	if (n == 0)
		return false;
	cJSON *root = parse_into(a, s, n, &end);
	*at = end ? (size_t)(end - s) : 0;
	if (!root) {
		char *mended = json_mend_surrogates(s, n);
		root = mended ? parse_into(a, mended, n, &end) : NULL;
		if (root)
			*at = (size_t)(end - mended);
		free(mended);
	}
	*out = root;
	return root && *at == n;
}

static void skip_mark(const char **s, size_t *n)
{
	if (*n >= 3 && !memcmp(*s, "\xef\xbb\xbf", 3)) {
		*s += 3;
		*n -= 3;
	}
}

static struct json *new_doc(void)
{
	struct json *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	return j;
}

bool json_parse(const char *s, size_t n, struct json **out, struct err *e)
{
	skip_mark(&s, &n);
	if (!json_scan(s, n, NULL, NULL, NULL, NULL, e))
		return false;
	struct json *j = new_doc();
	size_t at;
	if (!parse_text(&j->a, s, n, &j->root, &at)) {
		json_free(j);
		return err_set(e, ERR_PROTO, "not JSON: byte %zu of %zu", at, n);
	}
	*out = j;
	return true;
}

/* The text with each long array's elements left out. */
static const char *skeleton(struct json *j, const struct json_arrays *list, size_t *n)
{
	struct sb b;
	size_t from = 0;
	sb_init(&b, &j->a, SIZE_MAX / 8);
	for (size_t i = 0; i < list->n; i++) {
		struct json_span x = list->v[i].whole;
		sb_addn(&b, j->s + from, x.at - from);
		sb_add(&b, "[]");
		from = x.at + x.len;
	}
	sb_addn(&b, j->s + from, j->n - from);
	*n = b.len;
	return sb_str(&b);
}

/* Ties the nodes to the arrays they stand for, both in document order. false: the nodes are not the
 * ones that were left out (a key was written with escapes). */
static bool tie(struct json *j, const char *outer, const char *inner)
{
	size_t k = 0;
	if (!cJSON_IsObject(j->root))
		return j->longs.n == 0;
	for (const cJSON *o = j->root->child; o; o = o->next) {
		if (!cJSON_IsArray(o) || strcmp(o->string, outer) != 0)
			continue;
		for (const cJSON *el = o->child; el; el = el->next) {
			for (cJSON *m = cJSON_IsObject(el) ? el->child : NULL; m; m = m->next) {
				if (!cJSON_IsArray(m) || strcmp(m->string, inner) != 0)
					continue;
				if (k == j->longs.n || m->child)
					return false;
				m->type |= LONG_ARRAY;
				m->valuestring = (char *)&j->longs.v[k++]; /* arrays have none */
			}
		}
	}
	return k == j->longs.n;
}

bool json_parse_long(const char *s, size_t n, const char *outer, const char *inner,
		     struct json **out, struct err *e)
{
	struct json_arrays list = {0};
	struct json *j = new_doc();
	skip_mark(&s, &n);
	j->s = s;
	j->n = n;
	if (!json_scan(s, n, outer, inner, &j->a, &list, e)) {
		json_free(j);
		return false;
	}
	for (size_t i = 0; i < list.n; i++) {
		struct long_array l = {.doc = j, .text = list.v[i]};
		vec_push(&j->a, &j->longs, l);
	}
	size_t rest, at;
	const char *bones = skeleton(j, &list, &rest);
	if (parse_text(&j->a, bones, rest, &j->root, &at) && tie(j, outer, inner)) {
		*out = j;
		return true;
	}
	json_free(j);
	return json_parse(s, n, out, e); /* which knows the right byte */
}

bool json_sound(const struct json *j, struct err *e)
{
	return j->late.kind == ERR_NONE || err_set(e, j->late.kind, "%s", j->late.msg);
}

void json_free(struct json *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->longs.n; i++)
		arena_release(&j->longs.v[i].a);
	arena_release(&j->a);
	free(j);
}

void json_freep(struct json **j)
{
	json_free(*j);
}

static struct long_array *long_array(const cJSON *n)
{
	return n && n->type & LONG_ARRAY ? (struct long_array *)(void *)n->valuestring : NULL;
}

static const cJSON *element(struct long_array *l, size_t i)
{
	struct json *j = l->doc;
	if (i >= l->text.elements.n || j->late.kind != ERR_NONE)
		return NULL;
	struct json_span x = l->text.elements.v[i];
	cJSON *root = NULL;
	size_t at;
	arena_reset(&l->a);
	if (parse_text(&l->a, j->s + x.at, x.len, &root, &at))
		return root;
	err_set(&j->late, ERR_PROTO, "not JSON: byte %zu of %zu", x.at + at, j->n);
	return NULL;
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
	const struct long_array *l = long_array(v->n);
	if (l)
		return l->text.elements.n;
	return json_is_arr(v) || json_is_obj(v) ? (size_t)cJSON_GetArraySize(v->n) : 0;
}

struct jv json_get(const struct jv *o, const char *key)
{
	return (struct jv){.n = cJSON_GetObjectItemCaseSensitive(o->n, key), .up = o, .key = key};
}

struct jv json_first(const struct jv *v)
{
	bool walk = json_is_arr(v) || json_is_obj(v);
	struct long_array *l = long_array(v->n);
	const cJSON *c = l ? element(l, 0) : walk ? v->n->child : NULL;
	return (struct jv){.n = c, .up = v, .key = c && json_is_obj(v) ? c->string : NULL};
}

struct jv json_next(const struct jv *v)
{
	struct long_array *l = v->up ? long_array(v->up->n) : NULL;
	const cJSON *c = l ? element(l, v->i + 1) : v->n->next;
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

const char *json_text(const struct jv *v, struct arena *a)
{
	if (json_is_str(v))
		return utf8_mend(a, v->n->valuestring);
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
	*out = utf8_mend(a, v.n->valuestring);
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
		*out = utf8_mend(a, v.n->valuestring);
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

const char *json_version(void)
{
	return cJSON_Version();
}
