#include "base/sb.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

struct per_target {
	const char *target, *owner;
	int64_t by[SEV_COUNT], open, fresh, fixed, overdue;
	bool blind; /* no scan of it gave a result */
	const char *why;
};
struct targets {
	struct per_target *v;
	size_t n, cap;
};

static struct per_target *target_of(const struct study *f, struct targets *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_eq(t->v[i].target, name))
			return &t->v[i];
	vec_push(f->a, t, ((struct per_target){.target = name, .blind = true}));
	return &t->v[t->n - 1];
}

static int most_harm(const void *p, const void *q)
{
	const struct per_target *x = p, *y = q;
	if (x->blind != y->blind)
		return x->blind ? 1 : -1;
	if (x->overdue != y->overdue)
		return x->overdue > y->overdue ? -1 : 1;
	for (int s = 0; s < SEV_COUNT; s++)
		if (x->by[s] != y->by[s])
			return x->by[s] > y->by[s] ? -1 : 1;
	return strcmp(x->target, y->target);
}

static void gather(const struct study *f, struct targets *t)
{
	for (size_t i = 0; i < f->security.scans.n; i++) {
		const struct scan_row *s = &f->security.scans.v[i];
		struct per_target *x = target_of(f, t, s->target);
		if (s->outcome == SCANNED || s->outcome == SCANNED_PART ||
		    s->outcome == SCAN_NOT_DUE)
			x->blind = false;
		else if (!x->why)
			x->why =
				arena_printf(f->a, "no result: %s %s", m_out(f->a, s->tool),
					     s->outcome == SCAN_NOT_RUN ? "did not run" : "failed");
	}
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		struct per_target *x = target_of(f, t, r->w->f.target);
		x->blind = false;
		x->by[r->w->f.severity] += r->open;
		x->open += r->open, x->fresh += r->is_new, x->fixed += r->w->is_fixed,
			x->overdue += r->overdue;
	}
}

static void target_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {
		{.label = "Repository or target", .kind = "text"},
		{.label = "Critical", .kind = "number", .after = "critical"},
		{.label = "High", .kind = "number", .after = "high"},
		{.label = "Medium", .kind = "number", .after = "medium"},
		{.label = "Low", .kind = "number", .lo = true, .after = "low"},
		{.label = "Open", .kind = "number", .after = "open"},
		{.label = "New", .kind = "number", .after = "new"},
		{.label = "Fixed", .kind = "number", .lo = true, .after = "fixed"},
		{.label = "Over limit", .kind = "number", .after = "over limit"}};
	struct targets t = {0};
	gather(f, &t);
	if (t.n == 0)
		return;
	qsort(t.v, t.n, sizeof *t.v, most_harm);
	/* A column that is zero throughout becomes words; where it is needed, low findings make
	 * room. */
	bool critical = f->security.by_severity[SEV_CRITICAL] > 0;
	size_t skip = critical ? 4 : 1;
	struct col *used = arena_array(f->a, struct col, ARRAY_SIZE(cols));
	size_t n_used = 0;
	for (size_t i = 0; i < ARRAY_SIZE(cols); i++)
		if (i != skip)
			used[n_used++] = cols[i];
	struct xnode *x = doc_table(s, "security.targets",
				    critical ? "Open findings by target"
					     : "Open findings by target, none is critical",
				    used, n_used);
	xml_attr(x, "keep", "yes");
	int64_t sum[8] = {0};
	for (size_t i = 0; i < t.n; i++) {
		const struct per_target *p = &t.v[i];
		const int64_t v[] = {p->by[0], p->by[1], p->by[2], p->by[3],
				     p->open,  p->fresh, p->fixed, p->overdue};
		for (size_t k = 0; k < ARRAY_SIZE(v); k++)
			sum[k] += v[k];
		if (i >= SECTION_ROWS)
			continue;
		if (p->blind) {
			doc_missing(x, m_out(f->a, p->target), p->why ? p->why : "no result");
			continue;
		}
		struct xnode *r = doc_row(x, NULL);
		doc_cell(r, m_out(f->a, p->target), NULL);
		for (size_t k = 0; k < ARRAY_SIZE(v); k++)
			if (k + 1 != skip)
				doc_cell(r, w_count(f->a, v[k]), NULL);
	}
	struct xnode *total = xml_add(x, "total");
	doc_cell(total,
		 numbers_get(&f->numbers, "security.outstanding")->incomplete ? "At least" : "All",
		 NULL);
	for (size_t k = 0; k < ARRAY_SIZE(sum); k++)
		if (k + 1 != skip)
			doc_cell(total, w_count(f->a, sum[k]), NULL);
	section_fold(f, s, x, t.n, "targets");
}

static bool listed(const struct finding_row *r)
{
	return !r->set_aside && (r->is_new || r->overdue || (r->w->is_reopened && r->open));
}

static const char *held_note(const struct study *f, const struct finding_row *r)
{
	return arena_printf(f->a, "held open: %s",
			    r->w->held_because ? m_out(f->a, r->w->held_because)
					       : "its scan gave no result");
}

static void finding_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Finding", .kind = "text"},
					  {.label = "Target", .kind = "text"},
					  {.label = "Severity", .kind = "text"},
					  {.label = "Limit", .kind = "time"},
					  {.label = "Age", .kind = "time", .before = "open for"},
					  {.label = "Owner", .kind = "text"}};
	struct xnode *t = NULL;
	size_t n = 0;
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		const struct rec_finding *x = &r->w->f;
		if (!listed(r) || n++ >= SECTION_ROWS)
			continue;
		if (!t) {
			t = doc_table(s, "security.findings",
				      "Past their limit, new or back, worst first", cols,
				      ARRAY_SIZE(cols));
			xml_attr(t, "sensitive", "yes");
		}
		struct xnode *row = doc_row(t, r->item);
		const char *place = x->package ? x->package : x->path;
		doc_cell(row, m_link(f->a, x->url, x->title ? x->title : x->rule),
			 arena_printf(f->a, "%s%s%s%s%s%s", m_out(f->a, x->tool),
				      place ? " · " : "", m_out(f->a, place),
				      x->fix ? " · update available" : "",
				      r->twins ? " · also found by " : "",
				      r->twins ? m_out(f->a, r->twins) : ""));
		doc_cell(row, m_out(f->a, x->target), NULL);
		doc_cell(row, w_capital(f->a, severity_name(x->severity)), NULL);
		doc_cell(row,
			 r->overdue  ? arena_printf(f->a, "%s over",
						    r->over_days < 1 ? "under a day"
								     : w_plural(f->a, r->over_days,
										"day", "days"))
			  : r->is_new ? "new"
				     : "back",
			 r->held ? held_note(f, r) : NULL);
		doc_cell(row, w_plural(f->a, r->age_days, "day", "days"), NULL);
		doc_cell(row, r->owner ? r->owner : "no owner", NULL);
	}
	if (t)
		section_fold(f, s, t, n, "findings");
}

static void age_table(const struct study *f, struct xnode *fig)
{
	static const struct col cols[] = {{.label = "Age", .kind = "text"},
					  {.label = "Critical", .kind = "number"},
					  {.label = "High", .kind = "number"},
					  {.label = "Medium", .kind = "number"},
					  {.label = "Low", .kind = "number"},
					  {.label = "Info", .kind = "number", .lo = true},
					  {.label = "All", .kind = "number"}};
	static const struct {
		const char *name;
		int64_t to;
	} ages[] = {{"0 to 7 days", 7},
		    {"8 to 30 days", 30},
		    {"31 to 90 days", 90},
		    {"Over 90 days", INT64_MAX}};
	int64_t n[ARRAY_SIZE(ages)][SEV_COUNT] = {{0}};
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		size_t k = 0;
		while (r->age_days > ages[k].to)
			k++;
		n[k][r->w->f.severity] += r->open;
	}
	struct xnode *t = doc_table(fig, "security.age", "Open findings by age and severity", cols,
				    ARRAY_SIZE(cols));
	xml_attr(t, "keep", "yes");
	xml_attr(t, "data", "yes");
	for (size_t k = 0; k < ARRAY_SIZE(ages); k++) {
		struct xnode *r = doc_row(t, NULL);
		int64_t all = 0;
		doc_cell(r, ages[k].name, NULL);
		for (int sev = 0; sev < SEV_COUNT; sev++) {
			all += n[k][sev];
			doc_cell(r, w_count(f->a, n[k][sev]), NULL);
		}
		doc_cell(r, w_count(f->a, all), NULL);
	}
}

/* Findings of one severity, by age: as many as there are days, those past the limit apart. */
static void add_ages(const struct study *f, struct xnode *fig, enum severity sev, struct sb *alt)
{
	struct ages_of {
		int64_t days, n;
		bool over;
	};
	VEC(struct ages_of) v = {0};
	int64_t open = 0, over = 0, limit = security_limit_days(f, sev);
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		size_t k = 0;
		if (!r->open || r->w->f.severity != sev)
			continue;
		open++, over += r->overdue;
		while (k < v.n && (v.v[k].days != r->age_days || v.v[k].over != r->overdue))
			k++;
		if (k == v.n)
			vec_push(f->a, &v, ((struct ages_of){r->age_days, 0, r->overdue}));
		v.v[k].n++;
	}
	struct xnode *lane = xml_add(fig, "ages");
	const char *name = w_capital(f->a, severity_name(sev));
	const char *note = over ? arena_printf(f->a, "%s open, %s over", w_count(f->a, open),
					       w_count(f->a, over))
				: arena_printf(f->a, "%s open", w_count(f->a, open));
	xml_attr(lane, "name", name);
	xml_attr(lane, "note", note);
	if (limit != NUM_NONE)
		xml_attr_i64(lane, "limit", limit);
	for (size_t k = 0; k < v.n; k++) {
		struct xnode *m = xml_add(lane, "age");
		xml_attr_i64(m, "days", MAX(v.v[k].days, (int64_t)0));
		xml_attr_i64(m, "n", v.v[k].n);
		xml_attr(m, "over", v.v[k].over ? "yes" : NULL);
	}
	sb_addf(alt, "%s%s: %s", alt->len ? ". " : "", name, note);
	if (limit != NUM_NONE)
		sb_addf(alt, " %s of %s days", over ? "the limit" : "with a limit",
			w_count(f->a, limit));
}

static void age_figure(const struct study *f, struct xnode *s)
{
	const struct security_week *w = &f->security;
	struct sb alt;
	if (w->outstanding == 0)
		return;
	sb_init(&alt, f->a, 1 << 12);
	struct xnode *fig = xml_add(s, "figure");
	xml_attr(fig, "id", "security.ages");
	xml_attr(fig, "kind", "ages");
	xml_attr(fig, "title",
		 w->overdue == 0 ? "No open finding is past its limit"
				 : arena_printf(f->a, "%s of %s open findings %s past %s limit",
						w_capital(f->a, w_spelled(f->a, w->overdue)),
						w_count(f->a, w->outstanding),
						w->overdue == 1 ? "is" : "are",
						w->overdue == 1 ? "its" : "their"));
	xml_attr(fig, "subtitle",
		 "A mark a finding, at its age on Sunday. Filled square: past its limit. Open "
		 "circle: in time.");
	for (int sev = SEV_CRITICAL; sev <= SEV_LOW; sev++)
		add_ages(f, fig, (enum severity)sev, &alt);
	sb_addc(&alt, '.');
	xml_attr(fig, "alt", sb_str(&alt));
	age_table(f, fig);
}

static const char *result_of(const struct study *f, const struct scan_row *r)
{
	const char *held = r->held == 0
				   ? ""
				   : arena_printf(f->a, "; %s held open",
						  w_plural(f->a, r->held, "finding", "findings"));
	if (r->outcome == SCANNED || r->outcome == SCANNED_PART) {
		const struct rec_scan *x = r->last;
		if (told_is_lost(x))
			return arena_printf(f->a, "Slack tells %s; the report was lost%s",
					    told_counts(f, x->severity, x->findings), held);
		if (x->findings == 0)
			return "found nothing";
		const char *places =
			x->instances != NUM_NONE && x->instances > x->findings
				? arena_printf(f->a, " in %s places", w_count(f->a, x->instances))
				: "";
		const char *first =
			x->first_site == NUM_NONE || x->first_site == x->findings
				? ""
				: arena_printf(f->a, " (%s on the first site, as Slack counts)",
					       w_count(f->a, x->first_site));
		return arena_printf(
			f->a, "%s%s%s%s%s", w_plural(f->a, x->findings, "finding", "findings"),
			places, first,
			x->baseline    ? "; its first scan: nothing counts as new"
			: r->fresh > 0 ? arena_printf(f->a, ", %s new", w_count(f->a, r->fresh))
				       : "",
			held);
	}
	const char *reason = r->last && r->last->reason
				     ? arena_printf(f->a, "%s. ", m_out(f->a, r->last->reason))
				     : "";
	return arena_printf(f->a, "%s%s%s", reason,
			    r->last_usable_s == TIME_NONE
				    ? "Never gave a result"
				    : arena_printf(f->a, "Last result: %s, %s",
						   w_day(f->a, f->z, r->last_usable_s),
						   r->last_usable_n == 0
							   ? "found nothing"
							   : w_plural(f->a, r->last_usable_n,
								      "finding", "findings")),
			    held);
}

static int outcome_order(const void *p, const void *q)
{
	static const int order[] = {[SCAN_GAVE_NOTHING] = 0,
				    [SCAN_NOT_RUN] = 1,
				    [SCANNED_PART] = 2,
				    [SCANNED] = 3,
				    [SCAN_NOT_DUE] = 4};
	const struct scan_row *x = *(const struct scan_row *const *)p,
			      *y = *(const struct scan_row *const *)q;
	if (x->outcome != y->outcome)
		return order[x->outcome] - order[y->outcome];
	int d = strcmp(x->tool, y->tool);
	return d ? d : strcmp(x->target, y->target);
}

static void scan_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "Scan", .kind = "text"},
					  {.label = "Target", .kind = "text"},
					  {.label = "State", .kind = "text"},
					  {.label = "When", .kind = "time"},
					  {.label = "Result", .kind = "text"}};
	VEC(const struct scan_row *) v = {0};
	for (size_t i = 0; i < f->security.scans.n; i++)
		if (f->security.scans.v[i].outcome != SCAN_NOT_DUE)
			vec_push(f->a, &v, &f->security.scans.v[i]);
	if (v.n == 0)
		return;
	qsort(v.v, v.n, sizeof(const struct scan_row *), outcome_order);
	struct xnode *t = doc_table(s, "security.scans.table", "Scans and lists of alerts", cols,
				    ARRAY_SIZE(cols));
	for (size_t i = 0; i < v.n && i < SECTION_ROWS; i++) {
		const struct scan_row *r = v.v[i];
		struct xnode *row = doc_row(t, NULL);
		doc_cell(row, m_out(f->a, r->tool), NULL);
		doc_cell(row, m_out(f->a, r->target), m_out(f->a, r->scope));
		doc_cell(row,
			 r->outcome == SCANNED	      ? m_tag(f->a, "green", "Completed")
			 : r->outcome == SCANNED_PART ? m_tag(f->a, "orange", "Partial")
			 : r->outcome == SCAN_NOT_RUN ? m_tag(f->a, "orange", "Did not run")
						      : m_tag(f->a, "red", "Failed"),
			 NULL);
		doc_cell(row,
			 r->last ? m_time(f->a, r->last->scanned_s,
					  w_when(f->a, f->z, r->last->scanned_s))
				 : arena_printf(f->a, "expected %s", w_day(f->a, f->z, r->due_s)),
			 NULL);
		doc_cell(row, result_of(f, r), NULL);
	}
	section_fold(f, s, t, v.n, "scans");
}

/* open at the start + new + reopened + found by a first scan - fixed - set aside - accepted = open
 * at the end */
static const char *balance(const struct study *f)
{
	const struct security_week *w = &f->security;
	return arena_printf(
		f->a,
		"%s open on Monday + %s new + %s reopened%s − %s fixed%s − %s accepted = %s open "
		"on "
		"Sunday.",
		w_count(f->a, w->was_open), w_count(f->a, w->is_new), w_count(f->a, w->reopened),
		w->baseline ? arena_printf(f->a, " + %s found by a first scan",
					   w_count(f->a, w->baseline))
			    : "",
		w_count(f->a, w->fixed),
		w->set_aside ? arena_printf(f->a, " − %s dismissed", w_count(f->a, w->set_aside))
			     : "",
		w_count(f->a, w->accepted), w_count(f->a, w->outstanding));
}

void section_security(const struct study *f, struct xnode *root)
{
	struct xnode *s = doc_section(root, "security", "Security");
	if (!section_known(f, s, "security.outstanding", "security findings"))
		return;
	const struct security_week *w = &f->security;
	const struct number *n = numbers_get(&f->numbers, "security.new");
	xml_attr(s, "summary",
		 isnan(n->value) ? "not known"
				 : arena_printf(f->a, "%s new", w_value(f->a, n, true)));
	xml_attr(s, "line",
		 m_plain(f->a, arena_printf(f->a, "%s new, %s fixed, %s open, %s past their limit",
					    section_num(f, "security.new"),
					    section_also(f, "security.new", "security.fixed"),
					    section_also(f, "security.new", "security.outstanding"),
					    section_also(f, "security.new", "security.overdue"))));
	doc_para(s, "lede",
		 arena_printf(
			 f->a,
			 "%s new %s%s, %s fixed, %s reopened; %s open, %s of them past %s limit.",
			 m_capital(f->a, section_num(f, "security.new")),
			 section_word(f, "security.new", "finding", "findings"),
			 w_compared(f->a, n), section_also(f, "security.new", "security.fixed"),
			 section_also(f, "security.new", "security.reopened"),
			 section_also(f, "security.new", "security.outstanding"),
			 section_also(f, "security.new", "security.overdue"),
			 section_word(f, "security.overdue", "its", "their")));
	const char *held = w->held == 0
				   ? ""
				   : arena_printf(f->a,
						  " %s %s held open: gone from a scan that cannot "
						  "be trusted to close them, or not scanned.",
						  m_capital(f->a, section_num(f, "security.held")),
						  section_word(f, "security.held", "finding is",
							       "findings are"));
	doc_para(s, NULL,
		 w->due == 0 ? arena_printf(f->a, "No scan was due and none reported.%s", held)
			     : arena_printf(
				       f->a,
				       "%s of %s gave a result; %s of %s failed, %s did not run.%s",
				       w_count(f->a, w->with_result),
				       w_plural(f->a, w->due, "scan", "scans"),
				       section_num(f, "security.scans_failed"),
				       w_plural(f->a, w->runs, "report", "reports"),
				       w->missing == 0 ? "none"
						       : section_also(f, "security.scans_failed",
								      "security.scans_missing"),
				       held));
	if (!f->counts_only) {
		target_table(f, s);
		finding_table(f, s);
	}
	age_figure(f, s);
	if (!f->counts_only)
		scan_table(f, s);
	doc_para(s, "note", balance(f));
}
