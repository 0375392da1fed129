/* The difference of two digests as a page: a tree that reports/diff.xsl turns into HTML. */
#include "archive/diff.h"

#include "base/text.h"
#include "lib/xml.h"
#include "render/doc.h"

static const char *shown(const char *s, struct arena *a)
{
	return s ? text_line(a, s, 0) : NULL;
}

static void put_source(struct xnode *n, const char *name, const struct past_source *s,
		       struct arena *a)
{
	xml_attr(n, name,
		 !s	     ? "not in it"
		 : s->reason ? arena_printf(a, "%s: %s", s->status, shown(s->reason, a))
			     : s->status);
}

static void put_item(struct xnode *root, const struct diff_item *d, struct arena *a)
{
	const struct item *it = d->to ? d->to : d->from;
	struct xnode *n = xml_add(root, "item");
	xml_attr(n, "change", diff_change(d));
	xml_attr(n, "section", it->section);
	xml_attr(n, "kind", it->kind);
	xml_attr(n, "title", shown(it->title, a));
	xml_attr(n, "key", shown(it->key, a));
	xml_attr(n, "owner", shown(it->owner, a));
	xml_attr(n, "set-aside", shown(it->set_aside, a));
	xml_attr(n, "href", it->url ? doc_page_link(it->url, a) : NULL);
	xml_attr(n, "what", shown(diff_what(d, a), a));
}

bool diff_html(const struct diff *d, const struct config *cfg, const char *generator,
	       struct arena *a, const char **out, size_t *len, struct err *e)
{
	CLEANUP(xml_freep) struct xml *x = xml_new("diff");
	CLEANUP(xslt_freep) struct xslt *sheet = NULL;
	struct xnode *root = xml_root(x);
	size_t n;
	xml_attr(root, "title", cfg->title);
	xml_attr(root, "lang", "en-GB");
	xml_attr(root, "audience", d->audience);
	xml_attr(root, "from", d->from);
	xml_attr(root, "to", d->to);
	xml_attr(root, "generator", generator);
	xml_attr(root, "same", diff_empty(d) ? "yes" : NULL);
	if (d->from_verdict) {
		struct xnode *v = xml_add(root, "verdict");
		xml_attr(v, "from", shown(d->from_verdict, a));
		xml_attr(v, "to", shown(d->to_verdict, a));
	}
	for (size_t i = 0; i < d->numbers.n; i++) {
		struct xnode *v = xml_add(root, "number");
		xml_attr(v, "id", d->numbers.v[i].id);
		xml_attr(v, "from", past_value(d->numbers.v[i].from, a));
		xml_attr(v, "to", past_value(d->numbers.v[i].to, a));
	}
	for (size_t i = 0; i < d->sources.n; i++) {
		struct xnode *v = xml_add(root, "source");
		xml_attr(v, "name", d->sources.v[i].name);
		put_source(v, "from", d->sources.v[i].from, a);
		put_source(v, "to", d->sources.v[i].to, a);
	}
	for (size_t i = 0; i < d->items.n; i++)
		put_item(root, &d->items.v[i], a);
	const char *xsl = doc_report("diff.xsl", &n);
	const char *const params[] = {"css", doc_css("archive.css", a), NULL};
	return xslt_open(xsl, n, "diff.xsl", &sheet, e) &&
	       xslt_apply(sheet, x, params, a, out, len, e);
}
