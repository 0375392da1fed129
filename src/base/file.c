#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

bool file_read(const char *path, size_t max_bytes, struct arena *a, const char **out, size_t *len,
	       struct err *e)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, ERR_IO, "could not read \"%s\": %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "could not read \"%s\": it is a directory", path);
	if (st.st_size > 0 && (uint64_t)st.st_size > max_bytes)
		return err_set(e, ERR_LIMIT, "\"%s\" is larger than %zu bytes", path, max_bytes);
	size_t cap = st.st_size > 0 ? (size_t)st.st_size : 4096, n = 0;
	char *p = arena_alloc(a, cap + 1);
	for (;;) {
		if (n == cap) { /* a pipe, or a file that grew */
			char one;
			ssize_t more = read(fd, &one, 1);
			if (more == 0)
				break;
			if (more < 0)
				return err_set(e, ERR_IO, "could not read \"%s\": %s", path,
					       strerror(errno));
			if (cap >= max_bytes)
				return err_set(e, ERR_LIMIT, "\"%s\" is larger than %zu bytes",
					       path, max_bytes);
			size_t grown = MIN(cap * 2, max_bytes);
			char *q = arena_alloc(a, grown + 1);
			memcpy(q, p, n);
			p = q;
			cap = grown;
			p[n++] = one;
			continue;
		}
		ssize_t r = read(fd, p + n, cap - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_set(e, ERR_IO, "could not read \"%s\": %s", path,
				       strerror(errno));
		if (r == 0)
			break;
		n += (size_t)r;
	}
	p[n] = '\0';
	*out = p;
	*len = n;
	return true;
}

static bool write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t w = write(fd, p, len);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		p += w;
		len -= (size_t)w;
	}
	return true;
}

bool file_write(const char *path, const void *data, size_t len, unsigned mode, struct err *e)
{
	struct arena a = {0};
	const char *dir = path_dir(&a, path);
	char *tmp = arena_printf(&a, "%s/.%s.XXXXXX", dir, path_base(path));
	bool ok = false;
	int dirfd = -1, fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0) {
		err_set(e, ERR_IO, "could not create a file beside \"%s\": %s", path,
			strerror(errno));
		goto out;
	}
	if (!write_all(fd, data, len) || fchmod(fd, mode) < 0 || fsync(fd) < 0) {
		err_set(e, ERR_IO, "could not write \"%s\": %s", path, strerror(errno));
		goto out;
	}
	int rc = close(fd);
	fd = -1;
	if (rc < 0 || rename(tmp, path) < 0) {
		err_set(e, ERR_IO, "could not write \"%s\": %s", path, strerror(errno));
		unlink(tmp);
		goto out;
	}
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0 || fsync(dirfd) < 0) {
		err_set(e, ERR_IO, "could not sync directory \"%s\": %s", dir, strerror(errno));
		goto out;
	}
	ok = true;
out:
	if (fd >= 0) {
		close(fd);
		unlink(tmp);
	}
	if (dirfd >= 0)
		close(dirfd);
	arena_release(&a);
	return ok;
}

bool file_mkdirs(const char *path, struct err *e)
{
	struct arena a = {0};
	char *p = arena_strdup(&a, path);
	bool ok = true;
	for (char *s = p + 1; ok; s++) {
		if (*s && *s != '/')
			continue;
		char c = *s;
		*s = '\0';
		if (mkdir(p, 0755) < 0 && errno != EEXIST)
			ok = err_set(e, ERR_IO, "could not make directory \"%s\": %s", p,
				     strerror(errno));
		*s = c;
		if (!c)
			break;
	}
	struct stat st;
	if (ok && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
		ok = err_set(e, ERR_IO, "\"%s\" is not a directory", path);
	arena_release(&a);
	return ok;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool file_mtime(const char *path, int64_t *out_s, struct err *e)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return err_set(e, ERR_IO, "could not read \"%s\": %s", path, strerror(errno));
	*out_s = st.st_mtime;
	return true;
}

const char *path_join(struct arena *a, const char *dir, const char *name)
{
	if (name[0] == '/' || !dir || !*dir || !strcmp(dir, "."))
		return arena_strdup(a, name);
	return arena_printf(a, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
}

const char *path_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool file_glob(const char *pattern, struct arena *a, struct strv *out, struct err *e)
{
	glob_t g;
	int rc = glob(pattern, 0, NULL, &g);
	if (rc != 0 && rc != GLOB_NOMATCH)
		return err_set(e, ERR_IO, "could not list \"%s\": %s", pattern,
			       rc == GLOB_ABORTED ? strerror(errno) : "out of memory");
	if (rc == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			vec_push(a, out, arena_strdup(a, g.gl_pathv[i]));
		globfree(&g);
	}
	return true;
}

bool lock_take(struct lock *l, const char *path, bool *held, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, ERR_IO, "could not open lock \"%s\": %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int why = errno;
		close(fd);
		if (why != EWOULDBLOCK)
			return err_set(e, ERR_IO, "could not lock \"%s\": %s", path, strerror(why));
		l->fd = -1;
		*held = false;
		return true;
	}
	l->fd = fd;
	*held = true;
	return true;
}

void lock_drop(struct lock *l)
{
	closep(&l->fd);
	l->fd = -1;
}
