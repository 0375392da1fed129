/* The store: one SQLite file. Opening migrates it; one writer at a time is seen to by a lock file
 * beside it.
 *
 * 1. store_lock (commands that write)   2. store_open   3. the modules of this folder   4. db_close
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/file.h"
#include "lib/db.h"

#define STORE_APPLICATION_ID 0x73697472 /* "sitr" */

enum store_mode { STORE_WRITE, STORE_READ };

/* STORE_WRITE makes directories and the file, backs up to "<path>.before-<n>" and migrates an older
 * one, one transaction a file. STORE_READ of an older version fails with what to run. Fails:
 * ERR_DB; a newer database or a foreign file is refused with its version. */
MUST_CHECK bool store_open(const char *path, enum store_mode mode, struct db **out, struct err *e);
/* The lock "<path>.lock". Fails: ERR_BUSY when another process has it. */
MUST_CHECK bool store_lock(const char *path, struct lock *l, struct err *e);
/* VACUUM INTO file, then integrity_check of the copy. The file must not exist. */
MUST_CHECK bool store_backup(struct db *db, const char *file, struct err *e);

/* The text of a statement of schema/queries, by its id of gen/queries.h. */
const char *store_query_text(int id);

/* Begins a run and ends it with its exit status and one summary line. */
MUST_CHECK bool store_run_begin(struct db *db, const char *command, const char *week,
				const char *version, int64_t now_s, int64_t *id, struct err *e);
MUST_CHECK bool store_run_end(struct db *db, int64_t id, int exit_status, const char *summary,
			      int64_t now_s, struct err *e);
struct store_run {
	int64_t id, started_s, ended_s, exit_status;
	const char *command, *week, *version, *summary;
};
struct store_runs {
	struct store_run *v;
	size_t n, cap;
};
MUST_CHECK bool store_runs(struct db *db, int limit, struct arena *a, struct store_runs *out,
			   struct err *e); /* newest first */

#endif
