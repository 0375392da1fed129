/* Deployments of every kind, and image pushes. */
#ifndef STORE_DEPLOYS_H
#define STORE_DEPLOYS_H

#include "lib/db.h"
#include "model/record.h"

struct deployments {
	struct rec_deployment *v;
	size_t n, cap;
};
struct images {
	struct rec_image *v;
	size_t n, cap;
};
MUST_CHECK bool deploys_put(struct db *db, const struct rec_deployment *d, int64_t seen_s,
			    struct err *e);
MUST_CHECK bool deploys_put_image(struct db *db, const struct rec_image *i, int64_t seen_s,
				  struct err *e);
/* Rows whose finished, else created, lies in [from_s, to_s), rollbacks included as rows of their
 * own; by that time. */
MUST_CHECK bool deploys_list(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			     struct deployments *out, struct err *e);
/* Deployments of the source created at or after since_s that were not finished when last seen. */
MUST_CHECK bool deploys_unfinished(struct db *db, const char *source, int64_t since_s,
				   struct arena *a, struct deployments *out, struct err *e);
/* Did the source (a Sentry) tell of a deployment finished at or after since_s that no other source
 * told of? One without a commit cannot be tied here and counts as told by it alone. */
MUST_CHECK bool deploys_told_alone(struct db *db, const char *source, int64_t since_s, bool *out,
				   struct err *e);
MUST_CHECK bool deploys_images(struct db *db, int64_t from_s, int64_t to_s, struct arena *a,
			       struct images *out, struct err *e);
/* The commit of an image, told by its push, or NULL. image: "sha256:…", "repository@sha256:…",
 * "repository:tag" or a tag; may be NULL. */
const char *deploys_image_sha(const struct images *images, const char *image);

#endif
