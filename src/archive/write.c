#include "archive/archive.h"

#include <errno.h>
#include <unistd.h>

#include "archive/feed.h"
#include "archive/index.h"
#include "archive/manifest.h"
#include "base/limits.h"
#include "lib/crypto.h"
#include "base/file.h"

#define ARCHIVE_MODE 0644

/* What a digest may have on disk: a name that a new freeze no longer makes is taken away. */
static const char *const artefact_files[] = {"page.html",      "digest.pdf", "digest.txt",
					     "digest.json",    "digest.xml", "mail.eml",
					     "mail-small.eml", "slack.json"};

/* The same bytes are left alone: times of files stay those of their content. */
static bool put_file(const char *path, const void *bytes, size_t len, struct err *e)
{
	struct arena a = {0};
	struct err why = {0};
	const char *old;
	size_t n;
	bool same = file_exists(path) && file_read(path, LIMIT_DOC_BYTES, &a, &old, &n, &why) &&
		    n == len && !memcmp(old, bytes, n);
	arena_release(&a);
	return same || file_write(path, bytes, len, ARCHIVE_MODE, e);
}

static bool put_artefact(const char *dir, const char *name, const char *type, const char *bytes,
			 size_t len, struct manifest_audience *m, struct arena *a, struct err *e)
{
	char hex[SHA256_HEX];
	BUG_ON(strchr(name, '/') || name[0] == '.');
	sha256_hex(bytes, len, hex);
	struct manifest_file f = {arena_strdup(a, name), arena_strdup(a, hex),
				  arena_strdup(a, type), (int64_t)len};
	vec_push(a, &m->files, f);
	return put_file(path_join(a, dir, name), bytes, len, e);
}

static bool drop_leftovers(const char *dir, const struct manifest_audience *m, struct arena *a,
			   struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(artefact_files); i++) {
		const char *path = path_join(a, dir, artefact_files[i]);
		if (!manifest_file(m, artefact_files[i]) && unlink(path) < 0 && errno != ENOENT)
			return err_set(e, ERR_IO, "could not remove \"%s\": %s", path,
				       strerror(errno));
	}
	return true;
}

/* m: filled with what was written. The bytes themselves live in scratch memory. */
static bool put_audience(struct db *db, const char *week_dir, const struct frozen *f,
			 struct manifest_audience *m, struct arena *a, struct err *e)
{
	struct arena scratch = {0};
	struct artefacts list = {0};
	struct frozen whole = {0};
	bool found = false;
	const char *dir = path_join(a, week_dir, f->audience);
	*m = (struct manifest_audience){
		.name = f->audience, .sha256 = f->sha256, .frozen_s = f->frozen_s};
	bool ok = file_mkdirs(dir, e) && digests_artefacts(db, f->id, &scratch, &list, e) &&
		  digests_get(db, f->week, f->audience, &scratch, &whole, &found, e);
	for (size_t i = 0; ok && i < list.n; i++)
		if (strcmp(list.v[i].name, "digest.xml") != 0)
			ok = put_artefact(dir, list.v[i].name, list.v[i].type, list.v[i].bytes,
					  list.v[i].len, m, a, e);
	/* The document is the frozen bytes themselves, whatever was rendered. */
	ok = ok &&
	     put_artefact(dir, "digest.xml", "application/xml", found ? whole.document : "",
			  found ? whole.document_len : 0, m, a, e) &&
	     drop_leftovers(dir, m, a, e);
	arena_release(&scratch);
	return ok;
}

/* Bytes that were written before keep the versions that made them: a later program that finds them
 * unchanged did not make them. */
static void keep_versions(struct manifest *m, const struct manifest *old,
			  const struct archive_versions *now)
{
	bool all = old->audiences.n == m->audiences.n;
	m->versions = *now;
	for (size_t i = 0; i < m->audiences.n; i++) {
		struct manifest_audience *x = &m->audiences.v[i];
		const struct manifest_audience *was = manifest_audience(old, x->name);
		bool same = was && manifest_same_files(x, was);
		x->versions = same ? was->versions : *now;
		all = all && same;
	}
	if (all)
		m->versions = old->versions;
}

static bool put_manifest(const char *week_dir, struct manifest *m,
			 const struct archive_versions *now, struct arena *a, struct err *e)
{
	const char *path = path_join(a, week_dir, "manifest.json"), *text;
	struct manifest old = {0};
	struct err why = {0}; /* an old one that cannot be read is replaced */
	size_t n;
	if (file_exists(path) && file_read(path, LIMIT_DOC_BYTES, a, &text, &n, &why) &&
	    !manifest_read(text, n, a, &old, &why))
		old = (struct manifest){0};
	keep_versions(m, &old, now);
	text = manifest_write(m, a);
	return put_file(path, text, strlen(text), e);
}

static const char *version_of(const struct archive_versions *v, const char *name)
{
	for (size_t i = 0; i < v->names.n; i++)
		if (!strcmp(v->names.v[i], name))
			return v->values.v[i];
	return NULL;
}

static bool put_front(struct db *db, const struct config *cfg, const struct archive_versions *v,
		      struct arena *a, struct err *e)
{
	struct entries list;
	const char *bytes, *program = version_of(v, "program");
	const char *generator = program ? program : "sitrep";
	size_t n;
	if (!entries_read(db, cfg, a, &list, e) ||
	    !index_html(&list, cfg, generator, a, &bytes, &n, e) ||
	    !put_file(path_join(a, cfg->archive, "index.html"), bytes, n, e))
		return false;
	bytes = feed_xml(&list, cfg, generator, a, &n);
	return put_file(path_join(a, cfg->archive, "feed.xml"), bytes, n, e);
}

static bool write_week(struct db *db, const struct config *cfg, const char *week,
		       const struct archive_versions *v, struct arena *a, struct err *e)
{
	struct frozens all;
	struct manifest m = {.week = week};
	const char *dir = path_join(a, cfg->archive, week);
	if (!digests_list(db, a, &all, e))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		struct manifest_audience x;
		if (strcmp(all.v[i].week, week) != 0)
			continue;
		if (!put_audience(db, dir, &all.v[i], &x, a, e))
			return false;
		vec_push(a, &m.audiences, x);
	}
	if (m.audiences.n == 0)
		return err_set(e, ERR_USAGE, "there is no digest of %s to archive", week);
	return put_manifest(dir, &m, v, a, e) && put_front(db, cfg, v, a, e);
}

bool archive_write(struct db *db, const struct config *cfg, const char *week,
		   const struct archive_versions *v, struct err *e)
{
	struct arena a = {0};
	bool ok = write_week(db, cfg, week, v, &a, e) || err_wrap(e, "archive");
	arena_release(&a);
	return ok;
}
