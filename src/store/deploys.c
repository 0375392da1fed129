#include "store/deploys.h"

#include "base/text.h"
#include "gen/queries.h"

bool deploys_put(struct db *db, const struct rec_deployment *d, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_DEPLOYMENT_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", d->source);
	stmt_text(s, ":kind", d->kind);
	stmt_text(s, ":key", d->key);
	stmt_text(s, ":service", d->service);
	stmt_text(s, ":repo", d->repo);
	stmt_text(s, ":environment", d->environment);
	stmt_text(s, ":sha", d->sha);
	stmt_text(s, ":ref", d->ref);
	stmt_text(s, ":image", d->image);
	stmt_text(s, ":state", deploy_state_name(d->state));
	stmt_time(s, ":created_at", d->created_s);
	stmt_time(s, ":started_at", d->started_s);
	stmt_time(s, ":finished_at", d->finished_s);
	stmt_text(s, ":creator_kind", d->creator_kind);
	stmt_text(s, ":error_code", d->error_code);
	stmt_text(s, ":error", d->error);
	stmt_text(s, ":url", d->url);
	stmt_text(s, ":rollback_of", d->rollback_of);
	stmt_text(s, ":detail", d->detail);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

bool deploys_put_image(struct db *db, const struct rec_image *i, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_IMAGE_PUT, e);
	if (!s)
		return false;
	stmt_text(s, ":source", i->source);
	stmt_text(s, ":repository", i->repository);
	stmt_text(s, ":digest", i->digest);
	stmt_text(s, ":environment", i->environment);
	stmt_text(s, ":tags", i->tags ? i->tags : "");
	stmt_text(s, ":sha", i->sha);
	stmt_time(s, ":pushed_at", i->pushed_s);
	stmt_i64(s, ":bytes", i->bytes);
	stmt_time(s, ":seen_at", seen_s);
	return stmt_run(s, e);
}

static bool read_deployments(struct stmt *s, struct arena *a, struct deployments *out,
			     struct err *e)
{
	struct deployments list = {0};
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_deployment d = {.id = stmt_col_i64(s, "id"),
					   .source = stmt_col_text(s, "source", a),
					   .kind = stmt_col_text(s, "kind", a),
					   .key = stmt_col_text(s, "key", a),
					   .service = stmt_col_text(s, "service", a),
					   .repo = stmt_col_text(s, "repo", a),
					   .environment = stmt_col_text(s, "environment", a),
					   .sha = stmt_col_text(s, "sha", a),
					   .ref = stmt_col_text(s, "ref", a),
					   .image = stmt_col_text(s, "image", a),
					   .created_s = stmt_col_time(s, "created_at"),
					   .started_s = stmt_col_time(s, "started_at"),
					   .finished_s = stmt_col_time(s, "finished_at"),
					   .creator_kind = stmt_col_text(s, "creator_kind", a),
					   .error_code = stmt_col_text(s, "error_code", a),
					   .error = stmt_col_text(s, "error", a),
					   .url = stmt_col_text(s, "url", a),
					   .rollback_of = stmt_col_text(s, "rollback_of", a),
					   .detail = stmt_col_text(s, "detail", a)};
		const char *state = stmt_col_text(s, "state", a);
		if (!deploy_state_parse(state, &d.state)) {
			stmt_done(s);
			return err_set(e, ERR_DB, "deployment \"%s\": \"%s\" is no state", d.key,
				       state);
		}
		vec_push(a, &list, d);
	}
	*out = list;
	return true;
}

bool deploys_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
		  struct deployments *out, struct err *e)
{
	struct stmt *s = db_query(db, Q_DEPLOYMENT_LIST, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	return read_deployments(s, a, out, e);
}

bool deploys_unfinished(struct db *db, const char *source, int64_t since_s, struct arena *a,
			struct deployments *out, struct err *e)
{
	struct stmt *s = db_query(db, Q_DEPLOYMENT_UNFINISHED, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_time(s, ":since", since_s);
	return read_deployments(s, a, out, e);
}

bool deploys_told_alone(struct db *db, const char *source, int64_t since_s, bool *out,
			struct err *e)
{
	struct stmt *s = db_query(db, Q_DEPLOYMENT_ALONE, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_time(s, ":since", since_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	*out = stmt_col_i64(s, "alone") != 0;
	stmt_done(s);
	return true;
}

bool deploys_images(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
		    struct images *out, struct err *e)
{
	struct images list = {0};
	struct stmt *s = db_query(db, Q_IMAGE_LIST, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct rec_image i = {.source = stmt_col_text(s, "source", a),
				      .repository = stmt_col_text(s, "repository", a),
				      .digest = stmt_col_text(s, "digest", a),
				      .environment = stmt_col_text(s, "environment", a),
				      .tags = stmt_col_text(s, "tags", a),
				      .sha = stmt_col_text(s, "sha", a),
				      .pushed_s = stmt_col_time(s, "pushed_at"),
				      .bytes = stmt_col_i64(s, "bytes")};
		vec_push(a, &list, i);
	}
	*out = list;
	return true;
}

static bool has_tag(const char *tags, const char *tag)
{
	size_t n = strlen(tag);
	for (const char *p = tags; p && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		if (len == n && !strncmp(p, tag, n))
			return true;
		p += len;
	}
	return false;
}

const char *deploys_image_sha(const struct images *images, const char *image)
{
	if (!image)
		return NULL;
	const char *at = strchr(image, '@'), *colon = strrchr(image, ':');
	const char *digest = at ? at + 1 : image;
	const char *tag = colon && !strchr(colon, '/') ? colon + 1 : image;
	for (size_t i = 0; i < images->n; i++) {
		const struct rec_image *m = &images->v[i];
		if (m->sha && (text_eq(m->digest, digest) ||
			       (!text_starts(digest, "sha256:") && has_tag(m->tags, tag))))
			return m->sha;
	}
	return NULL;
}
