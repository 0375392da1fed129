#include "store/releases.h"

#include "gen/queries.h"

static bool put_projects(struct db *db, int64_t id, const struct rec_release *r, struct err *e)
{
	for (size_t i = 0; i < r->projects.n; i++) {
		const struct rec_release_project *p = &r->projects.v[i];
		struct stmt *s = db_query(db, Q_RELEASE_PROJECT_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":release_id", id);
		stmt_text(s, ":project_key", p->key);
		stmt_text(s, ":project", p->slug);
		stmt_i64(s, ":new_issues", p->new_issues);
		if (!stmt_run(s, e))
			return false;
	}
	return true;
}

bool releases_put(struct db *db, const struct rec_release *r, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_RELEASE_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", r->source);
	stmt_text(s, ":version", r->version);
	stmt_text(s, ":status", r->status);
	stmt_time(s, ":created_at", r->created_s);
	stmt_time(s, ":released_at", r->released_s);
	stmt_time(s, ":first_event_at", r->first_event_s);
	stmt_time(s, ":last_event_at", r->last_event_s);
	stmt_i64(s, ":new_issues", r->new_issues);
	stmt_i64(s, ":commits", r->commits);
	stmt_i64(s, ":deploys", r->deploys);
	stmt_i64(s, ":authors", r->authors);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t id = stmt_col_i64(s, "id");
	stmt_done(s);
	return put_projects(db, id, r, e);
}

static bool read_projects(struct db *db, struct rec_release *r, struct arena *a, struct err *e)
{
	struct stmt *s = db_query(db, Q_RELEASE_PROJECTS, e);
	if (!s)
		return false;
	stmt_i64(s, ":release_id", r->id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			return true;
		struct rec_release_project p = {.key = stmt_col_text(s, "project_key", a),
						.slug = stmt_col_text(s, "project", a),
						.new_issues = stmt_col_i64(s, "new_issues")};
		vec_push(a, &r->projects, p);
	}
}

bool releases_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
		   struct releases *out, struct err *e)
{
	struct releases list = {0};
	struct stmt *s = db_query(db, Q_RELEASE_LIST, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_release r = {.id = stmt_col_i64(s, "id"),
					.source = stmt_col_text(s, "source", a),
					.version = stmt_col_text(s, "version", a),
					.status = stmt_col_text(s, "status", a),
					.created_s = stmt_col_time(s, "created_at"),
					.released_s = stmt_col_time(s, "released_at"),
					.first_event_s = stmt_col_time(s, "first_event_at"),
					.last_event_s = stmt_col_time(s, "last_event_at"),
					.new_issues = stmt_col_i64(s, "new_issues"),
					.commits = stmt_col_i64(s, "commits"),
					.deploys = stmt_col_i64(s, "deploys"),
					.authors = stmt_col_i64(s, "authors")};
		vec_push(a, &list, r);
	}
	for (size_t i = 0; i < list.n; i++)
		if (!read_projects(db, &list.v[i], a, e))
			return false;
	*out = list;
	return true;
}
