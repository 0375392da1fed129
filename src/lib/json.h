/* JSON in and out. Reading names the path in its errors ("issues[3].lastSeen: expected string, got
 * number"); writing builds a tree.
 *
 * Reading: json_parse -> json_root -> json_obj/json_arr/json_str/…; a struct jv is a view: it must
 * not outlive its document nor the jv it came from (it points to it, to name the path). Members
 * that a service may leave out are read with the _opt calls, which keep "absent or null" (NULL,
 * NUM_NONE, TIME_NONE, NaN) apart from zero and empty; a wrong type is always ERR_PROTO. Strings
 * are copied into the arena and are valid UTF-8 (bad bytes become U+FFFD). */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include "base/arena.h"
#include "base/err.h"

struct cJSON;
struct json;
struct jv {
	const struct cJSON *n; /* NULL: absent */
	const struct jv *up;
	const char *key; /* member name, or NULL */
	size_t i; /* index, when key is NULL and up is set */
};

/* One whole JSON text; trailing bytes other than blanks are an error, as is depth over
 * LIMIT_JSON_DEPTH or more than LIMIT_JSON_VALUES values. Half an escaped surrogate pair becomes
 * U+FFFD. s need not be NUL-terminated. Fails: ERR_PROTO with the byte offset, ERR_LIMIT. */
MUST_CHECK bool json_parse(const char *s, size_t n, struct json **out, struct err *e);
/* The same for a large text: the elements of every array {outer:[{inner:[…]}]} are parsed when a
 * walk (json_first, json_next) comes to them, and an element is valid until the walk goes on. s
 * must live as long as the document. An element that is not JSON ends its walk: json_sound is asked
 * after all of them. json_text and jw_copy see such an array empty. */
MUST_CHECK bool json_parse_long(const char *s, size_t n, const char *outer, const char *inner,
				struct json **out, struct err *e);
/* false: a walk met an element that was not JSON. Fails: ERR_PROTO with the byte offset. */
MUST_CHECK bool json_sound(const struct json *j, struct err *e);
void json_free(struct json *j);
void json_freep(struct json **j);
struct jv json_root(const struct json *j);

bool json_is_null(const struct jv *v); /* absent or null */
bool json_is_obj(const struct jv *v);
bool json_is_arr(const struct jv *v);
bool json_is_str(const struct jv *v);
bool json_is_num(const struct jv *v);
bool json_is_bool(const struct jv *v);
size_t json_count(const struct jv *v); /* members or elements; 0 for others */

/* A member of any type; absent gives a jv with n == NULL. */
struct jv json_get(const struct jv *o, const char *key);

/* Walks an array's elements or an object's members:  for (struct jv it = json_first(&arr); it.n; it
 * = json_next(&it)) */
struct jv json_first(const struct jv *v);
struct jv json_next(const struct jv *v);

/* Required members. Fails: ERR_PROTO, with the path. */
MUST_CHECK bool json_obj(const struct jv *o, const char *key, struct jv *out, struct err *e);
MUST_CHECK bool json_arr(const struct jv *o, const char *key, struct jv *out, struct err *e);
MUST_CHECK bool json_str(const struct jv *o, const char *key, struct arena *a, const char **out,
			 struct err *e);
MUST_CHECK bool json_id(const struct jv *o, const char *key, struct arena *a, const char **out,
			struct err *e); /* string or integer, as text */
MUST_CHECK bool json_i64(const struct jv *o, const char *key, int64_t *out,
			 struct err *e); /* number or decimal string, |n| <= 2^53 */
MUST_CHECK bool json_f64(const struct jv *o, const char *key, double *out, struct err *e);
MUST_CHECK bool json_time(const struct jv *o, const char *key, int64_t *out,
			  struct err *e); /* ISO 8601 text */
MUST_CHECK bool json_epoch(const struct jv *o, const char *key, int64_t *out,
			   struct err *e); /* seconds, number or text, fraction dropped */

/* The same, absent or null allowed. */
MUST_CHECK bool json_obj_opt(const struct jv *o, const char *key, struct jv *out, struct err *e);
MUST_CHECK bool json_arr_opt(const struct jv *o, const char *key, struct jv *out, struct err *e);
MUST_CHECK bool json_str_opt(const struct jv *o, const char *key, struct arena *a, const char **out,
			     struct err *e);
MUST_CHECK bool json_id_opt(const struct jv *o, const char *key, struct arena *a, const char **out,
			    struct err *e);
MUST_CHECK bool json_i64_opt(const struct jv *o, const char *key, int64_t *out, struct err *e);
MUST_CHECK bool json_f64_opt(const struct jv *o, const char *key, double *out, struct err *e);
MUST_CHECK bool json_bool_opt(const struct jv *o, const char *key, bool *out,
			      struct err *e); /* absent or null: *out untouched */
MUST_CHECK bool json_time_opt(const struct jv *o, const char *key, int64_t *out, struct err *e);
MUST_CHECK bool json_epoch_opt(const struct jv *o, const char *key, int64_t *out, struct err *e);

/* The value itself, for array elements: string or NULL; number as text or string as text, or NULL.
 * Never fails. */
const char *json_text(const struct jv *v, struct arena *a);
/* The path, e.g. "issues[3].lastSeen", for messages. */
const char *json_path(const struct jv *v, struct arena *a);
/* ERR_PROTO "path: what"; returns false. */
bool json_wrong(const struct jv *v, struct err *e, const char *what);

/* Writing. Nodes belong to their parent; only the root is freed. Keys and strings are copied.
 * Invalid UTF-8 becomes U+FFFD. */
struct jw;
struct jw *jw_obj(void); /* a root */
struct jw *jw_arr(void);
void jw_free(struct jw *root);
void jw_freep(struct jw **root);
void jw_str(struct jw *o, const char *key,
	    const char *v); /* NULL writes null; key NULL appends to an array, here and below */
void jw_i64(struct jw *o, const char *key, int64_t v); /* every digit kept; NUM_NONE writes null */
void jw_f64(struct jw *o, const char *key, double v); /* NaN writes null */
void jw_bool(struct jw *o, const char *key, bool v);
void jw_null(struct jw *o, const char *key);
void jw_time(struct jw *o, const char *key, int64_t t_s); /* ISO 8601; TIME_NONE writes null */
struct jw *jw_add_obj(struct jw *o, const char *key);
struct jw *jw_add_arr(struct jw *o, const char *key);
void jw_copy(struct jw *o, const char *key, const struct jv *v); /* a value that was read */
const char *jw_print(const struct jw *root, bool pretty, struct arena *a);
const char *json_version(void);

#endif
