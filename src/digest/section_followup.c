/* Carried over, whether the last fixes held, and the week ahead. */
#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

void section_carried(const struct study *f, struct xnode *root)
{
	static const struct col cols[] = {
		{.label = "Item", .kind = "text"},
		{.label = "Owner", .kind = "text"},
		{.label = "Open since", .kind = "time", .before = "since"},
		{.label = "Digest", .kind = "text", .after = "digest"},
		{.label = "What moved", .kind = "text"}};
	const struct followup *u = &f->followup;
	if (f->history.n == 0)
		return; /* nothing was said yet */
	struct xnode *s = doc_section(root, "carried", "Carried over");
	if (u->received && !text_eq(u->received, f->weeks[STUDY_WEEKS - 2].name))
		doc_callout(
			s, "note",
			arena_printf(f->a,
				     "The digest of week %s is the last one that was "
				     "delivered to this audience. What happened since is in the "
				     "archive.",
				     u->received + strlen("2026-W")));
	xml_attr(s, "summary", w_count(f->a, (int64_t)u->carried.n));
	if (u->carried.n == 0) {
		xml_attr(s, "line", "nothing");
		doc_para(s, NULL, "Nothing that an earlier digest asked for is still open.");
		return;
	}
	const struct carried *oldest = &u->carried.v[0];
	size_t full = 0;
	for (size_t i = 0; i < u->carried.n; i++)
		full += u->carried.v[i].in_full;
	xml_attr(s, "line",
		 arena_printf(f->a, "%s, the oldest in its %s digest",
			      w_plural(f->a, (int64_t)u->carried.n, "item", "items"),
			      w_ordinal(f->a, oldest->digests)));
	doc_para(
		s, "lede",
		arena_printf(f->a,
			     "%s from earlier digests %s still open. Each is shown in its 2nd, 4th "
			     "and every 8th digest, and counted between.",
			     w_plural(f->a, (int64_t)u->carried.n, "item", "items"),
			     u->carried.n == 1 ? "is" : "are"));
	if (full > 0 && !f->counts_only) {
		struct xnode *t = doc_table(s, "carried.items", "Carried over, longest first", cols,
					    ARRAY_SIZE(cols));
		size_t n = 0;
		xml_attr(t, "sensitive", "yes");
		xml_attr(t, "spare", "next");
		for (size_t i = 0; i < u->carried.n; i++) {
			const struct carried *c = &u->carried.v[i];
			if (!c->in_full || n++ >= SECTION_ROWS)
				continue;
			struct xnode *r = doc_row(t, c->item->id);
			doc_cell(r, m_link(f->a, c->item->url, c->item->title), NULL);
			doc_cell(r, c->item->owner ? c->item->owner : "no owner", NULL);
			doc_cell(r,
				 c->since_s == TIME_NONE
					 ? "not known"
					 : m_time(f->a, c->since_s, w_day(f->a, f->z, c->since_s)),
				 NULL);
			doc_cell(r, w_nth(f->a, c->digests), NULL);
			doc_cell(r, c->moved, NULL);
		}
		section_fold(f, s, t, full, "carried over");
	}
	size_t between = u->carried.n - full;
	if (between > 0)
		doc_para(s, "note",
			 arena_printf(f->a,
				      "%s %s not repeated this week; the longest has stood in "
				      "%s digests.",
				      w_plural(f->a, (int64_t)between, "other", "others"),
				      between == 1 ? "is" : "are", w_count(f->a, oldest->digests)));
}

struct fix_tally {
	const char *kind, *label;
	int64_t closed, held, back, unknown;
	struct strv which;
};

static void tally_fixes(const struct study *f, struct fix_tally *v, size_t n)
{
	for (size_t i = 0; i < f->followup.fixes.n; i++) {
		const struct fix *x = &f->followup.fixes.v[i];
		for (size_t k = 0; k < n; k++) {
			if (!text_eq(v[k].kind, x->kind))
				continue;
			v[k].closed++;
			v[k].held += x->state == FIX_HELD;
			v[k].unknown += x->state == FIX_UNKNOWN;
			v[k].back += x->state == FIX_CAME_BACK;
			if (x->state == FIX_CAME_BACK)
				vec_push(f->a, &v[k].which, m_link(f->a, x->url, x->then->title));
		}
	}
}

static void fixes_table(const struct study *f, struct xnode *s, const struct fix_tally *v, size_t n)
{
	static const struct col cols[] = {
		{.label = "Kind", .kind = "text"},
		{.label = "Closed", .kind = "number", .after = "closed"},
		{.label = "Held", .kind = "number", .after = "held"},
		{.label = "Came back", .kind = "number", .after = "came back"},
		{.label = "Not known", .kind = "number", .after = "not known", .lo = true},
		{.label = "Which came back", .kind = "text"}};
	struct xnode *t = doc_table(s, "fixes.kinds",
				    arena_printf(f->a, "Closed in week %s, and what became of it",
						 f->followup.before + strlen("2026-W")),
				    cols, f->counts_only ? ARRAY_SIZE(cols) - 1 : ARRAY_SIZE(cols));
	xml_attr(t, "spare", "next");
	xml_attr(t, "sensitive", "yes");
	for (size_t k = 0; k < n; k++) {
		if (v[k].closed == 0)
			continue;
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, v[k].label, NULL);
		doc_cell(r, w_count(f->a, v[k].closed), NULL);
		doc_cell(r, w_count(f->a, v[k].held), NULL);
		doc_cell(r, w_count(f->a, v[k].back), NULL);
		doc_cell(r, w_count(f->a, v[k].unknown), NULL);
		if (!f->counts_only)
			doc_cell(r, v[k].which.n ? w_list(f->a, &v[k].which, 5) : "none", NULL);
	}
}

void section_fixes(const struct study *f, struct xnode *root)
{
	struct fix_tally v[] = {{.kind = "resolved", .label = "Errors resolved"},
				{.kind = "recovered", .label = "Workflows recovered"},
				{.kind = "fixed", .label = "Findings fixed"}};
	int64_t closed = 0, held = 0, back = 0, unknown = 0;
	const struct followup *u = &f->followup;
	if (!u->before)
		return;
	struct xnode *s = doc_section(root, "fixes", "Did last week’s fixes hold?");
	tally_fixes(f, v, ARRAY_SIZE(v));
	for (size_t k = 0; k < ARRAY_SIZE(v); k++) {
		closed += v[k].closed, held += v[k].held;
		back += v[k].back, unknown += v[k].unknown;
	}
	xml_attr(s, "summary",
		 closed == 0 ? "none" : arena_printf(f->a, "%s came back", w_count(f->a, back)));
	if (closed == 0) {
		xml_attr(s, "line", "nothing was closed");
		doc_para(s, NULL,
			 arena_printf(f->a, "Nothing was closed in week %s.",
				      u->before + strlen("2026-W")));
		return;
	}
	xml_attr(s, "line",
		 arena_printf(f->a, "%s of %s held", w_count(f->a, held), w_count(f->a, closed)));
	doc_para(s, "lede",
		 arena_printf(f->a, "Of %s closed in week %s, %s held%s%s came back%s.",
			      w_plural(f->a, closed, "thing", "things"),
			      u->before + strlen("2026-W"), w_count(f->a, held),
			      unknown ? ", " : " and ", w_count(f->a, back),
			      unknown ? arena_printf(f->a,
						     " and of %s it is not known, because what "
						     "would show it was not collected in full",
						     w_count(f->a, unknown))
				      : ""));
	fixes_table(f, s, v, ARRAY_SIZE(v));
}

void section_ahead(const struct study *f, struct xnode *root)
{
	const struct followup *u = &f->followup;
	struct xnode *s = doc_section(root, "ahead", "The week ahead");
	xml_attr(s, "summary", w_count(f->a, (int64_t)u->ahead.n));
	xml_attr(s, "line",
		 u->ahead.n == 0
			 ? "nothing that is known"
			 : arena_printf(f->a, "%s, first on %s",
					w_plural(f->a, (int64_t)u->ahead.n, "date", "dates"),
					w_day(f->a, f->z, u->ahead.v[0].at_s)));
	if (u->ahead.n == 0) {
		doc_para(s, NULL,
			 "No limit, accepted risk or token ends within seven days, as far as it "
			 "was collected.");
		return;
	}
	if (f->counts_only) {
		doc_para(s, NULL,
			 arena_printf(f->a, "%s within seven days.",
				      w_plural(f->a, (int64_t)u->ahead.n, "limit or token ends",
					       "limits or tokens end")));
		return;
	}
	struct xnode *list = xml_add(s, "list");
	for (size_t i = 0; i < u->ahead.n && i < SECTION_SHOWN; i++) {
		const struct ahead *x = &u->ahead.v[i];
		doc_element(list, "li",
			    arena_printf(f->a, "%s: %s.",
					 m_time(f->a, x->at_s, w_date(f->a, f->z, x->at_s)),
					 x->text));
	}
	if (u->ahead.n > SECTION_SHOWN)
		doc_para(s, "note",
			 arena_printf(f->a, "%s more within seven days.",
				      w_count(f->a, (int64_t)(u->ahead.n - SECTION_SHOWN))));
}
