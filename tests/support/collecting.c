#include "support/collecting.h"

#include "base/sb.h"
#include "store/store.h"

#include <fnmatch.h>

struct strv strv_of_(struct arena *a, const char *const *v, size_t n)
{
	struct strv out = {0};
	for (size_t i = 0; i < n; i++)
		vec_push(a, &out, v[i]);
	return out;
}

static const char *with_url(struct arena *a, const char *s, const char *url)
{
	const char *at = s ? strstr(s, "@URL@") : NULL;
	struct sb b;
	if (!at)
		return s;
	sb_init(&b, a, (size_t)1 << 24);
	for (; at; s = at + 5, at = strstr(s, "@URL@")) {
		sb_addn(&b, s, (size_t)(at - s));
		sb_add(&b, url);
	}
	sb_add(&b, s);
	return sb_str(&b);
}

static struct httpd_answer answer(const struct httpd_request *rq, struct arena *a, void *ctx)
{
	struct collecting *b = ctx;
	const char *target = arena_printf(a, "%s %s", rq->method, rq->target);
	if (++b->requests == b->fault)
		return b->fault_answer;
	for (const struct served *s = b->table; s && s->target; s++) {
		if (fnmatch(s->target, target, 0) != 0 ||
		    (s->in_body && !strstr(rq->body, s->in_body)))
			continue;
		const char **headers = arena_alloc_n(a, 2, sizeof(char *));
		headers[0] = with_url(a, s->header, b->url);
		return (struct httpd_answer){.status = s->status,
					     .body = with_url(a, s->body, b->url),
					     .headers = headers};
	}
	return (struct httpd_answer){.status = 404, .body = "{\"message\":\"no such thing\"}"};
}

/* One directory for all of a process's stores: fault loops make hundreds. */
static const char *fresh_store(struct arena *a)
{
	static char dir[64];
	static int n;
	if (!*dir)
		snprintf(dir, sizeof dir, "%s", test_dir(a));
	return arena_printf(a, "%s/%d.db", dir, n++);
}

void collecting_start(struct collecting *b)
{
	struct err e = {0};
	*b = (struct collecting){0};
	b->h = httpd_start();
	b->url = httpd_url(b->h);
	b->clock = (struct clock){.fixed = true, .fixed_s = WEEK_TO + 6 * 3600};
	b->cfg.path = "sitrep.yaml";
	b->cfg.limits.requests_per_source = 5000;
	httpd_on_any(b->h, answer, b);
	assert_ok(zone_open("Europe/London", &b->zone, &e), e);
	assert_ok(store_open(fresh_store(&b->a), STORE_WRITE, &b->db, &e), e);
}

void collecting_stop(struct collecting *b)
{
	httpd_stop(b->h);
	db_close(b->db);
	zone_free(b->zone);
	arena_release(&b->a);
}

void collecting_serve(struct collecting *b, const struct served *table)
{
	b->table = table;
	b->fault = b->requests = 0;
	httpd_forget(b->h);
}

void collecting_run(struct collecting *b)
{
	struct err e = {0};
	struct arena a = {0};
	CLEANUP(http_freep) struct http *http = NULL;
	struct http_opts o = {.concurrency = 1,
			      .timeout_s = 20,
			      .retries = b->retries,
			      .backoff_ms = 1,
			      .user_agent = "sitrep/test"};
	struct collect c = {.cfg = &b->cfg,
			    .db = b->db,
			    .a = &a,
			    .clock = &b->clock,
			    .zone = b->zone,
			    .version = "test"};
	assert_ok(week_parse(b->zone, "2026-W46", clock_now(&b->clock), &c.week, &e), e);
	assert_int_equal(c.week.from_s, WEEK_FROM);
	c.from_s = c.week.from_s - 2 * 86400;
	c.to_s = c.week.to_s;
	assert_ok(http_new(&o, &http, &e), e);
	c.http = http;
	assert_ok(collect_run(&c, NULL, &b->result, &e), e);
	assert_ok(ledger_list(b->db, "2026-W46", &b->a, &b->ledger, &e), e);
	arena_release(&a);
}

const struct ledger *collecting_ledger(const struct collecting *b, const char *part)
{
	for (size_t i = 0; i < b->ledger.n; i++)
		if (!strcmp(b->ledger.v[i].part, part))
			return &b->ledger.v[i];
	fail_msg("no part \"%s\" in the ledger", part);
	return NULL;
}

void assert_part(const struct collecting *b, const char *part, enum ledger_status status,
		 const char *reason)
{
	const struct ledger *l = collecting_ledger(b, part);
	if (l->status != status)
		fail_msg("%s is %s (%s), not %s", part, ledger_status_name(l->status),
			 l->reason ? l->reason : "no reason", ledger_status_name(status));
	if (!reason && l->reason)
		fail_msg("%s has the reason \"%s\"", part, l->reason);
	if (reason && (!l->reason || !strstr(l->reason, reason)))
		fail_msg("%s: \"%s\" is not in \"%s\"", part, reason,
			 l->reason ? l->reason : "(none)");
}

size_t collecting_asked(const struct collecting *b, const char *pattern)
{
	size_t n = 0;
	const struct httpd_request *rq;
	for (size_t i = 0; (rq = httpd_get(b->h, NULL, NULL, i)) != NULL; i++) {
		struct arena a = {0};
		n += fnmatch(pattern, arena_printf(&a, "%s %s", rq->method, rq->target), 0) == 0;
		arena_release(&a);
	}
	return n;
}

int64_t collecting_i64(const struct collecting *b, const char *sql)
{
	struct err e = {0};
	int64_t n = -1;
	assert_ok(db_i64(b->db, sql, &n, &e), e);
	return n;
}

const char *collecting_rows(struct collecting *b, const char *sql)
{
	struct err e = {0};
	struct sb out;
	CLEANUP(stmt_freep) struct stmt *s = db_prepare(b->db, sql, &e);
	assert_ok(s != NULL, e);
	sb_init(&out, &b->a, (size_t)1 << 20);
	for (bool row;;) {
		assert_ok(stmt_step(s, &row, &e), e);
		if (!row)
			break;
		for (int i = 0; i < stmt_cols(s); i++) {
			const char *v = stmt_col_text_at(s, i, &b->a);
			sb_addf(&out, "%s%s", i ? "|" : "", v ? v : "-");
		}
		sb_addc(&out, '\n');
	}
	return sb_str(&out);
}
