#include "app/pipeline.h"

#include "app/progress.h"
#include "archive/archive.h"
#include "config/secret.h"
#include "digest/digest.h"
#include "render/render.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/prune.h"
#include "store/store.h"

#include <unistd.h>

/* Collection begins this long before the week, so that links between events do not depend on where
 * a window starts. */
#define REACH_BACK_S ((int64_t)48 * 3600)

static bool http_open(struct app *app, struct http **out, struct err *e)
{
	struct http_opts o = {.concurrency = app->cfg.limits.concurrency,
			      .timeout_s = app->cfg.limits.timeout_s,
			      .retries = app->cfg.limits.retries,
			      .user_agent = "sitrep/" SITREP_VERSION};
	return http_new(&o, out, e);
}

/* From cron, what is wrong with a week's sources is worth a mail; what is right is not. */
static bool tell_gaps(struct app *app, const struct week *w, struct err *e)
{
	struct ledgers list = {0};
	if (!ledger_list(app->db, w->name, &app->a, &list, e))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		const struct ledger *l = &list.v[i];
		if (l->status == LEDGER_PARTIAL || l->status == LEDGER_FAILED)
			app_say(app, "%s: %s, %s: %s: %s", w->name, l->source, l->part,
				ledger_status_name(l->status),
				l->reason ? l->reason : "no reason given");
	}
	return true;
}

bool pipeline_collect(struct app *app, const struct week *w, const char *only, int64_t run_id,
		      struct collect_result *out, struct err *e)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct arena a = {0};
	if (!http_open(app, &http, e))
		return false;
	struct collect c = {.cfg = &app->cfg,
			    .db = app->db,
			    .http = http,
			    .a = &a,
			    .clock = &app->clock,
			    .zone = app->zone,
			    .week = *w,
			    .from_s = w->from_s - REACH_BACK_S,
			    .to_s = w->to_s,
			    .run_id = run_id,
			    .version = app->version};
	struct progress shown;
	if (app->verbose >= 0 && isatty(STDERR_FILENO)) {
		progress_init(&shown, STDERR_FILENO, w->name);
		c.progress = progress_show;
		c.progress_ctx = &shown;
	}
	bool ok = collect_run(&c, only, out, e);
	if (c.progress)
		progress_end(&shown, &c);
	ok = ok && tell_gaps(app, w, e);
	arena_release(&a);
	return ok;
}

void pipeline_versions(struct arena *a, struct archive_versions *v)
{
	vec_push(a, &v->names, "program");
	vec_push(a, &v->values, SITREP_VERSION);
	vec_push(a, &v->names, "zone data");
	vec_push(a, &v->values, zone_data_version(a));
	vec_push(a, &v->names, "sqlite");
	vec_push(a, &v->values, db_version());
	render_versions(a, &v->names, &v->values);
}

/* The analysis lives in an arena of its own: it is the largest of all and gone before anything is
 * rendered. */
static bool freeze_one(struct app *app, const struct week *w, const struct audience *to,
		       const char *name, struct err *e)
{
	struct arena a = {0};
	struct digest_input in = {.cfg = &app->cfg,
				  .db = app->db,
				  .zone = app->zone,
				  .week = *w,
				  .audience = to,
				  .now_s = clock_now(&app->clock),
				  .version = app->version};
	struct digest_output out = {0};
	struct frozen f;
	bool ok = digest_build(&in, &a, &out, e);
	if (ok) {
		size_t len;
		const char *bytes = xml_write(out.doc, &a, &len);
		xml_free(out.doc);
		ok = digests_freeze(app->db, w->name, name, bytes, len, app->version, &out.numbers,
				    &out.items, in.now_s, &a, &f, e);
	}
	arena_release(&a);
	return ok;
}

static bool digest_one(struct app *app, const struct week *w, const struct audience *to,
		       struct arena *a, struct err *e)
{
	const char *name = to ? to->name : "everyone";
	struct frozen f;
	bool found;
	if (!digests_get(app->db, w->name, name, a, &f, &found, e))
		return false;
	if (!found || !f.tried) {
		if (!freeze_one(app, w, to, name, e) ||
		    !digests_get(app->db, w->name, name, a, &f, &found, e))
			return false;
	}
	struct artefacts list = {0};
	struct strv failed = {0};
	if (!render_all(f.document, f.document_len, a, &list, &failed, e))
		return false;
	for (size_t i = 0; i < failed.n; i++)
		app_say(app, "%s, %s: could not render %s", w->name, name, failed.v[i]);
	return digests_put_artefacts(app->db, f.id, &list, e);
}

bool pipeline_digest(struct app *app, const struct week *w, struct err *e)
{
	bool ok = true;
	size_t n = app->cfg.audiences.n;
	struct arena a = {0};
	for (size_t i = 0; i < MAX(n, (size_t)1) && ok; i++) {
		const struct audience *to = n ? &app->cfg.audiences.v[i] : NULL;
		ok = digest_one(app, w, to, &a, e) ||
		     err_wrap(e, "digest of %s for %s", w->name, to ? to->name : "everyone");
		arena_reset(&a);
	}
	struct archive_versions v = {0};
	pipeline_versions(&a, &v);
	ok = ok && archive_write(app->db, &app->cfg, w->name, &v, e);
	arena_release(&a);
	return ok;
}

bool pipeline_send(struct app *app, const struct week *w, const char *audience, bool retry_failed,
		   struct deliver_result *out, struct err *e)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct arena a = {0};
	if (!http_open(app, &http, e))
		return false;
	struct deliver_opts o = {.cfg = &app->cfg,
				 .db = app->db,
				 .http = http,
				 .clock = &app->clock,
				 .week = w->name,
				 .audience = audience,
				 .retry_failed = retry_failed};
	bool ok = deliver_run(&o, &a, out, e);
	struct deliveries list = {0};
	if (ok)
		ok = outbox_list(app->db, w->name, audience, &a, &list, e);
	for (size_t i = 0; ok && i < list.n; i++) {
		const struct delivery *d = &list.v[i];
		if (d->state == OUTBOX_REFUSED || d->state == OUTBOX_UNKNOWN ||
		    d->state == OUTBOX_WAITING)
			app_say(app, "%s, %s: %s to %s: %s: %s", w->name, d->audience, d->channel,
				d->recipient, outbox_state_name(d->state),
				d->answer ? d->answer : "not tried");
	}
	arena_release(&a);
	return ok;
}

bool pipeline_prune(struct app *app, const struct week *w, struct err *e)
{
	struct prune_keep keep = {0};
	struct week raw, digests;
	int64_t rows;
	if (app->cfg.retention.raw_days > 0) {
		raw = week_at(app->zone, w->to_s - (int64_t)app->cfg.retention.raw_days * 86400);
		keep.raw_from_week = raw.name;
		keep.raw_from_s = raw.from_s - REACH_BACK_S;
	}
	if (app->cfg.retention.weeks > 0) {
		digests = week_add(app->zone, w, 1 - app->cfg.retention.weeks);
		keep.digest_from_week = digests.name;
	}
	if (!prune_store(app->db, &keep, &rows, e))
		return false;
	if (!keep.digest_from_week)
		return true;
	struct archive_versions v = {0};
	pipeline_versions(&app->a, &v);
	return archive_prune(&app->cfg, keep.digest_from_week, e) &&
	       archive_write(app->db, &app->cfg, w->name, &v, e);
}

int pipeline_status(const struct collect_result *c, const struct deliver_result *d)
{
	if (d && (d->refused || d->unknown || d->waiting))
		return EXIT_DELIVERY;
	if (c && (c->partial || c->failed))
		return EXIT_INCOMPLETE;
	return EXIT_DONE;
}

void pipeline_tell_operator(struct app *app, const struct week *w, const char *subject,
			    const char *text)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct err e = {0};
	if (!http_open(app, &http, &e)) {
		app_say(app, "could not tell the operator: %s", e.msg);
		return;
	}
	struct deliver_opts o = {.cfg = &app->cfg,
				 .db = app->db,
				 .http = http,
				 .clock = &app->clock,
				 .week = w->name};
	if (!deliver_operator(&o, subject, text, &e))
		app_say(app, "could not tell the operator: %s", e.msg);
}

void pipeline_heartbeat(struct app *app, bool failed, const char *reason)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct err e = {0};
	const char *url = NULL;
	if (app->cfg.heartbeat.kind == SECRET_NONE)
		return;
	struct http_response r;
	struct http_request rq = {0};
	bool ok = secret_read(&app->cfg.heartbeat, "heartbeat", &app->a, &url, &e) &&
		  http_open(app, &http, &e);
	if (ok) {
		rq.url_secret = true;
		rq.url = failed ? arena_printf(&app->a, "%s/fail", url) : url;
		if (failed) {
			rq.method = "POST";
			rq.body = reason;
			rq.body_len = strlen(reason);
		}
		ok = http_one(http, &rq, &app->a, &r, &e);
	}
	/* The URL is a secret: only the status is told. */
	if (!ok)
		app_say(app, "heartbeat: %s", e.msg);
	else if (r.status / 100 != 2)
		app_say(app, "heartbeat: HTTP %d", r.status);
}

bool pipeline_begin(struct app *app, const char *command, const struct week *w, int64_t *run_id,
		    struct err *e)
{
	int64_t now = clock_now(&app->clock), lost;
	if (!outbox_recover(app->db, now, &lost, e))
		return false;
	if (lost)
		app_say(app,
			"%lld deliveries of an earlier run ended in the middle: "
			"their outcome is unknown, see sitrep status",
			(long long)lost);
	return store_run_begin(app->db, command, w ? w->name : NULL, app->version, now, run_id, e);
}

int pipeline_end(struct app *app, int64_t run_id, int exit_status, const char *summary)
{
	struct err e = {0};
	if (!store_run_end(app->db, run_id, exit_status, summary, clock_now(&app->clock), &e)) {
		app_say(app, "%s", e.msg);
		return exit_status ? exit_status : EXIT_FAILED;
	}
	return exit_status;
}
