/* A past week's findings, replayed from the events. */
#include "store/scans.h"

#include "base/text.h"
#include "gen/queries.h"

/* The scans that counted, before the span's end, by scope and time. */
struct applied {
	const char *tool, *target, *scope;
	int64_t id, scanned_s;
};
struct applieds {
	struct applied *v;
	size_t n, cap;
};

static int by_scope(const struct applied *a, const char *tool, const char *target,
		    const char *scope)
{
	int c = strcmp(a->tool, tool);
	if (!c)
		c = strcmp(a->target, target);
	return c ? c : strcmp(a->scope, scope);
}

static bool load_applied(struct db *db, int64_t to_s, struct arena *a, struct applieds *out,
			 struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_APPLIED_LIST, e);
	if (!q)
		return false;
	stmt_time(q, ":to_at", to_s);
	for (bool row;;) {
		if (!stmt_step(q, &row, e))
			return false;
		if (!row)
			return true;
		vec_push(a, out,
			 ((struct applied){.id = stmt_col_i64(q, "id"),
					   .tool = stmt_col_text(q, "tool", a),
					   .target = stmt_col_text(q, "target", a),
					   .scope = stmt_col_text(q, "scope", a),
					   .scanned_s = stmt_col_time(q, "scanned_at")}));
	}
}

/* The scans of a finding's scope: [*from, *to) in list. */
static void scope_range(const struct applieds *list, const struct finding_week *w, size_t *from,
			size_t *to)
{
	size_t lo = 0, hi = list->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (by_scope(&list->v[mid], w->f.tool, w->f.target, w->scope) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*from = lo;
	while (lo < list->n && !by_scope(&list->v[lo], w->f.tool, w->f.target, w->scope))
		lo++;
	*to = lo;
}

/* One finding while its events go by. */
struct life {
	struct finding_week w;
	bool begun, any; /* any: an event in the span */
	int closed, reopened; /* in the span */
	bool by_fix; /* the newest closing was a fix */
	VEC(int64_t) absent; /* scans that did not show it: held or fixed */
	int64_t held_by; /* scan of the newest "held" event, 0 none */
	struct arena *scratch;
};

/* What was set aside before and is fixed later has left the open ones already. */
static void close_it(struct life *l, bool by_fix, bool inside)
{
	l->closed += inside && l->w.is_open;
	if (l->w.is_open)
		l->by_fix = by_fix;
	l->w.is_open = false;
}

/* reason: of set_aside, in the arena of the list */
static void see_event(struct life *l, const char *kind, const char *reason, int64_t scan_id,
		      int64_t at_s, int64_t from_s)
{
	struct finding_week *w = &l->w;
	bool inside = at_s >= from_s;
	if (inside && !l->any)
		w->was_open = w->is_open;
	l->any = l->any || inside;
	if (!strcmp(kind, "new") || !strcmp(kind, "baseline")) {
		w->f.first_seen_s = at_s;
		w->is_open = true;
		w->is_new = inside && kind[0] == 'n';
		w->is_baseline = inside && kind[0] == 'b';
	} else if (!strcmp(kind, "reopened")) {
		w->f.reopened_s = at_s;
		w->f.fixed_s = TIME_NONE;
		w->f.set_aside = NULL;
		l->reopened += inside && !w->is_open;
		w->is_open = true;
	} else if (!strcmp(kind, "fixed")) {
		w->f.fixed_s = at_s;
		w->f.set_aside = NULL;
		close_it(l, true, inside);
		vec_push(l->scratch, &l->absent, scan_id);
	} else if (!strcmp(kind, "set_aside")) {
		w->f.set_aside = reason ? reason : "set aside";
		close_it(l, false, inside);
	} else {
		w->is_held = w->is_held || inside;
		w->held_because = reason;
		l->held_by = scan_id;
		vec_push(l->scratch, &l->absent, scan_id);
	}
}

static bool was_absent(const struct life *l, int64_t scan_id)
{
	for (size_t i = l->absent.n; i > 0; i--)
		if (l->absent.v[i - 1] == scan_id)
			return true;
	return false;
}

/* After its last event: what is left to say. False: nothing of it belongs to the span. */
static bool settle(struct life *l, const struct applieds *scans, int64_t to_s)
{
	struct finding_week *w = &l->w;
	if (!l->begun || !(w->is_open || l->any))
		return false;
	if (!l->any)
		w->was_open = w->is_open;
	bool pair = l->closed == l->reopened && l->closed > 0;
	w->is_fixed = l->by_fix && (l->closed > l->reopened || pair);
	w->is_set_aside = !l->by_fix && (l->closed > l->reopened || pair);
	w->is_reopened = l->reopened > l->closed || pair;
	size_t from, to;
	scope_range(scans, w, &from, &to);
	bool held = w->is_open && l->held_by && to > from && scans->v[to - 1].id == l->held_by;
	if (!held)
		w->held_because = NULL;
	w->f.state = held ? "held" : w->is_open ? "open" : w->f.set_aside ? "set_aside" : "fixed";
	if (w->f.last_seen_s >= to_s) { /* stored: when it was seen last of all */
		w->f.last_seen_s = w->f.first_seen_s;
		for (size_t i = to; i > from; i--) {
			const struct applied *s = &scans->v[i - 1];
			if ((w->is_open || s->scanned_s < w->f.fixed_s) && !was_absent(l, s->id)) {
				w->f.last_seen_s = s->scanned_s;
				break;
			}
		}
	}
	return true;
}

static bool read_finding(struct stmt *q, struct arena *a, struct finding_week *w, struct err *e)
{
	*w = (struct finding_week){.scope = stmt_col_text(q, "scope", a),
				   .f = {.id = stmt_col_i64(q, "id"),
					 .tool = stmt_col_text(q, "tool", a),
					 .target = stmt_col_text(q, "target", a),
					 .identity = stmt_col_text(q, "identity", a),
					 .word = stmt_col_text(q, "word", a),
					 .rule = stmt_col_text(q, "rule", a),
					 .title = stmt_col_text(q, "title", a),
					 .path = stmt_col_text(q, "path", a),
					 .line = stmt_col_i64(q, "line"),
					 .url = stmt_col_text(q, "url", a),
					 .package = stmt_col_text(q, "package", a),
					 .fix = stmt_col_text(q, "fix", a),
					 .cwe = stmt_col_text(q, "cwe", a),
					 .cve = stmt_col_text(q, "cve", a),
					 .message = stmt_col_text(q, "message", a),
					 .occurrences = stmt_col_i64(q, "occurrences"),
					 .last_seen_s = stmt_col_time(q, "last_seen_at"),
					 .first_seen_s = TIME_NONE,
					 .fixed_s = TIME_NONE,
					 .reopened_s = TIME_NONE,
					 .accepted_until_s = TIME_NONE}};
	return severity_parse(stmt_col_text(q, "severity", a), &w->f.severity) ||
	       err_set(e, ERR_DB, "database: finding %lld has an unknown severity",
		       (long long)w->f.id);
}

static int by_rank(const void *x, const void *y)
{
	const struct rec_finding *a = &((const struct finding_week *)x)->f,
				 *b = &((const struct finding_week *)y)->f;
	int c = strcmp(a->tool, b->tool);
	if (!c)
		c = strcmp(a->target, b->target);
	if (!c)
		c = (int)a->severity - (int)b->severity;
	if (!c)
		c = (a->first_seen_s > b->first_seen_s) - (a->first_seen_s < b->first_seen_s);
	return c ? c : strcmp(a->identity, b->identity);
}

static bool replay(struct stmt *q, int64_t from_s, int64_t to_s, const struct applieds *scans,
		   struct arena *a, struct arena *scratch, struct finding_weeks *out, struct err *e)
{
	struct life life = {.scratch = scratch};
	for (bool row;;) {
		if (!stmt_step(q, &row, e))
			return false;
		if (!row || stmt_col_i64(q, "id") != life.w.f.id) {
			if (settle(&life, scans, to_s))
				vec_push(a, out, life.w);
			if (!row)
				return true;
			arena_reset(scratch);
			life = (struct life){.scratch = scratch, .begun = true};
			if (!read_finding(q, a, &life.w, e)) {
				stmt_done(q);
				return false;
			}
		}
		see_event(&life, stmt_col_text(q, "kind", scratch), stmt_col_text(q, "reason", a),
			  stmt_col_i64(q, "scan_id"), stmt_col_time(q, "happened_at"), from_s);
	}
}

bool scans_findings(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
		    struct finding_weeks *out, struct err *e)
{
	struct applieds scans = {0};
	struct finding_weeks list = {0};
	struct arena scratch = {0}, names = {0};
	bool ok = load_applied(db, to_s, &names, &scans, e);
	struct stmt *q = ok ? db_query(db, Q_FINDING_REPLAY, e) : NULL;
	if (q) {
		stmt_time(q, ":from_at", from_s);
		stmt_time(q, ":to_at", to_s);
	}
	ok = q && replay(q, from_s, to_s, &scans, a, &scratch, &list, e);
	arena_release(&scratch);
	arena_release(&names);
	if (!ok)
		return false;
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, by_rank);
	*out = list;
	return true;
}
