#include "collect/github.h"

void gh_optional_open(struct github *g, struct gh_optional *o, const char *name,
		      const char *affects)
{
	o->p = collect_part(g->c, g->cfg->name, name, affects);
	o->p->optional = true;
	o->p->budget = g->budget;
}

void gh_optional_asked(struct gh_optional *o)
{
	o->left++;
	collect_expect(o->p, 1);
}

static void ended(struct gh_optional *o)
{
	if (--o->left > 0 || !o->refused)
		return;
	if (o->got == 0)
		collect_not_enabled(o->p, "%s", o->refused);
	else if (o->forbidden)
		collect_short(o->p, "%s", o->refused);
	else
		collect_got(o->p, o->missing);
}

void gh_optional_got(struct gh_optional *o)
{
	o->got++;
	collect_got(o->p, 1);
	ended(o);
}

void gh_optional_lost(struct gh_optional *o, const struct http_response *r, const char *why)
{
	struct err kind = {0};
	bool no = r->status == 400 || r->status == 403 || r->status == 404;
	if (!no || (!http_ok(r, &kind) && kind.kind == ERR_LIMIT)) {
		collect_short(o->p, "%s", why);
	} else {
		o->forbidden |= r->status != 404;
		o->missing++;
		if (!o->refused || strcmp(why, o->refused) < 0)
			o->refused = arena_strdup(o->p->c->a, why);
	}
	ended(o);
}

void gh_optional_hold(struct gh_optional *o)
{
	o->left++;
}

void gh_optional_release(struct gh_optional *o)
{
	ended(o);
}
