/* Semgrep's JSON (scans.md 5.4). Of "lines" only a digest is kept; "metavars" and "fix" hold source
 * and are not read. */
#include "scan/member.h"

#include "base/text.h"

/* "fingerprint" and "lines" are "requires login" for everybody who is not. */
static const char *unless_locked(const char *s)
{
	return text_eq(s, "requires login") ? NULL : s;
}

static bool read_result(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	struct jv extra = json_get(v, "extra"), meta = json_get(&extra, "metadata");
	const char *path = draft_text(v, "path", a), *message = draft_text(&extra, "message", a);
	struct rec_finding f = {
		.word = draft_text(&extra, "severity", a),
		.rule = draft_text(v, "check_id", a),
		.title = message ? text_line(a, message, 120) : NULL,
		.message = message,
		.path = scan_path(a, path),
		.line = NUM_NONE,
		.package = member_text(&extra, "sca_info.dependency_match.found_dependency.package",
				       a),
		.cwe = member_cwe(&meta, "cwe", a),
		.cve = member_cve(&meta, "sca-vuln-database-identifier", a),
		.strong = unless_locked(draft_text(&extra, "fingerprint", a)),
		.context = unless_locked(draft_text(&extra, "lines", a)),
		.suppressed = member_true(&extra, "is_ignored"),
	};
	struct jv start = json_get(v, "start");
	f.line = draft_int(&start, "line");
	f.url = draft_link(a, member_or(draft_text(&meta, "shortlink", a),
					member_or(draft_text(&meta, "source", a),
						  member_one(&meta, "references", a))));
	if (!f.cve)
		f.cve = member_cve(&meta, "cve", a);
	if (!f.title)
		f.title = f.rule;
	/* A note in its SARIF, so not the "info" of other tools. */
	f.severity = member_word(f.word, "info") ? SEV_LOW : member_severity(f.word, SEV_INFO);
	const char *const parts[] = {f.rule, f.path};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool semgrep_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv results, errors = json_get(in->json, "errors"),
			   paths = json_get(in->json, "paths"),
			   scanned = json_get(&paths, "scanned");
	if (!json_arr(in->json, "results", &results, e))
		return false;
	d->out->tool_version = draft_text(in->json, "version", a);
	for (struct jv it = json_first(&results); it.n; it = json_next(&it))
		if (!read_result(d, &it, e))
			return false;
	for (struct jv it = json_first(&errors); it.n; it = json_next(&it)) {
		/* "warn" is a file that was understood in part, as in most large scans. The
		 * message quotes source. */
		if (!member_word(draft_text(&it, "level", a), "error"))
			continue;
		const char *type = member_one(&it, "type", a), *path = draft_text(&it, "path", a);
		draft_partial(d, "semgrep reports an error%s%s%s%s", type ? ": " : "",
			      type ? type : "", path ? " in " : "", path ? scan_path(a, path) : "");
	}
	if (json_is_arr(&scanned) && json_count(&scanned) == 0)
		draft_suspect(d, "no file was scanned (paths.scanned is empty)");
	return true;
}
