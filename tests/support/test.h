/* What every unit test needs: cmocka with its prerequisites, and the third-party fixtures read in
 * place. */
#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

/* Absolute path of "scans/bandit/dd.json" in the shared fixtures (SITREP_FIXTURES, else
 * ../shared/fixtures), or NULL when absent. */
const char *fixture_path(struct arena *a, const char *name);
/* Skips the running test, visibly, when the fixtures are absent. */
#define NEED_FIXTURES()                                                                            \
	do {                                                                                       \
		struct arena need_ = {0};                                                          \
		bool have_ = fixture_path(&need_, "") != NULL;                                     \
		arena_release(&need_);                                                             \
		if (!have_)                                                                        \
			skip();                                                                    \
	} while (0)
/* A file's content; fails the test when it cannot be read. */
const char *test_read(struct arena *a, const char *path, size_t *len);
/* A fresh empty directory, removed at exit. */
const char *test_dir(struct arena *a);

/* assert_ok(f(…, &e), e): prints the error's text when f fails. */
#define assert_ok(call, e)                                                                         \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, (e).msg);                                        \
	} while (0)
#define assert_err(call, e, want, part)                                                            \
	do {                                                                                       \
		assert_false(call);                                                                \
		assert_int_equal((e).kind, want);                                                  \
		if (!strstr((e).msg, part))                                                        \
			fail_msg("\"%s\" is not in \"%s\"", part, (e).msg);                        \
	} while (0)

#endif
