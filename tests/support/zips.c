#include "support/zips.h"

#include <archive.h>
#include <archive_entry.h>

#define ROOM ((size_t)4 * 1024 * 1024)

const char *zips_make(struct arena *a, const struct zips_file *v, size_t n, const char *options,
		      size_t *len)
{
	struct archive *w = archive_write_new();
	char *out = arena_alloc(a, ROOM);
	BUG_ON(archive_write_set_format_zip(w) != ARCHIVE_OK);
	BUG_ON(options && archive_write_set_options(w, options) != ARCHIVE_OK);
	BUG_ON(archive_write_open_memory(w, out, ROOM, len) != ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *x = archive_entry_new();
		size_t name = strlen(v[i].name);
		size_t size = v[i].len ? v[i].len : v[i].bytes ? strlen(v[i].bytes) : 0;
		bool folder = name && v[i].name[name - 1] == '/';
		archive_entry_set_pathname(x, v[i].name);
		archive_entry_set_filetype(x, folder ? AE_IFDIR : AE_IFREG);
		archive_entry_set_perm(x, 0644);
		archive_entry_set_size(x, (la_int64_t)size);
		BUG_ON(archive_write_header(w, x) != ARCHIVE_OK);
		BUG_ON(size && archive_write_data(w, v[i].bytes, size) != (la_ssize_t)size);
		archive_entry_free(x);
	}
	BUG_ON(archive_write_close(w) != ARCHIVE_OK);
	archive_write_free(w);
	return out;
}

const char *zips_gzip(struct arena *a, const char *bytes, size_t n, size_t *len)
{
	struct archive *w = archive_write_new();
	struct archive_entry *x = archive_entry_new();
	char *out = arena_alloc(a, ROOM);
	BUG_ON(archive_write_set_format_raw(w) != ARCHIVE_OK ||
	       archive_write_add_filter_gzip(w) != ARCHIVE_OK ||
	       archive_write_open_memory(w, out, ROOM, len) != ARCHIVE_OK);
	archive_entry_set_pathname(x, "x");
	archive_entry_set_filetype(x, AE_IFREG);
	BUG_ON(archive_write_header(w, x) != ARCHIVE_OK);
	BUG_ON(n && archive_write_data(w, bytes, n) != (la_ssize_t)n);
	BUG_ON(archive_write_close(w) != ARCHIVE_OK);
	archive_entry_free(x);
	archive_write_free(w);
	return out;
}
