#include "support/collecting.h"

#include "support/sigv4.h"

static struct collecting b;

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
			       .collect = strv_of(&b.a, "synthetics")};
	vec_push(&b.a, &b.cfg.aws, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define ROWS                                                                                       \
	"SELECT name, state, runs, failed, round(percent, 3), basis, reason, failed_at FROM "      \
	"canary_week ORDER BY name"
#define CANARY(name)                                                                               \
	"{\"Name\":\"" name                                                                        \
	"\",\"Status\":{\"State\":\"RUNNING\"},\"Schedule\":{\"Expression\":\"rate(5 minutes)\"}}"
#define METRIC(id, values)                                                                         \
	"{\"Id\":\"" id "\",\"Timestamps\":[1794182400,1794186000],\"Values\":[" values            \
	"],\"StatusCode\":\"Complete\"}"
#define RUN(id, scheduled, state, reason, at)                                                      \
	"{\"Id\":\"" id "\",\"ScheduledRunId\":\"" scheduled "\",\"Status\":{\"State\":\"" state   \
	"\",\"StateReason\":\"" reason "\"},\"Timeline\":{\"Started\":" at "}}"

static void one_request_counts_the_runs_of_all_canaries(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /canaries", "{\"Canaries\":[" CANARY("www") "]}", NULL, 0,
		 "\"NextToken\":\"n\""},
		{"POST /canaries", "{\"Canaries\":[" CANARY("api") "],\"NextToken\":\"n\"}", NULL,
		 0, NULL},
		{"POST /",
		 "{\"MetricDataResults\":[" METRIC("m0", "100,100") "," METRIC(
			 "m1", "12,12") "," METRIC("m2", "50,100") "," METRIC("m3", "4,12") "]}",
		 NULL, 0, NULL},
		{"POST /canary/www/runs",
		 "{\"CanaryRuns\":[" RUN("r3", "r3", "PASSED", "", "1794300000") "," RUN(
			 "r2", "r2", "FAILED", "Navigation timeout",
			 "1794250000.5") "," RUN("r1", "r1", "FAILED", "500",
						 "1794240000") "],"
							       "\"NextToken\":\"x\"}",
		 NULL, 0, "{\"MaxResults\":100}"},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, ROWS),
		"api|RUNNING|24|0|100.0|metric|-|-\n"
		"www|RUNNING|16|2|87.5|metric|Navigation timeout|2026-11-09T18:46:40Z\n");
	assert_int_equal(collecting_asked(&b, "*"), 4);
	assert_int_equal(collecting_ledger(&b, "synthetics")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "synthetics")->received, 2);
	assert_string_equal(
		collecting_rows(&b,
				"SELECT kind, board, panel, unit, group_concat(at || '=' || "
				"value, ' ') FROM series JOIN point ON series_id = series.id GROUP "
				"BY panel ORDER BY position"),
		"canary|Synthetics|api|Percent|2026-11-09T00:00:00Z=100.0 "
		"2026-11-09T01:00:00Z=100.0\n"
		"canary|Synthetics|www|Percent|2026-11-09T00:00:00Z=50.0 "
		"2026-11-09T01:00:00Z=100.0\n");
	const struct httpd_request *rq = httpd_get(b.h, NULL, "/canaries", 0);
	assert_string_equal(httpd_header(rq, "Content-Type"), "application/json");
	assert_null(httpd_header(rq, "X-Amz-Target"));
	assert_string_equal(rq->body, "{\"MaxResults\":20}");
	assert_null(sigv4_wrong(rq, "example-secret", &b.a));
	assert_non_null(
		strstr(httpd_header(rq, "Authorization"), "/eu-west-2/synthetics/aws4_request"));
}

/* Newest first, no filter: pages are walked back to the week's start; a retry makes its scheduled
 * run good; one under way counts for nothing. */
static void runs_count_where_the_metric_does_not_know(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /canaries", "{\"Canaries\":[" CANARY("home") "]}", NULL, 0, NULL},
		{"POST /", "{\"MetricDataResults\":[{\"Id\":\"m0\"},{\"Id\":\"m1\"}]}", NULL, 0,
		 NULL},
		{"POST /canary/home/runs",
		 "{\"CanaryRuns\":[" RUN("c", "c", "PASSED", "", "1794182400") "," RUN(
			 "b", "b", "FAILED", "before the week", "1794182399.9") "],\"NextToken\":"
										"\"3\"}",
		 NULL, 0, "\"NextToken\":\"2\""},
		/* clang-format off */
		{"POST /canary/home/runs",
		 "{\"CanaryRuns\":["
		 RUN("i", "i", "PASSED", "", "1794787200") ","
		 RUN("h", "h", "RUNNING", "", "1794700000") ","
		 RUN("g", "f", "PASSED", "", "1794600010") ","
		 RUN("f", "f", "FAILED", "first try", "1794600000") ","
		 RUN("e", "d", "FAILED", "second try", "1794500010") ","
		 RUN("d", "d", "FAILED", "first", "1794500000")
		 "],\"NextToken\":\"2\"}",
		 NULL, 0, "{\"MaxResults\":100}"},
		/* clang-format on */
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, ROWS),
			    "home|RUNNING|3|1|66.667|runs|second try|2026-11-12T16:13:30Z\n");
	assert_int_equal(collecting_asked(&b, "POST /canary/home/runs"), 2);
}

static void a_canary_with_retries_is_counted_by_its_runs(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /canaries",
		 "{\"Canaries\":[{\"Name\":\"home\",\"Schedule\":{\"RetryConfig\":{\"MaxRetries\":"
		 "1}}}]}",
		 NULL, 0, NULL},
		{"POST /",
		 "{\"MetricDataResults\":[" METRIC("m0", "50,50") "," METRIC("m1", "1,1") "]}",
		 NULL, 0, NULL},
		{"POST /canary/home/runs",
		 "{\"CanaryRuns\":[" RUN("d", "c", "PASSED", "", "1794500020") "," RUN(
			 "c", "c", "FAILED", "x", "1794500010") "," RUN("b", "b", "PASSED", "",
									"1794400000") "]}",
		 NULL, 0, NULL},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ROWS), "home|-|2|0|100.0|runs|-|-\n");
}

static void a_canary_that_nobody_can_count_is_not_at_zero(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /canaries", "{\"Canaries\":[" CANARY("www") "," CANARY("Odd Name") ",{}]}",
		 NULL, 0, NULL},
		{"POST /", "{\"__type\":\"AccessDenied\",\"message\":\"no\"}", NULL, 400, NULL},
		{"POST /canary/www/runs", "{\"message\":\"no\"}",
		 "x-amzn-ErrorType: AccessDeniedException:http://x", 403, NULL},
		{0}};
	struct service s = {.name = "main", .aws = strv_of(&b.a, "ww*")};
	vec_push(&b.a, &b.cfg.services, s);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_FAILED, "and 2 more");
	assert_string_equal(collecting_rows(&b, ROWS), "Odd Name|RUNNING|-|-|-|-|-|-\n"
						       "www|RUNNING|-|-|-|-|-|-\n");
	assert_non_null(
		strstr(collecting_ledger(&b, "synthetics")->affects, "availability.main.percent"));
}

static void permissions_are_named(void **state UNUSED)
{
	static const struct served table[] = {{"POST /canaries", "{\"message\":\"no\"}",
					       "x-amzn-ErrorType: AccessDeniedException:http://x",
					       403, NULL},
					      {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_FAILED, "allow synthetics:DescribeCanaries");
	assert_int_equal(collecting_asked(&b, "*"), 1);
}

static void a_canary_that_never_ran_is_known_to_have_none(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /canaries", "{\"Canaries\":[" CANARY("www") "]}", NULL, 0, NULL},
		{"POST /", "{\"MetricDataResults\":[]}", NULL, 0, NULL},
		{"POST /canary/www/runs", "{\"CanaryRuns\":[]}", NULL, 0, NULL},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, ROWS), "www|RUNNING|0|0|-|runs|-|-\n");
}

static void no_canaries_is_an_answer(void **state UNUSED)
{
	static const struct served table[] = {{"POST /canaries", "{}", NULL, 0, NULL}, {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "synthetics")->expected, 0);
	assert_int_equal(collecting_asked(&b, "*"), 1);
}

/* A recorded week of answers: times with fractions, no ScheduledRunId. */
static void recorded_answers_are_read(void **state UNUSED)
{
	struct arena a = {0};
	size_t n;
	NEED_FIXTURES();
	const char *list = test_read(
			   &a, fixture_path(&a, "aws/synthetics/DescribeCanaries.recorded-1.json"),
			   &n),
		   *runs = test_read(
			   &a,
			   fixture_path(&a, "aws/constructed/synthetics-GetCanaryRuns.failed.json"),
			   &n);
	const struct served table[] = {{"POST /canaries", list, NULL, 0, NULL},
				       {"POST /", "{\"MetricDataResults\":[]}", NULL, 0, NULL},
				       {"POST /canary/*/runs", "{}", NULL, 0, "tok1"},
				       {"POST /canary/*/runs", runs, NULL, 0, NULL},
				       {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "synthetics", LEDGER_COMPLETE, NULL);
	assert_true(collecting_i64(&b, "SELECT count(*) FROM canary_week WHERE runs = 0") >= 2);
	arena_release(&a);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(one_request_counts_the_runs_of_all_canaries),
		test(runs_count_where_the_metric_does_not_know),
		test(a_canary_with_retries_is_counted_by_its_runs),
		test(a_canary_that_nobody_can_count_is_not_at_zero),
		test(permissions_are_named),
		test(a_canary_that_never_ran_is_known_to_have_none),
		test(no_canaries_is_an_answer),
		test(recorded_answers_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
