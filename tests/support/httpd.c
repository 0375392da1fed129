#include "support/httpd.h"

#include "base/clock.h"
#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <arpa/inet.h>
#include <fnmatch.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <strings.h>
#include <unistd.h>

struct rule {
	const char *method, *path;
	VEC(struct httpd_answer) answers;
	size_t next;
};

struct httpd {
	struct MHD_Daemon *mhd;
	int port;
	char url[64];
	pthread_mutex_t lock;
	pthread_cond_t stopping_cond;
	bool stopping;
	struct arena a;
	VEC(struct rule *) rules;
	VEC(struct httpd_request *) seen;
	httpd_fn any;
	void *any_ctx;
	int now, peak;
};

/* One request under way. */
struct pending {
	char *target;
	int64_t at_ms;
	bool begun, done;
	char *body;
	size_t len;
};

static bool matches(const char *method, const char *path, const struct httpd_request *rq)
{
	if (method && strcmp(method, rq->method) != 0)
		return false;
	if (!path)
		return true;
	return fnmatch(path, strchr(path, '?') ? rq->target : rq->path, 0) == 0;
}

static struct httpd_answer copy_answer(struct arena *a, const struct httpd_answer *in)
{
	struct httpd_answer out = *in;
	if (in->body && !in->len)
		out.len = strlen(in->body);
	out.body = in->body ? arena_memdup(a, in->body, out.len) : "";
	if (in->headers) {
		size_t n = 0;
		while (in->headers[n])
			n++;
		const char **v = arena_array(a, const char *, n + 1);
		for (size_t i = 0; i < n; i++)
			v[i] = arena_strdup(a, in->headers[i]);
		out.headers = v;
	}
	return out;
}

/* Under the lock. */
static struct httpd_answer pick(struct httpd *h, const struct httpd_request *rq)
{
	for (size_t i = 0; i < h->rules.n; i++) {
		struct rule *r = h->rules.v[i];
		if (!matches(r->method, r->path, rq))
			continue;
		struct httpd_answer an = r->answers.v[r->next];
		if (r->next + 1 < r->answers.n)
			r->next++;
		return an;
	}
	struct httpd_answer an = {.status = 404, .body = "{\"error\":\"no rule\"}"};
	if (h->any)
		an = h->any(rq, &h->a, h->any_ctx);
	return copy_answer(&h->a, &an);
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind UNUSED, const char *key,
				  const char *value)
{
	void **c = cls;
	struct httpd *h = c[0];
	struct httpd_request *rq = c[1];
	struct httpd_header *v = arena_array(&h->a, struct httpd_header, rq->header_n + 1);
	if (rq->header_n)
		memcpy(v, rq->headers, rq->header_n * sizeof *v);
	v[rq->header_n] = (struct httpd_header){arena_strdup(&h->a, key),
						arena_strdup(&h->a, value ? value : "")};
	rq->headers = v;
	rq->header_n++;
	return MHD_YES;
}

static void *on_uri(void *cls UNUSED, const char *uri, struct MHD_Connection *c UNUSED)
{
	struct pending *p = calloc(1, sizeof *p);
	BUG_ON(!p);
	p->target = strdup(uri);
	p->at_ms = clock_mono_ms();
	return p;
}

static const char *gzip(struct arena *a, const char *s, size_t n, size_t *out_n)
{
	size_t cap = n + 1024;
	char *out = arena_alloc(a, cap);
	struct archive *z = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_filetype(entry, AE_IFREG);
	BUG_ON(archive_write_add_filter_gzip(z) != ARCHIVE_OK);
	BUG_ON(archive_write_set_format_raw(z) != ARCHIVE_OK);
	BUG_ON(archive_write_set_bytes_in_last_block(z, 1) != ARCHIVE_OK);
	BUG_ON(archive_write_open_memory(z, out, cap, out_n) != ARCHIVE_OK);
	BUG_ON(archive_write_header(z, entry) != ARCHIVE_OK);
	BUG_ON(archive_write_data(z, s, n) != (ssize_t)n);
	BUG_ON(archive_write_free(z) != ARCHIVE_OK);
	archive_entry_free(entry);
	return out;
}

/* A body that comes slowly or breaks off. */
struct slow {
	struct httpd *h;
	const char *p;
	size_t len, cut;
	int drip_ms;
};

static ssize_t slow_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct slow *s = cls;
	size_t end = s->cut ? MIN(s->cut, s->len) : s->len;
	if (pos >= end)
		return s->cut ? MHD_CONTENT_READER_END_WITH_ERROR
			      : MHD_CONTENT_READER_END_OF_STREAM;
	size_t n = MIN(max, end - pos);
	if (s->drip_ms) {
		usleep((useconds_t)s->drip_ms * 1000);
		n = 1;
		pthread_mutex_lock(&s->h->lock);
		bool stop = s->h->stopping;
		pthread_mutex_unlock(&s->h->lock);
		if (stop)
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	memcpy(buf, s->p + pos, n);
	return (ssize_t)n;
}

static enum MHD_Result send_answer(struct httpd *h, struct MHD_Connection *c,
				   const struct httpd_request *rq, const struct httpd_answer *an)
{
	const char *body = an->body;
	size_t len = an->len;
	const char *accept = httpd_header(rq, "Accept-Encoding");
	bool zip = an->gzip && accept && strstr(accept, "gzip");
	struct slow *s;
	pthread_mutex_lock(&h->lock);
	if (zip)
		body = gzip(&h->a, body, len, &len);
	s = arena_new(&h->a, struct slow);
	pthread_mutex_unlock(&h->lock);
	struct MHD_Response *r;
	if (an->cut || an->drip_ms) {
		*s = (struct slow){h, body, len, an->cut, an->drip_ms};
		r = MHD_create_response_from_callback(len, an->drip_ms ? 1 : 65536, slow_read, s,
						      NULL);
	} else {
		r = MHD_create_response_from_buffer(len, (void *)(uintptr_t)body,
						    MHD_RESPMEM_MUST_COPY);
	}
	BUG_ON(!r);
	if (zip)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	for (size_t i = 0; an->headers && an->headers[i]; i++) {
		const char *colon = strchr(an->headers[i], ':');
		BUG_ON(!colon);
		char name[128];
		snprintf(name, sizeof name, "%.*s", (int)(colon - an->headers[i]), an->headers[i]);
		const char *value = colon + 1 + strspn(colon + 1, " ");
		if (MHD_add_response_header(r, name, value) != MHD_YES)
			fprintf(stderr, "httpd: header \"%s\" was not taken\n", name);
	}
	enum MHD_Result rc = MHD_queue_response(c, (unsigned)(an->status ? an->status : 200), r);
	MHD_destroy_response(r);
	return rc;
}

/* Before the answer goes: a client that has it may be back before MHD says that it is done. */
static void no_longer(struct httpd *h, struct pending *p)
{
	pthread_mutex_lock(&h->lock);
	if (p->begun && !p->done)
		h->now--;
	p->done = true;
	pthread_mutex_unlock(&h->lock);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url UNUSED,
				  const char *method, const char *version UNUSED, const char *data,
				  size_t *data_n, void **con)
{
	struct httpd *h = cls;
	struct pending *p = *con;
	if (!p->begun) {
		p->begun = true;
		pthread_mutex_lock(&h->lock);
		if (++h->now > h->peak)
			h->peak = h->now;
		pthread_mutex_unlock(&h->lock);
		return MHD_YES;
	}
	if (*data_n) {
		p->body = realloc(p->body, p->len + *data_n + 1);
		BUG_ON(!p->body);
		memcpy(p->body + p->len, data, *data_n);
		p->len += *data_n;
		*data_n = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&h->lock);
	struct httpd_request *rq = arena_new(&h->a, struct httpd_request);
	rq->method = arena_strdup(&h->a, method);
	rq->target = arena_strdup(&h->a, p->target);
	size_t path_n = strcspn(p->target, "?");
	rq->path = arena_strndup(&h->a, p->target, path_n);
	rq->query = p->target[path_n] ? arena_strdup(&h->a, p->target + path_n + 1) : "";
	rq->body = arena_strndup(&h->a, p->body ? p->body : "", p->len);
	rq->len = p->len;
	rq->at_ms = p->at_ms;
	const union MHD_ConnectionInfo *ci =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (ci)
		rq->peer_port = ntohs(
			((const struct sockaddr_in *)(const void *)ci->client_addr)->sin_port);
	void *both[2] = {h, rq};
	MHD_get_connection_values(c, MHD_HEADER_KIND, add_header, both);
	vec_push(&h->a, &h->seen, rq);
	struct httpd_answer an = pick(h, rq);
	if (an.hang)
		while (!h->stopping)
			pthread_cond_wait(&h->stopping_cond, &h->lock);
	pthread_mutex_unlock(&h->lock);
	if (an.hang || an.drop)
		return MHD_NO;
	if (an.delay_ms)
		usleep((useconds_t)an.delay_ms * 1000);
	no_longer(h, p);
	return send_answer(h, c, rq, &an);
}

static void on_done(void *cls, struct MHD_Connection *c UNUSED, void **con,
		    enum MHD_RequestTerminationCode code UNUSED)
{
	struct httpd *h = cls;
	struct pending *p = *con;
	if (!p)
		return;
	no_longer(h, p);
	free(p->target);
	free(p->body);
	free(p);
	*con = NULL;
}

static struct httpd *start(const char *cert, const char *key)
{
	struct httpd *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	setenv("no_proxy", "*", 1); /* a proxy of the machine's must not come between */
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->stopping_cond, NULL);
	struct sockaddr_in at = {.sin_family = AF_INET};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct MHD_OptionItem tls[] = {
		{cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)(uintptr_t)cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
		{MHD_OPTION_END, 0, NULL}};
	h->mhd = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
					  (cert ? MHD_USE_TLS : 0U),
				  0, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, &at,
				  MHD_OPTION_URI_LOG_CALLBACK, on_uri, h,
				  MHD_OPTION_NOTIFY_COMPLETED, on_done, h, MHD_OPTION_ARRAY, tls,
				  MHD_OPTION_END);
	BUG_ON(!h->mhd);
	h->port = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_BIND_PORT)->port;
	snprintf(h->url, sizeof h->url, "%s://127.0.0.1:%d", cert ? "https" : "http", h->port);
	return h;
}

struct httpd *httpd_start(void)
{
	return start(NULL, NULL);
}

struct httpd *httpd_start_tls(const char *cert_pem, const char *key_pem)
{
	return start(cert_pem, key_pem);
}

const char *httpd_url(const struct httpd *h)
{
	return h->url;
}

int httpd_port(const struct httpd *h)
{
	return h->port;
}

void httpd_stop(struct httpd *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_broadcast(&h->stopping_cond);
	pthread_mutex_unlock(&h->lock);
	MHD_stop_daemon(h->mhd);
	arena_release(&h->a);
	pthread_cond_destroy(&h->stopping_cond);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

void httpd_on(struct httpd *h, const char *method, const char *path, struct httpd_answer answer)
{
	pthread_mutex_lock(&h->lock);
	struct rule *r = NULL;
	for (size_t i = 0; i < h->rules.n && !r; i++)
		if (text_eq(h->rules.v[i]->method, method) && text_eq(h->rules.v[i]->path, path))
			r = h->rules.v[i];
	if (!r) {
		r = arena_new(&h->a, struct rule);
		r->method = arena_strdup(&h->a, method);
		r->path = arena_strdup(&h->a, path);
		vec_push(&h->a, &h->rules, r);
	}
	vec_push(&h->a, &r->answers, copy_answer(&h->a, &answer));
	pthread_mutex_unlock(&h->lock);
}

void httpd_on_any(struct httpd *h, httpd_fn f, void *ctx)
{
	pthread_mutex_lock(&h->lock);
	h->any = f;
	h->any_ctx = ctx;
	pthread_mutex_unlock(&h->lock);
}

size_t httpd_count(struct httpd *h, const char *method, const char *path)
{
	size_t n = 0;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->seen.n; i++)
		n += matches(method, path, h->seen.v[i]);
	pthread_mutex_unlock(&h->lock);
	return n;
}

const struct httpd_request *httpd_get(struct httpd *h, const char *method, const char *path,
				      size_t want)
{
	const struct httpd_request *found = NULL;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->seen.n && !found; i++)
		if (matches(method, path, h->seen.v[i]) && want-- == 0)
			found = h->seen.v[i];
	pthread_mutex_unlock(&h->lock);
	return found;
}

const char *httpd_header(const struct httpd_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->header_n; i++)
		if (strcasecmp(rq->headers[i].name, name) == 0)
			return rq->headers[i].value;
	return NULL;
}

int httpd_peak(struct httpd *h)
{
	pthread_mutex_lock(&h->lock);
	int n = h->peak;
	pthread_mutex_unlock(&h->lock);
	return n;
}

void httpd_forget(struct httpd *h)
{
	pthread_mutex_lock(&h->lock);
	h->seen.n = 0;
	h->peak = h->now;
	pthread_mutex_unlock(&h->lock);
}
