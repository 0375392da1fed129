/* A Sentry source of two projects, "web" (11) and "api" (4509062593708032), for collecting.h.
 *
 * 1. sentry_source_start(&b)     2. b.cfg.sentry.v[0].collect = strv_of(&b.a, "releases")
 * 3. collecting_serve, with PROJECTS first        4. collecting_run, collecting_stop */
#ifndef SUPPORT_SENTRY_SOURCE_H
#define SUPPORT_SENTRY_SOURCE_H

#include "support/collecting.h"

#define ORG "GET /api/0/organizations/acme/"
#define PROJECT_LIST                                                                               \
	"[{\"id\":\"11\",\"slug\":\"web\",\"name\":\"Web\",\"platform\":\"python\"},"              \
	"{\"id\":4509062593708032,\"slug\":\"api\",\"name\":\"API\",\"platform\":\"\"}]"
#define PROJECTS                                                                                   \
	{                                                                                          \
		ORG "projects/*", PROJECT_LIST, NULL, 0, 0                                         \
	}
#define NEXT(cursor, more)                                                                         \
	"Link: <http://wrong.invalid/x/?&cursor=0:0:1>; rel=\"previous\"; results=\"false\"; "     \
	"cursor=\"0:0:1\", <http://user@wrong.invalid/x/?&cursor=" cursor                          \
	">; rel=\"next\"; results=\"" more "\"; cursor=\"" cursor "\""

void sentry_source_start(struct collecting *b);

#endif
