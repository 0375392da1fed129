/* The archive's Atom feed (RFC 4287). */
#ifndef ARCHIVE_FEED_H
#define ARCHIVE_FEED_H

#include "archive/entries.h"

/* The newest 30 weeks, one entry a week: the digest of the audience that the configuration names
 * first. Links are absolute with archive_url, else relative. Ids never change: they are made from
 * archive_url or title, week and audience. Never fails. */
const char *feed_xml(const struct entries *list, const struct config *cfg, const char *generator,
		     struct arena *a, size_t *len);

/* "page.html" of an entry, or the first file there is, or NULL. */
const char *entry_main_file(const struct entry *x);

#endif
