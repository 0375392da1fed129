/* A collection of a large estate against services that answer after 100 ms: 190 repositories,
 * 20,000 runs of 14 KB, 3,000 issues, 1,000 deployments, concurrency 6, all on one host.
 * Limits: wall 1.5 x the longer of requests x 100 ms / 6 and the longest chain; 64 MB; a second
 * run of the week 5 % of the bytes; 2 KB of database a run, 4 KB an issue. */
#include "base/file.h"
#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "collect/collect.h"
#include "store/ledger.h"
#include "store/store.h"

#include <microhttpd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REPOS = 190,
	RUNS = 20000,
	ISSUES = 3000,
	DEPLOYMENTS = 1000,
	PROJECTS = 20,
	PAGE = 100,
	LATENCY_MS = 100,
	CONCURRENCY = 6,
	/* projects, 30 pages of issues, as many of resolved ones, an issue */
	CHAIN = 1 + ISSUES / PAGE + ISSUES / PAGE + 1,
};
#define WEEK_FROM INT64_C(1794182400) /* 2026-11-09T00:00:00Z */
#define WEEK_TO	  (WEEK_FROM + 7 * INT64_C(86400))

/* --- the services: a process of their own, so that their memory is not counted --- */

static int *requests; /* shared with the parent */
static char filler[12800];
static int port;

static const char *iso(struct arena *a, int64_t t_s)
{
	char buf[TIME_TEXT];
	return arena_strdup(a, time_iso(t_s, buf));
}

static int number(const char *s, const char *name, int otherwise)
{
	const char *at = strstr(s, name);
	if (!at)
		return otherwise;
	int n = 0;
	for (at += strlen(name); *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (*at - '0');
	return n;
}

static int runs_of(int repo)
{
	return RUNS / REPOS + (repo < RUNS % REPOS);
}

/* A run every five hours, newest first: three weeks of them, and a bit after the week. */
static void run_json(struct sb *b, struct arena *a, int repo, int i)
{
	int64_t at_s = WEEK_TO + 7200 - (int64_t)i * 5 * 3600 - repo;
	const char *t = iso(a, at_s);
	sb_addf(b,
		"%s{\"id\":%lld,\"name\":\"Test\",\"workflow_id\":%d,\"path\":\".github/workflows/"
		"test.yml\",\"run_number\":%d,\"run_attempt\":1,\"event\":\"push\",\"status\":"
		"\"completed\",\"conclusion\":\"%s\",\"head_branch\":\"main\",\"head_sha\":"
		"\"%040x\",\"created_at\":\"%s\",\"run_started_at\":\"%s\",\"updated_at\":\"%s\","
		"\"display_title\":\"A change\",\"html_url\":\"https://example.org/r/%d/%d\","
		"\"repository\":{\"x\":\"%s\"}}",
		b->p && b->p[b->len - 1] == '[' ? "" : ",", (long long)repo * 100000 + i + 1,
		repo + 1, 1000 - i, i % 33 == 7 ? "failure" : "success",
		(unsigned)(repo * 1000 + i), t, t, t, repo, i, filler);
}

static void page(struct arena *a, int total, int from, const char *url, const char **link)
{
	if (from + PAGE < total)
		*link = arena_printf(a, "<http://127.0.0.1:%d%s&page=%d>; rel=\"next\"", port, url,
				     from / PAGE + 2);
}

static void issue_json(struct sb *b, struct arena *a, int i, bool more)
{
	sb_addf(b,
		"%s{\"id\":\"%d\",\"shortId\":\"P-%d\",\"title\":\"KeyError: 'organisation %d'\","
		"\"culprit\":\"app.views\",\"level\":\"error\",\"status\":\"unresolved\","
		"\"substatus\":\"ongoing\",\"count\":\"%d\",\"userCount\":%d,\"firstSeen\":\"%s\","
		"\"lastSeen\":\"%s\",\"project\":{\"id\":\"%d\",\"slug\":\"p%d\"},"
		"\"issueCategory\":\"error\",\"metadata\":{\"value\":\"%.3000s\"},\"lifetime\":{"
		"\"count\":\"90\",\"firstSeen\":\"2026-06-01T00:00:00Z\",\"lastSeen\":\"%s\"}}",
		more ? "," : "", i + 1, i + 1, i, 1 + i % 40, i % 9, iso(a, WEEK_FROM + i),
		iso(a, WEEK_TO - 86400 * 2 - i), i % PROJECTS + 1, i % PROJECTS, filler,
		iso(a, WEEK_TO - 86400 * 2 - i));
}

static const char *github(const char *path, const char *query, struct arena *a, const char **link)
{
	struct sb b;
	int from = (number(query, "&page=", 1) - 1) * PAGE,
	    repo = number(path, "/repos/acme/r", -1);
	sb_init(&b, a, (size_t)64 << 20);
	const char *self = arena_printf(a, "%s?per_page=100", path);
	if (repo < 0) {
		sb_addc(&b, '[');
		for (int i = from; i < REPOS && i < from + PAGE; i++)
			sb_addf(&b,
				"%s{\"id\":%d,\"full_name\":\"acme/r%d\",\"default_branch\":"
				"\"main\",\"archived\":false}",
				i > from ? "," : "", i + 1, i);
		page(a, REPOS, from, self, link);
		sb_addc(&b, ']');
	} else if (strstr(path, "/logs")) {
		return "2026-11-10T10:00:00Z ##[error]Process completed with exit code 1.\n";
	} else if (strstr(path, "/jobs")) {
		sb_addf(&b,
			"{\"jobs\":[{\"id\":%d,\"name\":\"test\",\"conclusion\":\"failure\","
			"\"runner_id\":1,\"steps\":[{\"name\":\"Run tests\",\"status\":"
			"\"completed\",\"conclusion\":\"failure\"}]}]}",
			number(path, "/actions/runs/", 1));
	} else if (strstr(path, "/actions/runs")) {
		int n = runs_of(repo);
		sb_addf(&b, "{\"total_count\":%d,\"workflow_runs\":[", n);
		for (int i = from; i < n && i < from + PAGE; i++)
			run_json(&b, a, repo, i);
		sb_add(&b, "]}");
		page(a, n, from, self, link);
	} else if (strstr(path, "/actions/workflows")) {
		sb_addf(&b,
			"{\"workflows\":[{\"id\":%d,\"name\":\"Test\",\"path\":\".github/workflows/"
			"test.yml\",\"state\":\"active\"}]}",
			repo + 1);
	} else if (strstr(path, "/statuses")) {
		sb_addf(&b, "[{\"state\":\"success\",\"created_at\":\"%s\"}]",
			iso(a, WEEK_TO - 3500 - number(path, "/deployments/", 0) % 100 * 7200));
	} else if (strstr(path, "/deployments")) {
		int n = DEPLOYMENTS / REPOS + (repo < DEPLOYMENTS % REPOS);
		sb_addc(&b, '[');
		for (int i = 0; i < n; i++)
			sb_addf(&b,
				"%s{\"id\":%d,\"sha\":\"%040x\",\"environment\":\"production\","
				"\"created_at\":\"%s\",\"updated_at\":\"%s\"}",
				i ? "," : "", repo * 100 + i, (unsigned)(repo * 1000 + i),
				iso(a, WEEK_TO - 3600 - i * 7200),
				iso(a, WEEK_TO - 3500 - i * 7200));
		sb_addc(&b, ']');
	} else {
		return NULL;
	}
	return sb_str(&b);
}

static const char *sentry(const char *path, const char *query, struct arena *a, const char **link)
{
	struct sb b;
	const char *rest = strstr(path, "/organizations/acme/") + strlen("/organizations/acme/");
	sb_init(&b, a, (size_t)64 << 20);
	if (!strcmp(rest, "projects/")) {
		sb_addc(&b, '[');
		for (int i = 0; i < PROJECTS; i++)
			sb_addf(&b, "%s{\"id\":\"%d\",\"slug\":\"p%d\"}", i ? "," : "", i + 1, i);
		sb_addc(&b, ']');
	} else if (!strcmp(rest, "issues/")) {
		bool day = strstr(query, "start=2026-11-15") != NULL;
		int from = number(query, "cursor=0%3A", 0), n = day ? ISSUES / 7 : ISSUES;
		if (strstr(query, "resolved"))
			n = ISSUES / 10;
		sb_addc(&b, '[');
		for (int i = from; i < n && i < from + PAGE; i++)
			issue_json(&b, a, i, i > from);
		sb_addc(&b, ']');
		*link = arena_printf(a,
				     "<http://x.invalid/>; rel=\"next\"; results=\"%s\"; "
				     "cursor=\"0:%d:0\"",
				     from + PAGE < n ? "true" : "false", from + PAGE);
	} else if (text_starts(rest, "issues/")) {
		sb_addf(&b,
			"{\"id\":\"%d\",\"status\":\"unresolved\",\"activity\":[],\"x\":\"%."
			"3000s\"}",
			number(rest, "issues/", 1), filler);
	} else if (!strcmp(rest, "stats_v2/")) {
		sb_add(&b, "{\"intervals\":[");
		for (int d = 0; d < 7; d++)
			sb_addf(&b, "%s\"%s\"", d ? "," : "", iso(a, WEEK_FROM + d * 86400));
		sb_add(&b, "],\"groups\":[");
		for (int i = 0; i < PROJECTS; i++)
			sb_addf(&b,
				"%s{\"by\":{\"project\":%d},\"series\":{\"sum(quantity)\":[450,440,"
				"440,440,440,440,440]}}",
				i ? "," : "", i + 1);
		sb_add(&b, "]}");
	} else if (!strcmp(rest, "events/")) {
		sb_add(&b, "{\"data\":[{\"count_unique(user)\":77}]}");
	} else {
		return NULL;
	}
	return sb_str(&b);
}

static enum MHD_Result add_query(void *ctx, enum MHD_ValueKind kind UNUSED, const char *k,
				 const char *v)
{
	struct sb *b = ctx;
	sb_addf(b, "&%s=", k);
	text_url_encode(b, v ? v : "");
	return MHD_YES;
}

static enum MHD_Result serve(void *ctx UNUSED, struct MHD_Connection *c, const char *path,
			     const char *method UNUSED, const char *version UNUSED,
			     const char *data UNUSED, size_t *len UNUSED, void **state)
{
	if (!*state) {
		*state = c;
		return MHD_YES;
	}
	struct arena a = {0};
	struct sb q;
	const char *link = NULL, *asked;
	sb_init(&q, &a, 65536);
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_query, &q);
	const char *query = sb_str(&q);
	__atomic_add_fetch(requests, 1, __ATOMIC_RELAXED);
	bool is_sentry = text_starts(path, "/api/0/");
	const char *body =
		is_sentry ? sentry(path, query, &a, &link) : github(path, query, &a, &link);
	int status = body ? 200 : 404;
	body = body ? body : "{\"message\":\"Not Found\"}";
	uint64_t h = 14695981039346656037u;
	for (const char *p = body; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	const char *etag = arena_printf(&a, "W/\"%016llx\"", (unsigned long long)h);
	asked = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "If-None-Match");
	bool same = asked && !is_sentry && !strcmp(asked, etag);
	struct MHD_Response *r = MHD_create_response_from_buffer(
		same ? 0 : strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	if (link)
		MHD_add_response_header(r, "Link", link);
	if (!is_sentry && status == 200)
		MHD_add_response_header(r, "ETag", etag);
	arena_release(&a);
	usleep(LATENCY_MS * 1000);
	enum MHD_Result ok = MHD_queue_response(c, same ? 304U : (unsigned)status, r);
	MHD_destroy_response(r);
	return ok;
}

static pid_t start_services(void)
{
	int ends[2];
	if (pipe(ends))
		exit(1);
	requests = mmap(NULL, sizeof *requests, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	memset(filler, 'x', sizeof filler - 1);
	pid_t pid = fork();
	if (pid == 0) {
		struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
								MHD_USE_THREAD_PER_CONNECTION,
							0, NULL, NULL, serve, NULL, MHD_OPTION_END);
		if (!d)
			_exit(1);
		port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
		if (write(ends[1], &port, sizeof port) != sizeof port)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ends[0], &port, sizeof port) != sizeof port)
		exit(1);
	return pid;
}

/* --- the collection, in a process of its own too --- */

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "bench_collect: %s\n", e->msg);
	_exit(1);
}

static void collect_week(const char *store)
{
	struct arena a = {0};
	struct err e = {0};
	struct config cfg = {.path = "sitrep.yaml", .limits.requests_per_source = 20000};
	struct clock clock = {.fixed = true, .fixed_s = WEEK_TO + 37800};
	struct http_opts o = {
		.concurrency = CONCURRENCY, .timeout_s = 30, .user_agent = "sitrep/bench"};
	struct collect_result result;
	const char *url = arena_printf(&a, "http://127.0.0.1:%d", port);
	struct github_source g = {.name = "github", .url = url, .organisation = "acme"};
	struct sentry_source s = {.name = "sentry",
				  .url = url,
				  .organisation = "acme",
				  .token = {SECRET_ENV, "SITREP_BENCH_TOKEN"}};
	struct collect c = {.cfg = &cfg, .a = &a, .clock = &clock, .version = "bench"};
	setenv("SITREP_BENCH_TOKEN", "invented", 1);
	vec_push(&a, &g.repositories, "*");
	vec_push(&a, &s.projects, "*");
	vec_push(&a, &g.collect, "actions");
	vec_push(&a, &g.collect, "deployments");
	vec_push(&a, &s.collect, "issues");
	vec_push(&a, &cfg.github, g);
	vec_push(&a, &cfg.sentry, s);
	must(zone_open("UTC", (struct zone **)(uintptr_t)&c.zone, &e), &e);
	must(week_parse(c.zone, "2026-W46", clock_now(&clock), &c.week, &e), &e);
	c.from_s = c.week.from_s - 2 * 86400;
	c.to_s = c.week.to_s;
	must(store_open(store, STORE_WRITE, &c.db, &e) && http_new(&o, &c.http, &e), &e);
	must(collect_run(&c, NULL, &result, &e), &e);
	for (size_t i = 0; i < c.parts.n; i++)
		if (c.parts.v[i]->l.reason)
			printf("  %s %s: %s: %s\n", c.parts.v[i]->l.source, c.parts.v[i]->l.part,
			       ledger_status_name(c.parts.v[i]->l.status), c.parts.v[i]->l.reason);
	http_free(c.http);
	db_close(c.db);
	arena_release(&a);
	fflush(stdout);
	_exit(0);
}

struct measured {
	int requests;
	double wall_s, cpu_s, rss_mb;
};

static bool measure(const char *store, struct measured *m)
{
	int before = *requests, status;
	int64_t at_ms = clock_mono_ms();
	struct rusage u;
	pid_t pid = fork();
	if (pid == 0)
		collect_week(store);
	bool ok = wait4(pid, &status, 0, &u) == pid && status == 0;
	m->wall_s = (double)(clock_mono_ms() - at_ms) / 1000;
	m->requests = *requests - before;
	m->cpu_s = (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
		   (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
	m->rss_mb = (double)u.ru_maxrss / 1024;
	return ok;
}

static int64_t ask(const char *store, const char *sql)
{
	struct db *db = NULL;
	struct err e = {0};
	int64_t n = 0;
	must(store_open(store, STORE_READ, &db, &e) && db_i64(db, sql, &n, &e), &e);
	db_close(db);
	return n;
}

static bool within(const char *what, double have, double limit, const char *unit)
{
	printf("%-34s %9.2f %s (limit %.2f)%s\n", what, have, unit, limit,
	       have <= limit ? "" : "  OVER");
	return have <= limit;
}

int main(void)
{
	char dir[] = "build/bench-collect-XXXXXX";
	struct arena a = {0};
	struct measured first, second;
	if (!mkdtemp(dir))
		return 1;
	const char *store = arena_printf(&a, "%s/sitrep.db", dir);
	pid_t services = start_services();
	bool ok = measure(store, &first);
	int64_t bytes = ask(store, "SELECT sum(bytes) FROM ledger");
	int64_t rows =
		ask(store, "SELECT (SELECT count(*) FROM ci_run) + (SELECT count(*) FROM issue) "
			   "+ (SELECT count(*) FROM deployment)");
	int64_t runs = ask(store, "SELECT count(*) FROM ci_run");
	int64_t run_bytes =
		ask(store, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'ci_%' OR name "
			   "LIKE 'sqlite_autoindex_ci_%'");
	int64_t kept = ask(store, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%http_cache%'");
	ok &= measure(store, &second);
	int64_t again = ask(store, "SELECT sum(bytes) FROM ledger");
	kill(services, SIGTERM);
	waitpid(services, NULL, 0);
	double bound = (double)MAX(CHAIN, first.requests / CONCURRENCY) * LATENCY_MS / 1000;
	printf("rows %lld (%lld runs), requests %d, then %d; %.1f MB received, then %.2f MB\n",
	       (long long)rows, (long long)runs, first.requests, second.requests,
	       (double)bytes / 1e6, (double)again / 1e6);
	printf("processor time a row: %.0f us; second run %.2f s of wall, %.2f s of processor\n",
	       first.cpu_s * 1e6 / (double)rows, second.wall_s, second.cpu_s);
	ok &= within("wall of the first run", first.wall_s, 1.5 * bound, "s");
	ok &= within("memory at its peak", MAX(first.rss_mb, second.rss_mb), 64, "MB");
	ok &= within("bytes of the second run", 100.0 * (double)again / (double)bytes, 5, "%");
	ok &= within("database a run", (double)run_bytes / (double)runs, 2048, "bytes");
	ok &= within("kept answers a row", (double)kept / (double)rows, 2048, "bytes");
	if (ok) {
		unlink(store);
		unlink(arena_printf(&a, "%s-wal", store));
		unlink(arena_printf(&a, "%s-shm", store));
		rmdir(dir);
	}
	arena_release(&a);
	return ok ? 0 : 1;
}
