/* Nuclei's JSON lines and its array (scans.md 5.12). Requests, responses, the curl command and
 * extracted results hold what was sent and found: never read. */
#include "scan/listing.h"
#include "scan/member.h"

static const char *either(const struct jv *o, const char *key, const char *old, struct arena *a)
{
	return member_or(draft_text(o, key, a), draft_text(o, old, a));
}

static bool read_match(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	const char *id = either(v, "template-id", "templateID", a);
	struct jv info = json_get(v, "info"), how = json_get(&info, "classification");
	if (!id && !info.n) /* a log line in the same stream */
		return true;
	if (member_word(draft_text(v, "matcher-status", a), "false"))
		return true;
	const char *matcher = either(v, "matcher-name", "matcher_name", a),
		   *host = draft_text(v, "host", a), *at = either(v, "matched-at", "matched", a);
	struct rec_finding f = {
		.word = draft_text(&info, "severity", a),
		.rule = id,
		.title = member_or(draft_text(&info, "name", a), id),
		.message = draft_plain(a, draft_text(&info, "description", a)),
		.path = draft_location(a, member_or(at, host)),
		.line = NUM_NONE,
		.fix = draft_plain(a, draft_text(&info, "remediation", a)),
		.url = draft_link(a, member_one(&info, "reference", a)),
		.cwe = member_cwe(&how, "cwe-id", a),
		.cve = member_cve(&how, "cve-id", a),
	};
	f.cvss = member_cvss(draft_text(&how, "cvss-score", a));
	f.epss = member_epss(draft_text(&how, "epss-score", a));
	if (!f.cve)
		f.cve = draft_cve(a, id);
	f.severity = member_severity(f.word, SEV_INFO);
	draft_time(d, draft_date(draft_text(v, "timestamp", a)));
	const char *const parts[] = {id, matcher, host};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool nuclei_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_match, e);
}
