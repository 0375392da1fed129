/* hadolint's JSON (scans.md 5.11). */
#include "scan/listing.h"
#include "scan/member.h"

static bool read_item(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	const char *code = draft_text(v, "code", a);
	if (!code)
		return true;
	struct rec_finding f = {
		.word = draft_text(v, "level", a),
		.rule = code,
		.title = member_or(draft_text(v, "message", a), code),
		.message = draft_text(v, "message", a),
		.path = scan_path(a, draft_text(v, "file", a)),
		.line = draft_int(v, "line"),
	};
	f.severity = member_word(f.word, "info") ? SEV_LOW : member_severity(f.word, SEV_INFO);
	const char *const parts[] = {code, f.path, f.message};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool hadolint_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_item, e);
}
