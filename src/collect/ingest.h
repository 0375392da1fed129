/* One report file into the store: what "sitrep ingest" and the scans source do alike. */
#ifndef COLLECT_INGEST_H
#define COLLECT_INGEST_H

#include "lib/db.h"
#include "scan/scan.h"
#include "store/scans.h"

/* Reads the file at path (at most LIMIT_REPORT_BYTES; a larger one is a malformed report) and, when
 * db is given, stores the scan with what it does to the findings.
 * o        origin NULL: path. scanned_s TIME_NONE: the report's own time, unless that is more than
 *          a day ahead of both seen_s and the real clock (a clock was wrong: believed, it would
 *          make every later scan late); else fallback_s; that TIME_NONE too: when the file was
 *          written, but not after seen_s.
 * seen_s   calendar time, UTC seconds.
 * db NULL  dry run: nothing is stored, *effect untouched (may be NULL).
 * *out     arena-owned. Its status may be any: a report that cannot be used is no failure here.
 * Fails: ERR_IO when the file cannot be read at all, ERR_DB. */
MUST_CHECK bool ingest_file(struct db *db, const char *path, const struct scan_opts *o,
			    int64_t seen_s, struct arena *a, struct rec_scan *out,
			    struct scan_effect *effect, struct err *e);

/* Was something learnt from it: ok, zero or partial? */
bool ingest_usable(const struct rec_scan *s);

#endif
