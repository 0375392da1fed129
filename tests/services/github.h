/* What the parts of the loopback GitHub share. */
#ifndef SERVICES_GITHUB_H
#define SERVICES_GITHUB_H

#include "services/server.h"

enum { ESTATE_ORG_ID = 904001 };

/* {"message": …} as GitHub writes it. */
void github_fail(struct request *q, struct answer *r, int status, const char *message);

/* Alert lists: rest is "/dependabot/alerts" and the like; repo NULL: the organisation's. False: no
 * such path. */
bool github_alerts(struct request *q, struct answer *r, const struct repo *repo, const char *rest);

/* Artefacts of one repository: "/actions/artifacts", "/actions/artifacts/ID/zip" (302 to another
 * port). False: no such path. */
bool github_artifacts(struct request *q, struct answer *r, const struct repo *repo,
		      const char *rest);
/* That other port: refuses whoever brings a token along. */
void github_blobs(struct request *q, struct answer *r);

/* POST /app/installations/ID/access_tokens for a bearer with the shape of a JWT. False: another
 * path. */
bool github_sign_in(struct request *q, struct answer *r);

#endif
