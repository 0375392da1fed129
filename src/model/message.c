#include "model/message.h"

static const char *const words[] = {"sentry", "deployment", "run", "scan", "alarm", "dag", "other"};

const char *message_kind_name(enum message_kind k)
{
	BUG_ON((size_t)k >= ARRAY_SIZE(words));
	return words[k];
}

bool message_kind_parse(const char *s, enum message_kind *out)
{
	for (size_t i = 0; s && i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i], s) != 0)
			continue;
		*out = (enum message_kind)i;
		return true;
	}
	return false;
}
