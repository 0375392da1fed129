/* sitrep.yaml as plain data. Filled once by config/load.h, passed as const from then on; the arena
 * of the load owns it.
 *
 * Lists are never NULL-terminated: use n. A text that was not given is NULL unless a default is
 * named. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "base/arena.h"

/* Where a secret is, never the secret: env:NAME or file:PATH. config_secret() of config/secret.h
 * reads it. */
struct secret {
	enum secret_kind { SECRET_NONE, SECRET_ENV, SECRET_FILE } kind;
	const char *name; /* the variable, or the absolute path */
};

/* Where in the file a secret is referred to, for config_secrets() of config/secret.h. */
struct secret_place {
	struct secret s;
	const char *key; /* "sources.github[].token" */
	size_t line, column;
};
struct secret_places {
	struct secret_place *v;
	size_t n, cap;
};

struct sentry_source {
	const char *name, *url,
		*organisation; /* url default https://sentry.io, no trailing slash */
	struct secret token;
	struct strv projects; /* globs over slugs, default ["*"] */
	struct strv environments; /* empty: every environment */
	struct strv collect; /* default: issues releases performance health monitors */
};

struct github_app {
	const char *id, *installation_id; /* NULL id: no app */
	struct secret private_key;
};

struct github_source {
	const char *name, *url; /* url default https://api.github.com */
	const char *organisation, *user; /* exactly one is set */
	VEC(struct secret) tokens; /* of token: or tokens: */
	struct github_app app;
	struct strv repositories; /* globs over repository names (without owner), default ["*"] */
	struct strv data_processing; /* globs over "repo/workflow file path or base name" */
	struct strv collect; /* default [actions, deployments] */
	struct strv scan_artifacts;
};

struct aws_source {
	const char *name, *environment, *region,
		*endpoint; /* endpoint NULL: the services' own hosts */
	const char *profile, *role_arn, *external_id;
	struct strv collect; /* default [ecr, codedeploy] */
	struct strv dashboards;
};

struct scans_source {
	const char *name, *path; /* a shell pattern, absolute */
	const char *target; /* a fixed name, or "from-path": the directory the file lies in */
	const char *tool; /* NULL: from the report */
};

struct status_page_source {
	const char *name, *url;
};

struct slack_source {
	const char *name, *url, *channel; /* url default https://slack.com/api */
	struct secret token;
};

struct service {
	const char *name, *repository;
	struct strv sentry, aws, status_page; /* aws: globs */
};

struct owner {
	const char *team;
	struct strv items; /* globs over "sentry:slug", "repo:name", "service:name" */
};

enum tls_mode { TLS_REQUIRED, TLS_NONE };

struct slack_target {
	bool set;
	const char *url, *channel;
	struct secret token, webhook;
};

struct email_target {
	bool set;
	struct strv to;
	const char *from; /* "Name <address>" or an address */
	const char *smtp; /* smtp://host:port or smtps://host:port */
	struct secret user, password;
	enum tls_mode tls;
	const char *ca; /* absolute path or NULL */
};

struct directory_target {
	bool set;
	const char *path; /* absolute */
};

struct audience {
	const char *name; /* [a-z0-9-]+: it is a folder name */
	struct strv teams; /* globs; default ["*"] */
	enum detail { DETAIL_FULL, DETAIL_COUNTS } detail;
	struct slack_target slack;
	struct email_target email;
	struct directory_target directory;
};

struct environment_alias {
	const char *alias, *environment;
};

struct limits {
	int concurrency; /* 6, requests under way at once per host */
	int timeout_s; /* 60, one request */
	int retries; /* 4, further tries after the first */
	int requests_per_source; /* 5000 a run */
	int slack_interval_ms; /* 1100 */
	int messages_per_run; /* 200 */
};

struct config {
	const char *path; /* of the file read */
	const char *title; /* required */
	const char *timezone; /* required, checked */
	const char *store, *archive; /* absolute */
	const char *archive_url; /* NULL or ends in / */
	struct strv environments; /* most important first, default ["production"] */
	VEC(struct environment_alias) aliases;
	VEC(struct sentry_source) sentry;
	VEC(struct github_source) github;
	VEC(struct aws_source) aws;
	VEC(struct scans_source) scans;
	VEC(struct status_page_source) status_page;
	VEC(struct slack_source) slack;
	VEC(struct service) services;
	VEC(struct owner) owners;
	VEC(struct audience) audiences;
	struct limits limits;
	struct {
		int critical, high, medium, low; /* days: 7 30 90 120 */
	} deadlines;
	struct {
		int raw_days, weeks; /* 90; 0 = for ever */
	} retention;
	struct secret heartbeat; /* a URL */
	struct {
		struct slack_target slack;
		struct email_target email;
	} operator_;
	struct secret_places secrets; /* every reference above, in file order */
};

/* The environment an alias stands for; e itself when it is none; NULL for NULL. "other" is not
 * decided here. */
const char *config_environment(const struct config *c, const char *e);
/* Index in environments (0 = most important), or -1. */
int config_environment_rank(const struct config *c, const char *e);

/* The configured service that an AWS name, a repository or a Sentry project belongs to, or NULL.
 * name may be NULL. */
const struct service *service_of_aws(const struct config *cfg, const char *name);
const struct service *service_of_repo(const struct config *cfg, const char *repo);
const struct service *service_of_sentry(const struct config *cfg, const char *project);

#endif
