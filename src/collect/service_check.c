#include "collect/service_check.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "collect/answer.h"
#include "collect/page.h"
#include "collect/sources.h"
#include "config/secret.h"

#define SKEW_S 30 /* signatures and limits bear as much */
#define SOON_S ((int64_t)30 * 86400)

struct asking {
	struct http *http;
	struct arena *a;
	const char *bearer;
	const char *const *headers;
	struct sb told, wrong; /* "; "-separated */
	int64_t ahead_s; /* our clock against theirs; 0 when not known */
};

static void begin(struct asking *q, struct http *h, struct arena *a)
{
	*q = (struct asking){.http = h, .a = a};
	sb_init(&q->told, a, 8192);
	sb_init(&q->wrong, a, 8192);
}

PRINTF_LIKE(2, 3)
static void add(struct sb *b, const char *fmt, ...)
{
	va_list ap;
	struct arena *a = b->a;
	va_start(ap, fmt);
	const char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	sb_addf(b, "%s%s", b->len ? "; " : "", s);
}

static void end(struct asking *q, struct service_checked *out)
{
	if (q->ahead_s > SKEW_S || q->ahead_s < -SKEW_S)
		add(&q->told, "this machine's clock is %lld s %s",
		    (long long)(q->ahead_s < 0 ? -q->ahead_s : q->ahead_s),
		    q->ahead_s < 0 ? "behind" : "ahead");
	const char *wrong = sb_str(&q->wrong), *told = sb_str(&q->told);
	out->ok = !*wrong;
	out->text = *wrong && *told ? arena_printf(q->a, "%s; %s", wrong, told)
		    : *wrong	    ? wrong
				    : told;
}

/* The answer; 2xx is true. */
static bool get(struct asking *q, const char *url, const char *method, struct http_response *r)
{
	struct http_request rq = {.url = url,
				  .method = method,
				  .bearer = q->bearer,
				  .headers = q->headers,
				  .body = method ? "" : NULL};
	struct err e = {0};
	int64_t theirs_s;
	if (!http_one(q->http, &rq, q->a, r, &e)) {
		*r = (struct http_response){.url = url, .body = "", .err = e};
		return false;
	}
	const char *date = http_header(r, "date");
	if (date && parse_http_date(date, &theirs_s))
		q->ahead_s = clock_real() - theirs_s;
	return r->status / 100 == 2;
}

/* Elements of the list an answer is; NUM_NONE when it is none. */
static int64_t count(const struct http_response *r)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	if (!json_parse(r->body, r->len, &j, &bad))
		return NUM_NONE;
	struct jv root = json_root(j);
	return json_is_arr(&root) ? (int64_t)json_count(&root) : NUM_NONE;
}

static const char *text_at(const struct http_response *r, const char *key, struct arena *a)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	if (!json_parse(r->body, r->len, &j, &bad))
		return NULL;
	struct jv root = json_root(j), v = json_get(&root, key);
	return json_is_str(&v) ? text_line(a, json_text(&v, a), 80) : NULL;
}

static bool wants(const struct strv *collect, const char *word)
{
	for (size_t i = 0; i < collect->n; i++)
		if (text_eq(collect->v[i], word))
			return true;
	return false;
}

/* --- Sentry --- */

static void sentry_needs(struct asking *q, const char *base, const char *path, const char *what,
			 const char *scope)
{
	struct http_response r;
	const struct answer_hints h = {.e401 = "check the token", .e403 = scope, .e404 = scope};
	if (!get(q, arena_printf(q->a, "%s%s", base, path), NULL, &r))
		add(&q->wrong, "%s", answer_why(&r, what, &h, q->a));
}

void sentry_check(struct http *h, const struct sentry_source *s, struct arena *a,
		  struct service_checked *out)
{
	static const char *const headers[] = {"Accept: application/json", NULL};
	static const struct answer_hints hints = {
		.e401 = "check the token",
		.e403 = "it needs org:read",
		.e404 = "check organisation and url (another region has another host)"};
	struct asking q;
	struct http_response r;
	struct err e = {0};
	const char *token;
	begin(&q, h, a);
	q.headers = headers;
	if (!secret_read(&s->token, arena_printf(a, "token of source \"%s\"", s->name), a,
			 &q.bearer, &e)) {
		*out = (struct service_checked){false, arena_strdup(a, e.msg)};
		return;
	}
	const char *base = arena_printf(a, "%s/api/0/organizations/%s/", s->url,
					page_encode(a, s->organisation));
	if (get(&q, arena_printf(a, "%sprojects/?per_page=100", base), NULL, &r)) {
		int64_t n = count(&r);
		bool more = page_sentry(&r, a, &token) == PAGE_MORE;
		if (n == NUM_NONE)
			add(&q.wrong, "the list of projects is not a list; not a Sentry API: "
				      "check url");
		else if (n == 0)
			add(&q.wrong, "the token sees no project of %s", s->organisation);
		else
			add(&q.told, "%s, %s%lld projects", s->organisation,
			    more ? "more than " : "", (long long)n);
		if (n > 0 && (!s->collect.n || wants(&s->collect, "issues")))
			sentry_needs(&q, base, "issues/?query=&limit=1", "issues",
				     "the token lacks event:read, without which no error can be "
				     "collected");
		if (n > 0 && wants(&s->collect, "releases"))
			sentry_needs(&q, base, "releases/?per_page=1", "releases",
				     "the token lacks project:read, for releases and deploys");
	} else {
		add(&q.wrong, "%s", answer_why(&r, "the list of projects", &hints, a));
	}
	end(&q, out);
}

/* --- GitHub --- */

/* Pages behind a list asked for one by one: the number in the Link of rel="last". */
static int64_t last_page(const struct http_response *r, struct arena *a)
{
	const char *link = http_header(r, "link");
	const char *rel = link ? strstr(link, "rel=\"last\"") : NULL;
	if (!rel)
		return NUM_NONE;
	const char *from = link, *page = NULL;
	for (const char *p = link; (p = strstr(p, "page=")) && p < rel; p += 5)
		if (p > from && (p[-1] == '?' || p[-1] == '&'))
			page = p + 5;
	int64_t n;
	return page && parse_i64(arena_strndup(a, page, strspn(page, "0123456789")), &n) ? n
											 : NUM_NONE;
}

/* A feature that is off is no missing permission. */
static bool is_off(const struct http_response *r, struct arena *a)
{
	const char *m = answer_message(r, a);
	return r->status == 404 ||
	       (m && (strcasestr(m, "enabled") || strcasestr(m, "disabled") ||
		      strcasestr(m, "advanced security") || strcasestr(m, "archived") ||
		      strcasestr(m, "no analysis")));
}

static void github_lists(struct asking *q, const struct github_source *s, const char *repo)
{
	static const struct {
		const char *word, *path, *need;
		bool optional; /* may be switched off in a repository */
	} lists[] = {
		{"actions", "actions/runs?per_page=1", "Actions: read", false},
		{"deployments", "deployments?per_page=1", "Deployments: read", false},
		{"code_scanning", "code-scanning/alerts?per_page=1", "Code scanning alerts: read",
		 true},
		{"dependabot", "dependabot/alerts?per_page=1", "Dependabot alerts: read", true},
		{"secret_scanning", "secret-scanning/alerts?per_page=1&hide_secret=true",
		 "Secret scanning alerts: read", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct http_response r;
		if (!wants(&s->collect, lists[i].word) ||
		    get(q, arena_printf(q->a, "%s/repos/%s/%s", s->url, repo, lists[i].path), NULL,
			&r))
			continue;
		const char *wanted = http_header(&r, "x-accepted-github-permissions");
		const struct answer_hints h = {
			.e403 = arena_printf(q->a, "the token lacks %s%s%s", lists[i].need,
					     wanted ? "; GitHub wants " : "",
					     wanted ? text_line(q->a, wanted, 80) : "")};
		if (lists[i].optional && is_off(&r, q->a))
			add(&q->told, "%s: not enabled in %s, the first repository", lists[i].word,
			    repo);
		else
			add(&q->wrong, "%s", answer_why(&r, lists[i].word, &h, q->a));
	}
}

static void github_expiry(struct asking *q, const struct http_response *r)
{
	const char *s = http_header(r, "github-authentication-token-expiration");
	int64_t at_s;
	if (!s)
		return;
	/* "2027-04-19 16:30:08 UTC" */
	char *iso = arena_strndup(q->a, s, 19);
	if (strlen(iso) == 19)
		iso[10] = 'T';
	if (!parse_time(arena_printf(q->a, "%sZ", iso), &at_s)) {
		add(&q->told, "token expires %s", text_line(q->a, s, 40));
		return;
	}
	int64_t days = (at_s - clock_real()) / 86400;
	add(&q->told, "token expires %.10s%s", iso,
	    at_s - clock_real() < SOON_S
		    ? arena_printf(q->a, ", in %lld days: renew it", (long long)days)
		    : "");
}

static void github_one(struct asking *q, const struct github_source *s)
{
	static const struct answer_hints hints = {
		.e401 = "the token is wrong, expired or revoked",
		.e403 = "the token lacks Metadata: read",
		.e404 = "the token does not see the organisation: is the name right, and was the "
			"token approved by it?",
		.not_json = "not a GitHub API: check url"};
	const char *owner = s->organisation ? s->organisation : s->user;
	const char *list =
		arena_printf(q->a, "%s/%s/%s/repos?per_page=", s->url,
			     s->organisation ? "orgs" : "users", page_encode(q->a, owner));
	CLEANUP(json_freep) struct json *j = NULL;
	struct http_response r, user;
	const char *why, *repo = NULL;
	/* An App has no user; an old server may not say. */
	if (!s->app.id && get(q, arena_printf(q->a, "%s/user", s->url), NULL, &user)) {
		const char *login = text_at(&user, "login", q->a);
		if (login)
			add(&q->told, "is %s", login);
	}
	if (!get(q, arena_printf(q->a, "%s1", list), NULL, &r) ||
	    !answer_json(&r, "the repositories", &hints, q->a, &j, &why)) {
		add(&q->wrong, "%s",
		    answer_why(&r, arena_printf(q->a, "the repositories of %s", owner), &hints,
			       q->a));
		return;
	}
	struct jv rows = json_root(j), row = json_first(&rows), name = json_get(&row, "full_name");
	repo = json_is_str(&name) ? json_text(&name, q->a) : NULL;
	int64_t n = last_page(&r, q->a);
	if (n == NUM_NONE)
		n = json_is_arr(&rows) ? (int64_t)json_count(&rows) : 0;
	if (n == 0 || !repo) {
		add(&q->wrong, "the token sees no repository of %s", owner);
		return;
	}
	add(&q->told, "sees %lld repositories of %s", (long long)n, owner);
	github_expiry(q, &r);
	const char *left = http_header(&r, "x-ratelimit-remaining");
	if (left)
		add(&q->told, "%s requests left this hour", text_line(q->a, left, 12));
	const char *sso = http_header(&r, "x-github-sso");
	if (sso)
		add(&q->wrong, "the token is not authorised for single sign-on everywhere");
	github_lists(q, s, repo);
}

void github_check(struct http *h, const struct github_source *s, struct arena *a,
		  struct service_checked *out)
{
	static const char *const headers[] = {"Accept: application/vnd.github+json",
					      "X-GitHub-Api-Version: 2022-11-28", NULL};
	struct asking q;
	size_t n = s->tokens.n > 1 ? s->tokens.n : 1;
	begin(&q, h, a);
	q.headers = headers;
	for (size_t i = 0; i < n; i++) {
		struct err e = {0};
		bool ok = s->tokens.n > 1
				  ? secret_read(&s->tokens.v[i], "a token", a, &q.bearer, &e)
				  : github_bearer(h, s, a, &q.bearer, &e);
		if (n > 1)
			add(&q.told, "%s:", s->tokens.v[i].name);
		if (!ok)
			add(&q.wrong, "%s", e.msg);
		else
			github_one(&q, s);
	}
	end(&q, out);
}

/* --- others --- */

void status_page_check(struct http *h, const struct status_page_source *s, struct arena *a,
		       struct service_checked *out)
{
	static const struct answer_hints hints = {
		.e404 = "check url: it is the page's summary.json"};
	struct asking q;
	struct http_response r;
	begin(&q, h, a);
	if (!get(&q, s->url, NULL, &r))
		add(&q.wrong, "%s", answer_why(&r, "the status page", &hints, a));
	else if (count(&r) == NUM_NONE)
		add(&q.wrong, "the answer is no list of sites: url must be the summary.json");
	else
		add(&q.told, "%lld sites", (long long)count(&r));
	end(&q, out);
}

static bool has_scope(const char *have, const char *want, size_t n)
{
	for (const char *p = have; *p; p += strspn(p, ", ")) {
		size_t k = strcspn(p, ", ");
		if (k == n && !strncmp(p, want, n))
			return true;
		p += k;
	}
	return false;
}

/* Any of "a|b|c". */
static bool has_any(const char *have, const char *want)
{
	for (; *want; want += *want == '|') {
		size_t n = strcspn(want, "|");
		if (has_scope(have, want, n))
			return true;
		want += n;
	}
	return false;
}

static void scopes_missing(struct asking *q, const char *have, const char *scopes)
{
	for (const char *p = scopes; *p; p += strspn(p, " ")) {
		const char *want = arena_strndup(q->a, p, strcspn(p, " "));
		p += strlen(want);
		if (!has_any(have, want))
			add(&q->wrong, "the token lacks the scope %s", want);
	}
}

void slack_check(struct http *h, const char *url, const struct secret *token, const char *scopes,
		 struct arena *a, struct service_checked *out)
{
	static const struct answer_hints hints = {.not_json = "not Slack's API: check url"};
	CLEANUP(json_freep) struct json *j = NULL;
	struct asking q;
	struct http_response r;
	struct err e = {0};
	const char *why;
	bool ok = false;
	begin(&q, h, a);
	if (!secret_read(token, "Slack", a, &q.bearer, &e)) {
		*out = (struct service_checked){false, arena_strdup(a, e.msg)};
		return;
	}
	(void)get(&q, arena_printf(a, "%s/auth.test", url), "POST", &r);
	if (!answer_json(&r, "auth.test", &hints, a, &j, &why)) {
		add(&q.wrong, "%s", why);
	} else {
		struct jv root = json_root(j);
		const char *error = text_at(&r, "error", a), *user = text_at(&r, "user", a);
		const char *team = text_at(&r, "team", a),
			   *have = http_header(&r, "x-oauth-scopes");
		const char *needed = text_at(&r, "needed", a);
		if (!json_bool_opt(&root, "ok", &ok, &e) || !ok)
			add(&q.wrong,
			    "%s%s%s: the token is wrong, revoked, or of another "
			    "workspace",
			    error ? error : "not ok", needed ? ", needs " : "",
			    needed ? needed : "");
		else
			add(&q.told, "is %s of %s", user ? user : "a bot", team ? team : "Slack");
		if (ok && have)
			scopes_missing(&q, have, scopes);
	}
	end(&q, out);
}
