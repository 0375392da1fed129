#include "collect/github.h"

#include "base/text.h"

/* A workflow that runs again is seen in the list of runs: its own is asked for rarely. */
#define AGAIN_S ((int64_t)60 * 86400)

struct silence_ask {
	struct gh_repo *repo;
	const char *key; /* of the workflow */
};

static bool on_silent(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct silence_ask *q = ctx;
	struct github *g = q->repo->g;
	struct collect *c = p->c;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why;
	int64_t at[CI_RHYTHM];
	size_t n = 0;
	const char *what =
		arena_printf(&c->scratch, "%s: runs of workflow %s", q->repo->rec.name, q->key);
	if (!gh_json(g, q->repo->token, r, what, "Actions: read", &j, &why, e)) {
		if (!why)
			return false;
		gh_optional_lost(&g->schedules, r, why);
		return true;
	}
	struct jv root = json_root(j);
	bool ok = json_arr(&root, "workflow_runs", &rows, &bad);
	for (struct jv it = ok ? json_first(&rows) : (struct jv){0}; ok && it.n;
	     it = json_next(&it)) {
		struct rec_run run;
		ok = gh_parse_run(&it, &q->repo->rec, &c->scratch, &run, &bad);
		if (ok && text_eq(run.event, "schedule") && n < CI_RHYTHM)
			at[n++] = run.created_s;
	}
	if (!ok) {
		gh_optional_lost(&g->schedules, r,
				 arena_printf(&c->scratch, "%s: %s", what, bad.msg));
		return true;
	}
	struct rec_workflow w = {.source = q->repo->rec.source,
				 .key = q->key,
				 .scheduled = n > 0,
				 .last_schedule_s = n ? at[0] : TIME_NONE,
				 .schedule_gap_s = ci_rhythm(at, n)};
	gh_optional_got(&g->schedules);
	return db_begin(c->db, e) && ci_put_silence(c->db, &w, clock_now(c->clock), e) &&
	       db_commit(c->db, e);
}

bool gh_schedules_start(struct gh_repo *repo, struct err *e)
{
	struct github *g = repo->g;
	struct collect *c = g->c;
	struct strv keys;
	if (!ci_silent(c->db, repo->rec.source, repo->rec.name, clock_now(c->clock) - AGAIN_S, c->a,
		       &keys, e))
		return false;
	for (size_t i = 0; i < keys.n; i++) {
		struct silence_ask *q = arena_new(c->a, struct silence_ask);
		*q = (struct silence_ask){repo, keys.v[i]};
		gh_optional_asked(&g->schedules);
		/* Unfiltered, like the runs of the repository. */
		gh_get(g, repo->token, g->schedules.p,
		       gh_url(repo, arena_printf(c->a,
						 "/actions/workflows/%s/runs?per_page=%d"
						 "&exclude_pull_requests=true",
						 page_encode(&c->scratch, q->key), CI_RHYTHM)),
		       on_silent, q);
	}
	return true;
}
