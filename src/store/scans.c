#include "store/scans.h"

#include "base/text.h"
#include "gen/queries.h"

#define WEEK_S	  ((int64_t)7 * 86400)
#define HISTORY_S (13 * WEEK_S)

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
