#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define SECRET_BYTES ((size_t)64 * 1024) /* an RSA key in PEM is 3 KB */

/* Mode and content are checked on one descriptor's file: /dev/fd names what was opened, not what
 * stands at the path by then. */
static bool read_file(const char *path, const char *what, struct arena *a, const char **out,
		      struct err *e)
{
	struct stat st;
	bool ok = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(e, ERR_CONFIG, "%s: could not read \"%s\": %s", what, path,
			strerror(errno));
	} else if (S_ISREG(st.st_mode) && (st.st_mode & 077)) {
		err_set(e, ERR_CONFIG, "%s: \"%s\" can be read by others (mode %03o); chmod 600 it",
			what, path, (unsigned)(st.st_mode & 0777));
	} else {
		size_t len;
		char name[40];
		struct err why = {0};
		snprintf(name, sizeof name, "/dev/fd/%d", fd);
		if (!file_read(name, SECRET_BYTES, a, out, &len, &why))
			err_set(e, ERR_CONFIG, "%s: \"%s\" %s", what, path,
				why.kind == ERR_LIMIT ? "is too large for a secret"
						      : "could not be read");
		else if (strlen(*out) != len)
			err_set(e, ERR_CONFIG, "%s: \"%s\" is not text", what, path);
		else
			ok = true;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Without the line end that editors and "echo" put behind it. */
static char *without_line_end(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	while (n && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	return arena_strndup(a, s, n);
}

/* A private key has lines; anything else with a control character would end a header early. */
static bool has_control(const char *s)
{
	bool pem = !strncmp(s, "-----BEGIN ", 11);
	for (; *s; s++)
		if (((unsigned char)*s < ' ' || *s == 0x7f) && !(pem && (*s == '\n' || *s == '\r')))
			return true;
	return false;
}

bool secret_read(const struct secret *s, const char *what, struct arena *a, const char **out,
		 struct err *e)
{
	const char *raw = NULL;
	switch (s->kind) {
	case SECRET_NONE:
		*out = NULL;
		return true;
	case SECRET_ENV:
		raw = getenv(s->name);
		if (!raw)
			return err_set(e, ERR_CONFIG, "%s: environment variable %s is not set",
				       what, s->name);
		break;
	case SECRET_FILE:
		if (!read_file(s->name, what, a, &raw, e))
			return false;
		break;
	}
	const char *value = without_line_end(a, raw);
	const char *kind = s->kind == SECRET_ENV ? "environment variable" : "file";
	if (!*value)
		return err_set(e, ERR_CONFIG, "%s: %s %s is empty", what, kind, s->name);
	if (has_control(value))
		return err_set(e, ERR_CONFIG,
			       "%s: %s %s has a control character or line end inside; it must hold "
			       "the secret alone",
			       what, kind, s->name);
	*out = value;
	return true;
}

bool config_secrets(const struct config *cfg, struct err *e)
{
	bool ok = true;
	for (size_t i = 0; i < cfg->secrets.n && ok; i++) {
		const struct secret_place *p = &cfg->secrets.v[i];
		struct arena scratch = {0};
		const char *value;
		ok = secret_read(&p->s, p->key, &scratch, &value, e) ||
		     err_wrap(e, "%s:%zu:%zu", cfg->path, p->line, p->column);
		arena_release(&scratch);
	}
	return ok;
}
