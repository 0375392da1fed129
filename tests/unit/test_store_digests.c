#include "support/test.h"

#include "store/digests.h"
#include "store/outbox.h"
#include "store/store.h"

#include <math.h>

static struct arena a;
static struct db *db;
static struct err e;

static int open_store(void **state UNUSED)
{
	e = (struct err){0};
	const char *path = arena_printf(&a, "%s/s.db", test_dir(&a));
	return store_open(path, STORE_WRITE, &db, &e) ? 0 : -1;
}

static int close_store(void **state UNUSED)
{
	db_close(db);
	db = NULL;
	arena_release(&a);
	return 0;
}

static int64_t number(const char *sql)
{
	int64_t v = 0;
	assert_ok(db_i64(db, sql, &v, &e), e);
	return v;
}

static struct frozen freeze(const char *week, const char *document, double value)
{
	struct frozen f;
	struct number list[] = {{"errors.new", value, 1, 13, "up", false},
				{"ci.failed", (double)NAN, (double)NAN, (double)NAN, NULL, true}};
	struct item items[] = {{.id = "e-2",
				.section = "errors",
				.kind = "new",
				.key = "sentry:2",
				.title = "second",
				.first_seen_s = 5,
				.weeks = 1,
				.needs_you = true},
			       {.id = "e-1",
				.section = "errors",
				.kind = "ongoing",
				.key = "sentry:1",
				.title = "first",
				.first_seen_s = TIME_NONE,
				.weeks = NUM_NONE,
				.set_aside = "usual"}};
	struct numbers n = {list, 2, 2};
	struct items i = {.v = items, .n = 2, .cap = 2};
	assert_ok(digests_freeze(db, week, "everyone", document, strlen(document), "sitrep 0.1.0",
				 &n, &i, 1000, &a, &f, &e),
		  e);
	return f;
}

static void put_page(int64_t id, const char *bytes, size_t len)
{
	struct artefact page[] = {{"page.html", "text/html", bytes, len},
				  {"digest.txt", "text/plain", "", 0}};
	struct artefacts list = {page, 2, 2};
	assert_ok(digests_put_artefacts(db, id, &list, &e), e);
}

static void what_was_frozen_comes_back_as_it_was(void **state UNUSED)
{
	struct frozen f = freeze("2026-W46", "<d>\xc3\xa9</d>", 14), g;
	struct numbers n;
	struct items i;
	struct artefacts x;
	bool found;
	put_page(f.id, "a\0b", 3);
	assert_ok(digests_get(db, "2026-W46", "everyone", &a, &g, &found, &e), e);
	assert_true(found && g.id == f.id && !g.tried && g.frozen_s == 1000);
	assert_string_equal(g.document, "<d>\xc3\xa9</d>");
	assert_int_equal(g.document_len, 9);
	assert_string_equal(g.sha256, f.sha256);
	assert_ok(digests_numbers(db, f.id, &a, &n, &e), e);
	assert_int_equal(n.n, 2);
	assert_string_equal(n.v[0].id, "ci.failed");
	assert_true(isnan(n.v[0].value) && isnan(n.v[0].low) && n.v[0].incomplete);
	assert_null(n.v[0].mark);
	assert_true(n.v[1].value == 14 && n.v[1].high == 13 && !n.v[1].incomplete);
	assert_ok(digests_items(db, f.id, &a, &i, &e), e);
	assert_int_equal(i.n, 2);
	assert_string_equal(i.v[0].id, "e-2"); /* the digest's order, not the alphabet's */
	assert_true(i.v[0].needs_you && i.v[0].set_aside == NULL);
	assert_true(i.v[1].first_seen_s == TIME_NONE && i.v[1].weeks == NUM_NONE);
	assert_ok(digests_artefacts(db, f.id, &a, &x, &e), e);
	assert_int_equal(x.n, 2);
	assert_string_equal(x.v[0].name, "page.html");
	assert_true(x.v[0].len == 3 && !memcmp(x.v[0].bytes, "a\0b", 3));
	assert_int_equal(x.v[1].len, 0);
	assert_ok(digests_get(db, "2026-W46", "nobody", &a, &g, &found, &e), e);
	assert_false(found);
}

static void an_untried_digest_is_replaced_with_all_that_hangs_on_it(void **state UNUSED)
{
	struct frozen f = freeze("2026-W46", "one", 1);
	put_page(f.id, "p", 1);
	struct frozen g = freeze("2026-W46", "two", 2);
	struct frozens list;
	assert_string_not_equal(f.sha256, g.sha256);
	assert_ok(digests_list(db, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_int_equal(number("SELECT count(*) FROM artefact"), 0);
	assert_int_equal(number("SELECT count(*) FROM number"), 2);
	assert_int_equal(number("SELECT count(*) FROM item"), 2);
	assert_err(digests_put_artefacts(db, 999, &(struct artefacts){0}, &e), e, ERR_BUG,
		   "no digest 999");
}

static void a_tried_digest_never_changes(void **state UNUSED)
{
	struct frozen f = freeze("2026-W46", "one", 1), g;
	struct numbers none = {0};
	struct items nothing = {0};
	bool found;
	put_page(f.id, "sent bytes", 10);
	assert_ok(digests_mark_tried(db, "2026-W46", "everyone", &e), e);
	assert_err(digests_freeze(db, "2026-W46", "everyone", "two", 3, "sitrep 0.2.0", &none,
				  &nothing, 2000, &a, &g, &e),
		   e, ERR_BUSY, "it stays as it is");
	assert_false(db_in_transaction(db));
	err_clear(&e);
	put_page(f.id, "other bytes", 11); /* success, and nothing is stored */
	const char *bytes;
	size_t len;
	assert_ok(digests_artefact(db, "2026-W46", "everyone", "page.html", &a, &bytes, &len,
				   &found, &e),
		  e);
	assert_string_equal(bytes, "sent bytes");
	assert_ok(digests_get(db, "2026-W46", "everyone", &a, &g, &found, &e), e);
	assert_true(g.tried && g.id == f.id);
	assert_string_equal(g.document, "one");
	assert_int_equal(number("SELECT count(*) FROM number"), 2);
	assert_err(digests_mark_tried(db, "2026-W46", "nobody", &e), e, ERR_BUG, "no digest");
}

static void a_freeze_that_fails_keeps_the_digest_before_it(void **state UNUSED)
{
	freeze("2026-W46", "one", 1);
	struct number twice[] = {{.id = "errors.new", .value = 1},
				 {.id = "errors.new", .value = 2}};
	struct numbers n = {twice, 2, 2};
	struct items nothing = {0};
	struct frozen g = {.id = -1};
	bool found;
	assert_err(digests_freeze(db, "2026-W46", "everyone", "two", 3, "v", &n, &nothing, 0, &a,
				  &g, &e),
		   e, ERR_DB, "number \"errors.new\"");
	assert_int_equal(g.id, -1);
	err_clear(&e);
	assert_ok(digests_get(db, "2026-W46", "everyone", &a, &g, &found, &e), e);
	assert_string_equal(g.document, "one");
	assert_int_equal(number("SELECT count(*) FROM number"), 2);
}

static void history_is_newest_first_and_ends_before_the_week(void **state UNUSED)
{
	struct history h;
	struct frozen f;
	struct numbers none = {0};
	struct items nothing = {0};
	int64_t n;
	freeze("2026-W46", "now", 46);
	freeze("2026-W45", "a", 45);
	freeze("2025-W52", "b", 52);
	freeze("2026-W01", "c", 1);
	assert_ok(digests_freeze(db, "2026-W44", "everyone", "x", 1, "v", &none, &nothing, 0, &a,
				 &f, &e),
		  e);
	assert_ok(digests_freeze(db, "2026-W45", "public", "x", 1, "v", &none, &nothing, 0, &a, &f,
				 &e),
		  e);
	assert_ok(digests_history(db, "everyone", "2026-W46", 3, &a, &h, &e), e);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[0].week, "2026-W45");
	assert_int_equal(h.v[0].numbers.n, 2);
	assert_true(h.v[0].numbers.v[1].value == 45);
	assert_string_equal(h.v[1].week, "2026-W44");
	assert_int_equal(h.v[1].numbers.n, 0);
	assert_string_equal(h.v[2].week, "2026-W01");
	assert_ok(digests_item_weeks(db, "everyone", "2026-W46", "sentry:2", &n, &e), e);
	assert_int_equal(n, 3);
	assert_ok(digests_item_weeks(db, "everyone", "2026-W46", "sentry:1", &n, &e), e);
	assert_int_equal(n, 0); /* set aside */
}

static struct delivery only(void)
{
	struct deliveries list;
	assert_ok(outbox_list(db, "2026-W46", "everyone", &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	return list.v[0];
}

static struct delivery plan(void)
{
	struct frozen f = freeze("2026-W46", "one", 1);
	assert_ok(outbox_plan(db, "2026-W46", "everyone", "email", "lead@example.org", f.sha256, 10,
			      &e),
		  e);
	return only();
}

static void a_delivery_is_planned_once_and_follows_a_new_freeze_until_tried(void **state UNUSED)
{
	struct delivery d = plan(), again;
	assert_int_equal(d.state, OUTBOX_WAITING);
	assert_int_equal(d.attempts, 0);
	struct frozen g = freeze("2026-W46", "two", 2);
	assert_ok(outbox_plan(db, "2026-W46", "everyone", "email", "lead@example.org", g.sha256, 20,
			      &e),
		  e);
	again = only();
	assert_int_equal(again.id, d.id);
	assert_string_equal(again.digest_sha256, g.sha256);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENDING, NULL, NULL, 30, &e), e);
	assert_ok(outbox_plan(db, "2026-W46", "everyone", "email", "lead@example.org", "other", 40,
			      &e),
		  e);
	assert_string_equal(only().digest_sha256, g.sha256);
	assert_err(outbox_plan(db, "2026-W46", "everyone", "pigeon", "x", "s", 0, &e), e, ERR_DB,
		   "CHECK");
}

static void an_attempt_is_counted_and_makes_the_digest_immutable(void **state UNUSED)
{
	struct delivery d = plan();
	assert_int_equal(number("SELECT tried FROM digest"), 0);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENDING, NULL, NULL, 20, &e), e);
	assert_int_equal(number("SELECT tried FROM digest"), 1);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENDING, NULL, "ts-1", 21, &e), e);
	assert_int_equal(only().attempts, 1);
	assert_ok(outbox_set(db, d.id, OUTBOX_REFUSED, "550 no", NULL, 22, &e), e);
	d = only();
	assert_string_equal(d.answer, "550 no");
	assert_string_equal(d.reference, "ts-1");
	assert_int_equal(d.updated_s, 22);
	assert_int_equal(d.created_s, 10);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENDING, NULL, NULL, 23, &e), e);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENT, "250 ok", NULL, 24, &e), e);
	d = only();
	assert_int_equal(d.attempts, 2);
	assert_string_equal(d.answer, "250 ok");
}

static void moves_that_could_double_or_lose_a_delivery_are_refused(void **state UNUSED)
{
	enum {
		W = OUTBOX_WAITING,
		S = OUTBOX_SENDING,
		T = OUTBOX_SENT,
		R = OUTBOX_REFUSED,
		U = OUTBOX_UNKNOWN
	};
	static const bool allowed[5][5] = {[W] = {[W] = true, [S] = true, [R] = true},
					   [S] = {true, true, true, true, true},
					   [T] = {false},
					   [R] = {[W] = true, [S] = true, [R] = true},
					   [U] = {[W] = true, [T] = true, [R] = true, [U] = true}};
	struct delivery d = plan();
	for (int from = W; from <= U; from++) {
		for (int to = W; to <= U; to++) {
			assert_ok(db_exec(db,
					  arena_printf(&a, "UPDATE outbox SET state = '%s'",
						       outbox_state_name((enum outbox_state)from)),
					  &e),
				  e);
			bool ok = outbox_set(db, d.id, (enum outbox_state)to, NULL, NULL, 30, &e);
			if (ok != allowed[from][to])
				fail_msg("from %s to %s: %s",
					 outbox_state_name((enum outbox_state)from),
					 outbox_state_name((enum outbox_state)to), e.msg);
			assert_false(db_in_transaction(db));
			assert_int_equal(only().state, ok ? to : from);
			assert_true(ok || e.kind == ERR_BUG);
			err_clear(&e);
		}
	}
	assert_err(outbox_set(db, 999, OUTBOX_SENDING, NULL, NULL, 0, &e), e, ERR_BUG,
		   "no delivery 999");
}

static void what_a_crash_left_in_sending_becomes_unknown(void **state UNUSED)
{
	struct delivery d = plan();
	struct outbox_parts parts;
	int64_t n;
	assert_ok(outbox_plan(db, "2026-W46", "board", "slack", "C1", "s", 10, &e), e);
	assert_ok(outbox_set(db, d.id, OUTBOX_SENDING, NULL, NULL, 20, &e), e);
	assert_ok(outbox_set_part(db, d.id, 0, "sending", NULL, 20, &e), e);
	assert_ok(outbox_set_part(db, d.id, 0, "sent", "171.1", 21, &e), e);
	assert_ok(outbox_set_part(db, d.id, 1, "sending", NULL, 22, &e), e);
	assert_ok(outbox_recover(db, 30, &n, &e), e);
	assert_int_equal(n, 1);
	d = only();
	assert_int_equal(d.state, OUTBOX_UNKNOWN);
	assert_non_null(strstr(d.answer, "not known"));
	assert_ok(outbox_recover(db, 31, &n, &e), e);
	assert_int_equal(n, 0);
	assert_ok(outbox_parts(db, d.id, &a, &parts, &e), e);
	assert_int_equal(parts.n, 2);
	assert_string_equal(parts.v[0].state, "sent");
	assert_string_equal(parts.v[0].reference, "171.1");
	assert_string_equal(parts.v[1].state, "sending");
	struct deliveries all;
	assert_ok(outbox_list(db, NULL, NULL, &a, &all, &e), e);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.v[0].audience, "board");
	assert_ok(outbox_list(db, "2026-W46", NULL, &a, &all, &e), e);
	assert_int_equal(all.n, 2);
	assert_ok(outbox_list(db, NULL, "board", &a, &all, &e), e);
	assert_int_equal(all.n, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_frozen_comes_back_as_it_was),
		TEST(an_untried_digest_is_replaced_with_all_that_hangs_on_it),
		TEST(a_tried_digest_never_changes),
		TEST(a_freeze_that_fails_keeps_the_digest_before_it),
		TEST(history_is_newest_first_and_ends_before_the_week),
		TEST(a_delivery_is_planned_once_and_follows_a_new_freeze_until_tried),
		TEST(an_attempt_is_counted_and_makes_the_digest_immutable),
		TEST(moves_that_could_double_or_lose_a_delivery_are_refused),
		TEST(what_a_crash_left_in_sending_becomes_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
