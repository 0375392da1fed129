/* Sections a team writes itself. */
#include "support/study.h"

#include "base/file.h"

static struct weeks b;

static int start(void **state UNUSED)
{
	weeks_start(&b, NULL);
	put_complete(&b);
	b.cfg.path = arena_printf(&b.a, "%s/sitrep.yaml", path_dir(&b.a, b.cfg.store));
	return 0;
}

static int stop(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

static void put_section(const char *name, const char *sql)
{
	struct err e = {0};
	const char *dir = arena_printf(&b.a, "%s/reports/sections", path_dir(&b.a, b.cfg.store));
	assert_ok(file_mkdirs(dir, &e), e);
	assert_ok(file_write(arena_printf(&b.a, "%s/%s", dir, name), sql, strlen(sql), 0644, &e),
		  e);
}

static void a_file_becomes_a_table_number_or_chart(void **state UNUSED)
{
	struct rec_run r = run_of(&b, "Test", "aaaaaaa", at(&b, 1, 9, 0), "failure");
	put_run(&b, &r, "test", true);
	put_section("a-table.sql", "-- title: Runs by workflow\n-- note: This week\n"
				   "SELECT workflow, count(*) AS runs FROM ci_run WHERE created_at "
				   ">= :from AND created_at < :to GROUP BY 1;\n");
	put_section(
		"b-number.sql",
		"-- title: All runs\n-- kind: number\n-- unit: runs\nSELECT count(*) FROM ci_run");
	put_section("c-chart.sql", "-- title: By day\n-- kind: columns\n"
				   "SELECT 'Mon', 3 UNION ALL SELECT 'Tue', NULL UNION ALL SELECT "
				   "'Wed <b>', 4 ORDER BY 1");
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//section[@id='custom-a-table']/@title)"),
			    "Runs by workflow");
	assert_string_equal(said(&b, "string(//table[@id='custom-a-table.table']/row)"), "Test1");
	assert_string_equal(said(&b, "string(//table[@id='custom-a-table.table']/col[2]/@kind)"),
			    "number");
	assert_string_equal(said(&b, "string(//section[@id='custom-b-number']/para)"), "1 runs.");
	assert_string_equal(said(&b, "string(//section[@id='custom-c-chart']//p[2]/@state)"),
			    "missing"); /* NULL is not zero */
	assert_string_equal(said(&b, "string(//section[@id='custom-c-chart']//x[3]/@label)"),
			    "Wed <b>");
}

static void what_is_wrong_is_said_in_its_place(void **state UNUSED)
{
	static const struct {
		const char *name, *sql, *says;
	} bad[] = {
		{"01.sql", "SELECT 1", "01.sql: its first lines do not say"},
		{"02.sql", "-- title: x\nSELEC 1", "02.sql: near \"SELEC\": syntax error"},
		{"03.sql", "-- title: x\nDELETE FROM issue", "not authorized"},
		{"04.sql", "-- title: x\nSELECT 1; SELECT 2", "more than one statement"},
		{"05.sql", "-- title: x\nATTACH 'x.db' AS x", "not authorized"},
		{"06.sql", "-- title: x\nPRAGMA user_version", "not authorized"},
		{"07.sql",
		 "-- title: x\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
		 "SELECT max(i) FROM n",
		 "took too long"},
		{"08.sql", "-- title: x\n-- kind: pie\nSELECT 1", "not one of table"},
		{"09.sql", "-- title: x\n-- kind: columns\nSELECT 1", "needs two columns"},
		{"10.sql", "-- title: x\nSELECT load_extension('x')", "not authorized"},
		{"11.sql", "-- title: x\n-- nothing else", "no SELECT"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		put_section(bad[i].name, bad[i].sql);
	weeks_build(&b);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *text =
			said(&b, arena_printf(&b.a, "string(//section[@id='custom-%.2s']/callout)",
					      bad[i].name));
		if (!strstr(text, bad[i].says))
			fail_msg("%s: \"%s\" is not in \"%s\"", bad[i].name, bad[i].says, text);
	}
}

static void other_readers_do_not_get_it(void **state UNUSED)
{
	put_section("all.sql", "-- title: x\nSELECT 1");
	put_section("board.sql", "-- title: y\n-- audience: board\nSELECT 1");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='custom-all']"), 1);
	assert_int_equal(count_of(&b, "//section[@id='custom-board']"), 0);
	struct audience team = {.name = "web"};
	vec_push(&b.a, &team.teams, "Web");
	b.audience = &team;
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[starts-with(@id, 'custom-')]"), 0);
	struct audience board = {.name = "board", .detail = DETAIL_COUNTS};
	vec_push(&b.a, &board.teams, "*");
	b.audience = &board;
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='custom-board']"), 1);
	assert_int_equal(count_of(&b, "//section[@id='custom-all']"), 0);
	b.audience = NULL;
}

static void more_files_than_are_read_are_not_passed_over(void **state UNUSED)
{
	for (int i = 0; i < 22; i++)
		put_section(arena_printf(&b.a, "s%02d.sql", i), "-- title: x\nSELECT 1");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[starts-with(@id, 'custom-s')]"), 20);
	assert_int_equal(count_of(&b,
				  "//section[@id='custom']/callout[contains(., '22 files are in "
				  "reports/sections, 20 are read')]"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_becomes_a_table_number_or_chart, start,
						stop),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_said_in_its_place, start, stop),
		cmocka_unit_test_setup_teardown(other_readers_do_not_get_it, start, stop),
		cmocka_unit_test_setup_teardown(more_files_than_are_read_are_not_passed_over, start,
						stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
