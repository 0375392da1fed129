#include "support/test.h"

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
	 * at most 13 weeks its subquery picked. */
	static const char *const whole[] = {"repo_list",     "workflow_list",  "digest_list",
					    "run_list",	     "number_history", "outbox_list",
					    "outbox_recover"};
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
			if (strstr(detail, "SCAN") && !strstr(detail, "SCAN CONSTANT ROW"))
				fail_msg("query %s: %s", q->name, detail);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_query_prepares_and_none_scans_a_growing_table,
					  release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
