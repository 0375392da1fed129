#include "digest/coverage.h"

#include "base/text.h"

/* Whether the blank-separated prefixes of a part touch the number. A list may also name whole ids.
 */
static bool touches(const char *affects, const char *id)
{
	for (const char *p = affects; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (n > 0 && !strncmp(p, id, n))
			return true;
		p += n;
	}
	return false;
}

/* An account of one environment says nothing of the deployments of another. */
static bool other_environment(const struct config *cfg, const char *source, const char *id)
{
	const char *environment = NULL;
	for (size_t i = 0; i < cfg->aws.n; i++)
		if (text_eq(cfg->aws.v[i].name, source))
			environment = config_environment(cfg, cfg->aws.v[i].environment);
	if (!environment || !text_starts(id, "deployments."))
		return false;
	const char *rest = id + strlen("deployments."), *dot = strrchr(rest, '.');
	int rank = config_environment_rank(cfg, environment);
	if (!dot) /* the plain numbers are those of the first */
		return rank != 0;
	size_t n = (size_t)(dot - rest);
	if (n == 5 && !strncmp(rest, "other", n))
		return rank >= 0;
	return strlen(environment) != n || strncmp(rest, environment, n) != 0;
}

bool coverage_feeds(const struct ledger *l, const struct config *cfg, const char *id)
{
	return touches(l->affects, id) && !other_environment(cfg, l->source, id);
}

struct feed coverage_feed(const struct coverage *c, const struct config *cfg, const char *id)
{
	struct feed f = {0};
	for (size_t i = 0; i < c->parts.n; i++) {
		const struct ledger *l = &c->parts.v[i];
		if (!coverage_feeds(l, cfg, id))
			continue;
		f.complete += l->status == LEDGER_COMPLETE;
		f.partial += l->status == LEDGER_PARTIAL;
		f.failed += l->status == LEDGER_FAILED;
	}
	return f;
}

bool coverage_trusts(const struct coverage *c, const char *source, const char *prefix)
{
	bool failed = false;
	for (size_t i = 0; i < c->parts.n; i++) {
		const struct ledger *l = &c->parts.v[i];
		if (!text_eq(l->source, source) || !touches(l->affects, prefix))
			continue;
		if (l->status != LEDGER_FAILED)
			return true;
		failed = true;
	}
	return !failed;
}

static void never_asked(struct coverage *c, struct arena *a, const char *week, const char *source,
			const char *affects, int64_t now_s)
{
	for (size_t i = 0; i < c->parts.n; i++)
		if (text_eq(c->parts.v[i].source, source))
			return;
	struct ledger l = {.week = week,
			   .source = source,
			   .part = "all",
			   .status = LEDGER_FAILED,
			   .expected = NUM_NONE,
			   .as_of_s = now_s,
			   .reason = "not collected for this week",
			   .affects = affects};
	vec_push(a, &c->parts, l);
}

static const char *github_affects(const struct github_source *g, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 256);
	for (size_t i = 0; i < g->collect.n; i++) {
		const char *what = g->collect.v[i];
		sb_add(&b, text_eq(what, "actions")	  ? "ci. "
			   : text_eq(what, "deployments") ? "deployments. "
							  : "security. ");
	}
	if (g->scan_artifacts.n > 0)
		sb_add(&b, "security. ");
	return sb_str(&b);
}

static const char *aws_affects(const struct aws_source *w, struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 256);
	for (size_t i = 0; i < w->collect.n; i++) {
		const char *what = w->collect.v[i];
		if (text_eq(what, "ecr") || text_eq(what, "codedeploy") || text_eq(what, "ecs"))
			sb_add(&b, "deployments. ");
		else if (text_eq(what, "ecr_scans"))
			sb_add(&b, "security. ");
		else
			sb_add(&b, text_eq(what, "synthetics") ? "availability. " : "metrics. ");
	}
	return sb_str(&b);
}

bool coverage_load(const struct config *cfg, struct db *db, const char *week, int64_t now_s,
		   struct arena *a, struct coverage *out, struct err *e)
{
	struct coverage c = {0};
	if (!ledger_list(db, week, a, &c.parts, e))
		return false;
	for (size_t i = 0; i < cfg->sentry.n; i++)
		never_asked(&c, a, week, cfg->sentry.v[i].name, "errors.", now_s);
	for (size_t i = 0; i < cfg->github.n; i++)
		never_asked(&c, a, week, cfg->github.v[i].name,
			    github_affects(&cfg->github.v[i], a), now_s);
	for (size_t i = 0; i < cfg->aws.n; i++)
		never_asked(&c, a, week, cfg->aws.v[i].name, aws_affects(&cfg->aws.v[i], a), now_s);
	for (size_t i = 0; i < cfg->scans.n; i++)
		never_asked(&c, a, week, cfg->scans.v[i].name, "security.", now_s);
	for (size_t i = 0; i < cfg->status_page.n; i++)
		never_asked(&c, a, week, cfg->status_page.v[i].name, "availability.", now_s);
	for (size_t i = 0; i < cfg->slack.n; i++)
		never_asked(&c, a, week, cfg->slack.v[i].name, "", now_s);
	*out = c;
	return true;
}

static void join_part(struct coverage_row *r, const struct ledger *l, bool alone, struct arena *a)
{
	if (ledger_status_rank(l->status) > ledger_status_rank(r->status))
		r->status = l->status;
	r->as_of_s = MAX(r->as_of_s, l->as_of_s);
	r->received += l->received;
	if (l->expected != NUM_NONE)
		r->expected = (r->expected == NUM_NONE ? 0 : r->expected) + l->expected;
	if (!l->reason)
		return;
	const char *reason = text_line(a, l->reason, 400);
	if (r->reason && strstr(r->reason, reason)) /* all parts for one cause: said once */
		return;
	reason = alone ? reason : arena_printf(a, "%s: %s", l->part, reason);
	r->reason = r->reason ? arena_printf(a, "%s; %s", r->reason, reason) : reason;
}

void coverage_join(struct coverage *c, const struct config *cfg, const struct strv *ids,
		   struct arena *a)
{
	for (size_t i = 0; i < c->parts.n; i++) {
		const char *source = c->parts.v[i].source;
		struct coverage_row r = {.source = source,
					 .status = LEDGER_NOT_ENABLED,
					 .expected = NUM_NONE,
					 .as_of_s = TIME_NONE};
		size_t parts = 0;
		bool seen = false, gave = false;
		for (size_t k = 0; k < c->n; k++)
			seen |= text_eq(c->v[k].source, source);
		if (seen)
			continue;
		for (size_t k = 0; k < c->parts.n; k++)
			parts += text_eq(c->parts.v[k].source, source);
		bool *hit = arena_array(a, bool, ids->n + 1);
		for (size_t k = 0; k < c->parts.n; k++) {
			const struct ledger *l = &c->parts.v[k];
			if (!text_eq(l->source, source))
				continue;
			join_part(&r, l, parts == 1, a);
			gave |= l->status == LEDGER_COMPLETE || l->status == LEDGER_PARTIAL;
			if (l->status != LEDGER_PARTIAL && l->status != LEDGER_FAILED)
				continue;
			for (size_t n = 0; n < ids->n; n++)
				hit[n] |= coverage_feeds(l, cfg, ids->v[n]);
		}
		/* One part that cannot be had is no reason to call the others lost. */
		if (gave && r.status == LEDGER_FAILED)
			r.status = LEDGER_PARTIAL;
		struct sb b;
		sb_init(&b, a, SIZE_MAX / 8);
		for (size_t n = 0; n < ids->n; n++)
			if (hit[n])
				sb_addf(&b, "%s%s", b.len ? " " : "", ids->v[n]);
		r.affects = sb_str(&b);
		vec_push(a, c, r);
	}
}

const char *coverage_words(struct arena *a, const char *affects)
{
	static const char *const families[][2] = {{"errors.", "errors"},
						  {"deployments.", "deployments"},
						  {"ci.", "CI runs"},
						  {"security.", "security findings"},
						  {"availability.", "availability figures"},
						  {"metrics.", "dashboards"}};
	struct sb b;
	sb_init(&b, a, 256);
	const char *padded = arena_printf(a, " %s", affects);
	size_t n = 0, k = 0;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		n += strstr(padded, arena_printf(a, " %s", families[i][0])) != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!strstr(padded, arena_printf(a, " %s", families[i][0])))
			continue;
		sb_addf(&b, "%s%s", k == 0 ? "" : k + 1 == n ? " and " : ", ", families[i][1]);
		k++;
	}
	return sb_str(&b);
}
