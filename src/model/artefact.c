#include "model/artefact.h"

const struct artefact *artefact_find(const struct artefacts *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}
