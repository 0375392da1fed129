#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

static void add_action(const struct study *f, struct xnode *list, const struct action *x,
		       size_t rank)
{
	struct xnode *n = xml_add(list, "action");
	xml_attr_i64(n, "rank", (int64_t)rank);
	xml_attr(n, "item", x->item);
	xml_attr(n, "rule", x->rule);
	xml_attr(n, "owner", x->owner ? x->owner : "no owner");
	xml_attr(n, "age", x->age);
	xml_attr(n, "href", x->href);
	xml_text(xml_add(n, "title"), m_plain(f->a, x->title));
	doc_element(n, "reason", x->reason);
}

void section_needs(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "needs", "Needs you");
	const struct needs *n = &f->needs;
	size_t shown = MIN(n->v.n, (size_t)NEEDS_MAX), left = n->v.n - shown;
	xml_attr(s, "summary", w_count(f->a, (int64_t)n->v.n));
	xml_attr(s, "line",
		 n->v.n == 0 ? "nothing" : w_plural(f->a, (int64_t)n->v.n, "thing", "things"));
	if (n->v.n == 0)
		doc_para(s, NULL, "Nothing that was collected needs somebody this week.");
	if (f->counts_only) {
		if (n->v.n > 0)
			doc_para(s, NULL,
				 arena_printf(f->a, "%s somebody.",
					      w_plural(f->a, (int64_t)n->v.n, "thing needs",
						       "things need")));
	} else if (shown > 0) {
		struct xnode *list = xml_add(s, "actions");
		for (size_t i = 0; i < shown; i++)
			add_action(f, list, &n->v.v[i], i + 1);
	}
	if (left > 0 && !f->counts_only)
		doc_para(s, "note",
			 arena_printf(f->a, "%s in the sections below.",
				      w_plural(f->a, (int64_t)left, "more is", "more are")));
	if (n->set_aside == 0)
		return;
	struct xnode *aside = xml_add(s, "setaside");
	xml_attr(aside, "title",
		 arena_printf(f->a, "You can ignore %s",
			      w_plural(f->a, n->set_aside, "other", "others")));
	for (size_t i = 0; i < n->asides.n; i++) {
		const struct aside *x = &n->asides.v[i];
		struct xnode *a = xml_add(aside, "aside");
		xml_attr_i64(a, "count", x->count);
		xml_attr(a, "reason", x->reason);
		xml_text(a, x->words);
	}
}
