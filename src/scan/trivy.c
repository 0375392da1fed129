/* Trivy's JSON (scans.md 5.5): schema 1 (an array of results), schema 2, and a cluster's report,
 * whose resources have results each. A secret's "Match" and "Code" are never read, nor is
 * "Fingerprint", which holds the image's digest. */
#include "scan/member.h"

#include "base/text.h"

struct result {
	struct scan_draft *d;
	const char *target, *type;
};

typedef void add_fn(const struct result *r, const struct jv *v, bool suppressed);

static void add_vulnerability(const struct result *r, const struct jv *v, bool suppressed)
{
	struct arena *a = r->d->a;
	const char *id = draft_text(v, "VulnerabilityID", a), *path = draft_text(v, "PkgPath", a);
	struct rec_finding f = {
		.word = draft_text(v, "Severity", a),
		.rule = id,
		.title = member_or(draft_text(v, "Title", a), id),
		.message = draft_plain(a, draft_text(v, "Description", a)),
		.path = scan_path(a, member_or(path, r->target)),
		.line = NUM_NONE,
		.package = draft_text(v, "PkgName", a),
		.fix = draft_text(v, "FixedVersion", a),
		.url = draft_link(a, member_or(draft_text(v, "PrimaryURL", a),
					       member_one(v, "References", a))),
		.cwe = member_cwe(v, "CweIDs", a),
		.cve = draft_cve(a, id),
		.suppressed = suppressed,
	};
	struct jv scores = json_get(v, "CVSS"); /* by who gave them */
	f.cvss = member_cvss_max(&scores, "V40Score", a);
	if (f.cvss == 0)
		f.cvss = member_cvss_max(&scores, "V3Score", a);
	if (f.cvss == 0)
		f.cvss = member_cvss_max(&scores, "V2Score", a);
	if (!f.cve)
		f.cve = member_cve(v, "VendorIDs", a);
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {"vulnerability", r->type, f.package, id};
	draft_add(r->d, &f, parts, ARRAY_SIZE(parts));
}

static void add_misconfiguration(const struct result *r, const struct jv *v, bool suppressed)
{
	struct arena *a = r->d->a;
	const char *status = draft_text(v, "Status", a);
	if (status && !member_word(status, "FAIL") && !suppressed)
		return;
	const char *id = member_or(draft_text(v, "ID", a), draft_text(v, "AVDID", a)),
		   *message = draft_text(v, "Message", a), *target = scan_path(a, r->target);
	struct jv cause = json_get(v, "CauseMetadata");
	struct rec_finding f = {
		.word = draft_text(v, "Severity", a),
		.rule = id,
		.title = member_or(draft_text(v, "Title", a), id),
		.message = member_or(message, draft_plain(a, draft_text(v, "Description", a))),
		.path = target,
		.line = draft_int(&cause, "StartLine"),
		.fix = draft_text(v, "Resolution", a),
		.url = draft_link(a, member_or(draft_text(v, "PrimaryURL", a),
					       member_one(v, "References", a))),
		.suppressed = suppressed,
	};
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {"misconfiguration", target, id, message};
	draft_add(r->d, &f, parts, ARRAY_SIZE(parts));
}

static void add_secret(const struct result *r, const struct jv *v, bool suppressed)
{
	struct arena *a = r->d->a;
	struct rec_finding f = {
		.word = draft_text(v, "Severity", a),
		.rule = draft_text(v, "RuleID", a),
		.title = member_or(draft_text(v, "Title", a), draft_text(v, "RuleID", a)),
		.path = scan_path(a, r->target),
		.line = draft_int(v, "StartLine"),
		.suppressed = suppressed,
	};
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {"secret", f.path, f.rule};
	draft_add(r->d, &f, parts, ARRAY_SIZE(parts));
}

static void add_licence(const struct result *r, const struct jv *v, bool suppressed)
{
	struct arena *a = r->d->a;
	const char *name = draft_text(v, "Name", a), *file = draft_text(v, "FilePath", a),
		   *category = draft_text(v, "Category", a);
	struct rec_finding f = {
		.word = draft_text(v, "Severity", a),
		.rule = name,
		.title = arena_printf(a, "licence %s%s%s%s", name ? name : "(unnamed)",
				      category ? " (" : "", category ? category : "",
				      category ? ")" : ""),
		.path = scan_path(a, member_or(file, r->target)),
		.line = NUM_NONE,
		.package = draft_text(v, "PkgName", a),
		.url = draft_link(a, draft_text(v, "Link", a)),
		.suppressed = suppressed,
	};
	f.severity = member_severity(f.word, SEV_INFO);
	const char *const parts[] = {"licence", f.package, name, file};
	draft_add(r->d, &f, parts, ARRAY_SIZE(parts));
}

static const struct kind {
	const char *list, *type; /* the member of a result; what a modified finding calls it */
	add_fn *add;
} kinds[] = {
	{"Vulnerabilities", "vulnerability", add_vulnerability},
	{"Misconfigurations", "misconfiguration", add_misconfiguration},
	{"Secrets", "secret", add_secret},
	{"Licenses", "license", add_licence},
};

/* What --show-suppressed adds: findings that an ignore file or a VEX statement took out. */
static bool read_modified(const struct result *r, const struct jv *result, struct err *e)
{
	struct jv list;
	if (!json_arr_opt(result, "ExperimentalModifiedFindings", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		const char *type = draft_text(&it, "Type", r->d->a);
		const struct kind *kind = &kinds[0];
		for (size_t i = 1; i < ARRAY_SIZE(kinds); i++)
			if (member_word(type, kinds[i].type))
				kind = &kinds[i];
		struct jv finding = json_get(&it, "Finding");
		kind->add(r, &finding, true);
	}
	return true;
}

static bool read_result(struct scan_draft *d, const struct jv *v, struct err *e)
{
	if (!draft_is_obj(v, e))
		return false;
	struct result r = {
		.d = d,
		.target = draft_text(v, "Target", d->a),
		.type = draft_text(v, "Type", d->a),
	};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct jv list;
		if (!json_arr_opt(v, kinds[i].list, &list, e))
			return false;
		for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
			if (!draft_is_obj(&it, e))
				return false;
			kinds[i].add(&r, &it, false);
		}
	}
	return read_modified(&r, v, e);
}

static bool read_results(struct scan_draft *d, const struct jv *list, struct err *e)
{
	for (struct jv it = json_first(list); it.n; it = json_next(&it))
		if (!read_result(d, &it, e))
			return false;
	return true;
}

static bool read_resources(struct scan_draft *d, const struct jv *cluster, const char *key,
			   struct err *e)
{
	struct arena *a = d->a;
	struct jv list, results;
	if (!json_arr_opt(cluster, key, &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e) || !json_arr_opt(&it, "Results", &results, e) ||
		    !read_results(d, &results, e))
			return false;
		const char *error = draft_text(&it, "Error", a), *kind = draft_text(&it, "Kind", a),
			   *name = draft_text(&it, "Name", a);
		if (error)
			draft_partial(d, "%s %s was not scanned: %s", kind ? kind : "a resource",
				      name ? name : "", error);
	}
	return true;
}

bool trivy_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	/* "Findings" is what the cluster's summary calls them; the second and third are older. */
	static const char *const resources[] = {"Resources", "Vulnerabilities", "Misconfigurations",
						"Findings"};
	struct arena *a = d->a;
	struct jv results;
	if (json_is_arr(in->json))
		return read_results(d, in->json, e);
	const char *cluster = draft_text(in->json, "ClusterName", a);
	draft_time(d, draft_date(draft_text(in->json, "CreatedAt", a)));
	d->out->tool_version = member_text(in->json, "Trivy.Version", a);
	/* A directory's name is of the machine that scanned it. */
	if (member_word(draft_text(in->json, "ArtifactType", a), "container_image"))
		d->own_target = member_image(a, draft_text(in->json, "ArtifactName", a));
	if (cluster)
		d->own_target = cluster;
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		if (!read_resources(d, in->json, resources[i], e))
			return false;
	return json_arr_opt(in->json, "Results", &results, e) && read_results(d, &results, e);
}
