#include "support/study.h"

#include "config/load.h"
#include "store/store.h"

#include <math.h>

static const char standard[] =
	"title: Planning Data\ntimezone: Europe/London\nstore: sitrep.db\narchive: "
	"archive\narchive_url: https://example.org/sitrep/\n"
	"environments: [production, staging, development]\nenvironment_aliases: [{alias: prod, "
	"environment: production}]\n"
	"sources:\n"
	"  sentry:\n    - {name: sentry, organisation: example, token: \"env:SENTRY_TOKEN\", "
	"environments: [production]}\n"
	"  github:\n    - {name: github, organisation: example, token: \"env:GITHUB_TOKEN\", "
	"data_processing: [\"*-collection/*\", "
	"\"config/evening.yml\"], collect: [actions, deployments]}\n"
	"  aws:\n    - {name: aws-production, environment: production, region: eu-west-2, collect: "
	"[ecr, codedeploy]}\n"
	"  scans:\n    - {name: nightly-scans, path: /var/lib/scans/*.json, target: from-path}\n"
	"services:\n  - {name: main, repository: digital-land.info, sentry: [platform], aws: "
	"[\"*-main\"]}\n"
	"  - {name: submit, repository: submit, sentry: [provide], aws: [\"*-submit\"]}\n"
	"owners:\n  - {team: Platform, items: [\"service:main\", \"repo:config\"]}\n  - {team: "
	"Providers, items: [\"service:submit\"]}\n"
	"audiences:\n  - {name: everyone, email: {to: [lead@example.org], from: \"sitrep "
	"<sitrep@example.org>\", smtp: \"smtps://mail.example.org:465\"}}\n"
	"  - {name: providers, teams: [Providers], directory: {path: out}}\n"
	"  - {name: public, detail: counts, directory: {path: out}}\n";

int64_t at(const struct weeks *b, int day, int hour, int minute)
{
	return b->week.from_s + ((int64_t)day * 24 + hour) * 3600 + (int64_t)minute * 60;
}

void weeks_go(struct weeks *b, const char *week)
{
	struct err e = {0};
	assert_ok(week_parse(b->z, week, INT64_C(1800000000), &b->week, &e), e);
	b->now_s = b->week.to_s + INT64_C(37800);
}

void weeks_start(struct weeks *b, const char *yaml)
{
	struct err e = {0};
	*b = (struct weeks){0};
	const char *dir = test_dir(&b->a), *text = yaml ? yaml : standard;
	assert_ok(config_parse(arena_printf(&b->a, "%s/sitrep.yaml", dir), text, strlen(text),
			       &b->a, &b->cfg, &e),
		  e);
	assert_ok(store_open(arena_printf(&b->a, "%s/sitrep.db", dir), STORE_WRITE, &b->db, &e), e);
	assert_ok(zone_open(b->cfg.timezone, &b->z, &e), e);
	b->audience = b->cfg.audiences.n ? &b->cfg.audiences.v[0] : NULL;
	weeks_go(b, "2026-W46");
}

void weeks_stop(struct weeks *b)
{
	xml_free(b->out.doc);
	db_close(b->db);
	zone_free(b->z);
	arena_release(&b->a);
}

#define stored(b, call)                                                                            \
	do {                                                                                       \
		struct err e = {0};                                                                \
		assert_ok(db_begin((b)->db, &e), e);                                               \
		assert_ok(call, e);                                                                \
		assert_ok(db_commit((b)->db, &e), e);                                              \
	} while (0)

void put_ledger(struct weeks *b, const char *source, const char *part, enum ledger_status s,
		const char *affects, const char *reason)
{
	struct ledger l = {.week = b->week.name,
			   .source = source,
			   .part = part,
			   .status = s,
			   .expected = s == LEDGER_COMPLETE ? 10 : NUM_NONE,
			   .received = s == LEDGER_FAILED ? 0 : 10,
			   .as_of_s = b->now_s - 1800,
			   .reason = reason,
			   .affects = affects};
	stored(b, ledger_put(b->db, &l, 0, &e));
}

void put_complete(struct weeks *b)
{
	put_ledger(b, "sentry", "issues", LEDGER_COMPLETE, "errors.", NULL);
	put_ledger(b, "github", "actions", LEDGER_COMPLETE, "ci.", NULL);
	put_ledger(b, "github", "deployments", LEDGER_COMPLETE, "deployments.", NULL);
	put_ledger(b, "aws-production", "codedeploy", LEDGER_COMPLETE, "deployments.", NULL);
	put_ledger(b, "nightly-scans", "reports", LEDGER_COMPLETE, "security.", NULL);
}

struct rec_issue issue_of(struct weeks *b, const char *short_id, const char *title, int64_t first_s,
			  int64_t events)
{
	return (struct rec_issue){
		.source = "sentry",
		.key = arena_printf(&b->a, "%lld", (long long)(4000 + ++b->keys)),
		.short_id = short_id,
		.project = "platform",
		.title = title,
		.url = arena_printf(&b->a, "https://example.org/sentry/%s", short_id),
		.status = "unresolved",
		.first_seen_s = first_s,
		.last_seen_s = at(b, 4, 12, 0),
		.total_events = events,
		.total_users = 1,
		.week = b->week.name,
		.env_first_seen_s = first_s,
		.week_first_seen_s = MAX(first_s, b->week.from_s),
		.week_last_seen_s = at(b, 4, 12, 0),
		.events = events,
		.users = 3,
		.last_day_events = 0,
		.environment = "production",
		.regressed_s = TIME_NONE,
		.escalated_s = TIME_NONE,
		.resolved_s = TIME_NONE};
}

void put_issue(struct weeks *b, const struct rec_issue *i)
{
	stored(b, errors_put_issue(b->db, i, b->now_s, &e));
}

struct rec_run run_of(struct weeks *b, const char *workflow, const char *sha, int64_t created_s,
		      const char *conclusion)
{
	return (struct rec_run){.source = "github",
				.key = arena_printf(&b->a, "%lld", (long long)(9000 + ++b->keys)),
				.repo = "example/config",
				.workflow_key = workflow,
				.workflow_path =
					arena_printf(&b->a, ".github/workflows/%s.yml", workflow),
				.workflow = workflow,
				.event = "push",
				.branch = "main",
				.sha = sha,
				.status = conclusion ? "completed" : "in_progress",
				.conclusion = conclusion,
				.url = "https://example.org/actions/1",
				.number = b->keys,
				.attempt = 1,
				.created_s = created_s,
				.started_s = created_s,
				.completed_s = conclusion ? created_s + 600 : TIME_NONE,
				.default_branch = true};
}

void put_run(struct weeks *b, const struct rec_run *r, const char *failed_job, bool had_runner)
{
	struct rec_job j = {.attempt = r->attempt,
			    .key = "1",
			    .name = failed_job,
			    .conclusion = "failure",
			    .started_s = r->created_s,
			    .completed_s = r->created_s + 600,
			    .failed_step = had_runner ? "Run tests" : NULL,
			    .steps = had_runner ? 4 : 0,
			    .had_runner = had_runner};
	stored(b, ci_put_run(b->db, r, b->now_s, &e));
	for (size_t i = 0; i < r->attempts.n; i++)
		stored(b, ci_put_attempt(b->db, r->source, r->key, &r->attempts.v[i], &e));
	if (failed_job)
		stored(b, ci_put_jobs(b->db, r->source, r->key, r->attempt, &j, 1, &e));
}

struct rec_deployment deploy_row(struct weeks *b, const char *kind, const char *service,
				 const char *sha, int64_t finished_s, enum deploy_state state)
{
	bool github = !strcmp(kind, "github"),
	     done = state != DEPLOY_IN_PROGRESS && state != DEPLOY_WAITING;
	return (struct rec_deployment){
		.source = github ? "github" : "aws-production",
		.kind = kind,
		.key = arena_printf(&b->a, "d-%lld", (long long)(100 + ++b->keys)),
		.service = service,
		.repo = github ? arena_printf(&b->a, "example/%s", service) : NULL,
		.environment = "production",
		.sha = sha,
		.state = state,
		.created_s = finished_s - 600,
		.started_s = finished_s - 600,
		.finished_s = done ? finished_s : TIME_NONE};
}

void put_deployment(struct weeks *b, const struct rec_deployment *d)
{
	stored(b, deploys_put(b->db, d, b->now_s, &e));
}

static enum severity severity_by_letter(char c)
{
	return c == 'c'	  ? SEV_CRITICAL
	       : c == 'h' ? SEV_HIGH
	       : c == 'm' ? SEV_MEDIUM
	       : c == 'l' ? SEV_LOW
			  : SEV_INFO;
}

void put_scan(struct weeks *b, const char *tool, const char *target, int64_t t_s,
	      enum scan_status s, const char *ids)
{
	struct err e = {0};
	struct rec_scan x = {.source = "nightly-scans",
			     .tool = tool,
			     .target = target,
			     .format = "sarif",
			     .origin = "report.json",
			     .sha256 = arena_printf(&b->a, "%lld", (long long)++b->keys),
			     .status = s,
			     .reason = s == SCAN_FAILED ? "Start the site" : NULL,
			     .scanned_s = t_s,
			     .instances = NUM_NONE,
			     .first_site = NUM_NONE};
	char *copy = arena_strdup(&b->a, ids), *save = NULL;
	for (char *id = strtok_r(copy, " ", &save); id; id = strtok_r(NULL, " ", &save)) {
		struct rec_finding f = {.identity = id,
					.severity = severity_by_letter(id[0]),
					.title = arena_printf(&b->a, "finding %s", id),
					.line = NUM_NONE,
					.occurrences = 1};
		vec_push(&b->a, &x.list, f);
		x.findings++;
		x.severity[f.severity]++;
	}
	struct scan_effect effect;
	assert_ok(scans_put(b->db, &x, t_s, &effect, &e), e);
}

void put_history(struct weeks *b, const char *id, const double *newest_first, size_t n)
{
	struct err e = {0};
	struct items none = {0};
	const char *audience = b->audience ? b->audience->name : "everyone";
	for (size_t i = 0; i < n; i++) {
		struct week w = week_add(b->z, &b->week, -(int)i - 1);
		struct frozen was, out;
		struct numbers list = {0};
		bool found;
		assert_ok(digests_get(b->db, w.name, audience, &b->a, &was, &found, &e), e);
		if (found)
			assert_ok(digests_numbers(b->db, was.id, &b->a, &list, &e), e);
		struct number x = {.id = id, .value = newest_first[i], .low = NAN, .high = NAN};
		size_t k = 0;
		while (k < list.n && strcmp(list.v[k].id, id) != 0)
			k++;
		if (k == list.n)
			vec_push(&b->a, &list, x);
		list.v[k] = x;
		assert_ok(digests_freeze(b->db, w.name, audience, "<digest/>", 9, "sitrep test",
					 &list, &none, w.to_s, &b->a, &out, &e),
			  e);
	}
}

bool weeks_try(struct weeks *b, struct err *e)
{
	struct digest_input in = {.cfg = &b->cfg,
				  .db = b->db,
				  .zone = b->z,
				  .week = b->week,
				  .audience = b->audience,
				  .now_s = b->now_s,
				  .version = "sitrep test"};
	xml_free(b->out.doc);
	b->out = (struct digest_output){0};
	return digest_build(&in, &b->a, &b->out, e);
}

void weeks_build(struct weeks *b)
{
	struct err e = {0};
	size_t n;
	assert_ok(weeks_try(b, &e), e);
	const char *schema = test_read(&b->a, "schema/digest.rng", &n);
	assert_ok(xml_validate(b->out.doc, schema, n, &e), e);
}

const struct number *number_of(const struct weeks *b, const char *id)
{
	for (size_t i = 0; i < b->out.numbers.n; i++)
		if (!strcmp(b->out.numbers.v[i].id, id))
			return &b->out.numbers.v[i];
	fail_msg("there is no number %s", id);
	return NULL;
}

double value_of(const struct weeks *b, const char *id)
{
	return number_of(b, id)->value;
}

const struct item *item_of(const struct weeks *b, const char *key)
{
	for (size_t i = 0; i < b->out.items.n; i++)
		if (!strcmp(b->out.items.v[i].key, key))
			return &b->out.items.v[i];
	return NULL;
}

const char *said(struct weeks *b, const char *xpath)
{
	const char *s = xml_find_text(b->out.doc, NULL, xpath, &b->a);
	return s ? s : "";
}

size_t count_of(struct weeks *b, const char *xpath)
{
	struct xnodes list = {0};
	xml_find(b->out.doc, NULL, xpath, &b->a, &list);
	return list.n;
}
