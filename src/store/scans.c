#include "store/scans.h"

#include "base/text.h"
#include "gen/queries.h"

/* A report that lost more than half of at least this many findings at once is not believed before
 * the next one says so too: a filter, a shallow clone or a moved folder does this more often than a
 * week's work. */
#define LOSS_MIN 10

#define WEEK_S	  ((int64_t)7 * 86400)
#define HISTORY_S (13 * WEEK_S)

static bool usable(enum scan_status s)
{
	return s == SCAN_OK || s == SCAN_ZERO || s == SCAN_PARTIAL;
}

static const char *scope_of(const struct rec_scan *s)
{
	return s->scope ? s->scope : "";
}

static void bind_scope(struct stmt *q, const struct rec_scan *s)
{
	stmt_text(q, ":tool", s->tool);
	stmt_text(q, ":target", s->target);
	stmt_text(q, ":scope", scope_of(s));
}

/* *id 0: not stored. */
static bool same_scan(struct db *db, const char *tool, const char *target, int64_t scanned_s,
		      const char *sha256, int64_t *id, enum scan_status *status, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_SAME, e);
	bool row;
	if (!q)
		return false;
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	stmt_time(q, ":scanned_at", scanned_s);
	stmt_text(q, ":sha256", sha256);
	if (!stmt_step(q, &row, e))
		return false;
	*id = row ? stmt_col_i64(q, "id") : 0;
	struct arena a = {0};
	bool ok = !row || scan_status_parse(stmt_col_text(q, "status", &a), status) ||
		  err_set(e, ERR_DB, "database: scan %lld has an unknown status", (long long)*id);
	arena_release(&a);
	stmt_done(q);
	return ok;
}

bool scans_has(struct db *db, const char *tool, const char *target, int64_t scanned_s,
	       const char *sha256, bool *is_usable, struct err *e)
{
	int64_t id;
	enum scan_status status = SCAN_UNRECOGNISED;
	if (!same_scan(db, tool, target, scanned_s, sha256, &id, &status, e))
		return false;
	*is_usable = id && usable(status);
	return true;
}

/* What was there before: the newest usable scan (TIME_NONE: none), the findings of the newest whole
 * one (NUM_NONE: none). */
struct before {
	int64_t newest_s, whole_findings;
};

static bool look_before(struct db *db, const struct rec_scan *s, struct before *out, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_BEFORE, e);
	bool row;
	if (!q)
		return false;
	bind_scope(q, s);
	if (!stmt_step(q, &row, e))
		return false;
	BUG_ON(!row);
	out->newest_s = stmt_col_time(q, "newest_at");
	out->whole_findings = stmt_col_i64(q, "whole_findings");
	stmt_done(q);
	return true;
}

static int64_t count(int64_t n)
{
	return n == NUM_NONE ? 0 : n; /* unsupported: the status tells that it is not known */
}

static bool put_scan(struct db *db, const struct rec_scan *s, bool applied, bool baseline,
		     int64_t seen_s, int64_t *id, struct err *e)
{
	static const char *const severity[] = {":critical", ":high", ":medium", ":low", ":info"};
	struct stmt *q = db_query(db, Q_SCAN_PUT, e);
	if (!q)
		return false;
	bind_scope(q, s);
	stmt_text(q, ":source", s->source);
	stmt_text(q, ":format", s->format ? s->format : "unknown");
	stmt_text(q, ":origin", s->origin);
	stmt_text(q, ":sha256", s->sha256);
	stmt_bool(q, ":applied", applied);
	stmt_text(q, ":status", scan_status_name(s->status));
	stmt_text(q, ":reason", s->reason);
	stmt_text(q, ":tool_version", s->tool_version);
	stmt_time(q, ":scanned_at", s->scanned_s);
	stmt_time(q, ":seen_at", seen_s);
	stmt_bool(q, ":baseline", baseline);
	stmt_i64(q, ":findings", count(s->findings));
	for (int i = 0; i < SEV_COUNT; i++)
		stmt_i64(q, severity[i], count(s->severity[i]));
	stmt_i64(q, ":suppressed", count(s->suppressed));
	stmt_i64(q, ":instances", s->instances);
	stmt_i64(q, ":first_site", s->first_site);
	if (!stmt_run(q, e))
		return false;
	*id = db_last_id(db);
	return true;
}

static void bind_finding(struct stmt *q, const struct rec_finding *f, int64_t seen_s)
{
	stmt_text(q, ":severity", severity_name(f->severity));
	stmt_text(q, ":word", f->word);
	stmt_text(q, ":rule", f->rule);
	stmt_text(q, ":title", f->title);
	stmt_text(q, ":path", f->path);
	stmt_i64(q, ":line", f->line);
	stmt_text(q, ":url", f->url);
	stmt_text(q, ":package", f->package);
	stmt_text(q, ":fix", f->fix);
	stmt_text(q, ":cwe", f->cwe);
	stmt_text(q, ":cve", f->cve);
	stmt_text(q, ":message", f->message);
	stmt_i64(q, ":occurrences", f->occurrences > 0 ? f->occurrences : 1);
	stmt_time(q, ":seen_at", seen_s);
}

struct known { /* a finding of the scope as it is stored */
	int64_t id;
	const char *identity;
	bool open;
};
struct import { /* one scan on its way into the findings */
	struct db *db;
	const struct rec_scan *s;
	int64_t scan_id;
	bool baseline, may_close;
	struct scan_effect effect;
};

static bool event(struct import *im, int64_t finding_id, const char *kind, struct err *e)
{
	struct stmt *q = db_query(im->db, Q_FINDING_EVENT_PUT, e);
	if (!q)
		return false;
	stmt_i64(q, ":finding_id", finding_id);
	stmt_i64(q, ":scan_id", im->scan_id);
	stmt_text(q, ":kind", kind);
	stmt_time(q, ":happened_at", im->s->scanned_s);
	return stmt_run(q, e);
}

static bool add_finding(struct import *im, const struct rec_finding *f, struct err *e)
{
	struct stmt *q = db_query(im->db, Q_FINDING_PUT, e);
	if (!q)
		return false;
	bind_scope(q, im->s);
	bind_finding(q, f, im->s->scanned_s);
	stmt_text(q, ":identity", f->identity);
	stmt_bool(q, ":baseline", im->baseline);
	if (!stmt_run(q, e))
		return false;
	im->effect.fresh += !im->baseline;
	im->effect.outstanding++;
	return event(im, db_last_id(im->db), im->baseline ? "baseline" : "new", e);
}

static bool see_finding(struct import *im, const struct rec_finding *f, const struct known *k,
			struct err *e)
{
	struct stmt *q = db_query(im->db, Q_FINDING_SEEN, e);
	if (!q)
		return false;
	bind_finding(q, f, im->s->scanned_s);
	stmt_time(q, ":reopened_at", k->open ? TIME_NONE : im->s->scanned_s);
	stmt_i64(q, ":id", k->id);
	if (!stmt_run(q, e))
		return false;
	im->effect.reopened += !k->open;
	im->effect.outstanding++;
	return k->open || event(im, k->id, "reopened", e);
}

static bool miss_finding(struct import *im, const struct known *k, struct err *e)
{
	if (!k->open)
		return true;
	if (!im->may_close) {
		im->effect.held++;
		im->effect.outstanding++;
		return event(im, k->id, "held", e);
	}
	struct stmt *q = db_query(im->db, Q_FINDING_FIXED, e);
	if (!q)
		return false;
	stmt_time(q, ":fixed_at", im->s->scanned_s);
	stmt_i64(q, ":id", k->id);
	im->effect.fixed++;
	return stmt_run(q, e) && event(im, k->id, "fixed", e);
}

struct knowns {
	struct known *v;
	size_t n, cap;
};

static bool load_known(struct db *db, const struct rec_scan *s, struct arena *a, struct knowns *out,
		       struct err *e)
{
	struct stmt *q = db_query(db, Q_FINDING_STATES, e);
	if (!q)
		return false;
	bind_scope(q, s);
	for (bool row;;) {
		if (!stmt_step(q, &row, e))
			return false;
		if (!row)
			return true;
		struct known k = {.id = stmt_col_i64(q, "id"),
				  .identity = stmt_col_text(q, "identity", a)};
		k.open = !strcmp(stmt_col_text(q, "state", a), "open");
		vec_push(a, out, k);
	}
}

static int by_identity(const void *x, const void *y)
{
	const struct rec_finding *a = *(const struct rec_finding *const *)x,
				 *b = *(const struct rec_finding *const *)y;
	return strcmp(a->identity, b->identity);
}

/* Both sides sorted by identity, walked together. */
static bool compare(struct import *im, struct arena *a, struct err *e)
{
	const struct rec_scan *s = im->s;
	struct knowns known = {0};
	const struct rec_finding **list = arena_array(a, const struct rec_finding *, s->list.n + 1);
	size_t n = 0;
	for (size_t i = 0; usable(s->status) && i < s->list.n; i++)
		if (!s->list.v[i].suppressed)
			list[n++] = &s->list.v[i];
	qsort(list, n, sizeof(struct rec_finding *), by_identity);
	if (!load_known(im->db, s, a, &known, e))
		return false;
	for (size_t i = 0, k = 0; i < n || k < known.n;) {
		if (i + 1 < n && !strcmp(list[i]->identity, list[i + 1]->identity)) {
			i++; /* an identity said twice is one finding */
			continue;
		}
		int c = i == n	       ? 1
			: k == known.n ? -1
				       : strcmp(list[i]->identity, known.v[k].identity);
		bool ok = c < 0	  ? add_finding(im, list[i], e)
			  : c > 0 ? miss_finding(im, &known.v[k], e)
				  : see_finding(im, list[i], &known.v[k], e);
		if (!ok)
			return false;
		i += c <= 0;
		k += c >= 0;
	}
	return true;
}

static bool open_count(struct db *db, const struct rec_scan *s, int64_t *out, struct err *e)
{
	struct stmt *q = db_query(db, Q_FINDING_OPEN_COUNT, e);
	bool row;
	if (!q)
		return false;
	bind_scope(q, s);
	if (!stmt_step(q, &row, e))
		return false;
	BUG_ON(!row);
	*out = stmt_col_i64(q, "n");
	stmt_done(q);
	return true;
}

static bool forget(struct db *db, int64_t id, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_FORGET, e);
	if (!q)
		return false;
	stmt_i64(q, ":id", id);
	return stmt_run(q, e);
}

static bool put(struct db *db, const struct rec_scan *s, int64_t seen_s, struct scan_effect *out,
		struct err *e)
{
	int64_t same;
	enum scan_status was = SCAN_UNRECOGNISED;
	struct before before;
	if (!same_scan(db, s->tool, s->target, s->scanned_s, s->sha256, &same, &was, e))
		return false;
	if (same && (usable(was) || !usable(s->status))) {
		*out = (struct scan_effect){.duplicate = true};
		return open_count(db, s, &out->outstanding, e);
	}
	if ((same && !forget(db, same, e)) || !look_before(db, s, &before, e))
		return false;
	bool late = before.newest_s != TIME_NONE && s->scanned_s < before.newest_s;
	bool lost = before.whole_findings != NUM_NONE && before.whole_findings >= LOSS_MIN &&
		    2 * s->findings < before.whole_findings;
	struct import im = {
		.db = db,
		.s = s,
		.baseline = usable(s->status) && before.newest_s == TIME_NONE,
		.may_close = (s->status == SCAN_OK || s->status == SCAN_ZERO) && !lost,
	};
	if (!put_scan(db, s, !late, im.baseline, seen_s, &im.scan_id, e))
		return false;
	im.effect.baseline = im.baseline;
	im.effect.late = late;
	struct arena a = {0};
	bool ok = late ? open_count(db, s, &im.effect.outstanding, e) : compare(&im, &a, e);
	arena_release(&a);
	if (ok)
		*out = im.effect;
	return ok;
}

bool scans_put(struct db *db, const struct rec_scan *s, int64_t seen_s, struct scan_effect *out,
	       struct err *e)
{
	bool own = !db_in_transaction(db);
	struct scan_effect effect;
	if (own && !db_begin(db, e))
		return false;
	if (!put(db, s, seen_s, &effect, e) || (own && !db_commit(db, e))) {
		if (own)
			db_rollback(db);
		return err_wrap(e, "scan %s of \"%s\"", s->tool, s->target);
	}
	*out = effect;
	return true;
}

static bool read_scan(struct stmt *q, struct arena *a, struct rec_scan *s, struct err *e)
{
	*s = (struct rec_scan){
		.id = stmt_col_i64(q, "id"),
		.source = stmt_col_text(q, "source", a),
		.tool = stmt_col_text(q, "tool", a),
		.target = stmt_col_text(q, "target", a),
		.scope = stmt_col_text(q, "scope", a),
		.format = stmt_col_text(q, "format", a),
		.origin = stmt_col_text(q, "origin", a),
		.sha256 = stmt_col_text(q, "sha256", a),
		.reason = stmt_col_text(q, "reason", a),
		.tool_version = stmt_col_text(q, "tool_version", a),
		.scanned_s = stmt_col_time(q, "scanned_at"),
		.baseline = stmt_col_bool(q, "baseline"),
		.findings = stmt_col_i64(q, "findings"),
		.suppressed = stmt_col_i64(q, "suppressed"),
		.instances = stmt_col_i64(q, "instances"),
		.first_site = stmt_col_i64(q, "first_site"),
	};
	for (int i = 0; i < SEV_COUNT; i++)
		s->severity[i] = stmt_col_i64(q, severity_name((enum severity)i));
	if (!scan_status_parse(stmt_col_text(q, "status", a), &s->status))
		return err_set(e, ERR_DB, "database: scan %lld has an unknown status",
			       (long long)s->id);
	if (s->status == SCAN_UNSUPPORTED) {
		s->findings = s->suppressed = NUM_NONE;
		for (int i = 0; i < SEV_COUNT; i++)
			s->severity[i] = NUM_NONE;
	}
	return true;
}

bool scans_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a, struct scans *out,
		struct err *e)
{
	struct scans list = {0};
	struct stmt *q = db_query(db, Q_SCAN_LIST, e);
	if (!q)
		return false;
	stmt_time(q, ":from_at", from_s);
	stmt_time(q, ":to_at", to_s);
	for (bool row;;) {
		struct rec_scan s;
		if (!stmt_step(q, &row, e))
			return false;
		if (!row)
			break;
		if (!read_scan(q, a, &s, e)) {
			stmt_done(q);
			return false;
		}
		vec_push(a, &list, s);
	}
	*out = list;
	return true;
}

bool scans_history(struct db *db, int64_t to_s, struct arena *a, struct scans *out, struct err *e)
{
	return scans_list(db, to_s - HISTORY_S, to_s, a, out, e);
}

const char *scans_key(const struct rec_finding *f, struct arena *a)
{
	return arena_printf(a, "finding:%s/%s/%s", f->tool, f->target, f->identity);
}

bool scans_accept(struct db *db, const struct acceptance *x, struct err *e)
{
	struct stmt *q = db_query(db, Q_ACCEPTANCE_PUT, e);
	if (!q)
		return false;
	stmt_text(q, ":key", x->key);
	stmt_time(q, ":until_at", x->until_s);
	stmt_text(q, ":reason", x->reason);
	stmt_time(q, ":created_at", x->created_s);
	return stmt_run(q, e);
}

bool scans_acceptances(struct db *db, int64_t at_s, struct arena *a, struct acceptances *out,
		       struct err *e)
{
	struct acceptances list = {0};
	struct stmt *q = db_query(db, Q_ACCEPTANCE_LIST, e);
	if (!q)
		return false;
	stmt_time(q, ":at", at_s);
	for (bool row;;) {
		if (!stmt_step(q, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list,
			 ((struct acceptance){.key = stmt_col_text(q, "key", a),
					      .reason = stmt_col_text(q, "reason", a),
					      .until_s = stmt_col_time(q, "until_at"),
					      .created_s = stmt_col_time(q, "created_at")}));
	}
	*out = list;
	return true;
}
