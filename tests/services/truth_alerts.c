#include "services/estate.h"

#include "base/text.h"
#include "lib/json.h"

/* Counted from the dates alone: an alert is open from its creation until it is fixed or set aside.
 */
static void count(const struct estate *s, enum alerts kind, const struct week *w, struct arena *a,
		  struct jw *o, const char *tool)
{
	int64_t fresh = 0, fixed = 0, open = 0;
	for (size_t i = 0; i < s->alerts.n; i++) {
		const struct galert *x = &s->alerts.v[i];
		bool done = text_eq(x->state, "fixed") || text_eq(x->state, "revoked");
		if (x->kind != kind)
			continue;
		fresh += x->created_s >= w->from_s && x->created_s < w->to_s;
		fixed += done && x->closed_s >= w->from_s && x->closed_s < w->to_s;
		open += x->created_s < w->to_s && (!x->closed_s || x->closed_s >= w->to_s);
	}
	jw_i64(o, arena_printf(a, "security.tool.%s.new", tool), fresh);
	jw_i64(o, arena_printf(a, "security.tool.%s.fixed", tool), fixed);
	jw_i64(o, arena_printf(a, "security.tool.%s.outstanding", tool), open);
	jw_i64(o, arena_printf(a, "security.tool.%s.held", tool), 0);
}

const char *truth_alerts_json(struct estate *s, int w, struct arena *a)
{
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *o = jw_add_obj(root, "numbers");
	count(s, ALERTS_CODE, &s->week[w], a, o, "github-code-scanning");
	count(s, ALERTS_DEPENDABOT, &s->week[w], a, o, "github-dependabot");
	count(s, ALERTS_SECRET, &s->week[w], a, o, "github-secret-scanning");
	return jw_print(root, true, a);
}
