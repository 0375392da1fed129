#include "digest/followup.h"

#include "base/text.h"
#include "digest/doc.h"
#include "digest/study.h"
#include "digest/words.h"
#include "store/outbox.h"

#include <math.h>

#define DAY_S	((int64_t)86400)
#define AHEAD_S (7 * DAY_S) /* the digest after this one comes then */

/* --- did the fixes hold --- */

static const struct item *item_now(const struct study *f, const char *key)
{
	for (size_t i = 0; i < f->items.n; i++)
		if (text_eq(f->items.v[i].key, key))
			return &f->items.v[i];
	return NULL;
}

/* Resolved then: an issue with an event in this week was back, be it resolved again since. */
static enum fix_state error_held(const struct study *f, const struct item *then)
{
	if (item_now(f, then->key))
		return FIX_CAME_BACK;
	return numbers_known(&f->numbers, "errors.events") ? FIX_HELD : FIX_UNKNOWN;
}

static enum fix_state workflow_held(const struct study *f, const struct item *then)
{
	for (size_t i = 0; i < f->ci.flows.n; i++) {
		const struct ci_workflow_row *r = &f->ci.flows.v[i];
		if (!text_eq(r->key, then->key))
			continue;
		if (r->recovered || (r->w && r->w->failing))
			return FIX_CAME_BACK;
		return numbers_known(&f->numbers, "ci.failed") ? FIX_HELD : FIX_UNKNOWN;
	}
	return FIX_UNKNOWN;
}

/* An alert that a list does not tell of any more is closed, if the whole list was read. */
static bool list_read(const struct study *f, const char *tool)
{
	const struct strv *known = &f->security.tools;
	for (size_t i = 0; i < known->n; i++)
		if (text_eq(known->v[i], tool))
			return numbers_known(&f->numbers,
					     arena_printf(f->a, "security.tool.%s.fixed", tool));
	return false;
}

/* A finding that is gone says so only where its target was scanned. */
static enum fix_state finding_held(const struct study *f, const struct item *then)
{
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		if (text_eq(r->key, then->key) && (r->w->is_open || r->w->is_reopened))
			return FIX_CAME_BACK;
	}
	const char *tool = then->key + strlen("finding:"); /* see scans_key */
	tool = arena_strndup(f->a, tool, strcspn(tool, "/"));
	if (security_is_list(tool))
		return list_read(f, tool) ? FIX_HELD : FIX_UNKNOWN;
	for (size_t i = 0; i < f->security.scans.n; i++) {
		const struct scan_row *s = &f->security.scans.v[i];
		const char *of = arena_printf(f->a, "finding:%s/%s/", s->tool, s->target);
		if (text_starts(then->key, of) && s->outcome == SCANNED)
			return FIX_HELD;
	}
	return FIX_UNKNOWN;
}

static void find_fixes(struct study *f)
{
	struct followup *u = &f->followup;
	for (size_t i = 0; i < u->items.n; i++) {
		const struct item *then = &u->items.v[i];
		struct fix x = {.then = then, .kind = then->kind, .url = then->url};
		if (text_eq(then->section, "errors") && text_eq(then->kind, "resolved"))
			x.state = error_held(f, then);
		else if (text_eq(then->section, "ci") && text_eq(then->kind, "recovered"))
			x.state = workflow_held(f, then);
		else if (text_eq(then->section, "security") && text_eq(then->kind, "fixed") &&
			 text_starts(then->key, "finding:"))
			x.state = finding_held(f, then);
		else
			continue;
		vec_push(f->a, &u->fixes, x);
	}
}

/* --- carried over --- */

static const struct item *item_then(const struct study *f, const char *key)
{
	for (size_t i = 0; i < f->followup.items.n; i++)
		if (text_eq(f->followup.items.v[i].key, key))
			return &f->followup.items.v[i];
	return NULL;
}

static const char *events_moved(const struct study *f, const char *key)
{
	for (size_t i = 0; i < f->errors.rows.n; i++) {
		const struct error_row *r = &f->errors.rows.v[i];
		if (!text_eq(r->key, key) || r->i->events == NUM_NONE)
			continue;
		const char *events = w_plural(f->a, r->i->events, "event", "events");
		if (isnan(r->usual.low))
			return events;
		return arena_printf(f->a, "%s (usual %s)", events,
				    w_range(f->a, r->usual.low, r->usual.high));
	}
	return NULL;
}

static const char *finding_moved(const struct study *f, const char *key)
{
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		if (!text_eq(r->key, key))
			continue;
		if (r->held)
			return r->w->is_held ? "held open: not confirmed by its scan"
					     : "held open: its scan gave no result";
		if (r->overdue && r->over_days < 7)
			return "passed its limit";
		return r->overdue ? arena_printf(f->a, "%s past its limit",
						 w_plural(f->a, r->over_days, "day", "days"))
				  : NULL;
	}
	return NULL;
}

static const char *moved(const struct study *f, const struct item *now)
{
	const struct item *then = item_then(f, now->key);
	const char *s = text_eq(now->section, "errors")	    ? events_moved(f, now->key)
			: text_eq(now->section, "security") ? finding_moved(f, now->key)
							    : NULL;
	if (s)
		return s;
	if (then && !text_eq(then->kind, now->kind))
		return arena_printf(f->a, "was %s, is %s", then->kind, now->kind);
	if (then && !text_eq(then->title, now->title))
		return arena_printf(f->a, "was “%s”", m_out(f->a, then->title));
	return "nothing";
}

static bool is_open(const struct item *it)
{
	static const char *const closed[] = {"resolved", "fixed", "recovered", "succeeded",
					     "cancelled"};
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		if (text_eq(it->kind, closed[i]))
			return false;
	return !text_eq(it->set_aside, "accepted") && !text_eq(it->set_aside, "archived");
}

static int longest(const void *p, const void *q)
{
	const struct carried *x = p, *y = q;
	if (x->digests != y->digests)
		return x->digests > y->digests ? -1 : 1;
	return strcmp(x->item->key, y->item->key);
}

static bool find_carried(struct study *f, struct err *e)
{
	struct followup *u = &f->followup;
	for (size_t i = 0; f->history.n > 0 && i < f->items.n; i++) {
		const struct item *it = &f->items.v[i];
		int64_t before;
		if (!is_open(it))
			continue;
		if (!digests_item_asked(f->in->db, f->audience, f->week.name, it->key, &before, e))
			return false;
		if (before == 0)
			continue;
		int64_t n = before + 1;
		struct carried c = {.item = it,
				    .digests = n,
				    .since_s = it->first_seen_s,
				    .moved = moved(f, it),
				    .in_full = n == 2 || n == 4 || n % 8 == 0};
		vec_push(f->a, &u->carried, c);
	}
	if (u->carried.n > 0)
		qsort(u->carried.v, u->carried.n, sizeof *u->carried.v, longest);
	return true;
}

/* --- the week ahead --- */

static void come(struct study *f, int64_t at_s, const char *text)
{
	if (at_s == TIME_NONE || at_s < f->now_s || at_s >= f->now_s + AHEAD_S)
		return;
	struct ahead x = {at_s, text};
	vec_push(f->a, &f->followup.ahead, x);
}

struct limit { /* findings of one severity that reach their limit on one day */
	int64_t at_s, n;
	enum severity severity;
	const char *day;
	struct strv targets, owners; /* each once */
};

static void add_once(struct arena *a, struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (text_eq(v->v[i], s))
			return;
	vec_push(a, v, s);
}

static void find_limits(struct study *f)
{
	VEC(struct limit) list = {0};
	for (size_t i = 0; i < f->security.rows.n; i++) {
		const struct finding_row *r = &f->security.rows.v[i];
		enum severity severity = r->w->f.severity;
		int64_t days = security_limit_days(f, severity), at_s = r->w->f.first_seen_s;
		if (!r->open || r->overdue || days == NUM_NONE || at_s == TIME_NONE)
			continue;
		at_s += days * DAY_S;
		if (at_s < f->now_s || at_s >= f->now_s + AHEAD_S)
			continue;
		const char *day = w_date(f->a, f->z, at_s);
		size_t k = 0;
		while (k < list.n &&
		       (list.v[k].severity != severity || !text_eq(list.v[k].day, day)))
			k++;
		if (k == list.n)
			vec_push(f->a, &list,
				 ((struct limit){.at_s = at_s, .severity = severity, .day = day}));
		struct limit *x = &list.v[k];
		x->n++;
		x->at_s = MIN(x->at_s, at_s);
		add_once(f->a, &x->targets, m_code(f->a, r->w->f.target));
		add_once(f->a, &x->owners, r->owner ? r->owner : "no owner");
	}
	for (size_t i = 0; i < list.n; i++) {
		const struct limit *x = &list.v[i];
		const char *severity = severity_name(x->severity);
		const char *what =
			x->n == 1 ? arena_printf(f->a, "%s finding", w_capital(f->a, severity))
				  : arena_printf(f->a, "%s %s findings", w_count(f->a, x->n),
						 severity);
		come(f, x->at_s,
		     arena_printf(f->a, "%s in %s: limit of %lld days. %s", what,
				  w_list(f->a, &x->targets, 3),
				  (long long)security_limit_days(f, x->severity),
				  w_capital(f->a, w_list(f->a, &x->owners, 3))));
	}
}

static const char *title_of_key(const struct study *f, const char *key)
{
	const struct item *it = item_now(f, key);
	return m_out(f->a, it ? it->title : key);
}

static int soonest(const void *p, const void *q)
{
	const struct ahead *x = p, *y = q;
	if (x->at_s != y->at_s)
		return x->at_s < y->at_s ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void find_ahead(struct study *f)
{
	find_limits(f);
	for (size_t i = 0; i < f->accepted.n; i++) {
		const struct acceptance *x = &f->accepted.v[i];
		if (item_now(f, x->key)) /* another team's, or gone by itself */
			come(f, x->until_s,
			     arena_printf(f->a, "Accepted until then: %s is counted again",
					  title_of_key(f, x->key)));
	}
	for (size_t i = 0; i < f->told.n; i++) {
		const struct fact *t = &f->told.v[i];
		if (text_eq(t->name, "token_expires"))
			come(f, t->at_s,
			     arena_printf(f->a, "%s expires, the token of the source %s",
					  t->text ? m_out(f->a, t->text) : "A token",
					  m_out(f->a, t->source)));
	}
	struct followup *u = &f->followup;
	if (u->ahead.n > 0)
		qsort(u->ahead.v, u->ahead.n, sizeof *u->ahead.v, soonest);
}

/* --- what the audience received last --- */

static bool find_received(struct study *f, struct err *e)
{
	struct deliveries rows = {0};
	if (!outbox_list(f->in->db, NULL, f->audience, f->a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct delivery *d = &rows.v[i];
		bool earlier = strcmp(d->week, f->week.name) < 0;
		if (earlier && d->state == OUTBOX_SENT &&
		    (!f->followup.received || strcmp(d->week, f->followup.received) > 0))
			f->followup.received = d->week;
	}
	return true;
}

bool followup_find(struct study *f, struct err *e)
{
	struct followup *u = &f->followup;
	const char *before = f->weeks[STUDY_WEEKS - 2].name;
	struct frozen then;
	bool found;
	if (!digests_get(f->in->db, before, f->audience, f->a, &then, &found, e) ||
	    (found && !digests_items(f->in->db, then.id, f->a, &u->items, e)) ||
	    !find_received(f, e))
		return false;
	u->before = found ? before : NULL;
	find_fixes(f);
	find_ahead(f);
	return find_carried(f, e);
}
