#include "digest/security.h"

#include "base/text.h"
#include "digest/counts.h"
#include "digest/study.h"
#include "digest/owners.h"

#include <math.h>

#define DAY_S ((int64_t)86400)

int64_t security_limit_days(const struct study *f, enum severity s)
{
	switch (s) {
	case SEV_CRITICAL:
		return f->cfg->deadlines.critical;
	case SEV_HIGH:
		return f->cfg->deadlines.high;
	case SEV_MEDIUM:
		return f->cfg->deadlines.medium;
	case SEV_LOW:
		return f->cfg->deadlines.low;
	case SEV_INFO:
	case SEV_COUNT:
		return NUM_NONE;
	}
	return NUM_NONE;
}

/* Lists of alerts that a service keeps: closed ones are closed there, nothing is missed by a scan
 * that did not run. */
static const char *const lists[] = {"github-code-scanning", "github-dependabot",
				    "github-secret-scanning"};

bool security_is_list(const char *tool)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (text_eq(tool, lists[i]))
			return true;
	return false;
}

/* What the ledger says of such a list, over all sources that were asked for it. */
enum list_news { LIST_NOT_ASKED, LIST_NOT_ENABLED, LIST_FAILED, LIST_READ };
static enum list_news list_news(const struct study *f, const char *tool)
{
	enum list_news news = LIST_NOT_ASKED;
	const char *own = arena_printf(f->a, "security.tool.%s.", tool);
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (!strstr(l->affects, own)) /* "security." is of reports too */
			continue;
		enum list_news x = LIST_READ;
		if (l->status == LEDGER_NOT_ENABLED)
			x = LIST_NOT_ENABLED;
		if (l->status == LEDGER_FAILED)
			x = LIST_FAILED;
		news = MAX(news, x);
	}
	return news;
}

static bool usable(enum scan_status s)
{
	return s == SCAN_OK || s == SCAN_ZERO;
}

static const char *owner(const struct study *f, const char *target)
{
	const struct service *s = service_of_aws(f->cfg, target);
	return owner_of(f->cfg, &(struct belongs){.repo = target, .service = s ? s->name : NULL},
			f->a);
}

static void add_tool(struct study *f, const char *tool)
{
	struct strv *t = &f->security.tools;
	for (size_t i = 0; i < t->n; i++)
		if (text_eq(t->v[i], tool))
			return;
	vec_push(f->a, t, tool);
}

static int by_text(const void *p, const void *q)
{
	return strcmp(*(const char *const *)p, *(const char *const *)q);
}

bool security_load(struct study *f, struct err *e)
{
	struct security_week *w = &f->security;
	if (!scans_list(f->in->db, f->from_s, f->to_s, f->a, &w->read, e) ||
	    !scans_history(f->in->db, f->to_s, f->a, &w->past, e) ||
	    !scans_findings(f->in->db, f->from_s, f->to_s, f->a, &w->findings, e))
		return false;
	told_lost_scans(f);
	for (size_t i = 0; i < w->past.n; i++)
		add_tool(f, w->past.v[i].tool);
	for (size_t i = 0; i < w->findings.n; i++)
		add_tool(f, w->findings.v[i].f.tool);
	/* A list that was asked for has its numbers, be they zero or unknown. */
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (list_news(f, lists[i]) != LIST_NOT_ASKED)
			add_tool(f, lists[i]);
	if (w->tools.n > 0)
		qsort(w->tools.v, w->tools.n, sizeof *w->tools.v, by_text);
	return true;
}

static bool same_scan(const struct scan_row *r, const char *tool, const char *target,
		      const char *scope)
{
	return text_eq(r->tool, tool) && text_eq(r->target, target) &&
	       text_eq(r->scope, scope ? scope : "");
}

static struct scan_row *scan_of(struct study *f, const char *tool, const char *target,
				const char *scope)
{
	struct security_week *w = &f->security;
	for (size_t i = 0; i < w->scans.n; i++)
		if (same_scan(&w->scans.v[i], tool, target, scope))
			return &w->scans.v[i];
	struct scan_row r = {.tool = tool,
			     .target = target,
			     .scope = scope ? scope : "",
			     .owner = owner(f, target),
			     .outcome = SCAN_NOT_DUE,
			     .list = security_is_list(tool),
			     .last_usable_s = TIME_NONE,
			     .last_usable_n = NUM_NONE,
			     .due_s = TIME_NONE};
	vec_push(f->a, &w->scans, r);
	return &w->scans.v[w->scans.n - 1];
}

static int by_time(const void *p, const void *q)
{
	int64_t x = *(const int64_t *)p, y = *(const int64_t *)q;
	return (x > y) - (x < y);
}

/* When the pair was due: its newest scan before the week plus the median gap. Two scans make one
 * gap, which is enough to say that a weekly scan was expected; one makes none. */
static void set_due(struct study *f, struct scan_row *r)
{
	const struct scans *past = &f->security.past;
	int64_t *at = arena_array(f->a, int64_t, past->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < past->n; i++) {
		const struct rec_scan *s = &past->v[i];
		if (!same_scan(r, s->tool, s->target, s->scope))
			continue;
		if (usable(s->status) &&
		    (r->last_usable_s == TIME_NONE || s->scanned_s > r->last_usable_s)) {
			r->last_usable_s = s->scanned_s;
			r->last_usable_n = s->findings;
		}
		if (s->scanned_s < f->from_s)
			at[n++] = s->scanned_s;
	}
	if (n < 2)
		return;
	qsort(at, n, sizeof *at, by_time);
	int64_t newest = at[n - 1];
	for (size_t i = 0; i + 1 < n; i++)
		at[i] = at[i + 1] - at[i];
	qsort(at, n - 1, sizeof *at, by_time);
	r->due_s = newest + at[(n - 2) / 2];
}

static void judge_scan(struct study *f, struct scan_row *r)
{
	struct security_week *w = &f->security;
	set_due(f, r);
	for (size_t i = 0; i < w->read.n; i++) {
		const struct rec_scan *s = &w->read.v[i];
		if (!same_scan(r, s->tool, s->target, s->scope))
			continue;
		if (!r->last || s->scanned_s >= r->last->scanned_s)
			r->last = s;
		enum scan_outcome o = usable(s->status)		  ? SCANNED
				      : s->status == SCAN_PARTIAL ? SCANNED_PART
								  : SCAN_GAVE_NOTHING;
		if (r->outcome == SCAN_NOT_DUE || o < r->outcome)
			r->outcome = o;
	}
	/* A scan that is late by less than a day may still come. */
	if (!r->last && !r->list && r->due_s != TIME_NONE && r->due_s + DAY_S <= f->to_s)
		r->outcome = SCAN_NOT_RUN;
	bool nothing = r->outcome == SCAN_GAVE_NOTHING || r->outcome == SCAN_NOT_RUN;
	r->without = !nothing ? 0
		     : r->last_usable_s == TIME_NONE
			     ? 1
			     : MAX((f->to_s - r->last_usable_s) / (7 * DAY_S), (int64_t)1);
}

static void counted_scan(struct study *f, const char *tool, const char *target, const char *kind,
			 int64_t at_s, const char *counts)
{
	study_counted(f, &(struct counted){.section = "security",
					   .kind = kind,
					   .key = arena_printf(f->a, "scan:%s/%s", tool, target),
					   .title = arena_printf(f->a, "%s on %s", tool, target),
					   .owner = owner(f, target),
					   .at_s = at_s,
					   .counts = counts});
}

static void judge_scans(struct study *f)
{
	struct security_week *w = &f->security;
	for (size_t i = 0; i < w->past.n; i++)
		scan_of(f, w->past.v[i].tool, w->past.v[i].target, w->past.v[i].scope);
	for (size_t i = 0; i < w->read.n; i++)
		scan_of(f, w->read.v[i].tool, w->read.v[i].target, w->read.v[i].scope);
	size_t kept = 0;
	for (size_t i = 0; i < w->scans.n; i++)
		if (study_shown(f, w->scans.v[i].owner))
			w->scans.v[kept++] = w->scans.v[i];
	w->scans.n = kept;
	for (size_t i = 0; i < kept; i++) {
		struct scan_row *r = &w->scans.v[i];
		judge_scan(f, r);
		if (r->list)
			continue;
		w->due += r->outcome != SCAN_NOT_DUE;
		w->with_result += r->outcome == SCANNED || r->outcome == SCANNED_PART;
		w->missing += r->outcome == SCAN_NOT_RUN;
		if (r->outcome == SCAN_NOT_RUN)
			counted_scan(f, r->tool, r->target, "did not run", r->due_s,
				     "security.scans_missing");
	}
	for (size_t i = 0; i < w->read.n; i++) {
		const struct rec_scan *s = &w->read.v[i];
		if (security_is_list(s->tool) || !study_shown(f, owner(f, s->target)))
			continue;
		w->runs++;
		bool failed = !usable(s->status) && s->status != SCAN_PARTIAL;
		w->runs_failed += failed;
		counted_scan(f, s->tool, s->target, scan_status_name(s->status), s->scanned_s,
			     failed ? "security.scans security.scans_failed" : "security.scans");
	}
}

static const char *kind_of(const struct finding_row *r)
{
	if (r->is_new)
		return "new";
	if (r->w->is_reopened && r->w->is_open)
		return "reopened";
	if (r->w->is_fixed)
		return "fixed";
	return r->overdue ? "overdue" : r->held ? "held" : "outstanding";
}

/* Whether it can tell what is new or gone: a lost report's counts cannot. */
static bool lists_findings(const struct scan_row *s)
{
	return s->outcome == SCANNED ||
	       (s->outcome == SCANNED_PART && !(s->last && told_is_lost(s->last)));
}

static struct finding_row row_of(struct study *f, const struct finding_week *w)
{
	const struct rec_finding *x = &w->f;
	struct finding_row r = {
		.w = w,
		.key = scans_key(x, f->a),
		.owner = owner(f, x->target),
		.is_new = w->is_new,
	};
	bool accepted = study_accepted(f, r.key) != NULL;
	r.open = w->is_open && !accepted;
	const struct scan_row *s = scan_of(f, x->tool, x->target, w->scope);
	bool unseen = s->outcome == SCAN_NOT_RUN || s->outcome == SCAN_GAVE_NOTHING ||
		      (s->outcome == SCANNED_PART && !lists_findings(s));
	r.held = r.open && (text_eq(x->state, "held") || unseen);
	/* Ages are told to the week's end; limits run to the moment of freezing, which for a week
	 * made up for later is the end of the week after. */
	int64_t limit = security_limit_days(f, x->severity);
	int64_t frozen_s = MIN(f->now_s, f->to_s + 7 * DAY_S);
	r.age_days = x->first_seen_s == TIME_NONE
			     ? 0
			     : MAX((f->to_s - x->first_seen_s) / DAY_S, (int64_t)0);
	if (r.open && limit != NUM_NONE && x->first_seen_s != TIME_NONE &&
	    frozen_s - x->first_seen_s > limit * DAY_S) {
		r.overdue = true;
		r.over_days = (frozen_s - x->first_seen_s) / DAY_S - limit;
	}
	r.kind = kind_of(&r);
	r.set_aside = w->is_open && accepted	    ? "accepted"
		      : !w->is_open && x->set_aside ? "dismissed"
						    : NULL;
	return r;
}

/* What tells one weakness whoever found it: the advisory and the package, else the kind of weakness
 * and the very line. NULL: nothing does. */
static const char *weakness(const struct rec_finding *x, struct arena *a)
{
	if (x->cve && x->package)
		return arena_printf(a, "%s\n%s\n%s", x->target, x->cve, x->package);
	if (x->cwe && x->path && x->line != NUM_NONE)
		return arena_printf(a, "%s\n%s\n%s:%lld", x->target, x->cwe, x->path,
				    (long long)x->line);
	return NULL;
}

struct twin {
	const char *weakness;
	struct finding_row *r;
};

static int by_weakness(const void *p, const void *q)
{
	const struct twin *x = p, *y = q;
	int c = strcmp(x->weakness, y->weakness);
	return c ? c : strcmp(x->r->w->f.tool, y->r->w->f.tool);
}

/* v: findings of one weakness, by tool. */
static void link_group(struct study *f, struct twin *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *own = v[i].r->w->f.tool, *names = NULL, *last = own;
		for (size_t k = 0; k < n; k++) {
			const char *tool = v[k].r->w->f.tool;
			if (text_eq(tool, own) || text_eq(tool, last))
				continue;
			names = names ? arena_printf(f->a, "%s, %s", names, tool) : tool;
			last = tool;
		}
		v[i].r->twins = names;
	}
}

static void link_twins(struct study *f)
{
	struct security_week *w = &f->security;
	struct twin *v = arena_array(f->a, struct twin, w->rows.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < w->rows.n; i++) {
		struct finding_row *r = &w->rows.v[i];
		const char *key = r->open ? weakness(&r->w->f, f->a) : NULL;
		if (key)
			v[n++] = (struct twin){key, r};
	}
	qsort(v, n, sizeof *v, by_weakness);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && text_eq(v[i].weakness, v[k].weakness);)
			k++;
		if (k - i > 1 && k - i <= 64) /* more are one tool's repeats */
			link_group(f, v + i, k - i);
	}
}

/* What needs somebody first: past the limit, then new, then the rest; worst severity first. */
static int urgency(const struct finding_row *r)
{
	if (r->set_aside)
		return 5;
	return r->overdue ? 0 : r->is_new ? 1 : text_eq(r->kind, "reopened") ? 2 : r->open ? 3 : 4;
}

static int by_urgency(const void *p, const void *q)
{
	const struct finding_row *x = p, *y = q;
	if (urgency(x) != urgency(y))
		return urgency(x) - urgency(y);
	if (x->w->f.severity != y->w->f.severity)
		return (int)x->w->f.severity - (int)y->w->f.severity;
	if (x->age_days != y->age_days)
		return x->age_days > y->age_days ? -1 : 1;
	return strcmp(x->key, y->key);
}

static void tally(struct study *f, const struct finding_row *r)
{
	struct security_week *w = &f->security;
	struct scan_row *s = scan_of(f, r->w->f.tool, r->w->f.target, r->w->scope);
	w->was_open += r->w->was_open, w->baseline += r->w->is_baseline;
	w->is_new += r->is_new, s->fresh += r->is_new;
	w->fixed += r->w->is_fixed, s->fixed += r->w->is_fixed;
	w->reopened += r->w->is_reopened;
	w->set_aside += r->w->is_set_aside;
	w->outstanding += r->open, s->open += r->open;
	w->held += r->held, s->held += r->held;
	w->overdue += r->overdue;
	w->accepted += r->w->is_open && !r->open;
	w->by_severity[r->w->f.severity] += r->open;
}

static const char *counts_of(const struct study *f, const struct finding_row *r)
{
	const char *in = NULL, *tool = r->w->f.tool;
	const struct {
		const char *name;
		bool yes, per_tool;
	} numbers[] = {{"new", r->is_new, true},
		       {"fixed", r->w->is_fixed, true},
		       {"reopened", r->w->is_reopened, false},
		       {"outstanding", r->open, true},
		       {"held", r->held, true},
		       {"overdue", r->overdue, false}};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		counts_add(f->a, &in, numbers[i].yes,
			   arena_printf(f->a, "security.%s", numbers[i].name));
		counts_add(f->a, &in, numbers[i].yes && numbers[i].per_tool,
			   arena_printf(f->a, "security.tool.%s.%s", tool, numbers[i].name));
	}
	counts_add(f->a, &in, r->open,
		   arena_printf(f->a, "security.outstanding.%s", severity_name(r->w->f.severity)));
	return in;
}

static void set_numbers(struct study *f)
{
	struct security_week *w = &f->security;
	struct digest_numbers *n = &f->numbers;
	if (w->scans.n == 0 && w->rows.n == 0 && !study_fed(f, "security.new"))
		return;
	bool any_usable = false, any_due = false, gap = false;
	for (size_t i = 0; i < w->scans.n; i++) {
		enum scan_outcome o = w->scans.v[i].outcome;
		any_usable |= lists_findings(&w->scans.v[i]);
		any_due |= o != SCAN_NOT_DUE;
		gap |= o == SCANNED_PART || o == SCAN_GAVE_NOTHING || o == SCAN_NOT_RUN;
	}
	static const char *const shared[] = {"security.new",
					     "security.fixed",
					     "security.reopened",
					     "security.outstanding",
					     "security.overdue",
					     "security.outstanding.critical",
					     "security.outstanding.high",
					     "security.outstanding.medium",
					     "security.outstanding.low",
					     "security.outstanding.info"};
	for (size_t i = 0; gap && i < ARRAY_SIZE(shared); i++)
		numbers_blind(n, shared[i]);
	/* Scans were due and none gave a result: nothing is known of what is new or gone. */
	bool blind = any_due && !any_usable;
	numbers_set_i64(n, "security.new", blind ? NUM_NONE : w->is_new);
	numbers_set_i64(n, "security.fixed", blind ? NUM_NONE : w->fixed);
	numbers_set_i64(n, "security.reopened", blind ? NUM_NONE : w->reopened);
	numbers_set_i64(n, "security.outstanding", w->outstanding);
	numbers_set_i64(n, "security.held", w->held);
	numbers_set_i64(n, "security.overdue", w->overdue);
	for (int s = 0; s < SEV_COUNT; s++)
		numbers_set_i64(n,
				arena_printf(f->a, "security.outstanding.%s",
					     severity_name((enum severity)s)),
				w->by_severity[s]);
	numbers_set_i64(n, "security.scans", w->runs);
	numbers_set_i64(n, "security.scans_failed", w->runs_failed);
	numbers_set_i64(n, "security.scans_missing", w->missing);
	for (size_t t = 0; t < w->tools.n; t++) {
		int64_t sum[4] = {0};
		bool tool_usable = false, tool_gap = false, tool_due = false;
		for (size_t i = 0; i < w->scans.n; i++) {
			const struct scan_row *s = &w->scans.v[i];
			if (!text_eq(s->tool, w->tools.v[t]))
				continue;
			sum[0] += s->fresh, sum[1] += s->fixed, sum[2] += s->open,
				sum[3] += s->held;
			tool_usable |= lists_findings(s);
			tool_due |= s->outcome != SCAN_NOT_DUE;
			tool_gap |= s->outcome == SCANNED_PART || s->outcome == SCAN_GAVE_NOTHING ||
				    s->outcome == SCAN_NOT_RUN;
		}
		static const char *const names[] = {"new", "fixed", "outstanding", "held"};
		enum list_news list = list_news(f, w->tools.v[t]);
		bool off = list == LIST_NOT_ENABLED && sum[2] == 0;
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			const char *id =
				arena_printf(f->a, "security.tool.%s.%s", w->tools.v[t], names[k]);
			bool unknown = off || (k < 2 &&
					       (list == LIST_FAILED || (tool_due && !tool_usable)));
			numbers_set_i64(n, id, unknown ? NUM_NONE : sum[k]);
			if (tool_gap && k < 3)
				numbers_blind(n, id);
		}
	}
}

bool security_analyse(struct study *f, struct err *e)
{
	struct security_week *w = &f->security;
	judge_scans(f);
	for (size_t i = 0; i < w->findings.n; i++) {
		const struct finding_week *x = &w->findings.v[i];
		if (!study_shown(f, owner(f, x->f.target)))
			continue;
		struct finding_row r = row_of(f, x);
		vec_push(f->a, &w->rows, r);
	}
	if (w->rows.n > 0)
		qsort(w->rows.v, w->rows.n, sizeof *w->rows.v, by_urgency);
	link_twins(f);
	for (size_t i = 0; i < w->rows.n; i++)
		tally(f, &w->rows.v[i]);
	f->collected += (int64_t)w->rows.n;
	int64_t open = w->was_open + w->baseline + w->is_new + w->reopened - w->fixed -
		       w->set_aside - w->accepted;
	if (open != w->outstanding)
		return err_set(e, ERR_BUG, "findings do not add up: %lld open, not %lld",
			       (long long)w->outstanding, (long long)open);
	set_numbers(f);
	for (size_t i = 0; i < w->rows.n; i++) {
		struct finding_row *r = &w->rows.v[i];
		const struct rec_finding *x = &r->w->f;
		const char *title = x->title ? x->title : x->rule ? x->rule : x->identity;
		struct item it = {.section = "security",
				  .kind = r->kind,
				  .key = r->key,
				  .title = title,
				  .url = x->url,
				  .owner = r->owner,
				  .first_seen_s = x->first_seen_s,
				  .set_aside = r->set_aside,
				  .counts = counts_of(f, r)};
		if (!study_item(f, &it, NULL, true, &r->item, e))
			return false;
	}
	return true;
}
