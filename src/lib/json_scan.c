#include "lib/json_scan.h"

#include "base/limits.h"

struct walk {
	const char *s, *outer, *inner;
	struct arena *a;
	struct json_arrays *out;
	size_t depth, commas;
	struct json_span key; /* the last string, while it may turn out to be a key */
	bool is_key; /* a colon followed it */
	bool in_outer; /* below {"outer": [ */
	bool listing; /* inside of out->v[out->n - 1] */
	size_t element; /* where its current element begins */
};

static bool key_is(const struct walk *w, const char *name)
{
	return w->is_key && w->key.len == strlen(name) &&
	       !memcmp(w->s + w->key.at, name, w->key.len);
}

static bool blank(const char *s, struct json_span x)
{
	while (x.len && strchr(" \t\r\n", s[x.at])) {
		x.at++;
		x.len--;
	}
	return x.len == 0;
}

static void end_element(struct walk *w, size_t at, bool last)
{
	struct json_array *l = &w->out->v[w->out->n - 1];
	struct json_span x = {w->element, at - w->element};
	if (!last || l->elements.n || !blank(w->s, x))
		vec_push(w->a, &l->elements, x);
	w->element = at + 1;
}

/* Depths: 0 {, 1 "outer": [, 2 {, 3 "inner": [, 4 the elements. */
static void open(struct walk *w, size_t at)
{
	bool list = w->s[at] == '[';
	if (w->depth == 1)
		w->in_outer = list && w->outer && key_is(w, w->outer);
	else if (w->depth == 3 && w->in_outer && list && key_is(w, w->inner)) {
		struct json_array l = {.whole = {at, 0}};
		vec_push(w->a, w->out, l);
		w->listing = true;
		w->element = at + 1;
	}
	w->is_key = false;
	w->depth++;
}

static void close(struct walk *w, size_t at)
{
	if (w->listing && w->depth == 4) {
		struct json_array *l = &w->out->v[w->out->n - 1];
		end_element(w, at, true);
		l->whole.len = at + 1 - l->whole.at;
		w->listing = false;
	}
	if (w->depth == 2)
		w->in_outer = false;
	if (w->depth)
		w->depth--;
}

bool json_scan(const char *s, size_t n, const char *outer, const char *inner, struct arena *a,
	       struct json_arrays *out, struct err *e)
{
	struct json_arrays found = {0};
	struct walk w = {.s = s, .outer = outer, .inner = inner, .a = a, .out = &found};
	for (size_t i = 0; i < n; i++) {
		switch (s[i]) {
		case '"':
			w.key.at = i + 1;
			for (i++; i < n && s[i] != '"'; i++)
				i += s[i] == '\\';
			w.key.len = MIN(i, n) - w.key.at;
			w.is_key = false;
			break;
		case ':':
			w.is_key = true;
			break;
		case '{':
		case '[':
			if (w.depth >= LIMIT_JSON_DEPTH)
				return err_set(e, ERR_LIMIT, "JSON is nested deeper than %d",
					       LIMIT_JSON_DEPTH);
			open(&w, i);
			break;
		case '}':
		case ']':
			close(&w, i);
			break;
		case ',':
			if (++w.commas > LIMIT_JSON_VALUES)
				return err_set(e, ERR_LIMIT, "JSON holds more than %d values",
					       LIMIT_JSON_VALUES);
			if (w.listing && w.depth == 4)
				end_element(&w, i, false);
			w.is_key = false;
			break;
		}
	}
	if (w.listing) /* cut off: its end is not known */
		found.n--;
	if (out)
		*out = found;
	return true;
}

/* What four hex digits after a backslash and "u" stand for, or -1. */
static int escape_unit(const char *s, const char *end)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	int v = 0;
	for (int i = 2; i < 6; i++) {
		const char *digit = s[i] ? strchr(hex, s[i]) : NULL;
		if (!digit)
			return -1;
		v = v * 16 + (int)(digit - hex) % 16;
	}
	return v;
}

char *json_mend_surrogates(const char *s, size_t n)
{
	char *copy = NULL;
	const char *end = s + n;
	for (const char *p = s; p < end; p++) {
		if (*p != '\\')
			continue;
		int unit = escape_unit(p, end);
		int next = unit >= 0xd800 && unit < 0xdc00 ? escape_unit(p + 6, end) : -1;
		if (next >= 0xdc00 && next < 0xe000) {
			p += 11;
		} else if (unit >= 0xd800 && unit < 0xe000) {
			if (!copy) {
				copy = malloc(n);
				BUG_ON(!copy);
				memcpy(copy, s, n);
			}
			memcpy(copy + (p - s) + 2, "fffd", 4);
			p += 5;
		} else {
			p++; /* the escaped character may be a backslash */
		}
	}
	return copy;
}
