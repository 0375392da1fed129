#include "support/test.h"

#include "base/file.h"
#include "lib/db.h"

#include <math.h>

static const struct db_query queries[] = {
	{"put", "INSERT INTO t (a, b, at) VALUES (:a, :b, :at)"},
	{"get", "SELECT a, b, at FROM t ORDER BY a"},
	{"bad", "SELECT nothing FROM nowhere"},
};

static struct db *open_db(struct arena *a)
{
	struct db *db = NULL;
	struct err e = {0};
	assert_ok(db_open(path_join(a, test_dir(a), "x.db"), false, &db, &e), e);
	assert_ok(db_exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, at TEXT) STRICT", &e),
		  e);
	db_queries(db, queries, ARRAY_SIZE(queries));
	return db;
}

static void unknown_is_null_both_ways(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = open_db(&a);
	struct stmt *s = db_query(db, 0, &e);
	stmt_i64(s, ":a", 1);
	stmt_text(s, ":b", NULL);
	stmt_time(s, ":at", TIME_NONE);
	assert_ok(stmt_run(s, &e), e);
	s = db_query(db, 0, &e);
	stmt_i64(s, ":a", 2);
	stmt_text(s, ":b", "x'y");
	stmt_time(s, ":at", 0);
	assert_ok(stmt_run(s, &e), e);
	s = db_query(db, 1, &e);
	bool row;
	assert_ok(stmt_step(s, &row, &e), e);
	assert_null(stmt_col_text(s, "b", &a));
	assert_true(stmt_col_time(s, "at") == TIME_NONE && stmt_col_i64(s, "b") == NUM_NONE &&
		    isnan(stmt_col_f64(s, "b")));
	assert_ok(stmt_step(s, &row, &e), e);
	assert_string_equal(stmt_col_text(s, "at", &a), "1970-01-01T00:00:00Z");
	assert_ok(stmt_step(s, &row, &e), e);
	assert_false(row);
	arena_release(&a);
}

static void forgotten_and_unknown_parameters_are_our_bug(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = open_db(&a);
	struct stmt *s = db_query(db, 0, &e);
	stmt_i64(s, ":a", 1);
	stmt_text(s, ":b", "x");
	assert_err(stmt_run(s, &e), e, ERR_BUG, ":at was not bound");
	err_clear(&e);
	s = db_query(db, 0, &e);
	stmt_i64(s, ":zzz", 1);
	assert_err(stmt_run(s, &e), e, ERR_BUG, "no parameter :zzz");
	err_clear(&e);
	assert_null(db_query(db, 2, &e));
	assert_int_equal(e.kind, ERR_DB);
	arena_release(&a);
}

static void an_error_never_looks_like_the_end(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = open_db(&a);
	for (int i = 0; i < 2; i++) {
		struct stmt *s = db_query(db, 0, &e);
		stmt_i64(s, ":a", 1);
		stmt_text(s, ":b", "x");
		stmt_time(s, ":at", 0);
		bool row = true, ok = stmt_step(s, &row, &e);
		assert_int_equal(ok, i == 0);
	}
	assert_int_equal(e.kind, ERR_DB);
	assert_non_null(strstr(e.msg, "UNIQUE"));
	arena_release(&a);
}

static void a_failed_script_leaves_no_transaction(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(db_closep) struct db *db = open_db(&a);
	assert_false(db_exec(db,
			     "BEGIN; INSERT INTO t VALUES (1, 'x', NULL); INSERT INTO nowhere "
			     "VALUES (1); COMMIT",
			     &e));
	assert_false(db_in_transaction(db));
	err_clear(&e);
	int64_t n;
	assert_ok(db_i64(db, "SELECT count(*) FROM t", &n, &e), e);
	assert_int_equal(n, 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_null_both_ways),
		cmocka_unit_test(forgotten_and_unknown_parameters_are_our_bug),
		cmocka_unit_test(an_error_never_looks_like_the_end),
		cmocka_unit_test(a_failed_script_leaves_no_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
