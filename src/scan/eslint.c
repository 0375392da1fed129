/* ESLint's JSON, bare or with metadata (scans.md 5.11). "source" is the whole file: never read. */
#include "scan/member.h"

enum { WARNING = 1, ERROR = 2 };

static bool read_messages(struct scan_draft *d, const struct jv *file, const char *path,
			  const char *key, bool suppressed, struct err *e)
{
	struct arena *a = d->a;
	struct jv list;
	if (suppressed ? !json_arr_opt(file, key, &list, e) : !json_arr(file, key, &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		int64_t level = draft_int(&it, "severity");
		bool fatal = member_true(&it, "fatal");
		const char *message = draft_text(&it, "message", a);
		struct rec_finding f = {
			.severity = level == ERROR     ? SEV_HIGH
				    : level == WARNING ? SEV_MEDIUM
						       : SEV_INFO,
			.word = level == ERROR	   ? "error"
				: level == WARNING ? "warning"
						   : NULL,
			.rule = member_or(draft_text(&it, "ruleId", a),
					  fatal ? "parse error" : NULL),
			.title = message,
			.message = message,
			.path = path,
			.line = draft_int(&it, "line"),
			.suppressed = suppressed,
		};
		if (fatal)
			draft_partial(d, "%s was not understood", path);
		const char *const parts[] = {f.rule, path, message};
		draft_add(d, &f, parts, ARRAY_SIZE(parts));
	}
	return true;
}

bool eslint_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv files = *in->json;
	if (!json_is_arr(in->json) && !json_arr(in->json, "results", &files, e))
		return false;
	for (struct jv it = json_first(&files); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		const char *path = scan_path(a, draft_text(&it, "filePath", a));
		if (!read_messages(d, &it, path, "messages", false, e) ||
		    !read_messages(d, &it, path, "suppressedMessages", true, e))
			return false;
	}
	return true;
}
