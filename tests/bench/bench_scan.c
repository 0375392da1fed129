/* Reading a large SARIF report, beside parsing its JSON alone; comparing 10,000 and 100,000
 * findings with those of the scan before. Limits: reading at most twice the parsing; 10,000
 * findings in 0.3 s. Each figure comes from a process of its own, so that peak memory is its own
 * too. */
#include "base/file.h"
#include "base/sb.h"
#include "lib/json.h"
#include "scan/scan.h"
#include "store/scans.h"
#include "store/store.h"

#include <cjson/cJSON.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESULTS = 100000, RULES = 2000 };

static int64_t cpu_ms(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000 +
	       (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

static int64_t own_cpu_ms(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return cpu_ms(&u);
}

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "bench_scan: %s\n", e->msg);
	exit(1);
}

static const char *report(struct arena *a, size_t *len)
{
	struct sb b;
	struct err e = {0};
	sb_init(&b, a, (size_t)1 << 30);
	sb_add(&b, "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"Bench\","
		   "\"rules\":[");
	for (int i = 0; i < RULES; i++)
		sb_addf(&b,
			"%s{\"id\":\"rules.python.r%d\",\"shortDescription\":{\"text\":\"Rule "
			"number "
			"%d\"},\"helpUri\":\"https://example.org/r/%d\",\"defaultConfiguration\":{"
			"\"level\":\"error\"},\"properties\":{\"tags\":[\"security\","
			"\"CWE-%d: a weakness\"]}}",
			i ? "," : "", i, i, i, 20 + i % 900);
	sb_add(&b, "]}},\"results\":[");
	for (int i = 0; i < RESULTS; i++)
		sb_addf(&b,
			"%s{\"ruleId\":\"rules.python.r%d\",\"ruleIndex\":%d,\"message\":{\"text\":"
			"\"A value from outside reaches a query that is built from strings; use a "
			"parameter instead. See the guide for the ways to do "
			"that.\"},\"locations\":[{"
			"\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"src/module_%d/"
			"file_%d.py\","
			"\"uriBaseId\":\"%%SRCROOT%%\"},\"region\":{\"startLine\":%d,"
			"\"startColumn\":5,"
			"\"endColumn\":30,\"snippet\":{\"text\":\"    cursor.execute(text)\"}}}}],"
			"\"partialFingerprints\":{\"primaryLocationLineHash\":\"%08x:1\"}}",
			i ? "," : "", i % RULES, i % RULES, i % 97, i % 1013, 1 + i % 500,
			(unsigned)i * 2654435761U);
	sb_add(&b, "]}]}");
	const char *s = sb_finish(&b, len, &e);
	must(s != NULL, &e);
	return s;
}

struct job {
	const char *bytes;
	size_t len;
	const char *store;
	int findings;
};

/* cJSON as anyone would use it: the mark to be measured against. */
static void parse(const struct job *j)
{
	struct err e = {0};
	cJSON_InitHooks(NULL);
	cJSON *root = cJSON_ParseWithLength(j->bytes, j->len);
	must(root || err_set(&e, ERR_PROTO, "cJSON refuses the report"), &e);
	cJSON_Delete(root);
}

static void read_report(const struct job *j)
{
	struct arena a = {0};
	struct err e = {0};
	struct rec_scan s;
	struct scan_opts o = {.scanned_s = 1000, .fallback_s = 1000};
	scan_read(j->bytes, j->len, &o, &a, &s);
	if (s.findings != RESULTS)
		must(err_set(&e, ERR_BUG, "%lld findings, not %d", (long long)s.findings, RESULTS),
		     &e);
	arena_release(&a);
}

/* The time of the comparison alone is told by the child itself. */
static void compare(const struct job *j)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	struct scan_effect x;
	struct rec_scan s = {.source = "bench",
			     .tool = "bench",
			     .target = "app",
			     .format = "sarif",
			     .origin = "x",
			     .sha256 = "0",
			     .status = SCAN_OK,
			     .findings = j->findings,
			     .scanned_s = 1000,
			     .instances = NUM_NONE,
			     .first_site = NUM_NONE};
	for (int i = 0; i < j->findings; i++) {
		struct rec_finding f = {
			.identity = arena_printf(&a, "%08x%024x", (unsigned)i * 2654435761U, i),
			.severity = SEV_MEDIUM,
			.rule = "rules.python.r1",
			.title = "Rule number 1",
			.path = "src/module_1/file_1.py",
			.message =
				"A value from outside reaches a query that is built from strings",
			.line = i,
			.occurrences = 1};
		vec_push(&a, &s.list, f);
	}
	must(store_open(j->store, STORE_WRITE, &db, &e), &e);
	int64_t t0 = own_cpu_ms();
	must(scans_put(db, &s, 1000, &x, &e), &e);
	int64_t first = own_cpu_ms() - t0;
	s.scanned_s = 2000;
	t0 = own_cpu_ms();
	must(scans_put(db, &s, 2000, &x, &e), &e);
	int64_t again = own_cpu_ms() - t0;
	t0 = own_cpu_ms();
	struct finding_weeks w = {0};
	must(scans_findings(db, 0, 3000, &a, &w, &e), &e);
	printf("%d findings: stored in %lld ms, compared in %lld ms, a week replayed in %lld ms\n",
	       j->findings, (long long)first, (long long)again, (long long)(own_cpu_ms() - t0));
	if (j->findings == 10000 && again > 300)
		must(err_set(&e, ERR_BUG, "over the limit of 300 ms"), &e);
	arena_release(&a);
}

/* Milliseconds and peak memory of f in a process of its own. */
static int64_t run(void (*f)(const struct job *), const struct job *j, int64_t *peak_mb)
{
	struct err e = {0};
	struct rusage use;
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		f(j);
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0)
		must(err_set(&e, ERR_IO, "a measurement failed"), &e);
	*peak_mb = use.ru_maxrss / 1024;
	return MAX(cpu_ms(&use), 1);
}

int main(void)
{
	struct arena a = {0};
	struct err e = {0};
	struct job j = {0};
	int64_t peak, own = 0, best_parse = INT64_MAX, best_read = INT64_MAX, read_peak = 0;
	char dir[] = "/tmp/sitrep-bench-XXXXXX";
	j.bytes = report(&a, &j.len);
	int64_t mb = (int64_t)(j.len >> 20);
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	own = use.ru_maxrss /
	      1024; /* the report and what generating it took: every child has it too */
	for (int i = 0; i < 3; i++) {
		int64_t p = run(parse, &j, &peak), r = run(read_report, &j, &read_peak);
		best_parse = MIN(best_parse, p);
		best_read = MIN(best_read, r);
	}
	printf("SARIF, %lld MB, %d results: read in %lld ms (%lld MB/s), its JSON alone in %lld ms "
	       "(%lld MB/s): %.1f times (limit 2)\n",
	       (long long)mb, RESULTS, (long long)best_read, (long long)(mb * 1000 / best_read),
	       (long long)best_parse, (long long)(mb * 1000 / best_parse),
	       (double)best_read / (double)best_parse);
	printf("peak memory: read %lld MB, JSON alone %lld MB, of which the report and its making "
	       "%lld MB\n",
	       (long long)read_peak, (long long)peak, (long long)own);
	if (best_read > 2 * best_parse)
		must(err_set(&e, ERR_BUG, "reading takes more than twice cJSON alone"), &e);
	if (!mkdtemp(dir))
		must(err_set(&e, ERR_IO, "no temporary directory"), &e);
	for (int n = 10000; n <= 100000; n *= 10) {
		j.findings = n;
		j.store = arena_printf(&a, "%s/%d.db", dir, n);
		run(compare, &j, &peak);
		for (int i = 0; i < 4; i++) {
			static const char *const tail[] = {"", "-wal", "-shm", ".lock"};
			unlink(arena_printf(&a, "%s%s", j.store, tail[i]));
		}
	}
	rmdir(dir);
	arena_release(&a);
	return 0;
}
