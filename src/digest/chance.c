#include "digest/chance.h"

#include "base/text.h"
#include "digest/figures.h"
#include "digest/owners.h"
#include "digest/study.h"

#include <math.h>

#define WINDOW_S   ((int64_t)3600)
#define WEEKS_MIN  4
#define ERRORS_MIN 5

struct window {
	int64_t from_s, to_s;
};
struct windows {
	struct window *v;
	size_t n, cap;
};

static int by_begin(const void *p, const void *q)
{
	int64_t x = ((const struct window *)p)->from_s, y = ((const struct window *)q)->from_s;
	return (x > y) - (x < y);
}

/* Overlapping windows are one: an hour is counted once. */
static void unite(struct windows *w)
{
	size_t n = 0;
	if (w->n > 0)
		qsort(w->v, w->n, sizeof *w->v, by_begin);
	for (size_t i = 0; i < w->n; i++) {
		if (n > 0 && w->v[i].from_s <= w->v[n - 1].to_s)
			w->v[n - 1].to_s = MAX(w->v[n - 1].to_s, w->v[i].to_s);
		else
			w->v[n++] = w->v[i];
	}
	w->n = n;
}

static int64_t inside_s(const struct windows *w, int64_t from_s, int64_t to_s)
{
	int64_t sum = 0;
	for (size_t i = 0; i < w->n; i++)
		sum += MAX(MIN(w->v[i].to_s, to_s) - MAX(w->v[i].from_s, from_s), (int64_t)0);
	return sum;
}

static bool find_windows(struct study *f, int64_t from_s, struct windows *out, struct err *e)
{
	struct deployments list = {0};
	if (!deploys_list(f->in->db, from_s - WINDOW_S, f->to_s, f->a, &list, e))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		const struct rec_deployment *d = &list.v[i];
		if (d->finished_s == TIME_NONE ||
		    !text_eq(config_environment(f->cfg, d->environment), f->environment))
			continue;
		struct window w = {d->finished_s, d->finished_s + WINDOW_S};
		vec_push(f->a, out, w);
	}
	unite(out);
	return true;
}

bool chance_find(struct study *f, struct chance *out, struct err *e)
{
	struct chance c = {.fraction = NAN};
	struct windows windows = {0};
	struct issue_firsts firsts = {0};
	double hours_in = 0, hours_out = 0;
	const struct week *first = &f->weeks[0];
	if (!find_windows(f, first->from_s, &windows, e) ||
	    !errors_firsts(f->in->db, first->name, f->week.name, first->from_s, f->to_s, f->a,
			   &firsts, e))
		return false;
	for (int i = 0; i < STUDY_WEEKS; i++) {
		const struct week *w = &f->weeks[i];
		if (figure_week(f, "errors.new", i).state != WEEK_KNOWN ||
		    figure_week(f, "deployments.total", i).state != WEEK_KNOWN)
			continue;
		int64_t in_s = inside_s(&windows, w->from_s, w->to_s);
		c.weeks++;
		hours_in += (double)in_s / 3600;
		hours_out += (double)(w->to_s - w->from_s - in_s) / 3600;
		for (size_t k = 0; k < firsts.n; k++) {
			const struct issue_first *x = &firsts.v[k];
			if (x->at_s < w->from_s || x->at_s >= w->to_s ||
			    !study_shown(f,
					 owner_of(f->cfg, &(struct belongs){.sentry = x->project},
						  f->a)))
				continue;
			bool soon = inside_s(&windows, x->at_s, x->at_s + 1) > 0;
			c.soon += soon;
			c.others += !soon;
		}
	}
	if (hours_out > 0)
		c.expected = (double)c.others / hours_out * hours_in;
	if (c.weeks >= WEEKS_MIN && c.soon >= ERRORS_MIN)
		c.fraction = MAX(1 - c.expected / (double)c.soon, 0.0);
	*out = c;
	return true;
}
