#include "services/slack.h"

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
	{SLACK_CHANNEL, "planning-notifications"},
	{"C0EXAMPLE2", "planning-alerts"},
	{"C0EXAMPLE3", "planning-public"},
};

struct message {
	const char *channel, *ts, *thread, *json; /* json: the request's body */
	int64_t s;
};
static struct arena arena; /* of the messages; under the context's lock */
static VEC(struct message) messages;

void slack_refuse(struct request *q, struct answer *r, const char *code, const char *detail)
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

const char *slack_argument(struct request *q, const struct jv *in, const char *key)
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
	const char *code, *detail, *channel = channel_id(slack_argument(q, in, "channel"), true),
				   *thread = slack_argument(q, in, "thread_ts");
	bool known = thread == NULL;
	message_check(q, in, &code, &detail);
	if (!channel) {
		slack_refuse(q, r, "channel_not_found", NULL);
		return;
	}
	if (code) {
		slack_refuse(q, r, code, detail);
		return;
	}
	pthread_mutex_lock(&q->c->lock);
	for (size_t i = 0; i < messages.n; i++)
		known |= text_eq(messages.v[i].ts, thread);
	pthread_mutex_unlock(&q->c->lock);
	if (!known) {
		slack_refuse(q, r, "thread_not_found", NULL);
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
	jw_str(w, "bot_id", SLACK_BOT);
	jw_str(w, "ts", m->ts);
	answer_json(q, r, o);
}

bool slack_ts(const char *s, int64_t *us)
{
	const char *dot = s ? strchr(s, '.') : NULL;
	int64_t seconds, micros = 0;
	if (!parse_i64_n(s, dot ? (size_t)(dot - s) : strlen(s), &seconds) || seconds < 0)
		return false;
	if (dot && (strlen(dot + 1) != 6 || !parse_i64(dot + 1, &micros) || micros < 0))
		return false;
	*us = seconds * 1000000 + micros;
	return true;
}

struct span { /* what is asked for */
	const char *channel, *thread;
	int64_t from_us, to_us, limit, skip;
	bool all; /* metadata too */
};

static bool truth(struct request *q, const struct jv *in, const char *key)
{
	struct jv flag = json_get(in, key);
	bool yes = false;
	if (json_is_bool(&flag))
		return json_bool_opt(in, key, &yes, &(struct err){0}) && yes;
	const char *s = slack_argument(q, in, key);
	return text_eq(s, "true") || text_eq(s, "1");
}

/* Both bounds are outside unless inclusive=true. */
static bool read_span(struct request *q, const struct jv *in, struct span *out)
{
	const char *oldest = slack_argument(q, in, "oldest"),
		   *latest = slack_argument(q, in, "latest"),
		   *limit = slack_argument(q, in, "limit"),
		   *cursor = slack_argument(q, in, "cursor");
	struct span s = {.channel = channel_id(slack_argument(q, in, "channel"), false),
			 .from_us = -1,
			 .to_us = INT64_MAX,
			 .limit = 100,
			 .all = truth(q, in, "include_all_metadata")};
	int64_t edge = truth(q, in, "inclusive") ? 1 : 0;
	if ((limit && !parse_i64(limit, &s.limit)) || s.limit < 1 || s.limit > 999 ||
	    (oldest && !slack_ts(oldest, &s.from_us)) || (latest && !slack_ts(latest, &s.to_us)) ||
	    (cursor && *cursor && !parse_i64(cursor, &s.skip)))
		return false;
	s.from_us -= oldest ? edge : 0;
	s.to_us += latest ? edge : 0;
	*out = s;
	return true;
}

struct listed {
	int64_t us;
	const struct message *message; /* posted to us, or */
	const struct slack_post *post; /* the estate's */
};

static int newest_first(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	return (x->us < y->us) - (x->us > y->us);
}

static void show_message(const struct span *k, struct jw *rows, const struct message *m)
{
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(m->json, strlen(m->json), &j, &(struct err){0}))
		return;
	struct jv body = json_root(j), text = json_get(&body, "text"),
		  meta = json_get(&body, "metadata");
	struct jw *w = jw_add_obj(rows, NULL);
	jw_str(w, "type", "message");
	jw_str(w, "user", "U0EXAMPLE0");
	jw_str(w, "bot_id", SLACK_BOT);
	jw_str(w, "app_id", "A0EXAMPLE0");
	jw_str(w, "ts", m->ts);
	jw_copy(w, "text", &text);
	if (m->thread)
		jw_str(w, "thread_ts", m->thread);
	if (k->all && meta.n)
		jw_copy(w, "metadata", &meta);
}

static void show_post(struct jw *rows, const struct slack_post *p)
{
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(p->json, strlen(p->json), &j, &(struct err){0}))
		return;
	struct jv root = json_root(j);
	jw_copy(rows, NULL, &root);
}

/* Everything of the channel, or of the thread, inside the bounds. The lock is held. */
static size_t list_all(struct request *q, const struct span *k, struct listed **out)
{
	VEC(struct listed) v = {0};
	size_t n = 0;
	const struct slack_post *posts = k->thread ? NULL : slack_posts(q->c, &n);
	for (size_t i = 0; i < messages.n; i++) {
		const struct message *m = &messages.v[i];
		int64_t us;
		bool wanted = k->thread ? text_eq(m->thread, k->thread) || text_eq(m->ts, k->thread)
					: m->thread == NULL;
		if (wanted && text_eq(m->channel, k->channel) && slack_ts(m->ts, &us) &&
		    us > k->from_us && us < k->to_us)
			vec_push(q->a, &v, ((struct listed){.us = us, .message = m}));
	}
	for (size_t i = 0; i < n && text_eq(k->channel, SLACK_CHANNEL); i++)
		if (posts[i].us > k->from_us && posts[i].us < k->to_us)
			vec_push(q->a, &v, ((struct listed){.us = posts[i].us, .post = &posts[i]}));
	if (v.n > 0)
		qsort(v.v, v.n, sizeof *v.v, newest_first);
	*out = v.v;
	return v.n;
}

/* conversations.history (parents) and conversations.replies (of thread), newest first. */
static void history(struct request *q, struct answer *r, const struct jv *in, const char *thread)
{
	struct span k;
	struct listed *v;
	if (!read_span(q, in, &k)) {
		slack_refuse(q, r, "invalid_arguments", NULL);
		return;
	}
	if (!k.channel) {
		slack_refuse(q, r, "channel_not_found", NULL);
		return;
	}
	k.thread = thread;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	struct jw *rows = jw_add_arr(o, "messages");
	pthread_mutex_lock(&q->c->lock);
	int64_t n = (int64_t)list_all(q, &k, &v), last = MIN(n, k.skip + k.limit);
	for (int64_t i = k.skip; i >= 0 && i < last; i++) {
		if (v[i].message)
			show_message(&k, rows, v[i].message);
		else
			show_post(rows, v[i].post);
	}
	pthread_mutex_unlock(&q->c->lock);
	jw_bool(o, "has_more", last < n);
	jw_str(jw_add_obj(o, "response_metadata"), "next_cursor",
	       last < n ? arena_printf(q->a, "%lld", (long long)last) : "");
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
			slack_refuse(q, r, "invalid_json", e.msg);
			return;
		}
		in = json_root(j);
	}
	if (text_eq(p, WEBHOOK)) {
		webhook(q, r, &in);
		return;
	}
	if (text_starts(p, SLACK_UPLOAD)) {
		slack_upload(q, r);
		return;
	}
	if (!request_bearer(q, q->c->slack_token)) {
		slack_refuse(q, r,
			     request_header(q, "Authorization") ? "invalid_auth" : "not_authed",
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
		history(q, r, &in, slack_argument(q, &in, "ts"));
	else if (text_eq(p, "/api/conversations.list"))
		channel_list(q, r);
	else if (!slack_files(q, r, &in))
		slack_refuse(q, r, "unknown_method", NULL);
}
