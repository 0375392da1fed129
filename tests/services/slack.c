#include "services/server.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"

/* Slack's web API as far as a digest uses it, and an incoming webhook. Every accepted message goes
 * to slack.jsonl, one a line as it came, with the "ts" it got. Blocks are held to the documented
 * limits. Channels are known by name for posting and by id everywhere else, as with Slack. */

#define BLOCKS_MAX   50
#define BLOCKS_CHARS 13200 /* of all blocks together: measured, not documented */
#define WEBHOOK	     "/services/T00000000/B00000000/example"

static const struct {
	const char *id, *name;
} channels[] = {
	{"C0EXAMPLE1", "planning-notifications"},
	{"C0EXAMPLE2", "planning-alerts"},
	{"C0EXAMPLE3", "planning-public"},
};

struct message {
	const char *channel, *ts, *thread, *json; /* json: the request's body */
	int64_t s;
};
static struct arena arena; /* of the messages; under the context's lock */
static VEC(struct message) messages;

static void refuse(struct request *q, struct answer *r, const char *code, const char *detail)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", false);
	jw_str(o, "error", code);
	if (detail)
		jw_str(jw_add_arr(jw_add_obj(o, "response_metadata"), "messages"), NULL,
		       arena_printf(q->a, "[ERROR] %s", detail));
	answer_json(q, r, o);
}

static const char *form_value(struct request *q, const char *key)
{
	size_t k = strlen(key);
	for (const char *p = q->body; *p;) {
		size_t n = strcspn(p, "&");
		if (n > k && p[k] == '=' && !strncmp(p, key, k)) {
			struct sb b;
			sb_init(&b, q->a, 65536);
			for (size_t i = k + 1; i < n; i++) {
				unsigned c;
				if (p[i] == '%' && i + 2 < n && sscanf(p + i + 1, "%2x", &c) == 1)
					sb_addc(&b, (char)c), i += 2;
				else
					sb_addc(&b, p[i] == '+' ? ' ' : p[i]);
			}
			return sb_str(&b);
		}
		p += n + (p[n] == '&');
	}
	return NULL;
}

/* An argument wherever it may stand: JSON body, query, form. */
static const char *argument(struct request *q, const struct jv *in, const char *key)
{
	struct jv v = json_get(in, key);
	if (v.n)
		return json_text(&v, q->a);
	const char *s = request_param(q, key, 0);
	return s ? s : form_value(q, key);
}

static const char *channel_id(const char *name, bool by_name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(channels); i++)
		if (text_eq(name, channels[i].id) ||
		    (by_name && text_eq(name + (*name == '#'), channels[i].name)))
			return channels[i].id;
	return NULL;
}

/* NULL when the text object keeps its limits. */
static const char *text_wrong(struct request *q, const struct jv *o, size_t max, bool plain,
			      const char *where)
{
	struct jv t = json_get(o, "text"), type = json_get(o, "type");
	const char *s = json_text(&t, q->a), *kind = json_text(&type, q->a);
	if (!json_is_obj(o))
		return arena_printf(q->a, "missing text [json-pointer:%s]", where);
	if (!text_eq(kind, "plain_text") && (plain || !text_eq(kind, "mrkdwn")))
		return arena_printf(q->a, "unsupported type [json-pointer:%s/type]", where);
	if (!s || !*s)
		return arena_printf(q->a, "must be more than 0 characters [json-pointer:%s/text]",
				    where);
	if (utf8_count(s) > max)
		return arena_printf(q->a, "must be less than %zu characters [json-pointer:%s/text]",
				    max + 1, where);
	return NULL;
}

static const char *block_wrong(struct request *q, const struct jv *b, const char *where)
{
	struct jv type_v = json_get(b, "type"), text = json_get(b, "text"),
		  fields = json_get(b, "fields"), elements = json_get(b, "elements");
	const char *type = json_text(&type_v, q->a), *wrong = NULL;
	if (text_eq(type, "divider") || text_eq(type, "image") || text_eq(type, "rich_text"))
		return NULL;
	if (text_eq(type, "header"))
		return text_wrong(q, &text, 150, true, where);
	if (text_eq(type, "section")) {
		if (!text.n && !fields.n)
			return arena_printf(q->a, "text or fields is needed [json-pointer:%s]",
					    where);
		if (text.n)
			wrong = text_wrong(q, &text, 3000, false, where);
		if (json_count(&fields) > 10)
			return arena_printf(
				q->a, "no more than 10 items allowed [json-pointer:%s/fields]",
				where);
		for (struct jv it = json_first(&fields); !wrong && it.n; it = json_next(&it))
			wrong = text_wrong(q, &it, 2000, false, where);
		return wrong;
	}
	if (text_eq(type, "context")) {
		if (json_count(&elements) < 1 || json_count(&elements) > 10)
			return arena_printf(
				q->a, "1 to 10 items allowed [json-pointer:%s/elements]", where);
		for (struct jv it = json_first(&elements); !wrong && it.n; it = json_next(&it)) {
			struct jv kind = json_get(&it, "type");
			if (!text_eq(json_text(&kind, q->a), "image"))
				wrong = text_wrong(q, &it, 3000, false, where);
		}
		return wrong;
	}
	if (text_eq(type, "actions"))
		return json_count(&elements) > 25
			       ? arena_printf(q->a,
					      "no more than 25 items allowed [json-pointer:%s]",
					      where)
			       : NULL;
	return arena_printf(q->a, "unsupported type: %s [json-pointer:%s/type]",
			    type ? type : "null", where);
}

/* *code NULL when the message may be posted. */
static void message_check(struct request *q, const struct jv *in, const char **code,
			  const char **detail)
{
	struct jv text = json_get(in, "text"), blocks = json_get(in, "blocks");
	const char *s = json_text(&text, q->a);
	size_t i = 0;
	*code = *detail = NULL;
	if ((!s || !*s) && json_count(&blocks) == 0) {
		*code = "no_text";
		return;
	}
	if (s && utf8_count(s) > 40000) {
		*code = "msg_too_long";
		return;
	}
	if (blocks.n && !json_is_arr(&blocks)) {
		*code = "invalid_blocks_format";
		return;
	}
	if (json_count(&blocks) > BLOCKS_MAX) {
		*code = "invalid_blocks";
		*detail = "no more than 50 items allowed [json-pointer:/blocks]";
		return;
	}
	for (struct jv it = json_first(&blocks); it.n; it = json_next(&it), i++)
		if ((*detail = block_wrong(q, &it, arena_printf(q->a, "/blocks/%zu", i)))) {
			*code = "invalid_blocks";
			return;
		}
	CLEANUP(jw_freep) struct jw *copy = jw_obj();
	jw_copy(copy, "blocks", &blocks);
	if (utf8_count(jw_print(copy, false, q->a)) > BLOCKS_CHARS)
		*code = "msg_blocks_too_long";
}

static const struct message *keep(struct request *q, const char *channel, const char *thread)
{
	pthread_mutex_lock(&q->c->lock);
	struct message m = {
		.channel = channel, .thread = arena_strdup(&arena, thread), .s = clock_real()};
	m.ts = arena_printf(&arena, "%lld.%06zu", (long long)m.s, messages.n + 1);
	m.json = arena_strdup(&arena, q->body);
	vec_push(&arena, &messages, m);
	const struct message *kept = arena_memdup(q->a, &m, sizeof m);
	pthread_mutex_unlock(&q->c->lock);
	return kept;
}

static void record(struct request *q, const struct message *m, const char *via)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e = {0};
	if (!json_parse(q->body, q->body_len, &j, &e))
		return;
	struct jv in = json_root(j);
	jw_str(o, "via", via);
	jw_str(o, "channel", m->channel);
	jw_str(o, "ts", m->ts);
	jw_copy(o, "body", &in);
	context_log(q->c, "slack.jsonl", jw_print(o, false, q->a));
}

static void post(struct request *q, struct answer *r, const struct jv *in)
{
	const char *code, *detail, *channel = channel_id(argument(q, in, "channel"), true),
				   *thread = argument(q, in, "thread_ts");
	bool known = thread == NULL;
	message_check(q, in, &code, &detail);
	if (!channel) {
		refuse(q, r, "channel_not_found", NULL);
		return;
	}
	if (code) {
		refuse(q, r, code, detail);
		return;
	}
	pthread_mutex_lock(&q->c->lock);
	for (size_t i = 0; i < messages.n; i++)
		known |= text_eq(messages.v[i].ts, thread);
	pthread_mutex_unlock(&q->c->lock);
	if (!known) {
		refuse(q, r, "thread_not_found", NULL);
		return;
	}
	const struct message *m = keep(q, channel, thread);
	record(q, m, "chat.postMessage");
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	jw_str(o, "channel", channel);
	jw_str(o, "ts", m->ts);
	struct jw *w = jw_add_obj(o, "message");
	jw_str(w, "type", "message");
	jw_str(w, "bot_id", "B0EXAMPLE0");
	jw_str(w, "ts", m->ts);
	answer_json(q, r, o);
}

/* conversations.history (parents) and conversations.replies (of thread), newest first. */
static void history(struct request *q, struct answer *r, const struct jv *in, const char *thread)
{
	const char *channel = channel_id(argument(q, in, "channel"), false),
		   *cursor = argument(q, in, "cursor");
	const char *oldest = argument(q, in, "oldest"), *latest = argument(q, in, "latest"),
		   *limit_s = argument(q, in, "limit");
	bool all = text_eq(argument(q, in, "include_all_metadata"), "true") ||
		   text_eq(argument(q, in, "include_all_metadata"), "1");
	struct jv flag = json_get(in, "include_all_metadata");
	int64_t limit = 100, skip = 0, n = 0;
	double from = 0, to = 1e12, t;
	if (json_is_bool(&flag)) {
		struct err e = {0};
		if (!json_bool_opt(in, "include_all_metadata", &all, &e))
			all = false;
	}
	if (!channel) {
		refuse(q, r, "channel_not_found", NULL);
		return;
	}
	if ((limit_s && !parse_i64(limit_s, &limit)) || limit < 1 || limit > 999 ||
	    (oldest && !parse_f64(oldest, &from)) || (latest && !parse_f64(latest, &to)) ||
	    (cursor && *cursor && !parse_i64(cursor, &skip))) {
		refuse(q, r, "invalid_arguments", NULL);
		return;
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	struct jw *rows = jw_add_arr(o, "messages");
	pthread_mutex_lock(&q->c->lock);
	for (size_t i = messages.n; i-- > 0 && n < skip + limit + 1;) {
		const struct message *m = &messages.v[i];
		bool wanted = thread ? text_eq(m->thread, thread) || text_eq(m->ts, thread)
				     : m->thread == NULL;
		if (!wanted || !text_eq(m->channel, channel) || !parse_f64(m->ts, &t) ||
		    t <= from || t >= to)
			continue;
		if (n++ < skip || n > skip + limit)
			continue;
		CLEANUP(json_freep) struct json *j = NULL;
		struct err e = {0};
		if (!json_parse(m->json, strlen(m->json), &j, &e))
			continue;
		struct jv body = json_root(j), text = json_get(&body, "text"),
			  meta = json_get(&body, "metadata");
		struct jw *w = jw_add_obj(rows, NULL);
		jw_str(w, "type", "message");
		jw_str(w, "user", "U0EXAMPLE0");
		jw_str(w, "bot_id", "B0EXAMPLE0");
		jw_str(w, "app_id", "A0EXAMPLE0");
		jw_str(w, "ts", m->ts);
		jw_copy(w, "text", &text);
		if (m->thread)
			jw_str(w, "thread_ts", m->thread);
		if (all && meta.n)
			jw_copy(w, "metadata", &meta);
	}
	pthread_mutex_unlock(&q->c->lock);
	jw_bool(o, "has_more", n > skip + limit);
	jw_str(jw_add_obj(o, "response_metadata"), "next_cursor",
	       n > skip + limit ? arena_printf(q->a, "%lld", (long long)(skip + limit)) : "");
	answer_json(q, r, o);
}

static void channel_list(struct request *q, struct answer *r)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	struct jw *rows = jw_add_arr(o, "channels");
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		struct jw *w = jw_add_obj(rows, NULL);
		jw_str(w, "id", channels[i].id);
		jw_str(w, "name", channels[i].name);
		jw_bool(w, "is_member", true);
		jw_bool(w, "is_archived", false);
	}
	jw_str(jw_add_obj(o, "response_metadata"), "next_cursor", "");
	answer_json(q, r, o);
}

static void webhook(struct request *q, struct answer *r, const struct jv *in)
{
	const char *code, *detail;
	message_check(q, in, &code, &detail);
	r->type = "text/plain";
	r->status = code ? 400 : 200;
	r->body = code ? code : "ok";
	if (!code)
		record(q, keep(q, channels[0].id, NULL), "webhook");
}

void slack_serve(struct request *q, struct answer *r)
{
	CLEANUP(json_freep) struct json *j = NULL;
	const char *type = request_header(q, "Content-Type"), *p = q->path;
	struct jv in = {0};
	struct err e = {0};
	if (q->body_len && type && text_starts(type, "application/json")) {
		if (!json_parse(q->body, q->body_len, &j, &e)) {
			refuse(q, r, "invalid_json", e.msg);
			return;
		}
		in = json_root(j);
	}
	if (text_eq(p, WEBHOOK)) {
		webhook(q, r, &in);
		return;
	}
	if (!request_bearer(q, q->c->slack_token)) {
		refuse(q, r, request_header(q, "Authorization") ? "invalid_auth" : "not_authed",
		       NULL);
		return;
	}
	answer_header(
		r, "X-OAuth-Scopes",
		"chat:write,channels:history,channels:read,groups:history,files:write,files:read");
	if (text_eq(p, "/api/auth.test"))
		r->body = "{\"ok\":true,\"url\":\"https://example.slack.example.org/"
			  "\",\"team\":\"Example\",\"user\":\"sitrep\",\"team_id\":"
			  "\"T00000000\",\"user_id\":\"U0EXAMPLE0\",\"bot_id\":\"B0EXAMPLE0\"}";
	else if (text_eq(p, "/api/chat.postMessage"))
		post(q, r, &in);
	else if (text_eq(p, "/api/conversations.history"))
		history(q, r, &in, NULL);
	else if (text_eq(p, "/api/conversations.replies"))
		history(q, r, &in, argument(q, &in, "ts"));
	else if (text_eq(p, "/api/conversations.list"))
		channel_list(q, r);
	else
		refuse(q, r, "unknown_method", NULL);
}
