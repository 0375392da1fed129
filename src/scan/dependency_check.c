/* OWASP Dependency-Check's JSON and XML (scans.md 5.9). Evidence and file hashes are not read;
 * relatedDependencies are the same flaw in the same place once more. */
#include "scan/member.h"

#include "base/parse.h"
#include "base/text.h"

#include <ctype.h>

struct dependency {
	const char *file, *path, *package;
};

/* One vulnerability, whichever form it came in. */
struct flaw {
	const char *name, *severity, *description, *cwe, *link;
	const char *score[3]; /* CVSS 4, 3, 2 */
	bool suppressed;
};

static enum severity severity(const struct flaw *x)
{
	enum severity s;
	bool unknown = member_word(x->severity, "unknown") || member_word(x->severity, "none");
	if (!unknown && scan_severity_word(x->severity, &s))
		return s;
	if (scan_severity_score(member_score(x->severity), &s))
		return s;
	for (size_t i = 0; i < ARRAY_SIZE(x->score); i++)
		if (scan_severity_score(member_score(x->score[i]), &s))
			return s;
	return unknown ? SEV_INFO : SEV_MEDIUM;
}

/* "dom4j" of "dom4j-1.6.1.jar", "a.jar (shaded: g:a:1.0)" as "a.jar (shaded: g:a": where there is
 * no package URL, what stays of a file's name when the version changes. */
static const char *stem(struct arena *a, const char *file)
{
	const char *last = NULL;
	for (const char *p = file; p && *p; p++)
		if ((*p == '-' || *p == ':' || *p == '_') && isdigit((unsigned char)p[1]))
			last = last ? last : p;
	return last ? arena_strndup(a, file, (size_t)(last - file)) : file;
}

static void add(struct scan_draft *d, const struct dependency *at, const struct flaw *x)
{
	struct arena *a = d->a;
	struct rec_finding f = {
		.severity = severity(x),
		.word = x->severity,
		.rule = x->name,
		.message = draft_plain(a, x->description),
		.path = scan_path(a, member_or(at->path, at->file)),
		.line = NUM_NONE,
		.package = at->package,
		.url = draft_link(a, x->link),
		.cwe = x->cwe,
		.cve = draft_cve(a, x->name),
		.suppressed = x->suppressed,
	};
	for (size_t i = 0; i < ARRAY_SIZE(x->score) && f.cvss == 0; i++)
		f.cvss = member_cvss(x->score[i]);
	f.title = arena_printf(a, "%s in %s", x->name ? x->name : "a vulnerability",
			       at->file ? at->file : "an unnamed file");
	const char *const parts[] = {at->package, x->name};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
}

static bool json_list(struct scan_draft *d, const struct dependency *at, const struct jv *v,
		      const char *key, bool suppressed, struct err *e)
{
	struct arena *a = d->a;
	struct jv list;
	if (!json_arr_opt(v, key, &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		struct jv references = json_get(&it, "references"), first = json_first(&references);
		struct flaw x = {
			.name = draft_text(&it, "name", a),
			.severity = draft_text(&it, "severity", a),
			.description = draft_text(&it, "description", a),
			.cwe = member_or(member_cwe(&it, "cwes", a), member_cwe(&it, "cwe", a)),
			.link = draft_text(&first, "url", a),
			.score = {member_text(&it, "cvssv4.baseScore", a),
				  member_text(&it, "cvssv3.baseScore", a),
				  member_text(&it, "cvssv2.score", a)},
			.suppressed = suppressed,
		};
		add(d, at, &x);
	}
	return true;
}

static bool json_dependency(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	struct jv packages = json_get(v, "packages"), first = json_first(&packages);
	struct dependency at = {
		.file = draft_text(v, "fileName", a),
		.path = draft_text(v, "filePath", a),
		.package = member_purl(a, draft_text(&first, "id", a)),
	};
	if (!at.package)
		at.package = stem(a, at.file);
	return json_list(d, &at, v, "vulnerabilities", false, e) &&
	       json_list(d, &at, v, "suppressedVulnerabilities", true, e);
}

static void went_wrong(struct scan_draft *d, const char *message)
{
	draft_partial(d, "an analysis or update failed%s%s", message ? ": " : "",
		      message ? message : "");
}

bool dependency_check_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv list, info = json_get(in->json, "scanInfo"),
			exceptions = json_get(&info, "analysisExceptions");
	if (!json_arr(in->json, "dependencies", &list, e))
		return false;
	draft_time(d, draft_date(member_text(in->json, "projectInfo.reportDate", a)));
	d->out->tool_version = draft_text(&info, "engineVersion", a);
	d->own_target = member_text(in->json, "projectInfo.name", a);
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (!json_dependency(d, &it, e))
			return false;
	for (struct jv it = json_first(&exceptions); it.n; it = json_next(&it))
		went_wrong(d, member_or(member_text(&it, "exception.message", a),
					draft_text(&it, "message", a)));
	return true;
}

static const char *xml_package(const struct xnode *dependency, struct arena *a)
{
	const struct xnode *list = xml_child_named(dependency, "identifiers");
	const struct xnode *it = list ? xml_child(list) : NULL;
	for (; it; it = xml_next(it)) {
		const char *purl = member_purl(a, member_child(it, "id", a));
		if (purl)
			return purl;
	}
	return NULL;
}

static void xml_flaw(struct scan_draft *d, const struct dependency *at, const struct xnode *n)
{
	struct arena *a = d->a;
	struct flaw x = {
		.name = member_child(n, "name", a),
		.severity = member_child(n, "severity", a),
		.description = member_child(n, "description", a),
		.cwe = draft_cwe(
			a, member_or(member_child(n, "cwes/cwe", a), member_child(n, "cwe", a))),
		.link = member_child(n, "references/reference/url", a),
		.score = {member_child(n, "cvssV4/baseScore", a),
			  member_child(n, "cvssV3/baseScore", a),
			  member_or(member_child(n, "cvssV2/score", a),
				    member_child(n, "cvssScore", a))}, /* before version 5 */
		.suppressed = xml_is(n, "suppressedVulnerability"),
	};
	add(d, at, &x);
}

static void xml_dependency(struct scan_draft *d, const struct xnode *n)
{
	struct arena *a = d->a;
	struct dependency at = {
		.file = member_child(n, "fileName", a),
		.path = member_child(n, "filePath", a),
		.package = xml_package(n, a),
	};
	if (!at.package)
		at.package = stem(a, at.file);
	const struct xnode *list = xml_child_named(n, "vulnerabilities");
	for (const struct xnode *it = list ? xml_child(list) : NULL; it; it = xml_next(it))
		if (xml_is(it, "vulnerability") || xml_is(it, "suppressedVulnerability"))
			xml_flaw(d, &at, it);
}

bool dependency_check_xml_read(const struct scan_input *in, struct scan_draft *d,
			       struct err *e UNUSED)
{
	struct arena *a = d->a;
	const struct xnode *root = xml_root(in->xml);
	draft_time(d, draft_date(member_child(root, "projectInfo/reportDate", a)));
	d->out->tool_version = member_child(root, "scanInfo/engineVersion", a);
	d->own_target = member_child(root, "projectInfo/name", a);
	if (!xml_child_named(root, "dependencies"))
		draft_suspect(d, "no list of dependencies: nothing was scanned");
	const struct xnode *it = member_node(root, "dependencies/dependency");
	for (; it; it = xml_next_named(it, "dependency"))
		xml_dependency(d, it);
	const struct xnode *failed = member_node(root, "scanInfo/analysisExceptions");
	for (it = failed ? xml_child(failed) : NULL; it; it = xml_next(it))
		went_wrong(d, member_or(member_child(it, "message", a),
					member_child(it, "exception/message", a)));
	return true;
}
