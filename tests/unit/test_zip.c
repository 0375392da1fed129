#include "support/test.h"

#include "base/text.h"
#include "lib/zip.h"
#include "support/zips.h"

static struct arena a;
static const struct zip_caps usual = {.entry_bytes = 1 << 20, .total_bytes = 2 << 20, .entries = 9};

static int teardown(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

struct seen {
	struct strv names, bytes;
	const char *stop; /* at a file of that name */
};

static bool see(const struct zip_entry *x, void *ctx, struct err *e)
{
	struct seen *s = ctx;
	assert_int_equal(x->bytes[x->len], '\0');
	vec_push(&a, &s->names, arena_strdup(&a, x->name));
	vec_push(&a, &s->bytes, arena_strndup(&a, x->bytes, x->len));
	return !text_eq(s->stop, x->name) || err_set(e, ERR_DB, "enough");
}

static bool each(const char *p, size_t n, const struct zip_caps *caps, struct seen *s,
		 struct err *e)
{
	*s = (struct seen){.stop = s->stop};
	return zip_each(p, n, caps, see, s, e);
}

static const struct zips_file files[] = {
	{"reports/", NULL, 0}, {"reports/zap/report.json", "{\"site\":[]}", 0}, {"empty", "", 0}};

static void files_are_given_in_order_and_folders_are_not(void **state UNUSED)
{
	static const char *const options[] = {NULL, "zip:compression=store",
					      "zip:compression=deflate"};
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct seen s = {0};
		struct err e = {0};
		size_t n;
		const char *p = zips_make(&a, files, ARRAY_SIZE(files), options[i], &n);
		assert_ok(each(p, n, &usual, &s, &e), e);
		assert_int_equal(s.names.n, 2);
		assert_string_equal(s.names.v[0], "reports/zap/report.json");
		assert_string_equal(s.bytes.v[0], "{\"site\":[]}");
		assert_string_equal(s.names.v[1], "empty");
		assert_string_equal(s.bytes.v[1], "");
	}
}

static void a_name_leads_nowhere(void **state UNUSED)
{
	static const char *const names[][2] = {
		{"/etc/passwd", "etc/passwd"},
		{"../../up.json", "up.json"},
		{"a/../b/./c", "a/b/c"},
		{"..\\..\\windows\\report.json", "windows/report.json"},
		{"line\nend\x1b[31m", "line end[31m"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct seen s = {0};
		struct err e = {0};
		size_t n;
		const struct zips_file f = {names[i][0], "x", 0};
		const char *p = zips_make(&a, &f, 1, NULL, &n);
		assert_ok(each(p, n, &usual, &s, &e), e);
		assert_string_equal(s.names.v[0], names[i][1]);
	}
	char *name = arena_alloc(&a, 60001);
	memset(name, 'n', 60000);
	name[60000] = '\0';
	struct seen s = {0};
	struct err e = {0};
	size_t n;
	const char *p = zips_make(&a, &(struct zips_file){name, "x", 0}, 1, NULL, &n);
	assert_ok(each(p, n, &usual, &s, &e), e);
	assert_int_equal(strlen(s.names.v[0]), 512);
}

static void a_bomb_is_refused_before_it_is_whole(void **state UNUSED)
{
	size_t big = 3 << 20, n;
	struct seen s = {0};
	struct err e = {0};
	char *zeros = arena_alloc(&a, big);
	memset(zeros, '0', big);
	const struct zips_file one = {"bomb.json", zeros, big};
	const char *p = zips_make(&a, &one, 1, NULL, &n);
	assert_true(n < 20000);
	assert_err(each(p, n, &usual, &s, &e), e, ERR_LIMIT, "bomb.json unpacks to more than");
	assert_int_equal(s.names.n, 0);
	/* many that are each small enough */
	const struct zips_file three[] = {
		{"a", zeros, 1 << 20}, {"b", zeros, 1 << 20}, {"c", zeros, 10}};
	p = zips_make(&a, three, 3, NULL, &n);
	e = (struct err){0};
	assert_err(each(p, n, &usual, &s, &e), e, ERR_LIMIT, "the archive unpacks to more than");
	assert_int_equal(s.names.n, 2);
	/* exactly what fits */
	const struct zip_caps fits = {.entry_bytes = 1 << 20, .total_bytes = (2 << 20) + 10, 3};
	e = (struct err){0};
	assert_ok(each(p, n, &fits, &s, &e), e);
	const struct zip_caps few = {.entry_bytes = 1 << 20, .total_bytes = 4 << 20, .entries = 2};
	assert_err(each(p, n, &few, &s, &e), e, ERR_LIMIT, "more than 2 entries");
}

static void every_cut_is_noticed_or_harmless(void **state UNUSED)
{
	size_t n;
	const char *p = zips_make(&a, files, ARRAY_SIZE(files), "zip:compression=deflate", &n);
	for (size_t k = 0; k < n; k++) {
		struct seen s = {0};
		struct err e = {0};
		char *copy = malloc(k ? k : 1); /* of its own, so that ASan sees a byte too far */
		memcpy(copy, p, k);
		bool ok = each(copy, k, &usual, &s, &e);
		free(copy);
		/* only the index at the end may be missing */
		assert_true(ok ? s.names.n == 2 : e.kind == ERR_PROTO);
	}
}

static void any_flipped_byte_leaves_us_standing(void **state UNUSED)
{
	size_t n, refused = 0;
	const char *p = zips_make(&a, files, ARRAY_SIZE(files), "zip:compression=store", &n);
	for (size_t k = 0; k < n; k++) {
		struct seen s = {0};
		struct err e = {0};
		char *copy = malloc(n);
		memcpy(copy, p, n);
		copy[k] = (char)(copy[k] ^ 0x5a);
		refused += !each(copy, n, &usual, &s, &e);
		free(copy);
	}
	assert_true(refused > 0);
}

static void a_wrong_checksum_is_damage(void **state UNUSED)
{
	size_t n;
	struct seen s = {0};
	struct err e = {0};
	char *p = (char *)zips_make(&a, files + 1, 1, "zip:compression=store", &n);
	char *at = memmem(p, n, "site", 4);
	assert_non_null(at);
	*at = 'S';
	assert_err(each(p, n, &usual, &s, &e), e, ERR_PROTO, "damaged");
	assert_int_equal(s.names.n, 0);
}

static void an_encrypted_archive_is_told_as_such(void **state UNUSED)
{
	size_t n;
	struct seen s = {0};
	struct err e = {0};
	char *p = (char *)zips_make(&a, files + 1, 1, "zip:compression=store", &n);
	for (size_t i = 0; i + 10 < n; i++) { /* the flag in both headers */
		if (!memcmp(p + i, "PK\x03\x04", 4))
			p[i + 6] |= 1;
		if (!memcmp(p + i, "PK\x01\x02", 4))
			p[i + 8] |= 1;
	}
	assert_err(each(p, n, &usual, &s, &e), e, ERR_PROTO, "encrypted");
	assert_int_equal(s.names.n, 0);
}

static void what_is_no_archive_is_damage_and_an_empty_one_has_no_files(void **state UNUSED)
{
	static const char *const junk[] = {"", "<?xml version=\"1.0\"?><Error/>", "PK", "{}"};
	static const char none[22] = "PK\x05\x06";
	struct seen s = {0};
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		e = (struct err){0};
		assert_err(each(junk[i], strlen(junk[i]), &usual, &s, &e), e, ERR_PROTO, "damaged");
	}
	e = (struct err){0};
	assert_ok(each(none, sizeof none, &usual, &s, &e), e);
	assert_int_equal(s.names.n, 0);
}

static void the_callers_failure_stops_it(void **state UNUSED)
{
	size_t n;
	struct seen s = {.stop = "reports/zap/report.json"};
	struct err e = {0};
	const char *p = zips_make(&a, files, ARRAY_SIZE(files), NULL, &n);
	assert_err(each(p, n, &usual, &s, &e), e, ERR_DB, "enough");
	assert_int_equal(s.names.n, 1);
}

static void a_recorded_artefact_opens(void **state UNUSED)
{
	size_t n;
	struct seen s = {0};
	struct err e = {0};
	NEED_FIXTURES();
	const char *p = test_read(
		&a, fixture_path(&a, "github/recorded-hub4j/artifact-blob.artifact2.zip"), &n);
	assert_ok(each(p, n, &usual, &s, &e), e);
	assert_int_equal(s.names.n, 1);
}

static void gzip_is_unpacked_under_a_cap(void **state UNUSED)
{
	size_t n, len;
	struct err e = {0};
	const char *out, *p = zips_gzip(&a, "{\"a\":1}", 7, &n);
	assert_true(zip_is_gzip(p, n));
	assert_false(zip_is_gzip("{}", 2));
	assert_ok(zip_gunzip(p, n, 7, &a, &out, &len, &e), e);
	assert_int_equal(len, 7);
	assert_string_equal(out, "{\"a\":1}");
	assert_err(zip_gunzip(p, n, 6, &a, &out, &len, &e), e, ERR_LIMIT, "more than 6 bytes");
	for (size_t k = 0; k + 8 < n; k++) {
		e = (struct err){0};
		assert_false(zip_gunzip(p, k, 7, &a, &out, &len, &e));
		assert_int_equal(e.kind, ERR_PROTO);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		T(files_are_given_in_order_and_folders_are_not),
		T(a_name_leads_nowhere),
		T(a_bomb_is_refused_before_it_is_whole),
		T(every_cut_is_noticed_or_harmless),
		T(any_flipped_byte_leaves_us_standing),
		T(a_wrong_checksum_is_damage),
		T(an_encrypted_archive_is_told_as_such),
		T(what_is_no_archive_is_damage_and_an_empty_one_has_no_files),
		T(the_callers_failure_stops_it),
		T(a_recorded_artefact_opens),
		T(gzip_is_unpacked_under_a_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
