#include "base/sb.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

#include <math.h>

#define VERDICT_WORDS 30
#define SUBJECT_CP    70

static size_t words_in(const char *s)
{
	size_t n = 0;
	for (const char *p = s; *p;) {
		p += strspn(p, " ");
		n += *p != '\0';
		p += strcspn(p, " ");
	}
	return n;
}

static void by_status(const struct study *f, enum ledger_status status, struct strv *names)
{
	for (size_t i = 0; i < f->coverage.n; i++)
		if (f->coverage.v[i].status == status)
			vec_push(f->a, names, m_code(f->a, f->coverage.v[i].source));
}

/* "`sentry` was not collected, so errors are unknown." Never silent about a source that failed. */
static const char *blind_words(const struct study *f)
{
	static const char *const main_ids[] = {"errors.new", "deployments.total", "ci.runs",
					       "security.outstanding"};
	static const char *const names[] = {"errors", "deployments", "CI runs", "findings"};
	struct strv failed = {0}, unknown = {0}, partial = {0};
	by_status(f, LEDGER_FAILED, &failed);
	by_status(f, LEDGER_PARTIAL, &partial);
	for (size_t i = 0; i < ARRAY_SIZE(main_ids); i++)
		if (isnan(numbers_get(&f->numbers, main_ids[i])->value) &&
		    study_fed(f, main_ids[i]))
			vec_push(f->a, &unknown, names[i]);
	if (failed.n > 0)
		return arena_printf(f->a, " %s %s not collected, so %s are %s.",
				    w_list(f->a, &failed, 2), failed.n == 1 ? "was" : "were",
				    unknown.n ? w_list(f->a, &unknown, 4) : "their numbers",
				    unknown.n ? "unknown" : "missing");
	if (partial.n > 0)
		return arena_printf(f->a, " %s %s incomplete.", w_list(f->a, &partial, 2),
				    partial.n == 1 ? "is" : "are");
	if (f->security.with_result < f->security.due)
		return arena_printf(
			f->a, " %s gave no result.",
			w_plural(f->a, f->security.due - f->security.with_result, "scan", "scans"));
	return "";
}

/* The first of the six numbers that is outside its range, as a clause; NULL: none. */
static const char *unusual_words(const struct study *f)
{
	static const char *const six[][2] = {{"errors.new", "new errors"},
					     {"ci.failed", "failed CI runs"},
					     {"security.new", "new security findings"},
					     {"security.overdue", "findings past their limit"},
					     {"errors.events", "error events"},
					     {"deployments.total", "production deployments"}};
	for (size_t i = 0; i < ARRAY_SIZE(six); i++) {
		const struct number *n = numbers_get(&f->numbers, six[i][0]);
		if (n->mark)
			return arena_printf(f->a, "%s are %s than usual: %s (%s)", six[i][1],
					    text_eq(n->mark, "up") ? "more" : "fewer",
					    m_num(f->a, n->id, w_value(f->a, n, false)),
					    w_range(f->a, n->low, n->high));
	}
	return NULL;
}

/* Lower case at the start, unless the first word is a name. */
static const char *inside_sentence(const struct study *f, const char *title)
{
	char *s = arena_strdup(f->a, title);
	if (s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z')
		s[0] = (char)(s[0] - 'A' + 'a');
	return s;
}

static const char *broken_words(const struct study *f, int64_t n, const struct action *x,
				const struct action *y)
{
	if (f->counts_only)
		return n == 1 ? "One thing is broken."
			      : arena_printf(f->a, "%s things are broken.",
					     w_capital(f->a, w_spelled(f->a, n)));
	if (n == 1)
		return arena_printf(f->a, "One thing is broken: %s.", x->broken);
	if (n == 2)
		return arena_printf(f->a, "Two things are broken: %s, and %s.", x->broken,
				    y->broken);
	return arena_printf(f->a, "%s things are broken, first %s.",
			    w_capital(f->a, w_spelled(f->a, n)), x->broken);
}

static const char *decision_words(const struct study *f, bool blind)
{
	int64_t n = (int64_t)f->needs.v.n;
	const struct action *x = &f->needs.v.v[0];
	int64_t due = TIME_NONE;
	for (size_t i = 0; i < f->needs.v.n; i++)
		if (f->needs.v.v[i].due_s != TIME_NONE &&
		    (due == TIME_NONE || f->needs.v.v[i].due_s < due))
			due = f->needs.v.v[i].due_s;
	const char *by =
		due == TIME_NONE ? "" : arena_printf(f->a, " by %s", w_weekday(f->a, f->z, due));
	const char *count = arena_printf(f->a, "%s %s%s", w_spelled(f->a, n),
					 n == 1 ? "thing needs you" : "things need you", by);
	const char *lead =
		blind ? w_capital(f->a, count) : arena_printf(f->a, "Nothing is broken; %s", count);
	if (f->counts_only)
		return arena_printf(f->a, "%s.", lead);
	return arena_printf(f->a, n == 1 ? "%s: %s." : "%s: %s first.", lead,
			    inside_sentence(f, x->title));
}

struct verdict {
	const char *rule, *s;
};

/* Rules in order, look.md 6: the first that fits. */
static struct verdict verdict_of(const struct study *f)
{
	const struct action *broken[2] = {NULL, NULL};
	int64_t n = 0;
	size_t named = 0;
	for (size_t i = 0; i < f->needs.v.n; i++) {
		const struct action *x = &f->needs.v.v[i];
		if (!x->broken)
			continue;
		n += x->things;
		if (named < ARRAY_SIZE(broken))
			broken[named++] = x;
	}
	const char *blind = blind_words(f);
	bool sees = !*blind;
	struct verdict v = {NULL, NULL};
	if (n > 0) {
		v = (struct verdict){"broken", broken_words(f, n, broken[0], broken[1])};
		/* Two long names may not fit: then the first and how many. */
		if (n == 2 &&
		    words_in(m_plain(f->a, v.s)) + words_in(m_plain(f->a, blind)) > VERDICT_WORDS)
			v.s = f->counts_only
				      ? v.s
				      : arena_printf(f->a, "Two things are broken, first %s.",
						     broken[0]->broken);
		if (words_in(m_plain(f->a, v.s)) + words_in(m_plain(f->a, blind)) > VERDICT_WORDS)
			v.s = n == 1 ? "One thing is broken."
				     : arena_printf(f->a, "%s things are broken.",
						    w_capital(f->a, w_spelled(f->a, n)));
	} else if (f->needs.v.n > 0) {
		v = (struct verdict){"decision", decision_words(f, !sees)};
		if (words_in(m_plain(f->a, v.s)) + words_in(m_plain(f->a, blind)) > VERDICT_WORDS)
			v.s = arena_printf(
				f->a, "%s%s %s.", sees ? "Nothing is broken; " : "",
				sees ? w_spelled(f->a, (int64_t)f->needs.v.n)
				     : w_capital(f->a, w_spelled(f->a, (int64_t)f->needs.v.n)),
				f->needs.v.n == 1 ? "thing needs you" : "things need you");
	} else if (unusual_words(f)) {
		v = (struct verdict){
			"unusual",
			sees ? arena_printf(f->a, "Nothing needs you, but %s.", unusual_words(f))
			     : arena_printf(f->a, "%s.", m_capital(f->a, unusual_words(f)))};
	} else if (!sees) {
		v = (struct verdict){"blind", "What was collected needs nobody."};
	} else if (f->history.n < 8) {
		v = (struct verdict){"quiet", "A quiet week: nothing new is broken; there is too "
					      "little history yet to say what is usual."};
	} else {
		v = (struct verdict){"quiet", "A quiet week: nothing new is broken, and every "
					      "number is within its usual range."};
	}
	v.s = arena_printf(f->a, "%s%s", v.s, blind);
	return v;
}

static struct xnode *status(struct xnode *m, const char *tone, const char *word, const char *s)
{
	struct xnode *n = doc_element(m, "status", s);
	xml_attr(n, "tone", tone);
	xml_attr(n, "word", word);
	return n;
}

static const char *scans_words(const struct study *f)
{
	const struct security_week *w = &f->security;
	if (w->due == 0)
		return "";
	return arena_printf(f->a, "%s of %s gave a result", w_count(f->a, w->with_result),
			    w_plural(f->a, w->due, "scan", "scans"));
}

static void scan_statuses(const struct study *f, struct xnode *m)
{
	struct strv failed = {0}, missing = {0};
	for (size_t i = 0; i < f->security.scans.n; i++) {
		const struct scan_row *s = &f->security.scans.v[i];
		const char *name = f->counts_only
					   ? m_out(f->a, s->tool)
					   : arena_printf(f->a, "%s on %s", m_out(f->a, s->tool),
							  m_code(f->a, s->target));
		if (s->outcome == SCAN_GAVE_NOTHING)
			vec_push(f->a, &failed, name);
		if (s->outcome == SCAN_NOT_RUN)
			vec_push(f->a, &missing, name);
	}
	if (failed.n > 0)
		status(m, "red", "Failed", w_list(f->a, &failed, 3));
	if (missing.n > 0)
		status(m, "orange", "Did not run", w_list(f->a, &missing, 3));
}

static void statuses(const struct study *f, struct xnode *m)
{
	int64_t asked = 0, complete = 0;
	struct strv off = {0};
	for (size_t i = 0; i < f->coverage.n; i++) {
		asked += f->coverage.v[i].status != LEDGER_NOT_ENABLED;
		complete += f->coverage.v[i].status == LEDGER_COMPLETE;
	}
	by_status(f, LEDGER_NOT_ENABLED, &off);
	const char *scans = scans_words(f);
	if (complete > 0)
		status(m, "green", "Complete",
		       arena_printf(f->a, "%s of %s%s%s", w_count(f->a, complete),
				    w_plural(f->a, asked, "source", "sources"), *scans ? "; " : "",
				    scans));
	size_t told = 0;
	for (int pass = 0; pass < 2; pass++) {
		enum ledger_status want = pass == 0 ? LEDGER_FAILED : LEDGER_PARTIAL;
		for (size_t i = 0; i < f->coverage.n; i++) {
			const struct coverage_row *c = &f->coverage.v[i];
			if (c->status != want || told++ >= 6)
				continue;
			const char *why = f->counts_only || !c->reason
						  ? ""
						  : arena_printf(f->a, ": %s",
								 text_line(f->a, c->reason, 160));
			const char *touched =
				!*c->affects ? ""
					     : arena_printf(f->a, "; %s are %s",
							    coverage_words(f->a, c->affects),
							    want == LEDGER_FAILED
								    ? "unknown or “at least”"
								    : "“at least”");
			status(m, want == LEDGER_FAILED ? "red" : "orange",
			       want == LEDGER_FAILED ? "Failed" : "Partial",
			       arena_printf(f->a, "%s%s%s", m_code(f->a, c->source), why, touched));
		}
	}
	if (told > 6)
		status(m, "orange", "Incomplete",
		       arena_printf(f->a, "%s more sources", w_count(f->a, (int64_t)told - 6)));
	scan_statuses(f, m);
	if (off.n > 0)
		status(m, "grey", "Not configured", w_list(f->a, &off, 3));
	if (asked == 0 && off.n == 0)
		status(m, "grey", "Not configured", "no source");
}

static int64_t incomplete_sources(const struct study *f)
{
	int64_t n = 0;
	for (size_t i = 0; i < f->coverage.n; i++)
		n += f->coverage.v[i].status == LEDGER_PARTIAL ||
		     f->coverage.v[i].status == LEDGER_FAILED;
	return n;
}

static const char *subject(const struct study *f)
{
	int64_t n = (int64_t)f->needs.v.n, bad = incomplete_sources(f);
	const char *rest =
		n == 0 ? (bad ? "" : "nothing needs you")
		       : arena_printf(f->a, "%s", w_plural(f->a, n, "needs you", "need you"));
	const char *sources = bad == 0 ? ""
				       : arena_printf(f->a, "%s%s incomplete", *rest ? ", " : "",
						      w_plural(f->a, bad, "source", "sources"));
	const char *tail = arena_printf(f->a, ", week %d: %s%s", f->week.number, rest, sources);
	size_t room = SUBJECT_CP - 1 - MIN(utf8_count(tail), (size_t)SUBJECT_CP - 10);
	return arena_printf(f->a, "%s%s", text_line(f->a, f->cfg->title, room - 1), tail);
}

static const char *preheader(const struct study *f)
{
	struct sb b;
	sb_init(&b, f->a, 4096);
	for (size_t i = 0; i < f->needs.v.n && i < 2 && !f->counts_only; i++)
		sb_addf(&b, "%s. ", m_plain(f->a, f->needs.v.v[i].title));
	int64_t bad = incomplete_sources(f);
	if (bad > 0)
		sb_addf(&b, "%s incomplete.", w_plural(f->a, bad, "source is", "sources are"));
	else
		sb_add(&b, "Every source was collected in full.");
	return sb_str(&b);
}

static void link_to(struct xnode *m, const char *rel, const char *href, const char *text)
{
	struct xnode *l = xml_add(m, "link");
	xml_attr(l, "rel", rel);
	xml_attr(l, "href", href);
	xml_text(l, text);
}

static void links(const struct study *f, struct xnode *m)
{
	if (f->history.n > 0) {
		const char *before = f->history.v[0].week;
		const char *number = strchr(before, 'W');
		link_to(m, "previous",
			arena_printf(f->a, "../../%s/%s/page.html", before, f->audience),
			arena_printf(f->a, "Week %s",
				     number ? number + 1 + (number[1] == '0') : before));
	}
	link_to(m, "all", "../../index.html", "all weeks");
	if (!f->cfg->archive_url || !text_link_ok(f->cfg->archive_url))
		return;
	const char *base =
		arena_printf(f->a, "%s%s/%s", f->cfg->archive_url, f->week.name, f->audience);
	link_to(m, "page", arena_printf(f->a, "%s/page.html", base), "Page");
	link_to(m, "pdf", arena_printf(f->a, "%s/digest.pdf", base), "PDF");
}

void masthead_add(const struct study *f, struct xnode *root)
{
	struct xnode *m = xml_add(root, "masthead");
	struct verdict v = verdict_of(f);
	xml_text(xml_add(m, "kicker"), "Weekly engineering digest");
	xml_text(xml_add(m, "heading"),
		 arena_printf(f->a, "%s: week %d", f->cfg->title, f->week.number));
	xml_text(xml_add(m, "dates"), w_week(f->a, f->z, &f->week));
	xml_attr(doc_element(m, "verdict", v.s), "rule", v.rule);
	xml_text(xml_add(m, "subject"), subject(f));
	xml_text(xml_add(m, "preheader"), preheader(f));
	const char *ignore = f->needs.set_aside == 0
				     ? ""
				     : arena_printf(f->a, " %s can be ignored.",
						    w_count(f->a, f->needs.set_aside));
	xml_text(xml_add(m, "brief"),
		 arena_printf(f->a, "%s, week %d: %s %s you.%s", f->cfg->title, f->week.number,
			      m_plain(f->a, v.s),
			      f->needs.v.n == 0
				      ? "Nothing collected needs"
				      : w_plural(f->a, (int64_t)f->needs.v.n, "needs", "need"),
			      ignore));
	links(f, m);
	statuses(f, m);
	xml_text(xml_add(m, "frozen"),
		 arena_printf(f->a, "Frozen %s, %s, %s", w_date_year(f->a, f->z, f->now_s),
			      w_clock(f->a, f->z, f->now_s), zone_name(f->z)));
}
