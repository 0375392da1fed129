/* Who asks: tokens that take turns, or the installation of a GitHub App. */
#include "base/parse.h"
#include "base/text.h"
#include "collect/github.h"
#include "collect/sources.h"
#include "config/secret.h"
#include "lib/crypto.h"
#include "store/facts.h"

/* A token whose limit is nearly used up is left alone: what is under way may need the rest. */
#define RESERVE 20

#define BACKDATE_S     60 /* GitHub refuses an "iat" that lies in its future */
#define JWT_S	       540 /* and an "exp" more than ten minutes ahead */
#define INSTALLATION_S 3600 /* how long an installation token works when nothing says */
#define RENEW_S	       300 /* before its end */
#define SKEW_S	       30 /* a clock that is further off may be why a signature is refused */

struct gh_app {
	const char *key; /* PEM */
	const char *token;
	int64_t ends_s;
	unsigned generation; /* of the token */
	const char *why; /* the newest renewal failed */
};

static void bind(struct http_request *rq, const char *const *headers, const char *url,
		 const char *bearer)
{
	rq->url = url;
	rq->headers = headers;
	rq->bearer = bearer;
}

static const char *const headers[] = {"Accept: application/vnd.github+json",
				      "X-GitHub-Api-Version: 2022-11-28", NULL};

/* --- the App --- */

/* NULL: the key cannot sign, *e says why. */
static const char *make_jwt(const struct github *g, struct arena *a, struct err *e)
{
	static const char head[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	int64_t now_s = clock_real();
	const void *sig;
	size_t len;
	jw_i64(o, "iat", now_s - BACKDATE_S);
	jw_i64(o, "exp", now_s + JWT_S);
	jw_str(o, "iss", g->cfg->app.id);
	const char *body = jw_print(o, false, a);
	const char *text = arena_printf(a, "%s.%s", base64url(a, head, sizeof head - 1),
					base64url(a, body, strlen(body)));
	if (!g->app->key) {
		err_set(e, ERR_CONFIG, "it is not given");
		return NULL;
	}
	if (!rs256_sign(g->app->key, text, strlen(text), a, &sig, &len, e))
		return NULL;
	return arena_printf(a, "%s.%s", text, base64url(a, sig, len));
}

/* How far our clock is from the answer's, in words; "" when it is close or not known. */
static const char *skew(const struct http_response *r, struct arena *a)
{
	const char *date = http_header(r, "date");
	int64_t theirs_s;
	if (!date || !parse_http_date(date, &theirs_s))
		return "";
	int64_t ahead_s = clock_real() - theirs_s;
	if (ahead_s >= -SKEW_S && ahead_s <= SKEW_S)
		return "";
	return arena_printf(a, ": it is %lld seconds %s GitHub's",
			    (long long)(ahead_s < 0 ? -ahead_s : ahead_s),
			    ahead_s < 0 ? "behind" : "ahead of");
}

static bool refused(const struct github *g, const struct http_response *r, struct arena *a,
		    struct err *e)
{
	const char *m = answer_message(r, a), *off = skew(r, a);
	struct answer_hints h = {.not_json = "not a GitHub API: check url"};
	bool clock = *off || (m && (strstr(m, "'iat'") || strstr(m, "'exp'") ||
				    strstr(m, "Issued at") || strstr(m, "Expiration time")));
	h.e401 = clock ? arena_printf(a, "check the clock of this machine%s", off)
		       : "app.id and app.private_key do not belong together, or the key was "
			 "revoked";
	h.e403 = "the installation is suspended, or may not sign in";
	h.e404 = arena_printf(a, "app %s has no installation %s: check app.installation_id",
			      g->cfg->app.id, g->cfg->app.installation_id);
	const char *why = answer_why(
		r, arena_printf(a, "signing in as GitHub App %s", g->cfg->app.id), &h, a);
	return err_set(e, r->status == 0 ? ERR_NET : ERR_AUTH, "%s", why);
}

static bool read_grant(struct github *g, const struct http_response *r, struct arena *a,
		       struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	const char *token;
	int64_t ends_s, now_s = clock_real();
	if (!json_parse(r->body, r->len, &j, &bad))
		return err_set(e, ERR_PROTO, "signing in as GitHub App %s: the answer is no JSON",
			       g->cfg->app.id);
	struct jv root = json_root(j);
	if (!json_str(&root, "token", a, &token, &bad) || !*token ||
	    !json_time_opt(&root, "expires_at", &ends_s, &bad))
		return err_set(e, ERR_PROTO,
			       "signing in as GitHub App %s: the answer has no token that could "
			       "be used",
			       g->cfg->app.id);
	/* By a wrong clock it may have ended already; believed, each request would renew it. */
	if (ends_s == TIME_NONE || ends_s <= now_s + RENEW_S)
		ends_s = now_s + INSTALLATION_S;
	g->app->token = token;
	g->app->ends_s = ends_s;
	g->app->generation++;
	return true;
}

/* One round trip, during which nothing else moves: once an hour. */
static bool renew(struct github *g, struct part *p, struct err *e)
{
	struct arena *a = g->c->a, secret = {0};
	struct http_response r;
	struct err why = {0};
	const char *jwt = make_jwt(g, &secret, &why);
	bool ok = false;
	if (!jwt) {
		err_set(e, ERR_CONFIG, "app.private_key of source \"%s\": %s", g->cfg->name,
			why.msg);
	} else {
		struct http_request rq = {.method = "POST", .body = "", .budget = g->budget};
		bind(&rq, headers,
		     arena_printf(&secret, "%s/app/installations/%s/access_tokens", g->cfg->url,
				  page_encode(&secret, g->cfg->app.installation_id)),
		     jwt);
		ok = http_one(g->c->http, &rq, &secret, &r, e);
	}
	if (ok) {
		p->l.requests += r.tries;
		p->l.retries += MAX(r.tries - 1, 0);
		p->l.bytes += r.wire_bytes;
		ok = r.status >= 200 && r.status < 300 ? read_grant(g, &r, a, e)
						       : refused(g, &r, &secret, e);
	}
	g->app->why = ok ? NULL : arena_strdup(a, e->msg);
	arena_release(&secret);
	return ok;
}

static bool read_tokens(struct github *g, struct err *e)
{
	struct arena *a = g->c->a;
	for (size_t i = 0; i < g->cfg->tokens.n; i++) {
		struct gh_token t = {
			.name = g->cfg->tokens.v[i].name, .left = NUM_NONE, .reset_s = NUM_NONE};
		if (!secret_read(&g->cfg->tokens.v[i],
				 arena_printf(a, "token of source \"%s\"", g->cfg->name), a,
				 &t.value, e))
			return false;
		if (t.value)
			vec_push(a, &g->tokens, t);
	}
	return true;
}

bool gh_sign_in(struct github *g, struct part *p, struct err *e)
{
	struct arena *a = g->c->a;
	if (!g->cfg->app.id || g->cfg->tokens.n)
		return read_tokens(g, e);
	g->app = arena_new(a, struct gh_app);
	return secret_read(&g->cfg->app.private_key,
			   arena_printf(a, "app.private_key of source \"%s\"", g->cfg->name), a,
			   &g->app->key, e) &&
	       renew(g, p, e);
}

bool github_bearer(struct http *http, const struct github_source *s, struct arena *a,
		   const char **out, struct err *e)
{
	struct collect c = {.http = http, .a = a};
	struct part p = {.c = &c};
	struct github g = {.c = &c, .cfg = s};
	if (!gh_sign_in(&g, &p, e))
		return false;
	*out = g.app ? g.app->token : g.tokens.n ? g.tokens.v[0].value : NULL;
	return true;
}

const char *gh_signed_out(const struct github *g)
{
	return g->app ? g->app->why : NULL;
}

/* --- tokens in turn --- */

/* From the wanted one on, the first that was not refused and has requests left; when all are used
 * up, the wanted one, and the event loop waits for its reset. */
static size_t pick(const struct github *g, size_t token)
{
	size_t n = g->tokens.n, second = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct gh_token *t = &g->tokens.v[(token + i) % n];
		bool spent = t->left != NUM_NONE && t->left < RESERVE && t->reset_s != NUM_NONE &&
			     t->reset_s > clock_real();
		if (!t->refused && !spent)
			return (token + i) % n;
		if (!t->refused && second == SIZE_MAX)
			second = (token + i) % n;
	}
	return second != SIZE_MAX ? second : n ? token % n : 0;
}

static void note_rate(struct github *g, size_t token, const struct http_response *r)
{
	int64_t left, reset_s;
	const char *s = http_header(r, "x-ratelimit-remaining");
	const char *until = http_header(r, "x-ratelimit-reset");
	if (token >= g->tokens.n || !s || !until || !parse_i64(s, &left) ||
	    !parse_i64(until, &reset_s) || left < 0)
		return;
	g->tokens.v[token].left = left;
	g->tokens.v[token].reset_s = reset_s;
}

/* "2024-04-19 16:30:08 UTC", also with "+0200" for UTC. */
static int64_t parse_expiry(const char *s, struct arena *a)
{
	int64_t t_s;
	char *copy = arena_strdup(a, s);
	char *utc = strstr(copy, " UTC");
	if (utc)
		*utc = '\0';
	char *gap = strchr(copy, ' ');
	if (gap)
		*gap = 'T';
	gap = strchr(copy, ' ');
	if (gap) /* "2024-04-19T16:30:08 +0200" */
		memmove(gap, gap + 1, strlen(gap));
	return parse_time(copy, &t_s) ? t_s : TIME_NONE;
}

static bool keep_expiry(struct github *g, int64_t at_s, const char *name, struct err *e)
{
	if (at_s == TIME_NONE || (g->expires_s != TIME_NONE && g->expires_s <= at_s))
		return true;
	g->expires_s = at_s;
	struct fact f = {.week = g->c->week.name,
			 .source = g->cfg->name,
			 .name = "token_expires",
			 .value = NUM_NONE,
			 .at_s = at_s,
			 .text = name};
	return db_begin(g->c->db, e) && facts_put(g->c->db, &f, e) && db_commit(g->c->db, e);
}

bool gh_note_expiry(struct github *g, const struct http_response *r, struct err *e)
{
	const char *s = http_header(r, "github-authentication-token-expiration");
	return !s || keep_expiry(g, parse_expiry(s, &g->c->scratch),
				 g->tokens.n ? g->tokens.v[g->answered].name : NULL, e);
}

/* --- requests --- */

struct gh_call {
	struct github *g;
	const char *url;
	size_t max_body, token;
	unsigned generation; /* of the App's token it was sent with */
	bool again; /* was refused once */
	bool no_redirect;
	collect_handler f;
	void *ctx;
};

static bool on_call(struct part *p, const struct http_response *r, void *ctx, struct err *e);

/* Who the answer is kept for; NULL: it is asked for once (files, what a finished attempt was), or
 * it may hold a secret: where the server does not know hide_secret, and in what code scanning says
 * of a line. Commits name their authors. The part tells, as the address of a further page is the
 * server's choice. */
static const char *whose(const struct part *p, const struct gh_call *q, const char *bearer)
{
	if (q->max_body || p == q->g->commits.p || strstr(q->url, "/attempts/") ||
	    text_eq(p->l.part, "secret_scanning") || text_eq(p->l.part, "code_scanning"))
		return NULL;
	if (q->g->app)
		return q->g->cfg->app.installation_id;
	return bearer ? bearer : "";
}

static void submit(struct part *p, struct gh_call *q)
{
	struct github *g = q->g;
	struct http_request rq = {.max_body = q->max_body, .no_redirect = q->no_redirect};
	struct err ignored = {0}; /* the request then says that it is refused, and why is kept */
	if (g->app && clock_real() + RENEW_S > g->app->ends_s && !g->app->why)
		(void)!renew(g, p, &ignored);
	q->token = pick(g, q->token);
	q->generation = g->app ? g->app->generation : 0;
	bind(&rq, headers, q->url,
	     g->app	   ? g->app->token
	     : g->tokens.n ? g->tokens.v[q->token].value
			   : NULL);
	collect_submit_for(p, &rq, whose(p, q, rq.bearer), on_call, q);
}

/* Whether a request that was refused is worth another: with a new token of the App, unless one was
 * made since, or with another of several tokens. */
static bool another_token(struct github *g, struct part *p, struct gh_call *q, struct err *e)
{
	struct err why = {0};
	if (g->app)
		return q->generation != g->app->generation || renew(g, p, &why);
	if (g->tokens.n < 2)
		return false;
	struct gh_token *t = &g->tokens.v[q->token];
	if (!t->refused && !keep_expiry(g, clock_now(g->c->clock), t->name, e))
		return false;
	t->refused = true;
	return !g->tokens.v[pick(g, q->token)].refused;
}

/* Refused until its limit is reset, which the event loop found too long to wait for. */
static bool used_up(const struct github *g, const struct gh_call *q, const struct http_response *r)
{
	return (r->status == 403 || r->status == 429) &&
	       text_eq(http_header(r, "x-ratelimit-remaining"), "0") && g->tokens.n > 1 &&
	       pick(g, q->token) != q->token;
}

static bool on_call(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct gh_call *q = ctx;
	struct github *g = q->g;
	note_rate(g, q->token, r);
	if (used_up(g, q, r)) {
		submit(p, q);
		return true;
	}
	if (r->status == 401 && !q->again) {
		bool more = another_token(g, p, q, e);
		if (e->kind != ERR_NONE)
			return false;
		if (more) {
			q->again =
				g->app != NULL; /* tokens end by themselves: each is refused once */
			submit(p, q);
			return true;
		}
	}
	g->answered = q->token;
	return q->f(p, r, q->ctx, e);
}

static void get(struct github *g, size_t token, struct part *p, const char *url, size_t max_body,
		bool no_redirect, collect_handler f, void *ctx)
{
	struct gh_call *q = arena_new(g->c->a, struct gh_call);
	/* Only what may be sent twice is kept longer than the event loop keeps it. */
	bool keep = g->app || g->tokens.n > 1;
	*q = (struct gh_call){.g = g,
			      .url = keep ? arena_strdup(g->c->a, url) : url,
			      .max_body = max_body,
			      .no_redirect = no_redirect,
			      .token = token,
			      .f = f,
			      .ctx = ctx};
	submit(p, q);
}

void gh_get_place(struct github *g, size_t token, struct part *p, const char *url, size_t max_body,
		  collect_handler f, void *ctx)
{
	get(g, token, p, url, max_body, true, f, ctx);
}

void gh_get(struct github *g, size_t token, struct part *p, const char *url, collect_handler f,
	    void *ctx)
{
	get(g, token, p, url, 0, false, f, ctx);
}
