#include "model/record.h"

#include <strings.h>

/* Each enum's words, in its order. */
static const char *const ledger_words[] = {"complete", "partial", "failed", "not_enabled"};
static const char *const deploy_words[] = {"succeeded", "failed", "rolled_back", "in_progress",
					   "waiting"};
static const char *const severity_words[] = {"critical", "high", "medium", "low", "info"};
static const char *const scan_words[] = {"ok",	      "zero",	     "partial",
					 "suspect",   "failed",	     "empty",
					 "malformed", "unsupported", "unrecognised"};

static bool find(const char *const *words, size_t n, const char *s, size_t *out)
{
	for (size_t i = 0; s && i < n; i++) {
		if (!strcmp(words[i], s)) {
			*out = i;
			return true;
		}
	}
	return false;
}

#define WORDS(prefix, type, words)                                                                 \
	const char *prefix##_name(enum type s)                                                     \
	{                                                                                          \
		BUG_ON((size_t)s >= ARRAY_SIZE(words));                                            \
		return words[s];                                                                   \
	}                                                                                          \
	bool prefix##_parse(const char *s, enum type *out)                                         \
	{                                                                                          \
		size_t i;                                                                          \
		if (!find(words, ARRAY_SIZE(words), s, &i))                                        \
			return false;                                                              \
		*out = (enum type)i;                                                               \
		return true;                                                                       \
	}

WORDS(ledger_status, ledger_status, ledger_words)
WORDS(deploy_state, deploy_state, deploy_words)
WORDS(severity, severity, severity_words)
WORDS(scan_status, scan_status, scan_words)

const char *repo_short(const char *repo)
{
	const char *slash = repo ? strrchr(repo, '/') : NULL;
	return slash ? slash + 1 : repo;
}

bool sha_same(const char *x, const char *y)
{
	if (!x || !y)
		return false;
	size_t n = MIN(strlen(x), strlen(y));
	return n >= 7 && !strncasecmp(x, y, n);
}

int ledger_status_rank(enum ledger_status s)
{
	switch (s) {
	case LEDGER_NOT_ENABLED:
		return 0;
	case LEDGER_COMPLETE:
		return 1;
	case LEDGER_PARTIAL:
		return 2;
	case LEDGER_FAILED:
		return 3;
	}
	return 0;
}
