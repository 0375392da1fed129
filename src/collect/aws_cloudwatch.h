/* Inside of the CloudWatch collector: what a dashboard's body says, metric data, alarms.
 * "cloudwatch" (the dashboards) and "alarms" are parts of the source. */
#ifndef COLLECT_AWS_CLOUDWATCH_H
#define COLLECT_AWS_CLOUDWATCH_H

#include "collect/aws.h"
#include "store/watch.h"

/* One operation in a region; NULL: the source's own. body is freed. */
void cloudwatch_call(struct aws *s, struct part *p, const char *region, const char *op,
		     struct jw *body, collect_handler f, void *ctx);

/* --- a dashboard's body (aws_cloudwatch_body.c) --- */

/* One line of a widget: an entry of its "metrics" with its short-hands resolved. What the entry
 * leaves open is the widget's. */
struct cw_line {
	const char *id; /* as the body names it; NULL: it has none */
	const char *space, *metric; /* NULL: an expression */
	struct strv dims; /* name, value, name, value … */
	const char *expression;
	const char *label; /* NULL: the service's own choice */
	const char *stat; /* "Average", "p95", "tm90", …; NULL for an expression */
	int64_t period_s;
	const char *region, *account; /* account NULL: the caller's */
	bool hidden; /* not shown itself; others may be made of it */
	const char *wrong; /* why it cannot be asked for; NULL: it can */
};
struct cw_lines {
	struct cw_line *v;
	size_t n, cap;
};

struct cw_widget {
	const char *type; /* "metric", "text", … */
	const char *title; /* of the body, or made from its metrics; different on each widget */
	const char *unit; /* label of the left axis, or NULL */
	const char *stat, *region; /* of lines that say nothing else */
	int64_t period_s;
	const char
		*wrong; /* why nothing of it is drawn: another kind, nothing in it; NULL: it is */
	bool unreadable; /* wrong, and it would be drawn if it could be read */
	struct cw_lines lines;
	struct strv alarms; /* a graph of alarms has these ARNs instead of lines */
};
struct cw_board {
	const char *name;
	VEC(struct cw_widget) widgets; /* in reading order */
};
/* body: the text of DashboardBody. region: of a widget without one. A widget or a line that cannot
 * be read says so itself; fails (ERR_PROTO) only where the whole body is none. */
MUST_CHECK bool cloudwatch_body(const char *name, const char *body, const char *region,
				struct arena *a, struct cw_board *out, struct err *e);
/* "${LAST}" and its like go: a label that holds a value is another one each week. */
const char *cloudwatch_label(const char *label, struct arena *a);

/* --- metric data (aws_cloudwatch_data.c) --- */

#define CW_QUERIES 500 /* of one GetMetricData */

struct cw_result { /* one series of an answer */
	const char *label; /* NULL: the service gave none */
	size_t nth; /* of those with this label on one page */
	size_t page; /* the last one that told of it */
	VEC(struct rec_point) points; /* ascending once the call is done */
	const char *status, *message; /* "Complete", …; status NULL: the service gave none */
	const char *wrong; /* why its points cannot be used */
};
struct cw_query {
	const char *id; /* unique in its call */
	const struct cw_line *line;
	const char *expression; /* of the line with its ids as the call has them */
	int64_t period_s;
	bool hidden;
	VEC(struct cw_result) results; /* a search may have several, or none */
};
/* One GetMetricData and all of its pages. */
struct cw_data {
	struct aws *s;
	struct part *p;
	const char *region;
	int64_t from_s, to_s; /* what is asked for; points outside of it are dropped */
	VEC(struct cw_query) q; /* at most CW_QUERIES */
	/* Called once: why NULL: every page came. refused: the service refuses this request for
	 * what stands in it, so that a part of it may do. */
	bool (*done)(struct cw_data *d, const char *why, bool refused, struct err *e);
	void *ctx;
	struct page_walk walk;
	struct strv messages; /* of the answer as a whole */
};
void cloudwatch_data(struct cw_data *d);
/* What is asked for where a widget says `asked`: at most 350 points a week, a period that the
 * week's limits are multiples of, and one that CloudWatch still keeps at now_s. */
int64_t cloudwatch_period(int64_t asked, int64_t from_s, int64_t to_s, int64_t now_s);
/* Nothing so old is kept at any period. */
bool cloudwatch_too_old(int64_t to_s, int64_t now_s);

struct cw_group { /* lines of one widget that one call must hold together */
	size_t *v; /* indices of its lines */
	size_t n, cap;
	const char *region;
	bool alone; /* an expression in it means every metric of the call */
};
struct cw_groups {
	struct cw_group *v;
	size_t n, cap;
};
/* What of a widget has to be asked for: its shown lines and what they are made of, by region. A
 * line that turns out impossible gets its wrong. */
void cloudwatch_group(struct cw_widget *w, struct arena *a, struct cw_groups *out);
/* Puts the group's lines into the call, ids unique in it; false: no room. first: where they begin.
 */
bool cloudwatch_add(struct cw_data *d, const struct cw_widget *w, const struct cw_group *g,
		    size_t *first);

/* --- alarms (aws_cloudwatch_alarms.c) --- */

MUST_CHECK bool cloudwatch_alarms_start(struct aws *s, struct part *p, struct err *e);
/* "web-5xx" and "eu-west-2" of "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:web-5xx"; false:
 * it is no alarm's ARN. */
bool cloudwatch_alarm_arn(const char *arn, struct arena *a, const char **name, const char **region);
/* What an element of MetricAlarms watches, as the lines of a graph; NULL or why there is none. */
const char *cloudwatch_alarm_lines(const struct jv *alarm, const char *region, struct arena *a,
				   struct cw_lines *out);
/* One element of AlarmHistoryItems that is a change of state. HistoryData is read, never the
 * summary. */
MUST_CHECK bool cloudwatch_parse_change(const struct jv *item, struct arena *a, struct alarm *alarm,
					struct alarm_change *out, struct err *e);

#endif
