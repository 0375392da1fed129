/* The rules about what only a notifications channel told. */
#include "base/text.h"
#include "digest/doc.h"
#include "digest/needs_rules.h"
#include "digest/study.h"
#include "digest/words.h"

/* An item each, so that the data names every one; one action together: the channel cannot tell
 * which of them have passed since. */
static bool failed_dags(struct study *f, struct err *e)
{
	struct strv names = {0};
	struct told_row *worst = NULL;
	const char *team = NULL;
	bool one_team = true;
	int64_t n = 0, times = 0;
	for (size_t i = 0; i < f->told_posts.rows.n; i++) {
		struct told_row *r = &f->told_posts.rows.v[i];
		if (r->m->kind != MESSAGE_DAG)
			continue;
		const char *name = m_plain(f->a, m_out(f->a, r->t->subject));
		if (!needs_own_item(f, arena_printf(f->a, "airflow:%s", r->t->subject),
				    arena_printf(f->a, "The DAG %s failed %s, told only in Slack",
						 name, w_plural(f->a, r->times, "time", "times")),
				    r->t->url, r->owner, &r->item, e))
			return false;
		one_team &= n == 0 || text_eq(team, r->owner);
		team = r->owner;
		worst = !worst || r->times > worst->times ? r : worst;
		n++, times += r->times;
		vec_push(f->a, &names,
			 arena_printf(f->a, "%s %s, last %s", m_code(f->a, r->t->subject),
				      w_plural(f->a, r->times, "time", "times"),
				      w_when(f->a, f->z, r->m->posted_s)));
	}
	if (n == 0)
		return true;
	struct action x = {.item = worst->item,
			   .owner = one_team ? team : NULL,
			   .age = "this week",
			   .href = "#told"};
	x.title = n == 1 ? arena_printf(f->a, "Look into the DAG %s, which failed",
					m_plain(f->a, m_out(f->a, worst->t->subject)))
			 : arena_printf(f->a, "Look into %s that failed",
					w_plural(f->a, n, "DAG", "DAGs"));
	x.reason = arena_printf(f->a,
				"Airflow told so in Slack: %s. Whether they passed since is "
				"not told.",
				w_list(f->a, &names, 3));
	needs_add(f, NEED_DAG_FAILED, (double)times, x);
	return true;
}

static bool lost_scans(struct study *f, struct err *e)
{
	for (size_t i = 0; i < f->told_posts.rows.n; i++) {
		struct told_row *r = &f->told_posts.rows.v[i];
		if (!r->lost)
			continue;
		struct action x = {.owner = r->owner, .age = "this week", .href = "#told"};
		x.title = arena_printf(f->a, "Bring back the lost report of the %s scan of %s",
				       m_plain(f->a, m_out(f->a, r->t->tool)),
				       m_plain(f->a, m_out(f->a, r->t->subject)));
		x.reason = arena_printf(
			f->a,
			"It ran %s: Slack tells %s, but no report was read, so nothing new "
			"or fixed is known.",
			w_when(f->a, f->z, r->m->posted_s),
			told_counts(f, r->t->severity, r->t->total));
		if (!needs_own_item(f,
				    arena_printf(f->a, "report:%s/%s", r->t->tool, r->t->subject),
				    x.title, r->t->url, r->owner, &r->item, e))
			return false;
		x.item = r->item;
		needs_add(f, NEED_SCAN_MISSING, 0, x);
	}
	return true;
}

bool needs_told(struct study *f, struct err *e)
{
	return failed_dags(f, e) && lost_scans(f, e);
}
