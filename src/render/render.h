/* From the frozen document to finished bytes. Nothing but the document (and the embedded
 * stylesheets) goes in, so the same document and versions give the same bytes. Renderers know
 * blocks, never services. */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include "base/err.h"
#include "lib/xml.h"
#include "model/artefact.h"

/* One function per rendering; all take the parsed document. Fails: ERR_BUG or ERR_LIMIT, naming the
 * rendering. */
MUST_CHECK bool render_page(const struct xml *doc, struct arena *a, const char **out, size_t *len,
			    struct err *e); /* page.html */
MUST_CHECK bool render_pdf(const struct xml *doc, struct arena *a, const char **out, size_t *len,
			   struct err *e); /* digest.pdf */
MUST_CHECK bool render_json(const struct xml *doc, struct arena *a, const char **out, size_t *len,
			    struct err *e); /* digest.json */
/* slack.json: an array of chat.postMessage bodies {channel, text, blocks, unfurl_links,
 * unfurl_media, metadata}: the main message, then one for each reply in its thread. No thread_ts:
 * deliver/ adds it when the main message has one. channel is null without <delivery><slack>. */
MUST_CHECK bool render_slack(const struct xml *doc, struct arena *a, const char **out, size_t *len,
			     struct err *e);
/* mail.eml; pdf NULL: the variant without attachment. A document without <delivery><mail> gives a
 * message from and to nobody. */
MUST_CHECK bool render_mail(const struct xml *doc, const char *pdf, size_t pdf_len, struct arena *a,
			    const char **out, size_t *len, struct err *e);

/* Both variants at once: what they share is made once. */
struct bytes {
	const char *p;
	size_t len;
};
MUST_CHECK bool render_mails(const struct xml *doc, const char *pdf, size_t pdf_len,
			     struct arena *a, struct bytes *full, struct bytes *small,
			     struct err *e);

struct text_opts {
	int width; /* 72 to 120 columns; others are clamped */
	bool colour; /* SGR, only to repeat a word */
	bool links; /* OSC 8 */
	bool ascii; /* no block or box characters */
	const char *section; /* only this section's id, with every row; NULL: all */
	bool mail; /* the plain part of a mail: [Tags], CAPITALS for headings, links in full */
};
MUST_CHECK bool render_text(const struct xml *doc, const struct text_opts *o, struct arena *a,
			    const char **out, size_t *len, struct err *e);

/* Every artefact of the contract, in its order, digest.xml (the bytes given) among them. One
 * rendering that fails does not stop the rest: failed gets "name: reason" per failure; false only
 * if none could be made. */
MUST_CHECK bool render_all(const char *document, size_t n, struct arena *a, struct artefacts *out,
			   struct strv *failed, struct err *e);
/* "cairo 1.16.0, pango 1.50.12, libxslt …, fonts …" for the manifest, as name/value pairs. */
void render_versions(struct arena *a, struct strv *names, struct strv *values);

#endif
