/* check: one line for the configuration, every secret and every service: who answers, and what to
 * do when it does not. */
#include "app/commands.h"
#include "base/text.h"
#include "collect/aws_check.h"
#include "collect/sources.h"
#include "config/secret.h"
#include "lib/http.h"
#include "lib/json.h"

#include <stdarg.h>

struct check {
	struct app *app;
	struct http *http;
	int bad;
};

static void line(struct check *c, bool ok, const char *what, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
static void line(struct check *c, bool ok, const char *what, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	printf("%-7s %-34s ", ok ? "ok" : "FAILED", what);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	if (!ok)
		c->bad++;
}

/* Slack refuses with HTTP 200: {"ok": false, "error": "…", "needed": "…"}. Other services' answers
 * pass. */
static bool slack_agrees(struct check *c, const struct http_response *r, struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err not_json = {0};
	bool ok = true;
	const char *why, *needed;
	if (!json_parse(r->body, r->len, &j, &not_json))
		return err_set(e, ERR_PROTO, "%s, so it is not the service it should be",
			       not_json.msg);
	struct jv root = json_root(j);
	if (!json_is_obj(&root))
		return true;
	if (!json_bool_opt(&root, "ok", &ok, e) ||
	    !json_str_opt(&root, "error", &c->app->a, &why, e) ||
	    !json_str_opt(&root, "needed", &c->app->a, &needed, e))
		return false;
	return ok || err_set(e, ERR_AUTH, "%s%s%s", why ? why : "not ok", needed ? ", needs " : "",
			     needed ? needed : "");
}

/* One GET (or POST of an empty body) with the token; says what the service answered. */
static void ask(struct check *c, const char *what, const char *url, const char *method,
		const char *bearer, const char *fix)
{
	struct err e = {0};
	struct http_request rq = {.url = url, .method = method, .bearer = bearer};
	if (method)
		rq.body = "";
	struct http_response r;
	if (!http_one(c->http, &rq, &c->app->a, &r, &e) || !http_ok(&r, &e)) {
		line(c, false, what, "%s; %s", e.msg, fix);
		return;
	}
	struct err slack = {0};
	if (!slack_agrees(c, &r, &slack)) {
		line(c, false, what, "%s; %s", slack.msg, fix);
		return;
	}
	const char *expiry = http_header(&r, "github-authentication-token-expiration");
	line(c, true, what, "HTTP %d%s%s", r.status, expiry ? ", token expires " : "",
	     expiry ? text_line(&c->app->a, expiry, 40) : "");
}

static void probe(struct check *c, const char *what, const char *url, const char *method,
		  const struct secret *token, const char *fix)
{
	struct err e = {0};
	const char *bearer = NULL;
	if (secret_read(token, what, &c->app->a, &bearer, &e))
		ask(c, what, url, method, bearer, fix);
	else
		line(c, false, what, "%s", e.msg);
}

static void sources(struct check *c)
{
	const struct config *cfg = &c->app->cfg;
	struct arena *a = &c->app->a;
	for (size_t i = 0; i < cfg->sentry.n; i++) {
		const struct sentry_source *s = &cfg->sentry.v[i];
		probe(c, arena_printf(a, "source %s (Sentry)", s->name),
		      arena_printf(a, "%s/api/0/organizations/%s/projects/?per_page=1", s->url,
				   s->organisation),
		      NULL, &s->token, "the token needs org:read, project:read and event:read");
	}
	for (size_t i = 0; i < cfg->github.n; i++) {
		const struct github_source *s = &cfg->github.v[i];
		const char *what = arena_printf(a, "source %s (GitHub)", s->name);
		const char *bearer;
		struct err e = {0};
		if (!github_bearer(c->http, s, a, &bearer, &e)) {
			line(c, false, what, "%s", e.msg);
			continue;
		}
		ask(c, what,
		    s->organisation
			    ? arena_printf(a, "%s/orgs/%s/repos?per_page=1", s->url,
					   s->organisation)
			    : arena_printf(a, "%s/users/%s/repos?per_page=1", s->url, s->user),
		    NULL, bearer, "the token needs Metadata, Actions and Deployments: read");
	}
	for (size_t i = 0; i < cfg->aws.n; i++) {
		const char *what = arena_printf(a, "source %s (AWS)", cfg->aws.v[i].name);
		struct aws_checked found;
		struct err e = {0};
		if (aws_check(c->http, cfg, &cfg->aws.v[i], a, &found, &e))
			line(c, found.ok, what, "%s", found.text);
		else
			line(c, false, what, "%s", e.msg);
	}
	for (size_t i = 0; i < cfg->scans.n; i++) {
		struct strv files = {0};
		struct err e = {0};
		const char *what = arena_printf(a, "source %s (scans)", cfg->scans.v[i].name);
		if (!file_glob(cfg->scans.v[i].path, a, &files, &e))
			line(c, false, what, "%s", e.msg);
		else
			line(c, files.n > 0, what, "%zu files match %s", files.n,
			     cfg->scans.v[i].path);
	}
}

static void channels(struct check *c)
{
	const struct config *cfg = &c->app->cfg;
	struct arena *a = &c->app->a;
	for (size_t i = 0; i < cfg->audiences.n; i++) {
		const struct audience *x = &cfg->audiences.v[i];
		if (x->slack.set && x->slack.token.kind != SECRET_NONE)
			probe(c, arena_printf(a, "audience %s (Slack)", x->name),
			      arena_printf(a, "%s/auth.test", x->slack.url), "POST",
			      &x->slack.token, "the bot token needs chat:write");
		if (x->email.set) {
			const char *what = arena_printf(a, "audience %s (e-mail)", x->name), *v;
			struct err e = {0};
			bool ok = secret_read(&x->email.user, what, a, &v, &e) &&
				  secret_read(&x->email.password, what, a, &v, &e);
			line(c, ok, what, "%s", ok ? x->email.smtp : e.msg);
		}
		if (x->directory.set)
			line(c, true, arena_printf(a, "audience %s (directory)", x->name), "%s",
			     x->directory.path);
	}
}

int cmd_check(struct app *app, struct err *e)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct http_opts o = {.concurrency = 1,
			      .timeout_s = MIN(app->cfg.limits.timeout_s, 20),
			      .retries = 0,
			      .user_agent = "sitrep/" SITREP_VERSION};
	if (!http_new(&o, &http, e))
		return -1;
	struct check c = {.app = app, .http = http};
	line(&c, true, "configuration", "%s", app->cfg.path);
	sources(&c);
	channels(&c);
	return c.bad ? EXIT_FAILED : EXIT_DONE;
}
