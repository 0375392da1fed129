/* Inside of the AWS collector: one call of an awsJson service, and why one failed. Each of
 * "codedeploy" and "ecr" is a part of the source. */
#ifndef COLLECT_AWS_H
#define COLLECT_AWS_H

#include "collect/answer.h"
#include "collect/aws_credentials.h"
#include "collect/keys.h"
#include "collect/page.h"

struct aws_call;
struct aws {
	struct collect *c;
	const struct aws_source *cfg;
	int64_t *budget;
	struct aws_credentials credentials;
	VEC(struct aws_call *) waiting; /* for credentials */
	VEC(struct part *) parts; /* all of them are opened before the first begins */
};

struct aws_service {
	const char *host; /* "api.ecr" */
	const char *signing; /* "ecr" */
	const char *target; /* "AmazonEC2ContainerRegistry_V20150921."; NULL: restJson, the path of
			       struct aws_request says what is asked for */
	const char *type; /* Content-Type; NULL: application/x-amz-json-1.1 */
	const char *env; /* "CODEDEPLOY" of AWS_ENDPOINT_URL_CODEDEPLOY */
	int64_t gap_ms; /* least time between the starts of two calls; 0: none */
};

struct aws_request {
	const struct aws_service *service;
	const char *op; /* "DescribeImages" */
	const char *path; /* restJson: "canary/checkout/runs", of [a-z0-9_/-] only, or it is signed
			     wrongly; NULL: the root */
	const char *region; /* NULL: the source's own */
	struct jw *body; /* freed */
	const char *text; /* instead of body, where a service does not speak JSON */
};
/* One signed POST. f gets every final answer; where there are no credentials, one without a status
 * whose reason aws_json tells. A call that waits for credentials is sent when they are there, one
 * refused for an ended session once more after they were renewed. */
void aws_submit(struct aws *s, struct part *p, const struct aws_request *rq, collect_handler f,
		void *ctx);
/* POST / with the operation's JSON in the source's region; body is freed. */
void aws_call(struct aws *s, struct part *p, const struct aws_service *service, const char *op,
	      struct jw *body, collect_handler f, void *ctx);
/* Where a service is, without a trailing slash: the configured endpoint, AWS_ENDPOINT_URL_<env>,
 * AWS_ENDPOINT_URL, the profile's services section and endpoint_url, else AWS's own host. */
const char *aws_endpoint(const struct aws *s, const struct aws_service *service,
			 const char *region);
/* The part of that name, NULL when sitrep.yaml does not ask for it. */
struct part *aws_part(const struct aws *s, const char *name);
/* Credentials have come or not: what waits is sent, or its handlers hear why not. Fails when one
 * of them does. */
MUST_CHECK bool aws_flush(struct aws *s, struct err *e);
/* The answer's JSON object, or false and why it is none, with what to do: op names the permission
 * to give ("codedeploy:ListDeployments"). */
bool aws_json(const struct http_response *r, const char *op, struct arena *a, struct json **out,
	      const char **why);
/* The error code of an answer: "AccessDeniedException" of "com.x#AccessDeniedException:http://…";
 * NULL when it has none. */
const char *aws_error_code(const struct http_response *r, struct arena *a);

/* What each word of "collect" begins with: the table of aws.c. Fail only for our own failures. */
MUST_CHECK bool aws_codedeploy_start(struct aws *s, struct part *p, struct err *e);
MUST_CHECK bool aws_ecs_start(struct aws *s, struct part *p, struct err *e);
MUST_CHECK bool aws_cloudwatch_start(struct aws *s, struct part *p, struct err *e);
MUST_CHECK bool aws_synthetics_start(struct aws *s, struct part *p, struct err *e);
/* Image pushes; with a part ecr_scans also the scans of each repository's newest image. */
MUST_CHECK bool aws_ecr_start(struct aws *s, struct part *p, struct err *e);
MUST_CHECK bool aws_ecr_scans_start(struct aws *s, struct part *p, struct err *e);

struct code_deploy_row {
	struct rec_deployment d;
	const char *rolled_back_by; /* the deployment that undoes this one, or NULL */
	const char *unknown_status; /* a status word we do not know, or NULL */
};
/* One element of deploymentsInfo. Only deploymentId and createTime are required. A stopped
 * deployment has failed; one that was undone is rolled_back. */
MUST_CHECK bool aws_parse_deployment(const struct jv *v, const struct aws_source *cfg,
				     struct arena *a, struct code_deploy_row *out, struct err *e);
/* What deploymentTargets tell together. */
struct code_deploy_steps {
	const char *failed_at, *code, *message; /* of the first step that failed, or NULL */
	const char *at; /* the step under way, or NULL */
	double moved; /* per cent of the traffic on the new version; NaN unknown */
	size_t targets, failed_targets;
	const char *what; /* "instance": one of them */
};
/* The array deploymentTargets, of every compute platform. */
MUST_CHECK bool aws_parse_targets(const struct jv *list, struct arena *a,
				  struct code_deploy_steps *out, struct err *e);
/* "failed at AfterAllowTestTraffic, 10 % of traffic on the new version"; NULL: nothing to say. */
const char *aws_steps_text(const struct code_deploy_steps *x, struct arena *a);
struct ecr_image {
	struct rec_image r;
	bool attachment; /* a signature or attestation, no image */
	bool index; /* a list of images, one for each architecture: never scanned itself */
};
/* One element of imageDetails. */
MUST_CHECK bool aws_parse_image(const struct jv *v, const struct aws_source *cfg, struct arena *a,
				struct ecr_image *out, struct err *e);
/* The commit in a tag: 7 to 40 hexadecimal digits, alone or behind "sha-"; NULL when it is none. */
const char *aws_commit_of_tag(const char *tag);

#endif
