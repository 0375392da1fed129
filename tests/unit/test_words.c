#include "support/test.h"

#include "digest/doc.h"
#include "digest/words.h"

#include <math.h>

static struct arena a;
static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static void numbers_have_commas_and_plurals(void **state UNUSED)
{
	assert_string_equal(w_count(&a, 0), "0");
	assert_string_equal(w_count(&a, 999), "999");
	assert_string_equal(w_count(&a, 1204), "1,204");
	assert_string_equal(w_count(&a, 1234567), "1,234,567");
	assert_string_equal(w_count(&a, -1204), "−1,204");
	assert_string_equal(w_count(&a, NUM_NONE), "not known");
	assert_string_equal(w_plural(&a, 1, "run", "runs"), "1 run");
	assert_string_equal(w_plural(&a, 1912, "run", "runs"), "1,912 runs");
	assert_string_equal(w_ordinal(&a, 3), "third");
	assert_string_equal(w_ordinal(&a, 11), "11th");
	assert_string_equal(w_ordinal(&a, 22), "22nd");
}

static void durations_have_two_units(void **state UNUSED)
{
	assert_string_equal(w_duration(&a, 0), "less than a minute");
	assert_string_equal(w_duration(&a, 60), "1 minute");
	assert_string_equal(w_duration(&a, 45 * 60 + 59), "45 minutes");
	assert_string_equal(w_duration(&a, 2 * 3600), "2 hours");
	assert_string_equal(w_duration(&a, 28 * 3600 + 59 * 60), "1 day 4 hours");
	assert_string_equal(w_duration(&a, 86400 + 60), "1 day");
}

static void percentages_begin_at_twenty(void **state UNUSED)
{
	assert_null(w_percent(&a, 1, 19));
	assert_string_equal(w_percent(&a, 41, 1912), "2.1%");
	assert_string_equal(w_percent(&a, 10, 20), "50%");
	assert_string_equal(w_percent(&a, 0, 20), "0%");
	assert_string_equal(w_percent(&a, 999, 10000), "10%"); /* never "10.0%" */
	assert_string_equal(w_rate_range(&a, 4, 71), "2 to 14%");
}

static void lists_end_with_and(void **state UNUSED)
{
	struct strv v = {0};
	vec_push(&a, &v, "a");
	assert_string_equal(w_list(&a, &v, 3), "a");
	vec_push(&a, &v, "b");
	assert_string_equal(w_list(&a, &v, 3), "a and b");
	vec_push(&a, &v, "c");
	assert_string_equal(w_list(&a, &v, 3), "a, b and c");
	vec_push(&a, &v, "d");
	assert_string_equal(w_list(&a, &v, 3), "a, b, c and 1 other");
}

static void dates_are_local(void **state UNUSED)
{
	struct err e = {0};
	struct zone *z;
	assert_ok(zone_open("Europe/London", &z, &e), e);
	int64_t t = INT64_C(1794406260); /* 2026-11-11 14:11 UTC */
	assert_string_equal(w_when(&a, z, t), "Wed 11 Nov 14:11");
	assert_string_equal(w_date(&a, z, t), "Wednesday 11 November");
	assert_string_equal(w_date_year(&a, z, t), "Wednesday 11 November 2026");
	assert_string_equal(w_clock(&a, z, INT64_C(1784113200)), "12:00"); /* 11:00 UTC in summer */
	zone_free(z);
}

static struct number number(double v, double low, double high, const char *mark, bool incomplete)
{
	return (struct number){"ci.failed", v, low, high, mark, incomplete};
}

static void a_number_is_compared_in_words(void **state UNUSED)
{
	struct number n = number(14, 1, 13, "up", false);
	assert_string_equal(w_compared(&a, &n), ", more than usual (1 to 13)");
	assert_string_equal(w_usual(&a, &n), "Usual 1 to 13");
	n = number(23, 11, 36, NULL, false);
	assert_string_equal(w_compared(&a, &n), ", as usual (11 to 36)");
	n = number(1, 0, 0, NULL, false); /* outside, but too few for a mark */
	assert_string_equal(w_compared(&a, &n), ", usually 0 to 0");
	n = number(7, 1, 11, NULL, true);
	assert_string_equal(w_compared(&a, &n), ", not compared");
	assert_string_equal(w_value(&a, &n, true), "≥ 7");
	assert_string_equal(w_value(&a, &n, false), "at least 7");
	n = number(NAN, 1, 11, NULL, true);
	assert_string_equal(w_value(&a, &n, true), "not known");
	assert_string_equal(w_usual(&a, &n), "Not compared");
	n = number(3, NAN, NAN, NULL, false);
	assert_string_equal(w_compared(&a, &n), "");
	assert_string_equal(w_usual(&a, &n), "No history yet");
	n = (struct number){"ci.time_to_green_s", 5400, 0, 7200, NULL, false};
	assert_string_equal(w_value(&a, &n, false), "1 hour 30 minutes");
	assert_string_equal(w_usual(&a, &n), "Usual less than a minute to 2 hours");
}

static void marks_become_elements_and_strangers_cannot_forge_them(void **state UNUSED)
{
	struct xml *x = xml_new("p");
	doc_inline(xml_root(x),
		   arena_printf(&a, "at %s in %s, %s", m_code(&a, "load\001code\007x\b"),
				m_link(&a, "https://example.org/?a=1&b=2", "a <b> c"),
				m_link(&a, "javascript:alert(1)", "no link")));
	size_t n;
	assert_string_equal(
		strstr(xml_write(x, &a, &n), "<p>"),
		"<p>at <code>loadcodex</code> in <link href=\"https://example.org/?a=1&amp;b=2\">a "
		"&lt;b&gt; c</link>, no link</p>\n");
	assert_string_equal(m_plain(&a, arena_printf(&a, "at %s!", m_strong(&a, m_code(&a, "x")))),
			    "at x!");
	assert_string_equal(m_plain(&a, m_capital(&a, m_num(&a, "ci.failed", "at least 7"))),
			    "At least 7");
	xml_free(x);
}

static void a_measured_value_is_never_a_false_zero_or_a_false_whole(void **state UNUSED)
{
	assert_string_equal(w_measure(&a, (double)NAN), "no data");
	assert_string_equal(w_measure(&a, 0), "0");
	assert_string_equal(w_measure(&a, 0.00012345), "0.000123");
	assert_string_equal(w_measure(&a, -12.345), "−12.3");
	assert_string_equal(w_measure(&a, -1204), "−1,204");
	assert_string_equal(w_measure(&a, 1204.6), "1,205");
	assert_string_equal(w_share(&a, (double)NAN), "not known");
	assert_string_equal(w_share(&a, 0.99999), "99.99%");
	assert_string_equal(w_share(&a, 1), "100.00%");
}

#define t(f) cmocka_unit_test_teardown(f, release)
int main(void)
{
	const struct CMUnitTest tests[] = {
		t(a_measured_value_is_never_a_false_zero_or_a_false_whole),
		t(numbers_have_commas_and_plurals),
		t(durations_have_two_units),
		t(percentages_begin_at_twenty),
		t(lists_end_with_and),
		t(dates_are_local),
		t(a_number_is_compared_in_words),
		t(marks_become_elements_and_strangers_cannot_forge_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
