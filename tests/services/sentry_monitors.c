#include "services/sentry.h"

#include "base/parse.h"
#include "base/text.h"

/* What Sentry watches: three cron monitors, one of which is switched off, and two addresses. A
 * monitor misses a check-in now and then; the newest week's Wednesday has one that failed. */

static const struct {
	const char *slug, *name, *project, *schedule, *status;
	int64_t every_s, at_s; /* of the day, UTC */
} crons[] = {
	{"nightly-import", "Nightly import", "pipelines", "0 2 * * *", "ok", SENTRY_DAY_S, 7200},
	{"hourly-tiles", "Hourly tiles", "tiles", "5 * * * *", "ok", 3600, 300},
	{"old-backup", "Old backup", "pipelines", "0 4 * * *", "disabled", SENTRY_DAY_S, 14400},
};

static const struct {
	const char *id, *name, *project, *url, *subscription;
} addresses[] = {
	{"4509100000001001", "Front page", "web", "https://www.example.org/?probe=secret",
	 "267409"},
	{"4509100000001002", "Submit", "submit", "https://submit.example.org/health", "267410"},
};

static const struct project *project_of(const struct request *q, const char *slug)
{
	const struct estate *s = q->c->estate;
	for (size_t i = 0; i < s->projects.n; i++)
		if (text_eq(s->projects.v[i].slug, slug))
			return &s->projects.v[i];
	BUG_ON(true);
}

/* "ok", "missed" or "error" of the check-in that was due then. */
static const char *outcome(const struct request *q, size_t i, int64_t due_s)
{
	const struct week *w = &q->c->estate->week[ESTATE_WEEKS - 1];
	struct rng r = sentry_day_rng(q, 100 + i, due_s);
	if (i == 0 && due_s >= w->from_s + 2 * SENTRY_DAY_S && due_s < w->from_s + 3 * SENTRY_DAY_S)
		return "error";
	return rng_p(&r, 3) ? "missed" : "ok";
}

static void list(struct request *q, struct answer *r)
{
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = 0; i < ARRAY_SIZE(crons); i++) {
		const struct project *p = project_of(q, crons[i].project);
		if (!sentry_project_asked(q, p))
			continue;
		int64_t now = q->c->estate->now_s,
			last = now - (now - crons[i].at_s) % crons[i].every_s;
		struct jw *o = jw_add_obj(root, NULL);
		jw_str(o, "id", arena_printf(q->a, "450910000000000%zu", i + 1));
		jw_str(o, "slug", crons[i].slug);
		jw_str(o, "name", crons[i].name);
		jw_str(o, "status", crons[i].status);
		jw_bool(o, "isMuted", false);
		struct jw *project = jw_add_obj(o, "project");
		jw_str(project, "id", arena_printf(q->a, "%lld", (long long)p->id));
		jw_str(project, "slug", p->slug);
		struct jw *config = jw_add_obj(o, "config");
		jw_str(config, "schedule_type", "crontab");
		jw_str(config, "schedule", crons[i].schedule);
		struct jw *e = jw_add_obj(jw_add_arr(o, "environments"), NULL);
		jw_str(e, "name", "production");
		jw_str(e, "status", text_eq(crons[i].status, "disabled") ? "active" : "ok");
		jw_bool(e, "isMuted", false);
		jw_str(e, "lastCheckIn", sentry_iso(q, last));
		jw_str(e, "nextCheckIn", sentry_iso(q, last + crons[i].every_s));
	}
	answer_json(q, r, root);
}

static void stats(struct request *q, struct answer *r, size_t i)
{
	static const char *const words[] = {"ok", "error", "missed", "timeout", "unknown"};
	int64_t since = request_number(q, "since", 0, INT64_MAX, -1),
		until = request_number(q, "until", 0, INT64_MAX, -1);
	if (since < 0 || until < since || !text_eq(request_param(q, "resolution", 0), "1h")) {
		sentry_bad(q, r, "since, until and resolution=1h are required");
		return;
	}
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (int64_t t = since - since % 3600; t < until; t += 3600) {
		int64_t due = t + (crons[i].at_s % 3600);
		bool any = (due - crons[i].at_s) % crons[i].every_s == 0;
		struct jw *o = jw_add_obj(root, NULL);
		jw_i64(o, "ts", t);
		for (size_t k = 0; k < ARRAY_SIZE(words); k++)
			jw_i64(o, words[k], any && text_eq(outcome(q, i, due), words[k]));
		jw_f64(o, "duration", any ? 1300 : 0);
	}
	answer_json(q, r, root);
}

void sentry_monitors_serve(struct request *q, struct answer *r, const char *rest)
{
	if (!*rest) {
		list(q, r);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(crons); i++) {
		if (text_eq(rest, arena_printf(q->a, "%s/stats/", crons[i].slug))) {
			stats(q, r, i);
			return;
		}
	}
	answer_error(q, r, 404, "detail", "The requested resource does not exist");
}

void sentry_detectors(struct request *q, struct answer *r)
{
	if (!text_eq(request_param(q, "query", 0), "type:uptime_domain_failure")) {
		sentry_bad(q, r, "only uptime detectors are served");
		return;
	}
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		const struct project *p = project_of(q, addresses[i].project);
		if (!sentry_project_asked(q, p))
			continue;
		struct jw *o = jw_add_obj(root, NULL);
		jw_str(o, "id", addresses[i].id);
		jw_str(o, "projectId", arena_printf(q->a, "%lld", (long long)p->id));
		jw_str(o, "name", addresses[i].name);
		jw_str(o, "type", "uptime_domain_failure");
		jw_bool(o, "enabled", true);
		jw_null(o, "latestGroup");
		jw_str(jw_add_obj(o, "config"), "environment", "production");
		struct jw *source = jw_add_obj(jw_add_arr(o, "dataSources"), NULL);
		jw_str(source, "type", "uptime_subscription");
		jw_str(source, "sourceId", addresses[i].subscription);
		struct jw *query = jw_add_obj(source, "queryObj");
		jw_str(query, "url", addresses[i].url);
		struct jw *header = jw_add_arr(jw_add_arr(query, "headers"), NULL);
		jw_str(header, NULL, "Authorization");
		jw_str(header, NULL, "Bearer invented-probe-secret-51c0");
	}
	answer_json(q, r, root);
}

/* Every minute one; a few of each day fail. */
bool sentry_uptime_checks(struct request *q, struct answer *r)
{
	struct ask k;
	if (!sentry_ask_read(q, r, &k))
		return true;
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *data = jw_add_arr(root, "data");
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		int64_t failed = 0, all = (k.to_s - k.from_s) / 60;
		for (int64_t t = k.from_s; t < k.to_s; t += SENTRY_DAY_S) {
			struct rng x = sentry_day_rng(q, 200 + i, t - t % SENTRY_DAY_S);
			failed += rng_n(&x, 4);
		}
		for (int bad = 0; bad < 2; bad++) {
			struct jw *row = jw_add_obj(data, NULL);
			jw_str(row, "project", addresses[i].project);
			jw_str(row, "uptime_subscription_id", addresses[i].subscription);
			jw_str(row, "check_status", bad ? "failure" : "success");
			jw_i64(row, "count()", bad ? failed : all - failed);
		}
	}
	jw_add_obj(root, "meta");
	answer_json(q, r, root);
	return true;
}
