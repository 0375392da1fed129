#include "support/collecting.h"

static struct collecting b;

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	struct status_page_source s = {.name = "upptime",
				       .url = arena_printf(&b.a, "%s/history/summary.json", b.url)};
	vec_push(&b.a, &b.cfg.status_page, s);
	struct service main = {.name = "main", .status_page = strv_of(&b.a, "platform")};
	vec_push(&b.a, &b.cfg.services, main);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define ROWS                                                                                       \
	"SELECT slug, name, state, minutes_down, round(percent, 4), basis, response_ms FROM "      \
	"availability_week ORDER BY slug"

static void page(const char *body)
{
	struct served *t = arena_array(&b.a, struct served, 2);
	t[0] = (struct served){.target = "GET /history/summary.json", .body = body};
	collecting_serve(&b, t);
	collecting_run(&b);
}

static void minutes_down_of_the_weeks_days_count(void **state UNUSED)
{
	page("[{\"name\":\"Platform\",\"slug\":\"platform\",\"status\":\"up\",\"uptime\":\"99.9%\","
	     "\"uptimeWeek\":\"12.00%\",\"timeWeek\":412,\"dailyMinutesDown\":{\"2026-11-08\":900,"
	     "\"2026-11-09\":30,\"2026-11-15\":\"60\",\"2026-11-16\":5,\"2026-11-11\":null},"
	     "\"icon\":"
	     "{\"x\":[1]}},{\"name\":\"Tiles\",\"slug\":\"tiles\",\"status\":\"down\","
	     "\"dailyMinutesDown\":{}},{\"slug\":\"long\",\"dailyMinutesDown\":{\"2026-11-10\":"
	     "2000}}]");
	assert_part(&b, "status_page", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, ROWS),
			    "long|-|-|1440|85.7143|minutes|-\n"
			    "platform|Platform|up|90|99.1071|minutes|412\n"
			    "tiles|Tiles|down|0|100.0|minutes|-\n");
	assert_string_equal(
		collecting_rows(&b, "SELECT board, count(*), max(value) FROM series JOIN point ON "
				    "series_id = id WHERE kind = 'downtime' GROUP BY 1"),
		"long|7|1440.0\nplatform|7|60.0\ntiles|7|0.0\n");
	assert_int_equal(collecting_ledger(&b, "status_page")->expected, 3);
	assert_int_equal(collecting_ledger(&b, "status_page")->received, 3);
}

static void a_page_without_minutes_tells_its_own_week_if_it_is_this_one(void **state UNUSED)
{
	static const char text[] =
		"[{\"slug\":\"platform\",\"uptimeWeek\":\"96.80%\"},{\"slug\":\"b\","
		"\"uptimeWeek\":\" 100 % \"},{\"slug\":\"c\",\"uptimeWeek\":99.5}]";
	page(text);
	assert_part(&b, "status_page", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, ROWS), "b|-|-|-|100.0|page|-\n"
						       "c|-|-|-|99.5|page|-\n"
						       "platform|-|-|-|96.8|page|-\n");
	/* Three days later its seven days are others. */
	b.clock.fixed_s = WEEK_TO + 3 * INT64_C(86400);
	page(text);
	assert_part(&b, "status_page", LEDGER_FAILED, "another week");
	assert_string_equal(collecting_rows(&b, "SELECT count(*), count(percent) FROM "
						"availability_week"),
			    "3|0\n");
}

static void no_day_at_all_beside_a_figure_is_no_hundred_percent(void **state UNUSED)
{
	page("[{\"slug\":\"platform\",\"uptimeWeek\":\"99.10%\",\"dailyMinutesDown\":{}},{\"slug\":"
	     "\"b\",\"uptimeWeek\":\"100.00%\",\"dailyMinutesDown\":{}},{\"slug\":\"c\","
	     "\"uptimeWeek\":"
	     "\"99.10%\",\"dailyMinutesDown\":{\"2026-11-16\":90}}]");
	assert_string_equal(collecting_rows(&b, ROWS), "b|-|-|0|100.0|minutes|-\n"
						       "c|-|-|0|100.0|minutes|-\n"
						       "platform|-|-|-|99.1|page|-\n");
}

static void what_is_older_than_the_page_looks_back_is_not_known(void **state UNUSED)
{
	b.clock.fixed_s = WEEK_FROM + 365 * INT64_C(86400);
	page("[{\"slug\":\"platform\",\"dailyMinutesDown\":{\"2027-11-01\":7}}]");
	assert_string_equal(collecting_rows(&b, ROWS), "platform|-|-|-|-|-|-\n");
	assert_part(&b, "status_page", LEDGER_FAILED, "platform: the page has no minutes down");
}

static void a_percent_that_is_none_is_unknown_and_never_zero(void **state UNUSED)
{
	page("[{\"slug\":\"platform\",\"uptimeWeek\":\"n/"
	     "a\"},{\"slug\":\"b\",\"uptimeWeek\":\"101%\"}"
	     ",{\"slug\":\"c\",\"uptimeWeek\":\"\"},{\"slug\":\"d\",\"uptimeWeek\":null}]");
	assert_string_equal(collecting_rows(&b, "SELECT count(*), count(percent) FROM "
						"availability_week"),
			    "4|0\n");
}

static void one_bad_site_spoils_its_own_number_alone(void **state UNUSED)
{
	page("[{\"slug\":\"platform\",\"dailyMinutesDown\":{\"2026-11-10\":\"x\"}},{\"slug\":"
	     "\"tiles\","
	     "\"dailyMinutesDown\":{}},7,{}]");
	assert_part(&b, "status_page", LEDGER_PARTIAL, "a site could not be read: [0].");
	assert_string_equal(collecting_ledger(&b, "status_page")->affects,
			    "availability.main.percent availability. availability.");
	assert_string_equal(collecting_rows(&b, ROWS), "tiles|-|-|0|100.0|minutes|-\n");
}

static void a_site_that_a_service_names_and_the_page_has_not_is_told(void **state UNUSED)
{
	page("[{\"slug\":\"tiles\",\"dailyMinutesDown\":{}}]");
	assert_part(&b, "status_page", LEDGER_PARTIAL,
		    "service main: the page has no site \"platform\"");
	assert_string_equal(collecting_ledger(&b, "status_page")->affects,
			    "availability.main.percent");
}

static void what_is_no_page_is_told_and_what_was_stored_stays(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *why;
	} cases[] = {{0, "<!doctype html>", "HTML instead of JSON on summary.json; url must be"},
		     {404, "not found", "404 on summary.json"},
		     {403, "", "without a token"},
		     {500, "", "500"},
		     {0, "", "empty body"},
		     {0, "{\"a\":1}", "not a list of sites"},
		     {0, "[{\"slug\":", "damaged JSON"}};
	page("[{\"slug\":\"platform\",\"dailyMinutesDown\":{}}]");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served *t = arena_array(&b.a, struct served, 2);
		t[0] = (struct served){"GET *", cases[i].body, NULL, cases[i].status, NULL};
		collecting_serve(&b, t);
		collecting_run(&b);
		assert_part(&b, "status_page", LEDGER_FAILED, cases[i].why);
		assert_string_equal(collecting_ledger(&b, "status_page")->affects, "availability.");
		assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM availability_week"), 1);
	}
}

static void a_page_without_sites_is_an_answer(void **state UNUSED)
{
	b.cfg.services.n = 0;
	page("[]");
	assert_part(&b, "status_page", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "status_page")->expected, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(minutes_down_of_the_weeks_days_count),
		test(a_page_without_minutes_tells_its_own_week_if_it_is_this_one),
		test(no_day_at_all_beside_a_figure_is_no_hundred_percent),
		test(what_is_older_than_the_page_looks_back_is_not_known),
		test(a_percent_that_is_none_is_unknown_and_never_zero),
		test(one_bad_site_spoils_its_own_number_alone),
		test(a_site_that_a_service_names_and_the_page_has_not_is_told),
		test(what_is_no_page_is_told_and_what_was_stored_stays),
		test(a_page_without_sites_is_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
