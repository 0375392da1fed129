#include "scan/member.h"

#include "base/parse.h"
#include "base/text.h"
#include "lib/crypto.h"

#include <math.h>
#include <strings.h>

const char *member_or(const char *x, const char *y)
{
	return x ? x : y;
}

const char *member_text(const struct jv *o, const char *path, struct arena *a)
{
	const char *dot = strchr(path, '.');
	if (!dot)
		return draft_text(o, path, a);
	struct jv v = json_get(o, arena_strndup(a, path, (size_t)(dot - path)));
	return member_text(&v, dot + 1, a);
}

static const char *text_or_null(const struct jv *v, struct arena *a)
{
	const char *s = json_text(v, a);
	return s && *s ? s : NULL;
}

/* The first text for which pick gives something. */
static const char *first_of(const struct jv *o, const char *key, struct arena *a,
			    const char *(*pick)(struct arena *, const char *))
{
	struct jv v = json_get(o, key);
	const char *s = text_or_null(&v, a);
	const char *found = s ? pick(a, s) : NULL;
	if (json_is_arr(&v))
		for (struct jv it = json_first(&v); it.n && !found; it = json_next(&it))
			found = (s = text_or_null(&it, a)) != NULL ? pick(a, s) : NULL;
	return found;
}

static const char *itself(struct arena *a UNUSED, const char *s)
{
	return s;
}

const char *member_one(const struct jv *o, const char *key, struct arena *a)
{
	return first_of(o, key, a, itself);
}

const char *member_cwe(const struct jv *o, const char *key, struct arena *a)
{
	return first_of(o, key, a, draft_cwe);
}

const char *member_cve(const struct jv *o, const char *key, struct arena *a)
{
	return first_of(o, key, a, draft_cve);
}

bool member_true(const struct jv *o, const char *key)
{
	struct arena a = {0};
	struct jv v = json_get(o, key);
	bool yes = member_word(json_text(&v, &a), "true");
	arena_release(&a);
	return yes;
}

int64_t member_line(const struct jv *o, const char *key, struct arena *a)
{
	int64_t n;
	const char *s = draft_text(o, key, a);
	return s && parse_i64_n(s, strspn(s, "0123456789"), &n) ? n : NUM_NONE;
}

double member_score(const char *text)
{
	double score;
	return text && parse_f64(text, &score) ? score : (double)NAN;
}

static double within(const char *text, double max)
{
	double x = member_score(text);
	return x > 0 && x <= max ? x : 0;
}

double member_cvss(const char *text)
{
	return within(text, 10);
}

double member_epss(const char *text)
{
	return within(text, 1);
}

double member_cvss_max(const struct jv *list, const char *path, struct arena *a)
{
	double max = 0;
	for (struct jv it = json_first(list); it.n; it = json_next(&it)) {
		double x = member_cvss(member_text(&it, path, a));
		max = x > max ? x : max;
	}
	return max;
}

bool member_word(const char *word, const char *is)
{
	static const char blanks[] = " \t\r\n";
	if (!word)
		return false;
	word += strspn(word, blanks);
	size_t n = strlen(is);
	return !strncasecmp(word, is, n) && !word[n + strspn(word + n, blanks)];
}

enum severity member_severity(const char *word, enum severity otherwise)
{
	enum severity s;
	return scan_severity_word(word, &s) ? s : otherwise;
}

const struct xnode *member_node(const struct xnode *n, const char *path)
{
	while (n && path) {
		char name[64];
		const char *slash = strchr(path, '/');
		size_t len = slash ? (size_t)(slash - path) : strlen(path);
		BUG_ON(len >= sizeof name); /* paths are ours */
		memcpy(name, path, len);
		name[len] = '\0';
		n = xml_child_named(n, name);
		path = slash ? slash + 1 : NULL;
	}
	return n;
}

const char *member_child(const struct xnode *n, const char *path, struct arena *a)
{
	const struct xnode *c = member_node(n, path);
	const char *s = c ? xml_content(c, a) : "";
	return *s ? s : NULL;
}

static void keep_smallest(const char **where, const char *s)
{
	if (!*where || strcmp(s, *where) < 0)
		*where = s;
}

void names_add(struct names *n, const char *name, struct arena *a)
{
	const char *known;
	if (!name)
		return;
	if ((known = draft_cve(a, name)) != NULL)
		keep_smallest(&n->cve, known);
	else if ((known = draft_ghsa(a, name)) != NULL)
		keep_smallest(&n->ghsa, known);
	else
		keep_smallest(&n->other, name);
}

void names_add_list(struct names *n, const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	names_add(n, text_or_null(&v, a), a);
	if (json_is_arr(&v))
		for (struct jv it = json_first(&v); it.n; it = json_next(&it))
			names_add(n, text_or_null(&it, a), a);
}

const char *names_key(const struct names *n)
{
	return n->cve ? n->cve : member_or(n->ghsa, n->other);
}

const char *member_purl(struct arena *a, const char *purl)
{
	if (!purl || !text_starts(purl, "pkg:"))
		return NULL;
	purl += strlen("pkg:");
	size_t n = strcspn(purl, "?#");
	const char *slash = memrchr(purl, '/', n), *at = memrchr(purl, '@', n);
	if (at && (!slash || at > slash)) /* the "@" of "npm/@scope/name" is none */
		n = (size_t)(at - purl);
	return n ? arena_strndup(a, purl, n) : NULL;
}

const char *member_image(struct arena *a, const char *image)
{
	if (!image)
		return NULL;
	size_t n = strcspn(image, "@");
	const char *slash = memrchr(image, '/', n), *colon = memrchr(image, ':', n);
	if (colon && (!slash || colon > slash)) /* not the port of a registry */
		n = (size_t)(colon - image);
	return n ? arena_strndup(a, image, n) : NULL;
}

const char *member_digest(struct arena *a, const char *secret)
{
	char hex[SHA256_HEX];
	if (!secret)
		return "";
	sha256_hex(secret, strlen(secret), hex);
	return arena_strdup(a, hex);
}
