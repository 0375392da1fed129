#include "support/test.h"

#include "base/clock.h"
#include "scan/scan.h"
#include "store/scans.h"
#include "store/scans_match.h"
#include "store/store.h"

static struct arena a;

static struct match_side side(const char *coarse, const char *strong, const char *context,
			      int64_t line)
{
	return (struct match_side){coarse, strong, context, line, true, 0};
}

/* "a3": what the report's and the stored entries are paired with, "-" for none. */
static const char *pairs(struct match_side *r, size_t n, struct match_side *s, size_t m)
{
	const char *out = "";
	scans_match(r, n, s, m, &a);
	for (size_t i = 0; i < n; i++) {
		if (r[i].pair == MATCH_NONE) {
			out = arena_printf(&a, "%s-", out);
			continue;
		}
		assert_int_equal(s[r[i].pair].pair, i);
		out = arena_printf(&a, "%s%zu", out, r[i].pair);
	}
	size_t alone = 0;
	for (size_t i = 0; i < m; i++)
		alone += s[i].pair == MATCH_NONE;
	return arena_printf(&a, "%s left %zu", out, alone);
}

static void of_equal_findings_the_nearest_lines_pair(void **state UNUSED)
{
	struct match_side stored[] = {side("k", NULL, NULL, 10), side("k", NULL, NULL, 50),
				      side("k", NULL, NULL, 90)};
	struct match_side one[] = {side("k", NULL, NULL, 52)};
	assert_string_equal(pairs(one, 1, stored, 3), "1 left 2");
	struct match_side two[] = {side("k", NULL, NULL, 90), side("k", NULL, NULL, 48)};
	assert_string_equal(pairs(two, 2, stored, 3), "21 left 1");
	/* Equal lines first: 50 stays 50 although 10 moved to 49. */
	struct match_side moved[] = {side("k", NULL, NULL, 49), side("k", NULL, NULL, 50),
				     side("k", NULL, NULL, 90)};
	assert_string_equal(pairs(moved, 3, stored, 3), "012 left 0");
	struct match_side more[] = {side("k", NULL, NULL, 200), side("k", NULL, NULL, 11),
				    side("k", NULL, NULL, 51), side("k", NULL, NULL, 91)};
	assert_string_equal(pairs(more, 4, stored, 3), "-012 left 0");
	arena_release(&a);
}

static void the_fingerprint_rescues_only_what_the_key_would_lose(void **state UNUSED)
{
	struct match_side stored[] = {side("old wording", "f1", NULL, 1),
				      side("kept", "f2", NULL, 2)};
	struct match_side report[] = {side("new wording", "f1", NULL, 1),
				      side("kept", "f9", NULL, 2)};
	assert_string_equal(pairs(report, 2, stored, 2), "01 left 0");
	/* The coarse key wins over a fingerprint that points elsewhere. */
	struct match_side swapped[] = {side("kept", "f1", NULL, 1)};
	assert_string_equal(pairs(swapped, 1, stored, 2), "1 left 1");
	struct match_side code[] = {side("x", NULL, "code", 7)},
			  known[] = {side("y", NULL, "code", 9)};
	assert_string_equal(pairs(code, 1, known, 1), "0 left 0");
	struct match_side none[] = {side("x", NULL, NULL, 7)}, bare[] = {side("y", NULL, NULL, 7)};
	assert_string_equal(pairs(none, 1, bare, 1), "- left 1"); /* no key is no equal key */
	arena_release(&a);
}

static void an_open_finding_goes_before_a_fixed_one(void **state UNUSED)
{
	struct match_side stored[] = {side("k", NULL, NULL, 5), side("k", NULL, NULL, 90)};
	stored[0].open = false;
	struct match_side report[] = {side("k", NULL, NULL, 5)};
	assert_string_equal(pairs(report, 1, stored, 2), "1 left 1");
	struct match_side both[] = {side("k", NULL, NULL, 5), side("k", NULL, NULL, 88)};
	assert_string_equal(pairs(both, 2, stored, 2), "01 left 0");
	arena_release(&a);
}

static void every_finding_has_at_most_one_partner_in_any_mix(void **state UNUSED)
{
	unsigned seed = 7;
	for (int round = 0; round < 300; round++) {
		struct match_side r[40], s[40];
		size_t n = (seed = seed * 1103515245 + 12345) >> 16 & 31,
		       m = (seed = seed * 1103515245 + 12345) >> 16 & 31, report = 0, stored = 0;
		for (size_t i = 0; i < n + m; i++) {
			static const char *const keys[] = {"a", "b", "c", "d"};
			seed = seed * 1103515245 + 12345;
			struct match_side x = {keys[seed >> 16 & 3],
					       seed >> 18 & 1 ? keys[seed >> 19 & 3] : NULL,
					       seed >> 21 & 1 ? keys[seed >> 22 & 3] : NULL,
					       seed >> 24 & 1 ? seed >> 25 & 15 : NUM_NONE,
					       seed >> 29 & 1,
					       99};
			if (i < n)
				r[i] = x;
			else
				s[i - n] = x;
		}
		scans_match(r, n, s, m, &a);
		for (size_t i = 0; i < n; i++) {
			report += r[i].pair != MATCH_NONE;
			assert_true(r[i].pair == MATCH_NONE || s[r[i].pair].pair == i);
		}
		for (size_t i = 0; i < m; i++)
			stored += s[i].pair != MATCH_NONE;
		assert_int_equal(report, stored);
	}
	arena_release(&a);
}

/* --- with the store --- */

static struct db *db;

static int open_db(void **state UNUSED)
{
	struct err e = {0};
	return store_open(arena_printf(&a, "%s/x.db", test_dir(&a)), STORE_WRITE, &db, &e) ? 0 : -1;
}

static int close_db(void **state UNUSED)
{
	db_close(TAKE_PTR(db));
	arena_release(&a);
	return 0;
}

/* A SARIF report of one rule and place: texts are messages, with a fingerprint where told. */
static struct scan_effect import(int64_t at_s, const char *version, const char *results,
				 struct rec_scan *out)
{
	const char *report = arena_printf(
		&a,
		"{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"Lint\","
		"\"version\":\"%s\",\"rules\":[{\"id\":\"R1\"},{\"id\":\"R2\"}%s]}},\"results\":"
		"[%s]}]}",
		version, strchr(version, '+') ? ",{\"id\":\"R3\"}" : "", results);
	struct scan_opts o = {.target = "app", .scanned_s = at_s, .fallback_s = at_s};
	struct scan_effect effect = {0};
	struct err e = {0};
	scan_read(report, strlen(report), &o, &a, out);
	assert_ok(scans_put(db, out, at_s, &effect, &e), e);
	return effect;
}

static const char *result(const char *text, int line, const char *print, const char *code)
{
	return arena_printf(&a,
			    "{\"ruleId\":\"R1\",\"message\":{\"text\":\"%s\"},\"locations\":[{"
			    "\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"a.c\"},"
			    "\"region\":{\"startLine\":%d%s%s%s}}}]%s%s%s}",
			    text, line, code ? ",\"snippet\":{\"text\":\"" : "", code ? code : "",
			    code ? "\"}" : "", print ? ",\"fingerprints\":{\"v1\":\"" : "",
			    print ? print : "", print ? "\"}" : "");
}

static void another_wording_of_the_same_place_is_the_same_finding(void **state UNUSED)
{
	struct rec_scan s;
	const char *first = arena_printf(&a, "%s,%s", result("old", 1, "f1", NULL),
					 result("other", 9, "f2", NULL));
	assert_true(import(100, "1", first, &s).baseline);
	struct scan_effect x = import(200, "1",
				      arena_printf(&a, "%s,%s", result("new words", 4, "f1", NULL),
						   result("other", 12, "f2", NULL)),
				      &s);
	assert_int_equal(x.fresh, 0);
	assert_int_equal(x.fixed, 0);
	/* The finding keeps the name it was accepted under; its words are the newest. */
	struct finding_weeks w;
	struct err e = {0};
	assert_ok(scans_findings(db, 0, 300, &a, &w, &e), e);
	assert_int_equal(w.n, 2);
	const char *old = w.v[0].f.identity;
	x = import(400, "1", first, &s); /* and back */
	assert_int_equal(x.fresh + x.fixed, 0);
	assert_ok(scans_findings(db, 0, 500, &a, &w, &e), e);
	assert_true(!strcmp(w.v[0].f.identity, old) || !strcmp(w.v[1].f.identity, old));
	/* Without a fingerprint the code it points to tells, blanks aside. */
	assert_int_equal(import(600, "1", result("x", 1, NULL, "f( y )"), &s).fresh, 1);
	x = import(700, "1", result("z", 5, NULL, "  f( y ) "), &s);
	assert_int_equal(x.fresh + x.fixed, 0);
}

static void a_constant_fingerprint_is_none(void **state UNUSED)
{
	struct rec_scan s;
	import(100, "1",
	       arena_printf(&a, "%s,%s", result("a", 1, "requires login", NULL),
			    result("b", 2, "requires login", NULL)),
	       &s);
	assert_null(s.list.v[0].strong);
	struct scan_effect x =
		import(200, "1",
		       arena_printf(&a, "%s,%s", result("c", 1, "requires login", NULL),
				    result("d", 2, "requires login", NULL)),
		       &s);
	assert_int_equal(x.fresh, 2);
	assert_int_equal(x.fixed, 2);
}

static void a_name_that_moved_away_is_not_given_twice(void **state UNUSED)
{
	struct rec_scan s;
	struct err e = {0};
	struct finding_weeks w;
	import(100, "1", result("a", 1, "f1", NULL), &s);
	/* f1 now says "b"; another place says "a": the stored one is "a" by its key. */
	import(200, "1",
	       arena_printf(&a, "%s,%s", result("b", 1, "f1", NULL), result("a", 30, "f3", NULL)),
	       &s);
	/* "a" goes, "b" becomes "a": tied by f1's finding, whose name is b's; "a" is still taken.
	 */
	import(300, "1",
	       arena_printf(&a, "%s,%s", result("a", 1, "f1", NULL), result("a", 60, "f5", NULL)),
	       &s);
	import(400, "1",
	       arena_printf(&a, "%s,%s,%s", result("a", 1, "f1", NULL), result("b", 60, "f5", NULL),
			    result("a", 90, "f6", NULL)),
	       &s);
	assert_ok(scans_findings(db, 0, 500, &a, &w, &e), e);
	size_t open = 0;
	for (size_t i = 0; i < w.n; i++) {
		open += w.v[i].is_open;
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(w.v[i].f.identity, w.v[k].f.identity);
	}
	assert_int_equal(open, 3);
}

static const char *held_because(int64_t at_s)
{
	CLEANUP(stmt_freep)
	struct stmt *s = db_prepare(db,
				    "SELECT reason FROM finding_event WHERE kind = 'held' AND "
				    "happened_at = :at",
				    &(struct err){0});
	bool row;
	struct err e = {0};
	stmt_time(s, ":at", at_s);
	assert_ok(stmt_step(s, &row, &e), e);
	return row ? stmt_col_text_at(s, 0, &a) : "nothing held";
}

static void a_scanner_that_changed_closes_nothing_at_once_and_says_why(void **state UNUSED)
{
	struct rec_scan s;
	const char *two = arena_printf(&a, "%s,%s", result("a", 1, NULL, NULL),
				       result("b", 2, NULL, NULL)),
		   *one = result("a", 1, NULL, NULL);
	import(100, "1.0", two, &s);
	assert_non_null(s.rules); /* R2 never fired: the whole set is listed */
	struct scan_effect x = import(200, "1.1", one, &s);
	assert_int_equal(x.fixed, 0);
	assert_int_equal(x.held, 1);
	assert_string_equal(held_because(200), "the tool changed from version 1.0 to 1.1");
	x = import(300, "1.1", one, &s); /* the same scanner says it again */
	assert_int_equal(x.fixed, 1);
	import(400, "1.1", two, &s);
	s.tool_version = NULL;
	x = import(500, "1.1+", one, &s);
	assert_int_equal(x.held, 1);
	assert_string_equal(held_because(500), "the tool changed from version 1.1 to 1.1+");
}

static void a_changed_set_of_rules_holds_where_it_is_known_whole(void **state UNUSED)
{
	struct rec_scan s;
	struct scan_effect x;
	struct err e = {0};
	const char *two = arena_printf(&a, "%s,%s", result("a", 1, NULL, NULL),
				       result("b", 2, NULL, NULL)),
		   *one = result("a", 1, NULL, NULL);
	import(100, "1", two, &s);
	const char *rules = s.rules;
	import(200, "1+", one, &s); /* held for the version; what it is made of is the same */
	assert_string_not_equal(s.rules, rules);
	s.scanned_s = 300;
	s.tool_version = NULL; /* a tool that does not tell */
	s.rules = rules;
	s.sha256 = "x";
	assert_ok(scans_put(db, &s, 300, &x, &e), e);
	assert_int_equal(x.held, 1);
	assert_string_equal(held_because(300), "the tool's rules changed");
	s.scanned_s = 400;
	s.sha256 = "y";
	assert_ok(scans_put(db, &s, 400, &x, &e), e);
	assert_int_equal(x.fixed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_equal_findings_the_nearest_lines_pair),
		cmocka_unit_test(the_fingerprint_rescues_only_what_the_key_would_lose),
		cmocka_unit_test(an_open_finding_goes_before_a_fixed_one),
		cmocka_unit_test(every_finding_has_at_most_one_partner_in_any_mix),
		cmocka_unit_test_setup_teardown(
			another_wording_of_the_same_place_is_the_same_finding, open_db, close_db),
		cmocka_unit_test_setup_teardown(a_constant_fingerprint_is_none, open_db, close_db),
		cmocka_unit_test_setup_teardown(a_name_that_moved_away_is_not_given_twice, open_db,
						close_db),
		cmocka_unit_test_setup_teardown(
			a_scanner_that_changed_closes_nothing_at_once_and_says_why, open_db,
			close_db),
		cmocka_unit_test_setup_teardown(
			a_changed_set_of_rules_holds_where_it_is_known_whole, open_db, close_db),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
