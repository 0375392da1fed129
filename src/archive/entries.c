#include "archive/entries.h"

#include "base/text.h"
#include "lib/xml.h"
#include "render/doc.h"

#define NUMBERS_MAX 6 /* the digest's "six numbers" */

static const char *text_at(const struct xml *x, const char *path, struct arena *a)
{
	struct xnodes found = {0};
	xml_find(x, NULL, path, a, &found);
	return found.n ? doc_text(found.v[0], a) : "";
}

/* Links inside a digest ("What this digest does not know") lead nowhere from outside of it. */
static void drop_inner_links(struct xml *x, struct arena *a)
{
	struct xnodes found = {0};
	xml_find(x, NULL, "masthead/status/link[starts-with(@href, '#')]", a, &found);
	for (size_t i = 0; i < found.n; i++)
		xml_remove(found.v[i]);
}

static void read_document(struct xml *x, struct arena *a, struct entry *out)
{
	struct xnodes found = {0};
	out->heading = text_at(x, "masthead/heading", a);
	out->dates = text_at(x, "masthead/dates", a);
	out->verdict = text_at(x, "masthead/verdict", a);
	out->lang = xml_get(xml_root(x), "lang", a);
	xml_find(x, NULL, "(section//tiles)[1]/tile", a, &found);
	for (size_t i = 0; i < MIN(found.n, (size_t)NUMBERS_MAX); i++) {
		const struct xnode *t = found.v[i];
		struct entry_number n = {doc_attr(t, "label", a), doc_attr(t, "value", a),
					 doc_attr(t, "unit", a), xml_get(t, "tag", a),
					 xml_get(t, "tone", a)};
		vec_push(a, &out->numbers, n);
	}
	found = (struct xnodes){0};
	drop_inner_links(x, a);
	xml_find(x, NULL, "masthead/status[@tone != 'green']", a, &found);
	for (size_t i = 0; i < found.n; i++) {
		struct entry_status s = {doc_attr(found.v[i], "word", a),
					 doc_attr(found.v[i], "tone", a), doc_text(found.v[i], a)};
		vec_push(a, &out->statuses, s);
	}
}

static bool read_entry(struct db *db, const struct frozen *f, struct arena *a, struct entry *out,
		       struct err *e)
{
	struct arena scratch = {0}; /* a document may have megabytes, an entry has some lines */
	struct frozen whole = {0};
	bool found = false, ok = digests_get(db, f->week, f->audience, &scratch, &whole, &found, e);
	if (ok) {
		struct err why = {0};
		CLEANUP(xml_freep) struct xml *x = NULL;
		*out = (struct entry){.week = f->week,
				      .audience = f->audience,
				      .sha256 = f->sha256,
				      .frozen_s = f->frozen_s};
		if (found && xml_parse(whole.document, whole.document_len, "digest.xml", &x, &why))
			read_document(x, a, out);
		else
			out->heading = out->dates = "",
			out->verdict = arena_printf(a, "This digest cannot be read: %s",
						    found ? why.msg : "it is gone");
		ok = digests_artefact_names(db, f->id, a, &out->files, e);
	}
	arena_release(&scratch);
	return ok;
}

static size_t rank(const struct config *cfg, const char *audience)
{
	size_t i = 0;
	while (i < cfg->audiences.n && strcmp(cfg->audiences.v[i].name, audience) != 0)
		i++;
	return i;
}

bool entries_read(struct db *db, const struct config *cfg, struct arena *a, struct entries *out,
		  struct err *e)
{
	struct frozens all;
	struct entries list = {0};
	if (!digests_list(db, a, &all, e))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		struct entry x;
		if (!read_entry(db, &all.v[i], a, &x, e))
			return false;
		vec_push(a, &list, x);
		/* The list has the weeks in order and the audiences by name: move this one up
		 * before those of its week that the configuration names later. */
		size_t at = list.n - 1;
		while (at > 0 && !strcmp(list.v[at - 1].week, x.week) &&
		       rank(cfg, list.v[at - 1].audience) > rank(cfg, x.audience)) {
			list.v[at] = list.v[at - 1];
			at--;
		}
		list.v[at] = x;
	}
	*out = list;
	return true;
}
