#include "support/collecting.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/sb.h"
#include "collect/aws_cloudwatch.h"
#include "support/sigv4.h"

static struct collecting b;

#define OP "GraniteServiceVersion20100801."

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("AWS_ACCESS_KEY_ID", "EXAMPLEKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "example-secret", 1);
	unsetenv("AWS_SESSION_TOKEN");
	struct aws_source s = {.name = "aws-production",
			       .environment = "production",
			       .region = "eu-west-2",
			       .endpoint = b.url,
			       .collect = strv_of(&b.a, "cloudwatch")};
	vec_push(&b.a, &b.cfg.aws, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

/* --- a CloudWatch in small: bodies of one operation are told apart by what stands in them --- */

#define LIST_ONE                                                                                   \
	{                                                                                          \
		"POST /", "{\"DashboardEntries\":[{\"DashboardName\":\"Health\"}]}", NULL, 0, "{}" \
	}
#define NO_ALARMS                                                                                  \
	{"POST /", "{\"MetricAlarms\":[],\"CompositeAlarms\":[]}", NULL, 0,                        \
	 "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\",\"LogAlarm\"],\"MaxRecords\""},      \
	{                                                                                          \
		"POST /", "{\"AlarmHistoryItems\":[]}", NULL, 0, "HistoryItemType"                 \
	}
#define HEALTH "\"DashboardName\":\"Health\""
#define BODY(widgets)                                                                              \
	"{\"DashboardName\":\"Health\",\"DashboardBody\":\"{\\\"widgets\\\":[" widgets "]}\"}"
#define METRIC(title, more, entries)                                                               \
	"{\\\"type\\\":\\\"metric\\\",\\\"properties\\\":{\\\"title\\\":\\\"" title "\\\"" more    \
	",\\\"metrics\\\":[" entries "]}}"
#define Q "\\\""

#define SERIES                                                                                     \
	"SELECT board, panel, label, statistic, period_s, w.status, w.reason, position, (SELECT "  \
	"group_concat(at || '=' || value, ' ') FROM point WHERE series_id = series.id) FROM "      \
	"series JOIN series_week w ON w.series_id = series.id ORDER BY board, position"

static const struct httpd_request *request_with(const char *text, size_t nth)
{
	const struct httpd_request *rq;
	for (size_t i = 0; (rq = httpd_get(b.h, NULL, NULL, i)) != NULL; i++)
		if (strstr(rq->body, text) && nth-- == 0)
			return rq;
	return NULL;
}

static void a_widget_becomes_series_over_all_pages(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Label\":\"Requests\",\"Timestamps\":["
		 "1794182400],\"Values\":[1e1],\"StatusCode\":\"Complete\"}],\"NextToken\":\"\"}",
		 NULL, 0, "\"NextToken\":\"page 2\""},
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Label\":\"Requests\",\"Timestamps\":["
		 "1.7941896E9,1794186000,1794178800],\"Values\":[30.5,20,99],\"StatusCode\":"
		 "\"PartialData\"},{\"Id\":\"m1\",\"Label\":\"Errors\",\"Timestamps\":[1794182400,"
		 "1794186000],\"Values\":[\"NaN\",0],\"StatusCode\":\"Complete\"},{\"Id\":\"zz\"}],"
		 "\"Messages\":[],\"NextToken\":\"page 2\"}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY(METRIC("Traffic", ",\\\"stat\\\":\\\"Sum\\\"",
			     "[" Q "N" Q "," Q "Requests" Q "," Q "D" Q "," Q "x" Q "],[" Q "." Q
			     "," Q "Errors" Q "," Q "." Q "," Q "." Q "]")),
		 NULL, 0, HEALTH},
		{0},
	};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, SERIES),
		"Health|Traffic|Requests|Sum|3600|complete|-|0|2026-11-09T00:00:00Z=10.0 "
		"2026-11-09T01:00:00Z=20.0 2026-11-09T02:00:00Z=30.5\n"
		"Health|Traffic|Errors|Sum|3600|complete|-|1|2026-11-09T01:00:00Z=0.0\n");
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->received, 2);
	assert_string_equal(
		request_with("MetricDataQueries", 0)->body,
		"{\"MetricDataQueries\":[{\"Id\":\"m0\",\"MetricStat\":{\"Metric\":{\"Namespace\":"
		"\"N\",\"MetricName\":\"Requests\",\"Dimensions\":[{\"Name\":\"D\",\"Value\":\"x\"}"
		"]"
		"},\"Period\":3600,\"Stat\":\"Sum\"},\"ReturnData\":true},{\"Id\":\"m1\","
		"\"MetricStat\":{\"Metric\":{\"Namespace\":\"N\",\"MetricName\":\"Errors\","
		"\"Dimensions\":[{\"Name\":\"D\",\"Value\":\"x\"}]},\"Period\":3600,\"Stat\":"
		"\"Sum\"}"
		",\"ReturnData\":true}],\"StartTime\":1794182400,\"EndTime\":1794787200}");
	/* A second run changes nothing. */
	const char *before = collecting_rows(&b, SERIES);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, SERIES), before);
}

static void requests_speak_json_1_0_and_are_signed_for_monitoring(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"DashboardEntries\":[]}", NULL, 0, "{}"}, NO_ALARMS, {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->expected, 0);
	const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, 0);
	assert_string_equal(httpd_header(rq, "Content-Type"), "application/x-amz-json-1.0");
	assert_string_equal(httpd_header(rq, "X-Amz-Target"), OP "ListDashboards");
	assert_non_null(
		strstr(httpd_header(rq, "Authorization"), "/eu-west-2/monitoring/aws4_request"));
	const char *wrong = sigv4_wrong(rq, "example-secret", &b.a);
	assert_null(wrong);
}

static void dashboards_are_chosen_by_pattern_and_a_name_without_one_is_told(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /",
		 "{\"DashboardEntries\":[{\"DashboardName\":\"Services-Reporting\"}],"
		 "\"NextToken\":null}",
		 NULL, 0, "\"NextToken\":\"n\""},
		{"POST /",
		 "{\"DashboardEntries\":[{\"DashboardName\":\"Health\"},{\"DashboardName\":"
		 "\"test\"},"
		 "{}],\"NextToken\":\"n\"}",
		 NULL, 0, "{}"},
		NO_ALARMS,
		{"POST /", "{\"DashboardBody\":\"{}\"}", NULL, 0, "DashboardName"},
		{0}};
	b.cfg.aws.v[0].dashboards = strv_of(&b.a, "H*", "Services-*", "Usage");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_non_null(request_with("{\"DashboardName\":\"Health\"}", 0));
	assert_non_null(request_with("{\"DashboardName\":\"Services-Reporting\"}", 0));
	assert_null(request_with("{\"DashboardName\":\"test\"}", 0));
	assert_part(&b, "cloudwatch", LEDGER_FAILED, "a dashboard could not be read");
	assert_non_null(strstr(collecting_ledger(&b, "cloudwatch")->reason, "and 1 more"));
	assert_non_null(strstr(collecting_ledger(&b, "cloudwatch")->affects, "metrics.usage."));
}

static void what_cannot_be_drawn_is_named(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 BODY("{\\\"type\\\":\\\"text\\\"},{\\\"type\\\":\\\"log\\\",\\\"properties\\\":{"
		      "\\\"title\\\":\\\"Slow pages\\\"}},{\\\"type\\\":\\\"alarm\\\"},{"
		      "\\\"type\\\":\\\"explorer\\\"}"),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, "SELECT panel, status, reason FROM series JOIN series_week w "
				    "ON w.series_id = series.id ORDER BY position"),
		"Text 1|not_enabled|a widget of the kind \"text\" has no metrics to draw\n"
		"Slow pages|not_enabled|a widget of the kind \"log\" has no metrics to draw\n"
		"Alarm 3|not_enabled|a widget of the kind \"alarm\" has no metrics to draw\n"
		"Explorer 4|not_enabled|a widget of the kind \"explorer\" has no metrics to "
		"draw\n");
}

static void each_series_tells_its_own_state(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Label\":\"A\",\"Timestamps\":["
		 "1794182400],"
		 "\"Values\":[1],\"StatusCode\":\"PartialData\"},{\"Id\":\"m1\",\"Label\":\"B\","
		 "\"Timestamps\":[],\"Values\":[],\"StatusCode\":\"Forbidden\",\"Messages\":[{"
		 "\"Code\":\"Forbidden\",\"Value\":\"Cross-account access "
		 "denied\"}]},{\"Id\":\"m2\","
		 "\"StatusCode\":\"InternalError\"},{\"Id\":\"m3\",\"Label\":\"D\",\"Timestamps\":["
		 "],\"Values\":[],\"StatusCode\":\"Complete\"},{\"Id\":\"m4\",\"Timestamps\":[1],"
		 "\"Values\":[]},{\"Id\":\"m6\",\"Timestamps\":[1794182400],\"Values\":[5],"
		 "\"StatusCode\":null}]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY(METRIC("T", ",\\\"accountId\\\":\\\"444455556666\\\"",
			     "[" Q "N" Q "," Q "A" Q "],[" Q "N" Q "," Q "B" Q "],[" Q "N" Q "," Q
			     "C" Q "],[" Q "N" Q "," Q "D" Q "],[" Q "N" Q "," Q "E" Q "],[" Q "N" Q
			     "," Q "F" Q "],[" Q "N" Q "," Q "G" Q "],[" Q "N" Q "]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b, SERIES),
		"Health|T|A|Average|3600|partial|CloudWatch gave part of the data|0|"
		"2026-11-09T00:00:00Z=1.0\n"
		"Health|T|B|Average|3600|failed|forbidden: Forbidden: Cross-account access denied; "
		"allow cloudwatch:GetMetricData across accounts for 444455556666|1|-\n"
		"Health|T|C|Average|3600|failed|CloudWatch says \"InternalError\"|2|-\n"
		"Health|T|D|Average|3600|complete|-|3|-\n"
		"Health|T|E|Average|3600|failed|1 times and 0 values|4|-\n"
		"Health|T|F|Average|3600|failed|CloudWatch gave no answer for it|5|-\n"
		"Health|T|G|Average|3600|complete|-|6|2026-11-09T00:00:00Z=5.0\n"
		"Health|T|N|Average|-|failed|namespace and name of the metric are missing|7|-\n");
	assert_part(&b, "cloudwatch", LEDGER_PARTIAL, "Health, T, A: CloudWatch gave part");
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->expected, 8);
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->received, 2);
	assert_string_equal(collecting_ledger(&b, "cloudwatch")->affects, "metrics.health.t");
	assert_non_null(strstr(request_with("MetricDataQueries", 0)->body,
			       "\"AccountId\":\"444455556666\""));
}

/* Answers of the recorded shape: an Id over two pages, a forbidden account, an empty series. */
static void recorded_pages_are_merged_by_id(void **state UNUSED)
{
	struct arena a = {0};
	size_t n;
	NEED_FIXTURES();
	const char *one = test_read(
			   &a,
			   fixture_path(&a,
					"aws/constructed/cloudwatch-GetMetricData.partial.json"),
			   &n),
		   *two = test_read(
			   &a,
			   fixture_path(&a, "aws/constructed/cloudwatch-GetMetricData.page2.json"),
			   &n);
	const struct served table[] = {LIST_ONE,
				       NO_ALARMS,
				       {"POST /", two, NULL, 0, "\"NextToken\":\"AgAB1234\""},
				       {"POST /", one, NULL, 0, "MetricDataQueries"},
				       {"POST /",
					BODY(METRIC("T", "",
						    "[" Q "N" Q "," Q "A" Q "],[" Q "N" Q "," Q
						    "B" Q "],[" Q "N" Q "," Q "C" Q "]")),
					NULL, 0, HEALTH},
				       {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT label, status FROM series JOIN series_week "
						"w ON w.series_id = series.id ORDER BY position"),
			    "CPUUtilization|complete\nRequestCount|complete\nx|failed\n");
	arena_release(&a);
}

static void expressions_keep_their_ids_and_searches_their_series(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"e1\",\"Label\":\"Rate\",\"Timestamps\":["
		 "1794182400],\"Values\":[0.5],\"StatusCode\":\"Complete\"},{\"Id\":\"m2\","
		 "\"Label\":"
		 "\"web\",\"Timestamps\":[1794182400],\"Values\":[1],\"StatusCode\":"
		 "\"PartialData\"},"
		 "{\"Id\":\"m2\",\"Label\":\"web\",\"Timestamps\":[1794182400],\"Values\":[2],"
		 "\"StatusCode\":\"Complete\"},{\"Id\":\"m2\",\"Label\":\"api\",\"Timestamps\":["
		 "1794182400],\"Values\":[3],\"StatusCode\":\"Complete\"}],\"NextToken\":\"p\"}",
		 NULL, 0, "\"EndTime\":1794787200}"},
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m2\",\"Label\":\"web\",\"Timestamps\":["
		 "1794186000],\"Values\":[4],\"StatusCode\":\"Complete\"}]}",
		 NULL, 0, "\"NextToken\":\"p\""},
		{"POST /",
		 BODY(METRIC("T", "",
			     "[" Q "N" Q "," Q "A" Q
			     ",{\\\"id\\\":\\\"m1\\\",\\\"visible\\\":false}"
			     "],[{\\\"expression\\\":\\\"m1/PERIOD(m1)\\\",\\\"label\\\":\\\"Rate "
			     "${LAST}\\\",\\\"id\\\":\\\"e1\\\"}],[{\\\"expression\\\":\\\"SEARCH("
			     "'{N,D} MetricName=A', 'Average', 300)\\\"}],[" Q "N" Q "," Q
			     "Unused" Q ",{\\\"visible\\\":false}]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, SERIES),
			    "Health|T|Rate|-|3600|complete|-|0|2026-11-09T00:00:00Z=0.5\n"
			    "Health|T|web|-|3600|complete|-|1|2026-11-09T00:00:00Z=1.0 "
			    "2026-11-09T01:00:00Z=4.0\n"
			    "Health|T|web (2)|-|3600|complete|-|2|2026-11-09T00:00:00Z=2.0\n"
			    "Health|T|api|-|3600|complete|-|3|2026-11-09T00:00:00Z=3.0\n");
	const char *sent = request_with("MetricDataQueries", 0)->body;
	assert_non_null(strstr(sent, "{\"Id\":\"m1\",\"MetricStat\""));
	assert_non_null(strstr(sent, "\"ReturnData\":false},{\"Id\":\"e1\",\"Expression\":\"m1/"
				     "PERIOD(m1)\",\"Period\":3600,\"Label\":\"Rate\","
				     "\"ReturnData\":true},{\"Id\":\"m2\",\"Expression\":"
				     "\"SEARCH('{N,D} MetricName=A', 'Average', 3600)\""));
	assert_null(strstr(sent, "Unused"));
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "cloudwatch")->received, 2);
}

static void two_widgets_with_the_same_ids_share_a_request(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /", "{\"MetricDataResults\":[]}", NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY(METRIC(
			 "A", "",
			 "[" Q "N" Q "," Q "A" Q ",{\\\"id\\\":\\\"m1\\\"}],[{\\\"expression\\\":"
			 "\\\"m1*2\\\",\\\"id\\\":\\\"e1\\\"}]") "," METRIC("B", "",
									    "[" Q "N" Q "," Q "B" Q
									    ",{\\\"id\\\":"
									    "\\\"m1\\\"}],[{"
									    "\\\"expression\\\":"
									    "\\\"IF(m1>m10,m1,e1)"
									    "\\\",\\\"id\\\":"
									    "\\\"e2\\\"}],[{"
									    "\\\"expression\\\":"
									    "\\\"100\\\","
									    "\\\"id\\\":\\\"e1\\\"}"
									    "]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	const char *sent = request_with("MetricDataQueries", 0)->body;
	assert_null(request_with("MetricDataQueries", 1));
	assert_non_null(strstr(sent, "\"Id\":\"e1\",\"Expression\":\"m1*2\""));
	assert_non_null(strstr(sent, "\"Id\":\"e2\",\"Expression\":\"IF(m2>m10,m2,m4)\""));
	assert_non_null(strstr(sent, "\"Id\":\"m4\",\"Expression\":\"100\""));
	assert_part(&b, "cloudwatch", LEDGER_FAILED, "CloudWatch gave no answer for it");
}

static void other_regions_and_metrics_functions_have_requests_of_their_own(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /", "{\"MetricDataResults\":[]}", NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY(METRIC("A", "",
			     "[" Q "N" Q "," Q "A" Q "],[" Q "N" Q "," Q "Us" Q
			     ",{\\\"region\\\":\\\"us-east-1\\\"}]") "," METRIC("B", "",
										"[" Q "N" Q "," Q
										"B" Q
										",{\\\"visible\\\":"
										"false}],[{"
										"\\\"expression\\\""
										":\\\"SUM(METRICS()"
										")\\\"}]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_non_null(strstr(httpd_header(request_with("\"Us\"", 0), "Authorization"),
			       "/us-east-1/monitoring/"));
	assert_null(strstr(request_with("\"Us\"", 0)->body, "\"A\""));
	const char *sent = request_with("METRICS()", 0)->body;
	assert_non_null(strstr(sent, "\"MetricName\":\"B\""));
	assert_null(strstr(sent, "\"MetricName\":\"A\""));
}

static void a_widget_that_is_refused_does_not_take_the_others_along(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"__type\":\"com.amazonaws.cloudwatch.v2010_08_01#"
		 "InvalidParameterValueException\""
		 ",\"message\":\"Error in expression 'e1'\"}",
		 "x-amzn-query-error: ValidationError;Sender", 400, "broken("},
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1794182400],\"Values\":[7]"
		 ","
		 "\"StatusCode\":\"Complete\"}]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY(METRIC("Good", "", "[" Q "N" Q "," Q "A" Q "]") "," METRIC(
			 "Bad", "",
			 "[{\\\"expression\\\":\\\"broken(\\\",\\\"id\\\":\\\"e1\\\"}]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b, SERIES),
		"Health|Good|A|Average|3600|complete|-|0|2026-11-09T00:00:00Z=7.0\n"
		"Health|Bad|e1|-|3600|failed|400 on cloudwatch:GetMetricData: ValidationError: "
		"Error in expression 'e1'|1000|-\n");
	assert_part(&b, "cloudwatch", LEDGER_PARTIAL, "Health, Bad, e1");
	assert_string_equal(collecting_ledger(&b, "cloudwatch")->affects, "metrics.health.bad");
}

static void a_dashboard_that_fails_makes_its_numbers_unknown(void **state UNUSED)
{
	static const struct served good[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1794182400],\"Values\":[7]"
		 "}]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /", BODY(METRIC("T", "", "[" Q "N" Q "," Q "A" Q "]")), NULL, 0, HEALTH},
		{0}};
	static const struct served gone[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"__type\":\"com.amazonaws.cloudwatch.v2010_08_01#DashboardNotFoundError\","
		 "\"message\":\"Dashboard Health does not exist\"}",
		 "x-amzn-query-error: ResourceNotFound;Sender", 404, HEALTH},
		{0}};
	struct err e = {0};
	collecting_serve(&b, good);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_COMPLETE, NULL);
	/* It was read a week ago. */
	assert_ok(db_exec(b.db, "UPDATE series_week SET week = '2026-W45'", &e), e);
	collecting_serve(&b, gone);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_FAILED, "dashboard Health: CloudWatch lists it");
	assert_string_equal(collecting_ledger(&b, "cloudwatch")->affects, "metrics.health.");
	assert_string_equal(
		collecting_rows(&b, "SELECT week, status FROM series_week ORDER BY week"),
		"2026-W45|complete\n2026-W46|failed\n");
}

static void what_is_refused_names_the_permission(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", NULL, 400,
		 NULL},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_FAILED, "allow cloudwatch:ListDashboards");
	assert_string_equal(collecting_ledger(&b, "cloudwatch")->affects, "metrics.");
	/* No number depends on these. */
	assert_part(&b, "alarms", LEDGER_NOT_ENABLED, "allow cloudwatch:DescribeAlarms");
}

static void the_graph_of_an_alarm_shows_what_it_watches(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricAlarms\":[{\"AlarmName\":\"cpu\",\"Namespace\":\"AWS/"
		 "EC2\",\"MetricName\":"
		 "\"CPUUtilization\",\"Dimensions\":[{\"Name\":\"I\",\"Value\":\"i-1\"}],"
		 "\"ExtendedStatistic\":\"p90\",\"Period\":60},{\"AlarmName\":\"rate\",\"Metrics\":"
		 "[{"
		 "\"Id\":\"m1\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"N\",\"MetricName\":"
		 "\"Errors\"},\"Period\":60,\"Stat\":\"Sum\"},\"ReturnData\":false},{\"Id\":\"e1\","
		 "\"Expression\":\"m1*100\",\"Label\":\"Error rate\"}]}]}",
		 NULL, 0, "AlarmNames"},
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1794182400],\"Values\":[7]"
		 "},"
		 "{\"Id\":\"e1\",\"Label\":\"Error "
		 "rate\",\"Timestamps\":[1794182400],\"Values\":[8]}"
		 "]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /",
		 BODY("{\\\"type\\\":\\\"metric\\\",\\\"properties\\\":{\\\"title\\\":\\\"Alarms"
		      "\\\",\\\"annotations\\\":{\\\"alarms\\\":[\\\"arn:aws:cloudwatch:eu-west-2:"
		      "111122223333:alarm:cpu\\\",\\\"arn:aws:cloudwatch:eu-west-2:111122223333:"
		      "alarm:rate\\\",\\\"arn:aws:cloudwatch:eu-west-2:111122223333:alarm:gone\\\"]"
		      "}"
		      "}}"),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b, SERIES),
		"Health|Alarms|CPUUtilization|p90|3600|complete|-|0|2026-11-09T00:00:00Z=7.0\n"
		"Health|Alarms|Error rate|-|3600|complete|-|1|2026-11-09T00:00:00Z=8.0\n"
		"Health|Alarms|gone|-|-|failed|there is no metric alarm of that name|2|-\n");
}

static void older_weeks_ask_for_what_is_still_kept(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /", "{\"MetricDataResults\":[]}", NULL, 0, "MetricDataQueries"},
		{"POST /", BODY(METRIC("T", ",\\\"period\\\":1800", "[" Q "N" Q "," Q "A" Q "]")),
		 NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	b.clock.fixed_s = WEEK_TO + 70 * INT64_C(86400);
	collecting_run(&b);
	assert_non_null(strstr(request_with("MetricDataQueries", 0)->body, "\"Period\":3600"));
	assert_part(&b, "alarms", LEDGER_COMPLETE, NULL);
	b.clock.fixed_s = WEEK_TO + 456 * INT64_C(86400);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_null(request_with("MetricDataQueries", 0));
	assert_part(&b, "cloudwatch", LEDGER_FAILED, "CloudWatch keeps values for 455 days");
}

static void an_answer_with_a_message_is_not_whole(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		NO_ALARMS,
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1794182400],\"Values\":[7]"
		 "}],"
		 "\"Messages\":[{\"Code\":\"MaxMetricsExceeded\",\"Value\":\"The maximum number of "
		 "allowed metrics, 100, was exceeded.\"}]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /", BODY(METRIC("T", "", "[" Q "N" Q "," Q "A" Q "]")), NULL, 0, HEALTH},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "cloudwatch", LEDGER_PARTIAL, "MaxMetricsExceeded: The maximum number");
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct served table[] = {
		LIST_ONE,
		{"POST /",
		 "{\"MetricAlarms\":[{\"AlarmName\":\"x\",\"StateValue\":\"OK\"}],"
		 "\"CompositeAlarms\":"
		 "[]}",
		 NULL, 0, "\"LogAlarm\"],\"MaxRecords\""},
		{"POST /", "{\"AlarmHistoryItems\":[]}", NULL, 0, "HistoryItemType"},
		{"POST /",
		 "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1794182400],\"Values\":[7]"
		 "}]}",
		 NULL, 0, "MetricDataQueries"},
		{"POST /", BODY(METRIC("T", "", "[" Q "N" Q "," Q "A" Q "]")), NULL, 0, HEALTH},
		{0}};
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"__type\":\"InternalFailure\"}"},
		{.body = "<html>login</html>"},
		{.body = "{\"DashboardEntries\":[{"},
		{.body = "{}", .cut = 1},
		{.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"},
	};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			teardown(NULL);
			setup(NULL);
			collecting_serve(&b, table);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			if (b.result.partial + b.result.failed + b.result.not_enabled != 1)
				fail_msg("fault %zu in request %d was not told once", f, n);
			collecting_serve(&b, table);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 2);
			assert_string_equal(
				collecting_rows(&b, SERIES),
				"Health|T|A|Average|3600|complete|-|0|2026-11-09T00:00:00Z=7.0\n");
		}
	}
}

/* --- alarms --- */

#define CHANGES                                                                                    \
	"SELECT name, type, state, from_state, to_state, changed_at, c.reason FROM alarm JOIN "    \
	"alarm_change c ON c.alarm_id = alarm.id ORDER BY changed_at"
#define HISTORY(at, from, to)                                                                      \
	"{\"AlarmName\":\"web-5xx\",\"AlarmType\":\"MetricAlarm\",\"Timestamp\":" at               \
	",\"HistoryItemType\":\"StateUpdate\",\"HistorySummary\":\"Alarm updated from X to Y\","   \
	"\"HistoryData\":\"{\\\"oldState\\\":{\\\"stateValue\\\":\\\"" from                        \
	"\\\"},\\\"newState\\\":{\\\"stateValue\\\":\\\"" to                                       \
	"\\\",\\\"stateReason\\\":\\\"because\\\"}}\"}"

static void alarms_and_their_changes_are_stored(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"DashboardEntries\":[]}", NULL, 0, "{}"},
		{"POST /",
		 "{\"MetricAlarms\":[{\"AlarmName\":\"web-5xx\",\"StateValue\":\"OK\","
		 "\"StateReason\":"
		 "\"fine\",\"StateUpdatedTimestamp\":1794800000,\"StateTransitionedTimestamp\":"
		 "1794200000.5},{\"StateValue\":\"OK\"}],\"NextToken\":\"two\"}",
		 NULL, 0, "\"LogAlarm\"],\"MaxRecords\":100}"},
		{"POST /",
		 "{\"CompositeAlarms\":[{\"AlarmName\":\"all\",\"StateValue\":\"ALARM\"}],"
		 "\"LogAlarms\""
		 ":[{\"AlarmName\":\"log\",\"StateValue\":null}],\"NextToken\":"
		 "null}",
		 NULL, 0, "\"MaxRecords\":100,\"NextToken\":\"two\"}"},
		{"POST /",
		 "{\"AlarmHistoryItems\":[" HISTORY("1794190000.442", "OK", "ALARM") "," HISTORY(
			 "1.7942E9", "ALARM",
			 "OK") ",{\"AlarmName\":\"old\",\"HistoryItemType\":"
			       "\"Action\",\"Timestamp\":1,\"HistoryData\":"
			       "\"{}\"},{\"AlarmName\":\"gone\",\"Timestamp\":"
			       "1794195000,\"HistoryItemType\":\"StateUpdate\","
			       "\"HistoryData\":\"{\\\"newState\\\":{"
			       "\\\"stateValue\\\":\\\"ALARM\\\"}}\"}]}",
		 NULL, 0, "HistoryItemType"},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b,
					    "SELECT name, type, state, state_at FROM alarm ORDER "
					    "BY name"),
			    "all|CompositeAlarm|ALARM|-\ngone|-|-|-\nlog|LogAlarm|UNKNOWN|-\n"
			    "web-5xx|MetricAlarm|OK|2026-11-09T04:53:20Z\n");
	assert_string_equal(collecting_rows(&b, CHANGES),
			    "web-5xx|MetricAlarm|OK|OK|ALARM|2026-11-09T02:06:40Z|because\n"
			    "gone|-|-|-|ALARM|2026-11-09T03:30:00Z|-\n"
			    "web-5xx|MetricAlarm|OK|ALARM|OK|2026-11-09T04:53:20Z|because\n");
	assert_part(&b, "alarms", LEDGER_PARTIAL, "an alarm could not be read");
	assert_int_equal(collecting_ledger(&b, "alarms")->expected, 4);
	assert_int_equal(collecting_ledger(&b, "alarms")->received, 3);
	assert_string_equal(request_with("HistoryItemType", 0)->body,
			    "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\",\"LogAlarm\"],"
			    "\"HistoryItemType\":\"StateUpdate\",\"StartDate\":1794009600,"
			    "\"EndDate\":1794808800,"
			    "\"ScanBy\":\"TimestampAscending\",\"MaxRecords\":100}");
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM alarm_change"), 3);
}

/* What an alarm did before its history begins is known only while it has not changed since. */
static void the_history_of_alarms_ends(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"DashboardEntries\":[]}", NULL, 0, "{}"},
		{"POST /",
		 "{\"MetricAlarms\":[{\"AlarmName\":\"old\",\"StateValue\":\"OK\","
		 "\"StateUpdatedTimestamp\":1790000000},{\"AlarmName\":\"young\",\"StateValue\":"
		 "\"OK\",\"StateUpdatedTimestamp\":1797000000}]}",
		 NULL, 0, "\"LogAlarm\"],\"MaxRecords\""},
		{"POST /", "{\"AlarmHistoryItems\":[]}", NULL, 0, "HistoryItemType"},
		{0}};
	b.clock.fixed_s = WEEK_TO + 31 * INT64_C(86400);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_PARTIAL, "for 30 days: how 1 of them changed");
	/* A change that it did not know of before says nothing of the time between. */
	struct served later[ARRAY_SIZE(table)];
	memcpy(later, table, sizeof table);
	later[2].body = "{\"AlarmHistoryItems\":[" HISTORY("1797000000", "ALARM", "OK") "]}";
	collecting_serve(&b, later);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_PARTIAL, "for 30 days: how 1 of them changed");
	/* One that goes back further is believed. */
	later[2].body = "{\"AlarmHistoryItems\":[" HISTORY("1794190000", "ALARM", "OK") "]}";
	collecting_serve(&b, later);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_COMPLETE, NULL);
	/* In time, the list alone says it. */
	b.clock.fixed_s = WEEK_TO + 1;
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_COMPLETE, NULL);
}

static void a_service_without_log_alarms_is_asked_for_the_others(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"DashboardEntries\":[]}", NULL, 0, "{}"},
		{"POST /",
		 "{\"__type\":\"ValidationError\",\"message\":\"1 validation error detected: Value "
		 "'LogAlarm'\"}",
		 NULL, 400, "LogAlarm"},
		{"POST /", "{\"AlarmHistoryItems\":[]}", NULL, 0, "HistoryItemType"},
		{"POST /", "{\"MetricAlarms\":[{\"AlarmName\":\"a\",\"StateValue\":\"OK\"}]}", NULL,
		 0, "CompositeAlarm"},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM alarm"), 1);
}

static void a_history_that_cannot_be_read_is_told_by_path(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"DashboardEntries\":[]}", NULL, 0, "{}"},
		{"POST /", "{\"MetricAlarms\":[]}", NULL, 0, "\"LogAlarm\"],\"MaxRecords\""},
		{"POST /",
		 "{\"AlarmHistoryItems\":[{\"AlarmName\":\"web\",\"Timestamp\":1794190000,"
		 "\"HistorySummary\":\"Alarm updated from OK to "
		 "ALARM\",\"HistoryData\":\"{broken\"}]}",
		 NULL, 0, "HistoryItemType"},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "alarms", LEDGER_PARTIAL, "HistoryData of alarm \"web\"");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM alarm_change"), 0);
}

static void recorded_alarms_are_read(void **state UNUSED)
{
	struct arena a = {0};
	NEED_FIXTURES();
	const char *files[] = {"aws/cloudwatch/DescribeAlarmHistory.cli-1.json",
			       "aws/constructed/cloudwatch-DescribeAlarmHistory.composite.json"};
	size_t n, changes = 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct err e = {0};
		const char *text = test_read(&a, fixture_path(&a, files[i]), &n);
		CLEANUP(json_freep) struct json *j = NULL;
		assert_ok(json_parse(text, n, &j, &e), e);
		struct jv root = json_root(j), rows = json_get(&root, "AlarmHistoryItems");
		for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
			struct alarm x = {0};
			struct alarm_change c;
			struct jv kind = json_get(&it, "HistoryItemType");
			if (strcmp(json_text(&kind, &a), "StateUpdate") != 0)
				continue;
			assert_ok(cloudwatch_parse_change(&it, &a, &x, &c, &e), e);
			assert_non_null(c.from);
			assert_non_null(c.reason);
			changes++;
		}
	}
	assert_int_equal(changes, 3);
	const char *text = test_read(
		&a, fixture_path(&a, "aws/cloudwatch/DescribeAlarms.recorded-1.json"), &n);
	struct err e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(text, n, &j, &e), e);
	struct jv root = json_root(j), rows = json_get(&root, "MetricAlarms"),
		  first = json_first(&rows);
	struct cw_lines lines = {0};
	assert_null(cloudwatch_alarm_lines(&first, "us-east-1", &a, &lines));
	assert_string_equal(lines.v[0].metric, "CPUUtilization");
	assert_int_equal(lines.v[0].period_s, 3600);
	arena_release(&a);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_widget_becomes_series_over_all_pages),
		test(requests_speak_json_1_0_and_are_signed_for_monitoring),
		test(dashboards_are_chosen_by_pattern_and_a_name_without_one_is_told),
		test(what_cannot_be_drawn_is_named),
		test(each_series_tells_its_own_state),
		test(recorded_pages_are_merged_by_id),
		test(expressions_keep_their_ids_and_searches_their_series),
		test(two_widgets_with_the_same_ids_share_a_request),
		test(other_regions_and_metrics_functions_have_requests_of_their_own),
		test(a_widget_that_is_refused_does_not_take_the_others_along),
		test(a_dashboard_that_fails_makes_its_numbers_unknown),
		test(what_is_refused_names_the_permission),
		test(the_graph_of_an_alarm_shows_what_it_watches),
		test(older_weeks_ask_for_what_is_still_kept),
		test(an_answer_with_a_message_is_not_whole),
		test(any_lost_answer_is_told_and_made_good_by_the_next_run),
		test(alarms_and_their_changes_are_stored),
		test(the_history_of_alarms_ends),
		test(a_service_without_log_alarms_is_asked_for_the_others),
		test(a_history_that_cannot_be_read_is_told_by_path),
		test(recorded_alarms_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
