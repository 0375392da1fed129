/* check: one line for the configuration, every secret and every service: who answers, and what to
 * do when it does not. */
#include "app/commands.h"
#include "collect/aws_check.h"
#include "collect/service_check.h"
#include "config/secret.h"
#include "lib/http.h"
#include "lib/mail.h"
#include "store/ledger.h"
#include "store/store.h"

#include <stdarg.h>

struct check {
	struct app *app;
	struct http *http;
	struct db *db; /* NULL: no store yet */
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

/* What a run asked a source for, by the newest ledger; "" when it was never collected or there is
 * no store yet. */
static const char *cost(struct check *c, const char *source)
{
	struct err e = {0};
	int64_t requests = NUM_NONE;
	if (!c->db)
		return "";
	if (!ledger_cost(c->db, source, &requests, &e))
		return arena_printf(&c->app->a, "; what a run costs is not known: %s", e.msg);
	if (requests == NUM_NONE)
		return "";
	return arena_printf(&c->app->a, "; a run took %lld requests, of %d", (long long)requests,
			    c->app->cfg.limits.requests_per_source);
}

static void source_line(struct check *c, const char *name, const char *kind,
			const struct service_checked *found)
{
	line(c, found->ok, arena_printf(&c->app->a, "source %s (%s)", name, kind), "%s%s",
	     found->text, cost(c, name));
}

static void sources(struct check *c)
{
	const struct config *cfg = &c->app->cfg;
	struct arena *a = &c->app->a;
	struct service_checked found;
	for (size_t i = 0; i < cfg->sentry.n; i++) {
		sentry_check(c->http, &cfg->sentry.v[i], a, &found);
		source_line(c, cfg->sentry.v[i].name, "Sentry", &found);
	}
	for (size_t i = 0; i < cfg->github.n; i++) {
		github_check(c->http, &cfg->github.v[i], a, &found);
		source_line(c, cfg->github.v[i].name, "GitHub", &found);
	}
	for (size_t i = 0; i < cfg->aws.n; i++) {
		const char *what = arena_printf(a, "source %s (AWS)", cfg->aws.v[i].name);
		struct aws_checked aws;
		struct err e = {0};
		if (aws_check(c->http, cfg, &cfg->aws.v[i], a, &aws, &e))
			line(c, aws.ok, what, "%s%s", aws.text, cost(c, cfg->aws.v[i].name));
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
	for (size_t i = 0; i < cfg->slack.n; i++) {
		const struct slack_source *s = &cfg->slack.v[i];
		slack_check(c->http, s->url, &s->token,
			    "channels:history|groups:history channels:read|groups:read", a, &found);
		source_line(c, s->name, "Slack", &found);
	}
	for (size_t i = 0; i < cfg->status_page.n; i++) {
		status_page_check(c->http, &cfg->status_page.v[i], a, &found);
		source_line(c, cfg->status_page.v[i].name, "status page", &found);
	}
}

static void mail_line(struct check *c, const struct audience *x)
{
	const char *what = arena_printf(&c->app->a, "audience %s (e-mail)", x->name);
	const struct email_target *m = &x->email;
	struct mail_server s = {.url = m->smtp,
				.tls_none = m->tls == TLS_NONE,
				.ca_file = m->ca,
				.timeout_s = MIN(c->app->cfg.limits.timeout_s, 20)};
	struct mail_result r;
	struct err e = {0};
	if (!secret_read(&m->user, what, &c->app->a, &s.user, &e) ||
	    !secret_read(&m->password, what, &c->app->a, &s.password, &e) ||
	    !mail_probe(&s, &c->app->a, &r, &e))
		line(c, false, what, "%s: %s", m->smtp, e.msg);
	else
		line(c, r.outcome == MAIL_SENT, what, "%s: %s%s", m->smtp,
		     s.user && r.outcome == MAIL_SENT ? "login accepted; " : "", r.answer);
}

static void channels(struct check *c)
{
	const struct config *cfg = &c->app->cfg;
	struct arena *a = &c->app->a;
	for (size_t i = 0; i < cfg->audiences.n; i++) {
		const struct audience *x = &cfg->audiences.v[i];
		struct service_checked found;
		if (x->slack.set && x->slack.token.kind != SECRET_NONE) {
			slack_check(c->http, x->slack.url, &x->slack.token,
				    "chat:write files:write", a, &found);
			line(c, found.ok, arena_printf(a, "audience %s (Slack)", x->name), "%s",
			     found.text);
		}
		if (x->email.set)
			mail_line(c, x);
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
	CLEANUP(db_closep) struct db *db = NULL;
	struct err none = {0}; /* without a store nothing is known of earlier runs */
	if (file_exists(app->cfg.store) && !store_open(app->cfg.store, STORE_READ, &db, &none))
		app_say(app, "%s", none.msg);
	struct check c = {.app = app, .http = http, .db = db};
	line(&c, true, "configuration", "%s", app->cfg.path);
	sources(&c);
	channels(&c);
	return c.bad ? EXIT_FAILED : EXIT_DONE;
}
