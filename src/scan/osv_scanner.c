/* OSV-Scanner's JSON (scans.md 5.15): one finding is a group of a package, the records that are one
 * flaw under several names. */
#include "scan/member.h"

#include "base/text.h"

#include <math.h>

struct record {
	const char *id;
	struct jv v;
};

struct package {
	struct scan_draft *d;
	const char *path, *name;
	struct jv v, list; /* "vulnerabilities" */
	VEC(struct record) records; /* of it, by id: a kernel has thousands, in as many groups */
};

/* A group, or a record that stands for one. */
struct flaw {
	struct names names;
	const char *id, *word, *title, *details, *fix, *cwe, *link;
	enum severity severity; /* the worst its records' databases say; with word */
};

/* The first version that mends it, of the record's own package. */
static const char *fixed_in(const struct jv *record, const char *package, struct arena *a)
{
	struct jv affected = json_get(record, "affected");
	for (struct jv it = json_first(&affected); it.n; it = json_next(&it)) {
		const char *name = member_text(&it, "package.name", a);
		if (name && package && strcmp(name, package) != 0)
			continue;
		struct jv ranges = json_get(&it, "ranges");
		for (struct jv r = json_first(&ranges); r.n; r = json_next(&r)) {
			struct jv events = json_get(&r, "events");
			for (struct jv ev = json_first(&events); ev.n; ev = json_next(&ev)) {
				const char *fixed = draft_text(&ev, "fixed", a);
				if (fixed && !text_ieq(draft_text(&r, "type", a), "GIT"))
					return fixed;
			}
		}
	}
	return NULL;
}

static void see_record(const struct package *p, const struct jv *record, struct flaw *x)
{
	struct arena *a = p->d->a;
	struct jv specific = json_get(record, "database_specific");
	const char *id = draft_text(record, "id", a), *word = draft_text(&specific, "severity", a);
	enum severity s;
	names_add(&x->names, id, a);
	names_add_list(&x->names, record, "aliases", a);
	if (scan_severity_word(word, &s) && (!x->word || s < x->severity)) {
		x->word = word;
		x->severity = s;
	}
	x->title = member_or(x->title, draft_text(record, "summary", a));
	x->details = member_or(x->details, draft_text(record, "details", a));
	x->fix = member_or(x->fix, fixed_in(record, p->name, a));
	x->cwe = member_or(x->cwe, member_cwe(&specific, "cwe_ids", a));
	x->id = member_or(x->id, id);
}

/* Called, or important: false when the analysis of every record says that it is not. */
static bool uncalled(const struct jv *group)
{
	struct jv analysis = json_get(group, "experimentalAnalysis");
	bool any = false;
	for (struct jv it = json_first(&analysis); it.n; it = json_next(&it)) {
		struct jv called = json_get(&it, "called");
		if (!(json_is_bool(&called) && !member_true(&it, "called")) &&
		    !member_true(&it, "unimportant"))
			return false;
		any = true;
	}
	return any;
}

static void add(const struct package *p, struct flaw *x, const char *max_severity, bool suppressed)
{
	struct arena *a = p->d->a;
	const char *key = names_key(&x->names);
	struct rec_finding f = {
		.severity = x->word ? x->severity : SEV_MEDIUM,
		.word = x->word,
		.rule = member_or(x->id, key),
		.title = x->title,
		.message = draft_plain(a, x->details),
		.path = scan_path(a, p->path),
		.line = NUM_NONE,
		.package = p->name,
		.fix = x->fix,
		.cwe = x->cwe,
		.cve = x->names.cve,
		.suppressed = suppressed,
	};
	f.cvss = member_cvss(max_severity);
	if (scan_severity_score(member_score(max_severity), &f.severity))
		f.word = max_severity;
	if (f.rule)
		f.url = arena_printf(a, "https://osv.dev/vulnerability/%s", f.rule);
	if (!f.url || !text_link_ok(f.url))
		f.url = NULL;
	if (!f.title)
		f.title = f.rule;
	const char *const parts[] = {f.path, p->name, key};
	draft_add(p->d, &f, parts, ARRAY_SIZE(parts));
}

static int by_id(const void *x, const void *y)
{
	const struct record *a = x, *b = y;
	return strcmp(a->id, b->id);
}

static void see_id(const struct package *p, const char *id, struct flaw *x)
{
	struct record key = {.id = id ? id : ""};
	const struct record *found = NULL;
	if (p->records.n)
		found = bsearch(&key, p->records.v, p->records.n, sizeof key, by_id);
	if (found)
		see_record(p, &found->v, x);
}

static bool read_group(const struct package *p, const struct jv *group, struct err *e)
{
	struct arena *a = p->d->a;
	struct flaw x = {0};
	struct jv ids;
	if (!draft_is_obj(group, e))
		return false;
	ids = json_get(group, "ids");
	names_add_list(&x.names, group, "ids", a);
	names_add_list(&x.names, group, "aliases", a);
	x.id = member_one(group, "ids", a);
	for (struct jv it = json_first(&ids); it.n; it = json_next(&it))
		see_id(p, json_text(&it, a), &x);
	add(p, &x, draft_text(group, "max_severity", a), uncalled(group));
	return true;
}

static bool read_package(struct scan_draft *d, const char *path, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	struct package p = {.d = d, .path = path, .v = *v};
	struct jv groups;
	if (!draft_is_obj(v, e) || !json_arr_opt(v, "groups", &groups, e) ||
	    !json_arr_opt(&p.v, "vulnerabilities", &p.list, e))
		return false;
	p.name = member_text(v, "package.name", a);
	if (!p.name) /* what belongs to no package: a vendored C library's commit */
		p.name = member_text(v, "package.commit", a);
	for (struct jv it = json_first(&p.list); it.n; it = json_next(&it)) {
		struct record r = {.id = draft_text(&it, "id", a), .v = it};
		if (r.id)
			vec_push(a, &p.records, r);
	}
	if (p.records.n)
		qsort(p.records.v, p.records.n, sizeof *p.records.v, by_id);
	for (struct jv it = json_first(&groups); it.n; it = json_next(&it))
		if (!read_group(&p, &it, e))
			return false;
	if (json_count(&groups))
		return true;
	for (struct jv it = json_first(&p.list); it.n; it = json_next(&it)) {
		struct flaw x = {0};
		if (!draft_is_obj(&it, e))
			return false;
		see_record(&p, &it, &x);
		add(&p, &x, NULL, false);
	}
	return true;
}

bool osv_scanner_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct jv results, packages;
	if (!json_arr(in->json, "results", &results, e))
		return false;
	for (struct jv it = json_first(&results); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e) || !json_arr_opt(&it, "packages", &packages, e))
			return false;
		const char *path = member_text(&it, "source.path", d->a);
		for (struct jv p = json_first(&packages); p.n; p = json_next(&p))
			if (!read_package(d, path, &p, e))
				return false;
	}
	return true;
}
