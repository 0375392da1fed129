/* Reading what ECS says of services and their deployments; the walk is in aws_ecs.c. */
#ifndef COLLECT_AWS_ECS_H
#define COLLECT_AWS_ECS_H

#include "collect/aws.h"

struct ecs_service {
	const char *arn, *name, *cluster; /* cluster: its ARN */
	const char *controller; /* "ECS", "CODE_DEPLOY", "EXTERNAL"; NULL: not said, which is ECS */
};

struct ecs_deployment {
	struct rec_deployment d;
	const char *arn; /* of the service deployment */
	const char *revision; /* ARN of the service revision it goes to, or NULL */
	const char *unknown_status; /* a status word we do not know, or NULL */
	int64_t undone_s; /* when the rollback that undid it had ended, or TIME_NONE: then
			     d.finished_s is when the rollback began */
};

/* One element of DescribeServices' services. Only serviceArn is required. */
MUST_CHECK bool ecs_parse_service(const struct jv *v, struct arena *a, struct ecs_service *out,
				  struct err *e);
/* One element of serviceDeployments, of the list (brief) or described (whole): what stands in the
 * list only is kept. *out is zero, or the list's; untouched on failure. ARN and one time are
 * required. */
MUST_CHECK bool ecs_parse_deployment(const struct jv *v, const struct aws_source *cfg,
				     struct arena *a, struct ecs_deployment *out, struct err *e);
/* One element of a service's own deployments[], which ECS keeps only while they run tasks: for
 * servers that have no history. */
MUST_CHECK bool ecs_parse_current(const struct jv *v, const struct ecs_service *service,
				  const struct aws_source *cfg, struct arena *a,
				  struct ecs_deployment *out, struct err *e);
/* The image of a service revision that tells the commit: that of the service's own container, not
 * of a helper beside it. image "web@sha256:…" or "web:tag"; sha: a tag that is a commit. Both NULL
 * when there is none. */
MUST_CHECK bool ecs_parse_image(const struct jv *revision, const char *service,
				const struct config *cfg, struct arena *a, const char **image,
				const char **sha, struct err *e);

#endif
