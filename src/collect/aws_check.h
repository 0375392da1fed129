/* What "sitrep check" says of an AWS source: who the credentials are, until when, and what each
 * word of "collect" may read. */
#ifndef COLLECT_AWS_CHECK_H
#define COLLECT_AWS_CHECK_H

#include "base/clock.h"
#include "lib/http.h"
#include "model/config.h"

struct aws_checked {
	bool ok;
	const char *text; /* "arn:aws:…, ecr: 12 repositories", or what is wrong and what to do */
};
/* Asks STS who it is (needs no permission) and for the first page of each list that is collected:
 * runs h until they are answered. The texts lie in a. Fails only for our own failures. */
MUST_CHECK bool aws_check(struct http *h, const struct config *cfg, const struct aws_source *s,
			  struct arena *a, struct aws_checked *out, struct err *e);

#endif
