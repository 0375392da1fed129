#include "store/scans_alerts.h"

#include "base/text.h"
#include "gen/queries.h"

struct stored {
	int64_t id, first_s, closed_s; /* closed_s TIME_NONE: open */
	enum alert_state state;
};

/* id 0: not stored. */
static bool look(struct db *db, const char *tool, const char *target, const char *identity,
		 struct stored *out, struct err *e)
{
	struct stmt *q = db_query(db, Q_ALERT_GET, e);
	struct stored s = {0};
	struct arena a = {0};
	bool row;
	if (!q)
		return false;
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	stmt_text(q, ":identity", identity);
	if (!stmt_step(q, &row, e))
		return false;
	if (row) {
		const char *state = stmt_col_text(q, "state", &a);
		s.id = stmt_col_i64(q, "id");
		s.first_s = stmt_col_time(q, "first_seen_at");
		s.state = text_eq(state, "open")    ? ALERT_OPEN
			  : text_eq(state, "fixed") ? ALERT_FIXED
						    : ALERT_SET_ASIDE;
		s.closed_s = s.state == ALERT_OPEN	  ? TIME_NONE
			     : s.state == ALERT_SET_ASIDE ? stmt_col_time(q, "set_aside_at")
							  : stmt_col_time(q, "fixed_at");
	}
	arena_release(&a);
	stmt_done(q);
	*out = s;
	return true;
}

static bool event(struct db *db, int64_t finding_id, const char *kind, const char *reason,
		  int64_t at_s, struct err *e)
{
	struct stmt *q = db_query(db, Q_ALERT_EVENT_PUT, e);
	if (!q)
		return false;
	stmt_i64(q, ":finding_id", finding_id);
	stmt_text(q, ":kind", kind);
	stmt_text(q, ":reason", reason);
	stmt_time(q, ":happened_at", at_s);
	return stmt_run(q, e);
}

static const char *reason_of(const struct alert *x)
{
	return x->state != ALERT_SET_ASIDE ? NULL : x->reason ? x->reason : "set aside";
}

static void bind(struct stmt *q, const struct alert *x, int64_t closed_s, int64_t seen_s)
{
	static const char *const names[] = {"open", "fixed", "set_aside"};
	const struct rec_finding *f = &x->f;
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
	stmt_text(q, ":state", names[x->state]);
	stmt_time(q, ":seen_at", seen_s);
	stmt_time(q, ":fixed_at", x->state == ALERT_FIXED ? closed_s : TIME_NONE);
	stmt_time(q, ":set_aside_at", x->state == ALERT_SET_ASIDE ? closed_s : TIME_NONE);
	stmt_text(q, ":set_aside", reason_of(x));
}

static bool close_event(struct db *db, int64_t id, const struct alert *x, int64_t at_s,
			struct err *e)
{
	return event(db, id, x->state == ALERT_FIXED ? "fixed" : "set_aside", reason_of(x), at_s,
		     e);
}

static int64_t closing(const struct alert *x, int64_t seen_s)
{
	if (x->state == ALERT_OPEN)
		return TIME_NONE;
	int64_t t = x->closed_s != TIME_NONE ? x->closed_s : x->updated_s;
	return MAX(t != TIME_NONE ? t : seen_s, x->created_s);
}

static bool add(struct db *db, const char *tool, const char *target, const struct alert *x,
		int64_t seen_s, struct scan_effect *n, struct err *e)
{
	int64_t closed_s = closing(x, seen_s);
	struct stmt *q = db_query(db, Q_ALERT_PUT, e);
	if (!q)
		return false;
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	stmt_text(q, ":identity", x->f.identity);
	stmt_time(q, ":first_seen_at", x->created_s);
	bind(q, x, closed_s, seen_s);
	if (!stmt_run(q, e))
		return false;
	int64_t id = db_last_id(db);
	n->fresh++;
	n->fixed += x->state == ALERT_FIXED;
	return event(db, id, "new", NULL, x->created_s, e) &&
	       (x->state == ALERT_OPEN || close_event(db, id, x, closed_s, e));
}

/* The events between what is stored and what the list says now. */
static bool change(struct db *db, const struct stored *s, const struct alert *x, int64_t closed_s,
		   int64_t reopened_s, struct scan_effect *n, struct err *e)
{
	bool was_open = s->state == ALERT_OPEN, is_open = x->state == ALERT_OPEN;
	if (reopened_s != TIME_NONE) {
		n->reopened++;
		if (!event(db, s->id, "reopened", NULL, reopened_s, e))
			return false;
	}
	/* Dismissed once more for another reason, or moved by a second: no event. */
	bool closed = !is_open && (was_open || reopened_s != TIME_NONE || s->state != x->state);
	n->fixed += closed && x->state == ALERT_FIXED;
	return !closed || close_event(db, s->id, x, closed_s, e);
}

static bool see(struct db *db, const struct stored *s, const struct alert *x, int64_t seen_s,
		struct scan_effect *n, struct err *e)
{
	int64_t closed_s = closing(x, seen_s), reopened_s = TIME_NONE;
	if (s->state != ALERT_OPEN && x->state == ALERT_OPEN)
		reopened_s = x->updated_s != TIME_NONE && x->updated_s > s->closed_s ? x->updated_s
										     : seen_s;
	/* Fixed, and later closed again: it was open in between. */
	if (s->state == ALERT_FIXED && x->state != ALERT_OPEN && closed_s > s->closed_s)
		reopened_s = closed_s;
	struct stmt *q = db_query(db, Q_ALERT_UPDATE, e);
	if (!q)
		return false;
	bind(q, x, closed_s, seen_s);
	stmt_time(q, ":reopened_at", reopened_s);
	stmt_i64(q, ":id", s->id);
	return stmt_run(q, e) && change(db, s, x, closed_s, reopened_s, n, e);
}

bool scans_store_alerts(struct db *db, const char *tool, const char *target, const struct alert *v,
			size_t n, int64_t seen_s, struct scan_effect *out, struct err *e)
{
	bool own = !db_in_transaction(db), ok = !own || db_begin(db, e);
	struct scan_effect effect = {0};
	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++) {
		struct stored s;
		ok = look(db, tool, target, v[i].f.identity, &s, e) &&
		     (s.id ? see(db, &s, &v[i], seen_s, &effect, e)
			   : add(db, tool, target, &v[i], seen_s, &effect, e));
	}
	if (!ok || (own && !db_commit(db, e))) {
		if (own)
			db_rollback(db);
		return err_wrap(e, "%s alerts of \"%s\"", tool, target);
	}
	if (out)
		*out = effect;
	return true;
}

bool scans_open_alerts(struct db *db, const char *tool, const char *target, struct arena *a,
		       struct strv *out, struct err *e)
{
	struct strv list = {0};
	struct stmt *q = db_query(db, Q_ALERT_OPEN_LIST, e);
	if (!q)
		return false;
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	for (bool row;;) {
		if (!stmt_step(q, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, stmt_col_text(q, "identity", a));
	}
	*out = list;
	return true;
}

bool scans_drop_alert(struct db *db, const char *tool, const char *target, const char *identity,
		      int64_t at_s, const char *reason, struct err *e)
{
	struct stored s;
	if (!look(db, tool, target, identity, &s, e))
		return false;
	if (!s.id || s.state != ALERT_OPEN)
		return true;
	at_s = MAX(at_s, s.first_s);
	struct stmt *q = db_query(db, Q_ALERT_SET_ASIDE, e);
	if (!q)
		return false;
	stmt_time(q, ":at", at_s);
	stmt_text(q, ":reason", reason);
	stmt_i64(q, ":id", s.id);
	return stmt_run(q, e) && event(db, s.id, "set_aside", reason, at_s, e);
}

bool scans_rename_alerts(struct db *db, const char *tool, const char *old_target,
			 const char *new_target, struct err *e)
{
	struct stmt *q = db_query(db, Q_ALERT_RENAME, e);
	if (!q)
		return false;
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":old", old_target);
	stmt_text(q, ":new", new_target);
	return stmt_run(q, e);
}

bool scans_alert_list(struct db *db, const char *source, const char *tool, const char *target,
		      struct alert_list *out, struct err *e)
{
	struct stmt *q = db_query(db, Q_ALERT_LIST_GET, e);
	bool row;
	if (!q)
		return false;
	stmt_text(q, ":source", source);
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	if (!stmt_step(q, &row, e))
		return false;
	*out = (struct alert_list){TIME_NONE, TIME_NONE};
	if (row)
		*out = (struct alert_list){stmt_col_time(q, "read_at"),
					   stmt_col_time(q, "whole_at")};
	stmt_done(q);
	return true;
}

bool scans_put_alert_list(struct db *db, const char *source, const char *tool, const char *target,
			  struct alert_list x, struct err *e)
{
	struct stmt *q = db_query(db, Q_ALERT_LIST_PUT, e);
	if (!q)
		return false;
	stmt_text(q, ":source", source);
	stmt_text(q, ":tool", tool);
	stmt_text(q, ":target", target);
	stmt_time(q, ":read_at", x.read_s);
	stmt_time(q, ":whole_at", x.whole_s);
	return stmt_run(q, e);
}

bool scans_artifact(struct db *db, const char *source, const char *key, struct arena *a,
		    bool *known, struct scan_artifact *out, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_ARTIFACT_GET, e);
	if (!q)
		return false;
	stmt_text(q, ":source", source);
	stmt_text(q, ":key", key);
	if (!stmt_step(q, known, e))
		return false;
	if (*known) {
		out->reports = stmt_col_i64(q, "reports");
		out->reason = stmt_col_text(q, "reason", a);
	}
	stmt_done(q);
	return true;
}

bool scans_artifact_runs(struct db *db, const char *source, const char *repo, int64_t from_s,
			 int64_t to_s, bool *any, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_ARTIFACT_RUNS, e);
	bool row;
	if (!q)
		return false;
	stmt_text(q, ":source", source);
	stmt_text(q, ":repo", repo);
	stmt_time(q, ":from_at", from_s);
	stmt_time(q, ":to_at", to_s);
	if (!stmt_step(q, &row, e))
		return false;
	BUG_ON(!row);
	*any = stmt_col_bool(q, "any_run");
	stmt_done(q);
	return true;
}

bool scans_put_artifact(struct db *db, const struct scan_artifact *x, int64_t read_s, struct err *e)
{
	struct stmt *q = db_query(db, Q_SCAN_ARTIFACT_PUT, e);
	if (!q)
		return false;
	stmt_text(q, ":source", x->source);
	stmt_text(q, ":key", x->key);
	stmt_text(q, ":repo", x->repo);
	stmt_text(q, ":name", x->name);
	stmt_time(q, ":created_at", x->created_s);
	stmt_time(q, ":read_at", read_s);
	stmt_i64(q, ":reports", x->reports);
	stmt_text(q, ":reason", x->reason);
	return stmt_run(q, e);
}
