#include "deliver/channel.h"

#include "base/log.h"
#include "base/text.h"
#include "config/secret.h"
#include "lib/mail.h"
#include "lib/mime.h"

/* Of one request's time-out: RFC 5321 4.5.3.2 lets a server think for minutes after the dot, and a
 * transaction that we cut there is one whose outcome nobody knows. */
#define TIMEOUTS 5

static bool server(const struct deliver_opts *o, const struct email_target *to, struct arena *a,
		   struct mail_server *out, const char **from, struct err *e)
{
	struct mail_server s = {.url = to->smtp,
				.tls_none = to->tls == TLS_NONE,
				.ca_file = to->ca,
				.timeout_s = o->cfg->limits.timeout_s * TIMEOUTS};
	if (!secret_read(&to->user, "email user", a, &s.user, e) ||
	    !secret_read(&to->password, "email password", a, &s.password, e) ||
	    !mail_address(to->from, a, from, e))
		return false;
	*out = s;
	return true;
}

static enum outbox_state state_of(enum mail_outcome outcome)
{
	switch (outcome) {
	case MAIL_SENT:
		return OUTBOX_SENT;
	case MAIL_REFUSED:
		return OUTBOX_REFUSED;
	case MAIL_LATER:
		return OUTBOX_WAITING;
	case MAIL_UNKNOWN:
		return OUTBOX_UNKNOWN;
	}
	return OUTBOX_UNKNOWN;
}

bool email_attempt(const struct attempt *t, const struct delivery *d, struct err *e)
{
	struct err why = {0};
	struct mail_server s;
	struct mail_result r;
	const char *from;
	const struct artefact *whole = attempt_file(t, "mail.eml", &why);
	const struct artefact *small = artefact_find(t->files, "mail-small.eml");
	if (!whole || !server(t->o, &t->audience->email, t->a, &s, &from, &why))
		return attempt_postpone(t, d, &why, e);
	if (!attempt_set(t, d, OUTBOX_SENDING, NULL, NULL, e))
		return false;
	--*t->left;
	bool ok = mail_send(&s, from, d->recipient, whole->bytes, whole->len, t->a, &r, &why);
	/* 552 is the one refusal that the variant without the PDF may not meet. */
	if (ok && r.outcome == MAIL_REFUSED && r.code == 552 && small && small->len < whole->len) {
		log_debug("deliver", "mail too large, trying the small one: %s", r.answer);
		ok = mail_send(&s, from, d->recipient, small->bytes, small->len, t->a, &r, &why);
	}
	if (!ok) /* before anything was sent */
		return attempt_set(t, d, why.kind == ERR_BUG ? OUTBOX_REFUSED : OUTBOX_WAITING,
				   why.msg, NULL, e);
	return attempt_set(t, d, state_of(r.outcome), r.answer, r.queue_id, e);
}

bool email_notice(const struct deliver_opts *o, const struct email_target *to, const char *subject,
		  const char *text, struct arena *a, struct err *e)
{
	struct mail_server s;
	const char *from, *message;
	size_t len;
	if (!server(o, to, a, &s, &from, e))
		return err_wrap(e, "operator");
	int64_t now = clock_now(o->clock);
	struct mime_message m = {.from = to->from,
				 .subject = text_line(a, subject, 200),
				 .to = to->to,
				 .date_s = now,
				 .language = "en-GB",
				 .text = text,
				 .seed = "operator"};
	m.message_id = arena_printf(a, "operator.%lld.%lld@%s", (long long)now,
				    (long long)clock_mono_ms(), strchr(from, '@') + 1);
	if (!mime_write(&m, a, &message, &len, e))
		return err_wrap(e, "operator");
	bool all = true;
	for (size_t i = 0; i < to->to.n; i++) {
		struct mail_result r;
		const char *addr;
		if (!mail_address(to->to.v[i], a, &addr, e) ||
		    !mail_send(&s, from, addr, message, len, a, &r, e))
			return err_wrap(e, "operator");
		if (r.outcome != MAIL_SENT)
			all = err_set(e, ERR_NET, "operator: mail to %s: %s", addr, r.answer);
	}
	return all;
}
