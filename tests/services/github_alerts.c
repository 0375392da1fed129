#include "services/github.h"

#include "base/parse.h"
#include "base/text.h"

/* GitHub's alert lists. Quirks kept on purpose: Dependabot refuses page numbers and goes by cursor;
 * the organisation's list of code scanning is for its owners only; secrets are sent unless
 * hide_secret is asked for; what is switched off has a text of its own in each list. */

enum { PER_PAGE = 30, PER_PAGE_MAX = 100 };
static const char *const paths[] = {"code-scanning", "dependabot", "secret-scanning"};
#define LEAKED "AKIAINVENTEDLEAKEDKEY"

static const char *iso(const struct request *q, int64_t t_s)
{
	char b[TIME_TEXT];
	return t_s ? arena_strdup(q->a, time_iso(t_s, b)) : NULL;
}

static bool is_secret_closed(const struct galert *x)
{
	return x->kind == ALERTS_SECRET && x->closed_s;
}

static const char *state_of(const struct galert *x)
{
	return is_secret_closed(x) ? "resolved" : x->state;
}

static void dependabot_json(struct request *q, struct jw *o, const struct galert *x)
{
	struct jw *w = jw_add_obj(o, "dependency"), *p = jw_add_obj(w, "package");
	jw_str(p, "ecosystem", "pip");
	jw_str(p, "name", x->what);
	jw_str(w, "manifest_path", "requirements/requirements.txt");
	w = jw_add_obj(o, "security_advisory");
	jw_str(w, "ghsa_id", arena_printf(q->a, "GHSA-0000-%04lld-0000", (long long)x->number));
	jw_null(w, "cve_id");
	jw_str(w, "summary", x->title);
	jw_str(w, "severity", "low"); /* of the whole advisory; the vulnerability's own counts */
	jw_add_arr(w, "epss");
	w = jw_add_obj(o, "security_vulnerability");
	jw_str(w, "severity", x->severity);
	jw_null(w, "first_patched_version");
	jw_str(o, "fixed_at", text_eq(x->state, "fixed") ? iso(q, x->closed_s) : NULL);
	jw_str(o, "dismissed_at", text_eq(x->state, "dismissed") ? iso(q, x->closed_s) : NULL);
	jw_str(o, "dismissed_reason", text_eq(x->state, "dismissed") ? "tolerable_risk" : NULL);
	jw_str(o, "auto_dismissed_at",
	       text_eq(x->state, "auto_dismissed") ? iso(q, x->closed_s) : NULL);
}

static void code_json(struct request *q, struct jw *o, const struct galert *x)
{
	struct jw *w = jw_add_obj(o, "rule");
	jw_str(w, "id", x->what);
	jw_str(w, "description", x->title);
	jw_str(w, "severity", "warning");
	jw_str(w, "security_severity_level", x->severity);
	jw_str(jw_add_obj(o, "tool"), "name", "CodeQL");
	w = jw_add_obj(o, "most_recent_instance");
	jw_str(jw_add_obj(w, "message"), "text", "This value depends on the user.");
	struct jw *p = jw_add_obj(w, "location");
	jw_str(p, "path", "app/views.py");
	jw_i64(p, "start_line", 10 + x->number);
	jw_str(o, "fixed_at", text_eq(x->state, "fixed") ? iso(q, x->closed_s) : NULL);
	jw_str(o, "dismissed_at", text_eq(x->state, "dismissed") ? iso(q, x->closed_s) : NULL);
	jw_str(o, "dismissed_reason", text_eq(x->state, "dismissed") ? "false positive" : NULL);
}

static void secret_json(struct request *q, struct jw *o, const struct galert *x)
{
	bool hide = text_eq(request_param(q, "hide_secret", 0), "true");
	jw_str(o, "secret_type", x->what);
	jw_str(o, "secret_type_display_name", x->title);
	jw_str(o, "validity", text_eq(x->severity, "critical") ? "active" : "unknown");
	jw_str(o, "resolution", is_secret_closed(x) ? x->state : NULL);
	jw_str(o, "resolved_at", iso(q, x->closed_s));
	jw_str(o, "resolution_comment", is_secret_closed(x) ? "it was " LEAKED : NULL);
	if (!hide)
		jw_str(o, "secret", LEAKED);
}

static void alert_json(struct request *q, struct jw *o, const struct galert *x)
{
	const struct repo *repo = &q->c->estate->repos.v[x->repo];
	const char *name = arena_printf(q->a, "%s/%s", ESTATE_ORG, repo->name);
	jw_i64(o, "number", x->number);
	jw_str(o, "state", state_of(x));
	jw_str(o, "created_at", iso(q, x->created_s));
	jw_str(o, "updated_at", iso(q, x->closed_s ? x->closed_s : x->created_s));
	jw_str(o, "html_url",
	       arena_printf(q->a, "https://github.example.org/%s/security/%s/%lld", name,
			    paths[x->kind], (long long)x->number));
	switch (x->kind) {
	case ALERTS_CODE:
		code_json(q, o, x);
		break;
	case ALERTS_DEPENDABOT:
		dependabot_json(q, o, x);
		break;
	case ALERTS_SECRET:
		secret_json(q, o, x);
		break;
	}
	struct jw *w = jw_add_obj(o, "repository");
	jw_i64(w, "id", repo->id);
	jw_str(w, "name", repo->name);
	jw_str(w, "full_name", name);
}

static bool fits(const struct galert *x, const char *state)
{
	const char *is = state_of(x);
	if (!state)
		return true;
	if (text_eq(state, "closed"))
		return !text_eq(is, "open");
	for (size_t n; *state; state += n + (state[n] == ',')) {
		n = strcspn(state, ",");
		if (n == strlen(is) && !strncmp(state, is, n))
			return true;
	}
	return false;
}

static int64_t changed(const struct galert *x)
{
	return x->closed_s ? x->closed_s : x->created_s;
}

static void list(struct request *q, struct answer *r, enum alerts kind, const struct repo *repo)
{
	const struct estate *s = q->c->estate;
	const char *state = request_param(q, "state", 0);
	bool updated = text_eq(request_param(q, "sort", 0), "updated");
	int64_t from = request_number(q, "after", 0, 1000000, 0), n = 0;
	int64_t per = request_number(q, "per_page", 1, PER_PAGE_MAX, PER_PAGE);
	VEC(const struct galert *) rows = {0};
	if (kind == ALERTS_DEPENDABOT && request_param(q, "page", 0)) {
		github_fail(q, r, 400, "Pagination using the `page` parameter is not supported.");
		return;
	}
	for (size_t i = 0; i < s->alerts.n; i++) {
		const struct galert *x = &s->alerts.v[i];
		if (x->kind != kind || (repo && &s->repos.v[x->repo] != repo) || !fits(x, state))
			continue;
		size_t k = rows.n;
		vec_push(q->a, &rows, x);
		for (; k > 0; k--) { /* newest first */
			const struct galert *before = rows.v[k - 1];
			if (updated ? changed(before) >= changed(x)
				    : before->created_s >= x->created_s)
				break;
			rows.v[k] = before;
			rows.v[k - 1] = x;
		}
	}
	CLEANUP(jw_freep) struct jw *root = jw_arr();
	for (size_t i = (size_t)from; i < rows.n && n < per; i++, n++)
		alert_json(q, jw_add_obj(root, NULL), rows.v[i]);
	if ((size_t)(from + n) < rows.n)
		answer_header(r, "Link",
			      arena_printf(q->a,
					   "<http://127.0.0.1:%d/%s/%lld/%s/alerts%s&after=%lld>; "
					   "rel=\"next\"",
					   q->port, repo ? "repositories" : "organizations",
					   (long long)(repo ? repo->id : ESTATE_ORG_ID),
					   paths[kind], request_query(q, "after", "page"),
					   (long long)(from + n)));
	answer_json(q, r, root);
}

bool github_alerts(struct request *q, struct answer *r, const struct repo *repo, const char *rest)
{
	for (int k = 0; k < 3; k++) {
		const char *want = arena_printf(q->a, "/%s/alerts", paths[k]);
		if (!text_eq(rest, want))
			continue;
		enum alerts kind = (enum alerts)k;
		if (!repo && kind == ALERTS_CODE)
			github_fail(q, r, 404, "Not Found");
		else if (repo && kind == ALERTS_CODE && text_eq(repo->name, "tiles"))
			github_fail(q, r, 404, "no analysis found");
		else if (repo && kind == ALERTS_CODE && !repo->service)
			github_fail(q, r, 403,
				    "Code Security must be enabled for this repository to use "
				    "code scanning.");
		else if (repo && repo->archived)
			github_fail(q, r, 403,
				    "Dependabot alerts are not available for archived "
				    "repositories.");
		else
			list(q, r, kind, repo);
		return true;
	}
	return false;
}
