/* The source "scans": report files that something else wrote.
 *
 * A folder is one target (target: from-path), and a file is one scan of it: two reports of one tool
 * on one target are read as two scans of the same thing, the older first. */
#ifndef COLLECT_SCANS_SOURCE_H
#define COLLECT_SCANS_SOURCE_H

#include "collect/collect.h"

/* Reads every file that s->path matches whose scan happened before the week's end, oldest first, so
 * that a backfill tells the same story as weekly runs would have. No request is made.
 *
 * When it happened: the report's own time, else when the file was written. A file written after
 * the calendar's now (only under --now) tells nothing of its time: it counts for the end of the
 * week that is collected.
 * Target: s->target, or for "from-path" the name of the folder that holds the file.
 * Part "reports": expected = those files, received = the usable ones (ok, zero, partial). A report
 * of the week that is not usable, or only in part, makes it partial, with file and reason; an
 * unusable report of an earlier week was told then and counts in neither. No file that matches, or
 * a folder that cannot be listed: failed, with the pattern.
 * Fails: ERR_DB. */
MUST_CHECK bool scans_source_seed(struct collect *c, const struct scans_source *s, struct err *e);

#endif
