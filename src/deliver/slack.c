#include "deliver/channel.h"

#include "base/log.h"
#include "base/text.h"
#include "deliver/slack_api.h"
#include "lib/crypto.h"

#include <unistd.h>

#define SETTLE_S   5 /* before reading back: Slack may still be at it */
#define WINDOW_S   ((int64_t)7 * 24 * 3600) /* how far back to look when our clock is fixed */
#define HOUR_S	   3600
#define TEXT_MAX   4000 /* Slack's advice for text without blocks */
#define PARTS_MOST 50
#define UNMARKED   "unmarked" /* instead of a nonce: Slack refused the metadata */

const char *slack_recipient(const struct slack_target *t)
{
	return t->token.kind == SECRET_NONE ? "webhook" : t->channel;
}

/* One delivery at work. */
struct thread {
	const struct attempt *t;
	const struct delivery *d;
	struct slack_api api;
	struct json *payloads; /* slack.json */
	int64_t n; /* messages to post */
	struct outbox_parts parts;
	const char *channel, *parent; /* of the main message, once it is there */
	struct sb notes; /* what the answer adds, each after "; " */
};

static const struct outbox_part *part_of(const struct thread *th, int64_t i)
{
	for (size_t k = 0; k < th->parts.n; k++)
		if (th->parts.v[k].part == i)
			return &th->parts.v[k];
	return NULL;
}

static bool is_sent(const struct thread *th, int64_t i)
{
	const struct outbox_part *p = part_of(th, i);
	return p && strcmp(p->state, "sent") == 0;
}

static bool set_part(struct thread *th, int64_t i, const char *state, const char *reference,
		     struct err *e)
{
	return outbox_set_part(th->t->o->db, th->d->id, i, state, reference,
			       clock_now(th->t->o->clock), e);
}

/* The reference of a part that is sent is "C0123456789:1755500000.000100" (a webhook's has none),
 * of one that is open its nonce. */
static void remember_parent(struct thread *th, const char *reference)
{
	const char *colon = reference ? strchr(reference, ':') : NULL;
	if (!colon)
		return;
	th->channel = arena_strndup(th->t->a, reference, (size_t)(colon - reference));
	th->parent = arena_strdup(th->t->a, colon + 1);
}

static bool posted(struct thread *th, int64_t i, const char *channel, const char *ts, struct err *e)
{
	const char *reference = ts ? arena_printf(th->t->a, "%s:%s", channel, ts) : NULL;
	if (i == 0)
		remember_parent(th, reference);
	return set_part(th, i, "sent", reference, e);
}

static const char *digest_id(const struct thread *th)
{
	return arena_printf(th->t->a, "%s/%s", th->d->audience, th->d->week);
}

static struct jv payload(const struct jv *root, int64_t i)
{
	struct jv it = json_first(root);
	while (i-- > 0)
		it = json_next(&it);
	return it;
}

/* The frozen message with what only this moment knows: where it goes, and the mark by which it is
 * found again. plain: text only, for when Slack refuses the blocks. */
static struct jw *message(const struct thread *th, const struct jv *p, int64_t i, bool plain,
			  const char *nonce)
{
	struct jw *m = jw_obj();
	for (struct jv it = json_first(p); it.n; it = json_next(&it)) {
		if (text_eq(it.key, "channel") || text_eq(it.key, "thread_ts") ||
		    text_eq(it.key, "metadata") || (plain && text_eq(it.key, "blocks")) ||
		    (plain && text_eq(it.key, "attachments")))
			continue;
		if (plain && text_eq(it.key, "text")) {
			const char *s = json_text(&it, th->t->a);
			s = s ? s : "";
			jw_str(m, "text", arena_strndup(th->t->a, s, utf8_prefix(s, TEXT_MAX)));
			continue;
		}
		jw_copy(m, it.key, &it);
	}
	if (th->api.webhook)
		return m;
	jw_str(m, "channel", th->channel ? th->channel : th->d->recipient);
	if (i > 0 && th->parent)
		jw_str(m, "thread_ts", th->parent);
	if (strcmp(nonce, UNMARKED) == 0)
		return m;
	struct jw *meta = jw_add_obj(m, "metadata");
	jw_str(meta, "event_type", SLACK_EVENT);
	struct jw *load = jw_add_obj(meta, "event_payload");
	jw_str(load, "digest_id", digest_id(th));
	jw_i64(load, "part", i + 1);
	jw_str(load, "sha256", th->d->digest_sha256);
	jw_str(load, "nonce", nonce);
	return m;
}

/* Whether part i is there. Found: it is noted as sent. */
static bool look_up(struct thread *th, int64_t i, const char *nonce, bool *found,
		    struct err *reason, struct err *e)
{
	struct arena *a = th->t->a;
	if (th->api.webhook) {
		err_set(reason, ERR_NET, "a webhook cannot read the channel back");
		return true;
	}
	if (!nonce || strcmp(nonce, UNMARKED) == 0) {
		err_set(reason, ERR_NET, "it went without the mark to find it by");
		return true;
	}
	const struct slack_mark mark = {digest_id(th), th->d->digest_sha256, nonce, i + 1};
	int64_t now = clock_real(), oldest = now - WINDOW_S;
	/* With --now the row may be dated in another time than Slack's. */
	if (th->d->created_s <= now)
		oldest = MIN(th->d->created_s - HOUR_S, now);
	const char *channel = th->channel ? th->channel : th->d->recipient, *ts, *id;
	if (!slack_channel_id(&th->api, channel, &id, reason) ||
	    !slack_find(&th->api, id, i > 0 ? th->parent : NULL, oldest, &mark, &ts, reason))
		return true;
	*found = ts != NULL;
	log_debug("deliver", "looked for part %lld in Slack: %s", (long long)i + 1,
		  ts ? "found" : "not there");
	return !ts || posted(th, i, arena_strdup(a, id), ts, e);
}

static bool end(struct thread *th, enum outbox_state s, int64_t i, const char *answer,
		struct err *e)
{
	if (i > 0)
		answer = arena_printf(th->t->a, "message %lld of %lld: %s", (long long)i + 1,
				      (long long)th->n, answer);
	return attempt_set(th->t, th->d, s, answer, th->parent, e);
}

static void pause_s(const struct thread *th, int64_t s)
{
	int64_t ms = s * (th->t->o->second_ms ? th->t->o->second_ms : 1000);
	usleep((useconds_t)(ms * 1000));
}

/* Told apart from every other attempt by time and process; it need not be secret. */
static const char *new_nonce(const struct thread *th)
{
	char hex[SHA256_HEX];
	const char *s =
		arena_printf(th->t->a, "%lld %lld %d %lld", (long long)clock_real(),
			     (long long)clock_mono_ms(), (int)getpid(), (long long)th->d->id);
	sha256_hex(s, strlen(s), hex);
	return arena_strndup(th->t->a, hex, 16);
}

/* Part i was certainly not posted: it is as if never begun, and the delivery rests in state s. */
static bool not_posted(struct thread *th, int64_t i, enum outbox_state s, const char *answer,
		       struct err *e)
{
	return outbox_drop_part(th->t->o->db, th->d->id, i, e) && end(th, s, i, answer, e);
}

static bool open_end(struct thread *th, int64_t i, const char *answer, const char *why,
		     struct err *e)
{
	return set_part(th, i, "unknown", NULL, e) &&
	       end(th, OUTBOX_UNKNOWN, i,
		   arena_printf(th->t->a, "may have been posted: %s (%s)", answer, why), e);
}

/* Whether the same message may go again in a simpler form; the note says so. */
static bool simpler(struct thread *th, const struct slack_post *r, int64_t i, bool *plain,
		    const char **nonce)
{
	bool metadata = r->code && strstr(r->code, "metadata");
	if (r->fate == SLACK_NO_PARENT && i > 0 && th->parent) {
		th->parent = NULL; /* somebody removed it: then not as a reply */
		sb_addf(&th->notes, "; the thread is gone: %s", r->answer);
		return true;
	}
	if (r->fate != SLACK_OUR_FAULT || (metadata ? strcmp(*nonce, UNMARKED) == 0 : *plain))
		return false;
	/* The week must not be lost to a block: the plain text stands. */
	if (metadata)
		*nonce = UNMARKED;
	else
		*plain = true;
	sb_addf(&th->notes, "; message %lld went without its %s: %s", (long long)i + 1,
		metadata ? "mark" : "blocks", r->answer);
	return true;
}

/* Posts part i as often as that is certain to make one message. *on: the thread may go on; else the
 * delivery's state is written. */
static bool post_part(struct thread *th, const struct jv *p, int64_t i, bool *on, struct err *e)
{
	bool plain = false, again = false;
	const char *nonce = new_nonce(th);
	*on = false;
	while (*th->t->left > 0) {
		if (!set_part(th, i, "sending", nonce, e))
			return false;
		--*th->t->left;
		struct slack_post r;
		CLEANUP(jw_freep) struct jw *m = message(th, p, i, plain, nonce);
		slack_post(&th->api, m, &r);
		switch (r.fate) {
		case SLACK_POSTED:
			*on = true;
			return posted(th, i, r.channel, r.ts, e);
		case SLACK_LATER:
			return not_posted(th, i, OUTBOX_WAITING, r.answer, e);
		case SLACK_OUR_FAULT:
		case SLACK_NO_PARENT:
			if (simpler(th, &r, i, &plain, &nonce))
				continue;
			return not_posted(th, i, OUTBOX_REFUSED, r.answer, e);
		case SLACK_REFUSED:
			return not_posted(th, i, OUTBOX_REFUSED, r.answer, e);
		case SLACK_UNKNOWN:
			break;
		}
		struct err why = {0};
		if (!th->api.webhook)
			pause_s(th, SETTLE_S);
		if (!look_up(th, i, nonce, on, &why, e))
			return false;
		if (*on)
			return true;
		if (why.kind != ERR_NONE)
			return open_end(th, i, r.answer, why.msg, e);
		/* Certainly not there: once more, then in another run. */
		if (again)
			return not_posted(th, i, OUTBOX_WAITING, r.answer, e);
		again = true;
	}
	return not_posted(th, i, OUTBOX_WAITING,
			  "limits.messages_per_run is reached: the next run sends the rest", e);
}

/* A row that a crash or a lost connection left unknown: each open part is looked for, and only what
 * is certainly not there may be posted. *go: nothing is open any more. */
static bool settle(struct thread *th, bool *go, struct err *e)
{
	*go = true;
	for (size_t k = 0; k < th->parts.n; k++) {
		const struct outbox_part *p = &th->parts.v[k];
		if (strcmp(p->state, "sent") == 0 ||
		    p->part >= th->n) /* the PDF is never looked for */
			continue;
		struct err why = {0};
		bool found = false;
		if (!look_up(th, p->part, p->reference, &found, &why, e))
			return false;
		if (why.kind != ERR_NONE) {
			*go = false;
			return end(th,
				   th->d->state == OUTBOX_UNKNOWN ? OUTBOX_UNKNOWN : OUTBOX_WAITING,
				   p->part,
				   arena_printf(th->t->a,
						"may have been posted, and cannot be "
						"looked up: %s",
						why.msg),
				   e);
		}
		if (!found && !outbox_drop_part(th->t->o->db, th->d->id, p->part, e))
			return false;
	}
	return outbox_parts(th->t->o->db, th->d->id, th->t->a, &th->parts, e);
}

/* The PDF for those who want to keep it. It is a help: that it failed is said, not a failure. Begun
 * once: a file that may be there is not shared again. */
static bool share_pdf(struct thread *th, struct err *e)
{
	const struct artefact *pdf = artefact_find(th->t->files, "digest.pdf");
	if (!pdf || th->api.webhook || !th->parent || part_of(th, th->n))
		return true;
	if (*th->t->left <= 0) {
		sb_add(&th->notes, "; the PDF was not shared: limits.messages_per_run is reached");
		return true;
	}
	if (!set_part(th, th->n, "sending", NULL, e))
		return false;
	--*th->t->left;
	struct err why = {0};
	const char *name = arena_printf(th->t->a, "%s-%s.pdf", th->d->week, th->d->audience);
	if (slack_share(&th->api, th->channel, th->parent, name, name, pdf->bytes, pdf->len, &why))
		return set_part(th, th->n, "sent", NULL, e);
	sb_addf(&th->notes, "; the PDF was not shared: %s", why.msg);
	return set_part(th, th->n, "unknown", NULL, e);
}

static bool post_all(struct thread *th, struct err *e)
{
	struct jv root = json_root(th->payloads);
	if (is_sent(th, 0))
		remember_parent(th, part_of(th, 0)->reference);
	bool on;
	if (!settle(th, &on, e))
		return false;
	if (!on)
		return true;
	/* Nothing is open: an unknown one may go on. */
	if (th->d->state == OUTBOX_UNKNOWN &&
	    !attempt_set(th->t, th->d, OUTBOX_WAITING, NULL, NULL, e))
		return false;
	if (!attempt_set(th->t, th->d, OUTBOX_SENDING, NULL, NULL, e))
		return false;
	for (int64_t i = 0; i < th->n; i++) {
		struct jv p = payload(&root, i);
		if (is_sent(th, i))
			continue;
		if (!post_part(th, &p, i, &on, e))
			return false;
		if (!on)
			return true;
	}
	const char *ts = th->parent;
	if (!share_pdf(th, e))
		return false;
	const char *answer =
		th->api.webhook ? "ok (a webhook: the main message only, without its thread)"
				: arena_printf(th->t->a, "posted to %s as %s, messages: %lld",
					       th->channel ? th->channel : th->d->recipient,
					       ts ? ts : "separate messages", (long long)th->n);
	answer = arena_printf(th->t->a, "%s%s", answer, sb_str(&th->notes));
	return attempt_set(th->t, th->d, OUTBOX_SENT, answer, ts, e);
}

static bool load(struct thread *th, struct err *why)
{
	const struct artefact *f = attempt_file(th->t, "slack.json", why);
	if (!f || !json_parse(f->bytes, f->len, &th->payloads, why))
		return false;
	struct jv root = json_root(th->payloads);
	size_t n = json_count(&root);
	if (!json_is_arr(&root) || n == 0 || n > PARTS_MOST)
		return err_set(why, ERR_PROTO, "slack.json is not a list of 1 to %d messages",
			       PARTS_MOST);
	if (!slack_open(th->t->o->cfg, th->t->o->http, &th->t->audience->slack, th->t->a, &th->api,
			why))
		return false;
	th->n = th->api.webhook ? 1 : (int64_t)n; /* a webhook cannot reply to its message */
	return true;
}

bool slack_attempt(const struct attempt *t, const struct delivery *d, struct err *e)
{
	struct thread th = {.t = t, .d = d};
	struct err why = {0};
	sb_init(&th.notes, t->a, (size_t)64 * 1024);
	bool ok;
	if (!outbox_parts(t->o->db, d->id, t->a, &th.parts, e))
		return false;
	if (load(&th, &why))
		ok = post_all(&th, e);
	else
		ok = attempt_postpone(t, d, &why, e);
	json_free(th.payloads);
	return ok;
}

bool slack_notice(const struct deliver_opts *o, const struct slack_target *to, const char *subject,
		  const char *text, struct arena *a, struct err *e)
{
	struct slack_api s;
	struct slack_post r;
	struct sb b;
	if (!slack_open(o->cfg, o->http, to, a, &s, e))
		return err_wrap(e, "operator");
	sb_init(&b, a, (size_t)64 * 1024);
	sb_add(&b, "*");
	text_slack_escape(&b, text_line(a, subject, 200));
	sb_add(&b, "*\n");
	text_slack_escape(&b, arena_strndup(a, text, utf8_prefix(text, TEXT_MAX - 300)));
	CLEANUP(jw_freep) struct jw *m = jw_obj();
	if (!s.webhook)
		jw_str(m, "channel", to->channel);
	jw_str(m, "text", sb_str(&b));
	jw_bool(m, "unfurl_links", false);
	slack_post(&s, m, &r);
	if (r.fate != SLACK_POSTED)
		return err_set(e, ERR_NET, "operator: Slack: %s", r.answer);
	return true;
}
