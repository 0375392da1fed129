/* Amazon Inspector's findings as ListFindings answers them (scans.md 5.14). */
#include "scan/member.h"

#include "base/text.h"

struct package {
	const char *name, *fix, *path;
};

/* The packages come in no order: the first by its name stands for the finding, so that two scans
 * agree. */
static struct package first_package(const struct jv *details, struct arena *a)
{
	struct jv list = json_get(details, "vulnerablePackages");
	struct package p = {0};
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *s = draft_text(&it, "name", a);
		if (s && (!p.name || strcmp(s, p.name) < 0))
			p = (struct package){s, draft_text(&it, "fixedInVersion", a),
					     draft_text(&it, "filePath", a)};
	}
	if (member_word(p.fix, "NotAvailable"))
		p.fix = NULL;
	return p;
}

/* An image's digest is cut off: the next build of the repository has the same findings. */
static const char *resource(const struct jv *v, struct arena *a)
{
	struct jv list = json_get(v, "resources"), first = json_first(&list);
	const char *id = draft_text(&first, "id", a), *digest = id ? strstr(id, "/sha256:") : NULL;
	return digest ? arena_strndup(a, id, (size_t)(digest - id)) : id;
}

static bool read_finding(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	const char *status = draft_text(v, "status", a);
	if (member_word(status, "CLOSED"))
		return true;
	struct jv details = json_get(v, "packageVulnerabilityDetails"),
		  code = json_get(v, "codeVulnerabilityDetails"),
		  place = json_get(&code, "filePath");
	struct package p = first_package(&details, a);
	const char *title = draft_text(v, "title", a), *type = draft_text(v, "type", a),
		   *where = resource(v, a);
	const char *rule = member_or(draft_text(&details, "vulnerabilityId", a),
				     draft_text(&code, "detectorId", a));
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = member_or(rule, type),
		.title = member_or(title, rule),
		.message = draft_plain(a, draft_text(v, "description", a)),
		.path = member_or(draft_text(&place, "filePath", a), member_or(p.path, where)),
		.line = draft_int(&place, "startLine"),
		.package = p.name,
		.fix = p.fix,
		.url = draft_link(a, draft_text(&details, "sourceUrl", a)),
		.cwe = member_cwe(&code, "cwes", a),
		.cve = draft_cve(a, rule),
		.cvss = member_cvss(draft_text(v, "inspectorScore", a)),
		.epss = member_epss(member_text(v, "epss.score", a)),
		.suppressed = member_word(status, "SUPPRESSED"),
	};
	f.severity = member_severity(f.word, SEV_INFO);
	draft_time(d, draft_date(draft_text(v, "updatedAt", a)));
	const char *const parts[] = {f.rule, rule ? p.name : title, where,
				     draft_text(&place, "filePath", a)};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

bool inspector2_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct jv list;
	if (!json_arr(in->json, "findings", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (!read_finding(d, &it, e))
			return false;
	if (draft_text(in->json, "nextToken", d->a))
		draft_partial(d, "a further page of findings is missing");
	return true;
}
