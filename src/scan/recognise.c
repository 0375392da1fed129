#include "scan/recognise.h"

#include "base/text.h"
#include "scan/bytes.h"
#include "scan/identity.h"

/* Patterns are ours: a term longer than this is a mistake in formats.c. */
#define TERM_MAX  64
#define HINT_SPAN ((size_t)4096)

/* The next piece of *p up to one of stop (outside brackets) into out, blanks around it dropped.
 * False at the end. */
static bool piece(const char **p, char stop, char out[TERM_MAX * 8])
{
	const char *s = *p + strspn(*p, " ");
	if (!*s)
		return false;
	size_t n = 0;
	for (bool inside = false; s[n] && (inside || s[n] != stop); n++)
		inside = s[n] == '[' || s[n] == '{' || (inside && s[n] != ']' && s[n] != '}');
	*p = s[n] ? s + n + 1 : s + n;
	while (n && s[n - 1] == ' ')
		n--;
	BUG_ON(n >= (size_t)TERM_MAX * 8);
	memcpy(out, s, n);
	out[n] = '\0';
	return true;
}

static bool has(const struct jv *o, const char *key)
{
	struct jv v = json_get(o, key);
	return v.n != NULL;
}

static struct jv first_object(const struct jv *array)
{
	struct jv it = json_first(array);
	while (it.n && !json_is_obj(&it))
		it = json_next(&it);
	return it;
}

/* "a,b": all of them members of o. */
static bool has_all(const struct jv *o, const char *keys)
{
	char key[TERM_MAX * 8];
	if (!json_is_obj(o))
		return false;
	while (piece(&keys, ',', key))
		if (!has(o, key))
			return false;
	return true;
}

static bool term_holds(const char *term, const struct jv *o)
{
	char key[TERM_MAX * 8], rest[TERM_MAX * 8];
	size_t n = strcspn(term, "[{=");
	memcpy(key, term, n);
	key[n] = '\0';
	snprintf(rest, sizeof rest, "%s", term + n);
	struct jv v = json_get(o, key);
	if (!rest[0])
		return v.n != NULL;
	if (rest[0] == '=') {
		struct arena a = {0};
		bool same = json_is_str(&v) && !strcmp(json_text(&v, &a), rest + 1);
		arena_release(&a);
		return same;
	}
	rest[strlen(rest) - 1] = '\0'; /* the closing bracket */
	if (rest[0] == '{')
		return has_all(&v, rest + 1);
	if (!json_is_arr(&v))
		return false;
	struct jv first = first_object(&v);
	return !rest[1] || has_all(&first, rest + 1);
}

bool recognise_keys(const char *pattern, const struct jv *object)
{
	char alternative[TERM_MAX * 8], term[TERM_MAX * 8];
	while (piece(&pattern, '|', alternative)) {
		bool all = true;
		for (const char *p = alternative; all && piece(&p, '+', term);)
			all = term_holds(term, object);
		if (all)
			return true;
	}
	return false;
}

static bool root_term_holds(const char *term, const struct xnode *root, struct arena *a)
{
	if (term[0] == '@')
		return xml_get(root, term + 1, a) != NULL;
	if (text_starts(term, "ns~")) {
		const char *ns = xml_namespace(root);
		return ns && strstr(ns, term + 3);
	}
	return xml_is(root, term);
}

bool recognise_root(const char *pattern, const struct xml *x)
{
	char alternative[TERM_MAX * 8], term[TERM_MAX * 8];
	struct arena a = {0};
	bool found = false;
	while (!found && piece(&pattern, '|', alternative)) {
		found = true;
		for (const char *p = alternative; found && piece(&p, '+', term);)
			found = root_term_holds(term, xml_root(x), &a);
	}
	arena_release(&a);
	return found;
}

const struct scan_format *recognise(const struct scan_input *in, enum scan_shape shape)
{
	for (size_t i = 0; i < scan_formats_n; i++) {
		const struct scan_format *f = &scan_formats[i];
		if (f->shape != shape)
			continue;
		bool fits = shape == SHAPE_XML	    ? recognise_root(f->keys, in->xml)
			    : shape == SHAPE_NESTED ? true
						    : recognise_keys(f->keys, in->first);
		if (fits && (!f->match || f->match(in)))
			return f;
	}
	return NULL;
}

bool recognise_lines(const struct scan_input *in, const struct scan_format **out, size_t *lines,
		     struct err *e)
{
	const struct scan_format *found = NULL;
	const char *p = in->bytes, *end = in->bytes + in->len, *s;
	size_t n, full = 0;
	for (size_t line = 1; bytes_line(&p, end, &s, &n); line++) {
		if (!n)
			continue;
		CLEANUP(json_freep) struct json *j = NULL;
		if (!json_parse(s, n, &j, e))
			return err_wrap(e, "line %zu", line);
		full++;
		struct jv root = json_root(j);
		struct scan_input one = *in;
		one.first = &root;
		if (!found && json_is_obj(&root))
			found = recognise(&one, SHAPE_LINES);
	}
	*out = found;
	*lines = full;
	return true;
}

const struct scan_format *recognise_broken(const char *bytes, size_t len)
{
	size_t span = MIN(len, HINT_SPAN);
	for (size_t i = 0; i < scan_formats_n; i++) {
		const char *hint = scan_formats[i].hint;
		if (hint && memmem(bytes, span, hint, strlen(hint)))
			return &scan_formats[i];
	}
	return NULL;
}

bool recognise_same_tool(const char *named, const char *tool, struct arena *a)
{
	const char *x = identity_tool(a, named), *y = identity_tool(a, tool);
	return strstr(x, y) || strstr(y, x);
}

const struct scan_format *recognise_empty(const char *tool)
{
	const struct scan_format *found = NULL;
	struct arena a = {0};
	for (size_t i = 0; tool && !found && i < scan_formats_n; i++)
		if (scan_formats[i].bare_empty &&
		    recognise_same_tool(tool, scan_formats[i].tool, &a))
			found = &scan_formats[i];
	arena_release(&a);
	return found;
}
