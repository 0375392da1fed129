#include "deliver/slack_api.h"

#include "base/text.h"
#include "config/secret.h"

#include <ctype.h>

#define PAGE_LIMIT  50 /* of 200 messages: more than a busy channel has in a month */
#define QUERY_BYTES ((size_t)4096)
#define ANSWER_CP   300

/* Slack's words and what to do. Sources: shared notes api-slack 4 to 6. */
struct refusal {
	const char *code;
	enum slack_fate fate;
	const char *todo;
};
static const struct refusal refusals[] = {
	{"ratelimited", SLACK_LATER, "try again later"},
	{"rate_limited", SLACK_LATER, "try again later"},
	{"service_unavailable", SLACK_LATER, "try again later"},
	{"request_timeout", SLACK_LATER, "the request came incomplete; try again"},
	{"team_added_to_org", SLACK_LATER, "the workspace is being moved; try again later"},
	/* "Some aspect of the operation may have succeeded." */
	{"fatal_error", SLACK_UNKNOWN, "look whether the message is there"},
	{"internal_error", SLACK_UNKNOWN, "look whether the message is there"},
	{"invalid_auth", SLACK_REFUSED, "the token is not valid: make a new bot token"},
	{"invalid_token", SLACK_REFUSED, "the webhook is not valid: make a new one"},
	{"not_authed", SLACK_REFUSED, "no token came along: check the secret"},
	{"token_revoked", SLACK_REFUSED, "the token was revoked: make a new one"},
	{"token_expired", SLACK_REFUSED, "the token has expired: make a new one"},
	{"account_inactive", SLACK_REFUSED, "the app was removed: install it again"},
	{"missing_scope", SLACK_REFUSED, "give the app the scope and install it again"},
	{"not_allowed_token_type", SLACK_REFUSED, "use a bot token (xoxb-)"},
	{"channel_not_found", SLACK_REFUSED,
	 "no such channel, or a private one without the app: invite the app, or give the id"},
	{"not_in_channel", SLACK_REFUSED, "invite the app to the channel"},
	{"is_archived", SLACK_REFUSED, "the channel is archived: name another"},
	{"channel_is_archived", SLACK_REFUSED, "the channel is archived: name another"},
	{"ekm_access_denied", SLACK_REFUSED, "an administrator has suspended posting"},
	{"no_permission", SLACK_REFUSED, "the app may not post there: ask an administrator"},
	{"action_prohibited", SLACK_REFUSED, "the workspace forbids it: ask an administrator"},
	{"team_not_found", SLACK_REFUSED, "give the channel's id instead of its name"},
	{"org_login_required", SLACK_REFUSED, "the workspace is being moved: ask an administrator"},
	{"no_service", SLACK_REFUSED, "the webhook was removed or leaked: make a new one"},
	{"no_service_id", SLACK_REFUSED, "the webhook's address is incomplete"},
	{"no_team", SLACK_REFUSED, "the webhook's workspace is gone"},
	{"user_not_found", SLACK_REFUSED, "the webhook's user is gone: make a new one"},
	{"no_text", SLACK_OUR_FAULT, NULL},
	{"invalid_payload", SLACK_OUR_FAULT, NULL},
	{"missing_text_or_fallback_or_attachments", SLACK_OUR_FAULT, NULL},
	{"msg_too_long", SLACK_OUR_FAULT, NULL},
	{"msg_blocks_too_long", SLACK_OUR_FAULT, NULL},
	{"too_many_attachments", SLACK_OUR_FAULT, NULL},
	{"invalid_json", SLACK_OUR_FAULT, NULL},
	{"json_not_object", SLACK_OUR_FAULT, NULL},
	{"thread_not_found", SLACK_NO_PARENT, NULL},
	{"message_not_found", SLACK_NO_PARENT, NULL},
	{"cannot_reply_to_message", SLACK_NO_PARENT, NULL},
};
/* The same by the start of the word. */
static const struct refusal families[] = {
	{"restricted_action", SLACK_REFUSED, "a workspace rule forbids it: ask an administrator"},
	{"invalid_blocks", SLACK_OUR_FAULT, NULL},
	{"invalid_metadata", SLACK_OUR_FAULT, NULL},
	{"metadata_", SLACK_OUR_FAULT, NULL},
	{"invalid_arg", SLACK_OUR_FAULT, NULL},
};

static struct refusal meaning(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (strcmp(refusals[i].code, code) == 0)
			return refusals[i];
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (text_starts(code, families[i].code))
			return families[i];
	return (struct refusal){code, SLACK_REFUSED, NULL};
}

bool slack_open(const struct config *cfg, struct http *http, const struct slack_target *target,
		struct arena *a, struct slack_api *out, struct err *e)
{
	struct slack_api s = {
		.http = http, .url = target->url, .gap_ms = cfg->limits.slack_interval_ms, .a = a};
	if (!secret_read(&target->token, "Slack token", a, &s.token, e))
		return false;
	if (!s.token && !secret_read(&target->webhook, "Slack webhook", a, &s.webhook, e))
		return false;
	if (!s.token && !s.webhook)
		return err_set(e, ERR_CONFIG, "Slack needs a token or a webhook");
	*out = s;
	return true;
}

/* What an "ok": false says, with what Slack adds for the curious. */
static const char *sentence(const struct slack_api *s, const struct jv *root, const char *code)
{
	struct refusal m = meaning(code);
	struct jv needed = json_get(root, "needed"), provided = json_get(root, "provided");
	struct jv meta = json_get(root, "response_metadata"), errors = json_get(root, "errors");
	struct jv messages = json_get(&meta, "messages");
	struct jv first = json_first(json_count(&messages) ? &messages : &errors);
	const char *need = json_text(&needed, s->a), *have = json_text(&provided, s->a);
	const char *detail = first.n ? json_text(&first, s->a) : NULL;
	struct sb b;
	sb_init(&b, s->a, (size_t)64 * 1024);
	sb_addf(&b, "%s", code);
	if (need)
		sb_addf(&b, " (needs %s, has %s)", need, have ? have : "none");
	if (detail)
		sb_addf(&b, " (%s)", detail);
	if (m.todo)
		sb_addf(&b, ": %s", m.todo);
	return text_line(s->a, sb_str(&b), ANSWER_CP);
}

static struct slack_post fate(enum slack_fate f, const char *answer)
{
	return (struct slack_post){.fate = f, .answer = answer};
}

static struct slack_post judge_api(const struct slack_api *s, const struct http_response *r)
{
	struct err why = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	bool ok = false;
	const char *code = NULL, *ts = NULL, *channel = NULL;
	if (!json_parse(r->body, r->len, &j, &why))
		return fate(SLACK_UNKNOWN, "the answer was not JSON: is slack.url right?");
	struct jv root = json_root(j);
	if (!json_bool_opt(&root, "ok", &ok, &why) ||
	    !json_str_opt(&root, "error", s->a, &code, &why) ||
	    !json_str_opt(&root, "ts", s->a, &ts, &why) ||
	    !json_str_opt(&root, "channel", s->a, &channel, &why))
		return fate(SLACK_UNKNOWN, arena_strdup(s->a, why.msg));
	if (ok && ts && channel)
		return (struct slack_post){SLACK_POSTED, ts, channel,
					   arena_printf(s->a, "posted to %s as %s", channel, ts),
					   NULL};
	if (ok || !code)
		return fate(SLACK_UNKNOWN, "the answer holds neither ts nor error");
	struct slack_post p = fate(meaning(code).fate, sentence(s, &root, code));
	p.code = code;
	return p;
}

/* A webhook answers in plain text, with a status. */
static struct slack_post judge_webhook(const struct slack_api *s, const struct http_response *r)
{
	const char *word = text_line(s->a, r->body, 100);
	if (r->status == 200 && strcmp(word, "ok") == 0)
		return fate(SLACK_POSTED,
			    "ok (a webhook: the main message only, without its thread)");
	if (r->status == 200)
		return fate(SLACK_UNKNOWN, "the webhook's answer was not \"ok\"");
	struct refusal m = meaning(word);
	struct slack_post p =
		fate(m.fate, m.todo ? arena_printf(s->a, "%s: %s", word, m.todo) : word);
	p.code = word;
	if (!*word)
		p.answer = arena_printf(s->a, "HTTP %d", r->status);
	return p;
}

void slack_post(const struct slack_api *s, const struct jw *message, struct slack_post *out)
{
	static const char *const headers[] = {"Content-Type: application/json; charset=utf-8",
					      NULL};
	const char *body = jw_print(message, false, s->a);
	struct http_request rq = {.method = "POST",
				  .url = s->webhook,
				  .headers = headers,
				  .body = body,
				  .body_len = strlen(body),
				  .min_gap_ms = s->gap_ms,
				  .once = true,
				  .no_redirect = true,
				  .url_secret = s->webhook != NULL};
	if (!s->webhook) {
		rq.url = arena_printf(s->a, "%s/chat.postMessage", s->url);
		rq.bearer = s->token;
	}
	struct http_response r;
	struct err why = {0};
	if (!http_one(s->http, &rq, s->a, &r, &why)) {
		*out = fate(SLACK_REFUSED, arena_strdup(s->a, why.msg)); /* never sent */
		return;
	}
	(void)!http_ok(&r, &why);
	if (r.status == 200)
		*out = s->webhook ? judge_webhook(s, &r) : judge_api(s, &r);
	else if (r.status == 0)
		*out = fate(r.sent ? SLACK_UNKNOWN : SLACK_LATER, arena_strdup(s->a, why.msg));
	else if (r.status == 429)
		*out = fate(SLACK_LATER, "rate limit: try again later");
	else if (r.status >= 500)
		*out = fate(SLACK_UNKNOWN, arena_strdup(s->a, why.msg));
	else if (s->webhook)
		*out = judge_webhook(s, &r);
	else
		*out = fate(SLACK_REFUSED, arena_strdup(s->a, why.msg));
}

/* --- reading back --- */

/* A call whose repetition is harmless; its answer says "ok": true. */
static bool call(const struct slack_api *s, struct http_request *rq, const char *method,
		 const char *query, struct json **out, struct err *e)
{
	struct http_response r;
	rq->url = arena_printf(s->a, "%s/%s%s%s", s->url, method, *query ? "?" : "", query);
	rq->bearer = s->token;
	rq->min_gap_ms = s->gap_ms;
	if (!http_one(s->http, rq, s->a, &r, e) || !http_ok(&r, e) ||
	    !json_parse(r.body, r.len, out, e))
		return err_wrap(e, "%s", method);
	struct jv root = json_root(*out);
	struct jv word = json_get(&root, "error");
	bool ok = false;
	if (!json_bool_opt(&root, "ok", &ok, e))
		return err_wrap(e, "%s", method);
	if (ok)
		return true;
	const char *code = json_text(&word, s->a);
	return err_set(e, ERR_PROTO, "%s: %s", method,
		       code ? sentence(s, &root, code) : "the answer is not ok");
}

static void param(struct sb *b, const char *name, const char *value)
{
	sb_addf(b, "%s%s=", b->len ? "&" : "", name);
	text_url_encode(b, value);
}

/* The cursor of the next page, or NULL at the end. */
static const char *next_cursor(const struct slack_api *s, const struct jv *root)
{
	struct jv meta = json_get(root, "response_metadata");
	struct jv v = json_get(&meta, "next_cursor");
	const char *c = json_text(&v, s->a);
	return c && *c ? c : NULL;
}

typedef bool (*page_fn)(const struct slack_api *s, const struct jv *root, void *ctx, bool *done,
			struct err *e);

static bool pages(const struct slack_api *s, const char *method, const char *query, page_fn f,
		  void *ctx, struct err *e)
{
	const char *cursor = NULL;
	for (int i = 0; i < PAGE_LIMIT; i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct http_request rq = {0};
		struct sb b;
		bool done = false;
		sb_init(&b, s->a, QUERY_BYTES);
		sb_add(&b, query);
		if (cursor)
			param(&b, "cursor", cursor);
		const char *all = sb_finish(&b, NULL, e);
		if (!all || !call(s, &rq, method, all, &j, e))
			return false;
		struct jv root = json_root(j);
		if (!f(s, &root, ctx, &done, e))
			return err_wrap(e, "%s", method);
		if (done)
			return true;
		const char *next = next_cursor(s, &root);
		if (!next)
			return true;
		if (cursor && strcmp(next, cursor) == 0)
			break;
		cursor = next;
	}
	return err_set(e, ERR_PROTO, "%s: the list does not end", method);
}

struct find {
	const struct slack_mark *mark;
	const char *bot_id, *ts;
};

static bool text_is(const struct slack_api *s, const struct jv *o, const char *key,
		    const char *want)
{
	struct jv v = json_get(o, key);
	return text_eq(json_text(&v, s->a), want);
}

static bool find_in_page(const struct slack_api *s, const struct jv *root, void *ctx, bool *done,
			 struct err *e)
{
	struct find *f = ctx;
	struct jv list;
	if (!json_arr(root, "messages", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct jv meta = json_get(&it, "metadata"), ts = json_get(&it, "ts");
		struct jv load = json_get(&meta, "event_payload");
		if (!text_is(s, &it, "bot_id", f->bot_id) ||
		    !text_is(s, &meta, "event_type", SLACK_EVENT))
			continue;
		/* Some tokens are shown the kind of metadata only: then nothing is certain. */
		if (!json_count(&load))
			return err_set(e, ERR_PROTO, "the metadata of our messages is not shown");
		struct jv part = json_get(&load, "part");
		if (text_is(s, &load, "digest_id", f->mark->digest_id) &&
		    text_is(s, &load, "sha256", f->mark->sha256) &&
		    text_is(s, &load, "nonce", f->mark->nonce) &&
		    text_eq(json_text(&part, s->a),
			    arena_printf(s->a, "%lld", (long long)f->mark->part))) {
			f->ts = json_text(&ts, s->a);
			*done = f->ts != NULL;
			return f->ts || err_set(e, ERR_PROTO, "a message without ts");
		}
	}
	return true;
}

bool slack_find(const struct slack_api *s, const char *channel, const char *thread_ts,
		int64_t oldest_s, const struct slack_mark *mark, const char **ts, struct err *e)
{
	if (s->webhook)
		return err_set(e, ERR_CONFIG, "a webhook cannot read the channel back");
	CLEANUP(json_freep) struct json *me = NULL;
	struct http_request rq = {.method = "POST"};
	struct find f = {.mark = mark};
	const char *id;
	if (!call(s, &rq, "auth.test", "", &me, e))
		return false;
	struct jv root = json_root(me);
	if (!json_str(&root, "bot_id", s->a, &f.bot_id, e) || !slack_channel_id(s, channel, &id, e))
		return false;
	struct sb b;
	sb_init(&b, s->a, QUERY_BYTES);
	param(&b, "channel", id);
	if (thread_ts)
		param(&b, "ts", thread_ts);
	else
		param(&b, "oldest", arena_printf(s->a, "%lld.000000", (long long)oldest_s));
	param(&b, "include_all_metadata", "true");
	param(&b, "limit", "200");
	const char *query = sb_finish(&b, NULL, e);
	if (!query || !pages(s, thread_ts ? "conversations.replies" : "conversations.history",
			     query, find_in_page, &f, e))
		return false;
	*ts = f.ts;
	return true;
}

static bool is_id(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	return n >= 9 && !s[n] && strchr("CGD", s[0]);
}

struct named {
	const char *name, *id;
};

static bool channel_in_page(const struct slack_api *s, const struct jv *root, void *ctx, bool *done,
			    struct err *e)
{
	struct named *n = ctx;
	struct jv list;
	if (!json_arr(root, "channels", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct jv id = json_get(&it, "id");
		if (text_is(s, &it, "name", n->name) && (n->id = json_text(&id, s->a))) {
			*done = true;
			return true;
		}
	}
	return true;
}

bool slack_channel_id(const struct slack_api *s, const char *channel, const char **id,
		      struct err *e)
{
	struct named n = {.name = channel + (*channel == '#')};
	if (is_id(n.name)) {
		*id = n.name;
		return true;
	}
	if (!pages(s, "conversations.list",
		   "types=public_channel%2Cprivate_channel&exclude_archived=true&limit=200",
		   channel_in_page, &n, e))
		return false;
	if (!n.id)
		return err_set(e, ERR_CONFIG,
			       "no channel \"%s\" is visible to the app: give the channel's id",
			       n.name);
	*id = n.id;
	return true;
}

/* --- files --- */

bool slack_share(const struct slack_api *s, const char *channel_id, const char *thread_ts,
		 const char *name, const char *title, const void *bytes, size_t len, struct err *e)
{
	static const char *const form[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
	static const char *const json[] = {"Content-Type: application/json; charset=utf-8", NULL};
	static const char *const raw[] = {"Content-Type: application/octet-stream", NULL};
	CLEANUP(json_freep) struct json *place = NULL;
	CLEANUP(json_freep) struct json *shared = NULL;
	struct sb b;
	sb_init(&b, s->a, QUERY_BYTES);
	param(&b, "filename", name);
	param(&b, "length", arena_printf(s->a, "%zu", len));
	struct http_request rq = {.method = "POST", .headers = form};
	rq.body = sb_finish(&b, &rq.body_len, e);
	if (!rq.body || !call(s, &rq, "files.getUploadURLExternal", "", &place, e))
		return false;
	struct jv root = json_root(place);
	const char *url, *id;
	if (!json_str(&root, "upload_url", s->a, &url, e) ||
	    !json_str(&root, "file_id", s->a, &id, e))
		return false;
	/* Without the token: the address itself is the permission, and another host's. */
	struct http_request up = {.method = "POST",
				  .url = url,
				  .headers = raw,
				  .body = bytes,
				  .body_len = len,
				  .no_redirect = true,
				  .url_secret = true};
	struct http_response r;
	if (!http_one(s->http, &up, s->a, &r, e) || !http_ok(&r, e))
		return err_wrap(e, "file upload");
	CLEANUP(jw_freep) struct jw *w = jw_obj();
	struct jw *f = jw_add_obj(jw_add_arr(w, "files"), NULL);
	jw_str(f, "id", id);
	jw_str(f, "title", title);
	jw_str(w, "channel_id", channel_id);
	jw_str(w, "thread_ts", thread_ts);
	rq = (struct http_request){.method = "POST", .headers = json, .once = true};
	rq.body = jw_print(w, false, s->a);
	rq.body_len = strlen(rq.body);
	return call(s, &rq, "files.completeUploadExternal", "", &shared, e);
}
