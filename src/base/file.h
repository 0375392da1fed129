/* Files that appear whole or not at all, reading with a cap, directories, and the lock of a run. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* The whole file, NUL added after its len bytes. Fails: ERR_IO (with the system's reason),
 * ERR_LIMIT over max_bytes. */
MUST_CHECK bool file_read(const char *path, size_t max_bytes, struct arena *a, const char **out,
			  size_t *len, struct err *e);

/* Writes aside, fsyncs, renames over path, fsyncs the directory. mode e.g. 0644. On failure the old
 * file, if any, stands and nothing is left behind. Fails: ERR_IO. */
MUST_CHECK bool file_write(const char *path, const void *data, size_t len, unsigned mode,
			   struct err *e);

MUST_CHECK bool file_mkdirs(const char *path,
			    struct err *e); /* like mkdir -p, 0755; an existing directory is fine */
bool file_exists(const char *path);
/* When the content was last written, UTC seconds. Fails: ERR_IO. */
MUST_CHECK bool file_mtime(const char *path, int64_t *out_s, struct err *e);

/* dir/name, or name itself if it is absolute. */
const char *path_join(struct arena *a, const char *dir, const char *name);
const char *path_dir(struct arena *a, const char *path); /* "." when there is none */
const char *path_base(const char *path);

/* Paths that match a shell pattern (glob(3)), sorted. No match is success with n = 0. */
MUST_CHECK bool file_glob(const char *pattern, struct arena *a, struct strv *out, struct err *e);

/* An advisory lock that dies with the process. *held false (and success) when another process has
 * it. */
struct lock {
	int fd; /* -1: none */
};
MUST_CHECK bool lock_take(struct lock *l, const char *path, bool *held, struct err *e);
void lock_drop(struct lock *l);

#endif
