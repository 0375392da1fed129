#include "deliver/channel.h"

#include "base/text.h"
#include "lib/mail.h"
#include "store/digests.h"

bool attempt_set(const struct attempt *t, const struct delivery *d, enum outbox_state s,
		 const char *answer, const char *reference, struct err *e)
{
	return outbox_set(t->o->db, d->id, s, answer, reference, clock_now(t->o->clock), e);
}

bool attempt_postpone(const struct attempt *t, const struct delivery *d, struct err *reason,
		      struct err *e)
{
	enum outbox_state s = d->state == OUTBOX_UNKNOWN ? OUTBOX_UNKNOWN : OUTBOX_WAITING;
	bool ok = attempt_set(t, d, s, reason->msg, NULL, e);
	err_clear(reason);
	return ok;
}

const struct artefact *attempt_file(const struct attempt *t, const char *name, struct err *reason)
{
	const struct artefact *f = artefact_find(t->files, name);
	if (!f)
		err_set(reason, ERR_CONFIG,
			"the frozen digest has no %s; run \"sitrep digest --week %s\", then send "
			"again",
			name, t->o->week);
	return f;
}

/* One audience at work. */
struct run {
	const struct deliver_opts *o;
	const struct audience *audience;
	struct frozen digest;
	struct artefacts files;
	struct deliveries before; /* its rows before this run */
	struct strv email; /* bare, without doubles */
	int64_t *left;
};

static const struct delivery *row_of(const struct run *r, const char *channel,
				     const char *recipient)
{
	for (size_t i = 0; i < r->before.n; i++) {
		const struct delivery *d = &r->before.v[i];
		if (strcmp(d->channel, channel) != 0)
			continue;
		/* Somebody who changes the case of an address is still one person. */
		if (strcmp(channel, "email") == 0 ? text_ieq(d->recipient, recipient)
						  : text_eq(d->recipient, recipient))
			return d;
	}
	return NULL;
}

static bool plan_one(const struct run *r, const char *channel, const char *recipient, struct err *e)
{
	const struct delivery *d = row_of(r, channel, recipient);
	return outbox_plan(r->o->db, r->o->week, r->audience->name, channel,
			   d ? d->recipient : recipient, r->digest.sha256, clock_now(r->o->clock),
			   e);
}

static bool plan(struct run *r, struct arena *a, struct err *e)
{
	const struct audience *au = r->audience;
	for (size_t i = 0; au->email.set && i < au->email.to.n; i++) {
		const char *addr;
		if (!mail_address(au->email.to.v[i], a, &addr, e))
			return err_wrap(e, "audience \"%s\"", au->name);
		bool twice = false;
		for (size_t k = 0; k < r->email.n; k++)
			twice = twice || text_ieq(r->email.v[k], addr);
		if (twice)
			continue;
		vec_push(a, &r->email, addr);
		if (!plan_one(r, "email", addr, e))
			return false;
	}
	if (au->slack.set && !plan_one(r, "slack", slack_recipient(&au->slack), e))
		return false;
	return !au->directory.set || plan_one(r, "directory", au->directory.path, e);
}

static bool configured(const struct run *r, const struct delivery *d)
{
	const struct audience *au = r->audience;
	for (size_t i = 0; i < r->email.n && strcmp(d->channel, "email") == 0; i++)
		if (text_ieq(r->email.v[i], d->recipient))
			return true;
	if (strcmp(d->channel, "slack") == 0)
		return au->slack.set && text_eq(slack_recipient(&au->slack), d->recipient);
	if (strcmp(d->channel, "directory") == 0)
		return au->directory.set && text_eq(au->directory.path, d->recipient);
	return false;
}

/* Whether there is anything left to do for it in this run. */
static bool wanted(const struct run *r, const struct delivery *d)
{
	switch (d->state) {
	case OUTBOX_WAITING:
		return true;
	case OUTBOX_REFUSED:
		return r->o->retry_failed;
	case OUTBOX_UNKNOWN: /* a mail that may have arrived is never sent again */
		return strcmp(d->channel, "email") != 0;
	case OUTBOX_SENDING: /* outbox_recover left none */
	case OUTBOX_SENT:
		return false;
	}
	return false;
}

static bool attempt(const struct run *r, const struct delivery *d, struct err *e)
{
	struct arena a = {0};
	const struct attempt t = {r->o, r->audience, &r->files, &a, r->left};
	bool ok;
	if (!configured(r, d))
		ok = d->state == OUTBOX_UNKNOWN ||
		     attempt_set(&t, d, OUTBOX_REFUSED,
				 "the configuration no longer names this recipient", NULL, e);
	else if (strcmp(d->channel, "email") == 0)
		ok = email_attempt(&t, d, e);
	else if (strcmp(d->channel, "slack") == 0)
		ok = slack_attempt(&t, d, e);
	else
		ok = directory_attempt(&t, d, e);
	arena_release(&a);
	return ok;
}

static bool deliver_audience(struct run *r, struct arena *a, struct err *e)
{
	struct db *db = r->o->db;
	struct deliveries rows = {0};
	if (!outbox_list(db, r->o->week, r->audience->name, a, &r->before, e) || !plan(r, a, e) ||
	    !digests_artefacts(db, r->digest.id, a, &r->files, e) ||
	    !outbox_list(db, r->o->week, r->audience->name, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		if (wanted(r, &rows.v[i]) && *r->left > 0 && !attempt(r, &rows.v[i], e))
			return err_wrap(e, "delivery to %s %s", rows.v[i].channel,
					rows.v[i].recipient);
	return true;
}

static bool was_sent(const struct run *r, const struct delivery *d)
{
	for (size_t i = 0; i < r->before.n; i++)
		if (r->before.v[i].id == d->id)
			return r->before.v[i].state == OUTBOX_SENT;
	return false;
}

static bool count(const struct run *r, struct arena *a, struct deliver_result *out, struct err *e)
{
	struct deliveries rows = {0};
	if (!outbox_list(r->o->db, r->o->week, r->audience->name, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		switch (rows.v[i].state) {
		case OUTBOX_SENT:
			++*(was_sent(r, &rows.v[i]) ? &out->skipped : &out->sent);
			break;
		case OUTBOX_REFUSED:
			out->refused++;
			break;
		case OUTBOX_UNKNOWN:
		case OUTBOX_SENDING:
			out->unknown++;
			break;
		case OUTBOX_WAITING:
			out->waiting++;
			break;
		}
	}
	return true;
}

bool deliver_run(const struct deliver_opts *o, struct arena *a, struct deliver_result *out,
		 struct err *e)
{
	int64_t recovered, left = o->cfg->limits.messages_per_run;
	struct deliver_result total = {0};
	VEC(struct run) runs = {0};
	for (size_t i = 0; i < o->cfg->audiences.n; i++) {
		struct run r = {.o = o, .audience = &o->cfg->audiences.v[i], .left = &left};
		bool found;
		if (o->audience && strcmp(o->audience, r.audience->name) != 0)
			continue;
		if (!digests_get(o->db, o->week, r.audience->name, a, &r.digest, &found, e))
			return false;
		if (!found)
			return err_set(
				e, ERR_USAGE,
				"no digest of %s is frozen for audience \"%s\"; run \"sitrep "
				"digest --week %s\" first",
				o->week, r.audience->name, o->week);
		vec_push(a, &runs, r);
	}
	if (o->audience && runs.n == 0)
		return err_set(e, ERR_USAGE, "the configuration has no audience \"%s\"",
			       o->audience);
	if (!outbox_recover(o->db, clock_now(o->clock), &recovered, e))
		return false;
	for (size_t i = 0; i < runs.n; i++)
		if (!deliver_audience(&runs.v[i], a, e) || !count(&runs.v[i], a, &total, e))
			return false;
	*out = total;
	return true;
}

bool deliver_operator(const struct deliver_opts *o, const char *subject, const char *text,
		      struct err *e)
{
	struct arena a = {0};
	struct err other = {0};
	bool ok = true;
	if (o->cfg->operator_.email.set)
		ok = email_notice(o, &o->cfg->operator_.email, subject, text, &a, e);
	if (o->cfg->operator_.slack.set &&
	    !slack_notice(o, &o->cfg->operator_.slack, subject, text, &a, &other))
		ok = err_set(e, other.kind, "%s", other.msg);
	arena_release(&a);
	return ok;
}
