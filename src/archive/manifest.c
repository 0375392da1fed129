#include "archive/manifest.h"

#include "lib/json.h"

static bool read_versions(const struct jv *o, struct arena *a, struct archive_versions *out,
			  struct err *e)
{
	struct jv v;
	if (!json_obj(o, "versions", &v, e))
		return false;
	for (struct jv it = json_first(&v); it.n; it = json_next(&it)) {
		const char *text = json_text(&it, a);
		if (!text)
			return json_wrong(&it, e, "expected a string");
		vec_push(a, &out->names, arena_strdup(a, it.key));
		vec_push(a, &out->values, text);
	}
	return true;
}

static bool read_audience(const struct jv *o, struct arena *a, struct manifest_audience *out,
			  struct err *e)
{
	struct jv files;
	out->name = arena_strdup(a, o->key);
	if (!json_str(o, "sha256", a, &out->sha256, e) ||
	    !json_time(o, "frozen_at", &out->frozen_s, e) ||
	    !read_versions(o, a, &out->versions, e) || !json_obj(o, "artefacts", &files, e))
		return false;
	for (struct jv it = json_first(&files); it.n; it = json_next(&it)) {
		struct manifest_file f = {.name = arena_strdup(a, it.key)};
		if (!json_str(&it, "sha256", a, &f.sha256, e) ||
		    !json_str(&it, "type", a, &f.type, e) || !json_i64(&it, "size", &f.size, e))
			return false;
		vec_push(a, &out->files, f);
	}
	return true;
}

bool manifest_read(const char *text, size_t len, struct arena *a, struct manifest *out,
		   struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct manifest m = {0};
	struct jv audiences;
	if (!json_parse(text, len, &j, e))
		return false;
	struct jv root = json_root(j);
	if (!json_str(&root, "week", a, &m.week, e) || !read_versions(&root, a, &m.versions, e) ||
	    !json_obj(&root, "audiences", &audiences, e))
		return false;
	for (struct jv it = json_first(&audiences); it.n; it = json_next(&it)) {
		struct manifest_audience x = {0};
		if (!read_audience(&it, a, &x, e))
			return false;
		vec_push(a, &m.audiences, x);
	}
	*out = m;
	return true;
}

static void write_versions(struct jw *o, const struct archive_versions *v)
{
	struct jw *to = jw_add_obj(o, "versions");
	for (size_t i = 0; i < v->names.n; i++)
		jw_str(to, v->names.v[i], v->values.v[i]);
}

const char *manifest_write(const struct manifest *m, struct arena *a)
{
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_i64(root, "schema", 1);
	jw_str(root, "week", m->week);
	write_versions(root, &m->versions);
	struct jw *audiences = jw_add_obj(root, "audiences");
	for (size_t i = 0; i < m->audiences.n; i++) {
		const struct manifest_audience *x = &m->audiences.v[i];
		struct jw *o = jw_add_obj(audiences, x->name);
		jw_time(o, "frozen_at", x->frozen_s);
		jw_str(o, "sha256", x->sha256);
		write_versions(o, &x->versions);
		struct jw *files = jw_add_obj(o, "artefacts");
		for (size_t k = 0; k < x->files.n; k++) {
			struct jw *f = jw_add_obj(files, x->files.v[k].name);
			jw_str(f, "sha256", x->files.v[k].sha256);
			jw_i64(f, "size", x->files.v[k].size);
			jw_str(f, "type", x->files.v[k].type);
		}
	}
	return arena_printf(a, "%s\n", jw_print(root, true, a));
}

const struct manifest_audience *manifest_audience(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->audiences.n; i++)
		if (!strcmp(m->audiences.v[i].name, name))
			return &m->audiences.v[i];
	return NULL;
}

const struct manifest_file *manifest_file(const struct manifest_audience *x, const char *name)
{
	for (size_t i = 0; i < x->files.n; i++)
		if (!strcmp(x->files.v[i].name, name))
			return &x->files.v[i];
	return NULL;
}

bool manifest_same_files(const struct manifest_audience *x, const struct manifest_audience *y)
{
	if (x->files.n != y->files.n)
		return false;
	for (size_t i = 0; i < x->files.n; i++) {
		const struct manifest_file *f = manifest_file(y, x->files.v[i].name);
		if (!f || strcmp(f->sha256, x->files.v[i].sha256) != 0)
			return false;
	}
	return true;
}
