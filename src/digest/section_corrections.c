#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

void section_corrections(const struct study *f, struct xnode *root)
{
	if (f->history.n == 0)
		return; /* nothing was said yet that could be corrected */
	struct xnode *s = doc_section(root, "corrections", "Corrections to last week’s digest");
	xml_attr(s, "summary", w_count(f->a, (int64_t)f->corrections.n));
	xml_attr(s, "line",
		 f->corrections.n == 0
			 ? "none"
			 : w_plural(f->a, (int64_t)f->corrections.n, "number", "numbers"));
	if (f->corrections.n == 0) {
		doc_para(s, NULL,
			 "No number of the digest before has changed since, as far as it can be "
			 "counted again.");
		return;
	}
	struct xnode *c = xml_add(s, "callout");
	xml_attr(c, "kind", "correction");
	for (size_t i = 0; i < f->corrections.n; i++)
		doc_para(c, NULL, f->corrections.v[i]);
	doc_para(s, "note",
		 "Runs that were run again, and what became known after the digest was frozen. "
		 "That digest itself is "
		 "unchanged in the archive.");
}
