/* Scan reports: bytes of any origin become a status, counts and findings. Nothing here knows where
 * the bytes came from.
 *
 * A format is one file with one struct scan_format and one line in the table of formats.c.
 * Definitions: shared notes scans.md 1 to 4. */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "base/err.h"
#include "lib/json.h"
#include "lib/xml.h"
#include "model/record.h"

struct scan_opts {
	const char *tool; /* --tool: whose an empty list is; else checked against what is
			     recognised. May be NULL */
	const char *target; /* NULL: from the report, else "unknown" */
	const char *origin; /* for messages and the store */
	int64_t scanned_s; /* TIME_NONE: the report's own time, else fallback_s */
	int64_t fallback_s; /* e.g. the file's modification time */
};

struct scan_input { /* what a format reads; exactly one of json and xml is set */
	const struct jv *json;
	const struct xml *xml;
	const char *bytes;
	size_t len;
	const struct scan_opts *o;
};

struct scan_format {
	const char *name; /* "sarif", "zap-json", … as in scans.md */
	bool (*match)(const struct scan_input *in);
	/* Fills tool, target, list, status, reason, scanned_s, instances, first_site. Fails:
	 * ERR_PROTO: the report is malformed there. */
	bool (*read)(const struct scan_input *in, struct arena *a, struct rec_scan *out,
		     struct err *e);
};

/* Always gives a scan: what is wrong with the bytes is its status and reason, never zero findings.
 * Counts are summed here. */
void scan_read(const char *bytes, size_t len, const struct scan_opts *o, struct arena *a,
	       struct rec_scan *out);
/* One line of "ingest --dry-run --format json". */
const char *scan_json_line(const char *file, const struct rec_scan *s, struct arena *a);

/* scans.md 2: the common words and scores. false: unknown word, no score. */
MUST_CHECK bool scan_severity_word(const char *word, enum severity *out);
MUST_CHECK bool scan_severity_score(double score, enum severity *out);
/* Path as in an identity: "\" to "/", no leading "./", "/" or "file://". */
const char *scan_path(struct arena *a, const char *path);

#endif
