#include "digest/corrections.h"

#include "base/parse.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/study.h"
#include "digest/words.h"

#include <math.h>

static void correct(struct study *f, const struct history_week *h, const struct week *w,
		    const char *id, const char *name, int64_t now)
{
	bool incomplete;
	double then = numbers_then(h, id, &incomplete);
	/* A number that was incomplete then promised no more than "at least". */
	if (isnan(then) || incomplete || llround(then) == now ||
	    numbers_get(&f->numbers, id)->incomplete || isnan(numbers_get(&f->numbers, id)->value))
		return;
	vec_push(f->a, &f->corrections,
		 arena_printf(f->a, "%s in week %d: %s, not %s.", name, w->number,
			      w_count(f->a, now), w_count(f->a, llround(then))));
}

/* A run of [from_s, to_s) was run again since this week began: for up to 30 days GitHub allows it.
 */
static bool run_again(const struct study *f, int64_t from_s, int64_t to_s)
{
	for (size_t i = 0; i < f->ci.runs.n; i++) {
		const struct rec_run *r = f->ci.runs.v[i].r;
		if (r->created_s >= from_s && r->created_s < to_s && r->attempt > 1 &&
		    r->started_s != TIME_NONE && r->started_s >= f->from_s)
			return true;
	}
	return false;
}

/* Older weeks, as far as their runs are read: only what a re-run of this week changed, since the
 * rest was told before. */
static void older_weeks(struct study *f)
{
	for (size_t i = 0; i < f->history.n; i++) {
		const struct history_week *h = &f->history.v[i];
		for (int back = 2; back <= 4; back++) {
			struct week w = week_add(f->z, &f->week, -back);
			if (strcmp(h->week, w.name) != 0 || !run_again(f, w.from_s, w.to_s))
				continue;
			struct ci_counts c = ci_count(f, w.from_s, w.to_s, false);
			correct(f, h, &w, "ci.failed", "Failed CI runs", c.failed);
			correct(f, h, &w, "ci.flaky", "Flaky runs", c.flaky);
		}
	}
}

void corrections_find(struct study *f)
{
	older_weeks(f);
	struct week w = week_add(f->z, &f->week, -1);
	if (f->history.n == 0 || strcmp(f->history.v[0].week, w.name) != 0)
		return;
	const struct history_week *h = &f->history.v[0];
	struct ci_counts c = ci_count(f, w.from_s, w.to_s, false);
	int64_t d[3];
	deployments_recount(f, w.from_s, w.to_s, d);
	const struct {
		const char *id, *name;
		int64_t now;
	} all[] = {{"ci.runs", "CI runs", c.runs},
		   {"ci.failed", "Failed CI runs", c.failed},
		   {"ci.real", "Real failures", c.real},
		   {"ci.flaky", "Flaky runs", c.flaky},
		   {"ci.infrastructure", "Runs that failed for want of a runner", c.infrastructure},
		   {"ci.undecided", "Failures not decided", c.undecided},
		   {"ci.cancelled", "Cancelled runs", c.cancelled},
		   {"deployments.total", "Production deployments", d[0]},
		   {"deployments.failed", "Failed production deployments", d[1]},
		   {"deployments.rolled_back", "Production deployments rolled back", d[2]}};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		correct(f, h, &w, all[i].id, all[i].name, all[i].now);
}

/* Zero now, and at least five in each of the three newest known weeks. */
static bool fell_silent(const struct study *f, const char *id, double *least)
{
	const struct number *n = numbers_get(&f->numbers, id);
	int known = 0;
	if (isnan(n->value) || n->incomplete || n->value > 0)
		return false;
	for (size_t i = 0; i < f->history.n && known < 3; i++) {
		bool incomplete;
		double v = numbers_then(&f->history.v[i], id, &incomplete);
		if (isnan(v) || incomplete)
			continue;
		if (v < 5)
			return false;
		*least = known == 0 ? v : MIN(*least, v);
		known++;
	}
	return known == 3;
}

bool silence_find(struct study *f, struct err *e)
{
	static const char *const watched[][2] = {{"errors.events", "error events"},
						 {"ci.runs", "CI runs"},
						 {"deployments.total", "production deployments"}};
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++) {
		double least = 0;
		if (fell_silent(f, watched[i][0], &least))
			vec_push(f->a, &f->silent,
				 arena_printf(f->a,
					      "There are no %s this week, after at least %s in "
					      "each of the last three weeks. "
					      "Check that the source still sees what it should.",
					      watched[i][1], w_count(f->a, llround(least))));
	}
	/* The same source's second count: accepted events per project and day. */
	char from[TIME_TEXT], to[TIME_TEXT];
	struct days days = {0};
	int64_t volume = 0;
	time_iso(f->from_s + 86399, from), time_iso(f->to_s - 86400, to);
	from[10] = to[10] = '\0';
	if (!errors_days(f->in->db, from, to, f->a, &days, e))
		return false;
	for (size_t i = 0; i < days.n; i++)
		volume += days.v[i].events;
	const struct number *events = numbers_get(&f->numbers, "errors.events");
	if (volume >= 20 && !f->errors.narrowed && !isnan(events->value) && events->value < 1 &&
	    f->silent.n == 0)
		vec_push(f->a, &f->silent,
			 arena_printf(f->a,
				      "Sentry accepted %s this week, but no issue with events was "
				      "listed. Check the configured "
				      "projects and environments.",
				      w_plural(f->a, volume, "error event", "error events")));
	return true;
}
