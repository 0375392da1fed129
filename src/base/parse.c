#include "base/parse.h"

#include <ctype.h>
#include <errno.h>

bool parse_i64_n(const char *s, size_t n, int64_t *out)
{
	size_t i = 0;
	bool neg = n > 0 && s[0] == '-';
	if (neg)
		i = 1;
	if (i == n)
		return false;
	int64_t v = 0; /* kept negative: its range is one larger */
	for (; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s[i] - '0', &v))
			return false;
	}
	if (!neg && v == INT64_MIN)
		return false;
	*out = neg ? v : -v;
	return true;
}

bool parse_i64(const char *s, int64_t *out)
{
	return s && parse_i64_n(s, strlen(s), out);
}

bool parse_f64(const char *s, double *out)
{
	if (!s || !*s)
		return false;
	/* strtod takes more than we want (hex, inf, blanks, the locale's comma): let only plain
	 * forms reach it. The program never calls setlocale for numbers, so the point is the point.
	 */
	for (const char *p = s; *p; p++)
		if (!(isdigit((unsigned char)*p) || *p == '.' || *p == '-' || *p == '+' ||
		      *p == 'e' || *p == 'E'))
			return false;
	char *end;
	errno = 0;
	double v = strtod(s, &end);
	if (end == s || *end || errno == ERANGE)
		return false;
	*out = v;
	return true;
}

int64_t days_from_civil(int64_t y, int m, int d)
{
	/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void civil_from_days(int64_t z, int64_t *year, int *month, int *day)
{
	z += 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

/* n digits at *p, advancing. */
static bool digits(const char **p, int n, int *out)
{
	int v = 0;
	for (int i = 0; i < n; i++) {
		if (!isdigit((unsigned char)(*p)[i]))
			return false;
		v = v * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*out = v;
	return true;
}

static bool civil_ok(int y, int mo, int d, int h, int mi, int s)
{
	static const int len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 60)
		return false;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d <= len[mo - 1] + (mo == 2 && leap);
}

bool parse_time(const char *s, int64_t *out_s)
{
	int y, mo, d, h = 0, mi = 0, sec = 0;
	int64_t offset = 0;
	if (!s)
		return false;
	const char *p = s;
	if (!digits(&p, 4, &y) || *p++ != '-' || !digits(&p, 2, &mo) || *p++ != '-' ||
	    !digits(&p, 2, &d))
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		p++;
		if (!digits(&p, 2, &h) || *p++ != ':' || !digits(&p, 2, &mi))
			return false;
		if (*p == ':') {
			p++;
			if (!digits(&p, 2, &sec))
				return false;
		}
		if (*p == '.' || *p == ',')
			for (p++; isdigit((unsigned char)*p);)
				p++;
		if (*p == 'Z' || *p == 'z') {
			p++;
		} else if (*p == '+' || *p == '-') {
			int sign = *p++ == '-' ? -1 : 1, oh, om = 0;
			if (!digits(&p, 2, &oh))
				return false;
			if (*p == ':')
				p++;
			if (*p && !digits(&p, 2, &om))
				return false;
			if (oh > 18 || om > 59)
				return false;
			offset = sign * (oh * 3600 + om * 60);
		}
	}
	if (*p || !civil_ok(y, mo, d, h, mi, sec))
		return false;
	*out_s = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - offset;
	return true;
}

bool parse_http_date(const char *s, int64_t *out_s)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int d, y, h, mi, sec, mo = 0;
	const char *p = s ? strchr(s, ',') : NULL;
	if (!p || p[1] != ' ')
		return false;
	p += 2;
	if (!digits(&p, 2, &d) || *p++ != ' ')
		return false;
	for (int i = 0; i < 12; i++)
		if (!strncmp(p, months[i], 3))
			mo = i + 1;
	if (!mo || p[3] != ' ')
		return false;
	p += 4;
	if (!digits(&p, 4, &y) || *p++ != ' ' || !digits(&p, 2, &h) || *p++ != ':' ||
	    !digits(&p, 2, &mi) || *p++ != ':' || !digits(&p, 2, &sec) || strcmp(p, " GMT") != 0 ||
	    !civil_ok(y, mo, d, h, mi, sec))
		return false;
	*out_s = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
	return true;
}

/* v with n digits and what stands after it; returns where the text goes on. */
static char *put_digits(char *p, int v, int n, char after)
{
	for (int i = n - 1; i >= 0; i--) {
		p[i] = (char)('0' + v % 10);
		v /= 10;
	}
	p[n] = after;
	return p + n + 1;
}

const char *time_iso(int64_t t_s, char buf[TIME_TEXT])
{
	buf[0] = '\0';
	if (t_s == TIME_NONE)
		return buf;
	int64_t days = t_s / 86400, rest = t_s % 86400, y;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	int m, d;
	civil_from_days(days, &y, &m, &d);
	if (y < 0 || y > 9999)
		return buf;
	/* By hand: rows are stored by the ten thousand, and printf was a fifth of that. */
	char *p = buf;
	p = put_digits(p, (int)y, 4, '-');
	p = put_digits(p, m, 2, '-');
	p = put_digits(p, d, 2, 'T');
	p = put_digits(p, (int)(rest / 3600), 2, ':');
	p = put_digits(p, (int)(rest / 60 % 60), 2, ':');
	p = put_digits(p, (int)(rest % 60), 2, 'Z');
	*p = '\0';
	return buf;
}
