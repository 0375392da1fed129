/* A scan while its report is being read: collects entries and what the report admits; settles
 * status, counts and numbering at the end. Also small readers that forgive what reports get wrong
 * (numbers as text, HTML in messages). */
#ifndef SCAN_DRAFT_H
#define SCAN_DRAFT_H

#include "scan/formats.h"

struct scan_draft {
	struct arena *a;
	struct rec_scan *out;
	const char *own_target; /* what the report says it scanned, or NULL */
	const char *own_tool; /* only where the format has no tool of its own */
	const char *failed, *partial, *suspect, *unsupported; /* first reasons */
	size_t partial_n;
};

/* Adds one entry. parts: its identity (identity.h). f->strong and f->context are the tool's
 * fingerprint and the code pointed to as the report has them; only digests of them are kept. The
 * texts of f are redacted and cut here; f->occurrences 0 means 1. */
void draft_add(struct scan_draft *d, struct rec_finding *f, const char *const *parts, size_t n);
/* The report says that it failed; that part of it failed; that nothing was scanned (counts only if
 * nothing was found); that it is a version we do not read. The first reason of each is kept. */
void draft_failed(struct scan_draft *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
void draft_partial(struct scan_draft *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
void draft_suspect(struct scan_draft *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
void draft_unsupported(struct scan_draft *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The report's own time; the latest of several is kept, TIME_NONE is ignored. */
void draft_time(struct scan_draft *d, int64_t t_s);
/* Status, reason, counts, running numbers, and whether the fingerprints are any. */
void draft_settle(struct scan_draft *d);

/* A member as text, whether it is a string, a number or a boolean; NULL for everything else and for
 * "". */
const char *draft_text(const struct jv *o, const char *key, struct arena *a);
/* A member as a non-negative integer, whether it is a number or text; NUM_NONE for everything else.
 */
int64_t draft_int(const struct jv *o, const char *key);
/* The member must be an object (an array): ERR_PROTO otherwise. NULL member: *out.n NULL, if
 * optional. */
MUST_CHECK bool draft_is_obj(const struct jv *v, struct err *e);
/* "CWE-79" of "79", "CWE-79: …", "external/cwe/cwe-079", 79; NULL when there is no number above
 * 0. */
const char *draft_cwe(struct arena *a, const char *s);
/* The first "CVE-2024-1234" (or GHSA-xxxx-xxxx-xxxx) in s, or NULL. */
const char *draft_cve(struct arena *a, const char *s);
const char *draft_ghsa(struct arena *a, const char *s);
/* HTML to plain text: tags go, entities are decoded, one blank between words. */
const char *draft_plain(struct arena *a, const char *html);
/* "Tue, 2 Jan 2024 17:55:52" (UTC) or ISO 8601. TIME_NONE for anything else. */
int64_t draft_date(const char *s);
/* The first http(s) link in a text, or NULL. */
const char *draft_link(struct arena *a, const char *s);
/* A URL without query, fragment, user and password; other texts as they are. */
const char *draft_location(struct arena *a, const char *s);

#endif
