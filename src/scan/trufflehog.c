/* TruffleHog's JSON, version 3 and 2, as lines or as an array (scans.md 5.10). Raw, RawV2,
 * Redacted, stringsFound, diff and the author's address are not kept. Its log lines stand in the
 * same stream.
 */
#include "scan/listing.h"
#include "scan/member.h"

#include "base/sb.h"

/* Version 2 lists every text that matched. */
static const char *strings_found(const struct jv *v, struct arena *a)
{
	struct jv list = json_get(v, "stringsFound");
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		sb_add(&b, json_text(&it, a));
		sb_addc(&b, '\n');
	}
	return sb_str(&b);
}

static void read_old(struct scan_draft *d, const struct jv *v, const char *reason)
{
	struct arena *a = d->a;
	const char *commit = draft_text(v, "commitHash", a);
	struct rec_finding f = {
		.severity = SEV_MEDIUM,
		.rule = reason,
		.title = reason,
		.path = scan_path(a, draft_text(v, "path", a)),
		.line = NUM_NONE,
		.message = commit ? arena_printf(a, "in commit %.12s", commit) : NULL,
	};
	const char *const parts[] = {reason, f.path, member_digest(a, strings_found(v, a))};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
}

static bool read_entry(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	struct jv metadata = json_get(v, "SourceMetadata"), data = json_get(&metadata, "Data"),
		  place = json_first(&data); /* the one member: Git, Github, Filesystem, Docker … */
	const char *detector = draft_text(v, "DetectorName", a),
		   *reason = draft_text(v, "reason", a);
	if (!detector && !metadata.n) {
		struct jv found = json_get(v, "stringsFound");
		if (reason && found.n)
			read_old(d, v, reason);
		return true;
	}
	bool verified = member_true(v, "Verified");
	const char *commit = draft_text(&place, "commit", a),
		   *image = draft_text(&place, "image", a),
		   *file = member_or(draft_text(&place, "file", a), draft_text(&place, "path", a)),
		   *raw = member_or(draft_text(v, "Raw", a), draft_text(v, "RawV2", a)),
		   *repository = draft_text(&place, "repository", a);
	struct rec_finding f = {
		.severity = verified ? SEV_CRITICAL : SEV_MEDIUM,
		.word = verified ? "verified" : "unverified",
		.rule = member_or(detector, "unknown detector"),
		.title = arena_printf(a, "%s secret%s", member_or(detector, "an unnamed"),
				      verified ? ", verified to work" : ""),
		.path = scan_path(a, file),
		.line = draft_int(&place, "line"),
		.url = draft_link(a, draft_text(&place, "link", a)),
		.message = commit  ? arena_printf(a, "in commit %.12s", commit)
			   : image ? arena_printf(a, "in image %s", member_image(a, image))
				   : NULL,
	};
	f.url = draft_location(a, f.url);
	if (!d->own_target)
		d->own_target = draft_location(a, repository);
	const char *const parts[] = {
		detector, f.path, member_digest(a, member_or(raw, draft_text(v, "Redacted", a)))};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool trufflehog_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_entry, e);
}
