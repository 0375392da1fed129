#include "collect/page.h"

#include "base/limits.h"
#include "base/text.h"

#include <ctype.h>
#include <strings.h>

/* One element of a Link header (RFC 8288): what stands between <> and the parameters we read. */
struct link {
	const char *url, *rel, *results, *cursor;
};

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* A token or quoted string; *s moves behind it. */
static const char *value(const char **s, struct arena *a)
{
	const char *p = *s;
	if (*p != '"') {
		size_t n = strcspn(p, ";, \t");
		*s = p + n;
		return arena_strndup(a, p, n);
	}
	char *out = arena_alloc(a, strlen(p) + 1);
	size_t n = 0;
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		out[n++] = *p;
	}
	*s = *p ? p + 1 : p;
	return out;
}

/* The next element of the header at *s, false at its end or at what is no link. */
static bool next_link(const char **s, struct arena *a, struct link *out)
{
	const char *p = *s + strspn(*s, ", \t");
	const char *end = *p == '<' ? strchr(p, '>') : NULL;
	*out = (struct link){0};
	if (!end)
		return false;
	out->url = arena_strndup(a, p + 1, (size_t)(end - p) - 1);
	p = skip_blanks(end + 1);
	while (*p == ';') {
		p = skip_blanks(p + 1);
		size_t n = strcspn(p, "=;, \t");
		const char *name = arena_strndup(a, p, n), *v = "";
		p = skip_blanks(p + n);
		if (*p == '=') {
			p = skip_blanks(p + 1);
			v = value(&p, a);
		}
		if (!strcasecmp(name, "rel"))
			out->rel = v;
		else if (!strcasecmp(name, "results"))
			out->results = v;
		else if (!strcasecmp(name, "cursor"))
			out->cursor = v;
		p = skip_blanks(p);
	}
	*s = p;
	return true;
}

/* rel may hold several words. */
static bool is_next(const char *rel)
{
	for (const char *p = rel; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (n == 4 && !strncasecmp(p, "next", 4))
			return true;
		p += n;
	}
	return false;
}

static bool find_next(const struct http_response *r, struct arena *a, struct link *out)
{
	for (size_t i = 0; i < r->header_n; i++) {
		if (strcasecmp(r->headers[i].name, "link") != 0)
			continue;
		const char *s = r->headers[i].value;
		while (next_link(&s, a, out))
			if (is_next(out->rel))
				return true;
	}
	return false;
}

/* "https://api.example.org:443/x" gives "https://api.example.org"; NULL for what is not plain
 * http(s) with a host, and for one with user information. */
static const char *origin(const char *url, struct arena *a)
{
	const char *rest = text_starts(url, "https://")	 ? url + 8
			   : text_starts(url, "http://") ? url + 7
							 : NULL;
	if (!rest)
		return NULL;
	size_t n = strcspn(rest, "/?#");
	if (n == 0 || memchr(rest, '@', n) || memchr(rest, '\\', n))
		return NULL;
	const char *port = rest == url + 8 ? ":443" : ":80";
	size_t k = strlen(port);
	if (n > k && !strncmp(rest + n - k, port, k))
		n -= k;
	return text_lower(a, arena_strndup(a, url, (size_t)(rest - url) + n));
}

enum page_next page_github(const struct http_response *r, const char *api, struct arena *a,
			   const char **token)
{
	struct link l;
	if (!find_next(r, a, &l))
		return PAGE_END;
	const char *from = origin(l.url, a), *to = origin(api, a);
	if (!from || !text_eq(from, to)) {
		*token = "it is on another host";
		return PAGE_BAD;
	}
	*token = l.url;
	return PAGE_MORE;
}

enum page_next page_sentry(const struct http_response *r, struct arena *a, const char **token)
{
	struct link l;
	if (!find_next(r, a, &l) || !text_ieq(l.results, "true"))
		return PAGE_END;
	if (!l.cursor || !*l.cursor) {
		*token = "it has no cursor";
		return PAGE_BAD;
	}
	*token = l.cursor;
	return PAGE_MORE;
}

enum page_next page_aws(const struct jv *root, const char *key, struct arena *a, const char **token)
{
	struct jv v = json_get(root, key);
	if (json_is_null(&v))
		return PAGE_END;
	if (!json_is_str(&v)) {
		*token = "its token is not text";
		return PAGE_BAD;
	}
	*token = json_text(&v, a);
	return **token ? PAGE_MORE : PAGE_END;
}

enum page_next page_step(struct part *p, struct page_walk *w, enum page_next next,
			 const char *token, const char *what)
{
	p->l.pages++;
	if (next == PAGE_BAD) {
		collect_short(p, "%s: a further page cannot be asked for: %s", what, token);
		return PAGE_CUT;
	}
	if (next != PAGE_MORE)
		return next;
	for (size_t i = 0; i < w->seen.n; i++) {
		if (text_eq(w->seen.v[i], token)) {
			collect_short(p,
				      "%s: the service names the same page again after %zu pages",
				      what, w->seen.n + 1);
			return PAGE_CUT;
		}
	}
	vec_push(p->c->a, &w->seen, arena_strdup(p->c->a, token));
	if (w->seen.n >= LIMIT_PAGES) {
		collect_short(p, "%s: more than %d pages", what, LIMIT_PAGES);
		return PAGE_CUT;
	}
	return PAGE_MORE;
}

const char *page_encode(struct arena *a, const char *s)
{
	struct sb b;
	sb_init(&b, a, 3 * strlen(s) + 1);
	text_url_encode(&b, s);
	return sb_str(&b);
}
