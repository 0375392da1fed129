/* Slack's mrkdwn from inline content. Outside text cannot format, link or mention anything. */
#ifndef RENDER_MRKDWN_H
#define RENDER_MRKDWN_H

#include "base/sb.h"
#include "lib/xml.h"

/* & < > escaped; markers of formatting and mentions are kept apart from their neighbours by U+200B.
 */
void mrkdwn_text(struct sb *b, const char *s);
/* <href|label>, label being outside text; the label alone without a link. href: as of doc_link. */
void mrkdwn_link(struct sb *b, const char *href, const char *label);
/* Inline content with its links, code and strong words; page: doc_page. <sub>, <strip> left out. */
void mrkdwn_inline(struct sb *b, const struct xnode *n, const char *page, struct arena *a);
/* What Slack counts: UTF-16 units. */
size_t mrkdwn_length(const char *s);

#endif
