#include "digest/told.h"

#include "base/text.h"
#include "digest/owners.h"
#include "digest/study.h"
#include "digest/words.h"

#define DAY_S	       ((int64_t)86400)
#define NEAR_S	       ((int64_t)2 * 3600) /* as far as tellings of one deployment are apart */
#define SLACK_TOLD     "slack-post" /* format of a scan that only a post tells of */
#define ALARM_BEFORE_S ((int64_t)1800) /* a change and its post */
#define ALARM_AFTER_S  ((int64_t)120) /* clocks differ */
#define RUN_AFTER_S    ((int64_t)31 * DAY_S) /* a re-run is told long after its run was created */

/* --- reading --- */

static bool collected(const struct study *f, const char *source)
{
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (text_eq(l->source, source) && l->status == LEDGER_FAILED)
			return false;
	}
	return true;
}

bool told_load(struct study *f, struct err *e)
{
	struct messages read;
	if (f->cfg->slack.n == 0)
		return true;
	if (!messages_list(f->in->db, f->from_s, f->to_s, f->a, &read, e))
		return false;
	for (size_t i = 0; i < read.n; i++)
		if (collected(f, read.v[i].source))
			vec_push(f->a, &f->told_posts.posts, read.v[i]);
	return true;
}

/* --- scans --- */

static bool near(int64_t x, int64_t y, int64_t within)
{
	return x != TIME_NONE && y != TIME_NONE && x - y <= within && y - x <= within;
}

/* The post says a repository or a title, the store a repository or a folder. */
static bool same_target(const struct study *f, const struct rec_told *t, const char *target)
{
	const char *name = repo_short(target);
	if (text_ieq(t->subject, target) || text_ieq(repo_short(t->subject), name) ||
	    (t->place && text_ieq(repo_short(t->place), name)))
		return true;
	const struct service *x = service_of_repo(f->cfg, target),
			     *y = service_of_repo(f->cfg, t->place);
	return x && x == y;
}

/* "static" is what a post says of an audit whose tool its words do not tell. */
static bool same_tool(const struct rec_told *t, const char *tool)
{
	if (!t->tool)
		return true;
	return text_eq(t->tool, "static") ? !text_eq(tool, "zap") : text_eq(t->tool, tool);
}

static bool report_read(const struct study *f, const struct rec_message *m,
			const struct rec_told *t)
{
	const struct security_week *w = &f->security;
	for (size_t k = 0; k < 2; k++) {
		const struct scans *list = k ? &w->past : &w->read;
		for (size_t i = 0; i < list->n; i++) {
			const struct rec_scan *s = &list->v[i];
			if (!told_is_lost(s) && near(s->scanned_s, m->posted_s, DAY_S) &&
			    same_tool(t, s->tool) && same_target(f, t, s->target))
				return true;
		}
	}
	return false;
}

/* A scan of that tool and target from before: the pair is known, so a report was due. */
static const struct rec_scan *known_pair(const struct study *f, const struct rec_told *t)
{
	const struct scans *past = &f->security.past;
	for (size_t i = 0; t->tool && i < past->n; i++)
		if (same_tool(t, past->v[i].tool) && same_target(f, t, past->v[i].target) &&
		    past->v[i].scanned_s < f->to_s)
			return &past->v[i];
	return NULL;
}

static const struct rec_scan *lost_of(const struct study *f, const struct rec_message *m,
				      const struct rec_told *t)
{
	if (m->kind != MESSAGE_SCAN || t->total == NUM_NONE || report_read(f, m, t))
		return NULL;
	return known_pair(f, t);
}

bool told_is_lost(const struct rec_scan *s)
{
	return text_eq(s->format, SLACK_TOLD);
}

void told_lost_scans(struct study *f)
{
	for (size_t i = 0; i < f->told_posts.posts.n; i++) {
		const struct rec_message *m = &f->told_posts.posts.v[i];
		for (size_t k = 0; k < m->told.n; k++) {
			const struct rec_told *t = &m->told.v[k];
			const struct rec_scan *known = lost_of(f, m, t);
			if (!known)
				continue;
			struct rec_scan s = {.source = m->source,
					     .tool = known->tool,
					     .target = known->target,
					     .scope = known->scope,
					     .format = SLACK_TOLD,
					     .status = SCAN_PARTIAL,
					     .reason = "its report was lost; Slack tells counts "
						       "only",
					     .scanned_s = m->posted_s,
					     .findings = t->total,
					     .instances = NUM_NONE,
					     .first_site = NUM_NONE};
			for (int v = 0; v < SEV_COUNT; v++)
				s.severity[v] = t->severity[v];
			vec_push(f->a, &f->security.read, s);
		}
	}
}

const char *told_counts(const struct study *f, const int64_t severity[SEV_COUNT], int64_t total)
{
	struct sb b;
	const char *sep = ": ";
	if (total == NUM_NONE)
		return "no counts";
	sb_init(&b, f->a, 512);
	sb_add(&b, w_plural(f->a, total, "finding", "findings"));
	for (int s = 0; s < SEV_COUNT; s++) {
		if (severity[s] == NUM_NONE || severity[s] == 0)
			continue;
		sb_addf(&b, "%s%s %s", sep, w_count(f->a, severity[s]),
			severity_name((enum severity)s));
		sep = ", ";
	}
	return sb_str(&b);
}

/* --- deployments --- */

static const struct service *service_told(const struct study *f, const struct rec_told *t)
{
	const struct service *s = service_of_repo(f->cfg, t->subject);
	for (size_t i = 0; !s && i < f->cfg->services.n; i++)
		if (text_ieq(f->cfg->services.v[i].name, t->subject))
			s = &f->cfg->services.v[i];
	if (!s && t->place)
		s = service_of_aws(f->cfg, arena_printf(f->a, "%s-%s", t->place, t->subject));
	return s ? s : service_of_aws(f->cfg, t->subject);
}

static bool same_service(const struct study *f, const struct rec_told *t,
			 const struct rec_deployment *d)
{
	if (text_ieq(t->subject, d->service) || text_ieq(t->subject, d->repo) ||
	    (d->repo && text_ieq(t->subject, repo_short(d->repo))) ||
	    (t->place && text_ieq(arena_printf(f->a, "%s-%s", t->place, t->subject), d->service)))
		return true;
	const struct service *x = service_told(f, t), *y = service_of_aws(f->cfg, d->service);
	if (!y)
		y = service_of_repo(f->cfg, d->repo ? d->repo : d->service);
	return x && x == y;
}

/* A post is made when a deployment begins, and edited as it goes on. */
static bool deployment_known(const struct study *f, const struct rec_message *m,
			     const struct rec_told *t)
{
	const char *environment = config_environment(f->cfg, t->place);
	for (size_t i = 0; i < f->deployments.rows_read.n; i++) {
		const struct rec_deployment *d = &f->deployments.rows_read.v[i];
		if (text_eq(t->key, d->key) && t->key)
			return true;
		if (!text_ieq(environment, config_environment(f->cfg, d->environment)))
			continue;
		bool then = near(d->created_s, m->posted_s, NEAR_S) ||
			    near(d->finished_s, m->posted_s, NEAR_S);
		if (then && same_service(f, t, d) &&
		    (!t->code || !d->sha || sha_same(t->code, d->sha)))
			return true;
	}
	return false;
}

/* --- all kinds --- */

static bool known(const struct study *f, const struct rec_message *m, const struct rec_told *t,
		  bool *yes, struct err *e)
{
	int64_t from = m->posted_s - RUN_AFTER_S, to = m->posted_s + DAY_S;
	*yes = false;
	switch (m->kind) {
	case MESSAGE_SENTRY:
		return messages_issue_known(f->in->db, t, yes, e);
	case MESSAGE_RUN:
		return messages_run_known(f->in->db, t, from, to, yes, e);
	case MESSAGE_DEPLOYMENT:
		*yes = deployment_known(f, m, t);
		return true;
	case MESSAGE_SCAN:
		*yes = report_read(f, m, t);
		/* A scan that failed is a run that failed: Actions may know it. */
		return *yes || t->total != NUM_NONE || !t->key ||
		       messages_run_known(f->in->db, t, from, to, yes, e);
	case MESSAGE_ALARM:
		return messages_alarm_known(f->in->db, t, m->posted_s - ALARM_BEFORE_S,
					    m->posted_s + ALARM_AFTER_S, yes, e);
	case MESSAGE_DAG:
	case MESSAGE_OTHER:
	case MESSAGE_KINDS:
		return true;
	}
	return true;
}

static const char *owner(const struct study *f, const struct rec_message *m,
			 const struct rec_told *t)
{
	struct belongs b = {0};
	const struct service *s = NULL;
	switch (m->kind) {
	case MESSAGE_SENTRY:
		b.sentry = t->place;
		break;
	case MESSAGE_DEPLOYMENT:
		s = service_told(f, t);
		b.repo = strchr(t->subject, '/') ? t->subject : NULL;
		break;
	case MESSAGE_RUN:
		b.repo = t->place;
		break;
	case MESSAGE_SCAN:
		b.repo = t->place ? t->place : t->subject;
		break;
	case MESSAGE_ALARM:
		s = service_of_aws(f->cfg, t->subject);
		break;
	case MESSAGE_DAG: /* a collection's DAG is named as its repository */
		b.repo = t->subject;
		break;
	case MESSAGE_OTHER:
	case MESSAGE_KINDS:
		break;
	}
	b.service = s ? s->name : NULL;
	return owner_of(f->cfg, &b, f->a);
}

static bool same_thing(const struct told_row *r, const struct rec_message *m,
		       const struct rec_told *t)
{
	return r->m->kind == m->kind && text_eq(r->t->subject, t->subject) &&
	       text_eq(r->t->place, t->place) && text_eq(r->t->tool, t->tool) &&
	       (m->kind != MESSAGE_DEPLOYMENT || text_eq(r->t->key, t->key));
}

static void add_row(struct study *f, const struct rec_message *m, const struct rec_told *t)
{
	struct told_week *w = &f->told_posts;
	struct told_row row = {.m = m, .t = t, .owner = owner(f, m, t), .times = 1};
	if (!study_shown(f, row.owner))
		return;
	row.lost = lost_of(f, m, t) != NULL;
	for (size_t i = 0; i < w->rows.n; i++) {
		struct told_row *r = &w->rows.v[i];
		if (!same_thing(r, m, t))
			continue;
		row.times += r->times;
		row.lost |= r->lost;
		*r = row; /* posts come by time: this one is the newest */
		return;
	}
	vec_push(f->a, &w->rows, row);
}

static void add_other(struct study *f, const char *sender)
{
	struct told_week *w = &f->told_posts;
	size_t i = 0;
	w->other++;
	while (i < w->others.n && !text_eq(w->others.v[i].name, sender))
		i++;
	if (i == w->others.n)
		vec_push(f->a, &w->others, ((struct told_sender){.name = sender}));
	w->others.v[i].n++;
}

static int by_kind(const void *p, const void *q)
{
	static const int order[] = {
		[MESSAGE_DAG] = 0,  [MESSAGE_SCAN] = 1,	 [MESSAGE_DEPLOYMENT] = 2,
		[MESSAGE_RUN] = 3,  [MESSAGE_ALARM] = 4, [MESSAGE_SENTRY] = 5,
		[MESSAGE_OTHER] = 6};
	const struct told_row *x = p, *y = q;
	if (x->m->kind != y->m->kind)
		return order[x->m->kind] - order[y->m->kind];
	if (x->m->posted_s != y->m->posted_s)
		return x->m->posted_s > y->m->posted_s ? -1 : 1;
	int d = strcmp(x->m->ts, y->m->ts);
	return d ? -d : (x->t > y->t) - (x->t < y->t);
}

static int most(const void *p, const void *q)
{
	const struct told_sender *x = p, *y = q;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->name ? x->name : "", y->name ? y->name : "");
}

/* Good news that nobody else has is no news: a run that succeeded. */
static bool worth_telling(const struct rec_message *m, const struct rec_told *t)
{
	return m->kind != MESSAGE_RUN || text_eq(t->state, "failed");
}

bool told_analyse(struct study *f, struct err *e)
{
	struct told_week *w = &f->told_posts;
	for (size_t i = 0; i < w->posts.n; i++) {
		const struct rec_message *m = &w->posts.v[i];
		if (m->kind == MESSAGE_OTHER)
			add_other(f, m->sender);
		for (size_t k = 0; k < m->told.n; k++) {
			const struct rec_told *t = &m->told.v[k];
			bool yes;
			if (!t->subject || !worth_telling(m, t))
				continue;
			if (!known(f, m, t, &yes, e))
				return false;
			w->matched += yes;
			w->only += !yes;
			if (!yes)
				add_row(f, m, t);
		}
	}
	if (w->rows.n > 0)
		qsort(w->rows.v, w->rows.n, sizeof *w->rows.v, by_kind);
	if (w->others.n > 0)
		qsort(w->others.v, w->others.n, sizeof *w->others.v, most);
	return true;
}
