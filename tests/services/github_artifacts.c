#include "services/github.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "support/zips.h"

/* One repository uploads what bandit says of it every week, and a coverage report beside it. The
 * oldest artefacts have expired. */

#define REPO "pipelines"
enum { FIRST_ID = 880000, EXPIRED_WEEKS = 3 };

static int64_t created_s(const struct estate *s, int w)
{
	return estate_at(s, w, 1, 9 * 60 + 20);
}

static void artifact_json(struct request *q, struct jw *o, int w, bool scan)
{
	const struct estate *s = q->c->estate;
	char at[TIME_TEXT];
	int64_t id = FIRST_ID + 2 * w + !scan;
	jw_i64(o, "id", id);
	jw_str(o, "name", scan ? "bandit-report" : "coverage");
	jw_i64(o, "size_in_bytes", 600);
	jw_bool(o, "expired", w < EXPIRED_WEEKS);
	jw_str(o, "created_at", time_iso(created_s(s, w), at));
	jw_str(o, "archive_download_url",
	       arena_printf(q->a,
			    "http://127.0.0.1:%d/repos/" ESTATE_ORG "/" REPO
			    "/actions/artifacts/%lld/zip",
			    q->port, (long long)id));
	struct jw *run = jw_add_obj(o, "workflow_run");
	jw_i64(run, "id", 26000000000 + w);
	jw_str(run, "head_branch", "main");
}

bool github_artifacts(struct request *q, struct answer *r, const struct repo *repo,
		      const char *rest)
{
	int64_t id;
	bool here = text_eq(repo->name, REPO);
	if (text_eq(rest, "/actions/artifacts")) {
		CLEANUP(jw_freep) struct jw *root = jw_obj();
		struct jw *rows = jw_add_arr(root, "artifacts");
		jw_i64(root, "total_count", here ? 2 * ESTATE_WEEKS : 0);
		for (int w = ESTATE_WEEKS - 1; here && w >= 0; w--) {
			artifact_json(q, jw_add_obj(rows, NULL), w, true);
			artifact_json(q, jw_add_obj(rows, NULL), w, false);
		}
		answer_json(q, r, root);
		return true;
	}
	if (!text_starts(rest, "/actions/artifacts/") || !strstr(rest, "/zip"))
		return false;
	rest += strlen("/actions/artifacts/");
	if (!here || !parse_i64_n(rest, strcspn(rest, "/"), &id) || id < FIRST_ID ||
	    id >= FIRST_ID + 2 * ESTATE_WEEKS) {
		github_fail(q, r, 404, "Not Found");
	} else if ((id - FIRST_ID) / 2 < EXPIRED_WEEKS) {
		github_fail(q, r, 410, "Artifact has expired");
	} else {
		r->status = 302;
		r->body = "";
		answer_header(r, "Location",
			      arena_printf(q->a, "http://127.0.0.1:%d/%lld.zip?sig=invented",
					   q->c->blobs_port, (long long)id));
	}
	return true;
}

static const char *report(struct request *q, int w)
{
	static const char *const files[] = {"load.py", "merge.py", "publish.py", "check.py"};
	char at[TIME_TEXT];
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_add_arr(o, "errors");
	jw_str(o, "generated_at", time_iso(created_s(q->c->estate, w) - 60, at));
	jw_i64(jw_add_obj(jw_add_obj(o, "metrics"), "_totals"), "loc", 1200);
	struct jw *rows = jw_add_arr(o, "results");
	for (size_t i = 0; i < 2 + (size_t)(w % 3 == 0); i++) {
		struct jw *x = jw_add_obj(rows, NULL);
		jw_str(x, "test_id", "B608");
		jw_str(x, "test_name", "hardcoded_sql_expressions");
		jw_str(x, "filename", files[i]);
		jw_str(x, "issue_text", "Possible SQL injection vector");
		jw_str(x, "issue_severity", "MEDIUM");
		jw_i64(x, "line_number", 10 + (int64_t)i);
	}
	return jw_print(o, false, q->a);
}

void github_blobs(struct request *q, struct answer *r)
{
	int64_t id = 0;
	r->type = "application/xml";
	if (request_header(q, "Authorization")) {
		r->status = 400;
		r->body = "<?xml version=\"1.0\"?><Error><Code>InvalidAuthenticationInfo</Code>"
			  "</Error>";
	} else if (!text_eq(request_param(q, "sig", 0), "invented") ||
		   !parse_i64_n(q->path + 1, strcspn(q->path + 1, "."), &id)) {
		r->status = 403;
		r->body = "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>";
	} else {
		const struct zips_file v[] = {
			{"reports/", NULL, 0},
			{"reports/bandit.json", report(q, (int)((id - FIRST_ID) / 2)), 0},
			{"reports/bandit.html", "<!doctype html><title>bandit</title>", 0}};
		r->type = "application/zip";
		r->body = zips_make(q->a, v, ARRAY_SIZE(v), NULL, &r->body_len);
	}
}

bool github_sign_in(struct request *q, struct answer *r)
{
	const char *bearer = request_header(q, "Authorization");
	char at[TIME_TEXT];
	if (!text_starts(q->path, "/app/installations/") || !strstr(q->path, "/access_tokens"))
		return false;
	/* three parts; a signature of 2048 bits is 342 characters long */
	const char *dot = bearer ? strrchr(bearer, '.') : NULL;
	if (!text_eq(q->method, "POST") || !dot || strlen(dot) < 300 ||
	    !text_starts(bearer, "Bearer eyJ")) {
		github_fail(q, r, 401, "A JSON web token could not be decoded");
	} else {
		CLEANUP(jw_freep) struct jw *o = jw_obj();
		jw_str(o, "token", q->c->github_token);
		jw_str(o, "expires_at", time_iso(clock_real() + 3600, at));
		r->status = 201;
		answer_json(q, r, o);
	}
	return true;
}
