#include "digest/digest.h"

#include "base/text.h"
#include "digest/corrections.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "lib/crypto.h"

#include <math.h>

/* The sections in their fixed order (look.md 1). */
static void (*const sections[])(const struct study *, struct xnode *) = {
	section_needs,	     section_glance, section_numbers,  section_errors,
	section_deployments, section_ci,     section_security, section_monitoring,
	section_performance, section_told,   section_carried,  section_fixes,
	section_corrections, section_ahead,  section_custom,   section_how,
};

static bool load(struct study *f, struct err *e)
{
	struct strv ids = {0};
	if (!coverage_load(f->cfg, f->in->db, f->week.name, f->now_s, f->a, &f->coverage, e) ||
	    !facts_list(f->in->db, f->week.name, f->a, &f->told, e) ||
	    !scans_acceptances(f->in->db, f->now_s, f->a, &f->accepted, e) ||
	    !digests_history(f->in->db, f->audience, f->week.name, 2 * STATS_MAX_WEEKS, f->a,
			     &f->history, e) ||
	    !told_load(f, e) || !security_load(f, e) || !deployments_load(f, e) ||
	    !monitoring_load(f, e) || !performance_load(f, e))
		return false;
	numbers_start(&f->numbers, f->cfg, &f->security.tools, f->a);
	monitoring_add_numbers(f);
	numbers_ids(&f->numbers, f->a, &ids);
	coverage_join(&f->coverage, f->cfg, &ids, f->a);
	return true;
}

/* Promise 6. Items of actions are no things counted. */
static bool conserved(const struct study *f, struct err *e)
{
	int64_t shown = 0, aside = 0;
	for (size_t i = 0; i < f->items.n; i++) {
		const struct item *it = &f->items.v[i];
		if (!strcmp(it->section, "digest"))
			continue;
		shown += it->set_aside == NULL;
		aside += it->set_aside != NULL;
	}
	if (shown + aside != f->collected || aside != f->needs.set_aside)
		return err_set(
			e, ERR_BUG,
			"digest %s: %lld shown and %lld set aside are not the %lld collected",
			f->week.name, (long long)shown, (long long)aside, (long long)f->collected);
	return true;
}

static void add_coverage(const struct study *f, struct xnode *data)
{
	for (size_t i = 0; i < f->coverage.n; i++) {
		const struct coverage_row *c = &f->coverage.v[i];
		struct xnode *n = xml_add(data, "coverage");
		xml_attr(n, "source", c->source);
		xml_attr(n, "status", ledger_status_name(c->status));
		xml_attr_i64(n, "expected", c->expected);
		xml_attr_i64(n, "received", c->received);
		xml_attr_time(n, "as-of", c->as_of_s == TIME_NONE ? f->now_s : c->as_of_s);
		xml_attr(n, "reason", f->counts_only ? NULL : c->reason);
		xml_attr(n, "affects", c->affects);
	}
}

static void add_numbers(const struct study *f, struct xnode *data)
{
	for (size_t i = 0; i < f->numbers.list.n; i++) {
		const struct number *x = &f->numbers.list.v[i];
		struct xnode *n = xml_add(data, "number");
		xml_attr(n, "id", x->id);
		if (!isnan(x->value))
			xml_attr_f(n, "value", "%.15g", x->value);
		if (!isnan(x->low)) {
			xml_attr_f(n, "low", "%.15g", x->low);
			xml_attr_f(n, "high", "%.15g", x->high);
		}
		xml_attr(n, "mark", x->mark);
		xml_attr(n, "incomplete", x->incomplete ? "yes" : NULL);
	}
}

static void add_items(const struct study *f, struct xnode *data)
{
	for (size_t i = 0; i < f->items.n; i++) {
		const struct item *it = &f->items.v[i];
		const struct attribution *c = &f->causes.v[i];
		struct xnode *n = xml_add(data, "item");
		xml_attr(n, "id", it->id);
		xml_attr(n, "section", it->section);
		xml_attr(n, "kind", it->kind);
		xml_attr(n, "key", it->key);
		xml_attr(n, "title", it->title);
		xml_attr(n, "url", it->url);
		xml_attr(n, "owner", it->owner);
		xml_attr_time(n, "first-seen", it->first_seen_s);
		xml_attr_i64(n, "weeks", it->weeks);
		xml_attr(n, "set-aside", it->set_aside);
		xml_attr(n, "counts", it->counts);
		if (!c->deploy)
			continue;
		struct xnode *d = xml_add(n, "deployment");
		xml_attr(d, "key", c->deploy->key);
		xml_attr(d, "strength", strength_name(c->strength));
		xml_attr_i64(d, "minutes", c->minutes);
	}
}

static void add_data(const struct study *f, struct xnode *root)
{
	struct xnode *data = xml_add(root, "data");
	add_coverage(f, data);
	add_numbers(f, data);
	if (!f->counts_only) {
		add_items(f, data);
		for (size_t i = 0; i < f->needs.v.n && i < NEEDS_MAX; i++)
			xml_attr(xml_add(data, "need"), "item", f->needs.v.v[i].item);
	}
	for (size_t i = 0; i < f->needs.asides.n; i++) {
		struct xnode *n = xml_add(data, "aside");
		xml_attr(n, "reason", f->needs.asides.v[i].reason);
		xml_attr_i64(n, "count", f->needs.asides.v[i].count);
	}
	for (size_t i = 0; i < f->corrections.n; i++)
		xml_text(xml_add(data, "correction"), m_plain(f->a, f->corrections.v[i]));
}

/* "example.org" of "sitrep <sitrep@example.org>". */
static const char *domain_of(struct arena *a, const char *from)
{
	const char *at = from ? strrchr(from, '@') : NULL;
	size_t n = at ? strspn(at + 1,
			       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
		      : 0;
	return n > 0 ? arena_strndup(a, at + 1, n) : "sitrep.invalid";
}

static void add_delivery(const struct study *f, struct xnode *root)
{
	const struct audience *au = f->in->audience;
	if (!au || (!au->email.set && !(au->slack.set && au->slack.channel)))
		return;
	struct xnode *d = xml_add(root, "delivery");
	if (au->email.set && au->email.to.n > 0) {
		const char *domain = domain_of(f->a, au->email.from);
		const char *key =
			arena_printf(f->a, "%s\n%s\n%s", f->cfg->title, f->week.name, f->audience);
		char hash[SHA256_HEX];
		sha256_hex(key, strlen(key), hash);
		struct xnode *m = xml_add(d, "mail");
		xml_attr(m, "from",
			 au->email.from ? au->email.from : arena_printf(f->a, "sitrep@%s", domain));
		xml_attr(m, "message-id",
			 arena_printf(f->a, "<digest.%s.%s.%.8s@%s>", f->week.name, f->audience,
				      hash, domain));
		xml_attr(m, "list-id", arena_printf(f->a, "<%s.sitrep.%s>", f->audience, domain));
		xml_attr_time(m, "date", f->now_s);
		for (size_t i = 0; i < au->email.to.n; i++)
			xml_text(xml_add(m, "to"), au->email.to.v[i]);
	}
	if (au->slack.set && au->slack.channel)
		xml_attr(xml_add(d, "slack"), "channel", au->slack.channel);
}

static struct xml *document(const struct study *f)
{
	struct xml *doc = xml_new("digest");
	struct xnode *root = xml_root(doc);
	xml_attr(root, "schema", "1");
	xml_attr(root, "week", f->week.name);
	xml_attr_time(root, "from", f->from_s);
	xml_attr_time(root, "to", f->to_s);
	xml_attr_i64(root, "hours", week_hours(&f->week));
	xml_attr(root, "timezone", zone_name(f->z));
	xml_attr(root, "audience", f->audience);
	xml_attr(root, "title", f->cfg->title);
	xml_attr(root, "lang", "en-GB");
	xml_attr_time(root, "frozen", f->now_s);
	xml_attr(root, "generator", f->in->version ? f->in->version : "sitrep");
	xml_attr(root, "detail", f->counts_only ? "counts" : "full");
	masthead_add(f, root);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		sections[i](f, root);
	add_data(f, root);
	add_delivery(f, root);
	return doc;
}

bool digest_build(const struct digest_input *in, struct arena *a, struct digest_output *out,
		  struct err *e)
{
	struct study f = {.in = in,
			  .cfg = in->cfg,
			  .z = in->zone,
			  .a = a,
			  .week = in->week,
			  .from_s = in->week.from_s,
			  .to_s = in->week.to_s,
			  .now_s = in->now_s,
			  .audience = in->audience ? in->audience->name : "everyone",
			  .counts_only = in->audience && in->audience->detail == DETAIL_COUNTS,
			  .environment = in->cfg->environments.n ? in->cfg->environments.v[0]
								 : "production"};
	for (int i = 0; i < 8; i++)
		f.day_s[i] = week_day(f.z, &f.week, i);
	for (int i = 0; i < STUDY_WEEKS; i++)
		f.weeks[i] = week_add(f.z, &f.week, i + 1 - STUDY_WEEKS);
	/* Errors and CI look for the deployment or the run behind them, so deployments come first.
	 */
	if (!load(&f, e) || !deployments_analyse(&f, e) || !errors_analyse(&f, e) ||
	    !ci_analyse(&f, e) || !security_analyse(&f, e) || !told_analyse(&f, e))
		return false;
	monitoring_analyse(&f);
	custom_run(&f);
	numbers_finish(&f.numbers, &f.coverage, f.cfg, &f.history);
	corrections_find(&f);
	if (!silence_find(&f, e) || !chance_find(&f, &f.chance, e) || !dora_find(&f, e) ||
	    !needs_find(&f, e) || !followup_find(&f, e) || !conserved(&f, e))
		return false;
	*out = (struct digest_output){.doc = document(&f), .numbers = f.numbers.list};
	if (!f.counts_only)
		out->items = f.items;
	return true;
}
