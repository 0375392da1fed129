#include "collect/keys.h"

static uint64_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

static struct key_slot *slot(struct key_slot *v, size_t cap, const char *key)
{
	size_t i = (size_t)hash(key) & (cap - 1);
	while (v[i].item && strcmp(v[i].key, key) != 0)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

void *keys_get(const struct keys *k, const char *key)
{
	return k->cap ? slot(k->v, k->cap, key)->item : NULL;
}

void keys_put(struct keys *k, struct arena *a, const char *key, void *item)
{
	BUG_ON(!item);
	if (2 * (k->n + 1) > k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 64;
		struct key_slot *v = arena_array(a, struct key_slot, cap);
		for (size_t i = 0; i < k->cap; i++)
			if (k->v[i].item)
				*slot(v, cap, k->v[i].key) = k->v[i];
		k->v = v;
		k->cap = cap;
	}
	struct key_slot *s = slot(k->v, k->cap, key);
	k->n += s->item == NULL;
	*s = (struct key_slot){key, item};
}
