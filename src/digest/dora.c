#include "digest/dora.h"

#include "base/text.h"
#include "digest/figures.h"
#include "digest/owners.h"
#include "digest/study.h"

#include <math.h>

#define AFTER_S ((int64_t)7 * 86400) /* what became of the last ones */
#define DAYS	(7 * STUDY_WEEKS)

struct work {
	struct study *f;
	struct deploys all;
	struct changes changes;
	bool known[STUDY_WEEKS];
};

static int week_of(const struct study *f, int64_t t_s)
{
	for (int i = 0; i < STUDY_WEEKS; i++)
		if (t_s >= f->weeks[i].from_s && t_s < f->weeks[i].to_s)
			return i;
	return -1;
}

static bool load(struct work *w, struct err *e)
{
	struct study *f = w->f;
	int64_t from_s = f->weeks[0].from_s, lost = 0;
	struct deployments read = {0}, trusted = {0};
	struct images images = {0};
	if (!deploys_list(f->in->db, from_s, f->to_s + AFTER_S, f->a, &read, e) ||
	    !deploys_images(f->in->db, from_s, f->to_s + AFTER_S, f->a, &images, e) ||
	    !commits_list(f->in->db, from_s, f->to_s, f->a, &w->changes, e))
		return false;
	for (size_t i = 0; i < read.n; i++)
		if (coverage_trusts(&f->coverage, read.v[i].source, "deployments.total"))
			vec_push(f->a, &trusted, read.v[i]);
	deploy_fold(f->cfg, &trusted, &images, f->a, &w->all, &lost);
	for (int i = 0; i < STUDY_WEEKS; i++)
		w->known[i] = figure_week(f, "deployments.total", i).state == WEEK_KNOWN;
	return true;
}

static bool counts(const struct work *w, const struct deploy *d)
{
	const struct study *f = w->f;
	int week = week_of(f, d->at_s);
	return week >= 0 && w->known[week] && d->service &&
	       text_eq(d->environment, f->environment) &&
	       (d->state == DEPLOY_SUCCEEDED || d->state == DEPLOY_FAILED ||
		d->state == DEPLOY_ROLLED_BACK) &&
	       study_shown(f, owner_of(f->cfg,
				       &(struct belongs){.service = d->service, .repo = d->repo},
				       f->a));
}

/* A version other than the last one that succeeded, and the same as one before it. */
static bool puts_back(const struct work *w, size_t at)
{
	const struct deploy *d = &w->all.v[at];
	bool last = true;
	if (!d->sha || d->state != DEPLOY_SUCCEEDED)
		return false;
	for (size_t i = at; i > 0; i--) {
		const struct deploy *x = &w->all.v[i - 1];
		if (x->state != DEPLOY_SUCCEEDED || !x->sha || !text_eq(x->service, d->service) ||
		    !text_eq(x->environment, d->environment))
			continue;
		bool same = sha_same(x->sha, d->sha);
		if (last && same)
			return false;
		if (same)
			return true;
		last = false;
	}
	return false;
}

static void add_service(struct work *w, const char *service)
{
	struct study *f = w->f;
	struct dora_service s = {.service = service, .days_a_week = NAN};
	bool day[DAYS] = {false};
	struct lead_time lead = {0};
	struct lead_times times = {0};
	VEC(struct spell) spells = {0};
	for (size_t i = 0; i < w->all.n; i++) {
		const struct deploy *d = &w->all.v[i];
		if (!text_eq(d->service, service) || !counts(w, d))
			continue;
		s.done++;
		s.rework += d->rolled_back_s != TIME_NONE || puts_back(w, i);
		if (d->state == DEPLOY_SUCCEEDED) {
			const struct rec_change *c = lead_time_change(&w->changes, d);
			int week = week_of(f, d->at_s);
			int64_t n = (d->at_s - f->weeks[week].from_s) / 86400;
			day[7 * week + MIN(n, (int64_t)6)] = true;
			if (c)
				lead_time_add(c, d, f->a, &times, &lead);
			continue;
		}
		s.failed++;
		int64_t end = deployments_recovered_at(&w->all, d);
		bool open = end == TIME_NONE;
		int64_t v = MAX((open ? f->now_s : end) - d->at_s, (int64_t)0);
		s.open += open;
		if (open)
			s.longest_open_s = MAX(s.longest_open_s, v);
		vec_push(f->a, &spells, ((struct spell){(double)v, open}));
	}
	double weeks[STUDY_WEEKS] = {0};
	size_t n = 0;
	for (int i = 0; i < STUDY_WEEKS; i++) {
		if (!w->known[i])
			continue;
		for (int k = 0; k < 7; k++)
			weeks[n] += day[7 * i + k];
		n++;
	}
	lead_time_end(&times, &lead);
	s.days_a_week = stats_median(weeks, n);
	s.lead_s = lead.commits > 0 ? lead.median_s : NAN;
	s.commits = lead.commits;
	s.recovery_s = stats_spell_median(spells.v, spells.n);
	vec_push(f->a, &f->dora.v, s);
}

static int most_first(const void *p, const void *q)
{
	const struct dora_service *x = p, *y = q;
	if (x->done != y->done)
		return x->done > y->done ? -1 : 1;
	return strcmp(x->service, y->service);
}

bool dora_find(struct study *f, struct err *e)
{
	struct work w = {.f = f};
	if (!study_fed(f, "deployments.total"))
		return true;
	if (!load(&w, e))
		return false;
	for (int i = 0; i < STUDY_WEEKS; i++)
		f->dora.weeks += w.known[i];
	for (size_t i = 0; i < w.all.n; i++) {
		const struct deploy *d = &w.all.v[i];
		bool had = !counts(&w, d);
		for (size_t k = 0; k < f->dora.v.n && !had; k++)
			had = text_eq(f->dora.v.v[k].service, d->service);
		if (!had)
			add_service(&w, d->service);
	}
	if (f->dora.v.n > 1)
		qsort(f->dora.v.v, f->dora.v.n, sizeof *f->dora.v.v, most_first);
	return true;
}
