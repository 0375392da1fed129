#include "support/test.h"

#include "store/digests.h"
#include "store/search.h"
#include "store/store.h"

static struct arena a;
static struct db *db;
static struct err e;
static const char *path;

static int open_store(void **state UNUSED)
{
	e = (struct err){0};
	path = arena_printf(&a, "%s/s.db", test_dir(&a));
	return store_open(path, STORE_WRITE, &db, &e) ? 0 : -1;
}

static int close_store(void **state UNUSED)
{
	db_close(db);
	db = NULL;
	arena_release(&a);
	return 0;
}

static struct frozen freeze(const char *week, const char *audience, const char *title,
			    const char *verdict, const char *words)
{
	struct frozen f;
	struct numbers none = {0};
	struct item one[] = {{.id = "e-1",
			      .section = "errors",
			      .kind = "new",
			      .key = "sentry:example/4711",
			      .title = title,
			      .owner = "Platform",
			      .first_seen_s = 5,
			      .weeks = 1}};
	struct items items = {.v = one, .n = 1, .cap = 1};
	const char *doc = arena_printf(
		&a,
		"<digest><masthead><verdict>%s</verdict></masthead><section id=\"errors\" "
		"title=\"Errors\"><para>%s</para><table title=\"Newest errors\"><row><cell>a "
		"cell of <strong>octopus</strong> ink</cell></row></table></section></digest>",
		verdict, words);
	assert_ok(digests_freeze(db, week, audience, doc, strlen(doc), "v", &none, &items, 1000, &a,
				 &f, &e),
		  e);
	return f;
}

static struct search_hits find(const char *text, int64_t *total)
{
	struct search_hits hits;
	int64_t n;
	assert_ok(search_find(db, text, 50, &a, &hits, total ? total : &n, &e), e);
	return hits;
}

static size_t found(const char *text)
{
	return find(text, NULL).n;
}

static int64_t rows(const char *sql)
{
	int64_t n;
	assert_ok(db_i64(db, sql, &n, &e), e);
	return n;
}

static void items_wording_and_verdicts_are_found(void **state UNUSED)
{
	freeze("2026-W46", "everyone", "TypeError in checkout", "Two things are broken.",
	       "Fourteen began after a deployment.");
	struct search_hits h = find("checkout", NULL);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.v[0].week, "2026-W46");
	assert_string_equal(h.v[0].audience, "everyone");
	assert_string_equal(h.v[0].section, "errors");
	assert_string_equal(h.v[0].kind, "new");
	assert_string_equal(h.v[0].item, "e-1");
	assert_string_equal(h.v[0].title, "TypeError in checkout");
	assert_null(h.v[0].snippet);
	assert_string_equal(find("broken", NULL).v[0].kind, "verdict");
	h = find("began deployment", NULL);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.v[0].kind, "section");
	assert_string_equal(h.v[0].title, "Errors");
	assert_non_null(strstr(h.v[0].snippet, "Fourteen began"));
	assert_int_equal(found("octopus"), 1); /* of a table */
	assert_int_equal(found("\"newest errors\""), 1); /* a table's title */
	assert_int_equal(found("sentry:example/4711"), 1); /* a key, as it is */
	assert_int_equal(found("4711"), 1);
	assert_int_equal(found("platform"), 1); /* the owner */
	assert_int_equal(found("absent"), 0);
}

static void words_are_anded_phrases_stand_together_and_a_star_begins(void **state UNUSED)
{
	freeze("2026-W46", "everyone", "connection reset by peer", "v", "words");
	assert_int_equal(found("peer connection"), 1);
	assert_int_equal(found("connection absent"), 0);
	assert_int_equal(found("\"connection reset\""), 1);
	assert_int_equal(found("\"reset connection\""), 0);
	assert_int_equal(found("conn"), 0);
	assert_int_equal(found("conn*"), 1);
	assert_int_equal(found("\"connection res\"*"), 1);
	assert_int_equal(found("CONNECTION"), 1);
	assert_int_equal(found("\"connection"), 1); /* a quote that nobody closed */
}

static void a_title_beats_wording_and_then_the_newest_week(void **state UNUSED)
{
	/* The older week is frozen last, as a backfill does. */
	freeze("2026-W46", "everyone", "the kraken", "v", "words");
	freeze("2026-W47", "everyone", "something", "v", "a kraken in the wording");
	freeze("2025-W52", "everyone", "the kraken", "v", "words");
	int64_t total;
	struct search_hits h = find("kraken", &total);
	assert_int_equal(h.n, 3);
	assert_int_equal(total, 3);
	assert_string_equal(h.v[0].week, "2026-W46");
	assert_string_equal(h.v[1].week, "2025-W52");
	assert_string_equal(h.v[2].week, "2026-W47");
	assert_ok(search_find(db, "kraken", 1, &a, &h, &total, &e), e);
	assert_int_equal(h.n, 1);
	assert_int_equal(total, 3); /* the rest is counted */
	assert_string_equal(h.v[0].week, "2026-W46");
}

static void a_replaced_digest_is_found_by_its_new_words_only(void **state UNUSED)
{
	freeze("2026-W46", "everyone", "before", "old verdict", "w");
	freeze("2026-W46", "public", "other audience", "v", "w");
	freeze("2026-W46", "everyone", "after", "v", "w");
	assert_int_equal(found("before"), 0);
	assert_int_equal(found("\"old verdict\""), 0);
	assert_int_equal(found("after"), 1);
	assert_int_equal(found("other"), 1);
	assert_int_equal(rows("SELECT count(*) FROM search_row"), 6);
	assert_ok(
		db_exec(db, "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", &e),
		e);
}

static void a_deleted_digest_is_found_no_more(void **state UNUSED)
{
	freeze("2026-W46", "everyone", "kraken", "v", "w");
	assert_ok(db_exec(db, "DELETE FROM digest", &e), e);
	assert_int_equal(rows("SELECT count(*) FROM search_row"), 0);
	assert_int_equal(found("kraken"), 0);
	assert_ok(
		db_exec(db, "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", &e),
		e);
}

static void digests_of_an_older_version_are_taken_in_at_the_next_freezing(void **state UNUSED)
{
	freeze("2026-W45", "everyone", "kraken", "Nothing is broken.", "w");
	/* What the migration leaves of a digest frozen before: its items. */
	assert_ok(db_exec(db, "DELETE FROM search_row WHERE item IS NULL", &e), e);
	assert_int_equal(found("nothing"), 0);
	assert_int_equal(found("kraken"), 1);
	freeze("2026-W46", "everyone", "other", "v", "w");
	assert_int_equal(found("nothing"), 1);
	assert_int_equal(found("kraken"), 1); /* not twice */
}

static void a_document_that_cannot_be_read_is_found_by_its_items(void **state UNUSED)
{
	struct frozen f;
	struct numbers none = {0};
	struct item one[] = {
		{.id = "e-1", .section = "errors", .kind = "new", .key = "k", .title = "kraken"}};
	struct items items = {.v = one, .n = 1, .cap = 1};
	assert_ok(digests_freeze(db, "2026-W46", "everyone", "<dig", 4, "v", &none, &items, 0, &a,
				 &f, &e),
		  e);
	assert_int_equal(found("kraken"), 1);
}

static void hostile_words_are_only_words(void **state UNUSED)
{
	static const char *const hostile[] = {"\"",
					      "\"\"",
					      "\"\"\"",
					      "*",
					      "**",
					      "a*b",
					      "^kraken",
					      "-kraken",
					      "title:kraken",
					      "{title body}: x",
					      "NOT",
					      "AND OR NOT",
					      "kraken NOT x",
					      "NEAR(a b, 2)",
					      "(kraken",
					      ")",
					      "kraken + x",
					      "'; DROP TABLE x",
					      "\\",
					      "&",
					      "& kraken",
					      "\"&\"*",
					      "\xff\xfe",
					      "\x1b[31mred",
					      "\xe2\x80\xae txet",
					      "a\r\nb",
					      "kraken\"x\"",
					      "\"a\"\"b\"",
					      "\"*\"",
					      "''",
					      "search:*",
					      "%s%n",
					      "<script>",
					      "😀",
					      "\"<b>\"*",
					      "rank MATCH",
					      "--",
					      "/* */",
					      ":query",
					      "?1"};
	freeze("2026-W46", "everyone", "kraken", "v", "w");
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct search_hits hits;
		int64_t total;
		struct err x = {0};
		if (!search_find(db, hostile[i], 10, &a, &hits, &total, &x) && x.kind != ERR_USAGE)
			fail_msg("%s: %s", hostile[i], x.msg);
	}
	assert_int_equal(found("& kraken"), 1); /* no letter in it: no condition */
	assert_int_equal(found("(kraken)"), 1);
	assert_int_equal(found("NOT"), 0); /* a word, no operator */
	assert_int_equal(found("kraken OR absent"), 0);
}

static void of_a_word_in_everything_the_newest_are_ranked_and_all_are_counted(void **state UNUSED)
{
	freeze("2026-W46", "everyone", "x", "v", "w");
	assert_ok(db_exec(db,
			  "INSERT INTO search_row (digest_id, kind, section, item, title, body) "
			  "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20001) "
			  "SELECT (SELECT id FROM digest), 'new', 'errors', 'e-1', CASE i WHEN 1 "
			  "THEN "
			  "'common' WHEN 20001 THEN 'common' ELSE 'a common thing' END, '' FROM n",
			  &e),
		  e);
	int64_t total;
	struct search_hits h = find("common", &total);
	assert_int_equal(total, 20001);
	assert_int_equal(h.n, 50);
	/* Both the first and the last are nothing but the word: only the last is new enough. */
	assert_string_equal(h.v[0].title, "common");
	assert_string_equal(h.v[1].title, "a common thing");
}

static void nothing_to_search_for_is_a_mistake_of_use(void **state UNUSED)
{
	assert_null(search_query("", &a, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	e = (struct err){0};
	assert_null(search_query(" \"\" * ", &a, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	e = (struct err){0};
	const char *many = "";
	for (int i = 0; i < 65; i++)
		many = arena_printf(&a, "%s w", many);
	assert_null(search_query(many, &a, &e));
	assert_int_equal(e.kind, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
		T(items_wording_and_verdicts_are_found),
		T(words_are_anded_phrases_stand_together_and_a_star_begins),
		T(a_title_beats_wording_and_then_the_newest_week),
		T(a_replaced_digest_is_found_by_its_new_words_only),
		T(a_deleted_digest_is_found_no_more),
		T(digests_of_an_older_version_are_taken_in_at_the_next_freezing),
		T(a_document_that_cannot_be_read_is_found_by_its_items),
		T(hostile_words_are_only_words),
		T(of_a_word_in_everything_the_newest_are_ranked_and_all_are_counted),
		T(nothing_to_search_for_is_a_mistake_of_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
