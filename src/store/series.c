#include "store/series.h"

#include <math.h>

#include "gen/queries.h"

bool series_forget(struct db *db, const char *week, const char *source, const char *kind,
		   struct err *e)
{
	struct stmt *s = db_query(db, Q_SERIES_FORGET, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":source", source);
	stmt_text(s, ":kind", kind);
	return stmt_run(s, e);
}

static bool put_line(struct db *db, const struct rec_series *l, int64_t seen_s, int64_t *id,
		     struct err *e)
{
	struct stmt *s = db_query(db, Q_SERIES_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", l->source);
	stmt_text(s, ":kind", l->kind);
	stmt_text(s, ":board", l->board);
	stmt_text(s, ":panel", l->panel);
	stmt_text(s, ":label", l->label);
	stmt_text(s, ":unit", l->unit);
	stmt_text(s, ":statistic", l->statistic);
	stmt_i64(s, ":period_s", l->period_s);
	stmt_i64(s, ":position", l->position);
	stmt_text(s, ":url", l->url);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	*id = stmt_col_i64(s, "id");
	stmt_done(s);

	s = db_query(db, Q_SERIES_WEEK_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":series_id", *id);
	stmt_text(s, ":week", l->week);
	stmt_text(s, ":status", ledger_status_name(l->status));
	stmt_text(s, ":reason", l->reason);
	return stmt_run(s, e);
}

static bool put_points(struct db *db, int64_t id, const struct rec_series *l, int64_t from_s,
		       int64_t to_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_SERIES_POINTS_FORGET, e);
	if (!s)
		return false;
	stmt_i64(s, ":series_id", id);
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	if (!stmt_run(s, e))
		return false;
	for (size_t i = 0; i < l->points.n; i++) {
		const struct rec_point *p = &l->points.v[i];
		if (!isfinite(p->value) || p->at_s < from_s || p->at_s >= to_s)
			return err_set(e, ERR_BUG, "series \"%s\" / \"%s\": point %zu", l->board,
				       l->panel, i);
		s = db_query(db, Q_SERIES_POINT_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":series_id", id);
		stmt_time(s, ":at", p->at_s);
		stmt_f64(s, ":value", p->value);
		if (!stmt_run(s, e))
			return false;
	}
	return true;
}

bool series_put(struct db *db, const struct rec_series *l, int64_t from_s, int64_t to_s,
		int64_t seen_s, struct err *e)
{
	int64_t id;
	return put_line(db, l, seen_s, &id, e) && put_points(db, id, l, from_s, to_s, e);
}

static bool read_points(struct db *db, struct rec_series *l, int64_t from_s, int64_t to_s,
			struct arena *a, struct err *e)
{
	struct stmt *s = db_query(db, Q_SERIES_POINTS, e);
	if (!s)
		return false;
	stmt_i64(s, ":series_id", l->id);
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct rec_point p = {stmt_col_time(s, "at"), stmt_col_f64(s, "value")};
		vec_push(a, &l->points, p);
	}
}

bool series_list(struct db *db, const char *week, int64_t from_s, int64_t to_s, struct arena *a,
		 struct series *out, struct err *e)
{
	return series_of_kind(db, week, NULL, from_s, to_s, a, out, e);
}

bool series_of_kind(struct db *db, const char *week, const char *kind, int64_t from_s, int64_t to_s,
		    struct arena *a, struct series *out, struct err *e)
{
	struct series list = {0};
	struct stmt *s = db_query(db, Q_SERIES_LIST, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":kind", kind);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_series l = {
			.id = stmt_col_i64(s, "id"),
			.source = stmt_col_text(s, "source", a),
			.kind = stmt_col_text(s, "kind", a),
			.board = stmt_col_text(s, "board", a),
			.panel = stmt_col_text(s, "panel", a),
			.label = stmt_col_text(s, "label", a),
			.unit = stmt_col_text(s, "unit", a),
			.statistic = stmt_col_text(s, "statistic", a),
			.period_s = stmt_col_i64(s, "period_s"),
			.position = stmt_col_i64(s, "position"),
			.url = stmt_col_text(s, "url", a),
			.week = stmt_col_text(s, "week", a),
			.reason = stmt_col_text(s, "reason", a),
		};
		const char *status = stmt_col_text(s, "status", a);
		if (!ledger_status_parse(status, &l.status))
			return err_set(e, ERR_DB, "series \"%s\": status \"%s\" in the store",
				       l.panel, status);
		vec_push(a, &list, l);
	}
	for (size_t i = 0; i < list.n; i++)
		if (!read_points(db, &list.v[i], from_s, to_s, a, e))
			return false;
	*out = list;
	return true;
}
