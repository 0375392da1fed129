#include "collect/slack_posts.h"

#include "base/text.h"

#include <ctype.h>

#define DIGITS "0123456789"

struct rec_told slack_told(void)
{
	struct rec_told t = {.total = NUM_NONE};
	for (int s = 0; s < SEV_COUNT; s++)
		t.severity[s] = NUM_NONE;
	return t;
}

static bool is_emoji(const char *s, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++)
		if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) &&
		    !strchr("_+-", s[i]))
			return false;
	return n > 2 && s[0] == ':' && s[n - 1] == ':';
}

const char *slack_bare(struct arena *a, const char *s)
{
	size_t n;
	for (;;) {
		while (*s && !isalnum((unsigned char)*s) && *s != '[' && *s != '<' && *s != ':' &&
		       (unsigned char)*s < 0xc0)
			s++;
		const char *end = *s == ':' ? strchr(s + 1, ':') : NULL;
		if (end && is_emoji(s, (size_t)(end - s) + 1))
			s = end + 1;
		else if (*s == ':')
			s++;
		else
			break;
	}
	n = strlen(s);
	for (;;) {
		while (n && (isspace((unsigned char)s[n - 1]) || s[n - 1] == ','))
			n--;
		size_t k = n > 1 && s[n - 1] == ':' ? n - 1 : 0;
		while (k > 0 && s[k - 1] != ':')
			k--;
		if (k > 0 && is_emoji(s + k - 1, n - k + 1))
			n = k - 1;
		else if (n && s[n - 1] == ':')
			n--;
		else
			break;
	}
	return arena_strndup(a, s, n);
}

const char *slack_repo(const char *url, struct arena *a)
{
	static const char name[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	const char *host = url ? strstr(url, "://") : NULL;
	const char *path = host ? strchr(host + 3, '/') : NULL;
	if (!path || !memmem(host, (size_t)(path - host), "git", 3))
		return NULL;
	size_t owner = strspn(path + 1, name);
	if (owner == 0 || path[1 + owner] != '/')
		return NULL;
	size_t repo = strspn(path + 2 + owner, name);
	return repo ? arena_strndup(a, path + 1, owner + 1 + repo) : NULL;
}

static bool by(const struct post *p, const char *name)
{
	return p->sender && strcasestr(p->sender, name);
}

static const char *without_query(struct arena *a, const char *url)
{
	return arena_strndup(a, url, strcspn(url, "?#"));
}

/* --- Sentry --- */

/* Only an address with an issue's number, which its posts have behind "/issues/". GitHub's have
 * too. */
static const struct post_link *issue_link(const struct post *p, struct arena *a, const char **id)
{
	for (size_t i = 0; i < p->links.n; i++) {
		const char *url = p->links.v[i].url, *at = strstr(url, "/issues/");
		size_t n = at ? strspn(at + 8, DIGITS) : 0;
		if (n == 0 || slack_repo(url, a))
			continue;
		*id = arena_strndup(a, at + 8, n);
		return &p->links.v[i];
	}
	return NULL;
}

/* "WEB-1AB", at the start of a line: the footer of older posts. */
static const char *footer_id(const struct post *p, struct arena *a)
{
	for (size_t i = p->lines.n; i-- > 0;) {
		const char *s = p->lines.v[i];
		size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-_");
		const char *dash = memrchr(s, '-', n);
		if (dash && dash > s && dash + 1 < s + n && (!s[n] || s[n] == ' '))
			return arena_strndup(a, s, n);
	}
	return NULL;
}

bool slack_sentry(const struct post *p, struct arena *a, struct rec_message *m)
{
	struct rec_told t = slack_told();
	const struct post_link *link = issue_link(p, a, &t.key);
	t.code = post_value(p, "Short ID", a);
	if (!by(p, "sentry") && !(link && (p->sentry_issue || t.code)))
		return false;
	if (!t.key)
		t.key = p->sentry_issue;
	if (!t.code && t.key)
		t.code = footer_id(p, a);
	if (t.code)
		t.code = arena_strndup(a, t.code, strcspn(t.code, " "));
	t.place = post_value(p, "Project", a);
	const char *first = p->lines.n ? p->lines.v[0] : NULL;
	if (!t.place && first && *first == '[' && strchr(first, ']'))
		t.place = arena_strndup(a, first + 1, strcspn(first + 1, "]"));
	t.state = post_value(p, "State", a);
	t.subject = link && *link->label ? link->label : first ? slack_bare(a, first) : NULL;
	t.url = link ? without_query(a, link->url) : p->links.n ? p->links.v[0].url : NULL;
	if (t.subject)
		vec_push(a, &m->told, t);
	return true;
}

/* --- deployments --- */

/* What the newest of DeployBot's lines say: "02:11:07 PM  Deployment: completed". */
static void last_event(const struct post *p, struct arena *a, const char **deployment,
		       const char **rollback)
{
	*deployment = *rollback = NULL;
	for (size_t i = 0; i < p->lines.n; i++) {
		struct post one = {0};
		const char *v;
		vec_push(a, &one.lines, p->lines.v[i]);
		if ((v = post_value(&one, "Deployment", a)) != NULL)
			*deployment = v;
		if ((v = post_value(&one, "Rollback", a)) != NULL)
			*rollback = v;
	}
}

static bool any_of(const char *s, const char *const *words)
{
	for (; s && *words; words++)
		if (strcasestr(s, *words))
			return true;
	return false;
}

static const char *deploy_state(const struct post *p, struct arena *a)
{
	static const char *const done[] = {"complete", "succeed", "success", NULL},
				 *const bad[] = {"fail", "cancel", "abort", "stop", NULL};
	const char *deployment, *rollback;
	last_event(p, a, &deployment, &rollback);
	enum deploy_state s = DEPLOY_IN_PROGRESS;
	if (rollback)
		s = any_of(rollback, done) ? DEPLOY_ROLLED_BACK : DEPLOY_FAILED;
	else if (any_of(deployment, bad))
		s = DEPLOY_FAILED;
	else if (any_of(deployment, done) || (!deployment && post_line(p, ":white_check_mark:")))
		s = DEPLOY_SUCCEEDED;
	return deploy_state_name(s);
}

/* "d-ABC123DEF" of the console's address. */
static const char *deployment_id(const struct post *p, struct arena *a, const char **url)
{
	const struct post_link *l = post_link(p, "/deployments/d-");
	if (!l)
		return NULL;
	const char *at = strstr(l->url, "/deployments/d-") + strlen("/deployments/");
	*url = l->url;
	return arena_strndup(a, at,
			     strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"-_" DIGITS));
}

/* "Deploying web to production environment": with or without the last word. */
static bool deploying(const char *line, struct arena *a, struct rec_told *t)
{
	const char *s = strcasestr(line, "deploying ");
	if (!s)
		return false;
	s += strlen("deploying ");
	const char *to = NULL;
	for (const char *at = s; (at = strcasestr(at, " to ")) != NULL; at++)
		to = at;
	if (!to)
		return false;
	const char *place = to + 4;
	t->subject = slack_bare(a, arena_strndup(a, s, (size_t)(to - s)));
	t->place = arena_strndup(a, place, strcspn(place, " :,."));
	return *t->subject && *t->place;
}

static bool deploy_bot(const struct post *p, struct arena *a, struct rec_message *m)
{
	struct rec_told t = slack_told();
	bool found = false;
	t.key = deployment_id(p, a, &t.url);
	for (size_t i = 0; i < p->lines.n && !found; i++)
		found = (t.key || by(p, "deploybot") ||
			 strcasestr(p->lines.v[i], " environment")) &&
			deploying(p->lines.v[i], a, &t);
	if (!found && !t.key)
		return false;
	if (!t.subject)
		t.subject = t.key;
	t.state = deploy_state(p, a);
	vec_push(a, &m->told, t);
	return true;
}

/* "Successfully deployed main (3dce5c8) to production" of the GitHub app. */
static bool github_app(const struct post *p, struct arena *a, struct rec_message *m)
{
	static const struct {
		const char *head, *tail;
		enum deploy_state state;
	} shapes[] = {
		{"Successfully deployed ", NULL, DEPLOY_SUCCEEDED},
		{"Error when deploying ", NULL, DEPLOY_FAILED},
		{"Deploying ", " failed", DEPLOY_FAILED},
		{"Deploying ", NULL, DEPLOY_IN_PROGRESS},
		{"Deployment in progress ", NULL, DEPLOY_IN_PROGRESS},
		{"Deployment queued ", NULL, DEPLOY_IN_PROGRESS},
	};
	const char *repo = NULL;
	const struct post_link *commit = post_link(p, "/commit/");
	for (size_t i = 0; !repo && i < p->links.n; i++)
		repo = slack_repo(p->links.v[i].url, a);
	if (!repo)
		return false;
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = p->lines.v[i];
		if (*s == '[' && strstr(s, "] ")) /* "[owner/repo] …", the fallback */
			s = strstr(s, "] ") + 2;
		for (size_t k = 0; k < ARRAY_SIZE(shapes); k++) {
			const char *to = NULL;
			if (!text_starts(s, shapes[k].head))
				continue;
			for (const char *at = s; (at = strstr(at, " to ")) != NULL; at++)
				to = at;
			if (!to || (shapes[k].tail && !strstr(to, shapes[k].tail)))
				continue;
			struct rec_told t = slack_told();
			t.subject = repo;
			t.place = arena_strndup(a, to + 4, strcspn(to + 4, " "));
			t.state = deploy_state_name(shapes[k].state);
			if (commit) {
				const char *sha = strstr(commit->url, "/commit/") + 8;
				t.code = arena_strndup(a, sha, strspn(sha, DIGITS "abcdef"));
				t.url = commit->url;
			}
			vec_push(a, &m->told, t);
			return true;
		}
	}
	return false;
}

bool slack_deployment(const struct post *p, struct arena *a, struct rec_message *m)
{
	return deploy_bot(p, a, m) || github_app(p, a, m);
}

/* --- CloudWatch alarms --- */

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The console writes "$2F" for "/" in its fragments, others "%2F". */
static const char *decoded(struct arena *a, const char *s, size_t n)
{
	char *out = arena_strndup(a, s, n), *to = out;
	for (const char *q = out; *q; q++) {
		if ((*q == '%' || *q == '$') && hex(q[1]) >= 0 && hex(q[2]) >= 0) {
			*to++ = (char)(hex(q[1]) * 16 + hex(q[2]));
			q += 2;
		} else {
			*to++ = *q == '+' ? ' ' : *q;
		}
	}
	*to = '\0';
	return out;
}

static const char *alarm_of_link(const struct post *p, struct arena *a, const char **url,
				 const char **region)
{
	for (size_t i = 0; i < p->links.n; i++) {
		const char *u = p->links.v[i].url, *at = strstr(u, "alarmsV2:alarm/");
		const char *r = strstr(u, "region=");
		if (!at)
			continue;
		at += strlen("alarmsV2:alarm/");
		*url = u;
		if (r)
			*region = arena_strndup(a, r + 7, strcspn(r + 7, "&#"));
		return decoded(a, at, strcspn(at, "?&"));
	}
	return NULL;
}

/* "CloudWatch Alarm | web-5xx | eu-west-2 | Account: 111122223333", as Amazon Q titles its posts.
 */
static const char *alarm_of_title(const struct post *p, struct arena *a, const char **region)
{
	const char *s = post_line(p, "CloudWatch Alarm |");
	if (!s)
		return NULL;
	s = strchr(s, '|') + 1;
	size_t n = strcspn(s, "|");
	const char *name = slack_bare(a, arena_strndup(a, s, n));
	if (s[n])
		*region = slack_bare(a, arena_strndup(a, s + n + 1, strcspn(s + n + 1, "|")));
	return *name ? name : NULL;
}

static bool is_word_end(char c)
{
	return !isalnum((unsigned char)c) && c != '_' && c != '-';
}

/* The state's own word, not inside another: "OKTA" is none. */
static const char *state_in(const char *s)
{
	static const char *const states[] = {"INSUFFICIENT_DATA", "ALARM", "OK"};
	const char *best = NULL, *found = NULL;
	for (size_t i = 0; s && i < ARRAY_SIZE(states); i++)
		for (const char *at = s; (at = strstr(at, states[i])) != NULL; at++)
			if ((at == s || is_word_end(at[-1])) &&
			    is_word_end(at[strlen(states[i])]) && (!best || at > best))
				best = at, found = states[i];
	return found;
}

/* The word by itself: "unresolved" is not "resolved". */
static bool says(const struct post *p, const char *word)
{
	for (size_t i = 0; i < p->lines.n; i++)
		for (const char *at = p->lines.v[i]; (at = strcasestr(at, word)) != NULL; at++)
			if (at == p->lines.v[i] || !isalnum((unsigned char)at[-1]))
				return true;
	return false;
}

/* After "state to", else a field, else the words of a Lambda of one's own, else the colour. */
static const char *alarm_state(const struct post *p, struct arena *a)
{
	static const char *const names[] = {"NewStateValue", "New state", "Current state", "State",
					    "State change"};
	const char *to = post_line(p, "changed state"), *s;
	if (to && (to = strcasestr(to, " to ")) != NULL &&
	    (s = state_in(arena_strndup(a, to, strcspn(to + 4, ":.,;\n") + 4))) != NULL)
		return s;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((s = state_in(post_value(p, names[i], a))) != NULL)
			return s;
	if (post_line(p, "insufficient data"))
		return "INSUFFICIENT_DATA";
	if (says(p, "resolved") || post_line(p, ":large_green_circle:") ||
	    post_line(p, ":white_check_mark:"))
		return "OK";
	if (post_line(p, "registered"))
		return "registered";
	for (size_t i = 0; i < p->lines.n; i++)
		if ((s = state_in(p->lines.v[i])) != NULL)
			return s;
	if (p->color)
		return any_of(p->color, (const char *const[]){"d13212", "danger", "ff0000",
							      "d00000", "cb2431", "e01e5a", NULL})
			       ? "ALARM"
		       : any_of(p->color, (const char *const[]){"good", "1d8102", "2eb886",
								"36a64f", "28a745", "00ff00", NULL})
			       ? "OK"
			       : NULL;
	return post_line(p, ":red_circle:") || post_line(p, ":rotating_light:") ? "ALARM" : NULL;
}

/* "Alarm: production-rds", "The alarm web-5xx changed …". */
static const char *alarm_in_words(const struct post *p, struct arena *a)
{
	static const char *const names[] = {"AlarmName", "Alarm name", "Alarm", "Alarm resolved",
					    "Alarm registered"};
	const char *s = post_line(p, "the alarm "), *end;
	if (s && (s = strcasestr(s, "the alarm ")) != NULL &&
	    (end = strcasestr(s, " changed state")) != NULL && end > s + 10)
		return slack_bare(a, arena_strndup(a, s + 10, (size_t)(end - s - 10)));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((s = post_value(p, names[i], a)) != NULL)
			return slack_bare(a, s);
	return NULL;
}

bool slack_alarm(const struct post *p, struct arena *a, struct rec_message *m)
{
	struct rec_told t = slack_told();
	bool aws = by(p, "alarm") || by(p, "cloudwatch") || by(p, "amazon q") ||
		   by(p, "aws chatbot") || by(p, "aws");
	t.subject = alarm_of_link(p, a, &t.url, &t.place);
	if (!t.subject)
		t.subject = alarm_of_title(p, a, &t.place);
	if (!t.subject && (aws || post_line(p, "changed state") || post_line(p, "AlarmName")))
		t.subject = alarm_in_words(p, a);
	t.state = t.subject ? alarm_state(p, a) : NULL;
	if (!t.subject || !*t.subject || !t.state)
		return false;
	const char *why = post_value(p, "NewStateReason", a);
	if (!why)
		why = post_value(p, "Reason", a);
	if (!why && (why = post_line(p, "Threshold Crossed")) != NULL)
		why = strcasestr(why, "Threshold Crossed");
	t.detail = text_line(a, why, 160);
	t.key = t.subject;
	vec_push(a, &m->told, t);
	return true;
}

/* --- Airflow --- */

/* "The DAG brownfield-collection failed": one a line. */
bool slack_dag(const struct post *p, struct arena *a, struct rec_message *m)
{
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *s = slack_bare(a, p->lines.v[i]);
		if (strncasecmp(s, "The DAG ", 8) != 0)
			continue;
		s += 8;
		size_t n = strcspn(s, " ");
		const char *rest = s + n + strspn(s + n, " ");
		if (n == 0 || strncasecmp(rest, "failed", 6) != 0 ||
		    isalnum((unsigned char)rest[6]))
			continue;
		struct rec_told t = slack_told();
		t.subject = t.key = arena_strndup(a, s, n);
		t.state = "failed";
		vec_push(a, &m->told, t);
	}
	return m->told.n > 0;
}

/* --- all --- */

void slack_recognise(const struct post *p, struct arena *a, struct rec_message *out)
{
	/* A scan that failed links its run too, so scans come before runs. */
	static const struct {
		enum message_kind kind;
		bool (*f)(const struct post *p, struct arena *a, struct rec_message *m);
	} kinds[] = {
		{MESSAGE_DAG, slack_dag},
		{MESSAGE_SENTRY, slack_sentry},
		{MESSAGE_DEPLOYMENT, slack_deployment},
		{MESSAGE_SCAN, slack_scan},
		{MESSAGE_ALARM, slack_alarm},
		{MESSAGE_RUN, slack_run},
	};
	*out = (struct rec_message){.ts = p->ts,
				    .posted_s = p->posted_s,
				    .edited_s = p->edited_s,
				    .kind = MESSAGE_OTHER,
				    .sender = p->sender};
	if (!p->app)
		return;
	out->text = post_text(p, a);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!kinds[i].f(p, a, out))
			continue;
		out->kind = kinds[i].kind;
		return;
	}
}
