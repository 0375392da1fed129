/* A notifications channel, read back for one week: conversations.history, newest first. */
#include "collect/answer.h"
#include "collect/keys.h"
#include "collect/page.h"
#include "collect/slack_posts.h"
#include "collect/sources.h"

#include "base/parse.h"
#include "base/text.h"
#include "config/secret.h"
#include "store/messages.h"

#define DAY_S	   ((int64_t)86400)
#define PAGE_SIZE  200 /* Slack advises no more */
#define SMALL_PAGE 15 /* what it gives apps that are distributed outside its Marketplace … */
#define WAITS_MAX  30 /* … once a minute: half an hour is what a digest may wait */
/* Free workspaces hide what is older. */
#define PLAN_DAYS 90
/* What the digest's own posts are marked with (deliver/slack_api.h). */
#define OWN_EVENT "sitrep_digest"

struct slack {
	struct collect *c;
	const struct slack_source *cfg;
	const char *token;
	struct part *p;
	const char *bot_id; /* ours; NULL: not told */
	const char *channel; /* id */
	bool public_only; /* the app may not list private channels */
	struct page_walk list, history;
	const char *cursor, *latest;
	int again; /* times a passing trouble of this request was met */
	int pages, waits; /* waits: pages that had to be asked for again */
	bool small, limited, old; /* old: something came from before the plan's limit */
	struct keys seen; /* by ts */
};

static const struct answer_hints hints = {
	.e401 = "check the token",
	.e403 = "check the token and whether something between blocks the way",
	.e404 = "check url: it ends in /api",
	.not_json = "check url: it ends in /api",
};

/* --- Slack refuses with HTTP 200 --- */

static const struct {
	const char *code, *todo;
	bool token; /* nothing else can succeed with it either */
} refusals[] = {
	{"invalid_auth", "the token is not valid: make a new bot token", true},
	{"not_authed", "no token came along: check the secret", true},
	{"token_revoked", "the token was revoked: install the app again", true},
	{"token_expired", "the token has expired: install the app again", true},
	{"account_inactive", "the app was removed: install it again", true},
	{"not_allowed_token_type", "use a bot token (xoxb-)", true},
	{"no_permission", "the app may not do this: ask an administrator", true},
	{"access_denied", "the app may not do this: ask an administrator", true},
	{"accesslimited", "not from this network: ask an administrator", true},
	{"ekm_access_denied", "an administrator has suspended access", true},
	{"org_login_required", "the workspace is being moved: ask an administrator", true},
	{"team_access_not_granted", "the app is not granted this workspace", true},
	{"missing_scope", "give the app the scope and install it again", false},
	{"channel_not_found",
	 "no such channel, or a private one without the app: invite the app, "
	 "or give the channel's id",
	 false},
	{"not_in_channel", "invite the app to the channel: /invite", false},
	{"is_archived", "the channel is archived: name another", false},
	{"team_not_found", "give the channel's id instead of its name", false},
	{"ratelimited", "Slack allows no more for now: collect again later", false},
	{"rate_limited", "Slack allows no more for now: collect again later", false},
	{"invalid_cursor", "the list changed while it was read: collect again", false},
};

static bool of_token(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (text_eq(refusals[i].code, code))
			return refusals[i].token;
	return false;
}

static bool passing(const char *code)
{
	static const char *const codes[] = {
		"fatal_error", "internal_error", "request_timeout",  "service_unavailable",
		"ratelimited", "rate_limited",	 "team_added_to_org"};
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (text_eq(codes[i], code))
			return true;
	return false;
}

/* The answer's JSON, when it says "ok": true. Else false, *why, and Slack's word in *code (NULL:
 * none). */
static bool accepted(const struct http_response *r, const char *what, struct arena *a,
		     struct json **out, const char **code, const char **why)
{
	struct err bad = {0};
	const char *todo = NULL, *need, *have;
	bool ok = false;
	*code = NULL;
	if (!answer_json(r, what, &hints, a, out, why)) {
		if (r->status == 429)
			*why = arena_printf(a,
					    "%s; an app that is distributed outside Slack's "
					    "Marketplace may ask once a minute: make it an "
					    "internal app",
					    *why);
		return false;
	}
	struct jv root = json_root(*out);
	if (!json_bool_opt(&root, "ok", &ok, &bad) ||
	    !json_str_opt(&root, "error", a, code, &bad)) {
		*why = arena_printf(a, "%s: %s; %s", what, bad.msg, hints.not_json);
		return false;
	}
	if (ok)
		return true;
	if (!*code) {
		*why = arena_printf(a, "%s: the answer is neither ok nor an error; %s", what,
				    hints.not_json);
		return false;
	}
	if (!json_str_opt(&root, "needed", a, &need, &(struct err){0}))
		need = NULL;
	if (!json_str_opt(&root, "provided", a, &have, &(struct err){0}))
		have = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (text_eq(refusals[i].code, *code))
			todo = refusals[i].todo;
	*why = arena_printf(a, "%s on %s%s%s%s%s%s%s%s", text_line(a, *code, 60), what,
			    need ? " (needs " : "", need ? text_line(a, need, 100) : "",
			    need ? ", has " : "",
			    !need  ? ""
			    : have ? text_line(a, have, 200)
				   : "none",
			    need ? ")" : "", todo ? ": " : "", todo ? todo : "");
	return false;
}

static void get(struct slack *s, const char *method, const char *query, int64_t gap_ms,
		collect_handler f)
{
	const char *const headers[] = {"Accept: application/json", NULL};
	struct http_request rq = {
		.url = arena_printf(s->c->a, "%s/%s?%s", s->cfg->url, method, query),
		.headers = headers,
		.bearer = s->token,
		.min_gap_ms = gap_ms,
	};
	collect_submit(s->p, &rq, f, s);
}

/* Whether the same request is worth repeating; counts. */
static bool once_more(struct slack *s, const char *code)
{
	return passing(code) && s->again++ < s->c->cfg->limits.retries;
}

/* --- history --- */

static void ask_history(struct slack *s, int64_t gap_ms);

static bool housekeeping(const struct post *p)
{
	static const char *const said[] = {"bot_message", "thread_broadcast", "file_share",
					   "me_message"};
	if (p->hidden)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		if (text_eq(p->subtype, said[i]))
			return false;
	return p->subtype != NULL; /* joins, topics, tombstones, … */
}

/* The digest's own posts are no news. One bot token may speak for others too, so a post of our bot
 * that is recognised, or that was given a name of its own, is theirs. */
static bool own(const struct slack *s, const struct post *p, const struct rec_message *m)
{
	return text_eq(p->event_type, OWN_EVENT) || (s->bot_id && text_eq(p->bot_id, s->bot_id) &&
						     !p->renamed && m->kind == MESSAGE_OTHER);
}

static bool keep(struct slack *s, const struct jv *it, struct err *e)
{
	struct collect *c = s->c;
	struct rec_message m;
	struct post p;
	struct err bad = {0};
	if (!post_read(it, &c->scratch, &p, &bad)) {
		collect_short(s->p, "a message could not be read: %s", bad.msg);
		return true;
	}
	s->old |= p.posted_s < clock_now(c->clock) - PLAN_DAYS * DAY_S;
	if (p.posted_s < c->from_s || p.posted_s >= c->to_s || housekeeping(&p))
		return true;
	slack_recognise(&p, &c->scratch, &m);
	if (own(s, &p, &m) || keys_get(&s->seen, p.ts))
		return true;
	m.source = s->cfg->name;
	m.channel = s->channel;
	if (!messages_put(c->db, &m, clock_now(c->clock), e))
		return false;
	keys_put(&s->seen, c->a, arena_strdup(c->a, p.ts), s);
	collect_got(s->p, 1);
	return true;
}

/* What was posted once and is there no more was deleted. Only after a whole walk: what a plan hides
 * is not deleted. */
static bool forget_deleted(struct slack *s, struct err *e)
{
	struct collect *c = s->c;
	struct strv stored;
	if (!db_begin(c->db, e) || !messages_ids(c->db, s->cfg->name, s->channel, c->from_s,
						 c->to_s, &c->scratch, &stored, e))
		return false;
	for (size_t i = 0; i < stored.n; i++)
		if (!keys_get(&s->seen, stored.v[i]) &&
		    !messages_drop(c->db, s->cfg->name, s->channel, stored.v[i], e))
			return false;
	return db_commit(c->db, e);
}

static bool history_ended(struct slack *s, bool whole, struct err *e)
{
	int64_t hidden_s = clock_now(s->c->clock) - PLAN_DAYS * DAY_S;
	char day[TIME_TEXT];
	if (s->c->from_s < hidden_s && !s->old)
		collect_short(s->p,
			      "nothing from before %.10s came back: a free workspace hides what is "
			      "older than %d days",
			      time_iso(hidden_s, day), PLAN_DAYS);
	else if (s->limited)
		collect_short(s->p, "the workspace's plan hides its older messages");
	if (!whole || s->p->l.status != LEDGER_COMPLETE)
		return true;
	return forget_deleted(s, e);
}

/* next_cursor, absent or "" at the end. Where more is announced without one, the oldest ts is
 * Slack's other documented way on. */
static enum page_next next_page(struct slack *s, const struct jv *root, const struct jv *rows,
				const char **token)
{
	struct arena *a = &s->c->scratch;
	struct jv meta = json_get(root, "response_metadata");
	struct jv cursor = json_get(&meta, "next_cursor");
	const char *next = json_text(&cursor, a), *oldest = NULL;
	bool more = false;
	s->cursor = s->latest = NULL;
	if (next && *next) {
		s->cursor = arena_strdup(s->c->a, next);
		*token = next;
		return PAGE_MORE;
	}
	if (!json_bool_opt(root, "has_more", &more, &(struct err){0}) || !more)
		return PAGE_END;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct jv ts = json_get(&it, "ts");
		if (json_is_str(&ts))
			oldest = json_text(&ts, a);
	}
	if (!oldest) {
		*token = "it has no cursor";
		return PAGE_BAD;
	}
	s->latest = arena_strdup(s->c->a, oldest);
	*token = oldest;
	return PAGE_MORE;
}

static void lost(struct slack *s, const char *why)
{
	s->pages ? collect_short(s->p, "%s", why) : collect_fail(s->p, "%s", why);
}

static bool on_history(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct slack *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *code, *token = NULL;
	const char *what = arena_printf(a, "conversations.history of %s", s->cfg->channel);
	if (!accepted(r, what, a, &j, &code, &why)) {
		if (once_more(s, code)) {
			ask_history(s, p->c->cfg->limits.slack_interval_ms);
			return true;
		}
		lost(s, why);
		return history_ended(s, false, e);
	}
	struct jv root = json_root(j), rows = json_get(&root, "messages");
	if (!json_is_arr(&rows)) {
		lost(s, arena_printf(a, "%s: no list of messages; %s", what, hints.not_json));
		return history_ended(s, false, e);
	}
	bool limited = false;
	s->limited |= json_bool_opt(&root, "is_limited", &limited, &(struct err){0}) && limited;
	s->again = 0;
	s->pages++;
	s->waits += r->tries > 1;
	p->l.pages++;
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!keep(s, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	enum page_next next = next_page(s, &root, &rows, &token);
	s->small |= next == PAGE_MORE && json_count(&rows) == SMALL_PAGE;
	next = page_step(p, &s->history, next, token, what);
	if (next == PAGE_MORE && s->small && s->waits >= WAITS_MAX) {
		collect_short(p,
			      "%s: Slack gives this app %d messages a minute, as it does to apps "
			      "that are distributed outside its Marketplace; the older ones were "
			      "not waited for: make it an internal app",
			      what, SMALL_PAGE);
		next = PAGE_CUT;
	}
	if (next != PAGE_MORE)
		return history_ended(s, next == PAGE_END, e);
	ask_history(s, 0);
	return true;
}

/* Both bounds are exclusive unless "inclusive"; ours are then sorted out by each message. */
static void ask_history(struct slack *s, int64_t gap_ms)
{
	struct arena *a = s->c->a;
	const char *latest =
		s->latest ? s->latest : arena_printf(a, "%lld.000000", (long long)s->c->to_s);
	const char *cursor =
		s->cursor ? arena_printf(a, "&cursor=%s", page_encode(a, s->cursor)) : "";
	get(s, "conversations.history",
	    arena_printf(a,
			 "channel=%s&oldest=%lld.000000&latest=%s&inclusive=true&limit=%d&include_"
			 "all_metadata=true%s",
			 page_encode(a, s->channel), (long long)s->c->from_s,
			 page_encode(a, latest), PAGE_SIZE, cursor),
	    gap_ms, on_history);
}

/* --- which channel --- */

static void ask_list(struct slack *s, int64_t gap_ms);

static bool is_id(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	return n >= 9 && !s[n] && strchr("CGD", s[0]);
}

static const char *wanted(const struct slack *s)
{
	return s->cfg->channel + (*s->cfg->channel == '#');
}

static const char *channel_in(struct slack *s, const struct jv *rows)
{
	struct arena *a = &s->c->scratch;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct jv id = json_get(&it, "id"), name = json_get(&it, "name"),
			  plain = json_get(&it, "name_normalized");
		if (json_is_str(&id) && (text_eq(json_text(&name, a), wanted(s)) ||
					 text_eq(json_text(&plain, a), wanted(s))))
			return json_text(&id, s->c->a);
	}
	return NULL;
}

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e UNUSED)
{
	struct slack *s = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *code, *token = NULL;
	if (!accepted(r, "conversations.list", a, &j, &code, &why)) {
		if (text_eq(code, "missing_scope") && !s->public_only) {
			s->public_only = true;
			s->cursor = NULL;
			ask_list(s, 0);
		} else if (once_more(s, code)) {
			ask_list(s, p->c->cfg->limits.slack_interval_ms);
		} else {
			collect_fail(p, "%s; or give the channel's id", why);
		}
		return true;
	}
	struct jv root = json_root(j), rows = json_get(&root, "channels");
	s->again = 0;
	s->channel = channel_in(s, &rows);
	if (s->channel) {
		s->cursor = NULL;
		ask_history(s, 0);
		return true;
	}
	enum page_next next = next_page(s, &root, &rows, &token);
	next = page_step(p, &s->list, next, token, "conversations.list");
	if (next == PAGE_MORE)
		ask_list(s, 0);
	else
		collect_fail(p,
			     "no channel \"%s\" is visible to the app: invite it, or give the "
			     "channel's id",
			     wanted(s));
	return true;
}

static void ask_list(struct slack *s, int64_t gap_ms)
{
	struct arena *a = s->c->a;
	const char *cursor =
		s->cursor ? arena_printf(a, "&cursor=%s", page_encode(a, s->cursor)) : "";
	get(s, "conversations.list",
	    arena_printf(a, "types=public_channel%s&exclude_archived=true&limit=%d%s",
			 s->public_only ? "" : "%2Cprivate_channel", PAGE_SIZE, cursor),
	    gap_ms, on_list);
}

/* --- who we are: to know our own posts. Without an answer they are known by their mark. --- */

static bool on_auth(struct part *p, const struct http_response *r, void *ctx, struct err *e UNUSED)
{
	struct slack *s = ctx;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *code;
	if (accepted(r, "auth.test", &p->c->scratch, &j, &code, &why)) {
		struct jv root = json_root(j), bot = json_get(&root, "bot_id");
		s->bot_id = json_is_str(&bot) ? json_text(&bot, p->c->a) : NULL;
	} else if (of_token(code) || r->status == 0) {
		collect_fail(p, "%s", why);
		return true;
	}
	if (is_id(wanted(s))) {
		s->channel = wanted(s);
		ask_history(s, 0);
	} else {
		ask_list(s, 0);
	}
	return true;
}

bool slack_seed(struct collect *c, const struct slack_source *cfg, struct err *e UNUSED)
{
	static const char *const headers[] = {"Content-Type: application/json; charset=utf-8",
					      NULL};
	struct err bad = {0};
	struct slack *s = arena_new(c->a, struct slack);
	*s = (struct slack){.c = c, .cfg = cfg};
	/* It touches none of the contract's numbers: what only Slack tells stands beside them. */
	s->p = collect_part(c, cfg->name, "messages", "");
	s->p->budget = collect_budget(c);
	if (!secret_read(&cfg->token, arena_printf(c->a, "token of source \"%s\"", cfg->name), c->a,
			 &s->token, &bad)) {
		collect_fail(s->p, "%s", bad.msg);
		return true;
	}
	struct http_request rq = {
		.method = "POST",
		.url = arena_printf(c->a, "%s/auth.test", cfg->url),
		.headers = headers,
		.bearer = s->token,
		.body = "{}",
		.body_len = 2,
	};
	collect_submit(s->p, &rq, on_auth, s);
	return true;
}
