/* Zip archives and gzip streams in memory, by libarchive. Nothing is ever written to a disk, so a
 * name can lead nowhere; what can hurt is size, and that is capped before it is believed. */
#ifndef LIB_ZIP_H
#define LIB_ZIP_H

#include "base/arena.h"
#include "base/err.h"

struct zip_caps {
	size_t entry_bytes; /* unpacked, of one file */
	size_t total_bytes; /* unpacked, of all files */
	size_t entries; /* folders and links included */
};

struct zip_entry {
	const char *name; /* "folder/report.json": valid UTF-8, "/" between, without ".", ".." and
			     empty parts; at most 512 bytes, of a longer one the end */
	const char *bytes; /* NUL-terminated */
	size_t len;
};
/* Valid during the call. false stops: then e is set. */
typedef bool (*zip_fn)(const struct zip_entry *x, void *ctx, struct err *e);

/* Calls f for each regular file, in the archive's order; folders and links are passed over. No file
 * at all is success. Of a damaged archive the files before the damage were given.
 * Fails: ERR_PROTO: no zip, cut short, a wrong checksum, encrypted; ERR_LIMIT: a cap; what f said.
 */
MUST_CHECK bool zip_each(const void *p, size_t n, const struct zip_caps *caps, zip_fn f, void *ctx,
			 struct err *e);

/* Packs by gzip, the same bytes for the same input. *out lives in a. */
void zip_gzip(const void *p, size_t n, struct arena *a, const void **out, size_t *len);
/* Does it begin like a gzip stream? */
bool zip_is_gzip(const void *p, size_t n);
/* Unpacks one, of at most max bytes. *out is NUL-terminated and lives in a. Fails: ERR_PROTO,
 * ERR_LIMIT. */
MUST_CHECK bool zip_gunzip(const void *p, size_t n, size_t max, struct arena *a, const char **out,
			   size_t *len, struct err *e);

#endif
