#include "services/aws.h"

#include "base/parse.h"
#include "base/text.h"

#include <math.h>

/* CloudWatch: two dashboards, metric data with expressions and a search, alarms and their history.
 * Values are kept as CloudWatch keeps them: five-minute ones for 63 days, hourly ones for 455. */

enum { DAY_S = 86400, CHUNK = 100, ALARMS_PAGE = 4, HISTORY_PAGE = 25 };

static void refuse(struct call *c, int status, const char *code, const char *query,
		   const char *message)
{
	answer_header(c->r, "x-amzn-query-error", arena_printf(c->a, "%s;Sender", query));
	aws_fail(c->q, c->r, status,
		 arena_printf(c->a, "com.amazonaws.cloudwatch.v2010_08_01#%s", code), message);
}

/* --- dashboards --- */

#define LB "\"AWS/ApplicationELB\""
static const char health[] =
	"{\"start\":\"-P7D\",\"periodOverride\":\"inherit\",\"widgets\":["
	"{\"type\":\"text\",\"x\":0,\"y\":0,\"width\":24,\"height\":1,\"properties\":{\"markdown\":"
	"\"# Health\"}},"
	"{\"type\":\"metric\",\"x\":0,\"y\":1,\"width\":12,\"height\":6,\"properties\":{\"title\":"
	"\"Requests\",\"region\":\"eu-west-2\",\"stat\":\"Sum\",\"period\":300,\"metrics\":[[" LB
	",\"RequestCount\",\"LoadBalancer\",\"app/web/1\",{\"label\":\"web [max: ${MAX}]\"}],"
	"[\"...\",\"app/submit/2\",{\"label\":\"submit\"}],[\"...\",\"app/tiles/3\",{\"label\":"
	"\"tiles\"}]]}},"
	"{\"type\":\"metric\",\"x\":12,\"y\":1,\"width\":12,\"height\":6,\"properties\":{\"title\":"
	"\"Errors per 1,000 requests\",\"region\":\"eu-west-2\",\"stat\":\"Sum\",\"metrics\":[[" LB
	",\"RequestCount\",\"LoadBalancer\",\"app/web/"
	"1\",{\"id\":\"m1\",\"visible\":false}],[\".\","
	"\"HTTPCode_Target_5XX_Count\",\".\",\".\",{\"id\":\"m2\",\"visible\":false}],[{"
	"\"expression\":\"1000*FILL(m2,0)/m1\",\"label\":\"web\",\"id\":\"e1\",\"region\":"
	"\"eu-west-2\"}]]}},"
	"{\"type\":\"metric\",\"x\":0,\"y\":7,\"width\":8,\"height\":6,\"properties\":{\"title\":"
	"\"CPU of services\",\"region\":\"eu-west-2\",\"yAxis\":{\"left\":{\"label\":\"%\"}},"
	"\"metrics\":[[{\"expression\":\"SEARCH('{AWS/ECS,ClusterName,ServiceName} MetricName="
	"\\\"CPUUtilization\\\"', 'Average', 300)\",\"id\":\"s1\"}]]}},"
	"{\"type\":\"metric\",\"x\":8,\"y\":7,\"width\":8,\"height\":6,\"properties\":{\"title\":"
	"\"Database CPU\",\"region\":\"eu-west-2\",\"stat\":\"Maximum\",\"yAxis\":{\"left\":{"
	"\"label\":\"%\"}},\"annotations\":{\"horizontal\":[{\"label\":\"alarm\",\"value\":60}]},"
	"\"metrics\":[[\"AWS/RDS\",\"CPUUtilization\",\"DBInstanceIdentifier\",\"main\"]]}},"
	"{\"type\":\"metric\",\"x\":16,\"y\":7,\"width\":8,\"height\":6,\"properties\":{\"title\":"
	"\"Response time, p95\",\"region\":\"eu-west-2\",\"stat\":\"p95\",\"yAxis\":{\"left\":{"
	"\"label\":\"s\"}},\"metrics\":[[" LB
	",\"TargetResponseTime\",\"LoadBalancer\",\"app/web/1\"],[\"...\",\"app/submit/2\"]]}},"
	"{\"type\":\"metric\",\"x\":0,\"y\":13,\"width\":12,\"height\":6,\"properties\":{\"title\":"
	"\"CDN "
	"requests\",\"region\":\"us-east-1\",\"stat\":\"Sum\",\"metrics\":[[\"AWS/CloudFront\","
	"\"Requests\",\"Region\",\"Global\",\"DistributionId\",\"E1EXAMPLE\"]]}},"
	"{\"type\":\"metric\",\"x\":12,\"y\":13,\"width\":12,\"height\":6,\"properties\":{"
	"\"title\":"
	"\"Server "
	"errors\",\"region\":\"eu-west-2\",\"annotations\":{\"alarms\":[\"arn:aws:cloudwatch:"
	"eu-west-2:100000000001:alarm:production-web-5xx\"]}}},"
	"{\"type\":\"log\",\"x\":0,\"y\":19,\"width\":24,\"height\":6,\"properties\":{\"title\":"
	"\"Slowest pages\",\"region\":\"eu-west-2\",\"query\":\"SOURCE '/ecs/web' | stats count() "
	"by "
	"bin(1h)\"}}]}";
static const char reporting[] =
	"{\"widgets\":["
	"{\"type\":\"metric\",\"x\":0,\"y\":0,\"width\":12,\"height\":6,\"properties\":{\"title\":"
	"\"Visits\",\"region\":\"eu-west-2\",\"stat\":\"Sum\",\"period\":86400,\"view\":\"bar\","
	"\"metrics\":[[\"Example/Site\",\"Visits\",\"Service\",\"web\"],[\"...\",\"submit\"]]}},"
	"{\"type\":\"metric\",\"x\":12,\"y\":0,\"width\":6,\"height\":6,\"properties\":{\"title\":"
	"\"Submissions\",\"region\":\"eu-west-2\",\"stat\":\"Sum\",\"period\":604800,\"view\":"
	"\"singleValue\",\"metrics\":[[\"Example/Submit\",\"Submissions\"]]}},"
	"{\"type\":\"metric\",\"x\":18,\"y\":0,\"width\":6,\"height\":6,\"properties\":{\"title\":"
	"\"Memory of "
	"tiles\",\"region\":\"eu-west-2\",\"metrics\":[[\"AWS/ECS\",\"MemoryUtilization\","
	"\"ServiceName\",\"tiles\",\"ClusterName\",\"production\"]]}}]}";

static const struct {
	const char *name, *body;
} boards[] = {{"Health", health}, {"Services-Reporting", reporting}};

void cloudwatch_list_dashboards(struct call *c)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "DashboardEntries");
	size_t at = MIN(aws_token_start(c, "NextToken"), ARRAY_SIZE(boards));
	struct jw *b = jw_add_obj(list, NULL);
	jw_str(b, "DashboardName", boards[MIN(at, (size_t)1)].name);
	jw_i64(b, "LastModified", 1728672011);
	jw_i64(b, "Size", 271);
	aws_token_next(c, o, "NextToken", at + 1, ARRAY_SIZE(boards));
	answer_json(c->q, c->r, o);
}

void cloudwatch_get_dashboard(struct call *c)
{
	struct jv v = json_get(&c->in, "DashboardName");
	const char *name = json_text(&v, c->a);
	for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
		if (!text_eq(name, boards[i].name))
			continue;
		CLEANUP(jw_freep) struct jw *o = jw_obj();
		jw_str(o, "DashboardName", name);
		jw_str(o, "DashboardBody", boards[i].body);
		answer_json(c->q, c->r, o);
		return;
	}
	refuse(c, 404, "DashboardNotFoundError", "ResourceNotFound",
	       arena_printf(c->a, "Dashboard %s does not exist", name ? name : ""));
}

/* --- metric data --- */

struct metric {
	const char *id, *expression, *key, *stat, *label;
	int64_t period_s;
	bool shown;
};
struct metrics {
	struct metric *v;
	size_t n, cap;
};

static const char *member(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	return json_text(&v, a);
}

static int64_t whole(const struct jv *o, const char *key, int64_t otherwise)
{
	int64_t n = NUM_NONE;
	struct err e = {0};
	return json_i64_opt(o, key, &n, &e) && n != NUM_NONE ? n : otherwise;
}

static bool read_metric(struct call *c, const struct jv *q, struct metric *out)
{
	struct jv stat = json_get(q, "MetricStat"), m = json_get(&stat, "Metric"),
		  dims = json_get(&m, "Dimensions"), shown = json_get(q, "ReturnData");
	struct metric x = {.id = member(q, "Id", c->a),
			   .expression = member(q, "Expression", c->a),
			   .label = member(q, "Label", c->a),
			   .stat = member(&stat, "Stat", c->a),
			   .shown = true};
	struct err e = {0};
	if (json_is_bool(&shown) && !json_bool_opt(q, "ReturnData", &x.shown, &e))
		return false;
	x.period_s = whole(x.expression ? q : &stat, "Period", 0);
	if (!x.id || *x.id < 'a' || *x.id > 'z' || x.period_s < 60 || x.period_s % 60 ||
	    (!x.expression && !x.stat))
		return false;
	x.key = arena_printf(c->a, "%s %s", member(&m, "Namespace", c->a),
			     member(&m, "MetricName", c->a));
	if (!x.label && !x.expression)
		x.label = member(&m, "MetricName", c->a);
	for (struct jv it = json_first(&dims); it.n; it = json_next(&it)) {
		const char *value = member(&it, "Value", c->a);
		/* "app/web/1" is of web */
		if (value && text_starts(value, "app/"))
			value = arena_strndup(c->a, value + 4, strcspn(value + 4, "/"));
		x.key = arena_printf(c->a, "%s %s", x.key, value);
	}
	*out = x;
	return true;
}

static double value(struct call *c, const struct metrics *all, const char *id, int64_t at_s,
		    int64_t period_s);

/* sum = product {("+"|"-") product}; product = factor {("*"|"/") factor}; factor = number | id |
 * "(" sum ")" | "FILL(" id "," number ")" */
struct formula {
	struct call *c;
	const struct metrics *all;
	const char *p;
	int64_t at_s, period_s;
};
static double formula_sum(struct formula *f);

static double formula_factor(struct formula *f)
{
	double d = NAN;
	if (text_starts(f->p, "FILL(")) {
		f->p += 5;
		d = formula_sum(f);
		f->p += *f->p == ',';
		double fill = formula_sum(f);
		f->p += *f->p == ')';
		return isnan(d) ? fill : d;
	}
	if (*f->p == '(') {
		f->p++;
		d = formula_sum(f);
		f->p += *f->p == ')';
		return d;
	}
	size_t n = strspn(f->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.");
	const char *word = arena_strndup(f->c->a, f->p, n);
	f->p += n;
	if (parse_f64(word, &d))
		return d;
	return value(f->c, f->all, word, f->at_s, f->period_s);
}

static double formula_product(struct formula *f)
{
	double d = formula_factor(f);
	while (*f->p == '*' || *f->p == '/') {
		char o = *f->p++;
		double e = formula_factor(f);
		d = o == '*' ? d * e : d / e;
	}
	return d;
}

static double formula_sum(struct formula *f)
{
	double d = formula_product(f);
	while (*f->p == '+' || *f->p == '-') {
		char o = *f->p++;
		double e = formula_product(f);
		d = o == '+' ? d + e : d - e;
	}
	return d;
}

static double value(struct call *c, const struct metrics *all, const char *id, int64_t at_s,
		    int64_t period_s)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct metric *m = &all->v[i];
		if (!text_eq(m->id, id))
			continue;
		if (!m->expression)
			return estate_metric(c->q->c->estate, c->env, m->key, m->stat, at_s,
					     period_s);
		struct formula f = {c, all, m->expression, at_s, period_s};
		return formula_sum(&f);
	}
	return NAN;
}

/* Newest first, as much of it as the page holds. */
static void write_points(struct call *c, struct jw *o, const struct metrics *all,
			 const struct metric *m, int64_t from_s, int64_t to_s, size_t skip,
			 bool *more)
{
	struct jw *times = jw_add_arr(o, "Timestamps"), *values = jw_add_arr(o, "Values");
	int64_t age = c->q->c->estate->now_s - from_s;
	bool kept = (m->period_s % 3600 == 0 || age < 63 * DAY_S) && age < 455 * DAY_S;
	size_t n = 0;
	for (int64_t t = to_s - m->period_s; kept && t >= from_s; t -= m->period_s) {
		double d = m->expression ? value(c, all, m->id, t, m->period_s)
					 : estate_metric(c->q->c->estate, c->env, m->key, m->stat,
							 t, m->period_s);
		if (!isfinite(d) || n++ < skip)
			continue;
		if (n > skip + CHUNK) {
			*more = true;
			break;
		}
		jw_i64(times, NULL, t);
		jw_f64(values, NULL, d);
	}
	jw_str(o, "StatusCode", n > skip + CHUNK ? "PartialData" : "Complete");
}

static void write_result(struct call *c, struct jw *list, const struct metrics *all,
			 const struct metric *m, int64_t from_s, int64_t to_s, size_t skip,
			 bool *more)
{
	struct jw *o = jw_add_obj(list, NULL);
	jw_str(o, "Id", m->id);
	jw_str(o, "Label", m->label ? m->label : m->id);
	write_points(c, o, all, m, from_s, to_s, skip, more);
}

void cloudwatch_get_metric_data(struct call *c)
{
	static const char *const services[] = {"web", "submit", "tiles"};
	struct jv queries = json_get(&c->in, "MetricDataQueries");
	struct metrics all = {0};
	int64_t from = whole(&c->in, "StartTime", -1), to = whole(&c->in, "EndTime", -1);
	size_t skip = aws_token_start(c, "NextToken");
	bool more = false;
	if (json_count(&queries) == 0 || json_count(&queries) > 500 || from < 0 || to <= from) {
		refuse(c, 400, "InvalidParameterValueException", "ValidationError",
		       "1 to 500 queries and a time range are expected");
		return;
	}
	for (struct jv it = json_first(&queries); it.n; it = json_next(&it)) {
		struct metric m;
		if (!read_metric(c, &it, &m)) {
			refuse(c, 400, "InvalidParameterValueException", "ValidationError",
			       "A query is not valid");
			return;
		}
		vec_push(c->a, &all, m);
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "MetricDataResults");
	for (size_t i = 0; i < all.n; i++) {
		struct metric *m = &all.v[i];
		if (!m->shown)
			continue;
		if (!m->expression || !text_starts(m->expression, "SEARCH(")) {
			write_result(c, list, &all, m, from, to, skip, &more);
			continue;
		}
		for (size_t k = 0; k < ARRAY_SIZE(services); k++) {
			struct metric one = *m;
			one.expression = NULL;
			one.key = arena_printf(c->a, "AWS/ECS CPUUtilization %s", services[k]);
			one.stat = "Average";
			one.label = services[k];
			write_result(c, list, &all, &one, from, to, skip, &more);
		}
	}
	jw_add_arr(o, "Messages");
	if (text_eq(c->q->fault, "repeat-cursor"))
		more = true;
	aws_token_next(c, o, "NextToken", skip + CHUNK, more ? SIZE_MAX : 0);
	answer_json(c->q, c->r, o);
}

/* --- alarms --- */

static const struct turn *state_of(struct call *c, const struct watch_alarm *x)
{
	const struct turn *last = &x->turns.v[0];
	for (size_t i = 0; i < x->turns.n; i++)
		if (x->turns.v[i].at_s <= c->q->c->estate->now_s)
			last = &x->turns.v[i];
	return last;
}

static bool listed(const struct jv *list, const char *s, struct arena *a)
{
	for (struct jv it = json_first(list); it.n; it = json_next(&it))
		if (text_eq(json_text(&it, a), s))
			return true;
	return false;
}

void cloudwatch_describe_alarms(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv types = json_get(&c->in, "AlarmTypes"), names = json_get(&c->in, "AlarmNames");
	VEC(const struct watch_alarm *) all = {0};
	for (size_t i = 0; c->env == 0 && i < s->alarms.n; i++) {
		const struct watch_alarm *x = &s->alarms.v[i];
		/* without types, metric alarms only */
		if (json_is_null(&types) ? !text_eq(x->type, "MetricAlarm")
					 : !listed(&types, x->type, c->a))
			continue;
		if (json_is_null(&names) || listed(&names, x->name, c->a))
			vec_push(c->a, &all, x);
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *metric = jw_add_arr(o, "MetricAlarms"),
		  *composite = jw_add_arr(o, "CompositeAlarms");
	size_t start = MIN(aws_token_start(c, "NextToken"), all.n),
	       end = MIN(start + ALARMS_PAGE, all.n);
	for (size_t i = start; i < end; i++) {
		const struct watch_alarm *x = all.v[i];
		const struct turn *now = state_of(c, x);
		struct jw *w = jw_add_obj(x->metric ? metric : composite, NULL);
		jw_str(w, "AlarmName", x->name);
		jw_str(w, "AlarmArn",
		       arena_printf(c->a, "arn:aws:cloudwatch:eu-west-2:100000000001:alarm:%s",
				    x->name));
		jw_str(w, "StateValue", now->state);
		jw_str(w, "StateReason", "Threshold Crossed");
		/* confirmed since, as CloudWatch does */
		jw_f64(w, "StateUpdatedTimestamp", (double)s->now_s - 600.5);
		jw_f64(w, "StateTransitionedTimestamp", (double)now->at_s + 0.25);
		if (!x->metric)
			continue;
		jw_str(w, "Namespace", "AWS/ApplicationELB");
		jw_str(w, "MetricName", x->metric);
		jw_str(w, "Statistic", "Sum");
		jw_i64(w, "Period", 60);
		struct jw *d = jw_add_obj(jw_add_arr(w, "Dimensions"), NULL);
		jw_str(d, "Name", "LoadBalancer");
		jw_str(d, "Value", "app/web/1");
	}
	aws_token_next(c, o, "NextToken", end, all.n);
	answer_json(c->q, c->r, o);
}

struct change {
	const struct watch_alarm *x;
	const struct turn *from, *to;
};

static int by_time(const void *p, const void *q)
{
	const struct change *x = p, *y = q;
	if (x->to->at_s != y->to->at_s)
		return x->to->at_s < y->to->at_s ? -1 : 1;
	return strcmp(x->x->name, y->x->name);
}

static const char *history_data(struct call *c, const struct change *h)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, "version", "1.0");
	struct jw *from = jw_add_obj(o, "oldState"), *to = jw_add_obj(o, "newState");
	jw_str(from, "stateValue", h->from->state);
	jw_str(from, "stateReason", "Threshold Crossed");
	jw_str(to, "stateValue", h->to->state);
	jw_str(to, "stateReason",
	       text_eq(h->to->state, "ALARM") ? "Threshold Crossed: 1 out of the last 1 datapoints "
						"[14.0] was greater than "
						"the threshold (5.0)"
	       : text_eq(h->to->state, "OK")  ? "Threshold Crossed: no datapoints were received"
					      : "Insufficient Data: 5 datapoints were unknown.");
	return jw_print(o, false, c->a);
}

void cloudwatch_alarm_history(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv types = json_get(&c->in, "AlarmTypes");
	int64_t from = MAX(whole(&c->in, "StartDate", 0), s->now_s - 30 * (int64_t)DAY_S),
		to = MIN(whole(&c->in, "EndDate", s->now_s), s->now_s);
	VEC(struct change) all = {0};
	for (size_t i = 0; c->env == 0 && i < s->alarms.n; i++) {
		const struct watch_alarm *x = &s->alarms.v[i];
		if (json_is_null(&types) ? !text_eq(x->type, "MetricAlarm")
					 : !listed(&types, x->type, c->a))
			continue;
		for (size_t k = 1; k < x->turns.n; k++)
			if (x->turns.v[k].at_s >= from && x->turns.v[k].at_s < to)
				vec_push(c->a, &all,
					 ((struct change){x, &x->turns.v[k - 1], &x->turns.v[k]}));
	}
	if (all.n > 1)
		qsort(all.v, all.n, sizeof *all.v, by_time);
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "AlarmHistoryItems");
	size_t start = MIN(aws_token_start(c, "NextToken"), all.n),
	       end = MIN(start + HISTORY_PAGE, all.n);
	bool upwards = text_eq(member(&c->in, "ScanBy", c->a), "TimestampAscending");
	for (size_t i = start; i < end; i++) {
		const struct change *h = &all.v[upwards ? i : all.n - 1 - i];
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "AlarmName", h->x->name);
		jw_str(w, "AlarmType", h->x->type);
		jw_f64(w, "Timestamp", (double)h->to->at_s + 0.442);
		jw_str(w, "HistoryItemType", "StateUpdate");
		jw_str(w, "HistorySummary",
		       arena_printf(c->a, "Alarm updated from %s to %s", h->from->state,
				    h->to->state));
		jw_str(w, "HistoryData", history_data(c, h));
	}
	aws_token_next(c, o, "NextToken", end, all.n);
	answer_json(c->q, c->r, o);
}
