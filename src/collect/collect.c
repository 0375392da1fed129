#include "collect/collect.h"

#include "base/log.h"
#include "base/text.h"
#include "base/parse.h"
#include "collect/doubt.h"
#include "collect/kept.h"
#include "collect/scans_source.h"
#include "collect/sources.h"
#include "store/ledger.h"

struct part *collect_part(struct collect *c, const char *source, const char *name,
			  const char *affects)
{
	struct part *p = arena_new(c->a, struct part);
	p->c = c;
	p->rate_left = NUM_NONE;
	p->l = (struct ledger){.week = c->week.name,
			       .source = source,
			       .part = name,
			       .status = LEDGER_COMPLETE,
			       .expected = NUM_NONE,
			       .as_of_s = clock_now(c->clock),
			       .affects = affects};
	vec_push(c->a, &c->parts, p);
	return p;
}

/* Answers come in any order when several requests are under way; the reason that is kept must not
 * depend on it, or the same week would give two digests. */
PRINTF_LIKE(3, 0)
static void mark(struct part *p, enum ledger_status status, const char *fmt, va_list ap)
{
	const char *reason = text_line(p->c->a, arena_vprintf(p->c->a, fmt, ap), 400);
	bool graver = p->l.status == LEDGER_COMPLETE ||
		      (status == LEDGER_FAILED && p->l.status != LEDGER_FAILED);
	p->failures++;
	if (graver || (status == p->l.status && strcmp(reason, p->l.reason) < 0))
		p->l.reason = reason;
	if (graver)
		p->l.status = status;
	log_debug("collect", "%s %s: %s", p->l.source, p->l.part, reason);
}

void collect_fail(struct part *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	mark(p, LEDGER_FAILED, fmt, ap);
	va_end(ap);
}

void collect_short(struct part *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	mark(p, LEDGER_PARTIAL, fmt, ap);
	va_end(ap);
}

void collect_not_enabled(struct part *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	mark(p, LEDGER_NOT_ENABLED, fmt, ap);
	va_end(ap);
}

void collect_not_built(struct collect *c, const char *source, const char *name, const char *affects)
{
	collect_not_enabled(collect_part(c, source, name, affects),
			    "not collected by this version");
}

void collect_got(struct part *p, int64_t rows)
{
	p->l.received += rows;
}

void collect_expect(struct part *p, int64_t rows)
{
	p->l.expected = (p->l.expected == NUM_NONE ? 0 : p->l.expected) + rows;
}

int64_t *collect_budget(struct collect *c)
{
	int64_t *b = arena_new(c->a, int64_t);
	*b = c->cfg->limits.requests_per_source;
	return b;
}

struct call {
	struct part *p;
	const char *key; /* of the kept answer; NULL: none is kept */
	collect_handler f;
	void *ctx;
};

static void note_rate(struct part *p, const struct http_response *r)
{
	const char *left = http_header(r, "x-ratelimit-remaining");
	int64_t n;
	if (!left)
		left = http_header(r, "x-sentry-rate-limit-remaining");
	if (left && parse_i64(left, &n) && n >= 0)
		p->rate_left = n;
}

static bool hand_on(const struct call *call, const struct http_response *r, struct err *e)
{
	struct part *p = call->p;
	struct http_response whole;
	bool again;
	if (!kept_answer(p->c, call->key, r, &whole, &again, e))
		return false;
	if (again) {
		p->spared++;
		if (p->budget) /* what costs the service's limit nothing costs ours nothing */
			++*p->budget;
	}
	return call->f(p, &whole, call->ctx, e) &&
	       (again || kept_keep(p->c, call->key, p->l.source, r, e));
}

static bool on_answer(const struct http_response *r, void *ctx, struct err *e)
{
	const struct call *call = ctx;
	struct part *p = call->p;
	p->l.requests += r->tries;
	p->l.retries += MAX(r->tries - 1, 0);
	p->l.bytes += r->wire_bytes;
	p->l.as_of_s = clock_now(p->c->clock);
	note_rate(p, r);
	bool ok = hand_on(call, r, e);
	arena_reset(&p->c->scratch);
	if (!ok) {
		db_rollback(p->c->db);
		return err_wrap(e, "%s %s", p->l.source, p->l.part);
	}
	BUG_ON(db_in_transaction(p->c->db));
	p->under_way--;
	if (p->c->progress)
		p->c->progress(p->c, p->c->progress_ctx);
	return true;
}

void collect_submit_for(struct part *p, const struct http_request *rq, const char *who,
			collect_handler f, void *ctx)
{
	struct http_request mine = *rq;
	struct call *call = arena_new(p->c->a, struct call);
	struct kept_ask ask = {.headers = rq->headers};
	struct err e = {0};
	/* What cannot be looked up is asked for whole; a store that fails is heard of elsewhere. */
	if (!kept_ask(p->c, rq, who, &ask, &e))
		log_debug("collect", "%s %s: %s", p->l.source, p->l.part, e.msg);
	*call = (struct call){p, ask.key, f, ctx};
	mine.headers = ask.headers;
	mine.budget = p->budget;
	p->under_way++;
	http_submit(p->c->http, &mine, on_answer, call);
}

void collect_submit(struct part *p, const struct http_request *rq, collect_handler f, void *ctx)
{
	collect_submit_for(p, rq, rq->bearer ? rq->bearer : "", f, ctx);
}

void collect_carry(struct part *p, const struct ledger *earlier)
{
	p->l.status = earlier->status;
	p->l.expected = earlier->expected;
	p->l.received = earlier->received;
	p->l.as_of_s = earlier->as_of_s;
	p->l.reason = arena_strdup(p->c->a, earlier->reason);
	p->l.affects = arena_strdup(p->c->a, earlier->affects);
}

void collect_fact_at_end(struct collect *c, const struct fact *f)
{
	vec_push(c->a, &c->at_end, *f);
}

/* --- the table of sources --- */

static bool seed_sentry(struct collect *c, size_t i, struct err *e)
{
	return sentry_seed(c, &c->cfg->sentry.v[i], e);
}

static bool seed_github(struct collect *c, size_t i, struct err *e)
{
	return github_seed(c, &c->cfg->github.v[i], e);
}

static bool seed_aws(struct collect *c, size_t i, struct err *e)
{
	return aws_seed(c, &c->cfg->aws.v[i], e);
}

static bool seed_scans(struct collect *c, size_t i, struct err *e)
{
	return scans_source_seed(c, &c->cfg->scans.v[i], e);
}

static bool seed_status_page(struct collect *c, size_t i, struct err *e)
{
	return status_page_seed(c, &c->cfg->status_page.v[i], e);
}

static bool seed_slack(struct collect *c, size_t i, struct err *e)
{
	return slack_seed(c, &c->cfg->slack.v[i], e);
}

#define COUNT_AND_NAME(kind)                                                                       \
	static size_t count_##kind(const struct config *c)                                         \
	{                                                                                          \
		return c->kind.n;                                                                  \
	}                                                                                          \
	static const char *name_##kind(const struct config *c, size_t i)                           \
	{                                                                                          \
		return c->kind.v[i].name;                                                          \
	}
COUNT_AND_NAME(sentry)
COUNT_AND_NAME(github)
COUNT_AND_NAME(aws)
COUNT_AND_NAME(scans)
COUNT_AND_NAME(status_page)
COUNT_AND_NAME(slack)

static const struct source_kind {
	size_t (*count)(const struct config *c);
	const char *(*name)(const struct config *c, size_t i);
	bool (*seed)(struct collect *c, size_t i, struct err *e);
} kinds[] = {
	{count_sentry, name_sentry, seed_sentry},
	{count_github, name_github, seed_github},
	{count_aws, name_aws, seed_aws},
	{count_scans, name_scans, seed_scans},
	{count_slack, name_slack, seed_slack},
	{count_status_page, name_status_page, seed_status_page},
};

static bool seed_all(struct collect *c, const char *only, struct err *e)
{
	struct sb names;
	bool found = !only;
	sb_init(&names, &c->scratch, 4096);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t i = 0; i < kinds[k].count(c->cfg); i++) {
			const char *name = kinds[k].name(c->cfg, i);
			sb_addf(&names, "%s\"%s\"", names.len ? ", " : "", name);
			if (only && !text_eq(only, name))
				continue;
			found = true;
			if (!kinds[k].seed(c, i, e))
				return err_wrap(e, "source \"%s\"", name);
		}
	}
	if (!found) {
		const char *known = sb_finish(&names, NULL, &(struct err){0});
		return err_set(e, ERR_USAGE, "no source \"%s\" in %s; there %s", only, c->cfg->path,
			       !known || !*known ? "is none"
						 : arena_printf(&c->scratch, "is %s", known));
	}
	return true;
}

/* A part whose every answer was lost is failed, whatever the single reasons were called. */
static void settle(struct part *p)
{
	if (p->l.status == LEDGER_PARTIAL && p->l.received == 0 && p->l.expected != 0 &&
	    !p->optional)
		p->l.status = LEDGER_FAILED;
	if (p->l.reason && p->failures > 1)
		p->l.reason = arena_printf(p->c->a, "%s (and %lld more)", p->l.reason,
					   (long long)p->failures - 1);
}

static bool write_ledger(struct collect *c, bool whole, struct collect_result *out, struct err *e)
{
	struct collect_result sum = {0};
	if (!db_begin(c->db, e))
		return false;
	for (size_t i = 0; i < c->parts.n; i++) {
		struct part *p = c->parts.v[i];
		settle(p);
		if (!doubt_zero(p, e)) {
			db_rollback(c->db);
			return false;
		}
		switch (p->l.status) {
		case LEDGER_COMPLETE:
			sum.complete++;
			break;
		case LEDGER_PARTIAL:
			sum.partial++;
			break;
		case LEDGER_FAILED:
			sum.failed++;
			break;
		case LEDGER_NOT_ENABLED:
			sum.not_enabled++;
			break;
		}
		if (!ledger_put(c->db, &p->l, c->run_id, e)) {
			db_rollback(c->db);
			return false;
		}
	}
	for (size_t i = 0; whole && i < c->at_end.n; i++) {
		if (!facts_put(c->db, &c->at_end.v[i], e)) {
			db_rollback(c->db);
			return false;
		}
	}
	if (!db_commit(c->db, e))
		return false;
	*out = sum;
	return true;
}

void collect_later(struct collect *c, bool (*f)(void *ctx, struct err *e), void *ctx)
{
	vec_push(c->a, &c->later, ((struct collect_more){f, ctx}));
}

static bool second_round(struct collect *c, struct err *e)
{
	for (size_t i = 0; i < c->later.n; i++) {
		bool ok = c->later.v[i].f(c->later.v[i].ctx, e);
		arena_reset(&c->scratch);
		if (!ok)
			return false;
	}
	return c->later.n == 0 || http_run(c->http, e);
}

bool collect_run(struct collect *c, const char *only, struct collect_result *out, struct err *e)
{
	bool ok = seed_all(c, only, e) && http_run(c->http, e) && second_round(c, e) &&
		  kept_end(c, e);
	/* What a part still waits for when the loop stopped early was lost with it. */
	for (size_t i = 0; i < c->parts.n; i++)
		if (c->parts.v[i]->under_way > 0)
			collect_short(c->parts.v[i], "the collection was stopped");
	struct err second = {0};
	bool written = write_ledger(c, ok, out, ok ? e : &second);
	kept_release(c);
	arena_release(&c->scratch);
	return ok && written;
}
