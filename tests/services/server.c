#include "services/server.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <unistd.h>

enum { BODY_MAX = 1 << 20, HANG_S = 120, SLOW_US = 300000 };

struct service {
	const char *name;
	struct context *c;
	service_handler f;
	int port;
};

struct upload { /* of one request, until its body is here */
	struct arena a;
	struct sb body;
};

void context_log(struct context *c, const char *name, const char *line)
{
	if (!c->dir)
		return;
	struct arena a = {0};
	char *text = arena_printf(&a, "%s\n", line);
	pthread_mutex_lock(&c->lock);
	int fd = open(arena_printf(&a, "%s/%s", c->dir, name),
		      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(name);
	if (fd >= 0)
		close(fd);
	pthread_mutex_unlock(&c->lock);
	arena_release(&a);
}

const char *request_header(const struct request *q, const char *name)
{
	return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

const char *request_param(const struct request *q, const char *key, size_t n)
{
	for (size_t i = 0; i < q->params; i++)
		if (text_eq(q->param[i].key, key) && n-- == 0)
			return q->param[i].value;
	return NULL;
}

int64_t request_number(const struct request *q, const char *key, int64_t low, int64_t high,
		       int64_t otherwise)
{
	const char *s = request_param(q, key, 0);
	int64_t v;
	return s && parse_i64(s, &v) && v >= low && v <= high ? v : otherwise;
}

bool request_bearer(const struct request *q, const char *token)
{
	const char *h = request_header(q, "Authorization");
	return h && text_starts(h, "Bearer ") && text_eq(h + 7, token);
}

const char *request_query(const struct request *q, const char *without1, const char *without2)
{
	struct sb b;
	sb_init(&b, q->a, BODY_MAX);
	for (size_t i = 0; i < q->params; i++) {
		if (text_eq(q->param[i].key, without1) || text_eq(q->param[i].key, without2))
			continue;
		sb_addc(&b, b.len ? '&' : '?');
		text_url_encode(&b, q->param[i].key);
		sb_addc(&b, '=');
		text_url_encode(&b, q->param[i].value);
	}
	return sb_str(&b);
}

void answer_header(struct answer *r, const char *name, const char *value)
{
	BUG_ON(r->headers == ARRAY_SIZE(r->header));
	r->header[r->headers].name = name;
	r->header[r->headers++].value = value;
}

void answer_json(struct request *q, struct answer *r, const struct jw *root)
{
	r->body = jw_print(root, false, q->a);
}

void answer_error(struct request *q, struct answer *r, int status, const char *key,
		  const char *text)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, key, text);
	r->status = status;
	answer_json(q, r, o);
}

static enum MHD_Result take_param(void *ctx, enum MHD_ValueKind kind UNUSED, const char *key,
				  const char *value)
{
	struct request *q = ctx;
	if (q->params < ARRAY_SIZE(q->param)) {
		q->param[q->params].key = key;
		q->param[q->params++].value = value ? value : "";
	}
	return MHD_YES;
}

/* Faults that need no knowledge of the service. True when the handler is not to be asked. */
static bool play(const struct service *s, struct request *q, struct answer *r, const char *kind)
{
	int64_t status;
	if (text_eq(kind, "drop")) {
		r->drop = true;
	} else if (text_eq(kind, "timeout")) {
		sleep(HANG_S);
		r->drop = true;
	} else if (text_eq(kind, "html200") || text_eq(kind, "html500")) {
		r->status = text_eq(kind, "html200") ? 200 : 500;
		r->type = "text/html; charset=utf-8";
		r->body = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign "
			  "in</h1></body></html>";
	} else if (text_eq(kind, "empty")) {
		r->body = text_eq(s->name, "sentry") ? "[]" : "{}";
	} else if (text_eq(s->name, "slack") && strchr(kind, '_')) {
		CLEANUP(jw_freep) struct jw *o = jw_obj();
		jw_bool(o, "ok", false);
		jw_str(o, "error", kind);
		answer_json(q, r, o);
	} else if (text_eq(kind, "secondary")) {
		answer_header(r, "Retry-After", "1");
		answer_error(q, r, 403, "message",
			     "You have exceeded a secondary rate limit. Please wait a few minutes "
			     "before you try again.");
	} else if (parse_i64(kind, &status)) {
		bool aws = text_eq(s->name, "aws");
		if (status == 403 && text_eq(s->name, "github"))
			answer_header(r, "X-Accepted-GitHub-Permissions", "actions=read");
		if (status == 429)
			answer_header(r, "Retry-After", "1");
		answer_error(q, r, (int)status,
			     aws			  ? "__type"
			     : text_eq(s->name, "slack")  ? "error"
			     : text_eq(s->name, "sentry") ? "detail"
							  : "message",
			     status == 429	    ? "ratelimited"
			     : aws && status == 400 ? "ThrottlingException"
			     : aws && status == 403 ? "AccessDeniedException"
			     : status == 401	    ? "Bad credentials"
			     : status == 403 && text_eq(s->name, "github")
				     ? "Resource not accessible by personal access token"
			     : status == 403 ? "You do not have permission to perform this action."
			     : status == 404 ? "Not Found"
					     : "Server Error");
	} else {
		return false;
	}
	return true;
}

static ssize_t send_half(void *cls, uint64_t pos, char *buf, size_t max)
{
	const char *body = cls;
	size_t half = strlen(body) / 2;
	if (pos >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	size_t n = MIN(max, half - (size_t)pos);
	memcpy(buf, body + pos, n);
	return (ssize_t)n;
}

static enum MHD_Result respond(struct request *q, const struct answer *r)
{
	const char *body = r->body ? r->body : "";
	size_t n = r->body_len ? r->body_len : strlen(body);
	struct MHD_Response *m;
	if (text_eq(q->fault, "truncate"))
		n -= n / 3;
	if (text_eq(q->fault, "cut"))
		m = MHD_create_response_from_callback(n, 4096, send_half, strdup(body), free);
	else
		m = MHD_create_response_from_buffer(n, (void *)(uintptr_t)body,
						    MHD_RESPMEM_MUST_COPY);
	if (r->status != 304)
		MHD_add_response_header(m, "Content-Type",
					r->type ? r->type : "application/json; charset=utf-8");
	for (size_t i = 0; i < r->headers; i++)
		MHD_add_response_header(m, r->header[i].name, r->header[i].value);
	enum MHD_Result done = MHD_queue_response(q->connection, (unsigned)r->status, m);
	MHD_destroy_response(m);
	return done;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version UNUSED, const char *data,
			      size_t *size, void **state)
{
	const struct service *s = cls;
	struct upload *u = *state;
	if (!u) {
		u = calloc(1, sizeof *u);
		BUG_ON(!u);
		sb_init(&u->body, &u->a, BODY_MAX);
		*state = u;
		return MHD_YES;
	}
	if (*size) {
		sb_addn(&u->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	struct request q = {.c = s->c,
			    .a = &u->a,
			    .connection = connection,
			    .port = s->port,
			    .method = method,
			    .path = path};
	struct answer r = {.status = 200};
	char kind[32] = "";
	q.body_len = u->body.len;
	q.body = sb_str(&u->body);
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_param, &q);
	const char *target = request_header(&q, "X-Amz-Target");
	bool hit = faults_hit(&s->c->faults, s->name, target ? target : path, kind);
	if (hit)
		q.fault = kind;
	if (!hit || !play(s, &q, &r, kind))
		s->f(&q, &r);
	if (hit && text_eq(kind, "drop-after-send"))
		r.drop = true;
	if (hit && text_eq(kind, "slow")) /* what was asked is done; the answer takes its time */
		usleep(SLOW_US);
	context_log(s->c, "requests.log",
		    arena_printf(q.a, "%s %s %s%s%s%s %d%s", s->name, method, path,
				 request_query(&q, NULL, NULL), target ? " " : "",
				 target ? target : "", r.status, r.drop ? " dropped" : ""));
	return r.drop ? MHD_NO : respond(&q, &r);
}

static void finished(void *cls UNUSED, struct MHD_Connection *connection UNUSED, void **state,
		     enum MHD_RequestTerminationCode code UNUSED)
{
	struct upload *u = *state;
	if (u)
		arena_release(&u->a);
	free(u);
	*state = NULL;
}

int service_start(const char *name, int port, struct context *c, service_handler f)
{
	struct service *s = calloc(1, sizeof *s); /* lives as long as the process */
	BUG_ON(!s);
	*s = (struct service){.name = name, .c = c, .f = f};
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct MHD_Daemon *d = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL,
		handle, s, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_NOTIFY_COMPLETED, finished, NULL,
		MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_END);
	if (!d)
		return 0;
	s->port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
	return s->port;
}
