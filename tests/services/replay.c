#include "services/server.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"
#include "base/text.h"

/* Recorded GitHub answers as an organisation of their own: every workflow run found in a folder's
 * recordings is listed under the repository it names, body as recorded; jobs come from recorded job
 * lists. A recording is {"request": {"method", "url"}, "status", "body": …}; bare bodies do as
 * well. */

struct recorded_repo {
	const char *full_name;
	VEC(const char *) runs; /* as JSON, newest first */
	VEC(int64_t) created_s;
	VEC(const char *) ids;
};
struct recorded_jobs {
	const char *run, *text;
};
static struct arena arena;
static VEC(struct recorded_repo) recorded;
static VEC(struct recorded_jobs) recorded_jobs;

static const char *as_text(const struct jv *v)
{
	struct jw *root = jw_obj();
	jw_copy(root, "v", v);
	const char *s = jw_print(root, false, &arena);
	jw_free(root);
	return arena_strndup(&arena, s + 5, strlen(s) - 6); /* without {"v": and } */
}

static void take_run(const struct jv *run)
{
	struct jv repository = json_get(run, "repository"),
		  name = json_get(&repository, "full_name"), id = json_get(run, "id"),
		  created = json_get(run, "created_at");
	const char *repo = json_text(&name, &arena), *key = json_text(&id, &arena),
		   *at = json_text(&created, &arena);
	int64_t t_s;
	if (!repo || !key || !at || !parse_time(at, &t_s))
		return;
	size_t i = 0;
	while (i < recorded.n && !text_eq(recorded.v[i].full_name, repo))
		i++;
	if (i == recorded.n) {
		struct recorded_repo fresh = {.full_name = repo};
		vec_push(&arena, &recorded, fresh);
	}
	struct recorded_repo *o = &recorded.v[i];
	for (size_t k = 0; k < o->ids.n; k++)
		if (text_eq(o->ids.v[k], key))
			return;
	vec_push(&arena, &o->ids, key);
	vec_push(&arena, &o->created_s, t_s);
	vec_push(&arena, &o->runs, as_text(run));
	for (size_t k = o->ids.n - 1; k > 0 && o->created_s.v[k - 1] < o->created_s.v[k]; k--) {
		const char *s = o->ids.v[k], *text = o->runs.v[k];
		int64_t t = o->created_s.v[k];
		o->ids.v[k] = o->ids.v[k - 1], o->runs.v[k] = o->runs.v[k - 1],
		o->created_s.v[k] = o->created_s.v[k - 1];
		o->ids.v[k - 1] = s, o->runs.v[k - 1] = text, o->created_s.v[k - 1] = t;
	}
}

static void take_body(const struct jv *body)
{
	struct jv runs = json_get(body, "workflow_runs"), jobs = json_get(body, "jobs");
	for (struct jv it = json_first(&runs); json_is_arr(&runs) && it.n; it = json_next(&it))
		take_run(&it);
	if (json_is_arr(&jobs)) {
		struct jv first = json_first(&jobs), run = json_get(&first, "run_id");
		struct recorded_jobs j = {first.n ? json_text(&run, &arena) : NULL, as_text(body)};
		if (j.run)
			vec_push(&arena, &recorded_jobs, j);
	}
	struct jv id = json_get(body, "id"), workflow = json_get(body, "workflow_id");
	if (id.n && workflow.n)
		take_run(body);
}

bool replay_load(const char *dir, struct err *e)
{
	struct strv files = {0};
	if (!file_glob(path_join(&arena, dir, "*.json"), &arena, &files, e))
		return false;
	for (size_t i = 0; i < files.n; i++) {
		const char *text;
		size_t len;
		CLEANUP(json_freep) struct json *j = NULL;
		if (!file_read(files.v[i], LIMIT_BODY_BYTES, &arena, &text, &len, e))
			return false;
		struct err ignored = {0};
		if (!json_parse(text, len, &j, &ignored))
			continue;
		struct jv root = json_root(j), body = json_get(&root, "body");
		take_body(json_is_obj(&body) ? &body : &root);
	}
	if (!recorded.n)
		return err_set(e, ERR_USAGE, "%s: no recorded workflow run", dir);
	return true;
}

static const char *join(struct request *q, const struct recorded_repo *o)
{
	struct sb b;
	sb_init(&b, q->a, LIMIT_BODY_BYTES);
	sb_addf(&b, "{\"total_count\":%zu,\"workflow_runs\":[", o->runs.n);
	size_t per = (size_t)request_number(q, "per_page", 1, 100, 30),
	       from = ((size_t)request_number(q, "page", 1, 10000, 1) - 1) * per;
	for (size_t i = from; i < o->runs.n && i < from + per; i++)
		sb_addf(&b, "%s%s", i > from ? "," : "", o->runs.v[i]);
	sb_add(&b, "]}");
	return sb_str(&b);
}

void replay_serve(struct request *q, struct answer *r)
{
	if (text_starts(q->path, "/orgs/")) {
		CLEANUP(jw_freep) struct jw *root = jw_arr();
		for (size_t i = 0; i < recorded.n; i++) {
			struct jw *o = jw_add_obj(root, NULL);
			jw_i64(o, "id", 500 + (int64_t)i);
			jw_str(o, "name",
			       strchr(recorded.v[i].full_name, '/')
				       ? strchr(recorded.v[i].full_name, '/') + 1
				       : "");
			jw_str(o, "full_name", recorded.v[i].full_name);
			jw_bool(o, "archived", false);
			jw_bool(o, "disabled", false);
			jw_bool(o, "fork", false);
			jw_str(o, "default_branch", "main");
			jw_str(o, "html_url",
			       arena_printf(q->a, "https://github.example.org/%s",
					    recorded.v[i].full_name));
		}
		answer_json(q, r, root);
		return;
	}
	for (size_t i = 0; i < recorded.n; i++) {
		const char *base = arena_printf(q->a, "/repos/%s", recorded.v[i].full_name),
			   *rest = q->path + strlen(base);
		if (!text_starts(q->path, base) || *rest != '/')
			continue;
		if (text_eq(rest, "/actions/runs")) {
			size_t per = (size_t)request_number(q, "per_page", 1, 100, 30),
			       page = (size_t)request_number(q, "page", 1, 10000, 1);
			if (page * per < recorded.v[i].runs.n)
				answer_header(
					r, "Link",
					arena_printf(
						q->a,
						"<http://127.0.0.1:%d%s?per_page=%zu&page=%zu>; "
						"rel=\"next\"",
						q->port, q->path, per, page + 1));
			r->body = join(q, &recorded.v[i]);
			return;
		}
		for (size_t k = 0; k < recorded_jobs.n; k++)
			if (strstr(rest, arena_printf(q->a, "/runs/%s/", recorded_jobs.v[k].run)) &&
			    strstr(rest, "/jobs")) {
				r->body = recorded_jobs.v[k].text;
				return;
			}
		for (size_t k = 0; k < recorded.v[i].ids.n; k++)
			if (text_eq(rest, arena_printf(q->a, "/actions/runs/%s",
						       recorded.v[i].ids.v[k]))) {
				r->body = recorded.v[i].runs.v[k];
				return;
			}
		r->body = strstr(rest, "/jobs")		  ? "{\"total_count\":0,\"jobs\":[]}"
			  : strstr(rest, "/workflows")	  ? "{\"total_count\":0,\"workflows\":[]}"
			  : text_eq(rest, "/deployments") ? "[]"
							  : NULL;
		if (r->body)
			return;
	}
	answer_error(q, r, 404, "message", "Not Found");
}

void replay_list(void)
{
	char b[TIME_TEXT];
	for (size_t i = 0; i < recorded.n; i++)
		for (size_t k = 0; k < recorded.v[i].ids.n; k++)
			printf("%s\t%s\t%s\n", recorded.v[i].full_name, recorded.v[i].ids.v[k],
			       time_iso(recorded.v[i].created_s.v[k], b));
}
