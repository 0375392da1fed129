#include "support/test.h"

#include "base/limits.h"
#include "lib/json.h"

#include <math.h>

static struct json *parse(const char *s)
{
	struct json *j = NULL;
	struct err e = {0};
	assert_ok(json_parse(s, strlen(s), &j, &e), e);
	return j;
}

static void one_whole_text_or_nothing(void **state UNUSED)
{
	static const char *const bad[] = {"",	 "   ",	   "{} junk",	 "{\"a\":1",  "[1,]",
					  "nul", "<html>", "{\"a\":\"x", "\xff\xfe{", "{}{}"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct json *j = NULL;
		struct err e = {0};
		assert_err(json_parse(bad[i], strlen(bad[i]), &j, &e), e, ERR_PROTO, "not JSON");
		assert_null(j);
	}
	CLEANUP(json_freep) struct json *bom = parse("\xef\xbb\xbf {\"a\": 1}\n");
	struct jv root = json_root(bom);
	assert_true(json_is_obj(&root));
}

static void text_need_not_end_in_nul(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse("[1]]]]", 3, &j, &e), e);
}

static void nesting_bombs_are_refused_and_brackets_in_strings_are_not(void **state UNUSED)
{
	struct err e = {0};
	struct json *j = NULL;
	char deep[1001];
	memset(deep, '[', 1000);
	deep[1000] = '\0';
	assert_err(json_parse(deep, 1000, &j, &e), e, ERR_LIMIT, "nested");
	char in_string[1004];
	snprintf(in_string, sizeof in_string, "\"%s\"", deep);
	json_free(parse(in_string));
}

static void too_many_values_are_refused_before_they_fill_the_memory(void **state UNUSED)
{
	struct err e = {0};
	struct json *j = NULL;
	size_t n = 2 * ((size_t)LIMIT_JSON_VALUES + 2);
	char *s = malloc(n);
	assert_non_null(s);
	for (size_t i = 0; i + 1 < n; i += 2)
		memcpy(s + i, "1,", 2);
	s[0] = '[';
	s[n - 1] = ']';
	assert_err(json_parse(s, n, &j, &e), e, ERR_LIMIT, "JSON holds more than 20000000 values");
	free(s);
}

static void half_a_surrogate_pair_spoils_only_itself(void **state UNUSED)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"[\"a\\ud83d\"]", "a\xef\xbf\xbd"},
		{"[\"\\uDE00b\"]", "\xef\xbf\xbd"
				   "b"},
		{"[\"\\ud83d\\ude00\\ud83d\"]", "\xf0\x9f\x98\x80\xef\xbf\xbd"},
		{"[\"\\ud83d\\n\\\\ud83d\"]", "\xef\xbf\xbd\n\\ud83d"},
		{"[\"\\ud83d\\ud83d\\ude00\"]", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
	};
	struct arena a = {0};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = {0};
		CLEANUP(json_freep) struct json *j = NULL;
		assert_ok(json_parse(cases[i].in, strlen(cases[i].in), &j, &e), e);
		struct jv root = json_root(j), first = json_first(&root);
		assert_string_equal(json_text(&first, &a), cases[i].out);
	}
	struct err e = {0};
	struct json *j = NULL;
	assert_err(json_parse("[\"\\ud83d\",}", 11, &j, &e), e, ERR_PROTO, "byte 2 of 11");
	assert_err((err_clear(&e), json_parse("\"\\ud83", 6, &j, &e)), e, ERR_PROTO, "byte");
	arena_release(&a);
}

static void errors_name_the_path(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = parse("{\"issues\":[{\"lastSeen\":7},{}]}");
	struct jv root = json_root(j), arr;
	assert_ok(json_arr(&root, "issues", &arr, &e), e);
	struct jv it = json_first(&arr);
	const char *s;
	assert_err(json_str(&it, "lastSeen", &a, &s, &e), e, ERR_PROTO,
		   "issues[0].lastSeen: expected string, got number");
	it = json_next(&it);
	err_clear(&e);
	assert_err(json_str(&it, "lastSeen", &a, &s, &e), e, ERR_PROTO,
		   "issues[1].lastSeen: expected string, got nothing");
	arena_release(&a);
}

static void integers_are_exact_or_refused(void **state UNUSED)
{
	struct err e = {0};
	CLEANUP(json_freep)
	struct json *j = parse("{\"big\":26365060973,\"text\":\"7019\",\"frac\":1.5,\"huge\":1e300,"
			       "\"edge\":9007199254740992,"
			       "\"neg\":-3,\"bad\":\"7x\",\"nil\":null}");
	struct jv o = json_root(j);
	int64_t v = 0;
	assert_true(json_i64(&o, "big", &v, &e) && v == 26365060973);
	assert_true(json_i64(&o, "text", &v, &e) && v == 7019);
	assert_true(json_i64(&o, "edge", &v, &e) && v == 9007199254740992);
	assert_true(json_i64(&o, "neg", &v, &e) && v == -3);
	static const char *const bad[] = {"frac", "huge", "bad", "nil"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		v = 42;
		assert_err(json_i64(&o, bad[i], &v, &e), e, ERR_PROTO, bad[i]);
		assert_int_equal(v, 42);
	}
	err_clear(&e);
	assert_true(json_i64_opt(&o, "nil", &v, &e) && v == NUM_NONE);
	assert_true(json_i64_opt(&o, "absent", &v, &e) && v == NUM_NONE);
}

static void absent_is_not_zero_nor_empty(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(json_freep)
	struct json *j = parse("{\"s\":\"\",\"z\":0,\"f\":\"NaN\",\"t\":1756109200.9}");
	struct jv o = json_root(j);
	const char *s = "x";
	double d;
	int64_t t;
	assert_true(json_str_opt(&o, "s", &a, &s, &e) && s && !*s);
	assert_true(json_str_opt(&o, "no", &a, &s, &e) && !s);
	assert_true(json_f64_opt(&o, "z", &d, &e) && d == 0);
	assert_true(json_f64_opt(&o, "no", &d, &e) && isnan(d));
	assert_true(json_f64(&o, "f", &d, &e) && isnan(d));
	assert_true(json_epoch(&o, "t", &t, &e) && t == 1756109200);
	assert_err(json_str_opt(&o, "z", &a, &s, &e), e, ERR_PROTO, "expected string");
	arena_release(&a);
}

static void ids_stay_text_with_every_digit(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(json_freep)
	struct json *j = parse("{\"a\":4509062593708032,\"b\":\"6507376925\",\"c\":\"\"}");
	struct jv o = json_root(j);
	const char *s;
	assert_true(json_id(&o, "a", &a, &s, &e));
	assert_string_equal(s, "4509062593708032");
	assert_true(json_id(&o, "b", &a, &s, &e));
	assert_string_equal(s, "6507376925");
	assert_err(json_id(&o, "c", &a, &s, &e), e, ERR_PROTO, "empty");
	arena_release(&a);
}

static void bad_utf8_is_replaced_on_the_way_in_and_out(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	CLEANUP(json_freep)
	struct json *j = parse("{\"s\":\"a\xff"
			       "b\"}");
	struct jv o = json_root(j);
	const char *s;
	assert_true(json_str(&o, "s", &a, &s, &e));
	assert_string_equal(s, "a\xef\xbf\xbd"
			       "b");
	CLEANUP(jw_freep) struct jw *w = jw_obj();
	jw_str(w, "k", "x\xc3");
	jw_i64(w, "n", 9223372036854775807);
	jw_i64(w, "none", NUM_NONE);
	jw_time(w, "t", 0);
	jw_f64(w, "nan", (double)NAN);
	assert_string_equal(jw_print(w, false, &a),
			    "{\"k\":\"x\xef\xbf\xbd\",\"n\":9223372036854775807,\"none\":null,"
			    "\"t\":\"1970-01-01T00:00:00Z\",\"nan\":null}");
	arena_release(&a);
}

/* Everything a walk over runs and results sees, in one text. */
static const char *seen(const struct json *j, struct arena *a)
{
	struct jv root = json_root(j), runs = json_get(&root, "runs");
	const char *all = "";
	for (struct jv run = json_first(&runs); run.n; run = json_next(&run)) {
		struct jv list = json_get(&run, "results");
		all = arena_printf(a, "%s(%zu", all, json_count(&list));
		for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
			struct jv id = json_get(&it, "id");
			const char *v = json_text(json_is_obj(&it) ? &id : &it, a);
			all = arena_printf(a, "%s %s@%s", all, v ? v : "-", json_path(&it, a));
		}
		all = arena_printf(a, "%s)", all);
	}
	return all;
}

static void long_arrays_read_like_any_other(void **state UNUSED)
{
	static const char *const texts[] = {
		"{\"runs\":[{\"results\":[{\"id\":\"a\"},{\"id\":\"b]},{\"}]}]}",
		" { \"runs\" : [ { \"results\" : [ ] } , {\"results\":[1 , \"x\\\"]\" ]} ] } ",
		"{\"runs\":[{\"results\":[{\"id\":1,\"runs\":[{\"results\":[2]}]}]}]}",
		"{\"runs\":[{\"results\":[{\"id\":1}],\"results\":[{\"id\":2}]}]}",
		"{\"runs\":[{\"r\\u0065sults\":[{\"id\":1}]},{\"results\":[{\"id\":2}]}]}",
		"{\"runs\":[{\"results\":null},{\"results\":{\"id\":1}},{},[{\"results\":[1]}]]}",
		"{\"runs\":{\"x\":{\"results\":[1]}},\"results\":[2]}",
		"{\"runs\":[{\"results\":[{\"id\":\"\\ud800!\"},[1,2],{\"id\":\"z\"}]}]}",
		"[{\"runs\":[{\"results\":[1]}]}]",
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct arena a = {0};
		struct err e = {0};
		CLEANUP(json_freep) struct json *whole = parse(texts[i]), *parts = NULL;
		assert_ok(
			json_parse_long(texts[i], strlen(texts[i]), "runs", "results", &parts, &e),
			e);
		assert_string_equal(seen(parts, &a), seen(whole, &a));
		assert_ok(json_sound(parts, &e), e);
		assert_string_equal(seen(parts, &a), seen(whole, &a)); /* a second walk too */
		arena_release(&a);
	}
}

static void a_bad_element_is_told_by_its_byte(void **state UNUSED)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"{\"runs\":[{\"results\":[{\"id\":1},{\"id\" 2}]}]}", "byte 36 of"},
		{"{\"runs\":[{\"results\":[1,]}]}", "byte 23 of"},
		{"{\"runs\":[{\"results\":[1 2]}]}", "byte 22 of"},
		{"{\"runs\":[{\"results\":[,1]}]}", "byte 21 of"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct arena a = {0};
		struct err e = {0};
		CLEANUP(json_freep) struct json *j = NULL;
		assert_ok(json_parse_long(bad[i].text, strlen(bad[i].text), "runs", "results", &j,
					  &e),
			  e);
		seen(j, &a);
		assert_err(json_sound(j, &e), e, ERR_PROTO, bad[i].says);
		arena_release(&a);
	}
	/* What is cut off, or wrong outside of the long arrays, is refused at once. */
	static const char *const cut[] = {"{\"runs\":[{\"results\":[{\"id\":1},",
					  "{\"runs\":[{\"results\":[1]}]} junk",
					  "{\"runs\":[{\"results\":[1]},]}"};
	for (size_t i = 0; i < ARRAY_SIZE(cut); i++) {
		struct err e = {0};
		struct json *j = NULL;
		assert_err(json_parse_long(cut[i], strlen(cut[i]), "runs", "results", &j, &e), e,
			   ERR_PROTO, "not JSON: byte");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_whole_text_or_nothing),
		cmocka_unit_test(text_need_not_end_in_nul),
		cmocka_unit_test(nesting_bombs_are_refused_and_brackets_in_strings_are_not),
		cmocka_unit_test(too_many_values_are_refused_before_they_fill_the_memory),
		cmocka_unit_test(half_a_surrogate_pair_spoils_only_itself),
		cmocka_unit_test(errors_name_the_path),
		cmocka_unit_test(integers_are_exact_or_refused),
		cmocka_unit_test(absent_is_not_zero_nor_empty),
		cmocka_unit_test(ids_stay_text_with_every_digit),
		cmocka_unit_test(long_arrays_read_like_any_other),
		cmocka_unit_test(a_bad_element_is_told_by_its_byte),
		cmocka_unit_test(bad_utf8_is_replaced_on_the_way_in_and_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
