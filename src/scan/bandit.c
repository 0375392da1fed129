/* Bandit's JSON (scans.md 5.3). Its "code" holds source with whatever secrets are in it: never
 * read. */
#include "scan/draft.h"
#include "scan/formats.h"

bool bandit_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv results, errors, metrics = json_get(in->json, "metrics"),
				   totals = json_get(&metrics, "_totals");
	if (!json_arr(in->json, "results", &results, e) ||
	    !json_arr_opt(in->json, "errors", &errors, e))
		return false;
	draft_time(d, draft_date(draft_text(in->json, "generated_at", a)));
	for (struct jv it = json_first(&results); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		struct jv cwe = json_get(&it, "issue_cwe");
		const char *file = draft_text(&it, "filename", a);
		struct rec_finding f = {
			.word = draft_text(&it, "issue_severity", a),
			.rule = draft_text(&it, "test_id", a),
			.message = draft_text(&it, "issue_text", a),
			.title = draft_text(&it, "issue_text", a),
			.path = scan_path(a, file),
			.line = draft_int(&it, "line_number"),
			.url = draft_link(a, draft_text(&it, "more_info", a)),
			.cwe = draft_cwe(a, draft_text(&cwe, "id", a)),
		};
		if (!scan_severity_word(f.word, &f.severity))
			f.severity = SEV_INFO;
		const char *const parts[] = {f.rule, f.path, f.message};
		draft_add(d, &f, parts, ARRAY_SIZE(parts));
	}
	for (struct jv it = json_first(&errors); it.n; it = json_next(&it)) {
		const char *file = draft_text(&it, "filename", a),
			   *why = draft_text(&it, "reason", a);
		draft_partial(d, "%s was not scanned%s%s", file ? scan_path(a, file) : "a file",
			      why ? ": " : "", why ? why : "");
	}
	if (draft_int(&totals, "loc") == 0)
		draft_suspect(d, "0 lines of code were scanned");
	return true;
}
