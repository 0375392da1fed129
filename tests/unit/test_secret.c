#include "support/test.h"

#include "base/file.h"
#include "config/load.h"
#include "config/secret.h"

#include <sys/stat.h>
#include <unistd.h>

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	unsetenv("SITREP_TEST_SECRET");
	return 0;
}

static const struct secret in_env = {SECRET_ENV, "SITREP_TEST_SECRET"};
#define WHAT "token of source \"sentry\""

static void a_variable_is_read_without_its_line_end(void **state UNUSED)
{
	struct err e = {0};
	const char *v;
	setenv("SITREP_TEST_SECRET", "hunter2\r\n", 1);
	assert_ok(secret_read(&in_env, WHAT, &a, &v, &e), e);
	assert_string_equal(v, "hunter2");
}

static void no_reference_is_no_secret_and_no_error(void **state UNUSED)
{
	struct err e = {0};
	const char *v = "old";
	assert_ok(secret_read(&(struct secret){0}, WHAT, &a, &v, &e), e);
	assert_null(v);
}

static void a_variable_that_is_unset_empty_or_dirty_is_named_but_never_shown(void **state UNUSED)
{
	struct err e = {0};
	const char *v = "old";
	unsetenv("SITREP_TEST_SECRET");
	assert_err(secret_read(&in_env, WHAT, &a, &v, &e), e, ERR_CONFIG,
		   WHAT ": environment variable SITREP_TEST_SECRET is not set");
	err_clear(&e);
	setenv("SITREP_TEST_SECRET", "\n", 1);
	assert_err(secret_read(&in_env, WHAT, &a, &v, &e), e, ERR_CONFIG, "is empty");
	err_clear(&e);
	setenv("SITREP_TEST_SECRET", "hunter2\nBcc: x", 1);
	assert_err(secret_read(&in_env, WHAT, &a, &v, &e), e, ERR_CONFIG, "control character");
	assert_null(strstr(e.msg, "hunter2"));
	assert_string_equal(v, "old");
}

static const char *file_with(const char *text, size_t n, unsigned mode)
{
	struct err e = {0};
	const char *path = arena_printf(&a, "%s/secret", test_dir(&a));
	assert_ok(file_write(path, text, n, mode, &e), e);
	return path;
}

static void a_file_is_read_when_only_its_owner_may(void **state UNUSED)
{
	static const unsigned bad[] = {0640, 0604, 0644, 0620, 0611};
	struct err e = {0};
	struct secret s = {SECRET_FILE, file_with("hunter2\n", 8, 0600)};
	const char *v = "old";
	assert_ok(secret_read(&s, WHAT, &a, &v, &e), e);
	assert_string_equal(v, "hunter2");
	v = "old";
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(chmod(s.name, bad[i]), 0);
		assert_err(secret_read(&s, WHAT, &a, &v, &e), e, ERR_CONFIG, "chmod 600");
		assert_non_null(strstr(e.msg, s.name));
		assert_null(strstr(e.msg, "hunter2"));
		assert_string_equal(v, "old");
		err_clear(&e);
	}
}

static void a_file_that_is_missing_a_folder_binary_or_empty_is_refused(void **state UNUSED)
{
	struct err e = {0};
	const char *v;
	struct secret s = {SECRET_FILE, "/nowhere/secret"};
	assert_err(secret_read(&s, WHAT, &a, &v, &e), e, ERR_CONFIG, "No such file");
	err_clear(&e);
	s.name = test_dir(&a);
	assert_err(secret_read(&s, WHAT, &a, &v, &e), e, ERR_CONFIG, "could not be read");
	err_clear(&e);
	s.name = file_with("a\0b", 3, 0600);
	assert_err(secret_read(&s, WHAT, &a, &v, &e), e, ERR_CONFIG, "is not text");
	err_clear(&e);
	s.name = file_with("\n", 1, 0600);
	assert_err(secret_read(&s, WHAT, &a, &v, &e), e, ERR_CONFIG, "is empty");
}

static void a_private_key_keeps_its_lines(void **state UNUSED)
{
	static const char pem[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
	struct err e = {0};
	const char *v;
	struct secret s = {SECRET_FILE, file_with(pem, strlen(pem), 0400)};
	assert_ok(secret_read(&s, WHAT, &a, &v, &e), e);
	assert_int_equal(strlen(v), strlen(pem) - 1);
	assert_memory_equal(v, pem, strlen(v));
}

static void a_secret_that_cannot_be_read_is_named_with_its_place_in_the_file(void **state UNUSED)
{
	static const char text[] =
		"title: T\ntimezone: Europe/London\nsources:\n  sentry:\n"
		"    - {name: s, organisation: o, token: env:SITREP_TEST_SECRET}\n"
		"  github:\n    - name: g\n      organisation: o\n"
		"      tokens: [env:SITREP_TEST_SECRET, env:SITREP_TEST_NOTHING]\n";
	struct config cfg;
	struct err e = {0};
	setenv("SITREP_TEST_SECRET", "hunter2", 1);
	unsetenv("SITREP_TEST_NOTHING");
	assert_ok(config_parse("/x/sitrep.yaml", text, strlen(text), &a, &cfg, &e), e);
	assert_int_equal(cfg.secrets.n, 3);
	assert_err(config_secrets(&cfg, &e), e, ERR_CONFIG, "SITREP_TEST_NOTHING");
	assert_non_null(strstr(e.msg, "/x/sitrep.yaml:9:40: "));
	err_clear(&e);
	setenv("SITREP_TEST_NOTHING", "hunter3", 1);
	assert_ok(config_secrets(&cfg, &e), e);
	unsetenv("SITREP_TEST_SECRET");
	assert_err(config_secrets(&cfg, &e), e, ERR_CONFIG, "/x/sitrep.yaml:5:41: ");
	unsetenv("SITREP_TEST_NOTHING");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_variable_is_read_without_its_line_end, release),
		cmocka_unit_test_teardown(no_reference_is_no_secret_and_no_error, release),
		cmocka_unit_test_teardown(
			a_variable_that_is_unset_empty_or_dirty_is_named_but_never_shown, release),
		cmocka_unit_test_teardown(a_file_is_read_when_only_its_owner_may, release),
		cmocka_unit_test_teardown(
			a_file_that_is_missing_a_folder_binary_or_empty_is_refused, release),
		cmocka_unit_test_teardown(a_private_key_keeps_its_lines, release),
		cmocka_unit_test_teardown(
			a_secret_that_cannot_be_read_is_named_with_its_place_in_the_file, release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
