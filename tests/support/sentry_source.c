#include "support/sentry_source.h"

void sentry_source_start(struct collecting *b)
{
	collecting_start(b);
	setenv("SITREP_TEST_TOKEN", "sntryu_test", 1);
	struct sentry_source s = {.name = "sentry",
				  .url = b->url,
				  .organisation = "acme",
				  .token = {SECRET_ENV, "SITREP_TEST_TOKEN"},
				  .projects = strv_of(&b->a, "*")};
	vec_push(&b->a, &b->cfg.sentry, s);
}
