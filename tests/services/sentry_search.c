#include "services/sentry.h"

#include "base/parse.h"
#include "base/text.h"

/* The search language of issues, as far as a digest needs it. */

static bool is_term(const struct issue *x, const char *w)
{
	if (text_eq(w, "archived") || text_eq(w, "ignored"))
		return text_eq(x->status, "ignored");
	return text_eq(x->status, w) || text_eq(x->substatus, w);
}

/* VALUE may be "[a, b]". */
static bool any_of(struct request *q, const char *value,
		   bool (*f)(const struct issue *, const char *), const struct issue *x)
{
	if (*value != '[')
		return f(x, value);
	for (const char *p = value + 1; *p && *p != ']';) {
		p += strspn(p, ", ");
		size_t n = strcspn(p, ",]");
		if (n && f(x, arena_strndup(q->a, p, n)))
			return true;
		p += n;
	}
	return false;
}

static bool category_term(const struct issue *x, const char *w)
{
	return text_eq(x->category, w);
}
static bool level_term(const struct issue *x, const char *w)
{
	return text_eq(x->level, w);
}
static bool id_term(const struct issue *x, const char *w)
{
	int64_t id;
	return parse_i64(w, &id) && id == x->id;
}

static bool time_term(const char *value, int64_t t_s, bool *ok)
{
	int sign = *value == '<' ? -1 : *value == '>' ? 1 : 0;
	const char *p = value + (sign != 0);
	bool equal = *p == '=';
	int64_t limit;
	*ok = sign && parse_time(p + equal, &limit);
	return *ok && (sign > 0 ? t_s > limit || (equal && t_s == limit)
				: t_s < limit || (equal && t_s == limit));
}

/* *ok false: a term that this service does not know. */
static bool term_match(struct request *q, const char *term, const struct view *v, bool *ok)
{
	bool not = *term == '!';
	const char *p = term + not, *colon = strchr(p, ':');
	const struct issue *x = v->x;
	bool m = false;
	*ok = true;
	if (!colon)
		return strstr(x->title, p) != NULL;
	const char *key = arena_strndup(q->a, p, (size_t)(colon - p)), *value = colon + 1;
	if (text_eq(key, "is"))
		m = any_of(q, value, is_term, x);
	else if (text_eq(key, "firstSeen"))
		m = time_term(value, v->all_first_s, ok);
	else if (text_eq(key, "lastSeen"))
		m = time_term(value, v->all_last_s, ok);
	else if (text_eq(key, "issue.category"))
		m = any_of(q, value, category_term, x);
	else if (text_eq(key, "level"))
		m = any_of(q, value, level_term, x);
	else if (text_eq(key, "issue.id"))
		m = any_of(q, value, id_term, x);
	else
		*ok = false;
	return m != not ;
}

bool sentry_query_match(struct request *q, const char *query, const struct view *v, bool *ok)
{
	*ok = true;
	for (const char *p = query; *p && *ok;) {
		p += strspn(p, " ");
		size_t n = 0;
		for (bool list = false; p[n] && (list || p[n] != ' '); n++)
			list = p[n] == '[' || (list && p[n] != ']');
		if (n && !term_match(q, arena_strndup(q->a, p, n), v, ok))
			return false;
		p += n;
	}
	return *ok;
}

bool sentry_project_asked(const struct request *q, const struct project *p)
{
	const char *w = request_param(q, "project", 0);
	if (!w || text_eq(w, "-1"))
		return true;
	for (size_t i = 0; (w = request_param(q, "project", i)); i++) {
		int64_t id;
		if (text_eq(w, p->slug) || (parse_i64(w, &id) && id == p->id))
			return true;
	}
	return false;
}

bool sentry_project_match(const struct request *q, const struct issue *x)
{
	return sentry_project_asked(q, &q->c->estate->projects.v[x->project]);
}
