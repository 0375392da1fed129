/* ECR's image scans as DescribeImageScanFindings answers them (scans.md 5.14): basic scanning fills
 * "findings", enhanced scanning (Inspector) "enhancedFindings". */
#include "base/text.h"
#include "scan/draft.h"
#include "scan/formats.h"

/* The wire has seconds since 1970, what the command-line tool prints has ISO 8601. */
static int64_t when(const struct jv *o, const char *key, struct arena *a)
{
	int64_t t_s;
	struct err e = {0};
	if (json_epoch_opt(o, key, &t_s, &e) && t_s != TIME_NONE)
		return t_s;
	return draft_date(draft_text(o, key, a));
}

static void add(struct scan_draft *d, struct rec_finding *f)
{
	if (!scan_severity_word(f->word, &f->severity))
		f->severity = SEV_INFO;
	const char *const parts[] = {f->package, f->rule};
	draft_add(d, f, parts, ARRAY_SIZE(parts));
}

/* attributes: [{"key": "package_name", "value": "openssl"}, …] */
static const char *attribute(const struct jv *finding, const char *key, struct arena *a)
{
	struct jv list = json_get(finding, "attributes");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it))
		if (text_eq(draft_text(&it, "key", a), key))
			return draft_text(&it, "value", a);
	return NULL;
}

static const char *in_package(struct arena *a, const char *rule, const char *package)
{
	if (!rule || !package)
		return rule ? rule : package;
	return arena_printf(a, "%s in %s", rule, package);
}

static void basic(struct scan_draft *d, const struct jv *v)
{
	struct arena *a = d->a;
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = draft_text(v, "name", a),
		.message = draft_text(v, "description", a),
		.url = draft_link(a, draft_text(v, "uri", a)),
		.package = attribute(v, "package_name", a),
		.line = NUM_NONE,
	};
	f.cve = draft_cve(a, f.rule);
	f.title = in_package(a, f.rule, f.package);
	add(d, &f);
}

/* The packages come in no order: the first by its name stands for the finding, so that two scans
 * agree. */
static void first_package(const struct jv *details, struct arena *a, const char **name,
			  const char **fix)
{
	struct jv list = json_get(details, "vulnerablePackages");
	*name = *fix = NULL;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *s = draft_text(&it, "name", a);
		if (s && (!*name || strcmp(s, *name) < 0)) {
			*name = s;
			*fix = draft_text(&it, "fixedInVersion", a);
		}
	}
}

static void enhanced(struct scan_draft *d, const struct jv *v)
{
	struct arena *a = d->a;
	struct jv details = json_get(v, "packageVulnerabilityDetails");
	const char *status = draft_text(v, "status", a), *name, *fix;
	if (text_ieq(status, "CLOSED"))
		return;
	first_package(&details, a, &name, &fix);
	struct rec_finding f = {
		.word = draft_text(v, "severity", a),
		.rule = draft_text(&details, "vulnerabilityId", a),
		.message = draft_text(v, "description", a),
		.url = draft_link(a, draft_text(&details, "sourceUrl", a)),
		.package = name,
		.fix = fix,
		.line = NUM_NONE,
		.suppressed = text_ieq(status, "SUPPRESSED"),
	};
	const char *title = draft_text(v, "title", a);
	if (!f.rule) /* a finding of another type than a package's */
		f.rule = title ? title : draft_text(v, "type", a);
	f.cve = draft_cve(a, f.rule);
	f.title = name ? in_package(a, f.rule, name) : title ? title : f.rule;
	add(d, &f);
}

static int64_t counted(const struct jv *findings)
{
	struct jv counts = json_get(findings, "findingSeverityCounts");
	int64_t sum = 0;
	for (struct jv it = json_first(&counts); it.n; it = json_next(&it)) {
		int64_t n = draft_int(&counts, it.key);
		sum += MAX(n, (int64_t)0);
	}
	return sum;
}

bool ecr_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv status, findings, list, more;
	if (!json_obj_opt(in->json, "imageScanStatus", &status, e) ||
	    !json_obj_opt(in->json, "imageScanFindings", &findings, e) ||
	    !json_arr_opt(&findings, "findings", &list, e) ||
	    !json_arr_opt(&findings, "enhancedFindings", &more, e))
		return false;
	d->own_target = draft_text(in->json, "repositoryName", a);
	draft_time(d, when(&findings, "imageScanCompletedAt", a));
	const char *word = draft_text(&status, "status", a),
		   *why = draft_text(&status, "description", a);
	if (word && !text_ieq(word, "COMPLETE") && !text_ieq(word, "ACTIVE"))
		draft_failed(d, "the scan is %s%s%s", word, why ? ": " : "", why ? why : "");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		basic(d, &it);
	}
	for (struct jv it = json_first(&more); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		enhanced(d, &it);
	}
	if (draft_text(in->json, "nextToken", a))
		draft_partial(d, "a further page of findings is missing");
	if (json_count(&list) + json_count(&more) == 0 && counted(&findings) > 0)
		draft_partial(d, "%lld findings are counted and none is listed",
			      (long long)counted(&findings));
	return true;
}
