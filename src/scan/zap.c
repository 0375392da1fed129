/* OWASP ZAP's traditional report in its JSON and XML forms (scans.md 5.2): one finding is an alert
 * type of a site. Evidence, attack and otherinfo hold what was sent and found: never read. */
#include "scan/member.h"

#include "base/parse.h"
#include "base/text.h"

/* One alert, whichever form it came in; every number is a text in both. */
struct alert {
	const char *site, *pluginid, *name, *risk, *confidence, *risk_text, *desc, *count, *cwe,
		*reference, *solution;
	const char *uri; /* the smallest of its instances, so that their order does not matter */
	size_t instances;
};

static void see_uri(struct alert *x, const char *uri)
{
	x->instances++;
	if (uri && (!x->uri || strcmp(uri, x->uri) < 0))
		x->uri = uri;
}

/* Returns whether it is of the kinds that the team's Slack message counts: a risk code 0 to 3,
 * false positives included. */
static bool add(struct scan_draft *d, const struct alert *x)
{
	static const enum severity by_risk[] = {SEV_INFO, SEV_LOW, SEV_MEDIUM, SEV_HIGH};
	struct arena *a = d->a;
	int64_t risk, confidence, count, cwe;
	bool known = parse_i64(text_line(a, x->risk, 0), &risk) && risk >= 0 && risk <= 3;
	struct rec_finding f = {
		.severity = known ? by_risk[risk] : SEV_INFO,
		.word = x->risk_text ? x->risk_text : x->risk,
		.rule = x->pluginid,
		.title = draft_plain(a, x->name),
		.path = draft_location(a, x->uri ? x->uri : x->site),
		.line = NUM_NONE,
		.url = draft_link(a, draft_plain(a, x->reference)),
		.message = draft_plain(a, x->desc),
		.fix = draft_plain(a, x->solution),
		.suppressed =
			parse_i64(text_line(a, x->confidence, 0), &confidence) && confidence == 0,
		.occurrences = (int64_t)x->instances,
	};
	if (parse_i64(text_line(a, x->cwe, 0), &cwe) && cwe > 0)
		f.cwe = arena_printf(a, "CWE-%lld", (long long)cwe);
	/* More than are listed when ZAP says so: it lists only some of a systemic alert's. */
	if (parse_i64(text_line(a, x->count, 0), &count) && count > f.occurrences &&
	    count < INT32_MAX)
		f.occurrences = count;
	const char *const parts[] = {x->site, x->pluginid, x->name};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
	return known;
}

static bool json_alert(struct scan_draft *d, const struct jv *v, const char *site, bool *counted,
		       struct err *e)
{
	struct arena *a = d->a;
	struct jv instances;
	if (!draft_is_obj(v, e))
		return false;
	struct alert x = {
		.site = site,
		.pluginid = draft_text(v, "pluginid", a),
		.name = member_or(draft_text(v, "alert", a), draft_text(v, "name", a)),
		.risk = draft_text(v, "riskcode", a),
		.risk_text = draft_text(v, "riskdesc", a),
		.confidence = draft_text(v, "confidence", a),
		.desc = draft_text(v, "desc", a),
		.count = draft_text(v, "count", a),
		.cwe = draft_text(v, "cweid", a),
		.reference = draft_text(v, "reference", a),
		.solution = draft_text(v, "solution", a),
	};
	instances = json_get(v, "instances");
	for (struct jv it = json_first(&instances); it.n; it = json_next(&it))
		see_uri(&x, draft_text(&it, "uri", a));
	*counted = add(d, &x);
	return true;
}

static bool json_site(struct scan_draft *d, const struct jv *v, bool first, struct err *e)
{
	struct arena *a = d->a;
	struct jv alerts;
	if (!draft_is_obj(v, e) || !json_arr_opt(v, "alerts", &alerts, e))
		return false;
	const char *name = member_or(draft_text(v, "@name", a), draft_text(v, "@host", a));
	int64_t n = 0;
	for (struct jv it = json_first(&alerts); it.n; it = json_next(&it)) {
		bool counted;
		if (!json_alert(d, &it, name, &counted, e))
			return false;
		n += counted;
	}
	if (first) {
		d->out->first_site = n;
		d->own_target = name;
	}
	return true;
}

/* Is the member there with anything in it but false? */
static bool tells(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *text = json_text(&v, a);
	return json_count(&v) || (text && *text && strcmp(text, "false") != 0);
}

static void none_reached(struct scan_draft *d)
{
	draft_suspect(d, "no site: the target was not reached");
}

static void stopped_early(struct scan_draft *d)
{
	draft_partial(d, "the scan was stopped early (stoppingInsight)");
}

bool zap_json_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct arena *a = d->a;
	struct jv site = json_get(in->json, "site");
	const char *created = draft_text(in->json, "created", a);
	draft_time(d, draft_date(member_or(created, draft_text(in->json, "@generated", a))));
	d->out->tool_version = draft_text(in->json, "@version", a);
	if (tells(in->json, "stoppingInsight", a))
		stopped_early(d);
	if (json_is_obj(&site)) /* ZAP up to 2.7 wrote a single site so */
		return json_site(d, &site, true, e);
	if (!json_is_null(&site) && !json_is_arr(&site))
		return json_wrong(&site, e, "expected an array");
	struct jv it = json_first(&site);
	if (!it.n)
		none_reached(d);
	for (bool first = true; it.n; it = json_next(&it), first = false)
		if (!json_site(d, &it, first, e))
			return false;
	return true;
}

static bool xml_alert(struct scan_draft *d, const struct xnode *n, const char *site)
{
	struct arena *a = d->a;
	struct alert x = {
		.site = site,
		.pluginid = member_child(n, "pluginid", a),
		.name = member_or(member_child(n, "alert", a), member_child(n, "name", a)),
		.risk = member_child(n, "riskcode", a),
		.risk_text = member_child(n, "riskdesc", a),
		.confidence = member_child(n, "confidence", a),
		.desc = member_child(n, "desc", a),
		.count = member_child(n, "count", a),
		.cwe = member_child(n, "cweid", a),
		.reference = member_child(n, "reference", a),
		.solution = member_child(n, "solution", a),
	};
	const struct xnode *list = xml_child_named(n, "instances");
	const struct xnode *i = list ? xml_child_named(list, "instance") : NULL;
	for (; i; i = xml_next_named(i, "instance"))
		see_uri(&x, member_child(i, "uri", a));
	if (!list && xml_child_named(n, "uri")) /* ZAP 2.4 and older: one alertitem an instance */
		see_uri(&x, member_child(n, "uri", a));
	return add(d, &x);
}

static void xml_site(struct scan_draft *d, const struct xnode *site, bool first)
{
	struct arena *a = d->a;
	const char *name = member_or(xml_get(site, "name", a), xml_get(site, "host", a));
	int64_t n = 0;
	const struct xnode *alerts = xml_child_named(site, "alerts");
	for (; alerts; alerts = xml_next_named(alerts, "alerts")) {
		const struct xnode *it = xml_child_named(alerts, "alertitem");
		for (; it; it = xml_next_named(it, "alertitem"))
			n += xml_alert(d, it, name);
	}
	if (first) {
		d->out->first_site = n;
		d->own_target = name;
	}
}

bool zap_xml_read(const struct scan_input *in, struct scan_draft *d, struct err *e UNUSED)
{
	struct arena *a = d->a;
	const struct xnode *root = xml_root(in->xml);
	draft_time(d, draft_date(member_or(xml_get(root, "created", a),
					   xml_get(root, "generated", a))));
	d->out->tool_version = xml_get(root, "version", a);
	const char *stop = member_or(xml_get(root, "stoppingInsight", a),
				     member_child(root, "stoppingInsight", a));
	if (stop && *stop && strcmp(stop, "false") != 0)
		stopped_early(d);
	const struct xnode *site = xml_child_named(root, "site");
	if (!site)
		none_reached(d);
	for (bool first = true; site; site = xml_next_named(site, "site"), first = false)
		xml_site(d, site, first);
	return true;
}
