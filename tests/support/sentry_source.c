#include "support/sentry_source.h"

#include <stdarg.h>

void sentry_source_start(struct collecting *b, const char *first, ...)
{
	va_list ap;
	collecting_start(b);
	setenv("SITREP_TEST_TOKEN", "sntryu_test", 1);
	struct sentry_source s = {.name = "sentry",
				  .url = b->url,
				  .organisation = "acme",
				  .token = {SECRET_ENV, "SITREP_TEST_TOKEN"},
				  .projects = strv_of(&b->a, "*")};
	va_start(ap, first);
	for (const char *word = first; word; word = va_arg(ap, const char *))
		vec_push(&b->a, &s.collect, word);
	va_end(ap);
	vec_push(&b->a, &b->cfg.sentry, s);
}
