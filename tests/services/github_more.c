#include "services/server.h"

#include "base/parse.h"
#include "base/text.h"

/* GitHub's comparison of two commits, and the logs of jobs: these lie in another place, which knows
 * no ranges from the end and refuses a token. */

static const char *iso(const struct request *q, int64_t t_s)
{
	char b[TIME_TEXT];
	return arena_strdup(q->a, time_iso(t_s, b));
}

static size_t find(const struct commits *v, const char *sha)
{
	for (size_t i = 0; i < v->n; i++)
		if (strlen(sha) >= 7 && text_starts(v->v[i].sha, sha))
			return i;
	return SIZE_MAX;
}

static void commit_json(struct request *q, struct jw *o, const struct commit *x)
{
	jw_str(o, "sha", x->sha);
	struct jw *w = jw_add_obj(o, "commit");
	jw_str(w, "message", "A change");
	struct jw *author = jw_add_obj(w, "author");
	jw_str(author, "name", "Somebody");
	jw_str(author, "email", arena_printf(q->a, "dev%d@example.org", x->sha[0] % 5));
	jw_str(author, "date", iso(q, x->t_s - 600)); /* written before it was committed */
	jw_str(jw_add_obj(w, "committer"), "date", iso(q, x->t_s));
	jw_null(o, "author");
}

void github_compare(struct request *q, struct answer *r, int repo, const char *pair)
{
	const char *dots = strstr(pair, "...");
	struct commits all = {0};
	estate_commits(q->c->estate, repo, q->a, &all);
	size_t base = SIZE_MAX, head = SIZE_MAX;
	if (dots) {
		base = find(&all, arena_strndup(q->a, pair, (size_t)(dots - pair)));
		head = find(&all, dots + 3);
	}
	if (base == SIZE_MAX || head == SIZE_MAX) {
		answer_error(q, r, 404, "message", "Not Found");
		return;
	}
	size_t n = head > base ? head - base : 0;
	size_t per = (size_t)request_number(q, "per_page", 1, 100, 30),
	       page = (size_t)request_number(q, "page", 1, 1000, 1);
	size_t from = MIN((page - 1) * per, n), to = MIN(page * per, n);
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	jw_str(root, "status", head > base ? "ahead" : head < base ? "behind" : "identical");
	jw_i64(root, "ahead_by", (int64_t)n);
	jw_i64(root, "behind_by", head < base ? (int64_t)(base - head) : 0);
	jw_i64(root, "total_commits", (int64_t)n);
	struct jw *rows = jw_add_arr(root, "commits");
	for (size_t i = from; i < to; i++)
		commit_json(q, jw_add_obj(rows, NULL), &all.v[base + 1 + i]);
	if (to < n)
		answer_header(r, "Link",
			      arena_printf(q->a,
					   "<http://127.0.0.1:%d%s?per_page=%zu&page=%zu>; "
					   "rel=\"next\"",
					   q->port, q->path, per, page + 1));
	answer_json(q, r, root);
}

void github_log_place(struct request *q, struct answer *r, const char *job)
{
	r->status = 302;
	r->body = "";
	answer_header(r, "Location",
		      arena_printf(q->a, "http://localhost:%d/blob/logs/%.*s", q->port,
				   (int)strcspn(job, "/"), job));
}

void github_log(struct request *q, struct answer *r)
{
	const char *range = request_header(q, "Range");
	r->type = "text/plain";
	if (request_header(q, "Authorization")) {
		r->status = 403;
		r->type = "application/xml";
		r->body = "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>";
	} else if (range && text_starts(range, "bytes=-")) {
		r->status = 400;
		r->type = "application/xml";
		r->body = "<?xml version=\"1.0\"?><Error><Code>InvalidHeaderValue</Code></Error>";
	} else {
		r->body = "\xef\xbb\xbf"
			  "2026-11-09T10:00:00.1000000Z ##[group]Run make\n"
			  "2026-11-09T10:00:00.2000000Z \033[36;1mmake\033[0m\n"
			  "2026-11-09T10:00:00.3000000Z ##[endgroup]\n"
			  "2026-11-09T10:00:09.4000000Z Traceback (most recent call last):\n"
			  "2026-11-09T10:00:09.4000001Z   File \"load.py\", line 12, in main\n"
			  "2026-11-09T10:00:09.5000000Z \033[31mValueError: entity 4711 has no "
			  "geometry\033[0m\n"
			  "2026-11-09T10:00:09.6000000Z ##[error]Process completed with exit code "
			  "1.\n"
			  "2026-11-09T10:00:09.7000000Z Post job cleanup.\n"
			  "2026-11-09T10:00:09.8000000Z error: nothing to clean\n";
	}
}
