/* The commits that deployments brought.
 *
 * 1. commits_put_change: what a deployment goes back to   2. unless commits_known: commits_put
 * 3. commits_list for the digest */
#ifndef STORE_COMMITS_H
#define STORE_COMMITS_H

#include "lib/db.h"
#include "model/record.h"

/* Keeps a comparison in place of an earlier one of the same pair. Expects an open transaction. */
MUST_CHECK bool commits_put(struct db *db, const struct rec_comparison *c, int64_t read_s,
			    struct err *e);
/* Whether all commits of the pair are stored. */
MUST_CHECK bool commits_known(struct db *db, const char *repo, const char *base, const char *head,
			      bool *known, struct err *e);
/* What a stored deployment brought, in place of what was thought before. base NULL: nothing earlier
 * is known. Expects an open transaction. */
MUST_CHECK bool commits_put_change(struct db *db, const struct rec_deployment *d, const char *repo,
				   const char *base, const char *head, struct err *e);

struct changes {
	struct rec_change *v;
	size_t n, cap;
};
/* Of deployments that finished in [from_s, to_s), in the order they were stored. */
MUST_CHECK bool commits_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			     struct changes *out, struct err *e);
/* The repository ("owner/repo") of the source with a workflow run on that commit since since_s; sha
 * in lower case, may be abbreviated. *out NULL: none, or more than one. */
MUST_CHECK bool commits_repo(struct db *db, const char *source, const char *sha, int64_t since_s,
			     struct arena *a, const char **out, struct err *e);

#endif
