#include "services/estate.h"

#include "base/text.h"

/* Known errors that go on for months, new ones every week, some resolved, some of those back, some
 * only in staging or there first; in the newest week six begin within half an hour of the
 * deployment of web that was rolled back, and one of them goes on. Users of all projects are
 * numbered together, so distinct users are fewer than the sum over issues; only errors have users,
 * so that Sentry's errors data set sees all of them. */

enum { HOUR_S = 3600, DAY_S = 86400 };

static const struct {
	const char *slug, *platform;
} project_table[] = {
	{"web", "python-flask"},
	{"submit", "node-express"},
	{"request-api", "python-fastapi"},
	{"request-processor", "python"},
	{"tiles", "python"},
	{"design-system", "node"},
	{"data-builder", "python"},
	{"pipelines", "python-airflow"},
	{"datasets", "python"},
	{"manage", "python-flask"},
	{"status", "javascript"},
	{"forms", "javascript"},
};

static const char *const titles[] = {
	"KeyError: 'organisation_entity'",
	"OperationalError: canceling statement due to statement timeout",
	"TemplateError: 'geography' is not defined",
	"TypeError: Cannot read properties of undefined (reading 'rows')",
	"ConnectionError: search index did not answer",
	"TimeoutError: endpoint took longer than 30 s",
	"ValueError: could not convert string to float: 'n/a'",
	"FileNotFoundError: upload has expired",
	"UnicodeDecodeError: 'utf-8' codec can't decode byte 0x92",
	"IntegrityError: duplicate key value violates unique constraint",
	"HTTPError: 502 Server Error for url",
	"AttributeError: 'NoneType' object has no attribute 'geometry'",
	"RangeError: Invalid time value",
	"ShapelyError: Self-intersection at or near point",
	"CSRFError: The CSRF token has expired",
	"MemoryError: could not allocate 512 MiB",
};
static const char *const culprits[] = {"app.views in entity",	  "app.search in query",
				       "routes/check in results", "worker.tasks in fetch",
				       "lib.geometry in clip",	  "app.upload in receive"};

struct span {
	int64_t from_s, to_s;
	int events, users, env; /* users: how many of all to draw from; 0: none */
};

static void events_add(struct estate *s, struct rng *r, struct issue *x, struct span p)
{
	uint32_t base = (uint32_t)rng_in(r, 1, 3000);
	for (int i = 0; i < p.events; i++) {
		struct event v = {.env = (uint16_t)p.env};
		v.t_s = i == 0 ? p.from_s
			       : p.from_s + rng_n(r, p.to_s - p.from_s > 0 ? p.to_s - p.from_s : 1);
		if (p.users)
			v.user = base + (uint32_t)(i < p.users ? i : rng_n(r, p.users));
		vec_push(&s->a, &x->events, v);
	}
}

static void act_add(struct estate *s, struct issue *x, const char *type, int64_t t_s)
{
	struct activity a = {type, t_s};
	vec_push(&s->a, &x->acts, a);
}

static struct issue *issue_add(struct estate *s, struct rng *r, int project)
{
	struct issue x = {.project = project,
			  .level = "error",
			  .category = "error",
			  .type = "error",
			  .status = "unresolved"};
	x.title = titles[rng_n(r, ARRAY_SIZE(titles))];
	x.culprit = culprits[rng_n(r, ARRAY_SIZE(culprits))];
	vec_push(&s->a, &s->issues, x);
	return &s->issues.v[s->issues.n - 1];
}

static void resolve(struct estate *s, struct issue *x, int64_t t_s)
{
	if (t_s >= s->week[ESTATE_WEEKS - 1].to_s)
		return; /* nothing happens after the newest week */
	act_add(s, x, "set_resolved", t_s);
	x->status = "resolved";
	x->resolved_s = t_s;
}

static void regress(struct estate *s, struct rng *r, struct issue *x, int64_t t_s)
{
	if (t_s + 3 * DAY_S >= s->week[ESTATE_WEEKS - 1].to_s)
		return;
	act_add(s, x, "set_regression", t_s);
	x->status = "unresolved";
	events_add(s, r, x, (struct span){t_s, t_s + 3 * DAY_S, (int)rng_in(r, 2, 25), 6, 0});
}

/* A time of week w in working hours, on Monday to Thursday for even chances, else any day. */
static int64_t some_time(struct estate *s, struct rng *r, int w)
{
	return estate_at(s, w, (int)rng_n(r, rng_p(r, 80) ? 5 : 7),
			 (int)rng_in(r, 7 * 60, 20 * 60)) +
	       rng_n(r, 60);
}

/* One error of week w, with its later life. */
static void new_issue(struct estate *s, struct rng *r, int w)
{
	int64_t first = some_time(s, r, w), end = s->week[ESTATE_WEEKS - 1].to_s;
	int64_t last = first + rng_in(r, 1, 8 * 24) * HOUR_S;
	if (last > end)
		last = end;
	struct issue *x = issue_add(s, r, (int)rng_n(r, ARRAY_SIZE(project_table)));
	bool one = rng_p(r, 12);
	events_add(s, r, x,
		   (struct span){first, last, one ? 1 : (int)rng_in(r, 2, 60),
				 one || rng_p(r, 20) ? 0 : (int)rng_in(r, 1, 20), 0});
	if (rng_p(r, 20))
		events_add(
			s, r, x,
			(struct span){first + HOUR_S, last + HOUR_S, (int)rng_in(r, 1, 9), 2, 1});
	if (!rng_p(r, 65))
		return;
	int64_t resolved = last + rng_in(r, 2, 90) * HOUR_S;
	resolve(s, x, resolved);
	if (x->resolved_s && rng_p(r, 25)) {
		int64_t back = resolved +
			       rng_in(r, 8, 20) * DAY_S; /* never in the week it was resolved in */
		regress(s, r, x, back);
		if (text_eq(x->status, "unresolved") && rng_p(r, 50))
			resolve(s, x, back + rng_in(r, 10, 14) * DAY_S);
	}
}

static void known_issue(struct estate *s, struct rng *r, int i)
{
	struct issue *x = issue_add(s, r, i % (int)ARRAY_SIZE(project_table));
	int64_t born = s->week[0].from_s - rng_in(r, 10, 200) * DAY_S;
	events_add(s, r, x, (struct span){born, born + DAY_S, 3, 2, 0});
	if (i % 7 == 3) { /* not an error: a query repeated in a loop */
		x->level = "info";
		x->category = "performance";
		x->type = "performance_n_plus_one_db_queries";
		x->title = "N+1 Query";
	}
	bool users = text_eq(x->category, "error") && i % 3 != 0;
	if (!users)
		for (size_t k = 0; k < x->events.n; k++)
			x->events.v[k].user = 0;
	int level = (int)rng_in(r, 3, 24);
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		int n = (int)rng_in(r, level / 2, level + level / 2);
		if (n)
			events_add(s, r, x,
				   (struct span){s->week[w].from_s + rng_n(r, DAY_S),
						 s->week[w].to_s, n, users ? level : 0, 0});
		if ((i == 4 && w == ESTATE_WEEKS - 1) || (i > 8 && (i * 5 + w) % 41 == 0)) {
			int64_t t = estate_at(s, w, 3, 9 * 60 + i);
			int burst = i == 4 ? 3110 : (int)rng_in(r, 150, 600);
			events_add(s, r, x,
				   (struct span){t - HOUR_S, s->week[w].to_s, burst, users ? 5 : 0,
						 0});
			act_add(s, x, "set_escalating", t);
		}
	}
	if (i == 6) {
		x->status = "ignored";
		act_add(s, x, "set_ignored", s->week[0].from_s);
	}
}

static void newest_week(struct estate *s, struct rng *r)
{
	static const struct {
		int minute, events, users;
		const char *title;
	} left[] = {
		{14 * 60 + 11, 1204, 312, "KeyError: 'organisation_entity'"},
		{14 * 60 + 13, 388, 140,
		 "OperationalError: canceling statement due to statement timeout"},
		{14 * 60 + 16, 211, 97, "TemplateError: 'geography' is not defined"},
		{14 * 60 + 21, 150, 60,
		 "AttributeError: 'NoneType' object has no attribute 'geometry'"},
		{14 * 60 + 28, 88, 41, "ValueError: could not convert string to float: 'n/a'"},
		{14 * 60 + 34, 45, 20, "HTTPError: 502 Server Error for url"},
	};
	int w = ESTATE_WEEKS - 1;
	int64_t rolled_back = estate_at(s, w, 2, 14 * 60 + 47);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		struct issue *x = issue_add(s, r, 0);
		x->title = left[i].title;
		x->culprit = "app.views in entity";
		int64_t t = estate_at(s, w, 2, left[i].minute);
		if (i == 0) {
			int64_t sunday = estate_at(s, w, 6, 8 * 60);
			events_add(s, r, x,
				   (struct span){t, sunday - 12 * HOUR_S, left[i].events - 96,
						 left[i].users, 0});
			events_add(s, r, x, (struct span){sunday, sunday + 12 * HOUR_S, 96, 30, 0});
		} else {
			events_add(s, r, x,
				   (struct span){t, rolled_back, left[i].events, left[i].users, 0});
		}
	}
	/* Back after a fix, resolved in the week, and in staging first: one of each at least. */
	struct issue *x = issue_add(s, r, 1);
	events_add(
		s, r, x,
		(struct span){estate_at(s, w - 4, 1, 600), estate_at(s, w - 4, 3, 600), 12, 4, 0});
	resolve(s, x, estate_at(s, w - 3, 0, 600));
	regress(s, r, x, estate_at(s, w, 1, 11 * 60 + 20));
	x = issue_add(s, r, 2);
	events_add(s, r, x,
		   (struct span){estate_at(s, w - 1, 1, 600), estate_at(s, w, 0, 600), 30, 9, 0});
	resolve(s, x, estate_at(s, w, 2, 16 * 60));
	x = issue_add(s, r, 1);
	events_add(
		s, r, x,
		(struct span){estate_at(s, w - 1, 3, 900), estate_at(s, w - 1, 4, 900), 14, 3, 1});
	events_add(s, r, x,
		   (struct span){estate_at(s, w, 1, 11 * 60), estate_at(s, w, 4, 900), 54, 22, 0});
}

static void hostile(struct estate *s, struct rng *r, int w)
{
	char *long_text = arena_alloc(&s->a, 5121);
	memset(long_text, 'x', 5120);
	memcpy(long_text, "Error: ", 7);
	const char *const words[] = {
		"<script>alert('title')</script> & \"quotes\"",
		"Error: \xe2\x80\xae"
		"txt.exe\xe2\x80\xac right to left",
		"Error: line one\nline two\r\nSubject: injected\tand a \x01 control",
		long_text,
		"Error: *bold* `code` <!channel> <@U1> | $(rm -rf) '; DROP TABLE issue; --",
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct issue *x = issue_add(s, r, (int)i);
		x->title = words[i];
		int64_t t = some_time(s, r, w);
		events_add(s, r, x, (struct span){t, t + DAY_S, 3, 1, 0});
		resolve(s, x, t + 2 * DAY_S);
	}
}

struct step {
	int64_t t_s;
	uint16_t release;
};
struct steps {
	struct step *v;
	size_t n, cap;
};

static int by_step(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	return x->t_s < y->t_s ? -1 : x->t_s > y->t_s;
}

/* Which release ran in production of a repository from when on. */
static void steps_of(struct estate *s, const char *slug, struct steps *out)
{
	uint16_t before = 0;
	for (size_t i = 0; i < s->deps.n; i++) {
		const struct dep *d = &s->deps.v[i];
		if (!d->codedeploy || d->env != 0 || !text_eq(s->repos.v[d->repo].name, slug))
			continue;
		vec_push(&s->a, &s->releases, arena_printf(&s->a, "%s@%.12s", slug, d->sha));
		struct step p = {d->created_s + 30, (uint16_t)(s->releases.n - 1)};
		vec_push(&s->a, out, p);
		if (d->state == DEP_SUCCEEDED) {
			before = p.release;
		} else if (d->finished_s) {
			struct step back = {d->rollback_finished_s ? d->rollback_finished_s
								   : d->finished_s,
					    before};
			vec_push(&s->a, out, back);
		}
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_step);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	if (x->t_s != y->t_s)
		return x->t_s < y->t_s ? -1 : 1;
	return x->user < y->user ? -1 : x->user > y->user;
}

static int act_by_time(const void *a, const void *b)
{
	const struct activity *x = a, *y = b;
	return x->t_s < y->t_s ? -1 : x->t_s > y->t_s;
}

static int by_first(const void *a, const void *b)
{
	const struct issue *x = a, *y = b;
	int64_t p = x->events.v[0].t_s, q = y->events.v[0].t_s;
	return p != q ? (p < q ? -1 : 1) : strcmp(x->title, y->title);
}

static void finish(struct estate *s)
{
	struct steps steps[ARRAY_SIZE(project_table)] = {0};
	int64_t end = s->week[ESTATE_WEEKS - 1].to_s;
	for (size_t i = 0; i < s->projects.n; i++)
		steps_of(s, s->projects.v[i].slug, &steps[i]);
	for (size_t i = 0; i < s->issues.n; i++) {
		struct issue *x = &s->issues.v[i];
		size_t n = 0;
		for (size_t k = 0; k < x->events.n; k++)
			if (x->events.v[k].t_s < end)
				x->events.v[n++] = x->events.v[k];
		BUG_ON(n == 0);
		x->events.n = n;
		qsort(x->events.v, n, sizeof *x->events.v, by_time);
		const struct steps *p = &steps[x->project];
		size_t at = 0;
		for (size_t k = 0; k < n; k++) {
			while (at < p->n && p->v[at].t_s <= x->events.v[k].t_s)
				at++;
			x->events.v[k].release = at ? p->v[at - 1].release : 0;
		}
		int64_t first = x->events.v[0].t_s, week_ago = s->now_s - 7 * DAY_S;
		act_add(s, x, "first_seen", first);
		if (first < week_ago)
			act_add(s, x, "auto_set_ongoing", first + 7 * DAY_S);
		qsort(x->acts.v, x->acts.n, sizeof *x->acts.v, act_by_time);
		x->substatus = first >= week_ago ? "new" : "ongoing";
		for (size_t k = 0; k < x->acts.n; k++)
			if (x->acts.v[k].t_s >= week_ago &&
			    text_eq(x->acts.v[k].type, "set_regression"))
				x->substatus = "regressed";
			else if (x->acts.v[k].t_s >= week_ago &&
				 text_eq(x->acts.v[k].type, "set_escalating"))
				x->substatus = "escalating";
		if (text_eq(x->status, "resolved"))
			x->substatus = NULL;
		else if (text_eq(x->status, "ignored"))
			x->substatus = "archived_until_escalating";
	}
	qsort(s->issues.v, s->issues.n, sizeof *s->issues.v, by_first);
	for (size_t i = 0; i < s->issues.n; i++) {
		struct issue *x = &s->issues.v[i];
		x->id = 6500000000 + (int64_t)i * 1301;
		char slug[32];
		size_t k = 0;
		for (const char *c = s->projects.v[x->project].slug; *c && k + 1 < sizeof slug; c++)
			slug[k++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
		slug[k] = '\0';
		x->short_id = arena_printf(&s->a, "%s-%zX", slug, i + 0x3a1);
	}
}

void estate_errors(struct estate *s)
{
	struct rng r = {s->seed ^ 0x6572};
	vec_push(&s->a, &s->releases, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(project_table); i++) {
		struct project p = {.id = 4509062593700000 + (int64_t)i * 16,
				    .slug = project_table[i].slug,
				    .platform = project_table[i].platform};
		vec_push(&s->a, &s->projects, p);
	}
	for (int i = 0; i < 24; i++)
		known_issue(s, &r, i);
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		int n = w == ESTATE_WEEKS - 1 ? 7 : (int)rng_in(&r, 2, 6);
		for (int i = 0; i < n; i++)
			new_issue(s, &r, w);
		struct issue *x = issue_add(s, &r, (int)rng_n(&r, 5)); /* never leaves staging */
		int64_t t = some_time(s, &r, w);
		events_add(s, &r, x, (struct span){t, t + DAY_S, 8, 2, 1});
		if (w == ESTATE_WEEKS - 6)
			hostile(s, &r, w);
	}
	newest_week(s, &r);
	finish(s);
}
