/* Nikto's JSON and XML (scans.md 5.13). It knows no severities, and lists what stopped it among the
 * items. */
#include "scan/member.h"

#include "base/text.h"

struct item {
	const char *host, *id, *url, *text, *link;
};

static void add(struct scan_draft *d, const struct item *x)
{
	struct arena *a = d->a;
	if (x->text && text_starts(x->text + strspn(x->text, " \t\r\n"), "ERROR:")) {
		draft_failed(d, "nikto: %s", x->text);
		return;
	}
	/* The texts of the 999xxx checks are all that tells them apart; those of the others quote
	 * what the server said, which changes. */
	bool generic = !x->id || text_starts(x->id, "999");
	struct rec_finding f = {
		.severity = SEV_LOW,
		.rule = x->id,
		.title = x->text,
		.message = x->text,
		.path = member_or(x->url, x->host),
		.line = NUM_NONE,
		.url = draft_link(a, x->link),
	};
	const char *const parts[] = {x->host, x->id, x->url, generic ? x->text : NULL};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
}

/* References is a text, a list or an object of lists. */
static const char *reference(const struct jv *v, struct arena *a)
{
	struct jv list = json_get(v, "references");
	const char *one = member_one(v, "references", a);
	if (!json_is_obj(&list))
		return one;
	for (struct jv it = json_first(&list); it.n && !one; it = json_next(&it))
		one = it.key ? member_one(&list, it.key, a) : NULL;
	return one;
}

static bool read_host(struct scan_draft *d, const struct jv *v, struct err *e)
{
	struct arena *a = d->a;
	struct jv list;
	if (!draft_is_obj(v, e))
		return false;
	list = json_get(v, "vulnerabilities");
	if (!json_is_null(&list) && !json_is_arr(&list) && !json_is_obj(&list))
		return json_wrong(&list, e, "expected an array");
	if (json_is_null(&list))
		draft_suspect(d, "no list of vulnerabilities");
	const char *host = member_or(draft_text(v, "host", a), draft_text(v, "ip", a));
	if (!d->own_target)
		d->own_target = host;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		if (!draft_is_obj(&it, e))
			return false;
		struct item x = {
			.host = host,
			.id = draft_text(&it, "id", a),
			.url = draft_text(&it, "url", a),
			.text = draft_text(&it, "msg", a),
			.link = reference(&it, a),
		};
		add(d, &x);
	}
	return true;
}

bool nikto_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	if (!json_is_arr(in->json))
		return read_host(d, in->json, e);
	for (struct jv it = json_first(in->json); it.n; it = json_next(&it))
		if (!read_host(d, &it, e))
			return false;
	return true;
}

static void xml_details(struct scan_draft *d, const struct xnode *n)
{
	struct arena *a = d->a;
	const char *host = member_or(xml_get(n, "targethostname", a), xml_get(n, "targetip", a)),
		   *site = xml_get(n, "sitename", a);
	draft_time(d, draft_date(xml_get(n, "starttime", a)));
	if (!d->own_target)
		d->own_target = member_or(site && *site ? site : NULL, host);
	const struct xnode *it = xml_child_named(n, "item");
	for (; it; it = xml_next_named(it, "item")) {
		struct item x = {
			.host = host,
			.id = xml_get(it, "id", a),
			.url = member_child(it, "uri", a),
			.text = member_child(it, "description", a),
			.link = member_child(it, "references", a),
		};
		add(d, &x);
	}
}

bool nikto_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e UNUSED)
{
	/* The root is niktoscan or niktoscans, and niktoscan stands in niktoscan again. */
	struct arena *a = d->a;
	struct xnodes found = {0};
	xml_find(in->xml, NULL, "//*[local-name()='scandetails']", a, &found);
	for (size_t i = 0; i < found.n; i++) {
		const struct xnode *scan = xml_parent(found.v[i]);
		if (!d->out->tool_version && scan)
			d->out->tool_version = xml_get(scan, "version", a);
		xml_details(d, found.v[i]);
	}
	return true;
}
