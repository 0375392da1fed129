#include "support/test.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/parse.h"
#include "scan/scan.h"
#include "store/scans.h"
#include "store/store.h"

#define DAY  ((int64_t)86400)
#define WEEK (7 * DAY)

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

/* A scan whose findings are the letters of ids; capital: severity high. */
static struct rec_scan letters(const char *ids, int64_t at_s, enum scan_status status)
{
	struct rec_scan s = {.source = "test",
			     .tool = "bandit",
			     .target = "app",
			     .format = "bandit-json",
			     .origin = "report.json",
			     .status = status,
			     .scanned_s = at_s,
			     .instances = NUM_NONE,
			     .first_site = NUM_NONE};
	for (const char *p = ids; *p; p++) {
		struct rec_finding f = {.identity = arena_printf(&a, "id-%c", *p),
					.severity = SEV_LOW,
					.title = "a title",
					.line = NUM_NONE,
					.occurrences = 1};
		vec_push(&a, &s.list, f);
	}
	s.findings = (int64_t)s.list.n;
	s.severity[SEV_LOW] = s.findings;
	s.sha256 = arena_printf(&a, "%s@%lld", ids, (long long)at_s);
	return s;
}

static struct scan_effect put(const struct rec_scan *s)
{
	struct scan_effect out = {0};
	struct err e = {0};
	assert_ok(scans_put(db, s, s->scanned_s + 60, &out, &e), e);
	return out;
}

static struct scan_effect put_letters(const char *ids, int64_t at_s, enum scan_status status)
{
	struct rec_scan s = letters(ids, at_s, status);
	return put(&s);
}

static void assert_effect(struct scan_effect got, int64_t fresh, int64_t fixed, int64_t reopened,
			  int64_t held, int64_t outstanding)
{
	assert_int_equal(got.fresh, fresh);
	assert_int_equal(got.fixed, fixed);
	assert_int_equal(got.reopened, reopened);
	assert_int_equal(got.held, held);
	assert_int_equal(got.outstanding, outstanding);
}

static struct finding_weeks findings(int64_t from_s, int64_t to_s)
{
	struct finding_weeks out = {0};
	struct err e = {0};
	assert_ok(scans_findings(db, from_s, to_s, &a, &out, &e), e);
	return out;
}

static const struct finding_week *find(const struct finding_weeks *list, char id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].f.identity[3] == id)
			return &list->v[i];
	return NULL;
}

static void the_first_scan_is_the_baseline_and_makes_nothing_new(void **state UNUSED)
{
	struct scan_effect x = put_letters("abc", 100, SCAN_OK);
	assert_true(x.baseline && !x.duplicate && !x.late);
	assert_effect(x, 0, 0, 0, 0, 3);
	x = put_letters("abd", 100 + WEEK, SCAN_OK);
	assert_false(x.baseline);
	assert_effect(x, 1, 1, 0, 0, 3);
	x = put_letters("abc", 100 + 2 * WEEK, SCAN_OK);
	assert_effect(x, 0, 1, 1, 0, 3);
	x = put_letters("", 100 + 3 * WEEK, SCAN_ZERO);
	assert_effect(x, 0, 3, 0, 0, 0);
}

static void an_unusable_scan_is_no_baseline_and_closes_nothing(void **state UNUSED)
{
	assert_false(put_letters("", 100, SCAN_FAILED).baseline);
	assert_false(put_letters("", 101, SCAN_SUSPECT).baseline);
	assert_true(put_letters("ab", 102, SCAN_OK).baseline);
	static const enum scan_status unusable[] = {SCAN_FAILED,      SCAN_SUSPECT,
						    SCAN_EMPTY,	      SCAN_MALFORMED,
						    SCAN_UNSUPPORTED, SCAN_UNRECOGNISED};
	for (size_t i = 0; i < ARRAY_SIZE(unusable); i++)
		assert_effect(put_letters("", 200 + (int64_t)i, unusable[i]), 0, 0, 0, 2, 2);
	assert_effect(put_letters("ac", 300, SCAN_PARTIAL), 1, 0, 0, 1, 3);
	assert_effect(put_letters("ac", 301, SCAN_OK), 0, 1, 0, 0, 2);
}

static void the_same_report_again_changes_nothing(void **state UNUSED)
{
	put_letters("abc", 100, SCAN_OK);
	put_letters("ab", 200, SCAN_OK);
	struct scan_effect x = put_letters("ab", 200, SCAN_OK);
	assert_true(x.duplicate);
	assert_effect(x, 0, 0, 0, 0, 2);
	x = put_letters("abc", 100, SCAN_OK); /* an older one, again */
	assert_true(x.duplicate);
	assert_effect(x, 0, 0, 0, 0, 2);
	x = put_letters("ab", 300, SCAN_OK); /* same content, scanned anew */
	assert_false(x.duplicate);
	assert_effect(x, 0, 0, 0, 0, 2);
}

static void a_report_that_could_not_be_read_once_can_be_read_later(void **state UNUSED)
{
	put_letters("ab", 100, SCAN_OK);
	struct rec_scan s = letters("bc", 200, SCAN_UNSUPPORTED);
	struct rec_scan unread = s;
	unread.list.n = 0;
	unread.findings = unread.suppressed = NUM_NONE;
	bool usable = true;
	struct err e = {0};
	assert_effect(put(&unread), 0, 0, 0, 2, 2);
	assert_ok(scans_has(db, "bandit", "app", 200, s.sha256, &usable, &e), e);
	assert_false(usable);
	assert_true(put(&unread).duplicate);
	s.status = SCAN_OK;
	assert_effect(put(&s), 1, 1, 0, 0, 2);
	assert_ok(scans_has(db, "bandit", "app", 200, s.sha256, &usable, &e), e);
	assert_true(usable);
	assert_true(put(&s).duplicate);
	struct scans list = {0};
	assert_ok(scans_list(db, 0, 1000, &a, &list, &e), e);
	assert_int_equal(list.n, 2);
}

static void a_scan_that_comes_late_changes_no_finding(void **state UNUSED)
{
	put_letters("ab", 100, SCAN_OK);
	put_letters("a", 300, SCAN_OK);
	struct scan_effect x = put_letters("abcd", 200, SCAN_OK);
	assert_true(x.late);
	assert_effect(x, 0, 0, 0, 0, 1);
	assert_effect(put_letters("", 250, SCAN_FAILED), 0, 0, 0, 0, 1);
	assert_effect(put_letters("ac", 300, SCAN_OK), 1, 0, 0, 0, 2); /* same second: the next */
	struct finding_weeks w = findings(0, 280);
	assert_int_equal(w.n, 2); /* as it stood: a and b; the late scan told nothing */
	assert_true(find(&w, 'b')->is_open);
	struct scans list = {0};
	struct err e = {0};
	assert_ok(scans_list(db, 0, 1000, &a, &list, &e), e);
	assert_int_equal(list.n, 5);
}

static void a_failed_scan_does_not_make_an_older_usable_one_late(void **state UNUSED)
{
	put_letters("ab", 100, SCAN_OK);
	put_letters("", 300, SCAN_MALFORMED); /* its time is its file's */
	struct scan_effect x = put_letters("ac", 200, SCAN_OK);
	assert_false(x.late);
	assert_effect(x, 1, 1, 0, 0, 2);
	struct finding_weeks w = findings(0, 1000);
	assert_string_equal(find(&w, 'a')->f.state, "held");
	assert_string_equal(find(&w, 'b')->f.state, "fixed");
}

static void a_report_that_lost_most_findings_is_believed_the_second_time(void **state UNUSED)
{
	put_letters("abcdefghij", 100, SCAN_OK);
	assert_effect(put_letters("abcd", 200, SCAN_OK), 0, 0, 0, 6, 10);
	assert_effect(put_letters("abcd", 300, SCAN_OK), 0, 6, 0, 0, 4);
	/* Exactly half of ten is no collapse; most of nine neither. */
	put_letters("abcdefghij", 400, SCAN_OK);
	assert_effect(put_letters("klmno", 500, SCAN_OK), 5, 10, 0, 0, 5);
	put_letters("abcdefghi", 600, SCAN_OK);
	assert_effect(put_letters("", 700, SCAN_ZERO), 0, 9, 0, 0, 0);
}

static void scopes_tools_and_targets_do_not_close_each_other(void **state UNUSED)
{
	put_letters("abc", 100, SCAN_OK);
	struct rec_scan s = letters("xy", 200, SCAN_OK);
	s.scope = "/language:python";
	assert_true(put(&s).baseline);
	s.scope = NULL;
	s.target = "other";
	assert_true(put(&s).baseline);
	s.target = "app";
	s.tool = "semgrep";
	assert_true(put(&s).baseline);
	struct finding_weeks w = findings(0, 1000);
	assert_int_equal(w.n, 9);
	for (size_t i = 0; i < w.n; i++)
		assert_true(w.v[i].is_open && w.v[i].is_baseline && !w.v[i].is_new);
}

static void suppressed_findings_are_not_followed(void **state UNUSED)
{
	struct rec_scan s = letters("ab", 100, SCAN_OK);
	s.list.v[1].suppressed = true;
	s.findings = 1;
	put(&s);
	s = letters("ab", 200, SCAN_OK);
	assert_effect(put(&s), 1, 0, 0, 0, 2);
	s = letters("ab", 300, SCAN_OK);
	s.list.v[0].suppressed = true;
	s.findings = 1;
	assert_effect(put(&s), 0, 1, 0, 0, 1);
}

static void a_past_week_reads_the_same_whatever_was_scanned_since(void **state UNUSED)
{
	int64_t w1 = 100 * WEEK, w2 = w1 + WEEK, w3 = w2 + WEEK, w4 = w3 + WEEK;
	put_letters("ab", w1 + DAY, SCAN_OK);
	put_letters("abc", w2 + DAY, SCAN_OK); /* c new */
	put_letters("bc", w2 + 2 * DAY, SCAN_OK); /* a fixed */
	put_letters("c", w3 + DAY, SCAN_PARTIAL); /* b held */
	struct finding_weeks before[3] = {findings(w1, w2), findings(w2, w3), findings(w3, w4)};
	put_letters("bcd", w4 + DAY, SCAN_OK); /* b confirmed */
	put_letters("", w4 + 2 * DAY, SCAN_ZERO);
	put_letters("a", w4 + 3 * DAY, SCAN_OK);
	for (int i = 0; i < 3; i++) {
		struct finding_weeks now = findings(w1 + i * WEEK, w2 + i * WEEK);
		assert_int_equal(now.n, before[i].n);
		for (size_t k = 0; k < now.n; k++) {
			const struct finding_week *x = &now.v[k], *y = &before[i].v[k];
			assert_string_equal(x->f.identity, y->f.identity);
			assert_string_equal(x->f.state, y->f.state);
			assert_int_equal(x->is_new, y->is_new);
			assert_int_equal(x->is_fixed, y->is_fixed);
			assert_int_equal(x->is_held, y->is_held);
			assert_int_equal(x->is_open, y->is_open);
			assert_int_equal(x->was_open, y->was_open);
			assert_int_equal(x->f.first_seen_s, y->f.first_seen_s);
			assert_int_equal(x->f.last_seen_s, y->f.last_seen_s);
			assert_int_equal(x->f.fixed_s, y->f.fixed_s);
		}
	}
	struct finding_weeks x = findings(w2, w3);
	assert_true(find(&x, 'c')->is_new && find(&x, 'c')->is_open && !find(&x, 'c')->was_open);
	assert_true(find(&x, 'a')->is_fixed && !find(&x, 'a')->is_open && find(&x, 'a')->was_open);
	assert_int_equal(find(&x, 'a')->f.fixed_s, w2 + 2 * DAY);
	assert_int_equal(find(&x, 'a')->f.last_seen_s, w2 + DAY);
	assert_string_equal(find(&x, 'b')->f.state, "open");
	x = findings(w3, w4);
	assert_null(find(&x, 'a')); /* fixed the week before */
	assert_string_equal(find(&x, 'b')->f.state, "held");
	assert_true(find(&x, 'b')->is_held && find(&x, 'b')->is_open);
	assert_int_equal(find(&x, 'b')->f.last_seen_s, w2 + 2 * DAY);
	assert_string_equal(find(&x, 'c')->f.state, "open");
	assert_int_equal(find(&x, 'c')->f.last_seen_s, w3 + DAY);
	x = findings(w4, w4 + WEEK);
	assert_string_equal(find(&x, 'a')->f.state, "open");
	assert_true(find(&x, 'a')->is_reopened && !find(&x, 'a')->is_new);
	assert_true(find(&x, 'd')->is_new && find(&x, 'd')->is_fixed && !find(&x, 'd')->is_open);
}

static uint32_t seed;
static uint32_t rnd(uint32_t n) /* xorshift: the same histories everywhere */
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* Each week of a random history keeps the books, for its whole and for its effects. */
static void random_histories_keep_the_books(void **state UNUSED)
{
	static const enum scan_status kinds[] = {SCAN_OK,      SCAN_OK,	      SCAN_OK,
						 SCAN_OK,      SCAN_PARTIAL,  SCAN_FAILED,
						 SCAN_SUSPECT, SCAN_MALFORMED};
	for (uint32_t history = 1; history <= 40; history++) {
		assert_int_equal(close_db(NULL) | open_db(NULL), 0);
		seed = history * 2654435761U;
		int64_t from = 50 * WEEK, fresh = 0, fixed = 0, reopened = 0, open = 0, newest = 0;
		for (int week = 0; week < 8; week++) {
			int64_t to = from + WEEK;
			int64_t at = from;
			int64_t week_fresh = 0, open0 = open;
			for (uint32_t n = rnd(5); n > 0; n--) {
				char ids[27];
				size_t k = 0;
				for (char c = 'a'; c <= 'z'; c++)
					if (rnd(3) == 0)
						ids[k++] = c;
				ids[k] = '\0';
				at += 1 + rnd((uint32_t)DAY);
				enum scan_status kind = kinds[rnd(ARRAY_SIZE(kinds))];
				bool lists = kind == SCAN_OK || kind == SCAN_PARTIAL;
				if (kind == SCAN_OK && k == 0)
					kind = SCAN_ZERO;
				/* one in six comes late, if there is anything to be late for */
				bool late = newest && rnd(6) == 0;
				int64_t when = late ? newest - 1 - rnd((uint32_t)DAY) : at;
				newest = lists && !late ? at : newest;
				struct rec_scan s = letters(lists ? ids : "", when, kind);
				struct scan_effect x = put(&s);
				assert_int_equal(x.late, late);
				assert_true(put(&s).duplicate);
				fresh += x.fresh;
				week_fresh += x.fresh;
				fixed += x.fixed;
				reopened += x.reopened;
				int64_t entered = x.fresh + x.reopened - x.fixed;
				if (x.baseline)
					entered += x.outstanding;
				assert_int_equal(open + entered, x.outstanding);
				assert_true(x.late || x.held == 0 || kind != SCAN_OK ||
					    s.findings < open);
				open = x.outstanding;
			}
			struct finding_weeks w = findings(from, to);
			int64_t n_open = 0, n_was = 0, n_new = 0, delta = 0;
			for (size_t i = 0; i < w.n; i++) {
				const struct finding_week *f = &w.v[i];
				assert_int_equal(f->was_open + f->is_baseline + f->is_new +
							 f->is_reopened - f->is_fixed,
						 f->is_open);
				assert_true(f->f.first_seen_s < to &&
					    f->f.last_seen_s >= f->f.first_seen_s &&
					    f->f.last_seen_s < to);
				assert_int_equal(!strcmp(f->f.state, "fixed"), !f->is_open);
				n_open += f->is_open;
				n_was += f->was_open;
				n_new += f->is_new;
				delta += f->is_open - f->was_open;
			}
			assert_int_equal(n_open, open);
			assert_int_equal(n_was + delta, n_open);
			if (week > 0)
				assert_int_equal(n_was, open0);
			assert_true(n_new <= week_fresh);
			from = to;
		}
		struct finding_weeks all = findings(0, from);
		int64_t n_new = 0;
		for (size_t i = 0; i < all.n; i++)
			n_new += all.v[i].is_new;
		assert_int_equal(n_new, fresh);
		assert_true(fixed >= 0 && reopened <= fixed);
	}
}

struct row {
	const char *cell[4];
};

static size_t table(const char *name, struct row *rows, size_t max)
{
	size_t len, n = 0;
	const char *s = test_read(&a, fixture_path(&a, name), &len);
	while (*s && n < max) {
		for (int i = 0; i < 4; i++) {
			size_t k = strcspn(s, "\t\n");
			rows[n].cell[i] = arena_strndup(&a, s, k);
			s += k + (s[k] == '\t');
		}
		s += strcspn(s, "\n");
		s += *s == '\n';
		n++;
	}
	return n;
}

static struct rec_scan read_fixture(const char *name, int64_t at_s)
{
	struct rec_scan s;
	size_t len;
	const char *path = fixture_path(&a, arena_printf(&a, "scans/%s", name));
	const char *bytes = test_read(&a, path, &len);
	struct scan_opts o = {
		.target = "app", .origin = path, .scanned_s = at_s, .fallback_s = at_s};
	scan_read(bytes, len, &o, &a, &s);
	s.source = "test";
	return s;
}

static void importing_any_report_twice_or_shuffled_changes_nothing(void **state UNUSED)
{
	NEED_FIXTURES();
	static struct row rows[400];
	size_t n = table("scans/expected.tsv", rows, 400), used = 0;
	for (size_t i = 1; i < n; i++) {
		struct rec_scan s = read_fixture(rows[i].cell[0], 1000);
		if (s.status == SCAN_UNSUPPORTED || s.status == SCAN_MALFORMED ||
		    s.status == SCAN_UNRECOGNISED)
			continue;
		used++;
		s.target = rows[i].cell[0]; /* each on its own */
		struct scan_effect x = put(&s);
		assert_true(x.baseline);
		assert_int_equal(x.outstanding, s.findings);
		assert_true(put(&s).duplicate);
		s.scanned_s = 2000; /* scanned again: the same bytes at another time */
		assert_effect(put(&s), 0, 0, 0, 0, s.findings);
		seed = 7;
		for (size_t k = s.list.n; k > 1; k--) {
			size_t j = rnd((uint32_t)k);
			struct rec_finding f = s.list.v[k - 1];
			s.list.v[k - 1] = s.list.v[j];
			s.list.v[j] = f;
		}
		s.scanned_s = 3000;
		assert_effect(put(&s), 0, 0, 0, 0, s.findings);
	}
	assert_true(used > 50);
}

static void before_and_after_pairs_give_their_new_fixed_and_outstanding(void **state UNUSED)
{
	NEED_FIXTURES();
	static struct row rows[100];
	size_t n = table("scans/pairs.tsv", rows, 100), used = 0;
	for (size_t i = 1; i < n; i++) {
		struct rec_scan before = read_fixture(rows[i].cell[0], 1000),
				after = read_fixture(rows[i].cell[1], 1000 + WEEK);
		if (before.status == SCAN_UNSUPPORTED)
			continue;
		int64_t fresh = -1, fixed = -1;
		assert_true(parse_i64(rows[i].cell[2], &fresh) &&
			    parse_i64(rows[i].cell[3], &fixed));
		before.target = after.target = arena_printf(&a, "pair %zu", i);
		put(&before);
		struct scan_effect x = put(&after);
		assert_effect(x, fresh, fixed, 0, 0, after.findings);
		used++;
	}
	assert_true(used >= 8);
}

static void acceptances_hold_until_their_day(void **state UNUSED)
{
	struct err e = {0};
	struct acceptance x = {
		.key = "finding:zap/app/1", .reason = "known", .until_s = 2000, .created_s = 1000};
	struct acceptances list = {0};
	assert_ok(scans_accept(db, &x, &e), e);
	assert_ok(scans_acceptances(db, 999, &a, &list, &e), e);
	assert_int_equal(list.n, 0);
	assert_ok(scans_acceptances(db, 1000, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].reason, "known");
	assert_ok(scans_acceptances(db, 2000, &a, &list, &e), e);
	assert_int_equal(list.n, 0);
	x.until_s = 3000;
	assert_ok(scans_accept(db, &x, &e), e);
	assert_ok(scans_acceptances(db, 2000, &a, &list, &e), e);
	assert_int_equal(list.n, 1);
	struct rec_finding f = {.tool = "zap", .target = "app", .identity = "1"};
	assert_string_equal(scans_key(&f, &a), x.key);
}

static int64_t rows(const char *sql)
{
	int64_t n;
	struct err e = {0};
	assert_ok(db_i64(db, sql, &n, &e), e);
	return n;
}

/* The store refuses the n-th event, for every n until none is refused. */
static void a_failure_in_the_middle_stores_nothing(void **state UNUSED)
{
	struct err e = {0};
	put_letters("abc", 100, SCAN_OK);
	bool done = false;
	for (int n = 0; !done; n++) {
		assert_true(n < 10);
		assert_ok(db_exec(db,
				  arena_printf(&a,
					       "CREATE TRIGGER fail BEFORE INSERT ON finding_event "
					       "WHEN (SELECT count(*) FROM finding_event) = %d "
					       "BEGIN SELECT RAISE(ABORT, 'disk full'); END",
					       3 + n),
				  &e),
			  e);
		struct rec_scan s = letters("cde", 200, SCAN_OK);
		struct scan_effect x = {.fresh = -1};
		done = scans_put(db, &s, 260, &x, &e);
		if (!done) {
			assert_int_equal(e.kind, ERR_DB);
			assert_non_null(strstr(e.msg, "scan bandit of \"app\""));
			assert_int_equal(x.fresh, -1);
			assert_false(db_in_transaction(db));
			assert_int_equal(rows("SELECT count(*) FROM scan"), 1);
			assert_int_equal(rows("SELECT count(*) FROM finding"), 3);
			assert_int_equal(rows("SELECT count(*) FROM finding_event"), 3);
			assert_int_equal(rows("SELECT count(*) FROM finding WHERE state = 'open'"),
					 3);
		} else {
			assert_effect(x, 2, 2, 0, 0, 3);
		}
		err_clear(&e);
		assert_ok(db_exec(db, "DROP TRIGGER fail", &e), e);
	}
}

static void ten_thousand_findings_compare_quickly(void **state UNUSED)
{
	struct rec_scan s = letters("", 1000, SCAN_OK);
	for (int i = 0; i < 10000; i++) {
		struct rec_finding f = {.identity = arena_printf(&a, "%032x", i * 7919),
					.severity = SEV_LOW,
					.title = "SQL injection possible",
					.path = "src/app/models/query.py",
					.message = "Possible SQL injection through a query made "
						   "from strings",
					.line = i,
					.occurrences = 1};
		vec_push(&a, &s.list, f);
	}
	s.findings = 10000;
	put(&s);
	s.scanned_s = 2000;
	int64_t t0 = clock_mono_ms();
	assert_effect(put(&s), 0, 0, 0, 0, 10000);
	int64_t took = clock_mono_ms() - t0;
	print_message("10,000 findings compared in %lld ms\n", (long long)took);
	assert_true(took < 3000); /* 300 in a release build on a quiet machine */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_db, close_db)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_scan_is_the_baseline_and_makes_nothing_new),
		TEST(an_unusable_scan_is_no_baseline_and_closes_nothing),
		TEST(the_same_report_again_changes_nothing),
		TEST(a_report_that_could_not_be_read_once_can_be_read_later),
		TEST(a_scan_that_comes_late_changes_no_finding),
		TEST(a_failed_scan_does_not_make_an_older_usable_one_late),
		TEST(a_report_that_lost_most_findings_is_believed_the_second_time),
		TEST(scopes_tools_and_targets_do_not_close_each_other),
		TEST(suppressed_findings_are_not_followed),
		TEST(a_past_week_reads_the_same_whatever_was_scanned_since),
		TEST(random_histories_keep_the_books),
		TEST(importing_any_report_twice_or_shuffled_changes_nothing),
		TEST(before_and_after_pairs_give_their_new_fixed_and_outstanding),
		TEST(acceptances_hold_until_their_day),
		TEST(a_failure_in_the_middle_stores_nothing),
		TEST(ten_thousand_findings_compare_quickly),
	};
	return cmocka_run_group_tests_name("store_scans", tests, NULL, NULL);
}
