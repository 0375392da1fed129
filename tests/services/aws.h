/* What the files of AWS's stand-in share: one call, its signature, its pages. */
#ifndef SERVICES_AWS_H
#define SERVICES_AWS_H

#include "services/server.h"

struct call {
	struct request *q;
	struct answer *r;
	struct jv in; /* the request's JSON */
	int env;
	const char *region; /* that the request is signed for */
	struct arena *a;
};

void aws_fail(struct request *q, struct answer *r, int status, const char *code,
	      const char *message);
/* Recomputes the signature; where the service answers in several regions, any of those. False:
 * answered already. */
bool aws_verify(struct request *q, struct answer *r, const char *service, const char **region);
/* Tokens are "page-N", the row a page begins with; 0 without one. */
size_t aws_token_start(struct call *c, const char *key);
/* Writes the token of the next page if there is one. */
void aws_token_next(struct call *c, struct jw *o, const char *key, size_t to, size_t n);

/* What STS, a container's endpoint and instance metadata hand out: accepted like the fixed key,
 * with the session's token. */
#define AWS_SESSION_KEY	   "EXAMPLESESSIONKEY"
#define AWS_SESSION_SECRET "example-session-secret"
#define AWS_SESSION	   "example-session-token"
/* Answers what asks for credentials; false: it asks for something else. */
bool aws_keys_serve(struct request *q, struct answer *r);

/* CodeDeploy's targets. */
void codedeploy_list_targets(struct call *c);
void codedeploy_get_targets(struct call *c);
/* ECS's operations. */
void ecs_list_clusters(struct call *c);
void ecs_list_services(struct call *c);
void ecs_describe_services(struct call *c);
void ecs_list_deployments(struct call *c);
void ecs_describe_deployments(struct call *c);
void ecs_describe_revisions(struct call *c);
/* ECR's image scans. */
void ecr_describe_scan_findings(struct call *c);

/* CloudWatch's operations, each under its name. */
void cloudwatch_list_dashboards(struct call *c);
void cloudwatch_get_dashboard(struct call *c);
void cloudwatch_get_metric_data(struct call *c);
void cloudwatch_describe_alarms(struct call *c);
void cloudwatch_alarm_history(struct call *c);
/* Synthetics: by path. */
bool synthetics_path(const char *path);
void synthetics_serve(struct call *c);

#endif
