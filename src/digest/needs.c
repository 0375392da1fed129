#include "digest/needs.h"

#include "base/text.h"
#include "digest/doc.h"
#include "digest/needs_rules.h"
#include "digest/study.h"
#include "digest/words.h"

#define DAY_S ((int64_t)86400)

static const char *const rules[] = {
	"rollback-left", "failing-now",	    "deploy-failed", "dag-failed",
	"critical-new",	 "error-happening", "overdue",	     "scan-missing",
	"source-failed", "source-silent",   "token-expires", "source-partial",
	"stopped",	 "overdue-lower",   "waiting",	     "no-owner",
};

void needs_add(struct study *f, int rank, double weight, struct action x)
{
	x.rank = rank;
	x.rule = rules[rank];
	x.weight = weight;
	if (x.due_s == 0)
		x.due_s = TIME_NONE;
	x.things = x.things ? x.things : 1;
	vec_push(f->a, &f->needs.v, x);
}

bool needs_own_item(struct study *f, const char *key, const char *title, const char *url,
		    const char *owner, const char **id, struct err *e)
{
	struct item it = {.section = "digest",
			  .kind = "action",
			  .key = key,
			  .title = title,
			  .url = url,
			  .owner = owner,
			  .first_seen_s = TIME_NONE};
	return study_item(f, &it, NULL, true, id, e);
}

const char *needs_age(const struct study *f, int64_t since_s)
{
	if (since_s == TIME_NONE)
		return "this week";
	int64_t d = (f->to_s - since_s) / DAY_S;
	return d < 1 ? "under a day" : w_plural(f->a, d, "day", "days");
}

const char *needs_weeks_old(struct study *f, const char *id)
{
	int64_t n = study_find_item(f, id)->weeks;
	return n <= 1 ? "this week" : arena_printf(f->a, "%s week in a row", w_ordinal(f->a, n));
}

static const char *name_of(struct study *f, const struct error_row *r)
{
	return r->i->short_id ? m_plain(f->a, m_out(f->a, r->i->short_id))
			      : m_out(f->a, r->i->title);
}

static const char *events_of(struct study *f, const struct error_row *r)
{
	struct sb b;
	sb_init(&b, f->a, 512);
	sb_add(&b, r->i->events == NUM_NONE ? "An unknown number of events"
					    : w_plural(f->a, r->i->events, "event", "events"));
	if (r->i->users != NUM_NONE && r->i->users > 0)
		sb_addf(&b, " for %s", w_plural(f->a, r->i->users, "user", "users"));
	if (r->i->last_day_events != NUM_NONE && r->i->last_day_events > 0)
		sb_addf(&b, ", %s on Sunday", w_count(f->a, r->i->last_day_events));
	return sb_str(&b);
}

static const char *because(struct study *f, const struct error_row *r)
{
	const struct attribution *c = &r->cause;
	if (r->began_s == TIME_NONE)
		return "";
	const char *when = m_time(f->a, r->began_s, w_when(f->a, f->z, r->began_s));
	if (!c->deploy)
		return arena_printf(f->a, " It began %s.", when);
	const char *sha =
		c->deploy->sha ? arena_printf(f->a, " %s", m_sha(f->a, c->deploy->sha)) : "";
	return arena_printf(f->a, " It began %s, %s after %s%s (%s).", when,
			    w_duration(f->a, c->minutes * 60), m_code(f->a, c->deploy->service),
			    sha, strength_name(c->strength));
}

static void find_errors(struct study *f)
{
	for (size_t i = 0; i < f->errors.rows.n; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		bool grows = r->escalating || r->mark == MARK_UP;
		int64_t events = r->i->events == NUM_NONE ? 0 : r->i->events;
		int64_t users = r->i->users == NUM_NONE ? 0 : r->i->users;
		if (r->set_aside || r->resolved || !r->happening ||
		    !(r->is_new || r->regressed || grows))
			continue;
		struct action x = {.item = r->item,
				   .owner = r->owner,
				   .age = needs_age(f, r->began_s),
				   .href = r->i->url};
		const char *reason = arena_printf(f->a, "%s.%s", events_of(f, r), because(f, r));
		const struct deploy *d = r->cause.deploy;
		bool linked = r->cause.strength == STRENGTH_CERTAIN ||
			      r->cause.strength == STRENGTH_STRONG;
		double weight = (double)users * 10 + (double)events;
		if (r->is_new && linked && d->state == DEPLOY_ROLLED_BACK) {
			const char *day = w_weekday(f->a, f->z, d->at_s);
			x.title =
				arena_printf(f->a, "Fix %s, an error left behind by %s’s rollback",
					     name_of(f, r), day);
			x.reason = reason;
			x.broken = arena_printf(
				f->a, "an error left behind by %s’s rolled-back deployment of %s",
				day, m_code(f->a, d->service));
			needs_add(f, NEED_ROLLBACK_LEFT, weight, x);
		} else if (users > 0 || events >= 10) {
			x.title =
				arena_printf(f->a, "%s %s, which %s",
					     r->owner ? "Fix" : "Find an owner for", name_of(f, r),
					     r->is_new	    ? "is new and still happening"
					     : r->regressed ? "is back and still happening"
							    : "is growing");
			x.reason = reason;
			needs_add(f, NEED_ERROR_HAPPENING, weight, x);
		}
	}
}

static const char *run_item(const struct study *f, const struct ci_run *x)
{
	for (size_t i = 0; i < f->ci.rows.n; i++)
		if (f->ci.rows.v[i].x == x)
			return f->ci.rows.v[i].item;
	return NULL;
}

/* One failure may be chance; two in a row, or one of a pipeline that data waits for, need somebody.
 */
static bool keeps_failing(const struct ci_workflow_row *r)
{
	return r->w && r->w->failing &&
	       (r->w->streak >= 2 || r->data_processing || r->w->last->class == CI_REAL);
}

static int worse_flow(const void *p, const void *q)
{
	const struct ci_workflow_row *x = *(const struct ci_workflow_row *const *)p,
				     *y = *(const struct ci_workflow_row *const *)q;
	if (x->data_processing != y->data_processing)
		return x->data_processing ? -1 : 1;
	if (x->w->streak != y->w->streak)
		return x->w->streak > y->w->streak ? -1 : 1;
	return strcmp(x->key, y->key);
}

static bool add_failing(struct study *f, const struct ci_workflow_row *r, double weight,
			struct err *e)
{
	const struct ci_run *last = r->w->last;
	const char *name = m_plain(f->a, m_out(f->a, r->name));
	struct action x = {.item = run_item(f, last),
			   .owner = r->owner,
			   .age = needs_age(f, r->w->first_failed->r->created_s),
			   .href = last->r->url};
	if (r->w->streak > 1)
		x.title = arena_printf(f->a, "Repair “%s”: %s failures in a row", name,
				       w_count(f->a, r->w->streak));
	else
		x.title = arena_printf(f->a, "Repair “%s”: its last run failed", name);
	int64_t since = r->w->first_failed->r->created_s;
	x.reason = arena_printf(f->a, "%s in %s%s%s since %s.",
				r->data_processing ? "Data processing: it fails" : "It fails",
				m_code(f->a, repo_short(r->repo)), last->step ? " at step " : "",
				m_code(f->a, last->step),
				m_time(f->a, since, w_when(f->a, f->z, since)));
	x.broken = arena_printf(f->a, "“%s” in %s, failing since %s", name,
				m_code(f->a, repo_short(r->repo)), w_weekday(f->a, f->z, since));
	if (!x.item && !needs_own_item(f, r->key, x.title, last->r->url, r->owner, &x.item, e))
		return false;
	needs_add(f, NEED_FAILING_NOW, weight, x);
	return true;
}

static bool find_failing(struct study *f, struct err *e)
{
	VEC(const struct ci_workflow_row *) bad = {0};
	for (size_t i = 0; i < f->ci.flows.n; i++)
		if (keeps_failing(&f->ci.flows.v[i]))
			vec_push(f->a, &bad, &f->ci.flows.v[i]);
	if (bad.n == 0)
		return true;
	qsort(bad.v, bad.n, sizeof(const struct ci_workflow_row *), worse_flow);
	/* The worst by name; more would push everything else out of the five. */
	size_t named = bad.n > 2 ? 1 : bad.n;
	for (size_t i = 0; i < named; i++)
		if (!add_failing(f, bad.v[i], (double)(bad.n - i), e))
			return false;
	if (named == bad.n)
		return true;
	struct strv names = {0}, teams = {0};
	for (size_t i = named; i < bad.n; i++) {
		vec_push(f->a, &names,
			 arena_printf(f->a, "%s in %s", m_out(f->a, bad.v[i]->name),
				      m_code(f->a, repo_short(bad.v[i]->repo))));
		bool known = !bad.v[i]->owner;
		for (size_t k = 0; k < teams.n; k++)
			known |= text_eq(teams.v[k], bad.v[i]->owner);
		if (!known)
			vec_push(f->a, &teams, bad.v[i]->owner);
	}
	struct action x = {.owner = teams.n ? w_list(f->a, &teams, 2) : NULL,
			   .age = "this week",
			   .href = "#ci"};
	x.title = arena_printf(f->a, "Repair %s more failing workflows",
			       w_count(f->a, (int64_t)names.n));
	x.reason = arena_printf(f->a, "%s.", w_list(f->a, &names, 3));
	x.things = (int64_t)names.n;
	x.broken = arena_printf(f->a, "%s more workflows that keep failing",
				w_spelled(f->a, (int64_t)names.n));
	if (!needs_own_item(f, "digest:failing-workflows", x.title, NULL, x.owner, &x.item, e))
		return false;
	needs_add(f, NEED_FAILING_NOW, 0, x);
	return true;
}

static void find_deployments(struct study *f)
{
	const struct deployments_week *w = &f->deployments;
	const struct deployment_row *oldest = NULL;
	for (size_t i = 0; i < w->rows.n; i++) {
		const struct deployment_row *r = &w->rows.v[i];
		const struct deploy *d = r->d;
		if (!r->production)
			continue;
		if (d->state == DEPLOY_WAITING && (!oldest || d->started_s < oldest->d->started_s))
			oldest = r;
		bool newer = false;
		for (size_t k = i + 1; k < w->rows.n; k++)
			newer |= w->rows.v[k].production && w->rows.v[k].open &&
				 text_eq(w->rows.v[k].d->service, d->service);
		if (!r->open || newer)
			continue;
		const char *what = m_plain(f->a, m_out(f->a, d->service));
		struct action x = {.item = r->item,
				   .owner = r->owner,
				   .age = needs_age(f, d->at_s),
				   .href = d->d->url};
		x.title = arena_printf(f->a, "Deploy %s again: its last deployment to %s failed",
				       what, f->environment);
		x.reason = arena_printf(f->a, "%s failed %s%s%s%s and nothing has succeeded since.",
					d->sha ? m_sha(f->a, d->sha) : "It",
					m_time(f->a, d->at_s, w_when(f->a, f->z, d->at_s)),
					d->d->error ? " (" : "", m_out(f->a, d->d->error),
					d->d->error ? ")" : "");
		x.broken = arena_printf(f->a, "the deployment of %s, failed on %s",
					m_code(f->a, d->service), w_weekday(f->a, f->z, d->at_s));
		needs_add(f, NEED_DEPLOY_FAILED, (double)i, x);
	}
	if (!oldest)
		return;
	struct action x = {.item = oldest->item,
			   .owner = oldest->owner,
			   .age = needs_age(f, oldest->d->started_s),
			   .href = oldest->d->d->url};
	x.title = arena_printf(f->a, "Approve or drop %s that %s",
			       w_plural(f->a, w->waiting, "deployment", "deployments"),
			       w->waiting == 1 ? "waits" : "wait");
	x.reason = arena_printf(
		f->a, "%s to %s has waited since %s.", m_code(f->a, oldest->d->service),
		f->environment,
		m_time(f->a, oldest->d->started_s, w_when(f->a, f->z, oldest->d->started_s)));
	needs_add(f, NEED_WAITING, (double)w->waiting, x);
}

static void find_stopped(struct study *f)
{
	for (size_t i = 0; i < f->ci.flows.n; i++) {
		const struct ci_workflow_row *r = &f->ci.flows.v[i];
		if (!r->stopped)
			continue;
		int64_t last = r->w ? r->w->last_schedule_s : TIME_NONE;
		struct action x = {.item = r->item, .owner = r->owner, .href = r->url};
		x.title = arena_printf(f->a, "Start “%s” again, or remove its schedule",
				       m_plain(f->a, m_out(f->a, r->name)));
		x.reason = arena_printf(f->a, "The scheduled workflow in %s %s%s%s.",
					m_code(f->a, repo_short(r->repo)),
					r->switched_off ? "is switched off"
							: "missed its last two times",
					last == TIME_NONE ? "" : "; last run ",
					last == TIME_NONE ? "" : w_day(f->a, f->z, last));
		x.age = last == TIME_NONE ? needs_weeks_old(f, r->item) : needs_age(f, last);
		needs_add(f, NEED_STOPPED,
			  (r->data_processing ? 100 : 0) -
				  (double)study_find_item(f, r->item)->weeks,
			  x);
	}
}

static bool find_ownerless(struct study *f, struct err *e)
{
	int64_t n = 0;
	for (size_t i = 0; i < f->needs.v.n; i++) {
		const struct action *x = &f->needs.v.v[i];
		n += !x->owner && strcmp(study_find_item(f, x->item)->section, "digest") != 0;
	}
	if (n == 0 || f->cfg->owners.n == 0)
		return true;
	struct action x = {.reason = "They are marked “no owner” in this digest; owners are named "
				     "in the configuration.",
			   .href = "#needs"};
	x.title = arena_printf(f->a, "Name an owner for %s that need%s somebody",
			       w_plural(f->a, n, "thing", "things"), n == 1 ? "s" : "");
	if (!needs_own_item(f, "digest:no-owner", x.title, NULL, NULL, &x.item, e))
		return false;
	x.age = needs_weeks_old(f, x.item);
	needs_add(f, NEED_NO_OWNER, (double)n, x);
	return true;
}

static int worse(const void *p, const void *q)
{
	const struct action *x = p, *y = q;
	if (x->turn != y->turn)
		return x->turn - y->turn;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	if (x->weight > y->weight || x->weight < y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->item, y->item);
}

static const char *aside_words(const char *reason, int64_t n)
{
	static const char *const words[][3] = {
		{"cancelled", "cancelled CI run", "cancelled CI runs"},
		{"flaky", "flaky run that passed on the same commit",
		 "flaky runs that passed on the same commit"},
		{"infrastructure", "run that failed for want of a runner",
		 "runs that failed for want of a runner"},
		{"usual", "known error, within its usual range",
		 "known errors, within their usual range"},
		{"ongoing", "known error that went on, too young for a usual range",
		 "known errors that went on, too young for a usual range"},
		{"archived", "error archived in Sentry", "errors archived in Sentry"},
		{"accepted", "error or finding with an accepted risk",
		 "errors and findings with an accepted risk"},
		{"dismissed", "finding dismissed in the list that holds it",
		 "findings dismissed in the list that holds them"},
		{"single", "error with a single event and no user",
		 "errors with a single event and no user"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], reason))
			return words[i][n == 1 ? 1 : 2];
	BUG_ON(true);
	return NULL;
}

static int more(const void *p, const void *q)
{
	const struct aside *x = p, *y = q;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->reason, y->reason);
}

static void count_asides(struct study *f)
{
	struct needs *n = &f->needs;
	for (size_t i = 0; i < f->items.n; i++) {
		const char *reason = f->items.v[i].set_aside;
		if (!reason)
			continue;
		size_t k = 0;
		while (k < n->asides.n && strcmp(n->asides.v[k].reason, reason) != 0)
			k++;
		if (k == n->asides.n)
			vec_push(f->a, &n->asides, ((struct aside){.reason = reason}));
		n->asides.v[k].count++;
		n->set_aside++;
	}
	for (size_t i = 0; i < n->asides.n; i++)
		n->asides.v[i].words = aside_words(n->asides.v[i].reason, n->asides.v[i].count);
	if (n->asides.n > 0)
		qsort(n->asides.v, n->asides.n, sizeof *n->asides.v, more);
}

/* Ten errors of one kind must not hide the finding that is past its limit: each rule speaks once
 * (twice when something is broken) before any speaks again. */
static void take_turns(struct needs *n)
{
	if (n->v.n == 0)
		return;
	qsort(n->v.v, n->v.n, sizeof *n->v.v, worse);
	for (size_t i = 0, of_rule = 0; i < n->v.n; i++) {
		struct action *x = &n->v.v[i];
		of_rule = i > 0 && x->rank == x[-1].rank ? of_rule + 1 : 0;
		x->turn = (int)(x->rank <= NEED_DEPLOY_FAILED ? of_rule / 2 : of_rule);
	}
	qsort(n->v.v, n->v.n, sizeof *n->v.v, worse);
}

bool needs_find(struct study *f, struct err *e)
{
	find_errors(f);
	find_deployments(f);
	needs_critical(f);
	find_stopped(f);
	for (int s = 0; s < SEV_INFO; s++)
		needs_overdue(f, (enum severity)s);
	if (!find_failing(f, e) || !needs_scans(f, e) || !needs_sources(f, e) ||
	    !needs_tokens(f, e) || !needs_told(f, e) || !find_ownerless(f, e))
		return false;
	struct needs *n = &f->needs;
	take_turns(n);
	for (size_t i = 0; i < n->v.n && i < NEEDS_MAX; i++) {
		if (n->v.v[i].href && n->v.v[i].href[0] != '#' && !text_link_ok(n->v.v[i].href))
			n->v.v[i].href = NULL;
		study_find_item(f, n->v.v[i].item)->needs_you = true;
	}
	count_asides(f);
	return true;
}
