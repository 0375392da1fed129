/* How fast the store takes rows, beside bare SQLite inserting the same values into the same tables:
 *   store N rows: ours R rows/s, sqlite R rows/s, ratio X
 * by processor time, best of some rounds, so that a busy machine changes little.
 * Ours pays for named parameters, upserts and the ISO text of times. */
#include "support/test.h"

#include "base/parse.h"
#include "store/ci.h"
#include "store/errors.h"
#include "store/store.h"

#include <sqlite3.h>

#define RUNS   20000
#define ROUNDS 5

static struct arena a;

static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct db *new_store(const char **path)
{
	struct db *db = NULL;
	struct err e = {0};
	*path = arena_printf(&a, "%s/s.db", test_dir(&a));
	assert_ok(store_open(*path, STORE_WRITE, &db, &e), e);
	return db;
}

static struct rec_run run(int i, const char *key)
{
	return (struct rec_run){.source = "github",
				.key = key,
				.repo = "example/some-collection",
				.workflow_key = "9876543",
				.workflow_path = ".github/workflows/run.yml",
				.workflow = "Call collection run",
				.title = "Merge pull request #12 from example/branch",
				.event = "schedule",
				.branch = "main",
				.sha = "9f3c2e1a0b9f3c2e1a0b9f3c2e1a0b9f3c2e1a0b",
				.status = "completed",
				.conclusion = i % 9 ? "success" : "failure",
				.url = "https://github.com/example/some-collection/actions/runs/1",
				.number = i,
				.attempt = 1,
				.created_s = 1794182400 + i,
				.started_s = 1794182400 + i,
				.completed_s = 1794182460 + i,
				.default_branch = true};
}

static const char **keys(void)
{
	const char **k = arena_array(&a, const char *, RUNS);
	for (int i = 0; i < RUNS; i++)
		k[i] = arena_printf(&a, "%d", 1900000000 + i);
	return k;
}

static int64_t ours(const char **key)
{
	const char *path;
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = new_store(&path);
	int64_t start = cpu_us();
	assert_ok(db_begin(db, &e), e);
	for (int i = 0; i < RUNS; i++) {
		struct rec_run r = run(i, key[i]);
		assert_ok(ci_put_run(db, &r, 1794800000, &e), e);
	}
	assert_ok(db_commit(db, &e), e);
	return cpu_us() - start;
}

static void text(sqlite3_stmt *s, int i, const char *v)
{
	sqlite3_bind_text(s, i, v, -1, SQLITE_STATIC);
}

static int64_t bare(const char **key)
{
	const char *path;
	db_close(new_store(&path)); /* the same tables and indexes */
	sqlite3 *h;
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(
			h,
			"INSERT INTO ci_run (source, key, repo, workflow_key, workflow_path, "
			"workflow, title, event, branch, sha, status, conclusion, url, number, "
			"attempt, default_branch, created_at, started_at, completed_at, seen_at) "
			"VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			-1, &s, NULL),
		SQLITE_OK);
	/* The times are text already: making it is our work, not SQLite's. */
	char(*iso)[TIME_TEXT] = arena_alloc(&a, (size_t)(RUNS + 61) * TIME_TEXT);
	for (int i = 0; i < RUNS + 61; i++)
		time_iso(1794182400 + i, iso[i]);
	int64_t start = cpu_us();
	assert_int_equal(sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < RUNS; i++) {
		struct rec_run r = run(i, key[i]);
		const char *texts[] = {
			r.source,   r.key,	  r.repo,  r.workflow_key, r.workflow_path,
			r.workflow, r.title,	  r.event, r.branch,	   r.sha,
			r.status,   r.conclusion, r.url};
		for (int k = 0; k < (int)ARRAY_SIZE(texts); k++)
			text(s, k + 1, texts[k]);
		sqlite3_bind_int64(s, 14, r.number);
		sqlite3_bind_int64(s, 15, r.attempt);
		sqlite3_bind_int64(s, 16, r.default_branch);
		text(s, 17, iso[i]);
		text(s, 18, iso[i]);
		text(s, 19, iso[i + 60]);
		text(s, 20, "2026-11-16T00:00:00Z");
		assert_int_equal(sqlite3_step(s), SQLITE_DONE);
		sqlite3_reset(s);
	}
	assert_int_equal(sqlite3_exec(h, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	int64_t us = cpu_us() - start;
	sqlite3_finalize(s);
	sqlite3_close(h);
	return us;
}

int main(void)
{
	const char **key = keys();
	int64_t best = INT64_MAX, best_bare = INT64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		best = MIN(best, MAX(ours(key), (int64_t)1));
		best_bare = MIN(best_bare, MAX(bare(key), (int64_t)1));
	}
	printf("store %d rows: ours %lld rows/s, sqlite %lld rows/s, ratio %.2f\n", RUNS,
	       (long long)(RUNS * 1000000LL / best), (long long)(RUNS * 1000000LL / best_bare),
	       (double)best_bare / (double)best);
	arena_release(&a);
	return 0;
}
