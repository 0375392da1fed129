#include "config/value.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/zone.h"

#define LETTERS	 "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	 "0123456789"

bool value_wrong(const struct value_reader *r, const struct ynode *v, struct err *e,
		 const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *what = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	return err_set(e, ERR_CONFIG, "%s:%zu:%zu: %s", r->file, v->line, v->column, what);
}

/* "KEY" must be …: what; allowed: … */
static bool bad(const struct value_reader *r, const struct config_key *k, const struct ynode *v,
		struct err *e, const char *what)
{
	size_t n;
	const char *name = config_key_name(k, &n);
	return value_wrong(r, v, e, "\"%.*s\" %s; allowed: %s", (int)n, name, what,
			   config_key_allowed(k, r->a));
}

/* What was written, for a message; not for secrets. */
static const char *shown(const struct value_reader *r, const char *text)
{
	return text_line(r->a, text, 40);
}

/* The layout of every VEC. */
struct any_vec {
	void *v;
	size_t n, cap;
};

void *value_push(struct arena *a, void *vec, size_t size)
{
	struct any_vec x;
	memcpy(&x, vec, sizeof x);
	if (x.n == x.cap)
		x.v = arena_grow(a, x.v, &x.cap, size);
	void *element = (char *)x.v + x.n++ * size;
	memset(element, 0, size);
	memcpy(vec, &x, sizeof x);
	return element;
}

/* The text of a scalar that holds something on one line. */
static bool text_of(const struct value_reader *r, const struct config_key *k, const struct ynode *v,
		    const char **out, struct err *e)
{
	if (v->kind != YNODE_TEXT)
		return bad(r, k, v, e,
			   arena_printf(r->a, "must be a single %s, not a %s", config_key_type(k),
					v->kind == YNODE_LIST ? "list" : "mapping"));
	if (ynode_is_null(v) || !*v->text)
		return bad(r, k, v, e, "has no value: give one or leave the key out");
	for (const char *p = v->text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return bad(r, k, v, e, "has a control character or line end in it");
	*out = v->text;
	return true;
}

static const char *absolute(const struct value_reader *r, const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	return path_join(r->a, r->dir, path);
}

/* The directory of the file is meant literally, whatever it is called. */
static const char *absolute_pattern(const struct value_reader *r, const char *pattern)
{
	if (pattern[0] == '/')
		return pattern;
	struct sb b;
	sb_init(&b, r->a, 64 * 1024);
	for (const char *p = r->dir; *p; p++) {
		if (strchr("*?[]\\", *p))
			sb_addc(&b, '\\');
		sb_addc(&b, *p);
	}
	while (pattern[0] == '.' && pattern[1] == '/')
		pattern += 2;
	return path_join(r->a, sb_str(&b), pattern);
}

static bool made_of(const char *s, const char *set)
{
	return *s && !s[strspn(s, set)];
}

/* Host, and port if any, of what follows "scheme://"; *rest is what follows them. */
static bool host_ok(const char *s, const char **rest)
{
	size_t n = *s == '[' ? strspn(s + 1, "0123456789abcdefABCDEF:.") + 2
			     : strspn(s, LETTERS CAPITALS DIGITS ".-_");
	if (n == 0 || (*s == '[' && (n < 4 || s[n - 1] != ']')) || *s == '.' || *s == '-')
		return false;
	s += n;
	if (*s == ':') {
		int64_t port;
		n = strspn(s + 1, DIGITS);
		if (!parse_i64_n(s + 1, n, &port) || port < 1 || port > 65535)
			return false;
		s += n + 1;
	}
	*rest = s;
	return true;
}

static const char *after_scheme(const char *url, const char *one, const char *two)
{
	return text_starts(url, two)   ? url + strlen(two)
	       : text_starts(url, one) ? url + strlen(one)
				       : NULL;
}

bool value_loopback(const char *url)
{
	const char *p = strstr(url, "://");
	p = p ? p + 3 : url;
	size_t n = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":/");
	return (n == 9 && !strncmp(p, "localhost", 9)) || (n == 5 && !strncmp(p, "[::1]", 5)) ||
	       (text_starts(p, "127.") && strspn(p, DIGITS ".") == n);
}

static bool read_url(const struct value_reader *r, const struct config_key *k,
		     const struct ynode *v, const char *s, const char **out, struct err *e)
{
	bool smtp = k->type == KEY_URL_SMTP;
	const char *rest, *host = smtp ? after_scheme(s, "smtp://", "smtps://")
				       : after_scheme(s, "http://", "https://");
	/* Credentials in an URL would end up in messages: such a value is not repeated. */
	const char *authority = strstr(s, "://");
	if (authority && memchr(authority + 3, '@', strcspn(authority + 3, "/?#")))
		return bad(r, k, v, e, "must not carry a user name or password");
	if (!host || !host_ok(host, &rest))
		return bad(r, k, v, e,
			   arena_printf(r->a, "is not such a URL: \"%s\"", shown(r, s)));
	bool bare = !*rest || !strcmp(rest, "/");
	if (((smtp || k->type == KEY_URL_HOST) && !bare) || (*rest && *rest != '/') ||
	    strchr(rest, '#') || strchr(rest, ' ') || strchr(rest, '\\') ||
	    (k->type != KEY_URL_PAGE && strchr(rest, '?')))
		return bad(r, k, v, e,
			   arena_printf(r->a,
					"has something after the host that does not belong "
					"there: \"%s\"",
					shown(r, rest)));
	size_t n = strlen(s);
	if (k->type != KEY_URL_PAGE)
		while (s[n - 1] == '/')
			n--;
	*out = arena_printf(r->a, "%.*s%s", (int)n, s, k->type == KEY_URL_DIR ? "/" : "");
	return true;
}

static bool take_secret(const struct value_reader *r, const struct config_key *k,
			const struct ynode *v, struct secret s, struct secret *out)
{
	if (r->secrets)
		vec_push(r->a, r->secrets, ((struct secret_place){s, k->path, v->line, v->column}));
	*out = s;
	return true;
}

static bool read_secret(const struct value_reader *r, const struct config_key *k,
			const struct ynode *v, struct secret *out, struct err *e)
{
	const char *s;
	if (v->kind == YNODE_TEXT && !ynode_is_null(v) && text_starts(v->text, "env:") &&
	    !(v->text[4] >= '0' && v->text[4] <= '9') &&
	    made_of(v->text + 4, LETTERS CAPITALS DIGITS "_"))
		return take_secret(r, k, v, (struct secret){SECRET_ENV, v->text + 4}, out);
	if (!text_of(r, k, v, &s, e))
		return false;
	if (text_starts(s, "file:") && s[5])
		return take_secret(r, k, v, (struct secret){SECRET_FILE, absolute(r, s + 5)}, out);
	return bad(r, k, v, e,
		   text_starts(s, "env:") || text_starts(s, "file:")
			   ? "names no variable or file"
			   : "holds the secret itself; this file says only where it is");
}

static bool address_ok(const char *s)
{
	const char *at = strrchr(s, '@');
	if (!at || at == s || at - s > 64 || strlen(s) > 254 || at[-1] == '.' || *s == '.' ||
	    strstr(s, ".."))
		return false;
	size_t local = strspn(s, LETTERS CAPITALS DIGITS ".!#$%&'*+/=?^_`{|}~-");
	return s + local == at && made_of(at + 1, LETTERS CAPITALS DIGITS ".-") && at[1] != '.' &&
	       at[1] != '-' && at[strlen(at) - 1] != '.' && at[strlen(at) - 1] != '-';
}

static bool mailbox_ok(const struct value_reader *r, const char *s)
{
	const char *open = strrchr(s, '<');
	size_t n = strlen(s);
	if (!open)
		return address_ok(s);
	return s[n - 1] == '>' &&
	       address_ok(arena_strndup(r->a, open + 1, n - 2 - (size_t)(open - s)));
}

static bool is_word(const struct config_key *k, const char *s, int *index)
{
	size_t n = strlen(s);
	const char *p = k->allowed;
	for (int i = 0; *p; i++) {
		size_t len = strcspn(p, " ");
		if (len == n && !strncmp(p, s, n)) {
			*index = i;
			return true;
		}
		p += len + strspn(p + len, " ");
	}
	return false;
}

static bool glob_ok(const char *s)
{
	return s[*s == '!' ? 1 : 0] != '\0';
}

static bool item_ok(const char *s)
{
	s += *s == '!';
	return *s == '*' || text_starts(s, "sentry:") || text_starts(s, "repo:") ||
	       text_starts(s, "service:");
}

/* One element of a list of texts. */
static bool element_ok(const struct config_key *k, const char *s)
{
	int index;
	if (k->type == KEY_ADDRESSES)
		return address_ok(s);
	if (k->type == KEY_WORDS)
		return is_word(k, s, &index);
	if (k->type == KEY_ITEMS)
		return glob_ok(s) && item_ok(s);
	return k->type != KEY_GLOBS || glob_ok(s);
}

static bool is_list(const struct value_reader *r, const struct config_key *k, const struct ynode *v,
		    struct err *e)
{
	if (v->kind != YNODE_LIST)
		return bad(r, k, v, e,
			   ynode_is_null(v) ? "has no value: give a list or leave the key out"
					    : "must be a list");
	if (v->n == 0 && k->need != KEY_OPTIONAL)
		return bad(r, k, v, e, "is an empty list: name something or leave the key out");
	return true;
}

static bool read_list(const struct value_reader *r, const struct config_key *k,
		      const struct ynode *v, struct strv *out, struct err *e)
{
	struct strv list = {0};
	if (!is_list(r, k, v, e))
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const char *s;
		if (!text_of(r, k, v->v[i], &s, e))
			return false;
		if (!element_ok(k, s))
			return bad(r, k, v->v[i], e,
				   arena_printf(r->a, "cannot hold \"%s\"", shown(r, s)));
		for (size_t j = 0; j < i; j++)
			if (!strcmp(list.v[j], s))
				return bad(r, k, v->v[i], e,
					   arena_printf(r->a, "names \"%s\" twice", shown(r, s)));
		vec_push(r->a, &list, s);
	}
	*out = list;
	return true;
}

static bool read_secrets(const struct value_reader *r, const struct config_key *k,
			 const struct ynode *v, void *vec, struct err *e)
{
	struct any_vec list = {0};
	bool one = k->type == KEY_TOKEN;
	if (!one && !is_list(r, k, v, e))
		return false;
	for (size_t i = 0; i < (one ? 1 : v->n); i++) {
		struct secret *s = value_push(r->a, &list, sizeof *s);
		if (!read_secret(r, k, one ? v : v->v[i], s, e))
			return false;
	}
	memcpy(vec, &list, sizeof list);
	return true;
}

static bool read_number(const struct value_reader *r, const struct config_key *k,
			const struct ynode *v, const char *s, int *out, struct err *e)
{
	int64_t n, low, high;
	size_t first = strcspn(k->allowed, " ");
	BUG_ON(!parse_i64_n(k->allowed, first, &low) || !parse_i64(k->allowed + first + 1, &high));
	if (v->quoted || !parse_i64(s, &n))
		return bad(r, k, v, e,
			   arena_printf(r->a, "must be a whole number, not \"%s\"", shown(r, s)));
	if (n < low || n > high)
		return bad(r, k, v, e, arena_printf(r->a, "cannot be %lld", (long long)n));
	*out = (int)n;
	return true;
}

static bool zone_ok(const char *name)
{
	CLEANUP(zone_freep) struct zone *z = NULL;
	struct err ignored = {0};
	return zone_open(name, &z, &ignored);
}

/* A value that is one text, checked and brought into its kept form; *what: why it is refused. */
static const char *read_text(const struct value_reader *r, const struct config_key *k,
			     const char *s, const char **what)
{
	switch (k->type) {
	case KEY_PATH:
		return absolute(r, s);
	case KEY_PATTERN:
		return absolute_pattern(r, s);
	case KEY_ZONE:
		*what = "is no time zone that this machine knows";
		return zone_ok(s) ? s : NULL;
	case KEY_NAME:
		*what = "has a character that a name cannot have";
		return made_of(s, LETTERS CAPITALS DIGITS "._-") ? s : NULL;
	case KEY_AUDIENCE:
		*what = "has a character that a folder name cannot have";
		return made_of(s, LETTERS DIGITS "-") ? s : NULL;
	case KEY_MAILBOX:
		*what = "is no mail address";
		return mailbox_ok(r, s) ? s : NULL;
	case KEY_TEXT:
		return s;
	case KEY_GROUP:
	case KEY_GROUPS:
	case KEY_URL:
	case KEY_URL_DIR:
	case KEY_URL_HOST:
	case KEY_URL_PAGE:
	case KEY_URL_SMTP:
	case KEY_NUMBER:
	case KEY_CHOICE:
	case KEY_SECRET:
	case KEY_TOKEN:
	case KEY_SECRETS:
	case KEY_ADDRESSES:
	case KEY_TEXTS:
	case KEY_GLOBS:
	case KEY_WORDS:
	case KEY_ITEMS:
		break;
	}
	bug_(__FILE__, __LINE__, "a key type that no case handles");
}

bool value_read(const struct value_reader *r, const struct config_key *k, const struct ynode *v,
		void *field, struct err *e)
{
	const char *s = NULL, *kept = NULL, *what = "";
	int index = 0;
	switch (k->type) {
	case KEY_SECRET:
		return read_secret(r, k, v, field, e);
	case KEY_TOKEN:
	case KEY_SECRETS:
		return read_secrets(r, k, v, field, e);
	case KEY_ADDRESSES:
	case KEY_TEXTS:
	case KEY_GLOBS:
	case KEY_WORDS:
	case KEY_ITEMS:
		return read_list(r, k, v, field, e);
	case KEY_NUMBER:
		return text_of(r, k, v, &s, e) && read_number(r, k, v, s, field, e);
	case KEY_CHOICE:
		if (!text_of(r, k, v, &s, e))
			return false;
		if (!is_word(k, s, &index))
			return bad(r, k, v, e, arena_printf(r->a, "cannot be \"%s\"", shown(r, s)));
		memcpy(field, &index, sizeof index); /* an enum is an int here */
		return true;
	case KEY_URL:
	case KEY_URL_DIR:
	case KEY_URL_HOST:
	case KEY_URL_PAGE:
	case KEY_URL_SMTP:
		if (!text_of(r, k, v, &s, e) || !read_url(r, k, v, s, &kept, e))
			return false;
		break;
	case KEY_TEXT:
	case KEY_NAME:
	case KEY_AUDIENCE:
	case KEY_ZONE:
	case KEY_PATH:
	case KEY_PATTERN:
	case KEY_MAILBOX:
		if (!text_of(r, k, v, &s, e))
			return false;
		kept = read_text(r, k, s, &what);
		if (!kept)
			return bad(r, k, v, e, arena_printf(r->a, "%s: \"%s\"", what, shown(r, s)));
		break;
	case KEY_GROUP:
	case KEY_GROUPS:
		BUG_ON(true);
	}
	memcpy(field, &kept, sizeof kept);
	return true;
}
