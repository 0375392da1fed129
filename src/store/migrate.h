/* Brings a database from one version to the next: what store_open does, with the scripts as an
 * argument so that tests can plant a bad one. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "lib/db.h"

struct migration {
	const char *name; /* file name, for messages */
	const char *sql;
};

/* A copy of the database as of now in a file that does not exist yet, checked and synced; nothing
 * is left of it when that fails. */
MUST_CHECK bool migrate_copy(struct db *db, const char *file, struct err *e);

/* A database that holds something (version > 0) is copied to "<path>.before-<n>" first. Runs
 * list[version..n) in order, each in one transaction with the user_version (index + 1) and the
 * application_id, then drops every view and runs views. A script that fails is rolled back and the
 * database stays at the version before it. Fails: ERR_DB, naming the script. */
MUST_CHECK bool migrate(struct db *db, const char *path, int64_t version,
			const struct migration *list, size_t n, const char *views, struct err *e);

#endif
