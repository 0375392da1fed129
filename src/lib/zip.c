#include "lib/zip.h"

#include "base/sb.h"
#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>

#define NAME_BYTES  512
#define CHUNK_BYTES ((size_t)64 * 1024)

static void reader_free(struct archive **r)
{
	if (*r)
		archive_read_free(*r);
}

static bool damaged(struct archive *r, struct err *e)
{
	const char *s = archive_error_string(r);
	return err_set(e, ERR_PROTO, "the archive is damaged%s%s", s ? ": " : "", s ? s : "");
}

struct buffer {
	char *p;
	size_t len, cap;
};

static void buffer_free(struct buffer *b)
{
	free(b->p);
}

/* The data of the current entry, NUL-terminated. max: the cap that bites first. */
static bool read_data(struct archive *r, struct buffer *b, size_t max, const char *what,
		      struct err *e)
{
	b->len = 0;
	for (;;) {
		if (b->cap < b->len + CHUNK_BYTES + 1) {
			b->cap = 2 * b->cap + CHUNK_BYTES + 1;
			b->p = realloc(b->p, b->cap);
			BUG_ON(!b->p);
		}
		/* A wrong checksum is told at the end of the data, some as a mere warning. */
		la_ssize_t n = archive_read_data(r, b->p + b->len, CHUNK_BYTES);
		if (n < 0)
			return damaged(r, e);
		b->len += (size_t)n;
		if (b->len > max)
			return err_set(e, ERR_LIMIT, "%s unpacks to more than %zu bytes", what,
				       max);
		b->p[b->len] = '\0';
		if (n == 0)
			return true;
	}
}

/* "..\a//./b" is "a/b": a name for readers, never a path that is opened. */
static const char *clean_name(const char *s, struct arena *a)
{
	struct sb b;
	if (!s || !*s)
		return "unnamed";
	size_t n = strlen(s);
	if (n > NAME_BYTES)
		s += n - NAME_BYTES;
	sb_init(&b, a, NAME_BYTES + 1);
	while (*s) {
		size_t k = strcspn(s, "/\\");
		bool dots = (k == 1 && s[0] == '.') || (k == 2 && s[0] == '.' && s[1] == '.');
		if (k && !dots) {
			if (b.len)
				sb_addc(&b, '/');
			sb_addn(&b, s, k);
		}
		s += k + (s[k] != '\0');
	}
	return b.len ? text_line(a, sb_str(&b), 0) : "unnamed";
}

static const char *name_of(struct archive_entry *x, struct arena *a)
{
	const char *s = archive_entry_pathname_utf8(x);
	return clean_name(s ? s : archive_entry_pathname(x), a);
}

static bool one(struct archive *r, struct archive_entry *x, const struct zip_caps *caps,
		size_t *total, struct buffer *b, struct arena *a, zip_fn f, void *ctx,
		struct err *e)
{
	/* Some writers leave the type out: what is no folder by its name is a file. */
	mode_t type = archive_entry_filetype(x);
	if (type != AE_IFREG && type != 0)
		return true;
	struct zip_entry entry = {.name = name_of(x, a)};
	if (archive_entry_is_encrypted(x))
		return err_set(e, ERR_PROTO, "the archive is encrypted");
	size_t left = caps->total_bytes - *total;
	bool all = left < caps->entry_bytes;
	if (!read_data(r, b, all ? left : caps->entry_bytes, all ? "the archive" : entry.name, e))
		return false;
	*total += b->len;
	entry.bytes = b->p;
	entry.len = b->len;
	return f(&entry, ctx, e);
}

bool zip_each(const void *p, size_t n, const struct zip_caps *caps, zip_fn f, void *ctx,
	      struct err *e)
{
	CLEANUP(reader_free) struct archive *r = archive_read_new();
	CLEANUP(buffer_free) struct buffer b = {0};
	struct arena a = {0};
	size_t total = 0, count = 0;
	BUG_ON(!r || archive_read_support_format_zip(r) != ARCHIVE_OK);
	if (archive_read_open_memory(r, p, n) != ARCHIVE_OK)
		return damaged(r, e);
	for (;;) {
		struct archive_entry *x;
		int rc = archive_read_next_header(r, &x);
		if (rc == ARCHIVE_EOF)
			return true;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) /* a name in no known encoding warns */
			return damaged(r, e);
		if (++count > caps->entries)
			return err_set(e, ERR_LIMIT, "the archive has more than %zu entries",
				       caps->entries);
		bool ok = one(r, x, caps, &total, &b, &a, f, ctx, e);
		arena_release(&a);
		if (!ok)
			return false;
	}
}

void zip_gzip(const void *p, size_t n, struct arena *a, const void **out, size_t *len)
{
	/* Deflate adds 5 bytes to a block of 16 KB that it cannot shrink; head and tail are 18. */
	size_t cap = n + n / 1000 + 1024;
	struct archive *w = archive_write_new();
	struct archive_entry *x = archive_entry_new();
	char *room = malloc(cap);
	BUG_ON(!w || !x || !room);
	*len = 0;
	archive_entry_set_filetype(x, AE_IFREG);
	/* Level 2: JSON shrinks to a tenth at once, and the rest is not worth the time. */
	BUG_ON(archive_write_set_format_raw(w) != ARCHIVE_OK ||
	       archive_write_add_filter_gzip(w) != ARCHIVE_OK ||
	       archive_write_set_options(w, "gzip:compression-level=2,gzip:!timestamp") !=
		       ARCHIVE_OK ||
	       archive_write_set_bytes_per_block(w, 0) != ARCHIVE_OK ||
	       archive_write_open_memory(w, room, cap, len) != ARCHIVE_OK ||
	       archive_write_header(w, x) != ARCHIVE_OK ||
	       archive_write_data(w, p, n) != (la_ssize_t)n ||
	       archive_write_close(w) != ARCHIVE_OK);
	archive_entry_free(x);
	archive_write_free(w);
	*out = arena_memdup(a, room, *len);
	free(room);
}

bool zip_is_gzip(const void *p, size_t n)
{
	const unsigned char *s = p;
	return n > 2 && s[0] == 0x1f && s[1] == 0x8b;
}

bool zip_gunzip(const void *p, size_t n, size_t max, struct arena *a, const char **out, size_t *len,
		struct err *e)
{
	CLEANUP(reader_free) struct archive *r = archive_read_new();
	CLEANUP(buffer_free) struct buffer b = {0};
	struct archive_entry *x;
	BUG_ON(!r || archive_read_support_filter_gzip(r) != ARCHIVE_OK ||
	       archive_read_support_format_raw(r) != ARCHIVE_OK);
	if (archive_read_open_memory(r, p, n) != ARCHIVE_OK ||
	    archive_read_next_header(r, &x) != ARCHIVE_OK)
		return damaged(r, e);
	if (archive_filter_code(r, 0) != ARCHIVE_FILTER_GZIP)
		return err_set(e, ERR_PROTO, "it is not compressed by gzip");
	if (!read_data(r, &b, max, "it", e))
		return false;
	*out = arena_strndup(a, b.p, b.len);
	*len = b.len;
	return true;
}
