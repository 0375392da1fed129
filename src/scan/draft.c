#include "scan/draft.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "scan/identity.h"
#include "scan/redact.h"

#include <ctype.h>
#include <strings.h>

/* Code points. A message is read in a table cell or a detail line; Dependency-Check writes pages.
 */
#define MESSAGE_CP 1000
#define TITLE_CP   300
#define REASON_CP  300

static const char *cut(struct arena *a, const char *s, size_t max_cp)
{
	if (!s)
		return NULL;
	size_t n = utf8_prefix(s, max_cp);
	return s[n] ? arena_printf(a, "%.*s…", (int)n, s) : s;
}

/* The first cut only bounds the work: what is cut off in the end was redacted before, so that no
 * half of a secret is left at the edge. */
static const char *tidy(struct arena *a, const char *s, size_t max_cp, bool secrets)
{
	return cut(a, redact(a, cut(a, s, 4 * max_cp), secrets), max_cp);
}

/* Rule, path and a text that tells the place; salted by them, since code may hold a secret. */
static const char *place_digest(struct arena *a, const struct rec_finding *f, const char *text)
{
	const char *const parts[] = {f->rule, f->path, text};
	return text && *text ? identity_make(a, parts, ARRAY_SIZE(parts)) : NULL;
}

void draft_add(struct scan_draft *d, struct rec_finding *f, const char *const *parts, size_t n)
{
	f->identity = f->coarse = identity_make(d->a, parts, n);
	f->strong = place_digest(d->a, f, f->strong);
	f->context = place_digest(d->a, f, text_line(d->a, f->context, 0));
	const char *const about[] = {f->rule, f->title, f->message, f->cwe};
	bool secrets = redact_about_secrets(about, ARRAY_SIZE(about));
	f->message = tidy(d->a, f->message, MESSAGE_CP, secrets);
	f->title = tidy(d->a, f->title, TITLE_CP, secrets);
	f->path = tidy(d->a, f->path && *f->path ? f->path : NULL, MESSAGE_CP, false);
	f->url = tidy(d->a, f->url, MESSAGE_CP, false);
	f->package = cut(d->a, f->package, TITLE_CP);
	f->rule = cut(d->a, f->rule, TITLE_CP);
	f->fix = cut(d->a, f->fix, TITLE_CP);
	if (f->occurrences <= 0)
		f->occurrences = 1;
	vec_push(d->a, &d->out->list, *f);
}

PRINTF_LIKE(3, 0)
static void keep_first(struct scan_draft *d, const char **where, const char *fmt, va_list ap)
{
	if (!*where)
		*where = redact(d->a, text_line(d->a, arena_vprintf(d->a, fmt, ap), REASON_CP),
				false);
}

void draft_failed(struct scan_draft *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	keep_first(d, &d->failed, fmt, ap);
	va_end(ap);
}

void draft_partial(struct scan_draft *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	keep_first(d, &d->partial, fmt, ap);
	va_end(ap);
	d->partial_n++;
}

void draft_suspect(struct scan_draft *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	keep_first(d, &d->suspect, fmt, ap);
	va_end(ap);
}

void draft_unsupported(struct scan_draft *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	keep_first(d, &d->unsupported, fmt, ap);
	va_end(ap);
}

void draft_time(struct scan_draft *d, int64_t t_s)
{
	if (t_s != TIME_NONE && (d->out->scanned_s == TIME_NONE || t_s > d->out->scanned_s))
		d->out->scanned_s = t_s;
}

void draft_settle(struct scan_draft *d)
{
	struct rec_scan *s = d->out;
	identity_number(s->list.v, s->list.n, d->a);
	identity_fingerprints(s->list.v, s->list.n, d->a);
	for (size_t i = 0; i < s->list.n; i++) {
		const struct rec_finding *f = &s->list.v[i];
		s->suppressed += f->suppressed;
		s->findings += !f->suppressed;
		s->instances += f->suppressed ? 0 : f->occurrences;
		s->severity[f->severity] += !f->suppressed;
	}
	if (d->unsupported) {
		s->status = SCAN_UNSUPPORTED;
		s->reason = d->unsupported;
	} else if (d->failed && s->list.n == 0) {
		s->status = SCAN_FAILED;
		s->reason = d->failed;
	} else if (d->failed || d->partial) {
		s->status = SCAN_PARTIAL;
		s->reason = d->failed ? d->failed : d->partial;
		if (d->partial_n > 1)
			s->reason = arena_printf(d->a, "%s (and %zu more)", s->reason,
						 d->partial_n - 1);
	} else if (d->suspect && s->list.n == 0) {
		s->status = SCAN_SUSPECT;
		s->reason = d->suspect;
	} else {
		s->status = s->list.n ? SCAN_OK : SCAN_ZERO;
	}
}

const char *draft_text(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *s = json_text(&v, a);
	return s && *s ? s : NULL;
}

int64_t draft_int(const struct jv *o, const char *key)
{
	struct err ignored = {0};
	int64_t n = NUM_NONE;
	struct jv v = json_get(o, key);
	if ((json_is_num(&v) || json_is_str(&v)) && json_i64(o, key, &n, &ignored) && n >= 0)
		return n;
	return NUM_NONE;
}

bool draft_is_obj(const struct jv *v, struct err *e)
{
	return json_is_obj(v) || json_wrong(v, e, "expected an object");
}

const char *draft_cwe(struct arena *a, const char *s)
{
	int64_t n;
	if (!s)
		return NULL;
	const char *p = strcasestr(s, "cwe-");
	while (p && strcasestr(p + 1, "cwe-")) /* the last one: "external/cwe/cwe-079" */
		p = strcasestr(p + 1, "cwe-");
	p = p ? p + strlen("cwe-") : s;
	size_t len = strspn(p, "0123456789");
	if (p == s && s[len]) /* a bare number, or nothing */
		return NULL;
	if (!parse_i64_n(p, len, &n) || n <= 0)
		return NULL;
	return arena_printf(a, "CWE-%lld", (long long)n);
}

const char *draft_cve(struct arena *a, const char *s)
{
	for (const char *p = s; p && (p = strcasestr(p, "CVE-")) != NULL; p += 4) {
		size_t year = strspn(p + 4, "0123456789");
		if (year != 4 || p[8] != '-')
			continue;
		size_t number = strspn(p + 9, "0123456789");
		if (number >= 4)
			return arena_printf(a, "CVE-%.*s", (int)(5 + number), p + 4);
	}
	return NULL;
}

const char *draft_ghsa(struct arena *a, const char *s)
{
	for (const char *p = s; p && (p = strcasestr(p, "GHSA-")) != NULL; p += 5) {
		size_t n = 5;
		while (n < 19 && ((n + 1) % 5 ? isalnum((unsigned char)p[n]) != 0 : p[n] == '-'))
			n++;
		if (n == 19)
			return arena_printf(a, "GHSA-%s",
					    text_lower(a, arena_strndup(a, p + 5, 14)));
	}
	return NULL;
}

/* Bytes of the entity at s ("&amp;"), its code point in *c; 0 when it is none. */
static size_t entity(const char *s, uint32_t *c)
{
	static const struct {
		const char *name;
		uint32_t c;
	} named[] = {{"&amp;", '&'},  {"&lt;", '<'},	{"&gt;", '>'},
		     {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}};
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		if (text_starts(s, named[i].name)) {
			*c = named[i].c;
			return strlen(named[i].name);
		}
	}
	if (s[1] != '#')
		return 0;
	bool hex = s[2] == 'x' || s[2] == 'X';
	size_t n = hex ? 3 : 2, digits = 0;
	uint32_t v = 0;
	for (; digits < 7 && (hex ? isxdigit((unsigned char)s[n]) : isdigit((unsigned char)s[n]));
	     n++, digits++) {
		int d = isdigit((unsigned char)s[n]) ? s[n] - '0' : (tolower(s[n]) - 'a') + 10;
		v = v * (hex ? 16 : 10) + (uint32_t)d;
	}
	if (!digits || s[n] != ';' || v < 0x20 || v > 0x7e) /* beyond ASCII: left as it stands */
		return 0;
	*c = v;
	return n + 1;
}

const char *draft_plain(struct arena *a, const char *html)
{
	if (!html)
		return NULL;
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (const char *p = html; *p;) {
		uint32_t c;
		size_t n;
		if (*p == '<' && (isalpha((unsigned char)p[1]) || p[1] == '/') && strchr(p, '>')) {
			sb_addc(&b, ' ');
			p = strchr(p, '>') + 1;
		} else if (*p == '&' && (n = entity(p, &c)) != 0) {
			sb_addc(&b, (char)c);
			p += n;
		} else {
			sb_addc(&b, *p++);
		}
	}
	const char *plain = text_line(a, sb_str(&b), 0);
	return *plain ? plain : NULL;
}

int64_t draft_date(const char *s)
{
	int64_t t;
	if (!s)
		return TIME_NONE;
	if (parse_time(s, &t))
		return t;
	/* Java's English text, without a zone: an HTTP date but for the leading zero and "GMT". */
	char http[40];
	const char *comma = strchr(s, ',');
	if (!comma || comma[1] != ' ')
		return TIME_NONE;
	const char *day = comma + 2;
	snprintf(http, sizeof http, "Day, %s%.20s GMT", day[0] && day[1] == ' ' ? "0" : "", day);
	return parse_http_date(http, &t) ? t : TIME_NONE;
}

const char *draft_link(struct arena *a, const char *s)
{
	for (const char *p = s; p && (p = strcasestr(p, "http")) != NULL; p++) {
		size_t n = strcspn(p, " \t\r\n\"'<>\\");
		const char *link = arena_strndup(a, p, n);
		if (text_link_ok(link))
			return link;
	}
	return NULL;
}

const char *draft_location(struct arena *a, const char *s)
{
	const char *host = s ? strstr(s, "://") : NULL;
	if (!host || !(text_starts(s, "http://") || text_starts(s, "https://")))
		return s;
	host += 3;
	size_t authority = strcspn(host, "/?#");
	for (size_t i = authority; i > 0; i--) {
		if (host[i - 1] == '@') {
			host += i;
			break;
		}
	}
	return arena_printf(a, "%s://%.*s", text_starts(s, "https") ? "https" : "http",
			    (int)strcspn(host, "?#"), host);
}
