#include "store/migrate.h"

#include "base/sb.h"
#include "store/store.h"

static bool one(struct db *db, const struct migration *m, size_t version, struct err *e)
{
	char pragmas[120];
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%zu",
		 STORE_APPLICATION_ID, version);
	/* Both pragmas are part of the transaction: the version and the tables never disagree. */
	if (db_begin(db, e) && db_exec(db, m->sql, e) && db_exec(db, pragmas, e) &&
	    db_commit(db, e))
		return true;
	db_rollback(db);
	return err_wrap(e, "migration \"%s\", nothing of it was kept", m->name);
}

static bool make_views(struct db *db, const char *views, struct err *e)
{
	struct arena a = {0};
	struct sb b;
	sb_init(&b, &a, 1 << 20);
	CLEANUP(stmt_freep)
	struct stmt *s = db_prepare(
		db, "SELECT 'DROP VIEW \"' || name || '\";' FROM sqlite_schema WHERE type = 'view'",
		e);
	bool row = true, ok = s != NULL;
	while (ok && row) {
		ok = stmt_step(s, &row, e);
		if (ok && row)
			sb_add(&b, stmt_col_text_at(s, 0, &a));
	}
	ok = ok && db_begin(db, e) && db_exec(db, sb_str(&b), e) && db_exec(db, views, e) &&
	     db_commit(db, e);
	if (!ok) {
		db_rollback(db);
		err_wrap(e, "views");
	}
	arena_release(&a);
	return ok;
}

bool migrate(struct db *db, int64_t version, const struct migration *list, size_t n,
	     const char *views, struct err *e)
{
	BUG_ON(version < 0 || (uint64_t)version > n);
	for (size_t i = (size_t)version; i < n; i++)
		if (!one(db, &list[i], i + 1, e))
			return false;
	return make_views(db, views, e);
}
