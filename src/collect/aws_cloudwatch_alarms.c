#include "collect/aws_cloudwatch.h"

#include "base/text.h"

/* Alarms as they stand now, and how they changed: the history of the window up to now, so that the
 * first change after the week tells the state that the week ended with. */

#define PER_PAGE     100
#define HISTORY_DAYS 30 /* CloudWatch keeps no more */
#define DAY_S	     INT64_C(86400)

bool cloudwatch_alarm_arn(const char *arn, struct arena *a, const char **name, const char **region)
{
	const char *p = arn, *at = strstr(arn, ":alarm:");
	if (!text_starts(arn, "arn:") || !at || !at[7])
		return false;
	for (int i = 0; i < 3; i++) {
		p = strchr(p, ':');
		if (!p)
			return false;
		p++;
	}
	size_t n = strcspn(p, ":");
	if (n == 0)
		return false;
	*region = arena_strndup(a, p, n);
	*name = arena_strdup(a, at + 7);
	return true;
}

/* --- what an alarm watches --- */

static bool read_metric(const struct jv *m, struct arena *a, struct cw_line *l)
{
	struct jv space = json_get(m, "Namespace"), name = json_get(m, "MetricName"),
		  dims = json_get(m, "Dimensions");
	l->space = json_text(&space, a);
	l->metric = json_text(&name, a);
	for (struct jv it = json_first(&dims); it.n; it = json_next(&it)) {
		struct jv key = json_get(&it, "Name"), value = json_get(&it, "Value");
		const char *k = json_text(&key, a), *v = json_text(&value, a);
		if (!k || !v)
			return false;
		vec_push(a, &l->dims, k);
		vec_push(a, &l->dims, v);
	}
	return l->space && l->metric;
}

static const char *member(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	return json_is_null(&v) ? NULL : json_text(&v, a);
}

static int64_t period(const struct jv *o)
{
	int64_t n = NUM_NONE;
	struct err ignored = {0};
	return json_i64_opt(o, "Period", &n, &ignored) && n != NUM_NONE && n > 0 ? n : 300;
}

const char *cloudwatch_alarm_lines(const struct jv *alarm, const char *region, struct arena *a,
				   struct cw_lines *out)
{
	struct jv metrics = json_get(alarm, "Metrics");
	struct cw_lines lines = {0};
	for (struct jv it = json_first(&metrics); it.n; it = json_next(&it)) {
		struct jv stat = json_get(&it, "MetricStat"), m = json_get(&stat, "Metric");
		struct cw_line l = {.id = member(&it, "Id", a),
				    .label = member(&it, "Label", a),
				    .account = member(&it, "AccountId", a),
				    .expression = member(&it, "Expression", a),
				    .region = region,
				    .period_s = period(json_is_null(&stat) ? &it : &stat)};
		bool shown = true;
		struct err bad = {0};
		if (!json_bool_opt(&it, "ReturnData", &shown, &bad))
			return "what it watches cannot be read";
		l.hidden = !shown;
		l.stat = l.expression ? NULL : member(&stat, "Stat", a);
		if (!l.expression && (!read_metric(&m, a, &l) || !l.stat))
			return "what it watches cannot be read";
		vec_push(a, &lines, l);
	}
	if (lines.n == 0) {
		struct cw_line l = {.region = region, .period_s = period(alarm)};
		l.stat = member(alarm, "Statistic", a);
		if (!l.stat)
			l.stat = member(alarm, "ExtendedStatistic", a);
		if (!l.stat || !read_metric(alarm, a, &l))
			return "it watches no metric that could be drawn";
		vec_push(a, &lines, l);
	}
	for (size_t i = 0; i < lines.n; i++)
		vec_push(a, out, lines.v[i]);
	return NULL;
}

/* --- one change --- */

bool cloudwatch_parse_change(const struct jv *item, struct arena *a, struct alarm *alarm,
			     struct alarm_change *out, struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct alarm x = *alarm;
	struct alarm_change c = {0};
	const char *data;
	struct jv before, after;
	if (!json_str(item, "AlarmName", a, &x.name, e) ||
	    !json_str_opt(item, "AlarmType", a, &x.type, e) ||
	    !json_epoch(item, "Timestamp", &c.at_s, e) ||
	    !json_str(item, "HistoryData", a, &data, e))
		return false;
	if (!json_parse(data, strlen(data), &j, e))
		return err_wrap(e, "HistoryData of alarm \"%s\"", x.name);
	struct jv root = json_root(j);
	if (!json_obj_opt(&root, "oldState", &before, e) ||
	    !json_obj(&root, "newState", &after, e) ||
	    !json_str_opt(&before, "stateValue", a, &c.from, e) ||
	    !json_str(&after, "stateValue", a, &c.to, e) ||
	    !json_str_opt(&after, "stateReason", a, &c.reason, e))
		return err_wrap(e, "HistoryData of alarm \"%s\"", x.name);
	*alarm = x;
	*out = c;
	return true;
}

/* --- lists --- */

struct both { /* of the list and the history */
	int left; /* still to be read to their end */
	int64_t oldest_s; /* change that the history told of, or TIME_NONE */
	const char *no_list, *no_history; /* why not even a first page came */
	bool refused; /* the list: not allowed, or not known to the service */
};

struct alarm_list {
	struct aws *s;
	struct both *both;
	bool history;
	bool no_log_alarms; /* the service does not know that kind */
	struct page_walk walk;
	struct alarms seen; /* of the list as it stands */
};

static void ask(struct alarm_list *l, struct part *p, const char *token);

static const char *console(const struct aws *s, const char *name, struct arena *a)
{
	const char *region = s->cfg->region;
	return text_starts(region, "cn-")
		       ? NULL
		       : arena_printf(a,
				      "https://%s.console.aws.amazon.com/cloudwatch/"
				      "home?region=%s#alarmsV2:alarm/%s",
				      region, region, page_encode(a, name));
}

static bool read_alarm(struct alarm_list *l, const struct jv *v, const char *type, struct err *e)
{
	struct arena *a = l->s->c->a;
	struct alarm x = {.source = l->s->cfg->name,
			  .region = l->s->cfg->region,
			  .type = type,
			  .state_s = TIME_NONE};
	int64_t updated = TIME_NONE;
	if (!json_str(v, "AlarmName", a, &x.name, e))
		return false;
	x.state = member(v, "StateValue", a);
	if (!x.state)
		x.state = "UNKNOWN"; /* it is there, whatever it does */
	/* The rest may be absent, and is no reason to leave the alarm out when it is odd. */
	x.description = member(v, "AlarmDescription", a);
	x.reason = member(v, "StateReason", a);
	x.url = console(l->s, x.name, a);
	/* The state may be confirmed again and again; what counts is when it was entered. */
	struct err ignored = {0};
	if (!json_epoch_opt(v, "StateTransitionedTimestamp", &x.state_s, &ignored))
		x.state_s = TIME_NONE;
	if (x.state_s == TIME_NONE &&
	    json_epoch_opt(v, "StateUpdatedTimestamp", &updated, &ignored))
		x.state_s = updated;
	vec_push(a, &l->seen, x);
	return true;
}

static void read_alarms(struct alarm_list *l, struct part *p, const struct jv *root)
{
	static const struct {
		const char *list, *type;
	} kinds[] = {{"MetricAlarms", "MetricAlarm"},
		     {"CompositeAlarms", "CompositeAlarm"},
		     {"LogAlarms", "LogAlarm"}};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct jv rows = json_get(root, kinds[i].list);
		for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
			struct err bad = {0};
			collect_expect(p, 1);
			if (!read_alarm(l, &it, kinds[i].type, &bad))
				collect_short(p, "an alarm could not be read: %s", bad.msg);
		}
	}
}

static bool store_alarms(struct alarm_list *l, struct part *p, bool whole, struct err *e)
{
	struct collect *c = p->c;
	const struct aws_source *cfg = l->s->cfg;
	if (!db_begin(c->db, e) ||
	    (whole && !watch_forget_alarms(c->db, cfg->name, cfg->region, e)))
		return false;
	for (size_t i = 0; i < l->seen.n; i++)
		if (!watch_put_alarm(c->db, &l->seen.v[i], clock_now(c->clock), e))
			return false;
	collect_got(p, (int64_t)l->seen.n);
	return db_commit(c->db, e);
}

static bool read_history(struct alarm_list *l, struct part *p, const struct jv *root, struct err *e)
{
	struct collect *c = p->c;
	struct jv rows = json_get(root, "AlarmHistoryItems");
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
		struct jv kind = json_get(&it, "HistoryItemType");
		struct alarm x = {.source = l->s->cfg->name, .region = l->s->cfg->region};
		struct alarm_change change;
		struct err bad = {0};
		/* Actions and changes of the configuration are in the history, too. */
		if (json_is_str(&kind) && !text_eq(json_text(&kind, &c->scratch), "StateUpdate"))
			continue;
		if (!cloudwatch_parse_change(&it, &c->scratch, &x, &change, &bad)) {
			collect_short(p, "a change of an alarm could not be read: %s", bad.msg);
			continue;
		}
		if (l->both->oldest_s == TIME_NONE || change.at_s < l->both->oldest_s)
			l->both->oldest_s = change.at_s;
		if (!watch_put_change(c->db, &x, &change, clock_now(c->clock), e))
			return false;
	}
	return db_commit(c->db, e);
}

/* The history goes back 30 days, or as far as it turns out to go. What happened before is known of
 * an alarm that has not changed since; of any other, nothing is. */
static bool history_ends(struct alarm_list *l, struct part *p, struct err *e)
{
	struct collect *c = p->c;
	struct alarms list = {0};
	size_t unknown = 0;
	int64_t kept_s = clock_now(c->clock) - HISTORY_DAYS * DAY_S, oldest_s = l->both->oldest_s;
	if (c->week.from_s >= kept_s || (oldest_s != TIME_NONE && oldest_s < kept_s - DAY_S))
		return true;
	if (!watch_alarms(c->db, c->week.from_s, c->week.to_s, &c->scratch, &list, e))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		const struct alarm *x = &list.v[i];
		bool before = x->state_s != TIME_NONE && x->state_s <= c->week.from_s;
		unknown += text_eq(x->source, l->s->cfg->name) && !before;
	}
	if (unknown > 0)
		collect_short(p,
			      "CloudWatch keeps the history of alarms for %d days: how %zu of them "
			      "changed in this week is not known",
			      HISTORY_DAYS, unknown);
	return true;
}

/* Once both are read. No number depends on alarms: refused, they cost only themselves. */
static bool ended(struct alarm_list *l, struct part *p, struct err *e)
{
	const struct both *both = l->both;
	if (--l->both->left > 0)
		return true;
	if (both->no_list) {
		both->refused ? collect_not_enabled(p, "%s", both->no_list)
			      : collect_fail(p, "%s", both->no_list);
		return true;
	}
	if (both->no_history)
		collect_short(p, "%s", both->no_history);
	return history_ends(l, p, e);
}

static bool is_refusal(const struct http_response *r, struct arena *a)
{
	static const char *const codes[] = {"AccessDenied",  "Unauthorized", "UnknownOperation",
					    "InvalidAction", "Validation",   "InvalidParameter"};
	const char *code = aws_error_code(r, a);
	if (r->status == 403 || r->status == 404 || r->status == 501)
		return !code || (!strstr(code, "Signature") && !strstr(code, "Token") &&
				 !strstr(code, "Client"));
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (r->status == 400 && code && strstr(code, codes[i]))
			return true;
	return false;
}

static bool failed(struct alarm_list *l, struct part *p, const struct http_response *r,
		   const char *why, struct err *e)
{
	struct arena *a = p->c->a;
	if (l->walk.seen.n > 0) {
		collect_short(p, "%s", why);
	} else if (l->history) {
		l->both->no_history = arena_strdup(a, why);
	} else {
		l->both->no_list = arena_strdup(a, why);
		l->both->refused = is_refusal(r, &p->c->scratch);
	}
	return (l->history || store_alarms(l, p, false, e)) && ended(l, p, e);
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct alarm_list *l = ctx;
	struct arena *scratch = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL;
	const char *op =
		l->history ? "cloudwatch:DescribeAlarmHistory" : "cloudwatch:DescribeAlarms";
	if (!aws_json(r, op, scratch, &j, &why)) {
		const char *code = aws_error_code(r, scratch);
		if (r->status == 400 && code && l->walk.seen.n == 0 && !l->no_log_alarms &&
		    (strstr(code, "Validation") || text_starts(code, "InvalidParameter"))) {
			l->no_log_alarms = true; /* a newer kind than the service */
			ask(l, p, NULL);
			return true;
		}
		return failed(l, p, r, why, e);
	}
	struct jv root = json_root(j);
	if (l->history) {
		if (!read_history(l, p, &root, e))
			return false;
	} else {
		collect_expect(p, 0);
		read_alarms(l, p, &root);
	}
	enum page_next next = page_aws(&root, "NextToken", scratch, &token);
	next = page_step(p, &l->walk, next, token, l->history ? "history of alarms" : "alarms");
	if (next == PAGE_MORE) {
		ask(l, p, token);
		return true;
	}
	return (l->history || store_alarms(l, p, next == PAGE_END, e)) && ended(l, p, e);
}

static void ask(struct alarm_list *l, struct part *p, const char *token)
{
	static const char *const types[] = {"MetricAlarm", "CompositeAlarm", "LogAlarm"};
	struct collect *c = p->c;
	int64_t now = clock_now(c->clock);
	struct jw *body = jw_obj(), *list = jw_add_arr(body, "AlarmTypes");
	/* Without them only metric alarms come. */
	for (size_t i = 0; i < ARRAY_SIZE(types) - l->no_log_alarms; i++)
		jw_str(list, NULL, types[i]);
	if (l->history) {
		jw_str(body, "HistoryItemType", "StateUpdate");
		jw_i64(body, "StartDate", c->from_s);
		jw_i64(body, "EndDate", MAX(now, c->to_s));
		jw_str(body, "ScanBy", "TimestampAscending");
	}
	jw_i64(body, "MaxRecords", PER_PAGE);
	if (token)
		jw_str(body, "NextToken", token);
	cloudwatch_call(l->s, p, NULL, l->history ? "DescribeAlarmHistory" : "DescribeAlarms", body,
			on_page, l);
}

bool cloudwatch_alarms_start(struct aws *s, struct part *p, struct err *e UNUSED)
{
	struct both *both = arena_new(s->c->a, struct both);
	*both = (struct both){.left = 2, .oldest_s = TIME_NONE};
	for (int i = 0; i < both->left; i++) {
		struct alarm_list *l = arena_new(s->c->a, struct alarm_list);
		*l = (struct alarm_list){.s = s, .both = both, .history = i == 1};
		ask(l, p, NULL);
	}
	return true;
}
