#include "chart/axis.h"

#include "base/sb.h"

#include <math.h>

struct axis axis_for(double max, bool whole)
{
	static const double steps[] = {1, 2, 2.5, 5};
	if (!(max > 0))
		return (struct axis){.top = 1, .step = 1, .n = 1};
	for (double power = pow(10, floor(log10(max)) - 1);; power *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
			double step = steps[i] * power;
			if (whole && (step < 1 || step > floor(step)))
				continue;
			double n = ceil(max / step - 1e-9);
			if (n <= 3)
				return (struct axis){
					.top = MAX(n, 1) * step, .step = step, .n = (int)MAX(n, 1)};
		}
}

static const char *grouped(struct arena *a, double v)
{
	char digits[64];
	int n = snprintf(digits, sizeof digits, "%.0f", v);
	struct sb b;
	sb_init(&b, a, 128);
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			sb_addc(&b, ',');
		sb_addc(&b, digits[i]);
	}
	return sb_str(&b);
}

const char *axis_number(struct arena *a, double v)
{
	static const struct {
		double size;
		const char *word;
	} units[] = {{1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}};
	if (v >= 1e15)
		return arena_printf(a, "%.3g", v);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (v >= units[i].size)
			return arena_printf(a, "%.4g\u00a0%s", v / units[i].size, units[i].word);
	if (v >= 10 || fabs(v - round(v)) < 1e-9)
		return grouped(a, v);
	char *s = arena_printf(a, v >= 1 ? "%.1f" : v >= 0.095 ? "%.2f" : "%.2g", v);
	size_t n = strlen(s);
	if (strchr(s, '.') && !strchr(s, 'e'))
		while (n && (s[n - 1] == '0' || s[n - 1] == '.'))
			if (s[--n] == '.')
				break;
	s[n] = '\0';
	return s;
}
