#include "support/slackd.h"

#include "base/sb.h"
#include "base/text.h"
#include "lib/json.h"

#define CALL(name) (strcmp(rq->path, "/api/" name) == 0)

static struct httpd_answer json(const char *body)
{
	static const char *const hs[] = {"Content-Type: application/json; charset=utf-8", NULL};
	return (struct httpd_answer){.body = body, .headers = hs};
}

static const char *field(const struct jv *root, const char *key, struct arena *a)
{
	struct jv v = json_get(root, key);
	return json_text(&v, a);
}

static struct httpd_answer keep(struct slackd *s, const struct jv *root, const char *body,
				struct arena *a)
{
	struct jv meta = json_get(root, "metadata");
	struct slackd_message m = {.ts = arena_printf(a, "17555000%02zu.000100", s->messages.n),
				   .thread_ts = field(root, "thread_ts", a),
				   .json = arena_strdup(a, body)};
	if (meta.n) {
		CLEANUP(jw_freep) struct jw *w = jw_obj();
		jw_copy(w, "m", &meta);
		const char *text = jw_print(w, false, a);
		m.metadata = arena_strndup(a, text + 5, strlen(text) - 6);
	}
	vec_push(a, &s->messages, m);
	return json(arena_printf(a,
				 "{\"ok\":true,\"channel\":\"" SLACKD_CHANNEL_ID
				 "\",\"ts\":\"%s\",\"warning\":\"superfluous_charset\"}",
				 m.ts));
}

static struct httpd_answer post(struct slackd *s, const struct httpd_request *rq, struct arena *a)
{
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	s->posts++;
	bool bad = s->fault_at > 0 && --s->fault_at == 0;
	if (bad && --s->fault_n > 0)
		s->fault_at = 1;
	enum slackd_fault fault = bad ? s->fault : SLACKD_FINE;
	if (!text_eq(httpd_header(rq, "Content-Type"), "application/json; charset=utf-8") ||
	    !json_parse(rq->body, rq->len, &j, &e))
		return json("{\"ok\":false,\"error\":\"invalid_json\"}");
	struct jv root = json_root(j);
	const char *channel = field(&root, "channel", a), *thread = field(&root, "thread_ts", a);
	if (!text_eq(channel, SLACKD_CHANNEL) && !text_eq(channel, SLACKD_CHANNEL_ID))
		return json("{\"ok\":false,\"error\":\"channel_not_found\"}");
	bool parent = !thread;
	for (size_t i = 0; i < s->messages.n; i++)
		parent = parent || text_eq(s->messages.v[i].ts, thread);
	if (!parent)
		return json("{\"ok\":false,\"error\":\"thread_not_found\"}");
	static const char *const wait[] = {"Retry-After: 1", NULL};
	switch (fault) {
	case SLACKD_FINE:
		return keep(s, &root, rq->body, a);
	case SLACKD_LOSE_ANSWER:
		(void)keep(s, &root, rq->body, a);
		return (struct httpd_answer){.drop = true};
	case SLACKD_LOSE_REQUEST:
		return (struct httpd_answer){.drop = true};
	case SLACKD_500_POSTED:
		(void)keep(s, &root, rq->body, a);
		return (struct httpd_answer){.status = 500, .body = "<!DOCTYPE html>"};
	case SLACKD_500:
		return (struct httpd_answer){.status = 500, .body = "<!DOCTYPE html>"};
	case SLACKD_429:
		return (struct httpd_answer){.status = 429,
					     .headers = wait,
					     .body = "{\"ok\":false,\"error\":\"ratelimited\"}"};
	case SLACKD_ERROR:
		return json(arena_printf(a, "{\"ok\":false,\"error\":\"%s\"%s}", s->error,
					 s->error_extra ? s->error_extra : ""));
	}
	return json("{}");
}

static struct httpd_answer list(struct slackd *s, const char *thread, bool whole, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, (size_t)8 << 20);
	sb_add(&b,
	       "{\"ok\":true,\"messages\":[{\"type\":\"message\",\"user\":\"U1\",\"ts\":\"1.0\"}");
	for (size_t i = 0; i < s->messages.n; i++) {
		const struct slackd_message *m = &s->messages.v[i];
		if (thread ? !text_eq(m->thread_ts, thread) && !text_eq(m->ts, thread)
			   : m->thread_ts != NULL)
			continue;
		sb_addf(&b, ",{\"type\":\"message\",\"bot_id\":\"B0SITREP\",\"ts\":\"%s\"", m->ts);
		if (m->metadata)
			sb_addf(&b, ",\"metadata\":%s",
				whole && !s->metadata_hidden
					? m->metadata
					: "{\"event_type\":\"sitrep_digest\"}");
		sb_add(&b, "}");
	}
	sb_add(&b, "],\"has_more\":false,\"response_metadata\":{\"next_cursor\":\"\"}}");
	return json(sb_str(&b));
}

/* "ts=1755500000.000100" of a query; these values need no decoding. */
static const char *query(const struct httpd_request *rq, const char *name, struct arena *a)
{
	const char *mark = arena_printf(a, "%s=", name);
	for (const char *p = rq->query; *p; p += strcspn(p, "&"), p += *p == '&')
		if (text_starts(p, mark))
			return arena_strndup(a, p + strlen(mark), strcspn(p, "&") - strlen(mark));
	return NULL;
}

static struct httpd_answer file(struct slackd *s, const struct httpd_request *rq, struct arena *a)
{
	if (s->files_denied)
		return json("{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"files:write\","
			    "\"provided\":\"chat:write\"}");
	if (CALL("files.getUploadURLExternal"))
		return json(arena_printf(a,
					 "{\"ok\":true,\"upload_url\":\"%s/upload/x\","
					 "\"file_id\":\"F0123456789\"}",
					 httpd_url(s->http)));
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(rq->body, rq->len, &j, &e))
		return json("{\"ok\":false,\"error\":\"invalid_json\"}");
	struct jv root = json_root(j);
	s->file_thread = field(&root, "thread_ts", a);
	return json("{\"ok\":true,\"files\":[{\"id\":\"F0123456789\",\"shares\":{}}]}");
}

static struct httpd_answer answer(const struct httpd_request *rq, struct arena *a, void *ctx)
{
	struct slackd *s = ctx;
	if (text_starts(rq->path, "/upload/")) {
		s->file = arena_strndup(a, rq->body, rq->len);
		s->file_len = rq->len;
		s->file_with_token = httpd_header(rq, "Authorization") != NULL;
		return (struct httpd_answer){.body = "OK - 1"};
	}
	if (!text_eq(httpd_header(rq, "Authorization"), "Bearer " SLACKD_TOKEN))
		return json("{\"ok\":false,\"error\":\"invalid_auth\"}");
	if (CALL("chat.postMessage"))
		return post(s, rq, a);
	if (CALL("auth.test"))
		return json("{\"ok\":true,\"user_id\":\"U0SITREP\",\"bot_id\":\"B0SITREP\"}");
	if (CALL("conversations.list")) {
		if (!query(rq, "cursor", a))
			return json(
				"{\"ok\":true,\"channels\":[{\"id\":\"C0000000001\",\"name\":"
				"\"other\"}],\"response_metadata\":{\"next_cursor\":\"abc=\"}}");
		return json("{\"ok\":true,\"channels\":[{\"id\":\"" SLACKD_CHANNEL_ID
			    "\",\"name\":\"" SLACKD_CHANNEL
			    "\"}],\"response_metadata\":{\"next_cursor\":\"\"}}");
	}
	if (CALL("conversations.history") || CALL("conversations.replies")) {
		if (s->history_denied)
			return json("{\"ok\":false,\"error\":\"missing_scope\",\"needed\":"
				    "\"channels:history\",\"provided\":\"chat:write\"}");
		if (!text_eq(query(rq, "channel", a), SLACKD_CHANNEL_ID))
			return json("{\"ok\":false,\"error\":\"channel_not_found\"}");
		return list(s, query(rq, "ts", a), query(rq, "include_all_metadata", a) != NULL, a);
	}
	if (text_starts(rq->path, "/api/files."))
		return file(s, rq, a);
	return json("{\"ok\":false,\"error\":\"unknown_method\"}");
}

void slackd_start(struct slackd *s)
{
	s->http = httpd_start();
	httpd_on_any(s->http, answer, s);
}

void slackd_stop(struct slackd *s)
{
	httpd_stop(s->http);
}
