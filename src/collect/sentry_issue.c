#include "collect/sentry.h"

#include "base/text.h"

struct rec_issue sentry_blank(const struct sentry *s, const char *key)
{
	return (struct rec_issue){
		.source = s->cfg->name,
		.key = key,
		.week = s->c->week.name,
		.first_seen_s = TIME_NONE,
		.last_seen_s = TIME_NONE,
		.total_events = NUM_NONE,
		.total_users = NUM_NONE,
		.env_first_seen_s = TIME_NONE,
		.week_first_seen_s = TIME_NONE,
		.week_last_seen_s = TIME_NONE,
		.events = NUM_NONE,
		.users = NUM_NONE,
		.last_day_events = NUM_NONE,
		.regressed_s = TIME_NONE,
		.escalated_s = TIME_NONE,
		.resolved_s = TIME_NONE,
	};
}

static bool parse_assignee(const struct jv *row, struct arena *a, const char **out, struct err *e)
{
	struct jv who;
	const char *type, *name, *email;
	if (!json_obj_opt(row, "assignedTo", &who, e))
		return false;
	if (json_is_null(&who)) {
		*out = NULL;
		return true;
	}
	if (!json_str_opt(&who, "type", a, &type, e) || !json_str_opt(&who, "name", a, &name, e) ||
	    !json_str_opt(&who, "email", a, &email, e))
		return false;
	if (!name)
		name = email;
	*out = name && text_eq(type, "team") ? arena_printf(a, "#%s", name) : name;
	return true;
}

static bool parse_texts(const struct jv *row, struct arena *a, struct rec_issue *i, struct err *e)
{
	return json_id(row, "id", a, &i->key, e) &&
	       json_str_opt(row, "shortId", a, &i->short_id, e) &&
	       json_str_opt(row, "title", a, &i->title, e) &&
	       json_str_opt(row, "culprit", a, &i->culprit, e) &&
	       json_str_opt(row, "permalink", a, &i->url, e) &&
	       json_str_opt(row, "level", a, &i->level, e) &&
	       json_str_opt(row, "issueCategory", a, &i->category, e) &&
	       json_str_opt(row, "issueType", a, &i->type, e) &&
	       json_str_opt(row, "status", a, &i->status, e) &&
	       json_str_opt(row, "substatus", a, &i->substatus, e) &&
	       json_str_opt(row, "priority", a, &i->priority, e) &&
	       parse_assignee(row, a, &i->assignee, e);
}

bool sentry_parse_issue(const struct jv *row, bool by_environment, struct arena *a,
			struct rec_issue *out, struct err *e)
{
	struct rec_issue i = {.env_first_seen_s = TIME_NONE,
			      .last_day_events = NUM_NONE,
			      .regressed_s = TIME_NONE,
			      .escalated_s = TIME_NONE,
			      .resolved_s = TIME_NONE};
	struct jv project, life;
	if (!json_is_obj(row))
		return json_wrong(row, e, "expected an issue");
	if (!parse_texts(row, a, &i, e) || !json_obj_opt(row, "project", &project, e) ||
	    !json_id_opt(&project, "id", a, &i.project_key, e) ||
	    !json_str_opt(&project, "slug", a, &i.project, e) ||
	    !json_i64_opt(row, "count", &i.events, e) ||
	    !json_i64_opt(row, "userCount", &i.users, e) ||
	    !json_time_opt(row, "firstSeen", &i.week_first_seen_s, e) ||
	    !json_time_opt(row, "lastSeen", &i.week_last_seen_s, e) ||
	    !json_obj_opt(row, "lifetime", &life, e) ||
	    !json_i64_opt(&life, "count", &i.total_events, e) ||
	    !json_i64_opt(&life, "userCount", &i.total_users, e) ||
	    !json_time_opt(&life, "firstSeen", &i.first_seen_s, e) ||
	    !json_time_opt(&life, "lastSeen", &i.last_seen_s, e))
		return false;
	if (by_environment)
		i.env_first_seen_s = i.first_seen_s;
	*out = i;
	return true;
}

static void newest(int64_t *best, int64_t t_s)
{
	if (*best == TIME_NONE || t_s > *best)
		*best = t_s;
}

static void newest_within(int64_t *best, int64_t t_s, int64_t from_s, int64_t to_s)
{
	if (t_s >= from_s && t_s < to_s)
		newest(best, t_s);
}

/* Sentry notes a fixing commit or pull request when it hears of it; the issue is resolved by it
 * only if it says "resolved" now and nothing firmer was noted. */
static bool is_announcement(const char *type)
{
	return !strcmp(type, "set_resolved_in_commit") ||
	       !strcmp(type, "set_resolved_in_pull_request");
}

static bool parse_release(const struct jv *issue, const char *key, struct arena *a,
			  const char **out, struct err *e)
{
	struct jv r;
	return json_obj_opt(issue, key, &r, e) && json_str_opt(&r, "version", a, out, e);
}

/* "data" is free-form. */
static const char *release_of(const struct jv *activity, struct arena *a)
{
	struct jv data = json_get(activity, "data"), version = json_get(&data, "version");
	const char *s = json_is_str(&version) ? json_text(&version, a) : NULL;
	return s && *s ? s : NULL;
}

bool sentry_parse_activity(const struct jv *issue, int64_t from_s, int64_t to_s, struct arena *a,
			   struct sentry_activity *out, struct err *e)
{
	struct sentry_activity x = {.first_seen_s = TIME_NONE,
				    .regressed_s = TIME_NONE,
				    .escalated_s = TIME_NONE,
				    .resolved_s = TIME_NONE,
				    .last_resolved_s = TIME_NONE};
	int64_t announced_s = TIME_NONE, announced_within_s = TIME_NONE;
	const char *status;
	struct jv list;
	if (!json_is_obj(issue))
		return json_wrong(issue, e, "expected an issue");
	if (!json_time_opt(issue, "firstSeen", &x.first_seen_s, e) ||
	    !json_str_opt(issue, "status", a, &status, e) ||
	    !parse_release(issue, "firstRelease", a, &x.first_release, e) ||
	    !json_arr_opt(issue, "activity", &list, e))
		return false;
	x.readable = list.n != NULL;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *type;
		int64_t at_s;
		if (!json_str_opt(&it, "type", a, &type, e) ||
		    !json_time_opt(&it, "dateCreated", &at_s, e))
			return false;
		if (!type || at_s == TIME_NONE)
			continue;
		if (!strcmp(type, "set_regression")) {
			int64_t before_s = x.regressed_s;
			newest_within(&x.regressed_s, at_s, from_s, to_s);
			if (x.regressed_s != before_s)
				x.regression_release = release_of(&it, a);
		} else if (!strcmp(type, "set_escalating")) {
			newest_within(&x.escalated_s, at_s, from_s, to_s);
		} else if (is_announcement(type)) {
			newest(&announced_s, at_s);
			newest_within(&announced_within_s, at_s, from_s, to_s);
		} else if (text_starts(type, "set_resolved")) {
			newest(&x.last_resolved_s, at_s);
			newest_within(&x.resolved_s, at_s, from_s, to_s);
		}
	}
	if (x.last_resolved_s == TIME_NONE && text_eq(status, "resolved")) {
		x.last_resolved_s = announced_s;
		x.resolved_s = announced_within_s;
	}
	*out = x;
	return true;
}
