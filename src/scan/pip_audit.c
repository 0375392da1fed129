/* pip-audit's JSON: an object with dependencies, or in old versions the bare list (scans.md 5.8).
 * It knows no severities. */
#include "scan/member.h"

#include "base/text.h"

static bool read_vulnerability(struct scan_draft *d, const char *package, const char *version,
			       const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	struct names names = {0};
	const char *id = draft_text(v, "id", a);
	names_add(&names, id, a);
	names_add_list(&names, v, "aliases", a);
	struct rec_finding f = {
		.severity = SEV_MEDIUM,
		.rule = id,
		.title = arena_printf(a, "%s in %s%s%s", id ? id : "a vulnerability",
				      package ? package : "an unnamed package", version ? " " : "",
				      version ? version : ""),
		.message = draft_plain(a, draft_text(v, "description", a)),
		.line = NUM_NONE,
		.package = package,
		.fix = member_one(v, "fix_versions", a),
		.cve = names.cve,
	};
	const char *const parts[] = {text_lower(a, package ? package : ""), names_key(&names)};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

static bool read_dependency(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	struct jv list;
	if (!draft_is_obj(v, e) || !json_arr_opt(v, "vulns", &list, e))
		return false;
	const char *name = draft_text(v, "name", a), *skipped = draft_text(v, "skip_reason", a);
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (!read_vulnerability(d, name, draft_text(v, "version", a), &it, e))
			return false;
	if (!json_is_arr(&list) && !skipped)
		skipped = "the report does not say why";
	if (skipped)
		draft_partial(d, "%s was not audited: %s", name ? name : "a dependency", skipped);
	return true;
}

bool pip_audit_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct jv list = *in->json;
	if (!json_is_arr(in->json) && !json_arr(in->json, "dependencies", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (!read_dependency(d, &it, e))
			return false;
	return true;
}
