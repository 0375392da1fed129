#include "digest/stats.h"

#include <math.h>

#define Z 2.58 /* two-sided 1 % */

static double mean_of(const double *v, const double *w, size_t n, double *sum_w)
{
	double s = 0, t = 0;
	for (size_t i = 0; i < n; i++) {
		s += w[i] * v[i];
		t += w[i];
	}
	*sum_w = t;
	return s / t;
}

static double dispersion(const double *v, const double *w, size_t n, double m)
{
	double s = 0;
	for (size_t i = 0; i < n; i++)
		s += w[i] * (v[i] - m) * (v[i] - m);
	return m > 0 ? MAX(1.0, s / (double)(n - 1) / m) : 1;
}

/* Farrington's weights: a week whose Anscombe residual is above 2.58 counts less, so that last
 * month's incident does not hide this week's. Too few weeks say too little about which of them was
 * odd: from 13 on. */
static void weigh(const double *v, double *w, size_t n, double m, double phi)
{
	double s[STATS_MAX_WEEKS], total = 0;
	for (size_t i = 0; i < n; i++) {
		double h = 1.0 / (double)n;
		s[i] = 1.5 * (pow(v[i], 2.0 / 3) * pow(m, -1.0 / 6) - sqrt(m)) /
		       sqrt(phi * (1 - h));
		w[i] = s[i] > Z ? 1 / (s[i] * s[i]) : 1;
		total += w[i];
	}
	for (size_t i = 0; i < n; i++)
		w[i] *= (double)n / total;
}

struct usual stats_usual_count(const double *weeks, size_t n)
{
	if (n < STATS_MIN_WEEKS)
		return (struct usual){NAN, NAN};
	n = MIN(n, (size_t)STATS_MAX_WEEKS);
	double w[STATS_MAX_WEEKS] = {0}, sum_w, k = (double)n;
	for (size_t i = 0; i < n; i++)
		w[i] = 1;
	double m = mean_of(weeks, w, n, &sum_w), phi = dispersion(weeks, w, n, m);
	if (n >= 13 && m > 0) {
		weigh(weeks, w, n, m, phi);
		m = mean_of(weeks, w, n, &sum_w);
		phi = dispersion(weeks, w, n, m);
	}
	double mu = MAX(m, 1 / k), tau = phi * mu * (1 + 1 / k);
	double step = 2.0 / 3 * Z * sqrt(tau) / mu;
	double high = mu * pow(1 + step, 1.5), low = mu * pow(MAX(0.0, 1 - step), 1.5);
	return (struct usual){ceil(low), floor(high)};
}

struct usual stats_usual_level(const double *weeks, size_t n, bool whole)
{
	if (n < STATS_MIN_WEEKS)
		return (struct usual){NAN, NAN};
	n = MIN(n, (size_t)STATS_MAX_WEEKS);
	double m = 0, moved = 0;
	for (size_t i = 0; i < n; i++) {
		m += weeks[i] / (double)n;
		if (i > 0)
			moved += fabs(weeks[i] - weeks[i - 1]) / (double)(n - 1);
	}
	double low = MAX(0.0, m - 2.66 * moved), high = m + 2.66 * moved;
	/* A sum of fractions may miss a whole number by a hair. */
	return whole ? (struct usual){ceil(low - 1e-9), floor(high + 1e-9)}
		     : (struct usual){low, high};
}

enum mark stats_mark(double x, struct usual u, double recent)
{
	if (isnan(x) || isnan(u.low) || x + recent < 5)
		return MARK_NONE;
	return x > u.high ? MARK_UP : x < u.low ? MARK_DOWN : MARK_NONE;
}

void stats_wilson(int64_t k, int64_t n, double *low, double *high)
{
	*low = 0, *high = 1;
	if (n <= 0)
		return;
	double z = 1.96, p = (double)k / (double)n, m = (double)n;
	double centre = (p + z * z / (2 * m)) / (1 + z * z / m);
	double half = z * sqrt(p * (1 - p) / m + z * z / (4 * m * m)) / (1 + z * z / m);
	*low = MAX(0.0, centre - half), *high = MIN(1.0, centre + half);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double stats_median(double *v, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(v, n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

bool stats_median_ranks(size_t n, size_t *low, size_t *high)
{
	/* Largest j with P(Bin(n, 1/2) < j) <= 2.5 %: then [x(j), x(n+1-j)] holds the median. */
	double p = pow(0.5, (double)n), sum = 0;
	size_t j = 0;
	while (j < n && sum + p <= 0.025) {
		sum += p;
		j++;
		p = p * (double)(n - j + 1) / (double)j;
	}
	if (j == 0)
		return false;
	*low = j, *high = n + 1 - j;
	return true;
}

static int by_spell(const void *a, const void *b)
{
	const struct spell *x = a, *y = b;
	if (x->v > y->v || x->v < y->v)
		return x->v > y->v ? 1 : -1;
	return (int)x->open - (int)y->open; /* ends before open ends at the same time */
}

double stats_spell_median(struct spell *v, size_t n)
{
	size_t open = 0;
	for (size_t i = 0; i < n; i++)
		open += v[i].open;
	if (n == 0)
		return NAN;
	qsort(v, n, sizeof *v, by_spell);
	if (open == 0)
		return n % 2 ? v[n / 2].v : (v[n / 2 - 1].v + v[n / 2].v) / 2;
	double surviving = 1;
	for (size_t i = 0; i < n; i++) {
		if (v[i].open)
			continue;
		surviving *= 1 - 1.0 / (double)(n - i);
		if (surviving <= 0.5 + 1e-12)
			return v[i].v;
	}
	return NAN;
}
