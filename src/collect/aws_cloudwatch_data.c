#include "collect/aws_cloudwatch.h"

#include "base/parse.h"
#include "base/text.h"

#include <math.h>

#define HOUR_S	   INT64_C(3600)
#define DAY_S	   INT64_C(86400)
#define MOST	   350 /* points of a line in a week */
#define KEEPS_60   (15 * DAY_S) /* one-minute values; five-minute ones, hourly ones: */
#define KEEPS_300  (63 * DAY_S)
#define KEEPS_3600 (455 * DAY_S)

static const struct aws_service service = {.host = "monitoring",
					   .signing = "monitoring",
					   .target = "GraniteServiceVersion20100801.",
					   .type = "application/x-amz-json-1.0",
					   .env = "CLOUDWATCH"};

void cloudwatch_call(struct aws *s, struct part *p, const char *region, const char *op,
		     struct jw *body, collect_handler f, void *ctx)
{
	struct aws_request rq = {.service = &service, .op = op, .region = region, .body = body};
	aws_submit(s, p, &rq, f, ctx);
}

int64_t cloudwatch_period(int64_t asked, int64_t from_s, int64_t to_s, int64_t now_s)
{
	bool hours = from_s % HOUR_S == 0 && to_s % HOUR_S == 0;
	/* A zone half an hour off has weeks that begin between two hours. */
	int64_t usual = hours ? HOUR_S : HOUR_S / 2, p = MIN(asked, DAY_S);
	if (p < HOUR_S)
		p = p == HOUR_S / 2 ? p : usual;
	if (from_s % p != 0 || to_s % p != 0 || (to_s - from_s) / p > MOST)
		p = usual;
	/* Older values are kept at longer periods only; asked for shorter ones, CloudWatch answers
	 * that there are none. The periods above are multiples of 300. */
	return now_s - from_s > KEEPS_300 && p % HOUR_S != 0 ? HOUR_S : p;
}

bool cloudwatch_too_old(int64_t to_s, int64_t now_s)
{
	return now_s - to_s > KEEPS_3600;
}

/* --- what a call is made of --- */

/* Length of the word of an expression at p: an identifier, a number, a quoted text, or one other
 * character. */
static size_t word_at(const char *p)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	if (*p == '\'' || *p == '"') {
		const char *end = strchr(p + 1, *p);
		return end ? (size_t)(end - p) + 1 : strlen(p);
	}
	if (strchr(letters, *p) || (*p >= '0' && *p <= '9'))
		return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	return 1;
}

static bool has_word(const char *expression, const char *word)
{
	for (const char *p = expression; *p;) {
		size_t n = word_at(p);
		if (strlen(word) == n && !strncmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

struct part_of { /* a line of a widget while its group is found */
	enum { FRESH, OPEN, KNOWN } state;
	const char *region;
};

/* Where a line has to be asked for: a metric in its region; an expression where what it is made of
 * lies, and one that is made of no other (a search) in its own. */
static const char *region_of(struct cw_widget *w, struct part_of *parts, size_t i, struct arena *a)
{
	struct cw_line *l = &w->lines.v[i];
	struct part_of *p = &parts[i];
	if (p->state == KNOWN)
		return p->region;
	if (p->state == OPEN) {
		l->wrong = "it is made of itself";
		return l->region;
	}
	p->state = OPEN;
	p->region = NULL;
	for (size_t k = 0; l->expression && !l->wrong && k < w->lines.n; k++) {
		const struct cw_line *m = &w->lines.v[k];
		if (k == i || !m->id || !has_word(l->expression, m->id))
			continue;
		const char *there = region_of(w, parts, k, a);
		if (m->wrong && !l->wrong)
			l->wrong = arena_printf(a, "it is made of \"%s\", of which: %s",
						text_line(a, m->id, 40), m->wrong);
		else if (p->region && strcmp(p->region, there) != 0)
			l->wrong = "it is made of metrics of several regions, which one request "
				   "cannot hold";
		p->region = there;
	}
	if (!p->region)
		p->region = l->region;
	p->state = KNOWN;
	return p->region;
}

static void need(const struct cw_widget *w, bool *needed, size_t i)
{
	const struct cw_line *l = &w->lines.v[i];
	if (needed[i])
		return;
	needed[i] = true;
	for (size_t k = 0; l->expression && k < w->lines.n; k++)
		if (w->lines.v[k].id && has_word(l->expression, w->lines.v[k].id))
			need(w, needed, k);
}

void cloudwatch_group(struct cw_widget *w, struct arena *a, struct cw_groups *out)
{
	size_t n = w->lines.n, first = out->n;
	struct part_of *parts = arena_array(a, struct part_of, n + 1);
	bool *needed = arena_array(a, bool, n + 1);
	for (size_t i = 0; i < n; i++)
		region_of(w, parts, i, a);
	for (size_t i = 0; i < n; i++)
		if (!w->lines.v[i].hidden && !w->lines.v[i].wrong)
			need(w, needed, i);
	/* METRICS() is every metric of the call: its own widget's in its region, no other's. */
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n && needed[i]; k++)
			if (w->lines.v[i].expression && !w->lines.v[k].wrong &&
			    has_word(w->lines.v[i].expression, "METRICS") &&
			    !strcmp(parts[i].region, parts[k].region))
				needed[k] = true;
	for (size_t i = 0; i < n; i++) {
		if (!needed[i])
			continue;
		size_t g = first;
		while (g < out->n && strcmp(out->v[g].region, parts[i].region) != 0)
			g++;
		if (g == out->n)
			vec_push(a, out, ((struct cw_group){.region = parts[i].region}));
		struct cw_group *x = &out->v[g];
		if (x->n == CW_QUERIES) {
			w->lines.v[i].wrong = "a request holds 500 metrics and expressions";
			continue;
		}
		vec_push(a, x, i);
		x->alone |=
			w->lines.v[i].expression && has_word(w->lines.v[i].expression, "METRICS");
	}
}

static bool id_free(const struct cw_data *d, const char *id)
{
	for (size_t i = 0; i < d->q.n; i++)
		if (!strcmp(d->q.v[i].id, id))
			return false;
	return true;
}

static bool id_good(const char *id)
{
	return *id >= 'a' && *id <= 'z' && strlen(id) <= 255 && word_at(id) == strlen(id);
}

/* "m0", "m1", … that neither the call nor this widget has. */
static const char *new_id(const struct cw_data *d, const struct cw_widget *w, struct arena *a)
{
	for (size_t n = d->q.n;; n++) {
		const char *id = arena_printf(a, "m%zu", n);
		bool mine = false;
		for (size_t i = 0; i < w->lines.n; i++)
			mine |= text_eq(w->lines.v[i].id, id);
		if (!mine && id_free(d, id))
			return id;
	}
}

/* The expression with the ids that its lines have in the call, and no search at a shorter period:
 * a week of five-minute values is no answer anybody could read, and an old one is empty. */
static const char *rewritten(const struct cw_data *d, const struct cw_widget *w,
			     const struct cw_group *g, size_t first, const struct cw_query *q,
			     struct arena *a)
{
	struct sb b;
	size_t depth = 0, search = 0; /* the depth inside SEARCH(…) */
	int64_t period;
	sb_init(&b, a, SIZE_MAX / 8);
	for (const char *p = q->line->expression; *p;) {
		size_t n = word_at(p), k = 0;
		const char *word = arena_strndup(a, p, n);
		p += n;
		if (!strcmp(word, "SEARCH") && search == 0)
			search = depth + 1;
		depth += *word == '(';
		if (*word == ')') {
			depth -= depth > 0;
			search = depth < search ? 0 : search;
		}
		while (k < g->n && !text_eq(w->lines.v[g->v[k]].id, word))
			k++;
		if (k < g->n)
			word = d->q.v[first + k].id;
		else if (search > 0 && depth == search && parse_i64(word, &period) &&
			 period < q->period_s)
			word = arena_printf(a, "%lld", (long long)q->period_s);
		sb_add(&b, word);
	}
	return sb_str(&b);
}

bool cloudwatch_add(struct cw_data *d, const struct cw_widget *w, const struct cw_group *g,
		    size_t *first)
{
	struct arena *a = d->s->c->a;
	int64_t now = clock_now(d->s->c->clock);
	size_t at = d->q.n;
	if (at + g->n > CW_QUERIES || (g->alone && at > 0))
		return false;
	for (size_t i = 0; i < g->n; i++) {
		const struct cw_line *l = &w->lines.v[g->v[i]];
		struct cw_query q = {
			.line = l,
			.hidden = l->hidden,
			.period_s = cloudwatch_period(l->period_s, d->from_s, d->to_s, now),
			.id = l->id && id_good(l->id) && id_free(d, l->id) ? l->id
									   : new_id(d, w, a),
		};
		vec_push(a, &d->q, q);
	}
	for (size_t i = at; i < d->q.n; i++)
		if (d->q.v[i].line->expression)
			d->q.v[i].expression = rewritten(d, w, g, at, &d->q.v[i], a);
	*first = at;
	return true;
}

/* --- asking --- */

static void write_query(struct jw *list, const struct cw_query *q, struct arena *a)
{
	const struct cw_line *l = q->line;
	struct jw *o = jw_add_obj(list, NULL);
	jw_str(o, "Id", q->id);
	if (q->expression) {
		jw_str(o, "Expression", q->expression);
		jw_i64(o, "Period", q->period_s);
	} else {
		struct jw *stat = jw_add_obj(o, "MetricStat"), *m = jw_add_obj(stat, "Metric");
		jw_str(m, "Namespace", l->space);
		jw_str(m, "MetricName", l->metric);
		struct jw *dims = jw_add_arr(m, "Dimensions");
		for (size_t i = 0; i + 1 < l->dims.n; i += 2) {
			struct jw *dim = jw_add_obj(dims, NULL);
			jw_str(dim, "Name", l->dims.v[i]);
			jw_str(dim, "Value", l->dims.v[i + 1]);
		}
		jw_i64(stat, "Period", q->period_s);
		jw_str(stat, "Stat", l->stat);
		if (l->account)
			jw_str(o, "AccountId", l->account);
	}
	const char *label = cloudwatch_label(l->label, a);
	if (label)
		jw_str(o, "Label", label);
	jw_bool(o, "ReturnData", !q->hidden);
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e);

static void ask(struct cw_data *d, const char *token)
{
	struct jw *body = jw_obj(), *list = jw_add_arr(body, "MetricDataQueries");
	int64_t step = 60;
	for (size_t i = 0; i < d->q.n; i++) {
		write_query(list, &d->q.v[i], d->s->c->a);
		step = MAX(step, d->q.v[i].period_s);
	}
	jw_i64(body, "StartTime", d->from_s - d->from_s % step);
	jw_i64(body, "EndTime", d->to_s + (step - d->to_s % step) % step);
	if (token)
		jw_str(body, "NextToken", token);
	cloudwatch_call(d->s, d->p, d->region, "GetMetricData", body, on_page, d);
}

void cloudwatch_data(struct cw_data *d)
{
	BUG_ON(d->q.n == 0 || d->q.n > CW_QUERIES);
	ask(d, NULL);
}

/* --- answers --- */

static struct cw_query *query_of(struct cw_data *d, const char *id)
{
	for (size_t i = 0; i < d->q.n; i++)
		if (!strcmp(d->q.v[i].id, id))
			return &d->q.v[i];
	return NULL;
}

/* A metric has one series however its label reads; an expression may have several under one id,
 * told apart by their labels, and by their order on the page where those are the same. */
static struct cw_result *result_of(struct cw_query *q, const char *label, size_t page,
				   struct arena *a)
{
	size_t nth = 0;
	for (size_t i = 0; i < q->results.n; i++) {
		struct cw_result *r = &q->results.v[i];
		if (!q->expression)
			return r;
		if (!text_eq(r->label, label))
			continue;
		if (r->page != page)
			return r;
		nth = r->nth + 1;
	}
	struct cw_result fresh = {.label = arena_strdup(a, label), .nth = nth};
	vec_push(a, &q->results, fresh);
	return &q->results.v[q->results.n - 1];
}

static bool epoch(const struct jv *v, struct arena *a, int64_t *out)
{
	const char *s = json_text(v, a);
	double d;
	if (s && parse_f64(s, &d) && fabs(d) < 1e12) {
		*out = (int64_t)floor(d);
		return true;
	}
	return s && parse_time(s, out);
}

static void points(struct cw_data *d, struct cw_result *out, const struct jv *v)
{
	struct arena *a = d->s->c->a, *scratch = &d->s->c->scratch;
	struct jv times = json_get(v, "Timestamps"), values = json_get(v, "Values");
	if (json_count(&times) != json_count(&values)) {
		out->wrong = arena_printf(a, "%zu times and %zu values", json_count(&times),
					  json_count(&values));
		return;
	}
	struct jv t = json_first(&times), x = json_first(&values);
	for (; t.n && x.n; t = json_next(&t), x = json_next(&x)) {
		struct rec_point p;
		const char *s = json_text(&x, scratch);
		if (!epoch(&t, scratch, &p.at_s)) {
			out->wrong = "a time cannot be read";
			continue;
		}
		/* A metric may hold "NaN" and "Infinity": no value that could be drawn. */
		if (!s || !parse_f64(s, &p.value))
			continue;
		if (p.at_s >= d->from_s && p.at_s < d->to_s)
			vec_push(a, &out->points, p);
	}
}

static const char *message_of(const struct jv *list, struct arena *a)
{
	struct jv first = json_first(list), code = json_get(&first, "Code"),
		  value = json_get(&first, "Value");
	const char *c = json_text(&code, a), *v = json_text(&value, a);
	if (!c && !v)
		return NULL;
	if (!c || !v || !strcmp(c, v))
		return text_line(a, v ? v : c, 160);
	return text_line(a, arena_printf(a, "%s: %s", c, v), 160);
}

static void read_results(struct cw_data *d, const struct jv *list, size_t page)
{
	struct arena *a = d->s->c->a, *scratch = &d->s->c->scratch;
	for (struct jv it = json_first(list); it.n; it = json_next(&it)) {
		struct jv id = json_get(&it, "Id"), label = json_get(&it, "Label"),
			  status = json_get(&it, "StatusCode"), said = json_get(&it, "Messages");
		const char *name = json_text(&id, scratch);
		struct cw_query *q = name ? query_of(d, name) : NULL;
		if (!q)
			continue; /* nothing we asked for */
		struct cw_result *r = result_of(q, json_text(&label, scratch), page, a);
		const char *s = json_text(&status, scratch);
		r->page = page;
		r->status = s ? arena_strdup(a, s) : r->status;
		if ((s = message_of(&said, a)) != NULL)
			r->message = s;
		points(d, r, &it);
	}
}

static int by_time(const void *p, const void *q)
{
	const struct rec_point *x = p, *y = q;
	return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

static void settle(struct cw_result *r)
{
	size_t n = 0;
	if (r->points.n > 1)
		qsort(r->points.v, r->points.n, sizeof *r->points.v, by_time);
	for (size_t i = 0; i < r->points.n; i++)
		if (n == 0 || r->points.v[i].at_s != r->points.v[n - 1].at_s)
			r->points.v[n++] = r->points.v[i];
	r->points.n = n;
}

static bool finish(struct cw_data *d, const char *why, bool refused, struct err *e)
{
	for (size_t i = 0; i < d->q.n; i++)
		for (size_t k = 0; k < d->q.v[i].results.n; k++)
			settle(&d->q.v[i].results.v[k]);
	return d->done(d, why, refused, e);
}

/* The request itself is wrong: one line of it spoils the others. */
static bool is_refusal(const struct http_response *r, struct arena *a)
{
	const char *code = aws_error_code(r, a);
	return r->status == 400 && code &&
	       (strstr(code, "Validation") || text_starts(code, "InvalidParameter") ||
		text_starts(code, "Missing"));
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct cw_data *d = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv results, said;
	struct err bad = {0};
	const char *why, *token = NULL;
	if (!aws_json(r, "cloudwatch:GetMetricData", a, &j, &why))
		return finish(d, why, d->walk.seen.n == 0 && is_refusal(r, a), e);
	struct jv root = json_root(j);
	if (!json_arr(&root, "MetricDataResults", &results, &bad))
		return finish(d, arena_printf(a, "cloudwatch:GetMetricData: %s", bad.msg), false,
			      e);
	said = json_get(&root, "Messages");
	if (json_count(&said) > 0) {
		const char *m = message_of(&said, p->c->a);
		if (m)
			vec_push(p->c->a, &d->messages, m);
	}
	read_results(d, &results, d->walk.seen.n + 1);
	enum page_next next = page_aws(&root, "NextToken", a, &token);
	next = page_step(p, &d->walk, next, token, "metric data");
	if (next == PAGE_MORE) {
		ask(d, token);
		return true;
	}
	return finish(d, next == PAGE_CUT ? "its pages do not end" : NULL, false, e);
}
