#include "services/estate.h"

#include "base/text.h"

/* Eight pairs of tool and target, one report a week. Findings come, go, and sometimes come back;
 * the dynamic scan of web gives nothing for the last three weeks, Checkov did not run in the
 * newest, npm audit failed once in between. */

struct kind {
	const char *rule, *title, *severity;
};
static const struct kind zap_kinds[] = {
	{"10038", "Content Security Policy (CSP) Header Not Set", "medium"},
	{"10020", "Missing Anti-clickjacking Header", "medium"},
	{"10202", "Absence of Anti-CSRF Tokens", "medium"},
	{"10011", "Cookie Without Secure Flag", "low"},
	{"10010", "Cookie No HttpOnly Flag", "low"},
	{"10021", "X-Content-Type-Options Header Missing", "low"},
	{"10035", "Strict-Transport-Security Header Not Set", "low"},
	{"10096", "Timestamp Disclosure - Unix", "low"},
	{"10027", "Information Disclosure - Suspicious Comments", "info"},
	{"10109", "Modern Web Application", "info"},
	{"90003", "Sub Resource Integrity Attribute Missing", "medium"},
	{"10098", "Cross-Domain Misconfiguration", "medium"},
	{"10055", "CSP: Wildcard Directive", "medium"},
	{"10003", "Vulnerable JS Library", "high"},
	{"40035", "Hidden File Found", "medium"},
	{"10062", "PII Disclosure", "high"},
};
static const struct kind bandit_kinds[] = {
	{"B608", "Possible SQL injection vector through string-based query construction.",
	 "medium"},
	{"B113", "Call to requests without timeout", "medium"},
	{"B404", "Consider possible security implications associated with the subprocess module.",
	 "low"},
	{"B101", "Use of assert detected.", "low"},
	{"B311", "Standard pseudo-random generators are not suitable for security purposes.",
	 "low"},
	{"B602", "subprocess call with shell=True identified, security issue.", "high"},
};
static const struct kind npm_kinds[] = {
	{"form-stream", "Prototype pollution in form-stream", "high"},
	{"tiny-archive", "Path traversal in tiny-archive", "high"},
	{"date-words", "Inefficient regular expression in date-words", "medium"},
	{"left-margin", "Denial of service in left-margin", "low"},
	{"route-match", "Inefficient regular expression in route-match", "medium"},
	{"cookie-parts", "Out-of-bounds characters in cookie-parts", "low"},
	{"yaml-small", "Code execution in yaml-small", "critical"},
	{"map-tiles-js", "Cross-site scripting in map-tiles-js", "medium"},
};
static const struct kind checkov_kinds[] = {
	{"CKV_AWS_158", "Ensure that CloudWatch Log Group is encrypted by KMS", "medium"},
	{"CKV_AWS_338", "Ensure CloudWatch log groups retains logs for at least 1 year", "low"},
	{"CKV_AWS_23", "Ensure every security group and rule has a description", "low"},
	{"CKV_AWS_382", "Ensure no security groups allow egress from 0.0.0.0:0 to port -1",
	 "medium"},
};
static const struct kind semgrep_kinds[] = {
	{"python.flask.security.open-redirect", "Data from request is passed to redirect()",
	 "high"},
	{"python.lang.security.use-defused-xml", "The native XML library is vulnerable to XXE",
	 "medium"},
	{"python.lang.security.insecure-hash", "Detected SHA1 hash algorithm", "low"},
};
static const struct {
	const struct kind *kinds;
	size_t n;
	const char *const *paths;
	size_t n_paths;
} tools[] = {
#define KINDS(k, p)                                                                                \
	{                                                                                          \
		k, ARRAY_SIZE(k), p, ARRAY_SIZE(p)                                                 \
	}
	[TOOL_ZAP] = KINDS(zap_kinds, ((const char *const[]){"/", "/map", "/entity/42"})),
	[TOOL_BANDIT] =
		KINDS(bandit_kinds,
		      ((const char *const[]){"app/views.py", "app/upload.py", "app/query.py",
					     "scripts/load.py", "app/tasks.py"})),
	[TOOL_NPM] = KINDS(npm_kinds, ((const char *const[]){"a", "b"})),
	[TOOL_CHECKOV] = KINDS(checkov_kinds,
			       ((const char *const[]){"modules/web/main.tf", "modules/api/main.tf",
						      "modules/logs/main.tf"})),
	[TOOL_SEMGREP] = KINDS(
		semgrep_kinds,
		((const char *const[]){"tiles/server.py", "tiles/cache.py", "tiles/build.py"})),
#undef KINDS
};

/* The i-th finding that a tool can make: kind and path together are unique; ZAP and npm have one
 * per kind. */
static bool finding_of(struct estate *s, enum scan_tool tool, size_t i, struct finding *out)
{
	size_t n = tools[tool].n, paths = tools[tool].n_paths;
	bool once = tool == TOOL_ZAP || tool == TOOL_NPM;
	if (i >= (once ? n : n * paths))
		return false;
	const struct kind *k = &tools[tool].kinds[i % n];
	const char *path = tools[tool].paths[(i / n + i) % paths];
	*out = (struct finding){.rule = k->rule,
				.title = k->title,
				.severity = k->severity,
				.path = arena_strdup(&s->a, path),
				.line = 10 + (int)i * 7};
	return true;
}

static void live(struct rng *r, struct finding *f, int from)
{
	int to = ESTATE_WEEKS;
	bool high = text_eq(f->severity, "high"), critical = text_eq(f->severity, "critical");
	if (critical || (high && rng_p(r, 70)) || rng_p(r, 40))
		to = from + (int)rng_in(r, critical ? 1 : 2, high || critical ? 4 : 12);
	for (int w = from; w < to && w < ESTATE_WEEKS; w++)
		f->present[w] = true;
	if (to + 2 < ESTATE_WEEKS && rng_p(r, 25)) /* back again, for good */
		for (int w = to + (int)rng_in(r, 1, 2); w < ESTATE_WEEKS; w++)
			f->present[w] = true;
}

static int count(const struct target *t, int w)
{
	int n = 0;
	for (size_t i = 0; i < t->findings.n; i++)
		n += t->findings.v[i].present[w];
	return n;
}

static struct target *target_add(struct estate *s, struct rng *r, enum scan_tool tool,
				 const char *name, int base)
{
	struct target t = {.tool = tool, .name = name};
	struct finding f;
	size_t i = 0;
	for (; i < (size_t)base && finding_of(s, tool, i, &f); i++) {
		live(r, &f, 0);
		vec_push(&s->a, &t.findings, f);
	}
	for (int w = 1; w < ESTATE_WEEKS; w++)
		for (int k = 0; k < 2; k++)
			if (rng_p(r, 38) && finding_of(s, tool, i, &f)) {
				/* a critical one of the newest week would pass its limit between
				 * the week's end and 10:30 */
				if (w == ESTATE_WEEKS - 1 && text_eq(f.severity, "critical"))
					continue;
				live(r, &f, w);
				vec_push(&s->a, &t.findings, f);
				i++;
			}
	for (int w = 0; w < ESTATE_WEEKS; w++)
		t.scanned_s[w] = estate_at(s, w, w == 0 ? 2 : 0, 9 * 60 + (int)s->targets.n * 3) +
				 rng_n(r, 60);
	vec_push(&s->a, &s->targets, t);
	return &s->targets.v[s->targets.n - 1];
}

void estate_scans(struct estate *s)
{
	struct rng r = {s->seed ^ 0x7363};
	int newest = ESTATE_WEEKS - 1;
	struct target *t = target_add(s, &r, TOOL_ZAP, "web", 9);
	for (int w = newest - 2; w <= newest; w++)
		t->state[w] = REPORT_FAILED;
	target_add(s, &r, TOOL_BANDIT, "web", 13);
	target_add(s, &r, TOOL_ZAP, "submit", 8);
	t = target_add(s, &r, TOOL_NPM, "submit", 4);
	t->state[7] = REPORT_FAILED;
	target_add(s, &r, TOOL_BANDIT, "request-api", 11);
	t = target_add(s, &r, TOOL_NPM, "design-system", 3);
	t->state[3] = REPORT_MISSING;
	t = target_add(s, &r, TOOL_CHECKOV, "infrastructure", 6);
	t->state[newest] = REPORT_MISSING;
	target_add(s, &r, TOOL_SEMGREP, "tiles", 5);
	/* A report that loses half of its results closes nothing (a broken scan looks the same):
	 * the lives must not do that. */
	for (size_t i = 0; i < s->targets.n; i++)
		for (int w = 1; w < ESTATE_WEEKS; w++)
			BUG_ON(count(&s->targets.v[i], w - 1) >= 10 &&
			       count(&s->targets.v[i], w) * 2 < count(&s->targets.v[i], w - 1));
}
