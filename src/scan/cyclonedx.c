/* CycloneDX with vulnerabilities, JSON and XML (scans.md 5.15): one finding is a vulnerability in
 * each component that it affects. */
#include "scan/member.h"

#include "base/text.h"

#include <strings.h>

/* A component by its bom-ref. The reference may be made anew each time; the package URL stays. */
struct component {
	const char *ref, *name;
};

struct bom {
	struct scan_draft *d;
	VEC(struct component) components; /* by ref, once sorted */
};

struct flaw {
	const char *id, *description, *detail, *state, *link, *fix, *cwe;
	struct strv refs; /* of what it affects */
	bool rated;
	enum severity severity; /* the worst rating; with rated */
	const char *word;
	double cvss; /* the highest */
};

static void add_component(struct bom *b, const char *ref, const char *purl, const char *group,
			  const char *name)
{
	struct arena *a = b->d->a;
	const char *id = member_purl(a, purl);
	if (!id && group && name)
		id = arena_printf(a, "%s/%s", group, name);
	struct component c = {.ref = ref, .name = member_or(id, name)};
	if (c.ref && c.name)
		vec_push(a, &b->components, c);
}

static int by_ref(const void *x, const void *y)
{
	const struct component *a = x, *b = y;
	return strcmp(a->ref, b->ref);
}

static void sort_components(struct bom *b)
{
	if (b->components.n)
		qsort(b->components.v, b->components.n, sizeof *b->components.v, by_ref);
}

/* A component's name; what a reference says itself where the document has no such component. */
static const char *affected(const struct bom *b, const char *ref)
{
	struct arena *a = b->d->a;
	const char *fragment = text_starts(ref, "urn:cdx:") ? strchr(ref, '#') : NULL;
	struct component key = {.ref = fragment ? fragment + 1 : ref};
	const struct component *c = NULL;
	if (b->components.n)
		c = bsearch(&key, b->components.v, b->components.n, sizeof key, by_ref);
	return c ? c->name : member_or(member_purl(a, key.ref), key.ref);
}

/* method: "CVSSv31", "OWASP", …; one that is not said is taken for CVSS. */
static void see_rating(struct flaw *x, const char *word, const char *score, const char *method)
{
	enum severity s;
	bool known = scan_severity_word(word, &s);
	if (!method || !strncasecmp(method, "CVSS", 4))
		x->cvss = MAX(x->cvss, member_cvss(score));
	if (!known || member_word(word, "unknown") || member_word(word, "none"))
		known = scan_severity_score(member_score(score), &s) || known;
	if (!known || (x->rated && s >= x->severity))
		return;
	x->rated = true;
	x->severity = s;
	x->word = member_or(word, score);
}

static void add(const struct bom *b, const struct flaw *x, const char *package)
{
	struct arena *a = b->d->a;
	static const char *const set_aside[] = {"not_affected", "false_positive", "resolved",
						"resolved_with_pedigree"};
	struct rec_finding f = {
		.severity = x->rated ? x->severity : SEV_MEDIUM,
		.word = x->word,
		.rule = x->id,
		.title = package ? arena_printf(a, "%s in %s", x->id ? x->id : "a vulnerability",
						package)
				 : x->id,
		.message = draft_plain(a, member_or(x->description, x->detail)),
		.line = NUM_NONE,
		.package = package,
		.fix = draft_plain(a, x->fix),
		.url = draft_link(a, x->link),
		.cwe = x->cwe,
		.cve = draft_cve(a, x->id),
		.cvss = x->cvss,
	};
	for (size_t i = 0; i < ARRAY_SIZE(set_aside); i++)
		f.suppressed = f.suppressed || member_word(x->state, set_aside[i]);
	const char *const parts[] = {x->id, package};
	draft_add(b->d, &f, parts, ARRAY_SIZE(parts));
}

static void add_all(const struct bom *b, const struct flaw *x)
{
	for (size_t i = 0; i < x->refs.n; i++)
		add(b, x, affected(b, x->refs.v[i]));
	if (!x->refs.n)
		add(b, x, NULL);
}

static void no_vulnerabilities(struct scan_draft *d)
{
	draft_suspect(d, "a bill of materials without a list of vulnerabilities: nothing was "
			 "scanned");
}

static void json_components(struct bom *b, const struct jv *owner);

static void json_component(struct bom *b, const struct jv *v)
{
	struct arena *a = b->d->a;
	add_component(b, draft_text(v, "bom-ref", a), draft_text(v, "purl", a),
		      draft_text(v, "group", a), draft_text(v, "name", a));
	json_components(b, v);
}

/* Components may have components; the parser bounds how deep. */
static void json_components(struct bom *b, const struct jv *owner)
{
	struct jv list = json_get(owner, "components");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		json_component(b, &it);
}

static bool json_flaw(const struct bom *b, const struct jv *v, struct err *e)
{
	struct arena *a = b->d->a;
	struct jv affects, ratings = json_get(v, "ratings"), links = json_get(v, "advisories"),
			   link = json_first(&links);
	if (!draft_is_obj(v, e) || !json_arr_opt(v, "affects", &affects, e))
		return false;
	struct flaw x = {
		.id = draft_text(v, "id", a),
		.description = draft_text(v, "description", a),
		.detail = draft_text(v, "detail", a),
		.state = member_text(v, "analysis.state", a),
		.link = member_or(member_text(v, "source.url", a), draft_text(&link, "url", a)),
		.fix = draft_text(v, "recommendation", a),
		.cwe = member_cwe(v, "cwes", a),
	};
	for (struct jv it = json_first(&ratings); it.n; it = json_next(&it))
		see_rating(&x, draft_text(&it, "severity", a), draft_text(&it, "score", a),
			   draft_text(&it, "method", a));
	for (struct jv it = json_first(&affects); it.n; it = json_next(&it)) {
		const char *ref = draft_text(&it, "ref", a);
		vec_push(a, &x.refs, ref ? ref : "");
	}
	add_all(b, &x);
	return true;
}

bool cyclonedx_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct bom b = {.d = d};
	struct jv list, metadata = json_get(in->json, "metadata"),
			component = json_get(&metadata, "component");
	if (!json_arr_opt(in->json, "vulnerabilities", &list, e))
		return false;
	draft_time(d, draft_date(draft_text(&metadata, "timestamp", a)));
	json_components(&b, in->json);
	json_component(&b, &component);
	sort_components(&b);
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (!json_flaw(&b, &it, e))
			return false;
	if (!json_is_arr(&list))
		no_vulnerabilities(d);
	return true;
}

static void xml_flaw(const struct bom *b, const struct xnode *n)
{
	struct arena *a = b->d->a;
	struct flaw x = {
		.id = member_child(n, "id", a),
		.description = member_child(n, "description", a),
		.detail = member_child(n, "detail", a),
		.state = member_child(n, "analysis/state", a),
		.link = member_or(member_child(n, "source/url", a),
				  member_or(member_child(n, "advisories/advisory/url", a),
					    member_child(n, "advisories/advisory", a))),
		.fix = member_or(member_child(n, "recommendation", a),
				 member_child(n, "recommendations/recommendation", a)),
		.cwe = draft_cwe(a, member_child(n, "cwes/cwe", a)),
	};
	const struct xnode *it = member_node(n, "ratings/rating");
	for (; it; it = xml_next_named(it, "rating")) /* score/base: the extension of 1.0 to 1.3 */
		see_rating(
			&x, member_child(it, "severity", a),
			member_or(member_child(it, "score/base", a), member_child(it, "score", a)),
			member_child(it, "method", a));
	for (it = member_node(n, "affects/target"); it; it = xml_next_named(it, "target")) {
		const char *ref = member_child(it, "ref", a);
		vec_push(a, &x.refs, ref ? ref : "");
	}
	const char *ref = xml_get(n, "ref", a); /* the extension's only one */
	if (ref && !x.refs.n)
		vec_push(a, &x.refs, ref);
	add_all(b, &x);
}

bool cyclonedx_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e UNUSED)
{
	struct arena *a = d->a;
	struct bom b = {.d = d};
	struct xnodes components = {0}, lists = {0};
	draft_time(d, draft_date(member_child(xml_root(in->xml), "metadata/timestamp", a)));
	xml_find(in->xml, NULL, "//*[local-name()='component']", a, &components);
	for (size_t i = 0; i < components.n; i++) {
		const struct xnode *c = components.v[i];
		add_component(&b, xml_get(c, "bom-ref", a), member_child(c, "purl", a),
			      member_child(c, "group", a), member_child(c, "name", a));
	}
	sort_components(&b);
	/* The extension's list stands below the root or below each component. */
	xml_find(in->xml, NULL, "//*[local-name()='vulnerabilities']", a, &lists);
	for (size_t i = 0; i < lists.n; i++) {
		const struct xnode *it = xml_child_named(lists.v[i], "vulnerability");
		for (; it; it = xml_next_named(it, "vulnerability"))
			xml_flaw(&b, it);
	}
	if (!lists.n)
		no_vulnerabilities(d);
	return true;
}
