/* manifest.json of a week: what was written for whom, with SHA-256 and size, and by which versions.
 *
 * {"schema": 1, "week": "2026-W46", "versions": {"program": "…", …},
 *  "audiences": {"everyone": {"frozen_at": "…Z", "sha256": "…", "versions": {…},
 *                             "artefacts": {"page.html": {"sha256": "…", "size": 1, "type":
 * "…"}}}}} "versions" of an audience are those that made its bytes; at the top those of the last
 * writer. */
#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include "archive/archive.h"
#include "store/digests.h"

struct manifest_file {
	const char *name, *sha256, *type;
	int64_t size; /* bytes */
};
struct manifest_audience {
	const char *name, *sha256; /* of the frozen document */
	int64_t frozen_s;
	struct archive_versions versions;
	VEC(struct manifest_file) files;
};
struct manifest {
	const char *week;
	struct archive_versions versions;
	VEC(struct manifest_audience) audiences;
};

/* Fails: ERR_PROTO, naming the member. */
MUST_CHECK bool manifest_read(const char *text, size_t len, struct arena *a, struct manifest *out,
			      struct err *e);
const char *manifest_write(const struct manifest *m, struct arena *a); /* ends in a line end */

/* NULL when there is none of that name. */
const struct manifest_audience *manifest_audience(const struct manifest *m, const char *name);
const struct manifest_file *manifest_file(const struct manifest_audience *x, const char *name);
/* Whether both list the same files with the same bytes. */
bool manifest_same_files(const struct manifest_audience *x, const struct manifest_audience *y);

#endif
