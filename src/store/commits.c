#include "store/commits.h"

#include "gen/queries.h"

static bool put_commits(struct db *db, int64_t id, const struct rec_comparison *c, struct err *e)
{
	struct stmt *s = db_query(db, Q_COMPARISON_CLEAR, e);
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	if (!stmt_run(s, e))
		return false;
	for (size_t i = 0; i < c->committed_s.n; i++) {
		if (!(s = db_query(db, Q_COMPARISON_COMMIT_PUT, e)))
			return false;
		stmt_i64(s, ":id", id);
		stmt_i64(s, ":position", (int64_t)i);
		stmt_time(s, ":committed_at", c->committed_s.v[i]);
		if (!stmt_run(s, e))
			return false;
	}
	return true;
}

bool commits_put(struct db *db, const struct rec_comparison *c, int64_t read_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_COMPARISON_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":repo", c->repo);
	stmt_text(s, ":base", c->base);
	stmt_text(s, ":head", c->head);
	stmt_i64(s, ":commits", c->commits);
	stmt_i64(s, ":authors", c->authors);
	stmt_time(s, ":oldest_at", c->oldest_s);
	stmt_time(s, ":newest_at", c->newest_s);
	stmt_bool(s, ":whole", c->whole);
	stmt_time(s, ":read_at", read_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t id = stmt_col_i64(s, "id");
	stmt_done(s);
	return put_commits(db, id, c, e);
}

bool commits_known(struct db *db, const char *repo, const char *base, const char *head, bool *known,
		   struct err *e)
{
	struct stmt *s = db_query(db, Q_COMPARISON_KNOWN, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":repo", repo);
	stmt_text(s, ":base", base);
	stmt_text(s, ":head", head);
	if (!stmt_step(s, &row, e))
		return false;
	if (row)
		stmt_done(s);
	*known = row;
	return true;
}

bool commits_put_change(struct db *db, const struct rec_deployment *d, const char *repo,
			const char *base, const char *head, struct err *e)
{
	struct stmt *s = db_query(db, Q_CHANGE_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", d->source);
	stmt_text(s, ":kind", d->kind);
	stmt_text(s, ":key", d->key);
	stmt_text(s, ":repo", repo);
	stmt_text(s, ":base", base);
	stmt_text(s, ":head", head);
	return stmt_run(s, e);
}

static struct stmt *between(struct db *db, int query, int64_t from_s, int64_t to_s, struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	if (s) {
		stmt_time(s, ":from", from_s);
		stmt_time(s, ":to", to_s);
	}
	return s;
}

bool commits_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a, struct changes *out,
		  struct err *e)
{
	struct changes list = {0};
	struct stmt *s = between(db, Q_CHANGE_LIST, from_s, to_s, e);
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_change c = {.deployment_id = stmt_col_i64(s, "deployment_id"),
				       .source = stmt_col_text(s, "source", a),
				       .kind = stmt_col_text(s, "kind", a),
				       .key = stmt_col_text(s, "key", a),
				       .known = !stmt_col_null(s, "comparison_id")};
		c.c = (struct rec_comparison){.repo = stmt_col_text(s, "repo", a),
					      .base = stmt_col_text(s, "base", a),
					      .head = stmt_col_text(s, "head", a),
					      .commits = stmt_col_i64(s, "commits"),
					      .authors = stmt_col_i64(s, "authors"),
					      .oldest_s = stmt_col_time(s, "oldest_at"),
					      .newest_s = stmt_col_time(s, "newest_at"),
					      .whole = stmt_col_bool(s, "whole")};
		vec_push(a, &list, c);
	}
	/* Both lists have the same deployments in the same order. */
	size_t at = 0;
	s = between(db, Q_CHANGE_COMMITS, from_s, to_s, e);
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		int64_t id = stmt_col_i64(s, "deployment_id");
		while (at < list.n && list.v[at].deployment_id != id)
			at++;
		BUG_ON(at == list.n);
		vec_push(a, &list.v[at].c.committed_s, stmt_col_time(s, "committed_at"));
	}
	*out = list;
	return true;
}

bool commits_repo(struct db *db, const char *source, const char *sha, int64_t since_s,
		  struct arena *a, const char **out, struct err *e)
{
	const char *found = NULL;
	struct stmt *s = db_query(db, Q_COMMIT_REPO, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":sha", sha);
	stmt_time(s, ":since", since_s);
	if (!stmt_step(s, &row, e))
		return false;
	if (row) {
		found = stmt_col_text(s, "repo", a);
		if (!stmt_step(s, &row, e))
			return false;
		if (row) {
			found = NULL;
			stmt_done(s);
		}
	}
	*out = found;
	return true;
}
