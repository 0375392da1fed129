#include "support/test.h"

#include "base/parse.h"
#include "base/sb.h"
#include "collect/aws_cloudwatch.h"
#include "lib/json.h"

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static struct cw_board body(const char *text)
{
	struct cw_board b = {0};
	struct err e = {0};
	assert_ok(cloudwatch_body("prod", text, "eu-west-2", &a, &b, &e), e);
	return b;
}

/* A line in words: "AWS/ECS CPUUtilization ServiceName=web Average 300 eu-west-2". */
static const char *said(const struct cw_line *l)
{
	struct sb b;
	sb_init(&b, &a, 4096);
	if (l->wrong)
		return l->wrong;
	if (l->expression)
		sb_add(&b, l->expression);
	else
		sb_addf(&b, "%s %s", l->space, l->metric);
	for (size_t i = 0; i < l->dims.n; i += 2)
		sb_addf(&b, " %s=%s", l->dims.v[i], l->dims.v[i + 1]);
	sb_addf(&b, " %s %lld %s%s%s", l->stat ? l->stat : "-", (long long)l->period_s, l->region,
		l->account ? " " : "", l->account ? l->account : "");
	sb_addf(&b, "%s%s%s", l->id ? " #" : "", l->id ? l->id : "", l->hidden ? " hidden" : "");
	return sb_str(&b);
}

#define METRICS(entries)                                                                           \
	"{\"widgets\":[{\"type\":\"metric\",\"properties\":{\"metrics\":[" entries "]}}]}"

static void short_hands_mean_the_entry_before_as_it_was_resolved(void **state UNUSED)
{
	struct cw_board b = body(
		METRICS("[\"AWS/Kafka\",\"CpuUser\",\"Cluster Name\",\"c\",\"Broker ID\",\"1\"],"
			"[\"...\",\"2\"],"
			"[\".\",\"CpuSystem\",\".\",\".\",\".\",\".\"],"
			"[\"...\",\"d\",\".\",\"7\"],"
			"[{\"expression\":\"1+1\",\"id\":\"e1\"}],"
			"[\"...\"]"));
	static const char *const want[] = {
		"AWS/Kafka CpuUser Cluster Name=c Broker ID=1 Average 300 eu-west-2",
		"AWS/Kafka CpuUser Cluster Name=c Broker ID=2 Average 300 eu-west-2",
		"AWS/Kafka CpuSystem Cluster Name=c Broker ID=2 Average 300 eu-west-2",
		"AWS/Kafka CpuSystem Cluster Name=d Broker ID=7 Average 300 eu-west-2",
		"1+1 - 300 eu-west-2 #e1",
		"AWS/Kafka CpuSystem Cluster Name=d Broker ID=7 Average 300 eu-west-2",
	};
	assert_int_equal(b.widgets.v[0].lines.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(said(&b.widgets.v[0].lines.v[i]), want[i]);
}

static void a_short_hand_that_means_nothing_is_said_and_spoils_no_other_line(void **state UNUSED)
{
	struct cw_board b = body(METRICS("[\".\",\"X\"],[\"...\",\"y\"],[\"N\",\"M\"],[\"...\","
					 "\"a\",\"b\",\"c\"],[\".\",\".\",\".\",\"x\"],"
					 "[\"N\",\"M\",\"Dim\"],[\"N\"],\"N\",[\"N\",[]],[]"));
	static const char *const want[] = {
		"\".\" has no word above it",
		"\"...\" has no metric before it",
		"N M Average 300 eu-west-2",
		"\"...\" has more words behind it than the metric before",
		"\".\" has no word above it",
		"a dimension has no value",
		"namespace and name of the metric are missing",
		"it is no list",
		"a word of it is no text",
		"namespace and name of the metric are missing"};
	assert_int_equal(b.widgets.v[0].lines.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(said(&b.widgets.v[0].lines.v[i]), want[i]);
}

static void an_entry_overrides_its_widget(void **state UNUSED)
{
	struct cw_board b = body(
		"{\"widgets\":[{\"type\":\"metric\",\"properties\":{\"region\":\"us-east-1\","
		"\"stat\":\"p95\",\"period\":60,\"accountId\":\"111122223333\",\"metrics\":["
		"[\"N\",\"A\"],[\"N\",\"B\",{\"stat\":\"tm90\",\"period\":3600,\"region\":\"eu-"
		"west-1\","
		"\"accountId\":\"444455556666\",\"id\":\"m1\",\"visible\":false}],"
		"[\"N\",\"C\",{\"visible\":true,\"accountId\":\"LOCAL\",\"label\":null}]]}}]}");
	const struct cw_lines *l = &b.widgets.v[0].lines;
	assert_string_equal(said(&l->v[0]), "N A p95 60 us-east-1 111122223333");
	assert_string_equal(said(&l->v[1]), "N B tm90 3600 eu-west-1 444455556666 #m1 hidden");
	assert_string_equal(said(&l->v[2]), "N C p95 60 us-east-1");
}

static void widgets_come_in_reading_order_with_names_of_their_own(void **state UNUSED)
{
	struct cw_board b = body(
		"{\"widgets\":[{\"type\":\"metric\",\"x\":12,\"y\":6,\"properties\":{\"title\":"
		"\"Load\",\"metrics\":[[\"N\",\"A\"]]}},{\"type\":\"text\",\"x\":0,\"y\":0,"
		"\"properties\":{\"markdown\":\"# x\"}},{\"type\":\"metric\",\"x\":0,\"y\":6,"
		"\"properties\":{\"title\":\"Load\",\"metrics\":[[\"N\",\"B\"]]}},{\"type\":"
		"\"metric\",\"x\":0,\"y\":12,\"properties\":{\"metrics\":[[\"N\",\"Requests\"],"
		"[\"N\",\"Errors\"],[\"N\",\"Hidden\",{\"visible\":false}],[\"N\",\"Latency\"]]}}]"
		"}");
	assert_int_equal(b.widgets.n, 4);
	assert_string_equal(b.widgets.v[0].title, "Text 1");
	assert_string_equal(b.widgets.v[1].title, "Load");
	assert_string_equal(b.widgets.v[1].lines.v[0].metric, "B");
	assert_string_equal(b.widgets.v[2].title, "Load (2)");
	assert_string_equal(b.widgets.v[3].title, "Requests and 2 more");
}

static void what_has_no_metrics_is_told_from_what_cannot_be_read(void **state UNUSED)
{
	struct cw_board b =
		body("{\"widgets\":[{\"type\":\"log\",\"properties\":{\"title\":\"Errors\"}},"
		     "{\"type\":\"metric\",\"properties\":{\"metrics\":7}},{\"type\":\"metric\","
		     "\"properties\":{\"annotations\":{\"alarms\":[\"arn:aws:cloudwatch:eu-west-2:"
		     "111122223333:alarm:web:5xx\"]}}},{\"type\":\"metric\"},{},7]}");
	assert_string_equal(b.widgets.v[0].wrong,
			    "a widget of the kind \"log\" has no metrics to draw");
	assert_false(b.widgets.v[0].unreadable);
	assert_string_equal(b.widgets.v[0].title, "Errors");
	assert_true(b.widgets.v[1].unreadable);
	assert_null(b.widgets.v[2].wrong);
	assert_int_equal(b.widgets.v[2].alarms.n, 1);
	const char *name, *region;
	assert_true(cloudwatch_alarm_arn(b.widgets.v[2].alarms.v[0], &a, &name, &region));
	assert_string_equal(name, "web:5xx");
	assert_string_equal(region, "eu-west-2");
	assert_false(cloudwatch_alarm_arn("web-5xx", &a, &name, &region));
	assert_string_equal(b.widgets.v[3].wrong, "it names no metric");
	assert_int_equal(b.widgets.n, 6);
}

static void a_body_that_is_none_fails(void **state UNUSED)
{
	static const char *const bad[] = {"", "[]", "{\"widgets\":{}}", "{\"widgets\":[", "<html>"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cw_board b = {0};
		struct err e = {0};
		assert_err(cloudwatch_body("prod", bad[i], "eu-west-2", &a, &b, &e), e, ERR_PROTO,
			   "prod");
	}
	assert_int_equal(body("{}").widgets.n, 0);
	assert_int_equal(body("{\"widgets\":null}").widgets.n, 0);
}

static void values_in_a_label_go_and_properties_stay(void **state UNUSED)
{
	assert_string_equal(cloudwatch_label("web [max: ${MAX}] (${LAST}) ${AVG}", &a), "web");
	assert_string_equal(cloudwatch_label("${PROP('Dim.ServiceName')} ${LABEL}", &a),
			    "${PROP('Dim.ServiceName')} ${LABEL}");
	assert_null(cloudwatch_label("${LAST}", &a));
	assert_string_equal(cloudwatch_label("plain", &a), "plain");
	assert_null(cloudwatch_label(NULL, &a));
}

static void lines_are_asked_for_where_what_they_are_made_of_lies(void **state UNUSED)
{
	struct cw_board b = body(
		METRICS("[\"N\",\"A\",{\"id\":\"m1\",\"visible\":false}],"
			"[\"N\",\"B\",{\"id\":\"m2\",\"region\":\"eu-west-1\"}],"
			"[\"N\",\"Unused\",{\"id\":\"m9\",\"visible\":false}],"
			"[{\"expression\":\"m1*2\",\"id\":\"e1\",\"region\":\"us-east-1\"}],"
			"[{\"expression\":\"SEARCH('m1 m2','Sum',60)\",\"region\":\"us-east-1\"}],"
			"[{\"expression\":\"e1+m2\"}],[{\"expression\":\"e9\",\"id\":\"e8\"}],"
			"[{\"expression\":\"e8\",\"id\":\"e9\"}]"));
	struct cw_groups g = {0};
	struct cw_widget *w = &b.widgets.v[0];
	cloudwatch_group(w, &a, &g);
	assert_int_equal(g.n, 3);
	assert_string_equal(g.v[0].region, "eu-west-2"); /* m1 and what is made of it */
	assert_int_equal(g.v[0].n, 2);
	assert_int_equal(g.v[0].v[1], 3);
	assert_string_equal(g.v[1].region, "eu-west-1");
	assert_string_equal(g.v[2].region,
			    "us-east-1"); /* a search has no other place than its own */
	assert_non_null(strstr(w->lines.v[5].wrong, "several regions"));
	assert_non_null(w->lines.v[6].wrong);
	assert_non_null(w->lines.v[7].wrong);
}

static void the_period_fits_a_week_and_what_is_kept(void **state UNUSED)
{
	int64_t from = INT64_C(1794182400), to = from + 7 * 86400, now = to + 37800;
	static const struct {
		int64_t asked, want;
	} cases[] = {{1, 3600},	     {60, 3600},      {300, 3600},  {1800, 1800},
		     {2700, 3600},   {3600, 3600},    {7200, 7200}, {21600, 21600},
		     {86400, 86400}, {604800, 86400}, {5000, 3600}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(cloudwatch_period(cases[i].asked, from, to, now), cases[i].want);
	/* 63 days on, there are hours only. */
	assert_int_equal(cloudwatch_period(1800, from, to, from + 64 * INT64_C(86400)), 3600);
	/* Weeks of British Summer Time begin at 23:00, those of India half an hour off. */
	assert_int_equal(cloudwatch_period(86400, from - 3600, to - 3600, now), 3600);
	assert_int_equal(cloudwatch_period(300, from + 1800, to + 1800, now), 1800);
	assert_false(cloudwatch_too_old(to, to + 455 * INT64_C(86400)));
	assert_true(cloudwatch_too_old(to, to + 456 * INT64_C(86400)));
}

static void recorded_bodies_are_read(void **state UNUSED)
{
	static const struct {
		const char *file;
		size_t widgets, lines;
	} cases[] = {{"aws/cloudwatch/GetDashboard.cli-1.json", 1, 2},
		     {"aws/constructed/cloudwatch-GetDashboard.shorthand.json", 7, 6}};
	NEED_FIXTURES();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n, lines = 0;
		struct err e = {0};
		const char *text = test_read(&a, fixture_path(&a, cases[i].file), &n);
		CLEANUP(json_freep) struct json *j = NULL;
		assert_ok(json_parse(text, n, &j, &e), e);
		struct jv root = json_root(j);
		const char *inner;
		assert_ok(json_str(&root, "DashboardBody", &a, &inner, &e), e);
		struct cw_board b = body(inner);
		assert_int_equal(b.widgets.n, cases[i].widgets);
		for (size_t k = 0; k < b.widgets.n; k++)
			for (size_t m = 0; m < b.widgets.v[k].lines.n; m++, lines++)
				assert_null(b.widgets.v[k].lines.v[m].wrong);
		assert_int_equal(lines, cases[i].lines);
		if (i == 1)
			assert_string_equal(
				said(&b.widgets.v[0].lines.v[2]),
				"AWS/ECS MemoryUtilization ServiceName=worker ClusterName=prod "
				"Maximum 300 eu-west-2 #m3 hidden");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_hands_mean_the_entry_before_as_it_was_resolved),
		cmocka_unit_test(a_short_hand_that_means_nothing_is_said_and_spoils_no_other_line),
		cmocka_unit_test(an_entry_overrides_its_widget),
		cmocka_unit_test(widgets_come_in_reading_order_with_names_of_their_own),
		cmocka_unit_test(what_has_no_metrics_is_told_from_what_cannot_be_read),
		cmocka_unit_test(a_body_that_is_none_fails),
		cmocka_unit_test(values_in_a_label_go_and_properties_stay),
		cmocka_unit_test(lines_are_asked_for_where_what_they_are_made_of_lies),
		cmocka_unit_test(the_period_fits_a_week_and_what_is_kept),
		cmocka_unit_test(recorded_bodies_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
