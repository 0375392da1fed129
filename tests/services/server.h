/* What the HTTP services share: one loopback daemon each (a thread a connection), parameters,
 * answers, pages, faults, the log of requests.
 *
 * A handler fills struct answer and returns; memory is the request's arena. The log has one line a
 * request: "SERVICE METHOD PATH?QUERY STATUS". */
#ifndef SERVICES_SERVER_H
#define SERVICES_SERVER_H

#include "base/sb.h"
#include "lib/json.h"
#include "services/estate.h"
#include "services/fault.h"

struct MHD_Connection;
struct MHD_Daemon;

struct context { /* of all services */
	struct estate *estate;
	struct faults faults;
	const char *dir; /* where posts, mail and the log go; NULL: nowhere */
	const char *sentry_token, *github_token, *slack_token, *aws_secret, *smtp_user,
		*smtp_password;
	const char *replay; /* folder of recorded exchanges, NULL: the estate */
	const char *refuse; /* glob of recipients that SMTP refuses, or NULL */
	bool require_auth; /* SMTP */
	int blobs_port; /* where GitHub's artefacts lie */
	pthread_mutex_t lock; /* of the files and of Slack's messages */
};

struct request {
	struct context *c;
	struct arena *a;
	struct MHD_Connection *connection;
	int port;
	const char *method, *path, *body;
	size_t body_len;
	const char *fault; /* kind of the fault that the handler itself has to play, or NULL */
	struct {
		const char *key, *value;
	} param[64];
	size_t params;
};

struct answer {
	int status; /* 200 unless set */
	const char *type; /* default application/json */
	const char *body;
	size_t body_len; /* 0: as a text is long */
	struct {
		const char *name, *value;
	} header[24];
	size_t headers;
	bool drop; /* no answer: the connection is closed */
};

typedef void (*service_handler)(struct request *q, struct answer *r);

/* Starts a service on 127.0.0.1; port 0: any. The port it got is returned, 0 when it could not
 * start. */
int service_start(const char *name, int port, struct context *c, service_handler f);

const char *request_header(const struct request *q, const char *name);
/* The n-th value of a parameter, NULL when there are fewer. */
const char *request_param(const struct request *q, const char *key, size_t n);
/* A whole number inside [low, high]; otherwise the default. */
int64_t request_number(const struct request *q, const char *key, int64_t low, int64_t high,
		       int64_t otherwise);
bool request_bearer(const struct request *q, const char *token);
/* "?a=b&c=d" of all parameters but the named ones, encoded; "" when none is left. */
const char *request_query(const struct request *q, const char *without1, const char *without2);

void answer_header(struct answer *r, const char *name, const char *value);
void answer_json(struct request *q, struct answer *r, const struct jw *root);
/* {"KEY": "text"} with a status. */
void answer_error(struct request *q, struct answer *r, int status, const char *key,
		  const char *text);

/* Appends a line to DIR/NAME. The caller need not hold the lock. */
void context_log(struct context *c, const char *name, const char *line);

void sentry_serve(struct request *q, struct answer *r);
void github_serve(struct request *q, struct answer *r);
/* pair: "BASE...HEAD" (github_more.c, the next two as well). */
void github_compare(struct request *q, struct answer *r, int repo, const char *pair);
void github_log_place(struct request *q, struct answer *r, const char *job);
void github_log(struct request *q, struct answer *r); /* /blob/logs/… */
void aws_production(struct request *q, struct answer *r); /* an account each */
void aws_staging(struct request *q, struct answer *r);
void aws_development(struct request *q, struct answer *r);
void status_page_serve(struct request *q, struct answer *r);
void slack_serve(struct request *q, struct answer *r);
/* GitHub's recorded exchanges of a folder; called once before github_serve when replay is set. */
MUST_CHECK bool replay_load(const char *dir, struct err *e);
void replay_list(void); /* prints repository, id and created_at of every run */
void replay_serve(struct request *q, struct answer *r);
/* SMTP: plain with STARTTLS on one port, TLS at once on the other. Writes DIR/ca.pem. */
MUST_CHECK bool smtp_start(struct context *c, int port, int tls_port, int *plain, int *implicit,
			   struct err *e);

#endif
