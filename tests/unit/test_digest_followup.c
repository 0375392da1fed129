/* What became of what earlier digests said. */
#include "support/study.h"

#include "store/outbox.h"
#include "store/scans_alerts.h"

/* Freezes what was built and goes on to the next week. */
static void next_week(struct weeks *b, const char *week)
{
	struct err e = {0};
	struct frozen out;
	assert_ok(digests_freeze(b->db, b->week.name, "everyone", "<digest/>", 9, "sitrep test",
				 &b->out.numbers, &b->out.items, b->now_s, &b->a, &out, &e),
		  e);
	weeks_go(b, week);
	put_complete(b);
}

static void fixes_hold_come_back_or_cannot_be_told(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	static const char *const ids[] = {"WEB-1", "WEB-2"};
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct rec_issue x = issue_of(&b, ids[i], "resolved then", at(&b, -30, 9, 0), 4);
		x.key = ids[i];
		x.status = "resolved";
		x.resolved_s = at(&b, 2, 9, 0);
		put_issue(&b, &x);
	}
	put_scan(&b, "bandit", "submit", at(&b, -10, 8, 0), SCAN_OK, "h1 h2 h3");
	put_scan(&b, "bandit", "submit", at(&b, 1, 8, 0), SCAN_OK, "h3");
	put_scan(&b, "zap", "submit", at(&b, -10, 8, 0), SCAN_OK, "m1 m2");
	put_scan(&b, "zap", "submit", at(&b, -3, 8, 0), SCAN_OK, "m1 m2");
	put_scan(&b, "zap", "submit", at(&b, 4, 8, 0), SCAN_OK, "m2");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='fixes']"), 0); /* nothing before */
	next_week(&b, "2026-W47");
	/* WEB-1 has events again; h1 is back, h2 is not; zap gave nothing. */
	struct rec_issue back = issue_of(&b, "WEB-1", "resolved then", at(&b, -37, 9, 0), 2);
	back.key = "WEB-1";
	put_issue(&b, &back);
	put_scan(&b, "bandit", "submit", at(&b, 1, 8, 0), SCAN_OK, "h1 h3");
	put_scan(&b, "zap", "submit", at(&b, 4, 8, 0), SCAN_FAILED, "");
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//section[@id='fixes']/para)"),
			    "Of 5 things closed in week 46, 2 held, 2 came back and of 1 it is not "
			    "known, because what would show it was not collected in full.");
	assert_string_equal(said(&b, "string(//table[@id='fixes.kinds']/row[1])"),
			    "Errors resolved2110resolved then");
	assert_string_equal(said(&b, "string(//table[@id='fixes.kinds']/row[2])"),
			    "Findings fixed3111finding h1");
	weeks_stop(&b);
}

static void errors_that_were_not_collected_have_not_held(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_issue x = issue_of(&b, "WEB-1", "resolved then", at(&b, -30, 9, 0), 4);
	x.status = "resolved";
	x.resolved_s = at(&b, 2, 9, 0);
	put_issue(&b, &x);
	weeks_build(&b);
	next_week(&b, "2026-W47");
	put_ledger(&b, "sentry", "issues", LEDGER_FAILED, "errors.", "401");
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//table[@id='fixes.kinds']/row[1])"),
			    "Errors resolved1001none");
	weeks_stop(&b);
}

static void an_alert_list_that_was_not_read_tells_of_no_fix(void **state UNUSED)
{
	static const enum ledger_status now[] = {LEDGER_COMPLETE, LEDGER_FAILED};
	static const char *const says[] = {"Findings fixed1100none", "Findings fixed1001none"};
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		struct weeks b;
		struct err e = {0};
		weeks_start(&b, NULL);
		put_complete(&b);
		put_ledger(&b, "github", "dependabot", LEDGER_COMPLETE,
			   "security.tool.github-dependabot. security.", NULL);
		struct alert x = {.f = {.identity = "7", .severity = SEV_HIGH, .title = "a flaw"},
				  .state = ALERT_FIXED,
				  .created_s = at(&b, -20, 9, 0),
				  .updated_s = at(&b, 2, 9, 0),
				  .closed_s = at(&b, 2, 9, 0)};
		assert_ok(scans_store_alerts(b.db, "github-dependabot", "example/web", &x, 1,
					     b.now_s, NULL, &e),
			  e);
		weeks_build(&b);
		next_week(&b, "2026-W47");
		put_ledger(&b, "github", "dependabot", now[i],
			   "security.tool.github-dependabot. security.", "403");
		weeks_build(&b);
		assert_string_equal(said(&b, "string(//table[@id='fixes.kinds']/row[1])"), says[i]);
		weeks_stop(&b);
	}
}

static void what_stays_open_thins_out(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	static const char *const weeks[] = {"2026-W46", "2026-W47", "2026-W48", "2026-W49",
					    "2026-W50"};
	static const size_t rows[] = {0, 1, 0, 1, 0};
	for (size_t i = 0; i < ARRAY_SIZE(weeks); i++) {
		if (i == 0)
			put_complete(&b);
		struct rec_issue x =
			issue_of(&b, "WEB-1", "it goes on", at(&b, 1 - 7 * (int)i, 9, 0), 40);
		x.key = "WEB-1";
		x.last_day_events = i == 0 ? 7 : 0; /* asked for once, then only still there */
		put_issue(&b, &x);
		weeks_build(&b);
		assert_int_equal(count_of(&b, "//table[@id='carried.items']/row"), rows[i]);
		if (i > 0)
			assert_int_equal(count_of(&b,
						  "//section[@id='carried']/para[contains(., '1 "
						  "item from earlier digests is still open')]"),
					 1);
		if (i == 2)
			assert_string_equal(
				said(&b, "string(//section[@id='carried']/para[@kind='note'])"),
				"1 other is not repeated this week; the longest has stood in 3 "
				"digests.");
		if (i + 1 < ARRAY_SIZE(weeks))
			next_week(&b, weeks[i + 1]);
	}
	weeks_stop(&b);
}

static void the_week_ahead_names_limits_and_ends(void **state UNUSED)
{
	struct weeks b;
	struct err e = {0};
	weeks_start(&b, NULL);
	put_complete(&b);
	/* High: 30 days. Two reach it on Thursday 19 November, one after the week. */
	put_scan(&b, "bandit", "submit", at(&b, 10 - 30, 8, 0), SCAN_OK, "h1 h2");
	put_scan(&b, "bandit", "submit", at(&b, 0, 8, 0), SCAN_OK, "h1 h2 h3 l1");
	put_scan(&b, "zap", "docs", at(&b, 10 - 30, 9, 0), SCAN_OK, "h9"); /* the same day */
	struct acceptance x = {"finding:bandit/submit/l1", "known", at(&b, 9, 12, 0), b.now_s - 60};
	assert_ok(scans_accept(b.db, &x, &e), e);
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//section[@id='ahead']/list/li[1])"),
			    "Wednesday 18 November: Accepted until then: finding l1 is counted "
			    "again.");
	assert_string_equal(said(&b, "string(//section[@id='ahead']/list/li[2])"),
			    "Thursday 19 November: 3 high findings in submit and docs: limit of "
			    "30 days. Providers and no owner.");
	assert_int_equal(count_of(&b, "//section[@id='ahead']/list/li"), 2);
	weeks_stop(&b);
}

static void an_audience_that_missed_digests_is_told(void **state UNUSED)
{
	struct weeks b;
	struct err e = {0};
	weeks_start(&b, NULL);
	put_complete(&b);
	weeks_build(&b);
	next_week(&b, "2026-W47");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='carried']/callout"), 0); /* none was sent */
	assert_ok(outbox_plan(b.db, "2026-W46", "everyone", "email", "a@example.org", "x", b.now_s,
			      &e),
		  e);
	struct deliveries rows = {0};
	assert_ok(outbox_list(b.db, NULL, NULL, &b.a, &rows, &e), e);
	assert_ok(outbox_set(b.db, rows.v[0].id, OUTBOX_SENDING, NULL, NULL, b.now_s, &e), e);
	assert_ok(outbox_set(b.db, rows.v[0].id, OUTBOX_SENT, "250", NULL, b.now_s, &e), e);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='carried']/callout"), 0); /* last week's was */
	next_week(&b, "2026-W48");
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//section[@id='carried']/callout[contains(., 'The digest of "
				      "week 46 is the last one')]"),
			 1);
	weeks_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixes_hold_come_back_or_cannot_be_told),
		cmocka_unit_test(errors_that_were_not_collected_have_not_held),
		cmocka_unit_test(an_alert_list_that_was_not_read_tells_of_no_fix),
		cmocka_unit_test(what_stays_open_thins_out),
		cmocka_unit_test(the_week_ahead_names_limits_and_ends),
		cmocka_unit_test(an_audience_that_missed_digests_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
