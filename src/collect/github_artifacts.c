/* Scan reports among the artefacts of Actions runs.
 *
 * A repository's artefacts are listed newest first back to the window's start, where it had a run
 * in it; those whose names match scan_artifacts are downloaded, oldest first, as scans are compared
 * in the order of their times. Each is downloaded once: what was learnt from it is remembered. */
#include "base/limits.h"
#include "base/parse.h"
#include "base/text.h"
#include "collect/github.h"
#include "collect/ingest.h"
#include "lib/zip.h"
#include "scan/formats.h"

#define NEED  "Actions: read"
#define DAY_S ((int64_t)86400)

struct artifact {
	const char *key, *name, *run, *branch;
	int64_t created_s, bytes;
	bool expired, foreign; /* foreign: of a fork's run */
};

struct shelf { /* one repository's */
	struct gh_repo *repo;
	struct page_walk walk;
	struct keys seen;
	VEC(struct artifact) list;
	size_t next; /* to be read */
	int64_t last_s;
	bool disordered;
	bool moved; /* the repository was renamed: asked for by its number */
};

/* --- what is in one --- */

struct opened { /* an artefact while it is read */
	struct shelf *shelf;
	const struct artifact *x;
	struct arena *a; /* lives as long as the artefact is read */
	VEC(struct rec_scan) kept; /* without their findings: what is stored already */
	struct rec_scan none; /* the best of the files that are no report; tool NULL: no file */
	int64_t usable;
	const char *wrong; /* of the reports, or NULL */
	struct err own; /* our own failure */
};

/* The tool that the artefact's or the file's name tells of: whose an empty list is, or what a
 * broken report was to be. */
static const char *named_tool(const struct opened *o, const char *file)
{
	const char *hay = text_lower(o->a,
				     arena_printf(o->a, "%s %s", o->x->name, file ? file : "")),
		   *best = NULL;
	for (size_t i = 0; i < scan_formats_n; i++) {
		const char *tool = scan_formats[i].tool;
		if (tool && strstr(hay, tool) && (!best || strlen(tool) > strlen(best)))
			best = tool;
	}
	return best;
}

static const char *origin(const struct opened *o, const char *file)
{
	return arena_printf(o->a, "%s, run %s, artefact %s%s%s", o->shelf->repo->rec.name,
			    o->x->run ? o->x->run : "unknown", o->x->name, file ? ": " : "",
			    file ? file : "");
}

static struct scan_opts options(const struct opened *o, const char *file, const char *tool)
{
	return (struct scan_opts){.tool = tool,
				  .target = o->shelf->repo->rec.name,
				  .origin = origin(o, file),
				  .source = o->shelf->repo->g->cfg->name,
				  .scanned_s = TIME_NONE,
				  .fallback_s = o->x->created_s};
}

static void note_wrong(struct opened *o, const char *what, const char *reason)
{
	if (!o->wrong)
		o->wrong = arena_printf(o->a, "%s%s%s", what, reason ? ": " : "",
					reason ? reason : "");
}

static bool store(struct opened *o, struct rec_scan *s)
{
	struct collect *c = o->shelf->repo->g->c;
	struct scan_effect effect;
	int64_t now_s = clock_now(c->clock);
	if (s->scanned_s > MAX(now_s, clock_real()) + DAY_S) /* its clock was wrong */
		s->scanned_s = o->x->created_s;
	if (!scans_put(c->db, s, now_s, &effect, &o->own))
		return false;
	o->usable += ingest_usable(s);
	if (!ingest_usable(s) || s->status == SCAN_PARTIAL)
		note_wrong(o, scan_status_name(s->status), s->reason);
	return true;
}

/* The same scan written in a second format says nothing new. */
static bool told_before(const struct opened *o, const struct rec_scan *s)
{
	for (size_t i = 0; i < o->kept.n; i++) {
		const struct rec_scan *k = &o->kept.v[i];
		if (text_eq(k->tool, s->tool) && text_eq(k->scope, s->scope) &&
		    !text_eq(k->format, s->format) && k->scanned_s == s->scanned_s &&
		    k->findings == s->findings && k->status == s->status)
			return true;
	}
	return false;
}

static bool is_report_name(const char *name)
{
	static const char *const ends[] = {".json", ".sarif", ".xml", ".jsonl"};
	size_t n = strlen(name);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (n > strlen(ends[i]) && text_ieq(name + n - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

/* Other files lie beside reports: pages, pictures, logs. Those that were to be a report, and are
 * empty or broken, count where nothing else does. */
static void pass_over(struct opened *o, const char *name, const struct rec_scan *s)
{
	bool meant = is_report_name(name), better = !o->none.tool;
	if (meant && o->none.tool && o->none.status == SCAN_UNRECOGNISED)
		better = s->status != SCAN_UNRECOGNISED;
	if (!better)
		return;
	o->none = *s;
	memset(&o->none.list, 0, sizeof o->none.list);
	if (!meant && s->status != SCAN_UNRECOGNISED) {
		o->none.status = SCAN_UNRECOGNISED;
		o->none.reason = "no file of it is a report";
	}
}

static bool on_file(const struct zip_entry *x, void *ctx, struct err *e)
{
	struct opened *o = ctx;
	struct arena a = {0};
	struct rec_scan s;
	const char *bytes = x->bytes;
	size_t len = x->len;
	struct err bad = {0};
	if (zip_is_gzip(bytes, len) &&
	    !zip_gunzip(x->bytes, x->len, LIMIT_UNPACKED_BYTES, &a, &bytes, &len, &bad)) {
		bytes = x->bytes;
		len = x->len;
	}
	struct scan_opts opts = options(o, x->name, NULL);
	scan_read(bytes, len, &opts, &a, &s);
	const char *tool = s.format ? NULL : named_tool(o, x->name);
	if (tool) {
		opts.tool = tool;
		scan_read(bytes, len, &opts, &a, &s);
	}
	bool ok = true;
	if (s.format) {
		struct rec_scan kept = {.tool = arena_strdup(o->a, s.tool),
					.scope = arena_strdup(o->a, s.scope),
					.format = arena_strdup(o->a, s.format),
					.scanned_s = s.scanned_s,
					.findings = s.findings,
					.status = s.status};
		s.reason = arena_strdup(o->a, s.reason);
		if (!told_before(o, &s)) {
			vec_push(o->a, &o->kept, kept);
			ok = store(o, &s);
		}
	} else {
		s.tool = arena_strdup(o->a, s.tool);
		s.sha256 = arena_strdup(o->a, s.sha256);
		s.reason = arena_strdup(o->a, s.reason);
		pass_over(o, x->name, &s);
	}
	arena_release(&a);
	return ok || err_set(e, ERR_BUG, "not stored");
}

/* Nothing in it is a report: a scan that failed, so that it is not taken for one that did not run.
 */
static bool store_failed(struct opened *o, const char *body, size_t len, const struct err *bad)
{
	struct rec_scan s = o->none;
	struct scan_opts opts = options(o, NULL, named_tool(o, NULL));
	if (!s.tool || bad->kind != ERR_NONE) {
		struct arena a = {0};
		scan_read(bad->kind == ERR_NONE ? "" : body, bad->kind == ERR_NONE ? 0 : len, &opts,
			  &a, &s);
		s.tool = arena_strdup(o->a, s.tool);
		s.sha256 = arena_strdup(o->a, s.sha256);
		memset(&s.list, 0, sizeof s.list);
		arena_release(&a);
		s.status = bad->kind == ERR_NONE ? SCAN_UNRECOGNISED : SCAN_MALFORMED;
		s.reason = bad->kind == ERR_NONE ? "the artefact holds no file"
						 : arena_strdup(o->a, bad->msg);
		s.format = NULL;
		s.findings = s.suppressed = s.instances = 0;
		memset(s.severity, 0, sizeof s.severity);
	}
	s.scanned_s = o->x->created_s;
	s.origin = opts.origin;
	return store(o, &s);
}

/* --- what the ledger says of one --- */

static void account(struct shelf *h, const struct artifact *x, int64_t reports, const char *wrong)
{
	struct part *p = h->repo->g->artifacts;
	bool of_week = x->created_s >= p->c->week.from_s;
	if (!reports && !of_week)
		return;
	collect_expect(p, 1);
	collect_got(p, reports > 0);
	if (wrong && of_week)
		collect_short(p, "%s: artefact %s: %s", h->repo->rec.name, x->name, wrong);
}

static bool remember(struct shelf *h, const struct artifact *x, int64_t reports, const char *wrong,
		     struct err *e)
{
	struct collect *c = h->repo->g->c;
	struct scan_artifact row = {.source = h->repo->g->cfg->name,
				    .key = x->key,
				    .repo = h->repo->rec.name,
				    .name = x->name,
				    .created_s = x->created_s,
				    .reports = reports,
				    .reason = wrong};
	return scans_put_artifact(c->db, &row, clock_now(c->clock), e);
}

static bool read_next(struct shelf *h, struct err *e);

static bool lost(struct shelf *h, const struct artifact *x, const char *wrong, struct err *e)
{
	struct db *db = h->repo->g->c->db;
	account(h, x, 0, wrong);
	return db_begin(db, e) && remember(h, x, 0, wrong, e) && db_commit(db, e);
}

static bool unpack(struct shelf *h, const struct artifact *x, const char *body, size_t len,
		   struct err *e)
{
	static const struct zip_caps caps = {.entry_bytes = LIMIT_UNPACKED_BYTES,
					     .total_bytes = LIMIT_UNPACKED_ALL,
					     .entries = LIMIT_ARCHIVE_FILES};
	struct collect *c = h->repo->g->c;
	struct arena a = {0};
	struct opened o = {.shelf = h, .x = x, .a = &a};
	struct err bad = {0};
	if (!db_begin(c->db, e))
		return false;
	bool ok = zip_each(body, len, &caps, on_file, &o, &bad) || o.own.kind == ERR_NONE;
	if (ok && (o.kept.n == 0 || bad.kind != ERR_NONE)) {
		if (bad.kind != ERR_NONE)
			note_wrong(&o, bad.msg, NULL);
		/* what came before the damage counts, what was lost with it is not known */
		ok = o.kept.n > 0 || store_failed(&o, body, len, &bad);
	}
	if (!ok)
		*e = o.own;
	ok = ok && remember(h, x, o.usable, o.wrong, e) && db_commit(c->db, e);
	if (ok)
		account(h, x, o.usable, o.wrong);
	arena_release(&a);
	return ok;
}

/* Where GitHub says the artefact lies: an address that carries its own permission and must see no
 * token, be it on the API's own host. NULL: not one to be followed. */
static const char *place(const struct github *g, const char *to, struct arena *a)
{
	const char *api = g->cfg->url, *host = strstr(api, "://");
	if (*to == '/' && to[1] != '/' && host)
		to = arena_printf(a, "%.*s%s",
				  (int)(host + 3 - api + (ptrdiff_t)strcspn(host + 3, "/")), api,
				  to);
	if (text_starts(to, "https://") ||
	    (text_starts(to, "http://") && text_starts(api, "http://")))
		return to;
	return NULL;
}

/* The API's own paths: of a repository that was renamed meanwhile. */
static bool in_api(const struct github *g, const char *url, struct arena *a)
{
	return text_starts(url, arena_printf(a, "%s/repositories/", g->cfg->url)) ||
	       text_starts(url, arena_printf(a, "%s/repos/", g->cfg->url));
}

static bool on_download(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct shelf *h = ctx;
	struct github *g = h->repo->g;
	struct arena *a = &p->c->scratch;
	const struct artifact *x = &h->list.v[h->next - 1];
	const char *what = arena_printf(a, "%s: artefact %s", h->repo->rec.name, x->name);
	const char *to = http_header(r, "location");
	bool ok = true;
	if (r->status >= 300 && r->status < 400 && to && (to = place(g, to, a)) != NULL) {
		if (in_api(g, to, a) && !h->moved) {
			h->moved = true;
			gh_get_place(g, h->repo->token, p, to, LIMIT_ARTIFACT_BYTES, on_download,
				     h);
		} else {
			struct http_request rq = {.url = to, .max_body = LIMIT_ARTIFACT_BYTES};
			collect_submit(p, &rq, on_download, h);
		}
		return true;
	}
	if (r->status == 410) {
		ok = lost(h, x, "expired before it was read", e);
	} else if (r->status >= 200 && r->status < 300) {
		ok = unpack(h, x, r->body, r->len, e);
	} else {
		struct answer_hints hints = {.e403 = "does the token have " NEED "?"};
		collect_expect(p, 1);
		collect_short(p, "%s", answer_why(r, what, &hints, a));
	}
	return ok && read_next(h, e);
}

static bool read_next(struct shelf *h, struct err *e)
{
	struct github *g = h->repo->g;
	struct arena *a = &g->c->scratch;
	while (h->next < h->list.n) {
		const struct artifact *x = &h->list.v[h->next++];
		struct scan_artifact was;
		bool known;
		if (!scans_artifact(g->c->db, g->cfg->name, x->key, a, &known, &was, e))
			return false;
		if (known) {
			account(h, x, was.reports, was.reason);
		} else if (x->expired) {
			if (!lost(h, x, "expired before it was read", e))
				return false;
		} else if (x->bytes > (int64_t)LIMIT_ARTIFACT_BYTES) {
			if (!lost(h, x,
				  arena_printf(a, "larger than %zu bytes", LIMIT_ARTIFACT_BYTES),
				  e))
				return false;
		} else {
			h->moved = false;
			gh_get_place(g, h->repo->token, g->artifacts,
				     gh_url(h->repo, arena_printf(a, "/actions/artifacts/%s/zip",
								  page_encode(a, x->key))),
				     LIMIT_ARTIFACT_BYTES, on_download, h);
			return true;
		}
	}
	return true;
}

/* --- the list --- */

static bool parse(const struct jv *v, struct arena *a, struct artifact *out, struct err *e)
{
	struct artifact x = {0};
	struct jv run;
	const char *from, *here;
	return json_id(v, "id", a, &x.key, e) && json_str(v, "name", a, &x.name, e) &&
	       json_i64_opt(v, "size_in_bytes", &x.bytes, e) &&
	       json_bool_opt(v, "expired", &x.expired, e) &&
	       json_time_opt(v, "created_at", &x.created_s, e) &&
	       json_obj_opt(v, "workflow_run", &run, e) && json_id_opt(&run, "id", a, &x.run, e) &&
	       json_str_opt(&run, "head_branch", a, &x.branch, e) &&
	       json_id_opt(&run, "head_repository_id", a, &from, e) &&
	       json_id_opt(&run, "repository_id", a, &here, e) &&
	       (x.foreign = from && here && !text_eq(from, here), *out = x, true);
}

/* A scan of somebody's branch would close what only the default branch has. */
static bool wanted(const struct shelf *h, const struct artifact *x)
{
	const struct rec_repo *r = &h->repo->rec;
	const struct github *g = h->repo->g;
	if (x->foreign ||
	    (x->branch && r->default_branch && !text_eq(x->branch, r->default_branch)))
		return false;
	return x->created_s >= g->c->from_s && x->created_s < g->c->to_s &&
	       text_glob_list(&g->cfg->scan_artifacts, x->name);
}

static int by_age(const void *p, const void *q)
{
	const struct artifact *x = p, *y = q;
	int c = (x->created_s > y->created_s) - (x->created_s < y->created_s);
	return c ? c : strcmp(x->key, y->key);
}

static void take_row(struct shelf *h, const struct jv *row)
{
	struct github *g = h->repo->g;
	struct arena *a = g->c->a;
	struct artifact x;
	struct err bad = {0};
	if (!parse(row, a, &x, &bad)) {
		collect_short(g->artifacts, "%s: an artefact could not be read: %s",
			      h->repo->rec.name, bad.msg);
		return;
	}
	if (x.created_s == TIME_NONE) /* of now, as far as anybody knows */
		x.created_s = MIN(clock_now(g->c->clock), g->c->to_s - 1);
	h->disordered |= x.created_s > h->last_s;
	h->last_s = x.created_s;
	if (!wanted(h, &x) || keys_get(&h->seen, x.key))
		return;
	keys_put(&h->seen, a, x.key, h);
	vec_push(a, &h->list, x);
}

static bool on_artifacts(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct shelf *h = ctx;
	struct github *g = h->repo->g;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what = arena_printf(a, "artefacts of %s", h->repo->rec.name);
	if (!gh_json(g, h->repo->token, r, what, NEED, &j, &why, e)) {
		if (why)
			collect_short(p, "%s", why);
		return why != NULL;
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, "artifacts", &rows, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		take_row(h, &it);
	enum page_next next = page_github(r, g->cfg->url, a, &token);
	if (!h->disordered && h->last_s < g->c->from_s)
		next = PAGE_END;
	next = page_step(p, &h->walk, next, token, what);
	if (next == PAGE_MORE) {
		gh_get(g, h->repo->token, p, token, on_artifacts, h);
		return true;
	}
	if (h->list.n)
		qsort(h->list.v, h->list.n, sizeof *h->list.v, by_age);
	return read_next(h, e);
}

/* All runs are known now: a repository without one has no new artefacts. */
static bool ask_lists(void *ctx, struct err *e)
{
	struct github *g = ctx;
	struct collect *c = g->c;
	for (size_t i = 0; i < g->active.n; i++) {
		struct gh_repo *r = g->active.v[i];
		bool any = true;
		if (g->actions && !r->lost &&
		    !scans_artifact_runs(c->db, g->cfg->name, r->rec.name, c->from_s, c->to_s, &any,
					 e))
			return false;
		if (!any)
			continue;
		struct shelf *h = arena_new(c->a, struct shelf);
		h->repo = r;
		h->last_s = INT64_MAX;
		gh_get(g, r->token, g->artifacts, gh_url(r, "/actions/artifacts?per_page=100"),
		       on_artifacts, h);
	}
	return true;
}

void gh_artifacts_start(struct github *g)
{
	if (!g->artifacts)
		return;
	collect_expect(g->artifacts, 0);
	collect_later(g->c, ask_lists, g);
}
