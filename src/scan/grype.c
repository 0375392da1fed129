/* Grype's JSON (scans.md 5.6). */
#include "scan/member.h"

static const char *fix_of(const struct jv *vulnerability, struct arena *a)
{
	struct jv fix = json_get(vulnerability, "fix");
	return member_one(&fix, "versions", a);
}

static bool read_match(struct scan_draft *d, const struct jv *v, bool suppressed, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	struct jv flaw = json_get(v, "vulnerability"), artifact = json_get(v, "artifact"),
		  related = json_get(v, "relatedVulnerabilities"),
		  places = json_get(&artifact, "locations"), place = json_first(&places),
		  cwes = json_get(&flaw, "cwes"), cwe = json_first(&cwes);
	const char *id = draft_text(&flaw, "id", a), *path = draft_text(&place, "path", a),
		   *type = draft_text(&artifact, "type", a);
	struct rec_finding f = {
		.word = draft_text(&flaw, "severity", a),
		.rule = id,
		.package = draft_text(&artifact, "name", a),
		.message = draft_plain(a, draft_text(&flaw, "description", a)),
		.path = scan_path(a, path),
		.line = NUM_NONE,
		.fix = fix_of(&flaw, a),
		.url = draft_link(a, member_or(draft_text(&flaw, "dataSource", a),
					       member_one(&flaw, "urls", a))),
		.cwe = draft_cwe(a, draft_text(&cwe, "cwe", a)),
		.cve = draft_cve(a, id),
		.suppressed = suppressed,
	};
	struct jv scores = json_get(&flaw, "cvss"), epss = json_get(&flaw, "epss"),
		  chance = json_first(&epss);
	f.cvss = member_cvss_max(&scores, "metrics.baseScore", a);
	f.epss = member_epss(draft_text(&chance, "epss", a));
	/* A GHSA's CVE, and its text when it has none itself. */
	for (struct jv it = json_first(&related); it.n; it = json_next(&it)) {
		if (!f.cve)
			f.cve = draft_cve(a, draft_text(&it, "id", a));
		if (!f.message)
			f.message = draft_plain(a, draft_text(&it, "description", a));
	}
	f.title = arena_printf(a, "%s in %s", id ? id : "a vulnerability",
			       f.package ? f.package : "an unnamed package");
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {type, f.package, id};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool grype_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv matches, ignored;
	if (!json_arr(in->json, "matches", &matches, e) ||
	    !json_arr_opt(in->json, "ignoredMatches", &ignored, e))
		return false;
	draft_time(d, draft_date(member_text(in->json, "descriptor.timestamp", a)));
	d->out->tool_version = member_text(in->json, "descriptor.version", a);
	/* A directory's name is of the machine that scanned it. */
	d->own_target = member_image(a, member_text(in->json, "source.target.userInput", a));
	for (struct jv it = json_first(&matches); it.n; it = json_next(&it))
		if (!read_match(d, &it, false, e))
			return false;
	for (struct jv it = json_first(&ignored); it.n; it = json_next(&it))
		if (!read_match(d, &it, true, e))
			return false;
	return true;
}
