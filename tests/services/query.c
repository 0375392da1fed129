#include "services/query.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"

#include <sqlite3.h>

static void print(const struct jv *v, struct arena *a)
{
	const char *text = json_text(v, a);
	if (json_is_null(v)) {
		puts(v->n ? "null" : "absent");
	} else if (json_is_bool(v)) {
		struct jw *root = jw_arr();
		jw_copy(root, NULL, v);
		const char *s = jw_print(root, false, a);
		printf("%.*s\n", (int)strlen(s) - 2, s + 1);
		jw_free(root);
	} else if (text) {
		puts(text);
	} else {
		printf("%zu\n", json_count(v));
	}
}

static bool has(const struct jv *o, const char *key, const char *value, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *s = json_text(&v, a);
	return text_eq(s, value);
}

static void walk(const struct jv *v, const char *path, struct arena *a)
{
	if (!*path) {
		print(v, a);
		return;
	}
	size_t n = strcspn(path, "/");
	const char *step = arena_strndup(a, path, n), *rest = path + n + (path[n] == '/'),
		   *equals = strchr(step, '=');
	int64_t i;
	if (json_is_arr(v)) {
		const char *key = equals ? arena_strndup(a, step, (size_t)(equals - step)) : NULL;
		bool every = text_eq(step, "*"), number = parse_i64(step, &i);
		for (struct jv it = json_first(v); it.n; it = json_next(&it))
			if (every || (number && (int64_t)it.i == i) ||
			    (key && has(&it, key, equals + 1, a)))
				walk(&it, rest, a);
		return;
	}
	struct jv next = json_get(v, step);
	walk(&next, rest, a);
}

bool query_json(const char *file, char **paths, struct err *e)
{
	struct arena a = {0};
	const char *text;
	size_t len;
	CLEANUP(json_freep) struct json *j = NULL;
	bool ok = file_read(file, LIMIT_DOC_BYTES, &a, &text, &len, e) &&
		  json_parse(text, len, &j, e);
	for (; ok && *paths; paths++) {
		struct jv root = json_root(j);
		walk(&root, *paths, &a);
	}
	arena_release(&a);
	return ok;
}

static int row(void *ctx UNUSED, int n, char **values, char **names UNUSED)
{
	for (int i = 0; i < n; i++)
		printf("%s%s", i ? "\t" : "", values[i] ? values[i] : "NULL");
	putchar('\n');
	return 0;
}

bool query_sql(const char *path, const char *sql, struct err *e)
{
	sqlite3 *db = NULL;
	char *why = NULL;
	bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		  sqlite3_exec(db, sql, row, NULL, &why) == SQLITE_OK;
	if (!ok)
		err_set(e, ERR_DB, "%s: %s", path, why ? why : sqlite3_errmsg(db));
	sqlite3_free(why);
	sqlite3_close(db);
	return ok;
}
