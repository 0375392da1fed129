/* A Slack message as plain lines and links, wherever its content stands: text, blocks (rich text
 * and tables too), attachments with or without blocks, files. No network, no store. */
#ifndef COLLECT_SLACK_TEXT_H
#define COLLECT_SLACK_TEXT_H

#include "base/arena.h"
#include "lib/json.h"

struct post_link {
	const char *url, *label; /* label "" when there is none */
};

struct post {
	const char *ts;
	int64_t posted_s, edited_s; /* edited_s TIME_NONE: never */
	const char *subtype; /* NULL: an ordinary message */
	bool hidden;
	bool app; /* from an app, a bot or a webhook, not from a person */
	const char *sender; /* name it was posted under; NULL for people */
	bool renamed; /* the post chose that name itself: one token may speak for many */
	const char *bot_id, *user, *event_type; /* event_type: of its metadata */
	const char *color; /* of the first attachment that has one */
	const char *sentry_issue; /* id that Sentry hides in its block ids */
	struct strv lines; /* no markup, entities undone once, no blank ends, none empty */
	VEC(struct post_link) links;
};

/* Everything of a message but its ts may be absent. Fails: ERR_PROTO when the ts is not
 * "seconds.micros" in a string: a number would have lost digits. */
MUST_CHECK bool post_read(const struct jv *message, struct arena *a, struct post *out,
			  struct err *e);

/* Value of the first line "NAME: value" or of "… NAME: value  …", to two blanks or the line's end;
 * any case. NULL when there is none. */
const char *post_value(const struct post *p, const char *name, struct arena *a);
/* First line with that text in it, any case; NULL when there is none. */
const char *post_line(const struct post *p, const char *needle);
/* First link whose address has that text in it; NULL when there is none. */
const struct post_link *post_link(const struct post *p, const char *needle);
/* The lines as one, cut. NULL when there are none. */
const char *post_text(const struct post *p, struct arena *a);

#endif
