#include "support/docs.h"
#include "support/test.h"

#include "lib/json.h"
#include "render/render.h"

#include "base/text.h"

static struct arena A;

static int teardown(void **state UNUSED)
{
	arena_release(&A);
	return 0;
}

static const char *render(const struct xml *doc)
{
	struct err e = {0};
	const char *out = NULL;
	size_t n;
	assert_ok(render_json(doc, &A, &out, &n, &e), e);
	assert_int_equal(strlen(out), n);
	return out;
}

static struct json *digest(const struct xml *doc)
{
	const char *s = render(doc);
	struct err e = {0};
	struct json *j = NULL;
	assert_ok(json_parse(s, strlen(s), &j, &e), e);
	return j;
}

static const char *keys(const struct jv *o)
{
	struct sb b;
	sb_init(&b, &A, 10000);
	for (struct jv v = json_first(o); v.n; v = json_next(&v))
		sb_addf(&b, "%s%s", b.len ? " " : "", v.key);
	return sb_str(&b);
}

static struct jv nth(const struct jv *a, size_t i)
{
	struct jv v = json_first(a);
	while (i--)
		v = json_next(&v);
	assert_non_null(v.n);
	return v;
}

static const char *str(const struct jv *o, const char *key)
{
	struct jv v = json_get(o, key);
	return json_text(&v, &A);
}

static void members_are_the_contract_s_in_its_order(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	struct json *j = digest(doc);
	struct jv root = json_root(j);
	assert_string_equal(keys(&root),
			    "schema week from to timezone audience verdict coverage numbers items "
			    "needs_you set_aside corrections");
	struct jv coverage = json_get(&root, "coverage"), c = nth(&coverage, 0);
	assert_string_equal(keys(&c), "source status expected received as_of reason affects");
	assert_string_equal(str(&c, "status"), "partial");
	struct jv affects = json_get(&c, "affects");
	assert_int_equal(json_count(&affects), 3);
	struct jv numbers = json_get(&root, "numbers"), n = json_get(&numbers, "errors.new");
	assert_string_equal(keys(&n), "value usual mark incomplete");
	struct jv usual = json_get(&n, "usual"), low = nth(&usual, 0), high = nth(&usual, 1);
	assert_string_equal(json_text(&low, &A), "1");
	assert_string_equal(json_text(&high, &A), "13");
	assert_string_equal(str(&n, "mark"), "up");
	struct jv items = json_get(&root, "items"), it = nth(&items, 0);
	assert_string_equal(keys(&it), "id section kind key title url owner first_seen weeks "
				       "deployment");
	struct jv d = json_get(&it, "deployment");
	assert_string_equal(keys(&d), "key strength minutes");
	struct jv needs = json_get(&root, "needs_you"), asides = json_get(&root, "set_aside"),
		  corrections = json_get(&root, "corrections");
	assert_int_equal(json_count(&needs), 5);
	struct jv aside = nth(&asides, 0), correction = nth(&corrections, 0);
	assert_string_equal(keys(&aside), "reason count");
	assert_string_equal(json_text(&correction, &A), "Failed CI runs in week 45: 40, not 38.");
	assert_string_equal(
		str(&root, "verdict"),
		"Two things are broken: one error left behind by Wednesday\xe2\x80\x99s "
		"rolled-back deployment of main, and the nightly database build, "
		"failing since Wednesday.");
	json_free(j);
	xml_free(doc);
}

static void what_is_not_known_is_null_and_zero_is_zero(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-first");
	struct json *j = digest(doc);
	struct jv root = json_root(j), numbers = json_get(&root, "numbers");
	struct jv n = json_get(&numbers, "deployments.total"), v = json_get(&n, "value"),
		  usual = json_get(&n, "usual"), mark = json_get(&n, "mark");
	assert_non_null(v.n); /* there, and null */
	assert_true(json_is_null(&v) && json_is_null(&usual) && json_is_null(&mark));
	struct err e = {0};
	bool incomplete = false;
	assert_ok(json_bool_opt(&n, "incomplete", &incomplete, &e), e);
	assert_true(incomplete);
	struct jv items = json_get(&root, "items"), it = nth(&items, 0),
		  owner = json_get(&it, "owner"), d = json_get(&it, "deployment");
	assert_non_null(owner.n);
	assert_true(json_is_null(&owner) && json_is_null(&d));
	struct jv coverage = json_get(&root, "coverage"), c = nth(&coverage, 0),
		  expected = json_get(&c, "expected");
	assert_true(expected.n && json_is_null(&expected));
	json_free(j);
	xml_free(doc);

	doc = docs_golden("digest-quiet");
	j = digest(doc);
	root = json_root(j);
	numbers = json_get(&root, "numbers");
	n = json_get(&numbers, "security.new");
	v = json_get(&n, "value");
	assert_true(json_is_num(&v));
	assert_string_equal(json_text(&v, &A), "0");
	json_free(j);
	xml_free(doc);
}

static void a_fraction_stays_one_and_a_set_aside_item_says_why(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	struct xnodes found = {0};
	xml_find(doc, NULL, "data/number[@id='errors.new']", &A, &found);
	xml_attr(found.v[0], "value", "99.35");
	struct json *j = digest(doc);
	struct jv root = json_root(j), numbers = json_get(&root, "numbers"),
		  n = json_get(&numbers, "errors.new");
	double v;
	struct err e = {0};
	assert_ok(json_f64(&n, "value", &v, &e), e);
	assert_true(v == 99.35);
	struct jv items = json_get(&root, "items");
	bool said = false;
	for (struct jv it = json_first(&items); it.n; it = json_next(&it)) {
		struct jv aside = json_get(&it, "set_aside");
		assert_int_equal(text_eq(str(&it, "id"), "c-9"), aside.n != NULL);
		said = said || text_eq(json_text(&aside, &A), "flaky");
	}
	assert_true(said);
	json_free(j);
	xml_free(doc);
}

static void outside_text_survives(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]);
		struct json *j = digest(doc);
		struct jv root = json_root(j), items = json_get(&root, "items"),
			  it = nth(&items, 0);
		assert_string_equal(str(&it, "title"),
				    xml_find_text(doc, NULL, "data/item/@title", &A));
		json_free(j);
		xml_free(doc);
	}
}

static void the_file_repeats(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	assert_string_equal(render(doc), render(doc));
	xml_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(members_are_the_contract_s_in_its_order, teardown),
		cmocka_unit_test_teardown(what_is_not_known_is_null_and_zero_is_zero, teardown),
		cmocka_unit_test_teardown(a_fraction_stays_one_and_a_set_aside_item_says_why,
					  teardown),
		cmocka_unit_test_teardown(outside_text_survives, teardown),
		cmocka_unit_test_teardown(the_file_repeats, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
