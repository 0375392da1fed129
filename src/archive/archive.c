#include "archive/archive.h"

#include "archive/verify.h"
#include "render/render.h"
#include "store/digests.h"

bool archive_verify(struct db *db, const struct config *cfg, const char *week,
		    const struct archive_versions *v, struct arena *a, struct strv *out,
		    struct err *e)
{
	return verify_week(db, cfg, week, v, render_all, a, out, e);
}

bool archive_find(struct db *db, const char *week, const char *audience, const char *name,
		  struct arena *a, const char **bytes, size_t *len, bool *found, struct err *e)
{
	return digests_artefact(db, week, audience, name, a, bytes, len, found, e);
}
