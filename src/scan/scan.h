/* Scan reports: bytes of any origin become a status, counts and findings. Nothing here knows where
 * the bytes came from.
 *
 * scan_read does it all; formats.h says how a format is added. Definitions: shared notes scans.md
 * 1 to 4. What a scanner found in secret is never kept: no matched text, no code snippet, and
 * messages are redacted (redact.h). */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "base/err.h"
#include "model/record.h"

struct scan_opts {
	const char *tool; /* --tool: whose an empty list is; else checked against what is
			     recognised. May be NULL */
	const char *target; /* NULL: from the report, else "unknown" */
	const char *origin; /* for messages and the store */
	const char *source; /* as configured, for the store; NULL: "ingest" */
	int64_t scanned_s; /* TIME_NONE: the report's own time, else fallback_s */
	int64_t fallback_s; /* e.g. the file's modification time */
};

/* Bytes may be packed by gzip, up to LIMIT_REPORT_BYTES unpacked; sha256 is of the bytes given.
 * Always gives a scan: what is wrong with the bytes is its status and reason, never zero findings.
 *
 * source, tool, target, format, origin, sha256, status, scanned_s and the counts are set.
 * Counts are summed here, over list, where suppressed findings stand too. Where a report is whole
 * but cannot be read yet (unsupported) the counts are NUM_NONE; a report that is empty, malformed
 * or of no known format has 0 of everything. format is NULL where nothing is recognised, tool then
 * is o->tool or "unknown"; of a report that cannot be parsed but shows whose it is, format is the
 * tool's name.
 * scanned_s  o->scanned_s, else the report's own time, else o->fallback_s.
 * reason     NULL, or one line of what is wrong and where (byte, line or path in the report). Of
 *            the content it quotes only what a tool says of its own failure, redacted. */
void scan_read(const char *bytes, size_t len, const struct scan_opts *o, struct arena *a,
	       struct rec_scan *out);
/* One line of "ingest --dry-run --format json", without line end. Unknown counts are null. */
const char *scan_json_line(const char *file, const struct rec_scan *s, struct arena *a);

/* scans.md 2: the common words (any case, blanks around them ignored) and scores. false: unknown
 * word or NULL; no score. */
MUST_CHECK bool scan_severity_word(const char *word, enum severity *out);
MUST_CHECK bool scan_severity_score(double score, enum severity *out);
/* Path as in an identity: "\" to "/", no leading "./", "/" or "file://". NULL gives "". */
const char *scan_path(struct arena *a, const char *path);

#endif
