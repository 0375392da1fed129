/* npm audit --json: version 1 (npm 6, pnpm), version 2 (npm 7 and later), and the answer of an
 * audit that failed (scans.md 5.7). The totals of "metadata" count packages and are not used. */
#include "scan/member.h"

static void add(struct scan_draft *d, struct rec_finding *f, const char *id)
{
	if (!scan_severity_word(f->word, &f->severity))
		f->severity = SEV_INFO;
	f->line = NUM_NONE;
	f->path = f->package;
	const char *const parts[] = {f->package, id};
	draft_add(d, f, parts, ARRAY_SIZE(parts));
}

bool npm_audit_v1_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv advisories = json_get(in->json, "advisories");
	if (!json_is_obj(&advisories) && !json_is_arr(&advisories))
		return json_wrong(&advisories, e, "expected an object");
	for (struct jv it = json_first(&advisories); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		const char *id = draft_text(&it, "id", a), *url = draft_text(&it, "url", a),
			   *ghsa = draft_ghsa(a, draft_text(&it, "github_advisory_id", a));
		if (!ghsa)
			ghsa = draft_ghsa(a, url);
		if (!id)
			id = it.key;
		struct rec_finding f = {
			.word = draft_text(&it, "severity", a),
			.rule = ghsa ? ghsa : id,
			.title = draft_text(&it, "title", a),
			.package = draft_text(&it, "module_name", a),
			.url = draft_link(a, url),
			.fix = draft_text(&it, "patched_versions", a),
			.cwe = member_cwe(&it, "cwe", a),
			.cve = member_cve(&it, "cves", a),
		};
		add(d, &f, ghsa ? ghsa : id);
	}
	return true;
}

/* true, or {name, version, isSemVerMajor}: what "npm audit fix" would install. */
static const char *fix_of(const struct jv *package, struct arena *a)
{
	struct jv fix = json_get(package, "fixAvailable");
	const char *name = draft_text(&fix, "name", a), *version = draft_text(&fix, "version", a);
	if (name && version)
		return arena_printf(a, "%s %s", name, version);
	const char *flag = json_text(&fix, a);
	return flag && !strcmp(flag, "true") ? "npm audit fix" : NULL;
}

bool npm_audit_v2_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv packages;
	if (!json_obj(in->json, "vulnerabilities", &packages, e))
		return false;
	for (struct jv it = json_first(&packages); it.n; it = json_next(&it)) {
		struct jv via;
		if (!draft_is_obj(&it, e) || !json_arr_opt(&it, "via", &via, e))
			return false;
		for (struct jv x = json_first(&via); x.n; x = json_next(&x)) {
			if (json_is_str(&x)) /* the name of another package, which has its own */
				continue;
			if (!draft_is_obj(&x, e))
				return false;
			const char *url = draft_text(&x, "url", a), *ghsa = draft_ghsa(a, url),
				   *source = draft_text(&x, "source", a);
			struct rec_finding f = {
				.word = draft_text(&x, "severity", a),
				.rule = ghsa ? ghsa : source,
				.title = draft_text(&x, "title", a),
				.package = arena_strdup(a, it.key),
				.url = draft_link(a, url),
				.fix = fix_of(&it, a),
				.cwe = member_cwe(&x, "cwe", a),
				.message = draft_text(&x, "range", a),
			};
			add(d, &f, ghsa ? ghsa : url ? url : source);
		}
	}
	return true;
}

bool npm_audit_error_read(const struct scan_input *in, struct scan_draft *d, struct err *e UNUSED)
{
	struct arena *a = d->a;
	struct jv error = json_get(in->json, "error");
	const char *code = draft_text(&error, "code", a),
		   *summary = draft_text(&error, "summary", a);
	if (!summary)
		summary = draft_text(in->json, "message", a);
	draft_failed(d, "npm audit failed: %s%s%s", code ? code : "", code && summary ? ": " : "",
		     summary ? summary
		     : code  ? ""
			     : "no reason given");
	return true;
}
