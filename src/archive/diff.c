#include "archive/diff.h"

#include "base/text.h"

#include <math.h>

static bool same_number(const struct number *x, const struct number *y)
{
	/* Unknown for one reason or another is unknown; the reasons are the sources' lines. */
	if (isnan(x->value))
		return isnan(y->value);
	return x->value == y->value && x->incomplete == y->incomplete;
}

static void numbers(const struct past *from, const struct past *to, struct arena *a,
		    struct diff *out)
{
	for (size_t i = 0; i < to->numbers.n; i++) {
		const struct number *y = &to->numbers.v[i], *x = past_number(from, y->id);
		if (!x || !same_number(x, y))
			vec_push(a, &out->numbers, ((struct diff_number){y->id, x, y}));
	}
	for (size_t i = 0; i < from->numbers.n; i++) {
		const struct number *x = &from->numbers.v[i];
		if (!past_number(to, x->id))
			vec_push(a, &out->numbers, ((struct diff_number){x->id, x, NULL}));
	}
}

static const struct past_source *source(const struct past *p, const char *name)
{
	for (size_t i = 0; i < p->sources.n; i++)
		if (!strcmp(p->sources.v[i].name, name))
			return &p->sources.v[i];
	return NULL;
}

static void sources(const struct past *from, const struct past *to, struct arena *a,
		    struct diff *out)
{
	for (size_t i = 0; i < to->sources.n; i++) {
		const struct past_source *y = &to->sources.v[i], *x = source(from, y->name);
		if (!x || !text_eq(x->status, y->status) || !text_eq(x->reason, y->reason))
			vec_push(a, &out->sources, ((struct diff_source){y->name, x, y}));
	}
	for (size_t i = 0; i < from->sources.n; i++) {
		const struct past_source *x = &from->sources.v[i];
		if (!source(to, x->name))
			vec_push(a, &out->sources, ((struct diff_source){x->name, x, NULL}));
	}
}

static int by_key(const void *p, const void *q)
{
	const struct item *x = *(const struct item *const *)p, *y = *(const struct item *const *)q;
	int c = strcmp(x->section, y->section);
	if (c == 0)
		c = strcmp(x->key, y->key);
	/* Two of one key are told apart by their place in the digest. */
	return c ? c : (x > y) - (x < y);
}

static const struct item **sorted(const struct items *list, struct arena *a)
{
	const struct item **v = arena_array(a, const struct item *, list->n + 1);
	for (size_t i = 0; i < list->n; i++)
		v[i] = &list->v[i];
	if (list->n > 0)
		qsort(v, list->n, sizeof(const struct item *), by_key);
	return v;
}

static bool same_item(const struct item *x, const struct item *y)
{
	return text_eq(x->kind, y->kind) && text_eq(x->owner, y->owner) &&
	       text_eq(x->set_aside, y->set_aside) && text_eq(x->title, y->title);
}

static void items(const struct past *from, const struct past *to, struct arena *a, struct diff *out)
{
	const struct item **x = sorted(&from->items, a), **y = sorted(&to->items, a);
	const struct item **partner = arena_array(a, const struct item *, to->items.n + 1);
	bool *met = arena_array(a, bool, from->items.n + 1);
	for (size_t i = 0, k = 0; i < from->items.n && k < to->items.n;) {
		int c = strcmp(x[i]->section, y[k]->section);
		if (c == 0)
			c = strcmp(x[i]->key, y[k]->key);
		if (c == 0) {
			partner[y[k] - to->items.v] = x[i];
			met[x[i] - from->items.v] = true;
		}
		i += c <= 0;
		k += c >= 0;
	}
	for (size_t k = 0; k < to->items.n; k++) {
		const struct item *it = &to->items.v[k];
		if (!partner[k] || !same_item(partner[k], it))
			vec_push(a, &out->items, ((struct diff_item){partner[k], it}));
	}
	for (size_t i = 0; i < from->items.n; i++)
		if (!met[i])
			vec_push(a, &out->items, ((struct diff_item){&from->items.v[i], NULL}));
}

void diff_digests(const struct past *from, const struct past *to, struct arena *a, struct diff *out)
{
	struct diff d = {.audience = to->audience, .from = from->week, .to = to->week};
	if (!text_eq(from->verdict, to->verdict))
		d.from_verdict = from->verdict, d.to_verdict = to->verdict;
	numbers(from, to, a, &d);
	sources(from, to, a, &d);
	items(from, to, a, &d);
	*out = d;
}

bool diff_empty(const struct diff *d)
{
	return !d->from_verdict && !d->numbers.n && !d->items.n && !d->sources.n;
}

const char *diff_change(const struct diff_item *i)
{
	return !i->from ? "added" : !i->to ? "removed" : "changed";
}

const char *diff_what(const struct diff_item *i, struct arena *a)
{
	const char *s = "";
	if (!i->from || !i->to)
		return s;
	const struct {
		const char *name, *from, *to;
	} fields[] = {{"kind", i->from->kind, i->to->kind},
		      {"owner", i->from->owner, i->to->owner},
		      {"set aside", i->from->set_aside, i->to->set_aside},
		      {"title", i->from->title, i->to->title}};
	for (size_t k = 0; k < ARRAY_SIZE(fields); k++)
		if (!text_eq(fields[k].from, fields[k].to))
			s = arena_printf(a, "%s%s%s %s → %s", s, *s ? ", " : "", fields[k].name,
					 fields[k].from ? fields[k].from : "none",
					 fields[k].to ? fields[k].to : "none");
	return s;
}
