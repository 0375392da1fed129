#include "support/scans.h"

#include "base/text.h"

struct arena scans;

int scans_release(void **state UNUSED)
{
	arena_release(&scans);
	return 0;
}

struct rec_scan scan_n(const char *bytes, size_t n, const char *tool)
{
	struct scan_opts o = {.tool = tool, .scanned_s = TIME_NONE, .fallback_s = 1000};
	struct rec_scan s;
	char *copy = malloc(n + 1); /* exactly n bytes, so that a sanitizer sees one too many */
	memcpy(copy, bytes, n);
	char *exact = realloc(copy, n ? n : 1);
	scan_read(exact, n, &o, &scans, &s);
	free(exact);
	return s;
}

struct rec_scan scan(const char *text)
{
	return scan_n(text, strlen(text), NULL);
}

const char *quoted(const char *text)
{
	char *copy = arena_strdup(&scans, text);
	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

struct rec_scan scan_q(const char *text)
{
	return scan(quoted(text));
}

void assert_status(const char *text, enum scan_status status, const char *reason)
{
	struct rec_scan s = scan(text);
	if (s.status != status)
		fail_msg("%.60s: %s (%s), not %s", text, scan_status_name(s.status),
			 s.reason ? s.reason : "", scan_status_name(status));
	if (reason && (!s.reason || !strstr(s.reason, reason)))
		fail_msg("%.60s: \"%s\" is not in \"%s\"", text, reason, s.reason ? s.reason : "");
	if (!reason)
		assert_null(s.reason);
}

bool holds(const struct rec_scan *s, const char *secret)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct rec_finding *f = &s->list.v[i];
		const char *const all[] = {f->identity, f->word, f->rule,    f->title,
					   f->path,	f->url,	 f->package, f->fix,
					   f->cwe,	f->cve,	 f->message};
		for (size_t k = 0; k < ARRAY_SIZE(all); k++)
			if (all[k] && strstr(all[k], secret))
				return true;
	}
	return s->reason && strstr(s->reason, secret);
}

void assert_counts(const char *format, const struct scan_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct scan_case *c = &cases[i];
		struct rec_scan s = scan_q(c->text);
		if (!text_eq(s.format, format))
			fail_msg("%s: format %s", c->text, s.format ? s.format : "none");
		if (strcmp(scan_status_name(s.status), c->status) != 0)
			fail_msg("%s: %s (%s), not %s", c->text, scan_status_name(s.status),
				 s.reason ? s.reason : "", c->status);
		const int want[] = {c->critical, c->high, c->medium, c->low, c->info};
		for (int k = 0; k < SEV_COUNT; k++)
			if (s.severity[k] != want[k])
				fail_msg("%s: %lld %s, not %d", c->text, (long long)s.severity[k],
					 severity_name((enum severity)k), want[k]);
		if (s.suppressed != c->suppressed)
			fail_msg("%s: %lld suppressed, not %d", c->text, (long long)s.suppressed,
				 c->suppressed);
	}
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static struct strv identities(const char *text)
{
	struct rec_scan s = scan_q(text);
	struct strv v = {0};
	for (size_t i = 0; i < s.list.n; i++)
		vec_push(&scans, &v, s.list.v[i].identity);
	if (!v.n)
		fail_msg("%s: %s, nothing found (%s)", text, scan_status_name(s.status),
			 s.reason ? s.reason : "");
	qsort(v.v, v.n, sizeof *v.v, by_text);
	return v;
}

void assert_same(const char *one, const char *other)
{
	struct strv x = identities(one), y = identities(other);
	assert_int_equal(x.n, y.n);
	for (size_t i = 0; i < x.n; i++)
		if (strcmp(x.v[i], y.v[i]) != 0)
			fail_msg("%s\nis not\n%s", one, other);
}

void assert_different(const char *one, const char *other)
{
	struct strv x = identities(one), y = identities(other);
	for (size_t i = 0; i < x.n; i++)
		for (size_t k = 0; k < y.n; k++)
			if (!strcmp(x.v[i], y.v[k]))
				fail_msg("%s\nis no other than\n%s", one, other);
}
