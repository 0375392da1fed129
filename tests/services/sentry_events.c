#include "services/sentry.h"

#include "base/parse.h"
#include "base/text.h"

/* The events table of data set "errors": groups of events by the fields that are no functions. */

struct group {
	const char *key;
	const struct issue *x;
	const struct event *e; /* the first of it */
	int64_t count, min_s, max_s;
	VEC(uint32_t) users, issues;
};
struct groups {
	struct group *v;
	size_t n, cap;
};

static const char *field_value(struct request *q, const char *field, const struct issue *x,
			       const struct event *e)
{
	const struct estate *s = q->c->estate;
	if (text_eq(field, "project") || text_eq(field, "project.name"))
		return s->projects.v[x->project].slug;
	if (text_eq(field, "environment"))
		return estate_env(e->env);
	if (text_eq(field, "release"))
		return s->releases.v[e->release] ? s->releases.v[e->release] : "";
	if (text_eq(field, "issue.id"))
		return arena_printf(q->a, "%lld", (long long)x->id);
	if (text_eq(field, "issue"))
		return x->short_id;
	return NULL;
}

static bool event_query(struct request *q, const char *query, const struct issue *x, bool *ok)
{
	struct view v = {.x = x};
	const char *p = query ? query : "";
	if (text_eq(p, "event.type:error") || text_eq(p, "has:user"))
		return true;
	return sentry_query_match(q, p, &v, ok);
}

void sentry_page(struct request *q, struct answer *r, size_t n, size_t *from, size_t *to)
{
	size_t limit = (size_t)request_number(q, "per_page", 1, 100, 50);
	const char *c = request_param(q, "cursor", 0);
	int64_t at;
	*from = 0;
	if (c && text_starts(c, "0:") && parse_i64_n(c + 2, strcspn(c + 2, ":"), &at) && at >= 0)
		*from = MIN((size_t)at, n);
	*to = MIN(*from + limit, n);
	sentry_link_header(q, r, "0:0:1", *from > 0, arena_printf(q->a, "0:%zu:0", *to), *to < n);
}

void sentry_events(struct request *q, struct answer *r)
{
	struct ask k;
	struct groups list = {0};
	const char *field, *dataset = request_param(q, "dataset", 0),
			   *query = request_param(q, "query", 0);
	if (!sentry_ask_read(q, r, &k))
		return;
	if (!request_param(q, "field", 0)) {
		sentry_bad(q, r, "No columns selected");
		return;
	}
	if (dataset && !text_eq(dataset, "errors")) {
		if (!sentry_measures(q, r, dataset))
			sentry_bad(q, r,
				   "dataset must be one of: errors, spans, tracemetrics, "
				   "uptime_results");
		return;
	}
	for (size_t i = 0; i < q->c->estate->issues.n; i++) {
		const struct issue *x = &q->c->estate->issues.v[i];
		bool ok = true;
		if (!text_eq(x->category, "error") || !sentry_project_match(q, x) ||
		    !event_query(q, query, x, &ok)) {
			if (!ok) {
				sentry_bad(q, r, "Invalid query");
				return;
			}
			continue;
		}
		for (size_t n = 0; n < x->events.n; n++) {
			const struct event *e = &x->events.v[n];
			if (e->t_s < k.from_s || e->t_s >= k.to_s || !(k.envs & 1u << e->env))
				continue;
			struct sb b;
			sb_init(&b, q->a, 4096);
			for (size_t f = 0; (field = request_param(q, "field", f)); f++) {
				const char *v = field_value(q, field, x, e);
				if (v)
					sb_addf(&b, "%s|", v);
			}
			const char *key = sb_str(&b);
			size_t g = 0;
			while (g < list.n && !text_eq(list.v[g].key, key))
				g++;
			if (g == list.n) {
				struct group fresh = {.key = key, .x = x, .e = e, .min_s = e->t_s};
				vec_push(q->a, &list, fresh);
			}
			struct group *o = &list.v[g];
			o->count++;
			o->min_s = MIN(o->min_s, e->t_s);
			o->max_s = MAX(o->max_s, e->t_s);
			if (e->user)
				vec_push(q->a, &o->users, e->user);
			vec_push(q->a, &o->issues, (uint32_t)i + 1);
		}
	}
	if (!list.n) { /* aggregates over nothing are one row of zeros */
		struct group none = {.key = "", .min_s = TIME_NONE, .max_s = TIME_NONE};
		bool grouped = false;
		struct event e = {0};
		for (size_t f = 0; (field = request_param(q, "field", f)); f++)
			grouped |= field_value(q, field, &q->c->estate->issues.v[0], &e) != NULL;
		if (!grouped)
			vec_push(q->a, &list, none);
	}
	size_t from, to;
	sentry_page(q, r, list.n, &from, &to);
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *data = jw_add_arr(root, "data");
	for (size_t g = from; g < to; g++) {
		struct group *o = &list.v[g];
		struct jw *row = jw_add_obj(data, NULL);
		for (size_t f = 0; (field = request_param(q, "field", f)); f++) {
			const char *v = o->x ? field_value(q, field, o->x, o->e) : NULL;
			if (text_eq(field, "issue.id") && o->x)
				jw_i64(row, field, o->x->id);
			else if (v)
				jw_str(row, field, v);
			else if (text_eq(field, "count()"))
				jw_i64(row, field, o->count);
			else if (text_eq(field, "count_unique(user)"))
				jw_i64(row, field, sentry_distinct(o->users.v, o->users.n));
			else if (text_eq(field, "count_unique(issue)"))
				jw_i64(row, field, sentry_distinct(o->issues.v, o->issues.n));
			else if (text_eq(field, "min(timestamp)") || text_eq(field, "first_seen()"))
				jw_str(row, field, o->x ? sentry_iso(q, o->min_s) : NULL);
			else if (text_eq(field, "max(timestamp)") || text_eq(field, "last_seen()"))
				jw_str(row, field, o->x ? sentry_iso(q, o->max_s) : NULL);
			else {
				sentry_bad(q, r, arena_printf(q->a, "Invalid field: %s", field));
				return;
			}
		}
	}
	struct jw *meta = jw_add_obj(root, "meta");
	jw_str(jw_add_obj(meta, "fields"), "count()", "integer");
	jw_str(meta, "dataset", "errors");
	answer_json(q, r, root);
}
