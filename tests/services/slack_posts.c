#include "services/slack.h"

#include "base/text.h"

/* What the organisation's tools post to one channel, of the same issues, runs, deployments and
 * scans that the other services tell of; and what nobody else tells: Airflow's failures, the report
 * of Checkov's newest scan, which was lost, a metric alert. Shapes as those tools really post. */

enum { DAY_S = 86400, HOUR_S = 3600 };

#define ORG_URL "https://github.example.org/" ESTATE_ORG

static struct arena arena;
static VEC(struct slack_post) posts;

static const char *clock_of(int64_t t_s)
{
	int s = (int)(t_s % DAY_S), h = s / HOUR_S;
	return arena_printf(&arena, "%02d:%02d:%02d %s", h % 12 ? h % 12 : 12, s / 60 % 60, s % 60,
			    h < 12 ? "AM" : "PM");
}

static const char *ts_of(int64_t t_s)
{ /* unique: the number of the post so far */
	return arena_printf(&arena, "%lld.%06zu", (long long)t_s, posts.n + 100);
}

/* An app's post under a name of its own; NULL bot: a person. */
static struct jw *begin(const char *bot, const char *name)
{
	struct jw *o = jw_obj();
	jw_str(o, "type", "message");
	if (!bot) {
		jw_str(o, "user", name);
		return o;
	}
	jw_str(o, "subtype", "bot_message");
	jw_str(o, "bot_id", bot);
	jw_str(o, "username", name);
	return o;
}

static void end(struct jw *o, int64_t t_s, const char *text)
{
	struct slack_post p = {.json = NULL};
	const char *ts = ts_of(t_s);
	jw_str(o, "text", text);
	jw_str(o, "ts", ts);
	p.json = jw_print(o, false, &arena);
	BUG_ON(!slack_ts(ts, &p.us));
	vec_push(&arena, &posts, p);
	jw_free(o);
}

static struct jw *text_object(struct jw *o, const char *type, const char *text)
{
	jw_str(o, "type", type);
	jw_str(o, "text", text);
	return o;
}

static void header(struct jw *blocks, const char *text)
{
	struct jw *b = jw_add_obj(blocks, NULL);
	jw_str(b, "type", "header");
	text_object(jw_add_obj(b, "text"), "plain_text", text);
}

static struct jw *section(struct jw *blocks, const char *text)
{
	struct jw *b = jw_add_obj(blocks, NULL);
	jw_str(b, "type", "section");
	text_object(jw_add_obj(b, "text"), "mrkdwn", text);
	return b;
}

static struct jw *context_block(struct jw *blocks)
{
	struct jw *b = jw_add_obj(blocks, NULL);
	jw_str(b, "type", "context");
	return jw_add_arr(b, "elements");
}

static void element(struct jw *elements, const char *text)
{
	text_object(jw_add_obj(elements, NULL), "mrkdwn", text);
}

/* Sentry cuts what it posts. */
static const char *escaped(const char *s)
{
	struct sb b;
	sb_init(&b, &arena, 4096);
	text_slack_escape(&b, text_line(&arena, s, 200));
	return sb_str(&b);
}

/* --- Sentry: each issue, when it is first seen in production --- */

static void sentry_posts(const struct estate *s)
{
	for (size_t i = 0; i < s->issues.n; i++) {
		const struct issue *x = &s->issues.v[i];
		const char *project = s->projects.v[x->project].slug;
		size_t k = 0;
		while (k < x->events.n && x->events.v[k].env != 0)
			k++;
		if (k == x->events.n || x->events.v[k].t_s < s->week[0].from_s)
			continue;
		struct jw *o = begin("B0EXAMPLE1", "Sentry"), *blocks = jw_add_arr(o, "blocks");
		struct jw *b =
			section(blocks, arena_printf(&arena,
						     ":red_circle: <https://" ESTATE_ORG
						     ".sentry.example.org/issues/%lld/"
						     "?referrer=slack&amp;alert_type=issue|*%s*>",
						     (long long)x->id, escaped(x->title)));
		jw_str(b, "block_id",
		       arena_printf(&arena, "{\"issue\":%lld,\"rule\":7}", (long long)x->id));
		element(context_block(blocks), escaped(x->culprit));
		section(blocks, "environment: `production`  ");
		element(context_block(blocks),
			"Events: *1*   State: *New*   First Seen: *1 minute ago*");
		element(context_block(blocks),
			arena_printf(&arena,
				     "Project: <https://" ESTATE_ORG
				     ".sentry.example.org/issues/?project=%lld|%s>    Alert: "
				     "<https://example.org/7|New issue>    Short ID: %s",
				     (long long)s->projects.v[x->project].id, project,
				     x->short_id));
		end(o, x->events.v[k].t_s + 20,
		    arena_printf(&arena, "[%s] %s", project, escaped(x->title)));
	}
}

/* --- DeployBot: one message a deployment, edited as it goes on --- */

static void event_line(struct sb *b, int64_t t_s, const char *what, const char *state)
{
	sb_addf(b, "%s%s  %s: *%s*", b->len ? "\n" : "", clock_of(t_s), what, state);
}

static void deploy_posts(const struct estate *s)
{
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		struct sb b;
		if (!d->codedeploy || d->env < 0)
			continue;
		bool undone = d->state == DEP_ROLLED_BACK, good = d->state == DEP_SUCCEEDED;
		const char *head = arena_printf(&arena, "Deploying %s to %s environment %s",
						s->repos.v[d->repo].name, estate_env(d->env),
						good	 ? ":white_check_mark:"
						: undone ? ":no_entry:"
							 : ":hourglass:");
		sb_init(&b, &arena, 2048);
		event_line(&b, d->created_s, "Deployment", "started");
		event_line(&b, d->created_s + 60, "Deployment", "replacement service running");
		if (good)
			event_line(&b, d->created_s + 200, "Deployment", "accepting 20% traffic");
		if (d->finished_s)
			event_line(&b, d->finished_s, "Deployment",
				   good			     ? "completed"
				   : d->state == DEP_STOPPED ? "cancelled"
							     : "failed");
		if (undone) {
			event_line(&b, d->finished_s + 1, "Rollback", "started");
			event_line(&b, d->rollback_finished_s, "Rollback", "completed");
		}
		struct jw *o = begin("B0EXAMPLE2", "DeployBot"), *blocks = jw_add_arr(o, "blocks");
		header(blocks, head);
		section(blocks, sb_str(&b));
		section(blocks, arena_printf(&arena,
					     "<https://eu-west-2.console.aws.example.org/codesuite/"
					     "codedeploy/deployments/%s|View deployment>",
					     d->id));
		if (d->finished_s) {
			struct jw *e = jw_add_obj(o, "edited");
			jw_str(e, "user", "B0EXAMPLE2");
			jw_str(e, "ts",
			       arena_printf(&arena, "%lld.000000", (long long)d->finished_s));
		}
		end(o, d->created_s + 3, head);
	}
}

/* --- GitHub Actions --- */

static const char *run_url(const struct estate *s, const struct run *x)
{
	return arena_printf(&arena, ORG_URL "/%s/actions/runs/%lld",
			    s->repos.v[s->wfs.v[x->wf].repo].name, (long long)x->id);
}

static void reported(const char *name, const char *head, const char *url, int64_t t_s)
{
	struct jw *o = begin("B0EXAMPLE3", name), *blocks = jw_add_arr(o, "blocks");
	header(blocks, head);
	jw_str(jw_add_obj(blocks, NULL), "type", "divider");
	section(blocks,
		arena_printf(&arena, "The report for the run is available on <%s|GitHub>", url));
	end(o, t_s, "");
}

static void stages(const char *url, int64_t t_s)
{
	struct jw *o = begin("B0EXAMPLE3", "Config"), *blocks = jw_add_arr(o, "blocks");
	section(blocks, ":x: *Evening pipeline failed*");
	section(blocks, arena_printf(&arena,
				     "Trigger: schedule\n:white_check_mark: merge: success\n:x: "
				     "batch-assign: failure (scope all, batch 3)\nupload-s3: "
				     "skipped\n<%s|View the run>",
				     url));
	end(o, t_s, "");
}

static void legacy(const struct estate *s, const struct run *x, int64_t t_s)
{
	const char *repo = s->repos.v[s->wfs.v[x->wf].repo].name;
	const char *commit = arena_printf(&arena, ORG_URL "/%s/commit/%s", repo, x->sha);
	const struct {
		const char *title, *value;
	} fields[] = {
		{"Action", arena_printf(&arena, "<%s/checks | %s>", commit, s->wfs.v[x->wf].name)},
		{"Status", "FAILED"},
		{"Branch", arena_printf(&arena, "<%s | %s>", commit, x->branch)},
		{"Event", x->event}};
	struct jw *o = begin("B0EXAMPLE3", "GitHub Actions");
	struct jw *a = jw_add_obj(jw_add_arr(o, "attachments"), NULL);
	jw_str(a, "color", "danger");
	jw_str(a, "footer",
	       arena_printf(&arena, "<" ORG_URL "/%s | " ESTATE_ORG "/%s>", repo, repo));
	struct jw *list = jw_add_arr(a, "fields");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct jw *f = jw_add_obj(list, NULL);
		jw_str(f, "title", fields[i].title);
		jw_str(f, "value", fields[i].value);
		jw_bool(f, "short", true);
	}
	end(o, t_s, "");
}

static void run_posts(const struct estate *s)
{
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct run *x = &s->runs.v[i];
		const struct wf *f = &s->wfs.v[x->wf];
		const struct attempt *t = &x->at[0];
		const char *repo = s->repos.v[f->repo].name;
		if (!estate_run_failed(t->conclusion) || !text_eq(x->branch, "main"))
			continue;
		int64_t at = t->completed_s + 30;
		if (f->kind == WF_EVENING)
			stages(run_url(s, x), at);
		else if (text_eq(repo, "data-builder"))
			reported("DataBuilder", "National Database Builder Has Failed",
				 run_url(s, x), at);
		else if (f->data)
			reported("CollectionRunner",
				 arena_printf(&arena, "Collection Run Failed: " ESTATE_ORG "/%s",
					      repo),
				 run_url(s, x), at);
		else if (f->kind == WF_TEST)
			legacy(s, x, at);
	}
}

/* The newest concluded run on main of each workflow, at seven in the morning: what failed. */
static void checker(const struct estate *s, int64_t t_s)
{
	struct sb b;
	sb_init(&b, &arena, 8192);
	for (size_t w = 0; w < s->wfs.n; w++) {
		const struct run *last = NULL;
		for (size_t i = 0; i < s->runs.n && s->runs.v[i].created_s < t_s; i++) {
			const struct run *x = &s->runs.v[i];
			if (x->wf == (int)w && text_eq(x->branch, "main") && x->at[0].completed_s &&
			    x->at[0].completed_s < t_s)
				last = x;
		}
		if (last && estate_run_failed(last->at[0].conclusion))
			sb_addf(&b, "%s%s - %s", b.len ? "\n" : "",
				s->repos.v[s->wfs.v[w].repo].name, s->wfs.v[w].name);
	}
	bool sad = b.len > 0;
	struct jw *o = begin("B0EXAMPLE4", "GitBot"), *blocks = jw_add_arr(o, "blocks");
	section(blocks, sad ? "GitBot is sad :cry:" : "GitBot is happy :tada:");
	if (sad)
		section(blocks, sb_str(&b));
	end(o, t_s, sad ? "GitBot is sad" : "GitBot is happy");
}

/* --- scans --- */

static void audit(struct jw *blocks, const struct target *t, int w)
{
	static const char *const words[][5] = {
		[TOOL_ZAP] = {NULL, "HIGH", "MEDIUM", "LOW", "INFO"},
		[TOOL_BANDIT] = {NULL, "HIGH", "MEDIUM", "LOW", "UNDEFINED"},
		[TOOL_NPM] = {"CRITICAL", "HIGH", "MODERATE", "LOW", "INFO"},
		[TOOL_CHECKOV] = {NULL, "HIGH", "MEDIUM", "LOW", NULL},
		[TOOL_SEMGREP] = {NULL, "HIGH", "MEDIUM", "LOW", NULL},
	};
	static const char *const severities[] = {"critical", "high", "medium", "low", "info"};
	int n[5] = {0}, total = 0;
	for (size_t i = 0; i < t->findings.n; i++)
		for (int k = 0; k < 5; k++)
			if (t->findings.v[i].present[w] &&
			    text_eq(t->findings.v[i].severity, severities[k]))
				n[k]++, total++;
	section(blocks, t->tool == TOOL_ZAP	  ? "*Dynamic Audit*"
			: t->tool == TOOL_CHECKOV ? "*Checkov*"
						  : "*Static Audit*");
	struct jw *e = context_block(blocks);
	if (t->tool != TOOL_BANDIT)
		element(e, arena_printf(&arena, "*TOTAL* %d", total));
	for (int k = 0; k < 5; k++)
		if (words[t->tool][k])
			element(e, arena_printf(&arena, "*%s* %d", words[t->tool][k], n[k]));
}

static void scan_post(const struct estate *s, const char *name, int w, bool failed, int64_t at)
{
	struct jw *o = begin("B0EXAMPLE5", "SecurityScanner"), *blocks = jw_add_arr(o, "blocks");
	header(blocks, arena_printf(&arena, "Security Scan%s: %s", failed ? " Failed" : "", name));
	jw_str(jw_add_obj(blocks, NULL), "type", "divider");
	for (size_t i = 0; i < s->targets.n && !failed; i++)
		if (text_eq(s->targets.v[i].name, name))
			audit(blocks, &s->targets.v[i], w);
	section(blocks,
		arena_printf(&arena, "The report is available on <" ORG_URL "/%s/actions|GitHub>",
			     name));
	end(o, at, "");
}

/* Of the repositories whose scans report to the channel. A part that failed hides all counts. */
static void scan_posts(const struct estate *s)
{
	static const char *const names[] = {"web", "submit", "infrastructure"};
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			bool failed = false;
			int64_t at = 0;
			for (size_t i = 0; i < s->targets.n; i++) {
				const struct target *t = &s->targets.v[i];
				if (!text_eq(t->name, names[k]))
					continue;
				failed |= t->state[w] == REPORT_FAILED;
				at = MAX(at, t->scanned_s[w]);
			}
			scan_post(s, names[k], w, failed, at + 240);
		}
	}
}

/* --- what nobody else tells --- */

static void say(const char *bot, const char *name, int64_t t_s, const char *text)
{
	end(begin(bot, name), t_s, text);
}

static void dag_failed(int64_t t_s, const char *dag)
{
	say("B0EXAMPLE6", "Airflow", t_s, arena_printf(&arena, "The DAG %s failed", dag));
}

static void alarm(int64_t t_s, const char *name, const char *state, const char *color)
{
	struct jw *o = begin("B0EXAMPLE7", "Amazon Q");
	struct jw *a = jw_add_obj(jw_add_arr(o, "attachments"), NULL);
	jw_str(a, "color", color);
	jw_str(a, "fallback", "[no preview available]");
	struct jw *blocks = jw_add_arr(a, "blocks");
	section(blocks,
		arena_printf(&arena,
			     "*<https://eu-west-2.console.aws.example.org/cloudwatch/"
			     "home?region=eu-west-2#alarmsV2:alarm/%s|CloudWatch Alarm | %s "
			     "| eu-west-2 | Account: 111122223333>*",
			     name, name));
	struct jw *b = jw_add_obj(blocks, NULL);
	jw_str(b, "type", "section");
	element(jw_add_arr(b, "fields"), arena_printf(&arena, "*State*\n%s", state));
	end(o, t_s, "");
}

static void only_here(const struct estate *s)
{
	static const char *const dags[] = {"tree-collection", "conservation-collection",
					   "organisation-builder"};
	struct rng r = {s->seed ^ 0x736c};
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		bool newest = w == ESTATE_WEEKS - 1;
		int64_t tuesday = estate_at(s, w, 1, 40), thursday = estate_at(s, w, 3, 55);
		if (newest) {
			dag_failed(tuesday, "tree-collection");
			dag_failed(tuesday + DAY_S, "tree-collection");
			dag_failed(thursday, "organisation-builder");
			alarm(estate_at(s, w, 2, 14 * 60 + 20), "production-web-5xx", "ALARM",
			      "d13212");
			alarm(estate_at(s, w, 2, 15 * 60 + 2), "production-web-5xx", "OK",
			      "1d8102");
			say("B0EXAMPLE8", "SQS and DB", estate_at(s, w, 2, 14 * 60 + 31),
			    "DB connection issue detected in request-api");
		} else if (rng_p(&r, 35)) {
			dag_failed(tuesday, dags[rng_n(&r, ARRAY_SIZE(dags))]);
		}
		for (int day = 0; day < 5; day++)
			checker(s, estate_at(s, w, day, 7 * 60));
		say(NULL, "U0EXAMPLE1", estate_at(s, w, 0, 10 * 60 + 40), "thanks, looking");
		struct jw *o = begin(NULL, "U0EXAMPLE2");
		jw_str(o, "subtype", "channel_join");
		end(o, estate_at(s, w, 1, 9 * 60), "<@U0EXAMPLE2> has joined the channel");
		o = begin(SLACK_BOT, "sitrep");
		struct jw *meta = jw_add_obj(o, "metadata");
		jw_str(meta, "event_type", "sitrep_digest");
		jw_str(jw_add_obj(meta, "event_payload"), "digest_id", "an earlier one");
		end(o, estate_at(s, w, 0, 10 * 60 + 31), "Planning Data: last week");
	}
}

static int by_ts(const void *a, const void *b)
{
	const struct slack_post *x = a, *y = b;
	return (x->us > y->us) - (x->us < y->us);
}

const struct slack_post *slack_posts(struct context *c, size_t *n)
{
	if (posts.n == 0) {
		sentry_posts(c->estate);
		deploy_posts(c->estate);
		run_posts(c->estate);
		scan_posts(c->estate);
		only_here(c->estate);
		qsort(posts.v, posts.n, sizeof *posts.v, by_ts);
	}
	*n = posts.n;
	return posts.v;
}
