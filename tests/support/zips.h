/* Zip archives made for a test, by libarchive. */
#ifndef SUPPORT_ZIPS_H
#define SUPPORT_ZIPS_H

#include "base/arena.h"

struct zips_file {
	const char *name, *bytes;
	size_t len; /* 0: strlen(bytes) */
};
/* A name that ends in "/" is a folder. options: of libarchive, "zip:compression=store"; NULL: as it
 * comes. */
const char *zips_make(struct arena *a, const struct zips_file *v, size_t n, const char *options,
		      size_t *len);
const char *zips_gzip(struct arena *a, const char *bytes, size_t n, size_t *len);

#endif
