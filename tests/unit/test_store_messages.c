#include "support/test.h"

#include "store/messages.h"
#include "store/prune.h"
#include "store/store.h"

static struct arena a;
static struct db *db;
static struct err e;

#define T INT64_C(1794300000) /* 2026-11-10T08:40:00Z */

static int setup(void **state UNUSED)
{
	e = (struct err){0};
	return store_open(arena_printf(&a, "%s/x.db", test_dir(&a)), STORE_WRITE, &db, &e) ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
	db_close(TAKE_PTR(db));
	arena_release(&a);
	return 0;
}

static struct rec_told told(const char *subject)
{
	struct rec_told t = {.subject = subject, .total = NUM_NONE};
	for (int s = 0; s < SEV_COUNT; s++)
		t.severity[s] = NUM_NONE;
	return t;
}

static struct rec_message message(const char *ts, int64_t posted_s)
{
	return (struct rec_message){.source = "notifications",
				    .channel = "C0123456789",
				    .ts = ts,
				    .kind = MESSAGE_SCAN,
				    .sender = "SecurityScanner",
				    .text = "words",
				    .posted_s = posted_s,
				    .edited_s = TIME_NONE};
}

static void put(const struct rec_message *m)
{
	assert_ok(db_begin(db, &e), e);
	assert_ok(messages_put(db, m, T, &e), e);
	assert_ok(db_commit(db, &e), e);
}

static struct messages list(int64_t from_s, int64_t to_s)
{
	struct messages out;
	assert_ok(messages_list(db, from_s, to_s, &a, &out, &e), e);
	return out;
}

static void what_is_told_comes_back_whole_and_unknown_is_not_zero(void **state UNUSED)
{
	struct rec_message m = message("1794300000.000100", T);
	struct rec_told zap = told("web"), npm = told("web");
	zap.place = "example/web", zap.state = "ok", zap.key = "99", zap.code = "abc";
	zap.tool = "zap", zap.detail = "d", zap.url = "https://example.org/";
	zap.severity[SEV_HIGH] = 0, zap.severity[SEV_LOW] = 4, zap.total = 4;
	vec_push(&a, &m.told, zap);
	vec_push(&a, &m.told, npm);
	m.edited_s = T + 60;
	put(&m);
	struct messages v = list(T, T + 1);
	assert_int_equal(v.n, 1);
	assert_int_equal(v.v[0].told.n, 2);
	assert_int_equal(v.v[0].edited_s, T + 60);
	assert_string_equal(v.v[0].ts, "1794300000.000100");
	const struct rec_told *t = &v.v[0].told.v[0];
	assert_string_equal(t->place, "example/web");
	assert_string_equal(t->state, "ok");
	assert_string_equal(t->key, "99");
	assert_string_equal(t->code, "abc");
	assert_string_equal(t->tool, "zap");
	assert_string_equal(t->detail, "d");
	assert_string_equal(t->url, "https://example.org/");
	assert_int_equal(t->severity[SEV_HIGH], 0);
	assert_int_equal(t->severity[SEV_LOW], 4);
	assert_int_equal(t->total, 4);
	assert_true(t->severity[SEV_CRITICAL] == NUM_NONE);
	t = &v.v[0].told.v[1];
	assert_null(t->tool);
	assert_true(t->total == NUM_NONE && t->severity[SEV_HIGH] == NUM_NONE);
}

static void a_post_is_replaced_by_its_newer_form(void **state UNUSED)
{
	struct rec_message m = message("1794300000.000100", T);
	vec_push(&a, &m.told, told("x"));
	vec_push(&a, &m.told, told("y"));
	put(&m);
	m = message("1794300000.000100", T);
	m.kind = MESSAGE_OTHER;
	m.sender = m.text = NULL;
	put(&m);
	struct messages v = list(T, T + 1);
	assert_int_equal(v.n, 1);
	assert_int_equal(v.v[0].kind, MESSAGE_OTHER);
	assert_null(v.v[0].sender);
	assert_int_equal(v.v[0].told.n, 0);
}

static void the_same_ts_in_another_channel_is_another_post(void **state UNUSED)
{
	struct rec_message m = message("1794300000.000100", T);
	struct strv ids;
	put(&m);
	m.channel = "C9876543210";
	put(&m);
	assert_int_equal(list(T, T + 1).n, 2);
	assert_int_equal(list(T - 5, T).n, 0);
	assert_int_equal(list(T + 1, T + 5).n, 0);
	assert_ok(messages_ids(db, "notifications", "C9876543210", T, T + 1, &a, &ids, &e), e);
	assert_int_equal(ids.n, 1);
	assert_ok(db_begin(db, &e), e);
	assert_ok(messages_drop(db, "notifications", "C9876543210", ids.v[0], &e), e);
	assert_ok(db_commit(db, &e), e);
	struct messages v = list(T, T + 1);
	assert_int_equal(v.n, 1);
	assert_string_equal(v.v[0].channel, "C0123456789");
}

static void what_retention_does_not_keep_goes_with_what_it_told(void **state UNUSED)
{
	struct rec_message m = message("1794300000.000100", T);
	int64_t rows, n;
	vec_push(&a, &m.told, told("x"));
	put(&m);
	struct prune_keep keep = {.raw_from_week = "2026-W46", .raw_from_s = T};
	assert_ok(prune_store(db, &keep, &rows, &e), e);
	assert_int_equal(list(T, T + 1).n, 1);
	keep.raw_from_s++;
	assert_ok(prune_store(db, &keep, &rows, &e), e);
	assert_int_equal(rows, 1);
	assert_ok(db_i64(db, "SELECT count(*) FROM message_told", &n, &e), e);
	assert_int_equal(n, 0);
}

/* --- what others know --- */

static void what_is_told_is_found_where_another_source_stored_it(void **state UNUSED)
{
	bool known;
	assert_ok(
		db_exec(db,
			"INSERT INTO issue (source, key, short_id, seen_at) VALUES ('s', '77', "
			"'WEB-2F', 'x');"
			"INSERT INTO ci_run (source, key, repo, workflow, sha, attempt, "
			"default_branch, created_at, seen_at) VALUES ('g', '4711', 'example/Web', "
			"'Test', 'abc1234', 1, 1, '2026-11-10T08:00:00Z', 'x')",
			&e),
		e);
	static const struct {
		struct rec_told t;
		bool issue, known;
	} cases[] = {
		{{.key = "77"}, true, true},
		{{.code = "WEB-2F"}, true, true},
		{{.key = "78", .code = "WEB-3"}, true, false},
		{{.subject = "no key at all"}, true, false},
		{{.key = "4711"}, false, true},
		{{.key = "4712", .place = "example/web"}, false, false},
		{{.code = "abc1234", .place = "example/web"}, false, true},
		{{.code = "abc1234", .place = "example/api"}, false, false},
		{{.place = "web", .subject = "test"}, false, true},
		{{.place = "example/web", .subject = "Test"}, false, true},
		{{.place = "web", .subject = "Build"}, false, false},
		{{.subject = NULL}, false, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rec_told *t = &cases[i].t;
		if (cases[i].issue)
			assert_ok(messages_issue_known(db, t, &known, &e), e);
		else
			assert_ok(messages_run_known(db, t, T - 86400, T, &known, &e), e);
		if (known != cases[i].known)
			fail_msg("case %zu", i);
	}
	struct rec_told old = {.key = "4711"};
	assert_ok(messages_run_known(db, &old, T, T + 9, &known, &e), e);
	assert_false(known);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_told_comes_back_whole_and_unknown_is_not_zero),
		TEST(a_post_is_replaced_by_its_newer_form),
		TEST(the_same_ts_in_another_channel_is_another_post),
		TEST(what_retention_does_not_keep_goes_with_what_it_told),
		TEST(what_is_told_is_found_where_another_source_stored_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
