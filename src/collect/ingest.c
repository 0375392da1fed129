#include "collect/ingest.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"

#define DAY_S ((int64_t)86400)

bool ingest_usable(const struct rec_scan *s)
{
	return s->status == SCAN_OK || s->status == SCAN_ZERO || s->status == SCAN_PARTIAL;
}

/* A file too large to be read is a report all the same: it must not look as if it were not there.
 */
static void too_large(const char *path, const struct scan_opts *o, struct arena *a,
		      struct rec_scan *out)
{
	scan_read(path, strlen(path), o, a,
		  out); /* identified by its name instead of its content */
	out->format = NULL;
	out->status = SCAN_MALFORMED;
	out->reason = arena_printf(a, "larger than %zu bytes", LIMIT_REPORT_BYTES);
}

bool ingest_file(struct db *db, const char *path, const struct scan_opts *opts, int64_t seen_s,
		 struct arena *a, struct rec_scan *out, struct scan_effect *effect, struct err *e)
{
	struct scan_opts o = *opts;
	struct rec_scan s;
	struct err read = {0};
	const char *bytes;
	size_t len;
	if (!o.origin)
		o.origin = path;
	if (o.fallback_s == TIME_NONE) {
		if (!file_mtime(path, &o.fallback_s, e))
			return false;
		o.fallback_s = MIN(o.fallback_s, seen_s);
	}
	struct arena content = {0};
	if (file_read(path, LIMIT_REPORT_BYTES, &content, &bytes, &len, &read))
		scan_read(bytes, len, &o, a, &s);
	else if (read.kind == ERR_LIMIT)
		too_large(path, &o, a, &s);
	arena_release(&content);
	if (read.kind != ERR_NONE && read.kind != ERR_LIMIT) {
		*e = read;
		return false;
	}
	if (o.scanned_s == TIME_NONE && s.scanned_s > MAX(seen_s, clock_real()) + DAY_S) {
		char iso[TIME_TEXT];
		if (!s.reason)
			s.reason = arena_printf(a, "its own time %s lies ahead: the file's is used",
						time_iso(s.scanned_s, iso));
		s.scanned_s = o.fallback_s;
	}
	if (db && !scans_put(db, &s, seen_s, effect, e))
		return err_wrap(e, "%s", path);
	*out = s;
	return true;
}
