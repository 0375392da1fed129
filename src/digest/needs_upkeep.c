/* The rules about findings, scans, sources and their tokens. */
#include "base/text.h"
#include "digest/doc.h"
#include "digest/needs_rules.h"
#include "digest/study.h"
#include "digest/words.h"

#define DAY_S	  ((int64_t)86400)
#define REASON_CP 160 /* a reason names a path or an address and what is wrong with it */

static const char *joined_owners(struct study *f, const struct strv *teams)
{
	return teams->n ? w_list(f->a, teams, 2) : NULL;
}

static void add_team(struct study *f, struct strv *teams, const char *team)
{
	for (size_t i = 0; team && i < teams->n; i++)
		if (text_eq(teams->v[i], team))
			return;
	if (team)
		vec_push(f->a, teams, team);
}

/* Phrases that have commas of their own. */
static const char *clauses(struct study *f, const struct strv *v, size_t max)
{
	struct sb b;
	sb_init(&b, f->a, SIZE_MAX / 8);
	for (size_t i = 0; i < v->n && i < max; i++)
		sb_addf(&b, "%s%s", i ? "; " : "", v->v[i]);
	if (v->n > max)
		sb_addf(&b, "; and %s", w_plural(f->a, (int64_t)(v->n - max), "other", "others"));
	return sb_str(&b);
}

/* Findings of one severity past its limit are one action: closing them is one piece of work. */
void needs_overdue(struct study *f, enum severity s)
{
	struct strv teams = {0}, names = {0};
	const struct finding_row *worst = NULL;
	int64_t n = 0;
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		if (!r->overdue || r->w->f.severity != s)
			continue;
		n++;
		worst = !worst || r->over_days > worst->over_days ? r : worst;
		add_team(f, &teams, r->owner);
		const char *title = r->w->f.title ? r->w->f.title : r->w->f.rule;
		vec_push(f->a, &names,
			 arena_printf(f->a, "%s on %s, %s over%s", m_out(f->a, title),
				      m_code(f->a, r->w->f.target),
				      r->over_days < 1
					      ? "under a day"
					      : w_plural(f->a, r->over_days, "day", "days"),
				      r->held ? " and held open" : ""));
	}
	if (n == 0)
		return;
	int64_t limit = security_limit_days(f, s);
	struct action x = {.item = worst->item,
			   .owner = joined_owners(f, &teams),
			   .age = w_plural(f->a, limit + worst->over_days, "day", "days"),
			   .href = "#security"};
	x.title =
		arena_printf(f->a, "Close %s that %s past %s %s days",
			     w_plural(f->a, n, arena_printf(f->a, "%s finding", severity_name(s)),
				      arena_printf(f->a, "%s findings", severity_name(s))),
			     n == 1 ? "is" : "are", n == 1 ? "its" : "their", w_count(f->a, limit));
	x.reason = arena_printf(f->a, "%s.", clauses(f, &names, 3));
	needs_add(f, s <= SEV_HIGH ? NEED_OVERDUE : NEED_OVERDUE_LOWER,
		  (double)(SEV_COUNT - s) * 1e6 + (double)n, x);
}

void needs_critical(struct study *f)
{
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		if (r->w->f.severity != SEV_CRITICAL || !r->open || r->overdue || r->set_aside ||
		    !(r->is_new || r->w->is_reopened))
			continue;
		const char *title = r->w->f.title ? r->w->f.title : r->w->f.rule;
		struct action x = {.item = r->item,
				   .owner = r->owner,
				   .age = needs_age(f, r->w->f.first_seen_s),
				   .href = r->w->f.url};
		x.title = arena_printf(f->a, "Close the new critical finding on %s",
				       m_out(f->a, r->w->f.target));
		x.reason = arena_printf(f->a, "%s, found by %s%s.", m_out(f->a, title),
					m_out(f->a, r->w->f.tool),
					r->w->f.fix ? "; an update is available" : "");
		needs_add(f, NEED_CRITICAL_NEW, 1, x);
	}
}

bool needs_scans(struct study *f, struct err *e)
{
	for (size_t i = 0; i < f->security.scans.n; i++) {
		const struct scan_row *s = &f->security.scans.v[i];
		if (s->outcome != SCAN_GAVE_NOTHING && s->outcome != SCAN_NOT_RUN)
			continue;
		struct action x = {.owner = s->owner, .href = "#security"};
		x.title = arena_printf(f->a, "Make the %s %s of %s run again", m_out(f->a, s->tool),
				       s->list ? "list" : "scan", m_out(f->a, s->target));
		const char *why = s->outcome == SCAN_NOT_RUN ? "It did not run this week"
				  : s->last->reason	     ? arena_printf(f->a, "It failed: %s",
									    m_out(f->a, s->last->reason))
							     : "It failed";
		const char *last = s->last_usable_s == TIME_NONE
					   ? "It never gave a result."
					   : arena_printf(f->a, "Last result: %s.",
							  w_date(f->a, f->z, s->last_usable_s));
		const char *kept = s->open == 0 ? ""
						: arena_printf(f->a, " %s held open.",
							       w_plural(f->a, s->open, "finding is",
									"findings are"));
		x.reason = arena_printf(f->a, "%s. %s%s", why, last, kept);
		x.age = s->last_usable_s == TIME_NONE ? "this week"
						      : needs_age(f, s->last_usable_s);
		if (!needs_own_item(f,
				    arena_printf(f->a, "scan:%s/%s%s%s", s->tool, s->target,
						 *s->scope ? "/" : "", s->scope),
				    x.title, NULL, s->owner, &x.item, e))
			return false;
		needs_add(f, NEED_SCAN_MISSING, (double)s->without * 1000 + (double)s->open, x);
	}
	return true;
}

bool needs_sources(struct study *f, struct err *e)
{
	for (size_t i = 0; i < f->coverage.n; i++) {
		const struct coverage_row *c = &f->coverage.v[i];
		bool failed = c->status == LEDGER_FAILED;
		if (!failed && c->status != LEDGER_PARTIAL)
			continue;
		/* What no number waits for yet is said under coverage; it needs nobody this week.
		 */
		if (!*c->affects)
			continue;
		struct action x = {.href = "#how"};
		const char *name = m_plain(f->a, m_out(f->a, c->source));
		x.title = failed ? arena_printf(f->a, "Make the source %s collect again", name)
				 : arena_printf(f->a, "Complete what the source %s may read", name);
		x.reason = arena_printf(f->a, "%s. Without it %s %s.",
					c->reason ? text_line(f->a, c->reason, REASON_CP)
						  : "It gave no reason",
					coverage_words(f->a, c->affects),
					failed ? "are unknown or incomplete" : "are incomplete");
		if (!needs_own_item(f, arena_printf(f->a, "source:%s", c->source), x.title, NULL,
				    NULL, &x.item, e))
			return false;
		x.age = needs_weeks_old(f, x.item);
		needs_add(f, failed ? NEED_SOURCE_FAILED : NEED_SOURCE_PARTIAL, 1, x);
	}
	for (size_t i = 0; i < f->silent.n; i++) {
		struct action x = {.href = "#how", .reason = f->silent.v[i]};
		x.title = "Check a source that fell silent";
		if (!needs_own_item(f, arena_printf(f->a, "silent:%zu", i), x.title, NULL, NULL,
				    &x.item, e))
			return false;
		x.age = needs_weeks_old(f, x.item);
		needs_add(f, NEED_SOURCE_SILENT, 1, x);
	}
	return true;
}

/* Ahead of the next digest and the one after: there must be time to renew it. */
bool needs_tokens(struct study *f, struct err *e)
{
	for (size_t i = 0; i < f->told.n; i++) {
		const struct fact *t = &f->told.v[i];
		if (strcmp(t->name, "token_expires") != 0 || t->at_s == TIME_NONE ||
		    t->at_s >= f->now_s + 14 * DAY_S)
			continue;
		bool gone = t->at_s <= f->now_s;
		struct action x = {.due_s = gone ? TIME_NONE : t->at_s, .href = "#how"};
		const char *day = w_date(f->a, f->z, t->at_s);
		const char *source = m_plain(f->a, m_out(f->a, t->source));
		x.title = gone ? arena_printf(f->a, "Renew the token of the source %s", source)
			       : arena_printf(f->a, "Renew the token of the source %s by %s",
					      source, day);
		x.reason = arena_printf(
			f->a, "%s %s on %s. Without it the next digests will be incomplete.",
			t->text ? m_out(f->a, t->text) : "It", gone ? "expired" : "expires", day);
		int64_t d = (t->at_s - f->now_s) / DAY_S;
		x.age = gone	? "expired"
			: d < 1 ? "due today"
				: arena_printf(f->a, "due in %s", w_plural(f->a, d, "day", "days"));
		if (!needs_own_item(
			    f, arena_printf(f->a, "token:%s/%s", t->source, t->text ? t->text : ""),
			    x.title, NULL, NULL, &x.item, e))
			return false;
		needs_add(f, NEED_TOKEN_EXPIRES, -(double)t->at_s, x);
	}
	return true;
}
