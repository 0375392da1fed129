/* GitHub's alert lists as somebody saved them: code scanning, Dependabot, secret scanning by REST,
 * and Dependabot's by GraphQL (scans.md 5.14). A secret's value is never read. */
#include "scan/listing.h"
#include "scan/member.h"

#include "base/text.h"

/* "owner/repo": lists of an organisation say it, those of a repository only in their links. */
static const char *repository(const struct jv *v, struct arena *a)
{
	const char *name = member_text(v, "repository.full_name", a),
		   *url = draft_text(v, "html_url", a), *host = url ? strstr(url, "://") : NULL,
		   *path = host ? strchr(host + 3, '/') : NULL,
		   *end = path ? strstr(path, "/security/") : NULL;
	if (name || !end || end == path) /* the latter: "https://host/security/…", no repository */
		return name;
	return arena_strndup(a, path + 1, (size_t)(end - path - 1));
}

/* An alert's number stays for its whole life. */
static void add(struct scan_draft *d, const struct jv *v, struct rec_finding *f)
{
	struct arena *a = d->a;
	const char *repo = repository(v, a), *number = draft_text(v, "number", a);
	f->url = draft_link(a, draft_text(v, "html_url", a));
	if (!d->own_target)
		d->own_target = repo;
	if (number) {
		const char *const parts[] = {repo, number};
		draft_add(d, f, parts, ARRAY_SIZE(parts));
	} else {
		const char *const parts[] = {repo, f->rule, f->path, f->package, f->message};
		draft_add(d, f, parts, ARRAY_SIZE(parts));
	}
}

static bool one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (member_word(word, words[i]))
			return true;
	return false;
}

static bool closed(const char *state)
{
	static const char *const words[] = {"fixed", "closed"};
	return one_of(state, words, ARRAY_SIZE(words));
}

static bool dismissed(const char *state)
{
	static const char *const words[] = {"dismissed", "auto_dismissed"};
	return one_of(state, words, ARRAY_SIZE(words));
}

static const char *rule_cwe(const struct jv *rule, struct arena *a)
{
	struct jv tags = json_get(rule, "tags");
	for (struct jv it = json_first(&tags); it.n; it = json_next(&it)) {
		const char *s = json_text(&it, a);
		if (s && strstr(s, "cwe-"))
			return draft_cwe(a, s);
	}
	return NULL;
}

static bool read_code_alert(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	struct jv rule = json_get(v, "rule"), recent = json_get(v, "most_recent_instance"),
		  place = json_get(&recent, "location");
	const char *state = member_or(draft_text(v, "state", a), draft_text(&recent, "state", a));
	if (closed(state))
		return true;
	struct rec_finding f = {
		.word = member_or(draft_text(&rule, "security_severity_level", a),
				  draft_text(&rule, "severity", a)),
		.rule = draft_text(&rule, "id", a),
		.title = member_or(draft_text(&rule, "description", a),
				   draft_text(&rule, "name", a)),
		.message = member_text(&recent, "message.text", a),
		.path = scan_path(a, draft_text(&place, "path", a)),
		.line = draft_int(&place, "start_line"),
		.cwe = rule_cwe(&rule, a),
		.suppressed = dismissed(state),
	};
	if (!f.title)
		f.title = f.rule;
	f.severity = member_severity(f.word, SEV_MEDIUM);
	add(d, v, &f);
	return true;
}

bool github_code_scanning_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_code_alert, e);
}

static bool read_dependabot_alert(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	struct arena *a = d->a;
	struct jv advisory = json_get(v, "security_advisory"),
		  flaw = json_get(v, "security_vulnerability"),
		  dependency = json_get(v, "dependency"), cwes = json_get(&advisory, "cwes"),
		  cwe = json_first(&cwes);
	const char *state = draft_text(v, "state", a), *cve = draft_text(&advisory, "cve_id", a);
	if (closed(state))
		return true;
	struct rec_finding f = {
		.word = member_or(draft_text(&flaw, "severity", a),
				  draft_text(&advisory, "severity", a)),
		.rule = member_or(draft_text(&advisory, "ghsa_id", a), cve),
		.title = draft_text(&advisory, "summary", a),
		.message = draft_plain(a, draft_text(&advisory, "description", a)),
		.path = scan_path(a, draft_text(&dependency, "manifest_path", a)),
		.line = NUM_NONE,
		.package = member_or(member_text(&dependency, "package.name", a),
				     member_text(&flaw, "package.name", a)),
		.fix = member_or(member_text(&flaw, "first_patched_version.identifier", a),
				 draft_text(&flaw, "first_patched_version", a)),
		.cwe = draft_cwe(a, draft_text(&cwe, "cwe_id", a)),
		.cve = draft_cve(a, cve),
		.cvss = member_cvss(member_text(&advisory, "cvss.score", a)),
		.epss = member_epss(member_text(&advisory, "epss.percentage", a)),
		.suppressed = dismissed(state),
	};
	if (!f.title)
		f.title = f.rule;
	f.severity = member_severity(f.word, SEV_MEDIUM);
	add(d, v, &f);
	return true;
}

bool github_dependabot_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_dependabot_alert, e);
}

static bool read_secret_alert(struct scan_draft *d, const struct jv *v, struct err *e UNUSED)
{
	static const char *const set_aside[] = {"false_positive", "wont_fix", "used_in_tests"};
	struct arena *a = d->a;
	bool resolved = member_word(draft_text(v, "state", a), "resolved"),
	     aside = one_of(draft_text(v, "resolution", a), set_aside, ARRAY_SIZE(set_aside));
	if (resolved && !aside) /* revoked, or its pattern is gone */
		return true;
	struct rec_finding f = {
		.word = draft_text(v, "validity", a),
		.rule = draft_text(v, "secret_type", a),
		.title = member_or(draft_text(v, "secret_type_display_name", a),
				   draft_text(v, "secret_type", a)),
		.path = scan_path(a, member_text(v, "first_location_detected.path", a)),
		.line = NUM_NONE,
		.suppressed = resolved,
	};
	f.severity = member_word(f.word, "active") ? SEV_CRITICAL : SEV_HIGH;
	add(d, v, &f);
	return true;
}

bool github_secret_scanning_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	return listing_read(in, d, read_secret_alert, e);
}

/* What GraphQL calls a RepositoryVulnerabilityAlert; which members it has is up to the query. */
static bool read_graphql_alert(struct scan_draft *d, const struct jv *v, const char *repo,
			       struct err *e)
{
	struct arena *a = d->a;
	if (!draft_is_obj(v, e))
		return false;
	const char *state = draft_text(v, "state", a);
	if (closed(state) || (!state && draft_text(v, "fixedAt", a)))
		return true;
	struct jv flaw = json_get(v, "securityVulnerability"),
		  advisory = json_get(&flaw, "advisory"), other = json_get(v, "securityAdvisory"),
		  links, link;
	if (!json_is_obj(&advisory))
		advisory = other;
	struct jv ids = json_get(&advisory, "identifiers");
	struct names names = {0};
	for (struct jv it = json_first(&ids); it.n; it = json_next(&it))
		names_add(&names, draft_text(&it, "value", a), a);
	names_add(&names, draft_text(&advisory, "ghsaId", a), a);
	links = json_get(&advisory, "references");
	link = json_first(&links);
	const char *number = draft_text(v, "number", a);
	struct rec_finding f = {
		.word = member_or(draft_text(&flaw, "severity", a),
				  draft_text(&advisory, "severity", a)),
		.rule = member_or(names.ghsa, names_key(&names)),
		.title = draft_text(&advisory, "summary", a),
		.message = draft_plain(a, draft_text(&advisory, "description", a)),
		.path = scan_path(a, member_or(draft_text(v, "vulnerableManifestPath", a),
					       draft_text(v, "vulnerableManifestFilename", a))),
		.line = NUM_NONE,
		.package = member_text(&flaw, "package.name", a),
		.fix = member_text(&flaw, "firstPatchedVersion.identifier", a),
		.url = draft_link(a, draft_text(&link, "url", a)),
		.cve = names.cve,
		.suppressed = dismissed(state) || draft_text(v, "dismissedAt", a),
	};
	if (!f.title)
		f.title = f.rule;
	f.severity = member_severity(f.word, SEV_MEDIUM);
	const char *id = draft_text(v, "id", a);
	const char *const parts[] = {repo, member_or(number, id),
				     number || id ? NULL : names_key(&names),
				     number || id ? NULL : f.package};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

static bool read_connection(struct scan_draft *d, const struct jv *owner, const struct jv *alerts,
			    struct err *e)
{
	struct jv nodes, edges;
	if (!json_arr_opt(alerts, "nodes", &nodes, e) || !json_arr_opt(alerts, "edges", &edges, e))
		return false;
	const char *repo = member_or(draft_text(owner, "nameWithOwner", d->a),
				     draft_text(owner, "name", d->a));
	for (struct jv it = json_first(&nodes); it.n; it = json_next(&it))
		if (!read_graphql_alert(d, &it, repo, e))
			return false;
	for (struct jv it = json_first(&edges); it.n; it = json_next(&it)) {
		struct jv node = json_get(&it, "node");
		if (!read_graphql_alert(d, &node, repo, e))
			return false;
	}
	return true;
}

/* The connection stands wherever the query put it: below a repository, or a search's nodes. Depth
 * is bounded by the parser. */
static bool find_connections(struct scan_draft *d, const struct jv *v, size_t *found, struct err *e)
{
	for (struct jv it = json_first(v); it.n; it = json_next(&it)) {
		bool alerts = it.key && !strcmp(it.key, "vulnerabilityAlerts") && json_is_obj(&it);
		*found += alerts;
		if (!(alerts ? read_connection(d, v, &it, e) : find_connections(d, &it, found, e)))
			return false;
	}
	return true;
}

bool github_graphql_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv errors = json_get(in->json, "errors");
	for (struct jv it = json_first(&errors); it.n; it = json_next(&it)) {
		const char *why = draft_text(&it, "message", a);
		draft_failed(d, "GitHub answered with an error%s%s", why ? ": " : "",
			     why ? why : "");
	}
	size_t found = 0;
	if (!find_connections(d, in->json, &found, e))
		return false;
	if (!found)
		draft_suspect(d, "no repository's alerts are in the answer");
	return true;
}
