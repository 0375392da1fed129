#include "digest/sections.h"

#include "base/text.h"
#include "digest/doc.h"
#include "digest/words.h"

#include <math.h>

/* "`aws` (synthetics) was not collected: 403 …"; the part where it is named. Of several reasons the
 * first: coverage has them all. */
static const char *lost_words(const struct study *f, const struct ledger *l, const char *part)
{
	const char *reason = f->counts_only || !l->reason ? "" : text_line(f->a, l->reason, 160);
	size_t n = strcspn(reason, ";");
	return arena_printf(f->a, "%s%s%s%s %s%s%.*s", m_code(f->a, l->source), part ? " (" : "",
			    part ? part : "", part ? ")" : "",
			    l->status == LEDGER_FAILED ? "was not collected"
						       : "was collected in part",
			    n ? ": " : "", (int)n, reason);
}

static bool is_lost(const struct ledger *l)
{
	return l->status == LEDGER_PARTIAL || l->status == LEDGER_FAILED;
}

static const char *causes_of(const struct study *f, const char *id)
{
	struct strv v = {0};
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (is_lost(l) && coverage_feeds(l, f->cfg, id))
			vec_push(f->a, &v, lost_words(f, l, NULL));
	}
	return v.n ? arena_printf(f->a, "%s.", w_list(f->a, &v, 4)) : "";
}

void section_lost(const struct study *f, struct xnode *s,
		  bool (*ours)(const struct study *f, const struct ledger *l))
{
	struct strv v = {0};
	bool failed = false;
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (!is_lost(l) || !ours(f, l))
			continue;
		failed |= l->status == LEDGER_FAILED;
		vec_push(f->a, &v,
			 lost_words(f, l,
				    text_eq(l->part, "all") ? "everything" : m_out(f->a, l->part)));
	}
	if (v.n == 0)
		return;
	xml_attr(s, "tag", failed ? "Failed" : "Incomplete");
	xml_attr(s, "tone", failed ? "red" : "orange");
	doc_callout(s, "incomplete", arena_printf(f->a, "%s.", w_list(f->a, &v, 4)));
}

bool section_known(const struct study *f, struct xnode *s, const char *id, const char *what)
{
	const struct number *n = numbers_get(&f->numbers, id);
	if (numbers_known(&f->numbers, id))
		return true;
	const char *causes = causes_of(f, id);
	if (!isnan(n->value)) {
		xml_attr(s, "tag", "Incomplete");
		xml_attr(s, "tone", "orange");
		if (*causes)
			doc_callout(
				s, "incomplete",
				arena_printf(f->a,
					     "%s Numbers of %s are “at least” and not compared.",
					     causes, what));
		return true;
	}
	if (*causes) {
		xml_attr(s, "tag", "Failed");
		xml_attr(s, "tone", "red");
		xml_attr(s, "summary", "not collected");
		xml_attr(s, "line", "not collected");
		doc_callout(s, "incomplete",
			    arena_printf(f->a, "%s What happened to %s this week is unknown.",
					 causes, what));
		return false;
	}
	if (study_fed(f, id))
		return true;
	xml_attr(s, "tag", "Not configured");
	xml_attr(s, "tone", "grey");
	xml_attr(s, "summary", "not configured");
	xml_attr(s, "line", "not configured");
	doc_para(s, NULL,
		 arena_printf(f->a, "No source of %s is configured, so they are unknown.", what));
	return false;
}

void section_fold(const struct study *f, struct xnode *parent, struct xnode *table, size_t n,
		  const char *what)
{
	size_t rows = MIN(n, (size_t)SECTION_ROWS);
	if (rows > SECTION_SHOWN) {
		xml_attr_i64(table, "limit", SECTION_SHOWN);
		xml_attr(table, "more",
			 arena_printf(f->a, "%s more %s",
				      w_count(f->a, (int64_t)(rows - SECTION_SHOWN)), what));
	}
	if (n > rows)
		doc_para(parent, "note",
			 arena_printf(f->a, "%s more %s are in the digest’s data, digest.json.",
				      w_count(f->a, (int64_t)(n - rows)), what));
}

const char *section_num(const struct study *f, const char *id)
{
	const struct number *n = numbers_get(&f->numbers, id);
	return m_num(f->a, id, w_value(f->a, n, false));
}

const char *section_also(const struct study *f, const char *before, const char *id)
{
	struct number n = *numbers_get(&f->numbers, id);
	n.incomplete = n.incomplete && !numbers_get(&f->numbers, before)->incomplete;
	return m_num(f->a, id, w_value(f->a, &n, false));
}

const char *section_word(const struct study *f, const char *id, const char *one, const char *many)
{
	double v = numbers_get(&f->numbers, id)->value;
	return v > 0.5 && v < 1.5 ? one : many;
}
