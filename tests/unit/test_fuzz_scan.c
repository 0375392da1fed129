/* The fuzz target of scan/ as an ordinary test: its corpus, every prefix of it, and single bytes
 * changed. */
#include "support/test.h"

#include "base/file.h"

#include "fuzz/fuzz_scan.c"

static struct strv corpus(struct arena *a)
{
	struct strv files = {0};
	struct err e = {0};
	assert_ok(file_glob("tests/fuzz/corpus/scan/*", a, &files, &e), e);
	assert_true(files.n >= 25);
	return files;
}

/* A copy of exactly that size: a sanitizer sees the first byte read beyond. */
static void run(const char *bytes, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, n);
	assert_int_equal(LLVMFuzzerTestOneInput(exact, n), 0);
	free(exact);
}

static void the_corpus_keeps_the_promises(void **state UNUSED)
{
	struct arena a = {0};
	struct strv files = corpus(&a);
	for (size_t i = 0; i < files.n; i++) {
		size_t n;
		const char *s = test_read(&a, files.v[i], &n);
		run(s, n);
	}
	arena_release(&a);
}

static void a_report_cut_anywhere_is_never_a_clean_one(void **state UNUSED)
{
	struct arena a = {0};
	struct strv files = corpus(&a);
	for (size_t i = 0; i < files.n; i++) {
		size_t n;
		const char *s = test_read(&a, files.v[i], &n);
		bool lines = strstr(files.v[i], ".jsonl") != NULL;
		while (n && strchr(" \n", s[n - 1]) && s[n - 1])
			n--;
		for (size_t cut = 0; cut < n; cut += cut < 600 ? 1 : 7) {
			struct arena scratch = {0};
			struct rec_scan x;
			struct scan_opts o = {.scanned_s = TIME_NONE, .fallback_s = 1000};
			run(s, cut);
			scan_read(s, cut, &o, &scratch, &x);
			if (x.status == SCAN_ZERO || (x.status == SCAN_OK && !lines))
				fail_msg("%s cut to %zu bytes is %s", files.v[i], cut,
					 scan_status_name(x.status));
			arena_release(&scratch);
		}
	}
	arena_release(&a);
}

static void a_changed_byte_breaks_no_promise(void **state UNUSED)
{
	static const char changes[] = {'"', '0', '[', '}', '\0', '\xff'};
	struct arena a = {0};
	struct strv files = corpus(&a);
	for (size_t i = 0; i < files.n; i++) {
		size_t n;
		char *s = arena_memdup(&a, test_read(&a, files.v[i], &n), n + 1);
		for (size_t at = 0; at < n; at += 1 + n / 400) {
			char was = s[at];
			s[at] = changes[at % sizeof changes];
			run(s, n);
			s[at] = was;
		}
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_corpus_keeps_the_promises),
		cmocka_unit_test(a_report_cut_anywhere_is_never_a_clean_one),
		cmocka_unit_test(a_changed_byte_breaks_no_promise),
	};
	return cmocka_run_group_tests_name("fuzz_scan", tests, NULL, NULL);
}
