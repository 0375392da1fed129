#include "digest/errors.h"

#include "base/text.h"
#include "digest/counts.h"
#include "digest/study.h"
#include "digest/owners.h"

#include <math.h>

#define HISTORY_WEEKS (STUDY_WEEKS - 1)

static const char *const kinds[] = {"new", "regressed", "escalating", "resolved", "ongoing"};

static bool inside(const struct study *f, int64_t t_s)
{
	return t_s != TIME_NONE && t_s >= f->from_s && t_s < f->to_s;
}

static const char *organisation(const struct config *cfg, const char *source)
{
	for (size_t i = 0; i < cfg->sentry.n; i++)
		if (text_eq(cfg->sentry.v[i].name, source) && cfg->sentry.v[i].organisation)
			return cfg->sentry.v[i].organisation;
	return source;
}

static size_t kind_of(const struct error_row *r)
{
	return r->is_new ? 0 : r->regressed ? 1 : r->escalating ? 2 : r->resolved ? 3 : 4;
}

static const char *aside_of(const struct study *f, const struct error_row *r)
{
	if (study_accepted(f, r->key))
		return "accepted";
	if (text_eq(r->i->status, "ignored"))
		return "archived";
	if (r->is_new && !r->escalating && r->i->events == 1 && r->i->users == 0)
		return "single";
	if (kind_of(r) != 4 || r->mark == MARK_UP)
		return NULL;
	return isnan(r->usual.low) ? "ongoing" : "usual";
}

static struct error_row row_of(const struct study *f, const struct rec_issue *i)
{
	int64_t first = i->env_first_seen_s != TIME_NONE ? i->env_first_seen_s : i->first_seen_s;
	bool happened = i->events != NUM_NONE ? i->events > 0 : inside(f, i->week_last_seen_s);
	struct error_row r = {
		.i = i,
		.key = arena_printf(f->a, "sentry:%s/%s", organisation(f->cfg, i->source), i->key),
		.is_new = inside(f, first),
		.regressed = inside(f, i->regressed_s),
		.escalating = inside(f, i->escalated_s),
		.resolved = inside(f, i->resolved_s),
		.unresolved = text_eq(i->status, "unresolved") && happened,
		.happening = i->last_day_events != NUM_NONE
				     ? i->last_day_events > 0
				     : i->week_last_seen_s != TIME_NONE &&
					       i->week_last_seen_s >= f->day_s[6],
	};
	r.kind = kinds[kind_of(&r)];
	r.began_s = r.is_new ? first : r.regressed ? i->regressed_s : TIME_NONE;
	const struct service *s = service_of_sentry(f->cfg, i->project);
	r.owner = owner_of(
		f->cfg,
		&(struct belongs){.sentry = i->project, .repo = s ? s->repository : i->project},
		f->a);
	r.cause = attribute(f->cfg, i, r.began_s, &f->deployments.all);
	r.happening = r.happening && !text_eq(i->status, "resolved");
	r.usual = (struct usual){NAN, NAN};
	return r;
}

static int by_kind_then_events(const void *p, const void *q)
{
	const struct error_row *x = p, *y = q;
	if (kind_of(x) != kind_of(y))
		return kind_of(x) < kind_of(y) ? -1 : 1;
	if (x->i->events != y->i->events)
		return x->i->events > y->i->events ? -1 : 1;
	return strcmp(x->key, y->key);
}

static int by_id(const void *p, const void *q)
{
	const struct error_row *x = *(const struct error_row *const *)p,
			       *y = *(const struct error_row *const *)q;
	return (x->i->id > y->i->id) - (x->i->id < y->i->id);
}

struct known_weeks { /* collected in full, newest first */
	const char *name[HISTORY_WEEKS];
	int64_t end_s[HISTORY_WEEKS];
	size_t n;
};

static void find_known_weeks(const struct study *f, struct known_weeks *w)
{
	for (int i = STUDY_WEEKS - 2; i >= 0; i--) {
		for (size_t k = 0; k < f->history.n; k++) {
			bool incomplete;
			if (strcmp(f->history.v[k].week, f->weeks[i].name) != 0 ||
			    isnan(numbers_then(&f->history.v[k], "errors.events", &incomplete)) ||
			    incomplete)
				continue;
			w->name[w->n] = f->weeks[i].name;
			w->end_s[w->n++] = f->weeks[i].to_s;
			break;
		}
	}
}

/* What each issue's weekly events usually are: a week without a row of it had none, but only weeks
 * it can have been in, and only weeks that were collected in full. */
static bool compare_with_history(struct study *f, struct err *e)
{
	struct errors_week *w = &f->errors;
	size_t n = w->rows.n;
	struct known_weeks weeks = {.n = 0};
	struct issue_history then = {0};
	find_known_weeks(f, &weeks);
	if (n == 0 || weeks.n < STATS_MIN_WEEKS)
		return true;
	if (!errors_history(f->in->db, f->weeks[0].name, f->week.name, f->a, &then, e))
		return false;
	const struct error_row **sorted = arena_array(f->a, const struct error_row *, n);
	double *events = arena_array(f->a, double, n *HISTORY_WEEKS);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &w->rows.v[i];
	qsort(sorted, n, sizeof(const struct error_row *), by_id);
	for (size_t i = 0; i < then.n; i++) {
		struct rec_issue issue = {.id = then.v[i].issue_id};
		const struct error_row key = {.i = &issue}, *want = &key;
		size_t k = 0;
		while (k < weeks.n && strcmp(weeks.name[k], then.v[i].week) != 0)
			k++;
		const struct error_row **hit =
			k == weeks.n ? NULL
				     : bsearch(&want, sorted, n, sizeof(const struct error_row *),
					       by_id);
		if (hit)
			events[(size_t)(*hit - w->rows.v) * HISTORY_WEEKS + k] =
				(double)then.v[i].events;
	}
	for (size_t i = 0; i < n; i++) {
		struct error_row *r = &w->rows.v[i];
		size_t known = 0;
		while (known < weeks.n && r->i->first_seen_s != TIME_NONE &&
		       r->i->first_seen_s < weeks.end_s[known])
			known++;
		const double *mine = &events[i * HISTORY_WEEKS];
		r->usual = stats_usual_count(mine, known);
		if (r->i->events != NUM_NONE)
			r->mark = stats_mark((double)r->i->events, r->usual,
					     mine[0] + mine[1] + mine[2]);
	}
	return true;
}

static const char *counts_of(struct arena *a, const struct error_row *r)
{
	const char *in = NULL;
	counts_add(a, &in, r->is_new, "errors.new");
	counts_add(a, &in, r->regressed, "errors.regressed");
	counts_add(a, &in, r->escalating, "errors.escalating");
	counts_add(a, &in, r->resolved, "errors.resolved");
	counts_add(a, &in, r->unresolved, "errors.unresolved");
	counts_add(a, &in, r->i->events != NUM_NONE && r->i->events > 0, "errors.events");
	counts_add(a, &in, r->i->users != NUM_NONE && r->i->users > 0, "errors.users");
	return in;
}

static bool add_items(struct study *f, struct err *e)
{
	for (size_t k = 0; k < f->errors.rows.n; k++) {
		struct error_row *r = &f->errors.rows.v[k];
		const char *title = r->i->title	     ? r->i->title
				    : r->i->short_id ? r->i->short_id
						     : r->key;
		struct item it = {.section = "errors",
				  .kind = r->kind,
				  .key = r->key,
				  .title = title,
				  .url = r->i->url,
				  .owner = r->owner,
				  .first_seen_s = r->i->env_first_seen_s != TIME_NONE
							  ? r->i->env_first_seen_s
							  : r->i->first_seen_s,
				  .set_aside = r->set_aside,
				  .counts = counts_of(f->a, r)};
		if (!study_item(f, &it, &r->cause, true, &r->item, e))
			return false;
	}
	return true;
}

/* Distinct users over several issues cannot be told from the issues' own counts: Sentry tells, for
 * one source and all of its issues, or nobody knows. */
static int64_t distinct_users(const struct study *f)
{
	const struct errors_week *w = &f->errors;
	int64_t users = NUM_NONE, tellers = 0;
	for (size_t i = 0; i < f->told.n; i++) {
		const struct fact *x = &f->told.v[i];
		if (!strcmp(x->name, "errors.users") &&
		    coverage_trusts(&f->coverage, x->source, "errors.new")) {
			users = x->value;
			tellers++;
		}
	}
	if (tellers == 1 && !w->narrowed && f->cfg->sentry.n <= 1)
		return users;
	return w->rows.n == 0 ? 0 : w->rows.n == 1 ? w->rows.v[0].i->users : NUM_NONE;
}

static void count(struct study *f)
{
	int64_t is_new = 0, regressed = 0, escalating = 0, resolved = 0, unresolved = 0, events = 0;
	bool events_unknown = false;
	struct errors_week *w = &f->errors;
	for (size_t k = 0; k < w->rows.n; k++) {
		const struct error_row *r = &w->rows.v[k];
		is_new += r->is_new, regressed += r->regressed, escalating += r->escalating;
		resolved += r->resolved, unresolved += r->unresolved;
		events += r->i->events != NUM_NONE ? r->i->events : 0;
		events_unknown |= r->i->events == NUM_NONE && r->unresolved;
		bool soon = r->is_new &&
			    (r->cause.strength == STRENGTH_STRONG ||
			     r->cause.strength == STRENGTH_SHARED ||
			     (r->cause.strength == STRENGTH_CERTAIN && r->cause.minutes <= 60));
		w->soon += soon;
		w->certain += r->is_new && r->cause.strength == STRENGTH_CERTAIN;
	}
	if (w->rows.n == 0 && !study_fed(f, "errors.new"))
		return;
	struct digest_numbers *n = &f->numbers;
	numbers_set_i64(n, "errors.new", is_new);
	numbers_set_i64(n, "errors.regressed", regressed);
	numbers_set_i64(n, "errors.escalating", escalating);
	numbers_set_i64(n, "errors.resolved", resolved);
	numbers_set_i64(n, "errors.unresolved", unresolved);
	numbers_set_i64(n, "errors.events", events);
	if (events_unknown)
		numbers_blind(n, "errors.events");
	numbers_set_i64(n, "errors.users", distinct_users(f));
}

bool errors_analyse(struct study *f, struct err *e)
{
	struct errors_week *w = &f->errors;
	if (!errors_list(f->in->db, f->week.name, f->a, &w->all, e))
		return false;
	for (size_t i = 0; i < w->all.n; i++) {
		if (!coverage_trusts(&f->coverage, w->all.v[i].source, "errors.new"))
			continue;
		struct error_row r = row_of(f, &w->all.v[i]);
		if (study_shown(f, r.owner))
			vec_push(f->a, &w->rows, r);
		else
			w->narrowed = true;
	}
	if (!compare_with_history(f, e))
		return false;
	for (size_t i = 0; i < w->rows.n; i++)
		w->rows.v[i].set_aside = aside_of(f, &w->rows.v[i]);
	if (w->rows.n > 0)
		qsort(w->rows.v, w->rows.n, sizeof *w->rows.v, by_kind_then_events);
	f->collected += (int64_t)w->rows.n;
	count(f);
	return add_items(f, e);
}
