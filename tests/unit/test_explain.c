#include "support/study.h"

#include "archive/explain.h"
#include "base/text.h"
#include "store/digests.h"

#include <math.h>

static struct weeks b;

static void issue(const char *id, const char *title, int day, int64_t events, bool regressed,
		  bool escalated, bool resolved)
{
	struct rec_issue i = issue_of(&b, id, title, at(&b, day, 9, 0), events);
	i.regressed_s = regressed ? at(&b, 3, 9, 0) : TIME_NONE;
	i.escalated_s = escalated ? at(&b, 4, 9, 0) : TIME_NONE;
	i.resolved_s = resolved ? at(&b, 5, 9, 0) : TIME_NONE;
	i.status = resolved ? "resolved" : "unresolved";
	put_issue(&b, &i);
}

static void deployment(const char *kind, const char *service, const char *sha, int day,
		       const char *environment, enum deploy_state state)
{
	struct rec_deployment d = deploy_row(&b, kind, service, sha, at(&b, day, 14, 0), state);
	d.environment = environment;
	put_deployment(&b, &d);
}

static void run(const char *workflow, const char *sha, int day, const char *conclusion,
		int64_t attempt)
{
	struct rec_run r = run_of(&b, workflow, sha, at(&b, day, 3, 0), conclusion);
	r.attempt = attempt;
	put_run(&b, &r, conclusion && !strcmp(conclusion, "failure") ? "build" : NULL, true);
}

/* Something of everything that is counted. */
static void a_full_week(void)
{
	issue("P-1", "new and escalating", 1, 9, false, true, false);
	issue("P-2", "new, once", 2, 1, false, false, false);
	issue("P-3", "old, back", -40, 3, true, false, false);
	issue("P-4", "old, escalating and resolved", -40, 5, false, true, true);
	issue("P-5", "goes on", -60, 70, false, false, false);
	deployment("codedeploy", "main", "a1", 1, "production", DEPLOY_SUCCEEDED);
	deployment("codedeploy", "main", "a2", 2, "production", DEPLOY_ROLLED_BACK);
	deployment("codedeploy", "main", "a3", 3, "production", DEPLOY_FAILED);
	deployment("codedeploy", "main", "a4", 4, "staging", DEPLOY_SUCCEEDED);
	deployment("github", "docs", "a5", 4, "preview-7", DEPLOY_SUCCEEDED);
	run("tests", "s1", -2, "failure", 1);
	run("tests", "s2", 0, "success", 1);
	run("tests", "s3", 1, "failure", 1);
	run("tests", "s4", 2, "failure", 1);
	run("nightly", "n1", -2, "failure", 1);
	run("nightly", "n2", 3, "success", 1);
	run("build", "s5", 1, "failure", 1);
	run("build", "s5", 2, "success", 1);
	run("lint", "s6", 3, "cancelled", 1);
	run("evening", "s7", 4, "failure", 1);
	run("evening", "s8", 5, NULL, 1);
	run("pages", "s9", 5, "skipped", 1);
	put_scan(&b, "zap", "site", at(&b, -14, 8, 0), SCAN_OK, "m1 m2 l1");
	put_scan(&b, "zap", "site", at(&b, -7, 8, 0), SCAN_OK, "m1 m2 l1");
	put_scan(&b, "zap", "site", at(&b, 0, 8, 0), SCAN_OK, "m1 h2 i3");
	put_scan(&b, "bandit", "api", at(&b, -14, 8, 0), SCAN_OK, "c1");
	put_scan(&b, "bandit", "api", at(&b, -7, 8, 0), SCAN_OK, "c1 h9");
	put_scan(&b, "npm-audit", "web", at(&b, -7, 8, 0), SCAN_OK, "h5");
	put_scan(&b, "npm-audit", "web", at(&b, 0, 8, 0), SCAN_FAILED, "");
	put_complete(&b);
}

static int setup(void **state UNUSED)
{
	weeks_start(&b, NULL);
	a_full_week();
	weeks_build(&b);
	struct err e = {0};
	struct frozen f;
	size_t len;
	const char *doc = xml_write(b.out.doc, &b.a, &len);
	return digests_freeze(b.db, b.week.name, "everyone", doc, len, "sitrep test",
			      &b.out.numbers, &b.out.items, b.now_s, &b.a, &f, &e)
		       ? 0
		       : -1;
}

static int teardown(void **state UNUSED)
{
	weeks_stop(&b);
	return 0;
}

/* Sums, rates, durations, measurements: not counts. */
static bool is_count(const char *id)
{
	return !text_eq(id, "errors.events") && !text_eq(id, "errors.users") &&
	       !text_glob("*_s", id) && !text_glob("*_rate", id) &&
	       !text_starts(id, "availability.") && !text_starts(id, "metrics.");
}

static void every_count_has_as_many_rows_as_it_says(void **state UNUSED)
{
	struct err e = {0};
	size_t counts = 0, above_zero = 0;
	for (size_t i = 0; i < b.out.numbers.n; i++) {
		const struct number *n = &b.out.numbers.v[i];
		struct number_rows rows;
		if (!is_count(n->id) || isnan(n->value))
			continue;
		assert_ok(
			digests_number_rows(b.db, b.week.name, "everyone", n->id, &b.a, &rows, &e),
			e);
		if (rows.n != (size_t)n->value)
			fail_msg("%s is %g and has %zu rows", n->id, n->value, rows.n);
		counts++;
		above_zero += rows.n > 0;
	}
	static const char *const filled[] = {"ci.data_processing.failed",
					     "ci.failing_now",
					     "ci.recovered",
					     "deployments.staging.total",
					     "deployments.other.total",
					     "security.fixed",
					     "security.held",
					     "security.outstanding.critical",
					     "security.scans_failed",
					     "security.scans_missing",
					     "security.tool.zap.new"};
	for (size_t i = 0; i < ARRAY_SIZE(filled); i++)
		if (!(value_of(&b, filled[i]) > 0))
			fail_msg("%s: %g, this week has none", filled[i], value_of(&b, filled[i]));
	/* The week has something of nearly everything, else this would compare zero with zero. */
	if (counts < 45 || above_zero < 38)
		fail_msg("only %zu counts, %zu above zero", counts, above_zero);
}

static void the_printed_statement_gives_those_rows(void **state UNUSED)
{
	struct err e = {0};
	for (size_t i = 0; i < b.out.numbers.n; i++) {
		const char *id = b.out.numbers.v[i].id;
		struct number_rows rows;
		size_t n = 0;
		assert_ok(digests_number_rows(b.db, b.week.name, "everyone", id, &b.a, &rows, &e),
			  e);
		CLEANUP(stmt_freep)
		struct stmt *s = db_prepare(
			b.db, digests_number_rows_sql(b.week.name, "everyone", id, &b.a), &e);
		assert_non_null(s);
		for (bool row = true; row; n += row) {
			assert_ok(stmt_step(s, &row, &e), e);
			if (row)
				assert_string_equal(stmt_col_text(s, "key", &b.a), rows.v[n].key);
		}
		assert_int_equal(n, rows.n);
	}
}

static void a_name_with_a_quote_stays_a_value_in_the_statement(void **state UNUSED)
{
	struct err e = {0};
	bool row;
	const char *sql = digests_number_rows_sql("2026-W46", "x' OR ':number",
						  "'; DROP TABLE item; --", &b.a);
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(b.db, sql, &e);
	assert_non_null(s);
	assert_ok(stmt_step(s, &row, &e), e);
	assert_false(row);
	assert_non_null(strstr(sql, "'x'' OR '':number'"));
	assert_string_equal(strstr(sql, "ORDER BY"), "ORDER BY position;"); /* and no more */
}

static void the_document_names_the_numbers_of_an_item(void **state UNUSED)
{
	assert_string_equal(said(&b, "/digest/data/item[@title = 'new and escalating']/@counts"),
			    "errors.new errors.escalating errors.unresolved errors.events "
			    "errors.users");
}

static struct past past;

static struct explanation explain(const char *id)
{
	struct explanation x;
	struct err e = {0};
	bool found;
	past_release(&past);
	assert_ok(past_read(b.db, b.week.name, "everyone", &b.a, &past, &found, &e), e);
	assert_true(found);
	assert_ok(explain_id(b.db, &past, id, &b.a, &x, &e), e);
	return x;
}

static int teardown_past(void **state)
{
	past_release(&past);
	return teardown(state);
}

static void every_number_has_a_definition_in_the_document(void **state UNUSED)
{
	for (size_t i = 0; i < b.out.numbers.n; i++) {
		const char *id = b.out.numbers.v[i].id;
		/* Defined where there is a measurement; this week has none. */
		if (text_starts(id, "availability."))
			continue;
		struct explanation x = explain(id);
		assert_non_null(x.number);
		if (!x.number->definition || !*x.number->definition)
			fail_msg("%s has no definition", id);
	}
	assert_string_equal(explain("ci.flaky").number->term,
			    "Real, flaky, infrastructure, not decided");
	assert_string_equal(explain("security.tool.zap.fixed").number->term,
			    "New, fixed, held open");
	assert_string_equal(explain("security.outstanding.high").number->term,
			    "Outstanding, reopened");
}

static void a_number_is_told_with_its_rows(void **state UNUSED)
{
	struct explain_number *x = explain("errors.new").number;
	assert_true(x->n->value == 2);
	assert_int_equal(x->rows.n, 2);
	assert_string_equal(x->rows.v[0].item, "e-1");
	assert_string_equal(x->rows.v[0].title, "new and escalating");
	assert_null(x->no_rows);
	assert_non_null(strstr(x->sql, "number = 'errors.new'"));
	assert_int_equal(x->because.n, 0);
	x = explain("security.scans_missing").number;
	assert_int_equal(x->rows.n, 1);
	assert_null(x->rows.v[0].item); /* a row, no item */
	assert_string_equal(x->rows.v[0].title, "bandit on api");
}

static void what_is_measured_has_its_weeks_instead_of_rows(void **state UNUSED)
{
	struct explain_number *x = explain("ci.time_to_green_s").number;
	struct err e = {0};
	bool row;
	assert_int_equal(x->rows.n, 0);
	assert_non_null(strstr(x->no_rows, "measured"));
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(b.db, x->sql, &e);
	assert_non_null(s);
	assert_ok(stmt_step(s, &row, &e), e);
	assert_true(row);
	assert_string_equal(stmt_col_text(s, "week", &b.a), "2026-W46");
}

static void an_item_is_told_with_its_history(void **state UNUSED)
{
	struct explain_item *x = explain("e-1").item;
	assert_string_equal(x->it->title, "new and escalating");
	assert_int_equal(x->weeks.n, 1);
	assert_string_equal(x->weeks.v[0].week, "2026-W46");
	assert_string_equal(x->weeks.v[0].kind, "new");
	assert_string_equal(explain(x->it->key).item->it->id, "e-1"); /* by its key, too */
	const char *with = said(&b, "/digest/data/item[deployment]/@id");
	assert_true(*with);
	x = explain(with).item;
	assert_string_equal(x->deployment,
			    said(&b, "/digest/data/item[deployment][1]/deployment/@key"));
	assert_true(x->minutes != NUM_NONE && *x->strength);
}

static void an_unknown_id_is_told_what_is_like_it(void **state UNUSED)
{
	struct strv like = {0};
	struct explanation x = explain("errors.nwe");
	assert_true(!x.number && !x.item);
	explain_like(&past, "errors.nwe", 3, &b.a, &like);
	assert_string_equal(like.v[0], "errors.new");
	like = (struct strv){0};
	explain_like(&past, "security.outst", 3, &b.a, &like);
	assert_true(text_starts(like.v[0], "security.outstanding"));
	like = (struct strv){0};
	explain_like(&past, "xyzzy", 3, &b.a, &like);
	assert_int_equal(like.n, 0);
	explain_like(&past, "", 3, &b.a, &like);
	explain("\x1b[31m<script>\xe2\x80\xae");
}

static void what_was_not_collected_names_its_source(void **state UNUSED)
{
	weeks_start(&b, NULL);
	a_full_week();
	put_ledger(&b, "github", "actions", LEDGER_PARTIAL, "ci.", "403 on example/secret");
	put_ledger(&b, "sentry", "issues", LEDGER_FAILED, "errors.", "401 Unauthorized");
	weeks_build(&b);
	struct err e = {0};
	struct frozen f;
	size_t len;
	const char *doc = xml_write(b.out.doc, &b.a, &len);
	assert_ok(digests_freeze(b.db, b.week.name, "everyone", doc, len, "v", &b.out.numbers,
				 &b.out.items, b.now_s, &b.a, &f, &e),
		  e);
	struct explain_number *x = explain("ci.failed").number;
	assert_true(x->n->incomplete);
	assert_int_equal(x->because.n, 1);
	assert_string_equal(x->because.v[0]->name, "github");
	assert_string_equal(x->because.v[0]->status, "partial");
	assert_non_null(strstr(x->because.v[0]->reason, "403 on example/secret"));
	x = explain("errors.new").number;
	assert_true(isnan(x->n->value));
	assert_string_equal(past_value(x->n, &b.a), "not known");
	assert_string_equal(x->because.v[0]->status, "failed");
	assert_non_null(x->no_rows);
}

static void a_digest_of_an_earlier_version_says_that_it_kept_no_rows(void **state UNUSED)
{
	struct err e = {0};
	assert_ok(db_exec(b.db, "UPDATE item SET counts = NULL; DELETE FROM counted", &e), e);
	assert_non_null(strstr(explain("errors.new").number->no_rows, "earlier version"));
	assert_null(explain("security.reopened").number->no_rows); /* nothing of nothing */
}

static void who_gets_counts_only_is_told_so(void **state UNUSED)
{
	struct err e = {0};
	struct frozen f;
	struct explanation x;
	bool found;
	size_t len;
	b.audience = &b.cfg.audiences.v[2];
	weeks_build(&b);
	const char *doc = xml_write(b.out.doc, &b.a, &len);
	assert_ok(digests_freeze(b.db, b.week.name, "public", doc, len, "v", &b.out.numbers,
				 &b.out.items, b.now_s, &b.a, &f, &e),
		  e);
	assert_ok(past_read(b.db, b.week.name, "public", &b.a, &past, &found, &e), e);
	assert_ok(explain_id(b.db, &past, "errors.new", &b.a, &x, &e), e);
	assert_true(x.number->n->value == 2);
	assert_int_equal(x.number->rows.n, 0);
	assert_non_null(strstr(x.number->no_rows, "counts only"));
	/* And nothing of it can be found, either. */
	int64_t rows;
	assert_ok(
		db_i64(b.db,
		       "SELECT (SELECT count(*) FROM counted c JOIN digest d ON d.id = "
		       "c.digest_id WHERE audience = 'public') + (SELECT count(*) FROM search_row "
		       "r JOIN digest d ON d.id = r.digest_id WHERE audience = 'public' AND item "
		       "IS NOT NULL)",
		       &rows, &e),
		e);
	assert_int_equal(rows, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_count_has_as_many_rows_as_it_says, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_printed_statement_gives_those_rows, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_name_with_a_quote_stays_a_value_in_the_statement,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_document_names_the_numbers_of_an_item, setup,
						teardown),
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown_past)
		T(every_number_has_a_definition_in_the_document),
		T(a_number_is_told_with_its_rows),
		T(what_is_measured_has_its_weeks_instead_of_rows),
		T(an_item_is_told_with_its_history),
		T(an_unknown_id_is_told_what_is_like_it),
		T(who_gets_counts_only_is_told_so),
		T(a_digest_of_an_earlier_version_says_that_it_kept_no_rows),
		cmocka_unit_test_teardown(what_was_not_collected_names_its_source, teardown_past),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
