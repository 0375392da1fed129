#include "archive/past.h"

#include "base/text.h"
#include "render/doc.h"

#include <math.h>

static void read_sources(struct past *p, struct arena *a)
{
	struct xnodes list = {0};
	xml_find(p->doc, NULL, "/digest/data/coverage", a, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct xnode *n = list.v[i];
		struct past_source s = {.name = doc_attr(n, "source", a),
					.status = doc_attr(n, "status", a),
					.reason = xml_get(n, "reason", a),
					.affects = doc_attr(n, "affects", a),
					.expected = doc_i64(n, "expected"),
					.received = doc_i64(n, "received")};
		vec_push(a, &p->sources, s);
	}
}

bool past_read(struct db *db, const char *week, const char *audience, struct arena *a,
	       struct past *out, bool *found, struct err *e)
{
	struct frozen f;
	struct past p = {0};
	if (!digests_get(db, week, audience, a, &f, found, e))
		return false;
	if (!*found)
		return true;
	p.id = f.id, p.week = f.week, p.audience = f.audience, p.frozen_s = f.frozen_s;
	if (!digests_numbers(db, f.id, a, &p.numbers, e) ||
	    !digests_items(db, f.id, a, &p.items, e) ||
	    !xml_parse(f.document, f.document_len, "digest.xml", &p.doc, e))
		return err_wrap(e, "digest of %s for \"%s\"", week, audience);
	struct xnodes verdict = {0};
	xml_find(p.doc, NULL, "/digest/masthead/verdict", a, &verdict);
	p.verdict = verdict.n ? doc_text(verdict.v[0], a) : "";
	read_sources(&p, a);
	*out = p;
	return true;
}

void past_release(struct past *p)
{
	xml_free(p->doc);
	p->doc = NULL;
}

const struct number *past_number(const struct past *p, const char *id)
{
	for (size_t i = 0; i < p->numbers.n; i++)
		if (!strcmp(p->numbers.v[i].id, id))
			return &p->numbers.v[i];
	return NULL;
}

/* More of what was not collected can only add to a count; a rate or a duration may go either way.
 */
static bool only_grows(const char *id)
{
	return !text_glob("*_s", id) && !text_glob("*_rate", id) &&
	       !text_starts(id, "availability.") && !text_starts(id, "metrics.");
}

const char *past_value(const struct number *n, struct arena *a)
{
	if (!n)
		return "not in it";
	if (isnan(n->value))
		return "not known";
	const char *v = fabs(n->value) < 1e6 ? arena_printf(a, "%.6g", n->value)
					     : arena_printf(a, "%.0f", n->value);
	return !n->incomplete	   ? v
	       : only_grows(n->id) ? arena_printf(a, "at least %s", v)
				   : arena_printf(a, "%s, incomplete", v);
}

const char *past_link(const struct config *cfg, const char *week, const char *audience,
		      const char *section, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 1 << 16);
	if (cfg->archive_url) {
		sb_addf(&b, "%s%s/", cfg->archive_url, week);
		text_url_encode(&b, audience);
	} else {
		sb_addf(&b, "%s/%s/%s", cfg->archive, week, audience);
	}
	sb_add(&b, "/page.html");
	if (section && *section)
		sb_addf(&b, "#%s", text_eq(section, "digest") ? "needs" : section);
	return sb_str(&b);
}
