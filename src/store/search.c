#include "store/search.h"

#include "base/parse.h"
#include "base/text.h"
#include "gen/queries.h"
#include "lib/xml.h"

#define WORDS_MAX 64
#define BODY_MAX  ((size_t)4 << 20) /* wording of one section */
/* Ranking reads each row's length. A word that is in more rows than this says little of any of
 * them: the newest are ranked, which keeps ten years under a tenth of a second. */
#define RANKED_MAX    20000
#define ROWS_PER_WEEK 10000000 /* as in the migration */

/* ---- asking ---- */

const char *search_query(const char *text, struct arena *a, struct err *e)
{
	const char *line = text_line(a, text, 0);
	struct sb b;
	size_t words = 0;
	sb_init(&b, a, 3 * strlen(line) + 64);
	for (const char *p = line; *p;) {
		if (*p == ' ') {
			p++;
			continue;
		}
		bool phrase = *p == '"', beginning = false;
		p += phrase;
		size_t n = strcspn(p, phrase ? "\"" : " \"");
		const char *next = p + n;
		if (phrase && *next == '"')
			next++;
		for (; phrase && *next == '*'; next++)
			beginning = true;
		for (; !phrase && n > 0 && p[n - 1] == '*'; n--)
			beginning = true;
		if (n > 0) {
			sb_addf(&b, "%s\"%.*s\"%s", words ? " " : "", (int)n, p,
				beginning ? "*" : "");
			words++;
		}
		p = next;
	}
	if (words == 0 || words > WORDS_MAX) {
		err_set(e, ERR_USAGE,
			words ? "more than %d words to search for"
			      : "there is no word to search for",
			WORDS_MAX);
		return NULL;
	}
	return sb_finish(&b, NULL, e);
}

static bool snippet(struct db *db, const char *query, int64_t id, struct arena *a, const char **out,
		    struct err *e)
{
	struct stmt *s = db_query(db, Q_SEARCH_SNIPPET, e);
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":query", query);
	stmt_i64(s, ":id", id);
	if (!stmt_step(s, &row, e))
		return false;
	*out = row ? text_line(a, stmt_col_text(s, "words", a), 0) : "";
	if (row)
		stmt_done(s);
	return true;
}

static bool find_floor(struct db *db, const char *query, int64_t total, int64_t *out, struct err *e)
{
	struct stmt *s = db_query(db, Q_SEARCH_FLOOR, e);
	bool row;
	*out = 0;
	if (!s || total <= RANKED_MAX)
		return s != NULL;
	stmt_text(s, ":query", query);
	stmt_i64(s, ":most", RANKED_MAX);
	if (!stmt_step(s, &row, e))
		return false;
	if (row) {
		*out = stmt_col_i64(s, "id");
		stmt_done(s);
	}
	return true;
}

bool search_find(struct db *db, const char *text, int64_t limit, struct arena *a,
		 struct search_hits *out, int64_t *total, struct err *e)
{
	const char *query = search_query(text, a, e);
	struct search_hits list = {0};
	VEC(int64_t) ids = {0};
	struct stmt *s = query ? db_query(db, Q_SEARCH_COUNT, e) : NULL;
	bool row;
	if (!s)
		return false;
	stmt_text(s, ":query", query);
	if (!stmt_step(s, &row, e))
		return false;
	BUG_ON(!row);
	int64_t n = stmt_col_i64(s, "n"), floor;
	stmt_done(s);
	if (!find_floor(db, query, n, &floor, e))
		return false;
	s = db_query(db, Q_SEARCH_BEST, e);
	if (!s)
		return false;
	stmt_i64(s, ":floor", floor);
	stmt_text(s, ":query", query);
	stmt_i64(s, ":limit", limit);
	for (;;) {
		if (!stmt_step(s, &row, e))
			return false;
		if (!row)
			break;
		struct search_hit h = {.week = stmt_col_text(s, "week", a),
				       .audience = stmt_col_text(s, "audience", a),
				       .kind = stmt_col_text(s, "kind", a),
				       .section = stmt_col_text(s, "section", a),
				       .item = stmt_col_text(s, "item", a),
				       .title = stmt_col_text(s, "title", a)};
		vec_push(a, &list, h);
		vec_push(a, &ids, stmt_col_i64(s, "id"));
	}
	for (size_t i = 0; i < list.n; i++)
		if (!list.v[i].item && !snippet(db, query, ids.v[i], a, &list.v[i].snippet, e))
			return false;
	*out = list;
	*total = n;
	return true;
}

/* ---- filling ---- */

static int64_t first_id(const char *week)
{
	int64_t year, number;
	if (strlen(week) != 8 || !parse_i64_n(week, 4, &year) || !parse_i64(week + 6, &number))
		return 0;
	return (year * 100 + number) * ROWS_PER_WEEK;
}

static bool put(struct db *db, int64_t digest, const char *week, const char *kind,
		const char *section, const char *title, const char *body, struct err *e)
{
	struct stmt *s = db_query(db, Q_SEARCH_PUT, e);
	if (!s)
		return false;
	stmt_i64(s, ":base", first_id(week));
	stmt_i64(s, ":end", first_id(week) + ROWS_PER_WEEK - 1);
	stmt_i64(s, ":digest_id", digest);
	stmt_text(s, ":kind", kind);
	stmt_text(s, ":section", section);
	stmt_text(s, ":title", title);
	stmt_text(s, ":body", body);
	return stmt_run(s, e);
}

static bool put_items(struct db *db, int64_t digest, const char *week, struct err *e)
{
	struct stmt *s = db_query(db, Q_SEARCH_PUT_ITEMS, e);
	if (!s)
		return false;
	stmt_i64(s, ":base", first_id(week));
	stmt_i64(s, ":end", first_id(week) + ROWS_PER_WEEK - 1);
	stmt_i64(s, ":digest_id", digest);
	return stmt_run(s, e);
}

/* A piece of wording on a line of its own, so that a phrase does not run from cell to cell by
 * chance more than the reader would see it. */
static void add_line(struct sb *b, const char *s)
{
	if (!s || !*s)
		return;
	if (b->len > 0)
		sb_addc(b, '\n');
	sb_add(b, s);
}

/* What a reader reads of a section: paragraphs, list entries, cells, and the words that stand in
 * attributes (titles of tables and figures, notes, labels). */
static const char *wording(const struct xml *doc, const struct xnode *section, struct arena *a)
{
	static const char *const spoken[] = {"title", "note", "label", "word", "reason", "missing"};
	struct xnodes list = {0};
	struct sb b;
	sb_init(&b, a, BODY_MAX);
	xml_find(doc, section,
		 ".//*[self::heading or self::para or self::li or self::term or self::cell or "
		 "self::table or self::figure or self::tile or self::action or self::aside or "
		 "self::row]",
		 a, &list);
	for (size_t i = 0; i < list.n && b.len < BODY_MAX / 2; i++) {
		const struct xnode *n = list.v[i];
		for (size_t k = 0; k < ARRAY_SIZE(spoken); k++)
			add_line(&b, xml_get(n, spoken[k], a));
		if (xml_is(n, "action")) {
			add_line(&b, xml_find_text(doc, n, "title", a));
			add_line(&b, xml_find_text(doc, n, "reason", a));
		} else if (!xml_is(n, "table") && !xml_is(n, "figure") && !xml_is(n, "tile") &&
			   !xml_is(n, "row")) {
			add_line(&b, text_line(a, xml_content(n, a), 0));
		}
	}
	struct err e = {0};
	const char *s = sb_finish(&b, NULL, &e);
	return s ? s : "";
}

static bool put_document(struct db *db, int64_t digest, const char *week, const char *document,
			 size_t len, struct arena *a, struct err *e)
{
	CLEANUP(xml_freep) struct xml *doc = NULL;
	struct xnodes sections = {0};
	struct err unreadable = {0};
	const char *verdict = NULL;
	if (xml_parse(document, len, "digest.xml", &doc, &unreadable)) {
		verdict = xml_find_text(doc, NULL, "/digest/masthead/verdict", a);
		xml_find(doc, NULL, "/digest/section", a, &sections);
	}
	if (!put(db, digest, week, "verdict", "", "", verdict ? verdict : "", e))
		return false;
	for (size_t i = 0; i < sections.n; i++) {
		const char *id = xml_get(sections.v[i], "id", a),
			   *title = xml_get(sections.v[i], "title", a);
		if (!put(db, digest, week, "section", id ? id : "", title ? title : "",
			 wording(doc, sections.v[i], a), e))
			return false;
	}
	return true;
}

bool search_fill(struct db *db, struct err *e)
{
	struct arena a = {0};
	bool row = true, ok = true;
	/* One at a time: years of documents need not be in memory together. */
	while (ok && row) {
		struct stmt *s = db_query(db, Q_SEARCH_MISSING, e);
		ok = s && stmt_step(s, &row, e);
		if (!ok || !row)
			break;
		size_t len;
		int64_t id = stmt_col_i64(s, "id");
		const char *week = stmt_col_text(s, "week", &a);
		const char *document = stmt_col_blob(s, "document", &a, &len);
		stmt_done(s);
		ok = put_items(db, id, week, e) && put_document(db, id, week, document, len, &a, e);
		arena_release(&a);
	}
	arena_release(&a);
	return ok || err_wrap(e, "taking digests into the search");
}
