/* gitleaks' JSON, version 8 and before (scans.md 5.10). Secret, Match, line and offender hold what
 * was found, Author and Email who did it, Message whatever they wrote: none of it is kept. */
#include "scan/listing.h"
#include "scan/member.h"

static bool read_leak(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	const char *rule = member_or(draft_text(v, "RuleID", a), draft_text(v, "rule", a)),
		   *file = member_or(draft_text(v, "File", a), draft_text(v, "file", a)),
		   *commit = member_or(draft_text(v, "Commit", a), draft_text(v, "commit", a)),
		   *secret = member_or(draft_text(v, "Secret", a), draft_text(v, "offender", a));
	int64_t line = draft_int(v, "StartLine");
	struct rec_finding f = {
		.severity = SEV_HIGH,
		.rule = rule,
		.title = member_or(draft_text(v, "Description", a), rule),
		.path = scan_path(a, file),
		.line = line != NUM_NONE ? line : draft_int(v, "lineNumber"),
		.url = draft_link(a, draft_text(v, "Link", a)),
		.message = commit ? arena_printf(a, "in commit %.12s", commit) : NULL,
	};
	const char *const parts[] = {rule, f.path, member_digest(a, secret)};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool gitleaks_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_leak, e);
}
