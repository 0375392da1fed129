#include "scan/listing.h"

#include "scan/bytes.h"

typedef bool read_fn(struct scan_draft *d, const struct jv *v, struct err *e);

static bool read_line(const char *s, size_t n, struct scan_draft *d, read_fn *read, struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(s, n, &j, e))
		return false;
	struct jv root = json_root(j);
	return draft_is_obj(&root, e) && read(d, &root, e);
}

bool listing_read(const struct scan_input *in, struct scan_draft *d, read_fn *read, struct err *e)
{
	if (in->json && json_is_arr(in->json)) {
		for (struct jv it = json_first(in->json); it.n; it = json_next(&it))
			if (!draft_is_obj(&it, e) || !read(d, &it, e))
				return false;
		return true;
	}
	if (in->json)
		return read(d, in->json, e);
	const char *p = in->bytes, *end = in->bytes + in->len, *s;
	size_t n;
	for (size_t line = 1; bytes_line(&p, end, &s, &n); line++)
		if (n && !read_line(s, n, d, read, e))
			return err_wrap(e, "line %zu", line);
	return true;
}
