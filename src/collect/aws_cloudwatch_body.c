#include "collect/aws_cloudwatch.h"

#include "base/text.h"

#include <ctype.h>

#define PERIOD_S 300 /* of a widget that names none */

/* --- one entry of "metrics" --- */

struct reader { /* of one widget */
	struct arena *a;
	struct cw_widget *w;
	const char *account;
	struct strv previous; /* the last entry that is a metric, resolved; n 0: none yet */
};

/* The words of an entry, up to its options. "." is the word of the previous entry in the same
 * place; "..." first stands for as many leading words of it as leave the rest to the words given.
 * Both mean the previous entry as it was resolved itself. */
static const char *resolve(struct reader *r, const struct strv *given, struct strv *out)
{
	const struct strv *prev = &r->previous;
	size_t skip = 0;
	if (given->n && !strcmp(given->v[0], "...")) {
		if (prev->n == 0)
			return "\"...\" has no metric before it";
		if (given->n - 1 > prev->n)
			return "\"...\" has more words behind it than the metric before";
		skip = 1;
		for (size_t i = 0; i < prev->n - (given->n - 1); i++)
			vec_push(r->a, out, prev->v[i]);
	}
	for (size_t i = skip; i < given->n; i++) {
		const char *word = given->v[i];
		if (!strcmp(word, "...") && i > 0)
			return "\"...\" does not stand first";
		if (!strcmp(word, ".")) {
			if (out->n >= prev->n)
				return "\".\" has no word above it";
			word = prev->v[out->n];
		}
		vec_push(r->a, out, word);
	}
	if (out->n < 2)
		return "namespace and name of the metric are missing";
	if (out->n % 2)
		return "a dimension has no value";
	return NULL;
}

static const char *text_option(const struct jv *o, const char *key, struct arena *a)
{
	struct jv v = json_get(o, key);
	const char *s = json_is_null(&v) ? NULL : json_text(&v, a);
	return s && *s ? s : NULL;
}

static int64_t seconds_option(const struct jv *o, const char *key, int64_t otherwise)
{
	int64_t n = NUM_NONE;
	struct err ignored = {0};
	return json_i64_opt(o, key, &n, &ignored) && n != NUM_NONE && n > 0 ? n : otherwise;
}

static void options(struct reader *r, const struct jv *o, struct cw_line *l)
{
	const char *s;
	struct jv visible = json_get(o, "visible");
	l->id = text_option(o, "id", r->a);
	l->label = text_option(o, "label", r->a);
	l->expression = text_option(o, "expression", r->a);
	if ((s = text_option(o, "stat", r->a)) != NULL)
		l->stat = s;
	if ((s = text_option(o, "region", r->a)) != NULL)
		l->region = s;
	if ((s = text_option(o, "accountId", r->a)) != NULL)
		l->account = s;
	l->period_s = seconds_option(o, "period", l->period_s);
	if (json_is_bool(&visible)) {
		bool shown = true;
		struct err ignored = {0};
		l->hidden = json_bool_opt(o, "visible", &shown, &ignored) && !shown;
	}
}

/* What an entry that cannot be read is called. */
static const char *spelled(struct arena *a, const struct strv *words)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (size_t i = 0; i < words->n; i++)
		sb_addf(&b, "%s%s", i ? " " : "", words->v[i]);
	return b.len ? text_line(a, sb_str(&b), 60) : "a metric";
}

static void read_entry(struct reader *r, const struct jv *v)
{
	struct cw_line l = {.stat = r->w->stat,
			    .period_s = r->w->period_s,
			    .region = r->w->region,
			    .account = text_eq(r->account, "LOCAL") ? NULL : r->account};
	struct strv given = {0}, words = {0};
	if (!json_is_arr(v))
		l.wrong = "it is no list";
	for (struct jv it = json_first(v); json_is_arr(v) && it.n; it = json_next(&it)) {
		const char *s;
		if (json_is_obj(&it))
			options(r, &it, &l);
		else if ((s = json_text(&it, r->a)) != NULL)
			vec_push(r->a, &given, s);
		else
			l.wrong = "a word of it is no text";
	}
	if (text_eq(l.account, "LOCAL"))
		l.account = NULL;
	if (l.expression) {
		/* Its period and account are those of what it is made of. */
		l.stat = NULL;
		if (given.n)
			l.wrong = "it is a metric and an expression at once";
	} else if (!l.wrong) {
		l.wrong = resolve(r, &given, &words);
	}
	if (!l.wrong && !l.expression) {
		r->previous = words;
		l.space = words.v[0], l.metric = words.v[1];
		l.dims = (struct strv){words.v + 2, words.n - 2, words.n - 2};
		if (l.dims.n > 60)
			l.wrong = "it has more than 30 dimensions";
	}
	if (l.wrong && !l.label)
		l.label = spelled(r->a, &given);
	vec_push(r->a, &r->w->lines, l);
}

/* "${LAST}", but not "${LABEL}" nor "${PROP('MetricName')}", which are the same each week. */
static bool is_value(const char *p)
{
	return text_starts(p, "${") && strchr(p, '}') && !text_starts(p, "${PROP(") &&
	       !text_starts(p, "${LABEL");
}

/* The length of a bracket that holds a value, "[max: ${MAX}]"; 0: it is none. */
static size_t bracket(const char *p)
{
	const char *end = *p == '[' ? strchr(p, ']') : *p == '(' ? strchr(p, ')') : NULL;
	for (const char *s = p; end && s < end; s++)
		if (is_value(s))
			return (size_t)(end - p) + 1;
	return 0;
}

const char *cloudwatch_label(const char *label, struct arena *a)
{
	struct sb b;
	if (!label || !strstr(label, "${"))
		return label;
	sb_init(&b, a, strlen(label) + 1);
	for (const char *p = label; *p;) {
		size_t gone = is_value(p) ? (size_t)(strchr(p, '}') - p) + 1 : bracket(p);
		if (gone > 0)
			p += gone;
		else
			sb_addc(&b, *p++);
	}
	const char *s = text_line(a, sb_str(&b), 0);
	return *s ? s : NULL;
}

/* --- one widget --- */

static const char *joined(struct arena *a, const struct cw_lines *lines)
{
	struct strv names = {0};
	for (size_t i = 0; i < lines->n; i++) {
		const struct cw_line *l = &lines->v[i];
		const char *name = l->metric ? l->metric : cloudwatch_label(l->label, a);
		bool known = l->hidden || !name;
		for (size_t k = 0; k < names.n && !known; k++)
			known = !strcmp(names.v[k], name);
		if (!known)
			vec_push(a, &names, name);
	}
	if (names.n == 0)
		return NULL;
	if (names.n == 1)
		return names.v[0];
	if (names.n == 2)
		return arena_printf(a, "%s and %s", names.v[0], names.v[1]);
	return arena_printf(a, "%s and %zu more", names.v[0], names.n - 1);
}

static const char *capital(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);
	*out = (char)toupper((unsigned char)*out);
	return out;
}

static void read_metrics(struct reader *r, const struct jv *props)
{
	struct cw_widget *w = r->w;
	struct jv metrics = json_get(props, "metrics"), notes = json_get(props, "annotations"),
		  alarms = json_get(&notes, "alarms");
	for (struct jv it = json_first(&metrics); it.n; it = json_next(&it))
		read_entry(r, &it);
	if (w->lines.n > 0)
		return;
	for (struct jv it = json_first(&alarms); it.n; it = json_next(&it)) {
		const char *arn = json_text(&it, r->a);
		if (arn)
			vec_push(r->a, &w->alarms, arn);
	}
	if (w->alarms.n == 0) {
		w->wrong = "it names no metric";
		w->unreadable = !json_is_null(&metrics) && !json_is_arr(&metrics);
	}
}

static struct cw_widget read_widget(const struct jv *v, size_t number, const char *region,
				    struct arena *a)
{
	struct cw_widget w = {.region = region};
	struct reader r = {.a = a, .w = &w};
	struct jv props = json_get(v, "properties"), axis = json_get(&props, "yAxis"),
		  left = json_get(&axis, "left");
	const char *s = text_option(v, "type", a);
	w.type = s ? s : json_is_obj(&props) ? "metric" : "unnamed";
	s = text_option(&props, "region", a);
	w.region = s ? s : region;
	s = text_option(&props, "stat", a);
	w.stat = s ? s : "Average";
	w.period_s = seconds_option(&props, "period", PERIOD_S);
	w.unit = text_option(&left, "label", a);
	r.account = text_option(&props, "accountId", a);
	if (!strcmp(w.type, "metric"))
		read_metrics(&r, &props);
	else
		w.wrong = arena_printf(a, "a widget of the kind \"%s\" has no metrics to draw",
				       text_line(a, w.type, 40));
	s = text_line(a, text_option(&props, "title", a), 200);
	if (!s || !*s)
		s = joined(a, &w.lines);
	w.title = s ? s
		    : arena_printf(a, "%s %zu",
				   !strcmp(w.type, "metric") ? "Widget"
							     : capital(a, text_line(a, w.type, 40)),
				   number);
	return w;
}

/* --- the board --- */

struct place {
	int64_t x, y;
	size_t i;
	struct jv v;
};

static int by_place(const void *p, const void *q)
{
	const struct place *m = p, *n = q;
	if (m->y != n->y)
		return m->y < n->y ? -1 : 1;
	if (m->x != n->x)
		return m->x < n->x ? -1 : 1;
	return (m->i > n->i) - (m->i < n->i);
}

static void name_apart(struct cw_board *b, struct cw_widget *w, struct arena *a)
{
	const char *title = w->title;
	for (size_t n = 2, i = 0; i < b->widgets.n; i++) {
		if (!strcmp(b->widgets.v[i].title, w->title)) {
			w->title = arena_printf(a, "%s (%zu)", title, n++);
			i = (size_t)-1; /* from the start again */
		}
	}
}

bool cloudwatch_body(const char *name, const char *body, const char *region, struct arena *a,
		     struct cw_board *out, struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct cw_board b = {.name = name};
	struct jv widgets;
	if (!json_parse(body, strlen(body), &j, e))
		return err_wrap(e, "body of dashboard \"%s\"", name);
	struct jv root = json_root(j);
	if (!json_is_obj(&root))
		return err_set(e, ERR_PROTO, "body of dashboard \"%s\": not an object", name);
	if (!json_arr_opt(&root, "widgets", &widgets, e))
		return err_wrap(e, "body of dashboard \"%s\"", name);
	size_t n = 0;
	struct place *places = arena_array(a, struct place, json_count(&widgets) + 1);
	bool placed = true;
	for (struct jv it = json_first(&widgets); it.n; it = json_next(&it), n++) {
		struct place *p = &places[n];
		*p = (struct place){.x = NUM_NONE, .y = NUM_NONE, .i = n, .v = it};
		struct err ignored = {0};
		placed &= json_i64_opt(&it, "x", &p->x, &ignored) && p->x != NUM_NONE &&
			  json_i64_opt(&it, "y", &p->y, &ignored) && p->y != NUM_NONE;
	}
	/* Where one says nothing of its place, CloudWatch puts them in the order of the text. */
	if (placed)
		qsort(places, n, sizeof *places, by_place);
	for (size_t i = 0; i < n; i++) {
		struct cw_widget w = read_widget(&places[i].v, i + 1, region, a);
		name_apart(&b, &w, a);
		vec_push(a, &b.widgets, w);
	}
	*out = b;
	return true;
}
