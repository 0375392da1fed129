#include "collect/aws_profiles.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES ((size_t)4 * 1024 * 1024) /* a few hundred profiles are under 100 KB */
#define BLANKS	   " \t\r\f\v"

struct reader {
	struct aws_profiles *p;
	enum aws_file file;
	struct arena *a;
	const char *kind, *name; /* of the section; kind NULL: outside of any that counts */
	struct aws_setting *last; /* what an indented line goes on with, or NULL */
	const char *outer; /* key of a setting without a value: indented lines are inside of it */
};

static const char *trim(struct arena *a, const char *s, size_t n)
{
	while (n && strchr(BLANKS, *s)) {
		s++;
		n--;
	}
	while (n && strchr(BLANKS, s[n - 1]))
		n--;
	return arena_strndup(a, s, n);
}

static struct aws_setting *find(const struct aws_profiles *p, enum aws_file file, const char *kind,
				const char *name, const char *key)
{
	for (size_t i = 0; i < p->list.n; i++) {
		struct aws_setting *s = &p->list.v[i];
		if (s->file == file && text_eq(s->key, key) && text_eq(s->kind, kind) &&
		    text_eq(s->name, name))
			return s;
	}
	return NULL;
}

static struct aws_setting *put(struct reader *r, const char *key, const char *value)
{
	struct aws_setting *s = find(r->p, r->file, r->kind, r->name, key);
	if (!s) {
		struct aws_setting fresh = {
			.file = r->file, .kind = r->kind, .name = r->name, .key = key};
		vec_push(r->a, &r->p->list, fresh);
		s = &r->p->list.v[r->p->list.n - 1];
	}
	s->value = value;
	return s;
}

/* "my profile" with its quotes, or one word: NULL for anything else. */
static const char *section_name(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	if (*s == '"' || *s == '\'') {
		const char *end = strchr(s + 1, *s);
		return end && !end[1] ? arena_strndup(a, s + 1, n - 2) : NULL;
	}
	return n && !s[strcspn(s, BLANKS)] ? s : NULL;
}

static void section(struct reader *r, const char *line)
{
	struct arena *a = r->a;
	const char *end = strchr(line, ']');
	r->kind = r->name = r->outer = NULL;
	r->last = NULL;
	if (!end)
		return;
	const char *all = trim(a, line + 1, (size_t)(end - line) - 1);
	size_t word = strcspn(all, BLANKS);
	const char *rest = trim(a, all + word, strlen(all + word));
	if (r->file == AWS_FILE_CREDENTIALS) {
		r->kind = "profile";
		r->name = section_name(a, all);
	} else if (!*rest && !strcmp(all, "default")) {
		r->kind = "default"; /* [profile default] goes before it: settled at the end */
		r->name = "default";
	} else if (*rest) {
		r->kind = arena_strndup(a, all, word);
		r->name = section_name(a, rest);
	}
	if (!r->name || !*r->name)
		r->kind = r->name = NULL;
	else
		put(r, NULL, "");
}

/* Up to " #" or " ;": without the blank they are part of the value. */
static size_t value_length(const char *s)
{
	for (size_t i = 0; s[i]; i++)
		if ((s[i] == '#' || s[i] == ';') && (i == 0 || strchr(BLANKS, s[i - 1])))
			return i;
	return strlen(s);
}

static void setting(struct reader *r, const char *line)
{
	struct arena *a = r->a;
	const char *eq = strchr(line, '=');
	r->last = NULL;
	r->outer = NULL;
	if (!eq || !r->kind)
		return;
	const char *key = text_lower(a, trim(a, line, (size_t)(eq - line)));
	if (!*key)
		return;
	const char *value = trim(a, eq + 1, value_length(eq + 1));
	r->last = put(r, key, value);
	if (!*value)
		r->outer = key;
}

/* An indented line: inside of a setting without a value, or more of one that has one. */
static void indented(struct reader *r, const char *line)
{
	struct arena *a = r->a;
	if (!r->last)
		return;
	if (!r->outer) {
		const char *more = trim(a, line, strlen(line));
		struct aws_setting *s = r->last;
		s->value = arena_printf(a, "%s\n%s", s->value, more);
		return;
	}
	const char *eq = strchr(line, '=');
	const char *key = eq ? text_lower(a, trim(a, line, (size_t)(eq - line))) : "";
	if (*key) {
		put(r, arena_printf(a, "%s.%s", r->outer, key), trim(a, eq + 1, strlen(eq + 1)));
		/* put may have moved the list */
		r->last = find(r->p, r->file, r->kind, r->name, r->outer);
	}
}

static void settle_default(struct aws_profiles *p)
{
	bool named = find(p, AWS_FILE_CONFIG, "profile", "default", NULL) != NULL;
	for (size_t i = 0; !named && i < p->list.n; i++)
		if (!strcmp(p->list.v[i].kind, "default"))
			p->list.v[i].kind = "profile";
}

void aws_profiles_parse(struct aws_profiles *p, enum aws_file file, const char *text,
			struct arena *a)
{
	struct reader r = {.p = p, .file = file, .a = a};
	if (text_starts(text, "\xef\xbb\xbf"))
		text += 3;
	while (*text) {
		size_t n = strcspn(text, "\n");
		const char *line = arena_strndup(a, text, n);
		size_t blank = strspn(line, BLANKS);
		text += n + (text[n] == '\n');
		if (!line[blank] || line[0] == '#' || line[0] == ';')
			continue;
		if (blank)
			indented(&r, line);
		else if (*line == '[')
			section(&r, line);
		else
			setting(&r, line);
	}
	if (file == AWS_FILE_CONFIG)
		settle_default(p);
}

static void load(struct aws_profiles *p, enum aws_file file, const char *variable,
		 const char *usual, struct arena *a)
{
	const char *path = getenv(variable), *home = getenv("HOME"), *text;
	struct err e = {0};
	size_t len;
	if (!path || !*path)
		path = usual;
	if (path[0] == '~' && path[1] == '/')
		path = home ? arena_printf(a, "%s%s", home, path + 1) : path + 2;
	p->files[file] = path;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return;
	if (file_read(path, FILE_BYTES, a, &text, &len, &e))
		aws_profiles_parse(p, file, text, a);
	else
		p->trouble = arena_strdup(a, e.msg);
}

void aws_profiles_load(struct aws_profiles *p, struct arena *a)
{
	load(p, AWS_FILE_CREDENTIALS, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", a);
	load(p, AWS_FILE_CONFIG, "AWS_CONFIG_FILE", "~/.aws/config", a);
}

bool aws_profiles_have(const struct aws_profiles *p, const char *profile)
{
	return find(p, AWS_FILE_CREDENTIALS, "profile", profile, NULL) ||
	       find(p, AWS_FILE_CONFIG, "profile", profile, NULL);
}

const char *aws_profiles_in(const struct aws_profiles *p, enum aws_file file, const char *kind,
			    const char *name, const char *key)
{
	const struct aws_setting *s = find(p, file, kind, name, key);
	return s && *s->value ? s->value : NULL;
}

const char *aws_profiles_get(const struct aws_profiles *p, const char *profile, const char *key)
{
	const char *v = aws_profiles_in(p, AWS_FILE_CREDENTIALS, "profile", profile, key);
	return v ? v : aws_profiles_in(p, AWS_FILE_CONFIG, "profile", profile, key);
}
