/* ingest: scan reports from files. With --dry-run nothing is stored and no configuration is needed.
 */
#include "app/commands.h"
#include "app/pipeline.h"
#include "base/parse.h"
#include "collect/ingest.h"
#include "scan/scan.h"

/* ok and zero are whole; anything else makes the answer incomplete. */
static bool whole(const struct rec_scan *s)
{
	return s->status == SCAN_OK || s->status == SCAN_ZERO;
}

static void tell(const char *file, const struct rec_scan *s, const struct scan_effect *x, bool dry)
{
	printf("%s: %s, %s", file, s->format ? s->format : "no known format",
	       scan_status_name(s->status));
	if (ingest_usable(s))
		printf(", %lld findings (%lld critical, %lld high, %lld medium, %lld low, %lld "
		       "info), %lld suppressed",
		       (long long)s->findings, (long long)s->severity[SEV_CRITICAL],
		       (long long)s->severity[SEV_HIGH], (long long)s->severity[SEV_MEDIUM],
		       (long long)s->severity[SEV_LOW], (long long)s->severity[SEV_INFO],
		       (long long)s->suppressed);
	if (s->reason)
		printf(": %s", s->reason);
	if (!dry && x->duplicate)
		printf("; known already, nothing changed");
	else if (!dry && x->late)
		printf("; older than the newest scan of %s on %s: kept, but no finding changed",
		       s->tool, s->target);
	else if (!dry && x->baseline)
		printf("; the first scan of %s on %s: the baseline", s->tool, s->target);
	else if (!dry)
		printf("; %lld new, %lld fixed, %lld reopened, %lld held, %lld outstanding",
		       (long long)x->fresh, (long long)x->fixed, (long long)x->reopened,
		       (long long)x->held, (long long)x->outstanding);
	if (!dry && !strcmp(s->target, "unknown"))
		printf("; of which target is not known: name it with --target, else reports of two "
		       "targets are compared with each other");
	putchar('\n');
}

int cmd_ingest(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e), *at = args_get(&app->args, "scanned-at");
	bool dry = args_get(&app->args, "dry-run") != NULL, all_whole = true;
	int64_t run = 0;
	struct scan_opts o = {.tool = args_get(&app->args, "tool"),
			      .target = args_get(&app->args, "target"),
			      .scanned_s = TIME_NONE,
			      .fallback_s = TIME_NONE};
	if (!format)
		return -1;
	if (at && !parse_time(at, &o.scanned_s)) {
		err_set(e, ERR_USAGE, "--scanned-at \"%s\" is no time: 2026-11-16T08:45:00Z is one",
			at);
		return -1;
	}
	if (!dry &&
	    (!app_ready(app, NEED_WRITE, e) || !pipeline_begin(app, "ingest", NULL, &run, e)))
		return -1;
	for (size_t i = 0; i < app->args.words.n; i++) {
		const char *file = app->args.words.v[i];
		struct arena a = {0};
		struct rec_scan s = {0};
		struct scan_effect x = {0};
		struct err why = {0};
		bool ok = ingest_file(app->db, file, &o, clock_now(&app->clock), &a, &s, &x, &why);
		if (ok && !strcmp(format, "json"))
			puts(scan_json_line(file, &s, &a));
		else if (ok)
			tell(file, &s, &x, dry);
		all_whole = all_whole && ok && whole(&s);
		arena_release(&a);
		if (!ok && (why.kind == ERR_DB || why.kind == ERR_BUG)) {
			*e = why;
			break;
		}
		/* A file that cannot be read does not stop the rest; the first is told at the end.
		 */
		if (!ok && e->kind == ERR_NONE)
			*e = why;
	}
	if (e->kind != ERR_NONE) {
		if (!dry)
			pipeline_end(app, run, app_exit(e), e->msg);
		return -1;
	}
	int rc = all_whole ? EXIT_DONE : EXIT_INCOMPLETE;
	return dry ? rc : pipeline_end(app, run, rc, "ingested");
}
