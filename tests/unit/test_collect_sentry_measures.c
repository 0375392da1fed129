#include "support/sentry_source.h"

#include "base/sb.h"

static struct collecting b;

static int setup(void **state UNUSED)
{
	sentry_source_start(&b);
	b.cfg.sentry.v[0].collect = strv_of(&b.a, "performance", "health");
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define TABLE(dataset) ORG "events/[?]dataset=" dataset "&field=project&field=count*"
#define NAMES	       ORG "events/[?]dataset=tracemetrics&field=metric.name*"
#define VALUES	       ORG "events/[?]dataset=tracemetrics&field=project*"
#define DAYS(axis)     ORG "events-timeseries/[?]*yAxis=" axis "*"
#define SESSIONS       ORG "sessions/[?]*"
#define LINES(kind)                                                                                \
	"SELECT s.board, s.panel, s.label, s.unit, s.statistic, s.period_s, p.at, p.value FROM "   \
	"series s JOIN point p ON p.series_id = s.id WHERE s.kind = '" kind                        \
	"' ORDER BY s.board, s.position, p.at"

#define ROW(slug, n, p75, p95, rate)                                                               \
	"{\"project\":\"" slug "\",\"count()\":" n ",\"p75(span.duration)\":" p75                  \
	",\"p95(span.duration)\":" p95 ",\"failure_rate()\":" rate "}"
#define SPANS                                                                                      \
	"{\"data\":[" ROW("web", "7000", "80.5", "321.25", "0.0125") "," ROW(                      \
		"gone", "9", "1", "1", "0") "," ROW("api", "12", "null", "9",                      \
						    "0") "],\"meta\":{\"units\":{\"p95(span."      \
							 "duration)\":\"second\"},"                \
							 "\"dataScanned\":\"full\"}}"
#define DAY(ms, v) "{\"timestamp\":" ms ",\"value\":" v ",\"incomplete\":false}"
#define SERIES(slug, values)                                                                       \
	"{\"yAxis\":\"x\",\"groupBy\":[{\"key\":\"project\",\"value\":\"" slug                     \
	"\"}],\"values\":[" values "],\"meta\":{\"valueUnit\":null}}"
/* Milliseconds; the day before the week; a null; another project; the rest of them. */
#define PER_DAY                                                                                    \
	"{\"timeSeries\":[" SERIES(                                                                \
		"web", DAY("1794096000000", "1") "," DAY("1794182400000", "5.5") "," DAY(          \
			       "1794268800000",                                                    \
			       "null")) "," SERIES("gone",                                         \
						   DAY("1794182400000",                            \
						       "7")) ",{\"groupBy\":[],\"meta\":"          \
							     "{\"isOther\":true},\"values\":[]"    \
							     "}]}"
#define HEALTH                                                                                     \
	"{\"start\":\"2026-11-09T00:00:00Z\",\"end\":\"2026-11-16T00:00:00Z\",\"intervals\":["     \
	"\"2026-11-09T00:00:00Z\",\"2026-11-10T00:00:00Z\"],\"groups\":[{\"by\":{\"project\":11}," \
	"\"totals\":{\"crash_free_rate(session)\":0.9975,\"crash_free_rate(user)\":1,"             \
	"\"sum(session)\":4000,\"count_unique(user)\":300},\"series\":{\"crash_free_rate("         \
	"session)\":[0.99,null],\"sum(session)\":[4000,0]}},"                                      \
	"{\"by\":{\"project\":4509062593708032},\"totals\":{\"crash_free_rate(session)\":null,"    \
	"\"crash_free_rate(user)\":null,\"sum(session)\":null}},"                                  \
	"{\"by\":{\"project\":99},\"totals\":{\"sum(session)\":7}}]}"

static const struct served usual[] = {
	PROJECTS,
	{TABLE("spans"), SPANS, NEXT("1:0:0", "false"), 0, 0},
	{DAYS("count*"), PER_DAY, NULL, 0, 0},
	{DAYS("p95*"), PER_DAY, NULL, 0, 0},
	{NAMES,
	 "{\"data\":[{\"metric.name\":\"http.request.duration\",\"metric.type\":\"distribution\","
	 "\"metric.unit\":\"millisecond\",\"count(metric.name)\":9},{\"metric.name\":\"jobs\","
	 "\"metric.type\":\"counter\",\"metric.unit\":null,\"count(metric.name)\":2}]}",
	 NULL, 0, 0},
	{VALUES,
	 "{\"data\":[{\"project\":\"web\",\"p95(value,http.request.duration,distribution,"
	 "millisecond)\":320,\"sum(value,jobs,counter,-)\":null},{\"project\":\"api\","
	 "\"sum(value,jobs,counter,-)\":17}]}",
	 NULL, 0, 0},
	{SESSIONS, HEALTH, NULL, 0, 0},
	{0},
};

static void a_weeks_measures_are_stored_by_project(void **state UNUSED)
{
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_string_equal(
		collecting_rows(&b, LINES("performance")),
		"api|throughput||transactions|count|604800|2026-11-09T00:00:00Z|12.0\n"
		"api|p95||second|p95|604800|2026-11-09T00:00:00Z|9.0\n"
		"api|failure rate||ratio|failure_rate|604800|2026-11-09T00:00:00Z|0.0\n"
		"web|throughput||transactions|count|604800|2026-11-09T00:00:00Z|7000.0\n"
		"web|throughput|daily|transactions|count|86400|2026-11-09T00:00:00Z|5.5\n"
		"web|p75||millisecond|p75|604800|2026-11-09T00:00:00Z|80.5\n"
		"web|p95||second|p95|604800|2026-11-09T00:00:00Z|321.25\n"
		"web|p95|daily|millisecond|p95|86400|2026-11-09T00:00:00Z|5.5\n"
		"web|failure rate||ratio|failure_rate|604800|2026-11-09T00:00:00Z|0.0125"
		"\n");
	assert_string_equal(
		collecting_rows(&b, LINES("metric")),
		"api|jobs||-|sum|604800|2026-11-09T00:00:00Z|17.0\n"
		"web|http.request.duration||millisecond|p95|604800|2026-11-09T00:00:00Z|"
		"320.0\n");
	/* S-20: null is no session, not 0 % */
	assert_string_equal(
		collecting_rows(&b, "SELECT s.board, s.panel, s.label, p.at, p.value FROM series s "
				    "JOIN point p ON p.series_id = s.id WHERE s.kind = 'health' "
				    "ORDER BY s.position, p.at"),
		"web|crash-free sessions||2026-11-09T00:00:00Z|0.9975\n"
		"web|crash-free sessions|daily|2026-11-09T00:00:00Z|0.99\n"
		"web|crash-free users||2026-11-09T00:00:00Z|1.0\n"
		"web|sessions||2026-11-09T00:00:00Z|4000.0\n"
		"web|sessions|daily|2026-11-09T00:00:00Z|4000.0\n"
		"web|sessions|daily|2026-11-10T00:00:00Z|0.0\n"
		"web|users||2026-11-09T00:00:00Z|300.0\n");
	const struct ledger *l = collecting_ledger(&b, "health");
	assert_int_equal(l->received, 1);
	assert_string_equal(l->affects, "");
}

static void requests_are_exactly_these(void **state UNUSED)
{
#define SPAN "start=2026-11-09T00:00:00&end=2026-11-16T00:00:00"
	static const char *const want[] = {
		"projects/?per_page=100",
		"events/"
		"?dataset=spans&field=project&field=count%28%29&field=p75%28span.duration%29&"
		"field=p95%28span.duration%29&field=failure_rate%28%29&query=is_transaction%3Atrue&"
		"sort=-count%28%29&per_page=100&" SPAN,
		"events/"
		"?dataset=tracemetrics&field=metric.name&field=metric.type&field=metric.unit&"
		"field=count%28metric.name%29&sort=-count%28metric.name%29&per_page=100&" SPAN,
		"sessions/?field=crash_free_rate%28session%29&field=crash_free_rate%28user%29&"
		"field=sum%28session%29&field=count_unique%28user%29&groupBy=project&interval="
		"1d&" SPAN,
		"events-timeseries/?dataset=spans&query=is_transaction%3Atrue&yAxis=count%28%29&"
		"groupBy=project&topEvents=10&sort=-count%28%29&excludeOther=1&interval="
		"86400&" SPAN,
		"events-timeseries/?dataset=spans&query=is_transaction%3Atrue&"
		"yAxis=p95%28span.duration%29&groupBy=project&topEvents=10&sort=-count%28%29&"
		"excludeOther=1&interval=86400&" SPAN,
		"events/?dataset=tracemetrics&field=project&"
		"field=p95%28value%2Chttp.request.duration%2Cdistribution%2Cmillisecond%29&"
		"field=sum%28value%2Cjobs%2Ccounter%2C-%29&per_page=100&" SPAN,
	};
	collecting_serve(&b, usual);
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(httpd_get(b.h, NULL, NULL, i)->target,
				    arena_printf(&b.a, "/api/0/organizations/acme/%s", want[i]));
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
}

static void a_server_without_spans_is_asked_for_transactions(void **state UNUSED)
{
#define OLD_ROW                                                                                    \
	"{\"data\":[{\"project\":\"web\",\"count()\":\"7\",\"p75(transaction.duration)\":80,"      \
	"\"p95(transaction.duration)\":90,\"failure_rate()\":0}],\"meta\":{}}"
	static const char *const names[] = {"transactions", "metricsEnhanced", "discover"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct served table[] = {
			PROJECTS,
			{arena_printf(&b.a, ORG "events/[?]dataset=%s&*", names[i]), OLD_ROW, NULL,
			 0, 0},
			{ORG "events/*", "{\"detail\":\"dataset must be one of: errors\"}", NULL,
			 400, 0},
			{0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "performance", LEDGER_COMPLETE, NULL);
		assert_part(&b, "performance_days", LEDGER_NOT_ENABLED, names[i]);
		assert_part(&b, "metrics", LEDGER_NOT_ENABLED, "no application metrics");
		assert_part(&b, "health", LEDGER_NOT_ENABLED, "404 on release health");
		assert_int_equal(collecting_ledger(&b, "performance")->received, 1);
		assert_int_equal(collecting_ledger(&b, "performance")->requests, i + 3);
		assert_int_equal(collecting_i64(&b,
						"SELECT CAST(value AS INTEGER) FROM series s JOIN "
						"point p ON p.series_id = s.id WHERE panel = "
						"'p95'"),
				 90);
	}
}

static void a_server_that_has_none_is_no_failure(void **state UNUSED)
{
	static const struct served none[] = {
		PROJECTS, {ORG "*", "{\"detail\":\"no\"}", NULL, 400, 0}, {0}};
	static const struct served refused[] = {
		PROJECTS,
		{ORG "*", "{\"detail\":\"You do not have permission\"}", NULL, 403, 0},
		{0}};
	collecting_serve(&b, none);
	collecting_run(&b);
	assert_int_equal(b.result.not_enabled, 4);
	assert_part(&b, "performance", LEDGER_NOT_ENABLED, "400 on performance (spans)");
	assert_int_equal(collecting_asked(&b, ORG "events/*"), 5); /* four data sets, metrics */
	collecting_serve(&b, refused);
	collecting_run(&b);
	assert_int_equal(b.result.not_enabled, 4);
	assert_part(&b, "performance", LEDGER_NOT_ENABLED, "org:read");
	assert_int_equal(collecting_asked(&b, ORG "events/*"), 2);
}

static void
empty_spans_are_looked_for_among_transactions_only_where_there_were_any(void **state UNUSED)
{
	static const struct served never[] = {PROJECTS,
					      {ORG "events/*", "{\"data\":[]}", NULL, 0, 0},
					      {SESSIONS, "{\"groups\":[]}", NULL, 0, 0},
					      {0}};
	static const struct served once[] = {
		{ORG "projects/*",
		 "[{\"id\":\"11\",\"slug\":\"web\",\"firstTransactionEvent\":true}]", NULL, 0, 0},
		{TABLE("transactions"), OLD_ROW, NULL, 0, 0},
		{ORG "events/*", "{\"data\":[]}", NULL, 0, 0},
		{SESSIONS, "{\"groups\":[]}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, never);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_int_equal(collecting_ledger(&b, "performance")->expected, 0);
	assert_int_equal(collecting_asked(&b, ORG "events/*"), 2);
	collecting_serve(&b, once);
	collecting_run(&b);
	assert_int_equal(collecting_ledger(&b, "performance")->received, 1);
}

/* S-21 */
static void a_sampled_number_is_an_estimate(void **state UNUSED)
{
	static const struct served partial[] = {
		PROJECTS,
		{TABLE("spans"),
		 "{\"data\":[" ROW("web", "7", "1", "2",
				   "0") "],\"meta\":{\"dataScanned\":\"partial\"}}",
		 NULL, 0, 0},
		{0}};
	static const struct served thin[] = {
		PROJECTS,
		{TABLE("spans"),
		 "{\"data\":[" ROW("api", "7", "1", "2", "0") "," ROW(
			 "web", "7", "1", "2",
			 "0") "],\"meta\":{\"dataScanned\":\"full\",\"accuracy\":{\"confidence\":[{"
			      "},{\"count()\":\"low\",\"p95(span.duration)\":\"high\"}]}}}",
		 NULL, 0, 0},
		{0}};
#define STATES                                                                                     \
	"SELECT s.board, s.panel, w.status, w.reason FROM series s JOIN series_week w ON "         \
	"w.series_id = s.id WHERE w.status <> 'complete' ORDER BY s.board, s.position"
	collecting_serve(&b, thin);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, STATES),
			    "web|throughput|partial|an estimate: Sentry kept few samples of it\n");
	assert_part(&b, "performance", LEDGER_COMPLETE, NULL);
	collecting_serve(&b, partial);
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM series_week WHERE reason LIKE "
					    "'an estimate: Sentry looked at part%'"),
			 4);
}

/* S-20 */
static void the_range_that_was_answered_is_kept(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{SESSIONS,
		 "{\"start\":\"2026-11-08T00:00:00Z\",\"end\":\"2026-11-16T00:00:00Z\","
		 "\"intervals\":[\"2026-11-08T00:00:00Z\"],\"groups\":[{\"by\":{\"project\":11},"
		 "\"totals\":{\"sum(session)\":8},\"series\":{\"sum(session)\":[3]}}]}",
		 NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "health", LEDGER_COMPLETE, NULL);
	assert_string_equal(
		collecting_rows(&b, "SELECT s.label, s.period_s, w.reason FROM series s JOIN "
				    "series_week w ON w.series_id = s.id ORDER BY s.label"),
		"|691200|Sentry answered for 2026-11-08T00:00:00Z to 2026-11-16T00:00:00Z\n"
		"daily|86400|-\n");
	assert_string_equal(collecting_rows(&b, "SELECT at, value FROM point ORDER BY at"),
			    "2026-11-08T00:00:00Z|3.0\n2026-11-09T00:00:00Z|8.0\n");
}

static void what_cannot_be_read_costs_only_itself(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS,
		{TABLE("spans"),
		 "{\"data\":[7,{\"project\":\"web\",\"count()\":{}}," ROW("api", "1", "1", "1",
									  "1") "],\"meta\":7}",
		 NULL, 0, 0},
		{DAYS("count*"), "{\"timeSeries\":{}}", NULL, 0, 0},
		{DAYS("p95*"),
		 "{\"timeSeries\":[" SERIES("api", DAY("\"x\"", "1")) "," SERIES(
			 "web", DAY("1794182400000", "2")) "]}",
		 NULL, 0, 0},
		{NAMES,
		 "{\"data\":[{\"metric.name\":\"a,b\",\"metric.type\":\"counter\"},"
		 "{\"metric.name\":7},{\"metric.name\":\"ok\",\"metric.type\":\"gauge\","
		 "\"metric.unit\":\"none\"}]}",
		 NULL, 0, 0},
		{VALUES, "{\"data\":[{\"project\":\"web\",\"avg(value,ok,gauge,none)\":2.5}]}",
		 NULL, 0, 0},
		{SESSIONS, "{\"intervals\":[\"yesterday\"],\"groups\":[]}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "performance", LEDGER_PARTIAL, "");
	assert_part(&b, "performance_days", LEDGER_FAILED, "throughput per day: not a list");
	assert_part(&b, "metrics", LEDGER_PARTIAL, "");
	assert_part(&b, "health", LEDGER_FAILED, "intervals[0]: expected a time");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM point p JOIN series s ON s.id = "
					    "p.series_id WHERE s.panel = 'ok' AND p.value = 2.5"),
			 1);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM point p JOIN series s ON s.id = "
					    "p.series_id WHERE s.label = 'daily' AND s.board = "
					    "'web'"),
			 1);
}

/* An answer that names no project is no answer to what was asked. */
static void a_server_that_ignores_the_question_is_no_zero(void **state UNUSED)
{
	static const struct served table[] = {
		PROJECTS, {ORG "events/*", "{\"data\":[{\"count()\":5}]}", NULL, 0, 0}, {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "performance", LEDGER_NOT_ENABLED, "names no project");
	assert_part(&b, "metrics", LEDGER_NOT_ENABLED, "names none");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM point"), 0);
}

static void as_many_metrics_to_a_request_as_a_table_has_columns(void **state UNUSED)
{
	struct sb names;
	sb_init(&names, &b.a, 65536);
	sb_add(&names, "{\"data\":[");
	for (int i = 0; i < 40; i++)
		sb_addf(&names, "%s{\"metric.name\":\"m%d\",\"metric.type\":\"counter\"}",
			i ? "," : "", i);
	sb_add(&names, "]}");
	const struct served table[] = {PROJECTS,
				       {NAMES, sb_str(&names), NULL, 0, 0},
				       {VALUES, "{\"data\":[]}", NULL, 0, 0},
				       {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(collecting_asked(&b, VALUES), 3);
	assert_int_equal(collecting_asked(&b, VALUES "m0%2C*m18%2C*"), 1);
	assert_int_equal(collecting_asked(&b, VALUES "m38%2C*m39%2C*"), 1);
}

static void environments_and_projects_become_parameters(void **state UNUSED)
{
	b.cfg.sentry.v[0].projects = strv_of(&b.a, "web");
	b.cfg.sentry.v[0].environments = strv_of(&b.a, "production");
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 4);
	assert_int_equal(collecting_asked(&b, "*&project=11&environment=production"), 6);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM series WHERE board <> 'web'"), 0);
}

static void collecting_twice_changes_nothing(void **state UNUSED)
{
	static const struct served fewer[] = {
		PROJECTS,
		{TABLE("spans"), "{\"data\":[" ROW("api", "1", "1", "1", "1") "]}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, usual);
	collecting_run(&b);
	int64_t points = collecting_i64(&b, "SELECT count(*) FROM point");
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM point"), points);
	/* a project that is not measured any more is not on the week's board */
	collecting_serve(&b, fewer);
	collecting_run(&b);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM series_week w JOIN series s ON "
					    "s.id = w.series_id WHERE s.kind = 'performance' AND "
					    "s.board = 'web'"),
			 0);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"detail\":\"Internal Error\"}"},
		{.body = "<html>login</html>"},
		{.body = "{\"data\":[{\"project\":\"w"},
		{.status = 401, .body = "{\"detail\":\"Invalid token\"}"},
	};
	collecting_serve(&b, usual);
	collecting_run(&b);
	int64_t points = collecting_i64(&b, "SELECT count(*) FROM point");
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			collecting_stop(&b);
			setup(NULL);
			collecting_serve(&b, usual);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			assert_true(b.result.partial + b.result.failed > 0);
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 4);
			assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM point"), points);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_weeks_measures_are_stored_by_project),
		T(requests_are_exactly_these),
		T(a_server_without_spans_is_asked_for_transactions),
		T(a_server_that_has_none_is_no_failure),
		T(empty_spans_are_looked_for_among_transactions_only_where_there_were_any),
		T(a_sampled_number_is_an_estimate),
		T(the_range_that_was_answered_is_kept),
		T(what_cannot_be_read_costs_only_itself),
		T(a_server_that_ignores_the_question_is_no_zero),
		T(as_many_metrics_to_a_request_as_a_table_has_columns),
		T(environments_and_projects_become_parameters),
		T(collecting_twice_changes_nothing),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
