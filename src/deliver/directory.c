#include "deliver/channel.h"

#include "base/file.h"

static bool write_one(const struct attempt *t, const struct delivery *d, const char *artefact,
		      const char *suffix, struct strv *written, struct err *e)
{
	const struct artefact *f = artefact_find(t->files, artefact);
	if (!f)
		return true;
	const char *path = path_join(t->a, d->recipient,
				     arena_printf(t->a, "%s-%s%s", d->week, d->audience, suffix));
	if (!file_write(path, f->bytes, f->len, 0644, e))
		return false;
	vec_push(t->a, written, path);
	return true;
}

bool directory_attempt(const struct attempt *t, const struct delivery *d, struct err *e)
{
	struct err why = {0};
	struct strv written = {0};
	if (!artefact_find(t->files, "slack.json") && !attempt_file(t, "mail.eml", &why))
		return attempt_postpone(t, d, &why, e);
	/* A crash while writing changes nothing that writing again does not put right. */
	if (d->state == OUTBOX_UNKNOWN && !attempt_set(t, d, OUTBOX_WAITING, NULL, NULL, e))
		return false;
	if (!attempt_set(t, d, OUTBOX_SENDING, NULL, NULL, e))
		return false;
	--*t->left;
	if (!file_mkdirs(d->recipient, &why) ||
	    !write_one(t, d, "mail.eml", ".eml", &written, &why) ||
	    !write_one(t, d, "slack.json", ".slack.json", &written, &why))
		return attempt_set(t, d, OUTBOX_WAITING, why.msg, NULL, e);
	const char *answer =
		arena_printf(t->a, "wrote %zu file%s", written.n, written.n == 1 ? "" : "s");
	return attempt_set(t, d, OUTBOX_SENT, answer, written.v[0], e);
}
