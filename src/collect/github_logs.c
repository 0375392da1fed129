#include "collect/github.h"

#include "base/parse.h"
#include "base/text.h"
#include "scan/redact.h"
#include "store/ci_logs.h"

#include <ctype.h>
#include <strings.h>

#define LOGS_PER_RUN 30 /* requests are dear, and nobody reads more */
#define LINES	     5
#define LINE_CP	     200
#define TAIL_BYTES   65536 /* the end of a log holds the error: what comes after it is clean-up */
/* A place that knows no ranges sends all of it: six at a time still stay far under 64 MB. */
#define WHOLE_BYTES ((size_t)4 * 1024 * 1024)

/* --- the lines that matter --- */

/* "2026-11-10T10:00:01.1234567Z text" */
static const char *without_time(const char *s)
{
	int64_t t_s;
	size_t n = strcspn(s, " ");
	char stamp[40];
	if (n < 20 || n >= sizeof stamp || s[n - 1] != 'Z' || !isdigit((unsigned char)*s))
		return s;
	memcpy(stamp, s, n);
	stamp[n] = '\0';
	return parse_time(stamp, &t_s) ? s + n + (s[n] == ' ') : s;
}

/* Takes out ESC [ … letter and ESC ] … BEL, in place. */
static void strip_colours(char *s)
{
	char *to = s;
	while (*s) {
		if (*s != '\033') {
			*to++ = *s++;
			continue;
		}
		s++;
		if (*s == '[') {
			s++;
			while (*s && !isalpha((unsigned char)*s))
				s++;
			s += *s != '\0';
		} else if (*s == ']') {
			s += strcspn(s, "\a");
			s += *s != '\0';
		}
	}
	*to = '\0';
}

struct lines {
	const char *v[LINES];
	size_t n;
};

/* Room for the newest LINES. */
static void push(struct lines *l, const char *s)
{
	if (l->n > 0 && !strcmp(l->v[l->n - 1], s))
		return;
	if (l->n == LINES)
		memmove(&l->v[0], &l->v[1], --l->n * sizeof l->v[0]);
	l->v[l->n++] = s;
}

static const char *clean(struct arena *a, const char *s)
{
	const char *line = text_line(a, s, LINE_CP);
	return redact(a, line, redact_about_secrets(&line, 1));
}

static bool blank(const char *s)
{
	return !s[strspn(s, " \t\r")];
}

/* Says only that there was an error, which the lines before it tell. */
static bool is_exit(const char *s)
{
	return text_starts(s, "Process completed with exit code") ||
	       text_starts(s, "The operation was canceled") || text_starts(s, "The process '");
}

/* The error lines of actions, else what stood before the first exit code, else the last lines that
 * speak of an error, else the last lines. */
const char *gh_log_lines(const char *log, size_t n, struct arena *a)
{
	struct lines errors = {0}, before = {0}, spoken = {0}, last = {0};
	const char *exit_line = NULL;
	char *text = arena_alloc(a, n + 1);
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		if (log[i])
			text[len++] = log[i];
	text[len] = '\0';
	char *next = NULL;
	for (char *s = text + (text_starts(text, "\xef\xbb\xbf") ? 3 : 0); s && *s; s = next) {
		size_t k = strcspn(s, "\r\n");
		next = s[k] ? s + k + 1 : NULL;
		s[k] = '\0';
		strip_colours(s);
		const char *line = without_time(s);
		if (blank(line) || text_starts(line, "##[group]") ||
		    text_starts(line, "##[endgroup]") || text_starts(line, "##[command]") ||
		    text_starts(line, "[command]") || text_starts(line, "##[debug]"))
			continue;
		if (text_starts(line, "##[error]")) {
			line += strlen("##[error]");
			if (!is_exit(line))
				push(&errors, line);
			else if (!exit_line)
				exit_line = line, before = last;
			continue;
		}
		/* What comes after is clean-up, of whatever outcome. */
		if (text_starts(line, "Post job cleanup") ||
		    text_starts(line, "Cleaning up orphan processes"))
			break;
		push(&last, line);
		const char *low =
			text_lower(a, arena_strndup(a, line, MIN(strlen(line), (size_t)400)));
		if (strstr(low, "error") || strstr(low, "fail") || strstr(low, "exception") ||
		    strstr(low, "fatal"))
			push(&spoken, line);
	}
	struct lines *best = errors.n ? &errors : before.n ? &before : spoken.n ? &spoken : &last;
	if (best->n == 0 && exit_line)
		push(best, exit_line);
	if (best->n == 0)
		return NULL;
	struct sb b;
	sb_init(&b, a, LINES * (4 * LINE_CP + 64));
	for (size_t i = 0; i < best->n; i++)
		sb_addf(&b, "%s%s", i ? "\n" : "", clean(a, best->v[i]));
	return sb_str(&b);
}

/* --- asking --- */

struct log_ask {
	struct gh_repo *repo;
	struct ci_log l;
	const char *place; /* where the log lies, once known */
	bool whole; /* asked for without a range */
	bool moved; /* the repository was renamed: asked for by its number */
};

static const char *what(const struct log_ask *q)
{
	return arena_printf(&q->repo->g->c->scratch, "%s: the log of job %s", q->repo->rec.name,
			    q->l.job_key);
}

static bool keep(struct log_ask *q, const char *lines, struct err *e)
{
	struct collect *c = q->repo->g->c;
	gh_optional_got(&q->repo->g->logs);
	return db_begin(c->db, e) &&
	       ci_logs_put(c->db, q->repo->g->cfg->name, &q->l, lines, clock_now(c->clock), e) &&
	       db_commit(c->db, e);
}

static bool read_log(struct log_ask *q, const struct http_response *r, struct err *e)
{
	struct collect *c = q->repo->g->c;
	const char *s = r->body;
	size_t n = r->len;
	if (*s == '<' || *s == '{') { /* a page to sign in at, an error in JSON */
		gh_optional_lost(&q->repo->g->logs, r,
				 arena_printf(&c->scratch, "%s is no log", what(q)));
		return true;
	}
	if (n > TAIL_BYTES) { /* no range was given */
		s += n - TAIL_BYTES;
		n = TAIL_BYTES;
	}
	/* A cut may lie in the middle of a line. */
	if (r->status == 206 || s != r->body) {
		const char *end = memchr(s, '\n', n);
		n -= end ? (size_t)(end + 1 - s) : 0;
		s = end ? end + 1 : s;
	}
	return keep(q, gh_log_lines(s, n, &c->scratch), e);
}

static void ask_place(struct log_ask *q);

static bool on_place(struct part *p UNUSED, const struct http_response *r, void *ctx, struct err *e)
{
	struct log_ask *q = ctx;
	static const struct answer_hints hints = {0};
	if (r->status >= 200 && r->status <= 299)
		return read_log(q, r, e);
	/* Not every place counts from the end. */
	if ((r->status == 400 || r->status == 416) && !q->whole) {
		q->whole = true;
		ask_place(q);
		return true;
	}
	if (r->status == 404 || r->status == 410 || r->status == 416 ||
	    (r->status == 0 && r->err.kind == ERR_LIMIT && r->tries > 0)) /* over the cap */
		return keep(q, NULL, e);
	gh_optional_lost(&q->repo->g->logs, r,
			 answer_why(r, what(q), &hints, &q->repo->g->c->scratch));
	return true;
}

/* The place is signed by its address and must not see our token. */
static void ask_place(struct log_ask *q)
{
	struct part *p = q->repo->g->logs.p;
	const char *const headers[] = {
		q->whole ? NULL : arena_printf(p->c->a, "Range: bytes=-%d", TAIL_BYTES), NULL};
	struct http_request rq = {
		.url = q->place, .headers = headers, .max_body = WHOLE_BYTES, .url_secret = true};
	collect_submit_for(p, &rq, NULL, on_place, q); /* a log is never kept whole */
}

/* Of a renamed repository: the API's own paths may see the token, the place of a log on the same
 * host need not. */
static bool in_api(const struct github *g, const char *url)
{
	struct arena *a = &g->c->scratch;
	return text_starts(url, arena_printf(a, "%s/repositories/", g->cfg->url)) ||
	       text_starts(url, arena_printf(a, "%s/repos/", g->cfg->url));
}

static bool on_log(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct log_ask *q = ctx;
	struct github *g = q->repo->g;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why = NULL, *to = http_header(r, "location");
	if (r->status >= 300 && r->status <= 399 && to) {
		q->place = arena_strdup(p->c->a, to);
		if (in_api(g, to) && !q->moved) {
			q->moved = true;
			gh_get_place(g, q->repo->token, p, q->place, WHOLE_BYTES, on_log, q);
		} else {
			ask_place(q);
		}
		return true;
	}
	if (r->status >= 200 && r->status <= 299)
		return read_log(q, r, e);
	if (r->status == 404 || r->status == 410) /* logs go after 90 days, or by hand */
		return keep(q, NULL, e);
	/* For the words alone: it is no JSON. */
	if (!gh_json(g, q->repo->token, r, what(q), "Actions: read", &j, &why, e) && !why)
		return false;
	gh_optional_lost(&g->logs, r, why ? why : what(q));
	return true;
}

static struct gh_repo *repo_of(const struct github *g, const char *name)
{
	for (size_t i = 0; i < g->active.n; i++)
		if (text_eq(g->active.v[i]->rec.name, name))
			return g->active.v[i];
	return NULL;
}

bool gh_logs_start(struct github *g, struct err *e)
{
	struct collect *c = g->c;
	struct ci_logs list;
	if (!ci_logs_wanted(c->db, g->cfg->name, c->week.from_s, c->week.to_s, LOGS_PER_RUN, c->a,
			    &list, e))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct gh_repo *r = repo_of(g, list.v[i].repo);
		if (!r)
			continue;
		struct log_ask *q = arena_new(c->a, struct log_ask);
		*q = (struct log_ask){.repo = r, .l = list.v[i]};
		gh_optional_asked(&g->logs);
		gh_get_place(g, r->token, g->logs.p,
			     gh_url(r, arena_printf(c->a, "/actions/jobs/%s/logs", q->l.job_key)),
			     WHOLE_BYTES, on_log, q);
	}
	return true;
}
