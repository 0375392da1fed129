/* What one alert of each of GitHub's lists says (shared notes api-github 3, scans.md 2). A secret's
 * value, where it was found and what people wrote about it are never read. */
#include "base/text.h"
#include "collect/github.h"
#include "scan/redact.h"
#include "scan/scan.h"

#define TEXT_CP 1000 /* of a message */

static const char *words(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);
	for (char *c = copy; *c; c++)
		if (*c == '_')
			*c = ' ';
	return copy;
}

/* "dismissed: false positive" */
static const char *because(struct arena *a, const char *how, const char *reason)
{
	return reason && *reason
		       ? arena_printf(a, "%s: %s", how, text_line(a, words(a, reason), 60))
		       : how;
}

static const char *clean(struct arena *a, const char *s, bool about_secrets)
{
	return s && *s ? text_line(a, redact(a, s, about_secrets), TEXT_CP) : NULL;
}

static const char *first_of(const char *a, const char *b)
{
	return a && *a ? a : b && *b ? b : NULL;
}

/* What all three have. */
static bool parse_common(const struct jv *v, struct arena *a, struct alert *x, const char **state,
			 struct err *e)
{
	*x = (struct alert){.f = {.line = NUM_NONE, .occurrences = 1}, .closed_s = TIME_NONE};
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected an alert");
	return json_id(v, "number", a, &x->f.identity, e) &&
	       json_str_opt(v, "state", a, state, e) &&
	       json_str_opt(v, "html_url", a, &x->f.url, e) &&
	       json_time(v, "created_at", &x->created_s, e) &&
	       json_time_opt(v, "updated_at", &x->updated_s, e);
}

/* The state as it is called, or by its date where it is not (code scanning may leave it null). */
static void settle_state(struct alert *x, const char *state, int64_t fixed_s, int64_t dismissed_s)
{
	bool told = text_eq(state, "open") || text_eq(state, "fixed") ||
		    text_eq(state, "dismissed") || text_eq(state, "auto_dismissed");
	x->state = ALERT_OPEN;
	if (text_eq(state, "fixed") || (!told && fixed_s != TIME_NONE)) {
		x->state = ALERT_FIXED;
		x->closed_s = fixed_s;
	} else if (text_eq(state, "dismissed") || text_eq(state, "auto_dismissed") ||
		   (!told && dismissed_s != TIME_NONE)) {
		x->state = ALERT_SET_ASIDE;
		x->closed_s = dismissed_s;
	}
}

/* "external/cwe/cwe-079" among the rule's tags */
static const char *cwe_of(const struct jv *rule, struct arena *a)
{
	struct jv tags = json_get(rule, "tags");
	for (struct jv it = json_first(&tags); it.n; it = json_next(&it)) {
		const char *s = json_text(&it, a);
		const char *at = s ? strstr(s, "cwe/cwe-") : NULL;
		if (at)
			return arena_printf(a, "CWE-%s", at + strlen("cwe/cwe-"));
	}
	return NULL;
}

bool gh_parse_code_alert(const struct jv *v, struct arena *a, struct alert *out, struct err *e)
{
	struct alert x;
	struct jv rule, recent, where, message;
	const char *state, *name, *description, *level, *severity, *text, *reason;
	int64_t fixed_s, dismissed_s;
	if (!parse_common(v, a, &x, &state, e) || !json_obj_opt(v, "rule", &rule, e) ||
	    !json_id_opt(&rule, "id", a, &x.f.rule, e) ||
	    !json_str_opt(&rule, "name", a, &name, e) ||
	    !json_str_opt(&rule, "description", a, &description, e) ||
	    !json_str_opt(&rule, "security_severity_level", a, &level, e) ||
	    !json_str_opt(&rule, "severity", a, &severity, e) ||
	    !json_obj_opt(v, "most_recent_instance", &recent, e) ||
	    !json_obj_opt(&recent, "location", &where, e) ||
	    !json_str_opt(&where, "path", a, &x.f.path, e) ||
	    !json_i64_opt(&where, "start_line", &x.f.line, e) ||
	    !json_obj_opt(&recent, "message", &message, e) ||
	    !json_str_opt(&message, "text", a, &text, e) ||
	    !json_str_opt(v, "dismissed_reason", a, &reason, e) ||
	    !json_time_opt(v, "fixed_at", &fixed_s, e) ||
	    !json_time_opt(v, "dismissed_at", &dismissed_s, e))
		return false;
	const char *about[] = {x.f.rule, name, description};
	bool secret = redact_about_secrets(about, ARRAY_SIZE(about));
	x.f.word = first_of(level, severity);
	if (!scan_severity_word(x.f.word, &x.f.severity))
		x.f.severity = SEV_MEDIUM;
	x.f.title = clean(a, first_of(first_of(description, name), x.f.rule), secret);
	x.f.message = clean(a, text, secret);
	x.f.cwe = cwe_of(&rule, a);
	settle_state(&x, state, fixed_s, dismissed_s);
	if (x.state == ALERT_SET_ASIDE)
		x.reason = because(a, "dismissed", reason);
	*out = x;
	return true;
}

/* {"identifier": "1.2.3"}, or the version itself; null: there is none yet */
static const char *patched(const struct jv *vulnerability, struct arena *a)
{
	struct jv v = json_get(vulnerability, "first_patched_version");
	struct jv id = json_get(&v, "identifier");
	return json_is_obj(&v) ? json_text(&id, a) : json_text(&v, a);
}

static const char *first_cwe(const struct jv *advisory, struct arena *a)
{
	struct jv list = json_get(advisory, "cwes");
	struct jv it = json_first(&list), id = json_get(&it, "cwe_id");
	return it.n ? json_text(&id, a) : NULL;
}

bool gh_parse_dependabot_alert(const struct jv *v, struct arena *a, struct alert *out,
			       struct err *e)
{
	struct alert x;
	struct jv dependency, package, other, advisory, vulnerability;
	const char *state, *name, *also, *word, *general, *summary, *ghsa, *reason;
	int64_t fixed_s, dismissed_s, auto_s;
	if (!parse_common(v, a, &x, &state, e) || !json_obj_opt(v, "dependency", &dependency, e) ||
	    !json_obj_opt(&dependency, "package", &package, e) ||
	    !json_str_opt(&package, "name", a, &name, e) ||
	    !json_str_opt(&dependency, "manifest_path", a, &x.f.path, e) ||
	    !json_obj_opt(v, "security_advisory", &advisory, e) ||
	    !json_str_opt(&advisory, "summary", a, &summary, e) ||
	    !json_str_opt(&advisory, "ghsa_id", a, &ghsa, e) ||
	    !json_str_opt(&advisory, "cve_id", a, &x.f.cve, e) ||
	    !json_str_opt(&advisory, "severity", a, &general, e) ||
	    !json_obj_opt(v, "security_vulnerability", &vulnerability, e) ||
	    !json_str_opt(&vulnerability, "severity", a, &word, e) ||
	    !json_obj_opt(&vulnerability, "package", &other, e) ||
	    !json_str_opt(&other, "name", a, &also, e) ||
	    !json_str_opt(v, "dismissed_reason", a, &reason, e) ||
	    !json_time_opt(v, "fixed_at", &fixed_s, e) ||
	    !json_time_opt(v, "dismissed_at", &dismissed_s, e) ||
	    !json_time_opt(v, "auto_dismissed_at", &auto_s, e))
		return false;
	bool by_itself = text_eq(state, "auto_dismissed") ||
			 (dismissed_s == TIME_NONE && auto_s != TIME_NONE);
	x.f.rule = first_of(ghsa, x.f.cve);
	x.f.package = first_of(name, also);
	x.f.word = first_of(word, general);
	if (!scan_severity_word(x.f.word, &x.f.severity))
		x.f.severity = SEV_MEDIUM;
	x.f.title = clean(a, first_of(first_of(summary, x.f.rule), x.f.package), false);
	x.f.fix = patched(&vulnerability, a);
	x.f.cwe = first_cwe(&advisory, a);
	settle_state(&x, state, fixed_s, by_itself ? auto_s : dismissed_s);
	if (x.state == ALERT_SET_ASIDE)
		x.reason = because(a, by_itself ? "auto-dismissed" : "dismissed", reason);
	*out = x;
	return true;
}

bool gh_parse_secret_alert(const struct jv *v, struct arena *a, struct alert *out, struct err *e)
{
	struct alert x;
	const char *state, *shown, *validity, *resolution;
	int64_t resolved_s;
	if (!parse_common(v, a, &x, &state, e) ||
	    !json_str_opt(v, "secret_type", a, &x.f.rule, e) ||
	    !json_str_opt(v, "secret_type_display_name", a, &shown, e) ||
	    !json_str_opt(v, "validity", a, &validity, e) ||
	    !json_str_opt(v, "resolution", a, &resolution, e) ||
	    !json_time_opt(v, "resolved_at", &resolved_s, e))
		return false;
	x.f.word = validity;
	x.f.severity = text_eq(validity, "active") ? SEV_CRITICAL : SEV_HIGH;
	x.f.title = clean(a, first_of(shown, x.f.rule), true);
	if (text_eq(state, "resolved") || (!text_eq(state, "open") && resolved_s != TIME_NONE)) {
		/* Only a revoked secret is repaired; the other words say why nobody has to. */
		bool fixed = !resolution || text_eq(resolution, "revoked");
		x.state = fixed ? ALERT_FIXED : ALERT_SET_ASIDE;
		x.closed_s = resolved_s;
		x.reason = fixed ? NULL : because(a, "resolved", resolution);
	}
	*out = x;
	return true;
}
