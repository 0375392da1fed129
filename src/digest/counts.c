#include "digest/counts.h"

void counts_add(struct arena *a, const char **list, bool counts, const char *id)
{
	if (counts)
		*list = *list ? arena_printf(a, "%s %s", *list, id) : arena_printf(a, "%s", id);
}
