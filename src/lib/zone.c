#include "lib/zone.h"

#include "base/file.h"
#include "base/parse.h"

#include <glib.h>

struct zone {
	GTimeZone *tz;
	char *name;
};

bool zone_open(const char *name, struct zone **out, struct err *e)
{
	/* GLib takes offsets ("+01:00") too; a week needs a zone with a name, so that daylight
	 * saving is right. */
	bool shape = name[0] && name[0] != '+' && name[0] != '-' && name[0] != '/' &&
		     !strstr(name, "..") && !(name[0] >= '0' && name[0] <= '9');
	GTimeZone *tz = shape ? g_time_zone_new_identifier(name) : NULL;
	if (!tz)
		return err_set(
			e, ERR_CONFIG,
			"unknown time zone \"%s\": an IANA name such as Europe/London is needed",
			name);
	struct zone *z = calloc(1, sizeof *z);
	BUG_ON(!z);
	z->tz = tz;
	z->name = strdup(name);
	BUG_ON(!z->name);
	*out = z;
	return true;
}

void zone_free(struct zone *z)
{
	if (!z)
		return;
	g_time_zone_unref(z->tz);
	free(z->name);
	free(z);
}

void zone_freep(struct zone **z)
{
	zone_free(*z);
}

const char *zone_name(const struct zone *z)
{
	return z->name;
}

const char *zone_data_version(struct arena *a)
{
	/* The compiled data's first line: "# version 2024b". */
	char line[64] = "";
	FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "re");
	if (f && !fgets(line, sizeof line, f))
		line[0] = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return arena_strdup(a, !strncmp(line, "# version ", 10) ? line + 10 : "unknown");
}

static int offset(const struct zone *z, int64_t t_s)
{
	int i = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, t_s);
	return i < 0 ? 0 : g_time_zone_get_offset(z->tz, i);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct local zone_local(const struct zone *z, int64_t t_s)
{
	struct local l = {.offset_s = offset(z, t_s)};
	int64_t t = t_s + l.offset_s, days = floor_div(t, 86400), rest = t - days * 86400;
	civil_from_days(days, &l.year, &l.month, &l.day);
	l.hour = (int)(rest / 3600);
	l.minute = (int)(rest / 60 % 60);
	l.second = (int)(rest % 60);
	l.weekday = (int)(days + 3 - floor_div(days + 3, 7) * 7) + 1; /* day 0 was a Thursday */
	return l;
}

/* The first instant whose local time is not before day 00:00. Offsets are within a day, so the
 * answer lies in a window of two days; local time is not monotonic at a fall-back, but "local date
 * >= day" is, except where a zone falls back across midnight: the earliest instant of the date is
 * then right too. */
static int64_t day_start(const struct zone *z, int64_t day)
{
	int64_t midnight = day * 86400;
	int64_t best = INT64_MAX;
	/* One offset all around it, as on all but a few days of a year: no search. */
	int around = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, midnight - 2 * 86400);
	if (around >= 0 &&
	    around == g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, midnight + 2 * 86400))
		return midnight - g_time_zone_get_offset(z->tz, around);
	/* Candidates: midnight under each offset in force around it. */
	for (int64_t probe = midnight - 86400; probe <= midnight + 86400; probe += 3600) {
		int64_t t = midnight - offset(z, probe);
		if (floor_div(t + offset(z, t), 86400) == day && t + offset(z, t) == midnight)
			best = MIN(best, t);
	}
	if (best != INT64_MAX)
		return best;
	/* Midnight is skipped: the instant of the jump. */
	int64_t lo = midnight - 2 * 86400,
		hi = midnight + 2 * 86400; /* local date at lo < day <= at hi */
	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;
		if (floor_div(mid + offset(z, mid), 86400) >= day)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

int64_t zone_day_start(const struct zone *z, int64_t year, int month, int day)
{
	return day_start(z, days_from_civil(year, month, day));
}

static struct week week_of_monday(const struct zone *z, int64_t monday)
{
	struct week w = {.from_s = day_start(z, monday), .to_s = day_start(z, monday + 7)};
	int64_t y;
	int m, d;
	civil_from_days(monday + 3, &y, &m,
			&d); /* ISO 8601: a week belongs to the year of its Thursday */
	w.year = (int)y;
	w.number = (int)((monday + 3 - days_from_civil(y, 1, 1)) / 7) + 1;
	snprintf(w.name, sizeof w.name, "%04d-W%02d", w.year, w.number);
	return w;
}

static int64_t monday_of(int64_t day)
{
	return floor_div(day + 3, 7) * 7 - 3;
}

struct week week_at(const struct zone *z, int64_t t_s)
{
	return week_of_monday(z, monday_of(floor_div(t_s + offset(z, t_s), 86400)));
}

static int64_t monday(const struct week *w)
{
	return monday_of(days_from_civil(w->year, 1, 4)) + 7 * (w->number - 1);
}

struct week week_add(const struct zone *z, const struct week *w, int weeks)
{
	return week_of_monday(z, monday(w) + 7 * (int64_t)weeks);
}

int64_t week_day(const struct zone *z, const struct week *w, int i)
{
	return day_start(z, monday(w) + i);
}

int week_hours(const struct week *w)
{
	return (int)((w->to_s - w->from_s) / 3600);
}

bool week_parse(const struct zone *z, const char *s, int64_t now_s, struct week *out, struct err *e)
{
	if (!strcmp(s, "last")) {
		struct week now = week_at(z, now_s);
		*out = week_add(z, &now, -1);
		return true;
	}
	int64_t y, n, t;
	if (strlen(s) == 8 && s[4] == '-' && s[5] == 'W' && parse_i64_n(s, 4, &y) &&
	    parse_i64_n(s + 6, 2, &n) && y >= 1970 && n >= 1) {
		struct week w = {.year = (int)y, .number = (int)n};
		w = week_of_monday(z, monday(&w));
		if (w.year == y && w.number == n) {
			*out = w;
			return true;
		}
		return err_set(e, ERR_USAGE, "there is no week \"%s\"", s);
	}
	if (strlen(s) == 10 && parse_time(s, &t)) {
		*out = week_of_monday(z, monday_of(t / 86400));
		return true;
	}
	return err_set(e, ERR_USAGE,
		       "\"%s\" is no week: 2026-W46, a date such as 2026-11-10, or last", s);
}
