#include "archive/verify.h"

#include "archive/manifest.h"
#include "base/file.h"
#include "base/limits.h"
#include "lib/crypto.h"

struct check {
	const char *dir; /* <archive>/<week> */
	struct arena *a; /* holds the lines */
	struct strv *out;
};

static void say(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct check *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *line = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < c->out->n; i++) /* two audiences may share a version */
		if (!strcmp(c->out->v[i], line))
			return;
	vec_push(c->a, c->out, line);
}

static void check_versions(struct check *c, const struct archive_versions *then,
			   const struct archive_versions *now)
{
	for (size_t i = 0; i < then->names.n; i++) {
		const char *name = then->names.v[i], *is = NULL;
		for (size_t k = 0; k < now->names.n; k++)
			if (!strcmp(now->names.v[k], name))
				is = now->values.v[k];
		if (!is || strcmp(is, then->values.v[i]) != 0)
			say(c, "version of %s: made with \"%s\", here is \"%s\"", name,
			    then->values.v[i], is ? is : "none");
	}
}

/* A file of the archive against its manifest. NULL when it cannot be read; *whole: as written. */
static const char *read_file(struct check *c, const char *audience, const struct manifest_file *f,
			     struct arena *a, size_t *len, bool *whole)
{
	const char *bytes, *path = arena_printf(a, "%s/%s/%s", c->dir, audience, f->name);
	struct err why = {0};
	char hex[SHA256_HEX];
	*whole = false;
	if (!file_read(path, LIMIT_DOC_BYTES, a, &bytes, len, &why)) {
		say(c, "%s/%s: %s", audience, f->name, why.msg);
		return NULL;
	}
	sha256_hex(bytes, *len, hex);
	*whole = !strcmp(hex, f->sha256);
	if (!*whole)
		say(c,
		    "%s/%s: the file is not what was written: %zu bytes, SHA-256 %.12s…, the "
		    "manifest has %lld bytes, %.12s…",
		    audience, f->name, *len, hex, (long long)f->size, f->sha256);
	return bytes;
}

static void compare(struct check *c, const char *audience, const char *name, const char *old,
		    size_t old_len, const struct artefact *now)
{
	size_t same = 0, n = MIN(old_len, now->len);
	while (same < n && old[same] == now->bytes[same])
		same++;
	if (same < n || old_len != now->len)
		say(c,
		    "%s/%s: rendered anew it differs from byte %zu on (%zu bytes in the archive, "
		    "%zu now)",
		    audience, name, same, old_len, now->len);
}

/* Each file of the manifest: there, whole, and the same when rendered anew. */
static void check_files(struct check *c, const struct manifest_audience *m,
			const struct artefacts *anew, struct arena *a)
{
	for (size_t i = 0; i < m->files.n; i++) {
		const struct manifest_file *f = &m->files.v[i];
		size_t len;
		bool whole;
		const char *bytes = read_file(c, m->name, f, a, &len, &whole);
		const struct artefact *now = artefact_find(anew, f->name);
		if (!now)
			say(c, "%s/%s: could not be rendered anew", m->name, f->name);
		else if (whole)
			compare(c, m->name, f->name, bytes, len, now);
	}
	for (size_t i = 0; i < anew->n; i++)
		if (!manifest_file(m, anew->v[i].name))
			say(c, "%s/%s: can be rendered, but is not in the manifest", m->name,
			    anew->v[i].name);
}

static bool check_audience(struct check *c, struct db *db, const struct frozen *f,
			   const struct manifest_audience *m, const struct archive_versions *v,
			   verify_renderer render, struct arena *a, struct err *e)
{
	struct artefacts anew = {0};
	struct strv failed = {0};
	struct frozen whole = {0};
	struct err why = {0};
	bool found = false;
	char hex[SHA256_HEX];
	if (!m) {
		say(c, "%s: is in the store, but not in the manifest", f->audience);
		return true;
	}
	if (!digests_get(db, f->week, f->audience, a, &whole, &found, e))
		return false;
	if (!found) {
		say(c, "%s: is gone from the store", f->audience);
		return true;
	}
	sha256_hex(whole.document, whole.document_len, hex);
	if (strcmp(hex, whole.sha256) != 0)
		say(c, "%s: the document in the store is damaged: SHA-256 %.12s…, frozen as %.12s…",
		    f->audience, hex, whole.sha256);
	if (strcmp(m->sha256, whole.sha256) != 0)
		say(c, "%s: the store has another document than the archive (%.12s…, %.12s…)",
		    f->audience, whole.sha256, m->sha256);
	check_versions(c, &m->versions, v);
	/* From the archive's own document; where that is damaged, which is told above, the store's.
	 */
	const char *document = whole.document;
	size_t len = whole.document_len;
	const struct manifest_file *own = manifest_file(m, "digest.xml");
	if (own) {
		bool intact;
		size_t n;
		const char *bytes = read_file(c, m->name, own, a, &n, &intact);
		if (intact) {
			document = bytes;
			len = n;
		}
	}
	if (!render(document, len, a, &anew, &failed, &why))
		say(c, "%s: cannot be rendered: %s", f->audience, why.msg);
	for (size_t i = 0; i < failed.n; i++)
		say(c, "%s: %s", f->audience, failed.v[i]);
	check_files(c, m, &anew, a);
	return true;
}

static bool read_manifest(struct check *c, struct arena *a, struct manifest *out)
{
	const char *path = path_join(a, c->dir, "manifest.json"), *text;
	struct err why = {0};
	size_t n;
	if (file_read(path, LIMIT_DOC_BYTES, a, &text, &n, &why) &&
	    manifest_read(text, n, a, out, &why))
		return true;
	say(c, "manifest.json: %s", why.msg);
	return false;
}

bool verify_week(struct db *db, const struct config *cfg, const char *week,
		 const struct archive_versions *v, verify_renderer render, struct arena *a,
		 struct strv *out, struct err *e)
{
	struct arena scratch = {0};
	struct check c = {.dir = path_join(a, cfg->archive, week), .a = a, .out = out};
	struct frozens all;
	struct manifest m = {0};
	size_t seen = 0;
	bool ok = digests_list(db, a, &all, e), have = ok && read_manifest(&c, a, &m);
	for (size_t i = 0; ok && i < all.n; i++) {
		if (strcmp(all.v[i].week, week) != 0)
			continue;
		seen++;
		if (have)
			ok = check_audience(&c, db, &all.v[i],
					    manifest_audience(&m, all.v[i].audience), v, render,
					    &scratch, e);
		arena_reset(&scratch);
	}
	for (size_t i = 0; ok && i < m.audiences.n; i++) {
		bool known = false;
		for (size_t k = 0; k < all.n; k++)
			known |= !strcmp(all.v[k].week, week) &&
				 !strcmp(all.v[k].audience, m.audiences.v[i].name);
		if (!known)
			say(&c, "%s: is in the manifest, but not in the store",
			    m.audiences.v[i].name);
	}
	arena_release(&scratch);
	if (ok && seen == 0)
		return err_set(e, ERR_USAGE, "there is no digest of %s", week);
	return ok;
}
