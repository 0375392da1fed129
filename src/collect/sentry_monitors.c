#include "collect/sentry.h"

#include "base/text.h"
#include "store/monitors.h"

/* Cron monitors. Their check-ins of a week are one request each where the server adds them up
 * ("stats", which is not in Sentry's documentation), else the list of them. The first monitors are
 * asked one by one until one has answered: then it is known which of the two this server has. */

#define PROBES	      3 /* monitors without an answer, until nobody else is asked */
#define CHECKIN_PAGES 30 /* a job that runs every minute has a hundred */

/* --- reading --- */

static int badness(const char *status)
{
	static const char *const words[] = {"disabled",	      "in_progress", "active", "ok",
					    "missed_checkin", "timeout",     "error"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_eq(status, words[i]))
			return (int)i;
	return 2; /* a word of another version */
}

static const char *schedule_of(const struct jv *row, struct arena *a)
{
	struct jv config = json_get(row, "config"), s = json_get(&config, "schedule");
	struct sb b;
	if (json_is_str(&s))
		return json_text(&s, a);
	if (!json_is_arr(&s))
		return NULL;
	sb_init(&b, a, 4096);
	for (struct jv it = json_first(&s); it.n; it = json_next(&it)) {
		const char *word = json_text(&it, a);
		if (word)
			sb_addf(&b, "%s%s", b.len ? " " : "", word);
	}
	return b.len ? text_line(a, sb_str(&b), 200) : NULL;
}

static bool listed(const struct strv *list, const char *word)
{
	for (size_t i = 0; word && i < list->n; i++)
		if (!strcmp(list->v[i], word))
			return true;
	return list->n == 0;
}

struct one_environment {
	const char *name, *status;
	bool muted;
	int64_t last_s, next_s;
};

static bool parse_environment(const struct jv *row, struct arena *a, struct one_environment *out,
			      struct err *e)
{
	struct one_environment x = {0};
	if (!json_str_opt(row, "name", a, &x.name, e) ||
	    !json_str_opt(row, "status", a, &x.status, e) ||
	    !json_bool_opt(row, "isMuted", &x.muted, e) ||
	    !json_time_opt(row, "lastCheckIn", &x.last_s, e) ||
	    !json_time_opt(row, "nextCheckIn", &x.next_s, e))
		return false;
	*out = x;
	return true;
}

/* The worst, newest and soonest of those wanted. */
static bool parse_environments(const struct jv *row, const struct strv *wanted, struct arena *a,
			       struct rec_monitor *m, bool *skip, struct err *e)
{
	struct jv list;
	size_t n = 0;
	bool muted = true;
	if (!json_arr_opt(row, "environments", &list, e))
		return false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct one_environment x;
		if (!parse_environment(&it, a, &x, e))
			return false;
		if (!listed(wanted, x.name))
			continue;
		if (n == 0 || badness(x.status) > badness(m->status))
			m->status = x.status;
		m->last_check_s = n == 0 ? x.last_s : MAX(m->last_check_s, x.last_s);
		if (n == 0 || m->next_check_s == TIME_NONE ||
		    (x.next_s != TIME_NONE && x.next_s < m->next_check_s))
			m->next_check_s = x.next_s;
		m->environment = n == 0 ? x.name : m->environment;
		muted &= x.muted;
		n++;
	}
	if (n > 0)
		m->muted |= muted;
	*skip = n == 0 && json_count(&list) > 0;
	return true;
}

bool sentry_parse_monitor(const struct jv *row, const struct strv *environments, struct arena *a,
			  struct rec_monitor *out, bool *skip, struct err *e)
{
	struct rec_monitor m = {.kind = "cron",
				.ok = NUM_NONE,
				.missed = NUM_NONE,
				.timeout = NUM_NONE,
				.error = NUM_NONE,
				.unknown = NUM_NONE};
	struct jv project;
	const char *id, *own;
	if (!json_is_obj(row))
		return json_wrong(row, e, "expected a monitor");
	if (!json_str_opt(row, "slug", a, &m.key, e) || !json_id_opt(row, "id", a, &id, e) ||
	    !json_str_opt(row, "name", a, &m.name, e) || !json_str_opt(row, "status", a, &own, e) ||
	    !json_bool_opt(row, "isMuted", &m.muted, e) ||
	    !json_time_opt(row, "lastCheckIn", &m.last_check_s, e) ||
	    !json_time_opt(row, "nextCheckIn", &m.next_check_s, e) ||
	    !json_obj_opt(row, "project", &project, e) ||
	    !json_str_opt(&project, "slug", a, &m.project, e))
		return false;
	m.key = m.key ? m.key : id;
	if (!m.key || !*m.key)
		return json_wrong(row, e, "expected a monitor with a slug or an id");
	m.status = own;
	m.schedule = schedule_of(row, a);
	if (!parse_environments(row, environments, a, &m, skip, e))
		return false;
	if (text_eq(own, "disabled")) /* whatever its environments say */
		m.status = own;
	*out = m;
	return true;
}

/* --- the week's check-ins --- */

enum how { UNKNOWN, STATS, CHECKINS };

struct monitor {
	struct rec_monitor m;
	struct jobs *all;
};

struct jobs {
	struct sentry *s;
	VEC(struct monitor *) list;
	size_t next, silent; /* silent: asked without an answer */
	enum how how;
	const char *refused; /* the first refusal */
	/* Of those without an answer, while nobody had one: what they mean shows with the first. */
	size_t gone;
	const char *denied; /* why one was refused, or NULL */
};

static void count(struct rec_monitor *m, const char *status, int64_t n)
{
	if (text_eq(status, "ok"))
		m->ok += n;
	else if (text_eq(status, "missed"))
		m->missed += n;
	else if (text_eq(status, "timeout"))
		m->timeout += n;
	else if (text_eq(status, "error"))
		m->error += n;
	else if (!text_eq(status, "in_progress")) /* that one has no outcome yet */
		m->unknown += n;
}

static void count_nothing(struct rec_monitor *m)
{
	m->ok = m->missed = m->timeout = m->error = m->unknown = 0;
}

static bool put(struct monitor *x, struct err *e)
{
	struct collect *c = x->all->s->c;
	return db_begin(c->db, e) && monitors_put(c->db, &x->m, clock_now(c->clock), e) &&
	       db_commit(c->db, e);
}

static void ask_stats(struct monitor *x);

/* One at a time while it is not known what the server has. */
static void ask_next(struct jobs *all)
{
	while (all->next < all->list.n) {
		ask_stats(all->list.v[all->next++]);
		if (all->how == UNKNOWN)
			return;
	}
}

static void how_is_known(struct jobs *all, enum how how)
{
	if (all->how != UNKNOWN)
		return;
	all->how = how;
	collect_got(all->s->checkins, (int64_t)all->gone);
	if (all->denied)
		collect_short(all->s->checkins, "%s", all->denied);
	ask_next(all);
}

static void answered(struct jobs *all, enum how how)
{
	collect_got(all->s->checkins, 1);
	how_is_known(all, how);
}

static void nobody_answered(struct jobs *all)
{
	if (all->how != UNKNOWN)
		return;
	if (++all->silent < PROBES && all->next < all->list.n) {
		ask_next(all);
		return;
	}
	if (all->refused)
		collect_not_enabled(all->s->checkins, "%s; this Sentry does not give check-ins",
				    all->refused);
	if (all->next < all->list.n)
		collect_short(all->s->checkins, "the check-ins of %zu more were not asked for",
			      all->list.n - all->next);
}

static bool checkin_row(struct list_walk *w, const struct jv *row, struct err *e UNUSED)
{
	struct monitor *x = w->ctx;
	const struct week *week = &w->s->c->week;
	struct arena *a = &w->s->c->scratch;
	struct err bad = {0};
	const char *status, *environment;
	int64_t due_s, at_s;
	w->stop |= w->pages >= CHECKIN_PAGES;
	if (!json_is_obj(row) || !json_str_opt(row, "status", a, &status, &bad) ||
	    !json_str_opt(row, "environment", a, &environment, &bad) ||
	    !json_time_opt(row, "expectedTime", &due_s, &bad) ||
	    !json_time_opt(row, "dateCreated", &at_s, &bad) ||
	    (at_s == TIME_NONE && !json_time_opt(row, "dateAdded", &at_s, &bad))) {
		collect_short(w->p, "a check-in of %s could not be read: %s", x->m.key,
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	at_s = at_s == TIME_NONE ? due_s : at_s;
	w->stop |= at_s != TIME_NONE && at_s < week->from_s - SENTRY_DAY_S; /* newest first */
	due_s = due_s == TIME_NONE ? at_s : due_s;
	if (due_s == TIME_NONE || due_s < week->from_s || due_s >= week->to_s ||
	    (environment && !sentry_environment_wanted(w->s, environment)))
		return true;
	count(&x->m, status, 1);
	return true;
}

static bool checkins_done(struct list_walk *w, enum list_end end, const struct http_response *r,
			  struct err *e)
{
	struct monitor *x = w->ctx;
	struct jobs *all = x->all;
	const char *why;
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		if (w->pages > CHECKIN_PAGES) {
			collect_short(w->p, "%s has more than %d pages of check-ins", x->m.key,
				      CHECKIN_PAGES);
			how_is_known(all, CHECKINS);
			return true;
		}
		answered(all, CHECKINS);
		return put(x, e);
	case LIST_ABSENT:
		why = answer_why(r, w->what, &sentry_hints, &w->s->c->scratch);
		if (!all->refused)
			all->refused = arena_strdup(w->s->c->a, why);
		if (all->how == UNKNOWN) {
			if (r->status == 404)
				all->gone++;
			else
				all->denied = arena_strdup(w->s->c->a, why);
			nobody_answered(all);
		} else if (r->status == 404) { /* deleted since it was listed */
			collect_got(w->p, 1);
		} else {
			collect_short(w->p, "%s", why);
		}
		return true;
	case LIST_CUT:
	case LIST_FAILED:
		nobody_answered(all);
		return true;
	}
	return true;
}

static void ask_checkins(struct monitor *x)
{
	struct arena *a = x->all->s->c->a;
	struct list_walk *w = arena_new(a, struct list_walk);
	count_nothing(&x->m);
	*w = (struct list_walk){
		.s = x->all->s,
		.p = x->all->s->checkins,
		.what = arena_printf(a, "check-ins of %s", x->m.key),
		.path = arena_printf(a, "monitors/%s/checkins/", page_encode(a, x->m.key)),
		.of_many = true,
		.row = checkin_row,
		.done = checkins_done,
		.ctx = x,
	};
	sentry_list(w);
}

/* Buckets of an hour, so that a week that does not begin at midnight UTC is cut right. */
static bool read_stats(struct monitor *x, const struct jv *root, struct err *e)
{
	static const char *const words[] = {"ok", "missed", "timeout", "error", "unknown"};
	const struct week *week = &x->all->s->c->week;
	if (!json_is_arr(root))
		return json_wrong(root, e, "expected a list");
	count_nothing(&x->m);
	for (struct jv it = json_first(root); it.n; it = json_next(&it)) {
		int64_t at_s, n;
		if (!json_epoch(&it, "ts", &at_s, e))
			return false;
		if (at_s < week->from_s || at_s >= week->to_s)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			if (!json_i64_opt(&it, words[i], &n, e))
				return false;
			count(&x->m, words[i], n == NUM_NONE ? 0 : n);
		}
	}
	return true;
}

static bool on_stats(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct monitor *x = ctx;
	struct jobs *all = x->all;
	CLEANUP(json_freep) struct json *j = NULL;
	struct err bad = {0};
	const char *why;
	if (sentry_absent(r)) {
		if (!all->refused)
			all->refused = arena_strdup(
				p->c->a, answer_why(r, "check-ins", &sentry_hints, &p->c->scratch));
		ask_checkins(x);
		return true;
	}
	if (!answer_json(r, arena_printf(&p->c->scratch, "check-ins of %s", x->m.key),
			 &sentry_hints, &p->c->scratch, &j, &why)) {
		collect_short(p, "%s", why);
		nobody_answered(all);
		return true;
	}
	struct jv root = json_root(j);
	if (!read_stats(x, &root, &bad)) {
		collect_short(p, "check-ins of %s could not be read: %s", x->m.key, bad.msg);
		nobody_answered(all);
		return true;
	}
	answered(all, STATS);
	return put(x, e);
}

static void ask_stats(struct monitor *x)
{
	struct sentry *s = x->all->s;
	struct arena *a = s->c->a;
	struct sb b;
	if (x->all->how == CHECKINS) {
		ask_checkins(x);
		return;
	}
	sb_init(&b, a, 65536);
	sb_addf(&b, "monitors/%s/stats/?since=%lld&until=%lld&resolution=1h",
		page_encode(a, x->m.key), (long long)s->c->week.from_s, (long long)s->c->week.to_s);
	for (size_t i = 0; i < s->cfg->environments.n; i++)
		sb_addf(&b, "&environment=%s", page_encode(a, s->cfg->environments.v[i]));
	sentry_get(s, s->checkins, sb_str(&b), 0, on_stats, x);
}

/* --- the list --- */

static bool monitor_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	struct jobs *all = w->ctx;
	struct sentry *s = w->s;
	struct collect *c = s->c;
	struct err bad = {0};
	struct monitor *x = arena_new(c->a, struct monitor);
	bool skip;
	if (w->pages == 0 && w->rows == 0 &&
	    !monitors_forget(c->db, c->week.name, s->cfg->name, "cron", e))
		return false;
	if (!sentry_parse_monitor(row, &s->cfg->environments, c->a, &x->m, &skip, &bad)) {
		collect_short(w->p, "a monitor could not be read: %s", bad.msg);
		return true;
	}
	if (skip || (x->m.project && !sentry_project_by_slug(s, x->m.project)))
		return true;
	x->all = all;
	x->m.source = s->cfg->name;
	x->m.week = c->week.name;
	collect_got(w->p, 1);
	if (!text_eq(x->m.status, "disabled")) { /* one that is switched off has no check-ins */
		collect_expect(s->checkins, 1);
		vec_push(c->a, &all->list, x);
	}
	return monitors_put(c->db, &x->m, clock_now(c->clock), e);
}

static bool monitors_done(struct list_walk *w, enum list_end end, const struct http_response *r,
			  struct err *e)
{
	struct jobs *all = w->ctx;
	struct sentry *s = w->s;
	struct collect *c = s->c;
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		collect_expect(w->p, w->p->l.received);
		collect_expect(s->checkins, 0);
		if (w->p->l.received == 0 &&
		    (!db_begin(c->db, e) ||
		     !monitors_forget(c->db, c->week.name, s->cfg->name, "cron", e) ||
		     !db_commit(c->db, e)))
			return false;
		break;
	case LIST_CUT:
		collect_short(s->checkins, "the list of monitors ended early");
		break;
	case LIST_ABSENT:
		collect_not_enabled(s->checkins, "%s",
				    answer_why(r, w->what, &sentry_hints, &c->scratch));
		return true;
	case LIST_FAILED:
		collect_fail(s->checkins, "the list of monitors could not be had");
		return true;
	}
	ask_next(all);
	return true;
}

void sentry_monitors(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct jobs *all = arena_new(a, struct jobs);
	struct list_walk *w = arena_new(a, struct list_walk);
	*all = (struct jobs){.s = s};
	*w = (struct list_walk){
		.s = s,
		.p = s->monitors,
		.what = "cron monitors",
		.path = sentry_path(a, "monitors/", s->projects_query),
		.absent = "this Sentry has no cron monitors for this token (org:read)",
		.row = monitor_row,
		.done = monitors_done,
		.ctx = all,
	};
	sentry_list(w);
}
