/* Safety's JSON: version 2 and 3, and version 1's list of lists (scans.md 5.8). */
#include "scan/member.h"

#include "base/text.h"

/* {cvssv3: {base_severity, base_score}, cvssv2: {…}}, all of it null without a paid key; version 2
 * of CVSS has a score only. */
static enum severity rated(const struct jv *v3, const struct jv *v2, struct arena *a,
			   const char **word)
{
	const struct jv *const order[] = {v3, v2};
	enum severity s;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		*word = draft_text(order[i], "base_severity", a);
		if (scan_severity_word(*word, &s))
			return s;
		*word = draft_text(order[i], "base_score", a);
		if (scan_severity_score(member_score(*word), &s))
			return s;
	}
	*word = NULL;
	return SEV_MEDIUM;
}

static void add(struct scan_draft *d, struct rec_finding *f, const char *id)
{
	struct arena *a = d->a;
	f->line = NUM_NONE;
	f->rule = id;
	f->title = arena_printf(a, "%s in %s", member_or(f->cve, member_or(id, "a vulnerability")),
				f->package ? f->package : "an unnamed package");
	const char *const parts[] = {text_lower(a, f->package ? f->package : ""), id};
	draft_add(d, f, parts, ARRAY_SIZE(parts));
}

static bool read_list(struct scan_draft *d, const struct jv *report, const char *key,
		      bool suppressed, struct err *e)
{
	struct arena *a = d->a;
	struct jv list;
	if (!json_arr_opt(report, key, &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		struct jv severity = json_get(&it, "severity"), v3 = json_get(&severity, "cvssv3"),
			  v2 = json_get(&severity, "cvssv2");
		struct rec_finding f = {
			.package = draft_text(&it, "package_name", a),
			.message = draft_plain(a, draft_text(&it, "advisory", a)),
			.cve = draft_cve(a, draft_text(&it, "CVE", a)),
			.url = draft_link(a, draft_text(&it, "more_info_url", a)),
			.fix = member_one(&it, "fixed_versions", a),
			.suppressed = suppressed || member_true(&it, "ignored"),
		};
		f.severity = rated(&v3, &v2, a, &f.word);
		f.cvss = member_cvss(member_or(draft_text(&v3, "base_score", a),
					       draft_text(&v2, "base_score", a)));
		if (!f.cve)
			f.cve = draft_cve(a, member_text(&severity, "source", a));
		add(d, &f, draft_text(&it, "vulnerability_id", a));
	}
	return true;
}

/* [package, affected versions, installed, text, id, cvssv2, cvssv3] */
static bool read_old(struct scan_draft *d, const struct jv *list, struct err *e)
{
	struct arena *a = d->a;
	enum { PACKAGE, SPEC, INSTALLED, TEXT, ID, CVSS2, CVSS3, COLUMNS };
	for (struct jv row = json_first(list); row.n; row = json_next(&row)) {
		struct jv column[COLUMNS] = {0};
		size_t n = 0;
		if (!json_is_arr(&row))
			return json_wrong(&row, e, "expected an array");
		for (struct jv it = json_first(&row); it.n && n < COLUMNS; it = json_next(&it))
			column[n++] = it;
		if (n <= ID)
			return json_wrong(&row, e,
					  "expected package, versions, installed, text, id");
		struct rec_finding f = {
			.package = json_text(&column[PACKAGE], a),
			.message = draft_plain(a, json_text(&column[TEXT], a)),
		};
		f.cve = draft_cve(a, f.message);
		f.severity = rated(&column[CVSS3], &column[CVSS2], a, &f.word);
		add(d, &f, json_text(&column[ID], a));
	}
	return true;
}

bool safety_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	if (json_is_arr(in->json))
		return read_old(d, in->json, e);
	draft_time(d, draft_date(member_text(in->json, "report_meta.timestamp", a)));
	d->out->tool_version = member_text(in->json, "report_meta.safety_version", a);
	struct jv list;
	if (!json_arr(in->json, "vulnerabilities", &list, e))
		return false;
	return read_list(d, in->json, "vulnerabilities", false, e) &&
	       read_list(d, in->json, "ignored_vulnerabilities", true, e);
}
