/* Posts of GitHub Actions and of the security scans that run there. */
#include "collect/slack_posts.h"

#include "base/parse.h"
#include "base/text.h"
#include "scan/scan.h"

#include <ctype.h>

#define DIGITS "0123456789"

/* Of ".../owner/repo/actions/runs/123": the run; repo and url go to t. */
static bool run_link(const struct post *p, struct arena *a, struct rec_told *t)
{
	for (size_t i = 0; i < p->links.n; i++) {
		const char *url = p->links.v[i].url, *at = strstr(url, "/actions/runs/");
		size_t n = at ? strspn(at + 14, DIGITS) : 0;
		if (n == 0)
			continue;
		const char *repo = at;
		for (int slashes = 0; repo > url; repo--)
			if (repo[-1] == '/' && ++slashes == 2)
				break;
		t->key = arena_strndup(a, at + 14, n);
		t->place = arena_strndup(a, repo, (size_t)(at - repo));
		t->url = arena_strndup(a, url, (size_t)(at - url) + 14 + n);
		return true;
	}
	return false;
}

/* --- security scans --- */

/* The tool a line names, or of which kind the audit is. */
static const char *audit_in(const char *line)
{
	static const struct {
		const char *word, *tool;
	} tools[] = {
		{"npm audit", "npm-audit"}, {"npm-audit", "npm-audit"},
		{"bandit", "bandit"},	    {"semgrep", "semgrep"},
		{"checkov", "checkov"},	    {"trivy", "trivy"},
		{"gitleaks", "gitleaks"},   {"zap", "zap"},
		{"dynamic", "zap"},	    {"static", "static"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (strcasestr(line, tools[i].word))
			return tools[i].tool;
	return NULL;
}

/* "HIGH 3", "HIGH: 3", "high | 3": several may stand in a line. */
static bool next_count(const char **s, struct arena *a, const char **word, int64_t *n)
{
	for (const char *p = *s; *p;) {
		if (!isalpha((unsigned char)*p)) {
			p++;
			continue;
		}
		size_t k = 0;
		while (isalpha((unsigned char)p[k]))
			k++;
		const char *v = p + k + strspn(p + k, " :|=\t-");
		size_t d = strspn(v, DIGITS);
		const char *w = arena_strndup(a, p, k);
		enum severity sev;
		if (d > 0 && !isalnum((unsigned char)v[d]) &&
		    (text_ieq(w, "total") || scan_severity_word(w, &sev)) && parse_i64_n(v, d, n)) {
			*word = text_lower(a, w);
			*s = v + d;
			return true;
		}
		p += k;
	}
	return false;
}

struct counting {
	struct arena *a;
	struct rec_message *m;
	struct rec_told base, t; /* t: the audit being read */
	const char *audit;
	struct strv words;
};

/* Of a static audit only the words tell the tool: bandit alone says "undefined", npm "moderate". */
static void end_audit(struct counting *c)
{
	bool moderate = false, undefined = false;
	if (c->words.n == 0)
		return;
	for (size_t i = 0; i < c->words.n; i++) {
		moderate |= text_eq(c->words.v[i], "moderate");
		undefined |= text_eq(c->words.v[i], "undefined");
	}
	bool open = !c->audit || text_eq(c->audit, "static");
	c->t.tool = !open ? c->audit : undefined ? "bandit" : moderate ? "npm-audit" : c->audit;
	if (c->t.total == NUM_NONE) {
		c->t.total = 0;
		for (int s = 0; s < SEV_COUNT; s++)
			c->t.total += c->t.severity[s] == NUM_NONE ? 0 : c->t.severity[s];
	}
	c->t.state = "ok";
	vec_push(c->a, &c->m->told, c->t);
	c->t = c->base;
	c->words = (struct strv){0};
}

static void count(struct counting *c, const char *word, int64_t n)
{
	enum severity s;
	for (size_t i = 0; i < c->words.n; i++)
		if (text_eq(c->words.v[i], word)) { /* the next audit, under no heading */
			end_audit(c);
			c->audit = NULL;
			break;
		}
	vec_push(c->a, &c->words, word);
	if (text_eq(word, "total"))
		c->t.total = n;
	else if (scan_severity_word(word, &s))
		c->t.severity[s] = n + (c->t.severity[s] == NUM_NONE ? 0 : c->t.severity[s]);
}

static void count_lines(struct counting *c, const struct post *p)
{
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = p->lines.v[i], *word, *audit;
		int64_t n;
		if (strcasestr(s, "security scan"))
			continue;
		audit = audit_in(s);
		if (audit) {
			end_audit(c);
			c->audit = audit;
		}
		while (next_count(&s, c->a, &word, &n))
			count(c, word, n);
	}
	end_audit(c);
}

/* "Security Scan: web", "Security Scan Failed: web". That words stand in a line is not enough: a
 * workflow may be called so. */
static const char *scan_head(const struct post *p, struct arena *a)
{
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = slack_bare(a, p->lines.v[i]);
		if (!strncasecmp(s, "security scan", 13))
			return s;
	}
	return NULL;
}

bool slack_scan(const struct post *p, struct arena *a, struct rec_message *m)
{
	const char *head = scan_head(p, a);
	struct counting c = {.a = a, .m = m, .base = slack_told()};
	if (!head && !(p->sender && strcasestr(p->sender, "securityscanner")))
		return false;
	bool link = run_link(p, a, &c.base);
	if (!link && p->links.n > 0)
		c.base.url = p->links.v[0].url;
	const char *colon = head ? strchr(head, ':') : NULL;
	c.base.subject = colon ? slack_bare(a, colon + 1) : NULL;
	if (!c.base.subject || !*c.base.subject)
		c.base.subject = c.base.place ? c.base.place : "not named";
	c.t = c.base;
	count_lines(&c, p);
	if (m->told.n == 0) { /* the post of a scan that failed, or whose numbers were lost */
		c.base.state = post_line(p, "fail") ? "failed" : "no counts";
		vec_push(a, &m->told, c.base);
	}
	return true;
}

/* --- GitHub Actions --- */

static bool says_failed(const struct post *p)
{
	return post_line(p, "fail") || post_line(p, ":x:") || text_eq(p->color, "danger");
}

/* "Collection Run Failed: owner/repo", ":x: Evening Pipeline failed", "Builder Has Failed". */
static const char *title_of(const struct post *p, struct arena *a)
{
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = slack_bare(a, p->lines.v[i]), *at = strcasestr(s, "fail");
		if (!at || at == s)
			continue;
		size_t n = (size_t)(at - s);
		if (n > 4 && !strncasecmp(s + n - 5, " has ", 5))
			n -= 4;
		return slack_bare(a, arena_strndup(a, s, n));
	}
	return NULL;
}

/* The first stage of a table that did not do well: "batch-assign: failure". */
static const char *failed_stage(const struct post *p, struct arena *a)
{
	for (size_t i = 1; i < p->lines.n; i++) {
		const char *s = slack_bare(a, p->lines.v[i]);
		size_t n = strcspn(s, ":|[ ");
		const char *rest = s + n;
		bool bad = strcasestr(rest, "failure") || strcasestr(rest, "failed") ||
			   strstr(p->lines.v[i], ":x:");
		if (n > 0 && *rest && bad && !strstr(s, "://"))
			return arena_strndup(a, s, n);
	}
	return NULL;
}

static bool reported_run(const struct post *p, struct arena *a, struct rec_message *m)
{
	struct rec_told t = slack_told();
	if (!run_link(p, a, &t) || !says_failed(p))
		return false;
	t.subject = title_of(p, a);
	if (!t.subject || !*t.subject)
		t.subject = t.place;
	t.state = "failed";
	if (post_line(p, "pipeline"))
		t.detail = failed_stage(p, a);
	vec_push(a, &m->told, t);
	return true;
}

/* The fields Action, Status, Branch or Pull Request, Event; the run is named by its commit only. */
static bool legacy_run(const struct post *p, struct arena *a, struct rec_message *m)
{
	struct rec_told t = slack_told();
	const char *status = post_value(p, "Status", a);
	t.subject = post_value(p, "Action", a);
	if (!t.subject || !status)
		return false;
	for (size_t i = 0; i < p->links.n; i++) {
		const char *url = p->links.v[i].url, *repo = slack_repo(url, a),
			   *at = strstr(url, "/commit/");
		if (repo && !t.place)
			t.place = repo;
		if (at && !t.code) {
			t.code = arena_strndup(a, at + 8, strspn(at + 8, DIGITS "abcdef"));
			t.url = url;
		}
	}
	if (!t.place)
		return false;
	if (!run_link(p, a, &t) && !t.url)
		t.url = arena_printf(a, "https://github.com/%s/actions", t.place);
	t.state = strcasestr(status, "fail")	  ? "failed"
		  : strcasestr(status, "success") ? "succeeded"
						  : text_lower(a, status);
	t.detail = post_value(p, "Branch", a);
	vec_push(a, &m->told, t);
	return true;
}

/* "GitBot is sad", then "repo - workflow" a line. */
static bool checker_list(const struct post *p, struct arena *a, struct rec_message *m)
{
	bool bot = (p->sender &&
		    (strcasestr(p->sender, "gitbot") || strcasestr(p->sender, "build-checker"))) ||
		   post_line(p, "GitBot is ");
	if (!bot)
		return false;
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = slack_bare(a, p->lines.v[i]), *dash = strstr(s, " - ");
		if (!dash || dash == s || !dash[3])
			continue;
		struct rec_told t = slack_told();
		t.place = slack_bare(a, arena_strndup(a, s, (size_t)(dash - s)));
		t.subject = slack_bare(a, dash + 3);
		t.state = "failed";
		for (size_t k = 0; k < p->links.n && !t.url; k++)
			if (strstr(p->links.v[k].url, t.place))
				t.url = p->links.v[k].url;
		vec_push(a, &m->told, t);
	}
	return true;
}

bool slack_run(const struct post *p, struct arena *a, struct rec_message *m)
{
	return checker_list(p, a, m) || legacy_run(p, a, m) || reported_run(p, a, m);
}
