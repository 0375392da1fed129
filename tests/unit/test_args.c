#include "support/test.h"

#include "app/args.h"

static const struct arg_spec spec[] = {{"week", "W"}, {"no-send", NULL}, {0}};

static bool parse(struct args *out, struct arena *a, struct err *e, int n, const char **v)
{
	char *argv[8];
	for (int i = 0; i < n; i++)
		argv[i] = arena_strdup(a, v[i]);
	return args_parse(n, argv, spec, a, out, e);
}

static void both_forms_of_a_value_and_words_between(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct args one = {0}, two = {0};
	const char *v1[] = {"x", "--week", "2026-W46", "--no-send", "--", "--week"},
		   *v2[] = {"--week=last", "-"};
	assert_ok(parse(&one, &a, &e, 6, v1), e);
	assert_string_equal(args_get(&one, "week"), "2026-W46");
	assert_string_equal(args_get(&one, "no-send"), "");
	assert_int_equal(one.words.n, 2);
	assert_string_equal(one.words.v[1], "--week");
	assert_ok(parse(&two, &a, &e, 2, v2), e);
	assert_string_equal(args_get(&two, "week"), "last");
	assert_null(args_get(&two, "no-send"));
	assert_string_equal(two.words.v[0], "-");
	arena_release(&a);
}

static void what_is_not_in_the_table_is_refused_by_name(void **state UNUSED)
{
	static const struct {
		const char *v[2];
		int n;
		const char *part;
	} bad[] = {{{"--wek", "x"}, 2, "\"--wek\""},	     {{"-x"}, 1, "\"-x\""},
		   {{"--week"}, 1, "--week needs a value"},  {{"--no-send=1"}, 1, "takes no value"},
		   {{"--no-send", "--no-send"}, 2, "twice"}, {{"--wee=1"}, 1, "\"--wee\""}};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct arena a = {0};
		struct err e = {0};
		struct args got = {0};
		const char *v[2] = {bad[i].v[0], bad[i].v[1]};
		assert_err(parse(&got, &a, &e, bad[i].n, v), e, ERR_USAGE, bad[i].part);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_of_a_value_and_words_between),
		cmocka_unit_test(what_is_not_in_the_table_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
