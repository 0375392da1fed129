#include "services/aws.h"

#include "base/text.h"

/* Synthetics: a canary for three of the sites, a run every five minutes, failed while its site is
 * down. Runs come newest first, without a filter. */

enum { EVERY_S = 300, RUNS_PAGE = 100 };

bool synthetics_path(const char *path)
{
	return text_eq(path, "/canaries") || text_starts(path, "/canary/");
}

static void list_canaries(struct call *c)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "Canaries");
	for (int i = 0; c->env == 0 && i < ESTATE_SITES; i++) {
		if (!estate_sites[i].canary)
			continue;
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "Id", arena_printf(c->a, "a1b2c3d4-5678-90ab-cdef-00000000000%d", i));
		jw_str(w, "Name", estate_sites[i].canary);
		jw_str(jw_add_obj(w, "Schedule"), "Expression", "rate(5 minutes)");
		jw_str(jw_add_obj(w, "Status"), "State", "RUNNING");
		jw_f64(jw_add_obj(w, "Timeline"), "Created", 1728998715.168);
	}
	jw_null(o, "NextToken");
	answer_json(c->q, c->r, o);
}

static void runs(struct call *c, int site)
{
	const struct estate *s = c->q->c->estate;
	size_t start = aws_token_start(c, "NextToken");
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "CanaryRuns");
	for (size_t i = start; i < start + RUNS_PAGE; i++) {
		int64_t t = (s->now_s / EVERY_S - (int64_t)i) * EVERY_S;
		bool failed = estate_minutes_down(s, site, t, t + EVERY_S) > 0;
		const char *id = arena_printf(c->a, "a1b2c3d4-5678-90ab-cdef-%012llx",
					      (unsigned long long)t);
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "Id", id);
		jw_str(w, "ScheduledRunId", id);
		jw_i64(w, "RetryAttempt", 0);
		jw_str(w, "Name", estate_sites[site].canary);
		struct jw *status = jw_add_obj(w, "Status");
		jw_str(status, "State", failed ? "FAILED" : "PASSED");
		jw_str(status, "StateReason",
		       failed ? "TimeoutError: Navigation timeout of 30000 ms exceeded" : "");
		struct jw *times = jw_add_obj(w, "Timeline");
		jw_f64(times, "Started", (double)t + 1.5);
		jw_f64(times, "Completed", (double)t + 20.25);
	}
	aws_token_next(c, o, "NextToken", start + RUNS_PAGE, SIZE_MAX);
	answer_json(c->q, c->r, o);
}

void synthetics_serve(struct call *c)
{
	if (text_eq(c->q->path, "/canaries")) {
		list_canaries(c);
		return;
	}
	for (int i = 0; c->env == 0 && i < ESTATE_SITES; i++) {
		if (!estate_sites[i].canary ||
		    !text_eq(c->q->path,
			     arena_printf(c->a, "/canary/%s/runs", estate_sites[i].canary)))
			continue;
		runs(c, i);
		return;
	}
	answer_header(c->r, "x-amzn-ErrorType", "ResourceNotFoundException:http://example.org/");
	answer_error(c->q, c->r, 404, "message", "no such canary");
}
