#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/words.h"

#define SENDERS_MAX 5

static const char *what(const struct study *f, const struct told_row *r)
{
	const struct rec_told *t = r->t;
	switch (r->m->kind) {
	case MESSAGE_DAG:
		return m_link(f->a, t->url, t->subject);
	case MESSAGE_SCAN:
		return arena_printf(f->a, "%s on %s", t->tool ? m_out(f->a, t->tool) : "scan",
				    m_link(f->a, t->url, t->subject));
	case MESSAGE_DEPLOYMENT:
		return arena_printf(f->a, "%s%s%s", m_link(f->a, t->url, t->subject),
				    t->place ? " to " : "", m_out(f->a, t->place));
	case MESSAGE_RUN:
	case MESSAGE_ALARM:
	case MESSAGE_SENTRY:
	case MESSAGE_OTHER:
	case MESSAGE_KINDS:
		break;
	}
	return m_link(f->a, t->url, t->subject);
}

static const char *kind_word(const struct told_row *r)
{
	switch (r->m->kind) {
	case MESSAGE_DAG:
		return "Airflow DAG, data processing";
	case MESSAGE_SCAN:
		return r->lost ? "scan, its report was lost" : "scan, no report was read";
	case MESSAGE_DEPLOYMENT:
		return "deployment";
	case MESSAGE_RUN:
		return "GitHub Actions";
	case MESSAGE_ALARM:
		return "CloudWatch alarm";
	case MESSAGE_SENTRY:
		return "Sentry";
	case MESSAGE_OTHER:
	case MESSAGE_KINDS:
		break;
	}
	return "";
}

static const char *state(const struct study *f, const struct told_row *r)
{
	const struct rec_told *t = r->t;
	if (r->m->kind == MESSAGE_SCAN && t->total != NUM_NONE)
		return told_counts(f, t->severity, t->total);
	if (!t->state)
		return "told";
	const char *s = m_out(f->a, t->state);
	if (text_eq(t->state, "in_progress"))
		s = "in progress";
	else if (text_eq(t->state, "rolled_back"))
		s = "rolled back";
	return s;
}

static const char *beneath(const struct study *f, const struct told_row *r)
{
	const struct rec_told *t = r->t;
	const char *more = t->detail ? m_out(f->a, t->detail) : t->code ? m_out(f->a, t->code) : "";
	const char *place =
		r->m->kind == MESSAGE_DEPLOYMENT || !t->place || text_eq(t->place, t->subject)
			? ""
			: m_out(f->a, t->place);
	return arena_printf(f->a, "%s%s%s%s%s", kind_word(r), *place ? " · " : "", place,
			    *more ? " · " : "", more);
}

static void row_table(const struct study *f, struct xnode *s)
{
	static const struct col cols[] = {{.label = "What", .kind = "text"},
					  {.label = "State", .kind = "text"},
					  {.label = "Told", .kind = "number", .after = "times"},
					  {.label = "Last", .kind = "time", .before = "last"},
					  {.label = "Origin", .kind = "text"},
					  {.label = "Owner", .kind = "text"}};
	const struct told_week *w = &f->told_posts;
	struct xnode *t =
		doc_table(s, "told.only", "What no other source knows", cols, ARRAY_SIZE(cols));
	xml_attr(t, "spare", "next");
	xml_attr(t, "sensitive", "yes");
	for (size_t i = 0; i < w->rows.n && i < SECTION_ROWS; i++) {
		const struct told_row *r = &w->rows.v[i];
		struct xnode *row = doc_row(t, r->item);
		doc_cell(row, what(f, r), beneath(f, r));
		doc_cell(row, state(f, r), NULL);
		doc_cell(row, w_count(f->a, r->times), NULL);
		doc_cell(row, m_time(f->a, r->m->posted_s, w_when(f->a, f->z, r->m->posted_s)),
			 NULL);
		doc_cell(row, arena_printf(f->a, "%s in Slack", m_out(f->a, r->m->sender)), NULL);
		doc_cell(row, r->owner ? r->owner : "no owner", NULL);
	}
	if (w->rows.n > SECTION_SHOWN) {
		size_t shown = MIN(w->rows.n, (size_t)SECTION_ROWS);
		xml_attr_i64(t, "limit", SECTION_SHOWN);
		xml_attr(t, "more",
			 arena_printf(f->a, "%s more",
				      w_count(f->a, (int64_t)(shown - SECTION_SHOWN))));
	}
	if (w->rows.n > SECTION_ROWS)
		doc_para(s, "note",
			 arena_printf(f->a, "%s more are in the store, table %s.",
				      w_count(f->a, (int64_t)(w->rows.n - SECTION_ROWS)),
				      m_code(f->a, "message_told")));
}

static const char *others(const struct study *f)
{
	const struct told_week *w = &f->told_posts;
	struct strv v = {0};
	if (w->other == 0)
		return "";
	for (size_t i = 0; i < w->others.n; i++)
		vec_push(f->a, &v,
			 arena_printf(f->a, "%s by %s", w_count(f->a, w->others.v[i].n),
				      w->others.v[i].name ? m_out(f->a, w->others.v[i].name)
							  : "people"));
	return arena_printf(
		f->a, " %s of no known kind%s%s.", w_plural(f->a, w->other, "post is", "posts are"),
		f->counts_only ? "" : ": ", f->counts_only ? "" : w_list(f->a, &v, SENDERS_MAX));
}

static bool is_channel(const struct study *f, const struct ledger *l)
{
	for (size_t i = 0; i < f->cfg->slack.n; i++)
		if (text_eq(l->source, f->cfg->slack.v[i].name))
			return true;
	return false;
}

static bool any_read(const struct study *f)
{
	for (size_t i = 0; i < f->coverage.parts.n; i++) {
		const struct ledger *l = &f->coverage.parts.v[i];
		if (is_channel(f, l) &&
		    (l->status == LEDGER_COMPLETE || l->status == LEDGER_PARTIAL))
			return true;
	}
	return false;
}

void section_told(const struct study *f, struct xnode *root)
{
	const struct told_week *w = &f->told_posts;
	if (f->cfg->slack.n == 0)
		return;
	struct xnode *s = doc_section(root, "told", "Told only in Slack");
	section_lost(f, s, is_channel);
	if (!any_read(f)) {
		xml_attr(s, "tag", "Failed");
		xml_attr(s, "tone", "red");
		xml_attr(s, "summary", "not collected");
		xml_attr(s, "line", "not collected");
		return;
	}
	int64_t rows = (int64_t)w->rows.n;
	xml_attr(s, "summary", w_count(f->a, rows));
	xml_attr(s, "line",
		 rows == 0 ? "nothing that other sources do not know"
			   : arena_printf(f->a, "%s that no other source knows",
					  w_plural(f->a, rows, "thing", "things")));
	doc_para(s, NULL,
		 arena_printf(f->a,
			      "%s read. Of the things they tell, other sources know and count %s; "
			      "%s no other source knows.%s",
			      w_plural(f->a, (int64_t)w->posts.n, "post was", "posts were"),
			      w_count(f->a, w->matched), w_count(f->a, w->only), others(f)));
	if (rows == 0)
		return;
	if (!f->counts_only)
		row_table(f, s);
	doc_para(s, "note",
		 "None of this is in the numbers of the other sections, except that a scan which "
		 "was "
		 "due and whose report was lost counts as a partial one.");
}
