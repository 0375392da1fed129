#include "digest/study.h"

#include "base/text.h"
#include "digest/owners.h"

#define ITEM_TITLE_CP 200 /* rows are data: longer than what is printed, still bounded */

static const struct {
	const char *section;
	char prefix;
} prefixes[] = {
	{"errors", 'e'}, {"deployments", 'd'}, {"ci", 'c'}, {"security", 's'}, {"digest", 'a'}};

bool study_item(struct study *f, const struct item *i, const struct attribution *cause,
		bool weeks_known, const char **id, struct err *e)
{
	struct item it = *i;
	int64_t before = 0;
	if (weeks_known &&
	    !digests_item_weeks(f->in->db, f->audience, f->week.name, it.key, &before, e))
		return false;
	size_t s = 0;
	while (strcmp(prefixes[s].section, it.section) != 0)
		BUG_ON(++s == ARRAY_SIZE(prefixes));
	it.id = arena_printf(f->a, "%c-%lld", prefixes[s].prefix, (long long)++f->last_id[s]);
	it.key = text_line(f->a, it.key, 0);
	it.title = text_line(f->a, it.title, ITEM_TITLE_CP);
	it.url = text_link_ok(it.url) ? it.url : NULL;
	it.weeks = before + 1;
	vec_push(f->a, &f->items, it);
	vec_push(f->a, &f->causes, cause ? *cause : (struct attribution){0});
	*id = it.id;
	return true;
}

void study_counted(struct study *f, const struct counted *c)
{
	struct counted x = *c;
	if (!x.counts)
		return;
	x.key = text_line(f->a, x.key, 0);
	x.title = text_line(f->a, x.title, ITEM_TITLE_CP);
	x.url = text_link_ok(x.url) ? x.url : NULL;
	vec_push(f->a, &f->items.others, x);
}

struct item *study_find_item(const struct study *f, const char *id)
{
	for (size_t i = 0; i < f->items.n; i++)
		if (!strcmp(f->items.v[i].id, id))
			return &f->items.v[i];
	BUG_ON(true);
	return NULL;
}

const char *study_accepted(const struct study *f, const char *key)
{
	for (size_t i = 0; i < f->accepted.n; i++)
		if (text_eq(f->accepted.v[i].key, key))
			return f->accepted.v[i].reason;
	return NULL;
}

bool study_fed(const struct study *f, const char *id)
{
	struct feed feed = coverage_feed(&f->coverage, f->cfg, id);
	return feed.complete + feed.partial + feed.failed > 0;
}

bool study_shown(const struct study *f, const char *team)
{
	return owner_shown(f->in->audience, team);
}
