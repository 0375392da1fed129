#include "scan/sarif_rules.h"

#include "base/sb.h"
#include "base/parse.h"
#include "base/text.h"
#include "scan/draft.h"
#include "scan/identity.h"

#include <strings.h>

const char *sarif_security_severity(const struct jv *o, struct arena *a, enum severity *out)
{
	struct jv properties = json_get(o, "properties");
	const char *text = draft_text(&properties, "security-severity", a);
	if (!text)
		return NULL;
	text = text_line(a, text, 0);
	double score;
	bool ok = parse_f64(text, &score) ? scan_severity_score(score, out)
					  : scan_severity_word(text, out);
	return ok ? text : NULL;
}

const char *sarif_cwe_in(const struct jv *list, const char *member, struct arena *a)
{
	for (struct jv it = json_first(list); it.n; it = json_next(&it)) {
		struct jv ref = member ? json_get(&it, member) : it;
		struct jv component = json_get(&ref, "toolComponent");
		const char *id = draft_text(&ref, "id", a);
		if (id &&
		    (text_ieq(draft_text(&component, "name", a), "CWE") || strcasestr(id, "cwe-")))
			return draft_cwe(a, id);
	}
	return NULL;
}

const char *sarif_cwe_property(const struct jv *o, struct arena *a)
{
	struct jv properties = json_get(o, "properties"), tags = json_get(&properties, "tags"),
		  cwe = json_get(&properties, "cwe");
	struct jv first = json_is_arr(&cwe) ? json_first(&cwe) : cwe;
	const char *found = draft_cwe(a, json_text(&first, a));
	for (struct jv it = json_first(&tags); !found && it.n; it = json_next(&it)) {
		const char *tag = json_text(&it, a);
		if (tag && strcasestr(tag, "cwe-"))
			found = draft_cwe(a, tag);
	}
	return found;
}

/* What all results of a rule share. */
static void read_rule(struct sarif_rule *r, struct arena *a)
{
	struct jv about = json_get(&r->v, "shortDescription"),
		  usual = json_get(&r->v, "defaultConfiguration"),
		  related = json_get(&r->v, "relationships");
	enum severity known;
	r->title = draft_text(&about, "text", a);
	if (!r->title)
		r->title = draft_text(&r->v, "name", a);
	r->url = draft_link(a, draft_text(&r->v, "helpUri", a));
	r->level = draft_text(&usual, "level", a);
	if (!scan_severity_word(r->level, &known))
		r->level = NULL;
	r->scored = sarif_security_severity(&r->v, a, &r->severity);
	r->cwe = sarif_cwe_in(&related, "target", a);
	if (!r->cwe)
		r->cwe = sarif_cwe_property(&r->v, a);
}

static int by_id(const void *x, const void *y)
{
	const struct sarif_rule *a = *(const struct sarif_rule *const *)x,
				*b = *(const struct sarif_rule *const *)y;
	int c = strcmp(a->id, b->id);
	return c ? c : (a > b) - (a < b); /* the first of equal ids stays first */
}

static bool add_component(struct sarif_rules *out, struct jv v, struct arena *a, struct err *e)
{
	struct sarif_component *c = arena_new(a, struct sarif_component);
	c->v = v;
	if (!json_is_null(&v) && !draft_is_obj(&v, e))
		return false;
	c->name = draft_text(&c->v, "name", a);
	c->guid = draft_text(&c->v, "guid", a);
	if (!json_arr_opt(&c->v, "rules", &c->list, e))
		return false;
	for (struct jv it = json_first(&c->list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		const char *id = draft_text(&it, "id", a);
		struct sarif_rule rule = {.id = id ? id : "", .v = it, .used = arena_new(a, bool)};
		read_rule(&rule, a);
		vec_push(a, &c->rules, rule);
	}
	for (size_t i = 0; i < c->rules.n; i++)
		vec_push(a, &c->by_id, &c->rules.v[i]);
	if (c->by_id.n)
		qsort(c->by_id.v, c->by_id.n, sizeof *c->by_id.v, by_id);
	vec_push(a, &out->components, c);
	return true;
}

bool sarif_rules_init(const struct jv *tool, struct arena *a, struct sarif_rules *out,
		      struct err *e)
{
	struct sarif_rules r = {0};
	struct jv *extensions = arena_new(a, struct jv); /* what is found must outlive this call */
	if (!add_component(&r, json_get(tool, "driver"), a, e) ||
	    !json_arr_opt(tool, "extensions", extensions, e))
		return false;
	for (struct jv it = json_first(extensions); it.n; it = json_next(&it))
		if (!add_component(&r, it, a, e))
			return false;
	*out = r;
	return true;
}

static const struct sarif_rule *lookup(const struct sarif_component *c, const char *id, size_t n)
{
	size_t lo = 0, hi = c->by_id.n;
	while (lo < hi) { /* the first rule whose id is not less */
		size_t mid = lo + (hi - lo) / 2;
		const char *s = c->by_id.v[mid]->id;
		int cmp = strncmp(s, id, n);
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == c->by_id.n)
		return NULL;
	/* "A" sorts before "A/B" and "AB", so an exact match of n bytes comes first. */
	const struct sarif_rule *r = c->by_id.v[lo];
	return strlen(r->id) == n && !strncmp(r->id, id, n) ? r : NULL;
}

/* The id itself, else the longest of its "/" prefixes. */
static const struct sarif_rule *lookup_up(const struct sarif_component *c, const char *id)
{
	for (size_t n = strlen(id); n > 0;) {
		const struct sarif_rule *r = lookup(c, id, n);
		if (r)
			return r;
		while (n > 0 && id[--n] != '/')
			;
	}
	return NULL;
}

static bool belongs(const char *id, const char *rule)
{
	size_t n = strlen(rule);
	return n && !strncmp(id, rule, n) && (id[n] == '\0' || id[n] == '/');
}

static const struct sarif_component *referred(const struct sarif_rules *r, const struct jv *ref)
{
	const struct sarif_component *found = NULL;
	struct arena a = {0};
	int64_t index = draft_int(ref, "index");
	const char *name = draft_text(ref, "name", &a), *guid = draft_text(ref, "guid", &a);
	if (index != NUM_NONE && (uint64_t)index + 1 < r->components.n)
		found = r->components.v[index + 1]; /* [0] is the driver, which has no index */
	for (size_t i = 0; !found && i < r->components.n; i++)
		if ((name && text_eq(name, r->components.v[i]->name)) ||
		    (guid && text_eq(guid, r->components.v[i]->guid)))
			found = r->components.v[i];
	arena_release(&a);
	return found;
}

const struct sarif_rule *sarif_rules_find(const struct sarif_rules *r, const char *id,
					  int64_t index, const struct jv *component)
{
	const struct sarif_component *c = json_is_obj(component) ? referred(r, component) : NULL;
	const struct sarif_component *home = c ? c : r->components.v[0];
	if (index != NUM_NONE && (uint64_t)index < home->rules.n) {
		const struct sarif_rule *rule = &home->rules.v[index];
		if (!id || belongs(id, rule->id))
			return rule;
	}
	if (!id)
		return NULL;
	const struct sarif_rule *rule = lookup_up(home, id);
	for (size_t i = 0; !rule && i < r->components.n; i++)
		rule = lookup_up(r->components.v[i], id);
	return rule;
}

const char *sarif_rules_digest(const struct sarif_rules *r, struct arena *a)
{
	struct sb b;
	bool idle = false;
	sb_init(&b, a, SIZE_MAX / 8);
	for (size_t i = 0; i < r->components.n; i++) {
		const struct sarif_component *c = r->components.v[i];
		for (size_t k = 0; k < c->by_id.n; k++) {
			idle = idle || !*c->by_id.v[k]->used;
			sb_addf(&b, "%s\n", c->by_id.v[k]->id);
		}
	}
	const char *const parts[] = {sb_str(&b)};
	return idle ? identity_make(a, parts, 1) : NULL;
}
