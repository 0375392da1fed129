#include "digest/custom.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "digest/doc.h"
#include "digest/sections.h"
#include "digest/study.h"
#include "digest/words.h"

#include <ctype.h>
#include <math.h>

#define SQL_BYTES ((size_t)64 * 1024)
#define LIMIT_MS  2000
#define COLS_MAX  7 /* look.md 7 */
#define BARS_MAX  60

struct header {
	const char *title, *kind, *note, *unit, *audience;
};

/* "-- key: value" lines before the first that is none. */
static struct header read_header(const char *sql, struct arena *a)
{
	struct header h = {0};
	for (const char *p = sql; *p;) {
		size_t n = strcspn(p, "\r\n");
		const char *line = text_line(a, arena_strndup(a, p, n), 0);
		p += n + strspn(p + n, "\r\n");
		if (!*line)
			continue;
		if (!text_starts(line, "--"))
			break;
		line += 2 + strspn(line + 2, " ");
		const char *colon = strchr(line, ':');
		if (!colon)
			continue;
		const char *key = arena_strndup(a, line, (size_t)(colon - line)),
			   *value = colon + 1 + strspn(colon + 1, " ");
		if (text_eq(key, "title"))
			h.title = value;
		else if (text_eq(key, "kind"))
			h.kind = value;
		else if (text_eq(key, "note"))
			h.note = value;
		else if (text_eq(key, "unit"))
			h.unit = value;
		else if (text_eq(key, "audience"))
			h.audience = value;
	}
	return h;
}

static bool reads_all(const struct study *f)
{
	const struct audience *au = f->in->audience;
	for (size_t i = 0; au && i < au->teams.n; i++)
		if (text_eq(au->teams.v[i], "*"))
			return !f->counts_only;
	return !au;
}

static const char *id_of(const char *path, struct arena *a)
{
	char *id = arena_printf(a, "custom-%s", path_base(path));
	char *dot = strrchr(id, '.');
	if (dot)
		*dot = '\0';
	for (char *p = id; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '-';
	return id;
}

static bool run_one(struct study *f, const char *path, struct custom *c, struct err *e)
{
	const char *sql;
	size_t len;
	char from[TIME_TEXT], to[TIME_TEXT];
	*c = (struct custom){.id = id_of(path, f->a), .title = path_base(path), .kind = "table"};
	if (!file_read(path, SQL_BYTES, f->a, &sql, &len, e))
		return false;
	struct header h = read_header(sql, f->a);
	if (h.audience ? !text_eq(h.audience, f->audience) : !reads_all(f)) {
		c->id = NULL; /* not for these readers */
		return true;
	}
	c->note = h.note;
	c->unit = h.unit;
	if (!h.title || !*h.title)
		return err_set(e, ERR_USAGE, "its first lines do not say \"-- title: …\"");
	c->title = h.title;
	if (h.kind)
		c->kind = h.kind;
	if (!text_eq(c->kind, "table") && !text_eq(c->kind, "number") &&
	    !text_eq(c->kind, "columns"))
		return err_set(e, ERR_USAGE, "kind \"%s\" is not one of table, number, columns",
			       c->kind);
	const struct db_param params[] = {{":week", f->week.name},
					  {":from", time_iso(f->from_s, from)},
					  {":to", time_iso(f->to_s, to)},
					  {":audience", f->audience}};
	size_t max = text_eq(c->kind, "columns") ? BARS_MAX : SECTION_ROWS;
	if (!db_guest(f->cfg->store, sql, params, ARRAY_SIZE(params), LIMIT_MS, max, f->a, &c->rows,
		      e))
		return false;
	if (c->rows.names.n == 0 || c->rows.names.n > COLS_MAX)
		return err_set(e, ERR_USAGE, "%zu columns; a section has 1 to %d", c->rows.names.n,
			       COLS_MAX);
	if (text_eq(c->kind, "columns") && c->rows.names.n != 2)
		return err_set(e, ERR_USAGE, "kind columns needs two columns, label and value");
	return true;
}

void custom_run(struct study *f)
{
	struct strv files = {0};
	struct err e = {0};
	if (!f->cfg->path)
		return;
	const char *pattern =
		path_join(f->a, path_dir(f->a, f->cfg->path), "reports/sections/*.sql");
	if (!file_glob(pattern, f->a, &files, &e)) {
		struct custom c = {.id = "custom", .title = "Own sections", .kind = "table"};
		c.wrong = arena_strdup(f->a, e.msg);
		vec_push(f->a, &f->customs, c);
		return;
	}
	for (size_t i = 0; i < files.n && i < CUSTOM_MAX; i++) {
		struct custom c;
		struct err why = {0};
		if (!run_one(f, files.v[i], &c, &why))
			c.wrong = arena_printf(f->a, "%s: %s", path_base(files.v[i]), why.msg);
		if (c.id)
			vec_push(f->a, &f->customs, c);
	}
	if (files.n > CUSTOM_MAX) {
		struct custom c = {.id = "custom", .title = "More own sections"};
		c.wrong = arena_printf(f->a, "%zu files are in reports/sections, %d are read",
				       files.n, CUSTOM_MAX);
		vec_push(f->a, &f->customs, c);
	}
}

static bool number_in(const char *s, double *v)
{
	return s && parse_f64(s, v) && isfinite(*v);
}

static const char *value_words(struct arena *a, const char *s)
{
	double v;
	if (!s)
		return "not known";
	return number_in(s, &v) ? w_measure(a, v) : m_out(a, s);
}

static void add_table(const struct study *f, struct xnode *s, const struct custom *c)
{
	struct col *cols = arena_array(f->a, struct col, c->rows.names.n);
	for (size_t k = 0; k < c->rows.names.n; k++) {
		bool numbers = c->rows.v.n > 0;
		for (size_t i = 0; i < c->rows.v.n; i++) {
			double v;
			const char *x = c->rows.v.v[i][k];
			numbers &= !x || number_in(x, &v);
		}
		cols[k] = (struct col){.label = m_plain(f->a, m_out(f->a, c->rows.names.v[k])),
				       .kind = numbers && k > 0 ? "number" : "text"};
	}
	struct xnode *t = doc_table(s, arena_printf(f->a, "%s.table", c->id),
				    m_plain(f->a, m_out(f->a, c->note ? c->note : c->title)), cols,
				    c->rows.names.n);
	xml_attr(t, "sensitive", "yes"); /* nobody has looked at what it selects */
	for (size_t i = 0; i < c->rows.v.n; i++) {
		struct xnode *r = doc_row(t, NULL);
		for (size_t k = 0; k < c->rows.names.n; k++)
			doc_cell(r, value_words(f->a, c->rows.v.v[i][k]), NULL);
	}
	section_fold(f, s, t, c->rows.v.n, "rows");
}

static void add_columns(const struct study *f, struct xnode *s, const struct custom *c)
{
	struct xnode *fig = xml_add(s, "figure");
	const char *alt = "";
	xml_attr(fig, "id", arena_printf(f->a, "%s.figure", c->id));
	xml_attr(fig, "title", m_plain(f->a, m_out(f->a, c->title)));
	xml_attr(fig, "subtitle",
		 m_plain(f->a, m_out(f->a, c->note   ? c->note
					   : c->unit ? c->unit
						     : c->title)));
	xml_attr(fig, "kind", "columns");
	for (size_t i = 0; i < c->rows.v.n; i++)
		xml_attr(xml_add(fig, "x"), "label", m_plain(f->a, m_out(f->a, c->rows.v.v[i][0])));
	struct xnode *series = xml_add(fig, "series");
	xml_attr(series, "name", m_plain(f->a, m_out(f->a, c->title)));
	for (size_t i = 0; i < c->rows.v.n; i++) {
		struct xnode *p = xml_add(series, "p");
		double v;
		bool known = number_in(c->rows.v.v[i][1], &v) && v >= 0;
		xml_attr(p, "state", !known ? "missing" : i + 1 == c->rows.v.n ? "now" : "past");
		if (known)
			xml_attr_f(p, "v", "%.6g", v);
		alt = arena_printf(f->a, "%s%s%s %s", alt, i ? ", " : "",
				   m_plain(f->a, m_out(f->a, c->rows.v.v[i][0])),
				   m_plain(f->a, value_words(f->a, c->rows.v.v[i][1])));
	}
	xml_attr(fig, "alt", text_line(f->a, alt, 1000));
	struct custom table = *c;
	table.note = arena_printf(f->a, "%s: all values", c->title);
	add_table(f, s, &table);
}

void section_custom(const struct study *f, struct xnode *root)
{
	for (size_t i = 0; i < f->customs.n; i++) {
		const struct custom *c = &f->customs.v[i];
		struct xnode *s = doc_section(root, c->id, m_plain(f->a, m_out(f->a, c->title)));
		if (c->wrong) {
			xml_attr(s, "tag", "Failed");
			xml_attr(s, "tone", "red");
			xml_attr(s, "line", "could not be made");
			doc_callout(s, "warning",
				    arena_printf(f->a, "This section could not be made: %s.",
						 text_line(f->a, c->wrong, 300)));
			continue;
		}
		bool number = text_eq(c->kind, "number");
		const char *first =
			c->rows.v.n ? value_words(f->a, c->rows.v.v[0][0]) : "nothing found";
		const char *line =
			number ? arena_printf(f->a, "%s%s%s", first,
					      c->unit && c->rows.v.n ? " " : "",
					      c->unit && c->rows.v.n ? m_out(f->a, c->unit) : "")
			       : w_plural(f->a, (int64_t)c->rows.v.n, "row", "rows");
		xml_attr(s, "summary", m_plain(f->a, line));
		xml_attr(s, "line", m_plain(f->a, line));
		if (c->rows.v.n == 0)
			doc_para(s, NULL, "Nothing was found.");
		else if (number)
			doc_para(s, "lede",
				 arena_printf(f->a, "%s.%s%s", m_strong(f->a, m_plain(f->a, line)),
					      c->note ? " " : "",
					      c->note ? m_out(f->a, c->note) : ""));
		else if (text_eq(c->kind, "columns"))
			add_columns(f, s, c);
		else
			add_table(f, s, c);
		if (c->rows.more)
			doc_para(s, "note", "There are more rows; a section shows the first ones.");
	}
}
