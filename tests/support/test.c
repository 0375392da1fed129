#include "support/test.h"

#include "base/file.h"
#include "base/limits.h"

#include <unistd.h>

/* fontconfig keeps offsets where others keep pointers, so its cache looks lost to a leak checker.
 * tests/lsan.supp says the same for the program. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

const char *fixture_path(struct arena *a, const char *name)
{
	const char *root = getenv("SITREP_FIXTURES");
	const char *p = path_join(a, root ? root : "../shared/fixtures", name);
	return file_exists(p) ? p : NULL;
}

const char *test_read(struct arena *a, const char *path, size_t *len)
{
	struct err e = {0};
	const char *s;
	assert_ok(file_read(path, LIMIT_REPORT_BYTES, a, &s, len, &e), e);
	return s;
}

static char made[64][64];
static size_t made_n;

static void remove_all(void)
{
	for (size_t i = 0; i < made_n; i++) {
		char cmd[128];
		snprintf(cmd, sizeof cmd, "rm -rf %.63s", made[i]);
		if (system(cmd) != 0)
			fprintf(stderr, "could not remove %s\n", made[i]);
	}
}

const char *test_dir(struct arena *a)
{
	if (made_n == 0)
		atexit(remove_all);
	assert_true(made_n < 64);
	char *p = made[made_n++];
	snprintf(p, sizeof made[0], "/tmp/sitrep-test-XXXXXX");
	assert_non_null(mkdtemp(p));
	return arena_strdup(a, p);
}
