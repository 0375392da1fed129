/* Between the walk over ECR's images and the scans of them. */
#ifndef COLLECT_AWS_ECR_H
#define COLLECT_AWS_ECR_H

#include "collect/aws.h"

extern const struct aws_service aws_ecr;

/* What all repositories together make of the part ecr_scans. */
struct ecr_scans {
	struct aws *s;
	struct part *p;
	size_t asked, answered, never; /* never: images that were never scanned */
	bool walked; /* every repository's images are known */
};

/* Asks for the scan of a repository's newest image. Strings live as long as the phase. */
void aws_ecr_scan(struct ecr_scans *all, const char *repository, const char *digest);
/* After the walk and after each answer: says so when no image of any repository has a scan. */
void aws_ecr_scans_settle(struct ecr_scans *all);

#endif
