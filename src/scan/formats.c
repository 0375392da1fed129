#include "scan/formats.h"

#include "base/text.h"

/* Results is the only member and null: tfsec's way to say that it found nothing. */
static bool only_null_results(const struct scan_input *in)
{
	struct jv results = json_get(in->first, "results");
	return json_is_null(&results) && json_count(in->first) == 1;
}

/* An empty list of results beside nothing but OSV-Scanner's own members. */
static bool osv_nothing(const struct scan_input *in)
{
	struct jv results = json_get(in->first, "results");
	if (!json_is_arr(&results) || json_count(&results) != 0)
		return false;
	for (struct jv it = json_first(in->first); it.n; it = json_next(&it))
		if (strcmp(it.key, "results") != 0 && !text_starts(it.key, "experimental_") &&
		    strcmp(it.key, "image_metadata") != 0 && strcmp(it.key, "license_summary") != 0)
			return false;
	return true;
}

/* GitHub's GraphQL answer names the connection it was asked for somewhere near its start. */
static bool graphql_alerts(const struct scan_input *in)
{
	static const char name[] = "\"vulnerabilityAlerts\"";
	return memmem(in->bytes, MIN(in->len, (size_t)2000), name, sizeof name - 1) != NULL;
}

/* What npm writes when the registry refuses the request itself. */
static bool npm_message(const struct scan_input *in)
{
	struct jv message = json_get(in->first, "message");
	return json_is_str(&message);
}

/* name, tool (NULL: the report says which), pattern, then what else there is to say. */
#define FORMAT(shape_, name_, tool_, ...)                                                          \
	{                                                                                          \
		.shape = (shape_), .name = (name_), .tool = (tool_), .keys = __VA_ARGS__           \
	}
#define XML(...)    FORMAT(SHAPE_XML, __VA_ARGS__)
#define OBJECT(...) FORMAT(SHAPE_OBJECT, __VA_ARGS__)
#define ARRAY(...)  FORMAT(SHAPE_ARRAY, __VA_ARGS__)
#define NESTED(...) FORMAT(SHAPE_NESTED, __VA_ARGS__)
#define LINES(...)  FORMAT(SHAPE_LINES, __VA_ARGS__)

/* clang-format off */
const struct scan_format scan_formats[] = { /* the order of scans.md 1 */
	XML("zap-xml", "zap", "OWASPZAPReport", .read = zap_xml_read, .hint = "<OWASPZAPReport"),
	XML("dependency-check-xml", "dependency-check", "analysis + ns~dependency-check",
	       .read = dependency_check_xml_read, .hint = "/dependency-check."),
	XML("nikto-xml", "nikto", "niktoscan | niktoscans", .read = nikto_xml_read, .hint = "<niktoscan"),
	XML("burp-xml", "burp", "issues + @burpVersion", .read = burp_read, .hint = "burpVersion="),
	XML("cyclonedx-xml", "cyclonedx", "bom + ns~http://cyclonedx.org/schema/bom/",
	       .read = cyclonedx_xml_read, .hint = "cyclonedx.org/schema/bom/"),

	OBJECT("sarif", NULL, "runs | $schema", .match = sarif_match,
	       .read = sarif_read, .hint = "sarif-schema"),
	OBJECT("zap-json", "zap", "site + @version | site + @generated | site + @programName",
	       .read = zap_json_read,
	       .hint = "\"@programName\""),
	OBJECT("cyclonedx-json", "cyclonedx", "bomFormat=CycloneDX",
	       .read = cyclonedx_json_read, .hint = "\"CycloneDX\""),
	OBJECT("bandit-json", "bandit", "results + metrics + generated_at",
	       .read = bandit_read, .hint = "\"CONFIDENCE.HIGH\""),
	OBJECT("dependency-check-json", "dependency-check", "reportSchema + dependencies",
	       .read = dependency_check_json_read, .hint = "\"reportSchema\""),
	OBJECT("npm-audit-v2", "npm-audit", "auditReportVersion + vulnerabilities", .read = npm_audit_v2_read,
	       .hint = "\"auditReportVersion\""),
	OBJECT("npm-audit-v1", "npm-audit", "advisories + metadata | advisories + actions",
	       .read = npm_audit_v1_read,
	       .hint = "\"isMajor\""),
	OBJECT("npm-audit", "npm-audit", "error{code} | error{summary}", .read = npm_audit_error_read),
	OBJECT("grype-json", "grype", "matches[] + descriptor | matches[] + source | matches[] + distro"
				      " | matches[vulnerability,artifact]", .read = grype_read, .hint = "\"dataSource\""),
	OBJECT("trivy-json", "trivy", "SchemaVersion | ArtifactName | ClusterName",
	       .read = trivy_read, .hint = "\"ArtifactName\""),
	OBJECT("checkov-json", "checkov", "check_type + results | checkov_version + failed",
	       .read = checkov_read, .hint = "\"check_type\""),
	OBJECT("safety-json", "safety", "report_meta + vulnerabilities",
	       .read = safety_read, .hint = "\"report_meta\""),
	OBJECT("gosec-json", "gosec", "Issues + Stats | Issues + GosecVersion",
	       .read = gosec_read, .hint = "\"Golang errors\""),
	OBJECT("ecr-json", "ecr", "imageScanFindings | imageScanStatus",
	       .read = ecr_read, .hint = "\"imageScanFindings\""),
	OBJECT("inspector2-json", "inspector2", "findings[findingArn]",
	       .read = inspector2_read, .hint = "\"findingArn\""),
	OBJECT("pip-audit-json", "pip-audit", "dependencies[vulns] | dependencies[skip_reason] | dependencies[] + fixes[]",
	       .read = pip_audit_read, .hint = "\"fix_versions\""),
	OBJECT("eslint-json", "eslint", "results[filePath,messages]",
	       .read = eslint_read, .hint = "\"errorCount\""),
	OBJECT("osv-scanner-json", "osv-scanner", "results[packages,source]",
	       .read = osv_scanner_read, .hint = "\"database_specific\""),
	OBJECT("semgrep-json", "semgrep", "results + errors | results[check_id]",
	       .read = semgrep_read, .hint = "\"check_id\""),
	OBJECT("tfsec-json", "tfsec", "results[rule_id] | results[long_id]",
	       .read = tfsec_read, .hint = "\"rule_provider\""),
	OBJECT("tfsec-json", "tfsec", "results", .match = only_null_results, .read = tfsec_read),
	OBJECT("osv-scanner-json", "osv-scanner", "results[]", .match = osv_nothing, .read = osv_scanner_read),
	OBJECT("nikto-json", "nikto", "host + banner + vulnerabilities",
	       .read = nikto_json_read, .hint = "\"OSVDB\""),
	OBJECT("github-graphql-vulnerability-alerts", "github-dependabot", "data | vulnerabilityAlerts",
	       .match = graphql_alerts, .read = github_graphql_read, .hint = "\"vulnerabilityAlerts\""),
	OBJECT("npm-audit", "npm-audit", "message + method + uri | message + statusCode + headers", .match = npm_message,
	       .read = npm_audit_error_read),

	ARRAY("nuclei-json", "nuclei", "template-id | templateID",
	       .read = nuclei_read, .hint = "\"template-id\""),
	ARRAY("gitleaks-json", "gitleaks", "RuleID + Secret | rule + offender",
	       .read = gitleaks_read, .hint = "\"RuleID\"", .bare_empty = true),
	ARRAY("trivy-json", "trivy", "Target", .read = trivy_read, .bare_empty = true),
	ARRAY("checkov-json", "checkov", "check_type", .read = checkov_read),
	ARRAY("pip-audit-json", "pip-audit", "vulns | name + skip_reason",
	       .read = pip_audit_read, .bare_empty = true),
	ARRAY("eslint-json", "eslint", "filePath + messages", .read = eslint_read, .bare_empty = true),
	ARRAY("hadolint-json", "hadolint", "level + code + file", .read = hadolint_read, .bare_empty = true),
	ARRAY("trufflehog-jsonl", "trufflehog", "DetectorName | SourceMetadata | reason + stringsFound",
	       .read = trufflehog_read, .hint = "\"DetectorName\""),
	ARRAY("github-code-scanning", "github-code-scanning", "most_recent_instance",
	       .read = github_code_scanning_read, .hint = "\"most_recent_instance\""),
	ARRAY("github-dependabot", "github-dependabot", "security_advisory",
	       .read = github_dependabot_read, .hint = "\"security_advisory\""),
	ARRAY("github-secret-scanning", "github-secret-scanning", "secret_type",
	       .read = github_secret_scanning_read, .hint = "\"secret_type\""),
	ARRAY("nikto-json", "nikto", "host + vulnerabilities", .read = nikto_json_read),
	NESTED("safety-json", "safety", "", .read = safety_read, .bare_empty = true),

	LINES("nuclei-jsonl", "nuclei", "template-id | templateID", .read = nuclei_read),
	LINES("trufflehog-jsonl", "trufflehog", "DetectorName | SourceMetadata | reason + stringsFound",
	       .read = trufflehog_read),
};
/* clang-format on */
const size_t scan_formats_n = ARRAY_SIZE(scan_formats);
