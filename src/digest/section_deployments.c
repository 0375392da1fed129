#include "base/text.h"
#include "digest/doc.h"
#include "digest/figures.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

static const struct figure_series caps[] = {{"deployments.failed", "Failed", NULL},
					    {"deployments.rolled_back", "Rolled back", NULL}};

static const char *how_of(const struct rec_deployment *d)
{
	if (text_eq(d->kind, "codedeploy"))
		return "CodeDeploy";
	if (text_eq(d->kind, "ecs"))
		return "ECS";
	if (text_eq(d->kind, "sentry"))
		return "Sentry";
	return text_eq(d->kind, "github") ? "GitHub" : d->kind;
}

struct per_service {
	const char *service;
	int64_t n, bad;
	const struct deploy *last; /* newest that succeeded */
};

static int most_deployed(const void *p, const void *q)
{
	const struct per_service *x = p, *y = q;
	if (x->bad != y->bad)
		return x->bad > y->bad ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->service, y->service);
}

static void service_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Service", .kind = "text"},
		{.label = "This week", .kind = "number", .after = "this week"},
		{.label = "Failed or rolled back",
		 .kind = "number",
		 .after = "failed or rolled back"},
		{.label = "Version", .kind = "code", .before = "now"},
		{.label = "Deployed", .kind = "time"},
		{.label = "How", .kind = "text", .lo = true}};
	VEC(struct per_service) v = {0};
	for (size_t i = 0; i < f->deployments.rows.n; i++) {
		const struct deployment_row *r = &f->deployments.rows.v[i];
		if (!r->production)
			continue;
		size_t k = 0;
		while (k < v.n && !text_eq(v.v[k].service, r->d->service))
			k++;
		if (k == v.n)
			vec_push(f->a, &v, ((struct per_service){.service = r->d->service}));
		v.v[k].n++;
		v.v[k].bad += r->d->state == DEPLOY_FAILED || r->d->state == DEPLOY_ROLLED_BACK;
		if (r->d->state == DEPLOY_SUCCEEDED)
			v.v[k].last = r->d;
	}
	if (v.n == 0)
		return;
	qsort(v.v, v.n, sizeof *v.v, most_deployed);
	struct xnode *t = doc_table(s, "deployments.services", "Production deployments by service",
				    cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "next");
	for (size_t i = 0; i < v.n && i < SECTION_ROWS; i++) {
		const struct per_service *x = &v.v[i];
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, m_out(f->a, x->service), NULL);
		doc_cell(r, w_count(f->a, x->n), NULL);
		doc_cell(r, w_count(f->a, x->bad), NULL);
		if (x->last) {
			doc_cell(r, x->last->sha ? m_sha(f->a, x->last->sha) : "not told", NULL);
			doc_cell(r, m_time(f->a, x->last->at_s, w_when(f->a, f->z, x->last->at_s)),
				 NULL);
			doc_cell(r, how_of(x->last->d), NULL);
		} else {
			doc_cell(r, "none succeeded", NULL);
			doc_cell(r, "not this week", NULL);
			doc_cell(r, "no success", NULL);
		}
	}
	struct xnode *total = xml_add(t, "total");
	doc_cell(total,
		 numbers_get(&f->numbers, "deployments.total")->incomplete ? "At least"
									   : "All services",
		 NULL);
	doc_cell(total, w_count(f->a, f->deployments.total), NULL);
	doc_cell(total, w_count(f->a, f->deployments.failed + f->deployments.rolled_back), NULL);
	for (int i = 0; i < 3; i++)
		doc_cell(total, "", NULL);
	section_fold(f, s, t, v.n, "services");
}

static void bad_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Deployment", .kind = "text"},
		{.label = "State", .kind = "text"},
		{.label = "Ended", .kind = "time"},
		{.label = "Recovery", .kind = "time", .before = "recovery"},
		{.label = "New errors after it", .kind = "number", .after = "new errors after it"}};
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < f->deployments.rows.n; i++) {
		const struct deployment_row *r = &f->deployments.rows.v[i];
		const struct deploy *d = r->d;
		bool failed = d->state == DEPLOY_FAILED;
		if (!r->production || (!failed && d->state != DEPLOY_ROLLED_BACK) ||
		    n++ >= SECTION_ROWS)
			continue;
		if (!t)
			t = doc_table(s, "deployments.bad", "Failed or rolled back", cols,
				      ARRAY_SIZE(cols));
		int64_t errors = 0;
		for (size_t k = 0; k < f->errors.rows.n; k++) {
			const struct error_row *x = &f->errors.rows.v[k];
			errors += x->is_new && x->cause.deploy == d &&
				  x->cause.strength != STRENGTH_WEAK;
		}
		struct xnode *row = doc_row(t, r->item);
		doc_cell(row,
			 arena_printf(f->a, "%s %s%s%s", m_out(f->a, d->service),
				      m_sha(f->a, d->sha), d->sha ? " " : "",
				      m_link(f->a, d->d->url, d->d->key)),
			 d->d->error ? m_out(f->a, d->d->error) : r->owner);
		doc_cell(row, failed ? m_tag(f->a, "red", "Failed") : "rolled back", NULL);
		doc_cell(row, m_time(f->a, d->at_s, w_when(f->a, f->z, d->at_s)), NULL);
		doc_cell(row,
			 r->recovery_s != TIME_NONE ? w_duration(f->a, r->recovery_s)
			 : f->now_s > d->at_s	    ? arena_printf(f->a, "open for %s",
								   w_duration(f->a, f->now_s - d->at_s))
						    : "open",
			 NULL);
		doc_cell(row,
			 isnan(numbers_get(&f->numbers, "errors.new")->value)
				 ? "not known"
				 : w_count(f->a, errors),
			 NULL);
	}
	if (t)
		section_fold(f, s, t, n, "that failed or were rolled back");
}

/* Over 13 weeks: one week of a small team has too few to tell a rate. */
static const char *rate_words(const struct study *f)
{
	double bad = 0, done = 0;
	int weeks = 0;
	for (int i = 0; i < STUDY_WEEKS; i++) {
		struct week_value t = figure_week(f, "deployments.succeeded", i),
				  x = figure_week(f, "deployments.failed", i),
				  y = figure_week(f, "deployments.rolled_back", i);
		if (t.state != WEEK_KNOWN || x.state != WEEK_KNOWN || y.state != WEEK_KNOWN)
			continue;
		bad += x.v + y.v, done += t.v + x.v + y.v;
		weeks++;
	}
	if (weeks < 2 || done < 20)
		return NULL;
	return arena_printf(f->a,
			    "In %s %s of %s production deployments failed or were rolled back "
			    "(%s). For one system over time, "
			    "not for comparing teams.",
			    w_plural(f->a, weeks, "week", "weeks"), w_count(f->a, llround(bad)),
			    w_count(f->a, llround(done)),
			    w_rate_range(f->a, llround(bad), llround(done)));
}

/* "4 of 71 (2 to 14%)", without a rate where there are too few for one. */
static const char *rate_of(const struct study *f, int64_t k, int64_t n)
{
	return n < DORA_MIN ? arena_printf(f->a, "%s of %s, too few for a rate", w_count(f->a, k),
					   w_count(f->a, n))
			    : arena_printf(f->a, "%s of %s (%s)", w_count(f->a, k),
					   w_count(f->a, n), w_rate_range(f->a, k, n));
}

static const char *recovery_of(const struct study *f, const struct dora_service *x)
{
	const char *open = x->open == 0
				   ? ""
				   : arena_printf(f->a, "%s open for %s", w_count(f->a, x->open),
						  w_duration(f->a, x->longest_open_s));
	if (x->failed == 0)
		return "none failed";
	if (isnan(x->recovery_s))
		return open;
	return arena_printf(f->a, "%s (n = %s)%s%s", w_duration(f->a, llround(x->recovery_s)),
			    w_count(f->a, x->failed), *open ? ", " : "", open);
}

/* Half days occur: the median of an even number of weeks. */
static const char *days_of(const struct study *f, double v)
{
	return arena_printf(f->a, fabs(v - round(v)) < 0.01 ? "%.0f" : "%.1f", v);
}

static void dora_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Service", .kind = "text"},
		{.label = "Lead time", .kind = "time", .before = "lead time"},
		{.label = "Days a week", .kind = "number", .after = "days a week"},
		{.label = "Failed", .kind = "text", .before = "failed"},
		{.label = "Recovery", .kind = "text", .before = "recovery"},
		{.label = "Rework", .kind = "text", .before = "rework", .lo = true}};
	const struct dora *d = &f->dora;
	if (d->v.n == 0 || d->weeks < 2)
		return;
	struct xnode *t = doc_table(s, "deployments.dora",
				    arena_printf(f->a, "How deployments went, over %s",
						 w_plural(f->a, d->weeks, "week", "weeks")),
				    cols, ARRAY_SIZE(cols));
	xml_attr(t, "note",
		 "Medians, and rates with the range that such numbers allow. For one service over "
		 "time, not for comparing teams, and no goal.");
	xml_attr(t, "spare", "first");
	for (size_t i = 0; i < d->v.n && i < SECTION_ROWS; i++) {
		const struct dora_service *x = &d->v.v[i];
		struct xnode *r = doc_row(t, NULL);
		doc_cell(r, m_out(f->a, x->service), NULL);
		doc_cell(r,
			 isnan(x->lead_s) ? "commits not told"
					  : arena_printf(f->a, "%s (n = %s)",
							 w_duration(f->a, llround(x->lead_s)),
							 w_count(f->a, x->commits)),
			 NULL);
		doc_cell(r, isnan(x->days_a_week) ? "not known" : days_of(f, x->days_a_week), NULL);
		doc_cell(r, rate_of(f, x->failed, x->done), NULL);
		doc_cell(r, recovery_of(f, x), NULL);
		doc_cell(r, rate_of(f, x->rework, x->done), NULL);
	}
	section_fold(f, s, t, d->v.n, "services");
}

static void environments(const struct study *f, struct xnode *s)
{
	struct strv names = {0}, other = {0};
	for (size_t i = 1; i < f->cfg->environments.n; i++) {
		const char *name = f->cfg->environments.v[i];
		const char *id = arena_printf(f->a, "deployments.%s.total", name);
		vec_push(f->a, &names, arena_printf(f->a, "%s to %s", section_num(f, id), name));
	}
	for (size_t i = 0; i < f->deployments.rows.n; i++) {
		const struct deploy *d = f->deployments.rows.v[i].d;
		bool known = d->environment != NULL;
		const char *name =
			d->d->environment ? m_code(f->a, d->d->environment) : "no environment";
		for (size_t k = 0; k < other.n && !known; k++)
			known = text_eq(other.v[k], name);
		if (!known)
			vec_push(f->a, &other, name);
	}
	double others = numbers_get(&f->numbers, "deployments.other.total")->value;
	if (others > 0)
		vec_push(f->a, &names,
			 f->counts_only ? arena_printf(f->a, "%s elsewhere",
						       section_num(f, "deployments.other.total"))
					: arena_printf(f->a, "%s elsewhere (%s)",
						       section_num(f, "deployments.other.total"),
						       w_list(f->a, &other, 5)));
	if (names.n > 0)
		doc_para(s, NULL, arena_printf(f->a, "Besides: %s.", w_list(f->a, &names, 9)));
}

static void lead(const struct study *f, struct xnode *side)
{
	const struct lead_time *l = &f->deployments.lead;
	const struct number *n = numbers_get(&f->numbers, "deployments.lead_time_s");
	if (isnan(n->value))
		return;
	doc_para(side, NULL,
		 arena_printf(f->a, "From commit to %s: median %s over %s in %s%s.", f->environment,
			      m_num(f->a, n->id, w_duration(f->a, llround(n->value))),
			      w_plural(f->a, l->commits, "commit", "commits"),
			      w_plural(f->a, l->deployments, "deployment", "deployments"),
			      l->unknown ? arena_printf(f->a, "; the commits of %s are not known",
							w_count(f->a, l->unknown))
					 : ""));
}

static void recovery(const struct study *f, struct xnode *side)
{
	const struct number *n = numbers_get(&f->numbers, "deployments.recovery_s");
	int64_t bad = f->deployments.failed + f->deployments.rolled_back, open = 0;
	for (size_t i = 0; i < f->deployments.rows.n; i++)
		open += f->deployments.rows.v[i].production && f->deployments.rows.v[i].open;
	doc_heading(side, "How well they went");
	if (bad == 0)
		doc_para(side, NULL,
			 n->incomplete ? "No failure was seen in what could be collected."
				       : "None failed and none was rolled back.");
	else if (isnan(n->value))
		doc_para(side, NULL,
			 arena_printf(f->a, "%s failed; %s.", w_count(f->a, bad),
				      open == 1 ? "it has not recovered yet"
						: "most have not recovered yet"));
	else
		doc_para(side, NULL,
			 arena_printf(
				 f->a, "%s; the median time to recover was %s%s.",
				 w_plural(f->a, bad, "failed or was rolled back",
					  "failed or were rolled back"),
				 m_num(f->a, n->id, w_duration(f->a, llround(n->value))),
				 open ? arena_printf(f->a, ", %s still open", w_count(f->a, open))
				      : ""));
	lead(f, side);
	const char *rate = rate_words(f);
	if (rate)
		doc_para(side, "note", rate);
}

/* "22 succeeded, 1 was rolled back and 2 wait for approval". */
static const char *outcomes(const struct study *f)
{
	const struct deployments_week *w = &f->deployments;
	const struct {
		int64_t n;
		const char *one, *many;
	} all[] = {{w->succeeded, "succeeded", "succeeded"},
		   {w->failed, "failed", "failed"},
		   {w->rolled_back, "was rolled back", "were rolled back"},
		   {w->in_progress, "is under way", "are under way"},
		   {w->waiting, "waits for approval", "wait for approval"}};
	struct strv v = {0};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].n > 0)
			vec_push(f->a, &v, w_plural(f->a, all[i].n, all[i].one, all[i].many));
	return w_list(f->a, &v, ARRAY_SIZE(all));
}

void section_deployments(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "deployments", "Deployments");
	if (!section_known(f, s, "deployments.total", "deployments"))
		return;
	const struct deployments_week *w = &f->deployments;
	const struct number *n = numbers_get(&f->numbers, "deployments.total");
	const char *state =
		w->failed + w->rolled_back == 0
			? ""
			: arena_printf(f->a, "; %s failed, %s rolled back",
				       w_count(f->a, w->failed), w_count(f->a, w->rolled_back));
	const char *line = arena_printf(f->a, "%s to %s%s%s", w_value(f->a, n, false),
					f->environment, w_compared(f->a, n), state);
	xml_attr(s, "summary", w_value(f->a, n, true));
	xml_attr(s, "line", line);
	if (w->total == 0)
		doc_para(s, "lede",
			 n->incomplete ? "None was seen in what could be collected."
				       : arena_printf(f->a, "Nothing was deployed to %s this week.",
						      f->environment));
	else
		doc_para(s, "lede",
			 arena_printf(f->a, "%s to %s%s: %s.",
				      m_capital(f->a, section_num(f, "deployments.total")),
				      f->environment, w_compared(f->a, n), outcomes(f)));
	struct xnode *left, *right;
	doc_pair(s, &left, &right);
	figure_columns(f, left, "deployments.figure", "deployments.total",
		       n->incomplete		  ? "Deployments are not known in full this week"
		       : text_eq(n->mark, "up")	  ? "More deployments than usual"
		       : text_eq(n->mark, "down") ? "Fewer deployments than usual"
		       : isnan(n->low)		  ? "Production deployments by week"
						  : "A usual number of deployments",
		       arena_printf(f->a, "To %s, %s. Cap: failed or rolled back", f->environment,
				    figure_span(f)),
		       "Production deployments", caps, ARRAY_SIZE(caps));
	recovery(f, right);
	if (!f->counts_only) {
		bad_table(f, s);
		service_table(f, s);
		dora_table(f, s);
	}
	environments(f, s);
}
