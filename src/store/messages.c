#include "store/messages.h"

#include "gen/queries.h"

static const char *const columns[SEV_COUNT] = {"critical", "high", "medium", "low", "info"};
static const char *const parameters[SEV_COUNT] = {":critical", ":high", ":medium", ":low", ":info"};

static bool put_told(struct db *db, int64_t id, size_t position, const struct rec_told *t,
		     struct err *e)
{
	struct stmt *s = db_query(db, Q_MESSAGE_TOLD_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":message_id", id);
	stmt_i64(s, ":position", (int64_t)position);
	stmt_text(s, ":subject", t->subject);
	stmt_text(s, ":place", t->place);
	stmt_text(s, ":state", t->state);
	stmt_text(s, ":key", t->key);
	stmt_text(s, ":code", t->code);
	stmt_text(s, ":tool", t->tool);
	stmt_text(s, ":detail", t->detail);
	stmt_text(s, ":url", t->url);
	for (int k = 0; k < SEV_COUNT; k++)
		stmt_i64(s, parameters[k], t->severity[k]);
	stmt_i64(s, ":total", t->total);
	return stmt_run(s, e);
}

bool messages_put(struct db *db, const struct rec_message *m, int64_t seen_s, struct err *e)
{
	struct stmt *s = db_query(db, Q_MESSAGE_PUT, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":source", m->source);
	stmt_text(s, ":channel", m->channel);
	stmt_text(s, ":ts", m->ts);
	stmt_text(s, ":kind", message_kind_name(m->kind));
	stmt_text(s, ":sender", m->sender);
	stmt_text(s, ":text", m->text);
	stmt_time(s, ":posted_at", m->posted_s);
	stmt_time(s, ":edited_at", m->edited_s);
	stmt_time(s, ":seen_at", seen_s);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t id = stmt_col_i64(s, "id");
	stmt_done(s);
	if (!(s = db_query(db, Q_MESSAGE_TOLD_FORGET, e)))
		return false;
	stmt_i64(s, ":message_id", id);
	if (!stmt_run(s, e))
		return false;
	for (size_t i = 0; i < m->told.n; i++)
		if (!put_told(db, id, i, &m->told.v[i], e))
			return false;
	return true;
}

bool messages_ids(struct db *db, const char *source, const char *channel, int64_t from_s,
		  int64_t to_s, struct arena *a, struct strv *out, struct err *e)
{
	struct strv list = {0};
	struct stmt *s = db_query(db, Q_MESSAGE_IDS, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":channel", channel);
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		vec_push(a, &list, stmt_col_text(s, "ts", a));
	}
	*out = list;
	return true;
}

bool messages_drop(struct db *db, const char *source, const char *channel, const char *ts,
		   struct err *e)
{
	struct stmt *s = db_query(db, Q_MESSAGE_DROP, e);
	if (!s)
		return false;
	stmt_text(s, ":source", source);
	stmt_text(s, ":channel", channel);
	stmt_text(s, ":ts", ts);
	return stmt_run(s, e);
}

static struct rec_told read_told(struct stmt *s, struct arena *a)
{
	struct rec_told t = {.subject = stmt_col_text(s, "subject", a),
			     .place = stmt_col_text(s, "place", a),
			     .state = stmt_col_text(s, "state", a),
			     .key = stmt_col_text(s, "key", a),
			     .code = stmt_col_text(s, "code", a),
			     .tool = stmt_col_text(s, "tool", a),
			     .detail = stmt_col_text(s, "detail", a),
			     .url = stmt_col_text(s, "url", a),
			     .total = stmt_col_i64(s, "total")};
	for (int k = 0; k < SEV_COUNT; k++)
		t.severity[k] = stmt_col_i64(s, columns[k]);
	return t;
}

bool messages_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
		   struct messages *out, struct err *e)
{
	struct messages list = {0};
	struct stmt *s = db_query(db, Q_MESSAGE_LIST, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	for (bool row;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		int64_t id = stmt_col_i64(s, "id");
		if (list.n == 0 || list.v[list.n - 1].id != id) {
			struct rec_message m = {.id = id,
						.source = stmt_col_text(s, "source", a),
						.channel = stmt_col_text(s, "channel", a),
						.ts = stmt_col_text(s, "ts", a),
						.sender = stmt_col_text(s, "sender", a),
						.text = stmt_col_text(s, "text", a),
						.posted_s = stmt_col_time(s, "posted_at"),
						.edited_s = stmt_col_time(s, "edited_at")};
			const char *kind = stmt_col_text(s, "kind", a);
			if (!message_kind_parse(kind, &m.kind)) {
				stmt_done(s);
				return err_set(e, ERR_DB, "message %s: \"%s\" is no kind", m.ts,
					       kind);
			}
			vec_push(a, &list, m);
		}
		if (!stmt_col_null(s, "position"))
			vec_push(a, &list.v[list.n - 1].told, read_told(s, a));
	}
	*out = list;
	return true;
}

static bool ask(struct stmt *s, bool *known, struct err *e)
{
	bool row;
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	*known = stmt_col_bool(s, "known");
	stmt_done(s);
	return true;
}

bool messages_issue_known(struct db *db, const struct rec_told *t, bool *known, struct err *e)
{
	struct stmt *s = db_query(db, Q_MESSAGE_ISSUE_KNOWN, e);
	if (!s)
		return false;
	stmt_text(s, ":key", t->key ? t->key : "");
	stmt_text(s, ":code", t->code ? t->code : "");
	return ask(s, known, e);
}

bool messages_run_known(struct db *db, const struct rec_told *t, int64_t from_s, int64_t to_s,
			bool *known, struct err *e)
{
	bool named = t->key || t->code;
	struct stmt *s = db_query(db, named ? Q_MESSAGE_RUN_KNOWN : Q_MESSAGE_WORKFLOW_KNOWN, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	stmt_text(s, ":repo", t->place ? t->place : "");
	if (named) {
		stmt_text(s, ":key", t->key ? t->key : "");
		stmt_text(s, ":code", t->code ? t->code : "");
	} else {
		stmt_text(s, ":workflow", t->subject ? t->subject : "");
	}
	return ask(s, known, e);
}

bool messages_alarm_known(struct db *db, const struct rec_told *t, int64_t from_s, int64_t to_s,
			  bool *known, struct err *e)
{
	struct stmt *s = db_query(db, Q_MESSAGE_ALARM_KNOWN, e);
	if (!s)
		return false;
	stmt_time(s, ":from", from_s);
	stmt_time(s, ":to", to_s);
	stmt_text(s, ":state", t->state ? t->state : "");
	stmt_text(s, ":name", t->subject ? t->subject : "");
	stmt_text(s, ":region", t->place ? t->place : "");
	return ask(s, known, e);
}
