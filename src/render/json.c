#include "render/render.h"

#include "lib/json.h"
#include "render/doc.h"

#include "base/text.h"

#include <math.h>

/* digest.json, member by member as the contract has it (product.md): everything comes from <data>,
 * nothing from the blocks. What is not known is null, never 0. */

static void add_words(struct jw *to, const char *list, struct arena *a)
{
	for (const char *p = list; *p;) {
		p += strspn(p, " \t\r\n");
		size_t n = strcspn(p, " \t\r\n");
		if (n)
			jw_str(to, NULL, arena_strndup(a, p, n));
		p += n;
	}
}

static void add_coverage(struct jw *root, const struct xnode *data, struct arena *a)
{
	struct jw *list = jw_add_arr(root, "coverage");
	for (const struct xnode *n = xml_child_named(data, "coverage"); n;
	     n = xml_next_named(n, "coverage")) {
		struct jw *o = jw_add_obj(list, NULL);
		jw_str(o, "source", xml_get(n, "source", a));
		jw_str(o, "status", xml_get(n, "status", a));
		jw_i64(o, "expected", doc_i64(n, "expected"));
		jw_i64(o, "received", doc_i64(n, "received"));
		jw_str(o, "as_of", xml_get(n, "as-of", a));
		jw_str(o, "reason", xml_get(n, "reason", a));
		add_words(jw_add_arr(o, "affects"), doc_attr(n, "affects", a), a);
	}
}

/* Counts are written without a fraction, with every digit. */
static void add_real(struct jw *o, const char *key, double v)
{
	if (!isnan(v) && v == floor(v) && fabs(v) < 9007199254740992.0)
		jw_i64(o, key, (int64_t)v);
	else
		jw_f64(o, key, v);
}

static void add_numbers(struct jw *root, const struct xnode *data, struct arena *a)
{
	struct jw *all = jw_add_obj(root, "numbers");
	for (const struct xnode *n = xml_child_named(data, "number"); n;
	     n = xml_next_named(n, "number")) {
		struct jw *o = jw_add_obj(all, doc_attr(n, "id", a));
		double low = doc_f64(n, "low"), high = doc_f64(n, "high");
		add_real(o, "value", doc_f64(n, "value"));
		if (isnan(low) || isnan(high)) {
			jw_null(o, "usual");
		} else {
			struct jw *usual = jw_add_arr(o, "usual");
			add_real(usual, NULL, low);
			add_real(usual, NULL, high);
		}
		jw_str(o, "mark", xml_get(n, "mark", a));
		jw_bool(o, "incomplete", xml_get(n, "incomplete", a) != NULL);
	}
}

static void add_items(struct jw *root, const struct xnode *data, struct arena *a)
{
	struct jw *list = jw_add_arr(root, "items");
	for (const struct xnode *n = xml_child_named(data, "item"); n;
	     n = xml_next_named(n, "item")) {
		struct jw *o = jw_add_obj(list, NULL);
		static const char *const same[] = {"id",    "section", "kind", "key",
						   "title", "url",     "owner"};
		for (size_t i = 0; i < ARRAY_SIZE(same); i++)
			jw_str(o, same[i], xml_get(n, same[i], a));
		jw_str(o, "first_seen", xml_get(n, "first-seen", a));
		jw_i64(o, "weeks", doc_i64(n, "weeks"));
		const struct xnode *d = xml_child_named(n, "deployment");
		if (d) {
			struct jw *to = jw_add_obj(o, "deployment");
			jw_str(to, "key", xml_get(d, "key", a));
			jw_str(to, "strength", xml_get(d, "strength", a));
			jw_i64(to, "minutes", doc_i64(d, "minutes"));
		} else {
			jw_null(o, "deployment");
		}
		const char *aside = xml_get(n, "set-aside", a);
		if (aside)
			jw_str(o, "set_aside", aside);
	}
}

bool render_json(const struct xml *doc, struct arena *a, const char **out, size_t *len,
		 struct err *e)
{
	const struct xnode *digest = xml_root(doc), *data = xml_child_named(digest, "data");
	const struct xnode *masthead = xml_child_named(digest, "masthead");
	const struct xnode *verdict = masthead ? xml_child_named(masthead, "verdict") : NULL;
	if (!data || !verdict)
		return err_set(e, ERR_BUG, "digest.json: the document has no data or no verdict");
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_i64(root, "schema", 1);
	static const char *const same[] = {"week", "from", "to", "timezone", "audience"};
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		jw_str(root, same[i], xml_get(digest, same[i], a));
	jw_str(root, "verdict", doc_text(verdict, a));
	add_coverage(root, data, a);
	add_numbers(root, data, a);
	add_items(root, data, a);
	struct jw *needs = jw_add_arr(root, "needs_you");
	for (const struct xnode *n = xml_child_named(data, "need"); n;
	     n = xml_next_named(n, "need"))
		jw_str(needs, NULL, xml_get(n, "item", a));
	struct jw *asides = jw_add_arr(root, "set_aside");
	for (const struct xnode *n = xml_child_named(data, "aside"); n;
	     n = xml_next_named(n, "aside")) {
		struct jw *o = jw_add_obj(asides, NULL);
		jw_str(o, "reason", xml_get(n, "reason", a));
		jw_i64(o, "count", doc_i64(n, "count"));
	}
	struct jw *corrections = jw_add_arr(root, "corrections");
	for (const struct xnode *n = xml_child_named(data, "correction"); n;
	     n = xml_next_named(n, "correction"))
		jw_str(corrections, NULL, doc_text(n, a));
	const char *text = jw_print(root, true, a);
	text = arena_printf(a, "%s\n", text);
	*out = text;
	*len = strlen(text);
	return true;
}
