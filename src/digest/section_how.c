#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

static const char *state_tag(const struct study *f, enum ledger_status s)
{
	switch (s) {
	case LEDGER_COMPLETE:
		return m_tag(f->a, "green", "Complete");
	case LEDGER_PARTIAL:
		return m_tag(f->a, "orange", "Partial");
	case LEDGER_FAILED:
		return m_tag(f->a, "red", "Failed");
	case LEDGER_NOT_ENABLED:
		return m_tag(f->a, "grey", "Not configured");
	}
	return "";
}

static void source_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Source", .kind = "text"},
		{.label = "State", .kind = "text"},
		{.label = "Expected", .kind = "number", .before = "expected"},
		{.label = "Received", .kind = "number", .before = "received"},
		{.label = "As of", .kind = "time", .lo = true, .before = "as of"},
		{.label = "What is missing", .kind = "text"}};
	doc_heading(s, "What this digest does not know");
	if (f->coverage.n == 0) {
		doc_para(s, NULL, "No source is configured.");
		return;
	}
	struct xnode *t = doc_table(s, "how.sources", "Sources", cols, ARRAY_SIZE(cols));
	static const enum ledger_status order[] = {LEDGER_FAILED, LEDGER_PARTIAL, LEDGER_COMPLETE,
						   LEDGER_NOT_ENABLED};
	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		for (size_t i = 0; i < f->coverage.n; i++) {
			const struct coverage_row *c = &f->coverage.v[i];
			if (c->status != order[k])
				continue;
			struct xnode *r = doc_row(t, NULL);
			doc_cell(r, m_code(f->a, c->source), NULL);
			doc_cell(r, state_tag(f, c->status), NULL);
			doc_cell(r,
				 c->expected == NUM_NONE ? "not told" : w_count(f->a, c->expected),
				 NULL);
			doc_cell(r, w_count(f->a, c->received), NULL);
			doc_cell(r,
				 c->as_of_s == TIME_NONE
					 ? "never"
					 : m_time(f->a, c->as_of_s, w_when(f->a, f->z, c->as_of_s)),
				 NULL);
			const char *reason = !c->reason	      ? "nothing"
					     : f->counts_only ? "not told here"
							      : text_line(f->a, c->reason, 200);
			const char *touched =
				*c->affects ? arena_printf(f->a, "touches %s",
							   coverage_words(f->a, c->affects))
					    : NULL;
			doc_cell(r, reason, touched);
		}
	}
}

/* Said where there is something to say it of. */
static void monitoring_terms(const struct study *f, struct xnode *t)
{
	const struct monitoring_week *w = &f->monitoring;
	const char *id = NULL;
	for (size_t i = 0; i < w->services.n && !id; i++)
		if (w->services.v[i].measured)
			id = w->services.v[i].id;
	if (id)
		doc_term(t, "Available", id,
			 "The share of the week’s minutes that the status page does not count as "
			 "down, of the service’s least available site. Without such minutes the "
			 "page’s own figure of seven days, if it was read within a day of the "
			 "week’s end; without a status page, the share of its canaries’ runs that "
			 "passed.");
	if (f->performance.projects.n > 0)
		doc_term(t, "95th percentile", NULL,
			 "As fast as that or faster were 95 of 100 transactions. Failed: Sentry’s "
			 "failure rate. Without a crash: of sessions.");
	if (w->metrics.n > 0)
		doc_term(t, "On a dashboard", w->metrics.v[0].id,
			 "The first line of the widget: for sums and counts the sum of the week, "
			 "for a maximum the highest value, for a minimum the lowest, for all else "
			 "the mean of the week’s values. No value is no zero.");
}

static void definitions(const struct study *f, struct xnode *s)
{
	const char *env = f->environment;
	const struct config *c = f->cfg;
	doc_heading(s, "Definitions");
	struct xnode *t = xml_add(s, "terms");
	doc_term(t, "Usual range", NULL,
		 "What about 98 of 100 weeks would show if nothing had changed, from 8 to 26 "
		 "complete weeks before this one: "
		 "quasi-Poisson for what happens, moving range for what is open and for durations. "
		 "No mark under 5 in four weeks, "
		 "none from an incomplete week, no percentage of fewer than 20.");
	doc_term(t, "At least", NULL,
		 "Part of what feeds the number was not collected. Unknown is never written as 0.");
	doc_term(t, "New error", "errors.new",
		 arena_printf(f->a, "A Sentry issue first seen in %s in this week.",
			      c->sentry.n ? "the configured environments" : env));
	doc_term(t, "Regressed, escalating, resolved", "errors.regressed",
		 "Sentry says so of the issue inside the week. An issue can count in several.");
	doc_term(t, "Unresolved", "errors.unresolved",
		 "Unresolved when it was collected, with an event in the week.");
	doc_term(t, "Strong link", NULL,
		 "The error began within 60 minutes of exactly one deployment of its service. "
		 "Certain: the event names the deployed "
		 "release. Shared: several deployments within the hour. Weak: within 24 hours. A "
		 "link is no proof.");
	doc_term(t, "Deployment", "deployments.total",
		 arena_printf(f->a,
			      "One change of what runs in %s, in the week it finished, whoever "
			      "told of it. An image push alone is "
			      "none. Rolled back: failed and undone; the rollback is part of it. "
			      "An unfinished one counts in the week it started in.",
			      env));
	doc_term(t, "Lead time", "deployments.lead_time_s",
		 arena_printf(f->a,
			      "From a commit to the end of the deployment that brought it to %s: "
			      "the median over the week's commits, counted from what was deployed "
			      "there before. Not known where no repository tells the commits.",
			      env));
	doc_term(t, "Lead time, days a week, failed, recovery, rework",
		 "deployments.change_fail_rate",
		 "DORA’s five, of the weeks that are known in full. Days with a deployment: the "
		 "median week. Failed: failed or rolled back. Recovery: to the next success there; "
		 "those open count as open. Rework: an earlier version put back.");
	doc_term(t, "Failed run", "ci.failed",
		 "A run created in the week whose latest attempt failed, timed out or could not "
		 "start.");
	doc_term(t, "Real, flaky, infrastructure, not decided", "ci.real",
		 "Flaky: the same workflow, commit and event succeeded later. Infrastructure: "
		 "nothing ran for want of a runner. Real: the "
		 "next different commit on the branch fails in the same job. Everything else that "
		 "failed is not decided.");
	doc_term(t, "Failing now", "ci.failing_now",
		 "The last run with an outcome on the default branch, up to 30 days back, failed.");
	doc_term(t, "Stopped silently", "ci.stopped",
		 "A scheduled workflow that is switched off, or whose last two times passed "
		 "without a run.");
	doc_term(t, "Time to green", "ci.time_to_green_s",
		 "From the first real failure after a success to the next success on the default "
		 "branch; the median of at least three.");
	doc_term(
		t, "New, fixed, held open", "security.new",
		"New: in no earlier scan of that tool and target; a first scan makes nothing new. "
		"Fixed: gone from a later scan that gave "
		"a full result. Held open: gone, but from a scan that failed, covered a part, lost "
		"most of its findings at once or came from another version of the tool; or not "
		"scanned.");
	doc_term(t, "Past its limit", "security.overdue",
		 arena_printf(f->a,
			      "Open for more than %d days (critical), %d (high), %d (medium) or %d "
			      "(low) since it was first found; "
			      "accepted risks are left out.",
			      c->deadlines.critical, c->deadlines.high, c->deadlines.medium,
			      c->deadlines.low));
	monitoring_terms(f, t);
	terms_add(t, f->a);
}

void section_how(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "how", "How these numbers are made");
	for (size_t i = 0; i < f->silent.n; i++)
		doc_callout(s, "warning", f->silent.v[i]);
	source_table(f, s);
	definitions(f, s);
	int64_t needs = 0, aside = f->needs.set_aside;
	for (size_t i = 0; i < f->items.n; i++) {
		bool action = !strcmp(f->items.v[i].section, "digest");
		needs += f->items.v[i].needs_you && !action;
	}
	doc_para(s, NULL,
		 arena_printf(f->a,
			      "Everything is counted: %s = %s in “Needs you” + %s in the sections "
			      "+ %s set aside. To see the rows behind a "
			      "number: %s",
			      w_plural(f->a, f->collected, "thing", "things"), w_count(f->a, needs),
			      w_count(f->a, f->collected - needs - aside), w_count(f->a, aside),
			      m_code(f->a, arena_printf(f->a, "sitrep explain ci.failed --week %s",
							f->week.name))));
	int64_t from = week_day(f->z, &f->week, 0);
	struct week next = week_add(f->z, &f->week, 1);
	doc_para(s, NULL,
		 arena_printf(f->a,
			      "Window: %s 00:00 to %s 00:00, %s, %d hours. Frozen on %s at %s; "
			      "late facts appear as corrections in week "
			      "%d.",
			      w_date_year(f->a, f->z, from), w_date_year(f->a, f->z, f->to_s),
			      zone_name(f->z), week_hours(&f->week),
			      w_date_year(f->a, f->z, f->now_s), w_clock(f->a, f->z, f->now_s),
			      next.number));
	doc_para(s, "note",
		 arena_printf(f->a, "%s · time zone data %s",
			      f->in->version ? f->in->version : "sitrep", zone_data_version(f->a)));
}
