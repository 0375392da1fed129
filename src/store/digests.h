/* Frozen digests, their artefacts, numbers and items. */
#ifndef STORE_DIGESTS_H
#define STORE_DIGESTS_H

#include "lib/db.h"
#include "model/artefact.h"
#include "model/record.h"

struct number { /* one of the contract's numbers */
	const char *id;
	double value; /* NaN: cannot be known */
	double low, high; /* usual range; NaN: none */
	const char *mark; /* "up", "down" or NULL */
	bool incomplete;
};
struct numbers {
	struct number *v;
	size_t n, cap;
};

struct item {
	const char *id, *section, *kind, *key, *title, *url, *owner;
	int64_t first_seen_s, weeks;
	const char *set_aside; /* reason or NULL */
	const char *counts; /* ids of the numbers it counts in, blank-separated; NULL: in none */
	bool needs_you;
};
struct counted { /* counts in a number and is no item: a run that went well, a scan */
	const char *section, *kind, *key, *title, *url, *owner, *counts;
	int64_t at_s; /* TIME_NONE: at no instant */
};
struct items {
	struct item *v;
	size_t n, cap;
	VEC(struct counted) others;
};

struct frozen {
	int64_t id;
	const char *week, *audience, *sha256, *document, *version;
	size_t document_len;
	int64_t frozen_s;
	bool tried; /* a delivery was tried: immutable */
};
struct frozens {
	struct frozen *v;
	size_t n, cap;
};

/* Freezes (week, audience): replaces an untried one; fails with ERR_BUSY when deliveries of it were
 * tried. Numbers and items go with it. One transaction; sha256 is computed here. */
MUST_CHECK bool digests_freeze(struct db *db, const char *week, const char *audience,
			       const char *document, size_t len, const char *version,
			       const struct numbers *numbers, const struct items *items,
			       int64_t now_s, struct arena *a, struct frozen *out, struct err *e);
MUST_CHECK bool digests_get(struct db *db, const char *week, const char *audience, struct arena *a,
			    struct frozen *out, bool *found, struct err *e);
/* All, newest week first, documents left out. */
MUST_CHECK bool digests_list(struct db *db, struct arena *a, struct frozens *out, struct err *e);
/* Replaces the artefacts of a digest. The bytes of a tried digest are kept: then nothing is stored
 * and that is success. */
MUST_CHECK bool digests_put_artefacts(struct db *db, int64_t digest_id,
				      const struct artefacts *list, struct err *e);
MUST_CHECK bool digests_artefacts(struct db *db, int64_t digest_id, struct arena *a,
				  struct artefacts *out, struct err *e);
/* What artefacts a digest has, without their bytes. */
struct artefact_name {
	const char *name, *type, *sha256;
	int64_t size; /* bytes */
};
struct artefact_names {
	struct artefact_name *v;
	size_t n, cap;
};
MUST_CHECK bool digests_artefact_names(struct db *db, int64_t digest_id, struct arena *a,
				       struct artefact_names *out, struct err *e);
/* One artefact's bytes by name. *found false: no such digest or artefact. */
MUST_CHECK bool digests_artefact(struct db *db, const char *week, const char *audience,
				 const char *name, struct arena *a, const char **bytes, size_t *len,
				 bool *found, struct err *e);
/* Called before the first attempt of a delivery, inside its transaction. ERR_BUG when there is
 * no such digest. */
MUST_CHECK bool digests_mark_tried(struct db *db, const char *week, const char *audience,
				   struct err *e);
MUST_CHECK bool digests_numbers(struct db *db, int64_t digest_id, struct arena *a,
				struct numbers *out, struct err *e);
MUST_CHECK bool digests_items(struct db *db, int64_t digest_id, struct arena *a, struct items *out,
			      struct err *e);
/* The rows that a number of a digest counts, in the digest's order: items first, then those that
 * are none (item NULL). */
struct number_row {
	const char *item, *section, *kind, *key, *title, *url, *owner, *set_aside;
	int64_t at_s; /* first seen, began */
};
struct number_rows {
	struct number_row *v;
	size_t n, cap;
};
MUST_CHECK bool digests_number_rows(struct db *db, const char *week, const char *audience,
				    const char *number, struct arena *a, struct number_rows *out,
				    struct err *e);
/* The statement that gives those rows to anybody with the store and sqlite3, complete with its
 * values. */
const char *digests_number_rows_sql(const char *week, const char *audience, const char *number,
				    struct arena *a);
/* The statement that gives a number's value in every week. */
const char *digests_number_weeks_sql(const char *audience, const char *number, struct arena *a);
/* In which digests of an audience the thing of that section and key stood, oldest first. */
struct item_week {
	const char *week, *id, *kind, *set_aside;
};
struct item_weeks {
	struct item_week *v;
	size_t n, cap;
};
MUST_CHECK bool digests_item_digests(struct db *db, const char *audience, const char *section,
				     const char *key, struct arena *a, struct item_weeks *out,
				     struct err *e);
/* History of the numbers of an audience for the weeks before "week", newest first, at most `weeks`
 * weeks: one entry per digest. */
struct history_week {
	const char *week;
	struct numbers numbers;
};
struct history {
	struct history_week *v;
	size_t n, cap;
};
MUST_CHECK bool digests_history(struct db *db, const char *audience, const char *before_week,
				int weeks, struct arena *a, struct history *out, struct err *e);
/* In how many earlier digests of the audience an item key stood (not set aside), for "weeks". */
MUST_CHECK bool digests_item_weeks(struct db *db, const char *audience, const char *before_week,
				   const char *key, int64_t *out, struct err *e);
/* How many earlier digests of the audience there were since the first one that counted the item key
 * among what needs somebody; 0: none did. */
MUST_CHECK bool digests_item_asked(struct db *db, const char *audience, const char *before_week,
				   const char *key, int64_t *out, struct err *e);

#endif
