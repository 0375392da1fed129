#include "digest/lead_time.h"

#include "base/text.h"
#include "digest/stats.h"

const struct rec_change *lead_time_change(const struct changes *all, const struct deploy *d)
{
	const struct rec_change *other = NULL;
	for (size_t i = 0; i < all->n; i++) {
		const struct rec_change *c = &all->v[i];
		if (text_eq(c->key, d->d->key) && text_eq(c->kind, d->d->kind) &&
		    text_eq(c->source, d->d->source))
			return c;
		/* Another telling of it, where the one that counts names no commit. */
		if (!other && d->tellings > 1 && sha_same(c->c.head, d->sha) &&
		    (!d->repo || text_ieq(repo_short(c->c.repo), repo_short(d->repo))))
			other = c;
	}
	return other;
}

void lead_time_add(const struct rec_change *c, const struct deploy *d, struct arena *a,
		   struct lead_times *list, struct lead_time *sum)
{
	if (!c->known || !c->c.whole) {
		sum->unknown++;
		return;
	}
	sum->deployments++;
	for (size_t i = 0; i < c->c.committed_s.n; i++) {
		int64_t s = d->finished_s - c->c.committed_s.v[i];
		if (s <= 0)
			continue;
		vec_push(a, list, (double)s);
		sum->commits++;
	}
}

void lead_time_end(struct lead_times *list, struct lead_time *sum)
{
	sum->median_s = stats_median(list->v, list->n);
}
