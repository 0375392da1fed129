/* What makes two findings of two reports the same one.
 *
 * An identity is 32 hexadecimal digits: SHA-256, cut to 128 bits, over the parts below, each with
 * its length. Entries of one report with equal parts are told apart by a running number ("…-2",
 * "…-3"), given in an order that does not depend on the order of the report; so two reports compare
 * as multisets, and leaving one of three equal entries out is exactly one fixed.
 *
 * Parts, as in scans.md 4:
 *   sarif      category, driver (as in identity_tool), ruleId, path of the first location, message
 *   zap        site name, pluginid, alert name
 *   bandit     test_id, path, issue_text
 *   npm-audit  package, advisory (GHSA where the report names one, else URL, else number)
 *   semgrep    check_id, path
 *   trivy      Type, PkgName, VulnerabilityID; misconfigurations: Target, ID, Message; secrets:
 *              Target, RuleID; licences: PkgName, Name, FilePath
 *   grype      type and name of the artifact, id of the vulnerability
 *   osv-scanner, pip-audit  source path (OSV only), package, the flaw's steadiest name: the
 *              smallest CVE of all its ids and aliases, else GHSA, else id
 *   safety     package, vulnerability_id
 *   dependency-check  package URL without version (else the file's name up to it), vulnerability
 *   cyclonedx  vulnerability, package URL of the component without version
 *   checkov, tfsec  rule, path, resource (in old reports of tfsec the description)
 *   gosec, eslint, hadolint  rule, path, message
 *   gitleaks, trufflehog  rule, file, SHA-256 of the secret
 *   nuclei     template, matcher, host
 *   nikto      host, id, URL; the message too where the id is one of the general 999xxx
 *   burp       type, host, path
 *   github-*   repository, number of the alert
 *   ecr        package (of several the first by name), vulnerability: alike in both kinds of scan
 *   inspector2 vulnerability, package, resource without image digest
 *
 * They are the keys of scans.md 4 and one is finer: SARIF's category (automationDetails.id up to
 * its last "/") keeps two analyses of one repository apart, which a tool that renames its category
 * pays with "fixed + new", as on GitHub. Never part of it: line, severity, version, description,
 * the producer's fingerprints (scans.md 5.1 measured them to be constant, or to change each run);
 * one that is told apart by them is a second key, which the store tries when the identity is gone.
 * A message may hold a secret: only the digest of it stays, and rule and path salt it. */
#ifndef SCAN_IDENTITY_H
#define SCAN_IDENTITY_H

#include "base/arena.h"
#include "model/record.h"

const char *identity_make(struct arena *a, const char *const *parts,
			  size_t n); /* NULL counts as "" */
/* Adds the running numbers. Suppressed findings are numbered apart from the others. */
void identity_number(struct rec_finding *list, size_t n, struct arena *a);
/* Drops every finding's strong key where fewer than 9 in 10 of them differ: a constant ("requires
 * login") or one for many identifies nothing. Among fewer than 10 all must differ. */
void identity_fingerprints(struct rec_finding *list, size_t n, struct arena *a);
/* A tool's name as it stands in number ids: lower case, [a-z0-9-] only, known variants of one name
 * made one ("Semgrep OSS" is semgrep). NULL and nothing usable give "unknown". */
const char *identity_tool(struct arena *a, const char *name);

#endif
