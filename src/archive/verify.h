/* Comparing a week on disk with its manifest, with the store and with a new rendering; the renderer
 * is an argument so that tests can change one byte of it. */
#ifndef ARCHIVE_VERIFY_H
#define ARCHIVE_VERIFY_H

#include "archive/archive.h"
#include "model/artefact.h"

/* As render_all of render/render.h. */
typedef bool (*verify_renderer)(const char *document, size_t n, struct arena *a,
				struct artefacts *out, struct strv *failed, struct err *e);

/* As archive_verify. */
MUST_CHECK bool verify_week(struct db *db, const struct config *cfg, const char *week,
			    const struct archive_versions *v, verify_renderer render,
			    struct arena *a, struct strv *out, struct err *e);

#endif
