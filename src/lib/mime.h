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
	struct strv to; /* display list; empty: "undisclosed-recipients: ;" */
	int64_t date_s;
	const char *list_id; /* "Planning Data digest <digest.example.org>", or NULL */
	const char *language; /* "en-GB", or NULL */
	const char *unsubscribe; /* mailto: of List-Unsubscribe, or NULL */
	const char *text, *html; /* UTF-8, LF line ends; html NULL: plain text only */
	const struct mime_image *images; /* PNG */
	size_t image_n;
	const char *pdf_name; /* NULL: no attachment */
	const void *pdf;
	size_t pdf_len;
	const char *seed; /* boundaries are made from it: "2026-W46-everyone" */
};

/* multipart/mixed{ alternative{ plain, related{ html, images } }, pdf }, a level left out where it
 * would hold one part only; CRLF, every line <= 998 (headers 78 where they can be folded) and
 * 7-bit, headers encoded (RFC 2047, 2231) and folded. Besides what is asked for: Auto-Submitted,
 * Precedence and X-Auto-Response-Suppress, so that nobody's absence is answered. out: arena-owned,
 * NUL-terminated.
 *
 * Fails: ERR_BUG for control characters in any header value (the caller cleans), a Message-ID or
 * Content-ID that is none, or a list that is no list; ERR_CONFIG for an address. */
MUST_CHECK bool mime_write(const struct mime_message *m, struct arena *a, const char **out,
			   size_t *len, struct err *e);
const char *mime_version(void);

#endif
