#include "collect/sentry.h"

#include "base/text.h"
#include "store/monitors.h"

/* Uptime: the detectors say which addresses Sentry calls and how they are, the events table how the
 * week's calls went. What a detector sends along (headers, body) holds live secrets: not read. */

/* --- reading --- */

/* The address without what may be secret: user, query, fragment. */
static const char *bare(const char *url, struct arena *a)
{
	const char *rest = url ? strstr(url, "://") : NULL;
	if (!rest || !text_link_ok(url))
		return NULL;
	rest += 3;
	size_t host = strcspn(rest, "/?#");
	const char *at = memrchr(rest, '@', host);
	const char *from = at ? at + 1 : rest;
	return arena_printf(a, "%.*s%.*s", (int)(rest - url), url, (int)strcspn(from, "?#"), from);
}

static bool parse_source(const struct jv *row, struct arena *a, const char **target,
			 const char **subscription, struct err *e)
{
	struct jv list, query;
	const char *url;
	*target = *subscription = NULL;
	if (!json_arr_opt(row, "dataSources", &list, e))
		return false;
	struct jv first = json_first(&list);
	if (!first.n)
		return true;
	if (!json_id_opt(&first, "sourceId", a, subscription, e) ||
	    !json_obj_opt(&first, "queryObj", &query, e) ||
	    !json_str_opt(&query, "url", a, &url, e))
		return false;
	*target = bare(url, a);
	return true;
}

bool sentry_parse_detector(const struct jv *row, struct arena *a, struct rec_monitor *out,
			   const char **project_key, const char **subscription, bool *skip,
			   struct err *e)
{
	struct rec_monitor m = {.kind = "uptime",
				.last_check_s = TIME_NONE,
				.next_check_s = TIME_NONE,
				.ok = NUM_NONE,
				.missed = NUM_NONE,
				.timeout = NUM_NONE,
				.error = NUM_NONE,
				.unknown = NUM_NONE};
	struct jv config, group;
	const char *type, *group_status;
	bool enabled = true;
	if (!json_is_obj(row))
		return json_wrong(row, e, "expected a detector");
	if (!json_id(row, "id", a, &m.key, e) || !json_str_opt(row, "type", a, &type, e) ||
	    !json_str_opt(row, "name", a, &m.name, e) ||
	    !json_id_opt(row, "projectId", a, project_key, e) ||
	    !json_bool_opt(row, "enabled", &enabled, e) ||
	    !json_obj_opt(row, "config", &config, e) ||
	    !json_str_opt(&config, "environment", a, &m.environment, e) ||
	    !json_obj_opt(row, "latestGroup", &group, e) ||
	    !json_str_opt(&group, "status", a, &group_status, e) ||
	    !parse_source(row, a, &m.target, subscription, e))
		return false;
	*skip = type && strcmp(type, "uptime_domain_failure") != 0;
	/* Its issue is resolved by Sentry when the address answers again. */
	m.status = !enabled ? "disabled" : text_eq(group_status, "unresolved") ? "error" : "ok";
	*out = m;
	return true;
}

/* --- the week's calls --- */

struct watched {
	struct rec_monitor m;
	const char *subscription;
};

struct uptime {
	struct sentry *s;
	VEC(struct watched *) list;
};

/* Whose checks these are: by what they are filed under, or the only detector of the project. */
static struct watched *owner_of(const struct uptime *u, const char *id, const char *slug)
{
	struct watched *only = NULL;
	size_t n = 0;
	for (size_t i = 0; i < u->list.n; i++) {
		struct watched *x = u->list.v[i];
		if (id && (text_eq(id, x->subscription) || text_eq(id, x->m.key)))
			return x;
		if (slug && text_eq(slug, x->m.project)) {
			only = x;
			n++;
		}
	}
	return n == 1 ? only : NULL;
}

static void add(int64_t *to, int64_t n)
{
	*to = *to == NUM_NONE ? n : *to + n;
}

static bool check_row(struct list_walk *w, const struct jv *row, struct err *e UNUSED)
{
	struct uptime *u = w->ctx;
	struct arena *a = &w->s->c->scratch;
	struct err bad = {0};
	const char *id, *slug, *status;
	int64_t n;
	if (!json_is_obj(row) || !json_id_opt(row, "uptime_subscription_id", a, &id, &bad) ||
	    !json_str_opt(row, "project", a, &slug, &bad) ||
	    !json_str_opt(row, "check_status", a, &status, &bad) ||
	    !json_i64(row, "count()", &n, &bad)) {
		collect_short(w->p, "an uptime check's count could not be read: %s",
			      *bad.msg ? bad.msg : "not an object");
		return true;
	}
	struct watched *x = owner_of(u, id, slug);
	if (!x)
		return true;
	if (x->m.ok == NUM_NONE)
		x->m.ok = x->m.missed = x->m.timeout = x->m.error = x->m.unknown = 0;
	if (text_eq(status, "success"))
		add(&x->m.ok, n);
	else if (status && text_starts(status, "failure"))
		add(&x->m.error, n);
	else if (text_eq(status, "missed_window"))
		add(&x->m.missed, n);
	else
		add(&x->m.unknown, n);
	return true;
}

static bool checks_done(struct list_walk *w, enum list_end end,
			const struct http_response *r UNUSED, struct err *e)
{
	struct uptime *u = w->ctx;
	struct collect *c = w->s->c;
	if (end != LIST_WHOLE) /* sums of some pages are no counts */
		return true;
	if (!db_begin(c->db, e))
		return false;
	for (size_t i = 0; i < u->list.n; i++) {
		const struct watched *x = u->list.v[i];
		if (x->m.ok == NUM_NONE)
			continue;
		collect_got(w->p, 1);
		if (!monitors_put(c->db, &x->m, clock_now(c->clock), e))
			return false;
	}
	return db_commit(c->db, e);
}

static void ask_checks(struct uptime *u)
{
	struct sentry *s = u->s;
	struct arena *a = s->c->a;
	struct list_walk *w = arena_new(a, struct list_walk);
	*w = (struct list_walk){
		.s = s,
		.p = s->uptime_checks,
		.what = "uptime checks",
		.path = arena_printf(
			a,
			"events/?dataset=uptime_results&field=project&field=uptime_subscription_id&"
			"field=check_status&field=count%%28%%29&sort=-count%%28%%29&per_page=100&"
			"start=%s&end=%s%s",
			sentry_time(a, s->c->week.from_s), sentry_time(a, s->c->week.to_s),
			s->projects_query),
		.key = "data",
		.absent = "this Sentry does not count uptime checks",
		.row = check_row,
		.done = checks_done,
		.ctx = u,
	};
	sentry_list(w);
}

/* --- the list --- */

static bool detector_row(struct list_walk *w, const struct jv *row, struct err *e)
{
	struct uptime *u = w->ctx;
	struct sentry *s = w->s;
	struct collect *c = s->c;
	struct err bad = {0};
	struct watched *x = arena_new(c->a, struct watched);
	const char *key;
	bool skip;
	if (w->pages == 0 && w->rows == 0 &&
	    !monitors_forget(c->db, c->week.name, s->cfg->name, "uptime", e))
		return false;
	if (!sentry_parse_detector(row, c->a, &x->m, &key, &x->subscription, &skip, &bad)) {
		collect_short(w->p, "an uptime detector could not be read: %s", bad.msg);
		return true;
	}
	const struct sentry_project *p = sentry_project_by_key(s, key);
	if (skip || (key && !p) ||
	    (x->m.environment && !sentry_environment_wanted(s, x->m.environment)))
		return true;
	x->m.project = p ? p->slug : NULL;
	x->m.source = s->cfg->name;
	x->m.week = c->week.name;
	vec_push(c->a, &u->list, x);
	collect_got(w->p, 1);
	return monitors_put(c->db, &x->m, clock_now(c->clock), e);
}

static bool detectors_done(struct list_walk *w, enum list_end end, const struct http_response *r,
			   struct err *e)
{
	struct uptime *u = w->ctx;
	struct sentry *s = w->s;
	struct collect *c = s->c;
	switch (end) {
	case LIST_WHOLE:
	case LIST_STOPPED:
		collect_expect(w->p, w->p->l.received);
		break;
	case LIST_CUT:
		collect_short(s->uptime_checks, "the list of uptime detectors ended early");
		break;
	case LIST_ABSENT:
		collect_not_enabled(s->uptime_checks, "%s",
				    answer_why(r, w->what, &sentry_hints, &c->scratch));
		return true;
	case LIST_FAILED:
		collect_fail(s->uptime_checks, "the list of uptime detectors could not be had");
		return true;
	}
	if (u->list.n > 0) {
		ask_checks(u);
		return true;
	}
	collect_expect(s->uptime_checks, 0);
	return db_begin(c->db, e) &&
	       monitors_forget(c->db, c->week.name, s->cfg->name, "uptime", e) &&
	       db_commit(c->db, e);
}

void sentry_uptime(struct sentry *s)
{
	struct arena *a = s->c->a;
	struct uptime *u = arena_new(a, struct uptime);
	struct list_walk *w = arena_new(a, struct list_walk);
	*u = (struct uptime){.s = s};
	*w = (struct list_walk){
		.s = s,
		.p = s->uptime,
		.what = "uptime detectors",
		.path = arena_printf(a, "detectors/?query=type%%3Auptime_domain_failure%s",
				     s->projects_query),
		.absent = "this Sentry has no uptime detectors for this token (org:read)",
		.row = detector_row,
		.done = detectors_done,
		.ctx = u,
	};
	sentry_list(w);
}
