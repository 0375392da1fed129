/* A map from a service's id (text) to what we hold of it, in an arena. */
#ifndef COLLECT_KEYS_H
#define COLLECT_KEYS_H

#include "base/arena.h"

struct keys {
	struct key_slot {
		const char *key;
		void *item;
	} * v;
	size_t n, cap; /* ready when zeroed */
};

/* NULL when absent. */
void *keys_get(const struct keys *k, const char *key);
/* Replaces what is there. The key is not copied; item may not be NULL. */
void keys_put(struct keys *k, struct arena *a, const char *key, void *item);

#endif
