#include "support/test.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

static int64_t t(const char *s)
{
	int64_t v;
	return parse_time(s, &v) ? v : TIME_NONE;
}

static void times_of_every_service_parse_alike(void **state UNUSED)
{
	assert_int_equal(t("2025-04-03T22:51:19.403000Z"), 1743720679);
	assert_int_equal(t("2025-04-03T22:51:19Z"), 1743720679);
	assert_int_equal(t("2025-04-03T22:51:19+00:00"), 1743720679);
	assert_int_equal(t("2025-04-04T00:51:19+0200"), 1743720679);
	assert_int_equal(t("2025-04-03"), 1743638400);
	assert_int_equal(t("2025-02-30T00:00:00Z"), TIME_NONE);
	assert_int_equal(t("2025-04-03T25:00:00Z"), TIME_NONE);
	assert_int_equal(t("2025-04-03T22:51:19Zjunk"), TIME_NONE);
	assert_int_equal(t(""), TIME_NONE);
	int64_t v;
	assert_true(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", &v));
	assert_int_equal(v, 784111777);
	char buf[TIME_TEXT];
	assert_string_equal(time_iso(1743720679, buf), "2025-04-03T22:51:19Z");
	assert_string_equal(time_iso(-1, buf), "1969-12-31T23:59:59Z");
}

static void integers_are_whole_and_in_range(void **state UNUSED)
{
	int64_t v = 7;
	assert_true(parse_i64("-9223372036854775808", &v) && v == INT64_MIN);
	assert_true(parse_i64("9223372036854775807", &v) && v == INT64_MAX);
	assert_false(parse_i64("9223372036854775808", &v));
	assert_false(parse_i64("", &v) || parse_i64("-", &v) || parse_i64("1 ", &v) ||
		     parse_i64("0x1", &v) || parse_i64("+1", &v));
	double d;
	assert_true(parse_f64("1.756109200101E9", &d) && d == 1756109200.101);
	assert_false(parse_f64("inf", &d) || parse_f64("nan", &d) || parse_f64("0x1", &d) ||
		     parse_f64("1,5", &d));
}

static void outside_text_becomes_one_safe_line(void **state UNUSED)
{
	struct arena a = {0};
	assert_string_equal(text_line(&a, "  a\n\tb\r\nc  ", 0), "a b c");
	assert_string_equal(text_line(&a, "x\x1b[31mred\x07", 0), "x[31mred");
	assert_string_equal(text_line(&a,
				      "a\xe2\x80\xae"
				      "b",
				      0),
			    "ab"); /* U+202E */
	assert_string_equal(text_line(&a,
				      "a\xff"
				      "b",
				      0),
			    "a\xef\xbf\xbd"
			    "b");
	assert_string_equal(text_line(&a, "abcdef", 4), "abc…");
	assert_string_equal(text_line(&a, "abcd", 4), "abcd");
	assert_string_equal(text_line(&a, "ééééé", 3), "éé…");
	assert_null(text_line(&a, NULL, 3));
	arena_release(&a);
}

static void only_plain_links_are_links(void **state UNUSED)
{
	assert_true(text_link_ok("https://example.org/a?b=c#d") &&
		    text_link_ok("mailto:a@example.org"));
	assert_false(text_link_ok("javascript:alert(1)") || text_link_ok("data:text/html,x") ||
		     text_link_ok("https://a\nb") || text_link_ok("https://a b") ||
		     text_link_ok("//example.org") || text_link_ok(NULL));
}

static void globs_exclude_with_a_bang(void **state UNUSED)
{
	const char *v[] = {"*", "!*-prototype"};
	struct strv list = {v, 2, 2};
	assert_true(text_glob_list(&list, "submit"));
	assert_false(text_glob_list(&list, "submit-prototype"));
	struct strv only = {v + 1, 1, 1}, none = {0};
	assert_true(text_glob_list(&only, "submit"));
	assert_false(text_glob_list(&none, "submit"));
}

static void builder_overflow_sticks(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct sb b;
	sb_init(&b, &a, 5);
	sb_add(&b, "abc");
	sb_add(&b, "def");
	sb_add(&b, "g");
	assert_null(sb_finish(&b, NULL, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	arena_release(&a);
}

static void files_appear_whole_and_keep_the_old_one_on_failure(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	const char *dir = test_dir(&a), *path = path_join(&a, dir, "f"), *s;
	size_t len;
	assert_ok(file_write(path, "one", 3, 0600, &e), e);
	assert_ok(file_read(path, 10, &a, &s, &len, &e), e);
	assert_string_equal(s, "one");
	assert_err(file_read(path, 2, &a, &s, &len, &e), e, ERR_LIMIT, "larger than 2");
	err_clear(&e);
	assert_err(file_write(path_join(&a, dir, "no/f"), "x", 1, 0600, &e), e, ERR_IO,
		   "No such file");
	struct strv list = {0};
	err_clear(&e);
	assert_ok(file_glob(path_join(&a, dir, "*"), &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	arena_release(&a);
}

static void second_lock_is_not_had(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	const char *path = path_join(&a, test_dir(&a), "lock");
	struct lock one = {-1}, two = {-1};
	bool held;
	assert_ok(lock_take(&one, path, &held, &e), e);
	assert_true(held);
	assert_ok(lock_take(&two, path, &held, &e), e);
	assert_false(held);
	lock_drop(&one);
	assert_ok(lock_take(&two, path, &held, &e), e);
	assert_true(held);
	lock_drop(&two);
	arena_release(&a);
}

static void first_error_wins_and_wraps(void **state UNUSED)
{
	struct err e = {0};
	assert_false(err_set(&e, ERR_NET, "lost"));
	assert_false(err_set(&e, ERR_DB, "later"));
	err_wrap(&e, "source \"%s\"", "x");
	assert_string_equal(e.msg, "source \"x\": lost");
	assert_int_equal(e.kind, ERR_NET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_every_service_parse_alike),
		cmocka_unit_test(integers_are_whole_and_in_range),
		cmocka_unit_test(outside_text_becomes_one_safe_line),
		cmocka_unit_test(only_plain_links_are_links),
		cmocka_unit_test(globs_exclude_with_a_bang),
		cmocka_unit_test(builder_overflow_sticks),
		cmocka_unit_test(files_appear_whole_and_keep_the_old_one_on_failure),
		cmocka_unit_test(second_lock_is_not_had),
		cmocka_unit_test(first_error_wins_and_wraps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
