#include "base/text.h"
#include "digest/doc.h"
#include "digest/figures.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

/* The tile's own value says "at least"; its unit need not say so again. */
static const char *known(const struct study *f, const char *id)
{
	double v = numbers_get(&f->numbers, id)->value;
	return w_count(f->a, isnan(v) ? NUM_NONE : llround(v));
}

static const char *unit_of(const struct study *f, const char *id)
{
	const struct digest_numbers *n = &f->numbers;
	if (isnan(numbers_get(n, id)->value))
		return study_fed(f, id) ? "not collected" : "not configured";
	if (!strcmp(id, "errors.new"))
		return arena_printf(f->a, "%s in %s", section_word(f, id, "issue", "issues"),
				    f->environment);
	if (!strcmp(id, "deployments.total")) {
		int64_t bad = f->deployments.failed + f->deployments.rolled_back;
		return bad == 0
			       ? "none failed"
			       : arena_printf(f->a, "%s failed or rolled back", w_count(f->a, bad));
	}
	if (!strcmp(id, "ci.failed"))
		return arena_printf(
			f->a, "of %s",
			w_plural(f->a, f->ci.all.succeeded + f->ci.all.failed, "run", "runs"));
	if (!strcmp(id, "security.new"))
		return arena_printf(f->a, "%s fixed, %s open", known(f, "security.fixed"),
				    known(f, "security.outstanding"));
	if (!strcmp(id, "security.overdue"))
		return arena_printf(f->a, "of %s open", known(f, "security.outstanding"));
	return arena_printf(f->a, "events in %s", f->environment);
}

static void tile(const struct study *f, struct xnode *tiles, const char *id, const char *label)
{
	const struct number *n = numbers_get(&f->numbers, id);
	struct xnode *t = xml_add(tiles, "tile");
	xml_attr(t, "number", id);
	xml_attr(t, "label", label);
	xml_attr(t, "value", w_value(f->a, n, true));
	xml_attr(t, "unit", unit_of(f, id));
	xml_attr(t, "usual", w_usual(f->a, n));
	const char *tag = NULL;
	if (isnan(n->value))
		tag = study_fed(f, id) ? "Failed" : "Not configured";
	else if (n->incomplete)
		tag = "Incomplete";
	else if (n->mark)
		tag = text_eq(n->mark, "up") ? "▲ More than usual" : "▼ Fewer than usual";
	if (tag) {
		xml_attr(t, "tag", tag);
		xml_attr(t, "tone",
			 text_eq(tag, "Failed")		  ? "red"
			 : text_eq(tag, "Not configured") ? "grey"
							  : "orange");
	}
	figure_spark(f, t, id, label);
}

void section_numbers(const struct study *f, struct xnode *root)
{
	static const struct figure_series six[] = {
		{"errors.new", "New errors", NULL},
		{"deployments.total", "Production deployments", NULL},
		{"ci.failed", "Failed CI runs", NULL},
		{"security.new", "New security findings", NULL},
		{"security.overdue", "Findings past their limit", NULL},
		{"errors.events", "Error events", NULL}};
	struct xnode *s = doc_section(root, "numbers", "Six numbers");
	bool first = f->history.n == 0;
	const char *span = figure_span(f);
	xml_attr(s, "line", first ? "the first digest" : span);
	doc_para(s, NULL,
		 first ? "This is the first digest: there is no history to compare with yet."
		       : arena_printf(f->a,
				      "%s. The band is the usual range; a mark appears only "
				      "outside it. Hatched: not "
				      "collected, or incomplete.",
				      w_capital(f->a, span)));
	struct xnode *tiles = xml_add(s, "tiles");
	for (size_t i = 0; i < ARRAY_SIZE(six); i++)
		tile(f, tiles, six[i].id, six[i].name);
	figure_table(f, s, "numbers.table", "The six numbers by week", six, ARRAY_SIZE(six));
}
