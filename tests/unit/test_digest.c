#include "support/study.h"

#include <math.h>

static size_t words_in(const char *s)
{
	size_t n = 0;
	for (; *s; s += strcspn(s, " ")) {
		s += strspn(s, " ");
		n += *s != '\0';
	}
	return n;
}

static const double ne[] = {8, 4, 7, 5, 9, 6, 3, 8, 6, 4, 7, 5};

static void tell_the_story(struct weeks *b)
{
	put_complete(b);
	put_history(b, "errors.new", ne, 12);
	struct rec_deployment bad = deploy_row(b, "codedeploy", "production-main",
					       "9f3c2e1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
					       at(b, 2, 14, 2), DEPLOY_FAILED);
	put_deployment(b, &bad);
	struct rec_deployment undo = deploy_row(b, "codedeploy", "production-main", NULL,
						at(b, 2, 14, 47), DEPLOY_SUCCEEDED);
	undo.rollback_of = bad.key, undo.creator_kind = "rollback",
	undo.started_s = undo.created_s = at(b, 2, 14, 40);
	put_deployment(b, &undo);
	for (int i = 0; i < 14; i++) {
		struct rec_issue x =
			issue_of(b, arena_printf(&b->a, "PLATFORM-%d", 1842 + i),
				 "KeyError: 'organisation_entity'",
				 i < 6 ? at(b, 2, 14, 11 + i) : at(b, i % 7, 20, i), 1204 - i * 80);
		if (i == 0)
			x.last_day_events = 96, x.week_last_seen_s = at(b, 6, 23, 0), x.users = 312;
		put_issue(b, &x);
	}
	for (int day = 0; day < 7; day++) {
		struct rec_run r = run_of(b, "Nightly build", arena_printf(&b->a, "%07d", day),
					  at(b, day, 5, 0), day < 2 ? "success" : "failure");
		put_run(b, &r, day < 2 ? NULL : "build", true);
	}
	struct rec_run c = run_of(b, "Test", "aaaaaaa", at(b, 1, 9, 0), "cancelled");
	put_run(b, &c, NULL, true);
	put_scan(b, "zap", "digital-land.info", at(b, -14, 8, 45), SCAN_OK, "h1 m1");
	put_scan(b, "zap", "digital-land.info", at(b, -7, 8, 45), SCAN_OK, "h1 m1");
	put_scan(b, "zap", "digital-land.info", at(b, 0, 8, 45), SCAN_FAILED, "");
	put_scan(b, "npm-audit", "submit", at(b, -40, 8, 45), SCAN_OK, "h2 l1 l2");
	put_scan(b, "npm-audit", "submit", at(b, 0, 8, 47), SCAN_OK, "h2 l1 c1");
}

static void the_story_is_told_with_its_numbers(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	tell_the_story(&b);
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//verdict/@rule)"), "broken");
	assert_non_null(strstr(said(&b, "string(//verdict)"),
			       "Two things are broken: an error left behind by Wednesday’s "
			       "rolled-back deployment of main"));
	assert_string_equal(said(&b, "string(//masthead/subject)"),
			    "Planning Data, week 46: 5 need you");
	assert_string_equal(said(&b, "string(//masthead/dates)"),
			    "Monday 9 to Sunday 15 November 2026, Europe/London");
	const struct number *n = number_of(&b, "errors.new");
	assert_true(n->value == 14 && n->low == 1 && n->high == 13 && !n->incomplete);
	assert_string_equal(n->mark, "up");
	assert_string_equal(said(&b, "string(//tile[@number='errors.new']/@tag)"),
			    "▲ More than usual");
	assert_true(value_of(&b, "deployments.total") == 1 &&
		    value_of(&b, "deployments.rolled_back") == 1);
	assert_true(value_of(&b, "deployments.failed") == 0 &&
		    value_of(&b, "deployments.recovery_s") == 45 * 60);
	assert_true(value_of(&b, "deployments.change_fail_rate") == 1);
	assert_true(isnan(value_of(&b, "deployments.lead_time_s")));
	assert_true(value_of(&b, "ci.runs") == 8 && value_of(&b, "ci.failed") == 5 &&
		    value_of(&b, "ci.real") == 4);
	assert_true(value_of(&b, "ci.undecided") == 1 && value_of(&b, "ci.cancelled") == 1 &&
		    value_of(&b, "ci.failing_now") == 1);
	assert_true(value_of(&b, "security.new") == 1 && value_of(&b, "security.fixed") == 1);
	assert_true(value_of(&b, "security.outstanding") == 5 &&
		    value_of(&b, "security.held") == 2);
	assert_true(value_of(&b, "security.scans") == 2 &&
		    value_of(&b, "security.scans_failed") == 1);
	assert_true(isnan(value_of(&b, "security.tool.zap.new")) &&
		    value_of(&b, "security.tool.npm-audit.new") == 1);
	assert_true(number_of(&b, "security.new")->incomplete &&
		    !number_of(&b, "security.new")->mark);
	assert_int_equal(count_of(&b, "//action"), 5);
	assert_string_equal(said(&b, "string(//action[1]/@rule)"), "rollback-left");
	assert_string_equal(said(&b, "string(//need[1]/@item)"),
			    said(&b, "string(//item[@key='sentry:example/4003']/@id)"));
	assert_string_equal(
		said(&b, "string(//item[@key='sentry:example/4003']/deployment/@strength)"),
		"strong");
	assert_string_equal(
		said(&b, "string(//item[@key='sentry:example/4003']/deployment/@minutes)"), "9");
	assert_string_equal(said(&b, "string(//arrow[1]/@label)"),
			    "6 new errors, 9 to 14 minutes later");
	weeks_stop(&b);
}

static void everything_counted_is_an_item_once(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	tell_the_story(&b);
	weeks_build(&b);
	/* 14 issues, 1 deployment with its rollback, 5 failed and 1 cancelled run, 5 open and 1
	 * fixed finding */
	assert_int_equal(count_of(&b, "//data/item[@section!='digest']"), 14 + 1 + 6 + 6);
	assert_int_equal(count_of(&b, "//data/item[@set-aside]"), 1);
	assert_string_equal(said(&b, "string(//data/aside[@reason='cancelled']/@count)"), "1");
	for (size_t i = 0; i < b.out.items.n; i++)
		for (size_t k = i + 1; k < b.out.items.n; k++) {
			assert_string_not_equal(b.out.items.v[i].key, b.out.items.v[k].key);
			assert_string_not_equal(b.out.items.v[i].id, b.out.items.v[k].id);
		}
	weeks_stop(&b);
}

static void every_number_of_the_contract_exists(void **state UNUSED)
{
	static const char ids[] =
		"errors.new errors.regressed errors.escalating errors.resolved errors.unresolved "
		"errors.events errors.users "
		"deployments.total deployments.succeeded deployments.failed "
		"deployments.rolled_back deployments.in_progress "
		"deployments.lead_time_s deployments.recovery_s deployments.change_fail_rate "
		"deployments.production.total "
		"deployments.staging.total deployments.development.total deployments.other.total "
		"ci.runs ci.succeeded ci.failed ci.real "
		"ci.flaky ci.infrastructure ci.cancelled ci.undecided ci.failing_now ci.recovered "
		"ci.stopped ci.time_to_green_s "
		"security.new security.fixed security.reopened security.outstanding security.held "
		"security.overdue "
		"security.outstanding.critical security.outstanding.high "
		"security.outstanding.medium security.outstanding.low "
		"security.outstanding.info security.scans security.scans_failed "
		"security.scans_missing ci.data_processing.failed "
		"ci.data_processing.real ci.data_processing.flaky availability.main.percent";
	struct weeks b;
	weeks_start(&b, NULL);
	weeks_build(&b);
	char *copy = arena_strdup(&b.a, ids), *save = NULL;
	for (char *id = strtok_r(copy, " ", &save); id; id = strtok_r(NULL, " ", &save))
		assert_true(isnan(value_of(&b, id))); /* nothing was collected: unknown, never 0 */
	weeks_stop(&b);
}

static void a_source_that_was_never_asked_has_failed(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//coverage[@status='failed']"), 4);
	assert_true(number_of(&b, "ci.failed")->incomplete);
	assert_non_null(
		strstr(said(&b, "string(//coverage[@source='github']/@affects)"), "ci.failed"));
	assert_string_equal(said(&b, "string(//section[@id='errors']/@tag)"), "Failed");
	const char *verdict = said(&b, "string(//verdict)");
	assert_null(strstr(verdict, "uiet"));
	assert_null(strstr(verdict, "othing"));
	weeks_stop(&b);
}

static void a_refused_source_hides_what_an_earlier_try_left(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_ledger(&b, "sentry", "issues", LEDGER_FAILED, "errors.",
		   "401 Unauthorized: SENTRY_TOKEN");
	struct rec_issue stale = issue_of(&b, "PLATFORM-1", "stale", at(&b, 1, 9, 0), 50);
	put_issue(&b, &stale);
	weeks_build(&b);
	assert_true(isnan(value_of(&b, "errors.new")) && isnan(value_of(&b, "errors.events")));
	assert_true(number_of(&b, "errors.new")->incomplete &&
		    !number_of(&b, "ci.runs")->incomplete);
	assert_int_equal(count_of(&b, "//item[@section='errors']"), 0);
	assert_string_equal(said(&b, "string(//coverage[@source='sentry']/@reason)"),
			    "401 Unauthorized: SENTRY_TOKEN");
	assert_non_null(strstr(said(&b, "string(//verdict)"),
			       "sentry was not collected, so errors are unknown."));
	assert_string_equal(said(&b, "string(//tile[@number='errors.new']/@value)"), "not known");
	assert_non_null(strstr(said(&b, "string(//section[@id='errors']//callout)"), "401"));
	assert_string_equal(said(&b, "string(//action[1]/@rule)"), "source-failed");
	weeks_stop(&b);
}

static void an_incomplete_number_is_at_least_and_never_marked(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "errors.new", ne, 12);
	put_ledger(&b, "sentry", "issues", LEDGER_PARTIAL, "errors.", "403 on project provide");
	for (int i = 0; i < 20; i++) {
		struct rec_issue x = issue_of(&b, "PLATFORM-1", "t", at(&b, 1, 9, i), 5);
		put_issue(&b, &x);
	}
	weeks_build(&b);
	const struct number *n = number_of(&b, "errors.new");
	assert_true(n->value == 20 && n->incomplete && !n->mark && n->high == 13);
	assert_string_equal(said(&b, "string(//tile[@number='errors.new']/@value)"), "≥ 20");
	assert_string_equal(said(&b, "string(//tile[@number='errors.new']/@usual)"),
			    "Not compared");
	assert_string_equal(said(&b, "string(//tile[@number='errors.new']//p[last()]/@state)"),
			    "incomplete");
	assert_non_null(strstr(said(&b, "string(//section[@id='errors']/para)"),
			       "At least 20 new issues, not compared"));
	weeks_stop(&b);
}

static void a_week_like_the_others_is_quiet(void **state UNUSED)
{
	static const double five[] = {5, 6, 5, 4, 5, 6, 5, 5, 4, 5};
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "errors.new", five, 10);
	for (int i = 0; i < 4; i++) {
		struct rec_issue x = issue_of(&b, "PLATFORM-1", "t", at(&b, i, 9, 0), 2);
		put_issue(&b, &x);
		struct rec_run r = run_of(&b, "Test", "aaaaaaa", at(&b, i, 9, 0), "success");
		put_run(&b, &r, NULL, true);
	}
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//verdict/@rule)"), "quiet");
	assert_string_equal(
		said(&b, "string(//verdict)"),
		"A quiet week: nothing new is broken, and every number is within its usual range.");
	assert_string_equal(said(&b, "string(//masthead/subject)"),
			    "Planning Data, week 46: nothing needs you");
	assert_int_equal(count_of(&b, "//action"), 0);
	assert_string_equal(said(&b, "string(//section[@id='deployments']/para)"),
			    "Nothing was deployed to production this week.");
	weeks_stop(&b);
}

static void the_first_week_says_that_it_has_no_history(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	weeks_build(&b);
	assert_true(value_of(&b, "errors.new") == 0 && isnan(number_of(&b, "errors.new")->low));
	assert_string_equal(said(&b, "string(//tile[1]/@usual)"), "No history yet");
	assert_int_equal(count_of(&b, "//tile[1]//p[@state='none']"), 12);
	assert_int_equal(count_of(&b, "//masthead/link[@rel='previous']"), 0);
	assert_non_null(strstr(said(&b, "string(//verdict)"), "too little history"));
	weeks_stop(&b);
}

static void fewer_than_eight_complete_weeks_are_no_range(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "errors.new", ne, 7);
	weeks_build(&b);
	assert_true(isnan(number_of(&b, "errors.new")->low));
	put_history(&b, "errors.new", ne, 8);
	weeks_build(&b);
	assert_true(number_of(&b, "errors.new")->low >= 0);
	weeks_stop(&b);
}

static void weeks_of_summer_time_and_of_53_are_whole(void **state UNUSED)
{
	static const struct {
		const char *week, *hours, *dates;
	} cases[] = {
		{"2026-W43", "169",
		 "Monday 19 to Sunday 25 October 2026, Europe/London, 169 hours"},
		{"2026-W13", "167", "Monday 23 to Sunday 29 March 2026, Europe/London, 167 hours"},
		{"2026-W53", "168",
		 "Monday 28 December 2026 to Sunday 3 January 2027, Europe/London"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct weeks b;
		weeks_start(&b, NULL);
		weeks_go(&b, cases[i].week);
		put_complete(&b);
		struct rec_run last = run_of(&b, "Test", "aaaaaaa", b.week.to_s - 1, "failure");
		struct rec_run next = run_of(&b, "Test", "aaaaaaa", b.week.to_s, "failure");
		put_run(&b, &last, "test", true);
		put_run(&b, &next, "test", true);
		weeks_build(&b);
		assert_string_equal(said(&b, "string(/digest/@hours)"), cases[i].hours);
		assert_string_equal(said(&b, "string(//masthead/dates)"), cases[i].dates);
		assert_true(value_of(&b, "ci.runs") == 1);
		assert_int_equal(count_of(&b, "//lane[@name='Failed runs']/m"), 28);
		assert_string_equal(said(&b, "string(//lane[@name='Failed runs']/m[last()]/@v)"),
				    "1");
		assert_string_equal(said(&b, "string(//lane[@name='Failed runs']/m[last()]/@to)"),
				    said(&b, "string(/digest/@to)"));
		weeks_stop(&b);
	}
}

static void the_same_store_gives_the_same_bytes(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	tell_the_story(&b);
	size_t n[2];
	const char *s[2];
	for (int i = 0; i < 2; i++) {
		weeks_build(&b);
		s[i] = xml_write(b.out.doc, &b.a, &n[i]);
	}
	assert_int_equal(n[0], n[1]);
	assert_memory_equal(s[0], s[1], n[0]);
	weeks_stop(&b);
}

static void a_team_reads_of_its_own(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	b.audience = &b.cfg.audiences.v[1];
	tell_the_story(&b);
	weeks_build(&b);
	assert_true(value_of(&b, "errors.new") == 0 && value_of(&b, "security.outstanding") == 3);
	assert_int_equal(count_of(&b, "//item[@owner='Platform']"), 0);
	assert_int_equal(count_of(&b, "//item[@owner='Providers']"), 4);
	weeks_stop(&b);
}

static void the_public_reads_counts_and_no_names(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	b.audience = &b.cfg.audiences.v[2];
	tell_the_story(&b);
	put_ledger(&b, "github", "extra", LEDGER_PARTIAL, "ci.", "403 on example/secret-repo");
	weeks_build(&b);
	size_t n;
	const char *s = xml_write(b.out.doc, &b.a, &n);
	static const char *const secrets[] = {
		"PLATFORM-18", "organisation_entity", "digital-land.info", "Nightly build",
		"secret-repo", "finding c1",	      "9f3c2e1",	   "sentry/"};
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strstr(s, secrets[i]))
			fail_msg("\"%s\" is in a digest of counts", secrets[i]);
	assert_true(value_of(&b, "errors.new") == 14);
	assert_int_equal(b.out.items.n, 0);
	weeks_stop(&b);
}

static void text_of_strangers_stays_text(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_issue x =
		issue_of(&b, "PLATFORM-1",
			 "\001\003javascript:alert(1)\007<b>\n\u202eevil & \"quoted\"\005\b",
			 at(&b, 1, 9, 0), 50);
	x.url = "javascript:alert(1)";
	x.last_day_events = 9;
	put_issue(&b, &x);
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//link[starts-with(@href,'javascript')]"), 0);
	assert_int_equal(count_of(&b, "//item[@url]"), 0);
	assert_string_equal(said(&b, "string(//item[@section='errors']/@title)"),
			    "javascript:alert(1)<b> evil & \"quoted\"");
	assert_int_equal(count_of(&b, "//b"), 0);
	weeks_stop(&b);
}

static void an_accepted_risk_is_set_aside_and_comes_back(void **state UNUSED)
{
	struct err e = {0};
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_scan(&b, "bandit", "submit", at(&b, -100, 8, 0), SCAN_OK, "h1 h2");
	put_scan(&b, "bandit", "submit", at(&b, 0, 8, 0), SCAN_OK, "h1 h2");
	struct acceptance x = {"finding:bandit/submit/h1", "fixed upstream", b.now_s + 86400,
			       b.now_s - 60};
	assert_ok(scans_accept(b.db, &x, &e), e);
	weeks_build(&b);
	assert_true(value_of(&b, "security.outstanding") == 1 &&
		    value_of(&b, "security.overdue") == 1);
	assert_string_equal(item_of(&b, "finding:bandit/submit/h1")->set_aside, "accepted");
	assert_null(item_of(&b, "finding:bandit/submit/h2")->set_aside);
	b.now_s += 2 * 86400;
	weeks_build(&b);
	assert_true(value_of(&b, "security.outstanding") == 2 &&
		    value_of(&b, "security.overdue") == 2);
	weeks_stop(&b);
}

static void a_scan_that_did_not_run_is_neither_failed_nor_clean(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	for (int w = 3; w > 0; w--)
		put_scan(&b, "zap", "submit", at(&b, -7 * w, 8, 45), SCAN_OK, "m1 m2");
	put_scan(&b, "bandit", "submit", at(&b, -7, 8, 45), SCAN_OK,
		 "l1"); /* once: no rhythm is known */
	put_scan(&b, "npm-audit", "submit", at(&b, -7, 9, 0), SCAN_OK, "h1");
	put_scan(&b, "npm-audit", "submit", at(&b, 0, 9, 0), SCAN_ZERO, "");
	weeks_build(&b);
	assert_true(value_of(&b, "security.scans_missing") == 1 &&
		    value_of(&b, "security.scans") == 1);
	assert_true(value_of(&b, "security.scans_failed") == 0 &&
		    value_of(&b, "security.held") == 2);
	assert_true(isnan(value_of(&b, "security.tool.zap.new")) &&
		    value_of(&b, "security.tool.zap.outstanding") == 2);
	assert_true(value_of(&b, "security.tool.npm-audit.fixed") == 1 &&
		    !number_of(&b, "security.tool.npm-audit.fixed")->incomplete);
	assert_int_equal(count_of(&b, "//status[@word='Did not run']"), 1);
	assert_int_equal(count_of(&b, "//lane[@name='Scans']/m[@style='hatched']"), 1);
	assert_string_equal(item_of(&b, "finding:zap/submit/m1")->kind, "held");
	weeks_stop(&b);
}

static void a_later_rerun_corrects_the_week_before(void **state UNUSED)
{
	static const double then[] = {3};
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "ci.failed", then, 1);
	for (int i = 0; i < 2; i++) {
		struct rec_run r = run_of(&b, "Test", "aaaaaaa", at(&b, -3, 9, i), "failure");
		put_run(&b, &r, "test", true);
	}
	weeks_build(&b);
	assert_string_equal(said(&b, "string(//data/correction)"),
			    "Failed CI runs in week 45: 2, not 3.");
	assert_int_equal(count_of(&b, "//section[@id='corrections']//callout[@kind='correction']"),
			 1);
	weeks_stop(&b);
}

static void a_stopped_workflow_stays_stopped_when_its_rhythm_is_out_of_sight(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	struct rec_workflow w = {.source = "github",
				 .key = "Backup",
				 .repo = "example/config",
				 .name = "Backup",
				 .path = ".github/workflows/Backup.yml",
				 .state = "active"};
	struct err e = {0};
	assert_ok(db_begin(b.db, &e), e);
	assert_ok(ci_put_workflow(b.db, &w, b.now_s, &e), e);
	assert_ok(db_commit(b.db, &e), e);
	for (int day = -20; day < -6; day++) {
		struct rec_run r = run_of(&b, "Backup", "aaaaaaa", at(&b, day, 1, 0), "success");
		r.event = "schedule";
		put_run(&b, &r, NULL, true);
	}
	for (int i = 0; i < 5; i++) {
		put_complete(&b);
		weeks_build(&b);
		assert_true(value_of(&b, "ci.stopped") == 1);
		const struct item *it =
			item_of(&b, "github-workflow:example/config/.github/workflows/Backup.yml");
		assert_string_equal(it->kind, "stopped");
		assert_int_equal(it->weeks, i + 1);
		struct frozen f;
		assert_ok(digests_freeze(b.db, b.week.name, "everyone", "<digest/>", 9,
					 "sitrep test", &b.out.numbers, &b.out.items, b.now_s, &b.a,
					 &f, &e),
			  e);
		weeks_go(&b, week_add(b.z, &b.week, 1).name);
	}
	weeks_stop(&b);
}

static void zero_after_busy_weeks_is_a_warning(void **state UNUSED)
{
	static const double busy[] = {900, 1200, 1000, 1100, 950, 1010, 990, 1040, 1200, 800};
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "errors.events", busy, 10);
	weeks_build(&b);
	assert_string_not_equal(said(&b, "string(//verdict/@rule)"), "quiet");
	assert_string_equal(said(&b, "string(//action[1]/@rule)"), "source-silent");
	assert_int_equal(count_of(&b, "//callout[@kind='warning']"), 1);
	weeks_stop(&b);
}

static void a_known_error_out_of_its_range_is_not_set_aside(void **state UNUSED)
{
	static const double volume[] = {50, 50, 50, 50, 50, 50, 50, 50, 50, 50};
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	put_history(&b, "errors.events", volume, 10);
	struct rec_issue calm = issue_of(&b, "PLATFORM-1", "calm", at(&b, -200, 9, 0), 20);
	struct rec_issue grows = issue_of(&b, "PLATFORM-2", "grows", at(&b, -200, 9, 0), 400);
	struct rec_issue young = issue_of(&b, "PLATFORM-3", "young", at(&b, -20, 9, 0), 400);
	put_issue(&b, &calm), put_issue(&b, &grows), put_issue(&b, &young);
	for (int w = 1; w <= 10; w++) {
		struct week then = week_add(b.z, &b.week, -w);
		calm.week = grows.week = then.name;
		calm.events = 18 + w % 5, grows.events = 30;
		put_issue(&b, &calm), put_issue(&b, &grows);
	}
	weeks_build(&b);
	assert_string_equal(item_of(&b, "sentry:example/4001")->set_aside, "usual");
	assert_null(item_of(&b, "sentry:example/4002")->set_aside);
	assert_string_equal(item_of(&b, "sentry:example/4002")->kind, "ongoing");
	assert_string_equal(item_of(&b, "sentry:example/4003")->set_aside, "ongoing");
	assert_int_equal(count_of(&b, "//table[@id='errors.back']/row"), 1);
	weeks_stop(&b);
}

static void a_message_is_named_by_digest_week_and_audience(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	weeks_build(&b);
	const char *id = said(&b, "string(//mail/@message-id)");
	assert_true(strstr(id, "<digest.2026-W46.everyone.") == id && strstr(id, "@example.org>"));
	b.now_s += 3600; /* a re-made digest of the same week is the same message */
	weeks_build(&b);
	assert_string_equal(id, said(&b, "string(//mail/@message-id)"));
	assert_string_equal(said(&b, "string(//mail/to)"), "lead@example.org");
	b.audience = &b.cfg.audiences.v[1];
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//delivery"), 0);
	weeks_stop(&b);
}

static void a_table_of_a_terrible_week_is_cut_and_counted(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	for (int i = 0; i < 300; i++) {
		struct rec_issue x = issue_of(&b, arena_printf(&b.a, "PLATFORM-%d", i), "boom",
					      at(&b, i % 7, 9, 0), 300 - i % 50);
		x.last_day_events = 5;
		put_issue(&b, &x);
	}
	weeks_build(&b);
	assert_int_equal(count_of(&b, "//item[@section='errors']"), 300);
	assert_int_equal(count_of(&b, "//table[@id='errors.new.table']/row"), 40);
	assert_int_equal(count_of(&b, "//action"), 5);
	assert_non_null(strstr(said(&b, "string(//section[@id='errors']/para[@kind='note'])"),
			       "260 more new errors"));
	assert_string_equal(said(&b, "string(//lane[@name='New errors']/@kind)"), "columns");
	assert_true(words_in(said(&b, "string(//verdict)")) <= 30);
	weeks_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_story_is_told_with_its_numbers),
		cmocka_unit_test(everything_counted_is_an_item_once),
		cmocka_unit_test(every_number_of_the_contract_exists),
		cmocka_unit_test(a_source_that_was_never_asked_has_failed),
		cmocka_unit_test(a_refused_source_hides_what_an_earlier_try_left),
		cmocka_unit_test(an_incomplete_number_is_at_least_and_never_marked),
		cmocka_unit_test(a_week_like_the_others_is_quiet),
		cmocka_unit_test(the_first_week_says_that_it_has_no_history),
		cmocka_unit_test(fewer_than_eight_complete_weeks_are_no_range),
		cmocka_unit_test(weeks_of_summer_time_and_of_53_are_whole),
		cmocka_unit_test(the_same_store_gives_the_same_bytes),
		cmocka_unit_test(a_team_reads_of_its_own),
		cmocka_unit_test(the_public_reads_counts_and_no_names),
		cmocka_unit_test(text_of_strangers_stays_text),
		cmocka_unit_test(an_accepted_risk_is_set_aside_and_comes_back),
		cmocka_unit_test(a_scan_that_did_not_run_is_neither_failed_nor_clean),
		cmocka_unit_test(a_later_rerun_corrects_the_week_before),
		cmocka_unit_test(a_stopped_workflow_stays_stopped_when_its_rhythm_is_out_of_sight),
		cmocka_unit_test(zero_after_busy_weeks_is_a_warning),
		cmocka_unit_test(a_known_error_out_of_its_range_is_not_set_aside),
		cmocka_unit_test(a_message_is_named_by_digest_week_and_audience),
		cmocka_unit_test(a_table_of_a_terrible_week_is_cut_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
