#include "services/estate.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* The weekly reports in the tools' own shapes: ZAP traditional JSON, bandit JSON, npm audit 2,
 * SARIF 2.1.0. */

static const char *zap_date(int64_t t_s, struct arena *a)
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t day = t_s / 86400, y;
	int m, d, s = (int)(t_s % 86400);
	civil_from_days(day, &y, &m, &d);
	return arena_printf(a, "%s, %d %s %lld %02d:%02d:%02d", days[day % 7], d, months[m - 1],
			    (long long)y, s / 3600, s / 60 % 60, s % 60);
}

static void zap(struct jw *o, const struct target *t, int w, struct arena *a)
{
	jw_str(o, "@programName", "ZAP");
	jw_str(o, "@version", "2.16.1");
	jw_str(o, "@generated", zap_date(t->scanned_s[w], a));
	jw_time(o, "created", t->scanned_s[w]);
	struct jw *sites = jw_add_arr(o, "site");
	if (t->state[w] == REPORT_FAILED)
		return; /* the site did not start: ZAP writes a report all the same */
	struct jw *site = jw_add_obj(sites, NULL);
	const char *name = arena_printf(a, "https://%s.example.org", t->name);
	jw_str(site, "@name", name);
	jw_str(site, "@host", name + 8);
	jw_str(site, "@port", "443");
	jw_str(site, "@ssl", "true");
	struct jw *alerts = jw_add_arr(site, "alerts");
	for (size_t i = 0; i < t->findings.n; i++) {
		const struct finding *f = &t->findings.v[i];
		if (!f->present[w])
			continue;
		struct jw *x = jw_add_obj(alerts, NULL);
		const char *risk = text_eq(f->severity, "high")	    ? "3"
				   : text_eq(f->severity, "medium") ? "2"
				   : text_eq(f->severity, "low")    ? "1"
								    : "0";
		static const char *const words[] = {"Informational", "Low", "Medium", "High"};
		jw_str(x, "pluginid", f->rule);
		jw_str(x, "alertRef", f->rule);
		jw_str(x, "alert", f->title);
		jw_str(x, "name", f->title);
		jw_str(x, "riskcode", risk);
		jw_str(x, "confidence", "2");
		jw_str(x, "riskdesc", arena_printf(a, "%s (Medium)", words[risk[0] - '0']));
		jw_str(x, "desc",
		       arena_printf(a, "<p>%s.</p><p>Seen by a passive rule &amp; no <script>.</p>",
				    f->title));
		struct jw *in = jw_add_arr(x, "instances");
		int n = 1 + (int)(i % 3);
		for (int k = 0; k < n; k++) {
			struct jw *y = jw_add_obj(in, NULL);
			jw_str(y, "id", arena_printf(a, "%zu", i * 10 + (size_t)k));
			jw_str(y, "uri", arena_printf(a, "%s%s?page=%d", name, f->path, k));
			jw_str(y, "method", "GET");
			jw_str(y, "param", "");
			jw_str(y, "attack", "");
			jw_str(y, "evidence", "<a href=\"x\">");
			jw_str(y, "otherinfo", "");
		}
		jw_str(x, "count", arena_printf(a, "%d", n));
		jw_str(x, "solution", "<p>Set the header.</p>");
		jw_str(x, "otherinfo", "");
		jw_str(x, "reference", "<p>https://example.org/rules</p>");
		jw_str(x, "cweid", "693");
		jw_str(x, "wascid", "15");
		jw_str(x, "sourceid", "7");
	}
}

static void bandit(struct jw *o, const struct target *t, int w, struct arena *a)
{
	jw_add_arr(o, "errors");
	jw_time(o, "generated_at", t->scanned_s[w]);
	struct jw *totals = jw_add_obj(jw_add_obj(o, "metrics"), "_totals");
	jw_i64(totals, "loc", 18211 + w * 40);
	jw_i64(totals, "nosec", 0);
	struct jw *results = jw_add_arr(o, "results");
	for (size_t i = 0; i < t->findings.n; i++) {
		const struct finding *f = &t->findings.v[i];
		if (!f->present[w])
			continue;
		struct jw *x = jw_add_obj(results, NULL);
		int line = f->line + w; /* code moves */
		jw_str(x, "code", arena_printf(a, "%d     x = y\n%d \n", line, line + 1));
		jw_str(x, "filename", arena_printf(a, "./%s", f->path));
		jw_str(x, "issue_confidence", "HIGH");
		jw_str(x, "issue_severity",
		       text_eq(f->severity, "high")	? "HIGH"
		       : text_eq(f->severity, "medium") ? "MEDIUM"
							: "LOW");
		jw_str(x, "issue_text", f->title);
		jw_i64(jw_add_obj(x, "issue_cwe"), "id", 89);
		jw_i64(x, "line_number", line);
		jw_i64(jw_add_arr(x, "line_range"), NULL, line);
		jw_i64(x, "col_offset", 4);
		jw_str(x, "more_info", "https://example.org/bandit");
		jw_str(x, "test_id", f->rule);
		jw_str(x, "test_name", "rule");
	}
}

static void npm(struct jw *o, const struct target *t, int w, struct arena *a)
{
	if (t->state[w] == REPORT_FAILED) {
		struct jw *x = jw_add_obj(o, "error");
		jw_str(x, "code", "ENOLOCK");
		jw_str(x, "summary", "This command requires an existing lockfile.");
		jw_str(x, "detail", "Try creating one first with: npm i --package-lock-only");
		return;
	}
	static const char *const words[] = {"info", "low", "moderate", "high", "critical"};
	int64_t counts[5] = {0}, total = 0;
	jw_i64(o, "auditReportVersion", 2);
	struct jw *list = jw_add_obj(o, "vulnerabilities");
	for (size_t i = 0; i < t->findings.n; i++) {
		const struct finding *f = &t->findings.v[i];
		if (!f->present[w])
			continue;
		int k = text_eq(f->severity, "critical") ? 4
			: text_eq(f->severity, "high")	 ? 3
			: text_eq(f->severity, "medium") ? 2
							 : 1;
		counts[k]++;
		total++;
		struct jw *x = jw_add_obj(list, f->rule);
		jw_str(x, "name", f->rule);
		jw_str(x, "severity", words[k]);
		jw_bool(x, "isDirect", i % 2 == 0);
		struct jw *via = jw_add_obj(jw_add_arr(x, "via"), NULL);
		jw_i64(via, "source", 1090000 + (int64_t)(f->line * 13));
		jw_str(via, "name", f->rule);
		jw_str(via, "dependency", f->rule);
		jw_str(via, "title", f->title);
		jw_str(via, "url",
		       arena_printf(a, "https://github.com/advisories/GHSA-%04d-exam-ple0",
				    f->line));
		jw_str(via, "severity", words[k]);
		jw_str(jw_add_arr(via, "cwe"), NULL, "CWE-1333");
		jw_f64(jw_add_obj(via, "cvss"), "score", 7.5);
		jw_str(via, "range", "<4.0.1");
		jw_add_arr(x, "effects");
		jw_str(x, "range", "<4.0.1");
		jw_str(jw_add_arr(x, "nodes"), NULL, arena_printf(a, "node_modules/%s", f->rule));
		jw_bool(x, "fixAvailable", true);
	}
	struct jw *meta = jw_add_obj(jw_add_obj(o, "metadata"), "vulnerabilities");
	for (int k = 0; k < 5; k++)
		jw_i64(meta, words[k], counts[k]);
	jw_i64(meta, "total", total);
}

static void sarif(struct jw *o, const struct target *t, int w, struct arena *a)
{
	jw_str(o, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	jw_str(o, "version", "2.1.0");
	struct jw *run = jw_add_obj(jw_add_arr(o, "runs"), NULL);
	struct jw *driver = jw_add_obj(jw_add_obj(run, "tool"), "driver");
	jw_str(driver, "name", t->tool == TOOL_CHECKOV ? "Checkov" : "Semgrep");
	jw_str(driver, "version", "3.2.1");
	struct jw *rules = jw_add_arr(driver, "rules");
	struct jw *invocation = jw_add_obj(jw_add_arr(run, "invocations"), NULL);
	jw_bool(invocation, "executionSuccessful", true);
	jw_time(invocation, "endTimeUtc", t->scanned_s[w]);
	struct jw *results = jw_add_arr(run, "results");
	for (size_t i = 0; i < t->findings.n; i++) {
		const struct finding *f = &t->findings.v[i];
		const char *level = text_eq(f->severity, "high")     ? "error"
				    : text_eq(f->severity, "medium") ? "warning"
								     : "note";
		bool listed = false;
		for (size_t k = 0; k < i; k++)
			listed |= text_eq(t->findings.v[k].rule, f->rule);
		if (!listed) {
			struct jw *rule = jw_add_obj(rules, NULL);
			jw_str(rule, "id", f->rule);
			jw_str(jw_add_obj(rule, "shortDescription"), "text", f->title);
			jw_str(jw_add_obj(rule, "defaultConfiguration"), "level", level);
		}
		if (!f->present[w])
			continue;
		struct jw *x = jw_add_obj(results, NULL);
		jw_str(x, "ruleId", f->rule);
		if (t->tool == TOOL_CHECKOV) /* the other one leaves the level to the rule */
			jw_str(x, "level", level);
		jw_str(jw_add_obj(x, "message"), "text", f->title);
		struct jw *where = jw_add_obj(jw_add_obj(jw_add_arr(x, "locations"), NULL),
					      "physicalLocation");
		jw_str(jw_add_obj(where, "artifactLocation"), "uri", f->path);
		jw_i64(jw_add_obj(where, "region"), "startLine", f->line + w);
		(void)a;
	}
}

static bool write_report(const struct target *t, int w, const char *dir, const char *week,
			 struct arena *a, struct err *e)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	switch (t->tool) {
	case TOOL_ZAP:
		zap(o, t, w, a);
		break;
	case TOOL_BANDIT:
		bandit(o, t, w, a);
		break;
	case TOOL_NPM:
		npm(o, t, w, a);
		break;
	case TOOL_CHECKOV:
	case TOOL_SEMGREP:
		sarif(o, t, w, a);
		break;
	}
	const char *text = jw_print(o, true, a), *folder = path_join(a, dir, t->name);
	const char *path =
		path_join(a, folder, arena_printf(a, "%s-%s.json", estate_tool(t->tool), week));
	if (!file_mkdirs(folder, e) || !file_write(path, text, strlen(text), 0644, e))
		return false;
	struct timespec when[2] = {{.tv_sec = t->scanned_s[w]}, {.tv_sec = t->scanned_s[w]}};
	if (utimensat(AT_FDCWD, path, when, 0) != 0)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	return true;
}

bool scans_write(struct estate *s, const char *dir, struct err *e)
{
	struct arena a = {0};
	bool ok = true;
	for (size_t i = 0; i < s->targets.n && ok; i++)
		for (int w = 0; w < ESTATE_WEEKS && ok; w++) {
			if (s->targets.v[i].state[w] != REPORT_MISSING)
				ok = write_report(&s->targets.v[i], w, dir, s->week[w].name, &a, e);
			arena_reset(&a);
		}
	arena_release(&a);
	return ok;
}
