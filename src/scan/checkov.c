/* Checkov's JSON: one block, several, or only the counts when no file was for it (scans.md 5.11).
 * code_block holds source and is not read. */
#include "scan/member.h"

#include "base/text.h"

static void add(struct scan_draft *d, const struct jv *v, bool secrets, bool suppressed)
{
	struct arena *a = d->a;
	const char *id = draft_text(v, "check_id", a), *name = draft_text(v, "check_name", a),
		   *file = draft_text(v, "file_path", a), *resource = draft_text(v, "resource", a);
	struct jv range = json_get(v, "file_line_range"), line = json_first(&range),
		  details = json_get(v, "vulnerability_details");
	const char *line_text = json_text(&line, a);
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = id,
		.title = member_or(name, id),
		/* Of a secret it is a hash that anybody could look for. */
		.message = secrets ? NULL : resource,
		.path = scan_path(a, member_or(file, draft_text(v, "repo_file_path", a))),
		.package = draft_text(&details, "package_name", a),
		.fix = member_or(draft_text(&details, "lowest_fixed_version", a),
				 draft_text(&details, "fix_version", a)),
		.url = draft_link(a, member_or(draft_text(v, "guideline", a),
					       draft_text(&details, "link", a))),
		.cve = draft_cve(a, draft_text(&details, "id", a)),
		.suppressed = suppressed,
	};
	double n = member_score(line_text);
	f.line = n >= 0 && n < INT32_MAX ? (int64_t)n : NUM_NONE;
	f.severity = member_severity(f.word, SEV_MEDIUM);
	const char *const parts[] = {id, f.path, resource};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
}

static bool read_checks(struct scan_draft *d, const struct jv *results, const char *key,
			bool secrets, bool suppressed, struct err *e)
{
	struct jv list;
	if (!json_arr_opt(results, key, &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		add(d, &it, secrets, suppressed);
	}
	return true;
}

static bool read_block(struct scan_draft *d, const struct jv *block, struct err *e)
{
	struct arena *a = d->a;
	struct jv results, summary = json_get(block, "summary");
	if (!draft_is_obj(block, e) || !json_obj_opt(block, "results", &results, e))
		return false;
	const char *version = draft_text(&summary, "checkov_version", a);
	d->out->tool_version = member_or(version, draft_text(block, "checkov_version", a));
	const char *type = draft_text(block, "check_type", a);
	bool secrets = member_word(type, "secrets");
	if (!read_checks(d, &results, "failed_checks", secrets, false, e) ||
	    !read_checks(d, &results, "skipped_checks", secrets, true, e))
		return false;
	struct jv errors = json_get(&results, "parsing_errors");
	for (struct jv it = json_first(&errors); it.n; it = json_next(&it)) {
		const char *file = json_text(&it, a);
		draft_partial(d, "%s was not understood", file ? scan_path(a, file) : "a file");
	}
	/* Counts without the checks they count: nothing may be concluded from them. */
	int64_t failed = draft_int(json_is_obj(&summary) ? &summary : block, "failed"),
		broken = draft_int(json_is_obj(&summary) ? &summary : block, "parsing_errors");
	struct jv listed = json_get(&results, "failed_checks");
	if (!json_is_arr(&listed) && failed > 0)
		draft_partial(d, "%lld failed checks are counted but not listed",
			      (long long)failed);
	else if (!json_is_arr(&listed) && failed == NUM_NONE)
		draft_suspect(d, "neither a list nor a count of failed checks");
	if (!json_count(&errors) && broken > 0)
		draft_partial(d, "%lld files were not understood", (long long)broken);
	return true;
}

bool checkov_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	if (!json_is_arr(in->json))
		return read_block(d, in->json, e);
	for (struct jv it = json_first(in->json); it.n; it = json_next(&it))
		if (!read_block(d, &it, e))
			return false;
	return true;
}
