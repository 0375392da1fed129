/* AWS Signature Version 4 from the other side: recomputes what a request must have been signed
 * with. Written from AWS's description, not from libcurl, so that one checks the other. */
#ifndef SUPPORT_SIGV4_H
#define SUPPORT_SIGV4_H

#include "support/httpd.h"

struct sigv4_request {
	const char *method,
		*target; /* path?query as sent (or, in AWS's vectors, not encoded yet) */
	const struct httpd_header *headers; /* all of them */
	size_t header_n;
	const char *signed_headers; /* "host;x-amz-date" */
	const char *payload_sha256;
	const char *date, *region, *service, *secret; /* date: "20150830T123600Z" */
	bool keep_path; /* do not remove dot segments and double slashes (S3) */
};

const char *sigv4_canonical(const struct sigv4_request *rq, struct arena *a);
const char *sigv4_to_sign(const struct sigv4_request *rq, struct arena *a);
const char *sigv4_signature(const struct sigv4_request *rq, struct arena *a);

/* NULL if the request that arrived is signed with that secret, else what is wrong. Host and
 * X-Amz-Date must be signed, as must every other X-Amz- header. */
const char *sigv4_wrong(const struct httpd_request *rq, const char *secret, struct arena *a);
/* Credential, SignedHeaders and so on of the Authorization header; NULL when it has no such part.
 */
const char *sigv4_part(const struct httpd_request *rq, const char *name, struct arena *a);
/* What sigv4_wrong computes from, for tests that change a part. */
bool sigv4_of(const struct httpd_request *rq, const char *secret, struct arena *a,
	      struct sigv4_request *out);

#endif
