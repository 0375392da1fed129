#include "store/prune.h"

#include "gen/queries.h"

static bool by_time(struct db *db, int query, int64_t before_s, int64_t *rows, struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	if (!s)
		return false;
	stmt_time(s, ":before", before_s);
	if (!stmt_run(s, e))
		return false;
	*rows += db_changes(db);
	return true;
}

static bool by_week(struct db *db, int query, const char *week, int64_t *rows, struct err *e)
{
	struct stmt *s = db_query(db, query, e);
	if (!s)
		return false;
	stmt_text(s, ":week", week);
	if (!stmt_run(s, e))
		return false;
	*rows += db_changes(db);
	return true;
}

static bool raw(struct db *db, const struct prune_keep *k, int64_t *rows, struct err *e)
{
	static const int times[] = {Q_PRUNE_ISSUE,	   Q_PRUNE_PROJECT_DAY,	 Q_PRUNE_CI_RUN,
				    Q_PRUNE_CI_SPAN_WHOLE, Q_PRUNE_DEPLOYMENT,	 Q_PRUNE_IMAGE_PUSH,
				    Q_PRUNE_MESSAGE,	   Q_PRUNE_ALARM_CHANGE, Q_PRUNE_ALARM,
				    Q_PRUNE_RELEASE,	   Q_PRUNE_COMPARISON};
	static const int weeks[] = {
		Q_PRUNE_ISSUE_WEEK,	   Q_PRUNE_LEDGER,	Q_PRUNE_FACT, Q_PRUNE_CANARY_WEEK,
		Q_PRUNE_AVAILABILITY_WEEK, Q_PRUNE_MONITOR_WEEK};
	int64_t shortened = 0; /* a span that is cut is no row that went */
	for (size_t i = 0; i < ARRAY_SIZE(weeks); i++)
		if (!by_week(db, weeks[i], k->raw_from_week, rows, e))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (!by_time(db, times[i], k->raw_from_s, rows, e))
			return false;
	return by_time(db, Q_PRUNE_CI_SPAN, k->raw_from_s, &shortened, e);
}

static bool digests(struct db *db, const char *week, int64_t *rows, struct err *e)
{
	return by_week(db, Q_PRUNE_OUTBOX, week, rows, e) &&
	       by_week(db, Q_PRUNE_DIGEST, week, rows, e);
}

bool prune_store(struct db *db, const struct prune_keep *keep, int64_t *rows, struct err *e)
{
	int64_t n = 0;
	if (!db_begin(db, e))
		return false;
	if ((keep->raw_from_week && !raw(db, keep, &n, e)) ||
	    (keep->digest_from_week && !digests(db, keep->digest_from_week, &n, e)) ||
	    !db_commit(db, e)) {
		db_rollback(db);
		return err_wrap(e, "deleting what is not kept");
	}
	*rows = n;
	return true;
}
