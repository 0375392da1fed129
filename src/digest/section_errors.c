#include "base/text.h"
#include "digest/doc.h"
#include "digest/figures.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

static const char *now_of(const struct study *f, const struct error_row *r)
{
	if (r->resolved || text_eq(r->i->status, "resolved"))
		return r->i->resolved_s != TIME_NONE
			       ? arena_printf(f->a, "resolved %s",
					      w_day(f->a, f->z, r->i->resolved_s))
			       : "resolved";
	if (text_eq(r->i->status, "ignored"))
		return "archived";
	if (r->happening)
		return m_tag(f->a, "red", "Still happening");
	if (r->i->events == 1)
		return "once";
	int64_t last = r->i->week_last_seen_s;
	return last == TIME_NONE ? "" : arena_printf(f->a, "last seen %s", w_day(f->a, f->z, last));
}

static void issue_cell(const struct study *f, struct xnode *row, const struct error_row *r)
{
	const char *name = r->i->short_id ? r->i->short_id : r->i->title ? r->i->title : r->key;
	doc_cell(row, m_link(f->a, r->i->url, name),
		 r->i->short_id ? m_out(f->a, r->i->title) : NULL);
}

static const char *count_cell(const struct study *f, int64_t n)
{
	return n == NUM_NONE ? "not known" : w_count(f->a, n);
}

static void new_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Issue", .kind = "text"},
		{.label = "Project", .kind = "text"},
		{.label = "Events", .kind = "number", .after = "events"},
		{.label = "Users", .kind = "number", .after = "users"},
		{.label = "First seen", .kind = "time", .before = "first seen"},
		{.label = "After deployment", .kind = "text", .before = "after"},
		{.label = "Now", .kind = "time"}};
	size_t n = 0;
	for (size_t i = 0; i < f->errors.rows.n; i++)
		n += f->errors.rows.v[i].is_new;
	if (n == 0)
		return;
	struct xnode *t = doc_table(s, "errors.new.table", "New errors, most events first", cols,
				    ARRAY_SIZE(cols));
	size_t shown = 0;
	for (size_t i = 0; i < f->errors.rows.n && shown < SECTION_ROWS; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		const struct deploy *d = r->cause.deploy;
		if (!r->is_new)
			continue;
		shown++;
		struct xnode *row = doc_row(t, r->item);
		issue_cell(f, row, r);
		doc_cell(row, m_out(f->a, r->i->project), r->owner ? r->owner : "no owner");
		doc_cell(row, count_cell(f, r->i->events), NULL);
		doc_cell(row, count_cell(f, r->i->users), NULL);
		doc_cell(row, m_time(f->a, r->began_s, w_when(f->a, f->z, r->began_s)), NULL);
		if (d)
			doc_cell(row,
				 arena_printf(f->a, "%s %s", m_out(f->a, d->service),
					      w_clock(f->a, f->z, d->at_s)),
				 strength_name(r->cause.strength));
		else
			doc_cell(row, "none in 24 hours", NULL);
		doc_cell(row, now_of(f, r), NULL);
	}
	section_fold(f, s, t, n, "new errors");
}

static bool came_back(const struct error_row *r)
{
	return !r->is_new && (r->regressed || r->escalating || r->mark == MARK_UP);
}

static void back_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Issue", .kind = "text"},
					  {.label = "State", .kind = "text"},
					  {.label = "Events", .kind = "number", .after = "events"},
					  {.label = "Usual", .kind = "text", .before = "usually"},
					  {.label = "What happened", .kind = "text"}};
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < f->errors.rows.n; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		if (!came_back(r) || n++ >= SECTION_ROWS)
			continue;
		if (!t)
			t = doc_table(s, "errors.back", "Back, or growing", cols, ARRAY_SIZE(cols));
		struct xnode *row = doc_row(t, r->item);
		issue_cell(f, row, r);
		doc_cell(row,
			 m_tag(f->a, "orange",
			       r->regressed    ? "Regressed"
			       : r->escalating ? "Escalating"
					       : "▲ More than usual"),
			 NULL);
		doc_cell(row, count_cell(f, r->i->events), NULL);
		doc_cell(row,
			 isnan(r->usual.low) ? "no history yet"
					     : w_range(f->a, r->usual.low, r->usual.high),
			 NULL);
		const char *what =
			r->regressed	? arena_printf(f->a, "back %s",
						       w_date(f->a, f->z, r->i->regressed_s))
			: r->escalating ? arena_printf(f->a, "rising since %s",
						       w_date(f->a, f->z, r->i->escalated_s))
					: "more events than in its other weeks";
		doc_cell(row, arena_printf(f->a, "%s; %s", what, r->owner ? r->owner : "no owner"),
			 r->happening ? "still happening" : NULL);
	}
	if (t)
		section_fold(f, s, t, n, "that are back or growing");
}

/* What a link within the hour is worth, by how often chance alone makes one. */
static const char *worth(const struct study *f)
{
	const struct chance *c = &f->chance;
	if (isnan(c->fraction))
		return "";
	const char *fact = arena_printf(
		f->a,
		" Over %s %s new errors began within an hour of some deployment; chance alone "
		"would make that about %s",
		w_plural(f->a, c->weeks, "week", "weeks"), w_count(f->a, c->soon),
		w_count(f->a, llround(c->expected)));
	long tenths = lround(c->fraction * 10);
	if (tenths < 1)
		return arena_printf(f->a, "%s, so closeness in time says nothing here.", fact);
	return arena_printf(f->a, "%s, so such a link is right about %s.", fact,
			    tenths >= 10 ? "always"
					 : arena_printf(f->a, "%ld times in 10", tenths));
}

static void causes(const struct study *f, struct xnode *side)
{
	const struct number *n = numbers_get(&f->numbers, "errors.new");
	int64_t total = llround(n->value), soon = f->errors.soon;
	doc_heading(side, "What probably caused them");
	if (total == 0) {
		doc_para(side, NULL, "No errors began this week.");
		return;
	}
	if (isnan(numbers_get(&f->numbers, "deployments.total")->value)) {
		doc_para(side, NULL,
			 "Deployments are not known this week, so no error can be tied to one.");
		return;
	}
	const char *sure =
		f->errors.certain == 0
			? ""
			: arena_printf(f->a, " %s the release that was deployed.",
				       w_plural(f->a, f->errors.certain, "names", "name"));
	doc_para(side, NULL,
		 soon == 0 ? arena_printf(f->a,
					  "None of the %s began within an hour of a deployment of "
					  "the same service.%s",
					  w_count(f->a, total), sure)
			   : arena_printf(f->a,
					  "%s of the %s began within an hour of a deployment of "
					  "the same service.%s",
					  w_count(f->a, soon), w_count(f->a, total), sure));
	doc_para(side, "note",
		 arena_printf(f->a,
			      "Certain: the event names the deployed release. Strong: within an "
			      "hour of exactly one deployment. Shared: of several. Weak: within 24 "
			      "hours. None of them proves a cause.%s",
			      worth(f)));
}

static const char *figure_title(const struct number *n)
{
	if (n->incomplete)
		return "New errors are not known in full this week";
	if (text_eq(n->mark, "up"))
		return "New errors are above their usual range";
	if (text_eq(n->mark, "down"))
		return "New errors are below their usual range";
	return isnan(n->low) ? "New errors by week" : "A usual number of new errors";
}

void section_errors(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "errors", "Errors");
	if (!section_known(f, s, "errors.new", "errors"))
		return;
	const struct number *n = numbers_get(&f->numbers, "errors.new");
	const char *compared = w_compared(f->a, n), *count = w_value(f->a, n, false);
	const char *unresolved = section_num(f, "errors.unresolved");
	xml_attr(s, "summary", arena_printf(f->a, "%s new", w_value(f->a, n, true)));
	xml_attr(s, "line",
		 arena_printf(f->a, "%s new%s; %s unresolved", count, compared,
			      m_plain(f->a, unresolved)));
	if (n->value < 1 && f->errors.rows.n == 0)
		doc_para(s, "lede",
			 n->incomplete
				 ? "No errors were seen in what could be collected."
				 : "No errors happened this week; Sentry was collected in full.");
	else
		doc_para(
			s, "lede",
			arena_printf(f->a,
				     "%s new %s%s. %s regressed, %s escalated, %s %s resolved; %s "
				     "%s unresolved in %s, with %s events in all.",
				     m_num(f->a, "errors.new",
					   n->value < 1 && !n->incomplete ? "No"
									  : w_capital(f->a, count)),
				     section_word(f, "errors.new", "issue", "issues"), compared,
				     section_num(f, "errors.regressed"),
				     section_num(f, "errors.escalating"),
				     section_num(f, "errors.resolved"),
				     section_word(f, "errors.resolved", "was", "were"), unresolved,
				     section_word(f, "errors.unresolved", "is", "are"),
				     f->environment, section_num(f, "errors.events")));
	struct xnode *left, *right;
	doc_pair(s, &left, &right);
	figure_columns(
		f, left, "errors.figure", "errors.new", figure_title(n),
		arena_printf(f->a, "New Sentry issues in %s, %s", f->environment, figure_span(f)),
		"New errors", NULL, 0);
	causes(f, right);
	if (f->counts_only)
		return;
	new_table(f, s);
	back_table(f, s);
}
