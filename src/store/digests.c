#include "store/digests.h"

#include "base/text.h"
#include "gen/queries.h"
#include "lib/crypto.h"
#include "store/search.h"
#include "store/store.h"

static bool put_numbers(struct db *db, int64_t digest, const struct numbers *list, struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct number *n = &list->v[i];
		struct stmt *s = db_query(db, Q_NUMBER_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":digest_id", digest);
		stmt_text(s, ":id", n->id);
		stmt_f64(s, ":value", n->value);
		stmt_f64(s, ":usual_low", n->low);
		stmt_f64(s, ":usual_high", n->high);
		stmt_text(s, ":mark", n->mark);
		stmt_bool(s, ":incomplete", n->incomplete);
		if (!stmt_run(s, e))
			return err_wrap(e, "number \"%s\"", n->id);
	}
	return true;
}

static bool put_items(struct db *db, int64_t digest, const struct items *list, struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct item *it = &list->v[i];
		struct stmt *s = db_query(db, Q_ITEM_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":digest_id", digest);
		stmt_text(s, ":id", it->id);
		stmt_i64(s, ":position", (int64_t)i);
		stmt_text(s, ":section", it->section);
		stmt_text(s, ":kind", it->kind);
		stmt_text(s, ":key", it->key);
		stmt_text(s, ":title", it->title);
		stmt_text(s, ":url", it->url);
		stmt_text(s, ":owner", it->owner);
		stmt_time(s, ":first_seen_at", it->first_seen_s);
		stmt_i64(s, ":weeks", it->weeks);
		stmt_text(s, ":set_aside", it->set_aside);
		stmt_bool(s, ":needs_you", it->needs_you);
		stmt_text(s, ":counts", it->counts);
		if (!stmt_run(s, e))
			return err_wrap(e, "item \"%s\"", it->id);
	}
	for (size_t i = 0; i < list->others.n; i++) {
		const struct counted *c = &list->others.v[i];
		struct stmt *s = db_query(db, Q_COUNTED_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":digest_id", digest);
		stmt_i64(s, ":position", (int64_t)i);
		stmt_text(s, ":section", c->section);
		stmt_text(s, ":kind", c->kind);
		stmt_text(s, ":key", c->key);
		stmt_text(s, ":title", c->title);
		stmt_text(s, ":url", c->url);
		stmt_text(s, ":owner", c->owner);
		stmt_time(s, ":at", c->at_s);
		stmt_text(s, ":counts", c->counts);
		if (!stmt_run(s, e))
			return err_wrap(e, "row \"%s\"", c->key);
	}
	return true;
}

/* Takes an untried digest of (week, audience) away; ERR_BUSY when it was tried. */
static bool make_room(struct db *db, const char *week, const char *audience, struct err *e)
{
	struct stmt *s = db_query(db, Q_DIGEST_TRIED, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	if (!stmt_step(s, &row, e))
		return false;
	if (!row)
		return true;
	int64_t id = stmt_col_i64(s, "id");
	bool tried = stmt_col_bool(s, "tried");
	stmt_done(s);
	if (tried)
		return err_set(e, ERR_BUSY,
			       "the digest of %s for \"%s\" has been delivered or tried, it stays "
			       "as it is",
			       week, audience);
	s = db_query(db, Q_DIGEST_DROP, e);
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	return stmt_run(s, e);
}

static bool put_digest(struct db *db, struct frozen *f, struct err *e)
{
	struct stmt *s = db_query(db, Q_DIGEST_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":week", f->week);
	stmt_text(s, ":audience", f->audience);
	stmt_text(s, ":sha256", f->sha256);
	stmt_blob(s, ":document", f->document, f->document_len);
	stmt_time(s, ":frozen_at", f->frozen_s);
	stmt_text(s, ":version", f->version);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	f->id = stmt_col_i64(s, "id");
	return stmt_run(s, e);
}

bool digests_freeze(struct db *db, const char *week, const char *audience, const char *document,
		    size_t len, const char *version, const struct numbers *numbers,
		    const struct items *items, int64_t now_s, struct arena *a, struct frozen *out,
		    struct err *e)
{
	char hex[SHA256_HEX];
	sha256_hex(document, len, hex);
	struct frozen f = {.week = arena_strdup(a, week),
			   .audience = arena_strdup(a, audience),
			   .sha256 = arena_strdup(a, hex),
			   .document = arena_strndup(a, document, len),
			   .document_len = len,
			   .version = arena_strdup(a, version),
			   .frozen_s = now_s};
	if (!db_begin(db, e))
		return false;
	if (!make_room(db, week, audience, e) || !put_digest(db, &f, e) ||
	    !put_numbers(db, f.id, numbers, e) || !put_items(db, f.id, items, e) ||
	    !search_fill(db, e) || !db_commit(db, e)) {
		db_rollback(db);
		return err_wrap(e, "freezing %s for \"%s\"", week, audience);
	}
	*out = f;
	return true;
}

static struct frozen frozen_row(struct stmt *s, struct arena *a)
{
	return (struct frozen){.id = stmt_col_i64(s, "id"),
			       .week = stmt_col_text(s, "week", a),
			       .audience = stmt_col_text(s, "audience", a),
			       .sha256 = stmt_col_text(s, "sha256", a),
			       .version = stmt_col_text(s, "version", a),
			       .frozen_s = stmt_col_time(s, "frozen_at"),
			       .tried = stmt_col_bool(s, "tried")};
}

bool digests_get(struct db *db, const char *week, const char *audience, struct arena *a,
		 struct frozen *out, bool *found, struct err *e)
{
	struct stmt *s = db_query(db, Q_DIGEST_GET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	if (!stmt_step(s, &row, e))
		return false;
	if (row) {
		struct frozen f = frozen_row(s, a);
		f.document = stmt_col_blob(s, "document", a, &f.document_len);
		stmt_done(s);
		*out = f;
	}
	*found = row;
	return true;
}

bool digests_list(struct db *db, struct arena *a, struct frozens *out, struct err *e)
{
	struct frozens list = {0};
	struct stmt *s = db_query(db, Q_DIGEST_LIST, e);
	for (bool row;;) {
		if (!s || !stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, frozen_row(s, a));
	}
	*out = list;
	return true;
}

/* *tried of a digest that must exist. */
static bool is_tried(struct db *db, int64_t id, bool *tried, struct err *e)
{
	struct stmt *s = db_query(db, Q_DIGEST_IS_TRIED, e);
	bool row;
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	if (!stmt_step(s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_BUG, "there is no digest %lld", (long long)id);
	*tried = stmt_col_bool(s, "tried");
	stmt_done(s);
	return true;
}

static bool replace_artefacts(struct db *db, int64_t id, const struct artefacts *list,
			      struct err *e)
{
	struct stmt *s = db_query(db, Q_ARTEFACT_CLEAR, e);
	if (!s)
		return false;
	stmt_i64(s, ":digest_id", id);
	if (!stmt_run(s, e))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		const struct artefact *f = &list->v[i];
		char hex[SHA256_HEX];
		sha256_hex(f->bytes, f->len, hex);
		s = db_query(db, Q_ARTEFACT_PUT, e);
		if (!s)
			return false;
		stmt_i64(s, ":digest_id", id);
		stmt_text(s, ":name", f->name);
		stmt_text(s, ":type", f->type);
		stmt_text(s, ":sha256", hex);
		stmt_blob(s, ":bytes", f->bytes, f->len);
		if (!stmt_run(s, e))
			return err_wrap(e, "artefact \"%s\"", f->name);
	}
	return true;
}

bool digests_put_artefacts(struct db *db, int64_t digest_id, const struct artefacts *list,
			   struct err *e)
{
	bool tried = false;
	if (!db_begin(db, e))
		return false;
	if (is_tried(db, digest_id, &tried, e) &&
	    (tried || replace_artefacts(db, digest_id, list, e)) && db_commit(db, e))
		return true;
	db_rollback(db);
	return false;
}

bool digests_artefacts(struct db *db, int64_t digest_id, struct arena *a, struct artefacts *out,
		       struct err *e)
{
	struct artefacts list = {0};
	struct stmt *s = db_query(db, Q_ARTEFACT_LIST, e);
	if (!s)
		return false;
	stmt_i64(s, ":digest_id", digest_id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct artefact f = {.name = stmt_col_text(s, "name", a),
				     .type = stmt_col_text(s, "type", a)};
		f.bytes = stmt_col_blob(s, "bytes", a, &f.len);
		vec_push(a, &list, f);
	}
	*out = list;
	return true;
}

bool digests_artefact_names(struct db *db, int64_t digest_id, struct arena *a,
			    struct artefact_names *out, struct err *e)
{
	struct artefact_names list = {0};
	struct stmt *s = db_query(db, Q_ARTEFACT_NAMES, e);
	if (!s)
		return false;
	stmt_i64(s, ":digest_id", digest_id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct artefact_name n = {.name = stmt_col_text(s, "name", a),
					  .type = stmt_col_text(s, "type", a),
					  .sha256 = stmt_col_text(s, "sha256", a),
					  .size = stmt_col_i64(s, "size")};
		vec_push(a, &list, n);
	}
	*out = list;
	return true;
}

bool digests_artefact(struct db *db, const char *week, const char *audience, const char *name,
		      struct arena *a, const char **bytes, size_t *len, bool *found, struct err *e)
{
	struct stmt *s = db_query(db, Q_ARTEFACT_GET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":name", name);
	if (!stmt_step(s, &row, e))
		return false;
	if (row) {
		*bytes = stmt_col_blob(s, "bytes", a, len);
		stmt_done(s);
	}
	*found = row;
	return true;
}

bool digests_mark_tried(struct db *db, const char *week, const char *audience, struct err *e)
{
	struct stmt *s = db_query(db, Q_DIGEST_MARK_TRIED, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	if (!stmt_run(s, e))
		return false;
	if (db_changes(db) != 1)
		return err_set(e, ERR_BUG, "there is no digest of %s for \"%s\" to deliver", week,
			       audience);
	return true;
}

static struct number number_row(struct stmt *s, struct arena *a)
{
	return (struct number){.id = stmt_col_text(s, "id", a),
			       .value = stmt_col_f64(s, "value"),
			       .low = stmt_col_f64(s, "usual_low"),
			       .high = stmt_col_f64(s, "usual_high"),
			       .mark = stmt_col_text(s, "mark", a),
			       .incomplete = stmt_col_bool(s, "incomplete")};
}

bool digests_numbers(struct db *db, int64_t digest_id, struct arena *a, struct numbers *out,
		     struct err *e)
{
	struct numbers list = {0};
	struct stmt *s = db_query(db, Q_NUMBER_LIST, e);
	if (!s)
		return false;
	stmt_i64(s, ":digest_id", digest_id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, number_row(s, a));
	}
	*out = list;
	return true;
}

bool digests_items(struct db *db, int64_t digest_id, struct arena *a, struct items *out,
		   struct err *e)
{
	struct items list = {0};
	struct stmt *s = db_query(db, Q_ITEM_LIST, e);
	if (!s)
		return false;
	stmt_i64(s, ":digest_id", digest_id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct item it = {.id = stmt_col_text(s, "id", a),
				  .section = stmt_col_text(s, "section", a),
				  .kind = stmt_col_text(s, "kind", a),
				  .key = stmt_col_text(s, "key", a),
				  .title = stmt_col_text(s, "title", a),
				  .url = stmt_col_text(s, "url", a),
				  .owner = stmt_col_text(s, "owner", a),
				  .first_seen_s = stmt_col_time(s, "first_seen_at"),
				  .weeks = stmt_col_i64(s, "weeks"),
				  .set_aside = stmt_col_text(s, "set_aside", a),
				  .counts = stmt_col_text(s, "counts", a),
				  .needs_you = stmt_col_bool(s, "needs_you")};
		vec_push(a, &list, it);
	}
	*out = list;
	return true;
}

bool digests_number_rows(struct db *db, const char *week, const char *audience, const char *number,
			 struct arena *a, struct number_rows *out, struct err *e)
{
	struct number_rows list = {0};
	struct stmt *s = db_query(db, Q_NUMBER_ROWS, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":number", number);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct number_row r = {.item = stmt_col_text(s, "item", a),
				       .section = stmt_col_text(s, "section", a),
				       .kind = stmt_col_text(s, "kind", a),
				       .key = stmt_col_text(s, "key", a),
				       .title = stmt_col_text(s, "title", a),
				       .url = stmt_col_text(s, "url", a),
				       .owner = stmt_col_text(s, "owner", a),
				       .set_aside = stmt_col_text(s, "set_aside", a),
				       .at_s = stmt_col_time(s, "at")};
		vec_push(a, &list, r);
	}
	*out = list;
	return true;
}

/* Text as SQL writes it. */
static void add_literal(struct sb *b, const char *v)
{
	sb_addc(b, '\'');
	for (; *v; v++) {
		if (*v == '\'')
			sb_addc(b, '\'');
		sb_addc(b, *v);
	}
	sb_addc(b, '\'');
}

/* A statement with its parameters replaced by their values, up to its semicolon: what follows in
 * the file is said of the next one. */
static const char *with_values(const char *sql, const char *week, const char *audience,
			       const char *number, struct arena *a)
{
	const char *const names[] = {":week", ":audience", ":number"}, *const values[] = {week,
											  audience,
											  number};
	struct sb b;
	sb_init(&b, a, 1 << 20);
	const char *end = strchrnul(sql, ';');
	for (const char *p = sql; p < end;) {
		size_t i = 0;
		while (i < ARRAY_SIZE(names) && !text_starts(p, names[i]))
			i++;
		if (i == ARRAY_SIZE(names)) {
			sb_addc(&b, *p++);
			continue;
		}
		add_literal(&b, values[i]);
		p += strlen(names[i]);
	}
	sb_addc(&b, ';');
	return sb_str(&b);
}

const char *digests_number_rows_sql(const char *week, const char *audience, const char *number,
				    struct arena *a)
{
	return with_values(store_query_text(Q_NUMBER_ROWS), week, audience, number, a);
}

const char *digests_number_weeks_sql(const char *audience, const char *number, struct arena *a)
{
	return with_values(store_query_text(Q_NUMBER_WEEKS), "", audience, number, a);
}

bool digests_item_digests(struct db *db, const char *audience, const char *section, const char *key,
			  struct arena *a, struct item_weeks *out, struct err *e)
{
	struct item_weeks list = {0};
	struct stmt *s = db_query(db, Q_ITEM_DIGESTS, e);
	if (!s)
		return false;
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":section", section);
	stmt_text(s, ":key", key);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct item_week w = {.week = stmt_col_text(s, "week", a),
				      .id = stmt_col_text(s, "id", a),
				      .kind = stmt_col_text(s, "kind", a),
				      .set_aside = stmt_col_text(s, "set_aside", a)};
		vec_push(a, &list, w);
	}
	*out = list;
	return true;
}

bool digests_history(struct db *db, const char *audience, const char *before_week, int weeks,
		     struct arena *a, struct history *out, struct err *e)
{
	struct history list = {0};
	struct stmt *s = db_query(db, Q_NUMBER_HISTORY, e);
	if (!s)
		return false;
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":before", before_week);
	stmt_i64(s, ":weeks", weeks);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		const char *week = stmt_col_text(s, "week", a);
		if (!list.n || strcmp(list.v[list.n - 1].week, week) != 0) {
			struct history_week w = {.week = week};
			vec_push(a, &list, w);
		}
		if (!stmt_col_null(s, "id")) /* a digest without numbers is one row of NULLs */
			vec_push(a, &list.v[list.n - 1].numbers, number_row(s, a));
	}
	*out = list;
	return true;
}

static bool count_of_key(struct db *db, int query, const char *audience, const char *before_week,
			 const char *key, int64_t *out, struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":before", before_week);
	stmt_text(s, ":key", key);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	*out = stmt_col_i64(s, "n");
	stmt_done(s);
	return true;
}

bool digests_item_weeks(struct db *db, const char *audience, const char *before_week,
			const char *key, int64_t *out, struct err *e)
{
	return count_of_key(db, Q_ITEM_WEEKS, audience, before_week, key, out, e);
}

bool digests_item_asked(struct db *db, const char *audience, const char *before_week,
			const char *key, int64_t *out, struct err *e)
{
	return count_of_key(db, Q_ITEM_ASKED, audience, before_week, key, out, e);
}
