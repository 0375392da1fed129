#include "support/test.h"

#include "base/parse.h"
#include "lib/zone.h"

static struct zone *open_zone(const char *name)
{
	struct zone *z = NULL;
	struct err e = {0};
	assert_ok(zone_open(name, &z, &e), e);
	return z;
}

static void assert_week(const struct zone *z, const char *text, const char *name, const char *from,
			const char *to, int hours)
{
	struct week w;
	struct err e = {0};
	char buf[TIME_TEXT];
	assert_ok(week_parse(z, text, 0, &w, &e), e);
	assert_string_equal(w.name, name);
	assert_string_equal(time_iso(w.from_s, buf), from);
	assert_string_equal(time_iso(w.to_s, buf), to);
	assert_int_equal(week_hours(&w), hours);
	assert_int_equal(week_day(z, &w, 7), w.to_s);
	struct week again = week_at(z, w.from_s), end = week_at(z, w.to_s - 1),
		    next = week_at(z, w.to_s);
	assert_string_equal(again.name, name);
	assert_string_equal(end.name, name);
	assert_string_not_equal(next.name, name); /* half open */
}

static void weeks_follow_daylight_saving(void **state UNUSED)
{
	CLEANUP(zone_freep) struct zone *z = open_zone("Europe/London");
	assert_week(z, "2026-W46", "2026-W46", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z", 168);
	assert_week(z, "2026-W13", "2026-W13", "2026-03-23T00:00:00Z", "2026-03-29T23:00:00Z", 167);
	assert_week(z, "2026-W43", "2026-W43", "2026-10-18T23:00:00Z", "2026-10-26T00:00:00Z", 169);
	assert_week(z, "2026-07-15", "2026-W29", "2026-07-12T23:00:00Z", "2026-07-19T23:00:00Z",
		    168);
}

static void years_have_52_or_53_weeks_and_turn_inside_one(void **state UNUSED)
{
	CLEANUP(zone_freep) struct zone *z = open_zone("UTC");
	assert_week(z, "2026-W53", "2026-W53", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z", 168);
	assert_week(z, "2027-01-01", "2026-W53", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z",
		    168);
	assert_week(z, "2024-12-31", "2025-W01", "2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z",
		    168);
	assert_week(z, "2024-02-29", "2024-W09", "2024-02-26T00:00:00Z", "2024-03-04T00:00:00Z",
		    168);
	struct week w;
	struct err e = {0};
	assert_err(week_parse(z, "2025-W53", 0, &w, &e), e, ERR_USAGE, "no week");
	static const char *const bad[] = {"2026-W00", "2026-w46", "46", "", "2026-13-01", "next"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		assert_false(week_parse(z, bad[i], 0, &w, &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void last_is_the_newest_that_has_ended(void **state UNUSED)
{
	CLEANUP(zone_freep) struct zone *z = open_zone("Europe/London");
	struct week w;
	struct err e = {0};
	int64_t now;
	assert_true(parse_time("2026-11-16T00:00:00Z", &now));
	assert_ok(week_parse(z, "last", now, &w, &e), e);
	assert_string_equal(w.name, "2026-W46");
	assert_ok(week_parse(z, "last", now - 1, &w, &e), e);
	assert_string_equal(w.name, "2026-W45");
	w = week_add(z, &w, 53);
	assert_string_equal(w.name, "2027-W45");
}

static void a_skipped_midnight_starts_the_day_late(void **state UNUSED)
{
	/* Beirut goes from 00:00 to 01:00 on 29 March 2026; Santiago falls back at 24:00 on
	 * Saturdays. */
	CLEANUP(zone_freep) struct zone *z = open_zone("Asia/Beirut");
	char buf[TIME_TEXT];
	assert_string_equal(time_iso(zone_day_start(z, 2026, 3, 29), buf), "2026-03-28T22:00:00Z");
	struct local l = zone_local(z, zone_day_start(z, 2026, 3, 29));
	assert_int_equal(l.hour, 1);
	assert_int_equal(l.day, 29);
	assert_int_equal(l.weekday, 7);
}

static void only_named_zones_exist(void **state UNUSED)
{
	static const char *const bad[] = {"Europe/Atlantis", "", "+01:00", "../etc/passwd",
					  "/etc/localtime"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct zone *z = NULL;
		struct err e = {0};
		assert_err(zone_open(bad[i], &z, &e), e, ERR_CONFIG, "IANA");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weeks_follow_daylight_saving),
		cmocka_unit_test(years_have_52_or_53_weeks_and_turn_inside_one),
		cmocka_unit_test(last_is_the_newest_that_has_ended),
		cmocka_unit_test(a_skipped_midnight_starts_the_day_late),
		cmocka_unit_test(only_named_zones_exist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
