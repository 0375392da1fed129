/* The disk fails under the store: a SQLite file system that fails its n-th write, sync or
 * truncation. */
#include "support/test.h"

#include "base/file.h"
#include "store/ci.h"
#include "store/digests.h"
#include "store/errors.h"
#include "store/outbox.h"
#include "store/store.h"

#include <sqlite3.h>

static struct arena a;

static int fail_at, calls; /* the fail_at-th call fails, and every one after it if for_good */
static bool for_good;
static int failure;

static bool failing(void)
{
	if (!fail_at)
		return false;
	calls++;
	return for_good ? calls >= fail_at : calls == fail_at;
}

/* Each of the system's method tables and its copy with our three calls. */
static struct {
	const sqlite3_io_methods *own;
	sqlite3_io_methods ours;
} tables[4];

static const sqlite3_io_methods *own(sqlite3_file *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (f->pMethods == &tables[i].ours)
			return tables[i].own;
	fail_msg("a file of unknown kind");
	return NULL;
}

static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	return failing() ? failure : own(f)->xWrite(f, p, n, at);
}

/* A sync that succeeds does nothing: no power fails here, and the disk is slow. */
static int on_sync(sqlite3_file *f UNUSED, int flags UNUSED)
{
	return failing() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return failing() ? SQLITE_IOERR_TRUNCATE : own(f)->xTruncate(f, size);
}

static sqlite3_vfs *system_vfs;
static sqlite3_vfs faulty;

static int on_open(sqlite3_vfs *v UNUSED, const char *name, sqlite3_file *f, int flags, int *out)
{
	int rc = system_vfs->xOpen(system_vfs, name, f, flags, out);
	if (rc != SQLITE_OK || !f->pMethods)
		return rc;
	size_t i = 0;
	while (tables[i].own && tables[i].own != f->pMethods)
		assert_true(++i < ARRAY_SIZE(tables));
	tables[i].own = f->pMethods;
	tables[i].ours = *f->pMethods;
	tables[i].ours.xWrite = on_write;
	tables[i].ours.xSync = on_sync;
	tables[i].ours.xTruncate = on_truncate;
	f->pMethods = &tables[i].ours;
	return rc;
}

static int install(void **state UNUSED)
{
	system_vfs = sqlite3_vfs_find(NULL);
	faulty = *system_vfs;
	faulty.zName = "faulty";
	faulty.xOpen = on_open;
	return sqlite3_vfs_register(&faulty, 1) == SQLITE_OK ? 0 : -1;
}

static int64_t number(struct db *db, const char *sql)
{
	struct err e = {0};
	int64_t v = 0;
	assert_ok(db_i64(db, sql, &v, &e), e);
	return v;
}

/* One unit of a collection: an issue with its week, a run with an attempt. */
static bool collect(struct db *db, struct err *e)
{
	struct rec_issue i = {.source = "sentry", .key = "1", .title = "T", .week = "2026-W46"};
	struct rec_run r = {.source = "github", .key = "1", .repo = "o/r", .attempt = 1};
	struct rec_attempt t = {.attempt = 1, .conclusion = "failure"};
	if (!db_begin(db, e))
		return false;
	if (errors_put_issue(db, &i, 0, e) && ci_put_run(db, &r, 0, e) &&
	    ci_put_attempt(db, "github", "1", &t, e) && db_commit(db, e))
		return true;
	db_rollback(db);
	return false;
}

/* The whole way of a week; *done counts the steps that said they were done. */
static bool week(struct db *db, int *done, struct err *e)
{
	struct number one = {.id = "errors.new", .value = 1};
	struct item item = {
		.id = "e-1", .section = "errors", .kind = "new", .key = "k", .title = "t"};
	struct numbers n = {&one, 1, 1};
	struct items i = {.v = &item, .n = 1, .cap = 1};
	struct artefact page = {"page.html", "text/html", "<p>", 3};
	struct artefacts list = {&page, 1, 1};
	struct frozen f;
	struct deliveries d;
	if (!collect(db, e))
		return false;
	*done = 1;
	if (!digests_freeze(db, "2026-W46", "everyone", "<d/>", 4, "v", &n, &i, 0, &a, &f, e))
		return false;
	*done = 2;
	if (!digests_put_artefacts(db, f.id, &list, e))
		return false;
	*done = 3;
	if (!outbox_plan(db, "2026-W46", "everyone", "email", "x@example.org", f.sha256, 0, e) ||
	    !outbox_list(db, "2026-W46", "everyone", &a, &d, e))
		return false;
	*done = 4;
	if (!outbox_set(db, d.v[0].id, OUTBOX_SENDING, NULL, NULL, 1, e))
		return false;
	*done = 5;
	if (!outbox_set(db, d.v[0].id, OUTBOX_SENT, "250 ok", NULL, 2, e))
		return false;
	*done = 6;
	return true;
}

/* Every step that said "done" is there, and no step is there by half. */
static void check(const char *path, int done)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	assert_ok(store_open(path, STORE_WRITE, &db, &e), e);
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(db, "PRAGMA integrity_check", &e);
	bool row;
	assert_ok(s && stmt_step(s, &row, &e), e);
	assert_string_equal(stmt_col_text_at(s, 0, &a), "ok");
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	int64_t issues = number(db, "SELECT count(*) FROM issue"),
		digests = number(db, "SELECT count(*) FROM digest");
	assert_true(issues >= (done >= 1));
	assert_int_equal(issues, number(db, "SELECT count(*) FROM issue_week"));
	assert_int_equal(issues, number(db, "SELECT count(*) FROM ci_run"));
	assert_int_equal(issues, number(db, "SELECT count(*) FROM ci_attempt"));
	assert_true(digests >= (done >= 2));
	assert_int_equal(digests, number(db, "SELECT count(*) FROM number"));
	assert_int_equal(digests, number(db, "SELECT count(*) FROM item"));
	assert_true(number(db, "SELECT count(*) FROM artefact") >= (done >= 3));
	assert_true(number(db, "SELECT count(*) FROM outbox") >= (done >= 4));
	/* An attempt and the mark on its digest stand or fall together. */
	assert_int_equal(number(db, "SELECT count(*) FROM outbox WHERE attempts > 0"),
			 number(db, "SELECT count(*) FROM digest WHERE tried"));
	assert_true(number(db, "SELECT count(*) FROM outbox WHERE attempts > 0") >= (done >= 5));
	assert_true(number(db, "SELECT count(*) FROM outbox WHERE state = 'sent'") >= (done >= 6));
}

/* A file name in a folder of its own. */
static const char *new_path(const char *name)
{
	static struct arena whole_run;
	static const char *dir;
	static int n;
	if (!dir)
		dir = test_dir(&whole_run);
	return arena_printf(&a, "%s/%d/%s", dir, n++, name);
}

static void run_with_every_fault(bool forever, int kind)
{
	int failed = 0;
	for (int n = 1;; n++) {
		struct err e = {0};
		struct db *db = NULL;
		int done = 0;
		const char *path = new_path("s.db");
		assert_ok(store_open(path, STORE_WRITE, &db, &e), e);
		for_good = forever;
		failure = kind;
		fail_at = n;
		calls = 0;
		bool ok = week(db, &done, &e);
		db_close(db); /* its checkpoint may fail too */
		bool reached = calls >= n;
		fail_at = 0;
		if (!ok) {
			failed++;
			assert_int_equal(e.kind, ERR_DB);
			assert_true(strlen(e.msg) > 20);
		}
		check(path, done);
		arena_release(&a);
		if (!reached)
			break;
	}
	assert_true(failed > 10);
}

static void one_failing_write_leaves_whole_steps_only(void **state UNUSED)
{
	run_with_every_fault(false, SQLITE_IOERR_WRITE);
}

static void a_disk_that_is_full_from_any_moment_on_loses_nothing(void **state UNUSED)
{
	run_with_every_fault(true, SQLITE_FULL);
}

static void a_first_start_that_fails_anywhere_succeeds_the_next_time(void **state UNUSED)
{
	int failed = 0;
	for (int n = 1;; n++) {
		struct err e = {0};
		struct db *db = NULL;
		const char *path = new_path("s.db");
		for_good = false;
		failure = SQLITE_IOERR_WRITE;
		fail_at = n;
		calls = 0;
		bool ok = store_open(path, STORE_WRITE, &db, &e);
		bool reached = calls >= n;
		db_close(db);
		fail_at = 0;
		failed += !ok;
		check(path, 0);
		arena_release(&a);
		if (!reached)
			break;
	}
	assert_true(failed > 5);
}

static void a_backup_that_fails_leaves_no_file(void **state UNUSED)
{
	int failed = 0;
	CLEANUP(db_closep) struct db *db = NULL;
	struct err e = {0};
	assert_ok(store_open(new_path("s.db"), STORE_WRITE, &db, &e), e);
	for (int n = 1;; n++) {
		const char *to = new_path("copy.db");
		assert_ok(file_mkdirs(path_dir(&a, to), &e), e);
		err_clear(&e);
		for_good = false;
		failure = SQLITE_FULL;
		fail_at = n;
		calls = 0;
		bool ok = store_backup(db, to, &e), reached = calls >= n;
		fail_at = 0;
		assert_int_equal(ok, file_exists(to));
		failed += !ok;
		if (!reached || n == 40)
			break;
	}
	assert_true(failed > 3);
	arena_release(&a);
}

static void
a_store_that_reached_its_size_says_full_and_goes_on_when_there_is_room(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	assert_ok(store_open(new_path("s.db"), STORE_WRITE, &db, &e), e);
	int64_t pages = number(db, "PRAGMA page_count"), stored = 0;
	assert_int_equal(
		number(db, arena_printf(&a, "PRAGMA max_page_count=%lld", (long long)pages + 8)),
		pages + 8);
	char title[3000];
	memset(title, 'x', sizeof title - 1);
	title[sizeof title - 1] = '\0';
	for (bool ok = true; ok;) {
		struct rec_issue i = {.source = "s",
				      .key = arena_printf(&a, "%lld", (long long)stored),
				      .title = title};
		assert_ok(db_begin(db, &e), e);
		ok = errors_put_issue(db, &i, 0, &e) && db_commit(db, &e);
		db_rollback(db);
		stored += ok;
		assert_true(stored < 100);
	}
	assert_int_equal(e.kind, ERR_DB);
	assert_non_null(strstr(e.msg, "full"));
	assert_true(stored > 0);
	assert_int_equal(number(db, "SELECT count(*) FROM issue"), stored);
	assert_true(number(db, "PRAGMA max_page_count=100000") > pages);
	err_clear(&e);
	assert_ok(collect(db, &e), e);
	assert_int_equal(number(db, "SELECT count(*) FROM issue"), stored + 1);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failing_write_leaves_whole_steps_only),
		cmocka_unit_test(a_disk_that_is_full_from_any_moment_on_loses_nothing),
		cmocka_unit_test(a_first_start_that_fails_anywhere_succeeds_the_next_time),
		cmocka_unit_test(a_backup_that_fails_leaves_no_file),
		cmocka_unit_test(
			a_store_that_reached_its_size_says_full_and_goes_on_when_there_is_room),
	};
	return cmocka_run_group_tests(tests, install, NULL);
}
