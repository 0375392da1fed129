/* A scan on its way into the store: which findings are new, fixed, reopened, held. */
#include "store/scans.h"

#include "base/text.h"

#include <math.h>

#include "gen/queries.h"
#include "store/scans_match.h"

/* A report that lost more than half of at least this many findings at once is not believed before
 * the next one says so too: a filter, a shallow clone or a moved folder does this more often than a
 * week's work. */
#define LOSS_MIN 10

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
	const char *whole_version, *whole_rules; /* of the newest whole one; NULL: not told */
};

static bool look_before(struct db *db, const struct rec_scan *s, struct arena *a,
			struct before *out, struct err *e)
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
	out->whole_version = stmt_col_text(q, "whole_version", a);
	out->whole_rules = stmt_col_text(q, "whole_rules", a);
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
	stmt_text(q, ":rules", s->rules);
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

/* 0 is what a reader that knows of no score leaves. */
static double score(double v)
{
	return v > 0 ? v : (double)NAN;
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
	stmt_text(q, ":coarse", f->coarse ? f->coarse : f->identity);
	stmt_text(q, ":strong", f->strong);
	stmt_text(q, ":context", f->context);
	stmt_f64(q, ":cvss", score(f->cvss));
	stmt_f64(q, ":epss", score(f->epss));
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
	bool baseline;
	const char *hold; /* why what is gone is not believed to be fixed; NULL: it is */
	struct scan_effect effect;
};

static bool event(struct import *im, int64_t finding_id, const char *kind, const char *reason,
		  struct err *e)
{
	struct stmt *q = db_query(im->db, Q_FINDING_EVENT_PUT, e);
	if (!q)
		return false;
	stmt_i64(q, ":finding_id", finding_id);
	stmt_i64(q, ":scan_id", im->scan_id);
	stmt_text(q, ":kind", kind);
	stmt_text(q, ":reason", reason);
	stmt_time(q, ":happened_at", im->s->scanned_s);
	return stmt_run(q, e);
}

static bool add_finding(struct import *im, const struct rec_finding *f, const char *identity,
			struct err *e)
{
	struct stmt *q = db_query(im->db, Q_FINDING_PUT, e);
	if (!q)
		return false;
	bind_scope(q, im->s);
	bind_finding(q, f, im->s->scanned_s);
	stmt_text(q, ":identity", identity);
	stmt_bool(q, ":baseline", im->baseline);
	if (!stmt_run(q, e))
		return false;
	im->effect.fresh += !im->baseline;
	im->effect.outstanding++;
	return event(im, db_last_id(im->db), im->baseline ? "baseline" : "new", NULL, e);
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
	return k->open || event(im, k->id, "reopened", NULL, e);
}

static bool miss_finding(struct import *im, const struct known *k, struct err *e)
{
	if (!k->open)
		return true;
	if (im->hold) {
		im->effect.held++;
		im->effect.outstanding++;
		return event(im, k->id, "held", im->hold, e);
	}
	struct stmt *q = db_query(im->db, Q_FINDING_FIXED, e);
	if (!q)
		return false;
	stmt_time(q, ":fixed_at", im->s->scanned_s);
	stmt_i64(q, ":id", k->id);
	im->effect.fixed++;
	return stmt_run(q, e) && event(im, k->id, "fixed", NULL, e);
}

struct knowns {
	VEC(struct known) list;
	VEC(struct match_side) sides; /* of the same index */
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
		struct match_side side = {.coarse = stmt_col_text(q, "coarse", a),
					  .strong = stmt_col_text(q, "strong", a),
					  .context = stmt_col_text(q, "context", a),
					  .line = stmt_col_i64(q, "line"),
					  .open = k.open};
		vec_push(a, &out->list, k);
		vec_push(a, &out->sides, side);
	}
}

static int by_identity(const void *x, const void *y)
{
	const struct rec_finding *a = *(const struct rec_finding *const *)x,
				 *b = *(const struct rec_finding *const *)y;
	return strcmp(a->identity, b->identity);
}

/* What the report lists, each identity once, sorted so that its order does not matter. */
static size_t listed(const struct rec_scan *s, struct arena *a, const struct rec_finding ***out)
{
	const struct rec_finding **list = arena_array(a, const struct rec_finding *, s->list.n + 1);
	size_t n = 0, kept = 0;
	for (size_t i = 0; usable(s->status) && i < s->list.n; i++)
		if (!s->list.v[i].suppressed)
			list[n++] = &s->list.v[i];
	qsort(list, n, sizeof(struct rec_finding *), by_identity);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || strcmp(list[i]->identity, list[i + 1]->identity) != 0)
			list[kept++] = list[i];
	*out = list;
	return kept;
}

/* Names that new findings may not take. */
struct names {
	const struct rec_finding **listed; /* of the report, sorted */
	const struct known *stored; /* sorted, as the query does it */
	size_t listed_n, stored_n;
	VEC(const char *) given;
};

static int to_listed(const void *name, const void *x)
{
	return strcmp(name, (*(const struct rec_finding *const *)x)->identity);
}

static int to_stored(const void *name, const void *x)
{
	return strcmp(name, ((const struct known *)x)->identity);
}

static bool is_stored(const struct names *t, const char *name)
{
	return t->stored_n && bsearch(name, t->stored, t->stored_n, sizeof *t->stored, to_stored);
}

static bool is_free(const struct names *t, const char *name)
{
	if (is_stored(t, name) ||
	    bsearch(name, t->listed, t->listed_n, sizeof *t->listed, to_listed))
		return false;
	for (size_t i = 0; i < t->given.n; i++)
		if (!strcmp(t->given.v[i], name))
			return false;
	return true;
}

/* The report's own identity; the next free number of its key when a stored finding has that name
 * already, because its fingerprint tied it to another entry of the report. */
static const char *new_name(struct names *t, const struct rec_finding *f, struct arena *a)
{
	const char *name = f->identity, *key = f->coarse ? f->coarse : f->identity;
	if (!is_stored(t, name))
		return name;
	for (size_t k = 2; !is_free(t, name); k++)
		name = arena_printf(a, "%s-%zu", key, k);
	vec_push(a, &t->given, name);
	return name;
}

static bool compare(struct import *im, struct arena *a, struct err *e)
{
	struct knowns known = {0};
	const struct rec_finding **list;
	size_t n = listed(im->s, a, &list);
	if (!load_known(im->db, im->s, a, &known, e))
		return false;
	struct match_side *sides = arena_array(a, struct match_side, n + 1);
	for (size_t i = 0; i < n; i++)
		sides[i] = (struct match_side){.coarse = list[i]->coarse ? list[i]->coarse
									 : list[i]->identity,
					       .strong = list[i]->strong,
					       .context = list[i]->context,
					       .line = list[i]->line};
	scans_match(sides, n, known.sides.v, known.sides.n, a);
	struct names names = {
		.listed = list, .listed_n = n, .stored = known.list.v, .stored_n = known.list.n};
	for (size_t i = 0; i < n; i++) {
		size_t k = sides[i].pair;
		if (k == MATCH_NONE ? !add_finding(im, list[i], new_name(&names, list[i], a), e)
				    : !see_finding(im, list[i], &known.list.v[k], e))
			return false;
	}
	for (size_t k = 0; k < known.list.n; k++)
		if (known.sides.v[k].pair == MATCH_NONE && !miss_finding(im, &known.list.v[k], e))
			return false;
	return true;
}

/* Why a finding that this scan lacks is not believed to be fixed; NULL: it is. */
static const char *hold(const struct rec_scan *s, const struct before *b, struct arena *a)
{
	if (s->status != SCAN_OK && s->status != SCAN_ZERO)
		return arena_printf(a, "the scan is %s", scan_status_name(s->status));
	if (b->whole_findings != NUM_NONE && b->whole_findings >= LOSS_MIN &&
	    2 * s->findings < b->whole_findings)
		return arena_printf(a, "more than half of %lld findings went at once",
				    (long long)b->whole_findings);
	if (b->whole_version && s->tool_version && strcmp(b->whole_version, s->tool_version) != 0)
		return arena_printf(a, "the tool changed from version %s to %s",
				    text_line(a, b->whole_version, 40),
				    text_line(a, s->tool_version, 40));
	if (b->whole_rules && s->rules && strcmp(b->whole_rules, s->rules) != 0)
		return "the tool's rules changed";
	return NULL;
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

static bool put(struct db *db, const struct rec_scan *s, int64_t seen_s, struct arena *a,
		struct scan_effect *out, struct err *e)
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
	if ((same && !forget(db, same, e)) || !look_before(db, s, a, &before, e))
		return false;
	bool late = before.newest_s != TIME_NONE && s->scanned_s < before.newest_s;
	struct import im = {
		.db = db,
		.s = s,
		.baseline = usable(s->status) && before.newest_s == TIME_NONE,
		.hold = hold(s, &before, a),
	};
	if (!put_scan(db, s, !late, im.baseline, seen_s, &im.scan_id, e))
		return false;
	im.effect.baseline = im.baseline;
	im.effect.late = late;
	if (!(late ? open_count(db, s, &im.effect.outstanding, e) : compare(&im, a, e)))
		return false;
	*out = im.effect;
	return true;
}

bool scans_put(struct db *db, const struct rec_scan *s, int64_t seen_s, struct scan_effect *out,
	       struct err *e)
{
	bool own = !db_in_transaction(db);
	struct scan_effect effect;
	struct arena a = {0};
	if (own && !db_begin(db, e))
		return false;
	bool ok = put(db, s, seen_s, &a, &effect, e) && (!own || db_commit(db, e));
	arena_release(&a);
	if (!ok) {
		if (own)
			db_rollback(db);
		return err_wrap(e, "scan %s of \"%s\"", s->tool, s->target);
	}
	*out = effect;
	return true;
}
