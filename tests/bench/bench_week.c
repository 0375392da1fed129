/* Digest and all renderings of a large week: 500 issues, 2,000 runs, 100 deployments, 1,000
 * findings, after 13 weeks of history. Limits: 1 s and 64 MB for the newest week. */
#include "base/file.h"
#include "digest/digest.h"
#include "render/render.h"
#include "store/ci.h"
#include "store/deploys.h"
#include "store/digests.h"
#include "store/errors.h"
#include "store/ledger.h"
#include "store/scans.h"
#include "store/store.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ISSUES = 500, RUNS = 2000, DEPLOYMENTS = 100, FINDINGS = 1000, WEEKS = 14 };

static uint32_t seed = 12345;
static uint32_t rnd(uint32_t n) /* xorshift32: the same data every time */
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static void must(bool ok, struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "bench_week: %s\n", e->msg);
	exit(1);
}

static int64_t inside(const struct week *w)
{
	return w->from_s + rnd((uint32_t)(w->to_s - w->from_s));
}

static void issues(struct db *db, const struct week *w, struct arena *a, struct err *e)
{
	for (int i = 0; i < ISSUES; i++) {
		bool fresh = i < 15;
		int64_t first = fresh ? inside(w) : w->from_s - 86400 * (1 + (int64_t)rnd(80));
		struct rec_issue it = {.source = "sentry",
				       .key = fresh ? arena_printf(a, "%s-%d", w->name, i)
						    : arena_printf(a, "%d", i),
				       .short_id = arena_printf(a, "APP-%d", i),
				       .project_key = "1",
				       .project = i % 2 ? "web" : "api",
				       .title = "KeyError: 'organisation'",
				       .url = "https://sentry.example.org/issues/1/",
				       .level = "error",
				       .category = "error",
				       .status = i % 9 ? "unresolved" : "resolved",
				       .substatus = fresh ? "new" : "ongoing",
				       .first_seen_s = first,
				       .last_seen_s = w->to_s - 100,
				       .total_events = 5000,
				       .total_users = NUM_NONE,
				       .week = w->name,
				       .env_first_seen_s = first,
				       .week_first_seen_s = w->from_s + 60,
				       .week_last_seen_s = w->to_s - 100,
				       .events = 1 + rnd(200),
				       .users = rnd(40),
				       .last_day_events = rnd(9),
				       .environment = "production",
				       .regressed_s = i % 100 == 7 ? inside(w) : TIME_NONE,
				       .escalated_s = TIME_NONE,
				       .resolved_s = i % 9 ? TIME_NONE : inside(w)};
		must(errors_put_issue(db, &it, w->to_s, e), e);
	}
}

static void runs(struct db *db, const struct week *w, struct arena *a, struct err *e)
{
	for (int i = 0; i < RUNS; i++) {
		bool failed = rnd(40) == 0;
		int64_t at = inside(w);
		const char *key = arena_printf(a, "%s%05d", w->name, i);
		struct rec_run r = {
			.source = "github",
			.key = key,
			.repo = arena_printf(a, "example/repo-%d", i % 40),
			.workflow_key = arena_printf(a, "%d", i % 60),
			.workflow_path = ".github/workflows/test.yml",
			.workflow = "Test",
			.title = "A change",
			.event = "push",
			.branch = i % 3 ? "main" : "topic",
			.sha = arena_printf(a, "%08x%08x", rnd(UINT32_MAX), rnd(UINT32_MAX)),
			.status = "completed",
			.conclusion = failed   ? "failure"
				      : i % 30 ? "success"
					       : "cancelled",
			.url = "https://github.com/example/repo/actions/runs/1",
			.number = i,
			.attempt = 1,
			.created_s = at,
			.started_s = at,
			.completed_s = at + 300,
			.default_branch = i % 3 != 0};
		must(ci_put_run(db, &r, at, e), e);
		if (failed) {
			struct rec_attempt t = {1, "failure", at, at + 300};
			struct rec_job j = {.attempt = 1,
					    .key = "1",
					    .name = "test",
					    .conclusion = "failure",
					    .started_s = at,
					    .completed_s = at + 300,
					    .failed_step = "Run tests",
					    .steps = 5,
					    .had_runner = true};
			must(ci_put_attempt(db, "github", key, &t, e) &&
				     ci_put_jobs(db, "github", key, 1, &j, 1, e),
			     e);
		}
	}
}

static void deployments(struct db *db, const struct week *w, struct arena *a, struct err *e)
{
	static const char *const envs[] = {"production", "staging", "development"};
	for (int i = 0; i < DEPLOYMENTS; i++) {
		int64_t at = inside(w);
		struct rec_deployment d = {
			.source = "github",
			.kind = "github",
			.key = arena_printf(a, "%s-%d", w->name, i),
			.service = arena_printf(a, "repo-%d", i % 8),
			.repo = arena_printf(a, "example/repo-%d", i % 8),
			.environment = envs[i % 3],
			.sha = arena_printf(a, "%08x%08x", rnd(UINT32_MAX), rnd(UINT32_MAX)),
			.state = i % 25 ? DEPLOY_SUCCEEDED : DEPLOY_FAILED,
			.created_s = at,
			.started_s = at,
			.finished_s = at + 240,
			.creator_kind = "user",
			.url = "https://github.com/example/repo/deployments"};
		must(deploys_put(db, &d, at, e), e);
	}
}

static void findings(struct db *db, const struct week *w, int n, struct arena *a, struct err *e)
{
	struct rec_scan s = {.source = "scans",
			     .tool = "bandit",
			     .target = "web",
			     .format = "bandit-json",
			     .origin = "bandit.json",
			     .sha256 = w->name,
			     .status = SCAN_OK,
			     .scanned_s = w->from_s + 9 * 3600,
			     .findings = FINDINGS,
			     .instances = NUM_NONE,
			     .first_site = NUM_NONE};
	for (int i = 0; i < FINDINGS; i++) {
		struct rec_finding f = {.identity = arena_printf(a, "B%d:%d", i, i < 5 ? n : 0),
					.severity = (enum severity)(i % SEV_COUNT),
					.rule = "B301",
					.title = "Use of unsafe load",
					.path = "app/main.py",
					.line = i,
					.occurrences = 1};
		s.severity[f.severity]++;
		vec_push(a, &s.list, f);
	}
	struct scan_effect x;
	must(scans_put(db, &s, s.scanned_s, &x, e), e);
}

static void fill(struct db *db, const struct week *w, int n, struct err *e)
{
	struct arena a = {0};
	must(db_begin(db, e), e);
	issues(db, w, &a, e);
	runs(db, w, &a, e);
	deployments(db, w, &a, e);
	static const char *const parts[][3] = {{"sentry", "issues", "errors."},
					       {"github", "actions", "ci."},
					       {"github", "deployments", "deployments."},
					       {"scans", "reports", "security."}};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct ledger l = {.week = w->name,
				   .source = parts[i][0],
				   .part = parts[i][1],
				   .status = LEDGER_COMPLETE,
				   .expected = 100,
				   .received = 100,
				   .as_of_s = w->to_s,
				   .affects = parts[i][2]};
		must(ledger_put(db, &l, 0, e), e);
	}
	must(db_commit(db, e), e);
	findings(db, w, n, &a, e);
	arena_release(&a);
}

/* As the pipeline does it: the analysis is gone before anything is rendered. */
static void digest(struct db *db, const struct config *cfg, const struct zone *z,
		   const struct week *w, struct artefacts *out, struct arena *a, struct err *e)
{
	struct arena own = {0};
	struct digest_input in = {.cfg = cfg,
				  .db = db,
				  .zone = z,
				  .week = *w,
				  .now_s = w->to_s + 37800,
				  .version = "sitrep bench"};
	struct digest_output got = {0};
	must(digest_build(&in, &own, &got, e), e);
	size_t len;
	const char *doc = xml_write(got.doc, &own, &len);
	struct frozen f;
	xml_free(got.doc);
	must(digests_freeze(db, w->name, "everyone", doc, len, "sitrep bench", &got.numbers,
			    &got.items, in.now_s, &own, &f, e),
	     e);
	arena_release(&own);
	struct strv failed = {0};
	bool found;
	if (!out)
		return;
	must(digests_get(db, w->name, "everyone", a, &f, &found, e) &&
		     render_all(f.document, f.document_len, a, out, &failed, e),
	     e);
	for (size_t i = 0; i < failed.n; i++)
		fprintf(stderr, "bench_week: could not render %s\n", failed.v[i]);
}

/* The measured part, in a process of its own, so that its peak is its own. */
static int measured(const char *path, const struct config *cfg, const struct week *w)
{
	struct arena a = {0};
	struct err e = {0};
	struct db *db;
	struct zone *z;
	struct artefacts list = {0};
	must(store_open(path, STORE_WRITE, &db, &e) && zone_open("Europe/London", &z, &e), &e);
	int64_t start = clock_mono_ms();
	digest(db, cfg, z, w, &list, &a, &e);
	int64_t ms = clock_mono_ms() - start;
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	for (size_t i = 0; i < list.n; i++)
		printf("  %-16s %8zu bytes\n", list.v[i].name, list.v[i].len);
	printf("digest and %zu renderings: %lld ms (limit 1000 ms), peak %ld MB (limit 64 MB)\n",
	       list.n, (long long)ms, u.ru_maxrss / 1024);
	db_close(db);
	zone_free(z);
	arena_release(&a);
	return ms <= 1000 && u.ru_maxrss <= 64 * 1024 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	struct err e = {0};
	struct config cfg = {.title = "Bench", .timezone = "Europe/London"};
	struct db *db;
	struct zone *z;
	struct week w;
	vec_push(&a, &cfg.environments, "production");
	vec_push(&a, &cfg.environments, "staging");
	cfg.deadlines.critical = 7, cfg.deadlines.high = 30, cfg.deadlines.medium = 90,
	cfg.deadlines.low = 120;
	struct sentry_source sentry = {
		.name = "sentry", .url = "https://sentry.io", .organisation = "example"};
	struct github_source github = {
		.name = "github", .url = "https://api.github.com", .organisation = "example"};
	struct scans_source scans = {.name = "scans", .path = "/none", .target = "web"};
	vec_push(&a, &cfg.sentry, sentry);
	vec_push(&a, &cfg.github, github);
	vec_push(&a, &cfg.scans, scans);
	if (argc == 2) { /* the child: its peak is its own */
		must(zone_open(cfg.timezone, &z, &e) && week_parse(z, "2026-W46", 0, &w, &e), &e);
		return measured(argv[1], &cfg, &w);
	}
	char dir[] = "/tmp/sitrep-bench-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	const char *path = path_join(&a, dir, "bench.db");
	must(store_open(path, STORE_WRITE, &db, &e) && zone_open(cfg.timezone, &z, &e) &&
		     week_parse(z, "2026-W46", 0, &w, &e),
	     &e);
	for (int i = WEEKS - 1; i >= 0; i--) {
		struct week x = week_add(z, &w, -i);
		struct arena b = {0};
		fill(db, &x, i, &e);
		if (i > 0)
			digest(db, &cfg, z, &x, NULL, &b, &e);
		arena_release(&b);
	}
	db_close(db);
	zone_free(z);
	fflush(stdout);
	int status = 1;
	pid_t pid = fork();
	if (pid == 0) {
		execl("/proc/self/exe", argv[0], path, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	if (system(arena_printf(&a, "rm -rf %s", dir)) != 0)
		return 1;
	arena_release(&a);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
