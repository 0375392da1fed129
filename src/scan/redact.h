/* Takes secrets out of what scanners say about them. */
#ifndef SCAN_REDACT_H
#define SCAN_REDACT_H

#include "base/arena.h"

/* s with everything that has the shape of a known token, private key or password in a URL replaced
 * by "[removed]"; about_secrets: what stands in quotes, or after "match:", "password:", … as well,
 * from the first opening quote to the last closing one. s itself when nothing is to be hidden; NULL
 * gives NULL. */
const char *redact(struct arena *a, const char *s, bool about_secrets);
/* Do any of these texts (NULL is fine) say that a finding is about a password, token or key? */
bool redact_about_secrets(const char *const *texts, size_t n);

#endif
