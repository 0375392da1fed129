/* What each of the contract's numbers means, so that "explain" finds a definition in the document
 * for every one of them: terms of their own for some, and for the rest whose term speaks of them.
 */
#include "digest/sections.h"

#include "base/text.h"
#include "digest/doc.h"

static const struct {
	const char *id, *also; /* blank-separated ids and globs */
} also[] = {
	{"errors.regressed", "errors.escalating errors.resolved"},
	{"errors.events", "errors.users"},
	{"deployments.total", "deployments.succeeded deployments.failed deployments.rolled_back "
			      "deployments.in_progress deployments.*.total"},
	{"ci.runs", "ci.succeeded ci.cancelled"},
	{"ci.real", "ci.flaky ci.infrastructure ci.undecided"},
	{"ci.data_processing.failed", "ci.data_processing.*"},
	{"security.new", "security.fixed security.held security.tool.*.new security.tool.*.fixed "
			 "security.tool.*.held"},
	{"security.outstanding",
	 "security.outstanding.* security.reopened security.tool.*.outstanding"},
	{"security.scans", "security.scans_failed security.scans_missing"},
	{"availability.*", "availability.*"},
	{"metrics.*", "metrics.*"},
};

void terms_add(struct xnode *t, struct arena *a)
{
	doc_term(t, "Events and users", "errors.events",
		 "The events of the week’s issues, added up. Users: different people over all of "
		 "them, where Sentry can tell.");
	doc_term(t, "Recovery", "deployments.recovery_s",
		 "From a deployment that failed to the next success there, or to the end of its "
		 "rollback: the median.");
	doc_term(t, "Change failure rate", "deployments.change_fail_rate",
		 "Failed and rolled-back deployments, of all that finished.");
	doc_term(t, "Run", "ci.runs",
		 "A workflow run created in the week, all its attempts together. Cancelled ones "
		 "are in no rate.");
	doc_term(t, "Recovered", "ci.recovered",
		 "A workflow that was failing when the week began and passed at its end.");
	doc_term(t, "Data processing", "ci.data_processing.failed",
		 "The same, of the workflows that the configuration names as data processing.");
	doc_term(t, "Outstanding, reopened", "security.outstanding",
		 "Open at the week’s end, new ones included, accepted risks left out. Reopened: "
		 "fixed once, and found again.");
	doc_term(t, "Scan", "security.scans",
		 "A report dated in the week. Failed: it gave no result that can be used. Missing: "
		 "due by its rhythm, but it did not run.");
	for (struct xnode *n = xml_child_named(t, "term"); n; n = xml_next_named(n, "term")) {
		const char *id = xml_get(n, "id", a);
		for (size_t i = 0; id && i < ARRAY_SIZE(also); i++)
			if (text_glob(also[i].id, id))
				xml_attr(n, "also", also[i].also);
	}
}
