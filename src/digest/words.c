#include "digest/words.h"

#include "base/text.h"
#include "digest/stats.h"

#include <math.h>

static const char *const days[] = {"Monday", "Tuesday",	 "Wednesday", "Thursday",
				   "Friday", "Saturday", "Sunday"};
static const char *const months[] = {"January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December"};

const char *w_count(struct arena *a, int64_t n)
{
	if (n == NUM_NONE)
		return "not known";
	const char *digits = arena_printf(a, "%lld", (long long)(n < 0 ? -n : n));
	struct sb b;
	sb_init(&b, a, 64);
	if (n < 0)
		sb_add(&b, "−");
	size_t len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			sb_addc(&b, ',');
		sb_addc(&b, digits[i]);
	}
	return sb_str(&b);
}

const char *w_plural(struct arena *a, int64_t n, const char *one, const char *many)
{
	return arena_printf(a, "%s %s", w_count(a, n), n == 1 ? one : many);
}

const char *w_spelled(struct arena *a, int64_t n)
{
	static const char *const words[] = {"no",   "one", "two",   "three", "four",
					    "five", "six", "seven", "eight", "nine"};
	return n >= 0 && n < (int64_t)ARRAY_SIZE(words) ? words[n] : w_count(a, n);
}

const char *w_capital(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);
	if (p[0] >= 'a' && p[0] <= 'z')
		p[0] = (char)(p[0] - 'a' + 'A');
	return p;
}

const char *w_ordinal(struct arena *a, int64_t n)
{
	static const char *const words[] = {"first", "second",	"third",  "fourth", "fifth",
					    "sixth", "seventh", "eighth", "ninth"};
	return n >= 1 && n <= (int64_t)ARRAY_SIZE(words) ? words[n - 1] : w_nth(a, n);
}

const char *w_nth(struct arena *a, int64_t n)
{
	int64_t t = n % 100, u = n % 10;
	const char *end = t >= 11 && t <= 13 ? "th"
			  : u == 1	     ? "st"
			  : u == 2	     ? "nd"
			  : u == 3	     ? "rd"
					     : "th";
	return arena_printf(a, "%s%s", w_count(a, n), end);
}

const char *w_duration(struct arena *a, int64_t s)
{
	static const struct {
		int64_t s;
		const char *one, *many;
	} units[] = {{86400, "day", "days"}, {3600, "hour", "hours"}, {60, "minute", "minutes"}};
	if (s < 60)
		return "less than a minute";
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (s < units[i].s)
			continue;
		const char *first = w_plural(a, s / units[i].s, units[i].one, units[i].many);
		if (i + 1 == ARRAY_SIZE(units))
			return first;
		int64_t rest = s % units[i].s / units[i + 1].s;
		return rest == 0 ? first
				 : arena_printf(
					   a, "%s %s", first,
					   w_plural(a, rest, units[i + 1].one, units[i + 1].many));
	}
	return "less than a minute";
}

const char *w_percent(struct arena *a, int64_t part, int64_t whole)
{
	if (whole < 20)
		return NULL;
	double p = 100.0 * (double)part / (double)whole;
	return p < 9.95 && part != 0 ? arena_printf(a, "%.1f%%", p) : arena_printf(a, "%.0f%%", p);
}

const char *w_measure(struct arena *a, double v)
{
	if (isnan(v))
		return "no data";
	if (fabs(v) >= 1e15)
		return arena_printf(a, "%.3g", v);
	const char *sign = v < 0 ? "−" : "";
	if (fabs(v) >= 100 || fabs(v - round(v)) < 1e-9)
		return arena_printf(a, "%s%s", sign, w_count(a, llround(fabs(v))));
	return arena_printf(a, "%s%.3g", sign, fabs(v));
}

const char *w_share(struct arena *a, double v)
{
	return isnan(v) ? "not known" : arena_printf(a, "%.2f%%", floor(v * 1e4 + 1e-6) / 100);
}

const char *w_rate_range(struct arena *a, int64_t part, int64_t whole)
{
	double low, high;
	stats_wilson(part, whole, &low, &high);
	return arena_printf(a, "%.0f to %.0f%%", 100 * low, 100 * high);
}

const char *w_range(struct arena *a, double low, double high)
{
	return arena_printf(a, "%s to %s", w_count(a, llround(low)), w_count(a, llround(high)));
}

const char *w_list(struct arena *a, const struct strv *v, size_t max)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	size_t named = v->n > max ? max : v->n, left = v->n - named;
	for (size_t i = 0; i < named; i++) {
		bool last = left == 0 && i + 1 == named;
		sb_add(&b, i == 0 ? "" : last ? " and " : ", ");
		sb_add(&b, v->v[i]);
	}
	if (left > 0)
		sb_addf(&b, " and %s", w_plural(a, (int64_t)left, "other", "others"));
	return sb_str(&b);
}

const char *w_weekday(struct arena *a UNUSED, const struct zone *z, int64_t t_s)
{
	return days[zone_local(z, t_s).weekday - 1];
}

const char *w_date(struct arena *a, const struct zone *z, int64_t t_s)
{
	struct local l = zone_local(z, t_s);
	return arena_printf(a, "%s %d %s", days[l.weekday - 1], l.day, months[l.month - 1]);
}

const char *w_date_year(struct arena *a, const struct zone *z, int64_t t_s)
{
	return arena_printf(a, "%s %lld", w_date(a, z, t_s), (long long)zone_local(z, t_s).year);
}

const char *w_day(struct arena *a, const struct zone *z, int64_t t_s)
{
	struct local l = zone_local(z, t_s);
	return arena_printf(a, "%.3s %d %.3s", days[l.weekday - 1], l.day, months[l.month - 1]);
}

const char *w_clock(struct arena *a, const struct zone *z, int64_t t_s)
{
	struct local l = zone_local(z, t_s);
	return arena_printf(a, "%02d:%02d", l.hour, l.minute);
}

const char *w_when(struct arena *a, const struct zone *z, int64_t t_s)
{
	return arena_printf(a, "%s %s", w_day(a, z, t_s), w_clock(a, z, t_s));
}

const char *w_week(struct arena *a, const struct zone *z, const struct week *w)
{
	struct local from = zone_local(z, week_day(z, w, 0)), to = zone_local(z, week_day(z, w, 6));
	struct sb b;
	sb_init(&b, a, 256);
	sb_addf(&b, "Monday %d", from.day);
	if (from.month != to.month)
		sb_addf(&b, " %s", months[from.month - 1]);
	if (from.year != to.year)
		sb_addf(&b, " %lld", (long long)from.year);
	sb_addf(&b, " to Sunday %d %s %lld, %s", to.day, months[to.month - 1], (long long)to.year,
		zone_name(z));
	if (week_hours(w) != 168)
		sb_addf(&b, ", %d hours", week_hours(w));
	return sb_str(&b);
}

static bool is_duration(const char *id)
{
	size_t n = strlen(id);
	return n > 2 && !strcmp(id + n - 2, "_s");
}

const char *w_value(struct arena *a, const struct number *n, bool tile)
{
	if (isnan(n->value))
		return "not known";
	const char *v = is_duration(n->id) ? w_duration(a, llround(n->value))
					   : w_count(a, llround(n->value));
	if (!n->incomplete)
		return v;
	return arena_printf(a, tile ? "≥ %s" : "at least %s", v);
}

static const char *range_of(struct arena *a, const struct number *n)
{
	return is_duration(n->id) ? arena_printf(a, "%s to %s", w_duration(a, llround(n->low)),
						 w_duration(a, llround(n->high)))
				  : w_range(a, n->low, n->high);
}

const char *w_compared(struct arena *a, const struct number *n)
{
	if (isnan(n->value))
		return "";
	if (n->incomplete)
		return ", not compared";
	if (isnan(n->low))
		return "";
	const char *how = text_eq(n->mark, "up")     ? "more than usual"
			  : text_eq(n->mark, "down") ? "fewer than usual"
						     : "as usual";
	/* Outside the range but too few for a mark: the range alone is said. */
	if (!n->mark && (n->value > n->high || n->value < n->low))
		how = "usually";
	return arena_printf(a, text_eq(how, "usually") ? ", %s %s" : ", %s (%s)", how,
			    range_of(a, n));
}

const char *w_usual(struct arena *a, const struct number *n)
{
	if (n->incomplete || isnan(n->value))
		return "Not compared";
	if (isnan(n->low))
		return "No history yet";
	return arena_printf(a, "Usual %s", range_of(a, n));
}
