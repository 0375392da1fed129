#include "archive/feed.h"

#include "base/parse.h"
#include "lib/crypto.h"
#include "lib/xml.h"

#define WEEKS_MAX 30 /* half a year: a reader that was away catches up, the file stays small */

const char *entry_main_file(const struct entry *x)
{
	for (size_t i = 0; i < x->files.n; i++)
		if (!strcmp(x->files.v[i].name, "page.html"))
			return "page.html";
	return x->files.n ? x->files.v[0].name : NULL;
}

/* An id that needs no address: RFC 4122 version 8 (our own hash), from what names the thing. */
static const char *id_of(const struct config *cfg, const char *what, struct arena *a)
{
	char h[SHA256_HEX];
	const char *s =
		arena_printf(a, "%s\n%s", cfg->archive_url ? cfg->archive_url : cfg->title, what);
	sha256_hex(s, strlen(s), h);
	return arena_printf(a, "urn:uuid:%.8s-%.4s-8%.3s-8%.3s-%.12s", h, h + 8, h + 13, h + 17,
			    h + 20);
}

static void put(struct xnode *parent, const char *name, const char *text)
{
	xml_text(xml_add(parent, name), text);
}

static void put_link(struct xnode *parent, const char *rel, const char *type,
		     const struct config *cfg, const char *path, struct arena *a)
{
	struct xnode *n = xml_add(parent, "link");
	xml_attr(n, "rel", rel);
	xml_attr(n, "type", type);
	xml_attr(n, "href",
		 arena_printf(a, "%s%s", cfg->archive_url ? cfg->archive_url : "", path));
}

static void put_entry(struct xnode *feed, const struct entry *x, const struct config *cfg,
		      struct arena *a)
{
	char when[TIME_TEXT];
	struct xnode *n = xml_add(feed, "entry");
	const char *file = entry_main_file(x);
	put(n, "id", id_of(cfg, arena_printf(a, "%s/%s", x->week, x->audience), a));
	put(n, "title", *x->heading ? x->heading : x->week);
	put(n, "updated", time_iso(x->frozen_s, when));
	put(n, "summary", x->verdict);
	if (file)
		put_link(n, "alternate", "text/html", cfg,
			 arena_printf(a, "%s/%s/%s", x->week, x->audience, file), a);
}

const char *feed_xml(const struct entries *list, const struct config *cfg, const char *generator,
		     struct arena *a, size_t *len)
{
	char when[TIME_TEXT];
	int64_t newest_s = 0;
	CLEANUP(xml_freep) struct xml *x = xml_new("feed");
	struct xnode *feed = xml_root(x);
	xml_attr(feed, "xmlns", "http://www.w3.org/2005/Atom");
	for (size_t i = 0; i < list->n; i++)
		newest_s = MAX(newest_s, list->v[i].frozen_s);
	put(feed, "id", id_of(cfg, "feed", a));
	put(feed, "title", cfg->title);
	put(feed, "updated", time_iso(newest_s, when));
	put(feed, "generator", generator);
	put(xml_add(feed, "author"), "name", cfg->title);
	put_link(feed, "self", "application/atom+xml", cfg, "feed.xml", a);
	put_link(feed, "alternate", "text/html", cfg, "index.html", a);
	size_t weeks = 0;
	for (size_t i = 0; i < list->n && weeks < WEEKS_MAX; i++) {
		if (i > 0 && !strcmp(list->v[i].week, list->v[i - 1].week))
			continue;
		put_entry(feed, &list->v[i], cfg, a);
		weeks++;
	}
	return xml_write(x, a, len);
}
