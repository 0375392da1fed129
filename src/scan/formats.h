/* What a report format is, and what the authors of formats are given.
 *
 * To add a format:
 * 1. src/scan/<name>.c with  bool <name>_read(const struct scan_input *, struct scan_draft *,
 *    struct err *)  that goes through the report and calls draft_add for each entry, draft_partial,
 *    draft_suspect, draft_failed for what the report admits (scans.md 2 and 3);
 * 2. a line in formats.c that recognises it;
 * 3. its identity in identity.h; its samples in tests/fuzz/corpus/scan.
 * member.h and listing.h read what reports have in common.
 * Counting, numbering of equal identities, status, redaction and JSON are done for every format
 * in one place (draft.c, scan.c). */
#ifndef SCAN_FORMATS_H
#define SCAN_FORMATS_H

#include "lib/json.h"
#include "lib/xml.h"
#include "scan/scan.h"

enum scan_shape {
	SHAPE_OBJECT, /* one JSON object */
	SHAPE_ARRAY, /* one JSON array with an object in it */
	SHAPE_NESTED, /* one JSON array of arrays */
	SHAPE_LINES, /* JSON lines */
	SHAPE_XML,
};

struct scan_input { /* what a format reads */
	const struct jv *json; /* the document; NULL for XML and for several lines */
	const struct jv *first; /* the object recognition looks at: the document, the first object
				   of an array, a line; NULL for XML */
	const struct xml *xml; /* else NULL */
	const char *bytes; /* UTF-8 without byte order mark */
	size_t len;
	const struct scan_opts *o;
};

struct scan_draft;
struct scan_format {
	const char *name; /* "sarif", "zap-json", … as in scans.md */
	const char *tool; /* NULL: the report says which */
	enum scan_shape shape;
	const char *keys; /* what must be there: recognise.h */
	bool (*match)(const struct scan_input *in); /* what keys cannot say, or NULL */
	/* Fails: ERR_PROTO, the report is malformed at the path in the message. */
	bool (*read)(const struct scan_input *in, struct scan_draft *d, struct err *e);
	const char *hint; /* a text near the start that tells even a broken report's format */
	bool bare_empty; /* its tool writes [] or null when it finds nothing */
};

/* In the order in which they are tried: the first hit wins. */
extern const struct scan_format scan_formats[];
extern const size_t scan_formats_n;

bool sarif_match(const struct scan_input *in);
bool sarif_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool zap_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool zap_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool bandit_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool npm_audit_v1_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool npm_audit_v2_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool ecr_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool npm_audit_error_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool dependency_check_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool nikto_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool burp_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool cyclonedx_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool cyclonedx_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool dependency_check_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool grype_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool trivy_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool checkov_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool safety_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool gosec_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool inspector2_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool pip_audit_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool eslint_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool osv_scanner_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool semgrep_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool tfsec_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool nikto_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool github_graphql_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool nuclei_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool gitleaks_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool hadolint_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool trufflehog_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool github_code_scanning_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool github_dependabot_read(const struct scan_input *in, struct scan_draft *d, struct err *e);
bool github_secret_scanning_read(const struct scan_input *in, struct scan_draft *d, struct err *e);

#endif
