/* gosec's JSON (scans.md 5.11). "code" holds source and is not read. */
#include "scan/member.h"

static bool read_issue(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	struct jv cwe = json_get(v, "cwe"), suppressions = json_get(v, "suppressions");
	const char *details = draft_text(v, "details", a);
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = draft_text(v, "rule_id", a),
		.title = details,
		.message = details,
		.path = scan_path(a, draft_text(v, "file", a)),
		.line = member_line(v, "line", a), /* "10-12" */
		.cwe = draft_cwe(a,
				 member_or(draft_text(&cwe, "id", a), draft_text(&cwe, "ID", a))),
		.url = draft_link(
			a, member_or(draft_text(&cwe, "url", a), draft_text(&cwe, "URL", a))),
		.suppressed = member_true(v, "nosec") || json_count(&suppressions),
	};
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {f.rule, f.path, details};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool gosec_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv issues, errors = json_get(in->json, "Golang errors");
	if (!json_arr_opt(in->json, "Issues", &issues, e)) /* null: nothing found */
		return false;
	d->out->tool_version = draft_text(in->json, "GosecVersion", a);
	for (struct jv it = json_first(&issues); it.n; it = json_next(&it))
		if (!read_issue(d, &it, e))
			return false;
	for (struct jv it = json_first(&errors); it.n; it = json_next(&it))
		draft_partial(d, "%s could not be loaded",
			      it.key ? scan_path(a, it.key) : "a package");
	return true;
}
