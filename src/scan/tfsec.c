/* tfsec's JSON, from its first versions to the last (scans.md 5.11). */
#include "scan/member.h"

enum { PASSED = 1, IGNORED = 2 };

static bool has_status(const struct jv *v, int number, const char *word, struct arena *a)
{
	return draft_int(v, "status") == number || member_word(draft_text(v, "status", a), word);
}

static bool read_result(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	if (has_status(v, PASSED, "passed", a))
		return true;
	struct jv place = json_get(v, "location"), range = json_get(v, "range"),
		  start = json_get(&range, "start");
	int64_t line = draft_int(&place, "start_line");
	if (line == NUM_NONE)
		line = draft_int(&range, "start_line");
	const char *file = member_or(draft_text(&place, "filename", a),
				     draft_text(&range, "filename", a)),
		   *id = member_or(draft_text(v, "long_id", a), draft_text(v, "rule_id", a)),
		   *description = draft_text(v, "description", a);
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = id,
		.title = member_or(draft_text(v, "rule_description", a), description),
		.message = description,
		.path = scan_path(a, file),
		.line = line != NUM_NONE ? line : draft_int(&start, "line"),
		.fix = draft_text(v, "resolution", a),
		.url = draft_link(a,
				  member_or(member_one(v, "links", a), draft_text(v, "link", a))),
		.suppressed = has_status(v, IGNORED, "ignored", a),
	};
	f.severity = member_word(f.word, "info") ? SEV_LOW : member_severity(f.word, SEV_INFO);
	/* The description names the resource; "resource" only came with later versions. */
	const char *const parts[] = {id, f.path,
				     member_or(draft_text(v, "resource", a), description)};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool tfsec_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct jv results;
	if (!json_arr_opt(in->json, "results", &results, e)) /* null: nothing found */
		return false;
	for (struct jv it = json_first(&results); it.n; it = json_next(&it))
		if (!read_result(d, &it, e))
			return false;
	return true;
}
