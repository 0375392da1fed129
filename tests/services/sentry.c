#include "services/sentry.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

/* Sentry's web API for one organisation. As in the real one: a window makes count, userCount,
 * firstSeen and lastSeen of a row those of the window, "lifetime" holds the whole life in the
 * environments asked for; lists hold what has an event in the window; the Link header names a host
 * that does not exist, so only the cursor is of use. */

#define BASE "/api/0/organizations/" ESTATE_ORG "/"
enum { DAY_S = 86400, PAGE_MAX = 100 };

const char *sentry_iso(const struct request *q, int64_t t_s)
{
	char b[TIME_TEXT];
	return arena_strdup(q->a, time_iso(t_s, b));
}

bool sentry_bad(struct request *q, struct answer *r, const char *why)
{
	answer_error(q, r, 400, "detail", why);
	return false;
}

/* start and end, or statsPeriod, which wins; without either 90 days that do not count as a window.
 */
bool sentry_ask_read(struct request *q, struct answer *r, struct ask *k)
{
	const char *period = request_param(q, "statsPeriod", 0),
		   *start = request_param(q, "start", 0), *end = request_param(q, "end", 0);
	int64_t now = q->c->estate->now_s, n;
	*k = (struct ask){.from_s = now - 90 * DAY_S, .to_s = now};
	if (period && *period) {
		size_t len = strlen(period);
		int64_t unit = period[len - 1] == 'h'	? 3600
			       : period[len - 1] == 'd' ? DAY_S
			       : period[len - 1] == 'w' ? 7 * DAY_S
							: 0;
		if (!unit || !parse_i64_n(period, len - 1, &n))
			return sentry_bad(q, r, "Invalid statsPeriod");
		k->from_s = now - n * unit;
		k->window = true;
	} else if (start || end) {
		if (!start || !end)
			return sentry_bad(q, r, "start and end are both required");
		if (!parse_time(start, &k->from_s) || !parse_time(end, &k->to_s))
			return sentry_bad(q, r, "Invalid date");
		k->window = true;
	}
	const char *e;
	for (size_t i = 0; (e = request_param(q, "environment", i)); i++)
		k->envs |= text_eq(e, "production") ? 1u : text_eq(e, "staging") ? 2u : 4u;
	if (!k->envs)
		k->envs = 7;
	return true;
}

static int by_user(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

int64_t sentry_distinct(uint32_t *users, size_t n)
{
	int64_t d = 0;
	if (n)
		qsort(users, n, sizeof *users, by_user);
	for (size_t i = 0; i < n; i++)
		d += users[i] && (i == 0 || users[i] != users[i - 1]);
	return d;
}

static void view_make(struct request *q, const struct issue *x, const struct ask *k, struct view *v)
{
	*v = (struct view){.x = x,
			   .first_s = TIME_NONE,
			   .last_s = TIME_NONE,
			   .all_first_s = TIME_NONE,
			   .all_last_s = TIME_NONE};
	uint32_t *all = arena_array(q->a, uint32_t, x->events.n),
		 *in = arena_array(q->a, uint32_t, x->events.n);
	for (size_t i = 0; i < x->events.n; i++) {
		const struct event *e = &x->events.v[i];
		if (!(k->envs & 1u << e->env))
			continue;
		all[v->all_count++] = e->user;
		v->all_first_s = v->all_first_s == TIME_NONE ? e->t_s : v->all_first_s;
		v->all_last_s = e->t_s;
		if (e->t_s < k->from_s || e->t_s >= k->to_s)
			continue;
		in[v->count++] = e->user;
		v->first_s = v->first_s == TIME_NONE ? e->t_s : v->first_s;
		v->last_s = e->t_s;
	}
	v->all_users = sentry_distinct(all, (size_t)v->all_count);
	v->users = sentry_distinct(in, (size_t)v->count);
}

/* --- pages: a cursor is the next row's key, how many rows of that key to skip, 0 --- */
static int by_key(const void *a, const void *b)
{
	const struct view *x = a, *y = b;
	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return x->x->id > y->x->id ? -1 : x->x->id < y->x->id;
}

static size_t page_start(struct request *q, const struct views *list)
{
	const char *c = request_param(q, "cursor", 0), *colon = c ? strchr(c, ':') : NULL;
	int64_t key, skip;
	if (!colon || !parse_i64_n(c, (size_t)(colon - c), &key) ||
	    !parse_i64_n(colon + 1, strcspn(colon + 1, ":"), &skip))
		return 0;
	size_t i = 0;
	while (i < list->n && list->v[i].key > key)
		i++;
	return MIN(i + (size_t)MAX(skip, 0), list->n);
}

static const char *cursor_at(struct request *q, const struct views *list, size_t i)
{
	size_t same = 0;
	if (i >= list->n)
		return "0:0:0";
	while (same < i && list->v[i - same - 1].key == list->v[i].key)
		same++;
	return arena_printf(q->a, "%lld:%zu:0", (long long)list->v[i].key, same);
}

void sentry_link_header(struct request *q, struct answer *r, const char *previous,
			bool has_previous, const char *next, bool has_next)
{
	if (text_eq(q->fault, "repeat-cursor")) {
		const char *same = request_param(q, "cursor", 0);
		next = same ? same : next;
		has_next = true;
	}
	const char *rest = request_query(q, "cursor", NULL);
	const char *url = arena_printf(q->a, "http://sentry.internal.example.org:9000%s?%s",
				       q->path, *rest ? rest + 1 : "");
	answer_header(
		r, "Link",
		arena_printf(q->a,
			     "<%s&cursor=%s>; rel=\"previous\"; results=\"%s\"; cursor=\"%s\", "
			     "<%s&cursor=%s>; rel=\"next\"; results=\"%s\"; cursor=\"%s\"",
			     url, previous, has_previous ? "true" : "false", previous, url, next,
			     has_next ? "true" : "false", next));
}

/* --- rows --- */
static void numbers(struct request *q, struct jw *o, int64_t count, int64_t users, int64_t first_s,
		    int64_t last_s)
{
	jw_str(o, "count", arena_printf(q->a, "%lld", (long long)count));
	jw_i64(o, "userCount", users);
	jw_str(o, "firstSeen", first_s == TIME_NONE ? NULL : sentry_iso(q, first_s));
	jw_str(o, "lastSeen", last_s == TIME_NONE ? NULL : sentry_iso(q, last_s));
}

static void base_fields(struct request *q, struct jw *o, const struct issue *x)
{
	const struct project *p = &q->c->estate->projects.v[x->project];
	jw_str(o, "id", arena_printf(q->a, "%lld", (long long)x->id));
	if (text_eq(q->fault, "wrong-type") && x->id % 2)
		jw_i64(o, "shortId", 7);
	else
		jw_str(o, "shortId", x->short_id);
	jw_str(o, "title", x->title);
	jw_str(o, "culprit", x->culprit);
	jw_str(o, "permalink",
	       arena_printf(q->a, "https://" ESTATE_ORG ".sentry.example.org/issues/%lld/",
			    (long long)x->id));
	jw_null(o, "logger");
	jw_str(o, "level", x->level);
	jw_str(o, "status", x->status);
	jw_str(o, "substatus", x->substatus);
	jw_add_obj(o, "statusDetails");
	jw_bool(o, "isPublic", false);
	jw_str(o, "platform", p->platform);
	struct jw *project = jw_add_obj(o, "project");
	jw_str(project, "id", arena_printf(q->a, "%lld", (long long)p->id));
	jw_str(project, "name", p->slug);
	jw_str(project, "slug", p->slug);
	jw_str(project, "platform", p->platform);
	jw_str(o, "type", text_eq(x->category, "error") ? "error" : "generic");
	jw_str(jw_add_obj(o, "metadata"), "title", x->title);
	jw_i64(o, "numComments", 0);
	jw_null(o, "assignedTo");
	jw_str(o, "issueType", x->type);
	jw_str(o, "issueCategory", x->category);
	jw_str(o, "priority", "medium");
	jw_bool(o, "isUnhandled", true);
	jw_add_arr(o, "annotations");
}

static void stats(const struct view *v, const struct ask *k, const char *period, struct jw *o)
{
	int64_t step = k->to_s - k->from_s <= 8 * DAY_S ? 3600 : DAY_S;
	struct jw *buckets = jw_add_arr(jw_add_obj(o, "stats"), period);
	size_t i = 0;
	while (i < v->x->events.n && v->x->events.v[i].t_s < k->from_s)
		i++;
	for (int64_t t = k->from_s; t < k->to_s; t += step) {
		int64_t n = 0;
		for (; i < v->x->events.n && v->x->events.v[i].t_s < MIN(t + step, k->to_s); i++)
			n += (k->envs & 1u << v->x->events.v[i].env) != 0;
		struct jw *pair = jw_add_arr(buckets, NULL);
		jw_i64(pair, NULL, t);
		jw_i64(pair, NULL, n);
	}
}

static bool collapsed(struct request *q, const char *part)
{
	const char *c;
	for (size_t i = 0; (c = request_param(q, "collapse", i)); i++)
		if (text_eq(c, part))
			return true;
	return false;
}

static void issues(struct request *q, struct answer *r)
{
	struct ask k;
	const char *query = request_param(q, "query", 0), *sort = request_param(q, "sort", 0);
	const char *period = request_param(q, "groupStatsPeriod", 0);
	struct views list = {0};
	if (!sentry_ask_read(q, r, &k))
		return;
	if (!query)
		query = "is:unresolved";
	if (period && !text_eq(period, "") && !text_eq(period, "24h") && !text_eq(period, "14d") &&
	    !text_eq(period, "auto")) {
		sentry_bad(q, r,
			   "Invalid stats_period. Valid choices are '', '24h', '14d', and 'auto'");
		return;
	}
	for (size_t i = 0; i < q->c->estate->issues.n; i++) {
		const struct issue *x = &q->c->estate->issues.v[i];
		struct view v;
		bool ok = true, match;
		if (!sentry_project_match(q, x))
			continue;
		view_make(q, x, &k, &v);
		if (v.count == 0)
			continue;
		match = sentry_query_match(q, query, &v, &ok);
		if (!ok) {
			sentry_bad(q, r,
				   arena_printf(q->a, "Error parsing search query: %s", query));
			return;
		}
		if (!match)
			continue;
		v.key = text_eq(sort, "new")	? v.all_first_s
			: text_eq(sort, "freq") ? v.count
			: text_eq(sort, "user") ? v.users
						: v.last_s;
		vec_push(q->a, &list, v);
	}
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, by_key);
	size_t limit = (size_t)request_number(q, "limit", 1, PAGE_MAX, PAGE_MAX),
	       from = page_start(q, &list);
	size_t to = MIN(from + limit, list.n);
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = from; i < to; i++) {
		const struct view *v = &list.v[i];
		struct jw *o = jw_add_obj(root, NULL);
		base_fields(q, o, v->x);
		bool life = !k.window;
		numbers(q, o, life ? v->all_count : v->count, life ? v->all_users : v->users,
			life ? v->all_first_s : v->first_s, life ? v->all_last_s : v->last_s);
		if (!collapsed(q, "lifetime")) {
			struct jw *l = jw_add_obj(o, "lifetime");
			numbers(q, l, v->all_count, v->all_users, v->all_first_s, v->all_last_s);
		}
		jw_null(o, "filtered");
		if (!collapsed(q, "stats") && !text_eq(period, ""))
			stats(v, &k, period ? period : "24h", o);
	}
	answer_header(r, "X-Hits", arena_printf(q->a, "%zu", list.n));
	sentry_link_header(q, r, cursor_at(q, &list, from > limit ? from - limit : 0), from > 0,
			   cursor_at(q, &list, to), to < list.n);
	answer_json(q, r, root);
}

static void issue(struct request *q, struct answer *r, const char *id_text)
{
	const struct issue *x = NULL;
	struct ask k;
	int64_t id;
	if (!sentry_ask_read(q, r, &k))
		return;
	for (size_t i = 0; i < q->c->estate->issues.n; i++)
		if (parse_i64_n(id_text, strcspn(id_text, "/"), &id) &&
		    q->c->estate->issues.v[i].id == id)
			x = &q->c->estate->issues.v[i];
	if (!x) {
		answer_error(q, r, 404, "detail", "The requested resource does not exist");
		return;
	}
	struct view v;
	view_make(q, x, &k, &v);
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	base_fields(q, o, x);
	numbers(q, o, v.all_count, v.all_users, v.all_first_s, v.all_last_s);
	struct jw *acts = jw_add_arr(o, "activity");
	for (size_t i = x->acts.n; i-- > 0;) { /* newest first */
		struct jw *a = jw_add_obj(acts, NULL);
		jw_str(a, "id", arena_printf(q->a, "%lld%02zu", (long long)x->id, i));
		jw_null(a, "user");
		jw_str(a, "type", x->acts.v[i].type);
		jw_add_obj(a, "data");
		jw_str(a, "dateCreated", sentry_iso(q, x->acts.v[i].t_s));
	}
	const char *version = q->c->estate->releases.v[x->events.v[0].release];
	if (version)
		jw_str(jw_add_obj(o, "firstRelease"), "version", version);
	else
		jw_null(o, "firstRelease");
	jw_add_arr(o, "seenBy");
	answer_json(q, r, o);
}

static void projects(struct request *q, struct answer *r)
{
	size_t n = q->c->estate->projects.n,
	       limit = (size_t)request_number(q, "per_page", 1, PAGE_MAX, 8), from = 0;
	const char *c = request_param(q, "cursor", 0);
	int64_t at;
	if (c && text_starts(c, "0:") && parse_i64_n(c + 2, strcspn(c + 2, ":"), &at) && at >= 0)
		from = MIN((size_t)at, n);
	size_t to = MIN(from + MIN(limit, 8), n); /* short pages: the flag alone ends the list */
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = from; i < to; i++) {
		const struct project *p = &q->c->estate->projects.v[i];
		struct jw *o = jw_add_obj(root, NULL);
		jw_str(o, "id", arena_printf(q->a, "%lld", (long long)p->id));
		jw_str(o, "slug", p->slug);
		jw_str(o, "name", p->slug);
		jw_str(o, "platform", p->platform);
		jw_bool(o, "isMember", true);
		jw_bool(o, "hasAccess", true);
		jw_str(o, "firstEvent", "2025-02-01T09:00:00Z");
		jw_bool(o, "firstTransactionEvent", true);
		jw_str(o, "dateCreated", "2025-01-20T09:00:00.123456Z");
	}
	sentry_link_header(q, r, "0:0:1", from > 0, arena_printf(q->a, "0:%zu:0", to), to < n);
	answer_json(q, r, root);
}

void sentry_serve(struct request *q, struct answer *r)
{
	const char *p = q->path;
	if (!request_bearer(q, q->c->sentry_token)) {
		answer_error(q, r, 401, "detail",
			     request_header(q, "Authorization")
				     ? "Invalid token"
				     : "Authentication credentials were not provided.");
		return;
	}
	answer_header(r, "X-Sentry-Rate-Limit-Remaining", "39");
	answer_header(r, "X-Sentry-Rate-Limit-Limit", "40");
	answer_header(r, "X-Sentry-Rate-Limit-Reset", "1786000000.5");
	if (text_starts(p, "/api/0/issues/")) {
		issue(q, r, p + strlen("/api/0/issues/"));
	} else if (!text_starts(p, BASE)) {
		answer_error(q, r, 404, "detail", "The requested resource does not exist");
	} else if (text_eq(p += strlen(BASE), "")) {
		CLEANUP(jw_freep) struct jw *o = jw_obj();
		jw_str(o, "id", "4509062590000000");
		jw_str(o, "slug", ESTATE_ORG);
		jw_str(o, "name", "Example data");
		struct jw *links = jw_add_obj(o, "links");
		jw_str(links, "organizationUrl", "https://" ESTATE_ORG ".sentry.example.org");
		jw_str(links, "regionUrl", "https://de.sentry.example.org");
		answer_json(q, r, o);
	} else if (text_eq(p, "projects/")) {
		projects(q, r);
	} else if (text_eq(p, "issues/")) {
		issues(q, r);
	} else if (text_starts(p, "issues/") && text_eq(strchr(p + 7, '/'), "/")) {
		issue(q, r, p + 7);
	} else if (text_eq(p, "stats_v2/")) {
		sentry_stats(q, r);
	} else if (text_eq(p, "events-timeseries/")) {
		sentry_timeseries(q, r);
	} else if (text_eq(p, "sessions/")) {
		sentry_sessions(q, r);
	} else if (text_starts(p, "releases/")) {
		sentry_releases_serve(q, r, p + strlen("releases/"));
	} else if (text_starts(p, "monitors/")) {
		sentry_monitors_serve(q, r, p + strlen("monitors/"));
	} else if (text_eq(p, "detectors/")) {
		sentry_detectors(q, r);
	} else if (text_eq(p, "events/")) {
		sentry_events(q, r);
	} else if (text_eq(p, "environments/")) {
		r->body = "[{\"id\":\"1\",\"name\":\"production\"},{\"id\":\"2\",\"name\":"
			  "\"staging\"}]";
	} else {
		answer_error(q, r, 404, "detail", "The requested resource does not exist");
	}
}
