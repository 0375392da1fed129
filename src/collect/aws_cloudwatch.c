#include "collect/aws_cloudwatch.h"

#include "base/text.h"
#include "store/series.h"

/* The dashboards of a source: listed, read, what their widgets show asked for in as few requests as
 * hold it, and stored together once the last answer is there. */

struct board { /* a dashboard on its way */
	struct boards *all;
	const char *name;
	struct cw_board read;
	const char *why; /* it could not be read */
};

struct place { /* where a group of lines of a widget is asked for */
	const struct board *board;
	struct cw_widget *widget;
	struct cw_group group;
	struct cw_data *call;
	size_t first; /* query of its first line */
	const char *why; /* the call failed */
};

struct boards {
	struct aws *s;
	struct part *p;
	struct page_walk walk;
	VEC(struct board *) list;
	size_t names; /* dashboards of the account, whether wanted or not */
	bool listed;
	size_t waiting; /* for answers before what is asked for can be planned */
	VEC(struct place *) places;
	size_t calls; /* metric data under way */
	struct strv affected; /* ids of numbers */
};

/* --- what is touched --- */

/* A line, a widget or a dashboard that is missing touches its own numbers, not all of them. */
static void touched(struct boards *b, const char *id)
{
	struct sb all;
	for (size_t i = 0; i < b->affected.n; i++)
		if (!strcmp(b->affected.v[i], id))
			return;
	vec_push(b->s->c->a, &b->affected, id);
	sb_init(&all, b->s->c->a, SIZE_MAX / 8);
	for (size_t i = 0; i < b->affected.n; i++)
		sb_addf(&all, "%s%s", i ? " " : "", b->affected.v[i]);
	b->p->l.affects = sb_str(&all);
}

static void lost_board(struct boards *b, const char *name, const char *why)
{
	touched(b, watch_metric_id(b->s->c->a, name, NULL));
	collect_expect(b->p, 1);
	collect_short(b->p, "dashboard %s: %s", name, why);
}

/* --- storing --- */

static struct rec_series series_of(const struct boards *b, const struct board *board,
				   const struct cw_widget *w, size_t position)
{
	struct arena *a = b->s->c->a;
	const char *region = b->s->cfg->region;
	bool china = text_starts(region, "cn-");
	return (struct rec_series){
		.source = b->s->cfg->name,
		.kind = "widget",
		.board = board->name,
		.panel = w->title,
		.label = "",
		.unit = w->unit,
		.position = (int64_t)position,
		.period_s = NUM_NONE,
		.url = china ? NULL
			     : arena_printf(a,
					    "https://%s.console.aws.amazon.com/cloudwatch/"
					    "home?region=%s#dashboards/dashboard/%s",
					    region, region, page_encode(a, board->name)),
		.week = b->s->c->week.name,
	};
}

static bool put(struct boards *b, const struct rec_series *x, struct err *e)
{
	struct collect *c = b->s->c;
	return series_put(c->db, x, c->week.from_s, c->week.to_s, clock_now(c->clock), e);
}

static const char *own_label(const struct cw_line *l, struct arena *a)
{
	const char *s = cloudwatch_label(l->label, a);
	if (s)
		return s;
	return l->metric ? l->metric : l->id ? l->id : text_line(a, l->expression, 60);
}

/* Two lines of a widget must not share a label: it is their key. Dimensions tell them apart best,
 * since they are the same next week. */
static const char *unlike(struct strv *used, const struct cw_line *l, const char *label,
			  struct arena *a)
{
	const char *wanted = label;
	for (size_t n = 1;; n++) {
		bool taken = false;
		for (size_t i = 0; i < used->n; i++)
			taken |= !strcmp(used->v[i], label);
		if (!taken) {
			vec_push(a, used, label);
			return label;
		}
		if (n == 1) {
			struct sb b;
			sb_init(&b, a, SIZE_MAX / 8);
			sb_add(&b, wanted);
			for (size_t i = 1; i < l->dims.n; i += 2)
				sb_addf(&b, " %s", l->dims.v[i]);
			label = sb_str(&b);
		} else {
			label = arena_printf(a, "%s (%zu)", wanted, n);
		}
	}
}

struct outcome {
	enum ledger_status status;
	const char *reason;
};

static struct outcome outcome_of(const struct place *at, const struct cw_line *l,
				 const struct cw_result *r, struct arena *a)
{
	const char *said = r->message ? arena_printf(a, ": %s", r->message) : "";
	if (r->wrong)
		return (struct outcome){LEDGER_FAILED, r->wrong};
	if (!r->status || !strcmp(r->status, "Complete"))
		return (struct outcome){LEDGER_COMPLETE, NULL};
	if (!strcmp(r->status, "PartialData"))
		return (struct outcome){
			LEDGER_PARTIAL,
			at->why ? at->why
				: arena_printf(a, "CloudWatch gave part of the data%s", said)};
	if (!strcmp(r->status, "Forbidden"))
		return (struct outcome){
			LEDGER_FAILED,
			arena_printf(a, "forbidden%s; allow cloudwatch:GetMetricData%s%s", said,
				     l->account ? " across accounts for " : "",
				     l->account ? l->account : "")};
	return (struct outcome){LEDGER_FAILED, arena_printf(a, "CloudWatch says \"%s\"%s",
							    text_line(a, r->status, 40), said)};
}

struct drawing { /* of one widget */
	struct boards *b;
	const struct board *board;
	struct cw_widget *w;
	struct strv labels;
	size_t base, n; /* positions */
};

static bool draw(struct drawing *d, const struct cw_line *l, const struct cw_query *q,
		 const struct cw_result *r, struct outcome o, struct err *e)
{
	struct boards *b = d->b;
	struct arena *a = b->s->c->a;
	struct rec_series x = series_of(b, d->board, d->w, d->base + d->n);
	const char *label = r && r->label ? text_line(a, r->label, 200) : NULL;
	x.label = unlike(&d->labels, l, label && *label ? label : own_label(l, a), a);
	x.statistic = l->stat;
	x.period_s = q ? q->period_s : NUM_NONE;
	x.status = o.status;
	x.reason = o.reason;
	if (r && o.status != LEDGER_FAILED) {
		x.points.v = r->points.v;
		x.points.n = x.points.cap = r->points.n;
	}
	if (o.status != LEDGER_COMPLETE) {
		/* A widget's number is that of its first line. */
		if (d->n == 0)
			touched(b, watch_metric_id(a, x.board, x.panel));
		else if (!b->affected.n)
			b->p->l.affects = "";
		collect_short(b->p, "%s, %s, %s: %s", text_line(a, x.board, 60),
			      text_line(a, x.panel, 60), text_line(a, x.label, 60), o.reason);
	}
	d->n++;
	return put(b, &x, e);
}

static const struct place *place_of(const struct boards *b, const struct cw_widget *w, size_t line,
				    size_t *query)
{
	for (size_t i = 0; i < b->places.n; i++) {
		const struct place *at = b->places.v[i];
		for (size_t k = 0; at->widget == w && k < at->group.n; k++) {
			if (at->group.v[k] == line) {
				*query = at->first + k;
				return at;
			}
		}
	}
	return NULL;
}

static bool store_line(struct drawing *d, size_t i, struct err *e)
{
	struct boards *b = d->b;
	const struct cw_line *l = &d->w->lines.v[i];
	size_t k = 0;
	const struct place *at = place_of(b, d->w, i, &k);
	if (l->hidden)
		return true;
	collect_expect(b->p, 1);
	if (l->wrong || !at)
		return draw(d, l, NULL, NULL,
			    (struct outcome){LEDGER_FAILED, l->wrong ? l->wrong : "not asked for"},
			    e);
	const struct cw_query *q = &at->call->q.v[k];
	bool search = l->expression && strstr(l->expression, "SEARCH");
	bool whole = true;
	if (q->results.n == 0) {
		struct outcome none = {LEDGER_FAILED,
				       at->why ? at->why : "CloudWatch gave no answer for it"};
		if (search && !at->why) /* it found nothing: a line without points */
			none = (struct outcome){LEDGER_COMPLETE, NULL};
		whole = none.status == LEDGER_COMPLETE;
		if (!draw(d, l, q, NULL, none, e))
			return false;
	}
	for (size_t r = 0; r < q->results.n; r++) {
		struct outcome o = outcome_of(at, l, &q->results.v[r], b->s->c->a);
		whole &= o.status == LEDGER_COMPLETE;
		if (!draw(d, l, q, &q->results.v[r], o, e))
			return false;
	}
	collect_got(b->p, whole);
	return true;
}

static bool store_widget(struct boards *b, const struct board *board, struct cw_widget *w,
			 size_t position, struct err *e)
{
	struct drawing d = {.b = b, .board = board, .w = w, .base = position};
	if (w->wrong) {
		struct rec_series x = series_of(b, board, w, position);
		x.status = w->unreadable ? LEDGER_FAILED : LEDGER_NOT_ENABLED;
		x.reason = w->wrong;
		if (w->unreadable) {
			touched(b, watch_metric_id(b->s->c->a, board->name, w->title));
			collect_expect(b->p, 1);
			collect_short(b->p, "%s, %s: %s", board->name, w->title, w->wrong);
		}
		return put(b, &x, e);
	}
	for (size_t i = 0; i < w->lines.n; i++)
		if (!store_line(&d, i, e))
			return false;
	return true;
}

static bool store(struct boards *b, struct err *e)
{
	struct collect *c = b->s->c;
	const char *source = b->s->cfg->name;
	if (!db_begin(c->db, e))
		return false;
	/* What an earlier list had and this one has not is no longer there, unless the list broke
	 * off. */
	if (b->listed && !series_forget(c->db, c->week.name, source, "widget", e))
		return false;
	for (size_t i = 0; i < b->list.n; i++) {
		struct board *board = b->list.v[i];
		if (board->why &&
		    !watch_miss_board(c->db, c->week.name, source, board->name, board->why, e))
			return false;
		for (size_t k = 0; !board->why && k < board->read.widgets.n; k++)
			if (!store_widget(b, board, &board->read.widgets.v[k], k * 1000, e))
				return false;
	}
	return db_commit(c->db, e);
}

/* --- asking for what the widgets show --- */

static bool on_data(struct cw_data *d, const char *why, bool refused, struct err *e);

static struct cw_data *new_call(struct boards *b, const char *region)
{
	struct collect *c = b->s->c;
	struct cw_data *d = arena_new(c->a, struct cw_data);
	*d = (struct cw_data){.s = b->s,
			      .p = b->p,
			      .region = region,
			      .from_s = c->week.from_s,
			      .to_s = c->week.to_s,
			      .done = on_data,
			      .ctx = b};
	return d;
}

/* Spreads the places over calls and submits them. */
static void ask(struct boards *b, struct place **v, size_t n, size_t most)
{
	struct arena *a = b->s->c->a;
	VEC(struct cw_data *) calls = {0};
	VEC(size_t) groups = {0};
	for (size_t i = 0; i < n; i++) {
		struct place *at = v[i];
		size_t k = 0;
		for (; k < calls.n; k++)
			if (groups.v[k] < most && !strcmp(calls.v[k]->region, at->group.region) &&
			    cloudwatch_add(calls.v[k], at->widget, &at->group, &at->first))
				break;
		if (k == calls.n) {
			struct cw_data *d = new_call(b, at->group.region);
			vec_push(a, &calls, d);
			vec_push(a, &groups, (size_t)0);
			bool fits = cloudwatch_add(d, at->widget, &at->group, &at->first);
			BUG_ON(!fits);
		}
		groups.v[k] = at->group.alone ? SIZE_MAX : groups.v[k] + 1;
		at->call = calls.v[k];
	}
	b->calls += calls.n;
	for (size_t k = 0; k < calls.n; k++)
		cloudwatch_data(calls.v[k]);
}

static bool on_data(struct cw_data *d, const char *why, bool refused, struct err *e)
{
	struct boards *b = d->ctx;
	struct arena *a = b->s->c->a;
	VEC(struct place *) mine = {0};
	for (size_t i = 0; i < b->places.n; i++)
		if (b->places.v[i]->call == d)
			vec_push(a, &mine, b->places.v[i]);
	/* One line that CloudWatch refuses spoils the request of all: each widget for itself. */
	if (why && refused && mine.n > 1) {
		ask(b, mine.v, mine.n, 1);
	} else {
		for (size_t i = 0; why && i < mine.n; i++)
			mine.v[i]->why = arena_strdup(a, why);
	}
	for (size_t i = 0; i < d->messages.n; i++)
		collect_short(b->p, "CloudWatch says of the metric data: %s", d->messages.v[i]);
	return --b->calls > 0 || store(b, e);
}

static bool plan(struct boards *b, struct err *e)
{
	struct collect *c = b->s->c;
	bool old = cloudwatch_too_old(c->week.to_s, clock_now(c->clock));
	for (size_t i = 0; i < b->list.n; i++) {
		struct board *board = b->list.v[i];
		for (size_t k = 0; k < board->read.widgets.n; k++) {
			struct cw_widget *w = &board->read.widgets.v[k];
			struct cw_groups groups = {0};
			for (size_t n = 0; old && n < w->lines.n; n++)
				w->lines.v[n].wrong = "CloudWatch keeps values for 455 days";
			cloudwatch_group(w, c->a, &groups);
			for (size_t g = 0; g < groups.n; g++) {
				struct place *at = arena_new(c->a, struct place);
				*at = (struct place){
					.board = board, .widget = w, .group = groups.v[g]};
				vec_push(c->a, &b->places, at);
			}
		}
	}
	if (b->places.n == 0)
		return store(b, e);
	ask(b, b->places.v, b->places.n, CW_QUERIES);
	return true;
}

/* --- graphs of alarms --- */

struct alarm_ask { /* DescribeAlarms of the alarms that one widget shows in a region */
	struct boards *b;
	struct cw_widget *w;
	const char *region;
	struct strv names;
};

static bool ready(struct boards *b, struct err *e)
{
	return --b->waiting > 0 || plan(b, e);
}

static void no_alarm(struct alarm_ask *k, const char *name, const char *why)
{
	struct arena *a = k->b->s->c->a;
	struct cw_line l = {.label = arena_strdup(a, name),
			    .region = k->region,
			    .expression = "",
			    .wrong = arena_strdup(a, why)};
	vec_push(a, &k->w->lines, l);
}

static bool on_alarms(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct alarm_ask *k = ctx;
	struct arena *a = p->c->a;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why = NULL;
	struct jv root = {0}, list = {0};
	if (aws_json(r, "cloudwatch:DescribeAlarms", &p->c->scratch, &j, &why)) {
		root = json_root(j);
		list = json_get(&root, "MetricAlarms");
	}
	for (size_t i = 0; i < k->names.n; i++) {
		const char *wrong = why ? why : "there is no metric alarm of that name";
		for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
			struct jv name = json_get(&it, "AlarmName");
			if (text_eq(json_text(&name, &p->c->scratch), k->names.v[i]))
				wrong = cloudwatch_alarm_lines(&it, k->region, a, &k->w->lines);
		}
		if (wrong)
			no_alarm(k, k->names.v[i], wrong);
	}
	return ready(k->b, e);
}

static void ask_alarms(struct boards *b, struct cw_widget *w)
{
	struct arena *a = b->s->c->a;
	VEC(struct alarm_ask *) asks = {0};
	for (size_t i = 0; i < w->alarms.n; i++) {
		const char *name = w->alarms.v[i], *region = w->region;
		size_t k = 0;
		if (!cloudwatch_alarm_arn(w->alarms.v[i], a, &name, &region))
			name = w->alarms.v[i];
		while (k < asks.n && strcmp(asks.v[k]->region, region) != 0)
			k++;
		if (k == asks.n) {
			struct alarm_ask *x = arena_new(a, struct alarm_ask);
			*x = (struct alarm_ask){.b = b, .w = w, .region = region};
			vec_push(a, &asks, x);
		}
		if (asks.v[k]->names.n < 100)
			vec_push(a, &asks.v[k]->names, name);
		else
			no_alarm(asks.v[k], name, "a request holds 100 alarms");
	}
	for (size_t k = 0; k < asks.n; k++) {
		struct jw *body = jw_obj(), *names = jw_add_arr(body, "AlarmNames");
		for (size_t i = 0; i < asks.v[k]->names.n; i++)
			jw_str(names, NULL, asks.v[k]->names.v[i]);
		b->waiting++;
		cloudwatch_call(b->s, b->p, asks.v[k]->region, "DescribeAlarms", body, on_alarms,
				asks.v[k]);
	}
}

/* --- the dashboards --- */

static const char *read_board(struct board *x, const struct http_response *r, struct arena *scratch)
{
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *body;
	struct err bad = {0};
	struct aws *s = x->all->s;
	if (!aws_json(r, "cloudwatch:GetDashboard", scratch, &j, &why)) {
		const char *code = aws_error_code(r, scratch);
		return code && (strstr(code, "NotFound"))
			       ? "CloudWatch lists it and says that there is none"
			       : why;
	}
	struct jv root = json_root(j);
	if (!json_str(&root, "DashboardBody", scratch, &body, &bad) ||
	    !cloudwatch_body(x->name, body, s->cfg->region, s->c->a, &x->read, &bad))
		return arena_strdup(scratch, bad.msg);
	return NULL;
}

static bool on_board(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct board *x = ctx;
	const char *why = read_board(x, r, &p->c->scratch);
	if (why) {
		x->why = arena_strdup(p->c->a, why);
		lost_board(x->all, x->name, x->why);
	}
	for (size_t i = 0; i < x->read.widgets.n; i++)
		if (x->read.widgets.v[i].alarms.n > 0)
			ask_alarms(x->all, &x->read.widgets.v[i]);
	return ready(x->all, e);
}

static void ask_board(struct boards *b, const char *name)
{
	struct board *x = arena_new(b->s->c->a, struct board);
	struct jw *body = jw_obj();
	*x = (struct board){.all = b, .name = name};
	vec_push(b->s->c->a, &b->list, x);
	b->waiting++;
	jw_str(body, "DashboardName", name);
	cloudwatch_call(b->s, b->p, NULL, "GetDashboard", body, on_board, x);
}

/* A name in the configuration that no dashboard has: a slip, or one that was deleted. */
static void names_missing(struct boards *b)
{
	const struct strv *want = &b->s->cfg->dashboards;
	for (size_t i = 0; i < want->n; i++) {
		bool found = *want->v[i] == '!' || strpbrk(want->v[i], "*?[") != NULL;
		for (size_t k = 0; k < b->list.n; k++)
			found |= !strcmp(b->list.v[k]->name, want->v[i]);
		if (found)
			continue;
		struct board *x = arena_new(b->s->c->a, struct board);
		*x = (struct board){.all = b, .name = want->v[i]};
		x->why = b->names ? "the account has none of that name"
				  : "the account has no dashboard at all";
		vec_push(b->s->c->a, &b->list, x);
		lost_board(b, x->name, x->why);
	}
}

static void ask_list(struct boards *b, const char *token);

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct boards *b = ctx;
	struct arena *scratch = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	bool first = b->walk.seen.n == 0;
	if (!aws_json(r, "cloudwatch:ListDashboards", scratch, &j, &why)) {
		touched(b, "metrics.");
		first ? collect_fail(p, "%s", why) : collect_short(p, "%s", why);
		return first || ready(b, e);
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "DashboardEntries", &rows, &bad)) {
		touched(b, "metrics.");
		first ? collect_fail(p, "dashboards: %s", bad.msg)
		      : collect_short(p, "dashboards: %s", bad.msg);
		return first || ready(b, e);
	}
	collect_expect(p, 0);
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
		const char *name;
		if (!json_str(&it, "DashboardName", p->c->a, &name, &bad)) {
			touched(b, "metrics.");
			collect_short(p, "a dashboard could not be read: %s", bad.msg);
			continue;
		}
		b->names++;
		if (b->s->cfg->dashboards.n == 0 || text_glob_list(&b->s->cfg->dashboards, name))
			ask_board(b, name);
	}
	enum page_next next = page_aws(&root, "NextToken", scratch, &token);
	next = page_step(p, &b->walk, next, token, "dashboards");
	if (next == PAGE_MORE) {
		ask_list(b, token);
		return true;
	}
	b->listed = next == PAGE_END;
	if (b->listed)
		names_missing(b);
	else
		touched(b, "metrics.");
	return ready(b, e);
}

static void ask_list(struct boards *b, const char *token)
{
	struct jw *body = jw_obj();
	if (token)
		jw_str(body, "NextToken", token);
	cloudwatch_call(b->s, b->p, NULL, "ListDashboards", body, on_list, b);
}

bool aws_cloudwatch_start(struct aws *s, struct part *p, struct err *e)
{
	struct boards *b = arena_new(s->c->a, struct boards);
	/* The list itself is waited for, too. */
	*b = (struct boards){.s = s, .p = p, .waiting = 1};
	ask_list(b, NULL);
	struct part *alarms = collect_part(s->c, s->cfg->name, "alarms", "alarms.");
	alarms->budget = p->budget;
	return cloudwatch_alarms_start(s, alarms, e);
}
