/* MIME messages by GMime, with bytes that repeat: boundaries, Date and Message-ID come from the
 * caller. */
#ifndef LIB_MIME_H
#define LIB_MIME_H

#include "base/arena.h"
#include "base/err.h"

struct mime_image {
	const char *cid; /* "timeline@digest": Content-ID without <> */
	const char *file; /* "timeline.png" */
	const void *bytes;
	size_t len;
};

struct mime_message {
	const char *from, *subject, *message_id; /* message_id without <> */
	struct strv to; /* display list */
	int64_t date_s;
	const char *list_id; /* "Planning Data digest <digest.example.org>" */
	const char *language; /* "en-GB" */
	const char *unsubscribe; /* mailto: of List-Unsubscribe, or NULL */
	const char *text, *html; /* UTF-8, LF line ends */
	const struct mime_image *images;
	size_t image_n;
	const char *pdf_name; /* NULL: no attachment */
	const void *pdf;
	size_t pdf_len;
	const char *seed; /* boundaries are made from it: "2026-W46-everyone" */
};

/* multipart/mixed{ alternative{ plain, related{ html, images } }, pdf }, CRLF, every line <= 998
 * and 7-bit, headers encoded and folded. Control characters in any header value are refused
 * (ERR_BUG: the caller cleans). */
MUST_CHECK bool mime_write(const struct mime_message *m, struct arena *a, const char **out,
			   size_t *len, struct err *e);
const char *mime_version(void);

#endif
