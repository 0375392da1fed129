#include "support/test.h"

#include "base/file.h"
#include "store/migrate.h"
#include "store/store.h"

#define WANT_QUERY_TABLE
#include "gen/queries.h"

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static const char *store_path(void)
{
	return arena_printf(&a, "%s/var/sitrep.db", test_dir(&a));
}

/* Binds NULL to every parameter, for EXPLAIN. */
static void bind_nothing(struct stmt *s, const char *sql)
{
	for (const char *p = strchr(sql, ':'); p; p = strchr(p, ':')) {
		size_t n = 1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
		if (n > 1)
			stmt_text(s, arena_strndup(&a, p, n), NULL);
		p += n;
	}
}

static void every_query_prepares_and_none_scans_a_growing_table(void **state UNUSED)
{
	/* Read whole by design; their tables grow by a few rows a week. number_history scans the
	 * at most 13 weeks its subquery picked; the kept answers have a cap. */
	static const char *const whole[] = {
		"repo_list",	  "workflow_list",	 "digest_list",	   "run_list",
		"number_history", "outbox_list",	 "outbox_recover", "prune_issue",
		"prune_ci_span",  "prune_ci_span_whole", "ci_log_wanted",  "cache_size",
		"cache_trim",	  "search_missing"};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	assert_ok(store_open(store_path(), STORE_WRITE, &db, &e), e);
	assert_true(ARRAY_SIZE(query_table) > 50);
	for (size_t i = 0; i < ARRAY_SIZE(query_table); i++) {
		const struct db_query *q = &query_table[i];
		assert_ok(db_query(db, (int)i, &e) != NULL, e);
		bool listed = false, row = true;
		for (size_t k = 0; k < ARRAY_SIZE(whole); k++)
			listed |= !strcmp(whole[k], q->name);
		CLEANUP(stmt_freep)
		struct stmt *s =
			db_prepare(db, arena_printf(&a, "EXPLAIN QUERY PLAN %s", q->sql), &e);
		assert_ok(s != NULL, e);
		bind_nothing(s, q->sql);
		while (!listed) {
			assert_ok(stmt_step(s, &row, &e), e);
			if (!row)
				break;
			const char *detail = stmt_col_text(s, "detail", &a);
			/* What a view or subquery gave is walked to its end; the lines of it say
			 * how it was found. */
			bool found = strstr(detail, "SCAN CONSTANT ROW") ||
				     strstr(detail, "VIRTUAL TABLE INDEX") ||
				     !strcmp(detail, "SCAN number_rows") ||
				     strstr(detail, "SCAN (subquery") || !strcmp(detail, "SCAN h");
			if (strstr(detail, "SCAN") && !found)
				fail_msg("query %s: %s", q->name, detail);
		}
	}
}

static int64_t number(struct db *db, const char *sql)
{
	struct err e = {0};
	int64_t v = 0;
	assert_ok(db_i64(db, sql, &v, &e), e);
	return v;
}

static void a_new_store_is_ours_at_the_current_version(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	const char *path = store_path();
	assert_ok(store_open(path, STORE_WRITE, &db, &e), e);
	assert_int_equal(number(db, "PRAGMA application_id"), STORE_APPLICATION_ID);
	assert_true(number(db, "PRAGMA user_version") >= 1);
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_true(number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'") >= 4);
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_table_list WHERE type = 'table' "
				    "AND NOT strict AND name NOT LIKE 'sqlite%'"),
			 0);
	/* No backup of nothing. */
	assert_false(file_exists(arena_printf(&a, "%s.before-1", path)));
	CLEANUP(db_closep) struct db *reader = NULL;
	assert_ok(store_open(path, STORE_READ, &reader, &e), e);
	assert_err(db_exec(reader, "DELETE FROM run", &e), e, ERR_DB, "readonly");
}

static void every_foreign_key_has_an_index_that_begins_with_it(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	assert_ok(store_open(store_path(), STORE_WRITE, &db, &e), e);
	assert_true(
		number(db,
		       "SELECT count(*) FROM sqlite_schema t, pragma_foreign_key_list(t.name)") >
		8);
	assert_int_equal(
		number(db,
		       "SELECT count(*) FROM sqlite_schema t, pragma_foreign_key_list(t.name) f "
		       "WHERE t.type = 'table' AND NOT EXISTS (SELECT 1 FROM "
		       "pragma_index_list(t.name) i, pragma_index_info(i.name) c "
		       "WHERE c.seqno = 0 AND c.name = f.\"from\")"),
		0);
}

static void every_view_can_be_read(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	assert_ok(store_open(store_path(), STORE_WRITE, &db, &e), e);
	CLEANUP(stmt_freep)
	struct stmt *s = db_prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'view'", &e);
	for (bool row;;) {
		assert_ok(stmt_step(s, &row, &e), e);
		if (!row)
			break;
		CLEANUP(stmt_freep)
		struct stmt *v = db_prepare(
			db, arena_printf(&a, "SELECT * FROM %s", stmt_col_text(s, "name", &a)), &e);
		assert_ok(v && stmt_run(v, &e), e);
	}
}

static void reading_a_store_that_is_not_there_says_what_makes_it(void **state UNUSED)
{
	struct err e = {0};
	struct db *db = NULL;
	const char *path = store_path();
	assert_err(store_open(path, STORE_READ, &db, &e), e, ERR_DB, "sitrep collect");
	assert_null(db);
	assert_false(file_exists(path));
}

/* A database made by sql, as another program or another version would leave it. */
static const char *planted(const char *sql)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	const char *path = arena_printf(&a, "%s/x.db", test_dir(&a));
	assert_ok(db_open(path, false, &db, &e), e);
	assert_ok(db_exec(db, arena_printf(&a, "PRAGMA journal_mode=DELETE; %s", sql), &e), e);
	return path;
}

static void a_newer_or_foreign_database_is_refused_untouched(void **state UNUSED)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{"CREATE TABLE t (a); PRAGMA application_id=1936290930; PRAGMA user_version=999",
		 "version 999, this program knows versions up to"},
		{"CREATE TABLE t (a)", "a database of another program (application id 0)"},
		{"PRAGMA application_id=7", "a database of another program (application id 7)"},
		{"PRAGMA user_version=1", "a database of another program"},
	};
	assert_int_equal(STORE_APPLICATION_ID, 1936290930);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = planted(cases[i].sql);
		size_t n, m;
		const char *before = test_read(&a, path, &n);
		for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
			struct err e = {0};
			struct db *db = NULL;
			assert_err(store_open(path, (enum store_mode)mode, &db, &e), e, ERR_DB,
				   cases[i].says);
			assert_null(db);
		}
		const char *after = test_read(&a, path, &m);
		assert_true(n == m && !memcmp(before, after, n));
	}
	const char *path = arena_printf(&a, "%s/text", test_dir(&a));
	struct err e = {0};
	struct db *db = NULL;
	assert_ok(file_write(path, "This is a letter, not a database.", 33, 0644, &e), e);
	assert_err(store_open(path, STORE_WRITE, &db, &e), e, ERR_DB, "not a database");
}

static void a_migration_that_fails_leaves_the_version_before_it(void **state UNUSED)
{
	static const struct migration steps[] = {
		{"0001.sql", "CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1)"},
		{"0002.sql", "ALTER TABLE t ADD COLUMN b TEXT"},
		{"0003_bad.sql", "CREATE TABLE u (a INTEGER) STRICT; INSERT INTO t (a) VALUES (2); "
				 "INSERT INTO nowhere VALUES (1)"},
	};
	static const char views[] = "CREATE VIEW v AS SELECT a FROM t";
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	const char *path = planted("");
	assert_ok(db_open(path, false, &db, &e), e);
	assert_ok(migrate(db, path, 0, steps, 2, views, &e), e);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM v"), 1);
	/* The bad one leaves nothing behind: not the table before its mistake, not the version. */
	assert_err(migrate(db, path, 2, steps, 3, views, &e), e, ERR_DB,
		   "migration \"0003_bad.sql\", nothing of it was kept");
	assert_non_null(strstr(e.msg, "nowhere"));
	assert_false(db_in_transaction(db));
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'u'"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM v"), 1);
	/* What it was before stands beside it. */
	CLEANUP(db_closep) struct db *copy = NULL;
	err_clear(&e);
	assert_false(file_exists(arena_printf(&a, "%s.before-2", path)));
	assert_ok(db_open(arena_printf(&a, "%s.before-3", path), true, &copy, &e), e);
	assert_int_equal(number(copy, "PRAGMA user_version"), 2);
	assert_int_equal(number(copy, "SELECT count(*) FROM t"), 1);
	/* The next attempt replaces that copy. Views follow their file. */
	err_clear(&e);
	assert_ok(migrate(db, path, 2, steps, 2, "CREATE VIEW w AS SELECT b FROM t", &e), e);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'v'"), 0);
}

static void an_interrupted_first_start_goes_on_where_it_stopped(void **state UNUSED)
{
	/* application_id set, no migration yet: what a crash between the two would leave. */
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	const char *path = planted("PRAGMA application_id=1936290930");
	assert_ok(store_open(path, STORE_WRITE, &db, &e), e);
	assert_true(number(db, "PRAGMA user_version") >= 1);
}

static void one_writer_at_a_time(void **state UNUSED)
{
	struct lock one = {-1}, two = {-1};
	struct err e = {0};
	const char *path = store_path();
	assert_ok(store_lock(path, &one, &e), e);
	assert_err(store_lock(path, &two, &e), e, ERR_BUSY, "another sitrep is at work");
	lock_drop(&one);
	err_clear(&e);
	assert_ok(store_lock(path, &two, &e), e);
	lock_drop(&two);
}

static void a_backup_is_a_checked_whole_copy_in_a_new_file(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	CLEANUP(db_closep) struct db *copy = NULL;
	int64_t id;
	const char *path = store_path(), *to = arena_printf(&a, "%s/copy 'x'.db", test_dir(&a));
	assert_ok(store_open(path, STORE_WRITE, &db, &e), e);
	assert_ok(store_run_begin(db, "run", "2026-W46", "sitrep 0.1.0", 0, &id, &e), e);
	assert_ok(store_backup(db, to, &e), e);
	assert_ok(store_open(to, STORE_READ, &copy, &e), e);
	assert_int_equal(number(copy, "SELECT count(*) FROM run"), 1);
	assert_err(store_backup(db, to, &e), e, ERR_USAGE, "exists");
	err_clear(&e);
	assert_false(store_backup(db, "/nowhere/at/all.db", &e));
	assert_non_null(strstr(e.msg, "backup to \"/nowhere/at/all.db\""));
}

static void a_run_is_told_from_start_to_end(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = NULL;
	struct store_runs runs;
	int64_t one, two;
	assert_ok(store_open(store_path(), STORE_WRITE, &db, &e), e);
	assert_ok(store_run_begin(db, "collect", NULL, "sitrep 0.1.0", 100, &one, &e), e);
	assert_ok(store_run_begin(db, "run", "2026-W46", "sitrep 0.1.0", 200, &two, &e), e);
	assert_ok(store_run_end(db, two, 3, "github: partial", 260, &e), e);
	assert_ok(store_runs(db, 10, &a, &runs, &e), e);
	assert_int_equal(runs.n, 2);
	assert_int_equal(runs.v[0].id, two);
	assert_int_equal(runs.v[0].exit_status, 3);
	assert_int_equal(runs.v[0].ended_s, 260);
	assert_string_equal(runs.v[0].summary, "github: partial");
	assert_true(runs.v[1].ended_s == TIME_NONE && runs.v[1].exit_status == NUM_NONE);
	assert_null(runs.v[1].week);
	assert_ok(store_runs(db, 1, &a, &runs, &e), e);
	assert_int_equal(runs.n, 1);
	assert_err(store_run_end(db, 99, 0, "", 1, &e), e, ERR_BUG, "no run 99");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_query_prepares_and_none_scans_a_growing_table,
					  release),
		cmocka_unit_test_teardown(a_new_store_is_ours_at_the_current_version, release),
		cmocka_unit_test_teardown(every_foreign_key_has_an_index_that_begins_with_it,
					  release),
		cmocka_unit_test_teardown(every_view_can_be_read, release),
		cmocka_unit_test_teardown(reading_a_store_that_is_not_there_says_what_makes_it,
					  release),
		cmocka_unit_test_teardown(a_newer_or_foreign_database_is_refused_untouched,
					  release),
		cmocka_unit_test_teardown(a_migration_that_fails_leaves_the_version_before_it,
					  release),
		cmocka_unit_test_teardown(an_interrupted_first_start_goes_on_where_it_stopped,
					  release),
		cmocka_unit_test_teardown(one_writer_at_a_time, release),
		cmocka_unit_test_teardown(a_backup_is_a_checked_whole_copy_in_a_new_file, release),
		cmocka_unit_test_teardown(a_run_is_told_from_start_to_end, release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
