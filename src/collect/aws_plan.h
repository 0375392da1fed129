/* Where AWS credentials come from: the environment and the shared files, read in the order of AWS's
 * own tools, make a plan; nothing is asked for here.
 *
 * 1 the environment's keys · 2 the profile's role · 3 web identity · 4 the profile's keys · 5 the
 * container's endpoint · 6 instance metadata. A profile that sitrep.yaml names goes before the
 * environment. Keys that are half given, a profile that is not there and a kind of profile that is
 * not supported end the search: to go on would be to ask another account. On top of what is found
 * comes the role_arn of sitrep.yaml. */
#ifndef COLLECT_AWS_PLAN_H
#define COLLECT_AWS_PLAN_H

#include "collect/aws_profiles.h"
#include "model/config.h"

struct aws_keys {
	const char *id, *secret;
	const char *session; /* NULL: keys for good */
	int64_t expires_s; /* TIME_NONE: never, or nobody says */
};

struct aws_role {
	const char *arn, *session_name;
	const char *external_id; /* or NULL */
	const char *token_file; /* of a web identity, or NULL */
	int64_t duration_s;
};

enum aws_base { AWS_BASE_KEYS, AWS_BASE_WEB_IDENTITY, AWS_BASE_CONTAINER, AWS_BASE_METADATA };

struct aws_plan {
	enum aws_base base;
	const char *from; /* where the base was found, for messages: "profile \"x\"" */
	struct aws_keys keys; /* AWS_BASE_KEYS */
	struct aws_role web; /* AWS_BASE_WEB_IDENTITY */
	const char *url; /* the container's address, or instance metadata's without a path */
	const char *token, *token_file; /* AWS_BASE_CONTAINER: its Authorization; the file wins */
	VEC(struct aws_role) roles; /* then assumed one after the other */
	const char *tried; /* what was looked at before the base and had nothing */
};

/* Reads the process's environment. False and *why, with what to do, when the search ended without
 * credentials. No text holds a secret. */
MUST_CHECK bool aws_plan_make(const struct aws_source *cfg, const struct aws_profiles *p,
			      struct arena *a, struct aws_plan *out, const char **why);
/* The profile that is looked at: sitrep.yaml's, AWS_PROFILE's, or "default". */
const char *aws_plan_profile(const struct aws_source *cfg);

#endif
