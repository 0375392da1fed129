/* One deployment out of what CodeDeploy, ECS, ECR and GitHub each tell of it. Pure functions. */
#ifndef DIGEST_DEPLOY_FOLD_H
#define DIGEST_DEPLOY_FOLD_H

#include "model/config.h"
#include "store/deploys.h"

struct deploy {
	const struct rec_deployment *d; /* whose outcome counts: CodeDeploy's, else ECS's, … */
	const char *key; /* "codedeploy:aws-production/d-ABC", "github-deployment:…" */
	const char *service; /* the configured service, else the telling's own word */
	const char *environment; /* a configured one, or NULL: other */
	const char *sha, *repo; /* from any of the tellings, or from the image; or NULL */
	enum deploy_state state;
	int64_t started_s, finished_s; /* finished TIME_NONE: not finished */
	int64_t at_s; /* the instant that decides its week: finished, else started */
	int64_t rolled_back_s; /* when the rollback ended, or TIME_NONE */
	size_t tellings; /* rows folded into it, without rollbacks */
};
struct deploys {
	struct deploy *v;
	size_t n, cap;
};
/* Folds rows into deployments, ordered by at_s then key. rows may span more than the week.
 *
 * Same deployment: same environment and commit (or, where one of them names none, the same
 * service, for Sentry also one whose name ends in the project's), of different kinds, not further
 * apart than two hours. Its outcome is that of the first kind in CodeDeploy, ECS, GitHub, Sentry.
 * An image push tells the commit of an image, never a deployment. A rollback belongs to the
 * deployment it undoes; one that undoes nothing we know is left out and counted in *lost. */
void deploy_fold(const struct config *cfg, const struct deployments *rows,
		 const struct images *images, struct arena *a, struct deploys *out, int64_t *lost);

#endif
