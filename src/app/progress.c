#include "app/progress.h"

#include <unistd.h>

#define REDRAW_MS 100

void progress_init(struct progress *p, int fd, const char *week)
{
	*p = (struct progress){.fd = fd, .drawn_ms = -REDRAW_MS};
	dprintf(fd, "collecting %s\n", week);
}

struct sum {
	int64_t pages, rows, requests, under_way, spared, left;
	enum ledger_status worst;
};

static void add(struct sum *s, const struct part *p)
{
	s->pages += p->l.pages;
	s->rows += p->l.received;
	s->requests += p->l.requests;
	s->under_way += p->under_way;
	s->spared += p->spared;
	if (p->rate_left != NUM_NONE && (s->left == NUM_NONE || p->rate_left < s->left))
		s->left = p->rate_left;
	if (ledger_status_rank(p->l.status) > ledger_status_rank(s->worst))
		s->worst = p->l.status;
}

static bool first_of_source(const struct collect *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->parts.v[k]->l.source, c->parts.v[i]->l.source))
			return false;
	return true;
}

static void draw(struct progress *p, const struct collect *c)
{
	int lines = 0;
	if (p->lines)
		dprintf(p->fd, "\033[%dA", p->lines);
	for (size_t i = 0; i < c->parts.n; i++) {
		if (!first_of_source(c, i))
			continue;
		const char *name = c->parts.v[i]->l.source;
		struct sum s = {.left = NUM_NONE, .worst = LEDGER_NOT_ENABLED};
		for (size_t k = i; k < c->parts.n; k++)
			if (!strcmp(c->parts.v[k]->l.source, name))
				add(&s, c->parts.v[k]);
		dprintf(p->fd, "\r\033[K  %-20.20s %6lld pages %7lld rows %6lld requests", name,
			(long long)s.pages, (long long)s.rows, (long long)s.requests);
		if (s.spared)
			dprintf(p->fd, " (%lld unchanged)", (long long)s.spared);
		if (s.left != NUM_NONE)
			dprintf(p->fd, ", %lld left of the rate limit", (long long)s.left);
		if (s.under_way)
			dprintf(p->fd, ", %lld to come\n", (long long)s.under_way);
		else
			dprintf(p->fd, ", %s\n", ledger_status_name(s.worst));
		lines++;
	}
	p->lines = lines;
	p->drawn_ms = clock_mono_ms();
}

void progress_show(const struct collect *c, void *ctx)
{
	struct progress *p = ctx;
	if (clock_mono_ms() - p->drawn_ms >= REDRAW_MS)
		draw(p, c);
}

void progress_end(struct progress *p, const struct collect *c)
{
	draw(p, c);
}
