#include "lib/http.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "lib/http_try.h"
#include "lib/retry.h"

#include <strings.h>
#include <unistd.h>

#define REDIRECTS_MAX  5
#define RETRY_TOTAL_MS ((int64_t)10 * 60 * 1000)
#define NEVER	       INT64_MAX

/* What may go along to another host, port or scheme. */
static const char *const harmless[] = {"Accept", "Accept-Language"};

struct host {
	struct host *next;
	const char *origin; /* "https://api.example.org:443" */
	struct job *queue, **queue_end; /* jobs that wait for a place here, oldest first */
	int places; /* taken: jobs of this host in http.active */
	int64_t last_start_ms, hold_until_ms; /* monotonic */
};

struct job {
	struct job *next; /* in host.queue or http.active */
	uint64_t seq;
	struct http_request rq; /* its strings in packed, or in a after a redirect */
	char *packed; /* malloc: one block a job, as thousands may wait */
	struct arena a; /* unused until the job is redirected */
	http_handler f;
	void *ctx;
	struct host *host;
	bool running; /* a try is under way; else it waits for due_ms */
	int64_t due_ms, waited_ms, begun_ms;
	int redirects, failures; /* tries that were worth another */
	struct http_try t;
	struct http_response r; /* of the last try; url, tries and wire_bytes of all */
};

struct http {
	struct http_opts o;
	struct arena a, scratch; /* options and hosts; one submission */
	struct host *hosts;
	struct job *active; /* jobs that have a place */
	size_t queued;
	uint64_t seq, random;
	void *multi;
	struct http *alone; /* for http_one: its own loop, made when first wanted */
};

static double jitter(struct http *h)
{
	h->random ^= h->random << 13; /* xorshift64: only spreads tries, secures nothing */
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return (double)(h->random >> 11) / 9007199254740992.0;
}

bool http_new(const struct http_opts *o, struct http **out, struct err *e)
{
	void *multi;
	if (!http_try_multi(&multi, e))
		return false;
	struct http *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	h->multi = multi;
	h->o = *o;
	h->o.user_agent = arena_strdup(&h->a, o->user_agent);
	h->o.ca_file = arena_strdup(&h->a, o->ca_file);
	h->o.concurrency = MAX(1, o->concurrency);
	h->o.timeout_s = MAX(1, o->timeout_s);
	if (!h->o.backoff_ms)
		h->o.backoff_ms = 1000;
	if (!h->o.retry_total_ms)
		h->o.retry_total_ms = RETRY_TOTAL_MS;
	h->random = ((uint64_t)clock_mono_ms() << 20 ^ (uint64_t)getpid()) | 1;
	*out = h;
	return true;
}

static void job_free(struct http *h, struct job *j)
{
	http_try_release(&j->t, h->multi);
	arena_release(&j->a);
	free(j->packed);
	free(j);
}

/* The job has no place any more. */
static void leave(struct http *h, struct job *j)
{
	struct job **link = &h->active;
	while (*link != j)
		link = &(*link)->next;
	*link = j->next;
	j->host->places--;
}

static void drop_all(struct http *h)
{
	for (struct job *j; (j = h->active);) {
		leave(h, j);
		job_free(h, j);
	}
	for (struct host *it = h->hosts; it; it = it->next) {
		for (struct job *j; (j = it->queue);) {
			it->queue = j->next;
			job_free(h, j);
		}
		it->queue_end = &it->queue;
	}
	h->queued = 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	http_free(h->alone);
	drop_all(h);
	http_try_multi_free(h->multi);
	arena_release(&h->scratch);
	arena_release(&h->a);
	free(h);
}

void http_freep(struct http **h)
{
	http_free(*h);
}

static struct host *host_of(struct http *h, const char *origin)
{
	struct host *it = h->hosts;
	while (it && strcmp(it->origin, origin) != 0)
		it = it->next;
	if (!it) {
		it = arena_new(&h->a, struct host);
		it->origin = arena_strdup(&h->a, origin);
		it->queue_end = &it->queue;
		it->next = h->hosts;
		h->hosts = it;
	}
	return it;
}

/* Strings one after the other in a block; without a block only their length is counted. */
struct packer {
	char *at;
	size_t len;
};

static const char *pack(struct packer *p, const char *s, size_t n)
{
	if (!s)
		return NULL;
	char *copy = NULL;
	if (p->at) {
		copy = p->at + p->len;
		memcpy(copy, s, n);
		copy[n] = '\0';
	}
	p->len += n + 1;
	return copy;
}

static const char *pack_str(struct packer *p, const char *s)
{
	return s ? pack(p, s, strlen(s)) : NULL;
}

struct packed {
	struct http_sigv4 sigv4;
	const char *headers[]; /* NULL at the end; the strings follow */
};

static void pack_request(struct packer *p, struct packed *to, const struct http_request *in,
			 struct http_request *rq, const char **shown)
{
	rq->method = pack_str(p, in->method);
	rq->url = pack_str(p, in->url);
	rq->bearer = pack_str(p, in->bearer);
	rq->body = pack(p, in->body, in->body_len);
	*shown = pack_str(p, *shown);
	for (size_t i = 0; in->headers && in->headers[i]; i++) {
		const char *s = pack_str(p, in->headers[i]);
		if (to)
			to->headers[i] = s;
	}
	if (in->sigv4) {
		struct http_sigv4 s = {
			pack_str(p, in->sigv4->region), pack_str(p, in->sigv4->service),
			pack_str(p, in->sigv4->key_id), pack_str(p, in->sigv4->secret),
			pack_str(p, in->sigv4->session_token)};
		if (to)
			to->sigv4 = s;
	}
	if (to) {
		rq->headers = to->headers;
		rq->sigv4 = in->sigv4 ? &to->sigv4 : NULL;
	}
}

static void copy_request(struct job *j, const struct http_request *in, const char *shown)
{
	size_t n = 0;
	while (in->headers && in->headers[n])
		n++;
	size_t fixed = sizeof(struct packed) + (n + 1) * sizeof(char *);
	struct packer p = {0};
	const char *ignored = shown;
	j->rq = *in;
	pack_request(&p, NULL, in, &j->rq, &ignored);
	j->packed = calloc(1, fixed + p.len);
	BUG_ON(!j->packed);
	p = (struct packer){.at = j->packed + fixed};
	pack_request(&p, (struct packed *)(void *)j->packed, in, &j->rq, &shown);
	j->r.url = shown;
}

void http_submit(struct http *h, const struct http_request *rq, http_handler f, void *ctx)
{
	struct job *j = calloc(1, sizeof *j);
	BUG_ON(!j);
	j->f = f;
	j->ctx = ctx;
	j->seq = h->seq++;
	j->r.body = "";
	struct http_request in = *rq;
	if (!in.url)
		in.url = "";
	const char *origin = "", *shown = "";
	arena_reset(&h->scratch);
	/* A request that may not be sent is reported in its turn, like any that failed. */
	if (http_try_url(in.url, in.url_secret, &h->scratch, &origin, &shown, &j->r.err))
		(void)!http_try_check(&in, &j->r.err);
	copy_request(j, &in, shown);
	j->host = host_of(h, origin);
	*j->host->queue_end = j;
	j->host->queue_end = &j->next;
	h->queued++;
}

/* When the job may begin, as far as its host is concerned. */
static int64_t allowed_ms(const struct job *j)
{
	int64_t t = MAX(j->due_ms, j->host->hold_until_ms);
	if (j->host->last_start_ms)
		t = MAX(t, j->host->last_start_ms + j->rq.min_gap_ms);
	return t;
}

/* Ends a job: its handler hears the answer. */
static bool finish(struct http *h, struct job *j, struct err *e)
{
	log_debug("http", "answer method=%s url=%s status=%d tries=%d bytes=%lld ms=%lld",
		  j->rq.method ? j->rq.method : "GET", j->r.url, j->r.status, j->r.tries,
		  (long long)j->r.wire_bytes, (long long)(clock_mono_ms() - j->begun_ms));
	leave(h, j); /* first: what the handler submits may take its place */
	bool ok = j->f(&j->r, j->ctx, e);
	job_free(h, j);
	return ok;
}

static bool failed(struct http *h, struct job *j, enum err_kind kind, const char *what,
		   struct err *e)
{
	j->r.status = 0;
	j->r.body = "";
	j->r.len = 0;
	j->r.headers = NULL;
	j->r.header_n = 0;
	err_set(&j->r.err, kind, "%s: %s", j->r.url, what);
	return finish(h, j, e);
}

static bool begin(struct http *h, struct job *j, int64_t now, struct err *e)
{
	if (!j->begun_ms)
		j->begun_ms = now;
	if (j->r.err.kind != ERR_NONE && j->r.tries == 0)
		return finish(h, j, e); /* refused by http_submit */
	if (j->rq.budget) {
		if (*j->rq.budget <= 0)
			return failed(h, j, ERR_LIMIT,
				      "the request budget is used up (limits.requests_per_source)",
				      e);
		--*j->rq.budget;
	}
	j->host->last_start_ms = now;
	j->r.tries++;
	struct err why = {0};
	if (!http_try_start(&j->t, h->multi, &h->o, &j->rq, j, &why))
		return failed(h, j, why.kind, why.msg, e);
	j->running = true;
	return true;
}

/* The host whose oldest job is the next to get a place; NULL when there is none. */
static struct host *next_host(struct http *h, int64_t now, int64_t *wake_ms)
{
	bool alone = h->o.concurrency == 1;
	if (alone && h->active)
		return NULL;
	struct host *best = NULL;
	for (struct host *it = h->hosts; it; it = it->next)
		if (it->queue && it->places < h->o.concurrency &&
		    (alone || allowed_ms(it->queue) <= now) &&
		    (!best || it->queue->seq < best->queue->seq))
			best = it;
		else if (it->queue && it->places < h->o.concurrency && !alone)
			*wake_ms = MIN(*wake_ms, MAX(now, allowed_ms(it->queue)));
	if (best && allowed_ms(best->queue) > now) {
		*wake_ms = MIN(*wake_ms, allowed_ms(best->queue));
		return NULL;
	}
	return best;
}

/* Starts what may start; *wake_ms: when the next of the rest may. */
static bool start_due(struct http *h, int64_t *wake_ms, struct err *e)
{
	*wake_ms = NEVER;
	int64_t now = clock_mono_ms();
	for (struct job *j = h->active, *next; j; j = next) {
		next = j->next;
		if (j->running)
			continue;
		if (allowed_ms(j) > now)
			*wake_ms = MIN(*wake_ms, allowed_ms(j));
		else if (!begin(h, j, now, e))
			return false;
	}
	for (struct host *it; (it = next_host(h, now, wake_ms));) {
		struct job *j = it->queue;
		it->queue = j->next;
		if (!it->queue)
			it->queue_end = &it->queue;
		h->queued--;
		it->places++;
		j->next = h->active;
		h->active = j;
		if (!begin(h, j, now, e))
			return false;
	}
	return true;
}

static bool is_redirect(const struct job *j)
{
	switch (j->r.status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		break;
	default: /* a number of the other side */
		return false;
	}
	return !j->rq.no_redirect && http_header(&j->r, "location") &&
	       (!j->rq.method || strcmp(j->rq.method, "GET") == 0 ||
		strcmp(j->rq.method, "HEAD") == 0);
}

static bool is_harmless(const char *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		size_t n = strlen(harmless[i]);
		if (strncasecmp(header, harmless[i], n) == 0 && header[n] == ':')
			return true;
	}
	return false;
}

/* Moves the job to where the answer points; what cannot be followed ends it. */
static bool redirect(struct http *h, struct job *j, struct err *e)
{
	struct err why = {0};
	const char *url, *origin, *shown;
	if (++j->redirects > REDIRECTS_MAX)
		return failed(h, j, ERR_PROTO, "more than 5 redirects", e);
	if (!http_try_location(j->rq.url, http_header(&j->r, "location"), &j->a, &url, &why) ||
	    !http_try_url(url, j->rq.url_secret, &j->a, &origin, &shown, &why))
		return failed(h, j, ERR_PROTO, "redirect to what is not an http or https address",
			      e);
	if (text_starts(j->host->origin, "https:") && !text_starts(origin, "https:"))
		return failed(h, j, ERR_PROTO, "redirect from https to http refused", e);
	if (strcmp(origin, j->host->origin) != 0) {
		const char **keep = arena_array(&j->a, const char *, ARRAY_SIZE(harmless) + 1);
		size_t n = 0;
		for (size_t i = 0; j->rq.headers[i] && n < ARRAY_SIZE(harmless); i++)
			if (is_harmless(j->rq.headers[i]))
				keep[n++] = j->rq.headers[i];
		j->rq.headers = keep;
		j->rq.bearer = NULL;
		j->rq.sigv4 = NULL;
	}
	leave(h, j);
	j->running = false;
	j->rq.url = url;
	j->host = host_of(h, origin);
	j->next = j->host->queue; /* in front: it is the oldest of those that wait */
	j->host->queue = j;
	if (!j->next)
		j->host->queue_end = &j->next;
	h->queued++;
	return true;
}

/* The other side certainly did nothing. */
static bool without_effect(const struct http_response *r, const struct retry *d)
{
	return r->status == 0 ? !r->sent : d->whole_host;
}

static bool ended(struct http *h, struct job *j, int code, struct err *e)
{
	http_try_end(&j->t, h->multi, code, &j->r);
	if (is_redirect(j))
		return redirect(h, j, e);
	struct retry d =
		retry_decide(&j->r, j->failures + 1, clock_real(), h->o.backoff_ms, jitter(h));
	int retries = j->rq.tries ? MIN(j->rq.tries - 1, h->o.retries) : h->o.retries;
	if (!d.again || (j->rq.once && !without_effect(&j->r, &d)) || j->failures >= retries ||
	    j->waited_ms + d.wait_ms > h->o.retry_total_ms || (j->rq.budget && *j->rq.budget <= 0))
		return finish(h, j, e);
	log_debug("http", "again url=%s status=%d reason=\"%s\" wait_ms=%lld", j->r.url,
		  j->r.status, d.why, (long long)d.wait_ms);
	j->failures++;
	j->waited_ms += d.wait_ms;
	j->due_ms = clock_mono_ms() + d.wait_ms;
	if (d.whole_host)
		j->host->hold_until_ms = MAX(j->host->hold_until_ms, j->due_ms);
	j->running = false;
	return true;
}

static bool loop(struct http *h, struct err *e)
{
	while (h->active || h->queued) {
		int64_t wake;
		if (!start_due(h, &wake, e))
			return false;
		if (!h->active && !h->queued)
			break;
		/* libcurl wakes us for its transfers; a second is enough for the rest. */
		int64_t wait = wake == NEVER ? 1000 : MAX(1, wake - clock_mono_ms());
		if (!http_try_pump(h->multi, wait, e))
			return false;
		void *tag;
		int code;
		while (http_try_next(h->multi, &tag, &code))
			if (!ended(h, tag, code, e))
				return false;
	}
	return true;
}

bool http_run(struct http *h, struct err *e)
{
	if (loop(h, e))
		return true;
	drop_all(h);
	return false;
}

struct one {
	struct arena *a;
	struct http_response *out;
};

static bool on_one(const struct http_response *r, void *ctx, struct err *e)
{
	struct one *one = ctx;
	if (r->status == 0 && r->err.kind == ERR_BUG)
		return err_set(e, ERR_BUG, "%s", r->err.msg);
	struct http_response c = *r;
	c.url = arena_strdup(one->a, r->url);
	c.body = arena_strndup(one->a, r->body, r->len);
	c.headers = arena_array(one->a, struct http_header, r->header_n);
	for (size_t i = 0; i < r->header_n; i++)
		c.headers[i] = (struct http_header){arena_strdup(one->a, r->headers[i].name),
						    arena_strdup(one->a, r->headers[i].value)};
	*one->out = c;
	return true;
}

bool http_one(struct http *h, const struct http_request *rq, struct arena *a,
	      struct http_response *out, struct err *e)
{
	/* A loop of its own, so that a handler may ask while h is running, and so that nothing of
	 * h's queue runs now. */
	if (!h->alone && !http_new(&h->o, &h->alone, e))
		return false;
	struct one one = {a, out};
	http_submit(h->alone, rq, on_one, &one);
	return http_run(h->alone, e);
}
