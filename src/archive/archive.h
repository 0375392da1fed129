/* The archive on disk: <root>/<week>/<audience>/<artefact>, <root>/<week>/manifest.json,
 * <root>/index.html, <root>/feed.xml. */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include "lib/db.h"
#include "model/config.h"

struct archive_versions { /* written to the manifest; verify names what differs */
	struct strv names, values;
};
/* Writes the artefacts of every audience of the week from the store, then manifest, index and feed.
 * Files appear whole; those whose bytes are the same are left alone. Fails: ERR_IO, ERR_DB. */
MUST_CHECK bool archive_write(struct db *db, const struct config *cfg, const char *week,
			      const struct archive_versions *v, struct err *e);
/* Renders the week's digests anew from digest.xml and compares with the archive and the manifest.
 * Each difference is one line in out. */
MUST_CHECK bool archive_verify(struct db *db, const struct config *cfg, const char *week,
			       const struct archive_versions *v, struct arena *a, struct strv *out,
			       struct err *e);
/* Removes the weeks before from_week from the disk: the files their manifests name, then the
 * folders, which stay when something else is in them. Index and feed are archive_write's. Fails:
 * ERR_IO. */
MUST_CHECK bool archive_prune(const struct config *cfg, const char *from_week, struct err *e);
/* digest.json (or another artefact) of a week from the archive's store. *found false: not there. */
MUST_CHECK bool archive_find(struct db *db, const char *week, const char *audience,
			     const char *name, struct arena *a, const char **bytes, size_t *len,
			     bool *found, struct err *e);

#endif
