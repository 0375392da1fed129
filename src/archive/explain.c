#include "archive/explain.h"

#include "base/text.h"
#include "render/doc.h"

#include <math.h>

/* Whether a blank-separated list of ids and globs has the id. */
static bool lists(const char *list, const char *id, struct arena *a)
{
	for (const char *p = list ? list : ""; *p;) {
		size_t n = strcspn(p, " ");
		if (n > 0 && text_glob(arena_strndup(a, p, n), id))
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

static void find_definition(const struct past *p, const char *id, struct arena *a,
			    struct explain_number *out)
{
	struct xnodes terms = {0};
	xml_find(p->doc, NULL, "/digest/section//term[@id]", a, &terms);
	/* Its own term before one that speaks of it, too. */
	for (int pass = 0; pass < 2 && !out->term; pass++) {
		for (size_t i = 0; i < terms.n && !out->term; i++) {
			const struct xnode *t = terms.v[i];
			bool own = text_eq(xml_get(t, "id", a), id);
			if (!own && (pass == 0 || !lists(xml_get(t, "also", a), id, a)))
				continue;
			out->term = doc_attr(t, "word", a);
			out->definition = doc_text(t, a);
		}
	}
}

static bool is_measured(const char *id)
{
	return text_glob("*_s", id) || text_glob("*_rate", id) || text_starts(id, "metrics.") ||
	       text_starts(id, "availability.");
}

static const char *section_of(const char *id)
{
	static const char *const families[][2] = {{"errors.", "errors"},
						  {"deployments.", "deployments"},
						  {"ci.", "ci"},
						  {"security.", "security"},
						  {"availability.", "monitoring"},
						  {"metrics.", "monitoring"}};
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (text_starts(id, families[i][0]))
			return families[i][1];
	return "numbers";
}

static bool explain_number(struct db *db, const struct past *p, const struct number *n,
			   struct arena *a, struct explain_number *x, struct err *e)
{
	x->n = n;
	x->section = section_of(n->id);
	for (size_t i = 0; i < p->sources.n && n->incomplete; i++)
		if (lists(p->sources.v[i].affects, n->id, a))
			vec_push(a, &x->because, &p->sources.v[i]);
	find_definition(p, n->id, a, x);
	if (!digests_number_rows(db, p->week, p->audience, n->id, a, &x->rows, e))
		return false;
	x->sql = digests_number_rows_sql(p->week, p->audience, n->id, a);
	if (x->rows.n > 0 || n->value == 0)
		return true;
	if (text_eq(xml_get(xml_root(p->doc), "detail", a), "counts")) {
		x->no_rows = "this audience gets counts only: no rows are kept for it";
	} else if (is_measured(n->id)) {
		x->no_rows = "it is measured, not counted; the statement gives its weeks";
		x->sql = digests_number_weeks_sql(p->audience, n->id, a);
	} else if (isnan(n->value)) {
		x->no_rows = "what it counts was not collected";
	} else {
		x->no_rows = "none were kept: an earlier version of sitrep froze this digest";
	}
	return true;
}

static bool explain_item(struct db *db, const struct past *p, const struct item *it,
			 struct arena *a, struct explain_item *x, struct err *e)
{
	struct xnodes list = {0};
	*x = (struct explain_item){.it = it, .minutes = NUM_NONE};
	xml_find(p->doc, NULL, "/digest/data/item[deployment]", a, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct xnode *d = xml_child_named(list.v[i], "deployment");
		if (!text_eq(xml_get(list.v[i], "id", a), it->id))
			continue;
		x->deployment = doc_attr(d, "key", a);
		x->strength = doc_attr(d, "strength", a);
		x->minutes = doc_i64(d, "minutes");
	}
	return digests_item_digests(db, p->audience, it->section, it->key, a, &x->weeks, e);
}

bool explain_id(struct db *db, const struct past *p, const char *id, struct arena *a,
		struct explanation *out, struct err *e)
{
	struct explanation x = {0};
	const struct number *n = past_number(p, id);
	const struct item *it = NULL;
	for (size_t i = 0; !n && !it && i < p->items.n; i++)
		if (text_eq(p->items.v[i].id, id) || text_eq(p->items.v[i].key, id))
			it = &p->items.v[i];
	if (n) {
		x.number = arena_array(a, struct explain_number, 1);
		if (!explain_number(db, p, n, a, x.number, e))
			return false;
	} else if (it) {
		x.item = arena_array(a, struct explain_item, 1);
		if (!explain_item(db, p, it, a, x.item, e))
			return false;
	}
	*out = x;
	return true;
}

#define LIKE_MAX 64 /* longer ids are compared by their beginnings */

/* How many letters must be changed, put in or left out. */
static size_t distance(const char *x, const char *y)
{
	size_t row[LIKE_MAX + 1], n = MIN(strlen(x), (size_t)LIKE_MAX),
				  m = MIN(strlen(y), (size_t)LIKE_MAX);
	for (size_t k = 0; k <= m; k++)
		row[k] = k;
	for (size_t i = 1; i <= n; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t k = 1; k <= m; k++) {
			size_t changed = corner + (x[i - 1] != y[k - 1]);
			corner = row[k];
			row[k] = MIN(changed, MIN(row[k], row[k - 1]) + 1);
		}
	}
	return row[m];
}

void explain_like(const struct past *p, const char *id, size_t most, struct arena *a,
		  struct strv *out)
{
	size_t n = p->numbers.n + p->items.n;
	bool *used = arena_array(a, bool, n + 1);
	/* An unfinished id has its letters in common with what it begins. */
	for (; most > 0 && *id; most--) {
		size_t best = n, best_d = SIZE_MAX;
		for (size_t i = 0; i < n; i++) {
			const char *other = i < p->numbers.n ? p->numbers.v[i].id
							     : p->items.v[i - p->numbers.n].id;
			size_t d = text_starts(other, id) ? 0 : distance(id, other);
			if (!used[i] && d < best_d)
				best = i, best_d = d;
		}
		if (best == n || best_d > strlen(id) / 2 + 1)
			return;
		used[best] = true;
		vec_push(a, out,
			 best < p->numbers.n ? p->numbers.v[best].id
					     : p->items.v[best - p->numbers.n].id);
	}
}
