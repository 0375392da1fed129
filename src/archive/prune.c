#include "archive/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <unistd.h>

#include "archive/manifest.h"
#include "base/file.h"
#include "base/limits.h"

static bool remove_file(const char *path, struct err *e)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	return err_set(e, ERR_IO, "could not remove \"%s\": %s", path, strerror(errno));
}

/* A folder that holds something of somebody else's stays. */
static bool remove_folder(const char *path, struct err *e)
{
	if (rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
		return true;
	return err_set(e, ERR_IO, "could not remove \"%s\": %s", path, strerror(errno));
}

/* The manifest goes last: an interrupted removal can go on. One that cannot be read is left with
 * everything beside it. */
static bool remove_week(const char *dir, struct arena *a, struct err *e)
{
	const char *manifest = path_join(a, dir, "manifest.json"), *text;
	struct manifest m = {0};
	struct err why = {0};
	size_t n;
	if (!file_read(manifest, LIMIT_DOC_BYTES, a, &text, &n, &why) ||
	    !manifest_read(text, n, a, &m, &why))
		return true;
	for (size_t i = 0; i < m.audiences.n; i++) {
		const struct manifest_audience *x = &m.audiences.v[i];
		const char *folder = path_join(a, dir, x->name);
		/* Names out of a file: none may lead out of the folder. */
		if (strchr(x->name, '/') || x->name[0] == '.')
			continue;
		for (size_t k = 0; k < x->files.n; k++)
			if (!strchr(x->files.v[k].name, '/') &&
			    !remove_file(path_join(a, folder, x->files.v[k].name), e))
				return false;
		if (!remove_folder(folder, e))
			return false;
	}
	return remove_file(manifest, e) && remove_folder(dir, e);
}

bool archive_prune(const struct config *cfg, const char *from_week, struct err *e)
{
	struct arena a = {0};
	struct strv weeks = {0};
	DIR *d = opendir(cfg->archive);
	bool ok = d || errno == ENOENT ||
		  err_set(e, ERR_IO, "could not read \"%s\": %s", cfg->archive, strerror(errno));
	for (const struct dirent *x; d && (x = readdir(d));)
		if (!fnmatch("[0-9][0-9][0-9][0-9]-W[0-5][0-9]", x->d_name, 0) &&
		    strcmp(x->d_name, from_week) < 0)
			vec_push(&a, &weeks, path_join(&a, cfg->archive, x->d_name));
	if (d)
		closedir(d);
	for (size_t i = 0; ok && i < weeks.n; i++)
		ok = remove_week(weeks.v[i], &a, e);
	arena_release(&a);
	return ok || err_wrap(e, "archive");
}
