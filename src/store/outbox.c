#include "store/outbox.h"

#include "gen/queries.h"
#include "store/digests.h"

static const char *const words[] = {"waiting", "sending", "sent", "refused", "unknown"};

const char *outbox_state_name(enum outbox_state s)
{
	BUG_ON((size_t)s >= ARRAY_SIZE(words));
	return words[s];
}

static bool state_parse(const char *word, enum outbox_state *out, struct err *e)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++) {
		if (!strcmp(word, words[i])) {
			*out = (enum outbox_state)i;
			return true;
		}
	}
	return err_set(e, ERR_DB, "outbox: \"%s\" is no state", word ? word : "");
}

bool outbox_plan(struct db *db, const char *week, const char *audience, const char *channel,
		 const char *recipient, const char *digest_sha256, int64_t now_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_OUTBOX_PLAN, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	stmt_text(s, ":channel", channel);
	stmt_text(s, ":recipient", recipient);
	stmt_text(s, ":digest_sha256", digest_sha256);
	stmt_time(s, ":now", now_s);
	return stmt_run(s, e);
}

bool outbox_list(struct db *db, const char *week, const char *audience, struct arena *a,
		 struct deliveries *out, struct err *e)
{
	struct deliveries list = {0};
	struct stmt *s = db_query(db, week ? Q_OUTBOX_LIST_WEEK : Q_OUTBOX_LIST, e);
	if (!s)
		return false;
	if (week)
		stmt_text(s, ":week", week);
	stmt_text(s, ":audience", audience);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct delivery d = {.id = stmt_col_i64(s, "id"),
				     .week = stmt_col_text(s, "week", a),
				     .audience = stmt_col_text(s, "audience", a),
				     .channel = stmt_col_text(s, "channel", a),
				     .recipient = stmt_col_text(s, "recipient", a),
				     .digest_sha256 = stmt_col_text(s, "digest_sha256", a),
				     .answer = stmt_col_text(s, "answer", a),
				     .reference = stmt_col_text(s, "reference", a),
				     .attempts = stmt_col_i64(s, "attempts"),
				     .created_s = stmt_col_time(s, "created_at"),
				     .updated_s = stmt_col_time(s, "updated_at")};
		if (!state_parse(stmt_col_text(s, "state", a), &d.state, e)) {
			stmt_done(s);
			return false;
		}
		vec_push(a, &list, d);
	}
	*out = list;
	return true;
}

/* Whether a delivery may go from one state to another without doubling or losing it silently. */
static bool may_go(enum outbox_state from, enum outbox_state to)
{
	switch (from) {
	case OUTBOX_WAITING:
	case OUTBOX_REFUSED: /* refused before or after an attempt: nothing arrived */
		return to == OUTBOX_WAITING || to == OUTBOX_SENDING || to == OUTBOX_REFUSED;
	case OUTBOX_SENDING:
		return true;
	case OUTBOX_UNKNOWN: /* once looked up: it arrived, or it certainly did not */
		return to != OUTBOX_SENDING;
	case OUTBOX_SENT:
		return false;
	}
	return false;
}

static bool change(struct db *db, int64_t id, enum outbox_state to, const char *answer,
		   const char *reference, int64_t now_s, struct arena *a, struct err *e)
{
	struct stmt *s = db_query(db, Q_OUTBOX_GET, e);
	enum outbox_state from;
	bool row;
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	if (!stmt_step(s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_BUG, "there is no delivery %lld", (long long)id);
	const char *week = stmt_col_text(s, "week", a), *audience = stmt_col_text(s, "audience", a),
		   *word = stmt_col_text(s, "state", a);
	stmt_done(s);
	if (!state_parse(word, &from, e))
		return false;
	if (!may_go(from, to))
		return err_set(e, ERR_BUG, "delivery %lld may not go from %s to %s", (long long)id,
			       word, words[to]);
	bool attempt = to == OUTBOX_SENDING && from != OUTBOX_SENDING;
	if (attempt && !digests_mark_tried(db, week, audience, e))
		return false;
	s = db_query(db, Q_OUTBOX_SET, e);
	if (!s)
		return false;
	stmt_i64(s, ":id", id);
	stmt_text(s, ":state", words[to]);
	stmt_bool(s, ":attempt", attempt);
	stmt_text(s, ":answer", answer);
	stmt_text(s, ":reference", reference);
	stmt_time(s, ":now", now_s);
	return stmt_run(s, e);
}

bool outbox_set(struct db *db, int64_t id, enum outbox_state s, const char *answer,
		const char *reference, int64_t now_s, struct err *e)
{
	struct arena a = {0};
	bool ok = db_begin(db, e);
	if (ok) {
		ok = change(db, id, s, answer, reference, now_s, &a, e) && db_commit(db, e);
		if (!ok)
			db_rollback(db);
	}
	arena_release(&a);
	return ok;
}

bool outbox_recover(struct db *db, int64_t now_s, int64_t *n, struct err *e)
{
	struct stmt *s = db_query(db, Q_OUTBOX_RECOVER, e);
	if (!s)
		return false;
	stmt_text(s, ":answer",
		  "sitrep ended during this delivery: whether it arrived is not known");
	stmt_time(s, ":now", now_s);
	if (!stmt_run(s, e))
		return false;
	*n = db_changes(db);
	return true;
}

bool outbox_parts(struct db *db, int64_t outbox_id, struct arena *a, struct outbox_parts *out,
		  struct err *e)
{
	struct outbox_parts list = {0};
	struct stmt *s = db_query(db, Q_OUTBOX_PART_LIST, e);
	if (!s)
		return false;
	stmt_i64(s, ":outbox_id", outbox_id);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct outbox_part p = {.part = stmt_col_i64(s, "part"),
					.state = stmt_col_text(s, "state", a),
					.reference = stmt_col_text(s, "reference", a)};
		vec_push(a, &list, p);
	}
	*out = list;
	return true;
}

bool outbox_set_part(struct db *db, int64_t outbox_id, int64_t part, const char *state,
		     const char *reference, int64_t now_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_OUTBOX_PART_SET, e);
	if (!s)
		return false;
	stmt_i64(s, ":outbox_id", outbox_id);
	stmt_i64(s, ":part", part);
	stmt_text(s, ":state", state);
	stmt_text(s, ":reference", reference);
	stmt_time(s, ":now", now_s);
	return stmt_run(s, e);
}

bool outbox_drop_part(struct db *db, int64_t outbox_id, int64_t part, struct err *e)
{
	struct stmt *s = db_query(db, Q_OUTBOX_PART_DROP, e);
	if (!s)
		return false;
	stmt_i64(s, ":outbox_id", outbox_id);
	stmt_i64(s, ":part", part);
	return stmt_run(s, e);
}
