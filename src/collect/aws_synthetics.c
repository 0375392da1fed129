#include "collect/aws_cloudwatch.h"

#include "base/text.h"
#include "store/series.h"

#include <math.h>

/* Canaries: how many of their runs passed in the week. CloudWatch counts that in one request for
 * all of them; the runs themselves (a hundred a page, newest first, no filter) are asked for where
 * it does not know, where a retry may make a failure good, and for the reason of a failure. */

static const struct aws_service service = {.host = "synthetics",
					   .signing = "synthetics",
					   .type = "application/json",
					   .env = "SYNTHETICS"};

#define PER_PAGE     100
#define MOST_PAGES   60 /* of one canary's runs: three weeks of one every five minutes */
#define REASON_PAGES 40 /* of a source, only for why: two canaries' weeks at five minutes */
#define SOON_S	     (8 * INT64_C(86400)) /* after its end a week is still near the list's top */
#define LIST_PAGE    20

struct canary {
	struct canaries *all;
	struct canary_week row;
	bool retries; /* a failed run is tried again */
	struct cw_line lines[2]; /* average and number of samples of SuccessPercent */
	struct cw_result average, samples;
	bool measured; /* by the metric */
	struct page_walk walk;
	struct keys runs; /* scheduled runs in the week: struct scheduled */
	VEC(struct scheduled *) list;
	bool walked; /* back to the week's start */
	const char *why; /* its runs could not be read */
};

struct scheduled { /* a run and its retries */
	bool passed, failed;
	int64_t started_s;
	const char *reason;
};

struct canaries {
	struct aws *s;
	struct part *p;
	struct page_walk walk;
	VEC(struct canary *) list;
	bool listed;
	size_t waiting;
	struct cw_widget w; /* carries the lines of one metric data call */
	const char *no_data; /* why there is no metric data */
	size_t reason_pages;
	struct strv affected;
};

static void touched(struct canaries *x, const char *id)
{
	struct sb all;
	for (size_t i = 0; i < x->affected.n; i++)
		if (!strcmp(x->affected.v[i], id))
			return;
	vec_push(x->s->c->a, &x->affected, id);
	sb_init(&all, x->s->c->a, SIZE_MAX / 8);
	for (size_t i = 0; i < x->affected.n; i++)
		sb_addf(&all, "%s%s", i ? " " : "", x->affected.v[i]);
	x->p->l.affects = sb_str(&all);
}

/* --- storing --- */

static void count_runs(struct canary *k)
{
	int64_t runs = 0, failed = 0;
	for (size_t i = 0; i < k->list.n; i++) {
		const struct scheduled *r = k->list.v[i];
		if (!r->passed && !r->failed)
			continue; /* under way */
		runs++;
		failed += !r->passed;
		if (!r->passed && r->reason &&
		    (k->row.failed_s == TIME_NONE || r->started_s > k->row.failed_s)) {
			k->row.failed_s = r->started_s;
			k->row.reason = r->reason;
		}
	}
	/* Runs are kept for as long as the canary says; CloudWatch may know of more. */
	bool better = k->walked && (!k->measured || k->retries) &&
		      (!k->measured || runs >= k->row.runs || k->row.runs == NUM_NONE);
	if (!better)
		return;
	k->row.runs = runs, k->row.failed = failed;
	k->row.percent = runs ? 100.0 * (double)(runs - failed) / (double)runs : NAN;
	k->row.basis = "runs";
}

static bool put_series(struct canary *k, struct err *e)
{
	struct collect *c = k->all->s->c;
	struct rec_series x = {.source = k->row.source,
			       .kind = "canary",
			       .board = "Synthetics",
			       .panel = k->row.name,
			       .label = "",
			       .unit = "Percent",
			       .statistic = "Average",
			       .url = k->row.url,
			       .period_s = 3600,
			       .week = c->week.name,
			       .status = k->measured ? LEDGER_COMPLETE : LEDGER_FAILED,
			       .reason = k->measured ? NULL : k->all->no_data};
	for (size_t i = 0; i < k->all->list.n; i++)
		x.position += k->all->list.v[i] == k
				      ? 0
				      : strcmp(k->all->list.v[i]->row.name, k->row.name) < 0;
	x.points.v = k->average.points.v;
	x.points.n = x.points.cap = k->average.points.n;
	return series_put(c->db, &x, c->week.from_s, c->week.to_s, clock_now(c->clock), e);
}

static bool store(struct canaries *x, struct err *e)
{
	struct collect *c = x->s->c;
	const char *source = x->s->cfg->name;
	if (!db_begin(c->db, e))
		return false;
	if (x->listed && (!watch_forget_canaries(c->db, c->week.name, source, e) ||
			  !series_forget(c->db, c->week.name, source, "canary", e)))
		return false;
	for (size_t i = 0; i < x->list.n; i++) {
		struct canary *k = x->list.v[i];
		count_runs(k);
		if (k->row.basis)
			collect_got(x->p, 1);
		else
			touched(x, watch_availability_id(
					   c->a, watch_canary_service(c->cfg, k->row.name)));
		if (k->why && !k->row.basis)
			collect_short(x->p, "canary %s: %s%s%s", k->row.name,
				      x->no_data ? x->no_data : "CloudWatch has no figures of it",
				      "; its runs: ", k->why);
		if (!watch_put_canary(c->db, &k->row, clock_now(c->clock), e) ||
		    ((k->average.points.n > 0 || k->measured) && !put_series(k, e)))
			return false;
	}
	return db_commit(c->db, e);
}

static bool ready(struct canaries *x, struct err *e)
{
	return --x->waiting > 0 || store(x, e);
}

/* --- runs --- */

static const char *text_member(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	return json_is_null(&v) ? NULL : json_text(&v, a);
}

static void read_run(struct canary *k, const struct jv *v, int64_t *started_s)
{
	struct collect *c = k->all->s->c;
	struct jv status = json_get(v, "Status"), times = json_get(v, "Timeline");
	struct err ignored = {0};
	const char *id = text_member(v, "ScheduledRunId", &c->scratch),
		   *state = text_member(&status, "State", &c->scratch),
		   *reason = text_member(&status, "StateReason", &c->scratch);
	if (!json_epoch_opt(&times, "Started", started_s, &ignored))
		*started_s = TIME_NONE;
	if (!id)
		id = text_member(v, "Id", &c->scratch);
	if (!id || !state || *started_s == TIME_NONE || *started_s < c->week.from_s ||
	    *started_s >= c->week.to_s)
		return;
	struct scheduled *r = keys_get(&k->runs, id);
	if (!r) {
		r = arena_new(c->a, struct scheduled);
		keys_put(&k->runs, c->a, arena_strdup(c->a, id), r);
		vec_push(c->a, &k->list, r);
	}
	r->passed |= !strcmp(state, "PASSED");
	if (!strcmp(state, "FAILED")) {
		r->failed = true;
		if (*started_s >= r->started_s && reason && *reason)
			r->reason = text_line(c->a, reason, 200);
	}
	r->started_s = MAX(r->started_s, *started_s);
}

static size_t failures(const struct canary *k)
{
	size_t n = 0;
	for (size_t i = 0; i < k->list.n; i++)
		n += k->list.v[i]->failed && !k->list.v[i]->passed;
	return n;
}

static void ask_runs(struct canary *k, const char *token);

static bool on_runs(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct canary *k = ctx;
	struct arena *scratch = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	if (!aws_json(r, "synthetics:GetCanaryRuns", scratch, &j, &why)) {
		k->why = arena_strdup(p->c->a, why);
		return ready(k->all, e);
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "CanaryRuns", &rows, &bad)) {
		k->why = arena_strdup(p->c->a, bad.msg);
		return ready(k->all, e);
	}
	int64_t oldest = TIME_NONE;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
		int64_t started = TIME_NONE;
		read_run(k, &it, &started);
		if (started != TIME_NONE)
			oldest = started; /* of the last run: newest come first */
	}
	enum page_next next = page_aws(&root, "NextToken", scratch, &token);
	if (oldest != TIME_NONE && oldest < p->c->week.from_s)
		next = PAGE_END;
	/* All that is wanted may be the reasons of the failures that CloudWatch counted. */
	bool enough =
		k->measured && !k->retries &&
		(++k->all->reason_pages >= REASON_PAGES || failures(k) >= (size_t)k->row.failed);
	next = page_step(p, &k->walk, enough ? PAGE_END : next, token,
			 arena_printf(scratch, "runs of canary %s", k->row.name));
	if (next == PAGE_MORE && k->walk.seen.n < MOST_PAGES) {
		ask_runs(k, token);
		return true;
	}
	if (next == PAGE_MORE)
		k->why =
			arena_printf(p->c->a, "more than %d since the week", MOST_PAGES * PER_PAGE);
	k->walked = next == PAGE_END && !enough;
	return ready(k->all, e);
}

static void ask_runs(struct canary *k, const char *token)
{
	struct jw *body = jw_obj();
	jw_i64(body, "MaxResults", PER_PAGE);
	if (token)
		jw_str(body, "NextToken", token);
	struct aws_request rq = {
		.service = &service,
		.op = "GetCanaryRuns",
		.path = arena_printf(k->all->s->c->a, "canary/%s/runs", k->row.name),
		.body = body};
	aws_submit(k->all->s, k->all->p, &rq, on_runs, k);
}

/* --- the metric --- */

static void measure(struct canary *k)
{
	double sum = 0, n = 0, plain = 0;
	const struct cw_result *avg = &k->average, *cnt = &k->samples;
	for (size_t i = 0; i < avg->points.n; i++) {
		double weight = 0;
		for (size_t m = 0; m < cnt->points.n; m++)
			if (cnt->points.v[m].at_s == avg->points.v[i].at_s)
				weight = cnt->points.v[m].value;
		sum += avg->points.v[i].value * weight;
		plain += avg->points.v[i].value;
		n += weight;
	}
	if (avg->points.n == 0)
		return;
	double percent = n > 0 ? sum / n : plain / (double)avg->points.n;
	if (percent < 0 || percent > 100 + 1e-9)
		return; /* no percentage: the runs will tell */
	k->measured = true;
	k->row.percent = MIN(percent, 100.0);
	k->row.basis = "metric";
	if (n > 0) {
		k->row.runs = llround(n);
		k->row.failed = llround(n * (100 - percent) / 100);
	}
}

static bool on_data(struct cw_data *d, const char *why, bool refused UNUSED, struct err *e)
{
	struct canary **v = d->ctx;
	struct canaries *x = v[0]->all;
	for (size_t i = 0; i < d->q.n; i++) {
		struct canary *k = v[i / 2];
		const struct cw_query *q = &d->q.v[i];
		bool whole =
			!why && q->results.n == 1 &&
			(!q->results.v[0].status || !strcmp(q->results.v[0].status, "Complete")) &&
			!q->results.v[0].wrong;
		if (whole)
			*(i % 2 ? &k->samples : &k->average) = q->results.v[0];
	}
	if (why)
		x->no_data = arena_strdup(x->s->c->a, why);
	for (size_t i = 0; i < d->q.n / 2; i++) {
		struct canary *k = v[i];
		measure(k);
		bool soon = clock_now(x->s->c->clock) - x->s->c->week.to_s < SOON_S;
		if (k->measured && (!soon || (!k->retries && k->row.failed == 0)))
			continue;
		if (k->row.name[strspn(k->row.name, "abcdefghijklmnopqrstuvwxyz0123456789_-")]) {
			k->why = "its name is none that Synthetics allows";
			continue;
		}
		x->waiting++;
		ask_runs(k, NULL);
	}
	return ready(x, e);
}

static void ask_metrics(struct canaries *x)
{
	struct collect *c = x->s->c;
	for (size_t from = 0; from < x->list.n; from += CW_QUERIES / 2) {
		size_t n = MIN(x->list.n - from, (size_t)CW_QUERIES / 2);
		struct cw_data *d = arena_new(c->a, struct cw_data);
		*d = (struct cw_data){.s = x->s,
				      .p = x->p,
				      .from_s = c->week.from_s,
				      .to_s = c->week.to_s,
				      .done = on_data,
				      .ctx = x->list.v + from};
		int64_t period = cloudwatch_period(3600, d->from_s, d->to_s, clock_now(c->clock));
		for (size_t i = 0; i < 2 * n; i++) {
			struct canary *k = x->list.v[from + i / 2];
			struct cw_line *l = &k->lines[i % 2];
			*l = (struct cw_line){.space = "CloudWatchSynthetics",
					      .metric = "SuccessPercent",
					      .stat = i % 2 ? "SampleCount" : "Average"};
			vec_push(c->a, &l->dims, "CanaryName");
			vec_push(c->a, &l->dims, k->row.name);
			struct cw_query q = {
				.line = l, .period_s = period, .id = arena_printf(c->a, "m%zu", i)};
			vec_push(c->a, &d->q, q);
		}
		x->waiting++;
		cloudwatch_data(d);
	}
}

/* --- the list --- */

static void ask_list(struct canaries *x, const char *token);

static bool read_canary(struct canaries *x, const struct jv *v, struct err *e)
{
	struct collect *c = x->s->c;
	struct arena *a = c->a;
	const char *region = x->s->cfg->region;
	struct canary *k = arena_new(a, struct canary);
	struct jv status = json_get(v, "Status"), schedule = json_get(v, "Schedule"),
		  retry = json_get(&schedule, "RetryConfig");
	int64_t retries = NUM_NONE;
	struct err ignored = {0};
	k->all = x;
	k->row = (struct canary_week){.source = x->s->cfg->name,
				      .week = c->week.name,
				      .runs = NUM_NONE,
				      .failed = NUM_NONE,
				      .failed_s = TIME_NONE,
				      .percent = NAN};
	if (!json_str(v, "Name", a, &k->row.name, e))
		return false;
	k->row.state = text_member(&status, "State", a);
	k->row.schedule = text_member(&schedule, "Expression", a);
	if (!text_starts(region, "cn-"))
		k->row.url = arena_printf(a,
					  "https://%s.console.aws.amazon.com/cloudwatch/"
					  "home?region=%s#synthetics:canary/detail/%s",
					  region, region, page_encode(a, k->row.name));
	k->retries = json_i64_opt(&retry, "MaxRetries", &retries, &ignored) &&
		     retries != NUM_NONE && retries > 0;
	vec_push(a, &x->list, k);
	return true;
}

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct canaries *x = ctx;
	struct arena *scratch = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	bool first = x->walk.seen.n == 0;
	enum page_next next = PAGE_CUT;
	if (!aws_json(r, "synthetics:DescribeCanaries", scratch, &j, &why)) {
		first ? collect_fail(p, "%s", why) : collect_short(p, "%s", why);
	} else {
		struct jv root = json_root(j);
		if (!json_arr_opt(&root, "Canaries", &rows, &bad)) {
			collect_fail(p, "canaries: %s", bad.msg);
			return true;
		}
		collect_expect(p, (int64_t)json_count(&rows));
		for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
			if (read_canary(x, &it, &bad))
				continue;
			touched(x, "availability.");
			collect_short(p, "a canary could not be read: %s", bad.msg);
		}
		next = page_aws(&root, "NextToken", scratch, &token);
		next = page_step(p, &x->walk, next, token, "canaries");
	}
	if (next == PAGE_MORE) {
		ask_list(x, token);
		return true;
	}
	x->listed = next == PAGE_END;
	if (!x->listed)
		touched(x, "availability.");
	ask_metrics(x);
	return ready(x, e);
}

static void ask_list(struct canaries *x, const char *token)
{
	struct jw *body = jw_obj();
	jw_i64(body, "MaxResults", LIST_PAGE);
	if (token)
		jw_str(body, "NextToken", token);
	struct aws_request rq = {
		.service = &service, .op = "DescribeCanaries", .path = "canaries", .body = body};
	aws_submit(x->s, x->p, &rq, on_list, x);
}

bool aws_synthetics_start(struct aws *s, struct part *p, struct err *e UNUSED)
{
	struct canaries *x = arena_new(s->c->a, struct canaries);
	/* The list itself is waited for, too. */
	*x = (struct canaries){.s = s, .p = p, .waiting = 1};
	ask_list(x, NULL);
	return true;
}
