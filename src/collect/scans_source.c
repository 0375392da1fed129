#include "collect/scans_source.h"

#include "base/file.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "collect/ingest.h"
#include "store/scans.h"

struct report {
	const char *path, *sha256;
	int64_t scanned_s;
};
struct reports {
	struct report *v;
	size_t n, cap;
};
struct reading {
	struct collect *c;
	const struct scans_source *s;
	struct part *p;
	int64_t now_s;
	struct reports due; /* to be stored */
};

/* The options for one file; fails when it is gone or cannot be looked at. */
static bool options(const struct reading *r, const char *path, struct arena *a,
		    struct scan_opts *out, struct err *e)
{
	int64_t written_s;
	if (!file_mtime(path, &written_s, e))
		return false;
	*out = (struct scan_opts){.tool = r->s->tool,
				  .target = r->s->target,
				  .origin = path,
				  .source = r->s->name,
				  .scanned_s = TIME_NONE,
				  .fallback_s = written_s};
	if (written_s > r->now_s)
		out->fallback_s = MIN(r->c->week.to_s - 1, r->now_s);
	if (text_eq(r->s->target, "from-path")) {
		const char *folder = path_base(path_dir(a, path));
		out->target = *folder && strcmp(folder, ".") != 0 ? folder : "unknown";
	}
	return true;
}

/* A report for readers: its folder and name. Where this machine keeps it is nobody's business. */
static const char *shown(const char *path)
{
	const char *p = path_base(path);
	while (p > path + 1 && p[-2] != '/')
		p--;
	return p > path ? p - 1 : p;
}

/* What the ledger says of a report. */
static void account(struct reading *r, const struct rec_scan *s)
{
	bool usable = ingest_usable(s), of_week = s->scanned_s >= r->c->week.from_s;
	if (!usable && !of_week)
		return;
	collect_expect(r->p, 1);
	collect_got(r->p, usable);
	if (of_week && (!usable || s->status == SCAN_PARTIAL))
		collect_short(r->p, "%s: %s%s%s", shown(s->origin), scan_status_name(s->status),
			      s->reason ? ": " : "", s->reason ? s->reason : "");
}

/* First reading: when, what, and is it known already? */
static bool look(struct reading *r, const char *path, struct arena *scratch, struct err *e)
{
	struct scan_opts o;
	struct rec_scan s;
	struct err unread = {0};
	if (!options(r, path, scratch, &o, &unread) ||
	    !ingest_file(NULL, path, &o, r->now_s, scratch, &s, NULL, &unread)) {
		collect_expect(r->p, 1);
		collect_short(r->p, "%s", unread.msg);
		return true;
	}
	if (s.scanned_s >= r->c->week.to_s) {
		log_debug("collect", "%s: of a later week", path);
		return true;
	}
	account(r, &s);
	bool known;
	if (!scans_has(r->c->db, s.tool, s.target, s.scanned_s, s.sha256, &known, e))
		return false;
	if (!known)
		vec_push(r->c->a, &r->due,
			 ((struct report){.path = path,
					  .sha256 = arena_strdup(r->c->a, s.sha256),
					  .scanned_s = s.scanned_s}));
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct report *a = x, *b = y;
	int c = (a->scanned_s > b->scanned_s) - (a->scanned_s < b->scanned_s);
	return c ? c : strcmp(a->path, b->path);
}

/* Second reading: only one report's findings are in memory at a time. */
static bool store(struct reading *r, const struct report *due, struct arena *scratch, struct err *e)
{
	struct scan_opts o;
	struct rec_scan s;
	struct scan_effect effect;
	struct err unread = {0};
	if (!options(r, due->path, scratch, &o, &unread) ||
	    !ingest_file(NULL, due->path, &o, r->now_s, scratch, &s, NULL, &unread)) {
		collect_short(r->p, "%s", unread.msg);
		return true;
	}
	if (strcmp(s.sha256, due->sha256) != 0) {
		collect_short(r->p, "%s was being written while it was read", shown(due->path));
		return true;
	}
	return scans_put(r->c->db, &s, r->now_s, &effect, e);
}

bool scans_source_seed(struct collect *c, const struct scans_source *s, struct err *e)
{
	struct reading r = {.c = c, .s = s, .now_s = clock_now(c->clock)};
	struct strv paths = {0};
	struct arena scratch = {0};
	struct err unlisted = {0};
	r.p = collect_part(c, s->name, "reports", "security.");
	if (!file_glob(s->path, c->a, &paths, &unlisted)) {
		collect_fail(r.p, "%s", unlisted.msg);
		return true;
	}
	if (paths.n == 0)
		collect_fail(r.p, "no file matches \"%s\"", s->path);
	bool ok = true;
	for (size_t i = 0; ok && i < paths.n; i++) {
		ok = look(&r, paths.v[i], &scratch, e);
		arena_reset(&scratch);
	}
	if (r.due.n)
		qsort(r.due.v, r.due.n, sizeof *r.due.v, by_time);
	for (size_t i = 0; ok && i < r.due.n; i++) {
		ok = store(&r, &r.due.v[i], &scratch, e);
		arena_reset(&scratch);
	}
	arena_release(&scratch);
	if (ok && c->progress)
		c->progress(c, c->progress_ctx);
	return ok;
}
