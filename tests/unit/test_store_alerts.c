#include "support/test.h"

#include "base/parse.h"
#include "lib/db.h"
#include "store/scans_alerts.h"
#include "store/store.h"

#define DAY  ((int64_t)86400)
#define WEEK (7 * DAY)
#define TOOL "github-dependabot"
#define REPO "acme/web"

static struct arena a;
static struct db *db;

static int open_db(void **state UNUSED)
{
	struct err e = {0};
	return store_open(arena_printf(&a, "%s/sitrep.db", test_dir(&a)), STORE_WRITE, &db, &e)
		       ? 0
		       : -1;
}

static int close_db(void **state UNUSED)
{
	db_close(db);
	db = NULL;
	arena_release(&a);
	return 0;
}

static struct alert alert(const char *number, enum alert_state state, int64_t created_s,
			  int64_t closed_s)
{
	return (struct alert){.f = {.identity = number,
				    .severity = SEV_HIGH,
				    .word = "high",
				    .title = "a title",
				    .line = NUM_NONE},
			      .state = state,
			      .created_s = created_s,
			      .updated_s = MAX(created_s, closed_s),
			      .closed_s = closed_s,
			      .reason = state == ALERT_SET_ASIDE ? "dismissed: false positive"
								 : NULL};
}

static struct scan_effect store(struct alert x, int64_t seen_s)
{
	struct scan_effect out;
	struct err e = {0};
	assert_ok(scans_store_alerts(db, TOOL, REPO, &x, 1, seen_s, &out, &e), e);
	return out;
}

static struct finding_weeks findings(int64_t from_s, int64_t to_s)
{
	struct finding_weeks out = {0};
	struct err e = {0};
	assert_ok(scans_findings(db, from_s, to_s, &a, &out, &e), e);
	/* promise 6: each adds up for itself */
	for (size_t i = 0; i < out.n; i++) {
		const struct finding_week *w = &out.v[i];
		assert_int_equal(w->was_open + w->is_baseline + w->is_new + w->is_reopened -
					 w->is_fixed - w->is_set_aside,
				 w->is_open);
	}
	return out;
}

static const struct finding_week *only(int64_t from_s, int64_t to_s)
{
	struct finding_weeks list = findings(from_s, to_s);
	assert_int_equal(list.n, 1);
	return &list.v[0];
}

static int64_t events(void)
{
	struct err e = {0};
	int64_t n;
	assert_ok(db_i64(db, "SELECT count(*) FROM finding_event", &n, &e), e);
	return n;
}

static void an_alert_counts_on_its_own_dates_whenever_it_is_read(void **state UNUSED)
{
	/* created in week 1, fixed in week 3, first read in week 10 */
	store(alert("7", ALERT_FIXED, WEEK + 100, 3 * WEEK + 100), 10 * WEEK);
	assert_int_equal(findings(0, WEEK).n, 0);
	const struct finding_week *w = only(WEEK, 2 * WEEK);
	assert_true(w->is_new && w->is_open && !w->is_baseline);
	assert_string_equal(w->f.state, "open");
	assert_int_equal(w->f.first_seen_s, WEEK + 100);
	w = only(2 * WEEK, 3 * WEEK);
	assert_true(w->was_open && w->is_open && !w->is_new);
	w = only(3 * WEEK, 4 * WEEK);
	assert_true(w->is_fixed && !w->is_open && w->was_open);
	assert_int_equal(findings(4 * WEEK, 5 * WEEK).n, 0);
}

static void what_is_dismissed_is_neither_open_nor_fixed(void **state UNUSED)
{
	store(alert("7", ALERT_OPEN, 100, TIME_NONE), WEEK);
	struct scan_effect x = store(alert("7", ALERT_SET_ASIDE, 100, WEEK + 50), 2 * WEEK);
	assert_int_equal(x.fixed, 0);
	const struct finding_week *w = only(WEEK, 2 * WEEK);
	assert_true(w->was_open && w->is_set_aside && !w->is_open && !w->is_fixed);
	assert_string_equal(w->f.state, "set_aside");
	assert_string_equal(w->f.set_aside, "dismissed: false positive");
	/* fixed afterwards: it had left the open ones before */
	store(alert("7", ALERT_FIXED, 100, 2 * WEEK + 50), 3 * WEEK);
	w = only(2 * WEEK, 3 * WEEK);
	assert_false(w->is_fixed || w->was_open || w->is_open);
	assert_null(w->f.set_aside);
	/* created and dismissed in one week: new all the same */
	store(alert("8", ALERT_SET_ASIDE, 5 * WEEK + 1, 5 * WEEK + 2), 6 * WEEK);
	w = only(5 * WEEK, 6 * WEEK);
	assert_true(w->is_new && w->is_set_aside && !w->is_open);
}

static void an_alert_that_opens_again_is_reopened(void **state UNUSED)
{
	struct alert back = alert("7", ALERT_OPEN, 100, TIME_NONE);
	store(alert("7", ALERT_FIXED, 100, 2 * WEEK), 2 * WEEK + 5);
	back.updated_s = 3 * WEEK + 9;
	assert_int_equal(store(back, 4 * WEEK).reopened, 1);
	assert_int_equal(store(back, 4 * WEEK + 1).reopened, 0);
	const struct finding_week *w = only(3 * WEEK, 4 * WEEK);
	assert_true(w->is_reopened && w->is_open && !w->was_open);
	assert_int_equal(w->f.reopened_s, 3 * WEEK + 9);
	/* no time that could be it: when it was seen */
	store(alert("9", ALERT_SET_ASIDE, 100, 5 * WEEK), 5 * WEEK);
	back = alert("9", ALERT_OPEN, 100, TIME_NONE);
	back.updated_s = TIME_NONE;
	store(back, 6 * WEEK + 3);
	struct finding_weeks list = findings(6 * WEEK, 7 * WEEK);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[1].f.reopened_s, 6 * WEEK + 3);
}

static void one_that_came_and_went_between_two_readings_is_a_pair(void **state UNUSED)
{
	store(alert("7", ALERT_FIXED, 100, WEEK), WEEK + 5);
	struct scan_effect x = store(alert("7", ALERT_FIXED, 100, 3 * WEEK + 7), 4 * WEEK);
	assert_int_equal(x.fixed, 1);
	assert_int_equal(x.reopened, 1);
	const struct finding_week *w = only(3 * WEEK, 4 * WEEK);
	assert_true(w->is_fixed && w->is_reopened && !w->is_open && !w->was_open);
}

static void the_same_again_changes_nothing(void **state UNUSED)
{
	const struct alert v[] = {alert("1", ALERT_OPEN, 100, TIME_NONE),
				  alert("2", ALERT_FIXED, 100, WEEK),
				  alert("3", ALERT_SET_ASIDE, 100, WEEK)};
	struct err e = {0};
	struct scan_effect out;
	for (int i = 0; i < 3; i++) {
		assert_ok(scans_store_alerts(db, TOOL, REPO, v, 3, 2 * WEEK + i, &out, &e), e);
		assert_int_equal(out.fresh, i ? 0 : 3);
		assert_int_equal(out.fixed, i ? 0 : 1);
		assert_int_equal(events(), 5);
	}
	struct alert later = v[2]; /* dismissed by a second hand */
	later.closed_s += 60;
	later.reason = "dismissed: won't fix";
	store(later, 3 * WEEK);
	assert_int_equal(events(), 5);
}

static void a_number_of_another_repository_or_kind_is_another_alert(void **state UNUSED)
{
	struct err e = {0};
	struct strv open;
	struct alert x = alert("7", ALERT_OPEN, 100, TIME_NONE);
	store(x, 200);
	assert_ok(scans_store_alerts(db, TOOL, "acme/api", &x, 1, 200, NULL, &e), e);
	assert_ok(scans_store_alerts(db, "github-code-scanning", REPO, &x, 1, 200, NULL, &e), e);
	assert_int_equal(findings(0, WEEK).n, 3);
	assert_ok(scans_drop_alert(db, TOOL, REPO, "7", 300, "not listed any more", &e), e);
	assert_ok(scans_drop_alert(db, TOOL, REPO, "8", 300, "not listed any more", &e), e);
	assert_ok(scans_open_alerts(db, TOOL, REPO, &a, &open, &e), e);
	assert_int_equal(open.n, 0);
	assert_ok(scans_open_alerts(db, TOOL, "acme/api", &a, &open, &e), e);
	assert_int_equal(open.n, 1);
	assert_ok(scans_rename_alerts(db, TOOL, "acme/api", "acme/service", &e), e);
	assert_ok(scans_open_alerts(db, TOOL, "acme/service", &a, &open, &e), e);
	assert_int_equal(open.n, 1);
}

static void how_far_a_list_was_read_is_remembered(void **state UNUSED)
{
	struct err e = {0};
	struct alert_list x;
	assert_ok(scans_alert_list(db, "github", TOOL, "acme", &x, &e), e);
	assert_true(x.read_s == TIME_NONE && x.whole_s == TIME_NONE);
	assert_ok(scans_put_alert_list(db, "github", TOOL, "acme",
				       (struct alert_list){2 * WEEK, WEEK}, &e),
		  e);
	assert_ok(scans_alert_list(db, "github", TOOL, "acme", &x, &e), e);
	assert_true(x.read_s == 2 * WEEK && x.whole_s == WEEK);
}

/* What 0001 held is what is there after the tables were rebuilt. */
static void findings_and_their_events_survive_the_rebuilding(void **state UNUSED)
{
	struct err e = {0};
	int64_t n;
	CLEANUP(db_closep) struct db *old = NULL;
	const char *dir = test_dir(&a);
	const char *path = arena_printf(&a, "%s/old.db", dir);
	size_t len;
	assert_ok(db_open(path, false, &old, &e), e);
	assert_ok(db_begin(old, &e), e);
	assert_ok(db_exec(old, test_read(&a, "schema/migrations/0001_init.sql", &len), &e), e);
	assert_ok(db_exec(old,
			  "INSERT INTO scan VALUES (3,'s','zap','web','','zap-json','f','x',1,'ok',"
			  "NULL,NULL,'2026-11-09T09:00:00Z','2026-11-09T09:00:00Z',0,1,0,1,0,0,0,0,"
			  "NULL,NULL);"
			  "INSERT INTO finding VALUES (5,'zap','web','','i','high','High','r','t',"
			  "NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,'open',1,"
			  "'2026-11-09T09:00:00Z','2026-11-09T09:00:00Z',NULL,NULL);"
			  "INSERT INTO finding_event VALUES (9,5,3,'baseline',"
			  "'2026-11-09T09:00:00Z')",
			  &e),
		  e);
	assert_ok(db_exec(old, test_read(&a, "schema/migrations/0005_alerts.sql", &len), &e), e);
	assert_ok(db_commit(old, &e), e);
	assert_ok(db_i64(old,
			 "SELECT e.id FROM finding_event e JOIN finding f ON f.id = e.finding_id "
			 "JOIN scan s ON s.id = e.scan_id WHERE f.id = 5 AND s.id = 3",
			 &n, &e),
		  e);
	assert_int_equal(n, 9);
	assert_ok(db_exec(old, "DELETE FROM finding", &e), e);
	assert_ok(db_i64(old, "SELECT count(*) FROM finding_event", &n, &e), e);
	assert_int_equal(n, 0); /* still its child */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_db, close_db)
	const struct CMUnitTest tests[] = {
		T(an_alert_counts_on_its_own_dates_whenever_it_is_read),
		T(what_is_dismissed_is_neither_open_nor_fixed),
		T(an_alert_that_opens_again_is_reopened),
		T(one_that_came_and_went_between_two_readings_is_a_pair),
		T(the_same_again_changes_nothing),
		T(a_number_of_another_repository_or_kind_is_another_alert),
		T(how_far_a_list_was_read_is_remembered),
		T(findings_and_their_events_survive_the_rebuilding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
